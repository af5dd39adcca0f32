//! What the four parties owe, given each day by rule: tests at key places, clusters to look into at places and around homes, the report of each district. Each obligation is
//! an item of the worklist `fulfil` with an owner and a deadline, so that a late one is passed up like every item. It guarantees that the
//! books and the obligation say the same, and that what the city has to look at ends by nobody who showed it.

use crate::{
    OpsError, clusters, daily, gates,
    minutes::{BY_RULE, Close, Day, Focus, Minutes, by_division},
    places,
};
use dayclear_core::{
    books::{Owner, Worklist},
    divisions::{DivisionCode, Level},
    obligations::{ObligationKind, ObligationState, ObligationStep},
    time::{CivilDate, Instant},
};
use dayclear_store::{Scoped, books::Entry, obligations::Obligation};
use serde_json::json;

/// Runs the station: places first, then what each district owes on the day.
pub async fn run(tx: &mut Scoped, day: &Day<'_>, focus: Option<&Focus>) -> Result<(), OpsError> {
    let mut minutes = Minutes::of(day);
    places::run(tx, &mut minutes, focus).await?;
    if focus.is_none_or(|focus| focus.day) {
        clusters::run(tx, &mut minutes).await?;
    }
    gates::run(tx, &mut minutes, focus).await?;
    // a day that comes as files has no officers who sign: what it tells was closed before anybody read it
    let worked = day.end != day.until;
    if worked && focus.is_none_or(|focus| focus.day) {
        reports(tx, &mut minutes).await?;
    }
    if worked {
        daily::run(tx, &mut minutes, focus).await?;
    }
    minutes.hand_in(tx).await
}

/// What is given.
pub(crate) struct Given {
    /// Number.
    pub id: String,
    /// What is owed.
    pub kind: ObligationKind,
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

/// Gives an obligation, with its item; one of the same number was given before and stays as it is.
pub(crate) async fn give(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    given: Given,
    at: Instant,
) -> Result<bool, OpsError> {
    let day = minutes.day;
    let obligation = Obligation {
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
        state: ObligationState::Open,
        evidence: None,
        given_by: given.by,
        ended: None,
        reason: given.reason.to_string(),
        steps: 1,
    };
    if !tx.give_obligation(&obligation).await? {
        return Ok(false);
    }
    item(minutes, &obligation);
    let body = json!({"kind": obligation.kind, "owner": obligation.owner.name, "subject": obligation.subject, "size": obligation.size,
        "what": obligation.what, "proof": obligation.proof, "due_at": obligation.due_at, "reason": given.reason});
    minutes.event(at, "obligation.given", &obligation.id, &obligation.division, &body, Some("obligation"))?;
    Ok(true)
}

/// The item of an obligation.
pub(crate) fn item<'m>(minutes: &'m mut Minutes<'_>, obligation: &Obligation) -> &'m mut Entry {
    let reason = match (obligation.kind, obligation.state) {
        (_, ObligationState::Shown) => "evidence was shown, and nobody has looked at it",
        (ObligationKind::PlaceTests, _) => "people of a key place are overdue for a test",
        (ObligationKind::PlaceCluster, _) => "cases at a key place are a cluster, and nobody has said what was found",
        (ObligationKind::CommunityCluster, _) => {
            "more cases live close together than chance explains, and nobody has said what was found"
        }
        (ObligationKind::DailyRecord, _) => "people lie there of whom nobody has recorded how they are today",
        (ObligationKind::Report, _) => "the report of the day is not signed",
        (ObligationKind::Directive, _) => "the city asked for it, and no evidence was shown",
    };
    minutes.known(Entry {
        worklist: Worklist::Fulfil,
        subject: obligation.id.clone(),
        division: obligation.division.clone(),
        owner: obligation.owner.clone(),
        opened_at: obligation.opened_at,
        due_at: obligation.due_at,
        closed: None,
        reason: reason.to_owned(),
    })
}

/// The fact itself ends an obligation: its evidence is what happened.
pub(crate) async fn done_by_rule(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    mut obligation: Obligation,
    words: &str,
    by: &str,
    at: Instant,
) -> Result<(), OpsError> {
    let by = (by.to_owned(), at.max(obligation.opened_at));
    obligation.state = ObligationState::Done;
    (obligation.evidence, obligation.ended) = (Some((words.to_owned(), by.clone())), Some(by));
    ended(tx, minutes, obligation, ObligationStep::Ended, words).await
}

/// Nobody owes it any more.
pub(crate) async fn drop_obligation(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    mut obligation: Obligation,
    why: &str,
    (by, at): (&str, Instant),
) -> Result<(), OpsError> {
    obligation.state = ObligationState::Dropped;
    obligation.ended = Some((by.to_owned(), at.max(obligation.opened_at)));
    ended(tx, minutes, obligation, ObligationStep::Dropped, why).await
}

/// Writes down that an obligation has ended, as it says itself: row, step, item and event.
pub(crate) async fn ended(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    mut obligation: Obligation,
    step: ObligationStep,
    words: &str,
) -> Result<(), OpsError> {
    let Some((by, at)) = obligation.ended.clone() else {
        return Err(OpsError::Inside(format!("{} has not ended", obligation.id)));
    };
    tx.keep_obligation(&mut obligation, step, (&by, at), Some(words)).await?;
    let entry = item(minutes, &obligation);
    match obligation.state {
        ObligationState::Done => entry.done(at, "the evidence of it stands"),
        _ => entry.cancelled(at, "nobody owes it any more"),
    };
    let kind = if obligation.state == ObligationState::Done { "obligation.done" } else { "obligation.dropped" };
    let evidence = obligation.evidence.as_ref().map(|(words, (who, _))| json!({"words": words, "by": who}));
    let body = json!({"kind": obligation.kind, "evidence": evidence, "words": words});
    minutes.event(at, kind, &obligation.id, &obligation.division, &body, None)
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
            kind: ObligationKind::Report,
            owner: by_division(&code),
            subject: Some(code.to_string()),
            division: code,
            size: None,
            what: None,
            proof: None,
            // the end of the day that it is on, whenever the obligation was written down
            due_at: Some(day.zone.start_of(day.date.plus_days(1))),
            by: BY_RULE.to_owned(),
            reason,
        };
        give(tx, minutes, given, day.end).await?;
    }
    Ok(())
}
