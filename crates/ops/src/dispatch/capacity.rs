//! Demand beside capacity: who waits, how long, by district and class; how many will not have arrived in the hours to come, and which beds
//! will be free; and which single change would help most, by planning everybody again with one vehicle or one ward more. It works beside
//! the line and keeps what it found; it decides nothing, and names nobody.

use super::{
    NO_CLOCK, When,
    ahead::{Ahead, Stock, ahead},
    board::Board,
    opening::{Proposal, proposals},
    search,
};
use crate::{
    OpsError, beds,
    day::pack_for,
    minutes::{Day, Settings},
    situation,
};
use dayclear_core::{
    protocol::Packs,
    roster::Known,
    time::{Instant, Zone},
    transfer::{BedRule, BedState, FacilityKind, RideClass, TransferState},
};
use dayclear_store::{
    Scope, Scoped, Store,
    dispatch::ToArrive,
    transfer::{Bed, Shift},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// It is worked out anew after so many minutes, if anything has changed.
const AGAIN_MIN: i64 = 5;
/// And after so many if nobody is to be moved: beds are freed, and wards open, all the same.
const IDLE_AGAIN_MIN: i64 = 60;
/// Hours that are looked ahead.
const HOURS: i64 = 12;
/// A vehicle more: seats and hours of its shift. What most vehicles of a city have.
const VEHICLE: (i64, i64) = (14, 8);
/// A ward more: beds of a nursing unit of a temporary hospital (design guide, August 2022).
const WARD_BEDS: usize = 20;
/// Places at which each kind of change is tried, at most.
const TRIED: usize = 4;
/// Households up to which changes are tried: each try is a plan of its own.
const TRIED_GROUPS: usize = 400;
/// Minutes for whoever would have no seat, in what a change saves: a day.
const WITHOUT_MIN: f64 = 1_440.0;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Outlook {
    /// Who waits.
    pub waits: Vec<Waits>,
    /// The hours to come.
    pub hours: Vec<Hour>,
    /// Beds by kind of place that nobody holds: they are left for those who are found later.
    pub free: BTreeMap<FacilityKind, i64>,
    /// Changes that were tried, the one that helps most first.
    pub changes: Vec<Change>,
    /// Households that were planned for them; none: there were none, or too many.
    pub planned: usize,
    /// Free beds by hour.
    #[serde(default)]
    pub ahead: Ahead,
    /// Wards to open, by when.
    #[serde(default)]
    pub opening: Vec<Proposal>,
}

/// People of a district and class who have not arrived.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Waits {
    /// District.
    pub district: String,
    /// Class.
    pub class: RideClass,
    /// People without a seat.
    pub without: usize,
    /// With a seat, at home.
    pub booked: usize,
    /// On the way.
    pub underway: usize,
    /// Minutes since they were asked for, mean and longest.
    pub mean_min: i64,
    /// See above.
    pub longest_min: i64,
}

/// An hour to come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hour {
    /// Its end, as a moment of the city.
    pub at: String,
    /// People who will not have arrived by then; nobody who is found later is among them.
    pub to_arrive: usize,
}

/// One change, and what it brings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// What.
    pub what: What,
    /// District of a vehicle, facility of a ward.
    pub place: String,
    /// Minutes less until everybody has arrived, over all people; whoever has no seat counts a day.
    pub saved_min: i64,
    /// People more who get a seat.
    pub seats: i64,
}

/// Kinds of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// One more vehicle with a crew.
    Vehicle,
    /// One more ward.
    Ward,
}

/// What was worked out last, and when.
pub async fn last(tx: &mut Scoped) -> Result<Option<(Instant, Outlook)>, OpsError> {
    let Some((at, _, body)) = tx.last_outlook().await? else { return Ok(None) };
    let outlook = serde_json::from_str(&body).map_err(|error| OpsError::Inside(error.to_string()))?;
    Ok(Some((at, outlook)))
}

/// Sets demand and capacity beside each other where it was not done for some minutes and anything has changed; whether it did.
pub async fn look(
    store: &Store,
    packs: &Packs,
    settings: &Settings,
    pack: &str,
    scope: &Scope,
    now: Instant,
) -> Result<bool, OpsError> {
    let mut tx = store.look(scope).await?;
    let last = tx.last_outlook().await?;
    if last.as_ref().is_some_and(|(at, ..)| now.minutes_since(*at) < AGAIN_MIN) {
        return Ok(false);
    }
    let Some((open, closed_before)) = tx.open_day_of_books().await? else { return Ok(false) };
    let Ok(pack) = pack_for(packs, pack, open) else { return Ok(false) };
    let day = Day::at(open, closed_before, now, pack, settings);
    let people = tx.to_arrive().await?;
    let idle =
        |(at, digest, _): &(Instant, String, String)| digest.is_empty() && now.minutes_since(*at) < IDLE_AGAIN_MIN;
    if people.is_empty() && last.as_ref().is_some_and(idle) {
        return Ok(false);
    }
    let free = free_by_kind(&mut tx, now).await?;
    let stock = Stock::read(&mut tx).await?;
    let needs = match situation::of(&mut tx, scope.division().as_str()).await? {
        Some((told, _)) => told.ahead.needs,
        None => Vec::new(),
    };
    let board = Board::read(&mut tx, &day).await?;
    drop(tx);
    let digest = board.as_ref().map(|board| board.digest.clone()).unwrap_or_default();
    let when = When::of(&day);
    let working = tokio::task::spawn_blocking(move || Outlook {
        ahead: ahead(&stock, when.now, &when.zone),
        opening: proposals(&stock, &needs, &when.zone),
        ..outlook(&people, free, board.as_ref(), &when)
    });
    let found = working.await.map_err(|error| OpsError::Inside(error.to_string()))?;
    let body = serde_json::to_string(&found).map_err(|error| OpsError::Inside(error.to_string()))?;
    let mut tx = store.turn(scope).await?;
    tx.keep_outlook(now, &digest, &body).await?;
    tx.commit().await?;
    Ok(true)
}

/// Free beds by kind of place.
async fn free_by_kind(tx: &mut Scoped, at: Instant) -> Result<BTreeMap<FacilityKind, i64>, OpsError> {
    let kinds: BTreeMap<String, FacilityKind> =
        tx.facilities().await?.into_iter().map(|one| (one.facility, one.kind)).collect();
    let mut free: BTreeMap<FacilityKind, i64> = kinds.values().map(|kind| (*kind, 0)).collect();
    for bed in beds::to_give(tx, at).await? {
        if let Some(kind) = kinds.get(&bed.facility) {
            *free.entry(*kind).or_default() += 1;
        }
    }
    Ok(free)
}

fn outlook(people: &[ToArrive], free: BTreeMap<FacilityKind, i64>, board: Option<&Board>, when: &When) -> Outlook {
    let mut outlook = Outlook { waits: waits(people, when.now), free, ..Outlook::default() };
    outlook.hours = hours(people, when.now, &when.zone);
    if let Some(board) = board.filter(|board| board.households.len() <= TRIED_GROUPS) {
        outlook.planned = board.households.len();
        outlook.changes = changes(board, when);
    }
    outlook
}

fn waits(people: &[ToArrive], now: Instant) -> Vec<Waits> {
    let mut by: BTreeMap<(String, RideClass), Vec<&ToArrive>> = BTreeMap::new();
    for one in people {
        by.entry((one.division.district().to_string(), one.class)).or_default().push(one);
    }
    let of = |((district, class), all): ((String, RideClass), Vec<&ToArrive>)| {
        let in_state = |state| all.iter().filter(|one| one.state == state).count();
        let minutes: Vec<i64> = all.iter().map(|one| now.minutes_since(one.since).max(0)).collect();
        Waits {
            district,
            class,
            without: in_state(TransferState::Requested),
            booked: in_state(TransferState::Booked),
            underway: in_state(TransferState::Underway),
            mean_min: minutes.iter().sum::<i64>() / minutes.len().max(1) as i64,
            longest_min: minutes.iter().copied().max().unwrap_or(0),
        }
    };
    by.into_iter().map(of).collect()
}

fn hours(people: &[ToArrive], now: Instant, zone: &Zone) -> Vec<Hour> {
    (1..=HOURS)
        .map(|hour| {
            let at = now.plus_hours(hour);
            let late = |one: &&ToArrive| one.arrives.is_none_or(|arrives| arrives > at);
            Hour { at: zone.text(at), to_arrive: people.iter().filter(late).count() }
        })
        .collect()
}

/// Minutes until everybody has arrived, and people with a seat, by a plan of its own.
fn planned(board: &Board, when: &When) -> (f64, i64) {
    let found = search::found(board, when, NO_CLOCK).0;
    let mut sum = (0.0, 0);
    for seat in &found.seats {
        match seat {
            Ok(seat) => sum = (sum.0 + seat.arrives.minutes_since(when.now).max(0) as f64, sum.1 + 1),
            Err(_) => sum.0 += WITHOUT_MIN,
        }
    }
    sum
}

/// Plans everybody again with one thing more, at each of the places where most wait.
fn changes(board: &Board, when: &When) -> Vec<Change> {
    let (minutes, seats) = planned(board, when);
    let mut tried = Vec::new();
    let mut try_it = |what, place: String, changed: &Board| {
        let (then, more) = planned(changed, when);
        tried.push(Change { what, place, saved_min: (minutes - then).round() as i64, seats: more - seats });
    };
    let mut districts: BTreeMap<String, usize> = BTreeMap::new();
    for mover in &board.movers {
        *districts.entry(mover.person.division.district().to_string()).or_default() += 1;
    }
    let mut most: Vec<(usize, String)> = districts.into_iter().map(|(district, people)| (people, district)).collect();
    most.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    for (_, district) in most.into_iter().take(TRIED) {
        let of = |mover: &&crate::transfer::needs::Mover| mover.person.division.district().to_string() == district;
        let Some(division) = board.movers.iter().find(of).map(|mover| mover.person.division.district()) else {
            continue;
        };
        let here: Vec<(f64, f64)> = board.movers.iter().filter(of).filter_map(|mover| mover.person.place).collect();
        let mean = |pick: fn(&(f64, f64)) -> f64| here.iter().map(pick).sum::<f64>() / here.len().max(1) as f64;
        let mut changed = board.clone();
        changed.shifts.push(Shift {
            vehicle: "+1".to_owned(),
            division,
            seats: VEHICLE.0,
            stretchers: 0,
            wheelchairs: 0,
            depot: (mean(|place| place.0), mean(|place| place.1)),
            crew: "+1".to_owned(),
            from: when.now,
            to: when.now.plus_hours(VEHICLE.1),
            driven_24h_min: 0,
            driven_7d_min: 0,
        });
        try_it(What::Vehicle, district, &changed);
    }
    let mut kinds: Vec<FacilityKind> = board.movers.iter().filter_map(|mover| mover.kinds.first().copied()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let free = |facility: &str| board.beds.iter().filter(|bed| bed.facility == facility).count();
    let mut short: Vec<(usize, &str)> = board
        .facilities
        .iter()
        .filter(|one| kinds.contains(&one.kind))
        .map(|one| (free(&one.facility), one.facility.as_str()))
        .collect();
    short.sort_unstable();
    for (_, facility) in short.into_iter().take(TRIED) {
        let mut changed = board.clone();
        changed.beds.extend((1..=WARD_BEDS).map(|n| Bed {
            bed: format!("+{n}"),
            facility: facility.to_owned(),
            room: Some("+".to_owned()),
            rule: BedRule::Any,
            severe: Known::Unknown,
            state: BedState::Free,
        }));
        try_it(What::Ward, facility.to_owned(), &changed);
    }
    tried.sort_by(|a, b| {
        (b.seats, b.saved_min).cmp(&(a.seats, a.saved_min)).then((a.what, &a.place).cmp(&(b.what, &b.place)))
    });
    tried
}
