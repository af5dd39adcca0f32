//! What the days ahead take, and by when somebody must decide: the draws of the forecast go through each need, and are set against
//! what the store says there is on each day. Shares and stays are this city's own where enough of them were seen.

use super::{Curve, Given};
use crate::needs::{Have, Wanted};
use dayclear_core::{divisions::Level, phases, situation::Needed, time::CivilDate, transfer::FacilityKind};
use dayclear_engines::epi::{
    capacity::{Need, ahead, demand, stay_kernel},
    forecast::Forecast,
    survival::{by_day, kaplan_meier},
};

/// Cases and stays that ended without which the file's numbers stand.
const CASES_LEAST: u64 = 50;
const STAYS_LEAST: usize = 30;
/// Days of a stay that are told apart.
const STAY_MAX_DAYS: usize = 60;
/// Days of a forecast.
const DAYS_AHEAD: i64 = 14;
/// Days by which the share of cases that went to a kind of place is seen.
const SHARE_DAYS: usize = 14;

/// What there is of each need on each day ahead.
pub(super) fn had(given: &Given, curve: &Curve) -> Vec<Vec<Option<f64>>> {
    let days = || (1..=DAYS_AHEAD).map(|ahead| given.day.plus_days(ahead));
    let of = |wanted: &Wanted| days().map(|day| available(given, curve, &wanted.have, day)).collect();
    given.needs.list.iter().map(of).collect()
}

/// What the days ahead take; nothing where nothing can be forecast.
pub(super) fn needed(given: &Given, curve: &Curve, forecast: Option<&Forecast>) -> Vec<Needed> {
    let Some(forecast) = forecast else { return Vec::new() };
    let city = curve.level == Level::City;
    let wanted = given.needs.list.iter().filter(|wanted| city || !wanted.city_only);
    wanted.filter_map(|wanted| one(given, curve, forecast, wanted)).collect()
}

fn one(given: &Given, curve: &Curve, forecast: &Forecast, wanted: &Wanted) -> Option<Needed> {
    let (need, own_share, own_stay) = own(given, curve, wanted);
    let made = demand(&curve.totals(), &forecast.samples, &need, 1).ok()?;
    let days: Vec<CivilDate> = (1..=made.samples.len()).map(|ahead| given.day.plus_days(ahead as i64)).collect();
    let have: Vec<Option<f64>> = days.iter().map(|day| available(given, curve, &wanted.have, *day)).collect();
    let (days, decided) = ahead(&made, &have, (wanted.supply, given.needs.risk), given.day).ok()?;
    Some(Needed {
        name: need.name.clone(),
        words: need.words.clone(),
        beds_of: match wanted.have {
            Have::Beds(kind) => Some(kind),
            _ => None,
        },
        lead_days: wanted.supply.lead_days as u32,
        risk: given.needs.risk,
        per_case: need.per_case,
        own_share,
        own_stay,
        days,
        decide: decided,
    })
}

/// A need with the share of cases and the stays that were seen here, where enough were.
fn own(given: &Given, curve: &Curve, wanted: &Wanted) -> (Need, bool, bool) {
    let mut need = wanted.need.clone();
    let Have::Beds(kind) = wanted.have else { return (need, false, false) };
    // only positives are read, and most who lie in an isolation site are contacts
    if kind == FacilityKind::IsolationSite {
        return (need, false, false);
    }
    let went = given.moved.iter().filter(|moved| {
        moved.kind == Some(kind) && moved.district.starts_with(curve.division.as_str()) && moved.admitted_at.is_some()
    });
    let (begin, end) =
        (given.zone.start_of(given.day.plus_days(1 - SHARE_DAYS as i64)), given.zone.start_of(given.day.plus_days(1)));
    let cases = curve.last(SHARE_DAYS, 0).all();
    let sent = went.clone().filter(|moved| moved.requested_at >= begin && moved.requested_at < end).count();
    let own_share = cases >= CASES_LEAST && sent > 0;
    if own_share {
        need.per_case = sent as f64 / cases as f64;
    }
    let days = |minutes: i64| minutes.max(0) as f64 / 1_440.0;
    let stays: Vec<(f64, bool)> = went
        .filter_map(|moved| {
            let admitted = moved.admitted_at?;
            let until = moved.ended_at.unwrap_or(given.now);
            Some((days(until.minutes_since(admitted)), moved.ended_at.is_some()))
        })
        .collect();
    let own_stay = stays.iter().filter(|(_, ended)| *ended).count() >= STAYS_LEAST;
    if let (true, Ok(steps)) = (own_stay, kaplan_meier(&stays)) {
        need.kernel = stay_kernel(&wanted.delay, &by_day(&steps, STAY_MAX_DAYS));
    }
    (need, own_share, own_stay)
}

/// What there is on a day; `None`: the store says nothing of it.
fn available(given: &Given, curve: &Curve, have: &Have, day: CivilDate) -> Option<f64> {
    let own = |code: &str| code.starts_with(curve.division.as_str());
    let means = &given.means;
    let sum = |all: &mut dyn Iterator<Item = i64>| Some(all.sum::<i64>() as f64);
    match have {
        Have::Nothing => None,
        Have::Beds(kind) => {
            let noon = given.zone.at(day, 12, 0);
            let open = |of: &&dayclear_store::situation::Beds| {
                of.from.is_none_or(|from| from <= day)
                    && of.until.is_none_or(|until| until >= day)
                    && phases::takes(&of.steps, of.ward.as_deref(), noon)
            };
            let ours = means.beds.iter().filter(|of| of.kind == *kind && own(&of.district)).filter(open);
            sum(&mut ours.map(|of| of.beds))
        }
        Have::Vehicles => sum(&mut means.vehicles.iter().filter(|(code, _)| own(code)).map(|(_, n)| *n)),
        // shifts are told day by day: that none is told is no day without crews
        Have::Crews => sum(&mut means.crews.iter().filter(|(code, _)| own(code)).map(|(_, n)| *n)).filter(|n| *n > 0.0),
        Have::Tubes => {
            let told: Vec<i64> = means.laboratories.iter().filter_map(|(_, tubes, _)| *tubes).collect();
            if told.is_empty() { None } else { sum(&mut told.into_iter()) }
        }
        Have::LaboratoryHours => {
            let told: Vec<i64> = means.laboratories.iter().filter_map(|(.., hours)| *hours).collect();
            if told.is_empty() { None } else { sum(&mut told.into_iter()) }
        }
        Have::Supply(item) => {
            let mut held = means.supplies.iter().filter(|(of, code, _)| of == item && own(code)).map(|(.., n)| *n);
            sum(&mut held)
        }
    }
}
