//! What people type may tell of anybody, so it is shown with the sensitive fields only: after every command that takes words,
//! no operational field of any list holds them.

use crate::{
    engines::{TestStore, on_both},
    floor::{Person, dispatcher, district, evening, person},
};
use dayclear_core::{
    access::{Class, Role},
    listing::{LISTINGS, Query, ROWS_MAX},
};

const TYPED: &str = "HIV-positive-CANARY";

/// Who, which command, on which record, with what.
type Played<'a> = (&'a Person, &'a str, &'a str, &'a [(&'a str, &'a str)]);

#[test]
fn what_people_type_is_in_no_field_that_everybody_sees() {
    on_both(async |store| {
        evening(store).await;
        let (d, p) = (district(), dispatcher());
        let worker = person("w1", Role::CommunityWorker, "500103013006", None);
        let order = first(store, "select id from orders where state = 'active' and division like '500103%'").await;
        let words: &[(&str, &str)] = &[("reason", TYPED)];
        let settled: &[(&str, &str)] = &[("outcome", "completed"), ("reason", TYPED)];
        let answer: &[(&str, &str)] = &[("answer", TYPED), ("confirmed", "yes")];
        let note: &[(&str, &str)] = &[("step", "no_answer"), ("note", TYPED)];
        let m6 = "M-C20221120-P006";
        let played: &[Played] = &[
            (&d, "items.escalate", "answer:R5", words),
            (&d, "items.settle", "investigate:C20221120-P006", settled),
            (&worker, "requests.answer", "R5", answer),
            (&worker, "requests.reopen", "R5", words),
            (&p, "transfers.fail", m6, note),
            (&p, "transfers.release", m6, words),
            (&d, "orders.end", &order, words),
        ];
        for (who, name, key, given) in played {
            assert_eq!(who.tries(store, name, &[key], given).await, "done", "{name}");
        }
        let (mut open, mut closed) = (0, Vec::new());
        let mut tx = store.store.look(&crate::city::city()).await.unwrap();
        for listing in LISTINGS {
            let query = Query { limit: ROWS_MAX, ..Query::default() };
            for row in tx.list(listing, &query).await.unwrap().rows {
                for field in listing.fields {
                    if !format!("{:?}", row.get(listing, field.name)).contains(TYPED) {
                        continue;
                    }
                    assert_ne!(field.class, Class::Operational, "{}.{}", listing.name, field.name);
                    open += 1;
                    closed.push(format!("{}.{}", listing.name, field.name));
                }
            }
        }
        assert!(open >= 8, "the words are kept where they may be seen: {closed:?}");
    });
}

async fn first(store: &TestStore, sql: &str) -> String {
    store.texts(sql).await.into_iter().next().unwrap()
}
