//! Serves the example day on loopback with one token for each role, for tests from outside (schemathesis, curl):
//! `serve_test [ADDRESS]`. It prints its address, then a line `ROLE TOKEN` for each; the store goes with it.

use dayclear_core::{
    access::{Duty, Role},
    protocol::Packs,
    time::{Instant, Zone},
};
use dayclear_ops::{
    access::{self, By, Entropy, Keys, NewAccount, NewPassword},
    day::{self, Plan},
    intake::Folder,
    minutes::Settings,
};
use dayclear_store::Store;
use dayclear_web::{App, Clock, Config, Setup};
use sha2::{Digest, Sha256};
use std::{
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

/// Chance that is another each time and the same in each run.
struct Counting;

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let digest = Sha256::digest(NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        bytes.iter_mut().zip(digest.iter().cycle()).for_each(|(byte, from)| *byte = *from);
        Ok(())
    }
}

fn duty(role: Role) -> Result<Duty, Box<dyn std::error::Error>> {
    let (division, site) = match role {
        Role::CityCommand
        | Role::PublicInformation
        | Role::Reviewer
        | Role::Gateway
        | Role::DataProtection
        | Role::Auditor
        | Role::Administrator => ("50", None),
        Role::Laboratory => ("50", Some("L1")),
        Role::Facility => ("50", Some("TH1")),
        Role::Driver => ("50", Some("V1")),
        _ => ("500103", None),
    };
    Ok(Duty { role, division: division.parse()?, site: site.map(str::to_owned) })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8098".to_owned());
    let folder = tempfile::tempdir()?;
    let store = Store::open(&folder.path().join("test.db").to_string_lossy()).await?;
    let zone = Zone::named("Asia/Shanghai")?;
    let settings = Settings {
        zone: zone.clone(),
        legal_basis: "statute".to_owned(),
        body: "body".to_owned(),
        travel: Default::default(),
    };
    let packs = Packs::builtin()?;
    let files = Folder::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/day"))?;
    let plan = Plan { date: None, pack: "covid-19".to_owned(), atomic: false, keep_open: true, exercise: true };
    day::run(&store, &packs, &settings, &files, &plan, &mut |_, _| {}).await?;
    let start: Instant = "2022-11-20T13:45:00Z".parse()?;
    let setup = Setup {
        store,
        packs,
        pack: "covid-19".to_owned(),
        settings,
        city: "50".parse()?,
        clock: Clock::new(move || start),
        wall: Clock::new(move || start),
        keys: Keys::new(&Counting)?,
        access: access::Settings::of(zone),
        chance: Box::new(Counting),
        exercise: true,
    };
    let mut config = Config::default();
    config.general.imports = Some(folder.path().join("imports").to_string_lossy().into_owned());
    for burst in [&mut config.limits.account_burst_max, &mut config.limits.stranger_burst_max] {
        *burst = 1_000_000;
    }
    let app = App::with(setup, config, None);
    app.learn_places().await?;
    let listener = tokio::net::TcpListener::bind(&address).await?;
    println!("http://{}", listener.local_addr()?);
    for role in Role::ALL {
        let (access, duty) = (app.access(), duty(*role)?);
        let name = role.name();
        let division = duty.division.clone();
        let new = NewAccount { login: name, name, language: "en", division, password: NewPassword::None, enrol: false };
        let made = access.create(By::Operator, &new, start).await?;
        let held = access.grant(By::Operator, &made.id, duty, None, start).await?;
        let opened = access.make_token(By::Operator, &held.id, 30, start).await?;
        println!("{name} {}", opened.token);
    }
    axum::serve(listener, dayclear_web::router(app)).await?;
    Ok(())
}
