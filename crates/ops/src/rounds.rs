//! Rounds of sampling: judged by the rules when they come in, opened by their hour, and what they need of the map. It may use the
//! store and the engine of coverage. It guarantees that a round which the rules forbid never opens, however it came, and that
//! somebody is told with the clause.

use crate::{
    OpsError,
    minutes::{Day, Minutes, by_division},
};
use dayclear_core::{
    books::Worklist,
    rounds::{Forbidden, Plan, RoundScope, RoundState, forbidden},
};
use dayclear_engines::coverage::walk;
use dayclear_store::{
    Scoped,
    coverage::Touched,
    landing::Lookup,
    rounds::{Round, written, written_groups},
};
use serde_json::json;

/// Hours before and after a round within which another one is looked for.
const NEAR_H: i64 = 48;

/// Judges rounds that came by file, and opens those whose hour has come.
pub async fn run(tx: &mut Scoped, day: &Day<'_>) -> Result<(), OpsError> {
    let planned = tx.rounds_in(RoundState::Planned).await?;
    if planned.is_empty() {
        return Ok(());
    }
    let mut minutes = Minutes::of(day);
    for mut round in planned {
        if !round.judged {
            match judge(tx, day, &mut round).await? {
                Ok(()) => planned_event(tx, &mut minutes, &round).await?,
                Err(why) => {
                    refuse(tx, &mut minutes, &round, &why.text()).await?;
                    continue;
                }
            }
        }
        if round.plan.from <= day.end {
            open(tx, &mut minutes, &round).await?;
        }
    }
    minutes.hand_in(tx).await
}

/// Why a round cannot be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Why {
    /// A field says something that cannot be: field, value, what was expected.
    Field(&'static str, String, String),
    /// The rules forbid it.
    Rule(Forbidden),
}

impl Why {
    /// In words.
    pub(crate) fn text(&self) -> String {
        match self {
            Why::Field(field, value, expected) => format!("{field} '{value}': expected {expected}"),
            Why::Rule(Forbidden::PoolSize(allowed, clause)) => {
                let allowed: Vec<String> = allowed.iter().map(u8::to_string).collect();
                format!(
                    "tubes of this size are not allowed for this purpose, only of {} ({clause})",
                    allowed.join(", ")
                )
            }
            Why::Rule(Forbidden::TooOften(round, clause)) => {
                format!("the same people are in round {round} on that day already ({clause})")
            }
        }
    }
}

/// Finds whom a round is for, judges it by the rules and keeps what was found.
pub(crate) async fn judge(tx: &mut Scoped, day: &Day<'_>, round: &mut Round) -> Result<Result<(), Why>, OpsError> {
    let field = |name, value: &str, expected: &str| Ok(Err(Why::Field(name, value.to_owned(), expected.to_owned())));
    if round.plan.round.contains(':') {
        return field("round", &round.plan.round, "an id without ':'");
    }
    if round.plan.to <= round.plan.from {
        return field("to", &day.zone.text(round.plan.to), "a moment after its beginning");
    }
    let [divisions, areas, groups] = &round.written;
    let mut scope = RoundScope { groups: written_groups(groups.as_deref()), ..RoundScope::default() };
    let codes = written(divisions.as_deref());
    let names: Vec<&str> = codes.iter().map(String::as_str).collect();
    let known = tx.lookup_of(Lookup::Divisions, &names).await?;
    for code in &codes {
        match code.parse() {
            Ok(division) if known.contains_key(code.as_str()) => scope.divisions.push(division),
            _ => return field("divisions", code, "codes of divisions, separated by ';'"),
        }
    }
    let ids = written(areas.as_deref());
    scope.areas = tx.area_places(&ids.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    if let Some(id) = ids.iter().find(|id| !scope.areas.contains_key(*id)) {
        return field("areas", id, "ids of risk areas, separated by ';'");
    }
    if scope.divisions.is_empty() && scope.areas.is_empty() {
        return field("divisions", "", "at least one division or risk area");
    }
    round.plan.scope = scope;
    let near = (round.plan.from.plus_hours(-NEAR_H), round.plan.from.plus_hours(NEAR_H));
    let others: Vec<Plan> = tx.rounds_between(near.0, near.1).await?.into_iter().map(|other| other.plan).collect();
    if let Some(found) = forbidden(&round.plan, &others, day.pack, day.zone) {
        let approved = can_be_approved(&found) && tx.round_approved(&round.plan.round).await?.is_some();
        if !approved {
            return Ok(Err(Why::Rule(found)));
        }
    }
    tx.judge_round(&round.plan.round, &round.plan.scope, day.end).await?;
    round.judged = true;
    Ok(Ok(()))
}

/// Whether somebody may let a round go ahead against this rule. A tube of a size that was never validated finds nobody, whoever
/// approves it.
pub(crate) const fn can_be_approved(found: &Forbidden) -> bool {
    matches!(found, Forbidden::TooOften(..))
}

/// A round was planned.
pub(crate) async fn planned_event(tx: &mut Scoped, minutes: &mut Minutes<'_>, round: &Round) -> Result<(), OpsError> {
    let (plan, scope) = (&round.plan, &round.plan.scope);
    let body = json!({
        "purpose": plan.purpose, "from": plan.from, "to": plan.to, "pool_size": plan.pool_size,
        "divisions": scope.divisions, "areas": scope.areas.keys().collect::<Vec<_>>(), "key_groups": scope.groups,
    });
    let city = tx.scope().division().clone();
    minutes.event(minutes.day.end, "round.planned", &plan.round, &city, &body, None)
}

/// A round cannot be: it does not open, and the city is told.
pub(crate) async fn refuse(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    round: &Round,
    why: &str,
) -> Result<(), OpsError> {
    let (id, city, at) = (&round.plan.round, tx.scope().division().clone(), minutes.day.end);
    tx.round_stands(id, RoundState::Refused, Some(why)).await?;
    minutes.event(at, "round.refused", id, &city, &json!({"why": why}), None)?;
    let subject = format!("round/{id}");
    minutes.waits(Worklist::Clarify, subject, &city, by_division(&city), at, format!("a round cannot be: {why}"));
    Ok(())
}

/// A round begins.
pub(crate) async fn open(tx: &mut Scoped, minutes: &mut Minutes<'_>, round: &Round) -> Result<(), OpsError> {
    let city = tx.scope().division().clone();
    tx.round_stands(&round.plan.round, RoundState::Open, None).await?;
    let body = json!({"from": round.plan.from, "to": round.plan.to});
    minutes.event(minutes.day.end, "round.opened", &round.plan.round, &city, &body, None)
}

/// Puts the buildings of every community in the order of a short walk, where one was added or moved.
pub async fn walk_all(tx: &mut Scoped) -> Result<(), OpsError> {
    let mut moved = false;
    for community in tx.communities().await? {
        let buildings = tx.buildings_in(&community).await?;
        let places: Vec<(f64, f64)> = buildings.iter().map(|building| building.place).collect();
        for (rank, at) in walk(&places).into_iter().enumerate() {
            let rank = rank as i64 + 1;
            if buildings[at].walk != rank {
                tx.walk_to(&buildings[at].building, rank).await?;
                moved = true;
            }
        }
    }
    if moved {
        tx.note_coverage(Touched::Roster, &mut Vec::new()).await?;
    }
    Ok(())
}
