//! Bar codes that were given to two tubes (F24). It guarantees that a tube whose result had been settled is settled anew once
//! that is known.

use crate::{Scoped, StoreError, opening::Rare, value::Value};
use dayclear_core::{divisions::DivisionCode, time::Instant};
use std::collections::BTreeSet;

/// A second tube under the bar code of a first one: the bar code, where the second was filled, when.
pub type Doubled = (String, DivisionCode, Instant);

impl Scoped {
    /// Notes a second tube under a bar code, if it differs from the first in where or when it was filled; whether that is
    /// news.
    pub async fn note_doubled(
        &mut self,
        tube: Value<'_>,
        division: Value<'_>,
        collected_at: Value<'_>,
    ) -> Result<bool, StoreError> {
        let values = [tube.clone(), division, collected_at];
        let sql = "insert into tubes_doubled (tube_no, division, collected_at)
            select t.no, $2, $3 from tubes t where t.tube = $1 and (t.division <> $2 or t.collected_at <> $3)
              and not exists (select 1 from tubes_doubled d
                              where d.tube_no = t.no and d.division = $2 and d.collected_at = $3)";
        if self.run(sql, &values).await? == 0 {
            return Ok(false);
        }
        self.came(Rare::Doubled);
        // its versions count anew, so that whoever settles looks at it
        let sql = "update settled set versions = 0 where tube_no in (select no from tubes where tube = $1)";
        self.run(sql, &[tube]).await?;
        Ok(true)
    }

    /// Numbers of the tubes whose bar code was given twice: all of them, or of those named.
    pub async fn doubled(&mut self, tubes: Option<&[i64]>) -> Result<BTreeSet<i64>, StoreError> {
        if !self.has(Rare::Doubled).await? {
            return Ok(BTreeSet::new());
        }
        let sql = "select distinct tube_no from tubes_doubled";
        let rows = match tubes {
            None => self.rows(sql, &[]).await?,
            Some(tubes) => {
                let keys: Vec<Value<'_>> = tubes.iter().map(|no| (*no).into()).collect();
                self.rows_for_keys(&format!("{sql} where tube_no in ({{keys}})"), &keys).await?
            }
        };
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Second tubes under the bar codes of first ones: all of them, or of those named, in order of bar code.
    pub async fn doubled_tubes(&mut self, tubes: Option<&[i64]>) -> Result<Vec<Doubled>, StoreError> {
        if !self.has(Rare::Doubled).await? {
            return Ok(Vec::new());
        }
        let sql = "select t.tube, d.division, d.collected_at from tubes_doubled d join tubes t on t.no = d.tube_no";
        let order = "order by t.tube, d.division, d.collected_at";
        let rows = match tubes {
            None => self.rows_text(format!("{sql} {order}").into(), &[]).await?,
            Some(tubes) => {
                let keys: Vec<Value<'_>> = tubes.iter().map(|no| (*no).into()).collect();
                self.rows_for_keys(&format!("{sql} where d.tube_no in ({{keys}}) {order}"), &keys).await?
            }
        };
        rows.iter().map(|row| Ok((row.get(0)?, row.term(1)?, row.get(2)?))).collect()
    }
}
