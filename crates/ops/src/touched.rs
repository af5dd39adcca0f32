//! Of which tubes and people rows tell, and in which communities they place people anew, while they land: noted in the log of coverage by
//! whoever commits them, so that who keeps coverage in memory reads what came since and nothing else.

use crate::{OpsError, rows::Batch};
use dayclear_store::{
    Scoped,
    coverage::{Placing, Stood, Touched as Kind},
    landing::{RowValues, Target, target_of},
    value::Value,
};
use std::collections::{BTreeMap, BTreeSet};

/// Numbers gathered since they were last noted.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    tubes: Vec<i64>,
    people: Vec<i64>,
    /// Of what has changed, where it stood before. What is new was in nobody's way: a building or a household has nobody yet, and a
    /// person is told of by number.
    before: BTreeMap<Placing, BTreeMap<String, Stood>>,
}

fn place_of(target: &Target, column: &str) -> Option<usize> {
    target.columns.iter().position(|name| *name == column)
}

fn number(row: &[Value<'_>], at: Option<usize>) -> Option<i64> {
    match at.and_then(|at| row.get(at)) {
        Some(Value::Whole(no)) => *no,
        _ => None,
    }
}

impl Touched {
    /// A batch of rows of a table is about to land.
    pub(crate) async fn took(&mut self, tx: &mut Scoped, table: &str, batch: &Batch) -> Result<(), OpsError> {
        if table == "members" {
            self.tubes.extend(batch.created.chunks(2).filter_map(|row| number(row, Some(0))));
            return Ok(());
        }
        let Some(target) = target_of(table) else { return Ok(()) };
        let changed = |column: &str| -> Vec<Value<'static>> {
            let at = place_of(target, column);
            let value = |row: &RowValues| at.and_then(|at| row.get(at)).cloned();
            batch.changes.iter().filter_map(|(row, _)| value(row)).collect()
        };
        match table {
            "people" => self.stands(tx, Placing::People, &changed("no")).await?,
            "households" => self.stands(tx, Placing::Households, &changed("household")).await?,
            "buildings" => self.stands(tx, Placing::Buildings, &changed("building")).await?,
            _ => {}
        }
        let (numbers, at) = match table {
            "tubes" => (&mut self.tubes, place_of(target, "no")),
            "results" => (&mut self.tubes, place_of(target, "tube_no")),
            "statements" => (&mut self.people, place_of(target, "person_no")),
            "people" => (&mut self.people, place_of(target, "no")),
            _ => return Ok(()),
        };
        numbers.extend(batch.created.chunks(target.columns.len()).filter_map(|row| number(row, at)));
        numbers.extend(batch.changes.iter().filter_map(|(row, _)| number(row, at)));
        Ok(())
    }

    /// Notes where these stand, unless it was noted before they changed for the first time.
    async fn stands(&mut self, tx: &mut Scoped, what: Placing, keys: &[Value<'_>]) -> Result<(), OpsError> {
        if keys.is_empty() {
            return Ok(());
        }
        let before = self.before.entry(what).or_default();
        for (key, stood) in tx.stood(what, keys).await? {
            before.entry(key).or_insert(stood);
        }
        Ok(())
    }

    /// Communities whose people stand elsewhere than before, or came from there.
    async fn placed_anew(&mut self, tx: &mut Scoped) -> Result<BTreeSet<String>, OpsError> {
        let mut communities = BTreeSet::new();
        for (what, mut before) in std::mem::take(&mut self.before) {
            let keys: Vec<Value<'_>> = match what {
                Placing::People => before.keys().filter_map(|no| no.parse::<i64>().ok()).map(Value::from).collect(),
                _ => before.keys().map(|id| id.as_str().into()).collect(),
            };
            let after = tx.stood(what, &keys).await?;
            for (key, stood) in after {
                match before.remove(&key) {
                    Some(was) if was == stood => {}
                    was => communities.extend(was.and_then(|was| was.community).into_iter().chain(stood.community)),
                }
            }
        }
        Ok(communities)
    }

    /// Notes what was gathered, in the transaction that is committed next.
    pub(crate) async fn note(&mut self, tx: &mut Scoped) -> Result<(), OpsError> {
        let communities = self.placed_anew(tx).await?;
        tx.note_roster(&communities, &mut Vec::new()).await?;
        tx.note_coverage(Kind::Tubes, &mut std::mem::take(&mut self.tubes)).await?;
        tx.note_coverage(Kind::People, &mut std::mem::take(&mut self.people)).await?;
        Ok(())
    }
}
