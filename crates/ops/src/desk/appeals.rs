//! Appeals: what somebody says against an order or an area is written down with a receipt number, and decided within a day by another unit
//! than the one that ordered. Upheld, what it was about ends in the same transaction; dismissed, it is said why. A late one is passed up
//! like every item.

use super::{DeskError, Refusal, Report, Sitting, Verdict, stands};
use crate::{
    areas::{self, beyond},
    hearing,
    measures::{self, ended, notices, post_release, release},
    minutes::{Close, Minutes, by_division},
};
use dayclear_core::{
    access::Role,
    books::Worklist,
    divisions::DivisionCode,
    listing::{APPEALS, AREAS, ORDERS},
    measures::{APPEAL_HOURS_MAX, AppealOn, AppealState, OrderState},
    welfare::RequestKind,
};
use dayclear_store::appeals::Appeal;
use serde_json::json;
use std::collections::BTreeMap;

/// Field in which the public part brings the hash of a secret: no command declares it, so nobody else can.
pub(crate) const SECRET: &str = "secret_hash";

fn subject(appeal: &str) -> String {
    format!("appeal/{appeal}")
}

/// What an appeal may be about: whom it binds, where, and whether it still binds.
struct Bound {
    person: Option<(String, i64)>,
    division: DivisionCode,
    stands: bool,
}

pub(super) async fn against_orders(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let rows = at.tx.records(&ORDERS, keys).await?;
    let ids: Vec<&str> = keys.iter().copied().filter(|key| rows.contains_key(*key)).collect();
    at.for_the_city();
    let orders = at.tx.orders_by_id(&ids).await?;
    let bound = orders.into_iter().map(|order| {
        let stands = matches!(order.state, OrderState::Active | OrderState::Aside);
        (order.id, Bound { person: Some((order.person, order.person_no)), division: order.division, stands })
    });
    file(at, keys, AppealOn::Order, bound.collect()).await
}

pub(super) async fn against_areas(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let rows = at.tx.records(&AREAS, keys).await?;
    let ids: Vec<&str> = keys.iter().copied().filter(|key| rows.contains_key(*key)).collect();
    at.for_the_city();
    let zones = at.tx.zones_by_id(&ids).await?;
    let bound = zones.into_iter().map(|zone| {
        let stands = zone.released_on.is_none();
        (zone.id, Bound { person: None, division: zone.division, stands })
    });
    file(at, keys, AppealOn::Area, bound.collect()).await
}

async fn file(
    at: &mut Sitting<'_, '_>,
    keys: &[&str],
    on: AppealOn,
    bound: BTreeMap<String, Bound>,
) -> Result<Report, DeskError> {
    let ids: Vec<&str> = bound.keys().map(String::as_str).collect();
    let mut before: BTreeMap<String, Vec<Appeal>> = BTreeMap::new();
    for appeal in at.tx.appeals_against(&ids).await? {
        before.entry(appeal.subject.clone()).or_default().push(appeal);
    }
    let (now, day, city) = (at.doing.now, at.room.day, at.room.city.division().clone());
    let by_rule = day.pack.answer_deadline(RequestKind::Appeal, now, day.zone).map(|decided| decided.value);
    let latest = now.plus_hours(APPEAL_HOURS_MAX);
    let due_at = by_rule.map_or(latest, |due| due.min(latest));
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let known = before.get(*key).map(Vec::as_slice).unwrap_or_default();
        let verdict = match bound.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(bound) if !bound.stands => stands("ended", "it binds nobody any more"),
            Some(_) if known.iter().any(|appeal| appeal.state == AppealState::Open) => {
                stands("appealed against already", "that appeal is decided within a day; add to it by telephone")
            }
            Some(bound) => {
                let appeal = Appeal {
                    id: format!("{key}/a{}", known.len() + 1),
                    on,
                    subject: (*key).to_owned(),
                    person: bound.person.clone(),
                    division: bound.division.clone(),
                    way: at.text("way").parse().map_err(super::inside)?,
                    words: at.text("words").to_owned(),
                    filed_by: at.account().to_owned(),
                    filed_at: now,
                    due_at,
                    state: AppealState::Open,
                    secret_hash: Some(at.text(SECRET).to_owned()).filter(|hash| !hash.is_empty()),
                };
                at.tx.file_appeal(&appeal).await?;
                // what the person said stands in the appeal, where only some read it
                let body = json!({"on": on, "subject": key, "way": appeal.way, "due_at": due_at});
                minutes.event(now, "appeal.filed", &appeal.id, &appeal.division, &body, Some("receipt"))?;
                let reason = format!("appeal against {on} {key}: another unit decides, within a day");
                let item = minutes.waits(Worklist::Review, subject(&appeal.id), &city, by_division(&city), now, reason);
                item.due_at = Some(due_at);
                Verdict::Done
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

pub(super) async fn uphold(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    decide(at, keys, AppealState::Upheld).await
}

pub(super) async fn dismiss(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    decide(at, keys, AppealState::Dismissed).await
}

/// Interim relief: the order or the area is set aside for the appeal. It keeps its last day, and the decision takes it up again or ends it.
pub(super) async fn suspend(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let rows = at.tx.records(&APPEALS, keys).await?;
    let ids: Vec<&str> = keys.iter().copied().filter(|key| rows.contains_key(*key)).collect();
    at.for_the_city();
    let found: BTreeMap<String, Appeal> =
        at.tx.appeals_by_id(&ids).await?.into_iter().map(|appeal| (appeal.id.clone(), appeal)).collect();
    let (now, by, why) = (at.doing.now, at.account().to_owned(), at.text("reason").to_owned());
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match found.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(appeal) if appeal.state != AppealState::Open => {
                stands(appeal.state.name(), "it is decided, and nothing waits for it")
            }
            Some(appeal) => match partial(at, appeal).await? {
                Some(why) => stands(why, "somebody of another unit decides"),
                None => {
                    let verdict = set_aside(at, &mut minutes, appeal).await?;
                    if verdict == Verdict::Done {
                        at.tx.suspend_for_appeal(&appeal.id, &by, now, &why).await?;
                    }
                    verdict
                }
            },
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

/// What an appeal is about binds nobody until that is decided, where it binds anybody now.
async fn set_aside(at: &mut Sitting<'_, '_>, minutes: &mut Minutes<'_>, appeal: &Appeal) -> Result<Verdict, DeskError> {
    let ended = || stands("ended", "it binds nobody any more");
    let own = |aside: &Option<String>| aside.as_ref() == Some(&appeal.id);
    match appeal.on {
        AppealOn::Order => match at.tx.orders_by_id(&[&appeal.subject]).await?.pop() {
            Some(order) if own(&order.aside) => return Ok(Verdict::Same),
            Some(mut order) if order.state == OrderState::Active => {
                measures::suspend(at.tx, minutes, &mut order, &appeal.id).await?;
            }
            _ => return Ok(ended()),
        },
        AppealOn::Area => match at.tx.zones_by_id(&[&appeal.subject]).await?.pop() {
            Some(zone) if own(&zone.aside) => return Ok(Verdict::Same),
            Some(mut zone) if zone.binds() => areas::suspend(at.tx, minutes, &mut zone, &appeal.id).await?,
            _ => return Ok(ended()),
        },
    }
    Ok(Verdict::Done)
}

async fn decide(at: &mut Sitting<'_, '_>, keys: &[&str], state: AppealState) -> Result<Report, DeskError> {
    let rows = at.tx.records(&APPEALS, keys).await?;
    let ids: Vec<&str> = keys.iter().copied().filter(|key| rows.contains_key(*key)).collect();
    at.for_the_city();
    let found: BTreeMap<String, Appeal> =
        at.tx.appeals_by_id(&ids).await?.into_iter().map(|appeal| (appeal.id.clone(), appeal)).collect();
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match found.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(appeal) if appeal.state == state => Verdict::Same,
            Some(appeal) if appeal.state != AppealState::Open => {
                stands(appeal.state.name(), "a decision stays; a new appeal may be filed")
            }
            Some(appeal) => match partial(at, appeal).await? {
                Some(why) => stands(why, "somebody of another unit decides"),
                None => {
                    decided(at, &mut minutes, appeal, state).await?;
                    Verdict::Done
                }
            },
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

/// Why this account may not decide the appeal.
async fn partial(at: &mut Sitting<'_, '_>, appeal: &Appeal) -> Result<Option<&'static str>, DeskError> {
    let duty = &at.doing.looker.duty;
    if duty.division.district() == appeal.division.district()
        && duty.division != *at.room.city.division()
        && duty.role != Role::Reviewer
    {
        return Ok(Some("about an order of your own unit"));
    }
    Ok(hearing::partial(at.tx, at.doing.looker, Some(at.doing.now), appeal).await?)
}

async fn decided(
    at: &mut Sitting<'_, '_>,
    minutes: &mut Minutes<'_>,
    appeal: &Appeal,
    state: AppealState,
) -> Result<(), DeskError> {
    let (now, by, words) = (at.doing.now, at.account().to_owned(), at.text("reason").to_owned());
    let hours = now.minutes_since(appeal.filed_at).max(0) / 60;
    at.tx.decide_appeal(&appeal.id, state, &by, now, &words, hours).await?;
    let body = json!({"on": appeal.on, "subject": appeal.subject, "state": state, "hours": hours});
    notices::decides(minutes, appeal);
    minutes.event(now, "appeal.decided", &appeal.id, &appeal.division, &body, Some("appeal-decision"))?;
    for item in at.tx.open_of(Worklist::Review, &[&subject(&appeal.id)]).await? {
        minutes.known(item).done(now, format!("{state} by {by}"));
    }
    if state != AppealState::Upheld {
        // what was suspended until now binds again, as long as it would have
        for mut order in at.tx.orders_by_id(&[&appeal.subject]).await? {
            if order.aside.as_deref() == Some(&appeal.id) {
                measures::resume(at.tx, minutes, &mut order).await?;
            }
        }
        for mut zone in at.tx.zones_by_id(&[&appeal.subject]).await? {
            if zone.aside.as_deref() == Some(&appeal.id) {
                areas::resume(at.tx, minutes, &mut zone).await?;
            }
        }
        return Ok(());
    }
    let why = format!("appeal {} was upheld", appeal.id);
    match appeal.on {
        AppealOn::Order => {
            let today = at.room.day.zone.day(now);
            for order in at.tx.orders_by_id(&[&appeal.subject]).await?.iter_mut() {
                if matches!(order.state, OrderState::Active | OrderState::Aside) {
                    ended(order, today, OrderState::Ended, &why);
                    at.tx.end_or_shorten(order).await?;
                    release(minutes, order)?;
                    post_release(minutes, order).done(now, why.clone());
                }
            }
        }
        AppealOn::Area => {
            for zone in at.tx.zones_by_id(&[&appeal.subject]).await?.iter_mut() {
                if zone.released_on.is_none() {
                    beyond::end(at.tx, minutes, zone, &why).await?;
                }
            }
        }
    }
    Ok(())
}
