//! Where the outbreak stands: cases added up by the day on which they were found, what was worked out from that, and what there
//! is to meet the days ahead. Counts only: nothing here tells of a person. Cases that were withdrawn, or for which another one
//! of the same person stands, count nowhere.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    cases::Origin,
    divisions::{DivisionCode, Level},
    phases::PhaseStep,
    situation::Clearing,
    time::{CivilDate, Instant},
    transfer::{FacilityKind, TransferState},
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

/// A situation as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct SituationRow {
    /// The city or a district.
    pub division: DivisionCode,
    /// Last whole day.
    pub day: CivilDate,
    /// When it was worked out.
    pub made_at: Instant,
    /// Digest of what the slow part of it rests on.
    pub basis: String,
    /// As JSON.
    pub body: String,
}

/// Where infections of a division are found.
#[derive(Debug, Clone, PartialEq)]
pub struct ClearingRow {
    /// Division.
    pub division: DivisionCode,
    /// Level of it.
    pub level: Level,
    /// Found in the last 7 days, and of them in the community; the same of 14 days.
    pub found: [i64; 2],
    /// See above.
    pub community: [i64; 2],
    /// The last day on which one was found, at all and in the community.
    pub last_found_on: Option<CivilDate>,
    /// See above.
    pub last_community_on: Option<CivilDate>,
    /// Days without one in the community after which it is clear; none where the rules name none.
    pub clear_days: Option<i64>,
    /// The first day on which it is clear if none comes; none where it never had one, or the rules name no number.
    pub clear_on: Option<CivilDate>,
    /// How it stands.
    pub state: Clearing,
    /// Members of positive tubes who are not resolved.
    pub recalls: i64,
    /// Areas under restriction.
    pub areas: i64,
    /// Last day that was counted.
    pub day: CivilDate,
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

/// A positive on the way to a bed, and there.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// District.
    pub district: String,
    /// When it was asked for.
    pub requested_at: Instant,
    /// Picked up.
    pub picked_up_at: Option<Instant>,
    /// Admitted.
    pub admitted_at: Option<Instant>,
    /// Ended.
    pub ended_at: Option<Instant>,
    /// State.
    pub state: TransferState,
    /// Kind of the place.
    pub kind: Option<FacilityKind>,
}

/// Beds of a kind in a district.
#[derive(Debug, Clone, PartialEq)]
pub struct Beds {
    /// Kind of the place.
    pub kind: FacilityKind,
    /// District.
    pub district: String,
    /// First day of the place, where it is known.
    pub from: Option<CivilDate>,
    /// Last day of the place, where it is known.
    pub until: Option<CivilDate>,
    /// Ward, where something was said of the phases of the place.
    pub ward: Option<String>,
    /// From when the place and its wards are in which phase.
    pub steps: Vec<PhaseStep>,
    /// How many.
    pub beds: i64,
}

/// What there is to meet the days ahead.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Means {
    /// Beds.
    pub beds: Vec<Beds>,
    /// Vehicles in service by district.
    pub vehicles: Vec<(String, i64)>,
    /// Crews by district whose shift begins within the day.
    pub crews: Vec<(String, i64)>,
    /// Laboratories in the city by district: tubes a day, and hours a day in which they work; none of those who say nothing.
    pub laboratories: Vec<(String, Option<i64>, Option<i64>)>,
    /// Supplies that are promised to nobody, by item and district.
    pub supplies: Vec<(String, String, i64)>,
}

const COUNTS: &str = "aside is null and coalesce(outcome, '') <> 'withdrawn'";

fn district(code: &str) -> String {
    code.chars().take(6).collect()
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

    /// By community: members of positive tubes who are not resolved, and areas under restriction.
    pub async fn unsettled_by_community(&mut self) -> Result<BTreeMap<String, (i64, i64)>, StoreError> {
        let mut all: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        let sql = "select substr(division, 1, 12), count(*) from items
            where worklist = 'recall' and closed_at is null group by 1 order by 1";
        for row in self.rows(sql, &[]).await? {
            all.entry(row.get(0)?).or_default().0 += row.get::<i64>(1)?;
        }
        let sql = "select substr(division, 1, 12), count(*) from zones where released_on is null group by 1 order by 1";
        for row in self.rows(sql, &[]).await? {
            all.entry(row.get(0)?).or_default().1 += row.get::<i64>(1)?;
        }
        Ok(all)
    }

    /// When samples were taken on which cases rest that were found since a moment, by district.
    pub async fn sampled_and_found(&mut self, since: Instant) -> Result<Vec<(String, Instant, Instant)>, StoreError> {
        let sql = format!(
            "select substr(division, 1, 6), sampled_at, found_at from cases where found_at >= $1 and {COUNTS}
             order by found_at"
        );
        let rows = self.rows_text(sql.into(), &[since.into()]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
    }

    /// Transfers of positives that were asked for since a moment, the latest first, so many at most.
    pub async fn moved_since(&mut self, since: Instant, rows_max: i64) -> Result<Vec<Moved>, StoreError> {
        let sql = "select substr(t.division, 1, 6), t.requested_at, t.picked_up_at, t.admitted_at, t.ended_at, t.state, f.kind
            from transfers t left join facilities f on f.facility = t.facility
            where t.requested_at >= $1 and t.class = 'positive' order by t.requested_at desc, t.id desc limit $2";
        let read = |row: &Record| {
            Ok(Moved {
                district: row.get(0)?,
                requested_at: row.get(1)?,
                picked_up_at: row.get(2)?,
                admitted_at: row.get(3)?,
                ended_at: row.get(4)?,
                state: row.term(5)?,
                kind: row.maybe_term(6)?,
            })
        };
        self.rows(sql, &[since.into(), rows_max.into()]).await?.iter().map(read).collect()
    }

    /// The last day on which tubes were taken, by district.
    pub async fn sampled_on(&mut self) -> Result<BTreeMap<String, CivilDate>, StoreError> {
        let sql = "select division, max(day) from movements
            where worklist = 'deliver' and movement = 'received' and n > 0 group by division";
        self.rows(sql, &[]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// What there is on a day that begins and ends at these moments.
    pub async fn means(&mut self, (from, to): (Instant, Instant)) -> Result<Means, StoreError> {
        let mut means = Means::default();
        // ward by ward only where something was said of phases: a place that nobody said anything of stands as a whole
        let sql = "select f.kind, f.division, f.opens_on, f.closes_on, count(*), f.facility,
                case when exists (select 1 from phases p where p.facility = f.facility) then b.room end as ward
            from facilities f join beds b on b.facility = f.facility
            where coalesce(b.state, 'free') <> 'blocked' group by f.facility, f.kind, f.division, f.opens_on, f.closes_on, ward
            order by f.facility, ward";
        let steps = self.phase_steps().await?;
        for row in self.rows(sql, &[]).await? {
            let division: String = row.get(1)?;
            let facility: String = row.get(5)?;
            means.beds.push(Beds {
                kind: row.term(0)?,
                district: district(&division),
                from: row.get(2)?,
                until: row.get(3)?,
                beds: row.get(4)?,
                ward: row.get(6)?,
                steps: steps.get(&facility).cloned().unwrap_or_default(),
            });
        }
        let sql =
            "select substr(division, 1, 6), count(*) from vehicles where out_of_service is null group by 1 order by 1";
        for row in self.rows(sql, &[]).await? {
            means.vehicles.push((row.get(0)?, row.get(1)?));
        }
        let sql = "select substr(v.division, 1, 6), count(*) from crews c join vehicles v on v.vehicle = c.vehicle
            where c.\"from\" >= $1 and c.\"from\" < $2 and v.out_of_service is null group by 1 order by 1";
        for row in self.rows(sql, &[from.into(), to.into()]).await? {
            means.crews.push((row.get(0)?, row.get(1)?));
        }
        let sql =
            "select coalesce(division, ''), tubes_a_day, opens_min, closes_min from laboratories where in_city <> 'no'
            order by laboratory";
        for row in self.rows(sql, &[]).await? {
            let division: String = row.get(0)?;
            let hours = row.get::<Option<i64>>(2)?.zip(row.get::<Option<i64>>(3)?);
            let hours = hours.map(|(opens, closes)| (closes - opens).max(0) / 60);
            means.laboratories.push((district(&division), row.get(1)?, hours));
        }
        let sql = "select item, substr(division, 1, 6), cast(sum(quantity - promised) as bigint) from supplies group by 1, 2 order by 1, 2";
        for row in self.rows(sql, &[]).await? {
            means.supplies.push((row.get(0)?, row.get(1)?, row.get(2)?));
        }
        Ok(means)
    }

    /// Keeps situations in place of those before, and forgets those of divisions that are not among them.
    pub async fn keep_situations(&mut self, rows: &[SituationRow]) -> Result<(), StoreError> {
        self.run("delete from situations", &[]).await?;
        let mut values: Vec<Value<'_>> = Vec::with_capacity(rows.len() * 5);
        for row in rows {
            values.extend([
                (&row.division).into(),
                row.day.into(),
                row.made_at.into(),
                (&row.basis).into(),
                (&row.body).into(),
            ]);
        }
        self.append("situations", &["division", "day", "made_at", "basis", "body"], &values).await
    }

    /// Situations within the scope of this handle, in order of division.
    pub async fn situations(&mut self) -> Result<Vec<SituationRow>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select division, day, made_at, basis, body from situations where division >= $1 and division < $2 order by division";
        self.rows(sql, &[low.into(), high.into()]).await?.iter().map(situation).collect()
    }

    /// The situation of a division, if it lies in the scope of this handle.
    pub async fn situation(&mut self, division: &str) -> Result<Option<SituationRow>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select division, day, made_at, basis, body from situations where division = $1 and division >= $2 and division < $3";
        let row = self.row(sql, &[division.into(), low.into(), high.into()]).await?;
        row.as_ref().map(situation).transpose()
    }

    /// Keeps where infections are found, in place of what was kept before.
    pub async fn keep_clearings(&mut self, rows: &[ClearingRow]) -> Result<(), StoreError> {
        self.run("delete from clearings", &[]).await?;
        let columns = [
            "division",
            "level",
            "found_7",
            "community_7",
            "found_14",
            "community_14",
            "last_found_on",
            "last_community_on",
            "clear_days",
            "clear_on",
            "state",
            "recalls",
            "areas",
            "day",
        ];
        let mut values: Vec<Value<'_>> = Vec::with_capacity(rows.len() * columns.len());
        for row in rows {
            values.extend([
                (&row.division).into(),
                row.level.name().into(),
                row.found[0].into(),
                row.community[0].into(),
                row.found[1].into(),
                row.community[1].into(),
                row.last_found_on.into(),
                row.last_community_on.into(),
                row.clear_days.into(),
                row.clear_on.into(),
                row.state.name().into(),
                row.recalls.into(),
                row.areas.into(),
                row.day.into(),
            ]);
        }
        self.append("clearings", &columns, &values).await
    }
}

fn situation(row: &Record) -> Result<SituationRow, StoreError> {
    Ok(SituationRow {
        division: row.term(0)?,
        day: row.get(1)?,
        made_at: row.get(2)?,
        basis: row.get(3)?,
        body: row.get(4)?,
    })
}
