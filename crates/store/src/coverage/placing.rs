//! Where people, households and buildings stand, read before and after rows change them, so that whoever changes the roster can say
//! which communities it touched. No rule lives here.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use std::collections::BTreeSet;

/// What is placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Placing {
    /// People, by number: a person stands in a household, once they are on the roster.
    People,
    /// Households: at a door of a building.
    Households,
    /// Buildings: in a community.
    Buildings,
}

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stood {
    /// What of its row decides over its place among its neighbours.
    pub place: String,
    /// The community in which it lies; `None`: in none.
    pub community: Option<String>,
}

impl Scoped {
    /// Where these stand by now, each with its key as text.
    pub async fn stood(&mut self, what: Placing, keys: &[Value<'_>]) -> Result<Vec<(String, Stood)>, StoreError> {
        let sql = match what {
            Placing::People => {
                "select cast(p.no as text), coalesce(p.household, ''), b.division from people p
                    left join households h on h.household = p.household and p.registered
                    left join buildings b on b.building = h.building where p.no in ({keys})"
            }
            Placing::Households => {
                "select h.household, h.building || '/' || coalesce(h.unit, '') || '/' || coalesce(h.floor, 0) || '/' || h.door,
                    b.division from households h left join buildings b on b.building = h.building
                    where h.household in ({keys})"
            }
            Placing::Buildings => "select building, division, division from buildings where building in ({keys})",
        };
        let one = |row: &Record| Ok((row.get(0)?, Stood { place: row.get(1)?, community: row.get(2)? }));
        self.rows_for_keys(sql, keys).await?.iter().map(one).collect()
    }

    /// Communities in which these people of the roster live, by number.
    pub async fn communities_of(&mut self, people: &[i64]) -> Result<BTreeSet<String>, StoreError> {
        let keys: Vec<Value<'_>> = people.iter().map(|no| (*no).into()).collect();
        let sql = "select distinct b.division from people p join households h on h.household = p.household
            join buildings b on b.building = h.building where p.registered and p.no in ({keys})";
        self.rows_for_keys(sql, &keys).await?.iter().map(|row| row.get(0)).collect()
    }
}
