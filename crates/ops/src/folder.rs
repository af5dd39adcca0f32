//! The folder that a day writes: what was decided, for whom, why and until when, in tables that a spreadsheet opens; areas
//! on a map; the books; what is open, by owner; what was kept aside. Written from the store alone, so the same day always
//! writes the same files.

use crate::{OpsError, bulletin, minutes::Day};
use dayclear_core::{
    books::{Balance, escalation},
    reason::Reason,
    transfer::TransferState,
};
use dayclear_store::{Scoped, landing::DoubtKey, measures::days_text};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, HashMap};

/// A table that is written.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// File name without ending.
    pub name: &'static str,
    /// Headers.
    pub columns: &'static [&'static str],
    /// Rows, as text.
    pub rows: Vec<Vec<String>>,
}

impl Sheet {
    fn new(name: &'static str, columns: &'static [&'static str]) -> Self {
        Sheet { name, columns, rows: Vec::new() }
    }
}

fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// Reasons as one line a person can read; anything that is not a list of reasons as it is.
pub fn why(json: &str) -> String {
    match serde_json::from_str::<Vec<Reason>>(json) {
        Ok(reasons) => reasons.iter().map(Reason::to_string).collect::<Vec<_>>().join("; "),
        Err(_) => json.to_owned(),
    }
}

/// Every table of a day's output but the doubts, which come in pages ([`doubts`]).
pub async fn sheets(tx: &mut Scoped, day: &Day<'_>) -> Result<Vec<Sheet>, OpsError> {
    let mut sheets = vec![cases(tx, day).await?, contacts(tx, day).await?, orders(tx, day).await?];
    sheets.extend(transfers(tx, day).await?);
    sheets.push(zones(tx, day).await?);
    sheets.push(exempt(tx).await?);
    sheets.extend(waiting(tx, day).await?);
    sheets.push(tests(tx, day).await?);
    sheets.push(key_groups(tx, day).await?);
    sheets.push(supplies(tx, day).await?);
    sheets.extend(books(tx, day).await?);
    Ok(sheets)
}

async fn cases(tx: &mut Scoped, day: &Day<'_>) -> Result<Sheet, OpsError> {
    let mut sheet = Sheet::new(
        "cases",
        &[
            "case",
            "person",
            "division",
            "building",
            "sampled_at",
            "found_at",
            "ct",
            "origin",
            "classification",
            "severity",
            "onset",
            "counted_on",
            "converted_on",
            "closed_on",
            "outcome",
            "reason",
        ],
    );
    for c in tx.cases_since(day.date, day.start).await? {
        sheet.rows.push(vec![
            c.id,
            c.person,
            c.division.to_string(),
            text(c.building),
            day.zone.text(c.sampled_at),
            day.zone.text(c.found_at),
            text(c.ct),
            c.origin.to_string(),
            c.classification.to_string(),
            c.severity.to_string(),
            text(c.onset),
            text(c.counted_on),
            text(c.converted_on),
            text(c.closed_on),
            text(c.outcome),
            why(&c.reason),
        ]);
    }
    Ok(sheet)
}

async fn contacts(tx: &mut Scoped, day: &Day<'_>) -> Result<Sheet, OpsError> {
    let mut sheet = Sheet::new(
        "contacts",
        &[
            "case",
            "person",
            "division",
            "class",
            "tier",
            "first_exposure",
            "last_exposure",
            "setting",
            "source",
            "listed_at",
        ],
    );
    for c in tx.contacts_since(day.start).await? {
        sheet.rows.push(vec![
            c.case_id,
            c.person,
            c.division.to_string(),
            c.class.to_string(),
            c.tier.to_string(),
            c.first_exposure.to_string(),
            c.last_exposure.to_string(),
            text(c.setting),
            c.source,
            day.zone.text(c.listed_at),
        ]);
    }
    Ok(sheet)
}

async fn orders(tx: &mut Scoped, day: &Day<'_>) -> Result<Sheet, OpsError> {
    let mut sheet = Sheet::new(
        "orders",
        &[
            "order",
            "person",
            "division",
            "kind",
            "basis",
            "evidence",
            "starts_at",
            "from",
            "until",
            "test_days",
            "state",
            "ended_on",
            "ended_why",
            "legal_basis",
            "body",
            "purpose",
            "milder_options",
            "reason",
        ],
    );
    for o in tx.orders_since(day.date).await? {
        sheet.rows.push(vec![
            o.id,
            o.person,
            o.division.to_string(),
            o.kind.to_string(),
            o.basis,
            o.evidence,
            day.zone.text(o.starts_at),
            o.from_day.to_string(),
            o.until_day.to_string(),
            days_text(&o.test_days),
            o.state.to_string(),
            text(o.ended_on),
            text(o.ended_why),
            o.legal_basis,
            o.body,
            o.purpose,
            o.milder,
            why(&o.reason),
        ]);
    }
    Ok(sheet)
}

async fn transfers(tx: &mut Scoped, day: &Day<'_>) -> Result<[Sheet; 2], OpsError> {
    let mut sheet = Sheet::new(
        "transfers",
        &[
            "transfer",
            "person",
            "division",
            "class",
            "subject",
            "state",
            "requested_at",
            "building",
            "facility",
            "bed",
            "vehicle",
            "trip",
            "pickup_at",
            "arrive_at",
            "picked_up_at",
            "admitted_at",
            "reason",
        ],
    );
    let planned = tx.trips_after(day.start).await?;
    let vehicles: HashMap<&str, &str> = planned.iter().map(|trip| (trip.id.as_str(), trip.vehicle.as_str())).collect();
    let moment = |at: Option<_>| at.map(|at| day.zone.text(at)).unwrap_or_default();
    for t in tx.transfers_since(day.start).await? {
        let vehicle = t.trip.as_deref().and_then(|trip| vehicles.get(trip)).copied();
        sheet.rows.push(vec![
            t.id,
            t.person,
            t.division.to_string(),
            t.class.to_string(),
            t.subject,
            t.state.to_string(),
            day.zone.text(t.requested_at),
            text(t.building),
            text(t.facility),
            text(t.bed),
            text(vehicle),
            text(t.trip),
            moment(t.pickup_at),
            moment(t.arrive_at),
            moment(t.picked_up_at),
            moment(t.admitted_at),
            t.reason,
        ]);
    }
    let mut trips =
        Sheet::new("trips", &["trip", "vehicle", "crew", "class", "division", "departs_at", "ends_at", "people", "km"]);
    for t in &planned {
        trips.rows.push(vec![
            t.id.clone(),
            t.vehicle.clone(),
            t.crew.clone(),
            t.class.to_string(),
            t.division.to_string(),
            day.zone.text(t.departs_at),
            day.zone.text(t.ends_at),
            t.people.to_string(),
            t.km.to_string(),
        ]);
    }
    Ok([sheet, trips])
}

async fn zones(tx: &mut Scoped, day: &Day<'_>) -> Result<Sheet, OpsError> {
    let mut sheet = Sheet::new(
        "zones",
        &[
            "zone",
            "building",
            "unit",
            "division",
            "level",
            "opened_on",
            "last_new_on",
            "release_forecast",
            "ends_on",
            "released_on",
            "people",
            "cases",
            "test_days",
            "reason",
        ],
    );
    for z in tx.zones_since(day.date).await? {
        sheet.rows.push(vec![
            z.id,
            z.building,
            text(z.unit),
            z.division.to_string(),
            z.level.to_string(),
            z.opened_on.to_string(),
            z.last_new_on.to_string(),
            z.forecast_on.to_string(),
            z.ends_on.to_string(),
            text(z.released_on),
            z.people.to_string(),
            z.cases.to_string(),
            days_text(&day.pack.area_test_days(z.opened_on)),
            why(&z.reason),
        ]);
    }
    Ok(sheet)
}

async fn exempt(tx: &mut Scoped) -> Result<Sheet, OpsError> {
    let mut sheet = Sheet::new("no_zone", &["case", "division", "reason"]);
    for (case, division, reason) in tx.exemptions().await? {
        sheet.rows.push(vec![case, division.to_string(), why(&reason)]);
    }
    Ok(sheet)
}

/// The recall list, the requests, and everything that is open, by name.
async fn waiting(tx: &mut Scoped, day: &Day<'_>) -> Result<[Sheet; 3], OpsError> {
    use dayclear_core::books::Worklist;
    const ITEM: &[&str] = &["subject", "division", "owner", "since", "due_at", "closed_at", "outcome", "reason"];
    let mut recalls = Sheet::new("recalls", ITEM);
    let mut requests = Sheet::new("requests", ITEM);
    for (sheet, list) in [(&mut recalls, Worklist::Recall), (&mut requests, Worklist::Answer)] {
        for item in tx.items_of(list, day.start).await? {
            sheet.rows.push(vec![
                item.subject,
                item.division.to_string(),
                format!("{}:{}", item.owner.party, item.owner.name),
                day.zone.text(item.opened_at),
                item.due_at.map(|at| day.zone.text(at)).unwrap_or_default(),
                item.closed.map(|(at, _)| day.zone.text(at)).unwrap_or_default(),
                text(item.closed.map(|(_, how)| how)),
                item.reason,
            ]);
        }
    }
    let mut open = Sheet::new(
        "open_items",
        &["worklist", "subject", "division", "party", "owner", "since", "due_at", "overdue", "escalated_to", "reason"],
    );
    let city = tx.scope().division().clone();
    for item in tx.open_items().await? {
        let escalated = escalation(&item, day.end, &city).map(|owner| owner.name);
        open.rows.push(vec![
            item.worklist.to_string(),
            item.subject,
            item.division.to_string(),
            item.owner.party.to_string(),
            item.owner.name,
            day.zone.text(item.opened_at),
            item.due_at.map(|at| day.zone.text(at)).unwrap_or_default(),
            if item.due_at.is_some_and(|at| at <= day.end) { "yes" } else { "no" }.to_owned(),
            text(escalated),
            item.reason,
        ]);
    }
    Ok([recalls, requests, open])
}

async fn tests(tx: &mut Scoped, day: &Day<'_>) -> Result<Sheet, OpsError> {
    let mut sheet = Sheet::new("tests", &["day", "person", "division", "order"]);
    for (on, person, order, division) in tx.tests_due_from(day.date).await? {
        sheet.rows.push(vec![on.to_string(), person, division.to_string(), order]);
    }
    Ok(sheet)
}

/// Key groups and the cadence on which the pack has them tested.
async fn key_groups(tx: &mut Scoped, day: &Day<'_>) -> Result<Sheet, OpsError> {
    let mut sheet = Sheet::new("key_groups", &["group", "people", "sampled_today", "cadence", "reason"]);
    for (group, people, sampled) in tx.key_groups(day.start, day.end).await? {
        let cadence = day.pack.group_cadence(group);
        sheet.rows.push(vec![
            group.to_string(),
            people.to_string(),
            sampled.to_string(),
            text(cadence.as_ref().map(|decided| decided.value)),
            text(cadence.map(|decided| decided.reason)),
        ]);
    }
    Ok(sheet)
}

async fn supplies(tx: &mut Scoped, day: &Day<'_>) -> Result<Sheet, OpsError> {
    let mut sheet =
        Sheet::new("supply_runs", &["run", "depot", "division", "household", "item", "units", "delivered_at"]);
    for p in tx.parcels_on(day.date).await? {
        sheet.rows.push(vec![
            text(p.run),
            text(p.depot),
            p.division.to_string(),
            p.household,
            p.item.to_string(),
            p.units.to_string(),
            p.delivered_at.map(|at| day.zone.text(at)).unwrap_or_default(),
        ]);
    }
    sheet.rows.sort();
    Ok(sheet)
}

async fn books(tx: &mut Scoped, day: &Day<'_>) -> Result<[Sheet; 2], OpsError> {
    let mut sheet = Sheet::new(
        "books",
        &["worklist", "division", "opening", "received", "completed", "cancelled", "closing", "overdue"],
    );
    let ledger = tx.ledger(day.date).await?;
    let city = bulletin::city_books(&ledger, tx.scope().division());
    let row = |b: &Balance| {
        let numbers = [b.opening, b.received, b.completed, b.cancelled, b.closing, b.overdue];
        let mut row = vec![b.worklist.to_string(), b.division.to_string()];
        row.extend(numbers.map(|n| n.to_string()));
        row
    };
    sheet.rows.extend(city.iter().chain(&ledger).map(row));
    let mut hops = Sheet::new("hops", &["hop", "division", "sent", "received", "missing", "reconciles"]);
    for h in tx.hops(day.date).await? {
        let agrees = if h.reconciles() { "yes" } else { "no" }.to_owned();
        let numbers = [h.sent, h.received, h.missing].map(|n| n.to_string());
        let mut row = vec![h.name, h.division.to_string()];
        row.extend(numbers);
        row.push(agrees);
        hops.rows.push(row);
    }
    Ok([sheet, hops])
}

/// Rows that were kept aside: the page behind `last`, without rows at the end. There may be more of them than memory holds.
pub async fn doubts(tx: &mut Scoped, day: &Day<'_>, last: &mut DoubtKey) -> Result<Sheet, OpsError> {
    let mut sheet =
        Sheet::new("doubts", &["file", "row", "column", "value", "expected", "remedy", "code", "as_it_came"]);
    for d in tx.doubts_of(day.date, last).await? {
        sheet.rows.push(vec![d.source, d.row.to_string(), d.column, d.value, d.expected, d.remedy, d.code, d.raw]);
    }
    Ok(sheet)
}

/// Areas on a map: GeoJSON (RFC 7946), one polygon a building. The outline of a building is not known, so a square of
/// about 40 m around its place stands for it, and says so.
pub async fn zones_geojson(tx: &mut Scoped, day: &Day<'_>) -> Result<Json, OpsError> {
    const HALF_SIDE_DEG: f64 = 0.000_2;
    let zones = tx.zones_since(day.date).await?;
    let names: Vec<&str> = {
        let mut names: Vec<&str> = zones.iter().map(|zone| zone.building.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    let buildings: BTreeMap<String, _> =
        tx.buildings_by_id(&names).await?.into_iter().map(|b| (b.building.clone(), b)).collect();
    let features: Vec<Json> = zones
        .iter()
        .filter_map(|zone| {
            let building = buildings.get(&zone.building)?;
            let (x, y) = building.place;
            let h = HALF_SIDE_DEG;
            let round = |v: f64| (v * 1e6).round() / 1e6;
            let ring: Vec<[f64; 2]> = [(-h, -h), (h, -h), (h, h), (-h, h), (-h, -h)]
                .iter()
                .map(|(dx, dy)| [round(x + dx), round(y + dy)])
                .collect();
            Some(json!({
                "type": "Feature",
                "id": zone.id,
                "geometry": {"type": "Polygon", "coordinates": [ring]},
                "properties": {
                    "building": zone.building, "compound": building.compound, "name": building.name, "unit": zone.unit,
                    "division": zone.division, "level": zone.level, "opened_on": zone.opened_on,
                    "release_forecast": zone.forecast_on, "ends_on": zone.ends_on, "released_on": zone.released_on, "people": zone.people,
                    "cases": zone.cases, "reason": why(&zone.reason),
                    "outline": "a square around the building's place; its true outline is not known",
                },
            }))
        })
        .collect();
    Ok(json!({"type": "FeatureCollection", "features": features}))
}

/// What was moved and what was not, for the people who play or check the day: (person, facility, pick-up, arrival) of every
/// booked transfer.
pub async fn planned_rides(
    tx: &mut Scoped,
    day: &Day<'_>,
) -> Result<Vec<(String, String, dayclear_core::time::Instant, dayclear_core::time::Instant)>, OpsError> {
    let transfers = tx.transfers_since(day.start).await?;
    Ok(transfers
        .into_iter()
        .filter(|t| t.state == TransferState::Booked)
        .filter_map(|t| Some((t.person, t.facility?, t.pickup_at?, t.arrive_at?)))
        .collect())
}
