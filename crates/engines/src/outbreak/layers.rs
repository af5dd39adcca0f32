//! Where people meet: the household, the building, the group of the working day, the market, transport, and anywhere in
//! the city. Contacts are drawn when they are needed and never stored; whether a drawn contact takes place under the
//! measures of the day is decided by a draw of its own, so measures take contacts away and never change the others.

use super::{disease::Contacts, measures::Hold, measures::Measures};
use crate::city::{Occupation, Population, chance::Dice};
use dayclear_core::roster::KeyGroup;

/// Where two people met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Layer {
    /// The household, or the room of a dormitory.
    Household,
    /// The building.
    Building,
    /// A class or lecture group.
    School,
    /// A workplace.
    Work,
    /// A care home.
    Care,
    /// The market.
    Market,
    /// Transport, and elsewhere in the district.
    Transport,
    /// Anywhere in the city.
    City,
    /// From outside the city.
    Import,
}

impl Layer {
    /// All of them, in order.
    pub const ALL: [Layer; 9] = [
        Layer::Household,
        Layer::Building,
        Layer::School,
        Layer::Work,
        Layer::Care,
        Layer::Market,
        Layer::Transport,
        Layer::City,
        Layer::Import,
    ];
    /// Name in tables.
    pub fn name(self) -> &'static str {
        ["household", "building", "school", "work", "care", "market", "transport", "city", "import"][self as usize]
    }
}

/// Mean contacts of a person outside the household on a day without measures.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outside {
    pub building: f32,
    pub group: f32,
    pub community: f32,
}

impl Outside {
    #[inline]
    pub fn of(contacts: &Contacts, city: &Population, person: u32) -> Outside {
        let occupation = city.occupation(person);
        let group = match occupation {
            Occupation::None => 0.0,
            Occupation::Class | Occupation::Student => contacts.class,
            Occupation::Work => contacts.work,
            Occupation::Care => contacts.care,
        };
        let public = matches!(city.key_group(person), Some(KeyGroup::Market | KeyGroup::Courier | KeyGroup::Transport));
        let community = match occupation {
            // small children are out as much as those who have a group
            Occupation::None if city.age(person) >= 6 => contacts.community_at_home,
            Occupation::Care if city.age(person) >= 70 => 0.0,
            _ if public => contacts.community * contacts.public_work,
            _ => contacts.community,
        };
        let building = match occupation {
            Occupation::Care if city.age(person) >= 70 => 0.0,
            _ if city.in_dormitory(person) => contacts.dormitory,
            _ => contacts.building,
        };
        Outside { building: building as f32, group: group as f32, community: community as f32 }
    }

    /// No person has more of them than this.
    pub fn most(contacts: &Contacts) -> f32 {
        let group = contacts.class.max(contacts.work).max(contacts.care);
        let community = (contacts.community * contacts.public_work.max(1.0)).max(contacts.community_at_home);
        (contacts.building.max(contacts.dormitory) + group + community) as f32
    }

    /// All of them.
    #[inline]
    pub fn sum(&self) -> f32 {
        self.building + self.group + self.community
    }

    /// Draws with whom one contact outside the household is. Nobody, where the place is too small for so many contacts.
    #[inline]
    pub fn meet(&self, contacts: &Contacts, city: &Population, person: u32, dice: &mut Dice) -> Option<(u32, Layer)> {
        let mut place = unit(dice) * self.sum();
        if place < self.group {
            let group = city.group_around(person)?;
            let others = group.len().saturating_sub(1);
            if (others as f32) < self.group && unit(dice) * self.group >= others as f32 {
                return None;
            }
            let layer = match city.occupation(person) {
                Occupation::Class | Occupation::Student => Layer::School,
                Occupation::Care => Layer::Care,
                _ => Layer::Work,
            };
            return Some((group[dice.below(group.len() as u64) as usize], layer)).filter(|(met, _)| *met != person);
        }
        place -= self.group;
        let (range, layer) = if place < self.building {
            (city.building(city.building_of(person)), Layer::Building)
        } else {
            match (place - self.building) / self.community {
                share if share < contacts.market as f32 => (city.market(city.market_of(person)), Layer::Market),
                share if share < (contacts.market + contacts.transport) as f32 => {
                    (city.district(city.district_of(person)), Layer::Transport)
                }
                _ => (0..city.people(), Layer::City),
            }
        };
        let met = range.start + dice.below(u64::from(range.end - range.start)) as u32;
        let own = city.household(person);
        (!own.contains(&met)).then_some((met, layer))
    }
}

/// Probability that a contact takes place under the measures.
#[inline]
pub(crate) fn takes_place(measures: &Measures, city: &Population, person: u32, met: u32, layer: Layer) -> f32 {
    if measures.hold_of(person) == Hold::Away || measures.hold_of(met) == Hold::Away {
        return 0.0;
    }
    if layer == Layer::Household {
        return 1.0;
    }
    let activity = measures.activity(city.district_of(person));
    let mut open = match layer {
        Layer::Building => activity.building,
        Layer::School => activity.school,
        Layer::Work => activity.work,
        Layer::Care => 1.0,
        _ => activity.community,
    };
    if measures.closes()
        && matches!(layer, Layer::School | Layer::Work)
        && city.group_of(person).is_some_and(|group| measures.is_closed(group))
    {
        open *= 1.0 - activity.compliance;
    }
    for side in [person, met] {
        let confined = || {
            measures.confines() && measures.is_confined(city.building_of(side))
                || measures.encloses() && measures.is_enclosed(side)
        };
        if measures.hold_of(side) == Hold::Home || confined() {
            open *= 1.0 - activity.compliance;
        }
    }
    open
}

/// An even draw from 0 up to 1.
#[inline]
pub(crate) fn unit(dice: &mut Dice) -> f32 {
    (dice.next() >> 40) as f32 / 16_777_216.0
}
