//! Vehicles on the road: their signs of life, and the look at who gave none. A sign is kept under its trip, the last one only, and
//! deleted once the trip is over. Of a vehicle that was heard of on its trip and then is not, the dispatch is told by an item; nothing
//! here says that anybody has arrived. Of a vehicle that never gave a sign nothing follows: its crew works with paper.

use crate::{
    OpsError,
    desk::{DeskError, Doing, Refusal, digest_of},
    line::open_day,
    listing::Looker,
    minutes::{Close, Day, Minutes, Settings},
    transfer::calls::{self, SILENT},
};
use dayclear_core::{
    access::Role,
    protocol::Packs,
    time::Instant,
    trip::{CALL_MIN, Heard, KEPT_H, coarse, heard},
};
use dayclear_store::{Scope, Scoped, Store, trip::OnRoad};
use serde_json::json;

/// The duty of whoever gives a sign of life.
pub const CREWS: &[Role] = &[Role::Driver];

/// Takes a sign of life of the vehicle of the duty; the trip that it is on, if it is on one. Where it is on none, nothing is kept.
pub async fn hear(store: &Store, doing: &Doing<'_>, place: Option<(f64, f64)>) -> Result<Option<String>, DeskError> {
    let duty = &doing.looker.duty;
    let (true, Some(vehicle)) = (CREWS.contains(&duty.role), &duty.site) else {
        return Err(Refusal::NotYours { role: duty.role, allowed: CREWS }.into());
    };
    let mut tx = store.begin(&doing.looker.scope()).await?;
    let Some((trip, division)) = tx.trip_of(vehicle, doing.now).await? else { return Ok(None) };
    let place = place.and_then(|(lon, lat)| coarse(lon, lat));
    tx.hear((&trip, &division), vehicle, place, doing.now).await?;
    tx.commit().await?;
    Ok(Some(trip))
}

/// A text that is another one when the plan of the vehicle of a duty has changed: what its phone has to fetch anew. It tells of nobody.
pub async fn plan_of(store: &Store, looker: &Looker) -> Result<String, OpsError> {
    let mut tx = store.look(&looker.scope()).await?;
    let plan = tx.rides_of(looker.duty.site.as_deref().unwrap_or_default()).await?;
    let digest = digest_of(&[plan.as_bytes()]);
    Ok(digest.chars().take(16).collect())
}

/// What a look at the road found to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Looked {
    /// Vehicles of which nobody has heard for so long that their crews are to be called.
    pub silent: usize,
    /// Calls that ended because one has heard again, or because the trip is over.
    pub ended: usize,
    /// Places that were forgotten.
    pub forgotten: u64,
}

/// Trips whose crews are to be called.
fn silent(road: &[OnRoad], now: Instant) -> impl Iterator<Item = &OnRoad> {
    road.iter().filter(move |one| heard(one.at, now) == Heard::Silent)
}

/// The subject of the call about a silence.
fn subject(one: &OnRoad) -> String {
    format!("{}{}", calls::beginning(SILENT, &one.trip), one.at.micros().div_euclid(1_000_000))
}

/// Whether there is anything to write down. It costs some reads, and nothing where no vehicle is on the road.
async fn is_due(tx: &mut Scoped, now: Instant) -> Result<bool, OpsError> {
    let road = tx.on_the_road().await?;
    let open: Vec<String> = tx.calls(&format!("{SILENT}/")).await?.0.into_iter().map(|item| item.subject).collect();
    let called: Vec<String> = silent(&road, now).map(subject).collect();
    for subject in called.iter().filter(|subject| !open.contains(subject)) {
        // a person may have settled it, and it is silent still: what was settled stays settled
        if tx.calls(subject).await?.1 == 0 {
            return Ok(true);
        }
    }
    Ok(open.iter().any(|subject| !called.contains(subject)) || tx.places_to_forget(now.plus_hours(-KEPT_H)).await? > 0)
}

/// Tells the dispatch of crews of which nobody hears, and forgets where vehicles were whose trips are over. `scope` is the whole city.
pub async fn look(
    store: &Store,
    packs: &Packs,
    settings: &Settings,
    pack: &str,
    scope: &Scope,
    now: Instant,
) -> Result<Looked, OpsError> {
    let mut tx = store.look(scope).await?;
    if !is_due(&mut tx, now).await? {
        return Ok(Looked::default());
    }
    drop(tx);
    let mut tx = store.turn(scope).await?;
    let (date, closed_before) = open_day(&mut tx, now, &settings.zone).await?;
    let pack = crate::day::pack_for(packs, pack, date)?;
    let day = Day::at(date, closed_before, now, pack, settings);
    let (mut minutes, mut looked) = (Minutes::of(&day), Looked::default());
    let road = tx.on_the_road().await?;
    let (open, _) = tx.calls(&format!("{SILENT}/")).await?;
    let called: Vec<String> = silent(&road, now).map(subject).collect();
    for one in silent(&road, now) {
        let subject = subject(one);
        let known = open.iter().any(|item| item.subject == subject) || tx.calls(&subject).await?.1 > 0;
        if !known {
            looked.silent += 1;
            let since = one.at.plus_minutes(CALL_MIN);
            calls::silent(&mut minutes, (&one.trip, &one.division), &one.vehicle, (one.at, one.riding), since);
            let body = json!({"vehicle": one.vehicle, "heard_at": one.at, "riding": one.riding});
            minutes.event(now, "trip.silent", one.trip.as_str(), &one.division, &body, Some("trip"))?;
        }
    }
    for item in open.into_iter().filter(|item| !called.contains(&item.subject)) {
        looked.ended += 1;
        let trip = item.subject.split('/').nth(1).unwrap_or_default().to_owned();
        let heard = road.iter().any(|one| one.trip == trip);
        let why = if heard { "one has heard of the crew again" } else { "the trip is over" };
        let division = item.division.clone();
        minutes.known(item).done(now, why);
        minutes.event(now, "trip.heard", trip.as_str(), &division, &json!({"why": why}), None)?;
    }
    looked.forgotten = tx.forget_places(now.plus_hours(-KEPT_H)).await?;
    minutes.hand_in(&mut tx).await?;
    tx.commit().await?;
    Ok(looked)
}
