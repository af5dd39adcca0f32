//! Chain of custody on both stores: every state and fault of a box with what follows from it for tubes, people, items and coverage;
//! that it is the same whichever way and in whatever order the rows come; and that the checker agrees.

use crate::{
    city::{DAY, Files, at, city, packs, plan, run, settings},
    engines::{TestStore, on_both},
    floor::{Person, city_command, district, holds, person, signs_and_holds},
};
use dayclear_core::{
    access::Role,
    listing::{BOXES, CLOCKS, COURIER_RUNS, Cell, Listing, Query},
    rounds::Cover,
    schema::{self, Table},
};
use dayclear_ops::{
    coverage::{Board, Part},
    desk::{DeskError, Refusal},
    evidence::{How, Rows, take},
    line,
};
use std::collections::BTreeMap;

type Object = BTreeMap<String, String>;

const HERE: &str = "500103013006";
const THERE: &str = "500112016001";

/// Rows by the columns of a table, in order; those at the end that are left out are empty.
fn rows(table: &'static Table, lines: &[&str]) -> Vec<Object> {
    let names = table.columns.iter().map(|column| column.name);
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        let must = table.columns.iter().rposition(|column| column.required).map_or(0, |last| last + 1);
        assert!((must..=table.columns.len()).contains(&cells.len()), "{line}");
        names.clone().zip(cells).map(|(name, text)| (name.to_owned(), clock(text))).collect()
    };
    lines.iter().map(|line| row(line)).collect()
}

/// `@09:30` is that time of the example day.
fn clock(text: &str) -> String {
    match text.strip_prefix('@') {
        Some(time) => format!("{DAY}T{time}:00+08:00"),
        None => text.to_owned(),
    }
}

async fn gives(who: &Person, store: &TestStore, table: &'static Table, lines: &[&str]) -> Result<(), DeskError> {
    let given = rows(table, lines);
    take(&store.store, &who.doing(None), table, Rows::Json(given), How::default()).await.map(drop)
}

/// What was refused, by column.
fn refused(outcome: Result<(), DeskError>) -> String {
    match outcome {
        Ok(()) => "taken".to_owned(),
        Err(DeskError::Refused(Refusal::Invalid(faults))) => {
            faults.iter().map(|fault| fault.field.as_str()).collect::<Vec<_>>().join(" ")
        }
        Err(error) => error.to_string(),
    }
}

/// Four tubes of two people each in one community, and one with nobody in it.
const TUBES: [&str; 5] = [
    "X1,500103013006,community,10,S1,@08:00,L1,,",
    "X2,500103013006,community,10,S1,@08:10,L1,,",
    "X3,500103013006,community,10,S1,@08:20,L1,,",
    "X4,500103013006,community,10,S1,@08:30,,,",
    "X5,500103013006,community,10,S1,@08:40,L1,,",
];
const MEMBERS: [&str; 8] = ["X1,P001", "X1,P002", "X2,P003", "X2,P004", "X3,P005", "X3,P006", "X4,P007", "X4,P008"];

/// A quiet city with these tubes, in which an area is sampled.
async fn morning(store: &TestStore) {
    let mut quiet = plan(DAY);
    quiet.keep_open = true;
    run(&store.store, &Files::quiet(DAY).write(store, "quiet"), &quiet).await.unwrap();
    let given = [
        ("name", "round"),
        ("purpose", "expanded_screening"),
        ("ground", "source_unclear"),
        ("from", "2022-11-20T06:00:00+08:00"),
        ("to", "2022-11-20T22:00:00+08:00"),
        ("divisions", "500103"),
        ("pool_size", "10"),
    ];
    city_command().at(at(DAY, "05:00")).does(store, "rounds.plan", &[], &given).await.unwrap();
    let post = site().at(at(DAY, "09:00"));
    gives(&post, store, &schema::TUBES, &TUBES).await.unwrap();
    gives(&post, store, &schema::MEMBERS, &MEMBERS).await.unwrap();
}

fn site() -> Person {
    person("d1", Role::DistrictCommand, "500103", None)
}

fn worker() -> Person {
    person("w1", Role::CommunityWorker, HERE, None)
}

fn bench() -> Person {
    person("l1", Role::Laboratory, "50", Some("L1"))
}

/// Where tubes are: those in a box, in order.
async fn tubes(store: &TestStore) -> String {
    let sql = "select t.tube || ' ' || c.state || ' ' || c.box from custody c join tubes t on t.no = c.tube_no order by t.tube";
    store.texts(sql).await.join(", ")
}

/// Open items of a worklist under subjects of custody.
async fn open(store: &TestStore, worklist: &str) -> String {
    let sql = format!(
        "select subject from items where worklist = '{worklist}' and closed_at is null and subject not like 'file/%' order by subject"
    );
    store.texts(&sql).await.join(", ")
}

/// How many of the round are sampled and wait.
async fn waiting(store: &TestStore, clock: &str) -> u64 {
    let mut tx = store.store.look(&city()).await.unwrap();
    let board = Board::load(&mut tx, at(DAY, clock)).await.unwrap();
    let counts = board.counts("R20221120-1", &Part::Division("50")).unwrap();
    counts.of(Cover::Waiting) + counts.of(Cover::Resulted)
}

async fn pass(store: &TestStore, clock: &str) {
    line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, clock)).await.unwrap();
}

async fn listed(store: &TestStore, listing: &'static Listing, fields: &[&str]) -> Vec<String> {
    let mut tx = store.store.look(&city()).await.unwrap().as_of(at(DAY, "23:00"));
    let page = tx.list(listing, &Query { limit: 100, ..Query::default() }).await.unwrap();
    let text = |cell: &Cell| match cell {
        Cell::Text(text) => text.clone(),
        Cell::Whole(n) => n.to_string(),
        Cell::Empty => "-".to_owned(),
        other => format!("{other:?}"),
    };
    page.rows
        .iter()
        .map(|row| fields.iter().map(|field| text(row.get(listing, field))).collect::<Vec<_>>().join(" "))
        .collect()
}

const SENT: &str = "B,sent,@09:30,500103013006,L1,R1,Li,3,w1,";
const PACKED: [&str; 3] = ["B,X1,@09:10,w1", "B,X2,@09:11,w1", "B,X3,@09:12,w1"];

#[test]
fn a_box_arrives_and_its_tubes_wait_for_their_results() {
    on_both(async |store| {
        morning(store).await;
        pass(store, "09:05").await;
        let (w, l) = (worker().at(at(DAY, "09:30")), bench().at(at(DAY, "11:00")));
        gives(&w, store, &schema::PACKINGS, &PACKED).await.unwrap();
        assert_eq!(tubes(store).await, "X1 packed B, X2 packed B, X3 packed B");
        gives(&w, store, &schema::BOX_MOVES, &[SENT]).await.unwrap();
        assert_eq!(tubes(store).await, "X1 underway B, X2 underway B, X3 underway B");
        assert_eq!(open(store, "deliver").await, "X1, X2, X3, X4, X5");
        // amber at three quarters of four hours, red after four
        let clocks = "select cast((soon_at - 1668902400000000) / 60000000 as text) || ' ' || cast((due_at - 1668902400000000) / 60000000 as text) from shipments";
        if !store.url.starts_with("postgres") {
            assert_eq!(store.texts(clocks).await, ["180 240"]);
        }
        let mut tx = store.store.look(&city()).await.unwrap();
        for (clock, late, soon, open) in [("10:30", 0, 0, 1), ("11:05", 0, 1, 0), ("12:00", 1, 0, 0)] {
            let found = tx.boxes_underway(at(DAY, clock), None).await.unwrap();
            assert_eq!((found.late, found.soon, found.open), (late, soon, open), "{clock}");
        }
        drop(tx);
        gives(&l, store, &schema::BOX_MOVES, &["B,received,@11:00,500103013006,L1,R1,Li,3,l1,"]).await.unwrap();
        assert_eq!(tubes(store).await, "X1 received B, X2 received B, X3 received B");
        assert_eq!((open(store, "deliver").await, open(store, "test").await), ("X4, X5".into(), "X1, X2, X3".into()));
        // the same again is the same, and other content under its key is no fact but a doubt
        let again = ["B,received,@11:00,500103013006,L1,R1,Li,3,l1,"];
        assert_eq!(refused(gives(&l, store, &schema::BOX_MOVES, &again).await), "taken");
        let other = ["B,received,@11:00,500103013006,L1,R1,Li,2,l1,"];
        assert_eq!(refused(gives(&l, store, &schema::BOX_MOVES, &other).await), "box");
        assert_eq!(store.number("select count(*) from box_moves").await, 2);
        assert!(store.sql("update box_moves set counted = 2").await.is_err(), "hand-overs are append-only");
        assert!(store.sql("delete from packings").await.is_err(), "packings are append-only");
        let result = ["L1,X1,F,negative,,,,@15:00"];
        gives(&l.at(at(DAY, "15:00")), store, &schema::RESULTS, &result).await.unwrap();
        assert_eq!(open(store, "test").await, "X2, X3");
        let fields = ["box", "state", "laboratory", "courier_run", "tubes", "underway", "arrived", "missing", "broken"];
        assert_eq!(listed(store, &BOXES, &fields).await, ["B received L1 R1 3 0 3 0 0"]);
        assert_eq!(
            listed(store, &COURIER_RUNS, &["id", "boxes", "open", "tubes", "arrived"]).await,
            ["R1:500103013006 1 0 3 3"]
        );
        let clocks = listed(store, &CLOCKS, &["tube", "box", "receive_min", "result_min", "report_min"]).await;
        assert_eq!(clocks[3..], ["X2 B 170 - -", "X1 B 180 240 -"]);
        assert_eq!(waiting(store, "15:30").await, 8);
        pass(store, "16:00").await;
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn who_may_say_what() {
    on_both(async |store| {
        morning(store).await;
        let (w, l) = (worker().at(at(DAY, "12:00")), bench().at(at(DAY, "12:00")));
        let far = person("w2", Role::CommunityWorker, THERE, None).at(at(DAY, "12:00"));
        let moves = &schema::BOX_MOVES;
        for (who, table, row, outcome) in [
            (&w, moves, "B,received,@11:00,500103013006,L1,,,3,w1,", "step"),
            (&l, moves, "B,sent,@11:00,500103013006,L1,,,3,l1,", "step"),
            (&l, moves, "B,received,@11:00,500103013006,L2,,,3,l1,", "laboratory"),
            (&far, moves, SENT, "division"),
            (&w, moves, "B,sent,@11:00,500103013006,L9,,,3,w1,", "laboratory"),
            (&far, &schema::PACKINGS, PACKED[0], "tube"),
            (&w, &schema::PACKINGS, "B,X99,@09:10,w1", "tube"),
            (&l, &schema::BOX_CHECKS, "B,X99,missing,@11:00,L1,l1,", "tube"),
            (&l, &schema::BOX_CHECKS, "B,X1,missing,@11:00,L2,l1,", "laboratory"),
            (&w, moves, SENT, "taken"),
        ] {
            assert_eq!(refused(gives(who, store, table, &[row]).await), outcome, "{row}");
        }
        let checks = gives(&w, store, &schema::BOX_CHECKS, &["B,X1,missing,@11:00,L1,w1,"]).await;
        assert!(matches!(checks, Err(DeskError::Refused(Refusal::NotYours { .. }))));
    });
}

#[test]
fn whoever_is_in_a_lost_tube_is_asked_again_until_it_is_found_or_they_gave_another_swab() {
    on_both(async |store| {
        morning(store).await;
        pass(store, "09:05").await;
        let (w, l) = (worker().at(at(DAY, "09:30")), bench().at(at(DAY, "11:00")));
        gives(&w, store, &schema::PACKINGS, &PACKED).await.unwrap();
        gives(&w, store, &schema::BOX_MOVES, &[SENT]).await.unwrap();
        assert_eq!(waiting(store, "11:00").await, 8);
        // counted before anybody names what is missing: nobody is taken for arrived
        gives(&l, store, &schema::BOX_MOVES, &["B,received,@11:00,500103013006,L1,R1,Li,1,l1,"]).await.unwrap();
        assert_eq!(tubes(store).await, "X1 underway B, X2 underway B, X3 underway B");
        assert_eq!(open(store, "clarify").await, "box/B/count");
        let found = ["B,X1,missing,@11:00,L1,l1,", "B,X2,broken,@11:00,L1,l1,leaked"];
        gives(&l, store, &schema::BOX_CHECKS, &found).await.unwrap();
        assert_eq!(tubes(store).await, "X1 missing B, X2 broken B, X3 received B");
        let asked = "resample/X1/P001, resample/X1/P002, resample/X2/P003, resample/X2/P004";
        assert_eq!(open(store, "clarify").await, asked);
        assert_eq!((open(store, "deliver").await, open(store, "test").await), ("X4, X5".into(), "X3".into()));
        let reason = "select outcome || ': ' || reason from items where worklist = 'deliver' and subject = 'X1'";
        assert_eq!(store.texts(reason).await, ["cancelled: missing from box B: each of its people is sampled again"]);
        // nobody keeps a swab that no laboratory will ever answer for
        assert_eq!(waiting(store, "11:30").await, 4);
        let fields = ["box", "state", "tubes", "underway", "arrived", "missing", "broken"];
        assert_eq!(listed(store, &BOXES, &fields).await, ["B differs 3 0 1 1 1"]);
        pass(store, "11:40").await;
        assert_eq!(open(store, "clarify").await, asked);
        // P001 gives another swab
        let later = worker().at(at(DAY, "12:10"));
        gives(&later, store, &schema::TUBES, &["X6,500103013006,community,10,S1,@12:00,L1,,"]).await.unwrap();
        gives(&later, store, &schema::MEMBERS, &["X6,P001"]).await.unwrap();
        assert_eq!(open(store, "clarify").await, "resample/X1/P002, resample/X2/P003, resample/X2/P004");
        assert_eq!(waiting(store, "12:30").await, 5);
        // the missing tube is found, and then lost again, and found by its result
        let l = bench().at(at(DAY, "16:00"));
        gives(&l, store, &schema::BOX_CHECKS, &["B,X1,found,@13:00,L1,l1,"]).await.unwrap();
        assert_eq!(open(store, "clarify").await, "resample/X2/P003, resample/X2/P004");
        assert_eq!((open(store, "deliver").await, open(store, "test").await), ("X4, X5, X6".into(), "X1, X3".into()));
        assert_eq!(waiting(store, "13:30").await, 6);
        gives(&l, store, &schema::BOX_CHECKS, &["B,X1,broken,@14:00,L1,l1,"]).await.unwrap();
        assert_eq!(open(store, "test").await, "X3");
        // P001 gave another swab; P002 is asked for the second time
        assert_eq!(open(store, "clarify").await, "resample/X1/P002/2, resample/X2/P003, resample/X2/P004");
        assert_eq!(waiting(store, "14:30").await, 5);
        gives(&l, store, &schema::RESULTS, &["L1,X1,F,negative,,,,@15:00"]).await.unwrap();
        assert_eq!(
            (tubes(store).await.split(',').next().unwrap(), waiting(store, "15:30").await),
            ("X1 received B", 6)
        );
        assert_eq!(open(store, "test").await, "X3");
        pass(store, "17:00").await;
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn a_courier_loses_a_box_and_finds_it() {
    on_both(async |store| {
        morning(store).await;
        pass(store, "09:05").await;
        let w = worker().at(at(DAY, "11:00"));
        gives(&w, store, &schema::PACKINGS, &PACKED).await.unwrap();
        gives(&w, store, &schema::BOX_MOVES, &[SENT, "B,lost,@10:30,500103013006,L1,R1,Li,,w1,van broken into"])
            .await
            .unwrap();
        assert_eq!(tubes(store).await, "X1 missing B, X2 missing B, X3 missing B");
        assert_eq!(open(store, "clarify").await.split(", ").count(), 7, "six people, and the box itself");
        assert_eq!((open(store, "deliver").await, waiting(store, "11:00").await), ("X4, X5".into(), 2));
        let l = bench().at(at(DAY, "14:00"));
        gives(&l, store, &schema::BOX_MOVES, &["B,received,@14:00,500103013006,L1,R1,Li,3,l1,"]).await.unwrap();
        assert_eq!(open(store, "clarify").await, "");
        assert_eq!((open(store, "deliver").await, open(store, "test").await), ("X4, X5".into(), "X1, X2, X3".into()));
        assert_eq!(waiting(store, "14:30").await, 8);
        pass(store, "15:00").await;
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn what_does_not_agree_is_an_item_with_names() {
    on_both(async |store| {
        morning(store).await;
        let (d, l) = (district().at(at(DAY, "12:00")), bench().at(at(DAY, "12:00")));
        // two tubes in two boxes, one with nobody in it; a box that nobody has sent; a tube in a box that nobody packed it in
        let packed = ["B,X1,@09:10,w1", "B,X2,@09:11,w1", "C,X2,@09:20,w1", "C,X5,@09:21,w1"];
        gives(&d, store, &schema::PACKINGS, &packed).await.unwrap();
        gives(&d, store, &schema::BOX_MOVES, &["B,sent,@09:30,500103013006,L1,R1,Li,2,w1,"]).await.unwrap();
        assert_eq!(open(store, "clarify").await, "box/B/sent, two_boxes/X2");
        gives(&l, store, &schema::BOX_MOVES, &["C,received,@11:00,500103013006,L1,,,3,l1,"]).await.unwrap();
        assert_eq!(open(store, "clarify").await, "box/B/sent, box/C/count, box/C/unsent, empty/X5, two_boxes/X2");
        gives(&l, store, &schema::BOX_CHECKS, &["C,X4,found,@11:00,L1,l1,"]).await.unwrap();
        assert_eq!(tubes(store).await, "X1 underway B, X2 received C, X4 received C, X5 received C");
        let doubts = "box/B/sent, box/C/elsewhere/X4, box/C/unsent, empty/X5";
        assert_eq!(open(store, "clarify").await, doubts);
        // a laboratory reports what it was never sent by name, because a box brought it
        gives(&l, store, &schema::RESULTS, &["L1,X4,F,negative,,,,@11:59"]).await.unwrap();
        let who = "select reason from items where subject = 'box/C/elsewhere/X4'";
        assert_eq!(store.texts(who).await, ["tube X4 turned up in box C, packed in none: ask the site"]);
        gives(&d, store, &schema::MEMBERS, &["X5,P009"]).await.unwrap();
        gives(&d, store, &schema::BOX_MOVES, &["C,sent,@09:40,500103013006,L1,R1,Li,2,w1,"]).await.unwrap();
        assert_eq!(open(store, "clarify").await, "box/B/sent, box/C/elsewhere/X4");
        gives(&l, store, &schema::BOX_MOVES, &["C,received,@11:30,500103013006,L1,,,3,l1,"]).await.unwrap();
        assert_eq!(open(store, "clarify").await, "box/B/sent, box/C/elsewhere/X4, box/C/twice");
        pass(store, "13:00").await;
        signs_and_holds(store, DAY).await;
    });
}

/// A chance that a seed gives again (splitmix64; Steele and others 2014).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }
}

#[test]
fn whatever_the_order_boxes_tubes_and_coverage_are_the_same() {
    let facts: &[(&'static Table, &str)] = &[
        (&schema::PACKINGS, "B,X1,@09:10,w1"),
        (&schema::PACKINGS, "B,X2,@09:11,w1"),
        (&schema::PACKINGS, "B,X3,@09:12,w1"),
        (&schema::PACKINGS, "C,X3,@09:15,w1"),
        (&schema::PACKINGS, "C,X4,@09:16,w1"),
        (&schema::BOX_MOVES, SENT),
        (&schema::BOX_MOVES, "C,sent,@09:40,500103013006,L1,R1,Li,2,w1,"),
        (&schema::BOX_MOVES, "C,lost,@10:30,500103013006,L1,R1,Li,,w1,"),
        (&schema::BOX_MOVES, "B,received,@11:00,500103013006,L1,R1,Li,1,l1,"),
        (&schema::BOX_CHECKS, "B,X1,missing,@11:00,L1,l1,"),
        (&schema::BOX_CHECKS, "B,X2,broken,@11:20,L1,l1,"),
        (&schema::BOX_CHECKS, "B,X2,found,@11:40,L1,l1,"),
        (&schema::RESULTS, "L1,X4,F,negative,,,,@15:00"),
    ];
    let mut answers = Vec::new();
    for seed in 0..3u64 {
        answers.push(on_both(async |store| {
            morning(store).await;
            pass(store, "09:05").await;
            let post = district().at(at(DAY, "16:00"));
            let mut order: Vec<usize> = (0..facts.len()).collect();
            let mut dice = Dice(seed);
            for at in (1..order.len()).rev() {
                // the first run is in the order in which things happened
                if seed > 0 {
                    order.swap(at, dice.below(at + 1));
                }
            }
            for at in order {
                let (table, row) = facts[at];
                gives(&post, store, table, &[row]).await.unwrap();
            }
            pass(store, "17:00").await;
            let boxes =
                listed(store, &BOXES, &["box", "state", "tubes", "underway", "arrived", "missing", "broken"]).await;
            let answer = (tubes(store).await, boxes, open(store, "clarify").await, waiting(store, "17:30").await);
            let waits = (open(store, "deliver").await, open(store, "test").await);
            assert!(waits.0.ends_with("X5"), "{waits:?}");
            signs_and_holds(store, DAY).await;
            answer
        }));
    }
    assert_eq!(answers[0].0, "X1 missing B, X2 received B, X3 missing C, X4 received C");
    for answer in &answers[1..] {
        assert_eq!(*answer, answers[0]);
    }
}

#[test]
fn a_day_of_files_says_the_same_as_rows_one_by_one() {
    on_both(async |store| {
        let file = |table: &'static Table, lines: &[&str]| {
            let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
            let rows: Vec<String> =
                lines.iter().map(|line| line.split(',').map(clock).collect::<Vec<_>>().join(",")).collect();
            (table.name, names.join(","), rows.join("\n"))
        };
        let mut files = Files::quiet(DAY);
        for (name, header, rows) in [
            file(&schema::TUBES, &TUBES),
            file(&schema::MEMBERS, &MEMBERS),
            file(&schema::PACKINGS, &PACKED),
            file(&schema::BOX_MOVES, &[SENT, "B,received,@11:00,500103013006,L1,R1,Li,1,l1,"]),
            file(&schema::BOX_CHECKS, &["B,X1,missing,@11:00,L1,l1,", "B,X2,broken,@11:00,L1,l1,"]),
        ] {
            files = files.with(name, &header, &rows);
        }
        run(&store.store, &files.write(store, DAY), &plan(DAY)).await.unwrap();
        assert_eq!(tubes(store).await, "X1 missing B, X2 broken B, X3 received B");
        let asked = "resample/X1/P001, resample/X1/P002, resample/X2/P003, resample/X2/P004";
        assert_eq!(open(store, "clarify").await, asked);
        assert_eq!((open(store, "deliver").await, open(store, "test").await), ("X4, X5".into(), "X3".into()));
        holds(store).await;
        // each harm is seen
        for (harm, name) in [
            ("update custody set state = 'received' where state = 'missing'", "X1 in B"),
            ("update shipments set missing = 0, received = 2", "B"),
            ("delete from courier_runs", "R1 in 500103013006"),
        ] {
            let before = dayclear_verify::check(&store.url, "Asia/Shanghai").await.unwrap();
            assert!(before.iter().all(|finding| finding.holds));
            let keep = ["custody", "shipments", "courier_runs"];
            for table in keep {
                store.sql(&format!("create table kept_{table} as select * from {table}")).await.unwrap();
            }
            store.sql(harm).await.unwrap();
            let findings = dayclear_verify::check(&store.url, "Asia/Shanghai").await.unwrap();
            let broken: Vec<_> = findings.iter().filter(|finding| !finding.holds).collect();
            assert!(broken.len() == 1 && broken[0].check == "custody.balances", "{harm}: {broken:?}");
            assert!(broken[0].detail.starts_with(name), "{harm}: {}", broken[0].detail);
            for table in keep {
                store.sql(&format!("delete from {table}")).await.unwrap();
                store.sql(&format!("insert into {table} select * from kept_{table}")).await.unwrap();
                store.sql(&format!("drop table kept_{table}")).await.unwrap();
            }
        }
    });
}
