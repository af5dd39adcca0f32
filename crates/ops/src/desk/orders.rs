//! Orders, ended early: shortening what binds a person needs nobody else. The release is told at once (R13).

use super::{DeskError, Refusal, Report, Sitting, Verdict};
use crate::{
    measures::{ended, post_release, release},
    minutes::Close,
};
use dayclear_core::{listing::ORDERS, measures::OrderState};
use std::collections::HashMap;

pub(super) async fn end(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let rows = at.tx.records(&ORDERS, keys).await?;
    let mut ids: Vec<&str> = rows.keys().map(String::as_str).collect();
    ids.sort_unstable();
    at.for_the_city();
    let mut orders: HashMap<String, _> =
        at.tx.orders_by_id(&ids).await?.into_iter().map(|order| (order.id.clone(), order)).collect();
    let mut minutes = at.minutes();
    // the last day of an order is a day of the calendar, whatever day the books stand at
    let today = at.room.day.zone.day(at.doing.now);
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match orders.get_mut(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(order) if order.state != OrderState::Active => Verdict::Same,
            Some(order) => {
                let why = format!("ended early by {}: {}", at.account(), at.text("reason"));
                ended(order, today, OrderState::Ended, &why);
                at.tx.end_or_shorten(order).await?;
                release(&mut minutes, order)?;
                post_release(&mut minutes, order).done(at.doing.now, format!("ended early by {}", at.account()));
                Verdict::Done
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}
