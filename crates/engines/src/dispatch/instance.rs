//! What is to be planned: requests, facilities with beds by class, vehicles, and how long everything takes. Plain data in
//! seconds and in indices (not the ids of the file), checked by `read`; only the travel time is computed here.

/// How long it takes from place to place.
#[derive(Debug, Clone, PartialEq)]
pub enum Travel {
    /// Straight line: `detour` x distance at a speed, stretched by a small asymmetry that depends on the pair.
    Straight {
        /// Road over straight line.
        detour: f64,
        /// Kilometres per hour.
        speed_kmh: f64,
        /// Share by which both directions may differ.
        asymmetry: f64,
    },
    /// Seconds from each location (row) to each (column).
    Matrix(Vec<Vec<i32>>),
}

/// A household group of one class that rides together.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Number in the file.
    pub id: i64,
    /// Index of the location.
    pub location: usize,
    /// People, at least one.
    pub persons: i32,
    /// Of the people, those who sit, who are in wheelchairs, who lie.
    pub places: [i32; 3],
    /// Index of the class.
    pub class: usize,
    /// Index of the row of beds that they take from; in a file that of the class.
    pub ward: usize,
    /// From when they can be picked up, seconds.
    pub release_s: i32,
    /// Until when they should be.
    pub due_s: i32,
    /// Bits of what the vehicle must have; see [`Instance::equipment`].
    pub needs: u64,
    /// Weight of leaving them behind, 1 if the file says nothing: a request of weight 3 is left only before three of weight 1.
    pub priority: i32,
    /// Weight of a second of their waiting and riding: the number of people where everybody counts alike.
    pub weight: i32,
    /// What a person has chosen or ruled out for them.
    pub hand: Hand,
}

/// What a person has said of where a request goes and by which vehicle: indices.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hand {
    /// These vehicles and no others; empty: any.
    pub trucks: Vec<usize>,
    /// These facilities and no others; empty: any.
    pub facilities: Vec<usize>,
    /// None of these vehicles.
    pub not_trucks: Vec<usize>,
    /// None of these facilities.
    pub not_facilities: Vec<usize>,
}

impl Hand {
    /// Whether a vehicle may take them.
    pub fn allows_truck(&self, truck: usize) -> bool {
        (self.trucks.is_empty() || self.trucks.contains(&truck)) && !self.not_trucks.contains(&truck)
    }

    /// Whether they may go to a facility.
    pub fn allows_facility(&self, facility: usize) -> bool {
        (self.facilities.is_empty() || self.facilities.contains(&facility)) && !self.not_facilities.contains(&facility)
    }
}

/// A place with beds.
#[derive(Debug, Clone, PartialEq)]
pub struct Facility {
    /// Number in the file.
    pub id: i64,
    /// Index of the location.
    pub location: usize,
    /// Free beds by row. A bed may stand in several rows.
    pub beds: Vec<i32>,
    /// Free beds in all.
    pub all: i32,
    /// By row: so many seconds of riding count on top for each person, because another kind of place is the right one. Empty: none.
    pub second_s: Vec<i32>,
    /// Seconds of an arrival.
    pub unload_s: i32,
    /// Seconds for each person of it.
    pub per_person_s: i32,
}

/// A vehicle with its crew.
#[derive(Debug, Clone, PartialEq)]
pub struct Truck {
    /// Number in the file.
    pub id: i64,
    /// Index of the location where it begins.
    pub start: usize,
    /// Index of the location where it ends.
    pub depot: usize,
    /// From when it can leave, and when it must be back, seconds.
    pub shift_s: (i32, i32),
    /// Longest time that its crew may still drive, seconds.
    pub drive_s_max: i32,
    /// People it carries who sit, in wheelchairs, lying.
    pub places: [i32; 3],
    /// Bits of what it has.
    pub equipment: u64,
}

/// A day to be planned.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// Name.
    pub name: String,
    /// Everybody is back at the depot by then, seconds.
    pub horizon_s: i32,
    /// Travel times.
    pub travel: Travel,
    /// Places, kilometres east and north.
    pub locations_km: Vec<(f64, f64)>,
    /// Names of the classes: those for which any facility has a row of beds. People of two classes never ride at one time.
    pub classes: Vec<String>,
    /// Names of the needs, by bit.
    pub equipment: Vec<String>,
    /// Who is to be moved.
    pub requests: Vec<Request>,
    /// Where to.
    pub facilities: Vec<Facility>,
    /// By what.
    pub trucks: Vec<Truck>,
    /// Seconds of a stop, once for a building.
    pub stop_s: i32,
    /// Seconds for each person who boards.
    pub per_person_s: i32,
    /// Seconds before an empty vehicle takes another class.
    pub decontamination_s: i32,
    /// Longest ride of anybody from boarding to arrival.
    pub ride_limit_s: i32,
}

impl Instance {
    /// Seconds from one location to another; 0 if they are the same. Cut to whole seconds, as the format says.
    pub fn travel_s(&self, from: usize, to: usize) -> i32 {
        if from == to {
            return 0;
        }
        match &self.travel {
            Travel::Matrix(rows) => rows[from][to],
            Travel::Straight { detour, speed_kmh, asymmetry } => {
                let ((x, y), (u, v)) = (self.locations_km[from], self.locations_km[to]);
                let km = detour * (x - u).hypot(y - v);
                let skew = ((from * 31 + to * 17) % 7) as f64 / 6.0 - 0.5;
                (km / speed_kmh * 3600.0 * (1.0 + asymmetry * skew)) as i32
            }
        }
    }

    /// Free beds of a row that can be taken at a facility.
    pub fn room(&self, facility: usize, ward: usize) -> i32 {
        let facility = &self.facilities[facility];
        facility.beds[ward].min(facility.all)
    }

    /// Everybody who is to be moved.
    pub fn people(&self) -> i64 {
        self.requests.iter().map(|request| i64::from(request.persons)).sum()
    }
}
