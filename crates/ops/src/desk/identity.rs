//! Two people on the roster are one, are two again, or were never one: decided by a person, with a reason, on people whom the duty
//! sees both. A merge is a pointer from one to the other, added to what was decided before; no fact is moved or changed, so a split
//! brings everything back. What follows for cases, orders and beds the line settles with its next run.

use super::{DeskError, Refusal, Report, Sitting, Verdict, inside, invalid, stands};
use crate::{
    agenda, identity,
    minutes::{Close, Minutes, by_division},
    transfer,
};
use dayclear_core::{
    books::Worklist, divisions::DivisionCode, listing::PEOPLE, roster::IdentityDecision, transfer::TransferState,
};
use dayclear_store::{
    identity::{Decision, IdentityRow},
    landing::Numbered,
    transfer::Transfer,
};
use serde_json::json;
use std::collections::BTreeMap;

/// People of a command, as they are compared, by id.
async fn people(at: &mut Sitting<'_, '_>, ids: &[&str]) -> Result<BTreeMap<String, IdentityRow>, DeskError> {
    let seen = at.tx.records(&PEOPLE, ids).await?;
    let seen: Vec<&str> = ids.iter().copied().filter(|id| seen.contains_key(*id)).collect();
    let numbers: Vec<i64> = at.tx.numbers_of(Numbered::People, &seen).await?.into_values().map(|(no, ..)| no).collect();
    let rows = at.tx.identities(&numbers).await?;
    Ok(rows.into_iter().map(|row| (row.id.clone(), row)).collect())
}

fn place(code: &str) -> Result<DivisionCode, DeskError> {
    code.parse().map_err(inside)
}

/// Subject of the item about two who were moved both.
fn review(one: &str, into: &str) -> String {
    format!("merged/{one}/{into}")
}

/// What follows from every decision: pairs and lists are looked at again, coverage and the line too.
async fn follows(at: &mut Sitting<'_, '_>, rows: &[&IdentityRow]) -> Result<(), DeskError> {
    let mut numbers: Vec<i64> = rows.iter().map(|row| row.no).collect();
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    identity::people_changed(at.tx, &at.room.day, &numbers).await?;
    identity::count(at.tx, &at.room.day).await?;
    let communities = at.tx.communities_of(&numbers).await?;
    at.tx.note_roster(&communities, &mut numbers).await?;
    Ok(agenda::decided(at.tx, &ids).await?)
}

pub(super) async fn merge(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let into = at.text("into");
    let mut asked = keys.to_vec();
    asked.push(into);
    let found = people(at, &asked).await?;
    let Some(into) = found.get(into) else {
        return Err(invalid("into", "", "the id of a person whom you may see", "look the person up"));
    };
    if into.merged_into.is_some() {
        return Err(invalid(
            "into",
            into.id.as_str(),
            "a person who stands for themselves",
            "name who stands for them",
        ));
    }
    at.for_the_city();
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match found.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(one) if one.no == into.no => stands("the same person", "name two people"),
            Some(one) if one.merged_into == Some(into.no) => Verdict::Same,
            Some(one) if one.merged_into.is_some() => stands("merged with another", "split them first"),
            Some(one) if !at.tx.standing_for(&[one.no]).await?.is_empty() => {
                stands("standing for others", "merge the other way round, or split those first")
            }
            Some(one) => {
                decide(at, &mut minutes, IdentityDecision::Merge, one, into, "people.merged").await?;
                both_moved(at, &mut minutes, one, into).await?;
                follows(at, &[one, into]).await?;
                Verdict::Done
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

/// Cases, orders and bookings of both are settled by the line; nobody can be in two vehicles or beds, so somebody finds out who is.
async fn both_moved(
    at: &mut Sitting<'_, '_>,
    minutes: &mut Minutes<'_>,
    one: &IdentityRow,
    into: &IdentityRow,
) -> Result<(), DeskError> {
    let live = at.tx.live_transfers_of(&[one.no, into.no]).await?;
    let gone = |no: i64| {
        let there = |t: &&Transfer| matches!(t.state, TransferState::Underway | TransferState::Admitted);
        live.iter().filter(|t| t.person_no == no).find(there)
    };
    if let (Some(mine), Some(theirs)) = (gone(one.no), gone(into.no)) {
        let division = place(&into.division)?;
        let reason = format!(
            "two people were merged, and both are on the way or in a bed: {} and {}; find out who is where",
            mine.id, theirs.id
        );
        let subject = review(&one.id, &into.id);
        minutes.waits(Worklist::Review, subject, &division, by_division(&division), at.doing.now, reason);
    }
    Ok(())
}

async fn decide(
    at: &mut Sitting<'_, '_>,
    minutes: &mut Minutes<'_>,
    decision: IdentityDecision,
    one: &IdentityRow,
    other: &IdentityRow,
    event: &'static str,
) -> Result<(), DeskError> {
    let division = identity::smallest(&one.division, &other.division);
    let decided = Decision {
        decision,
        person_no: one.no,
        other_no: other.no,
        division: &division,
        at: at.doing.now,
        by: at.account(),
        reason: at.text("reason"),
    };
    at.tx.decide_identity(&decided).await?;
    let body = json!({"other": other.id, "division": division, "reason": at.text("reason")});
    Ok(minutes.event(at.doing.now, event, one.id.as_str(), &place(&one.division)?, &body, None)?)
}

pub(super) async fn split(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let found = people(at, keys).await?;
    let stand: Vec<i64> = found.values().filter_map(|row| row.merged_into).collect();
    let duty = at.doing.looker.duty.division.clone();
    let others = at.tx.identities(&stand).await?;
    at.for_the_city();
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let one = found.get(*key);
        let other = one.and_then(|one| others.iter().find(|other| Some(other.no) == one.merged_into));
        let verdict = match (one, other) {
            (None, _) => Verdict::Refused(Refusal::Unknown),
            (Some(one), _) if one.merged_into.is_none() => Verdict::Same,
            // who sees one of them only may not decide of both
            (Some(_), Some(other)) if !other.division.starts_with(duty.as_str()) => Verdict::Refused(Refusal::Unknown),
            (Some(one), Some(other)) => {
                decide(at, &mut minutes, IdentityDecision::Split, one, other, "people.split").await?;
                let subject = review(&one.id, &other.id);
                for item in at.tx.open_of(Worklist::Review, &[&subject]).await? {
                    minutes.known(item).cancelled(at.doing.now, "they were split again");
                }
                transfer::doubles::apart(at.tx, &mut minutes, &[one.no, other.no]).await?;
                follows(at, &[one, other]).await?;
                Verdict::Done
            }
            (Some(_), None) => Verdict::Refused(Refusal::Unknown),
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

pub(super) async fn distinct(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let other = at.text("other");
    let mut asked = keys.to_vec();
    asked.push(other);
    let found = people(at, &asked).await?;
    let Some(other) = found.get(other) else {
        return Err(invalid("other", "", "the id of a person whom you may see", "look the person up"));
    };
    at.for_the_city();
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match found.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(one) if one.no == other.no => stands("the same person", "name two people"),
            Some(one) if one.merged_into == Some(other.no) || other.merged_into == Some(one.no) => {
                stands("merged", "split them first")
            }
            Some(one) => {
                decide(at, &mut minutes, IdentityDecision::Distinct, one, other, "people.distinct").await?;
                identity::people_changed(at.tx, &at.room.day, &[one.no, other.no]).await?;
                identity::count(at.tx, &at.room.day).await?;
                Verdict::Done
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}
