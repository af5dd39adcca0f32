//! Rows that people and programs bring in through the server: one row, a few, or a file of any length. They go through the
//! same readers, checks and counts as the files of a day folder, and what follows from facts at once is done with them. A long file lands part by part, so that it keeps nobody
//! waiting and goes on where it stopped; a few rows land together with the key of their command.

use crate::{
    OpsError, agenda,
    desk::Room,
    evidence::{Named, at_once},
    intake::{finish, take},
    minutes::{BY_RULE, Day},
    references::References,
    rounds::walk_all,
    rows::{Batch, Taker},
    touched::Touched,
};
use dayclear_core::{access::Role, schema::Table};
use dayclear_store::{
    Scope, Scoped, Store,
    commands::Once,
    events::NewEvent,
    landing::{Doubt, Given, Known, Numbered, Progress, Tally, target_of},
};
use dayclear_tabular::Reader;
use serde_json::json;
use std::sync::Arc;

/// Rows kept aside that an answer names; all of them are in the list of doubts.
pub const DOUBTS_SHOWN_MAX: usize = 1_000;

/// What becomes of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// They land part by part.
    Parts,
    /// They land together; rows that cannot be taken are kept aside.
    Together,
    /// They land together, or none does when one of them cannot be taken.
    AllOrNone,
    /// Nothing lands: it is only said what would.
    Nothing,
}

/// How rows are brought in.
#[derive(Debug, Clone, Copy)]
pub struct How<'a> {
    /// Day under which they are recorded, as of now.
    pub day: &'a Day<'a>,
    /// Name under which rows are kept aside.
    pub source: &'a str,
    /// SHA-256 of what was sent.
    pub digest: &'a str,
    /// Name of the line list; empty for other tables.
    pub list: &'a str,
    /// Length of what was sent, in bytes.
    pub bytes: u64,
    /// Account that brings them.
    pub account: &'a str,
    /// What becomes of the rows.
    pub keep: Keep,
    /// Account and key under which this is done once; only for rows that land together.
    pub once: Option<(&'a str, &'a str)>,
}

/// What became of the rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Brought {
    /// Counts.
    pub tally: Tally,
    /// The first rows that could not be taken.
    pub doubts: Vec<Doubt>,
    /// The answer that was given the first time, when this was done before.
    pub replay: Option<String>,
}

/// Opens what was brought at its beginning: it is read twice, once for what its rows name and once for the rows.
pub type Opening = Arc<dyn Fn() -> Result<Reader, OpsError> + Send + Sync>;

/// Brings rows in. `told` makes the answer that is kept under the key of the command; `watch` hears the counts and the
/// share of the file that is behind, after each part.
pub async fn bring(
    store: &Store,
    scope: &Scope,
    how: &How<'_>,
    table: &'static Table,
    open: Opening,
    told: &(dyn Fn(&Brought) -> String + Sync),
    watch: &mut (dyn FnMut(&Brought, f64) + Send),
) -> Result<Brought, OpsError> {
    let mut tx = store.turn(scope).await?;
    if let Some((account, key)) = how.once
        && let Once::Replay(answer) = tx.once(account, key, how.digest).await?
    {
        return Ok(Brought { replay: Some(answer), ..Brought::default() });
    }
    let before = tx.progress(how.day.date, how.source, how.digest).await?;
    // the same rows again, after others in between, are another reading with counts of its own
    let name = match before.complete && how.keep != Keep::Parts {
        true => format!("{}-{}", how.source, tx.chain_head().await?.0),
        false => how.source.to_owned(),
    };
    let how = &How { source: &name, ..*how };
    let mut progress = if how.keep == Keep::Parts { before } else { Progress::default() };
    if progress.complete {
        return Ok(Brought { tally: progress.tally, ..Brought::default() });
    }
    let given = Given { digest: how.digest, division: scope.division(), account: Some(how.account) };
    let city = tx.city().await?.map_or_else(|| scope.clone(), Scope::of);
    let (list, source) = (how.list.to_owned(), how.source.to_owned());
    let (skip, trial) = (progress.rows_done, how.keep == Keep::Nothing);
    let mut taking = reading(move || Taking::begin(table, &source, list, &open, (skip, trial))).await?;
    let mut brought = Brought { tally: progress.tally, ..Brought::default() };
    let mut touched = Touched::default();
    loop {
        let (back, named) = reading(move || taking.look_ahead()).await?;
        taking = back;
        let Some(named) = named else { break };
        let references = named.references(&mut tx, table, scope, &city).await?.judged_by(how.day.pack);
        let known = known(&mut tx, table, &named).await?;
        let numbers = [tx.last_number(Numbered::People).await?, tx.last_number(Numbered::Tubes).await?];
        let (back, batch) = reading(move || taking.take(references, known, numbers)).await?;
        taking = back;
        let Some(mut batch) = batch else { break };
        refuse_foreign(&mut tx, table, &mut batch).await?;
        let behind = batch.bytes as f64 / how.bytes.max(1) as f64;
        let kept = take(&mut tx, how.day.date, table, Some(&given), batch, &mut progress, &mut touched, false).await?;
        let by_hand = scope.role().is_some_and(|role| role != Role::Laboratory);
        if table.name == "results" && by_hand && progress.tally.created > 0 {
            tx.note_by_hand(&named.of("tube"), how.account, how.day.end).await?;
        }
        if how.keep != Keep::Nothing {
            // what follows from a fact does not stop at the division of who brought it
            tx.widen(&city);
            at_once(&mut tx, &Room { day: *how.day, city: city.clone() }, table, &named).await?;
            agenda::took(&mut tx, how.day, table, &named).await?;
            touched.note(&mut tx).await?;
            tx.widen(scope);
        }
        let room = DOUBTS_SHOWN_MAX - brought.doubts.len();
        brought.doubts.extend(kept.into_iter().take(room));
        brought.tally = progress.tally;
        match how.keep {
            Keep::Parts => {
                tx.record_progress(how.day.date, how.source, &given, &progress).await?;
                tx.commit().await?;
                tx = store.turn(scope).await?;
            }
            Keep::Nothing => {
                // what this part did is undone at once, so that nobody waits for a trial
                drop(tx);
                tx = store.turn(scope).await?;
            }
            Keep::Together | Keep::AllOrNone => {}
        }
        watch(&brought, behind.min(1.0));
    }
    if !progress.tally.adds_up() {
        return Err(OpsError::Inside(format!("the counts of {} do not add up: {:?}", how.source, progress.tally)));
    }
    let aside = progress.tally.doubtful + progress.tally.rejected > 0;
    if how.keep == Keep::Nothing || (how.keep == Keep::AllOrNone && aside) {
        return Ok(brought);
    }
    if aside {
        tx.keep_header(how.source, how.digest, &taking.header).await?;
    }
    progress.complete = true;
    if table.name == "buildings" && progress.tally.created + progress.tally.updated > 0 {
        walk_all(&mut tx).await?;
    }
    conclude(&mut tx, scope, how, &given, table, &progress).await?;
    if let Some((account, key)) = how.once {
        tx.done(account, key, how.digest, &told(&brought), how.day.end).await?;
    }
    tx.commit().await?;
    Ok(brought)
}

/// Runs on a thread that may wait for the disk.
pub(crate) async fn reading<T: Send + 'static>(
    act: impl FnOnce() -> Result<T, OpsError> + Send + 'static,
) -> Result<T, OpsError> {
    tokio::task::spawn_blocking(act).await.map_err(|error| OpsError::Inside(error.to_string()))?
}

/// What of these rows is there.
async fn known(tx: &mut Scoped, table: &'static Table, named: &Named) -> Result<Known, OpsError> {
    Ok(match target_of(table.name) {
        // people and tubes are known with their numbers
        None => Known::default(),
        Some(_) if matches!(table.name, "people" | "tubes") => Known::default(),
        // a table by days is short, and a day is no text
        Some(target) if table.key_is_day() => tx.digests(target).await?,
        Some(target) => tx.digests_of(target, &named.keys()).await?,
    })
}

/// A file that is being read: one reader goes ahead and says what the rows name, the other takes them.
struct Taking {
    table: &'static Table,
    list: String,
    ahead: Reader,
    rows: Reader,
    header: String,
    taker: Taker,
}

impl Taking {
    fn begin(
        table: &'static Table,
        source: &str,
        list: String,
        open: &Opening,
        (skip, trial): (u64, bool),
    ) -> Result<Taking, OpsError> {
        let (mut ahead, rows) = (open()?, open()?);
        for _ in 0..skip {
            ahead.next_row().map_err(|error| OpsError::Table(Box::new(error)))?;
        }
        let header = rows.header_line();
        let mut taker = Taker::new(table, source, Known::default(), References::default(), [0, 0], skip);
        taker.name_list(&list);
        taker.trial(trial);
        Ok(Taking { table, list, ahead, rows, header, taker })
    }

    fn look_ahead(mut self) -> Result<(Taking, Option<Named>), OpsError> {
        let named = Named::portion(self.table, &mut self.ahead, &self.list)?;
        Ok((self, named))
    }

    fn take(
        mut self,
        references: References,
        known: Known,
        numbers: [i64; 2],
    ) -> Result<(Taking, Option<Batch>), OpsError> {
        self.taker.know(references, known, numbers);
        let batch = self.taker.next_batch(&mut self.rows)?;
        Ok((self, batch))
    }
}

/// A change of something that stands in another division is no change: it is kept aside as something unknown here.
async fn refuse_foreign(tx: &mut Scoped, table: &'static Table, batch: &mut Batch) -> Result<(), OpsError> {
    let Some(target) = target_of(table.name).filter(|_| !batch.changes.is_empty()) else { return Ok(()) };
    let keys: Vec<&str> = batch.changes.iter().map(|(_, doubt)| doubt.value.as_str()).collect();
    let foreign = tx.keys_outside(target, &keys).await?;
    if foreign.is_empty() {
        return Ok(());
    }
    for (values, mut doubt) in std::mem::take(&mut batch.changes) {
        if foreign.contains(&doubt.value) {
            if let ("tubes", [tube, division, _, _, _, closed, ..]) = (target.table, values.as_slice()) {
                tx.note_doubled(tube.clone(), division.clone(), closed.clone()).await?;
            }
            doubt.expected = "something of this division, or a new id".to_owned();
            doubt.remedy = "the id is in use elsewhere: correct it, or ask the city command".to_owned();
            doubt.code = "unknown_reference".to_owned();
            batch.doubtful += 1;
            batch.doubts.push(doubt);
        } else {
            batch.changes.push((values, doubt));
        }
    }
    Ok(())
}

/// The end of what was brought is an event; rows kept aside are an item for somebody.
async fn conclude(
    tx: &mut Scoped,
    scope: &Scope,
    how: &How<'_>,
    given: &Given<'_>,
    table: &'static Table,
    progress: &Progress,
) -> Result<(), OpsError> {
    let of_the_day = dayclear_core::schema::DAY_FOLDER.iter().any(|known| known.name == table.name);
    let aside = progress.tally.doubtful + progress.tally.rejected > 0;
    // the event of a table of the day names counts that the checker looks for
    if of_the_day || how.keep == Keep::Parts || aside {
        tx.record_progress(how.day.date, how.source, given, progress).await?;
    }
    if of_the_day {
        return finish(tx, how.day, how.source, given, progress).await;
    }
    let event = NewEvent {
        at: how.day.end,
        actor: BY_RULE.into(),
        kind: "file.imported",
        subject: how.source.to_owned(),
        division: scope.division().clone(),
        body: json!({"table": table.name, "sha256": how.digest, "list": how.list, "tally": progress.tally}).to_string(),
        tells: None,
    };
    Ok(tx.chain(how.day.date, how.day.end, &[event]).await?)
}
