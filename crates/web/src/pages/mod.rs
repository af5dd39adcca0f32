//! The console: pages rendered on the server, readable without script. A page asks the same lists and does the same
//! commands as the API; its words stand in the message files. [`list`] and [`record`] show anything that core declares;
//! pages with more to say are beside them and take their paths.

mod accounts;
mod acts;
mod administration;
mod audit;
mod books;
mod bulletins;
mod case;
mod columns;
mod course;
mod door;
mod doubt;
mod edit;
mod field;
mod filters;
pub mod form;
pub mod frame;
mod household;
mod imports;
mod item;
mod lanes;
mod list;
mod me;
mod pair;
mod person;
mod preferences;
pub mod printed;
mod provider;
mod public;
mod reading;
mod record;
mod refusal;
mod shell;
mod show;
mod site;
mod standing;
mod table;
mod tiles;
mod today;
mod trip;
mod worklists;

pub(crate) use field::take_request;
pub(crate) use field::transfers::{capacity::within as outlook_within, price::of as price_of};

use crate::{
    app::App,
    routing::{get, post},
};
use axum::Router;
use std::sync::Arc;

/// Routes of the console.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .merge(door::routes())
        .merge(provider::routes())
        .merge(preferences::routes())
        .merge(field::routes())
        .merge(public::routes())
        .merge(site::routes())
        .merge(trip::routes())
        .route("/", get(today::page))
        .route("/items/{key}", get(item::page))
        .route("/cases/{key}", get(case::page))
        .route("/people/{key}", get(person::page))
        .route("/pairs/{key}", get(pair::page))
        .route("/people/{key}/glass", post(person::glass))
        .route("/books", get(books::page))
        .route("/books/{day}", get(books::day_page))
        .route("/bulletins", get(bulletins::page).merge(post(bulletins::command)))
        .route("/bulletins/{key}", get(bulletins::edition_page))
        .route("/bulletins/{key}/paper", get(bulletins::paper))
        .route("/bulletins/{key}/file/{name}", get(bulletins::printed))
        .route("/imports", get(imports::page).merge(post(imports::bring)))
        .route("/doubts/{key}", get(doubt::page))
        .route("/audit", get(audit::page))
        .route("/reads", get(audit::page))
        .route("/audit/glass/{id}", post(audit::review))
        .route("/glass/{id}/end", post(me::end_glass))
        .route("/{list}/{key}/edit", post(edit::edit))
        .route("/administration", get(administration::page).merge(post(administration::create)))
        .route("/administration/{login}", get(administration::account_page))
        .route("/administration/{login}/{verb}", post(administration::act))
        .route("/me", get(me::page))
        .route("/me/end", post(me::end))
        .route("/worklists", get(worklists::page))
        .route("/{list}", get(list::page).merge(post(form::on_list)))
        .route("/{list}/{key}", get(record::page))
        .route("/{list}/{key}/{verb}", post(form::on_record))
}
