//! Contacts who wait to be released because the case that they were exposed to was withdrawn, and which cases were. It guarantees that
//! a release is settled once.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{divisions::DivisionCode, time::Instant, withdrawal::ReleaseState};
use std::collections::BTreeSet;

/// Somebody who is to be released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Case and person.
    pub id: String,
    /// The withdrawn case.
    pub case_id: String,
    /// Contact.
    pub person: String,
    /// Their number.
    pub person_no: i64,
    /// Community.
    pub division: DivisionCode,
    /// When the case was withdrawn.
    pub opened_at: Instant,
    /// When it takes effect.
    pub due_at: Instant,
    /// How it stands.
    pub state: ReleaseState,
    /// Who objected, and why.
    pub objection: Option<(String, String)>,
    /// When it took effect, or another exposure was found.
    pub settled_at: Option<Instant>,
}

const COLUMNS: [&str; 11] = [
    "id",
    "case_id",
    "person",
    "person_no",
    "division",
    "opened_at",
    "due_at",
    "state",
    "objected_by",
    "objection",
    "settled_at",
];

fn release(row: &Record) -> Result<Release, StoreError> {
    let by: Option<String> = row.get(8)?;
    Ok(Release {
        id: row.get(0)?,
        case_id: row.get(1)?,
        person: row.get(2)?,
        person_no: row.get(3)?,
        division: row.term(4)?,
        opened_at: row.get(5)?,
        due_at: row.get(6)?,
        state: row.term(7)?,
        objection: by.zip(row.get::<Option<String>>(9)?),
        settled_at: row.get(10)?,
    })
}

impl Scoped {
    /// Writes down who is to be released; who stands there for the same case stays as they are.
    pub async fn open_releases(&mut self, releases: &[Release]) -> Result<(), StoreError> {
        let mut values: Vec<Value<'_>> = Vec::with_capacity(releases.len() * COLUMNS.len());
        for r in releases {
            values.extend([
                (&r.id).into(),
                (&r.case_id).into(),
                (&r.person).into(),
                r.person_no.into(),
                (&r.division).into(),
                r.opened_at.into(),
                r.due_at.into(),
                r.state.name().into(),
                r.objection.as_ref().map(|(by, _)| by.as_str()).into(),
                r.objection.as_ref().map(|(_, why)| why.as_str()).into(),
                r.settled_at.into(),
            ]);
        }
        self.append_new("releases", &COLUMNS, &values).await?;
        Ok(())
    }

    /// Records what changed of a release that was not settled.
    pub async fn update_release(&mut self, r: &Release) -> Result<(), StoreError> {
        let sql = "update releases set due_at = $2, state = $3, objected_by = $4, objection = $5, settled_at = $6
                   where id = $1 and settled_at is null";
        let (by, why) = r.objection.as_ref().map(|(by, why)| (by.as_str(), why.as_str())).unzip();
        let values =
            [(&r.id).into(), r.due_at.into(), r.state.name().into(), by.into(), why.into(), r.settled_at.into()];
        self.run(sql, &values).await?;
        Ok(())
    }

    /// Releases that take effect by now, in order of id.
    pub async fn releases_due(&mut self, now: Instant) -> Result<Vec<Release>, StoreError> {
        let sql = format!(
            "select {} from releases where settled_at is null and due_at <= $1 order by due_at, id",
            COLUMNS.join(", ")
        );
        self.rows_text(sql.into(), &[now.into()]).await?.iter().map(release).collect()
    }

    /// When the next release takes effect.
    pub async fn next_release(&mut self) -> Result<Option<Instant>, StoreError> {
        let sql = "select due_at from releases where settled_at is null order by due_at, id limit 1";
        self.row(sql, &[]).await?.map(|row| row.get(0)).transpose()
    }

    /// Releases by id, in order of id.
    pub async fn releases_by_id(&mut self, ids: &[&str]) -> Result<Vec<Release>, StoreError> {
        self.releases_by("id", ids).await
    }

    /// Releases of cases, in order of id.
    pub async fn releases_of(&mut self, cases: &[&str]) -> Result<Vec<Release>, StoreError> {
        self.releases_by("case_id", cases).await
    }

    async fn releases_by(&mut self, column: &str, keys: &[&str]) -> Result<Vec<Release>, StoreError> {
        let keys: Vec<Value<'_>> = keys.iter().map(|key| (*key).into()).collect();
        let sql = format!("select {} from releases where {column} in ({{keys}})", COLUMNS.join(", "));
        let found: Result<Vec<Release>, StoreError> =
            self.rows_for_keys(&sql, &keys).await?.iter().map(release).collect();
        let mut found = found?;
        found.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(found)
    }

    /// Of these cases those that were withdrawn.
    pub async fn withdrawn_among(&mut self, cases: &[&str]) -> Result<BTreeSet<String>, StoreError> {
        let keys: Vec<Value<'_>> = cases.iter().map(|id| (*id).into()).collect();
        let sql = "select id from cases where outcome = 'withdrawn' and id in ({keys})";
        self.rows_for_keys(sql, &keys).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Open areas that rest on this case, and on no case that still stands.
    pub async fn zones_only_of(&mut self, case: &str) -> Result<BTreeSet<String>, StoreError> {
        let sql = "select z.id from zone_cases x join zones z on z.id = x.zone and z.released_on is null
            where x.case_id = $1 and not exists (select 1 from zone_cases y join cases c on c.id = y.case_id
                where y.zone = z.id and coalesce(c.outcome, '') <> 'withdrawn')";
        self.rows(sql, &[case.into()]).await?.iter().map(|row| row.get(0)).collect()
    }
}
