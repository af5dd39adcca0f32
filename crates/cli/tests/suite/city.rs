//! `dayclear city run`: the three forms say the same, a seed repeats, and what is not known is named. `dayclear city make`: what lands
//! in a store is what a folder of the same city brings.

use crate::{
    killed::Databases,
    program::{below, run, scratch},
};

fn played(arguments: &[&str]) -> String {
    let base = ["city", "run", "--people", "5000", "--days", "12"];
    run(base.iter().chain(arguments).copied()).ends_with(0).out
}

#[test]
fn an_outbreak_is_the_same_as_table_csv_and_json_and_on_any_threads() {
    let csv = played(&["--format", "csv"]);
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 13);
    assert!(lines[0].starts_with("date,infections,infectious,") && lines[1].starts_with("2022-11-01,20,"), "{csv}");
    assert_eq!(csv, played(&["--format", "csv", "--threads", "1"]));
    assert_ne!(csv, played(&["--format", "csv", "--seed", "2"]));
    let table: Vec<String> =
        played(&[]).lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(",")).collect();
    assert_eq!(table, lines);
    let days: Vec<serde_json::Value> = serde_json::from_str(&played(&["--format", "json"])).unwrap();
    for (day, line) in days.iter().zip(&lines[1..]) {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!((day["date"].as_str(), day["ever"].to_string()), (Some(cells[0]), cells[6].to_owned()));
        let by_place: u64 = day["infections_by_place"].as_object().unwrap().values().filter_map(|n| n.as_u64()).sum();
        assert_eq!(Some(by_place), day["infections"].as_u64());
    }
}

#[test]
fn diseases_and_policies_are_names_or_files() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("quiet.csv");
    std::fs::write(&file, "from,parameter,value,source\n,life,0,assumed\n,school,0,assumed\n,imports,3,assumed\n")
        .unwrap();
    let quiet = played(&["--policy", file.to_str().unwrap(), "--format", "csv"]);
    assert!(quiet.lines().nth(1).unwrap().starts_with("2022-11-01,3,"), "{quiet}");
    assert_ne!(played(&["--disease", "measles"]), played(&["--disease", "omicron-bf7"]));
    for (option, expected) in
        [("--disease", "no disease of the program (omicron-ba52"), ("--policy", "no policy of the program (none")]
    {
        let ran = run(["city", "run", "--people", "500", option, "atlantis"]).ends_with(1);
        assert!(ran.err.contains(expected), "{}", ran.err);
    }
    std::fs::write(&file, "from,parameter,value,source\n,colour,1,assumed\n").unwrap();
    let ran = run(["city", "run", "--people", "500", "--policy", file.to_str().unwrap()]).ends_with(1);
    assert!(ran.err.contains("line 2: 'colour'"), "{}", ran.err);
}

/// What was landed: one line for each row, of every table that a day makes much of.
const LANDED: [&str; 8] = [
    "select 'people/' || person from people",
    "select 'tubes/' || tube || '/' || division || '/' || purpose || '/' || size || '/' || laboratory from tubes where laboratory is not null",
    "select 'members/' || t.tube || '/' || p.person from members m join tubes t on t.no = m.tube_no join people p on p.no = m.person_no",
    "select 'results/' || t.tube || '/' || r.version || '/' || r.finding || '/' || r.run from results r join tubes t on t.no = r.tube_no",
    "select 'packings/' || k.box || '/' || t.tube from packings k join tubes t on t.no = k.tube_no",
    "select 'moves/' || box || '/' || step || '/' || laboratory || '/' || counted from box_moves",
    "select 'runs/' || laboratory || '/' || run || '/' || lot || '/' || wells from runs",
    "select 'rounds/' || round || '/' || purpose from rounds",
];

/// The landed rows of a store, and a digest of them.
pub fn landed(db: &str) -> (usize, u64) {
    use sqlx::{Connection, PgConnection, SqliteConnection};
    use std::hash::{DefaultHasher, Hash, Hasher};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut rows: Vec<String> = runtime.block_on(async {
        let mut rows = Vec::new();
        for sql in LANDED {
            let of_table: Vec<String> = if db.starts_with("postgres") {
                let mut store = PgConnection::connect(db).await.unwrap();
                sqlx::query_scalar(sql).fetch_all(&mut store).await.unwrap()
            } else {
                let mut store = SqliteConnection::connect(db).await.unwrap();
                sqlx::query_scalar(sql).fetch_all(&mut store).await.unwrap()
            };
            assert!(!of_table.is_empty(), "{sql}");
            rows.extend(of_table);
        }
        rows
    });
    rows.sort_unstable();
    let mut digest = DefaultHasher::new();
    rows.hash(&mut digest);
    (rows.len(), digest.finish())
}

#[test]
fn a_city_in_a_store_is_the_city_of_its_files() {
    let folder = scratch();
    let file = |name: &str| below(&folder, name);
    let city = ["city", "make", "--people", "1500", "--positives", "8", "--seed", "3"];
    let make = |rest: &[&str]| run(city.iter().chain(rest).copied()).ends_with(0);
    make(&["--out", &file("in")]);
    let of_files = file("files.db");
    run(["day", &file("in"), "--out", &file("out"), "--db", &of_files]).ends_with(0);
    let expected = landed(&of_files);
    make(&["--db", &file("made.db")]);
    assert_eq!(landed(&file("made.db")), expected);
    // the day goes on from there, and its files bring nothing new
    let on = file("on");
    run(["day", &file("in"), "--out", &on, "--db", &file("made.db")]).ends_with(0);
    assert_eq!(landed(&file("made.db")), expected);
    run(["verify", "--db", &file("made.db")]).ends_with(0);
    let Some(server) = std::env::var("DAYCLEAR_TEST_POSTGRES").ok().filter(|url| !url.is_empty()) else {
        eprintln!("PostgreSQL: skipped, DAYCLEAR_TEST_POSTGRES is not set (`cargo xtask test` sets it)");
        return;
    };
    let databases = Databases::on(server);
    let db = databases.make("made");
    make(&["--db", &db]);
    assert_eq!(landed(&db), expected);
    run(["city", "make", "--people", "100"]).ends_with(2);
}
