//! The search against a plain comparison of every second of all pairs, and the hard shapes by hand.

use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const BASE: i64 = 1_668_873_600; // 2022-11-19T16:00:00Z, midnight in Chongqing

type Visit = (u32, u32, i64, Option<i64>);

/// Second by second: who was where, with whom. Slow and plain.
fn oracle(visits: &[Visit], windows: &[Window], seconds_min: u32) -> Vec<Contact> {
    let end = windows.iter().map(|window| window.to).max().unwrap_or(BASE);
    let mut at: BTreeMap<(u32, i64), BTreeSet<u32>> = BTreeMap::new();
    for &(person, place, from, to) in visits {
        for second in from.max(BASE)..to.unwrap_or(end).min(end) {
            at.entry((place, second)).or_default().insert(person);
        }
    }
    let mut shared: BTreeMap<(u32, u32, u32), BTreeSet<i64>> = BTreeMap::new();
    for ((place, second), people) in &at {
        for window in windows.iter().filter(|window| (window.from..window.to).contains(second)) {
            if people.contains(&window.person) {
                for &other in people {
                    if !windows.iter().any(|own| (own.case, own.person) == (window.case, other)) {
                        shared.entry((window.case, other, *place)).or_default().insert(*second);
                    }
                }
            }
        }
    }
    let contact = |((case, person, place), seconds): ((u32, u32, u32), BTreeSet<i64>)| Contact {
        case,
        person,
        place,
        first: *seconds.first().unwrap(),
        last: *seconds.last().unwrap() + 1,
        seconds: seconds.len() as u32,
    };
    shared.into_iter().map(contact).filter(|contact| contact.seconds >= seconds_min).collect()
}

fn columns(visits: &[Visit]) -> Visits {
    let mut columns = Visits::new(BASE);
    visits.iter().for_each(|&(person, place, from, to)| columns.push(person, place, from, to));
    columns
}

fn search(seconds_min: u32, threads: usize) -> Search {
    Search { seconds_min, threads }
}

fn case(case: u32, person: u32, from: i64, to: i64) -> Window {
    Window { case, person, from: BASE + from, to: BASE + to }
}

/// Contacts as (case, person, place, first, last, seconds), times from the base; asked in every way.
fn ask(visits: &[(u32, u32, i64, i64)], windows: &[Window], seconds_min: u32) -> Vec<(u32, u32, u32, i64, i64, u32)> {
    let visits: Vec<Visit> = visits.iter().map(|&(a, b, from, to)| (a, b, BASE + from, Some(BASE + to))).collect();
    let found = exposures(&columns(&visits), windows, search(seconds_min, 2)).unwrap();
    assert_eq!(found, oracle(&visits, windows, seconds_min));
    assert_eq!(found, Index::new(columns(&visits), 1).unwrap().contacts(windows, search(seconds_min, 1)).unwrap());
    found.iter().map(|c| (c.case, c.person, c.place, c.first - BASE, c.last - BASE, c.seconds)).collect()
}

#[test]
fn a_meal_for_three() {
    let visits = [(0, 7, 0, 3600), (1, 7, 1800, 5400), (2, 7, 3600, 7200), (1, 8, 0, 100)];
    assert_eq!(ask(&visits, &[case(0, 0, 0, 86_400)], 0), [(0, 1, 7, 1800, 3600, 1800)]); // touching shares no second
    assert_eq!(ask(&visits, &[case(0, 0, 0, 86_400)], 1801), []);
    assert_eq!(ask(&visits, &[case(0, 0, 2000, 2500)], 500), [(0, 1, 7, 2000, 2500, 500)]); // cut to the window
    assert_eq!(ask(&visits, &[case(0, 0, 2500, 2500)], 0), []); // a window without a second
}

#[test]
fn nobody_counts_twice() {
    // The case is there in three visits that overlap, the guest in two; with each other they were 00:10 to 00:30.
    let visits = [(0, 1, 0, 1200), (0, 1, 600, 1800), (0, 1, 700, 800), (5, 1, 600, 1500), (5, 1, 900, 3600)];
    assert_eq!(ask(&visits, &[case(3, 0, 0, 9999)], 1200), [(3, 5, 1, 600, 1800, 1200)]);
    // Windows that overlap are one.
    let twice = [case(3, 0, 0, 1000), case(3, 0, 500, 9999)];
    assert_eq!(ask(&visits, &twice, 1200), [(3, 5, 1, 600, 1800, 1200)]);
    // In pieces: first and last stand apart, the pieces add up.
    let visits = [(0, 1, 0, 100), (0, 1, 200, 300), (5, 1, 50, 250)];
    assert_eq!(ask(&visits, &[case(0, 0, 0, 999)], 100), [(0, 5, 1, 50, 250, 100)]);
    assert_eq!(ask(&visits, &[case(0, 0, 0, 999)], 101), []);
}

#[test]
fn one_person_as_two_is_one_case_and_no_contact_of_itself() {
    let visits = [(0, 1, 0, 100), (1, 1, 50, 200), (2, 1, 0, 200)];
    let windows = [case(0, 0, 0, 999), case(0, 1, 0, 999)];
    assert_eq!(ask(&visits, &windows, 0), [(0, 2, 1, 0, 200, 200)]);
    // Two cases at one table are each other's contacts.
    let windows = [case(0, 0, 0, 999), case(1, 1, 0, 999)];
    assert_eq!(
        ask(&visits, &windows, 0),
        [(0, 1, 1, 50, 100, 50), (0, 2, 1, 0, 100, 100), (1, 0, 1, 50, 100, 50), (1, 2, 1, 50, 200, 150)]
    );
}

#[test]
fn a_visit_that_goes_on_and_one_from_before() {
    let visits = [(0, 1, BASE + 100, None), (1, 1, BASE - 9_000_000_000, Some(BASE + 150)), (2, 1, BASE + 900, None)];
    let windows = [case(0, 0, 0, 1000)];
    let found = exposures(&columns(&visits), &windows, search(0, 1)).unwrap();
    assert_eq!(found, oracle(&visits, &windows, 0));
    assert_eq!(found.iter().map(|contact| contact.seconds).collect::<Vec<_>>(), [50, 100]);
}

#[test]
fn a_window_outside_is_refused() {
    let visits = columns(&[]);
    let outside = exposures(&visits, &[case(0, 0, -1, 10)], search(0, 1)).unwrap_err();
    assert!(outside.to_string().contains("case number 0"), "{outside}");
    assert!(exposures(&visits, &[case(0, 0, 0, 1 << 33)], search(0, 1)).is_err());
    assert_eq!(exposures(&visits, &[case(0, 0, 5, -5)], search(0, 1)).unwrap(), []); // empty, so never outside
}

/// A venue with 200,000 visits on one day and forty cases there: everybody against everybody would be 8 million pairs.
#[test]
fn a_venue_of_two_hundred_thousand_visits() {
    let visits: Vec<Visit> = (0..200_000_u32)
        .map(|at| {
            let from = BASE + i64::from(at.wrapping_mul(2_654_435_761) % 80_000);
            (at, 0, from, Some(from + 600 + i64::from(at % 5_000)))
        })
        .collect();
    let windows: Vec<Window> = (0..40).map(|at| case(at, at * 4_999, 0, 86_400)).collect();
    let found = exposures(&columns(&visits), &windows, search(900, 2)).unwrap();
    let mut plain = Vec::new();
    for window in &windows {
        let (_, _, a, b) = visits[window.person as usize];
        for &(person, place, from, to) in &visits {
            let (first, last) = (a.max(from), b.unwrap().min(to.unwrap()));
            if person != window.person && last - first >= 900 {
                plain.push(Contact { case: window.case, person, place, first, last, seconds: (last - first) as u32 });
            }
        }
    }
    assert!(plain.len() > 50_000);
    assert_eq!(found, plain);
    let index = Index::new(columns(&visits), 2).unwrap();
    assert_eq!(
        index.contacts(&windows[3..4], search(900, 1)).unwrap(),
        plain.iter().filter(|c| c.case == 3).copied().collect::<Vec<_>>()
    );
    assert!(index.bytes() < 17 * 200_000 + 4 * 200_100, "{}", index.bytes());
}

fn visit() -> impl Strategy<Value = Visit> {
    let ends = prop_oneof![8 => (0i64..90).prop_map(Some), 1 => Just(None)];
    (0u32..6, 0u32..4, -20i64..300, ends).prop_map(|(person, place, from, length)| {
        (person, place, BASE + from, length.map(|length| BASE + from + length))
    })
}

fn window() -> impl Strategy<Value = Window> {
    (0u32..4, 0u32..6, 0i64..300, 0i64..200)
        .prop_map(|(number, person, from, length)| case(number, person, from, from + length))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// On any number of threads, by columns and by index, and after leaving out what touches no case: the same rows as
    /// the comparison second by second.
    #[test]
    fn agrees_with_every_second_of_all_pairs(
        visits in prop::collection::vec(visit(), 0..40), windows in prop::collection::vec(window(), 0..6), seconds_min in 0u32..60,
    ) {
        let wanted = oracle(&visits, &windows, seconds_min);
        let columns_all = columns(&visits);
        for threads in 1..4 {
            prop_assert_eq!(&exposures(&columns_all, &windows, search(seconds_min, threads)).unwrap(), &wanted);
        }
        let index = Index::new(columns_all.clone(), 3).unwrap();
        prop_assert_eq!(&index.contacts(&windows, search(seconds_min, 2)).unwrap(), &wanted);
        let presence = Presence::of(&columns_all, &windows).unwrap();
        let kept: Vec<Visit> = visits.iter().copied().filter(|&(person, place, from, to)| {
            windows.iter().any(|window| window.person == person) || presence.touched_by(place, from, to)
        }).collect();
        prop_assert_eq!(&exposures(&columns(&kept), &windows, search(seconds_min, 2)).unwrap(), &wanted);
    }
}
