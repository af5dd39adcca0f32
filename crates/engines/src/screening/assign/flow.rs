//! Min-cost flow from many sources to few sinks with capacities (a transportation problem), by successive shortest paths. A path
//! leads from a source over sinks: what a sink holds may be pushed on to another. With few sinks the graph of paths has one
//! node for each, and for each pair the source that moves most cheaply stands on top of a heap. No crate that is kept up has
//! this: general solvers of linear programmes need millions of columns for a city's boxes (ARCHITECTURE.md).

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BinaryHeap},
};

/// An amount below which nothing is moved.
const NOTHING: f64 = 1e-6;

#[derive(PartialEq)]
struct Move {
    price: f64,
    source: u32,
}

impl Eq for Move {}
impl PartialOrd for Move {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Move {
    /// The cheapest stands on top.
    fn cmp(&self, other: &Self) -> Ordering {
        other.price.total_cmp(&self.price).then(other.source.cmp(&self.source))
    }
}

/// The shares of every source at the sinks, at least cost; `None` where not all of it fits. `costs[source][sink]` is the price of
/// a unit, infinite where it may not go.
pub(super) fn cheapest(amounts: &[u32], costs: &[Vec<f64>], capacity: &[f64]) -> Option<Vec<Vec<(u32, f64)>>> {
    let total: f64 = amounts.iter().map(|amount| f64::from(*amount)).sum();
    if total > capacity.iter().sum::<f64>() + NOTHING {
        return None;
    }
    let sinks = capacity.len();
    let mut free = capacity.to_vec();
    let mut held: Vec<BTreeMap<u32, f64>> = vec![BTreeMap::new(); amounts.len()];
    let mut heaps: Vec<BinaryHeap<Move>> = (0..sinks * sinks).map(|_| BinaryHeap::new()).collect();
    // sources with the least choice first: paths stay short
    let mut order: Vec<u32> = (0..amounts.len() as u32).collect();
    let choice = |source: u32| costs[source as usize].iter().filter(|cost| cost.is_finite()).count();
    order.sort_by_key(|source| (choice(*source), *source));
    for source in order {
        let mut rest = f64::from(amounts[source as usize]);
        while rest > NOTHING {
            let (path, price) = shortest(&costs[source as usize], &free, &mut heaps, &held, sinks);
            if price.is_infinite() {
                return None;
            }
            // sinks along the path, and the source that is pushed on each of its steps
            let mut amount = rest.min(free[*path.first().map(|(sink, _)| sink)? as usize]);
            for pair in path.windows(2) {
                let ((_, moved), (from, _)) = (pair[0], pair[1]);
                amount = amount.min(held[moved? as usize].get(&from).copied().unwrap_or(0.0));
            }
            if amount <= NOTHING {
                return None;
            }
            free[path[0].0 as usize] -= amount;
            for pair in path.windows(2) {
                let ((to, moved), (from, _)) = (pair[0], pair[1]);
                let moved = moved?;
                let there = held[moved as usize].entry(from).or_default();
                *there -= amount;
                if *there <= NOTHING {
                    held[moved as usize].remove(&from);
                }
                put(moved, to, amount, costs, &mut held, &mut heaps, sinks);
            }
            put(source, path.last()?.0, amount, costs, &mut held, &mut heaps, sinks);
            rest -= amount;
        }
    }
    Some(held.into_iter().map(|shares| shares.into_iter().collect()).collect())
}

fn put(
    source: u32,
    sink: u32,
    amount: f64,
    costs: &[Vec<f64>],
    held: &mut [BTreeMap<u32, f64>],
    heaps: &mut [BinaryHeap<Move>],
    sinks: usize,
) {
    let there = held[source as usize].entry(sink).or_default();
    let fresh = *there <= NOTHING;
    *there += amount;
    if fresh {
        let costs = &costs[source as usize];
        for (to, cost) in costs.iter().enumerate().filter(|(to, cost)| *to != sink as usize && cost.is_finite()) {
            heaps[sink as usize * sinks + to].push(Move { price: cost - costs[sink as usize], source });
        }
    }
}

/// The cheapest path for a source to a sink with room: sinks from the last back to the first, each with the source that is pushed
/// to it from the next in the list; and its price.
fn shortest(
    costs: &[f64],
    free: &[f64],
    heaps: &mut [BinaryHeap<Move>],
    held: &[BTreeMap<u32, f64>],
    sinks: usize,
) -> (Vec<(u32, Option<u32>)>, f64) {
    let mut price = costs.to_vec();
    let mut from: Vec<Option<(u32, u32)>> = vec![None; sinks];
    let mut waiting: Vec<bool> = price.iter().map(|price| price.is_finite()).collect();
    let mut open = true;
    let mut rounds = 0;
    // there is no cycle of negative price in a cheapest flow, so prices settle within as many rounds as there are sinks
    while open && rounds <= sinks {
        open = false;
        rounds += 1;
        for (sink, room) in free.iter().enumerate() {
            // a sink that is full is passed on from; so may one with room be, but then the path ends better there
            if !std::mem::take(&mut waiting[sink]) || *room > NOTHING {
                continue;
            }
            for (to, back) in from.iter_mut().enumerate() {
                if to == sink {
                    continue;
                }
                let heap = &mut heaps[sink * sinks + to];
                while heap.peek().is_some_and(|top| !held[top.source as usize].contains_key(&(sink as u32))) {
                    heap.pop();
                }
                if let Some(top) = heap.peek() {
                    let through = price[sink] + top.price;
                    if through < price[to] - 1e-12 {
                        price[to] = through;
                        *back = Some((sink as u32, top.source));
                        waiting[to] = true;
                        open = true;
                    }
                }
            }
        }
    }
    let ends = (0..sinks).filter(|sink| free[*sink] > NOTHING && price[*sink].is_finite());
    let Some(end) = ends.min_by(|a, b| price[*a].total_cmp(&price[*b]).then(a.cmp(b))) else {
        return (Vec::new(), f64::INFINITY);
    };
    let mut path = Vec::new();
    let mut at = end;
    while let Some((before, source)) = from[at] {
        path.push((at as u32, Some(source)));
        at = before as usize;
        if path.len() > sinks {
            return (Vec::new(), f64::INFINITY);
        }
    }
    path.push((at as u32, None));
    (path, price[end])
}
