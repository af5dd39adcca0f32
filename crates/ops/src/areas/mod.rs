//! Hold: areas. The smallest that the pack allows is drawn around a case that opens one (`engines::zoning`); a case that the pack exempts
//! opens none, and the reason is kept. The clock of clean days runs; the release is forecast, and takes place when the
//! rule is met.

mod aside;
pub(crate) mod beyond;
mod borders;
mod exits;
mod papers;
mod posts;
mod proposal;
mod redraw;

pub(crate) use aside::{resume, suspend};
pub use borders::neighbours;
pub use proposal::{Proposal, propose};
pub(crate) use redraw::Evidence;

use crate::{
    OpsError, agenda,
    minutes::{Close, Focus, Minutes, by_division},
};
use dayclear_core::{
    books::Worklist,
    measures::ZoneEnd,
    protocol::AreaClock,
    time::{CivilDate, Instant},
};
use dayclear_store::{
    Scoped,
    cases::Case,
    measures::{Order, Zone},
    roster::HouseholdNeeds,
};
use redraw::redraw;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Minutes after which all confined buildings are looked over again: what is owed there is due in hours.
const LOOKED_OVER_MIN: i64 = 1;

/// Opens, keeps and releases areas: all of them, or those that a focus touches.
pub async fn run(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    cases: &[Case],
    orders: &[&Order],
    focus: Option<&Focus>,
) -> Result<(), OpsError> {
    let day = minutes.day;
    if day.pack.area().is_none() {
        close_all(tx, minutes).await?;
        return afterwards(tx, minutes, focus).await;
    }
    let ids: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    let known = tx.area_decisions_of(&ids).await?;
    // an area whose last day has passed has ended, though nobody was there to end it: what is found today opens a fresh one
    let mut lapsed = tx.zones_over(day.today()).await?;
    release(tx, minutes, &mut lapsed, &HashMap::new()).await?;
    let mut undecided: Vec<Case> =
        cases.iter().filter(|case| case.stands() && !known.contains(&case.id)).cloned().collect();
    aside::wait(tx, minutes, &mut undecided).await?;
    let around: HashSet<&str> = undecided.iter().filter_map(|case| case.building.as_deref()).collect();
    let mut touched = HashSet::new();
    let mut zones = match focus {
        Some(focus) if !focus.day => {
            touched = tx.zones_around(&[focus.people.as_slice(), &focus.sampled].concat()).await?;
            of_these(tx, day.date, &around, &touched).await?
        }
        _ => tx.zones_since(day.date).await?,
    };
    let is_lapsed = |zone: &Zone| lapsed.iter().any(|over| over.id == zone.id);
    let taken: BTreeSet<String> = zones.iter().chain(&lapsed).map(|zone| zone.id.clone()).collect();
    zones.retain(|zone| !is_lapsed(zone));
    let looked_at =
        |zone: &Zone| zone.binds() && (focus.is_none_or(|focus| focus.day) || around.contains(zone.building.as_str()));
    let (mut standing, mut others): (Vec<Zone>, Vec<Zone>) = zones.drain(..).partition(looked_at);
    let ids: Vec<&str> = standing.iter().map(|zone| zone.id.as_str()).collect();
    let resting = tx.cases_resting_in(&ids).await?;
    let evidence = Evidence::of(tx, minutes, undecided, resting, orders).await?;
    let drawn = redraw(tx, minutes, &evidence, &mut standing, taken).await?;
    others.append(&mut standing);
    if let Some(focus) = focus {
        let households = households(tx, &drawn.fresh).await?;
        let households: Vec<&str> = households.iter().map(String::as_str).collect();
        agenda::enclosed(tx, &households).await?;
        touched.extend(drawn.touched.iter().cloned());
        others.retain(|zone| focus.day || touched.contains(&zone.id));
    }
    others.extend(drawn.fresh);
    release(tx, minutes, &mut others, &drawn.since).await?;
    afterwards(tx, minutes, focus).await
}

/// Looks over all confined buildings: thousands at the height of an outbreak, and so once in [`LOOKED_OVER_MIN`] while people work.
async fn look_over(tx: &mut Scoped, minutes: &mut Minutes<'_>, focus: Option<&Focus>) -> Result<(), OpsError> {
    let now = minutes.day.end;
    // a day that came as files was looked over as of its end
    let before = tx.swept_at().await?.filter(|at| *at <= now && focus.is_some_and(|focus| !focus.day));
    match before.map(|at| at.plus_minutes(LOOKED_OVER_MIN)) {
        Some(due_at) if now < due_at => Ok(tx.owe_sweep(due_at).await?),
        _ => {
            exits::run(tx, minutes).await?;
            posts::run(tx, minutes).await?;
            borders::run(tx, minutes).await?;
            Ok(tx.sweep_at(now).await?)
        }
    }
}

/// Areas in these buildings that stand or have ended since a day, and those named; in order of id.
async fn of_these(
    tx: &mut Scoped,
    since: CivilDate,
    buildings: &HashSet<&str>,
    named: &HashSet<String>,
) -> Result<Vec<Zone>, OpsError> {
    let mut zones: BTreeMap<String, Zone> = BTreeMap::new();
    let mut ended = tx.zones_released_since(since).await?;
    ended.retain(|zone| buildings.contains(zone.building.as_str()));
    let standing = tx.zones_standing_in(&buildings.iter().copied().collect::<Vec<_>>()).await?;
    let named = tx.zones_by_id(&named.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    zones.extend(ended.into_iter().chain(standing).chain(named).map(|zone| (zone.id.clone(), zone)));
    Ok(zones.into_values().collect())
}

/// What people are owed by areas as they stand now: free exits, and papers.
async fn afterwards(tx: &mut Scoped, minutes: &mut Minutes<'_>, focus: Option<&Focus>) -> Result<(), OpsError> {
    if Focus::is_over_all(focus) {
        beyond::around_nothing(tx, minutes).await?;
        look_over(tx, minutes, focus).await?;
    }
    papers::run(tx, minutes).await
}

/// Somebody was named for a building: what waited for that is over.
pub(crate) async fn named(tx: &mut Scoped, minutes: &mut Minutes<'_>) -> Result<(), OpsError> {
    posts::run(tx, minutes).await
}

/// Ids of the households in open areas.
pub(crate) async fn households(tx: &mut Scoped, zones: &[Zone]) -> Result<Vec<String>, OpsError> {
    let buildings: Vec<&str> = zones.iter().map(|zone| zone.building.as_str()).collect();
    let mut of_building: HashMap<&str, Vec<&Zone>> = HashMap::new();
    zones.iter().for_each(|zone| of_building.entry(&zone.building).or_default().push(zone));
    let enclosed = |home: &HouseholdNeeds| {
        let zones = of_building.get(home.building.as_str());
        zones.is_some_and(|zones| zones.iter().any(|zone| covers(zone, home)))
    };
    let homes = tx.households_of_buildings(&buildings).await?;
    Ok(homes.into_iter().filter(enclosed).map(|home| home.household).collect())
}

/// Whether an area that stands encloses a home.
pub(crate) fn covers(zone: &Zone, home: &HouseholdNeeds) -> bool {
    zone.released_on.is_none()
        && zone.building == home.building
        && (zone.unit.is_none() || zone.unit == home.unit)
        && zone.household.as_ref().is_none_or(|household| *household == home.household)
}

/// A case was withdrawn: an area that rests on it, and on no case that stands, ends today; one that rests on others too is drawn anew
/// around those.
pub(crate) async fn without_case(tx: &mut Scoped, minutes: &mut Minutes<'_>, case: &Case) -> Result<(), OpsError> {
    let day = minutes.day;
    beyond::without_evidence(tx, minutes, case).await?;
    let only = tx.zones_only_of(&case.id).await?;
    let mut zones = tx.zones_since(day.date).await?;
    let taken: BTreeSet<String> = zones.iter().map(|zone| zone.id.clone()).collect();
    zones.retain(|zone| zone.released_on.is_none() && case.building.as_ref() == Some(&zone.building));
    for zone in zones.iter_mut().filter(|zone| only.contains(&zone.id)) {
        // never before it was opened: a withdrawal does not make its days undone
        beyond::end(tx, minutes, zone, "every case that it rests on was withdrawn").await?;
    }
    zones.retain(Zone::binds);
    // the last area that rests on a case takes with it what was allowed around it
    beyond::around_nothing(tx, minutes).await?;
    if day.pack.area().is_some() && !zones.is_empty() {
        let ids: Vec<&str> = zones.iter().map(|zone| zone.id.as_str()).collect();
        let resting = tx.cases_resting_in(&ids).await?;
        let evidence = Evidence::of(tx, minutes, Vec::new(), resting, &[]).await?;
        let drawn = redraw(tx, minutes, &evidence, &mut zones, taken).await?;
        release(tx, minutes, &mut drawn.fresh.clone(), &drawn.since).await?;
    }
    Ok(())
}

/// The rules in force know no areas: every open one ends today.
async fn close_all(tx: &mut Scoped, minutes: &mut Minutes<'_>) -> Result<(), OpsError> {
    let day = minutes.day;
    for zone in tx.zones_since(day.date).await?.iter_mut().filter(|zone| zone.released_on.is_none()) {
        let last = day.date.min(zone.ends_on);
        (zone.released_on, zone.forecast_on) = (Some(last), last);
        zone.ended = Some(ZoneEnd::NoRule);
        tx.update_zone(zone).await?;
        let body = json!({"building": zone.building, "people": zone.people, "on": last, "rules": day.pack.label()});
        minutes.event(day.end, "zone.released", &zone.id, &zone.division, &body, Some("release"))?;
        let owner = by_division(&zone.division.district());
        minutes
            .waits(Worklist::Reopen, &zone.id, &zone.division, owner, day.zone.start_of(zone.opened_on), "")
            .done(day.end, "the rules in force know no areas");
    }
    Ok(())
}

fn forecast(minutes: &Minutes<'_>, opened: CivilDate, last: CivilDate, negative: &[CivilDate]) -> (CivilDate, bool) {
    let clock = AreaClock { opened, last_new_infection: last, today: minutes.day.today(), all_negative_on: negative };
    let decided = minutes.day.pack.area_release(&clock).value;
    (decided.forecast, decided.met)
}

/// Runs the clock of every open area: who was tested on which day, when it is released, and whether that is today.
async fn release(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    zones: &mut [Zone],
    since: &HashMap<String, Instant>,
) -> Result<(), OpsError> {
    let day = minutes.day;
    let today = day.today();
    let (mut seen, mut let_out) = (BTreeSet::new(), BTreeSet::new());
    for zone in zones.iter_mut().filter(|zone| seen.insert(zone.id.clone())) {
        let opened_at = since.get(&zone.id).copied().unwrap_or_else(|| day.zone.start_of(zone.opened_on));
        let mut how = "released";
        if zone.released_on.is_none() {
            let mut negative = Vec::new();
            let mut on = zone.last_new_on.plus_days(1);
            while on <= today {
                let (people, tested) = tx
                    .unit_tested(
                        &zone.building,
                        zone.unit.as_deref(),
                        zone.household.as_deref(),
                        (day.zone.start_of(on), day.zone.start_of(on.plus_days(1))),
                    )
                    .await?;
                if people > 0 && tested == people {
                    negative.push(on);
                }
                on = on.plus_days(1);
            }
            let (forecast_on, met) = forecast(minutes, zone.opened_on, zone.last_new_on, &negative);
            // R04: no area stands after the end of its last day
            let last = today.min(zone.ends_on);
            let lapsed = !met && today >= zone.ends_on;
            how = if lapsed { "its last day has passed" } else { "the rule of release is met" };
            let changed = forecast_on != zone.forecast_on || met || lapsed;
            zone.forecast_on = if met || lapsed { forecast_on.min(last) } else { forecast_on };
            if lapsed && zone.cases > 0 {
                // nobody extended it on fresh evidence, so it ends; that not all were tested is for a person
                minutes.waits(
                    Worklist::Review,
                    format!("area/{}", zone.id),
                    &zone.division,
                    by_division(&zone.division.district()),
                    day.end,
                    "the area has lapsed at its last day, and not everybody in it was tested negative",
                );
            }
            if met || lapsed {
                zone.released_on = Some(last);
                zone.ended = Some(if met { ZoneEnd::RuleMet } else { ZoneEnd::Lapsed });
                minutes.event(
                    day.end,
                    "zone.released",
                    &zone.id,
                    &zone.division,
                    &json!({"building": zone.building, "people": zone.people, "on": last, "lapsed": lapsed}),
                    Some("release"),
                )?;
            }
            if changed {
                tx.update_zone(zone).await?;
            }
            if zone.released_on.is_some() {
                let_out.insert(zone.building.clone());
            }
        }
        let item = minutes.waits(
            Worklist::Reopen,
            &zone.id,
            &zone.division,
            by_division(&zone.division.district()),
            opened_at,
            format!("released on {} if nothing new is found", zone.forecast_on),
        );
        item.due_at = Some(day.zone.start_of(zone.forecast_on.plus_days(1)));
        if zone.released_on.is_some() {
            item.done(day.end, how);
        }
    }
    aside::looked_at_again(tx, &let_out.iter().map(String::as_str).collect::<Vec<_>>()).await
}
