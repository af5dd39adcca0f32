//! What rounds are judged by, where two of them share somebody, and what is said of presence, as tables of cases.

use super::*;
use proptest::prelude::*;

fn at(hour: i64) -> Instant {
    Instant::from_micros(0).plus_hours(hour)
}

fn said(presence: Presence, said: i64, from: Option<i64>, until: Option<i64>) -> Statement {
    Statement { presence, said_at: at(said), from: from.map(at), until: until.map(at), key: format!("{said:04}") }
}

#[test]
fn the_latest_that_holds_decides_and_an_ended_one_falls_back() {
    let all = [
        said(Presence::Away, 1, None, Some(10)),
        said(Presence::Exempt, 3, Some(5), Some(7)),
        said(Presence::Refused, 20, None, None),
    ];
    for (hour, expected) in [
        (0, Presence::Present),
        (1, Presence::Away),
        (4, Presence::Away),
        (5, Presence::Exempt),
        (7, Presence::Away),
        (10, Presence::Present),
        (20, Presence::Refused),
    ] {
        assert_eq!(presence_at(&all, Presence::Present, at(hour)), expected, "{hour}");
    }
    assert_eq!(presence_at(&all[..1], Presence::Unknown, at(10)), Presence::Unknown);
    let taken_back = [said(Presence::Refused, 1, None, None), said(Presence::Unknown, 2, None, None)];
    assert_eq!(presence_at(&taken_back, Presence::Present, at(3)), Presence::Unknown);
}

proptest! {
    #[test]
    fn presence_does_not_depend_on_the_order_in_which_statements_come(
        (all, shuffled) in proptest::collection::vec(
            (proptest::sample::select(Presence::ALL), 0i64..6, proptest::option::of(0i64..8),
             proptest::option::of(0i64..8), 0u8..4), 0..8)
            .prop_map(|rows| rows.into_iter().map(|(presence, hour, from, until, who)| Statement {
                key: format!("{hour}|{who}|{presence}|{from:?}|{until:?}"), ..said(presence, hour, from, until)
            }).collect::<Vec<_>>())
            .prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        hour in 0i64..9,
    ) {
        let first = presence_at(&all, Presence::Unknown, at(hour));
        prop_assert_eq!(first, presence_at(&shuffled, Presence::Unknown, at(hour)));
    }
}

fn scope(divisions: &[&str], groups: &[KeyGroup]) -> RoundScope {
    let divisions = divisions.iter().map(|code| code.parse().unwrap()).collect();
    RoundScope { divisions, groups: groups.to_vec(), ..RoundScope::default() }
}

#[test]
fn rounds_overlap_where_they_can_share_somebody() {
    let area = |building: &str, unit: Option<&str>| RoundScope {
        areas: BTreeMap::from([(
            building.to_owned(),
            AreaPlace {
                division: "500103001001".parse().unwrap(),
                building: building.to_owned(),
                unit: unit.map(str::to_owned),
                household: None,
            },
        )]),
        ..RoundScope::default()
    };
    let couriers = [KeyGroup::Courier];
    for (a, b, overlap) in [
        (scope(&["500103"], &[]), scope(&["500103001"], &[]), true),
        (scope(&["500103"], &[]), scope(&["500104"], &[]), false),
        (scope(&["50"], &couriers), scope(&["50"], &[KeyGroup::Market]), false),
        (scope(&["50"], &couriers), scope(&["500103"], &[]), true),
        (area("B1", None), scope(&["500103"], &[]), true),
        (area("B1", None), scope(&["500104"], &[]), false),
        (area("B1", Some("1")), area("B1", Some("2")), false),
        (area("B1", Some("1")), area("B1", None), true),
    ] {
        assert_eq!(a.overlaps(&b), overlap, "{a:?} {b:?}");
        assert_eq!(b.overlaps(&a), overlap, "{b:?} {a:?}");
    }
    let home = |household: &str| {
        let mut scope = area("B1", Some("1"));
        scope.areas.values_mut().for_each(|place| place.household = Some(household.to_owned()));
        scope
    };
    for (other, overlap) in [(home("H1"), true), (home("H2"), false), (area("B1", Some("1")), true)] {
        assert_eq!(home("H1").overlaps(&other), overlap, "{other:?}");
    }
    let lives = |unit: Option<&str>| Home {
        division: "500103001001".parse().unwrap(),
        building: "B1".to_owned(),
        unit: unit.map(str::to_owned),
        household: "H1".to_owned(),
        group: None,
    };
    assert!(area("B1", Some("1")).holds(&lives(Some("1"))));
    assert!(!area("B1", Some("1")).holds(&lives(None)));
    assert!(home("H1").holds(&lives(Some("1"))) && !home("H2").holds(&lives(Some("1"))));
    assert!(!scope(&["50"], &couriers).holds(&lives(None)));
}

#[test]
fn whoever_was_sampled_is_covered_whatever_was_said_of_them() {
    for presence in Presence::ALL {
        assert_eq!(cover(Swab::Resulted, *presence), Cover::Resulted);
        assert_eq!(cover(Swab::Waiting, *presence), Cover::Waiting);
    }
    assert_eq!(cover(Swab::None, Presence::MovedIn), Cover::Present);
    assert!(!Cover::Refused.remains());
}

/// A round planned for 20 November 2022 under a pack: for whom, beside what, and what forbids it.
#[test]
fn a_round_is_judged_by_whom_it_is_for_and_by_the_rounds_before_it() {
    let packs = crate::protocol::Packs::builtin().unwrap();
    let zone = Zone::named("Asia/Shanghai").unwrap();
    let day = |n: i64| CivilDate::new(2022, 11, 20).unwrap().plus_days(n);
    let scope = |places: &[&str], groups: &[KeyGroup]| RoundScope {
        divisions: places.iter().map(|code| code.parse().unwrap()).collect(),
        groups: groups.to_vec(),
        ..RoundScope::default()
    };
    let area = || {
        let place = AreaPlace {
            division: "500103001001".parse().unwrap(),
            building: "B1".to_owned(),
            unit: None,
            household: None,
        };
        RoundScope { areas: BTreeMap::from([("Z1".to_owned(), place)]), ..RoundScope::default() }
    };
    let (twenty, ten) = ("covid-19-cn-twenty", "covid-19-cn-ten");
    let (unclear, none) = (Some(Ground::SourceUnclear), None);
    let couriers = [KeyGroup::Courier];
    use Purpose::{AreaScreening as Area, Community, KeyPerson};
    use Spread::{Affected, Traces};
    // pack, purpose, whom, ground, days before with what they found, found since, spread, days of couriers, what forbids it
    #[allow(clippy::type_complexity)]
    let cases: &[(&str, Purpose, RoundScope, Option<Ground>, &[(i64, u32)], Option<i64>, Spread, &[i64], &str)] = &[
        (twenty, Community, scope(&["50"], &[]), none, &[], None, Affected, &[], "widened 2"),
        (twenty, Community, scope(&["50"], &[]), unclear, &[], None, Affected, &[], "-"),
        (ten, Community, scope(&["50"], &[]), unclear, &[], None, Affected, &[], "widened 0"),
        (twenty, Area, scope(&["500103"], &[]), unclear, &[], None, Affected, &[], "beyond 500103"),
        (twenty, Area, area(), none, &[], None, Affected, &[], "-"),
        (ten, Area, area(), none, &[], None, Affected, &[], "-"),
        // three clean ones, a pause of three days, one more, and no more; a find begins anew
        (twenty, Community, scope(&["50"], &[]), unclear, &[(-2, 0), (-1, 0)], None, Affected, &[], "-"),
        (
            twenty,
            Community,
            scope(&["50"], &[]),
            unclear,
            &[(-3, 0), (-2, 0), (-1, 0)],
            None,
            Affected,
            &[],
            "not due 3",
        ),
        (twenty, Community, scope(&["50"], &[]), unclear, &[(-6, 0), (-5, 0), (-4, 0)], None, Affected, &[], "-"),
        (twenty, Community, scope(&["50"], &[]), unclear, &[(-3, 0), (-2, 0), (-1, 1)], None, Affected, &[], "-"),
        (twenty, Community, scope(&["50"], &[]), unclear, &[(-3, 0), (-2, 0), (-1, 0)], None, Traces, &[], "over"),
        (
            twenty,
            Community,
            scope(&["50"], &[]),
            unclear,
            &[(-9, 0), (-8, 0), (-7, 0), (-3, 0)],
            None,
            Affected,
            &[],
            "over",
        ),
        // somebody whom a clinic found since, and somebody it found before
        (twenty, Community, scope(&["50"], &[]), unclear, &[(-3, 0), (-2, 0), (-1, 0)], Some(-1), Traces, &[], "-"),
        (twenty, Community, scope(&["50"], &[]), unclear, &[(-3, 0), (-2, 0), (-1, 0)], Some(-2), Traces, &[], "over"),
        // the days of an area are its own
        (twenty, Area, area(), none, &[(-3, 0), (-2, 0), (-1, 0)], None, Affected, &[], "-"),
        // key groups: twice in seven days, and not on days that follow
        (twenty, KeyPerson, scope(&["50"], &couriers), none, &[], None, Traces, &[], "-"),
        (twenty, KeyPerson, scope(&["50"], &couriers), none, &[], None, Traces, &[-1], "couriers 2"),
        (twenty, KeyPerson, scope(&["50"], &couriers), none, &[], None, Traces, &[-3], "-"),
        (twenty, KeyPerson, scope(&["50"], &couriers), none, &[], None, Traces, &[-6, -3], "couriers 1"),
        (twenty, KeyPerson, scope(&["50"], &couriers), none, &[], None, Traces, &[-7, -3], "-"),
        (twenty, KeyPerson, scope(&["50"], &[KeyGroup::FeverClinicStaff]), none, &[], None, Traces, &[-1], "-"),
    ];
    for (pack, purpose, scope, ground, done, found, spread, held, expected) in cases {
        let pack = packs.named(pack).unwrap();
        let from = zone.start_of(day(0));
        let plan = Plan {
            round: "R".to_owned(),
            purpose: *purpose,
            from,
            to: from.plus_hours(16),
            pool_size: 1,
            scope: scope.clone(),
        };
        let done: Vec<Past> = done.iter().map(|(on, found)| Past { day: day(*on), found: *found }).collect();
        let days: Vec<CivilDate> = held.iter().map(|on| day(*on)).collect();
        let groups = BTreeMap::from([(KeyGroup::Courier, days.clone()), (KeyGroup::FeverClinicStaff, days)]);
        let beside = Beside {
            others: &[],
            ground: *ground,
            done: &done,
            found: found.map(day),
            spread: *spread,
            groups: &groups,
            released: None,
            sharing: &BTreeSet::new(),
            places: &[],
            again: false,
        };
        let told = match forbidden(&plan, &beside, pack, &zone) {
            None => "-".to_owned(),
            Some(Forbidden::Widened(grounds, _)) => format!("widened {}", grounds.len()),
            Some(Forbidden::BeyondArea(code, _)) => format!("beyond {code}"),
            Some(Forbidden::NotDue(Some(next), _)) => format!("not due {}", next.days_since(day(0))),
            Some(Forbidden::NotDue(None, _)) => "over".to_owned(),
            Some(Forbidden::GroupNotDue(_, next, _)) => format!("couriers {}", next.days_since(day(0))),
            Some(other) => format!("{other:?}"),
        };
        assert_eq!(told, *expected, "{purpose} {done:?} {found:?} {spread} {held:?}");
    }
    let from = zone.start_of(day(0));
    let plan = Plan { round: "R".to_owned(), purpose: Area, from, to: from.plus_hours(9), pool_size: 1, scope: area() };
    let beside = Beside {
        others: &[],
        ground: None,
        done: &[],
        found: None,
        spread: Traces,
        groups: &BTreeMap::new(),
        released: Some("Z1"),
        sharing: &BTreeSet::new(),
        places: &[],
        again: false,
    };
    let told = forbidden(&plan, &beside, packs.named(twenty).unwrap(), &zone);
    assert!(matches!(&told, Some(Forbidden::Released(area, _)) if area == "Z1"), "{told:?}");
    assert!(!told.unwrap().can_be_approved());
}

#[test]
fn a_round_of_places_is_for_those_who_are_due_there() {
    let packs = crate::protocol::Packs::builtin().unwrap();
    let pack = packs.named("covid-19-cn-twenty").unwrap();
    let zone = Zone::named("Asia/Shanghai").unwrap();
    let day = CivilDate::new(2022, 11, 20).unwrap();
    let division: DivisionCode = "500103013006".parse().unwrap();
    let plan = |round: &str, scope: RoundScope| Plan {
        round: round.to_owned(),
        purpose: Purpose::KeyPerson,
        from: zone.start_of(day),
        to: zone.start_of(day).plus_hours(16),
        pool_size: 1,
        scope,
    };
    let places = BTreeMap::from([("S1".to_owned(), division.clone()), ("S2".to_owned(), division)]);
    let round = plan("R", RoundScope { places, ..RoundScope::default() });
    let reason = Reason::new(pack.label(), "group.school", crate::reason::Mark::Verified);
    let at = |place: &str, known: usize, due: usize| AtPlace {
        place: place.to_owned(),
        known,
        cadence: Some(reason.clone()),
        due,
        next: Some(day.plus_days(1)),
    };
    let silent = AtPlace { cadence: None, ..at("S2", 9, 0) };
    let others = [plan("A", scope(&["50"], &[])), plan("B", scope(&["50"], &[]))];
    let shared = BTreeSet::from(["B".to_owned()]);
    // places, rounds that share somebody, judged before, what forbids it
    for (places, sharing, again, expected) in [
        (vec![at("S1", 23, 5), at("S2", 9, 9)], None, false, "-"),
        (vec![at("S1", 23, 5), at("S2", 9, 0)], None, false, "nobody due at S2 until 2022-11-21"),
        (vec![at("S1", 23, 5), at("S2", 9, 0)], None, true, "-"),
        (vec![at("S1", 23, 0), at("S2", 9, 0)], None, true, "nobody due at S1 until 2022-11-21"),
        (vec![at("S1", 23, 5), at("S2", 0, 0)], None, false, "nobody known at S2"),
        (vec![at("S1", 23, 5), silent], None, false, "no cadence at S2"),
        // it overlaps with others by name only, wherever its people live
        (vec![at("S1", 23, 5), at("S2", 9, 9)], Some(&shared), false, "too often B"),
    ] {
        let none = BTreeSet::new();
        let beside = Beside {
            others: &others,
            ground: None,
            done: &[],
            found: None,
            spread: Spread::Traces,
            groups: &BTreeMap::new(),
            released: None,
            sharing: sharing.unwrap_or(&none),
            places: &places,
            again,
        };
        let told = match forbidden(&round, &beside, pack, &zone) {
            None => "-".to_owned(),
            Some(Forbidden::NobodyDue(place, Some(next), _)) => format!("nobody due at {place} until {next}"),
            Some(Forbidden::NobodyKnown(place)) => format!("nobody known at {place}"),
            Some(Forbidden::NoCadence(place, _)) => format!("no cadence at {place}"),
            Some(Forbidden::TooOften(other, _)) => format!("too often {other}"),
            Some(other) => format!("{other:?}"),
        };
        assert_eq!(told, expected, "{places:?}");
    }
}
