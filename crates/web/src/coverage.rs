//! The board of coverage as a server keeps it: read at the first question, followed from then on, and written to a file of its own now
//! and then and at the end, so that the next start need not read everybody. It may use the board of the stations and that one file; it
//! guarantees that nobody who asks waits for the disk, and that a file which is not to be believed costs one line of the log and a
//! reading of the store.

use crate::app::App;
use dayclear_ops::{
    OpsError,
    coverage::{Board, Unkept, beside},
};
use dayclear_store::Scoped;
use std::{
    path::PathBuf,
    sync::{Arc, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, timeout};

/// A board that is read in less than this is not worth a file, unless one is named.
const WORTH: Duration = Duration::from_secs(2);
/// A board that has changed is written so often.
const EVERY: Duration = Duration::from_secs(600);
/// At the end a board that is still being read is not waited for longer than this.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// What is known of the file.
#[derive(Default)]
pub(crate) struct OnDisk {
    /// The last entry of the log that it rests on.
    seq: Option<i64>,
    /// When it was read or written.
    at: Option<Instant>,
    /// Whether reading the store takes so long that it is worth it.
    worth: bool,
    /// Whether it was said that there is no place for it.
    nowhere: bool,
    /// Whether somebody is writing it.
    writing: bool,
}

impl OnDisk {
    /// Whether a board that rests on this entry is to be written by now.
    fn is_due(&self, seq: i64, now: Instant) -> bool {
        self.worth && self.seq != Some(seq) && self.at.is_none_or(|at| now.duration_since(at) >= EVERY)
    }
}

impl App {
    /// Brings the board of coverage up to now: the first time it is read, from its file or whole, then what came since. It goes on by itself
    /// when whoever asked does not wait any longer; `false`: it is still being read.
    pub(crate) async fn board_by_now(self: &Arc<Self>, wait: Option<Duration>) -> Result<bool, OpsError> {
        let app = Arc::clone(self);
        let reading = tokio::spawn(async move {
            let mut board = app.board.lock().await;
            let mut tx = app.store().look(&app.own_scope()).await?;
            // what failed half way is read again as a whole
            *board = Some(match board.take() {
                Some(mut kept) => {
                    let began = Instant::now();
                    if !kept.look(&mut tx, app.now()).await? {
                        app.was_read_whole(kept.people(), began.elapsed());
                    }
                    kept
                }
                None => app.first_board(&mut tx).await?,
            });
            Ok::<(), OpsError>(())
        });
        let ended = match wait {
            None => reading.await,
            Some(wait) => match timeout(wait, reading).await {
                Ok(ended) => ended,
                Err(_) => return Ok(false),
            },
        };
        ended.map_err(|error| OpsError::Inside(error.to_string()))??;
        Ok(true)
    }

    /// The file of the board: as named, or beside the store.
    fn board_file(&self) -> Option<PathBuf> {
        self.config.general.coverage.as_ref().map(PathBuf::from).or_else(|| beside(self.store()))
    }

    async fn first_board(&self, tx: &mut Scoped) -> Result<Board, OpsError> {
        let began = Instant::now();
        match self.board_file() {
            None => {}
            Some(path) => match Board::kept(&path, tx, self.now()).await? {
                Ok((board, seq)) => {
                    let mut on_disk = self.on_disk();
                    (on_disk.seq, on_disk.at, on_disk.worth) = (Some(seq), Some(began), true);
                    let (people, ms) = (board.people(), millis(began.elapsed()));
                    tracing::info!(target: "dayclear::coverage", people, ms, "coverage was read from its file");
                    return Ok(board);
                }
                Err(Unkept::Missing) => {}
                Err(why) => {
                    let why = why.why();
                    tracing::warn!(target: "dayclear::coverage", why, "the file of coverage is not used");
                }
            },
        }
        let began = Instant::now();
        let board = Board::load(tx, self.now()).await?;
        self.was_read_whole(board.people(), began.elapsed());
        Ok(board)
    }

    fn on_disk(&self) -> MutexGuard<'_, OnDisk> {
        self.board_kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A board was read from the store as a whole.
    fn was_read_whole(&self, people: usize, took: Duration) {
        let mut on_disk = self.on_disk();
        let worth = took >= WORTH || self.config.general.coverage.is_some();
        let nowhere = self.board_file().is_none();
        if worth && nowhere && !on_disk.nowhere {
            tracing::warn!(target: "dayclear::coverage", "coverage is not kept over a stop: `coverage` names no file");
        }
        on_disk.nowhere |= worth && nowhere;
        // it is written soon, whatever is there by now
        (on_disk.seq, on_disk.at, on_disk.worth) = (None, None, worth);
        tracing::info!(target: "dayclear::coverage", people, ms = millis(took), "coverage was read from the store");
    }

    /// Writes the board to its file where it is due, or where it has changed at all. Nobody who asks for coverage waits for the disk.
    async fn write_board(&self, at_the_end: bool) {
        let Some(path) = self.board_file() else { return };
        {
            let mut on_disk = self.on_disk();
            if !on_disk.worth || std::mem::replace(&mut on_disk.writing, true) {
                return;
            }
        }
        let began = Instant::now();
        let written = self.write_to(path, at_the_end).await;
        let mut on_disk = self.on_disk();
        on_disk.writing = false;
        let ms = millis(began.elapsed());
        match written {
            Ok(None) => return,
            Ok(Some((seq, bytes))) => {
                on_disk.seq = Some(seq);
                tracing::info!(target: "dayclear::coverage", bytes, ms, "coverage was written to its file");
            }
            Err((kind, told)) => {
                tracing::warn!(target: "dayclear::coverage", kind, told, "coverage was not written");
            }
        }
        // trouble is met again after a while, not at each beat
        on_disk.at = Some(Instant::now());
    }

    /// The entry that was written up to, and bytes; `Ok(None)`: there is nothing to write. Trouble by its kind.
    async fn write_to(&self, path: PathBuf, at_the_end: bool) -> Result<Option<(i64, u64)>, (String, Option<String>)> {
        let board = {
            let Ok(board) = timeout(WAIT_MAX, self.board.lock()).await else { return Ok(None) };
            let Some(board) = board.as_ref() else { return Ok(None) };
            let (seq, on_disk) = (board.seq(), self.on_disk());
            if !(on_disk.is_due(seq, Instant::now()) || (at_the_end && on_disk.seq != Some(seq))) {
                return Ok(None);
            }
            drop(on_disk);
            board.clone()
        };
        let tie = match self.store().look(&self.own_scope()).await {
            Ok(mut tx) => board.tie(&mut tx).await,
            Err(error) => Err(error.into()),
        };
        let tie = tie.map_err(|error| {
            let (kind, told) = crate::logs::trouble(&error);
            (kind.to_owned(), told)
        })?;
        let Some(tie) = tie else { return Ok(None) };
        let seq = board.seq();
        let written = tokio::task::spawn_blocking(move || board.write(&tie, &path)).await;
        match written {
            Ok(Ok(bytes)) => Ok(Some((seq, bytes))),
            Ok(Err(error)) => Err((error.kind().to_string(), None)),
            Err(_) => Err(("panic".to_owned(), None)),
        }
    }
}

fn millis(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

/// Writes the board where it is due.
pub(crate) async fn keep_now_and_then(app: Arc<App>) {
    app.write_board(false).await;
}

/// Writes the board where it has changed since: the server is about to end.
pub(crate) async fn keep_at_the_end(app: &App) {
    app.write_board(true).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_board_is_written_when_it_is_worth_it_and_has_changed() {
        let now = Instant::now();
        let fresh = OnDisk { worth: true, ..OnDisk::default() };
        assert!(fresh.is_due(7, now), "after a long reading it is written at once");
        assert!(!OnDisk::default().is_due(7, now), "a small city is read faster than a file is worth");
        let written = OnDisk { seq: Some(7), at: Some(now), worth: true, ..OnDisk::default() };
        assert!(!written.is_due(7, now + EVERY), "nothing was told since");
        assert!(!written.is_due(8, now + EVERY / 2), "it was written a while ago");
        assert!(written.is_due(8, now + EVERY));
    }
}
