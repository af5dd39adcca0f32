//! Memory does not grow with the file. The figure is the most that the process held of memory of its own (`RssAnon`, looked
//! at every few milliseconds), so that the program may grow; the files are smaller here than the largest that are promised
//! (1,100,000 rows under 300 MB), and the bounds with them, so that what is kept for each row shows. A connection of SQLite
//! fills a page cache of up to 64 MiB, and on a busy machine the pool opens one more now and then: the bounds leave room for
//! one more, and there are so many rows that to keep them would take more than that.
#![cfg(target_os = "linux")]

use crate::program::{Ran, append, below, command, example_in, run, scratch};
use std::{
    fmt::Write as _,
    fs,
    path::Path,
    process::Stdio,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::Duration,
};

const ROWS: u64 = 400_000;
const MIB: u64 = 1024;

/// Runs the program; what it said, and the most it held in KiB.
fn measured(arguments: &[&str]) -> (Ran, u64) {
    let child = command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let (ended, peak) = (AtomicBool::new(false), AtomicU64::new(0));
    let output = thread::scope(|threads| {
        threads.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                let text = fs::read_to_string(&status).unwrap_or_default();
                let line = text.lines().find_map(|line| line.strip_prefix("RssAnon:"));
                let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0);
                peak.fetch_max(kib, Ordering::Relaxed);
                thread::sleep(Duration::from_millis(2));
            }
        });
        let output = child.wait_with_output().unwrap();
        ended.store(true, Ordering::Relaxed);
        output
    });
    let peak = peak.load(Ordering::Relaxed);
    assert!(peak > MIB, "the peak was measured");
    (output.into(), peak)
}

#[track_caller]
fn import(file: &str, db: &str, code: i32, most_mib: u64) -> Ran {
    let (ran, peak) = measured(&["import", "linelist", file, "--list", "t", "--db", db]);
    let ran = ran.ends_with(code);
    eprintln!("{file}: {} MiB", peak / MIB);
    assert!(peak < most_mib * MIB, "{} MiB, at most {most_mib} were allowed", peak / MIB);
    ran
}

/// The line of counts: read, created, updated, same, doubtful, rejected.
#[track_caller]
fn counts(ran: &Ran, wanted: [u64; 6]) {
    let line = ran.out.lines().find(|line| line.starts_with("list")).unwrap();
    let found: Vec<u64> = line.split_whitespace().skip(1).map(|n| n.parse().unwrap()).collect();
    assert_eq!(found, wanted, "{}", ran.out);
}

#[test]
fn a_long_list_is_read_in_little_memory_first_and_again() {
    let folder = scratch();
    let (file, db) = (below(&folder, "list.csv"), below(&folder, "store.db"));
    let mut text = "case_id,sex,age,date_onset,date_report,outcome,place,extra\n".to_owned();
    for n in 0..ROWS {
        let day = 1 + n % 28;
        writeln!(text, "CQ-2022-{n:07},F,{},2022-11-{day:02},2022-11-{day:02},recovered,重庆市渝中区,row={n}", n % 100)
            .unwrap();
    }
    fs::write(&file, text).unwrap();
    counts(&import(&file, &db, 0, 200), [ROWS, ROWS, 0, 0, 0, 0]);
    counts(&import(&file, &db, 0, 200), [ROWS, 0, 0, ROWS, 0, 0]);
    // a list of another name in the same store is none of its business
    let (ran, peak) = measured(&["import", "linelist", &file, "--list", "other", "--db", &db, "--dry-run"]);
    counts(&ran.ends_with(0), [ROWS, ROWS, 0, 0, 0, 0]);
    assert!(peak < 200 * MIB, "{} MiB", peak / MIB);
}

#[test]
fn a_list_that_is_bad_from_end_to_end_is_answered_in_little_memory() {
    let folder = scratch();
    let (file, db) = (below(&folder, "list.csv"), below(&folder, "store.db"));
    let mut text = "case_id,date_onset,place\n".to_owned();
    for n in 0..ROWS {
        writeln!(text, "C{n},31.02.2022,重庆市渝中区").unwrap();
    }
    fs::write(&file, text).unwrap();
    let ran = import(&file, &db, 1, 200);
    counts(&ran, [ROWS, 0, 0, 0, ROWS, 0]);
    assert!(ran.out.contains(&format!("and {} more; --format json lists them all", ROWS - 20)), "{}", ran.out);
    let all = run(["import", "linelist", &file, "--list", "t", "--db", &db, "--dry-run", "--format", "json"])
        .ends_with(1)
        .json();
    assert_eq!(all["doubts"].as_array().unwrap().len() as u64, ROWS);
    let (ran, peak) = measured(&["import", "linelist", &file, "--db", &db, "--atomic"]);
    assert!(ran.ends_with(1).err.contains(&format!("{ROWS} of {ROWS} rows cannot be taken")));
    assert!(peak < 60 * MIB, "{} MiB", peak / MIB);
}

/// Rows as long as the schema allows: the batches on their way are bounded by their bytes too.
#[test]
fn long_rows_are_read_in_little_memory() {
    let long = "重".repeat(4_000);
    for (day, code) in [("2022-11-01", 0), ("31.02.2022", 1)] {
        let folder = scratch();
        let (file, db) = (below(&folder, "list.csv"), below(&folder, "store.db"));
        let rows: String = (0..15_000).map(|n| format!("C{n},{day},{long}\n")).collect();
        fs::write(&file, format!("case_id,date_onset,extra\n{rows}")).unwrap();
        import(&file, &db, code, 170);
    }
}

/// A day of which a whole file is bad: the rows aside go to doubts.csv in pages. What is left are the page caches of SQLite
/// (64 MiB for each connection), which are full at this many rows: twice as many take no more.
#[test]
fn a_day_keeps_many_rows_aside_in_little_memory() {
    const BAD: u64 = 500_000;
    let folder = scratch();
    let (input, out) = (example_in(&folder), below(&folder, "out"));
    let long = "重".repeat(60);
    let rows: String = (0..BAD).map(|n| format!("X{n},H999,{long},,,,03/04/1990,,,,\n")).collect();
    append(&input.join("people.csv"), rows.as_bytes());
    let (ran, peak) = measured(&["day", input.to_str().unwrap(), "--out", &out]);
    assert!(ran.ends_with(1).out.contains(&format!("{BAD} rows were kept aside")));
    let doubts = fs::read_to_string(Path::new(&out).join("doubts.csv")).unwrap();
    assert_eq!(doubts.lines().count() as u64, BAD + 1);
    eprintln!("day: {} MiB", peak / MIB);
    assert!(peak < 380 * MIB, "{} MiB", peak / MIB);
}
