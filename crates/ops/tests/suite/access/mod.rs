//! Access on both stores: who comes in, how they stay, who lets them, and what is watched. Each module is one part of it;
//! here are the hands they share: a store with keys, limits that cost little, and chance that is not.

mod desk;
mod glass;
mod login;
mod reading;
mod sessions;

use crate::engines::{TestStore, on_both};
use dayclear_core::{
    access::{Duty, Role},
    time::{Instant, Zone},
};
use dayclear_ops::access::{
    Access, AccessError, Created, Credentials, Entropy, Hasher, Held, Keys, NewAccount, NewPassword, Opened, Session,
    Settings,
};
use sha2::{Digest, Sha256};
use std::{
    fmt::Debug,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

pub const PASSWORD: &str = "four plain words here";
pub const SITE: &str = "10.0.0.7";

/// Bytes that look like chance and are the same each time.
pub struct Count(AtomicU64);

impl Entropy for Count {
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        for part in bytes.chunks_mut(32) {
            let hash = Sha256::digest(self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes());
            part.copy_from_slice(&hash[..part.len()]);
        }
        Ok(())
    }
}

/// What a desk needs.
pub struct House<'a> {
    pub store: &'a TestStore,
    keys: Keys,
    pub settings: Settings,
    entropy: Count,
}

impl<'a> House<'a> {
    pub fn of(store: &'a TestStore) -> Self {
        let entropy = Count(AtomicU64::new(1));
        let keys = Keys::new(&entropy).unwrap();
        let mut settings = Settings::of(Zone::named("Asia/Shanghai").unwrap());
        settings.hasher = Arc::new(Hasher::cheap());
        House { store, keys, settings, entropy }
    }

    pub fn desk(&self) -> Access<'_> {
        Access { store: &self.store.store, keys: &self.keys, settings: &self.settings, entropy: &self.entropy }
    }

    /// An account with a password of its owner's, an authenticator and a duty.
    pub async fn hire(&self, login: &str, role: Role, division: &str, now: Instant) -> Person {
        let new = NewAccount { division: division.parse().unwrap(), enrol: true, ..account(login) };
        let made = self.desk().create(OPERATOR, &new, now).await.unwrap();
        let held = self.grant(&made.id, role, division, now).await.unwrap();
        Person { login: login.to_owned(), id: made.id.clone(), secret: secret(&made), held }
    }

    pub async fn grant(&self, id: &str, role: Role, division: &str, now: Instant) -> Result<Held, AccessError> {
        self.desk().grant(OPERATOR, id, duty(role, division), None, now).await
    }

    /// The session of a token.
    pub async fn who(&self, token: &str, now: Instant) -> Option<Session> {
        self.desk().authenticate(token, now).await.unwrap()
    }
}

pub const OPERATOR: dayclear_ops::access::By<'static> = dayclear_ops::access::By::Operator;

/// Somebody who works here.
pub struct Person {
    pub login: String,
    pub id: String,
    pub secret: Vec<u8>,
    pub held: Held,
}

impl Person {
    pub fn code(&self, now: Instant) -> String {
        code(&self.secret, now)
    }

    pub async fn tries(&self, house: &House<'_>, password: &str, now: Instant) -> Result<Opened, AccessError> {
        self.tries_from(house, SITE, password, &self.code(now), now).await
    }

    pub async fn tries_from(
        &self,
        house: &House<'_>,
        site: &str,
        password: &str,
        code: &str,
        now: Instant,
    ) -> Result<Opened, AccessError> {
        let given = Credentials { login: &self.login, password, code: Some(code) };
        house.desk().sign_in(&given, site, now).await
    }

    pub async fn comes_in(&self, house: &House<'_>, now: Instant) -> Opened {
        self.tries(house, PASSWORD, now).await.map_err(|error| error.to_string()).unwrap()
    }
}

pub fn account(login: &str) -> NewAccount<'_> {
    NewAccount {
        login,
        name: "王丽",
        language: "zh-Hans",
        division: "50".parse().unwrap(),
        password: NewPassword::Given(PASSWORD),
        enrol: false,
    }
}

pub fn duty(role: Role, division: &str) -> Duty {
    let site = role.needs_site().then(|| "L1".to_owned());
    Duty { role, division: division.parse().unwrap(), site }
}

pub fn secret(made: &Created) -> Vec<u8> {
    secret_of(&made.enrolment.as_ref().unwrap().secret)
}

pub fn secret_of(base32: &str) -> Vec<u8> {
    totp_rs::Secret::try_from_base32(base32).unwrap().as_bytes().to_vec()
}

pub fn code(secret: &[u8], now: Instant) -> String {
    let totp = totp_rs::Builder::new().with_secret(totp_rs::Secret::new(secret.into())).with_account_name("x");
    let totp = totp.build().unwrap();
    totp.generate(u64::try_from(now.micros() / 1_000_000).unwrap()).to_string()
}

/// Eight in the morning of the example day, and minutes after it.
pub fn at(minutes: i64) -> Instant {
    "2022-11-20T08:00:00+08:00".parse::<Instant>().unwrap().plus_minutes(minutes)
}

pub fn seconds(from: Instant, seconds: i64) -> Instant {
    Instant::from_micros(from.micros() + seconds * 1_000_000)
}

/// Runs a test in a house of its own on each store.
pub fn in_both<T: PartialEq + Debug>(test: impl AsyncFn(&House<'_>) -> T) -> T {
    on_both(async |store| test(&House::of(store)).await)
}

/// Requests are served on several threads, so what they wait for must be able to change them.
#[test]
fn what_a_request_waits_for_may_change_threads() {
    fn moves<T: Send>(_: impl Fn(Access<'static>, &'static Session) -> T) {}
    const GIVEN: Credentials<'static> = Credentials { login: "", password: "", code: None };
    moves(|desk, _| async move { desk.sign_in(&GIVEN, "", at(0)).await.is_ok() });
    moves(|desk, _| async move { desk.authenticate("", at(0)).await.is_ok() });
    moves(|desk, who| async move { desk.step_up(who, "", at(0)).await.is_ok() });
    moves(|desk, who| async move { desk.choose_duty(who, "", at(0)).await.is_ok() });
    moves(|desk, who| async move { desk.change_password(who, "", "", at(0)).await.is_ok() });
    moves(|desk, who| async move { desk.confirm_enrolment(who, "", at(0)).await.is_ok() });
    moves(|desk, who| async move { desk.break_glass(who, "", "", at(0)).await.is_ok() });
    moves(|desk, who| async move { desk.review(who, "", "", at(0)).await.is_ok() });
    moves(|desk, who| async move { desk.note_reading(who, "", &[], at(0)).await.is_ok() });
    moves(|desk, who| async move { desk.reads(who, Default::default(), None).await.is_ok() });
    moves(|desk, _| async move { desk.create(OPERATOR, &account(""), at(0)).await.is_ok() });
    moves(|desk, _| async move { desk.accounts(OPERATOR, None, "", 1, at(0)).await.is_ok() });
    moves(|desk, _| async move { desk.grant(OPERATOR, "", duty(Role::Tracer, "50"), None, at(0)).await.is_ok() });
    moves(|desk, _| async move { desk.revoke(OPERATOR, "", at(0)).await.is_ok() });
    moves(|desk, _| async move { desk.reset(OPERATOR, "", at(0)).await.is_ok() });
}

/// What an answer was, in a word.
pub fn word<T>(answer: &Result<T, AccessError>) -> &'static str {
    match answer {
        Ok(_) => "done",
        Err(AccessError::Refused) => "refused",
        Err(AccessError::Wait { .. }) => "wait",
        Err(AccessError::NotAllowed { .. }) => "not allowed",
        Err(AccessError::StepUp) => "step up",
        Err(AccessError::Invalid { .. }) => "invalid",
        Err(AccessError::Unknown { .. }) => "unknown",
        Err(AccessError::Double { .. }) => "double",
        Err(error) => panic!("{error}"),
    }
}
