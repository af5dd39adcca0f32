//! The way of tubes in the city: which travel in one box to which laboratory, and what becomes of a box or of a tube on it. It
//! knows the truth and says of a box what those who hand it over would say, when they would; everything is a hash of the seed.

use crate::living::{Living, Of, Tube};
use dayclear_core::{
    schema::{BOX_CHECKS, BOX_MOVES, Table},
    time::Instant,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Tubes that a box holds.
const TUBES_IN_A_BOX: usize = 40;
/// Share of lost tubes among mishaps, per 100,000; the others come out invalid.
const LOST_OF_MISHAPS: u64 = 40_000;
/// Minutes after which a courier says that a box is lost, and after which one turns up that was.
const MISSED_MIN: i64 = 60;
const TURNS_UP_MIN: i64 = 480;
/// Minutes after which a laboratory counts a box in for the second time, by mistake.
const TWICE_MIN: i64 = 90;

/// What becomes of a tube once it is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is tested.
    Tested,
    /// It is tested, and nothing comes of it.
    Invalid,
    /// It is not in the box when that is opened.
    Missing,
    /// It is broken when the box is opened.
    Broken,
    /// Its box does not arrive.
    BoxLost,
}

impl Fate {
    /// Whether no laboratory ever has it whole.
    pub fn lost(self) -> bool {
        matches!(self, Fate::Missing | Fate::Broken | Fate::BoxLost)
    }
}

/// What goes wrong on the way beyond what the scenario says: shares of boxes and of tubes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Trouble {
    /// Boxes that a courier loses, of which a half turn up again; and as many that are counted in twice.
    pub boxes: f64,
    /// Tubes that break.
    pub broken: f64,
}

/// What is said of boxes once it is time, and how many there were.
#[derive(Default)]
pub struct Couriers {
    boxes: u64,
    due: Vec<(Instant, &'static Table, Value)>,
}

/// A laboratory to which boxes go.
#[derive(Debug, Clone)]
pub struct Laboratory {
    /// Its id.
    pub id: String,
    /// Tubes a day for which it is validated: it gets its share of the boxes by them.
    pub tubes_a_day: u64,
    /// No box is sent to it any more.
    pub suspended: bool,
}

/// What becomes of a box.
enum Way {
    Arrives,
    Lost,
    TurnsUp,
    Twice,
}

impl Living {
    /// Tubes are put into boxes, and couriers take these to laboratories: rows of what was packed. What is said of the boxes is
    /// said when it happens ([`Living::said_of_boxes`]).
    pub(crate) fn pack(&mut self, tubes: &mut [Tube]) -> Vec<Value> {
        let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (n, tube) in tubes.iter().enumerate() {
            places.entry(tube.division.clone()).or_default().push(n);
        }
        let mut rows = Vec::with_capacity(tubes.len());
        for (division, of_place) in places {
            for of_box in of_place.chunks(TUBES_IN_A_BOX) {
                self.couriers.boxes += 1;
                let number = self.couriers.boxes;
                let code = format!("X{number:06}");
                for n in of_box {
                    let tube = &tubes[*n];
                    let at = self.zone.text(tube.collected.plus_minutes(1));
                    rows.push(json!({"box": code, "tube": tube.id, "at": at, "said_by": "sampling site"}));
                }
                self.carry(tubes, of_box, number, &code, &division);
            }
        }
        rows
    }

    /// A box is on its way.
    fn carry(&mut self, tubes: &mut [Tube], of_box: &[usize], number: u64, code: &str, division: &str) {
        let Some(sent) = of_box.iter().map(|n| tubes[*n].collected.plus_minutes(3)).max() else { return };
        let laboratory = self.laboratory_for(number);
        let id = self.laboratories.get(laboratory).map(|one| one.id.clone()).unwrap_or_default();
        let way_min = 30 + self.chance.below(Of::Box, number | 1 << 40, 60) as i64;
        let way = self.way(number);
        let received = match way {
            Way::TurnsUp => sent.plus_minutes(TURNS_UP_MIN + way_min),
            _ => sent.plus_minutes(way_min),
        };
        let mut whole = of_box.len() as u64;
        let date = self.zone.day(sent).to_string().replace('-', "");
        let run = format!("C{date}-{}-{id}", sent.minutes_since(self.zone.start_of(self.zone.day(sent))) / 60);
        let zone = self.zone.clone();
        let said = |step: &str, at: Instant, counted: Option<u64>, by: &str| {
            let mut row = json!({
                "box": code, "step": step, "at": zone.text(at), "division": division, "laboratory": id, "run": run,
                "courier": "courier", "said_by": by,
            });
            if let Some(counted) = counted {
                row["counted"] = counted.into();
            }
            (at, &BOX_MOVES, row)
        };
        let mut due: Vec<(Instant, &'static Table, Value)> = vec![said("sent", sent, Some(whole), "sampling site")];
        for n in of_box {
            let tube = &mut tubes[*n];
            tube.laboratory = laboratory;
            tube.received = received;
            tube.fate = match way {
                Way::Lost => Fate::BoxLost,
                _ => self.fate(tube),
            };
            if tube.fate.lost() {
                self.lost_tubes.insert(tube.id.clone(), tube.purpose);
            }
            let found = match tube.fate {
                Fate::Missing => "missing",
                Fate::Broken => "broken",
                _ => continue,
            };
            whole -= 1;
            let at = received.plus_minutes(1);
            let row = json!({
                "box": code, "tube": tube.id, "found": found, "at": self.zone.text(at), "laboratory": id,
                "said_by": "laboratory",
            });
            due.push((at, &BOX_CHECKS, row));
        }
        match way {
            Way::Lost => due.push(said("lost", sent.plus_minutes(MISSED_MIN), None, "courier")),
            Way::TurnsUp => {
                due.push(said("lost", sent.plus_minutes(MISSED_MIN), None, "courier"));
                due.push(said("received", received, Some(whole), "laboratory"));
            }
            Way::Twice => {
                due.push(said("received", received, Some(whole), "laboratory"));
                due.push(said("received", received.plus_minutes(TWICE_MIN), Some(whole), "laboratory"));
            }
            Way::Arrives => due.push(said("received", received, Some(whole), "laboratory")),
        }
        self.couriers.due.extend(due);
    }

    /// The laboratory to which a box goes: by what they are validated for, and to none that was suspended.
    fn laboratory_for(&self, number: u64) -> usize {
        let weight = |one: &Laboratory| if one.suspended { 0 } else { one.tubes_a_day.max(1) };
        let all: u64 = self.laboratories.iter().map(weight).sum();
        let mut drawn = self.chance.below(Of::Box, number | 1 << 41, all);
        for (n, one) in self.laboratories.iter().enumerate() {
            match drawn.checked_sub(weight(one)) {
                Some(rest) => drawn = rest,
                None => return n,
            }
        }
        0
    }

    fn way(&mut self, number: u64) -> Way {
        let lost = self.scenario.laboratory.boxes_lost / 1_000.0;
        let drawn = self.chance.unit(Of::Box, number | 1 << 42);
        let trouble = self.trouble.boxes;
        if drawn < lost {
            return Way::Lost;
        }
        let way = match drawn - lost {
            rest if rest < trouble / 2.0 => Way::Lost,
            rest if rest < trouble => Way::TurnsUp,
            rest if rest < trouble * 2.0 => Way::Twice,
            _ => return Way::Arrives,
        };
        self.injected += 1;
        way
    }

    /// What becomes of a tube in a box that arrives.
    fn fate(&mut self, tube: &Tube) -> Fate {
        let number = tube.number();
        if self.chance.unit(Of::Tube, number | 1 << 43) < self.trouble.broken {
            self.injected += 1;
            return Fate::Broken;
        }
        if self.chance.unit(Of::Tube, number) >= self.scenario.laboratory.mishaps / 1_000.0 {
            return Fate::Tested;
        }
        match self.chance.below(Of::Tube, number | 1 << 41, 100_000) < LOST_OF_MISHAPS {
            true => Fate::Missing,
            false => Fate::Invalid,
        }
    }

    /// Rows of what is said by now of boxes handed over, and of single tubes in them.
    pub fn said_of_boxes(&mut self, now: Instant) -> (Vec<Value>, Vec<Value>) {
        let due = std::mem::take(&mut self.couriers.due);
        let (mut said, later): (Vec<_>, Vec<_>) = due.into_iter().partition(|(at, ..)| *at <= now);
        self.couriers.due = later;
        said.sort_by_key(|(at, ..)| *at);
        let (moves, checks): (Vec<_>, Vec<_>) =
            said.into_iter().partition(|(_, table, _)| table.name == BOX_MOVES.name);
        let rows = |said: Vec<(Instant, &Table, Value)>| said.into_iter().map(|(.., row)| row).collect();
        (rows(moves), rows(checks))
    }
}
