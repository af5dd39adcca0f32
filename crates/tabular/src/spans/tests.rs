//! Files of spans read in parts of a few bytes, against one reading by a plain reader; every fault with its place.

use super::*;
use crate::fault::Code;
use proptest::prelude::*;

const COLUMNS: SpanColumns = SpanColumns { names: ["person", "place", "from", "to"], open_end: true };

type Taken = (String, String, i64, Option<i64>);

/// Takes everything, or what has a wanted place.
struct Takes(Vec<Taken>, Option<&'static str>);

impl Take for Takes {
    const ASKS: Asks = Asks::Second;
    fn wants(&mut self, second: &[u8]) -> bool {
        self.1.is_none_or(|wanted| wanted.as_bytes() == second)
    }
    fn take(&mut self, first: &[u8], second: &[u8], from: i64, to: Option<i64>) {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        self.0.push((text(first), text(second), from, to));
    }
}

fn read(text: &[u8], threads: usize) -> Result<(Vec<Taken>, u64, Vec<Fault>), TableError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("visits.csv");
    std::fs::write(&path, text).unwrap();
    let file = SpanFile::open(&path, COLUMNS)?;
    let scan = file.scan(threads, Faults::List, || Takes(Vec::new(), None), &|_| {})?;
    let taken: Vec<Taken> = scan.parts.into_iter().flat_map(|part| part.0).collect();
    assert_eq!(scan.received, (taken.len() + scan.faults.len()) as u64);
    // The second reading gives the same rows, those of one place.
    let again = file.scan(threads, Faults::PassOver, || Takes(Vec::new(), Some("bar")), &|_| {})?;
    let again: Vec<Taken> = again.parts.into_iter().flat_map(|part| part.0).collect();
    assert_eq!(again, taken.iter().filter(|row| row.1 == "bar").cloned().collect::<Vec<_>>());
    Ok((taken, scan.received, scan.faults))
}

#[test]
fn rows_of_every_shape() {
    let text = "\u{feff}Place,from,note,to,person\r\n\
        bar,2022-11-20T20:00:00+08:00,,2022-11-20T22:00:00+08:00,P1\r\n\
        \r\n\
        \"Li's \"\"Bar\"\", upstairs\",2022-11-20T12:00:00Z,\"a, b\",,张三\r\n\
        bar,2022-11-20T12:00:00Z,x,2022-11-20T12:00:00Z,'+8613800000000";
    let (rows, received, faults) = read(text.as_bytes(), 2).unwrap();
    assert!(faults.is_empty(), "{faults:?}");
    assert_eq!(received, 3);
    assert_eq!(rows[0], ("P1".into(), "bar".into(), 1_668_945_600, Some(1_668_952_800)));
    assert_eq!(rows[1], ("张三".into(), "Li's \"Bar\", upstairs".into(), 1_668_945_600, None));
    assert_eq!(rows[2].0, "+8613800000000");
    let tabs = "person\tplace\tfrom\tto\nP1\tbar\t1970-01-01T00:00:00Z\t\n";
    assert_eq!(read(tabs.as_bytes(), 1).unwrap().0, [("P1".into(), "bar".into(), 0, None)]);
    assert_eq!(read(b"person;place;from;to\n", 1).unwrap().1, 0);
}

#[test]
fn every_fault_has_its_place() {
    let text = b"person,place,from,to\n\
        P1,bar,2022-11-20T20:00:00+08:00,2022-11-20T19:59:59+08:00\n\
        ,bar,2022-11-20T20:00:00+08:00,\n\
        P1,,2022-11-20T20:00:00+08:00,\n\
        P1,bar,,\n\
        P1,bar,2022-11-20 20:00:00,\n\
        P1,bar,2022-11-31T20:00:00Z,\n\
        P1,bar,20.11.2022,\n\
        P1,bar,2022-11-20T20:00:00Z,later\n\
        P1,bar,2022-11-20T20:00:00Z\n\
        P1,\"bar,2022-11-20T20:00:00Z,\n\
        P\xff,bar,2022-11-20T20:00:00Z,\n\
        P1 ,bar,2022-11-20T20:00:00Z,\n\
        P\x01,bar,2022-11-20T20:00:00Z,\n\
        P1,bar,2022-11-20T20:00:00Z,2022-11-20T20:00:01Z\n";
    let (rows, received, faults) = read(text, 2).unwrap();
    assert_eq!((rows.len(), received), (1, 14));
    let told: Vec<(u64, &str, Code)> =
        faults.iter().map(|fault| (fault.row, fault.column.as_str(), fault.code)).collect();
    let wanted = [
        (2, "to", Code::OutOfRange),
        (3, "person", Code::Missing),
        (4, "place", Code::Missing),
        (5, "from", Code::Missing),
        (6, "from", Code::NotAMoment),
        (7, "from", Code::NoSuchDay),
        (8, "from", Code::NotAMoment),
        (9, "to", Code::NotAMoment),
        (10, "", Code::RaggedRow),
        (11, "", Code::OpenQuote),
        (12, "person", Code::BadEncoding),
        (13, "person", Code::NotAnId),
        (14, "person", Code::ControlCharacter),
    ];
    assert_eq!(told, wanted);
    assert_eq!(
        faults[0].to_string(),
        "visits.csv, row 2, column to: '2022-11-20T19:59:59+08:00', expected a time at or after the start of the row \
         (2022-11-20T12:00:00Z); correct whichever of the two is wrong [out_of_range]"
    );
    assert!(faults[4].remedy.contains("offset") && faults[4].raw.starts_with("P1,bar,"));
}

#[test]
fn a_file_that_is_no_table_is_refused() {
    for (text, wanted) in [
        (b"".as_slice(), "is empty"),
        (b"\n", "is empty"),
        (b"person,plaze,from,to\n", "'place' (is it 'plaze'?)"),
        (b"person,place,from,to,to\n", "'to' more than once"),
        (b"\xff\xfep\0e\0", "UTF-8"),
        (b"PK\x03\x04xxxx", "workbook"),
        (b"PAR1xxxxPAR1", "Parquet"),
        (b"\"person,place\n", "open quote"),
    ] {
        let error = read(text, 1).unwrap_err().to_string();
        assert!(error.starts_with("visits.csv: ") && error.contains(wanted), "{error}");
    }
}

/// A Parquet file of visits, made with the same library.
fn parquet_file(path: &std::path::Path, schema: &str, groups: &[Group]) {
    use ::parquet::{
        data_type::{ByteArray, ByteArrayType, Int64Type},
        file::{properties::WriterProperties, writer::SerializedFileWriter},
        schema::parser::parse_message_type,
    };
    let schema = std::sync::Arc::new(parse_message_type(schema).unwrap());
    let properties = std::sync::Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(File::create(path).unwrap(), schema, properties).unwrap();
    for group in groups {
        let mut rows = writer.next_row_group().unwrap();
        for column in group {
            let mut to = rows.next_column().unwrap().unwrap();
            match column {
                Values::Text(values) => {
                    let levels: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
                    let values: Vec<ByteArray> = values.iter().flatten().map(|value| ByteArray::from(*value)).collect();
                    to.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None).unwrap();
                }
                Values::Whole(values) => {
                    let levels: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
                    let values: Vec<i64> = values.iter().flatten().copied().collect();
                    to.typed::<Int64Type>().write_batch(&values, Some(&levels), None).unwrap();
                }
            }
            to.close().unwrap();
        }
        rows.close().unwrap();
    }
    writer.close().unwrap();
}

type Group = Vec<Values>;
enum Values {
    Text(Vec<Option<&'static str>>),
    Whole(Vec<Option<i64>>),
}

#[test]
fn parquet_with_text_numbers_and_timestamps() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("visits.parquet");
    let schema = "message v { optional int64 person; optional binary place (STRING);
        optional int64 from (TIMESTAMP(MICROS,true)); optional binary to (STRING); }";
    let groups = [
        vec![
            Values::Whole(vec![Some(7), Some(-8), None]),
            Values::Text(vec![Some("bar"), Some("餐厅"), Some("bar")]),
            Values::Whole(vec![Some(1_668_945_600_999_999), Some(-1), Some(0)]),
            Values::Text(vec![Some("2022-11-20T20:00:01+08:00"), None, None]),
        ],
        vec![
            Values::Whole(vec![Some(9), Some(9)]),
            Values::Text(vec![Some("bar"), None]),
            Values::Whole(vec![Some(2_000_000), Some(0)]),
            Values::Text(vec![Some("1970-01-01T00:00:01Z"), Some("")]),
        ],
    ];
    parquet_file(&path, schema, &groups);
    let file = SpanFile::open(&path, COLUMNS).unwrap();
    for threads in 1..3 {
        let scan = file.scan(threads, Faults::List, || Takes(Vec::new(), None), &|_| {}).unwrap();
        let rows: Vec<Taken> = scan.parts.into_iter().flat_map(|part| part.0).collect();
        let wanted =
            [("7".into(), "bar".into(), 1_668_945_600, Some(1_668_945_601)), ("-8".into(), "餐厅".into(), -1, None)];
        assert_eq!((rows, scan.received), (wanted.to_vec(), 5));
        let told: Vec<(u64, &str)> = scan.faults.iter().map(|fault| (fault.row, fault.column.as_str())).collect();
        assert_eq!(told, [(3, "person"), (4, "to"), (5, "place")]);
        assert_eq!(scan.faults[1].raw, "9,bar,1970-01-01T00:00:02Z,1970-01-01T00:00:01Z");
        let again = file.scan(threads, Faults::PassOver, || Takes(Vec::new(), Some("bar")), &|_| {}).unwrap();
        assert_eq!(again.parts.iter().map(|part| part.0.len()).collect::<Vec<_>>(), [1, 0]);
    }
    let local = schema.replace("MICROS,true", "MICROS,false");
    parquet_file(&path, &local, &groups);
    let error = SpanFile::open(&path, COLUMNS).unwrap_err().to_string();
    assert!(error.contains("adjusted to UTC"), "{error}");
    parquet_file(&path, &schema.replace(" to ", " until "), &groups);
    let error = SpanFile::open(&path, COLUMNS).unwrap_err().to_string();
    assert!(error.contains("'to'"), "{error}");
}

/// Batches of every kind: with gaps and without, in order and not, with few rows that are wanted and with many. The second
/// reading gives what the first one does, and an identifier with an apostrophe is found wherever it stands alone.
#[test]
fn both_readings_of_parquet_agree() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("visits.parquet");
    let schema = "message v { optional int64 person; optional int64 place;
        optional int64 from (TIMESTAMP(MILLIS,true)); optional int64 to (TIMESTAMP(MILLIS,true)); }";
    let rows = 9_000i64;
    let group = |often: i64, gaps: bool, turned: bool| -> Group {
        let column = |of: &dyn Fn(i64) -> Option<i64>| Values::Whole((0..rows).map(of).collect());
        vec![
            column(&|row| (!gaps || row % 1_900 != 3).then_some(row * 77_777 - 1_000)),
            column(&|row| Some(if row % often == often / 2 { 77 } else { row })),
            column(&|row| Some(row * 999)),
            column(&|row| (!gaps || row % 5 != 0).then_some(row * 999 - i64::from(turned && row % 2_500 == 7) * 5_000)),
        ]
    };
    let groups = [group(1_000, false, false), group(2, true, false), group(90, true, true), group(8_000, false, true)];
    parquet_file(&path, schema, &groups);
    let file = SpanFile::open(&path, COLUMNS).unwrap();
    let read = |faults, wanted| {
        let scan = file.scan(2, faults, || Takes(Vec::new(), wanted), &|_| {}).unwrap();
        let told: Vec<(u64, String)> = scan.faults.iter().map(|fault| (fault.row, fault.column.clone())).collect();
        (scan.parts.into_iter().flat_map(|part| part.0).collect::<Vec<Taken>>(), told)
    };
    let (all, told) = read(Faults::List, None);
    assert_eq!(all.len() + told.len(), 4 * rows as usize);
    let people = (0..2 * rows).filter(|row| row % rows % 1_900 == 3).map(|row| (rows + row + 1, "person"));
    let turned = (0..2 * rows).filter(|row| row % rows % 2_500 == 7).map(|row| (2 * rows + row + 1, "to"));
    // an end that is missing (every fifth row of the third group) is none before its start
    let turned = turned.filter(|(row, _)| *row > 3 * rows || (row - 1) % rows % 5 != 0);
    let mut wanted: Vec<(u64, String)> =
        people.chain(turned).map(|(row, name)| (row as u64, name.to_owned())).collect();
    wanted.sort();
    assert_eq!(told, wanted);
    let of_place: Vec<Taken> = all.iter().filter(|row| row.1 == "77").cloned().collect();
    assert!(of_place.len() > 4_000, "{}", of_place.len());
    assert_eq!(read(Faults::List, Some("77")), (of_place.clone(), told));
    assert_eq!(read(Faults::PassOver, Some("77")), (of_place, Vec::new()));

    let schema = "message v { optional binary person (STRING); optional binary place (STRING);
        optional int64 from (TIMESTAMP(MILLIS,true)); optional binary to (STRING); }";
    let guarded = vec![
        Values::Text(vec![Some("P1")]),
        Values::Text(vec![Some("'=bar")]),
        Values::Whole(vec![Some(1_000)]),
        Values::Text(vec![None]),
    ];
    parquet_file(&path, schema, &[guarded]);
    let file = SpanFile::open(&path, COLUMNS).unwrap();
    for faults in [Faults::List, Faults::PassOver] {
        let scan = file.scan(1, faults, || Takes(Vec::new(), Some("=bar")), &|_| {}).unwrap();
        assert_eq!(scan.parts[0].0, [("P1".into(), "=bar".into(), 1, None)]);
    }
}

#[test]
fn contacts_in_parquet_can_be_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("contacts.parquet");
    for totals in [None, Some(Totals { minutes: 3.0, places: 2 })] {
        let mut file = ContactFile::create(&path, totals.is_some()).unwrap();
        file.row([b"C1", b"P2", b"bar"], [0, 90], 1.5, totals).unwrap();
        file.finish().unwrap();
        let second = if totals.is_some() { "places" } else { "person" };
        let columns = SpanColumns { names: ["case", second, "first", "last"], open_end: false };
        let file = SpanFile::open(&path, columns).unwrap();
        let scan = file.scan(1, Faults::List, || Takes(Vec::new(), None), &|_| {}).unwrap();
        let wanted = if totals.is_some() { "2" } else { "P2" };
        assert_eq!(scan.parts[0].0, [("C1".into(), wanted.into(), 0, Some(90))]);
    }
}

proptest! {
    /// Whatever the lines are, and wherever parts begin: the same rows and line numbers as line by line on one thread.
    #[test]
    fn parts_do_not_matter(lines in prop::collection::vec(0usize..8, 0..60), end in any::<bool>(), crlf in any::<bool>()) {
        let shapes = [
            "P1,bar,2022-11-20T20:00:00Z,", "", "bad", "P2,\"a \"\"b\"\"\",2022-11-20T20:00:00+01:00,2022-11-20T20:00:00Z",
            "P3,bar,2022-11-20T20:00:00Z,2022-11-20T20:00:01Z", "\"P4", "P5,a long place name of more than one part of the file \
            which goes on and on,2022-11-20T20:00:00Z,2023-11-20T20:00:01Z", ",,,",
        ];
        let newline = if crlf { "\r\n" } else { "\n" };
        let mut text = vec!["person,place,from,to"];
        text.extend(lines.iter().map(|line| shapes[*line]));
        let mut text = text.join(newline);
        if end {
            text.push_str(newline);
        }
        let (rows, received, faults) = read(text.as_bytes(), 3).unwrap();
        prop_assert_eq!(received as usize, lines.iter().filter(|line| **line != 1).count());
        let good = |line: &usize| matches!(line, 0 | 3 | 4 | 6);
        let people: Vec<&str> = lines.iter().filter(|line| good(line)).map(|line| &shapes[*line][..2]).collect();
        prop_assert_eq!(rows.iter().map(|row| row.0.as_str()).collect::<Vec<_>>(), people);
        let bad: Vec<u64> = lines.iter().enumerate().filter(|(_, line)| !good(line) && **line != 1).map(|(at, _)| at as u64 + 2).collect();
        prop_assert_eq!(faults.iter().map(|fault| fault.row).collect::<Vec<_>>(), bad);
    }
}
