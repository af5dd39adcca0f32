//! `dayclear roster reconcile`: lists of people as files, each with the columns of `listed` or of `people`. People who share a key
//! are compared; who is one person, and of whom somebody has to look, is printed with what each field says.

use super::print;
use crate::output::{Format, csv_text, write_file};
use anyhow::Result;
use dayclear_core::{
    schema::{LISTED, PEOPLE, Table},
    time::Zone,
};
use dayclear_engines::linkage::{Compared, Identity, Linked, Normal, compare};
use dayclear_ops::intake;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

/// Rows that share one key beyond which it says nothing.
const BLOCK_MAX: usize = 50;

/// Arguments of `dayclear roster reconcile`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Lists of people, CSV or XLSX
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write the pairs into this file as CSV and print the counts alone
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// How the pairs are printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Zone of times without an offset
    #[arg(long, value_name = "ZONE", default_value = "Asia/Shanghai")]
    zone: String,
}

const COLUMNS: [&str; 12] = [
    "list",
    "entry",
    "other_list",
    "other_entry",
    "linked",
    "bits",
    "document",
    "name",
    "birth_date",
    "sex",
    "phone",
    "address",
];

/// Somebody on one of the lists.
struct Row {
    list: String,
    entry: String,
    normal: Normal,
}

/// Compares the lists.
pub fn run(arguments: &Arguments) -> Result<bool> {
    let zone = Zone::named(&arguments.zone)?;
    let (mut rows, mut passed) = (Vec::new(), 0);
    for path in &arguments.files {
        let table = intake::recognise(path, &[&LISTED, &PEOPLE])?;
        let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut reader = intake::reader(path, table, &zone)?;
        while let Some(row) = reader.next_row()? {
            match row {
                Ok(row) => rows.push(of(table, &file, &row)),
                Err(_) => passed += 1,
            }
        }
    }
    let mut blocks: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        for (_, key) in row.normal.keys() {
            blocks.entry(key).or_default().push(at);
        }
    }
    let mut pairs: BTreeSet<(usize, usize)> = BTreeSet::new();
    for block in blocks.values().filter(|block| block.len() <= BLOCK_MAX) {
        for (n, one) in block.iter().enumerate() {
            pairs.extend(block[n + 1..].iter().map(|other| (*one, *other)));
        }
    }
    let (mut lines, mut same, mut ask) = (Vec::new(), 0, 0);
    for (one, other) in &pairs {
        let compared = compare(&rows[*one].normal, &rows[*other].normal);
        match compared.linked {
            Linked::Same => same += 1,
            Linked::Ask => ask += 1,
            Linked::Different => continue,
        }
        lines.push(line(&rows[*one], &rows[*other], &compared));
    }
    match &arguments.out {
        Some(path) => write_file(path, &csv_text(&COLUMNS, &lines)?)?,
        None => print(arguments.format, &COLUMNS, &lines)?,
    }
    eprintln!(
        "{} rows read, {passed} passed over; {} pairs compared: {same} one person, {ask} to be looked at",
        rows.len(),
        pairs.len()
    );
    Ok(true)
}

fn line(one: &Row, other: &Row, compared: &Compared) -> Vec<String> {
    let mut line = vec![one.list.clone(), one.entry.clone(), other.list.clone(), other.entry.clone()];
    line.extend([compared.linked.name().to_owned(), format!("{:.1}", compared.weight)]);
    line.extend(COLUMNS[6..].iter().map(|column| {
        let part = compared.parts.iter().find(|part| part.field.name() == *column);
        part.map(|part| part.agreement.name().to_owned()).unwrap_or_default()
    }));
    line
}

fn of(table: &'static Table, file: &str, row: &dayclear_tabular::Row<'_>) -> Row {
    let text = |column: &str| table.position(column).and_then(|at| row.text(at)).map(str::to_owned);
    let sex = table.position("sex").and_then(|at| row.term(at)).and_then(|at| dayclear_core::roster::Sex::ALL.get(at));
    let identity = Identity {
        name: text("name"),
        document: text("document"),
        phone: text("phone"),
        birth_date: table.position("birth_date").and_then(|at| row.day(at)),
        sex: sex.copied(),
        division: text("division"),
        address: text("address"),
    };
    let list = match text("list") {
        Some(list) => format!("{file}:{list}"),
        None => file.to_owned(),
    };
    let entry = text("entry").or_else(|| text("person")).unwrap_or_default();
    Row { list, entry, normal: identity.normal() }
}
