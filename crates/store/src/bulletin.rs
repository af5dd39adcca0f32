//! Bulletins as issued, and bulletins that others published.

use crate::{Scoped, StoreError, value::Value};
use dayclear_core::{
    bulletin::{Bulletin, Standing},
    time::{CivilDate, Instant},
};

impl Scoped {
    /// Keeps an edition of the bulletin of a day. An edition that says the same as the last one is not kept again; a
    /// different one supersedes it and never overwrites it. Returns the number of the edition. `drafted_by`: who closed the day;
    /// `None`: the line did.
    pub async fn keep_bulletin(&mut self, bulletin: &Bulletin, drafted_by: Option<&str>) -> Result<i64, StoreError> {
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
                let sql =
                    "insert into bulletins (day, edition, supersedes, body, drafted_by) values ($1, $2, $3, $4, $5)";
                let values = [bulletin.date.into(), edition.into(), before.into(), body.into(), drafted_by.into()];
                self.run(sql, &values).await?;
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

    /// How an edition stands on its way to the public, and its figures.
    pub async fn edition_standing(
        &mut self,
        day: CivilDate,
        edition: i64,
    ) -> Result<Option<(Standing, Bulletin)>, StoreError> {
        let sql = "select u.drafted_by, u.published_at, u.body, (select count(*) from bulletins l
                where l.day = u.day and l.edition > u.edition and l.published_at is not null)
            from bulletins u where u.day = $1 and u.edition = $2";
        let Some(row) = self.row(sql, &[day.into(), edition.into()]).await? else { return Ok(None) };
        let body: String = row.get(2)?;
        let bulletin = serde_json::from_str(&body).map_err(|error| StoreError::Meaning {
            value: body.chars().take(60).collect(),
            problem: error.to_string(),
        })?;
        let approved = "select account from bulletin_approvals where day = $1 and edition = $2 order by at, account";
        let approved = self.rows(approved, &[day.into(), edition.into()]).await?;
        let standing = Standing {
            drafted_by: row.get(0)?,
            approved_by: approved.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?,
            published: row.get::<Option<Instant>>(1)?.is_some(),
            superseded: row.get::<i64>(3)? > 0,
        };
        Ok(Some((standing, bulletin)))
    }

    /// Notes that somebody says that an edition may go out.
    pub async fn approve_bulletin(
        &mut self,
        day: CivilDate,
        edition: i64,
        at: Instant,
        by: &str,
    ) -> Result<(), StoreError> {
        let sql = "insert into bulletin_approvals (day, edition, account, at) values ($1, $2, $3, $4)";
        self.run(sql, &[day.into(), edition.into(), by.into(), at.into()]).await?;
        Ok(())
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
        drafted_by: &str,
    ) -> Result<Option<(i64, i64)>, StoreError> {
        let body = serde_json::to_string(bulletin)
            .map_err(|error| StoreError::Meaning { value: bulletin.date.to_string(), problem: error.to_string() })?;
        let last = match self.row("select max(edition) from bulletins where day = $1", &[bulletin.date.into()]).await? {
            Some(row) => row.get::<Option<i64>>(0)?,
            None => None,
        };
        let Some(last) = last else { return Ok(None) };
        let sql = "insert into bulletins (day, edition, supersedes, body, correction, drafted_by) values ($1, $2, $3, $4, $5, $6)";
        let edition = last + 1;
        let key: [Value<'_>; 3] = [bulletin.date.into(), edition.into(), last.into()];
        self.run(sql, &[&key[..], &[body.into(), correction.into(), drafted_by.into()]].concat()).await?;
        Ok(Some((edition, last)))
    }
}
