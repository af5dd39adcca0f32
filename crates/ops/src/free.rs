//! Communities free of the epidemic: computed from the rule of the pack after each count of cases, won and lost by themselves, each change
//! an event with its reason. Nobody sets one, and nothing follows from it for anybody: it is shown.

use crate::{
    OpsError,
    minutes::{Day, Minutes},
};
use dayclear_core::{
    divisions::DivisionCode,
    obligations::{FreeState, free_state},
};
use dayclear_store::{
    Scoped,
    free::{FreeChange, FreeRow},
};
use serde_json::json;
use std::collections::BTreeMap;

/// Days for which a closed round tells of the people of a community.
const ROUNDS_D: i64 = 30;

/// Looks at every community; how many changed. Where the rules know no such community, nothing is kept.
pub(crate) async fn look(tx: &mut Scoped, day: &Day<'_>) -> Result<usize, OpsError> {
    let Some(rule) = day.pack.free_rule() else { return Ok(0) };
    let today = day.zone.day(day.end);
    let before = tx.free_before().await?;
    let numbers = tx.free_numbers().await?;
    let known = tx.communities_known(day.zone.start_of(today.plus_days(-ROUNDS_D))).await?;
    let (mut rows, mut changes) = (Vec::with_capacity(known.len()), Vec::new());
    for (code, (known, round)) in known {
        let division: DivisionCode = code.parse().map_err(|error| OpsError::Inside(format!("{error}")))?;
        let state = free_state(&known, rule.value, today);
        let mut reason = rule.reason.clone().with("state", state).with("open_areas", known.areas);
        reason = reason.with("unsettled", known.unsettled).with("waiting_contacts", known.contacts);
        if let Some(last) = known.last_found {
            reason = reason.with("last_found", last);
        }
        if let (Some(round), Some((reached, people))) = (&round, known.round) {
            reason = reason.with("round", round).with("reached", reached).with("people", people);
        }
        let reason = serde_json::to_string(&[reason]).map_err(|error| OpsError::Inside(error.to_string()))?;
        let was = before.get(&code);
        let since = was.filter(|(was, _)| *was == state).map_or(today, |(_, since)| *since);
        let turned =
            was.map_or(state == FreeState::Free, |(was, _)| (*was == FreeState::Free) != (state == FreeState::Free));
        if turned {
            let no = numbers.get(&code).copied().unwrap_or(0) + 1;
            changes.push(FreeChange { division: division.clone(), no, state, reason: reason.clone() });
        }
        rows.push(FreeRow { division, state, since, known, round, reason });
    }
    let mut minutes = Minutes::of(day);
    let mut by_district: BTreeMap<DivisionCode, Vec<&FreeChange>> = BTreeMap::new();
    changes.iter().for_each(|change| by_district.entry(change.division.district()).or_default().push(change));
    for (district, changes) in by_district {
        let told: Vec<_> =
            changes.iter().map(|change| json!({"community": change.division, "state": change.state})).collect();
        minutes.event(day.end, "free.changed", district.to_string(), &district, &told, None)?;
    }
    minutes.hand_in(tx).await?;
    let (seq, _) = tx.chain_head().await?;
    let told = (rule.value.clean_days, rule.value.coverage);
    tx.keep_free(&rows, &changes, told, (today, day.end, seq)).await?;
    Ok(changes.len())
}
