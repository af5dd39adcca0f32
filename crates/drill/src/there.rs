//! A service elsewhere, as a drill meets it: over HTTP, by accounts that were made for it, by the service's own clock. It may use what
//! anybody may who has an account. Every request says that it is an exercise, so that a service which is none refuses it.

use crate::service::ServiceError;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use dayclear_core::{access::Role, time::Instant};
use dayclear_ops::access::totp::code_of;
use dayclear_web::{Clock, EXERCISE_HEADER};
use http_body_util::{BodyExt as _, Full};
use hyper::{body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tokio::net::TcpStream;

/// Time on the wall between two looks at the clock of the service.
const LOOK: Duration = Duration::from_millis(200);
/// How long one waits for a service that turns requests away or is not there, in all.
const PATIENCE: Duration = Duration::from_secs(120);
/// Pause before a request is tried again for which no pause was named.
const AGAIN: Duration = Duration::from_secs(1);
/// Hours by which the clock of the service may be before the first day of a drill: nobody waits longer.
const BEFORE_H: i64 = 2;

/// An account of the service that the drill may use.
#[derive(Debug, Clone, Deserialize)]
pub struct Person {
    /// Login.
    pub login: String,
    /// Password.
    pub password: String,
    /// Secret of the authenticator, base 32.
    pub otp: String,
    /// Role.
    pub role: String,
    /// Token for the API.
    pub token: String,
    /// Division of the duty.
    pub division: String,
}

/// Where a service is, and who in it the drill is.
pub struct Elsewhere {
    /// Address: `http://HOST:PORT`.
    pub url: String,
    /// Accounts of the drill.
    pub people: Vec<Person>,
    /// Clock on the wall, by which authenticators count.
    pub wall: Clock,
    /// Duties that are left to people.
    pub left: BTreeSet<Role>,
    /// Account of the tracer to whom the drill gives investigations, where people trace and it commands the district.
    pub tracer: Option<String>,
}

/// A service elsewhere.
pub(crate) struct There {
    address: String,
    people: BTreeMap<Role, Person>,
    wall: Clock,
    now: Instant,
    /// Cookie and word of the session in which the command of the city signs.
    session: Option<(String, String)>,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

fn broken(request: &str, status: u16, answer: impl std::fmt::Display) -> ServiceError {
    ServiceError::Answer { request: request.to_owned(), status, answer: answer.to_string() }
}

impl There {
    /// Finds the service, and whether it is an exercise that can be played from this moment.
    pub async fn find(elsewhere: &Elsewhere, start: Instant) -> Result<There, ServiceError> {
        let wrong = |why: &str| ServiceError::Elsewhere { url: elsewhere.url.clone(), why: why.to_owned() };
        let address = elsewhere.url.strip_prefix("http://").map(|rest| rest.trim_end_matches('/').to_owned());
        let address = address.filter(|address| !address.is_empty() && !address.contains('/')).ok_or_else(|| {
            wrong("a drill speaks plain HTTP: name http://HOST:PORT of this machine, or of a tunnel that encrypts")
        })?;
        let mut people = BTreeMap::new();
        for person in &elsewhere.people {
            let role: Role = person.role.parse().map_err(|_| wrong(&format!("there is no role {}", person.role)))?;
            if person.division == crate::CITY {
                people.entry(role).or_insert_with(|| person.clone());
            }
        }
        for role in [Role::CityCommand, Role::DistrictCommand] {
            if !people.contains_key(&role) {
                let why = format!(
                    "the accounts have no {role} of the whole city ({}); make them with --prepare",
                    crate::CITY
                );
                return Err(wrong(&why));
            }
        }
        let wall = elsewhere.wall.clone();
        let mut there = There { address, people, wall, now: start, session: None };
        let no_exercise = "it is no exercise, and nothing made up is told to it; start one with --clock";
        let about = match there.about().await {
            Err(ServiceError::Answer { status: 409, .. }) => return Err(wrong(no_exercise)),
            about => about?,
        };
        if about["exercise"] != true {
            return Err(wrong(no_exercise));
        }
        there.now = about["now"].as_str().and_then(|now| now.parse().ok()).unwrap_or(start);
        if start.minutes_since(there.now) > BEFORE_H * 60 {
            return Err(wrong(&format!("its clock stands at {}; start it with --clock {start}", there.now)));
        }
        Ok(there)
    }

    async fn about(&self) -> Result<Value, ServiceError> {
        let answer = self.send(Method::GET, "/api/v1/service", &[], None).await?;
        serde_json::from_str(&answer.text).map_err(|error| broken("GET /api/v1/service", answer.status.as_u16(), error))
    }

    /// The clock of the service when it was last looked at.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Waits until it is so late there.
    pub async fn wait_until(&mut self, until: Instant) -> Result<(), ServiceError> {
        loop {
            let about = self.about().await?;
            let now = about["now"].as_str().and_then(|now| now.parse().ok());
            self.now = now.ok_or_else(|| broken("GET /api/v1/service", 200, "it does not tell its time"))?;
            if self.now >= until {
                return Ok(());
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The token of a duty.
    pub fn token(&self, role: Role) -> Option<String> {
        self.people.get(&role).map(|person| person.token.clone())
    }

    /// Asks once, and again while nothing was decided: a service that is not there or has too much to do is asked again under the
    /// same key, because nobody knows whether it was heard.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Result<(StatusCode, Value), ServiceError> {
        let since = tokio::time::Instant::now();
        loop {
            let answer = self.send(method.clone(), path, headers, body.clone()).await;
            let pause = match &answer {
                Ok(answer) if matches!(answer.status.as_u16(), 429 | 503) => {
                    let named = answer.headers.get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
                    named.map_or(AGAIN, Duration::from_secs)
                }
                Err(_) => AGAIN,
                Ok(answer) => {
                    let value =
                        serde_json::from_str(&answer.text).unwrap_or_else(|_| Value::String(answer.text.clone()));
                    return Ok((answer.status, value));
                }
            };
            if since.elapsed() + pause > PATIENCE {
                let answer = answer?;
                return Ok((answer.status, Value::String(answer.text)));
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// The command of the city decides something that wants its second factor, in a session of its own.
    pub async fn decide(&mut self, path: &str, body: &Value) -> Result<Value, ServiceError> {
        for _ in 0..2 {
            let (cookie, word) = match &self.session {
                Some(session) => session.clone(),
                None => self.log_in().await?,
            };
            self.session = Some((cookie.clone(), word.clone()));
            let headers = [
                ("cookie", cookie.as_str()),
                ("x-csrf", word.as_str()),
                ("content-type", "application/json"),
                ("sec-fetch-site", "same-origin"),
            ];
            let (status, answer) = self.ask(Method::POST, path, &headers, Some(body.to_string())).await?;
            if status.is_success() {
                return Ok(answer);
            }
            // the session is over, or its second factor is too old
            if !matches!(status.as_u16(), 401 | 403) {
                return Err(broken(&format!("POST {path}"), status.as_u16(), answer));
            }
            self.session = None;
        }
        Err(broken(&format!("POST {path}"), 403, "the command of the city is not let in; look at its account"))
    }

    /// Logs in with password and code; cookie and word of the session.
    async fn log_in(&self) -> Result<(String, String), ServiceError> {
        let role = Role::CityCommand;
        let person = self.people.get(&role).ok_or_else(|| broken("POST /login", 0, "nobody is on duty"))?;
        let code = code_of(&person.otp, self.wall.now()).map_err(|error| broken("POST /login", 0, error))?;
        let form =
            format!("login={}&password={}&code={code}&next=%2F", encoded(&person.login), encoded(&person.password));
        let kind = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
        let answer = self.send(Method::POST, "/login", &kind, Some(form)).await?;
        let set = answer.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
        let cookie = set.filter_map(|value| value.split(';').next()).find(|cookie| !cookie.ends_with('='));
        let cookie = cookie.ok_or_else(|| broken("POST /login", answer.status.as_u16(), "no session was opened"))?;
        let page = self.send(Method::GET, "/step-up", &[("cookie", cookie)], None).await?;
        let word = page.text.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let word = word.ok_or_else(|| broken("GET /step-up", page.status.as_u16(), "no word of the session"))?;
        Ok((cookie.to_owned(), word.to_owned()))
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Result<Answer, ServiceError> {
        let named = format!("{method} {path}");
        let gone = |error: &dyn std::fmt::Display| broken(&named, 0, error);
        let stream = TcpStream::connect(&self.address).await.map_err(|error| gone(&error))?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| gone(&error))?;
        let driving = tokio::spawn(connection);
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", &self.address)
            .header("accept", "application/json, text/html;q=0.5")
            .header(EXERCISE_HEADER, "drill");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(Bytes::from(body.unwrap_or_default()))).map_err(|error| gone(&error))?;
        let answer = sender.send_request(request).await.map_err(|error| gone(&error))?;
        let (parts, body) = answer.into_parts();
        let bytes = body.collect().await.map_err(|error| gone(&error))?.to_bytes();
        driving.abort();
        Ok(Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() })
    }
}

/// A text in a form.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
