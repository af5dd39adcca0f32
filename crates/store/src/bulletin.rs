//! Bulletins as issued, and bulletins that others published.

use crate::{Scoped, StoreError};
use dayclear_core::{bulletin::Bulletin, time::CivilDate};

impl Scoped {
    /// Keeps an edition of the bulletin of a day. An edition that says the same as the last one is not kept again; a
    /// different one supersedes it and never overwrites it. Returns the number of the edition.
    pub async fn keep_bulletin(&mut self, bulletin: &Bulletin) -> Result<i64, StoreError> {
        let body = serde_json::to_string(bulletin)
            .map_err(|error| StoreError::Meaning { value: bulletin.date.to_string(), problem: error.to_string() })?;
        let sql = "select edition, body from bulletins where day = $1 order by edition desc limit 1";
        let last = match self.row(sql, &[bulletin.date.into()]).await? {
            Some(row) => Some((row.get::<i64>(0)?, row.get::<String>(1)?)),
            None => None,
        };
        match last {
            Some((edition, text)) if text == body => Ok(edition),
            last => {
                let before = last.map(|(edition, _)| edition);
                let edition = before.unwrap_or(0) + 1;
                let sql = "insert into bulletins (day, edition, supersedes, body) values ($1, $2, $3, $4)";
                self.run(sql, &[bulletin.date.into(), edition.into(), before.into(), body.into()]).await?;
                Ok(edition)
            }
        }
    }

    /// The latest edition of the bulletin of a day.
    pub async fn bulletin(&mut self, day: CivilDate) -> Result<Option<Bulletin>, StoreError> {
        let sql = "select body from bulletins where day = $1 order by edition desc limit 1";
        let Some(row) = self.row(sql, &[day.into()]).await? else { return Ok(None) };
        let body: String = row.get(0)?;
        serde_json::from_str(&body)
            .map(Some)
            .map_err(|error| StoreError::Meaning { value: body.chars().take(60).collect(), problem: error.to_string() })
    }
}
