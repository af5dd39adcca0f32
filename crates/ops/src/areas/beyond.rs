//! Areas beyond the rule, in place or in time: what it would take, what the rules allow at most, and what becomes of it. It may use the
//! pack, the roster and the books; it guarantees that nothing goes beyond the rule without a case as evidence that is fresh, a clause, an
//! end and the number of further people, and that what was allowed ends with what it was allowed around.

use super::{aside::looked_at_again, households, redraw, release};
use crate::{
    OpsError, agenda,
    minutes::{Close, Minutes, by_division},
};
use dayclear_core::{
    books::Worklist,
    divisions::DivisionCode,
    measures::{ExtensionKind, ExtensionState, ZoneEnd, ZoneUnit},
    protocol::AreaClock,
    reason::Reason,
    time::CivilDate,
};
use dayclear_engines::zoning::{Enclosed, Residents};
use dayclear_store::{Scoped, areas::Resting, cases::Case, extensions::Extension, measures::Zone};
use serde_json::json;
use std::collections::{BTreeSet, HashMap};

/// Why a question beyond the rule is refused.
pub(crate) enum Against {
    /// It goes beyond what the rules allow at all: which rule of the safeguards, and what the pack says.
    Rule(&'static str, String),
    /// Something is not as the question needs it; what to do.
    State(String, &'static str),
}

/// What is suspended for an appeal becomes neither wider nor longer before that is decided.
fn heard(zone: &Zone) -> Result<(), Against> {
    match &zone.aside {
        None => Ok(()),
        Some(appeal) => Err(Against::State(format!("suspended for {appeal}"), "that is decided first, within a day")),
    }
}

/// Further buildings around an area, and how many people they would bind in addition.
pub(crate) struct Wider {
    pub buildings: Vec<String>,
    pub extra: i64,
}

/// The compound around an area, as far as it is not enclosed yet; a building in which an area is suspended for an appeal stays out of it.
/// Where nobody knows the compound, nothing is wider.
pub(crate) async fn wider(tx: &mut Scoped, zone: &Zone) -> Result<Wider, OpsError> {
    let Some(home) = tx.buildings_by_id(&[&zone.building]).await?.into_iter().next() else {
        return Ok(Wider { buildings: Vec::new(), extra: 0 });
    };
    let mut buildings = match &home.compound {
        Some(compound) => tx.buildings_of_compound(&home.division, compound).await?,
        None => vec![zone.building.clone()],
    };
    let names: Vec<&str> = buildings.iter().map(String::as_str).collect();
    let mut residents = Residents::default();
    for (building, unit, people) in tx.people_by_unit(&names).await? {
        let units = &mut residents.buildings.entry(building).or_default().units;
        *units.entry(unit).or_default() += u32::try_from(people).unwrap_or(u32::MAX);
    }
    let standing = tx.zones_standing_in(&names).await?;
    let households: Vec<&str> = standing.iter().filter_map(|zone| zone.household.as_deref()).collect();
    residents.households = redraw::people_of(tx, &households).await?;
    let whole: BTreeSet<&str> = standing
        .iter()
        .filter(|zone| redraw::place(zone).kind() == ZoneUnit::Building || zone.aside.is_some())
        .map(|zone| zone.building.as_str())
        .collect();
    buildings.retain(|building| !whole.contains(building.as_str()));
    let further = |building: &String| {
        let bound = standing.iter().filter(|zone| zone.building == *building);
        let bound: i64 = bound.map(|zone| i64::from(residents.people(&redraw::place(zone)))).sum();
        i64::from(residents.people(&Enclosed::building(building.as_str()))) - bound
    };
    buildings.retain(|building| further(building) > 0);
    let extra = buildings.iter().map(further).sum();
    Ok(Wider { buildings, extra })
}

/// The clause that allows it, or why none does: at most as long as the rule gives an area that is opened today.
pub(crate) fn clause(
    minutes: &Minutes<'_>,
    zone: &Zone,
    kind: ExtensionKind,
    until: CivilDate,
) -> Result<Reason, Against> {
    heard(zone)?;
    let day = minutes.day;
    let unit = redraw::place(zone).kind();
    let reason = match kind {
        ExtensionKind::Wider => match day.pack.area_wider(unit) {
            Some(decided) => decided.reason.with("wider", decided.value),
            None => return Err(Against::Rule("N4", format!("{} knows no area wider than a {unit}", day.pack.label()))),
        },
        ExtensionKind::Longer => day.pack.area_release_clause(),
    };
    let clock = AreaClock { opened: day.date, last_new_infection: day.date, today: day.date, all_negative_on: &[] };
    let latest = day.pack.area_release(&clock).value.forecast;
    if until > latest {
        return Err(Against::Rule("N3", format!("no area lasts beyond {latest}, as one that is opened today")));
    }
    if until < day.date || (kind == ExtensionKind::Longer && until <= zone.ends_on) {
        return Err(Against::State(format!("until {} already", zone.ends_on), "name a later day"));
    }
    Ok(reason.with("until", until))
}

/// Whether a case is evidence for going beyond the rule: it stands and lives in the compound; to make the area wider it rests in it, to
/// make it longer it was found since the area was opened and nothing rests on it yet.
pub(crate) async fn evidence(
    tx: &mut Scoped,
    minutes: &Minutes<'_>,
    zone: &Zone,
    kind: ExtensionKind,
    case: Option<&Case>,
) -> Result<Result<(), Against>, OpsError> {
    let none = |what: &str| Ok(Err(Against::Rule("R04", what.to_owned())));
    let Some(case) = case.filter(|case| !case.is_withdrawn()) else {
        return none("there is no such case that stands");
    };
    let resting: Vec<Resting> = tx.cases_resting_in(&[&zone.id]).await?;
    let rests = resting.iter().any(|row| row.case.id == case.id);
    match kind {
        ExtensionKind::Wider if !rests => none("the area does not rest on this case"),
        ExtensionKind::Wider => Ok(Ok(())),
        ExtensionKind::Longer => {
            let home = tx.buildings_by_id(&[&zone.building]).await?.into_iter().next();
            let near = match home.as_ref().and_then(|home| home.compound.as_ref().map(|name| (&home.division, name))) {
                Some((division, compound)) => tx.buildings_of_compound(division, compound).await?,
                None => vec![zone.building.clone()],
            };
            let used = tx.extensions_on(&[&case.id]).await?;
            let used = used.iter().any(|one| one.zone == zone.id && one.state == ExtensionState::Approved);
            if !case.building.as_ref().is_some_and(|building| near.contains(building)) {
                none("the case does not live in the compound of the area")
            } else if rests || used {
                none("the area rests on this case already: it is no fresh evidence")
            } else if minutes.day.zone.day(case.sampled_at) < zone.opened_on {
                none("the case was found before the area was opened")
            } else {
                Ok(Ok(()))
            }
        }
    }
}

/// Somebody tried to go beyond what the rules allow: it is refused, and the next level is told (R07).
pub(crate) fn told(
    minutes: &mut Minutes<'_>,
    city: &DivisionCode,
    zone: &Zone,
    account: &str,
    rule: &str,
    what: &str,
) -> Result<(), OpsError> {
    let at = minutes.day.end;
    let body = json!({"area": zone.id, "rule": rule, "what": what, "by": account});
    minutes.event(at, "extension.forbidden", &zone.id, &zone.division, &body, Some("review"))?;
    let subject = format!("beyond/{}/{account}", zone.id);
    let reason = format!("{account} asked to go beyond the rule with {} ({rule}: {what}); ask them why", zone.id);
    minutes.waits(Worklist::Review, subject, city, by_division(city), at, reason);
    Ok(())
}

/// Opens the further buildings of an extension that was allowed.
pub(crate) async fn enclose(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    extension: &Extension,
    buildings: &[String],
    reason: &Reason,
) -> Result<(), OpsError> {
    let day = minutes.day;
    let Some(rule) = day.pack.area() else { return Ok(()) };
    let names: Vec<&str> = buildings.iter().map(String::as_str).collect();
    let mut people: HashMap<String, i64> = HashMap::new();
    for (building, _, count) in tx.people_by_unit(&names).await? {
        *people.entry(building).or_default() += count;
    }
    let reasons = vec![reason.clone().with("extension", &extension.id).with("evidence", &extension.evidence)];
    let mut fresh = Vec::new();
    for building in tx.buildings_by_id(&names).await? {
        let zone = Zone {
            id: format!("{}-{}", extension.id.replace('/', "-"), building.building),
            building: building.building.clone(),
            unit: None,
            household: None,
            division: building.division.clone(),
            level: rule.level,
            opened_on: day.date,
            last_new_on: day.date,
            forecast_on: extension.until,
            ends_on: extension.until,
            released_on: None,
            people: people.get(&building.building).copied().unwrap_or(0),
            cases: 0,
            reason: json!(reasons).to_string(),
            became: None,
            allowed: Some(extension.id.clone()),
            aside: None,
            ended: None,
        };
        redraw::opened(minutes, &zone, ZoneUnit::Building, 0, &reasons)?;
        fresh.push(zone);
    }
    tx.open_zones(&fresh).await?;
    let homes = households(tx, &fresh).await?;
    agenda::enclosed(tx, &homes.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    let since: HashMap<String, _> = fresh.iter().map(|zone| (zone.id.clone(), day.end)).collect();
    release(tx, minutes, &mut fresh, &since).await
}

/// An area ends now: by a person, or because nothing is left for which it was allowed.
pub(crate) async fn end(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    zone: &mut Zone,
    why: &str,
) -> Result<(), OpsError> {
    let day = minutes.day;
    let last = day.date.min(zone.ends_on).max(zone.opened_on);
    zone.last_new_on = zone.last_new_on.min(last);
    (zone.released_on, zone.forecast_on) = (Some(last), last);
    zone.ended = Some(ZoneEnd::Early);
    tx.update_zone(zone).await?;
    let body = json!({"building": zone.building, "people": zone.people, "on": last, "why": why});
    minutes.event(day.end, "zone.released", &zone.id, &zone.division, &body, Some("release"))?;
    looked_at_again(tx, &[&zone.building]).await?;
    reopened(tx, minutes, &zone.id, why).await
}

/// Nobody has to release an area any more.
pub(super) async fn reopened(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    area: &str,
    why: &str,
) -> Result<(), OpsError> {
    let now = minutes.day.end;
    for item in tx.open_of(Worklist::Reopen, &[area]).await? {
        minutes.known(item).done(now, why);
    }
    Ok(())
}

/// What was allowed ends with the last area of its compound that rests on a case.
pub(super) async fn around_nothing(tx: &mut Scoped, minutes: &mut Minutes<'_>) -> Result<(), OpsError> {
    for mut zone in tx.zones_allowed_around_nothing().await? {
        end(tx, minutes, &mut zone, "the area around which it was allowed has ended").await?;
    }
    Ok(())
}

/// A case was withdrawn: what was allowed on it ends, and further days that rest on it are looked at.
pub(super) async fn without_evidence(tx: &mut Scoped, minutes: &mut Minutes<'_>, case: &Case) -> Result<(), OpsError> {
    let day = minutes.day;
    let resting = tx.extensions_on(&[&case.id]).await?;
    let allowed: Vec<&Extension> = resting.iter().filter(|one| one.state == ExtensionState::Approved).collect();
    let ids: Vec<&str> = allowed.iter().map(|one| one.id.as_str()).collect();
    for mut zone in tx.zones_allowed_by(&ids).await? {
        end(tx, minutes, &mut zone, "the case on which it was allowed was withdrawn").await?;
    }
    for one in allowed.iter().filter(|one| one.kind == ExtensionKind::Longer) {
        for zone in tx.zones_by_id(&[&one.zone]).await?.iter_mut().filter(|zone| zone.released_on.is_none()) {
            // back to the day that stood before, or today where that has passed
            zone.ends_on = zone.ends_on.min(one.was_until.max(day.date));
            tx.update_zone(zone).await?;
            let body = json!({"ends_on": zone.ends_on, "withdrawn": case.id});
            minutes.event(day.end, "zone.reconsidered", &zone.id, &zone.division, &body, Some("zone"))?;
        }
    }
    Ok(())
}
