//! The pages of the stations: where things are, who is moved, held, tested and answered. Each is readable without script;
//! they read the same lists, and do the same commands, as the pages of lists beside them.

mod ahead;
mod areas;
pub(super) mod boxes;
mod clocks;
mod contacts;
mod daily;
mod doors;
mod equality;
mod evidence;
mod facilities;
mod followup;
mod gate;
mod hot;
mod laboratories;
mod letters;
mod map;
mod notices;
mod phases;
mod plan;
mod quality;
mod requests;
pub(super) mod rounds;
pub(super) mod rows;
mod runs;
mod situation;
mod stays;
pub(super) mod transfers;
mod urgent;

use super::{accounts, acts, form, frame, list, record, show, table};
pub(super) use letters::{RECEIVED as LETTERS_RECEIVED, books as books_of_letters, may_receive as may_receive_letters};
pub(crate) use requests::take as take_request;

use crate::app::App;
use axum::Router;
use std::sync::Arc;

/// Routes of the stations' pages.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .merge(map::routes())
        .merge(contacts::routes())
        .merge(followup::routes())
        .merge(transfers::routes())
        .merge(facilities::routes())
        .merge(stays::routes())
        .merge(laboratories::routes())
        .merge(quality::routes())
        .merge(clocks::routes())
        .merge(areas::routes())
        .merge(notices::routes())
        .merge(boxes::routes())
        .merge(requests::routes())
        .merge(hot::routes())
        .merge(equality::routes())
        .merge(urgent::routes())
        .merge(rounds::routes())
        .merge(plan::routes())
        .merge(situation::routes())
        .merge(daily::routes())
        .merge(gate::routes())
        .merge(letters::routes())
        .merge(doors::routes())
        .merge(runs::routes())
}
