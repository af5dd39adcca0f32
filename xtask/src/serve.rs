//! `cargo xtask bench serve`: a mix of results, worklists, cases and claims of beds, due at a fixed rate whatever the server
//! does, and then a thousand dispatchers who claim the same few beds at the same moment, none of which may go to two. Times
//! count from the moment a request was due. The aim is 50 ms at the 95th percentile with 500 requests a second.

use crate::{
    arguments::{Arguments, BadUsage},
    city::{City, Wishes, text_of},
    load::{self, Ask, Client, Times},
    report,
};
use anyhow::{Result, bail};
use std::{collections::BTreeMap, fmt::Write, process::ExitCode};

const AIM_MS: f64 = 50.0;
/// Enough that one is free whenever a request is due, as long as the server keeps up.
const CLIENTS: usize = 64;
/// Of a hundred requests: results, worklists, cases, claims.
const MIX: [(&str, usize); 4] = [("result post", 20), ("worklist page", 40), ("case page", 30), ("bed claim", 10)];
const LABORATORIES: usize = 76;
/// Beds that all claimants want.
const WANTED: usize = 20;
const ACCOUNTS: usize = 10;
/// Different cases that one account reads: more people in an hour, and it would be asked why.
const CASES: usize = 150;
const WORKLISTS: [&str; 8] = ["move", "investigate", "recall", "place", "retest", "supply", "answer", "review"];

struct Settings {
    rate: f64,
    seconds: usize,
    claimants: usize,
}

/// What the mix is made of.
struct Stock {
    cases: Vec<String>,
    /// People who wait for a bed: those of the mix, and those who claim at once.
    waiting: Vec<String>,
    claiming: Vec<String>,
    beds: Vec<String>,
    laboratories: Vec<String>,
    city: Vec<String>,
    dispatchers: Vec<String>,
    last_case: usize,
    tubes: usize,
}

/// Runs it.
pub fn run(words: &[String], command: String) -> Result<ExitCode> {
    let mut given = Arguments::new(words);
    let settings = Settings {
        rate: given.option("--rate", 500.0)?,
        seconds: given.option("--seconds", 30)?,
        claimants: given.option("--claimants", 1_000)?,
    };
    let wishes = Wishes::take(&mut given, 4_000_000, 1_000_000)?;
    given.finish()?;
    if !(settings.rate > 0.0 && settings.seconds > 0 && settings.claimants > 0) {
        return Err(BadUsage("--rate, --seconds and --claimants are at least 1".into()).into());
    }
    let (mut text, mut figures, mut ratios) = (format!("Command: `{command}`\n\n"), Vec::new(), Vec::new());
    let mut doubles_in_all = 0;
    for (n, store) in wishes.stores.iter().enumerate() {
        let city = City::start(&wishes, store)?;
        if n == 0 {
            text.push_str(&report::city(&city));
        }
        text.push_str(&report::store(store, &city));
        city.settle();
        let stock = Stock::of(&city, wishes.people as usize / 100, wishes.cases as usize, settings.claimants)?;
        let healthz = load::closed(&city.address, 2, 2_000, |_| Ask::get("/healthz", ""));
        let number = (settings.rate * settings.seconds as f64) as usize;
        // once at a gentle rate, so that caches and connections are there
        load::open(&city.address, CLIENTS, settings.rate / 10.0, number / 50, MIX.len(), |n| stock.ask(n));
        let held = || city.figure("dayclear_turns_held_seconds").unwrap_or(f64::NAN);
        let before = held();
        let (seconds, kinds) =
            load::open(&city.address, CLIENTS, settings.rate, number, MIX.len(), |n| stock.ask(n + number));
        let held = (held() - before) / seconds * 100.0;
        let mut all = Times::default();
        kinds.iter().for_each(|times| all.add(times.clone()));
        let _ = writeln!(
            text,
            "\n| request | number | p50, ms | p95, ms | p99, ms | refused | failed |\n|---|---:|---:|---:|---:|---:|---:|"
        );
        for (title, times) in MIX.iter().map(|(title, _)| *title).zip(&kinds).chain([("all", &all)]) {
            let _ = writeln!(
                text,
                "| {title} | {} | {:.1} | {:.1} | {:.1} | {} | {} |",
                times.ms.len() + times.failed,
                times.percentile(50.0),
                times.percentile(95.0),
                times.percentile(99.0),
                times.refused,
                times.failed
            );
        }
        let base = healthz.percentile(95.0);
        let done = all.ms.len() as f64 / seconds;
        let _ = writeln!(
            text,
            "\n{:.0} requests a second were due, {done:.0} were answered well; baseline `/healthz` (2 clients, closed) p95 {base:.2} ms, {:.0} MB at most. The turn among the writers was held for {held:.0} % of the time.",
            settings.rate,
            city.peak_mb()
        );
        for (title, times) in MIX.iter().map(|(title, _)| title).zip(&kinds) {
            if let Some(why) = &times.failure {
                let _ = writeln!(text, "First failure of {title}: {why}");
            }
        }
        let claims = claims(&city, &stock, settings.claimants)?;
        let _ = writeln!(
            text,
            "{} claimants at once on {} beds: {} beds given, {} doubles, {} lost, {} refused, {} failed, p95 {:.0} ms.",
            claims.claimants,
            claims.beds,
            claims.given,
            claims.doubles,
            claims.lost,
            claims.times.refused,
            claims.times.failed,
            claims.times.percentile(95.0)
        );
        if let Some(why) = &claims.times.failure {
            let _ = writeln!(text, "First failure of a claim: {why}");
        }
        doubles_in_all += claims.doubles + claims.lost;
        let p95 = all.percentile(95.0);
        figures.push(format!(
            "\"{store}_per_s\":{done:.0},\"{store}_p50_ms\":{:.2},\"{store}_p95_ms\":{p95:.2},\"{store}_p99_ms\":{:.2},\"{store}_failed\":{},\"{store}_doubles\":{},\"{store}_lost\":{},\"{store}_aim_met\":{}",
            all.percentile(50.0),
            all.percentile(99.0),
            all.failed,
            claims.doubles,
            claims.lost,
            p95 <= AIM_MS && all.failed == 0
        ));
        ratios.push(format!("\"{store}\":{:.1}", p95 / base));
    }
    println!("{text}");
    if wishes.record {
        report::record("serve", &text)?;
    }
    println!(
        "{{\"bench\":\"serve\",\"figures\":{{\"people\":{},\"cases\":{},\"rate\":{},{}}},\"baseline\":\"GET /healthz\",\"ratio\":{{{}}}}}",
        wishes.people,
        wishes.cases,
        settings.rate,
        figures.join(","),
        ratios.join(",")
    );
    if doubles_in_all > 0 {
        bail!("{doubles_in_all} beds were given twice, or given and not held");
    }
    Ok(ExitCode::SUCCESS)
}

impl Stock {
    fn of(city: &City, tubes: usize, cases: usize, claimants: usize) -> Result<Stock> {
        let tokens =
            |login: &str, role: &str, site: &dyn Fn(usize) -> Option<String>, number: usize| -> Result<Vec<String>> {
                (0..number).map(|n| city.token(&format!("{login}-{n}"), role, "50", site(n).as_deref())).collect()
            };
        let mut stock = Stock {
            cases: Vec::new(),
            waiting: Vec::new(),
            claiming: Vec::new(),
            beds: Vec::new(),
            laboratories: tokens("load-laboratory", "laboratory", &|n| Some(laboratory(n)), LABORATORIES)?,
            city: tokens("load-city", "city_command", &|_| None, ACCOUNTS)?,
            dispatchers: tokens("load-dispatcher", "dispatcher", &|_| None, ACCOUNTS)?,
            last_case: cases,
            tubes,
        };
        stock.cases = ids(city, &stock.city, "cases?limit=150", "id", ACCOUNTS)?;
        stock.claiming = ids(city, &stock.dispatchers, "transfers?state=requested&limit=150", "id", ACCOUNTS)?;
        stock.waiting = stock.claiming.split_off(claimants.min(stock.claiming.len() * 2 / 3));
        let free = ids(city, &stock.dispatchers, "beds?limit=500", "bed", 60)?;
        stock.beds = free;
        if stock.cases.is_empty() || stock.waiting.is_empty() || stock.beds.len() <= WANTED {
            bail!(
                "{} cases, {} people who wait, {} free beds: too few to measure",
                stock.cases.len(),
                stock.waiting.len(),
                stock.beds.len()
            );
        }
        Ok(stock)
    }

    /// The kind and the request with this number.
    fn ask(&self, n: usize) -> (usize, Ask) {
        // kinds are spread evenly: 37 and 100 have no common divisor
        let (mut at, mut kind) = (n * 37 % 100, 0);
        while at >= MIX[kind].1 {
            at -= MIX[kind].1;
            kind += 1;
        }
        let account = n % ACCOUNTS;
        let ask = match kind {
            0 => self.result(n),
            1 => {
                let list = WORKLISTS[n / 7 % WORKLISTS.len()];
                Ask::get(format!("/api/v1/items?worklist={list}&open=true"), &self.city[account])
            }
            2 => {
                let case = &self.cases[(account * CASES + n / ACCOUNTS % CASES) % self.cases.len()];
                Ask::get(format!("/api/v1/cases/{case}"), &self.city[account])
            }
            _ => {
                let beds = &self.beds[WANTED..];
                claim(&self.waiting[n / 3 % self.waiting.len()], &beds[n % beds.len()], &self.dispatchers[account])
            }
        };
        (kind, ask)
    }

    /// A final result for a tube of the last day, one that has none as long as there are such.
    fn result(&self, n: usize) -> Ask {
        let number = n * 50 % self.tubes + 1;
        let tube = format!("T{:09}", self.last_case + number);
        // after every tube was closed, else it is a doubt and no result
        let (minute, second) = (n / 60 % 5, n % 60);
        let body = format!(
            "{{\"laboratory\":\"{}\",\"tube\":\"{tube}\",\"version\":\"F\",\"finding\":\"negative\",\"run\":\"B1\",\"reported_at\":\"2022-11-20T23:{minute:02}:{second:02}+08:00\"}}",
            laboratory(number)
        );
        Ask::post("/api/v1/evidence/results", &self.laboratories[number % LABORATORIES], body)
    }
}

fn laboratory(n: usize) -> String {
    format!("L{:03}", n % LABORATORIES)
}

fn claim(transfer: &str, bed: &str, token: &str) -> Ask {
    Ask::post(format!("/api/v1/transfers/{transfer}/claim"), token, format!("{{\"bed\":\"{bed}\"}}"))
}

/// Texts of a field on the first pages of a list. Of beds only those that are free.
fn ids(city: &City, tokens: &[String], path: &str, field: &str, pages: usize) -> Result<Vec<String>> {
    let (mut client, mut all, mut after) = (Client::new(&city.address), Vec::new(), String::new());
    for n in 0..pages {
        // the accounts share this work, because it is people that are read
        let token = &tokens[n % tokens.len()];
        let page = client.ask(&Ask::get(format!("/api/v1/{path}{after}"), token))?;
        if page.status != 200 {
            bail!("{path}: {} {}", page.status, page.body);
        }
        // every row begins with the field that the list declares first
        let first = if path.starts_with("beds") { "bed" } else { "id" };
        let lead = format!("{{\"{first}\":");
        for row in page.body.split(&lead).skip(1) {
            let row = format!("{lead}{row}");
            if !path.starts_with("beds") || text_of(&row, "state").as_deref() == Some("free") {
                all.extend(text_of(&row, field));
            }
        }
        match text_of(&page.body, "next") {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    Ok(all)
}

struct Claims {
    claimants: usize,
    beds: usize,
    given: usize,
    doubles: usize,
    lost: usize,
    times: Times,
}

/// Everybody claims one of the same few beds at the same moment, each for a person of their own. Two who are both told that
/// they have the bed are a double, and so are two whom the store shows in it afterwards.
fn claims(city: &City, stock: &Stock, number: usize) -> Result<Claims> {
    let people = &stock.claiming;
    let beds = &stock.beds[..WANTED];
    if people.len() < number {
        eprintln!("only {} people wait for a bed: so many claim, not {number}", people.len());
    }
    let number = number.min(people.len());
    let asks: Vec<Ask> =
        (0..number).map(|n| claim(&people[n], &beds[n % WANTED], &stock.dispatchers[n % ACCOUNTS])).collect();
    let (times, answers) = load::at_once(&city.address, &asks)?;
    let mut told: BTreeMap<&str, usize> = BTreeMap::new();
    for n in (0..number).filter(|n| (200..300).contains(&answers[*n])) {
        *told.entry(&beds[n % WANTED]).or_default() += 1;
    }
    let held = ids(city, &stock.dispatchers, "transfers?state=requested,booked&limit=500", "bed", 20)?;
    let holders = |bed: &String| held.iter().filter(|other| *other == bed).count();
    let twice = |bed: &&String| told.get(bed.as_str()).is_some_and(|n| *n > 1) || holders(bed) > 1;
    // a person who has a bed goes on waiting until a vehicle is booked; a claim that was told yes and is not in the store would be as bad
    let lost = told.keys().filter(|bed| !held.iter().any(|other| other == *bed)).count();
    Ok(Claims {
        claimants: number,
        beds: WANTED,
        given: told.len(),
        doubles: beds.iter().filter(twice).count(),
        lost,
        times,
    })
}
