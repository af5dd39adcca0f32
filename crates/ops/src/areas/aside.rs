//! Interim relief (R06): an area is suspended for an appeal, binds nobody from that moment, and binds again by the dismissal alone, to its
//! last day at most. It may use the roster, the papers and the agenda; it guarantees that everybody who was told that the area stands is told of
//! both, and that the line draws nothing around a place that is suspended: what is found there meanwhile waits for the decision.

use super::redraw::{home_in, homes_of, place, smallest_around};
use crate::{OpsError, agenda, minutes::Minutes};
use dayclear_core::measures::{NOTICE_HOURS_MAX, NoticeKind};
use dayclear_store::{Scoped, cases::Case, measures::Zone, notices::NewNotice};
use serde_json::json;
use std::collections::BTreeSet;

/// The area binds nobody until the appeal is decided.
pub(crate) async fn suspend(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    zone: &mut Zone,
    appeal: &str,
) -> Result<(), OpsError> {
    zone.aside = Some(appeal.to_owned());
    tx.update_zone(zone).await?;
    let body = json!({"building": zone.building, "people": zone.people, "until": zone.ends_on, "appeal": appeal});
    minutes.event(minutes.day.end, "zone.suspended", &zone.id, &zone.division, &body, Some("zone"))?;
    told(tx, minutes, zone, &format!("S-{appeal}")).await
}

/// The appeal was dismissed: the area binds again.
pub(crate) async fn resume(tx: &mut Scoped, minutes: &mut Minutes<'_>, zone: &mut Zone) -> Result<(), OpsError> {
    let Some(appeal) = zone.aside.take() else { return Ok(()) };
    tx.update_zone(zone).await?;
    let body = json!({"building": zone.building, "people": zone.people, "until": zone.ends_on, "appeal": appeal});
    minutes.event(minutes.day.end, "zone.taken_up", &zone.id, &zone.division, &body, Some("zone"))?;
    told(tx, minutes, zone, &format!("T-{appeal}")).await?;
    looked_at_again(tx, &[&zone.building]).await
}

/// A paper for each household that has, or is owed, one that the area stands. That it binds again is to be handed over like that it binds.
async fn told(tx: &mut Scoped, minutes: &mut Minutes<'_>, zone: &Zone, letter: &str) -> Result<(), OpsError> {
    let now = minutes.day.end;
    let binds_at = Some(now).filter(|_| zone.binds());
    for (person, no) in tx.told_of(&zone.id).await? {
        minutes.paper(NewNotice {
            id: format!("{letter}-{person}"),
            kind: NoticeKind::Change,
            subject: zone.id.clone(),
            person: Some((person, no)),
            division: zone.division.clone(),
            made_at: now,
            binds_at,
            due_at: binds_at.map(|at| at.plus_hours(NOTICE_HOURS_MAX)),
        });
    }
    Ok(())
}

/// The line looks at everybody of these buildings again: what was found there waited, or they are bound no more.
pub(super) async fn looked_at_again(tx: &mut Scoped, buildings: &[&str]) -> Result<(), OpsError> {
    let homes = tx.households_of_buildings(buildings).await?;
    let homes: Vec<&str> = homes.iter().map(|home| home.household.as_str()).collect();
    agenda::enclosed(tx, &homes).await
}

/// Of cases of which nothing is decided, those stay that can be decided without touching what is suspended. A case waits where an area is
/// suspended around its home, and where the smallest area that the rules allow around it would hold one that is.
pub(super) async fn wait(tx: &mut Scoped, minutes: &Minutes<'_>, cases: &mut Vec<Case>) -> Result<(), OpsError> {
    let buildings: BTreeSet<&str> = cases.iter().filter_map(|case| case.building.as_deref()).collect();
    let buildings: Vec<&str> = buildings.into_iter().collect();
    let suspended = tx.zones_aside_in(&buildings).await?;
    if suspended.is_empty() {
        return Ok(());
    }
    let numbers: Vec<i64> = cases.iter().map(|case| case.person_no).collect();
    let homes = homes_of(tx, &numbers).await?;
    cases.retain(|case| {
        let home = case.building.as_ref().map(|building| home_in(building, homes.get(&case.person_no)));
        let Some(drawn) = home.and_then(|home| smallest_around(minutes, &home)) else { return true };
        !suspended.iter().map(place).any(|place| place.holds(&drawn) || drawn.holds(&place))
    });
    Ok(())
}
