//! `dayclear screen assign`: boxes to laboratories, judged by a checker that knows nothing of the search.

use super::{decimals, reading};
use crate::{
    bulletin::STORE,
    epi_input::Sheet,
    output::{CsvFile, Format},
    setting::{self, Common},
};
use anyhow::{Context, Result};
use dayclear_core::{
    custody::BoxState,
    listing::{BOXES, Cell, Query, ROWS_MAX, Test},
};
use dayclear_engines::screening::assign::{Examined, Laboratory, Roads, TubeBox, assign, examine, nearest};
use dayclear_ops::allot;
use dayclear_store::Scope;
use serde_json::json;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Minutes of a round after which no laboratory is open any more.
const END_MIN: f64 = 3.0 * 24.0 * 60.0;

/// Arguments of `dayclear screen assign`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Boxes: box, lon, lat, ready_min (minutes of the round), tubes; under_way (a laboratory) where it is on its way
    #[arg(long, value_name = "FILE", required_unless_present = "db", requires = "laboratories", conflicts_with = "db")]
    boxes: Option<PathBuf>,
    /// Laboratories: laboratory, lon, lat, tubes_a_day (validated); in_city, tubes_an_hour, opens_min, closes_min,
    /// turnaround_min, price, travel_min where known
    #[arg(long, value_name = "FILE", requires = "boxes")]
    laboratories: Option<PathBuf>,
    /// Speed of couriers, km an hour
    #[arg(long, value_name = "KM/H", default_value_t = 25.0)]
    speed: f64,
    /// Price of an hour of a box on its way
    #[arg(long, value_name = "MONEY", default_value_t = 0.0)]
    price_hour: f64,
    /// Write the assignment to this file: box, laboratory
    #[arg(long, value_name = "FILE", conflicts_with = "check")]
    out: Option<PathBuf>,
    /// Judge this assignment (box, laboratory) instead of looking for one
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,
    /// Disease, or id of the protocol pack, whose deadline holds for boxes that no laboratory may take
    #[arg(long, value_name = "P", default_value = "covid-19")]
    pack: String,
    /// table, json or csv
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// The store and the zone of the city: boxes of a store instead of files, given to laboratories as the server does.
    #[command(flatten)]
    common: Common,
}

/// Assigns, or judges an assignment.
pub async fn run(arguments: &Arguments) -> Result<bool> {
    let (Some(box_file), Some(laboratory_file)) = (&arguments.boxes, &arguments.laboratories) else {
        return of_store(arguments).await;
    };
    let laboratories = laboratories(laboratory_file)?;
    let names: BTreeMap<&str, u32> =
        laboratories.iter().enumerate().map(|(at, laboratory)| (laboratory.name.as_str(), at as u32)).collect();
    let boxes = boxes(box_file, &names)?;
    let roads = Roads { vehicle_kmh: arguments.speed, hour_price: arguments.price_hour, ..Roads::default() };
    let (to, bound) = match &arguments.check {
        Some(path) => (given(path, &boxes, &names)?, None),
        None => {
            let found = assign(&boxes, &laboratories, &roads);
            (found.to, Some(found.bound_min))
        }
    };
    let examined = examine(&boxes, &laboratories, &roads, &to);
    if let Some(path) = &arguments.out {
        let mut file = CsvFile::create(path, &["box", "laboratory"])?;
        for (one, to) in boxes.iter().zip(&to) {
            let laboratory = to.map_or("", |to| laboratories[to as usize].name.as_str());
            file.row(&[one.name.as_str(), laboratory])?;
        }
        file.finish()?;
    }
    let plain = examine(&boxes, &laboratories, &roads, &nearest(&boxes, &laboratories, &roads));
    tell(arguments, &laboratories, &boxes, &examined, &plain, bound)?;
    Ok(examined.holds())
}

/// Boxes of a store that have not arrived, with the laboratories for which they are meant.
async fn of_store(arguments: &Arguments) -> Result<bool> {
    let store = arguments.common.store(STORE).await?;
    let city =
        store.look(&Scope::nobody()).await?.city().await?.context("the store holds no city; bring a day in first")?;
    let (scope, settings) = (Scope::of(city), arguments.common.settings()?);
    let packs = setting::packs()?;
    allot::look(&store, &packs, &settings, &arguments.pack, &scope, setting::now()).await?;
    let open = [BoxState::Packed, BoxState::Underway].map(|state| Cell::Text(state.name().to_owned()));
    let state = BOXES.position("state").map(|at| (at, Test::AnyOf(open.to_vec())));
    let mut query = Query { limit: ROWS_MAX, tests: state.into_iter().collect(), ..Query::default() };
    let columns = ["box", "state", "division", "laboratory", "meant_for", "result_at", "chosen_by", "tubes"];
    let (mut rows, mut without) = (Vec::new(), 0);
    let mut tx = store.look(&scope).await?;
    loop {
        let page = tx.list(&BOXES, &query).await?;
        for row in &page.rows {
            let text = |name: &&str| match row.get(&BOXES, name) {
                Cell::Moment(at) => settings.zone.text(*at),
                Cell::Whole(n) => n.to_string(),
                cell => cell.as_str().unwrap_or_default().to_owned(),
            };
            without += usize::from(matches!(row.get(&BOXES, "meant_for"), Cell::Empty));
            rows.push(columns.iter().map(text).collect::<Vec<String>>());
        }
        let Some(next) = page.next else { break };
        query.after = Query::read(&BOXES, [("after", next.as_str())], &settings.zone)?.after;
    }
    super::print(arguments.format, "boxes", &columns, &rows, json!({ "without": without }))?;
    if without > 0 {
        eprintln!("{without} box(es) without a laboratory: no validated capacity is left");
    }
    Ok(without == 0)
}

fn tell(
    arguments: &Arguments,
    laboratories: &[Laboratory],
    boxes: &[TubeBox],
    examined: &Examined,
    plain: &Examined,
    bound: Option<f64>,
) -> Result<()> {
    let row = |(laboratory, (tubes, last)): (&Laboratory, &(u32, f64))| {
        let share = f64::from(*tubes) / f64::from(laboratory.validated.max(1));
        let in_city = if laboratory.in_city { "yes" } else { "no" };
        let last = if *tubes > 0 { decimals(*last, 0) } else { String::new() };
        vec![
            laboratory.name.clone(),
            in_city.to_owned(),
            tubes.to_string(),
            laboratory.validated.to_string(),
            decimals(share, 3),
            last,
        ]
    };
    let rows: Vec<Vec<String>> = laboratories.iter().zip(&examined.laboratories).map(row).collect();
    let columns = ["laboratory", "in_city", "tubes", "validated", "share", "last_result_min"];
    let more = json!({
        "last_result_min": examined.last_result_min,
        "bound_min": bound,
        "nearest_last_result_min": plain.last_result_min,
        "mean_result_min": examined.mean_result_min,
        "cost": examined.cost,
        "without": examined.without.len(),
        "over": examined.over.len(),
        "never": examined.never.len(),
        "turned": examined.turned.len(),
    });
    super::print(arguments.format, "laboratories", &columns, &rows, more)?;
    if arguments.format == Format::Table {
        println!(
            "last result at minute {:.0} of the round; mean {:.0} minutes from ready to result; cost {:.0}",
            examined.last_result_min, examined.mean_result_min, examined.cost
        );
        if let Some(bound) = bound {
            println!(
                "no assignment can be sooner than minute {bound:.0}; each box at its nearest laboratory: minute {:.0}",
                plain.last_result_min
            );
        }
    }
    let name =
        |list: &[u32]| list.iter().take(10).map(|at| boxes[*at as usize].name.as_str()).collect::<Vec<_>>().join(", ");
    for (list, what) in [
        (&examined.without, "have no laboratory: all are full, or none is open"),
        (&examined.never, "are at a laboratory that closes for good before they are worked off"),
        (&examined.turned, "were under way to another laboratory"),
    ] {
        if !list.is_empty() {
            eprintln!("{} box(es) {what}: {}", list.len(), name(list));
        }
    }
    for at in &examined.over {
        eprintln!("{} has more tubes than it is validated for", laboratories[*at as usize].name);
    }
    Ok(())
}

fn laboratories(path: &Path) -> Result<Vec<Laboratory>> {
    let sheet = Sheet::read(path)?;
    let (name, day) = (sheet.column("laboratory")?, sheet.column("tubes_a_day")?);
    let may = ["in_city", "tubes_an_hour", "opens_min", "closes_min", "turnaround_min", "price", "travel_min"]
        .map(|name| sheet.has(name));
    let read = |(line, row)| {
        let cell = |column| reading::cell(&sheet, line, row, column);
        let number = |at: usize, most: f64| cell(may[at]).number(0.0, most);
        let validated = cell(Some(day)).count()?;
        let validated = cell(Some(day)).given(validated, "tubes that it is validated for in a day")?;
        let open = (number(2, 1e5)?.unwrap_or(0.0), number(3, 1e5)?.unwrap_or(END_MIN));
        let in_city = match cell(may[0]).text() {
            None | Some("yes") => true,
            Some("no") => false,
            Some(other) => return Err(sheet.wrong(line, may[0].unwrap_or(0), other, "yes or no")),
        };
        Ok(Laboratory {
            name: cell(Some(name)).must("the id of a laboratory")?.to_owned(),
            at: reading::place(&sheet, line, row)?,
            in_city,
            validated,
            tubes_an_hour: number(1, 1e6)?.unwrap_or(f64::from(validated) / 24.0),
            open: vec![open],
            turnaround_min: number(4, 1e5)?.unwrap_or(240.0),
            price: number(5, 1e6)?.unwrap_or(0.0),
            travel_min: number(6, 1e5)?,
        })
    };
    let all: Vec<Laboratory> = sheet.rows().map(read).collect::<Result<_>>()?;
    anyhow::ensure!(!all.is_empty(), "{} has no laboratory", path.display());
    Ok(all)
}

fn boxes(path: &Path, laboratories: &BTreeMap<&str, u32>) -> Result<Vec<TubeBox>> {
    let sheet = Sheet::read(path)?;
    let (name, ready, tubes) = (sheet.column("box")?, sheet.column("ready_min")?, sheet.column("tubes")?);
    let under_way = sheet.has("under_way");
    let read = |(line, row)| {
        let cell = |column| reading::cell(&sheet, line, row, column);
        let (at, count) = (cell(Some(ready)).number(0.0, 1e5)?, cell(Some(tubes)).count()?);
        let to = match cell(under_way).text() {
            Some(name) => Some(*laboratories.get(name).with_context(|| {
                sheet.wrong(line, under_way.unwrap_or(0), name, "a laboratory of the other file").to_string()
            })?),
            None => None,
        };
        Ok(TubeBox {
            name: cell(Some(name)).must("the id of a box")?.to_owned(),
            at: reading::place(&sheet, line, row)?,
            ready_min: cell(Some(ready)).given(at, "minutes of the round")?,
            tubes: cell(Some(tubes)).given(count, "tubes in the box")?,
            under_way: to,
        })
    };
    sheet.rows().map(read).collect()
}

/// Reads an assignment.
fn given(path: &Path, boxes: &[TubeBox], laboratories: &BTreeMap<&str, u32>) -> Result<Vec<Option<u32>>> {
    let sheet = Sheet::read(path)?;
    let (name, to) = (sheet.column("box")?, sheet.column("laboratory")?);
    let places: BTreeMap<&str, usize> = boxes.iter().enumerate().map(|(at, one)| (one.name.as_str(), at)).collect();
    let mut found = vec![None; boxes.len()];
    for (line, row) in sheet.rows() {
        let cell = |column| reading::cell(&sheet, line, row, Some(column));
        let id = cell(name).must("the id of a box")?;
        let at = *places.get(id).with_context(|| sheet.wrong(line, name, id, "a box of the other file").to_string())?;
        if let Some(laboratory) = cell(to).text() {
            let known = laboratories.get(laboratory);
            found[at] =
                Some(*known.with_context(|| {
                    sheet.wrong(line, to, laboratory, "a laboratory of the other file").to_string()
                })?);
        }
    }
    Ok(found)
}
