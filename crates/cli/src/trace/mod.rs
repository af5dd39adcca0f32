//! `dayclear trace`: the tracing engines on files, for analysts and benchmarks, which ask no store and keep nothing; and the
//! figures of tracing from a store, which name nobody. What lawful use demands stands in docs/trace.md.

mod answer;
mod aside;
mod clusters;
mod exposures;
mod measures;
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
    /// Print how well tracing keeps up in a store, by day and district
    Measures(measures::Arguments),
}

/// Runs `dayclear trace`.
pub async fn run(arguments: Arguments) -> Result<bool> {
    match arguments.command {
        Command::Exposures(arguments) => exposures::run(&arguments),
        Command::Clusters(arguments) => clusters::run(&arguments),
        Command::Measures(arguments) => measures::run(arguments).await,
    }
}
