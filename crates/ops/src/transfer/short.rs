//! More people than beds, said aloud: while somebody waits for whom no suitable bed is free, the city has an item of `clarify` that says
//! how many there are, in which order beds are given, and since when the first of them waits. It ends when nobody waits so, and by
//! nobody's word. It decides nothing.

use crate::{
    OpsError,
    minutes::{Close, Minutes, by_division},
};
use dayclear_core::{
    books::Worklist,
    transfer::{RideClass, Turn},
};
use dayclear_store::{Scoped, transfer::Short};
use std::collections::BTreeMap;

/// How the subjects begin: the class and a number follow.
const SHORT: &str = "beds/";

/// Says it, or that it is over.
pub(super) async fn say(tx: &mut Scoped, minutes: &mut Minutes<'_>) -> Result<(), OpsError> {
    let now = minutes.day.end;
    // where a day comes as files each person's item says it, and nobody looks while it is read
    if now == minutes.day.until {
        return Ok(());
    }
    let mut short: BTreeMap<RideClass, Vec<Short>> = BTreeMap::new();
    for one in tx.short_of_beds().await? {
        short.entry(one.class).or_default().push(one);
    }
    let mut known: BTreeMap<RideClass, String> = BTreeMap::new();
    for mut item in tx.open_beginning(Worklist::Clarify, SHORT).await? {
        let class = item.subject.split('/').nth(1).and_then(|class| class.parse().ok());
        match class.and_then(|class| Some((class, short.get(&class)?))) {
            None => {
                minutes.known(item).done(now, "nobody waits for a bed any more");
            }
            Some((class, waits)) => {
                known.insert(class, item.subject.clone());
                item.reason = reason(waits);
                minutes.known(item);
            }
        }
    }
    let city = tx.scope().division().clone();
    for (class, waits) in short.into_iter().filter(|(class, _)| !known.contains_key(class)) {
        let subject = format!("{SHORT}{class}/{}", now.micros().div_euclid(1_000_000));
        minutes.waits(Worklist::Clarify, subject, &city, by_division(&city), now, reason(&waits));
    }
    Ok(())
}

/// Who waits, in which order, and what helps.
fn reason(waits: &[Short]) -> String {
    let people: i64 = waits.iter().map(|one| one.people).sum();
    let of = |turn: Turn| waits.iter().filter(|one| one.turn == turn).map(|one| one.people).sum::<i64>();
    let order: Vec<String> = Turn::ALL
        .iter()
        .filter(|turn| of(**turn) > 0)
        .map(|turn| {
            let who = match turn {
                Turn::Severe => "severely ill",
                Turn::Vulnerable => "60 or older, pregnant or on dialysis",
                Turn::Positive => "other positives",
                Turn::Contact => "contacts",
            };
            format!("{who} ({})", of(*turn))
        })
        .collect();
    format!(
        "{people} people wait and no suitable bed is free for them; beds are given in this order: {}; open wards, or ask another city",
        order.join(", then ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use dayclear_core::time::Instant;

    #[test]
    fn the_order_is_said_with_how_many_wait_in_each_turn() {
        let short = |turn, people| Short { class: RideClass::Positive, turn, people, since: Instant::from_micros(0) };
        let said = reason(&[short(Turn::Positive, 8), short(Turn::Severe, 1)]);
        assert!(said.starts_with("9 people wait"), "{said}");
        assert!(said.contains("severely ill (1), then other positives (8);"), "{said}");
    }
}
