//! What a round takes, planned from the store: sites, hours, samplers, tubes, couriers, laboratory hours. People are counted by
//! building where they stand; rounds that were closed say how many will come and how many are found. It may use the store and
//! the engine of rounds. It guarantees that the same store gives the same plan, that a plan binds nobody, and that what the
//! rules forbid stands in it with the clause.

mod given;
mod told;

pub(crate) use given::{Given, covers, done, read};
pub use told::{Found, Hour, Refused, Told};

use crate::{OpsError, day::pack_for, minutes::Settings};
use dayclear_core::{
    measures::ZoneLevel,
    protocol::{Pack, Packs, Spread},
    time::{Instant, Zone},
};
use dayclear_engines::screening::plan::{self, Building, Conditions, Place, Risk, RoundPlan};
use dayclear_store::{
    Scope, Store,
    plans::{CallRow, Dwelling, LaboratoryPlace, PlanRow, SiteRow},
};
use given::Attendance;
use std::collections::BTreeMap;
use told::{cost, found, hours, refused};

/// Minutes of the day from and until which sites are open, where the round's hours allow.
const OPEN_MIN: (i64, i64) = (6 * 60, 22 * 60);

/// Rounds that are planned at a time.
const AT_ONCE: i64 = 4;

/// Plans rounds that have no plan, or one from before another round was closed; how many. `scope` is the whole city.
pub async fn go_on(
    store: &Store,
    packs: &Packs,
    settings: &Settings,
    pack: &str,
    scope: &Scope,
    now: Instant,
) -> Result<usize, OpsError> {
    let mut tx = store.look(scope).await?;
    let due = tx.rounds_to_plan(AT_ONCE).await?;
    drop(tx);
    for id in &due {
        make(store, packs, settings, pack, scope, id, now).await?;
    }
    Ok(due.len())
}

/// Plans a round and keeps the plan in place of the one before; `None`: there is no such round.
pub async fn make(
    store: &Store,
    packs: &Packs,
    settings: &Settings,
    pack: &str,
    scope: &Scope,
    id: &str,
    now: Instant,
) -> Result<Option<PlanRow>, OpsError> {
    let mut tx = store.look(scope).await?;
    let Some(round) = tx.rounds_by_id(&[id]).await?.into_iter().next() else { return Ok(None) };
    let given = read(&mut tx, round, now, &settings.zone).await?;
    drop(tx);
    let (row, sites, calls) = match pack_for(packs, pack, settings.zone.day(given.round.plan.from)) {
        Ok(pack) => work_out(given, pack, &settings.zone, now).await?,
        // a round on a day without rules is refused like one that they forbid, and holds nobody up
        Err(why @ OpsError::NoPack { .. }) => {
            let people = given.dwellings.iter().map(|one| one.people).sum();
            let refused = Refused { kind: "no_rounds".to_owned(), clause: None };
            let told = Told { refused: Some(refused), ..Told::default() };
            let body = serde_json::to_string(&told).map_err(|error| OpsError::Inside(error.to_string()))?;
            let round = given.round.plan.round;
            let refusal = Some(why.to_string());
            (PlanRow { round, made_at: now, refusal, people, expected: None, sites: 0, body }, Vec::new(), Vec::new())
        }
        Err(error) => return Err(error),
    };
    let mut tx = store.turn(scope).await?;
    tx.keep_plan(&row, &sites, &calls).await?;
    tx.commit().await?;
    Ok(Some(row))
}

/// Plans on a thread of its own.
pub(crate) async fn work_out(given: Given, pack: &Pack, zone: &Zone, now: Instant) -> Result<Planned, OpsError> {
    let (pack, zone) = (pack.clone(), zone.clone());
    let planning = tokio::task::spawn_blocking(move || planned(&given, &pack, &zone, now));
    planning.await.map_err(|error| OpsError::Inside(error.to_string()))?
}

/// A plan with its sites and calls.
pub(crate) type Planned = (PlanRow, Vec<SiteRow>, Vec<CallRow>);

fn planned(given: &Given, pack: &Pack, zone: &Zone, now: Instant) -> Result<Planned, OpsError> {
    let plan = &given.round.plan;
    let buildings: Vec<Building> = given.dwellings.iter().map(|one| building(one, &given.levels)).collect();
    let drive: Vec<&LaboratoryPlace> = given
        .laboratories
        .iter()
        .filter(|one| !one.suspended && one.travel_min.is_none() && one.place.is_some())
        .collect();
    let places: Vec<Place> = drive.iter().filter_map(|one| one.place).map(|(lon, lat)| Place { lon, lat }).collect();
    let conditions = Conditions {
        hours: plan.to.minutes_since(plan.from) as f64 / 60.0,
        open: open(plan.from, plan.to, zone, Conditions::default().slot_min),
        ..Conditions::default()
    };
    let round = plan::Round {
        day: zone.day(plan.from),
        purpose: plan.purpose,
        ground: given.round.ground,
        spread: if given.affected { Spread::Affected } else { Spread::Traces },
        most: Some(plan.pool_size),
        buildings: &buildings,
        laboratories: &places,
        history: &given.history,
        in_place: !plan.scope.places.is_empty(),
    };
    let people: i64 = given.dwellings.iter().map(|one| one.people).sum();
    let conditions_told = serde_json::to_value(&conditions).map_err(|error| OpsError::Inside(error.to_string()))?;
    let came = given.attended.as_ref().map(|(id, came)| {
        let known = given.dwellings.iter().filter_map(|one| came.get(&one.building));
        let (there, sampled) = known.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        (id.clone(), there, sampled)
    });
    let mut told = Told {
        refused: None,
        totals: None,
        tests_cost: None,
        collection_cost: given.round.swab_price.map(|price| price * people as f64),
        pools: BTreeMap::new(),
        hours: Vec::new(),
        attended: came.clone(),
        found: given.shift.as_ref().map(|shift| found(shift, pack, plan.purpose, plan.pool_size)),
        reasons: Vec::new(),
        conditions: conditions_told,
    };
    let mut row = PlanRow {
        round: plan.round.clone(),
        made_at: now,
        refusal: None,
        people,
        expected: None,
        sites: 0,
        body: String::new(),
    };
    let (mut sites, mut calls) = (Vec::new(), Vec::new());
    match plan::plan(pack, &round, &conditions, None) {
        Err(refusal) => {
            told.refused = Some(refused(&refusal));
            row.refusal = Some(refusal.to_string());
        }
        Ok(made) => {
            let shares = Shares::of(given, came.as_ref());
            let moment = |minute: i32| plan.from.plus_minutes(minute.into());
            for (at, site) in made.sites.iter().enumerate() {
                let number = at as i64 + 1;
                let laboratory = site.visits.laboratory.and_then(|at| drive.get(at as usize));
                sites.push(site_row(number, site, given, &made, &shares, laboratory, &moment));
                calls.extend(site.calls.iter().map(|call| {
                    let slot = made.slots[call.slot as usize];
                    CallRow {
                        site: number,
                        building: buildings[call.building as usize].name.clone(),
                        time: (moment(slot.from), moment(slot.to)),
                        floors: call.floors.map(|(from, to)| (from.into(), to.into())),
                        people: call.people.into(),
                    }
                }));
                site.tubes.iter().for_each(|(size, n)| *told.pools.entry(*size).or_default() += n);
            }
            row.sites = sites.len() as i64;
            row.expected = shares.known.then(|| sites.iter().filter_map(|site| site.expected).sum());
            told.hours = hours(&made, plan.from);
            told.tests_cost = cost(&sites, &given.laboratories);
            told.totals = Some(made.totals.clone());
            told.reasons = made.reasons;
        }
    }
    row.body = serde_json::to_string(&told).map_err(|error| OpsError::Inside(error.to_string()))?;
    Ok((row, sites, calls))
}

fn building(one: &Dwelling, levels: &BTreeMap<String, ZoneLevel>) -> Building {
    let whole = |n: i64| u32::try_from(n.max(0)).unwrap_or(u32::MAX);
    Building {
        name: one.building.clone(),
        at: Place { lon: one.place.0, lat: one.place.1 },
        people: whole(one.people),
        households: Some(whole(one.households)),
        floors: one.floors.and_then(|floors| u16::try_from(floors).ok()).filter(|floors| *floors > 1),
        area: one.area.clone(),
        // where there is spread a household shares its tube with nobody
        risk: (levels.get(&one.building) == Some(&ZoneLevel::High)).then_some(Risk::Household),
    }
}

/// Opening hours within a round, minutes from its beginning: those of the day, or the whole round where it is at night.
fn open(from: Instant, to: Instant, zone: &Zone, slot_min: i32) -> Vec<(i32, i32)> {
    let minute = |at: Instant| at.minutes_since(from) as i32;
    let end = minute(to);
    let mut open = Vec::new();
    let mut day = zone.day(from);
    while zone.start_of(day) < to {
        let start = zone.start_of(day);
        let hours = [OPEN_MIN.0, OPEN_MIN.1].map(|clock| minute(start.plus_minutes(clock)).clamp(0, end));
        if hours[1] - hours[0] >= slot_min {
            open.push((hours[0], hours[1]));
        }
        day = day.plus_days(1);
    }
    if open.is_empty() { vec![(0, end)] } else { open }
}

/// Which share of a building's people is expected: that of the last round, or that of all its buildings where it had none.
struct Shares<'g> {
    came: Option<&'g Attendance>,
    all: f64,
    known: bool,
}

impl<'g> Shares<'g> {
    fn of(given: &'g Given, came: Option<&(String, i64, i64)>) -> Shares<'g> {
        let known = came.filter(|(_, there, _)| *there > 0);
        Shares {
            came: given.attended.as_ref().map(|(_, came)| came),
            all: known.map_or(0.0, |(_, there, sampled)| *sampled as f64 / *there as f64),
            known: known.is_some(),
        }
    }

    fn expected(&self, building: &str, people: u32) -> f64 {
        let own = self.came.and_then(|came| came.get(building)).filter(|(there, _)| *there > 0);
        f64::from(people) * own.map_or(self.all, |(there, sampled)| *sampled as f64 / *there as f64)
    }
}

/// The value that a share of people, each with a weight, do not exceed, by the nearest rank.
fn percentile(mut values: Vec<(f64, u64)>, share: f64) -> f64 {
    values.retain(|(_, people)| *people > 0);
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all: u64 = values.iter().map(|(_, people)| people).sum();
    let rank = (all as f64 * share).ceil() as u64;
    let mut passed = 0;
    values
        .iter()
        .find(|(_, people)| {
            passed += people;
            passed >= rank
        })
        .map_or(0.0, |(value, _)| *value)
}

/// What a rule says of 19 in 20.
const MOST: f64 = 0.95;

fn called(site: &plan::Site) -> Vec<u64> {
    let mut called = vec![0; site.waits_min.len()];
    site.calls.iter().for_each(|call| called[call.slot as usize] += u64::from(call.people));
    called
}

fn site_row(
    number: i64,
    site: &plan::Site,
    given: &Given,
    made: &RoundPlan,
    shares: &Shares<'_>,
    laboratory: Option<&&LaboratoryPlace>,
    moment: &impl Fn(i32) -> Instant,
) -> SiteRow {
    let home = &given.dwellings[site.at as usize];
    let expected =
        |call: &plan::Called| shares.expected(&given.dwellings[call.building as usize].building, call.people);
    let waits = site.waits_min.iter().copied().zip(called(site)).collect();
    let begin = made.slots.first().map_or(0, |slot| slot.from);
    let end = made.slots.last().map_or(0, |slot| slot.to);
    SiteRow {
        number,
        division: home.division.clone(),
        building: home.building.clone(),
        place: home.place,
        people: site.people.into(),
        expected: shares.known.then(|| site.calls.iter().map(expected).sum::<f64>().round() as i64),
        lanes: site.lanes.into(),
        samplers: site.samplers.into(),
        open: (moment(begin), moment(end)),
        walk_max_min: site.walk_max_min,
        wait_min: (percentile(waits, MOST), site.wait_min),
        tubes: site.tubes_by_slot.iter().map(|tubes| i64::from(*tubes)).sum(),
        laboratory: laboratory.map(|one| one.laboratory.clone()),
        courier: i64::from(site.visits.courier) + 1,
        every_min: site.visits.every_min,
        receipt_min: site.visits.oldest_min,
    }
}
