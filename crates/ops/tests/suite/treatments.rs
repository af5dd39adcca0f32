//! Regular treatments of people who are bound, on both stores: a week ahead by the rhythm of the need, alike until somebody says
//! otherwise, late while they were missed, refused only by name, and nothing of them when nobody binds the person any more.

use crate::{
    city::{DAY, Files, at, city, packs, plan, run, settings},
    engines::{TestStore, on_both},
    floor::{Person, city_command, holds, person, signs_and_holds},
};
use dayclear_core::access::Role;
use dayclear_ops::line;

/// The example, whose P021 stays at home for a re-test and has dialysis.
async fn morning_of(store: &TestStore) {
    let mut plan = plan(DAY);
    plan.keep_open = true;
    let files = Files::example().set("people", "P021", "needs", "dialysis;psychiatric;wheelchair");
    run(&store.store, &files.write(store, DAY), &plan).await.unwrap();
}

fn district() -> Person {
    person("d1", Role::DistrictCommand, "500103", None)
}

async fn days(store: &TestStore, of: &str, need: &str) -> Vec<String> {
    let sql = format!(
        "select substr(cast(t.day as text), 1, 10) || ' ' || t.state || ' ' || coalesce(i.outcome, 'open')
         from treatments t join items i on i.worklist = 'treat' and i.subject = t.id
         where t.person = '{of}' and t.need = '{need}' order by t.day"
    );
    store.texts(&sql).await
}

async fn first(store: &TestStore, of: &str, need: &str, day: &str) -> String {
    let sql = format!(
        "select id from treatments where person = '{of}' and need = '{need}' and cast(day as text) like '{day}%'"
    );
    store.texts(&sql).await.concat()
}

async fn pass(store: &TestStore, date: &str, clock: &str) {
    line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(date, clock)).await.unwrap();
}

#[test]
fn whoever_is_bound_has_a_week_of_treatments_and_whoever_is_not_has_none() {
    on_both(async |store| {
        morning_of(store).await;
        let dialysis = ["2022-11-20 due open", "2022-11-22 due open", "2022-11-24 due open", "2022-11-26 due open"];
        assert_eq!(days(store, "P021", "dialysis").await, dialysis);
        assert_eq!(days(store, "P021", "psychiatric").await, ["2022-11-20 due open", "2022-11-27 due open"]);
        // a wheelchair is no treatment
        assert_eq!(store.number("select count(*) from treatments where need = 'wheelchair'").await, 0);
        // a number tells neither the person nor the need, and an item neither
        let told = "select count(*) from items where worklist = 'treat' and (subject like '%P021%' or reason like '%dialysis%')";
        assert_eq!(store.number(told).await, 0);
        // nobody who is free is planned for
        let free = "select count(*) from treatments t where not exists (select 1 from orders o where o.person = t.person and o.state = 'active')
            and not exists (select 1 from people p join households h on h.household = p.household
                join zones z on z.building = h.building where p.person = t.person)";
        assert_eq!(store.number(free).await, 0);
        // looked at again, nothing is planned twice
        pass(store, DAY, "23:00").await;
        assert_eq!(days(store, "P021", "dialysis").await, dialysis);
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn arranged_once_is_arranged_alike_and_missed_is_late_until_it_was_had() {
    on_both(async |store| {
        morning_of(store).await;
        let id = first(store, "P021", "dialysis", "2022-11-20").await;
        let d = district();
        let arrange =
            [("facility", "DH1"), ("planned_at", "2022-11-20T23:30:00+08:00"), ("way", "car of the community")];
        assert_eq!(
            d.tries(store, "treatments.arrange", &[&id], &[("planned_at", "2022-11-20T23:30:00+08:00")]).await,
            "invalid: way"
        );
        let nowhere = [("facility", "NOWHERE"), arrange[1], arrange[2]];
        assert_eq!(d.tries(store, "treatments.arrange", &[&id], &nowhere).await, "invalid: facility");
        assert_eq!(d.tries(store, "treatments.arrange", &[&id], &arrange).await, "done");
        let last = first(store, "P021", "dialysis", "2022-11-26").await;
        assert_eq!(d.tries(store, "treatments.arrange", &[&last], &arrange).await, "done");
        assert_eq!(d.tries(store, "treatments.done", &[&id], &[]).await, "done");
        assert_eq!(d.tries(store, "treatments.done", &[&id], &[]).await, "is done");
        signs_and_holds(store, DAY).await;
        // the next day nobody moves: psychiatric care of the 20th was missed, and stays
        pass(store, "2022-11-21", "09:00").await;
        assert_eq!(days(store, "P021", "psychiatric").await[0], "2022-11-20 due open");
        let late =
            "select count(*) from items where worklist = 'treat' and closed_at is null and escalated_at is not null";
        assert!(store.number(late).await > 0, "who was missed is passed up");
        // a week after the last one that is known, the next is arranged as that one was: place, way and hour
        pass(store, "2022-11-21", "10:00").await;
        let next = store
            .texts(
                "select state || ' ' || coalesce(facility, '-') || ' ' || way from treatments
                where person = 'P021' and need = 'dialysis' and cast(day as text) like '2022-11-28%'",
            )
            .await;
        assert_eq!(next, ["arranged DH1 car of the community"]);
        holds(store).await;
    });
}

#[test]
fn a_refusal_has_a_name_and_the_treatment_stays_due() {
    on_both(async |store| {
        morning_of(store).await;
        let id = first(store, "P021", "dialysis", "2022-11-20").await;
        let d = district();
        let arrange = [("facility", "DH1"), ("planned_at", "2022-11-20T23:30:00+08:00"), ("way", "ambulance")];
        assert_eq!(d.tries(store, "treatments.arrange", &[&id], &arrange).await, "done");
        for given in
            [&[("clinician", "Dr Wang")][..], &[("reason", "no place")], &[("clinician", "  "), ("reason", "no place")]]
        {
            let word = d.tries(store, "treatments.refuse", &[&id], given).await;
            assert!(word.starts_with("invalid"), "{given:?}: {word}");
        }
        let named = [("clinician", "Dr Wang"), ("reason", "no place"), ("facility", "DH1")];
        assert_eq!(d.tries(store, "treatments.refuse", &[&id], &named).await, "done");
        assert_eq!(days(store, "P021", "dialysis").await[0], "2022-11-20 due open");
        let incident = format!(
            "select owner from items where worklist = 'review' and subject = 'refused/{id}/1' and closed_at is null"
        );
        assert_eq!(store.texts(&incident).await, ["50"], "the city sees what a district let happen");
        assert!(store.sql("delete from treatment_refusals").await.is_err());
        assert!(store.sql("update treatment_refusals set clinician = 'x'").await.is_err());
        // what the person does not want, they need not have; nothing else follows from it
        let word = d.tries(store, "treatments.decline", &[&id], &[("reason", "she goes next week")]).await;
        assert_eq!(word, "done");
        assert_eq!(days(store, "P021", "dialysis").await[0], "2022-11-20 declined cancelled");
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn whoever_is_free_again_goes_as_they_are_used_to() {
    on_both(async |store| {
        morning_of(store).await;
        let orders = store.texts("select id from orders where person = 'P021' and state = 'active'").await;
        let enclosed = "select count(*) from people p join households h on h.household = p.household
            join zones z on z.building = h.building where p.person = 'P021' and (z.unit is null or z.unit = h.unit)";
        assert!(!orders.is_empty() && store.number(enclosed).await == 0, "{orders:?}");
        for order in &orders {
            assert_eq!(district().tries(store, "orders.end", &[order], &[("reason", "negative")]).await, "done");
        }
        pass(store, DAY, "23:10").await;
        let freed = days(store, "P021", "dialysis").await;
        assert!(freed.iter().all(|slot| slot.ends_with("freed cancelled")), "{freed:?}");
        let signed = city_command().at(at(DAY, "23:59")).tries(store, "days.sign", &[DAY], &[]).await;
        assert_eq!(signed, "done");
        holds(store).await;
    });
}
