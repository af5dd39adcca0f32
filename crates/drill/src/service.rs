//! The service as people and programs meet it: requests through every layer of the server, in this process by the clock of the drill
//! ([`crate::here`]) or elsewhere by its own ([`crate::there`]). It may use what is asked over HTTP, and never the store behind it;
//! whatever the service is told was told to somebody on duty.

use crate::{
    faults::Loss,
    here::Here,
    open::TICK,
    staging::Stage,
    there::{Elsewhere, There},
};
use axum::http::{Method, StatusCode};
use dayclear_core::{
    access::Role,
    schema::Table,
    time::{CivilDate, Instant},
};
use dayclear_ops::OpsError;
use dayclear_store::StoreError;
use serde_json::{Map, Value, json};
use thiserror::Error;

/// Records of one command at most.
const KEYS_MAX: usize = 5_000;
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
    /// A service elsewhere cannot be played against.
    #[error("the service at {url} cannot be played against: {why}")]
    Elsewhere {
        /// Where.
        url: String,
        /// Why not.
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
    way: Way<'a>,
    /// Requests made.
    pub requests: u64,
    /// Rows of evidence that the service kept aside.
    pub doubtful: u64,
    keys: u64,
    /// What keys begin with: no other drill on the same service has the same.
    run: String,
    /// Whatever is sent is sent twice under the same key, and must be answered alike.
    pub doubles: bool,
}

/// Where the service is.
enum Way<'a> {
    Here(Box<Here<'a>>),
    There(Box<There>),
}

impl<'a> Service<'a> {
    fn of(way: Way<'a>, run: String) -> Service<'a> {
        Service { way, requests: 0, doubtful: 0, keys: 0, run, doubles: false }
    }

    /// Starts one of its own on a store.
    pub async fn start(stage: Stage<'a>) -> Result<Service<'a>, ServiceError> {
        Ok(Self::of(Way::Here(Box::new(Here::start(stage).await?)), "drill".to_owned()))
    }

    /// Finds one elsewhere, that can be played from a moment on.
    pub async fn find(elsewhere: &Elsewhere, start: Instant) -> Result<Service<'a>, ServiceError> {
        let run = format!("drill-{}", elsewhere.wall.now().micros());
        Ok(Self::of(Way::There(Box::new(There::find(elsewhere, start).await?)), run))
    }

    /// The process dies and starts again on the same store: whatever was not committed never was. A service elsewhere is let live.
    pub async fn restart(&mut self) -> Result<(), ServiceError> {
        match &mut self.way {
            Way::Here(here) => here.restart().await,
            Way::There(_) => Ok(()),
        }
    }

    /// Something will happen to the store after so many steps. What was to happen and did not, will not any more.
    pub fn lose_after(&mut self, steps: u32, loss: Loss) {
        if let Way::Here(here) = &mut self.way {
            here.lose_after(steps, loss);
        }
    }

    /// Whether the store was lost; if so, everything is there again, as after a start of what had died.
    async fn recovers(&mut self) -> Result<bool, ServiceError> {
        match &mut self.way {
            Way::Here(here) => here.recovers().await,
            Way::There(_) => Ok(false),
        }
    }

    /// Where the console listens.
    pub fn address(&self) -> Option<std::net::SocketAddr> {
        match &self.way {
            Way::Here(here) => here.address(),
            Way::There(_) => None,
        }
    }

    /// It becomes later: at once, at the pace that people play at, or by the clock of the service elsewhere.
    pub async fn wait_until(&mut self, now: Instant) -> Result<(), ServiceError> {
        match &mut self.way {
            Way::Here(here) => {
                here.wait_until(now).await;
                Ok(())
            }
            Way::There(there) => there.wait_until(now).await,
        }
    }

    /// Waits until people have signed a day.
    pub async fn wait_for_signature(&mut self, day: CivilDate) -> Result<(), ServiceError> {
        while self.rows(Role::DistrictCommand, "days", &format!("day={day}&closed=true")).await?.is_empty() {
            tokio::time::sleep(TICK).await;
        }
        Ok(())
    }

    /// The clock of the city.
    pub fn now(&self) -> Instant {
        match &self.way {
            Way::Here(here) => here.now(),
            Way::There(there) => there.now(),
        }
    }

    async fn ask(
        &mut self,
        role: Role,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(StatusCode, Value), ServiceError> {
        let token = match &self.way {
            Way::Here(here) => here.token(role),
            Way::There(there) => there.token(role),
        };
        self.ask_as(token, method, path, body).await
    }

    async fn ask_as(
        &mut self,
        token: Option<String>,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(StatusCode, Value), ServiceError> {
        self.requests += 1;
        self.keys += u64::from(body.is_some());
        let key = body.map(|_| format!("{}-{}", self.run, self.keys));
        let body = body.map(Value::to_string);
        match &self.way {
            Way::Here(here) => here.ask(token, method, path, key.as_deref(), body).await,
            Way::There(there) => {
                let bearer = token.map(|token| format!("Bearer {token}"));
                let mut headers: Vec<(&str, &str)> = Vec::new();
                headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
                if let Some(key) = &key {
                    headers.extend([("content-type", "application/json"), ("idempotency-key", key)]);
                }
                there.ask(method, path, &headers, body).await
            }
        }
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

    /// A vehicle gives a sign of life, as the phone of its driver does. One that is lost because the service is not there stays lost.
    pub async fn beat(&mut self, vehicle: &str, place: Option<(f64, f64)>) -> Result<(), ServiceError> {
        let token = match &mut self.way {
            Way::Here(here) => here.driver(vehicle).await?,
            Way::There(_) => None,
        };
        let Some(token) = token else { return Ok(()) };
        let body = place.map_or_else(|| json!({}), |(lon, lat)| json!({"lon": lon, "lat": lat}));
        let (status, answer) = self.ask_as(Some(token), Method::POST, "/api/v1/trip/position", Some(&body)).await?;
        if status.is_success() || self.recovers().await? {
            return Ok(());
        }
        let request = format!("POST /api/v1/trip/position of {vehicle}");
        Err(ServiceError::Answer { request, status: status.as_u16(), answer: answer.to_string() })
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

    /// Makes a record that the rules may forbid; its id, or none where they do.
    pub async fn may_make(
        &mut self,
        role: Role,
        list: &str,
        verb: &str,
        given: &Value,
    ) -> Result<Option<String>, ServiceError> {
        let path = format!("/api/v1/{list}/{verb}");
        let (status, answer) = self.ask_again(role, Method::POST, &path, Some(given)).await?;
        match status {
            _ if status.is_success() => Ok(answer["made"].as_str().map(str::to_owned)),
            StatusCode::CONFLICT => Ok(None),
            _ => Err(ServiceError::Answer {
                request: format!("POST {path}"),
                status: status.as_u16(),
                answer: answer.to_string(),
            }),
        }
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

    /// The line looks at what has come. A service elsewhere looks by itself.
    pub async fn pass(&mut self) -> Result<(), ServiceError> {
        let first = match &self.way {
            Way::Here(here) => here.pass().await,
            Way::There(_) => return Ok(()),
        };
        match first {
            Err(_) if self.recovers().await? => match &self.way {
                Way::Here(here) => here.pass().await,
                Way::There(_) => Ok(()),
            },
            outcome => outcome,
        }
    }

    /// The officers of the districts sign the report of the day, where they are those of the drill.
    pub async fn report(&mut self, day: CivilDate) -> Result<(), ServiceError> {
        let first = match &self.way {
            Way::Here(here) => here.report(day).await,
            Way::There(_) => return Ok(()),
        };
        match first {
            // who signed is not asked again, and who did not signs now
            Err(_) if self.recovers().await? => match &self.way {
                Way::Here(here) => here.report(day).await,
                Way::There(_) => Ok(()),
            },
            outcome => outcome,
        }
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
        &mut self,
        list: &str,
        verb: &str,
        keys: &[String],
        given: &[(&str, &str)],
    ) -> Result<(), ServiceError> {
        match &mut self.way {
            Way::Here(here) => here.decide(list, verb, keys, given).await,
            Way::There(there) => {
                let mut body: Row = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
                body.insert("keys".to_owned(), json!(keys));
                let answer = there.decide(&format!("/api/v1/{list}/{verb}"), &Value::Object(body)).await?;
                match answer["refused"].as_array().and_then(|refused| refused.first()) {
                    Some(refusal) => Err(ServiceError::Undone {
                        what: format!("{list} {verb} {}", keys.join(", ")),
                        why: refusal.to_string(),
                    }),
                    None => Ok(()),
                }
            }
        }
    }

    /// Lets the service go.
    pub async fn stop(self) {
        if let Way::Here(here) = self.way {
            here.stop().await;
        }
    }
}
