//! The day's files come in. A file is read on a thread of its own and lands in batches; every row is counted once; a row
//! that cannot be taken is kept aside with what was expected and what to do, and the rest goes on (or the file is refused
//! whole, if asked). A file that was cut off goes on where it stopped.

mod file;

pub use file::{Import, import, recognise};

use crate::{
    OpsError, agenda, identity,
    minutes::{BY_RULE, Day, Minutes, by_division},
    references::References,
    rounds::walk_all,
    rows::{Batch, Taker},
    touched::Touched,
};
use dayclear_core::{
    books::Worklist,
    divisions::{DivisionCode, Level},
    schema::{self, DAY_FOLDER, Table},
    time::{CivilDate, Zone},
};
use dayclear_store::{
    Scope, Scoped, Store,
    events::{NewEvent, hex},
    landing::{Doubt, Given, Known, Numbered, Progress, RowValues, Tally, Target, target_of},
    roster::Homes,
    value::Value,
};
use dayclear_tabular::{Fault, Options, Reader, Row};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::{
    borrow::Cow,
    collections::BTreeMap,
    io::Read as _,
    path::{Path, PathBuf},
};

/// Rows in one transaction: small enough to lose little, large enough that the cost of a commit does not count.
const ROWS_PER_COMMIT: u64 = 100_000;

/// A folder of one day's files.
#[derive(Debug, Clone)]
pub struct Folder {
    /// Where it is.
    pub path: PathBuf,
    /// Its tables in the order of reading.
    pub files: Vec<(&'static Table, PathBuf)>,
}

/// A file and its counts.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Read {
    /// File name.
    pub name: String,
    /// Counts.
    pub tally: Tally,
}

fn trouble(path: &Path, problem: impl ToString, remedy: &str) -> OpsError {
    OpsError::File { path: path.display().to_string(), problem: problem.to_string(), remedy: remedy.to_owned() }
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

impl Folder {
    /// Finds the tables of a folder. A table that a day must have and the folder has not is named, all of them at once.
    pub fn open(path: &Path) -> Result<Folder, OpsError> {
        if !path.is_dir() {
            return Err(trouble(
                path,
                "there is no such folder",
                "name a folder with a day's files (docs/day-folder.md)",
            ));
        }
        let mut files = Vec::new();
        let mut missing = Vec::new();
        for table in DAY_FOLDER {
            let found: Vec<PathBuf> = ["csv", "xlsx"]
                .iter()
                .map(|ending| path.join(format!("{}.{ending}", table.name)))
                .filter(|file| file.is_file())
                .collect();
            match found.as_slice() {
                [file] => files.push((*table, file.clone())),
                [] if table.required => missing.push(format!("{}.csv", table.name)),
                [] => {}
                _ => {
                    return Err(trouble(
                        &found[0],
                        "the table is there twice, as CSV and as XLSX",
                        "keep one of the two",
                    ));
                }
            }
        }
        if missing.is_empty() {
            return Ok(Folder { path: path.to_owned(), files });
        }
        Err(trouble(
            path,
            format!("missing: {}", missing.join(", ")),
            "add them, with only a header if there is nothing to say (`dayclear schema KIND` prints the columns)",
        ))
    }

    fn file(&self, table: &str) -> Result<&Path, OpsError> {
        let found = self.files.iter().find(|(t, _)| t.name == table).map(|(_, path)| path.as_path());
        found.ok_or_else(|| trouble(&self.path, format!("{table}.csv is missing"), "add it"))
    }

    /// SHA-256 of every file, by name, in the order of reading.
    pub fn digests(&self, watch: crate::day::Watch<'_>) -> Result<Vec<(String, String)>, OpsError> {
        watch("files", None);
        self.files.iter().map(|(_, path)| Ok((name_of(path), file_digest(path)?))).collect()
    }
}

/// SHA-256 of a file, hexadecimal.
pub fn file_digest(path: &Path) -> Result<String, OpsError> {
    let cannot = |error: std::io::Error| trouble(path, error, "check that the file is there and may be read");
    let mut file = std::fs::File::open(path).map_err(cannot)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0u8; 1 << 16];
    loop {
        let n = file.read(&mut buffer).map_err(cannot)?;
        if n == 0 {
            return Ok(hex(&hash.finalize()));
        }
        hash.update(&buffer[..n]);
    }
}

/// Opens a file as a declared table.
pub fn reader(path: &Path, table: &'static Table, zone: &Zone) -> Result<Reader, OpsError> {
    reader_by(path, table, &Options::new(zone.clone()))
}

fn reader_by(path: &Path, table: &'static Table, options: &Options) -> Result<Reader, OpsError> {
    Reader::open(path, table, options).map_err(|error| OpsError::Table(Box::new(error)))
}

fn next(rows: &mut Reader) -> Result<Option<Result<Row<'_>, Box<Fault>>>, OpsError> {
    rows.next_row().map_err(|error| OpsError::Table(Box::new(error)))
}

/// The city of a folder: the one division at the level of a city.
pub fn city(folder: &Folder, zone: &Zone) -> Result<DivisionCode, OpsError> {
    let path = folder.file("divisions")?;
    let mut rows = reader(path, &schema::DIVISIONS, zone)?;
    let (code, level) = (schema::DIVISIONS.position("code"), schema::DIVISIONS.position("level"));
    while let Some(row) = next(&mut rows)? {
        let Ok(row) = row else { continue };
        let is_city = level.and_then(|at| row.term(at)).and_then(|term| Level::ALL.get(term)) == Some(&Level::City);
        if let (true, Some(text)) = (is_city, code.and_then(|at| row.text(at))) {
            return text.parse().map_err(|error| trouble(path, error, "correct the code of the city"));
        }
    }
    Err(trouble(path, "no row has the level 'city'", "add the city itself, with the code its districts begin with"))
}

/// The latest day on which a tube of the folder was filled.
pub fn latest_day(folder: &Folder, zone: &Zone) -> Result<CivilDate, OpsError> {
    let path = folder.file("tubes")?;
    let mut rows = reader(path, &schema::TUBES, zone)?;
    let at = schema::TUBES.position("collected_at");
    let mut last = None;
    while let Some(row) = next(&mut rows)? {
        let Ok(row) = row else { continue };
        last = last.max(at.and_then(|at| row.moment(at)).map(|moment| zone.day(moment)));
    }
    last.ok_or_else(|| trouble(path, "no tube says when it was filled", "name the day with --date"))
}

/// Reads every file of the folder. Returns the counts, and whether anything new landed.
pub async fn run(
    store: &Store,
    scope: &Scope,
    day: &Day<'_>,
    folder: &Folder,
    digests: &[(String, String)],
    atomic: bool,
    watch: crate::day::Watch<'_>,
) -> Result<(Vec<Read>, bool), OpsError> {
    let mut references = References::default().judged_by(day.pack);
    let mut read = Vec::with_capacity(folder.files.len());
    let mut landed = false;
    for ((table, path), (name, digest)) in folder.files.iter().zip(digests) {
        watch(table.name, None);
        let mut tx = store.begin(scope).await?;
        let progress = tx.progress(day.date, name, digest).await?;
        if progress.complete {
            let t = progress.tally;
            let same = Tally { same: t.created + t.updated + t.same, created: 0, updated: 0, ..t };
            read.push(Read { name: name.clone(), tally: same });
            continue;
        }
        if atomic {
            refuse_doubtful(path, table, &Options::new(day.zone.clone()))?;
        }
        references.load_for(&mut tx, table.name).await?;
        let tally;
        (tally, references) =
            read_file(store, scope, tx, day, table, path, (name, digest), progress, references, atomic, watch).await?;
        landed = true;
        read.push(Read { name: name.clone(), tally });
    }
    if landed {
        watch("indexes", None);
        let mut tx = store.begin(scope).await?;
        tx.index_roster().await?;
        tx.commit().await?;
    }
    identity::catch_up(store, scope, day, watch).await?;
    Ok((read, landed))
}

/// Reads a file through without taking anything; the first row that cannot be taken refuses it.
fn refuse_doubtful(path: &Path, table: &'static Table, options: &Options) -> Result<(), OpsError> {
    let mut rows = reader_by(path, table, options)?;
    let (mut read, mut doubtful, mut first) = (0, 0, None);
    while let Some(row) = next(&mut rows)? {
        read += 1;
        if let Err(fault) = row {
            doubtful += 1;
            first.get_or_insert_with(|| fault.to_string());
        }
    }
    match first {
        None => Ok(()),
        Some(first) => Err(OpsError::Refused { path: path.display().to_string(), read, doubtful, first }),
    }
}

#[allow(clippy::too_many_arguments)]
async fn read_file(
    store: &Store,
    scope: &Scope,
    mut tx: Scoped,
    day: &Day<'_>,
    table: &'static Table,
    path: &Path,
    (name, digest): (&str, &str),
    mut progress: Progress,
    mut references: References,
    atomic: bool,
    watch: crate::day::Watch<'_>,
) -> Result<(Tally, References), OpsError> {
    let target = target_of(table.name);
    let known = match target {
        // people and tubes are known with their numbers
        Some(target) if !matches!(table.name, "people" | "tubes") => tx.digests(target).await?,
        _ => Known::default(),
    };
    let next = [tx.last_number(Numbered::People).await?, tx.last_number(Numbered::Tubes).await?];
    references.filled(table.name);
    let rows = reader(path, table, day.zone)?;
    let header = rows.header_line();
    let given = Given { digest, division: scope.division(), account: None };
    let size = std::fs::metadata(path).map(|meta| meta.len()).unwrap_or(0).max(1);
    let mut taker = Taker::new(table, name, known, references, next, progress.rows_done);
    let fresh_links = target.is_none() && !tx.any_member().await?;
    if fresh_links {
        taker.fresh_links();
    }
    let (sender, mut batches) = tokio::sync::mpsc::channel::<Batch>(4);
    let reading = tokio::task::spawn_blocking(move || taker.read(rows, &sender));
    let mut since_commit = 0;
    let mut touched = Touched::default();
    let mut first = None;
    while let Some(batch) = batches.recv().await {
        watch(table.name, Some(batch.bytes as f64 / size as f64));
        let before = progress.rows_done;
        let kept =
            take(&mut tx, day.date, table, Some(&given), batch, &mut progress, &mut touched, fresh_links).await?;
        since_commit += progress.rows_done - before;
        first = first.or_else(|| kept.into_iter().next());
        // a file that may yet be refused lands in one transaction
        if since_commit >= ROWS_PER_COMMIT && !atomic {
            tx.record_progress(day.date, name, &given, &progress).await?;
            agenda::took_file(&mut tx, day, table).await?;
            touched.note(&mut tx).await?;
            tx.commit().await?;
            tx = store.begin(scope).await?;
            since_commit = 0;
        }
    }
    let references = reading.await.map_err(|error| OpsError::Inside(error.to_string()))??;
    if let Some(first) = first.filter(|_| atomic) {
        // the rows read well, and only the store knew better; the transaction is dropped with all of them
        let doubtful = progress.tally.doubtful + progress.tally.rejected;
        let (source, row, column, value) = (first.source, first.row, first.column, first.value);
        let first =
            format!("{source}, row {row}, column {column}: '{value}', expected {}; {}", first.expected, first.remedy);
        return Err(OpsError::Refused { path: path.display().to_string(), read: progress.tally.read, doubtful, first });
    }
    progress.complete = true;
    if progress.tally.doubtful > 0 {
        tx.keep_header(name, digest, &header).await?;
    }
    finish(&mut tx, day, name, &given, &progress).await?;
    if table.name == "buildings" {
        walk_all(&mut tx).await?;
    }
    tx.record_progress(day.date, name, &given, &progress).await?;
    agenda::took_file(&mut tx, day, table).await?;
    touched.note(&mut tx).await?;
    tx.commit().await?;
    Ok((progress.tally, references))
}

/// Takes one batch of rows; returns those that cannot be taken, kept aside if it is said who gave them.
#[allow(clippy::too_many_arguments)]
pub(crate) async fn take(
    tx: &mut Scoped,
    today: CivilDate,
    table: &'static Table,
    aside: Option<&Given<'_>>,
    mut batch: Batch,
    progress: &mut Progress,
    touched: &mut Touched,
    fresh_links: bool,
) -> Result<Vec<Doubt>, OpsError> {
    touched.took(tx, table.name, &batch).await?;
    let tally = &mut progress.tally;
    let landed = tally.created + tally.updated;
    if let Some(people) = target_of("people").filter(|_| !batch.strangers.is_empty()) {
        tx.land_new(people, &batch.strangers).await?;
    }
    match target_of(table.name) {
        Some(target) => {
            tx.land_new(target, &batch.created).await?;
            tally.created += batch.created_rows;
            if target.table == "people" {
                tx.note_identity_due(&numbers_of(target, &batch.changes)).await?;
            }
            let homes = homes_of(target, &batch.changes);
            for (change, doubt) in batch.changes.drain(..) {
                // columns of `store::landing`: tube, division, purpose, size, site, collected_at
                if tx.land_change(target, &change).await? {
                    tally.updated += 1;
                } else {
                    if let ("tubes", [tube, division, _, _, _, closed, ..]) = (target.table, change.as_slice()) {
                        tx.note_doubled(tube.clone(), division.clone(), closed.clone()).await?;
                    }
                    tally.doubtful += 1;
                    batch.doubts.push(doubt);
                }
            }
            if let Some((homes, keys)) = homes {
                let moved = tx.stand_where_they_live(homes, &keys).await?;
                tx.note_identity_due(&moved).await?;
            }
        }
        None => {
            let new = tx.land_members(&batch.created, fresh_links).await?;
            tally.created += new;
            tally.same += batch.created_rows - new;
        }
    }
    tally.read += batch.read;
    tally.same += batch.same;
    tally.doubtful += batch.doubtful;
    tally.rejected += batch.rejected;
    tx.note_source(table.name, batch.latest, tally.created + tally.updated - landed).await?;
    if let Some(given) = aside {
        tx.keep_doubts(today, given, &batch.doubts).await?;
    }
    progress.rows_done += batch.read;
    Ok(batch.doubts)
}

/// Homes whose rows change, where people live in what a table holds.
fn homes_of(target: &Target, changes: &[(RowValues, Doubt)]) -> Option<(Homes, Vec<Value<'static>>)> {
    let homes = match target.table {
        "buildings" => Homes::Buildings,
        "households" => Homes::Households,
        _ => return None,
    };
    let at = target.columns.iter().position(|column| *column == target.key)?;
    let keys: Vec<Value<'static>> = changes.iter().filter_map(|(row, _)| row.get(at)).cloned().collect();
    (!keys.is_empty()).then_some((homes, keys))
}

/// Numbers of people whose rows change.
fn numbers_of(target: &Target, changes: &[(RowValues, Doubt)]) -> Vec<i64> {
    let Some(at) = target.columns.iter().position(|column| *column == "no") else { return Vec::new() };
    let no = |row: &RowValues| match row.get(at) {
        Some(Value::Whole(no)) => *no,
        _ => None,
    };
    changes.iter().filter_map(|(row, _)| no(row)).collect()
}

/// Subject of the item about rows of a file that are kept aside for a district, or for the city. It tells of the place alone,
/// whoever gave the file: the desk finds the item again by it.
pub(crate) fn aside_item(digest: &str, name: &str, place: &DivisionCode) -> String {
    const DISTRICT: usize = 6;
    let file = format!("file/{}/{name}", digest.get(..12).unwrap_or(digest));
    if place.as_str().len() < DISTRICT { file } else { format!("{file}/{place}") }
}

/// The end of a file is an event; rows kept aside are an item for every district that they tell of.
pub(crate) async fn finish(
    tx: &mut Scoped,
    day: &Day<'_>,
    name: &str,
    given: &Given<'_>,
    progress: &Progress,
) -> Result<(), OpsError> {
    let city = tx.scope().division().clone();
    let mut minutes = Minutes::of(day);
    let tally = progress.tally;
    if !tally.adds_up() {
        return Err(OpsError::Inside(format!("the counts of {name} do not add up: {tally:?}")));
    }
    minutes.event(day.end, "file.read", name, &city, &json!({"sha256": given.digest, "tally": tally}), None)?;
    if tally.doubtful + tally.rejected > 0 {
        let mut places: BTreeMap<DivisionCode, u64> = BTreeMap::new();
        for (place, rows) in tx.asides_open(given.digest, name).await? {
            *places.entry(place.district()).or_default() += rows;
        }
        for (place, rows) in places {
            minutes.waits(
                Worklist::Clarify,
                aside_item(given.digest, name, &place),
                &place,
                by_division(&place),
                day.start,
                format!("{rows} of {} rows were kept aside: doubts.csv names each with its remedy", tally.read),
            );
        }
    }
    minutes.hand_in(tx).await
}

/// As [`finish`], of rows of a call of which none was kept aside; with the event that tells who gave them, and their counts.
pub(crate) async fn given(
    tx: &mut Scoped,
    day: &Day<'_>,
    table: &'static Table,
    source: &str,
    given: &Given<'_>,
    progress: &Progress,
) -> Result<(), OpsError> {
    let tally = progress.tally;
    if !tally.adds_up() || tally.doubtful + tally.rejected > 0 {
        return Err(OpsError::Inside(format!("the counts of {source} do not add up: {tally:?}")));
    }
    let city = tx.scope().division().clone();
    let body = json!({"sha256": given.digest, "tally": tally}).to_string();
    let event = |actor: Cow<'static, str>, kind: &'static str, subject: &str| NewEvent {
        at: day.end,
        actor,
        kind,
        subject: subject.to_owned(),
        division: city.clone(),
        body: body.clone(),
        tells: None,
    };
    let account = given.account.map_or(BY_RULE.into(), |account| account.to_owned().into());
    let events = [event(account, "evidence.given", table.name), event(BY_RULE.into(), "file.read", source)];
    tx.chain(day.date, day.end, &events).await?;
    tx.record_progress(day.date, source, given, progress).await?;
    Ok(())
}
