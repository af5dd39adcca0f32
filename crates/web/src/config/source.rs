//! Where settings come from: the defaults, a TOML file, the environment, the command line, each over the one before. It
//! guarantees that every fault is found at once and says where the value came from, and that a key nobody knows is a
//! fault too, with the nearest one that is known.

use std::{collections::BTreeMap, fmt};
use toml::de::{DeTable, DeValue};

/// Prefix of variables of the environment.
const PREFIX: &str = "DAYCLEAR_";
/// Variables with this prefix that are no settings of the server.
const OTHERS: &[&str] = &["DAYCLEAR_CONFIG", "DAYCLEAR_TEST_", "DAYCLEAR_BENCH_"];

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Origin {
    /// Nobody gave it.
    #[default]
    Default,
    /// A line of the file.
    File(String, usize),
    /// A variable of the environment.
    Environment(String),
    /// An argument.
    Argument(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("the default"),
            Origin::File(path, line) => write!(f, "{path}, line {line}"),
            Origin::Environment(name) => write!(f, "the variable {name}"),
            Origin::Argument(name) => write!(f, "the argument {name}"),
        }
    }
}

/// Something that keeps the server from starting, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl Finding {
    /// A finding.
    pub fn new(problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Finding { problem: problem.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  remedy: {}", self.problem, self.remedy)
    }
}

/// A value as it can be written in the file, in a variable or as an argument.
pub trait Setting: Sized {
    /// Reads a text; the error says what was expected.
    fn read(text: &str) -> Result<Self, String>;
    /// Writes it, for the documents.
    fn text(&self) -> String;
}

macro_rules! whole {
    ($($kind:ty),+) => {$(
        impl Setting for $kind {
            fn read(text: &str) -> Result<Self, String> {
                match text.trim().replace('_', "").parse::<$kind>() {
                    Ok(number) if number > 0 => Ok(number),
                    _ => Err(format!("a whole number from 1 to {}", <$kind>::MAX)),
                }
            }
            fn text(&self) -> String { self.to_string() }
        }
    )+};
}
whole!(u8, u32, u64, usize);

impl Setting for bool {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "true" | "yes" | "1" => Ok(true),
            "false" | "no" | "0" => Ok(false),
            _ => Err("true or false".to_owned()),
        }
    }
    fn text(&self) -> String {
        self.to_string()
    }
}

impl Setting for String {
    fn read(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }
    fn text(&self) -> String {
        format!("\"{self}\"")
    }
}

impl<T: Setting> Setting for Option<T> {
    fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() { Ok(None) } else { T::read(text).map(Some) }
    }
    fn text(&self) -> String {
        self.as_ref().map(T::text).unwrap_or_default()
    }
}

impl<T: Setting> Setting for Vec<T> {
    fn read(text: &str) -> Result<Self, String> {
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(T::read).collect()
    }
    fn text(&self) -> String {
        format!("[{}]", self.iter().map(T::text).collect::<Vec<_>>().join(", "))
    }
}

/// Values as given, by key, and what was found wrong with them.
#[derive(Default)]
pub struct Source {
    given: BTreeMap<String, (String, Origin)>,
    taken: BTreeMap<String, Origin>,
    faults: Vec<Finding>,
}

impl Source {
    /// Adds a file.
    pub fn file(&mut self, path: &str, text: &str) {
        match DeTable::parse(text) {
            Ok(table) => self.table(path, text, "", table.get_ref()),
            Err(error) => {
                let line = error.span().map_or(1, |span| line_at(text, span.start));
                let problem = format!("{path}, line {line}: {}", error.message());
                self.faults.push(Finding::new(problem, "write it as TOML: key = value, sections in [brackets]"));
            }
        }
    }

    fn table(&mut self, path: &str, text: &str, above: &str, table: &DeTable<'_>) {
        for (name, value) in table.iter() {
            let key = if above.is_empty() { name.get_ref().to_string() } else { format!("{above}.{}", name.get_ref()) };
            let origin = Origin::File(path.to_owned(), line_at(text, name.span().start));
            match value.get_ref() {
                DeValue::Table(table) => self.table(path, text, &key, table),
                value => {
                    if let Some(plain) = plain(value) {
                        self.given.insert(key, (plain, origin));
                    } else {
                        let problem = format!("{key} ({origin}) is no plain value");
                        self.faults
                            .push(Finding::new(problem, "give a text, a number, true or false, or a list of texts"));
                    }
                }
            }
        }
    }

    /// Adds the variables of the environment.
    pub fn environment(&mut self, variables: impl Iterator<Item = (String, String)>, keys: &[&str]) {
        for (name, value) in variables {
            if !name.starts_with(PREFIX) || OTHERS.iter().any(|other| name.starts_with(other)) {
                continue;
            }
            let key = keys.iter().find(|key| variable(key) == name).map(|key| (*key).to_owned());
            let key = key.unwrap_or_else(|| name[PREFIX.len()..].to_lowercase());
            self.given.insert(key, (value, Origin::Environment(name)));
        }
    }

    /// Adds an argument.
    pub fn argument(&mut self, key: &str, name: &str, value: impl Into<String>) {
        self.given.insert(key.to_owned(), (value.into(), Origin::Argument(name.to_owned())));
    }

    /// The value of a key, or its default where nobody gave one or what was given cannot be read.
    pub fn take<T: Setting>(&mut self, key: &str, default: T) -> T {
        let Some((text, origin)) = self.given.remove(key) else { return default };
        let read = T::read(&text).unwrap_or_else(|expected| {
            // an address may hold a password
            let shown = if key == "db" { String::new() } else { format!(" is '{text}'") };
            let problem = format!("{key}{shown} ({origin}): expected {expected}");
            self.faults.push(Finding::new(problem, format!("correct it there; the default is {}", default.text())));
            default
        });
        self.taken.insert(key.to_owned(), origin);
        read
    }

    /// Ends the reading: what is left is known to nobody. Gives the origins of what was taken, and all faults.
    pub fn end(mut self, keys: &[&str]) -> (BTreeMap<String, Origin>, Vec<Finding>) {
        for (key, (_, origin)) in std::mem::take(&mut self.given) {
            let nearest = keys.iter().min_by_key(|known| distance(known, &key)).copied().unwrap_or_default();
            let nearest = match origin {
                Origin::Environment(_) => variable(nearest),
                _ => nearest.to_owned(),
            };
            let problem = format!("{key} ({origin}) is no setting of this program");
            self.faults.push(Finding::new(problem, format!("leave it out, or write {nearest}")));
        }
        (self.taken, self.faults)
    }
}

/// The variable of the environment for a key.
pub fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "_").to_uppercase())
}

fn line_at(text: &str, byte: usize) -> usize {
    text.as_bytes().iter().take(byte).filter(|byte| **byte == b'\n').count() + 1
}

fn plain(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Boolean(truth) => Some(truth.to_string()),
        DeValue::Array(items) => {
            let texts: Option<Vec<String>> = items.iter().map(|item| plain(item.get_ref())).collect();
            texts.map(|texts| texts.join(","))
        }
        _ => None,
    }
}

/// Levenshtein distance: how many characters must change.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let cost = if a == *b { corner } else { corner + 1 };
            corner = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[right.len()]
}
