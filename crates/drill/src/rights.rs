//! Rights of those whom an outbreak binds, judged by what the service shows at the end: rules that stand behind checks of the
//! independent checker, and rules that can be seen in its lists. A right that nobody looked at is not one that was kept.

use crate::{
    DrillError,
    faults::Wire,
    living::Living,
    service::{Row, Service, at, text},
};
use dayclear_core::{access::Role, time::CivilDate};
use dayclear_verify::Finding;
use serde_json::Value;

/// Checks of the independent checker behind which stands a right.
pub(crate) const RIGHTS: &[(&str, &str)] = &[
    ("orders.lawful", "R01 R04"),
    ("areas.decided", "R02 R04"),
    ("pools.resolved", "R05"),
    ("decisions.recorded", "R16"),
    ("transfers.booked", "R09 R12"),
    ("trips.fit", "R09"),
    ("beds.single", "R11"),
];

/// Hours within which each member of a positive pool is resolved singly (R05).
const POOL_HOURS: i64 = 24;

/// Whether a row says by which clauses of which pack it was decided.
fn is_explained(row: &Row) -> bool {
    let named = |reason: &Value| {
        ["pack", "clause"].iter().all(|part| reason[*part].as_str().is_some_and(|text| !text.is_empty()))
    };
    match row.get("reason") {
        Some(Value::Array(reasons)) => !reasons.is_empty() && reasons.iter().all(named),
        Some(reason) => named(reason),
        None => false,
    }
}

/// What is broken: the rule, and what is wrong.
pub(crate) async fn broken(
    service: &mut Service<'_>,
    living: &Living,
    wire: &Wire,
    transfers: &[Row],
    findings: &[Finding],
) -> Result<Vec<String>, DrillError> {
    let mut broken = Vec::new();
    for (check, rules) in RIGHTS {
        match findings.iter().find(|finding| finding.check == *check) {
            None => broken.push(format!("{rules} ({check}): not checked")),
            Some(finding) if !finding.holds => broken.push(format!("{rules} ({check}): {}", finding.detail)),
            Some(_) => {}
        }
    }
    let today = living.zone.day(service.now());
    for order in service.rows(Role::DistrictCommand, "orders", "state=active").await? {
        let named = format!("order {} of {}", text(&order, "id"), text(&order, "person"));
        match text(&order, "until_day").parse::<CivilDate>() {
            Ok(until) if until >= today => {}
            Ok(until) => broken.push(format!("R04: {named} binds on {today}, and was to end on {until}")),
            Err(_) => broken.push(format!("R04: {named} has no end")),
        }
        if !is_explained(&order) || text(&order, "legal_basis").is_empty() || text(&order, "purpose").is_empty() {
            broken.push(format!("R16: {named} does not say by which clause, statute or purpose"));
        }
    }
    for area in service.rows(Role::DistrictCommand, "areas", "open=true").await? {
        if text(&area, "ends_on").parse::<CivilDate>().is_ok_and(|ends| ends < today) {
            broken.push(format!(
                "R04: area {} stands on {today}, and was to end on {}",
                text(&area, "id"),
                text(&area, "ends_on")
            ));
        }
        if !is_explained(&area) {
            broken.push(format!("R16: area {} does not say by which clause", text(&area, "id")));
        }
    }
    for transfer in transfers {
        let (person, facility) = (text(transfer, "person"), text(transfer, "facility"));
        // whoever is brought to a place that has closed stands before its door (F13)
        if at(transfer, "admitted_at").is_some_and(|at| wire.is_closed(facility, at)) {
            broken.push(format!("R09: {person} was brought to {facility}, which had closed"));
        }
        let turned = transfer.get("reason").is_some_and(|reason| reason.get("stands").is_some());
        if text(transfer, "state") == "underway" && text(transfer, "bed").is_empty() && !turned {
            broken.push(format!("R09: {person} is on the way, and no bed is held"));
        }
    }
    Ok(broken)
}

/// Of the members of positive pools who were called for a single swab so long ago that it must be known, the share for whom it was in
/// time (R05); none where nobody was called.
pub(crate) async fn pools_in_time(service: &mut Service<'_>) -> Result<Option<f64>, DrillError> {
    let end = service.now();
    let (mut due, mut in_time) = (0, 0);
    for item in service.rows(Role::DistrictCommand, "items", "worklist=recall").await? {
        let Some(opened) = at(&item, "opened_at") else { continue };
        match at(&item, "closed_at") {
            Some(closed) => {
                due += 1;
                in_time += usize::from(closed.minutes_since(opened) <= POOL_HOURS * 60);
            }
            None => due += usize::from(end.minutes_since(opened) > POOL_HOURS * 60),
        }
    }
    Ok(crate::score::share(in_time, due))
}
