//! Beds and vehicles for those who have to be moved: the run of the line gives them to all who wait together. Every assignment says why;
//! whoever gets none is told what is missing. Beds are given in `berths`, vehicles are counted in `fleet`.

mod berths;
mod fleet;

pub(in crate::transfer) use berths::takes;
pub(crate) use berths::{directed, group, kinds, parted};
pub(crate) use fleet::{fleet, lead, trip};

use super::{
    company,
    needs::{Mover, transfer_id},
    outside, reports, vain,
};
use crate::{
    OpsError,
    beds::{self, Wards},
    dispatch::hands,
    minutes::Minutes,
};
use berths::{Words, confirmed, give_beds};
use dayclear_core::{
    time::Instant,
    transfer::{Outside, TransferState, Turn},
};
use dayclear_engines::dispatch::{self, Group};
use dayclear_store::{
    Scoped,
    transfer::{Facility, Transfer},
};
use serde_json::json;

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
    // whoever holds a bed already wants a vehicle only
    let free = match needs.iter().all(|need| need.held.is_some()) {
        true => Vec::new(),
        false => beds::to_give(tx, day.earliest).await?,
    };
    let mut wards = Wards::of(facilities, free, day.roads());
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

/// The transfer that an outcome makes of a need, with its reason.
fn decided(need: &Mover, outcome: &Outcome, facilities: &[Facility]) -> Transfer {
    let person = (need.person.person.as_str(), need.person.no);
    let mut transfer = Transfer {
        building: need.person.building.clone(),
        replanned_at: need.held.as_ref().map(|held| held.at),
        door: need.door.clone(),
        ..Transfer::requested(transfer_id(need), person, &need.person.division, need.class, &need.subject, need.since)
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
