//! Broken glass: who opened which person's record in an emergency, why, and what the review found. The clock of a breaking
//! stands in its row, so it ends by itself, or earlier by hand; a review is written once.

use crate::{Scoped, StoreError, value::Record};
use dayclear_core::{access::Role, divisions::DivisionCode, time::Instant};
use serde::Serialize;

/// One breaking of the glass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Glass {
    /// Id.
    pub id: String,
    /// Who broke it.
    pub account: String,
    /// In which role.
    pub role: Role,
    /// Within which division.
    pub division: DivisionCode,
    /// The person whose record was opened.
    pub person: String,
    /// Why.
    pub reason: String,
    /// Since when.
    pub from: Instant,
    /// Until when (exclusive).
    pub until: Instant,
    /// Data protection officer who reviewed it.
    pub reviewed_by: Option<String>,
    /// When.
    pub reviewed_at: Option<Instant>,
    /// What the review found.
    pub finding: Option<String>,
}

const GLASS: &str = "select id, account, role, division, person, reason, \"from\", until, reviewed_by, reviewed_at, finding \
                     from broken_glass";

impl Scoped {
    /// Writes a breaking down.
    pub async fn add_glass(&mut self, glass: &Glass) -> Result<(), StoreError> {
        let values = [
            (&glass.id).into(),
            (&glass.account).into(),
            glass.role.name().into(),
            (&glass.division).into(),
            (&glass.person).into(),
            (&glass.reason).into(),
            glass.from.into(),
            glass.until.into(),
        ];
        let columns = ["id", "account", "role", "division", "person", "reason", "from", "until"];
        self.append("broken_glass", &columns, &values).await
    }

    /// The breaking that holds now for an account and a person.
    pub async fn glass_now(&mut self, account: &str, person: &str, now: Instant) -> Result<Option<Glass>, StoreError> {
        let sql = format!(
            "{GLASS} where account = $1 and person = $2 and \"from\" <= $3 and until > $3 order by until desc limit 1"
        );
        let rows = self.rows_text(sql.into(), &[account.into(), person.into(), now.into()]).await?;
        rows.first().map(glass).transpose()
    }

    /// Every breaking that holds now for an account.
    pub async fn glass_of(&mut self, account: &str, now: Instant) -> Result<Vec<Glass>, StoreError> {
        let sql = format!("{GLASS} where account = $1 and \"from\" <= $2 and until > $2 order by until, id");
        self.rows_text(sql.into(), &[account.into(), now.into()]).await?.iter().map(glass).collect()
    }

    /// A breaking of this account, wherever it was.
    pub async fn own_glass(&mut self, id: &str, account: &str) -> Result<Option<Glass>, StoreError> {
        let sql = format!("{GLASS} where id = $1 and account = $2");
        let rows = self.rows_text(sql.into(), &[id.into(), account.into()]).await?;
        rows.first().map(glass).transpose()
    }

    /// Every breaking that holds now within the scope of this handle, the next to end first.
    pub async fn glass_holding(&mut self, now: Instant, rows_max: u32) -> Result<Vec<Glass>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = format!(
            "{GLASS} where reviewed_at is null and until > $1 and division >= $2 and division < $3 order by until, id limit $4"
        );
        let values = [now.into(), low.into(), high.into(), i64::from(rows_max).into()];
        self.rows_text(sql.into(), &values).await?.iter().map(glass).collect()
    }

    /// Lets a breaking end now; false when it has ended by then. None is empty: one that ends at the moment at which it began,
    /// began a microsecond before.
    pub async fn end_glass(&mut self, id: &str, now: Instant) -> Result<bool, StoreError> {
        let before = Instant::from_micros(now.micros() - 1);
        let sql = "update broken_glass set until = $2, \"from\" = case when \"from\" < $2 then \"from\" else $3 end
                   where id = $1 and until > $2";
        Ok(self.run(sql, &[id.into(), now.into(), before.into()]).await? == 1)
    }

    /// A breaking by its id, within the scope of this handle.
    pub async fn glass(&mut self, id: &str) -> Result<Option<Glass>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = format!("{GLASS} where id = $1 and division >= $2 and division < $3");
        let rows = self.rows_text(sql.into(), &[id.into(), low.into(), high.into()]).await?;
        rows.first().map(glass).transpose()
    }

    /// Breakings that nobody has reviewed, within the scope of this handle, the oldest first.
    pub async fn unreviewed_glass(&mut self, rows_max: u32) -> Result<Vec<Glass>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = format!(
            "{GLASS} where reviewed_at is null and division >= $1 and division < $2 order by \"from\", id limit $3"
        );
        let values = [low.into(), high.into(), i64::from(rows_max).into()];
        self.rows_text(sql.into(), &values).await?.iter().map(glass).collect()
    }

    /// Writes a review down; false when there is one already.
    pub async fn review_glass(&mut self, id: &str, by: &str, finding: &str, now: Instant) -> Result<bool, StoreError> {
        let sql = "update broken_glass set reviewed_by = $2, reviewed_at = $3, finding = $4
                   where id = $1 and reviewed_at is null";
        Ok(self.run(sql, &[id.into(), by.into(), now.into(), finding.into()]).await? == 1)
    }
}

fn glass(row: &Record) -> Result<Glass, StoreError> {
    Ok(Glass {
        id: row.get(0)?,
        account: row.get(1)?,
        role: row.term(2)?,
        division: row.term(3)?,
        person: row.get(4)?,
        reason: row.get(5)?,
        from: row.get(6)?,
        until: row.get(7)?,
        reviewed_by: row.get(8)?,
        reviewed_at: row.get(9)?,
        finding: row.get(10)?,
    })
}
