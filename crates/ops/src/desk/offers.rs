//! Beds that suit somebody who waits, the nearest first: what a dispatcher chooses from. Nothing is held by looking; a
//! claim decides, under the constraint, and by the same rules.

use super::{DeskError, Doing, Input, Refusal, Room, Sitting, inside, transfers};
use crate::{day::pack_for, minutes::Day, transfer::ahead};
use dayclear_core::{
    listing::{BEDS, Cell, Query, TRANSFERS},
    time::Instant,
};
use dayclear_engines::dispatch::{RIDE_MIN_MAX, road_km};
use dayclear_store::{
    Scope, Store,
    transfer::{Bed, Facility},
};

/// Rank of the kind of facility, how far it is (kilometres, minutes) where that is known, and the facility.
type Near = (usize, Option<(f64, i64)>, Facility);

/// Free beds of one facility that are looked at, and of these offered, at most.
const BEDS_MAX: (usize, usize) = (12, 3);
/// Facilities that are looked at, at most.
const FACILITIES_MAX: usize = 12;

/// A bed that suits.
#[derive(Debug, Clone)]
pub struct Offer {
    /// Bed.
    pub bed: Bed,
    /// Where it stands.
    pub facility: Facility,
    /// Kilometres and minutes by road from the door; `None`: nobody knows where the person is.
    pub ride: Option<(f64, i64)>,
    /// From when its ward takes people, where that lies ahead.
    pub bed_from: Option<Instant>,
}

/// Beds for a transfer that waits: by the kinds of facility in the order of the rules, in each the nearest first.
pub async fn offers(
    store: &Store,
    doing: &Doing<'_>,
    city: &Scope,
    transfer: &str,
    most: usize,
) -> Result<Vec<Offer>, DeskError> {
    let mut tx = store.look(&doing.looker.scope()).await?;
    if tx.records(&TRANSFERS, &[transfer]).await?.is_empty() {
        return Err(Refusal::Unknown.into());
    }
    tx.widen(city);
    let found = tx.transfers_by_id(&[transfer]).await?.into_iter().next();
    let Some(transfer) = found.filter(transfers::waits) else { return Ok(Vec::new()) };
    let Some(person) = tx.people_by_no(&[transfer.person_no]).await?.into_iter().next() else {
        return Ok(Vec::new());
    };
    let case = tx.cases_of(&[transfer.person_no]).await?.into_iter().find(|case| case.closed_on.is_none());
    let date = doing.settings.zone.day(doing.now);
    let pack = pack_for(doing.packs, doing.pack, date)?;
    let day = Day::at(date, None, doing.now, pack, doing.settings);
    let kinds = transfers::kinds_for(&day, &transfer, case.as_ref(), &person);
    let roads = day.roads();
    let ride = |facility: &Facility| {
        person.place.map(|from| (road_km(from, facility.place), roads.minutes(from, facility.place)))
    };
    let rank = |facility: &Facility| kinds.iter().position(|kind| *kind == facility.kind);
    let mut near: Vec<Near> = tx
        .facilities()
        .await?
        .into_iter()
        .filter_map(|facility| Some((rank(&facility)?, ride(&facility), facility)))
        .filter(|(_, ride, _)| ride.is_none_or(|(_, minutes)| minutes <= RIDE_MIN_MAX))
        .collect();
    let far = |ride: &Option<(f64, i64)>| ride.map_or((i64::MAX, f64::MAX), |(km, minutes)| (minutes, km));
    let nearer = |a: &Near, b: &Near| {
        let (a, b) = (far(&a.1), far(&b.1));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    };
    near.sort_by(|a, b| a.0.cmp(&b.0).then(nearer(a, b)).then(a.2.facility.cmp(&b.2.facility)));
    let (input, room) = (Input::new(), Room { day, city: city.clone() });
    let mut offers = Vec::new();
    for (_, ride, facility) in near.into_iter().take(FACILITIES_MAX) {
        let free = Query { limit: BEDS_MAX.0, ..Query::default() }
            .with(&BEDS, "facility", Cell::Text(facility.facility.clone()))
            .with(&BEDS, "state", Cell::Text("free".to_owned()));
        let beds = tx.list(&BEDS, &free).await.map_err(inside)?;
        let mut offered = 0;
        for row in &beds.rows {
            let Some(name) = row.get(&BEDS, "bed").as_str() else { continue };
            let Some((bed, facility)) = tx.bed(name).await? else { continue };
            let mut at = Sitting { tx: &mut tx, room: &room, doing, input: &input, ahead: None };
            let earliest = at.room.day.earliest;
            let opens = ahead::opening(&facility.steps, bed.room.as_deref(), earliest).unwrap_or(earliest);
            if transfers::against(&mut at, &transfer, &bed, &facility, opens).await?.is_none() {
                let bed_from = (opens > earliest).then_some(opens);
                offers.push(Offer { bed, facility, ride, bed_from });
                offered += 1;
            }
            if offers.len() >= most {
                return Ok(offers);
            }
            if offered >= BEDS_MAX.1 {
                break;
            }
        }
    }
    Ok(offers)
}
