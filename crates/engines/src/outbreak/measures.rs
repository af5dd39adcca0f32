//! What is ordered in the city, as the outbreak feels it: who is held where, which buildings are confined, which groups are
//! closed, and how much of normal life goes on in each district. The caller (a drill, a policy) writes it down; the
//! outbreak only reads it, so the same measures on the same day give the same infections.

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
    holds: Vec<u8>,
    confined: Bits,
    enclosed: Bits,
    closed: Bits,
    activity: Vec<Activity>,
}

impl Measures {
    /// No measures.
    pub fn none(city: &Population) -> Measures {
        Measures {
            holds: vec![Hold::Free as u8; city.people() as usize],
            confined: Bits::new(city.buildings()),
            enclosed: Bits::new(city.people()),
            closed: Bits::new(city.groups()),
            activity: vec![Activity::default(); usize::from(city.districts())],
        }
    }

    /// Orders where a person stays from now on.
    pub fn hold(&mut self, person: u32, hold: Hold) {
        self.holds[person as usize] = hold as u8;
    }
    /// Where a person is held.
    #[inline]
    pub fn hold_of(&self, person: u32) -> Hold {
        match self.holds[person as usize] {
            0 => Hold::Free,
            1 => Hold::Home,
            _ => Hold::Away,
        }
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

/// A set of numbers that knows how many it holds.
#[derive(Clone, Debug)]
pub(super) struct Bits {
    words: Vec<u64>,
    pub(super) count: u32,
}

impl Bits {
    pub(super) fn new(size: u32) -> Bits {
        Bits { words: vec![0; size as usize / 64 + 1], count: 0 }
    }
    pub(super) fn set(&mut self, at: u32, value: bool) {
        if self.has(at) != value {
            self.words[at as usize / 64] ^= 1 << (at % 64);
            self.count = if value { self.count + 1 } else { self.count - 1 };
        }
    }
    #[inline]
    pub(super) fn has(&self, at: u32) -> bool {
        self.words[at as usize / 64] >> (at % 64) & 1 == 1
    }
}
