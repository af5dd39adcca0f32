//! What coverage is counted from, read so that memory stays small: people of a community in the order of a walk from door to
//! door, swabs by slices of time, statements, and a log of what was told since. No rule lives here.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    roster::{KeyGroup, Presence},
    rounds::Statement,
    time::Instant,
};
use std::{collections::HashMap, ops::RangeInclusive};

/// What is told of in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touched {
    /// Tubes: their members, results or hours.
    Tubes,
    /// People: what is said of them, or what they belong to.
    People,
    /// Who lives where.
    Roster,
}

impl Touched {
    const fn name(self) -> &'static str {
        match self {
            Touched::Tubes => "tubes",
            Touched::People => "people",
            Touched::Roster => "roster",
        }
    }
}

/// Somebody on the roster in their place.
#[derive(Debug, Clone)]
pub struct Placed {
    /// Dense number.
    pub no: i64,
    /// Building.
    pub building: String,
    /// Unit.
    pub unit: Option<String>,
    /// Household.
    pub household: String,
    /// Presence as the roster says.
    pub presence: Presence,
    /// Key group.
    pub group: Option<KeyGroup>,
}

/// A swab of somebody in a tube.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SwabRow {
    /// Person.
    pub person_no: i64,
    /// Whether its tube has a result that counts.
    pub resulted: bool,
}

/// A building on the map.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Id.
    pub building: String,
    /// Longitude and latitude.
    pub place: (f64, f64),
    /// Place on the walk.
    pub walk: i64,
}

/// Ranges of numbers as text, such as `5-9,12`; numbers may come in any order.
pub fn ranges(numbers: &mut Vec<i64>) -> String {
    numbers.sort_unstable();
    numbers.dedup();
    let mut text = String::new();
    let mut at = 0;
    while at < numbers.len() {
        let from = numbers[at];
        while at + 1 < numbers.len() && numbers[at + 1] == numbers[at] + 1 {
            at += 1;
        }
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(&from.to_string());
        if numbers[at] > from {
            text.push_str(&format!("-{}", numbers[at]));
        }
        at += 1;
    }
    text
}

/// The ranges of a text of [`ranges`].
fn read_ranges(text: &str) -> Option<Vec<RangeInclusive<i64>>> {
    let one = |part: &str| match part.split_once('-') {
        Some((from, to)) => Some(from.parse().ok()?..=to.parse().ok()?),
        None => part.parse().ok().map(|no: i64| no..=no),
    };
    text.split(',').filter(|part| !part.is_empty()).map(one).collect()
}

// A tube that was found invalid says nothing of anybody, and one that is missing or broken never will: as if they had not been
// taken.
const USABLE: &str = "(s.finding is null or s.version = 'P' or s.finding <> 'invalid')
    and not exists (select 1 from custody l where l.tube_no = t.no and l.state in ('missing', 'broken'))";
const RESULTED: &str = "cast(case when s.finding is not null and s.version <> 'P' then 1 else 0 end as bigint)";

fn swab(row: &Record) -> Result<SwabRow, StoreError> {
    Ok(SwabRow { person_no: row.get(0)?, resulted: row.get::<i64>(1)? == 1 })
}

impl Scoped {
    /// Notes of which tubes or people something was told, in the transaction that tells it. Whoever notes waits for the turn of
    /// the chain, so that the order of the log is the order in which things become durable.
    pub async fn note_coverage(&mut self, kind: Touched, numbers: &mut Vec<i64>) -> Result<(), StoreError> {
        if numbers.is_empty() && kind != Touched::Roster {
            return Ok(());
        }
        self.line_up().await?;
        let sql = "insert into coverage_log (seq, kind, numbers)
                   select coalesce(max(seq), 0) + 1, $1, $2 from coverage_log";
        self.run(sql, &[kind.name().into(), ranges(numbers).into()]).await?;
        Ok(())
    }

    /// The last entry of the log.
    pub async fn coverage_head(&mut self) -> Result<i64, StoreError> {
        self.row("select coalesce(max(seq), 0) from coverage_log", &[]).await?.map_or(Ok(0), |row| row.get(0))
    }

    /// Cuts the log: what nobody needs any more, neither a board that is kept nor the recount of a round that was closed at or after a
    /// moment, becomes one entry that tells of the whole roster, so whoever stands before it reads everything anew. At least `kept`
    /// entries stay. How many went.
    pub async fn cut_coverage_log(&mut self, closed: Instant, kept: i64) -> Result<u64, StoreError> {
        let sql = "select min(log_seq) from rounds where state = 'closed' and closed_at >= $1";
        let needed: Option<i64> = self.row(sql, &[closed.into()]).await?.map_or(Ok(None), |row| row.get(0))?;
        let head = self.coverage_head().await?;
        let cut = needed.unwrap_or(head).min(head - kept);
        let gone = self.run("delete from coverage_log where seq < $1", &[cut.into()]).await?;
        if gone > 0 {
            let sql = "update coverage_log set kind = $2, numbers = '' where seq = $1";
            self.run(sql, &[cut.into(), Touched::Roster.name().into()]).await?;
        }
        Ok(gone)
    }

    /// Entries of the log after one: kind and ranges of numbers.
    pub async fn coverage_log(&mut self, after: i64) -> Result<Vec<(Touched, Vec<RangeInclusive<i64>>)>, StoreError> {
        let rows =
            self.rows("select kind, numbers from coverage_log where seq > $1 order by seq", &[after.into()]).await?;
        rows.iter()
            .map(|row| {
                let (kind, text): (String, String) = (row.get(0)?, row.get(1)?);
                let kind = match kind.as_str() {
                    "tubes" => Touched::Tubes,
                    "people" => Touched::People,
                    _ => Touched::Roster,
                };
                let problem = "ranges of numbers are expected".to_owned();
                Ok((kind, read_ranges(&text).ok_or(StoreError::Meaning { value: text, problem })?))
            })
            .collect()
    }

    /// Communities in which buildings stand, in order.
    pub async fn communities(&mut self) -> Result<Vec<String>, StoreError> {
        let rows = self.rows("select distinct division from buildings order by division", &[]).await?;
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Everybody on the roster who lives in a community, in the order of a walk from door to door.
    pub async fn roster_of(&mut self, community: &str) -> Result<Vec<Placed>, StoreError> {
        let sql = "select p.no, b.building, h.unit, h.household, p.presence, p.key_group
            from buildings b join households h on h.building = b.building
                join people p on p.household = h.household and p.registered and p.merged_into is null
            where b.division = $1
            order by b.walk, b.building, coalesce(h.unit, ''), coalesce(h.floor, 0), h.door, h.household, p.person";
        let rows = self.rows(sql, &[community.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(Placed {
                    no: row.get(0)?,
                    building: row.get(1)?,
                    unit: row.get(2)?,
                    household: row.get(3)?,
                    presence: row.maybe_term(4)?.unwrap_or(Presence::Unknown),
                    group: row.maybe_term(5)?,
                })
            })
            .collect()
    }

    /// Numbers of the people on the roster in a building, or in one unit of it.
    pub async fn numbers_in_unit(&mut self, building: &str, unit: Option<&str>) -> Result<Vec<i64>, StoreError> {
        let sql = "select p.no from households h join people p on p.household = h.household and p.registered
                       and p.merged_into is null
                   where h.building = $1 and ($2 = '' or h.unit = $2) order by p.no";
        let rows = self.rows(sql, &[building.into(), unit.unwrap_or_default().into()]).await?;
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Roster's presence and key group of people by number.
    pub async fn said_by_roster(
        &mut self,
        people: &[i64],
    ) -> Result<Vec<(i64, Presence, Option<KeyGroup>)>, StoreError> {
        let keys: Vec<Value<'_>> = people.iter().map(|no| (*no).into()).collect();
        let rows = self.rows_for_keys("select no, presence, key_group from people where no in ({keys})", &keys).await?;
        rows.iter()
            .map(|row| Ok((row.get(0)?, row.maybe_term(1)?.unwrap_or(Presence::Unknown), row.maybe_term(2)?)))
            .collect()
    }

    /// Tubes collected between two instants.
    pub async fn tubes_between(&mut self, from: Instant, to: Instant) -> Result<i64, StoreError> {
        let sql = "select count(*) from tubes where collected_at >= $1 and collected_at < $2";
        self.row(sql, &[from.into(), to.into()]).await?.map_or(Ok(0), |row| row.get(0))
    }

    /// Swabs that can say something, in tubes collected between two instants.
    pub async fn swabs_between(&mut self, from: Instant, to: Instant) -> Result<Vec<SwabRow>, StoreError> {
        let sql = format!(
            "select m.person_no, {RESULTED} from tubes t join members m on m.tube_no = t.no
                left join settled s on s.tube_no = t.no
             where t.collected_at >= $1 and t.collected_at < $2 and {USABLE}"
        );
        let rows = self.rows_text(sql.into(), &[from.into(), to.into()]).await?;
        rows.iter().map(swab).collect()
    }

    /// Swabs of some people with the moment at which their tube was closed.
    pub async fn swabs_of(&mut self, people: &[i64]) -> Result<Vec<(SwabRow, Instant)>, StoreError> {
        let keys: Vec<Value<'_>> = people.iter().map(|no| (*no).into()).collect();
        let sql = format!(
            "select m.person_no, {RESULTED}, t.collected_at from members m join tubes t on t.no = m.tube_no
                left join settled s on s.tube_no = t.no
             where m.person_no in ({{keys}}) and {USABLE}"
        );
        let rows = self.rows_for_keys(&sql, &keys).await?;
        rows.iter().map(|row| Ok((swab(row)?, row.get(2)?))).collect()
    }

    /// Swabs of somebody that were taken after a moment and before another, whatever became of them.
    pub async fn swabs_since(&mut self, person: i64, after: Instant, before: Instant) -> Result<i64, StoreError> {
        let sql = format!(
            "select count(*) from members m join tubes t on t.no = m.tube_no left join settled s on s.tube_no = t.no
             where m.person_no = $1 and t.collected_at > $2 and t.collected_at < $3 and {USABLE}"
        );
        let rows = self.rows_text(sql.into(), &[person.into(), after.into(), before.into()]).await?;
        rows.first().map_or(Ok(0), |row| row.get(0))
    }

    /// Everybody with a swab in a tube whose number lies in a range, each with every tube in which a swab of theirs is: person and tube, in
    /// order. They come as one text, because a row for each costs more than finding it.
    pub async fn swabs_beside(&mut self, tubes: &RangeInclusive<i64>) -> Result<Vec<(i64, i64)>, StoreError> {
        let all = if self.is_server() { "string_agg" } else { "group_concat" };
        let sql = format!(
            "select {all}(n.person_no || '-' || n.tube_no, ',') from members m join members n on n.person_no = m.person_no
             where m.tube_no between $1 and $2"
        );
        let rows = self.rows_text(sql.into(), &[(*tubes.start()).into(), (*tubes.end()).into()]).await?;
        let Some(text) = rows.first().map_or(Ok(None), |row| row.get::<Option<String>>(0))? else {
            return Ok(Vec::new());
        };
        let pair = |pair: &str| {
            let (person, tube) = pair.split_once('-')?;
            Some((person.parse().ok()?, tube.parse().ok()?))
        };
        let found: Option<Vec<(i64, i64)>> = text.split(',').map(pair).collect();
        let mut found = found.ok_or_else(|| {
            let problem = "numbers of people and tubes are expected".to_owned();
            StoreError::Meaning { value: text.chars().take(100).collect(), problem }
        })?;
        // whoever is in two tubes of the range was found twice
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// Those of some tubes that can say something: when each was closed, and whether it has a result that counts.
    pub async fn usable_tubes(&mut self, tubes: &[i64]) -> Result<HashMap<i64, (Instant, bool)>, StoreError> {
        let keys: Vec<Value<'_>> = tubes.iter().map(|no| (*no).into()).collect();
        let sql = format!(
            "select t.no, {RESULTED}, t.collected_at from tubes t left join settled s on s.tube_no = t.no
             where t.no in ({{keys}}) and {USABLE}"
        );
        let rows = self.rows_for_keys(&sql, &keys).await?;
        rows.iter().map(|row| Ok((row.get(0)?, (row.get(2)?, row.get::<i64>(1)? == 1)))).collect()
    }

    /// Statements that hold at a moment, of everybody: of one person in the order in which they were said.
    pub async fn statements_at(&mut self, at: Instant) -> Result<Vec<(i64, Presence)>, StoreError> {
        let sql = "select person_no, presence from statements
            where said_at <= $1 and coalesce(\"from\", said_at) <= $1 and (\"until\" is null or \"until\" > $1)
            order by person_no, said_at, key";
        let rows = self.rows(sql, &[at.into()]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.term(1)?))).collect()
    }

    /// Statements of some people, of one person in the order in which they were said.
    pub async fn statements_of(&mut self, people: &[i64]) -> Result<Vec<(i64, Statement)>, StoreError> {
        let keys: Vec<Value<'_>> = people.iter().map(|no| (*no).into()).collect();
        let sql = "select person_no, presence, said_at, \"from\", \"until\", key from statements
            where person_no in ({keys}) order by person_no, said_at, key";
        let rows = self.rows_for_keys(sql, &keys).await?;
        rows.iter()
            .map(|row| {
                let statement = Statement {
                    presence: row.term(1)?,
                    said_at: row.get(2)?,
                    from: row.get(3)?,
                    until: row.get(4)?,
                    key: row.get(5)?,
                };
                Ok((row.get(0)?, statement))
            })
            .collect()
    }

    /// People of whom a statement begins or ends to hold after one moment and up to another.
    pub async fn statements_turning(&mut self, after: Instant, upto: Instant) -> Result<Vec<i64>, StoreError> {
        let sql = "select person_no from statements where \"until\" > $1 and \"until\" <= $2
            union select person_no from statements where \"from\" > $1 and \"from\" <= $2
            union select person_no from statements where said_at > $1 and said_at <= $2 order by 1";
        let rows = self.rows(sql, &[after.into(), upto.into()]).await?;
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Buildings of a community, in order of id.
    pub async fn buildings_in(&mut self, community: &str) -> Result<Vec<Standing>, StoreError> {
        let sql = "select building, lon, lat, walk from buildings where division = $1 order by building";
        let rows = self.rows(sql, &[community.into()]).await?;
        rows.iter()
            .map(|row| Ok(Standing { building: row.get(0)?, place: (row.get(1)?, row.get(2)?), walk: row.get(3)? }))
            .collect()
    }

    /// Puts a building in its place on the walk.
    pub async fn walk_to(&mut self, building: &str, walk: i64) -> Result<(), StoreError> {
        self.run("update buildings set walk = $2 where building = $1", &[building.into(), walk.into()]).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_say_the_same_numbers() {
        for (numbers, text) in
            [(vec![], ""), (vec![5], "5"), (vec![7, 5, 6, 5], "5-7"), (vec![12, 9, 5, 8, 6, 7, 13], "5-9,12-13")]
        {
            let mut given = numbers.clone();
            assert_eq!(ranges(&mut given), text);
            let mut back: Vec<i64> = read_ranges(text).unwrap().into_iter().flatten().collect();
            back.dedup();
            assert_eq!(back, given);
        }
        assert_eq!(read_ranges("5-x"), None);
    }
}
