//! `dayclear drill`: a synthetic city and its outbreak played against the service, and how it went; `drill compare` plays
//! two scenarios on the same seeds. It ends with 1 when somebody was lost or a check does not hold.

use crate::{
    exercise,
    output::Format,
    secrets::{Machine, Secrets},
    setting::{self, Common},
};
use anyhow::{Context, Result};
use dayclear_core::{access::Role, divisions::DivisionCode};
use dayclear_drill::{CITY, Elsewhere, Faults, Open, PLAYABLE, Plan, Scenario, Scorecard, Seen, paper, play, prepare};
use dayclear_engines::epi::paired::difference;
use dayclear_papers::{self as papers, Lang, Words};
use dayclear_store::{Scope, Store};
use dayclear_web::Clock;
use std::{
    io::IsTerminal as _,
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// Arguments of `dayclear drill`.
#[derive(clap::Args, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Arguments {
    /// Scenario: a name (`dayclear drill list` has them), or a file of the same form
    #[arg(value_name = "SCENARIO", required_unless_present = "code")]
    scenario: Option<String>,
    #[command(flatten)]
    how: How,
    #[command(flatten)]
    along: Along,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// Name the scenarios that come with the program
    List,
    /// Play two scenarios on the same seeds and show the differences
    Compare(Compare),
}

/// How a scenario is played.
#[derive(clap::Args, Debug, Clone)]
struct How {
    /// Days, instead of the scenario's own
    #[arg(long, value_name = "D", value_parser = clap::value_parser!(u16).range(1..=365))]
    days: Option<u16>,
    /// Seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What goes wrong: duplicate, late, disorder, correct, offline, crash, with commas between; or all
    #[arg(long, value_name = "LIST", default_value = "", value_parser = Faults::read)]
    faults: Faults,
    /// Hours after which the service is told of what happened: 1, 2, 3, 4, 6, 8 or 12
    #[arg(long, value_name = "HOURS", default_value_t = 1, value_parser = step)]
    step: u64,
    /// Folder for the city, the store and the scorecard; made anew
    #[arg(long, value_name = "DIR", default_value = "out/drill")]
    out: PathBuf,
    /// How the scorecard is printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Language of the scorecard: en, zh-Hans or zh-Hant
    #[arg(long, value_name = "LANG", default_value = "en")]
    lang: Lang,
    #[command(flatten)]
    common: Common,
}

/// How people play along.
#[derive(clap::Args, Debug, Default)]
struct Along {
    /// Open the console at this address and port, so that people can look on and act
    #[arg(long, value_name = "ADDR", value_parser = here)]
    listen: Option<SocketAddr>,
    /// Duties that people play: city_command, district_command, tracer, driver, facility, community_worker, hotline, with
    /// commas between; opens the console at 127.0.0.1:8080 if --listen does not say otherwise
    #[arg(long, value_name = "ROLES", value_delimiter = ',', value_parser = playable)]
    play: Vec<Role>,
    /// How many times faster than on the wall the city's clock goes; with the console open 60 if left out
    #[arg(long, value_name = "X", value_parser = crate::serve::pace)]
    speed: Option<f64>,
    /// Make the city of the scenario, its store, its keys and accounts in --out, say how to serve it, and play nothing
    #[arg(long, conflicts_with_all = ["listen", "play", "service"])]
    prepare: bool,
    /// Play against a service that runs elsewhere, at its clock: http://HOST:PORT of an exercise (`dayclear serve --clock`) whose store
    /// --prepare made; with --db its store is checked in the end
    #[arg(long, value_name = "URL", conflicts_with_all = ["listen", "speed"])]
    service: Option<String>,
    /// Accounts of that service which the drill may use; out/drill/drill.json if left out
    #[arg(long, value_name = "FILE", requires = "service")]
    accounts: Option<PathBuf>,
    /// Print the code that the authenticator of an account of the drill shows now, and do nothing else
    #[arg(long, value_name = "LOGIN")]
    code: Option<String>,
}

impl Along {
    fn listen(&self) -> Option<SocketAddr> {
        if self.service.is_some() {
            return None;
        }
        self.listen.or_else(|| (!self.play.is_empty()).then(|| SocketAddr::from(([127, 0, 0, 1], 8080))))
    }
}

fn here(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text.parse().map_err(|_| "an address and a port, such as 127.0.0.1:8080".to_owned())?;
    let here = address.ip().is_loopback();
    here.then_some(address).ok_or_else(|| {
        "a drill listens on this machine only, such as 127.0.0.1:8080; put a proxy with TLS before it for others"
            .to_owned()
    })
}

fn playable(text: &str) -> Result<Role, String> {
    let names = PLAYABLE.map(Role::name).join(", ");
    let role = PLAYABLE.into_iter().find(|role| role.name() == text);
    role.ok_or_else(|| format!("nobody can play '{text}'; a drill can leave to people: {names}"))
}

/// Arguments of `dayclear drill compare`.
#[derive(clap::Args, Debug)]
struct Compare {
    /// The one
    #[arg(value_name = "SCENARIO")]
    one: String,
    /// The other
    #[arg(value_name = "SCENARIO")]
    other: String,
    /// Seeds, from --seed on
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u64).range(2..=1_000))]
    seeds: u64,
    #[command(flatten)]
    how: How,
}

fn step(text: &str) -> Result<u64, String> {
    const STEPS: [u64; 7] = [1, 2, 3, 4, 6, 8, 12];
    text.parse().ok().filter(|hours| STEPS.contains(hours)).ok_or_else(|| "1, 2, 3, 4, 6, 8 or 12 hours".to_owned())
}

/// Runs it.
pub async fn run(arguments: Arguments) -> Result<bool> {
    match arguments.command {
        Some(Command::List) => {
            let known: Vec<Scenario> = Scenario::names().map(Scenario::named).collect::<Result<_, _>>()?;
            let rows: Vec<Vec<String>> = known
                .iter()
                .map(|s| vec![s.name.clone(), s.people.to_string(), s.days.to_string(), s.about.clone()])
                .collect();
            println!("{}", papers::text_table(&["scenario", "people", "days", "about"], &rows));
            Ok(true)
        }
        Some(Command::Compare(compare)) => side_by_side(&compare).await,
        None => {
            let (how, along) = (&arguments.how, &arguments.along);
            if let Some(login) = &along.code {
                println!("{}", exercise::code(&how.out, login)?);
                return Ok(true);
            }
            let name = arguments.scenario.context("name a scenario; `dayclear drill list` has them")?;
            if along.prepare {
                ready(&Scenario::named(&name)?, how).await?;
                return Ok(true);
            }
            let scorecard = one(&Scenario::named(&name)?, how, along, how.seed).await?;
            show(&scorecard, how)?;
            keep(&scorecard, &how.out)?;
            if !scorecard.holds() {
                eprintln!(
                    "error: the drill found what must not be; repeat it with: dayclear drill {name} --days {} --seed {} --step {} --faults '{}'",
                    scorecard.days, scorecard.seed, how.step, scorecard.faults
                );
            }
            Ok(scorecard.holds())
        }
    }
}

/// Writes the scorecard as JSON, and as a page in each language.
fn keep(scorecard: &Scorecard, folder: &Path) -> Result<()> {
    let write = |name: String, text: String| {
        let file = folder.join(name);
        std::fs::write(&file, text).with_context(|| format!("{} cannot be written", file.display()))
    };
    write("scorecard.json".to_owned(), serde_json::to_string_pretty(scorecard)?)?;
    for lang in Lang::ALL {
        write(format!("scorecard.{}.html", lang.tag()), paper::html(scorecard, *lang)?)?;
    }
    Ok(())
}

/// Makes the city of a scenario with its accounts, for a service that is started on it.
async fn ready(scenario: &Scenario, how: &How) -> Result<()> {
    exercise::clear(&how.out, "drill")?;
    let settings = how.common.settings()?;
    let file = how.out.join("dayclear.db").to_string_lossy().into_owned();
    let db = how.common.db.as_deref().unwrap_or(&file);
    let key_file = how.out.join("dayclear.keys");
    let secrets = Secrets { secrets: Some(key_file.clone()) };
    secrets.make(db)?;
    let plan = Plan {
        days: how.days,
        seed: how.seed,
        faults: how.faults.clone(),
        db,
        folder: &how.out,
        settings: &settings,
        step_hours: how.step,
        open: None,
        elsewhere: None,
    };
    prepare(scenario, &plan).await?;
    let store = Store::open(db).await?;
    let start = settings.zone.start_of(scenario.start);
    let stage = exercise::Stage {
        store: &store,
        settings: &settings,
        packs: &setting::packs()?,
        pack: &scenario.pack,
        scope: &Scope::of(CITY.parse()?),
        secrets: &secrets,
        db,
        now: start,
    };
    let people = exercise::make(&stage, &how.out).await?;
    exercise::hands(&stage, &how.out).await?;
    store.close().await;
    println!("People log in with one of these accounts of the made-up city.");
    exercise::told(&people, &how.out, "dayclear drill");
    let (keys, at) = (key_file.display(), settings.zone.text(start));
    println!(
        "serve it, a minute of the city in a second:  DAYCLEAR_PACK={} dayclear serve --db {db} --secrets {keys} --clock {at} --pace 60",
        scenario.pack
    );
    println!(
        "and play:  dayclear drill {} --seed {} --service http://127.0.0.1:8080 --accounts {} --db {db} --out out/played",
        scenario.name,
        how.seed,
        how.out.join(exercise::HANDS).display()
    );
    Ok(())
}

/// A service elsewhere, with the accounts of the drill in it.
fn elsewhere(along: &Along) -> Result<Option<Elsewhere>> {
    let Some(url) = &along.service else { return Ok(None) };
    let file = along.accounts.clone().unwrap_or_else(|| Path::new("out/drill").join(exercise::HANDS));
    let text = std::fs::read_to_string(&file).with_context(|| {
        format!("{} cannot be read; name the accounts of the drill with --accounts", file.display())
    })?;
    let people = serde_json::from_str(&text).with_context(|| format!("{} holds no accounts", file.display()))?;
    // investigations are given to the tracer whom people play, where the drill commands the district
    let others = std::fs::read_to_string(file.with_file_name(exercise::FILE)).unwrap_or_default();
    let others: Vec<exercise::Shown> = serde_json::from_str(&others).unwrap_or_default();
    let tracer = others.into_iter().find(|account| account.role == Role::Tracer.name()).map(|account| account.account);
    let left = along.play.iter().copied().collect();
    Ok(Some(Elsewhere { url: url.clone(), people, wall: Clock::new(setting::now), left, tracer }))
}

async fn one(scenario: &Scenario, how: &How, along: &Along, seed: u64) -> Result<Scorecard> {
    let elsewhere = elsewhere(along)?;
    exercise::clear(&how.out, "drill")?;
    let settings = how.common.settings()?;
    let file = how.out.join("dayclear.db").to_string_lossy().into_owned();
    let db = how.common.db.as_deref().unwrap_or(if elsewhere.is_some() { "" } else { &file });
    let secrets = Secrets { secrets: Some(how.out.join("dayclear.keys")) };
    let listen = along.listen();
    let open = match listen.is_some() || along.speed.is_some() {
        // the service elsewhere has a clock and a console; duties are left to people all the same
        _ if elsewhere.is_some() => None,
        false => None,
        true => {
            secrets.make(db)?;
            Some(Open {
                listen,
                speed: along.speed.unwrap_or(60.0),
                left: along.play.iter().copied().collect(),
                tracer: None,
                keys: secrets.read(db)?,
                wall: Clock::new(setting::now),
                chance: || Box::new(Machine),
            })
        }
    };
    let mut plan = Plan {
        days: how.days,
        seed,
        faults: how.faults.clone(),
        db,
        folder: &how.out,
        settings: &settings,
        step_hours: how.step,
        open,
        elsewhere,
    };
    let prepared = prepare(scenario, &plan).await?;
    if listen.is_some() {
        let store = Store::open(db).await?;
        let city: DivisionCode = CITY.parse()?;
        let stage = exercise::Stage {
            store: &store,
            settings: &settings,
            packs: &setting::packs()?,
            pack: &scenario.pack,
            scope: &Scope::of(city),
            secrets: &secrets,
            db,
            now: settings.zone.start_of(scenario.start),
        };
        let people = exercise::make(&stage, &how.out).await?;
        store.close().await;
        println!("Log in with one of these accounts of the made-up city.");
        exercise::told(&people, &how.out, "dayclear drill");
        if let Some(open) = &mut plan.open {
            let tracer = people.iter().find(|account| account.role == Role::Tracer.name());
            open.tracer = tracer.map(|account| account.account.clone());
        }
    }
    let watched = std::io::stderr().is_terminal();
    let mut watch = |seen: Seen| match seen {
        Seen::Open(url) => println!("the console is open on {url}"),
        Seen::Unsigned(day) => eprintln!("\nthe clock stands until the command of the city has signed {day}"),
        Seen::Hour { day, hour, infected, reported } if watched => eprint!(
            "\r{} seed {seed}: day {} {hour:02}:59, {infected} infected, {reported} reported positive   ",
            scenario.name,
            day + 1
        ),
        Seen::Hour { .. } => {}
    };
    let scorecard = play(scenario, &plan, prepared, &mut watch).await?;
    if watched {
        eprintln!();
    }
    Ok(scorecard)
}

fn show(scorecard: &Scorecard, how: &How) -> Result<()> {
    let words = Words::of(how.lang);
    let lines = || paper::lines(scorecard, how.lang);
    match how.format {
        Format::Json => println!("{}", serde_json::to_string_pretty(scorecard)?),
        Format::Csv => print!("{}", crate::output::csv_text(&["figure", "value"], &lines())?),
        Format::Table => println!("{}", papers::text_table(&[words.say("drill-exercise"), String::new()], &lines())),
    }
    Ok(())
}

async fn side_by_side(compare: &Compare) -> Result<bool> {
    let (one_of, other_of) = (Scenario::named(&compare.one)?, Scenario::named(&compare.other)?);
    let (mut pairs, alone) = (Vec::new(), Along::default());
    for seed in compare.how.seed..compare.how.seed + compare.seeds {
        let left = one(&one_of, &compare.how, &alone, seed).await?;
        pairs.push((left, one(&other_of, &compare.how, &alone, seed).await?));
    }
    let (lang, words) = (compare.how.lang, Words::of(compare.how.lang));
    let figures: Vec<String> = pairs
        .first()
        .map(|(left, _)| left.figures(lang))
        .unwrap_or_default()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    let rows: Vec<Vec<String>> = figures
        .iter()
        .enumerate()
        .map(|(n, name)| {
            let of = |card: &Scorecard| card.figures(lang)[n].1;
            let values: Vec<(f64, f64)> = pairs.iter().filter_map(|(left, right)| of(left).zip(of(right))).collect();
            let mean = |pick: fn(&(f64, f64)) -> f64| values.iter().map(pick).sum::<f64>() / values.len() as f64;
            let mut row = vec![name.clone()];
            // what only one drill had to count, or none, cannot be compared
            let (middle, Some(half)) = difference(&values) else {
                row.extend(std::iter::repeat_n("–".to_owned(), 4));
                return row;
            };
            row.extend([
                format!("{:.1}", mean(|pair| pair.0)),
                format!("{:.1}", mean(|pair| pair.1)),
                format!("{middle:+.1}"),
                format!("{:+.1} to {:+.1}", middle - half, middle + half),
            ]);
            row
        })
        .collect();
    let headers = [
        words.say("drill-figure"),
        compare.one.clone(),
        compare.other.clone(),
        words.say("drill-difference"),
        words.say("drill-interval"),
    ];
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    match compare.how.format {
        Format::Csv => print!("{}", crate::output::csv_text(&headers, &rows)?),
        Format::Json => println!("{}", serde_json::to_string_pretty(&pairs)?),
        Format::Table => println!(
            "{}\n{}",
            papers::text_table(&headers, &rows),
            words.get("drill-paired", &[("count", compare.seeds.into())])
        ),
    }
    Ok(pairs.iter().all(|(left, right)| left.holds() && right.holds()))
}
