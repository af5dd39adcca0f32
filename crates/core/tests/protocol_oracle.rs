//! A second opinion on every date rule. It counts days with its own arithmetic, reads its own tables, written from the
//! protocol reference in absolute day numbers and not from the packs, and walks day by day where the packs compute.
#![allow(clippy::unwrap_used)] // a test that fails says where

use dayclear_core::{
    books::Worklist,
    cases::Severity,
    measures::OrderKind,
    protocol::*,
    roster::Known,
    time::{CivilDate, Instant, Zone},
    tracing::ContactTier,
};

const fn leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Number of the first day of each year from 1970, by counting through the years.
const YEARS: [i64; 80] = {
    let mut starts = [0; 80];
    let mut at = 1;
    while at < 80 {
        starts[at] = starts[at - 1] + if leap(1969 + at as i64) { 366 } else { 365 };
        at += 1;
    }
    starts
};

/// Days since 1970-01-01 by counting through the years and months.
fn number(year: i64, month: i64, day: i64) -> i64 {
    let months = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let passed: i64 = (1..month).map(|m| months[(m - 1) as usize] + i64::from(m == 2 && leap(year))).sum();
    YEARS[(year - 1970) as usize] + passed + day - 1
}

/// The number of a date of the system, through its text, so that none of its arithmetic is used.
fn read(date: CivilDate) -> i64 {
    let text = date.to_string();
    let part = |range: std::ops::Range<usize>| text[range].parse::<i64>().unwrap();
    number(part(0..4), part(5..7), part(8..10))
}

/// The date of the system for a number, found by walking from the first day of a year.
fn write(mut rest: i64) -> CivilDate {
    let mut year = 1970;
    while number(year + 1, 1, 1) <= rest {
        year += 1;
    }
    let mut month = 1;
    while month < 12 && number(year, month + 1, 1) <= rest {
        month += 1;
    }
    rest -= number(year, month, 1);
    format!("{year:04}-{month:02}-{:02}", rest + 1).parse().unwrap()
}

/// splitmix64: the same cases on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % below
    }
    fn range(&mut self, from: i64, to: i64) -> i64 {
        from + self.roll((to - from + 1) as u64) as i64
    }
    fn known(&mut self) -> Known {
        Known::ALL[self.roll(3) as usize]
    }
    fn maybe(&mut self, value: i64) -> Option<i64> {
        (self.roll(3) > 0).then_some(value)
    }
    fn day(&mut self) -> i64 {
        self.range(number(2019, 12, 1), number(2024, 3, 31))
    }
}

const PACKS: [&str; 7] =
    ["covid-19-cn-ninth", "covid-19-cn-twenty", "covid-19-cn-ten", "ebola", "measles", "mpox", "mers"];

/// pack, who, kind, first day, last day, test days: all counted from the last exposure.
type PlanRow = (&'static str, &'static str, &'static str, i64, i64, &'static [i64]);

const PLANS: &[PlanRow] = &[
    ("covid-19-cn-ninth", "close", "central_isolation", 1, 7, &[1, 2, 3, 5, 7]),
    ("covid-19-cn-ninth", "close", "home_monitoring", 8, 10, &[10]),
    ("covid-19-cn-ninth", "secondary", "home_isolation", 1, 7, &[1, 4, 7]),
    ("covid-19-cn-ninth", "area_stay", "central_isolation", 1, 7, &[1, 2, 3, 5, 7]),
    ("covid-19-cn-ninth", "medium_area_stay", "home_isolation", 1, 7, &[1, 4, 7]),
    ("covid-19-cn-ninth", "inbound", "central_isolation", 1, 7, &[1, 2, 3, 5, 7]),
    ("covid-19-cn-ninth", "inbound", "home_monitoring", 8, 10, &[10]),
    ("covid-19-cn-ninth", "post_leaver", "home_isolation", 1, 7, &[1, 4, 7]),
    ("covid-19-cn-twenty", "close", "central_isolation", 1, 5, &[1, 2, 3, 5]),
    ("covid-19-cn-twenty", "close", "home_isolation", 6, 8, &[6, 8]),
    ("covid-19-cn-twenty", "area_stay", "home_isolation", 1, 7, &[1, 3, 5, 7]),
    ("covid-19-cn-twenty", "inbound", "central_isolation", 1, 5, &[1, 2, 3, 5]),
    ("covid-19-cn-twenty", "inbound", "home_isolation", 6, 8, &[6, 8]),
    ("covid-19-cn-twenty", "post_leaver", "home_monitoring", 1, 5, &[1, 3, 5]),
    ("covid-19-cn-ten", "close", "home_isolation", 1, 5, &[5]),
    ("covid-19-cn-ten", "inbound", "central_isolation", 1, 5, &[1, 2, 3, 5]),
    ("covid-19-cn-ten", "inbound", "home_isolation", 6, 8, &[6, 8]),
    ("ebola", "close", "symptom_watch", 1, 21, &[]),
    ("mpox", "close", "symptom_watch", 1, 21, &[]),
    ("mers", "close", "home_isolation", 1, 14, &[]),
];

type Flat = (String, i64, i64, Vec<i64>);

fn plan_by_oracle(pack: &str, who: &str, facts: &ContactFacts) -> Vec<Flat> {
    let last = read(facts.last_exposure);
    if pack == "measles" && who == "close" {
        let first = facts.first_exposure.map_or(last, read).min(last);
        let end = last + if facts.immunoglobulin { 28 } else { 21 };
        return if facts.immune == Known::Yes { vec![] } else { vec![("exclusion".into(), first + 5, end, vec![])] };
    }
    let mut out = Vec::new();
    for (_, _, kind, from, until, tests) in PLANS.iter().filter(|row| row.0 == pack && row.1 == who) {
        let covid = pack.starts_with("covid");
        let kind = if *kind == "central_isolation" && covid && facts.special && facts.home == Known::Yes {
            "home_isolation"
        } else if *kind == "home_isolation" && facts.home == Known::No {
            "central_isolation"
        } else {
            kind
        };
        out.push((kind.to_owned(), last + from, last + until, tests.iter().map(|day| last + day).collect()));
    }
    out
}

#[test]
fn plans_agree_on_forty_thousand_cases() {
    let packs = Packs::builtin().unwrap();
    let mut dice = Dice(20221111);
    for _ in 0..40_000 {
        let pack = PACKS[dice.roll(7) as usize];
        let who = PlanFor::ALL[dice.roll(6) as usize];
        let last = dice.day();
        let first = last - dice.range(-2, 12);
        let facts = ContactFacts {
            tier: ContactTier::Close,
            first_exposure: dice.maybe(first).map(write),
            last_exposure: write(last),
            home: dice.known(),
            special: dice.roll(2) == 0,
            immune: dice.known(),
            immunoglobulin: dice.roll(4) == 0,
        };
        let said: Vec<Flat> = packs
            .named(pack)
            .unwrap()
            .plan(who, &facts)
            .into_iter()
            .map(|phase| {
                let phase = phase.value;
                (
                    phase.kind.to_string(),
                    read(phase.from),
                    read(phase.until),
                    phase.test_days.into_iter().map(read).collect(),
                )
            })
            .collect();
        assert_eq!(said, plan_by_oracle(pack, who.name(), &facts), "{pack} {who} {facts:?}");
    }
}

/// pack, days before the onset, days before the sample, days after the onset, whether the last negative test counts.
const WINDOWS: &[(&str, i64, i64, Option<i64>, bool)] = &[
    ("covid-19-cn-ninth", 2, 2, None, true),
    ("covid-19-cn-twenty", 2, 2, None, true),
    ("covid-19-cn-ten", 2, 2, None, true),
    ("ebola", 0, 0, None, false),
    ("measles", 4, 4, Some(4), false),
    ("mpox", 0, 0, None, false),
    ("mers", 0, 0, None, false),
];

#[test]
fn windows_agree_on_twenty_thousand_cases() {
    let packs = Packs::builtin().unwrap();
    let mut dice = Dice(97);
    for _ in 0..20_000 {
        let (pack, before_onset, before_sampling, after, regular) = WINDOWS[dice.roll(7) as usize];
        let sampled = dice.day();
        let near = [dice.range(-9, 6), dice.range(-14, 2), dice.range(-6, 6)];
        let (onset, negative, isolated) =
            (dice.maybe(sampled + near[0]), dice.maybe(sampled + near[1]), dice.maybe(sampled + near[2]));
        let by_regular_test = dice.roll(2) == 0;
        let mut from = match onset {
            Some(onset) if onset <= sampled => onset - before_onset,
            Some(_) => sampled - before_onset,
            None => sampled - before_sampling,
        };
        if let Some(negative) = negative
            && by_regular_test
            && regular
            && negative <= sampled
        {
            from = negative;
        }
        let mut ends: Vec<i64> = isolated.into_iter().collect();
        if let (Some(after), Some(onset)) = (after, onset) {
            ends.push(onset + after);
        }
        let facts = WindowFacts {
            onset: onset.map(write),
            sampled: write(sampled),
            last_negative: negative.map(write),
            by_regular_test,
            isolated_on: isolated.map(write),
        };
        let said = packs.named(pack).unwrap().contact_window(&facts).value;
        assert_eq!((read(said.from), said.until.map(read)), (from, ends.into_iter().min()), "{pack} {facts:?}");
    }
}

#[test]
fn area_releases_agree_on_twenty_thousand_cases() {
    let packs = Packs::builtin().unwrap();
    let mut dice = Dice(5);
    // Days without an infection until everybody is tested, and days after that until low.
    let rules = [("covid-19-cn-ninth", 7, 3), ("covid-19-cn-twenty", 5, 0), ("covid-19-cn-ten", 5, 0)];
    for _ in 0..20_000 {
        let (pack, quiet, then) = rules[dice.roll(3) as usize];
        let opened = dice.day();
        let infection = opened + dice.range(-3, 9);
        let today = opened + dice.range(0, 25);
        let mut tested: Vec<i64> = (0..dice.roll(5)).map(|_| opened + dice.range(0, 25)).collect();
        tested.sort_unstable();
        // Walk: every day is judged alone, with what is known by then.
        let begin = if infection > opened { infection } else { opened };
        let (mut stepped, mut released, mut day) = (None, None, begin);
        while day <= today {
            if stepped.is_none() && day - begin >= quiet && tested.contains(&day) {
                stepped = Some(day);
            }
            if released.is_none() && stepped.is_some_and(|step| day - step >= then) {
                released = Some(day);
            }
            day += 1;
        }
        let forecast = match (released, stepped) {
            (Some(day), _) => day,
            (None, Some(step)) => step + then,
            (None, None) => (begin + quiet).max(today) + then,
        };
        let all: Vec<CivilDate> = tested.iter().copied().map(write).collect();
        let clock = AreaClock {
            opened: write(opened),
            last_new_infection: write(infection),
            today: write(today),
            all_negative_on: &all,
        };
        let said = packs.named(pack).unwrap().area_release(&clock).value;
        assert_eq!((read(said.forecast), said.met), (forecast, released.is_some()), "{pack} {clock:?}");
        assert!(read(said.forecast) >= infection + quiet + then, "before the last infection and the rule");
    }
}

#[test]
fn discharges_agree_on_twenty_thousand_cases() {
    let packs = Packs::builtin().unwrap();
    let zone = Zone::named("Asia/Shanghai").unwrap();
    let mut dice = Dice(35);
    // pack, at home, hours apart, or else days of the stay from which tests on two days count
    let rules = [
        ("covid-19-cn-ninth", false, Some(24), true),
        ("covid-19-cn-twenty", false, Some(24), true),
        ("covid-19-cn-ten", false, Some(24), true),
        ("covid-19-cn-ten", true, None, true),
        ("ebola", false, Some(48), false),
        ("mers", false, Some(24), false),
    ];
    for _ in 0..20_000 {
        let (pack, at_home, apart, by_ct) = rules[dice.roll(6) as usize];
        let admitted = dice.day();
        let mut hour = admitted * 24;
        let mut tests = Vec::new();
        for _ in 0..dice.roll(6) {
            hour += [6, 12, 18, 23, 24, 25, 47, 48, 60, 100][dice.roll(10) as usize];
            let mut ct = || [None, None, Some(20.0), Some(34.9), Some(35.0), Some(36.5)][dice.roll(6) as usize];
            tests.push((hour, ct(), ct()));
        }
        let clean = |ct: Option<f64>| match ct {
            None => true,
            Some(ct) => by_ct && ct >= 35.0,
        };
        let day = |hour: i64| hour.div_euclid(24) - admitted; // hours of the city's own clock
        let mut free = false;
        for first in 0..tests.len() {
            for second in first + 1..tests.len() {
                let run = tests[first..].iter().all(|test| clean(test.1) && clean(test.2));
                let far = match apart {
                    Some(hours) => tests[second].0 - tests[first].0 >= hours,
                    None => day(tests[first].0) >= 6 && day(tests[second].0) > day(tests[first].0),
                };
                free |= run && far;
            }
        }
        let points: Vec<TestPoint> = tests
            .iter()
            .map(|(hour, ct_n, ct_orf)| TestPoint {
                at: Instant::from_micros((hour - 8) * 3_600_000_000),
                ct_n: *ct_n,
                ct_orf: *ct_orf,
            })
            .collect();
        let facts = StayFacts {
            at_home,
            symptoms_relieved: Known::Yes,
            ..StayFacts::new(write(admitted), write(admitted + 30), Severity::Mild, &points)
        };
        let said = packs.named(pack).unwrap().discharge(&facts, &zone).value;
        assert_eq!(said == Discharge::Release, free, "{pack} {tests:?} {said:?}");
    }
}

/// Worklist, and minutes from the opening or `None` for the end of the same day, under the three packs of COVID-19.
const DEADLINES: &[(&str, [Option<i64>; 3])] = &[
    ("deliver", [Some(240); 3]),
    ("test", [Some(1440); 3]),
    ("recall", [Some(1440); 3]),
    ("clarify", [Some(1440); 3]),
    ("report", [Some(120); 3]),
    ("diagnose", [Some(1440); 3]),
    ("reach", [Some(120); 3]),
    ("facts", [Some(240); 3]),
    ("investigate", [Some(1440); 3]),
    ("letters", [Some(1440); 3]),
    ("move", [None; 3]),
    ("place", [Some(480), Some(480), Some(720)]),
    ("call", [Some(10); 3]),
    ("follow", [None; 3]),
    ("retest", [None; 3]),
    ("release", [None; 3]),
    ("reopen", [None; 3]),
    ("clean", [Some(240); 3]),
    ("supply", [None; 3]),
    ("ask", [Some(1440); 3]),
    ("decide", [Some(1); 3]),
    ("help", [Some(60); 3]),
    ("treat", [None; 3]),
    ("fulfil", [None; 3]),
    ("review", [Some(15); 3]),
];

#[test]
fn deadlines_agree_on_twenty_thousand_cases() {
    let packs = Packs::builtin().unwrap();
    let zone = Zone::named("Asia/Shanghai").unwrap();
    let mut dice = Dice(24);
    for _ in 0..20_000 {
        let (worklist, minutes) = DEADLINES[dice.roll(DEADLINES.len() as u64) as usize];
        let which = dice.roll(3) as usize;
        let second = dice.day() * 86_400 + dice.range(0, 86_399);
        let due = match minutes[which] {
            Some(minutes) => (second + minutes * 60) * 1_000_000,
            // The city is eight hours ahead: the end of its day is 16:00 UTC, less one microsecond.
            None => ((second + 8 * 3600).div_euclid(86_400) + 1) * 86_400_000_000 - 8 * 3_600_000_000 - 1,
        };
        let worklist: Worklist = worklist.parse().unwrap();
        let opened = Instant::from_micros(second * 1_000_000);
        let said = packs.named(PACKS[which]).unwrap().deadline(worklist, opened, &zone).unwrap();
        assert_eq!(said.value.micros(), due, "{} {worklist} {opened}", PACKS[which]);
    }
}

#[test]
fn what_follows_a_discharge_agrees_on_every_day_of_five_years() {
    let packs = Packs::builtin().unwrap();
    let rules: [(&str, &[i64]); 3] =
        [("covid-19-cn-ninth", &[3, 7]), ("covid-19-cn-twenty", &[7]), ("covid-19-cn-ten", &[])];
    for day in number(2019, 12, 1)..number(2024, 12, 1) {
        for (pack, tests) in rules {
            let phase = packs.named(pack).unwrap().after_discharge(write(day)).unwrap().value;
            let said: Vec<i64> = phase.test_days.into_iter().map(read).collect();
            assert_eq!(
                (phase.kind, read(phase.from), read(phase.until)),
                (OrderKind::HomeMonitoring, day + 1, day + 7)
            );
            assert_eq!(said, tests.iter().map(|n| day + n).collect::<Vec<_>>());
        }
    }
}
