//! Rounds of sampling: as planned, whom they are for, how they stand, and what was counted when they were closed.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    cases::Origin,
    divisions::DivisionCode,
    protocol::Ground,
    roster::KeyGroup,
    rounds::{AreaPlace, Cover, Plan, RoundScope, RoundState},
    time::Instant,
};
use std::collections::BTreeMap;

/// A round.
#[derive(Debug, Clone, PartialEq)]
pub struct Round {
    /// As planned; its hours are those in which tubes count.
    pub plan: Plan,
    /// Name.
    pub name: String,
    /// How it stands.
    pub state: RoundState,
    /// Divisions, areas, key groups and key places as they were written.
    pub written: [Option<String>; 4],
    /// Whether the rules were asked.
    pub judged: bool,
    /// When it was closed.
    pub closed_at: Option<Instant>,
    /// Ground on which it reaches beyond an area.
    pub ground: Option<Ground>,
    /// Price of taking a swab, in the money of the laboratories' prices.
    pub swab_price: Option<f64>,
}

const ROUND: &str =
    "select round, name, purpose, coalesce(started_at, \"from\"), coalesce(ended_at, \"to\"), pool_size, state,
    divisions, areas, key_groups, judged_at, closed_at, ground, swab_price, places from rounds";

fn round(row: &Record) -> Result<Round, StoreError> {
    let size: i64 = row.get(5)?;
    Ok(Round {
        plan: Plan {
            round: row.get(0)?,
            purpose: row.term(2)?,
            from: row.get(3)?,
            to: row.get(4)?,
            pool_size: u8::try_from(size).unwrap_or(u8::MAX),
            scope: RoundScope::default(),
        },
        name: row.get(1)?,
        state: row.term(6)?,
        written: [row.get(7)?, row.get(8)?, row.get(9)?, row.get(14)?],
        judged: row.get::<Option<Instant>>(10)?.is_some(),
        closed_at: row.get(11)?,
        ground: row.maybe_term(12)?,
        swab_price: row.get(13)?,
    })
}

impl Scoped {
    async fn scoped_rounds(&mut self, mut rounds: Vec<Round>) -> Result<Vec<Round>, StoreError> {
        let mut scopes: BTreeMap<String, RoundScope> = BTreeMap::new();
        {
            let keys: Vec<Value<'_>> = rounds.iter().map(|round| round.plan.round.as_str().into()).collect();
            let sql = "select round, kind, name, division, building, unit, household from round_scopes where round in ({keys})
                       order by round, kind, name";
            for row in self.rows_for_keys(sql, &keys).await? {
                let scope = scopes.entry(row.get(0)?).or_default();
                match row.get::<String>(1)?.as_str() {
                    "division" => scope.divisions.push(row.term(2)?),
                    "area" => {
                        let (division, household) = (row.term(3)?, row.get(6)?);
                        let place = AreaPlace { division, building: row.get(4)?, unit: row.get(5)?, household };
                        scope.areas.insert(row.get(2)?, place);
                    }
                    "place" => {
                        scope.places.insert(row.get(2)?, row.term(3)?);
                    }
                    _ => scope.groups.push(row.term(2)?),
                }
            }
        }
        for round in &mut rounds {
            round.plan.scope = scopes.remove(&round.plan.round).unwrap_or_default();
        }
        Ok(rounds)
    }

    /// Rounds by id, in order of id.
    pub async fn rounds_by_id(&mut self, ids: &[&str]) -> Result<Vec<Round>, StoreError> {
        let keys: Vec<Value<'_>> = ids.iter().map(|id| (*id).into()).collect();
        let rows = self.rows_for_keys(&format!("{ROUND} where round in ({{keys}}) order by round"), &keys).await?;
        let rounds = rows.iter().map(round).collect::<Result<_, _>>()?;
        self.scoped_rounds(rounds).await
    }

    /// Rounds in a state, in order of beginning.
    pub async fn rounds_in(&mut self, state: RoundState) -> Result<Vec<Round>, StoreError> {
        let sql = format!("{ROUND} where state = $1 order by \"from\", round");
        let rows = self.rows_text(sql.into(), &[state.name().into()]).await?;
        let rounds = rows.iter().map(round).collect::<Result<_, _>>()?;
        self.scoped_rounds(rounds).await
    }

    /// Rounds that begin between two instants and whom the rules allowed, in order of beginning.
    pub async fn rounds_between(&mut self, from: Instant, to: Instant) -> Result<Vec<Round>, StoreError> {
        let sql = format!(
            "{ROUND} where \"from\" >= $1 and \"from\" < $2 and judged_at is not null
             and state in ('planned', 'open', 'closed') order by \"from\", round"
        );
        let rows = self.rows_text(sql.into(), &[from.into(), to.into()]).await?;
        let rounds = rows.iter().map(round).collect::<Result<_, _>>()?;
        self.scoped_rounds(rounds).await
    }

    /// The rounds that were closed last, the latest first.
    pub async fn rounds_closed_last(&mut self, most: i64) -> Result<Vec<Round>, StoreError> {
        let sql = format!("{ROUND} where state = 'closed' order by closed_at desc, round limit $1");
        let rows = self.rows_text(sql.into(), &[most.into()]).await?;
        let rounds = rows.iter().map(round).collect::<Result<_, _>>()?;
        self.scoped_rounds(rounds).await
    }

    /// Rounds that were planned with an id that begins so.
    pub async fn rounds_named(&mut self, prefix: &str) -> Result<i64, StoreError> {
        let sql = "select count(*) from rounds where round >= $1 and round < $1 || '~'";
        self.row(sql, &[prefix.into()]).await?.map_or(Ok(0), |row| row.get(0))
    }

    /// When the next planned round begins.
    pub async fn next_round(&mut self) -> Result<Option<Instant>, StoreError> {
        let sql = "select min(\"from\") from rounds where state = 'planned' and judged_at is not null";
        self.row(sql, &[]).await?.map_or(Ok(None), |row| row.get(0))
    }

    /// Plans a round; `false`: there is one with this id.
    pub async fn plan_round(&mut self, new: &Round, by: &str) -> Result<bool, StoreError> {
        let sql = "insert into rounds (round, name, purpose, \"from\", \"to\", divisions, areas, key_groups, pool_size, digest, planned_by, ground,
                       swab_price, places)
                   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, $12, $13) on conflict do nothing";
        let [divisions, areas, groups, places] = &new.written;
        let values = [
            new.plan.round.as_str().into(),
            new.name.as_str().into(),
            new.plan.purpose.name().into(),
            new.plan.from.into(),
            new.plan.to.into(),
            divisions.as_deref().into(),
            areas.as_deref().into(),
            groups.as_deref().into(),
            i64::from(new.plan.pool_size).into(),
            by.into(),
            new.ground.map(Ground::name).into(),
            new.swab_price.into(),
            places.as_deref().into(),
        ];
        Ok(self.run(sql, &values).await? == 1)
    }

    /// Keeps whom a round is for, as it was judged.
    pub async fn judge_round(&mut self, id: &str, scope: &RoundScope, at: Instant) -> Result<(), StoreError> {
        let none = || Value::Text(None);
        let mut values: Vec<Value<'_>> = Vec::new();
        for code in &scope.divisions {
            values.extend([id.into(), "division".into(), code.as_str().into(), none(), none(), none(), none()]);
        }
        for (area, place) in &scope.areas {
            values.extend([id.into(), "area".into(), area.as_str().into(), place.division.as_str().into()]);
            values.extend([place.building.as_str().into(), place.unit.as_deref().into()]);
            values.push(place.household.as_deref().into());
        }
        for group in &scope.groups {
            values.extend([id.into(), "group".into(), group.name().into(), none(), none(), none(), none()]);
        }
        for (place, division) in &scope.places {
            values.extend([id.into(), "place".into(), place.as_str().into(), division.as_str().into()]);
            values.extend([none(), none(), none()]);
        }
        let columns = ["round", "kind", "name", "division", "building", "unit", "household"];
        self.append_new("round_scopes", &columns, &values).await?;
        self.run("update rounds set judged_at = $2 where round = $1", &[id.into(), at.into()]).await?;
        Ok(())
    }

    /// Lets a round go ahead that the rules refused: who, when, which clause it goes against, and why.
    pub async fn approve_round(
        &mut self,
        id: &str,
        by: &str,
        at: Instant,
        clause: &str,
        reason: &str,
    ) -> Result<(), StoreError> {
        let sql = "insert into round_approvals (round, \"by\", at, clause, reason) values ($1, $2, $3, $4, $5)";
        self.run(sql, &[id.into(), by.into(), at.into(), clause.into(), reason.into()]).await?;
        Ok(())
    }

    /// Who let a round go ahead that the rules refused.
    pub async fn round_approved(&mut self, id: &str) -> Result<Option<String>, StoreError> {
        let row = self.row("select \"by\" from round_approvals where round = $1", &[id.into()]).await?;
        row.map_or(Ok(None), |row| row.get(0))
    }

    /// The account that planned a round; none where it came by file.
    pub async fn round_planned_by(&mut self, id: &str) -> Result<Option<String>, StoreError> {
        let row = self.row("select planned_by from rounds where round = $1", &[id.into()]).await?;
        row.map_or(Ok(None), |row| row.get(0))
    }

    /// Moves a round on: its state, and why.
    pub async fn round_stands(&mut self, id: &str, state: RoundState, reason: Option<&str>) -> Result<(), StoreError> {
        let sql = "update rounds set state = $2, reason = coalesce($3, reason) where round = $1";
        self.run(sql, &[id.into(), state.name().into(), reason.into()]).await?;
        Ok(())
    }

    /// A round begins now, before its hour.
    pub async fn round_begins(&mut self, id: &str, at: Instant) -> Result<(), StoreError> {
        self.run("update rounds set started_at = $2 where round = $1", &[id.into(), at.into()]).await?;
        Ok(())
    }

    /// A round is closed: when, until when tubes counted, the last entry of the log that it knew, and its counts by community.
    pub async fn close_round(
        &mut self,
        id: &str,
        (closed, ended): (Instant, Instant),
        seq: i64,
        counts: &[(String, Cover, u64)],
    ) -> Result<(), StoreError> {
        let sql = "update rounds set state = 'closed', closed_at = $2, ended_at = $3, log_seq = $4 where round = $1";
        self.run(sql, &[id.into(), closed.into(), ended.into(), seq.into()]).await?;
        let values: Vec<Value<'_>> = counts
            .iter()
            .flat_map(|(code, cover, n)| [id.into(), code.as_str().into(), cover.name().into(), (*n).into()])
            .collect();
        self.append("round_counts", &["round", "division", "state", "people"], &values).await
    }

    /// Counts of a closed round, by division cut to so many characters, in order.
    pub async fn round_counts(&mut self, id: &str, within: &str) -> Result<Vec<(String, Cover, u64)>, StoreError> {
        let sql = "select division, state, people from round_counts
                   where round = $1 and division >= $2 and division < $2 || '~' order by division, state";
        let rows = self.rows(sql, &[id.into(), within.into()]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.term(1)?, row.get::<i64>(2)? as u64))).collect()
    }

    /// Areas by id: where they stand; those within this handle's scope.
    pub async fn area_places(&mut self, ids: &[&str]) -> Result<BTreeMap<String, AreaPlace>, StoreError> {
        let keys: Vec<Value<'_>> = ids.iter().map(|id| (*id).into()).collect();
        let sql = "select id, division, building, unit, household from zones where id in ({keys}) and {scope:division}";
        let rows = self.rows_for_keys(sql, &keys).await?;
        rows.iter()
            .map(|row| {
                let division: DivisionCode = row.term(1)?;
                let place = AreaPlace { division, building: row.get(2)?, unit: row.get(3)?, household: row.get(4)? };
                Ok((row.get(0)?, place))
            })
            .collect()
    }
}

impl Scoped {
    /// Of these risk areas those that were released, in order.
    pub async fn released_among(&mut self, ids: &[&str]) -> Result<Vec<String>, StoreError> {
        let keys: Vec<Value<'_>> = ids.iter().map(|id| (*id).into()).collect();
        let sql = "select id from zones where id in ({keys}) and released_on is not null";
        let mut found: Vec<String> =
            self.rows_for_keys(sql, &keys).await?.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
        found.sort();
        Ok(found)
    }

    /// Risk areas that stand in these divisions, in order of id, so many at most.
    pub async fn open_areas_in(&mut self, divisions: &[DivisionCode], most: usize) -> Result<Vec<String>, StoreError> {
        let rows = self.rows("select id, division from zones where released_on is null order by id", &[]).await?;
        let mut found = Vec::new();
        for row in &rows {
            let division: String = row.get(1)?;
            if found.len() < most && divisions.iter().any(|code| division.starts_with(code.as_str())) {
                found.push(row.get(0)?);
            }
        }
        Ok(found)
    }

    /// When somebody who stands as a case was last found in the community of these divisions.
    pub async fn last_found_in(&mut self, divisions: &[DivisionCode]) -> Result<Option<Instant>, StoreError> {
        let sql = format!(
            "select max(found_at) from cases where division >= $1 and division < $1 || '~' and aside is null
             and coalesce(outcome, '') <> 'withdrawn' and origin not in ('{}', '{}')",
            Origin::AlreadyIsolated,
            Origin::Entry
        );
        let mut last = None;
        for division in divisions {
            let rows = self.rows_text(sql.clone().into(), &[division.as_str().into()]).await?;
            let found: Option<Instant> = rows.first().map_or(Ok(None), |row| row.get(0))?;
            last = last.max(found);
        }
        Ok(last)
    }
}

/// Terms of a written list, separated by `;`.
pub fn written(text: Option<&str>) -> Vec<String> {
    let parts = text.unwrap_or_default().split([';', ',', ' ', '\n']).map(str::trim);
    let mut parts: Vec<String> = parts.filter(|part| !part.is_empty()).map(str::to_owned).collect();
    parts.sort();
    parts.dedup();
    parts
}

/// Key groups of a written list; a word that is none is left out.
pub fn written_groups(text: Option<&str>) -> Vec<KeyGroup> {
    written(text).iter().filter_map(|word| word.parse().ok()).collect()
}
