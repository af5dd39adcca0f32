//! Tracing keeps names for the pack's retention and no longer, on both stores: contacts lose them, declarations and visits are deleted,
//! whoever is still bound keeps theirs, nobody is listed anew, and figures and chains stay as they were.

use crate::{
    city::{DAY, Files, at, city, close, day_of, packs, plan, run, settings},
    engines::{TestStore, on_both},
    floor::{evening, holds, person},
    imports::bring,
};
use dayclear_core::{
    access::Role,
    schema::{ARRIVALS, GATES},
    time::Zone,
};
use dayclear_ops::{imports::Keep, line, tracing::figures};

/// A pass at noon of a day, after the books of the days before were signed.
async fn line_at(store: &TestStore, date: &str) {
    let signer = person("c1", Role::CityCommand, "50", None).at(at(date, "11:00"));
    let open = store.texts("select cast(day as text) from days where closed_at is null").await;
    if let Some(open) = open.first() {
        assert_eq!(signer.tries(store, "days.sign", &[open], &[]).await, "done");
    }
    line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(date, "12:00")).await.unwrap();
}

/// What is counted of tracing, and what the chains are made of.
async fn told(store: &TestStore) -> String {
    let zone = Zone::named("Asia/Shanghai").unwrap();
    let mut tx = store.store.begin(&city()).await.unwrap();
    let figures = figures(&mut tx, &zone, (packs(), "covid-19"), day_of(DAY), day_of(DAY)).await.unwrap();
    drop(tx);
    let cases = store.texts("select id from cases order by id").await;
    let cases: Vec<&str> = cases.iter().map(String::as_str).collect();
    let mut tx = store.store.begin(&city()).await.unwrap();
    let links: Vec<String> = tx
        .exposures_of(&cases)
        .await
        .unwrap()
        .iter()
        .map(|link| format!("{} {} {} {}", link.case, link.other, link.class, link.days.1))
        .collect();
    let placed: Vec<(u64, Vec<i64>)> = figures
        .values()
        .map(|one| {
            let mut placed = one.placed_min.clone();
            placed.sort_unstable();
            (one.contacts, placed)
        })
        .collect();
    let known: Vec<(u64, u64, [u64; 2])> = figures.values().map(|one| (one.cases, one.known, one.named)).collect();
    format!("{known:?} {placed:?} {links:?}")
}

#[test]
fn contacts_lose_their_names_when_their_time_is_over_and_figures_stay() {
    on_both(async |store| {
        // P011 is a contact of P001, and becomes a case on the day after: chains keep that link
        close(store, DAY, &Files::example()).await;
        let next = "2022-11-21";
        close(store, next, &Files::quiet(next).swab("T950", "P011", "community", next, "09:00 15:00", "positive"))
            .await;
        let contacts = store.number("select count(*) from contacts").await;
        assert!(contacts > 9, "{contacts}");
        let named = "select count(*) from contacts k join people p on p.no = k.person_no";
        assert_eq!(store.number(named).await, contacts);
        let before = told(store).await;
        assert!(before.contains("C20221120-P001 C20221121-P011"), "{before}");
        // by then every order has ended, and nobody is asked after any more
        line_at(store, "2022-12-05").await;
        line_at(store, "2022-12-16").await;
        assert_eq!(store.number(named).await, contacts, "the first of them met the case last on the 18th");
        assert_eq!(told(store).await, before);
        line_at(store, "2022-12-20").await;
        let became_cases = "select count(*) from contacts k join cases c on c.person_no = k.person_no";
        let links = store.number(became_cases).await;
        assert_eq!(store.number(named).await, links, "only who became a case is named");
        assert!(links > 0);
        assert_eq!(store.number("select count(*) from contacts").await, contacts, "none is gone from the figures");
        let marks = "select count(*) from contacts where gone_on is not null and person like '~%' and setting is null
            and person_no = -1";
        assert_eq!(store.number(marks).await, contacts - links);
        let declared = "select case_person || ' ' || person from contacts_declared order by 1";
        assert_eq!(store.texts(declared).await, ["P001 P011"], "what the chains are made of");
        assert_eq!(told(store).await, before);
        let said = "select kind from events where kind in ('contacts.pseudonymised', 'contacts.deleted') order by kind";
        assert_eq!(store.texts(said).await, ["contacts.deleted", "contacts.pseudonymised"]);
        // the line looks at the cases again and again, and lists nobody anew
        line_at(store, "2022-12-21").await;
        assert_eq!(store.number("select count(*) from contacts").await, contacts);
        assert_eq!(told(store).await, before);
        holds(store).await;
    });
}

#[test]
fn whoever_is_still_bound_keeps_their_name_until_that_is_over() {
    on_both(async |store| {
        let open = dayclear_ops::day::Plan { keep_open: true, ..plan(DAY) };
        run(&store.store, &Files::example().write(store, DAY), &open).await.unwrap();
        let bound = "select count(distinct person) from orders where basis = 'contact' and state = 'active'";
        let held = store.number(bound).await;
        assert!(held > 0);
        // as if the line had not run for a month: orders are there, and the names that they rest on
        let mut tx = store.store.begin(&city()).await.unwrap();
        let rows = tx.forget_contacts_before(day_of("2023-01-01"), day_of("2023-01-01"), 1_000).await.unwrap();
        tx.commit().await.unwrap();
        let named = "select count(distinct o.person) from orders o join contacts k on k.person = o.person
            where o.basis = 'contact' and o.state = 'active'";
        assert_eq!(store.number(named).await, held);
        assert_eq!(rows as i64, store.number("select count(*) from contacts where gone_on is not null").await);
    });
}

#[test]
fn whoever_came_by_a_gate_loses_their_name_when_the_purpose_is_over_and_not_while_a_test_is_owed() {
    on_both(async |store| {
        evening(store).await;
        let gates = "gate,kind,name,division,owner\nG1,rail,North station,500103013006,station master\n";
        bring(store, &city(), &GATES, gates, "", Keep::Together).await;
        let row = |ticket: &str, said: &str, clock: &str| {
            format!("G1,{DAY},{ticket},{said},{DAY}T{clock}:00+08:00,railway,Wang,13800000001\n")
        };
        let rows = format!(
            "gate,day,ticket,said,at,said_by,name,phone\n{}{}{}{}",
            row("A1", "listed", "08:00"),
            row("A2", "arrived", "09:00"),
            row("A3", "arrived", "09:01"),
            row("A3", "refused", "09:30"),
        );
        assert_eq!(bring(store, &city(), &ARRIVALS, &rows, "", Keep::Together).await.created, 4);
        line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, "23:30")).await.unwrap();
        let named = "select ticket || ' ' || said from arrivals where name is not null or phone is not null order by ticket, said";
        assert_eq!(store.texts(named).await.len(), 4);
        line_at(store, "2022-12-25").await;
        assert_eq!(store.texts(named).await, ["A2 arrived"], "whoever still owes a test is still called");
        let landings = "select ticket from landings where name is not null or phone is not null";
        assert_eq!(store.texts(landings).await, ["A2"]);
        // nothing else of what was said is changed, and nobody is given a name
        for harm in ["update arrivals set said = 'absent'", "update arrivals set name = 'Li'", "delete from arrivals"] {
            assert!(store.sql(harm).await.is_err(), "{harm}");
        }
        holds(store).await;
    });
}
