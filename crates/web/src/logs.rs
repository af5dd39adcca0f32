//! The log: one JSON object a line. It guarantees that nothing about a person is written: a request is told by the pattern
//! of its route, trouble by its kind and the code of the engine, a panic by its place. Words that came with trouble are
//! never written: they quote the values that caused it, and no rule tells a name from any other word.

use dayclear_ops::{OpsError, access::AccessError};
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

/// Logs to standard error from now on.
pub fn install(level: Level) {
    let _ = tracing::subscriber::set_global_default(subscriber(level, std::io::stderr));
    quiet_panics();
}

/// Lets a panic say where it was and nothing else.
pub fn quiet_panics() {
    std::panic::set_hook(Box::new(place_of));
}

/// Logs where a panic was.
pub fn place_of(panic: &std::panic::PanicHookInfo<'_>) {
    let (file, line) = panic.location().map_or(("", 0), |place| (place.file(), place.line()));
    tracing::error!(target: "dayclear::panic", file, line, "a panic");
}

/// Trouble of the stations, by kind; that of the store also by what [`dayclear_store::StoreError::told`] says of it.
pub fn trouble(error: &OpsError) -> (&'static str, Option<String>) {
    let told = match error {
        OpsError::Store(error) => Some(error.told()),
        _ => None,
    };
    (kind(error), told)
}

fn kind(error: &OpsError) -> &'static str {
    match error {
        OpsError::Store(_) => "store",
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

/// Trouble of access, by kind.
pub fn refused(error: &AccessError) -> String {
    match error {
        AccessError::Store(error) => error.told(),
        AccessError::Refused => "refused".to_owned(),
        AccessError::Wait { .. } => "too many attempts".to_owned(),
        AccessError::NotAllowed { .. } => "not allowed".to_owned(),
        AccessError::StepUp => "a code is needed".to_owned(),
        AccessError::Invalid { field, .. } => format!("{field} is not valid"),
        AccessError::Unknown { what } => format!("no such {what}"),
        AccessError::Double { what } => format!("such a {what} already"),
        AccessError::Keys { .. } => "keys".to_owned(),
        AccessError::Entropy(_) => "no random bytes".to_owned(),
        AccessError::Inside(_) => "inside".to_owned(),
    }
}
