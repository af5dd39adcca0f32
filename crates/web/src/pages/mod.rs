//! The console: pages rendered on the server, readable without script. A page asks the same lists and does the same
//! commands as the API; its words stand in the message files. [`list`] and [`record`] show anything that core declares;
//! pages with more to say are beside them and take their paths.

mod door;
pub mod form;
pub mod frame;
mod list;
mod preferences;
mod record;
mod show;

use crate::app::App;
use axum::{
    Router,
    routing::{get, post},
};
use std::sync::Arc;

/// Routes of the console.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .merge(door::routes())
        .merge(preferences::routes())
        .route("/{list}", get(list::page).post(form::on_list))
        .route("/{list}/{key}", get(record::page))
        .route("/{list}/{key}/{verb}", post(form::on_record))
}
