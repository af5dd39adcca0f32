//! `dayclear screen boxes` and `dayclear screen clocks`: where the boxes of a store are, and how long its tubes took from step to
//! step, by laboratory, site or day. Tables tell of nobody.

use super::print;
use crate::{
    bulletin::STORE,
    output::Format,
    setting::{self, Common},
};
use anyhow::{Context, Result, bail};
use dayclear_core::{
    custody::{BoxState, percentile},
    divisions::DivisionCode,
    listing::{BOXES, Cell, Query, ROWS_MAX, Test},
    time::{CivilDate, Instant, Zone},
};
use dayclear_store::{Scope, Store, custody::TubeClock};
use serde_json::json;
use std::collections::BTreeMap;

/// Tubes of which the clocks are read at most.
const TUBES_MAX: i64 = 4_000_000;

/// What both commands are asked.
#[derive(clap::Args, Debug)]
struct Asked {
    /// Division: a district, a township or a community; the whole city without it
    #[arg(long, value_name = "CODE")]
    division: Option<DivisionCode>,
    /// Laboratory that has the tubes, or to which they go
    #[arg(long, value_name = "ID")]
    laboratory: Option<String>,
    /// The store and the zone of the city.
    #[command(flatten)]
    common: Common,
    /// How it is printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

impl Asked {
    async fn open(&self) -> Result<(Store, Scope, Zone)> {
        let store = self.common.store(STORE).await?;
        let city = store.look(&Scope::nobody()).await?.city().await?;
        let city = city.context("the store holds no city; bring a day in first")?;
        let scope = Scope::of(self.division.clone().unwrap_or(city));
        Ok((store, scope, Zone::named(&self.common.zone)?))
    }
}

/// Arguments of `dayclear screen boxes`.
#[derive(clap::Args, Debug)]
pub struct Boxes {
    #[command(flatten)]
    asked: Asked,
    /// States, separated by commas; all without it
    #[arg(long, value_name = "STATES", value_delimiter = ',')]
    state: Vec<BoxState>,
    /// Courier run
    #[arg(long, value_name = "ID")]
    run: Option<String>,
    /// Only boxes that are late, or will be late soon
    #[arg(long)]
    late: bool,
    /// As of when, such as 2022-11-20T15:00:00+08:00; now without it
    #[arg(long, value_name = "TIME")]
    at: Option<Instant>,
}

const COLUMNS: [&str; 16] = [
    "box",
    "state",
    "clock",
    "division",
    "site",
    "laboratory",
    "courier_run",
    "sent_at",
    "due_at",
    "received_at",
    "tubes",
    "packed",
    "underway",
    "arrived",
    "missing",
    "broken",
];

/// Prints boxes, each with its tubes by state and how it stands by the clock.
pub async fn boxes(arguments: Boxes) -> Result<bool> {
    let asked = &arguments.asked;
    let (store, scope, zone) = asked.open().await?;
    let now = arguments.at.unwrap_or_else(setting::now);
    let mut tx = store.look(&scope).await?.as_of(now);
    let order = BOXES.orders.iter().position(|name| *name == "due_at").unwrap_or_default();
    let mut query = Query { limit: ROWS_MAX, order, ..Query::default() };
    let mut test = |field: &str, test: Test| query.tests.extend(BOXES.position(field).map(|at| (at, test)));
    if !arguments.state.is_empty() {
        test("state", Test::AnyOf(arguments.state.iter().map(|s| Cell::Text(s.name().to_owned())).collect()));
    }
    for (field, value) in [("courier_run", &arguments.run), ("laboratory", &asked.laboratory)] {
        if let Some(value) = value {
            test(field, Test::AnyOf(vec![Cell::Text(value.clone())]));
        }
    }
    let (mut rows, mut sums) = (Vec::new(), [0i64; 6]);
    loop {
        let page = tx.list(&BOXES, &query).await?;
        for row in &page.rows {
            let passed = |name| matches!(row.get(&BOXES, name), Cell::Moment(at) if *at <= now);
            let clock = match row.get(&BOXES, "due_at") {
                Cell::Moment(_) if passed("due_at") => "late",
                // expected after its deadline; three quarters of the time where nobody knows when it is expected
                Cell::Moment(due) => match row.get(&BOXES, "arrives_at") {
                    Cell::Moment(arrives) if arrives > due => "soon",
                    Cell::Empty if passed("soon_at") => "soon",
                    _ => "in time",
                },
                _ => "",
            };
            if arguments.late && !matches!(clock, "late" | "soon") {
                continue;
            }
            for (sum, name) in sums.iter_mut().zip(&COLUMNS[10..]) {
                *sum += if let Cell::Whole(n) = row.get(&BOXES, name) { *n } else { 0 };
            }
            rows.push(
                COLUMNS
                    .map(|name| if name == "clock" { clock.to_owned() } else { row.get(&BOXES, name).text(&zone) })
                    .to_vec(),
            );
        }
        let Some(next) = page.next else { break };
        query.after = Query::read(&BOXES, [("after", next.as_str())], &zone)?.after;
    }
    drop(tx);
    let [tubes, packed, underway, arrived, missing, broken] = sums;
    let more = json!({
        "tubes": tubes, "packed": packed, "underway": underway, "arrived": arrived, "missing": missing, "broken": broken,
    });
    print(asked.format, "boxes", &COLUMNS, &rows, more)?;
    if asked.format == Format::Table {
        println!(
            "{} boxes, {tubes} tubes = {packed} at the site + {underway} on the way + {arrived} received + {missing} missing + {broken} broken",
            rows.len()
        );
    }
    store.close().await;
    // each row and the sums come from the same names; a store where they differ is not to be trusted
    Ok(tubes == packed + underway + arrived + missing + broken)
}

/// By what clocks are grouped.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Laboratory,
    Site,
    Day,
}

/// Arguments of `dayclear screen clocks`.
#[derive(clap::Args, Debug)]
pub struct Clocks {
    #[command(flatten)]
    asked: Asked,
    /// First day on which the tubes were closed
    #[arg(long, value_name = "DAY")]
    from: CivilDate,
    /// Last day; the first one without it
    #[arg(long, value_name = "DAY")]
    to: Option<CivilDate>,
    /// What a line is
    #[arg(long, value_enum, default_value = "laboratory")]
    by: By,
}

const STEPS: [&str; 3] = ["receive", "result", "report"];

/// Prints half of the clocks of tubes, and nineteen in twenty of them.
pub async fn clocks(arguments: Clocks) -> Result<bool> {
    let asked = &arguments.asked;
    let to = arguments.to.unwrap_or(arguments.from);
    if to < arguments.from {
        bail!("--to {to} is before --from {}; give the earlier day first", arguments.from)
    }
    let (store, scope, zone) = asked.open().await?;
    let (from, until) = (zone.start_of(arguments.from), zone.start_of(to.plus_days(1)));
    let mut tx = store.look(&scope).await?;
    let clocks = tx.clocks(from, until, asked.laboratory.as_deref(), TUBES_MAX).await?;
    drop(tx);
    store.close().await;
    if clocks.len() as i64 == TUBES_MAX {
        bail!("more than {TUBES_MAX} tubes were closed in these days; ask for fewer days, or for one division")
    }
    let mut groups: BTreeMap<String, Vec<&TubeClock>> = BTreeMap::new();
    for clock in &clocks {
        let name = match arguments.by {
            By::Laboratory => clock.laboratory.clone().unwrap_or_default(),
            By::Site => format!("{}/{}", clock.division, clock.site.as_deref().unwrap_or_default()),
            By::Day => zone.day(clock.collected_at).to_string(),
        };
        groups.entry(name).or_default().push(clock);
    }
    let by = match arguments.by {
        By::Laboratory => "laboratory",
        By::Site => "site",
        By::Day => "day",
    };
    let mut columns = vec![by.to_owned(), "tubes".to_owned()];
    for step in STEPS {
        columns.extend(["n", "p50_min", "p95_min"].map(|what| format!("{step}_{what}")));
    }
    let rows: Vec<Vec<String>> = groups
        .iter()
        .map(|(name, clocks)| {
            let mut row = vec![name.clone(), clocks.len().to_string()];
            for step in 0..STEPS.len() {
                let mut minutes: Vec<i64> = clocks.iter().filter_map(|clock| clock.minutes[step]).collect();
                minutes.sort_unstable();
                let said = |p| percentile(&minutes, p).map(|n| n.to_string()).unwrap_or_default();
                row.extend([minutes.len().to_string(), said(50), said(95)]);
            }
            row
        })
        .collect();
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    print(asked.format, "clocks", &columns, &rows, json!({"from": arguments.from, "to": to}))?;
    Ok(true)
}
