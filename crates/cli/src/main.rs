//! The `dayclear` program: one command tree over the stations. It reads arguments, the clock and the terminal, and
//! nothing else: every rule is further down. It ends with 0, with 1 when something failed or a check did not hold, and
//! with 2 on bad usage; an error says what to do.

// In this program printing does not panic when the reader has gone: these stand before the modules and take the place of
// the macros of the standard library in all of them.
macro_rules! print {
    ($($text:tt)*) => { $crate::output::say(format_args!($($text)*)) };
}
macro_rules! println {
    () => { $crate::output::say(format_args!("\n")) };
    ($($text:tt)*) => { $crate::output::say(format_args!("{}\n", format_args!($($text)*))) };
}

mod admin;
mod admin_close;
mod admin_config;
mod beds;
mod bulletin;
mod chains;
mod city;
mod city_fit;
mod city_run;
mod city_scenarios;
mod city_standing;
mod day;
mod demo;
mod dispatch;
mod drill;
mod epi_delays;
mod epi_input;
mod epi_needs;
mod epi_nowcast;
mod exercise;
mod forecast;
mod import;
mod linelist;
mod output;
mod roster;
mod rt;
mod screen;
mod secrets;
mod send;
mod serve;
mod setting;
mod situation;
mod trace;
mod verify;
mod zones;
mod zones_propose;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// A day reads rows on one thread and binds them on others; the system's allocator spends a quarter of the run on memory
/// that is given on one thread and taken back on another (docs/benchmarks.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(name = "dayclear", version, about = "Outbreak response operations for a city", propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make the sample city, run one day to its close, and show where the bulletin is.
    Demo(demo::Arguments),
    /// Take a folder of one day's files in; write decisions, books and bulletin out.
    Day(day::Arguments),
    /// Bring a line list or published bulletins in, with a report that adds up.
    Import(import::Arguments),
    /// Turn line lists into those of SORMAS, Go.Data and DHIS2 and back, or hand those of a store out.
    Linelist(linelist::Arguments),
    /// Print or draw the transmission chains of an imported line list, or of the cases of a store.
    Chains(chains::Arguments),
    /// Print the bulletin of a day.
    Bulletin(bulletin::Arguments),
    /// Print the ledger of a closed day.
    Books(bulletin::BooksArguments),
    /// Serve the console and the API.
    Serve(serve::Arguments),
    /// Send messages to a server, as a laboratory does.
    Send(send::Arguments),
    /// Recompute what must hold: the chain of events, the books, the signatures.
    Verify(verify::Arguments),
    /// Print the columns of a table as a Frictionless table schema.
    Schema(import::SchemaArguments),
    /// Administer accounts, duties, tokens and keys.
    Admin(admin::Arguments),
    /// Make a synthetic city as a folder of one day's files, or play an outbreak in it.
    City(city::Arguments),
    /// Plan who is moved, to which bed, by which vehicle and when.
    Dispatch(dispatch::Arguments),
    /// Estimate the reproduction number of a curve, by window or day, and by unit.
    Rt(rt::Arguments),
    /// Forecast cases and what they need; delays, nowcast, and how good past forecasts were.
    Forecast(Box<forecast::Arguments>),
    /// Where the outbreak stands in a store: what was found, how fast it spreads, what is to come and what that takes.
    Situation(situation::Arguments),
    /// Free beds by hour for three days ahead, from a store.
    Beds(beds::Arguments),
    /// Play a scenario against the service by the hour, and show how it went.
    Drill(drill::Arguments),
    /// Rounds of tests: plan them, watch laboratories, and see whom a round has not reached.
    Screen(screen::Arguments),
    /// Who is who: compare lists of people, and list the pairs of a store that may be one person.
    Roster(roster::Arguments),
    /// Trace: who was with a case and where cases cluster, on files; how well tracing keeps up, from a store.
    Trace(trace::Arguments),
    /// Risk areas on files: what published ones name, what was open on a day, how long they stayed.
    Zones(zones::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // a batch is one stream of rows; a server has many requests at once
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let threads = if matches!(arguments.command, Command::Serve(_)) { cores.max(2) } else { 2 };
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: the program cannot start its threads: {error}");
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(async {
        match arguments.command {
            Command::Demo(arguments) => demo::run(arguments).await,
            Command::Day(arguments) => day::run(arguments).await,
            Command::Import(arguments) => import::run(arguments).await,
            Command::Linelist(arguments) => linelist::run(arguments).await,
            Command::Chains(arguments) => chains::run(arguments).await,
            Command::Bulletin(arguments) => bulletin::run(arguments).await,
            Command::Books(arguments) => bulletin::books(arguments).await,
            Command::Serve(arguments) => serve::run(arguments).await,
            Command::Send(arguments) => send::run(arguments).await,
            Command::Verify(arguments) => verify::run(arguments).await,
            Command::Schema(arguments) => import::schema(&arguments),
            Command::Admin(arguments) => admin::run(arguments).await,
            Command::Situation(arguments) => situation::run(&arguments).await,
            Command::Beds(arguments) => beds::run(&arguments).await,
            Command::Drill(arguments) => drill::run(arguments).await,
            Command::City(arguments) => city::run(&arguments).await,
            Command::Roster(arguments) => roster::run(arguments).await,
            Command::Screen(arguments) => screen::run(arguments).await,
            Command::Trace(arguments) => trace::run(arguments).await,
            Command::Zones(arguments) => zones::run(&arguments).await,
            Command::Dispatch(arguments) => dispatch::run(&arguments),
            Command::Rt(arguments) => rt::run(&arguments),
            Command::Forecast(arguments) => forecast::run(&arguments),
        }
    });
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
