//! A PostgreSQL server of our own: found or installed, started in a fresh folder on a free loopback port, and stopped
//! with its folder removed however this program ends. It never touches a server, a cluster or a folder that it did not make.

use crate::{debian, programs};
use anyhow::{Context, Result, bail};
use std::{
    env, fs,
    net::TcpListener,
    os::unix::{
        fs::{DirBuilderExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

const PROGRAMS: [&str; 2] = ["initdb", "postgres"];
const NOT_FOUND: &str = "PostgreSQL's programs (initdb, postgres) were found neither on the PATH nor in /usr/lib/postgresql nor by pg_config";
const REMEDY: &str = "Remedy: install the server (Debian, Ubuntu: `sudo apt-get install postgresql`), or put its bin folder on the PATH, \
                      or name a running server in DAYCLEAR_TEST_POSTGRES=postgres://USER@HOST:PORT/DATABASE (a superuser that may create databases).";
const START_TRIES: u32 = 5;
const READY_MAX: Duration = Duration::from_secs(60);

/// Where Linux keeps files in memory, and how much of it has to be free for the databases of tests: at any time there are a few of 15 MB,
/// and the log of what was written.
const IN_MEMORY: &str = "/dev/shm";
const IN_MEMORY_KB_MIN: u64 = 4 << 20;

/// Waits until its standard input ends, which happens when xtask dropped the server or died of anything, `kill -9` included;
/// then it stops the server that this folder belongs to and removes the folder. Ctrl-C reaches it too and only wakes it.
const GUARD: &str = r#"
trap : INT TERM HUP
read -r _
pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) && kill -INT "$pid" 2>/dev/null
tries=0
while [ -e "$1/data/postmaster.pid" ] && [ "$tries" -lt 300 ]; do sleep 0.1; tries=$((tries + 1)); done
rm -rf "$1"
"#;

/// How careful the server is with its files.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Nothing is flushed: for tests, whose data nobody will miss.
    None,
    /// The defaults of PostgreSQL: for measurements.
    Default,
}

/// A running server. Dropping it stops the server and removes its folder.
pub struct Server {
    server: Child,
    guard: Child,
    /// Where to connect as its superuser: `postgres://postgres@127.0.0.1:PORT/postgres`.
    pub url: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.server.wait();
        let _ = self.guard.wait();
    }
}

/// Folder of PostgreSQL's programs; installs the Debian package if they are missing and this process may.
pub fn find_or_install() -> Result<PathBuf> {
    if let Some(folder) = find() {
        return Ok(folder);
    }
    if !debian::may_install() {
        bail!("{NOT_FOUND}, and this process may not install them.\n{REMEDY}");
    }
    install()?;
    find().with_context(|| format!("{NOT_FOUND}, even after installing the package.\n{REMEDY}"))
}

/// Looks on the PATH, then among Debian's versions (newest first), then where pg_config points.
fn find() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = programs::on_path("initdb").into_iter().collect();
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort();
    folders.extend(versions.into_iter().rev().map(|(_, folder)| folder));
    folders.extend(programs::output("pg_config", &["--bindir"]).map(PathBuf::from));
    folders.into_iter().find(|folder| PROGRAMS.iter().all(|program| folder.join(program).is_file()))
}

fn install() -> Result<()> {
    // Read by Debian's postgresql-common: the package brings the programs and makes no cluster, so nothing listens.
    let settings = Path::new("/etc/postgresql-common/createcluster.d");
    let no_cluster = settings.join("dayclear-no-cluster.conf");
    fs::create_dir_all(settings)?;
    fs::write(&no_cluster, "create_main_cluster = false\n")?;
    let outcome = debian::install(&["postgresql"], NOT_FOUND).context(REMEDY);
    fs::remove_file(&no_cluster)?;
    outcome
}

/// Where the server of tests has its folder: in memory where there is room. Each test makes a database of a thousand files and drops it
/// again, for which a disk takes far longer.
pub fn place_for_tests() -> PathBuf {
    match free_kb(IN_MEMORY) {
        Some(free) if free >= IN_MEMORY_KB_MIN => IN_MEMORY.into(),
        _ => env::temp_dir(),
    }
}

/// Room of a file system, if `df` knows it.
fn free_kb(folder: &str) -> Option<u64> {
    programs::output("df", &["-Pk", folder])?.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}

/// Starts a server in a fresh folder below `place` on a free loopback port, and waits until it answers.
pub fn start(programs_folder: &Path, place: &Path, durability: Durability) -> Result<Server> {
    let user = unprivileged_user()?;
    let folder = fresh_folder(place)?;
    if let Some((uid, gid)) = user {
        chown(&folder, Some(uid), Some(gid)).with_context(|| format!("cannot give {} away", folder.display()))?;
    }
    let started = initialise(programs_folder, &folder, user)
        .and_then(|()| start_on_a_free_port(programs_folder, &folder, user, durability));
    if started.is_err() {
        let _ = fs::remove_dir_all(&folder);
    }
    started
}

fn initialise(programs_folder: &Path, folder: &Path, user: Option<(u32, u32)>) -> Result<()> {
    let output = as_user(&programs_folder.join("initdb"), folder, user)
        // Trust: the server lives for minutes, on loopback, with data that is made up.
        .args(["--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "-U", "postgres", "--no-sync", "-D"])
        .arg(folder.join("data"))
        .output()
        .context("cannot start initdb")?;
    if !output.status.success() {
        bail!(
            "initdb failed in {}:\n{}\nRemedy: see that the folder can be reached by an ordinary user and has space; TMPDIR names another place.",
            folder.display(),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(())
}

fn start_on_a_free_port(
    programs_folder: &Path,
    folder: &Path,
    user: Option<(u32, u32)>,
    durability: Durability,
) -> Result<Server> {
    let mut said = String::new();
    for _ in 0..START_TRIES {
        // Free now; if another process takes it before the server does, the server says so and we try the next.
        let port = TcpListener::bind(("127.0.0.1", 0)).and_then(|probe| probe.local_addr())?.port();
        let mut server = launch(programs_folder, folder, user, durability, port)?;
        if wait_until_ready(&mut server, folder) {
            return Ok(server);
        }
        said = fs::read_to_string(folder.join("log")).unwrap_or_default();
        if !said.contains("could not bind") {
            break;
        }
        // Leave the folder for the next try: only this server's own process has to be gone, and it is.
        let _ = server.guard.kill();
    }
    let tail: Vec<&str> = said.lines().rev().take(20).collect();
    bail!("PostgreSQL did not start:\n{}", tail.into_iter().rev().collect::<Vec<_>>().join("\n"))
}

fn launch(
    programs_folder: &Path,
    folder: &Path,
    user: Option<(u32, u32)>,
    durability: Durability,
    port: u16,
) -> Result<Server> {
    let log = fs::File::create(folder.join("log"))?;
    let mut command = as_user(&programs_folder.join("postgres"), folder, user);
    command.arg("-D").arg(folder.join("data"));
    let mut settings = vec![
        format!("port={port}"),
        "listen_addresses=127.0.0.1".to_owned(),
        "unix_socket_directories=".to_owned(),
        "max_connections=200".to_owned(),
    ];
    if durability == Durability::None {
        settings.extend(
            ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=512MB"].map(str::to_owned),
        );
    }
    for setting in settings {
        command.arg("-c").arg(setting);
    }
    let server =
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn().context("cannot start postgres")?;
    let guard = as_user(Path::new("sh"), folder, user)
        .args(["-c", GUARD, "dayclear-guard"])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .context("cannot start the guard of the server")?;
    Ok(Server { server, guard, url: format!("postgres://postgres@127.0.0.1:{port}/postgres") })
}

/// The last line of the server's pid file says when it answers; pg_ctl waits for the same word.
fn wait_until_ready(server: &mut Server, folder: &Path) -> bool {
    let since = Instant::now();
    while since.elapsed() < READY_MAX {
        let lines = fs::read_to_string(folder.join("data/postmaster.pid")).unwrap_or_default();
        if lines.lines().nth(7).is_some_and(|state| state.trim() == "ready") {
            return true;
        }
        if !matches!(server.server.try_wait(), Ok(None)) {
            return false;
        }
        sleep(Duration::from_millis(50));
    }
    false
}

/// PostgreSQL refuses to run as root, so root hands it to an ordinary user that exists.
fn unprivileged_user() -> Result<Option<(u32, u32)>> {
    if !programs::is_root() {
        return Ok(None);
    }
    for user in ["postgres", "nobody"] {
        let id = |what| programs::output("id", &[what, user]).and_then(|text| text.parse().ok());
        if let (Some(uid), Some(gid)) = (id("-u"), id("-g")) {
            return Ok(Some((uid, gid)));
        }
    }
    bail!(
        "PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody` to run it. Remedy: add one, or run as an ordinary user"
    )
}

/// A program in the folder, as the user, without the caller's PostgreSQL settings.
fn as_user(program: &Path, folder: &Path, user: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env("LC_ALL", "C.UTF-8");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
        command.env_remove(name);
    }
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
    command
}

/// A folder that did not exist before, readable to its owner only.
pub fn fresh_folder(place: &Path) -> Result<PathBuf> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = place.join(format!("dayclear-{}-{number}", std::process::id()));
        match fs::DirBuilder::new().mode(0o700).create(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(error).with_context(|| format!("cannot make a folder in {}", place.display())),
        }
    }
}
