//! Swabs as they are taken: rounds from building to building, tubes that are filled, the rows that sites tell of them. A swab is recorded
//! under the name of somebody else now and then.

use super::{Living, Of};
use crate::couriers::Fate;
use dayclear_core::time::Instant;
use dayclear_engines::outbreak::Hold;
use serde_json::{Value, json};
use std::ops::{Range, RangeInclusive};

/// Hours at which rounds sample.
pub const ROUND_HOURS: Range<u64> = 7..19;

/// A tube on its way.
#[derive(Debug, Clone)]
pub struct Tube {
    /// Bar code.
    pub id: String,
    /// Whose swabs.
    pub people: Vec<u32>,
    /// Under whose names they are recorded.
    pub recorded: Vec<u32>,
    /// When it was closed.
    pub collected: Instant,
    /// When the laboratory has it, if it ever does.
    pub received: Instant,
    /// Number of the laboratory to which it goes.
    pub laboratory: usize,
    /// What becomes of it.
    pub fate: Fate,
    /// Why it was taken.
    pub purpose: &'static str,
    /// How many swabs it is meant for.
    pub size: usize,
    /// Where.
    pub division: String,
}

impl Tube {
    /// Number of its bar code.
    pub fn number(&self) -> u64 {
        self.id[1..].parse().unwrap_or_default()
    }
}

/// Rows of what sites say.
#[derive(Default)]
pub struct Sent {
    /// Tubes.
    pub tubes: Vec<Value>,
    /// Whose swabs are in them.
    pub members: Vec<Value>,
    /// The boxes into which they were put.
    pub packings: Vec<Value>,
}

impl Living {
    /// Whether a round is sampled on a day.
    pub fn is_round(&self, day: u16) -> bool {
        let screening = &self.scenario.screening;
        screening.every_days > 0
            && !self.called_off.contains(&day)
            && day >= screening.from_day
            && (day - screening.from_day).is_multiple_of(screening.every_days)
    }

    /// A round goes on: buildings whose turn it is in these hours.
    pub fn round(&mut self, day: u16, span: &RangeInclusive<u64>, now: Instant) -> Vec<Tube> {
        let screening = &self.scenario.screening;
        let (pool, missed) = (screening.pool, screening.missed);
        if !self.is_round(day) {
            return Vec::new();
        }
        let (share, hours) = (screening.share, ROUND_HOURS.end - ROUND_HOURS.start);
        let mut tubes = Vec::new();
        for building in 0..self.city.buildings() {
            let index = u64::from(day) << 32 | u64::from(building);
            if self.chance.unit(Of::Building, index) >= share
                || !span.contains(&(ROUND_HOURS.start + self.chance.below(Of::Building, index | 1 << 50, hours)))
            {
                continue;
            }
            let mut there = Vec::new();
            for person in self.city.building(building) {
                if self.measures.hold_of(person) == Hold::Away {
                    continue;
                }
                self.called += 1;
                match self.chance.unit(Of::Missed, u64::from(day) << 32 | u64::from(person)) < missed {
                    true => {
                        self.missed += 1;
                        self.statements.extend(self.said_at_the_door(person, day, now));
                    }
                    false => there.push(person),
                }
            }
            // who lives in an area is swabbed for it, and the others of the building for themselves
            let (inside, outside): (Vec<u32>, Vec<u32>) = there.into_iter().partition(|one| self.is_enclosed(*one));
            let pools = inside.chunks(pool).map(|people| (people, "area_screening"));
            for (people, purpose) in pools.chain(outside.chunks(pool).map(|people| (people, "community"))) {
                let at = now.plus_minutes(-(self.chance.below(Of::Pace, index ^ u64::from(people[0]), 45) as i64) - 5);
                tubes.push(self.tube(people.to_vec(), at, purpose, pool));
            }
        }
        tubes
    }

    /// What a community worker says of somebody whom the round missed, where anybody knows.
    fn said_at_the_door(&self, person: u32, day: u16, now: Instant) -> Option<Value> {
        let presence = match self.chance.below(Of::Presence, u64::from(day) << 32 | u64::from(person), 10) {
            0..3 => "away",
            3 => "refused",
            4 => "unreachable",
            _ => return None,
        };
        Some(json!({
            "person": self.city.person_id(person), "presence": presence, "said_at": self.zone.text(now.plus_minutes(-3)),
            "said_by": "community worker", "until": self.zone.text(self.zone.start_of(self.date(day + 1))),
            "reason": "asked at the door",
        }))
    }

    /// A tube is filled and closed.
    pub fn tube(&mut self, people: Vec<u32>, collected: Instant, purpose: &'static str, size: usize) -> Tube {
        self.made += 1;
        self.tubes += 1;
        self.swabs += people.len() as u64;
        *self.swabs_by.entry(purpose).or_default() += people.len() as u64;
        let division =
            people.first().map_or(crate::CITY, |p| self.city.community_code(self.city.community_of(*p))).to_owned();
        let recorded = people.iter().map(|person| self.recorded(*person)).collect();
        Tube {
            id: format!("D{:07}", self.made),
            recorded,
            people,
            collected,
            received: collected,
            laboratory: 0,
            fate: Fate::Tested,
            purpose,
            size,
            division,
        }
    }

    /// Rows of tubes that were filled, of those whose swabs they hold, and of their boxes. They are on their way from now on.
    pub fn send(&mut self, mut tubes: Vec<Tube>) -> Sent {
        let mut sent = Sent { packings: self.pack(&mut tubes), ..Sent::default() };
        for tube in tubes {
            sent.tubes.push(json!({
                "tube": tube.id, "division": tube.division, "purpose": tube.purpose, "size": tube.size,
                "collected_at": self.zone.text(tube.collected), "laboratory": self.laboratory_of(&tube),
            }));
            for person in &tube.recorded {
                sent.members.push(json!({"tube": tube.id, "person": self.city.person_id(*person)}));
            }
            self.queue.push_back(tube);
        }
        sent
    }

    /// Under whose name a swab is recorded: now and then under that of somebody else of the building.
    fn recorded(&self, person: u32) -> u32 {
        let index = self.made << 8 ^ u64::from(person) << 32 | 1 << 46;
        if self.chance.unit(Of::Tube, index) >= self.scenario.screening.mistaken / 1_000.0 {
            return person;
        }
        let building = self.city.building(self.city.building_of(person));
        building.start + self.chance.below(Of::Tube, index ^ 1 << 45, building.len() as u64) as u32
    }
}
