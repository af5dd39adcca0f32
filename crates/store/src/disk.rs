//! One wait for the disk for many decisions. On PostgreSQL whoever decides holds the turn until the commit has reached the
//! disk, and the disk takes longer than the deciding: so a decision commits without waiting, gives its turn back, and waits
//! here, where one write by the server carries everybody who came before it. Nobody is answered before their own decision is
//! durable; the log of the server is written in order, so what is durable never rests on something that is not.

use crate::StoreError;
use sqlx::{PgPool, postgres::PgPoolOptions};
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Mutex;

/// How a transaction begins that waits for the disk afterwards.
pub(crate) const BEGIN: &str = "begin; set local synchronous_commit = off";

/// A transaction with nothing in it but a mark in the log: its commit waits for the disk as the server is set up to wait.
const MARK: &str = "select pg_logical_emit_message(true, 'dayclear', '')";

/// The server's disk.
pub(crate) struct Disk {
    pool: PgPool,
    asked: AtomicU64,
    reached: Mutex<u64>,
}

impl Disk {
    /// The disk behind these connections, by one connection of its own; `None` where the server has no such mark.
    pub(crate) async fn of(pool: &PgPool) -> Option<Disk> {
        sqlx::query(MARK).execute(pool).await.ok()?;
        let waits = pool.options().get_acquire_timeout();
        let options = PgPoolOptions::new().max_connections(1).acquire_timeout(waits);
        let pool = options.connect_lazy_with((*pool.connect_options()).clone());
        Some(Disk { pool, asked: AtomicU64::new(0), reached: Mutex::new(0) })
    }

    /// Waits until everything that was committed before is durable.
    pub(crate) async fn reach(&self) -> Result<(), StoreError> {
        let own = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut reached = self.reached.lock().await;
        if *reached < own {
            // whoever has asked by now has committed by now
            let all = self.asked.load(Ordering::SeqCst);
            sqlx::query(MARK).execute(&self.pool).await?;
            *reached = all;
        }
        Ok(())
    }

    /// Closes the connection.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}
