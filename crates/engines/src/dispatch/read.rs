//! Reads an instance from its JSON document. Everything that is wrong with it is told at once, each with its place, its value
//! and what was expected there; nothing is guessed, and what was read keeps every index within range.

use super::instance::{Facility, Hand, Instance, Request, Travel, Truck};
use serde_json::Value;
use std::{collections::BTreeMap, fmt};
use thiserror::Error;

/// One thing wrong with an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where in the document: `facilities[2].beds.P`.
    pub at: String,
    /// What stands there.
    pub value: String,
    /// What should.
    pub expected: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; expected {}", self.at, self.value, self.expected)
    }
}

/// An instance that cannot be planned as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct BadInstance {
    /// All of it.
    pub faults: Vec<Fault>,
}

/// Faults that a message shows.
const SHOWN_MAX: usize = 20;
/// Largest time, in seconds: a year, so that sums stay far from overflow.
const TIME_S_MAX: i64 = 366 * 86_400;
/// Most people in a request, seats in a vehicle.
const PEOPLE_MAX: i64 = 10_000;
/// Most beds of a class.
const BEDS_MAX: i64 = 10_000_000;
/// Most kinds of equipment: bits of a word.
const EQUIPMENT_MAX: usize = 64;

impl fmt::Display for BadInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the instance has {} fault(s)", self.faults.len())?;
        for fault in self.faults.iter().take(SHOWN_MAX) {
            write!(f, "\n  {fault}")?;
        }
        if self.faults.len() > SHOWN_MAX {
            write!(f, "\n  and {} more", self.faults.len() - SHOWN_MAX)?;
        }
        Ok(())
    }
}

#[derive(Default)]
struct Reader {
    faults: Vec<Fault>,
}

impl Reader {
    fn fault(&mut self, at: impl Into<String>, value: &Value, expected: impl Into<String>) {
        let value = match value {
            Value::Null => "nothing".to_owned(),
            Value::Array(items) => format!("a list of {}", items.len()),
            Value::Object(_) => "an object".to_owned(),
            other => other.to_string(),
        };
        self.faults.push(Fault { at: at.into(), value, expected: expected.into() });
    }

    fn whole(&mut self, object: &Value, at: &str, name: &str, range: (i64, i64)) -> i64 {
        let value = &object[name];
        match value.as_i64() {
            Some(number) if (range.0..=range.1).contains(&number) => number,
            _ => {
                self.fault(place(at, name), value, format!("a whole number from {} to {}", range.0, range.1));
                range.0
            }
        }
    }

    fn seconds(&mut self, object: &Value, at: &str, name: &str) -> i32 {
        self.whole(object, at, name, (0, TIME_S_MAX)) as i32
    }

    fn number(&mut self, object: &Value, at: &str, name: &str, range: (f64, f64)) -> f64 {
        let value = &object[name];
        match value.as_f64() {
            Some(number) if number >= range.0 && number <= range.1 => number,
            _ => {
                self.fault(place(at, name), value, format!("a number from {} to {}", range.0, range.1));
                range.1
            }
        }
    }

    fn list<'a>(&mut self, object: &'a Value, name: &str, expected: &str) -> &'a [Value] {
        match object[name].as_array() {
            Some(items) => items,
            None => {
                self.fault(name, &object[name], expected);
                &[]
            }
        }
    }

    fn words<'a>(&mut self, object: &'a Value, at: &str, name: &str) -> Vec<&'a str> {
        let value = &object[name];
        if value.is_null() {
            return Vec::new();
        }
        match value.as_array().map(|items| items.iter().map(Value::as_str).collect::<Option<Vec<&str>>>()) {
            Some(Some(words)) => words,
            _ => {
                self.fault(place(at, name), value, "a list of words");
                Vec::new()
            }
        }
    }

    /// Ids must differ.
    fn once(&mut self, seen: &mut BTreeMap<i64, usize>, id: i64, index: usize, list: &str) {
        if let Some(first) = seen.insert(id, index) {
            let expected = format!("an id of its own: {list}[{first}] has this one");
            self.fault(format!("{list}[{index}].id"), &Value::from(id), expected);
        }
    }
}

fn place(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}

impl Instance {
    /// Reads and checks an instance.
    pub fn parse(text: &str) -> Result<Instance, BadInstance> {
        let document: Value = serde_json::from_str(text).map_err(|error| BadInstance {
            faults: vec![Fault {
                at: format!("line {}, column {}", error.line(), error.column()),
                value: error.to_string(),
                expected: "a JSON document".to_owned(),
            }],
        })?;
        let mut reader = Reader::default();
        let instance = instance(&mut reader, &document);
        if reader.faults.is_empty() { Ok(instance) } else { Err(BadInstance { faults: reader.faults }) }
    }
}

fn instance(reader: &mut Reader, document: &Value) -> Instance {
    let mut locations_km = Vec::new();
    for (at, point) in reader.list(document, "locations_km", "a list of [east, north] in kilometres").iter().enumerate()
    {
        match (point.get(0).and_then(Value::as_f64), point.get(1).and_then(Value::as_f64)) {
            (Some(x), Some(y)) if x.abs() < 1e5 && y.abs() < 1e5 => locations_km.push((x, y)),
            _ => {
                reader.fault(format!("locations_km[{at}]"), point, "two numbers, kilometres east and north");
                locations_km.push((0.0, 0.0));
            }
        }
    }
    let last_location = locations_km.len() as i64 - 1;
    let travel = travel(reader, &document["travel"], locations_km.len());
    let mut equipment: Vec<String> = Vec::new();
    let mut bits = |reader: &mut Reader, words: &[&str], at: &str| {
        let mut bits = 0_u64;
        for word in words {
            let bit = equipment.iter().position(|known| known == word).unwrap_or_else(|| {
                equipment.push((*word).to_owned());
                equipment.len() - 1
            });
            if bit < EQUIPMENT_MAX {
                bits |= 1 << bit;
            } else {
                reader.fault(at, &Value::from(*word), format!("at most {EQUIPMENT_MAX} kinds of equipment"));
            }
        }
        bits
    };
    let places = reader.list(document, "facilities", "a list of facilities");
    let mut classes: Vec<String> = Vec::new();
    for facility in places {
        for class in facility["beds"].as_object().into_iter().flat_map(|beds| beds.keys()) {
            if !classes.contains(class) {
                classes.push(class.clone());
            }
        }
    }
    classes.sort();
    let mut facilities = Vec::new();
    let mut seen = BTreeMap::new();
    for (index, facility) in places.iter().enumerate() {
        let at = format!("facilities[{index}]");
        if !facility["beds"].is_object() {
            reader.fault(format!("{at}.beds"), &facility["beds"], "an object of class and free beds");
        }
        let beds = classes.iter().map(|class| match facility["beds"].get(class) {
            None => 0,
            Some(_) => reader.whole(&facility["beds"], &format!("{at}.beds"), class, (0, BEDS_MAX)) as i32,
        });
        let beds: Vec<i32> = beds.collect();
        let all = beds.iter().fold(0_i32, |sum, beds| sum.saturating_add(*beds));
        let id = reader.whole(facility, &at, "id", (0, i64::MAX));
        reader.once(&mut seen, id, index, "facilities");
        facilities.push(Facility {
            id,
            location: reader.whole(facility, &at, "location", (0, last_location)).max(0) as usize,
            beds,
            all,
            second_s: Vec::new(),
            unload_s: reader.seconds(facility, &at, "unload_s"),
            per_person_s: reader.seconds(facility, &at, "per_person_s"),
        });
    }
    let horizon_s = reader.whole(document, "", "horizon_s", (1, TIME_S_MAX)) as i32;
    let mut trucks = Vec::new();
    seen.clear();
    for (index, truck) in reader.list(document, "vehicles", "a list of vehicles").iter().enumerate() {
        let at = format!("vehicles[{index}]");
        let words = reader.words(truck, &at, "equipment");
        let id = reader.whole(truck, &at, "id", (0, i64::MAX));
        reader.once(&mut seen, id, index, "vehicles");
        let depot = reader.whole(truck, &at, "depot", (0, last_location)).max(0) as usize;
        trucks.push(Truck {
            id,
            start: depot,
            depot,
            shift_s: (0, horizon_s),
            drive_s_max: i32::MAX,
            places: [reader.whole(truck, &at, "seats", (1, PEOPLE_MAX)) as i32, 0, 0],
            equipment: bits(reader, &words, &at),
        });
    }
    let mut requests = Vec::new();
    seen.clear();
    for (index, request) in reader.list(document, "requests", "a list of requests").iter().enumerate() {
        let at = format!("requests[{index}]");
        let words = reader.words(request, &at, "needs");
        let class = request["class"].as_str().and_then(|class| classes.iter().position(|known| known == class));
        if class.is_none() {
            let known = if classes.is_empty() { "none: no facility has beds".to_owned() } else { classes.join(", ") };
            reader.fault(
                format!("{at}.class"),
                &request["class"],
                format!("a class that a facility has beds for ({known})"),
            );
        }
        let id = reader.whole(request, &at, "id", (0, i64::MAX));
        reader.once(&mut seen, id, index, "requests");
        let priority = if request["priority"].is_null() { 1 } else { reader.whole(request, &at, "priority", (1, 100)) };
        let persons = reader.whole(request, &at, "persons", (1, PEOPLE_MAX)) as i32;
        requests.push(Request {
            id,
            location: reader.whole(request, &at, "location", (0, last_location)).max(0) as usize,
            persons,
            places: [persons, 0, 0],
            class: class.unwrap_or(0),
            ward: class.unwrap_or(0),
            release_s: reader.seconds(request, &at, "release_s"),
            due_s: reader.seconds(request, &at, "due_s"),
            needs: bits(reader, &words, &at),
            priority: priority as i32,
            weight: persons,
            hand: Hand::default(),
        });
    }
    Instance {
        name: document["name"].as_str().unwrap_or("unnamed").to_owned(),
        horizon_s,
        travel,
        locations_km,
        classes,
        equipment,
        requests,
        facilities,
        trucks,
        stop_s: reader.seconds(document, "", "stop_s"),
        per_person_s: reader.seconds(document, "", "per_person_s"),
        decontamination_s: reader.seconds(document, "", "decontamination_s"),
        ride_limit_s: reader.whole(document, "", "ride_limit_s", (1, TIME_S_MAX)) as i32,
    }
}

fn travel(reader: &mut Reader, value: &Value, locations: usize) -> Travel {
    if value["matrix_s"].is_null() {
        return Travel::Straight {
            detour: reader.number(value, "travel", "detour", (1.0, 10.0)),
            speed_kmh: reader.number(value, "travel", "speed_kmh", (0.1, 1000.0)),
            asymmetry: reader.number(value, "travel", "asymmetry", (0.0, 1.0)),
        };
    }
    let mut matrix = Vec::new();
    for (from, row) in reader.list(value, "matrix_s", "a list of rows of seconds").iter().enumerate() {
        let row: Option<Vec<i32>> = row.as_array().and_then(|row| {
            row.iter()
                .map(|cell| cell.as_i64().filter(|s| (0..=TIME_S_MAX).contains(s)).map(|s| s as i32))
                .collect::<Option<Vec<i32>>>()
        });
        match row {
            Some(row) if row.len() == locations => matrix.push(row),
            _ => reader.fault(
                format!("travel.matrix_s[{from}]"),
                &value["matrix_s"][from],
                format!("{locations} whole numbers from 0 to {TIME_S_MAX}, one for each location"),
            ),
        }
    }
    if matrix.len() != locations {
        reader.fault("travel.matrix_s", &value["matrix_s"], format!("{locations} rows, one for each location"));
    }
    Travel::Matrix(matrix)
}
