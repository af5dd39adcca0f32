//! Files of any length, brought in the background. The file is on disk and the import in the store before it is
//! acknowledged; it lands part by part, so that others are not kept waiting, and goes on after a restart where it stopped.

mod body;
mod reading;

pub(crate) use reading::begin;
pub use reading::resume;

use super::{
    asking::{self, Asked, Key, truth},
    audit,
    endpoint::{Endpoint, Operation},
    evidence, mappings,
    openapi::{parameters, schemas},
};
use crate::{
    app::App,
    caller::Caller,
    problem::Problem,
    routing::{get, post},
};
use axum::{
    Json,
    extract::{Request, State},
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use body::receive;
use bytes::Bytes;
use dayclear_core::{
    command::Load,
    evidence::{EVIDENCE, Evidence},
};
use dayclear_store::{
    jobs::{Import, State as Standing},
    landing::Tally,
};
use futures_util::Stream;
use serde_json::{Value, json};
use std::sync::{Arc, PoisonError};

/// Media type of a workbook.
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// How far an import has come, of those that this process reads.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    tally: Tally,
    share: f64,
}

/// Routes of imports.
pub fn endpoints() -> Vec<Endpoint> {
    let roles = mappings::importers();
    let tables: Vec<&str> = EVIDENCE.iter().map(|evidence| evidence.table.name).collect();
    let mut table = parameters::query("table", "declared table that the file holds", json!({"enum": tables}));
    table["required"] = true.into();
    let flag = |name: &str, about: &str| parameters::query(name, about, json!({"enum": ["true", "false"]}));
    let id = json!({"type": "string", "pattern": schemas::ID});
    let file = json!({"type": "string", "contentMediaType": "application/octet-stream"});
    let bring = Operation::new(Method::POST, "/api/v1/imports", "imports-add", "intake")
        .about(
            "Bring a file",
            "CSV or XLSX of any length, also line lists and published figures. The answer comes when the file is safe; the \
             import goes on behind it, and its state is at the address in Location.",
        )
        .roles(&roles)
        .under(Load::Intake)
        .takes(table)
        .takes(flag("dry_run", "say what would be done, and do nothing"))
        .takes(flag("atomic", "take all rows or none"))
        .takes(parameters::query("mapping", "id of a saved mapping of columns", json!({"type": "string", "minLength": 1})))
        .takes(parameters::query("list", "name of the line list; without one, `default`", id))
        .body("text/csv", file.clone())
        .body(XLSX, file)
        .answers(202, "the import, as it stands", shown_schema())
        .problems(&[403, 413, 415]);
    let all = Operation::new(Method::GET, "/api/v1/imports", "imports-list", "intake")
        .about("The latest imports of this account", "")
        .roles(&roles)
        .answers(
            200,
            "imports",
            json!({"type": "object", "properties": {"rows": {"type": "array", "items": shown_schema()}},
                "required": ["rows"], "additionalProperties": false}),
        )
        .problems(&[403]);
    let one = Operation::new(Method::GET, "/api/v1/imports/{id}", "imports-record", "intake")
        .about("One import of this account, with its counts so far", "")
        .roles(&roles)
        .takes(parameters::key("id", "id of the import"))
        .answers(200, "the import", shown_schema())
        .problems(&[403]);
    vec![
        Endpoint {
            operation: bring,
            handler: post(async |State(app): State<Arc<App>>, caller: Caller, asked: Asked, request: Request| {
                add(app, &caller, &asked, request).await
            }),
        },
        Endpoint {
            operation: all,
            handler: get(async |State(app): State<Arc<App>>, caller: Caller, asked: Asked| {
                list(&app, &caller, &asked).await
            }),
        },
        Endpoint {
            operation: one,
            handler: get(async |State(app): State<Arc<App>>, caller: Caller, Key(id): Key, asked: Asked| {
                record(&app, &caller, &asked, &id).await
            }),
        },
    ]
}

fn shown_schema() -> Value {
    let text = json!({"type": "string"});
    let truth = json!({"type": "boolean"});
    json!({"type": "object", "properties": {
        "id": text, "table": text, "list": text, "source": text, "bytes": {"type": "integer"},
        "state": {"enum": Standing::NAMES}, "share": {"type": "number", "minimum": 0, "maximum": 1},
        "dry_run": truth, "atomic": truth, "tally": {"$ref": "#/components/schemas/tally"},
        "doubts": {"type": "array", "items": {"$ref": "#/components/schemas/doubt"}, "description": "the first of them"},
        "doubts_at": {"type": ["string", "null"], "description": "list of all rows kept aside"},
        "problem": {"type": ["string", "null"]}, "created_at": {"type": "string", "format": "date-time"},
        "ended_at": {"type": ["string", "null"], "format": "date-time"}},
        "required": ["id", "table", "state", "share", "dry_run", "tally", "doubts", "problem", "created_at", "ended_at"],
        "additionalProperties": false})
}

fn shown(app: &App, import: &Import) -> Value {
    let (tally, share) = progress(app, import);
    let kept = !import.dry_run && tally.doubtful + tally.rejected > 0;
    json!({
        "id": import.id,
        "table": import.table,
        "list": import.list,
        "source": import.source,
        "bytes": import.bytes,
        "state": import.state.name(),
        "share": share,
        "dry_run": import.dry_run,
        "atomic": import.atomic,
        "tally": tally,
        "doubts": serde_json::from_str::<Value>(&import.doubts).unwrap_or_else(|_| json!([])),
        "doubts_at": kept.then(|| format!("/api/v1/doubts?source={}", import.source)),
        "problem": import.problem,
        "created_at": app.zone().text(import.created_at),
        "ended_at": import.ended_at.map(|at| app.zone().text(at)),
    })
}

async fn list(app: &App, caller: &Caller, asked: &Asked) -> Result<Response, Problem> {
    mappings::importing(caller)?;
    asked.only([])?;
    let mut tx = app.store().look(&caller.looker.scope()).await?;
    let all = tx.imports_of(&caller.looker.account).await?;
    Ok(Json(json!({"rows": all.iter().map(|import| shown(app, import)).collect::<Vec<_>>()})).into_response())
}

async fn record(app: &App, caller: &Caller, asked: &Asked, id: &str) -> Result<Response, Problem> {
    mappings::importing(caller)?;
    asked.only([])?;
    let mut tx = app.store().look(&caller.looker.scope()).await?;
    let import = tx.import_of(&caller.looker.account, id).await?.ok_or_else(Problem::unknown)?;
    Ok(Json(shown(app, &import)).into_response())
}

async fn add(app: Arc<App>, caller: &Caller, asked: &Asked, request: Request) -> Result<Response, Problem> {
    mappings::importing(caller)?;
    let [table, dry_run, atomic, mapping, list] = asked.only(["table", "dry_run", "atomic", "mapping", "list"])?;
    let evidence = table.and_then(Evidence::named).ok_or_else(|| {
        let names: Vec<&str> = EVIDENCE.iter().map(|evidence| evidence.table.name).collect();
        asking::fault("table", table.unwrap_or_default(), format!("one of: {}", names.join(", ")))
    })?;
    let (dry_run, atomic) = (truth("dry_run", dry_run)?, truth("atomic", atomic)?);
    if let Some(list) = list
        && (list.chars().count() > 64 || list.chars().any(|c| c.is_whitespace() || c.is_control()))
    {
        return Err(asking::fault("list", list, "1 to 64 visible characters without spaces").into());
    }
    evidence::allowed(&app, caller, evidence).await?;
    let mapping = match mapping {
        None => "{}".to_owned(),
        Some(id) => {
            let saved = mappings::usable(&app, caller, id).await?;
            if saved.table == evidence.table.name { Ok(saved.columns) } else { Err(Problem::unknown()) }?
        }
    };
    let media = asking::media(request.headers());
    let ending = match media.as_str() {
        "text/csv" => "csv",
        XLSX => "xlsx",
        other => return Err(asking::other_media(other, &format!("text/csv, {XLSX}"))),
    };
    let import = accept(
        &app,
        caller,
        Wanted { evidence, dry_run, atomic, mapping, list, ending },
        request.into_body().into_data_stream(),
    )
    .await?;
    let answer = shown(&app, &import);
    let place = format!("/api/v1/imports/{}", import.id);
    begin(app, import);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, place)], Json(answer)).into_response())
}

/// A file that somebody wants to bring, checked but for its rows.
pub(crate) struct Wanted<'a> {
    /// What it holds.
    pub evidence: &'static Evidence,
    /// Say what would be done, and do nothing.
    pub dry_run: bool,
    /// All rows or none.
    pub atomic: bool,
    /// Columns of the file by declared column, as JSON.
    pub mapping: String,
    /// Name of a line list.
    pub list: Option<&'a str>,
    /// Ending of the file: `csv` or `xlsx`.
    pub ending: &'static str,
}

/// Takes a file in: once this returns, file and import are safe. [`begin`] reads it.
pub(crate) async fn accept<E: std::error::Error>(
    app: &App,
    caller: &Caller,
    wanted: Wanted<'_>,
    body: impl Stream<Item = Result<Bytes, E>>,
) -> Result<Import, Problem> {
    let Wanted { evidence, dry_run, atomic, mapping, list, ending } = wanted;
    let id = mappings::random_id(app)?;
    let (digest, bytes) = receive(app, &id, body).await?;
    let day = evidence::today(app).await?.date;
    let now = app.now();
    let listed = matches!(evidence.table.name, "linelist" | "linelist_contacts");
    let import = Import {
        account: caller.looker.account.clone(),
        division: caller.looker.duty.division.to_string(),
        table: evidence.table.name.to_owned(),
        list: if listed { list.unwrap_or("default").to_owned() } else { String::new() },
        day,
        source: format!("{}-{}.{ending}", evidence.table.name, &digest[..12]),
        digest,
        bytes: bytes as i64,
        mapping,
        dry_run,
        atomic,
        state: Standing::Waiting,
        share: 0.0,
        tally: Tally::default(),
        doubts: "[]".to_owned(),
        problem: None,
        created_at: now,
        ended_at: None,
        id,
    };
    let mut tx = app.store().begin(&caller.looker.scope()).await?;
    tx.add_import(&import).await?;
    tx.commit().await?;
    audit(app, caller, "import", &import.table, &[], "done", json!({"import": import.id, "bytes": bytes})).await?;
    Ok(import)
}

/// How far an import has come: its counts and the share of the file that is behind.
pub(crate) fn progress(app: &App, import: &Import) -> (Tally, f64) {
    let read = app.bulk.progress.lock().unwrap_or_else(PoisonError::into_inner).get(&import.id).cloned();
    figures(import.ended_at.is_some(), (import.tally, import.share), read)
}

/// What was written down when it ended, and until then what is read of it.
fn figures(ended: bool, written: (Tally, f64), read: Option<Progress>) -> (Tally, f64) {
    match read {
        Some(now) if !ended => (now.tally, now.share),
        _ => written,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Between the end that is written down and the last word of the reader a file was shown as done, and nine tenths read.
    #[test]
    fn what_has_ended_is_shown_as_it_ended() {
        let tally = |read| Tally { read, created: read, ..Tally::default() };
        let (begun, ended) = ((tally(0), 0.0), (tally(3), 1.0));
        let read = || Some(Progress { tally: tally(2), share: 0.9 });
        assert_eq!(figures(false, begun, None), begun);
        assert_eq!(figures(false, begun, read()), (tally(2), 0.9));
        assert_eq!(figures(true, ended, read()), ended);
    }
}
