//! A store that others hold: whoever waited in vain learns that nothing was done, and that it can be tried again.

use crate::{city, engines::on_both, now};
use dayclear_store::{Store, StoreError, events::NewEvent};
use std::time::Duration;

fn event() -> NewEvent {
    NewEvent {
        at: now(),
        actor: "dayclear".into(),
        kind: "case.opened",
        subject: "C1".to_owned(),
        division: "500103".parse().unwrap(),
        body: "{}".to_owned(),
        tells: None,
    }
}

async fn write(store: &Store) -> Result<(), StoreError> {
    let mut tx = store.turn(&city()).await?;
    tx.chain("2022-11-20".parse().unwrap(), now(), &[event()]).await?;
    tx.commit().await
}

#[test]
fn a_wait_in_vain_is_a_busy_store() {
    on_both(async |store| {
        // SQLite waits by itself; a server ends a wait where its operator says so
        let url = match store.url.contains("://") {
            true => format!("{}?options[lock_timeout]=50ms", store.url),
            false => store.url.clone(),
        };
        let late = Store::open_waiting(&url, Duration::from_millis(400)).await.unwrap();
        let holds = store.store.turn(&city()).await.unwrap();
        let refused = write(&late).await.unwrap_err();
        assert!(matches!(refused, StoreError::Busy(_)), "{refused:?}");
        assert!(refused.told().starts_with("busy: engine "), "{}", refused.told());
        assert!(!refused.is_passing(), "it was waited for already");
        // what is dropped ends in the background, on a busy machine later than anybody waits here
        holds.commit().await.unwrap();
        write(&late).await.unwrap();
        assert_eq!(store.number("select count(*) from events").await, 1);
        late.close().await;
    });
}

#[test]
fn who_decides_one_thing_waits_for_one_who_brings_many_at_most() {
    on_both(async |store| {
        let (store, order) = (&store.store, std::cell::RefCell::new(Vec::new()));
        let holds = store.turn_of_many(&city()).await.unwrap();
        let many = async |name| {
            let tx = store.turn_of_many(&city()).await.unwrap();
            order.borrow_mut().push(name);
            tx.commit().await.unwrap();
        };
        let one = async {
            let tx = store.turn(&city()).await.unwrap();
            order.borrow_mut().push("one");
            tx.commit().await.unwrap();
        };
        // they come in this order, and then the turn becomes free
        tokio::join!(many("many"), many("many after"), one, async { drop(holds) });
        assert_eq!(*order.borrow(), ["one", "many", "many after"]);
    });
}

#[test]
fn no_free_connection_in_time_is_a_busy_store() {
    crate::engines::runtime().block_on(async {
        let store = Store::open_waiting(":memory:", Duration::from_millis(400)).await.unwrap();
        let holds = store.look(&city()).await.unwrap();
        let refused = write(&store).await.unwrap_err();
        assert_eq!(refused.told(), "busy: no free connection in time");
        holds.commit().await.unwrap();
        write(&store).await.unwrap();
    });
}

#[test]
fn whoever_has_the_turn_finds_a_connection_though_readers_hold_all_others() {
    on_both(async |store| {
        let late = Store::open_waiting(&store.url, Duration::from_millis(400)).await.unwrap();
        let mut readers = Vec::new();
        for _ in 1..late.connections().max {
            readers.push(late.look(&city()).await.unwrap());
        }
        let whole = city();
        let (reader, writer) = tokio::join!(late.look(&whole), write(&late));
        assert!(matches!(reader.map(drop), Err(StoreError::Busy(_))), "a reader more has to wait");
        writer.unwrap();
        drop(readers);
        late.look(&city()).await.map(drop).unwrap();
        late.close().await;
    });
}

#[test]
fn programs_that_open_a_new_store_at_once_make_it_once() {
    on_both(async |store| {
        let url = if store.url.contains("://") {
            store.sql("create schema again").await.unwrap();
            format!("{}?options[search_path]=again", store.url)
        } else {
            format!("{}-again", store.url)
        };
        let opened = tokio::join!(Store::open(&url), Store::open(&url), Store::open(&url), Store::open(&url));
        for opened in [opened.0, opened.1, opened.2, opened.3] {
            let opened = opened.unwrap();
            write(&opened).await.unwrap();
            opened.close().await;
        }
    });
}
