//! The daily record: of whoever lies in a facility since before the day began, somebody records once a day how they are (a row of
//! `assessments`). Until of nobody there it is missing the facility owes it, as an item with the end of the day as its deadline. It
//! guarantees that what is owed is counted from the rows, that it ends by them alone, and that nothing follows for the person.

use crate::{
    OpsError,
    minutes::{BY_RULE, Focus, Minutes, by_division, by_site},
    obligations::{self, Given},
};
use dayclear_core::{
    obligations::{ObligationKind, ObligationState, ObligationStep},
    reason::{Mark, Reason},
    transfer::FacilityKind,
};
use dayclear_store::{Scoped, daily::InCare, obligations::Obligation, transfer::Facility};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

/// Looks at the facilities in which people of a focus lie or lay, or at all of them when a day begins.
pub(crate) async fn run(tx: &mut Scoped, minutes: &mut Minutes<'_>, focus: Option<&Focus>) -> Result<(), OpsError> {
    let day = minutes.day;
    let names = match focus {
        Some(focus) if !focus.day => tx.facilities_of(&focus.people).await?,
        _ => tx.facilities_with_people().await?,
    };
    if names.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (from, until) = (day.zone.start_of(day.date), day.zone.start_of(day.date.plus_days(1)));
    let in_care: HashMap<String, InCare> =
        tx.daily_owed(&names, (from, until)).await?.into_iter().map(|one| (one.facility.clone(), one)).collect();
    let facilities: BTreeMap<String, Facility> =
        tx.facilities().await?.into_iter().map(|one| (one.facility.clone(), one)).collect();
    let mut open: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for one in tx.obligations_open(ObligationKind::DailyRecord, &names).await? {
        open.entry(one.subject.clone().unwrap_or_default()).or_default().push(one);
    }
    for name in names {
        let Some(facility) = facilities.get(name) else { continue };
        let (people, missing) = in_care.get(name).map_or((0, 0), |one| (one.people, one.missing));
        let mut owed = false;
        for one in open.remove(name).unwrap_or_default() {
            if one.day != day.date {
                let why = "the day is over; what was not recorded on it is missing for ever";
                obligations::drop_obligation(tx, minutes, one, why, (BY_RULE, day.end)).await?;
            } else if missing == 0 {
                let words = format!("of everybody who lies there it is recorded how they are: {people}");
                // the site showed it by its records, and the rule ends it
                let at = day.end.max(one.opened_at);
                let one = Obligation {
                    state: ObligationState::Done,
                    evidence: Some((words.clone(), (name.to_owned(), at))),
                    ended: Some((BY_RULE.to_owned(), at)),
                    ..one
                };
                obligations::ended(tx, minutes, one, ObligationStep::Ended, &words).await?;
            } else {
                owed = true;
            }
        }
        if missing > 0 && !owed {
            let reason = Reason::new(day.pack.label(), "stay.daily_record", Mark::ToConfirm)
                .with("people", people)
                .with("missing", missing);
            let given = Given {
                id: format!("daily-{name}-{}", day.date),
                kind: ObligationKind::DailyRecord,
                division: facility.division.clone(),
                // nobody outside the city works here: whoever sent people there asks after them
                owner: match facility.kind {
                    FacilityKind::OutsideCity => by_division(&facility.division),
                    _ => by_site(name),
                },
                subject: Some(name.to_owned()),
                size: Some(missing),
                what: Some(facility.name.clone()),
                proof: None,
                due_at: Some(until.max(day.end)),
                by: BY_RULE.to_owned(),
                reason: json!([reason]),
            };
            obligations::give(tx, minutes, given, day.end).await?;
        }
    }
    Ok(())
}
