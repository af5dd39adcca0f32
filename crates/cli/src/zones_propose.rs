//! `dayclear zones propose`: areas as the engine draws them from nothing, of the cases of a store or of two files. It prints what each
//! encloses, how many people it binds and spares, what a higher duty could allow instead, and what is left out and why; nothing is kept.

use crate::{
    bulletin::STORE,
    epi_input::Sheet,
    output::{self, Format},
    setting::{self, Common},
};
use anyhow::{Context, Result, bail};
use dayclear_core::{
    cases::Origin,
    measures::{OrderKind, ZoneUnit},
    protocol::{AreaFacts, Pack, ResetFacts},
    roster::Known,
    time::{CivilDate, Instant},
};
use dayclear_engines::zoning::{Drawing, Drawn, Enclosed, Found, LeftOut, Residents, Scene, draw};
use dayclear_ops::{areas, day::pack_for, minutes::Day};
use dayclear_papers as papers;
use dayclear_store::Scope;
use serde_json::json;
use std::{collections::BTreeMap, path::PathBuf};

/// Arguments of `dayclear zones propose`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Cases instead of a store: case, building, unit, household, sampled_on, origin, held_at, ct, closed_loop, spread_outside
    #[arg(long, value_name = "FILE", requires_all = ["homes", "day"])]
    cases: Option<PathBuf>,
    /// Who lives where, for --cases: building, unit, household, people, compound
    #[arg(long, value_name = "FILE", requires = "cases")]
    homes: Option<PathBuf>,
    /// The day, for --cases
    #[arg(long, value_name = "DATE", requires = "cases", value_parser = setting::date)]
    day: Option<CivilDate>,
    /// Protocol pack: an id, or a disease with a pack in force on the day
    #[arg(long, value_name = "NAME", default_value = "covid-19")]
    pack: String,
    /// As of when, for a store; now without it
    #[arg(long, value_name = "TIME")]
    at: Option<Instant>,
    /// Finest kind to draw, for --cases: household, unit or building. A store draws units
    #[arg(long, value_name = "KIND", default_value = "unit")]
    finest: ZoneUnit,
    /// table, json or csv
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    #[command(flatten)]
    common: Common,
}

/// Runs it.
pub async fn run(asked: &Arguments) -> Result<bool> {
    let packs = setting::packs()?;
    if let (Some(cases), Some(homes), Some(day)) = (&asked.cases, &asked.homes, asked.day) {
        let pack = pack_for(&packs, &asked.pack, day)?;
        let (found, residents) = (found(&Sheet::read(cases)?)?, residents(&Sheet::read(homes)?)?);
        let scene = Scene {
            today: day,
            finest: asked.finest,
            found: &found,
            standing: &[],
            contacts: &[],
            visits: &[],
            residents: &residents,
        };
        return print(asked, pack, &found, &draw(pack, &scene), &BTreeMap::new());
    }
    let store = asked.common.store(STORE).await?;
    let city =
        store.look(&Scope::nobody()).await?.city().await?.context("the store holds no city; bring a day in first")?;
    let (settings, now) = (asked.common.settings()?, asked.at.unwrap_or_else(setting::now));
    let date = settings.zone.day(now);
    let pack = pack_for(&packs, &asked.pack, date)?;
    let proposal =
        areas::propose(&mut store.look(&Scope::of(city)).await?, &Day::at(date, None, now, pack, &settings)).await?;
    store.close().await;
    print(asked, pack, &proposal.found, &proposal.drawing, &proposal.standing)
}

fn found(sheet: &Sheet) -> Result<Vec<Found>> {
    let (case, sampled) = (sheet.column("case")?, sheet.column("sampled_on")?);
    let [building, unit, household] = ["building", "unit", "household"].map(|name| sheet.has(name));
    let [origin, held, ct, closed, spread] =
        ["origin", "held_at", "ct", "closed_loop", "spread_outside"].map(|name| sheet.has(name));
    let mut all = Vec::new();
    for (line, row) in sheet.rows() {
        let text = |at: Option<usize>| at.and_then(|at| row.get(at)).filter(|text| !text.is_empty());
        let term = |at: Option<usize>, expected: &str| -> Result<Option<&str>> {
            match (text(at), at) {
                (Some(value), Some(column)) if !expected.split(", ").any(|word| word == value) => {
                    Err(sheet.wrong(line, column, value, &format!("one of: {expected}")))
                }
                (value, _) => Ok(value),
            }
        };
        let known = |at| -> Result<Known> {
            Ok(term(at, "yes, no, unknown")?.map_or(Ok(Known::Unknown), str::parse).unwrap_or(Known::Unknown))
        };
        let sampled_on = sheet
            .date(line, row, sampled)?
            .ok_or_else(|| sheet.wrong(line, sampled, "", "a date such as 2022-11-20"))?;
        let origin = term(origin, &Origin::NAMES.join(", "))?.map_or(Ok(Origin::Community), str::parse)?;
        let held_at: Option<OrderKind> = term(held, &OrderKind::NAMES.join(", "))?.map(str::parse).transpose()?;
        let ct = match ct {
            Some(column) => sheet.number(line, row, column)?,
            None => None,
        };
        let owned = |at| text(at).map(str::to_owned);
        all.push(Found {
            case: row.get(case).unwrap_or_default().to_owned(),
            home: owned(building).map(|building| Enclosed { building, unit: owned(unit), household: owned(household) }),
            sampled_on,
            facts: AreaFacts {
                held_at,
                closed_loop: known(closed)? == Known::Yes,
                spread_outside: known(spread)?,
                ct,
                ..AreaFacts::new(origin)
            },
            resets: ResetFacts {
                household_or_contact: held_at.is_some(),
                strictly_isolated: Known::Unknown,
                community_spread: Known::Unknown,
            },
            rests_in: None,
            since: None,
        });
    }
    Ok(all)
}

fn residents(sheet: &Sheet) -> Result<Residents> {
    let (building, people) = (sheet.column("building")?, sheet.column("people")?);
    let [unit, household, compound] = ["unit", "household", "compound"].map(|name| sheet.has(name));
    let mut residents = Residents::default();
    for (line, row) in sheet.rows() {
        let text = |at: Option<usize>| at.and_then(|at| row.get(at)).filter(|text| !text.is_empty()).map(str::to_owned);
        let count = match sheet.number(line, row, people)? {
            Some(count) if count.fract() == 0.0 && count <= f64::from(u32::MAX) => count as u32,
            _ => bail!(sheet.wrong(line, people, row.get(people).unwrap_or_default(), "a whole number of people")),
        };
        let name = row.get(building).unwrap_or_default().to_owned();
        let known = residents.buildings.entry(name).or_default();
        *known.units.entry(text(unit)).or_default() += count;
        if let Some(compound) = text(compound) {
            *residents.compounds.entry(compound.clone()).or_default() += count;
            known.compound = Some(compound);
        }
        if let Some(household) = text(household) {
            *residents.households.entry(household).or_default() += count;
        }
    }
    Ok(residents)
}

fn why(why: &LeftOut) -> String {
    match why {
        LeftOut::NoAddress => "nobody knows where they live".to_owned(),
        LeftOut::Exempt(reason) => reason.to_string(),
    }
}

fn print(
    asked: &Arguments,
    pack: &Pack,
    found: &[Found],
    drawing: &Drawing,
    standing: &BTreeMap<Enclosed, String>,
) -> Result<bool> {
    let columns = [
        "building",
        "unit",
        "household",
        "people",
        "spared",
        "wider",
        "wider_people",
        "until",
        "stands",
        "cases",
        "why",
    ];
    let row = |area: &Drawn| {
        let cases: Vec<&str> = area.cases.iter().map(|(at, _)| found[*at].case.as_str()).collect();
        let reasons = area.cases.iter().filter_map(|(_, reason)| reason.as_ref()).chain(&area.unit);
        let reasons: std::collections::BTreeSet<String> = reasons.map(|reason| reason.clause.clone()).collect();
        let (wider, wider_people) =
            area.wider.map_or_else(Default::default, |(kind, people)| (kind.to_string(), people.to_string()));
        vec![
            area.place.building.clone(),
            area.place.unit.clone().unwrap_or_default(),
            area.place.household.clone().unwrap_or_default(),
            area.people.to_string(),
            area.spared.to_string(),
            wider,
            wider_people,
            area.ends_on.to_string(),
            standing.get(&area.place).cloned().unwrap_or_default(),
            cases.join(" "),
            reasons.into_iter().collect::<Vec<_>>().join(" "),
        ]
    };
    let rows: Vec<Vec<String>> = drawing.areas.iter().map(row).collect();
    let left_out: Vec<Vec<String>> =
        drawing.left_out.iter().map(|(at, reason)| vec![found[*at].case.clone(), why(reason)]).collect();
    let more: Vec<&String> = standing
        .iter()
        .filter(|(place, _)| !drawing.areas.iter().any(|area| area.place == **place))
        .map(|(_, id)| id)
        .collect();
    let told = json!({
        "pack": pack.label(),
        "people": drawing.people(),
        "left_out": left_out.iter().map(|row| json!({"case": row[0], "why": row[1]})).collect::<Vec<_>>(),
        "contacts_outside": drawing.contacts_outside.values().map(|count| u64::from(*count)).sum::<u64>(),
        "standing_but_not_proposed": more,
    });
    output::table(asked.format, "areas", &columns, &rows, told)?;
    if matches!(asked.format, Format::Table) {
        if !left_out.is_empty() {
            println!("\n{}", papers::text_table(&["opens no area", "why"], &left_out));
        }
        println!("\n{} areas bind {} people, by {}", drawing.areas.len(), drawing.people(), pack.label());
        if !more.is_empty() {
            println!(
                "standing, and not proposed: {}",
                more.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", ")
            );
        }
    }
    Ok(true)
}
