//! The contacts as a file, CSV or Parquet, whole or not at all. CSV is written in pieces on all threads and put together in
//! order.

use super::search::Found;
use anyhow::{Context, Result};
use dayclear_core::time::Zone;
use dayclear_engines::tracing::exposures::Contact;
use dayclear_tabular::{
    Format, Value, Writer,
    spans::{ContactFile, Totals, moment_text},
};
use std::{collections::BTreeMap, fs::File, io::Write, path::Path, thread};

/// Columns of the answer; the last two are hints.
const COLUMNS: [&str; 8] = ["case", "person", "place", "first", "last", "minutes", "total_minutes", "places"];
/// Contacts that are written at a time on each thread.
const PIECE: usize = 1 << 16;

/// For each case and person: seconds and places.
type Sums = BTreeMap<(u32, u32), (u64, u64)>;

/// Seconds as minutes: whole ones without a point, others rounded to two decimals, which tell the second.
fn minutes(seconds: u64) -> String {
    if seconds.is_multiple_of(60) {
        return (seconds / 60).to_string();
    }
    let hundredths = (seconds * 100 + 30) / 60;
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    text.trim_end_matches('0').to_owned()
}

/// Writes the contacts; `offset` is that of times, in seconds.
pub fn write(found: &Found, out: &Path, offset: i32, hints: bool, threads: usize) -> Result<()> {
    let partial = out.with_extension("partial");
    let failed = || format!("{} cannot be written; check the folder and the space on its disk", out.display());
    let mut sums = Sums::new();
    for contact in found.contacts.iter().filter(|_| hints) {
        let sum = sums.entry((contact.case, contact.person)).or_insert((0, 0));
        *sum = (sum.0 + u64::from(contact.seconds), sum.1 + 1);
    }
    if out.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("parquet")) {
        write_parquet(found, &partial, hints, &sums).with_context(failed)?;
    } else {
        let mut file = File::create(&partial).with_context(failed)?;
        let columns = if hints { &COLUMNS[..] } else { &COLUMNS[..6] };
        file.write_all(format!("{}\n", columns.join(",")).as_bytes()).with_context(failed)?;
        for pieces in found.contacts.chunks(PIECE * threads.max(1)) {
            let texts: Vec<Result<Vec<u8>>> = thread::scope(|scope| {
                let sums = &sums;
                let text = |piece| scope.spawn(move || text(found, piece, columns, offset, sums));
                let threads: Vec<_> = pieces.chunks(PIECE).map(text).collect();
                let join = |thread: thread::ScopedJoinHandle<'_, _>| {
                    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                };
                threads.into_iter().map(join).collect()
            });
            for text in texts {
                file.write_all(&text?).with_context(failed)?;
            }
        }
    }
    std::fs::rename(&partial, out).with_context(failed)
}

fn names<'f>(found: &'f Found, contact: &Contact) -> [&'f [u8]; 3] {
    [found.cases.name(contact.case), found.people.name(contact.person), found.places.name(contact.place)]
}

/// Some contacts as lines of CSV, without the header.
fn text(found: &Found, contacts: &[Contact], columns: &[&str], offset: i32, sums: &Sums) -> Result<Vec<u8>> {
    let mut writer = Writer::new(Format::Csv, Vec::new(), "contacts", columns, &Zone::named("UTC")?)?;
    for contact in contacts {
        let [case, person, place] = names(found, contact).map(String::from_utf8_lossy);
        let moment = |at| moment_text(at, offset).unwrap_or_default();
        let (first, last, lasted) = (moment(contact.first), moment(contact.last), minutes(contact.seconds.into()));
        let mut row: [&str; 8] = [&case, &person, &place, &first, &last, &lasted, "", ""];
        let sum = sums.get(&(contact.case, contact.person));
        let sum = sum.map(|(seconds, places)| (minutes(*seconds), places.to_string()));
        if let Some((seconds, places)) = &sum {
            (row[6], row[7]) = (seconds, places);
        }
        writer.row(&row.map(Value::Text)[..columns.len()])?;
    }
    let lines = writer.finish()?.1;
    let header = lines.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    Ok(lines[header..].to_vec())
}

fn write_parquet(found: &Found, path: &Path, hints: bool, sums: &Sums) -> std::io::Result<()> {
    let mut file = ContactFile::create(path, hints)?;
    for contact in &found.contacts {
        let sum = sums.get(&(contact.case, contact.person));
        let totals = sum.map(|(seconds, places)| Totals { minutes: *seconds as f64 / 60.0, places: *places });
        let times = [contact.first, contact.last];
        file.row(names(found, contact), times, f64::from(contact.seconds) / 60.0, totals)?;
    }
    file.finish()
}

#[cfg(test)]
mod tests {
    use super::minutes;

    #[test]
    fn two_decimals_of_a_minute_tell_the_second() {
        for (given, wanted) in [(900, "15"), (1, "0.02"), (90, "1.5"), (100, "1.67"), (0, "0"), (3_599, "59.98")] {
            assert_eq!(minutes(given), wanted);
        }
        // Two decimals tell the second.
        assert!((0..10_000_u64).all(|at| (minutes(at).parse::<f64>().unwrap() * 60.0).round() as u64 == at));
    }
}
