//! Places that are told to the public: asked for of a case that a laboratory stands for, listed by a second person, and told of no more
//! when everybody is known, when the case was none, or when their days are over.

use super::{
    DeskError, Refusal, Report, Sitting, Verdict,
    searches::{cases, lacks},
    stands,
};
use crate::minutes::{Close, Minutes, by_division};
use dayclear_core::{
    books::Worklist,
    exposures::{self, Site, SiteState, Unlisted},
    listing::{Cell, EXPOSURE_SITES},
    searches::Unbacked,
};
use dayclear_store::{cases::Case, exposures::ExposureSite};
use serde_json::json;
use std::collections::BTreeMap;

pub(super) async fn ask(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let found = cases(at, keys).await?;
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match found.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(case) => match lacks(at, case).await? {
                Some(lacks) => no_case(lacks),
                None => asked(at, &mut minutes, case).await?,
            },
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

fn no_case(lacks: Unbacked) -> Verdict {
    let is = format!("a case for which no laboratory stands ({lacks})");
    stands(is, "have the person sampled and tested by a laboratory")
}

fn refused(why: Unlisted) -> Verdict {
    let remedy = match why {
        Unlisted::AllKnown => "tell those who were there by themselves; a list is for people whom nobody knows",
        Unlisted::NoTime => "give an end after the beginning",
        Unlisted::TooLong => "give the time of the visit, of 12 hours at most",
        Unlisted::NotYet => "ask once the visit is over",
        Unlisted::Over => "nobody is told of a place after 14 days",
        Unlisted::OfSomebody => "name the place alone: no name, no number, no home, nothing of anybody",
    };
    stands(format!("not to be told of ({why})"), remedy)
}

async fn asked(at: &mut Sitting<'_, '_>, minutes: &mut Minutes<'_>, case: &Case) -> Result<Verdict, DeskError> {
    let moment = |field: &str| match at.input.get(field) {
        Some(Cell::Moment(moment)) => Ok(*moment),
        _ => Err(DeskError::from(Refusal::Unknown)),
    };
    let unknown = match at.input.get("unknown") {
        Some(Cell::Whole(unknown)) => *unknown,
        _ => return Err(Refusal::Unknown.into()),
    };
    let (place, from, until) = (at.text("place").trim().to_owned(), moment("from")?, moment("until")?);
    let (now, zone) = (at.doing.now, at.room.day.zone);
    let never = at.tx.words_of_person(&case.person).await?;
    let never: Vec<&str> = never.iter().map(String::as_str).collect();
    if let Some(why) = exposures::unlisted(&Site { place: &place, from, until, unknown }, now, zone, &never) {
        return Ok(refused(why));
    }
    let before = at.tx.sites_of_case(&case.id).await?;
    if before.iter().any(|site| site.place == place && site.from == from && site.until == until) {
        return Ok(Verdict::Same);
    }
    let today = zone.day(now);
    let number = at.tx.sites_asked_since(zone.start_of(today)).await? + 1;
    let (year, month, day) = today.parts();
    let site = ExposureSite {
        // by the day on which it was asked: it leads to nobody
        id: format!("S{year:04}{month:02}{day:02}-{number}"),
        case_id: case.id.clone(),
        division: case.division.clone(),
        gone_on: exposures::gone_on(until, zone),
        place,
        from,
        until,
        unknown,
        asked: (at.account().to_owned(), now),
        state: SiteState::Asked,
    };
    at.tx.ask_site(&site).await?;
    // neither the place nor the case stands in what is kept for good beside the other
    let body = json!({"from": site.from, "until": site.until, "unknown": unknown});
    minutes.event(now, "exposure.asked", &site.id, &site.division, &body, None)?;
    let what = format!("{} is asked to be told to the public: a second person decides", site.id);
    minutes.waits(Worklist::Review, subject(&site.id), &site.division, by_division(&site.division), now, what);
    Ok(Verdict::Done)
}

/// Subject of the item by which a second person is asked.
pub(crate) fn subject(site: &str) -> String {
    format!("exposure/{site}")
}

/// Lists a place, refuses it, or takes it from the list.
pub(super) async fn decide(at: &mut Sitting<'_, '_>, keys: &[&str], to: SiteState) -> Result<Report, DeskError> {
    let rows = at.tx.records(&EXPOSURE_SITES, keys).await?;
    let ids: Vec<&str> = keys.iter().copied().filter(|key| rows.contains_key(*key)).collect();
    at.for_the_city();
    let found: BTreeMap<String, ExposureSite> =
        at.tx.sites_by_id(&ids).await?.into_iter().map(|site| (site.id.clone(), site)).collect();
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match found.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(site) if site.state == to => Verdict::Same,
            Some(site) => match (to, site.state) {
                (SiteState::Listed | SiteState::Refused, SiteState::Asked) if site.asked.0 == at.account() => {
                    stands("asked for by yourself", "another person decides")
                }
                (SiteState::Listed | SiteState::Refused, SiteState::Asked)
                | (SiteState::Withdrawn, SiteState::Asked | SiteState::Listed) => match unfit(at, site, to).await? {
                    Some(against) => against,
                    None => {
                        decided(at, &mut minutes, site, to).await?;
                        Verdict::Done
                    }
                },
                (_, state) => stands(state.to_string(), "ask anew"),
            },
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

/// Why a place is not listed now that was asked for before: no laboratory stands for the case any more, or its days are over.
async fn unfit(at: &mut Sitting<'_, '_>, site: &ExposureSite, to: SiteState) -> Result<Option<Verdict>, DeskError> {
    if to != SiteState::Listed {
        return Ok(None);
    }
    if site.gone_on <= at.room.day.zone.day(at.doing.now) {
        return Ok(Some(refused(Unlisted::Over)));
    }
    let found = at.tx.cases_by_id(&[&site.case_id]).await?;
    let Some(case) = found.first() else { return Ok(Some(Verdict::Refused(Refusal::Unknown))) };
    Ok(lacks(at, case).await?.map(no_case))
}

async fn decided(
    at: &mut Sitting<'_, '_>,
    minutes: &mut Minutes<'_>,
    site: &ExposureSite,
    to: SiteState,
) -> Result<(), DeskError> {
    let (now, reason) = (at.doing.now, at.text("reason").to_owned());
    at.tx.decide_site(&site.id, to, (at.account(), now), &reason).await?;
    let kind = match to {
        SiteState::Listed => "exposure.listed",
        SiteState::Refused => "exposure.refused",
        _ => "exposure.withdrawn",
    };
    let body = json!({"from": site.from, "until": site.until, "reason": reason});
    minutes.event(now, kind, &site.id, &site.division, &body, None)?;
    for item in at.tx.open_of(Worklist::Review, &[&subject(&site.id)]).await? {
        minutes.known(item).done(now, format!("{to} by {}", at.account()));
    }
    Ok(())
}

/// Takes the places of a case from the list that never was one.
pub(super) async fn of_no_case(
    at: &mut Sitting<'_, '_>,
    minutes: &mut Minutes<'_>,
    case: &str,
) -> Result<(), DeskError> {
    let stood = at.tx.sites_of_case(case).await?;
    for site in stood.iter().filter(|site| matches!(site.state, SiteState::Asked | SiteState::Listed)) {
        decided(at, minutes, site, SiteState::Withdrawn).await?;
    }
    Ok(())
}
