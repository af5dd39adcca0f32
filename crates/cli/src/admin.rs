//! `dayclear admin`: what the operator of a server does at the machine.

use crate::admin_config::{self, AdminConfig};
use anyhow::Result;

/// What an operator does.
#[derive(clap::Subcommand, Debug)]
pub enum Admin {
    /// Settings of the server.
    #[command(subcommand)]
    Config(AdminConfig),
}

/// Runs it.
pub async fn run(command: Admin) -> Result<bool> {
    match command {
        Admin::Config(command) => admin_config::run(command).await,
    }
}
