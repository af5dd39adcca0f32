//! `dayclear demo`: the sample city, one day from its first tube to its signed books. The city makes the files, the
//! stations decide, the city plays the drivers and the couriers on what was decided, and the day is closed.

use crate::{
    city,
    day::{print, run_day},
    output::{CsvFile, Format},
    setting::{self, Common},
};
use anyhow::{Context, Result};
use dayclear_core::{
    schema::{DELIVERIES, HANDOVERS, Table},
    time::{CivilDate, HOUR, Instant},
};
use dayclear_engines::city::{DueParcel, PlannedRide, Spec, play_deliveries, play_handovers};
use dayclear_ops::{
    day::{Plan, pack_for},
    folder,
    intake::{self, Folder},
    minutes::Day,
};
use dayclear_papers::Lang;
use dayclear_store::Scope;
use std::path::{Path, PathBuf};

/// The file by which a demonstration knows its own folder again.
const MARK: &str = "made-by-dayclear-demo.txt";

/// The sample city lives in the nine central districts.
const DISTRICTS: usize = 9;

/// Arguments of `dayclear demo`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// People of the city
    #[arg(long, default_value_t = 40_000)]
    people: u64,
    /// Positives found on the day
    #[arg(long, default_value_t = 120)]
    positives: u64,
    /// Seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The day
    #[arg(long, value_name = "D", value_parser = setting::date, default_value = "2022-11-20")]
    date: CivilDate,
    /// Folder for the city, the store and what was decided; made anew
    #[arg(long, value_name = "OUT", default_value = "out/demo")]
    out: PathBuf,
    /// Language of the summary: en, zh-Hans or zh-Hant
    #[arg(long, value_name = "LANG", default_value = "en")]
    lang: Lang,
    #[command(flatten)]
    common: Common,
}

/// Runs it.
pub async fn run(arguments: Arguments) -> Result<bool> {
    let (input, out) = (arguments.out.join("in"), arguments.out.join("out"));
    clear(&arguments.out)?;
    std::fs::create_dir_all(&out)
        .and_then(|()| {
            std::fs::write(arguments.out.join(MARK), "`dayclear demo` empties this folder when it is run again.\n")
        })
        .with_context(|| format!("the folder {} cannot be made", out.display()))?;
    println!(
        "A city of {} people, {} positives to be found on {}",
        arguments.people, arguments.positives, arguments.date
    );
    let spec = Spec {
        people: arguments.people,
        positives: arguments.positives,
        tubes: None,
        date: arguments.date,
        seed: arguments.seed,
        districts: Some(DISTRICTS),
    };
    city::make(&spec, &input)?;
    let store = arguments.common.store(&out.join("dayclear.db").to_string_lossy()).await?;
    let settings = arguments.common.settings()?;
    let plan = Plan {
        date: Some(arguments.date),
        pack: "covid-19".to_owned(),
        atomic: false,
        keep_open: true,
        exercise: true,
    };
    // first run: everything is decided and planned, nobody has moved yet
    run_day(&store, &settings, &Folder::open(&input)?, &plan, &out).await?;
    let packs = setting::packs()?;
    let day = Day::whole(arguments.date, pack_for(&packs, &plan.pack, arguments.date)?, &settings);
    let scope = Scope::of(intake::city(&Folder::open(&input)?, &settings.zone)?);
    let mut tx = store.begin(&scope).await?;
    let rides = folder::planned_rides(&mut tx, &day)
        .await?
        .into_iter()
        .map(|(person, facility, pickup_at, arrive_at)| PlannedRide { person, facility, pickup_at, arrive_at });
    let handovers = play_handovers(rides, arguments.seed);
    let due: Vec<DueParcel> = tx
        .parcels_on(arguments.date)
        .await?
        .into_iter()
        .filter(|parcel| parcel.depot.is_some())
        .map(|parcel| DueParcel {
            household: parcel.household,
            item: parcel.item,
            at: Instant::from_micros(day.start.micros() + 15 * HOUR),
        })
        .collect();
    drop(tx);
    let deliveries = play_deliveries(due.into_iter(), arguments.seed);
    let cells = |row: [String; 5]| row.to_vec();
    write(&input, &HANDOVERS, handovers.iter().filter(|row| row.at < day.end).map(|row| cells(row.cells(day.zone))))?;
    write(
        &input,
        &DELIVERIES,
        deliveries.iter().filter(|row| row.at < day.end).map(|row| row.cells(day.zone).to_vec()),
    )?;
    // second run: drivers and couriers have reported, the day is closed
    let plan = Plan { keep_open: false, ..plan };
    let report = run_day(&store, &settings, &Folder::open(&input)?, &plan, &out).await?;
    print(&report, Format::Table, arguments.lang, &out)?;
    println!("files:    {}", out.display());
    store.close().await;
    Ok(true)
}

/// Empties the folder of an earlier demonstration, and nothing else: a folder that is not one is left alone.
fn clear(folder: &Path) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    let ours = folder.join(MARK).is_file();
    let empty = std::fs::read_dir(folder).map(|mut entries| entries.next().is_none()).unwrap_or(false);
    anyhow::ensure!(
        ours || empty,
        "{} holds something else than an earlier demonstration; name another folder with --out",
        folder.display()
    );
    std::fs::remove_dir_all(folder).with_context(|| format!("{} cannot be emptied", folder.display()))
}

fn write(folder: &Path, table: &Table, rows: impl Iterator<Item = Vec<String>>) -> Result<()> {
    let path = folder.join(format!("{}.csv", table.name));
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    let mut writer =
        CsvFile::create(&path, &columns).with_context(|| format!("{} cannot be written", path.display()))?;
    for row in rows {
        writer.row(&row)?;
    }
    writer.finish()?;
    Ok(())
}
