//! The example day against what its README works out by hand. Both stores must give the same tables, row by row.

use crate::{
    city::{DAY, Files, Told, close},
    engines::on_both,
};
use std::sync::LazyLock;

static TOLD: LazyLock<Told> = LazyLock::new(|| {
    let (told, dump) = on_both(async |store| {
        let told = close(store, DAY, &Files::example()).await;
        (told, store.dump().await)
    });
    assert!(
        dump.values().map(Vec::len).sum::<usize>() > 600,
        "the dump of the tables is too small to compare anything"
    );
    told
});

#[track_caller]
fn same(found: Vec<String>, expected: &[&str]) {
    assert_eq!(found.join("\n"), expected.join("\n"));
}

#[test]
fn four_positives_become_four_cases() {
    same(
        TOLD.lines("cases", &["person", "building", "origin", "classification", "severity", "onset", "counted_on"]),
        &[
            "P041 B3 already_isolated asymptomatic asymptomatic - 2022-11-20",
            "P055 B4 key_person awaiting_diagnosis unknown - -",
            // the route of the pool, not of the recall
            "P001 B1 area_screening asymptomatic asymptomatic - 2022-11-20",
            "P006 B1 area_screening confirmed mild 2022-11-19 2022-11-20",
        ],
    );
}

#[test]
fn ten_contacts_are_listed_and_nobody_else() {
    same(
        TOLD.lines("contacts", &["case", "person", "class", "first_exposure", "last_exposure", "source"]),
        &[
            "C20221120-P001 P002 co_resident 2022-11-18 2022-11-20 household",
            "C20221120-P001 P003 co_resident 2022-11-18 2022-11-20 household",
            // onset on the 19th opens the window a day earlier
            "C20221120-P006 P004 co_resident 2022-11-17 2022-11-20 household",
            "C20221120-P006 P005 co_resident 2022-11-17 2022-11-20 household",
            "C20221120-P001 P009 shared_space 2022-11-19 2022-11-19 declared",
            "C20221120-P001 P011 shared_space 2022-11-18 2022-11-18 declared",
            "C20221120-P041 P042 co_resident 2022-11-18 2022-11-20 household",
            "C20221120-P055 P056 co_resident 2022-11-18 2022-11-20 household",
            "C20221120-P055 P071 same_room 2022-11-18 2022-11-19 declared",
            "C20221120-P055 P073 shared_space 2022-11-18 2022-11-18 visit",
        ],
    );
}

#[test]
fn orders_have_the_dates_and_test_days_of_the_rules() {
    let contact = |person| TOLD.lines_of("orders", person, &["person", "kind", "from", "until", "test_days"]);
    let exposed_on_20 = |person: &str, after: &str| {
        vec![
            format!("{person} central_isolation 2022-11-20 2022-11-25 2022-11-21 2022-11-22 2022-11-23 2022-11-25"),
            format!("{person} {after} 2022-11-26 2022-11-28 2022-11-26 2022-11-28"),
        ]
    };
    for person in ["P002", "P003", "P004", "P005"] {
        // the home is not fit: the last three days are spent at the site too
        assert_eq!(contact(person), exposed_on_20(person, "central_isolation"));
    }
    for person in ["P042", "P056"] {
        assert_eq!(contact(person), exposed_on_20(person, "home_isolation"));
    }
    same(
        contact("P009"),
        &[
            // pregnant, and the home is fit
            "P009 home_isolation 2022-11-20 2022-11-24 2022-11-20 2022-11-21 2022-11-22 2022-11-24",
            "P009 home_isolation 2022-11-25 2022-11-27 2022-11-25 2022-11-27",
        ],
    );
    for person in ["P011", "P073"] {
        let first = format!("{person} central_isolation 2022-11-20 2022-11-23 2022-11-20 2022-11-21 2022-11-23");
        let second = format!("{person} home_isolation 2022-11-24 2022-11-26 2022-11-24 2022-11-26");
        assert_eq!(contact(person), [first, second]);
    }
    same(
        contact("P071"),
        &[
            "P071 central_isolation 2022-11-20 2022-11-24 2022-11-20 2022-11-21 2022-11-22 2022-11-24",
            "P071 home_isolation 2022-11-25 2022-11-27 2022-11-25 2022-11-27",
        ],
    );
    let kinds = TOLD.lines("orders", &["kind", "basis", "state"]);
    let count = |kind: &str| kinds.iter().filter(|line| line.as_str() == kind).count();
    assert_eq!(count("hospital case active"), 4);
    assert_eq!(count("stay_for_retest pool active"), 10, "the members of T002");
    assert_eq!(kinds.len(), 4 + 10 + 20);
}

#[test]
fn an_area_is_a_unit_and_a_case_found_under_isolation_opens_none() {
    same(
        TOLD.lines("zones", &["zone", "level", "people", "cases", "last_new_on", "release_forecast", "released_on"]),
        &["Z-2022-11-20-B1-1 high 20 2 2022-11-20 2022-11-25 -", "Z-2022-11-20-B4-1 high 16 1 2022-11-20 2022-11-25 -"],
    );
    let exempt = TOLD.lines("no_zone", &["case", "reason"]);
    assert_eq!(exempt.len(), 1);
    assert!(exempt[0].starts_with("C20221120-P041 area.exempt"), "{}", exempt[0]);
}

#[test]
fn every_member_of_a_positive_pool_is_pending_until_resolved_singly() {
    let recalls = TOLD.lines("recalls", &["subject", "outcome", "reason"]);
    let of = |pool: &str, says: &str| recalls.iter().filter(|l| l.starts_with(pool) && l.contains(says)).count();
    assert_eq!(recalls.len(), 20);
    assert_eq!((of("T001/", "completed negative"), of("T001/", "completed positive")), (8, 2));
    assert_eq!(of("T002/", "- positive pool; not resolved singly yet"), 10);
}

#[test]
fn each_mover_has_a_bed_and_a_seat_of_their_class() {
    same(
        TOLD.lines("transfers", &["person", "class", "state", "facility", "bed"]),
        &[
            "P001 positive booked TH1 TH1-W2-1",
            // mother and child share the family room
            "P002 contact booked IS1 IS1-0106-1",
            "P003 contact booked IS1 IS1-0106-2",
            "P011 contact booked IS1 IS1-0102-1",
            "P006 positive booked DH1 DH1-R1-1",
            "P004 contact booked IS1 IS1-0101-1",
            // the carer of a child of six goes with her
            "P005 positive booked DH1 DH1-R1-2",
            "P041 positive admitted TH1 TH1-W1-1",
            "P042 contact booked IS2 IS2-0201-1",
            "P055 positive booked TH1 TH1-W1-2",
            "P056 contact booked IS2 IS2-0202-1",
            "P071 contact booked IS2 IS2-0203-1",
            "P073 contact booked IS2 IS2-0204-1",
        ],
    );
    assert!(TOLD.lines("trips", &["vehicle"]).iter().all(|vehicle| vehicle != "V4"), "V4 is out of service");
}

#[test]
fn the_books_of_the_city() {
    let columns = ["worklist", "opening", "received", "completed", "cancelled", "closing"];
    let all =
        TOLD.lines("books", &["division", "worklist", "opening", "received", "completed", "cancelled", "closing"]);
    let city: Vec<String> = all.iter().filter_map(|line| line.strip_prefix("50 ").map(str::to_owned)).collect();
    assert_eq!(columns.len(), city[0].split(' ').count());
    same(
        city,
        &[
            "deliver 0 24 21 2 1",
            "test 0 21 20 0 1",
            "recall 0 20 10 0 10",
            // R6: the exit of a unit was reported locked, which is an emergency and an item of the district
            "clarify 0 5 0 0 5",
            "report 0 4 4 0 0",
            "diagnose 0 4 3 0 1",
            // whom the files list contacts of was reached, and told the core facts
            "reach 0 4 2 0 2",
            "facts 0 4 2 0 2",
            "investigate 0 4 2 0 2",
            "move 0 4 1 0 3",
            // P009 stays at home by decision, which completes the placing
            "place 0 10 1 0 9",
            // P009, P011, P071 and P073: exposed before the 20th, so day 1 or later is today
            "retest 0 4 0 0 4",
            "release 0 24 0 0 24",
            "reopen 0 2 0 0 2",
            "supply 0 29 0 0 29",
            "decide 0 2 1 0 1",
            "treat 0 9 0 0 9",
            "answer 0 6 4 0 2",
        ],
    );
}

#[test]
fn what_is_open_is_named_with_its_owner() {
    let open = TOLD.lines("open_items", &["worklist", "subject", "party", "owner"]);
    let expected = [
        "deliver T012 site S2",
        "test T011 site L2",
        "clarify tube/T010 division 500112",
        "clarify exits/B4/2022-11-20 division 500112016001",
        "clarify blocked/R6 division 500112",
        "decide R6 division 500112016001",
        "clarify resample/T013/P057 division 500112016001",
        "clarify resample/T014/P058 division 500112016001",
        "diagnose C20221120-P055 division 500112",
        "reach C20221120-P006 division 500103",
        "facts C20221120-P006 division 500103",
        "investigate C20221120-P006 division 500103",
        "investigate C20221120-P041 division 500112",
        "answer R5 division 500103013006",
        "answer R6 division 500112016001",
        "reopen Z-2022-11-20-B1-1 division 500103",
        "reopen Z-2022-11-20-B4-1 division 500112",
    ];
    for line in expected {
        assert!(open.iter().any(|item| item == line), "{line}");
    }
}

#[test]
fn the_bulletin_is_printed_from_the_books() {
    let b = TOLD.bulletin();
    assert_eq!((b.confirmed, b.asymptomatic, b.converted, b.awaiting), (Some(1), Some(2), Some(0), Some(1)));
    assert_eq!((b.in_care, b.recovered, b.died), (Some(4), Some(0), Some(0)));
    assert_eq!(
        (b.tubes, b.sampled, b.resulted, b.positive_tubes, b.corrections),
        (
            Some(24),
            // P054 is away
            Some(79),
            Some(20),
            // T001, T002, T005, T009, T101, T106; T007 was corrected
            Some(6),
            Some(1),
        )
    );
    let routes: Vec<String> = b
        .routes
        .iter()
        .filter(|r| r.confirmed > Some(0) || r.asymptomatic > Some(0))
        .map(|r| format!("{:?} {:?} {:?}", r.route, r.confirmed, r.asymptomatic))
        .collect();
    assert_eq!(routes, ["Some(AlreadyIsolated) Some(0) Some(1)", "Some(AreaScreening) Some(1) Some(1)"]);
    let beds: Vec<_> = b.beds.iter().map(|l| (l.kind.name(), l.total, l.occupied, l.held, l.free)).collect();
    assert_eq!(
        beds,
        // one bed of TH1 is being cleaned, one of IS2 is blocked
        [("designated_hospital", 4, 0, 2, 2), ("temporary_hospital", 8, 2, 2, 3), ("isolation_site", 13, 0, 8, 4)]
    );
    for check in &b.checks {
        assert_ne!(check.holds(), Some(false), "{check:?}");
    }
}
