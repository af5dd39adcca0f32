//! Every check must be able to fail: the example day holds, and after each harm exactly the checks that it concerns break
//! and name what was harmed. Each row is a harm; the same statements serve SQLite and PostgreSQL.

#![allow(clippy::unwrap_used)] // a test that fails says where

mod harms;
mod store;

use store::{ELSEWHERE, Engine, ZONE, example, read_by_somebody, run};

#[tokio::test]
async fn each_harm_breaks_the_checks_it_concerns_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    for engine in Engine::all(folder.path()) {
        let whole = engine.fresh().await;
        run(&whole, &example(), "2022-11-20", false).await;
        read_by_somebody(&whole).await;
        let findings = dayclear_verify::check(&whole, ZONE).await.unwrap();
        let broken: Vec<_> = findings.iter().filter(|f| !f.holds).collect();
        assert!(broken.is_empty(), "{broken:#?}");
        assert!(findings.iter().all(|f| f.looked_at > 0 || ELSEWHERE.contains(&f.check)), "{findings:#?}");
        let mut wrong = Vec::new();
        // every rule runs on both engines; of the harms, a part is enough where copying a store is slow
        let every = if matches!(engine, Engine::Server(_)) { 4 } else { 1 };
        for harm in harms::all().into_iter().step_by(every) {
            let copy = engine.copy(&whole).await;
            engine.tamper(&copy, harm.statements).await;
            let findings = dayclear_verify::check(&copy, ZONE).await.unwrap();
            let broken: Vec<_> = findings.iter().filter(|f| !f.holds).collect();
            let checks: Vec<&str> = broken.iter().map(|f| f.check).collect();
            if checks != harm.broken || !broken[0].detail.contains(harm.names) {
                wrong.push(format!(
                    "{:#?}\nmust break {:?} ({}), and broke {broken:#?}",
                    harm.statements, harm.broken, harm.names
                ));
            }
            engine.remove(&copy).await;
        }
        engine.remove(&whole).await;
        assert!(wrong.is_empty(), "{} of {} harms:\n{}", wrong.len(), harms::all().len(), wrong.join("\n\n"));
    }
}

const AUDIT_HARMS: &[(&[&str], &str)] = &[
    (&["update audit set account = 'U2' where seq = 5"], "audit entry 5 (read by U2) was altered"),
    (&["update audit set object = '' where seq = 1"], "audit entry 1 (read by U1) was altered"),
    (&["update audit set detail = '{} ' where seq = 9"], "audit entry 9 (read by U1) was altered"),
    (&["delete from audit where seq = 3"], "audit entry 3 is missing; audit entry 4 follows audit entry 2"),
    (
        &["update audit set seq = -seq where seq in (4, 6)", "update audit set seq = 10 + seq where seq < 0"],
        "audit entry 4 (read by U1) does not follow audit entry 3",
    ),
    (&["delete from audit where seq > 8"], "audit entry 9 is missing at the end"),
    (&["delete from audit where seq > 6"], "audit entries 7 to 9 are missing at the end"),
    (&["delete from audit"], "audit entries 1 to 9 are missing at the end"),
    (&["delete from audit_head"], "the head of the audit chain is missing"),
    (&["update audit_head set seq = 8"], "audit entry 9 stands after the head of the audit chain"),
    (&["update audit_head set hash = prev from audit where audit.seq = 9"], "the head names another audit entry 9"),
];

#[tokio::test]
async fn damage_to_the_chain_of_reads_is_named_where_it_begins() {
    let folder = tempfile::tempdir().unwrap();
    for engine in Engine::all(folder.path()) {
        let whole = engine.fresh().await;
        read_by_somebody(&whole).await;
        let findings = dayclear_verify::check_chains(&whole).await.unwrap();
        let said: Vec<_> = findings.iter().map(|f| (f.check, f.holds, f.looked_at)).collect();
        assert_eq!(said, [("events.chain", true, 0), ("audit.chain", true, 9)]);
        for (statements, names) in AUDIT_HARMS {
            let copy = engine.copy(&whole).await;
            engine.tamper(&copy, statements).await;
            let findings = dayclear_verify::check_chains(&copy).await.unwrap();
            assert!(findings[0].holds && !findings[1].holds, "{statements:?}: {findings:?}");
            assert!(findings[1].detail.contains(names), "{statements:?}: {}", findings[1].detail);
            engine.remove(&copy).await;
        }
        engine.remove(&whole).await;
    }
}
