//! Evidence given online against the same rows in a day's files: the same store comes of it. What follows at once, what is
//! refused, the line as of now, the first page and the public part.

use crate::{
    city::{DAY, Files, at, city, packs, plan, run, settings},
    engines::{Dump, TestStore, differences, on_both},
    floor::{Person, city_command, district, evening, holds, moment, person, signs_and_holds},
};
use dayclear_core::{
    access::Role,
    schema::{self, Table},
    welfare::RequestKind,
};
use dayclear_ops::{
    desk::{DeskError, Refusal},
    evidence::{How, Rows, take},
    line::{self, Pass},
    public::{self, Asked, Counter},
};
use dayclear_store::landing::{Doubt, Tally};
use std::collections::BTreeMap;

pub type Object = BTreeMap<String, String>;

pub fn object(pairs: &[(&str, &str)]) -> Object {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

pub async fn gives(
    who: &Person,
    store: &TestStore,
    table: &'static Table,
    rows: Vec<Object>,
    how: How,
) -> Result<(Tally, Vec<Doubt>), DeskError> {
    take(&store.store, &who.doing(None), table, Rows::Json(rows), how).await
}

pub const KEEP: How = How { keep_doubtful: true, dry_run: false };

fn result(laboratory: &str, tube: &str, version: &str, finding: &str, clock: &str) -> Object {
    let at = format!("2022-11-20T{clock}:00+08:00");
    object(&[
        ("laboratory", laboratory),
        ("tube", tube),
        ("version", version),
        ("finding", finding),
        ("reported_at", &at),
        ("ct_n", if finding == "positive" { "24.5" } else { "" }),
    ])
}

/// The rows of a table of the example.
fn example_rows(table: &str) -> Vec<Object> {
    let path = crate::city::repository(&format!("examples/day/{table}.csv"));
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader.headers().unwrap().clone();
    let object = |record: csv::StringRecord| {
        header.iter().zip(record.iter()).map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
    };
    reader.records().map(|record| object(record.unwrap())).collect()
}

/// The city before anything has happened, its day open.
pub async fn morning(store: &TestStore) {
    let mut files = Files::example();
    for table in
        ["tubes", "members", "results", "assessments", "contacts", "visits", "requests", "handovers", "deliveries"]
    {
        files = files.emptied(table);
    }
    let mut plan = plan(DAY);
    plan.keep_open = true;
    run(&store.store, &files.write(store, "morning"), &plan).await.unwrap();
}

pub async fn pass(store: &TestStore, clock: &str) -> Pass {
    let now = at(DAY, clock);
    line::pass(&store.store, packs(), &settings(), "covid-19", &city(), now).await.unwrap()
}

/// What does not depend on the way: without the chain, the counts of files, the keys of commands, who gave results by hand, and which rows came
/// together.
pub fn without_the_way(mut dump: Dump) -> Dump {
    for table in ["events", "chain", "outbox", "intake", "commands", "doubts", "line_seen", "days", "agenda", "passes"]
    {
        dump.remove(table);
    }
    dump.remove("results_by_hand");
    // which swabs came in one call is the way; what they are is in the tables of swabs
    dump.remove("coverage_log");
    // a file with rows kept aside is an item, and so is the same call; their names differ by the way
    for table in ["items", "postings"] {
        dump.entry(table.to_owned()).and_modify(|rows| rows.retain(|row| !row.contains("subject=file/")));
    }
    dump.remove("movements");
    dump
}

#[test]
fn the_same_rows_online_and_in_files_make_the_same_store() {
    on_both(async |store| {
        // one by one in the order of a day: what is known first is told first
        morning(store).await;
        let mut d = person("d1", Role::DistrictCommand, "50", None);
        d.now = at(DAY, "15:45");
        for table in [
            &schema::TUBES,
            &schema::MEMBERS,
            &schema::ASSESSMENTS,
            &schema::CONTACTS,
            &schema::VISITS,
            &schema::REQUESTS,
            &schema::RESULTS,
            &schema::DELIVERIES,
        ] {
            let rows = example_rows(table.name);
            // results are given by the laboratories that they name: another's word leads to no guests of a place
            let mut by_laboratory: BTreeMap<String, Vec<Object>> = BTreeMap::new();
            for row in rows {
                let laboratory = row.get("laboratory").filter(|_| table.name == "results").cloned().unwrap_or_default();
                by_laboratory.entry(laboratory).or_default().push(row);
            }
            for (laboratory, rows) in by_laboratory {
                let given = rows.len() as u64;
                let mut lab = person("l1", Role::Laboratory, "50", Some(&laboratory));
                lab.now = d.now;
                let who = if laboratory.is_empty() { &d } else { &lab };
                let (tally, _) = gives(who, store, table, rows, KEEP).await.unwrap();
                assert!(tally.adds_up() && tally.read == given, "{}: {tally:?}", table.name);
            }
        }
        // what is dated later is there, and is not known yet
        pass(store, "15:45").await;
        pass(store, "23:50").await;
        let online = without_the_way(store.dump().await);
        holds(store).await;

        let other = TestStore::file().await;
        morning(&other).await;
        // the report of a driver, which the other way did not give, is left out here too
        let folder = Files::example().emptied("handovers").write(&other, "evening");
        let settings = settings();
        let date = crate::city::day_of(DAY);
        let pack = dayclear_ops::day::pack_for(packs(), "covid-19", date).unwrap();
        let day = dayclear_ops::minutes::Day::whole(date, pack, &settings);
        let watch: dayclear_ops::day::Watch<'_> = &mut |_, _| {};
        let digests = folder.digests(watch).unwrap();
        dayclear_ops::intake::run(&other.store, &city(), &day, &folder, &digests, false, watch).await.unwrap();
        pass(&other, "15:45").await;
        pass(&other, "23:50").await;
        let in_files = without_the_way(other.dump().await);
        let found = differences(&online, &in_files);
        assert!(found.is_empty(), "online (-) and in files (+):\n{}", found.join("\n"));
        other.close().await;
    });
}

#[test]
fn what_follows_from_a_result_is_done_with_it() {
    on_both(async |store| {
        morning(store).await;
        let d = person("d1", Role::DistrictCommand, "50", None);
        let mut lab = person("l1", Role::Laboratory, "50", Some("L1"));
        lab.now = at(DAY, "13:00");
        for table in [&schema::TUBES, &schema::MEMBERS] {
            gives(&d, store, table, example_rows(table.name), KEEP).await.unwrap();
        }
        let open = "select worklist || ' ' || subject from items where closed_at is null and worklist in
            ('recall', 'move', 'report', 'diagnose', 'investigate', 'review') order by worklist, subject";
        assert_eq!(store.texts(open).await, Vec::<String>::new());
        let one = How::default();
        // a positive pool: its ten members are called by name, with a deadline
        let (tally, _) =
            gives(&lab, store, &schema::RESULTS, vec![result("L1", "T001", "F", "positive", "12:30")], one)
                .await
                .unwrap();
        assert_eq!((tally.read, tally.created), (1, 1));
        assert_eq!(store.texts(open).await.len(), 10);
        assert_eq!(
            store.number("select count(*) from items where worklist = 'recall' and due_at is not null").await,
            10
        );
        let ended = "select closed_at is not null from items where worklist = 'test' and subject = 'T001'";
        assert_eq!(store.number(&format!("select count(*) from ({ended}) x")).await, 1);
        // a single of a member: negative, so that member is free; positive, so a case is there and waits to be moved
        lab.now = at(DAY, "19:00");
        gives(&lab, store, &schema::RESULTS, vec![result("L1", "T102", "F", "negative", "18:20")], one).await.unwrap();
        gives(&lab, store, &schema::RESULTS, vec![result("L1", "T101", "F", "positive", "18:20")], one).await.unwrap();
        let case = "C20221120-P001";
        let now_open = store.texts(open).await;
        for worklist in ["diagnose", "investigate", "move"] {
            assert!(now_open.contains(&format!("{worklist} {case}")), "{worklist}: {now_open:?}");
        }
        assert_eq!(now_open.iter().filter(|item| item.starts_with("recall")).count(), 8);
        let state = "select state from transfers where person = 'P001'";
        assert_eq!(store.texts(state).await, ["requested"]);
        // a correction after its consequences waits for a person
        gives(&lab, store, &schema::RESULTS, vec![result("L1", "T101", "C", "negative", "18:40")], one).await.unwrap();
        assert!(store.texts(open).await.contains(&"review T101".to_owned()));
        // the line takes it on: a bed and a vehicle
        assert!(pass(store, "19:10").await.changed);
        holds(store).await;
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn nobody_speaks_of_what_lies_outside_their_duty() {
    on_both(async |store| {
        evening(store).await;
        let lab = person("l1", Role::Laboratory, "50", Some("L1"));
        let worker = person("w1", Role::CommunityWorker, "500112016001", None);
        let refused = async |who: &Person, table: &'static Table, row: Object| match gives(
            who,
            store,
            table,
            vec![row],
            How::default(),
        )
        .await
        {
            Ok((tally, _)) => format!("{tally:?}"),
            Err(DeskError::Refused(Refusal::Invalid(faults))) => {
                faults.iter().map(|fault| format!("{}={}", fault.field, fault.value)).collect::<Vec<_>>().join(" ")
            }
            Err(DeskError::Refused(Refusal::NotYours { .. })) => "not yours".to_owned(),
            Err(other) => panic!("{other}"),
        };
        let before = without_the_way(store.dump().await);
        assert_eq!(
            refused(&lab, &schema::RESULTS, result("L2", "T012", "F", "negative", "22:50")).await,
            "laboratory=L2"
        );
        assert_eq!(refused(&lab, &schema::RESULTS, result("L1", "T012", "F", "negative", "22:50")).await, "tube=T012");
        assert_eq!(refused(&lab, &schema::RESULTS, result("L1", "T999", "F", "negative", "22:50")).await, "tube=T999");
        assert_eq!(refused(&lab, &schema::RESULTS, result("L1", "T001", "X", "negative", "22:50")).await, "version=X");
        assert_eq!(
            refused(&worker, &schema::RESULTS, result("L1", "T001", "F", "negative", "22:50")).await,
            "not yours"
        );
        let request = |division: &str| {
            let fields = [
                ("request", "R9"),
                ("kind", "food"),
                ("division", division),
                ("received_at", "2022-11-20T22:00:00+08:00"),
            ];
            object(&fields)
        };
        assert_eq!(refused(&worker, &schema::REQUESTS, request("500103013006")).await, "division=500103013006");
        let driver = person("v1", Role::Driver, "50", Some("V1"));
        let handover = |person: &str, step: &str| {
            object(&[("person", person), ("step", step), ("at", "2022-11-20T22:00:00+08:00")])
        };
        assert_eq!(refused(&driver, &schema::HANDOVERS, handover("P079", "picked_up")).await, "person=P079");
        let tracer = person("t1", Role::Tracer, "500103", None);
        let contact = object(&[
            ("case_person", "P006"),
            ("person", "P030"),
            ("class", "same_room"),
            ("first_exposure", "2022-11-19"),
            ("last_exposure", "2022-11-19"),
        ]);
        assert_eq!(refused(&tracer, &schema::CONTACTS, contact.clone()).await, "case_person=P006");
        assert!(differences(&before, &without_the_way(store.dump().await)).is_empty());
        // once the case is theirs, they may
        let assigned = [("assignee", "t1")];
        assert_eq!(district().tries(store, "items.assign", &["investigate:C20221120-P006"], &assigned).await, "done");
        assert!(refused(&tracer, &schema::CONTACTS, contact).await.starts_with("Tally { read: 1, created: 1"));
        holds(store).await;
    });
}

#[test]
fn many_rows_are_counted_kept_aside_corrected_and_taken() {
    on_both(async |store| {
        evening(store).await;
        let d = person("d1", Role::DistrictCommand, "50", None);
        let rows = || {
            vec![
                result("L1", "T011", "F", "negative", "22:50"),
                result("L1", "T913", "F", "negative", "22:50"),
                result("L1", "T003", "F", "negative", "12:30"),
                result("L1", "T012", "F", "perhaps", "22:50"),
            ]
        };
        let before = store.dump().await;
        let dry = How { keep_doubtful: true, dry_run: true };
        let (would, _) = gives(&d, store, &schema::RESULTS, rows(), dry).await.unwrap();
        assert!(differences(&before, &store.dump().await).is_empty(), "a dry run did something");
        let (tally, doubts) = gives(&d, store, &schema::RESULTS, rows(), KEEP).await.unwrap();
        assert_eq!(would, tally);
        assert_eq!((tally.read, tally.created, tally.doubtful), (4, 1, 3), "{doubts:?}");
        // again: everything is there
        let (again, aside) = gives(&d, store, &schema::RESULTS, rows(), KEEP).await.unwrap();
        assert_eq!((again.created, again.same, aside.len()), (0, 1, 3));
        holds(store).await;
        let ids = store
            .texts(
                "select digest || ':' || row || ':' || \"column\" || ':' || source from doubts
                where source = 'online/results' order by row",
            )
            .await;
        let key = |at: usize| [ids[at].as_str()];
        for (at, given, expected) in [
            (0, &[("value", "T998")][..], "invalid: tube"),
            (0, &[("value", "T012")], "done"),
            (0, &[("value", "T012")], "same"),
            (2, &[], "invalid: reason"),
            (1, &[("reason", "a double")], "done"),
            (2, &[("reason", "the laboratory sends it again")], "done"),
        ] {
            assert_eq!(d.tries(store, "doubts.resolve", &key(at), given).await, expected, "{at} {given:?}");
        }
        let settled = "select s.finding from settled s join tubes t on t.no = s.tube_no where t.tube = 'T012'";
        assert_eq!(store.texts(settled).await, ["negative"]);
        let item = "select outcome from items where worklist = 'clarify' and subject like 'file/%/online/results'";
        assert_eq!(store.texts(item).await, ["completed"]);
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn the_line_runs_when_something_has_happened_and_not_otherwise() {
    on_both(async |store| {
        evening(store).await;
        assert!(pass(store, "23:00").await.ran);
        let dump = store.dump().await;
        let idle = pass(store, "23:01").await;
        assert_eq!((idle.ran, idle.changed), (false, false));
        assert_eq!(differences(&dump, &store.dump().await), Vec::<String>::new());
        // two at once do it once
        let d = district();
        assert_eq!(d.tries(store, "items.assign", &["answer:R5"], &[("assignee", "w1")]).await, "done");
        let (a, b) = tokio::join!(pass(store, "23:02"), pass(store, "23:02"));
        assert!(a.ran || b.ran);
        // midnight passes, and every deadline up to then: the overdue are passed up
        let now = at("2022-11-21", "12:30");
        let next = line::pass(&store.store, packs(), &settings(), "covid-19", &city(), now).await.unwrap();
        assert!(next.ran && next.escalated > 0, "{next:?}");
        let marked = "select count(*) from items where closed_at is null and due_at <= escalated_at";
        assert!(store.number(marked).await > 0);
        holds(store).await;
        // signed late, the next day is open, and the line goes on there
        let late = city_command().at(now);
        assert_eq!(late.tries(store, "days.sign", &[DAY], &[]).await, "done");
        holds(store).await;
        let next = line::pass(&store.store, packs(), &settings(), "covid-19", &city(), now).await.unwrap();
        assert_eq!((next.ran, next.day.to_string().as_str()), (true, "2022-11-21"));
        holds(store).await;
    });
}

#[test]
fn the_first_page_says_what_the_books_say() {
    on_both(async |store| {
        evening(store).await;
        let now = at(DAY, "23:00");
        // below a district the books count no movements
        for (division, open) in
            [("50", "closed_at is null"), ("500103", "closed_at is null and division like '500103%'")]
        {
            let who = person("d1", Role::DistrictCommand, division, None);
            let mut tx = store.store.look(&who.looker.scope()).await.unwrap();
            let counted = store.number(&format!("select count(*) from items where {open}")).await as u64;
            let before = tx.day_before(DAY.parse().unwrap()).await.unwrap();
            let carried: u64 = match before {
                Some(before) => tx.closings(before.day).await.unwrap().iter().map(|(_, n)| n).sum(),
                None => 0,
            };
            let flow = tx.flow(DAY.parse().unwrap()).await.unwrap();
            let [received, done] = flow.iter().fold([0, 0], |[r, d], (_, [a, b, c])| [r + a, d + b + c]);
            assert_eq!(carried + received - done, counted, "{division}");
            let by_now = moment(store, now);
            let overdue =
                store.number(&format!("select count(*) from items where {open} and due_at <= {by_now}")).await;
            let told: u64 = tx.overdue(now, 100_000).await.unwrap().iter().map(|(_, n)| n).sum();
            assert_eq!(told as i64, overdue, "{division}");
        }
    });
}

#[test]
fn the_public_asks_follows_and_looks_up() {
    on_both(async |store| {
        evening(store).await;
        let (settings, city) = (settings(), city());
        let counter =
            Counter { packs: packs(), pack: "covid-19", settings: &settings, city: &city, now: at(DAY, "23:00") };
        let division = "500103013006".parse().unwrap();
        let asked =
            Asked { kind: RequestKind::Medicine, division: &division, text: "药快吃完了", contact: Some("138") };
        let (number, secret) = public::request(&store.store, &counter, &asked, [7; 16]).await.unwrap();
        let nowhere = "999999".parse().unwrap();
        let elsewhere = Asked { division: &nowhere, ..asked.clone() };
        assert!(public::request(&store.store, &counter, &elsewhere, [8; 16]).await.is_err());
        let dump = store.dump().await;
        assert!(!dump.values().flatten().any(|row| row.contains(&secret)), "the secret was kept");
        let mut tx = store.store.look(&city).await.unwrap();
        let followed = public::follow(&mut tx, &secret).await.unwrap().unwrap();
        assert_eq!((followed.request.as_str(), followed.taken, followed.told), (number.as_str(), false, false));
        assert!(followed.due_at.is_some());
        for wrong in ["", "00", &"0".repeat(32), &secret[1..], &format!("{secret}0"), &number] {
            assert_eq!(public::follow(&mut tx, wrong).await.unwrap(), None, "{wrong}");
        }
        let names =
            |areas: Vec<dayclear_store::public::PublicArea>| areas.into_iter().map(|area| area.id).collect::<Vec<_>>();
        let here = names(public::areas(&mut tx, "翠湖苑").await.unwrap());
        assert_eq!(here, ["Z-2022-11-20-B4-1"]);
        assert!(names(public::areas(&mut tx, "渝北").await.unwrap()).contains(&here[0]));
        // a name of a person, a sign that stands for anything, one letter: nothing
        for nothing in ["王丽", "%%", "__", "1", ""] {
            assert_eq!(names(public::areas(&mut tx, nothing).await.unwrap()), Vec::<String>::new(), "{nothing}");
        }
        assert_eq!(public::bulletins(&mut tx, 10).await.unwrap().len(), 0);
        drop(tx);
        let worker = person("w1", Role::CommunityWorker, "500103013006", None);
        let told = [("answer", "brought"), ("confirmed", "no")];
        assert_eq!(worker.tries(store, "requests.answer", &[&number], &told).await, "done");
        let mut tx = store.store.look(&city).await.unwrap();
        assert!(public::follow(&mut tx, &secret).await.unwrap().unwrap().told);
        drop(tx);
        signs_and_holds(store, DAY).await;
        let press = person("i1", Role::PublicInformation, "50", None);
        for account in ["i2", "i3"] {
            let other = person(account, Role::PublicInformation, "50", None);
            assert_eq!(other.tries(store, "bulletins.approve", &["2022-11-20:1"], &[]).await, "done");
        }
        assert_eq!(press.tries(store, "bulletins.publish", &["2022-11-20:1"], &[]).await, "done");
        let mut tx = store.store.look(&city).await.unwrap();
        assert_eq!(public::bulletins(&mut tx, 10).await.unwrap().len(), 1);
        assert!(public::bulletin(&mut tx, crate::city::day_of(DAY), None).await.unwrap().is_some());
    });
}

/// Results of one call that were released at as many moments end as many items in a handful of statements: a step of the store for each
/// of them would hold up everybody who waits for the turn.
#[test]
fn many_results_of_as_many_moments_cost_no_step_each() {
    const TUBES: usize = 150;
    const STEPS: u32 = 100;
    on_both(async |store| {
        morning(store).await;
        let d = Person { now: at(DAY, "20:00"), ..district() };
        let moment = |n: usize| format!("2022-11-20T15:{:02}:{:02}+08:00", n / 60, n % 60);
        let tube = |n: usize| {
            let taken = format!("2022-11-20T09:{:02}:{:02}+08:00", n / 60, n % 60);
            object(&[
                ("tube", &format!("S{n:03}")),
                ("division", "500103013006"),
                ("purpose", "community"),
                ("size", "1"),
                ("laboratory", "L1"),
                ("collected_at", &taken),
            ])
        };
        gives(&d, store, &schema::TUBES, (0..TUBES).map(tube).collect(), How::default()).await.unwrap();
        let result = |n: usize| {
            object(&[
                ("laboratory", "L1"),
                ("tube", &format!("S{n:03}")),
                ("version", "F"),
                ("finding", "negative"),
                ("reported_at", &moment(n)),
            ])
        };
        store.store.lose_after(STEPS);
        let (tally, doubts) =
            gives(&d, store, &schema::RESULTS, (0..TUBES).map(result).collect(), How::default()).await.unwrap();
        store.store.mend();
        assert_eq!((tally.created as usize, doubts.len()), (TUBES, 0));
        let ended =
            "select count(*) from items where worklist = 'deliver' and subject like 'S%' and outcome = 'completed'";
        assert_eq!(store.number(ended).await as usize, TUBES);
        let own = "select count(distinct closed_at) from items where worklist = 'deliver' and subject like 'S%'";
        assert_eq!(store.number(own).await as usize, TUBES, "each at its own moment");
        holds(store).await;
    });
}
