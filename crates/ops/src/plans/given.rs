//! What a round is planned from, read in one transaction so that it is of one moment: its buildings, areas, laboratories, the rounds before
//! it, and who came to the last one that was alike.

use crate::{OpsError, yields};
use dayclear_core::{
    measures::ZoneLevel,
    protocol::Past,
    rounds::{Plan, RoundScope, RoundState},
    time::{Instant, Zone},
};
use dayclear_engines::screening::{plan::PastRound, yields::Shift};
use dayclear_store::{
    Scoped,
    plans::{Dwelling, LaboratoryPlace},
    rounds::Round,
};
use std::collections::BTreeMap;

/// Closed rounds that are looked at for how many come.
const ROUNDS_BEFORE: i64 = 8;

/// By building: people of the round, and those of them who were sampled.
pub(super) type Attendance = BTreeMap<String, (i64, i64)>;

/// What a plan is made from: read in one transaction, so that it is of one moment.
pub(crate) struct Given {
    pub(super) round: Round,
    pub(super) dwellings: Vec<Dwelling>,
    pub(super) levels: BTreeMap<String, ZoneLevel>,
    /// Whether a risk area stands where the round is: then there is a pause and one more after enough clean ones, else an end.
    pub(super) affected: bool,
    pub(super) laboratories: Vec<LaboratoryPlace>,
    pub(super) history: Vec<PastRound>,
    pub(super) attended: Option<(String, Attendance)>,
    pub(super) shift: Option<Shift>,
}

/// Reads what a round is planned from.
pub(crate) async fn read(tx: &mut Scoped, mut round: Round, now: Instant, zone: &Zone) -> Result<Given, OpsError> {
    if round.swab_price.is_none() {
        round.swab_price = tx.swab_price(round.plan.purpose, round.plan.from).await?;
    }
    let scope = &round.plan.scope;
    let in_place = !scope.places.is_empty();
    let dwellings = match in_place {
        true => tx.round_dwellings(&round.plan.round).await?,
        false => tx.dwellings(scope).await?,
    };
    let levels = tx.levels_of_buildings().await?;
    let affected = tx.has_open_area(scope).await?;
    let laboratories = tx.laboratory_places(now).await?;
    let from = round.plan.from;
    let held = tx.rounds_between(from.plus_hours(-24 * yields::JUDGED_DAYS), from).await?;
    let done = done(tx, &held, &round.plan, zone).await?;
    let history = done.into_iter().map(|past| PastRound { area: String::new(), past }).collect();
    let mut attended = None;
    for before in tx.rounds_closed_last(ROUNDS_BEFORE).await? {
        let held = &before.plan.scope;
        let alike = match in_place {
            true => scope.places.keys().any(|place| held.places.contains_key(place)),
            false => held.groups == scope.groups && held.overlaps(scope),
        };
        if alike {
            let came = tx.attendance(&before.plan.round).await?;
            if dwellings.iter().any(|one| came.contains_key(&one.building)) {
                attended = Some((before.plan.round.clone(), came));
                break;
            }
        }
    }
    let (_, shifts) = yields::judged(tx, from).await?;
    let shift = shifts.into_iter().find(|shift| shift.channel == round.plan.purpose.name());
    Ok(Given { round, dwellings, levels, affected, laboratories, history, attended, shift })
}

/// Closed rounds before a round that were for all its people, and what they found in the community. Key groups have a cadence of
/// their own, and risk areas their own days on which everybody is tested.
pub(crate) async fn done(tx: &mut Scoped, held: &[Round], plan: &Plan, zone: &Zone) -> Result<Vec<Past>, OpsError> {
    let (scope, day) = (&plan.scope, zone.day(plan.from));
    if !scope.groups.is_empty() || scope.divisions.is_empty() {
        return Ok(Vec::new());
    }
    let yielded = tx.yields_between(plan.from.plus_hours(-24 * yields::JUDGED_DAYS), plan.from).await?;
    let before = |other: &&Round| {
        other.state == RoundState::Closed
            && other.plan.round != plan.round
            && zone.day(other.plan.from) < day
            && covers(&other.plan.scope, scope)
    };
    let past = |other: &Round| Past {
        day: zone.day(other.plan.from),
        // nobody has counted it yet, so nobody knows that it was clean
        found: yields::found_in_community(&yielded, &other.plan.round, other.state).unwrap_or(1),
    };
    Ok(held.iter().filter(before).map(past).collect())
}

/// Whether a round was for all the people of another.
pub(crate) fn covers(before: &RoundScope, after: &RoundScope) -> bool {
    let divided = |code: &dayclear_core::divisions::DivisionCode| before.divisions.iter().any(|one| one.contains(code));
    before.groups.is_empty()
        && after.divisions.iter().all(divided)
        && after.areas.iter().all(|(id, place)| before.areas.contains_key(id) || divided(&place.division))
}
