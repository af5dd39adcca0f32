//! A city reports to the real server, row by row over HTTP, and the server is killed (SIGKILL) in the middle again and again. Whoever
//! had no answer asks again under the same key. In the end what stands in the store is what the files of the city bring (F01, F05).

use crate::{
    city::landed,
    program::{below, csv, next, run, scratch},
    serve::Server,
};
use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::Command,
    thread,
    time::Duration,
};

/// What happens, in an order in which nothing refers to what comes later; the rest of the city is there before.
const HAPPENS: [&str; 7] = ["runs", "tubes", "members", "packings", "box_moves", "box_checks", "results"];
/// Other tables of which a day must have a file, and nothing happens in them.
const QUIET: [&str; 6] = ["assessments", "contacts", "visits", "requests", "handovers", "deliveries"];
const ROWS_AT_ONCE: usize = 150;
const KILLS_AT_LEAST: usize = 8;

/// Status of an answer; none where the server was gone before it answered whole.
fn post(server: &Server, token: &str, table: &str, key: &str, rows: &str) -> Option<u16> {
    let mut stream = TcpStream::connect(&server.address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
    let length = rows.len();
    write!(
        stream,
        "POST /api/v1/evidence/{table} HTTP/1.1\r\nhost: h\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
         idempotency-key: {key}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{rows}"
    )
    .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    assert!(status == 200, "{table}: {head}\n{}", body.chars().take(600).collect::<String>());
    Some(status)
}

/// Rows of a file as JSON, some at a time.
fn requests(file: &Path) -> Vec<String> {
    let rows = csv(&fs::read_to_string(file).unwrap());
    let (header, rows) = rows.split_first().unwrap();
    let object = |row: &Vec<String>| {
        let cells = header.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
        serde_json::Value::Object(cells.map(|(name, cell)| (name.clone(), cell.as_str().into())).collect())
    };
    let json = |some: &[Vec<String>]| serde_json::Value::Array(some.iter().map(object).collect()).to_string();
    rows.chunks(ROWS_AT_ONCE).map(json).collect()
}

#[test]
fn a_server_that_is_killed_while_a_city_reports_has_what_its_files_bring() {
    let folder = scratch();
    let file = |name: &str| below(&folder, name);
    let whole = file("in");
    run(["city", "make", "--people", "1500", "--positives", "8", "--seed", "5", "--out", &whole]).ends_with(0);
    let of_files = file("files.db");
    run(["day", &whole, "--out", &file("out"), "--db", &of_files]).ends_with(0);
    // the city as it stands in the morning
    let morning = file("morning");
    fs::create_dir(&morning).unwrap();
    for entry in fs::read_dir(&whole).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let empty = HAPPENS.contains(&name) || QUIET.contains(&name);
        let kept = if empty { text.lines().next().unwrap().to_owned() + "\n" } else { text };
        fs::write(Path::new(&morning).join(path.file_name().unwrap()), kept).unwrap();
    }
    let db = file("dayclear.db");
    run(["day", &morning, "--out", &file("before"), "--db", &db, "--date", "2022-11-20", "--keep-open"]).ends_with(0);
    run(["admin", "keys", "init", "--db", &db]).ends_with(0);
    let words = "admin token make --login post --role district_command --division 50 --days 30 --format json --db";
    let made = run(words.split(' ').chain([db.as_str()])).ends_with(0).json();
    let token = made["token"].as_str().unwrap().to_owned();

    let start = || Server::start(&db, &["--clock", "2022-11-20T23:30:00+08:00"]);
    let (mut server, mut seed, mut kills, mut lost) = (start(), 5, 0, 0);
    for table in HAPPENS {
        for (n, rows) in requests(&Path::new(&whole).join(format!("{table}.csv"))).iter().enumerate() {
            let key = format!("{table}-{n}");
            // two of three requests meet a death, some before it begins and some after its answer
            let dies = !next(&mut seed).is_multiple_of(3);
            if dies {
                let (id, after) = (server.child.id().to_string(), Duration::from_millis(next(&mut seed) % 120));
                let killer = thread::spawn(move || {
                    thread::sleep(after);
                    assert!(Command::new("kill").args(["-KILL", &id]).status().unwrap().success());
                });
                let answered = post(&server, &token, table, &key, rows).is_some();
                killer.join().unwrap();
                drop(server);
                server = start();
                kills += 1;
                lost += usize::from(!answered);
            }
            // asked again, whether it was answered or not: nothing happens twice
            assert!(post(&server, &token, table, &key, rows).is_some(), "{key}");
        }
    }
    drop(server);
    assert!(kills >= KILLS_AT_LEAST && lost > 0, "{kills} deaths, {lost} answers lost");
    assert_eq!(landed(&db), landed(&of_files), "{kills} deaths, {lost} answers lost");
    run(["verify", "--db", &db]).ends_with(0);
}
