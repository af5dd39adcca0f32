//! Files of spans: two identifiers and a time from, to. Hundreds of millions of rows in CSV or Parquet are read on several
//! threads and never held: each row is checked and handed to a taker of its part of the file. It guarantees that every
//! row is counted once, as taken or as a fault with its row, column, value, expectation and remedy, and that parts come
//! back in the order of the file, so nothing depends on the number of threads.

mod column;
mod columnar;
mod contact_file;
mod moment;
mod names;
mod row;
#[cfg(test)]
mod tests;
mod text;

pub use contact_file::{ContactFile, Totals};
pub use moment::{seconds, text as moment_text};
pub use names::Names;

use crate::fault::{Fault, TableError};
use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

/// Names of the four columns, and whether the end may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanColumns {
    /// First identifier, second identifier, from, to.
    pub names: [&'static str; 4],
    /// Whether an empty end means that it is not over.
    pub open_end: bool,
}

/// Takes the rows of one part of a file, in their order.
pub trait Take: Send {
    /// Which identifier a taker wants to see before the rest of a row; whatever it does not want is checked, counted and not
    /// handed on.
    const ASKS: Asks;
    /// Whether a row with this identifier can matter.
    fn wants(&mut self, identifier: &[u8]) -> bool;
    /// Takes a row: identifiers, seconds since 1970-01-01T00:00:00Z.
    fn take(&mut self, first: &[u8], second: &[u8], from: i64, to: Option<i64>);
}

/// What a taker is asked for each row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// Nothing: it takes all.
    Nothing,
    /// Whether it wants the first identifier.
    First,
    /// Whether it wants the second identifier.
    Second,
}

/// What becomes of rows that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Faults {
    /// They are listed.
    List,
    /// They are passed over: the file was read before.
    PassOver,
}

/// A file that was read.
#[derive(Debug)]
pub struct Scan<T> {
    /// What was taken of each part, in the order of the file.
    pub parts: Vec<T>,
    /// Rows in the file, without header and empty lines.
    pub received: u64,
    /// Rows that were not taken.
    pub faults: Vec<Fault>,
}

/// Most rows that are listed as faults; a file with more of them is not the file that was meant.
pub const FAULTS_MAX: usize = 1_000_000;

/// A file of spans, opened and its header understood.
#[derive(Debug)]
pub struct SpanFile {
    path: PathBuf,
    name: String,
    columns: SpanColumns,
    body: Body,
}

#[derive(Debug)]
enum Body {
    Text(text::Layout),
    Columnar(columnar::Layout),
}

/// What a part gives back.
struct Part<T> {
    taken: T,
    received: u64,
    /// Rows or lines in the part, by which the numbers of later parts move on.
    rows: u64,
    faults: Vec<Fault>,
}

impl SpanFile {
    /// Opens a file and reads its header. Parquet is known by its first bytes, everything else is read as CSV.
    pub fn open(path: &Path, columns: SpanColumns) -> Result<Self, TableError> {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let io = |source| TableError::Io { file: name.clone(), source };
        let mut file = File::open(path).map_err(io)?;
        let length = file.metadata().map_err(io)?.len();
        let body = if columnar::is_parquet(&mut file).map_err(io)? {
            Body::Columnar(columnar::Layout::read(path, &name, columns)?)
        } else {
            Body::Text(text::Layout::read(&mut file, length, &name, columns)?)
        };
        Ok(SpanFile { path: path.to_owned(), name, columns, body })
    }

    /// Name of the file, without its folder.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Reads the whole file on `threads` threads. `make` makes a taker for each part; `watch` is told the share done.
    pub fn scan<T: Take>(
        &self,
        threads: usize,
        faults: Faults,
        make: impl Fn() -> T + Sync,
        watch: &(dyn Fn(f64) + Sync),
    ) -> Result<Scan<T>, TableError> {
        let parts = match &self.body {
            Body::Text(layout) => layout.parts(),
            Body::Columnar(layout) => layout.parts(),
        };
        let found = in_parts(parts, threads, watch, || {
            let mut reader = match &self.body {
                Body::Text(layout) => Reading::Text(layout.reader(self)?),
                Body::Columnar(layout) => Reading::Columnar(layout.reader(self)?),
            };
            let make = &make;
            Ok(move |part: usize| match &mut reader {
                Reading::Text(reader) => reader.part(part, faults, make()),
                Reading::Columnar(reader) => reader.part(part, faults, make()),
            })
        })?;
        let mut scan = Scan { parts: Vec::with_capacity(found.len()), received: 0, faults: Vec::new() };
        let mut rows = match &self.body {
            Body::Text(layout) => layout.first_row(),
            Body::Columnar(_) => 1,
        };
        for mut part in found {
            part.faults.iter_mut().for_each(|fault| fault.row += rows);
            rows += part.rows;
            scan.received += part.received;
            scan.faults.append(&mut part.faults);
            scan.parts.push(part.taken);
            if scan.faults.len() > FAULTS_MAX {
                return Err(self.too_many(&scan.faults[0]));
            }
        }
        Ok(scan)
    }

    fn too_many(&self, first: &Fault) -> TableError {
        TableError::Damaged {
            file: self.name.clone(),
            part: "its rows".to_owned(),
            what: format!("more than {FAULTS_MAX} rows cannot be used, the first: {first}"),
        }
    }
}

enum Reading<'f> {
    Text(text::Reader<'f>),
    Columnar(columnar::Reader<'f>),
}

/// Computes parts on threads, each with a worker of its own, and gives them in order; the first error ends it.
fn in_parts<T: Send, W: FnMut(usize) -> Result<T, TableError>>(
    parts: usize,
    threads: usize,
    watch: &(dyn Fn(f64) + Sync),
    worker: impl Fn() -> Result<W, TableError> + Sync,
) -> Result<Vec<T>, TableError> {
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let done: Mutex<Vec<(usize, T)>> = Mutex::new(Vec::with_capacity(parts));
    let work = || -> Result<(), TableError> {
        let mut worker = worker()?;
        while !stop.load(Ordering::Relaxed) {
            let part = next.fetch_add(1, Ordering::Relaxed);
            if part >= parts {
                break;
            }
            let result = worker(part).inspect_err(|_| stop.store(true, Ordering::Relaxed))?;
            let mut done = done.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            done.push((part, result));
            watch(done.len() as f64 / parts as f64);
        }
        Ok(())
    };
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads.clamp(1, parts.max(1))).map(|_| scope.spawn(work)).collect();
        let mut outcome = work();
        for other in others {
            let theirs = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            outcome = outcome.and(theirs);
        }
        outcome
    })?;
    let mut done = done.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    done.sort_unstable_by_key(|(part, _)| *part);
    Ok(done.into_iter().map(|(_, result)| result).collect())
}
