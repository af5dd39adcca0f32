//! Rounds for key places on both stores: a fifth of a school a day, groups that are due twice a week or daily, whom such a round is for by
//! name, what is refused, how it is planned, and that its coverage and what it found are those of the same people.

use crate::{
    city::{DAY, Files, at, city, packs, plan, repository, run, settings},
    engines::{TestStore, on_both},
    floor::{Person, breaks, city_command, district, holds, person},
    imports::bring,
};
use dayclear_core::{
    access::Role,
    command::Command,
    rounds::Cover,
    schema::{self, PLACES, Table},
};
use dayclear_ops::{
    coverage::{Board, Part, Stand, stand},
    desk,
    evidence::{How, Rows, take},
    imports::Keep,
    line,
    plans::{self, Told},
    yields,
};
use std::collections::{BTreeMap, BTreeSet};

const HOME: &str = "500103013006";
const DAYS: [&str; 5] = ["2022-11-20", "2022-11-21", "2022-11-22", "2022-11-23", "2022-11-24"];
const IN_PLACES: &str = "place,kind,name,division,owner,key_group,people,lon,lat\n\
    D1,depot,Parcel depot,500103013006,manager,,,,\n\
    F1,hospital,Fever clinic,500103013006,head of the clinic,fever_clinic_staff,,106.56,29.56\n\
    N1,school,New school,500103013006,head,,,,\n\
    O1,other,Library,500103013006,librarian,,,,\n\
    S1,school,River school,500103013006,head,,23,106.55,29.55\n\
    X1,school,Lake school,500112016001,head,,,,\n";

async fn gives(who: &Person, store: &TestStore, table: &'static Table, row: &[(&str, &str)]) {
    let row: BTreeMap<String, String> =
        row.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    take(&store.store, &who.doing(None), table, Rows::Json(vec![row]), How::default()).await.unwrap();
}

/// People of the example on the list of a place.
async fn enlist(store: &TestStore, place: &str, people: impl IntoIterator<Item = usize>) {
    let mut reader = csv::Reader::from_path(repository("examples/day/people.csv")).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    for n in people {
        let row = &rows[n - 1];
        let entry = n.to_string();
        let row = [
            ("source", if place.starts_with('S') { "school" } else { "employer" }),
            ("list", place),
            ("entry", &entry),
            ("as_of", "2022-11-18T09:00:00+08:00"),
            ("given_by", "office"),
            ("division", HOME),
            ("name", &row[2]),
            ("document", &row[3]),
            ("birth_date", &row[6]),
        ];
        gives(&district().at(at(DAY, "04:00")), store, &schema::LISTED, &row).await;
    }
}

async fn pass(store: &TestStore, date: &str, clock: &str) {
    line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(date, clock)).await.unwrap();
}

/// The city on a quiet day with a school of 23 pupils, a depot of three, a clinic of two of whom one is away, a school whose list nobody
/// has given, and a library.
async fn city_with_places(store: &TestStore) {
    let mut quiet = plan(DAY);
    quiet.keep_open = true;
    run(&store.store, &Files::quiet(DAY).write(store, "quiet"), &quiet).await.unwrap();
    assert_eq!(bring(store, &city(), &PLACES, IN_PLACES, "", Keep::Together).await.created, 6);
    // P013 has no document
    enlist(store, "S1", (1..=24).filter(|n| *n != 13)).await;
    enlist(store, "D1", 27..=29).await;
    enlist(store, "F1", 30..=31).await;
    let away = [("presence", "away"), ("reason", "on a journey")];
    assert_eq!(district().at(at(DAY, "04:10")).tries(store, "people.state", &["P031"], &away).await, "done");
    pass(store, DAY, "05:00").await;
}

fn round(places: &str, day: &str) -> Vec<(&'static str, String)> {
    [
        ("name", "who is due".to_owned()),
        ("purpose", "key_person".to_owned()),
        ("from", format!("{day}T07:00:00+08:00")),
        ("to", format!("{day}T20:00:00+08:00")),
        ("places", places.to_owned()),
        ("pool_size", "1".to_owned()),
    ]
    .into()
}

fn given<'a>(fields: &'a [(&'static str, String)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = fields.iter().map(|(name, text)| (*name, text.as_str()));
    let named = |name: &str| more.iter().any(|(other, _)| *other == name);
    kept.filter(|(name, _)| !named(name)).chain(more.iter().copied()).collect()
}

async fn plans_round(who: &Person, store: &TestStore, places: &str, day: &str, more: &[(&str, &str)]) -> String {
    let fields = round(places, day);
    who.tries(store, "rounds.plan", &[], &given(&fields, more)).await
}

async fn taken(store: &TestStore, id: &str) -> Vec<String> {
    let sql = format!(
        "select p.person from round_people k join people p on p.no = k.person_no where k.round = '{id}' order by p.person"
    );
    store.texts(&sql).await
}

/// A swab of somebody, alone in a tube.
async fn swab(store: &TestStore, who: &str, date: &str, clock: &str) -> String {
    let d = district().at(at(date, clock));
    let (tube, taken) = (format!("K-{who}-{date}"), format!("{date}T{clock}:00+08:00"));
    let row = [
        ("tube", tube.as_str()),
        ("division", HOME),
        ("purpose", "key_person"),
        ("size", "1"),
        ("collected_at", taken.as_str()),
        ("laboratory", "L1"),
    ];
    gives(&d, store, &schema::TUBES, &row).await;
    gives(&d, store, &schema::MEMBERS, &[("tube", &tube), ("person", who)]).await;
    tube
}

async fn stands(store: &TestStore, board: &mut Board, id: &str, division: &str, day: &str, clock: &str) -> Stand {
    let now = at(day, clock);
    let mut tx = store.store.look(&city()).await.unwrap().as_of(now);
    board.look(&mut tx, now).await.unwrap();
    let round = tx.rounds_by_id(&[id]).await.unwrap().remove(0);
    stand(&mut tx, board, &round, division).await.unwrap().unwrap()
}

fn words(counts: &dayclear_engines::coverage::Counts) -> String {
    assert_eq!(counts.by.iter().sum::<u64>(), counts.people);
    let some = Cover::ALL.iter().filter(|cover| counts.of(**cover) > 0);
    some.map(|cover| format!("{cover} {}", counts.of(*cover))).collect::<Vec<_>>().join(", ")
}

#[test]
fn a_fifth_of_a_school_is_a_round_of_the_day_and_everybody_in_five() {
    on_both(async |store| {
        city_with_places(store).await;
        let due = "select found || ' ' || (due_today + overdue) from place_standing where place = 'S1'";
        assert_eq!(store.texts(due).await, ["23 5"]);
        let (mut seen, mut board) = (BTreeSet::new(), None);
        for (n, day) in DAYS.iter().enumerate() {
            pass(store, day, "05:00").await;
            let d = district().at(at(day, "06:00"));
            let id = format!("R{}-1", day.replace('-', ""));
            assert_eq!(plans_round(&d, store, "S1", day, &[]).await, format!("made {id}"));
            let people = taken(store, &id).await;
            assert_eq!(people.len(), 5, "20 % of 23, rounded up");
            let again = people.iter().filter(|person| !seen.insert((*person).clone())).count();
            assert_eq!(again, if n == 4 { 2 } else { 0 }, "whoever was tested comes last: {people:?}");
            let told = format!("select reason from round_people where round = '{id}'");
            assert!(store.texts(&told).await.iter().all(|reason| reason.contains("group.school")));
            pass(store, day, "07:05").await;
            if board.is_none() {
                let mut tx = store.store.look(&city()).await.unwrap();
                board = Some(Board::load(&mut tx, at(day, "07:06")).await.unwrap());
            }
            let board = board.as_mut().unwrap();
            let before = stands(store, board, &id, "500103", day, "07:10").await;
            assert_eq!((words(&before.whole).as_str(), before.places.len()), ("present 5", 1));
            for (at_once, who) in people.iter().enumerate() {
                swab(store, who, day, &format!("09:0{at_once}")).await;
                let now = stands(store, board, &id, HOME, day, "10:00").await;
                let left = 4 - at_once;
                let rest = if left == 0 { String::new() } else { format!(", present {left}") };
                assert_eq!(words(&now.whole), format!("waiting {}{rest}", at_once + 1));
                assert_eq!((now.places[0].0.as_str(), now.places[0].1), ("S1", now.whole), "by place as by home");
                let by_building: u64 = now.below.iter().map(|(_, counts)| counts.sampled()).sum();
                assert!(now.buildings && by_building == at_once as u64 + 1);
                for person in &people[at_once + 1..] {
                    let no = format!("select no from people where person = '{person}'");
                    assert_eq!(board.cover_of(&id, store.number(&no).await), Some(Cover::Present), "{person}");
                }
            }
            // the share of the day is reached: nobody more is due before tomorrow
            let more = plans_round(&d.at(at(day, "10:10")), store, "S1", day, &[]).await;
            let tomorrow = DAYS.get(n + 1).copied().unwrap_or("2022-11-25");
            assert!(more.contains("group.school") && more.contains(&format!("before {tomorrow}")), "{more}");
            assert_eq!(d.at(at(day, "20:05")).tries(store, "rounds.close", &[&id], &[]).await, "done");
            let closed = stands(store, board, &id, "50", day, "20:06").await;
            assert_eq!((words(&closed.whole), words(&closed.places[0].1)), ("waiting 5".into(), "waiting 5".into()));
            let signed = city_command().at(at(day, "23:59")).tries(store, "days.sign", &[day], &[]).await;
            assert_eq!(signed, "done");
        }
        assert_eq!(seen.len(), 23, "everybody in five days");
        holds(store).await;
        let harm = "update round_place_counts set people = people + 1 where round = 'R20221123-1'";
        breaks(store, harm, "rounds.counted", "at its key places").await;
    });
}

#[test]
fn who_is_due_twice_a_week_or_daily_is_in_a_round_and_what_the_pack_forbids_is_none() {
    on_both(async |store| {
        city_with_places(store).await;
        let (d, c) = (district().at(at(DAY, "06:00")), city_command().at(at(DAY, "06:00")));
        // what cannot be, with the field or the clause
        for (places, more, expected) in [
            ("S9", &[][..], "invalid: places"),
            ("X1", &[], "invalid: places"),
            ("S1", &[("divisions", "500103")], "invalid: places"),
            ("S1", &[("key_groups", "school")], "invalid: key_groups"),
            ("S1", &[("purpose", "community")], "invalid: purpose"),
            ("", &[], "invalid: divisions"),
        ] {
            assert_eq!(plans_round(&d, store, places, DAY, more).await, expected, "{places} {more:?}");
        }
        let silent = plans_round(&d, store, "O1", DAY, &[]).await;
        assert!(silent.contains("forbidden") && silent.contains("asks for no tests of the people of O1"), "{silent}");
        let unknown = plans_round(&d, store, "S1;N1", DAY, &[]).await;
        assert!(unknown.contains("forbidden") && unknown.contains("list of N1"), "{unknown}");
        // a rule that would find nobody is let go ahead by nobody
        let despite = plans_round(&d, store, "O1", DAY, &[("despite", "we want to")]).await;
        assert!(despite.contains("forbidden"), "{despite}");
        assert_eq!(store.number("select count(*) from rounds").await, 0);
        // all of the depot and of the clinic, where one is away
        assert_eq!(plans_round(&d, store, "D1;F1", DAY, &[]).await, "made R20221120-1");
        assert_eq!(taken(store, "R20221120-1").await, ["P027", "P028", "P029", "P030", "P031"]);
        let planned = "select body from events where kind = 'round.planned'";
        let body = store.texts(planned).await.concat();
        assert!(body.contains("group.courier") && body.contains("group.fever_clinic_staff"), "{body}");
        // the same people twice a day, by name and by where they live
        let twice = plans_round(&c, store, "D1", DAY, &[]).await;
        assert!(twice.contains("R20221120-1") && twice.contains("round.a_day"), "{twice}");
        let all = [
            ("name", "everybody"),
            ("purpose", "expanded_screening"),
            ("ground", "source_unclear"),
            ("from", "2022-11-20T09:00:00+08:00"),
            ("to", "2022-11-20T19:00:00+08:00"),
            ("divisions", HOME),
            ("pool_size", "10"),
        ];
        let wide = c.tries(store, "rounds.plan", &[], &all).await;
        assert!(wide.contains("R20221120-1") && wide.contains("round.a_day"), "{wide}");
        let far: Vec<_> = all.iter().map(|(name, text)| (*name, if *text == HOME { "500112" } else { text })).collect();
        assert_eq!(c.tries(store, "rounds.plan", &[], &far).await, "made R20221120-2");
        // other people of the same division on the same day
        assert_eq!(plans_round(&d, store, "S1", DAY, &[]).await, "made R20221120-3");
        pass(store, DAY, "07:05").await;
        let fixed = store.sql("delete from round_people where round = 'R20221120-1'").await;
        assert!(fixed.is_err(), "whom a round is for stays once it has begun");
        let mut tx = store.store.look(&city()).await.unwrap();
        let mut board = Board::load(&mut tx, at(DAY, "07:06")).await.unwrap();
        drop(tx);
        for (who, clock) in [("P027", "08:00"), ("P028", "08:10"), ("P030", "08:20")] {
            swab(store, who, DAY, clock).await;
        }
        let refuses = [("presence", "refused"), ("reason", "said so")];
        assert_eq!(d.at(at(DAY, "08:30")).tries(store, "people.state", &["P029"], &refuses).await, "done");
        let now = stands(store, &mut board, "R20221120-1", "500103", DAY, "09:00").await;
        let by_place: Vec<String> =
            now.places.iter().map(|(place, counts)| format!("{place}: {}", words(counts))).collect();
        assert_eq!(by_place, ["D1: waiting 2, refused 1", "F1: waiting 1, away 1"]);
        assert_eq!(words(&now.whole), "waiting 3, refused 1, away 1");
        assert_eq!(board.counts("R20221120-1", &Part::Division("500112")).unwrap().people, 0);
        let doors = "select count(*) from round_people where round = 'R20221120-1' and place = 'D1'";
        assert_eq!(store.number(doors).await, 3);
        assert_eq!(d.at(at(DAY, "20:05")).tries(store, "rounds.close", &["R20221120-1"], &[]).await, "done");
        // tested yesterday: the depot not before three days have passed, the clinic every day
        pass(store, DAY, "20:10").await;
        let signed = city_command().at(at(DAY, "23:59")).tries(store, "days.sign", &[DAY], &[]).await;
        assert_eq!(signed, "done");
        pass(store, DAYS[1], "05:00").await;
        let d = d.at(at(DAYS[1], "06:00"));
        // two were tested and one refuses: there is nobody whom a round could ask
        let none = plans_round(&d, store, "D1", DAYS[1], &[]).await;
        assert!(none.contains("nobody of D1 is due before 2022-11-23") && none.contains("group.courier"), "{none}");
        let both = plans_round(&d, store, "F1;D1", DAYS[1], &[]).await;
        assert!(both.contains("nobody of D1 is due before 2022-11-23"), "{both}");
        assert_eq!(plans_round(&d, store, "F1", DAYS[1], &[]).await, "made R20221121-1");
        assert_eq!(taken(store, "R20221121-1").await, ["P030", "P031"]);
        assert_eq!(plans_round(&d, store, "D1", DAYS[3], &[]).await, "made R20221123-1");
        assert_eq!(taken(store, "R20221123-1").await, ["P027", "P028", "P029"]);
        holds(store).await;
        let stray = "insert into round_people (round, person_no, place, reason)
            select 'R20221123-1', no, 'S9', '{}' from people where person = 'P001'";
        breaks(store, stray, "rounds.planned", "due at none of its key places").await;
        store.sql("delete from round_people where round = 'R20221123-1'").await.unwrap();
        let begun = "update rounds set state = 'open' where round = 'R20221123-1'";
        breaks(store, begun, "rounds.planned", "has begun and is for nobody").await;
    });
}

#[test]
fn a_round_of_places_is_planned_at_the_places_and_what_it_found_is_counted_of_its_people() {
    on_both(async |store| {
        city_with_places(store).await;
        let d = district().at(at(DAY, "06:00"));
        let fields = round("S1;F1", DAY);
        let asked: Vec<(&str, &str)> = given(&fields, &[("swab_price", "2")]);
        let sent = asked.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        let input = desk::read(Command::named("rounds", "plan").unwrap().fields, &sent, &settings().zone).unwrap();
        let estimated = desk::estimate(&store.store, &d.doing(None), &input).await.unwrap();
        assert_eq!((estimated.refusal.clone(), estimated.people, estimated.sites), (None, 7, 2));
        assert_eq!(store.number("select count(*) from round_people").await, 0, "nothing was made");
        assert_eq!(d.tries(store, "rounds.plan", &[], &asked).await, "made R20221120-1");
        let now = at(DAY, "06:10");
        let (known, whole, id) = (settings(), city(), "R20221120-1");
        let made = plans::make(&store.store, packs(), &known, "covid-19", &whole, id, now).await.unwrap().unwrap();
        let told: Told = serde_json::from_str(&made.body).unwrap();
        let totals = told.totals.clone().unwrap();
        assert_eq!((made.refusal, made.people, made.sites), (None, 7, 2));
        assert_eq!((totals.walk_max_min, totals.tubes, told.collection_cost), (0.0, 7, Some(14.0)));
        assert!(totals.samplers > 0 && totals.couriers > 0 && totals.laboratory_hours > 0.0, "{totals:?}");
        let sites = "select s.building || ' ' || s.people || ' ' || s.division || ' ' || cast(s.lon as text) from round_sites s order by 1";
        assert_eq!(store.texts(sites).await, ["F1 2 500103013006 106.56", "S1 5 500103013006 106.55"]);
        holds(store).await;
        // somebody of the school is tested elsewhere before it begins: another one is asked, and the plan is made anew
        let before = taken(store, "R20221120-1").await;
        swab(store, &before[0], DAY, "06:20").await;
        pass(store, DAY, "07:05").await;
        let people = taken(store, "R20221120-1").await;
        assert!(!people.contains(&before[0]) && people.len() == 6, "{before:?} {people:?}");
        assert_eq!(store.number("select count(*) from round_plans").await, 0);
        // one is found, and one who is not of the round
        let tube = swab(store, &people[0], DAY, "08:00").await;
        swab(store, &people[1], DAY, "08:05").await;
        let other = swab(store, "P041", DAY, "08:10").await;
        for tube in [&tube, &other] {
            let row = [
                ("tube", tube.as_str()),
                ("laboratory", "L1"),
                ("finding", "positive"),
                ("ct_n", "22"),
                ("ct_orf", "23"),
                ("version", "F"),
                ("reported_at", "2022-11-20T14:05:00+08:00"),
            ];
            gives(
                &person("l1", Role::Laboratory, "50", Some("L1")).at(at(DAY, "14:10")),
                store,
                &schema::RESULTS,
                &row,
            )
            .await;
        }
        pass(store, DAY, "14:20").await;
        let counted = yields::count(&store.store, &city(), "R20221120-1", at(DAY, "15:00")).await.unwrap();
        let told: Vec<_> =
            counted.iter().map(|row| (row.purpose.name(), row.tubes, row.tests, row.positives)).collect();
        assert_eq!(told, [("key_person", 2, 2, 1)]);
        assert_eq!(d.at(at(DAY, "20:05")).tries(store, "rounds.close", &["R20221120-1"], &[]).await, "done");
        let came = "select building || ' ' || people || ' ' || sampled from round_attendance order by 1";
        let came = store.texts(came).await;
        assert_eq!(came.len(), 2, "{came:?}");
        assert!(came[0].starts_with("F1 2 ") && came[1].starts_with("S1 4 "), "{came:?}");
        holds(store).await;
    });
}
