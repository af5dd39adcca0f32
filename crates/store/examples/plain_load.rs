//! The baseline of `cargo xtask bench day`: loads every CSV file of a folder as it is, each into one plain table of text
//! columns without index or constraint, by the fastest path of each store. It checks, decides and keeps nothing.
//!
//! `plain_load FOLDER --db sqlite://FILE | postgres://...` prints one line per table and, last, `N rows`.

use anyhow::{Context, Result, bail};
use csv::{Reader, ReaderBuilder, StringRecord};
use sqlx::{
    AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection,
    sqlite::{SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use std::{
    fs::File,
    path::{Path, PathBuf},
    str::FromStr,
};

/// Rows of one transaction, the same on both stores.
const TRANSACTION_ROWS_MAX: usize = 100_000;
/// Rows of one INSERT: beyond a few hundred, SQLite gains nothing.
const STATEMENT_ROWS_MAX: usize = 500;
/// SQLite's limit on the parameters of one statement.
const STATEMENT_PARAMETERS_MAX: usize = 32_766;
/// Bytes of one message of a COPY.
const CHUNK_BYTES: usize = 1 << 20;

#[tokio::main]
async fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [folder, option, url] = words.as_slice() else { bail!("usage: plain_load FOLDER --db URL") };
    if option != "--db" {
        bail!("usage: plain_load FOLDER --db URL");
    }
    let files = csv_files(Path::new(folder))?;
    let rows =
        if url.starts_with("postgres") { into_postgres(url, &files).await? } else { into_sqlite(url, &files).await? };
    println!("{rows} rows");
    Ok(())
}

/// The CSV files of a folder with the names of their tables, in order of name.
fn csv_files(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "csv") {
            let table = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            files.push((table, path));
        }
    }
    files.sort();
    if files.is_empty() {
        bail!("there is no CSV file in {}", folder.display());
    }
    Ok(files)
}

/// A reader and the column names. A row of another length is an error, because a baseline that loses rows is none.
fn open(path: &Path) -> Result<(Reader<File>, Vec<String>)> {
    let mut reader = ReaderBuilder::new().buffer_capacity(CHUNK_BYTES).from_path(path)?;
    let columns = reader.headers()?.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect();
    Ok((reader, columns))
}

fn create_table(table: &str, columns: &[String]) -> String {
    let columns: Vec<String> = columns.iter().map(|name| format!("{} text", quoted(name))).collect();
    format!("create table {} ({})", quoted(table), columns.join(", "))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

async fn into_sqlite(url: &str, files: &[(String, PathBuf)]) -> Result<u64> {
    // The durability of the product: WAL, and every commit flushed.
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let mut total = 0;
    for (table, path) in files {
        let (mut reader, columns) = open(path)?;
        connection.execute(AssertSqlSafe(create_table(table, &columns))).await?;
        let rows_max = STATEMENT_ROWS_MAX.min(STATEMENT_PARAMETERS_MAX / columns.len().max(1));
        let insert = |rows: usize| {
            let row = format!("({})", vec!["?"; columns.len()].join(","));
            format!("insert into {} values {}", quoted(table), vec![row; rows].join(","))
        };
        let full_insert = insert(rows_max);
        let (mut rows, mut pending, mut arguments) = (0_usize, 0, SqliteArguments::default());
        let mut record = StringRecord::new();
        let mut transaction = connection.begin().await?;
        while reader.read_record(&mut record)? {
            for cell in &record {
                sqlx::Arguments::add(&mut arguments, cell).map_err(anyhow::Error::from_boxed)?;
            }
            (rows, pending) = (rows + 1, pending + 1);
            if pending == rows_max {
                let full = std::mem::take(&mut arguments);
                sqlx::query_with(AssertSqlSafe(full_insert.as_str().to_owned()), full)
                    .execute(&mut *transaction)
                    .await?;
                pending = 0;
            }
            if rows.is_multiple_of(TRANSACTION_ROWS_MAX) {
                if pending > 0 {
                    let rest = std::mem::take(&mut arguments);
                    sqlx::query_with(AssertSqlSafe(insert(pending)), rest).execute(&mut *transaction).await?;
                    pending = 0;
                }
                transaction.commit().await?;
                transaction = connection.begin().await?;
            }
        }
        if pending > 0 {
            sqlx::query_with(AssertSqlSafe(insert(pending)), arguments).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        println!("{table} {rows}");
        total += rows as u64;
    }
    connection.close().await?;
    Ok(total)
}

async fn into_postgres(url: &str, files: &[(String, PathBuf)]) -> Result<u64> {
    let mut connection = PgConnection::connect(url).await?;
    let mut total = 0;
    for (table, path) in files {
        let (mut reader, columns) = open(path)?;
        connection.execute(AssertSqlSafe(create_table(table, &columns))).await?;
        let statement = format!("copy {} from stdin", quoted(table));
        let mut record = StringRecord::new();
        let mut rows = 0;
        let mut more = true;
        while more {
            // One COPY outside a transaction block is one transaction.
            let mut copy = connection.copy_in_raw(&statement).await?;
            let mut chunk = Vec::with_capacity(CHUNK_BYTES + 4096);
            for _ in 0..TRANSACTION_ROWS_MAX {
                more = reader.read_record(&mut record)?;
                if !more {
                    break;
                }
                push_copy_line(&mut chunk, &record);
                if chunk.len() >= CHUNK_BYTES {
                    copy.send(chunk.as_slice()).await?;
                    chunk.clear();
                }
            }
            if !chunk.is_empty() {
                copy.send(chunk.as_slice()).await?;
            }
            rows += copy.finish().await?;
        }
        println!("{table} {rows}");
        total += rows;
    }
    connection.close().await?;
    Ok(total)
}

/// One line of COPY's text format: tabs between cells, and a backslash before what has a meaning there.
fn push_copy_line(line: &mut Vec<u8>, record: &StringRecord) {
    for (at, cell) in record.iter().enumerate() {
        if at > 0 {
            line.push(b'\t');
        }
        for byte in cell.bytes() {
            match byte {
                b'\\' => line.extend(br"\\"),
                b'\t' => line.extend(br"\t"),
                b'\n' => line.extend(br"\n"),
                b'\r' => line.extend(br"\r"),
                byte => line.push(byte),
            }
        }
    }
    line.push(b'\n');
}
