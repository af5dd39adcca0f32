//! Signals of laboratories on made days: each way of cheating by its signal, and how many are found and how many wrongly. Pure.

use super::*;
use crate::screening::quality::{Level, SignalKind};

/// A hundred laboratories of which ten cheat, over several seeds: within the day's 24 hours at least eight of ten alarms are
/// cheats, and at least eight of ten cheats have an alarm. Ways of which only the positives tell are those that are missed.
#[test]
fn of_ten_cheats_eight_are_found_within_the_day() {
    let mut whole = Score::default();
    for seed in 1..=6 {
        let (score, signals) = Rehearsal::play(Scene { seed, ..Scene::default() }).score(24, &Settings::default());
        for signal in signals.iter().filter(|signal| signal.level == Level::Alarm && signal.unit != "results") {
            println!("  {} {} {:.2} {:.2}", signal.laboratory, signal.kind, signal.figure, signal.limit);
        }
        println!("{seed}: precision {:.2} recall {:.2} missed {:?}", score.precision(), score.recall(), score.missed);
        assert!(score.precision() >= 0.8, "{seed}: {score:?}");
        whole.found += score.found;
        whole.wronged += score.wronged;
        for (way, count) in score.missed {
            *whole.missed.entry(way).or_default() += count;
        }
    }
    println!("all: precision {:.3} recall {:.3} {whole:?}", whole.precision(), whole.recall());
    assert!(whole.precision() >= 0.8 && whole.recall() >= 0.8, "{whole:?}");
    let statistical = [Way::PooledForged, Way::ThresholdBlanked, Way::BadLot, Way::Threshold].map(Way::name);
    assert!(whole.missed.keys().all(|way| statistical.contains(way)), "{whole:?}");
}

/// Every way has its own signal, and an honest day has none: each check is seen to fail once.
#[test]
fn each_way_is_told_by_its_signal() {
    for (way, kinds) in [
        (Way::PooledAgain, &[SignalKind::Wells][..]),
        (Way::PooledHidden, &[SignalKind::InternalControlCopied]),
        (Way::Hurried, &[SignalKind::Turnaround]),
        (Way::EarlyNegatives, &[SignalKind::BeforeRunEnd]),
        (Way::MadeUp, &[SignalKind::InternalControlCopied, SignalKind::Throughput]),
        (Way::Threshold, &[SignalKind::Polarity]),
        (Way::Overwrites, &[SignalKind::Overwritten]),
        (Way::BadLot, &[SignalKind::ControlFailed]),
    ] {
        let scene = Scene { seed: 5, laboratories: 40, cheats: 2, share_from: 1.0, way: Some(way), ..Scene::default() };
        let day = Rehearsal::play(scene);
        let (score, signals) = day.score(24, &Settings::default());
        assert_eq!(score.found, 2, "{way}: {score:?}");
        for kind in kinds {
            for (name, _) in day.truth().filter(|(_, way)| way.is_some()) {
                let told = signals.iter().any(|signal| signal.laboratory == name && signal.kind == *kind);
                assert!(told, "{way}: {name} has no {kind}");
            }
        }
        if way == Way::BadLot {
            let lot = |signal: &&Signal| signal.kind == SignalKind::LotPositivity && signal.level == Level::Alarm;
            let lots: Vec<_> = signals.iter().filter(lot).map(|signal| signal.lot.as_deref()).collect();
            assert_eq!(lots, [Some("LOT6")]);
        }
    }
    let honest = Rehearsal::play(Scene { seed: 6, cheats: 0, ..Scene::default() });
    let (score, signals) = honest.score(24, &Settings::default());
    assert!(score.wronged <= 2, "{score:?}");
    // mistakes of honest people are shown to be looked at
    assert!(signals.iter().any(|signal| signal.level == Level::Look && signal.kind == SignalKind::InternalControl));
}

#[test]
fn rows_in_any_order_give_the_same_signals_and_unknowns_are_judged_by_nothing() {
    let day = Rehearsal::play(Scene { seed: 2, laboratories: 12, cheats: 4, tubes: 300, ..Scene::default() });
    let mut rows = day.rows(24);
    let (laboratories, settings) = (day.laboratories(), Settings::default());
    let signals = crate::screening::quality::signals(&rows, &laboratories, &settings);
    assert!(!signals.is_empty());
    rows.reverse();
    assert_eq!(signals, crate::screening::quality::signals(&rows, &laboratories, &settings));
    for row in &mut rows {
        (row.run, row.lot, row.well, row.received, row.run_start, row.run_end) = (None, None, None, None, None, None);
        (row.ct_n, row.ct_orf, row.ct_ic) = (None, None, None);
    }
    let left = crate::screening::quality::signals(&rows, &[], &settings);
    let known =
        [SignalKind::PositivityLow, SignalKind::PositivityHigh, SignalKind::PositivityChange, SignalKind::Overwritten];
    assert!(left.iter().all(|signal| known.contains(&signal.kind)), "{left:?}");
    assert!(crate::screening::quality::signals(&[], &[], &settings).is_empty());
}

/// The counting of contradictions, case by case: (versions of one tube) -> broken or not.
#[test]
fn a_negative_over_an_open_abnormal() {
    use Finding::{Inconclusive, Negative, Positive};
    use Version::{Corrected, Deleted, Final, Preliminary};
    for (versions, broken) in [
        (&[(Final, Positive, "R1"), (Final, Negative, "R1")][..], true),
        (&[(Final, Positive, "R1"), (Final, Negative, "R2")], true), // a final is changed by a correction only
        (&[(Final, Positive, "R1"), (Corrected, Negative, "R1")], true), // and by another run only
        (&[(Final, Positive, "R1"), (Corrected, Negative, "R2")], false),
        (&[(Preliminary, Positive, "R1"), (Final, Negative, "R2")], false),
        (&[(Preliminary, Inconclusive, "R1"), (Final, Negative, "R1")], true),
        (&[(Final, Positive, "R1"), (Deleted, Positive, "R1"), (Final, Negative, "R1")], false),
        (&[(Final, Negative, "R1"), (Final, Positive, "R2")], false),
    ] {
        let row = |at: usize, (version, finding, run): (Version, Finding, &'static str)| ResultRow {
            laboratory: "L1",
            tube: "T1",
            role: Role::Sample,
            stratum: "D1",
            run: Some(run),
            lot: None,
            well: None,
            received: None,
            run_start: None,
            run_end: None,
            reported: Instant::from_micros(0).plus_minutes(at as i64),
            ct_n: None,
            ct_orf: None,
            ct_ic: None,
            finding,
            version,
        };
        let rows: Vec<ResultRow<'_>> = versions.iter().enumerate().map(|(at, version)| row(at, *version)).collect();
        let signals = crate::screening::quality::signals(&rows, &[], &Settings::default());
        let told = signals.iter().any(|signal| signal.kind == SignalKind::Overwritten);
        assert_eq!(told, broken, "{versions:?}");
    }
}

/// Seeds on which no limit was chosen: what can be expected of a day that nobody has seen.
#[test]
fn what_is_found_on_days_that_nobody_has_seen() {
    let mut whole = Score::default();
    let mut cheats: BTreeMap<&str, u32> = BTreeMap::new();
    for seed in 9_001..=9_012 {
        let day = Rehearsal::play(Scene { seed, ..Scene::default() });
        let (score, _) = day.score(24, &Settings::default());
        println!("{seed}: precision {:.2} recall {:.2} missed {:?}", score.precision(), score.recall(), score.missed);
        for way in day.truth().filter_map(|(_, way)| way) {
            *cheats.entry(way.name()).or_default() += 1;
        }
        whole.found += score.found;
        whole.wronged += score.wronged;
        for (way, count) in score.missed {
            *whole.missed.entry(way).or_default() += count;
        }
    }
    for (way, of) in &cheats {
        println!("{way}: {} of {of} told", of - whole.missed.get(way).unwrap_or(&0));
    }
    println!("all: precision {:.3} recall {:.3} {whole:?}", whole.precision(), whole.recall());
    assert!(whole.precision() >= 0.8 && whole.recall() >= 0.8, "{whole:?}");
    assert!(!whole.missed.contains_key(Way::PooledHidden.name()), "{whole:?}");
}

/// Who is alarmed for internal controls that repeat: whoever wrote the record of one well down for several tubes, in one run of four, and
/// nobody whose instrument tells tenths, whose runs lie apart, who lost some controls and typed a value in, or who ran a single run.
#[test]
fn records_of_one_well_repeat_within_a_run() {
    const NAMES: [&str; 12] = ["L0", "L1", "L2", "L3", "L4", "L5", "L6", "L7", "L8", "L9", "LA", "LB"];
    let tubes: Vec<String> = (0..4 * 60).map(|tube| format!("T{tube}")).collect();
    for seed in 1..=5 {
        let mut rows = Vec::new();
        for (number, laboratory) in NAMES.into_iter().enumerate() {
            let mut chance = Chance::new(seed, number as u64);
            let mut shared = 0.0;
            for (run, name) in ["R1", "R2", "R3", "R4"].into_iter().enumerate().take(if number == 5 { 1 } else { 4 }) {
                let apart = if number == 3 { 1.5 * chance.normal() } else { 0.0 };
                for place in 0..60 {
                    let mut ic = 26.0 + apart + 1.2 * chance.normal();
                    match number {
                        1 | 2 if run == 2 => {
                            // three and five tubes to a well, the records not in the order of the wells
                            let again = [3, 5][number - 1];
                            shared = if place % again == 0 { ic } else { shared };
                            ic = shared;
                        }
                        4 => ic = (ic * 10.0).round() / 10.0,
                        6 if place < 3 => ic = 26.0,
                        _ => {}
                    }
                    rows.push(ResultRow {
                        laboratory,
                        tube: &tubes[run * 60 + (place * 7) % 60],
                        role: Role::Sample,
                        stratum: "D1",
                        run: Some(name),
                        lot: None,
                        well: None,
                        received: None,
                        run_start: None,
                        run_end: None,
                        reported: Instant::from_micros(0).plus_minutes(run as i64 * 60),
                        ct_n: None,
                        ct_orf: None,
                        ct_ic: Some(ic),
                        finding: Finding::Negative,
                        version: Version::Final,
                    });
                }
            }
        }
        let signals = crate::screening::quality::signals(&rows, &[], &Settings::default());
        let copied = signals.iter().filter(|signal| signal.kind == SignalKind::InternalControlCopied);
        let told: Vec<_> = copied.map(|signal| (signal.laboratory.as_str(), signal.run.as_deref())).collect();
        assert_eq!(told, [("L1", Some("R3")), ("L2", Some("R3"))], "{seed}");
    }
}

/// Laboratories that pool again and make every record up are told by their positives alone, read against their own controls: hardly by
/// the sixty of a day, and most by four times as many.
#[test]
fn what_is_made_up_whole_takes_many_positives() {
    let way = Some(Way::PooledForged);
    for (tubes, least, most) in [(1_000, 0, 3), (4_000, 6, 10)] {
        let mut whole = Score::default();
        for seed in [77, 78] {
            let scene = Scene { seed, laboratories: 50, cheats: 5, tubes, way, ..Scene::default() };
            let (score, _) = Rehearsal::play(scene).score(24, &Settings::default());
            whole.found += score.found;
            whole.wronged += score.wronged;
        }
        println!("{tubes} tubes of a laboratory: {whole:?}");
        assert!((least..=most).contains(&whole.found) && whole.wronged <= 5, "{tubes}: {whole:?}");
    }
}
