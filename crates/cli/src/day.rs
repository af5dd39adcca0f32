//! `dayclear day`: a folder of a day's files in, decisions, books and bulletin out.

use crate::{
    output::{self, Format},
    setting::{self, Common},
};
use anyhow::{Context, Result};
use dayclear_core::time::CivilDate;
use dayclear_ops::{
    day::{self, Plan, Report},
    folder,
    intake::{self, Folder},
    minutes::{Day, Settings},
};
use dayclear_papers::{self as papers, Lang};
use dayclear_store::{Scope, Store, landing::DoubtKey};
use std::path::{Path, PathBuf};

/// Arguments of `dayclear day`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Folder with the day's files (docs/day-folder.md)
    #[arg(value_name = "IN")]
    folder: PathBuf,
    /// Folder for what was decided
    #[arg(long, value_name = "OUT")]
    out: PathBuf,
    /// Protocol pack: an id, or a disease with a pack in force on the day
    #[arg(long, value_name = "NAME", default_value = "covid-19")]
    pack: String,
    /// The day; otherwise the latest day on which a tube was filled
    #[arg(long, value_name = "D", value_parser = setting::date)]
    date: Option<CivilDate>,
    /// Refuse a file whole when a row of it cannot be taken
    #[arg(long)]
    atomic: bool,
    /// Leave the day open: more files of it are to come
    #[arg(long)]
    keep_open: bool,
    /// An exercise: the bulletin says that people and figures are made up
    #[arg(long)]
    exercise: bool,
    /// How the summary is printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Language of the summary: en, zh-Hans or zh-Hant
    #[arg(long, value_name = "LANG", default_value = "en")]
    lang: Lang,
    #[command(flatten)]
    common: Common,
}

/// Runs it. Ends with 1 when a row could not be taken.
pub async fn run(arguments: Arguments) -> Result<bool> {
    std::fs::create_dir_all(&arguments.out)
        .with_context(|| format!("the folder {} cannot be made", arguments.out.display()))?;
    let store = arguments.common.store(&arguments.out.join("dayclear.db").to_string_lossy()).await?;
    let settings = arguments.common.settings()?;
    let plan = Plan {
        date: arguments.date,
        pack: arguments.pack.clone(),
        atomic: arguments.atomic,
        keep_open: arguments.keep_open,
        exercise: arguments.exercise,
    };
    let input = Folder::open(&arguments.folder)?;
    let report = run_day(&store, &settings, &input, &plan, &arguments.out).await?;
    print(&report, arguments.format, arguments.lang, &arguments.out)?;
    store.close().await;
    Ok(kept_aside(&report) == 0)
}

/// Rows that could not be taken.
fn kept_aside(report: &Report) -> u64 {
    report.files.iter().map(|file| file.tally.doubtful + file.tally.rejected).sum()
}

/// Runs a day and writes its folder.
pub async fn run_day(store: &Store, settings: &Settings, input: &Folder, plan: &Plan, out: &Path) -> Result<Report> {
    let packs = setting::packs()?;
    let bar = output::bar();
    let mut watch = output::watch(&bar);
    let report = day::run(store, &packs, settings, input, plan, &mut watch).await?;
    watch("writing", None);
    let pack = day::pack_for(&packs, &plan.pack, report.date)?;
    let day = Day::whole(report.date, pack, settings);
    let scope = Scope::of(intake::city(input, &settings.zone)?);
    write(store, &scope, &day, &report, out).await?;
    bar.finish_and_clear();
    Ok(report)
}

async fn write(store: &Store, scope: &Scope, day: &Day<'_>, report: &Report, out: &Path) -> Result<()> {
    let mut tx = store.begin(scope).await?;
    let sheets = folder::sheets(&mut tx, day).await?;
    let map = folder::zones_geojson(&mut tx, day).await?;
    output::write_sheets(out, &sheets)?;
    let mut last = DoubtKey::default();
    let mut page = folder::doubts(&mut tx, day, &mut last).await?;
    let mut file = output::SheetFile::create(out, &page)?;
    while !page.rows.is_empty() {
        file.rows(&page)?;
        page = folder::doubts(&mut tx, day, &mut last).await?;
    }
    file.finish()?;
    drop(tx);
    output::write_file(&out.join("zones.geojson"), &serde_json::to_string_pretty(&map)?)?;
    if let Some(bulletin) = &report.bulletin {
        output::write_file(&out.join("bulletin.json"), &papers::bulletin_json(bulletin)?)?;
        output::write_file(&out.join("bulletin.csv"), &papers::bulletin_csv(bulletin, Lang::En))?;
        for lang in Lang::ALL {
            let name = format!("bulletin.{}.html", lang.tag());
            output::write_file(&out.join(name), &papers::bulletin_html(bulletin, *lang)?)?;
        }
        let page = papers::bulletin_html(bulletin, Lang::ZhHans)?;
        output::write_file(&out.join("bulletin.html"), &page)?;
    }
    Ok(())
}

const HEADERS: [&str; 7] = ["file", "read", "created", "updated", "same", "doubtful", "rejected"];

/// The counts of each file, by [`HEADERS`].
fn counts(report: &Report) -> Vec<Vec<String>> {
    let row = |file: &intake::Read| {
        let t = file.tally;
        let counts = [t.read, t.created, t.updated, t.same, t.doubtful, t.rejected];
        std::iter::once(file.name.clone()).chain(counts.map(|n| n.to_string())).collect()
    };
    report.files.iter().map(row).collect()
}

/// Prints what a run did.
pub fn print(report: &Report, format: Format, lang: Lang, out: &Path) -> Result<()> {
    match format {
        Format::Json => {
            let text = serde_json::json!({
                "date": report.date, "changed": report.changed, "signature": report.signature,
                "files": report.files, "open": report.open.len(), "bulletin": report.bulletin,
            });
            println!("{}", serde_json::to_string_pretty(&text)?);
        }
        Format::Csv => print!("{}", output::csv_text(&HEADERS, &counts(report))?),
        Format::Table => {
            println!("{}", papers::text_table(&HEADERS, &counts(report)));
            if !report.changed {
                println!("nothing changed: this folder was taken in before\n");
            }
            match &report.bulletin {
                Some(bulletin) => println!("{}", papers::day_summary(bulletin, &report.open, lang)),
                None => println!("{} is left open; {} items wait\n", report.date, report.open.len()),
            }
            let aside = kept_aside(report);
            if aside > 0 {
                println!("{aside} rows were kept aside: {} says why, and what to do", out.join("doubts.csv").display());
            }
            if report.bulletin.is_some() {
                println!("bulletin: {}", out.join("bulletin.html").display());
            }
        }
    }
    Ok(())
}
