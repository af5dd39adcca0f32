//! Measures the screening engines for `cargo xtask bench screen-plan` and prints one JSON object: a round planned for a made
//! city, its boxes assigned beside each to the nearest laboratory, and what the signals find in made days of laboratories.
//! Arguments: PEOPLE BUILDINGS LABORATORIES SEEDS.

use dayclear_core::{
    protocol::{Ground, Packs, Spread},
    screening::Purpose,
    time::CivilDate,
};
use dayclear_engines::{
    epi::sampling::Chance,
    screening::{
        assign::{Laboratory, Roads, TubeBox, assign, examine, nearest},
        plan::{Building, Conditions, Place, Round, plan},
        quality::{
            Settings,
            rehearsal::{Rehearsal, Scene},
        },
    },
};
use std::{error::Error, time::Instant};

/// A city of 41 districts in a province of its own: most people in dense middles, the others in villages. A smaller one is as
/// dense, on less ground.
fn city(people: f64, buildings: usize, chance: &mut Chance) -> Vec<Building> {
    let scale = (people / 32e6).sqrt();
    let districts: Vec<(Place, f64)> = (0..41)
        .map(|n| {
            let far = scale * if n < 9 { 0.15 } else { 1.6 };
            let at = Place { lon: 106.55 + far * chance.normal(), lat: 29.56 + 0.7 * far * chance.normal() };
            (at, scale * if n < 9 { 0.07 } else { 0.03 })
        })
        .collect();
    let mean = people / buildings as f64;
    (0..buildings)
        .map(|n| {
            let (middle, wide) = districts[n % districts.len()];
            // a fifth of the buildings are villages
            let wide = if n % 5 == 0 { wide * 6.0 } else { wide };
            let at = Place { lon: middle.lon + wide * chance.normal(), lat: middle.lat + wide * chance.normal() };
            let size = mean * (0.6 * chance.normal() - 0.18).exp() * if n % 5 == 0 { 0.4 } else { 1.15 };
            let people = size.round().max(1.0) as u32;
            let floors = Some((people / 12).clamp(1, 33) as u16);
            Building { name: format!("B{n}"), at, people, households: None, floors, area: None, risk: None }
        })
        .collect()
}

/// Sites as they are drawn by hand: block by block in rows of 600 m, a new site whenever one is full. Mean way in metres.
fn by_rows(buildings: &[Building]) -> (usize, f64) {
    let row = |building: &Building| (building.at.lat * 185.0).floor() as i64;
    let mut order: Vec<&Building> = buildings.iter().collect();
    order.sort_by(|a, b| row(a).cmp(&row(b)).then(a.at.lon.total_cmp(&b.at.lon)));
    let (mut sites, mut way, mut total, mut from) = (0, 0.0, 0.0, 0);
    while from < order.len() {
        let mut people = 0;
        let mut to = from;
        while to < order.len()
            && (to == from
                || people + order[to].people <= 3_000
                    && row(order[to]) == row(order[from])
                    && order[to].at.metres(order[from].at) <= 1_480.0)
        {
            people += order[to].people;
            to += 1;
        }
        let middle = order[(from + to) / 2].at;
        way += order[from..to].iter().map(|one| one.at.metres(middle) * f64::from(one.people)).sum::<f64>();
        total += f64::from(people);
        sites += 1;
        from = to;
    }
    (sites, way / total)
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [people, buildings, laboratories, seeds] = &words[..] else {
        return Err("usage: screen_bench PEOPLE BUILDINGS LABORATORIES SEEDS".into());
    };
    let (people, count): (f64, usize) = (people.parse()?, buildings.parse()?);
    let mut chance = Chance::new(1, 0);
    let buildings = city(people, count, &mut chance);
    let laboratory_count: usize = laboratories.parse()?;
    let places: Vec<Place> = (0..laboratory_count)
        .map(|n| {
            let near = buildings[(n * 7_919 + 1) % buildings.len()].at;
            Place { lon: near.lon + 0.01 * chance.normal(), lat: near.lat + 0.01 * chance.normal() }
        })
        .collect();
    let packs = Packs::builtin()?;
    let pack = packs.named("covid-19-cn-twenty").ok_or("the pack is built in")?;
    let round = Round {
        day: CivilDate::new(2022, 11, 22).ok_or("a day")?,
        purpose: Purpose::ExpandedScreening,
        ground: Some(Ground::LongSpread),
        spread: Spread::Affected,
        most: None,
        buildings: &buildings,
        laboratories: &places,
        history: &[],
        in_place: false,
    };
    let conditions = Conditions::default();
    let begin = Instant::now();
    let planned = plan(pack, &round, &conditions, None)?;
    let plan_s = begin.elapsed().as_secs_f64();
    let totals = &planned.totals;
    let (rows_sites, rows_walk) = by_rows(&buildings);
    let walked = |metres: f64| metres * conditions.walk_detour / conditions.walk_m_s / 60.0;

    let boxes: Vec<TubeBox> = planned
        .boxes()
        .iter()
        .enumerate()
        .map(|(n, ready)| TubeBox {
            name: format!("X{n}"),
            at: buildings[planned.sites[ready.site as usize].at as usize].at,
            ready_min: ready.ready_min,
            tubes: ready.tubes,
            under_way: None,
        })
        .collect();
    let share = f64::from(totals.tubes) / laboratory_count as f64;
    let laboratories: Vec<Laboratory> = places
        .iter()
        .enumerate()
        .map(|(n, at)| {
            let validated = (share * 1.3 * (0.4 + 1.2 * chance.uniform())) as u32;
            Laboratory {
                name: format!("L{n}"),
                at: *at,
                in_city: n % 10 != 9,
                validated,
                tubes_an_hour: f64::from(validated) / 20.0,
                open: vec![(0.0, 4_320.0)],
                turnaround_min: 240.0,
                price: 10.0 + 6.0 * chance.uniform(),
                // every tenth is outside the city
                travel_min: (n % 10 == 9).then_some(300.0),
            }
        })
        .collect();
    let roads = Roads::default();
    let begin = Instant::now();
    let assigned = assign(&boxes, &laboratories, &roads);
    let assign_s = begin.elapsed().as_secs_f64();
    let ours = examine(&boxes, &laboratories, &roads, &assigned.to);
    let plain = examine(&boxes, &laboratories, &roads, &nearest(&boxes, &laboratories, &roads));

    let (mut found, mut cheats, mut wronged, mut rows, mut quality_s) = (0, 0, 0, 0, 0.0);
    for seed in 1..=seeds.parse::<u64>()? {
        let day = Rehearsal::play(Scene { seed, ..Scene::default() });
        rows += day.rows(24).len();
        let begin = Instant::now();
        let (score, _) = day.score(24, &Settings::default());
        quality_s += begin.elapsed().as_secs_f64();
        found += score.found;
        cheats += 10;
        wronged += score.wronged;
    }
    println!(
        "{{\"people\":{},\"buildings\":{count},\"plan_s\":{plan_s:.2},\"sites\":{},\"sites_least\":{},\"sites_small\":{},\"walk_mean_min\":{:.2},\"walk_max_min\":{:.2},\"rows_sites\":{rows_sites},\"rows_walk_mean_min\":{:.2},\"wait_max_min\":{:.1},\"samplers\":{},\"tubes\":{},\"couriers\":{},\"receipt_max_min\":{:.0},\"boxes\":{},\"laboratories\":{laboratory_count},\"assign_s\":{assign_s:.2},\"tried\":{},\"last_min\":{:.0},\"bound_min\":{:.0},\"nearest_last_min\":{:.0},\"mean_min\":{:.0},\"nearest_mean_min\":{:.0},\"cost\":{:.0},\"nearest_cost\":{:.0},\"holds\":{},\"nearest_holds\":{},\"quality_rows\":{rows},\"quality_s\":{quality_s:.2},\"found\":{found},\"cheats\":{cheats},\"wronged\":{wronged}}}",
        totals.people,
        totals.sites,
        totals.people.div_ceil(3_000),
        totals.sites_small,
        totals.walk_mean_min,
        totals.walk_max_min,
        walked(rows_walk),
        totals.wait_max_min,
        totals.samplers,
        totals.tubes,
        totals.couriers,
        totals.receipt_max_min,
        boxes.len(),
        assigned.tried,
        ours.last_result_min,
        assigned.bound_min,
        plain.last_result_min,
        ours.mean_result_min,
        plain.mean_result_min,
        ours.cost,
        plain.cost,
        ours.holds(),
        plain.holds(),
    );
    Ok(())
}
