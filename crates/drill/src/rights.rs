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
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Checks of the independent checker behind which stands a right.
pub(crate) const RIGHTS: &[(&str, &str)] = &[
    ("orders.lawful", "R01 R04"),
    ("areas.decided", "R02 R04"),
    ("pools.resolved", "R05"),
    ("decisions.recorded", "R16"),
    ("transfers.booked", "R09 R12"),
    ("trips.fit", "R09"),
    ("trips.reported", "R08"),
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
            // the store of a service elsewhere is not at hand: nothing was checked, and the number of checks says so
            None if findings.is_empty() => {}
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

/// A rule that is judged by what a drill has. What cannot be seen in a drill is said, and passes for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// Rule.
    pub rule: &'static str,
    /// Things that were looked at; none: the rule was not judged at all.
    pub looked_at: usize,
    /// Of them those that break it.
    pub broken: usize,
    /// Key of the words that say what of the rule nobody can judge in a drill.
    pub open: &'static str,
}

/// Age under which nobody is parted from a carer without a recorded necessity (R12).
const MINOR_UNDER: u8 = 14;
/// Age from which somebody of a household can be the carer.
const ADULT_FROM: u8 = 18;

/// Judges R01, R02, R11 and R12, and adds what breaks them to what is broken.
pub(crate) async fn judged(
    service: &mut Service<'_>,
    living: &Living,
    transfers: &[Row],
    broken: &mut Vec<String>,
) -> Result<Vec<Judged>, DrillError> {
    let mut all = Vec::new();
    let mut judge = |rule: &'static str, open: &'static str, looked_at: usize, found: Vec<String>| {
        all.push(Judged { rule, looked_at, broken: found.len(), open });
        broken.extend(found.into_iter().map(|what| format!("{rule}: {what}")));
    };
    let orders = service.rows(Role::DistrictCommand, "orders", "").await?;
    let areas = service.rows(Role::DistrictCommand, "areas", "").await?;
    let empty = |value: Option<&Value>| match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty() || text == "{}" || text == "[]",
        Some(Value::Array(list)) => list.is_empty(),
        Some(Value::Object(map)) => map.is_empty(),
        Some(_) => false,
    };
    let lacks = |rows: &[Row], what: &str, fields: &[&str]| -> Vec<String> {
        let of = |row: &Row| {
            let missing: Vec<&str> = fields.iter().copied().filter(|field| empty(row.get(*field))).collect();
            (!missing.is_empty()).then(|| format!("{what} {} lacks {}", text(row, "id"), missing.join(", ")))
        };
        rows.iter().filter_map(of).collect()
    };
    // a zone says its clause in its reason; statute and body are those of the city's settings
    let mut unlawful = lacks(&orders, "order", &["legal_basis", "body", "purpose", "evidence"]);
    unlawful.extend(lacks(&areas, "area", &["reason"]));
    unlawful.extend(
        areas
            .iter()
            .filter(|row| row.get("cases").and_then(Value::as_u64) == Some(0))
            .map(|row| format!("area {} rests on no case", text(row, "id"))),
    );
    judge("R01", "drill-open-r01", orders.len() + areas.len(), unlawful);
    let mut heavy = lacks(&orders, "order", &["milder"]);
    heavy.extend(lacks(&areas, "area", &["building", "people"]));
    judge("R02", "drill-open-r02", orders.len() + areas.len(), heavy);

    let today = living.zone.day(service.now());
    let parcels = service.rows(Role::DistrictCommand, "parcels", "").await?;
    let due: Vec<&Row> =
        parcels.iter().filter(|row| text(row, "day").parse::<CivilDate>().is_ok_and(|day| day < today)).collect();
    let passed_up: BTreeSet<String> = service
        .rows(Role::DistrictCommand, "items", "worklist=supply")
        .await?
        .iter()
        .filter(|row| at(row, "escalated_at").is_some())
        .map(|row| text(row, "subject").to_owned())
        .collect();
    let missed = due.iter().filter(|row| at(row, "delivered_at").is_none()).filter_map(|row| {
        let subject = format!("{}/{}/{}", text(row, "day"), text(row, "household"), text(row, "item"));
        (!passed_up.contains(&subject)).then(|| format!("{subject} came to no door, and nobody was told"))
    });
    judge("R11", "drill-open-r11", due.len(), missed.collect());

    let named: BTreeSet<String> = service
        .rows(Role::DistrictCommand, "items", "worklist=clarify")
        .await?
        .iter()
        .filter_map(|row| text(row, "subject").strip_prefix("carer/").map(str::to_owned))
        .collect();
    let mut places: BTreeMap<u32, BTreeSet<&str>> = BTreeMap::new();
    for row in transfers.iter().filter(|row| !text(row, "facility").is_empty()) {
        if let Some(person) = living.person(text(row, "person")) {
            places.entry(person).or_default().insert(text(row, "facility"));
        }
    }
    let moved = |row: &&Row| matches!(text(row, "state"), "underway" | "admitted");
    let children: Vec<(u32, &Row)> = transfers
        .iter()
        .filter(moved)
        .filter_map(|row| Some((living.person(text(row, "person"))?, row)))
        .filter(|(person, row)| {
            let asked = at(row, "requested_at").map_or(today, |asked| living.zone.day(asked));
            living.city.age_on(*person, living.scenario.start, asked) < MINOR_UNDER
        })
        .collect();
    let (mut looked_at, mut parted) = (0, Vec::new());
    for (child, row) in children {
        let household = living.city.household(child);
        let adults: Vec<u32> = household.filter(|one| living.city.age(*one) >= ADULT_FROM).collect();
        // whoever lives with no adult has a carer elsewhere, of whom the roster of the city knows nothing
        if adults.is_empty() {
            continue;
        }
        looked_at += 1;
        let with = adults.iter().any(|one| places.get(one).is_some_and(|there| there.contains(text(row, "facility"))));
        if !with && !named.contains(text(row, "person")) {
            let what = ["person", "class", "state", "facility"].map(|field| text(row, field));
            parted.push(format!(
                "child {} at {} ({}, {}) without anybody of the household",
                what[0], what[3], what[1], what[2]
            ));
        }
    }
    judge("R12", "drill-open-r12", looked_at, parted);
    Ok(all)
}
