//! A city under load: a store of the asked size (made, or kept from before), the release program serving it on loopback, and
//! a token for every duty that asks. All of it goes when the value is dropped, but for a store that is to be kept.

use crate::{
    arguments::{Arguments, BadUsage},
    load::{Ask, Client},
    measure,
    postgres::{self, Durability},
    programs,
};
use anyhow::{Context, Result, bail};
use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// The moment at which the server of a bench believes to be: late on the last day of the store.
const CLOCK: &str = "2022-11-20T23:05:00+08:00";

/// What the server says while it runs.
const SAID: &str = "serve.txt";
/// A server has settled when it uses less than this of a hundred ticks a second, and is waited for so long at most.
const TICKS_OF_REST: u64 = 15;
const SETTLED_WITHIN: Duration = Duration::from_secs(120);

/// What is asked of a city.
pub struct Wishes {
    /// People on the roster.
    pub people: u64,
    /// Cases of ninety days.
    pub cases: u64,
    /// Engines: `sqlite`, `postgres`.
    pub stores: Vec<&'static str>,
    /// Folder in which a SQLite store is kept from run to run.
    keep: Option<PathBuf>,
    /// Server on which a database is kept from run to run.
    server: Option<String>,
    place: PathBuf,
    /// Whether docs/benchmarks.md is written.
    pub record: bool,
    /// Date of the measurement, for the machine's description.
    pub measured_on: Option<String>,
}

impl Wishes {
    /// Takes what is about the city from the words.
    pub fn take(given: &mut Arguments, people: u64, cases: u64) -> Result<Wishes, BadUsage> {
        Ok(Wishes {
            people: given.option("--people", people)?,
            cases: given.option("--cases", cases)?,
            stores: match given.optional::<String>("--store")?.as_deref() {
                None | Some("both") => vec!["sqlite", "postgres"],
                Some("sqlite") => vec!["sqlite"],
                Some("postgres") => vec!["postgres"],
                Some(other) => return Err(BadUsage(format!("--store is sqlite, postgres or both, not '{other}'"))),
            },
            keep: given.optional("--keep")?,
            server: given.optional("--server")?,
            place: given.option("--folder", env::temp_dir())?,
            record: !given.flag("--no-record"),
            measured_on: given.optional("--measured-on")?,
        })
    }

    /// Where files that nobody keeps are made.
    pub fn place(&self) -> &Path {
        &self.place
    }
}

/// A city that is served.
pub struct City {
    /// Where the server listens: `127.0.0.1:PORT`.
    pub address: String,
    /// Seconds that making the store took; none if it was kept from before.
    pub made_s: Option<f64>,
    /// Bytes of the store, where it is a file.
    pub store_bytes: Option<u64>,
    /// People and cases.
    pub sizes: (u64, u64),
    /// The machine's description.
    pub machine: Vec<String>,
    dayclear: PathBuf,
    url: String,
    secrets: PathBuf,
    serving: Child,
    folder: PathBuf,
    _postgres: Option<postgres::Server>,
}

impl Drop for City {
    fn drop(&mut self) {
        let _ = self.serving.kill();
        let _ = self.serving.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl City {
    /// Makes and serves it.
    pub fn start(wishes: &Wishes, store: &str) -> Result<City> {
        let dayclear = match env::var_os("DAYCLEAR_BIN") {
            Some(program) => PathBuf::from(program),
            None => crate::build::release()?,
        };
        let folder = postgres::fresh_folder(&wishes.place)?;
        if let Some(keep) = &wishes.keep {
            fs::create_dir_all(keep).with_context(|| format!("{} for the store", keep.display()))?;
        }
        let name = format!("dayclear_city_{}_{}", wishes.people, wishes.cases);
        let (url, kept, server) = match (store, &wishes.server) {
            ("sqlite", _) => {
                let file = wishes.keep.as_deref().unwrap_or(&folder).join(format!("{name}.db"));
                (format!("sqlite://{}", file.display()), file.is_file(), None)
            }
            (_, Some(server)) => {
                let (url, kept) = database(server, &name)?;
                (url, kept, None)
            }
            _ => {
                let server = postgres::start(&postgres::find_or_install()?, &wishes.place, Durability::Default)?;
                (server.url.clone(), false, Some(server))
            }
        };
        let made_s = if kept { None } else { Some(make(&url, wishes)?) };
        let store_bytes = url.strip_prefix("sqlite://").and_then(|file| fs::metadata(file).ok()).map(|file| file.len());
        // a store that is kept knows its keys again
        let keeps =
            if store == "sqlite" { wishes.keep.as_deref() } else { wishes.server.as_ref().map(|_| &*wishes.place) };
        let secrets = keeps.unwrap_or(&folder).join(format!("{name}.{store}.keys"));
        if !secrets.is_file() {
            let mut keys = Command::new(&dayclear);
            keys.args(["admin", "keys", "init", "--db", &url, "--secrets"]).arg(&secrets).stdout(Stdio::null());
            programs::must(&mut keys)?;
        }
        let (serving, address) = serve(&dayclear, &url, &secrets, &folder)?;
        let mut machine = crate::report::machine(&folder);
        machine.extend(wishes.measured_on.iter().map(|date| format!("measured on {date}")));
        let sizes = (wishes.people, wishes.cases);
        Ok(City {
            address,
            made_s,
            store_bytes,
            sizes,
            machine,
            dayclear,
            url,
            secrets,
            serving,
            folder,
            _postgres: server,
        })
    }

    /// A token of an account for a duty.
    pub fn token(&self, login: &str, role: &str, division: &str, site: Option<&str>) -> Result<String> {
        let mut command = Command::new(&self.dayclear);
        command.args([
            "admin",
            "token",
            "make",
            "--login",
            login,
            "--days",
            "30",
            "--role",
            role,
            "--division",
            division,
        ]);
        command.args(["--format", "json", "--db", &self.url, "--secrets"]).arg(&self.secrets);
        command.args(site.iter().flat_map(|site| ["--site", site]));
        let output = command.stderr(Stdio::piped()).output().context("cannot start dayclear")?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        match text_of(&said, "token") {
            Some(token) if output.status.success() => Ok(token),
            _ => bail!("no token for {role} in {division}: {said}{}", String::from_utf8_lossy(&output.stderr)),
        }
    }

    /// Kills the server and starts it again on the same store.
    pub fn restart(&mut self) -> Result<()> {
        let _ = self.serving.kill();
        self.serving.wait()?;
        (self.serving, self.address) = serve(&self.dayclear, &self.url, &self.secrets, &self.folder)?;
        Ok(())
    }

    /// Waits until the server has worked off what a start brings with it (a first look at everything, what is worked out every hour): what is
    /// measured is a server that runs.
    pub fn settle(&self) {
        let since = Instant::now();
        let mut quiet = 0;
        while quiet < 3 && since.elapsed() < SETTLED_WITHIN {
            let before = self.cpu_ticks();
            thread::sleep(Duration::from_secs(1));
            quiet = if self.cpu_ticks() - before < TICKS_OF_REST { quiet + 1 } else { 0 };
        }
    }

    /// One of the server's own figures, as it stands.
    pub fn figure(&self, name: &str) -> Option<f64> {
        let said = fs::read_to_string(self.folder.join(SAID)).ok()?;
        let address =
            said.lines().find_map(|line| line.strip_prefix("metrics on http://")?.strip_suffix("/metrics"))?;
        let answer = Client::new(address).ask(&Ask::get("/metrics", "")).ok()?;
        answer.body.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
    }

    /// Processor time of the server so far, in hundredths of a second.
    fn cpu_ticks(&self) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.serving.id())).unwrap_or_default();
        measure::cpu_ticks(&stat, measure::OWN_TICKS).unwrap_or(0)
    }

    /// Peak memory of the server so far, in megabytes.
    pub fn peak_mb(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.serving.id())).unwrap_or_default();
        measure::high_water_kib(&status).map_or(f64::NAN, |kib| kib as f64 * 1024.0 / 1e6)
    }
}

/// The text of a member of a JSON object, as simple as ids and tokens are.
pub fn text_of(json: &str, name: &str) -> Option<String> {
    let rest = json.split_once(&format!("\"{name}\":"))?.1.trim_start().strip_prefix('"')?;
    Some(rest.split_once('"')?.0.to_owned())
}

fn make(url: &str, wishes: &Wishes) -> Result<f64> {
    let maker = programs::build_release("dayclear-store", &["--example", "big_store"], "examples/big_store")?;
    let since = Instant::now();
    let mut command = Command::new(maker);
    command.args(["--db", url, "--data"]).arg(programs::workspace().join("data/chongqing"));
    command.args(["--people", &wishes.people.to_string(), "--cases", &wishes.cases.to_string()]);
    let made = programs::must(&mut command);
    if let (Err(_), Some(file)) = (&made, url.strip_prefix("sqlite://")) {
        // half a store is none
        for end in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(format!("{file}{end}"));
        }
    }
    made.map(|()| since.elapsed().as_secs_f64())
}

/// A database of a server, and whether it was there before.
fn database(server: &str, name: &str) -> Result<(String, bool)> {
    let (address, _) = server.rsplit_once('/').context("--server is postgres://USER@HOST:PORT/DATABASE")?;
    let ask = |sql: &str| programs::output("psql", &["-qAt", "-v", "ON_ERROR_STOP=1", server, "-c", sql]);
    let there = ask(&format!("select 1 from pg_database where datname = '{name}'"))
        .context("psql cannot reach the server of --server")?;
    if there.is_empty() {
        ask(&format!("create database {name}")).context("the database could not be made")?;
    }
    Ok((format!("{address}/{name}"), !there.is_empty()))
}

fn serve(dayclear: &Path, url: &str, secrets: &Path, folder: &Path) -> Result<(Child, String)> {
    let said = folder.join(SAID);
    let mut command = Command::new(dayclear);
    command.args(["serve", "--db", url, "--listen", "127.0.0.1:0", "--clock", CLOCK, "--secrets"]).arg(secrets);
    // one machine plays a whole city: what limits one account or one address does not apply
    for limit in ["ACCOUNT_PER_S", "ACCOUNT_BURST", "SITE_PER_S", "SITE_BURST", "STRANGER_PER_S", "STRANGER_BURST"] {
        command.env(format!("DAYCLEAR_LIMITS_{limit}_MAX"), "1000000");
    }
    command
        .env_remove("DAYCLEAR_BIN")
        .env("DAYCLEAR_CITY", "50")
        .env("DAYCLEAR_LOG_LEVEL", "warn")
        .env("DAYCLEAR_METRICS_LISTEN", "127.0.0.1:0");
    eprintln!("$ {}", programs::shown(&command));
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(fs::File::create(&said)?).spawn()?;
    let printed = BufReader::new(child.stdout.take().context("no output of the server")?);
    for line in printed.lines() {
        if let Some(address) = line?.strip_prefix("listening on http://") {
            return Ok((child, address.trim_end_matches('/').to_owned()));
        }
    }
    let _ = child.kill();
    bail!("the server did not start:\n{}", fs::read_to_string(&said)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_in_an_answer() {
        assert_eq!(text_of("{\"login\":\"a\",\"token\": \"x.y\"}", "token").as_deref(), Some("x.y"));
        assert_eq!(text_of("{\"next\":null}", "next"), None);
    }
}
