//! Beds one by one: held, claimed, given back, looked at with their room. A bed is given by inserting a row under a
//! constraint: of two who try, one gets it and the other is told who has it.

use crate::{
    Scoped, StoreError,
    transfer::{Bed, Facility, bed_of},
    value::Value,
};
use dayclear_core::{
    time::Instant,
    transfer::{BedState, RideClass},
};
use std::collections::HashSet;

impl Scoped {
    /// Holds beds in bulk for planned transfers: (bed, transfer, since when). The constraints refuse a bed that is taken, one of a ward
    /// that takes nobody at the moment for which it is given, and one more than the staff can look after.
    pub async fn hold_beds(
        &mut self,
        holds: &[(String, String, Instant)],
        given_at: Instant,
    ) -> Result<(), StoreError> {
        let beds: Vec<Value<'_>> = holds.iter().map(|(bed, ..)| bed.into()).collect();
        let sql = "select bed, transfer from bed_stays where bed in ({keys})";
        let mut before = HashSet::new();
        for row in self.rows_for_keys(sql, &beds).await? {
            before.insert((row.get::<String>(0)?, row.get::<String>(1)?));
        }
        let (again, fresh): (Vec<_>, Vec<_>) =
            holds.iter().partition(|(bed, transfer, _)| before.contains(&(bed.clone(), transfer.clone())));
        for (bed, transfer, at) in again {
            self.hold_again(bed, transfer, *at, given_at).await?;
        }
        let rows: Vec<Value<'_>> = fresh
            .iter()
            .flat_map(|(bed, transfer, at)| [bed.into(), transfer.into(), (*at).into(), given_at.into()])
            .collect();
        self.append("bed_stays", &["bed", "transfer", "held_at", "for_at"], &rows).await
    }

    /// A transfer gets a bed again that it gave back: its stay stands again, unless the constraint refuses.
    async fn hold_again(
        &mut self,
        bed: &str,
        transfer: &str,
        at: Instant,
        given_at: Instant,
    ) -> Result<bool, StoreError> {
        let sql = "update bed_stays set released_at = null, held_at = $3, for_at = $4
                   where bed = $1 and transfer = $2 and released_at is not null
                     and not exists (select 1 from bed_stays o where o.bed = $1 and o.released_at is null)";
        Ok(self.run(sql, &[bed.into(), transfer.into(), at.into(), given_at.into()]).await? == 1)
    }

    /// Claims one bed for one transfer. Of several who try at once exactly one succeeds; the others learn who has it.
    pub async fn claim_bed(&mut self, bed: &str, transfer: &str, at: Instant) -> Result<(), StoreError> {
        self.claim_bed_for(bed, transfer, at, at).await
    }

    /// As [`Scoped::claim_bed`], for a moment at which the person is to lie in it: the constraint asks whether its ward takes people then.
    pub async fn claim_bed_for(
        &mut self,
        bed: &str,
        transfer: &str,
        at: Instant,
        for_at: Instant,
    ) -> Result<(), StoreError> {
        let columns = ["bed", "transfer", "held_at", "for_at"];
        if self.append_new("bed_stays", &columns, &[bed.into(), transfer.into(), at.into(), for_at.into()]).await? == 1
            || self.hold_again(bed, transfer, at, for_at).await?
        {
            return Ok(());
        }
        match self.holder_of(bed).await? {
            Some((holder, _)) if holder == transfer => Ok(()),
            Some((holder, _)) => Err(StoreError::Taken { thing: bed.to_owned(), holder }),
            None => Err(StoreError::Taken { thing: bed.to_owned(), holder: "an earlier stay".to_owned() }),
        }
    }

    /// Beds by facility, equipped for severe cases or not: free, and all that are not blocked; in order of facility.
    pub async fn beds_by_facility(&mut self) -> Result<Vec<(String, bool, i64, i64)>, StoreError> {
        let sql = "select b.facility, case when b.severe = 'yes' then 'yes' else 'no' end,
                cast(sum(case when coalesce(b.state, 'free') = 'free' and s.bed is null then 1 else 0 end) as bigint), count(*)
            from beds b left join bed_stays s on s.bed = b.bed and s.released_at is null
            where coalesce(b.state, 'free') <> 'blocked'
            group by b.facility, case when b.severe = 'yes' then 'yes' else 'no' end order by 1, 2";
        let rows = self.rows(sql, &[]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get::<String>(1)? == "yes", row.get(2)?, row.get(3)?))).collect()
    }

    /// Who holds a bed, and since when.
    pub async fn holder_of(&mut self, bed: &str) -> Result<Option<(String, Instant)>, StoreError> {
        let sql = "select transfer, held_at from bed_stays where bed = $1 and released_at is null";
        let row = self.row(sql, &[bed.into()]).await?;
        row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
    }

    /// Ends the stay of a transfer, not before the bed was held; the bed waits to be cleaned. Returns the bed, if there was an open stay.
    pub async fn release_bed(&mut self, transfer: &str, at: Instant) -> Result<Option<String>, StoreError> {
        let sql = "select bed from bed_stays where transfer = $1 and released_at is null";
        let bed = self.row(sql, &[transfer.into()]).await?.map(|row| row.get::<String>(0)).transpose()?;
        if bed.is_some() {
            let sql = "update bed_stays set released_at = case when held_at > $2 then held_at else $2 end
                where transfer = $1 and released_at is null";
            self.run(sql, &[transfer.into(), at.into()]).await?;
        }
        Ok(bed)
    }

    /// The ward of a bed that is held opens at another moment: the hold is for that one, unless the constraint refuses.
    pub async fn move_hold(&mut self, transfer: &str, for_at: Instant) -> Result<(), StoreError> {
        let sql = "update bed_stays set for_at = $2 where transfer = $1 and released_at is null";
        self.run(sql, &[transfer.into(), for_at.into()]).await?;
        Ok(())
    }

    /// Transfers whose beds in a facility are held ahead and who were not picked up yet, with the wards of the beds, in order of id.
    pub async fn held_ahead(&mut self, facility: &str) -> Result<Vec<(String, Option<String>)>, StoreError> {
        let sql = "select x.id, b.room from transfers x join beds b on b.bed = x.bed
            where x.facility = $1 and x.bed_from is not null and x.state in ('requested', 'booked') order by x.id";
        self.rows(sql, &[facility.into()]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Marks a bed as waiting to be cleaned, or clean again.
    pub async fn set_bed(&mut self, bed: &str, state: BedState) -> Result<(), StoreError> {
        self.run("update beds set state = $2 where bed = $1", &[bed.into(), state.name().into()]).await?;
        Ok(())
    }

    /// Gives one bed of a transfer back.
    pub async fn give_bed_back(&mut self, bed: &str, transfer: &str, at: Instant) -> Result<(), StoreError> {
        let sql = "update bed_stays set released_at = $3 where bed = $1 and transfer = $2 and released_at is null";
        self.run(sql, &[bed.into(), transfer.into(), at.into()]).await?;
        Ok(())
    }

    /// A bed with its facility, as it stands.
    pub async fn bed(&mut self, bed: &str) -> Result<Option<(Bed, Facility)>, StoreError> {
        let sql = "select b.bed, b.facility, b.room, b.rule, b.severe,
                case when t.state = 'admitted' then 'occupied' when s.bed is not null then 'held'
                     else coalesce(b.state, 'free') end, f.kind, f.name, f.division, f.lon, f.lat, f.opens_on, f.closes_on, f.owner
            from beds b join facilities f on f.facility = b.facility
            left join bed_stays s on s.bed = b.bed and s.released_at is null
            left join transfers t on t.id = s.transfer where b.bed = $1";
        let Some(row) = self.row(sql, &[bed.into()]).await? else { return Ok(None) };
        let facility: String = row.get(1)?;
        let facility = Facility {
            steps: self.phase_steps_of(&facility).await?,
            facility,
            kind: row.term(6)?,
            name: row.get(7)?,
            division: row.term(8)?,
            place: (row.get(9)?, row.get(10)?),
            opens_on: row.get(11)?,
            closes_on: row.get(12)?,
            owner: row.get(13)?,
        };
        Ok(Some((bed_of(&row)?, facility)))
    }

    /// People who share a room with a bed: sex and household of those for whom its other beds are held.
    pub async fn roommates(&mut self, bed: &str) -> Result<Vec<(String, Option<String>, RideClass)>, StoreError> {
        let sql = "select p.person, p.household, t.class from beds b
            join beds o on o.facility = b.facility and o.room = b.room and o.bed <> b.bed
            join bed_stays s on s.bed = o.bed and s.released_at is null join transfers t on t.id = s.transfer
            join people p on p.no = t.person_no where b.bed = $1 order by p.person";
        let rows = self.rows(sql, &[bed.into()]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.term(2)?))).collect()
    }
}
