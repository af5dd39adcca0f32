//! The log: one JSON object a line. It guarantees that nothing about a person is written: a request is told by the pattern
//! of its route, trouble by its kind and what is left of its words when names, numbers and quotations are gone, a panic by
//! its place and not by what it said.

use dayclear_ops::OpsError;
use dayclear_store::StoreError;
use std::fmt::Write;
use tracing::{Level, Metadata, Subscriber, subscriber::Interest};
use tracing_subscriber::{
    Layer, Registry,
    fmt::MakeWriter,
    layer::{Context, SubscriberExt},
};

/// Lines of this program from a weight on; of other people's crates only warnings and errors.
struct Weight(Level);

impl Weight {
    fn wanted(&self, metadata: &Metadata<'_>) -> bool {
        let least = if metadata.target().starts_with("dayclear") { self.0 } else { self.0.min(Level::WARN) };
        *metadata.level() <= least
    }
}

impl<S: Subscriber> Layer<S> for Weight {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.wanted(metadata) { Interest::always() } else { Interest::never() }
    }
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.wanted(metadata)
    }
}

/// A log that is written there.
pub fn subscriber<W>(level: Level, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_current_span(false);
    Registry::default().with(Weight(level)).with(lines.with_span_list(false).with_writer(writer))
}

/// Logs to standard error from now on, and lets a panic say where it was and nothing else.
pub fn install(level: Level) {
    let _ = tracing::subscriber::set_global_default(subscriber(level, std::io::stderr));
    std::panic::set_hook(Box::new(|panic| {
        let (file, line) = panic.location().map_or(("", 0), |place| (place.file(), place.line()));
        tracing::error!(target: "dayclear::panic", file, line, "a panic");
    }));
}

/// Trouble of the stations, by kind.
pub fn kind(error: &OpsError) -> &'static str {
    match error {
        OpsError::Store(error) => store_kind(error),
        OpsError::Packs(_) => "packs",
        OpsError::Table(_) => "table",
        OpsError::File { .. } => "file",
        OpsError::Refused { .. } => "refused",
        OpsError::NoPack { .. } => "no-pack",
        OpsError::ClosedDay { .. } => "closed-day",
        OpsError::EarlierOpen { .. } => "earlier-open",
        OpsError::Past { .. } => "past",
        OpsError::OutOfBalance { .. } => "out-of-balance",
        OpsError::Unreconciled { .. } => "unreconciled",
        OpsError::Inside(_) => "inside",
    }
}

/// Trouble of the store, by kind.
pub fn store_kind(error: &StoreError) -> &'static str {
    match error {
        StoreError::Unreachable { .. } => "store-unreachable",
        StoreError::OldSqlite { .. } => "store-old",
        StoreError::Migration(_) => "store-migration",
        StoreError::Engine(_) if error.is_double() => "store-double",
        StoreError::Engine(_) => "store-engine",
        StoreError::Encode(_) => "store-encode",
        StoreError::Null { .. } => "store-null",
        StoreError::Meaning { .. } => "store-meaning",
        StoreError::Taken { .. } => "store-taken",
        StoreError::OtherBody { .. } => "store-other-body",
        StoreError::Closed { .. } => "store-closed",
    }
}

/// What is left of a text when everything that could be about a person is gone: quotations, words with digits or with
/// letters beyond ASCII, words in capitals (names) unless they begin the text. It is cut after 300 characters.
pub fn scrubbed(text: &str) -> String {
    let mut out = String::new();
    let mut quote: Option<char> = None;
    let mut word = String::new();
    let mut first = true;
    let flush = |word: &mut String, out: &mut String, first: &mut bool| {
        let capital = word.chars().next().is_some_and(char::is_uppercase) && !*first;
        let doubtful = word.chars().any(|c| c.is_ascii_digit() || !c.is_ascii()) || capital;
        if !word.is_empty() {
            *first = false;
            let _ = write!(out, "{}", if doubtful { "_" } else { word.as_str() });
        }
        word.clear();
    };
    for c in text.chars().take(2_000) {
        match quote {
            Some(end) if c == end => {
                quote = None;
                out.push('_');
            }
            Some(_) => {}
            None if matches!(c, '\'' | '"' | '`') && word.is_empty() => quote = Some(c),
            None if c.is_alphanumeric() || matches!(c, '_' | '-' | '+' | '@') => word.push(c),
            None => {
                flush(&mut word, &mut out, &mut first);
                out.push(if c.is_control() { ' ' } else { c });
            }
        }
    }
    flush(&mut word, &mut out, &mut first);
    out.chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_about_a_person_is_left_of_a_text() {
        for (text, left) in [
            ("the store refused: pool timed out", "the store refused: pool timed out"),
            ("bed B-17 is already taken by 王小明", "bed _ is already taken by _"),
            ("invalid input: \"Zhang Wei\" of 13800001111", "invalid input: _ of _"),
            ("bed is taken by Zhang Wei", "bed is taken by _ _"),
            ("key (phone)=(13800001111) exists", "key (phone)=(_) exists"),
            ("don't know P000123", "don't know _"),
            ("left 'open quotation 123", "left "),
        ] {
            assert_eq!(scrubbed(text), left);
        }
    }
}
