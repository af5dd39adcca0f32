//! Boxes meant for another laboratory than was worked out, by somebody who says why. What is on its way is not turned by this, a
//! suspended laboratory is not chosen, and nobody chooses one beyond what it is validated for.

use super::{DeskError, Refusal, Report, Sitting, Verdict, invalid, stands};
use dayclear_core::custody::BoxState;
use dayclear_store::{allot::Allotment, plans::LaboratoryPlace};
use serde_json::json;
use std::collections::BTreeMap;

/// Hours within which a laboratory takes no more tubes than it is validated for.
const VALIDATED_H: i64 = 24;

/// Directs packed boxes to a laboratory, or leaves it to be worked out again.
pub(super) async fn direct(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let now = at.doing.now;
    let named = Some(at.text("laboratory").to_owned()).filter(|name| !name.is_empty());
    let found = at.tx.boxes_to_direct(keys).await?;
    at.for_the_city();
    let known: BTreeMap<String, LaboratoryPlace> =
        at.tx.laboratory_places(now).await?.into_iter().map(|one| (one.laboratory.clone(), one)).collect();
    let laboratory = named.as_ref().map(|name| (name, known.get(name)));
    if let Some((name, None)) = laboratory {
        return Err(invalid("laboratory", name.as_str(), "the id of a laboratory", "choose one of the list"));
    }
    let laboratory = laboratory.and_then(|(_, place)| place);
    if let Some(place) = laboratory.filter(|place| place.suspended) {
        let remedy = "choose another one, or leave it to be worked out".to_owned();
        return Err(Refusal::State { is: format!("{}: its results are withheld", place.laboratory), remedy }.into());
    }
    // what it may still take: without this number nobody knows, and a person decides
    let mut left = match laboratory {
        Some(place) => left(at, place, keys).await?,
        None => None,
    };
    let mut minutes = at.minutes();
    let (mut verdicts, mut rows) = (Vec::with_capacity(keys.len()), Vec::new());
    for key in keys {
        let verdict = match found.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(one) if one.state != BoxState::Packed => {
                stands(one.state.name(), "a box is directed before it leaves the site")
            }
            Some(one) if one.chosen_by.is_some() == named.is_some() && (named.is_none() || one.meant == named) => {
                Verdict::Same
            }
            Some(one) if left.is_some_and(|left| left < one.tubes) => {
                let tubes = left.unwrap_or_default().max(0);
                stands(
                    format!("more than {} is validated for: {tubes} tubes are left", at.text("laboratory")),
                    "choose another one, or leave it to be worked out",
                )
            }
            Some(one) => {
                left = left.map(|left| left - one.tubes);
                let body = json!({"laboratory": named, "before": one.meant, "reason": at.text("reason")});
                minutes.event(now, "box.directed", *key, &one.division, &body, None)?;
                rows.push(Allotment {
                    code: (*key).to_owned(),
                    division: one.division.clone(),
                    laboratory: named.clone().or(one.meant.clone()),
                    tubes: one.tubes,
                    // when it arrives there is worked out at the next look
                    arrives_at: None,
                    result_at: None,
                    chosen_by: named.as_ref().map(|_| at.account().to_owned()),
                });
                Verdict::Done
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    at.tx.keep_allotments(&rows, now).await?;
    if !rows.is_empty() {
        at.tx.forget_allotted().await?;
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

/// Tubes that a laboratory may still take: what it is validated for within a day, less what it took over, what is on its way to
/// it, and what somebody chose it for; these boxes apart.
async fn left(at: &mut Sitting<'_, '_>, place: &LaboratoryPlace, keys: &[&str]) -> Result<Option<i64>, DeskError> {
    let Some(validated) = place.tubes_a_day else { return Ok(None) };
    let name = place.laboratory.as_str();
    let taken = at.tx.taken_over_since(at.doing.now.plus_hours(-VALIDATED_H)).await?;
    let bound = at.tx.bound_for(name, keys).await?;
    Ok(Some(validated - taken.get(name).copied().unwrap_or_default() - bound))
}
