//! One day after the other: what is open goes on, what ends ends by itself, what changes is looked at by a person.

use crate::{
    city::{DAY, Files, at, close, day_of, tx},
    engines::{TestStore, on_both},
};
use dayclear_core::books::Worklist;

const NEXT: &str = "2022-11-21";

/// Closings that are not zero, as lines.
async fn ledger(store: &TestStore, day: &str, opening: bool) -> Vec<String> {
    let ledger = tx(store).await.ledger(day_of(day)).await.unwrap();
    let count = |b: &dayclear_core::books::Balance| if opening { b.opening } else { b.closing };
    ledger.iter().filter(|b| count(b) > 0).map(|b| format!("{} {} {}", b.worklist, b.division, count(b))).collect()
}

#[test]
fn the_closing_of_a_day_is_the_opening_of_the_next() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        close(store, NEXT, &Files::quiet(NEXT)).await;
        let closing = ledger(store, DAY, false).await;
        assert!(closing.len() > 20, "{closing:?}");
        assert_eq!(closing, ledger(store, NEXT, true).await);
        let mut tx = tx(store).await;
        let (first, second) = (tx.day(day_of(DAY)).await.unwrap(), tx.day(day_of(NEXT)).await.unwrap());
        assert_eq!(first.unwrap().signature, second.unwrap().previous, "each day signs the day before");
    });
}

#[test]
fn a_next_day_needs_no_row_of_what_did_not_change() {
    let told = on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let mut files = Files::quiet(NEXT);
        for table in
            ["divisions", "buildings", "households", "people", "facilities", "beds", "vehicles", "laboratories"]
        {
            files = files.emptied(table);
        }
        let files = files
            .row_of_the_city("divisions", "50")
            .swab("T201", "P021", "recall", NEXT, "08:00 12:00", "negative")
            .add("requests", "R7,food,H01,500103013006,2022-11-21T09:00:00+08:00,,,")
            .add("deliveries", "H01,food_parcel,2022-11-21T10:00:00+08:00,");
        close(store, NEXT, &files).await
    });
    assert_eq!(told.lines("doubts", &["file", "row", "column", "value"]), [""; 0]);
    let recall = told.lines_of("recalls", "T002/P021", &["subject", "outcome"]);
    assert_eq!(recall, ["T002/P021 completed"]);
}

#[test]
fn orders_lapse_by_themselves_and_their_places_in_the_books_with_them() {
    let told = on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        close(store, NEXT, &Files::quiet(NEXT)).await;
        // nobody ran the 22nd and the 23rd; the orders ended all the same
        close(store, "2022-11-24", &Files::quiet("2022-11-24")).await
    });
    let pool = told.lines("orders", &["basis", "state", "ended_on"]);
    assert!(!pool.iter().any(|line| line.starts_with("pool active")), "{pool:?}");
    let p073 = told.lines_of("orders", "P073", &["person", "kind", "from", "until", "state"]);
    assert_eq!(p073.last().unwrap(), "P073 home_isolation 2022-11-24 2022-11-26 active");
    let release = told.lines_of("open_items", "release O-contact-P073", &["worklist", "subject"]);
    assert_eq!(release, ["release O-contact-P073-2022-11-18-2"]);
    // the order has lapsed, the duty to resolve the pool has not: it stands overdue
    let recalls = told.lines_of("open_items", "recall T002/", &["worklist", "subject", "overdue"]);
    assert_eq!(recalls.len(), 10);
    assert!(recalls.iter().all(|line| line.ends_with(" yes")), "{recalls:?}");
}

#[test]
fn a_pool_is_resolved_on_the_next_day_and_its_route_is_the_origin_of_the_case() {
    let told = on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let mut files = Files::quiet(NEXT);
        for n in 21..=30 {
            let finding = if n == 21 { "positive" } else { "negative" };
            files = files.swab(&format!("T2{n}"), &format!("P0{n}"), "recall", NEXT, "08:00 12:00", finding);
        }
        close(store, NEXT, &files).await
    });
    let cases = told.lines_of("cases", "P021", &["person", "origin", "sampled_at"]);
    assert_eq!(cases, ["P021 expanded_screening 2022-11-21T08:00:00+08:00"]);
    let pool = told.lines_of("orders", "pool", &["basis", "person", "state", "ended_on", "ended_why"]);
    for n in 22..=30 {
        let line = format!("pool P0{n} ended 2022-11-21 negative, single tube T2{n}");
        assert!(pool.contains(&line), "{line} in {pool:#?}");
    }
    assert!(pool.iter().any(|l| l.starts_with("pool P021") && !l.contains("active")), "{pool:#?}");
    let recalls = told.lines_of("recalls", "T002/", &["subject", "outcome"]);
    assert_eq!(recalls.iter().filter(|line| line.ends_with("completed")).count(), 10);
    let books = told.lines_of("books", "50 recall", &["division", "worklist", "opening", "completed", "closing"]);
    assert_eq!(books, ["50 recall 10 10 0"]);
    // the household of the case is traced, whatever their own swabs said
    let contacts = told.lines_of("contacts", "C20221121-P021", &["case", "person"]);
    assert_eq!(contacts, ["C20221121-P021 P022", "C20221121-P021 P023"]);
}

#[test]
fn an_asymptomatic_case_that_falls_ill_is_converted_and_counted_once() {
    on_both(async |store| {
        let first = close(store, DAY, &Files::example()).await;
        let ill = Files::quiet(NEXT).add("assessments", "P001,2022-11-21T10:00:00+08:00,mild,2022-11-21,");
        let second = close(store, NEXT, &ill).await;
        let third = close(store, "2022-11-22", &Files::quiet("2022-11-22")).await;
        let case =
            second.lines_of("cases", "P001", &["person", "classification", "severity", "counted_on", "converted_on"]);
        assert_eq!(case, ["P001 converted mild 2022-11-20 2022-11-21"]);
        let figures = [&first, &second, &third].map(|told| {
            let b = told.bulletin();
            (b.confirmed, b.asymptomatic, b.converted)
        });
        // of the confirmed of the second day, all are conversions: no new infection
        assert_eq!(figures[0], (Some(1), Some(2), Some(0)));
        assert_eq!(figures[1], (Some(1), Some(0), Some(1)));
        assert_eq!(figures[2], (Some(0), Some(0), Some(0)));
        assert_eq!(second.bulletin().community, Some(0));
    });
}

#[test]
fn a_corrected_result_opens_a_review_and_rewrites_nothing() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let stands = async |store: &TestStore| {
            let dump = store.dump().await;
            let of = |table: &str| dump[table].iter().filter(|row| row.contains("P001")).cloned().collect::<Vec<_>>();
            [
                of("cases"),
                of("orders"),
                of("contacts"),
                of("transfers"),
                dump["zones"].clone(),
                dump["bulletins"].clone(),
            ]
        };
        let before = stands(store).await;
        let corrected = Files::quiet(NEXT).add("results", "L1,T101,C,negative,,,L1-8,2022-11-21T09:00:00+08:00");
        let told = close(store, NEXT, &corrected).await;
        let after = stands(store).await;
        for (before, after) in before.iter().zip(&after) {
            assert!(before.iter().all(|row| after.contains(row)), "{before:#?}\n{after:#?}");
        }
        let review = told.lines_of("open_items", "review", &["worklist", "subject", "owner", "due_at", "reason"]);
        assert_eq!(
            review,
            ["review T101 500103 2022-11-21T09:15:00+08:00 result changed from positive to negative by version C; \
              cases that rest on it: C20221120-P001"]
        );
        let told = store.texts("select topic from outbox where subject = 'T101'").await;
        assert_eq!(told, ["review"]);
        assert_eq!(
            store
                .number("select count(*) from results where tube_no = (select no from tubes where tube = 'T101')")
                .await,
            2
        );
    });
}

/// T002 is resolved as negative for everybody on the 21st, so its ten members are free again.
async fn released(store: &TestStore) {
    close(store, DAY, &Files::example()).await;
    let mut files = Files::quiet(NEXT);
    for n in 21..=30 {
        files = files.swab(&format!("T2{n}"), &format!("P0{n}"), "recall", NEXT, "08:00 12:00", "negative");
    }
    close(store, NEXT, &files).await;
}

#[test]
fn a_late_pool_does_not_confine_again_whoever_was_cleared_after_it() {
    let told = on_both(async |store| {
        released(store).await;
        // filled on the 20th, reported on the 22nd
        let late = Files::quiet("2022-11-22")
            .pool("T900", &["P025", "P026"], 10, "community", DAY, "16:00 18:00", "")
            .add("results", "L1,T900,F,positive,30,31,L1-9,2022-11-22T10:00:00+08:00");
        close(store, "2022-11-22", &late).await
    });
    for person in ["P025", "P026"] {
        let orders = told.lines_of("orders", person, &["person", "state"]);
        assert!(orders.iter().all(|line| !line.ends_with("active")), "{orders:?}");
        let recall = told.lines_of("recalls", &format!("T900/{person}"), &["subject", "outcome"]);
        assert_eq!(recall, [format!("T900/{person} completed")]);
    }
}

#[test]
fn a_late_single_positive_of_somebody_cleared_since_waits_for_a_person() {
    let told = on_both(async |store| {
        released(store).await;
        let late = Files::quiet("2022-11-22")
            .pool("T901", &["P025"], 1, "community", DAY, "16:00 18:00", "")
            .add("results", "L1,T901,F,positive,36,37,L1-9,2022-11-22T10:00:00+08:00");
        close(store, "2022-11-22", &late).await
    });
    let orders = told.lines_of("orders", "P025", &["person", "state", "kind"]);
    assert!(orders.iter().all(|line| !line.contains("active")), "{orders:?}");
    let review = told.lines_of("open_items", "review", &["worklist", "subject", "owner"]);
    assert_eq!(review, ["review late/T901 500103"]);
}

/// Somebody who was discharged and falls ill again is a second case, once, however often the line looks.
#[test]
fn an_infection_after_a_discharge_is_a_second_case_once() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let discharged = Files::quiet(NEXT).add("handovers", "P041,discharged,2022-11-21T15:00:00+08:00,TH1,");
        close(store, NEXT, &discharged).await;
        let again = Files::quiet("2022-11-24")
            .pool("T903", &["P041"], 1, "community", "2022-11-24", "08:00 09:00", "")
            .add("results", "L1,T903,F,positive,22,23,L1-9,2022-11-24T12:00:00+08:00");
        close(store, "2022-11-24", &again).await;
        close(store, "2022-11-25", &Files::quiet("2022-11-25")).await;
        let cases = store.number("select count(*) from cases where person = 'P041'").await;
        let open = store.number("select count(*) from cases where person = 'P041' and closed_on is null").await;
        assert_eq!((cases, open), (2, 1));
        // what was told of the first move is not told of the second one
        assert_eq!(
            store.number("select count(*) from transfers where person = 'P041' and admitted_at is null").await,
            1
        );
    });
}

/// What a site told of somebody's first stay is nothing of the second one that begins on the same day, however often it is read.
#[test]
fn a_discharge_ends_the_stay_that_it_was_told_of() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        close(store, NEXT, &Files::quiet(NEXT)).await;
        let told = Files::quiet("2022-11-22")
            .add("handovers", "P041,discharged,2022-11-22T09:00:00+08:00,TH1,")
            .add("handovers", "P041,picked_up,2022-11-22T12:00:00+08:00,,")
            .add("handovers", "P041,admitted,2022-11-22T14:00:00+08:00,TH1,");
        close(store, "2022-11-22", &told).await;
        // asked for again at noon, and taken in at two
        let at = |step: &str| format!("(select max(at) from handovers where person = 'P041' and step = '{step}')");
        store
            .sql(&format!(
                "insert into transfers (id, person, person_no, division, class, subject, requested_at, picked_up_at, admitted_at,
                    state, reason)
                select 'M-again', person, person_no, division, class, subject, {}, {}, {}, 'admitted', '{{}}'
                from transfers where person = 'P041'",
                at("picked_up"),
                at("picked_up"),
                at("admitted")
            ))
            .await
            .unwrap();
        close(store, "2022-11-23", &Files::quiet("2022-11-23")).await;
        let first =
            "select count(*) from transfers where person = 'P041' and id <> 'M-again' and reason like '%discharged%'";
        assert_eq!(store.number(first).await, 1);
        let second = "select count(*) from transfers where id = 'M-again'
            and (ended_at is null or ended_at > admitted_at) and reason not like '%discharged%'";
        assert_eq!(store.number(second).await, 1);
        assert_eq!(store.number("select count(*) from bed_stays where released_at < held_at").await, 0);
    });
}

#[test]
fn a_late_result_of_a_discharged_case_is_accounted_for() {
    let told = on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let discharged = Files::quiet(NEXT).add("handovers", "P041,discharged,2022-11-21T15:00:00+08:00,TH1,");
        close(store, NEXT, &discharged).await;
        let late = Files::quiet("2022-11-22")
            .pool("T902", &["P041"], 1, "isolation", DAY, "12:00 18:00", "")
            .add("results", "L1,T902,F,positive,36,37,L1-9,2022-11-22T10:00:00+08:00");
        let told = close(store, "2022-11-22", &late).await;
        let mut tx = tx(store).await;
        let cleaning = tx.open_items().await.unwrap();
        assert!(cleaning.iter().any(|item| item.worklist == Worklist::Clean && item.subject == "TH1-W1-1"));
        told
    });
    let orders = told.lines_of("orders", "P041", &["person", "kind", "state"]);
    assert!(orders.iter().all(|line| !line.starts_with("P041 hospital active")), "{orders:?}");
    assert_eq!(told.lines_of("transfers", "P041 requested", &["person", "state"]), [""; 0]);
    assert_eq!(told.lines_of("transfers", "P041 booked", &["person", "state"]), [""; 0]);
}

#[test]
fn the_latest_result_of_a_place_is_looked_for_among_the_last_ones() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let latest = async |division: &str, most: i64| {
            let scope = dayclear_store::Scope::of(division.parse().unwrap());
            let mut tx = store.store.look(&scope).await.unwrap();
            tx.latest_result(at(NEXT, "00:00"), most).await.unwrap()
        };
        let city = latest("50", 1_000).await.unwrap().unwrap();
        assert_eq!(latest("50", 1).await, Some(Ok(city)));
        assert!(latest("500103", 1_000).await.unwrap().unwrap() <= city);
        // a place without any: the last one of the city says how far was looked, all of them say that there is none
        assert_eq!(latest("500108", 1).await, Some(Err(city)));
        assert_eq!(latest("500108", 1_000).await, None);
    });
}
