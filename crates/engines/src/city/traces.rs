//! What is known of the positives besides their results: assessments by clinicians, contacts they declare, and visits to
//! places where others were too. Assessments are of the day; contacts and visits reach back two days, because that is
//! where exposures are.

use super::{
    Out, Sink,
    chance::{Dice, Draw},
    layout::Layout,
    people::members,
    person_id,
    results::Found,
};
use dayclear_core::{cases::Severity, schema, screening::Purpose, tracing::ContactClass};
use std::collections::BTreeSet;

pub(super) fn write<S: Sink + ?Sized>(layout: &Layout, found: &[Found], out: &mut Out<'_, S>) -> Result<(), S::Error> {
    assessments(layout, found, out)?;
    contacts(layout, found, out)?;
    visits(layout, found, out)
}

/// One positive in twelve has not been seen by a clinician, nor has anybody found too late in the evening.
fn assessments<S: Sink + ?Sized>(layout: &Layout, found: &[Found], out: &mut Out<'_, S>) -> Result<(), S::Error> {
    out.table(&schema::ASSESSMENTS)?;
    for case in found {
        let mut dice = Dice::new(layout.day_seed, Draw::Assessment, u64::from(case.person) | 1 << 40);
        let at = case.at + dice.between(20, 90) * 60;
        if at >= 86_400 || dice.hits(8_000) {
            continue;
        }
        let home = members(layout, layout.household_of(case.person));
        let old = home.iter().any(|member| member.person == case.person && member.age >= 70);
        // Shares of the city's inpatients of 17 to 24 November 2022; the old are hit harder.
        let severity = dice.weighted(&[
            (Severity::Asymptomatic, if old { 600 } else { 850 }),
            (Severity::Mild, 120),
            (Severity::Ordinary, if old { 60 } else { 20 }),
            (Severity::Severe, if old { 30 } else { 4 }),
            (Severity::Critical, if old { 10 } else { 1 }),
        ]);
        out.cell(person_id(case.person)).moment(at).cell(severity);
        if severity != Severity::Asymptomatic {
            out.day(-(dice.between(0, 2) as i32));
        }
        out.row()?;
    }
    Ok(())
}

/// Somebody who lives in the same community, a grown-up if one of four draws is.
fn neighbour(layout: &Layout, person: u32, dice: &mut Dice) -> u32 {
    let community = layout.community_of(layout.household_of(person));
    let people = &layout.communities[community as usize].people;
    let mut other = person;
    for _ in 0..4 {
        other = people.start + dice.below(u64::from(people.end - people.start)) as u32;
        let home = members(layout, layout.household_of(other));
        if home.iter().any(|member| member.person == other && member.age >= 18) {
            break;
        }
    }
    other
}

fn contacts<S: Sink + ?Sized>(layout: &Layout, found: &[Found], out: &mut Out<'_, S>) -> Result<(), S::Error> {
    const CLASSES: [((ContactClass, &str), u32); 7] = [
        ((ContactClass::SameRoom, "同一办公室"), 35),
        ((ContactClass::SharedSpace, "聚餐"), 30),
        ((ContactClass::SharedSpace, "同乘电梯"), 12),
        ((ContactClass::Vehicle, "拼车"), 8),
        ((ContactClass::Visitor, "探访"), 8),
        ((ContactClass::Carer, "照护"), 4),
        ((ContactClass::Other, ""), 3),
    ];
    out.table(&schema::CONTACTS)?;
    for case in found {
        let mut dice = Dice::new(layout.day_seed, Draw::Contact, u64::from(case.person));
        // Those already under isolation met fewer people.
        let many = dice.below(if case.purpose == Purpose::Isolation { 2 } else { 6 });
        let home = layout.members(layout.household_of(case.person));
        let mut named = BTreeSet::new();
        for _ in 0..many {
            let contact = neighbour(layout, case.person, &mut dice);
            if home.contains(&contact) || !named.insert(contact) {
                continue;
            }
            let (class, setting) = dice.weighted(&CLASSES);
            let last = -(dice.between(0, 2) as i32);
            let first = (last - dice.between(0, 1) as i32).max(-2);
            out.cell(person_id(case.person)).cell(person_id(contact)).cell(class).day(first).day(last).cell(setting);
            out.row()?;
        }
    }
    Ok(())
}

fn visits<S: Sink + ?Sized>(layout: &Layout, found: &[Found], out: &mut Out<'_, S>) -> Result<(), S::Error> {
    const SETTINGS: [&str; 8] = ["菜市场", "餐馆", "超市", "药店", "诊所", "公交车", "培训机构", "棋牌室"];
    out.table(&schema::VISITS)?;
    for case in found.iter().filter(|case| case.purpose != Purpose::Isolation) {
        let mut dice = Dice::new(layout.day_seed, Draw::Visit, u64::from(case.person));
        let community = layout.community_of(layout.household_of(case.person));
        for day in -2..=0 {
            if !dice.hits(45_000) {
                continue;
            }
            // A community has eight places, one of each kind.
            let kind = dice.below(SETTINGS.len() as u64) as usize;
            let from = if day == 0 { dice.between(300, 350) } else { dice.between(420, 1_200) };
            let to = from + dice.between(10, if day == 0 { 45 } else { 120 });
            let seconds = dice.between(0, 59);
            let place = format!("V{}-{}", layout.community_code(community), kind + 1);
            let mut row = |person: u32, from: u32, to: u32| {
                out.cell(person_id(person)).cell(&place).moment_on(day, from * 60 + seconds).moment_on(day, to * 60);
                out.cell(SETTINGS[kind]).row()
            };
            row(case.person, from, to)?;
            let mut seen = BTreeSet::from([case.person]);
            for _ in 0..dice.below(5) {
                let other = neighbour(layout, case.person, &mut dice);
                // Most were there at the same time, some came after the positive had left.
                let begin = from + dice.between(0, 150);
                if seen.insert(other) && found.binary_search_by_key(&other, |found| found.person).is_err() {
                    row(other, begin, begin + dice.between(5, 60))?;
                }
            }
        }
    }
    Ok(())
}
