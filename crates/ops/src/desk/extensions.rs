//! An area is asked to be wider or longer than the rule, and somebody of a higher duty allows or refuses it, with the further people in
//! view; or it is ended early, which needs nobody else. What the rules allow nobody is refused, kept as an event and told to the city.

use super::{DeskError, Refusal, Report, Sitting, Verdict, inside, stands};
use crate::{
    areas::beyond::{self, Against},
    minutes::{Close, Minutes, by_division},
};
use dayclear_core::{
    books::Worklist,
    listing::{AREAS, Cell, EXTENSIONS},
    measures::{ExtensionKind, ExtensionState},
    time::CivilDate,
};
use dayclear_store::{extensions::Extension, measures::Zone};
use serde_json::json;
use std::collections::BTreeMap;

/// Areas of a command by id, as far as the duty sees them; the handle is that of the city from then on.
async fn zones(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<BTreeMap<String, Zone>, DeskError> {
    let rows = at.tx.records(&AREAS, keys).await?;
    let ids: Vec<&str> = keys.iter().copied().filter(|key| rows.contains_key(*key)).collect();
    at.for_the_city();
    Ok(at.tx.zones_by_id(&ids).await?.into_iter().map(|zone| (zone.id.clone(), zone)).collect())
}

pub(super) async fn widen(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    ask(at, keys, ExtensionKind::Wider).await
}

pub(super) async fn extend(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    ask(at, keys, ExtensionKind::Longer).await
}

async fn ask(at: &mut Sitting<'_, '_>, keys: &[&str], kind: ExtensionKind) -> Result<Report, DeskError> {
    let until = match at.input.get("until") {
        Some(Cell::Day(day)) => *day,
        _ => return Err(inside("until was checked and is not there")),
    };
    let found = zones(at, keys).await?;
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match found.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(zone) if zone.released_on.is_some() => {
                stands("released", "fresh evidence opens a fresh area by itself")
            }
            Some(zone) => match asked(at, &mut minutes, zone, kind, until).await? {
                Ok(()) => Verdict::Done,
                Err(Against::State(is, remedy)) => stands(is, remedy),
                Err(Against::Rule(rule, what)) => {
                    beyond::told(&mut minutes, at.room.city.division(), zone, at.account(), rule, &what)?;
                    let remedy = "the area stands as it is; that this was asked is told to the city command";
                    stands(format!("forbidden ({rule}): {what}"), remedy)
                }
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
    zone: &Zone,
    kind: ExtensionKind,
    until: CivilDate,
) -> Result<Result<(), Against>, DeskError> {
    let mut clause = match beyond::clause(minutes, zone, kind, until) {
        Ok(clause) => clause,
        Err(against) => return Ok(Err(against)),
    };
    let ground = at.text("ground");
    if !ground.is_empty() {
        clause = clause.with("ground", ground);
    }
    let evidence = at.text("evidence");
    let case = at.tx.cases_by_id(&[evidence]).await?.into_iter().next();
    if let Err(against) = beyond::evidence(at.tx, minutes, zone, kind, case.as_ref()).await? {
        return Ok(Err(against));
    }
    let before = at.tx.extensions_of(&[&zone.id]).await?;
    if before.iter().any(|one| one.kind == kind && one.state == ExtensionState::Asked) {
        return Ok(Err(Against::State("asked for already".to_owned(), "the city command decides")));
    }
    let (buildings, extra) = match kind {
        ExtensionKind::Wider => {
            let wider = beyond::wider(at.tx, zone).await?;
            (wider.buildings, wider.extra)
        }
        ExtensionKind::Longer => (Vec::new(), zone.people),
    };
    if extra <= 0 {
        return Ok(Err(Against::State("as wide as its compound".to_owned(), "there is nothing to ask for")));
    }
    let extension = Extension {
        id: format!("{}/x{}", zone.id, before.len() + 1),
        zone: zone.id.clone(),
        division: zone.division.clone(),
        kind,
        asked_by: at.account().to_owned(),
        asked_at: at.doing.now,
        evidence: evidence.to_owned(),
        reason: at.text("reason").to_owned(),
        clause: json!([clause]).to_string(),
        buildings,
        people: zone.people,
        extra,
        was_until: zone.ends_on,
        until,
        state: ExtensionState::Asked,
        decided: None,
    };
    at.tx.ask_extension(&extension).await?;
    let city = at.room.city.division().clone();
    let body = json!({"area": zone.id, "kind": kind, "people": zone.people, "extra": extra, "until": until,
                      "evidence": evidence, "reason": extension.reason});
    minutes.event(at.doing.now, "extension.asked", &extension.id, &zone.division, &body, None)?;
    // what a person wrote stands in the event; the item says what is decided, and about how many
    let what = match kind {
        ExtensionKind::Wider => format!("{} is asked to be wider: +{extra} people until {until}", zone.id),
        ExtensionKind::Longer => format!("{} is asked to last until {until}: {extra} people stay bound", zone.id),
    };
    minutes.waits(Worklist::Review, subject(&extension.id), &city, by_division(&city), at.doing.now, what);
    Ok(Ok(()))
}

fn subject(extension: &str) -> String {
    format!("extension/{extension}")
}

/// Extensions of a command by id, as far as the duty sees them.
async fn extensions(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<BTreeMap<String, Extension>, DeskError> {
    let rows = at.tx.records(&EXTENSIONS, keys).await?;
    let ids: Vec<&str> = keys.iter().copied().filter(|key| rows.contains_key(*key)).collect();
    at.for_the_city();
    Ok(at.tx.extensions_by_id(&ids).await?.into_iter().map(|one| (one.id.clone(), one)).collect())
}

pub(super) async fn approve(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let found = extensions(at, keys).await?;
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match found.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(one) if one.state == ExtensionState::Approved => Verdict::Same,
            Some(one) if one.state != ExtensionState::Asked => stands(one.state.name(), "ask anew, on fresh evidence"),
            Some(one) if one.asked_by == at.account() => {
                stands("asked for by yourself", "another person of the city command decides")
            }
            Some(one) => allowed(at, &mut minutes, one).await?,
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

/// Looks at everything again, because time has passed: the area, its evidence, the clause, and how many people it would bind now.
async fn allowed(at: &mut Sitting<'_, '_>, minutes: &mut Minutes<'_>, one: &Extension) -> Result<Verdict, DeskError> {
    let zone = at.tx.zones_by_id(&[&one.zone]).await?.into_iter().next();
    let Some(mut zone) = zone.filter(|zone| zone.released_on.is_none()) else {
        return Ok(stands("about an area that has ended", "refuse it"));
    };
    let clause = match beyond::clause(minutes, &zone, one.kind, one.until) {
        Ok(clause) => clause,
        Err(Against::Rule(rule, what)) => return Ok(stands(format!("forbidden ({rule}): {what}"), "refuse it")),
        Err(Against::State(is, _)) => return Ok(stands(is, "refuse it")),
    };
    let case = at.tx.cases_by_id(&[&one.evidence]).await?.into_iter().next();
    if let Err(Against::Rule(_, what) | Against::State(what, _)) =
        beyond::evidence(at.tx, minutes, &zone, one.kind, case.as_ref()).await?
    {
        return Ok(stands(what, "refuse it"));
    }
    match one.kind {
        ExtensionKind::Wider => {
            let wider = beyond::wider(at.tx, &zone).await?;
            if wider.extra > one.extra {
                let is = format!("about {} people more than were shown", wider.extra - one.extra);
                return Ok(stands(is, "refuse it; it is to be asked for anew"));
            }
            // an area is not drawn before it is allowed: the store refuses one
            decide(at, minutes, one, ExtensionState::Approved).await?;
            beyond::enclose(at.tx, minutes, one, &wider.buildings, &clause).await?;
        }
        ExtensionKind::Longer => {
            decide(at, minutes, one, ExtensionState::Approved).await?;
            zone.ends_on = one.until;
            at.tx.update_zone(&zone).await?;
            let body = json!({"cases": zone.cases, "ends_on": zone.ends_on, "extension": one.id, "reason": [clause]});
            minutes.event(at.doing.now, "zone.extended", &zone.id, &zone.division, &body, Some("zone"))?;
        }
    }
    Ok(Verdict::Done)
}

async fn decide(
    at: &mut Sitting<'_, '_>,
    minutes: &mut Minutes<'_>,
    one: &Extension,
    state: ExtensionState,
) -> Result<(), DeskError> {
    let (by, now, words) = (at.account().to_owned(), at.doing.now, at.text("reason").to_owned());
    at.tx.decide_extension(&one.id, state, &by, now, &words).await?;
    let body = json!({"area": one.zone, "kind": one.kind, "extra": one.extra, "until": one.until,
                      "asked_by": one.asked_by, "reason": words});
    let kind = if state == ExtensionState::Approved { "extension.approved" } else { "extension.refused" };
    minutes.event(now, kind, &one.id, &one.division, &body, None)?;
    for item in at.tx.open_of(Worklist::Review, &[&subject(&one.id)]).await? {
        minutes.known(item).done(now, format!("{state} by {by}"));
    }
    Ok(())
}

pub(super) async fn refuse(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let found = extensions(at, keys).await?;
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match found.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(one) if one.state == ExtensionState::Refused => Verdict::Same,
            Some(one) if one.state != ExtensionState::Asked => stands(one.state.name(), "end the area early instead"),
            Some(one) if one.asked_by == at.account() => {
                stands("asked for by yourself", "another person of the city command decides")
            }
            Some(one) => {
                decide(at, &mut minutes, one, ExtensionState::Refused).await?;
                Verdict::Done
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

/// Ends areas now.
pub(super) async fn release(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let mut found = zones(at, keys).await?;
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match found.get_mut(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(zone) if zone.released_on.is_some() => Verdict::Same,
            Some(zone) => {
                beyond::end(at.tx, &mut minutes, zone, &format!("ended early by {}", at.account())).await?;
                let body = json!({"reason": at.text("reason")});
                minutes.event(at.doing.now, "zone.ended_early", &zone.id, &zone.division, &body, None)?;
                Verdict::Done
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}
