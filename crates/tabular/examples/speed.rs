//! Measures the reader: `make FILE ROWS` writes a table of made-up people (CSV or XLSX by the ending), `read FILE` reads
//! it and prints rows per second and peak memory. Two runs, so that the memory is that of reading alone. `read FILE KIND`
//! reads another table.

use dayclear_core::{
    schema::{DAY_FOLDER, LINELIST, LINELIST_CONTACTS, PEOPLE, Table},
    time::{CivilDate, Zone},
};
use dayclear_tabular::{Format, Options, Reader, Value, Writer};
use std::{error::Error, fs::File, io::BufWriter, path::Path, time::Instant};

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

fn main() -> Result<(), Box<dyn Error>> {
    let zone = Zone::named("Asia/Shanghai")?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["make", file, rows] => make(file.as_ref(), rows.parse()?, &zone),
        ["read", file] => read(file.as_ref(), &PEOPLE, zone),
        ["read", file, kind] => {
            let mut tables = DAY_FOLDER.iter().copied().chain([&LINELIST, &LINELIST_CONTACTS]);
            read(file.as_ref(), tables.find(|table| table.name == kind).ok_or("no such table")?, zone)
        }
        _ => Err("make FILE ROWS, or read FILE".into()),
    }
}

fn make(file: &Path, rows: u64, zone: &Zone) -> Result<(), Box<dyn Error>> {
    let xlsx = file.extension().is_some_and(|ending| ending == "xlsx");
    let format = if xlsx { Format::Xlsx } else { Format::Csv };
    let columns: Vec<&str> = PEOPLE.columns.iter().map(|column| column.name).collect();
    let started = Instant::now();
    let mut writer = Writer::new(format, BufWriter::new(File::create(file)?), "people", &columns, zone)?;
    let first = CivilDate::new(1930, 1, 1).ok_or("no such day")?;
    for n in 0..rows {
        let born = first.plus_days((n * 7 % 30_000) as i64);
        let mut document = format!("500103{}{:03}", born.to_string().replace('-', ""), n % 999 + 1);
        let sum: u32 = document.bytes().zip(WEIGHTS).map(|(b, weight)| u32::from(b - b'0') * weight).sum();
        document.push(char::from(b"10X98765432"[sum as usize % 11]));
        let (person, household) = (format!("P{n:08}"), format!("H{:07}", n / 3));
        let (name, phone) = (format!("王小明{}", n % 5_000), format!("139{:08}", n * 37 % 100_000_000));
        writer.row(&[
            Value::Text(&person),
            Value::Text(&household),
            Value::Text(&name),
            Value::Text(&document),
            Value::Text(&phone),
            Value::Text(if n % 2 == 0 { "female" } else { "male" }),
            Value::Day(born),
            if n % 20 == 0 { Value::Text("oxygen;wheelchair") } else { Value::Empty },
            if n % 10 == 0 { Value::Text("courier") } else { Value::Empty },
            Value::Empty,
            Value::Text("present"),
        ])?;
    }
    writer.finish()?;
    report("written", rows, started);
    Ok(())
}

fn read(file: &Path, table: &'static Table, zone: Zone) -> Result<(), Box<dyn Error>> {
    let started = Instant::now();
    let mut reader = Reader::open(file, table, &Options::new(zone))?;
    println!("{:?}", reader.about());
    let mut letters = 0;
    while let Some(row) = reader.next_row()? {
        match row {
            Ok(row) => letters += row.text(2).map_or(0, str::len),
            Err(fault) => println!("{fault}"),
        }
    }
    let tally = reader.finish();
    println!("{tally:?}, {letters} bytes of names");
    report("read", tally.read, started);
    Ok(())
}

fn report(done: &str, rows: u64, started: Instant) {
    let seconds = started.elapsed().as_secs_f64();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or(" unknown").trim();
    println!("{rows} rows {done} in {seconds:.2} s, {:.0} rows/s, peak memory {peak}", rows as f64 / seconds);
}
