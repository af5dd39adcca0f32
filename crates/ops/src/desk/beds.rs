//! Beds: blocked, or free again once they are clean. A bed that is held or occupied is nobody's to set.

use super::{DeskError, Refusal, Report, Sitting, Verdict, inside, invalid};
use crate::{beds, minutes::Close};
use dayclear_core::{
    books::Worklist,
    listing::{BEDS, Cell},
    transfer::BedState,
};
use serde_json::json;

pub(super) async fn set(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let now = at.doing.now;
    let wanted: BedState = at.text("state").parse().map_err(inside)?;
    let reason = at.text("reason").trim();
    if wanted == BedState::Blocked && reason.is_empty() {
        return Err(invalid("reason", "", "why the bed cannot be used", "say what is wrong with it"));
    }
    let rows = at.tx.records(&BEDS, keys).await?;
    at.for_the_city();
    let mut minutes = at.minutes();
    let (mut verdicts, mut cleaned) = (Vec::with_capacity(keys.len()), Vec::new());
    for key in keys {
        let row = rows.get(*key);
        let text = |field| row.and_then(|row| row.get(&BEDS, field).as_str());
        let state: Option<BedState> = text("state").and_then(|state| state.parse().ok());
        let division = text("division").and_then(|code| code.parse().ok());
        let verdict = match (state, division) {
            (Some(state), _) if state == wanted => Verdict::Same,
            (Some(BedState::Held | BedState::Occupied), _) => Verdict::Refused(Refusal::Taken {
                thing: (*key).to_owned(),
                holder: text("transfer").unwrap_or_default().to_owned(),
                since: match row.map(|row| row.get(&BEDS, "held_at")) {
                    Some(Cell::Moment(at)) => *at,
                    _ => now,
                },
            }),
            (Some(state), Some(division)) => {
                at.tx.set_bed(key, wanted).await?;
                let body = json!({"was": state, "is": wanted, "reason": reason});
                minutes.event(now, "bed.set", *key, &division, &body, None)?;
                if state == BedState::Cleaning {
                    cleaned.push(*key);
                }
                Verdict::Done
            }
            _ => Verdict::Refused(Refusal::Unknown),
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    let open = if cleaned.is_empty() { Vec::new() } else { at.tx.open_in(Worklist::Clean).await? };
    for item in open.into_iter().filter(|item| cleaned.contains(&beds::cleaned(&item.subject))) {
        let why = if wanted == BedState::Free { "clean" } else { "blocked instead" };
        minutes.known(item).done(now, why);
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}
