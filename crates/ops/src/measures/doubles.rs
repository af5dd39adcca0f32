//! Two orders of one person who is known under two ids: the one that is justified for longer binds, the other is set aside for it and
//! asks for nothing. It is taken up again when they are two people after all, keeps its own end meanwhile, and ends with the one that
//! bound the person: nobody is bound anew by an order that slept.

use super::{ended, release};
use crate::{OpsError, minutes::Minutes, same::Same};
use dayclear_core::measures::OrderState;
use dayclear_store::{Scoped, cases::Case, measures::Order};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

/// Orders that rest on an exposure; each pool has an order of its own, which a single test ends within a day.
const OF_CONTACTS: &str = "contact";

/// Sets an order aside for another one.
pub(super) async fn set_aside(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    order: &mut Order,
    by: &str,
) -> Result<(), OpsError> {
    order.state = OrderState::Aside;
    order.aside = Some(by.to_owned());
    let suspended = super::is_suspended(order);
    order.ended_why = Some(match suspended {
        true => format!("suspended until {by} is decided"),
        false => format!("the same person is bound by {by}"),
    });
    tx.end_or_shorten(order).await?;
    let body = json!({"person": order.person, "by": by, "why": order.ended_why});
    minutes.event(minutes.day.end, "order.set_aside", &order.id, &order.division, &body, Some("order-notice"))
}

/// Orders that were set aside: taken up where their people are two again or their case stands again, ended where the one that bound
/// the person has ended.
pub(super) async fn take_up(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    orders: &mut [Order],
    cases: &[Case],
    same: &Same,
) -> Result<(), OpsError> {
    let sleeping: Vec<usize> = (0..orders.len())
        .filter(|at| orders[*at].state == OrderState::Aside && !super::is_suspended(&orders[*at]))
        .collect();
    if sleeping.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = sleeping.iter().filter_map(|at| orders[*at].aside.clone()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut binding: HashMap<String, Order> =
        tx.orders_by_id(&names).await?.into_iter().map(|order| (order.id.clone(), order)).collect();
    // what this run has ended already
    binding.extend(orders.iter().filter(|order| names.contains(&order.id.as_str())).map(|o| (o.id.clone(), o.clone())));
    let day = minutes.day;
    for at in sleeping {
        let order = &mut orders[at];
        let by = order.aside.as_ref().and_then(|by| binding.get(by));
        let one_person = by.is_none_or(|by| same.who(by.person_no) == same.who(order.person_no));
        let case_stands = order.basis == "case" && cases.iter().any(|case| case.id == order.subject && case.stands());
        if !one_person || case_stands {
            order.state = OrderState::Active;
            (order.aside, order.ended_why) = (None, None);
            tx.end_or_shorten(order).await?;
            let body = json!({"person": order.person, "kind": order.kind, "from": order.from_day,
                "until": order.until_day, "why": "two people again"});
            minutes.event(day.end, "order.taken_up", &order.id, &order.division, &body, Some("order-notice"))?;
        } else if by.is_some_and(|by| !matches!(by.state, OrderState::Active | OrderState::Aside)) {
            ended(order, day.date, OrderState::Ended, "the order that bound the person has ended");
            tx.end_or_shorten(order).await?;
            release(minutes, order)?;
        }
    }
    Ok(())
}

/// Of the orders of one person that rest on exposures, those of one id bind: of the id whose last one ends last.
pub(super) async fn settle(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    orders: &mut [Order],
    same: &Same,
) -> Result<(), OpsError> {
    let mut of: BTreeMap<&str, BTreeMap<&str, Vec<usize>>> = BTreeMap::new();
    for (at, order) in orders.iter().enumerate() {
        if order.state == OrderState::Active && order.basis == OF_CONTACTS {
            of.entry(same.id(&order.person)).or_default().entry(&order.person).or_default().push(at);
        }
    }
    let mut aside: Vec<(usize, String)> = Vec::new();
    for (stands, ids) in of.into_iter().filter(|(_, ids)| ids.len() > 1) {
        let last =
            |at: &Vec<usize>| at.iter().map(|at| &orders[*at]).max_by_key(|order| (order.until_day, order.id.clone()));
        let longest = ids.iter().max_by_key(|(id, at)| (last(at).map(|order| order.until_day), **id == stands));
        let Some((binds, by)) = longest.and_then(|(id, at)| Some((*id, last(at)?.id.clone()))) else { continue };
        let others = ids.iter().filter(|(id, _)| **id != binds).flat_map(|(_, at)| at);
        aside.extend(others.map(|at| (*at, by.clone())));
    }
    for (at, by) in aside {
        set_aside(tx, minutes, &mut orders[at], &by).await?;
    }
    Ok(())
}
