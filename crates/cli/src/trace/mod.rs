//! `dayclear trace`: the tracing engines on files, for analysts and benchmarks. It asks no store and keeps nothing; what
//! lawful use in the system demands beside it stands in docs/trace.md.

mod answer;
mod aside;
mod clusters;
mod exposures;
mod search;

use anyhow::Result;

/// Arguments of `dayclear trace`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// Find everybody who was at a place with a case, and for how long
    Exposures(exposures::Arguments),
    /// Find places and days with more cases than chance explains (space-time permutation scan)
    Clusters(clusters::Arguments),
}

/// Runs `dayclear trace`.
pub fn run(arguments: &Arguments) -> Result<bool> {
    match &arguments.command {
        Command::Exposures(arguments) => exposures::run(arguments),
        Command::Clusters(arguments) => clusters::run(arguments),
    }
}
