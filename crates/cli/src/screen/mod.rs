//! `dayclear screen`: sampling at the size of a city. What asks a store stands in files of its own: the coverage of a round, and
//! the doors that are left.

mod coverage;
mod doors;

use anyhow::Result;

/// Arguments of `dayclear screen`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// Count where a round stands with everybody in a division, exactly
    Coverage(coverage::Arguments),
    /// List the doors that a round has left, in the order of a walk
    Doors(doors::Arguments),
}

/// Runs `dayclear screen`.
pub async fn run(arguments: Arguments) -> Result<bool> {
    match arguments.command {
        Command::Coverage(arguments) => coverage::run(arguments).await,
        Command::Doors(arguments) => doors::run(arguments).await,
    }
}
