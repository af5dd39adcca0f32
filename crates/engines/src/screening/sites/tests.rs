//! Everybody has one site within reach, small towns come near the best of all ways, and the search is worth its time.

use super::*;
use crate::epi::sampling::Chance;
use proptest::prelude::*;

fn walk(spots: &[Spot], placed: &[Placed]) -> f64 {
    let way = |site: &Placed, (at, people): &(u32, u32)| {
        f64::from(spots[site.at as usize].metres(spots[*at as usize])) * f64::from(*people)
    };
    placed.iter().map(|site| site.serves.iter().map(|part| way(site, part)).sum::<f64>()).sum()
}

fn town(seed: u64, count: usize, side: f64, most: f64) -> (Vec<Spot>, Vec<u32>) {
    let mut chance = Chance::new(seed, 0);
    let spots = (0..count)
        .map(|_| Spot { x: (chance.uniform() * side) as f32, y: (chance.uniform() * side) as f32, squeeze: 1.0 })
        .collect();
    (spots, (0..count).map(|_| (chance.uniform() * most) as u32 + 1).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn everybody_has_one_site_within_reach(seed in 0u64..1_000, count in 1usize..250, side in 100.0f64..20_000.0) {
        let (spots, mut people) = town(seed, count, side, 400.0);
        people[0] = 7_001; // a building for three sites
        let rules = Rules { least: 2_000, most: 3_000, reach: 800.0, in_place: false };
        for improve in [false, true] {
            let placed = place(&spots, &people, rules, improve);
            let mut served = vec![0u32; count];
            for site in &placed {
                prop_assert!(site.people <= 3_000);
                prop_assert_eq!(site.people, site.serves.iter().map(|part| part.1).sum::<u32>());
                for (at, people) in &site.serves {
                    served[*at as usize] += people;
                    prop_assert!(spots[site.at as usize].metres(spots[*at as usize]) <= 800.0);
                }
            }
            prop_assert_eq!(&served, &people);
            prop_assert_eq!(&placed, &place(&spots, &people, rules, improve));
        }
    }
}

/// Ten buildings, the best of all ways to serve them by two sites found by trying every one.
#[test]
fn small_towns_come_near_the_best_of_all() {
    let (mut found, mut best_of_all) = (0.0, 0.0);
    for seed in 0..40 {
        let (spots, people) = town(seed, 10, 900.0, 100.0);
        let total: u32 = people.iter().sum();
        let rules = Rules { least: total * 2 / 5, most: total * 3 / 5 + 1, reach: 2_000.0, in_place: false };
        let placed = place(&spots, &people, rules, true);
        let mut best = f64::INFINITY;
        for mask in 1u32..1 << 9 {
            let side = |bit: u32| (0..10u32).filter(|at| (mask >> at) & 1 == bit).collect::<Vec<u32>>();
            let sides = [side(1), side(0)];
            let load = |side: &[u32]| side.iter().map(|at| people[*at as usize]).sum::<u32>();
            if sides.iter().any(|side| load(side) > rules.most || load(side) < rules.least) {
                continue;
            }
            let cost = |side: &Vec<u32>| {
                let of = |at: u32| {
                    walk(
                        &spots,
                        &[Placed { at, serves: side.iter().map(|b| (*b, people[*b as usize])).collect(), people: 0 }],
                    )
                };
                side.iter().map(|at| of(*at)).fold(f64::INFINITY, f64::min)
            };
            best = best.min(sides.iter().map(cost).sum());
        }
        if placed.len() == 2 && best.is_finite() {
            assert!(walk(&spots, &placed) >= best * 0.999, "better than the best of all: {seed}");
            found += walk(&spots, &placed);
            best_of_all += best;
        }
    }
    assert!(best_of_all > 0.0 && found < best_of_all * 1.12, "{found} {best_of_all}");
}

#[test]
fn the_search_shortens_ways_and_closes_small_sites() {
    let (spots, people) = town(3, 4_000, 12_000.0, 200.0);
    let rules = Rules { least: 2_000, most: 3_000, reach: 800.0, in_place: false };
    let (raw, placed) = (place(&spots, &people, rules, false), place(&spots, &people, rules, true));
    assert!(walk(&spots, &placed) < 0.95 * walk(&spots, &raw), "{} {}", walk(&spots, &placed), walk(&spots, &raw));
    let small = |sites: &[Placed]| sites.iter().filter(|site| site.people < 2_000).count();
    assert!(small(&placed) <= small(&raw) && placed.len() <= raw.len());
    assert!(small(&placed) * 20 <= placed.len(), "{} of {}", small(&placed), placed.len());
}
