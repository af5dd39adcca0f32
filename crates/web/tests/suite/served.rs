//! The example day behind a server, and requests to it as each role.

use crate::engines::TestStore;
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode},
};
use bytes::Bytes;
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
use dayclear_web::{
    App, Clock, Config, Setup,
    config::{Sender, Setting},
    ledger::InMemory,
    serve::{self, Bound, Ended},
    tls::Certificate,
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::{sync::oneshot, task::JoinHandle};
use tower::ServiceExt as _;

pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

pub fn zone() -> Zone {
    Zone::named("Asia/Shanghai").unwrap()
}

fn settings() -> Settings {
    Settings { zone: zone(), legal_basis: "statute".to_owned(), body: "body".to_owned(), travel: Default::default() }
}

/// The duty in which a role is tested: within its city or district, at its site.
pub fn duty(role: Role) -> Duty {
    let (division, site) = match role {
        Role::CityCommand | Role::PublicInformation | Role::DataProtection | Role::Auditor | Role::Administrator => {
            ("50", None)
        }
        Role::Laboratory => ("50", Some("L1")),
        Role::Facility => ("50", Some("TH1")),
        Role::Driver => ("50", Some("V1")),
        _ => ("500103", None),
    };
    Duty { role, division: division.parse().unwrap(), site: site.map(str::to_owned) }
}

/// A district in which nothing of the example happens.
pub const ELSEWHERE: &str = "500108";

pub struct Served {
    pub app: Arc<App>,
    pub sink: Arc<InMemory>,
    router: Router,
    /// Token and account by the name of a test's person.
    people: BTreeMap<String, (String, String)>,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {:?}", self.body))
    }
    /// Last word of the type of a problem.
    pub fn problem(&self) -> String {
        let media = self.header("content-type");
        assert_eq!(media, "application/problem+json", "{} {:?}", self.status, self.body);
        let kind = self.json()["type"].as_str().unwrap_or_default().to_owned();
        kind.strip_prefix("/api/problems/").unwrap().to_owned()
    }
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
}

/// Chance that is another each time and the same in each run.
pub struct Counting;

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let digest = Sha256::digest(NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        bytes.iter_mut().zip(digest.iter().cycle()).for_each(|(byte, from)| *byte = *from);
        Ok(())
    }
}

pub async fn setup(store: &TestStore) -> Setup {
    static KEYS: LazyLock<Keys> = LazyLock::new(|| Keys::new(&Counting).unwrap());
    let now: Instant = "2022-11-20T13:45:00Z".parse().unwrap();
    Setup {
        store: Store::open(&store.url).await.unwrap(),
        packs: Packs::builtin().unwrap(),
        pack: "covid-19".to_owned(),
        settings: settings(),
        city: "50".parse().unwrap(),
        clock: Clock::new(move || now),
        wall: Clock::new(move || now),
        keys: KEYS.clone(),
        access: access::Settings::of(zone()),
        chance: Box::new(Counting),
        exercise: true,
    }
}

/// Settings for tests: nobody is too quick, and files of imports go with the store.
pub fn config(store: &TestStore) -> Config {
    let mut config = Config::default();
    config.general.imports = Some(store.folder().join("imports").to_string_lossy().into_owned());
    let limits = &mut config.limits;
    for burst in [&mut limits.account_burst_max, &mut limits.site_burst_max, &mut limits.stranger_burst_max] {
        *burst = 1_000_000;
    }
    limits.requests_max = 1_000;
    let sender = |text: &str| <Sender as Setting>::read(text).unwrap();
    config.mllp.senders = vec![
        sender("LIMS/LAB1 = laboratory 127.0.0.0/8"),
        sender("LIMS/AFAR = laboratory 10.0.0.0/8"),
        sender("LIMS/NONE = tracer 127.0.0.0/8"),
    ];
    config.mllp.message_bytes_max = 64 << 10;
    config
}

/// An account with one duty: its token and its id.
pub async fn hire(app: &App, name: &str, duty: Duty) -> (String, String) {
    let access = app.access();
    let new = NewAccount {
        login: name,
        name,
        language: "en",
        division: duty.division.clone(),
        password: NewPassword::None,
        enrol: false,
    };
    let made = access.create(By::Operator, &new, app.wall()).await.unwrap();
    let held = access.grant(By::Operator, &made.id, duty, None, app.wall()).await.unwrap();
    let opened = access.make_token(By::Operator, &held.id, 30, app.wall()).await.unwrap();
    (opened.token, made.id)
}

/// Brings the example day in, and leaves it open.
pub async fn play_example(store: &TestStore) {
    let folder = Folder::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/day")).unwrap();
    let plan = Plan { date: None, pack: "covid-19".to_owned(), atomic: false, keep_open: true, exercise: true };
    let packs = Packs::builtin().unwrap();
    day::run(&store.store, &packs, &settings(), &folder, &plan, &mut |_, _| {}).await.unwrap();
}

impl Served {
    /// The example day in progress, one person for each role, others for the same role elsewhere and in the whole city.
    pub async fn example(store: &TestStore) -> Served {
        play_example(store).await;
        Self::on(store).await
    }

    /// A server on a store as it stands, with its people.
    pub async fn on(store: &TestStore) -> Served {
        Self::staffed(Self::bare(store).await).await
    }

    /// The same at another moment and with other settings.
    pub async fn at(store: &TestStore, now: Instant, config: Config) -> Served {
        let mut setup = setup(store).await;
        setup.clock = Clock::new(move || now);
        Self::staffed(Self::with(setup, config)).await
    }

    async fn staffed(mut served: Served) -> Served {
        for role in Role::ALL {
            let here = duty(*role);
            let there = Duty { division: ELSEWHERE.parse().unwrap(), ..here.clone() };
            let whole = Duty { division: "50".parse().unwrap(), ..here.clone() };
            for (at, duty) in [("", here), ("-elsewhere", there), ("-city", whole)] {
                // the command of a city has the whole of it, and nothing less
                if duty.role == Role::CityCommand && at == "-elsewhere" {
                    continue;
                }
                let name = format!("{}{at}", role.name());
                let hired = hire(&served.app, &name, duty).await;
                served.people.insert(name, hired);
            }
        }
        served
    }

    /// Another server on the same store, for the same people.
    pub async fn beside(&self, store: &TestStore) -> Served {
        Served { people: self.people.clone(), ..Self::bare(store).await }
    }

    /// Another server at another moment on the same store, for the same people.
    pub async fn beside_at(&self, store: &TestStore, now: Instant, config: Config) -> Served {
        let mut setup = setup(store).await;
        setup.clock = Clock::new(move || now);
        Served { people: self.people.clone(), ..Self::with(setup, config) }
    }

    async fn bare(store: &TestStore) -> Served {
        Self::with(setup(store).await, config(store))
    }

    fn with(setup: Setup, config: Config) -> Served {
        let sink = Arc::new(InMemory::default());
        let kept = sink.clone();
        let app = App::with_sink(setup, config, None, move |_| kept);
        let router = dayclear_web::router(app.clone());
        Served { app, sink, router, people: BTreeMap::new() }
    }

    /// Listens for messages of laboratories until the other end of the channel is used.
    pub async fn listens(&self) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<Ended>) {
        let here = SocketAddr::from(([127, 0, 0, 1], 0));
        let bound = Bound::open(here, None, None).await.unwrap().and_mllp(here, None).await.unwrap();
        let address = bound.messages().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async {
            let _ = stopped.await;
        };
        let running = tokio::spawn(serve::run(self.app.clone(), self.router.clone(), bound, None, stopped));
        (address, stop, running)
    }

    /// The same with TLS, under a certificate for `localhost` that is made here: with it as the authority that a sender trusts.
    pub async fn listens_over_tls(
        &self,
        folder: &Path,
    ) -> (SocketAddr, String, oneshot::Sender<()>, JoinHandle<Ended>) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
        std::fs::write(&certificate, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let open = Arc::new(Certificate::open(&text(&certificate), &text(&key)).unwrap());
        let here = SocketAddr::from(([127, 0, 0, 1], 0));
        let bound = Bound::open(here, None, None).await.unwrap().and_mllp(here, Some(open)).await.unwrap();
        let address = bound.messages().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async {
            let _ = stopped.await;
        };
        let running = tokio::spawn(serve::run(self.app.clone(), self.router.clone(), bound, None, stopped));
        (address, text(&certificate), stop, running)
    }

    /// Account of a person.
    pub fn account(&self, name: &str) -> &str {
        &self.people[name].1
    }

    /// Lets the connections go, so that the store can be removed.
    pub async fn close(self) {
        drop(self.router);
        if let Some(app) = Arc::into_inner(self.app) {
            app.setup.store.close().await;
        }
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer { status: parts.status, headers: parts.headers, body: to_bytes(body, usize::MAX).await.unwrap() }
    }

    pub async fn get(&self, token: &str, path: &str) -> Answer {
        self.ask(Method::GET, token, path, &[], Body::empty()).await
    }

    pub async fn post(&self, token: &str, path: &str, body: &Value) -> Answer {
        let headers = [("content-type", "application/json")];
        self.ask(Method::POST, token, path, &headers, Body::from(body.to_string())).await
    }

    pub async fn ask(
        &self,
        method: Method,
        token: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        let token = self.people.get(token).map_or(token, |(token, _)| token);
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.into()).unwrap()).await
    }
}
