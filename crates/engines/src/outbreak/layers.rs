//! Where people meet: the household, the building, the group of the working day, the market, transport, and anywhere in
//! the city. Whether a drawn contact takes place under the measures of the day is decided by a draw of its own, so measures
//! take contacts away and never change the others.

use super::{measures::Hold, measures::Measures};
use crate::city::{Population, chance::Dice};

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
