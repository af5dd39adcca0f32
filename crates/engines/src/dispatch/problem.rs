//! An instance laid out for the search: flat arrays, the matrix of travel times, who is near whom in place and time, and the
//! price of everything in person-seconds. Built once, shared by all threads, never changed.

use super::{
    instance::{Hand, Instance},
    search::NOBODY,
};
use std::sync::atomic::{AtomicI64, Ordering};

/// Neighbours kept of each request.
const NEIGHBOURS: usize = 120;
/// A second between two releases counts like so many of travel.
const RELEASE_GAP_WEIGHT: f64 = 0.35;
/// Points of the score for a request unserved and for one late.
const UNSERVED_POINTS: i64 = 1000;
const LATE_POINTS: i64 = 100;
/// Points for each hour of lateness: the search leans towards less of it.
const LATE_POINTS_PER_HOUR: i64 = 10;

/// A request, as the search looks at it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask {
    pub loc: u32,
    pub persons: i32,
    /// Of them sit, in wheelchairs, lie.
    pub places: [i32; 3],
    /// Price of a second of theirs.
    pub weight: i64,
    pub release: i32,
    pub due: i32,
    /// Boarding without the stop.
    pub load: i32,
    pub class: u8,
    pub ward: u8,
    pub needs: u64,
    /// Least time from boarding to any facility with beds of the class.
    pub nearest: i32,
    /// Least time to here from any facility.
    pub from_site: i32,
    /// Least time for them to get off.
    pub load_off: i32,
    /// Price of leaving them behind.
    pub unserved: i64,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Site {
    pub loc: u32,
    pub unload: i32,
    pub per_person: i32,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Car {
    pub start: u32,
    pub depot: u32,
    pub from: i32,
    pub until: i32,
    pub drive_max: i32,
    pub places: [i32; 3],
    pub equipment: u64,
}

#[derive(Debug)]
pub(super) struct Problem {
    pub asks: Vec<Ask>,
    pub sites: Vec<Site>,
    pub cars: Vec<Car>,
    /// Beds: site x row; the last row of a site is all of its beds.
    pub beds: Vec<i32>,
    /// Rows, with that of all.
    rows: usize,
    /// Sites with beds, by row.
    pub open: Vec<Vec<u16>>,
    /// What a person of a row rides longer in price, site x row; empty where nobody does. As the instance says, and with the price of beds.
    second_told: Vec<i64>,
    second: Vec<i64>,
    /// What was said by hand, of those requests of whom anything was.
    hands: Vec<(u32, Hand)>,
    /// Nearest first, by travel and release; flat, `near_count` for each request.
    near: Vec<u32>,
    near_count: usize,
    matrix: Vec<i32>,
    width: usize,
    /// Least time of an arrival.
    pub unloading_least: i32,
    pub stop: i32,
    pub decontamination: i32,
    pub ride_limit: i32,
    pub horizon: i32,
    /// Price of a late request, and of a second of lateness.
    late: AtomicI64,
    late_second: AtomicI64,
    late_full: i64,
    /// Sum of weights: people, where everybody counts alike.
    pub people: i64,
    /// A ride must stay within the limit whenever the trip begins, not only as planned.
    pub ride_at_any_start: bool,
}

impl Problem {
    pub fn new(instance: &Instance) -> Problem {
        // locations in the order of first use; only those that are used
        let mut index = vec![u32::MAX; instance.locations_km.len()];
        let mut used: Vec<usize> = Vec::new();
        let mut place = |location: usize| {
            if index[location] == u32::MAX {
                index[location] = used.len() as u32;
                used.push(location);
            }
            index[location]
        };
        let sites: Vec<Site> = instance
            .facilities
            .iter()
            .map(|f| Site { loc: place(f.location), unload: f.unload_s, per_person: f.per_person_s })
            .collect();
        let cars: Vec<Car> = instance
            .trucks
            .iter()
            .map(|t| Car {
                start: place(t.start),
                depot: place(t.depot),
                from: t.shift_s.0,
                until: t.shift_s.1.min(instance.horizon_s),
                drive_max: t.drive_s_max,
                places: t.places,
                equipment: t.equipment,
            })
            .collect();
        let people = instance.requests.iter().map(|request| i64::from(request.weight)).sum::<i64>().max(1);
        let mut asks: Vec<Ask> = instance
            .requests
            .iter()
            .map(|r| Ask {
                loc: place(r.location),
                persons: r.persons,
                places: r.places,
                weight: i64::from(r.weight),
                release: r.release_s,
                due: r.due_s,
                load: instance.per_person_s * r.persons,
                class: r.class as u8,
                ward: r.ward as u8,
                needs: r.needs,
                nearest: 0,
                from_site: 0,
                load_off: r.persons * instance.facilities.iter().map(|f| f.per_person_s).min().unwrap_or(0),
                // among equals the larger household and the earlier due go first
                unserved: (UNSERVED_POINTS * i64::from(r.priority) + i64::from(r.persons)) * 60 * people
                    + i64::from((instance.horizon_s - r.due_s).max(0) / 60),
            })
            .collect();
        let width = used.len();
        let mut matrix = vec![0; width * width];
        for (a, row) in matrix.chunks_mut(width.max(1)).enumerate() {
            for (b, cell) in row.iter_mut().enumerate() {
                *cell = instance.travel_s(used[a], used[b]);
            }
        }
        let wards = instance.facilities.first().map_or(0, |f| f.beds.len());
        let beds: Vec<i32> = instance.facilities.iter().flat_map(|f| f.beds.iter().copied().chain([f.all])).collect();
        let open: Vec<Vec<u16>> = (0..wards.max(instance.classes.len()))
            .map(|ward| (0..sites.len()).filter(|f| instance.room(*f, ward) > 0).map(|f| f as u16).collect())
            .collect();
        let second = match instance.facilities.iter().all(|f| f.second_s.is_empty()) {
            true => Vec::new(),
            false => instance.facilities.iter().flat_map(|f| f.second_s.iter().map(|s| i64::from(*s))).collect(),
        };
        let hands = instance
            .requests
            .iter()
            .zip(0..)
            .filter(|(request, _)| request.hand != Hand::default())
            .map(|(request, at)| (at, request.hand.clone()))
            .collect();
        for ask in &mut asks {
            let to = |f: &u16| matrix[ask.loc as usize * width + sites[*f as usize].loc as usize];
            ask.nearest = open[ask.ward as usize].iter().map(to).min().unwrap_or(0);
            let from = |site: &Site| matrix[site.loc as usize * width + ask.loc as usize];
            ask.from_site = sites.iter().map(from).min().unwrap_or(0);
        }
        let (near, near_count) = neighbours(&asks, &matrix, width);
        Problem {
            asks,
            sites,
            cars,
            beds,
            rows: wards + 1,
            open,
            second: second.clone(),
            second_told: second,
            hands,
            near,
            near_count,
            matrix,
            width,
            unloading_least: instance
                .facilities
                .iter()
                .map(|f| if instance.requests.iter().any(|r| r.location == f.location) { 0 } else { f.unload_s })
                .min()
                .unwrap_or(0),
            stop: instance.stop_s,
            decontamination: instance.decontamination_s,
            ride_limit: instance.ride_limit_s,
            horizon: instance.horizon_s,
            late: AtomicI64::new(LATE_POINTS * 60 * people),
            late_second: AtomicI64::new(LATE_POINTS_PER_HOUR * people / 60 + 1),
            late_full: LATE_POINTS * 60 * people,
            people,
            ride_at_any_start: false,
        }
    }

    #[inline]
    pub fn drive(&self, from: u32, to: u32) -> i32 {
        self.matrix[from as usize * self.width + to as usize]
    }

    /// Beds of a row that can be taken at a site.
    #[inline]
    pub fn room(&self, beds: &[i32], site: usize, ward: u8) -> i32 {
        let first = site * self.rows;
        beds[first + ward as usize].min(beds[first + self.rows - 1])
    }

    /// Beds that can be taken at a site, of whatever row.
    pub fn room_of_all(&self, beds: &[i32], site: usize) -> i32 {
        beds[(site + 1) * self.rows - 1]
    }

    /// Takes beds; gives them back where fewer than none are taken.
    #[inline]
    pub fn take(&self, beds: &mut [i32], site: u16, ask: &Ask, share: i32) {
        let first = site as usize * self.rows;
        beds[first + ask.ward as usize] -= share * ask.persons;
        beds[first + self.rows - 1] -= share * ask.persons;
    }

    /// Rows of beds, without that of all.
    pub fn wards(&self) -> usize {
        self.rows - 1
    }

    /// Sets what a bed costs, in seconds of a person, site x row. Every tour must be refreshed after that.
    pub fn price_beds(&mut self, mut prices: Vec<i64>) {
        prices.iter_mut().zip(&self.second_told).for_each(|(price, told)| *price += told);
        self.second = prices;
    }

    /// What a second choice of place costs, in weighted seconds, and the price of the bed.
    #[inline]
    pub fn second(&self, site: usize, ask: &Ask) -> i64 {
        if self.second.is_empty() { 0 } else { self.second[site * (self.rows - 1) + ask.ward as usize] * ask.weight }
    }

    fn hand(&self, ask: u32) -> Option<&Hand> {
        if self.hands.is_empty() || ask == NOBODY {
            return None;
        }
        self.hands.binary_search_by_key(&ask, |(of, _)| *of).ok().map(|at| &self.hands[at].1)
    }

    /// Whether a vehicle may take a request at all: equipment, places, what a person said.
    #[inline]
    pub fn suits(&self, ask: u32, car: usize) -> bool {
        let (a, car_data) = (&self.asks[ask as usize], &self.cars[car]);
        a.needs & !car_data.equipment == 0
            && fits(a.places, car_data.places)
            && self.hand(ask).is_none_or(|hand| hand.allows_truck(car))
    }

    /// Whether a person lets a request go to a site.
    #[inline]
    pub fn allows(&self, ask: u32, site: usize) -> bool {
        self.hand(ask).is_none_or(|hand| hand.allows_facility(site))
    }

    /// Time of a stop at `to` for somebody who comes from `from`.
    #[inline]
    pub fn stopping(&self, from: u32, to: u32) -> i32 {
        if from == to { 0 } else { self.stop }
    }

    /// Time at a site for a load.
    #[inline]
    pub fn unloading(&self, site: usize, from: u32, load: i32) -> i32 {
        let site = &self.sites[site];
        site.per_person * load + if from == site.loc { 0 } else { site.unload }
    }

    #[inline]
    pub fn lateness(&self, picked: i32, due: i32) -> i64 {
        if picked > due { self.late() + self.late_second.load(Ordering::Relaxed) * i64::from(picked - due) } else { 0 }
    }

    /// Price of a request that is late at all.
    #[inline]
    pub fn late(&self) -> i64 {
        self.late.load(Ordering::Relaxed)
    }

    /// Sets the price of lateness to a share of the full one. Every tour must be refreshed after that.
    pub fn price_lateness(&self, share: f64) {
        let of = |full: i64| ((full as f64 * share) as i64).max(1);
        self.late.store(of(self.late_full), Ordering::Relaxed);
        self.late_second.store(of(LATE_POINTS_PER_HOUR * self.people / 60 + 1), Ordering::Relaxed);
    }

    pub fn near(&self, ask: usize) -> &[u32] {
        &self.near[ask * self.near_count..(ask + 1) * self.near_count]
    }
}

/// Whether so many places are no more than there are, of each kind.
#[inline]
pub(super) fn fits(wanted: [i32; 3], there: [i32; 3]) -> bool {
    wanted.iter().zip(there).all(|(wanted, there)| *wanted <= there)
}

fn neighbours(asks: &[Ask], matrix: &[i32], width: usize) -> (Vec<u32>, usize) {
    let count = NEIGHBOURS.min(asks.len().saturating_sub(1));
    let mut near = Vec::with_capacity(count * asks.len());
    if count == 0 {
        return (near, 0);
    }
    let mut keyed: Vec<(u32, u32)> = Vec::with_capacity(asks.len());
    for (a, one) in asks.iter().enumerate() {
        keyed.clear();
        keyed.extend(asks.iter().enumerate().filter(|(b, _)| *b != a).map(|(b, other)| {
            let drive = matrix[one.loc as usize * width + other.loc as usize];
            let gap = (one.release - other.release).abs();
            ((f64::from(drive) + RELEASE_GAP_WEIGHT * f64::from(gap)) as u32, b as u32)
        }));
        if keyed.len() > count {
            keyed.select_nth_unstable(count - 1);
            keyed.truncate(count);
        }
        keyed.sort_unstable();
        near.extend(keyed.iter().map(|(_, b)| *b));
    }
    (near, count)
}
