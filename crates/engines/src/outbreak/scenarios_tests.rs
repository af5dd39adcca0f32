//! Proofs of scenarios: by hand on numbers that can be counted on fingers, the same with any number of threads, the same outbreaks
//! under each policy, and outbreaks that follow a curve or are refused.

use super::{
    standing::{CASES_LEAST, SEEN_DAYS_LEAST, SEEN_DAYS_MAX},
    tests::{city, contacts, omicron},
    *,
};
use crate::epi::capacity::{Need, Supply};
use dayclear_core::{scenarios::Outcome, time::CivilDate};
use std::collections::BTreeMap;

fn day() -> CivilDate {
    "2022-11-01".parse().unwrap()
}

fn stage(people: u64, threads: usize) -> Stage {
    Stage { city: city(people, 3), disease: omicron(), contacts: contacts(), entry: None, threads }
}

fn policies(names: &[&str]) -> Vec<Policy> {
    let imports = BTreeMap::from([(0, 20)]);
    names.iter().map(|name| Policy::built_in(name, day()).unwrap().unwrap().importing(imports.clone())).collect()
}

fn play(names: &[&str], seeds: &[u64], threads: usize) -> Days {
    let (stage, policies) = (stage(8_000, threads), policies(names));
    let begin = |seed| stage.begin(policies[0].clone(), seed);
    side_by_side(&policies, seeds, 20, threads, begin, || {}).unwrap()
}

#[test]
fn threads_change_nothing_and_outbreaks_begin_alike_under_each_policy() {
    let names = ["none", "tests-and-tracing", "chongqing-2022"];
    let one = play(&names, &[4, 5, 6], 1);
    assert_eq!(one, play(&names, &[4, 5, 6], 3));
    // until somebody is found nothing tells the policies of contacts apart
    for ((none, tests), strict) in one[0].iter().zip(&one[1]).zip(&one[2]) {
        let first = &none[0].truth;
        assert_eq!((first, first), (&tests[0].truth, &strict[0].truth));
        assert!((15..=20).contains(&first.infections));
    }
    let ever = |policy: usize| one[policy].iter().map(|rows| rows[19].truth.ever).sum::<u64>();
    assert!(ever(2) < ever(1) && ever(1) < ever(0), "{} {} {}", ever(0), ever(1), ever(2));
    // a seed is the same whatever other seeds are played
    assert_eq!(play(&names, &[6], 1)[1][0], one[1][2]);
}

#[test]
fn a_policy_differs_from_itself_by_exactly_nothing() {
    let names = ["tests-and-tracing", "tests-and-tracing"];
    let told = played(&names.map(str::to_owned), &play(&names, &[1, 2, 3], 2), true);
    assert_eq!(told[0].outcomes.len(), Outcome::ALL.len());
    for (one, other) in told[0].outcomes.iter().zip(&told[1].outcomes) {
        assert_eq!(one.days, other.days, "{}", one.outcome);
        let difference = other.total.difference.unwrap();
        assert_eq!((difference.mean, difference.between), (0.0, Some([0.0, 0.0])), "{}", one.outcome);
        assert_eq!(one.total.difference, None);
    }
    let unknown = played(&names.map(str::to_owned), &play(&names, &[1], 1), false);
    assert!(unknown[0].of(Outcome::Severe).is_none() && unknown[0].of(Outcome::Held).is_some());
    assert_eq!(unknown[1].of(Outcome::Reported).unwrap().total.difference.unwrap().between, None, "of one outbreak");
}

/// Five outbreaks of two days that report so many on each, and hold twice as many away.
fn by_hand(reported: [[u32; 2]; 5]) -> Vec<Vec<Row>> {
    let row = |reported: u32| Row { reported, holding: reported * 3, away: reported * 2, ..Row::default() };
    reported.map(|days| days.map(row).to_vec()).to_vec()
}

#[test]
fn quantiles_and_differences_are_those_of_a_hand_case() {
    let one = by_hand([[10, 0], [20, 0], [30, 0], [40, 0], [50, 10]]);
    let other = by_hand([[9, 0], [18, 0], [27, 0], [36, 0], [45, 10]]);
    let told = played(&["a".to_owned(), "b".to_owned()], &[one, other], true);
    let reported = told[0].of(Outcome::Reported).unwrap();
    let first = reported.days[0];
    assert_eq!([first.q25, first.median, first.q75], [20.0, 30.0, 40.0]);
    assert!((first.q05 - 12.0).abs() < 1e-9 && (first.q95 - 48.0).abs() < 1e-9, "{first:?}");
    assert_eq!((reported.days[1].median, reported.total.around.median, reported.total.mean), (0.0, 30.0, 32.0));
    // differences -1, -2, -3, -4, -5: mean -3, sd sqrt(2.5), t(4) = 2.776
    let difference = told[1].of(Outcome::Reported).unwrap().total.difference.unwrap();
    let half = 2.776 * (2.5f64 / 5.0).sqrt();
    assert_eq!(difference.mean, -3.0);
    let [low, high] = difference.between.unwrap();
    assert!((low + 3.0 + half).abs() < 1e-9 && (high + 3.0 - half).abs() < 1e-9);
    assert_eq!(told[1].of(Outcome::Away).unwrap().days[0].median, 54.0);
}

#[test]
fn what_a_policy_takes_is_counted_or_follows_from_its_cases() {
    let runs = by_hand([[10, 0], [20, 0], [30, 0], [40, 0], [50, 10]]);
    let need = |per_case: f64| Need {
        name: "rooms".to_owned(),
        words: "rooms".to_owned(),
        per_case,
        kernel: vec![1.0, 1.0],
        fixed: 1.0,
        serves: 2.0,
    };
    let ask = |drive: Drive, need: &Need, have: Option<f64>| {
        let supply = Supply { lead_days: 2, step: 5.0 };
        let wanted = Wanted { need, supply, risk: 0.3, beds_of: None, drive, have: vec![have; 2] };
        taken(&[100.0], &runs, &wanted, day()).unwrap()
    };
    // away are 20, 40, 60, 80, 100; with one more in pieces that serve two: 11, 21, 31, 41, 51
    let away = ask(Drive::Away, &need(9.0), Some(35.0));
    assert_eq!((away.counted, away.peak.median, away.peak.day), (true, 31.0, day().plus_days(1)));
    assert_eq!((away.peak.short, away.short), (Some(0.4), Some(0.4)));
    let decide = away.needed.decide.unwrap();
    assert_eq!((decide.first_short, decide.by, decide.more % 5.0), (day().plus_days(1), day().plus_days(-1), 0.0));
    // nobody told what there is: no probability and nothing to decide, but the need stands
    let unknown = ask(Drive::Away, &need(9.0), None);
    assert_eq!((unknown.short, unknown.needed.decide, unknown.peak.median), (None, None, 31.0));
    // nothing for a case: the fixed part alone; and cases before the first day still need theirs on it
    let cases = ask(Drive::Cases, &need(0.0), Some(1.0));
    assert_eq!((cases.counted, cases.peak.median, cases.short), (false, 1.0, Some(0.0)));
    assert!(ask(Drive::Cases, &need(1.0), Some(1.0)).peak.median > 50.0);
    assert!(taken(&[], &[], &Wanted { have: Vec::new(), ..wanted_of(&need(1.0)) }, day()).is_err());
}

fn wanted_of(need: &Need) -> Wanted<'_> {
    let supply = Supply { lead_days: 0, step: 1.0 };
    Wanted { need, supply, risk: 0.1, beds_of: None, drive: Drive::Cases, have: Vec::new() }
}

#[test]
fn the_severely_ill_of_a_day_are_those_of_the_census() {
    let stage = stage(8_000, 1);
    let disease = Disease { severe: 0.2, deaths: 0.05, ..omicron() };
    let stage = Stage { disease, ..stage };
    let mut run = stage.begin(policies(&["none"]).remove(0), 2).unwrap();
    let mut most = 0;
    for day in 0..40u16 {
        let row = run.step();
        let census = run.outbreak.census(f32::from(day) + 1.0);
        assert_eq!(row.severe_now, census.get(&Status::Severe).copied().unwrap_or(0), "day {day}");
        most = most.max(row.severe_now);
    }
    assert!(most > 50, "{most}");
}

#[test]
fn who_is_held_is_counted_once_and_until_the_order_ends() {
    let stage = stage(8_000, 1);
    let mut run = stage.begin(policies(&["chongqing-2022"]).remove(0), 2).unwrap();
    let (mut held, mut most) = (0, 0);
    for _ in 0..25 {
        let row = run.step();
        held += row.held;
        assert!(row.away <= row.holding && row.holding <= held);
        most = most.max(row.away);
    }
    assert!(most > 0);
}

#[test]
fn a_curve_is_followed_from_its_first_case_or_refused_with_the_reason() {
    assert_eq!(seen(&[0, 0, 3, 4, 1, 1, 1, 1, 1]).unwrap().len(), SEEN_DAYS_LEAST);
    let long: Vec<u64> = vec![9; 60];
    assert_eq!(seen(&long).unwrap().len(), SEEN_DAYS_MAX);
    let old: Vec<u64> = std::iter::once(500).chain(vec![0; 40]).collect();
    for (cases, told) in [
        (vec![0, 0, 0], "0 cases"),
        (vec![1, 1, 1, 1, 1, 1, 1, 1, 1], "9 cases"),
        (vec![50, 40, 30], "only 3 whole days"),
        (old, "0 cases"),
    ] {
        let said = seen(&cases).unwrap_err().to_string();
        assert!(said.contains(told), "{cases:?}: {said}");
    }
    assert_eq!(CASES_LEAST, 10);
}

#[test]
fn outbreaks_follow_a_curve_that_such_an_outbreak_made() {
    let stage = stage(8_000, 2);
    let policy = policies(&["tests-and-tracing"]).remove(0);
    // a slower outbreak than that of the file, under the same measures
    let slow = Stage { disease: Disease { r0: 2.5, ..omicron() }, ..stage.clone() };
    let mut run = slow.begin(policy.clone(), 77).unwrap();
    let curve: Vec<u64> = (0..30).map(|_| u64::from(run.step().reported)).skip(10).collect();
    assert!(curve.iter().sum::<u64>() > 60, "{curve:?}");
    let follow = |threads| follow(&Stage { threads, ..stage.clone() }, &policy, &curve, (1, 5), || {}).unwrap();
    let found = follow(2);
    assert!((0.6..1.6).contains(&found.last_week) && found.r0 < omicron().r0 * 0.8, "{} {}", found.last_week, found.r0);
    assert_eq!((found.seeds.len(), found.tried, found.played.len()), (5, 20, seen(&curve).unwrap().len()));
    let alone = follow(1);
    assert_eq!(
        (alone.r0, alone.imports, &alone.seeds, &alone.played),
        (found.r0, found.imports, &found.seeds, &found.played)
    );
    // what follows goes on from its last day
    assert_eq!(found.run(found.seeds[0]).unwrap().outbreak.day(), found.days);
}

#[test]
fn a_curve_that_no_policy_so_far_explains_is_refused() {
    let none = policies(&["none"]).remove(0);
    let said = follow(&stage(2_000, 2), &none, &[3; 14], (1, 2), || {}).err().unwrap();
    assert_eq!(said, FollowError::Unseen);
}
