//! Where people spend their working day: classes, lecture groups, workplaces and care homes. Everybody with an occupation
//! is drawn into a zone (a school catchment and a year, a community, a district, the centre), the people of a zone are
//! shuffled and cut into groups. It keeps 8 bytes for a person with a group, and the order of people within a group is
//! chance, so that the first of it are as good as any.

use super::{
    chance::{Dice, Draw},
    layout::{Housing, Layout},
    people::Member,
    population::Occupation,
    spans::Spans,
};
use dayclear_core::roster::KeyGroup;
use std::ops::Range;

/// Share of an age group in school and at work, per 100,000: `data/city/participation.csv`.
const SCHOOL: [(u8, u32); 4] = [(3, 85_200), (6, 100_000), (15, 91_200), (18, 0)];
const WORK: [(u8, u32); 10] = [
    (0, 0),
    (18, 60_000),
    (25, 88_000),
    (30, 90_000),
    (50, 84_000),
    (55, 70_000),
    (60, 45_000),
    (65, 30_000),
    (70, 15_000),
    (75, 5_000),
];
/// Neighbouring communities of one school, and years of age from nursery to the end of school.
const SCHOOL_COMMUNITIES: usize = 4;
const YEARS: std::ops::RangeInclusive<u8> = 3..=17;
/// Pupils and teachers of a class, and students of a lecture group.
const CLASS: u32 = 42;
const LECTURE: u32 = 30;
/// Staff of care homes, per 100,000 workers of a community that has one (about one to four residents).
const CARE_STAFF: u32 = 1_500;
/// Where people work: per 100 workers in their own community and in their district; the others in the city's centre, if
/// they live in one of its districts. Assumed.
const LOCAL: (u64, u64) = (40, 50);
/// People of a workplace who meet each other, and how common such workplaces are. Assumed, with a long tail.
const WORKPLACES: [(u32, u32); 6] = [(3, 20), (6, 25), (12, 25), (25, 16), (50, 10), (100, 4)];

/// Numbers of zones, by kind: classes first, then lectures, work in a community, in a district and in the centre, care.
pub(super) struct Zones {
    /// School of each community.
    school: Vec<u32>,
    schools: u32,
    communities: u32,
    districts: u32,
    /// Communities with a care home.
    care: Vec<bool>,
}

impl Zones {
    /// No group.
    pub const NONE: u32 = u32::MAX;

    pub fn new(layout: &Layout) -> Zones {
        let (mut school, mut schools, mut in_district) = (Vec::new(), 0, 0);
        let mut last = None;
        for community in &layout.communities {
            if last != Some(community.district) {
                (last, in_district) = (Some(community.district), 0);
            }
            if in_district % SCHOOL_COMMUNITIES == 0 {
                schools += 1;
            }
            in_district += 1;
            school.push(schools - 1);
        }
        let mut care = vec![false; layout.communities.len()];
        for building in layout.buildings.iter().filter(|building| building.housing == Housing::Care) {
            care[building.community as usize] = true;
        }
        let (communities, districts) = (layout.communities.len() as u32, layout.sources.districts.len() as u32);
        Zones { school, schools, communities, districts, care }
    }

    fn years(&self) -> u32 {
        u32::from(YEARS.end() - YEARS.start()) + 1
    }
    fn lectures(&self) -> u32 {
        self.schools * self.years()
    }
    fn work(&self) -> u32 {
        self.lectures() + self.communities
    }
    fn care(&self) -> u32 {
        self.work() + self.communities + self.districts + 1
    }
    fn count(&self) -> u32 {
        self.care() + self.communities
    }

    fn class(&self, community: u32, age: u8) -> u32 {
        self.school[community as usize] * self.years() + u32::from(age - YEARS.start())
    }

    /// What somebody does, and in which zone.
    pub fn of(&self, layout: &Layout, community: u32, housing: Housing, member: &Member) -> (Occupation, u32) {
        let nobody = (Occupation::None, Zones::NONE);
        match housing {
            Housing::Care => return (Occupation::Care, self.care() + community),
            Housing::Students => return (Occupation::Student, self.lectures() + community),
            Housing::Family | Housing::Workers => {}
        }
        let mut dice = Dice::new(layout.seed, Draw::Employment, u64::from(member.person));
        if YEARS.contains(&member.age) {
            let enrolled = dice.hits(share(&SCHOOL, member.age));
            return if enrolled { (Occupation::Class, self.class(community, member.age)) } else { nobody };
        }
        let works = housing == Housing::Workers || member.key_group.is_some_and(|group| group != KeyGroup::CareHome);
        if !(works && member.age >= 18 || dice.hits(share(&WORK, member.age))) {
            return nobody;
        }
        if member.key_group == Some(KeyGroup::School) {
            let year = dice.between(u32::from(*YEARS.start()), u32::from(*YEARS.end()));
            return (Occupation::Class, self.class(community, year as u8));
        }
        if self.care[community as usize] && dice.hits(CARE_STAFF) {
            return (Occupation::Care, self.care() + community);
        }
        let district = layout.communities[community as usize].district;
        let zone = match dice.below(100) {
            draw if draw < LOCAL.0 => community,
            draw if draw < LOCAL.0 + LOCAL.1 || layout.sources.districts[district].group != 0 => {
                self.communities + district as u32
            }
            _ => self.communities + self.districts,
        };
        (Occupation::Work, self.work() + zone)
    }

    /// Cuts a zone of so many people into groups: gives the size of the next one.
    fn cut(&self, zone: u32, left: u32, dice: &mut Dice) -> u32 {
        let even = |size: u32| left.div_ceil((left + size / 2).div_euclid(size).max(1));
        let size = if zone < self.lectures() {
            even(CLASS)
        } else if zone < self.work() {
            even(LECTURE)
        } else if zone < self.care() {
            dice.weighted(&WORKPLACES)
        } else {
            left
        };
        size.min(left)
    }
}

#[inline]
fn share(table: &[(u8, u32)], age: u8) -> u32 {
    table.iter().rev().find(|(from, _)| *from <= age).map_or(0, |(_, share)| *share)
}

/// The groups: everybody who has one has a slot, and the slots of a group follow each other.
pub(crate) struct Groups {
    slots: Vec<u32>,
    people: Vec<u32>,
    spans: Spans,
}

impl Groups {
    /// From the zone of each person; their array becomes that of their slots.
    pub(super) fn new(seed: u64, plan: &Zones, zones: Vec<u32>) -> Groups {
        let mut starts = vec![0u32; plan.count() as usize + 1];
        for zone in zones.iter().filter(|zone| **zone != Zones::NONE) {
            starts[*zone as usize + 1] += 1;
        }
        for zone in 0..plan.count() as usize {
            starts[zone + 1] += starts[zone];
        }
        let mut people = vec![0u32; starts[starts.len() - 1] as usize];
        let mut next = starts.clone();
        for (person, zone) in zones.iter().enumerate().filter(|(_, zone)| **zone != Zones::NONE) {
            let slot = &mut next[*zone as usize];
            people[*slot as usize] = person as u32;
            *slot += 1;
        }
        drop(next);
        let mut first = Vec::new();
        for zone in 0..plan.count() {
            let (from, to) = (starts[zone as usize], starts[zone as usize + 1]);
            let mut dice = Dice::new(seed, Draw::Zone, u64::from(zone));
            let members = &mut people[from as usize..to as usize];
            for place in (1..members.len()).rev() {
                members.swap(place, dice.below(place as u64 + 1) as usize);
            }
            let mut next = from;
            while next < to {
                first.push(next);
                next += plan.cut(zone, to - next, &mut dice);
            }
        }
        first.push(people.len() as u32);
        first.shrink_to_fit();
        let mut slots = zones;
        for (slot, person) in people.iter().enumerate() {
            slots[*person as usize] = slot as u32;
        }
        Groups { slots, people, spans: Spans::new(first) }
    }

    /// Number of groups.
    pub fn len(&self) -> u32 {
        self.spans.len()
    }

    /// The group of a person.
    pub fn of(&self, person: u32) -> Option<u32> {
        let slot = self.slots[person as usize];
        (slot != Zones::NONE).then(|| self.spans.of(slot))
    }

    /// Slot of a person; one that is in no group, for a person without.
    #[inline]
    pub fn slot(&self, person: u32) -> u32 {
        self.slots[person as usize]
    }

    /// Where the search for the group of a slot begins.
    #[inline]
    pub fn near(&self, slot: u32) -> u32 {
        self.spans.near(slot)
    }

    /// Slots of the group of a slot, from where its search begins; none for a person without a group.
    #[inline]
    pub fn around(&self, slot: u32, near: u32) -> Range<u32> {
        if slot == Zones::NONE { 0..0 } else { self.spans.range(self.spans.from(slot, near)) }
    }

    /// Who has a slot.
    #[inline]
    pub fn in_slot(&self, slot: u32) -> u32 {
        self.people[slot as usize]
    }

    /// The people of a group.
    #[inline]
    pub fn members(&self, group: u32) -> &[u32] {
        let range = self.spans.range(group);
        &self.people[range.start as usize..range.end as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn participation_is_that_of_the_file() {
        let text = include_str!("../../../../data/city/participation.csv");
        for line in text.lines().skip(1) {
            let cells: Vec<&str> = line.splitn(4, ',').collect();
            let (kind, from, percent) = (cells[0], cells[1].parse::<u8>().unwrap(), cells[2].parse::<f64>().unwrap());
            let table: &[(u8, u32)] = if kind == "school" { &SCHOOL } else { &WORK };
            let own = table.iter().find(|(age, _)| *age == from).unwrap().1;
            assert_eq!(f64::from(own), percent * 1_000.0, "{line}");
        }
    }
}
