//! Commands that act once under a key. The store writes the key in the transaction of the effect and keeps it for seven
//! days; here it is only known which keys this process is working on, so that the same command sent again while the first
//! is running is told so and not done twice or made to wait.

use crate::{app::App, caller::Caller, problem::Problem};
use axum::http::{HeaderMap, StatusCode};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

/// Keys that are being worked on, by account.
#[derive(Clone, Default)]
pub struct InFlight(Arc<Mutex<BTreeSet<(String, String)>>>);

/// A command under way; dropped, its key is free.
pub struct Once {
    held: Option<(InFlight, (String, String))>,
    /// Whether the command was done before, so that its answer is that of the first time.
    pub replayed: bool,
}

impl Drop for Once {
    fn drop(&mut self) {
        if let Some((all, key)) = self.held.take() {
            all.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
        }
    }
}

/// The key of a request, if it brings one.
pub fn key_of(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut given = headers.get_all("idempotency-key").iter();
    let Some(value) = given.next() else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
    if given.next().is_none() && visible && (1..=64).contains(&text.len()) {
        return Ok(Some(text));
    }
    let detail =
        "Idempotency-Key: expected 1 to 64 visible ASCII characters, once; make a new random one for each command";
    Err(Problem::new(StatusCode::BAD_REQUEST, "idempotency-key", "Not a key", detail))
}

impl Once {
    /// Begins a command; another one under the same key must not be under way.
    pub async fn begin(app: &App, caller: &Caller, key: Option<&str>) -> Result<Once, Problem> {
        let Some(key) = key else { return Ok(Once { held: None, replayed: false }) };
        let account = &caller.looker.account;
        let pair = (account.clone(), key.to_owned());
        if !app.in_flight.0.lock().unwrap_or_else(PoisonError::into_inner).insert(pair.clone()) {
            return Err(in_flight());
        }
        let held = Some((app.in_flight.clone(), pair));
        let mut once = Once { held, replayed: false };
        once.replayed = app.store().look(&caller.looker.scope()).await?.knows_command(account, key).await?;
        Ok(once)
    }
}

/// The same command is under way.
pub fn in_flight() -> Problem {
    let detail = "the command with this Idempotency-Key is being done; wait a moment and send it again for its answer";
    Problem { retry_after_s: Some(1), ..Problem::new(StatusCode::CONFLICT, "in-flight", "Being done", detail) }
}
