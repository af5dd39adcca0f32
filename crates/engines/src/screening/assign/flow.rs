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
    // what a place of each sink costs beside those that are free
    let mut prices = vec![0.0; sinks];
    let mut heaps: Vec<BinaryHeap<Move>> = (0..sinks * sinks).map(|_| BinaryHeap::new()).collect();
    // sources with the least choice first: paths stay short
    let mut order: Vec<u32> = (0..amounts.len() as u32).collect();
    let choice = |source: u32| costs[source as usize].iter().filter(|cost| cost.is_finite()).count();
    order.sort_by_key(|source| (choice(*source), *source));
    for source in order {
        let mut rest = f64::from(amounts[source as usize]);
        while rest > NOTHING {
            let path = shortest(&costs[source as usize], &free, &mut prices, &mut heaps, &held)?;
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
/// to it from the next in the list. None where none can be reached. Dijkstra on prices less those of the sinks, which are
/// never below nothing in a cheapest flow (Edmonds and Karp 1972); it stops at the first sink with room, so what is not full
/// costs nothing, and the prices of the sinks that were looked at rise by what the detour over them costs.
fn shortest(
    costs: &[f64],
    free: &[f64],
    prices: &mut [f64],
    heaps: &mut [BinaryHeap<Move>],
    held: &[BTreeMap<u32, f64>],
) -> Option<Vec<(u32, Option<u32>)>> {
    let sinks = free.len();
    let mut way: Vec<f64> = costs.iter().zip(&*prices).map(|(cost, price)| cost + price).collect();
    let mut from: Vec<Option<(u32, u32)>> = vec![None; sinks];
    let mut looked: Vec<usize> = Vec::new();
    let mut done = vec![false; sinks];
    let end = loop {
        let open = (0..sinks).filter(|sink| !done[*sink] && way[*sink].is_finite());
        let next = open.min_by(|a, b| way[*a].total_cmp(&way[*b]).then(a.cmp(b)))?;
        if free[next] > NOTHING {
            break next;
        }
        done[next] = true;
        looked.push(next);
        for to in (0..sinks).filter(|to| !done[*to]) {
            let heap = &mut heaps[next * sinks + to];
            while heap.peek().is_some_and(|top| !held[top.source as usize].contains_key(&(next as u32))) {
                heap.pop();
            }
            if let Some(top) = heap.peek() {
                // rounding may leave a little below nothing
                let through = way[next] + (top.price + prices[to] - prices[next]).max(0.0);
                if through < way[to] {
                    way[to] = through;
                    from[to] = Some((next as u32, top.source));
                }
            }
        }
    };
    for sink in looked {
        prices[sink] += way[end] - way[sink];
    }
    let mut path = Vec::new();
    let mut at = end;
    while let Some((before, source)) = from[at] {
        path.push((at as u32, Some(source)));
        at = before as usize;
    }
    path.push((at as u32, None));
    Some(path)
}
