//! Reading lists and records. Filters, order and place come from the query; the answer holds what the duty may see, and
//! says which fields it does not. Every read of people is in the chain of reads before it leaves.

use super::{
    asking::{Asked, Key},
    audit, edits,
    endpoint::{Endpoint, Operation},
    openapi::{parameters, station},
};
use crate::{app::App, caller::Caller, problem::Problem, routing::get};
use axum::{
    Json,
    extract::State,
    http::{HeaderValue, Method, header},
    response::{IntoResponse, Response},
};
use dayclear_core::{
    access::Sight,
    listing::{LISTINGS, Listing, Row},
    time::Zone,
};
use dayclear_ops::listing;
use dayclear_store::listing::Page;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Routes of every list: pages and records.
pub fn endpoints() -> Vec<Endpoint> {
    LISTINGS.iter().flat_map(|listing| [page_of(listing), record_of(listing)]).collect()
}

fn page_of(listing: &'static Listing) -> Endpoint {
    let path = format!("/api/v1/{}", listing.name);
    let mut operation = Operation::new(Method::GET, path, format!("{}-list", listing.name), station(listing.name))
        .about(format!("A page of {}", listing.name), format!("One row: {}.", listing.about))
        .roles(listing.readers)
        .answers(
            200,
            "a page",
            json!({
                "type": "object",
                "properties": {
                    "rows": {"type": "array", "items": {"$ref": format!("#/components/schemas/{}", listing.name)}},
                    "next": {"type": ["string", "null"], "description": "`after` of the next page; null: the last one"},
                    "hidden": {"type": "array", "items": {"type": "string"}, "description": "fields not shown as they are"},
                },
                "required": ["rows", "next", "hidden"],
                "additionalProperties": false,
            }),
        );
    operation.parameters = parameters::of_list(listing, true);
    operation.links = json!({"next": {"operationId": operation.id.clone(), "parameters": {"after": "$response.body#/next"},
        "description": "the page behind this one"}});
    let handler = get(async move |State(app): State<Arc<App>>, caller: Caller, asked: Asked| {
        page(&app, &caller, listing, &asked).await
    });
    Endpoint { operation, handler }
}

fn record_of(listing: &'static Listing) -> Endpoint {
    let path = format!("/api/v1/{}/{{key}}", listing.name);
    let operation = Operation::new(Method::GET, path, format!("{}-record", listing.name), station(listing.name))
        .about(
            format!("One record of {}", listing.name),
            format!("By its key, {}. The ETag names the version for a change.", listing.key),
        )
        .roles(listing.readers)
        .takes(parameters::key("key", listing.key))
        .answers(200, "the record", json!({"$ref": format!("#/components/schemas/{}", listing.name)}));
    let handler = get(async move |State(app): State<Arc<App>>, caller: Caller, Key(key): Key, asked: Asked| {
        asked.only([])?;
        record(&app, &caller, listing, &key).await
    });
    Endpoint { operation, handler }
}

/// A row as an object.
pub fn object(listing: &Listing, row: &Row, zone: &Zone) -> Value {
    let pairs = listing.fields.iter().zip(&row.cells).map(|(field, cell)| (field.name.to_owned(), cell.json(zone)));
    Value::Object(pairs.collect::<Map<_, _>>())
}

/// Names of the fields that this caller is not shown as they are.
pub fn hidden(caller: &Caller, listing: &Listing) -> Vec<&'static str> {
    let fields = listing.fields.iter();
    fields.filter(|field| caller.looker.shown(field.class, None) != Sight::Plain).map(|field| field.name).collect()
}

/// A list that exists for the caller; asking for another is noted and answered as if it were not there.
pub async fn readable(app: &App, caller: &Caller, listing: &Listing) -> Result<(), Problem> {
    if listing.readable_by(caller.looker.duty.role) {
        return Ok(());
    }
    audit(app, caller, "read", listing.name, &[], "refused", Value::Null).await?;
    Err(Problem::unknown())
}

/// A page of a list as this caller may see it. It is in the chain of reads before it is given.
pub async fn page_for(app: &App, caller: &Caller, listing: &'static Listing, asked: &Asked) -> Result<Page, Problem> {
    readable(app, caller, listing).await?;
    let query = asked.clone().keyed(app, listing).question(listing, app.zone())?;
    let mut tx = app.store().look(&caller.looker.scope()).await?.as_of(app.now());
    let found = listing::page(&mut tx, &caller.looker, listing, &query).await?;
    drop(tx);
    let Some(page) = found else {
        // a filter by a field that the role is not shown
        audit(app, caller, "list", listing.name, &[], "refused", Value::Null).await?;
        return Err(Problem::unknown());
    };
    if listing.tells_of_people() && !page.rows.is_empty() {
        let subjects = listing::subjects(listing, &page.rows);
        audit(app, caller, "list", listing.name, &subjects, "done", json!({"rows": page.rows.len()})).await?;
    }
    Ok(page)
}

async fn page(app: &App, caller: &Caller, listing: &'static Listing, asked: &Asked) -> Result<Response, Problem> {
    let page = page_for(app, caller, listing, asked).await?;
    let rows: Vec<Value> = page.rows.iter().map(|row| object(listing, row, app.zone())).collect();
    Ok(Json(json!({"rows": rows, "next": page.next, "hidden": hidden(caller, listing)})).into_response())
}

async fn record(app: &App, caller: &Caller, listing: &'static Listing, key: &str) -> Result<Response, Problem> {
    readable(app, caller, listing).await?;
    let mut tx = app.store().look(&caller.looker.scope()).await?.as_of(app.now());
    let found = tx.record(listing, key).await?;
    let tag = found.as_ref().and_then(|row| edits::tag(caller, listing, row));
    let found = match found {
        Some(row) => Some(listing::alone(&mut tx, &caller.looker, listing, row).await?),
        None => None,
    };
    drop(tx);
    let Some(row) = found else {
        if listing.tells_of_people() {
            audit(app, caller, "read", listing.name, &[key], "refused", Value::Null).await?;
        }
        return Err(Problem::unknown());
    };
    if listing.tells_of_people() {
        let subjects = listing::subjects(listing, std::slice::from_ref(&row));
        audit(app, caller, "read", listing.name, &subjects, "done", json!({"rows": 1})).await?;
    }
    let mut response = Json(object(listing, &row, app.zone())).into_response();
    if let Some(tag) = tag.and_then(|tag| HeaderValue::from_str(&tag).ok()) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}
