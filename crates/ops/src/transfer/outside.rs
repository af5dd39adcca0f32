//! Places outside the city: whoever is to go to one waits until the body that receives there has said that it takes them, and is in the books
//! from the departure until they are back or free there. It may use the rest of this station; it guarantees that no seat is planned to a
//! place that is not confirmed, and that the district that sent somebody answers for them until they are received.

use super::home;
use crate::minutes::{Close, Minutes, by_division};
use dayclear_core::{
    books::Worklist,
    measures::{NOTICE_HOURS_MAX, NoticeKind},
    time::Instant,
    transfer::{FacilityKind, Outside, TransferState},
};
use dayclear_store::{notices::NewNotice, roster::Resident, transfer::Transfer};

/// Why somebody with a bed outside the city has no seat yet; the word by which it is found in a reason, and what is said.
pub(crate) const WAITS_FOR: &str = "confirmation";
pub(crate) const WHY: &str = "nobody of the receiving body has confirmed the place yet";
/// How long after the planned arrival it is late that nobody has confirmed it (R).
const RECEIVED_MIN_MAX: i64 = 60;

/// How a place of a kind stands for somebody who just got a bed there.
pub(crate) fn asked(kind: FacilityKind) -> Option<Outside> {
    (kind == FacilityKind::OutsideCity).then_some(Outside::Asked)
}

/// Whether somebody may set out for a place of a kind.
pub(crate) fn may_go(kind: FacilityKind, outside: Option<Outside>) -> bool {
    kind != FacilityKind::OutsideCity || outside == Some(Outside::Confirmed)
}

/// Somebody does not go outside any more, or not to that place: the papers that told of it are handed over no more.
pub(crate) fn not_any_more(minutes: &mut Minutes<'_>, transfer: &mut Transfer) {
    if transfer.outside.take().is_some() {
        minutes.no_paper(&transfer.id);
    }
}

/// The paper of a confirmed place, and one for the family that stays.
pub(crate) fn papers(minutes: &mut Minutes<'_>, transfer: &Transfer, no: i64, family: Option<&Resident>) {
    let made_at = minutes.day.end;
    let paper = |id: String, to: (String, i64)| NewNotice {
        id,
        kind: NoticeKind::Outside,
        subject: transfer.id.clone(),
        person: Some(to),
        division: transfer.division.clone(),
        made_at,
        binds_at: None,
        due_at: Some(made_at.plus_hours(NOTICE_HOURS_MAX)),
    };
    minutes.paper(paper(format!("T-{}-{no}", transfer.id), (transfer.person.clone(), transfer.person_no)));
    if let Some(adult) = family {
        minutes.paper(paper(format!("F-{}-{no}", transfer.id), (adult.person.clone(), adult.no)));
    }
}

/// Who is outside the city: an item from the departure until they are received and back, or free there.
pub(super) fn post(minutes: &mut Minutes<'_>, transfers: &[Transfer]) {
    for transfer in transfers.iter().filter(|one| one.outside.is_some()) {
        let homeward = home::leads_home(transfer);
        let since = match homeward {
            true => Some(transfer.requested_at),
            false => transfer.picked_up_at.or(transfer.admitted_at),
        };
        let Some(since) = since else { continue };
        let place = transfer.facility.as_deref().unwrap_or("-");
        let (reason, due_at): (String, Option<Instant>) = match (transfer.state, &transfer.facility) {
            (TransferState::Underway, Some(_)) if homeward => (format!("on the way home from {place}"), None),
            (_, Some(_)) if homeward => (format!("free, and waits at {place} for the ride home"), None),
            (TransferState::Underway, Some(_)) => (
                format!("on the way to {place}, outside the city; nobody there has confirmed the arrival yet"),
                transfer.arrive_at.map(|at| at.plus_minutes(RECEIVED_MIN_MAX)),
            ),
            (TransferState::Underway, None) => ("on the way back, before the place was reached".to_owned(), None),
            _ => (format!("received at {place}, outside the city; not back yet"), None),
        };
        let owner = by_division(&transfer.division.district());
        let item = minutes.waits(Worklist::Away, &transfer.id, &transfer.division, owner, since, reason);
        item.due_at = due_at;
        if let (TransferState::Cancelled, Some(at)) = (transfer.state, transfer.ended_at) {
            let said: serde_json::Value = serde_json::from_str(&transfer.reason).unwrap_or_default();
            let why = said["ended"].as_str().unwrap_or("free, and has left the place");
            item.done(at, why);
        }
    }
}

/// Whoever was to go outside is taken in somewhere in the city: they were not sent outside after all.
pub(super) fn stays(minutes: &mut Minutes<'_>, transfer: &Transfer, at: Instant) {
    if transfer.outside.is_some() && transfer.picked_up_at.is_some() {
        let owner = by_division(&transfer.division.district());
        let since = transfer.picked_up_at.unwrap_or(at);
        let why = "turned to a place in the city";
        minutes.waits(Worklist::Away, &transfer.id, &transfer.division, owner, since, "").cancelled(at, why);
    }
}
