//! How long a drive takes: what somebody measured or a router said, and the model of straight lines for every other pair. Pure; it
//! guarantees that a time that no vehicle could drive is not believed, that whatever nobody told is still answered, and that it can
//! be said which of the two an answer is.

use super::{BadInstance, Fault, road_km, road_min};
use std::collections::{BTreeSet, HashMap};

/// Thousandths of a degree: places of one cell, about a hundred metres wide, have the same ways.
const PER_DEGREE: f64 = 1_000.0;
/// Nobody drives faster than this as the crow flies, km/h; what says so is a mistake.
const KMH_MOST: f64 = 150.0;
/// Kilometres that the corner of a cell may be away from the place that is meant, at both ends.
const SLACK_KM: f64 = 0.4;
/// Longest drive that is believed, minutes: a day.
const MIN_MOST: u16 = 1_440;
/// Pairs that are kept; beyond that what a router said is forgotten and asked again.
const PAIRS_MAX: usize = 2_000_000;
/// Cells on each side of one question: routers as they come answer 50 by 50 (Valhalla) or 100 places (OSRM).
const SIDE_MAX: usize = 30;

/// A place on a grid of thousandths of a degree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    lon: i32,
    lat: i32,
}

impl Cell {
    /// The cell of a place (longitude, latitude).
    pub fn of(place: (f64, f64)) -> Cell {
        let thousandths = |degrees: f64| (degrees * PER_DEGREE).round() as i32;
        Cell { lon: thousandths(place.0), lat: thousandths(place.1) }
    }

    /// Its longitude and latitude in degrees, with three decimals.
    pub fn written(self) -> (String, String) {
        let degrees = |n: i32| {
            let sign = if n < 0 { "-" } else { "" };
            format!("{sign}{}.{:03}", n.unsigned_abs() / 1_000, n.unsigned_abs() % 1_000)
        };
        (degrees(self.lon), degrees(self.lat))
    }

    fn place(self) -> (f64, f64) {
        (f64::from(self.lon) / PER_DEGREE, f64::from(self.lat) / PER_DEGREE)
    }
}

/// One question to a router: the minutes from each of these to each of those.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// From.
    pub from: Vec<Cell>,
    /// To.
    pub to: Vec<Cell>,
}

/// Minutes by road between places.
#[derive(Debug, Clone, Default)]
pub struct Roads {
    /// What a file said; it is never forgotten.
    measured: HashMap<(Cell, Cell), u16>,
    /// What a router said; none: it knows no way, or said what cannot be.
    asked: HashMap<(Cell, Cell), Option<u16>>,
    /// Of all that is known, whatever the order in which it came.
    mark: u64,
}

impl Roads {
    /// Minutes from a place to another (longitude, latitude), rounded up.
    pub fn minutes(&self, from: (f64, f64), to: (f64, f64)) -> i64 {
        self.told(from, to).unwrap_or_else(|| road_min(from, to))
    }

    /// Minutes that a file or a router told; none: the model answers for this pair. Within one cell nobody has to tell.
    pub fn told(&self, from: (f64, f64), to: (f64, f64)) -> Option<i64> {
        if self.measured.is_empty() && self.asked.is_empty() {
            return None;
        }
        let pair = (Cell::of(from), Cell::of(to));
        let told = self.measured.get(&pair).copied().or_else(|| self.asked.get(&pair).copied().flatten());
        told.map(i64::from)
    }

    /// Pairs of which a time is known.
    pub fn pairs(&self) -> usize {
        self.measured.len() + self.asked.values().flatten().count()
    }

    /// A number that changes with what is known.
    pub fn mark(&self) -> u64 {
        self.mark
    }

    /// Takes the answer to a question: minutes, from by from; none where the router knows no way. Whether it fits the question.
    pub fn learn(&mut self, ask: &Ask, minutes: &[Option<u16>]) -> bool {
        if minutes.len() != ask.from.len() * ask.to.len() {
            return false;
        }
        if self.asked.len() + minutes.len() > PAIRS_MAX {
            self.asked.clear();
        }
        for (n, told) in minutes.iter().enumerate() {
            let pair = (ask.from[n / ask.to.len()], ask.to[n % ask.to.len()]);
            let told = told.filter(|minutes| can_be(pair, *minutes));
            if self.asked.insert(pair, told).is_none() {
                self.note(pair, told);
            }
        }
        true
    }

    /// Reads times that somebody measured: CSV with the columns `from`, `to` and `minutes`; places are `longitude latitude` in degrees.
    pub fn read(text: &str) -> Result<Roads, BadInstance> {
        let mut roads = Roads::default();
        let mut faults = Vec::new();
        let mut lines = text.trim_start_matches('\u{feff}').lines();
        let head = lines.next().unwrap_or_default().trim_end();
        if head != "from,to,minutes" {
            faults.push(fault("line 1".to_owned(), head, "the header from,to,minutes"));
        }
        for (n, line) in lines.enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let at = |column: &str| format!("line {}, {column}", n + 2);
            let cells: Vec<&str> = line.trim_end().split(',').collect();
            let [from, to, minutes] = cells[..] else {
                faults.push(fault(format!("line {}", n + 2), line, "three cells"));
                continue;
            };
            let ends = (degrees(from), degrees(to));
            for (column, cell, read) in [("from", from, ends.0), ("to", to, ends.1)] {
                if read.is_none() {
                    faults.push(fault(at(column), cell, "longitude and latitude in degrees, such as 106.551 29.563"));
                }
            }
            let number = minutes.trim().parse::<f64>().ok().filter(|m| (0.0..=f64::from(MIN_MOST)).contains(m));
            let (Some(number), (Some(from), Some(to))) = (number, ends) else {
                if number.is_none() {
                    faults.push(fault(at("minutes"), minutes, "minutes from 0 to 1440"));
                }
                continue;
            };
            let (pair, number) = ((from, to), number.ceil() as u16);
            if !can_be(pair, number) {
                faults.push(fault(at("minutes"), minutes, "a time in which a vehicle can drive that far"));
            } else if roads.measured.insert(pair, number).is_some_and(|before| before != number) {
                faults.push(fault(
                    at("minutes"),
                    minutes,
                    "one time for a pair of places (a hundred metres count as one place)",
                ));
            } else {
                roads.note(pair, Some(number));
            }
        }
        if faults.is_empty() { Ok(roads) } else { Err(BadInstance { faults }) }
    }

    /// What to ask a router for a plan, the most wanted first: ways between doors and sites (facilities and depots), both ways, between
    /// sites, and between doors that are near each other. What was asked before is left out.
    pub fn asks(&self, doors: &[(f64, f64)], sites: &[(f64, f64)]) -> Vec<Ask> {
        let cells = |places: &[(f64, f64)]| -> BTreeSet<Cell> { places.iter().map(|place| Cell::of(*place)).collect() };
        // neighbours stand next to each other: by squares of about two kilometres
        let mut doors: Vec<Cell> = cells(doors).into_iter().collect();
        doors.sort_by_key(|cell| (cell.lon.div_euclid(20), cell.lat.div_euclid(20), *cell));
        let sites: Vec<Cell> = cells(sites).into_iter().collect();
        let mut asks = Vec::new();
        let mut ask = |from: &[Cell], to: &[Cell]| {
            let new = |from: &Cell, to: &Cell| {
                let pair = (*from, *to);
                from != to && !self.measured.contains_key(&pair) && !self.asked.contains_key(&pair)
            };
            let from: Vec<Cell> = from.iter().filter(|one| to.iter().any(|to| new(one, to))).copied().collect();
            let to: Vec<Cell> = to.iter().filter(|one| from.iter().any(|from| new(from, one))).copied().collect();
            if !from.is_empty() {
                asks.push(Ask { from, to });
            }
        };
        for some in doors.chunks(SIDE_MAX) {
            for others in sites.chunks(SIDE_MAX) {
                ask(some, others);
                ask(others, some);
            }
        }
        for some in sites.chunks(SIDE_MAX) {
            sites.chunks(SIDE_MAX).for_each(|others| ask(some, others));
        }
        doors.chunks(SIDE_MAX).for_each(|some| ask(some, some));
        asks
    }

    fn note(&mut self, (from, to): (Cell, Cell), minutes: Option<u16>) {
        // FNV-1a over the pair and its time; the sum does not depend on the order
        let minutes = minutes.map_or(-1, i32::from);
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        for byte in [from.lon, from.lat, to.lon, to.lat, minutes].iter().flat_map(|n| n.to_le_bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        self.mark = self.mark.wrapping_add(hash);
    }
}

/// Whether a vehicle could drive that.
fn can_be((from, to): (Cell, Cell), minutes: u16) -> bool {
    let km = road_km(from.place(), to.place()) / super::DETOUR - SLACK_KM;
    minutes <= MIN_MOST && f64::from(minutes) * KMH_MOST / 60.0 >= km
}

fn degrees(text: &str) -> Option<Cell> {
    let mut parts = text.split_whitespace().map(str::parse::<f64>);
    let (Some(Ok(lon)), Some(Ok(lat)), None) = (parts.next(), parts.next(), parts.next()) else { return None };
    ((-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat)).then(|| Cell::of((lon, lat)))
}

fn fault(at: String, value: &str, expected: &str) -> Fault {
    Fault { at, value: format!("\"{value}\""), expected: expected.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: (f64, f64) = (106.551, 29.563);
    const B: (f64, f64) = (106.6, 29.6);

    #[test]
    fn what_nobody_told_is_the_model_and_what_was_told_is_one_way() {
        let roads = Roads::read("from,to,minutes\n106.551 29.563,106.600 29.600,41.2\n").unwrap();
        assert_eq!((roads.minutes(A, B), roads.minutes(B, A)), (42, road_min(B, A)));
        assert_eq!((roads.told(A, B), roads.told(B, A)), (Some(42), None));
        // a hundred metres beside it the way is the same
        assert_eq!(roads.minutes((106.5512, 29.5632), B), 42);
    }

    #[test]
    fn every_fault_of_a_file_is_named_with_its_line() {
        for (text, at) in [
            ("to,from,minutes\n", "line 1"),
            ("from,to,minutes\n106.5 29.5,106.6 29.6\n", "line 2"),
            ("from,to,minutes\n\n106.5;29.5,106.6 29.6,9\n", "line 3, from"),
            ("from,to,minutes\n106.5 29.5,106.6 129.6,9\n", "line 2, to"),
            ("from,to,minutes\n106.5 29.5,106.6 29.6,-1\n", "line 2, minutes"),
            ("from,to,minutes\n106.5 29.5,106.6 29.6,NaN\n", "line 2, minutes"),
            // 15 km in a minute
            ("from,to,minutes\n106.5 29.5,106.6 29.6,1\n", "line 2, minutes"),
            ("from,to,minutes\n106.5 29.5,106.6 29.6,20\n106.5 29.5,106.6 29.6,30\n", "line 3, minutes"),
        ] {
            let faults = Roads::read(text).unwrap_err().faults;
            assert_eq!(faults.iter().map(|fault| fault.at.as_str()).collect::<Vec<_>>(), [at], "{text}");
        }
    }

    #[test]
    fn a_router_is_asked_once_for_each_pair_and_an_impossible_answer_is_the_model() {
        let mut roads = Roads::default();
        let asks = roads.asks(&[A, (106.5511, 29.5631)], &[B]);
        assert_eq!(asks.iter().map(|ask| (ask.from.len(), ask.to.len())).collect::<Vec<_>>(), [(1, 1), (1, 1)]);
        assert!(roads.learn(&asks[0], &[Some(33)]) && roads.learn(&asks[1], &[Some(0)]));
        assert!(!roads.learn(&asks[1], &[]), "an answer to another question");
        assert_eq!((roads.minutes(A, B), roads.told(B, A), roads.minutes(B, A)), (33, None, road_min(B, A)));
        assert!(roads.asks(&[A], &[B]).is_empty());
        let mut other = Roads::default();
        assert!(other.learn(&asks[1], &[Some(0)]) && other.learn(&asks[0], &[Some(33)]));
        assert_eq!(other.mark(), roads.mark());
        assert_ne!(other.mark(), 0);
    }

    #[test]
    fn all_pairs_with_sites_are_asked_within_the_size_of_a_question() {
        let doors: Vec<(f64, f64)> = (0..70).map(|n| (106.0 + f64::from(n) * 0.01, 29.5)).collect();
        let sites: Vec<(f64, f64)> = (0..35).map(|n| (106.005, 29.0 + f64::from(n) * 0.01)).collect();
        let asks = Roads::default().asks(&doors, &sites);
        let mut pairs = BTreeSet::new();
        for ask in &asks {
            assert!(ask.from.len() <= SIDE_MAX && ask.to.len() <= SIDE_MAX);
            ask.from.iter().for_each(|from| pairs.extend(ask.to.iter().map(|to| (*from, *to))));
        }
        for door in &doors {
            for site in &sites {
                let (door, site) = (Cell::of(*door), Cell::of(*site));
                assert!(pairs.contains(&(door, site)) && pairs.contains(&(site, door)));
            }
        }
    }
}
