//! The words of a language: messages by key, from the Fluent files under `messages/`, which are built into the program.
//! It may use the Fluent library and hides it. A key without a message prints itself, so a gap is seen and nothing fails;
//! the tests see to it that there is none.

use crate::{
    lang::{Lang, grouped},
    shown::Shown,
};
use dayclear_core::protocol::Packs;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use std::{borrow::Cow, sync::OnceLock};
use unic_langid::LanguageIdentifier;

/// The message files of a language, by their names.
pub const FILES: &[&str] = &[
    "terms.ftl",
    "lists.ftl",
    "console.ftl",
    "pages.ftl",
    "public.ftl",
    "field.ftl",
    "bulletin.ftl",
    "notes.ftl",
    "summary.ftl",
    "drill.ftl",
    "site.ftl",
    "trip.ftl",
    "away.ftl",
    "situation.ftl",
    "scenarios.ftl",
    "papers.ftl",
];

macro_rules! files {
    ($tag:literal) => {
        [
            include_str!(concat!("../messages/", $tag, "/terms.ftl")),
            include_str!(concat!("../messages/", $tag, "/lists.ftl")),
            include_str!(concat!("../messages/", $tag, "/console.ftl")),
            include_str!(concat!("../messages/", $tag, "/pages.ftl")),
            include_str!(concat!("../messages/", $tag, "/public.ftl")),
            include_str!(concat!("../messages/", $tag, "/field.ftl")),
            include_str!(concat!("../messages/", $tag, "/bulletin.ftl")),
            include_str!(concat!("../messages/", $tag, "/notes.ftl")),
            include_str!(concat!("../messages/", $tag, "/summary.ftl")),
            include_str!(concat!("../messages/", $tag, "/drill.ftl")),
            include_str!(concat!("../messages/", $tag, "/site.ftl")),
            include_str!(concat!("../messages/", $tag, "/trip.ftl")),
            include_str!(concat!("../messages/", $tag, "/away.ftl")),
            include_str!(concat!("../messages/", $tag, "/situation.ftl")),
            include_str!(concat!("../messages/", $tag, "/scenarios.ftl")),
            include_str!(concat!("../messages/", $tag, "/papers.ftl")),
        ]
    };
}

/// The text of the message files of a language, in the order of [`FILES`].
pub const fn sources(lang: Lang) -> [&'static str; 16] {
    match lang {
        Lang::En => files!("en"),
        Lang::ZhHans => files!("zh-Hans"),
        Lang::ZhHant => files!("zh-Hant"),
    }
}

/// A value put into a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Arg<'a> {
    /// Text, as it is.
    Text(Cow<'a, str>),
    /// A whole number: printed with separators, and the message may choose its plural form by it.
    Count(u64),
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Arg::Text(Cow::Borrowed(text))
    }
}
impl From<String> for Arg<'_> {
    fn from(text: String) -> Self {
        Arg::Text(Cow::Owned(text))
    }
}
impl From<u64> for Arg<'_> {
    fn from(count: u64) -> Self {
        Arg::Count(count)
    }
}
impl From<usize> for Arg<'_> {
    fn from(count: usize) -> Self {
        Arg::Count(count as u64)
    }
}

/// The words of one language.
pub struct Words {
    lang: Lang,
    bundle: FluentBundle<FluentResource>,
}

impl Words {
    /// The words of a language. The messages are read once, on first use.
    pub fn of(lang: Lang) -> &'static Words {
        static EN: OnceLock<Words> = OnceLock::new();
        static ZH_HANS: OnceLock<Words> = OnceLock::new();
        static ZH_HANT: OnceLock<Words> = OnceLock::new();
        let place = match lang {
            Lang::En => &EN,
            Lang::ZhHans => &ZH_HANS,
            Lang::ZhHant => &ZH_HANT,
        };
        place.get_or_init(|| Words::read(lang))
    }

    fn read(lang: Lang) -> Words {
        let id: LanguageIdentifier = lang.tag().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        // All three languages run from left to right, so marks around values would only disturb the terminal.
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(|value, _| match value {
            FluentValue::Number(number) => Some(grouped(&number.as_string())),
            _ => None,
        }));
        for source in sources(lang) {
            // A file with a fault gives what can be read of it; a test refuses the fault and any key that stands twice.
            let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(part, _)| part);
            bundle.add_resource_overriding(resource);
        }
        Words { lang, bundle }
    }

    /// The language.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// Whether there is a message of this key.
    pub fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    /// Parts of one remark, beside each other.
    pub fn joined(&self, parts: &[String]) -> String {
        parts.join(&self.say("beside"))
    }

    /// The message of a key with its values; the key itself where there is none.
    pub fn get(&self, key: &str, args: &[(&str, Arg<'_>)]) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            return key.to_owned();
        };
        let mut values = FluentArgs::with_capacity(args.len());
        for (name, arg) in args {
            match arg {
                Arg::Text(text) => values.set(*name, text.as_ref()),
                Arg::Count(count) => values.set(*name, *count),
            }
        }
        // Faults (a value that was not given) stay visible in the text as `{$name}`.
        self.bundle.format_pattern(pattern, Some(&values), &mut Vec::new()).into_owned()
    }

    /// The message of a key that takes no values.
    pub fn say(&self, key: &str) -> String {
        self.get(key, &[])
    }

    /// A term of the vocabulary.
    pub fn term<T: Shown>(&self, term: T) -> String {
        self.say(&format!("{}-{}", T::PREFIX, term.text()))
    }

    /// A number, or that nobody knows.
    pub fn count(&self, value: Option<u64>) -> String {
        value.map_or_else(|| self.say("not-known"), |value| self.lang.number(value))
    }

    /// A key that comes with the data (`check`, `note`, `hop`), with or without its prefix; where it has no
    /// message it is text written by a person or by a newer version, and is printed as it is.
    pub fn given(&self, prefix: &str, name: &str) -> String {
        let bare = name.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-')).unwrap_or(name);
        let key = format!("{prefix}-{}", bare.replace('.', "-"));
        if self.has(&key) { self.say(&key) } else { name.to_owned() }
    }

    /// A protocol pack by id and version (`covid-19-cn-twenty@2022-11-11`), with the title that the pack itself carries.
    pub fn pack(&self, label: &str) -> String {
        static PACKS: OnceLock<Option<Packs>> = OnceLock::new();
        let (id, version) = label.split_once('@').unwrap_or((label, ""));
        let known = PACKS.get_or_init(|| Packs::builtin().ok()).as_ref().and_then(|packs| packs.named(id));
        let name = match (known, self.lang) {
            (None, _) => id,
            (Some(pack), Lang::En) => &pack.title.en,
            (Some(pack), Lang::ZhHans) => &pack.title.zh_hans,
            (Some(pack), Lang::ZhHant) => &pack.title.zh_hant,
        };
        match version {
            "" => name.to_owned(),
            version => self.get("pack-with-version", &[("name", name.into()), ("version", version.into())]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_takes_numbers_and_a_missing_one_shows_its_key() {
        let words = Words::of(Lang::En);
        assert_eq!(words.count(Some(1_662)), "1,662");
        assert_eq!(words.count(None), "not known");
        assert_eq!(words.get("books-all-balance", &[("count", 1u64.into())]), "The one worklist balances.");
        assert_eq!(words.get("books-all-balance", &[("count", 1_600u64.into())]), "All 1,600 worklists balance.");
        assert_eq!(words.say("no-such-key"), "no-such-key");
    }

    #[test]
    fn keys_that_come_with_data_are_found_with_or_without_prefix() {
        let words = Words::of(Lang::En);
        assert_eq!(words.given("note", "note-published"), words.given("note", "published"));
        assert_ne!(words.given("note", "published"), "published");
        assert_ne!(words.given("hop", "tubes.collected-delivered"), "tubes.collected-delivered");
        assert_eq!(words.given("note", "Tap water was off in Yuzhong."), "Tap water was off in Yuzhong.");
        assert_eq!(words.pack("measles@1"), "Measles (version 1)");
        assert_eq!(words.pack("cholera@3"), "cholera (version 3)");
    }
}
