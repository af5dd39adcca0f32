//! The end of a store (R14): figures leave it, everything about people is deleted, and a certificate says what was done. It may use the
//! store; it guarantees that nothing is deleted while somebody is bound or waited for, that the figures tell of nobody (a count from 1 to 10
//! is withheld, with those from which it could be worked out, as in the bulletin), and that the certificate names what went and what the figures were.

use crate::OpsError;
use dayclear_core::{
    listing::{APPEAL_FIGURES, DAYS, LEDGER, Listing, Query, ROWS_MAX},
    small_cells::{of_one_class, withhold},
    time::{Instant, Zone},
};
use dayclear_store::{Scope, Store, closing::Obstacle};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

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
    all.iter_mut().filter(|one| one.name == APPEAL_FIGURES.name).for_each(guard_appeals);
    let rows = of_orders(&tx.order_figures().await?);
    let columns = ["district", "sex", "kind", "orders", "days"].map(str::to_owned).to_vec();
    all.push(Figures { name: "orders".to_owned(), columns, rows });
    Ok(all)
}

/// What became of appeals leaves as everybody is told of it: all of a district but how many were filed is withheld where a part of it is
/// small, or another one could be worked out.
fn guard_appeals(figures: &mut Figures) {
    let at = |name: &str| figures.columns.iter().position(|column| column == name);
    let (Some(filed), Some(upheld)) = (at("filed"), at("upheld")) else { return };
    let count = |row: &[Value], at: usize| row[at].as_u64().unwrap_or_default();
    let parts: Vec<[u64; 2]> = figures
        .rows
        .iter()
        .map(|row| [count(row, upheld), count(row, filed).saturating_sub(count(row, upheld))])
        .collect();
    let hidden = withhold(&of_one_class(&parts));
    for (row, _) in figures.rows.iter_mut().zip(hidden).filter(|(_, hide)| *hide) {
        let counts = row.iter_mut().enumerate().filter(|(at, cell)| *at != filed && cell.is_number());
        counts.for_each(|(_, cell)| *cell = Value::Null);
    }
}

/// Rows of orders: district, sex, kind, how many, and their days. Of a kind and a district all sexes are withheld together, and further
/// districts, until no small count follows from the sums of the others.
fn of_orders(orders: &[(String, String, String, i64, i64)]) -> Vec<Vec<Value>> {
    let mut kinds: BTreeMap<&str, BTreeMap<&str, BTreeMap<&str, u64>>> = BTreeMap::new();
    for (district, sex, kind, count, _) in orders {
        let sexes = kinds.entry(kind).or_default().entry(district).or_default();
        *sexes.entry(sex).or_default() += u64::try_from(*count).unwrap_or_default();
    }
    let mut hidden: BTreeSet<(&str, &str)> = BTreeSet::new();
    for (kind, districts) in &kinds {
        let sexes: BTreeSet<&str> = districts.values().flat_map(|sexes| sexes.keys().copied()).collect();
        // each sex beside the others of its district
        for sex in sexes {
            let part = |of: &BTreeMap<&str, u64>| {
                let own = of.get(sex).copied().unwrap_or(0);
                [own, of.values().sum::<u64>() - own]
            };
            let parts: Vec<[u64; 2]> = districts.values().map(part).collect();
            let withheld = districts.keys().zip(withhold(&of_one_class(&parts))).filter(|(_, hide)| *hide);
            hidden.extend(withheld.map(|(district, _)| (*kind, *district)));
        }
    }
    let row = |(district, sex, kind, count, days): &(String, String, String, i64, i64)| {
        let hide = hidden.contains(&(kind.as_str(), district.as_str()));
        let figure = |figure: i64| if hide { Value::Null } else { json!(figure) };
        vec![json!(district), json!(sex), json!(kind), figure(*count), figure(*days)]
    };
    orders.iter().map(row).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Of each row of one kind: whether its count leaves.
    fn leaves(counts: &[(&str, &str, i64)]) -> Vec<bool> {
        let orders: Vec<_> = counts
            .iter()
            .map(|(district, sex, count)| {
                ((*district).to_owned(), (*sex).to_owned(), "home_isolation".to_owned(), *count, count * 5)
            })
            .collect();
        of_orders(&orders).iter().map(|row| !row[3].is_null() && !row[4].is_null()).collect()
    }

    #[test]
    fn a_small_count_leaves_neither_by_itself_nor_by_the_others() {
        for (counts, expected) in [
            // nothing is small
            (vec![("A", "female", 40), ("A", "male", 30), ("B", "female", 12), ("B", "male", 50)], vec![true; 4]),
            // both sexes of the district go, and another district, because the sum of a sex would tell the one that is missing
            (
                vec![
                    ("A", "female", 40),
                    ("A", "male", 30),
                    ("B", "female", 3),
                    ("B", "male", 50),
                    ("C", "female", 90),
                    ("C", "male", 95),
                ],
                vec![false, false, false, false, true, true],
            ),
            // of one sex alone there is nothing to work out
            (vec![("A", "female", 0), ("A", "male", 30)], vec![true; 2]),
        ] {
            assert_eq!(leaves(&counts), expected, "{counts:?}");
        }
        // one that stands alone and is small
        assert_eq!(leaves(&[("A", "female", 4)]), [false]);
    }

    #[test]
    fn appeals_leave_as_everybody_is_told_of_them() {
        let row = |district: &str, filed: u64, upheld: u64| vec![json!(district), json!(filed), json!(upheld)];
        let mut figures = Figures {
            name: APPEAL_FIGURES.name.to_owned(),
            columns: ["division", "filed", "upheld"].map(str::to_owned).to_vec(),
            rows: vec![row("A", 60, 30), row("B", 40, 2), row("C", 90, 40)],
        };
        guard_appeals(&mut figures);
        let upheld: Vec<bool> = figures.rows.iter().map(|row| !row[2].is_null()).collect();
        assert_eq!(upheld, [false, false, true]);
        assert!(figures.rows.iter().all(|row| row[1].is_number()), "how many were filed is told");
    }
}
