//! A pack and the set of packs: loading with every error at once, naming, and which pack is in force on a day.

use super::{
    clause::Clause,
    errors::*,
    overlay,
    rules::Rules,
    sheet::{Sheet, Written},
};
use crate::{
    reason::{Mark, Reason},
    time::CivilDate,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

/// Title of a pack in the three languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Title {
    /// English.
    pub en: String,
    /// Simplified Chinese.
    pub zh_hans: String,
    /// Traditional Chinese.
    pub zh_hant: String,
}

/// One clause as a list shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClauseInfo<'a> {
    /// Path inside the pack.
    pub path: &'a str,
    /// Evidence mark.
    pub mark: Mark,
    /// Source keys.
    pub sources: &'a [String],
    /// Note, if there is one.
    pub note: Option<&'a str>,
}

/// The rules of one disease from one day on.
#[derive(Clone, Debug)]
pub struct Pack {
    /// Id, for example `covid-19-cn-twenty`.
    pub id: String,
    /// Disease, for example `covid-19`. Packs of one disease follow each other.
    pub disease: String,
    /// Version of the file's content; for a dated document its date.
    pub version: String,
    /// First day on which the pack is in force.
    pub effective_from: CivilDate,
    /// Last day on which it is in force, where no pack follows it.
    pub effective_until: Option<CivilDate>,
    /// Title.
    pub title: Title,
    /// For an overlay: the id of the pack it lies on.
    pub overlay_of: Option<String>,
    pub(super) rules: Rules,
    sheet: Sheet,
}

impl Pack {
    fn from_sheet(sheet: Sheet) -> Result<Pack, Vec<PackError>> {
        match Pack::build(sheet) {
            (Some(pack), errors) if errors.is_empty() => Ok(pack),
            (_, errors) => Err(errors),
        }
    }

    /// The pack as far as it can be read, and every error. A pack with errors is for further checks only.
    fn build(mut sheet: Sheet) -> (Option<Pack>, Vec<PackError>) {
        let id = head(&mut sheet, "id", slug, "small letters, digits and '-', for example covid-19-cn-twenty");
        let disease = head(&mut sheet, "disease", slug, "small letters, digits and '-', for example covid-19");
        let version = head(&mut sheet, "version", slug, "digits, small letters and '-', for example 2022-11-11");
        let from = head(&mut sheet, "effective_from", day, "a date such as 2022-11-11");
        let until = sheet
            .head
            .contains_key("effective_until")
            .then(|| head(&mut sheet, "effective_until", day, "a date such as 2022-11-11"));
        let overlay_of = sheet.head.get("overlay_of").map(|said| said.text.clone());
        let title = title(&mut sheet);
        let rules = Rules::read(&mut sheet);
        sheet.finish();
        if let (Some(from), Some(Some(until))) = (from, until)
            && until < from
        {
            let place = sheet.head.get("effective_until").map_or(Place::TOP, |said| said.place);
            sheet.wrong(place, "effective_until", until.to_string(), format!("{from} (effective_from) or later"));
        }
        let errors = std::mem::take(&mut sheet.errors);
        let pack = match (id, disease, version, from, title, rules) {
            (Some(id), Some(disease), Some(version), Some(effective_from), Some(title), Some(rules)) => {
                let effective_until = until.flatten();
                Some(Pack { id, disease, version, effective_from, effective_until, title, overlay_of, rules, sheet })
            }
            _ => None,
        };
        (pack, errors)
    }

    /// `id@version`, as it stands in reasons.
    pub fn label(&self) -> String {
        format!("{}@{}", self.id, self.version)
    }

    /// Every clause by path, for lists and documents.
    pub fn clauses(&self) -> impl Iterator<Item = ClauseInfo<'_>> {
        self.sheet.entries.iter().map(|(path, entry)| ClauseInfo {
            path,
            mark: entry.mark,
            sources: &entry.sources,
            note: entry.note.as_deref(),
        })
    }

    /// What a source key stands for.
    pub fn source(&self, key: &str) -> Option<&str> {
        self.sheet.sources.get(key).map(|said| said.text.as_str())
    }

    /// Reads a lower division's overlay: a file with `overlay_of` and only the clauses that differ. It is refused when it
    /// is stricter than this pack anywhere (R07).
    pub fn overlay(&self, file: &str, text: &str) -> Result<Pack, PackErrors> {
        let mut sheet = Sheet::parse(file, text);
        match sheet.head.get("overlay_of").cloned() {
            Some(said) if said.text == self.id => {}
            Some(said) => sheet.wrong(said.place, "overlay_of", format!("'{}'", said.text), format!("'{}'", self.id)),
            None => sheet.wrong(Place::TOP, "overlay_of", "nothing", format!("overlay_of = \"{}\"", self.id)),
        }
        if !sheet.head.contains_key("id") {
            sheet.wrong(Place::TOP, "id", "nothing", "an id of the overlay's own");
        }
        let (pack, mut errors) = Pack::build(self.sheet.overlaid(sheet));
        if let Some(pack) = &pack {
            let mut sheet = pack.sheet.clone();
            for violation in self.validate_overlay(pack) {
                sheet.wrong_at(&violation.clause, violation.overlay, format!("at most {} (R07)", violation.above));
            }
            errors.append(&mut sheet.errors);
        }
        match pack {
            Some(pack) if errors.is_empty() => Ok(pack),
            _ => Err(PackErrors(sorted(errors))),
        }
    }

    /// Where an overlay is stricter than this pack (R07): longer, heavier, more tests, more people, larger areas, or slower
    /// in what people are owed. Empty = the overlay is lighter or equal.
    pub fn validate_overlay(&self, overlay: &Pack) -> Vec<Violation> {
        overlay::violations(self, overlay)
    }

    /// The reason that a clause of this pack gives.
    pub(super) fn because<T>(&self, clause: &Clause<T>) -> Reason {
        Reason::new(self.label(), clause.path.clone(), clause.mark)
    }

    /// A clause whose path is all that a decision can name, because the pack is silent there.
    pub(super) fn silent(&self, path: &str) -> Reason {
        Reason::new(self.label(), path, Mark::ToConfirm).with("pack_says", "nothing")
    }
}

/// A set of packs, checked together.
#[derive(Clone, Debug, Default)]
pub struct Packs {
    by_id: BTreeMap<String, Arc<Pack>>,
}

/// The packs of this repository.
const BUILTIN: &[(&str, &str)] = &[
    ("covid-19-cn-ninth.toml", include_str!("../../../../protocols/covid-19-cn-ninth.toml")),
    ("covid-19-cn-twenty.toml", include_str!("../../../../protocols/covid-19-cn-twenty.toml")),
    ("covid-19-cn-ten.toml", include_str!("../../../../protocols/covid-19-cn-ten.toml")),
    ("ebola.toml", include_str!("../../../../protocols/ebola.toml")),
    ("measles.toml", include_str!("../../../../protocols/measles.toml")),
    ("mpox.toml", include_str!("../../../../protocols/mpox.toml")),
    ("mers.toml", include_str!("../../../../protocols/mers.toml")),
];

impl Packs {
    /// The packs that are built in, read once in a process.
    pub fn builtin() -> Result<Packs, PackErrors> {
        static READ: LazyLock<Result<Packs, PackErrors>> = LazyLock::new(|| Packs::parse(BUILTIN));
        READ.clone()
    }

    /// Reads packs from `(file name, text)`. Either all are right, or every error of every file is returned.
    pub fn parse(files: &[(&str, &str)]) -> Result<Packs, PackErrors> {
        let mut packs: Vec<(Pack, &str)> = Vec::new();
        let mut errors = Vec::new();
        for (file, text) in files {
            match Pack::from_sheet(Sheet::parse(file, text)) {
                Ok(pack) => packs.push((pack, file)),
                Err(wrong) => errors.extend(wrong),
            }
        }
        packs.sort_by(|a, b| (&a.0.disease, a.0.effective_from, a.1).cmp(&(&b.0.disease, b.0.effective_from, b.1)));
        for pair in packs.windows(2) {
            let ((before, _), (after, file)) = (&pair[0], &pair[1]);
            if before.disease == after.disease
                && before.effective_until.unwrap_or(before.effective_from) >= after.effective_from
            {
                let place = after.sheet.head.get("effective_from").map_or(Place::TOP, |said| said.place);
                let end = before.effective_until.unwrap_or(before.effective_from);
                errors.push(PackError {
                    file: (*file).to_owned(),
                    line: place.line,
                    column: place.column,
                    key: "effective_from".to_owned(),
                    found: after.effective_from.to_string(),
                    expected: format!(
                        "a day after {end}, because {} of the same disease is in force until then",
                        before.id
                    ),
                });
            }
        }
        let mut by_id: BTreeMap<String, Arc<Pack>> = BTreeMap::new();
        for (pack, file) in packs {
            if let Some(said) = pack.sheet.head.get("overlay_of") {
                errors.push(refused(file, said, "overlay_of", "a whole pack; an overlay is read by Pack::overlay"));
            }
            if let Some(first) = by_id.get(&pack.id)
                && let Some(said) = pack.sheet.head.get("id")
            {
                errors.push(refused(file, said, "id", &format!("an id that {} does not have yet", first.sheet.file)));
            }
            by_id.insert(pack.id.clone(), Arc::new(pack));
        }
        if errors.is_empty() { Ok(Packs { by_id }) } else { Err(PackErrors(sorted(errors))) }
    }

    /// The pack of that id.
    pub fn named(&self, id: &str) -> Option<&Pack> {
        self.by_id.get(id).map(Arc::as_ref)
    }

    /// Every pack, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Pack> {
        self.by_id.values().map(Arc::as_ref)
    }

    /// The pack of a disease that is in force on a day: the latest one that has begun, unless it has ended.
    pub fn in_force(&self, disease: &str, day: CivilDate) -> Option<&Pack> {
        let begun = self.iter().filter(|pack| pack.disease == disease && pack.effective_from <= day);
        begun
            .max_by_key(|pack| pack.effective_from)
            .filter(|pack| pack.effective_until.is_none_or(|until| day <= until))
    }
}

fn sorted(mut errors: Vec<PackError>) -> Vec<PackError> {
    errors.sort();
    errors.dedup();
    errors
}

fn refused(file: &str, said: &Written, key: &str, expected: &str) -> PackError {
    let (line, column) = (said.place.line, said.place.column);
    let (found, expected) = (format!("'{}'", said.text), expected.to_owned());
    PackError { file: file.to_owned(), line, column, key: key.to_owned(), found, expected }
}

fn slug(text: &str) -> Option<String> {
    let good = (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    good.then(|| text.to_owned())
}

fn day(text: &str) -> Option<CivilDate> {
    text.parse().ok()
}

fn head<T>(sheet: &mut Sheet, key: &str, read: impl Fn(&str) -> Option<T>, expected: &str) -> Option<T> {
    let Some(said) = sheet.head.get(key).cloned() else {
        // A head of the wrong kind (a bare date, a number) was reported when the file was read.
        if !sheet.errors.iter().any(|error| error.key == key) {
            sheet.wrong(Place::TOP, key, "nothing", expected);
        }
        return None;
    };
    let found = read(&said.text);
    if found.is_none() {
        sheet.wrong(said.place, key, format!("'{}'", said.text), expected);
    }
    found
}

fn title(sheet: &mut Sheet) -> Option<Title> {
    const LANGUAGES: [&str; 3] = ["en", "zh-Hans", "zh-Hant"];
    let strange: Vec<(String, Place)> = sheet
        .title
        .iter()
        .filter(|(key, said)| !LANGUAGES.contains(&key.as_str()) || said.text.trim().is_empty())
        .map(|(key, said)| (format!("title.{key}"), said.place))
        .collect();
    for (key, place) in strange {
        sheet.wrong(place, &key, "an empty title or an unknown language", "a title in en, zh-Hans and zh-Hant");
    }
    let mut text = |key: &str| {
        let said = sheet.title.get(key).map(|said| said.text.clone());
        if said.is_none() {
            sheet.wrong(Place::TOP, &format!("title.{key}"), "nothing", "a title in this language");
        }
        said
    };
    let (en, zh_hans, zh_hant) = (text(LANGUAGES[0]), text(LANGUAGES[1]), text(LANGUAGES[2]));
    Some(Title { en: en?, zh_hans: zh_hans?, zh_hant: zh_hant? })
}
