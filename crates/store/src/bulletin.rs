//! Bulletins as issued, and bulletins that others published.

use crate::{Scoped, StoreError};
use dayclear_core::{
    bulletin::Bulletin,
    time::{CivilDate, Instant},
};

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

    /// Publishes an edition; `false`: it was published before, and stays as it was.
    pub async fn publish_bulletin(
        &mut self,
        day: CivilDate,
        edition: i64,
        at: Instant,
        by: &str,
    ) -> Result<bool, StoreError> {
        let sql = "update bulletins set published_at = $3, published_by = $4
                   where day = $1 and edition = $2 and published_at is null";
        Ok(self.run(sql, &[day.into(), edition.into(), at.into(), by.into()]).await? == 1)
    }

    /// Makes a new edition of the bulletin of a day that says what it corrects. Returns its number and that of the one it
    /// supersedes; `None`: the day has no bulletin.
    pub async fn correct_bulletin(
        &mut self,
        bulletin: &Bulletin,
        correction: &str,
    ) -> Result<Option<(i64, i64)>, StoreError> {
        let body = serde_json::to_string(bulletin)
            .map_err(|error| StoreError::Meaning { value: bulletin.date.to_string(), problem: error.to_string() })?;
        let last = match self.row("select max(edition) from bulletins where day = $1", &[bulletin.date.into()]).await? {
            Some(row) => row.get::<Option<i64>>(0)?,
            None => None,
        };
        let Some(last) = last else { return Ok(None) };
        let sql = "insert into bulletins (day, edition, supersedes, body, correction) values ($1, $2, $3, $4, $5)";
        let edition = last + 1;
        self.run(sql, &[bulletin.date.into(), edition.into(), last.into(), body.into(), correction.into()]).await?;
        Ok(Some((edition, last)))
    }
}
