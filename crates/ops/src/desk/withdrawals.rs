//! A case is withdrawn, and its contacts are let go or held a little longer. A person says so, and the evidence must say it first: no
//! case is withdrawn while a positive result stands for it, and an objection holds nobody for longer than a day.

use super::{DeskError, Refusal, Report, Sitting, Verdict, stands};
use crate::{
    minutes::{Close, Minutes},
    withdrawal::{follows, let_go, put_off, review_again},
};
use dayclear_core::{
    books::Worklist,
    cases::Classification,
    listing::{CASES, RELEASES},
    screening::Finding,
    withdrawal::ReleaseState,
};
use dayclear_store::{
    cases::{Case, WITHDRAWN},
    releases::Release,
    screening::TubeResult,
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

pub(super) async fn withdraw(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let rows = at.tx.records(&CASES, keys).await?;
    let tube =
        |key: &str| rows.get(key).and_then(|row| row.get(&CASES, "tube").as_str()).unwrap_or_default().to_owned();
    let ids: Vec<&str> = keys.iter().copied().filter(|key| rows.contains_key(*key)).collect();
    at.for_the_city();
    let cases: BTreeMap<String, Case> =
        at.tx.cases_by_id(&ids).await?.into_iter().map(|case| (case.id.clone(), case)).collect();
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match cases.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(case) if case.is_withdrawn() => Verdict::Same,
            Some(case) if case.closed_on.is_some() => {
                stands("closed", "it binds nobody any more; end what is left by itself")
            }
            Some(case) => match supported(at, case).await? {
                Some(refused) => refused,
                None => {
                    one(at, &mut minutes, case.clone(), &tube(key)).await?;
                    Verdict::Done
                }
            },
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

/// Why a case may not be withdrawn: a positive result stands for it, or nobody knows yet.
async fn supported(at: &mut Sitting<'_, '_>, case: &Case) -> Result<Option<Verdict>, DeskError> {
    let own = at.tx.results_of_people(at.doing.now, &[case.person_no]).await?;
    let single = |tube: &&TubeResult| tube.size == 1 && tube.collected_at >= case.sampled_at;
    if let Some(tube) = own.iter().filter(single).find(|tube| tube.finding == Finding::Positive) {
        let is = format!("shown by the tube {}, which is positive", tube.tube);
        return Ok(Some(stands(
            is,
            "a case is withdrawn after its result was taken back: ask the laboratory to correct it",
        )));
    }
    let withheld = own.iter().any(|tube| tube.no == case.tube_no && tube.held_at.is_some());
    let later = |tube: &TubeResult| tube.finding == Finding::Negative && tube.collected_at > case.sampled_at;
    let cleared = own.iter().filter(single).any(later);
    Ok((withheld && !cleared)
        .then(|| stands("shown by a result that is withheld, not taken back", "sample the person again first")))
}

async fn one(at: &mut Sitting<'_, '_>, minutes: &mut Minutes<'_>, mut case: Case, tube: &str) -> Result<(), DeskError> {
    let day = &at.room.day;
    let now = at.doing.now;
    case.closed_on = Some(day.zone.day(now).max(day.zone.day(case.found_at)));
    case.outcome = Some(WITHDRAWN.to_owned());
    // what a closed day counted stays counted on that day, and is told in a corrected bulletin; what none has counted, none will
    if case.found_at >= day.start {
        case.classification = Classification::Withdrawn;
    }
    case.counted_on = case.counted_on.filter(|on| *on != day.date);
    case.converted_on = case.converted_on.filter(|on| *on != day.date);
    at.tx.update_case(&case).await?;
    let waiting = follows(at.tx, minutes, &case).await?;
    super::exposures::of_no_case(at, minutes, &case.id).await?;
    let body = json!({"person": case.person, "tube": tube, "reason": at.text("reason"), "contacts": waiting});
    minutes.event(now, "case.withdrawn", &case.id, &case.division, &body, Some("case-report"))?;
    for item in at.tx.open_of(Worklist::Review, &[tube]).await? {
        minutes.known(item).done(now, format!("{} was withdrawn", case.id));
    }
    Ok(())
}

/// Releases of a command, by id, as far as the duty sees them.
async fn releases(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<BTreeMap<String, Release>, DeskError> {
    let rows = at.tx.records(&RELEASES, keys).await?;
    let ids: Vec<&str> = keys.iter().copied().filter(|key| rows.contains_key(*key)).collect();
    at.for_the_city();
    Ok(at.tx.releases_by_id(&ids).await?.into_iter().map(|r| (r.id.clone(), r)).collect())
}

pub(super) async fn object(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let found = releases(at, keys).await?;
    let mut minutes = at.minutes();
    let (mut verdicts, mut cases) = (Vec::with_capacity(keys.len()), BTreeSet::new());
    for key in keys {
        let verdict = match found.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(r) if r.state == ReleaseState::PutOff => {
                stands("put off already", "record the other exposure before its time; nothing else holds the person")
            }
            Some(r) if !r.state.is_open() => stands(format!("{}", r.state), "it is settled"),
            Some(r) => {
                put_off(at.tx, &mut minutes, r.clone(), at.account(), at.text("reason")).await?;
                cases.insert(r.case_id.clone());
                Verdict::Done
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    review_again(at.tx, &mut minutes, &cases).await?;
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

pub(super) async fn release(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let found = releases(at, keys).await?;
    let mut minutes = at.minutes();
    let (mut verdicts, mut now) = (Vec::with_capacity(keys.len()), Vec::new());
    for key in keys {
        let verdict = match found.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(r) if !r.state.is_open() => Verdict::Same,
            Some(r) => {
                now.push(r.clone());
                Verdict::Done
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    let why = format!("the case to which they were exposed was withdrawn; released by {}", at.account());
    let cases: BTreeSet<String> = now.iter().map(|r| r.case_id.clone()).collect();
    let_go(at.tx, &mut minutes, now, &why).await?;
    review_again(at.tx, &mut minutes, &cases).await?;
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}
