//! Serves a store with fixed sessions, to look at pages while they are made.
use dayclear_core::{
    access::{Duty, Role},
    protocol::Packs,
    time::{Instant, Zone},
};
use dayclear_ops::{listing::Looker, minutes::Settings};
use dayclear_store::Store;
use dayclear_web::{App, Clock, Setup, app::Chance};
#[tokio::main]
async fn main() {
    let db = std::env::args().nth(1).unwrap();
    let store = Store::open(&db).await.unwrap();
    let start: Instant = "2022-11-20T13:45:00Z".parse().unwrap();
    let app = App::new(Setup {
        store,
        packs: Packs::builtin().unwrap(),
        pack: "covid-19".into(),
        settings: Settings {
            zone: Zone::named("Asia/Shanghai").unwrap(),
            legal_basis: String::new(),
            body: String::new(),
        },
        city: "50".parse().unwrap(),
        clock: Clock::new(move || start),
        chance: Chance::new(|_| ()),
        exercise: true,
    });
    app.learn_places().await.unwrap();
    for role in Role::ALL {
        let duty = Duty {
            role: *role,
            division: if *role == Role::CityCommand { "50" } else { "500103" }.parse().unwrap(),
            site: None,
        };
        app.test_session(role.name(), Looker { account: role.name().into(), duty, glass: Default::default() });
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8099").await.unwrap();
    axum::serve(listener, dayclear_web::router(app)).await.unwrap();
}
