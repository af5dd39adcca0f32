//! An import read to its end in the background: when its turn has come, part by part, and again after a restart. It guarantees that the
//! file is removed only when its end is written down.

use super::{
    Progress,
    body::{file_of, on_disk},
};
use crate::app::App;
use dayclear_core::{command::Load, evidence::Evidence};
use dayclear_ops::{
    OpsError,
    imports::{self, Brought, How, Keep, Opening},
    minutes::Day,
};
use dayclear_store::{
    Scope, StoreError,
    jobs::{Import, State as Standing},
};
use dayclear_tabular::{Options, Reader, TableError};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fs::File,
    sync::{Arc, PoisonError},
};

/// Reads an import that was taken in, in the background.
pub(crate) fn begin(app: Arc<App>, import: Import) {
    tokio::spawn(run(app, import));
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

pub(super) async fn read(app: &Arc<App>, import: &Import) -> Result<Brought, OpsError> {
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
