//! Areas of two districts that lie side by side (`engines::zoning::beside`): each of the two districts has an item about the other's, so that they
//! agree on one level, one last day and the way between them, until one of the areas has ended or somebody says that they did. It may use
//! the engine and the books; it decides nothing of an area, and tells of none that is one household.

use crate::{
    OpsError,
    minutes::{Close, Minutes, by_division},
};
use dayclear_core::books::Worklist;
use dayclear_engines::zoning::{Lying, beside};
use dayclear_store::{Scoped, measures::Zone, roster::BuildingRow};
use std::collections::BTreeMap;

/// `border/AREA/AREA OF THE NEIGHBOUR`.
const BEGINNING: &str = "border/";

pub(super) async fn run(tx: &mut Scoped, minutes: &mut Minutes<'_>) -> Result<(), OpsError> {
    let now = minutes.day.end;
    let mut zones = tx.zones_since(minutes.day.date).await?;
    zones.retain(|zone| zone.released_on.is_none() && zone.household.is_none());
    let mut wanted = BTreeMap::new();
    let areas = lying(tx, &zones).await?;
    for pair in beside(&areas) {
        for (own, other) in [(&areas[pair.one], &areas[pair.other]), (&areas[pair.other], &areas[pair.one])] {
            let reason = format!(
                "{} m from {} of district {} ({}): agree on one level, one last day and the way between them",
                pair.metres,
                other.id,
                other.division.district(),
                pair.how
            );
            wanted.insert(format!("{BEGINNING}{}/{}", own.id, other.id), (own.division.clone(), reason));
        }
    }
    for item in tx.open_beginning(Worklist::Clarify, BEGINNING).await? {
        if wanted.remove(&item.subject).is_none() {
            minutes.known(item).cancelled(now, "one of the two areas has ended, or they agree");
        }
    }
    // what somebody settled is settled
    let known = tx.known_subjects(Worklist::Clarify, &wanted.keys().map(String::as_str).collect::<Vec<_>>()).await?;
    for (subject, (division, reason)) in wanted.into_iter().filter(|(subject, _)| !known.contains(subject)) {
        let owner = by_division(&division.district());
        minutes.waits(Worklist::Clarify, subject, &division, owner, now, reason);
    }
    Ok(())
}

async fn lying(tx: &mut Scoped, zones: &[Zone]) -> Result<Vec<Lying>, OpsError> {
    // a city with areas in one district has no border between two
    let mut districts = zones.iter().map(|zone| zone.division.district());
    let first = districts.next();
    if districts.all(|district| Some(district) == first) {
        return Ok(Vec::new());
    }
    let names: Vec<&str> = zones.iter().map(|zone| zone.building.as_str()).collect();
    let buildings: BTreeMap<String, BuildingRow> =
        tx.buildings_by_id(&names).await?.into_iter().map(|row| (row.building.clone(), row)).collect();
    let of = |zone: &Zone| {
        let building = buildings.get(&zone.building)?;
        Some(Lying {
            id: zone.id.clone(),
            division: zone.division.clone(),
            compound: building.compound.clone(),
            place: building.place,
            level: zone.level,
            ends_on: zone.ends_on,
        })
    };
    Ok(zones.iter().filter_map(of).collect())
}

/// Areas of other districts beside an area, as its district is told of them and as long as it has not settled that: number, and in what way.
pub async fn neighbours(tx: &mut Scoped, area: &str) -> Result<Vec<(String, String)>, OpsError> {
    let beginning = format!("{BEGINNING}{area}/");
    let items = tx.open_beginning(Worklist::Clarify, &beginning).await?;
    let of = |subject: &str| subject.strip_prefix(&beginning).map(str::to_owned);
    Ok(items.into_iter().filter_map(|item| Some((of(&item.subject)?, item.reason))).collect())
}
