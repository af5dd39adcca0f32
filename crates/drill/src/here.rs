//! A service of the drill's own, in this process: every layer of the server, by the clock of the drill, on a store that can be lost on
//! purpose. With the same seed it is the same on every run.

use crate::{
    faults::Loss,
    open::{Door, TICK},
    service::ServiceError,
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
    divisions::Level,
    protocol::Packs,
    time::{CivilDate, Instant},
};
use dayclear_ops::{
    OpsError, deliveries,
    desk::{self, DeskError, Doing, Refusal},
    dispatch, line,
    listing::Looker,
    quality, road,
};
use dayclear_web::App;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};
use tower::ServiceExt as _;

/// Minutes between two looks at the results of laboratories.
const LOOKS_MIN: i64 = 60;

/// The service in this process.
pub(crate) struct Here<'a> {
    stage: Stage<'a>,
    app: Arc<App>,
    router: Router,
    packs: Packs,
    now: Arc<AtomicI64>,
    hands: BTreeMap<Role, Hand>,
    /// Drivers by their vehicle, hired when their vehicle first gives a sign of life.
    drivers: BTreeMap<String, Hand>,
    /// Hires in the middle of which the store was lost.
    tried: u32,
    /// Starts after the first.
    started: u32,
    door: Option<Door>,
    /// What happens to the store when it is lost.
    loss: Loss,
    /// Micros of the city in a tick on the wall, where a pace is kept.
    pace: Option<i64>,
}

impl<'a> Here<'a> {
    /// Starts it on a store.
    pub async fn start(stage: Stage<'a>) -> Result<Here<'a>, ServiceError> {
        let now = Arc::new(AtomicI64::new(stage.start.micros()));
        let (app, packs) = start(&stage, &now, 0).await?;
        let router = dayclear_web::router(Arc::clone(&app));
        let mut here = Here {
            app,
            router,
            packs,
            now,
            hands: BTreeMap::new(),
            drivers: BTreeMap::new(),
            tried: 0,
            started: 0,
            door: None,
            loss: Loss::default(),
            pace: stage.open.map(|open| (open.speed * TICK.as_micros() as f64) as i64),
            stage,
        };
        if let Some(listen) = here.stage.open.and_then(|open| open.listen) {
            here.door = Some(Door::open(&here.app, here.router.clone(), listen).await?);
        }
        for role in [Role::CityCommand, Role::DistrictCommand, Role::Dispatcher, Role::Hotline] {
            let hand = hire(&here.app, role, None, 0).await?;
            here.hands.insert(role, hand);
        }
        Ok(here)
    }

    /// The process dies and starts again on the same store: whatever was not committed never was.
    pub async fn restart(&mut self) -> Result<(), ServiceError> {
        let address = self.address();
        if let Some(door) = self.door.take() {
            door.close(false).await;
        }
        self.started += 1;
        let (app, _) = start(&self.stage, &self.now, self.started).await?;
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
    pub async fn recovers(&mut self) -> Result<bool, ServiceError> {
        if !self.app.store().is_lost() {
            return Ok(false);
        }
        match self.loss {
            Loss::Death => self.restart().await?,
            Loss::Database => self.app.store().mend(),
            Loss::Full => {
                let path = "/api/v1/days";
                let token = self.token(Role::DistrictCommand);
                let (status, answer) = self.ask(token, Method::GET, path, None, None).await?;
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
                self.now.store(next, Ordering::Relaxed);
                next += tick;
            }
        }
        self.now.store(now.micros(), Ordering::Relaxed);
    }

    /// The clock of the city.
    pub fn now(&self) -> Instant {
        Instant::from_micros(self.now.load(Ordering::Relaxed))
    }

    /// The token of a duty.
    pub fn token(&self, role: Role) -> Option<String> {
        self.hands.get(&role).map(|hand| hand.token.clone())
    }

    /// The token of the driver of a vehicle.
    pub async fn driver(&mut self, vehicle: &str) -> Result<Option<String>, ServiceError> {
        if !self.drivers.contains_key(vehicle) {
            let hand = match hire(&self.app, Role::Driver, Some(vehicle), self.tried).await {
                Err(_) if self.recovers().await? => {
                    self.tried += 1;
                    return Ok(None);
                }
                hand => hand?,
            };
            self.drivers.insert(vehicle.to_owned(), hand);
        }
        Ok(self.drivers.get(vehicle).map(|hand| hand.token.clone()))
    }

    /// Asks once.
    pub async fn ask(
        &self,
        token: Option<String>,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: Option<String>,
    ) -> Result<(StatusCode, Value), ServiceError> {
        let mut request = Request::builder().method(method.clone()).uri(path);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(key) = key {
            request = request.header("content-type", "application/json").header("idempotency-key", key);
        }
        let broken = |why: String| ServiceError::Answer { request: format!("{method} {path}"), status: 0, answer: why };
        let request =
            request.body(body.map_or_else(Body::empty, Body::from)).map_err(|error| broken(error.to_string()))?;
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

    /// The line looks at what has come, and once in a while at what laboratories reported.
    pub async fn pass(&self) -> Result<(), ServiceError> {
        let app = &self.app;
        let (setup, scope) = (&app.setup, app.own_scope());
        let (packs, settings, pack) = (&self.packs, &setup.settings, setup.pack.as_str());
        road::look(app.store(), packs, settings, pack, &scope, self.now()).await?;
        line::pass(app.store(), packs, settings, pack, &scope, self.now()).await?;
        dispatch::look(app.store(), packs, settings, pack, &scope, self.now()).await?;
        deliveries::repair::look(app.store(), packs, settings, pack, &scope, self.now()).await?;
        quality::look(app.store(), packs, settings, pack, &scope, self.now(), LOOKS_MIN).await?;
        Ok(())
    }

    /// The command of the city decides something at the desk, with its second factor: a token has none.
    pub async fn decide(
        &self,
        list: &str,
        verb: &str,
        keys: &[String],
        given: &[(&str, &str)],
    ) -> Result<(), ServiceError> {
        let undone = |why: String| ServiceError::Undone { what: format!("{list} {verb} {}", keys.join(", ")), why };
        let hand = self.hands.get(&Role::CityCommand).ok_or_else(|| undone("nobody is on duty".to_owned()))?;
        match self.at_the_desk(&hand.looker, (list, verb), keys, given).await {
            Ok(report) => match report.verdicts.first() {
                Some((_, desk::Verdict::Refused(refusal))) => Err(undone(format!("{refusal:?}"))),
                _ => Ok(()),
            },
            Err(DeskError::Refused(refusal)) => Err(undone(format!("{refusal:?}"))),
            Err(DeskError::Trouble(trouble)) => Err(undone(trouble.to_string())),
        }
    }

    /// The officer of each district signs the report of the day. One that is signed stays as it is.
    pub async fn report(&self, day: CivilDate) -> Result<(), ServiceError> {
        let undone = |why: String| ServiceError::Undone { what: format!("reports sign {day}"), why };
        let hand = self.hands.get(&Role::DistrictCommand).ok_or_else(|| undone("nobody is on duty".to_owned()))?;
        let districts = {
            let mut tx =
                self.app.store().look(&self.app.own_scope()).await.map_err(|error| undone(error.to_string()))?;
            tx.divisions(&[Level::District]).await.map_err(|error| undone(error.to_string()))?
        };
        let day_said = day.to_string();
        let words = [
            ("day", day_said.as_str()),
            ("situation", "as the figures say"),
            ("done", "as the books say"),
            ("next_steps", "what is open and late first"),
        ];
        for district in districts {
            let mut looker = hand.looker.clone();
            looker.duty.division = district.code;
            match self.at_the_desk(&looker, ("reports", "sign"), &[], &words).await {
                Ok(_) | Err(DeskError::Refused(Refusal::State { .. })) => {}
                Err(error) => return Err(undone(error.to_string())),
            }
        }
        Ok(())
    }

    async fn at_the_desk(
        &self,
        looker: &Looker,
        (list, verb): (&str, &str),
        keys: &[String],
        given: &[(&str, &str)],
    ) -> Result<desk::Report, DeskError> {
        let unknown = || DeskError::Trouble(OpsError::Inside(format!("there is no command {list}.{verb}")));
        let command = Command::named(list, verb).ok_or_else(unknown)?;
        let setup = &self.app.setup;
        let doing = Doing {
            looker,
            now: self.now(),
            stepped_up: true,
            packs: &self.packs,
            pack: &setup.pack,
            settings: &setup.settings,
            key: None,
            keys: None,
        };
        let given = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let input = desk::read(command.fields, &given, &setup.settings.zone)?;
        desk::perform(self.app.store(), &doing, command, keys, &input).await
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
