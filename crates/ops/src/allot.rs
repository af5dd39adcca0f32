//! Which laboratory each box goes to: the last result of all earliest, none beyond what it is validated for within a day, a
//! suspended one none. It may use the store and the engine of assignments. It guarantees that what a person chose and what is on
//! its way stays, unless that laboratory is suspended; a proposal binds nobody.

use crate::{
    OpsError,
    day::pack_for,
    line::open_day,
    minutes::{Close, Day, Minutes, Settings, by_division},
};
use dayclear_core::{
    books::Worklist,
    custody::BoxState,
    protocol::Packs,
    time::{Instant, MINUTE, Zone},
};
use dayclear_engines::screening::assign::{Laboratory, Point, Roads, TubeBox, assign, examine};
use dayclear_store::events::hex;
use dayclear_store::{
    Scope, Scoped, Store,
    allot::{Allotment, OpenBox},
    plans::LaboratoryPlace,
};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Boxes that are looked at together, at most.
const BOXES_MAX: i64 = 50_000;
/// Hours within which a laboratory takes no more tubes than it is validated for.
const VALIDATED_H: i64 = 24;
/// Days of opening hours that are looked at.
const DAYS: i64 = 4;
/// Minutes from work to result where a laboratory does not say.
const TURNAROUND_MIN: i64 = 240;
/// Minutes after which results are expected anew though nothing was packed or sent.
const AGAIN_MIN: i64 = 10;

/// What a look at boxes brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allotted {
    /// Boxes that have not arrived.
    pub boxes: usize,
    /// Of them meant for another laboratory than before.
    pub changed: usize,
    /// Of them without any: no validated capacity is left.
    pub without: usize,
    /// When the last result of all is expected.
    pub last_result_at: Option<Instant>,
}

/// Works out laboratories, where boxes, laboratories or holds have changed since the last time or some minutes have passed;
/// nothing otherwise. `scope` is the whole city.
pub async fn look(
    store: &Store,
    packs: &Packs,
    settings: &Settings,
    pack: &str,
    scope: &Scope,
    now: Instant,
) -> Result<Option<Allotted>, OpsError> {
    let mut tx = store.look(scope).await?;
    let boxes = tx.open_boxes(BOXES_MAX).await?;
    let laboratories = tx.laboratory_places(now).await?;
    let last = tx.last_allotted().await?;
    let digest = digest_of(&boxes, &laboratories);
    let fresh = |(at, known, _): &(Instant, String, i64)| *known == digest && now.minutes_since(*at) < AGAIN_MIN;
    if last.as_ref().is_some_and(fresh) || (boxes.is_empty() && last.is_none()) {
        return Ok(None);
    }
    let taken = tx.taken_over_since(now.plus_hours(-VALIDATED_H)).await?;
    let in_hand = tx.in_hand().await?;
    drop(tx);
    let zone = settings.zone.clone();
    let working = tokio::task::spawn_blocking(move || work_out(&boxes, &laboratories, &taken, &in_hand, now, &zone));
    let (rows, allotted) = working.await.map_err(|error| OpsError::Inside(error.to_string()))?;
    let mut tx = store.turn(scope).await?;
    // somebody may have chosen, or sent a box, while this was worked out: the next look takes that up
    let known = tx.open_boxes(BOXES_MAX).await?;
    if digest_of(&known, &tx.laboratory_places(now).await?) != digest {
        return Ok(None);
    }
    tx.keep_allotments(&rows, now).await?;
    tx.note_allotted(now, &digest, allotted.without as i64).await?;
    let (date, closed_before) = open_day(&mut tx, now, &settings.zone).await?;
    // on a day without rules nothing has a deadline; the line tells of that
    if let Ok(pack) = pack_for(packs, pack, date) {
        nowhere(&mut tx, &Day::at(date, closed_before, now, pack, settings), &rows).await?;
    }
    tx.commit().await?;
    Ok(Some(allotted))
}

/// A box that no laboratory may take is an item of the city, until one may or it has arrived all the same.
async fn nowhere(tx: &mut Scoped, day: &Day<'_>, rows: &[Allotment]) -> Result<(), OpsError> {
    let without: BTreeMap<&str, &Allotment> =
        rows.iter().filter(|row| row.laboratory.is_none()).map(|row| (row.code.as_str(), row)).collect();
    let (open, times) = tx.boxes_nowhere().await?;
    if without.is_empty() && open.is_empty() {
        return Ok(());
    }
    let mut minutes = Minutes::of(day);
    let mut waiting = BTreeSet::new();
    for item in open {
        let code = item.subject.split('/').nth(1).unwrap_or_default().to_owned();
        if !without.contains_key(code.as_str()) {
            let to = rows.iter().find(|row| row.code == code).and_then(|row| row.laboratory.as_deref());
            let why = to.map_or_else(|| "it has arrived".to_owned(), |to| format!("meant for {to}"));
            minutes.known(item).done(day.end, why);
        }
        waiting.insert(code);
    }
    let city = tx.scope().division().clone();
    for (code, row) in without.into_iter().filter(|(code, _)| !waiting.contains(*code)) {
        // what has ended in the books stays ended
        let subject = match times.get(code) {
            None => format!("nowhere/{code}"),
            Some(times) => format!("nowhere/{code}/{}", times + 1),
        };
        let reason = format!(
            "no laboratory may take box {code} with {} tubes: what they are validated for is used up, or nobody said it; find one",
            row.tubes
        );
        minutes.waits(Worklist::Clarify, subject, &row.division, by_division(&city), day.end, reason);
    }
    minutes.hand_in(tx).await
}

/// What laboratories are worked out from, but for what they have in hand.
fn digest_of(boxes: &[OpenBox], laboratories: &[LaboratoryPlace]) -> String {
    let mut hash = Sha256::new();
    for one in boxes {
        // what was worked out is no cause to work it out again, but what somebody chose is
        let chosen = one.chosen_by.as_ref().and(one.meant.as_ref());
        hash.update(format!("{:?}", (&one.code, one.state, &one.laboratory, one.tubes, chosen)));
    }
    hash.update(format!("{laboratories:?}"));
    hex(&hash.finalize())
}

/// Opening hours of the next days, minutes from now.
fn hours(laboratory: &LaboratoryPlace, now: Instant, zone: &Zone) -> Vec<(f64, f64)> {
    let (opens, closes) = (laboratory.hours.0.unwrap_or(0), laboratory.hours.1.unwrap_or(1_440));
    let closes = if closes <= opens { closes + 1_440 } else { closes };
    let today = zone.day(now);
    let minute = |day: i64, minute: i64| zone.start_of(today.plus_days(day)).plus_minutes(minute).minutes_since(now);
    (-1..DAYS)
        .map(|day| (minute(day, opens).max(0) as f64, minute(day, closes).max(0) as f64))
        .filter(|(from, to)| to > from)
        .collect()
}

fn work_out(
    boxes: &[OpenBox],
    laboratories: &[LaboratoryPlace],
    taken: &BTreeMap<String, i64>,
    in_hand: &BTreeMap<String, i64>,
    now: Instant,
    zone: &Zone,
) -> (Vec<Allotment>, Allotted) {
    let roads = Roads::default();
    // a place that nobody knows is in the middle of those that are known
    let known: Vec<(f64, f64)> =
        boxes.iter().filter_map(|one| one.place).chain(laboratories.iter().filter_map(|one| one.place)).collect();
    let mean = |of: fn(&(f64, f64)) -> f64| known.iter().map(of).sum::<f64>() / known.len().max(1) as f64;
    let middle = Point { lon: mean(|place| place.0), lat: mean(|place| place.1) };
    let point = |place: Option<(f64, f64)>| place.map_or(middle, |(lon, lat)| Point { lon, lat });
    let of = |name: &str, counts: &BTreeMap<String, i64>| counts.get(name).copied().unwrap_or_default();
    let places: Vec<Laboratory> = laboratories
        .iter()
        .map(|one| {
            let hand = of(&one.laboratory, in_hand);
            // nobody knows what a laboratory without this number may do, so nothing is sent there unasked
            let a_day = one.tubes_a_day.filter(|_| !one.suspended).unwrap_or_default();
            let validated = (a_day - of(&one.laboratory, taken)).max(0) + hand;
            let an_hour = one.tubes_an_hour.map_or(one.tubes_a_day.unwrap_or_default() as f64 / 24.0, |n| n as f64);
            Laboratory {
                name: one.laboratory.clone(),
                at: point(one.place),
                in_city: one.in_city,
                validated: u32::try_from(validated).unwrap_or(u32::MAX),
                tubes_an_hour: an_hour.max(1.0),
                open: hours(one, now, zone),
                turnaround_min: one.turnaround_min.unwrap_or(TURNAROUND_MIN) as f64,
                price: one.price.unwrap_or_default(),
                travel_min: one.travel_min.map(|minutes| minutes as f64),
            }
        })
        .collect();
    let number: BTreeMap<&str, u32> =
        laboratories.iter().enumerate().map(|(at, one)| (one.laboratory.as_str(), at as u32)).collect();
    let trusted = |name: &Option<String>| {
        let at = number.get(name.as_deref()?).copied()?;
        (!laboratories[at as usize].suspended).then_some(at)
    };
    let kept = |one: &OpenBox| match one.state {
        BoxState::Underway => trusted(&one.laboratory),
        _ => one.chosen_by.as_ref().and_then(|_| trusted(&one.meant)),
    };
    let mut given: Vec<TubeBox> = boxes
        .iter()
        .map(|one| {
            let way = |at: u32| {
                let laboratory = &places[at as usize];
                let direct =
                    laboratory.at.metres(point(one.place)) * roads.detour / (roads.vehicle_kmh * 1_000.0 / 60.0);
                laboratory.travel_min.unwrap_or(direct)
            };
            let under_way = kept(one);
            // how far it has come by now; what should have arrived is expected every moment
            let ready = match (one.state, one.sent_at, under_way) {
                (BoxState::Underway, Some(sent), Some(at)) => (-now.minutes_since(sent) as f64).max(-way(at)),
                _ => 0.0,
            };
            TubeBox {
                name: one.code.clone(),
                at: point(one.place),
                ready_min: ready,
                tubes: u32::try_from(one.tubes.max(0)).unwrap_or(u32::MAX),
                under_way,
            }
        })
        .collect();
    // what a laboratory has in hand waits before everything that comes
    let hand = places.iter().enumerate().map(|(at, place)| TubeBox {
        name: String::new(),
        at: place.at,
        ready_min: -place.travel_min.unwrap_or_default(),
        tubes: u32::try_from(of(&place.name, in_hand)).unwrap_or(u32::MAX),
        under_way: Some(at as u32),
    });
    given.extend(hand.filter(|one| one.tubes > 0));
    let assigned = assign(&given, &places, &roads);
    let examined = examine(&given, &places, &roads, &assigned.to);
    let moment = |minutes: f64| Instant::from_micros(now.micros() + (minutes.round() as i64) * MINUTE);
    let rows: Vec<Allotment> = boxes
        .iter()
        .enumerate()
        .map(|(at, one)| {
            let times = examined.times[at];
            Allotment {
                code: one.code.clone(),
                division: one.division.clone(),
                laboratory: assigned.to[at].map(|to| laboratories[to as usize].laboratory.clone()),
                tubes: one.tubes,
                arrives_at: times.map(|times| moment(times.0)),
                result_at: times.map(|times| moment(times.1)),
                chosen_by: one.chosen_by.clone().filter(|_| kept(one).is_some() && one.state == BoxState::Packed),
            }
        })
        .collect();
    let changed = boxes.iter().zip(&rows).filter(|(before, after)| before.meant != after.laboratory).count();
    let allotted = Allotted {
        boxes: boxes.len(),
        changed,
        without: rows.iter().filter(|row| row.laboratory.is_none()).count(),
        last_result_at: rows.iter().filter_map(|row| row.result_at).max(),
    };
    (rows, allotted)
}
