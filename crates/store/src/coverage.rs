//! What coverage is counted from, read so that memory stays small: people of a community in the order of a walk from door to
//! door, swabs by slices of time, statements, and a log of what was told since. No rule lives here.

mod log;
mod placing;

pub use log::{COMMUNITIES_MAX, Told, Touched, ranges};
pub use placing::{Placing, Stood};

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

/// Somebody on the roster in their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// Dense number.
    pub no: i64,
    /// Whether they are the first of their household.
    pub door: bool,
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

// A tube that was found invalid says nothing of anybody, and one that is missing or broken never will: as if they had not been
// taken.
const USABLE: &str = "(s.finding is null or s.version = 'P' or s.finding <> 'invalid')
    and not exists (select 1 from custody l where l.tube_no = t.no and l.state in ('missing', 'broken'))";
const RESULTED: &str = "cast(case when s.finding is not null and s.version <> 'P' then 1 else 0 end as bigint)";

/// A text of the store that is not what was asked for.
fn unlike(text: &str, problem: &str) -> StoreError {
    StoreError::Meaning { value: text.chars().take(100).collect(), problem: problem.to_owned() }
}

/// People of a text such as `12/present*school,13;20`: households with semicolons between them, people with commas, each with what the
/// roster says of their presence and group. Those of a household are in the order of their numbers.
fn homes(text: &str) -> Result<Vec<Placed>, StoreError> {
    let mut people: Vec<Placed> = Vec::with_capacity(text.len() / 8);
    for home in text.split(';') {
        let first = people.len();
        for one in home.split(',') {
            let (one, group) = one.split_once('*').map_or((one, None), |(one, group)| (one, Some(group)));
            let (no, presence) = one.split_once('/').map_or((one, None), |(no, presence)| (no, Some(presence)));
            let placed = Placed {
                no: no.parse().map_err(|_| unlike(home, "numbers of people are expected"))?,
                door: false,
                presence: presence.map_or(Ok(Presence::Unknown), |name| term(name, home))?,
                group: group.map(|name| term(name, home)).transpose()?,
            };
            people.push(placed);
        }
        people[first..].sort_unstable_by_key(|placed| placed.no);
        people[first].door = true;
    }
    Ok(people)
}

fn term<T: std::str::FromStr>(name: &str, text: &str) -> Result<T, StoreError> {
    name.parse().map_err(|_| unlike(text, "a word of this program's list is expected"))
}

fn swab(row: &Record) -> Result<SwabRow, StoreError> {
    Ok(SwabRow { person_no: row.get(0)?, resulted: row.get::<i64>(1)? == 1 })
}

impl Scoped {
    /// Communities in which buildings stand, in order.
    pub async fn communities(&mut self) -> Result<Vec<String>, StoreError> {
        let rows = self.rows("select distinct division from buildings", &[]).await?;
        let mut codes: Vec<String> = rows.iter().map(|row| row.get(0)).collect::<Result<_, StoreError>>()?;
        // a server may sort by the rules of a language
        codes.sort_unstable();
        Ok(codes)
    }

    /// Everybody on the roster who lives in a community, by building in the order of a walk and there from door to door. A building
    /// comes as one text, because a row for each person costs more than finding it.
    pub async fn roster_of(&mut self, community: &str) -> Result<Vec<(String, Vec<Placed>)>, StoreError> {
        let all = self.all_of_a_group();
        let sql = format!(
            "select s.building, {all}(s.home, ';' order by s.unit, s.floor, s.door, s.household) from (
                select b.walk, b.building, coalesce(h.unit, '') as unit, coalesce(h.floor, 0) as floor, h.door, h.household,
                    (select {all}(p.no || coalesce('/' || p.presence, '') || coalesce('*' || p.key_group, ''), ',')
                     from people p where p.household = h.household and p.registered and p.merged_into is null) as home
                from buildings b join households h on h.building = b.building where b.division = $1) s
             group by s.walk, s.building order by s.walk, s.building"
        );
        let rows = self.rows_text(sql.into(), &[community.into()]).await?;
        let mut buildings = Vec::with_capacity(rows.len());
        for row in &rows {
            // of a building without anybody there is no text
            let Some(text) = row.get::<Option<String>>(1)? else { continue };
            buildings.push((row.get(0)?, homes(&text)?));
        }
        Ok(buildings)
    }

    /// The engine's word for all values of a group as one text.
    fn all_of_a_group(&self) -> &'static str {
        if self.is_server() { "string_agg" } else { "group_concat" }
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

    /// Swabs that can say something, in tubes collected between two instants. They come as one text, because a row for each costs more
    /// than finding it.
    pub async fn swabs_between(&mut self, from: Instant, to: Instant) -> Result<Vec<SwabRow>, StoreError> {
        let all = self.all_of_a_group();
        let sql = format!(
            "select {all}(case when {RESULTED} = 1 then '+' else '' end || m.person_no, ',')
             from tubes t join members m on m.tube_no = t.no left join settled s on s.tube_no = t.no
             where t.collected_at >= $1 and t.collected_at < $2 and {USABLE}"
        );
        let rows = self.rows_text(sql.into(), &[from.into(), to.into()]).await?;
        let Some(text) = rows.first().map_or(Ok(None), |row| row.get::<Option<String>>(0))? else {
            return Ok(Vec::new());
        };
        let one = |text: &str| {
            let (resulted, no) = text.strip_prefix('+').map_or((false, text), |no| (true, no));
            Some(SwabRow { person_no: no.parse().ok()?, resulted })
        };
        let found: Option<Vec<SwabRow>> = text.split(',').map(one).collect();
        found.ok_or_else(|| unlike(&text, "numbers of people are expected"))
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
        let all = self.all_of_a_group();
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
        let mut found = found.ok_or_else(|| unlike(&text, "numbers of people and tubes are expected"))?;
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
    fn a_building_is_read_from_door_to_door() {
        let placed = |no, door, presence, group| Placed { no, door, presence, group };
        let text = "12/present*school,3;20*courier;7/away";
        let expected = [
            placed(3, true, Presence::Unknown, None),
            placed(12, false, Presence::Present, Some(KeyGroup::School)),
            placed(20, true, Presence::Unknown, Some(KeyGroup::Courier)),
            placed(7, true, Presence::Away, None),
        ];
        assert_eq!(homes(text).unwrap(), expected);
        for wrong in ["", "12;", "12/nowhere", "12*nobody", "x", "1-2"] {
            assert!(homes(wrong).is_err(), "{wrong}");
        }
    }
}
