//! One way to read and write every table of another system: which of its columns says which of ours, and how. What a column cannot say
//! exactly is not translated but carried, so a scheme may be short and still loses nothing.

use super::{Record, extra};
use std::collections::{BTreeMap, BTreeSet};

/// Columns of ours in a file of another system, where that has none of its own for them.
const OURS: &str = "dayclear.";
/// And what came from yet another system.
const OTHERS: &str = "dayclear.extra.";

/// How a file writes days. It is told and never guessed: 03/04 is two days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// 2022-11-20.
    Iso,
    /// 20.11.2022.
    Dots,
    /// 20/11/2022.
    DayFirst,
    /// 11/20/2022.
    MonthFirst,
}

impl Style {
    /// A day of this style as ISO text.
    fn read(self, text: &str) -> Option<String> {
        let (sign, places) = match self {
            Style::Iso => ('-', [0, 1, 2]),
            Style::Dots => ('.', [2, 1, 0]),
            Style::DayFirst => ('/', [2, 1, 0]),
            Style::MonthFirst => ('/', [2, 0, 1]),
        };
        let parts: Vec<&str> = text.split(sign).collect();
        let [a, b, c] = parts[..] else { return None };
        let parts = [a, b, c];
        let [year, month, day] = places.map(|place| parts[place]);
        let iso = format!("{year}-{month:0>2}-{day:0>2}");
        iso.parse::<dayclear_core::time::CivilDate>().ok().map(|day| day.to_string())
    }

    /// An ISO day in this style.
    fn write(self, iso: &str) -> Option<String> {
        let mut parts = iso.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        Some(match self {
            Style::Iso => iso.to_owned(),
            Style::Dots => format!("{day}.{month}.{year}"),
            Style::DayFirst => format!("{day}/{month}/{year}"),
            Style::MonthFirst => format!("{month}/{day}/{year}"),
        })
    }
}

/// How a column says what ours says.
#[derive(Clone, Copy, Debug)]
pub enum Coding {
    /// In the same words.
    Words,
    /// A day in the style of the file.
    Day,
    /// A day that is always ISO, with a time that says nothing.
    Stamp,
    /// By codes: ours, theirs.
    Codes(&'static [(&'static str, &'static str)]),
}

impl Coding {
    fn read(self, cell: &str, style: Style) -> Option<String> {
        match self {
            Coding::Words => Some(cell.to_owned()),
            Coding::Day => style.read(cell),
            Coding::Stamp => Style::Iso.read(cell.strip_suffix("T00:00:00.000Z")?),
            Coding::Codes(codes) => {
                codes.iter().find(|(_, theirs)| *theirs == cell).map(|(ours, _)| (*ours).to_owned())
            }
        }
    }
    fn write(self, value: &str, style: Style) -> Option<String> {
        match self {
            Coding::Words => Some(value.to_owned()),
            Coding::Day => style.write(value),
            Coding::Stamp => Some(format!("{value}T00:00:00.000Z")),
            Coding::Codes(codes) => {
                codes.iter().find(|(ours, _)| *ours == value).map(|(_, theirs)| (*theirs).to_owned())
            }
        }
    }
}

/// A table of another system.
#[derive(Debug)]
pub struct Scheme {
    /// Name of the system, in front of columns that are carried.
    pub system: &'static str,
    /// Its columns in order: name, ours, how.
    pub columns: &'static [(&'static str, Option<&'static str>, Coding)],
    /// Columns of ours, the first of which every row must have.
    pub ours: &'static [&'static str],
    /// Rows before the header: the name of the entity of each column.
    pub entity: Option<&'static str>,
    /// Column of its own for everything else, in the form of [`extra::pack`].
    pub rest: Option<&'static str>,
}

/// A table: its header, and its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grid {
    /// Names of the columns.
    pub header: Vec<String>,
    /// Cells.
    pub rows: Vec<Vec<String>>,
}

/// Why a table cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// There is no header.
    #[error("the table is empty; expected a row with the names of its columns")]
    NoHeader,
    /// A row is longer or shorter than the header.
    #[error("row {row} has {found} cells; expected {expected}, as many as the header")]
    Ragged {
        /// Row, from 1 below the header.
        row: usize,
        /// Cells of the header.
        expected: usize,
        /// Cells of the row.
        found: usize,
    },
    /// A row does not say what it is about.
    #[error("row {row} has no {column}; give it one")]
    NoKey {
        /// Row, from 1 below the header.
        row: usize,
        /// Column of ours.
        column: &'static str,
    },
    /// What stands in the column for everything else cannot be read.
    #[error("row {row}: {column} is no list of name=value, separated by ';', each name once")]
    NoExtra {
        /// Row, from 1 below the header.
        row: usize,
        /// Column.
        column: &'static str,
    },
}

/// A table as it was written, and what it has no place for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The table.
    pub grid: Grid,
    /// Columns that the other system does not know: of ours, or of yet another.
    pub additional: Vec<String>,
}

/// Names of columns, each once: the second of a name is `NAME#2`.
fn numbered(names: &[String]) -> Vec<String> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut all = Vec::with_capacity(names.len());
    for name in names {
        let n = *seen.entry(name).and_modify(|n| *n += 1).or_insert(1);
        all.push(if n == 1 { name.clone() } else { format!("{name}#{n}") });
    }
    all
}

impl Scheme {
    fn column(&self, name: &str) -> Option<(&'static str, Coding)> {
        let (_, ours, coding) = self.columns.iter().find(|(theirs, ..)| *theirs == name)?;
        Some(((*ours)?, *coding))
    }

    /// Reads the rows of a file. `labels` says which API name a label of its header stands for, where it has labels in a language.
    /// Rows of comments (beginning with `##`) and the row of entities are passed over.
    pub fn read(
        &self,
        rows: &[Vec<String>],
        style: Style,
        labels: &BTreeMap<String, String>,
    ) -> Result<Vec<Record>, Fault> {
        let comment = |row: &&Vec<String>| row.first().is_some_and(|cell| cell.starts_with("##"));
        let mut rows = rows.iter().filter(|row| !comment(row));
        if self.entity.is_some() {
            rows.next();
        }
        let header = rows.next().filter(|row| !row.is_empty()).ok_or(Fault::NoHeader)?;
        let named: Vec<String> = header.iter().map(|label| labels.get(label).unwrap_or(label).clone()).collect();
        let names = numbered(&named);
        let mut records = Vec::new();
        for (n, row) in rows.enumerate() {
            if row.len() != names.len() {
                return Err(Fault::Ragged { row: n + 1, expected: names.len(), found: row.len() });
            }
            let mut record = Record::default();
            for (name, cell) in names.iter().zip(row).filter(|(_, cell)| !cell.is_empty()) {
                self.take(&mut record, name, cell, style).map_err(|column| Fault::NoExtra { row: n + 1, column })?;
            }
            let key = self.ours.first().copied().unwrap_or_default();
            if !record.fields.contains_key(key) {
                return Err(Fault::NoKey { row: n + 1, column: key });
            }
            records.push(record);
        }
        Ok(records)
    }

    fn take(&self, record: &mut Record, name: &str, cell: &str, style: Style) -> Result<(), &'static str> {
        if let Some(rest) = self.rest.filter(|rest| *rest == name) {
            record.extra.extend(extra::unpack(cell).ok_or(rest)?);
            return Ok(());
        }
        if let Some(other) = name.strip_prefix(OTHERS) {
            record.extra.insert(other.to_owned(), cell.to_owned());
            return Ok(());
        }
        let ours = name.strip_prefix(OURS).and_then(|name| self.ours.iter().find(|ours| **ours == name));
        if let Some(ours) = ours {
            record.fields.insert(ours, cell.to_owned());
            return Ok(());
        }
        if let Some((ours, coding)) = self.column(name)
            && let Some(value) = coding.read(cell, style)
            && coding.write(&value, style).as_deref() == Some(cell)
            && !record.fields.contains_key(ours)
        {
            record.fields.insert(ours, value);
            return Ok(());
        }
        record.extra.insert(format!("{}.{name}", self.system), cell.to_owned());
        Ok(())
    }

    /// Writes records as a table of the other system.
    pub fn write(&self, records: &[Record], style: Style, labels: &BTreeMap<String, String>) -> Written {
        let own = format!("{}.", self.system);
        let cells: Vec<BTreeMap<String, String>> =
            records.iter().map(|record| self.cells(record, style, &own)).collect();
        let known: Vec<&str> = self.columns.iter().map(|(name, ..)| *name).chain(self.rest).collect();
        let others: BTreeSet<&String> =
            cells.iter().flat_map(BTreeMap::keys).filter(|name| !known.contains(&name.as_str())).collect();
        let names: Vec<String> =
            known.iter().map(|name| (*name).to_owned()).chain(others.into_iter().cloned()).collect();
        let back: BTreeMap<&str, &str> = labels.iter().map(|(label, name)| (name.as_str(), label.as_str())).collect();
        let header: Vec<String> = names
            .iter()
            .map(|name| {
                let bare =
                    name.rsplit_once('#').filter(|(_, n)| n.bytes().all(|b| b.is_ascii_digit()) && !n.is_empty());
                let bare = bare.map_or(name.as_str(), |(bare, _)| bare);
                back.get(bare).copied().unwrap_or(bare).to_owned()
            })
            .collect();
        let rows = cells
            .into_iter()
            .map(|mut row| names.iter().map(|name| row.remove(name).unwrap_or_default()).collect())
            .collect();
        let additional = names.iter().filter(|name| name.starts_with(OURS)).cloned().collect();
        Written { grid: Grid { header, rows }, additional }
    }

    fn cells(&self, record: &Record, style: Style, own: &str) -> BTreeMap<String, String> {
        let mut cells: BTreeMap<String, String> = BTreeMap::new();
        let mut rest: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in &record.extra {
            match (name.strip_prefix(own), self.rest) {
                (Some(column), None) => {
                    cells.insert(column.to_owned(), value.clone());
                }
                (_, Some(_)) => {
                    rest.insert(name.clone(), value.clone());
                }
                (None, None) => {
                    cells.insert(format!("{OTHERS}{name}"), value.clone());
                }
            }
        }
        for (ours, value) in &record.fields {
            let column = self.columns.iter().find(|(_, of, _)| of == &Some(*ours));
            let said = column.and_then(|(name, _, coding)| {
                let cell = coding.write(value, style)?;
                (coding.read(&cell, style).as_ref() == Some(value) && !cells.contains_key(*name))
                    .then_some((*name, cell))
            });
            match said {
                Some((name, cell)) => cells.insert(name.to_owned(), cell),
                None => cells.insert(format!("{OURS}{ours}"), value.clone()),
            };
        }
        if let Some(column) = self.rest.filter(|_| !rest.is_empty()) {
            cells.insert(column.to_owned(), extra::pack(&rest));
        }
        cells
    }

    /// The rows of a file: those before the header, the header, and the table.
    pub fn rows(&self, written: &Grid) -> Vec<Vec<String>> {
        let entity = self.entity.map(|entity| written.header.iter().map(|_| entity.to_owned()).collect());
        entity.into_iter().chain([written.header.clone()]).chain(written.rows.iter().cloned()).collect()
    }
}
