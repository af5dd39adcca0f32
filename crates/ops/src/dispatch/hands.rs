//! What dispatchers said of transfers, as a plan needs it: which vehicles and places are left, and who goes first. The last word that frees
//! begins anew; of several people who go together everybody's words hold.

use dayclear_core::transfer::Direction;
use dayclear_engines::dispatch::Hand;
use dayclear_store::{
    dispatch::Directed,
    transfer::{Facility, Shift},
};
use std::collections::HashMap;

/// Stands for a vehicle or a place that is not there: nothing else is allowed either.
const NONE: usize = usize::MAX;

/// What holds of a transfer now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// Vehicle and place that were chosen.
    pub pinned: (Option<String>, Option<String>),
    /// Vehicles and places that were ruled out.
    pub forbidden: (Vec<String>, Vec<String>),
    /// They go first.
    pub first: bool,
}

impl Said {
    /// Takes one word more into account, of a vehicle and a place.
    pub(crate) fn hears(&mut self, word: Direction, (vehicle, facility): (Option<String>, Option<String>)) {
        match word {
            Direction::Free => *self = Said::default(),
            Direction::First => self.first = true,
            Direction::Pin => {
                self.pinned.0 = vehicle.or(self.pinned.0.take());
                self.pinned.1 = facility.or(self.pinned.1.take());
            }
            Direction::Forbid => {
                self.forbidden.0.extend(vehicle);
                self.forbidden.1.extend(facility);
            }
        }
    }
}

/// What holds of each transfer, from words in their order.
pub(crate) fn said(words: &[Directed]) -> HashMap<String, Said> {
    let mut all: HashMap<String, Said> = HashMap::new();
    for word in words {
        let means = (word.vehicle.clone(), word.facility.clone());
        all.entry(word.transfer.clone()).or_default().hears(word.word, means);
    }
    all.retain(|_, said| *said != Said::default());
    all
}

/// What people who go together may do.
pub(crate) fn hand<'s>(
    together: impl Iterator<Item = &'s Said>,
    shifts: &[Shift],
    facilities: &[Facility],
) -> (Hand, bool) {
    let (mut hand, mut first) = (Hand::default(), false);
    let of_vehicle =
        |vehicle: &str| -> Vec<usize> { (0..shifts.len()).filter(|at| shifts[*at].vehicle == vehicle).collect() };
    let of_facility = |facility: &str| -> Vec<usize> {
        (0..facilities.len()).filter(|at| facilities[*at].facility == facility).collect()
    };
    for said in together {
        first |= said.first;
        for (chosen, only) in [
            (said.pinned.0.as_deref().map(of_vehicle), &mut hand.trucks),
            (said.pinned.1.as_deref().map(of_facility), &mut hand.facilities),
        ] {
            let Some(chosen) = chosen else { continue };
            let both: Vec<usize> = match only.is_empty() {
                true => chosen,
                false => only.iter().copied().filter(|at| chosen.contains(at)).collect(),
            };
            *only = if both.is_empty() { vec![NONE] } else { both };
        }
        hand.not_trucks.extend(said.forbidden.0.iter().flat_map(|vehicle| of_vehicle(vehicle)));
        hand.not_facilities.extend(said.forbidden.1.iter().flat_map(|facility| of_facility(facility)));
    }
    (hand, first)
}
