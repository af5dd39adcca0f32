//! Areas drawn anew as the evidence changes, on both stores: put together when nobody knows the unit of a case, split when that case is
//! taken back, made smaller by other rules; and the checker agrees each time.

use crate::{
    city::{DAY, Files, at, city, close, packs, plan, run, settings},
    engines::{TestStore, on_both},
    floor::{Person, district, evening, holds, person},
    found_by_the_checker::{NEXT, close_under},
};
use dayclear_core::{access::Role, schema::RESULTS, time::Instant};
use dayclear_ops::{
    evidence::{How, Rows, take},
    line,
};

/// Areas with their days, what they became, and whether they stand, in order of id.
async fn areas(store: &TestStore, building: &str) -> Vec<String> {
    let sql = format!(
        "select id || ' people ' || people || ' cases ' || cases || ' until ' || cast(ends_on as text)
            || case when released_on is null then '' else ' released ' || cast(released_on as text) end
            || coalesce(' became ' || became, '')
         from zones where building = '{building}' order by id"
    );
    store.texts(&sql).await
}

async fn takes_back(who: &Person, store: &TestStore, tube: &str) {
    let row = [
        ("laboratory", "L1"),
        ("tube", tube),
        ("version", "C"),
        ("finding", "negative"),
        ("reported_at", "2022-11-21T22:05:00+08:00"),
    ];
    let row = row.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    take(&store.store, &who.doing(None), &RESULTS, Rows::Json(vec![row]), How::default()).await.unwrap();
}

#[test]
fn a_case_whose_unit_nobody_knows_puts_areas_together_and_taking_it_back_splits_them() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let before = areas(store, "B1").await;
        assert_eq!(before, ["Z-2022-11-20-B1-1 people 20 cases 2 until 2022-11-25"]);
        // somebody moved in, and the roster has no unit of theirs
        let found = Files::quiet(NEXT)
            .add("households", "H98,B1,,,903,yes")
            .add("people", "Q1,H98,,,,,,,,,present")
            .swab("T401", "Q1", "community", NEXT, "08:00 12:00", "positive");
        let open = dayclear_ops::day::Plan { keep_open: true, ..plan(NEXT) };
        run(&store.store, &found.write(store, NEXT), &open).await.unwrap();
        let merged = "Z-2022-11-20-B1-1 people 20 cases 0 until 2022-11-25 released 2022-11-21 became Z-2022-11-21-B1";
        assert_eq!(areas(store, "B1").await, [merged, "Z-2022-11-21-B1 people 21 cases 3 until 2022-11-26"]);
        holds(store).await;
        // the laboratory takes it back: what is left is the unit, on the days that it had
        let who = person("d1", Role::DistrictCommand, "500103", None).at(at(NEXT, "22:10"));
        takes_back(&who, store, "T401").await;
        let case = ["C20221121-Q1"];
        assert_eq!(who.tries(store, "cases.withdraw", &case, &[("reason", "mixed up")]).await, "done");
        let split = "Z-2022-11-21-B1 people 21 cases 1 until 2022-11-26 released 2022-11-21 became Z-2022-11-21-B1-1";
        let unit = "Z-2022-11-21-B1-1 people 20 cases 2 until 2022-11-25";
        assert_eq!(areas(store, "B1").await, [merged, split, unit]);
        holds(store).await;
        // each end was told, and each area was opened by an event
        let told = "select count(*) from outbox where topic = 'release' and subject like 'Z-%B1%'";
        assert_eq!(store.number(told).await, 2);
        let opened = "select count(*) from events where kind = 'zone.opened' and subject like 'Z-%B1%'";
        assert_eq!(store.number(opened).await, 3);
        let signed = person("c1", Role::CityCommand, "50", None).at(at(NEXT, "23:50"));
        assert_eq!(signed.tries(store, "days.sign", &[NEXT], &[]).await, "done");
        holds(store).await;
    });
}

#[test]
fn areas_of_rules_that_enclose_buildings_become_units_under_rules_that_enclose_units() {
    on_both(async |store| {
        close_under(store, "covid-19-cn-ninth", DAY, &Files::example()).await;
        let whole = areas(store, "B1").await;
        assert_eq!(whole, ["Z-2022-11-20-B1 people 20 cases 2 until 2022-11-30"]);
        close_under(store, "covid-19-cn-twenty", NEXT, &Files::quiet(NEXT)).await;
        let whole = "Z-2022-11-20-B1 people 20 cases 0 until 2022-11-30 released 2022-11-21 became Z-2022-11-21-B1-1";
        let unit = "Z-2022-11-21-B1-1 people 20 cases 2 until 2022-11-25";
        assert_eq!(areas(store, "B1").await, [whole, unit]);
        // and never the other way: what stands stays as small and as short as it is
        close_under(store, "covid-19-cn-ninth", "2022-11-22", &Files::quiet("2022-11-22")).await;
        assert_eq!(areas(store, "B1").await, [whole, unit]);
        holds(store).await;
    });
}

#[test]
fn the_exits_of_a_confined_building_are_looked_at_every_day_and_until_nobody_is_confined_there() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let items = "select subject || ' ' || coalesce(outcome, 'open') from items where subject like 'exits/%' order by subject";
        // B1 was checked in the morning, B4 never
        assert_eq!(store.texts(items).await, ["exits/B4/2022-11-20 open"]);
        close(store, NEXT, &Files::quiet(NEXT)).await;
        assert_eq!(store.texts(items).await, ["exits/B1/2022-11-21 open", "exits/B4/2022-11-20 open"]);
        // somebody looks at B1; on the day after, that is too long ago again
        let checked = Files::quiet("2022-11-22")
            .emptied("buildings")
            .row_of_the_city("buildings", "B2")
            .row_of_the_city("buildings", "B3")
            .row_of_the_city("buildings", "B4")
            .row_of_the_city("buildings", "B5")
            .add("buildings", "B1,500103013006,江景苑,1栋,106.5201,29.5532,2022-11-22T09:00:00+08:00,周明");
        close(store, "2022-11-22", &checked).await;
        let seen = store.texts(items).await;
        assert_eq!(seen, ["exits/B1/2022-11-21 completed", "exits/B4/2022-11-20 open"]);
        close(store, "2022-11-23", &Files::quiet("2022-11-23")).await;
        assert!(store.texts(items).await.contains(&"exits/B1/2022-11-23 open".to_owned()));
        // the areas lapse: there is nobody to let out
        close(store, "2022-11-25", &Files::quiet("2022-11-25")).await;
        assert!(!store.texts(items).await.iter().any(|item| item.ends_with(" open")));
        holds(store).await;
    });
}

#[test]
fn a_confined_building_has_somebody_with_its_keys_day_and_night_and_somebody_who_looks_after_it() {
    on_both(async |store| {
        evening(store).await;
        let pass = async |clock: &str| {
            line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, clock)).await.unwrap();
        };
        // an old compound has no manager
        store.sql("update buildings set warden = null where building = 'B1'").await.unwrap();
        store.sql("update buildings set warden = 'a manager' where building <> 'B1'").await.unwrap();
        let zone = store
            .texts("select id from zones where building = 'B1' and released_on is null order by id")
            .await
            .remove(0);
        assert_eq!(
            district()
                .at(at(DAY, "23:01"))
                .tries(store, "people.state", &["P001"], &[("presence", "present"), ("reason", "seen")])
                .await,
            "done"
        );
        pass("23:02").await;
        let lacking = async |of: &str| {
            let sql = format!(
                "select count(*) from items where worklist = 'clarify' and subject like '{of}/%' and closed_at is null"
            );
            store.number(&sql).await
        };
        let confined = store.number("select count(distinct building) from zones where released_on is null").await;
        assert_eq!((lacking("keys").await, lacking("warden").await), (confined, 1));
        let d = district();
        let given = |post: &'static str| [("post", post), ("holder", "Zhao"), ("holder_phone", "13800000000")];
        assert_eq!(d.tries(store, "areas.name", &[&zone], &given("key_holder")[..2]).await, "invalid: holder_phone");
        assert_eq!(d.tries(store, "areas.name", &[&zone], &given("key_holder")).await, "done");
        assert_eq!((lacking("keys").await, lacking("warden").await), (confined - 1, 1), "over at once");
        assert_eq!(d.tries(store, "areas.name", &[&zone], &given("warden")).await, "done");
        assert_eq!(lacking("warden").await, 0);
        // the name is in no event, and what was said is not changed
        assert_eq!(
            store.number("select count(*) from events where body like '%Zhao%' or body like '%13800000000%'").await,
            0
        );
        assert!(store.sql("update posts set holder = 'x'").await.is_err());
        pass("23:10").await;
        assert_eq!((lacking("keys").await, lacking("warden").await), (confined - 1, 0));
        holds(store).await;
    });
}

#[test]
fn confined_buildings_are_looked_over_once_a_minute_and_what_waits_for_that_is_not_forgotten() {
    on_both(async |store| {
        evening(store).await;
        let moment = |seconds: i64| Instant::from_micros(at(DAY, "23:02").micros() + seconds * 1_000_000);
        let pass = async |seconds: i64| {
            line::pass(&store.store, packs(), &settings(), "covid-19", &city(), moment(seconds)).await.unwrap().ran
        };
        let lacking = async || {
            let sql = "select count(*) from items where worklist = 'clarify' and subject like 'warden/B1/%' and closed_at is null";
            store.number(sql).await
        };
        store.sql("update buildings set warden = 'a manager'").await.unwrap();
        pass(0).await;
        store.sql("update buildings set warden = null where building = 'B1'").await.unwrap();
        let seen = district().at(moment(10));
        assert_eq!(
            seen.tries(store, "people.state", &["P001"], &[("presence", "present"), ("reason", "seen")]).await,
            "done"
        );
        assert!(pass(30).await);
        assert_eq!(lacking().await, 0, "looked over half a minute ago");
        assert!(pass(60).await, "nothing has happened since, and a look is owed");
        assert_eq!(lacking().await, 1);
        assert!(!pass(90).await);
    });
}
