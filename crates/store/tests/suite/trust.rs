//! The chain of events names the first event that is altered, missing or out of place (F31), and facts cannot be changed.

use crate::{
    engines::{TestStore, on_both},
    now, tx,
};
use dayclear_store::{
    audit::NewEntry,
    events::{ChainState, NewEvent},
};

async fn with_events(store: &TestStore) {
    let events: Vec<NewEvent> = (1..=9)
        .map(|n| NewEvent {
            at: now().plus_hours(n),
            actor: "dayclear".into(),
            kind: "order.issued",
            subject: format!("O{n}"),
            division: "500103".parse().unwrap(),
            body: format!("{{\"n\":{n}}}"),
            tells: None,
        })
        .collect();
    let mut tx = tx(store).await;
    tx.chain("2022-11-20".parse().unwrap(), now(), &events).await.unwrap();
    tx.commit().await.unwrap();
}

#[test]
fn an_untouched_chain_is_whole() {
    on_both(async |store| {
        let empty = tx(store).await.check_chain().await.unwrap();
        assert!(matches!(empty, ChainState::Whole { events: 0, .. }), "{empty:?}");
        with_events(store).await;
        let state = tx(store).await.check_chain().await.unwrap();
        assert!(matches!(state, ChainState::Whole { events: 9, .. }), "{state:?}");
    });
}

#[test]
fn damage_is_named_where_it_begins() {
    let swap = "update events set seq = 100 where seq = 4; update events set seq = 4 where seq = 6;
                update events set seq = 6 where seq = 100";
    let table: [(&str, &str, i64, &str); 9] = [
        ("a body", "update events set body = '{}' where seq = 5", 5, "altered"),
        ("an actor", "update events set actor = 'me' where seq = 1", 1, "altered"),
        ("a time", "update events set at = recorded_at where seq = 7", 7, "altered"),
        ("a division", "update events set division = '500112' where seq = 9", 9, "altered"),
        ("deleted", "delete from events where seq = 3", 3, "missing"),
        ("deleted first", "delete from events where seq = 1", 1, "missing"),
        ("swapped", swap, 4, "out of place"),
        ("cut tail", "delete from events where seq > 7", 8, "missing at the end"),
        ("emptied", "delete from events", 1, "missing at the end"),
    ];
    on_both(async |store| {
        with_events(store).await;
        store.drop_guards().await;
        store.sql("create table kept as select * from events").await.unwrap();
        for (what, damage, seq, problem) in table {
            store.sql(damage).await.unwrap();
            let state = tx(store).await.check_chain().await.unwrap();
            assert_eq!(state, ChainState::Broken { seq, problem }, "{what}");
            store.sql("delete from events; insert into events select * from kept").await.unwrap();
            let state = tx(store).await.check_chain().await.unwrap();
            assert!(matches!(state, ChainState::Whole { events: 9, .. }), "after {what}: {state:?}");
        }
    });
}

async fn with_reads(store: &TestStore) {
    let entry = |n: i64| NewEntry {
        at: now().plus_minutes(n),
        account: "U1".to_owned(),
        role: "tracer".to_owned(),
        division: "500103".to_owned(),
        action: "read".to_owned(),
        kind: "person".to_owned(),
        object: format!("{n:064x}"),
        outcome: "done".to_owned(),
        detail: "{}".to_owned(),
        ..NewEntry::default()
    };
    // in two batches: a chain does not know where one ended
    for group in [1..=4, 5..=9] {
        let mut tx = tx(store).await;
        tx.append_audit(&group.map(entry).collect::<Vec<_>>()).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[test]
fn damage_to_the_chain_of_reads_is_named_where_it_begins() {
    let swap = "update audit set seq = 100 where seq = 4; update audit set seq = 4 where seq = 6;
                update audit set seq = 6 where seq = 100";
    let mut table: Vec<(String, i64, &str)> = vec![
        ("delete from audit where seq = 3".to_owned(), 3, "missing"),
        (swap.to_owned(), 4, "out of place"),
        ("delete from audit where seq > 7".to_owned(), 8, "missing at the end"),
    ];
    // every field is hashed
    for field in ["account", "role", "division", "action", "kind", "object", "purpose", "outcome", "detail"] {
        table.push((format!("update audit set {field} = {field} || ' ' where seq = 5"), 5, "altered"));
    }
    // and where one field ends and the next begins
    table.push(("update audit set role = role || division, division = '' where seq = 2".to_owned(), 2, "altered"));
    on_both(async |store| {
        with_reads(store).await;
        let state = tx(store).await.check_audit().await.unwrap();
        assert!(matches!(state, ChainState::Whole { events: 9, .. }), "{state:?}");
        store.drop_guards().await;
        store.sql("create table kept as select * from audit").await.unwrap();
        for (damage, seq, problem) in &table {
            store.sql(damage).await.unwrap();
            let state = tx(store).await.check_audit().await.unwrap();
            assert_eq!(state, ChainState::Broken { seq: *seq, problem }, "{damage}");
            store.sql("delete from audit; insert into audit select * from kept").await.unwrap();
        }
    });
}

#[test]
fn many_who_read_at_the_same_time_make_one_chain() {
    on_both(async |store| {
        let again = std::sync::Arc::new(dayclear_store::Store::open(&store.url).await.unwrap());
        let writers: Vec<_> = (0..16)
            .map(|n| {
                let again = again.clone();
                tokio::spawn(async move {
                    let mut tx = again.begin(&dayclear_store::Scope::nobody()).await.unwrap();
                    let entry = |m| NewEntry {
                        at: now(),
                        account: format!("U{n}"),
                        detail: format!("{m}"),
                        ..NewEntry::default()
                    };
                    tx.append_audit(&(0..150).map(entry).collect::<Vec<_>>()).await.unwrap();
                    tx.commit().await.unwrap();
                })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
        let state = tx(store).await.check_audit().await.unwrap();
        assert!(matches!(state, ChainState::Whole { events: 2_400, .. }), "{state:?}");
    });
}

#[test]
fn facts_cannot_be_changed_or_deleted() {
    on_both(async |store| {
        with_events(store).await;
        with_reads(store).await;
        let result = "insert into results (key, tube_no, laboratory, version, finding, reported_at, digest)
                      select 'L1|1', 1, 'L1', 'F', 'negative', at, 0 from events where seq = 1";
        store.sql(result).await.unwrap();
        for change in [
            "update events set body = '{}' where seq = 1",
            "delete from events where seq = 9",
            "update results set finding = 'positive'",
            "delete from results",
            "update audit set account = '' where seq = 1",
            "delete from audit where seq = 9",
        ] {
            let refused = store.sql(change).await.unwrap_err();
            assert!(refused.contains("are append-only"), "{change}: {refused}");
        }
        assert_eq!(store.texts("select finding from results").await, ["negative"]);
    });
}
