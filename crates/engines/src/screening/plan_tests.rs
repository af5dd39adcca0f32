//! Rounds planned: everybody called once, within walks, queues and the clauses of the pack. Pure.

use super::*;
use crate::epi::sampling::Chance;
use dayclear_core::protocol::{Packs, Past};

fn day(text: &str) -> CivilDate {
    text.parse().unwrap()
}

fn town(count: usize, side_degrees: f64) -> Vec<Building> {
    let mut chance = Chance::new(11, 0);
    (0..count)
        .map(|n| {
            let at =
                Point { lon: 106.5 + chance.uniform() * side_degrees, lat: 29.5 + chance.uniform() * side_degrees };
            let people = (chance.uniform() * 300.0) as u32;
            let floors = (n % 3 > 0).then_some(11);
            Building {
                name: format!("B{n}"),
                at,
                people,
                households: Some(people / 3),
                floors,
                area: Some("Z1".to_owned()),
                risk: None,
            }
        })
        .collect()
}

fn round<'a>(buildings: &'a [Building], history: &'a [PastRound]) -> Round<'a> {
    Round {
        day: day("2022-11-22"),
        purpose: Purpose::AreaScreening,
        ground: None,
        spread: Spread::Affected,
        most: None,
        buildings,
        laboratories: &[],
        history,
        in_place: false,
    }
}

fn past(area: &str, on: &str, found: u32) -> PastRound {
    PastRound { area: area.to_owned(), past: Past { day: day(on), found } }
}

#[test]
fn a_round_holds_what_the_pack_asks() {
    let packs = Packs::builtin().unwrap();
    let pack = packs.named("covid-19-cn-twenty").unwrap();
    let buildings = town(400, 0.03);
    let people: u64 = buildings.iter().map(|building| u64::from(building.people)).sum();
    for (hours, open) in [(24.0, vec![(0, 960)]), (8.0, vec![(0, 240), (300, 480)]), (24.0, vec![(0, 1440)])] {
        let conditions = Conditions { hours, open, ..Conditions::default() };
        let plan = plan(pack, &round(&buildings, &[]), &conditions, None).unwrap();
        let totals = &plan.totals;
        assert_eq!(totals.people, people);
        assert!(
            totals.walk_max_min <= 15.0 + 1e-3 && totals.wait_max_min <= 30.0 && totals.wait_max_min > 1.0,
            "{totals:?}"
        );
        assert!(totals.samplers >= people.div_ceil(360) as u32, "{totals:?}");
        assert!(totals.receipt_max_min <= 240.0 && totals.sites_late == 0, "{totals:?}");
        for site in &plan.sites {
            assert!(site.people <= 3_000);
            assert_eq!(site.calls.iter().map(|call| call.people).sum::<u32>(), site.people);
            let tubes: u32 = site.tubes.values().sum();
            assert_eq!(tubes, site.tubes_by_slot.iter().sum::<u32>());
            assert!(site.tubes.keys().all(|size| [1, 5, 10].contains(size)) && tubes >= site.people.div_ceil(10));
            // every person passes a place within the opening hours
            let minutes = plan.slots.iter().map(|slot| f64::from(slot.to - slot.from)).sum::<f64>();
            assert!(f64::from(site.lanes) * minutes * 0.75 >= f64::from(site.people) - 1e-6);
        }
        assert_eq!(plan.boxes().iter().map(|ready| ready.tubes).sum::<u32>(), totals.tubes);
        // a box is fetched when its site's courier comes by, and no tube waits longer than a loop
        for ready in plan.boxes() {
            let visits = plan.sites[ready.site as usize].visits;
            assert!(visits.every_min + visits.ride_min + conditions.handling_min <= 240.0 + 1e-6, "{visits:?}");
        }
    }
    // half the people a sampler can see in half a shift: twice as many samplers
    let conditions =
        |open: i32| Conditions { hours: 24.0, open: vec![(0, open)], at_once: 0.0, ..Conditions::default() };
    let samplers = |open| plan(pack, &round(&buildings, &[]), &conditions(open), None).unwrap().totals.samplers;
    assert!(samplers(240) as f64 / samplers(480) as f64 > 1.8);
}

#[test]
fn what_the_pack_forbids_is_refused_by_its_clause() {
    let packs = Packs::builtin().unwrap();
    let named = |id: &str| packs.named(id).unwrap();
    let buildings = town(20, 0.005);
    let twenty = named("covid-19-cn-twenty");
    let conditions = Conditions::default();
    let said = |pack: &Pack, round: &Round<'_>| {
        plan(pack, round, &conditions, None).err().map(|no| no.to_string()).unwrap_or_default()
    };
    for (history, expected) in [
        (vec![past("Z1", "2022-11-22", 0)], "round.a_day"),
        (vec![past("", "2022-11-22", 3)], "round.a_day"),
        (vec![past("Z1", "2022-11-19", 0), past("Z1", "2022-11-20", 0), past("Z1", "2022-11-21", 0)], "round.pause"),
        (
            ["2022-11-14", "2022-11-15", "2022-11-16", "2022-11-20"].map(|on| past("Z1", on, 0)).to_vec(),
            "round.after_pause",
        ),
        (vec![past("Z2", "2022-11-22", 0)], ""),
        (vec![past("Z1", "2022-11-18", 0), past("Z1", "2022-11-21", 1)], ""),
    ] {
        let answer = said(twenty, &round(&buildings, &history));
        assert!(answer.contains(expected) && answer.is_empty() == expected.is_empty(), "{expected}: {answer}");
    }
    let mut strangers = buildings.clone();
    strangers[3].area = None;
    assert!(said(twenty, &round(&strangers, &[])).contains("1 building(s) belong to no area, among them B3"));
    let wide = |ground| Round { purpose: Purpose::ExpandedScreening, ground, ..round(&strangers, &[]) };
    assert!(said(twenty, &wide(None)).contains("round.widened"));
    assert_eq!(said(twenty, &wide(Some(Ground::SourceUnclear))), "");
    assert!(said(named("covid-19-cn-ten"), &wide(Some(Ground::SourceUnclear))).contains("round.widened"));
    assert!(said(named("ebola"), &round(&buildings, &[])).contains("says nothing of rounds"));
    let long = Conditions { hours: 30.0, ..Conditions::default() };
    assert!(matches!(plan(twenty, &round(&buildings, &[]), &long, None), Err(RoundRefusal::TooLong { .. })));
    let late = Conditions { hours: 10.0, open: vec![(0, 660)], ..Conditions::default() };
    assert!(matches!(plan(twenty, &round(&buildings, &[]), &late, None), Err(RoundRefusal::Hours { .. })));
    let empty: Vec<Building> = buildings.iter().map(|building| Building { people: 0, ..building.clone() }).collect();
    assert_eq!(plan(twenty, &round(&empty, &[]), &conditions, None), Err(RoundRefusal::Nobody));
}

#[test]
fn tubes_follow_the_risk_within_what_the_pack_allows() {
    let packs = Packs::builtin().unwrap();
    let twenty = packs.named("covid-19-cn-twenty").unwrap();
    for (purpose, risk, size, household) in [
        (Purpose::AreaScreening, None, 10, false),
        (Purpose::AreaScreening, Some(Risk::Household), 10, true),
        (Purpose::AreaScreening, Some(Risk::Ordinary), 10, false), // 20 is not allowed here
        (Purpose::Community, None, 20, false),
        (Purpose::Community, Some(Risk::Household), 1, false), // no tubes of a household here
        (Purpose::KeyPerson, Some(Risk::Ordinary), 1, false),
        (Purpose::Isolation, None, 1, false),
    ] {
        let pool = pooling(twenty, purpose, risk);
        assert_eq!((pool.size, pool.household), (size, household), "{purpose} {risk:?}");
        assert_eq!(pool.reason.clause, format!("pool.{purpose}"));
    }
    let mut buildings = town(30, 0.005);
    buildings.iter_mut().for_each(|building| building.risk = Some(Risk::Household));
    let plan =
        plan(twenty, &round(&buildings, &[]), &Conditions::default(), Some(Prices { tube: 1.0, ..Prices::default() }))
            .unwrap();
    let households: u32 = buildings.iter().filter_map(|building| building.households).sum();
    assert!(
        plan.totals.tubes >= households && f64::from(plan.totals.tubes) < f64::from(households) * 1.5,
        "{} {households}",
        plan.totals.tubes
    );
    assert_eq!(plan.totals.cost, Some(f64::from(plan.totals.tubes)));
    assert!(plan.sites.iter().all(|site| site.tubes.keys().all(|size| *size == 0)));
}

#[test]
fn whoever_is_sampled_in_place_walks_nowhere_however_few_they_are() {
    let packs = Packs::builtin().unwrap();
    let twenty = packs.named("covid-19-cn-twenty").unwrap();
    let mut buildings = town(30, 0.005);
    buildings.iter_mut().enumerate().for_each(|(n, building)| building.people = if n == 7 { 0 } else { 5 });
    buildings[3].people = 4_000;
    let asked = |in_place| Round { purpose: Purpose::KeyPerson, in_place, ..round(&buildings, &[]) };
    let apart = plan(twenty, &asked(true), &Conditions::default(), None).unwrap();
    assert_eq!((apart.totals.people, apart.totals.walk_max_min), (28 * 5 + 4_000, 0.0));
    let here = |site: &Site| site.calls.iter().all(|call| call.building == site.at);
    assert!(apart.sites.iter().all(here), "nobody is called to another place");
    let of_many = apart.sites.iter().filter(|site| site.at == 3).count();
    assert!(of_many > 1 && apart.sites.len() == 28 + of_many, "{of_many} of {}", apart.sites.len());
    let together = plan(twenty, &asked(false), &Conditions::default(), None).unwrap();
    assert!(together.sites.len() < 10 && together.totals.walk_max_min > 0.0, "{}", together.sites.len());
}
