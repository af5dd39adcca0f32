//! Places told to the public, on both stores: by two people, as place and time alone, where somebody is unknown, for fourteen days, and of
//! no case that never was one.

use crate::{
    city::{DAY, city, day_of},
    engines::{TestStore, on_both},
    floor::{Person, evening, holds, person},
    searches::line_at,
};
use dayclear_core::access::Role;

const CASE: &str = "C20221120-P055";
const SITE: &str = "S20221120-1";
const ASKED: [(&str, &str); 4] = [
    ("place", "人民路农贸市场"),
    ("from", "2022-11-18T12:00:00+08:00"),
    ("until", "2022-11-18T13:30:00+08:00"),
    ("unknown", "20"),
];

fn officer(account: &str) -> Person {
    person(account, Role::DistrictCommand, "500112", None)
}

/// The same with one field as given.
fn with<'a>(field: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    ASKED.iter().map(|(name, text)| if *name == field { (field, value) } else { (*name, *text) }).collect()
}

async fn told(store: &TestStore, day: &str) -> Vec<String> {
    let mut tx = store.store.look(&city()).await.unwrap();
    let sites = tx.sites_told(day_of(day), 10).await.unwrap();
    sites.into_iter().map(|site| format!("{} {} {}", site.id, site.division, site.place)).collect()
}

#[test]
fn a_place_is_listed_by_two_for_fourteen_days_and_tells_of_nobody() {
    on_both(async |store| {
        evening(store).await;
        let (one, other) = (officer("d2"), officer("d3"));
        let name = store.texts("select name from people where person = 'P055'").await.remove(0);
        for (field, value, why) in [
            ("unknown", "0", "all_known"),
            ("until", "2022-11-18T12:00:00+08:00", "no_time"),
            ("until", "2022-11-19T12:00:00+08:00", "too_long"),
            ("until", "2022-11-20T23:30:00+08:00", "too_long"),
            ("place", &format!("{name}家"), "of_somebody"),
            ("place", "市场 13800000000", "of_somebody"),
        ] {
            let said = one.tries(store, "cases.tell_place", &[CASE], &with(field, value)).await;
            assert_eq!(said, format!("is not to be told of ({why})"), "{field}={value}");
        }
        assert_eq!(one.tries(store, "cases.tell_place", &["C1"], &ASKED).await, "unknown");
        let elsewhere = person("d1", Role::DistrictCommand, "500103", None);
        assert_eq!(elsewhere.tries(store, "cases.tell_place", &[CASE], &ASKED).await, "unknown");
        assert_eq!(one.tries(store, "cases.tell_place", &[CASE], &ASKED).await, "done");
        assert_eq!(one.tries(store, "cases.tell_place", &[CASE], &ASKED).await, "same");
        assert_eq!(told(store, DAY).await, Vec::<String>::new(), "by one nobody is told");
        let waits = format!(
            "select count(*) from items where subject = 'exposure/{SITE}' and worklist = 'review' and closed_at is null"
        );
        assert_eq!(store.number(&waits).await, 1, "somebody is asked");
        assert_eq!(one.tries(store, "exposure_sites.approve", &[SITE], &[]).await, "is asked for by yourself");
        assert_eq!(elsewhere.tries(store, "exposure_sites.approve", &[SITE], &[]).await, "unknown");
        assert_eq!(other.tries(store, "exposure_sites.approve", &[SITE], &[]).await, "done");
        assert_eq!(other.tries(store, "exposure_sites.approve", &[SITE], &[]).await, "same");
        assert_eq!(told(store, DAY).await, ["S20221120-1 500112 人民路农贸市场"]);
        assert_eq!(store.number(&waits).await, 0, "and has decided");
        assert!(
            store.sql("update exposure_sites set place = '车站'").await.is_err(),
            "what is told of stays as it was seen"
        );
        assert!(store.sql("update exposure_sites set decided_by = asked_by").await.is_err(), "by constraint too");
        // what is kept for good has neither the place nor the case
        let kept = store.texts("select body from events where kind like 'exposure.%'").await;
        assert_eq!(kept.len(), 2);
        assert_eq!(store.number("select count(*) from events where body like '%人民路%'").await, 0);
        assert!(kept.iter().all(|body| !body.contains("人民路") && !body.contains("P055")), "{kept:?}");
        holds(store).await;
        // fourteen days, of which the 18th is the first
        assert_eq!(told(store, "2022-12-01").await.len(), 1);
        assert_eq!(told(store, "2022-12-02").await, Vec::<String>::new());
        line_at(store, "2022-12-01").await;
        assert_eq!(store.number("select count(*) from exposure_sites").await, 1);
        line_at(store, "2022-12-02").await;
        assert_eq!(store.number("select count(*) from exposure_sites").await, 0, "and nothing is left of it");
    });
}

#[test]
fn a_place_goes_when_everybody_is_known_or_the_case_was_none() {
    on_both(async |store| {
        evening(store).await;
        let (one, other) = (officer("d2"), officer("d3"));
        for place in ["市场", "车站"] {
            assert_eq!(one.tries(store, "cases.tell_place", &[CASE], &with("place", place)).await, "done");
        }
        let second: &[&str] = &["S20221120-2"];
        assert_eq!(other.tries(store, "exposure_sites.refuse", second, &[("reason", "all were found")]).await, "done");
        assert_eq!(other.tries(store, "exposure_sites.approve", second, &[]).await, "is refused");
        assert_eq!(other.tries(store, "exposure_sites.approve", &[SITE], &[]).await, "done");
        assert_eq!(one.tries(store, "exposure_sites.withdraw", &[SITE], &[("reason", "all are known")]).await, "done");
        assert_eq!(told(store, DAY).await, Vec::<String>::new());
        assert_eq!(one.tries(store, "cases.tell_place", &[CASE], &with("place", "食堂")).await, "done");
        assert_eq!(other.tries(store, "exposure_sites.approve", &["S20221120-3"], &[]).await, "done");
        assert_eq!(one.tries(store, "cases.tell_place", &[CASE], &with("place", "书店")).await, "done");
        // the laboratory takes the result back
        store
            .sql("update settled set finding = 'negative' where tube_no = (select no from tubes where tube = 'T009')")
            .await
            .unwrap();
        let said = other.tries(store, "exposure_sites.approve", &["S20221120-4"], &[]).await;
        assert!(said.starts_with("is a case for which no laboratory stands"), "{said}");
        assert_eq!(one.tries(store, "cases.tell_place", &[CASE], &with("place", "剧院")).await, said);
        let reason = [("reason", "the laboratory corrected it")];
        assert_eq!(one.tries(store, "cases.withdraw", &[CASE], &reason).await, "done");
        assert_eq!(told(store, DAY).await, Vec::<String>::new());
        assert_eq!(
            store.texts("select state from exposure_sites order by id").await,
            ["withdrawn", "refused", "withdrawn", "withdrawn"]
        );
    });
}
