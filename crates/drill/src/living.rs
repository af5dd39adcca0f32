//! The city that lives beside the service: its people and their outbreak, the swabs that are taken, the tubes on their way,
//! the laboratories' queues. It knows the truth and tells the service only what somebody in a real city would; every draw
//! is a hash of the seed, its purpose and an index, so a drill is the same on every run.

use crate::{
    couriers::{Couriers, Fate, Laboratory, Trouble},
    gates::{self, Traveller},
    laboratories::{Swab, Trail},
    scenario::{Among, Import, Scenario},
};
use dayclear_core::{
    schema,
    time::{CivilDate, Instant, Zone},
};
use dayclear_engines::{
    city::{Dice, Occupation, Population, Sources, Spec},
    outbreak::{Contacts, Disease, Hold, Measures, Outbreak, Status},
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    ops::{Range, RangeInclusive},
    sync::Arc,
};

/// Hours at which rounds sample.
pub const ROUND_HOURS: Range<u64> = 7..19;

/// What a draw of the drill is for.
#[derive(Clone, Copy)]
pub enum Of {
    /// Whether a building is in a round, and at which hour.
    Building,
    /// Whether somebody is missed by a round.
    Missed,
    /// What happens to a tube.
    Tube,
    /// Whether a contact is named.
    Named,
    /// Whether somebody opens the door.
    Door,
    /// Whether a household asks for something, and for what.
    Request,
    /// When somebody answers or acts.
    Pace,
    /// What goes wrong.
    Fault,
    /// What happens to a box.
    Box,
    /// What is said of somebody's presence.
    Presence,
    /// Who arrives at a gate.
    Gate,
}

/// Chance by counter.
#[derive(Clone, Copy)]
pub struct Chance(pub u64);

impl Chance {
    /// A number from 0 to 1 that belongs to a purpose and an index.
    pub fn unit(self, of: Of, index: u64) -> f64 {
        (self.dice(of, index).next() >> 11) as f64 / 9_007_199_254_740_992.0
    }
    /// A whole number below a bound.
    pub fn below(self, of: Of, index: u64, bound: u64) -> u64 {
        self.dice(of, index).below(bound.max(1))
    }
    fn dice(self, of: Of, index: u64) -> Dice {
        Dice::beside(self.0, (of as u64) << 56 | index)
    }
}

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

/// Somebody whom a laboratory reported positive singly: the service may lose none of them.
#[derive(Debug, Clone)]
pub struct Reported {
    /// Under whose name.
    pub person: u32,
    /// In which tube.
    pub tube: String,
    /// Number of the laboratory that did.
    pub laboratory: usize,
    /// Lot of its reagents.
    pub lot: String,
}

/// The city.
pub struct Living {
    /// The outbreak.
    pub outbreak: Outbreak,
    /// The people.
    pub city: Arc<Population>,
    /// What is ordered, as the city feels it.
    pub measures: Measures,
    /// The same on the days before, for whoever asks whom somebody met.
    pub past: Vec<Measures>,
    /// Chance.
    pub chance: Chance,
    /// Zone of the city.
    pub zone: Zone,
    pub(crate) scenario: Scenario,
    /// Days of the outbreak before the first day.
    pub(crate) unseen: u16,
    index: HashMap<String, u32>,
    buildings: HashMap<String, u32>,
    pub(crate) queue: VecDeque<Tube>,
    made: u64,
    /// Laboratories, in their order.
    pub laboratories: Vec<Laboratory>,
    /// Boxes on their way.
    pub(crate) couriers: Couriers,
    /// What goes wrong on the way beyond what the scenario says.
    pub(crate) trouble: Trouble,
    /// Tubes that no laboratory ever has whole, with the purpose for which they were taken.
    pub(crate) lost_tubes: BTreeMap<String, &'static str>,
    /// Runs of instruments so far.
    pub(crate) runs: u64,
    /// Lots of reagents that were recalled.
    pub(crate) recalled_lots: BTreeSet<String>,
    /// Days on which the rules let no round be held.
    pub(crate) called_off: BTreeSet<u16>,
    /// What was said at doors and was not told yet.
    pub(crate) statements: Vec<Value>,
    /// Faults on the way and in the laboratories so far.
    pub(crate) injected: u64,
    /// Tubes taken.
    pub tubes: u64,
    /// Swabs taken.
    pub swabs: u64,
    /// Who was reported positive singly.
    pub reported: Vec<Reported>,
    /// People whom rounds missed, by round.
    pub missed: u64,
    /// People whom rounds were to sample.
    pub called: u64,
    /// Tubes that came to nothing: lost or invalid.
    pub mishaps: u64,
    /// Swabs by the purpose of their tube.
    pub swabs_by: BTreeMap<&'static str, u64>,
    /// First swab that held virus, by person, with the purpose of its tube.
    pub sampled: BTreeMap<u32, (Instant, &'static str)>,
    /// The furthest that tubes of the infected came.
    pub(crate) trails: BTreeMap<u32, Trail>,
    /// Swabs that held virus, and what became of their tubes.
    pub(crate) with_virus: Vec<Swab>,
    /// Who arrives at entry gates.
    pub(crate) travellers: Vec<Traveller>,
    /// Of them, who was infected elsewhere.
    pub(crate) brought: BTreeSet<u32>,
}

/// The people of a scenario, as the day folder has them.
pub fn spec(scenario: &Scenario, seed: u64) -> Spec {
    let imports: u64 = scenario.imports.iter().map(|import| u64::from(import.people)).sum();
    Spec {
        people: scenario.people,
        positives: scenario.capacity.positives.unwrap_or(imports),
        tubes: None,
        date: scenario.start,
        seed,
        turn: 0,
        districts: Some(scenario.districts),
        collective: true,
        lists: false,
    }
}

impl Living {
    /// The city before the first day.
    pub fn new(scenario: &Scenario, seed: u64, sources: &Sources, zone: &Zone) -> Result<Living, crate::DrillError> {
        let city = Arc::new(Population::build(&spec(scenario, seed), sources, 1)?);
        let outbreak = outbreak(&city, scenario, seed)?;
        let mut measures = Measures::none(&city);
        for district in 0..city.districts() {
            let mut activity = *measures.activity(district);
            let share = scenario.people_do.activity as f32;
            for part in [&mut activity.building, &mut activity.school, &mut activity.work, &mut activity.community] {
                *part *= share;
            }
            measures.set_activity(district, activity);
        }
        let index = (0..city.people()).map(|person| (city.person_id(person), person)).collect();
        let buildings = (0..city.buildings()).map(|building| (city.building_id(building), building)).collect();
        let mut living = Living {
            unseen: scenario.unseen_days(),
            outbreak,
            measures,
            past: Vec::new(),
            chance: Chance(seed),
            zone: zone.clone(),
            scenario: scenario.clone(),
            index,
            buildings,
            queue: VecDeque::new(),
            made: 0,
            laboratories: Vec::new(),
            couriers: Couriers::default(),
            trouble: Trouble::default(),
            lost_tubes: BTreeMap::new(),
            runs: 0,
            recalled_lots: BTreeSet::new(),
            called_off: BTreeSet::new(),
            statements: Vec::new(),
            injected: 0,
            tubes: 0,
            swabs: 0,
            reported: Vec::new(),
            missed: 0,
            called: 0,
            mishaps: 0,
            swabs_by: BTreeMap::new(),
            sampled: BTreeMap::new(),
            trails: BTreeMap::new(),
            with_virus: Vec::new(),
            travellers: scenario
                .arrivals
                .as_ref()
                .map(|arrivals| gates::travellers(arrivals, (Chance(seed), city.people(), scenario.days)))
                .unwrap_or_default(),
            brought: BTreeSet::new(),
            city,
        };
        for day in -i32::from(living.unseen)..0 {
            living.live(day);
        }
        Ok(living)
    }

    /// Number of a person by the id on the roster.
    pub fn person(&self, id: &str) -> Option<u32> {
        self.index.get(id).copied()
    }
    /// Number of a building by its id.
    pub fn building(&self, id: &str) -> Option<u32> {
        self.buildings.get(id).copied()
    }
    /// Whether somebody is confined with an area, be it a building or a part of one.
    pub fn is_enclosed(&self, person: u32) -> bool {
        self.measures.is_confined(self.city.building_of(person)) || self.measures.is_enclosed(person)
    }
    /// A moment in days since the outbreak began.
    pub fn days(&self, at: Instant) -> f32 {
        at.minutes_since(self.zone.start_of(self.scenario.start)) as f32 / 1_440.0 + f32::from(self.unseen)
    }
    /// A moment of the outbreak on the clock.
    pub fn moment(&self, days: f32) -> Instant {
        self.zone.start_of(self.scenario.start).plus_minutes(((days - f32::from(self.unseen)) * 1_440.0) as i64)
    }

    /// A day of the outbreak passes under what is ordered as it begins; days before the first one are negative.
    pub fn live(&mut self, day: i32) {
        for person in self.elsewhere(day).collect::<Vec<_>>() {
            self.measures.hold(person, Hold::Away);
        }
        for person in self.imported(&self.outbreak, day) {
            self.outbreak.import(person);
        }
        for person in self.infected_elsewhere(&self.outbreak, day) {
            self.outbreak.import(person);
            self.brought.insert(person);
        }
        self.outbreak.step(&self.measures);
        self.past.push(self.measures.clone());
    }

    /// Whom a day's imports infect in an outbreak.
    fn imported(&self, outbreak: &Outbreak, day: i32) -> Vec<u32> {
        let imports = self.scenario.imports.iter().enumerate().filter(|(_, import)| import.day == day);
        imports.flat_map(|(n, import)| brought(outbreak, self.chance, n as u64, import)).collect()
    }

    /// The same outbreak before its first day, for whoever asks what would have been.
    pub fn alone(&self) -> Result<Outbreak, crate::DrillError> {
        outbreak(&self.city, &self.scenario, self.chance.0)
    }
    /// A day's imports, into another outbreak of the same city.
    pub fn bring(&self, outbreak: &mut Outbreak, day: i32) {
        self.imported(outbreak, day).into_iter().for_each(|person| outbreak.import(person));
        self.infected_elsewhere(outbreak, day).into_iter().for_each(|person| outbreak.import(person));
    }

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

    /// Whether a result was withheld, so that nobody has to believe it.
    pub(crate) fn is_withheld(&self, laboratory: usize, lot: &str) -> bool {
        self.recalled_lots.contains(lot) || self.laboratories.get(laboratory).is_some_and(|one| one.suspended)
    }

    /// The day on the calendar.
    pub fn date(&self, day: u16) -> CivilDate {
        self.scenario.start.plus_days(i64::from(day))
    }
    /// A day of the outbreak on the calendar.
    pub fn outbreak_date(&self, day: u16) -> CivilDate {
        self.scenario.start.plus_days(i64::from(day) - i64::from(self.unseen))
    }
    /// A day of the drill as one of the outbreak.
    pub fn outbreak_day(&self, day: u16) -> u16 {
        day + self.unseen
    }

    /// The scenario.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }
}

fn outbreak(city: &Arc<Population>, scenario: &Scenario, seed: u64) -> Result<Outbreak, crate::DrillError> {
    let disease = Disease::built_in(&scenario.disease).ok_or_else(|| crate::DrillError::NoDisease {
        name: scenario.disease.clone(),
        known: Disease::names().collect::<Vec<_>>().join(", "),
    })??;
    Ok(Outbreak::new(Arc::clone(city), disease, Contacts::chongqing()?, seed, 1)?)
}

/// Draws of somebody until one is found who is as wanted.
const TRIES: u64 = 10_000;

/// Whom an import infects, of those who can be infected.
fn brought(outbreak: &Outbreak, chance: Chance, n: u64, import: &Import) -> Vec<u32> {
    let (city, now) = (outbreak.city(), f32::from(outbreak.day()));
    let can_be = |person: u32| outbreak.status(person, now) == Status::Susceptible;
    let draw = |bound: u64, k: u64| chance.below(Of::Fault, 1 << 48 | n << 32 | k, bound);
    let among = |people: Range<u32>| -> Vec<u32> {
        let size = u64::from(people.end - people.start);
        let mut found: Vec<u32> = Vec::new();
        for k in 0..TRIES {
            let person = people.start + draw(size, 1 << 20 | k) as u32;
            if found.len() < import.people as usize && can_be(person) && !found.contains(&person) {
                found.push(person);
            }
        }
        found
    };
    let around = |people: Vec<u32>| -> Vec<u32> {
        let people: Vec<u32> = people.into_iter().filter(|person| can_be(*person)).collect();
        let first = draw(people.len() as u64, 1) as usize;
        people.iter().cycle().skip(first).take((import.people as usize).min(people.len())).copied().collect()
    };
    let somebody = |wanted: &dyn Fn(u32) -> bool| {
        let all = u64::from(city.people());
        (0..TRIES).map(|k| draw(all, 2 + k) as u32).find(|person| can_be(*person) && wanted(*person)).unwrap_or(0)
    };
    let group = |occupation: Occupation| {
        let person = somebody(&|person| city.occupation(person) == occupation && city.group_of(person).is_some());
        city.group_around(person).map_or_else(|| vec![person], <[u32]>::to_vec)
    };
    match import.among {
        Among::Anybody => among(0..city.people()),
        Among::Market => among(city.market(city.market_of(somebody(&|_| true)))),
        Among::Workplace => around(group(Occupation::Work)),
        Among::Class => around(group(Occupation::Class)),
        Among::CareHome => around(group(Occupation::Care)),
        Among::Household => around(city.household(somebody(&|_| true)).collect()),
    }
}

/// Tables of the day folder that say what there is; the others say what happens, and a drill makes them as it happens.
pub fn is_reference(table: &schema::Table) -> bool {
    !matches!(
        table.name,
        "runs"
            | "rounds"
            | "tubes"
            | "members"
            | "packings"
            | "box_moves"
            | "box_checks"
            | "results"
            | "contacts"
            | "visits"
            | "assessments"
            | "requests"
            | "handovers"
            | "deliveries"
    )
}
