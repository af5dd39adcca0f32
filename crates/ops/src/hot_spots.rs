//! Hot spots: communities in which more people asked for the same thing in the last day than chance explains. It may use the store; it
//! guarantees that what is usual is read from the days before in the same place, and that it tells of places and themes and of nobody.

use crate::OpsError;
use dayclear_core::{
    divisions::DivisionCode,
    time::Instant,
    welfare::{HOT_BEFORE_D, HOT_HOURS, RequestKind, hot},
};
use dayclear_store::Scoped;
use std::collections::BTreeMap;

/// A community and a theme.
#[derive(Clone, Debug, PartialEq)]
pub struct HotSpot {
    /// Community.
    pub division: DivisionCode,
    /// What was asked for.
    pub kind: RequestKind,
    /// Requests within the last day, those of one household as one.
    pub asked: i64,
    /// Of them, not answered yet.
    pub open: i64,
    /// Requests expected in a day.
    pub expected: f64,
    /// How likely chance alone brings at least so many.
    pub chance: f64,
}

/// Hot spots of the scope at a moment, the least likely first.
pub async fn hot_spots(tx: &mut Scoped, now: Instant) -> Result<Vec<HotSpot>, OpsError> {
    let day = now.plus_hours(-HOT_HOURS);
    let first = day.plus_hours(-24 * HOT_BEFORE_D);
    let asked = tx.requests_by_place(first, day, now).await?;
    let communities = tx.community_count().await?.max(1);
    let mut everywhere: BTreeMap<RequestKind, i64> = BTreeMap::new();
    for (_, kind, there, _) in &asked {
        *everywhere.entry(*kind).or_default() += there.now + there.before;
    }
    let days = (communities * (HOT_BEFORE_D + 1)) as f64;
    let mut spots: Vec<HotSpot> = asked
        .into_iter()
        .filter_map(|(division, kind, there, open)| {
            let usual = everywhere.get(&kind).copied().unwrap_or_default() as f64 / days;
            let (expected, chance) = hot(there, usual)?;
            Some(HotSpot { division, kind, asked: there.now, open, expected, chance })
        })
        .collect();
    spots.sort_by(|a, b| a.chance.total_cmp(&b.chance).then_with(|| a.division.cmp(&b.division)));
    Ok(spots)
}
