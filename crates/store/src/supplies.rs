//! What households ask for, what is said of their parcels at the door, how long stocks last, and what goods cost. It guarantees by
//! constraints that nothing is at a door without proof, and that what was said there is never changed.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    divisions::DivisionCode,
    roster::Need,
    time::{CivilDate, Instant},
    welfare::{AskWay, DoorProof, DoorStep, Supply},
};

/// A good of the catalogue.
#[derive(Debug, Clone, PartialEq)]
pub struct Good {
    /// Id.
    pub good: String,
    /// Where it can be asked for.
    pub division: DivisionCode,
    /// Stock that it is taken from.
    pub item: Supply,
    /// Need that it is for.
    pub need: Option<Need>,
    /// What it is, in English, simplified and traditional Chinese.
    pub said: [String; 3],
    /// Units that a household may ask for in a day.
    pub day_max: i64,
    /// What a unit usually costs.
    pub usual: Option<f64>,
    /// Percent by which a price may lie above that.
    pub above_percent: i64,
}

/// Percent by which a price may lie above the usual one, where the good does not say.
const ABOVE_PERCENT: i64 = 20;

/// A good that a household asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Household.
    pub household: String,
    /// Day on which it is brought.
    pub day: CivilDate,
    /// Community.
    pub division: DivisionCode,
    /// Good.
    pub good: String,
    /// Parcel in which it is carried.
    pub item: Supply,
    /// Units.
    pub units: i64,
    /// How they said so.
    pub way: AskWay,
    /// Who wrote it down.
    pub asked_by: String,
    /// When.
    pub asked_at: Instant,
}

/// What is said of a parcel at the door.
#[derive(Debug, Clone, Copy)]
pub struct AtDoor<'a> {
    /// What.
    pub step: DoorStep,
    /// When.
    pub at: Instant,
    /// Who says so.
    pub account: &'a str,
    /// How it is shown.
    pub proof: Option<DoorProof>,
    /// The word that was said, and by whom.
    pub said: Option<&'a str>,
    /// Why it was missed.
    pub reason: Option<&'a str>,
}

/// How long a stock lasts.
#[derive(Debug, Clone, PartialEq)]
pub struct Lasting {
    /// Depot and item.
    pub key: String,
    /// Division that it serves.
    pub division: DivisionCode,
    /// Depot.
    pub depot: String,
    /// Units that nobody is promised.
    pub left: i64,
    /// Units promised on a day, over the last three days on which some were.
    pub a_day: f64,
}

fn good(row: &Record) -> Result<Good, StoreError> {
    Ok(Good {
        good: row.get(0)?,
        division: row.term(1)?,
        item: row.term(2)?,
        need: row.maybe_term(3)?,
        said: [row.get(4)?, row.get(5)?, row.get(6)?],
        day_max: row.get(7)?,
        usual: row.get(8)?,
        above_percent: row.get::<Option<i64>>(9)?.unwrap_or(ABOVE_PERCENT),
    })
}

const GOOD: &str = "select good, division, item, need, en, zh_hans, zh_hant, day_max, usual, above_percent from goods";

impl Scoped {
    /// Goods that can be asked for in a division, whoever put them into the catalogue, in order of item and id.
    pub async fn goods_for(&mut self, division: &DivisionCode) -> Result<Vec<Good>, StoreError> {
        let sql = format!("{GOOD} where substr($1, 1, length(division)) = division order by item, good");
        self.rows_text(sql.into(), &[division.into()]).await?.iter().map(good).collect()
    }

    /// What a household asked for to be brought on a day, in the order in which it did.
    pub async fn wanted_by(&mut self, household: &str, day: CivilDate) -> Result<Vec<Wanted>, StoreError> {
        let sql = "select household, day, division, good, item, units, way, asked_by, asked_at from wanted
            where household = $1 and day = $2 order by no";
        let rows = self.rows(sql, &[household.into(), day.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(Wanted {
                    household: row.get(0)?,
                    day: row.get(1)?,
                    division: row.term(2)?,
                    good: row.get(3)?,
                    item: row.term(4)?,
                    units: row.get(5)?,
                    way: row.term(6)?,
                    asked_by: row.get(7)?,
                    asked_at: row.get(8)?,
                })
            })
            .collect()
    }

    /// Writes down what a household asks for.
    pub async fn want(&mut self, wanted: &Wanted) -> Result<(), StoreError> {
        let sql = "insert into wanted (household, day, no, division, good, item, units, way, asked_by, asked_at)
            select $1, $2, coalesce(max(no), 0) + 1, $3, $4, $5, $6, $7, $8, $9 from wanted where household = $1 and day = $2";
        let values = [
            (&wanted.household).into(),
            wanted.day.into(),
            (&wanted.division).into(),
            (&wanted.good).into(),
            wanted.item.name().into(),
            wanted.units.into(),
            wanted.way.name().into(),
            (&wanted.asked_by).into(),
            wanted.asked_at.into(),
        ];
        self.run(sql, &values).await?;
        Ok(())
    }

    /// A parcel carries so many units.
    pub async fn carry(&mut self, household: &str, day: CivilDate, item: Supply, units: i64) -> Result<(), StoreError> {
        let sql = "update parcels set units = $4 where household = $1 and day = $2 and item = $3 and units < $4";
        self.run(sql, &[household.into(), day.into(), item.name().into(), units.into()]).await?;
        Ok(())
    }

    /// Something is said of a parcel at the door: appended, and the row of the parcel is what it comes to.
    pub async fn at_door(
        &mut self,
        (household, day, item): (&str, CivilDate, Supply),
        said: AtDoor<'_>,
    ) -> Result<(), StoreError> {
        let sql = "insert into door_steps (household, day, item, no, step, at, account, proof, said, reason)
            select $1, $2, $3, coalesce(max(no), 0) + 1, $4, $5, $6, $7, $8, $9 from door_steps
            where household = $1 and day = $2 and item = $3";
        let key = || -> [Value<'_>; 3] { [household.into(), day.into(), item.name().into()] };
        let proof = said.proof.map(DoorProof::name);
        let step: [Value<'_>; 6] = [
            said.step.name().into(),
            said.at.into(),
            said.account.into(),
            proof.into(),
            said.said.into(),
            said.reason.into(),
        ];
        self.run(sql, &[key().as_slice(), step.as_slice()].concat()).await?;
        let (sql, more): (&'static str, Vec<Value<'_>>) = match said.step {
            DoorStep::Delivered => (
                "update parcels set delivered_at = $4, handed_by = $5, door_proof = $6, word_said = $7
                where household = $1 and day = $2 and item = $3 and delivered_at is null",
                vec![said.at.into(), said.account.into(), proof.into(), said.said.into()],
            ),
            DoorStep::Missed => (
                "update parcels set misses = misses + 1, missed_at = $4, missed_why = $5
                where household = $1 and day = $2 and item = $3 and delivered_at is null",
                vec![said.at.into(), said.reason.into()],
            ),
            DoorStep::Here => (
                "update parcels set here_at = $4, delivered_at = coalesce(delivered_at, $4)
                where household = $1 and day = $2 and item = $3",
                vec![said.at.into()],
            ),
            DoorStep::NotHere => (
                "update parcels set not_here_at = $4, missed_at = $4, again = again + 1, here_at = null, delivered_at = null,
                    handed_by = null, door_proof = null, word_said = null
                where household = $1 and day = $2 and item = $3 and delivered_at is not null",
                vec![said.at.into()],
            ),
        };
        self.run(sql, &[key().as_slice(), more.as_slice()].concat()).await?;
        Ok(())
    }

    /// Stocks of which some was promised, with how long they last, in order of key.
    pub async fn lasting(&mut self) -> Result<Vec<Lasting>, StoreError> {
        let sql = "select s.key, s.division, s.depot, s.quantity - s.promised,
                (select cast(avg(v.units) as double precision) from (select u.units from supply_burn u where u.key = s.key
                    order by u.day desc limit 3) v)
            from supplies s where s.promised > 0 order by s.key";
        let rows = self.rows(sql, &[]).await?;
        rows.iter()
            .map(|row| {
                Ok(Lasting {
                    key: row.get(0)?,
                    division: row.term(1)?,
                    depot: row.get(2)?,
                    left: row.get(3)?,
                    a_day: row.get::<Option<f64>>(4)?.unwrap_or_default(),
                })
            })
            .collect()
    }

    /// Writes down what a good costs at a shop.
    pub async fn price(
        &mut self,
        (good, division): (&str, &DivisionCode),
        (price, shop): (f64, &str),
        (account, at): (&str, Instant),
    ) -> Result<(), StoreError> {
        let sql = "insert into prices (good, no, price, shop, division, account, at)
            select $1, coalesce(max(no), 0) + 1, $2, $3, $4, $5, $6 from prices where good = $1";
        let values = [good.into(), price.into(), shop.into(), division.into(), account.into(), at.into()];
        self.run(sql, &values).await?;
        Ok(())
    }
}
