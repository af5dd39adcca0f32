//! Single results that wait for the turn together land together: the same store comes of it as of one after the other, each call is told what
//! became of its own rows, and whatever whoever carries them dies of, none is lost or taken twice.

use crate::{
    city::{DAY, at, city},
    claims::futures,
    engines::{TestStore, differences, on_both},
    floor::{Person, district, holds, person},
    online::{KEEP, Object, gives, morning, object, without_the_way},
};
use dayclear_core::{access::Role, schema};
use dayclear_ops::{
    desk::{DeskError, Refusal},
    evidence::{How, Rows, Together},
};
use dayclear_store::landing::Tally;
use std::{cell::Cell, future::Future};
use tokio::sync::Semaphore;

const ONE: How = How { keep_doubtful: false, dry_run: false };

fn laboratory(n: usize) -> Person {
    let (account, site) = (format!("l{n}"), format!("L{n}"));
    Person { now: at(DAY, "20:00"), ..person(&account, Role::Laboratory, "50", Some(&site)) }
}

/// Tubes of two, of the two laboratories in turn.
async fn registered(store: &TestStore, begin: &str, tubes: usize) {
    let registrar = Person { now: at(DAY, "20:00"), ..district() };
    let tube = |n: usize| {
        object(&[
            ("tube", &format!("{begin}{n:03}")),
            ("division", "500103013006"),
            ("purpose", "community"),
            ("size", "5"),
            ("laboratory", &format!("L{}", n % 2 + 1)),
            ("collected_at", "2022-11-20T09:00:00+08:00"),
        ])
    };
    let member =
        |n: usize| object(&[("tube", &format!("{begin}{:03}", n / 2)), ("person", &format!("P{:03}", n % 50 + 1))]);
    gives(&registrar, store, &schema::TUBES, (0..tubes).map(tube).collect(), KEEP).await.unwrap();
    gives(&registrar, store, &schema::MEMBERS, (0..tubes * 2).map(member).collect(), KEEP).await.unwrap();
}

fn result(begin: &str, n: usize) -> Object {
    object(&[
        ("laboratory", &format!("L{}", n % 2 + 1)),
        ("tube", &format!("{begin}{n:03}")),
        ("version", "F"),
        ("finding", if n == 7 { "positive" } else { "negative" }),
        ("reported_at", &format!("2022-11-20T15:00:{:02}+08:00", n % 60)),
    ])
}

/// All of these at once, while somebody else has the turn until so many wait; and how often the turn was taken after that.
async fn at_once<T>(
    store: &TestStore,
    (together, many): (&Together, usize),
    calls: Vec<impl Future<Output = T>>,
) -> (Vec<T>, u64) {
    let held = store.store.turn(&city()).await.unwrap();
    let before = store.store.turns().taken;
    let others = async {
        wait(together, many).await;
        drop(held);
    };
    let (told, ()) = tokio::join!(futures(calls), others);
    (told, store.store.turns().taken - before - 1)
}

async fn wait(together: &Together, many: usize) {
    while together.waiting() < many {
        tokio::task::yield_now().await;
    }
}

fn taken(outcome: Result<(Tally, Vec<dayclear_store::landing::Doubt>), DeskError>) -> String {
    match outcome {
        Ok((tally, doubts)) if doubts.is_empty() => format!("{} new, {} same", tally.created, tally.same),
        Ok((_, doubts)) => format!("{doubts:?}"),
        Err(DeskError::Refused(Refusal::Invalid(faults))) => format!("invalid: {}", faults[0].field),
        Err(DeskError::Refused(Refusal::OtherBody)) => "other body".to_owned(),
        Err(other) => format!("{other:?}"),
    }
}

#[test]
fn results_that_wait_land_in_a_few_turns_and_make_the_same_store_as_one_by_one() {
    const TUBES: usize = 40;
    on_both(async |store| {
        let other = TestStore::file().await;
        for store in [store, &other] {
            morning(store).await;
            registered(store, "S", TUBES).await;
        }
        let (who, together) = ([laboratory(1), laboratory(2)], Together::default());
        let calls = (0..TUBES).map(|n| {
            let (who, together) = (&who[n % 2], &together);
            async move {
                let rows = Rows::Json(vec![result("S", n)]);
                taken(together.take(&store.store, &who.doing(None), &schema::RESULTS, rows, ONE).await)
            }
        });
        let (told, turns) = at_once(store, (&together, TUBES), calls.collect()).await;
        assert!(told.iter().all(|told| told == "1 new, 0 same"), "{told:?}");
        // 32 of the forty, and the rest
        assert_eq!(turns, 2);
        for n in 0..TUBES {
            gives(&who[n % 2], &other, &schema::RESULTS, vec![result("S", n)], ONE).await.unwrap();
        }
        let told = differences(&without_the_way(store.dump().await), &without_the_way(other.dump().await));
        assert!(told.is_empty(), "{told:?}");
        let given = "select actor || ' ' || cast(count(*) as text) from events where kind = 'evidence.given'
            and subject = 'results' group by actor order by actor";
        assert_eq!(store.texts(given).await, ["l1 20", "l2 20"]);
        let recalled = "select count(*) from items where worklist = 'recall' and subject like 'S007/%'";
        assert_eq!(store.number(recalled).await, 2);
        holds(store).await;
    });
}

#[test]
fn each_call_is_told_of_its_own_rows() {
    on_both(async |store| {
        morning(store).await;
        registered(store, "S", 10).await;
        let (one, two, together) = (laboratory(1), laboratory(2), Together::default());
        let changed = |n: usize, column: &str, value: &str| {
            let mut row = result("S", n);
            row.insert(column.to_owned(), value.to_owned());
            row
        };
        let calls: Vec<(&Person, Option<&str>, Object)> = vec![
            (&one, None, result("S", 0)),
            // the same row by another call of the same moment
            (&one, None, result("S", 0)),
            // of a tube that went to the other laboratory
            (&one, None, changed(1, "laboratory", "L1")),
            (&two, None, changed(3, "tube", "nowhere")),
            (&two, None, changed(3, "finding", "maybe")),
            // one key, told twice at once, and for something else
            (&two, Some("K1"), result("S", 5)),
            (&two, Some("K1"), result("S", 5)),
            (&one, Some("K2"), result("S", 2)),
            (&one, Some("K2"), result("S", 4)),
            // two versions of one tube
            (&two, None, result("S", 7)),
            (&two, None, changed(7, "version", "C")),
        ];
        let calls = calls.into_iter().map(|(who, key, row)| {
            let together = &together;
            async move {
                let rows = Rows::Json(vec![row]);
                taken(together.take(&store.store, &who.doing(key), &schema::RESULTS, rows, ONE).await)
            }
        });
        // but for the three of which something is wrong
        let (mut told, _) = at_once(store, (&together, 8), calls.collect()).await;
        // of two that are the same either is first
        for pair in [0..2, 5..7, 7..9] {
            told[pair].sort();
        }
        assert_eq!(
            told,
            [
                "0 new, 1 same",
                "1 new, 0 same",
                "invalid: tube",
                "invalid: tube",
                "invalid: finding",
                "1 new, 0 same",
                "1 new, 0 same",
                "1 new, 0 same",
                "other body",
                "1 new, 0 same",
                "1 new, 0 same",
            ]
        );
        assert_eq!(
            store
                .number("select count(*) from results where tube_no in (select no from tubes where tube = 'S005')")
                .await,
            1
        );
        holds(store).await;
    });
}

#[test]
fn whoever_goes_away_while_waiting_holds_nobody_up() {
    on_both(async |store| {
        morning(store).await;
        registered(store, "S", 8).await;
        let (who, together) = ([laboratory(1), laboratory(2)], Together::default());
        let (gone, left) = (Semaphore::new(0), Cell::new(0));
        let calls = (0..8).map(|n| {
            let (who, together, gone, left) = (&who[n % 2], &together, &gone, &left);
            async move {
                let (rows, doing) = (Rows::Json(vec![result("S", n)]), who.doing(None));
                let call = together.take(&store.store, &doing, &schema::RESULTS, rows, ONE);
                let told = tokio::select! {
                    told = call => Some(taken(told)),
                    _ = gone.acquire(), if n % 3 == 0 => None,
                };
                left.set(left.get() + usize::from(told.is_none()));
                told
            }
        });
        let held = store.store.turn(&city()).await.unwrap();
        let others = async {
            wait(&together, 8).await;
            gone.close();
            while left.get() < 3 {
                tokio::task::yield_now().await;
            }
            drop(held);
        };
        let (told, ()) = tokio::join!(futures(calls.collect()), others);
        for (n, told) in told.into_iter().enumerate() {
            assert_eq!(told.as_deref(), (n % 3 != 0).then_some("1 new, 0 same"), "{n}");
        }
        assert_eq!(together.waiting(), 0);
        let landed = "select t.tube from results r join tubes t on t.no = r.tube_no order by t.tube";
        assert_eq!(store.texts(landed).await, ["S001", "S002", "S004", "S005", "S007"]);
        holds(store).await;
    });
}

#[test]
fn a_death_at_any_moment_and_the_calls_again_are_each_one_call() {
    on_both(async |store| {
        morning(store).await;
        let (who, together) = ([laboratory(1), laboratory(2)], Together::default());
        let (mut steps, mut lost) = (0, 0);
        loop {
            let begin = format!("S{steps:02}");
            registered(store, &begin, 3).await;
            let send = async || {
                let calls = (0..3).map(|n| {
                    let (who, together, begin) = (&who[n % 2], &together, begin.as_str());
                    async move {
                        let (rows, key) = (Rows::Json(vec![result(begin, n)]), format!("{begin}-{n}"));
                        together.take(&store.store, &who.doing(Some(&key)), &schema::RESULTS, rows, ONE).await
                    }
                });
                futures(calls.collect()).await
            };
            store.store.lose_after(steps);
            let first = send().await;
            let died = store.store.is_lost();
            store.store.mend();
            lost += first.iter().filter(|told| told.is_err()).count();
            let again: Vec<String> = send().await.into_iter().map(taken).collect();
            assert_eq!(again, ["1 new, 0 same"; 3], "after {steps} steps");
            let there = format!(
                "select count(*) from results where tube_no in (select no from tubes where tube like '{begin}%')"
            );
            assert_eq!(store.number(&there).await, 3, "after {steps} steps");
            if !died {
                break;
            }
            steps += 1;
        }
        assert!(steps > 20 && lost > steps as usize, "{lost} calls lost, {steps} steps");
        holds(store).await;
    });
}
