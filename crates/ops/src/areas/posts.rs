//! R10: a confined building has somebody who holds its keys day and night, and somebody who looks after it where no manager does. While one
//! of them is not named, its community has an item, once a day, due in four hours (R) and then red for the district. While a day is read
//! from files nobody can name anybody, and there is no such item.

use crate::{
    OpsError,
    minutes::{Close, Minutes, by_division},
};
use dayclear_core::{books::Worklist, measures::BuildingPost};
use dayclear_store::{Scoped, roster::BuildingRow};
use std::collections::{BTreeMap, BTreeSet};

const NAMED_HOURS: i64 = 4;

const fn beginning(post: BuildingPost) -> &'static str {
    match post {
        BuildingPost::KeyHolder => "keys/",
        BuildingPost::Warden => "warden/",
    }
}

const fn reason(post: BuildingPost) -> &'static str {
    match post {
        BuildingPost::KeyHolder => "nobody is named who holds the keys of the building day and night",
        BuildingPost::Warden => "the building has no manager, and nobody is named who looks after it",
    }
}

pub(super) async fn run(tx: &mut Scoped, minutes: &mut Minutes<'_>) -> Result<(), OpsError> {
    let (now, today) = (minutes.day.end, minutes.day.date);
    if now == minutes.day.until {
        return Ok(());
    }
    let zones = tx.zones_since(today).await?;
    let confined: BTreeSet<&str> =
        zones.iter().filter(|zone| zone.released_on.is_none()).map(|zone| zone.building.as_str()).collect();
    let names: Vec<&str> = confined.into_iter().collect();
    let buildings: BTreeMap<String, BuildingRow> =
        tx.buildings_by_id(&names).await?.into_iter().map(|row| (row.building.clone(), row)).collect();
    let named: BTreeSet<(String, BuildingPost)> = tx.posts_of(&names).await?.into_iter().collect();
    for post in BuildingPost::ALL {
        let managed = |row: &BuildingRow| *post == BuildingPost::Warden && row.managed;
        let lacks = |row: &BuildingRow| !managed(row) && !named.contains(&(row.building.clone(), *post));
        let lacking: BTreeMap<&str, &BuildingRow> =
            buildings.values().filter(|row| lacks(row)).map(|row| (row.building.as_str(), row)).collect();
        let mut waits = BTreeSet::new();
        for item in tx.open_beginning(Worklist::Clarify, beginning(*post)).await? {
            let rest = item.subject.strip_prefix(beginning(*post)).unwrap_or_default();
            let building = rest.rsplit_once('/').map_or(rest, |(building, _)| building).to_owned();
            if lacking.contains_key(building.as_str()) {
                waits.insert(building);
            } else if buildings.contains_key(&building) {
                minutes.known(item).done(now, "somebody is named");
            } else {
                minutes.known(item).cancelled(now, "nobody is confined there any more");
            }
        }
        let due: Vec<&BuildingRow> = lacking.into_values().filter(|row| !waits.contains(&row.building)).collect();
        let subjects: Vec<String> =
            due.iter().map(|row| format!("{}{}/{today}", beginning(*post), row.building)).collect();
        let all: Vec<&str> = subjects.iter().map(String::as_str).collect();
        let known = tx.known_subjects(Worklist::Clarify, &all).await?;
        for (row, subject) in due.into_iter().zip(&subjects).filter(|(_, subject)| !known.contains(*subject)) {
            let owner = by_division(&row.division);
            let item = minutes.waits(Worklist::Clarify, subject.as_str(), &row.division, owner, now, reason(*post));
            item.due_at = Some(now.plus_hours(NAMED_HOURS));
        }
    }
    Ok(())
}
