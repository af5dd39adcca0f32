//! The books balance after any sequence of what the stations may say: opened, ended, said again, said out of order.

use crate::{
    city::{city, day_of, packs, settings},
    engines::{TestStore, runtime},
};
use dayclear_core::{
    books::{Movement, Owner, Party, Worklist},
    divisions::DivisionCode,
    time::CivilDate,
};
use dayclear_ops::{books, day::pack_for, minutes::Day};
use dayclear_store::books::Entry;
use proptest::prelude::*;
use std::collections::BTreeMap;

const LISTS: [Worklist; 3] = [Worklist::Place, Worklist::Answer, Worklist::Review];
const DIVISIONS: [&str; 3] = ["500103013006", "500103014001", "500112016001"];
const FIRST: &str = "2022-11-20";

/// One thing that a station says: worklist, subject, whether and how it has ended, hours since the start of the day.
type Said = (usize, u8, Option<bool>, i64);

#[derive(Debug, Clone)]
enum Step {
    Say(Vec<Said>),
    Close,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let said = (0..LISTS.len(), 0u8..9, proptest::option::of(any::<bool>()), 0i64..24);
    let step = prop_oneof![
        4 => proptest::collection::vec(said, 1..8).prop_map(Step::Say),
        1 => Just(Step::Close),
    ];
    proptest::collection::vec(step, 1..14)
}

/// Where a subject belongs does not change, whoever speaks of it.
fn division_of(subject: u8) -> DivisionCode {
    DIVISIONS[usize::from(subject) % DIVISIONS.len()].parse().unwrap()
}

/// What a bookkeeper with paper and pencil would have: each item, and whether it is open.
#[derive(Default)]
struct Paper {
    open: BTreeMap<(usize, u8), bool>,
    today: BTreeMap<(usize, String), [u64; 3]>,
}

impl Paper {
    fn say(&mut self, (list, subject, ended, _): Said) {
        let line = self.today.entry((list, division_of(subject).district().to_string())).or_default();
        let fresh = !self.open.contains_key(&(list, subject));
        let open = self.open.entry((list, subject)).or_insert(true);
        line[0] += u64::from(fresh);
        // what has ended stays ended
        if let (true, Some(completed)) = (*open, ended) {
            *open = false;
            line[if completed { 1 } else { 2 }] += 1;
        }
    }
    fn closing(&self, list: usize, district: &str) -> u64 {
        let inside = |subject: u8| division_of(subject).district().to_string() == district;
        self.open.iter().filter(|((l, subject), open)| **open && *l == list && inside(*subject)).count() as u64
    }
}

async fn play(steps: &[Step]) {
    let store = TestStore::file().await;
    let settings = settings();
    let mut paper = Paper::default();
    let mut date: CivilDate = day_of(FIRST);
    let mut before: BTreeMap<(usize, String), u64> = BTreeMap::new();
    let mut tx = store.store.begin(&city()).await.unwrap();
    tx.open_day(date, settings.zone.start_of(date)).await.unwrap();
    tx.commit().await.unwrap();
    for step in steps.iter().chain([&Step::Close]) {
        let pack = pack_for(packs(), "covid-19", date).unwrap();
        let day = Day::whole(date, pack, &settings);
        let mut tx = store.store.begin(&city()).await.unwrap();
        match step {
            Step::Say(said) => {
                let entries: Vec<Entry> = said.iter().map(|said| entry(&day, *said)).collect();
                tx.post(date, &entries).await.unwrap();
                // one sitting says a thing once: the first word counts
                let mut heard = Vec::new();
                for said in said {
                    if !heard.contains(&(said.0, said.1)) {
                        heard.push((said.0, said.1));
                        paper.say(*said);
                    }
                }
            }
            Step::Close => {
                let closed = books::close(&mut tx, &day).await.unwrap();
                let ledger = tx.ledger(date).await.unwrap();
                for line in &ledger {
                    assert!(line.balances(), "{line:?}");
                    let list = LISTS.iter().position(|list| *list == line.worklist).unwrap();
                    let key = (list, line.division.to_string());
                    assert_eq!(line.opening, before.get(&key).copied().unwrap_or_default(), "opening: {line:?}");
                    let flow = [line.received, line.completed, line.cancelled];
                    assert_eq!(flow, paper.today.get(&key).copied().unwrap_or_default(), "flow: {line:?}");
                    assert_eq!(line.closing, paper.closing(list, &key.1), "closing: {line:?}");
                }
                // no line is missing
                let named = |key: &(usize, String)| {
                    ledger.iter().any(|line| line.worklist == LISTS[key.0] && line.division.to_string() == key.1)
                };
                assert!(paper.today.keys().chain(before.keys()).all(named), "{ledger:?}");
                let carried = tx.carried(date).await.unwrap().len();
                assert_eq!(carried, paper.open.values().filter(|open| **open).count());
                before = ledger
                    .iter()
                    .map(|line| {
                        let list = LISTS.iter().position(|list| *list == line.worklist).unwrap();
                        ((list, line.division.to_string()), line.closing)
                    })
                    .filter(|(_, closing)| *closing > 0)
                    .collect();
                assert!(closed.signature.is_some());
                // a day is signed once
                assert!(tx.sign_day(&closed).await.is_err());
                paper.today.clear();
                date = date.plus_days(1);
                tx.open_day(date, settings.zone.start_of(date)).await.unwrap();
            }
        }
        tx.commit().await.unwrap();
    }
    store.close().await;
}

fn entry(day: &Day<'_>, (list, subject, ended, hours): Said) -> Entry {
    let at = day.start.plus_hours(hours);
    let how = |completed: bool| if completed { Movement::Completed } else { Movement::Cancelled };
    Entry {
        worklist: LISTS[list],
        subject: format!("S{subject}"),
        division: division_of(subject),
        owner: Owner { party: Party::Division, name: "somebody".to_owned() },
        opened_at: at,
        due_at: (hours % 2 == 0).then_some(at.plus_hours(3)),
        closed: ended.map(|completed| (at, how(completed))),
        reason: format!("said at {hours}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_books_balance_after_any_sequence(steps in steps()) {
        runtime().block_on(play(&steps));
    }
}

#[test]
fn books_that_do_not_balance_are_not_signed() {
    runtime().block_on(async {
        let store = TestStore::file().await;
        let settings = settings();
        let date = day_of(FIRST);
        let day = Day::whole(date, pack_for(packs(), "covid-19", date).unwrap(), &settings);
        let mut tx = store.store.begin(&city()).await.unwrap();
        tx.open_day(date, day.start).await.unwrap();
        tx.post(date, &[entry(&day, (0, 1, None, 8)), entry(&day, (1, 2, None, 9))]).await.unwrap();
        tx.commit().await.unwrap();
        // somebody takes an item out of the list without a word
        store.sql("delete from items where worklist = 'answer'").await.unwrap();
        let mut tx = store.store.begin(&city()).await.unwrap();
        let refused = books::close(&mut tx, &day).await.unwrap_err().to_string();
        assert!(refused.contains("answer in 500112: 0 + 1 - 0 - 0 = 1, but 0 are open"), "{refused}");
        drop(tx);
        assert_eq!(store.number("select count(*) from ledger").await, 0);
    });
}
