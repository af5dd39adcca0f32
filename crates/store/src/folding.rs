//! The write-ahead log of a SQLite file, folded back into the file beside those who write. SQLite would do it within the commit that fills the
//! log, and whoever decides something then would wait for other people's pages to reach the disk. It may use a connection of its own;
//! it guarantees that nobody waits for it, and that nothing is lost without it: a commit that finds the log too long folds it itself.

use crate::turns::Turns;
use sqlx::{
    Row, SqlitePool,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};
use std::{sync::Arc, time::Duration};
use tokio::{task::JoinHandle, time::sleep};

/// How often it is asked whether anybody has written.
const LOOK: Duration = Duration::from_millis(100);

/// Pages of the log, each of 4,096 bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pages {
    /// So many that are not in the file are folded together: a bulk load touches the same pages of an index again and again, and folding
    /// them later writes them once.
    pub(crate) pending: i64,
    /// From so many on whatever is pending is folded, so that little is left for the commit that begins the log anew.
    pub(crate) long: i64,
    /// With so many a commit folds what is left (`wal_autocheckpoint`), and the next one begins the log anew.
    pub(crate) most: i64,
}

/// As a city needs it: the log takes 256 MB of the disk at most, but for what a single transaction writes.
pub(crate) const PAGES: Pages = Pages { pending: 16_000, long: 48_000, most: 64_000 };

/// Whoever folds, until it is dropped.
pub(crate) struct Folding {
    pool: SqlitePool,
    task: JoinHandle<()>,
}

impl Folding {
    /// Begins to look after the log of a file.
    pub(crate) fn of(options: SqliteConnectOptions, turns: Arc<Turns>, pages: Pages) -> Folding {
        let pool = SqlitePoolOptions::new().max_connections(1).test_before_acquire(false).connect_lazy_with(options);
        let task = tokio::spawn(fold(pool.clone(), turns, pages));
        Folding { pool, task }
    }

    /// Ends it, so that the connection that is closed last folds what is left.
    pub(crate) async fn close(&self) {
        self.task.abort();
        self.pool.close().await;
    }
}

impl Drop for Folding {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn fold(pool: SqlitePool, turns: Arc<Turns>, pages: Pages) {
    let mut seen = turns.counted().taken;
    loop {
        sleep(LOOK).await;
        let taken = turns.counted().taken;
        if taken == seen {
            continue;
        }
        // a file that cannot be read now says so to whoever asks it for something, and the log is asked after the next decision
        let Ok((length, pending)) = standing(&pool, "pragma wal_checkpoint(noop)").await else { continue };
        if pending >= pages.pending || (length >= pages.long && pending > 0) {
            let _ = standing(&pool, "pragma wal_checkpoint(passive)").await;
        } else {
            seen = taken;
        }
    }
}

/// Pages in the log, and of these those that are not in the file.
async fn standing(pool: &SqlitePool, sql: &'static str) -> Result<(i64, i64), sqlx::Error> {
    let row = sqlx::query(sql).fetch_one(pool).await?;
    let (length, folded) = (row.try_get::<i64, _>(1)?, row.try_get::<i64, _>(2)?);
    Ok((length, length - folded))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::turns::Held;
    use sqlx::sqlite::SqliteJournalMode;
    use std::time::Instant;

    /// Writes so many pages one by one, as decisions do.
    async fn written(pool: &SqlitePool, turns: &Arc<Turns>, pages: i64) {
        for _ in 0..pages {
            let held = Held::since(turns, Instant::now());
            sqlx::query("insert into t values (randomblob(3000))").execute(pool).await.unwrap();
            drop(held);
        }
    }

    #[tokio::test]
    async fn a_log_is_folded_beside_those_who_write_and_one_that_is_short_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteConnectOptions::new()
            .filename(folder.path().join("store.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .pragma("wal_autocheckpoint", "0");
        let pool = SqlitePool::connect_with(options.clone()).await.unwrap();
        sqlx::query("create table t (a blob)").execute(&pool).await.unwrap();
        let turns = Arc::<Turns>::default();
        let folding = Folding::of(options, Arc::clone(&turns), Pages { pending: 100, long: 1_000, most: 2_000 });
        let pending = async || standing(&pool, "pragma wal_checkpoint(noop)").await.unwrap().1;
        written(&pool, &turns, 20).await;
        sleep(LOOK * 5).await;
        assert!(pending().await >= 20, "few pages were folded");
        written(&pool, &turns, 200).await;
        for _ in 0..100 {
            if pending().await < 100 {
                break;
            }
            sleep(LOOK).await;
        }
        assert!(pending().await < 100, "many pages were left");
        folding.close().await;
        written(&pool, &turns, 200).await;
        sleep(LOOK * 5).await;
        assert!(pending().await >= 200, "folded by nobody");
    }
}
