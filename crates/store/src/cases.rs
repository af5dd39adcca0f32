//! Cases and clinical assessments.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    cases::{Classification, Origin, Severity},
    divisions::DivisionCode,
    roster::Known,
    time::{CivilDate, Instant},
};

/// A case.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Id: `C`, day of the sample, person.
    pub id: String,
    /// Person.
    pub person: String,
    /// Their number.
    pub person_no: i64,
    /// Community.
    pub division: DivisionCode,
    /// Building, if on the roster.
    pub building: Option<String>,
    /// Tube that showed it.
    pub tube_no: i64,
    /// When that tube was filled.
    pub sampled_at: Instant,
    /// When its result was released.
    pub found_at: Instant,
    /// Lower Ct.
    pub ct: Option<f64>,
    /// Route by which it was found.
    pub origin: Origin,
    /// How it counts.
    pub classification: Classification,
    /// Severity at the last assessment.
    pub severity: Severity,
    /// First day of symptoms.
    pub onset: Option<CivilDate>,
    /// Day on which it is counted as confirmed or asymptomatic; `None` while it waits for a diagnosis.
    pub counted_on: Option<CivilDate>,
    /// Day on which an asymptomatic case became a confirmed one.
    pub converted_on: Option<CivilDate>,
    /// Day it was closed.
    pub closed_on: Option<CivilDate>,
    /// Outcome.
    pub outcome: Option<String>,
    /// Why it is a case of this origin and class, as JSON.
    pub reason: String,
    /// Case of the same person under another id that stands for this one: it is open as it was, and counts for nothing.
    pub aside: Option<String>,
}

impl Case {
    /// Whether it is open and stands for itself.
    pub fn stands(&self) -> bool {
        self.closed_on.is_none() && self.aside.is_none()
    }

    /// Whether the result that showed it was taken back, so that it was never one.
    pub fn is_withdrawn(&self) -> bool {
        self.outcome.as_deref() == Some(WITHDRAWN)
    }
}

/// Outcome of a case whose result was taken back.
pub const WITHDRAWN: &str = "withdrawn";

/// What a clinician found.
#[derive(Debug, Clone)]
pub struct Assessment {
    /// Person.
    pub person: String,
    /// When.
    pub assessed_at: Instant,
    /// Severity.
    pub severity: Severity,
    /// First day of symptoms.
    pub onset: Option<CivilDate>,
    /// Outcome.
    pub outcome: Option<String>,
    /// Body temperature, °C.
    pub temperature: Option<f64>,
    /// Whether symptoms are relieved.
    pub relieved: Known,
    /// Whether imaging shows improvement.
    pub lungs_improved: Known,
    /// Whether all lesions have healed.
    pub lesions_healed: Known,
}

pub(crate) const COLUMNS: [&str; 19] = [
    "id",
    "person",
    "person_no",
    "division",
    "building",
    "tube_no",
    "sampled_at",
    "found_at",
    "ct",
    "origin",
    "classification",
    "severity",
    "onset",
    "counted_on",
    "converted_on",
    "closed_on",
    "outcome",
    "reason",
    "aside",
];

const ASSESSMENT: &str =
    "select a.person, a.assessed_at, a.severity, a.onset, a.outcome, a.temperature, a.relieved, a.lungs_improved,
    a.lesions_healed from assessments a";

fn assessment(row: &Record) -> Result<Assessment, StoreError> {
    Ok(Assessment {
        person: row.get(0)?,
        assessed_at: row.get(1)?,
        severity: row.term(2)?,
        onset: row.get(3)?,
        outcome: row.get(4)?,
        temperature: row.get(5)?,
        relieved: row.maybe_term(6)?.unwrap_or(Known::Unknown),
        lungs_improved: row.maybe_term(7)?.unwrap_or(Known::Unknown),
        lesions_healed: row.maybe_term(8)?.unwrap_or(Known::Unknown),
    })
}

pub(crate) fn case(row: &Record) -> Result<Case, StoreError> {
    Ok(Case {
        id: row.get(0)?,
        person: row.get(1)?,
        person_no: row.get(2)?,
        division: row.term(3)?,
        building: row.get(4)?,
        tube_no: row.get(5)?,
        sampled_at: row.get(6)?,
        found_at: row.get(7)?,
        ct: row.get(8)?,
        origin: row.term(9)?,
        classification: row.term(10)?,
        severity: row.term(11)?,
        onset: row.get(12)?,
        counted_on: row.get(13)?,
        converted_on: row.get(14)?,
        closed_on: row.get(15)?,
        outcome: row.get(16)?,
        reason: row.get(17)?,
        aside: row.get(18)?,
    })
}

fn values(case: &Case) -> [Value<'_>; 19] {
    [
        (&case.id).into(),
        (&case.person).into(),
        case.person_no.into(),
        (&case.division).into(),
        case.building.as_deref().into(),
        case.tube_no.into(),
        case.sampled_at.into(),
        case.found_at.into(),
        case.ct.into(),
        case.origin.name().into(),
        case.classification.name().into(),
        case.severity.name().into(),
        case.onset.into(),
        case.counted_on.into(),
        case.converted_on.into(),
        case.closed_on.into(),
        case.outcome.as_deref().into(),
        (&case.reason).into(),
        case.aside.as_deref().into(),
    ]
}

impl Case {
    /// Whether it is open, or was closed or counted on or after a day, or found at or after an instant.
    pub fn concerns(&self, day: CivilDate, since: Instant) -> bool {
        self.closed_on.is_none_or(|on| on >= day)
            || self.counted_on.is_some_and(|on| on >= day)
            || self.found_at >= since
    }
}

impl Scoped {
    /// Opens cases.
    pub async fn open_cases(&mut self, cases: &[Case]) -> Result<(), StoreError> {
        let flat: Vec<Value<'_>> = cases.iter().flat_map(values).collect();
        self.append("cases", &COLUMNS, &flat).await
    }

    /// Cases that are open, or were found or counted at or after a day, in order of finding.
    pub async fn cases_since(&mut self, day: CivilDate, from: Instant) -> Result<Vec<Case>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = format!(
            "select {} from cases where (closed_on is null or closed_on >= $1 or counted_on >= $1 or found_at >= $2)
                and division >= $3 and division < $4 order by found_at, id",
            COLUMNS.join(", ")
        );
        let rows = self.rows_text(sql.into(), &[day.into(), from.into(), low.into(), high.into()]).await?;
        rows.iter().map(case).collect()
    }

    /// Records what changed of a case: class, severity, onset, counting days, closing.
    pub async fn update_case(&mut self, case: &Case) -> Result<(), StoreError> {
        let sql = "update cases set classification = $2, severity = $3, onset = $4, counted_on = $5, converted_on = $6,
                   closed_on = $7, outcome = $8, reason = $9 where id = $1";
        self.run(
            sql,
            &[
                (&case.id).into(),
                case.classification.name().into(),
                case.severity.name().into(),
                case.onset.into(),
                case.counted_on.into(),
                case.converted_on.into(),
                case.closed_on.into(),
                case.outcome.as_deref().into(),
                (&case.reason).into(),
            ],
        )
        .await?;
        Ok(())
    }

    /// Notes which case stands for another one of the same person; `None`: it stands for itself.
    pub async fn set_case_aside(&mut self, id: &str, stands: Option<&str>) -> Result<(), StoreError> {
        self.run("update cases set aside = $2 where id = $1", &[id.into(), stands.into()]).await?;
        Ok(())
    }

    /// Assessments up to `now`, oldest first.
    pub async fn assessments(&mut self, now: Instant) -> Result<Vec<Assessment>, StoreError> {
        let (within, range) = self.people_within("a.person", 2);
        let sql = format!("{ASSESSMENT} where a.assessed_at <= $1{within} order by a.assessed_at, a.key");
        let rows = self.rows_text(sql.into(), &[vec![now.into()], range].concat()).await?;
        rows.iter().map(assessment).collect()
    }

    /// Assessments of these people up to `now`, oldest first.
    pub async fn assessments_of(&mut self, people: &[&str], now: Instant) -> Result<Vec<Assessment>, StoreError> {
        let keys: Vec<Value<'_>> = people.iter().map(|id| (*id).into()).collect();
        let sql = format!("{ASSESSMENT} where a.person in ({{keys}}){{people:a.person}} order by a.assessed_at, a.key");
        let rows = self.rows_for_keys(&sql, &keys).await?;
        let all: Result<Vec<Assessment>, StoreError> = rows.iter().map(assessment).collect();
        let mut all: Vec<Assessment> = all?.into_iter().filter(|a| a.assessed_at <= now).collect();
        all.sort_by_key(|a| a.assessed_at);
        Ok(all)
    }

    /// Cases by id, in order of finding.
    pub async fn cases_by_id(&mut self, ids: &[&str]) -> Result<Vec<Case>, StoreError> {
        let keys: Vec<Value<'_>> = ids.iter().map(|id| (*id).into()).collect();
        let sql = format!("select {} from cases where id in ({{keys}}) and {{scope:division}}", COLUMNS.join(", "));
        let cases: Result<Vec<Case>, StoreError> = self.rows_for_keys(&sql, &keys).await?.iter().map(case).collect();
        Ok(by_finding(cases?))
    }

    /// Cases of these people, by number, in order of finding.
    pub async fn cases_of(&mut self, people: &[i64]) -> Result<Vec<Case>, StoreError> {
        let keys: Vec<Value<'_>> = people.iter().map(|no| (*no).into()).collect();
        let columns = COLUMNS.map(|name| format!("c.{name}")).join(", ");
        // an index leads from the id of a person to their cases
        let sql =
            format!("select {columns} from people p join cases c on c.person = p.person where p.no in ({{keys}})");
        let cases: Result<Vec<Case>, StoreError> = self.rows_for_keys(&sql, &keys).await?.iter().map(case).collect();
        Ok(by_finding(cases?))
    }
}

/// Rows of several statements, in one order.
fn by_finding(mut cases: Vec<Case>) -> Vec<Case> {
    cases.sort_by(|a, b| (a.found_at, &a.id).cmp(&(b.found_at, &b.id)));
    cases
}
