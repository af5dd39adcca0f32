//! The service as people and programs meet it: requests through every layer of the server, in this process, by the clock of
//! the drill. It may use the server's router and the line, and never the store behind them; whatever it is told was told
//! to somebody on duty.

use crate::{
    faults::Loss,
    open::{Door, TICK},
    staging::{Hand, Stage, close, hire, start},
};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode},
};
use dayclear_core::{
    access::Role,
    command::Command,
    protocol::Packs,
    schema::Table,
    time::{CivilDate, Instant},
};
use dayclear_ops::{
    OpsError,
    desk::{self, DeskError, Doing},
    line, quality,
};
use dayclear_store::StoreError;
use dayclear_web::App;
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};
use thiserror::Error;
use tower::ServiceExt as _;

/// Records of one command at most.
const KEYS_MAX: usize = 5_000;
/// Minutes between two looks at the results of laboratories.
const LOOKS_MIN: i64 = 60;
/// Rows of evidence in one request at most.
const ROWS_MAX: usize = 5_000;

/// A row of a list.
pub type Row = Map<String, Value>;

/// Text of a row; empty where there is none.
pub fn text<'r>(row: &'r Row, name: &str) -> &'r str {
    row.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A moment of a row.
pub fn at(row: &Row, name: &str) -> Option<Instant> {
    text(row, name).parse().ok()
}

/// What went wrong between the drill and the service.
#[derive(Debug, Error)]
pub enum ServiceError {
    /// A request was not answered as it must be.
    #[error("{request} was answered with {status}: {answer}")]
    Answer {
        /// Method and path.
        request: String,
        /// Status.
        status: u16,
        /// Body.
        answer: String,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A station.
    #[error(transparent)]
    Ops(#[from] OpsError),
    /// An account.
    #[error("an account of the drill could not be made: {0}")]
    Account(String),
    /// The console cannot be opened.
    #[error("the console cannot listen on {address}: {why}; name another address with --listen")]
    Closed {
        /// Where.
        address: std::net::SocketAddr,
        /// Why.
        why: String,
    },
    /// The command of the city could not decide something.
    #[error("the command of the city could not do this: {what}: {why}")]
    Undone {
        /// What it decided.
        what: String,
        /// Why not.
        why: String,
    },
}

/// The service and those who speak with it.
pub struct Service<'a> {
    stage: Stage<'a>,
    app: Arc<App>,
    router: Router,
    packs: Packs,
    now: Arc<AtomicI64>,
    hands: BTreeMap<Role, Hand>,
    /// Requests made.
    pub requests: u64,
    /// Rows of evidence that the service kept aside.
    pub doubtful: u64,
    keys: u64,
    /// Whatever is sent is sent twice under the same key, and must be answered alike.
    pub doubles: bool,
    door: Option<Door>,
    /// What happens to the store when it is lost.
    loss: Loss,
    /// Micros of the city in a tick on the wall, where a pace is kept.
    pace: Option<i64>,
}

impl<'a> Service<'a> {
    /// Starts it on a store.
    pub async fn start(stage: Stage<'a>) -> Result<Service<'a>, ServiceError> {
        let now = Arc::new(AtomicI64::new(stage.start.micros()));
        let (app, packs) = start(&stage, &now).await?;
        let router = dayclear_web::router(Arc::clone(&app));
        let mut service = Service {
            app,
            router,
            packs,
            now,
            hands: BTreeMap::new(),
            requests: 0,
            doubtful: 0,
            keys: 0,
            doubles: false,
            door: None,
            loss: Loss::default(),
            pace: stage.open.map(|open| (open.speed * TICK.as_micros() as f64) as i64),
            stage,
        };
        if let Some(listen) = service.stage.open.and_then(|open| open.listen) {
            service.door = Some(Door::open(&service.app, service.router.clone(), listen).await?);
        }
        for role in [Role::CityCommand, Role::DistrictCommand, Role::Dispatcher, Role::Hotline] {
            let hand = hire(&service.app, role).await?;
            service.hands.insert(role, hand);
        }
        Ok(service)
    }

    /// The process dies and starts again on the same store: whatever was not committed never was.
    pub async fn restart(&mut self) -> Result<(), ServiceError> {
        let address = self.address();
        if let Some(door) = self.door.take() {
            door.close(false).await;
        }
        let (app, _) = start(&self.stage, &self.now).await?;
        self.router = dayclear_web::router(Arc::clone(&app));
        let old = std::mem::replace(&mut self.app, app);
        close(old).await;
        if let Some(address) = address {
            self.door = Some(Door::open(&self.app, self.router.clone(), address).await?);
        }
        Ok(())
    }

    /// Something will happen to the store after so many steps. What was to happen and did not, will not any more.
    pub fn lose_after(&mut self, steps: u32, loss: Loss) {
        self.loss = loss;
        match loss {
            Loss::Full => self.app.store().fill_after(steps),
            _ => self.app.store().lose_after(steps),
        }
    }

    /// Whether the store was lost; if so, everything is there again, as after a start of what had died.
    async fn recovers(&mut self) -> Result<bool, ServiceError> {
        if !self.app.store().is_lost() {
            return Ok(false);
        }
        match self.loss {
            Loss::Death => self.restart().await?,
            Loss::Database => self.app.store().mend(),
            Loss::Full => {
                let path = "/api/v1/days";
                let (status, answer) = self.ask(Role::DistrictCommand, Method::GET, path, None).await?;
                if !status.is_success() {
                    return Err(ServiceError::Answer {
                        request: format!("GET {path} while the disk is full"),
                        status: status.as_u16(),
                        answer: answer.to_string(),
                    });
                }
                self.app.store().mend();
            }
        }
        Ok(true)
    }

    /// Where the console listens.
    pub fn address(&self) -> Option<std::net::SocketAddr> {
        self.door.as_ref().map(|door| door.address)
    }

    /// It becomes later: at once, or at the pace that people play at.
    pub async fn wait_until(&self, now: Instant) {
        if let Some(tick) = self.pace {
            let mut next = self.now().micros() + tick;
            while next < now.micros() {
                tokio::time::sleep(TICK).await;
                self.set_clock(Instant::from_micros(next));
                next += tick;
            }
        }
        self.set_clock(now);
    }

    /// The clock stands until people have signed a day.
    pub async fn wait_for_signature(&mut self, day: CivilDate) -> Result<(), ServiceError> {
        while self.rows(Role::DistrictCommand, "days", &format!("day={day}&closed=true")).await?.is_empty() {
            tokio::time::sleep(TICK).await;
        }
        Ok(())
    }

    /// The clock of the city.
    pub fn now(&self) -> Instant {
        Instant::from_micros(self.now.load(Ordering::Relaxed))
    }
    /// It is later.
    pub fn set_clock(&self, now: Instant) {
        self.now.store(now.micros(), Ordering::Relaxed);
    }

    async fn ask(
        &mut self,
        role: Role,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(StatusCode, Value), ServiceError> {
        self.requests += 1;
        let mut request = Request::builder().method(method.clone()).uri(path);
        if let Some(hand) = self.hands.get(&role) {
            request = request.header("authorization", format!("Bearer {}", hand.token));
        }
        let body = match body {
            Some(body) => {
                self.keys += 1;
                request = request
                    .header("content-type", "application/json")
                    .header("idempotency-key", format!("drill-{}", self.keys));
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        let broken = |why: String| ServiceError::Answer { request: format!("{method} {path}"), status: 0, answer: why };
        let request = request.body(body).map_err(|error| broken(error.to_string()))?;
        let answer = match self.router.clone().oneshot(request).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        };
        let status = answer.status();
        let bytes = to_bytes(answer.into_body(), usize::MAX).await.map_err(|error| broken(error.to_string()))?;
        let value = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        Ok((status, value))
    }

    /// Asks; whoever has no answer because the service or its store was lost asks again, under the same key.
    async fn ask_again(
        &mut self,
        role: Role,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(StatusCode, Value), ServiceError> {
        let answer = self.ask(role, method.clone(), path, body).await?;
        if answer.0.is_success() || !self.recovers().await? {
            return Ok(answer);
        }
        self.keys -= u64::from(body.is_some());
        self.ask(role, method, path, body).await
    }

    async fn must(
        &mut self,
        role: Role,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, ServiceError> {
        let (status, answer) = self.ask_again(role, method.clone(), path, body).await?;
        if status.is_success() {
            if self.doubles && body.is_some() {
                self.keys -= 1;
                let again = self.ask_again(role, method.clone(), path, body).await?;
                if again != (status, answer.clone()) {
                    let answer = format!("{answer}, and then under the same key with {}: {}", again.0, again.1);
                    return Err(ServiceError::Answer {
                        request: format!("{method} {path}"),
                        status: status.as_u16(),
                        answer,
                    });
                }
            }
            return Ok(answer);
        }
        let request = format!(
            "{method} {path} {}",
            body.map(Value::to_string).unwrap_or_default().chars().take(300).collect::<String>()
        );
        Err(ServiceError::Answer { request, status: status.as_u16(), answer: answer.to_string() })
    }

    /// All rows of a list, page by page.
    pub async fn rows(&mut self, role: Role, list: &str, query: &str) -> Result<Vec<Row>, ServiceError> {
        let mut all = Vec::new();
        let mut after = String::new();
        loop {
            let path = format!("/api/v1/{list}?limit=500&{query}{after}");
            let mut page = self.must(role, Method::GET, path.trim_end_matches('&'), None).await?;
            if let Value::Array(rows) = page["rows"].take() {
                all.extend(rows.into_iter().filter_map(|row| match row {
                    Value::Object(row) => Some(row),
                    _ => None,
                }));
            }
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return Ok(all),
            }
        }
    }

    /// Brings rows of a table; how many were new or changed something.
    pub async fn give(&mut self, table: &'static Table, rows: &[Value]) -> Result<u64, ServiceError> {
        let mut taken = 0;
        for part in rows.chunks(ROWS_MAX) {
            let path = format!("/api/v1/evidence/{}", table.name);
            let answer =
                self.must(Role::DistrictCommand, Method::POST, &path, Some(&Value::Array(part.to_vec()))).await?;
            let count = |name: &str| answer[name].as_u64().unwrap_or_default();
            let (read, sum) = (
                count("read"),
                count("created") + count("updated") + count("same") + count("doubtful") + count("rejected"),
            );
            if read != part.len() as u64 || read != sum {
                return Err(ServiceError::Answer { request: path, status: 200, answer: answer.to_string() });
            }
            taken += count("created") + count("updated");
            self.doubtful += count("doubtful") + count("rejected");
        }
        Ok(taken)
    }

    /// Sends tubes as the phone of a site does; what became of each. Records are told apart by their own ids, and by no key.
    pub async fn send_from_site(&mut self, body: &Value) -> Result<Vec<Value>, ServiceError> {
        let path = "/api/v1/site/tubes";
        let (status, answer) = self.ask_again(Role::DistrictCommand, Method::POST, path, Some(body)).await?;
        match answer["told"].as_array() {
            Some(told) if status.is_success() => Ok(told.clone()),
            _ => Err(ServiceError::Answer {
                request: format!("POST {path}"),
                status: status.as_u16(),
                answer: answer.to_string(),
            }),
        }
    }

    /// Does something to records; the keys of those that were refused, with the problem.
    pub async fn act(
        &mut self,
        role: Role,
        list: &str,
        verb: &str,
        keys: &[String],
        given: &Value,
    ) -> Result<Vec<(String, String)>, ServiceError> {
        let mut refused = Vec::new();
        for part in keys.chunks(KEYS_MAX) {
            let mut body = given.clone();
            body["keys"] = json!(part);
            let answer = self.must(role, Method::POST, &format!("/api/v1/{list}/{verb}"), Some(&body)).await?;
            for refusal in answer["refused"].as_array().into_iter().flatten() {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                refused.push((text(&refusal["key"]), text(&refusal["problem"]["type"])));
            }
        }
        Ok(refused)
    }

    /// Makes a record by a command; its id.
    pub async fn make(&mut self, role: Role, list: &str, verb: &str, given: &Value) -> Result<String, ServiceError> {
        let answer = self.must(role, Method::POST, &format!("/api/v1/{list}/{verb}"), Some(given)).await?;
        Ok(answer["made"].as_str().unwrap_or_default().to_owned())
    }

    /// Tries something with one record that may be refused as things stand; whether it was done.
    pub async fn attempt(
        &mut self,
        role: Role,
        list: &str,
        verb: &str,
        key: &str,
        given: &Value,
    ) -> Result<bool, ServiceError> {
        let mut body = given.clone();
        body["keys"] = json!([key]);
        let path = format!("/api/v1/{list}/{verb}");
        let (status, answer) = self.ask_again(role, Method::POST, &path, Some(&body)).await?;
        match status {
            _ if status.is_success() => Ok(answer["refused"].as_array().is_none_or(Vec::is_empty)),
            StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY => Ok(false),
            _ => Err(ServiceError::Answer {
                request: format!("POST {path}"),
                status: status.as_u16(),
                answer: answer.to_string(),
            }),
        }
    }

    /// The line looks at what has come, and once in a while at what laboratories reported.
    pub async fn pass(&mut self) -> Result<line::Pass, ServiceError> {
        match self.pass_once().await {
            Err(_) if self.recovers().await? => self.pass_once().await,
            outcome => outcome,
        }
    }

    async fn pass_once(&self) -> Result<line::Pass, ServiceError> {
        let app = &self.app;
        let (setup, scope) = (&app.setup, app.own_scope());
        let (packs, settings, pack) = (&self.packs, &setup.settings, setup.pack.as_str());
        let pass = line::pass(app.store(), packs, settings, pack, &scope, self.now()).await?;
        quality::look(app.store(), packs, settings, pack, &scope, self.now(), LOOKS_MIN).await?;
        Ok(pass)
    }

    /// The command of the city signs the books of a day, with its second factor.
    pub async fn sign(&mut self, day: CivilDate) -> Result<(), ServiceError> {
        match self.decide_once("days", "sign", &[day.to_string()], &[]).await {
            // whether it was signed nobody knows: who looks and finds it open signs it again
            Err(_) if self.recovers().await? => {
                match self.rows(Role::DistrictCommand, "days", &format!("day={day}&closed=true")).await?.is_empty() {
                    true => self.decide_once("days", "sign", &[day.to_string()], &[]).await,
                    false => Ok(()),
                }
            }
            outcome => outcome,
        }
    }

    /// The command of the city decides something that needs its second factor, and decides it again where nobody knows whether
    /// it was heard: what was decided already stays as it is.
    pub async fn decide(
        &mut self,
        list: &str,
        verb: &str,
        keys: &[String],
        given: &[(&str, &str)],
    ) -> Result<(), ServiceError> {
        match self.decide_once(list, verb, keys, given).await {
            Err(_) if self.recovers().await? => self.decide_once(list, verb, keys, given).await,
            outcome => outcome,
        }
    }

    async fn decide_once(
        &self,
        list: &str,
        verb: &str,
        keys: &[String],
        given: &[(&str, &str)],
    ) -> Result<(), ServiceError> {
        let undone = |why: String| ServiceError::Undone { what: format!("{list} {verb} {}", keys.join(", ")), why };
        let hand = self.hands.get(&Role::CityCommand).ok_or_else(|| undone("nobody is on duty".to_owned()))?;
        let command = Command::named(list, verb).ok_or_else(|| undone("there is no such command".to_owned()))?;
        let setup = &self.app.setup;
        let doing = Doing {
            looker: &hand.looker,
            now: self.now(),
            stepped_up: true,
            packs: &self.packs,
            pack: &setup.pack,
            settings: &setup.settings,
            key: None,
        };
        let given = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let input =
            desk::read(command.fields, &given, &setup.settings.zone).map_err(|error| undone(format!("{error:?}")))?;
        match desk::perform(self.app.store(), &doing, command, keys, &input).await {
            Ok(report) => match report.verdicts.first() {
                Some((_, desk::Verdict::Refused(refusal))) => Err(undone(format!("{refusal:?}"))),
                _ => Ok(()),
            },
            Err(DeskError::Refused(refusal)) => Err(undone(format!("{refusal:?}"))),
            Err(DeskError::Trouble(trouble)) => Err(undone(trouble.to_string())),
        }
    }

    /// Lets the store go.
    pub async fn stop(self) {
        if let Some(door) = self.door {
            door.close(true).await;
        }
        drop(self.router);
        close(self.app).await;
    }
}
