//! A drill against a service that runs elsewhere: the real program serves an exercise at a pace, another one plays against it over HTTP
//! by the clock of the service, and the store holds in the end. A service that is no exercise is told nothing.

use crate::{
    program::{below, run, scratch},
    serve::Server,
};
use serde_json::Value;
use std::{fs, path::Path};

/// The scenario that comes with the program, in a village.
fn village(path: &str) {
    let named = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../drill/scenarios/first-case.toml"));
    let named = named.unwrap();
    assert!(named.contains("\npeople = 3000\n"), "the scenario is another one: {named}");
    fs::write(path, named.replacen("\npeople = 3000\n", "\npeople = 400\n", 1)).unwrap();
}

#[test]
fn a_drill_plays_against_a_service_elsewhere_and_its_store_holds() {
    let folder = scratch();
    let file = |name: &str| below(&folder, name);
    let (scenario, exercise, played) = (file("village.toml"), file("exercise"), file("played"));
    village(&scenario);
    let said = run(["drill", &scenario, "--prepare", "--seed", "3", "--out", &exercise]).ends_with(0).out;
    assert!(said.contains("--clock 2022-11-20T00:00:00+08:00") && said.contains("drill.json"), "{said}");
    let (db, hands) = (format!("{exercise}/dayclear.db"), format!("{exercise}/drill.json"));
    let keys = format!("{exercise}/dayclear.keys");
    let plays = |url: &str, more: &[&str]| {
        let mut words =
            vec!["drill", scenario.as_str(), "--days", "1", "--seed", "3", "--step", "6", "--out", played.as_str()];
        words.extend(["--service", url, "--accounts", hands.as_str(), "--format", "json"]);
        words.extend(more);
        run(words)
    };

    // no exercise: it is told nothing, and refuses what says that it is made up
    let real = Server::start(&db, &["--secrets", &keys]);
    let refused = plays(&format!("http://{}", real.address), &[]).ends_with(1);
    assert!(refused.err.contains("it is no exercise"), "{}", refused.err);
    drop(real);

    // a day of the city in two minutes at the most; the drill keeps to the clock of the service
    let server = Server::start(&db, &["--secrets", &keys, "--clock", "2022-11-20T00:00:00+08:00", "--pace", "3600"]);
    let url = format!("http://{}", server.address);
    let wants_its_own = plays(&url, &["--faults", "crash"]).ends_with(1);
    assert!(wants_its_own.err.contains("a service of the drill's own"), "{}", wants_its_own.err);
    let card: Value = plays(&url, &["--db", &db]).ends_with(0).json();
    assert_eq!(card["exercise"], true);
    assert!(card["tubes"].as_u64() > Some(10) && card["served"].as_u64() > Some(20), "{card}");
    assert!(card["checks"].as_u64() > Some(20) && card["failed"].as_array().is_some_and(Vec::is_empty), "{card}");
    for name in ["scorecard.json", "scorecard.en.html", "scorecard.zh-Hans.html"] {
        assert!(Path::new(&played).join(name).is_file(), "{name}");
    }
    drop(server);
    run(["verify", "--db", &db]).ends_with(0);
}
