//! Transfers: a bed claimed or given back by hand, and what drivers and receiving sites report. A bed is claimed by inserting
//! under the constraint; the loser is told who has it. A report is evidence like a row of a file, and takes effect by the
//! same function.

use super::{DeskError, Refusal, Report, Sitting, Verdict, invalid, stands};
use crate::{
    evidence::{Landing, Named, csv_of},
    measures,
    minutes::{Day, Minutes},
    transfer::{self, ahead, home, onward, outside, vain},
};
use dayclear_core::{
    access::Role,
    cases::Severity,
    listing::TRANSFERS,
    phases,
    roster::{Known, Sex},
    schema::HANDOVERS,
    time::Instant,
    transfer::{BedRule, BedState, FacilityKind, FacilityPhase, HandoverStep, RideClass, TransferState, WayHome},
};
use dayclear_store::{
    StoreError,
    cases::Case,
    landing::Given,
    roster::Resident,
    transfer::{Bed, Facility, Transfer},
};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

/// Transfers that the duty sees, by id; from here on the sitting acts for the city.
pub(super) async fn seen(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<HashMap<String, Transfer>, DeskError> {
    let rows = at.tx.records(&TRANSFERS, keys).await?;
    let mut ids: Vec<&str> = rows.keys().map(String::as_str).collect();
    ids.sort_unstable();
    at.for_the_city();
    Ok(at.tx.transfers_by_id(&ids).await?.into_iter().map(|t| (t.id.clone(), t)).collect())
}

pub(super) fn waits(transfer: &Transfer) -> bool {
    matches!(transfer.state, TransferState::Requested | TransferState::Booked)
}

/// The bed that is named, and where it stands.
pub(super) async fn bed_asked(at: &mut Sitting<'_, '_>) -> Result<(Bed, Facility), DeskError> {
    let name = at.text("bed");
    let found = at.tx.bed(name).await?;
    found.ok_or_else(|| invalid("bed", name, "a bed of beds", "choose one of the list of beds"))
}

pub(super) async fn claim(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let transfers = seen(at, keys).await?;
    let (bed, facility) = bed_asked(at).await?;
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match transfers.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(transfer) if !waits(transfer) => {
                stands(transfer.state.name(), "a bed is claimed for somebody who still waits")
            }
            Some(transfer) if home::leads_home(transfer) => {
                stands("on the way home", "no bed is needed; whoever must stay needs an order")
            }
            Some(transfer) if transfer.bed.as_ref() == Some(&bed.bed) => Verdict::Same,
            Some(transfer) => hold(at, &mut minutes, transfer.clone(), &bed, &facility).await?,
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

/// Holds a bed for a transfer, under the constraint. The old bed is free again in the same transaction.
async fn hold(
    at: &mut Sitting<'_, '_>,
    minutes: &mut Minutes<'_>,
    mut transfer: Transfer,
    bed: &Bed,
    facility: &Facility,
) -> Result<Verdict, DeskError> {
    let now = at.doing.now;
    // a bed of a ward that opens at a known hour is held for that hour
    let earliest = at.room.day.earliest;
    let opens = ahead::opening(&facility.steps, bed.room.as_deref(), earliest);
    if let Some((is, remedy)) = against(at, &transfer, bed, facility, opens.unwrap_or(earliest)).await? {
        return Ok(stands(is, remedy));
    }
    let bed_from = opens.filter(|opens| *opens > earliest);
    match at.tx.claim_bed_for(&bed.bed, &transfer.id, now, bed_from.unwrap_or(now)).await {
        Ok(()) => {}
        Err(StoreError::Taken { thing, .. }) => return Ok(Verdict::Refused(taken(at, thing, now).await?)),
        Err(error) => return Err(error.into()),
    }
    let was = transfer.bed.take();
    if let Some(was) = &was {
        at.tx.give_bed_back(was, &transfer.id, now).await?;
    }
    // a seat leads to one facility, and arrives at an hour: another one wants another ride
    let elsewhere = transfer.facility.as_deref() != Some(facility.facility.as_str());
    if elsewhere || bed_from.is_some_and(|from| transfer.arrive_at.is_some_and(|arrives| arrives < from)) {
        transfer::without_ride(at.tx, &mut transfer, now).await?;
    }
    if elsewhere {
        outside::not_any_more(minutes, &mut transfer);
    }
    transfer.outside = transfer.outside.or_else(|| outside::asked(facility.kind));
    transfer.facility = Some(facility.facility.clone());
    transfer.bed = Some(bed.bed.clone());
    transfer.bed_from = bed_from;
    transfer.replanned_at = Some(now);
    if transfer.state == TransferState::Requested {
        let (waits_for, why) = match (outside::may_go(facility.kind, transfer.outside), bed_from) {
            (false, _) => (outside::WAITS_FOR, outside::WHY),
            (true, Some(_)) => (ahead::WAITS_FOR, ahead::WHY),
            (true, None) => ("vehicle", "the next run of the line looks for one"),
        };
        let said = json!({"bed": "held by hand", "by": at.account(), "waits_for": waits_for, "why": why});
        transfer.reason = said.to_string();
    }
    at.tx.update_transfer(&transfer).await?;
    let body = json!({"bed": bed.bed, "facility": facility.facility, "was": was, "from": bed_from});
    minutes.event(now, "transfer.claimed", &transfer.id, &transfer.division, &body, Some("transfer"))?;
    transfer::post(minutes, &[transfer]);
    Ok(Verdict::Done)
}

/// Who has a bed: the account that claimed it, or the transfer for which the plan holds it.
pub(super) async fn taken(at: &mut Sitting<'_, '_>, thing: String, now: Instant) -> Result<Refusal, DeskError> {
    let Some((transfer, since)) = at.tx.holder_of(&thing).await? else {
        return Ok(Refusal::Taken { thing, holder: "an earlier stay".to_owned(), since: now });
    };
    let claimed = at.tx.last_event(&transfer, "transfer.claimed").await?;
    let holder = claimed.filter(|(_, at)| *at == since).map_or(transfer, |(account, _)| account);
    Ok(Refusal::Taken { thing, holder, since })
}

/// What stands against a person in a bed from a moment on: the place is closed or of another kind, the rule of the bed, its equipment, who
/// else lies in the room.
pub(super) async fn against(
    at: &mut Sitting<'_, '_>,
    transfer: &Transfer,
    bed: &Bed,
    facility: &Facility,
    when: Instant,
) -> Result<Option<(String, &'static str)>, DeskError> {
    let day = &at.room.day;
    let person = at.tx.people_by_no(&[transfer.person_no]).await?.into_iter().next();
    let Some(person) = person else { return Ok(Some(("not on the roster".to_owned(), "clear up who it is first"))) };
    let case = at.tx.cases_of(&[transfer.person_no]).await?.into_iter().find(|case| case.closed_on.is_none());
    if !vain::is_open_at(facility, day, when) {
        let stands = phases::stands(&facility.steps, None, when);
        let how = if stands == FacilityPhase::Open { "takes nobody today".to_owned() } else { format!("is {stands}") };
        return Ok(Some((format!("in {}, which {how}", facility.facility), "choose another facility")));
    }
    let ward = phases::stands(&facility.steps, bed.room.as_deref(), when);
    if ward != FacilityPhase::Open {
        let is = format!("in ward {}, which is {ward}", bed.room.as_deref().unwrap_or("-"));
        return Ok(Some((is, "choose a bed of another ward, or wait until it opens")));
    }
    // whoever has a bed there already takes no more care by having another
    let moves_in = transfer.bed.is_none() || transfer.facility.as_ref() != Some(&facility.facility);
    if moves_in && crate::beds::care_left(at.tx).await?.get(&facility.facility) == Some(&0) {
        let is = format!("in {}, whose staff look after as many as they can", facility.facility);
        return Ok(Some((is, "choose another facility, or say that there are more hands")));
    }
    if matches!(bed.state, BedState::Cleaning | BedState::Blocked) {
        return Ok(Some((bed.state.to_string(), "set it free first, or choose another")));
    }
    if !kinds_for(day, transfer, case.as_ref(), &person).contains(&facility.kind) {
        let is = format!("in a {}, which is not for a {}", facility.kind, transfer.class);
        return Ok(Some((is, "choose a facility of the right kind")));
    }
    let severe = case.is_some_and(|case| matches!(case.severity, Severity::Severe | Severity::Critical));
    if severe && bed.severe != Known::Yes {
        return Ok(Some(("not equipped for a severe case".to_owned(), "choose a bed that is")));
    }
    let fits = match bed.rule {
        BedRule::Female => person.sex == Sex::Female,
        BedRule::Male => person.sex == Sex::Male,
        BedRule::Any | BedRule::Family => true,
    };
    if !fits {
        return Ok(Some((format!("a bed for {}", bed.rule), "choose a bed of another ward")));
    }
    for (_, household, class) in at.tx.roommates(&bed.bed).await? {
        if class != transfer.class {
            return Ok(Some((format!("in a room with a {class}"), "positives and contacts never share a room")));
        }
        if bed.rule == BedRule::Family && (household.is_none() || household != person.household) {
            return Ok(Some(("in the room of another family".to_owned(), "choose another room")));
        }
    }
    Ok(None)
}

/// Kinds of facility for a transfer: a contact goes to an isolation site; a positive where the pack places it, or to a
/// hospital; either to a place outside the city, where somebody chooses it.
pub(super) fn kinds_for(
    day: &Day<'_>,
    transfer: &Transfer,
    case: Option<&Case>,
    person: &Resident,
) -> Vec<FacilityKind> {
    if transfer.class == RideClass::Contact {
        return vec![FacilityKind::IsolationSite, FacilityKind::OutsideCity];
    }
    let mut kinds = match case {
        Some(case) => measures::kinds(&measures::placement(day, case, person).value).to_vec(),
        None => vec![FacilityKind::TemporaryHospital],
    };
    kinds.extend([FacilityKind::DesignatedHospital, FacilityKind::OutsideCity]);
    kinds
}

pub(super) async fn release(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let now = at.doing.now;
    let mut transfers = seen(at, keys).await?;
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match transfers.get_mut(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(transfer) if !waits(transfer) => {
                stands(transfer.state.name(), "only a bed that is held for somebody who still waits is given back")
            }
            Some(transfer) if transfer.bed.is_none() => Verdict::Same,
            Some(transfer) => {
                let bed = at.tx.release_bed(&transfer.id, now).await?;
                transfer::without_ride(at.tx, transfer, now).await?;
                (transfer.bed, transfer.facility) = (None, None);
                outside::not_any_more(&mut minutes, transfer);
                transfer.bed_from = None;
                transfer.replanned_at = Some(now);
                let said = json!({"waits_for": "bed", "released_by": at.account()});
                transfer.reason = said.to_string();
                at.tx.update_transfer(transfer).await?;
                let body = json!({"bed": bed, "reason": at.text("reason")});
                minutes.event(now, "transfer.released", *key, &transfer.division, &body, Some("transfer"))?;
                transfer::post(&mut minutes, std::slice::from_ref(transfer));
                Verdict::Done
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

/// What a report needs of a transfer: it fits, it stands so already, or it is refused.
pub(super) fn fits(step: HandoverStep, t: &Transfer) -> Option<Verdict> {
    use HandoverStep as Step;
    use TransferState as State;
    let ended = || t.ended_at.is_some() && t.admitted_at.is_some();
    match (step, t.state) {
        (Step::PickedUp, State::Booked) => None,
        (Step::PickedUp, State::Underway | State::Admitted) => Some(Verdict::Same),
        (Step::Admitted, State::Booked | State::Underway) if home::is_going(t) || home::leads_home(t) => {
            Some(stands("free to go home", "no order asks for it any more: let them go, and say that they have left"))
        }
        (Step::Admitted, State::Booked | State::Underway) => None,
        (Step::Admitted, State::Requested) if t.bed.is_some() => None,
        (Step::Admitted, State::Admitted) => Some(Verdict::Same),
        // nobody is at a wrong door once they were picked up
        (Step::WrongAddress, State::Booked) => None,
        (Step::NoAnswer | Step::Refused | Step::CannotMove, State::Booked | State::Underway) => None,
        (Step::Worse, State::Booked | State::Underway) => None,
        (Step::HandedOver, State::Underway) if t.handed_over_at.is_none() => None,
        (Step::HandedOver, State::Underway | State::Admitted) => Some(Verdict::Same),
        // whoever was admitted is seen by the site
        (Step::Worse, State::Admitted) => Some(Verdict::Same),
        (Step::Discharged, State::Admitted) => None,
        (Step::Discharged, State::Requested | State::Booked) if onward::moves_on(t) => None,
        (Step::Discharged, State::Underway) if vain::has_nowhere(t) || home::leads_home(t) => None,
        (Step::Discharged, State::Requested | State::Booked) if home::leads_home(t) => None,
        (Step::Discharged, State::Cancelled) if ended() => Some(Verdict::Same),
        (_, State::Requested) => Some(stands("without a bed or a vehicle", "claim a bed, or wait for the plan")),
        (_, state) => Some(stands(state.name(), "a report fits the state of the transfer, or a person clears it up")),
    }
}

/// Picked up, admitted, not picked up, discharged: written as the evidence that a file would bring, and applied at once.
pub(super) async fn report(at: &mut Sitting<'_, '_>, keys: &[&str], verb: &str) -> Result<Report, DeskError> {
    let step = match (verb, at.text("step")) {
        ("pick-up", _) => HandoverStep::PickedUp,
        ("admit", _) => HandoverStep::Admitted,
        ("fail", "refused") => HandoverStep::Refused,
        ("fail", "cannot_move") => HandoverStep::CannotMove,
        ("fail", "wrong_address") => HandoverStep::WrongAddress,
        ("fail", _) => HandoverStep::NoAnswer,
        _ => HandoverStep::Discharged,
    };
    let when = at.happened()?;
    let transfers = seen(at, keys).await?;
    let (mut verdicts, mut these) = (Vec::with_capacity(keys.len()), Vec::new());
    for key in keys {
        let verdict = match transfers.get(*key) {
            None => Some(Verdict::Refused(Refusal::Unknown)),
            Some(t) if step == HandoverStep::Admitted && not_theirs(at, t) => Some(Verdict::Refused(Refusal::Unknown)),
            // nobody of ours is there: whoever says it for the receiving body says who, and what shows it
            Some(t) if step == HandoverStep::Admitted && t.outside.is_some() && !is_site(at) => {
                Some(stands("to be received outside the city", "say who took them over, and what shows it"))
            }
            Some(t) => fits(step, t).or_else(|| before(t, when)).or_else(|| early(step, t, when)),
        };
        match (verdict, transfers.get(*key)) {
            (Some(verdict), _) => verdicts.push(((*key).to_owned(), verdict)),
            (None, Some(transfer)) => these.push(transfer),
            (None, None) => {}
        }
    }
    let done = hand_over(at, step, when, &these).await?;
    if step == HandoverStep::Discharged && at.text("home") == WayHome::Ride.name() {
        let left = |one: &&&Transfer| done.iter().any(|(id, verdict)| *id == one.id && *verdict == Verdict::Done);
        let left: Vec<&Transfer> = these.iter().filter(left).copied().filter(|one| !home::leads_home(one)).collect();
        ride_home(at, when, &left).await?;
    }
    verdicts.extend(done);
    Ok(Report::of(verdicts))
}

/// Whoever was discharged and does not go on their own waits for a ride home.
async fn ride_home(at: &mut Sitting<'_, '_>, when: Instant, left: &[&Transfer]) -> Result<(), DeskError> {
    let numbers: Vec<i64> = left.iter().map(|one| one.person_no).collect();
    let people: HashMap<i64, Resident> =
        at.tx.people_by_no(&numbers).await?.into_iter().map(|person| (person.no, person)).collect();
    let mut minutes = at.minutes();
    let mut rides = Vec::with_capacity(left.len());
    for one in left {
        if let Some(person) = people.get(&one.person_no) {
            rides.push(home::ask(at.tx, &mut minutes, one, person, when).await?);
        }
    }
    transfer::post(&mut minutes, &rides);
    minutes.hand_in(at.tx).await?;
    Ok(())
}

/// A site admits to itself.
pub(super) fn not_theirs(at: &Sitting<'_, '_>, transfer: &Transfer) -> bool {
    is_site(at) && at.doing.looker.duty.site != transfer.facility
}

fn is_site(at: &Sitting<'_, '_>) -> bool {
    at.doing.looker.duty.role == Role::Facility
}

pub(super) fn before(transfer: &Transfer, when: Instant) -> Option<Verdict> {
    let plan = transfer.replanned_at.map_or(transfer.requested_at, |at| at.max(transfer.requested_at));
    let last = [transfer.picked_up_at, transfer.admitted_at].into_iter().flatten().fold(plan, Instant::max);
    (when < last).then(|| stands(format!("at {last} further than this"), "give the moment at which it happened"))
}

/// Nobody departs for a bed whose ward is not open when they would arrive.
pub(super) fn early(step: HandoverStep, transfer: &Transfer, when: Instant) -> Option<Verdict> {
    let is_early = step == HandoverStep::PickedUp && ahead::arrives_early(transfer, when);
    is_early.then(|| {
        let from = transfer.bed_from.unwrap_or(when);
        stands(format!("to lie in a ward that opens at {from}"), "wait at the door until the ride arrives after that")
    })
}

/// Writes the reports and applies them.
pub(super) async fn hand_over(
    at: &mut Sitting<'_, '_>,
    step: HandoverStep,
    when: Instant,
    transfers: &[&Transfer],
) -> Result<Vec<(String, Verdict)>, DeskError> {
    if transfers.is_empty() {
        return Ok(Vec::new());
    }
    let with_place = matches!(step, HandoverStep::Admitted | HandoverStep::Discharged);
    let rows = transfers.iter().map(|transfer| {
        let mut row = BTreeMap::from([
            ("person".to_owned(), transfer.person.clone()),
            ("step".to_owned(), step.to_string()),
            ("at".to_owned(), when.to_string()),
            (
                "note".to_owned(),
                Some(at.text("note")).filter(|note| !note.is_empty()).unwrap_or(at.text("shown")).to_owned(),
            ),
        ]);
        if with_place {
            row.insert("facility".to_owned(), transfer.facility.clone().unwrap_or_default());
        }
        row
    });
    let text = csv_of(&HANDOVERS, &rows.collect::<Vec<_>>());
    let room = at.room;
    let named = Named::read(&HANDOVERS, "desk", &text, room.day.zone)?;
    let references = named.references(at.tx, &HANDOVERS, &at.doing.looker.scope(), &room.city).await?;
    at.for_the_city();
    let given = Given { digest: "", division: &at.doing.looker.duty.division, account: Some(at.account()) };
    let landing = Landing { table: &HANDOVERS, source: "desk", given, keep: false };
    let (_, doubts) = landing.land(at.tx, room, &text, &named, references, Vec::new()).await?;
    let reports = at.tx.handovers_by_key(&named.keys()).await?;
    let mut minutes = at.minutes();
    let after = transfer::report(at.tx, &mut minutes, &reports).await?;
    minutes.hand_in(at.tx).await?;
    let after: HashMap<&str, &Transfer> = after.iter().map(|transfer| (transfer.id.as_str(), transfer)).collect();
    Ok(transfers
        .iter()
        .map(|before| {
            let changed = after.get(before.id.as_str()).is_some_and(|after| *after != *before);
            let said = doubts.iter().any(|doubt| doubt.raw.split(',').next() == Some(&before.person));
            let verdict = match (changed, said) {
                (true, _) => Verdict::Done,
                (false, true) => stands("reported at that moment in other words", "give the moment of this report"),
                (false, false) => Verdict::Same,
            };
            (before.id.clone(), verdict)
        })
        .collect())
}
