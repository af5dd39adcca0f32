//! Days that follow each other, a day that is still open, and what is no store at all.

#![allow(clippy::unwrap_used)] // a test that fails says where

mod store;

use dayclear_verify::{Finding, VerifyError, check};
use store::{ELSEWHERE, Engine, ZONE, example, moved, quiet_day, run, run_under};

fn broken(findings: &[Finding]) -> Vec<&Finding> {
    findings.iter().filter(|finding| !finding.holds).collect()
}

#[tokio::test]
async fn books_hold_from_day_to_day_and_while_a_day_is_open() {
    let folder = tempfile::tempdir().unwrap();
    for engine in Engine::all(folder.path()) {
        let store = engine.fresh().await;
        // open: everything is decided, nothing is promised yet
        run(&store, &example(), "2022-11-20", true).await;
        assert_eq!(broken(&check(&store, ZONE).await.unwrap()), Vec::<&Finding>::new());
        run(&store, &example(), "2022-11-20", false).await;

        // a quiet day: the pool is resolved for one member, one case is diagnosed, and the positives are admitted
        let next = folder.path().join("in-21");
        let rows = [
            (
                "tubes",
                "T201,500103013006,recall,1,S1,2022-11-21T09:00:00+08:00,L1,2022-11-21T09:30:00+08:00,2022-11-21T10:00:00+08:00",
            ),
            ("members", "T201,P021"),
            ("results", "L1,T201,F,negative,,,L1-9,2022-11-21T14:00:00+08:00,"),
            ("assessments", "P055,2022-11-21T10:00:00+08:00,mild,2022-11-20,"),
            ("assessments", "P001,2022-11-21T11:00:00+08:00,mild,2022-11-21,"),
            ("handovers", "P001,admitted,2022-11-21T08:00:00+08:00,TH1,"),
        ];
        quiet_day(&next, &rows);
        run(&store, &next, "2022-11-21", true).await;
        assert_eq!(broken(&check(&store, ZONE).await.unwrap()), Vec::<&Finding>::new());
        run(&store, &next, "2022-11-21", false).await;
        let findings = check(&store, ZONE).await.unwrap();
        assert_eq!(broken(&findings), Vec::<&Finding>::new());
        assert_eq!(findings.iter().find(|f| f.check == "days.signed").unwrap().looked_at, 2);

        // a correction that arrives late: the case that rests on the tube is reviewed, and stands
        let third = folder.path().join("in-22");
        quiet_day(
            &third,
            &[
                ("results", "L1,T109,C,negative,,,L1-9,2022-11-22T08:00:00+08:00,"),
                ("results", "L1,T005,W,positive,,,L1-9,2022-11-22T08:00:00+08:00,"),
            ],
        );
        run(&store, &third, "2022-11-22", false).await;
        assert_eq!(broken(&check(&store, ZONE).await.unwrap()), Vec::<&Finding>::new());

        // a day that vanishes from the books, and one that was signed with another's ledger
        for (statement, names) in [
            ("delete from days where day = '2022-11-20'", "2022-11-21: its signature does not follow"),
            (
                "update days set events_upto = events_upto - 1 where day = '2022-11-21'",
                "2022-11-21: its signature is not",
            ),
            (
                "update ledger set opening = 0, received = opening where day = '2022-11-21' and worklist = 'recall'",
                "2022-11-21: its ledger",
            ),
            (
                "update days set closed_at = opened_at where day = '2022-11-20'",
                "2022-11-20: was closed at 2022-11-19T16:00:00Z",
            ),
        ] {
            let copy = engine.copy(&store).await;
            engine.tamper(&copy, &[statement]).await;
            let findings = check(&copy, ZONE).await.unwrap();
            let broken = broken(&findings);
            assert_eq!(broken[0].check, "days.signed", "{statement}: {broken:#?}");
            assert!(broken[0].detail.starts_with(names), "{statement}: {broken:#?}");
            engine.remove(&copy).await;
        }
        // the zone says where a day begins
        let elsewhere = check(&store, "Europe/Berlin").await.unwrap();
        assert_eq!(broken(&elsewhere)[0].check, "days.signed");
        engine.remove(&store).await;
    }
}

/// A single swab at 10:00 and its result at 13:00: rows of tubes, members and results.
fn swab(tube: &str, person: &str, date: &str, finding: &str) -> [(&'static str, String); 3] {
    let at = |clock: &str| format!("{date}T{clock}:00+08:00");
    let ct = if finding == "positive" { "24.0,25.0" } else { "," };
    [
        ("tubes", format!("{tube},500103013006,isolation,1,S1,{},L1,{},{}", at("10:00"), at("10:30"), at("11:00"))),
        ("members", format!("{tube},{person}")),
        ("results", format!("L1,{tube},F,{finding},{ct},R1,{},", at("13:00"))),
    ]
}

/// The checks of a store after a day, none of which may be broken.
async fn holds(store: &str, day: &str) {
    let findings = check(store, ZONE).await.unwrap();
    assert_eq!(broken(&findings), Vec::<&Finding>::new(), "{day}");
    // nobody looks at anything on a day that is read from files, and there is no round in it
    let idle = |finding: &Finding| {
        finding.looked_at == 0 && finding.check != "audit.chain" && !ELSEWHERE.contains(&finding.check)
    };
    assert!(!findings.iter().any(idle), "{day}: {findings:#?}");
}

#[tokio::test]
async fn every_day_holds_while_people_are_moved() {
    let folder = tempfile::tempdir().unwrap();
    for engine in Engine::all(folder.path()) {
        let store = engine.fresh().await;
        run(&store, &example(), "2022-11-20", false).await;
        holds(&store, "2022-11-20").await;
        // who becomes a case on the way: at a site since the morning (P011), as the carer of a child (P005), in no order
        // until then (P014 of an open area)
        let found = [("2022-11-21", ["P011", "P005"]), ("2022-11-22", ["P071", "P014"])];
        for (day, people) in found {
            let reports = moved(&store, day).await;
            assert!(reports.len() >= 2, "{day}: {reports:?}");
            let mut rows: Vec<(&str, String)> = reports.into_iter().map(|row| ("handovers", row)).collect();
            let shift = |n: u8| format!("C{day}-{n},V{n},曾强,{day}T07:00:00+08:00,{day}T23:00:00+08:00,0,0");
            rows.extend([("crews", shift(1)), ("crews", shift(2))]);
            for (n, person) in people.iter().enumerate() {
                rows.extend(swab(&format!("T{}{n}", &day[8..]), person, day, "positive"));
            }
            rows.extend(swab(&format!("T{}9", &day[8..]), "P042", day, "negative"));
            let rows: Vec<(&str, &str)> = rows.iter().map(|(table, row)| (*table, row.as_str())).collect();
            let next = folder.path().join(day);
            quiet_day(&next, &rows);
            run(&store, &next, day, false).await;
            holds(&store, day).await;
            assert!(!moved(&store, day).await.is_empty(), "{day}: nobody is to be moved tomorrow");
        }
        engine.remove(&store).await;
    }
}

#[tokio::test]
async fn every_day_holds_while_areas_lapse_and_packs_change() {
    let folder = tempfile::tempdir().unwrap();
    for engine in Engine::all(folder.path()) {
        for pack in ["covid-19-cn-twenty", "covid-19-cn-ten", "ebola"] {
            let store = engine.fresh().await;
            run(&store, &example(), "2022-11-20", false).await;
            // the last day of the two areas is the 25th; nobody runs the days between
            for day in ["2022-11-21", "2022-11-25", "2022-11-29"] {
                let next = folder.path().join(day);
                quiet_day(&next, &[]);
                run_under(&store, &next, day, false, pack).await;
                holds(&store, &format!("{pack} {day}")).await;
            }
            engine.remove(&store).await;
        }
    }
}

#[tokio::test]
async fn what_is_no_store_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.db");
    let error = check(missing.to_str().unwrap(), ZONE).await.unwrap_err();
    assert!(matches!(error, VerifyError::Unreachable { .. }), "{error}");
    assert!(!missing.exists(), "a missing file was made");

    let text = folder.path().join("text.db");
    std::fs::write(&text, "not a database, but long enough to be mistaken for the header of one".repeat(10)).unwrap();
    let error = check(text.to_str().unwrap(), ZONE).await.unwrap_err();
    assert!(error.to_string().contains("file is not a database"), "{error}");

    for engine in Engine::all(folder.path()) {
        let other = engine.fresh().await;
        if let Engine::File(_) = engine {
            std::fs::write(&other, "").unwrap();
        }
        engine_with_one_table(&other).await;
        let error = check(&other, ZONE).await.unwrap_err();
        assert!(matches!(error, VerifyError::NotAStore { .. }), "{error}");
        assert!(error.to_string().contains("is not a store of Dayclear: it has no table people, tubes"), "{error}");
        engine.remove(&other).await;
    }

    let engine = Engine::File(folder.path().to_owned());
    let store = engine.fresh().await;
    run(&store, &example(), "2022-11-20", false).await;
    let before = std::fs::read(&store).unwrap();
    for url in [store.clone(), format!("sqlite:{store}"), format!("sqlite://{store}")] {
        check(&url, ZONE).await.unwrap();
    }
    assert!(before == std::fs::read(&store).unwrap(), "the store was written to");
    let error = check(&store, "Chongqing").await.unwrap_err();
    assert!(error.to_string().contains("'Chongqing' is not a time zone"), "{error}");
}

/// A database of somebody else.
async fn engine_with_one_table(store: &str) {
    use sqlx::Connection;
    if store.starts_with("postgres") {
        let mut connection = sqlx::PgConnection::connect(store).await.unwrap();
        sqlx::raw_sql("create table something (a int)").execute(&mut connection).await.unwrap();
    } else {
        let mut connection = sqlx::SqliteConnection::connect(&format!("sqlite:{store}")).await.unwrap();
        sqlx::raw_sql("create table something (a int)").execute(&mut connection).await.unwrap();
    }
}

#[tokio::test]
async fn a_glass_that_is_broken_after_the_close_is_no_part_of_the_day() {
    use dayclear_core::{access::Role, time::Zone};
    use dayclear_store::{Scope, Store, events::NewEvent, glass::Glass};
    let folder = tempfile::tempdir().unwrap();
    for engine in Engine::all(folder.path()) {
        let store = engine.fresh().await;
        run(&store, &example(), "2022-11-20", false).await;
        let opened = Store::open(&store).await.unwrap();
        let mut tx = opened.begin(&Scope::of("500103".parse().unwrap())).await.unwrap();
        let zone = Zone::named(ZONE).unwrap();
        let now = zone.at("2022-11-20".parse().unwrap(), 23, 30);
        let glass = Glass {
            id: "G1".to_owned(),
            account: "U1".to_owned(),
            role: Role::Dispatcher,
            division: "500103".parse().unwrap(),
            person: "P001".to_owned(),
            reason: "unconscious at the door".to_owned(),
            from: now,
            until: now.plus_hours(1),
            reviewed_by: None,
            reviewed_at: None,
            finding: None,
        };
        tx.add_glass(&glass).await.unwrap();
        let event = NewEvent {
            at: now,
            actor: "U1".into(),
            kind: "glass.broken",
            subject: "G1".to_owned(),
            division: glass.division,
            body: "{}".to_owned(),
            tells: None,
        };
        tx.chain(zone.day(now), now, &[event]).await.unwrap();
        tx.commit().await.unwrap();
        opened.close().await;
        holds(&store, "after the close").await;
        engine.remove(&store).await;
    }
}
