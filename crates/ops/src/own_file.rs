//! What is kept of somebody, for themselves and without an account (R16): the orders that bind or bound them with the rule behind each, what
//! they appealed against, and who looked at their record. It may use the store; it guarantees that nothing is told of anybody but the person
//! to whom the paper is owed, and that of whoever looked it tells the role, the place and the day, and no name.

use crate::{OpsError, public::Counter};
use dayclear_core::{
    divisions::DivisionCode,
    time::{CivilDate, Instant},
};
use dayclear_store::{Store, appeals::AppealTold, audit::Asked, measures::Order, notices::Printed};
use std::collections::BTreeMap;

/// Entries of the chain of reads of one page at most: the latest.
const READS_MAX: u32 = 1_000;

/// Somebody looked at the record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Look {
    /// Day.
    pub day: CivilDate,
    /// Role.
    pub role: String,
    /// Division of their duty; empty where it is the city.
    pub division: String,
    /// What was done: `read`, `list`, `search`, `glass` and so on.
    pub action: String,
}

/// What is kept of a person.
#[derive(Debug, Clone)]
pub struct OwnFile {
    /// Community that they are known in.
    pub division: DivisionCode,
    /// Orders, the latest first.
    pub orders: Vec<Order>,
    /// Appeals against them, the latest first.
    pub appeals: Vec<AppealTold>,
    /// Who looked, and how often on that day, the latest first.
    pub looks: Vec<(Look, u64)>,
    /// Whether there are older looks than those that are told.
    pub more: bool,
    /// As of when.
    pub at: Instant,
}

/// The file of whoever a paper is owed to. `object` is the keyed hash under which the chain of reads knows them. `None`: the paper is of
/// nobody in particular.
pub async fn read(
    store: &Store,
    counter: &Counter<'_>,
    paper: &Printed,
    object: &str,
) -> Result<Option<OwnFile>, OpsError> {
    let Some((_, no)) = &paper.notice.person else { return Ok(None) };
    let mut tx = store.look(counter.city).await?;
    let ever = Instant::from_micros(0);
    let mut orders = tx.orders_of(&[*no], counter.settings.zone.day(ever)).await?;
    orders.sort_by(|a, b| (b.from_day, &b.id).cmp(&(a.from_day, &a.id)));
    let mut appeals = Vec::new();
    for order in &orders {
        appeals.extend(tx.appeals_told(&order.id).await?);
    }
    let asked = Asked { account: None, object: Some(object), from: None, to: None, before: None, rows_max: READS_MAX };
    let entries = tx.audit_entries(&asked).await?;
    let more = entries.len() >= READS_MAX as usize;
    let mut looks: BTreeMap<Look, u64> = BTreeMap::new();
    for entry in entries {
        let look = Look {
            day: counter.settings.zone.day(entry.at),
            role: entry.role,
            division: entry.division,
            action: entry.action,
        };
        *looks.entry(look).or_default() += 1;
    }
    let looks = looks.into_iter().rev().collect();
    let division = paper.notice.division.clone();
    Ok(Some(OwnFile { division, orders, appeals, looks, more, at: counter.now }))
}
