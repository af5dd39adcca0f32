//! What people say of regular treatments: arranged, had, not wanted, refused. Only that the person had it, or did not want it, ends one.

use super::{DeskError, Refusal, Report, Sitting, Verdict, stands};
use crate::{minutes::Close, treatments::item, urgent::incident};
use dayclear_core::{
    listing::{Cell, TREATMENTS},
    welfare::TreatState,
};
use dayclear_store::treatments::{Arranged, Treatment};
use serde_json::json;
use std::collections::BTreeMap;

pub(super) async fn say(at: &mut Sitting<'_, '_>, keys: &[&str], verb: &str) -> Result<Report, DeskError> {
    let facility = Some(at.text("facility").trim()).filter(|id| !id.is_empty());
    if let Some(named) = facility
        && at.tx.facilities_named(&[named]).await?.is_empty()
    {
        return Err(super::invalid("facility", named, "a hospital that is known", "choose a hospital of the list"));
    }
    let rows = at.tx.records(&TREATMENTS, keys).await?;
    let ids: Vec<&str> = keys.iter().copied().filter(|key| rows.contains_key(*key)).collect();
    let (account, now, within) = (at.account(), at.doing.now, at.doing.looker.duty.division.clone());
    at.for_the_city();
    let found: BTreeMap<String, Treatment> =
        at.tx.treatments_by_id(&ids).await?.into_iter().map(|t| (t.id.clone(), t)).collect();
    let planned_at = match at.input.get("planned_at") {
        Some(Cell::Moment(moment)) => Some(*moment),
        _ => None,
    };
    let (way, reason) = (at.text("way").trim(), at.text("reason").trim());
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match found.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(t) if !t.state.is_open() => stands(format!("{}", t.state), "what has ended stays ended"),
            Some(t) => {
                let mut then = t.clone();
                match verb {
                    "arrange" => {
                        then.state = TreatState::Arranged;
                        let facility = facility.map(str::to_owned);
                        let (by, way) = (account.to_owned(), way.to_owned());
                        then.arranged = Some(Arranged { facility, planned_at, way, by, at: now });
                        item(&mut minutes, &then);
                    }
                    "done" => {
                        (then.state, then.ended) = (TreatState::Done, Some((now, account.to_owned(), None)));
                        item(&mut minutes, t).done(now, "the person had it");
                    }
                    "decline" => {
                        (then.state, then.ended) =
                            (TreatState::Declined, Some((now, account.to_owned(), Some(reason.to_owned()))));
                        item(&mut minutes, t).cancelled(now, "the person did not want it");
                    }
                    _ => {
                        let clinician = at.text("clinician").trim();
                        let no = at.tx.refuse_treatment(&t.id, (account, now), facility, clinician, reason).await?;
                        incident(&mut minutes, &format!("{}/{no}", t.id), &t.division, &within, now);
                        // a place that refuses is none that was arranged
                        if t.arranged.as_ref().is_some_and(|a| facility.is_none() || a.facility.as_deref() == facility)
                        {
                            (then.state, then.arranged) = (TreatState::Due, None);
                            item(&mut minutes, &then);
                        }
                    }
                }
                at.tx.keep_treatment(&then).await?;
                let body = json!({"person": t.person, "need": t.need, "day": t.day, "facility": facility, "way": way,
                    "clinician": at.text("clinician"), "reason": reason});
                let (kind, tells) = match verb {
                    "arrange" => ("treatment.arranged", None),
                    "done" => ("treatment.done", None),
                    "decline" => ("treatment.declined", None),
                    _ => ("treatment.refused", Some("emergency")),
                };
                minutes.event(now, kind, *key, &t.division, &body, tells)?;
                Verdict::Done
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}
