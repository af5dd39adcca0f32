//! Regular treatments of people who are bound. It guarantees one for each person, need and day (a constraint), and that a refusal has a
//! name and a reason and is never changed.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    divisions::DivisionCode,
    roster::Need,
    time::{CivilDate, Instant},
    welfare::TreatState,
};

/// A treatment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Treatment {
    /// Number: it says nothing of the person or the need.
    pub id: String,
    /// Person.
    pub person: String,
    /// Their number.
    pub person_no: i64,
    /// Community.
    pub division: DivisionCode,
    /// Need that it is for.
    pub need: Need,
    /// Day on which it is due.
    pub day: CivilDate,
    /// How it stands.
    pub state: TreatState,
    /// Since when it is waited for.
    pub opened_at: Instant,
    /// Clause and inputs (R16), as JSON.
    pub reason: String,
    /// Where, when, the way there and back, and who arranged it when.
    pub arranged: Option<Arranged>,
    /// How often a clinician refused it.
    pub refusals: i64,
    /// When it ended, by whom, and why if it was declined.
    pub ended: Option<(Instant, String, Option<String>)>,
}

/// What was arranged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arranged {
    /// Where.
    pub facility: Option<String>,
    /// When.
    pub planned_at: Option<Instant>,
    /// The way there and back.
    pub way: String,
    /// Who arranged it.
    pub by: String,
    /// When they did.
    pub at: Instant,
}

const ALL: [&str; 18] = [
    "id",
    "person",
    "person_no",
    "division",
    "need",
    "day",
    "state",
    "opened_at",
    "reason",
    "facility",
    "planned_at",
    "way",
    "arranged_by",
    "arranged_at",
    "refusals",
    "ended_at",
    "ended_by",
    "why",
];

fn treatment(row: &Record) -> Result<Treatment, StoreError> {
    let by: (Option<String>, Option<Instant>) = (row.get(12)?, row.get(13)?);
    let ended: (Option<Instant>, Option<String>) = (row.get(15)?, row.get(16)?);
    let (facility, planned_at, way, why) = (row.get(9)?, row.get(10)?, row.get::<Option<String>>(11)?, row.get(17)?);
    let arranged = by.0.zip(by.1);
    Ok(Treatment {
        id: row.get(0)?,
        person: row.get(1)?,
        person_no: row.get(2)?,
        division: row.term(3)?,
        need: row.term(4)?,
        day: row.get(5)?,
        state: row.term(6)?,
        opened_at: row.get(7)?,
        reason: row.get(8)?,
        arranged: arranged.map(|(by, at)| Arranged { facility, planned_at, way: way.unwrap_or_default(), by, at }),
        refusals: row.get(14)?,
        ended: ended.0.map(|at| (at, ended.1.unwrap_or_default(), why)),
    })
}

impl Scoped {
    /// Plans treatments; one that is planned for the same person, need and day stays as it is.
    pub async fn plan_treatments(&mut self, new: &[Treatment]) -> Result<(), StoreError> {
        let mut values: Vec<Value<'_>> = Vec::with_capacity(new.len() * ALL.len());
        for t in new {
            let arranged = t.arranged.as_ref();
            values.extend([
                (&t.id).into(),
                (&t.person).into(),
                t.person_no.into(),
                (&t.division).into(),
                t.need.name().into(),
                t.day.into(),
                t.state.name().into(),
                t.opened_at.into(),
                (&t.reason).into(),
                arranged.and_then(|a| a.facility.as_deref()).into(),
                arranged.and_then(|a| a.planned_at).into(),
                arranged.map(|a| a.way.as_str()).into(),
                arranged.map(|a| a.by.as_str()).into(),
                arranged.map(|a| a.at).into(),
                t.refusals.into(),
                t.ended.as_ref().map(|ended| ended.0).into(),
                t.ended.as_ref().map(|ended| ended.1.as_str()).into(),
                t.ended.as_ref().and_then(|ended| ended.2.as_deref()).into(),
            ]);
        }
        self.append_new("treatments", &ALL, &values).await?;
        Ok(())
    }

    /// Treatments that are open, or were due on or after a day: of these people, or of everybody; in order of person, need and day.
    pub async fn treatments_since(
        &mut self,
        day: CivilDate,
        people: Option<&[i64]>,
    ) -> Result<Vec<Treatment>, StoreError> {
        let columns = ALL.join(", ");
        let mut all: Vec<Treatment> = match people {
            None => {
                let (low, high) = self.scope.range();
                let sql = format!(
                    "select {columns} from treatments where (ended_at is null or day >= $1) and division >= $2 and division < $3"
                );
                let rows = self.rows_text(sql.into(), &[day.into(), low.into(), high.into()]).await?;
                rows.iter().map(treatment).collect::<Result<_, _>>()?
            }
            Some(people) => {
                let keys: Vec<Value<'_>> = people.iter().map(|no| (*no).into()).collect();
                let sql =
                    format!("select {columns} from treatments where person_no in ({{keys}}) and {{scope:division}}");
                let rows = self.rows_for_keys(&sql, &keys).await?;
                let found: Result<Vec<Treatment>, StoreError> = rows.iter().map(treatment).collect();
                found?.into_iter().filter(|t| t.ended.is_none() || t.day >= day).collect()
            }
        };
        all.sort_by_key(|t| (t.person_no, t.need, t.day));
        Ok(all)
    }

    /// Treatments by number, in order, within the scope.
    pub async fn treatments_by_id(&mut self, ids: &[&str]) -> Result<Vec<Treatment>, StoreError> {
        let keys: Vec<Value<'_>> = ids.iter().map(|id| (*id).into()).collect();
        let columns = ALL.join(", ");
        let sql = format!("select {columns} from treatments where id in ({{keys}}) and {{scope:division}} order by id");
        self.rows_for_keys(&sql, &keys).await?.iter().map(treatment).collect()
    }

    /// Keeps how a treatment stands.
    pub async fn keep_treatment(&mut self, t: &Treatment) -> Result<(), StoreError> {
        let sql = "update treatments set state = $2, facility = $3, planned_at = $4, way = $5, arranged_by = $6, arranged_at = $7,
                   ended_at = $8, ended_by = $9, why = $10 where id = $1";
        let arranged = t.arranged.as_ref();
        let values: [Value<'_>; 10] = [
            (&t.id).into(),
            t.state.name().into(),
            arranged.and_then(|a| a.facility.as_deref()).into(),
            arranged.and_then(|a| a.planned_at).into(),
            arranged.map(|a| a.way.as_str()).into(),
            arranged.map(|a| a.by.as_str()).into(),
            arranged.map(|a| a.at).into(),
            t.ended.as_ref().map(|ended| ended.0).into(),
            t.ended.as_ref().map(|ended| ended.1.as_str()).into(),
            t.ended.as_ref().and_then(|ended| ended.2.as_deref()).into(),
        ];
        self.run(sql, &values).await?;
        Ok(())
    }

    /// A clinician refused a treatment; the number of the refusal.
    pub async fn refuse_treatment(
        &mut self,
        id: &str,
        (account, at): (&str, Instant),
        facility: Option<&str>,
        clinician: &str,
        reason: &str,
    ) -> Result<i64, StoreError> {
        let next = "select cast(coalesce(max(no), 0) + 1 as bigint) from treatment_refusals where treatment = $1";
        let no: i64 = self.row(next, &[id.into()]).await?.map_or(Ok(1), |row| row.get(0))?;
        let columns = ["treatment", "no", "at", "account", "facility", "clinician", "reason"];
        let values: [Value<'_>; 7] =
            [id.into(), no.into(), at.into(), account.into(), facility.into(), clinician.into(), reason.into()];
        self.append("treatment_refusals", &columns, &values).await?;
        self.run("update treatments set refusals = refusals + 1 where id = $1", &[id.into()]).await?;
        Ok(no)
    }
}
