//! Who lives behind a door: ages, sexes, needs, key groups and carers, drawn for a household as a whole so that a child
//! has an adult and a couple is of an age. Shares follow the age table of Chongqing within two points of a hundred.

use super::{
    chance::{Dice, Draw},
    layout::{Housing, Layout},
};
use dayclear_core::roster::{KeyGroup, Need, Presence};
use std::ops::Deref;

/// A way in which a household is made up: `C` a minor, `A` an adult under 60, `E` somebody of 60 or more.
type Makeup = (&'static [u8], u32);
const ONE: &[Makeup] = &[(b"A", 70), (b"E", 30)];
const TWO: &[Makeup] = &[(b"AA", 46), (b"EE", 22), (b"AE", 14), (b"AC", 14), (b"EC", 4)];
const THREE: &[Makeup] = &[(b"AAC", 54), (b"AAA", 18), (b"AAE", 12), (b"AEE", 6), (b"EEC", 4), (b"AEC", 6)];
const FOUR: &[Makeup] = &[(b"AACC", 40), (b"AACE", 25), (b"AAEE", 10), (b"AAAC", 15), (b"AAAE", 10)];
const FIVE: &[Makeup] = &[(b"AACCE", 30), (b"AACEE", 30), (b"AAACE", 25), (b"AAAEE", 15)];
const MORE: &[Makeup] = &[(b"AACCEEAAAC", 50), (b"AACCEAAACC", 50)];

/// Ages (from, to) per 100,000 residents: Chongqing 2020, `data/city/chongqing_age5_2020_derived.csv`; 15 to 19 and 80
/// and more are split evenly by year and by a falling guess.
const MINOR: [((u32, u32), u32); 4] = [((0, 4), 5_237), ((5, 9), 5_237), ((10, 14), 5_436), ((15, 17), 2_647)];
const ADULT: [((u32, u32), u32); 9] = [
    ((18, 19), 1_765),
    ((20, 24), 5_357),
    ((25, 29), 7_051),
    ((30, 34), 7_280),
    ((35, 39), 5_577),
    ((40, 44), 5_269),
    ((45, 49), 9_726),
    ((50, 54), 9_786),
    ((55, 59), 7_763),
];
const ELDER: [((u32, u32), u32); 7] = [
    ((60, 64), 4_790),
    ((65, 69), 5_132),
    ((70, 74), 3_933),
    ((75, 79), 2_960),
    ((80, 84), 3_000),
    ((85, 89), 1_500),
    ((90, 97), 555),
];

/// A person as far as the day needs it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    pub person: u32,
    pub age: u8,
    pub male: bool,
    pub key_group: Option<KeyGroup>,
    pub presence: Presence,
}

impl Member {
    const NOBODY: Member = Member { person: 0, age: 0, male: false, key_group: None, presence: Presence::Unknown };

    /// Whether the person comes to a sampling site today.
    pub fn comes(&self) -> bool {
        matches!(self.presence, Presence::Present | Presence::Unknown)
    }
}

/// The people of a household, ten at most.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Members([Member; 10], usize);

impl Deref for Members {
    type Target = [Member];
    fn deref(&self) -> &[Member] {
        &self.0[..self.1]
    }
}

/// The people of a household.
pub(crate) fn members(layout: &Layout, household: u32) -> Members {
    let mut members = members_in(layout, household, layout.housing_of(household));
    let count = members.1;
    for member in &mut members.0[..count] {
        member.presence = Dice::new(layout.seed, Draw::Presence, u64::from(member.person)).weighted(&[
            (Presence::Present, 900),
            (Presence::Away, 40),
            (Presence::Elsewhere, 20),
            (Presence::Unreachable, 6),
            (Presence::Exempt, 3),
            (Presence::Refused, 1),
            (Presence::Unknown, 30),
        ]);
    }
    members
}

/// The people of a household in a building of that kind, without who of them is present today.
pub(crate) fn members_in(layout: &Layout, household: u32, housing: Housing) -> Members {
    if housing != Housing::Family {
        return roommates(layout, household, housing);
    }
    let people = layout.members(household);
    let count = people.len().min(10);
    let mut dice = Dice::new(layout.seed, Draw::Household, u64::from(household));
    let makeups = match count {
        1 => ONE,
        2 => TWO,
        3 => THREE,
        4 => FOUR,
        5 => FIVE,
        _ => MORE,
    };
    let makeup = dice.weighted(makeups);
    let mut members = Members([Member::NOBODY; 10], count);
    // The oldest child is drawn first, so that the parents can be old enough.
    let child = makeup[..count].contains(&b'C').then(|| age(&mut dice, &MINOR));
    let (mut adults, mut children, mut elders) = (Vec2::default(), 0, Vec2::default());
    for (index, (member, role)) in members.0.iter_mut().zip(&makeup[..count]).enumerate() {
        member.person = people.start + index as u32;
        member.male = dice.hits(50_550); // data/city/chongqing_margins_2020_official.csv
        let age = match role {
            b'C' => {
                children += 1;
                let oldest = child.unwrap_or_default();
                if children == 1 { oldest } else { age(&mut dice, &MINOR).min(oldest) }
            }
            b'A' => {
                let drawn = likely(&mut dice, &ADULT, |age| {
                    let parent = child.is_none_or(|child| adults.count >= 2 || (20..=45).contains(&(age - child)));
                    parent && adults.partner().is_none_or(|(partner, _)| (age - partner).abs() <= 6)
                });
                if let Some((_, partner_male)) = adults.partner() {
                    member.male = !partner_male;
                }
                adults.push(drawn, member.male);
                drawn
            }
            _ => {
                let drawn = likely(&mut dice, &ELDER, |age| {
                    elders.partner().is_none_or(|(partner, _)| (age - partner).abs() <= 6)
                });
                if let Some((_, partner_male)) = elders.partner() {
                    member.male = !partner_male;
                }
                elders.push(drawn, member.male);
                drawn
            }
        };
        member.age = age as u8;
        let mut dice = Dice::new(layout.seed, Draw::Person, u64::from(member.person));
        member.key_group = key_group(&mut dice, member.age);
        if layout.collective && member.key_group == Some(KeyGroup::CareHome) {
            member.key_group = None; // they live in care homes of their own
        }
    }
    members
}

/// The people of a room: adults of one sex, but for care homes, where couples may live.
fn roommates(layout: &Layout, household: u32, housing: Housing) -> Members {
    let people = layout.members(household);
    let count = people.len().min(10);
    let mut dice = Dice::new(layout.seed, Draw::Household, u64::from(household));
    let mut members = Members([Member::NOBODY; 10], count);
    let male = dice.hits(if housing == Housing::Workers { 75_000 } else { 50_000 });
    for (index, member) in members.0[..count].iter_mut().enumerate() {
        member.person = people.start + index as u32;
        member.male = male;
        let mut key = Dice::new(layout.seed, Draw::Person, u64::from(member.person));
        let age = match housing {
            Housing::Students => dice.between(18, 22) as i32,
            Housing::Workers => age(&mut dice, &ADULT),
            _ => age(&mut dice, &ELDER[2..]),
        };
        member.age = age as u8;
        member.key_group = match housing {
            Housing::Care => Some(KeyGroup::CareHome),
            Housing::Workers => key_group(&mut key, member.age),
            _ => None,
        };
        if housing == Housing::Care {
            member.male = dice.hits(42_000);
        }
    }
    members
}

/// The first two of a kind; the second is the partner of the first.
#[derive(Default)]
struct Vec2 {
    count: usize,
    first: (i32, bool),
}

impl Vec2 {
    #[inline]
    fn push(&mut self, age: i32, male: bool) {
        if self.count == 0 {
            self.first = (age, male);
        }
        self.count += 1;
    }
    #[inline]
    fn partner(&self) -> Option<(i32, bool)> {
        (self.count == 1).then_some(self.first)
    }
}

#[inline]
fn age(dice: &mut Dice, table: &[((u32, u32), u32)]) -> i32 {
    let (from, to) = dice.weighted(table);
    dice.between(from, to) as i32
}

/// An age that fits, or after eight draws one that does not.
#[inline]
fn likely(dice: &mut Dice, table: &[((u32, u32), u32)], fits: impl Fn(i32) -> bool) -> i32 {
    let mut drawn = age(dice, table);
    for _ in 0..7 {
        if fits(drawn) {
            break;
        }
        drawn = age(dice, table);
    }
    drawn
}

#[inline]
fn key_group(dice: &mut Dice, age: u8) -> Option<KeyGroup> {
    let draw = dice.below(100_000);
    let table: &[(KeyGroup, u64)] = match age {
        6..=17 => &[(KeyGroup::School, 60_000)],
        18..=59 => &[
            (KeyGroup::HospitalStaff, 700),
            (KeyGroup::FeverClinicStaff, 60),
            (KeyGroup::IsolationStaff, 300),
            (KeyGroup::ClosedLoop, 150),
            (KeyGroup::InboundContact, 40),
            (KeyGroup::Courier, 600),
            (KeyGroup::Transport, 1_000),
            (KeyGroup::Market, 1_200),
            (KeyGroup::School, 1_200),
        ],
        80.. => &[(KeyGroup::CareHome, 3_000)],
        _ => &[],
    };
    let mut sum = 0;
    table.iter().find_map(|(group, share)| {
        sum += share;
        (draw < sum).then_some(*group)
    })
}

/// Needs of a person, as far as they follow from age, sex and household.
pub(crate) fn needs(layout: &Layout, member: &Member, household: usize) -> Vec<Need> {
    let mut dice = Dice::new(layout.seed, Draw::Needs, u64::from(member.person));
    let age = member.age;
    let mut needs = Vec::new();
    let mut add = |need: Need, in_100k: u32| {
        let hit = dice.hits(in_100k);
        if hit {
            needs.push(need);
        }
        hit
    };
    // 0.06 % of all, which is the share of people on dialysis; it rises with age.
    add(Need::Dialysis, if age >= 60 { 150 } else { 60 * u32::from(age >= 18) });
    add(Need::Chemotherapy, 120 * u32::from(age >= 40));
    if !member.male && (20..=42).contains(&age) && add(Need::Pregnancy, 3_500) {
        add(Need::LatePregnancy, 33_000);
    }
    add(Need::Infant, 100_000 * u32::from(age == 0));
    let frail = add(Need::Wheelchair, if age >= 70 { 2_500 } else { 150 });
    let lying = add(Need::Stretcher, 600 * u32::from(age >= 75));
    add(Need::Oxygen, 200 * u32::from(age >= 60));
    add(Need::ChronicMedicine, if age >= 60 { 45_000 } else { 12_000 * u32::from(age >= 40) });
    add(Need::Psychiatric, 300 * u32::from(age >= 18));
    add(Need::LivesAlone, 100_000 * u32::from(age >= 60 && household == 1));
    let cared_for = (frail || lying) && household > 1;
    add(Need::Carer, if cared_for { 60_000 } else { 2_000 * u32::from(age >= 80 && household > 1) });
    add(Need::Interpreter, 20);
    add(Need::Pet, 2_000 * u32::from(age >= 18));
    needs
}

/// Who in the household cares for a minor or for somebody who cannot do without: the first adult under 60 if there is
/// one, else the first adult, and never a minor.
pub(crate) fn carer(members: &[Member], of: &Member, needs: &[Need]) -> Option<u32> {
    let dependant = of.age < 18 || needs.iter().any(|need| matches!(need, Need::Carer | Need::Stretcher));
    let able =
        |under: u8| members.iter().find(move |other| other.person != of.person && (18..under).contains(&other.age));
    if dependant { able(60).or_else(|| able(u8::MAX)).map(|carer| carer.person) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_the_published_ones() {
        let mut text = include_str!("../../../../data/city/chongqing_age5_2020_derived.csv").lines().skip(1);
        let own: Vec<((u32, u32), u32)> = MINOR.iter().chain(&ADULT).chain(&ELDER).copied().collect();
        for from in (0..=80).step_by(5) {
            let to = if from == 80 { 200 } else { from + 4 };
            let sum: u32 = own.iter().filter(|((low, _), _)| (from..=to).contains(low)).map(|(_, share)| share).sum();
            let published: f64 = text.next().unwrap().split(',').nth(2).unwrap().parse().unwrap();
            assert_eq!(f64::from(sum), (published * 100_000.0).round(), "from {from}");
        }
    }
}
