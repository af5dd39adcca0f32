//! What tubes stand at: the versions of their results that came in, and what was made of them. No rule lives here; it guarantees that
//! whoever keeps coverage in memory is told of each tube that was settled.

use crate::{Scoped, StoreError, coverage::Touched, holds::HELD, opening::Rare, value::Value};
use dayclear_core::{
    screening::{Finding, ResultVersion, Settled},
    time::Instant,
};
use std::collections::{HashMap, HashSet};

/// What a tube stood at before it was settled anew.
#[derive(Debug, Clone)]
pub struct Before {
    /// Dense number.
    pub no: i64,
    /// Bar code.
    pub tube: String,
    /// Finding.
    pub finding: Option<Finding>,
    /// Whether it is a tube for one.
    pub single: bool,
    /// Versions it was settled by.
    versions: i64,
}

/// Tubes for which versions came in, with all their versions, and what those among them stood at that were settled before.
pub type Unsettled = (Vec<(i64, Vec<ResultVersion>)>, Vec<Before>);

impl Scoped {
    /// Tubes for which versions came in since they were last settled, with all their versions up to `now` and with what they stood at; of
    /// `tubes` only, where some are named.
    pub async fn unsettled(&mut self, now: Instant, tubes: Option<&[i64]>) -> Result<Unsettled, StoreError> {
        let versions =
            format!("select r.tube_no, r.version, r.finding, r.ct_n, r.ct_orf, r.reported_at, {HELD} from results r");
        let order = "order by r.tube_no, r.reported_at, r.key";
        let rows = match tubes {
            None => {
                let sql = format!(
                    "{versions} where r.reported_at <= $1 and r.tube_no in (
                        select c.tube_no from results c left join settled s on s.tube_no = c.tube_no
                        where c.reported_at <= $1 group by c.tube_no, s.versions having count(*) > coalesce(s.versions, 0))
                     {order}"
                );
                self.rows_text(sql.into(), &[now.into()]).await?
            }
            Some(tubes) => {
                let keys: Vec<Value<'_>> = tubes.iter().map(|no| (*no).into()).collect();
                self.rows_for_keys(&format!("{versions} where r.tube_no in ({{keys}}) {order}"), &keys).await?
            }
        };
        let mut found: Vec<(i64, Vec<ResultVersion>)> = Vec::new();
        for row in rows {
            let no: i64 = row.get(0)?;
            let version = ResultVersion {
                version: row.term(1)?,
                finding: row.term(2)?,
                ct_n: row.get(3)?,
                ct_orf: row.get(4)?,
                reported_at: row.get(5)?,
                held: row.get::<i64>(6)? == 1,
            };
            if version.reported_at > now {
                continue;
            }
            if found.last().is_none_or(|(last, _)| *last != no) {
                found.push((no, Vec::new()));
            }
            if let Some((_, versions)) = found.last_mut() {
                versions.push(version);
            }
        }
        let numbers: Vec<i64> = found.iter().map(|(no, _)| *no).collect();
        // few are looked for at once; on a first day of many it is worth asking whether there is any
        let mut before = match tubes.is_some() || self.any_settled().await? {
            true => self.settled_before(&numbers).await?,
            false => Vec::new(),
        };
        if tubes.is_some() {
            // those named may stand as they are
            let many: HashMap<i64, i64> = found.iter().map(|(no, versions)| (*no, versions.len() as i64)).collect();
            let newer = |was: &Before| many.get(&was.no).is_some_and(|many| *many > was.versions);
            let same: HashSet<i64> = before.iter().filter(|was| !newer(was)).map(|was| was.no).collect();
            before.retain(newer);
            found.retain(|(no, _)| !same.contains(no));
        }
        Ok((found, before))
    }

    /// What the tubes stood at before, for those of the list that were settled.
    async fn settled_before(&mut self, tubes: &[i64]) -> Result<Vec<Before>, StoreError> {
        let keys: Vec<Value<'_>> = tubes.iter().map(|no| (*no).into()).collect();
        let sql =
            "select s.tube_no, t.tube, s.finding, t.size, s.versions from settled s join tubes t on t.no = s.tube_no
                   where s.tube_no in ({keys}) order by s.tube_no";
        let rows = self.rows_for_keys(sql, &keys).await?;
        rows.iter()
            .map(|row| {
                let single = row.get::<i64>(3)? == 1;
                let (no, tube, finding) = (row.get(0)?, row.get(1)?, row.maybe_term(2)?);
                Ok(Before { no, tube, finding, single, versions: row.get(4)? })
            })
            .collect()
    }

    /// Whether any tube has been settled yet.
    async fn any_settled(&mut self) -> Result<bool, StoreError> {
        Ok(self.row("select tube_no from settled limit 1", &[]).await?.is_some())
    }

    /// Records what tubes stand at; those settled before are replaced.
    pub async fn settle(&mut self, tubes: &[(i64, Settled)], replaced: &[i64], now: Instant) -> Result<(), StoreError> {
        let keys: Vec<Value<'_>> = replaced.iter().map(|no| (*no).into()).collect();
        self.run_for_keys("delete from settled where tube_no in ({keys})", &[], &keys).await?;
        let mut values: Vec<Value<'_>> = Vec::with_capacity(tubes.len() * 8);
        for (no, s) in tubes {
            values.extend([
                (*no).into(),
                s.finding.map(|f| f.name()).into(),
                s.ct_n.into(),
                s.ct_orf.into(),
                s.version.name().into(),
                s.reported_at.into(),
                s.versions.into(),
                s.held.then_some(now).into(),
            ]);
        }
        if tubes.iter().any(|(_, settled)| settled.held) {
            self.came(Rare::Withheld);
        }
        let columns = ["tube_no", "finding", "ct_n", "ct_orf", "version", "reported_at", "versions", "held_at"];
        self.append("settled", &columns, &values).await?;
        let mut numbers: Vec<i64> = tubes.iter().map(|(no, _)| *no).collect();
        self.note_coverage(Touched::Tubes, &mut numbers).await
    }
}
