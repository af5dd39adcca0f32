//! Clusters of cases by community and day: the prospective space-time permutation scan (Kulldorff et al. 2005, PLoS Med 2: e59), when a
//! day begins or comes whole, over where people live who were found. It may use the store and the engine; it guarantees that each alarm is asked of one
//! district, that what was looked into is not asked again unless there are more cases, and that nothing follows for a person from it.

use crate::{
    OpsError,
    minutes::{BY_RULE, Minutes, by_division},
    obligations::{self, Given},
};
use dayclear_core::{
    divisions::DivisionCode,
    obligations::{ClusterRule, ObligationKind},
    reason::Decided,
    time::{DAY, Instant},
};
use dayclear_engines::tracing::clusters::{self, Cluster, DayCount, Position, Settings};
use dayclear_store::{Scoped, clusters::FoundThere};
use serde_json::json;
use std::collections::BTreeMap;

/// The longest cylinder and the widest circle.
const DAYS: u16 = 14;
const KM: f64 = 3.0;
/// Days behind it from which the scan knows what is usual.
const BACK_D: i64 = 30;
/// Fewest cases of a cluster.
const CASES_MIN: u32 = 3;
/// Above so many cases a wave is everywhere: the scan would only say what everybody sees, and take its seconds out of the day.
const CASES_MAX: i64 = 4_000;
/// Times that chance is asked.
const TIMES: u32 = 999;
/// From which chance on it is an alarm: once in a hundred days, where it is looked for daily.
pub(crate) const ALARM: f64 = 0.01;

/// How the scan of communities and that among key places ask chance; `today` is day 0.
pub(crate) fn settings() -> Settings {
    Settings {
        today: 0,
        days_max: DAYS,
        share_max: 0.5,
        radius_max: Some(KM),
        cases_min: CASES_MIN,
        replicates: TIMES,
        seed: 1,
        threads: 1,
        clusters_max: 10,
    }
}

/// Looks for clusters among the cases of the last days and asks the districts to look into them.
pub(crate) async fn run(tx: &mut Scoped, minutes: &mut Minutes<'_>) -> Result<(), OpsError> {
    let Some(rule) = minutes.day.pack.cluster() else { return Ok(()) };
    let end = minutes.day.end;
    let window = (Instant::from_micros(end.micros() - BACK_D * DAY), end);
    let there = tx.found_at_home(window, CASES_MAX + 1).await?;
    if there.len() < CASES_MIN as usize || there.len() as i64 > CASES_MAX {
        return Ok(());
    }
    let (codes, places, rows) = by_place(&there, end);
    let found = clusters::scan(&places, &rows, &settings()).map_err(|error| OpsError::Inside(error.to_string()))?;
    for cluster in found.clusters.iter().filter(|cluster| cluster.p.is_some_and(|p| p <= ALARM)) {
        ask(tx, minutes, &rule, cluster, &codes).await?;
    }
    Ok(())
}

/// Communities in the order of their codes, the middle of the homes of their cases, and how many were found on which of the days of 24
/// hours before the end; a community of which no home has a position is looked at alone.
fn by_place(there: &[FoundThere], end: Instant) -> (Vec<DivisionCode>, Vec<Option<Position>>, Vec<DayCount>) {
    let (mut codes, mut homes): (Vec<DivisionCode>, Vec<Vec<(f64, f64)>>) = (Vec::new(), Vec::new());
    let mut days: BTreeMap<(u32, i64), u32> = BTreeMap::new();
    for one in there {
        if codes.last() != Some(&one.division) {
            codes.push(one.division.clone());
            homes.push(Vec::new());
        }
        let day = -(end.micros() - one.found_at.micros()).div_euclid(DAY);
        *days.entry((codes.len() as u32 - 1, day)).or_default() += 1;
        homes.last_mut().into_iter().for_each(|homes| homes.extend(one.at));
    }
    let middle = |homes: &Vec<(f64, f64)>| {
        let mean = |of: fn(&(f64, f64)) -> f64| homes.iter().map(of).sum::<f64>() / homes.len() as f64;
        (!homes.is_empty()).then(|| Position::Globe { lat: mean(|home| home.1), lon: mean(|home| home.0) })
    };
    let rows = days.into_iter().map(|((place, day), count)| DayCount { place, day, count });
    (codes, homes.iter().map(middle).collect(), rows.collect())
}

/// One district is asked: the one in which the cluster has its centre.
async fn ask(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    rule: &Decided<ClusterRule>,
    cluster: &Cluster,
    codes: &[DivisionCode],
) -> Result<(), OpsError> {
    let day = minutes.day;
    let of = |place: &u32| codes.get(*place as usize);
    let Some(centre) = of(&cluster.centre) else { return Ok(()) };
    let places: Vec<&str> = cluster.places.iter().filter_map(of).map(DivisionCode::as_str).collect();
    let cases = i64::from(cluster.observed);
    let kind = ObligationKind::CommunityCluster;
    let before = tx.obligations_since(kind, &places, day.date.plus_days(-i64::from(DAYS))).await?;
    // it is being looked into, or was, and nobody more was found since
    if before.iter().any(|one| one.state.is_open() || one.size.is_some_and(|size| size >= cases)) {
        return Ok(());
    }
    let names = tx.division_names(&places).await?;
    let mut reason = rule.reason.clone().with("communities", places.join(" ")).with("found", cases);
    reason = reason.with("days", cluster.days).with("expected", format!("{:.2}", cluster.expected));
    if let Some(p) = cluster.p {
        reason = reason.with("chance", format!("{p:.3}"));
    }
    let given = Given {
        id: format!("scan-{centre}-{}", day.date),
        kind,
        division: centre.clone(),
        owner: by_division(&centre.district()),
        subject: Some(centre.to_string()),
        size: Some(cases),
        what: Some(names.join("、")),
        proof: None,
        due_at: None,
        by: BY_RULE.to_owned(),
        reason: json!([reason]),
    };
    obligations::give(tx, minutes, given, day.end).await?;
    Ok(())
}
