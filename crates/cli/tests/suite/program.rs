//! Runs the program, in a folder of its own for each test, and reads what it wrote.
#![allow(dead_code)] // each module uses its part of it

use serde_json::Value;
use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};
use tempfile::TempDir;

/// The day of the example folder and of every city made here.
pub const DAY: &str = "2022-11-20";

/// The program, ready to be given its arguments. It never sees this test's own terminal or variables for colours.
pub fn command<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dayclear"));
    command.args(arguments).env("NO_COLOR", "1").env_remove("RUST_BACKTRACE").stdin(Stdio::null());
    command
}

/// What a run said and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("what the program says is UTF-8");
        let code = output.status.code().expect("the program ends by itself");
        Ran { code, out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Ran {
    /// Ends the test unless the run ended so; what was said is shown.
    #[track_caller]
    pub fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "exit code; out:\n{}\nerr:\n{}", self.out, self.err);
        assert!(!self.err.contains("panicked"), "{}", self.err);
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

/// Runs the program to its end.
pub fn run<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Ran {
    command(arguments).output().expect("the program starts").into()
}

/// A folder in memory where there is one: SQLite waits for the disk at every commit, and a test has nothing to lose.
pub fn scratch() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder for the test")
}

/// A path below a folder, as an argument.
pub fn below(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).to_string_lossy().into_owned()
}

/// The day of the example.
pub fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/day")
}

/// A copy of the example that a test may change.
pub fn example_in(folder: &TempDir) -> PathBuf {
    let copy = folder.path().join("in");
    fs::create_dir(&copy).unwrap();
    for file in fs::read_dir(example()).unwrap().map(|entry| entry.unwrap().path()) {
        if file.extension().is_some_and(|ending| ending == "csv") {
            fs::copy(&file, copy.join(file.file_name().unwrap())).unwrap();
        }
    }
    copy
}

/// Adds bytes to the end of a file.
pub fn append(file: &Path, bytes: &[u8]) {
    let mut all = fs::read(file).unwrap();
    all.extend_from_slice(bytes);
    fs::write(file, all).unwrap();
}

/// Runs `dayclear day`.
pub fn day(input: &Path, out: &str) -> Ran {
    run([OsStr::new("day"), input.as_os_str(), OsStr::new("--out"), OsStr::new(out)])
}

/// What a run wrote, by name; the store itself is left out.
pub fn written(out: &str) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for path in fs::read_dir(out).unwrap().map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with("dayclear.db") {
            files.insert(name, fs::read(&path).unwrap());
        }
    }
    files
}

/// Fails, by name, where two folders differ.
#[track_caller]
pub fn same_files(left: &BTreeMap<String, Vec<u8>>, right: &BTreeMap<String, Vec<u8>>) {
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(left), names(right));
    let differ: Vec<&String> =
        left.iter().filter(|(name, bytes)| right[*name] != **bytes).map(|(name, _)| name).collect();
    assert!(differ.is_empty(), "not byte-identical: {differ:?}");
}

/// A CSV file that the program wrote: header and rows. Quotes as RFC 4180 has them.
pub fn csv(text: &str) -> Vec<Vec<String>> {
    let mut rows = vec![vec![String::new()]];
    let mut quoted = false;
    let mut marks = text.trim_start_matches('\u{feff}').chars().peekable();
    while let Some(c) = marks.next() {
        let row = rows.last_mut().unwrap();
        match c {
            '"' if quoted && marks.peek() == Some(&'"') => row.last_mut().unwrap().push(marks.next().unwrap()),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(String::new()),
            '\r' if !quoted => {}
            '\n' if !quoted => rows.push(vec![String::new()]),
            c => row.last_mut().unwrap().push(c),
        }
    }
    rows.retain(|row| row.len() > 1 || !row[0].is_empty());
    rows
}

/// A CSV file without some of its columns, one row a line.
pub fn without(text: &str, columns: &[&str]) -> String {
    let rows = csv(text);
    let kept: Vec<usize> = (0..rows[0].len()).filter(|at| !columns.contains(&rows[0][*at].as_str())).collect();
    let line = |row: &Vec<String>| kept.iter().map(|at| row[*at].as_str()).collect::<Vec<_>>().join(" | ");
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The counts of the files that a report in JSON names, after checking that each adds up.
#[track_caller]
pub fn tallies(report: &Value) -> BTreeMap<String, [u64; 6]> {
    let files = report["files"].as_array().unwrap();
    let tally = |file: &Value| {
        let counts = ["read", "created", "updated", "same", "doubtful", "rejected"]
            .map(|name| file["tally"][name].as_u64().unwrap());
        assert_eq!(counts[0], counts[1..].iter().sum::<u64>(), "the counts add up: {file}");
        (file["name"].as_str().unwrap().to_owned(), counts)
    };
    files.iter().map(tally).collect()
}

/// The next number of a small generator (splitmix64), so that a failing seed can be run again.
pub fn next(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*seed ^ (*seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
