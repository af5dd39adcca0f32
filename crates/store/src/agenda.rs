//! What the line has to look at again since its last pass, by name: people, tubes, households and requests of whom something was
//! told. A name is written in the transaction that tells of it, and stays until a pass that began later has ended.

use crate::{Scoped, StoreError, value::Value};
use dayclear_core::time::Instant;
use std::collections::BTreeSet;

/// What a name on the agenda is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    /// A person.
    Person,
    /// A tube.
    Tube,
    /// A box of tubes.
    Box,
    /// A household.
    Household,
    /// A request.
    Request,
    /// Nobody by name: beds, vehicles or crews have changed for all who wait.
    Means,
    /// Nobody by name: a day has begun for all who are bound, are cases, or are on their way.
    Day,
    /// Nothing by name: more was told than names are kept of, or by other rules.
    Everything,
}

impl Told {
    const ALL: [Told; 8] =
        [Told::Person, Told::Tube, Told::Box, Told::Household, Told::Request, Told::Means, Told::Day, Told::Everything];

    const fn name(self) -> &'static str {
        match self {
            Told::Person => "person",
            Told::Tube => "tube",
            Told::Box => "box",
            Told::Household => "household",
            Told::Request => "request",
            Told::Means => "means",
            Told::Day => "day",
            Told::Everything => "everything",
        }
    }

    fn of(name: &str) -> Option<Told> {
        Told::ALL.into_iter().find(|told| told.name() == name)
    }
}

impl Scoped {
    /// Ids of the people whom these records of a list are about: of orders, transfers, cases, releases and people; nobody elsewhere.
    pub async fn people_behind(&mut self, list: &str, keys: &[&str]) -> Result<Vec<String>, StoreError> {
        let table = match list {
            "people" => return Ok(keys.iter().map(|key| (*key).to_owned()).collect()),
            "orders" | "transfers" | "cases" | "releases" => list,
            _ => return Ok(Vec::new()),
        };
        let keys: Vec<Value<'_>> = keys.iter().map(|key| (*key).into()).collect();
        let sql = format!("select person from {table} where id in ({{keys}})");
        self.rows_for_keys(&sql, &keys).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Notes names. `until`: they are looked at until then, because what was told of them lies ahead.
    pub async fn note(&mut self, what: Told, names: &[&str], until: Option<Instant>) -> Result<(), StoreError> {
        if names.is_empty() {
            return Ok(());
        }
        let pass = match self.has_turn() {
            true => self.opening().await?.passes,
            // a pass that begins waits until this is committed
            false => self.passes(" for share").await?,
        };
        // one name twice in a statement is two changes of one row, which a server refuses
        let names: BTreeSet<&str> = names.iter().copied().collect();
        let rows: Vec<Value<'_>> = names.into_iter().map(Value::from).collect();
        // `where true`: without it SQLite takes `on` for the condition of a join
        let sql = "insert into agenda (kind, name, pass, until) select $1, p.name, $2, $3 from {rows} where true
            on conflict (kind, name) do update set pass = excluded.pass,
                until = case when agenda.until > excluded.until then agenda.until else excluded.until end";
        let last = until.unwrap_or_default();
        self.run_for_rows(sql, &[what.name().into(), pass.into(), last.into()], &["name"], &rows).await?;
        Ok(())
    }

    /// What stands on the agenda; `None`: everything, or more than `most` names.
    pub async fn agenda(&mut self, most: usize) -> Result<Option<Vec<(Told, String)>>, StoreError> {
        self.agenda_where("", &[], most).await
    }

    /// The names that were noted first and of which nothing lies ahead of `now`, `some` of them; `None`: everything.
    pub async fn first_told(&mut self, now: Instant, some: usize) -> Result<Option<Vec<(Told, String)>>, StoreError> {
        if self.row("select 1 from agenda where kind = $1", &[Told::Everything.name().into()]).await?.is_some() {
            return Ok(None);
        }
        let limit = i64::try_from(some).unwrap_or(i64::MAX);
        let sql = "select kind, name from agenda where until <= $2 order by pass, kind, name limit $1";
        let rows = self.rows(sql, &[limit.into(), now.into()]).await?;
        let mut names = Vec::with_capacity(rows.len());
        for row in &rows {
            let (kind, name): (String, String) = (row.get(0)?, row.get(1)?);
            names.extend(Told::of(&kind).map(|told| (told, name)));
        }
        Ok(Some(names))
    }

    /// The names of which something lies ahead of `now`; `None`: everything, or more than `most` names.
    pub async fn told_ahead(&mut self, now: Instant, most: usize) -> Result<Option<Vec<(Told, String)>>, StoreError> {
        self.agenda_where("where until > $2", &[now.into()], most).await
    }

    /// The names that were noted since a pass began; `None`: everything, or more than `most` names.
    pub async fn told_since(&mut self, pass: i64, most: usize) -> Result<Option<Vec<(Told, String)>>, StoreError> {
        self.agenda_where("where pass > $2", &[pass.into()], most).await
    }

    async fn agenda_where(
        &mut self,
        which: &str,
        values: &[Value<'_>],
        most: usize,
    ) -> Result<Option<Vec<(Told, String)>>, StoreError> {
        let limit = i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1);
        let values: Vec<Value<'_>> = [limit.into()].into_iter().chain(values.iter().cloned()).collect();
        let sql = format!("select kind, name from agenda {which} order by kind, name limit $1");
        let rows = self.rows_text(sql.into(), &values).await?;
        let mut all = Vec::with_capacity(rows.len());
        for row in &rows {
            let (kind, name): (String, String) = (row.get(0)?, row.get(1)?);
            match Told::of(&kind) {
                Some(Told::Everything) | None => return Ok(None),
                Some(told) => all.push((told, name)),
            }
        }
        Ok(Some(all).filter(|all| all.len() <= most))
    }

    /// Of these tubes by bar code, those with a swab of somebody for whom something hangs on being sampled: who is bound, is an open
    /// case or on the way, lives in an area, is in a tube that is withheld, or is known under two ids. Each with that person's id.
    pub async fn at_stake(&mut self, tubes: &[&str]) -> Result<Vec<(String, String)>, StoreError> {
        // mostly nothing is withheld and few are merged: asked once, not for everybody
        let sql = at_stake(self.any_withheld().await?, self.any_merged().await?);
        let keys: Vec<Value<'_>> = tubes.iter().map(|tube| (*tube).into()).collect();
        self.rows_for_keys(&sql, &keys).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// How SQLite finds [`Scoped::at_stake`] while something is withheld and merged, a line per step.
    pub async fn plan_of_at_stake(&mut self) -> Result<Vec<String>, StoreError> {
        let text = at_stake(true, true).replace("{keys}", "select value from json_each($1)");
        let rows = self.rows_once(format!("explain query plan {text}").into(), &["[]".into()]).await?;
        rows.iter().map(|row| row.get(3)).collect()
    }

    /// Of these tubes by bar code, those of which something lies ahead: when they are collected, on their way, or reported.
    pub async fn tubes_ahead(&mut self, now: Instant, tubes: &[&str]) -> Result<Vec<String>, StoreError> {
        let sql = "select t.tube from tubes t where (t.collected_at > $1 or t.sent_at > $1 or t.received_at > $1
                or exists (select 1 from results r where r.tube_no = t.no and r.reported_at > $1)) and t.tube in ({keys})";
        let keys: Vec<Value<'_>> = tubes.iter().map(|tube| (*tube).into()).collect();
        self.rows_of_keys(sql, &[now.into()], &keys).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Numbers of those whom a new day concerns: with an open case, an order in force, or a transfer that has not ended.
    pub async fn people_of_the_day(&mut self) -> Result<Vec<i64>, StoreError> {
        let sql = "select person_no from cases where closed_on is null
            union select person_no from orders where state = 'active'
            union select person_no from followed where ended_on is null
            union select person_no from transfers where state in ('requested', 'booked', 'underway', 'admitted')";
        self.rows(sql, &[]).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Passes that have begun so far.
    async fn passes(&mut self, held: &str) -> Result<i64, StoreError> {
        let rows = self.rows_text(format!("select begun from passes where one = 1{held}").into(), &[]).await?;
        rows.first().map_or(Ok(0), |row| row.get(0))
    }

    /// When all who wait were last planned for.
    pub async fn planned_at(&mut self) -> Result<Option<Instant>, StoreError> {
        self.row("select planned_at from passes where one = 1", &[]).await?.map_or(Ok(None), |row| row.get(0))
    }

    /// All who wait are planned for now.
    pub async fn plan_at(&mut self, now: Instant) -> Result<(), StoreError> {
        self.run("update passes set planned_at = $1 where one = 1", &[now.into()]).await?;
        Ok(())
    }

    /// When all confined buildings were last looked over.
    pub async fn swept_at(&mut self) -> Result<Option<Instant>, StoreError> {
        self.row("select swept_at from passes where one = 1", &[]).await?.map_or(Ok(None), |row| row.get(0))
    }

    /// They were looked over now.
    pub async fn sweep_at(&mut self, now: Instant) -> Result<(), StoreError> {
        self.run("update passes set swept_at = $1, sweep_owed_at = null where one = 1", &[now.into()]).await?;
        Ok(())
    }

    /// They are to be looked over again at a moment.
    pub async fn owe_sweep(&mut self, at: Instant) -> Result<(), StoreError> {
        self.run("update passes set sweep_owed_at = $1 where one = 1", &[at.into()]).await?;
        Ok(())
    }

    /// When they are to be looked over again; `None`: nothing has happened since.
    pub async fn sweep_owed_at(&mut self) -> Result<Option<Instant>, StoreError> {
        self.row("select sweep_owed_at from passes where one = 1", &[]).await?.map_or(Ok(None), |row| row.get(0))
    }

    /// A pass begins: what is noted from now on is for the next one. Its number.
    pub async fn begin_pass(&mut self) -> Result<i64, StoreError> {
        self.run("update passes set begun = begun + 1 where one = 1", &[]).await?;
        let begun = self.passes("").await?;
        if let Some(opening) = &mut self.opening {
            opening.passes = begun;
        }
        Ok(begun - 1)
    }

    /// Strikes what a pass has looked at, but for what was noted since and what lies ahead of `now`: these names, or everything that
    /// stood there (`None`).
    pub async fn strike(
        &mut self,
        pass: i64,
        now: Instant,
        names: Option<&[(Told, String)]>,
    ) -> Result<(), StoreError> {
        let until = [pass.into(), now.into()];
        let Some(names) = names else {
            self.run("delete from agenda where pass <= $1 and until <= $2", &until).await?;
            return Ok(());
        };
        for told in Told::ALL {
            let of = names.iter().filter(|(what, _)| *what == told);
            let keys: Vec<Value<'_>> = of.map(|(_, name)| name.as_str().into()).collect();
            let sql = "delete from agenda where pass <= $1 and until <= $2 and kind = $3 and name in ({keys})";
            self.run_for_keys(sql, &[pass.into(), now.into(), told.name().into()], &keys).await?;
        }
        Ok(())
    }

    /// Whether names stand there that were noted before a pass began and do not lie ahead of `now`.
    pub async fn is_left(&mut self, pass: i64, now: Instant) -> Result<bool, StoreError> {
        let sql = "select 1 from agenda where pass <= $1 and until <= $2 limit 1";
        Ok(self.row(sql, &[pass.into(), now.into()]).await?.is_some())
    }

    /// When what stands there is to be looked at, after pass `pass`; `None`: nothing does.
    pub async fn next_look(&mut self, pass: i64, now: Instant) -> Result<Option<Instant>, StoreError> {
        let sql = "select min(case when pass > $1 or until <= $2 then $2 else until end) from agenda";
        let row = self.row(sql, &[pass.into(), now.into()]).await?;
        row.map_or(Ok(None), |row| row.get(0))
    }
}

/// The statement of [`Scoped::at_stake`]: swabs first, whose they are read once, and then one question for each thing that may hang on
/// somebody, because a planner reads whole tables for one question with alternatives. `cross join` keeps SQLite from beginning with the
/// other table: it read every open case and every trip, and every swab of the city while one tube was withheld.
fn at_stake(withheld: bool, merged: bool) -> String {
    let withheld = match withheld {
        true => {
            "union select w.tube, p.person from w cross join people p cross join members x cross join settled s
             where p.no = w.person_no and x.person_no = w.person_no and s.tube_no = x.tube_no and s.held_at is not null"
        }
        false => "",
    };
    // whatever hangs on somebody who is known under two ids hangs on a swab under either
    let merged = match merged {
        true => {
            "union select w.tube, p.person from w cross join people p
                 where p.no = w.person_no and p.merged_into is not null
             union select w.tube, a.person from w cross join people a where a.merged_into = w.person_no"
        }
        false => "",
    };
    format!(
        "with w as materialized (select t.tube, m.person_no from tubes t cross join members m
             where t.tube in ({{keys}}) and m.tube_no = t.no)
         select w.tube, o.person from w cross join orders o where o.person_no = w.person_no and o.state = 'active'
         union select w.tube, c.person from w cross join cases c where c.person_no = w.person_no and c.closed_on is null
         union select w.tube, x.person from w cross join transfers x where x.person_no = w.person_no
             and x.state in ('requested', 'booked', 'underway', 'admitted')
         union select w.tube, p.person from w cross join people p cross join households h cross join zones z
             where p.no = w.person_no and h.household = p.household and z.building = h.building
                 and z.released_on is null
                 and p.division in (select e.division from zones e where e.released_on is null)
         {withheld} {merged}"
    )
}
