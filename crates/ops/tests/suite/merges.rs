//! One person under two ids on both stores: one case, one order, one follow-up, one bed, evidence under either id, and all of it two
//! again after a split, as it stood.

use crate::{
    city::{DAY, at, city, packs, settings, tx},
    engines::{TestStore, on_both, runtime},
    floor::{Person, district, evening, holds, signs_and_holds},
    interview::begun,
};
use dayclear_core::{
    interview::AnswerKind,
    schema::{ANSWERS, CONTACTS, MEMBERS, RESULTS, TUBES, Table, VISITS},
};
use dayclear_ops::{
    evidence::{How, Rows, take},
    line,
};
use proptest::prelude::*;
use std::collections::BTreeMap;

pub async fn pass(store: &TestStore, clock: &str) {
    line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, clock)).await.unwrap();
}

pub async fn merges(who: &Person, store: &TestStore, one: &str, into: &str) {
    let why = [("into", into), ("reason", "one person, two lists")];
    assert_eq!(who.tries(store, "people.merge", &[one], &why).await, "done", "{one} into {into}");
}

pub async fn splits(who: &Person, store: &TestStore, one: &str) {
    let why = [("reason", "two people after all")];
    assert_eq!(who.tries(store, "people.split", &[one], &why).await, "done", "{one}");
}

/// What differs, and nothing else: a store has many lines.
pub fn same(before: &[String], after: &[String]) {
    let only = |some: &[String], others: &[String]| -> Vec<String> {
        some.iter().filter(|line| !others.contains(line)).cloned().collect()
    };
    assert_eq!((only(before, after), only(after, before)), (Vec::new(), Vec::new()));
    assert_eq!(before.len(), after.len());
}

/// What was decided of everybody, as it stands: cases, orders, tests that are due, contacts, follow-ups, areas, and who is moved.
pub async fn stood(store: &TestStore) -> Vec<String> {
    const TABLES: [&str; 7] = [
        "select id || ' ' || classification || ' ' || severity || ' ' || coalesce(cast(onset as text), '-') || ' '
            || coalesce(cast(counted_on as text), '-') || ' ' || coalesce(cast(converted_on as text), '-') || ' '
            || coalesce(cast(closed_on as text), '-') || ' ' || coalesce(outcome, '-') || ' ' || coalesce(aside, '-')
            || ' ' || reason from cases order by id",
        "select id || ' ' || person || ' ' || kind || ' ' || state || ' ' || from_day || ' ' || until_day || ' '
            || test_days || ' ' || coalesce(cast(ended_on as text), '-') || ' ' || coalesce(ended_why, '-') || ' '
            || coalesce(aside, '-') || ' ' || reason from orders order by id",
        "select order_id || ' ' || day from tests_due order by order_id, day",
        "select case_id || ' ' || person || ' ' || class || ' ' || first_exposure || ' ' || last_exposure from contacts
            order by case_id, person",
        "select id || ' ' || listed_on || ' ' || from_day || ' ' || until_day || ' ' || last_exposure || ' ' || exposures
            || ' ' || coalesce(team, '-') || ' ' || state || ' ' || seen || ' ' || missed || ' ' || missed_running || ' '
            || coalesce(cast(last_seen as text), '-') || ' ' || due || ' ' || coalesce(cast(ended_on as text), '-') || ' '
            || coalesce(ended_why, '-') || ' ' || reason from followed order by id",
        "select id || ' ' || opened_on || ' ' || ends_on || ' ' || cases || ' ' || reason from zones order by id",
        "select id || ' ' || class from transfers where state <> 'cancelled' order by id",
    ];
    let mut all = Vec::new();
    for sql in TABLES {
        all.extend(store.texts(sql).await);
    }
    all
}

pub async fn brings(who: &Person, store: &TestStore, table: &'static Table, rows: &[&[(&str, &str)]]) {
    let rows: Vec<BTreeMap<String, String>> = rows
        .iter()
        .map(|row| row.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
        .collect();
    take(&store.store, &who.doing(None), table, Rows::Json(rows), How::default()).await.unwrap();
}

/// A single swab of somebody with its result, at once.
pub async fn swab(store: &TestStore, tube: &str, person: &str, clock: &str, finding: &str) {
    let when = at(DAY, clock);
    let d = district().at(when);
    let taken = format!("{DAY}T{clock}:00+08:00");
    let row = [
        ("tube", tube),
        ("division", "500103013006"),
        ("purpose", "recall"),
        ("size", "1"),
        ("collected_at", &taken),
        ("laboratory", "L1"),
    ];
    brings(&d, store, &TUBES, &[&row]).await;
    brings(&d, store, &MEMBERS, &[&[("tube", tube), ("person", person)]]).await;
    let mut result = vec![
        ("laboratory", "L1"),
        ("tube", tube),
        ("version", "F"),
        ("finding", finding),
        ("run", "L1-9"),
        ("reported_at", taken.as_str()),
    ];
    if finding == "positive" {
        result.extend([("ct_n", "24.0"), ("ct_orf", "25.0")]);
    }
    brings(&d, store, &RESULTS, &[&result]).await;
}

/// People who were sampled on the day, as its bulletin will say.
async fn sampled(store: &TestStore) -> i64 {
    let figures = tx(store).await.testing_figures(at(DAY, "00:00"), at(DAY, "23:59")).await.unwrap();
    figures.sampled
}

#[test]
fn two_cases_of_one_person_are_one() {
    on_both(async |store| {
        evening(store).await;
        pass(store, "23:00").await;
        let before = stood(store).await;
        let counted = "select count(*) from cases where counted_on = (select max(counted_on) from cases)";
        let both = store.number(counted).await;
        let sampled = sampled(store).await;
        let d = district().at(at(DAY, "23:02"));
        merges(&d, store, "P006", "P001").await;
        pass(store, "23:03").await;
        let cases = "select id || ' ' || coalesce(aside, '-') from cases where person in ('P001', 'P006') order by id";
        let told = store.texts(cases).await;
        assert_eq!(told, ["C20221120-P001 -", "C20221120-P006 C20221120-P001"]);
        assert_eq!(store.number(counted).await, both - 1);
        assert_eq!(self::sampled(store).await, sampled - 1, "both gave swabs, and are one");
        let orders =
            "select id || ' ' || state from orders where person in ('P001', 'P006') and basis = 'case' order by id";
        assert_eq!(store.texts(orders).await, ["O-case-C20221120-P001 active", "O-case-C20221120-P006 aside"]);
        let beds = "select count(*) from transfers where person in ('P001', 'P006') and bed is not null and state <> 'cancelled'";
        assert_eq!(store.number(beds).await, 1);
        let reported = "select count(*) from outbox where topic = 'case-report' and body like '%C20221120-P001%'";
        assert!(store.number(reported).await > 0);
        // again changes nothing
        let merged = stood(store).await;
        pass(store, "23:05").await;
        same(&merged, &stood(store).await);

        splits(&d.at(at(DAY, "23:06")), store, "P006").await;
        pass(store, "23:07").await;
        same(&before, &stood(store).await);
        // and merged for good, the day signs with one case
        merges(&d.at(at(DAY, "23:08")), store, "P006", "P001").await;
        pass(store, "23:10").await;
        signs_and_holds(store, DAY).await;
        assert_eq!(store.number(counted).await, both - 1);
    });
}

#[test]
fn what_was_counted_twice_in_a_closed_day_is_told_to_a_person() {
    on_both(async |store| {
        evening(store).await;
        pass(store, "23:00").await;
        signs_and_holds(store, DAY).await;
        let next = |clock| at("2022-11-21", clock);
        let goes = async |clock| {
            line::pass(&store.store, packs(), &settings(), "covid-19", &city(), next(clock)).await.unwrap();
        };
        goes("08:00").await;
        let before =
            store.texts("select id || ' ' || coalesce(cast(counted_on as text), '-') from cases order by id").await;
        merges(&district().at(next("08:05")), store, "P006", "P001").await;
        goes("08:06").await;
        let told = "select subject || ': ' || reason from items where subject like 'counted/%' and closed_at is null";
        assert_eq!(
            store.texts(told).await,
            ["counted/C20221120-P006: one person was counted twice: as C20221120-P001, and on 2022-11-20 as \
              C20221120-P006; correct the bulletin of 2022-11-20"]
        );
        // nothing published is changed behind anybody's back
        let after =
            store.texts("select id || ' ' || coalesce(cast(counted_on as text), '-') from cases order by id").await;
        assert_eq!(after, before);
        holds(store).await;
        splits(&district().at(next("08:10")), store, "P006").await;
        goes("08:11").await;
        assert_eq!(store.texts(told).await, Vec::<String>::new());
        holds(store).await;
    });
}

#[test]
fn two_contacts_who_are_one_are_bound_and_asked_once() {
    on_both(async |store| {
        evening(store).await;
        pass(store, "23:00").await;
        let before = stood(store).await;
        let d = district().at(at(DAY, "23:02"));
        merges(&d, store, "P011", "P009").await;
        pass(store, "23:03").await;
        let bound = "select distinct person || ' ' || state from orders where person in ('P009', 'P011') order by 1";
        assert_eq!(store.texts(bound).await, ["P009 active", "P011 aside"]);
        let asked = "select person || ' ' || state || ' ' || exposures from followed where person in ('P009', 'P011') order by 1";
        assert_eq!(store.texts(asked).await, ["P009 followed 2", "P011 withdrawn 1"]);
        let last = "select count(*) from followed where person = 'P009' and last_exposure < '2022-11-19'";
        assert_eq!(store.number(last).await, 0);
        splits(&d.at(at(DAY, "23:06")), store, "P011").await;
        pass(store, "23:07").await;
        same(&before, &stood(store).await);
        merges(&d.at(at(DAY, "23:08")), store, "P011", "P009").await;
        pass(store, "23:10").await;
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn a_swab_under_either_id_is_the_persons() {
    on_both(async |store| {
        evening(store).await;
        let d = district().at(at(DAY, "23:02"));
        merges(&d, store, "P021", "P022").await;
        merges(&d, store, "P003", "P001").await;
        pass(store, "23:03").await;
        // whoever is a case is bound by the case alone
        let bound = "select distinct basis || ' ' || state from orders where person in ('P001', 'P003') order by 1";
        assert_eq!(store.texts(bound).await, ["case active", "contact aside"]);
        let waits = "select subject from items where worklist = 'recall' and closed_at is null
            and subject in ('T002/P021', 'T002/P022') order by subject";
        assert_eq!(store.texts(waits).await, ["T002/P021", "T002/P022"]);
        swab(store, "X1", "P022", "23:10", "negative").await;
        assert_eq!(store.texts(waits).await, Vec::<String>::new());
        // a positive of whoever is a case already opens no other one
        let cases = store.number("select count(*) from cases").await;
        swab(store, "X2", "P003", "23:11", "positive").await;
        assert_eq!(store.number("select count(*) from cases").await, cases);
        pass(store, "23:15").await;
        let stays =
            "select count(*) from orders where person in ('P021', 'P022') and basis = 'pool' and state = 'active'";
        assert_eq!(store.number(stays).await, 0);
        holds(store).await;
        signs_and_holds(store, DAY).await;
    });
}

/// What was told of a case under another id of the same person, before and after the merge, and whichever id stands: declarations, stays,
/// and answers.
#[test]
fn what_is_told_under_either_id_is_told_of_the_case() {
    on_both(async |store| {
        evening(store).await;
        let d = district().at(at(DAY, "23:02"));
        let declared = |case: &'static str, person: &'static str| {
            [
                ("case_person", case),
                ("person", person),
                ("class", "direct"),
                ("first_exposure", "2022-11-19"),
                ("last_exposure", "2022-11-19"),
            ]
        };
        let stay = |person: &'static str, from: &'static str, to: &'static str| {
            [("person", person), ("place", "N9"), ("from", from), ("to", to)]
        };
        let listed = "select case_id || ' ' || person || ' ' || source from contacts
            where person in ('P012', 'P021', 'P022', 'P024', 'P030', 'P031') order by 1";
        let before = store.texts(listed).await;
        brings(&d, store, &CONTACTS, &[&declared("P030", "P012")]).await;
        pass(store, "23:03").await;
        assert_eq!(store.texts(listed).await, before, "P030 is no case");
        merges(&d.at(at(DAY, "23:04")), store, "P030", "P001").await;
        merges(&d.at(at(DAY, "23:04")), store, "P006", "P031").await;
        pass(store, "23:05").await;
        let mut now = before.clone();
        now.push("C20221120-P001 P012 declared".to_owned());
        now.sort();
        assert_eq!(store.texts(listed).await, now);
        // what comes after the merge, and nobody is a contact of themselves
        let later = d.at(at(DAY, "23:06"));
        brings(&later, store, &CONTACTS, &[&declared("P031", "P024"), &declared("P001", "P030")]).await;
        let with = stay("P022", "2022-11-19T12:00:00+08:00", "2022-11-19T13:00:00+08:00");
        let own = stay("P001", "2022-11-19T12:00:00+08:00", "2022-11-19T13:00:00+08:00");
        let other = stay("P030", "2022-11-19T12:30:00+08:00", "2022-11-19T14:00:00+08:00");
        brings(&later, store, &VISITS, &[&own, &other, &with]).await;
        pass(store, "23:07").await;
        // and somebody who was there is told of last of all
        let last = stay("P021", "2022-11-19T13:30:00+08:00", "2022-11-19T15:00:00+08:00");
        brings(&d.at(at(DAY, "23:08")), store, &VISITS, &[&last]).await;
        pass(store, "23:09").await;
        let more = ["C20221120-P001 P021 visit", "C20221120-P001 P022 visit", "C20221120-P006 P024 declared"]
            .map(str::to_owned);
        now.extend(more);
        now.sort();
        assert_eq!(store.texts(listed).await, now);
        // the interview begins with the stays of both ids, and knows the answers of both
        let sheet = begun(store, &d.at(at(DAY, "23:10")), "C20221120-P001").await;
        let stays: Vec<&str> = sheet.visits.iter().map(|visit| visit.person.as_str()).collect();
        assert_eq!(stays, ["P001", "P030"]);
        let (question, _) = sheet.questions.iter().find(|(question, _)| question.kind == AnswerKind::YesNo).unwrap();
        let version = question.version.to_string();
        let answer = [
            ("case_person", "P030"),
            ("question", question.id.as_str()),
            ("version", version.as_str()),
            ("answer", "yes"),
            ("at", "2022-11-20T23:10:00+08:00"),
            ("said_by", "d1"),
        ];
        brings(&d.at(at(DAY, "23:11")), store, &ANSWERS, &[&answer]).await;
        let knows = async |clock: &str| {
            let sheet = begun(store, &d.at(at(DAY, clock)), "C20221120-P001").await;
            sheet.questions.iter().filter(|(_, answered)| answered.is_some()).count()
        };
        assert_eq!(knows("23:12").await, 1);
        // two people after all: each has what was told under their own id
        splits(&d.at(at(DAY, "23:13")), store, "P030").await;
        pass(store, "23:14").await;
        assert_eq!(knows("23:15").await, 0);
        signs_and_holds(store, DAY).await;
    });
}

/// People of one district: cases, contacts at home and at a site, members of a pool, and some of whom nothing is known.
const PEOPLE: [&str; 12] =
    ["P001", "P002", "P003", "P004", "P005", "P006", "P009", "P011", "P012", "P021", "P022", "P030"];

async fn there_and_back(pairs: &[(usize, usize)], between: bool) {
    let store = TestStore::file().await;
    evening(&store).await;
    pass(&store, "22:50").await;
    let before = stood(&store).await;
    let mut merged: Vec<&str> = Vec::new();
    let mut stand: Vec<&str> = Vec::new();
    let d = district().at(at(DAY, "23:00"));
    for (one, into) in pairs {
        let (one, into) = (PEOPLE[one % PEOPLE.len()], PEOPLE[into % PEOPLE.len()]);
        if one == into || merged.contains(&one) || merged.contains(&into) || stand.contains(&one) {
            continue;
        }
        merges(&d, &store, one, into).await;
        merged.push(one);
        stand.push(into);
        if between {
            pass(&store, "23:01").await;
        }
    }
    pass(&store, "23:05").await;
    pass(&store, "23:06").await;
    holds(&store).await;
    for one in merged.iter().rev() {
        splits(&d.at(at(DAY, "23:10")), &store, one).await;
    }
    pass(&store, "23:11").await;
    same(&before, &stood(&store).await);
    signs_and_holds(&store, DAY).await;
    store.close().await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_split_gives_back_what_stood(
        pairs in proptest::collection::vec((0usize..12, 0usize..12), 1..5),
        between in any::<bool>(),
    ) {
        runtime().block_on(there_and_back(&pairs, between));
    }
}
