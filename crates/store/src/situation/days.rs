//! Cases added up by the day on which they were found, and how long that took. Cases that were withdrawn, or for which another one of
//! the same person stands, count nowhere.

use super::COUNTS;
use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    cases::Origin,
    time::{CivilDate, Instant},
};
use std::collections::BTreeMap;

/// From when a lag is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Since {
    /// The sample that showed the case.
    Sample,
    /// First symptoms, where they are known.
    Onset,
}

impl Since {
    fn name(self) -> &'static str {
        match self {
            Since::Sample => "sample",
            Since::Onset => "onset",
        }
    }
}

/// Longest lag from a sample that is told apart, in days.
pub const SAMPLE_LAG_MAX: i64 = 14;
/// Longest lag from an onset that is told apart, in days.
pub const ONSET_LAG_MAX: i64 = 28;

/// Cases that were found on a day.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundDay {
    /// The day.
    pub day: CivilDate,
    /// The last event that had happened when they were counted.
    pub events_upto: i64,
    /// By community and whether they were held already: how many.
    pub communities: Vec<(String, bool, i64)>,
    /// By district, from when, and days: how many.
    pub lags: Vec<(String, Since, i64, i64)>,
}

/// How far cases are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// When they were counted last.
    pub at: Instant,
    /// The day on which every day was counted anew last.
    pub whole_on: CivilDate,
    /// The first day that was counted.
    pub first: CivilDate,
}

/// Cases by district, day, and whether they were held already.
pub type Series = BTreeMap<String, BTreeMap<(CivilDate, bool), i64>>;

/// Cases of a district and a day by the days since something.
#[derive(Debug, Clone, PartialEq)]
pub struct Lag {
    /// District.
    pub district: String,
    /// From when.
    pub since: Since,
    /// Day on which they were found.
    pub day: CivilDate,
    /// Days.
    pub lag: i64,
    /// Cases.
    pub n: i64,
}

/// What was found in a unit: by community, and whether they were held already.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundIn {
    /// Community.
    pub division: String,
    /// Whether they were held already.
    pub held: bool,
    /// The last day.
    pub last: CivilDate,
    /// Found since two days.
    pub since: [i64; 2],
}

impl Scoped {
    /// Counts the cases that were found on a day. `start` gives the first instant of a day so many days after it.
    pub async fn found_on(
        &mut self,
        day: CivilDate,
        start: impl Fn(CivilDate) -> Instant,
    ) -> Result<FoundDay, StoreError> {
        let (from, to) = (start(day), start(day.plus_days(1)));
        // within one transaction that reads one moment
        let (events_upto, _) = self.chain_head().await?;
        let held = [Origin::AlreadyIsolated, Origin::Entry].map(|origin| format!("'{origin}'")).join(", ");
        let sql = format!(
            "select substr(division, 1, 12), cast(case when origin in ({held}) then 1 else 0 end as bigint), count(*) from cases
             where found_at >= $1 and found_at < $2 and {COUNTS} group by 1, 2 order by 1, 2"
        );
        let times: [Value<'_>; 2] = [from.into(), to.into()];
        let mut communities = Vec::new();
        for row in self.rows_text(sql.into(), &times).await? {
            communities.push((row.get(0)?, row.get::<i64>(1)? == 1, row.get(2)?));
        }
        // the day of the sample, told apart by where days begin
        let mut bounds: Vec<Value<'_>> = times.to_vec();
        let mut branches = String::new();
        for lag in 0..SAMPLE_LAG_MAX {
            bounds.push(start(day.plus_days(-lag)).into());
            branches += &format!(" when sampled_at >= ${} then {lag}", bounds.len());
        }
        let sql = format!(
            "select substr(division, 1, 6), cast(case{branches} else {SAMPLE_LAG_MAX} end as bigint), count(*) from cases
             where found_at >= $1 and found_at < $2 and {COUNTS} group by 1, 2 order by 1, 2"
        );
        let mut lags: BTreeMap<(String, Since, i64), i64> = BTreeMap::new();
        for row in self.rows_text(sql.into(), &bounds).await? {
            *lags.entry((row.get(0)?, Since::Sample, row.get(1)?)).or_default() += row.get::<i64>(2)?;
        }
        let sql = format!(
            "select substr(division, 1, 6), onset, count(*) from cases
             where found_at >= $1 and found_at < $2 and onset is not null and {COUNTS} group by 1, 2 order by 1, 2"
        );
        for row in self.rows_text(sql.into(), &times).await? {
            let onset: CivilDate = row.get(1)?;
            // symptoms that came after the finding are seen at once
            let lag = day.days_since(onset).clamp(0, ONSET_LAG_MAX);
            *lags.entry((row.get(0)?, Since::Onset, lag)).or_default() += row.get::<i64>(2)?;
        }
        let lags = lags.into_iter().map(|((district, since, lag), n)| (district, since, lag, n)).collect();
        Ok(FoundDay { day, events_upto, communities, lags })
    }

    /// The first case that was ever found.
    pub async fn first_found(&mut self) -> Result<Option<Instant>, StoreError> {
        match self.row("select min(found_at) from cases", &[]).await? {
            Some(row) => row.get(0),
            None => Ok(None),
        }
    }

    /// How far cases are counted; `None`: never.
    pub async fn counted(&mut self) -> Result<Option<Counted>, StoreError> {
        let row = self.row("select at, whole_on, first_day from found_counted", &[]).await?;
        row.map(|row| Ok(Counted { at: row.get(0)?, whole_on: row.get(1)?, first: row.get(2)? })).transpose()
    }

    /// Keeps the counts of days in place of those before, and forgets days before the first.
    pub async fn keep_found(&mut self, days: &[FoundDay], counted: Counted) -> Result<(), StoreError> {
        for day in days {
            self.run("delete from found_days where day = $1", &[day.day.into()]).await?;
            self.run("delete from found_lags where day = $1", &[day.day.into()]).await?;
            self.run("delete from found_upto where day = $1", &[day.day.into()]).await?;
        }
        for old in [
            "delete from found_days where day < $1",
            "delete from found_lags where day < $1",
            "delete from found_upto where day < $1",
        ] {
            self.run(old, &[counted.first.into()]).await?;
        }
        let mut found: Vec<Value<'_>> = Vec::new();
        let mut lags: Vec<Value<'_>> = Vec::new();
        for day in days {
            for (division, held, n) in &day.communities {
                found.extend([day.day.into(), division.as_str().into(), i64::from(*held).into(), (*n).into()]);
            }
            for (district, since, lag, n) in &day.lags {
                let row: [Value<'_>; 5] =
                    [day.day.into(), district.as_str().into(), since.name().into(), (*lag).into(), (*n).into()];
                lags.extend(row);
            }
        }
        let upto: Vec<Value<'_>> = days.iter().flat_map(|day| [day.day.into(), day.events_upto.into()]).collect();
        self.append("found_upto", &["day", "events_upto"], &upto).await?;
        self.append("found_days", &["day", "division", "held", "n"], &found).await?;
        self.append("found_lags", &["day", "division", "since", "lag", "n"], &lags).await?;
        self.run("delete from found_counted", &[]).await?;
        let sql = "insert into found_counted (one, at, whole_on, first_day) values (1, $1, $2, $3)";
        self.run(sql, &[counted.at.into(), counted.whole_on.into(), counted.first.into()]).await?;
        Ok(())
    }

    /// Cases by district and day.
    pub async fn found_series(&mut self) -> Result<Series, StoreError> {
        let sql = "select substr(division, 1, 6), day, held, cast(sum(n) as bigint) from found_days group by 1, 2, 3";
        let mut series = Series::new();
        for row in self.rows(sql, &[]).await? {
            series.entry(row.get(0)?).or_default().insert((row.get(1)?, row.get::<i64>(2)? == 1), row.get(3)?);
        }
        Ok(series)
    }

    /// Lags of cases that were found since a day.
    pub async fn found_lags(&mut self, since: CivilDate) -> Result<Vec<Lag>, StoreError> {
        let sql =
            "select division, since, day, lag, n from found_lags where day >= $1 order by day, division, since, lag";
        let read = |row: &Record| {
            let since: String = row.get(1)?;
            let since = if since == Since::Sample.name() { Since::Sample } else { Since::Onset };
            Ok(Lag { district: row.get(0)?, since, day: row.get(2)?, lag: row.get(3)?, n: row.get(4)? })
        };
        self.rows(sql, &[since.into()]).await?.iter().map(read).collect()
    }

    /// What was found in each community: the last day of all, and how many from two days on until one.
    pub async fn found_in(&mut self, since: [CivilDate; 2], until: CivilDate) -> Result<Vec<FoundIn>, StoreError> {
        let sql = "select division, held, max(day),
                cast(sum(case when day >= $1 and day <= $3 then n else 0 end) as bigint),
                cast(sum(case when day >= $2 and day <= $3 then n else 0 end) as bigint)
            from found_days group by division, held order by division, held";
        let read = |row: &Record| {
            Ok(FoundIn {
                division: row.get(0)?,
                held: row.get::<i64>(1)? == 1,
                last: row.get(2)?,
                since: [row.get(3)?, row.get(4)?],
            })
        };
        self.rows(sql, &[since[0].into(), since[1].into(), until.into()]).await?.iter().map(read).collect()
    }
}
