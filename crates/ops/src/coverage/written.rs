//! A board kept over a stop: written to a file of its own, and read again at a start, so that nobody waits for a roster that was read
//! before. It may use the board, the store and one file; it guarantees that a file is whole or not there, and that one which does not
//! belong to this store and this past of it, or is damaged in any bit, is not believed. It names nobody: people stand in it by number.

mod bytes;
mod file;
mod layout;

use super::{Board, Kept};
use crate::OpsError;
use dayclear_core::{rounds::Plan, time::Instant};
use dayclear_engines::coverage::{Bits, Places, Presences, Sheet};
use dayclear_store::{Scoped, Store};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

/// What binds a written board to one store and one past of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tie {
    /// Steps of the schema.
    schema: i64,
    /// The city.
    city: String,
    /// The last entry of the log of coverage that the board rests on, and its mark.
    entry: (i64, String),
    /// The last event when it was written, and its hash.
    event: (i64, String),
}

/// Why a written board is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unkept {
    /// There is none.
    Missing,
    /// The file cannot be read.
    Unreadable,
    /// Another version of this program wrote it, or something else.
    OtherFormat,
    /// It is cut, or a bit of it is not as it was written.
    Damaged,
    /// It is of another store, or of another past of this one.
    Foreign,
    /// What was told since cannot be followed.
    Behind,
}

impl Unkept {
    /// The reason in words.
    pub const fn why(self) -> &'static str {
        match self {
            Unkept::Missing => "there is none",
            Unkept::Unreadable => "it cannot be read",
            Unkept::OtherFormat => "another version wrote it",
            Unkept::Damaged => "it is damaged",
            Unkept::Foreign => "it is of another store, or of another past of this one",
            Unkept::Behind => "what was told since cannot be followed",
        }
    }
}

/// The file of the board of a store that is a file: beside it, with `.coverage` after its name.
pub fn beside(store: &Store) -> Option<PathBuf> {
    let mut name = store.file()?.into_os_string();
    name.push(".coverage");
    Some(name.into())
}

/// A sheet as it was written.
#[derive(Debug)]
struct OldSheet {
    /// Digest of the plan that it rests on.
    plan: [u8; 32],
    sheet: Sheet,
    /// Ordinals of the people of each key place.
    at: BTreeMap<String, Vec<usize>>,
}

/// A board as it was written: whether its rounds are still what they were is to be seen.
#[derive(Debug)]
struct OldBoard {
    at: Instant,
    places: Places,
    aliases: BTreeMap<i64, i64>,
    presences: Presences,
    groups: Vec<Bits>,
    sheets: BTreeMap<String, OldSheet>,
}

/// Digest of a plan. Another version of this program may spell a plan otherwise: its sheets are read anew then.
fn digest(plan: &Plan) -> [u8; 32] {
    Sha256::digest(format!("{plan:?}")).into()
}

async fn blocking<T: Send + 'static>(act: impl FnOnce() -> T + Send + 'static) -> Result<T, OpsError> {
    tokio::task::spawn_blocking(act).await.map_err(|error| OpsError::Inside(error.to_string()))
}

impl Tie {
    /// Whether it is one to the store and the past that this handle sees.
    async fn holds(&self, tx: &mut Scoped) -> Result<bool, OpsError> {
        let (entry, event) = (&self.entry, &self.event);
        Ok(self.schema == Store::schema_steps()
            && tx.scope().division().as_str() == self.city
            && tx.coverage_mark(entry.0).await?.as_ref() == Some(&entry.1)
            && tx.event_hash(event.0).await?.as_ref() == Some(&event.1))
    }
}

impl Board {
    /// What binds this board to the store that the handle sees; `None`: nothing was told yet, and there is nothing to keep.
    pub async fn tie(&self, tx: &mut Scoped) -> Result<Option<Tie>, OpsError> {
        let city = tx.scope().division().as_str().to_owned();
        let event = tx.chain_head().await?;
        let mark = tx.coverage_mark(self.seq).await?;
        Ok(mark.filter(|_| event.0 > 0).map(|mark| Tie {
            schema: Store::schema_steps(),
            city,
            entry: (self.seq, mark),
            event,
        }))
    }

    /// Writes the board to a file that only its owner reads, in the place of the one that is there. Bytes of it. It waits for the disk.
    pub fn write(&self, tie: &Tie, path: &Path) -> io::Result<u64> {
        // a path that names something else by mistake costs nobody that file
        if path.exists() && !layout::is_ours(path)? {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, "something else is there"));
        }
        file::put(path, |to| layout::write(self, tie, to))
    }

    /// Reads the board that a file keeps and follows what was told since; with it the last entry of the log that the file rests on. The
    /// handle sees the whole city, and one state of the store.
    pub async fn kept(path: &Path, tx: &mut Scoped, now: Instant) -> Result<Result<(Board, i64), Unkept>, OpsError> {
        let path = path.to_owned();
        // whose it is is asked before the rest is read
        let opened = match blocking(move || layout::open(&path)).await? {
            Ok(opened) => opened,
            Err(why) => return Ok(Err(why)),
        };
        if !opened.tie.holds(tx).await? {
            return Ok(Err(Unkept::Foreign));
        }
        let seq = opened.tie.entry.0;
        let old = match blocking(move || opened.read()).await? {
            Ok(old) => old,
            Err(why) => return Ok(Err(why)),
        };
        let OldBoard { at, places, aliases, presences, groups, mut sheets } = old;
        let mut rounds = BTreeMap::new();
        for round in Board::rounds_to_keep(tx).await? {
            let id = round.plan.round.clone();
            let Some(OldSheet { plan, sheet, at }) = sheets.remove(&id) else { continue };
            if plan == digest(&round.plan) {
                rounds.insert(id, Kept { round, sheet, at });
            }
        }
        let mut board = Board { seq, at, places: Arc::new(places), aliases, presences, groups, rounds };
        Ok(if board.look_on(tx, now).await? { Ok((board, seq)) } else { Err(Unkept::Behind) })
    }
}
