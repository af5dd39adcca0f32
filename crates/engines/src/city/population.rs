//! The people of the sample city in compact arrays, for the outbreak: the same people, households, buildings and
//! communities as the rows of the day files of the same [`Spec`] (person `i` is row `i` of `people.csv`), with where they
//! work, learn, shop and are cared for. It keeps about 13 bytes for a person; names, needs and doors are drawn again when
//! they are asked for. The same spec gives the same population on any machine and with any number of threads.

use super::{
    Spec, SpecError, building_id,
    groups::{Groups, Zones},
    household_id,
    layout::{COMPOUND_BUILDINGS, Housing, Layout},
    people::{Member, members, members_in, needs},
    person_id,
    sources::Sources,
    spans::Spans,
};
use dayclear_core::roster::{KeyGroup, Need};
use std::{ops::Range, thread};

/// What somebody does on a working day, which is also the kind of their group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Occupation {
    /// No group: at home.
    None,
    /// A child in a class of a nursery or school, or a teacher of that class.
    Class,
    /// A student who lives in a dormitory.
    Student,
    /// Somebody in a workplace.
    Work,
    /// A resident of a care home, or somebody who works there.
    Care,
}

const OCCUPATIONS: [Occupation; 5] =
    [Occupation::None, Occupation::Class, Occupation::Student, Occupation::Work, Occupation::Care];

/// Communities that share a market: a made-up catchment of about 17,000 people.
const MARKET_COMMUNITIES: usize = 6;
const MALE: u8 = 0x80;
const DORMITORY: u8 = 0x80;

/// A city's people. People, buildings, communities, districts, groups and markets are named by their position.
pub struct Population {
    pub(crate) layout: Layout,
    rows: Vec<Row>,
    groups: Groups,
    buildings: Spans,
    communities: Spans,
    districts: Spans,
    markets: Spans,
    /// District of each community, as a position among the districts in which people live.
    district_of_community: Vec<u16>,
    /// Position in the sources of each district.
    source_districts: Vec<usize>,
}

/// What is read most of a person, side by side so that one line of memory holds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    /// Place in the household (low four bits) and size of the household (high four bits).
    home: u8,
    /// Age in years, and [`MALE`].
    age: u8,
    /// Occupation (low three bits), key group plus one (the next four), and [`DORMITORY`].
    role: u8,
}

impl Row {
    /// Roles that a row can hold.
    pub const ROLES: usize = 256;

    /// A row of somebody of a role and an age, for tables over both.
    pub fn like(role: u8, age: u8) -> Row {
        Row { home: 0, age, role }
    }
    /// Occupation, key group and whether in a dormitory, as one number below [`Row::ROLES`].
    #[inline]
    pub fn role(self) -> usize {
        usize::from(self.role)
    }
    #[inline]
    pub fn age(self) -> u8 {
        self.age & !MALE
    }
    /// Everybody of the household of the person whose row this is.
    #[inline]
    pub fn household(self, person: u32) -> Range<u32> {
        let start = person - u32::from(self.home & 15);
        start..start + u32::from(self.home >> 4)
    }
    /// No occupation for a role that nobody has.
    #[inline]
    pub fn occupation(self) -> Occupation {
        OCCUPATIONS.get(usize::from(self.role & 7)).copied().unwrap_or(Occupation::None)
    }
    #[inline]
    pub fn in_dormitory(self) -> bool {
        self.role & DORMITORY != 0
    }
    #[inline]
    pub fn key_group(self) -> Option<KeyGroup> {
        let code = (self.role & !DORMITORY) >> 3;
        code.checked_sub(1).and_then(|group| KeyGroup::ALL.get(usize::from(group)).copied())
    }
}

/// Arrays of the people of some neighbouring communities.
struct Part<'a> {
    communities: Range<usize>,
    rows: &'a mut [Row],
    zones: &'a mut [u32],
}

impl Population {
    /// Builds the city with so many threads; their number changes nothing but the time.
    pub fn build(spec: &Spec, sources: &Sources, threads: usize) -> Result<Population, SpecError> {
        let mut layout = Layout::new(spec, sources)?;
        layout.shrink();
        let people = layout.people() as usize;
        let (mut rows, mut zones) = (vec![Row::default(); people], vec![Zones::NONE; people]);
        let plan = Zones::new(&layout);
        let mut parts = Vec::new();
        {
            let (mut rows, mut zones) = (rows.as_mut_slice(), zones.as_mut_slice());
            let mut from = 0;
            for part in 1..=threads.max(1) {
                let until = (layout.communities.len() * part / threads.max(1)).max(from);
                let count: usize = layout.communities[from..until].iter().map(|place| place.people.len()).sum();
                parts.push(Part {
                    communities: from..until,
                    rows: rows.split_off_mut(..count).unwrap_or_default(),
                    zones: zones.split_off_mut(..count).unwrap_or_default(),
                });
                from = until;
            }
        }
        // one part stays on this thread, so that whoever counts its time counts all of it
        let alone = if parts.len() == 1 { parts.pop() } else { None };
        if let Some(part) = alone {
            settle(&layout, &plan, part);
        }
        thread::scope(|scope| {
            for part in parts {
                scope.spawn(|| settle(&layout, &plan, part));
            }
        });
        let groups = Groups::new(layout.seed, &plan, zones);
        Ok(Population::assemble(layout, rows, groups))
    }

    fn assemble(layout: Layout, rows: Vec<Row>, groups: Groups) -> Population {
        let people = layout.people();
        let first = |starts: Vec<u32>| Spans::new(starts.into_iter().chain([people]).collect());
        let of_building = |building: &super::layout::Building| layout.members(building.households.start).start;
        let buildings = first(layout.buildings.iter().map(of_building).collect());
        let communities = first(layout.communities.iter().map(|community| community.people.start).collect());
        let (mut source_districts, mut district_of_community) = (Vec::new(), Vec::new());
        let (mut districts, mut markets, mut in_district) = (Vec::new(), Vec::new(), 0);
        for community in &layout.communities {
            if source_districts.last() != Some(&community.district) {
                source_districts.push(community.district);
                districts.push(community.people.start);
                in_district = 0;
            }
            if in_district % MARKET_COMMUNITIES == 0 {
                markets.push(community.people.start);
            }
            in_district += 1;
            district_of_community.push(source_districts.len() as u16 - 1);
        }
        Population {
            rows,
            groups,
            buildings,
            communities,
            districts: first(districts),
            markets: first(markets),
            district_of_community,
            source_districts,
            layout,
        }
    }

    /// Number of people.
    #[inline]
    pub fn people(&self) -> u32 {
        self.layout.people()
    }
    /// Seed of the city.
    pub fn seed(&self) -> u64 {
        self.layout.seed
    }
    /// What is read most of a person.
    #[inline]
    pub(crate) fn row(&self, person: u32) -> Row {
        self.rows[person as usize]
    }
    /// Age in years.
    #[inline]
    pub fn age(&self, person: u32) -> u8 {
        self.row(person).age()
    }
    /// Whether the person is male.
    #[inline]
    pub fn male(&self, person: u32) -> bool {
        self.row(person).age & MALE != 0
    }
    /// Everybody of the person's household, the person included.
    #[inline]
    pub fn household(&self, person: u32) -> Range<u32> {
        self.row(person).household(person)
    }
    /// Occupation.
    #[inline]
    pub fn occupation(&self, person: u32) -> Occupation {
        self.row(person).occupation()
    }
    /// Whether the person lives in a dormitory or on a site.
    #[inline]
    pub fn in_dormitory(&self, person: u32) -> bool {
        self.row(person).in_dormitory()
    }
    /// Key group, as on the roster.
    #[inline]
    pub fn key_group(&self, person: u32) -> Option<KeyGroup> {
        self.row(person).key_group()
    }
    /// Building of the person.
    #[inline]
    pub fn building_of(&self, person: u32) -> u32 {
        self.buildings.of(person)
    }
    /// People of a building.
    #[inline]
    pub fn building(&self, building: u32) -> Range<u32> {
        self.buildings.range(building)
    }
    /// People of the unit of a building in which a person lives.
    pub fn unit(&self, person: u32) -> Range<u32> {
        let building = self.building_of(person);
        let mut doors = self.layout.doors(building);
        let own = doors.find(|(household, _)| self.layout.members(*household).contains(&person));
        own.and_then(|(_, (unit, ..))| self.in_unit(building, unit)).unwrap_or(person..person + 1)
    }
    /// People of a unit of a building, by the number that the roster gives it; `None` where nobody lives in one of that number.
    pub fn in_unit(&self, building: u32, unit: u32) -> Option<Range<u32>> {
        // doors come unit by unit, so the people of one follow each other
        let homes = self.layout.doors(building).filter(|(_, (of, ..))| *of == unit);
        let members = homes.map(|(household, _)| self.layout.members(household));
        members.reduce(|all, members| all.start.min(members.start)..all.end.max(members.end))
    }
    /// People of a household of a building, by its id on the roster; `None` where it does not live there.
    pub fn in_household(&self, building: u32, id: &str) -> Option<Range<u32>> {
        let mut doors = self.layout.doors(building);
        let found = doors.find(|(household, _)| household_id(*household).to_string() == id);
        found.map(|(household, _)| self.layout.members(household))
    }
    /// People of the buildings of the compound in which a person lives.
    pub fn compound(&self, person: u32) -> Range<u32> {
        let buildings = self.compound_of(self.building_of(person));
        self.building(buildings.start).start..self.building(buildings.end - 1).end
    }
    /// Buildings of the compound of a building, which follow each other: those of one community and one compound on the roster.
    pub fn compound_of(&self, building: u32) -> Range<u32> {
        let of = |building: u32| {
            let building = &self.layout.buildings[building as usize];
            (building.community, building.number / COMPOUND_BUILDINGS)
        };
        let own = of(building);
        let first = (0..building).rev().take_while(|other| of(*other) == own).last().unwrap_or(building);
        let end = (building + 1..self.buildings()).take_while(|other| of(*other) == own).last().unwrap_or(building);
        first..end + 1
    }
    /// Number of buildings.
    pub fn buildings(&self) -> u32 {
        self.buildings.len()
    }
    /// Who lives in a building.
    #[inline]
    pub fn housing(&self, building: u32) -> Housing {
        self.layout.buildings[building as usize].housing
    }
    /// Community of the person.
    #[inline]
    pub fn community_of(&self, person: u32) -> u32 {
        self.communities.of(person)
    }
    /// People of a community.
    pub fn community(&self, community: u32) -> Range<u32> {
        self.communities.range(community)
    }
    /// Number of communities.
    pub fn communities(&self) -> u32 {
        self.communities.len()
    }
    /// District of the person.
    #[inline]
    pub fn district_of(&self, person: u32) -> u16 {
        self.district_of_community[self.communities.of(person) as usize]
    }
    /// People of a district.
    #[inline]
    pub fn district(&self, district: u16) -> Range<u32> {
        self.districts.range(u32::from(district))
    }
    /// Number of districts in which people live.
    pub fn districts(&self) -> u16 {
        self.districts.len() as u16
    }
    /// Whether a district is one of the city's centre.
    pub fn is_central(&self, district: u16) -> bool {
        self.layout.sources.districts[self.source_districts[district as usize]].group == 0
    }
    /// Market where the person shops.
    #[inline]
    pub fn market_of(&self, person: u32) -> u32 {
        self.markets.of(person)
    }
    /// People who shop at a market.
    #[inline]
    pub fn market(&self, market: u32) -> Range<u32> {
        self.markets.range(market)
    }
    /// The person's group (class, workplace or care home), if there is one.
    #[inline]
    pub fn group_of(&self, person: u32) -> Option<u32> {
        self.groups.of(person)
    }
    /// The people of a group.
    #[inline]
    pub fn group(&self, group: u32) -> &[u32] {
        self.groups.members(group)
    }
    /// The people of the person's group, if there is one.
    #[inline]
    pub fn group_around(&self, person: u32) -> Option<&[u32]> {
        self.groups.of(person).map(|group| self.groups.members(group))
    }
    /// Places in groups, which follow each other: who looks for the groups of many people asks each of these of all of them
    /// before the next.
    #[inline]
    pub(crate) fn places(&self) -> &Groups {
        &self.groups
    }
    /// Number of groups.
    pub fn groups(&self) -> u32 {
        self.groups.len()
    }
    /// Needs of a person, as on the roster.
    pub fn needs(&self, person: u32) -> Vec<Need> {
        let household = self.layout.household_of(person);
        let members = members(&self.layout, household);
        let found = members.iter().find(|member| member.person == person);
        found.map_or_else(Vec::new, |member| needs(&self.layout, member, members.len()))
    }
    /// Id of a person on the roster.
    pub fn person_id(&self, person: u32) -> String {
        person_id(person).to_string()
    }
    /// Id of the person's household on the roster.
    pub fn household_id(&self, person: u32) -> String {
        household_id(self.layout.household_of(person)).to_string()
    }
    /// Id of a building in the day files.
    pub fn building_id(&self, building: u32) -> String {
        building_id(building).to_string()
    }
    /// Division code of a community.
    pub fn community_code(&self, community: u32) -> &str {
        self.layout.community_code(community)
    }
    /// Division code of a district.
    pub fn district_code(&self, district: u16) -> &str {
        &self.layout.sources.districts[self.source_districts[district as usize]].code
    }

    /// A digest of everything that the outbreak reads (FNV-1a).
    pub fn digest(&self) -> u64 {
        let mut digest = Digest::default();
        for row in &self.rows {
            digest.bytes(&[row.home, row.age, row.role]);
        }
        for person in 0..self.people() {
            digest.number(u64::from(self.group_of(person).map_or(u32::MAX, |group| group)));
        }
        digest.0
    }
}

/// FNV-1a, for digests that must be the same everywhere.
pub(crate) struct Digest(pub u64);

impl Default for Digest {
    fn default() -> Self {
        Digest(0xcbf2_9ce4_8422_2325)
    }
}

impl Digest {
    pub fn number(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x100_0000_01b3);
    }
    pub fn bytes(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.number(u64::from(*byte)));
    }
}

/// Draws the people of some communities.
fn settle(layout: &Layout, plan: &Zones, part: Part<'_>) {
    let mut at = 0;
    for (community, place) in part.communities.clone().zip(&layout.communities[part.communities.clone()]) {
        let first = layout.buildings.partition_point(|building| building.community < community as u32);
        let buildings = layout.buildings[first..].iter();
        for building in buildings.take_while(|building| building.community == community as u32) {
            for household in building.households.clone() {
                let members = members_in(layout, household, building.housing);
                let dormitory = matches!(building.housing, Housing::Students | Housing::Workers);
                for (offset, member) in members.iter().enumerate() {
                    let (occupation, zone) = plan.of(layout, community as u32, building.housing, member);
                    part.rows[at] = Row {
                        home: offset as u8 | (members.len() as u8) << 4,
                        age: member.age.min(127) | if member.male { MALE } else { 0 },
                        role: occupation as u8 | key_code(member) << 3 | if dormitory { DORMITORY } else { 0 },
                    };
                    part.zones[at] = zone;
                    at += 1;
                }
            }
        }
        debug_assert!(place.people.end > place.people.start);
    }
}

fn key_code(member: &Member) -> u8 {
    member.key_group.map_or(0, |group| group as u8 + 1)
}
