//! Rounds planned from the store, boxes given to laboratories, and where tests find, on both stores.

use crate::{
    city::{DAY, Files, at, city, packs, plan, run, settings},
    engines::{TestStore, on_both},
    floor::{Person, city_command, evening, holds, person},
    online::{self, KEEP, object},
};
use dayclear_core::{
    access::Role,
    command::Command,
    listing::{BOXES, Cell, Listing, Query, ROUND_SITES, YIELDS},
    schema::{self, Table},
};
use dayclear_ops::{
    allot, desk,
    evidence::How,
    line,
    plans::{self, Told},
    yields,
};
use dayclear_store::plans::PlanRow;
use std::collections::BTreeMap;

const HERE: &str = "500103013006";

/// Rows as evidence: all of them are taken.
async fn gives(who: &Person, store: &TestStore, table: &'static Table, rows: Vec<BTreeMap<String, String>>, how: How) {
    let (_, doubts) = online::gives(who, store, table, rows, how).await.unwrap();
    assert!(doubts.is_empty(), "{doubts:?}");
}

fn round<'a>(name: &'a str, purpose: &'a str, day: (&'a str, &'a str), divisions: &'a str) -> Vec<(&'a str, &'a str)> {
    let size = if purpose == "community" { "20" } else { "10" };
    vec![
        ("name", name),
        ("purpose", purpose),
        ("from", day.0),
        ("to", day.1),
        ("divisions", divisions),
        ("pool_size", size),
    ]
}

const TODAY: (&str, &str) = ("2022-11-20T06:00:00+08:00", "2022-11-20T22:00:00+08:00");
const TOMORROW: (&str, &str) = ("2022-11-21T06:00:00+08:00", "2022-11-21T22:00:00+08:00");

async fn planned(store: &TestStore, id: &str, clock: &str) -> (PlanRow, Told) {
    let now = at(DAY, clock);
    let made = plans::make(&store.store, packs(), &settings(), "covid-19", &city(), id, now).await.unwrap().unwrap();
    let told = serde_json::from_str(&made.body).unwrap();
    (made, told)
}

/// Fields of every row of a list, in its order.
async fn listed(store: &TestStore, listing: &'static Listing, fields: &[&str]) -> Vec<String> {
    let mut tx = store.store.look(&city()).await.unwrap().as_of(at(DAY, "23:00"));
    let page = tx.list(listing, &Query { limit: 100, ..Query::default() }).await.unwrap();
    let text = |cell: &Cell| match cell {
        Cell::Text(text) => text.clone(),
        Cell::Whole(n) => n.to_string(),
        Cell::Real(n) => format!("{n:.1}"),
        Cell::Empty => "-".to_owned(),
        Cell::Moment(at) => settings().zone.text(*at)[11..16].to_owned(),
        other => format!("{other:?}"),
    };
    page.rows
        .iter()
        .map(|row| fields.iter().map(|field| text(row.get(listing, field))).collect::<Vec<_>>().join(" "))
        .collect()
}

#[test]
fn a_round_is_planned_from_the_roster_and_again_the_same() {
    on_both(async |store| {
        evening(store).await;
        let c = city_command().at(at(DAY, "05:00"));
        let people = "select count(*) from people p join households h on h.household = p.household
            where p.registered and p.merged_into is null and h.division like '500103%'";
        let people = store.number(people).await;
        let mut grounded = round("second", "expanded_screening", TOMORROW, "500103");
        grounded.push(("ground", "long_spread"));
        assert_eq!(c.tries(store, "rounds.plan", &[], &grounded).await, "made R20221121-1");
        assert_eq!(c.tries(store, "rounds.cancel", &["R20221121-1"], &[("reason", "again")]).await, "done");
        assert_eq!(c.tries(store, "rounds.plan", &[], &grounded).await, "made R20221121-2");
        // what it would take is said before it is made, and nothing is made
        let given = grounded.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        let command = Command::named("rounds", "plan").unwrap();
        let input = desk::read(command.fields, &given, &settings().zone).unwrap();
        let c2 = c.at(at(DAY, "05:01"));
        let twice = desk::estimate(&store.store, &c2.doing(None), &input).await.unwrap_err().to_string();
        assert!(twice.contains("R20221121-2") && twice.contains("round.a_day"), "{twice}");
        assert_eq!(store.number("select count(*) from rounds").await, 2);
        // the server plans by itself whatever has no plan
        let went = plans::go_on(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, "05:02")).await;
        assert_eq!(went.unwrap(), 1);
        let fields = ["id", "division", "people", "expected_people", "lanes", "opens_at", "closes_at", "tubes"];
        let sites = listed(store, &ROUND_SITES, &fields).await;
        let body = "select body from round_plans where round = 'R20221121-2'";
        let (before, calls) = (
            store.texts(body).await,
            "select cast(sum(people) as bigint) from round_calls where round = 'R20221121-2'",
        );
        assert_eq!(store.number(calls).await, people, "everybody is called once");
        let (row, told) = planned(store, "R20221121-2", "05:03").await;
        let totals = told.totals.unwrap();
        assert_eq!((told.refused, row.people, row.sites as usize), (None, people, sites.len()));
        assert!(totals.samplers > 0 && totals.tubes as i64 >= people / 10 && totals.laboratory_runs > 0, "{totals:?}");
        assert_eq!(told.hours.iter().map(|hour| hour.called).sum::<u64>(), people as u64);
        assert!(
            sites.iter().all(|site| site.contains(" 500103") && site.contains(" - ") && site.contains("06:00 22:00")),
            "{sites:?}"
        );
        assert_eq!(c.tries(store, "rounds.cancel", &["R20221121-2"], &[("reason", "once more")]).await, "done");
        let estimated = desk::estimate(&store.store, &c2.doing(None), &input).await.unwrap();
        assert_eq!((estimated.people, estimated.sites, estimated.refusal), (people, row.sites, None));
        assert_eq!(store.number("select count(*) from rounds").await, 2);
        // planning again gives the same, and keeps one plan
        assert_eq!(store.texts(body).await, before);
        assert_eq!(listed(store, &ROUND_SITES, &fields).await, sites);
        assert_eq!(went_on(store, "05:04").await, 0);
        // a day on which no rules are in force holds nobody up
        let before = ("1999-11-21T06:00:00+08:00", "1999-11-21T22:00:00+08:00");
        let c = c.at(at("1999-11-20", "05:00"));
        let mut early = round("early", "expanded_screening", before, "500103");
        early.push(("ground", "long_spread"));
        assert_eq!(c.tries(store, "rounds.plan", &[], &early).await, "made R19991121-1");
        assert_eq!(went_on(store, "05:05").await, 1);
        let refusal = "select refusal from round_plans where round = 'R19991121-1'";
        assert!(store.texts(refusal).await[0].contains("no protocol pack"));
        holds(store).await;
    });
}

#[test]
fn a_round_is_no_wider_and_no_more_often_than_its_area_needs() {
    on_both(async |store| {
        evening(store).await;
        let c = city_command().at(at(DAY, "05:00"));
        let tries = async |given: &[(&str, &str)]| c.tries(store, "rounds.plan", &[], given).await;
        let area =
            store.texts("select id from zones where released_on is null and division like '500103%' order by id");
        let area = area.await.remove(0);
        // everybody of a division without a ground, or as if it were an area: with the clause, and what is milder
        for (purpose, said) in [
            ("community", "source_unclear or long_spread"),
            ("expanded_screening", "round.widened"),
            ("area_screening", "more than the area needs: 500103"),
        ] {
            let mut given = round("wide", purpose, TOMORROW, "500103");
            given.iter_mut().filter(|(name, _)| *name == "pool_size").for_each(|(_, size)| *size = "10");
            let told = tries(&given).await;
            assert!(told.contains("forbidden") && told.contains(said) && told.contains(&area), "{purpose}: {told}");
            // a reason in words is no ground
            given.push(("despite", "to be quite sure"));
            assert!(tries(&given).await.contains(said), "{purpose}");
        }
        // the milder one: the areas that stand, as long as they do
        let narrow = [
            ("name", "narrow"),
            ("purpose", "area_screening"),
            ("from", TOMORROW.0),
            ("to", TOMORROW.1),
            ("areas", area.as_str()),
            ("pool_size", "10"),
        ];
        assert_eq!(tries(&narrow).await, "made R20221121-1");
        store.sql(&format!("update zones set released_on = opened_on where id = '{area}'")).await.unwrap();
        assert!(c.tries(store, "rounds.start", &["R20221121-1"], &[]).await.contains("was released"));
        line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, "23:00")).await.unwrap();
        let state = "select state from rounds where round = 'R20221121-1'";
        assert_eq!(store.texts(state).await, ["planned"]);
        assert_eq!(c.tries(store, "rounds.cancel", &["R20221121-1"], &[("reason", "released")]).await, "done");
        assert!(tries(&narrow).await.contains("was released"));
    });
}

async fn went_on(store: &TestStore, clock: &str) -> usize {
    plans::go_on(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, clock)).await.unwrap()
}

/// A quiet city in which an area is sampled and two tubes are closed: one with somebody who becomes a case.
async fn sampled(store: &TestStore) {
    let mut quiet = plan(DAY);
    quiet.keep_open = true;
    run(&store.store, &Files::quiet(DAY).write(store, "quiet"), &quiet).await.unwrap();
    let c = city_command().at(at(DAY, "05:00"));
    let mut first = round("first", "community", TODAY, HERE);
    first.push(("ground", "source_unclear"));
    c.does(store, "rounds.plan", &[], &first).await.unwrap();
    let d = Person { now: at(DAY, "20:00"), ..person("d1", Role::DistrictCommand, "50", None) };
    for (tube, size, people, purpose) in
        [("Y1", "20", &["P001", "P002", "P003"][..], "community"), ("Y2", "1", &["P005"], "key_person")]
    {
        let tube_row = object(&[
            ("tube", tube),
            ("division", HERE),
            ("purpose", purpose),
            ("size", size),
            ("laboratory", "L1"),
            ("collected_at", "2022-11-20T09:00:00+08:00"),
        ]);
        gives(&d, store, &schema::TUBES, vec![tube_row], KEEP).await;
        let rows = people.iter().map(|person| object(&[("tube", tube), ("person", person)])).collect();
        gives(&d, store, &schema::MEMBERS, rows, KEEP).await;
    }
    for (tube, finding) in [("Y1", "negative"), ("Y2", "positive")] {
        let result = object(&[
            ("laboratory", "L1"),
            ("tube", tube),
            ("version", "F"),
            ("finding", finding),
            ("reported_at", "2022-11-20T15:00:00+08:00"),
        ]);
        gives(&d, store, &schema::RESULTS, vec![result], KEEP).await;
    }
    line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, "20:30")).await.unwrap();
}

#[test]
fn what_a_round_found_and_who_came_is_for_the_next_one() {
    on_both(async |store| {
        sampled(store).await;
        let c = city_command().at(at(DAY, "21:00"));
        assert_eq!(yields::look(&store.store, &city(), at(DAY, "20:40"), 60).await.unwrap(), 1);
        assert_eq!(yields::look(&store.store, &city(), at(DAY, "20:50"), 60).await.unwrap(), 0, "counted already");
        let fields = ["id", "tubes", "tests", "positives", "in_community", "per_10000", "cost_per_positive"];
        let expected = ["R20221120-1:key_person 1 1 1 1 10000.0 -", "R20221120-1:community 1 3 0 0 0.0 -"];
        assert_eq!(listed(store, &YIELDS, &fields).await, expected);
        // with the price of the laboratory the cost of a positive is known
        store.sql("update laboratories set price = 20 where laboratory = 'L1'").await.unwrap();
        assert_eq!(yields::look(&store.store, &city(), at(DAY, "22:00"), 60).await.unwrap(), 1);
        assert_eq!(listed(store, &YIELDS, &fields).await[0], "R20221120-1:key_person 1 1 1 1 10000.0 20.0");
        assert_eq!(c.tries(store, "rounds.close", &["R20221120-1"], &[]).await, "done");
        let came = "select cast(sum(people) as text) || ' ' || cast(sum(sampled) as text) from round_attendance";
        let people = store.number("select cast(sum(people) as bigint) from round_counts").await;
        assert_eq!(store.texts(came).await, [format!("{people} 4")]);
        // the round of the next day expects as many, and knows what tests of its purpose find
        let mut next = round("next", "community", TOMORROW, HERE);
        next.push(("ground", "source_unclear"));
        assert_eq!(c.tries(store, "rounds.plan", &[], &next).await, "made R20221121-1");
        let (row, told) = planned(store, "R20221121-1", "21:30").await;
        assert_eq!((told.refused, row.people), (None, people));
        assert_eq!(told.attended, Some(("R20221120-1".to_owned(), people, 4)));
        let expected = row.expected.unwrap();
        assert!((3..=5).contains(&expected), "{expected}");
        let found = told.found.unwrap();
        assert!(found.per_10000 > 0.0 && found.tests_now == 3 && found.size.is_some(), "{found:?}");
        holds(store).await;
    });
}

/// Boxes with these tubes, packed at the site.
async fn packed(store: &TestStore, boxes: &[(&str, usize)]) {
    let w = person("w1", Role::CommunityWorker, HERE, None).at(at(DAY, "10:00"));
    let d = Person { now: at(DAY, "10:00"), ..person("d1", Role::DistrictCommand, "50", None) };
    for (code, tubes) in boxes {
        for n in 0..*tubes {
            let name = format!("{code}{n}");
            let tube = object(&[
                ("tube", &name),
                ("division", HERE),
                ("purpose", "community"),
                ("size", "10"),
                ("collected_at", "2022-11-20T08:00:00+08:00"),
            ]);
            gives(&d, store, &schema::TUBES, vec![tube], KEEP).await;
            let packing =
                object(&[("box", code), ("tube", &name), ("at", "2022-11-20T09:30:00+08:00"), ("said_by", "w1")]);
            gives(&w, store, &schema::PACKINGS, vec![packing], KEEP).await;
        }
    }
}

async fn allotted(store: &TestStore, clock: &str) -> Option<allot::Allotted> {
    allot::look(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, clock)).await.unwrap()
}

const MEANT: [&str; 4] = ["box", "meant_for", "result_at", "chosen_by"];

#[test]
fn boxes_go_where_results_are_soonest_and_never_beyond_what_is_validated() {
    on_both(async |store| {
        let mut quiet = plan(DAY);
        quiet.keep_open = true;
        run(&store.store, &Files::quiet(DAY).write(store, "quiet"), &quiet).await.unwrap();
        // one that is quick and small, one that is slow and large, one of which nobody knows what it may do
        for (laboratory, a_day, minutes) in [("L1", "3", "60"), ("L2", "100", "600"), ("L3", "null", "1")] {
            let sql = format!(
                "update laboratories set tubes_a_day = {a_day}, tubes_an_hour = 60, turnaround_min = {minutes}, travel_min = 30
                 where laboratory = '{laboratory}'"
            );
            store.sql(&sql).await.unwrap();
        }
        packed(store, &[("A", 2), ("B", 2)]).await;
        let first = allotted(store, "10:00").await.unwrap();
        assert_eq!((first.boxes, first.changed, first.without), (2, 2, 0));
        assert_eq!(allotted(store, "10:05").await, None, "nothing has changed");
        let mut meant = listed(store, &BOXES, &["box", "meant_for"]).await;
        meant.sort();
        assert!(meant == ["A L1", "B L2"] || meant == ["A L2", "B L1"], "L1 may take three tubes: {meant:?}");
        // a person chooses otherwise, within what is validated, and says why
        let d = person("d1", Role::DistrictCommand, "500103", None).at(at(DAY, "10:10"));
        let to = |laboratory| [("laboratory", laboratory), ("reason", "the road is closed")];
        let fast = if meant[0] == "A L1" { "A" } else { "B" };
        let slow = if fast == "A" { "B" } else { "A" };
        assert_eq!(d.tries(store, "boxes.direct", &[fast], &to("L2")).await, "done");
        assert_eq!(d.tries(store, "boxes.direct", &[fast], &to("L2")).await, "same");
        assert_eq!(d.tries(store, "boxes.direct", &["none"], &to("L2")).await, "unknown");
        assert_eq!(d.tries(store, "boxes.direct", &[fast], &to("L9")).await, "invalid: laboratory");
        let elsewhere = person("d2", Role::DistrictCommand, "500112", None).at(at(DAY, "10:10"));
        assert_eq!(elsewhere.tries(store, "boxes.direct", &[fast], &to("L1")).await, "unknown");
        assert!(allotted(store, "10:11").await.is_some(), "a choice is worked in");
        let of = async |code: &str| {
            let all = listed(store, &BOXES, &MEANT).await;
            all.into_iter().find(|line| line.starts_with(code)).unwrap()
        };
        assert!(of(fast).await.starts_with(&format!("{fast} L2 ")) && of(fast).await.ends_with(" d1"));
        assert!(of(slow).await.starts_with(&format!("{slow} L1 ")), "the other one has the room now");
        assert_eq!(d.tries(store, "boxes.direct", &[slow], &to("L1")).await, "done");
        let full = d.tries(store, "boxes.direct", &[fast], &to("L1")).await;
        assert!(full.contains("validated for: 1 tubes are left"), "{full}");
        // a suspended laboratory gets none, whoever chose it, and what is on its way there is meant for another
        let moved = object(&[
            ("box", slow),
            ("step", "sent"),
            ("at", "2022-11-20T10:20:00+08:00"),
            ("division", HERE),
            ("laboratory", "L1"),
            ("run", "R1"),
            ("counted", "2"),
            ("said_by", "w1"),
        ]);
        let w = person("w1", Role::CommunityWorker, HERE, None).at(at(DAY, "10:20"));
        gives(&w, store, &schema::BOX_MOVES, vec![moved], KEEP).await;
        allotted(store, "10:21").await.unwrap();
        assert!(of(slow).await.starts_with(&format!("{slow} L1 ")), "what is on its way stays");
        assert_eq!(d.tries(store, "boxes.direct", &[slow], &to("L2")).await, "is underway");
        let c = city_command().at(at(DAY, "10:30"));
        let why = [("reason", "its threshold was set wrong")];
        assert_eq!(c.tries(store, "laboratories.suspend", &["L1"], &why).await, "done");
        let d = d.at(at(DAY, "10:31"));
        assert!(d.tries(store, "boxes.direct", &[fast], &to("L1")).await.contains("withheld"));
        let again = allotted(store, "10:31").await.unwrap();
        assert_eq!((again.changed, again.without), (1, 0));
        assert!(of(slow).await.starts_with(&format!("{slow} L2 ")), "{}", of(slow).await);
        // with nothing validated left a box has no laboratory, and that is said
        assert_eq!(c.tries(store, "laboratories.suspend", &["L2"], &why).await, "done");
        let none = allotted(store, "10:32").await.unwrap();
        assert_eq!((none.without, none.last_result_at), (2, None));
        assert_eq!(of(fast).await, format!("{fast} - - -"));
        let waits =
            "select subject || ' ' || owner from items where subject like 'nowhere/%' and closed_at is null order by 1";
        assert_eq!(store.texts(waits).await, ["nowhere/A 50", "nowhere/B 50"]);
        assert_eq!(listed(store, &BOXES, &["box", "nowhere"]).await.len(), 2);
        holds(store).await;
        // believed again, it takes them, and nobody looks for one any more
        let hold = store.texts("select hold from holds where laboratory = 'L2' and lifted_at is null").await.remove(0);
        assert_eq!(c.tries(store, "holds.lift", &[&hold], &[("reason", "recalibrated")]).await, "done");
        assert_eq!(allotted(store, "10:40").await.unwrap().without, 0);
        assert_eq!(store.texts(waits).await, Vec::<String>::new());
        assert_eq!(c.at(at(DAY, "10:45")).tries(store, "laboratories.suspend", &["L2"], &why).await, "done");
        allotted(store, "10:46").await.unwrap();
        assert_eq!(store.texts(waits).await, ["nowhere/A/2 50", "nowhere/B/2 50"]);
        holds(store).await;
    });
}
