//! Options of the form `--name value` or `--name=value`, and flags. A parser library would cost more to compile than
//! the few options here are worth. An option that nobody asked for is an error, never ignored.

use std::{fmt, str::FromStr};

/// The command line makes no sense; the program exits 2.
#[derive(Debug)]
pub struct BadUsage(pub String);

impl fmt::Display for BadUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadUsage {}

/// Words that have not been asked for yet.
pub struct Arguments(Vec<String>);

impl Arguments {
    /// All words after the command.
    pub fn new(words: &[String]) -> Self {
        Arguments(words.to_vec())
    }

    /// Takes the value of an option, or the default.
    pub fn option<T: FromStr>(&mut self, name: &str, default: T) -> Result<T, BadUsage> {
        Ok(self.optional(name)?.unwrap_or(default))
    }

    /// Takes the value of an option that may be left out.
    pub fn optional<T: FromStr>(&mut self, name: &str) -> Result<Option<T>, BadUsage> {
        let glued = format!("{name}=");
        let Some(at) = self.0.iter().position(|word| word == name || word.starts_with(&glued)) else { return Ok(None) };
        let word = self.0.remove(at);
        let text = match word.strip_prefix(&glued) {
            Some(text) => text.to_owned(),
            None if at < self.0.len() => self.0.remove(at),
            None => return Err(BadUsage(format!("{name} needs a value"))),
        };
        text.parse().map(Some).map_err(|_| BadUsage(format!("'{text}' is no value for {name}")))
    }

    /// Takes a flag.
    pub fn flag(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|word| word != name);
        self.0.len() < before
    }

    /// Nothing may be left.
    pub fn finish(self) -> Result<(), BadUsage> {
        match self.0.first() {
            None => Ok(()),
            Some(word) => Err(BadUsage(format!("'{word}' is not understood"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(text: &str) -> Arguments {
        Arguments(text.split_whitespace().map(str::to_owned).collect())
    }

    #[test]
    fn options_come_in_both_forms_and_fall_back_to_the_default() {
        let mut given = arguments("--people 5 --date=2022-11-20 --keep");
        assert_eq!(given.option("--people", 1_u64).unwrap(), 5);
        assert_eq!(given.option("--date", String::new()).unwrap(), "2022-11-20");
        assert_eq!(given.option("--tubes", 7_u64).unwrap(), 7);
        assert!(given.flag("--keep") && !given.flag("--keep"));
        assert!(given.finish().is_ok());
    }

    #[test]
    fn a_missing_wrong_or_unknown_word_is_bad_usage() {
        assert!(arguments("--people").optional::<u64>("--people").is_err());
        assert!(arguments("--people many").optional::<u64>("--people").is_err());
        assert!(arguments("--peeple 5").finish().is_err());
    }
}
