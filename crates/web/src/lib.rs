//! The server: the console for people, the API for programs, live updates for both. It may use the stations and what
//! stands below them; no rule lives here. It guarantees that every answer about people went through one session, one
//! jurisdiction and one redaction, that a command is acknowledged only once it is durable, and that under load emergency
//! requests, samples and results are the last to be turned away.
//!
//! Read in this order: [`app`] (what a request can reach), [`caller`] (who asks), [`api`], [`pages`].

pub mod api;
pub mod app;
pub mod assets;
pub mod caller;
pub mod pages;
pub mod problem;
pub mod security;

pub use app::{App, Clock, Setup};

use axum::{Router, extract::DefaultBodyLimit, middleware};
use std::sync::Arc;

/// Longest body of a request, in bytes; imports have a limit of their own.
pub const BODY_BYTES_MAX: usize = 4 << 20;

/// Every route.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .merge(api::routes())
        .merge(pages::routes())
        .merge(assets::routes())
        .fallback(problem::no_such_page)
        .layer(middleware::from_fn_with_state(Arc::clone(&app), pages::frame::problems))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), security::headers))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(app)
}
