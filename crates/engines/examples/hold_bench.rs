//! Times what holds people for `cargo xtask bench hold` and prints one JSON object: areas and orders proposed from nothing for many cases
//! and contacts in a made city, everything open looked at again after a change of pack, and the same areas drawn around compounds; then
//! outbreaks of the same seeds under areas of three extents, in person-days confined and infections.
//! Arguments: PEOPLE CASES CONTACTS PLAYED_PEOPLE DAYS SEEDS.

use dayclear_core::{
    cases::{Origin, Severity},
    measures::{OrderKind, ZoneUnit},
    protocol::{AreaFacts, Basis, Change, ContactFacts, OpenOrder, Pack, Packs, PlacementFacts, ResetFacts},
    roster::Known,
    time::CivilDate,
    tracing::ContactTier,
};
use dayclear_engines::{
    city::{Population, Sources, Spec},
    epi::sampling::Chance,
    outbreak::{Contacts, Disease, Outbreak, Policy, Run},
    zoning::{Building, Drawing, Enclosed, Found, Residents, Scene, Standing, draw},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    sync::Arc,
    time::Instant,
};

fn day(text: &str) -> Result<CivilDate, Box<dyn Error>> {
    Ok(text.parse::<CivilDate>()?)
}

fn city(people: u64, seed: u64) -> Result<Arc<Population>, Box<dyn Error>> {
    let date = day("2022-11-01")?;
    let spec = Spec {
        people,
        positives: 0,
        tubes: None,
        date,
        seed,
        turn: 0,
        districts: None,
        collective: true,
        lists: false,
    };
    Ok(Arc::new(Population::build(&spec, &Sources::chongqing()?, 2)?))
}

/// A case: who, how they were found, and whether they were held before.
struct Case {
    person: u32,
    origin: Origin,
    held: Option<OrderKind>,
    closed_loop: bool,
    sampled_on: CivilDate,
}

/// Cases in clusters: three of ten are somebody new, the others live in the building of one before, or in its household.
fn cases(city: &Population, count: usize, today: CivilDate, chance: &mut Chance) -> Vec<Case> {
    let mut taken = BTreeSet::new();
    let mut all: Vec<Case> = Vec::with_capacity(count);
    while all.len() < count {
        let range = match all.get((chance.uniform() * all.len() as f64) as usize) {
            Some(one) if chance.uniform() < 0.35 => city.household(one.person),
            Some(one) if chance.uniform() < 0.55 => city.building(city.building_of(one.person)),
            _ => 0..city.people(),
        };
        let person = range.start + (chance.uniform() * f64::from(range.end - range.start)) as u32;
        if !taken.insert(person) {
            continue;
        }
        // two of five are found among those who are held already, as in the city in November 2022
        let (origin, held) = match chance.uniform() {
            share if share < 0.25 => (Origin::AlreadyIsolated, Some(OrderKind::CentralIsolation)),
            share if share < 0.4 => (Origin::AlreadyIsolated, Some(OrderKind::HomeIsolation)),
            share if share < 0.7 => (Origin::AreaScreening, None),
            share if share < 0.9 => (Origin::Community, None),
            _ => (Origin::KeyPerson, None),
        };
        let sampled_on = today.plus_days(-((chance.uniform() * 3.0) as i64));
        all.push(Case { person, origin, held, closed_loop: chance.uniform() < 0.02, sampled_on });
    }
    all
}

/// People whom the cases met: their households, neighbours, groups, and others.
fn contacts(city: &Population, cases: &[Case], count: usize, chance: &mut Chance) -> Vec<(u32, CivilDate)> {
    let mut all = Vec::with_capacity(count);
    while all.len() < count {
        let case = &cases[(chance.uniform() * cases.len() as f64) as usize];
        let range = match chance.uniform() {
            share if share < 0.15 => city.household(case.person),
            share if share < 0.4 => city.building(city.building_of(case.person)),
            share if share < 0.7 => city.community(city.community_of(case.person)),
            _ => city.district(city.district_of(case.person)),
        };
        let person = range.start + (chance.uniform() * f64::from(range.end - range.start)) as u32;
        all.push((person, case.sampled_on.plus_days(-((chance.uniform() * 3.0) as i64))));
    }
    all
}

fn home(city: &Population, person: u32) -> Enclosed {
    let building = city.building_of(person);
    Enclosed::unit(building.to_string(), Some(city.unit(person).start.to_string()))
}

/// The evidence as the engine wants it.
fn evidence(city: &Population, cases: &[Case]) -> (Vec<Found>, Residents) {
    let mut residents = Residents::default();
    let found = |(at, case): (usize, &Case)| {
        let spread_outside = if case.held.is_some() { Known::No } else { Known::Unknown };
        let facts = AreaFacts {
            held_at: case.held,
            closed_loop: case.closed_loop,
            spread_outside: if case.closed_loop { Known::No } else { spread_outside },
            ..AreaFacts::new(case.origin)
        };
        let resets = ResetFacts {
            household_or_contact: case.held.is_some(),
            strictly_isolated: Known::Unknown,
            community_spread: Known::Unknown,
        };
        let home = Some(home(city, case.person));
        Found { case: format!("C{at}"), home, sampled_on: case.sampled_on, facts, resets, rests_in: None, since: None }
    };
    let found: Vec<Found> = cases.iter().enumerate().map(found).collect();
    for case in cases {
        let building = city.building_of(case.person);
        let name = building.to_string();
        if residents.buildings.contains_key(&name) {
            continue;
        }
        let compound = city.compound_of(building).start;
        let (all, mut units) = (city.building(building), BTreeMap::new());
        let mut next = all.start;
        while next < all.end {
            let unit = city.unit(next);
            units.insert(Some(unit.start.to_string()), unit.end - unit.start);
            next = unit.end.max(next + 1);
        }
        residents.buildings.insert(name, Building { compound: Some(compound.to_string()), units });
        let people = city.compound(case.person);
        residents.compounds.insert(compound.to_string(), people.end - people.start);
    }
    (found, residents)
}

/// An order of a contact: person, kind, first and last day.
type Order = (u32, OrderKind, CivilDate, CivilDate);

fn facts(city: &Population, pack: &Pack, person: u32, last: CivilDate) -> ContactFacts {
    let special = pack.is_special(Some(city.age(person)), &[]).value;
    ContactFacts { special, ..ContactFacts::new(ContactTier::Close, last) }
}

/// The plan of every contact, by the last exposure.
fn orders(city: &Population, pack: &Pack, contacts: &[(u32, CivilDate)]) -> (BTreeMap<u32, CivilDate>, Vec<Order>) {
    let mut last: BTreeMap<u32, CivilDate> = BTreeMap::new();
    for (person, exposed) in contacts {
        let known = last.entry(*person).or_insert(*exposed);
        *known = (*known).max(*exposed);
    }
    let mut orders = Vec::with_capacity(last.len() * 2);
    for (person, exposed) in &last {
        for phase in pack.contact_plan(&facts(city, pack, *person, *exposed)) {
            orders.push((*person, phase.value.kind, phase.value.from, phase.value.until));
        }
    }
    (last, orders)
}

struct Proposed {
    drawing: Drawing,
    found: Vec<Found>,
    orders: Vec<Order>,
    last: BTreeMap<u32, CivilDate>,
}

/// Areas, orders of contacts and places of cases, from nothing.
fn propose(
    city: &Population,
    pack: &Pack,
    cases: &[Case],
    contacts: &[(u32, CivilDate)],
    today: CivilDate,
) -> Proposed {
    let (found, residents) = evidence(city, cases);
    let scene = Scene {
        today,
        finest: ZoneUnit::Unit,
        found: &found,
        standing: &[],
        contacts: &[],
        visits: &[],
        residents: &residents,
    };
    let drawing = draw(pack, &scene);
    let (last, orders) = orders(city, pack, contacts);
    let mut placed = 0;
    for case in cases {
        let facts = PlacementFacts {
            severity: Severity::Mild,
            age: Some(city.age(case.person)),
            needs: &[],
            home: Known::Unknown,
        };
        placed += usize::from(!pack.case_placement(&facts).reason.clause.is_empty());
    }
    assert_eq!(placed, cases.len(), "a case without a place");
    Proposed { drawing, found, orders, last }
}

/// Everything open looked at again under another pack: how many areas and orders became lighter, and the areas.
fn reconsider(city: &Population, pack: &Pack, before: &Proposed, cases: &[Case], today: CivilDate) -> (usize, Drawing) {
    let mut of: BTreeMap<u32, Vec<&Order>> = BTreeMap::new();
    before.orders.iter().for_each(|order| of.entry(order.0).or_default().push(order));
    let mut lighter = 0;
    for (person, own) in &of {
        let facts = facts(city, pack, *person, before.last[person]);
        for (at, (_, kind, from, until)) in own.iter().map(|order| **order).enumerate() {
            let followed_by = own.get(at + 1).map(|next| (next.1, next.3));
            let open = OpenOrder { kind, from, until, followed_by, basis: Basis::Contact(facts) };
            lighter += usize::from(!matches!(pack.reconsider(&open, today).value, Change::Keep));
        }
    }
    let standing: Vec<Standing> = before
        .drawing
        .areas
        .iter()
        .enumerate()
        .map(|(at, area)| Standing {
            id: format!("Z{at}"),
            place: area.place.clone(),
            opened_on: area.opened_on,
            last_new_on: area.last_new_on,
            ends_on: area.ends_on,
            anew: true,
            allowed: false,
        })
        .collect();
    let (mut found, residents) = evidence(city, cases);
    for (at, area) in before.drawing.areas.iter().enumerate() {
        for (case, _) in &area.cases {
            found[*case].rests_in = Some(format!("Z{at}"));
            found[*case].since = Some(area.opened_on);
        }
    }
    found.retain(|found| found.rests_in.is_some());
    let scene = Scene {
        today,
        finest: ZoneUnit::Unit,
        found: &found,
        standing: &standing,
        contacts: &[],
        visits: &[],
        residents: &residents,
    };
    (lighter, draw(pack, &scene))
}

/// People of the compounds of the cases that open an area, each compound once.
fn compounds(city: &Population, pack: &Pack, found: &[Found], cases: &[Case]) -> (usize, u64) {
    let opening = cases.iter().zip(found).filter(|(_, found)| pack.opens_area(&found.facts).value);
    let all: BTreeSet<(u32, u32)> = opening
        .map(|(case, _)| {
            let people = city.compound(case.person);
            (people.start, people.end)
        })
        .collect();
    (all.len(), all.iter().map(|(first, end)| u64::from(end - first)).sum())
}

/// A policy, person-days that it confined, and infections.
type Played = (&'static str, u64, u64);

/// Outbreaks of the same seeds: infections and person-days confined, summed over the seeds.
fn played(people: u64, days: u16, seeds: u64) -> Result<Vec<Played>, Box<dyn Error>> {
    let date = day("2022-11-01")?;
    let policies: [(&str, &[(&str, f64)]); 4] = [
        ("none", &[("building_days", 0.0)]),
        ("compounds", &[("building_days", 5.0), ("area_extent", 2.0)]),
        ("buildings", &[("building_days", 5.0), ("area_extent", 1.0)]),
        ("proposal", &[("building_days", 5.0), ("area_extent", 0.0), ("area_spares_held", 1.0)]),
    ];
    let mut results = Vec::new();
    for (name, set) in policies {
        let (mut infections, mut confined) = (0, 0);
        for seed in 1..=seeds {
            let disease = Disease::built_in("omicron-ba52").ok_or("no such disease")??;
            let mut policy = Policy::built_in("chongqing-2022", date).ok_or("no such policy")??;
            policy.set_from(0, "imports", 40.0);
            for (parameter, value) in set {
                if !policy.set_from(0, parameter, *value) {
                    return Err(format!("no parameter {parameter}").into());
                }
            }
            let outbreak = Outbreak::new(city(people, seed)?, disease, Contacts::chongqing()?, seed, 1)?;
            let mut run = Run::new(outbreak, policy, seed);
            for _ in 0..days {
                confined += u64::from(run.step().confined_people);
            }
            infections += run.outbreak.totals().2;
        }
        results.push((name, infections, confined));
    }
    Ok(results)
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [people, count, met, played_people, days, seeds] = &words[..] else {
        return Err("usage: hold_bench PEOPLE CASES CONTACTS PLAYED_PEOPLE DAYS SEEDS".into());
    };
    let packs = Packs::builtin()?;
    let named = |id: &str| packs.named(id).ok_or("the pack is built in");
    let (ninth, twenty) = (named("covid-19-cn-ninth")?, named("covid-19-cn-twenty")?);
    let people: u64 = people.parse()?;
    let town = city(people, 1)?;
    let mut chance = Chance::new(1, 0);
    let (before, today) = (day("2022-11-10")?, day("2022-11-11")?);
    let cases = cases(&town, count.parse()?, before, &mut chance);
    let contacts = contacts(&town, &cases, met.parse()?, &mut chance);

    let begin = Instant::now();
    let old = propose(&town, ninth, &cases, &contacts, before);
    let ninth_s = begin.elapsed().as_secs_f64();
    let begin = Instant::now();
    let new = propose(&town, twenty, &cases, &contacts, today);
    let propose_s = begin.elapsed().as_secs_f64();
    let begin = Instant::now();
    let (lighter, changed) = reconsider(&town, twenty, &old, &cases, today);
    let reconsider_s = begin.elapsed().as_secs_f64();
    // the same rows passed over once: everybody's building and compound, and nothing decided
    let begin = Instant::now();
    let mut rows: BTreeMap<u32, u32> = BTreeMap::new();
    for person in cases.iter().map(|case| case.person).chain(contacts.iter().map(|contact| contact.0)) {
        *rows.entry(town.building_of(person)).or_default() += 1;
    }
    let pass_s = begin.elapsed().as_secs_f64();
    let (compounds, in_compounds) = compounds(&town, twenty, &new.found, &cases);
    let bound: BTreeSet<u32> = new.orders.iter().map(|order| order.0).collect();
    let runs = played(played_people.parse()?, days.parse()?, seeds.parse()?)?;
    let played: Vec<String> = runs
        .iter()
        .map(|(name, infections, confined)| {
            format!("\"{name}_infections\":{infections},\"{name}_person_days\":{confined}")
        })
        .collect();
    println!(
        "{{\"people\":{people},\"cases\":{},\"contacts\":{},\"propose_s\":{propose_s:.3},\"ninth_s\":{ninth_s:.3},\"reconsider_s\":{reconsider_s:.3},\"pass_s\":{pass_s:.3},\"areas\":{},\"area_people\":{},\"spared\":{},\"left_out\":{},\"orders\":{},\"people_ordered\":{},\"ninth_areas\":{},\"ninth_people\":{},\"changed_areas\":{},\"changed_people\":{},\"lighter_orders\":{lighter},\"compounds\":{compounds},\"compound_people\":{in_compounds},\"buildings_met\":{},\"played_people\":{played_people},\"days\":{days},\"seeds\":{seeds},{}}}",
        cases.len(),
        contacts.len(),
        new.drawing.areas.len(),
        new.drawing.people(),
        new.drawing.areas.iter().map(|area| u64::from(area.spared)).sum::<u64>(),
        new.drawing.left_out.len(),
        new.orders.len(),
        bound.len(),
        old.drawing.areas.len(),
        old.drawing.people(),
        changed.areas.len(),
        changed.people(),
        rows.len(),
        played.join(","),
    );
    Ok(())
}
