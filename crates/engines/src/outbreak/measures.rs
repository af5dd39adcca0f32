//! What is ordered in the city, as the outbreak feels it: who is held where, which buildings are confined, which groups are
//! closed, and how much of normal life goes on in each district. The caller (a drill, a policy) writes it down; the
//! outbreak only reads it, so the same measures on the same day give the same infections.

use super::people::{Bits, Holds};
use crate::city::Population;

/// Where somebody is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Hold {
    /// Not held.
    Free,
    /// At home, with the household.
    Home,
    /// In a hospital or an isolation site, away from everybody.
    Away,
}

/// Normal life in a district: 1 is a day without measures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Activity {
    /// Contacts between neighbours in a building.
    pub building: f32,
    /// In classes and lecture groups.
    pub school: f32,
    /// At work.
    pub work: f32,
    /// At markets, in transport and elsewhere.
    pub community: f32,
    /// Share of contacts outside the household that people under an order to stay at home do avoid.
    pub compliance: f32,
}

impl Default for Activity {
    fn default() -> Self {
        Activity { building: 1.0, school: 1.0, work: 1.0, community: 1.0, compliance: 0.9 }
    }
}

/// Everything that is ordered on a day.
#[derive(Clone, Debug)]
pub struct Measures {
    holds: Holds,
    confined: Bits,
    enclosed: Bits,
    closed: Bits,
    activity: Vec<Activity>,
}

impl Measures {
    /// No measures.
    pub fn none(city: &Population) -> Measures {
        Measures {
            holds: Holds::new(city.people()),
            confined: Bits::new(city.buildings()),
            enclosed: Bits::new(city.people()),
            closed: Bits::new(city.groups()),
            activity: vec![Activity::default(); usize::from(city.districts())],
        }
    }

    /// Orders where a person stays from now on.
    pub fn hold(&mut self, person: u32, hold: Hold) {
        self.holds.set(person, hold);
    }
    /// Where a person is held.
    #[inline]
    pub fn hold_of(&self, person: u32) -> Hold {
        self.holds.of(person)
    }
    /// Whether a person is held away from home.
    #[inline]
    pub(crate) fn is_away(&self, person: u32) -> bool {
        self.holds.away(person)
    }
    /// Whether a person is not held.
    #[inline]
    pub(crate) fn is_free(&self, person: u32) -> bool {
        self.holds.free(person)
    }
    /// Confines a building, or opens it again.
    pub fn confine(&mut self, building: u32, confined: bool) {
        self.confined.set(building, confined);
    }
    /// Whether a building is confined.
    #[inline]
    pub fn is_confined(&self, building: u32) -> bool {
        self.confined.has(building)
    }
    /// Whether any building is confined.
    #[inline]
    pub(crate) fn confines(&self) -> bool {
        self.confined.count > 0
    }
    /// Confines people who live side by side, whatever part of a building or of several that is, or lets them out again.
    pub fn enclose(&mut self, people: std::ops::Range<u32>, enclosed: bool) {
        people.for_each(|person| self.enclosed.set(person, enclosed));
    }
    /// Whether a person is confined with an area that was not drawn as a whole building.
    #[inline]
    pub fn is_enclosed(&self, person: u32) -> bool {
        self.enclosed.has(person)
    }
    /// Whether any such area stands.
    #[inline]
    pub(crate) fn encloses(&self) -> bool {
        self.enclosed.count > 0
    }
    /// Whether any group is closed.
    #[inline]
    pub(crate) fn closes(&self) -> bool {
        self.closed.count > 0
    }
    /// Closes a class or workplace, or opens it again.
    pub fn close(&mut self, group: u32, closed: bool) {
        self.closed.set(group, closed);
    }
    /// Whether a group is closed.
    #[inline]
    pub fn is_closed(&self, group: u32) -> bool {
        self.closed.has(group)
    }
    /// Sets how much of normal life goes on in a district.
    pub fn set_activity(&mut self, district: u16, activity: Activity) {
        self.activity[usize::from(district)] = activity;
    }
    /// How much of normal life goes on in a district.
    #[inline]
    pub fn activity(&self, district: u16) -> &Activity {
        &self.activity[usize::from(district)]
    }
}
