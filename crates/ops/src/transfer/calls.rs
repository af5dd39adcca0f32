//! What the dispatch has to call about: somebody whom a crew did not find or could not take, a vehicle that broke down with people in
//! it, a crew of which nobody hears. Each is an item of the worklist `call` with an owner and a clock, under a subject that the same
//! cause gives again, so that it is opened once; it ends when what it waits for happens, or when a person says so.

use crate::{
    OpsError,
    minutes::{Close, Minutes, by_division},
};
use dayclear_core::{
    books::{Movement, Worklist},
    divisions::DivisionCode,
    time::Instant,
    transfer::HandoverStep,
};
use dayclear_store::{
    Scoped,
    transfer::{Transfer, Trip},
};

/// A trip of whose crew nobody hears.
pub(crate) const SILENT: &str = "silent";
/// A trip whose vehicle broke down with people in it.
const BROKEN: &str = "broken";
/// A trip whose people have not arrived, while its vehicle is on the next.
const TWO: &str = "two";
/// Somebody who was not picked up.
const DOOR: &str = "door";

/// How the subjects of a cause begin.
pub(crate) fn beginning(cause: &str, of: &str) -> String {
    format!("{cause}/{of}/")
}

/// How a call ends that waits for nothing any more.
#[derive(Clone, Copy)]
pub(crate) struct End<'e> {
    pub at: Instant,
    pub how: Movement,
    pub why: &'e str,
}

/// A crew stands at a door, and the person does not come with it.
pub(super) fn at_door(minutes: &mut Minutes<'_>, transfer: &Transfer, step: HandoverStep, at: Instant) {
    let reason = match step {
        HandoverStep::NoAnswer => "nobody answered at the door; call them, or ask the community to look",
        HandoverStep::WrongAddress => {
            "nobody of this name lives at the door; find out where they are, and give the door (transfers.address)"
        }
        HandoverStep::CannotMove => "the crew cannot move them as they are; ask what is missing, and send it",
        _ => "they refused to come; speak with them, and look at what else the rules allow",
    };
    let subject = format!("{}{}", beginning(DOOR, &transfer.id), at.micros().div_euclid(1_000_000));
    let owner = by_division(&transfer.division.district());
    minutes.waits(Worklist::Call, subject, &transfer.division, owner, at, reason);
}

/// What a crew reports does not fit how the transfer stands, and it may have somebody with it.
pub(crate) fn unfit(minutes: &mut Minutes<'_>, transfer: &Transfer, step: HandoverStep, at: Instant) {
    let subject = format!("{}{}", beginning(DOOR, &transfer.id), at.micros().div_euclid(1_000_000));
    let reason = format!("a crew reported '{step}', and the transfer is {}; call the crew", transfer.state);
    let owner = by_division(&transfer.division.district());
    minutes.waits(Worklist::Call, subject, &transfer.division, owner, at, reason);
}

/// Nobody has heard of the crew of a trip since a moment.
pub(crate) fn silent(
    minutes: &mut Minutes<'_>,
    (trip, division): (&str, &DivisionCode),
    vehicle: &str,
    (heard, riding): (Instant, i64),
    since: Instant,
) {
    let subject = format!("{}{}", beginning(SILENT, trip), heard.micros().div_euclid(1_000_000));
    let heard = minutes.day.zone.text(heard);
    let reason = format!("nobody has heard of vehicle {vehicle} since {heard}; people in it: {riding}; call the crew");
    minutes.waits(Worklist::Call, subject, division, by_division(&division.district()), since, reason);
}

/// A vehicle fetches people on its next trip, while those of the one before have not arrived by the books.
pub(super) fn two_trips(minutes: &mut Minutes<'_>, (trip, next): (&str, &Trip), riding: usize) {
    let at = minutes.day.end;
    let reason = format!(
        "vehicle {} is on trip {}, and people of trip {trip} who were to go elsewhere have not arrived ({riding}); call the crew",
        next.vehicle, next.id
    );
    let subject = format!("{}{}", beginning(TWO, trip), at.micros().div_euclid(1_000_000));
    minutes.waits(Worklist::Call, subject, &next.division, by_division(&next.division.district()), at, reason);
}

/// Calls about two trips end when nobody of the first is on the way any more.
pub(super) async fn arrived(tx: &mut Scoped, minutes: &mut Minutes<'_>) -> Result<(), OpsError> {
    let (open, _) = tx.calls(&format!("{TWO}/")).await?;
    if open.is_empty() {
        return Ok(());
    }
    let trips: Vec<String> = open.iter().filter_map(|item| item.subject.split('/').nth(1)).map(str::to_owned).collect();
    let riding = tx.trips_with_riders(&trips.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    let at = minutes.day.end;
    for (item, trip) in open.into_iter().zip(trips).filter(|(_, trip)| !riding.contains(trip)) {
        minutes.known(item).done(at, format!("nobody of trip {trip} is on the way any more"));
    }
    Ok(())
}

/// Vehicles that broke down with people in them are told of once each; told of no more once nobody is in them or they drive again.
pub(super) async fn broken(tx: &mut Scoped, minutes: &mut Minutes<'_>) -> Result<(), OpsError> {
    let at = minutes.day.end;
    let broken = tx.broken_with_people().await?;
    for trip in &broken {
        let reason =
            format!("vehicle {} is out of service; people in it: {}; send another one", trip.vehicle, trip.people);
        let subject = format!("{}{}", beginning(BROKEN, &trip.trip), trip.departs_at.micros().div_euclid(1_000_000));
        let owner = by_division(&trip.division.district());
        // as of now: another number of people is the same breakdown, and what was settled stays settled
        let opened = tx.open_of(Worklist::Call, &[&subject]).await?.first().map_or(at, |open| open.opened_at);
        minutes.waits(Worklist::Call, subject, &trip.division, owner, opened, reason);
    }
    let (open, _) = tx.calls(&format!("{BROKEN}/")).await?;
    let still: Vec<String> = broken.iter().map(|trip| beginning(BROKEN, &trip.trip)).collect();
    for item in open.into_iter().filter(|item| !still.iter().any(|trip| item.subject.starts_with(trip))) {
        minutes.known(item).done(at, "nobody is in it any more, or it drives again");
    }
    Ok(())
}

/// Calls about the door of a transfer have nothing to wait for any more.
pub(crate) async fn settle_door(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    transfer: &str,
    end: End<'_>,
) -> Result<(), OpsError> {
    settle(tx, minutes, &beginning(DOOR, transfer), end).await
}

/// Calls have nothing to wait for any more: those in the books, and those of this sitting.
pub(crate) async fn settle(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    beginning: &str,
    end: End<'_>,
) -> Result<(), OpsError> {
    for entry in minutes.entered(Worklist::Call, beginning) {
        entry.closed = Some((end.at.max(entry.opened_at), end.how));
        entry.reason = end.why.to_owned();
    }
    let (open, _) = tx.calls(beginning).await?;
    for item in open {
        let entry = minutes.known(item);
        entry.closed = Some((end.at.max(entry.opened_at), end.how));
        entry.reason = end.why.to_owned();
    }
    Ok(())
}
