//! A result that is taken back after its contacts were placed, on both stores: the case is withdrawn by a person when the evidence says so
//! and not before; each contact of it and of no other is released and told, unless somebody brings another exposure in time; who was
//! exposed to others is bound no longer than they ask; the area ends; and the checker agrees.

use crate::{
    city::{DAY, Files, at, city, packs, plan, run, settings},
    engines::{TestStore, on_both},
    floor::{Person, city_command, district, holds, person},
};
use dayclear_core::{
    access::Role,
    schema::{CONTACTS, RESULTS, Table},
};
use dayclear_ops::{
    evidence::{How, Rows, take},
    line,
};

const NEXT: &str = "2022-11-21";
const CASE: &str = "C20221120-P001";
const WHY: &[(&str, &str)] = &[("reason", "the laboratory mixed two samples up")];

async fn gives(who: &Person, store: &TestStore, table: &'static Table, row: &[(&str, &str)]) {
    let row = row.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let (tally, _) = take(&store.store, &who.doing(None), table, Rows::Json(vec![row]), How::default()).await.unwrap();
    assert_eq!(tally.created, 1, "{tally:?}");
}

async fn corrects(store: &TestStore, tube: &str, laboratory: &str, date: &str, clock: &str) {
    let reported = format!("{date}T{clock}:00+08:00");
    let who = both().at(at(date, clock));
    gives(
        &who,
        store,
        &RESULTS,
        &[
            ("laboratory", laboratory),
            ("tube", tube),
            ("version", "C"),
            ("finding", "negative"),
            ("reported_at", &reported),
        ],
    )
    .await;
}

/// A command post that answers for both districts of the example.
fn both() -> Person {
    person("d9", Role::DistrictCommand, "50", None)
}

async fn pass(store: &TestStore, date: &str, clock: &str) {
    line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(date, clock)).await.unwrap();
}

/// The example with as many more people who shared a room with P001.
async fn evening_with(store: &TestStore, many: usize) {
    let mut files = Files::example().add("households", "H99,B2,9,9,901,yes");
    for n in 0..many {
        files = files
            .add("people", &format!("Q{n:03},H99,,,,,,,,,present"))
            .add("contacts", &format!("P001,Q{n:03},same_room,2022-11-19,2022-11-19,class"));
    }
    let open = dayclear_ops::day::Plan { keep_open: true, ..plan(DAY) };
    run(&store.store, &files.write(store, DAY), &open).await.unwrap();
}

/// Orders in force that rest on an exposure, of those who were added.
async fn bound(store: &TestStore) -> Vec<String> {
    let sql = "select distinct person from orders where state = 'active' and basis = 'contact' and person like 'Q%' order by person";
    store.texts(sql).await
}

async fn states(store: &TestStore) -> Vec<String> {
    store.texts("select state || ' ' || count(*) from releases group by state order by state").await
}

#[test]
fn three_hundred_contacts_of_a_case_that_never_was_are_released_and_told() {
    on_both(async |store| {
        evening_with(store, 300).await;
        assert_eq!(bound(store).await.len(), 300);
        let d = district().at(at(DAY, "23:10"));
        // no case is withdrawn while its result stands, and by nobody but who answers for it
        let early = d.tries(store, "cases.withdraw", &[CASE], WHY).await;
        assert_eq!(early, "is shown by the tube T101, which is positive");
        corrects(store, "T101", "L1", DAY, "23:05").await;
        let tracer = person("t1", Role::Tracer, "500103", None);
        assert_eq!(tracer.tries(store, "cases.withdraw", &[CASE], WHY).await, "not yours");
        let elsewhere = person("d2", Role::DistrictCommand, "500112", None);
        assert_eq!(elsewhere.tries(store, "cases.withdraw", &[CASE], WHY).await, "unknown");
        // Q001 met another case too, who was found later than P001
        let met = [("case_person", "P006"), ("person", "Q001"), ("class", "other")];
        let days = [("first_exposure", "2022-11-18"), ("last_exposure", "2022-11-18")];
        gives(&d, store, &CONTACTS, &[&met[..], &days[..]].concat()).await;
        pass(store, DAY, "23:12").await;
        let d = d.at(at(DAY, "23:15"));
        assert_eq!(d.tries(store, "cases.withdraw", &[CASE], WHY).await, "done");
        assert_eq!(d.tries(store, "cases.withdraw", &[CASE], WHY).await, "same");
        let waiting = store.number("select count(*) from releases where state = 'waits'").await;
        assert!(waiting >= 301, "{waiting} with the household");
        assert_eq!(store.number("select count(*) from releases where person = 'Q001'").await, 0);
        assert_eq!(bound(store).await.len(), 300, "nobody is let go before somebody could object");
        let review = "select subject || ' ' || coalesce(outcome, 'open') from items where worklist = 'review'
            and (subject like 'withdrawn/%' or subject = 'T101') order by subject";
        assert_eq!(store.texts(review).await, ["T101 completed".to_owned(), format!("withdrawn/{CASE}/500103 open")]);
        // an objection gives a day, once
        let why = &[("reason", "a neighbour who is a case saw them together")];
        let q000 = [format!("{CASE}/Q000")];
        let q000: Vec<&str> = q000.iter().map(String::as_str).collect();
        assert_eq!(d.tries(store, "releases.object", &q000, why).await, "done");
        assert_eq!(d.tries(store, "releases.object", &q000, why).await, "is put off already");
        assert_eq!(d.tries(store, "releases.release", &[&format!("{CASE}/Q002")], &[]).await, "done");
        assert_eq!(bound(store).await.len(), 299);
        pass(store, NEXT, "03:14").await;
        assert_eq!(bound(store).await.len(), 299);
        pass(store, NEXT, "03:16").await;
        assert_eq!(bound(store).await, ["Q000", "Q001"]);
        assert_eq!(states(store).await, ["put_off 1".to_owned(), format!("released {}", waiting - 1)]);
        let told: std::collections::BTreeSet<String> = store
            .texts("select body from outbox where topic = 'release'")
            .await
            .iter()
            .filter_map(|body| Some(body.split_once("\"person\":\"Q")?.1.get(..3)?.to_owned()))
            .collect();
        assert_eq!(told.len(), 298, "each is told");
        // whom nothing else holds after a day is released all the same
        pass(store, NEXT, "23:16").await;
        assert_eq!(bound(store).await, ["Q001"]);
        assert!(store.texts(review).await.contains(&format!("withdrawn/{CASE}/500103 completed")));
        let orders = "select cast(until_day as text) from orders where person = 'Q001' and state = 'active' order by until_day desc";
        assert_eq!(store.texts(orders).await.first().map(String::as_str), Some("2022-11-26"), "as P006 asks");
        let signed = city_command().at(at(NEXT, "23:40")).tries(store, "days.sign", &[DAY], &[]).await;
        assert_eq!(signed, "done");
        holds(store).await;
    });
}

#[test]
fn another_exposure_in_time_binds_by_itself_and_an_area_ends_with_its_only_case() {
    on_both(async |store| {
        evening_with(store, 2).await;
        corrects(store, "T101", "L1", DAY, "23:05").await;
        corrects(store, "T009", "L2", DAY, "23:06").await;
        let d = both().at(at(DAY, "23:15"));
        let zones =
            "select building || coalesce(' ' || unit, '') from zones where released_on is null order by building";
        let before = store.texts(zones).await;
        assert!(before.contains(&"B4 1".to_owned()), "{before:?}");
        assert_eq!(d.tries(store, "cases.withdraw", &["C20221120-P055", CASE], WHY).await, "done done");
        let after = store.texts(zones).await;
        assert!(!after.contains(&"B4 1".to_owned()), "{after:?}");
        assert!(after.contains(&"B1 1".to_owned()), "P006 lives there, who is a case: {after:?}");
        let row = format!("{CASE}/Q000");
        assert_eq!(d.tries(store, "releases.object", &[&row], &[("reason", "seen with P006")]).await, "done");
        let met = [("case_person", "P006"), ("person", "Q000"), ("class", "other")];
        let days = [("first_exposure", "2022-11-20"), ("last_exposure", "2022-11-20")];
        gives(&d, store, &CONTACTS, &[&met[..], &days[..]].concat()).await;
        pass(store, NEXT, "03:20").await;
        pass(store, NEXT, "23:20").await;
        assert_eq!(bound(store).await, ["Q000"]);
        let state = store.texts("select state from releases where person in ('Q000', 'Q001') order by person").await;
        assert_eq!(state, ["exposed", "released"]);
        let open = "select worklist || ' ' || subject from items where closed_at is null
            and worklist in ('move', 'diagnose', 'investigate') and subject in ('C20221120-P001', 'C20221120-P055')";
        assert_eq!(store.texts(open).await, Vec::<String>::new());
        let signed = city_command().at(at(NEXT, "23:40")).tries(store, "days.sign", &[DAY], &[]).await;
        assert_eq!(signed, "done");
        holds(store).await;
    });
}
