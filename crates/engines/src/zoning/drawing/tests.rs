//! Areas against all that could be drawn, and what becomes of them as the evidence changes.

use super::*;
use dayclear_core::{cases::Origin, measures::OrderKind, protocol::Packs, roster::Known};
use proptest::prelude::*;

const TODAY: &str = "2022-11-22";

fn day(text: &str) -> CivilDate {
    text.parse().unwrap()
}

fn pack(id: &str) -> Pack {
    Packs::builtin().unwrap().named(id).unwrap().clone()
}

fn home(building: &str, unit: Option<&str>, household: &str) -> Enclosed {
    Enclosed { building: building.into(), unit: unit.map(str::to_owned), household: Some(household.into()) }
}

fn found(case: &str, home: Option<Enclosed>, origin: Origin) -> Found {
    Found {
        case: case.into(),
        home,
        sampled_on: day("2022-11-21"),
        facts: AreaFacts::new(origin),
        resets: ResetFacts {
            household_or_contact: false,
            strictly_isolated: Known::Unknown,
            community_spread: Known::Unknown,
        },
        rests_in: None,
        since: None,
    }
}

/// Households of two buildings: building, unit, people.
fn residents(homes: &[(Enclosed, u32)]) -> Residents {
    let mut residents = Residents::default();
    for (home, people) in homes {
        let building = residents.buildings.entry(home.building.clone()).or_default();
        building.compound = Some("C1".into());
        *building.units.entry(home.unit.clone()).or_default() += people;
        residents.households.insert(home.household.clone().unwrap(), *people);
        *residents.compounds.entry("C1".into()).or_default() += people;
    }
    residents
}

fn scene<'a>(found: &'a [Found], standing: &'a [Standing], residents: &'a Residents) -> Scene<'a> {
    Scene { today: day(TODAY), finest: ZoneUnit::Unit, found, standing, contacts: &[], visits: &[], residents }
}

fn town() -> Vec<(Enclosed, u32)> {
    vec![
        (home("B1", Some("1"), "H1"), 3),
        (home("B1", Some("1"), "H2"), 2),
        (home("B1", Some("2"), "H3"), 4),
        (home("B1", None, "H4"), 1),
        (home("B2", Some("1"), "H5"), 5),
    ]
}

/// What each area encloses, with people and the cases that it rests on.
fn shown(drawing: &Drawing) -> Vec<(String, u32, Vec<usize>)> {
    let name = |place: &Enclosed| {
        let parts = [Some(&place.building), place.unit.as_ref(), place.household.as_ref()];
        parts.into_iter().flatten().cloned().collect::<Vec<_>>().join("/")
    };
    let one = |area: &Drawn| (name(&area.place), area.people, area.cases.iter().map(|(at, _)| *at).collect());
    drawing.areas.iter().map(one).collect()
}

fn standing(id: &str, place: Enclosed, last_new_on: &str) -> Standing {
    let (opened_on, last_new_on) = (day("2022-11-19"), day(last_new_on));
    let ends_on = opened_on.max(last_new_on).plus_days(5);
    Standing { id: id.into(), place, opened_on, last_new_on, ends_on, anew: false, allowed: false }
}

fn resting(case: &str, home: Enclosed, area: &str, sampled_on: &str) -> Found {
    let known = found(case, Some(home), Origin::Community);
    Found { rests_in: Some(area.into()), sampled_on: day(sampled_on), ..known }
}

#[test]
fn an_area_is_a_unit_and_tells_whom_it_spares() {
    let residents = residents(&town());
    let held = AreaFacts {
        held_at: Some(OrderKind::CentralIsolation),
        spread_outside: Known::No,
        ..AreaFacts::new(Origin::AlreadyIsolated)
    };
    let all = [
        found("A", Some(home("B1", Some("1"), "H1")), Origin::Community),
        Found { facts: held, ..found("B", Some(home("B1", Some("2"), "H3")), Origin::AlreadyIsolated) },
        found("C", None, Origin::Community),
    ];
    let contacts = [home("B1", Some("1"), "H2"), home("B1", Some("2"), "H3"), home("B2", Some("1"), "H5")];
    let visits = [("market", "A"), ("market", "B"), ("school", "A"), ("school", "A")]
        .map(|(place, case)| (place.to_owned(), case.to_owned()));
    let scene = Scene { contacts: &contacts, visits: &visits, ..scene(&all, &[], &residents) };
    let drawing = draw(&pack("covid-19-cn-twenty"), &scene);
    assert_eq!(shown(&drawing), [("B1/1".to_owned(), 5, vec![0])]);
    let area = &drawing.areas[0];
    assert_eq!((area.spared, area.wider), (5, Some((ZoneUnit::Compound, 15))));
    assert_eq!(area.unit.as_ref().unwrap().clause, "area.units");
    assert_eq!(area.cases[0].1.as_ref().unwrap().clause, "area.used");
    assert_eq!((area.opened_on, area.ends_on), (day(TODAY), day("2022-11-27")));
    let [(1, LeftOut::Exempt(reason)), (2, LeftOut::NoAddress)] = &drawing.left_out[..] else {
        panic!("{:?}", drawing.left_out)
    };
    assert_eq!(reason.clause, "area.exempt");
    assert_eq!(drawing.contacts_outside, BTreeMap::from([("B1".to_owned(), 1), ("B2".to_owned(), 1)]));
    // one case at a place, however often it was there, is no place that cases share
    assert_eq!(drawing.shared_places, BTreeMap::new());
}

#[test]
fn places_that_several_opening_cases_shared_are_named_and_not_enclosed() {
    let residents = residents(&town());
    let all = [
        found("A", Some(home("B1", Some("1"), "H1")), Origin::Community),
        found("B", Some(home("B2", Some("1"), "H5")), Origin::Community),
    ];
    let visits = [("market", "A"), ("market", "B"), ("school", "A")].map(|(place, case)| (place.into(), case.into()));
    let drawing = draw(&pack("covid-19-cn-twenty"), &Scene { visits: &visits, ..scene(&all, &[], &residents) });
    assert_eq!(drawing.areas.len(), 2);
    assert_eq!(drawing.shared_places, BTreeMap::from([("market".to_owned(), 2)]));
}

#[test]
fn rules_without_areas_draw_none_and_end_those_that_stand() {
    let residents = residents(&town());
    let all = [
        found("A", Some(home("B1", Some("1"), "H1")), Origin::Community),
        resting("B", home("B2", Some("1"), "H5"), "Z2", "2022-11-18"),
    ];
    let stand = [standing("Z2", Enclosed::unit("B2", Some("1".into())), "2022-11-18")];
    let drawing = draw(&pack("ebola"), &scene(&all, &stand, &residents));
    assert_eq!((drawing.areas.len(), drawing.left_out.len()), (0, 2));
    assert_eq!(drawing.ended, [("Z2".to_owned(), Ended::NoCase)]);
}

#[test]
fn a_case_of_which_the_unit_is_unknown_puts_the_units_together_and_its_going_splits_them() {
    let residents = residents(&town());
    let rules = pack("covid-19-cn-twenty");
    let unit = |number: &str| Enclosed::unit("B1", Some(number.into()));
    let stand = [standing("Z1", unit("1"), "2022-11-20"), standing("Z2", unit("2"), "2022-11-18")];
    let old = [
        resting("A", home("B1", Some("1"), "H1"), "Z1", "2022-11-20"),
        resting("B", home("B1", Some("2"), "H3"), "Z2", "2022-11-18"),
    ];
    // nothing new: everything stays as it is
    let drawing = draw(&rules, &scene(&old, &stand, &residents));
    assert_eq!(
        drawing.areas.iter().map(|area| area.course.clone()).collect::<Vec<_>>(),
        ["Z1", "Z2"].map(|id| Course::Kept(id.into()))
    );
    assert_eq!((drawing.ended.len(), drawing.areas[0].ends_on), (0, day("2022-11-25")));
    // somebody whose unit nobody knows
    let mut all = old.to_vec();
    all.push(found("C", Some(home("B1", None, "H4")), Origin::Community));
    let drawing = draw(&rules, &scene(&all, &stand, &residents));
    assert_eq!(shown(&drawing), [("B1".to_owned(), 10, vec![0, 1, 2])]);
    let area = &drawing.areas[0];
    assert_eq!(area.course, Course::Merged(vec!["Z1".into(), "Z2".into()]));
    assert_eq!((area.opened_on, area.last_new_on), (day(TODAY), day("2022-11-21")));
    let merged = Ended::Merged(Enclosed::building("B1"));
    assert_eq!(drawing.ended, [("Z1".to_owned(), merged.clone()), ("Z2".to_owned(), merged)]);
    // that case was taken back: what is left rests on two units, and no longer than without it
    let whole = standing("Z3", Enclosed::building("B1"), "2022-11-21");
    let stand = [Standing { opened_on: day(TODAY), ends_on: day("2022-11-27"), ..whole }];
    let since = Some(day("2022-11-19"));
    let left: Vec<Found> =
        old.iter().map(|found| Found { rests_in: Some("Z3".into()), since, ..found.clone() }).collect();
    let drawing = draw(&rules, &scene(&left, &stand, &residents));
    assert_eq!(shown(&drawing), [("B1/1".to_owned(), 5, vec![0]), ("B1/2".to_owned(), 4, vec![1])]);
    let ends: Vec<(Course, CivilDate)> = drawing.areas.iter().map(|area| (area.course.clone(), area.ends_on)).collect();
    let split = || Course::Split("Z3".into());
    assert_eq!(ends, [(split(), day("2022-11-25")), (split(), day("2022-11-24"))]);
    assert_eq!(drawing.ended, [("Z3".to_owned(), Ended::Split(vec![unit("1"), unit("2")]))]);
}

#[test]
fn other_rules_make_an_area_smaller_or_shorter_by_themselves_and_never_wider() {
    let residents = residents(&town());
    let homes = [home("B1", Some("1"), "H1")];
    let anew = |place| Standing { anew: true, ends_on: day("2022-11-29"), ..standing("Z1", place, "2022-11-19") };
    let old = [resting("A", homes[0].clone(), "Z1", "2022-11-19")];
    // a building of the ninth edition becomes a unit, and its days are those of the new rules
    let whole = [anew(Enclosed::building("B1"))];
    let drawing = draw(&pack("covid-19-cn-twenty"), &scene(&old, &whole, &residents));
    assert_eq!(shown(&drawing), [("B1/1".to_owned(), 5, vec![0])]);
    assert_eq!(drawing.areas[0].ends_on, day("2022-11-24"));
    // a unit stays a unit where the rules begin with a building
    let unit = [anew(Enclosed::unit("B1", Some("1".into())))];
    let drawing = draw(&pack("covid-19-cn-ninth"), &scene(&old, &unit, &residents));
    assert_eq!(shown(&drawing), [("B1/1".to_owned(), 5, vec![0])]);
    assert_eq!((drawing.areas[0].unit.clone(), drawing.areas[0].ends_on), (None, day("2022-11-29")));
    // an infection of a kind that opens none any more lets its area go
    let exempt = AreaFacts { closed_loop: true, ..AreaFacts::new(Origin::KeyPerson) };
    let old = [Found { facts: exempt, ..old[0].clone() }];
    let drawing = draw(&pack("covid-19-cn-twenty"), &scene(&old, &whole, &residents));
    assert_eq!((drawing.areas.len(), drawing.ended), (0, vec![("Z1".to_owned(), Ended::NoCase)]));
}

#[test]
fn a_neighbour_extends_an_area_and_what_a_higher_duty_allowed_is_left_alone() {
    let residents = residents(&town());
    let stand = [
        standing("Z1", Enclosed::unit("B1", Some("1".into())), "2022-11-19"),
        Standing { allowed: true, ..standing("W1", Enclosed::building("B1"), "2022-11-19") },
        Standing { allowed: true, ..standing("W2", Enclosed::building("B2"), "2022-11-19") },
    ];
    let all = [
        resting("A", home("B1", Some("1"), "H1"), "Z1", "2022-11-19"),
        found("B", Some(home("B1", Some("1"), "H2")), Origin::Community),
    ];
    let drawing = draw(&pack("covid-19-cn-twenty"), &scene(&all, &stand, &residents));
    assert_eq!(shown(&drawing), [("B1/1".to_owned(), 5, vec![0, 1])]);
    let area = &drawing.areas[0];
    assert_eq!((area.course.clone(), area.ends_on), (Course::Kept("Z1".into()), day("2022-11-26")));
    assert_eq!(drawing.ended, []);
}

/// The fewest people, then the smallest kinds, then the fewest areas: over every set of places that the rules allow, of which none
/// lies in another and which together hold every home.
fn by_force(
    kinds: &[ZoneUnit],
    homes: &[&Enclosed],
    residents: &Residents,
    town: &[(Enclosed, u32)],
) -> (u32, u32, usize) {
    let places: BTreeSet<Enclosed> =
        town.iter().flat_map(|(home, _)| kinds.iter().filter_map(|kind| home.up_to(*kind))).collect();
    let places: Vec<Enclosed> = places.into_iter().collect();
    let mut best = (u32::MAX, u32::MAX, usize::MAX);
    for set in 0_u32..1 << places.len() {
        let chosen: Vec<&Enclosed> =
            places.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1).map(|(_, place)| place).collect();
        let nested = |a: &&Enclosed| chosen.iter().any(|b| b != a && b.holds(a));
        let around = |home: &&Enclosed| chosen.iter().find(|place| place.holds(home)).map(|place| place.kind() as u32);
        let Some(coarse) = homes.iter().map(around).sum::<Option<u32>>() else { continue };
        if !chosen.iter().any(nested) {
            best = best.min((chosen.iter().map(|place| residents.people(place)).sum(), coarse, chosen.len()));
        }
    }
    best
}

proptest! {
    #[test]
    fn no_other_set_of_places_binds_fewer_people(
        town in prop::collection::vec((0..2_u8, prop::option::weighted(0.8, 1..4_u8), 1..6_u32), 1..6),
        at in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..5),
        rules in prop::sample::select(vec!["covid-19-cn-ninth", "covid-19-cn-twenty", "covid-19-cn-ten"]),
        finest in prop::sample::select(vec![ZoneUnit::Household, ZoneUnit::Unit, ZoneUnit::Building]),
    ) {
        let town: Vec<(Enclosed, u32)> = town.iter().enumerate().map(|(n, (building, unit, people))| {
            let unit = unit.map(|unit| unit.to_string());
            (home(&format!("B{building}"), unit.as_deref(), &format!("H{n}")), *people)
        }).collect();
        let residents = residents(&town);
        let all: Vec<Found> = at.iter().enumerate().map(|(n, (index, closed_loop))| {
            let known = found(&format!("C{n}"), Some(index.get(&town).0.clone()), Origin::Community);
            Found { facts: AreaFacts { closed_loop: *closed_loop, ..known.facts }, ..known }
        }).collect();
        let rules = pack(rules);
        let drawing = draw(&rules, &Scene { finest, ..scene(&all, &[], &residents) });
        let kinds: Vec<ZoneUnit> = rules.area().unwrap().units.into_iter().filter(|kind| *kind >= finest).collect();
        let opening: Vec<&Enclosed> =
            all.iter().filter(|found| rules.opens_area(&found.facts).value).filter_map(|found| found.home.as_ref()).collect();
        let coarse = opening.iter().map(|home| {
            drawing.areas.iter().find(|area| area.place.holds(home)).map(|area| area.place.kind() as u32)
        }).sum::<Option<u32>>();
        prop_assert!(coarse.is_some(), "a home lies in no area");
        let cost = (drawing.people() as u32, coarse.unwrap_or(0), drawing.areas.len());
        prop_assert_eq!(cost, by_force(&kinds, &opening, &residents, &town));
        // every case is told of once
        prop_assert_eq!(opening.len(), drawing.areas.iter().map(|area| area.cases.len()).sum::<usize>());
        prop_assert_eq!(all.len(), opening.len() + drawing.left_out.len());
        // drawn again over what was drawn, nothing changes
        let stand: Vec<Standing> = drawing.areas.iter().enumerate().map(|(n, area)| Standing {
            id: format!("Z{n}"), place: area.place.clone(), opened_on: area.opened_on, last_new_on: area.last_new_on,
            ends_on: area.ends_on, anew: false, allowed: false,
        }).collect();
        let again: Vec<Found> = all.iter().enumerate().map(|(at, found)| {
            let area = drawing.areas.iter().position(|area| area.cases.iter().any(|(case, _)| *case == at));
            Found { rests_in: area.map(|n| format!("Z{n}")), ..found.clone() }
        }).collect();
        let second = draw(&rules, &Scene { finest, ..scene(&again, &stand, &residents) });
        prop_assert!(second.ended.is_empty());
        for (n, area) in second.areas.iter().enumerate() {
            prop_assert_eq!(&area.course, &Course::Kept(format!("Z{n}")));
            prop_assert_eq!((&area.place, area.ends_on), (&stand[n].place, stand[n].ends_on));
        }
    }
}
