//! The twenty measures replace the ninth edition on 11 November 2022, with contacts under orders (F28).

use crate::{
    city::{Files, close, day_of, tx},
    engines::{TestStore, on_both},
};
use dayclear_core::{measures::OrderState, time::CivilDate};
use std::collections::BTreeMap;

const BEFORE: &str = "2022-11-10";
const AFTER: &str = "2022-11-11";

/// P001 is found on the 10th. Exposed on the 9th: P011 (home fit), P009 (pregnant, home fit), P018 (home not fit).
fn found() -> Files {
    Files::quiet(BEFORE).swab("T1", "P001", "community", BEFORE, "07:00 12:00", "positive").rows(
        "contacts",
        "P001,P011,shared_space,2022-11-09,2022-11-09,
             P001,P009,shared_space,2022-11-09,2022-11-09,
             P001,P017,shared_space,2022-11-09,2022-11-09,",
    )
}

/// How heavily each person is bound on each day: the heaviest of the orders in force.
async fn bound(store: &TestStore) -> BTreeMap<(String, CivilDate), u8> {
    let mut days = BTreeMap::new();
    for order in tx(store).await.orders_since(day_of(BEFORE)).await.unwrap() {
        let last = match order.state {
            OrderState::Active => order.until_day,
            _ => order.ended_on.unwrap_or(order.until_day),
        };
        let mut on = order.from_day;
        while on <= last {
            let weight: &mut u8 = days.entry((order.person.clone(), on)).or_default();
            *weight = (*weight).max(order.kind.weight());
            on = on.plus_days(1);
        }
    }
    days
}

#[test]
fn orders_of_the_ninth_edition_become_shorter_or_lighter_under_the_twenty_measures() {
    on_both(async |store| {
        let told = close(store, BEFORE, &found()).await;
        let before = bound(store).await;
        let of = |told: &crate::city::Told, person: &str| {
            told.lines_of("orders", person, &["person", "kind", "from", "until", "state"])
        };
        assert_eq!(
            of(&told, "P011"),
            [
                "P011 central_isolation 2022-11-10 2022-11-16 active",
                "P011 home_monitoring 2022-11-17 2022-11-19 active"
            ],
            "seven days and three"
        );
        let told = close(store, AFTER, &Files::quiet(AFTER)).await;
        assert_eq!(
            of(&told, "P011"),
            [
                "P011 central_isolation 2022-11-10 2022-11-14 active",
                "P011 home_isolation 2022-11-15 2022-11-16 active",
                "P011 home_monitoring 2022-11-17 2022-11-17 active"
            ],
            "five days and three, and on no day more than before"
        );
        let after = bound(store).await;
        let mut lighter = 0;
        for (key, weight) in &after {
            let was = before.get(key).copied().unwrap_or_default();
            assert!(*weight <= was, "{key:?} was bound with {was} and is bound with {weight}");
            lighter += usize::from(*weight < was);
        }
        lighter += before.keys().filter(|key| !after.contains_key(*key)).count();
        assert!(lighter >= 4, "{lighter}");
    });
}

#[test]
fn what_would_be_longer_waits_for_a_person_and_stands_meanwhile() {
    on_both(async |store| {
        let orders = async |store: &TestStore| {
            let orders = tx(store).await.orders_since(day_of(BEFORE)).await.unwrap();
            orders.into_iter().filter(|o| o.person == "P017" || o.person == "P002").collect::<Vec<_>>()
        };
        close(store, BEFORE, &found()).await;
        let before = orders(store).await;
        let told = close(store, AFTER, &Files::quiet(AFTER)).await;
        // the home is not fit: the twenty measures would keep them at the site for a day more than the ninth edition
        let review = told.lines_of("open_items", "review", &["worklist", "subject", "owner"]);
        assert!(review.contains(&"review order/O-contact-P017-2022-11-09-1 500103".to_owned()), "{review:#?}");
        let after = orders(store).await;
        for order in &before {
            let now = after.iter().find(|o| o.id == order.id).unwrap();
            assert!(now.until_day <= order.until_day && now.kind.weight() <= order.kind.weight(), "{now:?}");
        }
        let first = before.iter().position(|o| o.id == "O-contact-P017-2022-11-09-1").unwrap();
        assert!(after.contains(&before[first]), "it stands as it is");
    });
}

#[test]
fn what_was_settled_by_the_change_is_not_asked_again_the_next_day() {
    on_both(async |store| {
        close(store, BEFORE, &found()).await;
        let told = close(store, AFTER, &Files::quiet(AFTER)).await;
        let review = told.lines_of("open_items", "review", &["worklist", "subject", "owner"]);
        let told = close(store, "2022-11-12", &Files::quiet("2022-11-12")).await;
        let again = told.lines_of("open_items", "review", &["worklist", "subject", "owner"]);
        assert_eq!(review, again);
    });
}

#[test]
fn a_test_that_no_order_asks_for_any_more_is_not_due() {
    on_both(async |store| {
        close(store, BEFORE, &found()).await;
        close(store, AFTER, &Files::quiet(AFTER)).await;
        let mut tx = tx(store).await;
        let orders = tx.orders_since(day_of(AFTER)).await.unwrap();
        let due = tx.tests_due_from(day_of(AFTER)).await.unwrap();
        assert!(due.len() > 4, "{due:?}");
        for (day, person, order, _) in &due {
            let order = orders.iter().find(|o| o.id == *order).unwrap();
            let in_force = order.state == OrderState::Active && order.from_day <= *day && *day <= order.until_day;
            assert!(in_force && order.person == *person, "{day} {person} is due by {order:?}");
        }
        // and each test that an order asks for is due
        for order in orders.iter().filter(|o| o.state == OrderState::Active) {
            for day in order.test_days.iter().filter(|day| **day >= day_of(AFTER)) {
                assert!(due.iter().any(|(on, person, ..)| on == day && *person == order.person), "{day} of {order:?}");
            }
        }
        let notices = "select count(*) from outbox where topic = 'order-notice' and subject like 'O-contact-P011-%'";
        assert!(store.number(notices).await >= 3, "the person is told of the change");
    });
}
