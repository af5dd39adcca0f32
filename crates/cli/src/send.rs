//! `dayclear send`: a small sender, for trying what a laboratory sends against a server.

use crate::output::Format;
use anyhow::{Context, Result, bail};
use dayclear_exchange::hl7::Charset;
use serde_json::json;
use std::path::PathBuf;

/// Arguments of `dayclear send`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// Send a file of HL7 v2 messages over MLLP and print the answers; 1 when one of them is no AA.
    Hl7(Hl7),
}

#[derive(clap::Args, Debug)]
struct Hl7 {
    /// File with one message, or several: each begins with MSH at the start of a line
    file: PathBuf,
    /// Address and port of the server
    #[arg(long, value_name = "ADDR")]
    to: String,
    /// Certificates of the authorities that signed the server's, as PEM: speak TLS
    #[arg(long, value_name = "FILE")]
    authorities: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Runs it.
pub async fn run(arguments: Arguments) -> Result<bool> {
    let What::Hl7(given) = arguments.what;
    let bytes = std::fs::read(&given.file).with_context(|| format!("{} cannot be read", given.file.display()))?;
    let messages = messages(&bytes);
    if messages.is_empty() {
        bail!("{} holds no message; each begins with MSH at the start of a line", given.file.display());
    }
    let authorities = given.authorities.as_ref().map(|path| path.to_string_lossy().into_owned());
    let answers = dayclear_web::mllp::send(&given.to, &messages, authorities.as_deref()).await?;
    let mut good = true;
    if given.format == Format::Csv {
        println!("message,code");
    }
    let mut all = Vec::new();
    for answer in &answers {
        let text = String::from_utf8(answer.clone()).unwrap_or_else(|_| {
            Charset::Gb18030.text(answer).unwrap_or_else(|| String::from_utf8_lossy(answer).into())
        });
        let msa = text.split('\r').find(|line| line.starts_with("MSA|")).unwrap_or_default();
        let code = msa.split('|').nth(1).unwrap_or_default().to_owned();
        let id = msa.split('|').nth(2).unwrap_or_default().to_owned();
        good &= matches!(code.as_str(), "AA" | "CA");
        match given.format {
            Format::Table => println!("{}", text.trim_end().replace('\r', "\n")),
            Format::Csv => println!("{id},{code}"),
            Format::Json => all.push(json!({"message": id, "code": code, "answer": text})),
        }
    }
    if given.format == Format::Json {
        println!("{}", serde_json::to_string_pretty(&all)?);
    }
    Ok(good)
}

/// Messages of a file: segments may end with line feeds, as editors write them.
fn messages(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut messages: Vec<Vec<u8>> = Vec::new();
    for line in bytes.split(|byte| matches!(byte, b'\r' | b'\n')).filter(|line| !line.is_empty()) {
        if line.starts_with(b"MSH") || messages.is_empty() {
            messages.push(Vec::new());
        }
        if let Some(message) = messages.last_mut() {
            message.extend_from_slice(line);
            message.push(b'\r');
        }
    }
    messages.retain(|message| message.starts_with(b"MSH"));
    messages
}
