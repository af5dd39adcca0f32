//! Beds held ahead of the opening of their ward: a temporary hospital opens in phases, and whoever is to lie in a ward that opens at a known
//! hour may hold its bed before. It may use the phases that people said; it guarantees that no ride is planned to arrive before the
//! opening, and that a word that moves the opening moves or ends every such hold in its own transaction, with an event for each.

use super::vain;
use crate::{OpsError, minutes::Minutes};
use dayclear_core::{
    phases::{self, PhaseStep},
    time::Instant,
    transfer::TransferState,
};
use dayclear_store::{Scoped, transfer::Transfer};
use serde_json::json;

/// A bed is held for an opening within so many hours (R): later ones move too often to promise anybody a bed.
const AHEAD_H_MAX: i64 = 24;
/// A seat is planned from so many minutes before the ride would have to begin (R): until then the vehicle is for others.
const SEAT_MIN: i64 = 120;
/// Why somebody with a bed held ahead has no seat yet; the word by which it is found in a reason, and what is said.
pub(crate) const WAITS_FOR: &str = "opening";
pub(crate) const WHY: &str = "its ward is not open yet: the ride is planned so that nobody arrives before";

/// From when a ward takes people, now or within the hours for which a bed is held ahead; `None`: it does not, or nobody has said when.
pub(crate) fn opening(steps: &[PhaseStep], ward: Option<&str>, now: Instant) -> Option<Instant> {
    phases::opens(steps, ward, now).filter(|from| *from <= now.plus_hours(AHEAD_H_MAX))
}

/// From when somebody may be picked up who is not to arrive before their ward opens.
pub(super) fn ready(bed_from: Instant, ride_min: i64) -> Instant {
    bed_from.plus_minutes(-ride_min)
}

/// Whether it is too early to plan a seat.
pub(super) fn is_early(bed_from: Instant, ride_min: i64, now: Instant) -> bool {
    ready(bed_from, ride_min).minutes_since(now) > SEAT_MIN
}

/// Whether somebody who is picked up at a moment would arrive before their ward opens.
pub(crate) fn arrives_early(transfer: &Transfer, picked_up: Instant) -> bool {
    let ride = |(pickup, arrive): (Instant, Instant)| arrive.minutes_since(pickup);
    let ride_min = transfer.pickup_at.zip(transfer.arrive_at).map_or(0, ride);
    transfer.bed_from.is_some_and(|from| picked_up.plus_minutes(ride_min) < from)
}

/// What was said of the phases of a facility may have moved an opening: beds held ahead are held for the new hour, or are given back
/// where nobody knows of one. Returns the transfers that changed.
pub(crate) async fn moved(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    facility: &str,
) -> Result<Vec<Transfer>, OpsError> {
    let now = minutes.day.end;
    let held = tx.held_ahead(facility).await?;
    if held.is_empty() {
        return Ok(Vec::new());
    }
    let steps = tx.phase_steps_of(facility).await?;
    let ids: Vec<&str> = held.iter().map(|(id, _)| id.as_str()).collect();
    let mut changed = Vec::new();
    for mut one in tx.transfers_by_id(&ids).await? {
        let ward = held.iter().find(|(id, _)| *id == one.id).and_then(|(_, ward)| ward.as_deref());
        let was = one.bed_from;
        match opening(&steps, ward, now) {
            None => vain::take_back(tx, minutes, &mut one, "its ward does not open as it was said").await?,
            Some(from) if Some(from) == was || was.is_some_and(|was| was <= now && from <= now) => continue,
            Some(from) => {
                tx.move_hold(&one.id, from).await?;
                one.bed_from = Some(from);
                let late = one.arrive_at.is_some_and(|arrives| arrives < from);
                if one.state == TransferState::Booked && late {
                    super::without_ride(tx, &mut one, now).await?;
                    one.reason = json!({"waits_for": WAITS_FOR, "why": WHY}).to_string();
                }
                tx.update_transfer(&one).await?;
                let body = json!({"facility": one.facility, "bed": one.bed, "was": was, "is": from, "seat": one.trip});
                minutes.event(now, "transfer.opening_moved", &one.id, &one.division, &body, Some("transfer"))?;
            }
        }
        changed.push(one);
    }
    Ok(changed)
}
