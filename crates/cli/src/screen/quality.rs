//! `dayclear screen quality`: signals of laboratories from a file of results.

use super::{decimals, reading};
use crate::{epi_input::Sheet, output::Format};
use anyhow::{Result, ensure};
use dayclear_core::{
    screening::{Finding, Version},
    time::Zone,
};
use dayclear_engines::screening::quality::{Laboratory, Level, ResultRow, Role, Settings, Signal, signals};
use serde_json::json;
use std::{collections::BTreeSet, path::PathBuf};

/// Arguments of `dayclear screen quality`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Results: laboratory, tube, finding, version, reported_at; role, stratum, size, run, lot, plate, well, received_at,
    /// run_start, run_end, ct_n, ct_orf, ct_ic where known
    #[arg(long, value_name = "FILE")]
    results: PathBuf,
    /// Laboratories: laboratory, tubes_a_day (validated)
    #[arg(long, value_name = "FILE")]
    laboratories: Option<PathBuf>,
    /// Fewest minutes from receipt to result of the fastest validated assay
    #[arg(long, value_name = "M", default_value_t = 75)]
    assay_min: i64,
    /// Ct below which a gene is found
    #[arg(long, value_name = "CT", default_value_t = 40.0)]
    cutoff: f64,
    /// Alarms only
    #[arg(long)]
    alarms: bool,
    /// Time zone in which times are shown
    #[arg(long, value_name = "ZONE", default_value = "Asia/Shanghai")]
    zone: String,
    /// table, json or csv
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

const MAY: [&str; 13] = [
    "role",
    "stratum",
    "size",
    "run",
    "lot",
    "plate",
    "well",
    "received_at",
    "run_start",
    "run_end",
    "ct_n",
    "ct_orf",
    "ct_ic",
];

/// Finds signals.
pub fn run(arguments: &Arguments) -> Result<bool> {
    let sheet = Sheet::read(&arguments.results)?;
    let must = ["laboratory", "tube", "finding", "version", "reported_at"];
    let must: Vec<usize> = must.iter().map(|name| sheet.column(name)).collect::<Result<_>>()?;
    let may = MAY.map(|name| sheet.has(name));
    // places on plates and strata by size are texts of two cells
    let join = |line, row, a: usize, b: usize| {
        let text = |at: usize| reading::cell(&sheet, line, row, may[at]).text();
        match (text(a), text(b)) {
            (Some(a), Some(b)) => format!("{a}/{b}"),
            (one, other) => one.or(other).unwrap_or_default().to_owned(),
        }
    };
    let joined: Vec<(String, String)> =
        sheet.rows().map(|(line, row)| (join(line, row, 1, 2), join(line, row, 5, 6))).collect();
    let mut rows: Vec<ResultRow<'_>> = Vec::with_capacity(joined.len());
    for ((line, row), (stratum, well)) in sheet.rows().zip(&joined) {
        let cell = |column| reading::cell(&sheet, line, row, column);
        let number = |at: usize| cell(may[at]).number(0.0, 60.0);
        let moment = |at: usize| cell(may[at]).moment();
        let finding = cell(Some(must[2])).parsed::<Finding>(&Finding::NAMES.join(", "))?;
        let version = cell(Some(must[3])).parsed::<Version>(&Version::NAMES.join(", "))?;
        let reported = cell(Some(must[4])).moment()?;
        rows.push(ResultRow {
            laboratory: cell(Some(must[0])).must("the id of a laboratory")?,
            tube: cell(Some(must[1])).must("the bar code of a tube, or the name of a control")?,
            role: cell(may[0]).parsed::<Role>(&Role::NAMES.join(", "))?.unwrap_or(Role::Sample),
            stratum,
            run: cell(may[3]).text(),
            lot: cell(may[4]).text(),
            well: (may[6].is_some() && !well.is_empty()).then_some(well.as_str()),
            received: moment(7)?,
            run_start: moment(8)?,
            run_end: moment(9)?,
            reported: cell(Some(must[4])).given(reported, "a moment with its offset")?,
            ct_n: number(10)?,
            ct_orf: number(11)?,
            ct_ic: number(12)?,
            finding: cell(Some(must[2])).given(finding, "a finding")?,
            version: cell(Some(must[3])).given(version, "a version")?,
        });
    }
    let known = arguments.laboratories.as_deref().map(Sheet::read).transpose()?;
    let mut laboratories = Vec::new();
    if let Some(sheet) = &known {
        let (name, day) = (sheet.column("laboratory")?, sheet.column("tubes_a_day")?);
        for (line, row) in sheet.rows() {
            let cell = |column| reading::cell(sheet, line, row, Some(column));
            let name = cell(name).must("the id of a laboratory")?;
            laboratories.push(Laboratory { name, validated_a_day: cell(day).count()? });
        }
    }
    ensure!(arguments.assay_min > 0, "--assay-min is {}; expected minutes above 0", arguments.assay_min);
    let settings = Settings { assay_min: arguments.assay_min, cutoff_ct: arguments.cutoff, ..Settings::default() };
    let mut found = signals(&rows, &laboratories, &settings);
    found.retain(|signal| !arguments.alarms || signal.level == Level::Alarm);
    tell(arguments, &rows, &found, &settings)?;
    Ok(true)
}

fn tell(arguments: &Arguments, rows: &[ResultRow<'_>], found: &[Signal], settings: &Settings) -> Result<()> {
    let zone = Zone::named(&arguments.zone)?;
    let row = |signal: &Signal| {
        vec![
            signal.level.to_string(),
            signal.laboratory.clone(),
            signal.kind.to_string(),
            signal.lot.clone().unwrap_or_default(),
            signal.run.clone().unwrap_or_default(),
            zone.text(signal.since()),
            decimals(signal.figure, 2),
            decimals(signal.limit, 2),
            signal.unit.to_owned(),
            signal.of.to_string(),
            signal.source.to_owned(),
        ]
    };
    let lines: Vec<Vec<String>> = found.iter().map(row).collect();
    let columns = ["level", "laboratory", "signal", "lot", "run", "since", "figure", "limit", "unit", "of", "source"];
    super::print(arguments.format, "signals", &columns, &lines, json!({ "rows": rows.len(), "settings": settings }))?;
    if arguments.format == Format::Table {
        let all: BTreeSet<&str> = rows.iter().map(|row| row.laboratory).collect();
        let alarmed = dayclear_engines::screening::quality::alarmed(found);
        println!("{} rows of {} laboratories; {} with an alarm", rows.len(), all.len(), alarmed.len());
    }
    Ok(())
}
