//! Boxes assigned to laboratories: within what each is validated for, sooner than by plain rules, and near the bound. Pure.

use super::*;
use crate::epi::sampling::Chance;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn laboratory(name: &str, lon: f64, validated: u32, tubes_an_hour: f64, price: f64) -> Laboratory {
    Laboratory {
        name: name.to_owned(),
        at: Point { lon, lat: 29.5 },
        in_city: true,
        validated,
        tubes_an_hour,
        open: vec![(0.0, 2_880.0)],
        turnaround_min: 180.0,
        price,
        travel_min: None,
    }
}

fn city(seed: u64, boxes: usize, laboratories: usize) -> (Vec<TubeBox>, Vec<Laboratory>) {
    let mut chance = Chance::new(seed, 0);
    let mut point = || Point { lon: 106.3 + 0.4 * chance.uniform(), lat: 29.4 + 0.3 * chance.uniform() };
    let places: Vec<Point> = (0..boxes + laboratories).map(|_| point()).collect();
    let mut chance = Chance::new(seed, 1);
    let boxes: Vec<TubeBox> = (0..boxes)
        .map(|n| TubeBox {
            name: format!("X{n}"),
            at: places[n],
            ready_min: (chance.uniform() * 900.0).round(),
            tubes: 10 + (chance.uniform() * 60.0) as u32,
            under_way: None,
        })
        .collect();
    let total: u32 = boxes.iter().map(|one| one.tubes).sum();
    let laboratories: Vec<Laboratory> = (0..laboratories)
        .map(|n| {
            let share = 0.4 + 1.6 * chance.uniform();
            let validated = (f64::from(total) * share / laboratories as f64 * 1.3) as u32 + 80;
            Laboratory {
                at: places[boxes.len() + n],
                ..laboratory(&format!("L{n}"), 0.0, validated, f64::from(validated) / 18.0, 1.0 + chance.uniform())
            }
        })
        .collect();
    (boxes, laboratories)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn no_assignment_exceeds_what_is_validated_and_none_is_later_than_the_nearest(seed in 0u64..10_000, boxes in 1usize..40, laboratories in 1usize..6) {
        let (boxes, laboratories) = city(seed, boxes, laboratories);
        let roads = Roads::default();
        let assigned = assign(&boxes, &laboratories, &roads);
        let (ours, theirs) = (examine(&boxes, &laboratories, &roads, &assigned.to), examine(&boxes, &laboratories, &roads, &nearest(&boxes, &laboratories, &roads)));
        prop_assert!(ours.over.is_empty() && ours.turned.is_empty());
        if theirs.holds() {
            prop_assert!(ours.holds(), "{:?}", ours);
            prop_assert!(ours.last_result_min <= theirs.last_result_min + 1e-6);
        }
        if ours.holds() {
            prop_assert!(ours.last_result_min >= assigned.bound_min - 1e-6, "{} {}", ours.last_result_min, assigned.bound_min);
        }
        prop_assert_eq!(&assigned, &assign(&boxes, &laboratories, &roads));
    }
}

#[test]
fn planning_is_sooner_than_the_nearest_and_near_the_bound() {
    let (mut gained, mut above) = (0.0, 0.0);
    for seed in 0..3 {
        let (boxes, laboratories) = city(seed, 90, 6);
        let roads = Roads::default();
        let assigned = assign(&boxes, &laboratories, &roads);
        let ours = examine(&boxes, &laboratories, &roads, &assigned.to);
        let theirs = examine(&boxes, &laboratories, &roads, &nearest(&boxes, &laboratories, &roads));
        assert!(ours.holds(), "{ours:?}");
        gained += theirs.last_result_min / ours.last_result_min;
        above += ours.last_result_min / assigned.bound_min;
    }
    println!("nearest / ours {:.3}, ours / bound {:.4}", gained / 3.0, above / 3.0);
    assert!(gained / 3.0 > 1.05 && above / 3.0 < 1.15, "{} {}", gained / 3.0, above / 3.0);
}

/// Small cases against every possible assignment.
#[test]
fn small_cases_are_near_the_best_of_all() {
    let mut sums = (0.0, 0.0);
    for seed in 0..12 {
        let (boxes, laboratories) = city(seed, 7, 2);
        let roads = Roads::default();
        let ours = examine(&boxes, &laboratories, &roads, &assign(&boxes, &laboratories, &roads).to);
        let all = (0..1u32 << 7).map(|mask| (0..7).map(|at| Some(mask >> at & 1)).collect::<Vec<_>>());
        let kept = all.map(|to| examine(&boxes, &laboratories, &roads, &to)).filter(Examined::holds);
        let best = kept.map(|one| one.last_result_min).fold(f64::INFINITY, f64::min);
        assert!(ours.holds() == best.is_finite(), "{seed}: {ours:?} {best}");
        if best.is_finite() {
            // times are halved to two minutes, and whole boxes fit less evenly than tubes
            assert!(ours.last_result_min <= best * 1.05 + 2.5, "{seed}: {} {best}", ours.last_result_min);
            sums = (sums.0 + ours.last_result_min, sums.1 + best);
        }
    }
    assert!(sums.1 > 0.0 && sums.0 <= sums.1 * 1.01, "{sums:?}");
}

#[test]
fn what_is_under_way_stays_and_the_cheaper_is_taken_where_time_is_equal() {
    let boxes: Vec<TubeBox> = (0..10)
        .map(|n| TubeBox {
            name: format!("X{n}"),
            at: Point { lon: 106.5, lat: 29.5 },
            ready_min: 60.0,
            tubes: 50,
            under_way: None,
        })
        .collect();
    // one dear box late in the day fixes the last result; there is time for the others at the cheap laboratory
    let mut boxes = boxes;
    boxes[9].ready_min = 1_200.0;
    let cheap = laboratory("cheap", 106.6, 1_000, 60.0, 1.0);
    let dear = laboratory("dear", 106.5, 1_000, 600.0, 9.0);
    let (roads, laboratories) = (Roads::default(), vec![cheap, dear]);
    let first = assign(&boxes, &laboratories, &roads);
    let examined = examine(&boxes, &laboratories, &roads, &first.to);
    assert!(examined.holds());
    assert_eq!(examined.laboratories[1].0, 50, "only the last box needs the fast one: {:?}", first.to);
    // the cheap one loses its validation but for what is on its way
    boxes[0].under_way = Some(0);
    boxes[1].under_way = Some(0);
    let mut fewer = laboratories.clone();
    fewer[0].validated = 120;
    let again = assign(&boxes, &fewer, &roads);
    assert_eq!(&again.to[..2], [Some(0), Some(0)]);
    let examined = examine(&boxes, &fewer, &roads, &again.to);
    assert!(examined.holds() && examined.laboratories[0].0 == 100, "{examined:?}");
    // the checker sees what is wrong
    let wrong = vec![Some(1); 10];
    assert_eq!(examine(&boxes, &fewer, &roads, &wrong).turned, [0, 1]);
    assert_eq!(examine(&boxes, &fewer, &roads, &[Some(0); 10]).over, [0]);
    assert_eq!(examine(&boxes, &fewer, &roads, &[None; 10]).without.len(), 10);
    fewer[1].open = vec![(0.0, 30.0)];
    assert!(!examine(&boxes, &fewer, &roads, &again.to).never.is_empty());
}

#[test]
fn more_tubes_than_capacity_leave_the_latest_without() {
    let boxes: Vec<TubeBox> = (0..6)
        .map(|n| TubeBox {
            name: format!("X{n}"),
            at: Point { lon: 106.5, lat: 29.5 },
            ready_min: f64::from(n) * 10.0,
            tubes: 50,
            under_way: None,
        })
        .collect();
    let laboratories = [laboratory("L", 106.5, 210, 100.0, 1.0)];
    let assigned = assign(&boxes, &laboratories, &Roads::default());
    assert_eq!(assigned.to, [Some(0), Some(0), Some(0), Some(0), None, None]);
    assert_eq!(assign(&[], &laboratories, &Roads::default()).to, []);
}

/// The flow beside every way of putting whole amounts, in cases that are small enough.
#[test]
fn the_flow_is_the_cheapest_of_all() {
    for seed in 0..200 {
        let mut chance = Chance::new(seed, 7);
        let mut whole = |most: f64| (chance.uniform() * most).floor();
        let sinks = 2 + whole(2.0) as usize;
        let amounts: Vec<u32> = (0..4).map(|_| 1 + whole(3.0) as u32).collect();
        let mut costs: Vec<Vec<f64>> = (0..4).map(|_| (0..sinks).map(|_| whole(9.0)).collect()).collect();
        for (n, row) in costs.iter_mut().enumerate() {
            if whole(4.0) == 0.0 {
                row[n % sinks] = f64::INFINITY;
            }
        }
        let capacity: Vec<f64> = (0..sinks).map(|_| 1.0 + whole(6.0)).collect();
        // units of the amounts, each at any sink
        let units: Vec<usize> =
            amounts.iter().enumerate().flat_map(|(source, n)| std::iter::repeat_n(source, *n as usize)).collect();
        let mut best: BTreeMap<Vec<u32>, f64> = BTreeMap::from([(vec![0; sinks], 0.0)]);
        for source in units {
            let mut next: BTreeMap<Vec<u32>, f64> = BTreeMap::new();
            for (used, price) in best {
                for sink in (0..sinks).filter(|sink| f64::from(used[*sink]) + 1.0 <= capacity[*sink]) {
                    let mut used = used.clone();
                    used[sink] += 1;
                    let price = price + costs[source][sink];
                    let there = next.entry(used).or_insert(f64::INFINITY);
                    *there = there.min(price);
                }
            }
            best = next;
        }
        let best = best.into_values().fold(f64::INFINITY, f64::min);
        let found = flow::cheapest(&amounts, &costs, &capacity).map_or(f64::INFINITY, |shares| {
            let all =
                shares.iter().enumerate().flat_map(|(source, shares)| shares.iter().map(move |one| (source, one)));
            all.map(|(source, (sink, amount))| costs[source][*sink as usize] * amount).sum()
        });
        assert!(best == found || (best - found).abs() < 1e-6, "{seed}: {best} {found}");
    }
}

#[test]
fn a_city_of_boxes_is_assigned_near_the_bound() {
    let (boxes, laboratories) = city(1, 4_000, 20);
    let roads = Roads::default();
    let assigned = assign(&boxes, &laboratories, &roads);
    let ours = examine(&boxes, &laboratories, &roads, &assigned.to);
    assert!(ours.holds() && ours.last_result_min <= assigned.bound_min * 1.05, "{ours:?} {}", assigned.bound_min);
    assert_eq!(assigned, assign(&boxes, &laboratories, &roads));
}
