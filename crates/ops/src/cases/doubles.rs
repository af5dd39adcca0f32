//! Two open cases of one person who is known under two ids: one stands and counts, the other is set aside for it and keeps
//! everything it came with. It follows from who is read as whom and from nothing else, so a split lets both stand again. What was
//! counted twice in a day that is closed is told to a person, who corrects the bulletin; nothing published is changed.

use crate::{
    OpsError,
    minutes::{Close, Minutes, by_division},
    same::Same,
};
use dayclear_core::books::Worklist;
use dayclear_store::{Scoped, cases::Case};
use serde_json::json;
use std::collections::BTreeMap;

/// Says of each open case whether it stands: of those of one person the one that was counted first, else the one found first.
pub(super) async fn settle(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    cases: &mut [Case],
    same: &Same,
) -> Result<(), OpsError> {
    end_with(tx, minutes, cases, same).await?;
    let mut of: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for (at, case) in cases.iter().enumerate().filter(|(_, case)| case.closed_on.is_none()) {
        of.entry(same.who(case.person_no)).or_default().push(at);
    }
    for mut group in of.into_values() {
        if group.len() == 1 && cases[group[0]].aside.is_none() {
            continue;
        }
        group.sort_by_key(|at| {
            let case = &cases[*at];
            (case.counted_on.is_none(), case.counted_on, case.found_at, case.id.clone())
        });
        let stands = cases[group[0]].id.clone();
        for (n, at) in group.into_iter().enumerate() {
            let aside = (n > 0).then(|| stands.clone());
            if cases[at].aside != aside {
                set(tx, minutes, &mut cases[at], aside).await?;
            }
        }
    }
    Ok(())
}

/// A case that was set aside is over when the one that stands for it is.
async fn end_with(tx: &mut Scoped, minutes: &mut Minutes<'_>, cases: &mut [Case], same: &Same) -> Result<(), OpsError> {
    for at in 0..cases.len() {
        let case = &cases[at];
        let Some(stands) = case.aside.as_ref().filter(|_| case.closed_on.is_none()) else { continue };
        let over = cases.iter().find(|other| {
            other.id == *stands && other.closed_on.is_some() && same.who(other.person_no) == same.who(case.person_no)
        });
        let Some((closed_on, outcome)) = over.map(|other| (other.closed_on, other.outcome.clone())) else { continue };
        let case = &mut cases[at];
        (case.closed_on, case.outcome) = (closed_on, outcome);
        tx.update_case(case).await?;
        let body = json!({"classification": case.classification, "severity": case.severity, "onset": case.onset,
            "outcome": case.outcome, "stands": case.aside});
        minutes.event(minutes.day.end, "case.classified", &case.id, &case.division, &body, None)?;
    }
    Ok(())
}

/// Subject of the item about somebody who was counted twice.
fn twice(case: &Case) -> String {
    format!("counted/{}", case.id)
}

async fn set(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    case: &mut Case,
    aside: Option<String>,
) -> Result<(), OpsError> {
    let day = minutes.day;
    case.aside = aside;
    tx.set_case_aside(&case.id, case.aside.as_deref()).await?;
    let body = json!({"person": case.person, "stands": case.aside, "counted_on": case.counted_on});
    let Some(stands) = &case.aside else {
        for item in tx.open_of(Worklist::Review, &[&twice(case)]).await? {
            minutes.known(item).cancelled(day.end, "they are two people");
        }
        return minutes.event(day.end, "case.split", &case.id, &case.division, &body, Some("case-report"));
    };
    // what is counted today and not printed yet is counted once
    let today = |on: dayclear_core::time::CivilDate| on == day.date;
    if case.converted_on.is_some_and(today) || case.counted_on.is_some_and(today) {
        case.converted_on = case.converted_on.filter(|on| !today(*on));
        case.counted_on = case.counted_on.filter(|on| !today(*on));
        tx.update_case(case).await?;
    }
    if let Some(on) = case.counted_on {
        let reason = format!(
            "one person was counted twice: as {stands}, and on {on} as {}; correct the bulletin of {on}",
            case.id
        );
        let city = tx.scope().division().clone();
        minutes.waits(Worklist::Review, twice(case), &case.division, by_division(&city), day.end, reason);
    }
    minutes.event(day.end, "case.merged", &case.id, &case.division, &body, Some("case-report"))
}
