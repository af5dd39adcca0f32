//! Proofs of the outbreak: against what a textbook says of a simple epidemic, against published figures of Omicron, and
//! against itself: the same with any number of threads, and nobody lost or counted twice.

use super::{spreading::ALONE, *};
use crate::city::{Occupation, Sources, Spec};
use std::collections::BTreeMap;

pub(super) fn city(people: u64, seed: u64) -> Arc<Population> {
    let date = "2022-11-20".parse().unwrap();
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
    Arc::new(Population::build(&spec, &Sources::chongqing().unwrap(), 2).unwrap())
}

pub(super) fn omicron() -> Disease {
    Disease::built_in("omicron-ba52").unwrap().unwrap()
}

pub(super) fn contacts() -> Contacts {
    Contacts::chongqing().unwrap()
}

fn outbreak(city: &Arc<Population>, disease: Disease, seed: u64) -> Outbreak {
    Outbreak::new(city.clone(), disease, contacts(), seed, 1).unwrap()
}

/// One number for everybody: a city in which anybody meets anybody.
fn homogeneous() -> (Disease, Contacts) {
    let disease = Disease {
        r0: 1.5,
        household_attack: 0.0,
        asymptomatic: 0.0,
        dispersion: 100.0,
        severe: 0.0,
        deaths: 0.0,
        immune: Vec::new(),
        ..omicron()
    };
    let none = Contacts { building: 0.0, dormitory: 0.0, class: 0.0, work: 0.0, care: 0.0, market: 0.0, ..contacts() };
    let contacts = Contacts { community: 10.0, community_at_home: 10.0, public_work: 1.0, transport: 0.0, ..none };
    (disease, contacts)
}

#[test]
fn infectiousness_is_spent_from_nothing_to_all_of_it() {
    let city = city(3_000, 1);
    let mut outbreak = outbreak(&city, omicron(), 3);
    outbreak.import(7);
    outbreak.step(&Measures::none(&city));
    assert_eq!(outbreak.infectiousness_before(8, 40), None, "not infected");
    let spent: Vec<f64> = (0..60).filter_map(|day| outbreak.infectiousness_before(7, day)).collect();
    assert_eq!(
        (spent.len(), spent[0], spent[1]),
        (60, 0.0, 0.0),
        "nobody is infected on the day of one's own infection"
    );
    assert!(spent.is_sorted() && spent[59] == 1.0 && spent[5] > 0.3, "{spent:?}");
}

#[test]
fn a_homogeneous_epidemic_has_the_final_size_of_the_textbook() {
    // Kermack and McKendrick: z = 1 - exp(-1.5 z), z = 0.5828. Residents of care homes meet nobody here; they are left out.
    let city = city(60_000, 1);
    let (disease, contacts) = homogeneous();
    let mut outbreak = Outbreak::new(city.clone(), disease, contacts, 3, 2).unwrap();
    outbreak.import_among(0..city.people(), 60);
    let measures = Measures::none(&city);
    for _ in 0..250 {
        outbreak.step(&measures);
    }
    let out = |person: &u32| city.occupation(*person) != Occupation::Care;
    let people = (0..city.people()).filter(out).count() as f64;
    let infected = (0..city.people()).filter(out).filter(|person| outbreak.infected_at(*person).is_some()).count();
    let size = infected as f64 / people;
    assert!((size - 0.583).abs() < 0.015, "final size {size}");
}

#[test]
fn the_household_attack_rate_is_that_of_ba52() {
    // Households only, one case each: Ma et al. 2024 found 0.531 (0.450-0.609) of the others infected.
    let city = city(60_000, 2);
    let none = Contacts { building: 0.0, dormitory: 0.0, class: 0.0, work: 0.0, care: 0.0, ..contacts() };
    let none = Contacts { community: 0.0, community_at_home: 0.0, ..none };
    let mut outbreak = Outbreak::new(city.clone(), omicron(), none, 5, 1).unwrap();
    let mut homes = Vec::new();
    let mut person = 0;
    while person < city.people() {
        let home = city.household(person);
        person = home.end;
        if (2..=6).contains(&home.len()) && !city.in_dormitory(home.start) {
            outbreak.import(home.start + (home.start / 7) % home.len() as u32);
            homes.push(home);
        }
    }
    let measures = Measures::none(&city);
    for _ in 0..40 {
        outbreak.step(&measures);
    }
    let others: usize = homes.iter().map(|home| home.len() - 1).sum();
    let infected = outbreak.ever as usize - homes.len();
    let rate = infected as f64 / others as f64;
    assert!((0.48..0.58).contains(&rate), "household attack rate {rate}");
}

#[test]
fn the_mean_serial_interval_is_that_of_ba5() {
    // All pairs whose first member was infected in the early days, followed to the end, so that fast growth does not favour
    // short intervals. Published means: 2.12 (BA.5.2), 2.43 (BF.7), 2.7 (BA.5), 2.37 pooled (1.71-3.04).
    let city = city(200_000, 3);
    let mut outbreak = outbreak(&city, omicron(), 8);
    outbreak.import_among(0..city.people(), 20);
    let measures = Measures::none(&city);
    while outbreak.ever < 400 {
        outbreak.step(&measures);
    }
    let early = outbreak.day();
    for _ in 0..20 {
        outbreak.step(&measures);
    }
    let (mut sum, mut pairs) = (0.0, 0);
    for person in (0..outbreak.day()).flat_map(|day| outbreak.infected_on(day)) {
        let Some((Some(infector), _)) = outbreak.infector(person) else { continue };
        if outbreak.infected_at(infector).is_some_and(|at| at < f32::from(early))
            && let (Some(first), Some(second)) = (outbreak.onset_at(infector), outbreak.onset_at(person))
        {
            sum += f64::from(second - first);
            pairs += 1;
        }
    }
    let mean = sum / f64::from(pairs);
    assert!(pairs > 500 && (2.1..2.8).contains(&mean), "mean serial interval {mean} of {pairs} pairs");
}

#[test]
fn contacts_by_age_are_those_of_the_survey() {
    // Zhang et al. 2020, table 1: the mean of ours lies between the lower end for Wuhan and the upper end for Shanghai, ages
    // 0-6 to 60+, and within a third of the mean of both cities.
    let city = city(100_000, 4);
    let outbreak = outbreak(&city, omicron(), 1);
    let measures = Measures::none(&city);
    let mut met = [(0usize, 0usize); 5];
    for person in (0..city.people()).step_by(7) {
        let band = match city.age(person) {
            0..=6 => 0,
            7..=19 => 1,
            20..=39 => 2,
            40..=59 => 3,
            _ => 4,
        };
        met[band].0 += outbreak.met(person, 0, &measures).len();
        met[band].1 += 1;
    }
    let text = include_str!("../../../../data/city/zhang2020_table1_contacts.csv");
    for (line, (sum, count)) in text.lines().skip(2).zip(met) {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |at: usize| cells[at].parse::<f64>().unwrap();
        let (mean, published) = (sum as f64 / count as f64, (number(1) + number(5)) / 2.0);
        assert!((number(2)..number(7)).contains(&mean), "{line}: {mean}");
        assert!((mean / published - 1.0).abs() < 0.34, "{line}: {mean} against {published}");
    }
}

#[test]
fn mixing_by_age_has_the_shape_of_the_synthetic_matrix() {
    // Mistry et al. 2021, Chongqing, overall: 18 x 18, groups of five years. Ours must correlate with it by
    // 0.75 or more over all cells.
    let city = city(100_000, 6);
    let outbreak = outbreak(&city, omicron(), 1);
    let measures = Measures::none(&city);
    let band = |person: u32| usize::from(city.age(person) / 5).min(17);
    let (mut ours, mut people) = ([[0.0; 18]; 18], [0.0; 18]);
    for person in (0..city.people()).step_by(3) {
        people[band(person)] += 1.0;
        for contact in outbreak.met(person, 0, &measures) {
            ours[band(person)][band(contact.person)] += 1.0;
        }
    }
    let text = include_str!("../../../../data/city/mistry2021_Chongqing_M_overall_contact_matrix_18.csv");
    let theirs: Vec<f64> = text.lines().flat_map(|line| line.split(',')).map(|cell| cell.parse().unwrap()).collect();
    let ours: Vec<f64> = (0..324).map(|at| ours[at / 18][at % 18] / people[at / 18]).collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (a, b) = (mean(&ours), mean(&theirs));
    let product =
        |x: &[f64], mx: f64, y: &[f64], my: f64| -> f64 { x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum() };
    let correlation =
        product(&ours, a, &theirs, b) / (product(&ours, a, &ours, a) * product(&theirs, b, &theirs, b)).sqrt();
    assert!(correlation > 0.75, "correlation {correlation}");
}

#[test]
fn threads_change_nothing() {
    let city = city(60_000, 5);
    let play = |threads: usize| {
        let mut outbreak = Outbreak::new(city.clone(), omicron(), contacts(), 9, threads).unwrap();
        outbreak.import_among(0..city.people(), 30);
        let measures = Measures::none(&city);
        let days: Vec<Today> = (0..30).map(|_| outbreak.step(&measures)).collect();
        (outbreak.digest(), days)
    };
    let one = play(1);
    assert!(one.1.iter().any(|today| today.infectious > ALONE as u64), "threads were never started");
    assert_eq!(one, play(2));
    assert_eq!(one, play(4));
    assert_eq!(one, play(1));
}

#[test]
fn everybody_is_in_exactly_one_state() {
    let city = city(20_000, 6);
    for (name, seed) in [("omicron-ba52", 2), ("measles", 4)] {
        let mut outbreak = outbreak(&city, Disease::built_in(name).unwrap().unwrap(), seed);
        outbreak.import_among(0..city.people(), 50);
        let measures = Measures::none(&city);
        let (mut infections, mut onsets, mut dead) = (0, 0, 0);
        for day in 0..90u16 {
            let today = outbreak.step(&measures);
            infections += today.infections;
            onsets += today.onsets;
            dead += today.deaths;
            assert_eq!(today.by_layer.iter().sum::<u32>(), today.infections);
            if day % 10 == 0 {
                let census = outbreak.census(f32::from(outbreak.day()));
                assert_eq!(census.values().sum::<u32>(), city.people());
                let (susceptible, immune, ever) = outbreak.totals();
                let of = |status: Status| u64::from(census.get(&status).copied().unwrap_or(0));
                assert_eq!((susceptible, immune), (of(Status::Susceptible), of(Status::Immune)));
                assert_eq!(ever, u64::from(infections));
            }
        }
        let census = outbreak.census(90.0);
        assert_eq!(census.get(&Status::Dead).copied().unwrap_or(0), dead);
        let ill = (0..city.people()).filter(|person| outbreak.onset_at(*person).is_some_and(|at| at < 90.0)).count();
        assert_eq!(ill, onsets as usize, "{name}");
        let mut seen = BTreeMap::new();
        for day in 0..90 {
            for person in outbreak.infected_on(day) {
                assert_eq!(seen.insert(person, day), None, "{person} is infected twice");
            }
        }
        assert_eq!(seen.len(), infections as usize);
    }
}

#[test]
fn days_of_infection_far_apart_are_told_apart() {
    let city = city(3_000, 1);
    let nobody_infects = Disease { r0: 0.0, household_attack: 0.0, ..omicron() };
    let mut outbreak = outbreak(&city, nobody_infects, 3);
    let measures = Measures::none(&city);
    for day in 0..600 {
        outbreak.import(day * 7 % 3_000);
        outbreak.import(2_999 - day);
        outbreak.step(&measures);
    }
    let (mut seen, days) = (0, outbreak.day());
    for day in 0..days {
        for person in outbreak.infected_on(day) {
            assert_eq!(outbreak.infected_at(person).map(|at| at as u16), Some(day), "{person}");
            assert_eq!(outbreak.infector(person), Some((None, Layer::Import)));
            seen += 1;
        }
    }
    assert!(seen > 900 && outbreak.ever == seen);
    assert_eq!((0..city.people()).filter(|person| outbreak.infected_at(*person).is_some()).count() as u64, seen);
}

#[test]
fn severity_is_the_published_share_of_infections() {
    let city = city(400_000, 7);
    let outbreak = outbreak(&city, Disease { severe: 0.027, deaths: 0.009, ..omicron() }, 1);
    let (mut severe, mut dead) = (0, 0);
    for person in 0..city.people() {
        let (becomes_severe, dies) = outbreak.severity(person, &outbreak.courses.of(person));
        severe += u32::from(becomes_severe);
        dead += u32::from(dies);
        assert!(becomes_severe || !dies);
    }
    // ten times the shares of Shanghai, so that there are enough of them here
    let share = |count: u32| f64::from(count) / f64::from(city.people());
    assert!((share(severe) / 0.027 - 1.0).abs() < 0.08, "{}", share(severe));
    assert!((share(dead) / 0.009 - 1.0).abs() < 0.08, "{}", share(dead));
}

#[test]
fn who_is_held_away_meets_nobody_and_an_order_keeps_people_apart() {
    let city = city(20_000, 8);
    let play = |measures: &Measures| {
        let mut outbreak = outbreak(&city, omicron(), 4);
        outbreak.import_among(0..city.people(), 100);
        (0..15).map(|_| outbreak.step(measures)).last().unwrap().ever
    };
    let free = play(&Measures::none(&city));
    let mut held = Measures::none(&city);
    (0..city.people()).for_each(|person| held.hold(person, Hold::Away));
    assert_eq!(play(&held), 100);
    let mut home = Measures::none(&city);
    (0..city.buildings()).for_each(|building| home.confine(building, true));
    let at_home = play(&home);
    assert!(at_home > 100 && at_home * 5 < free, "{at_home} at home, {free} free");
    let mut quiet = Measures::none(&city);
    for district in 0..city.districts() {
        quiet.set_activity(district, Activity { school: 0.0, work: 0.2, community: 0.3, ..Activity::default() });
    }
    let slow = play(&quiet);
    assert!(at_home < slow && slow < free, "{at_home} {slow} {free}");
}

#[test]
fn those_whom_a_case_infected_are_among_those_it_met() {
    let city = city(20_000, 9);
    let mut outbreak = outbreak(&city, omicron(), 6);
    outbreak.import_among(0..city.people(), 20);
    let measures = Measures::none(&city);
    for _ in 0..12 {
        outbreak.step(&measures);
    }
    let mut checked = 0;
    for day in 1..12 {
        for person in outbreak.infected_on(day) {
            let Some((Some(infector), layer)) = outbreak.infector(person) else { continue };
            let met = outbreak.met(infector, day, &measures);
            assert!(met.iter().any(|contact| contact.person == person), "{infector} met {person} ({layer:?}) on {day}");
            assert!(outbreak.met(person, day, &measures).iter().any(|contact| contact.person == infector));
            checked += 1;
        }
    }
    assert!(checked > 500);
}

#[test]
fn swabs_follow_the_course_and_pools_dilute() {
    let city = city(5_000, 1);
    let mut outbreak = outbreak(&city, omicron(), 2);
    outbreak.import_among(0..city.people(), 300);
    outbreak.step(&Measures::none(&city));
    let people: Vec<u32> = outbreak.infected_on(0).collect();
    let positive = |at: f32| {
        people.iter().filter(|person| outbreak.is_positive(outbreak.swab(**person, at))).count() as f64
            / people.len() as f64
    };
    let (first, peak, late, after) = (positive(1.0), positive(4.0), positive(8.0), positive(20.0));
    assert!(first < 0.4 && peak > 0.8 && late < peak && after == 0.0, "{first} {peak} {late} {after}");
    let one = [Some(30.0), None, None, None, None, None, None, None, None, None];
    let laboratory = pooled(&one, Mixing::InLaboratory).unwrap();
    assert!((laboratory - 33.32).abs() < 0.01, "{laboratory}");
    let collected = pooled(&one, Mixing::AtCollection).unwrap();
    assert!((30.0..31.0).contains(&collected), "{collected}");
    let two = pooled(&[Some(30.0), Some(30.0)], Mixing::InLaboratory).unwrap();
    assert!((two - 30.0).abs() < 0.01, "{two}");
    assert_eq!(pooled(&[None, None], Mixing::InLaboratory), None);
}

fn run(city: &Arc<Population>, policy: Policy, threads: usize, seed: u64) -> Run {
    let mut outbreak = Outbreak::new(city.clone(), omicron(), contacts(), seed, threads).unwrap();
    outbreak.import_among(0..city.people(), 20);
    Run::new(outbreak, policy, seed)
}

#[test]
fn a_policy_finds_cases_and_slows_the_outbreak_and_is_the_same_on_any_threads() {
    let city = city(60_000, 3);
    let start = "2022-11-01".parse().unwrap();
    let play = |name: &str, threads: usize| {
        let mut run = run(&city, Policy::built_in(name, start).unwrap().unwrap(), threads, 2);
        let rows: Vec<Row> = (0..25).map(|_| run.step()).collect();
        (run.outbreak.digest(), rows)
    };
    let (free, tested, strict) = (play("none", 1), play("tests-and-tracing", 1), play("chongqing-2022", 1));
    assert_eq!(play("chongqing-2022", 4), strict);
    let ever = |played: &(u64, Vec<Row>)| played.1.last().unwrap().truth.ever;
    assert!(
        ever(&strict) < ever(&tested) && ever(&tested) < ever(&free),
        "{:?}",
        (ever(&free), ever(&tested), ever(&strict))
    );
    for (_, rows) in [&free, &tested, &strict] {
        let mut reported = 0;
        for row in rows {
            reported += u64::from(row.reported);
            assert!(reported <= row.truth.ever && row.community <= row.reported);
        }
    }
    assert_eq!(free.1.iter().map(|row| row.reported).sum::<u32>(), 0);
    assert!(strict.1.iter().map(|row| row.held).sum::<u32>() > 0);
}

#[test]
fn a_fit_finds_the_knob_that_made_a_curve() {
    let city = city(30_000, 4);
    let start = "2022-11-01".parse().unwrap();
    let policy = Policy::built_in("tests-and-tracing", start).unwrap().unwrap();
    let begin = |policy: Policy| Ok::<Run, OutbreakError>(run(&city, policy, 1, 6));
    let knob = |value| vec![Knob { name: "life".into(), from: 2, value }];
    let mut truth = begin(super::fit::turned(&policy, &knob(0.5)).unwrap()).unwrap();
    let observed: Vec<Observed> =
        (0..14).map(|day| Observed { day, cases: truth.step().reported }).filter(|day| day.day > 4).collect();
    let found = fit(&policy, knob(0.9), &observed, begin, |_, _| {}).unwrap();
    assert!((found.knobs[0].value / 0.5 - 1.0).abs() < 0.15, "{found:?}");
}
