//! Hold: areas. The smallest that the pack allows is drawn around a case that opens one; a case that the pack exempts
//! opens none, and the reason is kept. The clock of clean days runs; the release is forecast, and takes place when the
//! rule is met.

use crate::{
    OpsError, agenda,
    minutes::{Close, Focus, Minutes, by_division},
};
use dayclear_core::{
    books::Worklist,
    divisions::DivisionCode,
    measures::ZoneUnit,
    protocol::{AreaClock, AreaFacts, ResetFacts},
    reason::Reason,
    roster::Known,
    time::{CivilDate, Instant},
};
use dayclear_store::{
    Scoped,
    cases::Case,
    measures::{Order, Zone},
    roster::{BuildingRow, HouseholdNeeds},
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A building, or a unit of it.
type Place = (String, Option<String>);

/// Opens, keeps and releases areas: all of them, or those that a focus touches.
pub async fn run(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    cases: &[Case],
    orders: &[&Order],
    focus: Option<&Focus>,
) -> Result<(), OpsError> {
    let day = minutes.day;
    let Some(rule) = day.pack.area() else { return close_all(tx, minutes).await };
    let ids: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    let known = tx.area_decisions_of(&ids).await?;
    // an area whose last day has passed has ended, though nobody was there to end it: what is found today opens a fresh one
    let over = |zone: &Zone| zone.released_on.is_none() && zone.ends_on < day.date;
    let (mut lapsed, mut zones): (Vec<Zone>, Vec<Zone>) = tx.zones_since(day.date).await?.into_iter().partition(over);
    release(tx, minutes, &mut lapsed, &HashMap::new()).await?;
    let mut opening: BTreeMap<Place, Vec<(&Case, Reason)>> = BTreeMap::new();
    let mut exempt = Vec::new();
    let mut orders_of: HashMap<&str, Vec<&Order>> = HashMap::new();
    orders.iter().for_each(|order| orders_of.entry(order.person.as_str()).or_default().push(order));
    // the smallest unit that the pack allows is a unit of a building wherever the roster knows the unit (R02)
    let whole_buildings = !rule.units.iter().any(|unit| *unit < ZoneUnit::Building);
    let undecided: Vec<&Case> = cases.iter().filter(|case| case.stands() && !known.contains(&case.id)).collect();
    let numbers: Vec<i64> = undecided.iter().map(|case| case.person_no).collect();
    let units: HashMap<i64, Option<String>> =
        tx.people_by_no(&numbers).await?.into_iter().map(|p| (p.no, p.unit.filter(|_| !whole_buildings))).collect();
    for case in undecided {
        let sampled = day.zone.day(case.sampled_at);
        let held = orders_of
            .get(case.person.as_str())
            .into_iter()
            .flatten()
            .find(|order| order.basis == "contact" && crate::cases::holds(order, sampled))
            .map(|order| order.kind);
        let facts = AreaFacts {
            held_at: held,
            // held at a site or at home since before the sample: spread outside would itself be a case found there
            spread_outside: if held.is_some() { Known::No } else { Known::Unknown },
            ct: case.ct,
            closed_loop: false,
            ..AreaFacts::new(case.origin)
        };
        let decided = day.pack.opens_area(&facts);
        match (&case.building, decided.value) {
            (Some(building), true) => {
                let unit = units.get(&case.person_no).cloned().flatten();
                opening.entry((building.clone(), unit)).or_default().push((case, decided.reason));
            }
            (None, true) => {
                minutes.waits(
                    Worklist::Clarify,
                    format!("address/{}", case.id),
                    &case.division,
                    by_division(&case.division),
                    case.found_at,
                    "the case opens an area, and nobody knows where they live",
                );
            }
            (_, false) => exempt.push((case.id.clone(), case.division.clone(), json!([decided.reason]).to_string())),
        }
    }
    tx.exempt(&exempt).await?;
    let names: BTreeSet<&str> = opening.keys().map(|(building, _)| building.as_str()).collect();
    let names: Vec<&str> = names.into_iter().collect();
    let buildings: HashMap<String, BuildingRow> =
        tx.buildings_by_id(&names).await?.into_iter().map(|b| (b.building.clone(), b)).collect();
    let mut fresh = Vec::new();
    let mut resting = Vec::new();
    let mut since: HashMap<String, Instant> = HashMap::new();
    for ((building, unit), found) in &opening {
        let Some(row) = buildings.get(building) else { continue };
        let last = found.iter().map(|(case, _)| day.zone.day(case.sampled_at)).max().unwrap_or(day.date);
        let reasons: Vec<_> = found.iter().map(|(case, reason)| reason.clone().with("case", &case.id)).collect();
        if let Some(zone) = zones.iter_mut().find(|z| covers(z, building, unit.as_deref())) {
            let resets = found.iter().any(|(case, _)| {
                let facts = ResetFacts {
                    household_or_contact: orders_of.contains_key(case.person.as_str()),
                    strictly_isolated: Known::Unknown,
                    community_spread: Known::Unknown,
                };
                day.pack.resets_clock(&facts).value
            });
            if resets {
                zone.last_new_on = zone.last_new_on.max(last);
                zone.ends_on = zone.ends_on.max(forecast(minutes, zone.opened_on, zone.last_new_on, &[]).0);
            }
            zone.cases += found.len() as i64;
            resting.extend(rests(found, zone));
            tx.update_zone(zone).await?;
            minutes.event(
                day.end,
                "zone.extended",
                &zone.id,
                &zone.division,
                &json!({"cases": zone.cases, "last_new_on": zone.last_new_on, "reason": reasons}),
                Some("zone"),
            )?;
            continue;
        }
        let people = tx.people_of_unit(building, unit.as_deref()).await?;
        let kind = if unit.is_some() { ZoneUnit::Unit } else { ZoneUnit::Building };
        let zone = Zone {
            id: format!("Z-{}-{building}{}", day.date, unit.as_deref().map(|u| format!("-{u}")).unwrap_or_default()),
            building: building.clone(),
            unit: unit.clone(),
            division: row.division.clone(),
            level: rule.level,
            opened_on: day.date,
            last_new_on: last,
            forecast_on: forecast(minutes, day.date, last, &[]).0,
            ends_on: forecast(minutes, day.date, last, &[]).0,
            released_on: None,
            people,
            cases: found.len() as i64,
            reason: serde_json::to_string(&reasons).unwrap_or_default(),
        };
        minutes.event(
            day.end,
            "zone.opened",
            &zone.id,
            &zone.division,
            &json!({"building": building, "unit": unit, "kind": kind, "level": zone.level, "people": zone.people,
                    "forecast": zone.forecast_on, "legal_basis": day.settings.legal_basis, "body": day.settings.body,
                    "reason": reasons}),
            Some("zone"),
        )?;
        if row.exits_checked_at.is_none_or(|at| day.end.minutes_since(at) > 24 * 60) {
            // R10: a confined building needs a dated check of its exits, at most 24 hours old
            let item = minutes.waits(
                Worklist::Clarify,
                format!("exits/{building}"),
                &row.division,
                by_division(&row.division),
                day.end,
                "exits, stairs and gates not checked within 24 hours: tell the fire service",
            );
            item.due_at = Some(day.end.plus_hours(2));
        }
        since.extend(found.iter().map(|(case, _)| case.found_at).min().map(|at| (zone.id.clone(), at)));
        resting.extend(rests(found, &zone));
        fresh.push(zone);
    }
    tx.rest_on(&resting).await?;
    tx.open_zones(&fresh).await?;
    if let Some(focus) = focus {
        let households = households(tx, &fresh).await?;
        let households: Vec<&str> = households.iter().map(String::as_str).collect();
        agenda::enclosed(tx, &households).await?;
        let mut touched = tx.zones_around(&[focus.people.as_slice(), &focus.sampled].concat()).await?;
        touched.extend(resting.into_iter().map(|(_, zone, ..)| zone));
        zones.retain(|zone| focus.day || touched.contains(&zone.id));
    }
    zones.extend(fresh);
    release(tx, minutes, &mut zones, &since).await?;
    Ok(())
}

/// Ids of the households in open areas.
pub(crate) async fn households(tx: &mut Scoped, zones: &[Zone]) -> Result<Vec<String>, OpsError> {
    let buildings: Vec<&str> = zones.iter().map(|zone| zone.building.as_str()).collect();
    let mut of_building: HashMap<&str, Vec<&Zone>> = HashMap::new();
    zones.iter().for_each(|zone| of_building.entry(&zone.building).or_default().push(zone));
    let enclosed = |home: &HouseholdNeeds| {
        let zones = of_building.get(home.building.as_str());
        zones.is_some_and(|zones| zones.iter().any(|zone| covers(zone, &home.building, home.unit.as_deref())))
    };
    let homes = tx.households_of_buildings(&buildings).await?;
    Ok(homes.into_iter().filter(enclosed).map(|home| home.household).collect())
}

/// Whether an open area already encloses a unit of a building.
fn covers(zone: &Zone, building: &str, unit: Option<&str>) -> bool {
    zone.released_on.is_none() && zone.building == building && (zone.unit.is_none() || zone.unit.as_deref() == unit)
}

/// One row a case: which area it rests in, and why.
fn rests(found: &[(&Case, Reason)], zone: &Zone) -> Vec<(String, String, DivisionCode, String)> {
    let row = |(case, reason): &(&Case, Reason)| {
        (case.id.clone(), zone.id.clone(), zone.division.clone(), json!([reason]).to_string())
    };
    found.iter().map(row).collect()
}

/// A case was withdrawn: an area that rests on it, and on no case that stands, ends today.
pub(crate) async fn without_case(tx: &mut Scoped, minutes: &mut Minutes<'_>, case: &Case) -> Result<(), OpsError> {
    let day = minutes.day;
    let only = tx.zones_only_of(&case.id).await?;
    for zone in tx.zones_since(day.date).await?.iter_mut().filter(|zone| only.contains(&zone.id)) {
        // never before it was opened: a withdrawal does not make its days undone
        let last = day.date.min(zone.ends_on).max(zone.opened_on);
        zone.last_new_on = zone.last_new_on.min(last);
        (zone.released_on, zone.forecast_on) = (Some(last), last);
        tx.update_zone(zone).await?;
        let body = json!({"building": zone.building, "people": zone.people, "on": last, "withdrawn": case.id});
        minutes.event(day.end, "zone.released", &zone.id, &zone.division, &body, Some("release"))?;
        let owner = by_division(&zone.division.district());
        minutes
            .waits(Worklist::Reopen, &zone.id, &zone.division, owner, day.zone.start_of(zone.opened_on), "")
            .done(day.end, "every case that it rests on was withdrawn");
    }
    Ok(())
}

/// The rules in force know no areas: every open one ends today.
async fn close_all(tx: &mut Scoped, minutes: &mut Minutes<'_>) -> Result<(), OpsError> {
    let day = minutes.day;
    for zone in tx.zones_since(day.date).await?.iter_mut().filter(|zone| zone.released_on.is_none()) {
        let last = day.date.min(zone.ends_on);
        (zone.released_on, zone.forecast_on) = (Some(last), last);
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
    let clock = AreaClock { opened, last_new_infection: last, today: minutes.day.date, all_negative_on: negative };
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
    let mut seen = BTreeSet::new();
    for zone in zones.iter_mut().filter(|zone| seen.insert(zone.id.clone())) {
        let opened_at = since.get(&zone.id).copied().unwrap_or_else(|| day.zone.start_of(zone.opened_on));
        let mut how = "released";
        if zone.released_on.is_none() {
            let mut negative = Vec::new();
            let mut on = zone.last_new_on.plus_days(1);
            while on <= day.date {
                let (people, tested) = tx
                    .unit_tested(
                        &zone.building,
                        zone.unit.as_deref(),
                        day.zone.start_of(on),
                        day.zone.start_of(on.plus_days(1)),
                    )
                    .await?;
                if people > 0 && tested == people {
                    negative.push(on);
                }
                on = on.plus_days(1);
            }
            let (forecast_on, met) = forecast(minutes, zone.opened_on, zone.last_new_on, &negative);
            // R04: no area stands after the end of its last day
            let last = day.date.min(zone.ends_on);
            let lapsed = !met && day.date >= zone.ends_on;
            how = if lapsed { "its last day has passed" } else { "the rule of release is met" };
            let changed = forecast_on != zone.forecast_on || met || lapsed;
            zone.forecast_on = if met || lapsed { forecast_on.min(last) } else { forecast_on };
            if lapsed {
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
    Ok(())
}
