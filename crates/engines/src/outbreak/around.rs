//! With how many others a person meets, and who they may be: the household, the group of the working day, the building, the
//! market, transport, and anywhere in the city. Contacts are drawn when they are needed and never stored. A city is larger than
//! any cache, so what is needed of many people is read for all of them before the next thing: reads of memory then overlap.

use super::{
    disease::Contacts,
    layers::{Layer, unit},
};
use crate::city::{Occupation, Population, chance::Dice, population::Row};
use dayclear_core::roster::KeyGroup;
use std::ops::Range;

/// Mean contacts of a person outside the household on a day without measures.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outside {
    pub building: f32,
    pub group: f32,
    pub community: f32,
}

impl Outside {
    fn of(contacts: &Contacts, row: Row) -> Outside {
        let occupation = row.occupation();
        let group = match occupation {
            Occupation::None => 0.0,
            Occupation::Class | Occupation::Student => contacts.class,
            Occupation::Work => contacts.work,
            Occupation::Care => contacts.care,
        };
        let public = matches!(row.key_group(), Some(KeyGroup::Market | KeyGroup::Courier | KeyGroup::Transport));
        let community = match occupation {
            // small children are out as much as those who have a group
            Occupation::None if row.age() >= 6 => contacts.community_at_home,
            Occupation::Care if row.age() >= 70 => 0.0,
            _ if public => contacts.community * contacts.public_work,
            _ => contacts.community,
        };
        let building = match occupation {
            Occupation::Care if row.age() >= 70 => 0.0,
            _ if row.in_dormitory() => contacts.dormitory,
            _ => contacts.building,
        };
        Outside { building: building as f32, group: group as f32, community: community as f32 }
    }

    /// All of them.
    #[inline]
    pub fn sum(&self) -> f32 {
        self.building + self.group + self.community
    }
}

/// Ages from which people have other contacts, and one of each kind.
const AGES: [u8; 3] = [0, 6, 70];

/// Mean contacts of everybody, by role and age: most of a case is read once from its row and once from here.
#[derive(Clone)]
pub(crate) struct Means {
    table: Vec<Outside>,
    /// Shares of contacts in the community at the market, and there or in transport.
    market: f32,
    transport: f32,
}

impl Means {
    pub fn new(contacts: &Contacts) -> Means {
        let rows = AGES.iter().flat_map(|age| (0..Row::ROLES).map(|role| Row::like(role as u8, *age)));
        Means {
            table: rows.map(|row| Outside::of(contacts, row)).collect(),
            market: contacts.market as f32,
            transport: (contacts.market + contacts.transport) as f32,
        }
    }

    /// Mean contacts of whoever has this row.
    #[inline]
    pub fn of(&self, row: Row) -> Outside {
        let kind = usize::from(row.age() >= AGES[1]) + usize::from(row.age() >= AGES[2]);
        self.table[kind * Row::ROLES + row.role()]
    }

    /// No person has more contacts outside the household than this.
    pub fn most(contacts: &Contacts) -> f32 {
        let group = contacts.class.max(contacts.work).max(contacts.care);
        let community = (contacts.community * contacts.public_work.max(1.0)).max(contacts.community_at_home);
        (contacts.building.max(contacts.dormitory) + group + community) as f32
    }
}

/// Whom a drawn contact is with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Met {
    /// A person.
    Person(u32),
    /// Whoever has this slot in a group, which may be the person itself.
    Slot(u32),
}

/// What lies around a person.
#[derive(Clone, Debug)]
pub(crate) struct Around {
    pub person: u32,
    pub outside: Outside,
    pub household: Range<u32>,
    occupation: Occupation,
    /// Slots of the group, from when the places were read.
    group: Range<u32>,
    building: Range<u32>,
    market: Range<u32>,
    district: Range<u32>,
    /// The slot of the person, and where the search for its group begins.
    slot: u32,
    near: u32,
}

impl Around {
    /// What the row of a person says; the places are not read yet.
    #[inline]
    pub fn new(person: u32, row: Row, outside: Outside) -> Around {
        Around {
            person,
            outside,
            household: row.household(person),
            occupation: row.occupation(),
            group: 0..0,
            building: 0..0,
            market: 0..0,
            district: 0..0,
            slot: 0,
            near: 0,
        }
    }

    /// Everything around one person.
    pub fn of(city: &Population, means: &Means, person: u32) -> Around {
        let row = city.row(person);
        let mut around = [Around::new(person, row, means.of(row))];
        Around::places(city, &mut around, |one| one);
        let [around] = around;
        around
    }

    /// Everything around each of some people.
    pub fn all(city: &Population, means: &Means, people: impl Iterator<Item = u32>) -> Vec<Around> {
        let rows: Vec<(u32, Row)> = people.map(|person| (person, city.row(person))).collect();
        let mut all: Vec<Around> =
            rows.into_iter().map(|(person, row)| Around::new(person, row, means.of(row))).collect();
        Around::places(city, &mut all, |one| one);
        all
    }

    /// Reads the places of some people, who stand within something of the caller's.
    pub fn places<T>(city: &Population, all: &mut [T], around: impl Fn(&mut T) -> &mut Around) {
        let groups = city.places();
        for one in all.iter_mut().map(&around) {
            one.slot = groups.slot(one.person);
        }
        for one in all.iter_mut().map(&around) {
            one.near = groups.near(one.slot);
        }
        for one in all.iter_mut().map(&around) {
            one.building = city.building(city.building_of(one.person));
            one.market = city.market(city.market_of(one.person));
            one.district = city.district(city.district_of(one.person));
        }
        for one in all.iter_mut().map(&around) {
            one.group = groups.around(one.slot, one.near);
        }
    }

    /// Draws with whom one contact outside the household is. Nobody, where the place is too small for so many contacts.
    #[inline]
    pub fn meet(&self, means: &Means, city: &Population, dice: &mut Dice) -> Option<(Met, Layer)> {
        let outside = &self.outside;
        let mut place = unit(dice) * outside.sum();
        if place < outside.group {
            let size = self.group.end - self.group.start;
            let others = size.checked_sub(1)?;
            if (others as f32) < outside.group && unit(dice) * outside.group >= others as f32 {
                return None;
            }
            let layer = match self.occupation {
                Occupation::Class | Occupation::Student => Layer::School,
                Occupation::Care => Layer::Care,
                _ => Layer::Work,
            };
            return Some((Met::Slot(self.group.start + dice.below(u64::from(size)) as u32), layer));
        }
        place -= outside.group;
        let (range, layer) = if place < outside.building {
            (self.building.clone(), Layer::Building)
        } else {
            match (place - outside.building) / outside.community {
                share if share < means.market => (self.market.clone(), Layer::Market),
                share if share < means.transport => (self.district.clone(), Layer::Transport),
                _ => (0..city.people(), Layer::City),
            }
        };
        let met = range.start + dice.below(u64::from(range.end - range.start)) as u32;
        (!self.household.contains(&met)).then_some((Met::Person(met), layer))
    }
}
