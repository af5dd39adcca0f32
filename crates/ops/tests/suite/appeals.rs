//! Appeals on both stores: filed by telephone or on paper, decided by another unit within a day, upheld or dismissed with a reason; what
//! was upheld has ended; the figures add up; and a late one is passed up.

use crate::{
    city::{DAY, at, city, packs, settings},
    engines::{TestStore, on_both},
    floor::{city_command, district, evening, holds, person},
};
use dayclear_core::access::Role;
use dayclear_ops::line;

const AREA: &str = "Z-2022-11-20-B1-1";
const SAID: &[(&str, &str)] = &[("way", "phone"), ("words", "we live in another unit")];
const WHY: &[(&str, &str)] = &[("reason", "looked at the roster with the warden")];

async fn states(store: &TestStore) -> Vec<String> {
    store.texts("select id || ' ' || state from appeals order by id").await
}

#[test]
fn an_appeal_is_decided_by_another_unit_and_what_was_upheld_has_ended() {
    on_both(async |store| {
        evening(store).await;
        let order = &store.texts("select id from orders where state = 'active' and basis = 'contact' and division like '500103%' order by id").await[0];
        let d = district();
        let worker = person("w2", Role::CommunityWorker, "500103", None);
        assert_eq!(worker.tries(store, "orders.appeal", &[order], SAID).await, "done");
        assert_eq!(d.tries(store, "orders.appeal", &[order], SAID).await, "is appealed against already");
        let hotline = person("h1", Role::Hotline, "50", None);
        assert_eq!(hotline.tries(store, "areas.appeal", &[AREA], SAID).await, "done");
        assert_eq!(hotline.tries(store, "areas.appeal", &["Z-none"], SAID).await, "unknown");
        let elsewhere = person("w3", Role::CommunityWorker, "500112", None);
        assert_eq!(elsewhere.tries(store, "areas.appeal", &[AREA], SAID).await, "unknown");
        // a receipt leaves, and the city has a day
        assert_eq!(store.number("select count(*) from outbox where topic = 'receipt'").await, 2);
        let late = "select count(*) from appeals where due_at is null";
        assert_eq!(store.number(late).await, 0);
        let items = "select owner || ' ' || subject from items where worklist = 'review' and subject like 'appeal/%' and closed_at is null order by subject";
        let (of_order, of_area) = (format!("{order}/a1"), format!("{AREA}/a1"));
        assert_eq!(store.texts(items).await, [format!("50 appeal/{of_order}"), format!("50 appeal/{of_area}")]);
        holds(store).await;
        // neither the district that ordered, nor who wrote it down
        assert_eq!(d.tries(store, "appeals.uphold", &[&of_order], WHY).await, "not yours");
        let filed = person("h1", Role::CityCommand, "50", None);
        assert_eq!(filed.tries(store, "appeals.dismiss", &[&of_area], WHY).await, "is filed by yourself");
        let c = city_command().at(at(DAY, "23:10"));
        assert_eq!(c.tries(store, "appeals.uphold", &[&of_order], WHY).await, "done");
        assert_eq!(c.tries(store, "appeals.uphold", &[&of_order], WHY).await, "same");
        assert_eq!(c.tries(store, "appeals.dismiss", &[&of_order], WHY).await, "is upheld");
        let ended = format!("select state from orders where id = '{order}'");
        assert_eq!(store.texts(&ended).await, ["ended"]);
        assert_eq!(c.tries(store, "appeals.dismiss", &[&of_area], WHY).await, "done");
        let open = format!("select count(*) from zones where id = '{AREA}' and released_on is null");
        assert_eq!(store.number(&open).await, 1, "a dismissed one changes nothing");
        assert_eq!(states(store).await, [format!("{of_order} upheld"), format!("{of_area} dismissed")]);
        assert_eq!(store.texts(items).await, Vec::<String>::new());
        // behind the program's back a decision stays, and nobody decides what they filed
        assert!(store.sql("update appeals set state = 'open', decided_by = null").await.is_err());
        assert!(store.sql("delete from appeals").await.is_err());
        holds(store).await;
        // a second appeal against the area is upheld, and the area ends
        assert_eq!(hotline.tries(store, "areas.appeal", &[AREA], SAID).await, "done");
        assert_eq!(c.tries(store, "appeals.uphold", &[&format!("{AREA}/a2")], WHY).await, "done");
        assert_eq!(store.number(&open).await, 0);
        holds(store).await;
    });
}

#[test]
fn whoever_allowed_an_area_does_not_decide_the_appeal_against_it() {
    on_both(async |store| {
        evening(store).await;
        let wider = [
            ("evidence", "C20221120-P006"),
            ("ground", "source_unclear"),
            ("until", "2022-11-25"),
            ("reason", "no link"),
        ];
        assert_eq!(district().tries(store, "areas.widen", &[AREA], &wider).await, "done");
        let c = city_command().at(at(DAY, "23:05"));
        assert_eq!(c.tries(store, "extensions.approve", &[&format!("{AREA}/x1")], WHY).await, "done");
        let further = &store.texts("select id from zones where allowed is not null").await[0];
        let hotline = person("h1", Role::Hotline, "50", None).at(at(DAY, "23:10"));
        assert_eq!(hotline.tries(store, "areas.appeal", &[further], SAID).await, "done");
        let id = format!("{further}/a1");
        let own = c.tries(store, "appeals.dismiss", &[&id], WHY).await;
        assert_eq!(own, "is about an area that you asked for or allowed");
        let other = person("c2", Role::CityCommand, "50", None).at(at(DAY, "23:20"));
        assert_eq!(other.tries(store, "appeals.uphold", &[&id], WHY).await, "done");
        holds(store).await;
    });
}

#[test]
fn an_appeal_that_nobody_decides_in_a_day_is_passed_up() {
    on_both(async |store| {
        evening(store).await;
        assert_eq!(district().tries(store, "areas.appeal", &[AREA], SAID).await, "done");
        let pass = async |clock: &str| {
            line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at("2022-11-21", clock)).await.unwrap();
        };
        let passed = "select count(*) from items where subject like 'appeal/%' and escalated_at is not null";
        pass("22:50").await;
        assert_eq!(store.number(passed).await, 0);
        pass("23:30").await;
        assert_eq!(store.number(passed).await, 1);
    });
}

#[test]
fn a_reviewer_from_outside_may_suspend_an_order_and_the_decision_ends_that_by_itself() {
    on_both(async |store| {
        evening(store).await;
        let orders = store.texts("select id from orders where state = 'active' and basis = 'contact' and division like '500103%' order by id").await;
        let (one, other) = (&orders[0], &orders[1]);
        for order in [one, other] {
            assert_eq!(district().tries(store, "orders.appeal", &[order], SAID).await, "done");
        }
        let (first, second) = (format!("{one}/a1"), format!("{other}/a1"));
        let reviewer = person("r1", Role::Reviewer, "50", None);
        assert_eq!(district().tries(store, "appeals.suspend", &[&first], WHY).await, "not yours");
        assert_eq!(reviewer.tries(store, "appeals.suspend", &[&first, &second], WHY).await, "done done");
        assert_eq!(reviewer.tries(store, "appeals.suspend", &[&first], WHY).await, "same");
        let stands = format!(
            "select state || ' ' || coalesce(aside, '') from orders where id in ('{one}', '{other}') order by id"
        );
        assert_eq!(store.texts(&stands).await, [format!("aside {first}"), format!("aside {second}")]);
        holds(store).await;
        // the line does not take up what waits for a decision, nor give the same order anew
        let count = "select count(*) from orders";
        let before = store.number(count).await;
        line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, "23:20")).await.unwrap();
        assert_eq!(store.texts(&stands).await, [format!("aside {first}"), format!("aside {second}")]);
        assert_eq!(store.number(count).await, before);
        let later = reviewer.at(at(DAY, "23:30"));
        assert_eq!(later.tries(store, "appeals.dismiss", &[&first], WHY).await, "done");
        assert_eq!(later.tries(store, "appeals.uphold", &[&second], WHY).await, "done");
        assert_eq!(store.texts(&stands).await, ["active ".to_owned(), "ended ".to_owned()]);
        let until =
            format!("select count(*) from orders where id = '{one}' and ended_on is null and ended_why is null");
        assert_eq!(store.number(&until).await, 1, "it binds to the day it was given for");
        assert_eq!(later.tries(store, "appeals.suspend", &[&first], WHY).await, "is dismissed");
        holds(store).await;
        // whoever serves inside does not decide as somebody from outside
        assert_eq!(district().tries(store, "areas.appeal", &[AREA], SAID).await, "done");
        let of_area = format!("{AREA}/a1");
        let inside = person("w1", Role::Reviewer, "50", None).at(at(DAY, "23:40"));
        assert_eq!(
            inside.tries(store, "appeals.dismiss", &[&of_area], WHY).await,
            "is from outside, and you serve inside as well"
        );
        holds(store).await;
    });
}

#[test]
fn an_appeal_that_nobody_decides_in_two_days_goes_to_the_reviewers_from_outside() {
    on_both(async |store| {
        evening(store).await;
        assert_eq!(district().tries(store, "areas.appeal", &[AREA], SAID).await, "done");
        let outside = "select count(*) from outbox where topic = 'outside-review'";
        for (day, clock, expected) in [
            ("2022-11-21", "23:30", 0),
            ("2022-11-22", "22:30", 0),
            ("2022-11-22", "23:30", 1),
            ("2022-11-23", "00:30", 1),
        ] {
            line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(day, clock)).await.unwrap();
            assert_eq!(store.number(outside).await, expected, "{day} {clock}");
        }
    });
}
