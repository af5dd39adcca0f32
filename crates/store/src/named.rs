//! What is known under the names that rows given online bear: asked for by key, as sets, never a whole table. Everything
//! lies within the scope of the handle; what lies outside is not known.

use crate::{
    Scoped, StoreError,
    landing::{Known, Lookup, Numbered, Target},
    value::Value,
};
use dayclear_core::time::Instant;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Number, digest and division of people or tubes, and when a tube was closed, by id.
pub type NumbersOf = HashMap<Box<str>, (i64, i64, Box<str>, Option<Instant>)>;

/// Where a tube was sent: as the site meant, and as a box has carried it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    meant: Option<String>,
    carried: Option<String>,
}

impl Sent {
    /// Whether a laboratory may speak of it: a box may have taken it elsewhere than the site had meant, and of a tube that was meant for nobody
    /// everybody may.
    pub fn may_be_of(&self, laboratory: &str) -> bool {
        self.carried.as_deref() == Some(laboratory) || self.meant.as_deref().is_none_or(|meant| meant == laboratory)
    }
}

fn keys_of<'k>(ids: &[&'k str]) -> Vec<Value<'k>> {
    ids.iter().map(|id| (*id).into()).collect()
}

impl Scoped {
    /// Digests of the rows with these keys.
    pub async fn digests_of(&mut self, target: &Target, keys: &[&str]) -> Result<Known, StoreError> {
        let sql = format!(
            "select cast(\"{0}\" as text), digest from {1} where \"{0}\" in ({{keys}})",
            target.key, target.table
        );
        let mut known = Known::default();
        for row in self.rows_for_keys(&sql, &keys_of(keys)).await? {
            known.insert(&row.get::<String>(0)?, row.get(1)?);
        }
        Ok(known)
    }

    /// People or tubes by id, within the scope: a tube also where a second one was filled under its bar code.
    pub async fn numbers_of(&mut self, table: Numbered, ids: &[&str]) -> Result<NumbersOf, StoreError> {
        let sql = match table {
            Numbered::People => {
                "select person, no, digest, division from people where person in ({keys}) and {scope:division}"
            }
            Numbered::Tubes => {
                "select tube, no, digest, division, collected_at from tubes where tube in ({keys}) and ({scope:division}
                    or no in (select tube_no from tubes_doubled where {scope:division}))"
            }
        };
        let rows = self.rows_for_keys(sql, &keys_of(ids)).await?;
        rows.iter()
            .map(|row| {
                let division = row.get::<String>(3)?.into_boxed_str();
                let closed = if table == Numbered::Tubes { row.get(4)? } else { None };
                Ok((row.get::<String>(0)?.into_boxed_str(), (row.get(1)?, row.get(2)?, division, closed)))
            })
            .collect()
    }

    /// When tubes were closed, by bar code.
    pub async fn tubes_closed(&mut self) -> Result<HashMap<Box<str>, Instant>, StoreError> {
        let rows = self.rows("select tube, collected_at from tubes", &[]).await?;
        rows.iter().map(|row| Ok((row.get::<String>(0)?.into_boxed_str(), row.get(1)?))).collect()
    }

    /// Places and sites by id: their division (of a laboratory its name), within the scope where they belong to a place.
    pub async fn lookup_of(&mut self, what: Lookup, ids: &[&str]) -> Result<BTreeMap<Box<str>, Box<str>>, StoreError> {
        let sql = match what {
            Lookup::BuildingDivision => {
                "select building, division from buildings where building in ({keys}) and {scope:division}"
            }
            Lookup::HouseholdDivision => {
                "select household, division from households where household in ({keys}) and {scope:division}"
            }
            Lookup::Facilities => "select facility, division from facilities where facility in ({keys})",
            Lookup::Gates => "select gate, division from gates where gate in ({keys}) and {scope:division}",
            Lookup::Vehicles => "select vehicle, division from vehicles where vehicle in ({keys}) and {scope:division}",
            Lookup::Laboratories => "select laboratory, name from laboratories where laboratory in ({keys})",
            Lookup::PersonDivision => {
                "select person, division from people where person in ({keys}) and {scope:division}"
            }
            Lookup::TubeDivision => "select tube, division from tubes where tube in ({keys}) and {scope:division}",
            Lookup::Divisions => "select code, name from divisions where code in ({keys}) and {scope:code}",
        };
        let rows = self.rows_for_keys(sql, &keys_of(ids)).await?;
        rows.iter()
            .map(|row| Ok((row.get::<String>(0)?.into_boxed_str(), row.get::<String>(1)?.into_boxed_str())))
            .collect()
    }

    /// Those of these people who have a live transfer at a facility, or on a trip of a vehicle.
    pub async fn people_at(
        &mut self,
        site: &str,
        driver: bool,
        people: &[&str],
    ) -> Result<BTreeSet<String>, StoreError> {
        let keys = keys_of(people);
        let sql = "select x.person, x.facility, r.vehicle from people p join transfers x on x.person_no = p.no
                and x.state in ('requested', 'booked', 'underway', 'admitted')
            left join trips r on r.id = x.trip where p.person in ({keys})";
        let mut found = BTreeSet::new();
        for row in self.rows_for_keys(sql, &keys).await? {
            let there: Option<String> = row.get(if driver { 2 } else { 1 })?;
            if there.as_deref() == Some(site) {
                found.insert(row.get(0)?);
            }
        }
        Ok(found)
    }

    /// Where tubes were sent, of those named.
    pub async fn tubes_sent(&mut self, tubes: &[&str]) -> Result<BTreeMap<String, Sent>, StoreError> {
        let sql = "select t.tube, t.laboratory, c.laboratory from tubes t left join custody c on c.tube_no = t.no
            where t.tube in ({keys})";
        let rows = self.rows_for_keys(sql, &keys_of(tubes)).await?;
        rows.iter().map(|row| Ok((row.get(0)?, Sent { meant: row.get(1)?, carried: row.get(2)? }))).collect()
    }

    /// Tubes that a laboratory was sent, by themselves or in a box, of those named.
    pub async fn tubes_sent_to(&mut self, laboratory: &str, tubes: &[&str]) -> Result<BTreeSet<String>, StoreError> {
        let sent = self.tubes_sent(tubes).await?;
        Ok(sent.into_iter().filter(|(_, sent)| sent.may_be_of(laboratory)).map(|(tube, _)| tube).collect())
    }

    /// Notes that rows of a table were taken, and the latest moment they tell of.
    pub async fn note_source(&mut self, source: &str, latest: Option<Instant>, landed: u64) -> Result<(), StoreError> {
        if landed == 0 {
            return Ok(());
        }
        let sql = "insert into sources (source, latest_at, landed) values ($1, $2, $3)
                   on conflict (source) do update set landed = sources.landed + excluded.landed,
                       latest_at = case when excluded.latest_at is null or sources.latest_at > excluded.latest_at
                           then sources.latest_at else excluded.latest_at end
                   returning latest_at";
        if let Some(row) = self.row(sql, &[source.into(), latest.into(), landed.into()]).await? {
            self.latest = Some((source.to_owned(), row.get(0)?));
        }
        Ok(())
    }

    /// The latest moment that a table tells of.
    pub async fn latest_told(&mut self, source: &str) -> Result<Option<Instant>, StoreError> {
        if let Some((_, at)) = self.latest.as_ref().filter(|(of, _)| of == source) {
            return Ok(*at);
        }
        let row = self.row("select latest_at from sources where source = $1", &[source.into()]).await?;
        row.map_or(Ok(None), |row| row.get(0))
    }
}
