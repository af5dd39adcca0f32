//! Key places on both stores: who of their people is due by the list of their employer and the cadence of the pack, who is overdue since
//! when, what the place owes for it, and cases of different households as something that the district looks into.

use crate::{
    city::{DAY, at, city, packs, settings},
    engines::{TestStore, on_both},
    floor::{Person, breaks, city_command, district, evening, holds, person},
    imports::bring,
};
use dayclear_core::{
    access::Role,
    schema::{self, PLACES, Table},
};
use dayclear_ops::{
    evidence::{How, Rows, take},
    imports::Keep,
    line,
};
use std::collections::BTreeMap;

const HOME: &str = "500103013006";
const NEXT: &str = "2022-11-21";
const LAST: &str = "2022-11-22";

async fn gives(who: &Person, store: &TestStore, table: &'static Table, row: &[(&str, &str)]) {
    let row: BTreeMap<String, String> =
        row.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    take(&store.store, &who.doing(None), table, Rows::Json(vec![row]), How::default()).await.unwrap();
}

/// An entry of the list of HS1 that was given on the 18th: name, document, date of birth.
async fn listed(store: &TestStore, entry: &str, who: [&str; 3]) {
    let [name, document, birth] = who;
    let row = [
        ("source", "employer"),
        ("list", "HS1"),
        ("entry", entry),
        ("as_of", "2022-11-18T09:00:00+08:00"),
        ("given_by", "personnel office"),
        ("division", HOME),
        ("name", name),
        ("document", document),
        ("birth_date", birth),
    ];
    gives(&district(), store, &schema::LISTED, &row).await;
}

/// A hospital whose people are tested every day: two who are cases by the evening, of two households, two others, and one whom the
/// roster does not know.
async fn evening_with_a_hospital(store: &TestStore) {
    evening(store).await;
    let places = "place,kind,name,division,owner,key_group,people,lon,lat\n\
        HS1,hospital,Fever clinic,500103013006,head of the clinic,fever_clinic_staff,6,106.55,29.55\n\
        OT1,other,Library,500103013006,librarian,,9,,\n";
    assert_eq!(bring(store, &city(), &PLACES, places, "", Keep::Together).await.created, 2);
    listed(store, "1", ["李建国", "50040119770608003X", "1977-06-08"]).await;
    listed(store, "2", ["王丽", "500402197901150044", "1979-01-15"]).await;
    listed(store, "3", ["张雨涵", "500406201601150127", "2016-01-15"]).await;
    listed(store, "4", ["高文斌", "500424196701010497", "1967-01-01"]).await;
    listed(store, "5", ["欧阳修", "", "1961-05-05"]).await;
    pass(store, DAY, "23:05").await;
}

async fn pass(store: &TestStore, date: &str, clock: &str) {
    line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(date, clock)).await.unwrap();
}

async fn signs(store: &TestStore, day: &str) {
    let signed = city_command().at(at(day, "23:59")).tries(store, "days.sign", &[day], &[]).await;
    assert_eq!(signed, "done");
}

/// State, people on the list, found, not found, excused, tested today, due, overdue, days late.
async fn stands(store: &TestStore) -> String {
    let sql = "select state || ' ' || on_roll || ' ' || found || ' ' || not_found || ' ' || excused || ' ' || tested_today || ' ' ||
        due_today || ' ' || overdue || ' ' || late_days from place_standing where place = 'HS1'";
    store.texts(sql).await.concat()
}

async fn obligations(store: &TestStore, kind: &str) -> Vec<String> {
    let sql = format!(
        "select u.id || ' ' || u.party || ' ' || u.owner || ' ' || u.state || ' ' || coalesce(i.outcome, 'open')
         from obligations u join items i on i.worklist = 'fulfil' and i.subject = u.id where u.kind = '{kind}' order by u.id"
    );
    store.texts(&sql).await
}

/// A swab of somebody on a day.
async fn swab(store: &TestStore, tube: &str, who: &str, date: &str, clock: &str) {
    let d = district().at(at(date, clock));
    let taken = format!("{date}T{clock}:00+08:00");
    let tube_row = [
        ("tube", tube),
        ("division", HOME),
        ("purpose", "key_person"),
        ("size", "1"),
        ("collected_at", taken.as_str()),
        ("laboratory", "L1"),
    ];
    gives(&d, store, &schema::TUBES, &tube_row).await;
    gives(&d, store, &schema::MEMBERS, &[("tube", tube), ("person", who)]).await;
}

#[test]
fn a_place_of_whose_list_nobody_is_known_is_not_in_time() {
    on_both(async |store| {
        evening(store).await;
        let places = "place,kind,name,division,owner\nHS1,hospital,Fever clinic,500103013006,head of the clinic\n";
        bring(store, &city(), &PLACES, places, "", Keep::Together).await;
        listed(store, "1", ["欧阳修", "", "1961-05-05"]).await;
        pass(store, DAY, "23:05").await;
        assert_eq!(stands(store).await, "no_roll 1 0 1 0 0 0 0 0");
    });
}

#[test]
fn whoever_is_due_is_known_by_name_and_what_is_overdue_is_owed_by_the_place() {
    on_both(async |store| {
        evening_with_a_hospital(store).await;
        // all four were sampled on this day; two are cases
        assert_eq!(stands(store).await, "in_time 5 4 1 2 4 0 0 0");
        let other = "select state || ' ' || on_roll from place_standing where place = 'OT1'";
        assert_eq!(store.texts(other).await, ["no_rule 0"], "nothing is asked of a library");
        assert!(obligations(store, "place_tests").await.is_empty());
        signs(store, DAY).await;
        pass(store, NEXT, "09:00").await;
        assert_eq!(stands(store).await, "due 5 4 1 2 0 2 0 0");
        let due = "select p.person || ' ' || substr(cast(d.due_on as text), 1, 10) || ' ' || d.late_days
            from place_due d join people p on p.no = d.person_no order by 1";
        assert_eq!(store.texts(due).await, ["P002 2022-11-21 0", "P024 2022-11-21 0"]);
        signs(store, NEXT).await;
        // nobody was tested on the 21st
        pass(store, LAST, "09:00").await;
        assert_eq!(stands(store).await, "overdue 5 4 1 2 0 0 2 1");
        assert_eq!(store.texts(due).await, ["P002 2022-11-21 1", "P024 2022-11-21 1"]);
        assert_eq!(obligations(store, "place_tests").await, ["tests-HS1-2022-11-22 site HS1 open open"]);
        holds(store).await;
        // one is tested, of the other somebody says that they refuse: nothing is asked of them, and nothing follows
        swab(store, "K1", "P002", LAST, "10:00").await;
        let refuses = [("presence", "refused"), ("reason", "said so at the door")];
        assert_eq!(district().at(at(LAST, "10:30")).tries(store, "people.state", &["P024"], &refuses).await, "done");
        pass(store, LAST, "11:00").await;
        assert_eq!(stands(store).await, "in_time 5 4 1 3 1 0 0 0");
        assert_eq!(obligations(store, "place_tests").await, ["tests-HS1-2022-11-22 site HS1 done completed"]);
        let bound = "select count(*) from orders where person = 'P024' and from_day >= '2022-11-22'";
        assert_eq!(store.number(bound).await, 0, "nothing follows from a refusal");
        holds(store).await;
        // the checker sees each of these, the later ones first
        breaks(
            store,
            "update place_standing set cases = cases + 9 where place = 'HS1'",
            "places.counted",
            "more of its people are cases",
        )
        .await;
        breaks(
            store,
            "update place_standing set due_today = due_today + 1 where place = 'HS1'",
            "places.counted",
            "its figures are not those",
        )
        .await;
    });
}

#[test]
fn cases_of_two_households_are_looked_into_by_the_district_and_no_alarm_is_given_twice() {
    on_both(async |store| {
        evening_with_a_hospital(store).await;
        let found = "select case when cluster then 'cluster' else 'none' end || ' ' || cases || ' ' || households
            from place_standing where place = 'HS1'";
        assert_eq!(store.texts(found).await, ["cluster 2 2"]);
        let id = "cluster-HS1-2022-11-20-2";
        assert_eq!(obligations(store, "place_cluster").await, [format!("{id} division 500103 open open")]);
        // the chance is the tail of a Poisson number, from what the row says is expected
        let told =
            "select count(*) from place_standing where place = 'HS1' and expected > 0 and chance > 0 and chance < 0.5";
        assert_eq!(store.number(told).await, 1);
        let d = district();
        let shown = [("shown", "all shifts tested; rooms aired; log 17 of the clinic")];
        assert_eq!(d.tries(store, "obligations.show", &[id], &shown).await, "done");
        assert_eq!(city_command().tries(store, "obligations.end", &[id], &[]).await, "done");
        assert_eq!(obligations(store, "place_cluster").await, [format!("{id} division 500103 done completed")]);
        signs(store, DAY).await;
        pass(store, NEXT, "09:00").await;
        assert_eq!(
            obligations(store, "place_cluster").await.len(),
            1,
            "it was looked into, and nobody more was found since"
        );
        // a district sees its own places only
        let other = person("d2", Role::DistrictCommand, "500112", None);
        assert_eq!(other.tries(store, "obligations.show", &[id], &shown).await, "unknown");
        holds(store).await;
    });
}
