//! `dayclear import` and `dayclear schema`: what others keep, brought in with a report that adds up.

use crate::{
    bulletin::STORE,
    output::{self, Format},
    setting::{self, Common},
};
use anyhow::{Context, Result, bail};
use dayclear_core::schema::{
    DAILY_CASES, DAY_FOLDER, DISCOVERY_CHANNELS, DISTRICT_CASES, LINELIST, LINELIST_CONTACTS, Table,
};
use dayclear_ops::intake::{self, Import};
use dayclear_papers as papers;
use dayclear_store::{Scope, landing::Doubt};
use dayclear_tabular::frictionless;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Arguments of `dayclear import`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    kind: Kind,
}

#[derive(clap::Subcommand, Debug)]
enum Kind {
    /// A line list, in the column scheme of `dayclear schema linelist`
    Linelist {
        /// CSV or XLSX file
        file: PathBuf,
        /// File of links between the cases (`dayclear schema linelist_contacts`)
        #[arg(long, value_name = "FILE")]
        contacts: Option<PathBuf>,
        /// Name of the line list; otherwise the name of the folder it lies in
        #[arg(long, value_name = "NAME")]
        list: Option<String>,
        /// JSON file that says which header of the file is which declared column: {"病例号": "case_id"}
        #[arg(long, value_name = "FILE")]
        mapping: Option<PathBuf>,
        #[command(flatten)]
        how: How,
    },
    /// Published bulletins: daily figures, routes, districts; the columns tell which is which
    Bulletin {
        /// CSV or XLSX files
        #[arg(required = true)]
        files: Vec<PathBuf>,
        #[command(flatten)]
        how: How,
    },
}

#[derive(clap::Args, Debug)]
struct How {
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Refuse a file whole when a row of it cannot be taken
    #[arg(long)]
    atomic: bool,
    /// How the report is printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    #[command(flatten)]
    common: Common,
}

/// Arguments of `dayclear schema`.
#[derive(clap::Args, Debug)]
pub struct SchemaArguments {
    /// Name of a table; without one, the names are listed
    kind: Option<String>,
}

const IMPORTS: [&Table; 5] = [&LINELIST, &LINELIST_CONTACTS, &DAILY_CASES, &DISCOVERY_CHANNELS, &DISTRICT_CASES];

/// Prints a table schema, or the names of the tables.
pub fn schema(arguments: &SchemaArguments) -> Result<bool> {
    let tables = || DAY_FOLDER.iter().copied().chain(IMPORTS);
    match &arguments.kind {
        None => tables().for_each(|table| println!("{:20} {}", table.name, table.about)),
        Some(kind) => match tables().find(|table| table.name == kind) {
            Some(table) => println!("{}", serde_json::to_string_pretty(&frictionless::schema(table))?),
            None => {
                let names: Vec<&str> = tables().map(|table| table.name).collect();
                bail!("there is no table '{kind}'; there are: {}", names.join(", "));
            }
        },
    }
    Ok(true)
}

/// The name of the folder a file lies in, or of the file.
fn list_name(file: &Path) -> String {
    let folder =
        file.canonicalize().ok().and_then(|path| path.parent().and_then(Path::file_name).map(ToOwned::to_owned));
    let name = folder.or_else(|| file.file_stem().map(ToOwned::to_owned));
    name.map(|name| name.to_string_lossy().into_owned()).unwrap_or_else(|| "linelist".to_owned())
}

/// Headers of a file and the columns they stand for.
type Mapping = BTreeMap<String, String>;

fn mapping_of(path: &Path) -> Result<Mapping> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let remedy = "expected one JSON object of texts, such as {\"病例号\": \"case_id\"}";
    serde_json::from_str(&text).with_context(|| format!("{} is no mapping; {remedy}", path.display()))
}

/// Brings files in. Ends with 1 when a row could not be taken.
pub async fn run(arguments: Arguments) -> Result<bool> {
    let (jobs, list, mapping, how): (Vec<(PathBuf, &'static Table)>, String, Mapping, How) = match arguments.kind {
        Kind::Linelist { file, contacts, list, mapping, how } => {
            let list = list.unwrap_or_else(|| list_name(&file));
            let links = contacts.map(|path| (path, &LINELIST_CONTACTS));
            let mapping = mapping.as_deref().map_or(Ok(Mapping::new()), mapping_of)?;
            (std::iter::once((file, &LINELIST)).chain(links).collect(), list, mapping, how)
        }
        Kind::Bulletin { files, how } => {
            let mut jobs = Vec::new();
            for file in files {
                let table = intake::recognise(&file, &[&DAILY_CASES, &DISCOVERY_CHANNELS, &DISTRICT_CASES])?;
                jobs.push((file, table));
            }
            (jobs, String::new(), Mapping::new(), how)
        }
    };
    let made = how.common.file(STORE).filter(|file| !file.exists());
    let store = how.common.store(STORE).await?;
    let settings = how.common.settings()?;
    let now = setting::now();
    let bar = output::bar();
    let mut reports = Vec::new();
    let mut doubts = Doubts::new(how.format);
    for (path, table) in jobs {
        let import = Import {
            today: settings.zone.day(now),
            now,
            zone: settings.zone.clone(),
            list: list.clone(),
            // it is that of the line list; the links beside it have headers of their own
            mapping: if table.name == LINELIST.name { mapping.clone() } else { Mapping::new() },
            atomic: how.atomic,
            dry_run: how.dry_run,
        };
        let scope = Scope::everything("50".parse()?);
        let aside = &mut |doubt| doubts.tell(doubt);
        reports.push(intake::import(&store, &scope, &import, table, &path, aside, &mut output::watch(&bar)).await?);
    }
    bar.finish_and_clear();
    store.close().await;
    print(&reports, &doubts, how.format)?;
    if how.dry_run {
        // what was made for the trial alone does not stay
        if let Some(file) = made {
            std::fs::remove_file(&file).with_context(|| format!("{} cannot be removed", file.display()))?;
        }
        eprintln!("dry run: nothing was stored");
    }
    Ok(doubts.count == 0)
}

/// Rows that could not be taken, on their way to the person who asked. There may be a million: as data they are printed
/// while they are met; of those for people the first are kept.
struct Doubts {
    format: Format,
    count: u64,
    first: Vec<Doubt>,
}

impl Doubts {
    const SHOWN_MAX: usize = 20;

    fn new(format: Format) -> Self {
        Doubts { format, count: 0, first: Vec::new() }
    }

    fn tell(&mut self, doubt: Doubt) {
        self.count += 1;
        match self.format {
            Format::Json => match serde_json::to_string(&doubt) {
                Ok(text) => print!("{}    {text}", if self.count == 1 { "{\n  \"doubts\": [\n" } else { ",\n" }),
                Err(error) => eprintln!("error: row {} cannot be printed: {error}", doubt.row),
            },
            Format::Table if self.first.len() < Self::SHOWN_MAX => self.first.push(doubt),
            _ => {}
        }
    }
}

fn print(reports: &[intake::Read], doubts: &Doubts, format: Format) -> Result<()> {
    let rows: Vec<Vec<String>> = reports
        .iter()
        .map(|read| {
            let t = read.tally;
            let counts = [t.read, t.created, t.updated, t.same, t.doubtful, t.rejected];
            std::iter::once(read.name.clone()).chain(counts.map(|n| n.to_string())).collect()
        })
        .collect();
    let headers = ["file", "read", "created", "updated", "same", "doubtful", "rejected"];
    match format {
        Format::Json => {
            let begin = if doubts.count == 0 { "{\n  \"doubts\": [" } else { "\n  " };
            println!("{begin}],\n  \"files\": {}\n}}", serde_json::to_string(reports)?);
        }
        Format::Csv => print!("{}", output::csv_text(&headers, &rows)?),
        Format::Table => {
            println!("{}", papers::text_table(&headers, &rows));
            for d in &doubts.first {
                let column = if d.column.is_empty() { String::new() } else { format!(", column {}", d.column) };
                let (source, row, value, expected, remedy) = (&d.source, d.row, &d.value, &d.expected, &d.remedy);
                println!("{source}, row {row}{column}: '{value}'; expected {expected}; {remedy}");
            }
            let more = doubts.count - doubts.first.len() as u64;
            if more > 0 {
                println!("and {more} more; --format json lists them all");
            }
        }
    }
    Ok(())
}
