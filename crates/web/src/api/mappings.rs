//! Saved mappings: which column of somebody's file is which declared column. An account keeps its own, and may share one
//! with its division.

use super::{
    asking::{self, Asked, Key},
    endpoint::{Endpoint, Operation},
    evidence::hex,
    openapi::{parameters, schemas},
    values,
};
use crate::{
    BODY_BYTES_MAX,
    app::App,
    caller::Caller,
    problem::Problem,
    routing::{delete, get, post, put},
};
use axum::{
    Json,
    extract::{Request, State},
    http::{Method, StatusCode},
    response::{IntoResponse, Response},
};
use dayclear_core::{
    access::Role,
    evidence::{EVIDENCE, Evidence},
    schema::{Column, Kind},
};
use dayclear_ops::desk::Refusal;
use dayclear_store::jobs::Mapping;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Columns of one mapping at most.
const COLUMNS_MAX: usize = 200;
/// Longest header of a file.
const HEADER_MAX: usize = 80;

const NAME: &[Column] =
    &[Column { name: "name", kind: Kind::Text(80), required: true, about: "name, unique for the account" }];

/// Roles that may bring files at all: those who answer for a division. Who speaks for a site, or of assigned people, does so
/// row by row.
pub fn importers() -> Vec<Role> {
    let bound = |role: &Role| role.needs_site() || role.assigned_only();
    let may = |role: &&Role| !bound(role) && EVIDENCE.iter().any(|evidence| evidence.roles.contains(role));
    Role::ALL.iter().filter(may).copied().collect()
}

/// Routes of mappings.
pub fn endpoints() -> Vec<Endpoint> {
    let roles = importers();
    let operation = |method: Method, path: &str, id: &str, about: &str| {
        Operation::new(method, path, id, "intake").about(about, "").roles(&roles).problems(&[403])
    };
    let (all, one) = ("/api/v1/mappings", "/api/v1/mappings/{id}");
    let key = || parameters::key("id", "id of the mapping");
    let changes = |operation: Operation| operation.body("application/json", body()).problems(&[409, 413, 415, 422]);
    vec![
        Endpoint {
            operation: operation(Method::GET, all, "mappings-list", "Saved mappings that this account may use")
                .answers(
                    200,
                    "mappings",
                    json!({"type": "object", "properties": {"rows": {"type": "array", "items": shown_schema()}},
                    "required": ["rows"], "additionalProperties": false}),
                ),
            handler: get(async |State(app): State<Arc<App>>, caller: Caller, asked: Asked| {
                list(&app, &caller, &asked).await
            }),
        },
        Endpoint {
            operation: changes(operation(Method::POST, all, "mappings-add", "Save a mapping")).answers(
                201,
                "the mapping",
                shown_schema(),
            ),
            handler: post(async |State(app): State<Arc<App>>, caller: Caller, asked: Asked, request: Request| {
                save(&app, &caller, &asked, None, request).await
            }),
        },
        Endpoint {
            operation: operation(Method::GET, one, "mappings-record", "One mapping").takes(key()).answers(
                200,
                "the mapping",
                shown_schema(),
            ),
            handler: get(async |State(app): State<Arc<App>>, caller: Caller, Key(id): Key, asked: Asked| {
                record(&app, &caller, &asked, &id).await
            }),
        },
        Endpoint {
            operation: changes(operation(Method::PUT, one, "mappings-change", "Change a mapping of one's own"))
                .takes(key())
                .answers(200, "the mapping", shown_schema()),
            handler: put(
                async |State(app): State<Arc<App>>, caller: Caller, Key(id): Key, asked: Asked, request: Request| {
                    save(&app, &caller, &asked, Some(id), request).await
                },
            ),
        },
        Endpoint {
            operation: operation(Method::DELETE, one, "mappings-remove", "Remove a mapping of one's own")
                .takes(key())
                .answers_empty(204, "removed"),
            handler: delete(async |State(app): State<Arc<App>>, caller: Caller, Key(id): Key, asked: Asked| {
                remove(&app, &caller, &asked, &id).await
            }),
        },
    ]
}

fn body() -> Value {
    let per_table: Vec<Value> = EVIDENCE
        .iter()
        .map(|evidence| {
            let names: Vec<&str> = evidence.table.columns.iter().map(|column| column.name).collect();
            json!({
                "type": "object",
                "properties": {
                    "name": schemas::given(&NAME[0]),
                    "table": {"const": evidence.table.name},
                    "columns": {"type": "object", "description": "header of the file: declared column", "minProperties": 1,
                        "maxProperties": COLUMNS_MAX, "propertyNames": {"pattern": schemas::TEXT, "maxLength": HEADER_MAX},
                        "additionalProperties": {"enum": names}},
                    "shared": {"type": "boolean", "description": "whether the division may use it"},
                },
                "required": ["name", "table", "columns"],
                "additionalProperties": false,
            })
        })
        .collect();
    json!({"oneOf": per_table})
}

fn shown_schema() -> Value {
    json!({"type": "object", "properties": {
        "id": {"type": "string"}, "name": {"type": "string"}, "table": {"type": "string"},
        "columns": {"type": "object", "additionalProperties": {"type": "string"}}, "shared": {"type": "boolean"},
        "own": {"type": "boolean"}, "changed_at": {"type": "string", "format": "date-time"}},
        "required": ["id", "name", "table", "columns", "shared", "own", "changed_at"], "additionalProperties": false})
}

fn shown(app: &App, caller: &Caller, mapping: &Mapping) -> Value {
    json!({
        "id": mapping.id,
        "name": mapping.name,
        "table": mapping.table,
        "columns": serde_json::from_str::<Value>(&mapping.columns).unwrap_or_default(),
        "shared": mapping.shared,
        "own": mapping.account == caller.looker.account,
        "changed_at": app.zone().text(mapping.changed_at),
    })
}

/// Bringing files must be something for this role.
pub fn importing(caller: &Caller) -> Result<(), Problem> {
    let role = caller.looker.duty.role;
    if importers().contains(&role) {
        return Ok(());
    }
    let detail = format!("{role} brings no files; ask the command of the district");
    Err(Problem::new(StatusCode::FORBIDDEN, "not-yours", "Not for this role", detail))
}

/// A mapping that the caller may use.
pub async fn usable(app: &App, caller: &Caller, id: &str) -> Result<Mapping, Problem> {
    let mut tx = app.store().look(&caller.looker.scope()).await?;
    let all = tx.mappings_for(&caller.looker.account).await?;
    all.into_iter().find(|mapping| mapping.id == id).ok_or_else(Problem::unknown)
}

async fn list(app: &App, caller: &Caller, asked: &Asked) -> Result<Response, Problem> {
    importing(caller)?;
    asked.only([])?;
    let mut tx = app.store().look(&caller.looker.scope()).await?;
    let all = tx.mappings_for(&caller.looker.account).await?;
    let rows: Vec<Value> = all.iter().map(|mapping| shown(app, caller, mapping)).collect();
    Ok(Json(json!({"rows": rows})).into_response())
}

async fn record(app: &App, caller: &Caller, asked: &Asked, id: &str) -> Result<Response, Problem> {
    importing(caller)?;
    asked.only([])?;
    Ok(Json(shown(app, caller, &usable(app, caller, id).await?)).into_response())
}

async fn remove(app: &App, caller: &Caller, asked: &Asked, id: &str) -> Result<Response, Problem> {
    importing(caller)?;
    asked.only([])?;
    let mut tx = app.store().begin(&caller.looker.scope()).await?;
    if !tx.remove_mapping(&caller.looker.account, id).await? {
        return Err(Problem::unknown());
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn save(
    app: &App,
    caller: &Caller,
    asked: &Asked,
    id: Option<String>,
    request: Request,
) -> Result<Response, Problem> {
    importing(caller)?;
    asked.only([])?;
    let body = asking::object(request, BODY_BYTES_MAX, false).await?;
    let (name, table, columns, shared) = read(body, app)?;
    let account = &caller.looker.account;
    let made = id.is_none();
    let id = match id {
        Some(id) => {
            let known = usable(app, caller, &id).await?;
            // one that somebody shares is there to be used, not to be changed
            if known.account != *account { Err(Problem::unknown()) } else { Ok(id) }?
        }
        None => random_id(app)?,
    };
    let mapping = Mapping {
        id,
        account: account.clone(),
        division: caller.looker.duty.division.to_string(),
        name,
        table,
        shared,
        columns: columns.to_string(),
        changed_at: app.now(),
    };
    let mut tx = app.store().begin(&caller.looker.scope()).await?;
    let saved = match tx.save_mapping(&mapping).await {
        Err(error) if error.is_double() => false,
        other => other?,
    };
    if !saved {
        let detail = "you have a mapping of this name already; choose another name, or change that one";
        return Err(Problem::new(StatusCode::CONFLICT, "name-taken", "The name is taken", detail));
    }
    tx.commit().await?;
    let status = if made { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(shown(app, caller, &mapping))).into_response())
}

/// An id that nobody can guess.
pub fn random_id(app: &App) -> Result<String, Problem> {
    let mut bytes = [0; 16];
    app.setup.chance.fill(&mut bytes).map_err(Problem::inside)?;
    Ok(hex(bytes))
}

fn read(mut body: Map<String, Value>, app: &App) -> Result<(String, String, Value, bool), Problem> {
    let (table, columns, shared) = (body.remove("table"), body.remove("columns"), body.remove("shared"));
    let mut given = values::given(NAME, &body, app.zone())?;
    let mut faults = Vec::new();
    let mut wrong = |field: &str, value: &Value, expected: &str| {
        faults.push(values::fault(field, value, expected, "correct it"));
    };
    let table = table.unwrap_or_default();
    let evidence = table.as_str().and_then(Evidence::named);
    if evidence.is_none() {
        let names: Vec<&str> = EVIDENCE.iter().map(|evidence| evidence.table.name).collect();
        wrong("table", &table, &format!("one of the tables: {}", names.join(", ")));
    }
    let columns = columns.unwrap_or_default();
    match columns.as_object().filter(|columns| (1..=COLUMNS_MAX).contains(&columns.len())) {
        None => wrong("columns", &columns, "an object: header of the file, declared column"),
        Some(columns) => {
            for (header, column) in columns {
                let known =
                    evidence.is_none_or(|e| column.as_str().is_some_and(|name| e.table.position(name).is_some()));
                let header_fits = values::legible(header) && header.chars().count() <= HEADER_MAX;
                if !known {
                    wrong(&format!("columns.{header}"), column, "a declared column of the table");
                } else if !header_fits {
                    wrong(&format!("columns.{header}"), column, "a header of 1 to 80 characters");
                }
            }
        }
    }
    let shared = match shared {
        None => false,
        Some(Value::Bool(shared)) => shared,
        Some(other) => {
            wrong("shared", &other, "true or false");
            false
        }
    };
    if !faults.is_empty() {
        return Err(Refusal::Invalid(faults).into());
    }
    let table = evidence.map(|evidence| evidence.table.name.to_owned()).unwrap_or_default();
    Ok((given.remove("name").unwrap_or_default(), table, columns, shared))
}
