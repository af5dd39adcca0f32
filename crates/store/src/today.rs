//! Figures of the console's first page, from what is kept up to date anyway: the frozen ledger, the movements of the open
//! day, and counts that an index over the open items bounds. Nothing here reads a table that grows with the population.

use crate::{Scoped, StoreError};
use dayclear_core::{
    books::Worklist,
    time::{CivilDate, Instant},
};

impl Scoped {
    /// Frozen closings of a day in the scope: worklist and items carried over. For a city or a district.
    pub async fn closings(&mut self, day: CivilDate) -> Result<Vec<(Worklist, u64)>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select worklist, cast(sum(closing) as bigint) from ledger
                   where day = $1 and division >= $2 and division < $3 group by worklist order by worklist";
        let rows = self.rows(sql, &[day.into(), low.into(), high.into()]).await?;
        rows.iter().map(|row| Ok((row.term(0)?, row.get::<i64>(1)? as u64))).collect()
    }

    /// Frozen sums of the days from one to before another in the scope: opening, received, completed and cancelled of each
    /// worklist. For a city or a district.
    pub async fn closed_days(
        &mut self,
        from: CivilDate,
        before: CivilDate,
    ) -> Result<Vec<(CivilDate, Worklist, [u64; 4])>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select day, worklist, cast(sum(opening) as bigint), cast(sum(received) as bigint),
                cast(sum(completed) as bigint), cast(sum(cancelled) as bigint)
            from ledger where day >= $1 and day < $2 and division >= $3 and division < $4
            group by day, worklist order by day desc, worklist";
        let rows = self.rows(sql, &[from.into(), before.into(), low.into(), high.into()]).await?;
        rows.iter()
            .map(|row| {
                let count = |at| row.get::<i64>(at).map(|n| n as u64);
                Ok((row.get(0)?, row.term(1)?, [count(2)?, count(3)?, count(4)?, count(5)?]))
            })
            .collect()
    }

    /// Movements of a day in the scope: worklist, received, completed and cancelled. For a city or a district.
    pub async fn flow(&mut self, day: CivilDate) -> Result<Vec<(Worklist, [u64; 3])>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select worklist, cast(sum(case when movement = 'received' then n else 0 end) as bigint),
                cast(sum(case when movement = 'completed' then n else 0 end) as bigint),
                cast(sum(case when movement = 'cancelled' then n else 0 end) as bigint)
            from movements where day = $1 and division >= $2 and division < $3 group by worklist order by worklist";
        let rows = self.rows(sql, &[day.into(), low.into(), high.into()]).await?;
        rows.iter()
            .map(|row| {
                let count = |at| row.get::<i64>(at).map(|n| n as u64);
                Ok((row.term(0)?, [count(1)?, count(2)?, count(3)?]))
            })
            .collect()
    }

    /// Items of the scope past their deadline, by worklist: counted through the index of deadlines, up to `most` of each.
    pub async fn overdue(&mut self, now: Instant, most: i64) -> Result<Vec<(Worklist, u64)>, StoreError> {
        let (test, values) = self.district_test(3);
        let of = |worklist: &Worklist| {
            let name = worklist.name();
            format!(
                "select '{name}', count(*) from (select 1 from items where closed_at is null and worklist = '{name}'
                    and coalesce(due_at, {{far}}) <= $1{test} limit $2) x"
            )
        };
        // one way there and back for all of them
        let sql = Worklist::ALL.iter().map(of).collect::<Vec<_>>().join(" union all ");
        let fixed = vec![now.into(), most.into()];
        let rows = self.rows_text(self.words(&sql).into(), &[fixed, values].concat()).await?;
        rows.iter().map(|row| Ok((row.term(0)?, row.get::<i64>(1)? as u64))).collect()
    }

    /// Items of an owner past their deadline in the scope, counted through the index of owners up to `most`. For a city or a
    /// district: of other duties the role would have to be asked too.
    pub async fn overdue_of(&mut self, owner: &str, now: Instant, most: i64) -> Result<u64, StoreError> {
        let (low, high) = self.scope.range();
        let worklists: Vec<String> = Worklist::ALL.iter().map(|worklist| format!("'{}'", worklist.name())).collect();
        // a test and no range for the place, so that it is the index of owners that is used
        let sql = format!(
            "select count(*) from (select 1 from items where closed_at is null and owner = $1 and worklist in ({})
                and coalesce(due_at, {{far}}) < $2 and division || '' >= $3 and division || '' < $4 limit $5) x",
            worklists.join(", ")
        );
        let values = [owner.into(), now.into(), low.into(), high.into(), most.into()];
        let rows = self.rows_text(self.words(&sql).into(), &values).await?;
        Ok(rows.first().map_or(Ok(0), |row| row.get::<i64>(0))? as u64)
    }

    /// The test of a scope on items, written so that the index of its level is used; its parameters begin at `next`.
    fn district_test(&self, next: usize) -> (String, Vec<crate::value::Value<'static>>) {
        let code = self.scope.division().as_str().to_owned();
        let (low, high) = self.scope.range();
        match code.len() {
            _ if self.scope.is_everything() => (String::new(), Vec::new()),
            6 => (format!(" and substr(division, 1, 6) = ${next}"), vec![code.into()]),
            // a test and no range for a city, so that no index is led astray
            0..6 => (
                format!(" and division || '' >= ${next} and division || '' < ${}", next + 1),
                vec![low.into(), high.into()],
            ),
            _ => (format!(" and division >= ${next} and division < ${}", next + 1), vec![low.into(), high.into()]),
        }
    }

    /// When the latest result of the scope was reported, looked for among the last results of the city: `Ok` when it is among
    /// them; `Err` how far they reach back when it is not. `None`: all results were looked at, and none is of the scope.
    pub async fn latest_result(
        &mut self,
        before: Instant,
        most: i64,
    ) -> Result<Option<Result<Instant, Instant>>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select max(case when t.division >= $3 and t.division < $4 then v.reported_at end), min(v.reported_at),
                count(*)
            from (select tube_no, reported_at from results where reported_at < $1 order by reported_at desc, key desc limit $2) v
                join tubes t on t.no = v.tube_no";
        let row = self.row(sql, &[before.into(), most.into(), low.into(), high.into()]).await?;
        let Some(row) = row else { return Ok(None) };
        let (own, reach): (Option<Instant>, Option<Instant>) = (row.get(0)?, row.get(1)?);
        let all = row.get::<i64>(2)? < most;
        Ok(own.map(Ok).or(reach.filter(|_| !all).map(Err)))
    }

    /// The last closed day: day, when it was signed, signature.
    pub async fn last_signed(&mut self) -> Result<Option<(CivilDate, Instant, String)>, StoreError> {
        let sql = "select day, closed_at, coalesce(signature, '') from days where closed_at is not null
                   order by day desc limit 1";
        self.row(sql, &[]).await?.map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).transpose()
    }
}
