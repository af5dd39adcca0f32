//! What a transaction reads first and keeps: it sees what the transaction itself brings in, and what others did before its turn.

use crate::{city, engines::on_both, now, once::event, tx};
use dayclear_core::screening::{Finding, Settled, Version};
use dayclear_store::{agenda::Told, books::DayRow, events::NewEvent};

#[test]
fn a_day_that_is_opened_or_signed_is_seen_in_the_same_transaction() {
    on_both(async |store| {
        let (first, second) = ("2022-11-20".parse().unwrap(), "2022-11-21".parse().unwrap());
        let mut tx = tx(store).await;
        assert_eq!(tx.open_day_of_books().await.unwrap(), None);
        tx.open_day(first, now()).await.unwrap();
        assert_eq!(tx.open_day_of_books().await.unwrap(), Some((first, None)));
        let closed_at = Some(now().plus_hours(10));
        let signed = DayRow {
            closed_at,
            events_upto: Some(0),
            ledger_digest: Some(String::new()),
            previous: Some(String::new()),
            signature: Some(String::new()),
            ..tx.day(first).await.unwrap().unwrap()
        };
        tx.sign_day(&signed).await.unwrap();
        assert_eq!(tx.open_day_of_books().await.unwrap(), None);
        tx.open_day(second, now().plus_hours(16)).await.unwrap();
        assert_eq!(tx.open_day_of_books().await.unwrap(), Some((second, closed_at)));
    });
}

#[test]
fn what_there_was_none_of_is_seen_once_the_transaction_brings_it_in() {
    on_both(async |store| {
        let mut tx = store.store.turn(&city()).await.unwrap();
        assert!(!tx.any_withheld().await.unwrap());
        let settled = |held| Settled {
            finding: Some(Finding::Negative),
            version: Version::Final,
            ct_n: None,
            ct_orf: None,
            reported_at: now(),
            versions: 1,
            held,
        };
        tx.settle(&[(1, settled(false))], &[], now()).await.unwrap();
        assert!(!tx.any_withheld().await.unwrap());
        tx.settle(&[(2, settled(true))], &[], now()).await.unwrap();
        assert!(tx.any_withheld().await.unwrap());
        tx.commit().await.unwrap();
        assert!(store.store.look(&city()).await.unwrap().any_withheld().await.unwrap());
    });
}

#[test]
fn events_and_messages_follow_those_of_others_also_where_they_came_after_the_reading() {
    on_both(async |store| {
        let day = "2022-11-20".parse().unwrap();
        let told = |n| NewEvent { tells: Some("case-report"), ..event(n) };
        let mut early = tx(store).await;
        assert_eq!(early.city().await.unwrap(), None);
        // on a file whoever has begun has the turn; a server lets others decide until the chain is written to
        let mut events = 3;
        if store.store.engine() == "postgresql" {
            let mut other = store.store.turn(&city()).await.unwrap();
            other.chain(day, now(), &[told(1), told(2)]).await.unwrap();
            other.chain(day, now(), &[told(3)]).await.unwrap();
            other.commit().await.unwrap();
            events += 3;
        }
        early.chain(day, now(), &[told(4), told(5)]).await.unwrap();
        early.chain(day, now(), &[told(6)]).await.unwrap();
        early.commit().await.unwrap();
        let numbers: Vec<String> = (1..=events).map(|n| n.to_string()).collect();
        assert_eq!(store.texts("select cast(seq as text) from outbox order by outbox.seq").await, numbers);
        assert_eq!(store.texts("select cast(seq as text) from events order by events.seq").await, numbers);
    });
}

#[test]
fn a_name_stands_on_the_agenda_once_with_the_latest_pass_and_the_later_end() {
    on_both(async |store| {
        let later = now().plus_hours(5);
        let mut tx = store.store.turn(&city()).await.unwrap();
        tx.note(Told::Person, &["P1", "P2", "P1"], Some(later)).await.unwrap();
        let pass = tx.begin_pass().await.unwrap();
        // noted again after the pass began, and without an end: it is for the next pass, and lies ahead as long as before
        tx.note(Told::Person, &["P1"], None).await.unwrap();
        tx.note(Told::Tube, &["P1"], None).await.unwrap();
        let person = |name: &str| (Told::Person, name.to_owned());
        let since = tx.told_since(pass, 10).await.unwrap().unwrap();
        assert_eq!(since, [person("P1"), (Told::Tube, "P1".to_owned())]);
        assert_eq!(tx.told_ahead(now(), 10).await.unwrap().unwrap(), [person("P1"), person("P2")]);
        tx.commit().await.unwrap();
        assert_eq!(store.texts("select kind || name from agenda order by 1").await, ["personP1", "personP2", "tubeP1"]);
    });
}
