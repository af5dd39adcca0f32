//! The laboratories of the city: which tube goes where, what comes out of it and when, and how far the swabs of the infected came.
//! It knows the truth of the outbreak and tells what a laboratory reports, with what goes wrong in it by the scenario.

use crate::living::{Living, Of, Reported, Tube};
use dayclear_core::time::Instant;
use dayclear_engines::outbreak::{Mixing, pooled};
use serde_json::{Value, json};

/// Ct of a tube that a bad lot of reagents makes positive.
const BAD_LOT_CT: f32 = 34.0;
/// Share of lost tubes among mishaps, per 100,000; the others come out invalid.
const LOST_OF_MISHAPS: u32 = 40_000;

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
            Trail::Negative => "drill-where-negative",
            Trail::OnTheWay => "drill-where-on_the_way",
            Trail::Pool => "drill-where-pool",
            Trail::Reported => "drill-where-reported",
        }
    }
}

impl Living {
    /// Number of the laboratory that a tube goes to.
    fn laboratory_no(&self, tube: &Tube) -> usize {
        tube.id[1..].parse::<usize>().unwrap_or_default() % self.laboratories.len().max(1)
    }

    /// The laboratory that a tube goes to.
    pub(crate) fn laboratory_of(&self, tube: &Tube) -> String {
        self.laboratories.get(self.laboratory_no(tube)).cloned().unwrap_or_default()
    }

    /// Whether the box of a tube was lost on the way.
    fn box_lost(&self, tube: &Tube) -> bool {
        const TUBES_IN_A_BOX: u64 = 40;
        let number = tube.id[1..].parse::<u64>().unwrap_or_default() / TUBES_IN_A_BOX;
        self.chance.unit(Of::Tube, number | 1 << 47) < self.scenario.laboratory.boxes_lost / 1_000.0
    }

    /// The laboratories work for some hours up to one of the drill: rows of what they report, in the order in which tubes came
    /// in.
    pub fn report(&mut self, hour: u64, hours: u64, now: Instant) -> Vec<Value> {
        let laboratory = &self.scenario.laboratory;
        if laboratory.down.is_some_and(|(from, to)| (from..to).contains(&hour)) {
            return Vec::new();
        }
        let (most, after_min, mishaps) =
            (laboratory.tubes_an_hour * hours as usize, (laboratory.hours * 60.0) as i64, laboratory.mishaps / 1_000.0);
        let dishonest = laboratory.dishonest;
        let lot = laboratory.bad_lot.as_ref();
        let (by_bad_lot, bad_share) = lot.map_or((false, 0.0), |lot| ((lot.from..lot.to).contains(&hour), lot.share));
        let mut rows = Vec::new();
        self.queue.make_contiguous().sort_by(|a, b| (a.received, &a.id).cmp(&(b.received, &b.id)));
        let mut finished = 0;
        while finished < most && self.queue.front().is_some_and(|tube| tube.received.plus_minutes(after_min) <= now) {
            let Some(tube) = self.queue.pop_front() else { break };
            finished += 1;
            let number = tube.id[1..].parse::<u64>().unwrap_or_default();
            let box_lost = self.box_lost(&tube);
            let mishap = box_lost || self.chance.unit(Of::Tube, number) < mishaps;
            let lost = box_lost || self.chance.below(Of::Tube, number | 1 << 41, 100_000) < u64::from(LOST_OF_MISHAPS);
            self.mishaps += u64::from(mishap);
            let at = self.days(tube.collected);
            let cts: Vec<Option<f32>> = tube.people.iter().map(|person| self.outbreak.swab(*person, at)).collect();
            if mishap && lost {
                self.follow(&tube, &cts, at, Trail::TubeLost);
                continue;
            }
            for (person, ct) in tube.people.iter().zip(&cts) {
                if ct.is_some() {
                    self.sampled.entry(*person).or_insert(tube.collected);
                }
            }
            let mut ct = pooled(&cts, Mixing::AtCollection);
            if by_bad_lot && self.chance.unit(Of::Tube, number | 1 << 48) < bad_share {
                ct = Some(ct.unwrap_or(f32::MAX).min(BAD_LOT_CT));
            }
            if self.laboratory_no(&tube) < dishonest {
                ct = None;
            }
            let positive = self.outbreak.is_positive(ct);
            let finding = if mishap {
                "invalid"
            } else if positive {
                "positive"
            } else {
                "negative"
            };
            let trail = match finding {
                "invalid" => Trail::TubeLost,
                "negative" => Trail::Negative,
                _ if tube.people.len() == 1 && tube.size == 1 => Trail::Reported,
                _ => Trail::Pool,
            };
            self.follow(&tube, &cts, at, trail);
            let reported = now.plus_minutes(-(self.chance.below(Of::Pace, number | 1 << 42, 50) as i64));
            let mut row = json!({
                "laboratory": self.laboratory_of(&tube), "tube": tube.id, "version": "F", "finding": finding,
                "reported_at": self.zone.text(reported.max(tube.received)),
            });
            if finding == "positive" {
                row["ct_n"] = format!("{:.1}", ct.unwrap_or_default()).into();
                // one person in a tube meant for ten is asked again, as its members are not known for sure
                if let ([person], 1) = (tube.recorded.as_slice(), tube.size) {
                    self.reported.push(Reported { person: *person, tube: tube.id.clone() });
                }
            }
            rows.push(row);
        }
        rows
    }

    /// Remembers how far the swabs of the infected in a tube came.
    fn follow(&mut self, tube: &Tube, cts: &[Option<f32>], at: f32, trail: Trail) {
        for (person, ct) in tube.people.iter().zip(cts) {
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
