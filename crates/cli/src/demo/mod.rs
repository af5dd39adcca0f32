//! `dayclear demo`: the sample city, one day from its first tube to its signed books. The city makes the files, the
//! stations decide, the city plays the drivers and the couriers on what was decided, and the day is closed. Then the next
//! day is played up to its evening, and people can go on from there in the console.

mod around;
mod evening;

use crate::{
    city,
    day::{print, run_day},
    exercise,
    output::{CsvFile, Format},
    secrets::Secrets,
    serve,
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
    /// Only make the city and its days; do not serve the console
    #[arg(long)]
    no_serve: bool,
    /// Address and port of the console
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: String,
    /// Print the code that the authenticator of an account of the demonstration shows now, and do nothing else
    #[arg(long, value_name = "LOGIN")]
    code: Option<String>,
    #[command(flatten)]
    common: Common,
}

/// Runs it.
pub async fn run(arguments: Arguments) -> Result<bool> {
    if let Some(login) = &arguments.code {
        println!("{}", exercise::code(&arguments.out, login)?);
        return Ok(true);
    }
    let (input, out) = (arguments.out.join("in"), arguments.out.join("out"));
    exercise::clear(&arguments.out, "demo")?;
    std::fs::create_dir_all(&out).with_context(|| format!("the folder {} cannot be made", out.display()))?;
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
        turn: 0,
        districts: Some(DISTRICTS),
        collective: false,
        lists: false,
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
    let scene = evening::Scene {
        store: &store,
        settings: &settings,
        scope: &scope,
        pack: &plan.pack,
        people: arguments.people,
        positives: arguments.positives,
        seed: arguments.seed,
        day: arguments.date.plus_days(1),
    };
    let now = evening::play(&scene, &input, &arguments.out.join("next")).await?;
    let db = arguments.common.db.clone().unwrap_or_else(|| out.join("dayclear.db").to_string_lossy().into_owned());
    let secrets = Secrets { secrets: Some(out.join("dayclear.keys")) };
    secrets.make(&db)?;
    let stage = exercise::Stage {
        store: &store,
        settings: &settings,
        packs: &packs,
        pack: &plan.pack,
        scope: &scope,
        secrets: &secrets,
        db: &db,
        now,
    };
    let people = exercise::make(&stage, &arguments.out).await?;
    store.close().await;
    std::fs::write(arguments.out.join("clock.txt"), now.to_string())?;
    println!();
    println!("The evening after: log in with one of these accounts of the made-up city.");
    exercise::told(&people, &arguments.out, "dayclear demo");
    if arguments.no_serve {
        return Ok(true);
    }
    println!("Stop it with Ctrl-C. The next `dayclear demo` makes everything anew.");
    serve::run(serve::Arguments::of(&db, &arguments.listen, &out.join("dayclear.keys"), now)).await
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
