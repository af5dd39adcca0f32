//! The console: pages rendered on the server, readable without script. A page asks the same lists and does the same
//! commands as the API; its words stand in the message files.

use crate::app::App;
use axum::Router;
use std::sync::Arc;

/// Routes of the console.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
}
