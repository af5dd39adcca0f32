//! `dayclear screen rehearse`: a made-up day of laboratories as files for `screen quality`, with the truth beside them.

use super::reading;
use crate::output::CsvFile;
use anyhow::{Context, Result};
use dayclear_core::time::{Instant, Zone};
use dayclear_engines::screening::quality::rehearsal::{Rehearsal, Scene, Way};
use std::path::PathBuf;

/// Arguments of `dayclear screen rehearse`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Folder for results.csv, laboratories.csv and truth.csv
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// Seed: the same one gives the same day
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Laboratories
    #[arg(long, value_name = "N", default_value_t = 100)]
    laboratories: usize,
    /// Of them, how many cheat
    #[arg(long, value_name = "N", default_value_t = 10)]
    cheats: usize,
    /// Tubes of a laboratory, on average
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    tubes: u32,
    /// Share of tubes that are positive, on average
    #[arg(long, value_name = "SHARE", default_value_t = 0.06)]
    positivity: f64,
    /// All cheat in this way: pooled_again, hurried, early_negatives, made_up, threshold, overwrites, bad_lot, ...
    #[arg(long, value_name = "WAY", value_parser = reading::term::<Way>)]
    way: Option<Way>,
}

/// Makes the day.
pub fn run(arguments: &Arguments) -> Result<bool> {
    anyhow::ensure!(
        arguments.cheats <= arguments.laboratories && (0.0..1.0).contains(&arguments.positivity),
        "expected at most as many cheats as laboratories, and a positivity from 0 to 1"
    );
    let scene = Scene {
        seed: arguments.seed,
        laboratories: arguments.laboratories,
        cheats: arguments.cheats,
        tubes: arguments.tubes,
        positivity: arguments.positivity,
        way: arguments.way,
        ..Scene::default()
    };
    let day = Rehearsal::play(scene);
    let folder = &arguments.out;
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let zone = Zone::named("Asia/Shanghai")?;
    let columns = [
        "laboratory",
        "tube",
        "role",
        "stratum",
        "run",
        "lot",
        "well",
        "received_at",
        "run_start",
        "run_end",
        "reported_at",
        "ct_n",
        "ct_orf",
        "ct_ic",
        "finding",
        "version",
    ];
    let mut file = CsvFile::create(&folder.join("results.csv"), &columns)?;
    let time = |at: Option<Instant>| at.map_or(String::new(), |at| zone.text(at));
    let ct = |ct: Option<f64>| ct.map_or(String::new(), |ct| format!("{ct:.2}"));
    for row in day.rows(24) {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        file.row(&[
            row.laboratory.to_owned(),
            row.tube.to_owned(),
            row.role.to_string(),
            row.stratum.to_owned(),
            text(row.run),
            text(row.lot),
            text(row.well),
            time(row.received),
            time(row.run_start),
            time(row.run_end),
            time(Some(row.reported)),
            ct(row.ct_n),
            ct(row.ct_orf),
            ct(row.ct_ic),
            row.finding.to_string(),
            row.version.to_string(),
        ])?;
    }
    file.finish()?;
    let mut file = CsvFile::create(&folder.join("laboratories.csv"), &["laboratory", "tubes_a_day"])?;
    for laboratory in day.laboratories() {
        let validated = laboratory.validated_a_day.map_or(String::new(), |tubes| tubes.to_string());
        file.row(&[laboratory.name, &validated])?;
    }
    file.finish()?;
    let mut file = CsvFile::create(&folder.join("truth.csv"), &["laboratory", "way"])?;
    for (name, way) in day.truth() {
        file.row(&[name, way.map_or("", |way| way.name())])?;
    }
    file.finish()?;
    println!("written: results.csv, laboratories.csv, truth.csv in {}", folder.display());
    Ok(true)
}
