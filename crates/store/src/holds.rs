//! Results that are withheld, because a laboratory was suspended or one of its runs or lots recalled (I03, I04). It
//! guarantees that a tube whose result is withheld, or counts again, is settled anew.

use crate::{
    Scoped, StoreError,
    opening::Rare,
    value::{Record, Value},
};
use dayclear_core::time::Instant;
use std::collections::BTreeSet;

/// Which results are withheld.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Id.
    pub id: String,
    /// Laboratory.
    pub laboratory: String,
    /// Only results of this run of an instrument.
    pub run: Option<String>,
    /// Only results of runs with this lot of reagents.
    pub lot: Option<String>,
    /// Results released from here on.
    pub from: Instant,
    /// And until here; none: until it is lifted.
    pub until: Option<Instant>,
}

/// Whether a hold withholds a version `r` of a result.
macro_rules! withholds {
    () => {
        "h.laboratory = r.laboratory and r.reported_at >= h.\"from\" and (h.\"until\" is null or r.reported_at <= h.\"until\")
         and (h.run is null or h.run = r.run)
         and (h.lot is null or exists (select 1 from runs u where u.laboratory = r.laboratory and u.run = r.run and u.lot = h.lot))"
    };
}

/// 1 for a version `r` of a result that is withheld.
pub(crate) const HELD: &str = concat!(
    "cast(case when exists (select 1 from holds h where h.lifted_at is null and ",
    withholds!(),
    ") then 1 else 0 end as bigint)"
);

fn hold(row: &Record) -> Result<Hold, StoreError> {
    Ok(Hold {
        id: row.get(0)?,
        laboratory: row.get(1)?,
        run: row.get(2)?,
        lot: row.get(3)?,
        from: row.get(4)?,
        until: row.get(5)?,
    })
}

impl Scoped {
    /// How many holds have an id that begins like this.
    pub async fn holds_named(&mut self, prefix: &str) -> Result<i64, StoreError> {
        let (from, to) = (prefix.to_owned(), format!("{prefix}~"));
        let sql = "select count(*) from holds where hold >= $1 and hold < $2";
        self.row(sql, &[from.as_str().into(), to.as_str().into()]).await?.map_or(Ok(0), |row| row.get(0))
    }

    /// Withholds results; how many tubes have one, and how many people a swab in them. The tubes are settled anew by whoever
    /// asks for [`Scoped::unsettle`].
    pub async fn withhold(&mut self, new: &Hold, by: &str, at: Instant) -> Result<(Vec<i64>, i64), StoreError> {
        let sql = "insert into holds (hold, laboratory, run, lot, \"from\", \"until\", tubes, people, held_by, held_at)
                   values ($1, $2, $3, $4, $5, $6, 0, 0, $7, $8)";
        let values = [
            new.id.as_str().into(),
            new.laboratory.as_str().into(),
            new.run.as_deref().into(),
            new.lot.as_deref().into(),
            new.from.into(),
            new.until.into(),
            by.into(),
            at.into(),
        ];
        self.run(sql, &values).await?;
        self.came(Rare::Hold);
        if new.lot.is_some() {
            self.came(Rare::Lot);
        }
        let tubes = self.tubes_of_hold(&new.id).await?;
        let people = self.members_of(&tubes).await?.len() as i64;
        let sql = "update holds set tubes = $2, people = $3 where hold = $1";
        self.run(sql, &[new.id.as_str().into(), (tubes.len() as i64).into(), people.into()]).await?;
        Ok((tubes, people))
    }

    /// Lifts a hold; its tubes, if it was open.
    pub async fn lift(&mut self, id: &str, by: &str, at: Instant) -> Result<Option<Vec<i64>>, StoreError> {
        let sql = "update holds set lifted_by = $2, lifted_at = $3 where hold = $1 and lifted_at is null";
        if self.run(sql, &[id.into(), by.into(), at.into()]).await? == 0 {
            return Ok(None);
        }
        self.tubes_of_hold(id).await.map(Some)
    }

    /// Numbers of the tubes with a version of a result that a hold withholds, or withheld, in order.
    pub async fn tubes_of_hold(&mut self, id: &str) -> Result<Vec<i64>, StoreError> {
        let sql = concat!(
            "select distinct r.tube_no from holds h join results r on ",
            withholds!(),
            " where h.hold = $1 order by r.tube_no"
        );
        self.rows(sql, &[id.into()]).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Holds by id, open ones and lifted ones, each with whether it is open.
    pub async fn holds_by_id(&mut self, ids: &[&str]) -> Result<Vec<(Hold, bool)>, StoreError> {
        let keys: Vec<Value<'_>> = ids.iter().map(|id| (*id).into()).collect();
        let sql = "select hold, laboratory, run, lot, \"from\", \"until\", lifted_at from holds where hold in ({keys})";
        let rows = self.rows_for_keys(sql, &keys).await?;
        rows.iter().map(|row| Ok((hold(row)?, row.get::<Option<Instant>>(6)?.is_none()))).collect()
    }

    /// Open holds of a laboratory, in order.
    pub async fn open_holds(&mut self, laboratory: &str) -> Result<Vec<Hold>, StoreError> {
        let sql = "select hold, laboratory, run, lot, \"from\", \"until\" from holds
                   where laboratory = $1 and lifted_at is null order by hold";
        self.rows(sql, &[laboratory.into()]).await?.iter().map(hold).collect()
    }

    /// Tubes with results of these runs that an open hold withholds by their lot: a run may be told of after its results.
    pub async fn tubes_of_runs(&mut self, runs: &[&str]) -> Result<Vec<i64>, StoreError> {
        if !self.has(Rare::Lot).await? {
            return Ok(Vec::new());
        }
        let keys: Vec<Value<'_>> = runs.iter().map(|run| (*run).into()).collect();
        let sql = format!("select r.tube_no from results r where r.run in ({{keys}}) and {HELD} = 1");
        let rows = self.rows_for_keys(&sql, &keys).await?;
        let tubes: Result<BTreeSet<i64>, StoreError> = rows.iter().map(|row| row.get(0)).collect();
        Ok(tubes?.into_iter().collect())
    }

    /// Subjects (tube and person) of the swabs in tubes that stand at negative.
    pub async fn negative_swabs(&mut self, tubes: &[i64]) -> Result<Vec<String>, StoreError> {
        let keys: Vec<Value<'_>> = tubes.iter().map(|no| (*no).into()).collect();
        let sql = "select t.tube, p.person from settled s join tubes t on t.no = s.tube_no
                   join members m on m.tube_no = t.no join people p on p.no = m.person_no
                   where s.tube_no in ({keys}) and s.finding = 'negative'";
        let rows = self.rows_for_keys(sql, &keys).await?;
        rows.iter().map(|row| Ok(format!("{}/{}", row.get::<String>(0)?, row.get::<String>(1)?))).collect()
    }

    /// Tubes that an open hold withholds and that were settled before it was known of them are looked at anew: where days come
    /// as files, runs may be told of after their results.
    pub async fn unsettle_withheld(&mut self) -> Result<(), StoreError> {
        if !self.has(Rare::Hold).await? {
            return Ok(());
        }
        let sql = concat!(
            "update settled set versions = 0 where held_at is null and tube_no in (
                select r.tube_no from holds h join results r on h.lifted_at is null and ",
            withholds!(),
            ")"
        );
        self.run(sql, &[]).await?;
        Ok(())
    }

    /// Tubes that were settled are looked at anew.
    pub async fn unsettle(&mut self, tubes: &[i64]) -> Result<(), StoreError> {
        let keys: Vec<Value<'_>> = tubes.iter().map(|no| (*no).into()).collect();
        self.run_for_keys("update settled set versions = 0 where tube_no in ({keys})", &[], &keys).await?;
        Ok(())
    }

    /// Whether any result is withheld.
    pub async fn any_withheld(&mut self) -> Result<bool, StoreError> {
        self.has(Rare::Withheld).await
    }

    /// Of the people in tubes that are negative, those with a swab in another that was called negative by whom nobody believes: they
    /// were to be sampled anew.
    pub async fn sampled_in_vain(&mut self, tubes: &[i64]) -> Result<Vec<i64>, StoreError> {
        if !self.any_withheld().await? {
            return Ok(Vec::new());
        }
        let keys: Vec<Value<'_>> = tubes.iter().map(|no| (*no).into()).collect();
        let sql = "select distinct m.person_no from settled n join members o on o.tube_no = n.tube_no
                       join members m on m.person_no = o.person_no join settled s on s.tube_no = m.tube_no
                   where n.tube_no in ({keys}) and n.finding = 'negative' and n.version <> 'P'
                       and s.held_at is not null and s.finding = 'invalid'";
        self.rows_for_keys(sql, &keys).await?.iter().map(|row| row.get(0)).collect()
    }
}
