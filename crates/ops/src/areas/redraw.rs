//! Areas drawn anew around the evidence as it stands: what the engine draws is written down, and nothing else. It may use the engine, the
//! roster and the books; it guarantees that each case is decided once, that what became of an area stands with it, and that areas which
//! are put together or split leave nobody bound by two.

use super::{aside::looked_at_again, beyond, forecast};
use crate::{
    OpsError,
    minutes::{Minutes, by_division},
};
use dayclear_core::{
    books::Worklist,
    measures::{ZoneEnd, ZoneUnit},
    protocol::{AreaFacts, ResetFacts},
    reason::Reason,
    roster::Known,
    time::Instant,
};
use dayclear_engines::zoning::{
    Course, Drawing, Drawn, Enclosed, Ended, Found, LeftOut, Residents, Scene, Standing, draw, smallest,
};
use dayclear_store::{
    Scoped,
    areas::Resting,
    cases::Case,
    measures::{Order, Zone},
    roster::BuildingRow,
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What was drawn: areas that are new, and since when what they rest on is known; and every area that a case was put into.
#[derive(Default)]
pub(super) struct Redrawn {
    pub fresh: Vec<Zone>,
    pub since: HashMap<String, Instant>,
    pub touched: BTreeSet<String>,
}

/// The finest that is drawn, where the rules allow it. Nobody but the household is told of an area that is one: no warning, no look-up.
const FINEST: ZoneUnit = ZoneUnit::Household;

/// Homes of people by number, as far as the roster knows them.
pub(super) async fn homes_of(tx: &mut Scoped, people: &[i64]) -> Result<HashMap<i64, Enclosed>, OpsError> {
    let known = tx.people_by_no(people).await?.into_iter();
    Ok(known
        .filter_map(|person| {
            let home = Enclosed { building: person.building?, unit: person.unit, household: person.household };
            Some((person.no, home))
        })
        .collect())
}

/// The home of a case in the building in which they were found to live. Whoever has moved since has no unit or household there.
pub(super) fn home_in(building: &str, home: Option<&Enclosed>) -> Enclosed {
    home.filter(|home| home.building == building).cloned().unwrap_or_else(|| Enclosed::building(building))
}

/// The smallest place around a home that would be drawn.
pub(super) fn smallest_around(minutes: &Minutes<'_>, home: &Enclosed) -> Option<Enclosed> {
    smallest(minutes.day.pack, FINEST, home)
}

/// How many people live in households.
pub(super) async fn people_of(tx: &mut Scoped, households: &[&str]) -> Result<HashMap<String, u32>, OpsError> {
    let counted = tx.people_by_household(households).await?.into_iter();
    Ok(counted.map(|(household, people)| (household, u32::try_from(people).unwrap_or(u32::MAX))).collect())
}

/// What an area encloses.
pub(super) fn place(zone: &Zone) -> Enclosed {
    Enclosed { building: zone.building.clone(), unit: zone.unit.clone(), household: zone.household.clone() }
}

/// Cases and buildings as the engine wants them.
pub(crate) struct Evidence {
    cases: Vec<Case>,
    pub(super) found: Vec<Found>,
    /// Homes of contacts, where whoever looks wants to know of them.
    pub(super) contacts: Vec<Enclosed>,
    /// Why those that rest in an area do.
    reasons: HashMap<String, Vec<Reason>>,
    buildings: HashMap<String, BuildingRow>,
    pub(crate) residents: Residents,
}

impl Evidence {
    /// Cases of which nothing is decided yet, and those that rest in areas.
    pub(crate) async fn of(
        tx: &mut Scoped,
        minutes: &Minutes<'_>,
        undecided: Vec<Case>,
        resting: Vec<Resting>,
        orders: &[&Order],
    ) -> Result<Evidence, OpsError> {
        let day = minutes.day;
        let mut rests = HashMap::new();
        let mut reasons = HashMap::new();
        let mut cases = undecided;
        for Resting { zone, reason, since, case } in resting {
            rests.insert(case.id.clone(), (zone, since));
            reasons.insert(case.id.clone(), serde_json::from_str(&reason).unwrap_or_default());
            cases.push(case);
        }
        let mut orders_of: HashMap<&str, Vec<&Order>> = HashMap::new();
        orders.iter().for_each(|order| orders_of.entry(order.person.as_str()).or_default().push(order));
        let numbers: Vec<i64> = cases.iter().map(|case| case.person_no).collect();
        let homes = homes_of(tx, &numbers).await?;
        let names: BTreeSet<&str> = cases.iter().filter_map(|case| case.building.as_deref()).collect();
        let names: Vec<&str> = names.into_iter().collect();
        let buildings: HashMap<String, BuildingRow> =
            tx.buildings_by_id(&names).await?.into_iter().map(|b| (b.building.clone(), b)).collect();
        let mut residents = Residents::default();
        for (building, unit, people) in tx.people_by_unit(&names).await? {
            let units = &mut residents.buildings.entry(building).or_default().units;
            *units.entry(unit).or_default() += u32::try_from(people).unwrap_or(u32::MAX);
        }
        let households: BTreeSet<&str> = homes.values().filter_map(|home| home.household.as_deref()).collect();
        let households: Vec<&str> = households.into_iter().collect();
        residents.households = people_of(tx, &households).await?;
        let found = |case: &Case| {
            let sampled = day.zone.day(case.sampled_at);
            let own = orders_of.get(case.person.as_str());
            let held = own
                .into_iter()
                .flatten()
                .find(|order| order.basis == "contact" && crate::cases::holds(order, sampled))
                .map(|order| order.kind);
            let home = case.building.as_ref().filter(|building| buildings.contains_key(*building));
            Found {
                case: case.id.clone(),
                home: home.map(|building| home_in(building, homes.get(&case.person_no))),
                sampled_on: sampled,
                facts: AreaFacts {
                    held_at: held,
                    // held at a site or at home since before the sample: spread outside would itself be a case found there
                    spread_outside: if held.is_some() { Known::No } else { Known::Unknown },
                    ct: case.ct,
                    closed_loop: false,
                    ..AreaFacts::new(case.origin)
                },
                resets: ResetFacts {
                    household_or_contact: own.is_some(),
                    strictly_isolated: Known::Unknown,
                    community_spread: Known::Unknown,
                },
                rests_in: rests.get(&case.id).map(|(zone, _)| zone.clone()),
                since: rests.get(&case.id).and_then(|(_, since)| *since),
            }
        };
        let found = cases.iter().map(found).collect();
        Ok(Evidence { cases, found, contacts: Vec::new(), reasons, buildings, residents })
    }

    /// Buildings in which the people live.
    pub(super) fn buildings(&self) -> impl Iterator<Item = &BuildingRow> {
        self.buildings.values()
    }

    /// What the engine draws of it beside areas that stand.
    pub(crate) fn draw(&self, minutes: &Minutes<'_>, zones: &[Zone]) -> Drawing {
        let label = minutes.day.pack.label();
        let standing = |zone: &Zone| Standing {
            id: zone.id.clone(),
            place: place(zone),
            opened_on: zone.opened_on,
            last_new_on: zone.last_new_on,
            ends_on: zone.ends_on,
            anew: !zone.reason.contains(&label),
            allowed: zone.cases == 0 && zone.allowed.is_some(),
        };
        let standing: Vec<Standing> = zones.iter().map(standing).collect();
        let scene = Scene {
            today: minutes.day.date,
            finest: FINEST,
            found: &self.found,
            standing: &standing,
            contacts: &self.contacts,
            visits: &[],
            residents: &self.residents,
        };
        draw(minutes.day.pack, &scene)
    }

    /// Reasons of an area: of each case, in the order of the drawing, and why it is no smaller.
    fn reasons(&self, area: &Drawn, only_new: bool) -> Vec<Reason> {
        let mut all = Vec::new();
        for (at, reason) in &area.cases {
            let known = self.reasons.get(&self.cases[*at].id).filter(|_| !only_new);
            let reason = reason.as_ref().or_else(|| known.and_then(|all| all.first()));
            all.extend(reason.map(|reason| reason.clone().with("case", &self.cases[*at].id)));
        }
        if !only_new {
            all.extend(area.unit.clone());
        }
        all
    }
}

/// Draws areas around cases of which nothing is decided and around those that rest in standing areas, and keeps what was drawn. The areas
/// given are brought up to date.
pub(super) async fn redraw(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    evidence: &Evidence,
    zones: &mut [Zone],
    mut taken: BTreeSet<String>,
) -> Result<Redrawn, OpsError> {
    let drawing = evidence.draw(minutes, zones);
    left_out(tx, minutes, evidence, &drawing, zones).await?;
    let mut done = Redrawn::default();
    let mut ids: BTreeMap<&Enclosed, String> = BTreeMap::new();
    for area in &drawing.areas {
        let id = match &area.course {
            Course::Kept(id) => id.clone(),
            _ => fresh_id(minutes, &area.place, &taken),
        };
        taken.insert(id.clone());
        ids.insert(&area.place, id);
    }
    for (id, how) in &drawing.ended {
        if let Some(zone) = zones.iter_mut().find(|zone| zone.id == *id) {
            let became: Vec<&str> = match how {
                Ended::Merged(place) => ids.get(place).map(String::as_str).into_iter().collect(),
                Ended::Split(places) => places.iter().filter_map(|place| ids.get(place)).map(String::as_str).collect(),
                Ended::NoCase => Vec::new(),
            };
            end(tx, minutes, evidence, &drawing, zone, &became).await?;
        }
    }
    for area in &drawing.areas {
        match &area.course {
            Course::Kept(id) => {
                if let Some(zone) = zones.iter_mut().find(|zone| zone.id == *id) {
                    keep(tx, minutes, evidence, area, zone, &mut done).await?;
                }
            }
            _ => open(tx, minutes, evidence, area, &ids[&area.place], &mut done).await?,
        }
    }
    Ok(done)
}

/// Z, the day and the place; a number where the place had an area of this day already. A household is counted and not named.
fn fresh_id(minutes: &Minutes<'_>, place: &Enclosed, taken: &BTreeSet<String>) -> String {
    let unit = place.unit.as_deref().map(|unit| format!("-{unit}")).unwrap_or_default();
    let id = format!("Z-{}-{}{unit}", minutes.day.date, place.building);
    let free = |id: &String| !taken.contains(id);
    if place.household.is_some() {
        return (1..).map(|number| format!("{id}-h{number}")).find(free).unwrap_or(id);
    }
    if free(&id) {
        return id;
    }
    (2..).map(|number| format!("{id}-n{number}")).find(free).unwrap_or(id)
}

/// Cases that open no area, with the reason; those whose home nobody knows are asked after.
async fn left_out(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    evidence: &Evidence,
    drawing: &Drawing,
    zones: &mut [Zone],
) -> Result<(), OpsError> {
    let (mut exempt, mut nowhere) = (Vec::new(), Vec::new());
    for (at, why) in &drawing.left_out {
        let case = &evidence.cases[*at];
        match why {
            LeftOut::Exempt(reason) => {
                if let Some(area) = evidence.found[*at].rests_in.as_deref() {
                    nowhere.push(case.id.as_str());
                    zones.iter_mut().filter(|zone| zone.id == area).for_each(|zone| zone.cases -= 1);
                }
                exempt.push((case.id.clone(), case.division.clone(), json!([reason]).to_string()));
            }
            LeftOut::NoAddress => {
                minutes.waits(
                    Worklist::Clarify,
                    format!("address/{}", case.id),
                    &case.division,
                    by_division(&case.division),
                    case.found_at,
                    "the case opens an area, and nobody knows where they live",
                );
            }
        }
    }
    tx.rest_nowhere(&nowhere).await?;
    Ok(tx.exempt(&exempt).await?)
}

/// An area is part of another from now on, or others are parts of it, or nothing stands for it any more.
async fn end(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    evidence: &Evidence,
    drawing: &Drawing,
    zone: &mut Zone,
    became: &[&str],
) -> Result<(), OpsError> {
    let day = minutes.day;
    let moved = drawing.areas.iter().flat_map(|area| &area.cases);
    let from = |at: usize| evidence.found[at].rests_in.as_deref() == Some(zone.id.as_str());
    zone.cases -= moved.filter(|(at, _)| from(*at)).count() as i64;
    let last = day.date.min(zone.ends_on).max(zone.opened_on);
    zone.last_new_on = zone.last_new_on.min(last);
    (zone.released_on, zone.forecast_on) = (Some(last), last);
    zone.became = Some(became.join(" ")).filter(|text| !text.is_empty());
    zone.ended = Some(if became.is_empty() { ZoneEnd::NoCase } else { ZoneEnd::Became });
    tx.update_zone(zone).await?;
    let body = json!({"building": zone.building, "people": zone.people, "on": last, "became": became,
                      "rules": day.pack.label()});
    minutes.event(day.end, "zone.released", &zone.id, &zone.division, &body, Some("release"))?;
    let why = match became {
        [] => "no infection that opens an area stands for it".to_owned(),
        ids => format!("it became {}", ids.join(", ")),
    };
    looked_at_again(tx, &[&zone.building]).await?;
    beyond::reopened(tx, minutes, &zone.id, &why).await
}

/// Cases that are new to areas, with their reasons.
fn rests(evidence: &Evidence, area: &Drawn) -> Vec<(String, String)> {
    let new = area.cases.iter().filter(|(at, _)| evidence.found[*at].rests_in.is_none());
    new.map(|(at, reason)| (evidence.cases[*at].id.clone(), json!([reason]).to_string())).collect()
}

/// Cases that rested elsewhere.
fn moved<'e>(evidence: &'e Evidence, area: &Drawn, id: &str) -> Vec<&'e str> {
    let elsewhere = |at: &usize| evidence.found[*at].rests_in.as_deref().is_some_and(|area| area != id);
    area.cases.iter().map(|(at, _)| *at).filter(elsewhere).map(|at| evidence.cases[at].id.as_str()).collect()
}

async fn keep(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    evidence: &Evidence,
    area: &Drawn,
    zone: &mut Zone,
    done: &mut Redrawn,
) -> Result<(), OpsError> {
    let day = minutes.day;
    let new = rests(evidence, area);
    let moved = moved(evidence, area, &zone.id);
    let anew = !zone.reason.contains(&day.pack.label());
    if new.is_empty() && moved.is_empty() && !anew {
        return Ok(());
    }
    let was = zone.ends_on;
    (zone.last_new_on, zone.ends_on) = (area.last_new_on, area.ends_on);
    zone.cases += (new.len() + moved.len()) as i64;
    if anew {
        // looked at once under these rules, and `why` shows both decisions
        let mut reasons: Vec<Reason> = serde_json::from_str(&zone.reason).unwrap_or_default();
        let settled = area.unit.clone();
        reasons.push(settled.unwrap_or_else(|| day.pack.area_release_clause().with("kept", area.place.kind())));
        zone.reason = json!(reasons).to_string();
    }
    tx.update_zone(zone).await?;
    tx.rest_in(&moved, zone).await?;
    tx.rest_on(zone, &new).await?;
    let grown = !new.is_empty() || !moved.is_empty();
    if grown || zone.ends_on != was {
        let body = json!({"cases": zone.cases, "last_new_on": zone.last_new_on, "ends_on": zone.ends_on,
                          "reason": evidence.reasons(area, true)});
        let kind = if grown { "zone.extended" } else { "zone.reconsidered" };
        minutes.event(day.end, kind, &zone.id, &zone.division, &body, Some("zone"))?;
    }
    done.touched.insert(zone.id.clone());
    Ok(())
}

async fn open(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    evidence: &Evidence,
    area: &Drawn,
    id: &str,
    done: &mut Redrawn,
) -> Result<(), OpsError> {
    let day = minutes.day;
    let Some(building) = evidence.buildings.get(&area.place.building) else { return Ok(()) };
    let reasons = evidence.reasons(area, false);
    let (new, moved) = (rests(evidence, area), moved(evidence, area, id));
    let zone = Zone {
        id: id.to_owned(),
        building: area.place.building.clone(),
        unit: area.place.unit.clone(),
        household: area.place.household.clone(),
        division: building.division.clone(),
        level: area.level,
        opened_on: area.opened_on,
        last_new_on: area.last_new_on,
        forecast_on: forecast(minutes, area.opened_on, area.last_new_on, &[]).0.min(area.ends_on),
        ends_on: area.ends_on,
        released_on: None,
        people: i64::from(area.people),
        cases: area.cases.len() as i64,
        reason: serde_json::to_string(&reasons).unwrap_or_default(),
        became: None,
        allowed: None,
        aside: None,
        ended: None,
    };
    opened(minutes, &zone, area.place.kind(), area.spared, &reasons)?;
    tx.open_zones(std::slice::from_ref(&zone)).await?;
    tx.rest_in(&moved, &zone).await?;
    tx.rest_on(&zone, &new).await?;
    let found = area.cases.iter().map(|(at, _)| &evidence.cases[*at]);
    // what is drawn of an area that stood is known since now
    let since = if moved.is_empty() { found.map(|case| case.found_at).min() } else { Some(day.end) };
    done.since.extend(since.map(|at| (zone.id.clone(), at)));
    done.touched.insert(zone.id.clone());
    done.fresh.push(zone);
    Ok(())
}

/// R01, R16: an area is an event with its basis, whom it binds and spares, and why.
pub(super) fn opened(
    minutes: &mut Minutes<'_>,
    zone: &Zone,
    kind: ZoneUnit,
    spared: u32,
    reasons: &[Reason],
) -> Result<(), OpsError> {
    let day = minutes.day;
    let body = json!({"building": zone.building, "unit": zone.unit, "kind": kind, "level": zone.level,
                      "people": zone.people, "spared": spared, "forecast": zone.forecast_on,
                      "legal_basis": day.settings.legal_basis, "body": day.settings.body, "allowed": zone.allowed,
                      "reason": reasons});
    minutes.event(day.end, "zone.opened", &zone.id, &zone.division, &body, Some("zone"))
}
