//! Follow-ups of contacts: how each stands, what was found whenever somebody asked, the teams that ask. It guarantees that the
//! log is never changed and that a follow-up is kept as it was last worked out.

use crate::{
    Scoped, StoreError,
    books::{Entry, open_item},
    value::{Record, Value},
};
use dayclear_core::{
    books::Worklist,
    divisions::DivisionCode,
    followup::{FollowAnswer, FollowState, Team},
    roster::Known,
    time::{CivilDate, Instant},
};
use std::collections::{BTreeMap, HashMap};

/// A follow-up as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Followed {
    /// Id: `F`, person, day of the first listing.
    pub id: String,
    /// Person.
    pub person: String,
    /// Their number.
    pub person_no: i64,
    /// Community.
    pub division: DivisionCode,
    /// Day on which the first exposure was listed.
    pub listed_on: CivilDate,
    /// First day.
    pub from_day: CivilDate,
    /// Last day.
    pub until_day: CivilDate,
    /// Last exposure.
    pub last_exposure: CivilDate,
    /// Exposures.
    pub exposures: i64,
    /// Team.
    pub team: Option<String>,
    /// State.
    pub state: FollowState,
    /// Days on which somebody spoke to them.
    pub seen: i64,
    /// Days that are over and on which nobody did.
    pub missed: i64,
    /// The last of these, running.
    pub missed_running: i64,
    /// Last day on which somebody spoke to them.
    pub last_seen: Option<CivilDate>,
    /// Whether somebody is to speak to them today, and nobody has.
    pub due: bool,
    /// Day on which it ended, and why.
    pub ended: Option<(CivilDate, String)>,
    /// Rule and inputs, as JSON.
    pub reason: String,
}

/// What was found when somebody asked.
#[derive(Debug, Clone, PartialEq)]
pub struct FollowUp {
    /// Person.
    pub person: String,
    /// When.
    pub at: Instant,
    /// What came of it.
    pub answer: FollowAnswer,
    /// Symptoms.
    pub symptoms: Known,
}

const COLUMNS: [&str; 19] = [
    "id",
    "person",
    "person_no",
    "division",
    "listed_on",
    "from_day",
    "until_day",
    "last_exposure",
    "exposures",
    "team",
    "state",
    "seen",
    "missed",
    "missed_running",
    "last_seen",
    "due",
    "ended_on",
    "ended_why",
    "reason",
];

fn followed(row: &Record) -> Result<Followed, StoreError> {
    let (ended_on, ended_why): (Option<CivilDate>, Option<String>) = (row.get(16)?, row.get(17)?);
    Ok(Followed {
        id: row.get(0)?,
        person: row.get(1)?,
        person_no: row.get(2)?,
        division: row.term(3)?,
        listed_on: row.get(4)?,
        from_day: row.get(5)?,
        until_day: row.get(6)?,
        last_exposure: row.get(7)?,
        exposures: row.get(8)?,
        team: row.get(9)?,
        state: row.term(10)?,
        seen: row.get(11)?,
        missed: row.get(12)?,
        missed_running: row.get(13)?,
        last_seen: row.get(14)?,
        due: row.get(15)?,
        ended: ended_on.zip(ended_why),
        reason: row.get(18)?,
    })
}

impl Scoped {
    /// Follow-ups of these people, by number, in order.
    pub async fn followed_of(&mut self, people: &[i64]) -> Result<Vec<Followed>, StoreError> {
        let keys: Vec<Value<'_>> = people.iter().map(|no| (*no).into()).collect();
        let sql = format!(
            "select {} from followed where person_no in ({{keys}}) and {{scope:division}} order by person_no, listed_on",
            COLUMNS.join(", ")
        );
        self.rows_for_keys(&sql, &keys).await?.iter().map(followed).collect()
    }

    /// Numbers of the people whose follow-up runs, and of those who are no contact any more, in order.
    pub async fn people_followed(&mut self) -> Result<Vec<i64>, StoreError> {
        let (low, high) = self.scope.range();
        let sql =
            "select distinct person_no from followed f where division >= $1 and division < $2 and (ended_on is null
                       or not exists (select 1 from contacts c where c.person_no = f.person_no))
                   order by person_no";
        self.rows(sql, &[low.into(), high.into()]).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Keeps follow-ups as they were worked out.
    pub async fn keep_followed(&mut self, all: &[Followed]) -> Result<(), StoreError> {
        let keys: Vec<Value<'_>> = all.iter().map(|f| (&f.id).into()).collect();
        self.run_for_keys("delete from followed where id in ({keys})", &[], &keys).await?;
        let mut values: Vec<Value<'_>> = Vec::with_capacity(all.len() * COLUMNS.len());
        for f in all {
            values.extend([
                (&f.id).into(),
                (&f.person).into(),
                f.person_no.into(),
                (&f.division).into(),
                f.listed_on.into(),
                f.from_day.into(),
                f.until_day.into(),
                f.last_exposure.into(),
                f.exposures.into(),
                f.team.as_deref().into(),
                f.state.name().into(),
                f.seen.into(),
                f.missed.into(),
                f.missed_running.into(),
                f.last_seen.into(),
                f.due.into(),
                f.ended.as_ref().map(|(on, _)| *on).into(),
                f.ended.as_ref().map(|(_, why)| why.as_str()).into(),
                (&f.reason).into(),
            ]);
        }
        self.append("followed", &COLUMNS, &values).await
    }

    /// Takes follow-ups away that rest on nothing: what was asked and when they ended stands in the chain.
    pub async fn drop_followed(&mut self, ids: &[String]) -> Result<(), StoreError> {
        let keys: Vec<Value<'_>> = ids.iter().map(|id| id.as_str().into()).collect();
        self.run_for_keys("delete from followed where id in ({keys})", &[], &keys).await?;
        Ok(())
    }

    /// What was found of these people up to a moment, which counts, in order of person and time.
    pub async fn follow_ups_of(&mut self, people: &[&str], until: Instant) -> Result<Vec<FollowUp>, StoreError> {
        let keys: Vec<Value<'_>> = people.iter().map(|id| (*id).into()).collect();
        let sql =
            "select person, at, answer, symptoms from follow_ups where person in ({keys}) order by person, at, key";
        let mut found = Vec::new();
        for row in self.rows_for_keys(sql, &keys).await? {
            let at: Instant = row.get(1)?;
            if at <= until {
                let symptoms = row.maybe_term(3)?.unwrap_or(Known::Unknown);
                found.push(FollowUp { person: row.get(0)?, at, answer: row.term(2)?, symptoms });
            }
        }
        Ok(found)
    }

    /// Numbers of the people of whom something was found since a moment, in order.
    pub async fn people_asked_since(&mut self, since: Instant) -> Result<Vec<i64>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select distinct p.no from follow_ups f join people p on p.person = f.person
                   where f.at >= $1 and p.division >= $2 and p.division < $3 order by p.no";
        self.rows(sql, &[since.into(), low.into(), high.into()]).await?.iter().map(|row| row.get(0)).collect()
    }

    /// When these people were sampled up to a moment, in order; tubes that were lost on the way are none.
    pub async fn sampled_at(
        &mut self,
        people: &[i64],
        until: Instant,
    ) -> Result<HashMap<i64, Vec<Instant>>, StoreError> {
        let keys: Vec<Value<'_>> = people.iter().map(|no| (*no).into()).collect();
        let sql = "select m.person_no, t.collected_at from members m join tubes t on t.no = m.tube_no
            where m.person_no in ({keys})
              and not exists (select 1 from custody l where l.tube_no = t.no and l.state in ('missing', 'broken'))
            order by m.person_no, t.collected_at";
        let mut all: HashMap<i64, Vec<Instant>> = HashMap::new();
        for row in self.rows_for_keys(sql, &keys).await? {
            let at: Instant = row.get(1)?;
            if at <= until {
                all.entry(row.get(0)?).or_default().push(at);
            }
        }
        Ok(all)
    }

    /// Every team, and how many people each asks after.
    pub async fn teams(&mut self) -> Result<(Vec<Team>, BTreeMap<String, i64>), StoreError> {
        let rows = self.rows("select team, division, people_a_day from teams order by team", &[]).await?;
        let team = |row: &Record| Ok(Team { team: row.get(0)?, division: row.term(1)?, people_a_day: row.get(2)? });
        let teams: Vec<Team> = rows.iter().map(team).collect::<Result<_, StoreError>>()?;
        let sql = "select team, count(*) from followed where ended_on is null and team is not null group by team";
        let rows = self.rows(sql, &[]).await?;
        let load = rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect::<Result<_, StoreError>>()?;
        Ok((teams, load))
    }

    /// Items of a worklist that are open and were opened before a moment, in order of subject.
    pub async fn open_before(&mut self, worklist: Worklist, before: Instant) -> Result<Vec<Entry>, StoreError> {
        let sql = "select worklist, subject, division, party, owner, opened_at, due_at, reason from items
             where worklist = $1 and closed_at is null and opened_at < $2 order by subject";
        let rows = self.rows(sql, &[worklist.name().into(), before.into()]).await?;
        rows.iter().map(|row| Ok(Entry::from(open_item(row)?))).collect()
    }
}
