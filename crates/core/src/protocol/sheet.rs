//! Reading a pack's TOML into flat clauses with their places, and asking for them by path and kind. The asking is the
//! schema: whatever was never asked for is an unknown key, and the keys that were asked for under the same section are
//! what would have been expected. Errors are collected, never returned at the first.

mod kinds;

use super::{
    clause::*,
    errors::{PackError, Place},
};
use crate::reason::Mark;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

#[derive(Clone, Debug, PartialEq)]
enum Raw {
    Whole(i64),
    Real(f64),
    Flag(bool),
    Text(String),
    Wholes(Vec<i64>),
    Texts(Vec<String>),
    Nothing,
}

impl fmt::Display for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Raw::Whole(n) => write!(f, "{n}"),
            Raw::Real(x) => write!(f, "{x}"),
            Raw::Flag(yes) => write!(f, "{yes}"),
            Raw::Text(text) => write!(f, "'{text}'"),
            Raw::Wholes(list) => write!(f, "{list:?}"),
            Raw::Texts(list) => write!(f, "{list:?}"),
            Raw::Nothing => f.write_str("[]"),
        }
    }
}

/// One clause as it stands in a file.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    value: Raw,
    pub mark: Mark,
    pub sources: Vec<String>,
    unit: Option<String>,
    pub note: Option<String>,
    place: Place,
    file: String,
}

/// A text with its place: the head of a pack and its table of sources.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub text: String,
    pub place: Place,
}

/// A file read, and what has been asked of it.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    pub file: String,
    pub head: BTreeMap<String, Written>,
    pub title: BTreeMap<String, Written>,
    pub sources: BTreeMap<String, Written>,
    /// Questions by id, each with its texts by key.
    pub questions: BTreeMap<String, BTreeMap<String, Written>>,
    pub entries: BTreeMap<String, Entry>,
    sections: BTreeMap<String, Place>,
    asked: BTreeSet<String>,
    pub errors: Vec<PackError>,
}

/// Keys that may stand at the top of a file beside its sections.
const HEAD: &[&str] = &["id", "disease", "version", "effective_from", "effective_until", "overlay_of"];
/// Keys of a clause.
const CLAUSE: &[&str] = &["value", "mark", "source", "unit", "note"];

impl Sheet {
    /// Reads one file. Errors of form are in `errors`; what could be read is there.
    pub(super) fn parse(file: &str, text: &str) -> Sheet {
        let (table, wrong) = DeTable::parse_recoverable(text);
        let mut sheet = Sheet {
            file: file.to_owned(),
            head: BTreeMap::new(),
            title: BTreeMap::new(),
            sources: BTreeMap::new(),
            questions: BTreeMap::new(),
            entries: BTreeMap::new(),
            sections: BTreeMap::new(),
            asked: BTreeSet::new(),
            errors: Vec::new(),
        };
        for error in wrong {
            let span = error.span().unwrap_or(0..0);
            let found = text.get(span.clone()).filter(|part| !part.is_empty()).unwrap_or("end of line");
            let place = Place::of(text, span.start);
            sheet.wrong(place, "(TOML)", format!("'{}'", found.trim()), error.message().to_owned());
        }
        for (key, value) in table.get_ref().iter() {
            let (name, place) = (key.get_ref().to_string(), Place::of(text, key.span().start));
            match (name.as_str(), value.get_ref()) {
                (head, DeValue::String(said)) if HEAD.contains(&head) => {
                    sheet.head.insert(name, Written { text: said.to_string(), place });
                }
                (head, other) if HEAD.contains(&head) => sheet.wrong(place, head, other.type_str(), "a text in quotes"),
                ("title", DeValue::Table(inner)) => sheet.title = sheet.texts(text, "title", inner),
                ("sources", DeValue::Table(inner)) => sheet.sources = sheet.texts(text, "sources", inner),
                ("question", DeValue::Table(inner)) => sheet.questions(text, inner),
                (_, DeValue::Table(inner)) => sheet.section(text, &name, place, inner),
                (_, other) => {
                    let expected = format!("one of {}, or a section of clauses", HEAD.join(", "));
                    sheet.wrong(place, &name, other.type_str(), expected);
                }
            }
        }
        sheet
    }

    fn texts(&mut self, text: &str, section: &str, table: &DeTable<'_>) -> BTreeMap<String, Written> {
        let mut found = BTreeMap::new();
        for (key, value) in table.iter() {
            let place = Place::of(text, key.span().start);
            match value.get_ref() {
                DeValue::String(said) => {
                    found.insert(key.get_ref().to_string(), Written { text: said.to_string(), place });
                }
                other => {
                    self.wrong(place, &format!("{section}.{}", key.get_ref()), other.type_str(), "a text in quotes")
                }
            }
        }
        found
    }

    fn questions(&mut self, text: &str, table: &DeTable<'_>) {
        for (key, value) in table.iter() {
            let (id, place) = (key.get_ref().to_string(), Place::of(text, key.span().start));
            let path = format!("question.{id}");
            match value.get_ref() {
                DeValue::Table(inner) => {
                    let said = self.texts(text, &path, inner);
                    self.questions.insert(id, said);
                }
                other => self.wrong(place, &path, other.type_str(), "a section [question.ID]"),
            }
        }
    }

    fn section(&mut self, text: &str, path: &str, place: Place, table: &DeTable<'_>) {
        if table.iter().any(|(key, _)| CLAUSE.contains(&key.get_ref().as_ref())) {
            return self.clause(text, path, place, table);
        }
        self.sections.insert(path.to_owned(), place);
        for (key, value) in table.iter() {
            let path = format!("{path}.{}", key.get_ref());
            let place = Place::of(text, key.span().start);
            match value.get_ref() {
                DeValue::Table(inner) => self.section(text, &path, place, inner),
                other => self.wrong(
                    place,
                    &path,
                    format!("a bare {}", other.type_str()),
                    "a clause such as { value = 5, mark = \"V\", source = \"S13\" }",
                ),
            }
        }
    }

    fn clause(&mut self, text: &str, path: &str, place: Place, table: &DeTable<'_>) {
        let (mut value, mut mark, mut sources, mut unit, mut note) = (None, None, Vec::new(), None, None);
        for (key, item) in table.iter() {
            let (name, at) = (key.get_ref().as_ref(), Place::of(text, item.span().start));
            let inner = format!("{path}.{name}");
            match (name, item.get_ref()) {
                ("value", _) => match raw(item) {
                    Some(raw) => value = Some((raw, at)),
                    None => {
                        self.wrong(at, &inner, "something else", "a number, a text, true, false, or a list of one kind")
                    }
                },
                ("mark", DeValue::String(said)) => match said.as_ref() {
                    "V" => mark = Some(Mark::Verified),
                    "V-local" => mark = Some(Mark::Local),
                    "R" => mark = Some(Mark::ToConfirm),
                    other => self.wrong(at, &inner, format!("'{other}'"), "V, V-local or R"),
                },
                ("source", DeValue::String(said)) => {
                    sources = said.split(',').map(|key| key.trim().to_owned()).filter(|key| !key.is_empty()).collect();
                }
                ("unit", DeValue::String(said)) => unit = Some(said.to_string()),
                ("note", DeValue::String(said)) => note = Some(said.to_string()),
                (known, other) if CLAUSE.contains(&known) => {
                    self.wrong(at, &inner, other.type_str(), "a text in quotes")
                }
                _ => self.wrong(Place::of(text, key.span().start), &inner, "an unknown key", CLAUSE.join(", ")),
            }
        }
        if !table.iter().any(|(key, _)| key.get_ref() == "mark") {
            self.wrong(place, path, "a clause without mark", "mark = \"V\", \"V-local\" or \"R\"");
        }
        let Some((value, at)) = value else {
            if !table.iter().any(|(key, _)| key.get_ref() == "value") {
                self.wrong(place, path, "a clause without value", "value = ...");
            }
            return;
        };
        // A clause with a wrong mark was reported above; it goes on as unconfirmed so that its value is checked too.
        let mark = mark.unwrap_or(Mark::ToConfirm);
        if mark != Mark::ToConfirm && sources.is_empty() {
            self.wrong(
                place,
                path,
                format!("mark {mark} without a source"),
                "source = \"KEY\" out of the sources table",
            );
        }
        let entry = Entry { value, mark, sources, unit, note, place: at, file: self.file.clone() };
        self.entries.insert(path.to_owned(), entry);
    }

    /// Records an error of this file.
    pub(super) fn wrong(&mut self, place: Place, key: &str, found: impl Into<String>, expected: impl Into<String>) {
        let (found, expected) = (found.into(), expected.into());
        let file = self.file.clone();
        self.errors.push(PackError {
            file,
            line: place.line,
            column: place.column,
            key: key.to_owned(),
            found,
            expected,
        });
    }

    /// Records an error at a clause, in the file that the clause came from.
    pub(super) fn wrong_at(&mut self, path: &str, found: impl Into<String>, expected: impl Into<String>) {
        let (place, file) = match self.entries.get(path) {
            Some(entry) => (entry.place, entry.file.clone()),
            None => (self.nearest(path), self.file.clone()),
        };
        let (key, found, expected) = (path.to_owned(), found.into(), expected.into());
        self.errors.push(PackError { file, line: place.line, column: place.column, key, found, expected });
    }

    /// Place of the nearest section above a path.
    fn nearest(&self, path: &str) -> Place {
        let mut at = path;
        while let Some((up, _)) = at.rsplit_once('.') {
            if let Some(place) = self.sections.get(up) {
                return *place;
            }
            at = up;
        }
        Place::TOP
    }

    /// A clause that must be there.
    pub(super) fn need<T>(&mut self, path: &str, found: Option<Clause<T>>) -> Option<Clause<T>> {
        if found.is_none() && !self.entries.contains_key(path) {
            self.wrong_at(path, "nothing", "this clause");
        }
        found
    }

    fn ask<T>(
        &mut self,
        path: &str,
        units: &[&str],
        expected: &str,
        read: impl FnOnce(&Raw, Option<&str>) -> Option<T>,
    ) -> Option<Clause<T>> {
        self.asked.insert(path.to_owned());
        let entry = self.entries.get(path)?.clone();
        let unit = entry.unit.as_deref();
        if !(units.is_empty() && unit.is_none() || unit.is_some_and(|unit| units.contains(&unit))) {
            let expected =
                if units.is_empty() { "no unit".to_owned() } else { format!("unit = {}", units.join(" or ")) };
            self.wrong_at(path, unit.map_or("no unit".to_owned(), |unit| format!("unit '{unit}'")), expected);
            return None;
        }
        match read(&entry.value, unit) {
            Some(value) => {
                let Entry { mark, sources, note, .. } = entry;
                Some(Clause { value, mark, sources, note, path: path.to_owned() })
            }
            None => {
                self.wrong_at(path, entry.value.to_string(), expected);
                None
            }
        }
    }

    /// Names every clause that nobody asked for, and every source key that is not in the table.
    pub(super) fn finish(&mut self) {
        let unknown: Vec<String> = self.entries.keys().filter(|path| !self.asked.contains(*path)).cloned().collect();
        for path in unknown {
            let expected = self.siblings(&path);
            self.wrong_at(&path, "an unknown key", expected);
        }
        let sections: Vec<(String, Place)> = self.sections.iter().map(|(path, place)| (path.clone(), *place)).collect();
        for (path, place) in sections {
            let prefix = format!("{path}.");
            let holds = |known: &String| known.starts_with(&prefix);
            if !self.asked.iter().any(holds) && !self.entries.keys().any(holds) {
                let expected = self.siblings(&path);
                self.wrong(place, &path, "an unknown section", expected);
            }
        }
        let known: BTreeSet<String> = self.sources.keys().cloned().collect();
        let missing: Vec<(String, String)> = self
            .entries
            .iter()
            .flat_map(|(path, entry)| entry.sources.iter().map(move |key| (path.clone(), key.clone())))
            .filter(|(_, key)| !known.contains(key))
            .collect();
        for (path, key) in missing {
            self.wrong_at(&path, format!("source '{key}'"), "a key of the table [sources]");
        }
    }

    /// The keys that are understood at the first step of a path that is not.
    fn siblings(&self, path: &str) -> String {
        let mut above = path;
        loop {
            above = above.rsplit_once('.').map_or("", |(up, _)| up);
            let prefix = if above.is_empty() { String::new() } else { format!("{above}.") };
            let next: BTreeSet<&str> =
                self.asked.iter().filter_map(|known| known.strip_prefix(&prefix)?.split('.').next()).collect();
            if !next.is_empty() {
                let next: Vec<&str> = next.into_iter().collect();
                let here = if above.is_empty() { "at the top".to_owned() } else { format!("under {above}") };
                return format!("{here} one of {}", next.join(", "));
            }
            if above.is_empty() {
                return "a known section".to_owned();
            }
        }
    }

    /// This sheet with the clauses and sources of an overlay laid over it.
    pub(super) fn overlaid(&self, overlay: Sheet) -> Sheet {
        let mut merged = self.clone();
        merged.file = overlay.file;
        merged.head.extend(overlay.head);
        merged.title.extend(overlay.title);
        merged.sources.extend(overlay.sources);
        merged.questions.extend(overlay.questions);
        merged.entries.extend(overlay.entries);
        merged.sections.extend(overlay.sections);
        merged.errors = overlay.errors;
        merged.asked.clear();
        merged
    }
}

fn raw(item: &Spanned<DeValue<'_>>) -> Option<Raw> {
    let whole = |value: &DeValue<'_>| {
        value.as_integer().and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok())
    };
    Some(match item.get_ref() {
        DeValue::Boolean(yes) => Raw::Flag(*yes),
        DeValue::String(text) => Raw::Text(text.to_string()),
        DeValue::Float(number) => Raw::Real(number.as_str().parse().ok()?),
        value @ DeValue::Integer(_) => Raw::Whole(whole(value)?),
        DeValue::Array(list) if list.is_empty() => Raw::Nothing,
        DeValue::Array(list) if list[0].get_ref().is_integer() => {
            Raw::Wholes(list.iter().map(|item| whole(item.get_ref())).collect::<Option<_>>()?)
        }
        DeValue::Array(list) => {
            Raw::Texts(list.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect::<Option<_>>()?)
        }
        DeValue::Datetime(_) | DeValue::Table(_) => return None,
    })
}
