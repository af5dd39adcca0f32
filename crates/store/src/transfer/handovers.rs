//! What drivers and receiving sites report of somebody: by key, by person, by time.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{time::Instant, transfer::HandoverStep};

/// A report of a driver or a receiving site.
#[derive(Debug, Clone)]
pub struct Handover {
    /// Person.
    pub person: String,
    /// What happened.
    pub step: HandoverStep,
    /// When.
    pub at: Instant,
    /// Facility.
    pub facility: Option<String>,
    /// Reason.
    pub note: Option<String>,
}

fn handover(row: &Record) -> Result<Handover, StoreError> {
    Ok(Handover { person: row.get(0)?, step: row.term(1)?, at: row.get(2)?, facility: row.get(3)?, note: row.get(4)? })
}

impl Scoped {
    /// Reports by key, in order of time.
    pub async fn handovers_by_key(&mut self, keys: &[&str]) -> Result<Vec<Handover>, StoreError> {
        let keys: Vec<Value<'_>> = keys.iter().map(|key| (*key).into()).collect();
        let sql = "select person, step, at, facility, note from handovers where key in ({keys}) order by at, key";
        let rows = self.rows_for_keys(sql, &keys).await?;
        let all: Result<Vec<Handover>, StoreError> = rows.iter().map(handover).collect();
        let mut all = all?;
        all.sort_by_key(|report| report.at);
        Ok(all)
    }

    /// Reports on these people between two instants, in order of time.
    pub async fn handovers_of(
        &mut self,
        people: &[&str],
        now: Instant,
        since: Instant,
    ) -> Result<Vec<Handover>, StoreError> {
        let keys: Vec<Value<'_>> = people.iter().map(|id| (*id).into()).collect();
        let sql = "select person, step, at, facility, note from handovers
                   where person in ({keys}){people:handovers.person} order by at, key";
        let all: Result<Vec<Handover>, StoreError> =
            self.rows_for_keys(sql, &keys).await?.iter().map(handover).collect();
        let mut all: Vec<Handover> = all?.into_iter().filter(|report| report.at >= since && report.at <= now).collect();
        all.sort_by_key(|report| report.at);
        Ok(all)
    }

    /// Reports of drivers and receiving sites up to `now`, in order of time.
    pub async fn handovers(&mut self, now: Instant, since: Instant) -> Result<Vec<Handover>, StoreError> {
        let (within, range) = self.people_within("handovers.person", 3);
        let sql = format!(
            "select person, step, at, facility, note from handovers where at <= $1 and at >= $2{within} order by at, key"
        );
        let rows = self.rows_text(sql.into(), &[vec![now.into(), since.into()], range].concat()).await?;
        rows.iter().map(handover).collect()
    }
}
