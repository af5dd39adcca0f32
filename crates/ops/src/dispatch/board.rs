//! What can still be planned otherwise, as it stands: whose transfers, who of them goes together, free beds with those that they hold,
//! vehicles as free as the trips leave them that stay. Read only. A household is on the board as a whole or not at all, and so is a
//! trip; a child is on it only with whoever goes along (R12).

use super::{GROUPS_MAX, SETTLED_MIN, hands::Said};
use crate::{
    OpsError,
    beds::to_give,
    minutes::Day,
    transfer::{
        home,
        needs::{self, MINOR_UNDER, Mover},
        vain,
    },
};
use dayclear_core::{
    time::Instant,
    transfer::{FacilityKind, TransferState},
};
use dayclear_engines::dispatch::Roads;
use dayclear_store::{
    Scoped,
    events::hex,
    transfer::{Bed, Facility, Shift, Transfer, Trip},
};
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Age from which somebody of a household can be with a child.
const ADULT_FROM: u8 = 18;

/// What can be planned otherwise.
#[derive(Clone)]
pub(crate) struct Board {
    /// Who, and their transfers in the same order.
    pub movers: Vec<Mover>,
    pub transfers: Vec<Transfer>,
    /// Who goes together: indices of movers.
    pub households: Vec<Vec<usize>>,
    /// What dispatchers said, by transfer.
    pub said: HashMap<String, Said>,
    /// Places that take people today.
    pub facilities: Vec<Facility>,
    /// Beds that are free, and those held for whoever is on the board; in order of facility, room and bed.
    pub beds: Vec<Bed>,
    pub shifts: Vec<Shift>,
    /// Trips that stay.
    pub busy: Vec<Trip>,
    /// Trips of whoever is on the board.
    pub open_trips: Vec<Trip>,
    /// Where trips lead that stay.
    pub stands: HashMap<String, (f64, f64)>,
    /// Of all that a plan rests on.
    pub digest: String,
}

impl Board {
    /// The board; `None`: nobody is on it, or so many that they are not planned together.
    pub(crate) async fn read(tx: &mut Scoped, day: &Day<'_>) -> Result<Option<Board>, OpsError> {
        let open = tx.open_transfers(day.end.plus_minutes(SETTLED_MIN)).await?;
        let open: Vec<Transfer> = open.into_iter().filter(is_planned).collect();
        if open.is_empty() {
            return Ok(None);
        }
        let trips: BTreeSet<&str> = open.iter().filter_map(|transfer| transfer.trip.as_deref()).collect();
        let lead = tx.trips_lead(&trips.into_iter().collect::<Vec<_>>()).await?;
        let seats: HashMap<String, i64> = lead.into_iter().map(|(trip, (seats, _))| (trip, seats)).collect();
        let movers = needs::asked(tx, day, &open).await?;
        let by_id: HashMap<&str, &Transfer> = open.iter().map(|transfer| (transfer.id.as_str(), transfer)).collect();
        let transfers: Vec<Transfer> = movers
            .iter()
            .filter_map(|mover| by_id.get(mover.known.as_deref()?).map(|transfer| (*transfer).clone()))
            .collect();
        let followed = followed(tx, day, &movers).await?;
        let households = together(&movers, &transfers, &seats, &followed, day);
        if households.is_empty() || households.len() > GROUPS_MAX {
            return Ok(None);
        }
        let mut on: Vec<usize> = households.iter().flatten().copied().collect();
        on.sort_unstable();
        let place: HashMap<usize, usize> = on.iter().enumerate().map(|(to, at)| (*at, to)).collect();
        let households = households.into_iter().map(|all| all.into_iter().map(|at| place[&at]).collect()).collect();
        let transfers: Vec<Transfer> = on.iter().map(|at| transfers[*at].clone()).collect();
        let kept: HashSet<usize> = on.into_iter().collect();
        let movers: Vec<Mover> =
            movers.into_iter().enumerate().filter(|(at, _)| kept.contains(at)).map(|(_, mover)| mover).collect();
        let ids: Vec<&str> = transfers.iter().map(|transfer| transfer.id.as_str()).collect();
        let said = super::hands::said(&tx.directions_of(&ids).await?);

        let in_city = |one: &Facility| one.kind != FacilityKind::OutsideCity && vain::is_open(one, day);
        let facilities: Vec<Facility> = tx.facilities().await?.into_iter().filter(in_city).collect();
        let beds = beds(tx, &movers, &transfers, day.earliest).await?;
        let shifts = tx.shifts(day.start, day.until.max(day.end).plus_hours(6)).await?;
        let ours: HashSet<&str> = transfers.iter().filter_map(|transfer| transfer.trip.as_deref()).collect();
        let (open_trips, busy): (Vec<Trip>, Vec<Trip>) =
            tx.trips_after(day.start).await?.into_iter().partition(|trip| ours.contains(trip.id.as_str()));
        let stands = crate::transfer::plan::lead(tx, &busy).await?;
        let mut hash = Sha256::new();
        let mut told: Vec<(&String, &Said)> = said.iter().collect();
        told.sort_by_key(|(transfer, _)| *transfer);
        for part in [
            format!("{transfers:?}"),
            format!("{told:?}"),
            format!("{facilities:?}"),
            format!("{beds:?}"),
            format!("{shifts:?}"),
            format!("{busy:?}"),
        ] {
            hash.update(part);
        }
        let digest = hex(&hash.finalize());
        Ok(Some(Board {
            movers,
            transfers,
            households,
            said,
            facilities,
            beds,
            shifts,
            busy,
            open_trips,
            stands,
            digest,
        }))
    }

    /// Places that a plan of it drives between: doors, and facilities with depots.
    pub(crate) fn places(&self) -> [Vec<(f64, f64)>; 2] {
        let doors = self.movers.iter().filter_map(|mover| mover.person.place).collect();
        let depots = self.shifts.iter().map(|shift| shift.depot);
        [doors, self.facilities.iter().map(|facility| facility.place).chain(depots).collect()]
    }

    /// People on the board whose ride was planned for less time than the road takes: nobody can keep those hours.
    pub(crate) fn too_short(&self, roads: &Roads) -> usize {
        let facility = |name: &String| self.facilities.iter().find(|one| one.facility == *name);
        let shorter = |(mover, transfer): &(&Mover, &Transfer)| {
            let to = transfer.trip.as_ref().and(transfer.facility.as_ref()).and_then(facility);
            match (mover.person.place, to, transfer.pickup_at, transfer.arrive_at) {
                (Some(from), Some(to), Some(pickup), Some(arrives)) => {
                    roads.told(from, to.place).is_some_and(|minutes| arrives.minutes_since(pickup) < minutes)
                }
                _ => false,
            }
        };
        self.movers.iter().zip(&self.transfers).filter(shorter).count()
    }

    /// People on the board who have no seat.
    pub(crate) fn waiting(&self) -> usize {
        self.transfers.iter().filter(|transfer| transfer.trip.is_none()).count()
    }
}

/// Whether the line has looked at somebody: whom it has not, it asks for first.
fn is_planned(transfer: &Transfer) -> bool {
    // the way home is planned after everybody who waits for a bed; a place outside the city was confirmed for one person, and is theirs, as is a
    // bed that is held ahead
    if home::leads_home(transfer) || transfer.outside.is_some() || transfer.bed_from.is_some() {
        return false;
    }
    let reason: serde_json::Value = serde_json::from_str(&transfer.reason).unwrap_or_default();
    match transfer.state {
        TransferState::Booked => reason["report"].is_null(),
        _ => matches!(reason["waits_for"].as_str(), Some("bed" | "vehicle")),
    }
}

/// People with whom a child is or rides who is not on the board: where they go, the child has gone (R12).
async fn followed(tx: &mut Scoped, day: &Day<'_>, movers: &[Mover]) -> Result<HashSet<String>, OpsError> {
    let mut homes: Vec<&str> = movers.iter().filter_map(|mover| mover.person.household.as_deref()).collect();
    homes.sort_unstable();
    homes.dedup();
    let names: Vec<&str> = movers.iter().map(|mover| mover.person.person.as_str()).collect();
    let cared_for = tx.cared_for_by(&names).await?;
    let mut others = tx.people_of_households(&homes).await?;
    others.extend(tx.people_by_id(&cared_for.iter().map(String::as_str).collect::<Vec<_>>()).await?);
    others.retain(|one| one.age_on(day.date).is_some_and(|age| age < MINOR_UNDER));
    let ours: HashSet<i64> = movers.iter().map(|mover| mover.person.no).collect();
    let numbers: Vec<i64> = others.iter().map(|one| one.no).filter(|no| !ours.contains(no)).collect();
    let gone: HashSet<i64> = tx
        .live_transfers_of(&numbers)
        .await?
        .into_iter()
        .filter(|transfer| transfer.state != TransferState::Requested)
        .map(|transfer| transfer.person_no)
        .collect();
    let children: Vec<_> = others.iter().filter(|one| gone.contains(&one.no)).collect();
    let with_one = |mover: &&Mover| {
        children.iter().any(|child| {
            child.carer.as_ref() == Some(&mover.person.person)
                || child.household.is_some() && child.household == mover.person.household
        })
    };
    Ok(movers.iter().filter(with_one).map(|mover| mover.person.person.clone()).collect())
}

/// Households that can be planned otherwise: as wholes, with whoever must be with a child, and with trips on which nobody else rides.
fn together(
    movers: &[Mover],
    transfers: &[Transfer],
    seats: &HashMap<String, i64>,
    followed: &HashSet<String>,
    day: &Day<'_>,
) -> Vec<Vec<usize>> {
    let age = |at: &usize, is: &dyn Fn(u8) -> bool| movers[*at].person.age_on(day.date).is_some_and(is);
    let in_company = |household: &Vec<usize>| {
        let child = household.iter().any(|at| age(at, &|age| age < MINOR_UNDER));
        let adult = household.iter().any(|at| age(at, &|age| age >= ADULT_FROM));
        let with = |at: &usize| match &movers[*at].accompanies {
            Some(whom) => household.iter().any(|other| movers[*other].person.person == *whom),
            None => true,
        };
        let free = household.iter().all(|at| !followed.contains(&movers[*at].person.person));
        free && (adult || !child)
            && household.iter().all(with)
            && household.iter().any(|at| movers[*at].person.place.is_some())
    };
    let mut households: Vec<Vec<usize>> = needs::households(movers);
    households.retain(in_company);
    loop {
        let mut riders: HashMap<&str, i64> = HashMap::new();
        for trip in households.iter().flatten().filter_map(|at| transfers[*at].trip.as_deref()) {
            *riders.entry(trip).or_default() += 1;
        }
        let before = households.len();
        let whole = |at: &usize| {
            let trip = transfers[*at].trip.as_deref();
            trip.is_none_or(|trip| riders.get(trip) == seats.get(trip))
        };
        households.retain(|household| household.iter().all(whole));
        if households.len() == before {
            return households;
        }
    }
}

/// Free beds, and those that people on the board hold by the plan and not by hand.
async fn beds(tx: &mut Scoped, movers: &[Mover], transfers: &[Transfer], at: Instant) -> Result<Vec<Bed>, OpsError> {
    let theirs: HashSet<&str> = movers
        .iter()
        .zip(transfers)
        .filter(|(mover, _)| mover.held.is_none())
        .filter_map(|(_, transfer)| transfer.bed.as_deref())
        .collect();
    if theirs.is_empty() {
        return to_give(tx, at).await;
    }
    let mut beds = tx.beds_by_id(&theirs.into_iter().collect::<Vec<_>>()).await?;
    beds.extend(to_give(tx, at).await?);
    beds.sort_by(|a, b| (&a.facility, &a.room, &a.bed).cmp(&(&b.facility, &b.room, &b.bed)));
    Ok(beds)
}
