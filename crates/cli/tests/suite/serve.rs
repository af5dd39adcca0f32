//! The server as a process: it says where it listens, lives, is killed and asked to stop, and refuses to start where
//! something is in the way. What stands behind its routes is tested in crates/web.

use crate::program::{below, command, example_in, run, scratch};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// The program as a server.
pub struct Server {
    /// Its process.
    pub child: Child,
    /// Where it listens.
    pub address: String,
}

impl Server {
    /// Starts it on a store.
    pub fn start(db: &str, more: &[&str]) -> Server {
        let mut arguments = vec!["serve", "--db", db, "--listen", "127.0.0.1:0"];
        arguments.extend(more);
        let mut child = command(arguments)
            .env("DAYCLEAR_METRICS_LISTEN", "127.0.0.1:0")
            .env("DAYCLEAR_CITY", "50")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").map(str::to_owned);
        let Some(address) = address else {
            let mut err = String::new();
            child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
            panic!("no server: {line}{err}");
        };
        Server { child, address }
    }
    fn ask(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
        (status, answer)
    }
    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }
    /// How it ended, within ten seconds, and what it said.
    fn end(mut self) -> (Option<i32>, String) {
        let since = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(since.elapsed() < Duration::from_secs(10), "the server does not end");
            std::thread::sleep(Duration::from_millis(20));
        };
        let mut err = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        (status.code(), err)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Path of a store to come, with its keys beside it.
fn store(folder: &TempDir) -> String {
    let db = below(folder, "dayclear.db");
    run(["admin", "keys", "init", "--db", &db]).ends_with(0);
    db
}

#[test]
fn a_server_starts_is_killed_starts_again_and_stops_when_asked() {
    let folder = scratch();
    let db = store(&folder);
    for _ in 0..2 {
        let server = Server::start(&db, &[]);
        assert_eq!(server.ask("/healthz").0, 200);
        let (status, ready) = server.ask("/readyz");
        assert!(status == 200 && ready.contains("\"ready\":true"), "{ready}");
        server.signal("-KILL");
    }
    let server = Server::start(&db, &[]);
    assert_eq!(server.ask("/api/v1/cases").0, 401);
    assert_eq!(server.ask("/people/P0009876543?name=Ouyangnana").0, 303);
    let (status, answer) = server.ask("/metrics");
    assert!(status != 200 && !answer.contains("dayclear_requests_total"), "the public finds the figures: {answer}");
    // a connection that is kept alive does not hold it up
    let mut idle = TcpStream::connect(&server.address).unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: h\r\n\r\n").unwrap();
    assert!(idle.read(&mut [0; 100]).unwrap() > 0);
    server.signal("-TERM");
    let (code, said) = server.end();
    assert_eq!(code, Some(0), "{said}");
    let lines: Vec<serde_json::Value> =
        said.lines().filter(|line| line.starts_with('{')).map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().any(|line| line["route"] == "/api/v1/cases" && line["status"] == 401), "{said}");
    assert!(!said.contains("P0009876543") && !said.contains("Ouyangnana"), "{said}");
}

#[test]
fn the_city_comes_from_the_store_and_an_exercise_has_a_clock_of_its_own() {
    let folder = scratch();
    let input = example_in(&folder);
    let out = below(&folder, "out");
    crate::program::day(&input, &out).ends_with(0);
    let db = format!("{out}/dayclear.db");
    run(["admin", "keys", "init", "--db", &db]).ends_with(0);
    let mut arguments =
        command(["serve", "--db", &db, "--listen", "127.0.0.1:0", "--clock", "2022-11-21T08:00:00+08:00"]);
    let child =
        arguments.env("DAYCLEAR_METRICS_LISTEN", "127.0.0.1:0").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("listening on http://127.0.0.1:"), "{line}");
    child.kill().unwrap();
    let said = child.wait_with_output().unwrap();
    let said = String::from_utf8(said.stderr).unwrap();
    assert!(said.contains("exercise") && said.contains("2022-11-21T00:00:00"), "{said}");
    // a store without a city says what to do
    let empty = run(["serve", "--db", &store(&folder), "--listen", "127.0.0.1:0"]).ends_with(1);
    assert!(empty.err.contains("DAYCLEAR_CITY"), "{}", empty.err);
}

#[test]
fn what_is_in_the_way_is_said_all_at_once_and_nothing_is_started() {
    let folder = scratch();
    let keys = below(&folder, "keys");
    fs::write(&keys, "x").unwrap();
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o644)).unwrap();
    let config = below(&folder, "dayclear.toml");
    fs::write(
        &config,
        format!("listen = \"0.0.0.0:0\"\nsecrets = \"{keys}\"\nzone = \"Asia/Atlantis\"\npac = \"x\"\n"),
    )
    .unwrap();
    let db = store(&folder);
    for start in [&["serve"][..], &["admin", "config", "check"][..]] {
        let arguments = start.iter().copied().chain(["--config", &config, "--db", &db]);
        let ran = run(arguments).ends_with(1);
        let said = format!("{}{}", ran.out, ran.err);
        for part in [
            "pac (",
            "or write pack",
            "listen is 0.0.0.0:0",
            "line 1)",
            "trusted_proxies",
            "others on this machine can read",
            "chmod 600",
            "Asia/Atlantis",
        ] {
            assert!(said.contains(part), "{part} is not in\n{said}");
        }
        assert!(!said.contains("listening on"));
    }
    assert!(!std::path::Path::new(&db).exists(), "looking makes nothing");
    let good = run(["admin", "config", "check", "--db", &db]).ends_with(0);
    assert!(good.out.contains("nothing is in the way"), "{}", good.out);
    let missing = run(["admin", "config", "check", "--config", "/nowhere.toml", "--db", &db]).ends_with(1);
    assert!(missing.out.contains("/nowhere.toml"), "{}", missing.out);
}

#[test]
fn a_provider_that_is_down_is_told_of_and_its_secret_is_not() {
    let folder = scratch();
    let config = below(&folder, "dayclear.toml");
    // nobody listens on port 1
    let text = "[oidc]\nissuer = \"http://127.0.0.1:1\"\nclient_id = \"dayclear\"\nclient_secret = \"geheim\"\n";
    fs::write(&config, text).unwrap();
    let db = store(&folder);
    let ran = run(["admin", "config", "check", "--config", &config, "--db", &db]).ends_with(0);
    for part in [
        "sign-in: password and code, or http://127.0.0.1:1 as dayclear with a secret",
        "it does not answer as it should now",
        "nothing is in the way",
    ] {
        assert!(ran.out.contains(part), "{part} is not in\n{}", ran.out);
    }
    assert!(!format!("{}{}", ran.out, ran.err).contains("geheim"));
}

#[test]
fn a_port_that_is_taken_is_named() {
    let folder = scratch();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut serve = command(["serve", "--db", &store(&folder), "--listen", &address]);
    let ran: crate::program::Ran = serve.env("DAYCLEAR_CITY", "50").output().unwrap().into();
    assert!(ran.ends_with(1).err.contains(&address));
}
