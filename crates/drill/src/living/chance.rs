//! Every draw of a drill: a hash of the seed, its purpose and an index, so that a drill is the same on every run.

use dayclear_engines::city::Dice;

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
