//! Tubes, their members and results.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    divisions::DivisionCode,
    roster::KeyGroup,
    screening::{Finding, Purpose},
    time::Instant,
};
use std::collections::{BTreeSet, HashSet};

/// A tube with its settled result and its members.
#[derive(Debug, Clone)]
pub struct TubeResult {
    /// Dense number.
    pub no: i64,
    /// Bar code.
    pub tube: String,
    /// Where it was filled.
    pub division: DivisionCode,
    /// Why.
    pub purpose: Purpose,
    /// Swabs it is meant for.
    pub size: i64,
    /// When it was closed.
    pub collected_at: Instant,
    /// Finding that counts.
    pub finding: Finding,
    /// Lower Ct of the two genes.
    pub ct: Option<f64>,
    /// Ct of gene N and of gene ORF1ab.
    pub genes: (Option<f64>, Option<f64>),
    /// When the laboratory released it.
    pub reported_at: Instant,
    /// Since when it is withheld.
    pub held_at: Option<Instant>,
    /// Numbers of the people in it.
    pub members: Vec<i64>,
}

/// A tube on its way through the books.
#[derive(Debug, Clone)]
pub struct TubeStep {
    /// Bar code.
    pub tube: String,
    /// Where it was filled.
    pub division: DivisionCode,
    /// Why it was taken.
    pub purpose: Purpose,
    /// Swabs it is meant for.
    pub size: i64,
    /// Sampling site.
    pub site: Option<String>,
    /// Laboratory.
    pub laboratory: Option<String>,
    /// When it was closed.
    pub collected_at: Instant,
    /// When it left the site.
    pub sent_at: Option<Instant>,
    /// When the laboratory counted it in.
    pub received_at: Option<Instant>,
    /// When a result that counts was released.
    pub resulted_at: Option<Instant>,
}

/// What the day's testing adds up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TestingFigures {
    /// Tubes collected.
    pub tubes: i64,
    /// People sampled (a person in two tubes counts once).
    pub sampled: i64,
    /// Tubes with a result that counts, released in the period.
    pub resulted: i64,
    /// Of those, positive.
    pub positive: i64,
    /// Median minutes from collection to result.
    pub turnaround_min: Option<i64>,
    /// Results corrected, withdrawn or deleted.
    pub corrections: i64,
}

fn tube_result(row: &Record) -> Result<TubeResult, StoreError> {
    let (n, orf): (Option<f64>, Option<f64>) = (row.get(7)?, row.get(8)?);
    Ok(TubeResult {
        no: row.get(0)?,
        tube: row.get(1)?,
        division: row.term(2)?,
        purpose: row.term(3)?,
        size: row.get(4)?,
        collected_at: row.get(5)?,
        finding: row.term(6)?,
        ct: match (n, orf) {
            (Some(n), Some(orf)) => Some(n.min(orf)),
            (one, other) => one.or(other),
        },
        genes: (n, orf),
        reported_at: row.get(9)?,
        held_at: row.get(11)?,
        members: Vec::new(),
    })
}

const COUNTED: &str = "select t.no, t.tube, t.division, t.purpose, t.size, t.collected_at, s.finding, s.ct_n, s.ct_orf,
        s.reported_at, m.person_no, s.held_at
    from settled s join tubes t on t.no = s.tube_no left join members m on m.tube_no = t.no
    where s.finding is not null and s.version <> 'P' and s.reported_at <= $1 and s.reported_at >= $2";

/// Tube, division, when it was collected, size and members.
pub type Overfull = (String, DivisionCode, Instant, i64, i64);

const COUNTED_OF: &str =
    "select t.no, t.tube, t.division, t.purpose, t.size, t.collected_at, s.finding, s.ct_n, s.ct_orf,
        s.reported_at, m.person_no, s.held_at
    from tubes t join settled s on s.tube_no = t.no left join members m on m.tube_no = t.no";
const COUNTS: &str = "and s.finding is not null and s.version <> 'P'";

/// In order of release, as one question would have given them.
fn in_order(mut tubes: Vec<TubeResult>) -> Vec<TubeResult> {
    tubes.sort_by_key(|tube| (tube.reported_at, tube.no));
    tubes
}

fn grouped(rows: &[Record]) -> Result<Vec<TubeResult>, StoreError> {
    let mut tubes: Vec<TubeResult> = Vec::new();
    for row in rows {
        let no: i64 = row.get(0)?;
        if tubes.last().is_none_or(|last| last.no != no) {
            tubes.push(tube_result(row)?);
        }
        if let (Some(tube), Some(person)) = (tubes.last_mut(), row.get::<Option<i64>>(10)?) {
            tube.members.push(person);
        }
    }
    Ok(tubes)
}

impl Scoped {
    /// Tubes whose result that counts is not negative, released at or after `since`, with members, in order of release.
    pub async fn abnormal_tubes(&mut self, now: Instant, since: Instant) -> Result<Vec<TubeResult>, StoreError> {
        let sql = format!("{COUNTED} and s.finding <> 'negative' order by s.reported_at, t.no, m.person_no");
        grouped(&self.rows_text(sql.into(), &[now.into(), since.into()]).await?)
    }

    /// Single tubes with a result that counts, released at or after `since`, in order of release.
    pub async fn single_results(&mut self, now: Instant, since: Instant) -> Result<Vec<TubeResult>, StoreError> {
        let sql = format!("{COUNTED} and t.size = 1 order by s.reported_at, t.no, m.person_no");
        grouped(&self.rows_text(sql.into(), &[now.into(), since.into()]).await?)
    }

    /// Of these tubes, those whose result says something of somebody by itself: of one person alone, or not negative; with members.
    pub async fn telling_tubes(&mut self, now: Instant, tubes: &[i64]) -> Result<Vec<TubeResult>, StoreError> {
        let keys: Vec<Value<'_>> = tubes.iter().map(|no| (*no).into()).collect();
        let sql = format!(
            "{COUNTED_OF} where t.no in ({{keys}}) {COUNTS} and (t.size = 1 or s.finding <> 'negative')
             order by s.reported_at, t.no, m.person_no"
        );
        let found = grouped(&self.rows_for_keys(&sql, &keys).await?)?;
        Ok(in_order(found.into_iter().filter(|tube| tube.reported_at <= now).collect()))
    }

    /// Tubes with a result that counts, of those named, with members.
    pub async fn results_of_tubes(&mut self, now: Instant, tubes: &[i64]) -> Result<Vec<TubeResult>, StoreError> {
        let keys: Vec<Value<'_>> = tubes.iter().map(|no| (*no).into()).collect();
        let sql = format!("{COUNTED_OF} where t.no in ({{keys}}) {COUNTS} order by s.reported_at, t.no, m.person_no");
        let found = grouped(&self.rows_for_keys(&sql, &keys).await?)?;
        Ok(in_order(found.into_iter().filter(|tube| tube.reported_at <= now).collect()))
    }

    /// Tubes with a result that counts in which any of these people has a swab, with all their members.
    pub async fn results_of_people(&mut self, now: Instant, people: &[i64]) -> Result<Vec<TubeResult>, StoreError> {
        let tubes: BTreeSet<i64> = self.tubes_of_people(people).await?.into_iter().collect();
        self.results_of_tubes(now, &tubes.into_iter().collect::<Vec<_>>()).await
    }

    /// Numbers of tubes with a result that counts and is not negative in which any of these people has a swab.
    pub async fn abnormal_of_people(&mut self, people: &[i64]) -> Result<Vec<i64>, StoreError> {
        let keys: Vec<Value<'_>> = people.iter().map(|no| (*no).into()).collect();
        let sql = "select m.tube_no from members m join settled s on s.tube_no = m.tube_no
                   where m.person_no in ({keys}) and s.finding <> 'negative' and s.version <> 'P'";
        let rows = self.rows_for_keys(sql, &keys).await?;
        rows.iter().map(|row| row.get(0)).collect()
    }

    async fn tubes_of_people(&mut self, people: &[i64]) -> Result<Vec<i64>, StoreError> {
        let keys: Vec<Value<'_>> = people.iter().map(|no| (*no).into()).collect();
        let rows = self.rows_for_keys("select tube_no from members where person_no in ({keys})", &keys).await?;
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Numbers of the people in these tubes, in order.
    pub async fn members_of(&mut self, tubes: &[i64]) -> Result<Vec<i64>, StoreError> {
        let keys: Vec<Value<'_>> = tubes.iter().map(|no| (*no).into()).collect();
        let rows = self.rows_for_keys("select person_no from members where tube_no in ({keys})", &keys).await?;
        let people: Result<BTreeSet<i64>, StoreError> = rows.iter().map(|row| row.get(0)).collect();
        Ok(people?.into_iter().collect())
    }

    /// Tubes collected up to `now` whose way through the books has not ended, in order of bar code; of `tubes` only, where
    /// some are named. A tube that nobody waits for any more is not among them: it has to be waited for anew before it can arrive.
    pub async fn tubes_underway(&mut self, now: Instant, tubes: Option<&[i64]>) -> Result<Vec<TubeStep>, StoreError> {
        let sql = "select t.tube, t.division, t.site, coalesce(c.laboratory, t.laboratory), t.collected_at,
                coalesce(t.sent_at, c.sent_at), coalesce(c.received_at, t.received_at),
                case when s.finding is not null and s.version <> 'P' then s.reported_at end, t.purpose, t.size
            from tubes t left join settled s on s.tube_no = t.no left join custody c on c.tube_no = t.no
            left join items i on i.worklist = 'test' and i.subject = t.tube
            left join items d on d.worklist = 'deliver' and d.subject = t.tube";
        let open = "i.closed_at is null and (i.subject is not null or d.outcome is null or d.outcome <> 'cancelled')";
        let rows = match tubes {
            None => {
                let sql = format!("{sql} where t.collected_at <= $1 and {open} order by t.tube");
                self.rows_text(sql.into(), &[now.into()]).await?
            }
            Some(tubes) => {
                let keys: Vec<Value<'_>> = tubes.iter().map(|no| (*no).into()).collect();
                let sql = format!("{sql} where t.no in ({{keys}}) and {open} order by t.tube");
                self.rows_for_keys(&sql, &keys).await?
            }
        };
        let by_now = |at: Option<Instant>| at.filter(|at| *at <= now);
        let steps: Result<Vec<TubeStep>, StoreError> = rows
            .iter()
            .map(|row| {
                Ok(TubeStep {
                    tube: row.get(0)?,
                    division: row.term(1)?,
                    purpose: row.term(8)?,
                    size: row.get(9)?,
                    site: row.get(2)?,
                    laboratory: row.get(3)?,
                    collected_at: row.get(4)?,
                    sent_at: by_now(row.get(5)?),
                    received_at: by_now(row.get(6)?),
                    resulted_at: by_now(row.get(7)?),
                })
            })
            .collect();
        Ok(steps?.into_iter().filter(|step| step.collected_at <= now).collect())
    }

    /// Tubes collected between two instants that hold more swabs than they are meant for: tube, division, when collected,
    /// size and members; of `tubes` only, where some are named.
    pub async fn overfull_tubes(
        &mut self,
        from: Instant,
        until: Instant,
        tubes: Option<&[i64]>,
    ) -> Result<Vec<Overfull>, StoreError> {
        let sql = "select t.tube, t.division, t.collected_at, t.size, count(*) from tubes t join members m on m.tube_no = t.no";
        let rows = match tubes {
            None => {
                let sql = format!(
                    "{sql} where t.collected_at >= $1 and t.collected_at < $2
                     group by t.no, t.tube, t.division, t.collected_at, t.size having count(*) > t.size order by t.tube"
                );
                self.rows_text(sql.into(), &[from.into(), until.into()]).await?
            }
            Some(tubes) => {
                let keys: Vec<Value<'_>> = tubes.iter().map(|no| (*no).into()).collect();
                let sql = format!(
                    "{sql} where t.no in ({{keys}})
                     group by t.no, t.tube, t.division, t.collected_at, t.size having count(*) > t.size order by t.tube"
                );
                self.rows_for_keys(&sql, &keys).await?
            }
        };
        let found: Result<Vec<Overfull>, StoreError> =
            rows.iter().map(|row| Ok((row.get(0)?, row.term(1)?, row.get(2)?, row.get(3)?, row.get(4)?))).collect();
        Ok(found?.into_iter().filter(|(_, _, at, ..)| *at >= from && *at < until).collect())
    }

    /// Key groups: group, people on the roster, and those of them sampled between two instants; in order of group.
    pub async fn key_groups(&mut self, from: Instant, until: Instant) -> Result<Vec<(KeyGroup, i64, i64)>, StoreError> {
        let sql = "select p.key_group, count(*), count(x.person_no) from people p
            left join (select distinct m.person_no from members m join tubes t on t.no = m.tube_no
                       where t.collected_at >= $1 and t.collected_at < $2) x on x.person_no = p.no
            where p.key_group is not null group by p.key_group order by p.key_group";
        let rows = self.rows(sql, &[from.into(), until.into()]).await?;
        rows.iter().map(|row| Ok((row.term(0)?, row.get(1)?, row.get(2)?))).collect()
    }

    /// Which of the people with a test due gave a swab between two instants, once their order was in force; of some people
    /// only, by number, where they are named.
    pub async fn tested_of_due(
        &mut self,
        from: Instant,
        until: Instant,
        people: Option<&[i64]>,
    ) -> Result<HashSet<String>, StoreError> {
        // a swab under another id of the person is theirs: each way from the one to the other has an index of its own
        const UNDER: [(&str, &str); 3] =
            [("", "p.no"), ("join people a on a.merged_into = p.no", "a.no"), ("", "p.merged_into")];
        let mut tested = HashSet::new();
        for (alias, under) in UNDER {
            let sql = format!(
                "select p.person, t.collected_at from people p join tests_due d on d.person = p.person
                    join orders o on o.id = d.order_id {alias} join members m on m.person_no = {under}
                    join tubes t on t.no = m.tube_no
                 where t.collected_at >= o.starts_at
                   and not exists (select 1 from custody l where l.tube_no = t.no and l.state in ('missing', 'broken'))"
            );
            let rows = match people {
                None => {
                    let sql = format!("{sql} and t.collected_at >= $1 and t.collected_at < $2");
                    self.rows_text(sql.into(), &[from.into(), until.into()]).await?
                }
                Some(people) => {
                    let keys: Vec<Value<'_>> = people.iter().map(|no| (*no).into()).collect();
                    self.rows_for_keys(&format!("{sql} and p.no in ({{keys}})"), &keys).await?
                }
            };
            for row in &rows {
                if (from..until).contains(&row.get::<Instant>(1)?) {
                    tested.insert(row.get(0)?);
                }
            }
        }
        Ok(tested)
    }

    /// For a building or one unit of it: people on the roster, and those of them in a tube collected between two instants
    /// that is negative.
    pub async fn unit_tested(
        &mut self,
        building: &str,
        unit: Option<&str>,
        household: Option<&str>,
        (from, until): (Instant, Instant),
    ) -> Result<(i64, i64), StoreError> {
        // from the people to their tubes: a building has hundreds of people, a day of a city millions of swabs
        let negative = |person: &str| {
            format!(
                "exists (select 1 from members m join tubes t on t.no = m.tube_no
                    join settled s on s.tube_no = t.no where m.person_no = {person} and t.collected_at >= $2
                      and t.collected_at < $3 and s.finding = 'negative' and s.version <> 'P')"
            )
        };
        // whoever is known under two ids is one person, tested under either
        let sql = format!(
            "select count(*), coalesce(sum(case when {} or exists (select 1 from people a where a.merged_into = p.no and {})
                then 1 else 0 end), 0)
            from households h join people p on p.household = h.household and p.merged_into is null
            where h.building = $1 and ($4 = '' or h.unit = $4) and ($5 = '' or h.household = $5)",
            negative("p.no"),
            negative("a.no")
        );
        let (unit, household) = (unit.unwrap_or_default(), household.unwrap_or_default());
        let values = [building.into(), from.into(), until.into(), unit.into(), household.into()];
        match self.rows_text(sql.into(), &values).await?.first() {
            Some(row) => Ok((row.get(0)?, row.get(1)?)),
            None => Ok((0, 0)),
        }
    }

    /// Figures of the testing between two instants.
    pub async fn testing_figures(&mut self, from: Instant, until: Instant) -> Result<TestingFigures, StoreError> {
        let period = [from.into(), until.into()];
        let mut figures = TestingFigures::default();
        let sql = "select count(*) from tubes where collected_at >= $1 and collected_at < $2";
        if let Some(row) = self.row(sql, &period).await? {
            figures.tubes = row.get(0)?;
        }
        let sql = "select count(distinct m.person_no) from members m join tubes t on t.no = m.tube_no
                   where t.collected_at >= $1 and t.collected_at < $2";
        if let Some(row) = self.row(sql, &period).await? {
            figures.sampled = row.get(0)?;
        }
        if self.any_merged().await? {
            // one person who gave swabs under two ids is one
            let sql = "select count(*) - count(distinct stands) from
                (select distinct p.no, coalesce(p.merged_into, p.no) as stands
                 from people p join members m on m.person_no = p.no join tubes t on t.no = m.tube_no
                 where t.collected_at >= $1 and t.collected_at < $2 and p.no in
                    (select no from people where merged_into is not null
                     union select merged_into from people where merged_into is not null)) twice";
            if let Some(row) = self.row(sql, &period).await? {
                figures.sampled -= row.get::<i64>(0)?;
            }
        }
        let sql = "select count(*), cast(coalesce(sum(case when finding = 'positive' then 1 else 0 end), 0) as bigint),
                cast(coalesce(sum(case when version in ('C', 'W', 'D') then 1 else 0 end), 0) as bigint)
            from settled where reported_at >= $1 and reported_at < $2 and version <> 'P'";
        if let Some(row) = self.row(sql, &period).await? {
            (figures.resulted, figures.positive, figures.corrections) = (row.get(0)?, row.get(1)?, row.get(2)?);
        }
        let sql = "select t.collected_at, s.reported_at from settled s join tubes t on t.no = s.tube_no
                   where s.reported_at >= $1 and s.reported_at < $2 and s.version <> 'P' and s.finding is not null";
        let mut minutes = Vec::with_capacity(figures.resulted.max(0) as usize);
        for row in self.rows(sql, &period).await? {
            minutes.push(row.get::<Instant>(1)?.minutes_since(row.get(0)?));
        }
        if !minutes.is_empty() {
            let middle = minutes.len() / 2;
            figures.turnaround_min = Some(*minutes.select_nth_unstable(middle).1);
        }
        Ok(figures)
    }
}
