//! The bulletin as files for machines: JSON with the field names of the type, and CSV in long form. It may use the JSON
//! writer. It guarantees that a figure nobody knows is `null` in the one and empty in the other, and that no cell of the
//! CSV is taken for a formula by a spreadsheet.

use crate::{
    PaperError,
    figures::{by_worklist, new_infections},
    lang::Lang,
    page::city,
    sections::{flow_lines, stock_parts, unit_name},
    words::Words,
};
use dayclear_core::bulletin::{Bulletin, Provenance};
use serde_json::json;

/// The bulletin as JSON: the fields of [`Bulletin`], in their order, by their names. It reads back into the same bulletin.
pub fn bulletin_json(bulletin: &Bulletin) -> Result<String, PaperError> {
    let mut text = serde_json::to_string_pretty(bulletin)?;
    text.push('\n');
    Ok(text)
}

/// The bulletin as CSV in long form: `date,section,key,label,value`, in UTF-8 without a byte order mark. Keys are the same
/// in every language and stay as they are from version to version; labels are in the language asked for. A value that
/// nobody knows is empty.
pub fn bulletin_csv(bulletin: &Bulletin, lang: Lang) -> String {
    let mut sheet = Sheet { words: Words::of(lang), date: bulletin.date.to_string(), out: String::new() };
    sheet.out.push_str("date,section,key,label,value\n");
    about(&mut sheet, bulletin, lang);
    headline(&mut sheet, bulletin);
    cases(&mut sheet, bulletin);
    hold(&mut sheet, bulletin);
    proof(&mut sheet, bulletin);
    sheet.out
}

/// The figures of the day as a set of aggregate values for DHIS2 (`POST /api/dataValueSets` with the id schemes `CODE`): one value
/// for each data element and unit that is known. The codes of data elements are those of the CSV; those of units are the city's.
pub fn bulletin_dhis2(bulletin: &Bulletin, city: &str) -> Result<String, PaperError> {
    let period = bulletin.date.to_string().replace('-', "");
    let mut values = Vec::new();
    let mut add = |element: &str, unit: &str, value: Option<u64>| {
        if let Some(value) = value {
            let element = format!("dayclear_{element}");
            values.push(json!({"dataElement": element, "period": period, "orgUnit": unit, "value": value.to_string()}));
        }
    };
    for (element, value) in [
        ("confirmed", bulletin.confirmed),
        ("asymptomatic", bulletin.asymptomatic),
        ("converted", bulletin.converted),
        ("new_infections", new_infections(bulletin)),
        ("community", bulletin.community),
        ("awaiting", bulletin.awaiting),
        ("in_care", bulletin.in_care),
        ("severe", bulletin.severe),
        ("critical", bulletin.critical),
        ("recovered", bulletin.recovered),
        ("died", bulletin.died),
        ("tubes", bulletin.tubes),
        ("sampled", bulletin.sampled),
        ("resulted", bulletin.resulted),
        ("positive_tubes", bulletin.positive_tubes),
    ] {
        add(element, city, value);
    }
    for unit in &bulletin.units {
        for (element, value) in [
            ("confirmed", unit.confirmed),
            ("asymptomatic", unit.asymptomatic),
            ("awaiting", unit.awaiting),
            ("community", unit.community),
        ] {
            add(element, unit.code.as_str(), value);
        }
    }
    for beds in &bulletin.beds {
        let parts = [("total", beds.total), ("occupied", beds.occupied), ("held", beds.held), ("free", beds.free)];
        for (part, value) in parts {
            add(&format!("beds_{}_{part}", beds.kind.name()), city, Some(value));
        }
    }
    let mut text = serde_json::to_string_pretty(&json!({"dataSet": "dayclear_bulletin", "dataValues": values}))?;
    text.push('\n');
    Ok(text)
}

/// A file that goes out with an edition.
#[derive(Clone, Debug)]
pub struct PackedFile {
    /// Name beside the description.
    pub name: String,
    /// Language of its labels; none where it has none.
    pub lang: Option<Lang>,
    /// Bytes.
    pub bytes: usize,
    /// SHA-256 of them, hexadecimal.
    pub sha256: String,
    /// Rows without the head, for a table.
    pub rows: Option<usize>,
}

/// An edition as it was published.
#[derive(Clone, Copy, Debug)]
pub struct Edition<'a> {
    /// Its number.
    pub number: i64,
    /// When it was published.
    pub published_at: &'a str,
    /// What it corrects of the edition before, which it supersedes.
    pub correction: Option<&'a str>,
}

/// The description of an edition's files as a Frictionless Data Package (specs.frictionlessdata.io): names, types, hashes, and
/// which edition is superseded. The licence is for the city to name, and is not in it.
pub fn bulletin_package(bulletin: &Bulletin, edition: Edition<'_>, files: &[PackedFile]) -> Result<String, PaperError> {
    let field = |name: &str, kind: &str, about: &str| json!({"name": name, "type": kind, "description": about});
    let schema = json!({
        "fields": [
            field("date", "date", "day that the figures tell of"),
            field("section", "string", "part of the bulletin"),
            field("key", "string", "what the figure is; the same in every language and version"),
            field("label", "string", "the same in the language of the file"),
            field("value", "string", "the figure; empty where nobody knows or it is withheld"),
        ],
        "primaryKey": ["section", "key"],
        "missingValues": [""],
    });
    let resource = |file: &PackedFile| {
        let csv = file.name.ends_with(".csv");
        let mut resource = json!({
            "name": file.name.trim_end_matches(".csv").trim_end_matches(".json").replace('.', "-").to_ascii_lowercase(),
            "path": file.name,
            "format": if csv { "csv" } else { "json" },
            "mediatype": if csv { "text/csv" } else { "application/json" },
            "encoding": "utf-8",
            "bytes": file.bytes,
            "hash": format!("sha256:{}", file.sha256),
        });
        if csv {
            resource["profile"] = "tabular-data-resource".into();
            resource["schema"] = schema.clone();
        }
        if let Some(lang) = file.lang {
            resource["language"] = lang.tag().into();
        }
        if let Some(rows) = file.rows {
            resource["rows"] = rows.into();
        }
        resource
    };
    let day = bulletin.date.to_string();
    let mut package = json!({
        "profile": "data-package",
        "name": format!("bulletin-{day}"),
        "id": format!("bulletin-{day}-{}", edition.number),
        "title": format!("Bulletin of {day}, {}", bulletin.city_en.as_deref().unwrap_or(&bulletin.city)),
        "version": edition.number.to_string(),
        "created": edition.published_at,
        "resources": files.iter().map(resource).collect::<Vec<_>>(),
    });
    if let Some(correction) = edition.correction {
        package["supersedes"] = (edition.number - 1).to_string().into();
        package["correction"] = correction.into();
    }
    if let Provenance::Books { signature } = &bulletin.provenance {
        package["signature"] = signature.as_str().into();
    }
    let mut text = serde_json::to_string_pretty(&package)?;
    text.push('\n');
    Ok(text)
}

struct Sheet {
    words: &'static Words,
    date: String,
    out: String,
}

impl Sheet {
    fn row(&mut self, section: &str, key: &str, label: &str, value: &str) {
        let cells = [self.date.as_str(), section, key, label, value].map(cell);
        self.out.push_str(&cells.join(","));
        self.out.push('\n');
    }
    /// A number under a label of its own.
    fn number(&mut self, section: &str, key: &str, label: &str, value: Option<u64>) {
        let label = self.words.say(label);
        self.row(section, key, &label, &value.map(|value| value.to_string()).unwrap_or_default());
    }
    /// A number that is one part of a named line.
    fn part(&mut self, section: &str, line: (&str, &str), part: (&str, &str), value: Option<u64>) {
        let named = self.words.say(part.1);
        let label = self.words.get("csv-label", &[("name", line.1.into()), ("part", named.into())]);
        let key = format!("{}.{}", line.0, part.0);
        self.row(section, &key, &label, &value.map(|value| value.to_string()).unwrap_or_default());
    }
}

/// One cell, quoted where it must be. Text that a spreadsheet would run as a formula gets an apostrophe in front; plain
/// negative numbers stay numbers. Soft hyphens serve the page only.
fn cell(text: &str) -> String {
    let mut text = text.replace('\u{ad}', "");
    let risky = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if risky && text.parse::<i64>().is_err() {
        text.insert(0, '\'');
    }
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

fn about(sheet: &mut Sheet, bulletin: &Bulletin, lang: Lang) {
    let words = sheet.words;
    let date = sheet.date.clone();
    sheet.row("about", "date", &words.say("csv-date"), &date);
    sheet.row("about", "city", &words.say("csv-city"), city(bulletin, lang));
    let cutoff = bulletin.cutoff.map(|at| at.to_string()).unwrap_or_default();
    sheet.row("about", "cutoff", &words.say("cutoff"), &cutoff);
    sheet.row("about", "pack", &words.say("protocol"), bulletin.pack.as_deref().unwrap_or_default());
    match &bulletin.provenance {
        Provenance::Books { signature } => sheet.row("about", "signature", &words.say("csv-signature"), signature),
        Provenance::Published { sources } => {
            for (at, source) in sources.iter().enumerate() {
                sheet.row("about", &format!("source.{}", at + 1), &words.say("csv-source"), source);
            }
        }
    }
}

fn headline(sheet: &mut Sheet, bulletin: &Bulletin) {
    sheet.number("headline", "confirmed", "figure-confirmed", bulletin.confirmed);
    sheet.number("headline", "asymptomatic", "figure-asymptomatic", bulletin.asymptomatic);
    sheet.number("headline", "converted", "route-converted", bulletin.converted);
    sheet.number("headline", "new_infections", "csv-new-infections", new_infections(bulletin));
    sheet.number("headline", "community", "figure-community", bulletin.community);
    sheet.number("headline", "awaiting", "column-awaiting", bulletin.awaiting);
}

fn cases(sheet: &mut Sheet, bulletin: &Bulletin) {
    let words = sheet.words;
    for line in &bulletin.routes {
        let (key, name) = match line.route {
            Some(route) => (route.name(), words.term(route)),
            None => ("converted", words.say("route-converted")),
        };
        sheet.part("routes", (key, &name), ("confirmed", "column-confirmed"), line.confirmed);
        sheet.part("routes", (key, &name), ("asymptomatic", "column-asymptomatic"), line.asymptomatic);
    }
    for unit in &bulletin.units {
        let line = (unit.code.as_str(), unit_name(unit, words));
        let line = (line.0, line.1.as_str());
        sheet.part("units", line, ("confirmed", "column-confirmed"), unit.confirmed);
        sheet.part("units", line, ("asymptomatic", "column-asymptomatic"), unit.asymptomatic);
        sheet.part("units", line, ("awaiting", "column-awaiting"), unit.awaiting);
        if unit.community.is_some() || unit.community_withheld {
            sheet.part("units", line, ("community", "column-community"), unit.community);
        }
    }
    sheet.number("care", "in_care", "care-in-care", bulletin.in_care);
    sheet.number("care", "severe", "care-severe", bulletin.severe);
    sheet.number("care", "critical", "care-critical", bulletin.critical);
    sheet.number("care", "recovered", "care-recovered", bulletin.recovered);
    sheet.number("care", "died", "care-died", bulletin.died);
    for line in &bulletin.stock {
        let name = words.term(line.class);
        for (part, label, value) in stock_parts(line) {
            let named = words.get("csv-label", &[("name", name.as_str().into()), ("part", words.say(label).into())]);
            let value = value.map(|value| value.to_string()).unwrap_or_default();
            sheet.row("stock", &format!("{}.{part}", line.class.name()), &named, &value);
        }
    }
}

fn hold(sheet: &mut Sheet, bulletin: &Bulletin) {
    let words = sheet.words;
    for beds in &bulletin.beds {
        let name = words.term(beds.kind);
        let line = (beds.kind.name(), name.as_str());
        sheet.part("beds", line, ("total", "column-beds"), Some(beds.total));
        sheet.part("beds", line, ("occupied", "column-occupied"), Some(beds.occupied));
        sheet.part("beds", line, ("held", "column-held"), Some(beds.held));
        sheet.part("beds", line, ("free", "column-free"), Some(beds.free));
    }
    sheet.number("tests", "tubes", "tests-tubes", bulletin.tubes);
    sheet.number("tests", "sampled", "tests-sampled", bulletin.sampled);
    sheet.number("tests", "resulted", "tests-resulted", bulletin.resulted);
    sheet.number("tests", "positive_tubes", "tests-positive", bulletin.positive_tubes);
    sheet.number("tests", "turnaround_min", "csv-turnaround", bulletin.turnaround_min);
    sheet.number("tests", "corrections", "tests-corrections", bulletin.corrections);
    for (key, flow) in flow_lines(bulletin) {
        let name = words.say(&format!("flow-{key}"));
        let line = (key, name.as_str());
        sheet.part("flows", line, ("before", "column-before"), flow.map(|flow| flow.before));
        sheet.part("flows", line, ("begun", "column-begun"), flow.map(|flow| flow.begun));
        sheet.part("flows", line, ("ended", "column-ended"), flow.map(|flow| flow.ended));
        sheet.part("flows", line, ("open", "column-open"), flow.map(|flow| flow.open));
        sheet.part("flows", line, ("overdue", "column-overdue"), flow.map(|flow| flow.overdue));
    }
}

fn proof(sheet: &mut Sheet, bulletin: &Bulletin) {
    let words = sheet.words;
    for books in by_worklist(&bulletin.books) {
        let name = words.term(books.worklist);
        let line = (books.worklist.name(), name.as_str());
        sheet.part("books", line, ("opening", "csv-opening"), Some(books.opening));
        sheet.part("books", line, ("received", "csv-received"), Some(books.received));
        sheet.part("books", line, ("completed", "csv-completed"), Some(books.completed));
        sheet.part("books", line, ("cancelled", "csv-cancelled"), Some(books.cancelled));
        sheet.part("books", line, ("closing", "csv-closing"), Some(books.closing));
        sheet.part("books", line, ("overdue", "column-overdue"), Some(books.overdue));
    }
    for check in &bulletin.checks {
        let name = words.given("check", &check.name);
        let parts = [("total", "column-total", Some(check.total)), ("parts", "column-parts", check.parts)];
        for (part, label, value) in parts {
            let label = words.get("csv-label", &[("name", name.as_str().into()), ("part", words.say(label).into())]);
            let value = value.map(|value| value.to_string()).unwrap_or_default();
            sheet.row("checks", &format!("{}.{part}", check.name), &label, &value);
        }
    }
    for (at, note) in bulletin.notes.iter().enumerate() {
        sheet.row("notes", &format!("{}", at + 1), &words.say("csv-note"), &words.given("note", note));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_numbers_stay_numbers() {
        let cases = [
            ("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\""),
            ("+86 23", "'+86 23"),
            ("-12", "-12"),
            ("-1+1", "'-1+1"),
            ("@sum", "'@sum"),
            ("＝1", "'＝1"),
            ("a,b", "\"a,b\""),
            ("two\nlines", "\"two\nlines\""),
            ("渝中区", "渝中区"),
            ("", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(cell(text), expected);
        }
    }
}
