//! Requests of residents: answered, and opened again. The clock stops when the person confirms, not when somebody says that
//! it is done.

use super::{DeskError, Refusal, Report, Sitting, Verdict, stands};
use crate::{
    minutes::{Close, by_division},
    urgent,
};
use dayclear_core::{books::Worklist, listing::REQUESTS};
use dayclear_store::{books::Entry, welfare::Request};
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
