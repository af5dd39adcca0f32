//! Which bed people get who stay together, and who of them rides together. A household goes whole to the nearest facility that suits its
//! heaviest need; it is parted only where no facility takes it whole. A bed that is held already is kept, and wants a vehicle only.

use super::Outcome;
use crate::{
    beds::Wards,
    dispatch::hands::{self, Said},
    transfer::{
        ahead,
        needs::{MINOR_UNDER, Mover, households},
        outside,
    },
};
use dayclear_core::{
    roster::Need,
    time::{CivilDate, Instant},
    transfer::{FacilityKind, RideClass},
};
use dayclear_engines::dispatch::{Group, Hand};
use dayclear_store::transfer::{Facility, Shift};
use std::collections::HashMap;

/// People who ride together, with a bed for each of them.
pub(super) struct Berths {
    pub(super) group: Group,
    pub(super) needs: Vec<usize>,
    pub(super) beds: Vec<String>,
}

/// What dispatchers said of those who are planned for.
pub(super) struct Words<'a> {
    pub(super) said: HashMap<String, Said>,
    pub(super) shifts: &'a [Shift],
}

impl Words<'_> {
    /// What people who go together may do, and whether they go first.
    fn hand(&self, part: &[usize], needs: &[Mover], facilities: &[Facility]) -> (Hand, bool) {
        let said = part.iter().filter_map(|at| self.said.get(needs[*at].known.as_deref()?));
        hands::hand(said, self.shifts, facilities)
    }
}

/// A group as a dispatcher directed it. Its place is chosen already; of its vehicle a word may be said.
pub(crate) fn directed(group: Group, hand: Hand, first: bool) -> Group {
    let hand = Hand { facilities: Vec::new(), not_facilities: Vec::new(), ..hand };
    Group { hand, rank: if first { 0 } else { group.rank }, ..group }
}

/// Gives beds to households; whoever gets none keeps the outcome of waiting for one.
pub(super) fn give_beds(
    needs: &[Mover],
    outcomes: &mut [Outcome],
    wards: &mut Wards,
    (earliest, today): (Instant, CivilDate),
    words: &Words<'_>,
) -> Vec<Berths> {
    let mut berths = Vec::new();
    for household in households(needs) {
        let mut household = household;
        household.retain(|at| !matches!(outcomes[*at], Outcome::There { .. }));
        berths.extend(held_berths(&household, needs, outcomes, wards, earliest, words));
        household.retain(|at| needs[*at].held.is_none());
        if household.is_empty() {
            continue;
        }
        let Some(from) = household.iter().find_map(|at| needs[*at].person.place) else {
            for at in household {
                outcomes[at] = Outcome::Waits { on: "bed", why: "no address known" };
            }
            continue;
        };
        let mut parts = vec![household];
        while let Some(part) = parts.pop() {
            let of = || part.iter().map(|at| &needs[*at]);
            let people: Vec<_> = of().map(|need| (need.person.sex, need.severe)).collect();
            let (hand, first) = words.hand(&part, needs, wards.facilities());
            let may = |to: usize| hand.allows_facility(to);
            // a dispatcher's word stands above the place of an adult who is followed
            let beside = of().find_map(|need| need.beside.as_deref()).filter(|_| hand.facilities.is_empty());
            let taken = match beside.and_then(|facility| wards.take_beside(facility, &kinds(&part, needs), &people)) {
                Some(taken) => Some(taken),
                None => wards.take_where(&kinds(&part, needs), from, &people, &may),
            };
            let Some((to, beds)) = taken else {
                parts.extend(parted(&part, needs, today));
                continue;
            };
            let group = directed(group(&part, needs, from, to, earliest), hand, first);
            berths.push(Berths { group, needs: part, beds });
        }
    }
    berths
}

/// Who may set out: whoever has a bed outside the city waits until it is confirmed for everybody who goes together.
pub(super) fn confirmed(
    berths: Vec<Berths>,
    needs: &[Mover],
    outcomes: &mut [Outcome],
    places: &[Facility],
) -> Vec<Berths> {
    let mut may_go = Vec::with_capacity(berths.len());
    for berth in berths {
        let to = berth.group.to;
        let said = |at: &usize| needs[*at].held.as_ref().and_then(|held| held.outside);
        if berth.needs.iter().all(|at| outside::may_go(places[to].kind, said(at))) {
            may_go.push(berth);
            continue;
        }
        for (at, bed) in berth.needs.iter().zip(berth.beds) {
            outcomes[*at] = Outcome::Asked { to, bed };
        }
    }
    may_go
}

/// People who stay together where no facility takes all of them: everybody alone, but children with an adult, and a carer with the
/// child they accompany. Nothing where they cannot be parted any further.
pub(crate) fn parted(part: &[usize], needs: &[Mover], today: CivilDate) -> Vec<Vec<usize>> {
    if part.len() < 2 || part.iter().any(|at| needs[*at].accompanies.is_some()) {
        return Vec::new();
    }
    let is_child = |at: &usize| needs[*at].person.age_on(today).is_some_and(|age| age < MINOR_UNDER);
    let (mut together, mut rest): (Vec<usize>, Vec<usize>) = part.iter().copied().partition(|at| is_child(at));
    if !together.is_empty() && !rest.is_empty() {
        together.push(rest.remove(0));
        if rest.is_empty() {
            return Vec::new();
        }
        return rest.into_iter().map(|at| vec![at]).chain([together]).collect();
    }
    part.iter().map(|at| vec![*at]).collect()
}

/// People who ride together from a place to a facility.
pub(crate) fn group(part: &[usize], needs: &[Mover], from: (f64, f64), to: usize, earliest: Instant) -> Group {
    let of = || part.iter().map(|at| &needs[*at]);
    let with = |wanted: Need| of().filter(|need| need.person.needs.contains(&wanted)).count() as i64;
    let stretchers = with(Need::Stretcher);
    let wheelchairs = with(Need::Wheelchair).min(part.len() as i64 - stretchers);
    Group {
        class: needs[part[0]].class,
        seats: part.len() as i64 - wheelchairs - stretchers,
        wheelchairs,
        stretchers,
        from,
        to,
        ready: of().map(|need| need.since).max().unwrap_or_default().max(earliest),
        rank: of().map(|need| need.rank).min().unwrap_or(u8::MAX),
        urgent: of().any(|need| need.severe),
        hand: Hand::default(),
    }
}

/// Those of a household for whom beds are held want a vehicle only: who is fetched at one place and goes to one rides together (R12).
fn held_berths(
    household: &[usize],
    needs: &[Mover],
    outcomes: &mut [Outcome],
    wards: &Wards,
    earliest: Instant,
    words: &Words<'_>,
) -> Vec<Berths> {
    let mut parts: Vec<(usize, (f64, f64), Vec<usize>)> = Vec::new();
    for at in household {
        let Some(held) = &needs[*at].held else { continue };
        outcomes[*at] =
            Outcome::Waits { on: "vehicle", why: "its facility takes nobody today, or no address is known" };
        let to = wards.facilities().iter().position(|facility| facility.facility == held.facility);
        let (Some(to), Some(from)) = (to, needs[*at].person.place) else { continue };
        match parts.iter_mut().find(|part| (part.0, part.1) == (to, from)) {
            Some(part) => part.2.push(*at),
            None => parts.push((to, from, vec![*at])),
        }
    }
    let opening = |part: &[usize]| part.iter().filter_map(|at| needs[*at].held.as_ref()?.bed_from).max();
    parts.retain(|(to, from, part)| {
        let early = opening(part).is_some_and(|opens| ahead::is_early(opens, wards.minutes(*from, *to), earliest));
        for at in part.iter().filter(|_| early) {
            outcomes[*at] = Outcome::Waits { on: ahead::WAITS_FOR, why: ahead::WHY };
        }
        !early
    });
    let berth = |(to, from, part): (usize, (f64, f64), Vec<usize>)| {
        let (hand, first) = words.hand(&part, needs, wards.facilities());
        let mut group = directed(group(&part, needs, from, to, earliest), hand, first);
        if let Some(opens) = opening(&part) {
            group.ready = group.ready.max(ahead::ready(opens, wards.minutes(from, to)));
        }
        let beds = part.iter().filter_map(|at| Some(needs[*at].held.as_ref()?.bed.clone())).collect();
        Berths { group, needs: part, beds }
    };
    parts.into_iter().map(berth).collect()
}

/// Kinds of facility for people who stay together: those of the heaviest need; a hospital may always take a positive
/// whose own kind of place is full or out of reach.
pub(crate) fn kinds(part: &[usize], needs: &[Mover]) -> Vec<FacilityKind> {
    let of = || part.iter().map(|at| &needs[*at]);
    let heaviest = of().find(|need| need.severe || need.kinds.first() == Some(&FacilityKind::DesignatedHospital));
    let Some(need) = heaviest.or_else(|| of().next()) else { return Vec::new() };
    let mut kinds = need.kinds.clone();
    let hospital = FacilityKind::DesignatedHospital;
    if !kinds.contains(&hospital) && takes(hospital, need.class, &kinds) {
        kinds.push(hospital);
    }
    kinds
}

/// Whether a kind of facility takes somebody of a class for whom these kinds are asked.
pub(in crate::transfer) fn takes(kind: FacilityKind, class: RideClass, asked: &[FacilityKind]) -> bool {
    asked.contains(&kind) || (class == RideClass::Positive && kind == FacilityKind::DesignatedHospital)
}
