//! What is ordered in the city, read from the service and lived by: who is away, who stays at home, which buildings are enclosed.

use crate::{
    DrillError,
    living::Living,
    service::{Row, Service, text},
};
use dayclear_core::access::Role;
use dayclear_engines::outbreak::Hold;
use serde_json::Value;
use std::ops::Range;

/// What is ordered in the city, read from the service: who is away, who stays at home, which buildings are enclosed.
pub async fn obey(service: &mut Service<'_>, living: &mut Living) -> Result<(), DrillError> {
    for person in 0..living.city.people() {
        living.measures.hold(person, Hold::Free);
    }
    for building in 0..living.city.buildings() {
        living.measures.confine(building, false);
    }
    living.measures.enclose(0..living.city.people(), false);
    for row in service.rows(Role::DistrictCommand, "orders", "state=active").await? {
        if let Some(person) = living.person(text(&row, "person")) {
            living.measures.hold(person, Hold::Home);
        }
    }
    for row in service.rows(Role::DistrictCommand, "transfers", "state=underway,admitted").await? {
        if let Some(person) = living.person(text(&row, "person")) {
            living.measures.hold(person, Hold::Away);
        }
    }
    for row in service.rows(Role::DistrictCommand, "areas", "open=true").await? {
        let Some(building) = living.building(text(&row, "building")) else { continue };
        // what is suspended for an appeal keeps nobody in
        if row.get("aside").is_some_and(Value::is_string) {
            continue;
        }
        match enclosed(living, building, &row) {
            None => living.measures.confine(building, true),
            Some(people) => living.measures.enclose(people, true),
        }
    }
    Ok(())
}

/// Whom an area that is smaller than its building encloses; `None`: everybody of the building, also where its part is none of the city's.
fn enclosed(living: &Living, building: u32, area: &Row) -> Option<Range<u32>> {
    let part = |name| Some(text(area, name)).filter(|text| !text.is_empty());
    match (part("household"), part("unit")) {
        (Some(household), _) => living.city.in_household(building, household),
        (None, Some(unit)) => living.city.in_unit(building, unit.parse().ok()?),
        (None, None) => None,
    }
}
