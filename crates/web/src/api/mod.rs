//! The API for programs. Every declared list and every declared command has its paths here by one mechanism each; what is
//! said of them in `/api/openapi.json` follows from the same declarations.

mod commands;
mod lists;

use crate::app::App;
use axum::{
    Router,
    routing::{get, post},
};
use std::sync::Arc;

/// Routes below `/api/v1`.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/api/v1/{list}", get(lists::page))
        .route("/api/v1/{list}/{key}", get(lists::record).post(commands::on_list))
        .route("/api/v1/{list}/{key}/{verb}", post(commands::on_record))
}
