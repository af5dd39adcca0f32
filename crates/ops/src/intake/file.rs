//! One file outside a day folder: which table it is, and how it is brought in whole. It may use what lands the files of a day.

use super::{Read, file_digest, name_of, reader_by, refuse_doubtful, take, trouble};
use crate::{
    OpsError,
    minutes::BY_RULE,
    references::References,
    rows::{Batch, Taker},
    touched::Touched,
};
use dayclear_core::{
    schema::Table,
    time::{CivilDate, Instant, Zone},
};
use dayclear_store::{
    Scope, Store,
    events::NewEvent,
    landing::{Doubt, Given, Known, Progress, target_of},
};
use dayclear_tabular::{Options, Reader, TableError};
use serde_json::json;
use std::{collections::BTreeMap, path::Path};

/// How a file outside a day folder is brought in.
#[derive(Debug, Clone)]
pub struct Import {
    /// Day under which the file is recorded.
    pub today: CivilDate,
    /// Now.
    pub now: Instant,
    /// Zone of times without an offset.
    pub zone: Zone,
    /// Name of the line list; empty for other tables.
    pub list: String,
    /// Headers of the file and the columns they stand for, where they are not the declared ones.
    pub mapping: BTreeMap<String, String>,
    /// Refuse the file whole when a row of it cannot be taken.
    pub atomic: bool,
    /// Say what would be done, and do nothing.
    pub dry_run: bool,
}

/// Which of several tables a file is: the one that knows most of its columns, of those whose required columns it has.
pub fn recognise(path: &Path, tables: &[&'static Table]) -> Result<&'static Table, OpsError> {
    let zone = Zone::named("UTC").map_err(|error| OpsError::Inside(error.to_string()))?;
    let options = Options::new(zone);
    let mut best: Option<(usize, &'static Table)> = None;
    let mut unreadable = None;
    for table in tables {
        match Reader::open(path, table, &options) {
            Ok(reader) => {
                let unknown = reader.about().ignored.len();
                if best.is_none_or(|(fewest, _)| unknown < fewest) {
                    best = Some((unknown, table));
                }
            }
            Err(TableError::MissingColumns { .. }) => {}
            Err(error) => unreadable = unreadable.or(Some(error)),
        }
    }
    match (best, unreadable) {
        (Some((_, table)), _) => Ok(table),
        (None, Some(error)) => Err(OpsError::Table(Box::new(error))),
        (None, None) => {
            let names: Vec<&str> = tables.iter().map(|table| table.name).collect();
            Err(trouble(
                path,
                format!("its columns are not those of {}", names.join(", ")),
                "compare its header with `dayclear schema KIND`",
            ))
        }
    }
}

/// Brings one file in, whole: in one transaction, so a file that is cut off leaves nothing behind. Rows that cannot be taken
/// go to `aside` as they are met: a file may hold more of them than memory does.
pub async fn import(
    store: &Store,
    scope: &Scope,
    how: &Import,
    table: &'static Table,
    path: &Path,
    aside: &mut (dyn FnMut(Doubt) + Send),
    watch: crate::day::Watch<'_>,
) -> Result<Read, OpsError> {
    let name = name_of(path);
    let options = Options { zone: how.zone.clone(), mapping: how.mapping.clone() };
    if how.atomic {
        refuse_doubtful(path, table, &options)?;
    }
    let digest = file_digest(path)?;
    let given = Given { digest: &digest, division: scope.division(), account: None };
    let size = std::fs::metadata(path).map(|meta| meta.len()).unwrap_or(0).max(1);
    let mut tx = store.begin(scope).await?;
    let known = match target_of(table.name) {
        Some(target) if how.list.is_empty() => tx.digests(target).await?,
        Some(target) => tx.digests_of_list(target, &how.list).await?,
        None => Known::default(),
    };
    let mut taker = Taker::new(table, &name, known, References::default(), [0, 0], 0);
    taker.name_list(&how.list);
    let rows = reader_by(path, table, &options)?;
    let (sender, mut batches) = tokio::sync::mpsc::channel::<Batch>(2);
    let reading = tokio::task::spawn_blocking(move || taker.read(rows, &sender));
    let mut progress = Progress::default();
    let mut touched = Touched::default();
    while let Some(batch) = batches.recv().await {
        watch(table.name, Some(batch.bytes as f64 / size as f64));
        let kept = take(&mut tx, how.today, table, Some(&given), batch, &mut progress, &mut touched, false).await?;
        kept.into_iter().for_each(&mut *aside);
    }
    reading.await.map_err(|error| OpsError::Inside(error.to_string()))??;
    progress.complete = true;
    if !progress.tally.adds_up() {
        return Err(OpsError::Inside(format!("the counts of {name} do not add up: {:?}", progress.tally)));
    }
    if !how.dry_run {
        tx.record_progress(how.today, &name, &given, &progress).await?;
        let event = NewEvent {
            at: how.now,
            actor: BY_RULE.into(),
            kind: "file.imported",
            subject: name.clone(),
            division: scope.division().clone(),
            body: json!({"table": table.name, "sha256": digest, "list": how.list, "tally": progress.tally}).to_string(),
            tells: None,
        };
        tx.chain(how.today, how.now, &[event]).await?;
        tx.commit().await?;
    }
    Ok(Read { name, tally: progress.tally })
}
