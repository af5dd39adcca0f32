//! Short drills of a village: whatever goes wrong on the way, nobody who was reported positive is lost, every check of the
//! independent checker holds, and a seed gives the same drill again. A failure names the seed that repeats it.
#![allow(clippy::unwrap_used)] // a test stops where something is not as it must be

#[path = "../../store/tests/engines/mod.rs"]
mod engines;

use dayclear_core::time::Zone;
use dayclear_drill::{Fault, Faults, Plan, Scenario, Scorecard, run};
use dayclear_ops::minutes::Settings;
use std::path::Path;

/// Drills with faults that `cargo xtask test` plays; `cargo xtask soak` plays as many as it is given time for.
const DRILLS: u64 = 60;

fn village(days: u16) -> Scenario {
    let mut scenario = Scenario::named("first-case").unwrap();
    scenario.people = 300;
    scenario.days = days;
    scenario.imports[0].day = -3;
    scenario.imports[0].people = 14;
    scenario.imports[0].among = dayclear_drill::scenario::Among::Anybody;
    scenario.screening.every_days = 1;
    scenario.laboratory.hours = 3.0;
    scenario.laboratory.mishaps = 20.0;
    scenario.people_do.requests = 80.0;
    scenario
}

fn settings() -> Settings {
    Settings { zone: Zone::named("Asia/Shanghai").unwrap(), legal_basis: "statute".into(), body: "body".into() }
}

async fn play(scenario: &Scenario, seed: u64, faults: &Faults, db: Option<&str>, folder: &Path) -> Scorecard {
    let file = folder.join("dayclear.db").to_string_lossy().into_owned();
    let settings = settings();
    let plan = Plan {
        days: None,
        seed,
        faults: faults.clone(),
        db: db.unwrap_or(&file),
        folder,
        settings: &settings,
        step_hours: 3,
        open: None,
    };
    run(scenario, &plan, &mut |_| {}).await.unwrap_or_else(|error| panic!("seed {seed}, faults '{faults}': {error}"))
}

fn holds(card: &Scorecard) {
    assert!(
        card.holds(),
        "seed {}, faults '{}': lost {:?}, broken {:?}, rights {:?}",
        card.seed,
        card.faults,
        card.lost,
        card.failed,
        card.rights_broken
    );
}

/// Faults of a seed: a different set for each.
fn faults_of(seed: u64) -> Faults {
    let names: Vec<&str> = Fault::ALL
        .iter()
        .enumerate()
        .filter(|(n, _)| seed.is_multiple_of(7) || (seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (20 + n * 3)) & 1 == 1)
        .map(|(_, fault)| fault.name())
        .collect();
    Faults::read(&names.join(",")).unwrap()
}

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

#[test]
fn a_seed_gives_the_same_drill_again() {
    runtime().block_on(async {
        let mut cards = Vec::new();
        for _ in 0..2 {
            let folder = scratch();
            cards.push(play(&village(2), 5, &Faults::all(), None, folder.path()).await);
        }
        assert_eq!(cards[0], cards[1]);
        let card = &cards[0];
        holds(card);
        assert!(
            card.cases > 0 && card.injected > 0 && card.requests > 0,
            "a drill in which something happens: {card:?}"
        );
    });
}

#[test]
fn a_drill_ends_alike_on_both_stores() {
    let card = engines::on_both(async |store| {
        let folder = scratch();
        play(&village(2), 3, &Faults::all(), Some(&store.url), folder.path()).await
    });
    holds(&card);
    assert!(card.cases > 0);
}

#[test]
fn whatever_goes_wrong_nobody_is_lost() {
    let drills = std::env::var("DAYCLEAR_DRILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(DRILLS);
    let from = std::env::var("DAYCLEAR_DRILL_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let mut cases = 0;
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..2)
            .map(|part| {
                scope.spawn(move || {
                    let mut cases = 0;
                    for seed in (from..from + drills).filter(|seed| seed % 2 == part) {
                        let folder = scratch();
                        let card = runtime().block_on(play(&village(1), seed, &faults_of(seed), None, folder.path()));
                        holds(&card);
                        cases += card.cases;
                    }
                    cases
                })
            })
            .collect();
        for part in running {
            cases += part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
    });
    assert!(cases > 0, "no drill found anybody");
}
