//! `dayclear admin close-down`: the end of a store. Figures are written to a folder, everything about people is deleted, the keys are
//! written over, and a certificate says what was done. Nothing is done without a word that nobody types by mistake.

use crate::{
    bulletin::STORE,
    output::{Format, csv_text},
    secrets::{Machine, Secrets},
    setting::{self, Common},
};
use anyhow::{Context, Result, bail};
use dayclear_core::{divisions::DivisionCode, time::Zone};
use dayclear_ops::{
    access::Entropy as _,
    closing::{self, Certificate, Figures},
};
use dayclear_papers as papers;
use dayclear_store::Scope;
use serde_json::{Map, Value, json};
use std::{
    fs::{self, OpenOptions},
    io::{Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

/// Arguments of `dayclear admin close-down`.
#[derive(clap::Args, Debug)]
pub struct CloseDown {
    /// City, as it stands in the store
    #[arg(long, value_name = "CODE", default_value = "50")]
    city: DivisionCode,
    /// Folder for the figures and the certificate; it must not be there
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// The word that says that it is meant; without it the command says which, and does nothing
    #[arg(long, value_name = "WORD")]
    confirm: Option<String>,
    /// How the certificate is printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    #[command(flatten)]
    secrets: Secrets,
    #[command(flatten)]
    common: Common,
}

/// Does it.
pub async fn run(given: CloseDown) -> Result<bool> {
    let name = given.common.db.as_deref().unwrap_or(STORE);
    let zone = Zone::named(&given.common.zone)?;
    let store = given.common.store(STORE).await?;
    let scope = Scope::everything(given.city.clone());
    let obstacles = closing::obstacles(&store, &scope).await?;
    if !obstacles.is_empty() {
        store.close().await;
        let said: Vec<String> = obstacles.iter().map(|one| format!("{}: {}", one.what, one.count)).collect();
        bail!("the store cannot be closed down while somebody is bound or waited for ({})", said.join(", "));
    }
    let word = format!("delete-everything-about-everybody-in-{}", given.city);
    if given.confirm.as_deref() != Some(word.as_str()) {
        store.close().await;
        bail!(
            "nothing was done: this deletes everything about people and the keys, for ever; if it is meant, add --confirm {word}"
        );
    }
    // the keys are read before anything goes, so that nobody closes a store with the keys of another one left behind
    let keys = given.secrets.path(name);
    given.secrets.read(name)?;
    fs::create_dir(&given.out)
        .with_context(|| format!("{} cannot be made; name a folder that is not there", given.out.display()))?;
    let mut files = Vec::new();
    for figures in closing::figures(&store, &scope, &zone).await? {
        files.extend(write(&given.out, &figures)?);
    }
    let done = closing::close_down(&store, &scope, files, setting::now()).await?;
    let coverage = dayclear_ops::coverage::beside(&store);
    store.close().await;
    let certificate = match done {
        Ok(certificate) => certificate,
        Err(obstacles) => bail!("somebody was bound meanwhile; nothing was deleted: {obstacles:?}"),
    };
    // numbers of people and where they stood: of no use without the store, and not to be left behind
    if let Some(path) = coverage.filter(|path| path.exists()) {
        fs::remove_file(&path).with_context(|| format!("{} cannot be removed", path.display()))?;
    }
    shred(&keys)?;
    print(&given, &certificate, &keys)?;
    Ok(true)
}

/// A table of figures as CSV and as JSON.
fn write(folder: &Path, figures: &Figures) -> Result<Vec<(String, String)>> {
    let text = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let heads: Vec<&str> = figures.columns.iter().map(String::as_str).collect();
    let rows: Vec<Vec<String>> = figures.rows.iter().map(|row| row.iter().map(text).collect()).collect();
    let objects: Vec<Value> = figures
        .rows
        .iter()
        .map(|row| Value::Object(figures.columns.iter().cloned().zip(row.iter().cloned()).collect::<Map<_, _>>()))
        .collect();
    let mut files = Vec::new();
    for (ending, content) in [("csv", csv_text(&heads, &rows)?), ("json", serde_json::to_string_pretty(&objects)?)] {
        let name = format!("{}.{ending}", figures.name);
        fs::write(folder.join(&name), &content)?;
        files.push((name, closing::digest(content.as_bytes())));
    }
    Ok(files)
}

/// Writes over the file of the keys and removes it. Copies elsewhere are for their keepers to destroy; the certificate says so.
fn shred(path: &Path) -> Result<()> {
    let shown = path.display();
    let mut file = OpenOptions::new().write(true).open(path).with_context(|| format!("{shown} cannot be opened"))?;
    let length = usize::try_from(file.metadata()?.len())?;
    let mut noise = vec![0; length];
    Machine.fill(&mut noise)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&noise)?;
    file.sync_all()?;
    drop(file);
    fs::remove_file(path).with_context(|| format!("{shown} was written over and cannot be removed"))
}

fn print(given: &CloseDown, certificate: &Certificate, keys: &Path) -> Result<()> {
    let told = json!({
        "city": certificate.city,
        "closed_at": certificate.closed_at,
        "last_event": certificate.last_event.0,
        "last_hash": certificate.last_event.1,
        "deleted": certificate.deleted.iter().map(|(table, rows)| json!({"table": table, "rows": rows})).collect::<Vec<_>>(),
        "figures": certificate.figures.iter().map(|(file, digest)| json!({"file": file, "sha256": digest})).collect::<Vec<_>>(),
        "keys": keys.display().to_string(),
        "not_covered": "backups of the store and copies of its keys: whoever keeps them destroys them, and signs here",
    });
    let text = serde_json::to_string_pretty(&told)?;
    fs::write(given.out.join("certificate.json"), &text)?;
    match given.format {
        Format::Json => println!("{text}"),
        _ => {
            let mut rows = vec![
                vec!["city".to_owned(), certificate.city.clone()],
                vec!["closed at".to_owned(), certificate.closed_at.to_string()],
                vec!["last event".to_owned(), format!("{} {}", certificate.last_event.0, certificate.last_event.1)],
                vec!["keys destroyed".to_owned(), keys.display().to_string()],
            ];
            rows.extend(certificate.deleted.iter().map(|(table, n)| vec![format!("deleted: {table}"), n.to_string()]));
            rows.extend(certificate.figures.iter().map(|(file, sum)| vec![format!("figures: {file}"), sum.clone()]));
            match given.format {
                Format::Csv => print!("{}", csv_text(&["what", "value"], &rows)?),
                _ => println!("{}", papers::text_table(&["what", "value"], &rows)),
            }
        }
    }
    eprintln!("destroy the backups of the store and every copy of its keys: this command reaches neither");
    Ok(())
}
