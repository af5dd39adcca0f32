//! A search for people who were at the places of a case, on both stores: two people and a purpose; only a case that a laboratory stands
//! for; a case that somebody made up to learn who was in a bar is refused and told of; and nothing of the answer is left after its time.

use crate::{
    city::{DAY, Files, at, city, packs, plan, run, settings},
    engines::{TestStore, on_both},
    floor::{Person, person},
};
use dayclear_core::{
    access::Role,
    schema::{MEMBERS, RESULTS, TUBES, Table, VISITS},
};
use dayclear_ops::{
    evidence::{How, Rows, take},
    line,
};

const CASE: &str = "C20221120-P055";
const ASKED: &[(&str, &str)] = &[("minutes", "30"), ("purpose", "guests of the restaurant N1")];

fn officer(account: &str) -> Person {
    person(account, Role::DistrictCommand, "500112", None)
}

async fn evening(store: &TestStore, files: Files) {
    let open = dayclear_ops::day::Plan { keep_open: true, ..plan(DAY) };
    run(&store.store, &files.write(store, DAY), &open).await.unwrap();
}

async fn gives(who: &Person, store: &TestStore, table: &'static Table, row: &[(&str, &str)]) {
    let row = row.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    take(&store.store, &who.doing(None), table, Rows::Json(vec![row]), How::default()).await.unwrap();
}

#[test]
fn a_search_wants_a_second_person_and_its_answer_is_deleted() {
    on_both(async |store| {
        evening(store, Files::example()).await;
        let (one, other) = (officer("d2"), officer("d3"));
        assert_eq!(one.tries(store, "cases.search", &[CASE], ASKED).await, "done");
        assert_eq!(one.tries(store, "cases.search", &[CASE], ASKED).await, "is asked for already");
        let search = format!("{CASE}-1");
        let search: &[&str] = &[&search];
        assert_eq!(one.tries(store, "searches.approve", search, &[]).await, "is asked for by yourself");
        assert_eq!(officer("d4").tries(store, "searches.approve", &["X"], &[]).await, "unknown");
        let elsewhere = person("d1", Role::DistrictCommand, "500103", None);
        assert_eq!(elsewhere.tries(store, "searches.approve", search, &[]).await, "unknown");
        assert_eq!(store.number("select count(*) from search_findings").await, 0, "nothing is found before");
        let contacts = store.number("select count(*) from contacts").await;
        assert_eq!(other.tries(store, "searches.approve", search, &[]).await, "done");
        assert_eq!(other.tries(store, "searches.approve", search, &[]).await, "same");
        // on the 18th 12:10 to 12:40 with P073 is half an hour; the 17th lies before the window, and with P077 it was five minutes
        let found = "select person || ' ' || place || ' ' || seconds from search_findings order by person";
        assert_eq!(store.texts(found).await, ["P073 N1 1800"]);
        assert_eq!(store.number("select count(*) from contacts").await, contacts, "nobody is a contact by being found");
        // on the last day it is still there, on the day of deletion it is not
        line_at(store, "2022-12-17").await;
        assert_eq!(store.texts(found).await, ["P073 N1 1800"]);
        line_at(store, "2022-12-18").await;
        assert_eq!(store.texts(found).await, Vec::<String>::new());
        // and so are visits, 28 days after they ended
        assert_eq!(store.number("select count(*) from visits").await, 0);
        let deleted = "select count(*) from events where kind = 'visits.deleted'";
        assert!(store.number(deleted).await > 0);
        assert_eq!(store.texts("select state from searches").await, ["deleted"]);
        let kinds = "select kind from events where kind like 'search.%' order by seq";
        assert_eq!(store.texts(kinds).await, ["search.asked", "search.approved", "search.deleted"]);
    });
}

/// A pass at noon of a day, after the books of the days before were signed.
pub async fn line_at(store: &TestStore, date: &str) {
    let signer = person("c1", Role::CityCommand, "50", None).at(at(date, "11:00"));
    let open = store.texts("select cast(day as text) from days where closed_at is null").await;
    if let Some(open) = open.first() {
        assert_eq!(signer.tries(store, "days.sign", &[open], &[]).await, "done");
    }
    line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(date, "12:00")).await.unwrap();
}

#[test]
fn a_case_made_up_to_learn_who_was_in_a_bar_opens_no_search_and_is_told_of() {
    on_both(async |store| {
        evening(store, Files::example()).await;
        // an officer writes down a tube, a swab and a positive result of somebody who was never sampled, and where they were
        let fisher = officer("d2").at(at(DAY, "23:10"));
        let tube = [
            ("tube", "X1"),
            ("division", "500112016001"),
            ("purpose", "community"),
            ("size", "1"),
            ("collected_at", "2022-11-20T20:00:00+08:00"),
            ("laboratory", "L2"),
            ("sent_at", "2022-11-20T20:10:00+08:00"),
            ("received_at", "2022-11-20T20:30:00+08:00"),
        ];
        gives(&fisher, store, &TUBES, &tube).await;
        gives(&fisher, store, &MEMBERS, &[("tube", "X1"), ("person", "P079")]).await;
        let result = [
            ("laboratory", "L2"),
            ("tube", "X1"),
            ("version", "F"),
            ("finding", "positive"),
            ("run", "L2-9"),
            ("reported_at", "2022-11-20T23:00:00+08:00"),
        ];
        gives(&fisher, store, &RESULTS, &result).await;
        let visit = [
            ("person", "P079"),
            ("place", "N1"),
            ("from", "2022-11-18T11:00:00+08:00"),
            ("to", "2022-11-18T14:00:00+08:00"),
        ];
        gives(&fisher, store, &VISITS, &visit).await;
        let made_up = "C20221120-P079";
        assert_eq!(store.number(&format!("select count(*) from cases where id = '{made_up}'")).await, 1);
        let refused = fisher.tries(store, "cases.search", &[made_up], ASKED).await;
        assert_eq!(refused, "is a case for which no laboratory stands (by_hand)");
        assert_eq!(store.number("select count(*) from searches").await, 0);
        let told = "select topic from outbox where body like '%by_hand%'";
        assert_eq!(store.texts(told).await, ["review"]);
        let item = "select owner || ' ' || subject from items where worklist = 'review' and subject like 'search/%'";
        assert_eq!(store.texts(item).await, [format!("data-protection search/{made_up}/d2")]);
        // nor does the line look for the guests by itself: nobody outside the household is a contact of that case
        line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, "23:30")).await.unwrap();
        let listed = format!("select count(*) from contacts where case_id = '{made_up}' and source = 'visit'");
        assert_eq!(store.number(&listed).await, 0);
        // a tube that no laboratory ever had, and one whose result was taken back, serve as little
        let withheld = [
            ("laboratory", "L2"),
            ("tube", "T009"),
            ("version", "C"),
            ("finding", "negative"),
            ("reported_at", "2022-11-20T23:05:00+08:00"),
        ];
        let lab = person("l2", Role::Laboratory, "50", Some("L2")).at(at(DAY, "23:20"));
        let fisher = fisher.at(at(DAY, "23:20"));
        assert_eq!(fisher.tries(store, "cases.search", &[CASE], ASKED).await, "done", "a laboratory stands for it");
        gives(&lab, store, &RESULTS, &withheld).await;
        let second = officer("d3").at(at(DAY, "23:25"));
        assert_eq!(
            second.tries(store, "searches.approve", &[&format!("{CASE}-1")], &[]).await,
            "is a case for which no laboratory stands (not_positive)",
            "it is looked at again"
        );
        assert_eq!(store.number("select count(*) from search_findings").await, 0);
    });
}
