//! Lists to take away, as CSV, XLSX, JSON or NDJSON, with the filters, order and redaction of their pages. The rows of one
//! moment go to a file first, page by page in constant memory; then the export is noted with its filter and its number of
//! rows; only then the first byte leaves. A slow reader so holds a file, and neither a connection nor memory.

use super::{
    asking::Asked,
    audit,
    endpoint::{Endpoint, Operation},
    lists,
    openapi::{parameters, station},
    spool::{self, Shape, Spooled},
};
use crate::{app::App, caller::Caller, problem::Problem, routing::get};
use axum::{
    Json,
    body::Body,
    extract::State,
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use dayclear_core::{
    access::{Class, Role, Sight, export_rows_max},
    command::Load,
    listing::{Holds, LISTINGS, Listing, Query},
};
use dayclear_ops::{desk::Refusal, listing};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Exports under way at most.
const EXPORTS_MAX: usize = 4;
/// How long an export waits for its turn.
const TURN_S: u64 = 20;
/// Rows asked for at a time.
const PAGE: usize = 5_000;

/// Exports and imports under way, and where files of imports are kept until they are read.
pub struct Bulk {
    exports: Semaphore,
    pub(crate) imports: Semaphore,
    pub(crate) folder: PathBuf,
    pub(crate) progress: Arc<Mutex<BTreeMap<String, super::imports::Progress>>>,
}

impl Default for Bulk {
    fn default() -> Self {
        let folder = std::env::temp_dir().join("dayclear-imports");
        Bulk::in_folder(folder)
    }
}

impl Bulk {
    /// Files of imports are kept there until they are read: a folder that outlasts a restart.
    pub fn in_folder(folder: PathBuf) -> Self {
        Bulk { exports: Semaphore::new(EXPORTS_MAX), imports: Semaphore::new(1), folder, progress: Default::default() }
    }
}

/// Columns behind those of the list: who took it away, and when.
pub const WATERMARK: [&str; 2] = ["exported_by", "exported_at"];

/// Routes of every export, and of the package that describes them.
pub fn endpoints() -> Vec<Endpoint> {
    let mut all: Vec<Endpoint> =
        LISTINGS.iter().flat_map(|listing| Shape::ALL.iter().map(|shape| route(listing, *shape))).collect();
    let package = Operation::new(Method::GET, "/api/v1/datapackage.json", "datapackage", "api")
        .about(
            "Table schemas of the CSV exports",
            "A Frictionless data package with one resource for each list that this role may export.",
        )
        .answers(200, "the package", json!({"type": "object"}));
    let handler = get(async |caller: Caller, asked: Asked| -> Result<Response, Problem> {
        asked.only([])?;
        Ok(Json(datapackage(&caller)).into_response())
    });
    all.push(Endpoint { operation: package, handler });
    all
}

/// Roles that may take a list away.
fn takers(listing: &Listing) -> Vec<Role> {
    listing.readers.iter().copied().filter(|role| export_rows_max(*role) > 0).collect()
}

fn route(listing: &'static Listing, shape: Shape) -> Endpoint {
    let path = format!("/api/v1/{}.{}", listing.name, shape.ending());
    let row = json!({"type": "object"});
    let schema = match shape {
        Shape::Json => json!({"type": "array", "items": row}),
        _ => json!({"type": "string"}),
    };
    let mut operation = Operation::new(
        Method::GET,
        path,
        format!("{}-{}", listing.name, shape.ending()),
        station(listing.name),
    )
    .about(
        format!("All of {} as {}", listing.name, shape.ending().to_uppercase()),
        "The same filters, order and redaction as the list; two more columns say who took it away, and when. Whole: \
                 `after` and `limit` are not taken. It is noted with its filter and number of rows.",
    )
    .roles(&takers(listing))
    .under(Load::Board)
    .answers_as(200, "the file", shape.media(), schema)
    .problems(&[403]);
    operation.parameters = parameters::of_list(listing, false);
    let handler = get(async move |method: Method, State(app): State<Arc<App>>, caller: Caller, asked: Asked| {
        export(&app, &caller, listing, shape, asked, method == Method::HEAD).await
    });
    Endpoint { operation, handler }
}

async fn export(
    app: &App,
    caller: &Caller,
    listing: &'static Listing,
    shape: Shape,
    asked: Asked,
    head: bool,
) -> Result<Response, Problem> {
    lists::readable(app, caller, listing).await?;
    let asked = &asked.keyed(app, listing);
    let role = caller.looker.duty.role;
    let rows_max = export_rows_max(role);
    if rows_max == 0 {
        audit(app, caller, "export", listing.name, &[], "refused", Value::Null).await?;
        let allowed: &'static [Role] = listing.readers;
        let refusal = Refusal::NotYours { role, allowed };
        let detail = format!("{refusal}, and {role} takes no list away: its work is done record by record");
        return Err(Problem::new(StatusCode::FORBIDDEN, "not-yours", "Not for this role", detail));
    }
    for (name, value) in &asked.0 {
        if matches!(name.as_str(), "after" | "limit") {
            let expected = "no place and no limit: an export is whole; narrow it with filters";
            return Err(super::asking::fault(name, value, expected).into());
        }
    }
    let query = asked.question(listing, app.zone())?;
    let mut response = Response::new(Body::empty());
    let day = app.zone().day(app.now());
    let name = format!("attachment; filename=\"{}-{day}.{}\"", listing.name, shape.ending());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(shape.media()));
    if let Ok(name) = HeaderValue::from_str(&name) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    if head {
        return Ok(response);
    }
    let turn = turn(app).await?;
    let spooled = spool(app, caller, listing, shape, query, rows_max).await;
    drop(turn);
    let detail = |rows: u64| json!({"format": shape.ending(), "filter": filter(listing, asked), "rows": rows});
    let spooled = match spooled {
        Ok(Some(spooled)) => spooled,
        other => {
            audit(app, caller, "export", listing.name, &[], "refused", detail(0)).await?;
            return Err(other.err().unwrap_or_else(Problem::unknown));
        }
    };
    audit(app, caller, "export", listing.name, &[], "done", detail(spooled.rows)).await?;
    response.headers_mut().insert(header::CONTENT_LENGTH, spooled.bytes.into());
    *response.body_mut() = Body::from_stream(spool::stream(spooled.file));
    Ok(response)
}

pub(super) async fn turn(app: &App) -> Result<SemaphorePermit<'_>, Problem> {
    let turn = tokio::time::timeout(Duration::from_secs(TURN_S), app.bulk.exports.acquire()).await;
    turn.ok().and_then(Result::ok).ok_or_else(|| {
        let detail = "too many exports are being made; try again in a moment";
        let busy = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "Too much at once", detail);
        Problem { retry_after_s: Some(TURN_S), ..busy }
    })
}

/// Writes all rows to a file. `None`: the list does not exist for the caller as it was asked.
async fn spool(
    app: &App,
    caller: &Caller,
    listing: &'static Listing,
    shape: Shape,
    mut query: Query,
    rows_max: u64,
) -> Result<Option<Spooled>, Problem> {
    let marks = [caller.looker.account.clone(), app.zone().text(app.now())];
    let (rows, writing) = spool::begin(listing, shape, app.zone(), marks);
    query.limit = PAGE;
    let mut count = 0;
    // one moment for the whole export; on SQLite a reader holds nobody up, and the log grows only while it is written
    let mut tx = app.store().look(&caller.looker.scope()).await?.as_of(app.now());
    loop {
        let Some(page) = listing::page(&mut tx, &caller.looker, listing, &query).await? else { return Ok(None) };
        count += page.rows.len() as u64;
        if count > rows_max {
            let detail = format!("more than {rows_max} rows; narrow the filter, or take a part after the other");
            return Err(Problem::new(StatusCode::FORBIDDEN, "export-limit", "More than may be taken away", detail));
        }
        // the writer has ended early and says why below
        if rows.send(page.rows).await.is_err() {
            break;
        }
        let Some(next) = page.next else { break };
        query.after = Query::read(listing, [("after", next.as_str())], app.zone())?.after;
    }
    drop((rows, tx));
    writing.await.map_err(Problem::inside)?.map(Some)
}

/// The filter of an export as it is noted: values of personal and sensitive fields are left out.
fn filter(listing: &Listing, asked: &Asked) -> Value {
    let shown = |name: &str, value: &str| {
        let field = name.trim_end_matches(".from").trim_end_matches(".to");
        let plain = listing.position(field).is_none_or(|at| listing.fields[at].class == Class::Operational);
        if plain { value.to_owned() } else { "...".to_owned() }
    };
    let pairs = asked.0.iter().map(|(name, value)| (name.clone(), shown(name, value).into()));
    Value::Object(pairs.collect())
}

fn datapackage(caller: &Caller) -> Value {
    let role = caller.looker.duty.role;
    let exported = |listing: &&&Listing| listing.readable_by(role) && export_rows_max(role) > 0;
    let resources: Vec<Value> = LISTINGS
        .iter()
        .filter(exported)
        .map(|listing| {
            let mut fields: Vec<Value> = listing
                .fields
                .iter()
                .map(|field| {
                    let mut said = json!({"name": field.name, "type": kind(field.holds), "description": field.about});
                    if let (Holds::Term(terms), Sight::Plain) = (field.holds, caller.looker.shown(field.class, None)) {
                        said["constraints"] = json!({"enum": terms});
                    }
                    if field.holds == Holds::Truth {
                        said["trueValues"] = json!(["yes"]);
                        said["falseValues"] = json!(["no"]);
                    }
                    said
                })
                .collect();
            let about = ["account that took it away", "when it was taken away"];
            fields.extend(
                WATERMARK
                    .iter()
                    .zip(about)
                    .map(|(name, about)| json!({"name": name, "type": "string", "description": about})),
            );
            json!({
                "name": listing.name,
                "path": format!("{}.csv", listing.name),
                "profile": "tabular-data-resource",
                "description": format!("One row: {}.", listing.about),
                "encoding": "utf-8",
                "schema": {"fields": fields, "primaryKey": [listing.key], "missingValues": [""]},
                "hidden": lists::hidden(caller, listing),
            })
        })
        .collect();
    json!({"profile": "tabular-data-package", "name": "lists", "title": "Lists of Dayclear", "resources": resources})
}

const fn kind(holds: Holds) -> &'static str {
    match holds {
        Holds::Id | Holds::Text | Holds::Division | Holds::Term(_) | Holds::Data => "string",
        Holds::Whole => "integer",
        Holds::Real => "number",
        Holds::Day => "date",
        Holds::Moment => "datetime",
        Holds::Truth => "boolean",
    }
}
