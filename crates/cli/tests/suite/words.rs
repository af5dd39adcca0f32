//! What the program says of itself: help, versions, table schemas, and bad usage.

use crate::program::{run, scratch};

const COMMANDS: &[(&[&str], &[&str])] = &[
    (&["demo"], &["--people", "--positives", "--seed", "--date", "--out", "--lang", "--db", "--zone"]),
    (
        &["day"],
        &["<IN>", "--out", "--pack", "--date", "--atomic", "--keep-open", "--format", "--lang", "--db", "--zone"],
    ),
    (
        &["import", "linelist"],
        &["<FILE>", "--contacts", "--list", "--dry-run", "--atomic", "--format", "--db", "--zone"],
    ),
    (&["admin", "close-down"], &["--city", "--out", "--confirm", "--format", "--secrets", "--db", "--zone"]),
    (&["trace", "measures"], &["--from", "--to", "--division", "--format", "--db", "--zone"]),
    (&["zones", "published"], &["--areas", "--divisions", "--rule-days", "--day", "--out", "--format"]),
    (
        &["zones", "propose"],
        &["--cases", "--homes", "--day", "--pack", "--at", "--finest", "--format", "--db", "--zone"],
    ),
    (&["roster", "reconcile"], &["<FILE>...", "--out", "--format", "--zone"]),
    (&["roster", "compare"], &["--pack", "--at", "--db", "--zone"]),
    (&["roster", "duplicates"], &["--division", "--format", "--db", "--zone"]),
    (&["import", "bulletin"], &["<FILES>...", "--dry-run", "--atomic", "--format", "--db", "--zone"]),
    (&["screen", "watch"], &["--pack", "--at", "--format", "--db", "--zone"]),
    (&["screen", "coverage"], &["--round", "--division", "--at", "--format", "--db", "--zone"]),
    (&["screen", "doors"], &["--round", "--division", "--at", "--format", "--db", "--zone"]),
    (
        &["screen", "quality"],
        &["--results", "--laboratories", "--assay-min", "--cutoff", "--alarms", "--zone", "--format"],
    ),
    (&["screen", "pools"], &["--prevalence", "--purpose", "--format"]),
    (&["screen", "due"], &["--history", "--members", "--day", "--format"]),
    (&["screen", "assign"], &["--boxes", "--laboratories", "--out", "--db", "--format"]),
    (&["screen", "plan"], &["--buildings", "--day", "--out", "--round", "--db", "--format"]),
    (&["screen", "yield"], &["--counts", "--at", "--db", "--format"]),
    (&["screen", "rehearse"], &["--seed", "--out"]),
    (&["send", "hl7"], &["<FILE>", "--to"]),
    (&["situation"], &["--division", "--needs", "--pack", "--at", "--lang", "--format", "--db", "--zone"]),
    (&["beds"], &["--places", "--at", "--every", "--format", "--db", "--zone"]),
    (&["chains"], &["--list", "--own", "--format", "--db"]),
    (
        &["linelist", "convert"],
        &["<INPUT>", "<OUT>", "--from", "--to", "--days", "--write-days", "--contacts", "--labels", "--attributes"],
    ),
    (&["linelist", "export"], &["<OUT>", "--contacts", "--to", "--purpose", "--attributes", "--db", "--zone"]),
    (&["bulletin"], &["--date", "--format", "--lang", "--fonts", "--db", "--zone"]),
    (&["books"], &["--date", "--format", "--db"]),
    (&["verify"], &["[PART]", "--format", "--db", "--zone"]),
    (
        &["admin", "user", "add"],
        &[
            "<LOGIN>",
            "--name",
            "--language",
            "--password-stdin",
            "--role",
            "--division",
            "--site",
            "--format",
            "--secrets",
            "--db",
            "--zone",
        ],
    ),
    (&["admin", "user", "list"], &["--division", "--format", "--secrets", "--db", "--zone"]),
    (&["admin", "user", "grant"], &["<LOGIN>", "--until", "--role", "--division", "--site", "--secrets", "--db"]),
    (&["admin", "user", "revoke"], &["<LOGIN>", "--role", "--division", "--site", "--secrets", "--db"]),
    (&["admin", "user", "link"], &["<LOGIN>", "--subject", "--issuer", "--secrets", "--db"]),
    (&["admin", "user", "unlink"], &["<LOGIN>", "--format", "--secrets", "--db", "--zone"]),
    (&["admin", "user", "disable"], &["<LOGIN>", "--format", "--secrets", "--db", "--zone"]),
    (&["admin", "token", "make"], &["--login", "--days", "--role", "--division", "--site", "--secrets", "--db"]),
    (&["admin", "keys", "init"], &["--format", "--secrets", "--db"]),
    (&["admin", "keys", "rotate"], &["--format", "--secrets", "--db"]),
    (&["admin", "keys", "reseal"], &["--format", "--secrets", "--db"]),
    (&["serve"], &["--config", "--db", "--listen", "--secrets", "--exercise", "--clock"]),
    (&["admin", "config", "check"], &["--config", "--db", "--listen", "--secrets", "--exercise"]),
    (&["schema"], &["[KIND]"]),
    (
        &["city", "make"],
        &["--pack", "--people", "--positives", "--tubes", "--seed", "--date", "--collective", "--out", "--db"],
    ),
    (
        &["city", "run"],
        &["--people", "--seed", "--disease", "--threads", "--days", "--date", "--policy", "--imports", "--format"],
    ),
    (
        &["city", "scenarios"],
        &[
            "--policy",
            "--people",
            "--seed",
            "--disease",
            "--threads",
            "--days",
            "--seeds",
            "--date",
            "--imports",
            "--needs",
            "--capacity",
            "--so-far",
            "--pack",
            "--at",
            "--lang",
            "--format",
            "--db",
            "--zone",
        ],
    ),
    (
        &["city", "fit"],
        &["--people", "--seed", "--disease", "--threads", "--as-is", "--held-out", "--seeds", "--cases"],
    ),
];

#[test]
fn the_command_tree() {
    insta::assert_snapshot!("help", run(["--help"]).ends_with(0).out);
    assert_eq!(run(["--version"]).ends_with(0).out, format!("dayclear {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn help_names_every_argument_and_says_what_it_is() {
    for (command, arguments) in COMMANDS {
        let help = run(command.iter().copied().chain(["--help"])).ends_with(0).out;
        let lines: Vec<&str> = help.lines().collect();
        for argument in *arguments {
            let at = lines.iter().position(|line| {
                let line = line.trim_start();
                line.starts_with(argument) || line.split(", ").any(|part| part.starts_with(argument))
            });
            let at = at.unwrap_or_else(|| panic!("{command:?}: {argument} is not in the help\n{help}"));
            // its meaning stands behind it, or on the next line
            let said = lines[at].split_once("  ").is_some_and(|(_, rest)| rest.trim_start().contains("  "));
            let below = lines.get(at + 1).is_some_and(|line| line.starts_with("          ") && !line.trim().is_empty());
            assert!(said || below, "{command:?}: nothing is said of {argument}\n{help}");
        }
    }
}

#[test]
fn every_table_has_a_schema() {
    let list = run(["schema"]).ends_with(0).out;
    let kinds: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(kinds.len(), 42, "37 of a day, 2 of line lists, 3 of bulletins: {list}");
    for kind in &kinds {
        let schema = run(["schema", kind]).ends_with(0).json();
        let fields = schema["fields"].as_array().unwrap_or_else(|| panic!("{kind}: {schema}"));
        assert!(!fields.is_empty(), "{kind}");
        for field in fields {
            assert!(field["name"].is_string() && field["type"].is_string(), "{kind}: {field}");
        }
        let names: Vec<&str> = fields.iter().filter_map(|field| field["name"].as_str()).collect();
        for key in schema["primaryKey"].as_array().unwrap_or_else(|| panic!("{kind}: {schema}")) {
            assert!(names.contains(&key.as_str().unwrap()), "{kind}: {key}");
        }
    }
    let refused = run(["schema", "nope"]).ends_with(1);
    assert!(refused.err.contains("no table 'nope'"), "{}", refused.err);
    for kind in kinds {
        assert!(refused.err.contains(kind), "{kind} is not listed: {}", refused.err);
    }
}

#[test]
fn bad_usage_ends_with_2() {
    let folder = scratch();
    for arguments in [
        "",
        "nope",
        "day",
        "day examples/day",
        "day --out x",
        "day x --out y --date 2022-02-30",
        "day x --out y --date yesterday",
        "day x --out y --lang fr",
        "day x --out y --format xml",
        "import",
        "import nope x.csv",
        "import linelist",
        "import bulletin",
        "import linelist x.csv --atomic --nope",
        "bulletin",
        "bulletin --date 20221120x",
        "books --date",
        "city make",
        "city make --out x --people many",
        "city run --people many",
        "city run --format xml",
        "city make --out x --pack atlantis",
        "chains --format dot",
        "linelist convert a.csv b.csv --from excel",
        "linelist export a.csv",
        "demo --people -1",
    ] {
        let mut command = crate::program::command(arguments.split_whitespace());
        let ran: crate::program::Ran = command.current_dir(folder.path()).output().unwrap().into();
        let ran = ran.ends_with(2);
        assert!(ran.err.contains("Usage") || ran.err.contains("--help"), "{arguments}: {}", ran.err);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "bad usage leaves nothing behind");
}

#[test]
fn an_unknown_zone_is_named() {
    let folder = scratch();
    let db = crate::program::below(&folder, "s.db");
    let ran = run(["bulletin", "--date", "2022-11-20", "--zone", "Asia/Atlantis", "--db", &db]).ends_with(1);
    assert!(ran.err.contains("Asia/Atlantis"), "{}", ran.err);
}
