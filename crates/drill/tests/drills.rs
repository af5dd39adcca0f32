//! Short drills of a village: whatever goes wrong on the way, nobody who was reported positive is lost, every check of the
//! independent checker holds, and a seed gives the same drill again. A failure names the seed that repeats it.
#![allow(clippy::unwrap_used)] // a test stops where something is not as it must be

#[path = "../../store/tests/engines/mod.rs"]
mod engines;

use dayclear_core::{access::Role, time::Zone};
use dayclear_drill::{Fault, Faults, Open, Plan, Scenario, Scorecard, Seen, Trail, paper, run};
use dayclear_ops::{
    access::{Entropy, Keys},
    minutes::Settings,
};
use dayclear_papers::Lang;
use dayclear_web::Clock;
use std::{
    io::{Read as _, Write as _},
    path::Path,
};

/// Drills with faults that `cargo xtask test` plays; `cargo xtask soak` plays as many as it is given time for.
const DRILLS: u64 = 200;

fn village(days: u16) -> Scenario {
    let mut scenario = Scenario::named("first-case").unwrap();
    scenario.people = 200;
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

/// The same with everything that a scenario may say: people arrive at gates, letters go to and fro, beds are few.
fn busy(days: u16) -> Scenario {
    let mut scenario = village(days);
    scenario.people_do.no_answer = 0.2;
    scenario.capacity.positives = Some(1);
    scenario.letters = Some(dayclear_drill::scenario::Letters { contacts_elsewhere: 0.6, a_day: 2.5 });
    scenario.arrivals = Some(dayclear_drill::gates::Arrivals {
        people_a_day: 16,
        gates: vec!["rail".into(), "road".into()],
        infected: 250.0,
        infected_days: 5,
        untested: 0.3,
        refused: 0.1,
        missing: 0.1,
        extra: 0.1,
        come_when_called: 0.7,
    });
    scenario
}

fn settings() -> Settings {
    Settings {
        zone: Zone::named("Asia/Shanghai").unwrap(),
        legal_basis: "statute".into(),
        body: "body".into(),
        travel: Default::default(),
    }
}

async fn play(scenario: &Scenario, seed: u64, faults: &Faults, db: Option<&str>, folder: &Path) -> Scorecard {
    play_by(3, scenario, seed, faults, db, folder).await
}

/// The same, hour by hour or in longer steps.
async fn play_by(
    step_hours: u64,
    scenario: &Scenario,
    seed: u64,
    faults: &Faults,
    db: Option<&str>,
    folder: &Path,
) -> Scorecard {
    let file = folder.join("dayclear.db").to_string_lossy().into_owned();
    if db.is_none() {
        std::fs::write(&file, engines::fresh_file()).unwrap();
    }
    let settings = settings();
    let plan = Plan {
        days: None,
        seed,
        faults: faults.clone(),
        db: db.unwrap_or(&file),
        folder,
        settings: &settings,
        step_hours,
        open: None,
        elsewhere: None,
    };
    run(scenario, &plan, &mut |_| {}).await.unwrap_or_else(|error| panic!("seed {seed}, faults '{faults}': {error}"))
}

fn holds(card: &Scorecard) {
    assert!(
        card.holds(),
        "seed {}, faults '{}': lost {:?}, untraced {:?}, broken {:?}, rights {:?}",
        card.seed,
        card.faults,
        card.lost,
        card.untraced,
        card.failed,
        card.rights_broken
    );
}

/// Faults of a seed: a different set for each.
fn faults_of(seed: u64) -> Faults {
    let names: Vec<&str> = Fault::ALL
        .iter()
        .enumerate()
        .filter(|(n, _)| {
            seed.is_multiple_of(7) || (seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> ((10 + n * 3) % 64)) & 1 == 1
        })
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
            card.cases > 0 && card.injected > 0 && card.requests > 0 && card.rounds == 2 && card.boxes.0 > 0,
            "a drill in which something happens: {card:?}"
        );
        let traced = &card.traced;
        let met: u64 = traced.settings.iter().flat_map(|setting| setting.ways.values()).sum();
        assert!(met > 0 && met <= card.infected, "infections of one person by another: {traced:?}");
        let missed = |setting: &dayclear_drill::Setting| -> u64 {
            setting.ways.iter().filter(|(way, _)| way.missed()).map(|(_, n)| n).sum()
        };
        assert_eq!(traced.settings.iter().map(missed).sum::<u64>(), traced.missed.len() as u64);
    });
}

#[test]
fn parcels_come_by_runs_and_what_nobody_took_comes_again() {
    let mut scenario = village(2);
    scenario.people_do.no_answer = 0.3;
    let folder = scratch();
    let card = runtime().block_on(play_by(1, &scenario, 7, &Faults::default(), None, folder.path()));
    holds(&card);
    let parcels = &card.parcels;
    assert!(parcels.owed > 10 && parcels.runs > 1 && parcels.brought * 10 > parcels.owed * 7, "{parcels:?}");
    assert!(parcels.brought < parcels.owed || parcels.missed > 0, "not everybody opens: {parcels:?}");
    assert!(parcels.missed > 0 && parcels.brought_again > 0 && parcels.repaired > 0, "{parcels:?}");
}

#[test]
fn gates_letters_and_desks_are_played_and_the_scorecard_tells_of_them() {
    let folder = scratch();
    let card = runtime().block_on(play(&busy(3), 2, &Faults::default(), None, folder.path()));
    holds(&card);
    let landed = card.gates.clone().unwrap();
    assert_eq!(landed.arrivals, landed.tested + landed.refused + landed.owing, "{landed:?}");
    assert!(landed.arrivals > 30 && landed.missing > 0 && landed.extra > 0 && landed.owing > 0, "{landed:?}");
    assert!(landed.tested > landed.owing && landed.overdue <= landed.owing, "{landed:?}");
    assert_eq!(landed.infected, landed.found_at_gate + landed.found_later + landed.missed, "{landed:?}");
    assert!(landed.found_at_gate > 0 && landed.infected > landed.found_at_gate, "{landed:?}");
    assert!(card.letters.letters > 3 && card.letters.answered > 0, "{:?}", card.letters);
    assert!(card.desks.0 > card.desks.1, "what waits for desks is ended by what they do: {:?}", card.desks);
    // nobody arrives where the scenario does not say so
    let folder = scratch();
    let card = runtime().block_on(play_by(12, &village(1), 2, &Faults::default(), None, folder.path()));
    assert_eq!(card.gates, None);
}

#[test]
fn a_laboratory_that_tests_nothing_is_found_and_its_people_are_sampled_again() {
    let mut scenario = village(2);
    scenario.laboratory.dishonest = 2;
    let folder = scratch();
    let card = runtime().block_on(play(&scenario, 2, &Faults::default(), None, folder.path()));
    holds(&card);
    assert!(
        card.suspended == 2 && card.with_virus.contains_key(&Trail::Lied),
        "nobody lied, or nobody saw it: {card:?}"
    );
    let tubes = |trail| card.with_virus.get(&trail).copied().unwrap_or_default();
    assert!(card.cases > 0 && tubes(Trail::Reported) > 0);
}

#[test]
fn what_goes_wrong_at_sites_and_on_the_way_comes_right() {
    let folder = scratch();
    let faults = Faults::read("box,tube,phone,district").unwrap();
    let card = runtime().block_on(play(&village(2), 6, &faults, None, folder.path()));
    holds(&card);
    assert!(card.kept_aside > 0, "results of tubes that nobody knew yet are kept aside: {card:?}");
    assert_eq!(card.aside_open, 0, "and taken once the tubes are known");
    assert!(card.cases > 0 && card.injected > 10 && card.from_phones > 0, "{card:?}");
}

#[test]
fn a_vehicle_that_falls_silent_or_breaks_down_with_people_in_it_is_called_about_and_nobody_arrives_by_it() {
    let folder = scratch();
    let faults = Faults::read("silent,lost").unwrap();
    let card = runtime().block_on(play(&village(2), 8, &faults, None, folder.path()));
    holds(&card);
    assert!(card.calls.0 > 0 && card.injected > 0, "nobody was called: {:?}", (card.calls, card.injected));
    let broken = |judged: &&dayclear_drill::Judged| judged.broken > 0 && judged.rule != "R12";
    assert!(!card.judged.iter().any(|judged| broken(&judged)), "{:?}", card.judged);
    let rules: Vec<&str> = card.judged.iter().map(|judged| judged.rule).collect();
    assert_eq!(rules, ["R01", "R02", "R11", "R12"]);
    assert!(card.judged.iter().filter(|judged| judged.looked_at > 0).count() >= 3, "{:?}", card.judged);
}

/// Chance that is enough for a test.
struct Counter(std::sync::atomic::AtomicU8);

impl Entropy for Counter {
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        bytes.iter_mut().for_each(|byte| *byte = self.0.fetch_add(7, std::sync::atomic::Ordering::Relaxed));
        Ok(())
    }
}

#[test]
fn people_can_look_on_and_the_scorecard_is_a_page_in_each_language() {
    runtime().block_on(async {
        let (folder, settings) = (scratch(), settings());
        let file = folder.path().join("dayclear.db").to_string_lossy().into_owned();
        let chance = || Counter(1.into());
        let mut scenario = village(1);
        // enough people that somebody is found on the first day
        scenario.people = 300;
        let now = settings.zone.start_of(scenario.start);
        let open = Open {
            listen: Some(([127, 0, 0, 1], 0).into()),
            speed: 86_400.0,
            left: [Role::Tracer].into(),
            tracer: None,
            keys: Keys::new(&chance()).unwrap(),
            wall: Clock::new(move || now),
            chance: || Box::new(Counter(9.into())),
        };
        let plan = Plan {
            days: None,
            seed: 4,
            faults: Faults::read("crash").unwrap(),
            db: &file,
            folder: folder.path(),
            settings: &settings,
            step_hours: 6,
            open: Some(open),
            elsewhere: None,
        };
        let mut answered = Vec::new();
        let mut address = String::new();
        let mut watch = |seen| match seen {
            Seen::Open(url) => address = url.trim_start_matches("http://").to_owned(),
            Seen::Hour { .. } => {
                let mut socket = std::net::TcpStream::connect(&address).unwrap();
                write!(socket, "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
                let mut answer = String::new();
                socket.read_to_string(&mut answer).unwrap();
                answered.push(answer.starts_with("HTTP/1.1 200"));
            }
            Seen::Unsigned(day) => panic!("nobody plays the command of the city, and {day} waits for it"),
        };
        let card = run(&scenario, &plan, &mut watch).await.unwrap();
        assert_eq!(answered, [true; 4], "the console is open in every part of the day, after a crash as well");
        assert_eq!(card.contacts_a_case, Some(0.0), "tracing was left to people, and nobody traced");
        for lang in Lang::ALL {
            let page = paper::html(&card, *lang).unwrap();
            assert!(page.contains(&format!("lang=\"{}\"", lang.tag())) && page.contains(&card.scenario));
            assert!(!page.contains(">drill-"), "a key stands where a word belongs");
            let lines = paper::lines(&card, *lang);
            assert!(lines.iter().flatten().all(|cell| !cell.starts_with("drill-")), "{lines:?}");
        }
    });
}

#[test]
fn a_drill_ends_alike_on_both_stores() {
    let card = engines::on_both(async |store| {
        let folder = scratch();
        let card = play(&busy(2), 3, &Faults::all(), Some(&store.url), folder.path()).await;
        // beds are few, so that some go outside the city: asked for, confirmed by who receives there, and received
        let outside = "select count(*) from transfers where outside = 'confirmed' and admitted_at is not null";
        assert!(store.number(outside).await > 0, "nobody went outside the city");
        card
    });
    assert!(card.gates.is_some() && card.letters.letters > 0);
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
                        // most in long steps, so that so many can be played: faults fall at statements, of which a long step has as many kinds
                        let step = if seed.is_multiple_of(4) { 3 } else { 6 };
                        let (village, faults) = (village(1), faults_of(seed));
                        let drill = play_by(step, &village, seed, &faults, None, folder.path());
                        let card = runtime().block_on(drill);
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
