//! Emergencies (R08): every request that is a matter of minutes opens a ticket in the transaction in which it becomes known, whichever
//! way it came; while nobody has decided, tier after tier is rung by the clock of the server. It may use the store and the books. It
//! guarantees that no order, area, round, test or debt is looked at on the way, because nothing of them is read here.

use crate::{
    OpsError,
    day::pack_for,
    line::open_day,
    minutes::{Close, Day, Minutes, Settings, by_division},
};
use dayclear_core::{
    books::{Owner, Party, Worklist},
    divisions::DivisionCode,
    protocol::Packs,
    time::Instant,
    urgent::{RING_EVERY_S, Speaker, Standing, Step, TICKETED, Tier},
    welfare::RequestKind,
};
use dayclear_store::{
    Scope, Scoped, Store,
    books::Entry,
    urgent::{Said, Ticket},
    welfare::Request,
};
use serde_json::json;

/// An exit is open again within so many minutes of being reported (R).
const EXIT_OPEN_MIN: i64 = 15;

/// Requests came in or were answered: emergencies among them have a ticket from then on, and one that the person says is answered
/// has ended.
pub(crate) async fn told(tx: &mut Scoped, minutes: &mut Minutes<'_>, requests: &[Request]) -> Result<(), OpsError> {
    for request in requests.iter().filter(|request| TICKETED.contains(&request.kind)) {
        if request.reopened == 0 {
            open(tx, minutes, request, request.received_at).await?;
        }
    }
    let answered: Vec<&Request> = requests.iter().filter(|request| request.answered_at.is_some()).collect();
    let names: Vec<&str> = answered.iter().map(|request| request.request.as_str()).collect();
    for ticket in tx.open_tickets_of(&names).await? {
        let at = answered.iter().find(|request| request.request == ticket.request).and_then(|r| r.answered_at);
        confirmed(tx, minutes, &ticket, at.unwrap_or(minutes.day.end)).await?;
    }
    Ok(())
}

/// Opens the ticket of a request; one that is known stays as it is.
pub(crate) async fn open(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    request: &Request,
    opened_at: Instant,
) -> Result<(), OpsError> {
    if !TICKETED.contains(&request.kind) {
        return Ok(());
    }
    let last = minutes.day.due(Worklist::Decide, opened_at);
    let ticket = Ticket {
        ticket: request.item(),
        request: request.request.clone(),
        kind: request.kind,
        household: request.household.clone(),
        division: request.division.clone(),
        decide_by: last.unwrap_or_else(|| Tier::District.rung_from(opened_at)),
        tier: Tier::Community,
        decision: None,
        standing: Standing::opened(opened_at),
    };
    if tx.open_ticket(&ticket).await? {
        let body = json!({"kind": ticket.kind, "request": ticket.request});
        minutes.event(opened_at, "ticket.opened", &ticket.ticket, &ticket.division, &body, Some("emergency"))?;
        waits(minutes, &ticket);
        if ticket.kind == RequestKind::Exit {
            blocked(minutes, &ticket);
        }
    }
    Ok(())
}

/// R10: an exit that is barred is a matter of the district beside the ticket: who barred it, and that nobody does so again.
fn blocked(minutes: &mut Minutes<'_>, ticket: &Ticket) {
    let (since, district) = (ticket.standing.opened_at, ticket.division.district());
    let reason = "an exit was reported blocked: open it, find who barred it, and look at the other exits";
    let item = minutes.once(Entry {
        worklist: Worklist::Clarify,
        subject: format!("blocked/{}", ticket.ticket),
        division: ticket.division.clone(),
        owner: by_division(&district),
        opened_at: since,
        due_at: None,
        closed: None,
        reason: reason.to_owned(),
    });
    item.due_at = Some(since.plus_minutes(EXIT_OPEN_MIN));
}

/// The item of the decision.
fn waits<'m>(minutes: &'m mut Minutes<'_>, ticket: &Ticket) -> &'m mut Entry {
    minutes.once(Entry {
        worklist: Worklist::Decide,
        subject: ticket.ticket.clone(),
        division: ticket.division.clone(),
        owner: by_division(&ticket.division),
        opened_at: ticket.standing.opened_at,
        due_at: Some(ticket.decide_by),
        closed: None,
        reason: format!("{}: nobody has decided", ticket.kind),
    })
}

/// The item of the help that was decided.
fn helps<'m>(
    minutes: &'m mut Minutes<'_>,
    ticket: &Ticket,
    since: Instant,
    reason: impl Into<String>,
) -> &'m mut Entry {
    let due_at = minutes.day.due(Worklist::Help, since);
    minutes.once(Entry {
        worklist: Worklist::Help,
        subject: ticket.ticket.clone(),
        division: ticket.division.clone(),
        owner: by_division(&ticket.division),
        opened_at: since,
        due_at,
        closed: None,
        reason: reason.into(),
    })
}

/// The person confirmed the answer to the request.
async fn confirmed(tx: &mut Scoped, minutes: &mut Minutes<'_>, ticket: &Ticket, at: Instant) -> Result<(), OpsError> {
    let by = Speaker { account: crate::minutes::BY_RULE, hospital: false, reason: true };
    let Ok(then) = ticket.standing.step(Step::Confirmed, by, at) else { return Ok(()) };
    let said = Said {
        step: Step::Confirmed,
        at,
        account: by.account,
        what: None,
        facility: None,
        clinician: None,
        reason: None,
    };
    stands(tx, minutes, ticket, &said, &then).await
}

/// Something was said of a ticket: it is kept, it is an event, and the books say who is waited for next.
pub(crate) async fn stands(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    ticket: &Ticket,
    said: &Said<'_>,
    then: &Standing,
) -> Result<(), OpsError> {
    tx.say_of_ticket(&ticket.ticket, said, then).await?;
    let (id, at) = (ticket.ticket.as_str(), said.at);
    let kind = match said.step {
        Step::Taken => "ticket.taken",
        Step::Decided => "ticket.decided",
        Step::Refused => "ticket.refused",
        step if step.ends() => "ticket.ended",
        _ => "ticket.step",
    };
    let body = json!({"step": said.step, "what": said.what, "facility": said.facility, "clinician": said.clinician,
        "reason": said.reason, "tier": ticket.tier});
    let tells = (said.step == Step::Refused).then_some("emergency");
    minutes.event(at, kind, id, &ticket.division, &body, tells)?;
    let decided_now = ticket.standing.decided_at.is_none() && then.decided_at.is_some();
    let undecided = ticket.standing.decided_at.is_none();
    match said.step {
        Step::Decided if decided_now => {
            let what = said.what.unwrap_or_default();
            waits(minutes, ticket).done(at, format!("{}: decided, {what}", ticket.kind));
            helps(minutes, ticket, at, format!("{}: {what}, and not there yet", ticket.kind));
        }
        step if step.ends() => {
            let how = format!("{}: {step}", ticket.kind);
            if undecided {
                waits(minutes, ticket).done(at, how);
            } else {
                let since = ticket.standing.decided_at.unwrap_or(at);
                helps(minutes, ticket, since, "").done(at, how);
            }
        }
        _ => {}
    }
    // who has it, has all of it: the decision, the help, and the answer to the request
    if let (Some((owner, _)), true) = (&then.owner, ticket.standing.owner != then.owner) {
        // what this sitting has opened is in the books only after it
        for list in [Worklist::Decide, Worklist::Help, Worklist::Answer] {
            tx.assign_items(list, &[id], Some(owner)).await?;
        }
    }
    Ok(())
}

/// A refusal of care is an incident for the level above whoever let it happen (R08, N6); which refusal of what it was, its subject says.
pub(crate) fn incident(
    minutes: &mut Minutes<'_>,
    of: &str,
    division: &DivisionCode,
    within: &DivisionCode,
    at: Instant,
) {
    let code = within.as_str();
    let above = if code.len() > 6 { division.district().to_string() } else { code.chars().take(2).collect() };
    let owner = Owner { party: Party::Division, name: above };
    let reason = "care was refused by a clinician; look at it, and see that the person is helped";
    minutes.waits(Worklist::Review, format!("refused/{of}"), division, owner, at, reason);
}

/// Rings whoever is to be rung by now, in minutes that are being written; how many tiers.
pub(crate) async fn ring_in(tx: &mut Scoped, minutes: &mut Minutes<'_>) -> Result<usize, OpsError> {
    let now = minutes.day.end;
    // a day that comes as files is decided as of the moments of what it tells
    let whole = minutes.day.end == minutes.day.until;
    let mut rung = 0;
    for ticket in tx.tickets_to_ring(now).await? {
        let up_to = Tier::at(ticket.standing.opened_at, now);
        for tier in Tier::ALL.iter().filter(|tier| **tier > ticket.tier && **tier <= up_to) {
            let at = if whole { tier.rung_from(ticket.standing.opened_at) } else { now };
            tx.ring_ticket(&ticket, *tier, at).await?;
            let waited_s = (at.micros() - ticket.standing.opened_at.micros()) / 1_000_000;
            let body = json!({"tier": tier, "waited_s": waited_s, "kind": ticket.kind, "every_s": RING_EVERY_S});
            minutes.event(at, "ticket.rung", &ticket.ticket, &ticket.division, &body, Some("emergency"))?;
            rung += 1;
        }
    }
    Ok(rung)
}

/// Rings, by the clock of the server, whoever is to be rung for emergencies that nobody has decided; how many tiers. Asked every
/// second, it costs one look at an index of those that wait. What should have been rung while no server ran is rung at once.
pub async fn ring(
    store: &Store,
    packs: &Packs,
    settings: &Settings,
    pack: &str,
    scope: &Scope,
    now: Instant,
) -> Result<usize, OpsError> {
    let mut tx = store.look(scope).await?;
    if tx.tickets_to_ring(now).await?.is_empty() {
        return Ok(0);
    }
    drop(tx);
    let mut tx = store.turn(scope).await?;
    let (date, closed_before) = open_day(&mut tx, now, &settings.zone).await?;
    let day = Day::at(date, closed_before, now, pack_for(packs, pack, date)?, settings);
    let mut minutes = Minutes::of(&day);
    let rung = ring_in(&mut tx, &mut minutes).await?;
    minutes.hand_in(&mut tx).await?;
    tx.commit().await?;
    Ok(rung)
}
