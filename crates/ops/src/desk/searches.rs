//! A search beyond the household is asked for, approved or refused: two people, a purpose in words, and a case that a laboratory stands
//! for, looked at when it is asked for and again when it is approved.

use super::{DeskError, Refusal, Report, Sitting, Verdict, stands};
use crate::{
    minutes::Minutes,
    searches::{alarm, find},
};
use dayclear_core::{
    listing::{CASES, Cell, SEARCHES},
    searches::{Backing, FOUND_MAX, SearchState, Unbacked},
};
use dayclear_store::{cases::Case, searches::Search};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Cases of a command, by id, as far as the duty sees them; the handle is that of the city from then on.
pub(super) async fn cases(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<BTreeMap<String, Case>, DeskError> {
    let rows = at.tx.records(&CASES, keys).await?;
    let ids: Vec<&str> = keys.iter().copied().filter(|key| rows.contains_key(*key)).collect();
    at.for_the_city();
    Ok(at.tx.cases_by_id(&ids).await?.into_iter().map(|case| (case.id.clone(), case)).collect())
}

/// Why no laboratory stands for a case; `None`: one does.
pub(super) async fn lacks(at: &mut Sitting<'_, '_>, case: &Case) -> Result<Option<Unbacked>, DeskError> {
    if case.is_withdrawn() {
        return Ok(Some(Unbacked::NotPositive));
    }
    let backing = at.tx.backings(&[case.tube_no]).await?.remove(&case.tube_no);
    Ok(backing.unwrap_or(Backing::NOTHING).lacks())
}

fn unbacked(lacks: Unbacked) -> Verdict {
    stands(
        format!("a case for which no laboratory stands ({lacks})"),
        "have the person sampled and tested by a laboratory; that this was asked is told to the data protection officer",
    )
}

pub(super) async fn ask(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let found = cases(at, keys).await?;
    let minutes_min = match at.input.get("minutes") {
        Some(Cell::Whole(minutes)) => *minutes,
        _ => return Err(Refusal::Unknown.into()),
    };
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match found.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(case) => match lacks(at, case).await? {
                Some(lacks) => {
                    alarm(&mut minutes, case, lacks, at.account(), at.text("purpose"))?;
                    unbacked(lacks)
                }
                None => asked(at, &mut minutes, case, minutes_min).await?,
            },
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

async fn asked(
    at: &mut Sitting<'_, '_>,
    minutes: &mut Minutes<'_>,
    case: &Case,
    minutes_min: i64,
) -> Result<Verdict, DeskError> {
    let before = at.tx.searches_of(&case.id).await?;
    if before.iter().any(|search| search.state == SearchState::Asked) {
        return Ok(stands("asked for already", "a second person approves it"));
    }
    let search = Search {
        id: format!("{}-{}", case.id, before.len() + 1),
        case_id: case.id.clone(),
        division: case.division.clone(),
        asked_by: at.account().to_owned(),
        asked_at: at.doing.now,
        purpose: at.text("purpose").to_owned(),
        minutes: minutes_min,
        state: SearchState::Asked,
        decided: None,
        found: None,
        delete_on: None,
        deleted_at: None,
    };
    at.tx.ask_search(&search).await?;
    let body = json!({"case": case.id, "minutes": search.minutes, "purpose": search.purpose});
    minutes.event(at.doing.now, "search.asked", &search.id, &search.division, &body, None)?;
    Ok(Verdict::Done)
}

/// Searches of a command by id, and their cases.
async fn searches(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<BTreeMap<String, (Search, Case)>, DeskError> {
    let rows = at.tx.records(&SEARCHES, keys).await?;
    let ids: Vec<&str> = keys.iter().copied().filter(|key| rows.contains_key(*key)).collect();
    at.for_the_city();
    let found = at.tx.searches_by_id(&ids).await?;
    let of: BTreeSet<&str> = found.iter().map(|search| search.case_id.as_str()).collect();
    let cases = at.tx.cases_by_id(&of.into_iter().collect::<Vec<_>>()).await?;
    let with = |search: Search| {
        let case = cases.iter().find(|case| case.id == search.case_id)?.clone();
        Some((search.id.clone(), (search, case)))
    };
    Ok(found.into_iter().filter_map(with).collect())
}

pub(super) async fn approve(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let found = searches(at, keys).await?;
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match found.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some((search, _)) if search.state == SearchState::Done => Verdict::Same,
            Some((search, _)) if search.state != SearchState::Asked => stands(search.state.to_string(), "ask anew"),
            Some((search, _)) if search.asked_by == at.account() => {
                stands("asked for by yourself", "a second person approves it")
            }
            Some((search, case)) => match lacks(at, case).await? {
                Some(lacks) => {
                    alarm(&mut minutes, case, lacks, &search.asked_by, &search.purpose)?;
                    unbacked(lacks)
                }
                None => made(at, &mut minutes, search.clone(), case).await?,
            },
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

async fn made(
    at: &mut Sitting<'_, '_>,
    minutes: &mut Minutes<'_>,
    mut search: Search,
    case: &Case,
) -> Result<Verdict, DeskError> {
    let day = &at.room.day;
    let findings = find(at.tx, day, case, search.minutes).await?;
    let people: BTreeSet<&str> = findings.iter().map(|finding| finding.person.as_str()).collect();
    if people.len() > FOUND_MAX {
        let is = format!("a search that finds {} people, more than {FOUND_MAX}", people.len());
        return Ok(stands(is, "refuse it, and ask anew for a longer time together"));
    }
    search.found = Some(people.len() as i64);
    search.state = SearchState::Done;
    search.decided = Some((at.account().to_owned(), at.doing.now, None));
    search.delete_on = Some(day.zone.day(at.doing.now).plus_days(day.pack.retention_days().value));
    at.tx.update_search(&search).await?;
    at.tx.keep_findings(&search.id, &findings).await?;
    let body =
        json!({"case": case.id, "asked_by": search.asked_by, "found": search.found, "delete_on": search.delete_on});
    minutes.event(at.doing.now, "search.approved", &search.id, &search.division, &body, None)?;
    Ok(Verdict::Done)
}

pub(super) async fn refuse(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let found = searches(at, keys).await?;
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match found.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some((search, _)) if search.state == SearchState::Refused => Verdict::Same,
            Some((search, _)) if search.state != SearchState::Asked => {
                stands(search.state.to_string(), "what was found is deleted when its time is over")
            }
            Some((search, _)) if search.asked_by == at.account() => {
                stands("asked for by yourself", "a second person decides")
            }
            Some((search, _)) => {
                let why = at.text("reason").to_owned();
                let decided = Some((at.account().to_owned(), at.doing.now, Some(why.clone())));
                let search = Search { state: SearchState::Refused, decided, ..search.clone() };
                at.tx.update_search(&search).await?;
                let body = json!({"case": search.case_id, "reason": why});
                minutes.event(at.doing.now, "search.declined", &search.id, &search.division, &body, None)?;
                Verdict::Done
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}
