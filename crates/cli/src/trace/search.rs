//! The exposure search on files: the visits are read twice and never held. The first reading checks every row and keeps
//! the visits of the cases; the second keeps what touches their places and times. Memory grows with what is found, not
//! with the file.

use anyhow::{Context, Result, bail};
use dayclear_engines::tracing::exposures::{Contact, ExposureError, Presence, Search, Visits, Window, exposures};
use dayclear_tabular::{
    Fault,
    spans::{Asks, Faults, Names, Scan, SpanColumns, SpanFile, Take, moment_text},
};
use std::path::Path;

/// Columns of a file of visits.
const VISITS: SpanColumns = SpanColumns { names: ["person", "place", "from", "to"], open_end: true };
/// Columns of a file of cases.
const CASES: SpanColumns = SpanColumns { names: ["case", "person", "from", "to"], open_end: false };

/// Rows of a file: received = used + aside.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Counts {
    /// Name of the file.
    pub file: String,
    /// Rows in it.
    pub received: u64,
    /// Rows that were used.
    pub used: u64,
    /// Rows that could not be used and are listed.
    pub aside: u64,
}

/// What was found.
pub struct Found {
    /// Contacts in the order of the texts of case, person, place.
    pub contacts: Vec<Contact>,
    /// Names of the numbers in them.
    pub cases: Ranked,
    pub people: Ranked,
    pub places: Ranked,
    /// Cases and visits, counted.
    pub counts: [Counts; 2],
    /// Rows aside, those of the cases first.
    pub faults: Vec<Fault>,
}

/// Names in the order of their texts.
pub struct Ranked {
    names: Names,
    sorted: Vec<u32>,
}

impl Ranked {
    /// Also gives the rank of each number.
    fn new(names: Names) -> (Self, Vec<u32>) {
        let sorted = names.sorted();
        let mut ranks = vec![0; names.len()];
        for (rank, number) in sorted.iter().enumerate() {
            ranks[*number as usize] = rank as u32;
        }
        (Ranked { names, sorted }, ranks)
    }
    /// The name with a rank.
    pub fn name(&self, rank: u32) -> &[u8] {
        self.sorted.get(rank as usize).map_or(&[], |number| self.names.name(*number))
    }
}

/// Searches. `watch` is told the step and its share done.
pub fn search(visits: &Path, cases: &Path, search: Search, watch: &(dyn Fn(&str, f64) + Sync)) -> Result<Found> {
    let case_file = SpanFile::open(cases, CASES)?;
    let visit_file = SpanFile::open(visits, VISITS)?;
    let size = || std::fs::metadata(visits).map(|about| (about.len(), about.modified().ok()));
    let before = size()?;

    let scan = case_file.scan(1, Faults::List, Rows::default, &|_| {})?;
    let (case_counts, mut faults) = counts(&case_file, &scan);
    let (mut case_names, mut people, mut windows) = (Names::new(), Names::new(), Vec::new());
    for rows in scan.parts {
        let (cases, own) = (merge(&rows.first, &mut case_names)?, merge(&rows.second, &mut people)?);
        windows.extend(rows.rows.iter().map(|&(case, person, from, to)| Window {
            case: cases[case as usize],
            person: own[person as usize],
            from,
            to: to.unwrap_or(from),
        }));
    }
    let base = windows.iter().filter(|window| window.from < window.to).map(|window| window.from).min().unwrap_or(0);

    let make = || OfPeople { people: &people, rows: Rows::default() };
    let scan = visit_file.scan(search.threads, Faults::List, make, &|share| watch("reading", share))?;
    let (visit_counts, more) = counts(&visit_file, &scan);
    faults.extend(more);
    let mut places = Names::new();
    let mut visits_of_cases = Visits::new(base);
    let parts: Vec<Rows> = scan.parts.into_iter().map(|part| part.rows).collect();
    for rows in parts {
        let (first, second) = (merge(&rows.first, &mut people)?, merge(&rows.second, &mut places)?);
        for &(person, place, from, to) in &rows.rows {
            visits_of_cases.push(first[person as usize], second[place as usize], from, to);
        }
    }
    let presence = Presence::of(&visits_of_cases, &windows).map_err(|error| name_the_case(error, &case_names))?;
    drop(visits_of_cases);

    let make = || Touching { places: &places, presence: &presence, rows: Rows::default() };
    let scan = visit_file.scan(search.threads, Faults::PassOver, make, &|share| watch("searching", share))?;
    if size()? != before {
        bail!("{} changed while it was read; run this again when nobody writes to it", visit_file.name());
    }
    watch("comparing", 0.0);
    let mut parts = Vec::with_capacity(scan.parts.len());
    for Touching { rows, .. } in scan.parts {
        let first = merge(&rows.first, &mut people)?;
        let second: Vec<u32> = numbers(&rows.second).filter_map(|place| places.get(place)).collect();
        parts.push((first, second, rows.rows));
    }
    // From here on everything is numbered in the order of its text, which is the order of the answer.
    let ((case_names, case_ranks), (people, person_ranks)) = (Ranked::new(case_names), Ranked::new(people));
    let (places, place_ranks) = Ranked::new(places);
    let mut touching = Visits::with_capacity(base, parts.iter().map(|part| part.2.len()).sum());
    for (first, second, rows) in parts {
        for (person, place, from, to) in rows {
            let (person, place) = (first[person as usize], second[place as usize]);
            touching.push(person_ranks[person as usize], place_ranks[place as usize], from, to);
        }
    }
    for window in &mut windows {
        window.case = case_ranks[window.case as usize];
        window.person = person_ranks[window.person as usize];
    }
    let contacts = exposures(&touching, &windows, search)?;
    Ok(Found { contacts, cases: case_names, people, places, counts: [case_counts, visit_counts], faults })
}

/// Rows of one part of a file, their identifiers numbered within it.
#[derive(Default)]
struct Rows {
    first: Names,
    second: Names,
    rows: Vec<(u32, u32, i64, Option<i64>)>,
}

impl Take for Rows {
    const ASKS: Asks = Asks::Nothing;
    fn wants(&mut self, _: &[u8]) -> bool {
        true
    }
    fn take(&mut self, first: &[u8], second: &[u8], from: i64, to: Option<i64>) {
        // A part has fewer rows than there are numbers.
        if let (Some(first), Some(second)) = (self.first.number(first), self.second.number(second)) {
            self.rows.push((first, second, from, to));
        }
    }
}

/// Keeps the rows of some people.
struct OfPeople<'n> {
    people: &'n Names,
    rows: Rows,
}

impl Take for OfPeople<'_> {
    const ASKS: Asks = Asks::First;
    #[inline]
    fn wants(&mut self, person: &[u8]) -> bool {
        self.people.get(person).is_some()
    }
    fn take(&mut self, person: &[u8], place: &[u8], from: i64, to: Option<i64>) {
        self.rows.take(person, place, from, to);
    }
}

/// Keeps the rows that touch a case.
struct Touching<'n> {
    places: &'n Names,
    presence: &'n Presence,
    rows: Rows,
}

impl Take for Touching<'_> {
    const ASKS: Asks = Asks::Second;
    #[inline]
    fn wants(&mut self, place: &[u8]) -> bool {
        self.places.get(place).is_some()
    }
    fn take(&mut self, person: &[u8], place: &[u8], from: i64, to: Option<i64>) {
        if self.places.get(place).is_some_and(|place| self.presence.touched_by(place, from, to)) {
            self.rows.take(person, place, from, to);
        }
    }
}

fn numbers(names: &Names) -> impl Iterator<Item = &[u8]> {
    (0..names.len() as u32).map(|number| names.name(number))
}

/// The numbers of a part's names among all; new ones are added.
fn merge(part: &Names, all: &mut Names) -> Result<Vec<u32>> {
    let found: Option<Vec<u32>> = numbers(part).map(|name| all.number(name)).collect();
    found.context("there are more than four billion different identifiers; split the files by district")
}

fn counts<T>(file: &SpanFile, scan: &Scan<T>) -> (Counts, Vec<Fault>) {
    let (received, aside) = (scan.received, scan.faults.len() as u64);
    (Counts { file: file.name().to_owned(), received, used: received - aside, aside }, scan.faults.clone())
}

/// The error in the words of the file.
fn name_the_case(error: ExposureError, cases: &Names) -> anyhow::Error {
    match error {
        ExposureError::WindowOutside { case, from, to, base } => {
            let shown = |at| moment_text(at, 0).unwrap_or_else(|| format!("second {at}"));
            anyhow::anyhow!(
                "case '{}': its window from {} to {} reaches more than 136 years from the first window ({}); correct it",
                String::from_utf8_lossy(cases.name(case)),
                shown(from),
                shown(to),
                shown(base)
            )
        }
        other => other.into(),
    }
}
