//! What a person sees on the way: a progress bar on the terminal, tables, files. Nothing is drawn when nobody watches.

use anyhow::{Context, Result};
use dayclear_core::time::Zone;
use dayclear_ops::folder::Sheet;
use dayclear_papers as papers;
use dayclear_tabular::{Format as FileFormat, Value, WriteError, Writer};
use indicatif::{ProgressBar, ProgressStyle};
use std::{
    fs::File,
    io::{BufWriter, IsTerminal, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

/// How an answer is printed.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Table,
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
}

/// A bar that shows the step and its share done; silent when standard error is not a terminal.
pub fn bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(1000);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg:14} {bar:30} {percent:>3} % {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// A watch that moves a bar.
pub fn watch(bar: &ProgressBar) -> impl FnMut(&str, Option<f64>) + Send + use<> {
    let bar = bar.clone();
    move |step, share| {
        bar.set_message(step.to_owned());
        bar.set_position((share.unwrap_or(0.0).clamp(0.0, 1.0) * 1000.0) as u64);
    }
}

/// Writes a file whole or not at all: beside it first, then in its place.
pub fn write_file(path: &Path, text: &str) -> Result<()> {
    let beside = path.with_extension("partial");
    std::fs::write(&beside, text)
        .and_then(|()| std::fs::rename(&beside, path))
        .with_context(|| format!("{} cannot be written; check the folder and the space on its disk", path.display()))
}

/// A CSV file under way: texts as they are given, formulas made harmless.
pub struct CsvFile {
    writer: Writer<BufWriter<File>>,
}

impl CsvFile {
    /// Begins a file with its header.
    pub fn create(path: &Path, columns: &[&str]) -> Result<Self, WriteError> {
        let output = BufWriter::with_capacity(1 << 18, File::create(path)?);
        // every value is written as text, so no zone is ever asked for
        let zone = Zone::named("UTC").map_err(|error| std::io::Error::other(error.to_string()))?;
        Ok(CsvFile { writer: Writer::new(FileFormat::Csv, output, "table", columns, &zone)? })
    }

    /// Writes a row.
    pub fn row<S: AsRef<str>>(&mut self, cells: &[S]) -> Result<(), WriteError> {
        let values: Vec<Value<'_>> = cells.iter().map(|cell| Value::Text(cell.as_ref())).collect();
        self.writer.row(&values)
    }

    /// Ends the file.
    pub fn finish(self) -> Result<(), WriteError> {
        self.writer.finish().map(|_| ())
    }
}

/// A table as CSV text for standard output, by the same rules as in a file, but without a byte order mark: it goes to a
/// program and not to a spreadsheet.
pub fn csv_text<S: AsRef<str>>(columns: &[&str], rows: &[Vec<S>]) -> Result<String> {
    let zone = Zone::named("UTC")?;
    let mut writer = Writer::new(FileFormat::Csv, Vec::new(), "table", columns, &zone)?;
    for row in rows {
        writer.row(&row.iter().map(|cell| Value::Text(cell.as_ref())).collect::<Vec<_>>())?;
    }
    let text = String::from_utf8(writer.finish()?.1)?;
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

/// Prints a table in the form that was asked for. As JSON it is a list of objects under a name; numbers stay numbers.
pub fn table(
    format: Format,
    name: &str,
    columns: &[&str],
    rows: &[Vec<String>],
    more: serde_json::Value,
) -> Result<()> {
    match format {
        Format::Table => println!("{}", papers::text_table(columns, rows)),
        Format::Csv => print!("{}", csv_text(columns, rows)?),
        Format::Json => {
            let cell = |text: &String| match text.parse::<f64>() {
                Ok(number) if number.is_finite() => serde_json::from_str(text).unwrap_or_else(|_| number.into()),
                _ if text.is_empty() => serde_json::Value::Null,
                _ => text.as_str().into(),
            };
            let row = |row: &Vec<String>| {
                columns.iter().zip(row).map(|(column, text)| ((*column).to_owned(), cell(text))).collect()
            };
            let mut object = serde_json::Map::new();
            object.insert(name.to_owned(), rows.iter().map(row).map(serde_json::Value::Object).collect());
            if let serde_json::Value::Object(more) = more {
                object.extend(more);
            }
            println!("{}", serde_json::Value::Object(object));
        }
    }
    Ok(())
}

/// Exit code when the reader of standard output has gone: 128 and the number of SIGPIPE, as a shell shows it for any
/// program that this ends.
const NOBODY_READS: i32 = 141;

/// Prints to standard output. When its reader has gone (`dayclear books ... | head -1`), the program ends in silence:
/// everything is stored by then, and nobody is there to be told.
pub fn say(text: std::fmt::Arguments<'_>) {
    let written = std::io::stdout().lock().write_fmt(text);
    match written {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(NOBODY_READS),
        Err(error) => {
            eprintln!("error: standard output cannot be written ({error}); check the space on its disk");
            std::process::exit(1)
        }
    }
}

/// A table on its way into a folder: it stands in its place once it is whole.
pub struct SheetFile {
    path: PathBuf,
    beside: PathBuf,
    file: CsvFile,
}

impl SheetFile {
    /// Begins the file of a table with its header.
    pub fn create(folder: &Path, sheet: &Sheet) -> Result<Self> {
        let path = folder.join(format!("{}.csv", sheet.name));
        let beside = path.with_extension("partial");
        let file = CsvFile::create(&beside, sheet.columns)?;
        Ok(SheetFile { path, beside, file })
    }

    /// Writes the rows of a table, or of a page of it.
    pub fn rows(&mut self, sheet: &Sheet) -> Result<()> {
        for row in &sheet.rows {
            self.file.row(row)?;
        }
        Ok(())
    }

    /// Puts the file in its place.
    pub fn finish(self) -> Result<()> {
        self.file.finish()?;
        std::fs::rename(&self.beside, &self.path)
            .with_context(|| format!("{} cannot be put in place", self.path.display()))
    }
}

/// Writes tables as CSV into a folder.
pub fn write_sheets(folder: &Path, sheets: &[Sheet]) -> Result<()> {
    for sheet in sheets {
        let mut file = SheetFile::create(folder, sheet)?;
        file.rows(sheet)?;
        file.finish()?;
    }
    Ok(())
}
