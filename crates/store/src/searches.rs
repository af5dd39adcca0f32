//! Searches for people who were at the places of a case, with what they found until it is deleted; and which results were given by
//! somebody who is no laboratory. It guarantees that who approves is another person than who asked (a constraint), and that nothing of a
//! finding is left behind when it is deleted.

use crate::{
    Scoped, StoreError,
    interview::{Near, near},
    tracing::Visit,
    value::{Record, Value},
};
use dayclear_core::{
    divisions::DivisionCode,
    searches::{Backing, SearchState},
    time::{CivilDate, Instant},
};
use std::collections::HashMap;

/// A search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// Case and number.
    pub id: String,
    /// Case.
    pub case_id: String,
    /// Community of the case.
    pub division: DivisionCode,
    /// Who asked for it.
    pub asked_by: String,
    /// When.
    pub asked_at: Instant,
    /// What it is for, in words.
    pub purpose: String,
    /// Fewest minutes together at one place.
    pub minutes: i64,
    /// How it stands.
    pub state: SearchState,
    /// Who decided, when, and why if it was refused.
    pub decided: Option<(String, Instant, Option<String>)>,
    /// People found.
    pub found: Option<i64>,
    /// Day on which its findings are deleted.
    pub delete_on: Option<CivilDate>,
    /// When they were.
    pub deleted_at: Option<Instant>,
}

/// Somebody who was at a place with a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Person.
    pub person: String,
    /// Place.
    pub place: String,
    /// First moment together.
    pub first: Instant,
    /// Last one.
    pub last: Instant,
    /// Seconds together.
    pub seconds: i64,
}

const COLUMNS: [&str; 14] = [
    "id",
    "case_id",
    "division",
    "asked_by",
    "asked_at",
    "purpose",
    "minutes",
    "state",
    "decided_by",
    "decided_at",
    "reason",
    "found",
    "delete_on",
    "deleted_at",
];

fn search(row: &Record) -> Result<Search, StoreError> {
    let by: Option<String> = row.get(8)?;
    let at: Option<Instant> = row.get(9)?;
    let reason: Option<String> = row.get(10)?;
    Ok(Search {
        id: row.get(0)?,
        case_id: row.get(1)?,
        division: row.term(2)?,
        asked_by: row.get(3)?,
        asked_at: row.get(4)?,
        purpose: row.get(5)?,
        minutes: row.get(6)?,
        state: row.term(7)?,
        decided: by.zip(at).map(|(by, at)| (by, at, reason)),
        found: row.get(11)?,
        delete_on: row.get(12)?,
        deleted_at: row.get(13)?,
    })
}

impl Scoped {
    /// Writes down that a search was asked for.
    pub async fn ask_search(&mut self, s: &Search) -> Result<(), StoreError> {
        let values = [
            (&s.id).into(),
            (&s.case_id).into(),
            (&s.division).into(),
            (&s.asked_by).into(),
            s.asked_at.into(),
            (&s.purpose).into(),
            s.minutes.into(),
            s.state.name().into(),
        ];
        self.append("searches", &COLUMNS[..8], &values).await
    }

    /// Records what was decided of a search, and what became of it.
    pub async fn update_search(&mut self, s: &Search) -> Result<(), StoreError> {
        let sql =
            "update searches set state = $2, decided_by = $3, decided_at = $4, reason = $5, found = $6, delete_on = $7,
                   deleted_at = $8 where id = $1";
        let (by, at, reason) = match &s.decided {
            Some((by, at, reason)) => (Some(by.as_str()), Some(*at), reason.as_deref()),
            None => (None, None, None),
        };
        let values = [
            (&s.id).into(),
            s.state.name().into(),
            by.into(),
            at.into(),
            reason.into(),
            s.found.into(),
            s.delete_on.into(),
            s.deleted_at.into(),
        ];
        self.run(sql, &values).await?;
        Ok(())
    }

    /// Searches by id, in order of id.
    pub async fn searches_by_id(&mut self, ids: &[&str]) -> Result<Vec<Search>, StoreError> {
        self.searches_by("id", ids).await
    }

    /// Searches of a case, in order of id.
    pub async fn searches_of(&mut self, case: &str) -> Result<Vec<Search>, StoreError> {
        self.searches_by("case_id", &[case]).await
    }

    async fn searches_by(&mut self, column: &str, keys: &[&str]) -> Result<Vec<Search>, StoreError> {
        let keys: Vec<Value<'_>> = keys.iter().map(|key| (*key).into()).collect();
        let sql = format!("select {} from searches where {column} in ({{keys}})", COLUMNS.join(", "));
        let found: Result<Vec<Search>, StoreError> =
            self.rows_for_keys(&sql, &keys).await?.iter().map(search).collect();
        let mut found = found?;
        found.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(found)
    }

    /// Searches whose findings are to be deleted by a day, in order of id.
    pub async fn searches_over(&mut self, day: CivilDate) -> Result<Vec<Search>, StoreError> {
        let sql = format!(
            "select {} from searches where state = 'done' and delete_on <= $1 order by delete_on, id",
            COLUMNS.join(", ")
        );
        self.rows_text(sql.into(), &[day.into()]).await?.iter().map(search).collect()
    }

    /// Keeps what a search found; whoever is on no roster is not among them.
    pub async fn keep_findings(&mut self, search: &str, findings: &[Finding]) -> Result<(), StoreError> {
        let sql = "insert into search_findings (search, person, person_no, division, place, first_at, last_at, seconds)
                   select $1, p.person, p.no, p.division, $3, $4, $5, $6 from people p where p.person = $2";
        for f in findings {
            let values =
                [search.into(), (&f.person).into(), (&f.place).into(), f.first.into(), f.last.into(), f.seconds.into()];
            self.run(sql, &values).await?;
        }
        Ok(())
    }

    /// Deletes what a search found: how many rows.
    pub async fn delete_findings(&mut self, search: &str) -> Result<u64, StoreError> {
        self.run("delete from search_findings where search = $1", &[search.into()]).await
    }

    /// Those whom the searches of a case found within the scope, at most so many.
    pub async fn found_with(&mut self, case: &str, most: usize) -> Result<Vec<Near>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select o.person, o.name, h.door, f.place, f.first_at from searches s join search_findings f on f.search = s.id
            join people o on o.no = f.person_no left join households h on h.household = o.household
            where s.case_id = $1 and f.division >= $2 and f.division < $3 order by f.place, o.person limit $4";
        let values = [case.into(), low.into(), high.into(), (most as i64).into()];
        self.rows(sql, &values).await?.iter().map(near).collect()
    }

    /// Visits to these places that reach into a span of time, in order of place, person and start.
    pub async fn visits_between(
        &mut self,
        places: &[&str],
        from: Instant,
        to: Instant,
    ) -> Result<Vec<Visit>, StoreError> {
        let keys: Vec<Value<'_>> = places.iter().map(|place| (*place).into()).collect();
        let sql = "select person, place, \"from\", \"to\", setting from visits
            where \"from\" < $2 and \"to\" > $1 and place in ({keys})";
        let rows = self.rows_of_keys(sql, &[from.into(), to.into()], &keys).await?;
        let visit = |row: &Record| {
            Ok(Visit {
                person: row.get(0)?,
                place: row.get(1)?,
                from: row.get(2)?,
                to: row.get(3)?,
                setting: row.get(4)?,
            })
        };
        let visits: Result<Vec<Visit>, StoreError> = rows.iter().map(visit).collect();
        let mut visits = visits?;
        visits.sort_by(|a, b| (&a.place, &a.person, a.from).cmp(&(&b.place, &b.person, b.from)));
        Ok(visits)
    }

    /// Notes that somebody who is no laboratory gave a result of these tubes.
    pub async fn note_by_hand(&mut self, tubes: &[&str], account: &str, at: Instant) -> Result<(), StoreError> {
        let keys: Vec<Value<'_>> = tubes.iter().map(|tube| (*tube).into()).collect();
        let rows = self.rows_for_keys("select no from tubes where tube in ({keys})", &keys).await?;
        let numbers: Result<Vec<i64>, StoreError> = rows.iter().map(|row| row.get(0)).collect();
        let values: Vec<Value<'_>> =
            numbers?.into_iter().flat_map(|no| [no.into(), account.into(), at.into()]).collect();
        self.append_new("results_by_hand", &["tube_no", "account", "at"], &values).await?;
        Ok(())
    }

    /// What stands behind the results of tubes, by their numbers; of a tube that is not there, nothing.
    pub async fn backings(&mut self, tubes: &[i64]) -> Result<HashMap<i64, Backing>, StoreError> {
        let keys: Vec<Value<'_>> = tubes.iter().map(|no| (*no).into()).collect();
        let sql = "select t.no, coalesce(s.finding, ''), coalesce(s.version, 'P'), s.held_at, coalesce(c.received_at, t.received_at),
                (select count(*) from results_by_hand b where b.tube_no = t.no)
            from tubes t left join settled s on s.tube_no = t.no left join custody c on c.tube_no = t.no where t.no in ({keys})";
        let backing = |row: &Record| {
            let (finding, version): (String, String) = (row.get(1)?, row.get(2)?);
            let backing = Backing {
                positive: finding == "positive" && version != "P",
                withheld: row.get::<Option<Instant>>(3)?.is_some(),
                received: row.get::<Option<Instant>>(4)?.is_some(),
                by_hand: row.get::<i64>(5)? > 0,
            };
            Ok((row.get(0)?, backing))
        };
        self.rows_for_keys(sql, &keys).await?.iter().map(backing).collect()
    }
}
