//! Contacts and exposures. An exposure is an evidence row; a contact is a person with at least one exposure.

use crate::{terms, time::Instant};

terms! {
    /// Class of a contact (ninth edition, guide to contacts; other packs use a subset).
    ContactClass {
        CoResident = "co_resident", Carer = "carer", Visitor = "visitor", AerosolProcedure = "aerosol_procedure",
        /// Same office, class or dormitory.
        SameRoom = "same_room",
        /// Shared meal, lift, toilet or badly ventilated room.
        SharedSpace = "shared_space",
        /// Same vehicle within a metre.
        Vehicle = "vehicle", Environment = "environment",
        /// Direct physical contact, body fluids, funeral (Ebola, mpox).
        Direct = "direct",
        Other = "other",
    }
}

terms! {
    /// Strength of a contact.
    ContactTier { Close = "close", Secondary = "secondary", Area = "area_stay" }
}

terms! {
    /// Why somebody is suggested to a tracer: what they have in common with a case by a roster that is lawfully held. Nobody becomes
    /// a contact by being suggested.
    Circle {
        /// Another door of the same unit.
        Unit = "unit",
        /// A swab in the same tube.
        Tube = "tube",
        /// A seat on the same trip.
        Trip = "trip",
        /// The same list of an employer or a school.
        List = "list",
        /// The same place at the same time, by a search that a second person approved.
        Place = "place",
    }
}

impl Circle {
    /// The class that is offered; the tracer chooses.
    pub const fn class(self) -> ContactClass {
        match self {
            // a lift, a staircase
            Circle::Unit | Circle::Place => ContactClass::SharedSpace,
            Circle::Tube => ContactClass::Other,
            Circle::Trip => ContactClass::Vehicle,
            Circle::List => ContactClass::SameRoom,
        }
    }
}

/// People of one circle that are suggested at most (R). Of a larger one the tracer asks for names: a roster of thousands read out to
/// somebody is a search and no interview.
pub const CIRCLE_MAX: usize = 40;

/// Hours within which contacts are to be named (contact-tracing indicators of Resolve to Save Lives; both are shown).
pub const NAMED_WITHIN_HOURS: [i64; 2] = [24, 48];

/// Figures of tracing for the cases of one place and day: counts that can be added up, and minutes of which the percentiles are taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Cases.
    pub cases: u64,
    /// Of these, people who had been listed as a contact of another case before they were found.
    pub known: u64,
    /// Of the cases, those whom an order kept at home or away since before the first day on which they could infect anybody, as
    /// the pack reckons it.
    pub held: u64,
    /// Contacts that were listed of these cases.
    pub contacts: u64,
    /// Of these, within each of [`NAMED_WITHIN_HOURS`] after the result.
    pub named: [u64; 2],
    /// Minutes from the result of the case to the contact at the place of the decision, of those who are there; in any order.
    pub placed_min: Vec<i64>,
}

impl Figures {
    /// A case was found, who was a contact before or not, and held before they could infect anybody or not.
    pub fn case(&mut self, known: bool, held: bool) {
        self.cases += 1;
        self.known += u64::from(known);
        self.held += u64::from(held);
    }

    /// A contact of a case that was found at a moment was listed, and placed or not yet.
    pub fn contact(&mut self, found: Instant, listed: Instant, placed: Option<Instant>) {
        self.contacts += 1;
        for (count, hours) in self.named.iter_mut().zip(NAMED_WITHIN_HOURS) {
            *count += u64::from(listed <= found.plus_hours(hours));
        }
        self.placed_min.extend(placed.map(|at| at.minutes_since(found).max(0)));
    }

    /// Adds the figures of another place or day.
    pub fn add(&mut self, other: &Figures) {
        self.cases += other.cases;
        self.known += other.known;
        self.held += other.held;
        self.contacts += other.contacts;
        self.named.iter_mut().zip(other.named).for_each(|(count, more)| *count += more);
        self.placed_min.extend(&other.placed_min);
    }

    /// Minutes to the place within which this share of those who are there were (nearest rank: a value that was measured);
    /// `None` where nobody is.
    pub fn placed_within(&self, percent: usize) -> Option<i64> {
        let mut sorted = self.placed_min.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * percent).div_ceil(100).max(1);
        sorted.get(rank - 1).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_count_at_the_boundary_and_percentiles_are_measured_values() {
        let at = |minutes: i64| Instant::from_micros(minutes * 60_000_000);
        let mut figures = Figures::default();
        assert_eq!(figures.placed_within(50), None);
        for minutes in [24 * 60, 24 * 60 + 1, 48 * 60, 48 * 60 + 1] {
            figures.contact(at(0), at(minutes), None);
        }
        assert_eq!((figures.contacts, figures.named), (4, [1, 3]));
        for minutes in [30, 10, 20] {
            figures.contact(at(0), at(0), Some(at(minutes)));
        }
        assert_eq!([1, 33, 34, 50, 95, 100].map(|p| figures.placed_within(p).unwrap()), [10, 10, 20, 20, 30, 30]);
        let mut sum = Figures::default();
        sum.case(true, false);
        sum.add(&figures);
        sum.add(&figures);
        assert_eq!((sum.cases, sum.known, sum.contacts, sum.named), (1, 1, 14, [8, 12]));
        assert_eq!(sum.placed_within(95), Some(30));
    }
}
