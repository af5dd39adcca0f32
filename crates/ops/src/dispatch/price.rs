//! What a word of a dispatcher would cost, before it is said: everybody who can still be planned otherwise is planned twice, as things stand
//! and with the word, by the same search. It reads and keeps nothing; what is said after that goes by `transfers.pin` and the like,
//! and the plan of that moment decides.

use super::{NO_CLOCK, When, board::Board, search};
use crate::{
    OpsError,
    day::pack_for,
    minutes::{Day, Settings},
};
use dayclear_core::{protocol::Packs, time::Instant, transfer::Direction};
use dayclear_store::{Scope, Store};

/// Households up to which a price is worked out while somebody waits for it: two plans are made.
const GROUPS_MAX: usize = 400;
/// Minutes from which somebody is said to arrive sooner or later.
const FELT_MIN: i64 = 5;

/// A word that might be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Which.
    pub word: Direction,
    /// Vehicle that is meant.
    pub vehicle: Option<String>,
    /// Place that is meant.
    pub facility: Option<String>,
}

/// How somebody would go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Vehicle.
    pub vehicle: String,
    /// Place.
    pub facility: String,
    /// Pick-up.
    pub pickup: Instant,
    /// Arrival.
    pub arrives: Instant,
}

/// What a word would bring.
#[derive(Debug, Clone, PartialEq)]
pub struct Price {
    /// How the person goes as things stand; none: without a seat.
    pub now: Option<Way>,
    /// And with the word.
    pub then: Option<Way>,
    /// Minutes more (or fewer) that all others wait until they are picked up, of those with a seat both ways.
    pub waiting_min: i64,
    /// Minutes more (or fewer) that they ride.
    pub riding_min: i64,
    /// Others who arrive later, and sooner, by five minutes or more.
    pub later: usize,
    /// See above.
    pub sooner: usize,
    /// People without a seat as things stand, and with the word.
    pub without: [usize; 2],
}

/// Why there is no price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unpriced {
    /// The person is not among those who can be planned otherwise: about to set out, tried and not moved, or not looked at yet.
    Settled,
    /// Too many wait for it to be worked out while somebody waits for the answer.
    TooMany,
}

impl Unpriced {
    /// A short name; messages have the words (`unpriced-`).
    pub const fn name(self) -> &'static str {
        match self {
            Unpriced::Settled => "settled",
            Unpriced::TooMany => "too_many",
        }
    }
}

/// The price of a word on a transfer. `scope` is the whole city; that the transfer may be seen has been looked at.
#[allow(clippy::too_many_arguments)] // what every look beside the line is given, and what is asked
pub async fn price(
    store: &Store,
    packs: &Packs,
    settings: &Settings,
    pack: &str,
    scope: &Scope,
    now: Instant,
    transfer: &str,
    word: Word,
) -> Result<Result<Price, Unpriced>, OpsError> {
    let mut tx = store.look(scope).await?;
    let Some((open, closed_before)) = tx.open_day_of_books().await? else { return Ok(Err(Unpriced::Settled)) };
    let pack = pack_for(packs, pack, open)?;
    let day = Day::at(open, closed_before, now, pack, settings);
    let Some(board) = Board::read(&mut tx, &day).await? else { return Ok(Err(Unpriced::Settled)) };
    drop(tx);
    let Some(at) = board.transfers.iter().position(|one| one.id == transfer) else { return Ok(Err(Unpriced::Settled)) };
    if board.households.len() > GROUPS_MAX {
        return Ok(Err(Unpriced::TooMany));
    }
    let when = When::of(&day);
    let working = tokio::task::spawn_blocking(move || worked(&board, &when, at, &word));
    Ok(Ok(working.await.map_err(|error| OpsError::Inside(error.to_string()))?))
}

fn worked(board: &Board, when: &When, at: usize, word: &Word) -> Price {
    let mut with = board.clone();
    let said = with.said.entry(board.transfers[at].id.clone()).or_default();
    said.hears(word.word, (word.vehicle.clone(), word.facility.clone()));
    let (now, then) = (search::found(board, when, NO_CLOCK).0, search::found(&with, when, NO_CLOCK).0);
    let way = |found: &search::Found| {
        let seat = found.seats[at].as_ref().ok()?;
        Some(Way {
            vehicle: board.shifts[found.plan.trips[seat.trip].vehicle].vehicle.clone(),
            facility: board.facilities[seat.to].facility.clone(),
            pickup: seat.pickup,
            arrives: seat.arrives,
        })
    };
    let mut price = Price {
        now: way(&now),
        then: way(&then),
        waiting_min: 0,
        riding_min: 0,
        later: 0,
        sooner: 0,
        without: [now.waiting(), then.waiting()],
    };
    for other in (0..board.movers.len()).filter(|other| *other != at) {
        let (Ok(before), Ok(after)) = (&now.seats[other], &then.seats[other]) else { continue };
        let rides = |seat: &search::Seat| seat.arrives.minutes_since(seat.pickup);
        price.waiting_min += after.pickup.minutes_since(before.pickup);
        price.riding_min += rides(after) - rides(before);
        let felt = after.arrives.minutes_since(before.arrives);
        price.later += usize::from(felt >= FELT_MIN);
        price.sooner += usize::from(felt <= -FELT_MIN);
    }
    price
}
