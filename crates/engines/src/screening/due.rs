//! Who of a key group is to be tested on a day, and why: everybody every day, everybody so many times in seven days, or a share
//! of the members each day, those first who were not tested for longest. Rounds of an area have their own rule, in the pack
//! (`Pack::next_round`).

use dayclear_core::{
    protocol::{Cadence, Pack},
    reason::{Decided, Reason},
    roster::KeyGroup,
    time::CivilDate,
};
use std::collections::BTreeMap;

/// A member of a key group, with the days on which they were tested, in any order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Person.
    pub person: String,
    /// Group.
    pub group: KeyGroup,
    /// The institution of the person: a share of each is tested.
    pub place: String,
    /// Days of tests.
    pub tested: Vec<CivilDate>,
}

/// The members due on a day, by their place in the input, each with the reason. A group that the pack does not name has
/// nobody due.
pub fn members(pack: &Pack, members: &[Member], day: CivilDate) -> Vec<(usize, Decided<KeyGroup>)> {
    let mut due: Vec<(usize, Decided<KeyGroup>)> = Vec::new();
    let mut shares: BTreeMap<(KeyGroup, &str), (i64, Reason, Vec<usize>)> = BTreeMap::new();
    for (at, member) in members.iter().enumerate() {
        let Some(cadence) = pack.group_cadence(member.group) else { continue };
        let last = last_before(member, day);
        let because =
            |reason: Reason| reason.with("last_test", last.map_or("none".to_owned(), |last| last.to_string()));
        let today = member.tested.contains(&day);
        match cadence.value {
            Cadence::PerDay(_) if !today => due.push((at, Decided::new(member.group, because(cadence.reason)))),
            Cadence::PerWeek(times) if !today => {
                // the seven days that end today may not hold more than the pack asks, and tests do not follow at once
                let held = member.tested.iter().filter(|test| (1..=6).contains(&day.days_since(**test))).count() as i64;
                let apart = 7 / i64::from(times);
                if held < i64::from(times) && last.is_none_or(|last| day.days_since(last) >= apart) {
                    let reason = because(cadence.reason).with("tests_in_six_days", held);
                    due.push((at, Decided::new(member.group, reason)));
                }
            }
            Cadence::PercentPerDay(percent) => {
                let share =
                    shares.entry((member.group, &member.place)).or_insert((percent.into(), cadence.reason, Vec::new()));
                share.2.push(at);
            }
            Cadence::PerDay(_) | Cadence::PerWeek(_) => {}
        }
    }
    for ((group, place), (percent, reason, mut all)) in shares {
        let wanted = (all.len() as i64 * percent + 99) / 100;
        let today = all.iter().filter(|at| members[**at].tested.contains(&day)).count() as i64;
        all.retain(|at| !members[*at].tested.contains(&day));
        all.sort_by(|a, b| {
            let key = |at: usize| (last_before(&members[at], day), &members[at].person);
            key(*a).cmp(&key(*b))
        });
        for at in all.into_iter().take((wanted - today).max(0) as usize) {
            let last = last_before(&members[at], day).map_or("none".to_owned(), |last| last.to_string());
            let reason = reason.clone().with("place", place).with("wanted_today", wanted).with("last_test", last);
            due.push((at, Decided::new(group, reason)));
        }
    }
    due.sort_by_key(|(at, _)| *at);
    due
}

fn last_before(member: &Member, day: CivilDate) -> Option<CivilDate> {
    member.tested.iter().copied().filter(|test| *test <= day).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dayclear_core::protocol::Packs;

    fn day(n: i64) -> CivilDate {
        CivilDate::new(2022, 11, 1).unwrap().plus_days(n - 1)
    }

    fn member(person: &str, group: KeyGroup, tested: &[i64]) -> Member {
        Member {
            person: person.to_owned(),
            group,
            place: "S1".to_owned(),
            tested: tested.iter().map(|n| day(*n)).collect(),
        }
    }

    #[test]
    fn couriers_are_due_twice_in_seven_days_and_fever_clinics_every_day() {
        let packs = Packs::builtin().unwrap();
        let pack = packs.named("covid-19-cn-twenty").unwrap();
        for (group, tested, due) in [
            (KeyGroup::Courier, &[][..], true),
            (KeyGroup::Courier, &[20], false),     // today
            (KeyGroup::Courier, &[19], false),     // yesterday: not at once
            (KeyGroup::Courier, &[17], true),      // three days ago
            (KeyGroup::Courier, &[14, 17], false), // two within the last seven days
            (KeyGroup::Courier, &[13, 17], true),  // the first has left the window
            (KeyGroup::FeverClinicStaff, &[19], true),
            (KeyGroup::FeverClinicStaff, &[20], false),
        ] {
            let found = members(pack, &[member("P1", group, tested)], day(20));
            assert_eq!(!found.is_empty(), due, "{group} {tested:?} {found:?}");
        }
        assert!(members(packs.named("ebola").unwrap(), &[member("P1", KeyGroup::Courier, &[])], day(20)).is_empty());
        // whoever follows the list is tested twice in every seven days, never more
        let mut person = member("P1", KeyGroup::Courier, &[]);
        for n in 1..=60 {
            if !members(pack, std::slice::from_ref(&person), day(n)).is_empty() {
                person.tested.push(day(n));
            }
        }
        for n in 1..=54 {
            let count = person.tested.iter().filter(|test| (0..7).contains(&test.days_since(day(n)))).count();
            assert_eq!(count, 2, "the seven days from {n}");
        }
    }

    #[test]
    fn a_fifth_of_a_school_is_due_each_day_and_everybody_in_five() {
        let packs = Packs::builtin().unwrap();
        let pack = packs.named("covid-19-cn-twenty").unwrap();
        let mut pupils: Vec<Member> = (0..23).map(|n| member(&format!("P{n:02}"), KeyGroup::School, &[])).collect();
        for n in 1..=5 {
            let due = members(pack, &pupils, day(n));
            assert_eq!(due.len(), 5, "20 % of 23, rounded up");
            assert!(due[0].1.reason.to_string().contains("group.school"));
            for (at, _) in due {
                pupils[at].tested.push(day(n));
            }
            assert!(members(pack, &pupils, day(n)).is_empty(), "the share of the day is reached");
        }
        assert!(pupils.iter().all(|pupil| !pupil.tested.is_empty()));
    }
}
