//! Whoever lies at a site under one id and is a case, or is bound more lightly, under another, on both stores: fetched where they lie,
//! gone from the site with the pick-up and not before, or told of to a person; and all of it taken back by a split.

use crate::{
    city::{DAY, Files, at, plan, run},
    engines::{TestStore, on_both},
    floor::{district, holds, signs_and_holds},
    merges::{brings, merges, pass, same, splits, stood, swab},
};
use dayclear_core::schema::HANDOVERS;

/// What somebody reports of a move, at once.
async fn reports(store: &TestStore, person: &str, step: &str, clock: &str, facility: &str) {
    let when = format!("{DAY}T{clock}:00+08:00");
    let row = [("person", person), ("step", step), ("at", when.as_str()), ("facility", facility)];
    brings(&district().at(at(DAY, clock)), store, &HANDOVERS, &[&row]).await;
}

/// Where the moves of somebody stand: id, class, state.
async fn moves(store: &TestStore, person: &str) -> Vec<String> {
    let sql = format!(
        "select id || ' ' || class || ' ' || state from transfers where person = '{person}' order by state, id"
    );
    store.texts(&sql).await
}

async fn one(store: &TestStore, sql: &str) -> String {
    let [text] = store.texts(sql).await.try_into().unwrap_or_else(|found| panic!("{sql}: {found:?}"));
    text
}

/// The site at which the ride of somebody begins; `-`: at home.
async fn fetched_at(store: &TestStore, person: &str) -> String {
    let live =
        format!("select state || ' ' || reason from transfers where person = '{person}' and state <> 'cancelled'");
    let live = one(store, &live).await;
    let reason = live.strip_prefix("booked ").unwrap_or_else(|| panic!("{person}: {live}"));
    let reason: serde_json::Value = serde_json::from_str(reason).unwrap();
    reason["from"].as_str().unwrap_or("-").to_owned()
}

/// P011 lies at a site as a contact; the site.
async fn lies(store: &TestStore) -> String {
    let mut open = plan(DAY);
    open.keep_open = true;
    // somebody drives at night
    let shift = |n: usize| format!("C{n}-3,V{n},somebody,2022-11-20T23:00:00+08:00,2022-11-21T05:00:00+08:00,0,600");
    let vehicle = |n: usize| format!("V{n},500103,6,1,1,106.56,29.55,");
    let files = (7..=9).fold(Files::example(), |files, n| files.add("vehicles", &vehicle(n)).add("crews", &shift(n)));
    run(&store.store, &files.write(store, DAY), &open).await.unwrap();
    let site = one(store, "select facility from transfers where person = 'P011' and state = 'booked'").await;
    reports(store, "P011", "picked_up", "23:00", "").await;
    reports(store, "P011", "admitted", "23:01", &site).await;
    pass(store, "23:02").await;
    assert!(moves(store, "P011").await[0].ends_with("contact admitted"));
    site
}

const BED: &str = "select s.bed || ' ' || t.person from bed_stays s join transfers t on t.id = s.transfer
    where s.released_at is null and t.person = 'P011'";
const TOLD: &str =
    "select subject from items where worklist = 'clarify' and subject like 'stay/%' and closed_at is null";

#[test]
fn a_case_who_lies_at_a_site_under_another_id_is_fetched_there_and_leaves_it_with_the_pick_up() {
    on_both(async |store| {
        let site = lies(store).await;
        swab(store, "X1", "P030", "23:05", "positive").await;
        pass(store, "23:06").await;
        assert_eq!(fetched_at(store, "P030").await, "-");
        // whoever lives with the new case is asked for once their order is in force
        swab(store, "X2", "P012", "23:07", "negative").await;
        pass(store, "23:08").await;
        let before = stood(store).await;
        for (from, into, [merged, passed, split, again]) in [
            ("P011", "P030", ["23:10", "23:11", "23:12", "23:13"]),
            ("P030", "P011", ["23:14", "23:15", "23:16", "23:17"]),
        ] {
            merges(&district().at(at(DAY, merged)), store, from, into).await;
            pass(store, passed).await;
            // the ride begins at the site, and the bed there is kept until it does
            assert_eq!(fetched_at(store, "P030").await, site);
            assert_eq!(store.texts(BED).await.len(), 1);
            holds(store).await;
            splits(&district().at(at(DAY, split)), store, from).await;
            pass(store, again).await;
            assert_eq!(fetched_at(store, "P030").await, "-");
            same(&before, &stood(store).await);
            holds(store).await;
        }
        merges(&district().at(at(DAY, "23:30")), store, "P011", "P030").await;
        pass(store, "23:31").await;
        reports(store, "P030", "picked_up", "23:40", "").await;
        pass(store, "23:41").await;
        assert_eq!(store.texts(BED).await, Vec::<String>::new());
        assert!(moves(store, "P011").await.iter().all(|line| line.ends_with("contact cancelled")));
        assert!(moves(store, "P030").await[0].ends_with("positive underway"));
        let why = "select reason from transfers where person = 'P011' and reason like '%moved on as P030%'";
        assert_eq!(store.texts(why).await.len(), 1);
        let cleaned = "select count(*) from items where worklist = 'clean' and opened_at >= (select max(picked_up_at) from transfers where person = 'P030')";
        assert_eq!(store.number(cleaned).await, 1);
        // two people after all: nobody lies where they do not, and a person looks at the order that stands again
        splits(&district().at(at(DAY, "23:45")), store, "P011").await;
        pass(store, "23:46").await;
        let bound = "select distinct state from orders where person = 'P011' and basis = 'contact'";
        assert_eq!(store.texts(bound).await, ["active"]);
        let again = "select count(*) from items where worklist = 'clarify' and subject like 'again/%P011%' and closed_at is null";
        assert_eq!(store.number(again).await, 1);
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn of_somebody_at_a_site_whom_a_lighter_order_binds_under_another_id_a_person_is_told() {
    on_both(async |store| {
        let site = lies(store).await;
        let before = stood(store).await;
        assert_eq!(store.texts(TOLD).await, Vec::<String>::new());
        let d = district();
        // P009 is pregnant, was exposed later, and stays at home
        merges(&d.at(at(DAY, "23:10")), store, "P011", "P009").await;
        pass(store, "23:11").await;
        assert_eq!(store.texts(TOLD).await, ["stay/M-C20221120-P001-P011"]);
        holds(store).await;
        splits(&d.at(at(DAY, "23:12")), store, "P011").await;
        assert_eq!(store.texts(TOLD).await, Vec::<String>::new());
        pass(store, "23:13").await;
        same(&before, &stood(store).await);
        merges(&d.at(at(DAY, "23:14")), store, "P011", "P009").await;
        pass(store, "23:15").await;
        assert_eq!(store.texts(TOLD).await, ["stay/M-C20221120-P001-P011/2"], "what has ended stays ended");
        reports(store, "P011", "discharged", "23:20", &site).await;
        pass(store, "23:21").await;
        assert_eq!(store.texts(TOLD).await, Vec::<String>::new());
        assert_eq!(store.texts(BED).await, Vec::<String>::new());
        signs_and_holds(store, DAY).await;
    });
}
