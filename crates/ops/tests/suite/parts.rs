//! A call of many swabs lands in parts: the same store comes of it as of calls of few, whoever decides one thing goes in between, whatever it
//! dies of nothing is lost or taken twice, and rows that others brought meanwhile are counted as such.

use crate::{
    city::{DAY, at},
    engines::{TestStore, differences, on_both},
    floor::{Person, district, holds, person},
    online::{KEEP, Object, gives, morning, object, without_the_way},
};
use dayclear_core::{
    access::Role,
    schema::{self, Table},
};
use dayclear_ops::evidence::{Rows, take};
use std::cell::RefCell;

/// People of the example who are on its roster: P001 and those who follow.
const PEOPLE: usize = 50;

fn registrar() -> Person {
    Person { now: at(DAY, "20:00"), ..district() }
}

fn laboratory() -> Person {
    Person { now: at(DAY, "20:00"), ..person("l1", Role::Laboratory, "50", Some("L1")) }
}

fn tube(begin: &str, n: usize) -> Object {
    object(&[
        ("tube", &format!("{begin}{n:04}")),
        ("division", "500103013006"),
        ("purpose", "community"),
        ("size", "10"),
        ("laboratory", "L1"),
        ("collected_at", &format!("2022-11-20T09:{:02}:{:02}+08:00", n / 60 % 60, n % 60)),
    ])
}

fn member(begin: &str, n: usize) -> Object {
    let (tube, person) = (n / 5, n % 5 + n / 5 % 10 * 5);
    object(&[("tube", &format!("{begin}{tube:04}")), ("person", &format!("P{:03}", person % PEOPLE + 1))])
}

fn result(begin: &str, n: usize) -> Object {
    object(&[
        ("laboratory", "L1"),
        ("tube", &format!("{begin}{n:04}")),
        ("version", "F"),
        ("finding", if n == 7 { "positive" } else { "negative" }),
        ("reported_at", &format!("2022-11-20T15:{:02}:{:02}+08:00", n / 60 % 60, n % 60)),
    ])
}

async fn counted(store: &TestStore, table: &str) -> i64 {
    store.number(&format!("select count(*) from events where kind = 'file.read' and subject = 'online/{table}'")).await
}

#[test]
fn a_call_of_many_makes_the_same_store_as_calls_of_few() {
    const TUBES: usize = 510;
    on_both(async |store| {
        morning(store).await;
        let other = TestStore::file().await;
        morning(&other).await;
        let (d, l) = (registrar(), laboratory());
        let part = if store.store.engine() == "sqlite" { 100 } else { 250 };
        let tables: [(&Person, &'static Table, Vec<Object>, usize); 3] = [
            (&d, &schema::TUBES, (0..TUBES).map(|n| tube("S", n)).collect(), part),
            (&d, &schema::MEMBERS, (0..TUBES * 5).map(|n| member("S", n)).collect(), 10 * part),
            (&l, &schema::RESULTS, (0..TUBES).map(|n| result("S", n)).collect(), part),
        ];
        for (who, table, rows, part) in tables {
            let before = counted(store, table.name).await;
            let (tally, doubts) = gives(who, store, table, rows.clone(), KEEP).await.unwrap();
            assert_eq!((tally.created as usize, tally.read as usize, doubts.len()), (rows.len(), rows.len(), 0));
            let parts = counted(store, table.name).await - before;
            assert_eq!(parts as usize, rows.len().div_ceil(part), "{}", table.name);
            let few = if table.name == "members" { 900 } else { 90 };
            for some in rows.chunks(few) {
                let (tally, _) = gives(who, &other, table, some.to_vec(), KEEP).await.unwrap();
                assert_eq!(tally.created as usize, some.len());
            }
            let told = differences(&without_the_way(store.dump().await), &without_the_way(other.dump().await));
            assert!(told.is_empty(), "{}: {told:?}", table.name);
            // sent again it changes nothing
            let (again, _) = gives(who, store, table, rows.clone(), KEEP).await.unwrap();
            assert_eq!((again.created, again.same as usize), (0, rows.len()));
        }
        let recalled = "select count(*) from items where worklist = 'recall' and subject like 'S0007/%'";
        assert_eq!(store.number(recalled).await, 5);
        holds(store).await;
    });
}

#[test]
fn who_decides_one_thing_goes_between_the_parts() {
    on_both(async |store| {
        morning(store).await;
        let (d, order) = (registrar(), RefCell::new(Vec::new()));
        let many = async {
            let rows = (0..1_000).map(|n| tube("S", n)).collect();
            gives(&d, store, &schema::TUBES, rows, KEEP).await.unwrap();
            order.borrow_mut().push("many");
        };
        let one = async {
            while store.number("select count(*) from tubes where tube like 'S%'").await == 0 {
                tokio::task::yield_now().await;
            }
            gives(&d, store, &schema::TUBES, vec![tube("Q", 1)], KEEP).await.unwrap();
            order.borrow_mut().push("one");
        };
        tokio::join!(many, one);
        assert_eq!(*order.borrow(), ["one", "many"]);
        holds(store).await;
    });
}

#[test]
fn a_call_in_which_something_is_kept_aside_is_not_cut() {
    on_both(async |store| {
        morning(store).await;
        let mut rows: Vec<Object> = (0..260).map(|n| tube("S", n)).collect();
        rows[259].insert("division".into(), "500199".into());
        let (tally, doubts) = gives(&registrar(), store, &schema::TUBES, rows, KEEP).await.unwrap();
        assert_eq!((tally.read, tally.created, tally.doubtful), (260, 259, 1));
        assert_eq!(doubts.iter().map(|doubt| doubt.row).collect::<Vec<_>>(), [261]);
        assert_eq!(counted(store, "tubes").await, 1);
        holds(store).await;
    });
}

#[test]
fn rows_that_another_call_brings_meanwhile_are_taken_once() {
    const TUBES: usize = 300;
    on_both(async |store| {
        morning(store).await;
        let d = registrar();
        let rows: Vec<Object> = (0..TUBES).map(|n| tube("S", n)).collect();
        let back: Vec<Object> = rows.iter().rev().cloned().collect();
        let (one, other) =
            tokio::join!(gives(&d, store, &schema::TUBES, rows, KEEP), gives(&d, store, &schema::TUBES, back, KEEP));
        let ((one, _), (other, _)) = (one.unwrap(), other.unwrap());
        assert!(one.adds_up() && other.adds_up(), "{one:?} {other:?}");
        assert_eq!((one.created + other.created) as usize, TUBES, "{one:?} {other:?}");
        assert_eq!((one.same + other.same) as usize, TUBES, "{one:?} {other:?}");
        holds(store).await;
    });
}

/// Whatever the program dies of, between the parts or in one of them: sent again under its key the call is whole, and from then on its answer
/// is the same.
#[test]
fn a_death_at_any_moment_and_the_call_again_is_one_call() {
    const TUBES: usize = 260;
    on_both(async |store| {
        morning(store).await;
        let d = registrar();
        let (mut torn, mut whole, mut steps) = (0, 0, 0);
        for n in 0..100 {
            let (key, begin) = (format!("K{n}"), format!("S{n:02}"));
            let send = async || {
                let rows = Rows::Json((0..TUBES).map(|n| tube(&begin, n)).collect());
                take(&store.store, &d.doing(Some(&key)), &schema::TUBES, rows, KEEP).await
            };
            store.store.lose_after(steps);
            let first = send().await;
            store.store.mend();
            let there = store.number(&format!("select count(*) from tubes where tube like '{begin}%'")).await;
            let (again, doubts) = send().await.unwrap();
            assert_eq!((again.read as usize, doubts.len()), (TUBES, 0), "after {steps} steps");
            assert_eq!((again.created + again.same) as usize, TUBES, "after {steps} steps");
            let tubes = format!("select count(*) from tubes where tube like '{begin}%'");
            let waiting = format!("select count(*) from items where worklist = 'deliver' and subject like '{begin}%'");
            assert_eq!(store.number(&tubes).await as usize, TUBES, "after {steps} steps");
            assert_eq!(store.number(&waiting).await as usize, TUBES, "after {steps} steps");
            assert_eq!(send().await.unwrap().0, again, "after {steps} steps");
            match first {
                Ok((tally, _)) => {
                    assert_eq!(tally, again);
                    break;
                }
                Err(_) if there == TUBES as i64 => whole += 1,
                Err(_) if there > 0 => torn += 1,
                Err(_) => {}
            }
            steps += 1;
        }
        assert!(torn > 3 && whole >= 1, "{torn} between the parts, {whole} behind the last, {steps} steps");
        let took = "select cast(sum(created) as bigint) from intake where source = 'online/tubes'";
        assert_eq!(store.number(took).await, TUBES as i64 * (i64::from(steps) + 1));
        holds(store).await;
    });
}
