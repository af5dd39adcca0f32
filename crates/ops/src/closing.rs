//! The end of a store (R14): figures leave it, everything about people is deleted, and a certificate says what was done. It may use the
//! store; it guarantees that nothing is deleted while somebody is bound or waited for, that the figures tell of nobody (a count from 1 to 10
//! is withheld), and that the certificate names what went and what the figures were.

use crate::OpsError;
use dayclear_core::{
    listing::{APPEAL_FIGURES, DAYS, LEDGER, Listing, Query, ROWS_MAX},
    small_cells::THRESHOLD,
    time::{Instant, Zone},
};
use dayclear_store::{Scope, Store, closing::Obstacle};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Lists of figures that leave a store before it ends: none tells of a person, and none is finer than a district.
const FIGURES: &[&Listing] = &[&DAYS, &LEDGER, &APPEAL_FIGURES];

/// A table of figures.
#[derive(Debug, Clone)]
pub struct Figures {
    /// Name.
    pub name: String,
    /// Heads of its columns.
    pub columns: Vec<String>,
    /// Rows; what is withheld is empty.
    pub rows: Vec<Vec<Value>>,
}

/// What was done.
#[derive(Debug, Clone, Serialize)]
pub struct Certificate {
    /// City.
    pub city: String,
    /// When.
    pub closed_at: Instant,
    /// Number and hash of the last event of the chain: whoever keeps them can tell which store it was.
    pub last_event: (i64, String),
    /// Tables that were deleted, with the rows they had.
    pub deleted: Vec<(String, i64)>,
    /// Files of figures, with their SHA-256.
    pub figures: Vec<(String, String)>,
}

/// What keeps a store from being closed down.
pub async fn obstacles(store: &Store, scope: &Scope) -> Result<Vec<Obstacle>, OpsError> {
    Ok(store.look(scope).await?.obstacles().await?)
}

/// The figures that leave the store.
pub async fn figures(store: &Store, scope: &Scope, zone: &Zone) -> Result<Vec<Figures>, OpsError> {
    let mut tx = store.look(scope).await?;
    let mut all = Vec::new();
    for listing in FIGURES {
        let mut query = Query { limit: ROWS_MAX, ..Query::default() };
        let mut rows = Vec::new();
        loop {
            let page = tx.list(listing, &query).await?;
            rows.extend(page.rows.iter().map(|row| row.cells.iter().map(|cell| cell.json(zone)).collect()));
            let Some(next) = page.next else { break };
            let after = Query::read(listing, [("after", next.as_str())], zone);
            query.after = after.map_err(|fault| OpsError::Inside(format!("{fault:?}")))?.after;
        }
        let columns = listing.fields.iter().map(|field| field.name.to_owned()).collect();
        all.push(Figures { name: listing.name.to_owned(), columns, rows });
    }
    let orders = tx.order_figures().await?;
    let rows = orders.into_iter().map(|(district, sex, kind, count, days)| {
        let small = u64::try_from(count).is_ok_and(|count| (1..THRESHOLD).contains(&count));
        let figure = |figure: i64| if small { Value::Null } else { json!(figure) };
        vec![json!(district), json!(sex), json!(kind), figure(count), figure(days)]
    });
    let columns = ["district", "sex", "kind", "orders", "days"].map(str::to_owned).to_vec();
    all.push(Figures { name: "orders".to_owned(), columns, rows: rows.collect() });
    Ok(all)
}

/// Deletes everything about people, if nobody is bound or waited for; `Err` of the obstacles where somebody is. One transaction, so that a
/// store is whole or closed down.
pub async fn close_down(
    store: &Store,
    scope: &Scope,
    figures: Vec<(String, String)>,
    now: Instant,
) -> Result<Result<Certificate, Vec<Obstacle>>, OpsError> {
    let mut tx = store.turn(scope).await?;
    let obstacles = tx.obstacles().await?;
    if !obstacles.is_empty() {
        return Ok(Err(obstacles));
    }
    let last_event = tx.chain_head().await?;
    let deleted = tx.delete_everything(now).await?;
    tx.commit().await?;
    store.write_over().await?;
    let city = scope.division().to_string();
    Ok(Ok(Certificate { city, closed_at: now, last_event, deleted, figures }))
}

/// SHA-256 of a file of figures.
pub fn digest(text: &[u8]) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
