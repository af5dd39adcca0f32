//! Imports that run in the background, and saved mappings of columns. It guarantees that an import which was accepted is
//! found again after a restart, and that an account reaches its own imports and mappings, and those that its division
//! shares.

use crate::{Scoped, StoreError, landing::Tally, value::Record};
use dayclear_core::{
    terms,
    time::{CivilDate, Instant},
};

terms! {
    /// How an import stands.
    State {
        /// Waits for its turn.
        Waiting = "waiting",
        /// Is being read.
        Running = "running",
        /// Was read to its end.
        Done = "done",
        /// Cannot be read; nothing further will be taken of it.
        Failed = "failed",
    }
}

/// An import.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// Id.
    pub id: String,
    /// Account that brought it.
    pub account: String,
    /// Division of the duty in which it was brought.
    pub division: String,
    /// Declared table.
    pub table: String,
    /// Name of the line list; empty for other tables.
    pub list: String,
    /// Day under which it is recorded.
    pub day: CivilDate,
    /// Name under which its rows are kept aside.
    pub source: String,
    /// SHA-256 of the file.
    pub digest: String,
    /// Length of the file.
    pub bytes: i64,
    /// Headers of the file and the columns they stand for, as one JSON object.
    pub mapping: String,
    /// Say what would be done, and do nothing.
    pub dry_run: bool,
    /// Refuse the file whole when a row of it cannot be taken.
    pub atomic: bool,
    /// How it stands.
    pub state: State,
    /// Share of the file behind it, 0 to 1.
    pub share: f64,
    /// Counts so far.
    pub tally: Tally,
    /// The first rows kept aside, as a JSON array.
    pub doubts: String,
    /// Why it failed.
    pub problem: Option<String>,
    /// When it was brought.
    pub created_at: Instant,
    /// When it ended.
    pub ended_at: Option<Instant>,
}

/// A saved mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapping {
    /// Id.
    pub id: String,
    /// Account that keeps it.
    pub account: String,
    /// Division of its duty.
    pub division: String,
    /// Name, unique for the account.
    pub name: String,
    /// Declared table.
    pub table: String,
    /// Whether the whole division may use it.
    pub shared: bool,
    /// Headers of files and the columns they stand for, as one JSON object.
    pub columns: String,
    /// When it was changed last.
    pub changed_at: Instant,
}

const IMPORT: &str = "id, account, division, \"table\", list, day, source, digest, bytes, mapping, dry_run, atomic, state, share, \
    read, created, updated, same, doubtful, rejected, doubts, problem, created_at, ended_at";
const MAPPING: &str = "id, account, division, name, \"table\", shared, columns, changed_at";

fn import(row: &Record) -> Result<Import, StoreError> {
    let state: String = row.get(12)?;
    let count = |at| row.get::<i64>(at).map(|n| n as u64);
    Ok(Import {
        id: row.get(0)?,
        account: row.get(1)?,
        division: row.get(2)?,
        table: row.get(3)?,
        list: row.get(4)?,
        day: row.get(5)?,
        source: row.get(6)?,
        digest: row.get(7)?,
        bytes: row.get(8)?,
        mapping: row.get(9)?,
        dry_run: row.get(10)?,
        atomic: row.get(11)?,
        state: state.parse().map_err(|error: dayclear_core::terms::NotATerm| StoreError::Meaning {
            value: state,
            problem: error.to_string(),
        })?,
        share: row.get(13)?,
        tally: Tally {
            read: count(14)?,
            created: count(15)?,
            updated: count(16)?,
            same: count(17)?,
            doubtful: count(18)?,
            rejected: count(19)?,
        },
        doubts: row.get(20)?,
        problem: row.get(21)?,
        created_at: row.get(22)?,
        ended_at: row.get(23)?,
    })
}

fn mapping(row: &Record) -> Result<Mapping, StoreError> {
    Ok(Mapping {
        id: row.get(0)?,
        account: row.get(1)?,
        division: row.get(2)?,
        name: row.get(3)?,
        table: row.get(4)?,
        shared: row.get(5)?,
        columns: row.get(6)?,
        changed_at: row.get(7)?,
    })
}

impl Scoped {
    /// Accepts an import.
    pub async fn add_import(&mut self, new: &Import) -> Result<(), StoreError> {
        let t = &new.tally;
        let sql = format!(
            "insert into imports ({IMPORT}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, \
             $18, $19, $20, $21, $22, $23, $24)"
        );
        let values = [
            (&new.id).into(),
            (&new.account).into(),
            (&new.division).into(),
            (&new.table).into(),
            (&new.list).into(),
            new.day.into(),
            (&new.source).into(),
            (&new.digest).into(),
            new.bytes.into(),
            (&new.mapping).into(),
            new.dry_run.into(),
            new.atomic.into(),
            new.state.name().into(),
            new.share.into(),
            t.read.into(),
            t.created.into(),
            t.updated.into(),
            t.same.into(),
            t.doubtful.into(),
            t.rejected.into(),
            (&new.doubts).into(),
            new.problem.clone().into(),
            new.created_at.into(),
            new.ended_at.into(),
        ];
        self.run_owned(sql, &values).await?;
        Ok(())
    }

    /// Notes how far an import has come, or how it ended.
    pub async fn note_import(&mut self, now: &Import) -> Result<(), StoreError> {
        let t = &now.tally;
        let sql = "update imports set state = $2, share = $3, read = $4, created = $5, updated = $6, same = $7, doubtful = $8,
                   rejected = $9, doubts = $10, problem = $11, ended_at = $12 where id = $1";
        let values = [
            (&now.id).into(),
            now.state.name().into(),
            now.share.into(),
            t.read.into(),
            t.created.into(),
            t.updated.into(),
            t.same.into(),
            t.doubtful.into(),
            t.rejected.into(),
            (&now.doubts).into(),
            now.problem.clone().into(),
            now.ended_at.into(),
        ];
        self.run(sql, &values).await?;
        Ok(())
    }

    /// An import of an account.
    pub async fn import_of(&mut self, account: &str, id: &str) -> Result<Option<Import>, StoreError> {
        let sql = format!("select {IMPORT} from imports where id = $1 and account = $2");
        self.rows_text(sql.into(), &[id.into(), account.into()]).await?.first().map(import).transpose()
    }

    /// The latest imports of an account.
    pub async fn imports_of(&mut self, account: &str) -> Result<Vec<Import>, StoreError> {
        const SHOWN_MAX: u32 = 100;
        let sql =
            format!("select {IMPORT} from imports where account = $1 order by created_at desc, id limit {SHOWN_MAX}");
        self.rows_text(sql.into(), &[account.into()]).await?.iter().map(import).collect()
    }

    /// Imports that have not ended, in the order in which they came: what a server takes up when it starts.
    pub async fn imports_waiting(&mut self) -> Result<Vec<Import>, StoreError> {
        let sql = format!("select {IMPORT} from imports where ended_at is null order by created_at, id");
        self.rows_text(sql.into(), &[]).await?.iter().map(import).collect()
    }

    /// Mappings that an account may use: its own, and those shared in its division.
    pub async fn mappings_for(&mut self, account: &str) -> Result<Vec<Mapping>, StoreError> {
        let division = self.scope.division().as_str().to_owned();
        let sql = format!(
            "select {MAPPING} from mappings where account = $1 or (shared = $2 and division = $3) order by name, id limit 500"
        );
        let values = [account.into(), true.into(), division.into()];
        self.rows_text(sql.into(), &values).await?.iter().map(mapping).collect()
    }

    /// Saves a mapping, new or changed. `false`: the account has another one of this name.
    pub async fn save_mapping(&mut self, new: &Mapping) -> Result<bool, StoreError> {
        let sql = "select id from mappings where account = $1 and name = $2 and id <> $3";
        if self.row(sql, &[(&new.account).into(), (&new.name).into(), (&new.id).into()]).await?.is_some() {
            return Ok(false);
        }
        let sql = format!(
            "insert into mappings ({MAPPING}) values ($1, $2, $3, $4, $5, $6, $7, $8)
             on conflict (id) do update set name = excluded.name, \"table\" = excluded.\"table\", shared = excluded.shared,
                 columns = excluded.columns, changed_at = excluded.changed_at"
        );
        let values = [
            (&new.id).into(),
            (&new.account).into(),
            (&new.division).into(),
            (&new.name).into(),
            (&new.table).into(),
            new.shared.into(),
            (&new.columns).into(),
            new.changed_at.into(),
        ];
        self.run_owned(sql, &values).await?;
        Ok(true)
    }

    /// Removes a mapping of an account. `false`: it has none of this id.
    pub async fn remove_mapping(&mut self, account: &str, id: &str) -> Result<bool, StoreError> {
        Ok(self.run("delete from mappings where id = $1 and account = $2", &[id.into(), account.into()]).await? == 1)
    }
}
