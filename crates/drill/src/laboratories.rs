//! The laboratories of the city: which tube goes where, what comes out of it and when, and how far the swabs of the infected came.
//! It knows the truth of the outbreak and tells what a laboratory reports, with what goes wrong in it by the scenario.

use crate::{
    couriers::Fate,
    living::{Living, Of, Reported, Tube},
};
use dayclear_core::time::Instant;
use dayclear_engines::outbreak::{Mixing, pooled};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Ct of a tube that a bad lot of reagents makes positive.
const BAD_LOT_CT: f32 = 34.0;
/// Wells of a run for samples of people; two more hold its controls.
const WELLS: usize = 94;
/// Share of its tubes that a laboratory puts into wells which reports without testing: one in so many.
const TESTED_OF_DISHONEST: usize = 4;
/// Minutes that a run takes, and by which it has ended before its results are released.
const RUN_MIN: i64 = 100;
const RELEASED_MIN: i64 = 55;
/// Hours for which a laboratory uses a lot of reagents.
const HOURS_OF_A_LOT: u64 = 96;
/// Share of the runs with a bad lot whose negative control shows it.
const CONTROL_SHOWS: f64 = 0.5;

/// How far the way from an infection to a case has come, for somebody who was found or should have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trail {
    /// Nobody swabbed them.
    NeverSwabbed,
    /// They were swabbed before there was virus to find.
    NoVirus,
    /// The tube was lost, or came out invalid.
    TubeLost,
    /// There was virus in the tube, and the laboratory reported negative without testing.
    Lied,
    /// There was virus in the tube, and too little of it: the result was negative.
    Negative,
    /// A tube is on its way, or in a laboratory's queue.
    OnTheWay,
    /// The pool was positive, and they were not swabbed singly yet.
    Pool,
    /// Reported positive singly.
    Reported,
}

impl Trail {
    /// Key of the word.
    pub const fn key(self) -> &'static str {
        match self {
            Trail::NeverSwabbed => "drill-where-never_swabbed",
            Trail::NoVirus => "drill-where-no_virus",
            Trail::TubeLost => "drill-where-tube_lost",
            Trail::Lied => "drill-where-lied",
            Trail::Negative => "drill-where-negative",
            Trail::OnTheWay => "drill-where-on_the_way",
            Trail::Pool => "drill-where-pool",
            Trail::Reported => "drill-where-reported",
        }
    }
}

/// A swab that held virus, in its tube.
#[derive(Debug, Clone)]
pub struct Swab {
    /// Under whose name it is recorded.
    pub recorded: u32,
    /// The tube.
    pub tube: String,
    /// What became of the tube.
    pub trail: Trail,
    /// Number of the laboratory that had it.
    pub laboratory: usize,
}

/// What laboratories told in some hours.
#[derive(Default)]
pub struct Told {
    /// Runs of their instruments.
    pub runs: Vec<Value>,
    /// Results.
    pub results: Vec<Value>,
}

impl Living {
    /// The laboratory that a tube goes to.
    pub(crate) fn laboratory_of(&self, tube: &Tube) -> String {
        self.laboratories.get(tube.laboratory).map(|one| one.id.clone()).unwrap_or_default()
    }

    /// Whether a laboratory tests nothing: those that come after the first, so that it is never the one that has most tubes.
    fn lies(&self, laboratory: usize) -> bool {
        (1..=self.scenario.laboratory.dishonest).contains(&laboratory)
    }

    /// The laboratories work for some hours up to one of the drill: what they report, in the order in which tubes came in.
    pub fn report(&mut self, hour: u64, hours: u64, now: Instant) -> Told {
        let laboratory = &self.scenario.laboratory;
        if laboratory.down.is_some_and(|(from, to)| (from..to).contains(&hour)) {
            return Told::default();
        }
        let most = laboratory.tubes_an_hour * hours as usize;
        let after_min = (laboratory.hours * 60.0) as i64;
        self.queue.make_contiguous().sort_by(|a, b| (a.received, &a.id).cmp(&(b.received, &b.id)));
        let mut finished: BTreeMap<usize, Vec<Tube>> = BTreeMap::new();
        for _ in 0..most {
            if self.queue.front().is_none_or(|tube| tube.received.plus_minutes(after_min) > now) {
                break;
            }
            let Some(tube) = self.queue.pop_front() else { break };
            self.mishaps += u64::from(tube.fate != Fate::Tested);
            match tube.fate.lost() {
                true => {
                    let (cts, at) = self.swabs_of(&tube);
                    self.follow(&tube, &cts, at, Trail::TubeLost);
                }
                false => finished.entry(tube.laboratory).or_default().push(tube),
            }
        }
        let mut told = Told::default();
        for tubes in finished.into_values() {
            for on_a_run in tubes.chunks(WELLS) {
                self.test(on_a_run, hour, (after_min, now), &mut told);
            }
        }
        told
    }

    /// What the swabs in a tube hold, and when they were taken.
    fn swabs_of(&self, tube: &Tube) -> (Vec<Option<f32>>, f32) {
        let at = self.days(tube.collected);
        (tube.people.iter().map(|person| self.outbreak.swab(*person, at)).collect(), at)
    }

    /// A laboratory tests tubes in a run of an instrument, or says that it did.
    fn test(&mut self, tubes: &[Tube], hour: u64, (after_min, now): (i64, Instant), told: &mut Told) {
        let Some(laboratory) = tubes.first().map(|tube| tube.laboratory) else { return };
        let lot = self.scenario.laboratory.bad_lot.as_ref();
        let (is_bad, bad_share) = lot.map_or((false, 0.0), |lot| ((lot.from..lot.to).contains(&hour), lot.share));
        let (lies, id) = (self.lies(laboratory), self.laboratory_of(&tubes[0]));
        self.runs += 1;
        let (number, run) = (self.runs, format!("R{:06}", self.runs));
        // a run begins when the last of its tubes is there, and has ended before anything of it is released
        let ended = now.plus_minutes(-RELEASED_MIN);
        let started = now.plus_minutes(-(RELEASED_MIN + RUN_MIN).min(after_min - 2)).min(ended.plus_minutes(-1));
        let wells = if lies { tubes.len().div_ceil(TESTED_OF_DISHONEST) } else { tubes.len() };
        let shows = is_bad && self.chance.unit(Of::Tube, number | 1 << 49) < CONTROL_SHOWS;
        let supplier = if is_bad { 9 } else { laboratory % 4 };
        let lot = format!("K{supplier}{:02}", hour / HOURS_OF_A_LOT);
        told.runs.push(json!({
            "laboratory": id, "run": run, "lot": lot,
            "started_at": self.zone.text(started), "ended_at": self.zone.text(ended), "wells": wells,
            "positive_control": "positive", "negative_control": if shows { "positive" } else { "negative" },
        }));
        for tube in tubes {
            let number = tube.number();
            let (cts, at) = self.swabs_of(tube);
            for (person, ct) in tube.people.iter().zip(&cts) {
                if ct.is_some() {
                    self.sampled.entry(*person).or_insert((tube.collected, tube.purpose));
                }
            }
            let mut ct = pooled(&cts, Mixing::AtCollection);
            if is_bad && self.chance.unit(Of::Tube, number | 1 << 48) < bad_share {
                ct = Some(ct.unwrap_or(f32::MAX).min(BAD_LOT_CT));
            }
            if lies {
                ct = None;
            }
            let positive = self.outbreak.is_positive(ct);
            let finding = match tube.fate {
                Fate::Invalid => "invalid",
                _ if positive => "positive",
                _ => "negative",
            };
            let trail = match finding {
                "invalid" => Trail::TubeLost,
                "negative" if lies => Trail::Lied,
                "negative" => Trail::Negative,
                _ if tube.people.len() == 1 && tube.size == 1 => Trail::Reported,
                _ => Trail::Pool,
            };
            self.follow(tube, &cts, at, trail);
            let reported = now.plus_minutes(-(self.chance.below(Of::Pace, number | 1 << 42, 50) as i64));
            let mut row = json!({
                "laboratory": id, "tube": tube.id, "version": "F", "finding": finding, "run": run,
                "reported_at": self.zone.text(reported.max(tube.received)),
            });
            if finding == "positive" {
                row["ct_n"] = format!("{:.1}", ct.unwrap_or_default()).into();
                // one person in a tube meant for ten is asked again, as its members are not known for sure
                if let ([person], 1) = (tube.recorded.as_slice(), tube.size) {
                    let (tube, lot) = (tube.id.clone(), lot.clone());
                    self.reported.push(Reported { person: *person, tube, laboratory, lot });
                }
            }
            told.results.push(row);
        }
    }

    /// Remembers how far the swabs of the infected in a tube came.
    fn follow(&mut self, tube: &Tube, cts: &[Option<f32>], at: f32, trail: Trail) {
        for (n, (person, ct)) in tube.people.iter().zip(cts).enumerate() {
            if ct.is_some() {
                let recorded = tube.recorded.get(n).copied().unwrap_or(*person);
                let (laboratory, tube) = (tube.laboratory, tube.id.clone());
                self.with_virus.push(Swab { recorded, tube, trail, laboratory });
            }
            if self.outbreak.infected_at(*person).is_none_or(|infected| infected > at) {
                continue;
            }
            let trail = if ct.is_some() { trail } else { Trail::NoVirus };
            let furthest = self.trails.entry(*person).or_insert(trail);
            *furthest = (*furthest).max(trail);
        }
    }

    /// How far the way of somebody infected has come.
    pub fn trail(&self, person: u32) -> Trail {
        let came = self.trails.get(&person).copied().unwrap_or(Trail::NeverSwabbed);
        let waits = || self.queue.iter().any(|tube| tube.people.contains(&person));
        if came < Trail::OnTheWay && waits() { Trail::OnTheWay } else { came }
    }
}
