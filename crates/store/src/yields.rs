//! What the tests of rounds found, by the purpose of the tube: counted from tubes, their people and the cases that rest on them.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{rounds::Plan, screening::Purpose, time::Instant};
use std::collections::BTreeMap;

/// Tests of a round with one purpose.
#[derive(Debug, Clone, PartialEq)]
pub struct YieldRow {
    /// Round.
    pub round: String,
    /// Purpose of the tubes.
    pub purpose: Purpose,
    /// Tubes.
    pub tubes: i64,
    /// Swabs in them.
    pub tests: i64,
    /// People who became a case after a tube of this purpose that was not negative.
    pub positives: i64,
    /// Of them found in the community: not bound by any order when sampled.
    pub community: i64,
    /// Price of the tests; none where the price of a laboratory is unknown.
    pub cost: Option<f64>,
}

/// Tubes of one purpose, swabs in them, and what their tests cost where every price is known.
pub type Taken = (Purpose, i64, i64, Option<f64>);

/// Somebody who became a case after a tube that was not negative.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundBy {
    /// Number of the person.
    pub person: i64,
    /// Purpose of the tube.
    pub purpose: Purpose,
    /// When it was closed.
    pub collected_at: Instant,
    /// Whether the case was found in the community.
    pub community: bool,
}

/// The tubes of a place, and who of their people counts, as conditions on `t`, `m` and what is joined.
struct Place {
    joins: String,
    test: String,
    values: Vec<String>,
}

fn places(plan: &Plan) -> Vec<Place> {
    let scope = &plan.scope;
    if !scope.places.is_empty() {
        // those whom it is for by name, as the people they are by now
        let named = " join people p on p.no = m.person_no join (select distinct coalesce(a.merged_into, a.no) as no from round_people k
                join people a on a.no = k.person_no where k.round = $3) n on n.no = coalesce(p.merged_into, p.no)";
        return vec![Place { joins: named.to_owned(), test: "1 = 1".to_owned(), values: vec![plan.round.clone()] }];
    }
    let groups: Vec<String> = scope.groups.iter().map(|group| format!("'{}'", group.name())).collect();
    let grouped = match groups.is_empty() {
        true => String::new(),
        false => format!(" and p.key_group in ({})", groups.join(",")),
    };
    let person = " join people p on p.no = m.person_no";
    // a division within another one of the round is counted with that
    let outer =
        |code: &str| !scope.divisions.iter().any(|other| other.as_str() != code && code.starts_with(other.as_str()));
    let mut all: Vec<Place> = scope
        .divisions
        .iter()
        .filter(|code| outer(code.as_str()))
        .map(|code| Place {
            joins: if grouped.is_empty() { String::new() } else { person.to_owned() },
            test: format!("t.division >= $3 and t.division < $3 || '~'{grouped}"),
            values: vec![code.to_string()],
        })
        .collect();
    let apart = scope.areas.values().filter(|place| !scope.divisions.iter().any(|code| code.contains(&place.division)));
    all.extend(apart.map(|place| Place {
        joins: format!("{person} join households h on h.household = p.household"),
        test: format!("h.building = $3 and ($4 = '' or h.unit = $4){grouped}"),
        values: vec![place.building.clone(), place.unit.clone().unwrap_or_default()],
    }));
    all
}

fn given<'v>(from: Instant, to: Instant, place: &'v Place) -> Vec<Value<'v>> {
    let mut values: Vec<Value<'v>> = vec![from.into(), to.into()];
    values.extend(place.values.iter().map(|value| Value::from(value.as_str())));
    values
}

impl Scoped {
    /// Tubes that were closed within the hours of a round among its people, by purpose. Samples of people who are recalled belong to the
    /// tube for which they were, and are left out.
    pub async fn taken_in(&mut self, plan: &Plan) -> Result<Vec<Taken>, StoreError> {
        let mut sums: BTreeMap<Purpose, (i64, i64, Option<f64>)> = BTreeMap::new();
        for place in places(plan) {
            let Place { joins, test, .. } = &place;
            // one line for each tube first: its swabs are counted, its test is paid once
            let sql = format!(
                "select q.purpose, count(*), cast(sum(q.swabs) as bigint), sum(l.price), count(l.price) from
                    (select t.no, t.purpose, t.laboratory, count(*) as swabs from tubes t join members m on m.tube_no = t.no{joins}
                     where t.collected_at >= $1 and t.collected_at < $2 and t.purpose <> 'recall' and {test}
                     group by t.no, t.purpose, t.laboratory) q
                 left join laboratories l on l.laboratory = q.laboratory group by q.purpose"
            );
            for row in self.rows_once(sql.into(), &given(plan.from, plan.to, &place)).await? {
                let (tubes, swabs): (i64, i64) = (row.get(1)?, row.get(2)?);
                let cost = row.get::<Option<f64>>(3)?.filter(|_| row.get::<i64>(4).ok() == Some(tubes));
                let sum = sums.entry(row.term(0)?).or_insert((0, 0, Some(0.0)));
                *sum = (sum.0 + tubes, sum.1 + swabs, sum.2.zip(cost).map(|(a, b)| a + b));
            }
        }
        Ok(sums.into_iter().map(|(purpose, (tubes, tests, cost))| (purpose, tubes, tests, cost)).collect())
    }

    /// What taking a swab of a purpose costs, where a round does not say it itself: as the last round of this purpose said that began by a
    /// moment.
    pub async fn swab_price(&mut self, purpose: Purpose, by: Instant) -> Result<Option<f64>, StoreError> {
        let sql = "select swab_price from rounds where purpose = $1 and \"from\" <= $2 and swab_price is not null
                and state not in ('refused', 'cancelled') order by \"from\" desc, round desc limit 1";
        self.row(sql, &[purpose.name().into(), by.into()]).await?.map_or(Ok(None), |row| row.get(0))
    }

    /// People who became a case after one of these tubes, which was not negative: on that tube, or on a sample taken up to so many
    /// hours later. In order of the closing of tubes.
    pub async fn found_by_tests(&mut self, plan: &Plan, later_h: i64) -> Result<Vec<FoundBy>, StoreError> {
        let mut found = Vec::new();
        for place in places(plan) {
            let Place { joins, test, .. } = &place;
            let sql = format!(
                "select m.person_no, t.purpose, t.collected_at, k.sampled_at, k.origin
                 from tubes t join settled s on s.tube_no = t.no and s.finding in ('positive', 'inconclusive') and s.version <> 'P'
                    join members m on m.tube_no = t.no join cases k on k.person_no = m.person_no and k.sampled_at >= t.collected_at{joins}
                 where t.collected_at >= $1 and t.collected_at < $2 and t.purpose <> 'recall' and {test}
                 order by t.collected_at, t.no, m.person_no"
            );
            for row in self.rows_once(sql.into(), &given(plan.from, plan.to, &place)).await? {
                let (collected_at, sampled_at): (Instant, Instant) = (row.get(2)?, row.get(3)?);
                if sampled_at > collected_at.plus_hours(later_h) {
                    continue;
                }
                let origin: String = row.get(4)?;
                found.push(FoundBy {
                    person: row.get(0)?,
                    purpose: row.term(1)?,
                    collected_at,
                    community: origin != dayclear_core::cases::Origin::AlreadyIsolated.name(),
                });
            }
        }
        Ok(found)
    }

    /// Rounds whose yield is to be counted: those that run, and those that were closed since a moment, where it was counted
    /// before another one or never.
    pub async fn rounds_to_count(
        &mut self,
        closed_since: Instant,
        counted_before: Instant,
    ) -> Result<Vec<String>, StoreError> {
        let sql = "select r.round from rounds r where (r.state = 'open' or (r.state = 'closed' and r.closed_at >= $1))
                and not exists (select 1 from yields y where y.round = r.round and y.counted_at > $2)
            order by r.\"from\", r.round";
        self.rows(sql, &[closed_since.into(), counted_before.into()]).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Keeps the yield of a round in place of what was counted before.
    pub async fn keep_yield(&mut self, round: &str, rows: &[YieldRow], at: Instant) -> Result<(), StoreError> {
        self.run("delete from yields where round = $1", &[round.into()]).await?;
        let columns = ["round", "purpose", "tubes", "tests", "positives", "community", "cost", "counted_at"];
        let mut values: Vec<Value<'_>> = Vec::with_capacity(rows.len() * columns.len());
        for row in rows {
            values.extend([round.into(), row.purpose.name().into(), row.tubes.into(), row.tests.into()]);
            values.extend([row.positives.into(), row.community.into(), row.cost.into(), at.into()]);
        }
        self.append("yields", &columns, &values).await
    }

    /// What rounds found, in order of their beginning, of those that began between two instants.
    pub async fn yields_between(&mut self, from: Instant, to: Instant) -> Result<Vec<YieldRow>, StoreError> {
        let sql = "select y.round, y.purpose, y.tubes, y.tests, y.positives, y.community, y.cost
            from yields y join rounds r on r.round = y.round where r.\"from\" >= $1 and r.\"from\" < $2
            order by r.\"from\", y.round, y.purpose";
        let rows = self.rows(sql, &[from.into(), to.into()]).await?;
        let read = |row: &Record| {
            Ok(YieldRow {
                round: row.get(0)?,
                purpose: row.term(1)?,
                tubes: row.get(2)?,
                tests: row.get(3)?,
                positives: row.get(4)?,
                community: row.get(5)?,
                cost: row.get(6)?,
            })
        };
        rows.iter().map(read).collect()
    }
}
