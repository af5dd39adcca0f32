//! A round planned: sites, hours and calls, samplers, tubes by pool size, couriers, laboratory hours, cost. It refuses what the
//! protocol pack forbids, naming the clause. Numbers of the pack come from the pack; what no rule gives (how fast people walk,
//! how they come, how vehicles drive) stands in `Conditions`, and is said in the answer.

use super::{
    allowed,
    calls::{self, Call, Slot},
    chart::{self, Point},
    delivery::{self, Visits},
    queue::{self, Arrivals},
    sites::{self, Rules},
};
use dayclear_core::{
    books::Worklist,
    protocol::{Ground, Pack, Spread},
    reason::Reason,
    screening::Purpose,
    terms,
    time::CivilDate,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub use super::{
    allowed::{PastRound, RoundRefusal},
    calls::{Call as Called, Slot as RoundSlot},
    chart::Point as Place,
    delivery::Visits as CourierVisits,
};

terms! {
    /// How people of a building are pooled, by what is known of it. The pack decides what is allowed.
    Risk {
        /// One person, one tube.
        Person = "person",
        /// One household, one tube.
        Household = "household",
        /// Up to ten in a tube.
        Area = "area",
        /// Up to twenty in a tube.
        Ordinary = "ordinary",
    }
}

/// A building with people in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Building {
    /// Its id.
    pub name: String,
    /// Where it stands.
    pub at: Point,
    /// People to be sampled.
    pub people: u32,
    /// Households; none = unknown.
    pub households: Option<u32>,
    /// Floors; none = unknown.
    pub floors: Option<u16>,
    /// The delimited area it belongs to.
    pub area: Option<String>,
    /// What is known of its risk; none = by the purpose of the round.
    pub risk: Option<Risk>,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Round<'a> {
    /// Day of the round.
    pub day: CivilDate,
    /// Why people are tested.
    pub purpose: Purpose,
    /// Ground for testing beyond an area.
    pub ground: Option<Ground>,
    /// What the area is to its outbreak.
    pub spread: Spread,
    /// Swabs in one tube at most. It is the size where nothing is known of a building's risk; without it the risk decides.
    pub most: Option<u8>,
    /// Buildings.
    pub buildings: &'a [Building],
    /// Laboratories to drive to; may be empty.
    pub laboratories: &'a [Point],
    /// Rounds that were held.
    pub history: &'a [PastRound],
    /// Whether its sites stand in the buildings themselves, so that nobody walks: key places, sampled where people are anyway.
    pub in_place: bool,
}

/// What no rule gives. Every number can be changed, and is printed with the plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Conditions {
    /// Hours from the first call to the last.
    pub hours: f64,
    /// Opening hours, minutes from the beginning of the round.
    pub open: Vec<(i32, i32)>,
    /// Length of a slot, minutes.
    pub slot_min: i32,
    /// Share of a slot's people who come at its very beginning.
    pub at_once: f64,
    /// Walking speed, metres a second: 1.07 is the 3.5 feet a second by which crossings are timed for slow walkers (MUTCD 2009).
    pub walk_m_s: f64,
    /// Way on foot over the straight line.
    pub walk_detour: f64,
    /// Speed of couriers, km an hour, and way over the straight line.
    pub vehicle_kmh: f64,
    /// See above.
    pub road_detour: f64,
    /// Minutes of a courier's stop.
    pub stop_min: f64,
    /// Minutes from arrival to the scan of receipt.
    pub handling_min: f64,
    /// Minutes to the laboratory where no laboratory is given.
    pub to_laboratory_min: f64,
    /// Tubes of an instrument's run: 96 wells less two controls.
    pub run_tubes: u32,
    /// Hours of a run from receipt to result.
    pub run_hours: f64,
    /// People who register and keep order, for each sampler at work.
    pub registrars: f64,
    /// People of a household where it is unknown: 2.45, Chongqing, census of 2020.
    pub household_size: f64,
}

impl Default for Conditions {
    fn default() -> Self {
        Conditions {
            hours: 24.0,
            open: vec![(0, 16 * 60)],
            slot_min: 30,
            at_once: 0.3,
            walk_m_s: 1.07,
            walk_detour: 1.3,
            vehicle_kmh: 25.0,
            road_detour: 1.35,
            stop_min: 5.0,
            handling_min: 10.0,
            to_laboratory_min: 30.0,
            run_tubes: 94,
            run_hours: 2.5,
            registrars: 1.0,
            household_size: 2.45,
        }
    }
}

/// Prices of one unit each, in any one currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Prices {
    /// Hour of a member of staff.
    pub staff_hour: f64,
    /// Tube with swabs.
    pub tube: f64,
    /// Test of a tube.
    pub test: f64,
    /// Hour of a courier with vehicle.
    pub courier_hour: f64,
}

/// How tubes of one kind are filled.
#[derive(Clone, Debug, PartialEq)]
pub struct Pooling {
    /// Most people in a tube.
    pub size: u8,
    /// Only people of one household.
    pub household: bool,
    /// Why.
    pub reason: Reason,
}

/// A sampling site.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// Building at whose foot it stands.
    pub at: u32,
    /// People.
    pub people: u32,
    /// Longest way, minutes, and the mean over its people.
    pub walk_max_min: f64,
    /// See above.
    pub walk_mean_min: f64,
    /// Samplers at work at the same time.
    pub lanes: u32,
    /// Samplers on the list, over all shifts.
    pub samplers: u32,
    /// Longest expected wait, minutes, and its slot.
    pub wait_min: f64,
    /// See above.
    pub wait_slot: u32,
    /// Longest expected wait of whoever is called in each slot, minutes.
    pub waits_min: Vec<f64>,
    /// Who is called when.
    pub calls: Vec<Call>,
    /// Tubes by size; households' tubes are counted under 0.
    pub tubes: BTreeMap<u8, u32>,
    /// Tubes that are closed in each slot.
    pub tubes_by_slot: Vec<u32>,
    /// How its tubes travel.
    pub visits: Visits,
}

/// What a round takes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// People.
    pub people: u64,
    /// Sites, and those with fewer people than the pack's least because the way would be too long.
    pub sites: u32,
    /// See above.
    pub sites_small: u32,
    /// Samplers on the list.
    pub samplers: u32,
    /// Of them at work at the same time, at most.
    pub samplers_at_once: u32,
    /// Hours of samplers and registrars.
    pub staff_hours: f64,
    /// Tubes.
    pub tubes: u32,
    /// Courier vehicles, loops, hours.
    pub couriers: u32,
    /// See above.
    pub courier_runs: u32,
    /// See above.
    pub courier_hours: f64,
    /// Runs of instruments, and their hours.
    pub laboratory_runs: u32,
    /// See above.
    pub laboratory_hours: f64,
    /// Longest and mean way on foot, minutes.
    pub walk_max_min: f64,
    /// See above.
    pub walk_mean_min: f64,
    /// Longest expected wait in a queue, minutes.
    pub wait_max_min: f64,
    /// Longest time from collection to receipt, minutes, and sites where it is longer than allowed.
    pub receipt_max_min: f64,
    /// See above.
    pub sites_late: u32,
    /// Money, where prices are given.
    pub cost: Option<f64>,
}

/// A planned round.
#[derive(Clone, Debug, PartialEq)]
pub struct RoundPlan {
    /// Slots, minutes from the beginning.
    pub slots: Vec<Slot>,
    /// Sites, in the order of a tour through the city.
    pub sites: Vec<Site>,
    /// Sums.
    pub totals: Totals,
    /// The rules that were applied.
    pub reasons: Vec<Reason>,
}

/// A box of tubes that waits at a site for its courier.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoxReady {
    /// Site, by its place in the plan.
    pub site: u32,
    /// Minute of the round at which it is ready.
    pub ready_min: f64,
    /// Tubes.
    pub tubes: u32,
}

/// How a building's people are pooled under a pack.
pub fn pooling(pack: &Pack, purpose: Purpose, risk: Option<Risk>) -> Pooling {
    let risk = risk.unwrap_or(match purpose {
        Purpose::AreaScreening | Purpose::ExpandedScreening => Risk::Area,
        Purpose::Community => Risk::Ordinary,
        _ => Risk::Person,
    });
    let reason = pack.pool_clause(purpose).with("risk", risk);
    let sizes = pack.pool_sizes(purpose);
    let largest = |most: u8| sizes.iter().copied().filter(|size| *size <= most).max().unwrap_or(1);
    let household = risk == Risk::Household && pack.pools_by_household(purpose);
    let size = match risk {
        Risk::Person => largest(1),
        // where the pack knows no tubes of a household, a household's people do not share a tube with others
        Risk::Household if household => largest(10),
        Risk::Household => 1,
        Risk::Area => largest(10),
        Risk::Ordinary => largest(20),
    };
    Pooling { size, household, reason: reason.with("size", size) }
}

/// How a building's people are pooled in a round: by their risk, and never more in a tube than the round has.
fn pooled(pack: &Pack, round: &Round<'_>, risk: Option<Risk>) -> Pooling {
    let by_risk = pooling(pack, round.purpose, risk);
    match round.most {
        None => by_risk,
        Some(most) if risk.is_none() => {
            let reason = pack.pool_clause(round.purpose).with("size", most);
            Pooling { size: most, household: false, reason }
        }
        Some(most) => Pooling { size: by_risk.size.min(most), ..by_risk },
    }
}

/// Plans a round, or says why not.
pub fn plan(
    pack: &Pack,
    round: &Round<'_>,
    conditions: &Conditions,
    prices: Option<Prices>,
) -> Result<RoundPlan, RoundRefusal> {
    let rules = pack.rounds().ok_or_else(|| RoundRefusal::NoRounds(pack.label()))?;
    allowed::check(conditions)?;
    pack.may_widen(round.purpose, round.ground).map_err(RoundRefusal::Widened)?;
    let mut reasons = vec![
        rules.site_at_most.reason.clone(),
        rules.per_sampler.reason.clone(),
        rules.walk.reason.clone(),
        rules.queue.reason.clone(),
    ];
    reasons.extend(allowed::due(pack, round, &rules.a_day)?);
    if conditions.hours > rules.hours.value as f64 {
        return Err(RoundRefusal::TooLong { hours: conditions.hours, reason: rules.hours.reason });
    }
    let slots = calls::slots(conditions)?;
    let (buildings, people): (_, Vec<u32>) = (round.buildings, round.buildings.iter().map(|b| b.people).collect());
    if people.iter().all(|people| *people == 0) {
        return Err(RoundRefusal::Nobody);
    }
    let spots = chart::spots(buildings.iter().map(|building| building.at));
    let reach = rules.walk.value as f64 * 60.0 * conditions.walk_m_s / conditions.walk_detour;
    let limits = Rules {
        least: rules.site_at_least.value as u32,
        most: rules.site_at_most.value as u32,
        reach: reach as f32,
        in_place: round.in_place,
    };
    let along = chart::along_curve(&spots);
    let mut placed = sites::place(&spots, &people, limits, true);
    placed.sort_by_key(|site| (along[site.at as usize], site.at, site.serves.len()));
    let places: Vec<Point> = placed.iter().map(|site| buildings[site.at as usize].at).collect();
    let open_min = f64::from(slots.len() as u32) * f64::from(conditions.slot_min);
    let deliver = pack.deadline_minutes(Worklist::Deliver).ok_or_else(|| RoundRefusal::NoDelivery(pack.label()))?;
    let limit_min = deliver.value as f64;
    reasons.push(deliver.reason);
    let delivery = delivery::plan(&places, round.laboratories, limit_min, open_min, conditions);
    let mut pools: BTreeMap<Option<Risk>, Pooling> = BTreeMap::new();
    for building in buildings {
        pools.entry(building.risk).or_insert_with(|| pooled(pack, round, building.risk));
    }
    reasons.extend(pools.values().map(|pool| pool.reason.clone()));
    let (per_sampler, shift) = (rules.per_sampler.value as f64, rules.shift.value as f64);
    let service_min = shift * 60.0 / per_sampler;
    let arrivals = Arrivals { slot_min: conditions.slot_min.into(), at_once: conditions.at_once };
    let work_hours = shift.min(open_min / 60.0);
    let walked = |metres: f64| metres * conditions.walk_detour / conditions.walk_m_s / 60.0;
    let mut out = Vec::with_capacity(placed.len());
    let mut totals = Totals {
        couriers: delivery.couriers,
        courier_runs: delivery.runs,
        courier_hours: delivery.hours,
        ..Totals::default()
    };
    let mut walk_sum = 0.0;
    for (mut site, visits) in placed.into_iter().zip(delivery.visits) {
        site.serves.sort_by_key(|part| (along[part.0 as usize], part.0));
        let here = spots[site.at as usize];
        let ways = || {
            site.serves.iter().map(|(at, people)| (walked(here.metres(spots[*at as usize]).into()), f64::from(*people)))
        };
        let walk_max_min = ways().map(|way| way.0).fold(0.0, f64::max);
        let sum: f64 = ways().map(|(way, people)| way * people).sum();
        walk_sum += sum;
        let calls = calls::call(&site.serves, buildings, slots.len());
        let mut called = vec![0u32; slots.len()];
        calls.iter().for_each(|call| called[call.slot as usize] += call.people);
        let (lanes, wait_min, wait_slot) = calls::lanes(&called, service_min, rules.queue.value as f64, arrivals);
        let by_rule = (f64::from(site.people) * shift / (per_sampler * work_hours)).ceil();
        let by_shifts = (f64::from(lanes) * open_min / 60.0 / work_hours).ceil();
        let waits_min = queue::waits(&called, lanes, service_min, arrivals);
        let (tubes, tubes_by_slot) = tubes(&calls, buildings, &pools, slots.len(), lanes, conditions);
        let site = Site {
            at: site.at,
            people: site.people,
            walk_max_min,
            walk_mean_min: sum / f64::from(site.people.max(1)),
            lanes,
            samplers: by_rule.max(by_shifts) as u32,
            wait_min,
            wait_slot: wait_slot as u32,
            waits_min,
            calls,
            tubes,
            tubes_by_slot,
            visits,
        };
        totals.people += u64::from(site.people);
        totals.sites_small += u32::from(site.people < limits.least);
        totals.samplers += site.samplers;
        totals.samplers_at_once += lanes;
        totals.staff_hours += f64::from(lanes) * (1.0 + conditions.registrars) * open_min / 60.0;
        totals.tubes += site.tubes_by_slot.iter().sum::<u32>();
        totals.walk_max_min = totals.walk_max_min.max(walk_max_min);
        totals.wait_max_min = totals.wait_max_min.max(wait_min);
        totals.receipt_max_min = totals.receipt_max_min.max(visits.oldest_min);
        totals.sites_late += u32::from(visits.oldest_min > limit_min + 1e-9);
        out.push(site);
    }
    totals.sites = out.len() as u32;
    totals.walk_mean_min = walk_sum / totals.people as f64;
    totals.laboratory_runs = totals.tubes.div_ceil(conditions.run_tubes);
    totals.laboratory_hours = f64::from(totals.laboratory_runs) * conditions.run_hours;
    totals.cost = prices.map(|prices| {
        totals.staff_hours * prices.staff_hour
            + f64::from(totals.tubes) * (prices.tube + prices.test)
            + totals.courier_hours * prices.courier_hour
    });
    Ok(RoundPlan { slots, sites: out, totals, reasons })
}

/// Tubes by size and by slot. Each sampler closes the last tube at the end of a slot, so a slot may have one unfilled tube for each.
fn tubes(
    calls: &[Call],
    buildings: &[Building],
    pools: &BTreeMap<Option<Risk>, Pooling>,
    slots: usize,
    lanes: u32,
    conditions: &Conditions,
) -> (BTreeMap<u8, u32>, Vec<u32>) {
    let mut by_size: BTreeMap<u8, u32> = BTreeMap::new();
    let mut by_slot = vec![0u32; slots];
    let mut shared: BTreeMap<(u32, u8), u32> = BTreeMap::new();
    for call in calls {
        let building = &buildings[call.building as usize];
        let Some(pool) = pools.get(&building.risk) else { continue };
        if pool.household {
            let people = f64::from(call.people);
            let households = match building.households {
                Some(households) if building.people > 0 => people * f64::from(households) / f64::from(building.people),
                _ => people / conditions.household_size,
            };
            // a household that is larger than a tube takes more than one: at least so many are needed
            let count = households.ceil().max((people / f64::from(pool.size)).ceil()) as u32;
            *by_size.entry(0).or_default() += count;
            by_slot[call.slot as usize] += count;
        } else {
            *shared.entry((call.slot, pool.size)).or_default() += call.people;
        }
    }
    for ((slot, size), people) in shared {
        let used = lanes.min(people.max(1));
        let count =
            (0..used).map(|lane| (people / used + u32::from(lane < people % used)).div_ceil(size.into())).sum::<u32>();
        *by_size.entry(size).or_default() += count;
        by_slot[slot as usize] += count;
    }
    (by_size, by_slot)
}

impl RoundPlan {
    /// The boxes that couriers fetch: at each visit the tubes that were closed since the last one.
    pub fn boxes(&self) -> Vec<BoxReady> {
        let mut boxes = Vec::new();
        for (number, site) in self.sites.iter().enumerate() {
            let begin = self.slots.first().map_or(0.0, |slot| f64::from(slot.from));
            let mut visit = begin + site.visits.every_min;
            let mut tubes = 0;
            for (slot, closed) in self.slots.iter().zip(&site.tubes_by_slot) {
                while f64::from(slot.to) > visit + 1e-9 {
                    if tubes > 0 {
                        boxes.push(BoxReady { site: number as u32, ready_min: visit, tubes });
                        tubes = 0;
                    }
                    visit += site.visits.every_min;
                }
                tubes += closed;
            }
            if tubes > 0 {
                boxes.push(BoxReady { site: number as u32, ready_min: visit, tubes });
            }
        }
        boxes
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
