//! Beds and vehicles for those who have to be moved. A household goes whole to the nearest facility that suits its
//! heaviest need; it is parted only where no facility takes it whole. Every assignment says why; whoever gets none is
//! told what is missing.

use super::{
    ahead, company,
    needs::{MINOR_UNDER, Mover, households, transfer_id},
    outside, reports, vain,
};
use crate::{
    OpsError,
    beds::{self, Wards},
    dispatch::hands::{self, Said},
    minutes::Minutes,
};
use dayclear_core::{
    roster::Need,
    time::{CivilDate, Instant},
    transfer::{FacilityKind, Outside, RideClass, TransferState, Turn},
};
use dayclear_engines::dispatch::{self, Group, Hand, Vehicle};
use dayclear_store::{
    Scoped,
    transfer::{Facility, Shift, Transfer, Trip},
};
use serde_json::json;
use std::collections::HashMap;

/// Why somebody has no bed, where there are not enough.
const NO_BED: &str = "no suitable bed is free within the limit of a ride";

/// What came of one need.
#[derive(Debug, Clone)]
enum Outcome {
    /// Reported as admitted before anything was planned: a bed where they are, and no vehicle.
    There { to: usize, bed: String, at: Instant },
    /// A bed, and a seat on a trip.
    Booked { to: usize, bed: String, trip: String, pickup: Instant, arrives: Instant },
    /// A bed outside the city, and nobody there has confirmed it.
    Asked { to: usize, bed: String },
    /// Nothing yet.
    Waits { on: &'static str, why: &'static str },
}

/// People who ride together, with a bed for each of them.
struct Berths {
    group: Group,
    needs: Vec<usize>,
    beds: Vec<String>,
}

/// Plans what is needed and books it.
pub async fn make(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    needs: Vec<Mover>,
    transfers: &mut Vec<Transfer>,
) -> Result<(), OpsError> {
    let day = minutes.day;
    if needs.is_empty() {
        return Ok(());
    }
    // a place that is not open yet takes whoever holds a bed ahead; to_give offers none of its beds
    let held = |one: &Facility| {
        let ahead = |need: &Mover| {
            need.held.as_ref().is_some_and(|held| held.bed_from.is_some() && held.facility == one.facility)
        };
        vain::is_open(one, day) || needs.iter().any(ahead)
    };
    let facilities: Vec<Facility> = tx.facilities().await?.into_iter().filter(held).collect();
    let mut wards = Wards::of(facilities, beds::to_give(tx, day.earliest).await?, day.roads());
    let names: Vec<&str> = needs.iter().map(|need| need.person.person.as_str()).collect();
    let arrived = reports::arrivals(tx, day, &names).await?;
    let mut outcomes = vec![Outcome::Waits { on: "bed", why: NO_BED }; needs.len()];
    for (need, outcome) in needs.iter().zip(&mut outcomes) {
        if let Some((facility, at)) = arrived.get(&need.person.person)
            // the place they leave took them in for another reason, and an earlier move has its own reports
            && need.left.as_ref() != Some(facility)
            && !transfers.iter().any(|t| {
                t.person == need.person.person && t.requested_at <= *at && Some(&t.id) != need.known.as_ref()
            })
            // whoever holds a bed by hand is admitted by the report itself
            && need.held.is_none()
            && let Some((to, bed)) = wards.take_at(facility, (need.person.sex, need.severe))
        {
            *outcome = Outcome::There { to, bed, at: (*at).max(need.since) };
        }
    }
    let shifts = tx.shifts(day.start, day.until.max(day.end).plus_hours(6)).await?;
    let known: Vec<&str> = needs.iter().filter_map(|need| need.known.as_deref()).collect();
    let words = Words { said: hands::said(&tx.directions_of(&known).await?), shifts: &shifts };
    let berths = give_beds(&needs, &mut outcomes, &mut wards, (day.earliest, day.date), &words);
    let berths = confirmed(berths, &needs, &mut outcomes, wards.facilities());
    let busy = tx.trips_after(day.start).await?;
    let groups: Vec<Group> = berths.iter().map(|b| b.group.clone()).collect();
    let places: Vec<(f64, f64)> = wards.facilities().iter().map(|f| f.place).collect();
    let lead = lead(tx, &busy).await?;
    let stands = |trip: &str| lead.get(trip).copied();
    let plan = dispatch::plan(&groups, &fleet(&shifts, &busy, &stands), &places, (day.zone, &day.roads()));
    for (group, why) in &plan.unplaced {
        for need in &berths[*group].needs {
            outcomes[*need] = Outcome::Waits { on: "vehicle", why: why.says() };
        }
    }
    let before = busy.iter().filter(|trip| trip.departs_at >= day.start).count();
    let (mut trips, mut seats) = (Vec::with_capacity(plan.trips.len()), Vec::new());
    for (n, planned) in plan.trips.iter().enumerate() {
        let id = format!("T-{}-{:05}", day.date, before + n + 1);
        let mut people = 0;
        for (group, pickup) in &planned.stops {
            let berth = &berths[*group];
            for (need, bed) in berth.needs.iter().zip(&berth.beds) {
                people += 1;
                seats.push((id.clone(), people, transfer_id(&needs[*need])));
                outcomes[*need] = Outcome::Booked {
                    to: berth.group.to,
                    bed: bed.clone(),
                    trip: id.clone(),
                    pickup: *pickup,
                    arrives: planned.arrives,
                };
            }
        }
        trips.push(trip(id, planned, &shifts[planned.vehicle], people));
    }
    let (mut fresh, mut holds) = (Vec::new(), Vec::new());
    for (need, outcome) in needs.iter().zip(&outcomes) {
        let transfer = decided(need, outcome, wards.facilities());
        if need.beside.is_some() && transfer.facility.is_some() && transfer.facility != need.beside {
            let why = "goes to another place than the adult of the household, where no bed is free: name a carer";
            company::name_a_carer(minutes, need, why);
        }
        if let Some(bed) = transfer.bed.as_ref().filter(|bed| need.held.as_ref().is_none_or(|held| held.bed != **bed)) {
            holds.push((bed.clone(), transfer.id.clone(), need.since));
        }
        match need.again {
            // waits as before
            Some(index) if transfers[index] == transfer => {}
            Some(index) => {
                tell(minutes, need, &transfer)?;
                tx.update_transfer(&transfer).await?;
                transfers[index] = transfer;
            }
            None => {
                tell(minutes, need, &transfer)?;
                fresh.push(transfer);
            }
        }
    }
    tx.request_transfers(&fresh).await?;
    tx.hold_beds(&holds, day.earliest).await?;
    tx.plan_trips(&trips, &seats).await?;
    transfers.extend(fresh);
    Ok(())
}

/// Where trips lead.
pub(crate) async fn lead(tx: &mut Scoped, trips: &[Trip]) -> Result<HashMap<String, (f64, f64)>, OpsError> {
    // of a ride home it is not known where it ends: its vehicle is taken to be back
    let ids: Vec<&str> =
        trips.iter().filter(|trip| trip.class != RideClass::Home).map(|trip| trip.id.as_str()).collect();
    let places: HashMap<String, (f64, f64)> =
        tx.facilities().await?.into_iter().map(|f| (f.facility, f.place)).collect();
    let lead = tx.trips_lead(&ids).await?.into_iter();
    Ok(lead.filter_map(|(trip, (_, to))| Some((trip, *places.get(&to?)?))).collect())
}

/// Asks for transfers that the next run of the line will plan: beds and vehicles are given to all who wait together.
pub async fn ask(tx: &mut Scoped, minutes: &mut Minutes<'_>, needs: Vec<Mover>) -> Result<Vec<Transfer>, OpsError> {
    let waits =
        Outcome::Waits { on: "plan", why: "just found: the next run of the line looks for a bed and a vehicle" };
    let mut fresh = Vec::with_capacity(needs.len());
    for need in &needs {
        let transfer = decided(need, &waits, &[]);
        tell(minutes, need, &transfer)?;
        fresh.push(transfer);
    }
    tx.request_transfers(&fresh).await?;
    Ok(fresh)
}

/// What dispatchers said of those who are planned for.
struct Words<'a> {
    said: HashMap<String, Said>,
    shifts: &'a [Shift],
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
fn give_beds(
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
fn confirmed(berths: Vec<Berths>, needs: &[Mover], outcomes: &mut [Outcome], places: &[Facility]) -> Vec<Berths> {
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
pub(super) fn takes(kind: FacilityKind, class: RideClass, asked: &[FacilityKind]) -> bool {
    asked.contains(&kind) || (class == RideClass::Positive && kind == FacilityKind::DesignatedHospital)
}

pub(crate) fn trip(id: String, planned: &dispatch::Trip, shift: &Shift, people: i64) -> Trip {
    Trip {
        id,
        vehicle: shift.vehicle.clone(),
        crew: shift.crew.clone(),
        class: planned.class,
        division: shift.division.clone(),
        departs_at: planned.departs,
        ends_at: planned.ends,
        people,
        km: (planned.km * 10.0).round() / 10.0,
        turned_at: None,
    }
}

/// The transfer that an outcome makes of a need, with its reason.
fn decided(need: &Mover, outcome: &Outcome, facilities: &[Facility]) -> Transfer {
    let mut transfer = Transfer {
        id: transfer_id(need),
        person: need.person.person.clone(),
        person_no: need.person.no,
        division: need.person.division.clone(),
        class: need.class,
        subject: need.subject.clone(),
        requested_at: need.since,
        building: need.person.building.clone(),
        facility: None,
        bed: None,
        trip: None,
        pickup_at: None,
        arrive_at: None,
        picked_up_at: None,
        admitted_at: None,
        ended_at: None,
        state: TransferState::Requested,
        reason: String::new(),
        replanned_at: need.held.as_ref().map(|held| held.at),
        handed_over_at: None,
        door: need.door.clone(),
        outside: None,
        bed_from: None,
    };
    if let Some(held) = &need.held {
        transfer.facility = Some(held.facility.clone());
        transfer.bed = Some(held.bed.clone());
        transfer.outside = held.outside;
        transfer.bed_from = held.bed_from;
    }
    let reason = match outcome {
        Outcome::There { to, bed, at } => {
            transfer.facility = Some(facilities[*to].facility.clone());
            transfer.bed = Some(bed.clone());
            transfer.admitted_at = Some(*at);
            transfer.state = TransferState::Admitted;
            // who says that somebody is there takes them
            transfer.outside = outside::asked(facilities[*to].kind).map(|_| Outside::Confirmed);
            json!({"reported": "admitted before anything was planned"})
        }
        Outcome::Asked { to, bed } => {
            transfer.facility = Some(facilities[*to].facility.clone());
            transfer.bed = Some(bed.clone());
            transfer.outside = transfer.outside.or(Some(Outside::Asked));
            // held from now on, whatever else comes free: somebody has been asked
            transfer.replanned_at = transfer.replanned_at.or(Some(need.since));
            json!({"waits_for": outside::WAITS_FOR, "why": outside::WHY, "accompanies": need.accompanies})
        }
        Outcome::Booked { to, bed, trip, pickup, arrives } => {
            let facility = &facilities[*to];
            transfer.facility = Some(facility.facility.clone());
            transfer.bed = Some(bed.clone());
            transfer.trip = Some(trip.clone());
            transfer.pickup_at = Some(*pickup);
            transfer.arrive_at = Some(*arrives);
            transfer.state = TransferState::Booked;
            let km = need.person.place.map_or(0.0_f64, |place| dispatch::road_km(place, facility.place));
            json!({
                "bed": "nearest suitable facility with a free bed", "kinds": need.kinds, "km": (km * 10.0).round() / 10.0,
                "vehicle": "first on shift at the door", "trip": trip, "accompanies": need.accompanies, "from": need.left,
            })
        }
        // who goes before whom where beds are short is said with each of them
        Outcome::Waits { on, why } if *why == NO_BED => {
            json!({"waits_for": on, "why": why, "turn": Turn::of(need.rank), "accompanies": need.accompanies})
        }
        Outcome::Waits { on, why } => json!({"waits_for": on, "why": why, "accompanies": need.accompanies}),
    };
    transfer.reason = reason.to_string();
    transfer
}

fn tell(minutes: &mut Minutes<'_>, need: &Mover, transfer: &Transfer) -> Result<(), OpsError> {
    let kind = match transfer.state {
        TransferState::Booked => "transfer.booked",
        TransferState::Admitted => "transfer.admitted",
        _ => "transfer.requested",
    };
    let reason: serde_json::Value = serde_json::from_str(&transfer.reason).unwrap_or_default();
    let body = json!({"person": transfer.person, "class": transfer.class, "facility": transfer.facility,
                      "bed": transfer.bed, "trip": transfer.trip, "pickup_at": transfer.pickup_at, "reason": reason});
    minutes.event(need.since, kind, &transfer.id, &transfer.division, &body, Some("transfer"))
}

/// Vehicles with their crews, as free as the trips leave them; `stands` says where a trip leads, if that is known.
pub(crate) fn fleet(shifts: &[Shift], busy: &[Trip], stands: &dyn Fn(&str) -> Option<(f64, f64)>) -> Vec<Vehicle> {
    let mut bodies: HashMap<&str, usize> = HashMap::new();
    // a trip whose seats were all given back before it set out takes nobody's time; one that turned has been driven (R09)
    let busy: Vec<&Trip> = busy.iter().filter(|trip| trip.people > 0 || trip.turned_at.is_some()).collect();
    shifts
        .iter()
        .map(|shift| {
            let next = bodies.len();
            let body = *bodies.entry(shift.vehicle.as_str()).or_insert(next);
            let last = busy.iter().filter(|trip| trip.vehicle == shift.vehicle).max_by_key(|trip| trip.ends_at);
            let free_from = last.map_or(shift.from, |trip| trip.ends_at);
            // between two shifts it is brought back
            let of_crew = last.filter(|trip| trip.crew == shift.crew && trip.turned_at.is_none());
            // minutes of trips planned earlier count as driven
            let driven: i64 = busy
                .iter()
                .filter(|trip| trip.crew == shift.crew)
                .map(|trip| trip.ends_at.minutes_since(trip.departs_at))
                .sum();
            Vehicle {
                seats: shift.seats,
                wheelchairs: shift.wheelchairs,
                stretchers: shift.stretchers,
                at: of_crew.and_then(|trip| stands(&trip.id)).unwrap_or(shift.depot),
                from: shift.from,
                to: shift.to,
                driven_24h_min: shift.driven_24h_min + driven,
                driven_7d_min: shift.driven_7d_min + driven,
                free_from,
                body,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trip_that_turned_counts_for_its_crew_and_its_vehicle_and_one_that_never_set_out_does_not() {
        let at = |minutes| Instant::from_micros(0).plus_minutes(minutes);
        let shift = Shift {
            vehicle: "V1".to_owned(),
            division: "500103".parse().unwrap(),
            seats: 8,
            stretchers: 0,
            wheelchairs: 0,
            depot: (106.5, 29.5),
            crew: "C1".to_owned(),
            from: at(0),
            to: at(600),
            driven_24h_min: 30,
            driven_7d_min: 900,
        };
        let trip = |people, turned_at| Trip {
            id: "T".to_owned(),
            vehicle: "V1".to_owned(),
            crew: "C1".to_owned(),
            class: RideClass::Positive,
            division: "500103".parse().unwrap(),
            departs_at: at(100),
            ends_at: at(140),
            people,
            km: 1.0,
            turned_at,
        };
        for (trip, driven, free_from) in
            [(trip(2, None), 40, at(140)), (trip(0, Some(at(120))), 40, at(140)), (trip(0, None), 0, at(0))]
        {
            let found = fleet(std::slice::from_ref(&shift), std::slice::from_ref(&trip), &|_| None);
            let found = (found[0].driven_24h_min, found[0].driven_7d_min, found[0].free_from);
            assert_eq!(found, (30 + driven, 900 + driven, free_from), "{trip:?}");
        }
    }
}
