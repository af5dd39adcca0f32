//! What a dispatcher says of transfers: a vehicle or a place is chosen or ruled out, somebody goes first, or the plan decides again. Words
//! are added and never changed. A seat that goes against a word is given back at once, and the next run looks for another; the hard
//! rules (beds, classes, hours of crews) stand above every word.

use super::{DeskError, Report, Sitting, Verdict, inside, invalid, stands, transfers};
use crate::{
    dispatch::hands::{Said, said},
    transfer::{self, vain},
};
use dayclear_core::{
    listing::{TRANSFERS, VEHICLES},
    transfer::{Direction, TransferState},
};
use dayclear_store::{dispatch::Directed, transfer::Transfer};
use serde_json::json;
use std::collections::HashMap;

/// What stands against a word, and what to do.
type Against = (String, &'static str);

pub(super) async fn direct(at: &mut Sitting<'_, '_>, keys: &[&str], verb: &str) -> Result<Report, DeskError> {
    let word: Direction = verb.parse().map_err(inside)?;
    let rows = at.tx.records(&TRANSFERS, keys).await?;
    let vehicle_of: HashMap<String, String> = rows
        .iter()
        .filter_map(|(key, row)| Some((key.clone(), row.get(&TRANSFERS, "vehicle").as_str()?.to_owned())))
        .collect();
    let mut ids: Vec<&str> = rows.keys().map(String::as_str).collect();
    ids.sort_unstable();
    at.for_the_city();
    let found: HashMap<String, Transfer> =
        at.tx.transfers_by_id(&ids).await?.into_iter().map(|one| (one.id.clone(), one)).collect();
    let (vehicle, facility) = (named(at, "vehicle"), named(at, "facility"));
    if matches!(word, Direction::Pin | Direction::Forbid) && vehicle.is_none() && facility.is_none() {
        return Err(invalid("vehicle", "", "a vehicle, a facility, or both", "say which one is meant"));
    }
    if let Some(vehicle) = &vehicle
        && at.tx.records(&VEHICLES, &[vehicle]).await?.is_empty()
    {
        return Err(invalid("vehicle", vehicle, "a vehicle of the list of vehicles", "choose one of the list"));
    }
    let place = match &facility {
        None => None,
        Some(name) => match at.tx.facilities().await?.into_iter().find(|one| one.facility == *name) {
            Some(place) => Some(place),
            None => return Err(invalid("facility", name, "a facility of the list", "choose one of the list")),
        },
    };
    let before = at.tx.directions_of(&ids).await?;
    let mut minutes = at.minutes();
    let (mut verdicts, mut changed) = (Vec::with_capacity(keys.len()), Vec::new());
    for key in keys {
        let Some(transfer) = found.get(*key) else {
            verdicts.push(((*key).to_owned(), Verdict::Refused(super::Refusal::Unknown)));
            continue;
        };
        if let Some((is, remedy)) = against(at, transfer, word, place.as_ref()).await? {
            verdicts.push(((*key).to_owned(), stands(is, remedy)));
            continue;
        }
        let mut words: Vec<Directed> = before.iter().filter(|one| one.transfer == *key).cloned().collect();
        let was = said(&words).remove(*key).unwrap_or_default();
        let new = Directed {
            transfer: transfer.id.clone(),
            no: words.len() as i64 + 1,
            division: transfer.division.clone(),
            word,
            facility: facility.clone(),
            vehicle: vehicle.clone(),
            account: at.account().to_owned(),
            at: at.doing.now,
            reason: at.text("reason").to_owned(),
        };
        words.push(new.clone());
        let is = said(&words).remove(*key).unwrap_or_default();
        if is == was {
            verdicts.push(((*key).to_owned(), Verdict::Same));
            continue;
        }
        at.tx.keep_direction(&new).await?;
        let body = json!({"word": word, "vehicle": new.vehicle, "facility": new.facility, "reason": new.reason});
        minutes.event(new.at, "transfer.directed", *key, &transfer.division, &body, Some("transfer"))?;
        if transfer.state == TransferState::Booked && is_against(&is, transfer, vehicle_of.get(*key)) {
            for mut transfer in company(at, transfer).await? {
                if changed.iter().all(|other: &Transfer| other.id != transfer.id) {
                    let why = "a dispatcher directed otherwise";
                    match place_against(&is, &transfer) {
                        true => vain::take_back(at.tx, &mut minutes, &mut transfer, why).await?,
                        false => vain::without_vehicle(at.tx, &mut minutes, &mut transfer, why).await?,
                    }
                    changed.push(transfer);
                }
            }
        }
        verdicts.push(((*key).to_owned(), Verdict::Done));
    }
    transfer::post(&mut minutes, &changed);
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

/// Somebody and whoever of the household rides along, or because of them: nobody is parted by a word on one of them (R12).
async fn company(at: &mut Sitting<'_, '_>, transfer: &Transfer) -> Result<Vec<Transfer>, DeskError> {
    let Some(trip) = &transfer.trip else { return Ok(Vec::new()) };
    let riders = at.tx.riders_of(trip).await?;
    let numbers: Vec<i64> = riders.iter().map(|rider| rider.person_no).collect();
    let people = at.tx.people_by_no(&numbers).await?;
    let homes: HashMap<i64, Option<String>> = people.into_iter().map(|one| (one.no, one.household)).collect();
    let home = homes.get(&transfer.person_no).cloned().flatten();
    let with = |rider: &Transfer| {
        let same = home.is_some() && homes.get(&rider.person_no).cloned().flatten() == home;
        let because = |a: &Transfer, b: &Transfer| a.id.ends_with(&format!("-with-{}", b.person));
        rider.id == transfer.id || same || because(rider, transfer) || because(transfer, rider)
    };
    Ok(riders.into_iter().filter(|rider| rider.state == TransferState::Booked && with(rider)).collect())
}

fn named(at: &Sitting<'_, '_>, field: &str) -> Option<String> {
    Some(at.text(field).trim().to_owned()).filter(|text| !text.is_empty())
}

/// What stands against a word on a transfer.
async fn against(
    at: &mut Sitting<'_, '_>,
    transfer: &Transfer,
    word: Direction,
    place: Option<&dayclear_store::transfer::Facility>,
) -> Result<Option<Against>, DeskError> {
    if !transfers::waits(transfer) {
        return Ok(Some((transfer.state.to_string(), "only of somebody who was not picked up yet can it be said")));
    }
    let (Some(place), Direction::Pin) = (place, word) else { return Ok(None) };
    if transfer.replanned_at.is_some() && transfer.bed.is_some() && transfer.facility.as_ref() != Some(&place.facility)
    {
        let is = format!("held a bed by hand in {}", transfer.facility.as_deref().unwrap_or("-"));
        return Ok(Some((is, "give that bed back first")));
    }
    let person = at.tx.people_by_no(&[transfer.person_no]).await?.into_iter().next();
    let Some(person) = person else { return Ok(Some(("not on the roster".to_owned(), "clear up who it is first"))) };
    let case = at.tx.cases_of(&[transfer.person_no]).await?.into_iter().find(|case| case.closed_on.is_none());
    let day = &at.room.day;
    if !transfers::kinds_for(day, transfer, case.as_ref(), &person).contains(&place.kind) {
        let is = format!("to go to a {}, which is not for a {}", place.kind, transfer.class);
        return Ok(Some((is, "choose a facility of the right kind")));
    }
    if !vain::is_open(place, day) {
        return Ok(Some((format!("to go to {}, which takes nobody today", place.facility), "choose another")));
    }
    Ok(None)
}

/// Whether something else was chosen than it is, or what it is was ruled out.
fn otherwise(chosen: &Option<String>, ruled_out: &[String], is: Option<&String>) -> bool {
    chosen.is_some() && chosen.as_ref() != is || is.is_some_and(|is| ruled_out.contains(is))
}

/// Whether a seat goes against what holds.
fn is_against(said: &Said, transfer: &Transfer, vehicle: Option<&String>) -> bool {
    otherwise(&said.pinned.0, &said.forbidden.0, vehicle) || place_against(said, transfer)
}

/// Whether its place does.
fn place_against(said: &Said, transfer: &Transfer) -> bool {
    otherwise(&said.pinned.1, &said.forbidden.1, transfer.facility.as_ref())
}
