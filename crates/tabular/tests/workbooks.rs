//! Workbooks, good and hostile: cells mean what they mean in a text file, and what could harm the reader is refused
//! with its reason.

mod made;

use dayclear_core::schema::{LINELIST, MEMBERS, PEOPLE};
use dayclear_tabular::{Code, NoteCode, Reader, TableError};
use made::{Book, answers, options, package_of, read, texts};
use proptest::prelude::*;
use std::io::Cursor;

const HEADER: &[&str] = &["person", "household", "name", "document", "birth_date"];

fn people(rows: &str) -> Book {
    Book::new(&(texts(1, HEADER) + rows))
}

fn open(book: &Book) -> Result<Reader, TableError> {
    Reader::new("people.xlsx", Cursor::new(book.bytes()), &PEOPLE, &options())
}

#[test]
fn cells_of_every_kind_are_read() {
    let mut book = people(
        "<row r=\"3\"><c r=\"A3\" t=\"s\"><v>0</v></c><c r=\"B3\"><v>1001</v></c><c r=\"C3\" t=\"s\"><v>1</v></c>\
         <c r=\"E3\" s=\"1\"><v>44885</v></c></row>\
         <row r=\"4\"><c r=\"A4\" t=\"str\"><f>\"p\"&amp;2</f><v>p2</v></c><c r=\"B4\" t=\"inlineStr\"><is><r><t>h</t></r><r><t>1</t></r></is></c>\
         <c r=\"E4\"><v>44885</v></c></row>\
         <row/><row r=\"9\" spans=\"1:5\"><c r=\"B9\" s=\"1\"/></row>",
    )
    .styles(&[0, 14]);
    book.strings =
        "<sst><si><t>p1</t></si><si><r><t>Wang </t></r><r><t xml:space=\"preserve\">&lt;F&#97;ng&gt;_x000D_!</t></r>\
                    <rPh sb=\"0\" eb=\"1\"><t>reading</t></rPh></si></sst>"
            .to_owned();
    let mut reader = open(&book).unwrap();
    assert_eq!(reader.about().sheet.as_deref(), Some("data"));
    let row = reader.next_row().unwrap().unwrap().unwrap();
    assert_eq!(
        (row.number(), row.text(0), row.text(1), row.text(2)),
        (3, Some("p1"), Some("1001"), Some("Wang <Fang>\r!"))
    );
    assert_eq!(row.day(6).unwrap().to_string(), "2022-11-20");
    assert!(row.notes().is_empty());
    let row = reader.next_row().unwrap().unwrap().unwrap();
    assert_eq!((row.number(), row.text(0), row.text(1)), (4, Some("p2"), Some("h1")));
    let notes: Vec<_> = row.notes().iter().map(|note| (note.column, note.code)).collect();
    assert_eq!(notes, [("person", NoteCode::FormulaValue), ("birth_date", NoteCode::SerialDate)]);
    assert!(row.raw().starts_with("p2\th1\t"));
    assert!(reader.next_row().unwrap().is_none());
    let tally = reader.finish();
    assert_eq!((tally.read, tally.blank), (2, 2));
}

#[test]
fn bad_rows_have_exact_answers() {
    let long = "x".repeat(200_000);
    let long_name = format!("<c r=\"C2\" t=\"inlineStr\"><is><t>{long}</t></is></c>");
    for (cells, column, code, value) in [
        ("<c r=\"C2\"><v>44622</v></c>".to_owned(), "", None, ""),
        ("<c r=\"C2\" s=\"1\"><v>44622</v></c>".to_owned(), "name", Some(Code::BecameADate), "44622"),
        ("<c r=\"D2\"><v>5.0010319900101102E+17</v></c>".to_owned(), "document", Some(Code::DamagedNumber), "5.0010"),
        ("<c r=\"D2\"><v>500103199001011000</v></c>".to_owned(), "document", Some(Code::DamagedNumber), "500103"),
        ("<c r=\"C2\"><f>A1&amp;B1</f></c>".to_owned(), "name", Some(Code::FormulaWithoutValue), ""),
        ("<c r=\"C2\" t=\"e\"><v>#REF!</v></c>".to_owned(), "name", Some(Code::SpreadsheetError), "#REF!"),
        (
            "<c r=\"E2\" t=\"inlineStr\"><is><t>03/04/2022</t></is></c>".to_owned(),
            "birth_date",
            Some(Code::AmbiguousDate),
            "03/04/2022",
        ),
        ("<c r=\"F2\"><v>1</v></c>".to_owned(), "", Some(Code::RaggedRow), ""),
        ("<c r=\"CZ2\"><v>1</v></c>".to_owned(), "", Some(Code::RaggedRow), ""),
        (long_name, "name", Some(Code::TooLong), "xxx"),
    ] {
        let begin =
            "<c r=\"A2\" t=\"inlineStr\"><is><t>p1</t></is></c><c r=\"B2\" t=\"inlineStr\"><is><t>h1</t></is></c>";
        let book = people(&format!("<row r=\"2\">{begin}{cells}</row>{}", texts(3, &["p3", "h1"]))).styles(&[0, 14]);
        let (faults, tally) = read("people.xlsx", book.bytes(), &PEOPLE);
        assert_eq!(tally.read, 2, "{cells:.80}");
        assert_eq!(faults.first().map(|fault| fault.code), code, "{cells:.80}");
        if let Some(fault) = faults.first() {
            assert_eq!((fault.row, fault.column.as_str()), (2, column), "{fault}");
            assert!(fault.value.starts_with(value), "{fault}");
        }
    }
}

#[test]
fn a_far_cell_costs_nothing() {
    let book = people("<row r=\"200000\"><c r=\"CZ200000\"><v>1</v></c></row>");
    let (faults, tally) = read("people.xlsx", book.bytes(), &PEOPLE);
    assert_eq!((tally.read, faults[0].row, faults[0].code), (1, 200_000, Code::RaggedRow));
}

#[test]
fn the_1904_system_counts_from_another_day() {
    let mut book = people(
        "<row r=\"2\"><c t=\"str\"><v>p1</v></c><c t=\"str\"><v>h1</v></c><c r=\"E2\" s=\"1\"><v>43423</v></c></row>",
    )
    .styles(&[0, 14]);
    book.properties = "<workbookPr date1904=\"1\"/>".to_owned();
    let mut reader = open(&book).unwrap();
    assert_eq!(reader.next_row().unwrap().unwrap().unwrap().day(6).unwrap().to_string(), "2022-11-20");
}

#[test]
fn the_sheet_is_chosen_and_hidden_ones_are_named() {
    let second = ("xl/worksheets/sheet2.xml".to_owned(), Book::new(&texts(1, &["notes"])).sheet.into_bytes());
    let with = |sheets: &str| {
        let mut book = people(&texts(2, &["p1", "h1"]));
        (book.sheets, book.extra) = (sheets.to_owned(), vec![second.clone()]);
        open(&book)
    };
    let about = |sheets: &str| with(sheets).map(|reader| reader.about().clone());
    let hidden = "<sheet name=\"a\" sheetId=\"1\" r:id=\"r1\"/><sheet name=\"b\" sheetId=\"2\" state=\"veryHidden\" r:id=\"r2\"/>";
    let found = about(hidden).unwrap();
    assert_eq!((found.sheet.as_deref(), found.other_sheets), (Some("a"), vec!["b (hidden)".to_owned()]));
    let named = "<sheet name=\"notes\" sheetId=\"2\" r:id=\"r2\"/><sheet name=\"People\" sheetId=\"1\" r:id=\"r1\"/>";
    assert_eq!(about(named).unwrap().sheet.as_deref(), Some("People"));
    let two = "<sheet name=\"a\" sheetId=\"1\" r:id=\"r1\"/><sheet name=\"b\" sheetId=\"2\" r:id=\"r2\"/>";
    let none = "<sheet name=\"people\" sheetId=\"1\" state=\"hidden\" r:id=\"r1\"/>";
    for sheets in [two, none, ""] {
        assert_eq!(about(sheets).unwrap_err().code(), "which_sheet");
    }
}

/// Everything that could harm the reader: what is said, and that it is said as such.
#[test]
fn hostile_workbooks_are_refused() {
    let extra = |name: &str| {
        let mut book = people("");
        book.extra = vec![(name.to_owned(), b"PK".to_vec())];
        book.bytes()
    };
    let sheet = |sheet: String| Book { sheet, ..Book::new("") }.bytes();
    let strings = |strings: String| Book { strings, ..people("") }.bytes();
    let rows = |rows: &str| people(rows).bytes();
    let spaces = " ".repeat(1000);
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("zip slip", extra("../../etc/cron.d/x"), "leads out"),
        ("absolute name", extra("/etc/passwd"), "leads out"),
        ("backslashes", extra("xl\\..\\..\\x"), "leads out"),
        ("nested", extra("xl/embeddings/book.xlsx"), "another package"),
        ("nested", extra("a.zip"), "another package"),
        ("twice", extra("XL/Workbook.xml"), "two parts"),
        ("entities", sheet("<!DOCTYPE x [<!ENTITY a \"aaaa\">]><worksheet/>".to_owned()), "document type"),
        ("document type", strings("<!DOCTYPE sst><sst/>".to_owned()), "document type"),
        ("deep", sheet("<a>".repeat(100_000)), "nested too deep"),
        ("endless tag", sheet(format!("<worksheet {}", "a=\"b\" ".repeat(400_000))), "longer than 1 MiB"),
        ("endless text", sheet(format!("<worksheet>{}", spaces.repeat(2_000))), "longer than 1 MiB"),
        ("bomb", sheet(format!("<worksheet>{}", format!("<a>{spaces}</a>").repeat(20_000))), "-fold"),
        ("string bomb", strings(format!("<sst>{}", "<si><t>aaaaaaaaaaaaaaaaaaaa</t></si>".repeat(400_000))), "-fold"),
        ("too many rows", rows("<row r=\"1048577\"/>"), "1,048,576 rows"),
        ("far column", rows("<row r=\"2\"><c r=\"XFE2\"><v>1</v></c></row>"), "outside of every sheet"),
        ("wide header", Book::new(&texts(1, &vec!["x"; 1_100])).bytes(), "1024 columns"),
        ("many parts", package_of(&(0..2_100).map(|n| (format!("p{n}"), Vec::new())).collect::<Vec<_>>()), "parts"),
    ];
    for (name, bytes, word) in cases {
        let error = answers("people.xlsx", bytes, &PEOPLE).err().unwrap_or_else(|| panic!("{name} was read"));
        assert_eq!(error.code(), "hostile_file", "{name}: {error}");
        assert!(error.to_string().contains(word), "{name}: {error}");
    }
}

#[test]
fn broken_workbooks_are_named_as_such() {
    let good = people(&texts(2, &["p1", "h1"])).bytes();
    let sheet = |sheet: &str| Book { sheet: sheet.to_owned(), ..Book::new("") }.bytes();
    let rows = |rows: &str| people(rows).bytes();
    let mut flipped = good.clone();
    let at = flipped.windows(9).rposition(|w| w == b"sheet1.xm").unwrap(); // in the table of contents
    flipped[at - 46 - 14 + 16] ^= 1; // its check sum
    let mut encrypted = good.clone();
    let head = encrypted.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
    encrypted[head + 8] |= 1;
    for (name, bytes, word) in [
        ("cut off", good[..good.len() - 40].to_vec(), "table of contents"),
        ("tail", [&good[..], b"tail"].concat(), "table of contents"),
        ("check sum", flipped, "check sum"),
        ("encrypted", encrypted, "password"),
        ("order of rows", rows("<row r=\"5\"/><row r=\"3\"/>"), "row 3 comes after row 5"),
        ("order of cells", rows("<row r=\"2\"><c r=\"B2\"/><c r=\"A2\"/></row>"), "not in order"),
        ("string index", rows("<row r=\"2\"><c t=\"s\"><v>7</v></c></row>"), "does not exist"),
        ("half a sheet", sheet("<worksheet><sheetData><row><c>"), "ends in the middle"),
        ("crossed tags", sheet("<worksheet><sheetData></worksheet></sheetData>"), "XML is broken"),
        ("unknown entity", rows("<row r=\"2\"><c t=\"str\"><v>&nbsp;</v></c></row>"), "stands for nothing"),
    ] {
        let error = answers("people.xlsx", bytes, &PEOPLE).err().unwrap_or_else(|| panic!("{name} was read"));
        assert_eq!(error.code(), "damaged_file", "{name}: {error}");
        assert!(error.to_string().contains(word), "{name}: {error}");
    }
    assert_eq!(answers("x", sheet("<worksheet><sheetData/></worksheet>"), &PEOPLE).unwrap_err().code(), "empty_file");
    let zip = package_of(&[("readme.txt".to_owned(), b"hello".to_vec())]);
    assert_eq!(answers("x", zip, &PEOPLE).unwrap_err().code(), "wrong_format");
}

#[test]
fn a_workbook_gives_the_same_rows_as_its_text_file() {
    let cells = ["p1", "h1", "王芳", "11010519491231002X", "1949-12-31"];
    let csv = format!("{}\n{}\n", HEADER.join(","), cells.join(","));
    let book = people(&texts(2, &cells)).bytes();
    let values = |bytes: Vec<u8>| {
        let mut reader = Reader::new("x", Cursor::new(bytes), &PEOPLE, &options()).unwrap();
        let row = reader.next_row().unwrap().unwrap().unwrap();
        (0..PEOPLE.columns.len()).map(|at| format!("{:?}", row.cell(at))).collect::<Vec<_>>()
    };
    assert_eq!(values(csv.into_bytes()), values(book));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// A good package with bytes changed anywhere: no panic, and the counts add up.
    #[test]
    fn any_damage(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), cut in any::<prop::sample::Index>()) {
        let mut bytes = people(&(texts(2, &["p1", "h1"]) + &texts(3, &["p2", "h1"]))).styles(&[0, 14]).bytes();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        let _ = answers("x", bytes.clone(), &PEOPLE);
        bytes.truncate(cut.index(bytes.len()));
        let _ = answers("x", bytes, &PEOPLE);
    }

    /// Any XML in place of the rows: no panic, and the counts add up.
    #[test]
    fn any_rows(pieces in prop::collection::vec(prop::sample::select(vec![
        "<row>", "</row>", "<row r=\"7\">", "<c>", "<c t=\"s\">", "<c r=\"B2\">", "<c s=\"1\">", "<c t=\"b\">", "<c t=\"e\">", "</c>", "<v>", "</v>", "<f>", "</f>",
        "1", "44885", "5E+17", "p1", "&amp;", "&#0;", "&x;", "<is><t>", "</t></is>", "</sheetData>", "_x0000_", "<![CDATA[x]]>", "<!-- -->", "<c", "重",
    ]), 0..40)) {
        let (people_book, members) = (people(&pieces.concat()).styles(&[0, 14]), Book::new(&(texts(1, &["tube", "person"]) + &pieces.concat())));
        let _ = answers("x", people_book.bytes(), &PEOPLE);
        let _ = answers("x", members.bytes(), &MEMBERS);
        let _ = answers("x", Book::new(&pieces.concat()).bytes(), &LINELIST);
    }
}
