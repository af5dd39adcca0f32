//! `dayclear admin config check`: what would keep the server from starting with these settings, and what to do about it.

use crate::serve::Settings;
use anyhow::Result;

/// What can be done about settings.
#[derive(clap::Subcommand, Debug)]
pub enum AdminConfig {
    /// Look at the settings and everything they name: files, certificate, rules, store, clock; change nothing.
    Check(Settings),
}

/// Runs it.
pub async fn run(command: AdminConfig) -> Result<bool> {
    let AdminConfig::Check(settings) = command;
    let (config, findings) = settings.checked(false).await?;
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => println!("nothing is in the way: the server may listen on {}", config.general.listen),
        1 => println!("1 finding: the server does not start like this"),
        count => println!("{count} findings: the server does not start like this"),
    }
    Ok(findings.is_empty())
}
