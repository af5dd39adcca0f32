//! How tubes come to a laboratory in time: sites in the order of a curve are joined to loops that a courier drives again and
//! again; a loop grows while the oldest tube, which waits for one whole loop and then rides the rest of it, still arrives in
//! time. A far laboratory needs several couriers on one loop.

use super::{
    chart::{self, Point, Spot},
    plan::Conditions,
};

/// Minutes between two visits where the ride alone takes most of the time allowed: more vehicles would bring little.
const LATE_EVERY_MIN: f64 = 60.0;

/// A site's visits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Visits {
    /// Courier loop that comes by.
    pub courier: u32,
    /// Minutes between two visits.
    pub every_min: f64,
    /// Minutes from a visit to the laboratory's receipt.
    pub ride_min: f64,
    /// Laboratory, by its place in the input; none where none was given.
    pub laboratory: Option<u32>,
    /// Minutes from the collection of the oldest tube to its receipt.
    pub oldest_min: f64,
}

/// Couriers of a round.
pub(super) struct Delivery {
    pub visits: Vec<Visits>,
    /// Vehicles.
    pub couriers: u32,
    /// Loops driven.
    pub runs: u32,
    /// Vehicle hours.
    pub hours: f64,
}

/// Plans the loops for sites at these places, with tubes to be received within so many minutes of their collection, over so
/// many minutes of opening.
pub(super) fn plan(
    sites: &[Point],
    laboratories: &[Point],
    limit_min: f64,
    open_min: f64,
    conditions: &Conditions,
) -> Delivery {
    let spots = chart::spots(sites.iter().copied());
    let along = chart::along_curve(&spots);
    let minutes = |metres: f64| metres * conditions.road_detour / (conditions.vehicle_kmh * 1000.0 / 60.0);
    let nearest = |at: usize| {
        let ways = laboratories.iter().enumerate().map(|(number, place)| (sites[at].metres(*place), number as u32));
        ways.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
    };
    let homes: Vec<(f64, Option<u32>)> = (0..sites.len())
        .map(|at| {
            nearest(at).map_or((conditions.to_laboratory_min, None), |(way, number)| (minutes(way), Some(number)))
        })
        .collect();
    let mut order: Vec<usize> = (0..sites.len()).collect();
    order.sort_by_key(|at| (homes[*at].1, along[*at], *at));
    let limit = (limit_min - conditions.handling_min).max(1.0);
    let mut done = Delivery {
        visits: vec![
            Visits { courier: 0, every_min: 0.0, ride_min: 0.0, laboratory: None, oldest_min: 0.0 };
            sites.len()
        ],
        couriers: 0,
        runs: 0,
        hours: 0.0,
    };
    let leg = |a: usize, b: usize| minutes(f64::from(Spot::metres(spots[a], spots[b]))) + conditions.stop_min;
    let mut from = 0;
    let mut courier = 0;
    while from < order.len() {
        // the ride of the first tube: from its stop over the others to the laboratory
        let out = homes[order[from]].0 + conditions.stop_min;
        let mut between = 0.0;
        let mut to = from + 1;
        while to < order.len() && homes[order[to]].1 == homes[order[from]].1 {
            let more = between + leg(order[to - 1], order[to]);
            let ride = more + homes[order[to]].0;
            if out + ride + ride > limit {
                break;
            }
            between = more;
            to += 1;
        }
        let ride = between + homes[order[to - 1]].0;
        let whole = out + ride;
        let vehicles = if whole + ride <= limit { 1.0 } else { (whole / (limit - ride).max(LATE_EVERY_MIN)).ceil() };
        let every = whole / vehicles;
        let mut rest = ride;
        for (n, site) in order[from..to].iter().copied().enumerate() {
            if n > 0 {
                rest -= leg(order[from + n - 1], site);
            }
            let oldest = every + rest + conditions.handling_min;
            done.visits[site] =
                Visits { courier, every_min: every, ride_min: rest, laboratory: homes[site].1, oldest_min: oldest };
        }
        let runs = (open_min / every).ceil().max(1.0);
        done.couriers += vehicles as u32;
        done.runs += runs as u32;
        done.hours += runs * whole / 60.0;
        courier += 1;
        from = to;
    }
    done
}
