//! What a browser keeps while its person is at the provider: sealed with the keys of the store, so that a server needs no
//! memory of who left, and nobody can read or make one. It guarantees that an attempt ends after minutes and is good once.

use crate::app::App;
use dayclear_core::time::Instant;
use dayclear_ops::access::AccessError;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// Name of the cookie. The prefix binds it to this host, as that of a session.
pub const COOKIE: &str = "__Host-dayclear-oidc";
/// For so long somebody may be at the provider.
pub const MINUTES: i64 = 10;
const PURPOSE: &str = "sign-in at the provider";
/// Longest path that somebody is led to afterwards; a cookie holds 4 KiB, and sealing doubles the length.
const NEXT_BYTES_MAX: usize = 500;
/// Attempts that ended and are remembered; beyond that the oldest is forgotten, and the provider alone refuses its code.
const ENDED_MAX: usize = 10_000;

/// Somebody on their way to the provider and back.
#[derive(Clone, Serialize, Deserialize)]
pub struct Attempt {
    /// Comes back as it went, and shows that the answer belongs to this attempt.
    pub state: String,
    /// Stands in the ID token, and shows that the token was made for this attempt.
    pub nonce: String,
    /// What redeems the code (RFC 7636); the provider has seen its hash only.
    pub verifier: String,
    /// Where the provider sends back to.
    pub redirect: String,
    /// Where the person goes afterwards.
    pub next: String,
    pub(crate) begun_us: i64,
}

impl Attempt {
    /// A new one.
    pub fn new(app: &App, redirect: &str, next: &str) -> Result<Self, AccessError> {
        let access = app.access();
        Ok(Attempt {
            state: access.token()?,
            nonce: access.token()?,
            verifier: access.token()?,
            redirect: redirect.to_owned(),
            next: if next.len() <= NEXT_BYTES_MAX { next } else { "/" }.to_owned(),
            begun_us: app.wall().micros(),
        })
    }
    /// When it began.
    pub fn begun(&self) -> Instant {
        Instant::from_micros(self.begun_us)
    }
    /// As the browser keeps it.
    pub fn sealed(&self, app: &App) -> Result<String, AccessError> {
        let text = serde_json::to_vec(self).map_err(|error| AccessError::Inside(error.to_string()))?;
        app.access().seal_for_stranger(PURPOSE, &text)
    }
    /// As it was kept, if it was made here and its time is not over.
    pub fn opened(app: &App, kept: &str) -> Option<Self> {
        let text = app.access().open_from_stranger(PURPOSE, kept)?;
        let attempt: Attempt = serde_json::from_slice(&text).ok()?;
        let now = app.wall();
        (attempt.begun() <= now && now < attempt.begun().plus_minutes(MINUTES)).then_some(attempt)
    }
}

/// Attempts that have ended, until their time is over anyway.
#[derive(Default)]
pub struct Once(Mutex<BTreeMap<(Instant, String), ()>>);

impl Once {
    /// Whether an attempt ends now for the first time.
    pub fn first(&self, attempt: &Attempt, now: Instant) -> bool {
        let mut ended = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *ended = ended.split_off(&(now.plus_minutes(-MINUTES), String::new()));
        if ended.len() >= ENDED_MAX {
            ended.pop_first();
        }
        ended.insert((attempt.begun(), attempt.state.clone()), ()).is_none()
    }
}
