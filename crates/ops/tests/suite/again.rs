//! The same folder again, another folder after the close, and runs that are cut off: nothing is done twice, nothing half.

use crate::{
    city::{DAY, Files, close, plan, run, told, tx},
    engines::{Dump, TestStore, differences, on_both},
};
use dayclear_core::books::Worklist;
use dayclear_ops::{OpsError, day::Plan};
use dayclear_store::Store;
use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::Mutex,
    task::{Context, Poll},
};

#[track_caller]
fn same(left: &Dump, right: &Dump) {
    let differences = differences(left, right);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn a_second_run_changes_nothing_and_tells_the_same() {
    on_both(async |store| {
        let first = close(store, DAY, &Files::example()).await;
        let before = store.dump().await;
        let folder = Files::example().write(store, DAY);
        let report = run(&store.store, &folder, &plan(DAY)).await.unwrap();
        assert!(!report.changed);
        assert_eq!(told(&store.store, &folder, report).await, first);
        same(&before, &store.dump().await);
    });
}

#[test]
fn a_closed_day_refuses_another_file_and_names_it() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let before = store.dump().await;
        let late = Files::example().add("results", "L2,T011,F,negative,,,L2-9,2022-11-20T23:50:00+08:00");
        let refused = run(&store.store, &late.write(store, "late"), &plan(DAY)).await.unwrap_err();
        let OpsError::ClosedDay { files, .. } = &refused else { panic!("{refused}") };
        assert_eq!(files, "results.csv");
        same(&before, &store.dump().await);
    });
}

#[test]
fn days_are_run_in_order_and_one_at_a_time() {
    on_both(async |store| {
        let folder = Files::example().write(store, "a");
        run(&store.store, &folder, &Plan { keep_open: true, ..plan(DAY) }).await.unwrap();
        let next = Files::quiet("2022-11-21").write(store, "b");
        let refused = run(&store.store, &next, &plan("2022-11-21")).await.unwrap_err();
        assert!(matches!(refused, OpsError::EarlierOpen { .. }), "{refused}");
        run(&store.store, &folder, &plan(DAY)).await.unwrap();
        let before = Files::quiet("2022-11-19").write(store, "c");
        let refused = run(&store.store, &before, &plan("2022-11-19")).await.unwrap_err();
        assert!(matches!(refused, OpsError::Past { .. }), "{refused}");
    });
}

#[test]
fn a_day_that_was_kept_open_takes_reports_and_closes() {
    on_both(async |store| {
        let folder = Files::example().write(store, DAY);
        let report = run(&store.store, &folder, &Plan { keep_open: true, ..plan(DAY) }).await.unwrap();
        assert_eq!((report.signature, report.bulletin), (None, None));
        let reports = Files::example().rows(
            "handovers",
            "P055,picked_up,2022-11-20T15:40:00+08:00,,
             P055,admitted,2022-11-20T16:10:00+08:00,TH1,
             P001,no_answer,2022-11-20T18:30:00+08:00,,nobody opened",
        );
        let told = close(store, DAY, &reports).await;
        let transfers = told.lines("transfers", &["person", "state", "bed", "admitted_at"]);
        assert!(transfers.contains(&"P055 admitted TH1-W1-2 2022-11-20T16:10:00+08:00".to_owned()), "{transfers:?}");
        assert!(transfers.contains(&"P001 booked TH1-W2-1 -".to_owned()), "nobody is marked as arrived: {transfers:?}");
        let moved = told.lines_of("books", "50 move", &["division", "worklist", "received", "completed", "closing"]);
        assert_eq!(moved, ["50 move 4 2 2"]);
        assert!(told.signature.is_some());
        let mut tx = tx(store).await;
        let open = tx.open_items().await.unwrap();
        let p001 = open.iter().find(|item| item.worklist == Worklist::Move && item.subject.ends_with("P001")).unwrap();
        assert!(p001.reason.starts_with("tried and not moved"), "{}", p001.reason);
    });
}

/// A run that is dropped after a number of polls: every wait for the store or for the reader of files is one.
struct Cut<F> {
    run: Pin<Box<F>>,
    polls_left: u64,
    polls: u64,
}

impl<F: Future> Cut<F> {
    fn after(polls_left: u64, run: F) -> Self {
        Cut { run: Box::pin(run), polls_left, polls: 0 }
    }
}

impl<F: Future> Future for Cut<F> {
    type Output = (Option<F::Output>, u64);
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.polls == self.polls_left {
            return Poll::Ready((None, self.polls));
        }
        self.polls += 1;
        let polls = self.polls;
        self.run.as_mut().poll(context).map(|answer| (Some(answer), polls))
    }
}

/// The next number of a small generator (splitmix64), so that a failing seed can be run again.
fn next(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*seed ^ (*seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Runs the day with cuts until it is done; how often it was cut.
async fn run_with_cuts(store: &TestStore, mut seed: u64, polls_of_a_run: u64, cuts_max: u64) -> u64 {
    let folder = Files::example().write(store, DAY);
    for cuts in 0..cuts_max {
        // a store of its own for each try, as a program that was started again has one
        let again = Store::open(&store.url).await.unwrap();
        let polls = 1 + next(&mut seed) % (polls_of_a_run / 2);
        let (answer, _) = Cut::after(polls, run(&again, &folder, &plan(DAY))).await;
        if let Some(answer) = answer {
            answer.unwrap();
            again.close().await;
            return cuts;
        }
        // the run is gone, its transaction with it; the connections are only let go
        again.close().await;
    }
    run(&store.store, &folder, &plan(DAY)).await.unwrap();
    cuts_max
}

#[test]
fn a_run_that_is_cut_off_anywhere_and_started_again_ends_in_the_same_state() {
    const SEEDS: u64 = 24;
    // a store of a server costs more to make; it has its share of the cuts
    const SEEDS_ON_A_SERVER: u64 = 8;
    const CUTS_MAX: u64 = 6;
    // how many polls a run takes depends on the engine and the machine: it is measured
    let polls = Mutex::new(BTreeMap::new());
    let uncut = on_both(async |store| {
        let folder = Files::example().write(store, DAY);
        let (answer, count) = Cut::after(u64::MAX, run(&store.store, &folder, &plan(DAY))).await;
        answer.unwrap().unwrap();
        polls.lock().unwrap().insert(store.store.engine(), count);
        store.dump().await
    });
    let cuts = Mutex::new(0);
    for seed in 0..SEEDS {
        on_both(async |store| {
            if seed >= SEEDS_ON_A_SERVER && store.store.engine() != "sqlite" {
                return;
            }
            let count = polls.lock().unwrap()[store.store.engine()];
            let cut = run_with_cuts(store, seed, count, CUTS_MAX).await;
            *cuts.lock().unwrap() += cut;
            let found = differences(&uncut, &store.dump().await);
            assert!(found.is_empty(), "seed {seed}:\n{}", found.join("\n"));
        });
    }
    let cuts = *cuts.lock().unwrap();
    assert!(cuts >= SEEDS * CUTS_MAX / 3, "only {cuts} cuts");
}
