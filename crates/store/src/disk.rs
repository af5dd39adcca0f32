//! One wait for the disk for many decisions. The disk takes longer than the deciding: so a decision commits without waiting
//! for it, gives its turn back, and waits here, where one write carries everybody who came before it. Both engines write a log
//! in order, so what is durable never rests on something that is not; nobody is answered before their own decision is durable.

use crate::StoreError;
use sqlx::{PgPool, postgres::PgPoolOptions};
use std::{
    fs::File,
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};
use tokio::{sync::Mutex, task};

/// How a transaction of PostgreSQL begins that waits for the disk afterwards.
pub(crate) const BEGIN: &str = "begin; set local synchronous_commit = off";

/// A transaction with nothing in it but a mark in the log: its commit waits for the disk as the server is set up to wait.
const MARK: &str = "select pg_logical_emit_message(true, 'dayclear', '')";

enum Log {
    /// The log of a server, reached by one connection of its own.
    Server(PgPool),
    /// The write-ahead log of SQLite, whose commits wait for nothing (`synchronous=NORMAL`, sqlite.org/wal.html): the log keeps each
    /// commit whole and in order, and a checkpoint waits for the disk by itself.
    File(PathBuf),
}

/// The disk of a store.
pub(crate) struct Disk {
    log: Log,
    asked: AtomicU64,
    reached: Mutex<u64>,
}

impl Disk {
    fn of(log: Log) -> Disk {
        Disk { log, asked: AtomicU64::new(0), reached: Mutex::new(0) }
    }

    /// The disk of a server; `None` where the server has no such mark.
    pub(crate) async fn of_server(pool: &PgPool) -> Option<Disk> {
        sqlx::query(MARK).execute(pool).await.ok()?;
        let waits = pool.options().get_acquire_timeout();
        let options = PgPoolOptions::new().max_connections(1).acquire_timeout(waits);
        Some(Disk::of(Log::Server(options.connect_lazy_with((*pool.connect_options()).clone()))))
    }

    /// The disk under a file of SQLite; `None` for one in memory.
    pub(crate) fn of_file(path: &Path) -> Option<Disk> {
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        (path != Path::new(":memory:")).then(|| Disk::of(Log::File(log.into())))
    }

    /// Waits until everything that was committed before is durable.
    pub(crate) async fn reach(&self) -> Result<(), StoreError> {
        let own = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut reached = self.reached.lock().await;
        if *reached < own {
            // whoever has asked by now has committed by now
            let all = self.asked.load(Ordering::SeqCst);
            match &self.log {
                Log::Server(pool) => sqlx::query(MARK).execute(pool).await.map(|_| ())?,
                Log::File(path) => sync(path.clone()).await?,
            }
            *reached = all;
        }
        Ok(())
    }

    /// Closes the connection to a server.
    pub(crate) async fn close(&self) {
        if let Log::Server(pool) = &self.log {
            pool.close().await;
        }
    }
}

/// Opened anew each time: SQLite makes another log once its last connection has closed. It has then folded the whole log into the file,
/// durably, and so what is not there any more has reached the disk.
async fn sync(path: PathBuf) -> Result<(), sqlx::Error> {
    let synced = task::spawn_blocking(move || match File::open(path) {
        Ok(log) => log.sync_data(),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    });
    synced.await.unwrap_or_else(|error| Err(error.into())).map_err(sqlx::Error::Io)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_log_that_cannot_be_reached_is_an_error_and_one_that_was_folded_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store.db");
        let disk = Disk::of_file(&store).unwrap();
        disk.reach().await.unwrap();
        std::fs::write(folder.path().join("store.db-wal"), "log").unwrap();
        disk.reach().await.unwrap();
        // a file is no folder: nothing can be told of what lies behind it
        let lost = Disk::of_file(&folder.path().join("store.db-wal").join("store.db")).unwrap();
        assert!(lost.reach().await.is_err());
        assert!(Disk::of_file(Path::new(":memory:")).is_none());
    }
}
