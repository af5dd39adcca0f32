//! Commands that act once (D1), messages that leave only with what caused them.

use crate::{engines::on_both, now, tx};
use dayclear_store::{StoreError, commands::Once, events::NewEvent};

#[test]
fn a_command_is_done_once_and_answered_again() {
    on_both(async |store| {
        let mut first = tx(store).await;
        assert_eq!(first.once("clerk", "k1", "body").await.unwrap(), Once::Fresh);
        first.done("clerk", "k1", "body", "made 3", now()).await.unwrap();
        first.commit().await.unwrap();
        let mut again = tx(store).await;
        assert_eq!(again.once("clerk", "k1", "body").await.unwrap(), Once::Replay("made 3".to_owned()));
        // the same key of somebody else is another command
        assert_eq!(again.once("doctor", "k1", "other").await.unwrap(), Once::Fresh);
        let refused = again.once("clerk", "k1", "other").await.unwrap_err();
        assert!(matches!(&refused, StoreError::OtherBody { key } if key == "k1"), "{refused}");
    });
}

#[test]
fn a_command_whose_transaction_is_dropped_was_never_done() {
    on_both(async |store| {
        let mut first = tx(store).await;
        first.done("clerk", "k1", "body", "done", now()).await.unwrap();
        drop(first);
        assert_eq!(tx(store).await.once("clerk", "k1", "body").await.unwrap(), Once::Fresh);
    });
}

#[test]
fn of_two_who_do_the_same_command_at_once_one_does_it() {
    on_both(async |store| {
        let mut first = tx(store).await;
        assert_eq!(first.once("clerk", "k1", "body").await.unwrap(), Once::Fresh);
        first.done("clerk", "k1", "body", "first", now()).await.unwrap();
        let second = async {
            let mut second = tx(store).await;
            second.done("clerk", "k1", "body", "second", now()).await.map(|()| second)
        };
        // the second waits for the first, then meets its key
        let (committed, refused) = tokio::join!(first.commit(), second);
        committed.unwrap();
        assert!(refused.err().is_some_and(|error| error.is_double()));
        assert_eq!(store.texts("select outcome from commands").await, ["first"]);
    });
}

pub fn event(n: usize) -> NewEvent {
    NewEvent {
        at: now(),
        actor: "dayclear".into(),
        kind: "case.opened",
        subject: format!("C{n}"),
        division: "500103".parse().unwrap(),
        body: "{}".to_owned(),
        tells: n.is_multiple_of(2).then_some("case-report"),
    }
}

#[test]
fn a_message_leaves_only_with_the_transaction_that_caused_it() {
    on_both(async |store| {
        let day = "2022-11-20".parse().unwrap();
        let events: Vec<NewEvent> = (0..5).map(event).collect();
        let mut dropped = tx(store).await;
        dropped.chain(day, now(), &events).await.unwrap();
        drop(dropped);
        assert_eq!(store.number("select count(*) from outbox").await, 0);
        assert_eq!(store.number("select seq from chain").await, 0);
        for _ in 0..2 {
            let mut kept = tx(store).await;
            kept.chain(day, now(), &events).await.unwrap();
            kept.commit().await.unwrap();
        }
        let messages = store.texts("select subject from outbox where sent_at is null order by seq").await;
        assert_eq!(messages, ["C0", "C2", "C4", "C0", "C2", "C4"]);
        assert_eq!(store.number("select max(seq) from outbox").await, 6);
    });
}

#[test]
fn writers_at_the_same_time_make_one_chain() {
    const WRITERS: usize = 16;
    on_both(async |store| {
        let again = std::sync::Arc::new(dayclear_store::Store::open(&store.url).await.unwrap());
        let writers: Vec<_> = (0..WRITERS)
            .map(|n| {
                let again = again.clone();
                tokio::spawn(async move {
                    let mut tx = again.begin(&crate::city()).await.unwrap();
                    let day = "2022-11-20".parse().unwrap();
                    tx.chain(day, now(), &[event(n), event(n + 1)]).await.unwrap();
                    tx.commit().await.unwrap();
                })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
        let state = tx(store).await.check_chain().await.unwrap();
        let dayclear_store::events::ChainState::Whole { events, .. } = state else { panic!("{state:?}") };
        assert_eq!(events, 2 * WRITERS as i64);
        assert_eq!(store.number("select count(*) from outbox").await, WRITERS as i64);
    });
}
