//! Of which tubes and people rows tell, while they land: noted in the log of coverage by whoever commits them, so that who keeps
//! coverage in memory reads what came since and nothing else.

use crate::{OpsError, rows::Batch};
use dayclear_store::{
    Scoped,
    coverage::Touched as Kind,
    landing::{Target, target_of},
    value::Value,
};

/// Numbers gathered since they were last noted.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    tubes: Vec<i64>,
    people: Vec<i64>,
    roster: bool,
}

impl Touched {
    /// A batch of rows of a table is about to land.
    pub(crate) fn took(&mut self, table: &str, batch: &Batch) {
        let of = |column: &str, target: &Target| target.columns.iter().position(|name| *name == column);
        let into = |numbers: &mut Vec<i64>, row: &[Value<'_>], at: Option<usize>| {
            if let Some(Some(Value::Whole(Some(no)))) = at.map(|at| row.get(at)) {
                numbers.push(*no);
            }
        };
        if table == "members" {
            batch.created.chunks(2).for_each(|row| into(&mut self.tubes, row, Some(0)));
            return;
        }
        let Some(target) = target_of(table) else { return };
        let (numbers, at) = match table {
            "tubes" => (&mut self.tubes, of("no", target)),
            "results" => (&mut self.tubes, of("tube_no", target)),
            "statements" => (&mut self.people, of("person_no", target)),
            "people" => {
                self.roster |= batch.created_rows > 0 || !batch.changes.is_empty();
                (&mut self.people, of("no", target))
            }
            "buildings" | "households" => {
                self.roster |= batch.created_rows > 0 || !batch.changes.is_empty();
                return;
            }
            _ => return,
        };
        batch.created.chunks(target.columns.len()).for_each(|row| into(numbers, row, at));
        batch.changes.iter().for_each(|(row, _)| into(numbers, row, at));
    }

    /// Notes what was gathered, in the transaction that is committed next.
    pub(crate) async fn note(&mut self, tx: &mut Scoped) -> Result<(), OpsError> {
        if std::mem::take(&mut self.roster) {
            tx.note_coverage(Kind::Roster, &mut Vec::new()).await?;
        }
        tx.note_coverage(Kind::Tubes, &mut std::mem::take(&mut self.tubes)).await?;
        tx.note_coverage(Kind::People, &mut std::mem::take(&mut self.people)).await?;
        Ok(())
    }
}
