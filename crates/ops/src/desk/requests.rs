//! Requests of residents: answered, and opened again. The clock stops when the person confirms, not when somebody says that
//! it is done.

use super::{DeskError, Refusal, Report, Sitting, Verdict, stands};
use crate::{
    merging,
    minutes::{Close, by_division},
    urgent, welfare,
};
use dayclear_core::{
    books::Worklist,
    listing::{MEDIATIONS, REQUESTS},
    welfare::{MediationState, RequestKind},
};
use dayclear_store::{books::Entry, requests::Mediation, welfare::Request};
use serde_json::json;
use std::collections::HashMap;

/// Requests that the duty sees, by number.
async fn seen(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<HashMap<String, Request>, DeskError> {
    let rows = at.tx.records(&REQUESTS, keys).await?;
    let mut ids: Vec<&str> = rows.keys().map(String::as_str).collect();
    ids.sort_unstable();
    let found = at.tx.requests_by_id(&ids, at.doing.now).await?;
    Ok(found.into_iter().map(|request| (request.request.clone(), request)).collect())
}

pub(super) async fn answer(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let now = at.doing.now;
    let confirmed = at.text("confirmed") == "yes";
    let text = at.text("answer");
    let requests = seen(at, keys).await?;
    let items: Vec<String> = requests.values().map(Request::item).collect();
    let items: Vec<&str> = items.iter().map(String::as_str).collect();
    let mut open: HashMap<String, Entry> =
        at.tx.open_of(Worklist::Answer, &items).await?.into_iter().map(|item| (item.subject.clone(), item)).collect();
    let mut minutes = at.minutes();
    let (mut verdicts, mut these) = (Vec::with_capacity(keys.len()), Vec::new());
    for key in keys {
        let verdict = match requests.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(request) if request.merged_into.is_some() => {
                stands("with another request", "answer that one, or let this one stand for itself")
            }
            Some(request) if request.answered_at.is_some() => stands("answered", "open it again if it is not settled"),
            Some(request) if !confirmed && request.answer.as_deref() == Some(text) => Verdict::Same,
            Some(request) => {
                these.push(request.request.as_str());
                let body = json!({"confirmed": confirmed});
                minutes.event(now, "request.answered", *key, &request.division, &body, None)?;
                let item = match open.remove(&request.item()) {
                    Some(item) => minutes.known(item),
                    None => minutes.waits(
                        Worklist::Answer,
                        request.item(),
                        &request.division,
                        by_division(&request.division),
                        request.received_at,
                        "",
                    ),
                };
                item.reason = format!("{}: answered, and not confirmed by the person yet", request.kind);
                if confirmed {
                    item.done(now, format!("{}: answered, and confirmed by the person", request.kind));
                }
                Verdict::Done
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    // those that go with them are answered with them
    let with = at.tx.going_with(&these).await?;
    these.extend(with.iter().map(String::as_str));
    at.tx.answer_requests(&these, text, confirmed.then_some(now)).await?;
    if confirmed {
        let told: Vec<Request> = at.tx.requests_by_id(&these, now).await?;
        urgent::told(at.tx, &mut minutes, &told).await?;
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

pub(super) async fn reopen(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let now = at.doing.now;
    let requests = seen(at, keys).await?;
    let mut minutes = at.minutes();
    let (mut verdicts, mut these) = (Vec::with_capacity(keys.len()), Vec::new());
    for key in keys {
        let verdict = match requests.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(request) if request.answered_at.is_none() => Verdict::Same,
            Some(request) => {
                these.push(request.request.as_str());
                let again = Request { reopened: request.reopened + 1, ..request.clone() };
                let body = json!({"times": again.reopened, "reason": at.text("reason")});
                minutes.event(now, "request.reopened", *key, &request.division, &body, None)?;
                let reason = format!("{}: opened again ({})", request.kind, again.reopened);
                let owner = by_division(&request.division);
                let day = &at.room.day;
                let due = day.pack.answer_deadline(request.kind, now, day.zone).map(|decided| decided.value);
                urgent::open(at.tx, &mut minutes, &again, now).await?;
                minutes.waits(Worklist::Answer, again.item(), &request.division, owner, now, reason).due_at = due;
                Verdict::Done
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    at.tx.reopen_requests(&these).await?;
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

/// Requests go with another of the same theme.
pub(super) async fn merge(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let (into, reason, now, account) =
        (at.text("merged_into"), at.text("reason"), at.doing.now, at.account().to_owned());
    let requests = seen(at, keys).await?;
    let other = seen(at, &[into]).await?.remove(into);
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let leads = !at.tx.going_with(&[key]).await?.is_empty();
        let verdict = match (requests.get(*key), &other) {
            (None, _) => Verdict::Refused(Refusal::Unknown),
            (Some(request), _) if request.merged_into.as_deref() == Some(into) => Verdict::Same,
            (Some(_), None) => stands("to go with one that is not here", "correct the number"),
            (Some(request), Some(other)) => match barred(request, other, leads) {
                Some(verdict) => verdict,
                None => {
                    let item = at.tx.open_of(Worklist::Answer, &[&request.item()]).await?.pop();
                    merging::merge(at.tx, &mut minutes, request, into, (&account, now), reason).await?;
                    if let Some(item) = item {
                        let said = format!("{}: goes with {into}, which is answered for both", request.kind);
                        minutes.known(item).cancelled(now, said);
                    }
                    Verdict::Done
                }
            },
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

/// Why a request cannot go with another.
fn barred(request: &Request, other: &Request, leads: bool) -> Option<Verdict> {
    let bar = if request.request == other.request {
        ("the same", "name another request")
    } else if request.answered_at.is_some() || other.answered_at.is_some() {
        ("answered", "what is answered needs no other")
    } else if request.kind != other.kind {
        ("of another theme", "two themes have two answers")
    } else if !request.kind.goes_together() {
        ("never put together", "what cannot wait, and what is somebody's own, is answered by itself")
    } else if other.merged_into.is_some() || request.merged_into.is_some() {
        ("with another request", "name the one that is answered for all of them")
    } else if leads {
        ("answered for others", "let the others go with that one instead")
    } else {
        return None;
    };
    Some(stands(bar.0, bar.1))
}

/// Requests stand for themselves again.
pub(super) async fn part(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let (reason, now, account) = (at.text("reason"), at.doing.now, at.account().to_owned());
    let requests = seen(at, keys).await?;
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match requests.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(request) if request.merged_into.is_none() => Verdict::Same,
            Some(request) if request.answered_at.is_some() => stands("answered", "open it again if it is not settled"),
            Some(request) => {
                at.tx.merge_request((key, None), (&account, now), reason).await?;
                let again = Request { reopened: request.reopened + 1, merged_into: None, ..request.clone() };
                let body = serde_json::json!({"into": null, "kind": request.kind});
                minutes.event(now, "request.parted", *key, &request.division, &body, None)?;
                // its clock is that of when it came in: being put with another has cost it time enough
                let day = &at.room.day;
                let due = day.pack.answer_deadline(request.kind, request.received_at, day.zone);
                let (owner, why) =
                    (by_division(&request.division), format!("{}: stands for itself again", request.kind));
                let item = minutes.waits(Worklist::Answer, again.item(), &request.division, owner, now, why);
                item.due_at = due.map(|decided| decided.value);
                Verdict::Done
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

/// Whoever asked for counselling is in danger: an emergency with its ticket, in this transaction. Told of again, it is the same.
pub(super) async fn crisis(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let now = at.doing.now;
    let requests = seen(at, keys).await?;
    at.for_the_city();
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match requests.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(request) if request.kind != RequestKind::Counselling => {
                stands("no request for counselling", "take an emergency by its own form: it asks for nothing else")
            }
            Some(request) => {
                let emergency = format!("E-{key}");
                let text = format!("danger told of in counselling {key}");
                let home = request.household.as_deref();
                if at.tx.take_emergency(&emergency, home, &request.division, now, &text).await? {
                    let body = json!({"kind": RequestKind::Emergency, "request": key});
                    minutes.event(
                        now,
                        "request.opened",
                        emergency.as_str(),
                        &request.division,
                        &body,
                        Some("emergency"),
                    )?;
                    welfare::requested(at.tx, &mut minutes, &[&emergency]).await?;
                    Verdict::Done
                } else {
                    Verdict::Same
                }
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

/// Somebody mediates disputes.
pub(super) async fn mediate(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let (mediator, law) = (at.text("mediator").trim().to_owned(), at.text("law").trim().to_owned());
    let (now, account) = (at.doing.now, at.account().to_owned());
    let requests = seen(at, keys).await?;
    let known = at.tx.mediations_of(keys).await?;
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match requests.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(request) if request.kind != RequestKind::Dispute => stands("no dispute", "answer it as it is"),
            Some(_) if known.iter().any(|one| one.request == *key && one.mediator == mediator) => Verdict::Same,
            Some(_) if known.iter().any(|one| one.request == *key) => {
                stands("mediated already", "write down in that mediation what is said or done")
            }
            Some(request) => {
                let new = Mediation {
                    request: (*key).to_owned(),
                    division: request.division.clone(),
                    mediator: mediator.clone(),
                    law: law.clone(),
                    state: MediationState::Open,
                };
                at.tx.open_mediation(&new, (&account, now)).await?;
                // who mediates stands in a field that only some read
                minutes.event(now, "mediation.opened", *key, &request.division, &json!({"law": law}), None)?;
                Verdict::Done
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

/// What is said of a mediation: a step, what was agreed, or where it goes on.
pub(super) async fn mediation(at: &mut Sitting<'_, '_>, keys: &[&str], verb: &str) -> Result<Report, DeskError> {
    let (now, account) = (at.doing.now, at.account().to_owned());
    let rows = at.tx.records(&MEDIATIONS, keys).await?;
    let ids: Vec<&str> = keys.iter().copied().filter(|key| rows.contains_key(*key)).collect();
    let known = at.tx.mediations_of(&ids).await?;
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match known.iter().find(|one| one.request == *key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(one) if one.state != MediationState::Open => stands(one.state.name(), "what has ended stays ended"),
            Some(one) => {
                let by = (account.as_str(), now);
                let kind = match verb {
                    "note" => {
                        at.tx.add_mediation_step(key, by, at.text("words").trim()).await?;
                        "mediation.noted"
                    }
                    "settle" => {
                        at.tx.end_mediation(key, MediationState::Settled, by, at.text("agreed").trim()).await?;
                        "mediation.settled"
                    }
                    _ => {
                        at.tx.end_mediation(key, MediationState::Failed, by, at.text("onward").trim()).await?;
                        "mediation.failed"
                    }
                };
                minutes.event(now, kind, *key, &one.division, &json!({}), None)?;
                Verdict::Done
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}
