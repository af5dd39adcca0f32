//! Figures of the stations' pages: by district for the map, by step for the laboratories, by day and place for the rest.
//! Counts and places only, within the scope of the handle; nothing here names a person.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    access::Role,
    books::Worklist,
    screening::Purpose,
    time::{CivilDate, Instant},
    tracing::ContactClass,
};

/// One worklist of one district on a day.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// District or reporting unit.
    pub division: String,
    /// Worklist.
    pub worklist: Worklist,
    /// Items that came in on the day.
    pub received: i64,
    /// Items that are open.
    pub open: i64,
}

/// Tubes of a laboratory that were collected since a moment, by how far they are.
#[derive(Debug, Clone, PartialEq)]
pub struct Steps {
    /// Laboratory; `None`: nobody has said where they go.
    pub laboratory: Option<String>,
    /// Collected.
    pub collected: i64,
    /// Sent.
    pub sent: i64,
    /// Counted in.
    pub received: i64,
    /// With a result that counts.
    pub resulted: i64,
}

/// Tubes of one purpose in one district.
#[derive(Debug, Clone, PartialEq)]
pub struct Round {
    /// Purpose.
    pub purpose: Purpose,
    /// District.
    pub division: String,
    /// Tubes.
    pub tubes: i64,
    /// Swabs in them.
    pub swabs: i64,
    /// Tubes with a result that counts.
    pub resulted: i64,
    /// Positive tubes.
    pub positive: i64,
}

/// An exposure that somebody declared between two people who are both cases.
#[derive(Debug, Clone, PartialEq)]
pub struct Exposure {
    /// Case that named the other as a contact.
    pub case: String,
    /// The other case.
    pub other: String,
    /// Class.
    pub class: ContactClass,
    /// First and last day.
    pub days: (CivilDate, CivilDate),
    /// Where.
    pub setting: Option<String>,
}

/// A tube's way: collected, counted in, reported.
pub type Way = (Instant, Option<Instant>, Instant);

/// A sampling site today: site, division, tubes, and where the middle of the community's buildings is.
pub type Site = (String, String, i64, Option<(f64, f64)>);

impl Scoped {
    /// How the worklists stand in each district of the scope on a day, from the sums that are kept as items move.
    pub async fn standing_by_district(&mut self, day: CivilDate) -> Result<Vec<Standing>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select x.division, x.worklist, cast(sum(x.received) as bigint), cast(sum(x.n) as bigint) from (
                select division, worklist, case when movement = 'received' then n else 0 end as received,
                    case when movement = 'received' then n else -n end as n
                from movements where day = $1
                union all
                select division, worklist, 0, closing from ledger
                where day = (select max(day) from ledger where day < $1)) x
            where x.division >= $2 and x.division < $3 group by x.division, x.worklist order by x.division, x.worklist";
        let rows = self.rows(sql, &[day.into(), low.into(), high.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(Standing { division: row.get(0)?, worklist: row.term(1)?, received: row.get(2)?, open: row.get(3)? })
            })
            .collect()
    }

    /// Items past their deadline in each district of the scope.
    pub async fn overdue_by_district(&mut self, now: Instant) -> Result<Vec<(String, i64)>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select substr(division, 1, 6), count(*) from items
            where closed_at is null and due_at <= $1 and division >= $2 and division < $3
            group by substr(division, 1, 6) order by 1";
        let rows = self.rows(sql, &[now.into(), low.into(), high.into()]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// The last day on which anything moved, up to a day.
    pub async fn last_moved(&mut self, until: CivilDate) -> Result<Option<CivilDate>, StoreError> {
        match self.row("select max(day) from movements where day <= $1", &[until.into()]).await? {
            Some(row) => row.get(0),
            None => Ok(None),
        }
    }

    /// Deadlines of open items by subject, of worklists of transfers.
    pub async fn transfers_due(&mut self, subjects: &[&str]) -> Result<Vec<(String, Instant)>, StoreError> {
        let keys: Vec<Value<'_>> = subjects.iter().map(|subject| (*subject).into()).collect();
        // a test and no range for the place, so that it is the key by which items are found
        let sql = "select subject, due_at from items where worklist in ('move', 'place') and subject in ({keys})
            and closed_at is null and due_at is not null and {scope:division || ''} order by subject";
        let rows = self.rows_for_keys(sql, &keys).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// People admitted at a facility by the last day of the order that holds them there.
    pub async fn leaving_by_day(&mut self, facility: &str) -> Result<Vec<(CivilDate, i64)>, StoreError> {
        let sql = "select o.until_day, count(*) from transfers x join orders o on o.person = x.person
            where x.facility = $1 and x.state = 'admitted' and o.state = 'active'
                and o.kind in ('hospital', 'central_isolation')
            group by o.until_day order by o.until_day";
        let rows = self.rows(sql, &[facility.into()]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// What a laboratory on duty may see beyond the division, as a condition on `t` with its value.
    fn own_tubes(&self, next: usize) -> (String, Option<Value<'static>>) {
        match &self.scope.duty {
            Some(duty) if duty.role == Role::Laboratory => {
                (format!(" and t.laboratory = ${next}"), Some(duty.site.clone().unwrap_or_default().into()))
            }
            _ => (String::new(), None),
        }
    }

    async fn tubes_since(
        &mut self,
        what: &str,
        rest: &str,
        since: Instant,
        more: Option<Value<'static>>,
    ) -> Result<Vec<Record>, StoreError> {
        let (low, high) = self.scope.range();
        let (own, site) = self.own_tubes(4);
        let at = if site.is_some() { 5 } else { 4 };
        let sql = format!(
            "select {what} from tubes t left join settled s on s.tube_no = t.no
             where t.collected_at >= $1 and t.division >= $2 and t.division < $3{own}{}",
            rest.replace("{more}", &format!("${at}"))
        );
        let mut values: Vec<Value<'static>> = vec![since.into(), low.into(), high.into()];
        values.extend(site);
        values.extend(more);
        self.rows_text(sql.into(), &values).await
    }

    /// Tubes collected since a moment, by laboratory and by how far they are.
    pub async fn tube_steps(&mut self, since: Instant) -> Result<Vec<Steps>, StoreError> {
        let what = "t.laboratory, count(*), count(t.sent_at), count(t.received_at),
            cast(sum(case when s.finding is not null and s.version <> 'P' then 1 else 0 end) as bigint)";
        let rows = self.tubes_since(what, " group by t.laboratory order by t.laboratory", since, None).await?;
        rows.iter()
            .map(|row| {
                Ok(Steps {
                    laboratory: row.get(0)?,
                    collected: row.get(1)?,
                    sent: row.get(2)?,
                    received: row.get(3)?,
                    resulted: row.get(4)?,
                })
            })
            .collect()
    }

    /// The ways of the tubes of a laboratory with a result, of those collected since a moment; at most so many.
    pub async fn ways(&mut self, laboratory: &str, since: Instant, limit: i64) -> Result<Vec<Way>, StoreError> {
        let rest = format!(
            " and t.laboratory = {{more}} and s.finding is not null and s.version <> 'P' order by s.reported_at desc limit {limit}"
        );
        let what = "t.collected_at, t.received_at, s.reported_at";
        let rows = self.tubes_since(what, &rest, since, Some(laboratory.to_owned().into())).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
    }

    /// Rounds since a moment: tubes by purpose and district.
    pub async fn rounds(&mut self, since: Instant) -> Result<Vec<Round>, StoreError> {
        let what = "t.purpose, substr(t.division, 1, 6), count(*),
            cast(sum((select count(*) from members m where m.tube_no = t.no)) as bigint),
            cast(sum(case when s.finding is not null and s.version <> 'P' then 1 else 0 end) as bigint),
            cast(sum(case when s.finding = 'positive' and s.version <> 'P' then 1 else 0 end) as bigint)";
        let rest = " group by t.purpose, substr(t.division, 1, 6) order by 1, 2";
        let rows = self.tubes_since(what, rest, since, None).await?;
        rows.iter()
            .map(|row| {
                Ok(Round {
                    purpose: row.term(0)?,
                    division: row.get(1)?,
                    tubes: row.get(2)?,
                    swabs: row.get(3)?,
                    resulted: row.get(4)?,
                    positive: row.get(5)?,
                })
            })
            .collect()
    }

    /// Sites of a division that collected tubes since a moment, the busiest first, with the middle of the buildings of
    /// their community: nobody has said where a site stands.
    pub async fn sites(&mut self, division: &str, since: Instant, limit: i64) -> Result<Vec<Site>, StoreError> {
        let rest = format!(
            " and t.site is not null and substr(t.division, 1, {}) = {{more}} group by t.site, t.division
             order by 3 desc, 1 limit {limit}",
            division.len()
        );
        let rows =
            self.tubes_since("t.site, t.division, count(*)", &rest, since, Some(division.to_owned().into())).await?;
        let mut sites: Vec<Site> = Vec::with_capacity(rows.len());
        for row in &rows {
            sites.push((row.get(0)?, row.get(1)?, row.get(2)?, None));
        }
        let codes: std::collections::BTreeSet<String> = sites.iter().map(|(_, code, ..)| code.clone()).collect();
        let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        let middles = self.middles(&codes).await?;
        for site in &mut sites {
            site.3 = middles.get(&site.1).copied();
        }
        Ok(sites)
    }

    /// Exposures that these cases declared of people who are cases too.
    pub async fn exposures_of(&mut self, cases: &[&str]) -> Result<Vec<Exposure>, StoreError> {
        let keys: Vec<Value<'_>> = cases.iter().map(|id| (*id).into()).collect();
        let sql = "select a.id, b.id, d.class, d.first_exposure, d.last_exposure, d.setting from cases a
            join contacts_declared d on d.case_person = a.person join cases b on b.person = d.person
            where a.id in ({keys}) and {scope:a.division} order by a.id, b.id, d.last_exposure";
        let rows = self.rows_for_keys(sql, &keys).await?;
        rows.iter()
            .map(|row| {
                Ok(Exposure {
                    case: row.get(0)?,
                    other: row.get(1)?,
                    class: row.term(2)?,
                    days: (row.get(3)?, row.get(4)?),
                    setting: row.get(5)?,
                })
            })
            .collect()
    }

    /// Households of cases, where the roster knows them: which cases live together, and nothing more.
    pub async fn households_of_cases(&mut self, cases: &[&str]) -> Result<Vec<(String, String)>, StoreError> {
        let keys: Vec<Value<'_>> = cases.iter().map(|id| (*id).into()).collect();
        let sql = "select c.id, p.household from cases c join people p on p.no = c.person_no
            where c.id in ({keys}) and p.household is not null and {scope:c.division} order by c.id";
        let rows = self.rows_for_keys(sql, &keys).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }
}
