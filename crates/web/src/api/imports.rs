//! Files of any length, brought in the background. The file is on disk and the import in the store before it is
//! acknowledged; it lands part by part, so that others are not kept waiting, and goes on after a restart where it stopped.

use super::{
    asking::{self, Asked, Key, truth},
    audit,
    endpoint::{Endpoint, Operation},
    evidence::{self, hex},
    mappings,
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
use bytes::{Bytes, BytesMut};
use dayclear_core::{
    command::Load,
    evidence::{EVIDENCE, Evidence},
};
use dayclear_ops::{
    OpsError,
    imports::{self, Brought, How, Keep, Opening},
    minutes::Day,
};
use dayclear_store::{
    Scope, StoreError,
    jobs::{Import, State as Standing},
    landing::Tally,
};
use dayclear_tabular::{Options, Reader, TableError};
use futures_util::{Stream, StreamExt};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError},
};

/// Bytes that are written to disk at a time.
const PIECE: usize = 1 << 20;
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

/// Reads an import that was taken in, in the background.
pub(crate) fn begin(app: Arc<App>, import: Import) {
    tokio::spawn(run(app, import));
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

fn file_of(app: &App, id: &str) -> PathBuf {
    app.bulk.folder.join(id)
}

/// Takes the body to disk: its digest and its length, once it is safe.
async fn receive<E: std::error::Error>(
    app: &App,
    id: &str,
    body: impl Stream<Item = Result<Bytes, E>>,
) -> Result<(String, u64), Problem> {
    let bytes_max = app.config.limits.import_bytes_max;
    let path = file_of(app, id);
    let folder = app.bulk.folder.clone();
    let at = path.clone();
    let mut file = on_disk(move || {
        private_folder(&folder)?;
        File::create_new(&at)
    })
    .await?;
    let mut hash = Sha256::new();
    let mut bytes = 0;
    let mut body = std::pin::pin!(body);
    let mut piece = BytesMut::new();
    let outcome = loop {
        let next = match body.next().await {
            Some(Ok(next)) => Some(next),
            Some(Err(error)) if asking::is_too_long(&error) => break Err(asking::too_long(bytes_max)),
            Some(Err(_)) => break Err(asking::cut_off()),
            None => None,
        };
        let end = next.is_none();
        if let Some(next) = next {
            bytes += next.len() as u64;
            if bytes > bytes_max as u64 {
                break Err(asking::too_long(bytes_max));
            }
            hash.update(&next);
            piece.extend_from_slice(&next);
        }
        if end || piece.len() >= PIECE {
            let full: Bytes = piece.split().freeze();
            file = on_disk(move || {
                file.write_all(&full)?;
                // acknowledged means safe
                if end {
                    file.sync_all()?
                }
                Ok(file)
            })
            .await?;
        }
        if end {
            break Ok(());
        }
    };
    if let Err(problem) = outcome {
        let _ = on_disk(move || std::fs::remove_file(path)).await;
        return Err(problem);
    }
    Ok((hex(hash.finalize()), bytes))
}

async fn on_disk<T: Send + 'static>(act: impl FnOnce() -> std::io::Result<T> + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(act).await.map_err(Problem::inside)?.map_err(Problem::inside)
}

/// A folder that only the server's own user can look into: files of imports hold names and telephone numbers.
fn private_folder(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    if !path.is_dir() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    }
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
}

/// Takes up imports that a server before this one did not finish.
pub async fn resume(app: &Arc<App>) -> Result<usize, StoreError> {
    let waiting = app.store().look(&app.own_scope()).await?.imports_waiting().await?;
    let count = waiting.len();
    for import in waiting {
        tokio::spawn(run(Arc::clone(app), import));
    }
    Ok(count)
}

/// Reads one import to its end, when its turn has come.
async fn run(app: Arc<App>, mut import: Import) {
    let Ok(_turn) = app.bulk.imports.acquire().await else { return };
    import.state = Standing::Running;
    if let Err(error) = note(&app, &import).await {
        tracing::error!(told = error.told(), import = import.id, "the state of an import was not written");
        return;
    }
    match read(&app, &import).await {
        Ok(brought) => {
            let refused = import.atomic && brought.tally.doubtful + brought.tally.rejected > 0;
            import.state = if refused { Standing::Failed } else { Standing::Done };
            import.problem = refused.then(|| "a row cannot be taken, so none were, as asked".to_owned());
            (import.tally, import.share) = (brought.tally, 1.0);
            import.doubts = doubts(&brought).to_string();
        }
        Err(error) => {
            import.state = Standing::Failed;
            import.problem = Some(match error {
                OpsError::Table(error) => error.to_string(),
                other => {
                    let (kind, told) = crate::logs::trouble(&other);
                    tracing::error!(kind, told, import = import.id, "an import failed");
                    "something failed on our side and was logged; bring the file again".to_owned()
                }
            });
        }
    }
    import.ended_at = Some(app.now());
    app.nudge(dayclear_core::command::Load::Intake);
    match note(&app, &import).await {
        Ok(()) => {
            let path = file_of(&app, &import.id);
            let _ = on_disk(move || std::fs::remove_file(path)).await;
        }
        // it will be taken up again; what has landed is known by its digest
        Err(error) => tracing::error!(told = error.told(), import = import.id, "the end of an import was not written"),
    }
    app.bulk.progress.lock().unwrap_or_else(PoisonError::into_inner).remove(&import.id);
}

fn doubts(brought: &Brought) -> Value {
    let doubts = brought.doubts.iter().map(|doubt| {
        json!({"row": doubt.row, "column": doubt.column, "value": doubt.value, "expected": doubt.expected,
            "remedy": doubt.remedy, "code": doubt.code})
    });
    Value::Array(doubts.collect())
}

async fn note(app: &App, import: &Import) -> Result<(), StoreError> {
    let mut tx = app.store().begin(&app.own_scope()).await?;
    tx.note_import(import).await?;
    tx.commit().await
}

async fn read(app: &Arc<App>, import: &Import) -> Result<Brought, OpsError> {
    let evidence = Evidence::named(&import.table);
    let table = evidence.ok_or_else(|| OpsError::Inside(format!("no table {}", import.table)))?.table;
    let mapping: BTreeMap<String, String> = serde_json::from_str(&import.mapping).unwrap_or_default();
    let options = Options { zone: app.zone().clone(), mapping };
    let (path, source) = (file_of(app, &import.id), import.source.clone());
    let open: Opening = Arc::new(move || {
        let opened = match File::open(&path) {
            Ok(file) => Reader::new(&source, file, table, &options),
            Err(error) => Err(TableError::Io { file: source.clone(), source: error }),
        };
        opened.map_err(|error| OpsError::Table(Box::new(error)))
    });
    let pack = dayclear_ops::day::pack_for(&app.setup.packs, &app.setup.pack, import.day)?;
    let day = Day::at(import.day, None, app.now(), pack, &app.setup.settings);
    let how = How {
        day: &day,
        source: &import.source,
        digest: &import.digest,
        list: &import.list,
        bytes: import.bytes as u64,
        account: &import.account,
        keep: match (import.dry_run, import.atomic) {
            (true, _) => Keep::Nothing,
            (false, true) => Keep::AllOrNone,
            (false, false) => Keep::Parts,
        },
        once: None,
    };
    let division = import.division.parse().map_err(|error| OpsError::Inside(format!("{error}")))?;
    let scope = Scope::of(division);
    let progress = Arc::clone(&app.bulk.progress);
    let id = import.id.clone();
    let mut watch = move |brought: &Brought, share: f64| {
        let now = Progress { tally: brought.tally, share };
        progress.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), now);
    };
    let told = |_: &Brought| String::new();
    let brought = imports::bring(app.store(), &scope, &how, table, open, &told, &mut watch).await?;
    if !import.dry_run && matches!(table.name, "people" | "households" | "tubes" | "members" | "results") {
        let mut tx = app.store().begin(&scope).await?;
        tx.index_roster().await?;
        tx.commit().await?;
    }
    if !import.dry_run {
        app.nudge(Load::Intake);
    }
    if matches!(table.name, "divisions" | "facilities" | "laboratories") {
        app.learn_places().await?;
    }
    Ok(brought)
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
