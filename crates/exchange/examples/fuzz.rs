//! Messages spoilt by chance, for as long as it is given: `cargo xtask fuzz-intake --minutes N`. Each is read as HL7 v2 and as
//! FHIR, and answered; the answer must be readable. A panic ends it with the seed that repeats it.
#![allow(clippy::disallowed_methods)] // it runs for as long as the clock says

use dayclear_exchange::{
    Codes, Letter, fhir,
    hl7::{self, Charset, Code},
    mllp::{Framer, framed},
};
use std::{
    fs,
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};

/// Inputs between two looks at the clock.
const AT_ONCE: u64 = 2_000;
/// Longest input.
const BYTES_MAX: usize = 64 << 10;
const NOW: &str = "2022-11-21T20:05:01+08:00";
/// What the grammars are made of.
const PIECES: &[&str] = &[
    "|",
    "^",
    "~",
    "\\",
    "&",
    "\r",
    "\n",
    "\\X",
    "\\E\\",
    "\\X41\\",
    "\u{b}",
    "\u{1c}\r",
    "MSH|^~\\&|",
    "OBR|",
    "OBX|1|CWE|",
    "SPM|1|",
    "PID|",
    "\"\"",
    "{",
    "}",
    "[",
    "]",
    "\"",
    ":",
    ",",
    "null",
    "-0",
    "1e308",
    "\"resourceType\":",
    "\"reference\":",
    "#",
    "/_history/",
    "\\u0000",
    "\u{feff}",
    "阳性",
    "\u{2028}",
    "L",
    "F",
    "20221121",
];

/// Chance from a seed (xorshift64*).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

fn spoilt(corpus: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = corpus[chance.below(corpus.len())].clone();
    for _ in 0..1 + chance.below(12) {
        let at = chance.below(bytes.len() + 1);
        let end = (at + 1 + chance.below(60)).min(bytes.len());
        match chance.below(7) {
            0 if at < bytes.len() => bytes[at] = chance.next() as u8,
            1 => drop(bytes.drain(at.min(end)..end)),
            2 => {
                let piece = bytes[at.min(end)..end].to_vec();
                let times = 1 + chance.below(20);
                bytes.splice(at..at, piece.repeat(times));
            }
            3 => {
                let other = &corpus[chance.below(corpus.len())];
                let from = chance.below(other.len());
                let to = (from + chance.below(200)).min(other.len());
                bytes.splice(at..at, other[from..to].to_vec());
            }
            4 => bytes.truncate(at),
            _ => {
                let piece = PIECES[chance.below(PIECES.len())];
                bytes.splice(at..at, piece.bytes());
            }
        }
        bytes.truncate(BYTES_MAX);
    }
    bytes
}

fn plain(letter: &Letter) {
    for value in letter.rows.iter().flat_map(|row| row.values.values()) {
        assert!(!value.contains(char::is_control) && value.chars().count() <= 200, "{value:?}");
    }
}

fn check(bytes: &[u8], codes: &Codes) -> [u64; 2] {
    let mut good = [0, 0];
    let (header, faults) = match hl7::parse(bytes) {
        Err(fault) => (hl7::header_of(bytes), vec![fault]),
        Ok(message) => match hl7::read(&message, codes, "L1", &["P"]) {
            Ok(letter) => {
                plain(&letter);
                good[0] = 1;
                (message.header, Vec::new())
            }
            Err(faults) => (message.header, faults),
        },
    };
    let answer = hl7::acknowledge(&header, Code::Error, &faults, NOW, "A");
    let answer = header.charset.unwrap_or(Charset::Utf8).bytes(&answer);
    assert_eq!(hl7::parse(&answer).map(|message| message.header.kind.0), Ok("ACK".to_owned()));
    let faults = match fhir::parse(bytes).map_err(|fault| vec![fault]) {
        Err(faults) => faults,
        Ok(value) => match fhir::read(&value, codes, None) {
            Ok(read) => {
                plain(&read.letter);
                good[1] = 1;
                assert!(read.letter.rows.iter().all(|row| row.entry < read.entries.len()));
                Vec::new()
            }
            Err(faults) => faults,
        },
    };
    assert_eq!(fhir::outcome(&faults)["resourceType"], "OperationOutcome");
    let mut framer = Framer::new(1_000);
    let frame = framed(bytes);
    let mut rest = frame.as_slice();
    while !rest.is_empty() {
        let (_, taken) = framer.take(rest);
        assert!(taken > 0);
        rest = &rest[taken..];
    }
    good
}

fn option(name: &str, default: u64) -> Option<u64> {
    let words: Vec<String> = std::env::args().collect();
    match words.iter().position(|word| word == name) {
        None => Some(default),
        Some(at) => words.get(at + 1)?.parse().ok(),
    }
}

fn main() -> ExitCode {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/messages");
    let files = fs::read_dir(&folder).into_iter().flatten().flatten();
    let mut corpus: Vec<Vec<u8>> = files.filter_map(|file| fs::read(file.path()).ok()).collect();
    corpus.sort();
    let (Some(minutes), Some(seed), Ok(codes)) = (option("--minutes", 1), option("--seed", 1), Codes::builtin()) else {
        eprintln!("error: expected --minutes N and --seed N, whole numbers");
        return ExitCode::from(2);
    };
    if corpus.is_empty() {
        eprintln!("error: no messages in {}", folder.display());
        return ExitCode::FAILURE;
    }
    let (since, mut run, mut bytes, mut good) = (Instant::now(), seed, 0, [0, 0]);
    while since.elapsed() < Duration::from_secs(minutes * 60) {
        for _ in 0..AT_ONCE {
            let mut chance = Chance(run.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
            let input = spoilt(&corpus, &mut chance);
            bytes += input.len();
            match std::panic::catch_unwind(|| check(&input, &codes)) {
                Ok(found) => good.iter_mut().zip(found).for_each(|(all, one)| *all += one),
                Err(_) => {
                    eprintln!("it failed; repeat: cargo xtask fuzz-intake --seed {run} --minutes 1");
                    return ExitCode::FAILURE;
                }
            }
            run += 1;
        }
    }
    let [by_hl7, by_fhir] = good;
    println!(
        "fuzz-intake: {} inputs, {} MB, seeds {seed} to {}; {by_hl7} were still messages, {by_fhir} still bundles; every answer could be read",
        run - seed,
        bytes >> 20,
        run - 1
    );
    ExitCode::SUCCESS
}
