//! Items of the worklists: given to a person, taken, passed up, ended where a person decides. Sets of any size: the items
//! are looked up as a set, changed as a set, and posted to the books in one sitting.

use super::{DeskError, Refusal, Report, Sitting, Verdict, inside, stands};
use crate::{
    investigation::{self, CLOCKS},
    measures::notices,
};
use dayclear_core::{
    accounts::AccountState,
    books::{Movement, OpenItem, Owner, Worklist, escalation},
    divisions::DivisionCode,
    listing::{Cell, ITEMS, Row},
    time::Instant,
};
use dayclear_store::books::Entry;
use serde_json::json;
use std::collections::BTreeMap;

/// An item as the duty sees it.
struct Item {
    item: OpenItem,
    assignee: Option<String>,
    escalated_at: Option<Instant>,
    open: bool,
}

fn moment(row: &Row, field: &str) -> Option<Instant> {
    match row.get(&ITEMS, field) {
        Cell::Moment(at) => Some(*at),
        _ => None,
    }
}

fn item(row: &Row) -> Option<Item> {
    let text = |field| row.get(&ITEMS, field).as_str();
    let item = OpenItem {
        worklist: text("worklist")?.parse().ok()?,
        subject: text("subject")?.to_owned(),
        division: text("division")?.parse().ok()?,
        owner: Owner { party: text("party")?.parse().ok()?, name: text("owner")?.to_owned() },
        opened_at: moment(row, "opened_at")?,
        due_at: moment(row, "due_at"),
        reason: text("reason").unwrap_or_default().to_owned(),
    };
    let open = *row.get(&ITEMS, "open") == Cell::Truth(true);
    Some(Item { item, assignee: text("assignee").map(str::to_owned), escalated_at: moment(row, "escalated_at"), open })
}

/// Sorts the asked items: those that can be acted on, and a verdict for the rest.
async fn open_items<'k>(
    at: &mut Sitting<'_, '_>,
    keys: &[&'k str],
    act: impl Fn(&Item) -> Option<Verdict>,
) -> Result<(Vec<(&'k str, Item)>, Vec<(String, Verdict)>), DeskError> {
    let rows = at.tx.records(&ITEMS, keys).await?;
    let (mut these, mut verdicts) = (Vec::with_capacity(keys.len()), Vec::new());
    for key in keys {
        let verdict = match rows.get(*key).and_then(item) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(item) if !item.open => stands("ended", "what has ended stays ended"),
            Some(item) => match act(&item) {
                Some(verdict) => verdict,
                None => {
                    these.push((*key, item));
                    continue;
                }
            },
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    Ok((these, verdicts))
}

fn by_list<'i>(items: &'i [(&str, Item)]) -> BTreeMap<Worklist, Vec<&'i str>> {
    let mut lists: BTreeMap<Worklist, Vec<&str>> = BTreeMap::new();
    items.iter().for_each(|(_, item)| lists.entry(item.item.worklist).or_default().push(&item.item.subject));
    lists
}

/// Where an account works. When its duties begin is told by the clock of the door, which an exercise does not share, so only
/// those that have ended are left out.
async fn places_of(at: &mut Sitting<'_, '_>, account: &str) -> Result<Vec<DivisionCode>, DeskError> {
    let active = at.tx.account(account).await?.is_some_and(|found| found.state == AccountState::Active);
    let held = if active { at.tx.duties_of(&[account]).await? } else { Vec::new() };
    let now = at.doing.now;
    Ok(held
        .into_iter()
        .filter(|held| held.until.is_none_or(|until| now < until))
        .map(|held| held.duty.division)
        .collect())
}

pub(super) async fn assign(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let account = Some(at.text("assignee")).filter(|account| !account.is_empty());
    let places = match account {
        Some(account) => places_of(at, account).await?,
        None => Vec::new(),
    };
    if let (Some(account), true) = (account, places.is_empty()) {
        return Err(super::invalid("assignee", account, "an account with a duty", "choose somebody who works here"));
    }
    give(at, keys, account, |item| match account {
        _ if item.assignee.as_deref() == account => Some(Verdict::Same),
        Some(account) if !places.iter().any(|place| item.item.division.as_str().starts_with(place.as_str())) => {
            Some(stands(
                format!("in {}, where {account} has no duty", item.item.division),
                "choose somebody who works there",
            ))
        }
        _ => None,
    })
    .await
}

pub(super) async fn take(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let account = at.account();
    give(at, keys, Some(account), |item| match item.assignee.as_deref() {
        Some(other) if other == account => Some(Verdict::Same),
        Some(other) => {
            Some(stands(format!("assigned to {other}"), "ask them, or have the command post give it to you"))
        }
        None => None,
    })
    .await
}

async fn give(
    at: &mut Sitting<'_, '_>,
    keys: &[&str],
    account: Option<&str>,
    act: impl Fn(&Item) -> Option<Verdict>,
) -> Result<Report, DeskError> {
    let (items, mut verdicts) = open_items(at, keys, act).await?;
    for (worklist, subjects) in by_list(&items) {
        // whoever has the case has all its clocks
        let lists: &[Worklist] = if CLOCKS.contains(&worklist) { &CLOCKS } else { &[worklist] };
        for list in lists {
            at.tx.assign_items(*list, &subjects, account).await?;
        }
    }
    let mut minutes = at.minutes();
    for (key, item) in &items {
        let body = json!({"to": account, "was": item.assignee});
        minutes.event(at.doing.now, "item.assigned", *key, &item.item.division, &body, None)?;
        verdicts.push(((*key).to_owned(), Verdict::Done));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

/// Passes items up: to whom the deadline says, to the district while there is time, and to the city what was passed up
/// before.
pub(super) async fn escalate(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let now = at.doing.now;
    let city = at.room.city.division().clone();
    let to_city = format!("\"to\":\"{city}\"");
    let with_city = at.tx.told("item.escalated", &to_city, keys).await?;
    let (items, mut verdicts) = open_items(at, keys, |item| {
        let key = format!("{}:{}", item.item.worklist, item.item.subject);
        with_city.contains(&key).then_some(Verdict::Same)
    })
    .await?;
    for (worklist, subjects) in by_list(&items) {
        at.tx.escalate_items(worklist, &subjects, now).await?;
    }
    let mut minutes = at.minutes();
    let mut told: BTreeMap<String, BTreeMap<&str, u64>> = BTreeMap::new();
    for (key, found) in &items {
        let item = &found.item;
        let by_deadline = escalation(item, now, &city).map(|owner| owner.name);
        let to = match (found.escalated_at, by_deadline) {
            (Some(_), _) => city.to_string(),
            (None, Some(to)) => to,
            (None, None) => item.division.district().to_string(),
        };
        let body = json!({"to": to, "reason": at.text("reason"), "owner": item.owner.name});
        minutes.event(now, "item.escalated", *key, &item.division, &body, None)?;
        *told.entry(to).or_default().entry(item.worklist.name()).or_default() += 1;
        verdicts.push(((*key).to_owned(), Verdict::Done));
    }
    for (to, counts) in told {
        let division = to.parse().map_err(inside)?;
        minutes.event(now, "items.escalated", to, &division, &counts, Some("escalation"))?;
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

/// Ends items that a person decides. Every other list ends by evidence, and by nothing that somebody says.
pub(super) async fn settle(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let now = at.doing.now;
    let (items, mut verdicts) = open_items(at, keys, |item| {
        let by_a_person = matches!(
            item.item.worklist,
            Worklist::Review | Worklist::Clarify | Worklist::Investigate | Worklist::Call | Worklist::Ask
        );
        let is = format!("an item of {}", item.item.worklist);
        if item.item.subject.starts_with(notices::OWED) {
            return Some(stands("papers that are owed", "it ends when each of them is handed over"));
        }
        (!by_a_person).then(|| stands(is, "it ends by evidence: a result, a report, an answer"))
    })
    .await?;
    let how: Movement = at.text("outcome").parse().map_err(inside)?;
    let reason = at.text("reason");
    let mut minutes = at.minutes();
    for (key, found) in items {
        let item = found.item;
        let body = json!({"outcome": how, "reason": reason, "was": item.reason});
        minutes.event(now, "item.settled", key, &item.division, &body, None)?;
        let entry = Entry {
            worklist: item.worklist,
            subject: item.subject,
            division: item.division,
            owner: item.owner,
            opened_at: item.opened_at,
            due_at: item.due_at,
            closed: Some((now.max(item.opened_at), how)),
            reason: format!("settled by {}", at.doing.looker.account),
        };
        investigation::settled(&mut minutes, &entry);
        minutes.known(entry);
        verdicts.push((key.to_owned(), Verdict::Done));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}
