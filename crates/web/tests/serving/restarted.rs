//! A PostgreSQL server that is restarted while commands are in flight: senders repeat theirs under the same key, and every
//! acknowledged command is there afterwards, once. The server is one of this test's own.

use super::killed::{Senders, server};
use dayclear_web::serve::run;
use std::{
    net::TcpListener,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

struct Postgres {
    programs: PathBuf,
    folder: TempDir,
    user: Option<(u32, u32)>,
    port: u16,
    server: Option<(Child, Child)>,
}

/// Folder of PostgreSQL's programs.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.extend(
        std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|at| at.path().join("bin")),
    );
    folders.into_iter().find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

fn id(what: &str, user: &str) -> Option<u32> {
    let output = Command::new("id").args([what, user]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

impl Postgres {
    fn new() -> Option<Postgres> {
        let programs = programs()?;
        let folder = tempfile::tempdir().unwrap();
        // it refuses to run as root
        let root = id("-u", "root").is_some() && Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
        let user = if root {
            let user = ["postgres", "nobody"].iter().find_map(|user| Some((id("-u", user)?, id("-g", user)?)))?;
            chown(folder.path(), Some(user.0), Some(user.1)).unwrap();
            Some(user)
        } else {
            None
        };
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let mut postgres = Postgres { programs, folder, user, port, server: None };
        let made = postgres
            .command("initdb")
            .args(["--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "-U", "postgres", "--no-sync", "-D"])
            .arg(postgres.data())
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        postgres.start();
        Some(postgres)
    }
    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
    fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(self.folder.path()).stdin(Stdio::null()).stdout(Stdio::null());
        if let Some((uid, gid)) = self.user {
            command.uid(uid).gid(gid);
        }
        command
    }
    fn start(&mut self) {
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.data()).stderr(Stdio::null());
        for setting in [&format!("port={}", self.port), "listen_addresses=127.0.0.1", "unix_socket_directories="] {
            command.args(["-c", setting]);
        }
        let server = command.spawn().unwrap();
        // should this test die, the server goes with it
        let guard = Command::new("sh")
            .args(["-c", "read -r _; kill -QUIT \"$1\" 2>/dev/null", "guard", &server.id().to_string()])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        self.server = Some((server, guard));
        let since = std::time::Instant::now();
        while !ready(&self.data()) {
            assert!(since.elapsed() < Duration::from_secs(60), "PostgreSQL does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    fn stop(&mut self, signal: &str) {
        let Some((mut server, mut guard)) = self.server.take() else { return };
        let _ = Command::new("kill").args([signal, &server.id().to_string()]).status();
        let _ = server.wait();
        let _ = guard.kill();
        let _ = guard.wait();
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop("-INT");
    }
}

fn ready(data: &Path) -> bool {
    let lines = std::fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    lines.lines().nth(7).is_some_and(|state| state.trim() == "ready")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_of_postgresql_under_load_loses_nothing_and_doubles_nothing() {
    let Some(mut postgres) = Postgres::new() else {
        eprintln!("skipped: PostgreSQL's programs are not here");
        return;
    };
    let url = postgres.url();
    let (app, router, bound) = server(&url).await;
    let address = bound.address().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(run(app, router, bound, None, async {
        let _ = stopped.await;
    }));
    let mut senders = Senders::start(address, 8, 80, Duration::from_millis(10));
    let mut recovered = Duration::ZERO;
    // an orderly restart, a disorderly one, and an orderly one
    for signal in ["-INT", "-QUIT", "-INT"] {
        sleep(Duration::from_millis(250)).await;
        let before = senders.answered.lock().unwrap().len();
        assert!(before < 640, "everything was done before the restart");
        let since = Instant::now();
        tokio::task::block_in_place(|| {
            postgres.stop(signal);
            postgres.start();
        });
        while senders.answered.lock().unwrap().len() == before {
            assert!(since.elapsed() < Duration::from_secs(30), "no answer within 30 s of the restart (F04)");
            sleep(Duration::from_millis(10)).await;
        }
        recovered = recovered.max(since.elapsed());
    }
    let repeated = senders.finish().await;
    let pool = sqlx::PgPool::connect(&url).await.unwrap();
    let kept: Vec<(String, i64)> =
        sqlx::query_as("select subject, count(*) from events group by subject").fetch_all(&pool).await.unwrap();
    pool.close().await;
    senders.all_there_once(&url, kept.into_iter().collect()).await;
    eprintln!("640 commands, {repeated} repeated, 3 restarts, answers again after at most {recovered:?}");
    assert!(repeated > 0, "nothing was in flight when PostgreSQL went");
    stop.send(()).unwrap();
    running.await.unwrap();
}
