//! A change of pack in mid-outbreak: open orders are looked at again and only become shorter or lighter by themselves
//! (F28); whatever would be longer or heavier waits for a person.

use super::{ended, issued, notices, release};
use crate::{
    OpsError,
    minutes::{Day, Minutes, by_division},
    same::Same,
};
use dayclear_core::{
    books::Worklist,
    measures::OrderState,
    protocol::{Basis, Change, ContactFacts, OpenOrder},
    reason::Reason,
};
use dayclear_store::{Scoped, measures::Order, roster::Resident, tracing::Contact};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Looks again at orders that another pack gave (F28).
pub async fn reconsider(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    orders: &mut Vec<Order>,
    contacts: &[Contact],
) -> Result<(), OpsError> {
    let day = minutes.day;
    let label = day.pack.label();
    let old: Vec<usize> = (0..orders.len())
        .filter(|at| orders[*at].state == OrderState::Active && orders[*at].basis == "contact")
        .filter(|at| !orders[*at].reason.contains(&label))
        .collect();
    if old.is_empty() {
        return Ok(());
    }
    let names: BTreeSet<&str> = old.iter().map(|at| orders[*at].person.as_str()).collect();
    let names: Vec<&str> = names.into_iter().collect();
    let people: HashMap<String, Resident> =
        tx.people_by_id(&names).await?.into_iter().map(|p| (p.person.clone(), p)).collect();
    // an order of other rules is looked at by the exposures of the id that it came with
    let nobody = Same::default();
    let strongest = strongest_contacts(contacts, &nobody);
    let mut lighter = Vec::new();
    for at in old {
        let (Some(contact), Some(person)) = (strongest.get(orders[at].person.as_str()), people.get(&orders[at].person))
        else {
            continue;
        };
        let followed_by = orders
            .iter()
            .filter(|o| o.person == orders[at].person && o.state == OrderState::Active)
            .filter(|o| o.from_day > orders[at].until_day)
            .map(|o| (o.kind, o.until_day))
            .max_by_key(|(_, until)| *until);
        let open = OpenOrder {
            kind: orders[at].kind,
            from: orders[at].from_day,
            until: orders[at].until_day,
            followed_by,
            basis: Basis::Contact(facts(day, contact, person)),
        };
        let decided = day.pack.reconsider(&open, day.date);
        let order = &mut orders[at];
        let was = (order.kind, order.until_day);
        match &decided.value {
            Change::Keep => continue,
            Change::Shorten { until } => order.until_day = *until,
            Change::Lighten { phases } => {
                let first = phases.first().map_or(day.date, |phase| phase.from);
                if first <= order.from_day.max(day.date) {
                    ended(order, day.date, OrderState::Replaced, "the rules in force are lighter");
                } else {
                    order.until_day = first.plus_days(-1);
                }
                for (n, phase) in phases.iter().enumerate() {
                    let mut next = order.clone();
                    next.id = format!("{}-L{}", order.id, n + 1);
                    next.kind = phase.kind;
                    next.from_day = phase.from;
                    next.starts_at = day.start.max(day.zone.start_of(phase.from));
                    next.until_day = phase.until;
                    next.test_days = phase.test_days.iter().copied().filter(|test| *test >= day.date).collect();
                    next.state = OrderState::Active;
                    (next.ended_on, next.ended_why) = (None, None);
                    next.reason = json!([decided.reason]).to_string();
                    lighter.push(next);
                }
            }
            Change::End => ended(order, day.date, OrderState::Ended, "the rules in force ask nothing more"),
            Change::NeedsPerson => {
                minutes.waits(
                    Worklist::Review,
                    format!("order/{}", order.id),
                    &order.division,
                    by_division(&order.division.district()),
                    day.start,
                    "the rules in force would be longer or heavier; it stands as it is until a person decides",
                );
                continue;
            }
        }
        order.test_days.retain(|test| *test <= order.until_day);
        // what this pack settled, it does not ask again tomorrow; and `why` shows both decisions
        let mut reasons: Vec<Reason> = serde_json::from_str(&order.reason).unwrap_or_default();
        reasons.push(decided.reason.clone());
        order.reason = json!(reasons).to_string();
        tx.end_or_shorten(order).await?;
        minutes.event(
            day.start,
            "order.reconsidered",
            &order.id,
            &order.division,
            &json!({"was": was, "is": (order.kind, order.until_day), "reason": decided.reason}),
            Some("order-notice"),
        )?;
        match order.state {
            OrderState::Active => notices::changes(minutes, order),
            _ => release(minutes, order)?,
        }
    }
    tx.issue_orders(&lighter).await?;
    for order in &lighter {
        issued(minutes, order)?;
    }
    orders.extend(lighter);
    Ok(())
}

/// The contact row from which a person's dates count, by who stands for the person: the last exposure, and of those the strongest
/// tier.
pub fn strongest_contacts<'c>(contacts: &'c [Contact], same: &'c Same) -> BTreeMap<&'c str, &'c Contact> {
    let mut by_person: BTreeMap<&str, &Contact> = BTreeMap::new();
    for contact in contacts {
        let known = by_person.entry(same.id(&contact.person)).or_insert(contact);
        if (contact.last_exposure, known.tier) > (known.last_exposure, contact.tier) {
            *known = contact;
        }
    }
    by_person
}

pub fn facts(day: &Day<'_>, contact: &Contact, person: &Resident) -> ContactFacts {
    ContactFacts {
        first_exposure: Some(contact.first_exposure),
        home: person.home,
        special: day.pack.is_special(person.age_on(day.date), &person.needs).value,
        ..ContactFacts::new(contact.tier, contact.last_exposure)
    }
}
