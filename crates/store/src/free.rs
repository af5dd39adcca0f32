//! Communities free of the epidemic: what is known of each, how each stands, and every change, for ever.

use crate::{Scoped, StoreError, value::Value};
use dayclear_core::{
    divisions::DivisionCode,
    obligations::{FreeState, Known},
    time::{CivilDate, Instant},
};
use std::collections::BTreeMap;

/// How a community stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreeRow {
    /// Community.
    pub division: DivisionCode,
    /// Free, or what is in the way.
    pub state: FreeState,
    /// Day since which it stands so.
    pub since: CivilDate,
    /// What is known of it.
    pub known: Known,
    /// Its last closed round.
    pub round: Option<String>,
    /// Clause and inputs, as JSON.
    pub reason: String,
}

/// A community that became free, or was no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreeChange {
    /// Community.
    pub division: DivisionCode,
    /// Number of the change, from 1.
    pub no: i64,
    /// Free, or what is in the way.
    pub state: FreeState,
    /// Clause and inputs, as JSON.
    pub reason: String,
}

impl Scoped {
    /// What is known of every community of the roster, with the last round that was closed since a moment: as cases were
    /// counted last (`found_days`).
    pub async fn communities_known(
        &mut self,
        since: Instant,
    ) -> Result<BTreeMap<String, (Known, Option<String>)>, StoreError> {
        let mut all: BTreeMap<String, (Known, Option<String>)> = BTreeMap::new();
        for row in self.rows("select code from divisions where level = 'community' order by code", &[]).await? {
            all.insert(row.get(0)?, (Known::default(), None));
        }
        let sql =
            "select division, max(day) from found_days where held = 0 and n > 0 group by division order by division";
        for row in self.rows(sql, &[]).await? {
            if let Some((known, _)) = all.get_mut(&row.get::<String>(0)?) {
                known.last_found = row.get(1)?;
            }
        }
        for (community, (unsettled, areas)) in self.unsettled_by_community().await? {
            if let Some((known, _)) = all.get_mut(&community) {
                (known.unsettled, known.areas) = (unsettled, areas);
            }
        }
        let sql = "select substr(division, 1, 12), count(*) from items where worklist = 'place' and closed_at is null and subject not like 'H-%'
            group by 1 order by 1";
        for row in self.rows(sql, &[]).await? {
            if let Some((known, _)) = all.get_mut(&row.get::<String>(0)?) {
                known.contacts = row.get(1)?;
            }
        }
        // a round of key groups or key places alone tells nothing of a community; of two that were closed the later one does
        let sql = "select n.division, r.round,
                cast(sum(case when n.state in ('resulted', 'waiting') then n.people else 0 end) as bigint),
                cast(sum(n.people) as bigint)
            from rounds r join round_counts n on n.round = r.round
            where r.state = 'closed' and r.closed_at >= $1 and coalesce(r.key_groups, '') = '' and coalesce(r.places, '') = ''
            group by n.division, r.round, r.closed_at order by r.closed_at, r.round";
        for row in self.rows(sql, &[since.into()]).await? {
            if let Some((known, round)) = all.get_mut(&row.get::<String>(0)?) {
                known.round = Some((row.get(2)?, row.get(3)?));
                *round = Some(row.get(1)?);
            }
        }
        Ok(all)
    }

    /// How communities stood when they were looked at last: the state, and since when.
    pub async fn free_before(&mut self) -> Result<BTreeMap<String, (FreeState, CivilDate)>, StoreError> {
        let rows = self.rows("select division, state, since from free_communities order by division", &[]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, (row.term(1)?, row.get(2)?)))).collect()
    }

    /// Communities free of the epidemic by district, within the scope; none of them is a nought.
    pub async fn free_by_district(&mut self) -> Result<Vec<(String, i64)>, StoreError> {
        let (low, high) = self.scope.range();
        let sql =
            "select substr(division, 1, 6), cast(sum(case when free then 1 else 0 end) as bigint) from free_communities
            where division >= $1 and division < $2 group by 1 order by 1";
        self.rows(sql, &[low.into(), high.into()]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Numbers of the last change of each community that had one.
    pub async fn free_numbers(&mut self) -> Result<BTreeMap<String, i64>, StoreError> {
        let rows =
            self.rows("select division, max(no) from free_changes group by division order by division", &[]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Keeps how communities stand, in place of what was kept; and what changed, for ever. `seq` is the last event that was known.
    pub async fn keep_free(
        &mut self,
        rows: &[FreeRow],
        changes: &[FreeChange],
        (clean_days, coverage): (i64, i64),
        (day, at, seq): (CivilDate, Instant, i64),
    ) -> Result<(), StoreError> {
        self.run("delete from free_communities", &[]).await?;
        let columns = [
            "division",
            "free",
            "state",
            "since",
            "last_community_on",
            "recalls",
            "areas",
            "waiting_contacts",
            "round",
            "reached",
            "people",
            "clean_days",
            "coverage",
            "day",
            "seq",
            "reason",
        ];
        let mut values: Vec<Value<'_>> = Vec::with_capacity(rows.len() * columns.len());
        for row in rows {
            values.extend([
                (&row.division).into(),
                (row.state == FreeState::Free).into(),
                row.state.name().into(),
                row.since.into(),
                row.known.last_found.into(),
                row.known.unsettled.into(),
                row.known.areas.into(),
                row.known.contacts.into(),
                row.round.as_deref().into(),
                row.known.round.map(|(reached, _)| reached).into(),
                row.known.round.map(|(_, people)| people).into(),
                clean_days.into(),
                coverage.into(),
                day.into(),
                seq.into(),
                (&row.reason).into(),
            ]);
        }
        self.append("free_communities", &columns, &values).await?;
        let columns = ["id", "division", "no", "day", "at", "free", "state", "reason"];
        let mut values: Vec<Value<'_>> = Vec::with_capacity(changes.len() * columns.len());
        for change in changes {
            values.extend([
                format!("{}-{}", change.division, change.no).into(),
                (&change.division).into(),
                change.no.into(),
                day.into(),
                at.into(),
                (change.state == FreeState::Free).into(),
                change.state.name().into(),
                (&change.reason).into(),
            ]);
        }
        self.append("free_changes", &columns, &values).await
    }
}
