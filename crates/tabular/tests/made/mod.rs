//! Files made for the tests, and a way to read them whole.
#![allow(dead_code, clippy::unwrap_used)] // each test file uses its part; all of it is test code

use dayclear_core::{schema::Table, time::Zone};
use dayclear_tabular::{Fault, Options, Reader, TableError, Tally};
use std::io::{Cursor, Write};
use zip::{ZipWriter, write::SimpleFileOptions};

pub fn options() -> Options {
    Options::new(Zone::named("Asia/Shanghai").unwrap())
}

/// Reads to the end: faults and counts, or why the file is not read.
pub fn answers(name: &str, bytes: Vec<u8>, table: &'static Table) -> Result<(Vec<Fault>, Tally), TableError> {
    let mut reader = Reader::new(name, Cursor::new(bytes), table, &options())?;
    let mut faults = Vec::new();
    let mut accepted = 0;
    loop {
        match reader.next_row() {
            Ok(None) => break,
            Ok(Some(Ok(row))) => {
                accepted += 1;
                for (at, column) in table.columns.iter().enumerate() {
                    assert!(!column.required || row.cell(at) != dayclear_tabular::Cell::Empty);
                    assert!(!row.text(at).is_some_and(|text| text.is_empty() || text.contains('\0')));
                }
                let _ = row.raw();
            }
            Ok(Some(Err(fault))) => faults.push(*fault),
            Err(error) => {
                assert!(reader.tally().adds_up());
                assert!(reader.next_row().unwrap().is_none(), "nothing comes after the end");
                return Err(error);
            }
        }
    }
    let tally = reader.finish();
    assert!(tally.adds_up());
    assert_eq!((tally.accepted, tally.refused), (accepted, faults.len() as u64));
    Ok((faults, tally))
}

/// Reads a file that must be readable.
pub fn read(name: &str, bytes: Vec<u8>, table: &'static Table) -> (Vec<Fault>, Tally) {
    answers(name, bytes, table).unwrap()
}

/// A workbook, part by part.
pub struct Book {
    pub sheet: String,
    pub strings: String,
    pub styles: String,
    pub properties: String,
    pub sheets: String,
    pub extra: Vec<(String, Vec<u8>)>,
}

const NAMESPACE: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const LINKS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

impl Book {
    /// A workbook with one sheet of the name `data`; `rows` is the XML of its rows.
    pub fn new(rows: &str) -> Book {
        Book {
            sheet: format!("<worksheet xmlns=\"{NAMESPACE}\"><sheetData>{rows}</sheetData></worksheet>"),
            strings: String::new(),
            styles: String::new(),
            properties: String::new(),
            sheets: "<sheet name=\"data\" sheetId=\"1\" r:id=\"r1\"/>".to_owned(),
            extra: Vec::new(),
        }
    }

    /// With number formats, one for each cell style.
    pub fn styles(mut self, ids: &[u32]) -> Book {
        let formats: String = ids.iter().map(|id| format!("<xf numFmtId=\"{id}\"/>")).collect();
        self.styles = format!("<styleSheet xmlns=\"{NAMESPACE}\"><cellXfs>{formats}</cellXfs></styleSheet>");
        self
    }

    pub fn bytes(&self) -> Vec<u8> {
        let package = "http://schemas.openxmlformats.org/package/2006/relationships";
        let root = format!(
            "<Relationships xmlns=\"{package}\"><Relationship Id=\"a\" Type=\"{LINKS}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
        );
        let links = format!(
            "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{LINKS}/worksheet\" Target=\"worksheets/sheet1.xml\"/>\
             <Relationship Id=\"r2\" Type=\"{LINKS}/worksheet\" Target=\"worksheets/sheet2.xml\"/>\
             <Relationship Id=\"r3\" Type=\"{LINKS}/styles\" Target=\"styles.xml\"/>\
             <Relationship Id=\"r4\" Type=\"{LINKS}/sharedStrings\" Target=\"/xl/sharedStrings.xml\"/></Relationships>"
        );
        let book = format!(
            "<workbook xmlns=\"{NAMESPACE}\" xmlns:r=\"{LINKS}\">{}<sheets>{}</sheets></workbook>",
            self.properties, self.sheets
        );
        let mut parts = vec![
            ("_rels/.rels".to_owned(), root.into_bytes()),
            ("xl/workbook.xml".to_owned(), book.into_bytes()),
            ("xl/_rels/workbook.xml.rels".to_owned(), links.into_bytes()),
            ("xl/worksheets/sheet1.xml".to_owned(), self.sheet.clone().into_bytes()),
        ];
        for (name, text) in [("xl/styles.xml", &self.styles), ("xl/sharedStrings.xml", &self.strings)] {
            if !text.is_empty() {
                parts.push((name.to_owned(), text.clone().into_bytes()));
            }
        }
        parts.extend(self.extra.iter().cloned());
        package_of(&parts)
    }
}

/// A zip file with these parts.
pub fn package_of(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A row of cells with texts in them.
pub fn texts(row: u64, cells: &[&str]) -> String {
    let cells: String = cells.iter().map(|text| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>")).collect();
    format!("<row r=\"{row}\">{cells}</row>")
}
