//! A day of laboratories made from a seed, some of which report what cannot be, in the ways of the incidents: to see what the
//! signals find and what they do not. Honest laboratories differ too: in their districts, instruments and mistakes.

use super::{Laboratory, ResultRow, Role, Settings, Signal};
use crate::epi::sampling::Chance;
use dayclear_core::{
    screening::{Finding, Version},
    terms,
    time::Instant,
};
use std::collections::BTreeMap;

terms! {
    /// How a laboratory cheats, or fails.
    Way {
        /// Pools several tubes again in one well; the instrument's file shows it (I14).
        PooledAgain = "pooled_again",
        /// The same, with wells made up for the file, each with the record of the well that was shared: internal controls repeat (I14).
        PooledHidden = "pooled_hidden",
        /// The same, with every record made up too: only positives and their Ct tell (I14).
        PooledForged = "pooled_forged",
        /// Reports sooner than the assay takes (I14).
        Hurried = "hurried",
        /// Releases negatives before the run has ended (I15).
        EarlyNegatives = "early_negatives",
        /// Tests nothing, and copies records; takes more than it is validated for (I14).
        MadeUp = "made_up",
        /// Calls weak positives negative, with the Ct left in the file (I04).
        Threshold = "threshold",
        /// The same, with the Ct blanked (I04).
        ThresholdBlanked = "threshold_blanked",
        /// Lays negatives over abnormal results (I16).
        Overwrites = "overwrites",
        /// A contaminated lot: positives where there are none (I03).
        BadLot = "bad_lot",
    }
}

/// What is played.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    /// Seed.
    pub seed: u64,
    /// Laboratories, and how many of them cheat.
    pub laboratories: usize,
    /// See above.
    pub cheats: usize,
    /// Tubes of a laboratory in the day, on average.
    pub tubes: u32,
    /// Share of tubes with a positive in them, on average. 1,000 tubes of which 6 % are positive have as many positives (60) as
    /// the 32,000 tubes that one of a hundred laboratories has on the day of a round through 32 million people, at 0.2 %.
    pub positivity: f64,
    /// Share of its runs that a cheat does dishonestly: from this, evenly up to all of them; one at least.
    pub share_from: f64,
    /// Only this way; none = any.
    pub way: Option<Way>,
}

impl Default for Scene {
    fn default() -> Self {
        Scene { seed: 1, laboratories: 100, cheats: 10, tubes: 1_000, positivity: 0.06, share_from: 0.5, way: None }
    }
}

struct Bench {
    name: String,
    validated: u32,
    way: Option<Way>,
}

struct Row {
    laboratory: usize,
    tube: String,
    role: Role,
    stratum: usize,
    run: String,
    well: String,
    lot: usize,
    received: i64,
    start: i64,
    end: i64,
    reported: i64,
    ct: Option<(f64, f64)>,
    ic: Option<f64>,
    finding: Finding,
    version: Version,
}

/// The day.
pub struct Rehearsal {
    benches: Vec<Bench>,
    rows: Vec<Row>,
}

/// What was found of the truth.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Score {
    /// Cheats with an alarm.
    pub found: u32,
    /// Cheats without one, by way.
    pub missed: BTreeMap<&'static str, u32>,
    /// Honest laboratories with an alarm.
    pub wronged: u32,
}

impl Score {
    /// Share of alarmed laboratories that cheat.
    pub fn precision(&self) -> f64 {
        let alarmed = self.found + self.wronged;
        if alarmed == 0 { 1.0 } else { f64::from(self.found) / f64::from(alarmed) }
    }
    /// Share of cheats that were found.
    pub fn recall(&self) -> f64 {
        let cheats = self.found + self.missed.values().sum::<u32>();
        if cheats == 0 { 1.0 } else { f64::from(self.found) / f64::from(cheats) }
    }
}

const STRATA: [&str; 8] = ["D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8"];
const LOTS: [&str; 6] = ["LOT1", "LOT2", "LOT3", "LOT4", "LOT5", "LOT6"];
/// Tubes of a run.
const RUN: usize = 94;
/// Minutes of a run.
const RUN_MIN: i64 = 85;
/// Ct from which a wrong threshold calls a positive negative.
const WRONG_CUT: f64 = 27.0;

impl Rehearsal {
    /// Plays a day.
    pub fn play(scene: Scene) -> Rehearsal {
        let mut city = Chance::new(scene.seed, 0);
        let rates: Vec<f64> = STRATA.iter().map(|_| scene.positivity * (0.5 * city.normal() - 0.125).exp()).collect();
        let mut day = Rehearsal { benches: Vec::new(), rows: Vec::new() };
        for number in 0..scene.laboratories {
            let mut chance = Chance::new(scene.seed, number as u64 + 1);
            // the cheats are spread among the others
            let cheats = number * scene.cheats / scene.laboratories != (number + 1) * scene.cheats / scene.laboratories;
            let drawn = Way::ALL[(chance.uniform() * Way::ALL.len() as f64) as usize];
            let way = cheats.then_some(scene.way.unwrap_or(drawn));
            let tubes = (f64::from(scene.tubes) * (0.5 + chance.uniform())) as usize;
            let stretch = if way == Some(Way::MadeUp) { 0.7 } else { 1.05 + 0.5 * chance.uniform() };
            day.benches.push(Bench {
                name: format!("L{:03}", number + 1),
                validated: (tubes as f64 * stretch) as u32,
                way,
            });
            day.work(number, tubes, &rates, scene, &mut chance);
        }
        day
    }

    fn work(&mut self, number: usize, tubes: usize, rates: &[f64], scene: Scene, chance: &mut Chance) {
        let way = self.benches[number].way;
        let own = (0.25 * chance.normal()).exp();
        let (offset, ic_mean) = (0.5 * chance.normal(), 26.0 + 0.5 * chance.normal());
        let share = scene.share_from + (1.0 - scene.share_from) * chance.uniform();
        // a contaminated lot finds twice as many as there are
        let false_rate = 2.0 * scene.positivity;
        let home = (chance.uniform() * 8.0) as usize;
        let lot = if way == Some(Way::BadLot) { 5 } else { (chance.uniform() * 5.0) as usize };
        let again = 3 + (chance.uniform() * 3.0) as usize;
        let copied = ic_mean + chance.normal();
        let runs = tubes.div_ceil(RUN);
        for run in 0..runs {
            let name = format!("L{:03}-{run}", number + 1);
            // received over twenty hours, so that the day's results are out by its end
            let filled = 30 + 19 * 60 * (run as i64 + 1) / runs as i64;
            let start = filled + 10 + (chance.uniform() * 20.0) as i64;
            let end = start + RUN_MIN;
            let dishonest = way.filter(|_| run == 0 || chance.uniform() < share);
            let control = 28.0 + offset + 0.4 * chance.normal();
            for (role, ct) in [(Role::PositiveControl, Some((control, control + 0.5))), (Role::NegativeControl, None)] {
                let ct = if role == Role::NegativeControl && dishonest == Some(Way::BadLot) && chance.uniform() < 0.3 {
                    Some((36.0, 36.5))
                } else {
                    ct
                };
                let finding = if ct.is_some() { Finding::Positive } else { Finding::Negative };
                let well = format!("{name}-{role}");
                self.rows.push(Row {
                    laboratory: number,
                    tube: well.clone(),
                    role,
                    stratum: home,
                    run: name.clone(),
                    well,
                    lot,
                    received: filled,
                    start,
                    end,
                    reported: end + 5,
                    ct,
                    ic: None,
                    finding,
                    version: Version::Final,
                });
            }
            let here = RUN.min(tubes - run * RUN);
            let mut shared = None;
            for place in 0..here {
                let stratum = (home + (chance.uniform() * 3.0) as usize) % STRATA.len();
                let received = filled - (chance.uniform() * 40.0) as i64;
                let mut ct = (chance.uniform() < rates[stratum] * own).then(|| {
                    let n = (27.0 + offset + 4.5 * chance.normal()).clamp(14.0, 39.0);
                    (n, n + 0.6 + 0.4 * chance.normal())
                });
                let mut row_end = end;
                let mut ic = Some(ic_mean + 1.2 * chance.normal());
                let mut well = format!("{place}");
                let mut reported = end + 5 + (chance.uniform() * 35.0) as i64;
                match dishonest {
                    Some(Way::PooledAgain | Way::PooledHidden | Way::PooledForged) => {
                        if dishonest == Some(Way::PooledAgain) {
                            well = format!("{}", place / again);
                        }
                        if dishonest != Some(Way::PooledForged) {
                            // one well, one internal control
                            if place % again == 0 {
                                shared = ic;
                            }
                            ic = shared;
                        }
                        let shift = (again as f64).log2();
                        ct = ct.map(|(n, orf)| (n + shift, orf + shift)).filter(|(n, _)| *n < 36.0);
                    }
                    Some(Way::Hurried) => {
                        row_end = start + 30;
                        reported = start + 32 + (chance.uniform() * 5.0) as i64;
                    }
                    Some(Way::EarlyNegatives) if ct.is_none() => reported = end - 5 - (chance.uniform() * 40.0) as i64,
                    Some(Way::MadeUp) => {
                        ct = None;
                        ic = Some(copied + 0.01 * (place % 5) as f64);
                    }
                    Some(Way::BadLot) if ct.is_none() && chance.uniform() < false_rate => {
                        ct = Some((36.0 + chance.normal(), 36.5 + chance.normal()))
                    }
                    _ => {}
                }
                let mut finding = if ct.is_some_and(|(n, orf)| n < 40.0 && orf < 40.0) {
                    Finding::Positive
                } else {
                    Finding::Negative
                };
                if finding == Finding::Negative {
                    ct = None;
                }
                let weak = ct.is_some_and(|(n, _)| n >= WRONG_CUT + offset);
                match dishonest {
                    Some(Way::Threshold) if weak => finding = Finding::Negative,
                    Some(Way::ThresholdBlanked) if weak => {
                        finding = Finding::Negative;
                        ct = None;
                    }
                    _ => {}
                }
                // mistakes of honest people: a clock, a typing error, an internal control that was lost
                let mistake = chance.uniform();
                if mistake < 0.0005 {
                    reported = received + (chance.uniform() * 60.0) as i64;
                } else if mistake < 0.001 {
                    well = "0".to_owned();
                } else if mistake < 0.002 {
                    ic = None;
                }
                let tube = format!("{name}-T{place}");
                let positive = finding == Finding::Positive;
                let row = Row {
                    laboratory: number,
                    tube,
                    role: Role::Sample,
                    stratum,
                    run: name.clone(),
                    well,
                    lot,
                    received,
                    start,
                    end: row_end,
                    reported,
                    ct,
                    ic,
                    finding,
                    version: Version::Final,
                };
                if positive && dishonest == Some(Way::Overwrites) {
                    self.rows.push(Row {
                        tube: row.tube.clone(),
                        run: row.run.clone(),
                        well: row.well.clone(),
                        ct: None,
                        finding: Finding::Negative,
                        reported: reported + 30,
                        ..row
                    });
                } else if positive && chance.uniform() < 0.02 {
                    // tested again, and corrected as it should be
                    let run = format!("{name}-again");
                    self.rows.push(Row {
                        tube: row.tube.clone(),
                        run,
                        well: row.tube.clone(),
                        ct: None,
                        finding: Finding::Negative,
                        reported: reported + 200,
                        end: row_end + 190,
                        version: Version::Corrected,
                        ..row
                    });
                }
                self.rows.push(row);
            }
        }
    }

    /// Laboratories as the city knows them.
    pub fn laboratories(&self) -> Vec<Laboratory<'_>> {
        self.benches
            .iter()
            .map(|bench| Laboratory { name: &bench.name, validated_a_day: Some(bench.validated) })
            .collect()
    }

    /// Rows that were reported within so many hours of the day's beginning.
    pub fn rows(&self, hours: i64) -> Vec<ResultRow<'_>> {
        let at = |minutes: i64| Instant::from_micros(1_669_046_400_000_000).plus_minutes(minutes);
        let within = self.rows.iter().filter(|row| row.reported <= hours * 60);
        within
            .map(|row| ResultRow {
                laboratory: &self.benches[row.laboratory].name,
                tube: &row.tube,
                role: row.role,
                stratum: STRATA[row.stratum],
                run: Some(&row.run),
                lot: Some(LOTS[row.lot]),
                well: Some(&row.well),
                received: Some(at(row.received)),
                run_start: Some(at(row.start)),
                run_end: Some(at(row.end)),
                reported: at(row.reported),
                ct_n: row.ct.map(|ct| ct.0),
                ct_orf: row.ct.map(|ct| ct.1),
                ct_ic: row.ic,
                finding: row.finding,
                version: row.version,
            })
            .collect()
    }

    /// Which laboratory cheats, and how.
    pub fn truth(&self) -> impl Iterator<Item = (&str, Option<Way>)> {
        self.benches.iter().map(|bench| (bench.name.as_str(), bench.way))
    }

    /// The signals within so many hours beside the truth.
    pub fn score(&self, hours: i64, settings: &Settings) -> (Score, Vec<Signal>) {
        let signals = super::signals(&self.rows(hours), &self.laboratories(), settings);
        let alarmed = super::alarmed(&signals);
        let mut score = Score::default();
        for (name, way) in self.truth() {
            match (way, alarmed.binary_search(&name).is_ok()) {
                (Some(_), true) => score.found += 1,
                (Some(way), false) => *score.missed.entry(way.name()).or_default() += 1,
                (None, true) => score.wronged += 1,
                (None, false) => {}
            }
        }
        (score, signals)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
