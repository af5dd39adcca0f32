//! Command posts, played: they plan the rounds of sampling and close them, look at what was seen in the results of laboratories
//! and withhold what nobody can explain, and send nothing more to whoever reported it. They know what the service shows them,
//! and not the truth.

use crate::{
    DrillError,
    living::{Living, ROUND_HOURS},
    service::{Row, Service, at, text},
};
use dayclear_core::{access::Role, quality::SignalKind, time::Instant};
use serde_json::json;
use std::collections::BTreeSet;

/// Days back for which the results of a laboratory are withheld whose rows cannot be.
const WITHHELD_DAYS: i64 = 14;
/// Minutes after the last hour of a round for which its tubes still come.
const CLOSED_AFTER_MIN: i64 = 60;

/// Facts of rows that an honest laboratory does not report: its clock may be wrong, but not this.
const CANNOT_BE: [SignalKind; 3] = [SignalKind::NoRun, SignalKind::Turnaround, SignalKind::Wells];
/// What a bad lot of reagents shows. That lots differ in positives may come from who was sampled, and from others who lie.
const OF_A_LOT: [SignalKind; 1] = [SignalKind::ControlFailed];

/// A round is planned in the night before its first hour. Where none is due any more by the rules, none is held.
pub async fn plan_round(service: &mut Service<'_>, living: &mut Living, day: u16) -> Result<(), DrillError> {
    if !living.is_round(day) {
        return Ok(());
    }
    let start = living.zone.start_of(living.date(day));
    let hour = |hour: u64| living.zone.text(start.plus_hours(hour as i64));
    let round = json!({
        "name": format!("round of {}", living.date(day)), "purpose": "community", "divisions": crate::CITY,
        "ground": "source_unclear",
        "from": hour(ROUND_HOURS.start), "to": hour(ROUND_HOURS.end), "pool_size": living.scenario().screening.pool,
    });
    if service.may_make(Role::DistrictCommand, "rounds", "plan", &round).await?.is_none() {
        living.called_off.insert(day);
    }
    Ok(())
}

/// Rounds whose hours are over are closed.
pub async fn close_rounds(service: &mut Service<'_>, now: Instant) -> Result<(), DrillError> {
    let open = service.rows(Role::DistrictCommand, "rounds", "state=open").await?;
    let over = |row: &&Row| at(row, "to").is_some_and(|to| now.minutes_since(to) >= CLOSED_AFTER_MIN);
    let keys: Vec<String> = open.iter().filter(over).map(|row| text(row, "round").to_owned()).collect();
    if !keys.is_empty() {
        service.act(Role::DistrictCommand, "rounds", "close", &keys, &json!({})).await?;
    }
    Ok(())
}

/// Rows that told of a tube nobody knew are tried again as they are: the tube may have come since.
pub async fn try_again(service: &mut Service<'_>) -> Result<(), DrillError> {
    let aside = service.rows(Role::DistrictCommand, "doubts", "open=true").await?;
    for row in aside.iter().filter(|row| text(row, "column") == "tube") {
        let given = json!({"value": text(row, "value")});
        service.attempt(Role::DistrictCommand, "doubts", "resolve", text(row, "id"), &given).await?;
    }
    Ok(())
}

/// The command of the city looks at alarms: a laboratory whose rows cannot be is suspended, with what it reported in the days
/// before; a lot of reagents whose controls failed is recalled wherever it was used. Other alarms are looked at and left.
pub async fn judge_laboratories(service: &mut Service<'_>, living: &mut Living) -> Result<(), DrillError> {
    let alarms = service.rows(Role::DistrictCommand, "signals", "level=alarm").await?;
    let is = |row: &Row, kinds: &[SignalKind]| kinds.iter().any(|kind| kind.name() == text(row, "kind"));
    let now = service.now();
    let cannot_be: BTreeSet<String> =
        alarms.iter().filter(|row| is(row, &CANNOT_BE)).map(|row| text(row, "laboratory").to_owned()).collect();
    for id in cannot_be {
        let Some(laboratory) = living.laboratories.iter().position(|one| one.id == id && !one.suspended) else {
            continue;
        };
        let from = living.zone.text(now.plus_hours(-24 * WITHHELD_DAYS));
        let given = [("from", from.as_str()), ("reason", "its rows cannot be")];
        service.decide("laboratories", "suspend", &[id], &given).await?;
        living.laboratories[laboratory].suspended = true;
    }
    for alarm in alarms.iter().filter(|row| is(row, &OF_A_LOT)) {
        let mut lots: BTreeSet<String> = BTreeSet::from([text(alarm, "lot").to_owned()]);
        if !text(alarm, "run").is_empty() {
            let query = format!("laboratory={}&run={}", text(alarm, "laboratory"), text(alarm, "run"));
            let runs = service.rows(Role::DistrictCommand, "runs", &query).await?;
            lots.extend(runs.iter().map(|run| text(run, "lot").to_owned()));
        }
        for lot in lots.into_iter().filter(|lot| !lot.is_empty()) {
            if !living.recalled_lots.insert(lot.clone()) {
                continue;
            }
            let runs = service.rows(Role::DistrictCommand, "runs", &format!("lot={lot}")).await?;
            let users: BTreeSet<String> = runs.iter().map(|run| text(run, "laboratory").to_owned()).collect();
            let given = [("lot", lot.as_str()), ("reason", "controls of its runs failed")];
            service.decide("laboratories", "recall", &users.into_iter().collect::<Vec<_>>(), &given).await?;
        }
    }
    Ok(())
}
