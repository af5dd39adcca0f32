//! What people do for households that are bound: write down what they ask for, say what became of a parcel at the door, and what goods
//! cost. Nothing is at a door by somebody's bare word: digits that only the household knows, or a word that it said, and who.

use super::{DeskError, Refusal, Report, Sitting, Verdict, inside, invalid, stands};
use crate::{
    OpsError,
    minutes::{Close, Minutes, by_division},
    supplies::{Asked, Asking},
    welfare,
};
use dayclear_core::{
    books::Worklist,
    divisions::DivisionCode,
    listing::{Cell, GOODS, PARCELS},
    time::CivilDate,
    welfare::{DoorProof, DoorStep, Supply, is_dear},
};
use dayclear_store::{deliveries::StopEnd, supplies::AtDoor, welfare::Parcel};
use serde_json::json;
use std::collections::BTreeMap;

/// A household asks for goods.
pub(super) async fn ask(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let household = at.text("household").to_owned();
    let within = at.doing.looker.duty.division.clone();
    let units = match at.input.get("units") {
        Some(Cell::Whole(units)) => *units,
        _ => 1,
    };
    let way = at.text("way").parse().map_err(inside)?;
    at.for_the_city();
    let place = crate::supplies::bound_at(at.tx, &at.room.day, &household).await?;
    let Some(division) = place.filter(|division| within.contains(division)) else {
        let remedy = "correct the household, or take a request: nobody binds this one, or it lies elsewhere";
        return Err(invalid("household", household, "a household that an order or an area binds today", remedy));
    };
    let account = at.account().to_owned();
    let asking = Asking { household: &household, division: &division, way, account: &account };
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let asked = crate::supplies::ask(at.tx, &mut minutes, &asking, key, units).await?;
        verdicts.push(((*key).to_owned(), verdict(asked)));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

fn verdict(asked: Asked) -> Verdict {
    match asked {
        Asked::Brought(_) => Verdict::Done,
        Asked::Unknown => Verdict::Refused(Refusal::Unknown),
        Asked::Most(most) => stands("asked for already", format!("a household may ask for {most} a day")),
        Asked::Left(left) => stands("running out", format!("{left} are left where its parcel comes from")),
    }
}

/// Parcels by the keys of their list.
async fn seen(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<BTreeMap<String, Parcel>, DeskError> {
    let rows = at.tx.records(&PARCELS, keys).await?;
    let named: Vec<(String, CivilDate, Supply)> =
        keys.iter().filter(|key| rows.contains_key(**key)).filter_map(|key| named(key)).collect();
    at.for_the_city();
    let found = at.tx.parcels_by_key(&named).await?;
    Ok(found
        .into_iter()
        .map(|parcel| (format!("{}:{}:{}", parcel.household, parcel.day, parcel.item), parcel))
        .collect())
}

fn named(key: &str) -> Option<(String, CivilDate, Supply)> {
    let mut parts = key.rsplitn(3, ':');
    let (item, day, household) = (parts.next()?, parts.next()?, parts.next()?);
    Some((household.to_owned(), day.parse().ok()?, item.parse().ok()?))
}

/// What was found at the door: the parcel was taken in, or it was not.
pub(super) async fn at_door(at: &mut Sitting<'_, '_>, keys: &[&str], verb: &str) -> Result<Report, DeskError> {
    let found = seen(at, keys).await?;
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    let step = if verb == "deliver" { DoorStep::Delivered } else { DoorStep::Missed };
    let proof: Option<DoorProof> =
        Some(at.text("door_proof")).filter(|proof| !proof.is_empty()).map(str::parse).transpose().map_err(inside)?;
    for key in keys {
        let verdict = match found.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(parcel) if parcel.day > at.room.day.date => stands("owed on another day", "it is carried on its day"),
            Some(parcel) if parcel.delivered_at.is_some() && step == DoorStep::Delivered => Verdict::Same,
            Some(parcel) if parcel.delivered_at.is_some() => {
                stands("at the door", "where the household has it not, it says so, and the parcel is owed anew")
            }
            Some(parcel) => match wrong_digits(at, parcel, proof) {
                Some(verdict) => verdict,
                None => {
                    let said = Some(at.text("word_said").trim()).filter(|_| proof == Some(DoorProof::Word));
                    let reason = Some(at.text("reason").trim()).filter(|reason| !reason.is_empty());
                    let what = AtDoor { step, at: at.doing.now, account: at.account(), proof, said, reason };
                    told(at.tx, &mut minutes, parcel, what).await?;
                    Verdict::Done
                }
            },
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

/// Why digits do not show that the household has its parcel.
fn wrong_digits(at: &Sitting<'_, '_>, parcel: &Parcel, proof: Option<DoorProof>) -> Option<Verdict> {
    if proof != Some(DoorProof::Code) {
        return None;
    }
    let today = at.room.day.zone.day(at.doing.now);
    match at.doing.keys {
        None => Some(stands("not checked here", "digits are checked by the server; take a word, and who said it")),
        Some(keys) if keys.is_door_code(&parcel.household, today, at.text("word_said")) => None,
        Some(_) => {
            Some(stands("shown by other digits", "ask for the digits of today, or take a word, and who said it"))
        }
    }
}

/// Something was said of a parcel at the door, by whoever carries it or by the household.
pub(crate) async fn told(
    tx: &mut dayclear_store::Scoped,
    minutes: &mut Minutes<'_>,
    parcel: &Parcel,
    what: AtDoor<'_>,
) -> Result<(), OpsError> {
    let key = (parcel.household.as_str(), parcel.day, parcel.item);
    tx.at_door(key, what).await?;
    // a parcel that a run carries: its stop has ended, whoever brought it
    match what.step {
        DoorStep::Delivered | DoorStep::Here => tx.end_stop(key, StopEnd::Delivered, what.at).await?,
        DoorStep::Missed => tx.end_stop(key, StopEnd::Missed, what.at).await?,
        DoorStep::NotHere => 0,
    };
    let kind = match what.step {
        DoorStep::Delivered => "parcel.delivered",
        DoorStep::Missed => "parcel.missed",
        DoorStep::Here => "parcel.here",
        DoorStep::NotHere => "parcel.not_here",
    };
    // the word that was said, and why nobody answered, stand in fields that only some read
    let body = json!({"item": parcel.item, "proof": what.proof});
    minutes.event(what.at, kind, parcel.subject(), &parcel.division, &body, None)?;
    let now = tx.parcels_by_key(&[(parcel.household.clone(), parcel.day, parcel.item)]).await?;
    welfare::post_parcels(minutes, now);
    Ok(())
}

/// Somebody saw what goods cost. One that lies above what it may is an item of the district, until it does not any more.
pub(super) async fn price(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let price = match at.input.get("price_seen") {
        Some(Cell::Real(price)) => *price,
        Some(Cell::Whole(price)) => *price as f64,
        _ => return Err(invalid("price_seen", "", "a number", "fill it in")),
    };
    let (shop, now, date) = (at.text("shop").trim().to_owned(), at.doing.now, at.room.day.date);
    let rows = at.tx.records(&GOODS, keys).await?;
    let place: DivisionCode = at.doing.looker.duty.division.district();
    let account = at.account().to_owned();
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let Some(row) = rows.get(*key) else {
            verdicts.push(((*key).to_owned(), Verdict::Refused(Refusal::Unknown)));
            continue;
        };
        at.tx.price((key, &place), (price, &shop), (&account, now)).await?;
        let usual = match row.get(&GOODS, "usual") {
            Cell::Real(usual) => Some(*usual),
            _ => None,
        };
        let above = match row.get(&GOODS, "above_percent") {
            Cell::Whole(percent) => *percent,
            _ => 0,
        };
        let dear = usual.is_some_and(|usual| is_dear(price, usual, above));
        let body = json!({"price": price, "usual": usual, "above_percent": above, "dear": dear});
        minutes.event(now, "supply.priced", *key, &place, &body, None)?;
        let beginning = format!("price/{place}/{key}/");
        let subject = format!("{beginning}{date}");
        let open = at.tx.open_beginning(Worklist::Clarify, &beginning).await?;
        let known = !at.tx.known_subjects(Worklist::Clarify, &[&subject]).await?.is_empty();
        if !dear {
            for item in open {
                minutes.known(item).done(now, "the price lies within what it may again");
            }
        } else if open.is_empty() && !known {
            let percent = usual.map_or(0.0, |usual| (price / usual - 1.0) * 100.0);
            let reason = format!("costs {price}, {percent:.0} percent above the usual {}", usual.unwrap_or_default());
            let item = minutes.waits(Worklist::Clarify, subject, &place, by_division(&place), now, reason);
            item.due_at = Some(now.plus_hours(24));
        }
        verdicts.push(((*key).to_owned(), Verdict::Done));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}
