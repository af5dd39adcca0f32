//! Requests on both stores: those of one household on one theme go together and can be taken apart, nothing urgent ever does, a dispute is
//! mediated by name and on a ground, and danger told of in counselling is an emergency at once.

use crate::{
    city::{DAY, at, city},
    engines::{TestStore, on_both},
    floor::{Person, district, evening, holds, moment, person},
    imports::bring,
};
use dayclear_core::{access::Role, schema::REQUESTS};
use dayclear_ops::{hot_spots::hot_spots, imports::Keep};

const PLACE: &str = "500103013006";
const WHY: &[(&str, &str)] = &[("reason", "asked on the telephone")];

/// Brings requests: number, kind, household, minute of the evening.
async fn ask(store: &TestStore, rows: &[(&str, &str, &str, &str)]) {
    let mut file = "request,kind,household,division,received_at,text\n".to_owned();
    for (request, kind, household, clock) in rows {
        file.push_str(&format!("{request},{kind},{household},{PLACE},{DAY}T{clock}:00+08:00,words of {request}\n"));
    }
    assert_eq!(bring(store, &city(), &REQUESTS, &file, "", Keep::Together).await.created, rows.len() as u64);
    dayclear_ops::line::pass(
        &store.store,
        crate::city::packs(),
        &crate::city::settings(),
        "covid-19",
        &city(),
        at(DAY, "23:00"),
    )
    .await
    .unwrap();
}

/// Households of the community that have asked for nothing yet.
async fn homes(store: &TestStore) -> Vec<String> {
    let sql = format!(
        "select household from households where division = '{PLACE}'
         and household not in (select household from requests where household is not null) order by household"
    );
    store.texts(&sql).await
}

async fn with(store: &TestStore) -> Vec<String> {
    store
        .texts("select request || ' ' || merged_into from requests where merged_into is not null order by request")
        .await
}

async fn items(store: &TestStore, like: &str) -> Vec<String> {
    let sql = format!(
        "select subject || ' ' || coalesce(outcome, 'open') from items where worklist = 'answer' and subject like '{like}' order by subject"
    );
    store.texts(&sql).await
}

fn worker() -> Person {
    person("w2", Role::CommunityWorker, "500103", None)
}

#[test]
fn requests_of_one_household_on_one_theme_go_together_and_are_answered_together() {
    on_both(async |store| {
        evening(store).await;
        let homes = homes(store).await;
        let (one, two) = (homes[0].as_str(), homes[1].as_str());
        ask(
            store,
            &[
                ("X1", "food", one, "22:00"),
                ("X2", "food", one, "22:10"),
                ("X3", "medicine", one, "22:11"),
                ("X4", "food", two, "22:12"),
                ("X5", "emergency", one, "22:13"),
                ("X6", "emergency", one, "22:14"),
                ("X7", "counselling", one, "22:15"),
                ("X8", "counselling", one, "22:16"),
            ],
        )
        .await;
        assert_eq!(
            with(store).await,
            ["X2 X1"],
            "the same theme of the same household, and nothing urgent or somebody's own"
        );
        assert_eq!(items(store, "X2%").await, ["X2 cancelled"]);
        holds(store).await;
        let w = worker();
        let answer = [("answer", "brought to the door"), ("confirmed", "yes")];
        assert_eq!(w.tries(store, "requests.answer", &["X2"], &answer).await, "is with another request");
        // by hand: only what is of one theme, open, and not answered for others
        let go = async |key: &str, into: &str| {
            w.tries(store, "requests.merge", &[key], &[("merged_into", into), ("reason", "neighbours cook together")])
                .await
        };
        assert_eq!(go("X4", "X3").await, "is of another theme");
        assert_eq!(go("X4", "X4").await, "is the same");
        assert_eq!(go("X5", "X6").await, "is never put together");
        assert_eq!(go("X4", "X2").await, "is with another request");
        assert_eq!(go("X1", "X4").await, "is answered for others");
        assert_eq!(go("X4", "none").await, "is to go with one that is not here");
        assert_eq!(go("X4", "X1").await, "done");
        assert_eq!(go("X4", "X1").await, "same");
        assert_eq!(with(store).await, ["X2 X1", "X4 X1"]);
        // taken back, it waits anew under its own clock
        assert_eq!(w.tries(store, "requests.part", &["X4"], WHY).await, "done");
        assert_eq!(w.tries(store, "requests.part", &["X4"], WHY).await, "same");
        assert_eq!(items(store, "X4%").await, ["X4 cancelled", "X4/2 open"]);
        let clock = "select count(*) from items a join items b on b.worklist = 'answer' and b.subject = 'X4'
            where a.worklist = 'answer' and a.subject = 'X4/2' and a.due_at = b.due_at";
        assert_eq!(store.number(clock).await, 1, "being put with another takes nothing from its time");
        holds(store).await;
        // answered for both, and confirmed for both
        assert_eq!(w.tries(store, "requests.answer", &["X1"], &answer).await, "done");
        let answered = "select request || ' ' || answer from requests where answered_at is not null and request in ('X1', 'X2', 'X4') order by request";
        assert_eq!(store.texts(answered).await, ["X1 brought to the door", "X2 brought to the door"]);
        assert!(store.sql("update request_merges set reason = 'x'").await.is_err());
        holds(store).await;
    });
}

#[test]
fn danger_told_of_in_counselling_is_an_emergency_at_once() {
    on_both(async |store| {
        evening(store).await;
        let home = &homes(store).await[0];
        ask(store, &[("X1", "counselling", home, "22:00"), ("X2", "food", home, "22:00")]).await;
        let w = worker();
        assert_eq!(w.tries(store, "requests.crisis", &["X2"], &[]).await, "is no request for counselling");
        assert_eq!(w.tries(store, "requests.crisis", &["X1"], &[]).await, "done");
        assert_eq!(w.tries(store, "requests.crisis", &["X1"], &[]).await, "same");
        let ticket = "select kind || ' ' || household from tickets where request = 'E-X1'";
        assert_eq!(store.texts(ticket).await, [format!("emergency {home}")]);
        let decide = "select count(*) from items i join tickets t on t.ticket = i.subject where i.worklist = 'decide' and t.request = 'E-X1' and i.closed_at is null";
        assert_eq!(store.number(decide).await, 1, "somebody decides within a minute");
        assert_eq!(items(store, "X1").await, ["X1 open"], "the request stays open beside it");
        holds(store).await;
    });
}

#[test]
fn a_dispute_is_mediated_by_name_and_on_a_ground_and_says_where_it_goes_on() {
    on_both(async |store| {
        evening(store).await;
        let home = &homes(store).await[0];
        ask(
            store,
            &[("X1", "dispute", home, "22:00"), ("X2", "dispute", home, "22:01"), ("X3", "food", home, "22:02")],
        )
        .await;
        assert_eq!(with(store).await, Vec::<String>::new(), "two disputes are two");
        let (w, d) = (worker(), district());
        let by = [("mediator", "Li, street office of justice"), ("law", "People's Mediation Law, art. 17")];
        assert_eq!(w.tries(store, "requests.mediate", &["X3"], &by).await, "is no dispute");
        assert_eq!(w.tries(store, "requests.mediate", &["X1"], &by[..1]).await, "invalid: law");
        assert_eq!(w.tries(store, "requests.mediate", &["X1", "X2"], &by).await, "done done");
        assert_eq!(w.tries(store, "requests.mediate", &["X1"], &by).await, "same");
        assert_eq!(w.tries(store, "mediations.note", &["X1"], &[("words", "met at the gate")]).await, "done");
        assert_eq!(d.tries(store, "mediations.settle", &["X1"], &[("agreed", "the gate opens at six")]).await, "done");
        assert_eq!(d.tries(store, "mediations.note", &["X1"], &[("words", "more")]).await, "is settled");
        assert_eq!(d.tries(store, "mediations.fail", &["X2"], &[]).await, "invalid: onward");
        assert_eq!(
            d.tries(store, "mediations.fail", &["X2"], &[("onward", "district court, within 15 days")]).await,
            "done"
        );
        let elsewhere = person("w3", Role::CommunityWorker, "500112", None);
        assert_eq!(elsewhere.tries(store, "mediations.note", &["X2"], &[("words", "x")]).await, "unknown");
        // the person confirms, as ever; nothing of it is changed behind the program's back
        assert_eq!(items(store, "X%").await, ["X1 open", "X2 open", "X3 open"]);
        assert!(store.sql("update mediations set state = 'open', ended_at = null, ended_by = null").await.is_err());
        assert!(store.sql("delete from mediation_steps").await.is_err());
        holds(store).await;
    });
}

/// Requests of a community for one thing, each so many hours before noon of the day.
async fn asked_for(store: &TestStore, community: &str, kind: &str, hours_ago: &[i64]) {
    for (n, ago) in hours_ago.iter().enumerate() {
        let received = moment(store, at(DAY, "12:00").plus_hours(-ago));
        let sql = format!(
            "insert into requests (request, kind, division, received_at, digest)
             values ('{kind}-{community}-{n}', '{kind}', '{community}', {received}, 0)"
        );
        store.sql(&sql).await.unwrap();
    }
}

#[test]
fn more_people_asking_for_the_same_thing_than_usual_are_a_hot_spot_of_place_and_theme() {
    on_both(async |store| {
        evening(store).await;
        // water fails in one community; in another as many ask on every day; in a third two ask
        asked_for(store, "500103013006", "food", &[1, 2, 3, 5, 8, 9]).await;
        let each_day: Vec<i64> = (0..8).flat_map(|day| [1, 2, 3, 5, 8, 9].map(|hour| day * 24 + hour)).collect();
        asked_for(store, "500112001005", "medicine", &each_day).await;
        asked_for(store, "500112001006", "food", &[4, 6]).await;
        let spots = async |division: &str| {
            let scope = person("w", Role::DistrictCommand, division, None).looker.scope();
            let mut tx = store.store.look(&scope).await.unwrap();
            let found = hot_spots(&mut tx, at(DAY, "12:00")).await.unwrap();
            found.iter().map(|spot| format!("{} {} {}", spot.division, spot.kind, spot.asked)).collect::<Vec<_>>()
        };
        assert_eq!(spots("50").await, ["500103013006 food 6"]);
        assert!(spots("500112").await.is_empty(), "another district sees its own");
        // answered, it stays one until the day is over; put together with another, it counts once
        store.sql("update requests set merged_into = 'food-500103013006-0' where request like 'food-500103013006-%' and request not like '%-0' and request not like '%-1'").await.unwrap();
        assert!(spots("50").await.is_empty(), "two households are no hot spot");
    });
}
