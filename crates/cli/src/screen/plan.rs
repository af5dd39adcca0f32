//! `dayclear screen plan`: a round from a file of buildings, printed as sums and written as tables.

use super::{decimals, reading};
use crate::{
    epi_input::Sheet,
    output::{CsvFile, Format},
    setting::Common,
};
use anyhow::{Context, Result};
use dayclear_core::{
    protocol::{Ground, Past, Spread},
    screening::Purpose,
    time::CivilDate,
};
use dayclear_engines::screening::plan::{Building, Conditions, PastRound, Place, Prices, Risk, Round, RoundPlan, plan};
use serde_json::json;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Arguments of `dayclear screen plan`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Buildings: building, lon, lat, people; households, floors, area, risk (person, household, area, ordinary) where known
    #[arg(long, value_name = "FILE", required_unless_present = "round")]
    buildings: Option<PathBuf>,
    /// Laboratories to drive to: laboratory, lon, lat. Without any, every site is half an hour from one
    #[arg(long, value_name = "FILE")]
    laboratories: Option<PathBuf>,
    /// Rounds that were held: date, found (in the community); area, empty for all
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
    /// Protocol pack
    #[arg(long, value_name = "ID", default_value = "covid-19-cn-twenty")]
    pack: String,
    /// Day of the round
    #[arg(long, value_name = "D", value_parser = crate::setting::date, required_unless_present = "round")]
    day: Option<CivilDate>,
    /// Why people are tested: area_screening, expanded_screening, community, ...
    #[arg(long, value_name = "PURPOSE", default_value = "area_screening", value_parser = reading::term::<Purpose>)]
    purpose: Purpose,
    /// Ground for testing more than an area: source_unclear or long_spread
    #[arg(long, value_name = "GROUND", value_parser = reading::term::<Ground>)]
    ground: Option<Ground>,
    /// What the area is to its outbreak: affected (rounds, pause, one more) or traces (rounds only)
    #[arg(long, value_name = "SPREAD", default_value = "affected", value_parser = reading::term::<Spread>)]
    spread: Spread,
    /// Clock time at which the round begins
    #[arg(long, value_name = "HH:MM", default_value = "06:00", value_parser = reading::clock)]
    begin: i32,
    /// Hours of the round
    #[arg(long, value_name = "H", default_value_t = 24.0)]
    hours: f64,
    /// Opening hours; may be given more than once
    #[arg(long, value_name = "HH:MM-HH:MM", default_value = "06:00-22:00", value_parser = reading::hours)]
    open: Vec<(i32, i32)>,
    /// Minutes of a slot for which people are called
    #[arg(long, value_name = "M", default_value_t = 30)]
    slot: i32,
    /// Share of a slot's people who come at its very beginning
    #[arg(long, value_name = "SHARE", default_value_t = 0.3)]
    at_once: f64,
    /// Walking speed, metres a second
    #[arg(long, value_name = "M/S", default_value_t = 1.07)]
    walk_speed: f64,
    /// Way on foot over the straight line
    #[arg(long, value_name = "X", default_value_t = 1.3)]
    walk_detour: f64,
    /// Price of an hour of staff; any price gives a sum of money
    #[arg(long, value_name = "MONEY")]
    price_staff_hour: Option<f64>,
    /// Price of a tube with swabs
    #[arg(long, value_name = "MONEY")]
    price_tube: Option<f64>,
    /// Price of the test of a tube
    #[arg(long, value_name = "MONEY")]
    price_test: Option<f64>,
    /// Price of an hour of a courier
    #[arg(long, value_name = "MONEY")]
    price_courier_hour: Option<f64>,
    /// Write sites.csv, calls.csv and boxes.csv into this folder
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// A round of a store (--db) instead of files: planned from its roster, and kept with it
    #[arg(long, value_name = "ID", conflicts_with_all = ["buildings", "day", "out"])]
    round: Option<String>,
    /// table, json or csv
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// The store and the zone of the city.
    #[command(flatten)]
    common: Common,
}

/// Plans the round.
pub async fn run(arguments: &Arguments) -> Result<bool> {
    if let Some(round) = &arguments.round {
        return super::plan_kept::run(&arguments.common, round, &arguments.pack, arguments.format).await;
    }
    let pack = reading::pack(&arguments.pack)?;
    let (Some(path), Some(day)) = (&arguments.buildings, arguments.day) else {
        anyhow::bail!("--buildings and --day say what is planned; or --round with --db");
    };
    let buildings = buildings(path)?;
    let laboratories: Vec<Place> = match &arguments.laboratories {
        Some(path) => {
            let sheet = Sheet::read(path)?;
            sheet.rows().map(|(line, row)| reading::place(&sheet, line, row)).collect::<Result<_>>()?
        }
        None => Vec::new(),
    };
    let history = arguments.history.as_deref().map(history).transpose()?.unwrap_or_default();
    let after = |clock: i32| if clock < arguments.begin { clock + 1440 } else { clock } - arguments.begin;
    let open = arguments.open.iter().map(|(from, to)| {
        let from = after(*from);
        let to = after(*to);
        (from, if to <= from { to + 1440 } else { to })
    });
    let conditions = Conditions {
        hours: arguments.hours,
        open: open.collect(),
        slot_min: arguments.slot,
        at_once: arguments.at_once,
        walk_m_s: arguments.walk_speed,
        walk_detour: arguments.walk_detour,
        ..Conditions::default()
    };
    let prices = [arguments.price_staff_hour, arguments.price_tube, arguments.price_test, arguments.price_courier_hour];
    let prices = prices.iter().any(Option::is_some).then(|| Prices {
        staff_hour: prices[0].unwrap_or(0.0),
        tube: prices[1].unwrap_or(0.0),
        test: prices[2].unwrap_or(0.0),
        courier_hour: prices[3].unwrap_or(0.0),
    });
    let round = Round {
        day,
        purpose: arguments.purpose,
        ground: arguments.ground,
        spread: arguments.spread,
        most: None,
        buildings: &buildings,
        laboratories: &laboratories,
        history: &history,
        in_place: false,
    };
    let found = plan(&pack, &round, &conditions, prices).context("the round is not planned")?;
    if let Some(folder) = &arguments.out {
        write(folder, &found, &buildings, arguments.begin)?;
    }
    tell(arguments, &found, &buildings, &conditions)
}

/// Reads buildings.
pub fn buildings(path: &Path) -> Result<Vec<Building>> {
    let sheet = Sheet::read(path)?;
    let (name, people) = (sheet.column("building")?, sheet.column("people")?);
    let may = ["households", "floors", "area", "risk"].map(|name| sheet.has(name));
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    let mut buildings = Vec::new();
    for (line, row) in sheet.rows() {
        let cell = |column| reading::cell(&sheet, line, row, column);
        let id = cell(Some(name)).must("the id of a building")?;
        if let Some(first) = seen.insert(id.to_owned(), line) {
            return Err(sheet.wrong(line, name, id, &format!("each building once; row {first} has it")));
        }
        let given = cell(Some(people)).count()?;
        buildings.push(Building {
            name: id.to_owned(),
            at: reading::place(&sheet, line, row)?,
            people: cell(Some(people)).given(given, "people to be sampled; 0 is a number, empty is unknown")?,
            households: cell(may[0]).count()?,
            floors: cell(may[1]).parsed("a whole number of floors")?,
            area: cell(may[2]).text().map(str::to_owned),
            risk: cell(may[3]).parsed::<Risk>(&Risk::NAMES.join(", "))?,
        });
    }
    Ok(buildings)
}

/// Reads rounds that were held.
pub fn history(path: &Path) -> Result<Vec<PastRound>> {
    let sheet = Sheet::read(path)?;
    let (date, found, area) = (sheet.column("date")?, sheet.column("found")?, sheet.has("area"));
    let read = |(line, row)| {
        let cell = |column| reading::cell(&sheet, line, row, column);
        let (day, count) = (sheet.date(line, row, date)?, cell(Some(found)).count()?);
        Ok(PastRound {
            area: cell(area).text().unwrap_or_default().to_owned(),
            past: Past {
                day: cell(Some(date)).given(day, "a date as 2022-11-20")?,
                found: cell(Some(found)).given(count, "infections found in the community; 0 is a number")?,
            },
        })
    };
    sheet.rows().map(read).collect()
}

/// A minute of the round as clock time; the next day is marked.
fn clock(minute: f64, begin: i32) -> String {
    let minute = minute.round() as i32 + begin;
    let day = if minute >= 1440 { format!("+{}d ", minute / 1440) } else { String::new() };
    format!("{day}{:02}:{:02}", minute / 60 % 24, minute % 60)
}

fn write(folder: &Path, plan: &RoundPlan, buildings: &[Building], begin: i32) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let name = |site: usize| format!("S{:05}", site + 1);
    let place = |site: usize| {
        let at = &buildings[plan.sites[site].at as usize];
        [at.name.clone(), at.at.lon.to_string(), at.at.lat.to_string()]
    };
    let columns = [
        "site",
        "building",
        "lon",
        "lat",
        "people",
        "lanes",
        "samplers",
        "walk_max_min",
        "walk_mean_min",
        "wait_max_min",
        "wait_slot",
        "tubes",
        "courier",
        "fetched_every_min",
        "collect_to_receipt_max_min",
    ];
    let mut file = CsvFile::create(&folder.join("sites.csv"), &columns)?;
    for (number, site) in plan.sites.iter().enumerate() {
        let slot = plan.slots.get(site.wait_slot as usize).map_or(0.0, |slot| f64::from(slot.from));
        let mut row = vec![name(number)];
        row.extend(place(number));
        row.extend([site.people, site.lanes, site.samplers].map(|count| count.to_string()));
        row.extend([site.walk_max_min, site.walk_mean_min, site.wait_min].map(|minutes| decimals(minutes, 1)));
        row.extend([clock(slot, begin), site.tubes.values().sum::<u32>().to_string()]);
        row.extend([format!("C{:04}", site.visits.courier + 1)]);
        row.extend([site.visits.every_min, site.visits.oldest_min].map(|minutes| decimals(minutes, 0)));
        file.row(&row)?;
    }
    file.finish()?;
    let mut file = CsvFile::create(&folder.join("calls.csv"), &["site", "from", "to", "building", "floors", "people"])?;
    for (number, site) in plan.sites.iter().enumerate() {
        for call in &site.calls {
            let slot = plan.slots[call.slot as usize];
            let floors = call.floors.map_or(String::new(), |(from, to)| format!("{from}-{to}"));
            let times = [slot.from, slot.to].map(|minute| clock(minute.into(), begin));
            let [from, to] = times;
            let building = buildings[call.building as usize].name.clone();
            file.row(&[name(number), from, to, building, floors, call.people.to_string()])?;
        }
    }
    file.finish()?;
    let mut file = CsvFile::create(&folder.join("boxes.csv"), &["box", "site", "lon", "lat", "ready_min", "tubes"])?;
    for (number, ready) in plan.boxes().iter().enumerate() {
        let [_, lon, lat] = place(ready.site as usize);
        let minute = decimals(ready.ready_min, 1);
        file.row(&[
            format!("X{:06}", number + 1),
            name(ready.site as usize),
            lon,
            lat,
            minute,
            ready.tubes.to_string(),
        ])?;
    }
    file.finish()?;
    Ok(())
}

fn tell(arguments: &Arguments, plan: &RoundPlan, buildings: &[Building], conditions: &Conditions) -> Result<bool> {
    let totals = serde_json::to_value(&plan.totals)?;
    let mut rows: Vec<Vec<String>> = Vec::new();
    if let serde_json::Value::Object(totals) = &totals {
        for (name, value) in totals {
            let text = match value {
                serde_json::Value::Null => continue,
                value if value.is_f64() => decimals(value.as_f64().unwrap_or(f64::NAN), 1),
                value => value.to_string(),
            };
            rows.push(vec![name.clone(), text]);
        }
    }
    let worst = plan.sites.iter().max_by(|a, b| a.wait_min.total_cmp(&b.wait_min));
    if let Some(site) = worst {
        let slot = plan.slots.get(site.wait_slot as usize).map_or(0.0, |slot| f64::from(slot.from));
        rows.push(vec!["worst_queue_at".to_owned(), buildings[site.at as usize].name.clone()]);
        rows.push(vec!["worst_queue_from".to_owned(), clock(slot, arguments.begin)]);
    }
    let mut pools: BTreeMap<u8, u32> = BTreeMap::new();
    plan.sites.iter().flat_map(|site| &site.tubes).for_each(|(size, count)| *pools.entry(*size).or_default() += count);
    for (size, count) in pools {
        let name = if size == 0 { "tubes_household".to_owned() } else { format!("tubes_of_{size}") };
        rows.push(vec![name, count.to_string()]);
    }
    let reasons: Vec<String> = plan.reasons.iter().map(ToString::to_string).collect();
    let more = json!({ "reasons": reasons, "conditions": conditions });
    super::print(arguments.format, "round", &["figure", "value"], &rows, more)?;
    if arguments.format == Format::Table {
        println!("by these clauses:");
        for reason in &reasons {
            println!("  {reason}");
        }
        println!("and by these assumptions, which no rule gives: {}", serde_json::to_string(conditions)?);
    }
    if plan.totals.sites_late > 0 {
        eprintln!(
            "{} site(s) cannot have their tubes received in time: the way to the laboratory is too long",
            plan.totals.sites_late
        );
    }
    if let Some(folder) = &arguments.out {
        eprintln!("written: sites.csv, calls.csv, boxes.csv in {}", folder.display());
    }
    Ok(true)
}
