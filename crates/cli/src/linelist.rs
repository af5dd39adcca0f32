//! `dayclear linelist`: line lists of cases and contacts between the published scheme, SORMAS, Go.Data and DHIS2 tracker, from file to
//! file, or out of a store. Files only; what another system does with them is its own affair.

use crate::{
    bulletin::STORE,
    setting::{self, Common},
};
use anyhow::{Context, Result, bail};
use dayclear_core::time::Zone;
use dayclear_exchange::linelists::{
    Attributes, GODATA_CASES, GODATA_CONTACTS, LINKS, PUBLISHED, Record, SORMAS_CASES, SORMAS_CONTACTS, Scheme, Style,
    read_tracker, write_tracker,
};
use dayclear_ops::handout;
use dayclear_store::Scope;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Arguments of `dayclear linelist`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// Turn a file of cases, or of contacts, into that of another system
    Convert {
        /// File to read
        input: PathBuf,
        /// File to write
        out: PathBuf,
        /// System that the file is of
        #[arg(long, value_enum)]
        from: Form,
        #[command(flatten)]
        to: To,
        /// How days are written in the file that is read
        #[arg(long, value_enum, default_value = "iso")]
        days: Days,
        /// The file holds contacts (links between cases) and no cases
        #[arg(long)]
        contacts: bool,
        /// JSON file that says which label of the header stands for which API name: {"编号": "visualId"}
        #[arg(long, value_name = "FILE")]
        labels: Option<PathBuf>,
    },
    /// Hand the cases of a store out, and their contacts; people are named by their ids
    Export {
        /// File of cases to write
        out: PathBuf,
        /// File of contacts to write; with dhis2 they stand in the file of cases
        #[arg(long, value_name = "FILE")]
        contacts: Option<PathBuf>,
        #[command(flatten)]
        to: To,
        /// What it is for; kept in the chain of events
        #[arg(long, value_name = "WORDS")]
        purpose: String,
        #[command(flatten)]
        common: Common,
    },
}

#[derive(clap::Args, Debug)]
struct To {
    /// System that the file is for
    #[arg(long, value_enum, default_value = "linelist")]
    to: Form,
    /// How days are written in the file that is written
    #[arg(long, value_enum, default_value = "iso")]
    write_days: Days,
    /// JSON file that says which label of the header stands for which API name, in the file that is written
    #[arg(long, value_name = "FILE")]
    write_labels: Option<PathBuf>,
    /// JSON file with the ids of an instance of DHIS2: which attribute says what (docs/trace.md)
    #[arg(long, value_name = "FILE")]
    attributes: Option<PathBuf>,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// The column scheme of the published sets
    Linelist,
    /// SORMAS, CSV
    Sormas,
    /// Go.Data, CSV
    Godata,
    /// DHIS2 tracker, JSON
    Dhis2,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum Days {
    /// 2022-11-20
    Iso,
    /// 20.11.2022
    Dots,
    /// 20/11/2022
    DayFirst,
    /// 11/20/2022
    MonthFirst,
}

impl Days {
    fn style(self) -> Style {
        match self {
            Days::Iso => Style::Iso,
            Days::Dots => Style::Dots,
            Days::DayFirst => Style::DayFirst,
            Days::MonthFirst => Style::MonthFirst,
        }
    }
}

impl Form {
    /// Its table of cases or of contacts; DHIS2 has none.
    fn scheme(self, contacts: bool) -> Option<&'static Scheme> {
        Some(match (self, contacts) {
            (Form::Linelist, false) => &PUBLISHED,
            (Form::Linelist, true) => &LINKS,
            (Form::Sormas, false) => &SORMAS_CASES,
            (Form::Sormas, true) => &SORMAS_CONTACTS,
            (Form::Godata, false) => &GODATA_CASES,
            (Form::Godata, true) => &GODATA_CONTACTS,
            (Form::Dhis2, _) => return None,
        })
    }
}

/// Runs `dayclear linelist`.
pub async fn run(arguments: Arguments) -> Result<bool> {
    match arguments.command {
        Command::Convert { input, out, from, to, days, contacts, labels } => {
            let (cases, links) = match from.scheme(contacts) {
                None => read_tracker(&json(&input)?, &attributes(&to)?)?,
                Some(scheme) => {
                    let records = scheme.read(&grid(&input)?, days.style(), &labels_of(labels.as_deref())?)?;
                    if contacts { (Vec::new(), records) } else { (records, Vec::new()) }
                }
            };
            match to.to.scheme(contacts) {
                None => tracker(&out, &cases, &links, &to)?,
                Some(scheme) => table(&out, scheme, if contacts { &links } else { &cases }, &to)?,
            }
        }
        Command::Export { out, contacts, to, purpose, common } => {
            if purpose.trim().is_empty() {
                bail!("say with --purpose what it is for");
            }
            let store = common.store(STORE).await?;
            let zone = Zone::named(&common.zone)?;
            let city = store
                .look(&Scope::nobody())
                .await?
                .city()
                .await?
                .context("the store holds no city; bring a day in first")?;
            let mut tx = store.turn(&Scope::of(city)).await?;
            let handed = handout::handout(&mut tx, &zone).await?;
            let form = format!("{:?}", to.to).to_lowercase();
            handout::note(&mut tx, (&zone, setting::now()), &handed, &form, &purpose).await?;
            tx.commit().await?;
            match to.to.scheme(false) {
                // between cases only: a tracked entity is a case
                None => {
                    let known = |link: &&Record| {
                        handed.cases.iter().any(|case| case.fields.get("case_id") == link.fields.get("to"))
                    };
                    let links: Vec<Record> = handed.contacts.iter().filter(known).cloned().collect();
                    tracker(&out, &handed.cases, &links, &to)?;
                }
                Some(scheme) => table(&out, scheme, &handed.cases, &to)?,
            }
            if let (Some(path), Some(scheme)) = (contacts, to.to.scheme(true)) {
                table(&path, scheme, &handed.contacts, &to)?;
            }
            store.close().await;
        }
    }
    Ok(true)
}

fn text(path: &Path) -> Result<String> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

fn json(path: &Path) -> Result<serde_json::Value> {
    serde_json::from_str(&text(path)?).with_context(|| format!("{} is no JSON", path.display()))
}

fn labels_of(path: Option<&Path>) -> Result<BTreeMap<String, String>> {
    let Some(path) = path else { return Ok(BTreeMap::new()) };
    let remedy = "expected one JSON object of texts, such as {\"编号\": \"visualId\"}";
    serde_json::from_str(&text(path)?).with_context(|| format!("{} is no mapping; {remedy}", path.display()))
}

fn attributes(to: &To) -> Result<Attributes> {
    let Some(path) = &to.attributes else {
        bail!("DHIS2 has ids of its own in each instance; name them with --attributes FILE (docs/trace.md)")
    };
    serde_json::from_str(&text(path)?).with_context(|| format!("{} is no mapping of attributes", path.display()))
}

/// A CSV file, separated by commas or semicolons as its first row has more of.
fn grid(path: &Path) -> Result<Vec<Vec<String>>> {
    let text = text(path)?;
    let first = text.lines().next().unwrap_or_default();
    let separator = if first.matches(';').count() > first.matches(',').count() { b';' } else { b',' };
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_bytes());
    let rows = reader.records().map(|row| Ok(row?.iter().map(str::to_owned).collect()));
    rows.collect::<Result<_, csv::Error>>().with_context(|| format!("{} is no CSV", path.display()))
}

fn table(path: &Path, scheme: &Scheme, records: &[Record], to: &To) -> Result<()> {
    let written = scheme.write(records, to.write_days.style(), &labels_of(to.write_labels.as_deref())?);
    let mut writer = csv::Writer::from_path(path).with_context(|| format!("{} cannot be written", path.display()))?;
    for row in scheme.rows(&written.grid) {
        writer.write_record(&row)?;
    }
    writer.flush()?;
    println!("{} rows in {}", written.grid.rows.len(), path.display());
    if !written.additional.is_empty() {
        println!("columns that the other system does not know: {}", written.additional.join(", "));
    }
    Ok(())
}

fn tracker(path: &Path, cases: &[Record], links: &[Record], to: &To) -> Result<()> {
    let payload = write_tracker(cases, links, &attributes(to)?)?;
    std::fs::write(path, serde_json::to_string_pretty(&payload)?)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    println!("{} tracked entities and {} relationships in {}", cases.len(), links.len(), path.display());
    Ok(())
}
