//! Places that are told to the public. What the public reads has neither the case nor whoever decided in its statement.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    divisions::DivisionCode,
    exposures::SiteState,
    time::{CivilDate, Instant},
};

/// A place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExposureSite {
    /// Number, which says nothing of the case.
    pub id: String,
    /// Case.
    pub case_id: String,
    /// Division in which it lies.
    pub division: DivisionCode,
    /// Place.
    pub place: String,
    /// From when.
    pub from: Instant,
    /// Until when.
    pub until: Instant,
    /// People who were there and whom nobody knows, about.
    pub unknown: i64,
    /// First day on which nobody is told of it any more.
    pub gone_on: CivilDate,
    /// Who asked, and when.
    pub asked: (String, Instant),
    /// How it stands.
    pub state: SiteState,
}

/// A place as anybody is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldSite {
    /// Number.
    pub id: String,
    /// District.
    pub division: DivisionCode,
    /// Place.
    pub place: String,
    /// From when.
    pub from: Instant,
    /// Until when.
    pub until: Instant,
    /// Since when it is told of.
    pub listed: Instant,
}

const COLUMNS: [&str; 11] = [
    "id", "case_id", "division", "place", "from_at", "until_at", "unknown", "gone_on", "asked_by", "asked_at", "state",
];

fn site(row: &Record) -> Result<ExposureSite, StoreError> {
    Ok(ExposureSite {
        id: row.get(0)?,
        case_id: row.get(1)?,
        division: row.term(2)?,
        place: row.get(3)?,
        from: row.get(4)?,
        until: row.get(5)?,
        unknown: row.get(6)?,
        gone_on: row.get(7)?,
        asked: (row.get(8)?, row.get(9)?),
        state: row.term(10)?,
    })
}

impl Scoped {
    /// What a place that is told of must not contain: the name of a person, and the compound in which they live.
    pub async fn words_of_person(&mut self, person: &str) -> Result<Vec<String>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select p.name, b.compound from people p left join households h on h.household = p.household
                   left join buildings b on b.building = h.building
                   where p.person = $1 and p.division >= $2 and p.division < $3";
        let rows = self.rows(sql, &[person.into(), low.into(), high.into()]).await?;
        let mut words: Vec<String> = Vec::new();
        for row in &rows {
            words.extend(row.get::<Option<String>>(0)?);
            words.extend(row.get::<Option<String>>(1)?);
        }
        Ok(words)
    }

    /// How many places were asked for since a moment.
    pub async fn sites_asked_since(&mut self, since: Instant) -> Result<i64, StoreError> {
        match self.row("select count(*) from exposure_sites where asked_at >= $1", &[since.into()]).await? {
            Some(row) => row.get(0),
            None => Ok(0),
        }
    }

    /// Writes down that a place is to be told of.
    pub async fn ask_site(&mut self, s: &ExposureSite) -> Result<(), StoreError> {
        let values = [
            (&s.id).into(),
            (&s.case_id).into(),
            (&s.division).into(),
            (&s.place).into(),
            s.from.into(),
            s.until.into(),
            s.unknown.into(),
            s.gone_on.into(),
            (&s.asked.0).into(),
            s.asked.1.into(),
            s.state.name().into(),
        ];
        self.append("exposure_sites", &COLUMNS, &values).await
    }

    /// Records what was decided of a place.
    pub async fn decide_site(
        &mut self,
        id: &str,
        state: SiteState,
        (by, at): (&str, Instant),
        reason: &str,
    ) -> Result<(), StoreError> {
        let sql = "update exposure_sites set state = $2, decided_by = $3, decided_at = $4, reason = $5 where id = $1";
        self.run(sql, &[id.into(), state.name().into(), by.into(), at.into(), reason.into()]).await?;
        Ok(())
    }

    /// Places by number.
    pub async fn sites_by_id(&mut self, ids: &[&str]) -> Result<Vec<ExposureSite>, StoreError> {
        let keys: Vec<Value<'_>> = ids.iter().map(|id| (*id).into()).collect();
        let sql = format!(
            "select {} from exposure_sites where id in ({{keys}}) and {{scope:division}} order by id",
            COLUMNS.join(", ")
        );
        self.rows_for_keys(&sql, &keys).await?.iter().map(site).collect()
    }

    /// Places of a case.
    pub async fn sites_of_case(&mut self, case: &str) -> Result<Vec<ExposureSite>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = format!(
            "select {} from exposure_sites where case_id = $1 and division >= $2 and division < $3 order by id",
            COLUMNS.join(", ")
        );
        let rows = self.rows_text(sql.into(), &[case.into(), low.into(), high.into()]).await?;
        rows.iter().map(site).collect()
    }

    /// Places that anybody is told of on a day, the latest first.
    pub async fn sites_told(&mut self, day: CivilDate, rows_max: i64) -> Result<Vec<ToldSite>, StoreError> {
        let sql = "select id, substr(division, 1, 6), place, from_at, until_at, decided_at from exposure_sites
                   where state = 'listed' and gone_on > $1 order by from_at desc, id limit $2";
        let read = |row: &Record| {
            Ok(ToldSite {
                id: row.get(0)?,
                division: row.term(1)?,
                place: row.get(2)?,
                from: row.get(3)?,
                until: row.get(4)?,
                listed: row.get(5)?,
            })
        };
        self.rows(sql, &[day.into(), rows_max.into()]).await?.iter().map(read).collect()
    }

    /// Places whose days are over on a day, by number.
    pub async fn sites_over(&mut self, day: CivilDate) -> Result<Vec<String>, StoreError> {
        let rows =
            self.rows("select id from exposure_sites where gone_on <= $1 order by gone_on, id", &[day.into()]).await?;
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Deletes places whose days are over on a day; how many.
    pub async fn delete_sites_over(&mut self, day: CivilDate) -> Result<u64, StoreError> {
        self.run("delete from exposure_sites where gone_on <= $1", &[day.into()]).await
    }
}
