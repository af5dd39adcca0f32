//! The papers of orders: which one is owed when an order begins, becomes lighter or ends, and the clock of those that nobody has yet (R03).
//! It may use the vocabulary of core and the books; it guarantees that no order waits for its paper to end, and that a community in which
//! papers are owed has an item until the last of them is handed over or its order has ended.

use crate::{
    OpsError,
    minutes::{Close, Day, Minutes, by_division},
};
use dayclear_core::{
    books::Worklist,
    measures::{NOTICE_HOURS_MAX, NoticeKind},
    time::Instant,
};
use dayclear_store::{Scoped, appeals::Appeal, measures::Order, notices::NewNotice};
use std::collections::BTreeMap;

/// What the subject of an item of papers that are owed begins with: `notices/COMMUNITY/NUMBER`, of the first one.
pub(crate) const OWED: &str = "notices/";

fn of_order(minutes: &Minutes<'_>, kind: NoticeKind, id: String, order: &Order) -> NewNotice {
    NewNotice {
        id,
        kind,
        subject: order.id.clone(),
        person: Some((order.person.clone(), order.person_no)),
        division: order.division.clone(),
        made_at: minutes.day.end,
        binds_at: None,
        due_at: None,
    }
}

/// That an order binds somebody: handed over before it does, and where it cannot wait, within hours of being made.
pub(super) fn begins(minutes: &mut Minutes<'_>, order: &Order) {
    let paper = of_order(minutes, NoticeKind::Order, format!("N-{}", order.id), order);
    let due_at = order.starts_at.max(paper.made_at.plus_hours(NOTICE_HOURS_MAX));
    minutes.paper(NewNotice { binds_at: Some(order.starts_at), due_at: Some(due_at), ..paper });
}

/// That an order became shorter or lighter. One a day: the paper says how it stands.
pub(crate) fn changes(minutes: &mut Minutes<'_>, order: &Order) {
    let id = format!("C-{}-{}", order.id, minutes.day.date);
    minutes.paper(of_order(minutes, NoticeKind::Change, id, order));
}

/// That an order has ended, at once and whatever became of its other papers.
pub(super) fn ends(minutes: &mut Minutes<'_>, order: &Order) {
    minutes.no_paper(&order.id);
    minutes.paper(of_order(minutes, NoticeKind::Release, format!("R-{}", order.id), order));
}

/// That an order was replaced by another one, which has a paper of its own.
pub(super) fn replaced(minutes: &mut Minutes<'_>, order: &Order) {
    minutes.no_paper(&order.id);
}

/// What was decided of an appeal.
pub(crate) fn decides(minutes: &mut Minutes<'_>, appeal: &Appeal) {
    let paper = NewNotice {
        id: format!("D-{}", appeal.id),
        kind: NoticeKind::Decision,
        subject: appeal.id.clone(),
        person: appeal.person.clone(),
        division: appeal.division.clone(),
        made_at: minutes.day.end,
        binds_at: None,
        due_at: None,
    };
    minutes.paper(paper);
}

/// Whether people work in a day: where a day comes as files, nobody hands papers over while it is read.
fn is_now(day: &Day<'_>) -> bool {
    day.end != day.until
}

/// Communities in which papers are owed wait in the books, until the earliest moment by which one is due; after that they are red, and told
/// to the district. Every paper that is owed in the city is read for it, so the line does it once in a pass, and asks outside of its turn
/// whether there is anything to write.
pub(crate) async fn owed<'d>(tx: &mut Scoped, day: &'d Day<'d>) -> Result<Minutes<'d>, OpsError> {
    let mut minutes = Minutes::of(day);
    if !is_now(day) {
        return Ok(minutes);
    }
    let now = day.end;
    let mut owed: BTreeMap<_, (i64, Instant, Instant)> = BTreeMap::new();
    for (division, first, made_at, due_at) in tx.notices_owed().await? {
        owed.insert(division, (first, made_at, due_at));
    }
    let reason = "papers of orders to be handed over; each is one of the list of papers";
    for mut item in tx.open_beginning(Worklist::Clarify, OWED).await? {
        match owed.remove(&item.division) {
            None => {
                minutes.known(item).done(now, "every paper was handed over, or its order has ended");
            }
            Some((.., due_at)) if item.due_at == Some(due_at) => {}
            Some((.., due_at)) => {
                item.due_at = Some(due_at);
                minutes.known(item);
            }
        }
    }
    for (division, (first, made_at, due_at)) in owed {
        let subject = format!("{OWED}{division}/{first}");
        let owner = by_division(&division);
        let item = minutes.waits(Worklist::Clarify, subject, &division, owner, made_at.min(now), reason);
        item.due_at = Some(due_at);
    }
    Ok(minutes)
}
