//! Who is infected, and by which route the laboratory will find them: clusters of one to six people in a household and
//! its building. Most are swabbed in a pool with their neighbours, the others singly, because they are under isolation,
//! belong to a key group or have just arrived.

use super::{
    SpecError,
    chance::{Dice, Draw},
    layout::Layout,
    people::{Member, members},
};
use dayclear_core::{roster::KeyGroup, screening::Purpose};
use std::collections::{BTreeMap, BTreeSet};

/// A set of people, one bit each.
pub(super) struct Bits(Vec<u64>);

impl Bits {
    fn new(people: u32) -> Self {
        Bits(vec![0; people as usize / 64 + 1])
    }
    pub fn has(&self, person: u32) -> bool {
        self.0[person as usize / 64] >> (person % 64) & 1 == 1
    }
    fn set(&mut self, person: u32, value: bool) {
        let bit = 1 << (person % 64);
        let word = &mut self.0[person as usize / 64];
        *word = if value { *word | bit } else { *word & !bit };
    }
}

/// The infected, and those who are swabbed singly because of them.
pub(super) struct Infections {
    pub infected: Bits,
    pub count: u64,
    /// Households under isolation in which somebody is infected.
    households: BTreeSet<u32>,
    /// Infected people swabbed singly for another reason.
    people: BTreeMap<u32, Purpose>,
    /// Infected people by community, for what is sized by them.
    pub by_community: Vec<u32>,
}

/// Routes of a cluster. On 12 November 2022 three of five infections were found among people already isolated
/// (`data/chongqing/discovery_channels.csv`); here pools are the rule, since they are what the line has to prove.
const ROUTES: [(Option<Purpose>, u32); 4] =
    [(None, 70), (Some(Purpose::Isolation), 25), (Some(Purpose::KeyPerson), 4), (Some(Purpose::Entry), 1)];

/// Cluster sizes.
const SIZES: [(u32, u32); 6] = [(1, 38), (2, 27), (3, 16), (4, 10), (5, 5), (6, 4)];

impl Infections {
    /// Infects so many people to be found today, and so many more to stay hidden in pools.
    pub fn new(layout: &Layout, found: u64, hidden: u64) -> Result<Self, SpecError> {
        let (wanted, mut pooled) = (found + hidden, 0);
        let mut plan = Infections {
            infected: Bits::new(layout.people()),
            count: 0,
            households: BTreeSet::new(),
            people: BTreeMap::new(),
            by_community: vec![0; layout.communities.len()],
        };
        let mut cluster = 0;
        while plan.count < wanted {
            let mut dice = Dice::new(layout.day_seed, Draw::Cluster, cluster);
            cluster += 1;
            if cluster > 200 * wanted + 1_000 {
                return Err(SpecError::TooManyPositives { positives: found, most: plan.count.saturating_sub(hidden) });
            }
            let anchor = dice.below(u64::from(layout.people())) as u32;
            // The first clusters go into pools, so that there is one to stay open and one to be resolved.
            let route = if pooled <= hidden { None } else { dice.weighted(&ROUTES) };
            let before = plan.count;
            let size = u64::from(dice.weighted(&SIZES)).min(wanted - plan.count);
            match route {
                None | Some(Purpose::Isolation) => plan.spread(layout, anchor, size, route.is_some(), &mut dice),
                Some(purpose) => plan.single(layout, anchor, purpose),
            }
            if route.is_none() {
                pooled += plan.count - before;
            }
        }
        Ok(plan)
    }

    /// Infects people of a household, then of the next ones in the same building.
    fn spread(&mut self, layout: &Layout, anchor: u32, size: u64, isolated: bool, dice: &mut Dice) {
        let home = layout.household_of(anchor);
        let building = &layout.buildings[layout.building_of(home) as usize];
        let target = self.count + size;
        for household in home..building.households.end {
            let people = members(layout, household);
            let touched = people.iter().any(|member| self.infected.has(member.person));
            if touched || people.iter().any(|member| self.purpose(layout, household, member).is_some()) {
                continue;
            }
            // In the first household everybody may be infected, further on it is one in four households.
            if household != home && !dice.hits(25_000) {
                continue;
            }
            let mut first = true;
            for member in people.iter().filter(|member| member.comes()) {
                if self.count < target && (first || dice.hits(53_000)) {
                    self.infect(layout, household, member.person);
                    first = false;
                }
            }
            if isolated && !first {
                self.households.insert(household);
            }
            if self.count == target {
                break;
            }
        }
    }

    /// Infects one adult who is swabbed singly.
    fn single(&mut self, layout: &Layout, anchor: u32, purpose: Purpose) {
        let home = layout.household_of(anchor);
        for household in home..(home + 200).min(layout.households()) {
            let people = members(layout, household);
            let free = people
                .iter()
                .all(|member| !self.infected.has(member.person) && self.purpose(layout, household, member).is_none());
            let fits = |member: &&Member| match purpose {
                Purpose::KeyPerson => member.comes() && member.key_group.is_some() && member.age >= 18,
                _ => member.comes() && member.age >= 18,
            };
            if let Some(member) = people.iter().find(fits).filter(|_| free) {
                self.people.insert(member.person, purpose);
                self.infect(layout, household, member.person);
                return;
            }
        }
    }

    fn infect(&mut self, layout: &Layout, household: u32, person: u32) {
        self.infected.set(person, true);
        self.count += 1;
        self.by_community[layout.community_of(household) as usize] += 1;
    }

    /// Takes an infection back.
    pub fn heal(&mut self, layout: &Layout, person: u32) {
        self.infected.set(person, false);
        self.count -= 1;
        self.by_community[layout.community_of(layout.household_of(person)) as usize] -= 1;
    }

    /// Why somebody is swabbed singly today; nobody is swabbed both singly and in a pool.
    pub fn purpose(&self, layout: &Layout, household: u32, member: &Member) -> Option<Purpose> {
        if self.households.contains(&household) {
            return Some(Purpose::Isolation);
        }
        if let Some(purpose) = self.people.get(&member.person) {
            return Some(*purpose);
        }
        if Dice::new(layout.day_seed, Draw::Isolated, u64::from(household)).hits(300) {
            return Some(Purpose::Isolation);
        }
        let daily = matches!(
            member.key_group,
            Some(
                KeyGroup::HospitalStaff
                    | KeyGroup::FeverClinicStaff
                    | KeyGroup::IsolationStaff
                    | KeyGroup::ClosedLoop
                    | KeyGroup::InboundContact
            )
        );
        if daily && Dice::new(layout.day_seed, Draw::Key, u64::from(member.person)).hits(40_000) {
            return Some(Purpose::KeyPerson);
        }
        Dice::new(layout.day_seed, Draw::Entry, u64::from(member.person)).hits(50).then_some(Purpose::Entry)
    }
}
