//! What would be drawn if nothing stood: the same evidence and the same engine as the server's, beside the areas that do stand. It reads and
//! keeps nothing.

use super::{Evidence, redraw::place};
use crate::{
    OpsError,
    minutes::{Day, Minutes},
};
use dayclear_core::divisions::DivisionCode;
use dayclear_engines::zoning::{Drawing, Enclosed, Found};
use dayclear_store::Scoped;
use std::collections::{BTreeMap, BTreeSet};

/// Areas as they would be drawn.
pub struct Proposal {
    /// Infections that were looked at.
    pub found: Vec<Found>,
    /// What is drawn of them.
    pub drawing: Drawing,
    /// Communities of the buildings.
    pub divisions: BTreeMap<String, DivisionCode>,
    /// Areas that stand, by place.
    pub standing: BTreeMap<Enclosed, String>,
}

/// Draws areas around the open cases of which nothing is decided and around all on which a standing area rests, as if none stood.
pub async fn propose(tx: &mut Scoped, day: &Day<'_>) -> Result<Proposal, OpsError> {
    let minutes = Minutes::of(day);
    let mut zones = tx.zones_since(day.date).await?;
    zones.retain(|zone| zone.released_on.is_none());
    let ids: Vec<&str> = zones.iter().map(|zone| zone.id.as_str()).collect();
    let resting = tx.cases_resting_in(&ids).await?;
    let open = tx.cases_since(day.date, day.look_back()).await?;
    let names: Vec<&str> = open.iter().map(|case| case.id.as_str()).collect();
    let decided = tx.area_decisions_of(&names).await?;
    let known: BTreeSet<String> = resting.iter().map(|row| row.case.id.clone()).collect();
    let exempted: BTreeSet<String> = tx.exemptions().await?.into_iter().map(|(case, ..)| case).collect();
    let mut cases: Vec<_> = resting.into_iter().map(|row| row.case).collect();
    // those that opened none are told of too, with the reason
    cases.extend(open.into_iter().filter(|case| {
        case.stands() && !known.contains(&case.id) && (!decided.contains(&case.id) || exempted.contains(&case.id))
    }));
    let orders = tx.orders_since(day.date.plus_days(-30)).await?;
    let orders: Vec<_> = orders.iter().collect();
    let mut evidence = Evidence::of(tx, &minutes, cases, Vec::new(), &orders).await?;
    let homes: Vec<&str> = evidence.buildings().map(|row| row.building.as_str()).collect();
    let contacts = tx.contact_homes(day.look_back(), &homes).await?;
    evidence.contacts = contacts.into_iter().map(|(building, unit)| Enclosed::unit(building, unit)).collect();
    let compounds: BTreeMap<String, (DivisionCode, String)> = evidence
        .buildings()
        .filter_map(|row| Some((row.building.clone(), (row.division.clone(), row.compound.clone()?))))
        .collect();
    let divisions = evidence.buildings().map(|row| (row.building.clone(), row.division.clone())).collect();
    for (building, (division, compound)) in &compounds {
        let name = format!("{division}/{compound}");
        if !evidence.residents.compounds.contains_key(&name) {
            let all = tx.buildings_of_compound(division, compound).await?;
            let people = tx.people_by_unit(&all.iter().map(String::as_str).collect::<Vec<_>>()).await?;
            let people: i64 = people.iter().map(|(.., people)| people).sum();
            evidence.residents.compounds.insert(name.clone(), u32::try_from(people).unwrap_or(u32::MAX));
        }
        if let Some(known) = evidence.residents.buildings.get_mut(building) {
            known.compound = Some(name);
        }
    }
    let drawing = evidence.draw(&minutes, &[]);
    let standing = zones.iter().map(|zone| (place(zone), zone.id.clone())).collect();
    Ok(Proposal { found: evidence.found, drawing, divisions, standing })
}
