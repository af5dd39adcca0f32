//! What a crew reports from the road, sent from a phone that may have been without a network for hours: each report under the id that it
//! was given there, once for ever, at its true time (`core::site::clock`). It takes effect by the same function as a report at a desk. One
//! that does not fit how the transfer stands is refused and stays on the phone, and the dispatch is told to call: the crew may have
//! somebody with it.

use super::{
    DeskError, Doing, Refusal, Sitting, Verdict, again, digest_of, room, stands,
    transfers::{before, early, fits, hand_over},
};
use crate::{road::CREWS, transfer::calls};
use dayclear_core::{
    listing::{Cell, TRANSFERS, TRIPS},
    site::clock::{Anchor, Reading, Settled, settle},
    time::Instant,
    transfer::HandoverStep,
    trip::Untaken,
};
use dayclear_store::{Store, trip::TripReport};
use std::collections::BTreeMap;

/// What a crew may report. Who has arrived is for the site to say.
pub const STEPS: [HandoverStep; 7] = [
    HandoverStep::PickedUp,
    HandoverStep::NoAnswer,
    HandoverStep::Refused,
    HandoverStep::CannotMove,
    HandoverStep::WrongAddress,
    HandoverStep::Worse,
    HandoverStep::HandedOver,
];

/// A report as it was made on the phone.
#[derive(Debug, Clone)]
pub struct Told {
    /// Id, made there.
    pub record: String,
    /// Trip on which the person was.
    pub trip: String,
    /// Transfer.
    pub transfer: String,
    /// What happened.
    pub step: HandoverStep,
    /// Words of the driver.
    pub note: String,
    /// What the phone's clocks said.
    pub taken: Reading,
    /// The last moment before at which the phone knew the server's time.
    pub anchor: Option<Anchor>,
}

/// What became of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct Heeded {
    /// When it happened, as well as that is known.
    pub at: Settled,
    /// It was taken before, or says what was known.
    pub same: bool,
}

/// Why a report was not taken.
#[derive(Debug, thiserror::Error)]
pub enum CrewError {
    /// It stays on the phone until a person settles it.
    #[error("{}", .0.name())]
    Untaken(Untaken),
    /// The duty, or trouble.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

impl From<dayclear_store::StoreError> for CrewError {
    fn from(error: dayclear_store::StoreError) -> Self {
        CrewError::Desk(error.into())
    }
}

/// Takes a report. `sending` is what the phone's clocks say as it sends.
pub async fn take(store: &Store, doing: &Doing<'_>, told: &Told, sending: &Reading) -> Result<Heeded, CrewError> {
    let duty = &doing.looker.duty;
    if !CREWS.contains(&duty.role) {
        return Err(DeskError::from(Refusal::NotYours { role: duty.role, allowed: CREWS }).into());
    }
    if !STEPS.contains(&told.step) {
        return Err(CrewError::Untaken(Untaken::Row));
    }
    let mut tries = 0;
    loop {
        match attempt(store, doing, told, sending).await {
            Err(CrewError::Desk(error)) if again(&error, &mut tries) => {}
            other => return other,
        }
    }
}

/// A digest over what a report says, and over nothing that changes from one sending to the next.
fn digest(told: &Told) -> String {
    let when = format!("{}/{}/{}", told.taken.wall_ms, told.taken.page_ms, told.taken.page);
    digest_of(&[told.transfer.as_bytes(), told.step.name().as_bytes(), told.note.as_bytes(), when.as_bytes()])
}

async fn attempt(store: &Store, doing: &Doing<'_>, told: &Told, sending: &Reading) -> Result<Heeded, CrewError> {
    let digest = digest(told);
    let mut tx = store.turn(&doing.looker.scope()).await?;
    if let Some(before) = tx.trip_report(&told.record).await? {
        return match (before.digest == digest && before.account == doing.looker.account, before.taken) {
            (true, true) => Ok(Heeded { at: before.at, same: true }),
            (true, false) => Err(CrewError::Untaken(Untaken::State)),
            (false, _) => Err(CrewError::Untaken(Untaken::Other)),
        };
    }
    let settled = settle(&told.taken, told.anchor.as_ref(), sending, doing.now);
    let when = Instant::from_micros(settled.at.micros().div_euclid(1_000_000) * 1_000_000);
    let room = room(&mut tx, doing).await?;
    let seen = !tx.records(&TRANSFERS, &[told.transfer.as_str()]).await?.is_empty();
    let own = seen || !tx.records(&TRIPS, &[told.trip.as_str()]).await?.is_empty();
    tx.widen(&room.city);
    // planned anew while the phone had no network: it was on a trip of this vehicle, and may sit in it
    let booked = format!("\"trip\":\"{}\"", told.trip);
    if !own || !seen && tx.told("transfer.booked", &booked, &[&told.transfer]).await?.is_empty() {
        return Err(CrewError::Untaken(Untaken::Unknown));
    }
    let Some(transfer) = tx.transfers_by_id(&[&told.transfer]).await?.into_iter().next() else {
        return Err(CrewError::Untaken(Untaken::Unknown));
    };
    let note = match told.note.is_empty() {
        true => BTreeMap::new(),
        false => BTreeMap::from([("note", Cell::Text(told.note.clone()))]),
    };
    let mut at = Sitting { tx: &mut tx, room: &room, doing, input: &note, ahead: None };
    let elsewhere = || stands("planned for another vehicle", "call the dispatch");
    let unfit = fits(told.step, &transfer)
        .or_else(|| before(&transfer, when))
        .or_else(|| early(told.step, &transfer, when))
        .or_else(|| (!seen).then(elsewhere));
    let verdict = match unfit {
        Some(verdict) => verdict,
        None => {
            let done = hand_over(&mut at, told.step, when, &[&transfer]).await?;
            done.into_iter().next().map_or(Verdict::Same, |(_, verdict)| verdict)
        }
    };
    let taken = !matches!(verdict, Verdict::Refused(_));
    if !taken {
        let mut minutes = at.minutes();
        calls::unfit(&mut minutes, &transfer, told.step, when);
        minutes.hand_in(at.tx).await.map_err(DeskError::from)?;
    }
    let settled = Settled { at: when, ..settled };
    let kept = TripReport {
        record: told.record.clone(),
        transfer: told.transfer.clone(),
        person: transfer.person.clone(),
        step: told.step,
        vehicle: doing.looker.duty.site.clone().unwrap_or_default(),
        account: doing.looker.account.clone(),
        at: settled,
        received_at: doing.now,
        taken,
        digest,
    };
    tx.keep_trip_report(&kept).await?;
    crate::agenda::acted_on(&mut tx, "transfers", &[&told.transfer]).await.map_err(DeskError::from)?;
    tx.commit().await?;
    match taken {
        true => Ok(Heeded { at: settled, same: matches!(verdict, Verdict::Same) }),
        false => Err(CrewError::Untaken(Untaken::State)),
    }
}
