//! Papers of orders and appeals: handed over, read, or come back. Each word is appended with who wrote it down; whoever has a paper keeps
//! it, and one that came back is still owed. Nothing follows from it for whoever did not take one.

use super::{DeskError, Refusal, Report, Sitting, Verdict, inside, stands};
use dayclear_core::{listing::NOTICES, measures::NoticeState, time::Instant};
use dayclear_store::notices::{Notice, NoticeStep};
use serde_json::json;
use std::collections::BTreeMap;

pub(super) async fn say(at: &mut Sitting<'_, '_>, keys: &[&str], verb: &str) -> Result<Report, DeskError> {
    let step = match verb {
        "deliver" => NoticeState::Handed,
        "read" => NoticeState::Read,
        _ => NoticeState::Returned,
    };
    let now = at.doing.now;
    let done_at = at.happened()?;
    let rows = at.tx.records(&NOTICES, keys).await?;
    let ids: Vec<&str> = keys.iter().copied().filter(|key| rows.contains_key(*key)).collect();
    at.for_the_city();
    let papers: BTreeMap<String, Notice> =
        at.tx.notices_by_id(&ids).await?.into_iter().map(|paper| (paper.id.clone(), paper)).collect();
    let mut verdicts = Vec::with_capacity(keys.len());
    let mut steps: Vec<(&Notice, NoticeStep)> = Vec::new();
    for key in keys {
        let verdict = match papers.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(paper) => match barred(paper, step, done_at, now) {
                Some(verdict) => verdict,
                None => {
                    steps.push((paper, said(at, step, done_at)?));
                    Verdict::Done
                }
            },
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    let mut minutes = at.minutes();
    for (paper, step) in &steps {
        // who took it and why it came back stand in fields that only some read
        let body = json!({"kind": paper.kind, "subject": paper.subject, "way": step.way, "at": step.at});
        let kind = match step.step {
            NoticeState::Handed => "notice.handed",
            NoticeState::Read => "notice.read",
            _ => "notice.returned",
        };
        minutes.event(now, kind, &paper.id, &paper.division, &body, None)?;
    }
    at.tx.add_notice_steps(&both(steps)).await?;
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

/// Why nothing of the kind can be said of a paper now.
fn barred(paper: &Notice, step: NoticeState, done_at: Instant, now: Instant) -> Option<Verdict> {
    // what a day in files decided was decided as of its end, which may lie ahead of whoever works in it
    if paper.made_at <= now && done_at < paper.made_at {
        return Some(stands("made later than that", "say when it was done, or leave the time out"));
    }
    match (step, paper.state) {
        (_, NoticeState::Void) => Some(stands("void", "its order has ended: hand over the paper of its end")),
        (NoticeState::Handed, NoticeState::Handed | NoticeState::Read) => Some(Verdict::Same),
        (NoticeState::Read, NoticeState::Read) => Some(Verdict::Same),
        (NoticeState::Returned, NoticeState::Handed | NoticeState::Read) => {
            Some(stands("handed over", "whoever has it keeps it"))
        }
        _ => None,
    }
}

fn said(at: &Sitting<'_, '_>, step: NoticeState, done_at: Instant) -> Result<NoticeStep, DeskError> {
    let given = |name: &str| Some(at.text(name)).filter(|text| !text.is_empty()).map(str::to_owned);
    Ok(NoticeStep {
        step,
        at: done_at,
        recorded_at: at.doing.now,
        account: at.account().to_owned(),
        way: given("way").map(|way| way.parse()).transpose().map_err(inside)?,
        who: given("taken_by").or(given("read_by")),
        reason: given("reason"),
    })
}

/// Whoever reads a paper has it: what was read without being handed over was handed over by that.
fn both(steps: Vec<(&Notice, NoticeStep)>) -> Vec<(&Notice, NoticeStep)> {
    let mut all = Vec::with_capacity(steps.len());
    for (paper, step) in steps {
        if step.step == NoticeState::Read && paper.handed_at.is_none() {
            let way = step.way.or(Some(dayclear_core::measures::NoticeWay::Door));
            all.push((paper, NoticeStep { step: NoticeState::Handed, way, ..step.clone() }));
        }
        all.push((paper, step));
    }
    all
}
