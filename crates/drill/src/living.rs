//! The city that lives beside the service: its people and their outbreak, what became of their swabs, the laboratories' queues. It knows the
//! truth and tells the service only what somebody in a real city would. Draws stand in `chance`, swabs in `swabs`, imports in `imports`.

mod chance;
mod imports;
mod swabs;

pub use chance::{Chance, Of};
pub use swabs::{ROUND_HOURS, Tube};

use crate::{
    couriers::{Couriers, Laboratory, Trouble},
    gates::{self, Traveller},
    laboratories::{Swab, Trail},
    scenario::Scenario,
};
use dayclear_core::{
    schema,
    time::{CivilDate, Instant, Zone},
};
use dayclear_engines::{
    city::{Population, Sources, Spec},
    outbreak::{Contacts, Disease, Hold, Measures, Outbreak},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    sync::Arc,
};

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
