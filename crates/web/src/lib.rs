//! The server: the console for people, the API for programs, live updates for both. It may use the stations and what
//! stands below them; no rule lives here. It guarantees that every answer about people went through one session, one
//! jurisdiction and one redaction, that a command is acknowledged only once it is durable, and that under load emergency
//! requests, samples and results are the last to be turned away.
//!
//! Read in this order: [`app`] (what a request can reach), [`caller`] (who asks), [`ledger`] (who looked at what), [`api`], [`pages`]; then what a request
//! passes on its way in: [`observe`], [`limits`], [`security`]; then [`serve`] (how it starts and stops), [`config`],
//! [`live`], [`housekeeping`], [`health`]; and [`oidc`], [`travel`] and [`sending`], which ask another server, by [`outbound`] and in no other way.

pub mod api;
pub mod app;
pub mod assets;
pub mod caller;
pub mod config;
mod coverage;
pub mod fonts;
pub mod health;
pub mod housekeeping;
mod kept;
pub mod ledger;
mod letters;
pub mod limits;
pub mod live;
pub mod logs;
pub mod metrics;
pub mod mllp;
mod notices;
pub mod observe;
pub mod oidc;
mod open311;
mod outbound;
pub mod pages;
pub mod problem;
mod ringing;
mod routing;
pub mod security;
pub mod sending;
pub mod serve;
pub mod site;
pub mod tls;
pub mod travel;
mod warnings;

pub use app::{App, Clock, Setup};
pub use config::Config;
pub use security::EXERCISE_HEADER;

/// Longest body of a command or of evidence, in bytes; files of an import have a limit of their own.
pub const BODY_BYTES_MAX: usize = 4 << 20;

use axum::{Router, middleware};
use std::sync::{Arc, LazyLock};

/// Every route.
pub fn router(app: Arc<App>) -> Router {
    // said once in a process, however often it begins anew: a drill starts the server after each crash
    static ROUTES: LazyLock<Router<Arc<App>>> = LazyLock::new(|| {
        Router::new()
            .merge(api::routes())
            .merge(pages::routes())
            .merge(assets::routes())
            .merge(live::routes())
            .merge(open311::routes())
            .merge(health::routes())
            .merge(security::routes())
    });
    guarded(app, ROUTES.clone())
}

/// Routes behind everything that a request passes on its way in, from the outside: its answer gets its headers,
/// it is told, it is let in within the limits, and its caller is found.
pub fn guarded(app: Arc<App>, routes: Router<Arc<App>>) -> Router {
    routes
        .fallback(problem::no_such_page)
        .layer(middleware::from_fn_with_state(Arc::clone(&app), security::guard))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), limits::limit))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), pages::frame::problems))
        .layer(middleware::from_fn(api::outcomes))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), observe::observe))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), security::headers))
        .with_state(app)
}
