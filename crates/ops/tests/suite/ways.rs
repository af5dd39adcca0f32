//! Ways to bind a person without evidence, to outlive an end, to bind more people than the rule allows, and to keep somebody from help:
//! each fails on both stores, and where somebody tried it at a desk, it is kept and told to the next level. The hazard log names the
//! tests here and elsewhere (docs/safety/hazards.md).

use crate::{
    city::{DAY, Files, at, city, close, day_of, packs, plan, run, settings, tx},
    engines::{TestStore, on_both},
    floor::{city_command, district, evening, holds, person},
};
use dayclear_core::{
    access::Role,
    books::Worklist,
    command::COMMANDS,
    measures::{OrderState, ZoneLevel},
    protocol::Pack,
    schema::REQUESTS,
    time::CivilDate,
};
use dayclear_ops::{line, minutes::Day};
use dayclear_store::measures::{Order, Zone};

const AREA: &str = "Z-2022-11-20-B1-1";
const WIDER: &[(&str, &str)] = &[
    ("evidence", "C20221120-P006"),
    ("ground", "source_unclear"),
    ("until", "2022-11-25"),
    ("reason", "no link found"),
];
const WHY: &[(&str, &str)] = &[("reason", "seen")];

async fn an_order(store: &TestStore) -> Order {
    let orders = tx(store).await.orders_since(day_of(DAY)).await.unwrap();
    orders.into_iter().find(|order| order.basis == "contact" && order.state == OrderState::Active).unwrap()
}

/// Tries to write an order, and says whether the store took it.
async fn takes(store: &TestStore, order: Order) -> bool {
    let mut tx = tx(store).await;
    let taken = tx.issue_orders(&[order]).await.is_ok();
    drop(tx);
    taken
}

#[test]
fn way_01_an_order_without_statute_evidence_or_milder_options_is_refused_by_the_store() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let order = an_order(store).await;
        let fresh = |id: &str| Order { id: id.to_owned(), ..order.clone() };
        assert!(takes(store, fresh("whole")).await, "what is whole is taken");
        let blank = String::new;
        for (what, order) in [
            ("legal basis", Order { legal_basis: blank(), ..fresh("w1") }),
            ("body", Order { body: " ".to_owned(), ..fresh("w2") }),
            ("purpose", Order { purpose: blank(), ..fresh("w3") }),
            ("evidence", Order { evidence: blank(), ..fresh("w4") }),
            ("milder options", Order { milder: blank(), ..fresh("w5") }),
            ("reason", Order { reason: "[]".to_owned(), ..fresh("w6") }),
            ("end", Order { until_day: order.from_day.plus_days(-1), ..fresh("w7") }),
        ] {
            assert!(!takes(store, order).await, "an order without {what}");
        }
    });
}

#[test]
fn way_02_no_command_binds_anybody_and_none_sets_a_status() {
    // what a person can do to an order, an area or a case only ends, asks, objects or takes back; what binds is decided from evidence
    let binding: Vec<String> = COMMANDS
        .iter()
        .filter(|command| {
            let lists = [
                "orders",
                "areas",
                "cases",
                "contacts",
                "extensions",
                "releases",
                "appeals",
                "letters",
                "letter_people",
            ];
            lists.contains(&command.on)
        })
        .map(|command| command.name())
        .collect();
    let known = [
        "orders.end",
        "areas.widen",
        "areas.extend",
        "orders.appeal",
        "areas.appeal",
        "appeals.uphold",
        "appeals.dismiss",
        "appeals.suspend",
        // who holds the keys, and who is to be asked: nobody is bound by it
        "areas.name",
        "areas.release",
        "extensions.approve",
        "extensions.refuse",
        "cases.withdraw",
        "cases.search",
        // asks a second person to tell the public of a place and a time; who was there is asked to come and not bound
        "cases.tell_place",
        "releases.object",
        "releases.release",
        // asks another jurisdiction after somebody who is on no roster here
        "cases.assist",
        "letters.send",
        "letters.drop",
        "letters.answered",
        "letter_people.answer",
        "letter_people.settle",
        "letter_people.forward",
        // evidence of an exposure, as a row of contacts is: what follows from it is decided by the rules
        "letter_people.match",
        "letter_people.tell",
    ];
    assert_eq!(binding, known, "a new command here: can it bind somebody?");
    let sets = COMMANDS.iter().flat_map(|command| command.fields).find(|field| field.name == "status");
    assert!(sets.is_none(), "{sets:?}");
}

#[test]
fn way_03_an_area_on_no_case_is_refused_by_the_store() {
    on_both(async |store| {
        evening(store).await;
        let area = tx(store).await.zones_by_id(&[AREA]).await.unwrap().remove(0);
        let made_up = |id: &str, allowed: Option<&str>| Zone {
            id: id.to_owned(),
            building: "B2".to_owned(),
            unit: None,
            level: ZoneLevel::High,
            cases: 0,
            allowed: allowed.map(str::to_owned),
            ..area.clone()
        };
        assert!(tx(store).await.open_zones(&[made_up("Z1", None)]).await.is_err());
        // nor on a question that nobody has allowed yet
        assert_eq!(district().tries(store, "areas.widen", &[AREA], WIDER).await, "done");
        let asked = format!("{AREA}/x1");
        assert!(tx(store).await.open_zones(&[made_up("Z2", Some(&asked))]).await.is_err());
    });
}

#[test]
fn way_04_who_asks_for_more_does_not_allow_it_and_what_was_decided_stays() {
    on_both(async |store| {
        evening(store).await;
        assert_eq!(district().tries(store, "areas.widen", &[AREA], WIDER).await, "done");
        let id = format!("{AREA}/x1");
        let own = person("d1", Role::CityCommand, "50", None);
        assert_eq!(own.tries(store, "extensions.approve", &[&id], WHY).await, "is asked for by yourself");
        // behind the program's back it is a constraint
        let alone = format!(
            "update extensions set state = 'approved', decided_by = asked_by, decided_at = asked_at, decision = 'x' where id = '{id}'"
        );
        assert!(store.sql(&alone).await.is_err());
        assert_eq!(city_command().tries(store, "extensions.refuse", &[&id], WHY).await, "done");
        let again = format!("update extensions set state = 'approved' where id = '{id}'");
        assert!(store.sql(&again).await.is_err(), "a refusal stays");
        assert!(store.sql("delete from extensions").await.is_err());
        assert_eq!(city_command().tries(store, "extensions.approve", &[&id], WHY).await, "is refused");
        holds(store).await;
    });
}

#[test]
fn way_05_an_order_is_never_made_longer() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let order = an_order(store).await;
        let later = Order { until_day: order.until_day.plus_days(3), ..order.clone() };
        let mut tx = tx(store).await;
        assert!(!tx.end_or_shorten(&later).await.unwrap(), "the program does not");
        tx.commit().await.unwrap();
        let behind = format!("update orders set until_day = '{}' where id = '{}'", later.until_day, order.id);
        assert!(store.sql(&behind).await.is_err(), "and the store does not");
        assert_eq!(an_order(store).await, order);
    });
}

#[test]
fn way_06_a_service_that_is_down_over_the_end_of_an_order_or_an_area_binds_nobody_longer() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let before = tx(store).await.orders_since(day_of(DAY)).await.unwrap();
        // nobody ran anything for a month: no midnight was seen
        line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at("2022-12-06", "09:00")).await.unwrap();
        let mut tx = tx(store).await;
        let after = tx.orders_since(day_of(DAY)).await.unwrap();
        for order in before.iter().filter(|order| order.until_day < day_of("2022-12-06")) {
            let now = after.iter().find(|now| now.id == order.id).unwrap();
            assert!(now.state != OrderState::Active, "{now:?}");
            assert!(now.ended_on.is_some_and(|on| on <= order.until_day), "{now:?}");
        }
        let zones = tx.zones_since(day_of(DAY)).await.unwrap();
        assert!(!zones.is_empty());
        assert!(zones.iter().all(|zone| zone.released_on.is_some_and(|on| on <= zone.ends_on)), "{zones:?}");
    });
}

#[test]
fn way_15_a_day_that_nobody_signs_binds_nobody_longer() {
    on_both(async |store| {
        evening(store).await;
        let bound = "select id from orders where state = 'active' and until_day < '2022-11-27'";
        assert!(!store.texts(bound).await.is_empty());
        // the books stay open on the day; the server runs, and a week passes
        for (day, clock) in [("2022-11-22", "09:00"), ("2022-11-27", "09:00")] {
            line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(day, clock)).await.unwrap();
            let outlived = format!(
                "select id from orders where state in ('active', 'aside') and until_day < '{day}'
                 union all select id from zones where released_on is null and ends_on < '{day}'"
            );
            assert_eq!(store.texts(&outlived).await, Vec::<String>::new(), "{day}");
        }
        let early = "select id from orders where ended_on > until_day union all select id from zones where released_on > ends_on";
        assert_eq!(store.texts(early).await, Vec::<String>::new());
        holds(store).await;
    });
}

#[test]
fn way_07_a_clock_that_jumps_back_gives_no_day_twice() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let ends = "select id || ' ' || cast(until_day as text) from orders order by id";
        let areas = "select id || ' ' || cast(ends_on as text) from zones order by id";
        let pass = async |date: &str, clock: &str| {
            line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(date, clock)).await.unwrap();
        };
        pass("2022-11-21", "09:00").await;
        let before = (store.texts(ends).await, store.texts(areas).await);
        // the clock of the server is set back by a day, and forward again
        pass("2022-11-20", "09:00").await;
        pass("2022-11-21", "10:00").await;
        let after = (store.texts(ends).await, store.texts(areas).await);
        assert_eq!(after, before);
    });
}

#[test]
fn way_08_more_people_than_were_shown_are_not_allowed() {
    on_both(async |store| {
        evening(store).await;
        assert_eq!(district().tries(store, "areas.widen", &[AREA], WIDER).await, "done");
        // between the question and the answer people move into the compound
        store
            .sql(
                "insert into households (household, building, unit, door, division, digest)
                   select 'HX', building, '1', '999', division, 1 from households where household = 'H13'",
            )
            .await
            .unwrap();
        let moved = "update people set household = 'HX' where person in ('P041', 'P042', 'P043')";
        store.sql(moved).await.unwrap();
        let where_b2 = "select count(*) from households where household = 'HX' and building = 'B2'";
        assert_eq!(store.number(where_b2).await, 1, "the household is one of B2");
        let c = city_command();
        let told = c.tries(store, "extensions.approve", &[&format!("{AREA}/x1")], WHY).await;
        assert!(told.starts_with("is about ") && told.ends_with(" people more than were shown"), "{told}");
        assert_eq!(store.number("select count(*) from zones where allowed is not null").await, 0);
    });
}

#[test]
fn way_09_a_district_cannot_be_stricter_than_the_pack_above_it() {
    let above = packs().named("covid-19-cn-twenty").unwrap();
    let overlay = |clauses: &str| {
        let head = "overlay_of = \"covid-19-cn-twenty\"\nid = \"district\"\nversion = \"1\"\n[title]\nen = \"d\"\nzh-Hans = \"d\"\nzh-Hant = \"d\"\n[sources]\n";
        above.overlay("district.toml", &format!("{head}{clauses}"))
    };
    let refused = |clauses: &str| overlay(clauses).is_err();
    for (what, clauses) in [
        ("longer isolation (N5)", "[plan.close.home_isolation]\ndays = { value = 5, unit = \"days\", mark = \"R\" }"),
        ("longer areas (N3)", "[area.release]\ndays = { value = 9, unit = \"days\", mark = \"R\" }"),
        ("wider areas (N4)", "[area]\nunits = { value = [\"building\", \"compound\"], mark = \"R\" }"),
        ("no exemptions (N4)", "[area]\nexempt = { value = [], mark = \"R\" }"),
    ] {
        assert!(refused(clauses), "{what}");
    }
    let _: Option<Pack> = overlay("[area.release]\ndays = { value = 3, unit = \"days\", mark = \"R\" }").ok();
}

#[test]
fn way_10_two_officers_at_once_get_one_area() {
    on_both(async |store| {
        evening(store).await;
        let (one, two) = (district(), person("d5", Role::DistrictCommand, "500103", None));
        let (a, b) = tokio::join!(
            one.tries(store, "areas.widen", &[AREA], WIDER),
            two.tries(store, "areas.widen", &[AREA], WIDER)
        );
        let mut told = [a, b];
        told.sort();
        assert_eq!(told, ["done", "is asked for already"]);
        let id = format!("{AREA}/x1");
        let (c, e) = (city_command(), person("c2", Role::CityCommand, "50", None));
        let keys = [id.as_str()];
        let (a, b) = tokio::join!(
            c.tries(store, "extensions.approve", &keys, WHY),
            e.tries(store, "extensions.approve", &keys, WHY)
        );
        let mut told = [a, b];
        told.sort();
        assert_eq!(told, ["done", "same"]);
        let twice = "select count(*) from (select building from zones where allowed is not null group by building having count(*) > 1) x";
        assert_eq!(store.number(twice).await, 0);
        holds(store).await;
    });
}

#[test]
fn way_11_a_request_for_help_has_no_field_for_a_test_a_status_or_a_debt() {
    let fields: Vec<&str> = REQUESTS.columns.iter().map(|column| column.name).collect();
    let known = ["request", "kind", "household", "division", "received_at", "answered_at", "answer", "text"];
    assert_eq!(fields, known, "a new field of a request: may somebody be kept from help by it?");
}

#[test]
fn way_12_whoever_is_bound_by_an_order_and_an_area_has_the_clock_of_an_emergency_like_anybody() {
    on_both(async |store| {
        // P006 is a case in an area, H13 is bound by nothing
        let asked =
            |id: &str, home: &str, division: &str| format!("{id},emergency,{home},{division},{DAY}T10:00:00+08:00,,,");
        let files = Files::example()
            .add("requests", &asked("E1", "H01", "500103013006"))
            .add("requests", &asked("E2", "H13", "500103013006"));
        let open = dayclear_ops::day::Plan { keep_open: true, ..plan(DAY) };
        run(&store.store, &files.write(store, DAY), &open).await.unwrap();
        let items = tx(store).await.items_of(Worklist::Answer, at(DAY, "00:00")).await.unwrap();
        let help: Vec<i64> = items
            .iter()
            .filter(|item| ["E1", "E2"].contains(&item.subject.as_str()))
            .map(|item| (item.due_at.unwrap().micros() - item.opened_at.micros()) / 1_000_000)
            .collect();
        assert_eq!(help, [60, 60]);
    });
}

#[test]
fn way_13_an_area_is_no_wider_under_any_rules_than_the_smallest_kind_that_they_name() {
    on_both(async |store| {
        for (pack, kind) in [
            ("covid-19-cn-twenty", (true, false)),
            ("covid-19-cn-ten", (true, true)),
            ("covid-19-cn-ninth", (false, false)),
        ] {
            let rules = packs().named(pack).unwrap();
            let found = close_once(store, pack).await;
            assert!(
                !found.is_empty() && found.iter().all(|zone| (zone.unit.is_some(), zone.household.is_some()) == kind),
                "{pack} {found:?}"
            );
            assert!(rules.area().is_some());
        }
    });
}

/// Areas that would be drawn under a pack, on the evidence of the example.
async fn close_once(store: &TestStore, pack: &str) -> Vec<Zone> {
    let rules = packs().named(pack).unwrap();
    if store.number("select count(*) from days").await == 0 {
        evening(store).await;
    }
    let settings = settings();
    let day = Day::at(day_of(DAY), None, at(DAY, "23:30"), rules, &settings);
    let mut tx = tx(store).await;
    let base = tx.zones_by_id(&[AREA]).await.unwrap().remove(0);
    let proposal = dayclear_ops::areas::propose(&mut tx, &day).await.unwrap();
    let zone = |area: &dayclear_engines::zoning::Drawn| Zone {
        building: area.place.building.clone(),
        unit: area.place.unit.clone(),
        household: area.place.household.clone(),
        people: i64::from(area.people),
        ..base.clone()
    };
    proposal.drawing.areas.iter().map(zone).collect()
}

#[test]
fn way_14_days_that_rules_do_not_give_cannot_be_asked_for() {
    on_both(async |store| {
        evening(store).await;
        let longest: CivilDate = day_of("2022-11-25");
        let day = longest.plus_days(1).to_string();
        let given: Vec<(&str, &str)> =
            WIDER.iter().map(|(name, value)| (*name, if *name == "until" { day.as_str() } else { *value })).collect();
        let told = district().tries(store, "areas.widen", &[AREA], &given).await;
        assert!(told.starts_with("is forbidden (N3)"), "{told}");
        let shown = "select count(*) from items where worklist = 'review' and subject like 'beyond/%' and owner = '50'";
        assert_eq!(store.number(shown).await, 1, "the next level sees who tried");
    });
}
