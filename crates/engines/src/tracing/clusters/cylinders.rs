//! The highest ratio over all cylinders. For one number of days and one number of cases the ratio falls with the cases
//! expected, which grow with the cases of the circle: so a shuffle only keeps, for each number of cases, the smallest circle
//! that holds them, in whole numbers, and takes logarithms once at the end.

use super::zones::Zones;

/// Cases of the last days: for each site, how many within 1, 2, ... days.
#[derive(Clone, Debug)]
pub(super) struct Counts {
    days: usize,
    within: Vec<u32>,
    /// The age of the youngest case of each site; the number of days where there is none.
    youngest: Vec<u16>,
    touched: Vec<u32>,
}

impl Counts {
    pub fn new(sites: usize, days: u16) -> Self {
        let within = vec![0; sites * usize::from(days)];
        Counts { days: usize::from(days), within, youngest: vec![days; sites], touched: Vec::new() }
    }
    /// Adds cases of an age in days, 0 being today.
    #[inline]
    pub fn add(&mut self, site: u32, age: u16, count: u32) {
        let youngest = &mut self.youngest[site as usize];
        if usize::from(*youngest) == self.days {
            self.touched.push(site);
        }
        *youngest = (*youngest).min(age);
        self.within[site as usize * self.days + usize::from(age)] += count;
    }
    /// Makes counts of days into counts within days.
    pub fn accumulate(&mut self) {
        for &site in &self.touched {
            let row = &mut self.within[site as usize * self.days..][..self.days];
            for age in 1..row.len() {
                row[age] += row[age - 1];
            }
        }
    }
    /// Forgets all cases.
    pub fn clear(&mut self) {
        for site in self.touched.drain(..) {
            self.within[site as usize * self.days..][..self.days].fill(0);
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
                let row = &recent.within[member.site as usize * days..][youngest..days];
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
        let row = &recent.within[member.site as usize * days..][..days];
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
