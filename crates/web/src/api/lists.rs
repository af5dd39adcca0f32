//! Reading lists and records. Filters, order and place come from the query; the answer holds what the duty may see, and
//! says which fields it does not.

use crate::{app::App, caller::Caller, problem::Problem};
use axum::{
    Json,
    extract::{Path, Query as Parameters, State},
};
use dayclear_core::{
    access::Sight,
    listing::{Listing, Query, Row},
    time::Zone,
};
use dayclear_ops::listing;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// A list by its name in the path.
pub fn named(list: &str) -> Result<&'static Listing, Problem> {
    Listing::named(list).ok_or_else(Problem::unknown)
}

/// A row as an object.
pub fn object(listing: &Listing, row: &Row, zone: &Zone) -> Value {
    let pairs = listing.fields.iter().zip(&row.cells).map(|(field, cell)| (field.name.to_owned(), cell.json(zone)));
    Value::Object(pairs.collect::<Map<_, _>>())
}

/// `GET /api/v1/LIST`.
pub async fn page(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(list): Path<String>,
    Parameters(parameters): Parameters<Vec<(String, String)>>,
) -> Result<Json<Value>, Problem> {
    let listing = named(&list)?;
    let pairs = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let query = Query::read(listing, pairs, app.zone())?;
    let mut tx = app.store().look(&caller.looker.scope()).await?;
    let page = listing::page(&mut tx, &caller.looker, listing, &query).await?.ok_or_else(Problem::unknown)?;
    let rows: Vec<Value> = page.rows.iter().map(|row| object(listing, row, app.zone())).collect();
    let hidden: Vec<&str> = listing
        .fields
        .iter()
        .filter(|field| caller.looker.shown(field.class, None) != Sight::Plain)
        .map(|field| field.name)
        .collect();
    Ok(Json(json!({"rows": rows, "next": page.next, "hidden": hidden})))
}

/// `GET /api/v1/LIST/KEY`.
pub async fn record(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((list, key)): Path<(String, String)>,
) -> Result<Json<Value>, Problem> {
    let listing = named(&list)?;
    let mut tx = app.store().look(&caller.looker.scope()).await?;
    let row = listing::record(&mut tx, &caller.looker, listing, &key).await?.ok_or_else(Problem::unknown)?;
    Ok(Json(object(listing, &row, app.zone())))
}
