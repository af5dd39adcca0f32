//! The two engines behind one handle. It may use sqlx; it guarantees that a transaction on SQLite takes the one write
//! lock at once (so it cannot fail half way), and that SQL text stays inside this crate: the methods that take it are visible nowhere else.

use crate::{
    StoreError, closing,
    disk::{self, Disk},
    folding::Folding,
    fuse::Fuse,
    migrate,
    opening::Opening,
    scope::Scope,
    transfer::Facility,
    turns::{Held, Turns},
    value::{self, Record, Value},
};
use dayclear_core::time::Instant;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Sqlite, SqlitePool, Transaction, pool::PoolConnection};
use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
    time::{Duration, Instant as Clock},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

mod appending;
mod keyed;
mod pools;

use pools::Opened;
pub(crate) use pools::{Pools, without_password};

/// How long a connection, or SQLite's write lock, is waited for. Shorter than a request may take, so that whoever waits in
/// vain is told that nothing was done.
const WAIT_MAX: Duration = Duration::from_secs(25);

/// Of a transaction of PostgreSQL that may move many rows the statements are planned for what is there by then. A plan that is kept from
/// when a table was empty reads it whole, again and again, as it fills.
const PLANNED: &str = "set local plan_cache_mode = force_custom_plan; ";

/// Of a transaction that follows the keys of some hundred rows, and of nothing else, through tables of millions: there is an index for each. What
/// the server last counted in a table that fills while it is asked says nothing of what is there, and would have it read whole.
const BY_KEY: &str =
    "set local enable_seqscan = off; set local enable_hashjoin = off; set local enable_mergejoin = off; ";

/// Of a transaction that follows the keys of a few records: each statement is planned once for a connection, by the index that there is for
/// each key. The server would plan it anew each time, because it takes a list of keys that it does not know for a long one; that
/// was most of the time for which a result held the turn.
const PLANNED_ONCE: &str = "set local plan_cache_mode = force_generic_plan; ";

/// Whoever has it is the only one who writes, whichever program they belong to.
const LOCK: &str = "update chain set seq = seq where one = 1";

/// A store: one SQLite file, or a database of a PostgreSQL server.
pub struct Store {
    pub(crate) pools: Pools,
    /// The one connection by which a file is written; none for a store in memory, which has one connection for everything. What SQLite
    /// keeps of a file in memory is worth nothing to a connection as soon as another one has written.
    pub(crate) writer: Option<SqlitePool>,
    /// Whoever folds the log of a file back into it.
    pub(crate) folding: Option<Arc<Folding>>,
    /// Writers of this program wait here one after the other, before they have a connection. SQLite itself lets them ask again
    /// and again, and whoever asks at the right moment goes first; PostgreSQL would let those who wait for their turn hold every
    /// connection, and nobody could read.
    pub(crate) writing: Arc<Semaphore>,
    /// Everybody else waits here: one connection fewer than there are, so that whoever has the turn never stands behind a row of
    /// readers for one while all writers wait.
    pub(crate) others: Arc<Semaphore>,
    /// Of those who bring many rows one at a time waits there: whoever decides one thing goes after one of them at most.
    pub(crate) many: Arc<Semaphore>,
    /// Where decisions wait for the disk together: on a file, and on a server that can be asked.
    pub(crate) disk: Option<Arc<Disk>>,
    pub(crate) turns: Arc<Turns>,
    pub(crate) wait_max: Duration,
    pub(crate) fuse: Fuse,
}

enum Inner {
    File(Transaction<'static, Sqlite>),
    Server(OnServer),
}

/// A connection to a server: within a transaction, or for one statement that needs none.
enum OnServer {
    Within(Transaction<'static, Postgres>),
    Alone(PoolConnection<Postgres>),
}

impl Deref for OnServer {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        match self {
            OnServer::Within(transaction) => transaction,
            OnServer::Alone(connection) => connection,
        }
    }
}

impl DerefMut for OnServer {
    fn deref_mut(&mut self) -> &mut PgConnection {
        match self {
            OnServer::Within(transaction) => transaction,
            OnServer::Alone(connection) => connection,
        }
    }
}

/// A transaction within a scope: the only way to a person's data. Dropped without [`Scoped::commit`], it never was.
pub struct Scoped {
    inner: Inner,
    pub(crate) scope: Scope,
    /// Number and hash of the last event, once it is this transaction's turn: nobody else adds one until it ends.
    pub(crate) head: Option<(i64, String)>,
    /// As of when lists are read that change by the clock alone; nobody has said yet: `None`.
    pub(crate) now: Option<Instant>,
    /// What nearly every decision wants to know first, once it was asked.
    pub(crate) opening: Option<Opening>,
    /// Facilities with their phases, once they were read: a pass of the line asks for them at every step.
    pub(crate) facilities: Option<Vec<Facility>>,
    /// What was noted last in the log of coverage: the kind, and the numbers.
    pub(crate) noted: Option<(String, String)>,
    /// The table of which rows were taken last, and the latest moment it tells of.
    pub(crate) latest: Option<(String, Option<Instant>)>,
    fuse: Fuse,
    /// The turn among the writers of this program, or the place among the others, given back after the transaction.
    place: OwnedSemaphorePermit,
    /// The turn is counted until it is given back.
    turn: Option<Held>,
    /// The place of one who brings many rows.
    many: Option<OwnedSemaphorePermit>,
    /// Where the transaction waits for the disk once it has given its turn back.
    disk: Option<Arc<Disk>>,
}

impl Store {
    /// Opens a store and brings its schema up to date. `sqlite:PATH` or a plain path names a file (made if missing),
    /// `postgres://...` a server. A database made by a newer Dayclear is refused.
    pub async fn open(url: &str) -> Result<Store, StoreError> {
        Store::open_waiting(url, WAIT_MAX).await
    }

    /// As [`Store::open`], with another time to wait for what others hold.
    pub async fn open_waiting(url: &str, wait_max: Duration) -> Result<Store, StoreError> {
        let turns = Arc::default();
        let Opened { pools, writer, folding } = pools::open(url, wait_max, &turns).await?;
        if let Some(at) = closing::closed_down(&pools).await? {
            return Err(StoreError::ClosedDown { at });
        }
        migrate::run(&pools).await?;
        let disk = match &pools {
            Pools::Server(pool) => Disk::of_server(pool).await,
            Pools::File(pool) => Disk::of_file(pool.connect_options().get_filename()),
        }
        .map(Arc::new);
        let (one, others) = (|| Arc::new(Semaphore::new(1)), pools.others());
        let (writing, many, fuse) = (one(), one(), Fuse::default());
        Ok(Store { pools, writer, folding, writing, others, many, disk, turns, wait_max, fuse })
    }

    /// Name of the engine, for reports: `sqlite` or `postgresql`.
    pub fn engine(&self) -> &'static str {
        match self.pools {
            Pools::File(_) => "sqlite",
            Pools::Server(_) => "postgresql",
        }
    }

    /// Begins a transaction within a scope. On a file it is the only one that writes: others wait in the order in which they came.
    pub async fn begin(&self, scope: &Scope) -> Result<Scoped, StoreError> {
        self.begin_with(PLANNED, scope).await
    }

    /// As [`Store::begin`], for a call that follows the keys of a few records and writes a few.
    pub async fn begin_by_key(&self, scope: &Scope) -> Result<Scoped, StoreError> {
        self.begin_with(&format!("{PLANNED_ONCE}{BY_KEY}"), scope).await
    }

    async fn begin_with(&self, planned: &str, scope: &Scope) -> Result<Scoped, StoreError> {
        let asked = Clock::now();
        let (inner, place) = match &self.pools {
            Pools::File(pool) => {
                let place = self.next(&self.writing).await?;
                let pool = self.writer.as_ref().unwrap_or(pool);
                (Inner::File(pool.begin_with("begin immediate").await?), place)
            }
            Pools::Server(pool) => {
                let place = self.next(&self.others).await?;
                let begin = AssertSqlSafe(format!("begin; {planned}"));
                (Inner::Server(OnServer::Within(pool.begin_with(begin).await?)), place)
            }
        };
        self.fuse.step()?;
        let mut tx = self.scoped(inner, scope, place, None);
        if matches!(tx.inner, Inner::File(_)) {
            tx.turn = Some(Held::since(&self.turns, asked));
            tx.disk = self.disk.clone();
        }
        Ok(tx)
    }

    /// Begins a transaction that decides: it waits for its turn ([`Scoped::line_up`]), so what it reads stays true until it ends.
    pub async fn turn(&self, scope: &Scope) -> Result<Scoped, StoreError> {
        self.turn_with("", scope).await
    }

    /// As [`Store::turn`], for a call that names a few records and looks at what hangs on those alone.
    pub async fn turn_by_key(&self, scope: &Scope) -> Result<Scoped, StoreError> {
        self.turn_with(&format!("{PLANNED_ONCE}{BY_KEY}"), scope).await
    }

    async fn turn_with(&self, planned: &str, scope: &Scope) -> Result<Scoped, StoreError> {
        let Pools::Server(pool) = &self.pools else { return self.begin(scope).await };
        let asked = Clock::now();
        let place = self.next(&self.writing).await?;
        let begin = if self.disk.is_some() { disk::BEGIN } else { "begin" };
        // one way to the server for both: the turn among all programs is the lock on the end of the chain
        let begun = pool.begin_with(AssertSqlSafe(format!("{begin}; {planned}{LOCK}"))).await?;
        let inner = Inner::Server(OnServer::Within(begun));
        self.fuse.step()?;
        let mut tx = self.scoped(inner, scope, place, self.disk.clone());
        tx.turn = Some(Held::since(&self.turns, asked));
        Ok(tx)
    }

    /// As [`Store::turn`], for a call that brings many rows and may hold the turn for long. Such calls wait for each other
    /// before they stand among the writers, so that a single result or a claim of a bed never stands behind a row of them.
    pub async fn turn_of_many(&self, scope: &Scope) -> Result<Scoped, StoreError> {
        self.many_with(PLANNED, scope).await
    }

    /// As [`Store::turn_of_many`], for a part of such a call: some hundred rows, and what follows from them by their keys.
    pub async fn turn_of_part(&self, scope: &Scope) -> Result<Scoped, StoreError> {
        self.many_with(&format!("{PLANNED}{BY_KEY}"), scope).await
    }

    async fn many_with(&self, planned: &str, scope: &Scope) -> Result<Scoped, StoreError> {
        let many = self.next(&self.many).await?;
        let mut tx = self.turn_with(planned, scope).await?;
        tx.many = Some(many);
        Ok(tx)
    }

    fn scoped(&self, inner: Inner, scope: &Scope, place: OwnedSemaphorePermit, disk: Option<Arc<Disk>>) -> Scoped {
        let (scope, fuse) = (scope.clone(), self.fuse.clone());
        Scoped {
            inner,
            scope,
            head: None,
            now: None,
            opening: None,
            facilities: None,
            noted: None,
            latest: None,
            fuse,
            place,
            turn: None,
            many: None,
            disk,
        }
    }

    /// Waits for the turn among those of this program who wait at the same place.
    async fn next(&self, place: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, StoreError> {
        let turn = tokio::time::timeout(self.wait_max, Arc::clone(place).acquire_owned()).await;
        // a place is never closed, so only the time can have run out
        turn.ok().and_then(Result::ok).ok_or(StoreError::Busy(sqlx::Error::PoolTimedOut))
    }

    /// Begins a transaction that only reads: it sees one state of the store, and neither waits for a writer nor holds one up.
    pub async fn look(&self, scope: &Scope) -> Result<Scoped, StoreError> {
        let place = self.next(&self.others).await?;
        let inner = match &self.pools {
            Pools::File(pool) => Inner::File(pool.begin().await?),
            Pools::Server(pool) => {
                let begun = pool.begin_with("begin isolation level repeatable read read only").await?;
                Inner::Server(OnServer::Within(begun))
            }
        };
        self.fuse.step()?;
        Ok(self.scoped(inner, scope, place, None))
    }

    /// As [`Store::look`], for one statement, which sees one state of the store by itself: a server is spared the way there and back that
    /// begins a transaction, and the one that ends it. Of the ways that most requests take this is the first.
    pub async fn glance(&self, scope: &Scope) -> Result<Scoped, StoreError> {
        let Pools::Server(pool) = &self.pools else { return self.look(scope).await };
        let place = self.next(&self.others).await?;
        let inner = Inner::Server(OnServer::Alone(pool.acquire().await?));
        self.fuse.step()?;
        Ok(self.scoped(inner, scope, place, None))
    }

    /// Loses the store after a number of steps (statements, and the two sides of a commit), as if program or database died at
    /// that moment. For drills.
    pub fn lose_after(&self, steps: u32) {
        self.fuse.set(steps);
    }

    /// Fills the disk of the store after a number of statements that write: what reads is answered, and nothing is written until
    /// there is room again. For drills.
    pub fn fill_after(&self, steps: u32) {
        self.fuse.fill(steps);
    }

    /// Whether a store that was to be lost, or its disk full, is.
    pub fn is_lost(&self) -> bool {
        self.fuse.is_burnt()
    }

    /// A store that was lost is there again.
    pub fn mend(&self) {
        self.fuse.mend();
    }

    /// Closes all connections; on SQLite this folds the write-ahead log back into the file.
    pub async fn close(self) {
        if let Some(folding) = self.folding {
            folding.close().await;
        }
        if let Some(writer) = self.writer {
            writer.close().await;
        }
        match self.pools {
            Pools::File(pool) => pool.close().await,
            Pools::Server(pool) => pool.close().await,
        }
        if let Some(disk) = &self.disk {
            disk.close().await;
        }
    }
}

impl Scoped {
    /// Commits a part of something larger and waits for no disk: nobody is told of it before [`Scoped::commit`] of a later part, and a log
    /// is written in order, so what is durable then includes this.
    pub async fn commit_part(mut self) -> Result<(), StoreError> {
        self.disk = None;
        self.commit().await
    }

    /// Makes everything done in this transaction durable.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.fuse.step()?;
        match self.inner {
            Inner::File(transaction) => transaction.commit().await,
            Inner::Server(OnServer::Within(transaction)) => transaction.commit().await,
            Inner::Server(OnServer::Alone(_)) => Ok(()),
        }?;
        drop((self.turn, self.place, self.many));
        if let Some(disk) = self.disk {
            disk.reach().await?;
        }
        // what is durable now may never be answered
        self.fuse.step()
    }

    /// Waits until what others have decided, and this transaction sees, is durable.
    pub(crate) async fn reach_disk(&self) -> Result<(), StoreError> {
        match &self.disk {
            Some(disk) => disk.reach().await,
            None => Ok(()),
        }
    }

    /// Whether nobody else decides until this transaction ends.
    pub(crate) fn has_turn(&self) -> bool {
        self.turn.is_some()
    }

    /// What this handle may see.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// From here on the transaction acts with another scope: what a duty may see has been looked up, and what follows from
    /// it is the city's.
    pub fn widen(&mut self, scope: &Scope) {
        self.scope = scope.clone();
    }

    /// The same handle, which reads lists that change by the clock alone as of a moment.
    #[must_use]
    pub fn as_of(mut self, now: Instant) -> Self {
        self.now = Some(now);
        self
    }

    /// That moment, where one was said.
    pub fn moment(&self) -> Option<Instant> {
        self.now
    }

    /// Whether the engine is PostgreSQL.
    pub(crate) fn is_server(&self) -> bool {
        matches!(self.inner, Inner::Server(_))
    }

    /// Runs a statement; the number of rows it touched.
    pub(crate) async fn run(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        self.run_text(sql.into(), values).await
    }

    async fn run_text(&mut self, sql: Arc<str>, values: &[Value<'_>]) -> Result<u64, StoreError> {
        self.fuse.write()?;
        self.execute(sql, values).await
    }

    /// Runs a statement that is no step of a drill by itself: one engine needs it and the other does not.
    async fn execute(&mut self, sql: Arc<str>, values: &[Value<'_>]) -> Result<u64, StoreError> {
        let sql = AssertSqlSafe(sql);
        Ok(match &mut self.inner {
            Inner::File(t) => {
                sqlx::query_with(sql, value::sqlite_arguments(values)?).execute(&mut **t).await?.rows_affected()
            }
            Inner::Server(t) => {
                sqlx::query_with(sql, value::postgres_arguments(values)?).execute(&mut **t).await?.rows_affected()
            }
        })
    }

    /// Runs a statement whose text was put together here (never from anybody's input).
    pub(crate) async fn run_owned(&mut self, sql: String, values: &[Value<'_>]) -> Result<u64, StoreError> {
        self.run_text(sql.into(), values).await
    }

    /// All rows of an answer.
    pub(crate) async fn rows(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<Vec<Record>, StoreError> {
        self.rows_text(sql.into(), values).await
    }

    /// All rows of an answer to a statement whose text was put together here (never from anybody's input).
    pub(crate) async fn rows_text(&mut self, sql: Arc<str>, values: &[Value<'_>]) -> Result<Vec<Record>, StoreError> {
        self.fuse.step()?;
        self.fetch(sql, values).await
    }

    /// All rows of an answer to a statement that is no step of a drill by itself.
    pub(crate) async fn fetch(&mut self, sql: Arc<str>, values: &[Value<'_>]) -> Result<Vec<Record>, StoreError> {
        let sql = AssertSqlSafe(sql);
        Ok(match &mut self.inner {
            Inner::File(t) => {
                let rows = sqlx::query_with(sql, value::sqlite_arguments(values)?).fetch_all(&mut **t).await?;
                rows.into_iter().map(Record::File).collect()
            }
            Inner::Server(t) => {
                let rows = sqlx::query_with(sql, value::postgres_arguments(values)?).fetch_all(&mut **t).await?;
                rows.into_iter().map(Record::Server).collect()
            }
        })
    }

    /// All rows of an answer to a statement that is hardly asked twice: it is planned for its own values, and not kept.
    pub(crate) async fn rows_once(&mut self, sql: Arc<str>, values: &[Value<'_>]) -> Result<Vec<Record>, StoreError> {
        let Inner::Server(t) = &mut self.inner else { return self.rows_text(sql, values).await };
        self.fuse.step()?;
        let query = sqlx::query_with(AssertSqlSafe(sql), value::postgres_arguments(values)?).persistent(false);
        Ok(query.fetch_all(&mut **t).await?.into_iter().map(Record::Server).collect())
    }

    /// The first row of an answer, if there is one.
    pub(crate) async fn row(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<Option<Record>, StoreError> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// A test that people of a column lie in this handle's scope, for tables that bear no division; empty where the scope is
    /// the whole city. The two ends of the range are the parameters from `next` on.
    pub(crate) fn people_within(&self, column: &str, next: usize) -> (String, Vec<Value<'static>>) {
        // the code of a city is the beginning of every code in it
        const CITY_LENGTH: usize = 2;
        if self.scope.is_everything() || self.scope.division().as_str().len() <= CITY_LENGTH {
            return (String::new(), Vec::new());
        }
        let (low, high) = self.scope.range();
        let test = format!(
            " and exists (select 1 from people q where q.person = {column} and q.division >= ${next} and q.division < ${})",
            next + 1
        );
        (test, vec![low.into(), high.into()])
    }
}
