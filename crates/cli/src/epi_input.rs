//! Series of the analytics from CSV files: a count for every day, by unit where there is one, and serial intervals. It reads
//! by name of column, refuses gaps, and answers what it cannot take with file, row, column, value and expectation.

use anyhow::{Context, Result, bail};
use dayclear_core::time::CivilDate;
use dayclear_engines::epi::Serial;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// A CSV file in memory.
pub struct Sheet {
    path: PathBuf,
    header: Vec<String>,
    rows: Vec<(u64, csv::StringRecord)>,
}

impl Sheet {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Sheet> {
        let shown = path.display();
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_path(path)
            .with_context(|| format!("{shown} cannot be read; check the name"))?;
        let header: Vec<String> =
            reader.headers()?.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect();
        let rows: Result<Vec<_>, _> =
            reader.records().map(|row| row.map(|row| (row.position().map_or(0, csv::Position::line), row))).collect();
        let rows = rows.with_context(|| format!("{shown}: expected a CSV file with as many cells in each row"))?;
        Ok(Sheet { path: path.to_owned(), header, rows })
    }

    /// Where a column stands, if it is there.
    pub fn has(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column == name)
    }

    /// Where a column stands.
    pub fn column(&self, name: &str) -> Result<usize> {
        self.has(name).with_context(|| {
            format!("{} has no column '{name}'; it has: {}", self.path.display(), self.header.join(", "))
        })
    }

    /// Where the first of some columns stands.
    pub fn one_of(&self, names: &[&str], option: &str) -> Result<usize> {
        names.iter().find_map(|name| self.has(name)).with_context(|| {
            format!(
                "{} has none of the columns {}; it has: {}. Name the one to take with {option}",
                self.path.display(),
                names.join(", "),
                self.header.join(", ")
            )
        })
    }

    /// Rows with their line.
    pub fn rows(&self) -> impl Iterator<Item = (u64, &csv::StringRecord)> {
        self.rows.iter().map(|(line, row)| (*line, row))
    }

    /// An error about a cell.
    pub fn wrong(&self, line: u64, column: usize, value: &str, expected: &str) -> anyhow::Error {
        anyhow::anyhow!(
            "{}, row {line}, column {}: '{value}', expected {expected}",
            self.path.display(),
            self.header.get(column).map_or("?", String::as_str)
        )
    }

    /// A number of 0 or more; none when the cell is empty.
    pub fn number(&self, line: u64, row: &csv::StringRecord, column: usize) -> Result<Option<f64>> {
        let text = row.get(column).unwrap_or_default();
        if text.is_empty() {
            return Ok(None);
        }
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() && value >= 0.0 => Ok(Some(value)),
            _ => Err(self.wrong(line, column, text, "a number of 0 or more; book a correction on the day it corrects")),
        }
    }

    /// A date; none when the cell is empty.
    pub fn date(&self, line: u64, row: &csv::StringRecord, column: usize) -> Result<Option<CivilDate>> {
        let text = row.get(column).unwrap_or_default();
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|_| self.wrong(line, column, text, "a date as 2022-11-20"))
    }
}

/// Where the cases are.
#[derive(clap::Args, Debug)]
pub struct Incidence {
    /// Cases by day: a CSV file with `date` (or `t`, `day`) and `incidence` (or `cases`, `total`, `local`)
    #[arg(long, value_name = "FILE", required = true)]
    incidence: Option<PathBuf>,
    /// Column of the cases
    #[arg(long, value_name = "NAME")]
    column: Option<String>,
    /// Column of the unit (a district); each has its own series
    #[arg(long, value_name = "COLUMN")]
    pub by: Option<String>,
    /// First date taken
    #[arg(long, value_name = "D", value_parser = crate::setting::date)]
    from: Option<CivilDate>,
    /// Last date taken
    #[arg(long, value_name = "D", value_parser = crate::setting::date)]
    to: Option<CivilDate>,
    /// Imported cases: a column of the file, or another file with the same days
    #[arg(long, value_name = "COLUMN or FILE")]
    imported: Option<String>,
}

/// Cases of a unit by day.
pub struct Series {
    /// Unit; empty without units.
    pub unit: String,
    /// All cases; none when the unit has no data at all.
    pub total: Option<Vec<f64>>,
    /// Of them imported; empty for none.
    pub imported: Vec<f64>,
    /// First date, when days are dates.
    pub first: Option<CivilDate>,
}

impl Series {
    /// Name of a day counted from 1.
    pub fn day(&self, day: i64) -> String {
        self.first.map_or_else(|| format!("day {day}"), |first| first.plus_days(day - 1).to_string())
    }
}

impl Incidence {
    /// The file; clap has seen to it that there is one.
    pub fn path(&self) -> &Path {
        self.incidence.as_deref().unwrap_or(Path::new(""))
    }

    /// Reads the series, by name of unit.
    pub fn read(&self) -> Result<Vec<Series>> {
        let sheet = Sheet::read(self.path())?;
        let cases = match &self.column {
            Some(name) => sheet.column(name)?,
            None => sheet.one_of(&["incidence", "cases", "total", "local"], "--column")?,
        };
        let unit = self.by.as_deref().map(|name| sheet.column(name)).transpose()?;
        let imports = match self.imported.as_deref() {
            Some(name) if sheet.has(name).is_some() => sheet.has(name),
            Some(name) if !Path::new(name).is_file() => bail!(
                "'{name}' (--imported) is neither a column of {} nor a file; its columns are: {}",
                self.path().display(),
                sheet.header.join(", ")
            ),
            _ => None,
        };
        // imported stand beside local cases, and are among all others
        let beside = sheet.header[cases] == "local";
        let mut all = self.days(&sheet, cases, unit)?;
        if let Some(column) = imports {
            for (series, other) in all.iter_mut().zip(self.days(&sheet, column, unit)?) {
                series.imported = other.total.unwrap_or_default();
            }
        } else if let Some(file) = &self.imported {
            let sheet = Sheet::read(file.as_ref())?;
            let column = sheet.one_of(&["imported", "incidence", "cases"], "a column `imported`")?;
            let unit = self.by.as_deref().map(|name| sheet.column(name)).transpose()?;
            for other in self.days(&sheet, column, unit)? {
                if let Some(series) = all.iter_mut().find(|series| series.unit == other.unit) {
                    if series.first != other.first {
                        bail!("{file} begins on another day than {}; give the same days", self.path().display());
                    }
                    series.imported = other.total.unwrap_or_default();
                }
            }
        }
        if beside {
            for series in &mut all {
                if let Some(total) = series.total.as_mut() {
                    total.iter_mut().zip(&series.imported).for_each(|(total, imported)| *total += imported);
                }
            }
        }
        Ok(all)
    }

    /// A column by unit and day. A unit whose cells are all empty has no data; a single empty cell is an error.
    fn days(&self, sheet: &Sheet, column: usize, unit: Option<usize>) -> Result<Vec<Series>> {
        let dated = sheet.has("date");
        let at = match dated {
            Some(at) => at,
            None => sheet.one_of(&["t", "day"], "a column `date`")?,
        };
        type Cell = (u64, i64, Option<f64>);
        let mut units: BTreeMap<String, Vec<Cell>> = BTreeMap::new();
        let mut origin: Option<CivilDate> = None;
        for (line, row) in sheet.rows() {
            let text = row.get(at).unwrap_or_default();
            let day = if dated.is_some() {
                let Some(date) = sheet.date(line, row, at)? else {
                    return Err(sheet.wrong(line, at, text, "a date as 2022-11-20"));
                };
                if self.from.is_some_and(|from| date < from) || self.to.is_some_and(|to| date > to) {
                    continue;
                }
                date.days_since(*origin.get_or_insert(date))
            } else {
                text.parse::<i64>().map_err(|_| sheet.wrong(line, at, text, "a whole number of a day"))?
            };
            let name = unit.and_then(|unit| row.get(unit)).unwrap_or_default().to_owned();
            units.entry(name).or_default().push((line, day, sheet.number(line, row, column)?));
        }
        if units.is_empty() {
            bail!("{} has no row of a day that is asked for", self.path().display());
        }
        let mut out = Vec::new();
        for (unit, mut cells) in units {
            cells.sort_by_key(|cell| cell.1);
            if let Some(pair) = cells.windows(2).find(|pair| pair[1].1 != pair[0].1 + 1) {
                let what = if pair[1].1 == pair[0].1 {
                    "a day once"
                } else {
                    "the next day; add the days between, with 0 where there was no case"
                };
                let row = sheet.rows().find(|(line, _)| *line == pair[1].0);
                let value = row.and_then(|(_, row)| row.get(at)).unwrap_or_default();
                return Err(sheet.wrong(pair[1].0, at, value, what));
            }
            let first = origin.map(|origin| origin.plus_days(cells[0].1));
            let known: Vec<f64> = cells.iter().filter_map(|cell| cell.2).collect();
            let total = if known.len() == cells.len() {
                Some(known)
            } else if known.is_empty() && unit.is_empty() {
                bail!(
                    "{}: the column {} is empty; name another with --column",
                    sheet.path.display(),
                    sheet.header[column]
                );
            } else if known.is_empty() {
                eprintln!("{unit} has no data; it is shown as missing");
                None
            } else {
                let line = cells.iter().find(|cell| cell.2.is_none()).map_or(0, |cell| cell.0);
                return Err(sheet.wrong(
                    line,
                    column,
                    "",
                    "a number for each day (0 is a number, empty is unknown); narrow the days with --from and --to",
                ));
            };
            out.push(Series { unit, total, imported: Vec::new(), first });
        }
        Ok(out)
    }
}

/// The serial interval.
#[derive(clap::Args, Debug)]
pub struct SerialArguments {
    /// Serial interval by lag: a CSV file with `k` (days from 0) and `w`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["si_mean", "si_sd"])]
    pub si: Option<PathBuf>,
    /// Mean serial interval, days
    #[arg(long, value_name = "M", requires = "si_sd")]
    pub si_mean: Option<f64>,
    /// Its standard deviation, days
    #[arg(long, value_name = "S", requires = "si_mean")]
    pub si_sd: Option<f64>,
}

impl SerialArguments {
    /// Mean and sd when it is parametric; the defaults of BA.5.2 and BF.7 when nothing is given.
    pub fn moments(&self) -> (f64, f64) {
        (self.si_mean.unwrap_or(2.4), self.si_sd.unwrap_or(1.2))
    }

    /// Reads or makes it.
    pub fn serial(&self, days: usize) -> Result<Serial> {
        let Some(path) = &self.si else {
            if self.si_mean.is_none() {
                eprintln!(
                    "no serial interval given; taken is a mean of 2.4 days with sd 1.2 (Omicron BA.5.2 and BF.7; sd assumed)"
                );
            }
            let (mean, sd) = self.moments();
            return Ok(Serial::from_moments(mean, sd, days)?);
        };
        let sheet = Sheet::read(path)?;
        let (lag, weight) = (sheet.one_of(&["k", "lag"], "a column `k`")?, sheet.one_of(&["w", "p"], "a column `w`")?);
        let mut weights = Vec::new();
        for (line, row) in sheet.rows() {
            let text = row.get(lag).unwrap_or_default();
            if text.parse() != Ok(weights.len()) {
                return Err(sheet.wrong(
                    line,
                    lag,
                    text,
                    &format!("the lag {}, one row for each from 0", weights.len()),
                ));
            }
            weights.push(sheet.number(line, row, weight)?.unwrap_or(0.0));
        }
        Serial::from_weights(weights).with_context(|| path.display().to_string())
    }
}
