//! Which bed for whom: the nearest facility of the kinds asked for that takes the whole group, under the rules of each
//! bed (sex, family, equipment). It chooses; whether a bed is really free is decided by the store's constraint.

use dayclear_core::{
    roster::{Known, Sex},
    transfer::{BedRule, FacilityKind},
};
use dayclear_engines::dispatch::{RIDE_MIN_MAX, road_km, road_min};
use dayclear_store::transfer::{Bed, Facility};
use std::collections::HashMap;

/// Facilities with their free beds.
pub struct Wards {
    facilities: Vec<Facility>,
    free: Vec<Vec<Bed>>,
}

impl Wards {
    /// Free beds by facility.
    pub fn of(facilities: Vec<Facility>, free_beds: Vec<Bed>) -> Self {
        let at: HashMap<String, usize> =
            facilities.iter().enumerate().map(|(at, facility)| (facility.facility.clone(), at)).collect();
        let mut free: Vec<Vec<Bed>> = facilities.iter().map(|_| Vec::new()).collect();
        for bed in free_beds.into_iter().rev() {
            if let Some(at) = at.get(&bed.facility) {
                free[*at].push(bed);
            }
        }
        Wards { facilities, free }
    }

    /// Facilities, in the order of the indexes that [`Wards::take`] gives.
    pub fn facilities(&self) -> &[Facility] {
        &self.facilities
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
            let mut near: Vec<(f64, usize)> = self
                .facilities
                .iter()
                .enumerate()
                .filter(|(at, facility)| facility.kind == *kind && self.free[*at].len() >= people.len())
                .filter(|(at, facility)| may(*at) && road_min(from, facility.place) <= RIDE_MIN_MAX)
                .map(|(at, facility)| (road_km(from, facility.place), at))
                .collect();
            near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            for (_, at) in near {
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
