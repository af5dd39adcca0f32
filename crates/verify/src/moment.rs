//! As of when a store is looked at: the close of its last closed day. What came later belongs to a day that is still
//! open; nobody has promised anything about it yet. It may use jiff for civil days; the zone is the city's.

use crate::{VerifyError, source::Source};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// The last closed day, and whether another one is open.
pub(crate) struct Moment {
    zone: TimeZone,
    /// Last closed day, ISO text.
    pub day: Option<String>,
    /// When it was closed, in microseconds since 1970; 0 before any day was closed.
    pub closed_at: i64,
    /// Last event of that day.
    pub events_upto: i64,
    /// Whether a later day is open, so that the tables may be ahead of the last close.
    pub open: bool,
}

impl Moment {
    /// Reads it.
    pub async fn of(source: &mut Source, zone: &str) -> Result<Moment, VerifyError> {
        let zone = TimeZone::get(zone).map_err(|_| VerifyError::NoZone { zone: zone.to_owned() })?;
        let sql = "select {iso:day}, {us:closed_at}, coalesce(events_upto, 0) from days where closed_at is not null
                   order by day desc limit 1";
        let mut moment = Moment { zone, day: None, closed_at: 0, events_upto: 0, open: false };
        if let Some(row) = source.row(sql, &[]).await? {
            moment.day = Some(row.text(0)?);
            moment.closed_at = row.whole(1)?;
            moment.events_upto = row.whole(2)?;
        }
        moment.open = source.count("select count(*) from days where closed_at is null").await? > 0;
        Ok(moment)
    }

    /// First instant of a day, in microseconds since 1970.
    pub fn start_of(&self, day: &str) -> Result<i64, VerifyError> {
        let midnight = self.zone.to_ambiguous_timestamp(date(day)?.at(0, 0, 0, 0)).compatible();
        midnight.map(|start| start.as_microsecond()).map_err(|_| not_a_day(day))
    }

    /// First instant of the day after.
    pub fn end_of(&self, day: &str) -> Result<i64, VerifyError> {
        let next = date(day)?.tomorrow().map_err(|_| not_a_day(day))?;
        self.start_of(&next.to_string())
    }

    /// Puts this moment into a statement: `{closed}` (`{closed_us}` in microseconds) and `{day}` the last close, `{upto}` its last event, `{open}` 1 while
    /// a later day is open, `{known}` true of a tube `t` whose result the stations have worked on.
    pub fn filled(&self, sql: &str) -> String {
        let known = if self.open {
            "exists (select 1 from items k where k.worklist = 'test' and k.subject = t.tube and k.closed_at is not null)"
        } else {
            "1 = 1"
        };
        sql.replace("{closed}", &format!("{{at:{}}}", self.closed_at))
            .replace("{closed_us}", &self.closed_at.to_string())
            .replace("{day}", &format!("{{on:{}}}", self.day.as_deref().unwrap_or("1970-01-01")))
            .replace("{upto}", &self.events_upto.to_string())
            .replace("{open}", if self.open { "1" } else { "0" })
            .replace("{known}", known)
    }
}

/// Days since 1970-01-01 of a day in ISO text.
pub(crate) fn day_number(day: &str) -> Result<i64, VerifyError> {
    Ok(date(day)?.duration_since(Date::constant(1970, 1, 1)).as_hours().div_euclid(24))
}

/// The day of that number, ISO text.
pub(crate) fn day_of(number: i64) -> String {
    Date::constant(1970, 1, 1).saturating_add(jiff::Span::new().days(number)).to_string()
}

/// An instant as a person reads it.
pub(crate) fn instant(us: i64) -> String {
    Timestamp::from_microsecond(us).map_or_else(|_| us.to_string(), |at| at.to_string())
}

fn date(day: &str) -> Result<Date, VerifyError> {
    day.parse().map_err(|_| not_a_day(day))
}

fn not_a_day(day: &str) -> VerifyError {
    VerifyError::Value { value: day.to_owned(), expected: "a day like 2022-11-20" }
}
