//! Where rows of files land: the tables that bear the declared schemas. It guarantees that every row of a file is counted
//! once (created, updated, same, doubtful or rejected), that a fact is never overwritten by another fact under the same
//! key, and that a file which was cut off goes on where it stopped.

use crate::{Scoped, StoreError, opening::Rare, value::Value};
use dayclear_core::{
    divisions::DivisionCode,
    time::{CivilDate, Instant},
};
use sha2::{Digest, Sha256};
use std::{collections::HashMap, sync::Arc};

mod targets;

pub use targets::{Target, target_of};

/// Counts of one file. `read = created + updated + same + doubtful + rejected`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Tally {
    /// Rows of the file.
    pub read: u64,
    /// New.
    pub created: u64,
    /// Changed what was there.
    pub updated: u64,
    /// There already, word for word.
    pub same: u64,
    /// Kept aside for a person to work through.
    pub doubtful: u64,
    /// Refused.
    pub rejected: u64,
}

impl Tally {
    /// Whether every row is accounted for.
    pub fn adds_up(&self) -> bool {
        self.read == self.created + self.updated + self.same + self.doubtful + self.rejected
    }
}

/// How far the reading of a file has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Rows taken so far.
    pub rows_done: u64,
    /// Whether the file was read to its end.
    pub complete: bool,
    /// Counts so far.
    pub tally: Tally,
}

/// A row that could not be taken as it is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Doubt {
    /// File it came from (name only).
    pub source: String,
    /// Row as a person sees it in the file.
    pub row: u64,
    /// Column, or empty for the row as a whole.
    pub column: String,
    /// What stands there.
    pub value: String,
    /// What was expected.
    pub expected: String,
    /// What to do.
    pub remedy: String,
    /// Stable code of the fault.
    pub code: String,
    /// The row as it came.
    pub raw: String,
    /// Place that the row tells of, where it tells of a known one.
    #[serde(skip)]
    pub division: Option<DivisionCode>,
}

/// Where a file or a call came from.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// SHA-256 of what was given.
    pub digest: &'a str,
    /// Division of who gave it.
    pub division: &'a DivisionCode,
    /// Account that gave it; none for the operator's own commands.
    pub account: Option<&'a str>,
}

/// Place of a doubtful row in the list of them; the default stands before the first.
#[derive(Debug, Clone, Default)]
pub struct DoubtKey {
    pub(crate) source: String,
    pub(crate) digest: String,
    pub(crate) row: i64,
    pub(crate) column: String,
}

/// Digests of rows that are there, by the first half of the SHA-256 of their keys, so that a row costs the same few bytes
/// however long its key is.
#[derive(Debug, Default)]
pub struct Known(HashMap<[u8; 16], i64>);

impl Known {
    fn hash(key: &str) -> [u8; 16] {
        let mut half = [0; 16];
        half.copy_from_slice(&Sha256::digest(key)[..16]);
        half
    }

    /// Digest of the row with this key, if there is one.
    pub fn get(&self, key: &str) -> Option<i64> {
        self.0.get(&Self::hash(key)).copied()
    }

    /// Notes rows of another reading; what is noted already stays.
    pub fn extend(&mut self, other: Known) {
        other.0.into_iter().for_each(|(key, digest)| {
            self.0.entry(key).or_insert(digest);
        });
    }

    /// Notes a row.
    pub fn insert(&mut self, key: &str, digest: i64) {
        self.0.insert(Self::hash(key), digest);
    }
}

/// A change of one row: its values in the order of the target's columns.
pub type RowValues = Vec<Value<'static>>;

/// Indexes that a bulk load is faster without: they are built when the first files have landed.
pub const ROSTER_INDEXES: &[&str] = &[
    "create unique index if not exists people_person on people (person)",
    "create index if not exists people_household on people (household)",
    "create index if not exists people_division on people (division, person)",
    // somebody is found by the number that they give
    "create index if not exists people_phone on people (phone) where phone is not null",
    "create index if not exists people_document on people (document) where document is not null",
    "create index if not exists people_carer on people (carer) where carer is not null",
    "create index if not exists members_person on members (person_no)",
    "create index if not exists households_building on households (building)",
    "create unique index if not exists tubes_tube on tubes (tube)",
    "create index if not exists results_tube on results (tube_no)",
    "create index if not exists tubes_collected on tubes (collected_at, tube)",
    "create index if not exists tubes_district on tubes (substr(division, 1, 6), collected_at, tube)",
    "create index if not exists tubes_division on tubes (division)",
    "create index if not exists tubes_laboratory on tubes (laboratory, collected_at, tube)",
    "create index if not exists results_reported on results (reported_at, key)",
    "create index if not exists results_laboratory on results (laboratory, reported_at, key)",
];

impl Scoped {
    /// How far a file was read on a day.
    pub async fn progress(&mut self, day: CivilDate, source: &str, digest: &str) -> Result<Progress, StoreError> {
        let sql = "select rows_done, complete, read, created, updated, same, doubtful, rejected from intake
                   where day = $1 and source = $2 and digest = $3";
        let Some(row) = self.row(sql, &[day.into(), source.into(), digest.into()]).await? else {
            return Ok(Progress::default());
        };
        let count = |at| row.get::<i64>(at).map(|n| n as u64);
        Ok(Progress {
            rows_done: count(0)?,
            complete: row.get(1)?,
            tally: Tally {
                read: count(2)?,
                created: count(3)?,
                updated: count(4)?,
                same: count(5)?,
                doubtful: count(6)?,
                rejected: count(7)?,
            },
        })
    }

    /// Records how far a file was read, in the transaction that took its rows.
    pub async fn record_progress(
        &mut self,
        day: CivilDate,
        source: &str,
        given: &Given<'_>,
        progress: &Progress,
    ) -> Result<(), StoreError> {
        let sql =
            "insert into intake (day, source, digest, rows_done, complete, read, created, updated, same, doubtful,
                       rejected, division, account)
                   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
                   on conflict (day, source, digest) do update set rows_done = excluded.rows_done,
                       complete = excluded.complete, read = excluded.read, created = excluded.created,
                       updated = excluded.updated, same = excluded.same, doubtful = excluded.doubtful,
                       rejected = excluded.rejected";
        let t = &progress.tally;
        self.run(
            sql,
            &[
                day.into(),
                source.into(),
                given.digest.into(),
                progress.rows_done.into(),
                progress.complete.into(),
                t.read.into(),
                t.created.into(),
                t.updated.into(),
                t.same.into(),
                t.doubtful.into(),
                t.rejected.into(),
                given.division.as_str().into(),
                given.account.into(),
            ],
        )
        .await?;
        Ok(())
    }

    /// Every file of a day that was read to its end, by name and digest, in order.
    pub async fn files_of(&mut self, day: CivilDate) -> Result<Vec<(String, String, Tally)>, StoreError> {
        let sql = "select source, digest, read, created, updated, same, doubtful, rejected from intake
                   where day = $1 and complete = $2 order by source, digest";
        let rows = self.rows(sql, &[day.into(), true.into()]).await?;
        rows.iter()
            .map(|row| {
                let count = |at| row.get::<i64>(at).map(|n| n as u64);
                let tally = Tally {
                    read: count(2)?,
                    created: count(3)?,
                    updated: count(4)?,
                    same: count(5)?,
                    doubtful: count(6)?,
                    rejected: count(7)?,
                };
                Ok((row.get(0)?, row.get(1)?, tally))
            })
            .collect()
    }

    /// Digest of every row of a table by its key.
    pub async fn digests(&mut self, target: &Target) -> Result<Known, StoreError> {
        // a date is asked for as text, as the reader of files writes it
        let sql = format!("select cast(\"{}\" as text), digest from {}", target.key, target.table);
        let mut known = Known::default();
        for row in self.rows_text(sql.into(), &[]).await? {
            known.insert(&row.get::<String>(0)?, row.get(1)?);
        }
        Ok(known)
    }

    /// Digest of every row of one line list, asked for in pages: a list may be as long as a spreadsheet holds.
    pub async fn digests_of_list(&mut self, target: &Target, list: &str) -> Result<Known, StoreError> {
        const PAGE: usize = 50_000;
        let sql: Arc<str> =
            format!("select key, digest from {} where key > $1 and list = $2 order by key limit {PAGE}", target.table)
                .into();
        let mut known = Known::default();
        let mut last = String::new();
        loop {
            let rows = self.rows_text(Arc::clone(&sql), &[(&last).into(), list.into()]).await?;
            for row in &rows {
                last = row.get(0)?;
                known.insert(&last, row.get(1)?);
            }
            if rows.len() < PAGE {
                return Ok(known);
            }
        }
    }

    /// Takes new rows; `values` holds them one after the other in the order of the target's columns.
    pub async fn land_new(&mut self, target: &Target, values: &[Value<'_>]) -> Result<(), StoreError> {
        match target.table {
            "places" => self.came(Rare::Place),
            "packings" | "box_checks" => self.came(Rare::Box),
            "divisions" => self.opening = None,
            "facilities" => self.facilities = None,
            _ => {}
        }
        self.append(target.table, target.columns, values).await
    }

    /// Takes members of tubes (numbers of tube and person, one after the other); the number of new ones. `fresh`: the caller
    /// knows that none of them is there, so they land by the fastest path; else those that are there are passed over.
    pub async fn land_members(&mut self, values: &[Value<'_>], fresh: bool) -> Result<u64, StoreError> {
        const COLUMNS: [&str; 2] = ["tube_no", "person_no"];
        if fresh {
            self.append("members", &COLUMNS, values).await?;
            return Ok((values.len() / COLUMNS.len()) as u64);
        }
        self.append_new("members", &COLUMNS, values).await
    }

    /// Whether any tube has a member.
    pub async fn any_member(&mut self) -> Result<bool, StoreError> {
        Ok(self.row("select tube_no from members limit 1", &[]).await?.is_some())
    }

    /// Changes a row. `false`: a fixed column stands against it, nothing was changed.
    pub async fn land_change(&mut self, target: &Target, row: &[Value<'_>]) -> Result<bool, StoreError> {
        let Some(fixed) = target.fixed else { return Ok(false) };
        let place = |name: &str| target.columns.iter().position(|column| *column == name).map_or(0, |at| at + 1);
        let sets: Vec<String> = target
            .columns
            .iter()
            .enumerate()
            .filter(|(_, name)| **name != target.key && !fixed.contains(name))
            .map(|(at, name)| format!("\"{name}\" = ${}", at + 1))
            .collect();
        let same: Vec<String> = fixed.iter().map(|name| format!(" and \"{name}\" = ${}", place(name))).collect();
        // stock cannot fall below what is promised: that row is for a person
        let guard = match target.table {
            "supplies" => format!(" and promised <= ${}", place("quantity")),
            _ => String::new(),
        };
        let sql = format!(
            "update {} set {} where \"{}\" = ${}{}{guard}",
            target.table,
            sets.join(", "),
            target.key,
            place(target.key),
            same.concat()
        );
        let touched = self.run_owned(sql, row).await?;
        match target.table {
            "divisions" => self.opening = None,
            "facilities" => self.facilities = None,
            _ => {}
        }
        Ok(touched == 1)
    }

    /// Of these keys, those of rows that lie outside the scope of this handle. Tables without a division have none.
    pub async fn keys_outside(&mut self, target: &Target, keys: &[&str]) -> Result<Vec<String>, StoreError> {
        if self.scope.is_everything() || !target.columns.contains(&"division") {
            return Ok(Vec::new());
        }
        let (key, table) = (target.key, target.table);
        let sql = format!("select \"{key}\" from {table} where \"{key}\" in ({{keys}}) and not {{scope:division}}");
        let keys: Vec<Value<'_>> = keys.iter().map(|key| (*key).into()).collect();
        self.rows_for_keys(&sql, &keys).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Builds the indexes that a bulk load is faster without; does nothing where they stand.
    pub async fn index_roster(&mut self) -> Result<(), StoreError> {
        for sql in ROSTER_INDEXES {
            self.run(sql, &[]).await?;
        }
        if self.is_server() {
            // a planner that knows nothing of tables just filled joins a million rows one by one
            for sql in ["analyze people", "analyze households", "analyze tubes", "analyze members", "analyze results"] {
                self.run(sql, &[]).await?;
            }
        }
        Ok(())
    }

    /// Highest number given so far in a numbered table (`people` or `tubes`).
    pub async fn last_number(&mut self, table: Numbered) -> Result<i64, StoreError> {
        let sql = match table {
            Numbered::People => "select coalesce(max(no), 0) from people",
            Numbered::Tubes => "select coalesce(max(no), 0) from tubes",
        };
        self.row(sql, &[]).await?.map_or(Ok(0), |row| row.get(0))
    }

    /// Number and digest of everybody or every tube, by id.
    pub async fn numbers(&mut self, table: Numbered) -> Result<HashMap<Box<str>, (i64, i64)>, StoreError> {
        let sql = match table {
            Numbered::People => "select person, no, digest from people",
            Numbered::Tubes => "select tube, no, digest from tubes",
        };
        let rows = self.rows(sql, &[]).await?;
        rows.iter().map(|row| Ok((row.get::<String>(0)?.into_boxed_str(), (row.get(1)?, row.get(2)?)))).collect()
    }

    /// Texts of two columns of a small table, as a map.
    pub async fn lookup(&mut self, what: Lookup) -> Result<HashMap<Box<str>, Box<str>>, StoreError> {
        let sql = match what {
            Lookup::BuildingDivision => "select building, division from buildings",
            Lookup::HouseholdDivision => "select household, division from households",
            Lookup::Facilities => "select facility, division from facilities",
            Lookup::Gates => "select gate, division from gates",
            Lookup::Vehicles => "select vehicle, division from vehicles",
            Lookup::Laboratories => "select laboratory, name from laboratories",
            Lookup::PersonDivision => "select person, division from people",
            Lookup::TubeDivision => "select tube, division from tubes",
            Lookup::Divisions => "select code, name from divisions",
        };
        let rows = self.rows(sql, &[]).await?;
        rows.iter()
            .map(|row| Ok((row.get::<String>(0)?.into_boxed_str(), row.get::<String>(1)?.into_boxed_str())))
            .collect()
    }

    /// Marks the moment a doubt was worked through.
    pub async fn resolve_doubt(&mut self, source: &str, row: u64, at: Instant) -> Result<u64, StoreError> {
        let sql = "update doubts set resolved_at = $1 where source = $2 and row = $3 and resolved_at is null";
        self.run(sql, &[at.into(), source.into(), row.into()]).await
    }
}

/// Tables whose rows have a dense number of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbered {
    /// People.
    People,
    /// Tubes.
    Tubes,
}

/// What a reader of files looks references up in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup {
    /// Division of a building.
    BuildingDivision,
    /// Division of a household.
    HouseholdDivision,
    /// Facilities.
    Facilities,
    /// Division of an entry gate.
    Gates,
    /// Vehicles.
    Vehicles,
    /// Laboratories.
    Laboratories,
    /// Division of a person.
    PersonDivision,
    /// Division in which a tube was filled.
    TubeDivision,
    /// Divisions.
    Divisions,
}
