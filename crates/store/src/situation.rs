//! Where the outbreak stands: what was worked out from the cases of each day, and what is still unsettled. Counts only: nothing here tells
//! of a person. The cases of a day are counted in `days`, what there is to meet the days ahead in `means`.

mod days;
mod means;

pub use days::{Counted, FoundDay, FoundIn, Lag, ONSET_LAG_MAX, SAMPLE_LAG_MAX, Series, Since};
pub use means::{Beds, Means};

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    divisions::{DivisionCode, Level},
    situation::Clearing,
    time::{CivilDate, Instant},
    transfer::{FacilityKind, TransferState},
};
use std::collections::BTreeMap;

/// A situation as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct SituationRow {
    /// The city or a district.
    pub division: DivisionCode,
    /// Last whole day.
    pub day: CivilDate,
    /// When it was worked out.
    pub made_at: Instant,
    /// Digest of what the slow part of it rests on.
    pub basis: String,
    /// As JSON.
    pub body: String,
}

/// Where infections of a division are found.
#[derive(Debug, Clone, PartialEq)]
pub struct ClearingRow {
    /// Division.
    pub division: DivisionCode,
    /// Level of it.
    pub level: Level,
    /// Found in the last 7 days, and of them in the community; the same of 14 days.
    pub found: [i64; 2],
    /// See above.
    pub community: [i64; 2],
    /// The last day on which one was found, at all and in the community.
    pub last_found_on: Option<CivilDate>,
    /// See above.
    pub last_community_on: Option<CivilDate>,
    /// Days without one in the community after which it is clear; none where the rules name none.
    pub clear_days: Option<i64>,
    /// The first day on which it is clear if none comes; none where it never had one, or the rules name no number.
    pub clear_on: Option<CivilDate>,
    /// How it stands.
    pub state: Clearing,
    /// Members of positive tubes who are not resolved.
    pub recalls: i64,
    /// Areas under restriction.
    pub areas: i64,
    /// Last day that was counted.
    pub day: CivilDate,
}

/// A positive on the way to a bed, and there.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// District.
    pub district: String,
    /// When it was asked for.
    pub requested_at: Instant,
    /// Picked up.
    pub picked_up_at: Option<Instant>,
    /// Admitted.
    pub admitted_at: Option<Instant>,
    /// Ended.
    pub ended_at: Option<Instant>,
    /// State.
    pub state: TransferState,
    /// Kind of the place.
    pub kind: Option<FacilityKind>,
}

const COUNTS: &str = "aside is null and coalesce(outcome, '') <> 'withdrawn'";

impl Scoped {
    /// By community: members of positive tubes who are not resolved, and areas under restriction.
    pub async fn unsettled_by_community(&mut self) -> Result<BTreeMap<String, (i64, i64)>, StoreError> {
        let mut all: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        let sql = "select substr(division, 1, 12), count(*) from items
            where worklist = 'recall' and closed_at is null group by 1 order by 1";
        for row in self.rows(sql, &[]).await? {
            all.entry(row.get(0)?).or_default().0 += row.get::<i64>(1)?;
        }
        let sql = "select substr(division, 1, 12), count(*) from zones where released_on is null group by 1 order by 1";
        for row in self.rows(sql, &[]).await? {
            all.entry(row.get(0)?).or_default().1 += row.get::<i64>(1)?;
        }
        Ok(all)
    }

    /// When samples were taken on which cases rest that were found since a moment, by district.
    pub async fn sampled_and_found(&mut self, since: Instant) -> Result<Vec<(String, Instant, Instant)>, StoreError> {
        let sql = format!(
            "select substr(division, 1, 6), sampled_at, found_at from cases where found_at >= $1 and {COUNTS}
             order by found_at"
        );
        let rows = self.rows_text(sql.into(), &[since.into()]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
    }

    /// Transfers of positives that were asked for since a moment, the latest first, so many at most.
    pub async fn moved_since(&mut self, since: Instant, rows_max: i64) -> Result<Vec<Moved>, StoreError> {
        let sql = "select substr(t.division, 1, 6), t.requested_at, t.picked_up_at, t.admitted_at, t.ended_at, t.state, f.kind
            from transfers t left join facilities f on f.facility = t.facility
            where t.requested_at >= $1 and t.class = 'positive' order by t.requested_at desc, t.id desc limit $2";
        let read = |row: &Record| {
            Ok(Moved {
                district: row.get(0)?,
                requested_at: row.get(1)?,
                picked_up_at: row.get(2)?,
                admitted_at: row.get(3)?,
                ended_at: row.get(4)?,
                state: row.term(5)?,
                kind: row.maybe_term(6)?,
            })
        };
        self.rows(sql, &[since.into(), rows_max.into()]).await?.iter().map(read).collect()
    }

    /// The last day on which tubes were taken, by district.
    pub async fn sampled_on(&mut self) -> Result<BTreeMap<String, CivilDate>, StoreError> {
        let sql = "select division, max(day) from movements
            where worklist = 'deliver' and movement = 'received' and n > 0 group by division";
        self.rows(sql, &[]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Keeps situations in place of those before, and forgets those of divisions that are not among them.
    pub async fn keep_situations(&mut self, rows: &[SituationRow]) -> Result<(), StoreError> {
        self.run("delete from situations", &[]).await?;
        let mut values: Vec<Value<'_>> = Vec::with_capacity(rows.len() * 5);
        for row in rows {
            values.extend([
                (&row.division).into(),
                row.day.into(),
                row.made_at.into(),
                (&row.basis).into(),
                (&row.body).into(),
            ]);
        }
        self.append("situations", &["division", "day", "made_at", "basis", "body"], &values).await
    }

    /// Situations within the scope of this handle, in order of division.
    pub async fn situations(&mut self) -> Result<Vec<SituationRow>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select division, day, made_at, basis, body from situations where division >= $1 and division < $2 order by division";
        self.rows(sql, &[low.into(), high.into()]).await?.iter().map(situation).collect()
    }

    /// The situation of a division, if it lies in the scope of this handle.
    pub async fn situation(&mut self, division: &str) -> Result<Option<SituationRow>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select division, day, made_at, basis, body from situations where division = $1 and division >= $2 and division < $3";
        let row = self.row(sql, &[division.into(), low.into(), high.into()]).await?;
        row.as_ref().map(situation).transpose()
    }

    /// Keeps where infections are found, in place of what was kept before.
    pub async fn keep_clearings(&mut self, rows: &[ClearingRow]) -> Result<(), StoreError> {
        self.run("delete from clearings", &[]).await?;
        let columns = [
            "division",
            "level",
            "found_7",
            "community_7",
            "found_14",
            "community_14",
            "last_found_on",
            "last_community_on",
            "clear_days",
            "clear_on",
            "state",
            "recalls",
            "areas",
            "day",
        ];
        let mut values: Vec<Value<'_>> = Vec::with_capacity(rows.len() * columns.len());
        for row in rows {
            values.extend([
                (&row.division).into(),
                row.level.name().into(),
                row.found[0].into(),
                row.community[0].into(),
                row.found[1].into(),
                row.community[1].into(),
                row.last_found_on.into(),
                row.last_community_on.into(),
                row.clear_days.into(),
                row.clear_on.into(),
                row.state.name().into(),
                row.recalls.into(),
                row.areas.into(),
                row.day.into(),
            ]);
        }
        self.append("clearings", &columns, &values).await
    }
}

fn situation(row: &Record) -> Result<SituationRow, StoreError> {
    Ok(SituationRow {
        division: row.term(0)?,
        day: row.get(1)?,
        made_at: row.get(2)?,
        basis: row.get(3)?,
        body: row.get(4)?,
    })
}
