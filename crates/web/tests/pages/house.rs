//! A city with the example's day in it, closed and signed, and one person of each role with a session.

use crate::Answer;
use axum::{
    Router,
    body::Body,
    http::{Request, header},
};
use dayclear_core::{
    access::{Duty, Role},
    accounts::{SessionKind, Standing},
    protocol::Packs,
    time::{Instant, Zone},
};
use dayclear_ops::{
    access::{self, Access, By, Entropy, Hasher, Keys, NewAccount, NewPassword, Session},
    day::{self, Plan},
    intake::Folder,
    minutes::Settings,
};
use dayclear_store::{Scope, Store};
use dayclear_web::{App, Clock, Setup, router};
use http_body_util::BodyExt;
use sha2::{Digest, Sha256};
use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tower::ServiceExt;

/// A name, a telephone number, a door and words that stand in no page but for those who may see them.
pub const NAME: &str = "金丝雀";
pub const PHONE: &str = "15498765432";
pub const WORDS: &str = "鸟儿不该飞出来";
/// A key with everything in it that a page could stumble over.
pub const ODD_LOGIN: &str = "o'neil&co";
pub const WORD: &str = "wordofthesession";
/// Another one of the public information desk.
pub const SECOND_PRESS: &str = "second_press";

struct Count(AtomicU64);

impl Entropy for Count {
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        for part in bytes.chunks_mut(32) {
            let hash = Sha256::digest(self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes());
            part.copy_from_slice(&hash[..part.len()]);
        }
        Ok(())
    }
}

/// The house.
pub struct House {
    pub app: Arc<App>,
    router: Router,
    _folder: tempfile::TempDir,
}

/// The example with the planted values in it.
fn plant(to: &Path) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/day");
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "csv") {
            continue;
        }
        let table = path.file_stem().unwrap().to_string_lossy().into_owned();
        let mut reader = csv::Reader::from_path(&path).unwrap();
        let header = reader.headers().unwrap().clone();
        let mut writer = csv::Writer::from_path(to.join(path.file_name().unwrap())).unwrap();
        writer.write_record(&header).unwrap();
        for record in reader.records() {
            let record = record.unwrap();
            let planted = record.iter().zip(header.iter()).map(|(value, column)| {
                match (table.as_str(), column, value.is_empty()) {
                    ("people", "name", _) => NAME.to_owned(),
                    ("people", "phone", false) => PHONE.to_owned(),
                    ("requests", "text" | "answer", false) => WORDS.to_owned(),
                    _ => value.to_owned(),
                }
            });
            writer.write_record(planted).unwrap();
        }
        writer.flush().unwrap();
    }
}

fn settings() -> Settings {
    Settings {
        zone: Zone::named("Asia/Shanghai").unwrap(),
        legal_basis: "statute".to_owned(),
        body: "body".to_owned(),
        travel: Default::default(),
    }
}

impl House {
    pub async fn open() -> House {
        House::of(true).await
    }

    /// One that is an exercise or not.
    pub async fn of(exercise: bool) -> House {
        let folder = tempfile::tempdir().unwrap();
        let files = folder.path().join("day");
        fs::create_dir(&files).unwrap();
        plant(&files);
        let store = Store::open(&format!("sqlite:{}", folder.path().join("city.db").display())).await.unwrap();
        let packs = Packs::builtin().unwrap();
        let plan = Plan {
            date: Some("2022-11-20".parse().unwrap()),
            pack: "covid-19".to_owned(),
            atomic: false,
            keep_open: false,
            exercise: false,
        };
        let day = Folder::open(&files).unwrap();
        day::run(&store, &packs, &settings(), &day, &plan, &mut |_, _| {}).await.unwrap();
        let now: Instant = "2022-11-20T15:00:00Z".parse().unwrap();
        let entropy = Count(AtomicU64::new(1));
        let keys = Keys::new(&entropy).unwrap();
        let mut limits = access::Settings::of(settings().zone);
        limits.hasher = Arc::new(Hasher::cheap());
        let door = Access { store: &store, keys: &keys, settings: &limits, entropy: &entropy };
        for role in Role::ALL {
            hire(&store, &door, (role.name(), *role), now).await;
        }
        // a bulletin goes out by two who did not draft it
        hire(&store, &door, (SECOND_PRESS, Role::PublicInformation), now).await;
        let setup = Setup {
            store,
            packs,
            pack: "covid-19".to_owned(),
            settings: settings(),
            city: "50".parse().unwrap(),
            clock: Clock::new(move || now),
            wall: Clock::new(move || now),
            keys,
            access: limits,
            chance: Box::new(entropy),
            exercise,
        };
        let app = App::new(setup);
        app.learn_places().await.unwrap();
        House { router: router(Arc::clone(&app)), app, _folder: folder }
    }

    /// `GET` as somebody of a role.
    pub async fn get(&self, who: &str, path: &str) -> Answer {
        let request = Request::get(path).header(header::COOKIE, format!("__Host-dayclear={who}"));
        self.send(request.header(header::ACCEPT, "text/html").body(Body::empty()).unwrap()).await
    }

    /// `POST` of a form as somebody of a role.
    pub async fn post(&self, who: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let encoded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let pairs = fields.iter().map(|(name, value)| match *name {
            // the word of a session is of letters and digits, and stands in a form as it is
            "csrf" => format!("csrf={value}"),
            name => format!("{}={}", encoded(name), encoded(value)),
        });
        let request = Request::post(path)
            .header(header::COOKIE, format!("__Host-dayclear={who}"))
            .header(header::ACCEPT, "text/html")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(pairs.collect::<Vec<_>>().join("&"))).unwrap()).await
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let text = |name| {
            let value = response.headers().get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let (location, policy) = (text(header::LOCATION), text(header::CONTENT_SECURITY_POLICY));
        let body = response.into_body().collect().await.unwrap().to_bytes();
        Answer { status, location, policy, body: String::from_utf8_lossy(&body).into_owned() }
    }
}

async fn hire(store: &Store, door: &Access<'_>, (login, role): (&str, Role), now: Instant) {
    let new = NewAccount {
        login,
        name: login,
        language: "en",
        division: "50".parse().unwrap(),
        password: NewPassword::None,
        enrol: false,
    };
    let made = door.create(By::Operator, &new, now).await.unwrap();
    let site = match role {
        Role::Laboratory => Some("L1"),
        Role::Facility => Some("DH1"),
        Role::Driver => Some("V1"),
        _ => None,
    };
    let city = matches!(
        role,
        Role::CityCommand
            | Role::Laboratory
            | Role::Facility
            | Role::Driver
            | Role::PublicInformation
            | Role::DataProtection
            | Role::Auditor
            | Role::Administrator
    );
    let division = if city { "50" } else { "500103" }.parse().unwrap();
    let duty = Duty { role, division, site: site.map(str::to_owned) };
    let held = door.grant(By::Operator, &made.id, duty, None, now).await.unwrap();
    let id = Sha256::digest(login.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    let session = Session {
        id,
        account: made.id,
        login: login.to_owned(),
        name: login.to_owned(),
        language: "en".to_owned(),
        home: "50".parse().unwrap(),
        held: Some(held),
        kind: SessionKind::Console,
        standing: Standing::Full,
        csrf: WORD.to_owned(),
        created_at: now,
        seen_at: now,
        expires_at: now.plus_hours(12),
        stepped_up_at: Some(now),
    };
    let mut tx = store.begin(&Scope::nobody()).await.unwrap();
    tx.add_session(&session).await.unwrap();
    tx.commit().await.unwrap();
}
