//! Rounds and coverage on both stores: what a command post may plan and what is refused with its clause; that the board, a fresh
//! count, the list of doors and the checker agree whatever comes in whatever order; and that nothing follows from a refusal.

use crate::{
    city::{DAY, Files, at, city, packs, plan, run, settings},
    engines::{TestStore, on_both},
    floor::{Person, city_command, district, evening, holds, person, signs_and_holds},
};
use dayclear_core::{
    access::Role,
    listing::{Cell, DOORS, Query},
    rounds::Cover,
    schema::{self, Table},
    time::Instant,
};
use dayclear_ops::{
    coverage::{Board, Part},
    desk::DeskError,
    evidence::{How, Rows, take},
    line,
};
use std::collections::BTreeMap;

type Object = BTreeMap<String, String>;

const MORNING: &str = "2022-11-20T06:00:00+08:00";
const EVENING: &str = "2022-11-20T22:00:00+08:00";
const COMMUNITIES: [&str; 2] = ["500103013006", "500112016001"];

pub fn object(pairs: &[(&str, &str)]) -> Object {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

pub async fn gives(who: &Person, store: &TestStore, table: &'static Table, rows: Vec<Object>) -> Result<(), DeskError> {
    take(&store.store, &who.doing(None), table, Rows::Json(rows), How::default()).await.map(drop)
}

pub fn round<'a>(name: &'a str, divisions: &'a str, size: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("name", name),
        ("purpose", "expanded_screening"),
        ("ground", "source_unclear"),
        ("from", MORNING),
        ("to", EVENING),
        ("divisions", divisions),
        ("pool_size", size),
    ]
}

pub async fn board(store: &TestStore, now: Instant) -> Board {
    let mut tx = store.store.look(&city()).await.unwrap();
    Board::load(&mut tx, now).await.unwrap()
}

/// Counts by state, those that are not zero, in words.
fn said(board: &Board, round: &str, code: &str) -> String {
    let counts = board.counts(round, &Part::Division(code)).unwrap();
    assert_eq!(counts.by.iter().sum::<u64>(), counts.people);
    let some = Cover::ALL.iter().filter(|cover| counts.of(**cover) > 0);
    some.map(|cover| format!("{cover} {}", counts.of(*cover))).collect::<Vec<_>>().join(", ")
}

/// The same from the list of doors.
async fn doors(store: &TestStore, round: &str, code: &str, now: Instant) -> (String, Vec<String>) {
    let mut tx = store.store.look(&city()).await.unwrap().as_of(now);
    let mut query = Query { limit: 7, ..Query::default() }.with(&DOORS, "round", Cell::Text(round.to_owned())).with(
        &DOORS,
        "division",
        Cell::Text(code.to_owned()),
    );
    let (mut counts, mut order): (BTreeMap<usize, u64>, Vec<String>) = (BTreeMap::new(), Vec::new());
    loop {
        let page = tx.list(&DOORS, &query).await.unwrap();
        for row in &page.rows {
            let cover: Cover = row.get(&DOORS, "state").as_str().unwrap().parse().unwrap();
            *counts.entry(cover.index()).or_default() += 1;
            order.push(row.get(&DOORS, "person").as_str().unwrap().to_owned());
        }
        let Some(next) = page.next else { break };
        let zone = settings().zone;
        query.after = Query::read(&DOORS, [("after", next.as_str())], &zone).unwrap().after;
    }
    let text = counts.iter().map(|(at, n)| format!("{} {n}", Cover::ALL[*at])).collect::<Vec<_>>().join(", ");
    (text, order)
}

#[test]
fn rounds_are_planned_within_the_rules_and_a_duty() {
    on_both(async |store| {
        evening(store).await;
        let (d, c) = (district().at(at(DAY, "05:00")), city_command().at(at(DAY, "05:00")));
        let worker = person("w1", Role::CommunityWorker, "500103013006", None);
        let tries = async |who: &Person, given: &[(&str, &str)]| who.tries(store, "rounds.plan", &[], given).await;
        let (first, same) = (round("first", "500103", "10"), round("again", "500103013006", "5"));
        assert_eq!(tries(&worker, &first).await, "not yours");
        assert_eq!(tries(&d, &round("x", "500112", "10")).await, "invalid: divisions");
        assert_eq!(tries(&d, &round("x", "500999", "10")).await, "invalid: divisions");
        assert_eq!(tries(&d, &round("x", "", "10")).await, "invalid: divisions");
        let large = tries(&d, &round("x", "500103", "20")).await;
        assert!(
            large.contains("forbidden") && large.contains("pool.expanded_screening of covid-19-cn-twenty"),
            "{large}"
        );
        assert_eq!(tries(&d, &first).await, "made R20221120-1");
        let twice = tries(&c, &same).await;
        assert!(twice.contains("R20221120-1") && twice.contains("round.a_day [V] of covid-19-cn-twenty"), "{twice}");
        // other people on the same day, the same people on another
        assert_eq!(tries(&c, &round("other", "500112", "10")).await, "made R20221120-2");
        let mut later = same.clone();
        later[3].1 = "2022-11-21T06:00:00+08:00";
        later[4].1 = "2022-11-21T22:00:00+08:00";
        assert_eq!(tries(&d, &later).await, "made R20221121-1");
        let mut couriers = round("couriers", "500103", "10");
        couriers.push(("key_groups", "courier"));
        assert!(tries(&d, &couriers).await.contains("forbidden"));
        // begun before its hour it would be a second round of the day
        assert!(d.tries(store, "rounds.start", &["R20221121-1"], &[]).await.contains("forbidden"));
        assert_eq!(d.tries(store, "rounds.cancel", &["R20221120-1"], &[("reason", "rain")]).await, "done");
        assert_eq!(d.tries(store, "rounds.cancel", &["R20221120-1"], &[("reason", "rain")]).await, "same");
        assert_eq!(tries(&d, &couriers).await, "made R20221120-3");
        assert_eq!(d.tries(store, "rounds.start", &["R20221120-2"], &[]).await, "unknown");
        assert_eq!(c.tries(store, "rounds.close", &["R20221120-2"], &[]).await, "is planned");
        assert_eq!(c.tries(store, "rounds.start", &["R20221120-2"], &[]).await, "done");
        assert_eq!(c.tries(store, "rounds.start", &["R20221120-2"], &[]).await, "same");
        // the other opens by its hour
        line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, "23:00")).await.unwrap();
        let states = "select round || ' ' || state from rounds order by round";
        let expected = ["R20221120-1 cancelled", "R20221120-2 open", "R20221120-3 open", "R20221121-1 planned"];
        assert_eq!(store.texts(states).await, expected);
        assert_eq!(d.tries(store, "rounds.close", &["R20221120-3"], &[]).await, "done");
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn a_round_that_came_by_file_is_judged_and_the_city_is_told() {
    on_both(async |store| {
        let rows = "
            A,first,expanded_screening,2022-11-20T06:00:00+08:00,2022-11-20T22:00:00+08:00,500103,,,10,long_spread
            B,second,expanded_screening,2022-11-20T09:00:00+08:00,2022-11-20T22:00:00+08:00,500103013006,,,10,long_spread
            C,groups,key_person,2022-11-20T06:00:00+08:00,2022-11-20T22:00:00+08:00,500112,,school,1,
            D,nowhere,community,2022-11-20T06:00:00+08:00,2022-11-20T22:00:00+08:00,999999,,,10,
            E,wide,community,2022-11-20T06:00:00+08:00,2022-11-20T22:00:00+08:00,500112016001,,,10,";
        let header = "round,name,purpose,from,to,divisions,areas,key_groups,pool_size,ground";
        let statements = "P001,away,2022-11-20T05:00:00+08:00,w1,,2022-11-20T20:00:00+08:00,at work";
        let said = "person,presence,said_at,said_by,from,until,reason";
        let files = Files::example().with("rounds", header, rows).with("statements", said, statements);
        run(&store.store, &files.write(store, DAY), &plan(DAY)).await.unwrap();
        let states = "select round || ' ' || state from rounds order by round";
        assert_eq!(store.texts(states).await, ["A open", "B refused", "C open", "D refused", "E refused"]);
        let told = "select subject from items where worklist = 'clarify' and subject like 'round/%' order by subject";
        assert_eq!(store.texts(told).await, ["round/B", "round/D", "round/E"]);
        let now = at(DAY, "23:59");
        let board = board(store, now).await;
        let (text, _) = doors(store, "A", "50", now).await;
        assert_eq!(said_all(&board, "A"), text);
        let groups = board.counts("C", &Part::Division("50")).unwrap();
        let schools = "select count(*) from people where key_group = 'school' and division like '500112%'";
        assert_eq!(groups.people as i64, store.number(schools).await);
        holds(store).await;
    });
}

fn said_all(board: &Board, round: &str) -> String {
    said(board, round, "50")
}

#[test]
fn what_is_said_of_somebody_holds_until_it_ends_and_nothing_follows_from_a_refusal() {
    on_both(async |store| {
        let mut evening = plan(DAY);
        evening.keep_open = true;
        // one of the members was not sampled after all
        let files = Files::example().without("members", "T003,P011");
        run(&store.store, &files.write(store, DAY), &evening).await.unwrap();
        let d = district().at(at(DAY, "05:00"));
        d.does(store, "rounds.plan", &[], &round("r", "500103", "10")).await.unwrap();
        let worker = person("w1", Role::CommunityWorker, "500103013006", None).at(at(DAY, "06:30"));
        let state = |presence: &'static str, until: &'static str| {
            vec![("presence", presence), ("until", until), ("reason", "said at the door")]
        };
        let far = person("w2", Role::CommunityWorker, "500112016001", None).at(at(DAY, "06:30"));
        assert_eq!(far.tries(store, "people.state", &["P007"], &state("away", "")).await, "unknown");
        assert_eq!(
            worker.tries(store, "people.state", &["P007"], &state("away", "2022-11-20T06:00:00+08:00")).await,
            "invalid: until"
        );
        let orders = store.number("select count(*) from orders").await;
        assert_eq!(
            worker
                .tries(store, "people.state", &["P008", "P041"], &state("refused", "2022-11-20T09:00:00+08:00"))
                .await,
            "done unknown"
        );
        line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, "23:00")).await.unwrap();
        let p008 = async |clock: &str| {
            let now = at(DAY, clock);
            let mut tx = store.store.look(&city()).await.unwrap().as_of(now);
            let row = tx.record(&DOORS, "R20221120-1:P008").await.unwrap().unwrap();
            (row.get(&DOORS, "state").clone(), row.get(&DOORS, "said_by").clone())
        };
        // sampled in the example: covered, whatever was said
        assert_eq!(p008("08:00").await.0, Cell::Text("resulted".to_owned()));
        let who = ["P011"];
        let mut board = board(store, at(DAY, "06:31")).await;
        let before = said(&board, "R20221120-1", "500103");
        for (clock, presence, until) in
            [("06:40", "refused", "2022-11-20T09:00:00+08:00"), ("06:50", "unreachable", "2022-11-20T08:00:00+08:00")]
        {
            let worker = worker.at(at(DAY, clock));
            assert_eq!(worker.tries(store, "people.state", &who, &state(presence, until)).await, "done");
        }
        let one = format!("R20221120-1:{}", who[0]);
        for (clock, expected) in [("06:55", "unreachable"), ("08:30", "refused"), ("09:00", "present")] {
            let now = at(DAY, clock);
            let mut tx = store.store.look(&city()).await.unwrap().as_of(now);
            let row = tx.record(&DOORS, &one).await.unwrap().unwrap();
            assert_eq!(row.get(&DOORS, "state"), &Cell::Text(expected.to_owned()), "{clock}");
            board.look(&mut tx, now).await.unwrap();
            assert_eq!(said(&board, "R20221120-1", "500103"), doors(store, "R20221120-1", "500103", now).await.0);
        }
        // it ended: everything is as before, and it bound nobody
        assert_eq!(said(&board, "R20221120-1", "500103"), before);
        assert_eq!(store.number("select count(*) from orders").await, orders);
        let changed = store.sql("update statements set presence = 'present'").await;
        assert!(changed.is_err(), "statements are append-only");
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn a_second_round_on_a_day_goes_ahead_only_by_somebody_else_of_the_city() {
    on_both(async |store| {
        let mut quiet = plan(DAY);
        quiet.keep_open = true;
        run(&store.store, &Files::quiet(DAY).write(store, "quiet"), &quiet).await.unwrap();
        let (d, c) = (district().at(at(DAY, "05:00")), city_command().at(at(DAY, "05:10")));
        assert_eq!(d.tries(store, "rounds.plan", &[], &round("first", "500103", "10")).await, "made R20221120-1");
        let again = round("second", COMMUNITIES[0], "10");
        let told = d.tries(store, "rounds.plan", &[], &again).await;
        assert!(told.contains("R20221120-1") && told.contains("round.a_day"), "{told}");
        let mut despite = again.clone();
        despite.push(("despite", "tubes of the first were lost"));
        // a size that nobody validated is not asked for
        let mut large = despite.clone();
        large.iter_mut().filter(|(name, _)| *name == "pool_size").for_each(|(_, size)| *size = "7");
        assert!(d.tries(store, "rounds.plan", &[], &large).await.contains("pool."));
        assert_eq!(c.tries(store, "rounds.plan", &[], &despite).await, "made R20221120-2");
        let state = "select state from rounds where round = 'R20221120-2'";
        let waits =
            "select worklist || ' ' || owner from items where subject in ('round/R20221120-2', 'approved/R20221120-2')
            and closed_at is null order by 1";
        assert_eq!(store.texts(state).await, ["refused"]);
        assert_eq!(store.texts(waits).await, ["clarify 50"]);
        // its hour comes, and it does not open
        line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, "06:05")).await.unwrap();
        assert_eq!(store.texts(state).await, ["refused"]);
        let why = [("reason", "three boxes of the first round were lost")];
        let key = ["R20221120-2"];
        assert_eq!(c.tries(store, "rounds.approve", &key, &why).await, "is planned by yourself");
        assert_eq!(d.tries(store, "rounds.approve", &key, &why).await, "not yours");
        assert_eq!(c.tries(store, "rounds.approve", &["R20221120-1"], &why).await, "is open");
        let other = person("c2", Role::CityCommand, "50", None).at(at(DAY, "06:10"));
        assert_eq!(other.tries(store, "rounds.approve", &key, &why).await, "done");
        assert_eq!(other.tries(store, "rounds.approve", &key, &why).await, "same");
        assert_eq!(store.texts(state).await, ["open"]);
        assert_eq!(store.texts(waits).await, ["review 50"]);
        assert!(store.sql("update round_approvals set reason = 'x'").await.is_err(), "approvals are append-only");
        let told = "select actor from events where kind = 'round.approved' and body like '%round.a_day%'";
        assert_eq!(store.texts(told).await, ["c2"]);
        // a third one is refused as the second was
        assert!(d.tries(store, "rounds.plan", &[], &again).await.contains("round.a_day"));
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn what_nobody_needs_of_the_log_is_cut_and_a_board_behind_it_reads_anew() {
    on_both(async |store| {
        let mut evening = plan(DAY);
        evening.keep_open = true;
        run(&store.store, &Files::example().write(store, DAY), &evening).await.unwrap();
        let d = district().at(at(DAY, "05:00"));
        d.does(store, "rounds.plan", &[], &round("r", "500103", "10")).await.unwrap();
        line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, "06:10")).await.unwrap();
        let mut behind = board(store, at(DAY, "06:20")).await;
        let worker = person("w1", Role::CommunityWorker, "500103013006", None);
        for (clock, who) in [("06:30", "P011"), ("06:31", "P012"), ("06:32", "P013")] {
            let given =
                [("presence", "refused"), ("until", "2022-11-20T20:00:00+08:00"), ("reason", "said at the door")];
            assert_eq!(worker.at(at(DAY, clock)).tries(store, "people.state", &[who], &given).await, "done");
        }
        let head = store.number("select max(seq) from coverage_log").await;
        let mut tx = store.store.begin(&city()).await.unwrap();
        assert_eq!(tx.cut_coverage_log(at(DAY, "00:00"), head).await.unwrap(), 0, "all of it is to be kept");
        let gone = tx.cut_coverage_log(at(DAY, "00:00"), 1).await.unwrap();
        tx.commit().await.unwrap();
        assert!(gone > 0);
        assert_eq!(store.number("select count(*) from coverage_log").await, 2);
        assert_eq!(store.number("select max(seq) from coverage_log").await, head, "nobody who kept up is disturbed");
        let now = at(DAY, "07:00");
        let mut tx = store.store.look(&city()).await.unwrap().as_of(now);
        behind.look(&mut tx, now).await.unwrap();
        drop(tx);
        assert_eq!(said(&behind, "R20221120-1", "500103"), doors(store, "R20221120-1", "500103", now).await.0);
        // what was closed since is still recounted
        assert_eq!(d.at(at(DAY, "22:10")).tries(store, "rounds.close", &["R20221120-1"], &[]).await, "done");
        let mut tx = store.store.begin(&city()).await.unwrap();
        tx.cut_coverage_log(at(DAY, "00:00"), 0).await.unwrap();
        tx.commit().await.unwrap();
        signs_and_holds(store, DAY).await;
    });
}

/// A chance that a seed gives again (splitmix64; Steele and others 2014).
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }
}

/// Things that are told of some people: tubes with members, results and their corrections, statements. Each needs only the ones
/// before it that it names.
fn told(seed: u64) -> (Vec<Object>, Vec<(usize, Object)>) {
    let mut dice = Dice(seed);
    let (mut tubes, mut after) = (Vec::new(), Vec::new());
    let people = |dice: &mut Dice| format!("P{:03}", 1 + dice.below(80));
    for n in 0..12 {
        let (tube, hour) = (format!("X{n:02}"), 3 + dice.below(19));
        let place = COMMUNITIES[dice.below(2)];
        let collected = format!("2022-11-20T{hour:02}:30:00+08:00");
        tubes.push(object(&[
            ("tube", &tube),
            ("division", place),
            ("purpose", "community"),
            ("size", "10"),
            ("collected_at", &collected),
            ("laboratory", if place == COMMUNITIES[0] { "L1" } else { "L2" }),
        ]));
        for _ in 0..1 + dice.below(6) {
            after.push((0, object(&[("tube", &tube), ("person", &people(&mut dice))])));
        }
        for _ in 0..dice.below(3) {
            let version = ["P", "F", "C", "W"][dice.below(4)];
            let finding = ["negative", "negative", "invalid", "inconclusive"][dice.below(4)];
            let reported = format!("2022-11-20T22:{:02}:{:02}+08:00", dice.below(50), dice.below(60));
            after.push((
                1,
                object(&[
                    ("laboratory", "L1"),
                    ("tube", &tube),
                    ("version", version),
                    ("finding", finding),
                    ("reported_at", &reported),
                ]),
            ));
        }
    }
    for n in 0..25 {
        let presence = dayclear_core::roster::Presence::NAMES[dice.below(9)];
        let hour = dice.below(22);
        let until = if dice.below(2) == 0 { String::new() } else { format!("2022-11-20T{:02}:15:00+08:00", hour + 1) };
        after.push((
            2,
            object(&[
                ("person", &people(&mut dice)),
                ("presence", presence),
                ("said_at", &format!("2022-11-20T{hour:02}:10:00+08:00")),
                ("said_by", &format!("w{n}")),
                ("until", &until),
                ("reason", "said"),
            ]),
        ));
    }
    (tubes, after)
}

#[test]
fn whatever_comes_in_whatever_order_the_coverage_is_the_same_and_adds_up() {
    let tables: [&'static Table; 3] = [&schema::MEMBERS, &schema::RESULTS, &schema::STATEMENTS];
    for seed in 1..=2 {
        let mut answers = Vec::new();
        for order in 0..2 {
            let answer = on_both(async |store| {
                let mut quiet = plan(DAY);
                quiet.keep_open = true;
                run(&store.store, &Files::quiet(DAY).write(store, "quiet"), &quiet).await.unwrap();
                let c = city_command().at(at(DAY, "05:00"));
                for divisions in ["500103", "500112"] {
                    let given = round("r", divisions, "10");
                    c.does(store, "rounds.plan", &[], &given).await.unwrap();
                }
                let post = person("d50", Role::DistrictCommand, "50", None).at(at(DAY, "22:59"));
                line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, "22:58")).await.unwrap();
                let now = at(DAY, "22:59");
                let mut kept = board(store, now).await;
                let (tubes, mut after) = told(seed);
                let mut dice = Dice(seed * 100 + order);
                for at in (1..after.len()).rev() {
                    after.swap(at, dice.below(at + 1));
                }
                gives(&post, store, &schema::TUBES, tubes).await.unwrap();
                for (n, (kind, row)) in after.into_iter().enumerate() {
                    gives(&post, store, tables[kind], vec![row]).await.unwrap();
                    if n % 6 == 0 {
                        let mut tx = store.store.look(&city()).await.unwrap();
                        kept.look(&mut tx, now).await.unwrap();
                    }
                }
                let mut tx = store.store.look(&city()).await.unwrap();
                kept.look(&mut tx, now).await.unwrap();
                drop(tx);
                let fresh = board(store, now).await;
                let mut answer = Vec::new();
                for (id, code) in [("R20221120-1", COMMUNITIES[0]), ("R20221120-2", COMMUNITIES[1])] {
                    let text = said(&kept, id, "50");
                    assert_eq!(text, said(&fresh, id, "50"));
                    let (listed, people) = doors(store, id, "50", now).await;
                    assert_eq!(text, listed);
                    let roster = format!("select count(*) from people where registered and division = '{code}'");
                    let counts = fresh.counts(id, &Part::Division("50")).unwrap();
                    assert_eq!(counts.people as i64, store.number(&roster).await);
                    assert_eq!(people.len() as u64, counts.people);
                    assert_eq!(Some(counts), kept.counts(id, &Part::Division(code)));
                    answer.push((text, counts.twice, people));
                }
                let ids = ["R20221120-1", "R20221120-2"];
                assert_eq!(c.at(at(DAY, "23:30")).tries(store, "rounds.close", &ids, &[]).await, "done done");
                // a late result is no mistake of whoever counted: its community is passed over, the others are not
                let late = object(&[
                    ("laboratory", "L1"),
                    ("tube", "X00"),
                    ("version", "C"),
                    ("finding", "invalid"),
                    ("reported_at", "2022-11-20T23:31:00+08:00"),
                ]);
                gives(&post.at(at(DAY, "23:31")), store, &schema::RESULTS, vec![late]).await.unwrap();
                holds(store).await;
                answer
            });
            answers.push(answer);
        }
        assert_eq!(answers[0], answers[1], "seed {seed}");
    }
}
