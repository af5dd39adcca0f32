//! Facilities and their beds as they stand. It guarantees that a bed which somebody holds or lies in is said to be so by the open stay,
//! whatever was reported of it.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    divisions::DivisionCode,
    phases::PhaseStep,
    roster::Known,
    time::CivilDate,
    transfer::{BedRule, BedState, FacilityKind},
};

/// A facility.
#[derive(Debug, Clone)]
pub struct Facility {
    /// Id.
    pub facility: String,
    /// Kind.
    pub kind: FacilityKind,
    /// Name.
    pub name: String,
    /// Division.
    pub division: DivisionCode,
    /// Longitude and latitude.
    pub place: (f64, f64),
    /// First and last day it takes people.
    pub opens_on: Option<CivilDate>,
    /// Last day it takes people.
    pub closes_on: Option<CivilDate>,
    /// Who answers for it.
    pub owner: String,
    /// From when it and its wards are in which phase, in order of time.
    pub steps: Vec<PhaseStep>,
}

/// A bed as it stands.
#[derive(Debug, Clone)]
pub struct Bed {
    /// Id.
    pub bed: String,
    /// Facility.
    pub facility: String,
    /// Room or ward.
    pub room: Option<String>,
    /// Who may lie in it.
    pub rule: BedRule,
    /// Equipped for severe cases.
    pub severe: Known,
    /// State.
    pub state: BedState,
}

pub(crate) fn bed_of(row: &Record) -> Result<Bed, StoreError> {
    Ok(Bed {
        bed: row.get(0)?,
        facility: row.get(1)?,
        room: row.get(2)?,
        rule: row.maybe_term(3)?.unwrap_or(BedRule::Any),
        severe: row.maybe_term(4)?.unwrap_or(Known::Unknown),
        state: row.term(5)?,
    })
}

impl Scoped {
    /// Facilities, in order of id.
    pub async fn facilities(&mut self) -> Result<Vec<Facility>, StoreError> {
        if let Some(known) = &self.facilities {
            return Ok(known.clone());
        }
        let sql = "select facility, kind, name, division, lon, lat, opens_on, closes_on, owner from facilities order by facility";
        let rows = self.rows(sql, &[]).await?;
        let mut steps = self.phase_steps_read().await?;
        let read: Result<Vec<Facility>, StoreError> = rows
            .iter()
            .map(|row| {
                let facility: String = row.get(0)?;
                Ok(Facility {
                    steps: steps.remove(&facility).unwrap_or_default(),
                    facility,
                    kind: row.term(1)?,
                    name: row.get(2)?,
                    division: row.term(3)?,
                    place: (row.get(4)?, row.get(5)?),
                    opens_on: row.get(6)?,
                    closes_on: row.get(7)?,
                    owner: row.get(8)?,
                })
            })
            .collect();
        Ok(self.facilities.insert(read?).clone())
    }

    /// Beds with their state now: held or occupied by an open stay, else as reported. In order of facility, room and bed.
    pub async fn beds(&mut self) -> Result<Vec<Bed>, StoreError> {
        // the state of a transfer is looked up by its id: joined, every transfer that ever was would be read
        let sql = "select b.bed, b.facility, b.room, b.rule, b.severe,
                case when s.bed is null then coalesce(b.state, 'free')
                     when (select t.state from transfers t where t.id = s.transfer) = 'admitted' then 'occupied'
                     else 'held' end
            from beds b left join bed_stays s on s.bed = b.bed and s.released_at is null
            order by b.facility, b.room, b.bed";
        let rows = self.rows(sql, &[]).await?;
        rows.iter().map(bed_of).collect()
    }

    /// Beds that are free now, in order of facility, room and bed.
    pub async fn free_beds(&mut self) -> Result<Vec<Bed>, StoreError> {
        let sql = "select b.bed, b.facility, b.room, b.rule, b.severe, 'free' from beds b
            where b.taken = 0 and coalesce(b.state, 'free') = 'free' order by b.facility, b.room, b.bed";
        let rows = self.rows(sql, &[]).await?;
        rows.iter().map(bed_of).collect()
    }

    /// Beds by id, whatever their state.
    pub async fn beds_by_id(&mut self, beds: &[&str]) -> Result<Vec<Bed>, StoreError> {
        let keys: Vec<Value<'_>> = beds.iter().map(|bed| (*bed).into()).collect();
        let sql = "select b.bed, b.facility, b.room, b.rule, b.severe, coalesce(b.state, 'free') from beds b
                   where b.bed in ({keys})";
        self.rows_for_keys(sql, &keys).await?.iter().map(bed_of).collect()
    }
}
