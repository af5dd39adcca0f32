//! Cases that live close together on both stores: more of them in a few days than place and day alone explain are something that their
//! district looks into, once; a city in which cases are found everywhere alike has none.

use crate::{
    city::{DAY, at, city, packs, settings},
    engines::{TestStore, on_both},
    floor::{city_command, district, evening, moment, person},
};
use dayclear_core::access::Role;
use dayclear_ops::line;

const NEXT: &str = "2022-11-21";

/// Cases of a community that were found so many days before noon of the day, and are over.
async fn found(store: &TestStore, community: &str, days_ago: &[i64]) {
    for (n, ago) in days_ago.iter().enumerate() {
        let at = moment(store, at(DAY, "12:00").plus_hours(-24 * ago));
        let (id, no) = (format!("X-{community}-{n}"), community.parse::<i64>().unwrap() * 100 + n as i64);
        let sql = format!(
            "insert into cases (id, person, person_no, division, tube_no, sampled_at, found_at, origin, classification, severity,
                closed_on, outcome, reason)
             values ('{id}', '{id}', {no}, '{community}', 1, {at}, {at}, 'community', 'confirmed', 'mild', '2022-11-20', 'discharged', '')"
        );
        store.sql(&sql).await.unwrap();
    }
}

/// One case on most days in each of thirty communities, and not more lately.
async fn everywhere(store: &TestStore) {
    for community in 0..30 {
        let days: Vec<i64> = (0..10).map(|n| (n * 3 + community) % 29).collect();
        found(store, &format!("5001120010{community:02}"), &days).await;
    }
}

async fn next_day(store: &TestStore) {
    let signed = city_command().at(at(DAY, "23:59")).tries(store, "days.sign", &[DAY], &[]).await;
    assert_eq!(signed, "done");
    line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(NEXT, "00:05")).await.unwrap();
}

async fn asked(store: &TestStore) -> Vec<String> {
    let sql = "select u.id || ' ' || u.owner || ' ' || u.size || ' ' || u.state || ' ' || coalesce(i.outcome, 'open')
        from obligations u join items i on i.worklist = 'fulfil' and i.subject = u.id where u.kind = 'community_cluster' order by u.id";
    store.texts(sql).await
}

#[test]
fn more_cases_around_one_place_than_chance_explains_are_looked_into_by_their_district_once() {
    on_both(async |store| {
        evening(store).await;
        everywhere(store).await;
        found(store, "500112001077", &[0, 0, 0, 1, 1, 1, 1, 2]).await;
        next_day(store).await;
        let id = "scan-500112001077-2022-11-20";
        assert_eq!(asked(store).await, [format!("{id} 500112 8 open open")]);
        let reason = store.texts("select reason from obligations where kind = 'community_cluster'").await.concat();
        assert!(reason.contains("500112001077") && reason.contains("\"chance\""), "{reason}");
        // another pass of the day asks for nothing twice, and neither does what was looked into
        line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(NEXT, "00:30")).await.unwrap();
        assert_eq!(asked(store).await.len(), 1);
        let there = person("d2", Role::DistrictCommand, "500112", None).at(at(NEXT, "09:00"));
        let shown = [("shown", "one wedding, all guests listed")];
        let elsewhere = district().at(at(NEXT, "09:00")).tries(store, "obligations.show", &[id], &shown).await;
        assert_eq!(elsewhere, "unknown", "another district does not even see it");
        assert_eq!(there.tries(store, "obligations.show", &[id], &shown).await, "done");
        let ended = city_command().at(at(NEXT, "10:00")).tries(store, "obligations.end", &[id], &[]).await;
        assert_eq!(ended, "done");
        line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(NEXT, "10:30")).await.unwrap();
        assert_eq!(asked(store).await, [format!("{id} 500112 8 done completed")]);
    });
}

#[test]
fn cases_that_are_found_everywhere_alike_are_no_cluster() {
    on_both(async |store| {
        evening(store).await;
        everywhere(store).await;
        next_day(store).await;
        assert!(asked(store).await.is_empty(), "{:?}", asked(store).await);
    });
}
