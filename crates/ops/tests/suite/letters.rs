//! Messages of laboratories through the intake: every order of arrival gives one state, a message acts once whatever dies in
//! between, and what contradicts itself is held and put before somebody.

use crate::{
    city::{DAY, at},
    engines::{TestStore, on_both},
    floor::{Person, holds, person},
    online::{KEEP, gives, morning, object, pass},
};
use dayclear_core::{
    access::Role,
    schema,
    screening::{Finding, ResultVersion, Version, settle},
};
use dayclear_exchange::{Codes, hl7};
use dayclear_ops::{
    desk::{DeskError, Refusal},
    evidence::{
        How,
        letters::{Answered, Letter, Taken, receive},
    },
};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use std::collections::BTreeSet;

/// A result in a message: tube, version, finding, time.
type Told<'t> = (&'t str, &'t str, &'t str, &'t str);

/// A message with a pool for each result.
fn message(id: &str, results: &[Told<'_>]) -> String {
    let mut text = format!("MSH|^~\\&|LIMS|LAB|||20221120230000+0800||ORU^R01^ORU_R01|{id}|P|2.5.1\r");
    for (tube, version, finding, clock) in results {
        let at = format!("20221120{}00+0800", clock.replace(':', ""));
        let bars = "|".repeat(18);
        text.push_str(&format!("OBR|1||F1|X{bars}{at}|||{version}\r"));
        text.push_str(&format!("OBX|1|ST|FINDING^^L||{finding}||||||{version}\r"));
        if *finding == "positive" {
            text.push_str(&format!("OBX|2|NM|CT-N^^L||{}.5||||||F\r", 20 + clock.len()));
        }
        text.push_str(&format!("SPM|1|{tube}|||||||||L\r"));
    }
    text
}

fn laboratory(site: &str) -> Person {
    Person { now: at(DAY, "23:00"), ..person(&format!("lab-{site}"), Role::Laboratory, "50", Some(site)) }
}

/// Sends a message, as the server does; the answer names how many rows were new, the same and kept aside.
async fn send(store: &TestStore, who: &Person, text: &str) -> Result<Answered, DeskError> {
    let read = hl7::parse(text.as_bytes()).unwrap();
    let site = who.looker.duty.site.as_deref().unwrap();
    let said = hl7::read(&read, &Codes::builtin().unwrap(), site, &["P"]).unwrap();
    let rows: Vec<_> = said.rows.into_iter().map(|row| row.values).collect();
    let letter = Letter {
        channel: "hl7",
        sender: "LIMS/LAB",
        id: Some(&said.id),
        bytes: text.as_bytes(),
        rows: &rows,
        atomic: false,
    };
    let answer = |taken: &Taken<'_>| {
        let tally = taken.tally;
        let columns: Vec<&str> =
            (0..rows.len()).flat_map(|at| taken.doubts_of(at)).map(|d| d.column.as_str()).collect();
        format!("{} new, {} same, aside: {}", tally.created, tally.same, columns.join(" "))
    };
    receive(&store.store, &who.doing(None), &letter, &answer).await
}

async fn said(store: &TestStore, who: &Person, text: &str) -> String {
    send(store, who, text).await.unwrap().answer
}

/// Tubes of a site, closed at this time.
async fn tubes(store: &TestStore, names: &[String], size: &str, laboratory: &str, clock: &str) {
    let d = Person { now: at(DAY, "22:00"), ..person("d1", Role::DistrictCommand, "50", None) };
    let closed = format!("{DAY}T{clock}:00+08:00");
    let row = |tube: &String| {
        object(&[
            ("tube", tube),
            ("division", "500103013006"),
            ("purpose", "expanded_screening"),
            ("size", size),
            ("collected_at", &closed),
            ("laboratory", laboratory),
        ])
    };
    let (tally, doubts) = gives(&d, store, &schema::TUBES, names.iter().map(row).collect(), KEEP).await.unwrap();
    assert_eq!((tally.created, doubts.len()), (names.len() as u64, 0));
}

async fn members(store: &TestStore, tube: &str, people: &[&str]) {
    let d = Person { now: at(DAY, "22:00"), ..person("d1", Role::DistrictCommand, "50", None) };
    let rows = people.iter().map(|person| object(&[("tube", tube), ("person", person)])).collect();
    gives(&d, store, &schema::MEMBERS, rows, KEEP).await.unwrap();
}

/// What tubes stand at.
async fn standing(store: &TestStore, beginning: &str) -> Vec<String> {
    let sql = format!(
        "select t.tube || ' ' || coalesce(s.finding, 'none') || ' ' || s.version || ' ' || coalesce(cast(s.ct_n as text), '')
         from settled s join tubes t on t.no = s.tube_no where t.tube like '{beginning}%' order by 1"
    );
    store.texts(&sql).await
}

async fn open_items(store: &TestStore, worklist: &str, like: &str) -> Vec<String> {
    let sql = format!(
        "select subject from items where worklist = '{worklist}' and subject like '{like}' and closed_at is null order by 1"
    );
    store.texts(&sql).await
}

/// Every order of so many things.
fn orders(of: usize) -> Vec<Vec<usize>> {
    if of == 0 {
        return vec![Vec::new()];
    }
    let shorter = orders(of - 1);
    let with = |order: &Vec<usize>, at: usize| {
        let mut longer = order.clone();
        longer.insert(at, of - 1);
        longer
    };
    shorter.iter().flat_map(|order| (0..of).map(move |at| with(order, at))).collect()
}

/// Versions by chance: letter, finding, hour.
fn versions(count: usize) -> impl Strategy<Value = Vec<(Version, Finding, i64)>> {
    let one = (proptest::sample::select(Version::ALL), proptest::sample::select(Finding::ALL), 0i64..3);
    proptest::collection::vec(one, count)
}

/// F08, to the end: 720 orders of six messages, and those of fewer, each on a tube of its own.
#[test]
fn every_order_of_arrival_gives_one_state() {
    let mut runner = TestRunner::deterministic();
    let sets: Vec<_> = [6, 5, 4, 4, 3].map(|count| versions(count).new_tree(&mut runner).unwrap().current()).into();
    on_both(async |store| {
        morning(store).await;
        let mut all: Vec<(String, usize, Vec<usize>)> = Vec::new();
        for (set, versions) in sets.iter().enumerate() {
            for (n, order) in orders(versions.len()).into_iter().enumerate() {
                all.push((format!("S{set}-{n:03}"), set, order));
            }
        }
        assert_eq!(all.len(), 720 + 120 + 24 + 24 + 6);
        let names: Vec<String> = all.iter().map(|(tube, ..)| tube.clone()).collect();
        tubes(store, &names, "10", "L1", "12:00").await;
        let clocks = ["13:00", "14:00", "15:00"];
        for step in 0..6 {
            let results: Vec<Told<'_>> = all
                .iter()
                .filter_map(|(tube, set, order)| {
                    let (version, finding, hour) = sets[*set][*order.get(step)?];
                    Some((tube.as_str(), version.name(), finding.name(), clocks[hour as usize]))
                })
                .collect();
            let answer = said(store, &laboratory("L1"), &message(&format!("M{step}"), &results)).await;
            assert!(answer.ends_with("aside: "), "{answer}");
        }
        for (set, told) in sets.iter().enumerate() {
            let pure: Vec<ResultVersion> = told
                .iter()
                .map(|(version, finding, hour)| ResultVersion {
                    version: *version,
                    finding: *finding,
                    ct_n: None,
                    ct_orf: None,
                    reported_at: at(DAY, clocks[*hour as usize]),
                    held: false,
                })
                .collect();
            let must = settle(&pure).unwrap();
            let must = format!(" {} {}", must.finding.map_or("none", Finding::name), must.version);
            let found = standing(store, &format!("S{set}-")).await;
            let states: BTreeSet<&str> = found.iter().map(|row| &row[6..]).collect();
            assert_eq!((found.len(), states.len()), (orders(told.len()).len(), 1), "{told:?}: {states:?}");
            assert!(states.first().unwrap().starts_with(&must), "{told:?}: {states:?}, not{must}");
        }
        holds(store).await;
    });
}

#[test]
fn a_message_is_taken_once_and_another_under_its_id_is_put_before_somebody() {
    on_both(async |store| {
        morning(store).await;
        tubes(store, &["X1".to_owned(), "X2".to_owned()], "10", "L1", "12:00").await;
        let lab = laboratory("L1");
        let first = message("M1", &[("X1", "F", "negative", "14:00")]);
        let taken = send(store, &lab, &first).await.unwrap();
        assert_eq!((taken.answer.as_str(), taken.replayed), ("1 new, 0 same, aside: ", false));
        let before = store.dump().await;
        let again = send(store, &lab, &first).await.unwrap();
        assert_eq!((again.answer, again.replayed), (taken.answer, true));
        assert_eq!(store.dump().await, before, "the same message did something");
        // F07: the same by another id, and by another door
        assert_eq!(
            said(store, &lab, &message("M2", &[("X1", "F", "negative", "14:00")])).await,
            "0 new, 1 same, aside: "
        );
        let row = object(&[
            ("laboratory", "L1"),
            ("tube", "X1"),
            ("version", "F"),
            ("finding", "negative"),
            ("reported_at", "2022-11-20T14:00:00+08:00"),
        ]);
        let (tally, _) = gives(&lab, store, &schema::RESULTS, vec![row], How::default()).await.unwrap();
        assert_eq!((tally.created, tally.same), (0, 1));
        // other bytes under the same id: nothing of them, an item and an event
        let other = message("M1", &[("X1", "F", "positive", "14:00"), ("X2", "F", "positive", "14:00")]);
        for _ in 0..3 {
            let refused = send(store, &lab, &other).await.unwrap_err();
            assert!(matches!(refused, DeskError::Refused(Refusal::OtherBody)), "{refused}");
        }
        assert_eq!(standing(store, "X").await, ["X1 negative F "]);
        assert_eq!(open_items(store, "clarify", "message/%").await.len(), 1);
        assert_eq!(store.number("select count(*) from events where kind = 'message.contradicted'").await, 1);
        assert_eq!(store.number("select count(*) from outbox where topic = 'clarify'").await, 1);
        // every message that was taken is an event of its account
        let told =
            "select count(*) from events where kind = 'evidence.given' and actor = 'lab-L1' and body like '%\"hl7\"%'";
        assert_eq!(store.number(told).await, 2);
        holds(store).await;
    });
}

#[test]
fn what_cannot_be_taken_is_kept_aside_and_the_rest_goes_on() {
    on_both(async |store| {
        morning(store).await;
        tubes(store, &["X1".to_owned()], "10", "L1", "12:00").await;
        tubes(store, &["X2".to_owned()], "10", "L2", "12:00").await;
        let text = message(
            "M1",
            &[
                ("NOWHERE", "F", "positive", "14:00"), // no such tube
                ("X1", "F", "odd", "14:00"),           // a code that nobody declared
                ("X1", "F", "positive", "11:30"),      // before the tube was closed
                ("X2", "F", "positive", "14:00"),      // another laboratory's tube
                ("X1", "F", "negative", "14:00"),
            ],
        );
        let answer = said(store, &laboratory("L1"), &text).await;
        assert_eq!(answer, "1 new, 0 same, aside: tube finding reported_at tube");
        assert_eq!(standing(store, "X").await, ["X1 negative F "]);
        assert_eq!(store.number("select count(*) from doubts where source like 'hl7/results-%'").await, 4);
        assert!(!open_items(store, "clarify", "file/%/hl7/results-%").await.is_empty());
        holds(store).await;
        // once the tube is known, the same is sent under another id and taken
        tubes(store, &["NOWHERE".to_owned()], "10", "L1", "12:00").await;
        let again = message("M2", &[("NOWHERE", "F", "positive", "14:00")]);
        assert_eq!(said(store, &laboratory("L1"), &again).await, "1 new, 0 same, aside: ");
        holds(store).await;
    });
}

#[test]
fn two_laboratories_that_report_one_tube_differently_hold_everybody_in_it() {
    on_both(async |store| {
        let mut held = Vec::new();
        morning(store).await;
        tubes(store, &["X1".to_owned(), "X2".to_owned()], "10", "", "12:00").await;
        members(store, "X1", &["P012", "P013"]).await;
        members(store, "X2", &["P040", "P041"]).await;
        let (one, other) = (laboratory("L1"), laboratory("L2"));
        for (tube, first, second) in [("X1", "negative", "positive"), ("X2", "positive", "negative")] {
            said(store, &one, &message(&format!("A{tube}"), &[(tube, "F", first, "14:00")])).await;
            said(store, &other, &message(&format!("B{tube}"), &[(tube, "F", second, "14:10")])).await;
            pass(store, "23:30").await;
            held.push(open_items(store, "recall", &format!("{tube}/%")).await.len());
        }
        assert_eq!(standing(store, "X").await, ["X1 inconclusive F ", "X2 inconclusive F "]);
        assert_eq!(held, [2, 2], "{:?}", store.texts("select worklist || ' ' || subject from items").await);
        holds(store).await;
    });
}

/// F24: the same bar code at two sites.
#[test]
fn a_bar_code_given_to_two_tubes_counts_for_nobody() {
    on_both(async |store| {
        morning(store).await;
        let lab = laboratory("L1");
        let mut states = Vec::new();
        // before the result, after it, and by a call of which nothing else is stored
        for (tube, result_first, how) in [("X1", false, KEEP), ("X2", true, KEEP), ("X3", true, How::default())] {
            tubes(store, &[tube.to_owned()], "10", "L1", "12:00").await;
            members(store, tube, if tube == "X1" { &["P012"] } else { &["P040"] }).await;
            let result = message(&format!("M{tube}"), &[(tube, "F", "negative", "14:00")]);
            if result_first {
                said(store, &lab, &result).await;
                assert_eq!(standing(store, tube).await, [format!("{tube} negative F ")]);
            }
            let second = object(&[
                ("tube", tube),
                ("division", "500112016001"),
                ("purpose", "expanded_screening"),
                ("size", "10"),
                ("collected_at", "2022-11-20T12:30:00+08:00"),
                ("laboratory", "L1"),
            ]);
            let there = Person { now: at(DAY, "22:10"), ..person("d2", Role::DistrictCommand, "500112", None) };
            match gives(&there, store, &schema::TUBES, vec![second], how).await {
                Ok((tally, doubts)) => assert_eq!((tally.doubtful, doubts[0].code.as_str()), (1, "contradiction")),
                Err(refused) => assert!(how == How::default(), "{refused}"),
            }
            // its people are in it too, though it lies in their district by this bar code only
            let row = object(&[("tube", tube), ("person", "P050")]);
            let (tally, doubts) = gives(&there, store, &schema::MEMBERS, vec![row], KEEP).await.unwrap();
            assert_eq!((tally.created, doubts.len()), (1, 0), "{doubts:?}");
            if !result_first {
                said(store, &lab, &result).await;
            }
            assert_eq!(standing(store, tube).await, [format!("{tube} inconclusive F ")]);
            assert_eq!(open_items(store, "clarify", &format!("doubled/{tube}/%")).await.len(), 1);
            pass(store, "23:30").await;
            let review = open_items(store, "review", tube).await.len();
            states.push((open_items(store, "recall", &format!("{tube}/%")).await.len(), review));
            holds(store).await;
        }
        assert_eq!(states, [(2, 0), (2, 1), (2, 1)]);
    });
}

/// Whatever the program dies of, at any statement and on both sides of the commit: the message that is sent again is taken
/// once, and its answer is the first one's.
#[test]
fn a_death_at_any_moment_and_the_message_again_is_one_result() {
    on_both(async |store| {
        morning(store).await;
        tubes(store, &["X1".to_owned()], "10", "L1", "12:00").await;
        let lab = laboratory("L1");
        let (mut fresh, mut replayed, mut steps) = (0, 0, 0);
        for minute in 0..60 {
            let id = format!("M{minute}");
            let text = message(&id, &[("X1", "P", "negative", &format!("14:{minute:02}"))]);
            store.store.lose_after(steps);
            let first = send(store, &lab, &text).await;
            let lost = store.store.is_lost();
            store.store.mend();
            let again = send(store, &lab, &text).await.unwrap();
            assert_eq!(again.answer, "1 new, 0 same, aside: ", "after {steps} steps");
            assert_eq!(store.number("select count(*) from results").await, minute + 1, "after {steps} steps");
            match (lost, first, again.replayed) {
                (true, Err(_), true) => replayed += 1,
                (true, Err(_), false) => fresh += 1,
                // the last step was the commit, or there was none left to lose it at
                (_, Ok(first), true) => {
                    assert_eq!(first.answer, again.answer);
                    break;
                }
                other => panic!("after {steps} steps: {other:?}"),
            }
            steps += 1;
        }
        assert!(fresh > 10 && replayed >= 1, "{fresh} before the commit, {replayed} behind it, {steps} steps");
        holds(store).await;
    });
}
