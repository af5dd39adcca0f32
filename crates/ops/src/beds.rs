//! Which bed for whom: the nearest facility of the kinds asked for that takes the whole group, under the rules of each
//! bed (sex, family, equipment). It chooses; whether a bed is really free is decided by the store's constraint.

use crate::{
    OpsError,
    minutes::{Minutes, by_site},
};
use dayclear_core::{
    books::Worklist,
    divisions::DivisionCode,
    phases,
    roster::{Known, Sex},
    time::Instant,
    transfer::{BedRule, BedState, FacilityKind},
};
use dayclear_engines::dispatch::{RIDE_MIN_MAX, Roads, road_km};
use dayclear_store::{
    Scoped,
    transfer::{Bed, Facility},
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

/// Beds that can be given at a moment: free, of wards that take people then, and no more of a place than its staff can look after.
pub async fn to_give(tx: &mut Scoped, at: Instant) -> Result<Vec<Bed>, OpsError> {
    let steps = tx.phase_steps().await?;
    let takes = |bed: &Bed| {
        let steps = steps.get(&bed.facility).map(Vec::as_slice).unwrap_or_default();
        phases::takes(steps, bed.room.as_deref(), at)
    };
    let mut beds: Vec<Bed> = tx.free_beds().await?.into_iter().filter(takes).collect();
    let room = care_left(tx).await?;
    if !room.is_empty() {
        beds = within_care(beds, &room);
    }
    Ok(beds)
}

/// How many people more the staff of facilities can look after, where somebody said how many hands there are.
pub async fn care_left(tx: &mut Scoped) -> Result<BTreeMap<String, i64>, OpsError> {
    let staffing = tx.staffing().await?;
    let names: Vec<&str> = staffing.keys().map(String::as_str).collect();
    let there = tx.stays_at(&names).await?;
    let left = |(facility, word): (&String, &dayclear_store::phases::StaffWord)| {
        let there = there.get(facility).copied().unwrap_or_default();
        (facility.clone(), (word.staff * word.people_each - there).max(0))
    };
    Ok(staffing.iter().map(left).collect())
}

/// Of the beds of each place as many as its staff can look after, some of each kind of bed, those that suit most people first.
fn within_care(beds: Vec<Bed>, room: &BTreeMap<String, i64>) -> Vec<Bed> {
    let mut of_kind: BTreeMap<(&str, BedRule, Known), usize> = BTreeMap::new();
    let mut turns: BTreeMap<&str, Vec<(usize, BedRule, &str)>> = BTreeMap::new();
    for bed in beds.iter().filter(|bed| room.contains_key(&bed.facility)) {
        let nth = of_kind.entry((&bed.facility, bed.rule, bed.severe)).or_default();
        turns.entry(&bed.facility).or_default().push((*nth, bed.rule, &bed.bed));
        *nth += 1;
    }
    let mut left_out: HashSet<String> = HashSet::new();
    for (facility, mut turns) in turns {
        turns.sort_unstable();
        let taken = room[facility].unsigned_abs() as usize;
        left_out.extend(turns.into_iter().skip(taken).map(|(.., bed)| bed.to_owned()));
    }
    beds.into_iter().filter(|bed| !left_out.contains(&bed.bed)).collect()
}

/// A bed waits to be cleaned after somebody left it: each time is an item of its own, because what has ended in the books stays ended.
pub(crate) async fn to_clean(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    bed: &str,
    (division, site): (&DivisionCode, &str),
    at: Instant,
    why: &str,
) -> Result<(), OpsError> {
    tx.set_bed(bed, BedState::Cleaning).await?;
    let before = tx.known_subjects(Worklist::Clean, &[bed]).await?.contains(bed);
    let again = before && tx.open_of(Worklist::Clean, &[bed]).await?.is_empty();
    let subject = if again { format!("{}/{bed}", at.micros().div_euclid(1_000_000)) } else { bed.to_owned() };
    minutes.waits(Worklist::Clean, subject, division, by_site(site), at, why);
    Ok(())
}

/// The bed that an item of cleaning is about.
pub(crate) fn cleaned(subject: &str) -> &str {
    subject.rsplit('/').next().unwrap_or(subject)
}

/// Facilities with their free beds.
pub struct Wards {
    facilities: Vec<Facility>,
    free: Vec<Vec<Bed>>,
    roads: Arc<Roads>,
}

impl Wards {
    /// Free beds by facility; near is what takes few minutes by these roads.
    pub fn of(facilities: Vec<Facility>, free_beds: Vec<Bed>, roads: Arc<Roads>) -> Self {
        let at: HashMap<String, usize> =
            facilities.iter().enumerate().map(|(at, facility)| (facility.facility.clone(), at)).collect();
        let mut free: Vec<Vec<Bed>> = facilities.iter().map(|_| Vec::new()).collect();
        for bed in free_beds.into_iter().rev() {
            if let Some(at) = at.get(&bed.facility) {
                free[*at].push(bed);
            }
        }
        Wards { facilities, free, roads }
    }

    /// Facilities, in the order of the indexes that [`Wards::take`] gives.
    pub fn facilities(&self) -> &[Facility] {
        &self.facilities
    }

    /// Minutes by road from a place to a facility.
    pub fn minutes(&self, from: (f64, f64), to: usize) -> i64 {
        self.facilities.get(to).map_or(0, |facility| self.roads.minutes(from, facility.place))
    }

    /// Takes beds for a group (sex and severity of each person): the kinds in order of preference, in each the nearest
    /// facility within the limit of a ride that has a bed for every one of them. `None`: nowhere.
    pub fn take(
        &mut self,
        kinds: &[FacilityKind],
        from: (f64, f64),
        people: &[(Sex, bool)],
    ) -> Option<(usize, Vec<String>)> {
        self.take_where(kinds, from, people, &|_| true)
    }

    /// As [`Wards::take`], of the facilities that somebody lets them go to.
    pub fn take_where(
        &mut self,
        kinds: &[FacilityKind],
        from: (f64, f64),
        people: &[(Sex, bool)],
        may: &dyn Fn(usize) -> bool,
    ) -> Option<(usize, Vec<String>)> {
        for kind in kinds {
            let mut near: Vec<(i64, f64, usize)> = self
                .facilities
                .iter()
                .enumerate()
                .filter(|(at, facility)| facility.kind == *kind && self.free[*at].len() >= people.len())
                .filter(|(at, _)| may(*at))
                .map(|(at, facility)| (self.roads.minutes(from, facility.place), road_km(from, facility.place), at))
                .filter(|(minutes, ..)| *minutes <= RIDE_MIN_MAX)
                .collect();
            near.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
            for (.., at) in near {
                if let Some(beds) = self.take_in(at, people) {
                    return Some((at, beds));
                }
            }
        }
        None
    }

    /// Takes beds for a group in one facility.
    pub fn take_in(&mut self, at: usize, people: &[(Sex, bool)]) -> Option<Vec<String>> {
        let mut beds: Vec<(usize, usize)> = self.fit(at, people)?.into_iter().zip(0..).collect();
        beds.sort_unstable_by_key(|bed| std::cmp::Reverse(bed.0));
        let mut taken = vec![String::new(); people.len()];
        for (index, person) in beds {
            taken[person] = self.free[at].remove(index).bed;
        }
        Some(taken)
    }

    /// Takes beds for a group at a named facility, if it is of one of these kinds and has a bed for every one of them: a child goes
    /// where somebody of the household is (R12).
    pub fn take_beside(
        &mut self,
        facility: &str,
        kinds: &[FacilityKind],
        people: &[(Sex, bool)],
    ) -> Option<(usize, Vec<String>)> {
        let at = self.facilities.iter().position(|one| one.facility == facility && kinds.contains(&one.kind))?;
        Some((at, self.take_in(at, people)?))
    }

    /// Takes these beds of a facility; whether all of them were free.
    pub fn keep(&mut self, at: usize, beds: &[String]) -> bool {
        let free = &mut self.free[at];
        let all = beds.iter().all(|bed| free.iter().any(|one| one.bed == *bed));
        if all {
            free.retain(|one| !beds.contains(&one.bed));
        }
        all
    }

    /// Whether a facility has beds for a group, and how many beds in all suit somebody of it.
    pub fn suits(&self, at: usize, people: &[(Sex, bool)]) -> (bool, usize) {
        let family = people.len() > 1;
        let of_any = |bed: &&Bed| people.iter().any(|person| lies_in(bed, *person, family));
        (self.fit(at, people).is_some(), self.free[at].iter().filter(of_any).count())
    }

    /// Free beds of a facility.
    pub fn count(&self, at: usize) -> usize {
        self.free[at].len()
    }

    /// Takes a bed for one person at a named facility, by its rules if they allow, else any bed that is free there: the
    /// person is there already.
    pub fn take_at(&mut self, facility: &str, person: (Sex, bool)) -> Option<(usize, String)> {
        let at = self.facilities.iter().position(|f| f.facility == facility)?;
        let index = match self.fit(at, &[person]) {
            Some(picked) => picked[0],
            None => self.free[at].len().checked_sub(1)?,
        };
        Some((at, self.free[at].remove(index).bed))
    }

    /// Indexes of free beds of a facility, one for each person, or `None`. Beds are looked through from the end, where
    /// the next ones in order stand, so that taking them is cheap.
    fn fit(&self, at: usize, people: &[(Sex, bool)]) -> Option<Vec<usize>> {
        let free = &self.free[at];
        let family = people.len() > 1;
        if family && let Some(room) = self.family_room(at, people) {
            return Some(room);
        }
        let mut picked: Vec<usize> = Vec::with_capacity(people.len());
        for (sex, severe) in people {
            let suits = |bed: &Bed| lies_in(bed, (*sex, *severe), family);
            // beds for severe cases are kept for them as long as there are others
            let best = (0..free.len())
                .rev()
                .filter(|index| !picked.contains(index) && suits(&free[*index]))
                .find(|index| *severe || free[*index].severe != Known::Yes)
                .or_else(|| (0..free.len()).rev().find(|index| !picked.contains(index) && suits(&free[*index])))?;
            picked.push(best);
        }
        Some(picked)
    }

    /// Free beds of one family room for all of them: a child lies where the carer lies (R12).
    fn family_room(&self, at: usize, people: &[(Sex, bool)]) -> Option<Vec<usize>> {
        let severe = people.iter().any(|(_, severe)| *severe);
        let free = &self.free[at];
        let beds = |room: &Option<String>| -> Vec<usize> {
            let of_room = |index: &usize| free[*index].rule == BedRule::Family && free[*index].room == *room;
            (0..free.len()).rev().filter(of_room).collect()
        };
        let family = free.iter().rev().filter(|bed| bed.rule == BedRule::Family && bed.room.is_some() && !severe);
        let mut picked = family.map(|bed| beds(&bed.room)).find(|beds| beds.len() >= people.len())?;
        picked.truncate(people.len());
        Some(picked)
    }
}

/// Whether the rule of a bed and its equipment let somebody lie in it, alone or with family.
fn lies_in(bed: &Bed, (sex, severe): (Sex, bool), family: bool) -> bool {
    let rule = match bed.rule {
        BedRule::Any => true,
        BedRule::Female => sex == Sex::Female,
        BedRule::Male => sex == Sex::Male,
        BedRule::Family => family,
    };
    rule && (!severe || bed.severe == Known::Yes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_place_no_more_beds_are_given_than_its_staff_can_look_after() {
        let bed = |facility: &str, bed: &str, rule| Bed {
            bed: bed.to_owned(),
            facility: facility.to_owned(),
            room: None,
            rule,
            severe: Known::Unknown,
            state: BedState::Free,
        };
        let beds = vec![
            bed("A", "a1", BedRule::Female),
            bed("A", "a2", BedRule::Female),
            bed("A", "a3", BedRule::Male),
            bed("A", "a4", BedRule::Male),
            bed("B", "b1", BedRule::Any),
            bed("B", "b2", BedRule::Any),
        ];
        let given = |room: &[(&str, i64)]| -> String {
            let room = room.iter().map(|(facility, n)| ((*facility).to_owned(), *n)).collect();
            within_care(beds.clone(), &room).into_iter().map(|bed| bed.bed).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(given(&[("A", 0)]), "b1 b2", "a place without hands takes nobody; of another nobody said anything");
        assert_eq!(given(&[("A", 2), ("B", 9)]), "a1 a3 b1 b2", "some of each kind of bed");
        assert_eq!(given(&[("A", 3)]), "a1 a2 a3 b1 b2");
    }
}
