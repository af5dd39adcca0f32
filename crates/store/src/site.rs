//! Tubes of sites: what was sent under which id, people by the number of their document, and whom a round has already. It guarantees
//! that what was taken once is found again for ever, and durable, before anybody is told so.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    divisions::DivisionCode,
    site::clock::{How, Settled},
    time::Instant,
};
use std::collections::BTreeMap;

/// A tube as it was taken from a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteTube {
    /// Id that the record was given where it was made.
    pub record: String,
    /// Bar code.
    pub tube: String,
    /// Where it was filled.
    pub division: DivisionCode,
    /// Account of who sampled.
    pub account: String,
    /// Round, if it was for one.
    pub round: Option<String>,
    /// People in it.
    pub people: i64,
    /// When it was closed.
    pub closed: Settled,
    /// When it was taken here.
    pub received_at: Instant,
    /// Digest of the record as it came.
    pub digest: String,
}

fn site_tube(row: &Record) -> Result<SiteTube, StoreError> {
    let how: How = row.term(8)?;
    Ok(SiteTube {
        record: row.get(0)?,
        tube: row.get(1)?,
        division: row.term(2)?,
        account: row.get(3)?,
        round: row.get(4)?,
        people: row.get(5)?,
        closed: Settled { at: row.get(6)?, within_s: row.get(7)?, how },
        received_at: row.get(9)?,
        digest: row.get(10)?,
    })
}

impl Scoped {
    /// The tube that was taken under an id, durable.
    pub async fn site_tube(&mut self, record: &str) -> Result<Option<SiteTube>, StoreError> {
        let sql = "select x.record, t.tube, x.division, x.account, x.round, x.people, x.collected_at, x.within_s, x.how, x.received_at, x.digest
                   from site_tubes x join tubes t on t.no = x.tube_no where x.record = $1";
        let found = self.row(sql, &[record.into()]).await?.as_ref().map(site_tube).transpose()?;
        if found.is_some() {
            // it was committed, and may still be on its way to the disk
            self.reach_disk().await?;
        }
        Ok(found)
    }

    /// Keeps a tube of a site; the tube itself is there.
    pub async fn keep_site_tube(&mut self, new: &SiteTube) -> Result<(), StoreError> {
        let sql = "insert into site_tubes (record, tube_no, division, account, round, people, collected_at, within_s, how, received_at, digest)
                   select $1, t.no, $3, $4, $5, $6, $7, $8, $9, $10, $11 from tubes t where t.tube = $2";
        let values = [
            new.record.as_str().into(),
            new.tube.as_str().into(),
            (&new.division).into(),
            new.account.as_str().into(),
            new.round.as_deref().into(),
            new.people.into(),
            new.closed.at.into(),
            new.closed.within_s.into(),
            new.closed.how.name().into(),
            new.received_at.into(),
            new.digest.as_str().into(),
        ];
        self.run(sql, &values).await?;
        Ok(())
    }

    /// People by the number of their document, within the scope; of several with one number the first of the roster.
    pub async fn people_of_documents(&mut self, documents: &[&str]) -> Result<BTreeMap<String, String>, StoreError> {
        let keys: Vec<Value<'_>> = documents.iter().map(|document| (*document).into()).collect();
        let sql = "select document, person from people where document in ({keys}) and {scope:division}
                   order by document, registered, person desc";
        let rows = self.rows_for_keys(sql, &keys).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Notes the document of somebody who was sampled and is on no roster.
    pub async fn name_stranger(&mut self, person: &str, document: &str) -> Result<(), StoreError> {
        let sql = "update people set document = $2 where person = $1 and not registered and document is null";
        self.run(sql, &[person.into(), document.into()]).await?;
        Ok(())
    }

    /// Who of these people is in a tube that was closed between two instants: person and tube, in order.
    pub async fn sampled_between(
        &mut self,
        people: &[&str],
        from: Instant,
        to: Instant,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let keys: Vec<Value<'_>> = people.iter().map(|person| (*person).into()).collect();
        let sql = "select p.person, t.tube, t.collected_at from people p join members m on m.person_no = p.no
                   join tubes t on t.no = m.tube_no where p.person in ({keys}) order by p.person, t.tube";
        let rows = self.rows_for_keys(sql, &keys).await?;
        let all = rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        let all: Vec<(String, String, Instant)> = all.collect::<Result<_, StoreError>>()?;
        let within = all.into_iter().filter(|(_, _, at)| *at >= from && *at < to);
        Ok(within.map(|(person, tube, _)| (person, tube)).collect())
    }

    /// Whether a second tube of this place under a bar code is noted.
    pub async fn doubled_in(&mut self, tube: &str, division: &DivisionCode) -> Result<bool, StoreError> {
        let sql =
            "select 1 from tubes_doubled d join tubes t on t.no = d.tube_no where t.tube = $1 and d.division = $2";
        Ok(self.row(sql, &[tube.into(), division.into()]).await?.is_some())
    }
}
