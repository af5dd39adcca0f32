//! What people say of emergencies: taken, decided, accepted by a hospital, step by step until the person is where help is. Whoever acts
//! on a ticket that nobody has takes it by that; nobody can give one away.

use super::{DeskError, FieldFault, Refusal, Report, Sitting, Verdict, inside, stands};
use crate::{
    minutes::Close,
    urgent::{incident, stands as said_of},
};
use dayclear_core::{
    access::Role,
    books::Worklist,
    listing::TICKETS,
    urgent::{Barred, Speaker, Step},
};
use dayclear_store::urgent::{Said, Ticket};
use std::collections::BTreeMap;

/// The step that a verb takes.
fn step_of(at: &Sitting<'_, '_>, verb: &str) -> Result<Step, DeskError> {
    Ok(match verb {
        "take" => Step::Taken,
        "decide" => Step::Decided,
        "accept" => Step::Accepted,
        "refuse" => Step::Refused,
        "help" => Step::Helped,
        "stand-down" => Step::StoodDown,
        _ => at.text("step").parse().map_err(inside)?,
    })
}

/// A word that was given, or nothing.
fn given(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

pub(super) async fn say(at: &mut Sitting<'_, '_>, keys: &[&str], verb: &str) -> Result<Report, DeskError> {
    let step = step_of(at, verb)?;
    let duty = &at.doing.looker.duty;
    let hospital = duty.role == Role::Facility;
    let facility = given(at.text("facility")).or(duty.site.as_deref().filter(|_| hospital && step != Step::Helped));
    if let Some(named) = facility {
        let elsewhere = hospital && duty.site.as_deref() != Some(named);
        if elsewhere || at.tx.facilities_named(&[named]).await?.is_empty() {
            let remedy = if elsewhere { "speak for your own hospital" } else { "choose a hospital of the list" };
            let fault = FieldFault {
                field: "facility".to_owned(),
                value: named.to_owned(),
                expected: "a hospital that is known".to_owned(),
                remedy: remedy.to_owned(),
            };
            return Err(Refusal::Invalid(vec![fault]).into());
        }
    }
    let rows = at.tx.records(&TICKETS, keys).await?;
    let ids: Vec<&str> = keys.iter().copied().filter(|key| rows.contains_key(*key)).collect();
    let within = duty.division.clone();
    let (account, now) = (at.account(), at.doing.now);
    at.for_the_city();
    let tickets: BTreeMap<String, Ticket> =
        at.tx.tickets_by_id(&ids).await?.into_iter().map(|ticket| (ticket.ticket.clone(), ticket)).collect();
    let what = match step {
        Step::Decided => given(at.text("decision")),
        Step::StoodDown => given(at.text("said")),
        _ => given(at.text("what")),
    };
    let reason = given(at.text("reason"));
    let by = Speaker { account, hospital, reason: reason.is_some() };
    let said = Said { step, at: now, account, what, facility, clinician: given(at.text("clinician")), reason };
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let Some(ticket) = tickets.get(*key) else {
            verdicts.push(((*key).to_owned(), Verdict::Refused(Refusal::Unknown)));
            continue;
        };
        // two servers may differ by a moment, and nothing is said of a ticket before it was opened
        let now = now.max(ticket.standing.opened_at);
        let said = Said { at: now, ..said.clone() };
        let verdict = match ticket.standing.step(step, by, now) {
            Err(Barred::Ended(how)) if how == step => Verdict::Same,
            Err(Barred::Ended(how)) => stands(format!("ended ({how})"), "if help is needed again, take a new call"),
            Err(Barred::Owned(who)) => {
                stands(format!("with {who}"), "ask them, or take it over and say why: it is then yours alone")
            }
            Err(Barred::Undecided) => stands("not decided yet", "decide first which help goes"),
            Ok(then) if step == Step::Taken && then.owner == ticket.standing.owner => Verdict::Same,
            Ok(then) => {
                said_of(at.tx, &mut minutes, ticket, &said, &then).await?;
                if step == Step::Refused {
                    let number = at.tx.refusals_of(&ticket.ticket).await?;
                    incident(&mut minutes, &format!("{}/{number}", ticket.ticket), &ticket.division, &within, now);
                }
                if step.ends() {
                    answered(at, &mut minutes, ticket, &said).await?;
                }
                Verdict::Done
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    // what was opened just now is theirs too
    for key in keys {
        if let Some((owner, _)) = at.tx.tickets_by_id(&[key]).await?.into_iter().next().and_then(|t| t.standing.owner) {
            at.tx.assign_items(Worklist::Help, &[key], Some(&owner)).await?;
        }
    }
    Ok(Report::of(verdicts))
}

/// Help is evidence of an answer, and so is the word of the person: the request has nothing more to wait for. It can be opened again.
async fn answered(
    at: &mut Sitting<'_, '_>,
    minutes: &mut crate::minutes::Minutes<'_>,
    ticket: &Ticket,
    said: &Said<'_>,
) -> Result<(), DeskError> {
    let (now, step) = (at.doing.now, said.step);
    at.tx.answer_requests(&[&ticket.request], said.what.unwrap_or(step.name()), Some(now)).await?;
    for item in at.tx.open_of(Worklist::Answer, &[&ticket.ticket]).await? {
        minutes.known(item).done(now, format!("{}: {step}", ticket.kind));
    }
    Ok(())
}
