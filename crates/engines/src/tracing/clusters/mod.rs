//! Space-time clusters: the prospective space-time permutation scan statistic (Kulldorff, Heffernan, Hartman, Assunção,
//! Mostashari 2005, PLoS Medicine 2:e59). It needs cases by place and day and nothing about the people who live there. It
//! uses integers wherever cases are counted and a seed for its chance, so one input gives one answer on any number of
//! threads.
//!
//! A cylinder is a circle of places and the last days up to today. Given that place and day are independent, it is
//! expected to hold `mu = (cases of its places on all days) x (cases of its days in all places) / (all cases)`; the
//! statistic is the largest log-likelihood ratio of a Poisson number, `c ln(c/mu) + (N-c) ln((N-c)/(N-mu))`, over all
//! cylinders with more cases than expected. How often chance alone reaches it is found by shuffling the days among the cases.
//!
//! [`scan`] reads in this order: `zones` (which places make circles), `cylinders` (the highest ratio), [`scan`] itself.

mod cylinders;
#[cfg(test)]
mod tests;
mod zones;

use super::sharing::{by_blocks, part};
use crate::city::chance::{Dice, Draw};
use cylinders::{Counts, Level, Margins, best_of_centre, highest, highest_above};
use thiserror::Error;
use zones::Zones;

/// Where a place is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Position {
    /// Degrees north and east on a globe; distances are kilometres on a sphere of 6,371 km.
    Globe {
        /// Degrees north.
        lat: f64,
        /// Degrees east.
        lon: f64,
    },
    /// On a plane; distances are in its unit.
    Plane {
        /// To the right.
        x: f64,
        /// Upwards.
        y: f64,
    },
}

/// Cases of a place on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayCount {
    /// Number of the place, from 0.
    pub place: u32,
    /// Day, counted from any day.
    pub day: i64,
    /// Cases.
    pub count: u32,
}

/// What is scanned for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The last day; what is later does not count.
    pub today: i64,
    /// Longest cylinder, in days.
    pub days_max: u16,
    /// Largest share of all cases that the places of a cylinder may hold, on all days.
    pub share_max: f64,
    /// Largest radius, in the unit of distances.
    pub radius_max: Option<f64>,
    /// Fewest cases that make a cluster.
    pub cases_min: u32,
    /// Times that the days are shuffled.
    pub replicates: u32,
    /// Seed.
    pub seed: u64,
    /// Threads; they change nothing but the time.
    pub threads: usize,
    /// Most clusters that are given.
    pub clusters_max: usize,
}

/// A cluster that is alive today.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// The place in the middle.
    pub centre: u32,
    /// Radius, in the unit of distances.
    pub radius: f64,
    /// Places in the circle, by number.
    pub places: Vec<u32>,
    /// Days, up to today.
    pub days: u16,
    /// First day.
    pub first: i64,
    /// Cases.
    pub observed: u32,
    /// Cases expected if place and day were independent.
    pub expected: f64,
    /// Log-likelihood ratio.
    pub ratio: f64,
    /// How often chance alone gives as high a ratio somewhere: rank among the shuffles over their number plus one. Without
    /// shuffles there is none.
    pub p: Option<f64>,
}

impl Cluster {
    /// Days after which chance alone is expected to give as high a ratio once, when it is looked for daily.
    pub fn recurrence_days(&self) -> Option<f64> {
        self.p.map(|p| 1.0 / p)
    }
}

/// What a scan found.
#[derive(Clone, Debug, PartialEq)]
pub struct Scan {
    /// Cases that count.
    pub cases: u32,
    /// First day with a case.
    pub first: i64,
    /// Last day, as it was asked for.
    pub today: i64,
    /// Circles that were looked at, each with every number of days.
    pub circles: usize,
    /// Clusters without a place in common, the highest ratio first.
    pub clusters: Vec<Cluster>,
}

/// A scan that cannot be made.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum ScanError {
    /// A place whose position is not a number, or not on the globe.
    #[error("place number {place} has no position on {what}; correct its coordinates")]
    Position {
        /// Number of the place.
        place: usize,
        /// Globe or plane.
        what: &'static str,
    },
    /// Cases at a place that is not in the list of places.
    #[error("cases stand at place number {place}, which is not in the list of {places} places; add it")]
    UnknownPlace {
        /// Number of the place.
        place: u32,
        /// Places in the list.
        places: usize,
    },
    /// More cases than can be counted.
    #[error("there are {cases} cases, at most 4,000,000 are scanned; scan a shorter period or a part of the city")]
    TooMany {
        /// Cases given.
        cases: u64,
    },
    /// More circles than memory can be asked for.
    #[error("there are more than {most} circles; give a smaller share or radius, or fewer places")]
    TooManyCircles {
        /// Most circles.
        most: usize,
    },
    /// A setting outside its range.
    #[error("{0}")]
    Setting(&'static str),
}

const CASES_MAX: u64 = 4_000_000;
/// Longest cylinder that can be asked for.
pub const DAYS_MAX: u16 = 366;

/// Scans cases for clusters that are alive today. `places` has a position for each place, or none for any, and then
/// each place is a circle of its own.
pub fn scan(places: &[Option<Position>], cases: &[DayCount], settings: &Settings) -> Result<Scan, ScanError> {
    if settings.days_max == 0 || settings.days_max > DAYS_MAX {
        return Err(ScanError::Setting("a cylinder lasts from 1 to 366 days"));
    }
    if !(settings.share_max > 0.0 && settings.share_max <= 1.0) {
        return Err(ScanError::Setting("the largest share of the cases is above 0 and at most 1"));
    }
    if settings.radius_max.is_some_and(|radius| radius.is_nan() || radius < 0.0) {
        return Err(ScanError::Setting("the largest radius is a number from 0"));
    }
    let cases: Vec<&DayCount> = cases.iter().filter(|row| row.day <= settings.today && row.count > 0).collect();
    if let Some(row) = cases.iter().find(|row| row.place as usize >= places.len()) {
        return Err(ScanError::UnknownPlace { place: row.place, places: places.len() });
    }
    let sum: u64 = cases.iter().map(|row| u64::from(row.count)).sum();
    if sum > CASES_MAX {
        return Err(ScanError::TooMany { cases: sum });
    }
    let total = sum as u32;
    let first = cases.iter().map(|row| row.day).min().unwrap_or(settings.today);
    let none = Scan { cases: total, first, today: settings.today, circles: 0, clusters: Vec::new() };
    if total == 0 {
        return Ok(none);
    }

    // More days than there are would only repeat the longest cylinder.
    let days = i64::from(settings.days_max).min(settings.today - first + 1) as u16;
    let mut by_place = vec![0_u32; places.len()];
    cases.iter().for_each(|row| by_place[row.place as usize] += row.count);
    let share = (settings.share_max * f64::from(total)).floor() as u32;
    let zones = Zones::new(places, &by_place, share, settings.radius_max, settings.threads)?;

    let mut recent = Counts::new(zones.sites(), days);
    let mut by_age = vec![0_u32; usize::from(days)];
    for row in &cases {
        let age = settings.today - row.day;
        if age < i64::from(days) {
            by_age[age as usize] += row.count;
            recent.add(zones.site(row.place), age as u16, row.count);
        }
    }
    recent.accumulate();
    let margins = Margins::new(total, &by_age, settings.cases_min);
    let mut clusters = distinct(&zones, &recent, &margins, settings);

    // Each case with its site, in the order of places; a shuffle gives the last days to some of them.
    let sites: Vec<u32> = by_place
        .iter()
        .enumerate()
        .flat_map(|(place, count)| std::iter::repeat_n(zones.site(place as u32), *count as usize))
        .collect();
    let reached = shuffles(&zones, &margins, &by_age, sites, settings);
    for cluster in &mut clusters {
        let as_high = reached.iter().filter(|ratio| **ratio >= cluster.ratio).count();
        cluster.p = (settings.replicates > 0).then(|| (as_high + 1) as f64 / (reached.len() + 1) as f64);
    }
    Ok(Scan { circles: zones.circles(), clusters, ..none })
}

/// The best cylinder of each centre, the highest first, without those that share a place with a higher one.
fn distinct(zones: &Zones, recent: &Counts, margins: &Margins, settings: &Settings) -> Vec<Cluster> {
    let mut best: Vec<_> = (0..zones.centres())
        .filter_map(|centre| best_of_centre(zones, recent, margins, centre).map(|found| (centre, found)))
        .collect();
    best.sort_by(|a, b| b.1.ratio.total_cmp(&a.1.ratio).then(a.0.cmp(&b.0)));
    let mut taken = vec![false; zones.sites()];
    let mut clusters = Vec::new();
    for (centre, found) in best {
        if clusters.len() == settings.clusters_max {
            break;
        }
        let (radius, members, places) = zones.circle(centre, found.circle);
        if members.iter().any(|site| taken[*site as usize]) {
            continue;
        }
        members.iter().for_each(|site| taken[*site as usize] = true);
        clusters.push(Cluster {
            centre: zones.place_of(centre),
            radius,
            places,
            days: found.days,
            first: settings.today - i64::from(found.days) + 1,
            observed: found.observed,
            expected: found.expected,
            ratio: found.ratio,
            p: None,
        });
    }
    clusters
}

/// The highest ratio of each shuffle.
fn shuffles(zones: &Zones, margins: &Margins, by_age: &[u32], sites: Vec<u32>, settings: &Settings) -> Vec<f64> {
    let replicates = settings.replicates as usize;
    if replicates == 0 {
        return Vec::new();
    }
    let shuffler = || Shuffler {
        sites: sites.clone(),
        recent: Counts::new(zones.sites(), by_age.len() as u16),
        swaps: Vec::new(),
        seed: settings.seed,
    };
    // The first shuffle tells what is worth looking at: few of the others stay below two thirds of it, and for those
    // that do everything is looked at.
    let first = highest(zones, shuffler().shuffle(by_age, 0), margins, &mut margins.scratch());
    let level = (first > 0.0).then(|| Level::new(margins, zones.cases_max(), first * LEVEL)).flatten();
    let blocks = replicates.min(settings.threads.max(1) * 16);
    let results = by_blocks(blocks, settings.threads, |block| {
        let (mut shuffler, mut scratch) = (shuffler(), margins.scratch());
        let highest = |replicate: usize| {
            let recent = shuffler.shuffle(by_age, replicate as u64);
            let above = level.as_ref().and_then(|level| highest_above(zones, recent, margins, level));
            above.unwrap_or_else(|| highest(zones, recent, margins, &mut scratch))
        };
        part(replicates, blocks, block).map(highest).collect::<Vec<f64>>()
    });
    results.into_iter().flatten().collect()
}

/// Share of the first shuffle's highest ratio below which the others are not looked at, at first.
const LEVEL: f64 = 2.0 / 3.0;

/// Deals the days anew among the cases.
struct Shuffler {
    /// The site of each case, in the order of places.
    sites: Vec<u32>,
    recent: Counts,
    swaps: Vec<usize>,
    seed: u64,
}

impl Shuffler {
    /// The first cases of a shuffled list are as good as any, and only they get one of the last days, so only they are
    /// drawn. It is undone afterwards: every shuffle begins from the same list, whoever makes it.
    fn shuffle(&mut self, by_age: &[u32], replicate: u64) -> &Counts {
        let mut dice = Dice::new(self.seed, Draw::Shuffle, replicate);
        self.recent.clear();
        let mut at = 0;
        for (age, count) in by_age.iter().enumerate() {
            for _ in 0..*count {
                let other = at + dice.below((self.sites.len() - at) as u64) as usize;
                self.sites.swap(at, other);
                self.swaps.push(other);
                self.recent.add(self.sites[at], age as u16, 1);
                at += 1;
            }
        }
        while let Some(other) = self.swaps.pop() {
            at -= 1;
            self.sites.swap(at, other);
        }
        self.recent.accumulate();
        &self.recent
    }
}
