//! From a row of a file to the values of a table: what a row refers to is looked up, what it says is compared with what
//! is known under its key, and it becomes new, changed, the same, or doubtful. Runs on the reading thread.

use crate::{
    OpsError,
    references::{Entry, References, minute_of},
};
use dayclear_core::{
    divisions::DivisionCode,
    schema::{Kind, Table},
    time::Instant,
};
use dayclear_store::{
    landing::{Doubt, Known, RowValues},
    value::Value,
};
use dayclear_tabular::{Cell, Code, RAW_CHARS, Reader, Row};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use texts::{digest, latest, value};
use tokio::sync::mpsc::Sender;

mod checks;
mod texts;

pub use texts::{Only, key, write};

/// Rows in one batch.
const ROWS_PER_BATCH: u64 = 5_000;

/// Bytes of rows in one batch: several batches are on their way at a time, and a row may be long.
const BYTES_PER_BATCH: usize = 2 << 20;

/// How much of a file is taken at a time.
#[derive(Debug)]
pub(crate) struct Portion {
    rows: u64,
    bytes: usize,
    rows_max: u64,
}

impl Default for Portion {
    fn default() -> Self {
        Portion::of(ROWS_PER_BATCH)
    }
}

impl Portion {
    /// So many rows at most.
    pub(crate) fn of(rows_max: u64) -> Portion {
        Portion { rows: 0, bytes: 0, rows_max }
    }
    /// Counts a row of so many bytes.
    pub(crate) fn add(&mut self, bytes: usize) {
        self.rows += 1;
        self.bytes += bytes;
    }
    pub(crate) fn full(&self) -> bool {
        self.rows >= self.rows_max || self.bytes >= BYTES_PER_BATCH
    }
}

/// Rows that are ready to land.
#[derive(Default)]
pub struct Batch {
    /// Values of new rows, one after the other.
    pub created: Vec<Value<'static>>,
    /// How many new rows.
    pub created_rows: u64,
    /// Changed rows, each with the doubt it becomes if a fixed column stands against it.
    pub changes: Vec<(RowValues, Doubt)>,
    /// Values of people who were sampled and are not on the roster.
    pub strangers: Vec<Value<'static>>,
    /// Rows kept aside.
    pub doubts: Vec<Doubt>,
    /// Rows read.
    pub read: u64,
    /// Rows that are there already.
    pub same: u64,
    /// Rows of which a value cannot be taken.
    pub doubtful: u64,
    /// Rows that are no rows: torn, too long, not closed.
    pub rejected: u64,
    /// Bytes of the file behind us.
    pub bytes: u64,
    /// The latest moment that a row tells of.
    pub latest: Option<Instant>,
}

impl Batch {
    /// Whether everything in it is new, and all that it names is known: nothing that is added meanwhile makes any of it wrong.
    pub(crate) fn is_new(&self) -> bool {
        let aside = self.doubtful + self.rejected + self.same;
        self.created_rows == self.read && aside == 0 && self.changes.is_empty() && self.strangers.is_empty()
    }
}

/// Takes the rows of one file.
pub struct Taker {
    table: &'static Table,
    source: String,
    known: Known,
    references: References,
    next_person: i64,
    next_tube: i64,
    skip: u64,
    seen: u64,
    bytes: u64,
    trial: bool,
    list: String,
    position: i64,
    links: Option<HashSet<(i64, i64)>>,
    terms: HashMap<&'static str, Arc<str>>,
    only: Vec<Only>,
    rows_max: u64,
}

/// What is wrong with a row that reads well: column, value, expected, remedy.
type Wrong = (&'static str, String, &'static str, &'static str);

impl Taker {
    /// A taker that passes over the first `skip` rows: they landed before the run was cut off.
    pub fn new(
        table: &'static Table,
        source: &str,
        known: Known,
        references: References,
        [people, tubes]: [i64; 2],
        skip: u64,
    ) -> Self {
        Taker {
            table,
            source: source.to_owned(),
            known,
            references,
            next_person: people + 1,
            next_tube: tubes + 1,
            skip,
            seen: 0,
            bytes: 0,
            trial: false,
            list: String::new(),
            position: 0,
            links: None,
            terms: HashMap::new(),
            only: Vec::new(),
            rows_max: ROWS_PER_BATCH,
        }
    }

    /// Takes so many rows at a time.
    pub(crate) fn at_once(&mut self, rows_max: u64) {
        self.rows_max = rows_max;
    }

    /// The table of links is empty, so doubles can only be in the file itself: they are found here, and the rest lands by
    /// the fastest path.
    pub fn fresh_links(&mut self) {
        self.links = Some(HashSet::new());
    }

    /// Takes rows only where these columns hold what the giver may speak of.
    pub fn only(&mut self, only: Vec<Only>) {
        self.only = only;
    }

    /// Nothing lands, so what the file said before has to be remembered here.
    pub(crate) fn trial(&mut self, trial: bool) {
        self.trial = trial;
    }

    /// Names the line list that the rows belong to.
    pub fn name_list(&mut self, list: &str) {
        list.clone_into(&mut self.list);
    }

    /// Whether the table is a line list: its keys hold within the list only.
    fn listed(&self) -> bool {
        matches!(self.table.name, "linelist" | "linelist_contacts")
    }

    /// Reads to the end and sends batches. Gives the references back, grown by what was read.
    pub fn read(self, rows: Reader, batches: &Sender<Batch>) -> Result<References, OpsError> {
        self.read_into(rows, &mut |batch| batches.blocking_send(batch).is_ok())
    }

    /// Reads to the end and hands batches over, until nobody takes them any more.
    pub fn read_into(
        mut self,
        mut rows: Reader,
        batches: &mut dyn FnMut(Batch) -> bool,
    ) -> Result<References, OpsError> {
        while let Some(batch) = self.next_batch(&mut rows)? {
            if !batches(batch) {
                // the other side has failed and says why
                break;
            }
        }
        Ok(self.references)
    }

    /// What the next rows may refer to and what of them is there, in place of what was known so far.
    pub(crate) fn know(&mut self, references: References, known: Known, [people, tubes]: [i64; 2]) {
        self.references = references;
        if self.trial {
            self.known.extend(known)
        } else {
            self.known = known
        }
        (self.next_person, self.next_tube) = (people + 1, tubes + 1);
    }

    /// Takes the next portion of rows; `None` at the end.
    pub(crate) fn next_batch(&mut self, rows: &mut Reader) -> Result<Option<Batch>, OpsError> {
        let mut batch = Batch::default();
        let mut portion = Portion::of(self.rows_max);
        while let Some(row) = rows.next_row().map_err(|error| OpsError::Table(Box::new(error)))? {
            self.seen += 1;
            let landed = self.seen <= self.skip;
            match row {
                Ok(row) => {
                    self.bytes += row.length() as u64 + 1;
                    if landed {
                        self.remember(&row);
                    } else {
                        portion.add(row.length());
                        self.take(&row, &mut batch);
                    }
                }
                Err(_) if landed => {}
                Err(fault) => {
                    portion.add(fault.raw.len());
                    if torn(fault.code) {
                        batch.rejected += 1
                    } else {
                        batch.doubtful += 1
                    }
                    batch.doubts.push(Doubt {
                        source: self.source.clone(),
                        row: fault.row,
                        column: fault.column,
                        value: fault.value,
                        expected: fault.expected,
                        remedy: fault.remedy,
                        code: fault.code.to_string(),
                        raw: fault.raw,
                        division: self.place_of(&|column| rows.said(column)),
                    });
                }
            }
            if portion.full() {
                break;
            }
        }
        (batch.read, batch.bytes) = (portion.rows, self.bytes);
        Ok(Some(batch).filter(|batch| batch.read > 0))
    }

    /// A row that landed in an earlier run still stands for what it declares.
    fn remember(&mut self, row: &Row<'_>) {
        if self.table.name == "divisions"
            && let Some(code) = row.text(0)
        {
            self.references.intern(code);
        }
    }

    fn take(&mut self, row: &Row<'_>, batch: &mut Batch) {
        match self.values(row, batch) {
            Ok(()) => {}
            Err((column, value, expected, remedy)) => {
                batch.doubtful += 1;
                batch.doubts.push(self.doubt(row, column, value, expected, remedy, "unknown_reference"));
            }
        }
    }

    fn doubt(&self, row: &Row<'_>, column: &str, value: String, expected: &str, remedy: &str, code: &str) -> Doubt {
        Doubt {
            source: self.source.clone(),
            row: row.number(),
            column: column.to_owned(),
            value,
            expected: expected.to_owned(),
            remedy: remedy.to_owned(),
            code: code.to_owned(),
            raw: row.raw().chars().take(RAW_CHARS).collect(),
            division: self.place_of(&|column| row.text(column)),
        }
    }

    /// The place that a row tells of by something known in it.
    fn place_of<'r>(&self, said: &dyn Fn(usize) -> Option<&'r str>) -> Option<DivisionCode> {
        let known = &self.references;
        let placed = |column: &str, id: &str| match column {
            "division" => known.knows_division(id).then(|| Arc::from(id)),
            "building" => known.buildings.get(id).map(|at| known.division_of(*at)),
            "household" => known.households.get(id).map(|at| known.division_of(*at)),
            "person" | "case_person" => known.people.get(id).map(|entry| known.division_of(entry.division)),
            "site" => known.sites.get(id).map(|(at, _)| known.division_of(*at)),
            "gate" => known.gates.get(id).map(|at| known.division_of(*at)),
            "tube" => known.tubes.get(id).map(|entry| known.division_of(entry.division)),
            _ => None,
        };
        let mut columns = self.table.columns.iter().enumerate();
        columns.find_map(|(at, column)| placed(column.name, said(at)?)?.parse().ok())
    }

    fn text<'r>(&self, row: &Row<'r>, column: &str) -> Option<&'r str> {
        self.table.position(column).and_then(|at| row.text(at))
    }

    /// A term as shared text: one allocation for all rows that say it.
    fn term(&mut self, term: &'static str) -> Value<'static> {
        Arc::clone(self.terms.entry(term).or_insert_with(|| term.into())).into()
    }

    fn values(&mut self, row: &Row<'_>, batch: &mut Batch) -> Result<(), Wrong> {
        self.check_references(row)?;
        batch.latest = batch.latest.max(latest(self.table, row));
        if self.table.name == "members" {
            self.link(row, batch);
            return Ok(());
        }
        let digest = digest(self.table, row);
        let mut key = key(self.table, row);
        if self.listed() {
            key = format!("{}|{key}", self.list);
            self.position += 1;
        }
        let before = match self.table.name {
            _ if self.trial && self.known.get(&key).is_some() => self.known.get(&key),
            "people" => self.references.people.get(key.as_str()).map(|entry| entry.digest),
            "tubes" => self.references.tubes.get(key.as_str()).map(|entry| entry.digest),
            _ => self.known.get(&key),
        };
        if before == Some(digest) {
            batch.same += 1;
            return Ok(());
        }
        let mut values: RowValues = Vec::with_capacity(self.table.columns.len() + 4);
        for (at, column) in self.table.columns.iter().enumerate() {
            if matches!(self.table.name, "results" | "packings" | "box_checks") && column.name == "tube" {
                let no = row.text(at).and_then(|id| self.references.tubes.get(id)).map(|entry| entry.no);
                values.push(no.into());
                continue;
            }
            if self.table.name == "statements" && column.name == "person" {
                let no = row.text(at).and_then(|id| self.references.people.get(id)).map(|entry| entry.no);
                values.push(no.into());
                continue;
            }
            values.push(match (column.kind, row.cell(at)) {
                (Kind::OneOf(terms), Cell::Term(term)) => self.term(terms[term]),
                (kind, cell) => value(kind, cell),
            });
        }
        self.declare(row, &key, digest, &mut values);
        if self.listed() {
            values.extend([self.list.clone().into(), self.position.into()]);
        }
        if self.table.key.len() > 1 || self.listed() {
            values.push(key.clone().into());
        }
        values.push(digest.into());
        if before.is_none() {
            batch.created.extend(values);
            batch.created_rows += 1;
        } else {
            let expected = "what was said before under this key: nothing that happened is written over";
            let remedy = "if it is a correction, send it as a new version; if it is another thing, give it another id";
            let doubt = self.doubt(row, self.table.key[0], key.clone(), expected, remedy, "contradiction");
            batch.changes.push((values, doubt));
        }
        if self.trial || !matches!(self.table.name, "people" | "tubes") {
            self.known.insert(&key, digest);
        }
        Ok(())
    }

    /// What a row declares for rows that come after it, and the values that follow from it.
    fn declare(&mut self, row: &Row<'_>, key: &str, digest: i64, values: &mut RowValues) {
        let column = |name| self.table.position(name).and_then(|at| row.text(at)).unwrap_or_default().to_owned();
        match self.table.name {
            "divisions" => {
                self.references.intern(key);
            }
            "buildings" => {
                let division = self.references.intern(&column("division"));
                self.references.buildings.insert(key.into(), division);
            }
            "households" => {
                let division = self.references.buildings.get(column("building").as_str()).copied().unwrap_or_default();
                self.references.households.insert(key.into(), division);
                values.push(self.references.division_of(division).into());
            }
            "people" => {
                let division =
                    self.references.households.get(column("household").as_str()).copied().unwrap_or_default();
                let no = self.number(key, true, digest, division);
                values.extend([no.into(), true.into(), self.references.division_of(division).into()]);
            }
            "tubes" => {
                let division = self.references.intern(&column("division"));
                let no = self.number(key, false, digest, division);
                let closed = self.table.position("collected_at").and_then(|at| row.moment(at));
                if let (Some(entry), Some(closed)) = (self.references.tubes.get_mut(key), closed) {
                    entry.closed_min = minute_of(closed);
                }
                values.push(no.into());
            }
            "questions" => self.references.questions.extend(checks::put(self.table, row)),
            "statements" => {
                let division = self.references.people.get(column("person").as_str()).map(|entry| entry.division);
                values.push(self.references.division_of(division.unwrap_or_default()).into());
            }
            "packings" | "box_checks" => {
                let division = self.references.tubes.get(column("tube").as_str()).map(|entry| entry.division);
                values.push(self.references.division_of(division.unwrap_or_default()).into());
            }
            "facilities" => {
                self.references.facilities.insert(key.into(), 0);
            }
            "shifts" => {
                if let Some(shift) = self.shift(row) {
                    self.references.note_shift(&column("worker"), shift);
                }
            }
            "gates" => {
                let division = self.references.intern(&column("division"));
                self.references.gates.insert(key.into(), division);
            }
            "vehicles" => {
                self.references.vehicles.insert(key.into(), 0);
            }
            "laboratories" => {
                self.references.laboratories.insert(key.into(), 0);
            }
            _ => {}
        }
    }

    /// The number of a person or a tube: the one it has, or the next.
    fn number(&mut self, id: &str, person: bool, digest: i64, division: u32) -> i64 {
        let (map, next) = if person {
            (&mut self.references.people, &mut self.next_person)
        } else {
            (&mut self.references.tubes, &mut self.next_tube)
        };
        let entry = map.entry(id.into()).or_insert_with(|| {
            *next += 1;
            Entry { no: *next - 1, digest, division, closed_min: 0 }
        });
        entry.digest = digest;
        entry.division = division;
        entry.no
    }

    /// A member of a tube. Somebody who is not on the roster is kept as a stranger: a positive must not be lost because a
    /// list is incomplete.
    fn link(&mut self, row: &Row<'_>, batch: &mut Batch) {
        let (Some(tube), Some(person)) = (self.text(row, "tube"), self.text(row, "person")) else { return };
        let Some(tube) = self.references.tubes.get(tube).copied() else { return };
        let no = match self.references.people.get(person) {
            Some(entry) => entry.no,
            None => {
                let person = person.to_owned();
                let no = self.number(&person, true, 0, tube.division);
                let nothing = || Value::Text(None);
                batch.strangers.extend([person.into(), nothing(), nothing(), nothing(), nothing(), nothing()]);
                batch.strangers.extend([Value::Day(None), nothing(), nothing(), nothing(), nothing()]);
                let division = self.references.division_of(tube.division);
                batch.strangers.extend([no.into(), false.into(), division.into(), 0i64.into()]);
                no
            }
        };
        if self.links.as_mut().is_some_and(|links| !links.insert((tube.no, no))) {
            batch.same += 1;
            return;
        }
        batch.created.extend([tube.no.into(), no.into()]);
        batch.created_rows += 1;
    }
}

/// Whether a row is no row: torn, not closed, not text. Nothing of it can be used, but it is kept and counted.
fn torn(code: Code) -> bool {
    use Code::*;
    matches!(code, BadEncoding | NulByte | RaggedRow | OpenQuote | StrayQuote | TooLong)
}
