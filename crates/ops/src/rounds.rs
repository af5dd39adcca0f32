//! Rounds of sampling: judged by the rules when they come in and again as they begin, opened by their hour, and what they need of the
//! map. It may use the store and the engine of coverage. It guarantees that a round which the rules forbid never opens, however it
//! came, and that somebody is told with the clause and with the milder round that is allowed.

use crate::{
    OpsError,
    minutes::{Day, Minutes, by_division},
    places::{self, DueAt},
    plans, yields,
};
use dayclear_core::{
    books::Worklist,
    protocol::{Past, Spread},
    roster::KeyGroup,
    rounds::{AtPlace, Beside, Forbidden, Home, Plan, RoundScope, RoundState, forbidden},
    screening::Purpose,
    time::CivilDate,
};
use dayclear_engines::coverage::walk;
use dayclear_store::{
    Scoped,
    landing::Lookup,
    places::Place,
    round_people::Taken,
    rounds::{Round, written, written_groups},
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Risk areas that a refusal names at most.
const NAMED_MAX: usize = 10;
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
        let (new, begins) = (!round.judged, round.plan.from <= day.end);
        // what was allowed when it was planned may have been found since: an area was released, a round was clean
        if new || begins {
            match judge(tx, day, &mut round).await? {
                Ok(()) if new => planned_event(tx, &mut minutes, &round).await?,
                Ok(()) => {}
                Err(why) => {
                    refuse(tx, &mut minutes, &round, &why.text()).await?;
                    continue;
                }
            }
        }
        if begins {
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
    /// The rules forbid it, and which areas could be sampled instead.
    Rule(Forbidden, Vec<String>),
}

impl Why {
    /// In words, with the milder round that is allowed.
    pub(crate) fn text(&self) -> String {
        let (found, areas) = match self {
            Why::Field(field, value, expected) => return format!("{field} '{value}': expected {expected}"),
            Why::Rule(found, areas) => (found, areas),
        };
        let milder = match areas.as_slice() {
            [] => "no risk area stands there: sample key groups on their cadence".to_owned(),
            areas => format!("sample the risk areas that stand there (area_screening, areas {})", areas.join(";")),
        };
        match found {
            Forbidden::PoolSize(allowed, clause) => {
                let allowed: Vec<String> = allowed.iter().map(u8::to_string).collect();
                format!(
                    "tubes of this size are not allowed for this purpose, only of {} ({clause})",
                    allowed.join(", ")
                )
            }
            Forbidden::TooOften(round, clause) => {
                format!("the same people are in round {round} on that day already ({clause})")
            }
            Forbidden::Widened(grounds, clause) if grounds.is_empty() => {
                format!("nobody is tested because they live in a division ({clause}); milder: {milder}")
            }
            Forbidden::Widened(grounds, clause) => {
                let grounds: Vec<&str> = grounds.iter().map(|ground| ground.name()).collect();
                format!(
                    "everybody of a division is tested on a ground only, {} ({clause}); milder: {milder}",
                    grounds.join(" or ")
                )
            }
            Forbidden::BeyondArea(division, clause) => {
                format!(
                    "more than the area needs: {division} is a division, and no risk area ({clause}); milder: {milder}"
                )
            }
            Forbidden::Released(area, clause) => {
                format!("more than is needed: the risk area {area} was released ({clause}); leave it out")
            }
            Forbidden::NotDue(Some(next), clause) => {
                format!("no round is due before {next} ({clause}); milder: begin then, or {milder}")
            }
            Forbidden::NotDue(None, clause) => {
                format!("rounds are over here until somebody is found again ({clause}); milder: {milder}")
            }
            Forbidden::GroupNotDue(group, next, clause) => {
                format!("the group {group} is not due before {next} ({clause}); leave it out, or begin then")
            }
            Forbidden::NoCadence(place, pack) => format!(
                "{pack} asks for no tests of the people of {place}; leave it out, or name the key group under whose cadence they are tested"
            ),
            Forbidden::NobodyKnown(place) => format!(
                "nobody on the list of {place} is known on the roster; bring its list (listed.csv), or answer whom its entries are"
            ),
            Forbidden::NobodyDue(place, Some(next), clause) => {
                format!("nobody of {place} is due before {next} ({clause}); leave it out, or begin then")
            }
            Forbidden::NobodyDue(place, None, clause) => {
                format!("nobody of {place} is due within a week ({clause}); leave it out")
            }
        }
    }
}

/// What was held and found before a round, for all of its people.
#[derive(Debug, Clone, Default)]
struct Before {
    done: Vec<Past>,
    found: Option<CivilDate>,
    groups: BTreeMap<KeyGroup, Vec<CivilDate>>,
}

async fn before(tx: &mut Scoped, day: &Day<'_>, plan: &Plan) -> Result<Before, OpsError> {
    let since = plan.from.plus_hours(-24 * yields::JUDGED_DAYS);
    let held = tx.rounds_between(since, plan.from).await?;
    let on = day.zone.day(plan.from);
    let mut before = Before { done: plans::done(tx, &held, plan, day.zone).await?, ..Before::default() };
    if !before.done.is_empty() {
        before.found = tx.last_found_in(&plan.scope.divisions).await?.map(|at| day.zone.day(at));
    }
    for group in &plan.scope.groups {
        let alone = RoundScope { groups: Vec::new(), ..plan.scope.clone() };
        let of = |other: &&Round| {
            let scope = &other.plan.scope;
            let everywhere = RoundScope { groups: Vec::new(), ..scope.clone() };
            matches!(other.state, RoundState::Open | RoundState::Closed)
                && other.plan.round != plan.round
                && scope.groups.contains(group)
                && plans::covers(&everywhere, &alone)
        };
        let days = held.iter().filter(of).map(|other| day.zone.day(other.plan.from)).filter(|held| *held < on);
        before.groups.insert(*group, days.collect());
    }
    Ok(before)
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
    let [divisions, areas, groups, at_places] = &round.written;
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
    let named = written(at_places.as_deref());
    let key_places = tx.key_places_named(&named.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    if let Some(id) = named.iter().find(|id| !key_places.iter().any(|place| place.place == **id)) {
        return field("places", id, "ids of key places, separated by ';'");
    }
    scope.places = key_places.iter().map(|place| (place.place.clone(), place.division.clone())).collect();
    match (scope.places.is_empty(), scope.divisions.is_empty() && scope.areas.is_empty()) {
        (true, true) => return field("divisions", "", "at least one division, risk area or key place"),
        // whom a round of places is for follows from their lists and their cadence, and from nothing else
        (false, false) => {
            return field("places", &named.join(";"), "no divisions or areas beside them: plan another round");
        }
        (false, _) if !scope.groups.is_empty() => {
            return field(
                "key_groups",
                groups.as_deref().unwrap_or_default(),
                "none: the people of places are due by their own cadence",
            );
        }
        (false, _) if round.plan.purpose != Purpose::KeyPerson => {
            return field("purpose", round.plan.purpose.name(), "key_person, because a cadence asks for it");
        }
        _ => {}
    }
    round.plan.scope = scope;
    let near = (round.plan.from.plus_hours(-NEAR_H), round.plan.from.plus_hours(NEAR_H));
    let others: Vec<Plan> = tx.rounds_between(near.0, near.1).await?.into_iter().map(|other| other.plan).collect();
    let at_places = whom(tx, day, &round.plan, &key_places).await?;
    let sharing = sharing(tx, day, &round.plan, &others).await?;
    let before = before(tx, day, &round.plan).await?;
    let released = tx.released_among(&ids.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    let beside = Beside {
        others: &others,
        ground: round.ground,
        done: &before.done,
        found: before.found,
        spread: if tx.has_open_area(&round.plan.scope).await? { Spread::Affected } else { Spread::Traces },
        groups: &before.groups,
        released: released.first().map(String::as_str),
        sharing: &sharing,
        places: &at_places,
        again: round.judged,
    };
    if let Some(found) = forbidden(&round.plan, &beside, day.pack, day.zone) {
        let approved = found.can_be_approved() && tx.round_approved(&round.plan.round).await?.is_some();
        if !approved {
            let areas = tx.open_areas_in(&round.plan.scope.divisions, NAMED_MAX).await?;
            return Ok(Err(Why::Rule(found, areas)));
        }
    }
    tx.judge_round(&round.plan.round, &round.plan.scope, day.end).await?;
    round.judged = true;
    Ok(Ok(()))
}

/// Finds whom a round of key places is for on its day, and keeps them by name.
async fn whom(tx: &mut Scoped, day: &Day<'_>, plan: &Plan, key_places: &[Place]) -> Result<Vec<AtPlace>, OpsError> {
    if key_places.is_empty() {
        return Ok(Vec::new());
    }
    let mut taken: BTreeMap<i64, Taken> = BTreeMap::new();
    let mut found = Vec::with_capacity(key_places.len());
    for DueAt { at, due } in places::due_on(tx, day, key_places, day.zone.day(plan.from)).await? {
        for (no, reason) in due {
            let reason = serde_json::to_string(&reason).map_err(|error| OpsError::Inside(error.to_string()))?;
            taken.entry(no).or_insert(Taken { no, place: at.place.clone(), reason });
        }
        found.push(at);
    }
    tx.keep_round_people(&plan.round, &taken.into_values().collect::<Vec<_>>()).await?;
    Ok(found)
}

/// Rounds of the same day that are for somebody of a round, where one of the two is for people of key places.
async fn sharing(tx: &mut Scoped, day: &Day<'_>, plan: &Plan, others: &[Plan]) -> Result<BTreeSet<String>, OpsError> {
    let on = day.zone.day(plan.from);
    let same = |other: &&Plan| other.round != plan.round && day.zone.day(other.from) == on;
    let (of_places, of_homes): (Vec<&Plan>, Vec<&Plan>) =
        others.iter().filter(same).partition(|other| !other.scope.places.is_empty());
    let mut sharing = BTreeSet::new();
    if plan.scope.places.is_empty() {
        for other in of_places {
            if homes_of(tx, other).await?.iter().any(|home| plan.scope.holds(home)) {
                sharing.insert(other.round.clone());
            }
        }
        return Ok(sharing);
    }
    let homes = homes_of(tx, plan).await?;
    let inside = of_homes.into_iter().filter(|other| homes.iter().any(|home| other.scope.holds(home)));
    sharing.extend(inside.map(|other| other.round.clone()));
    let people: Vec<i64> = tx.people_of_round(&plan.round).await?.into_iter().map(|(no, _)| no).collect();
    let names: Vec<&str> = of_places.iter().map(|other| other.round.as_str()).collect();
    sharing.extend(tx.rounds_sharing(&people, &names).await?);
    Ok(sharing)
}

async fn homes_of(tx: &mut Scoped, plan: &Plan) -> Result<Vec<Home>, OpsError> {
    let people: Vec<i64> = tx.people_of_round(&plan.round).await?.into_iter().map(|(no, _)| no).collect();
    Ok(tx.homes_of(&people).await?.into_iter().map(|(_, home)| home).collect())
}

/// A round was planned.
pub(crate) async fn planned_event(tx: &mut Scoped, minutes: &mut Minutes<'_>, round: &Round) -> Result<(), OpsError> {
    let (plan, scope) = (&round.plan, &round.plan.scope);
    let mut body = json!({
        "purpose": plan.purpose, "from": plan.from, "to": plan.to, "pool_size": plan.pool_size,
        "divisions": scope.divisions, "areas": scope.areas.keys().collect::<Vec<_>>(), "key_groups": scope.groups,
    });
    if !scope.places.is_empty() {
        let told = tx.places_of_round(&plan.round).await?.into_iter().map(|at| {
            let reason: serde_json::Value = serde_json::from_str(&at.reason).unwrap_or_default();
            json!({"place": at.place, "people": at.people, "clause": reason["clause"], "pack": reason["pack"]})
        });
        body["places"] = told.collect();
    }
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
    let mut moved = BTreeSet::new();
    for community in tx.communities().await? {
        let buildings = tx.buildings_in(&community).await?;
        let places: Vec<(f64, f64)> = buildings.iter().map(|building| building.place).collect();
        for (rank, at) in walk(&places).into_iter().enumerate() {
            let rank = rank as i64 + 1;
            if buildings[at].walk != rank {
                tx.walk_to(&buildings[at].building, rank).await?;
                moved.insert(community.clone());
            }
        }
    }
    Ok(tx.note_roster(&moved, &mut Vec::new()).await?)
}
