//! A laboratory's time: tubes are taken into work in the order in which they arrive, at a steady rate within opening hours; the
//! result is out a turnaround later.

use super::Laboratory;

pub(super) struct Clock {
    /// Tubes a minute.
    rate: f64,
    open: Vec<(f64, f64)>,
    turnaround: f64,
}

impl Clock {
    pub fn new(laboratory: &Laboratory) -> Clock {
        let open = laboratory.open.iter().copied().filter(|(from, to)| to > from).collect();
        Clock { rate: (laboratory.tubes_an_hour / 60.0).max(0.0), open, turnaround: laboratory.turnaround_min }
    }

    /// Whether it ever works.
    pub fn ever(&self) -> bool {
        self.rate > 0.0 && !self.open.is_empty()
    }

    /// Minutes from work to result.
    pub fn turnaround(&self) -> f64 {
        self.turnaround
    }

    /// Tubes that it can take into work from a time on, whose results are out by another.
    pub fn tubes(&self, from: f64, results_by: f64) -> f64 {
        let end = results_by - self.turnaround;
        let minutes: f64 = self.open.iter().map(|(a, b)| (b.min(end) - a.max(from)).max(0.0)).sum();
        minutes * self.rate
    }

    /// When work of so many tubes that begins at a time is done; infinite if it closes before.
    fn worked(&self, from: f64, tubes: f64) -> f64 {
        if self.rate <= 0.0 {
            return f64::INFINITY;
        }
        let mut minutes = tubes / self.rate;
        for (open, close) in &self.open {
            let begin = open.max(from);
            if *close <= begin {
                continue;
            }
            if close - begin >= minutes - 1e-9 {
                return begin + minutes;
            }
            minutes -= close - begin;
        }
        f64::INFINITY
    }

    /// When work of so many tubes has to begin at the latest to be done by a time; before everything if it cannot be.
    pub fn begun(&self, by: f64, tubes: f64) -> f64 {
        if self.rate <= 0.0 {
            return f64::NEG_INFINITY;
        }
        let mut minutes = tubes / self.rate;
        for (open, close) in self.open.iter().rev() {
            let end = close.min(by);
            if end <= *open {
                continue;
            }
            if end - open >= minutes - 1e-9 {
                return end - minutes;
            }
            minutes -= end - open;
        }
        f64::NEG_INFINITY
    }

    /// When the results of a box that arrives at a time are out if nothing else is there.
    pub fn alone(&self, arrival: f64, tubes: f64) -> f64 {
        self.worked(arrival, tubes) + self.turnaround
    }

    /// When the last result of a load is out; 0 without any. Sorts the load by arrival.
    pub fn last(&self, load: &mut [(f64, u32)]) -> f64 {
        load.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut free = 0.0_f64;
        for (arrival, tubes) in load.iter() {
            free = self.worked(free.max(*arrival), f64::from(*tubes));
        }
        if load.is_empty() { 0.0 } else { free + self.turnaround }
    }
}
