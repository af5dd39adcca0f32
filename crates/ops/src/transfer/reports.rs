//! What drivers and receiving sites report. A report changes a transfer only where it fits its state; one that fits
//! nothing is left for a person.

use super::{
    calls::{self, End},
    doubles, home, onward, vain,
};
use crate::{
    OpsError, beds,
    minutes::{Day, Minutes, by_division},
    welfare,
};
use dayclear_core::{
    books::{Movement, Worklist},
    time::Instant,
    transfer::{HandoverStep, TransferState},
};
use dayclear_store::{
    Scoped,
    cases::Case,
    transfer::{Handover, Transfer},
};
use serde_json::json;
use std::collections::{HashMap, HashSet};

/// What drivers and sites reported. A report that does not fit the state of the transfer is left for a person. Returns whose
/// case it closed: their orders end with the next pass.
pub async fn apply(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    transfers: &mut [Transfer],
    cases: &mut [Case],
    reports: &[Handover],
) -> Result<Vec<String>, OpsError> {
    let mut closed = Vec::new();
    for report in reports {
        // somebody without a transfer yet: the report is taken into account where one is asked for
        let Some(transfer) = of(transfers, report) else { continue };
        let case = cases.iter_mut().find(|c| c.person == report.person && c.closed_on.is_none());
        let open = case.is_some();
        let changed = one(tx, minutes, transfer, case, report).await?;
        if changed && open && report.step == HandoverStep::Discharged {
            closed.push(report.person.clone());
        }
    }
    Ok(closed)
}

/// Reports without those of a move that is over and not at hand: made on the day on which somebody was asked for again, before that, and
/// after an earlier move was asked for. They were taken into account while it lasted, and say nothing of the next one.
pub async fn of_moves_at_hand(
    tx: &mut Scoped,
    day: &Day<'_>,
    transfers: &[Transfer],
    mut reports: Vec<Handover>,
) -> Result<Vec<Handover>, OpsError> {
    let mut asked: HashMap<&str, Instant> = HashMap::new();
    for transfer in transfers {
        let first = asked.entry(&transfer.person).or_insert(transfer.requested_at);
        *first = transfer.requested_at.min(*first);
    }
    let before = |report: &Handover| {
        let asked = asked.get(report.person.as_str());
        asked.is_some_and(|at| report.at < *at && day.zone.day(report.at) == day.zone.day(*at))
    };
    let names: Vec<&str> =
        reports.iter().filter(|report| before(report)).map(|report| report.person.as_str()).collect();
    if names.is_empty() {
        return Ok(reports);
    }
    let numbers: Vec<i64> = tx.people_by_id(&names).await?.into_iter().map(|person| person.no).collect();
    let all = tx.transfers_of(&numbers, day.look_back()).await?;
    let is_of_earlier = |report: &Handover| {
        all.iter().any(|transfer| transfer.person == report.person && transfer.requested_at <= report.at)
    };
    reports.retain(|report| !(before(report) && is_of_earlier(report)));
    Ok(reports)
}

/// The transfer that a report is about: the last one that was asked for when it was made; before there was any, the first one
/// that is not over. Somebody may be moved twice in a day, and each move has its own reports.
pub fn of<'t>(transfers: &'t mut [Transfer], report: &Handover) -> Option<&'t mut Transfer> {
    let mine = || transfers.iter().enumerate().filter(|(_, transfer)| transfer.person == report.person);
    let asked = mine().filter(|(_, transfer)| transfer.requested_at <= report.at);
    let at = asked.max_by_key(|(at, transfer)| (transfer.requested_at, *at)).or_else(|| {
        let live = mine().filter(|(_, transfer)| transfer.state != TransferState::Cancelled);
        live.min_by_key(|(at, transfer)| (transfer.requested_at, *at))
    });
    let at = at.map(|(at, _)| at)?;
    transfers.get_mut(at)
}

/// Takes one report into account; whether it changed anything.
pub async fn one(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    transfer: &mut Transfer,
    case: Option<&mut Case>,
    report: &Handover,
) -> Result<bool, OpsError> {
    let day = minutes.day;
    // what was told on a day before it was asked for is of an earlier move of the same person
    let earlier = day.zone.day(report.at) < day.zone.day(transfer.requested_at)
        // the report by which somebody left a site is not of the way home that it asks for
        || home::leads_home(transfer) && report.at <= transfer.requested_at;
    if earlier || transfer.replanned_at.is_some_and(|at| report.at < at) {
        return Ok(false);
    }
    // a bed is held in one place, and the person is said to be in another: only a person can find out which is true
    if report.step == HandoverStep::Admitted
        && matches!(transfer.state, TransferState::Requested | TransferState::Booked | TransferState::Underway)
        && let (Some(there), Some(planned)) = (&report.facility, &transfer.facility)
        && there != planned
    {
        let reason = format!("reported as admitted at {there}, while a bed is held at {planned}");
        let subject = format!("handover/{}/{}", report.person, report.step);
        let owner = by_division(&transfer.division.district());
        minutes.waits(Worklist::Clarify, subject, &transfer.division, owner, report.at, reason);
        return Ok(false);
    }
    // what they were to be held for has ended: no site takes them in by it
    if report.step == HandoverStep::Admitted && (home::is_going(transfer) || home::leads_home(transfer)) {
        let place = report.facility.as_deref().unwrap_or("-");
        let reason =
            format!("reported as admitted at {place}, and no order asks for it any more: they are free to go home");
        let subject = format!("handover/{}/{}", report.person, report.step);
        let owner = by_division(&transfer.division.district());
        minutes.waits(Worklist::Clarify, subject, &transfer.division, owner, report.at, reason);
        return Ok(false);
    }
    let was = transfer.clone();
    match (report.step, transfer.state) {
        (HandoverStep::PickedUp, TransferState::Booked) => {
            transfer.state = TransferState::Underway;
            transfer.picked_up_at = Some(report.at);
        }
        (HandoverStep::Admitted, TransferState::Booked | TransferState::Underway) => {
            transfer.state = TransferState::Admitted;
            transfer.admitted_at = Some(report.at);
        }
        // a bed is held by hand, and the person came by other means
        (HandoverStep::Admitted, TransferState::Requested) if transfer.bed.is_some() => {
            transfer.state = TransferState::Admitted;
            transfer.admitted_at = Some(report.at);
        }
        (
            HandoverStep::Refused | HandoverStep::NoAnswer | HandoverStep::CannotMove | HandoverStep::WrongAddress,
            TransferState::Booked | TransferState::Underway,
        ) if transfer.picked_up_at.is_none_or(|at| report.at > at) => {
            // the bed stays held: the person still needs it, and the next try keeps it
            let why = report.note.clone().unwrap_or_default();
            let from = doubles::fetched_at(transfer);
            transfer.reason = json!({"report": report.step, "at": report.at, "note": why, "from": from}).to_string();
        }
        (HandoverStep::Worse, TransferState::Booked | TransferState::Underway) => {
            let from = doubles::fetched_at(transfer);
            transfer.reason = json!({"report": report.step, "at": report.at, "from": from}).to_string();
        }
        // at home nobody else is there to confirm it
        (HandoverStep::HandedOver, TransferState::Underway) if home::is_going(transfer) => {
            super::end(tx, minutes, transfer, "was brought home").await?;
        }
        // the word of the crew: the site confirms, and nothing else admits
        (HandoverStep::HandedOver, TransferState::Underway) if transfer.handed_over_at.is_none() => {
            transfer.handed_over_at = Some(report.at);
        }
        // whoever waits for the way home may find another one
        (HandoverStep::Discharged, TransferState::Requested | TransferState::Booked) if home::leads_home(transfer) => {
            super::end(tx, minutes, transfer, "left on their own").await?;
        }
        (HandoverStep::Discharged, TransferState::Underway) if home::leads_home(transfer) => {
            super::end(tx, minutes, transfer, "is at home").await?;
        }
        // whoever had nowhere to go any more was brought home
        (HandoverStep::Discharged, TransferState::Underway) if vain::has_nowhere(transfer) => {
            super::end(tx, minutes, transfer, "was brought home").await?;
        }
        // whoever was to move on from a site may leave it for home instead
        (HandoverStep::Discharged, TransferState::Requested | TransferState::Booked) if onward::moves_on(transfer) => {
            super::end(tx, minutes, transfer, "was discharged before moving on").await?;
            if let Some(case) = case {
                case.closed_on = Some(day.zone.day(report.at));
                case.outcome = Some("recovered".to_owned());
                tx.update_case(case).await?;
            }
        }
        // nobody leaves before they came: that was told of an earlier stay
        (HandoverStep::Discharged, TransferState::Admitted)
            if transfer.ended_at.is_none() && transfer.admitted_at.is_none_or(|at| at <= report.at) =>
        {
            transfer.ended_at = Some(report.at);
            transfer.state = TransferState::Cancelled;
            transfer.reason = json!({"discharged": report.at}).to_string();
            if let Some(bed) = tx.release_bed(&transfer.id, report.at).await? {
                let place = (&transfer.division, transfer.facility.as_deref().unwrap_or_default());
                beds::to_clean(tx, minutes, &bed, place, report.at, "to clean after discharge").await?;
            }
            if let Some(case) = case {
                case.closed_on = Some(day.zone.day(report.at));
                case.outcome = Some("recovered".to_owned());
                tx.update_case(case).await?;
            }
        }
        _ => {}
    }
    if *transfer == was {
        return Ok(false);
    }
    match report.step {
        HandoverStep::Refused | HandoverStep::NoAnswer | HandoverStep::CannotMove | HandoverStep::WrongAddress => {
            calls::at_door(minutes, transfer, report.step, report.at);
        }
        HandoverStep::PickedUp | HandoverStep::Admitted => {
            let end = End { at: report.at, how: Movement::Completed, why: "the person was picked up" };
            calls::settle_door(tx, minutes, &transfer.id, end).await?;
        }
        HandoverStep::Worse => {
            let note = report.note.as_deref().unwrap_or_default();
            welfare::emergency(tx, minutes, transfer, report.at, note).await?;
        }
        HandoverStep::HandedOver | HandoverStep::Discharged => {}
    }
    minutes.event(
        report.at,
        "transfer.reported",
        &transfer.id,
        &transfer.division,
        &json!({"step": report.step, "facility": report.facility, "note": report.note}),
        None,
    )?;
    tx.update_transfer(transfer).await?;
    Ok(true)
}

/// Somebody was moved who was never asked to: that is for a person to clear up.
pub fn unexpected(tx: &Scoped, minutes: &mut Minutes<'_>, transfers: &[Transfer], reports: &[Handover]) {
    let day = minutes.day;
    let known: HashSet<&str> = transfers.iter().map(|transfer| transfer.person.as_str()).collect();
    let city = tx.scope().division().clone();
    for report in reports.iter().filter(|report| report.at >= day.start) {
        if !known.contains(report.person.as_str()) {
            let reason = format!("'{}' reported of somebody whom no decision moves", report.step);
            let subject = format!("handover/{}/{}", report.person, report.step);
            minutes.waits(Worklist::Clarify, subject, &city, by_division(&city), report.at, reason);
        }
    }
}

/// Which of these people were reported as admitted: where and when, the last report of each.
pub async fn arrivals(
    tx: &mut Scoped,
    day: &Day<'_>,
    people: &[&str],
) -> Result<HashMap<String, (String, Instant)>, OpsError> {
    let mut arrived = HashMap::new();
    for report in tx.handovers_of(people, day.end, day.start).await? {
        match (report.step, report.facility) {
            (HandoverStep::Admitted, Some(facility)) => {
                arrived.insert(report.person, (facility, report.at));
            }
            (HandoverStep::Discharged, _) => {
                arrived.remove(&report.person);
            }
            _ => {}
        }
    }
    Ok(arrived)
}
