//! Hold: orders that bind people, each with its legal basis, evidence, milder options, end and reason. Orders lapse by
//! themselves; a change of pack only shortens or lightens them; a longer or heavier one waits for a person.

mod change;
mod desk;
mod doubles;
pub(crate) mod notices;
mod stays;

pub(crate) use change::{facts, strongest_contacts};

use crate::{
    OpsError, areas,
    minutes::{Close, Day, Focus, Minutes, by_division, by_site},
    screening,
};
use dayclear_core::{
    books::Worklist,
    measures::{APPEAL_OUTSIDE_HOURS, OrderState, is_appeal_against},
    protocol::{Placement, PlacementFacts},
    reason::Decided,
    time::CivilDate,
    transfer::FacilityKind,
};
use dayclear_store::{Scoped, books::Entry, cases::Case, measures::Order, roster::Resident, tracing::Contact};
use desk::Desk;
use serde_json::json;
use std::collections::BTreeSet;

/// Longest order where the pack names no longest, in days: a case is looked at again within two weeks (R).
const CASE_ORDER_DAYS_MAX: i64 = 14;

/// Gives, ends and reconsiders orders, then areas: for everybody, or for those of a focus.
pub async fn run(tx: &mut Scoped, day: &Day<'_>, focus: Option<&Focus>) -> Result<(), OpsError> {
    let mut minutes = Minutes::of(day);
    let (first, since) = (day.date.plus_days(-30), day.look_back());
    let (mut orders, cases, mut contacts) = match focus {
        None => {
            (tx.orders_since(first).await?, tx.cases_since(day.date, since).await?, tx.contacts_since(since).await?)
        }
        Some(Focus { people, .. }) => {
            let mut cases = tx.cases_of(people).await?;
            cases.retain(|case| case.concerns(day.date, since));
            let mut contacts = tx.contacts_of_people(people).await?;
            contacts.retain(|contact| contact.listed_at >= since);
            (tx.orders_of(people, first).await?, cases, contacts)
        }
    };
    // whoever was exposed to a case that was withdrawn was exposed to nothing
    let exposing: BTreeSet<&str> = contacts.iter().map(|contact| contact.case_id.as_str()).collect();
    let withdrawn = tx.withdrawn_among(&exposing.into_iter().collect::<Vec<_>>()).await?;
    contacts.retain(|contact| !withdrawn.contains(&contact.case_id));
    let mut evidence = screening::evidence(tx, day, focus).await?;
    lapse(tx, &mut minutes, &mut orders).await?;
    doubles::take_up(tx, &mut minutes, &mut orders, &cases, &evidence.same).await?;
    change::reconsider(tx, &mut minutes, &mut orders, &contacts).await?;
    doubles::settle(tx, &mut minutes, &mut orders, &evidence.same).await?;
    let mut desk = Desk::open(tx, day, &cases, &contacts, orders, evidence.same.clone()).await?;
    if focus.is_some() {
        // a case may leave by its singles, however long ago its positive was
        let old: Vec<i64> = cases.iter().filter(|case| case.found_at < since).map(|case| case.person_no).collect();
        let singles = tx.results_of_people(day.end, &old).await?;
        evidence.singles.extend(singles.into_iter().filter(|tube| tube.size == 1 && tube.reported_at >= since));
    }
    desk.pools(tx, &mut minutes, &evidence.recalls).await?;
    desk.cases(tx, &mut minutes, &cases).await?;
    let records = stays::Records::of(tx, day, &cases, &evidence.same).await?;
    desk.discharges(&cases, &evidence.singles, &records);
    desk.contacts(tx, &mut minutes, &contacts).await?;
    tx.issue_orders(&desk.fresh).await?;
    for order in &desk.fresh {
        issued(&mut minutes, order)?;
    }
    post_releases(&mut minutes, &desk);
    post_tests(tx, &mut minutes, focus).await?;
    stays::propose(tx, &mut minutes, &cases, &desk.to_test).await?;
    areas::run(tx, &mut minutes, &cases, &desk.all(), focus).await?;
    minutes.hand_in(tx).await?;
    let mut minutes = Minutes::of(day);
    if Focus::is_over_all(focus) {
        to_outside(tx, &mut minutes).await?;
    }
    minutes.hand_in(tx).await
}

pub(crate) fn ended(order: &mut Order, on: CivilDate, state: OrderState, why: &str) {
    order.state = state;
    // an order that is taken back before its first day never bound anybody
    order.ended_on = Some(on.max(order.from_day).min(order.until_day));
    order.ended_why = Some(why.to_owned());
    order.aside = None;
}

/// R16: an order is an event with its rule, inputs and evidence; its notice leaves through the outbox (R03).
fn issued(minutes: &mut Minutes<'_>, order: &Order) -> Result<(), OpsError> {
    let reason: serde_json::Value = serde_json::from_str(&order.reason).unwrap_or_default();
    let body = json!({"person": order.person, "kind": order.kind, "from": order.from_day, "until": order.until_day,
                      "legal_basis": order.legal_basis, "evidence": order.evidence, "milder": order.milder,
                      "reason": reason});
    notices::begins(minutes, order);
    minutes.event(order.starts_at, "order.issued", &order.id, &order.division, &body, Some("order-notice"))
}

/// Interim relief (R06): an order is set aside until an appeal against it is decided. It keeps its last day.
pub(crate) async fn suspend(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    order: &mut Order,
    appeal: &str,
) -> Result<(), OpsError> {
    doubles::set_aside(tx, minutes, order, appeal).await?;
    notices::changes(minutes, order);
    post_release(minutes, order);
    Ok(())
}

/// The appeal was dismissed: the order binds again, to its last day at most.
pub(crate) async fn resume(tx: &mut Scoped, minutes: &mut Minutes<'_>, order: &mut Order) -> Result<(), OpsError> {
    order.state = OrderState::Active;
    (order.aside, order.ended_why) = (None, None);
    tx.end_or_shorten(order).await?;
    let body = json!({"person": order.person, "kind": order.kind, "from": order.from_day, "until": order.until_day,
                      "why": "the appeal was dismissed"});
    minutes.event(minutes.day.end, "order.taken_up", &order.id, &order.division, &body, Some("order-notice"))?;
    notices::changes(minutes, order);
    post_release(minutes, order);
    Ok(())
}

/// Whether an order is set aside for an appeal against itself.
pub(crate) fn is_suspended(order: &Order) -> bool {
    order.state == OrderState::Aside && order.aside.as_deref().is_some_and(|by| is_appeal_against(by, &order.id))
}

/// Appeals that nobody decided in two days go to the reviewers from outside.
async fn to_outside(tx: &mut Scoped, minutes: &mut Minutes<'_>) -> Result<(), OpsError> {
    let now = minutes.day.end;
    for appeal in tx.appeals_to_outside(now.plus_hours(-APPEAL_OUTSIDE_HOURS), now).await? {
        let body = json!({"on": appeal.on, "subject": appeal.subject, "filed_at": appeal.filed_at});
        minutes.event(now, "appeal.outside", &appeal.id, &appeal.division, &body, Some("outside-review"))?;
    }
    Ok(())
}

/// R04: an order whose last day has passed has ended, whether or not anybody was there to end it.
async fn lapse(tx: &mut Scoped, minutes: &mut Minutes<'_>, orders: &mut [Order]) -> Result<(), OpsError> {
    let day = minutes.day;
    let stands = |order: &Order| matches!(order.state, OrderState::Active | OrderState::Aside);
    for order in orders.iter_mut().filter(|o| stands(o) && o.until_day < day.today()) {
        let last = order.until_day;
        ended(order, last, OrderState::Ended, "its last day has passed");
        tx.end_or_shorten(order).await?;
        release(minutes, order)?;
    }
    Ok(())
}

/// R13: a release is an event that leaves through the outbox, and its paper is there at once.
pub(crate) fn release(minutes: &mut Minutes<'_>, order: &Order) -> Result<(), OpsError> {
    let day = minutes.day;
    match order.state {
        OrderState::Replaced => notices::replaced(minutes, order),
        _ => notices::ends(minutes, order),
    }
    let at = order.ended_on.map_or(day.end, |on| day.zone.start_of(on.plus_days(1)).min(day.end)).max(order.starts_at);
    minutes.event(
        at,
        "order.ended",
        &order.id,
        &order.division,
        &json!({"person": order.person, "kind": order.kind, "on": order.ended_on, "why": order.ended_why}),
        Some("release"),
    )
}

/// The last day that the rules ask of somebody with these exposures; `None`: they ask nothing.
pub(crate) fn contact_end(day: &Day<'_>, exposures: &[Contact], person: &Resident) -> Option<CivilDate> {
    let plans = exposures.iter().flat_map(|contact| day.pack.contact_plan(&facts(day, contact, person)));
    plans.map(|phase| phase.value.until).max()
}

/// Where a case goes by the pack.
pub fn placement(day: &Day<'_>, case: &Case, person: &Resident) -> Decided<Placement> {
    day.pack.case_placement(&PlacementFacts {
        severity: case.severity,
        age: person.age_on(day.date),
        needs: &person.needs,
        home: person.home,
    })
}

/// Kinds of facility for a placement; none when the person stays at home.
pub fn kinds(placement: &Placement) -> &[FacilityKind] {
    match placement {
        Placement::Home => &[],
        Placement::Facility(kinds) => kinds,
    }
}

/// Every order is an item until it ends; its last day is its deadline.
fn post_releases(minutes: &mut Minutes<'_>, desk: &Desk<'_>) {
    let day = desk.day;
    for order in desk.all() {
        if order.starts_at >= day.end {
            continue;
        }
        let item = post_release(minutes, order);
        if let Some(rule) =
            desk.may_leave.get(&order.subject).filter(|_| order.basis == "case" && order.state == OrderState::Active)
        {
            item.due_at = Some(day.until);
            item.reason = format!("may leave: {rule}");
        }
    }
}

/// An order is an item until it ends.
pub(crate) fn post_release<'m>(minutes: &'m mut Minutes<'_>, order: &Order) -> &'m mut Entry {
    let day = minutes.day;
    let reason = match &order.aside {
        Some(appeal) if is_suspended(order) => format!("set aside until {appeal} is decided"),
        Some(other) => format!("set aside: the same person is bound by {other}"),
        None => format!("{} until the end of {}", order.kind, order.until_day),
    };
    let item = minutes.waits(
        Worklist::Release,
        &order.id,
        &order.division,
        by_division(&order.division.district()),
        order.starts_at,
        reason,
    );
    item.due_at = Some(day.zone.start_of(order.until_day.plus_days(1)));
    if !matches!(order.state, OrderState::Active | OrderState::Aside) {
        let on = order.ended_on.unwrap_or(order.until_day);
        let at = day.zone.start_of(on.plus_days(1)).min(day.end).max(order.starts_at);
        item.done(at, order.ended_why.clone().unwrap_or_default());
    }
    item
}

/// Tests that are due today, and who took them.
async fn post_tests(tx: &mut Scoped, minutes: &mut Minutes<'_>, focus: Option<&Focus>) -> Result<(), OpsError> {
    let day = minutes.day;
    let people = focus.map(|focus| [focus.people.as_slice(), &focus.sampled].concat());
    let taken = tx.tested_of_due(day.start, day.end, people.as_deref()).await?;
    for (person, order, division, since) in tx.tests_due_on(day.date, people.as_deref()).await? {
        let item = minutes.waits(
            Worklist::Retest,
            format!("{}/{person}", day.date),
            &division,
            by_site(division.as_str()),
            since.max(day.start),
            format!("test due today by {order}"),
        );
        // whoever was bound only today has a whole day for it
        item.due_at = Some(if since > day.start { since.plus_hours(24) } else { day.until });
        if taken.contains(&person) {
            item.done(day.end, "sampled");
        }
    }
    Ok(())
}
