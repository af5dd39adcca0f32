//! Where the outbreak stands, worked out from the store beside the line: cases are counted by the day on which they were found,
//! and what follows is kept with its time, so that a page costs the same however many cases there are. It may use the store
//! and the analytics. It guarantees that the same store gives the same situation, that it binds nobody, that nothing is
//! extrapolated from a day that is not over, and that what cannot be said is a gap with its reason.

mod ahead;
mod clearing;
mod delays;
mod needed;
mod now;
mod spread;

use crate::{
    OpsError,
    day::pack_for,
    free,
    line::open_day,
    minutes::{Day, Settings},
    needs::Needs,
};
use dayclear_core::{
    divisions::{DivisionCode, Level},
    protocol::Packs,
    situation::{Ahead, Found, Gap, Situation, Told, Unit},
    time::{CivilDate, Instant, Zone},
};
use dayclear_engines::epi::{EpiError, Serial};
use dayclear_store::{
    Scope, Scoped, Store,
    situation::{Counted, FoundIn, Lag, Means, Moved, Series, SituationRow},
};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

pub use spread::{PlaceDays, SPREAD_DAYS, Spread, spread};

/// Days that are counted.
const HISTORY_DAYS: i64 = 120;
/// Days that are counted again at each look; on the first look of a day all are, because any case may have been withdrawn.
const RECOUNTED_DAYS: i64 = 3;
/// Days that are counted in one transaction.
const AT_ONCE: usize = 10;
/// Days of which delays tell.
const DELAY_DAYS: i64 = 7;
/// Days of which transfers are read, for stays that go on.
const STAY_DAYS: i64 = 30;
/// Transfers that are read at most, the latest ones.
const MOVED_MAX: i64 = 200_000;
/// A unit without a tube for longer than this tells nothing.
const SILENT_DAYS: i64 = 7;
/// Largest lag of a serial interval.
const SERIAL_DAYS: usize = 120;

/// What a look did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looked {
    /// Days that were counted.
    pub days: usize,
    /// Units whose situation was worked out.
    pub units: usize,
    /// Of them those of which whole days had told before: that part was kept.
    pub kept: usize,
}

/// The serial interval of the rules in force: mean and standard deviation in days, its weights, and the clause.
struct Interval {
    moments: [f64; 2],
    serial: Serial,
    clause: String,
}

/// What the situation is worked out from: read in one transaction, so that it is of one moment.
struct Given {
    city: DivisionCode,
    /// The city and its districts.
    units: Vec<(DivisionCode, Level)>,
    /// First day that is counted, last whole day, and the one that runs.
    first: CivilDate,
    day: CivilDate,
    today: CivilDate,
    now: Instant,
    zone: Zone,
    pack: String,
    interval: Option<Interval>,
    /// Days without a new infection after which the rules call a place clear.
    clear_days: Option<i64>,
    series: Series,
    lags: Vec<Lag>,
    found_in: Vec<FoundIn>,
    unsettled: BTreeMap<String, (i64, i64)>,
    sampled_on: BTreeMap<String, CivilDate>,
    sampled: Vec<(String, Instant, Instant)>,
    moved: Vec<Moved>,
    means: Means,
    before: BTreeMap<String, SituationRow>,
    needs: Needs,
}

/// What a situation was worked out into.
struct Worked {
    rows: Vec<SituationRow>,
    clearings: Vec<dayclear_store::situation::ClearingRow>,
    kept: usize,
}

/// Works the situation out where that was not done for so many minutes; `None`: it was, or nothing was ever found. `scope` is
/// the whole city.
#[allow(clippy::too_many_arguments)] // what every look of the line is given, and what this one needs beside it
pub async fn look(
    store: &Store,
    packs: &Packs,
    settings: &Settings,
    needs: &Needs,
    pack: &str,
    scope: &Scope,
    now: Instant,
    every_min: i64,
) -> Result<Option<Looked>, OpsError> {
    let zone = &settings.zone;
    let mut tx = store.look(scope).await?;
    let counted = tx.counted().await?;
    if counted.is_some_and(|counted| (0..every_min).contains(&now.minutes_since(counted.at))) {
        return Ok(None);
    }
    let Some(first_found) = tx.first_found().await? else { return Ok(None) };
    drop(tx);
    let today = zone.day(now);
    let first = zone.day(first_found).max(today.plus_days(-HISTORY_DAYS)).min(today);
    let whole = counted.is_none_or(|counted| counted.whole_on != today || counted.first != first);
    let from = if whole { first } else { today.plus_days(1 - RECOUNTED_DAYS).max(first) };
    let days = count(store, scope, zone, (from, today), Counted { at: now, whole_on: today, first }).await?;
    let mut tx = store.look(scope).await?;
    let (label, interval, clear_days) = match pack_for(packs, pack, today) {
        Ok(pack) => (pack.label(), interval(pack)?, pack.area_days().map(|days| days.value)),
        // a day without rules has no serial interval, and that is what is told
        Err(OpsError::NoPack { .. }) => (String::new(), None, None),
        Err(error) => return Err(error),
    };
    let given = read(&mut tx, (first, today), now, zone, needs).await?;
    drop(tx);
    let given = Given { pack: label, interval, clear_days, ..given };
    let working = tokio::task::spawn_blocking(move || work(&given));
    let worked = working.await.map_err(|error| OpsError::Inside(error.to_string()))??;
    let looked = Looked { days, units: worked.rows.len(), kept: worked.kept };
    let mut tx = store.turn(scope).await?;
    tx.keep_situations(&worked.rows).await?;
    tx.keep_clearings(&worked.clearings).await?;
    if let Ok(pack) = pack_for(packs, pack, today) {
        let (date, closed) = open_day(&mut tx, now, zone).await?;
        free::look(&mut tx, &Day::at(date, closed, now, pack, settings)).await?;
    }
    tx.commit().await?;
    Ok(Some(looked))
}

/// The situation of a division as it was worked out last, within the scope of the handle; and when that was.
pub async fn of(tx: &mut Scoped, division: &str) -> Result<Option<(Situation, Instant)>, OpsError> {
    let Some(row) = tx.situation(division).await? else { return Ok(None) };
    // one that another version of the program kept is worked out anew by the next look
    Ok(serde_json::from_str(&row.body).ok().map(|situation| (situation, row.made_at)))
}

/// Every situation within the scope of the handle, in order of division, with when it was worked out.
pub async fn all(tx: &mut Scoped) -> Result<Vec<(Situation, Instant)>, OpsError> {
    let rows = tx.situations().await?;
    let read = |row: SituationRow| serde_json::from_str(&row.body).ok().map(|told| (told, row.made_at));
    Ok(rows.into_iter().filter_map(read).collect())
}

async fn count(
    store: &Store,
    scope: &Scope,
    zone: &Zone,
    (from, to): (CivilDate, CivilDate),
    counted: Counted,
) -> Result<usize, OpsError> {
    let all: Vec<CivilDate> = (0..=to.days_since(from)).map(|n| from.plus_days(n)).collect();
    for some in all.chunks(AT_ONCE) {
        let mut tx = store.look(scope).await?;
        let mut days = Vec::with_capacity(some.len());
        for day in some {
            days.push(tx.found_on(*day, |day| zone.start_of(day)).await?);
        }
        drop(tx);
        let mut tx = store.turn(scope).await?;
        tx.keep_found(&days, counted).await?;
        tx.commit().await?;
    }
    Ok(all.len())
}

fn interval(pack: &dayclear_core::protocol::Pack) -> Result<Option<Interval>, OpsError> {
    let Some(decided) = pack.serial_interval() else { return Ok(None) };
    let (mean, sd) = decided.value;
    let serial = Serial::from_moments(mean, sd, SERIAL_DAYS).map_err(|error| OpsError::Inside(error.to_string()))?;
    Ok(Some(Interval { moments: [mean, sd], serial, clause: decided.reason.to_string() }))
}

async fn read(
    tx: &mut Scoped,
    (first, today): (CivilDate, CivilDate),
    now: Instant,
    zone: &Zone,
    needs: &Needs,
) -> Result<Given, OpsError> {
    let day = today.plus_days(-1);
    let units = tx.divisions(&[Level::City, Level::District]).await?;
    let city = tx.scope().division().clone();
    let since = zone.start_of(today.plus_days(1 - DELAY_DAYS));
    Ok(Given {
        units: units.into_iter().map(|unit| (unit.code, unit.level)).collect(),
        first,
        day,
        today,
        now,
        zone: zone.clone(),
        pack: String::new(),
        interval: None,
        clear_days: None,
        series: tx.found_series().await?,
        lags: tx.found_lags(first).await?,
        found_in: tx.found_in([day.plus_days(-6), day.plus_days(-13)], day).await?,
        unsettled: tx.unsettled_by_community().await?,
        sampled_on: tx.sampled_on().await?,
        sampled: tx.sampled_and_found(since).await?,
        moved: tx.moved_since(zone.start_of(today.plus_days(-STAY_DAYS)), MOVED_MAX).await?,
        means: tx.means((zone.start_of(today), zone.start_of(today.plus_days(1)))).await?,
        before: tx.situations().await?.into_iter().map(|row| (row.division.to_string(), row)).collect(),
        needs: needs.clone(),
        city,
    })
}

/// A unit with its curve.
pub(crate) struct Curve {
    division: DivisionCode,
    level: Level,
    /// By day, from the first to the last whole one.
    found: Vec<Found>,
    /// Of the day that runs.
    today: Found,
}

impl Curve {
    /// Infections by day, as the analytics takes them.
    fn totals(&self) -> Vec<f64> {
        self.found.iter().map(|found| found.all() as f64).collect()
    }
    /// The last day on which one was found in the community.
    fn last_community(&self, given: &Given) -> Option<CivilDate> {
        if self.today.community > 0 {
            return Some(given.today);
        }
        let at = self.found.iter().rposition(|found| found.community > 0)?;
        Some(given.first.plus_days(at as i64))
    }
    fn last(&self, days: usize, before: usize) -> Found {
        let end = self.found.len().saturating_sub(before);
        self.found[end.saturating_sub(days)..end].iter().copied().sum()
    }
}

/// Why there is no figure.
fn gap(error: &EpiError) -> Gap {
    match error {
        EpiError::NoCases { .. } | EpiError::OneCase { .. } => Gap::NoCases,
        EpiError::Short { .. } | EpiError::Truncation { .. } => Gap::TooShort,
        EpiError::Few { .. } | EpiError::Unseen(_) => Gap::TooFew,
        _ => Gap::Refused,
    }
}

fn told<T>(made: Result<T, EpiError>) -> Told<T> {
    match made {
        Ok(value) => Told::Known(value),
        Err(error) => Told::Missing(gap(&error)),
    }
}

fn curve(given: &Given, division: &DivisionCode, level: Level) -> Curve {
    let days = given.day.days_since(given.first) + 1;
    let mut found = vec![Found::default(); days.max(0) as usize];
    let mut today = Found::default();
    for (_, series) in given.series.iter().filter(|(code, _)| code.starts_with(division.as_str())) {
        for ((day, held), n) in series {
            let at = day.days_since(given.first);
            let n = (*n).max(0) as u64;
            let slot = match usize::try_from(at).ok().and_then(|at| found.get_mut(at)) {
                Some(slot) => slot,
                None if *day == given.today => &mut today,
                None => continue,
            };
            match held {
                true => slot.held += n,
                false => slot.community += n,
            }
        }
    }
    Curve { division: division.clone(), level, found, today }
}

fn work(given: &Given) -> Result<Worked, OpsError> {
    let mut units = given.units.clone();
    if !units.iter().any(|(code, _)| *code == given.city) {
        units.insert(0, (given.city.clone(), Level::City));
    }
    let curves: Vec<Curve> = units.iter().map(|(code, level)| curve(given, code, *level)).collect();
    let parts: Vec<&Curve> = curves.iter().filter(|curve| curve.level != Level::City).collect();
    let pooled = ahead::pooled(given, &parts);
    let (mut rows, mut kept, mut told) = (Vec::new(), 0, Vec::new());
    for curve in &curves {
        let basis = basis(given, curve)?;
        let before = given.before.get(curve.division.as_str()).filter(|row| row.basis == basis);
        let before = before.and_then(|row| serde_json::from_str::<Situation>(&row.body).ok());
        kept += usize::from(before.is_some());
        let ahead = match before {
            Some(before) => before.ahead,
            None => ahead::ahead(given, curve, pooled.get(curve.division.as_str())),
        };
        told.push((curve, ahead, basis));
    }
    let lines: Vec<Unit> =
        told.iter().filter(|(curve, ..)| curve.level != Level::City).map(|(c, a, _)| unit(given, c, a)).collect();
    for (curve, ahead, basis) in told {
        let within = |unit: &&Unit| curve.division != unit.division && curve.division.contains(&unit.division);
        let situation = Situation {
            division: curve.division.clone(),
            level: curve.level,
            first: given.first,
            day: given.day,
            sampled_on: sampled_on(given, &curve.division),
            pack: given.pack.clone(),
            serial: given.interval.as_ref().map(|interval| (interval.moments, interval.clause.clone())),
            today: curve.today,
            last_community_on: curve.last_community(given),
            sampled: now::by_sample(given, curve),
            onsets: now::by_onset(given, curve),
            delays: delays::delays(given, curve),
            units: lines.iter().filter(within).cloned().collect(),
            found: curve.found.clone(),
            ahead,
        };
        let body = serde_json::to_string(&situation).map_err(|error| OpsError::Inside(error.to_string()))?;
        let division = curve.division.clone();
        rows.push(SituationRow { division, day: given.day, made_at: given.now, basis, body });
    }
    Ok(Worked { rows, clearings: clearing::clearings(given, &units), kept })
}

fn sampled_on(given: &Given, division: &DivisionCode) -> Option<CivilDate> {
    given.sampled_on.iter().filter(|(code, _)| code.starts_with(division.as_str())).map(|(_, day)| *day).max()
}

/// Digest of what the slow part rests on: two that are the same give the same.
fn basis(given: &Given, curve: &Curve) -> Result<String, OpsError> {
    // units borrow from each other, so a district rests on the curves of all
    let whole = |day: &CivilDate| *day <= given.day;
    let told = |((day, held), n): (&(CivilDate, bool), &i64)| whole(day).then(|| (day.to_string(), *held, *n));
    let series: Vec<(&String, Vec<_>)> =
        given.series.iter().map(|(code, days)| (code, days.iter().filter_map(told).collect())).collect();
    let interval = given.interval.as_ref().map(|interval| interval.moments);
    // of what there is only what a need asks for: supplies change all day
    let have = needed::had(given, curve);
    let told = (curve.division.as_str(), given.first.to_string(), given.day.to_string(), series, interval);
    let text = serde_json::to_string(&(told, &given.needs.text, have, env!("CARGO_PKG_VERSION")))
        .map_err(|error| OpsError::Inside(error.to_string()))?;
    Ok(Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect())
}

fn unit(given: &Given, curve: &Curve, ahead: &Ahead) -> Unit {
    let sampled = sampled_on(given, &curve.division);
    let silent = sampled.is_none_or(|day| given.today.days_since(day) > SILENT_DAYS);
    let fortnight = curve.last(14, 0).all() + curve.today.all();
    Unit {
        division: curve.division.clone(),
        yesterday: curve.last(1, 0),
        week: curve.last(7, 0),
        week_before: curve.last(7, 7),
        last_community_on: curve.last_community(given),
        reproduction: match &ahead.reproduction {
            Told::Known(reproduction) => Told::Known(reproduction.now),
            Told::Missing(gap) => Told::Missing(*gap),
        },
        next_week: match &ahead.fan {
            Told::Known(fan) => Told::Known(fan.week),
            Told::Missing(gap) => Told::Missing(*gap),
        },
        known: !silent || fortnight > 0,
    }
}
