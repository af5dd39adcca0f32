//! What kind of file it is, by its first bytes and never by its name, and the sheet of a workbook that holds the rows.

use crate::{
    fault::{TableError, shorten},
    package::{Input, Package, PartError, Refusal},
    reader::{About, Rows},
    sheet::Sheet,
    workbook::{SHEET, SheetEntry, Workbook},
    xml::Xml,
};
use dayclear_core::schema::Table;
use std::io::{Read, SeekFrom};

/// Beginnings of files that are neither text nor a workbook, what they are and what to do.
const OTHERS: &[(&[u8], &str, &str)] = &[
    (
        b"\xd0\xcf\x11\xe0",
        "an old or password-protected workbook (.xls)",
        "save it as .xlsx without a password, or as CSV",
    ),
    (b"%PDF", "a PDF", "ask for the table as CSV or XLSX"),
    (b"\x1f\x8b", "packed with gzip", "unpack it first"),
    (b"\xff\xfe\0\0", "text in UTF-32", "save it as UTF-8"),
    (b"\0\0\xfe\xff", "text in UTF-32", "save it as UTF-8"),
    (b"Rar!", "packed with RAR", "unpack it first"),
    (b"7z\xbc\xaf", "packed with 7-Zip", "unpack it first"),
    (
        b"<",
        "a web page or XML, perhaps with the name of a workbook",
        "open it in a spreadsheet program and save it as .xlsx or CSV",
    ),
    (b"{", "JSON", "export the table as CSV or XLSX"),
];

/// Whether the file is a package (and so perhaps a workbook); other kinds that are not text are refused.
pub(crate) fn is_package(name: &str, input: &mut Box<dyn Input>) -> Result<bool, TableError> {
    let mut head = Vec::new();
    let read = input.seek(SeekFrom::Start(0)).and_then(|_| input.by_ref().take(16).read_to_end(&mut head));
    read.map_err(|source| TableError::Io { file: name.to_owned(), source })?;
    for (start, found, remedy) in OTHERS {
        if head.starts_with(start) {
            return Err(TableError::Format { file: name.to_owned(), found, remedy });
        }
    }
    Ok(head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06"))
}

/// The sheet with the rows of a table.
pub(crate) fn open_sheet(input: Box<dyn Input>, table: &'static Table, about: &mut About) -> Result<Rows, TableError> {
    let file = about.file.clone();
    let in_part = |(part, error): (String, PartError)| part_error(&file, &part, error);
    let mut package = Package::open(input).map_err(|error| part_error(&file, "the package", error))?;
    if !package.has("_rels/.rels") && !package.has("xl/workbook.xml") {
        let (found, remedy) = ("a zip file, but not a workbook", "unpack it first");
        return Err(TableError::Format { file, found, remedy });
    }
    let workbook = Workbook::read(&mut package).map_err(in_part)?;
    let chosen = choose(&file, &workbook.sheets, table)?.clone();
    about.other_sheets = workbook
        .sheets
        .iter()
        .filter(|sheet| sheet.part != chosen.part)
        .map(|sheet| shorten(&sheet.name, 80) + if sheet.visible { "" } else { " (hidden)" })
        .collect();
    about.sheet = Some(shorten(&chosen.name, 80));
    let styles = workbook.date_styles(&mut package).map_err(in_part)?;
    let strings = workbook.strings(&mut package).map_err(in_part)?;
    let part = package.into_part(&chosen.part, SHEET).map_err(|error| part_error(&file, &chosen.part, error))?;
    let sheet = Box::new(Sheet::new(Xml::new(part), strings, styles, workbook.from_1904));
    Ok(Rows::Sheet { sheet, part: chosen.part })
}

/// The visible sheet with the name of the table, or the only visible one. Hidden sheets are never read.
fn choose<'s>(file: &str, sheets: &'s [SheetEntry], table: &'static Table) -> Result<&'s SheetEntry, TableError> {
    let visible = || sheets.iter().filter(|sheet| sheet.visible);
    if let Some(named) = visible().find(|sheet| sheet.name.trim().eq_ignore_ascii_case(table.name)) {
        return Ok(named);
    }
    let what = match (visible().next(), visible().count()) {
        (Some(only), 1) => return Ok(only),
        (None, _) => "it has no visible sheet",
        _ => "it has several sheets",
    };
    let names: Vec<String> = sheets.iter().take(20).map(|sheet| shorten(&sheet.name, 80)).collect();
    Err(TableError::WhichSheet { file: file.to_owned(), what, sheets: names.join(", "), table: table.name })
}

/// An error of a part as an error of the file.
pub(crate) fn part_error(file: &str, part: &str, error: PartError) -> TableError {
    let (file, part) = (file.to_owned(), shorten(part, 80));
    match error {
        PartError::Refused(Refusal::Hostile(what)) => TableError::Hostile { file, part, what },
        PartError::Refused(Refusal::Damaged(what)) => TableError::Damaged { file, part, what },
        PartError::Io(source) => TableError::Io { file, source },
    }
}
