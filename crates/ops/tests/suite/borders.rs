//! Areas beside each other and areas of one household, on both stores: two districts are told of each other's area until one of them has ended;
//! what was an area is found by its place afterwards; and an area of one household binds that household and is shown to nobody else.

use crate::{
    city::{DAY, Files, at, close, day_of, plan, run, tx},
    engines::{TestStore, on_both},
    floor::{district, holds},
    found_by_the_checker::{NEXT, close_under},
    online::pass,
};
use dayclear_core::measures::ZoneEnd;
use dayclear_ops::{alerts, areas, public};

const ONE: &str = "Z-2022-11-20-B1-1";
const OTHER: &str = "Z-2022-11-20-B4-1";

/// Items about a neighbour's area: owner, subject, and whether it waits.
async fn told(store: &TestStore) -> Vec<String> {
    let sql = "select owner || ' ' || subject || ' ' || coalesce(outcome, 'open') from items
        where worklist = 'clarify' and subject like 'border/%' order by subject";
    store.texts(sql).await
}

#[test]
fn two_districts_are_told_of_each_others_area_across_a_street_until_one_has_ended() {
    on_both(async |store| {
        // B4 is in another district than B1, and some forty metres away
        let beside =
            Files::example().set("buildings", "B4", "lon", "106.5205").set("buildings", "B4", "lat", "29.5532");
        let mut open = plan(DAY);
        open.keep_open = true;
        run(&store.store, &beside.write(store, DAY), &open).await.unwrap();
        let both =
            |how: &str| [format!("500103 border/{ONE}/{OTHER} {how}"), format!("500112 border/{OTHER}/{ONE} {how}")];
        assert_eq!(told(store).await, both("open"));
        let mut look = tx(store).await;
        let seen = areas::neighbours(&mut look, ONE).await.unwrap();
        assert_eq!(seen.len(), 1);
        assert!(seen[0].0 == OTHER && seen[0].1.contains("500112") && seen[0].1.contains(" m from "), "{seen:?}");
        drop(look);
        holds(store).await;
        // looked at again, nobody is told twice
        pass(store, "22:55").await;
        assert_eq!(told(store).await, both("open"));
        let d = district().at(at(DAY, "23:00"));
        assert_eq!(d.tries(store, "areas.release", &[ONE], &[("reason", "everybody is well")]).await, "done");
        pass(store, "23:10").await;
        assert_eq!(told(store).await, both("cancelled"));
        let mut look = tx(store).await;
        assert_eq!(areas::neighbours(&mut look, ONE).await.unwrap(), []);
        // whoever looks the place up finds what it was, until when, how it ended and by whose rule; and nobody by name
        let past = public::past_areas(&mut look, "江景苑", day_of(DAY)).await.unwrap();
        assert_eq!(past.iter().map(|area| area.id.as_str()).collect::<Vec<_>>(), [ONE]);
        assert_eq!((past[0].ended, past[0].released_on), (Some(ZoneEnd::Early), Some(day_of(DAY))));
        assert!(public::rule_of(&past[0]).unwrap().starts_with("covid-19-cn-twenty"));
        assert_eq!(public::past_areas(&mut look, "李建国", day_of(DAY)).await.unwrap(), []);
        // ninety days later nobody does
        assert_eq!(public::past_areas(&mut look, "江景苑", day_of(DAY).plus_days(91)).await.unwrap(), []);
        drop(look);
        holds(store).await;
    });
}

#[test]
fn areas_that_are_apart_or_of_one_district_are_nobodys_border() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        assert_eq!(told(store).await, Vec::<String>::new());
    });
}

#[test]
fn where_the_rules_allow_it_an_area_is_one_household_and_nobody_else_is_told() {
    on_both(async |store| {
        close_under(store, "covid-19-cn-ten", DAY, &Files::example()).await;
        let areas = "select id || ' ' || coalesce(household, '-') || ' ' || people from zones order by id";
        let drawn = store.texts(areas).await;
        assert!(drawn.iter().any(|area| area == "Z-2022-11-20-B1-1-h1 H01 3"), "{drawn:?}");
        let counted = "select count(*) from zones z where household is null or people <>
            (select count(*) from people p where p.household = z.household and p.merged_into is null)";
        assert_eq!(store.number(counted).await, 0, "{drawn:?}");
        // it binds that household alone: its paper, and what is brought to its door
        let papers =
            "select count(*) from notices n join zones z on z.id = n.subject join people p on p.no = n.person_no
            where n.kind = 'order' and p.household <> z.household";
        assert_eq!(store.number(papers).await, 0);
        let fed =
            "select count(*) from zones z where not exists (select 1 from parcels d where d.household = z.household)";
        assert_eq!(store.number(fed).await, 0);
        let others = "select count(*) from parcels d join households h on h.household = d.household
            where h.household in ('H07', 'H09') and h.building = 'B1'";
        assert_eq!(store.number(others).await, 0, "the neighbours of the unit are free");
        holds(store).await;
        // no look-up, no warning, no history
        let mut look = tx(store).await;
        assert_eq!(public::areas(&mut look, "江景苑").await.unwrap(), []);
        assert_eq!(alerts::latest(&mut look, day_of(DAY)).await.unwrap(), []);
        assert_eq!(alerts::message(&mut look, "Z-2022-11-20-B1-1-h1", None).await.unwrap(), None);
        assert_eq!(public::area_history(&mut look, day_of(DAY), day_of(DAY)).await.unwrap(), []);
        drop(look);
        // under other rules it stays as small as it is
        close_under(store, "covid-19-cn-twenty", NEXT, &Files::quiet(NEXT)).await;
        assert_eq!(store.texts(areas).await, drawn);
        holds(store).await;
    });
}

#[test]
fn areas_of_units_become_households_under_rules_that_enclose_households() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        close_under(store, "covid-19-cn-ten", NEXT, &Files::quiet(NEXT)).await;
        let standing =
            "select id || ' ' || household from zones where released_on is null and building = 'B1' order by id";
        let now = store.texts(standing).await;
        assert!(!now.is_empty() && now.iter().all(|area| area.starts_with("Z-2022-11-21-B1-1-h")), "{now:?}");
        let became = format!("select became from zones where id = '{ONE}' and ended_how = 'became'");
        let ids: Vec<&str> = now.iter().filter_map(|area| area.split(' ').next()).collect();
        assert_eq!(store.texts(&became).await, [ids.join(" ")]);
        holds(store).await;
    });
}
