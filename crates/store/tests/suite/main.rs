//! Promises of the store, on both engines: scarce things, commands that act once, the outbox, the chain of events.
#![allow(clippy::unwrap_used)] // a test stops where something is not as it must be

mod busy;
#[path = "../engines/mod.rs"]
mod engines;
mod many;
mod once;
mod opening;
mod owners;
mod plans;
mod scarce;
mod trust;

use dayclear_core::time::Instant;
use dayclear_store::{Scope, Scoped};
use engines::TestStore;

fn now() -> Instant {
    "2022-11-20T08:00:00Z".parse().unwrap()
}

fn city() -> Scope {
    Scope::of("50".parse().unwrap())
}

async fn tx(store: &TestStore) -> Scoped {
    store.store.begin(&city()).await.unwrap()
}
