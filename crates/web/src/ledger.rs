//! The chain of reads is written here, many entries in one transaction: a request hands its entry in and goes on only once
//! it is durable. The queue is bounded, so a store that cannot keep up slows readers down and never loses an entry.

use crate::{app::App, problem::Problem};
use axum::http::StatusCode;
use dayclear_core::{access::Duty, time::Instant};
use dayclear_ops::access::{AccessError, Reading};
use dayclear_store::StoreError;
use futures_util::future::BoxFuture;
use std::{
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};
use tokio::sync::{mpsc, oneshot};

/// Entries that wait at most; beyond it requests wait for a place.
const WAITING_MAX: usize = 4_096;
/// Entries of one transaction at most.
const TOGETHER_MAX: usize = 512;
/// How long the first entry waits for others.
const TOGETHER_MS: u64 = 2;

/// Somebody looked at something, or was refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// When.
    pub at: Instant,
    /// Account.
    pub account: String,
    /// Duty.
    pub duty: Duty,
    /// What was done: `list`, `read`, `search`, `export`, `command`, `edit`, `evidence`, `import`.
    pub action: &'static str,
    /// List or command.
    pub on: String,
    /// People (or what stands for them) that were looked at; the sink keeps no id as it is.
    pub subjects: Vec<String>,
    /// How it ended: `done`, `refused`, `none`.
    pub outcome: &'static str,
    /// Further facts, without any personal value.
    pub detail: serde_json::Value,
}

/// What became of an entry that was kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Seconds until this account may look at further people, when it has looked at more than its work needs.
    pub wait_s: Option<u64>,
}

/// Why entries were not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotKept {
    /// For the log, so it quotes nothing.
    pub told: String,
    /// Whether the store was only busy.
    pub busy: bool,
}

impl<T: std::fmt::Display> From<T> for NotKept {
    fn from(told: T) -> Self {
        NotKept { told: told.to_string(), busy: false }
    }
}

/// Where entries are kept.
pub trait AuditSink: Send + Sync {
    /// Keeps entries, all of them durable or none; one answer for each.
    fn append<'s>(&'s self, entries: &'s [Entry]) -> BoxFuture<'s, Result<Vec<Kept>, NotKept>>;
}

type Waiting = (Entry, oneshot::Sender<Result<Kept, NotKept>>);

/// The writer.
pub struct Ledger {
    sink: Arc<dyn AuditSink>,
    sender: OnceLock<mpsc::Sender<Waiting>>,
}

impl Ledger {
    /// A writer to this sink. It begins with the first entry.
    pub fn new(sink: Arc<dyn AuditSink>) -> Self {
        Ledger { sink, sender: OnceLock::new() }
    }

    /// Entries that wait.
    pub fn waiting(&self) -> usize {
        self.sender.get().map_or(0, |sender| WAITING_MAX - sender.capacity())
    }

    /// Keeps an entry; done when it is durable. An account that has looked at too many people is told to wait.
    pub async fn keep(&self, entry: Entry) -> Result<(), Problem> {
        let sender = self.sender.get_or_init(|| {
            let (sender, receiver) = mpsc::channel(WAITING_MAX);
            tokio::spawn(write(Arc::clone(&self.sink), receiver));
            sender
        });
        let (kept, answer) = oneshot::channel();
        let closed = || Problem::inside("the writer of the chain of reads has ended");
        sender.send((entry, kept)).await.map_err(|_| closed())?;
        match answer.await.map_err(|_| closed())? {
            Ok(Kept { wait_s: None }) => Ok(()),
            Ok(Kept { wait_s: Some(seconds) }) => {
                let detail = "more people were looked at in this hour than the work needs; wait, or ask the data \
                    protection officer";
                let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many", "Too many people", detail);
                Err(Problem { retry_after_s: Some(seconds), ..problem })
            }
            Err(NotKept { busy: true, .. }) => Err(Problem::store_busy()),
            Err(_) => Err(Problem::inside("the chain of reads could not be written")),
        }
    }
}

async fn write(sink: Arc<dyn AuditSink>, mut receiver: mpsc::Receiver<Waiting>) {
    while let Some(first) = receiver.recv().await {
        let mut together = vec![first];
        // a moment for those who come at the same time; a single reader hardly feels it
        tokio::time::sleep(Duration::from_millis(TOGETHER_MS)).await;
        while together.len() < TOGETHER_MAX {
            let Ok(next) = receiver.try_recv() else { break };
            together.push(next);
        }
        let (entries, waiting): (Vec<Entry>, Vec<_>) = together.into_iter().unzip();
        match sink.append(&entries).await {
            Ok(kept) => {
                for (at, waiting) in waiting.into_iter().enumerate() {
                    let _ = waiting.send(Ok(kept.get(at).copied().unwrap_or_default()));
                }
            }
            Err(cause) => {
                tracing::error!(
                    cause = cause.told,
                    entries = entries.len(),
                    "entries of the chain of reads were not written"
                );
                for waiting in waiting {
                    let _ = waiting.send(Err(cause.clone()));
                }
            }
        }
    }
}

/// The chain of reads of the store.
pub struct Chain(pub Weak<App>);

impl AuditSink for Chain {
    fn append<'s>(&'s self, entries: &'s [Entry]) -> BoxFuture<'s, Result<Vec<Kept>, NotKept>> {
        Box::pin(async move {
            let app = self.0.upgrade().ok_or("the server is stopping")?;
            let access = app.access();
            let readings: Vec<Reading> = entries
                .iter()
                .map(|entry| {
                    // a page of a list shows many people at once and is no sign of curiosity; a record opened is counted
                    let counted = entry.action != "list";
                    let who = (entry.account.as_str(), &entry.duty);
                    access
                        .reading_on_duty(who, (entry.action, &entry.on), &entry.subjects, counted, entry.at)
                        .outcome(entry.outcome)
                        .detail(&entry.detail)
                })
                .collect();
            access.note_readings(&readings).await.map_err(|error| {
                let busy = matches!(error, AccessError::Store(StoreError::Busy(_)));
                NotKept { told: crate::logs::refused(&error), busy }
            })?;
            // somebody is told of an unusual hour; work goes on, since it may be a night of emergencies
            Ok(vec![Kept::default(); entries.len()])
        })
    }
}

/// Keeps entries in memory: for tests, and until the store has a place for them.
#[derive(Default)]
pub struct InMemory(pub std::sync::Mutex<Vec<Entry>>);

impl InMemory {
    /// Entries kept last at most.
    const KEPT_MAX: usize = 10_000;
}

impl AuditSink for InMemory {
    fn append<'s>(&'s self, entries: &'s [Entry]) -> BoxFuture<'s, Result<Vec<Kept>, NotKept>> {
        Box::pin(async move {
            let mut all = self.0.lock().map_err(NotKept::from)?;
            all.extend_from_slice(entries);
            let over = all.len().saturating_sub(Self::KEPT_MAX);
            all.drain(..over);
            Ok(vec![Kept::default(); entries.len()])
        })
    }
}
