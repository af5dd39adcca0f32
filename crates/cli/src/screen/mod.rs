//! `dayclear screen`: rounds of tests. The engines on files, for whoever plans rounds and watches laboratories, keep nothing, and
//! the columns of each file stand in docs/screen.md; coverage, doors, boxes and clocks ask a store, and watch judges its
//! laboratories.

mod assign;
mod coverage;
mod custody;
mod doors;
mod due;
mod kept;
mod plan;
mod plan_kept;
mod pools;
mod quality;
mod reading;
mod rehearse;
mod sheets;
mod watch;
mod yields;

use crate::output::table as print;
use anyhow::Result;

/// Arguments of `dayclear screen`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// Plan a round: sites, hours, samplers, tubes, couriers, cost; refuses what the protocol pack forbids
    ///
    /// A round tests everybody in the buildings of a file. Sites are placed so that nobody walks longer and no site takes more
    /// people than the pack says; people are called by slot so that the queue stays short. Example:
    ///
    ///   dayclear screen plan --buildings buildings.csv --day 2022-11-22 --out round
    ///
    /// A round of a store is planned from its roster, and the plan is kept with it:
    ///
    ///   dayclear screen plan --db dayclear.db --round R20221122-1
    #[command(verbatim_doc_comment)]
    Plan(Box<plan::Arguments>),
    /// Say who is due for a test on a day, and why: areas by their rounds, key groups by their cadence
    ///
    ///   dayclear screen due --history rounds.csv --members members.csv --day 2022-11-22
    #[command(verbatim_doc_comment)]
    Due(due::Arguments),
    /// Assign boxes of tubes to laboratories: the last result earliest, none above what it is validated for, then cheapest
    ///
    /// The boxes that `screen plan --out round` wrote can be given as they are. Run it again when loads change: boxes with a
    /// laboratory in the column `under_way` stay there. Example:
    ///
    ///   dayclear screen assign --boxes round/boxes.csv --laboratories laboratories.csv --out assignment.csv
    ///   dayclear screen assign --db dayclear.db
    #[command(verbatim_doc_comment)]
    Assign(assign::Arguments),
    /// Advise how many people may share a tube: tests spared, what dilution loses, households
    ///
    ///   dayclear screen pools --prevalence 0.001 --purpose community
    #[command(verbatim_doc_comment)]
    Pools(pools::Arguments),
    /// Find laboratories, runs and lots whose results cannot be, or are unlike those of their peers
    ///
    /// `look` may be explained by mistakes; `alarm` is more than mistakes or chance explain. Neither is a verdict. Example:
    ///
    ///   dayclear screen quality --results results.csv --laboratories laboratories.csv
    #[command(verbatim_doc_comment)]
    Quality(quality::Arguments),
    /// Judge the results of the last day in a store: what is seen stands in its list of signals, an alarm is an item of the city
    Watch(watch::Arguments),
    /// Say where tests find: positives for 10,000 tests, cost of each, and where to shift tests next
    ///
    ///   dayclear screen yield --counts counts.csv
    ///   dayclear screen yield --db dayclear.db
    #[command(verbatim_doc_comment)]
    Yield(yields::Arguments),
    /// Make a day of laboratories, some of which cheat, to try `screen quality` on
    ///
    ///   dayclear screen rehearse --seed 1 --out day
    #[command(verbatim_doc_comment)]
    Rehearse(rehearse::Arguments),
    /// Count where a round of a store stands with everybody in a division, exactly
    Coverage(coverage::Arguments),
    /// Compare the coverage that a server has kept over a stop with the store: it must be the same
    Kept(kept::Arguments),
    /// List the doors that a round of a store has left, in the order of a walk
    Doors(doors::Arguments),
    /// List the boxes of a store with their tubes by state: late, late soon, on the way, received, lost
    Boxes(custody::Boxes),
    /// Say how long tubes of a store took from closing to receipt, result and report: half of them, and 19 in 20
    ///
    ///   dayclear screen clocks --db dayclear.db --from 2022-11-20 --by laboratory
    #[command(verbatim_doc_comment)]
    Clocks(custody::Clocks),
    /// Write the sheets of a round's households in a place, to be printed and filled in by hand
    ///
    /// One block for each household, with codes that scanners read; no name stands on them. Example:
    ///
    ///   dayclear screen sheets --db city.db --round R20221120-1 --place B0001 --out sheets.html
    #[command(verbatim_doc_comment)]
    Sheets(sheets::Arguments),
}

/// Runs `dayclear screen`.
pub async fn run(arguments: Arguments) -> Result<bool> {
    match arguments.command {
        Command::Plan(arguments) => plan::run(&arguments).await,
        Command::Due(arguments) => due::run(&arguments),
        Command::Assign(arguments) => assign::run(&arguments).await,
        Command::Pools(arguments) => pools::run(&arguments),
        Command::Quality(arguments) => quality::run(&arguments),
        Command::Watch(arguments) => watch::run(arguments).await,
        Command::Yield(arguments) => yields::run(&arguments).await,
        Command::Rehearse(arguments) => rehearse::run(&arguments),
        Command::Coverage(arguments) => coverage::run(arguments).await,
        Command::Kept(arguments) => kept::run(arguments).await,
        Command::Doors(arguments) => doors::run(arguments).await,
        Command::Boxes(arguments) => custody::boxes(arguments).await,
        Command::Clocks(arguments) => custody::clocks(arguments).await,
        Command::Sheets(arguments) => sheets::run(arguments).await,
    }
}

/// A number with so many decimals.
fn decimals(value: f64, places: usize) -> String {
    if value.is_finite() { format!("{value:.places$}") } else { String::new() }
}
