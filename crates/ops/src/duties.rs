//! What the four parties owe, given each day by rule: tests at key places, clusters to look into, the report of each district. Each duty is
//! an item of the worklist `fulfil` with an owner and a deadline, so that a late one is passed up like every item. It guarantees that the
//! books and the duty say the same, and that what the city has to look at ends by nobody who showed it.

use crate::{
    OpsError,
    minutes::{BY_RULE, Close, Day, Focus, Minutes, by_division},
    places,
};
use dayclear_core::{
    books::{Owner, Worklist},
    divisions::{DivisionCode, Level},
    duties::{DutyKind, DutyState, DutyStep},
    time::{CivilDate, Instant},
};
use dayclear_store::{Scoped, books::Entry, duties::Duty};
use serde_json::json;

/// Runs the station: places first, then what each district owes on the day.
pub async fn run(tx: &mut Scoped, day: &Day<'_>, focus: Option<&Focus>) -> Result<(), OpsError> {
    let mut minutes = Minutes::of(day);
    places::run(tx, &mut minutes, focus).await?;
    // a day that comes as files has no officers who sign: what it tells was closed before anybody read it
    let worked = day.end != day.until;
    if worked && focus.is_none_or(|focus| focus.day) {
        reports(tx, &mut minutes).await?;
    }
    minutes.hand_in(tx).await
}

/// What is given.
pub(crate) struct Given {
    /// Number.
    pub id: String,
    /// What is owed.
    pub kind: DutyKind,
    /// Division.
    pub division: DivisionCode,
    /// Who owes it.
    pub owner: Owner,
    /// What it is about.
    pub subject: Option<String>,
    /// How much of it there is.
    pub size: Option<i64>,
    /// What is asked.
    pub what: Option<String>,
    /// What counts as evidence.
    pub proof: Option<String>,
    /// Until when; `None`: the deadline of the pack.
    pub due_at: Option<Instant>,
    /// Who gives it.
    pub by: String,
    /// Clause and inputs.
    pub reason: serde_json::Value,
}

/// Number of the report that a district owes for a day.
pub(crate) fn report_id(district: &DivisionCode, day: CivilDate) -> String {
    format!("report-{district}-{day}")
}

/// Gives a duty, with its item; one of the same number was given before and stays as it is.
pub(crate) async fn give(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    given: Given,
    at: Instant,
) -> Result<bool, OpsError> {
    let day = minutes.day;
    let duty = Duty {
        due_at: given.due_at.or_else(|| day.due(Worklist::Fulfil, at)),
        id: given.id,
        kind: given.kind,
        division: given.division,
        owner: given.owner,
        day: day.date,
        subject: given.subject,
        size: given.size,
        what: given.what,
        proof: given.proof,
        opened_at: at,
        state: DutyState::Open,
        evidence: None,
        given_by: given.by,
        ended: None,
        reason: given.reason.to_string(),
        steps: 1,
    };
    if !tx.give_duty(&duty).await? {
        return Ok(false);
    }
    item(minutes, &duty);
    let body = json!({"kind": duty.kind, "owner": duty.owner.name, "subject": duty.subject, "size": duty.size,
        "what": duty.what, "proof": duty.proof, "due_at": duty.due_at, "reason": given.reason});
    minutes.event(at, "duty.given", &duty.id, &duty.division, &body, Some("duty"))?;
    Ok(true)
}

/// The item of a duty.
pub(crate) fn item<'m>(minutes: &'m mut Minutes<'_>, duty: &Duty) -> &'m mut Entry {
    let reason = match (duty.kind, duty.state) {
        (_, DutyState::Shown) => "evidence was shown, and nobody has looked at it",
        (DutyKind::PlaceTests, _) => "people of a key place are overdue for a test",
        (DutyKind::PlaceCluster, _) => "cases at a key place are a cluster, and nobody has said what was found",
        (DutyKind::Report, _) => "the report of the day is not signed",
        (DutyKind::Directive, _) => "the city asked for it, and no evidence was shown",
    };
    minutes.known(Entry {
        worklist: Worklist::Fulfil,
        subject: duty.id.clone(),
        division: duty.division.clone(),
        owner: duty.owner.clone(),
        opened_at: duty.opened_at,
        due_at: duty.due_at,
        closed: None,
        reason: reason.to_owned(),
    })
}

/// The fact itself ends a duty: its evidence is what happened.
pub(crate) async fn done_by_rule(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    mut duty: Duty,
    words: &str,
    by: &str,
    at: Instant,
) -> Result<(), OpsError> {
    let by = (by.to_owned(), at.max(duty.opened_at));
    duty.state = DutyState::Done;
    (duty.evidence, duty.ended) = (Some((words.to_owned(), by.clone())), Some(by));
    ended(tx, minutes, duty, DutyStep::Ended, words).await
}

/// Nobody owes it any more.
pub(crate) async fn drop_duty(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    mut duty: Duty,
    why: &str,
    (by, at): (&str, Instant),
) -> Result<(), OpsError> {
    duty.state = DutyState::Dropped;
    duty.ended = Some((by.to_owned(), at.max(duty.opened_at)));
    ended(tx, minutes, duty, DutyStep::Dropped, why).await
}

/// Writes down that a duty has ended, as it says itself: row, step, item and event.
pub(crate) async fn ended(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    mut duty: Duty,
    step: DutyStep,
    words: &str,
) -> Result<(), OpsError> {
    let Some((by, at)) = duty.ended.clone() else {
        return Err(OpsError::Inside(format!("{} has not ended", duty.id)));
    };
    tx.keep_duty(&mut duty, step, (&by, at), Some(words)).await?;
    let entry = item(minutes, &duty);
    match duty.state {
        DutyState::Done => entry.done(at, "the evidence of it stands"),
        _ => entry.cancelled(at, "nobody owes it any more"),
    };
    let kind = if duty.state == DutyState::Done { "duty.done" } else { "duty.dropped" };
    let evidence = duty.evidence.as_ref().map(|(words, (who, _))| json!({"words": words, "by": who}));
    let body = json!({"kind": duty.kind, "evidence": evidence, "words": words});
    minutes.event(at, kind, &duty.id, &duty.division, &body, None)
}

/// Each district owes the report of the day.
async fn reports(tx: &mut Scoped, minutes: &mut Minutes<'_>) -> Result<(), OpsError> {
    let day = minutes.day;
    for district in tx.divisions(&[Level::District]).await? {
        let code = district.code;
        let due = day.pack.deadline(Worklist::Fulfil, day.zone.start_of(day.date), day.zone);
        let reason = json!(due.into_iter().map(|due| due.reason.with("district", &code)).collect::<Vec<_>>());
        let given = Given {
            id: report_id(&code, day.date),
            kind: DutyKind::Report,
            owner: by_division(&code),
            subject: Some(code.to_string()),
            division: code,
            size: None,
            what: None,
            proof: None,
            // the end of the day that it is on, whenever the duty was written down
            due_at: Some(day.zone.start_of(day.date.plus_days(1))),
            by: BY_RULE.to_owned(),
            reason,
        };
        give(tx, minutes, given, day.end).await?;
    }
    Ok(())
}
