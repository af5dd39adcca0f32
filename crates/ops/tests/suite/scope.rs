//! Who may see whom: a handle of one district reaches nobody of another.

use crate::{
    city::{DAY, Files, at, close, day_of, plan, run},
    engines::on_both,
    floor::{city_command, district, evening, person},
};
use dayclear_core::{
    access::Role,
    listing::{DOUBTS, FILES, Query},
};
use dayclear_ops::day::Plan;
use dayclear_store::Scope;

#[test]
fn a_handle_of_one_district_sees_nobody_of_another() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let (own, other) = ("500112", "500103");
        let mut tx = store.store.begin(&Scope::of(own.parse().unwrap())).await.unwrap();
        let inside = ["P041", "P055", "P079"];
        let outside = ["P001", "P006", "P021"];
        let names = [inside, outside].concat();
        let people = tx.people_by_id(&names).await.unwrap();
        assert_eq!(people.iter().map(|p| p.person.as_str()).collect::<Vec<_>>(), inside);
        let numbers: Vec<i64> = (1..=80).collect();
        let mut seen: Vec<(&str, Vec<String>)> = Vec::new();
        let divisions = |name, list: Vec<_>| (name, list.iter().map(ToString::to_string).collect::<Vec<_>>());
        let (day, since) = (day_of(DAY), at(DAY, "00:00"));
        seen.push(divisions(
            "people",
            tx.people_by_no(&numbers).await.unwrap().into_iter().map(|p| p.division).collect(),
        ));
        let homes = tx.people_of_households(&["H01", "H28"]).await.unwrap();
        seen.push(divisions("households", homes.into_iter().map(|p| p.division).collect()));
        let homes = tx.households_of_buildings(&["B1", "B4"]).await.unwrap();
        seen.push(divisions("buildings", homes.into_iter().map(|h| h.division).collect()));
        seen.push(divisions("orders", tx.orders_since(day).await.unwrap().into_iter().map(|o| o.division).collect()));
        seen.push(divisions(
            "cases",
            tx.cases_since(day, since).await.unwrap().into_iter().map(|c| c.division).collect(),
        ));
        seen.push(divisions(
            "contacts",
            tx.contacts_since(since).await.unwrap().into_iter().map(|c| c.division).collect(),
        ));
        let transfers = tx.transfers_since(since).await.unwrap();
        seen.push(divisions("transfers", transfers.into_iter().map(|t| t.division).collect()));
        seen.push(divisions("items", tx.open_items().await.unwrap().into_iter().map(|i| i.division).collect()));
        seen.push(divisions("areas", tx.zones_since(day).await.unwrap().into_iter().map(|z| z.division).collect()));
        seen.push(divisions("parcels", tx.parcels_on(day).await.unwrap().into_iter().map(|p| p.division).collect()));
        let requests = tx.requests_since(at("2022-11-21", "00:00"), since).await.unwrap();
        seen.push(divisions("requests", requests.into_iter().map(|r| r.division).collect()));
        let due = tx.tests_due_from(day).await.unwrap();
        seen.push(divisions("tests", due.into_iter().map(|(.., division)| division).collect()));
        let due = tx.tests_due_on(day, None).await.unwrap();
        seen.push(divisions("tests today", due.into_iter().map(|(_, _, division, _)| division).collect()));
        let exempt = tx.exemptions().await.unwrap();
        seen.push(divisions("exemptions", exempt.into_iter().map(|(_, division, _)| division).collect()));
        for (what, divisions) in &seen {
            assert!(!divisions.is_empty(), "{what}: nothing to see, so nothing is shown");
            assert!(
                divisions.iter().all(|division| division.starts_with(own)),
                "{what} of {other} is visible: {divisions:?}"
            );
        }
    });
}

#[test]
fn a_wider_scope_sees_what_the_narrow_ones_see_together() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let mut counts = Vec::new();
        for division in ["50", "500103", "500112", "500103013006", "500112016001", "500108"] {
            let mut tx = store.store.begin(&Scope::of(division.parse().unwrap())).await.unwrap();
            counts.push((tx.orders_since(day_of(DAY)).await.unwrap().len(), tx.open_items().await.unwrap().len()));
        }
        let [city, yuzhong, yubei, community, other, nobody] = counts[..] else { panic!("six") };
        assert_eq!((city.0, city.1), (yuzhong.0 + yubei.0, yuzhong.1 + yubei.1));
        assert_eq!((yuzhong, yubei), (community, other));
        assert_eq!(nobody, (0, 0));
        assert!(yuzhong.0 > 0 && yubei.0 > 0);
    });
}

#[test]
fn what_bears_no_division_is_reached_through_its_people() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let until = at("2022-11-21", "00:00");
        let since = at(DAY, "00:00");
        let mut seen = Vec::new();
        for scope in ["50", "500112", "500103"] {
            let mut tx = store.store.begin(&Scope::of(scope.parse().unwrap())).await.unwrap();
            let everybody = ["P001", "P006", "P041", "P055"];
            let assessments = tx.assessments(until).await.unwrap();
            let declared = tx.declared_by(&everybody).await.unwrap();
            let visits = tx.visits_of(&["P055", "P073", "P001"]).await.unwrap();
            let places: Vec<&str> = visits.iter().map(|visit| visit.place.as_str()).collect();
            let there = tx.visits_to(&places).await.unwrap();
            let reports = tx.handovers(until, since).await.unwrap();
            seen.push([assessments.len(), declared.len(), visits.len(), there.len(), reports.len()]);
            let mut named: Vec<String> = assessments.into_iter().map(|a| a.person).collect();
            named.extend(declared.into_iter().map(|d| d.person));
            named.extend(visits.into_iter().chain(there).map(|visit| visit.person));
            named.extend(reports.into_iter().map(|report| report.person));
            let named: Vec<&str> = named.iter().map(String::as_str).collect();
            for person in tx.people_by_id(&named).await.unwrap() {
                assert!(person.division.as_str().starts_with(scope), "{scope}: {}", person.person);
            }
            let found = tx.people_by_id(&named).await.unwrap().len();
            let distinct: std::collections::BTreeSet<&str> = named.into_iter().collect();
            assert_eq!(found, distinct.len(), "{scope}: somebody outside was named");
        }
        let [city, north, centre] = [seen[0], seen[1], seen[2]];
        for what in 0..city.len() {
            if what != 3 {
                assert_eq!(city[what], north[what] + centre[what], "column {what}: {seen:?}");
            }
        }
        assert!(north[0] > 0 && centre[0] > 0 && north[4] > 0, "{seen:?}");
    });
}

/// Rows kept aside hold what people wrote about people: each is for the district that it tells of, and what tells of no known
/// place is for the city.
#[test]
fn a_row_kept_aside_is_seen_where_it_belongs() {
    on_both(async |store| {
        let bad = Files::example().rows(
            "people",
            "Q1,H01,张三,,,,03/04/1990,,,,
             Q2,H28,李四,,,,03/04/1990,,,,
             Q3,H999,王五,,,,1990-04-03,,,,",
        );
        close(store, DAY, &bad).await;
        let other = person("d2", Role::DistrictCommand, "500112", None);
        let laboratory = person("l1", Role::Laboratory, "50", Some("L1"));
        let (own, city) = (district(), city_command());
        let mut keys = Vec::new();
        for (who, people) in [(&own, &["Q1"][..]), (&other, &["Q2"]), (&laboratory, &[]), (&city, &["Q1", "Q2", "Q3"])]
        {
            let mut tx = store.store.look(&who.looker.scope()).await.unwrap();
            let rows = tx.list(&DOUBTS, &Query::default()).await.unwrap().rows;
            let raw = |row: &dayclear_core::listing::Row| row.get(&DOUBTS, "raw").as_str().unwrap()[..2].to_owned();
            let mut seen: Vec<String> = rows.iter().map(raw).collect();
            seen.sort();
            assert_eq!(seen, people, "{}", who.looker.account);
            keys.extend(rows.iter().map(|row| row.get(&DOUBTS, "id").as_str().unwrap().to_owned()));
            let files = tx.list(&FILES, &Query::default()).await.unwrap().rows.len();
            assert_eq!(files > 0, who.looker.account == city.looker.account, "{}", who.looker.account);
        }
        // each command has an item of its own, and the key of a foreign row leads nowhere
        let items =
            "select coalesce(substr(subject, 30), '') || ' ' || division || ' ' || substr(reason, 1, 4) from items
            where worklist = 'clarify' and subject like 'file/%/people.csv%' order by division";
        assert_eq!(store.texts(items).await, [" 50 1 of", "500103 500103 1 of", "500112 500112 1 of"]);
        let drop: &[(&str, &str)] = &[("reason", "twice in the list")];
        assert_eq!(other.tries(store, "doubts.resolve", &[&keys[0]], drop).await, "unknown");
        assert_eq!(laboratory.tries(store, "doubts.resolve", &[&keys[0]], drop).await, "unknown");
        assert_eq!(own.tries(store, "doubts.resolve", &[&keys[0]], drop).await, "done");
        let open = "select division from items where worklist = 'clarify' and subject like 'file/%/people.csv%'
            and closed_at is null order by division";
        assert_eq!(store.texts(open).await, ["50", "500112"]);
    });
}

#[test]
fn whoever_lives_in_a_building_goes_with_it_to_another_division() {
    on_both(async |store| {
        evening(store).await;
        let other = "500112016001";
        let files =
            Files::example().set("buildings", "B1", "division", other).set("households", "H11", "building", "B3");
        let plan = Plan { keep_open: true, ..plan(DAY) };
        run(&store.store, &files.write(store, DAY), &plan).await.unwrap();
        // people are read by a file that says of them what it said before
        let astray = "select count(*) from people p join households h on h.household = p.household
            join buildings b on b.building = h.building where p.division <> b.division or h.division <> b.division";
        assert_eq!(store.number(astray).await, 0);
        let mut tx = store.store.begin(&Scope::of("500112".parse().unwrap())).await.unwrap();
        let moved = tx.people_of_households(&["H01", "H11"]).await.unwrap();
        let divisions: Vec<&str> = moved.iter().map(|person| person.division.as_str()).collect();
        assert!(divisions.len() > 3 && divisions.iter().all(|division| *division == other), "{divisions:?}");
    });
}
