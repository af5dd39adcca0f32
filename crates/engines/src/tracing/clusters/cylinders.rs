//! The highest ratio over all cylinders, in two ways that give the same. For one number of days and one number of cases the
//! ratio falls with the cases of the circle: so [`highest`] keeps, for each number of cases, the smallest circle that holds
//! them, in whole numbers, and takes logarithms once at the end. [`highest_above`] asks only for ratios from a level on: for
//! each circle it is known beforehand how few cases are too few, and hardly any cylinder has more; lanes of whole numbers
//! are compared at once.

use super::zones::Zones;

/// Numbers of days that are compared at once.
const LANES: usize = 8;

/// Cases of the last days: for each site, how many within 1, 2, ... days.
#[derive(Clone, Debug)]
pub(super) struct Counts {
    days: usize,
    /// Numbers for each site: the days, rounded up to whole groups of lanes; what is over stays 0.
    stride: usize,
    within: Vec<u32>,
    /// The age of the youngest case of each site; the number of days where there is none.
    youngest: Vec<u16>,
    touched: Vec<u32>,
}

impl Counts {
    pub fn new(sites: usize, days: u16) -> Self {
        let stride = usize::from(days).next_multiple_of(LANES);
        let within = vec![0; sites * stride];
        Counts { days: usize::from(days), stride, within, youngest: vec![days; sites], touched: Vec::new() }
    }
    /// Adds cases of an age in days, 0 being today.
    #[inline]
    pub fn add(&mut self, site: u32, age: u16, count: u32) {
        let youngest = &mut self.youngest[site as usize];
        if usize::from(*youngest) == self.days {
            self.touched.push(site);
        }
        *youngest = (*youngest).min(age);
        self.within[site as usize * self.stride + usize::from(age)] += count;
    }
    /// Makes counts of days into counts within days.
    pub fn accumulate(&mut self) {
        for &site in &self.touched {
            let row = &mut self.within[site as usize * self.stride..][..self.days];
            for age in 1..row.len() {
                row[age] += row[age - 1];
            }
        }
    }
    /// Forgets all cases.
    pub fn clear(&mut self) {
        for site in self.touched.drain(..) {
            self.within[site as usize * self.stride..][..self.days].fill(0);
            self.youngest[site as usize] = self.days as u16;
        }
    }
}

/// What shuffling does not change: all cases, and those of the last days.
#[derive(Clone, Debug)]
pub(super) struct Margins {
    total: u32,
    cases_min: u32,
    /// Cases within 1, 2, ... days.
    within: Vec<u32>,
    /// Where the numbers of cases of each number of days begin in a scratch.
    starts: Vec<usize>,
}

/// For each number of days and of cases, the cases on all days of the smallest circle that holds them.
pub(super) struct Scratch {
    smallest: Vec<u32>,
    held: Vec<u32>,
}

impl Margins {
    pub fn new(total: u32, by_age: &[u32], cases_min: u32) -> Self {
        let (mut within, mut starts, mut sum, mut start) = (Vec::new(), Vec::new(), 0, 0);
        for count in by_age {
            sum += count;
            within.push(sum);
            starts.push(start);
            start += sum as usize + 1;
        }
        starts.push(start);
        Margins { total, cases_min: cases_min.max(1), within, starts }
    }
    pub fn scratch(&self) -> Scratch {
        let all = self.starts.last().copied().unwrap_or(0);
        Scratch { smallest: vec![u32::MAX; all], held: vec![0; self.within.len()] }
    }
    /// Cases expected in a circle within a number of days, given by its place.
    pub fn expected(&self, circle: u32, day: usize) -> f64 {
        f64::from(circle) * f64::from(self.within[day]) / f64::from(self.total)
    }
    /// The log-likelihood ratio of a cylinder; 0 if it holds no more than is expected, or too few.
    pub fn ratio(&self, observed: u32, circle: u32, day: usize) -> f64 {
        // Compared in whole numbers, so that nothing hangs on rounding.
        let more = u64::from(observed) * u64::from(self.total) > u64::from(circle) * u64::from(self.within[day]);
        if observed < self.cases_min || !more {
            return 0.0;
        }
        let (total, cases, expected) = (f64::from(self.total), f64::from(observed), self.expected(circle, day));
        let rest = total - cases;
        let outside = if rest > 0.0 { rest * (rest / (total - expected)).ln() } else { 0.0 };
        cases * (cases / expected).ln() + outside
    }
}

/// The highest ratio of all cylinders.
pub(super) fn highest(zones: &Zones, recent: &Counts, margins: &Margins, scratch: &mut Scratch) -> f64 {
    let days = recent.days;
    let Scratch { smallest, held } = scratch;
    smallest.fill(u32::MAX);
    for centre in 0..zones.centres() {
        held.fill(0);
        let mut changed = days;
        for member in zones.members(centre) {
            let youngest = usize::from(recent.youngest[member.site as usize]);
            if youngest < days {
                let row = &recent.within[member.site as usize * recent.stride..][youngest..days];
                held[youngest..].iter_mut().zip(row).for_each(|(held, more)| *held += more);
                changed = changed.min(youngest);
            }
            if member.ends && changed < days {
                for (held, start) in held[changed..].iter().zip(&margins.starts[changed..]) {
                    let smallest = &mut smallest[start + *held as usize];
                    *smallest = member.cases.min(*smallest);
                }
                changed = days;
            }
        }
    }
    let mut highest = 0.0_f64;
    for day in 0..days {
        let circles = &smallest[margins.starts[day]..margins.starts[day + 1]];
        for (cases, circle) in circles.iter().enumerate().filter(|(_, circle)| **circle != u32::MAX) {
            highest = highest.max(margins.ratio(cases as u32, *circle, day));
        }
    }
    highest
}

/// For each circle, by its cases on all days, and each number of days: the fewest cases whose ratio reaches a level.
pub(super) struct Level {
    stride: usize,
    least: Vec<u32>,
}

/// Most numbers that a level may take; a scan that needs more does without.
const LEVEL_MAX: usize = 1 << 24;

impl Level {
    /// Nothing if it would take too much memory.
    pub fn new(margins: &Margins, cases_max: u32, ratio: f64) -> Option<Level> {
        let days = margins.within.len();
        let stride = days.next_multiple_of(LANES);
        let circles = cases_max as usize + 1;
        if circles.checked_mul(stride).is_none_or(|numbers| numbers > LEVEL_MAX) {
            return None;
        }
        let mut least = vec![u32::MAX; circles * stride];
        for (day, within) in margins.within.iter().enumerate() {
            // With more cases in the circle more are needed, so each begins where the one before ended.
            let mut cases = 0;
            for circle in 0..circles {
                while cases <= *within && margins.ratio(cases, circle as u32, day) < ratio {
                    cases += 1;
                }
                if cases > *within {
                    break;
                }
                least[circle * stride + day] = cases;
            }
        }
        Some(Level { stride, least })
    }
}

/// The highest ratio of all cylinders if it reaches the level.
pub(super) fn highest_above(zones: &Zones, recent: &Counts, margins: &Margins, level: &Level) -> Option<f64> {
    let mut highest: Option<f64> = None;
    let groups = level.stride / LANES;
    let mut held = vec![[0_u32; LANES]; groups];
    for centre in 0..zones.centres() {
        held.fill([0; LANES]);
        for member in zones.members(centre) {
            let (more, _) = recent.within[member.site as usize * recent.stride..][..recent.stride].as_chunks::<LANES>();
            let (least, _) = level.least[member.cases as usize * level.stride..][..level.stride].as_chunks::<LANES>();
            for group in 0..groups {
                let (held, more, least) = (&mut held[group], &more[group], &least[group]);
                let mut reached = 0;
                for lane in 0..LANES {
                    held[lane] += more[lane];
                    reached |= u32::from(held[lane] >= least[lane]);
                }
                if reached != 0 && member.ends {
                    for (lane, &held) in held.iter().enumerate().filter(|(lane, held)| **held >= least[*lane]) {
                        let ratio = margins.ratio(held, member.cases, group * LANES + lane);
                        highest = Some(highest.map_or(ratio, |highest| highest.max(ratio)));
                    }
                }
            }
        }
    }
    highest
}

/// The best cylinder around a centre.
#[derive(Clone, Copy, Debug)]
pub(super) struct Best {
    /// Last member of the circle.
    pub circle: usize,
    pub days: u16,
    pub observed: u32,
    pub expected: f64,
    pub ratio: f64,
}

/// The best cylinder around a centre: the highest ratio, of several the smallest circle and the fewest days.
pub(super) fn best_of_centre(zones: &Zones, recent: &Counts, margins: &Margins, centre: usize) -> Option<Best> {
    let days = recent.days;
    let mut held = vec![0_u32; days];
    let mut best: Option<Best> = None;
    for (circle, member) in zones.members(centre).enumerate() {
        let row = &recent.within[member.site as usize * recent.stride..][..days];
        held.iter_mut().zip(row).for_each(|(held, more)| *held += more);
        if !member.ends {
            continue;
        }
        for (day, &observed) in held.iter().enumerate() {
            let ratio = margins.ratio(observed, member.cases, day);
            if ratio > best.map_or(0.0, |best| best.ratio) {
                let expected = margins.expected(member.cases, day);
                best = Some(Best { circle, days: day as u16 + 1, observed, expected, ratio });
            }
        }
    }
    best
}
