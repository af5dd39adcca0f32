//! R10: each day somebody looks whether the exits, stairs and gates of a confined building are free. A building whose last check is older
//! than 24 hours has an item of its community, due in two hours and then red for the district; it is over with a fresh check, when
//! somebody settles it, or when nobody is confined there any more. One item a building and day, whatever areas come and go.

use crate::{
    OpsError,
    minutes::{Close, Minutes, by_division},
};
use dayclear_core::books::Worklist;
use dayclear_store::{Scoped, roster::BuildingRow};
use std::collections::{BTreeMap, BTreeSet};

/// A check is good for so many minutes.
const GOOD_MIN: i64 = 24 * 60;
const BEGINNING: &str = "exits/";

/// Building of an item: `exits/BUILDING/DAY`, and without the day in books of before.
fn building_of(subject: &str) -> &str {
    let rest = subject.strip_prefix(BEGINNING).unwrap_or(subject);
    match rest.rsplit_once('/') {
        Some((building, day)) if day.parse::<dayclear_core::time::CivilDate>().is_ok() => building,
        _ => rest,
    }
}

pub(super) async fn run(tx: &mut Scoped, minutes: &mut Minutes<'_>) -> Result<(), OpsError> {
    let (now, today) = (minutes.day.end, minutes.day.date);
    let zones = tx.zones_since(today).await?;
    let confined: BTreeSet<&str> =
        zones.iter().filter(|zone| zone.released_on.is_none()).map(|zone| zone.building.as_str()).collect();
    let names: Vec<&str> = confined.into_iter().collect();
    let buildings: BTreeMap<String, BuildingRow> =
        tx.buildings_by_id(&names).await?.into_iter().map(|row| (row.building.clone(), row)).collect();
    let stale = |row: &BuildingRow| row.exits_checked_at.is_none_or(|at| now.minutes_since(at) > GOOD_MIN);
    let mut waits = BTreeSet::new();
    for item in tx.open_beginning(Worklist::Clarify, BEGINNING).await? {
        match buildings.get(building_of(&item.subject)) {
            None => minutes.known(item).cancelled(now, "nobody is confined there any more"),
            Some(row) if !stale(row) => minutes.known(item).done(now, "exits checked"),
            Some(row) => {
                waits.insert(row.building.clone());
                continue;
            }
        };
    }
    let due: Vec<&BuildingRow> =
        buildings.values().filter(|row| stale(row) && !waits.contains(&row.building)).collect();
    let subjects: Vec<String> = due.iter().map(|row| format!("{BEGINNING}{}/{today}", row.building)).collect();
    let known = tx.known_subjects(Worklist::Clarify, &subjects.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    for (row, subject) in due.into_iter().zip(subjects).filter(|(_, subject)| !known.contains(subject)) {
        let reason = "exits, stairs and gates not checked within 24 hours: tell the fire service";
        let item = minutes.waits(Worklist::Clarify, subject, &row.division, by_division(&row.division), now, reason);
        item.due_at = Some(now.plus_hours(2));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::building_of;

    #[test]
    fn items_name_their_building() {
        assert_eq!(building_of("exits/B1/2022-11-20"), "B1");
        assert_eq!((building_of("exits/B1"), building_of("exits/A/7")), ("B1", "A/7"));
    }
}
