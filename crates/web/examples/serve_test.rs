//! Serves the example day on loopback with one fixed token for each role, for tests from outside (schemathesis, curl):
//! `serve_test [ADDRESS]`. The token of a role is its name followed by `-token`; the store is a file that goes with it.

use dayclear_core::{
    access::{Duty, Role},
    protocol::Packs,
    time::{Instant, Zone},
};
use dayclear_ops::{
    day::{self, Plan},
    intake::Folder,
    listing::Looker,
    minutes::Settings,
};
use dayclear_store::Store;
use dayclear_web::{App, Clock, Setup, app::Chance};
use std::{
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8098".to_owned());
    let folder = tempfile::tempdir()?;
    let store = Store::open(&folder.path().join("test.db").to_string_lossy()).await?;
    let settings =
        Settings { zone: Zone::named("Asia/Shanghai")?, legal_basis: "statute".to_owned(), body: "body".to_owned() };
    let packs = Packs::builtin()?;
    let files = Folder::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/day"))?;
    let plan = Plan { date: None, pack: "covid-19".to_owned(), atomic: false, keep_open: true, exercise: true };
    day::run(&store, &packs, &settings, &files, &plan, &mut |_, _| {}).await?;
    let start: Instant = "2022-11-20T13:45:00Z".parse()?;
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let app = App::new(Setup {
        store,
        packs,
        pack: "covid-19".to_owned(),
        settings,
        city: "50".parse()?,
        clock: Clock::new(move || start),
        chance: Chance::new(|bytes| {
            let number = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            bytes.iter_mut().zip(number.iter().cycle()).for_each(|(byte, from)| *byte = *from);
        }),
        exercise: true,
    });
    app.learn_places().await?;
    for role in Role::ALL {
        let (division, site) = match role {
            Role::CityCommand
            | Role::PublicInformation
            | Role::DataProtection
            | Role::Auditor
            | Role::Administrator => ("50", None),
            Role::Laboratory => ("50", Some("L1")),
            Role::Facility => ("50", Some("TH1")),
            Role::Driver => ("50", Some("V1")),
            _ => ("500103", None),
        };
        let duty = Duty { role: *role, division: division.parse()?, site: site.map(str::to_owned) };
        let looker = Looker { account: role.name().to_owned(), duty, glass: Default::default() };
        app.test_session(&format!("{}-token", role.name()), looker);
    }
    let listener = tokio::net::TcpListener::bind(&address).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, dayclear_web::router(app)).await?;
    Ok(())
}
