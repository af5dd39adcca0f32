//! Rows kept aside, worked through: corrected and taken by the same taker as the file they came in, or dropped with a
//! reason. A row is resolved once; when the last one of a file is, its item ends.

use super::{DeskError, FieldFault, Refusal, Report, Sitting, Verdict, invalid, stands};
use crate::{
    agenda,
    evidence::{Landing, Named, allowed_values, at_once},
    intake::aside_item,
    minutes::Close,
};
use dayclear_core::{
    access::Role,
    books::Worklist,
    listing::{Cell, DOUBTS},
    schema::{DAY_FOLDER, RESULTS, Table},
};
use dayclear_store::{doubts::Aside, landing::Given};
use dayclear_tabular::RAW_CHARS;
use serde_json::json;

pub(super) async fn resolve(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let value = at.text("value");
    if value.is_empty() && at.text("reason").is_empty() {
        return Err(invalid("reason", "", "a reason, where no value is given", "say why the row is dropped"));
    }
    let rows = at.tx.records(&DOUBTS, keys).await?;
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let row = rows.get(*key);
        let text = |field| row.and_then(|row| row.get(&DOUBTS, field).as_str()).unwrap_or_default();
        let number = match row.map(|row| row.get(&DOUBTS, "row")) {
            Some(Cell::Whole(number)) => *number,
            _ => 0,
        };
        let digest = key.split(':').next().unwrap_or_default();
        let aside = at.tx.aside(digest, text("source"), number, text("column")).await?;
        let verdict = match aside {
            None => Verdict::Refused(Refusal::Unknown),
            Some(aside) if aside.resolved_at.is_some() => Verdict::Same,
            Some(aside) => one(at, key, &aside, value).await?,
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    Ok(Report::of(verdicts))
}

/// The table of a file, by its name: that of a day folder, or of an import, which bears a part of its digest too.
fn table_of(source: &str) -> Option<&'static Table> {
    let name = source.rsplit_once('/').map_or(source, |(_, name)| name);
    let name = name.rsplit_once('.').map_or(name, |(name, _)| name);
    let name = match name.rsplit_once('-') {
        Some((name, digest)) if digest.bytes().all(|byte| byte.is_ascii_hexdigit()) => name,
        _ => name,
    };
    DAY_FOLDER.iter().copied().find(|table| table.name == name)
}

async fn one(at: &mut Sitting<'_, '_>, key: &str, aside: &Aside, value: &str) -> Result<Verdict, DeskError> {
    let Some(table) = table_of(&aside.doubt.source) else {
        return Ok(stands("a row of another kind of file", "correct the file and import it again"));
    };
    if at.doing.looker.duty.role == Role::Laboratory && table.name != RESULTS.name {
        return Ok(Verdict::Refused(Refusal::Unknown));
    }
    let duty = at.doing.looker.scope();
    let mut what = json!({"dropped": at.text("reason")});
    if !value.is_empty() {
        let text = match corrected(table, aside, value) {
            Ok(text) => text,
            Err(is) => return Ok(stands(is, "correct the file and send it again, or drop the row with a reason")),
        };
        let room = at.room;
        let named = Named::read(table, &aside.doubt.source, &text, room.day.zone)?;
        let references =
            named.references(at.tx, table, &at.doing.looker.scope(), &room.city).await?.judged_by(room.day.pack);
        let only = allowed_values(at.tx, at.doing, table, &named).await?;
        at.for_the_city();
        let given = Given { digest: &aside.digest, division: duty.division(), account: Some(at.account()) };
        let landing = Landing { table, source: &aside.doubt.source, given, keep: false };
        let (progress, doubts) = landing.land(at.tx, room, &text, &named, references, only).await?;
        if let Some(doubt) = doubts.into_iter().next() {
            at.tx.widen(&duty);
            return Ok(Verdict::Refused(Refusal::Invalid(vec![FieldFault {
                field: doubt.column,
                value: doubt.value.chars().take(100).collect(),
                expected: doubt.expected,
                remedy: doubt.remedy,
            }])));
        }
        at_once(at.tx, room, table, &named).await?;
        agenda::took(at.tx, &room.day, table, &named).await?;
        what = json!({"column": aside.doubt.column, "tally": progress.tally});
    }
    at.for_the_city();
    at.tx.resolve_aside(aside, at.doing.now).await?;
    let mut minutes = at.minutes();
    minutes.event(at.doing.now, "doubt.resolved", key, at.room.city.division(), &what, None)?;
    let city = at.room.city.division();
    let place = aside.doubt.division.as_ref().unwrap_or(city).district();
    let open = at.tx.asides_open(&aside.digest, &aside.doubt.source).await?;
    if !open.keys().any(|other| other.district() == place) {
        let subject = aside_item(&aside.digest, &aside.doubt.source, &place);
        for item in at.tx.open_of(Worklist::Clarify, &[&subject]).await? {
            minutes.known(item).done(at.doing.now, "every row that was kept aside has been worked through");
        }
    }
    minutes.hand_in(at.tx).await?;
    at.tx.widen(&duty);
    Ok(Verdict::Done)
}

/// The header of the file and the row with the corrected value, as a file of one row.
fn corrected(table: &'static Table, aside: &Aside, value: &str) -> Result<Vec<u8>, &'static str> {
    let raw = aside.doubt.raw.as_str();
    if raw.chars().count() >= RAW_CHARS {
        return Err("a row too long to be kept whole");
    }
    let declared = || table.columns.iter().map(|column| column.name).collect::<Vec<_>>().join(",");
    let header = aside.header.clone().unwrap_or_else(declared);
    let delimiter = [',', ';', '\t'].into_iter().max_by_key(|c| header.matches(*c).count()).unwrap_or(',');
    let names = fields(&header, delimiter).ok_or("a row of a file whose header is not known")?;
    let mut values = fields(raw, delimiter).ok_or("a torn row")?;
    if values.len() != names.len() {
        return Err("a torn row");
    }
    let column = aside.doubt.column.as_str();
    let place = names.iter().position(|name| name == column).ok_or("a row wrong as a whole")?;
    value.clone_into(&mut values[place]);
    let line = |cells: &[String]| {
        let quoted = cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")));
        quoted.collect::<Vec<_>>().join(",")
    };
    Ok(format!("{}\n{}\n", line(&names), line(&values)).into_bytes())
}

/// Fields of one line; `None` where a quote is not closed.
fn fields(line: &str, delimiter: char) -> Option<Vec<String>> {
    let (mut all, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = line.trim_end_matches(['\r', '\n']).chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                field.push('"');
                chars.next();
            }
            '"' => quoted = !quoted,
            c if c == delimiter && !quoted => all.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    all.push(field);
    (!quoted).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_it_was_written() {
        for (line, delimiter, expected) in [
            ("a,b,,d", ',', Some(vec!["a", "b", "", "d"])),
            ("\"a,1\";\"say \"\"so\"\"\"", ';', Some(vec!["a,1", "say \"so\""])),
            ("a,\"b", ',', None),
        ] {
            let expected = expected.map(|all| all.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(fields(line, delimiter), expected, "{line}");
        }
    }
}
