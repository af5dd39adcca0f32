//! Rounds, planned and moved on by command posts: what the rules forbid is refused with its clause; closing counts everybody
//! and records it. A district acts on rounds that lie in it, the city on all.

use super::{DeskError, Doing, Input, Refusal, Report, Sitting, Verdict, inside, invalid, room, stands};
use crate::{
    coverage::{Counted, count_round},
    minutes::{Close, Minutes, by_division},
    plans,
    rounds::{self, Why},
};
use dayclear_core::{
    books::Worklist,
    command::Command,
    listing::Cell,
    rounds::{Plan, RoundScope, RoundState},
    time::Instant,
};
use dayclear_store::{
    Store,
    plans::PlanRow,
    rounds::{Round, written as list},
};
use serde_json::json;
use std::collections::BTreeMap;

fn moment(at: &Sitting<'_, '_>, field: &'static str) -> Result<Instant, DeskError> {
    match at.input.get(field) {
        Some(Cell::Moment(at)) => Ok(*at),
        _ => Err(inside(format!("{field} was checked and is not there"))),
    }
}

pub(super) async fn plan(at: &mut Sitting<'_, '_>) -> Result<Report, DeskError> {
    let duty = at.doing.looker.duty.division.clone();
    let size = match at.input.get("pool_size") {
        Some(Cell::Whole(size)) => u8::try_from(*size).unwrap_or(u8::MAX),
        _ => return Err(inside("pool_size was checked and is not there")),
    };
    let text = |field| Some(at.text(field).to_owned()).filter(|text| !text.trim().is_empty());
    let (from, to) = (moment(at, "from")?, moment(at, "to")?);
    let plan = Plan {
        round: String::new(),
        purpose: at.text("purpose").parse().map_err(inside)?,
        from,
        to,
        pool_size: size,
        scope: RoundScope::default(),
    };
    let ground = text("ground").map(|ground| ground.parse().map_err(inside)).transpose()?;
    let written = [text("divisions"), text("areas"), text("key_groups"), text("places")];
    let despite = text("despite");
    let name = at.text("name").to_owned();
    let swab_price = match at.input.get("swab_price") {
        Some(Cell::Real(price)) => Some(*price),
        _ => None,
    };
    let state = RoundState::Planned;
    let mut round = Round { plan, name, state, written, judged: false, closed_at: None, ground, swab_price };
    if to <= at.doing.now {
        return Err(invalid(
            "to",
            at.room.day.zone.text(to),
            "a moment that lies ahead",
            "a round is planned before it",
        ));
    }
    at.for_the_city();
    // of a place outside the duty nothing is told, not even who is due
    let named = list(round.written[3].as_deref());
    let key_places = at.tx.key_places_named(&named.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    if let Some(foreign) = key_places.into_iter().find(|place| !duty.contains(&place.division)) {
        return Err(invalid("places", foreign.place, "key places of your own division", "leave it out"));
    }
    let prefix = format!("R{}-", at.room.day.zone.day(from).to_string().replace('-', ""));
    round.plan.round = format!("{prefix}{}", at.tx.rounds_named(&prefix).await? + 1);
    if !at.tx.plan_round(&round, at.account()).await? {
        return Err(inside(format!("there is a round {} already", round.plan.round)));
    }
    let mut against = None;
    match rounds::judge(at.tx, &at.room.day, &mut round).await? {
        Ok(()) => {}
        Err(Why::Field(field, value, expected)) => return Err(invalid(field, value, expected, "correct it")),
        Err(ref why @ Why::Rule(ref found, _)) if found.can_be_approved() && despite.is_some() => {
            against = Some(why.text());
        }
        Err(why @ Why::Rule(..)) => {
            let remedy = match &why {
                Why::Rule(found, _) if found.can_be_approved() => {
                    "choose another day or other people; or say why it is to be held despite the rule, and the city decides"
                }
                _ => "choose another size, other people, or state the ground on which more are tested",
            };
            return Err(Refusal::State { is: format!("forbidden: {}", why.text()), remedy: remedy.to_owned() }.into());
        }
    }
    // what lies outside a duty does not exist for it; the transaction is dropped with the round in it
    let scope = &round.plan.scope;
    if let Some(foreign) = scope.lies_in().find(|place| !duty.contains(place)) {
        let field = if scope.divisions.contains(foreign) { "divisions" } else { "areas" };
        return Err(invalid(field, foreign.to_string(), "places of your own division", "leave it out"));
    }
    let mut minutes = at.minutes();
    if let Some(against) = against {
        // kept with whom it is for, so that whoever decides sees what is asked for
        at.tx.judge_round(&round.plan.round, &round.plan.scope, at.room.day.end).await?;
        rounds::refuse(at.tx, &mut minutes, &round, &against).await?;
        let body = json!({"despite": despite, "against": against});
        let city = at.room.city.division();
        minutes.event(at.doing.now, "round.asked", round.plan.round.as_str(), city, &body, None)?;
        minutes.hand_in(at.tx).await?;
        return Ok(Report::made(round.plan.round));
    }
    rounds::planned_event(at.tx, &mut minutes, &round).await?;
    if round.plan.from <= at.doing.now {
        rounds::open(at.tx, &mut minutes, &round).await?;
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::made(round.plan.round))
}

/// What a round would take: judged as if it were made, planned, and not kept. Nobody waits for its planning.
pub async fn estimate(store: &Store, doing: &Doing<'_>, input: &Input) -> Result<PlanRow, DeskError> {
    let role = doing.looker.duty.role;
    if let Some(command) = Command::named("rounds", "plan").filter(|command| !command.roles.contains(&role)) {
        return Err(Refusal::NotYours { role, allowed: command.roles }.into());
    }
    let mut tx = store.turn(&doing.looker.scope()).await?;
    let room = room(&mut tx, doing).await?;
    let mut at = Sitting { tx: &mut tx, room: &room, doing, input, ahead: None };
    let made = plan(&mut at).await?.made.unwrap_or_default();
    let round = tx
        .rounds_by_id(&[&made])
        .await?
        .into_iter()
        .next()
        .ok_or_else(|| inside("a round was made and is not there"))?;
    let (zone, city) = (&doing.settings.zone, room.city.clone());
    let given = if round.plan.scope.places.is_empty() {
        // dropped with everything in it
        drop(tx);
        let mut tx = store.look(&city).await?;
        plans::read(&mut tx, round, doing.now, zone).await?
    } else {
        // whom it is for goes with the transaction; these are few
        let given = plans::read(&mut tx, round, doing.now, zone).await?;
        drop(tx);
        given
    };
    let (row, ..) = plans::work_out(given, room.day.pack, zone, doing.now).await?;
    Ok(row)
}

/// Rounds by id that the duty may act on.
async fn theirs(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<BTreeMap<String, Round>, DeskError> {
    let duty = at.doing.looker.duty.division.clone();
    at.for_the_city();
    let found = at.tx.rounds_by_id(keys).await?;
    let inside = |round: &Round| round.plan.scope.lies_in().all(|place| duty.contains(place)) && round.judged;
    let city = duty == *at.room.city.division();
    let theirs = found.into_iter().filter(|round| city || inside(round));
    Ok(theirs.map(|round| (round.plan.round.clone(), round)).collect())
}

pub(super) async fn start(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let now = at.doing.now;
    let found = theirs(at, keys).await?;
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match found.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(round) if round.state == RoundState::Open => Verdict::Same,
            Some(round) if round.state != RoundState::Planned => stands(round.state.name(), "plan a new round"),
            Some(round) => {
                let mut early = round.clone();
                early.plan.from = now.min(round.plan.from);
                at.tx.round_begins(key, early.plan.from).await?;
                match rounds::judge(at.tx, &at.room.day, &mut early).await? {
                    Ok(()) => {
                        rounds::open(at.tx, &mut minutes, &early).await?;
                        Verdict::Done
                    }
                    Err(why) => {
                        at.tx.round_begins(key, round.plan.from).await?;
                        stands(format!("forbidden: {}", why.text()), "let it begin at its hour")
                    }
                }
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

/// Lets a round go ahead that the rules refused: by the city, never by who planned it, with a reason; an item of the city stays until
/// somebody has looked at what it did.
pub(super) async fn approve(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let now = at.doing.now;
    let found = theirs(at, keys).await?;
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match found.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(_) if at.tx.round_approved(key).await?.is_some() => Verdict::Same,
            Some(round) if round.state != RoundState::Refused => {
                stands(round.state.name(), "only a round that the rules refused is approved")
            }
            Some(round) if round.plan.to <= now => stands("over", "plan another one"),
            Some(_) if at.tx.round_planned_by(key).await?.as_deref() == Some(at.account()) => {
                stands("planned by yourself", "another person of the city command decides")
            }
            Some(round) => lets_go(at, &mut minutes, round).await?,
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

async fn lets_go(at: &mut Sitting<'_, '_>, minutes: &mut Minutes<'_>, round: &Round) -> Result<Verdict, DeskError> {
    let (now, id, mut round) = (at.doing.now, round.plan.round.clone(), round.clone());
    let clause = match rounds::judge(at.tx, &at.room.day, &mut round).await? {
        Ok(()) => "no rule forbids it any more".to_owned(),
        Err(ref why @ Why::Rule(ref found, _)) if found.can_be_approved() => why.text(),
        Err(why) => {
            return Ok(stands(format!("forbidden: {}", why.text()), "nobody may approve this; plan another one"));
        }
    };
    let (by, reason) = (at.account().to_owned(), at.text("reason").to_owned());
    at.tx.approve_round(&id, &by, now, &clause, &reason).await?;
    at.tx.judge_round(&id, &round.plan.scope, at.room.day.end).await?;
    at.tx.round_stands(&id, RoundState::Planned, Some(&format!("approved by {by} against: {clause}"))).await?;
    let city = at.room.city.division().clone();
    let body = json!({"against": clause, "reason": reason, "planned_by": at.tx.round_planned_by(&id).await?});
    minutes.event(now, "round.approved", id.as_str(), &city, &body, None)?;
    for item in at.tx.open_of(Worklist::Clarify, &[&format!("round/{id}")]).await? {
        minutes.known(item).done(now, format!("approved by {by}"));
    }
    let look = format!("round {id} goes ahead against a rule, approved by {by}: {clause}; look at what it did");
    minutes.waits(Worklist::Review, format!("approved/{id}"), &city, by_division(&city), now, look);
    rounds::planned_event(at.tx, minutes, &round).await?;
    if round.plan.from <= now {
        rounds::open(at.tx, minutes, &round).await?;
    }
    Ok(Verdict::Done)
}

pub(super) async fn close(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let now = at.doing.now;
    let found = theirs(at, keys).await?;
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match found.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(round) if round.state == RoundState::Closed => Verdict::Same,
            Some(round) if round.state != RoundState::Open => {
                stands(round.state.name(), "only an open round is closed; cancel one that did not begin")
            }
            Some(round) => {
                let mut ending = round.clone();
                ending.plan.to = round.plan.to.min(now);
                let Counted { seq, communities: counts, buildings, places } = count_round(at.tx, &ending, now).await?;
                let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
                let mut districts: BTreeMap<String, BTreeMap<&str, u64>> = BTreeMap::new();
                for (code, cover, n) in &counts {
                    *sums.entry(cover.name()).or_default() += n;
                    let district: String = code.chars().take(6).collect();
                    *districts.entry(district).or_default().entry(cover.name()).or_default() += n;
                }
                let people: u64 = sums.values().sum();
                let body = json!({"to": ending.plan.to, "people": people, "states": sums, "districts": districts});
                at.tx.close_round(key, (now, ending.plan.to), seq, &counts).await?;
                at.tx.keep_attendance(key, &buildings).await?;
                at.tx.keep_round_places(key, &places).await?;
                minutes.event(now, "round.closed", *key, at.room.city.division(), &body, None)?;
                Verdict::Done
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

pub(super) async fn cancel(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let found = theirs(at, keys).await?;
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match found.get(*key).map(|round| round.state) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(RoundState::Cancelled) => Verdict::Same,
            Some(state @ (RoundState::Closed | RoundState::Refused)) => stands(state.name(), "leave it as it is"),
            Some(_) => {
                // everybody who reads rounds reads this; the words of a person stand in the event
                let why = format!("cancelled by {}", at.account());
                at.tx.round_stands(key, RoundState::Cancelled, Some(&why)).await?;
                let body = json!({"reason": at.text("reason")});
                minutes.event(at.doing.now, "round.cancelled", *key, at.room.city.division(), &body, None)?;
                Verdict::Done
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}
