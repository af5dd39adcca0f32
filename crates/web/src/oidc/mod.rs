//! Signing in at an identity provider by OpenID Connect: an authorization code with PKCE, redeemed by this server. It may use
//! the settings, the door of [`App::access`] and the network by [`http`]; it guarantees that nobody comes back who did not
//! leave from the same browser minutes ago, that each leaving brings at most one question to the provider, and that a provider
//! which is down keeps nothing else waiting.
//!
//! Read in this order: [`attempt`] (what the browser keeps meanwhile), this file (the way there and back), [`token`] (what is
//! believed of the answer), [`http`].

mod attempt;
#[cfg(test)]
mod tests;
mod token;

pub use crate::outbound::{address, authorities};
pub use attempt::{Attempt, COOKIE, MINUTES};
pub use token::Fault;

use crate::outbound::{Client, Unreachable};
use crate::{app::App, config::Oidc, security::same};
use attempt::Once;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use dayclear_core::time::Instant;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::{sync::Arc, time::Duration};
use tokio::sync::{Mutex, Semaphore};
use url::{Url, form_urlencoded};

/// What a provider says of itself is asked again after so many minutes.
const KNOWN_MIN: i64 = 60;
/// After the provider did not answer, nobody else asks for so many seconds.
const QUIET_S: i64 = 5;
/// Answers that are redeemed at once; a slow provider must not take the places of those who work here.
const REDEEMED_MAX: usize = 16;
/// How long an answer waits for its turn.
const TURN_WITHIN: Duration = Duration::from_secs(2);
/// Where the provider sends people back to.
pub const BACK: &str = "/login/oidc/back";

/// Why somebody does not come in by the provider.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// It does not answer, or answers something else.
    #[error("{0}; try again in a minute, or log in with a password")]
    Down(#[from] Unreachable),
    /// Too many answers are being redeemed, or it was asked a moment ago and was down.
    #[error("the identity provider is asked too much just now; try again in a minute, or log in with a password")]
    Busy,
    /// What it says of itself does not fit the settings.
    #[error("the identity provider says {found} where {expected} was expected; correct the settings in [oidc]")]
    Document {
        /// What it says.
        found: String,
        /// What it should say.
        expected: String,
    },
    /// A file of the settings.
    #[error("{0}; correct the settings in [oidc]")]
    Settings(String),
    /// Nobody left from this browser, or it was too long ago, or they are back already.
    #[error("this sign-in was not begun in this browser, or has ended; begin again")]
    NotBegun,
    /// The provider let nobody in, or the person turned back.
    #[error("the identity provider let nobody in; begin again")]
    TurnedBack,
    /// The provider takes the code for none of its own.
    #[error("the identity provider does not know the code that came back; begin again")]
    Code,
    /// What it vouches with cannot be accepted.
    #[error("the identity provider's answer is not accepted: {0}")]
    Token(#[from] Fault),
    /// Something of ours.
    #[error("inside the program")]
    Inside,
}

impl Trouble {
    /// What it is, in words of this program alone: for the log.
    pub fn kind(&self) -> &'static str {
        match self {
            Trouble::Down(unreachable) => unreachable.kind(),
            Trouble::Busy => "asked too much, or down a moment ago",
            Trouble::Document { .. } => "description does not fit the settings",
            Trouble::Settings(_) => "settings",
            Trouble::NotBegun => "not begun in this browser, or back already",
            Trouble::TurnedBack => "let nobody in",
            Trouble::Code => "code not known",
            Trouble::Token(fault) => fault.kind(),
            Trouble::Inside => "inside",
        }
    }
}

/// What a provider says of itself (OpenID Connect Discovery 1.0, section 3), as far as it is used.
#[derive(Debug, Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

/// A provider that has told of itself.
struct Known {
    client: Client,
    authorization: Url,
    token: Url,
    keys: Url,
    /// Whether the secret goes into the header; otherwise into the form.
    basic: bool,
}

#[derive(Default)]
struct Remembered {
    known: Option<(Arc<Known>, Instant)>,
    quiet_until: Option<Instant>,
}

/// The identity provider of the settings.
pub struct Provider {
    settings: Oidc,
    issuer: String,
    client: String,
    remembered: Mutex<Remembered>,
    turns: Semaphore,
    once: Once,
}

/// What the provider's answer brought along.
#[derive(Debug, Default, Deserialize)]
pub struct Answer {
    /// Names the attempt.
    #[serde(default)]
    pub state: String,
    /// What is redeemed.
    pub code: Option<String>,
    /// Why there is none.
    pub error: Option<String>,
    /// Who answers (RFC 9207).
    pub iss: Option<String>,
}

/// Whom the provider has named.
#[derive(Debug, PartialEq, Eq)]
pub struct Named {
    /// Its name for the person.
    pub subject: String,
    /// Whether it vouches for a second factor that was given just now.
    pub second_factor: bool,
}

impl Provider {
    /// The provider of the settings, if they name one.
    pub fn of(settings: &Oidc) -> Option<Self> {
        let (issuer, client) = (settings.issuer.clone()?, settings.client_id.clone()?);
        Some(Provider {
            settings: settings.clone(),
            issuer,
            client,
            remembered: Mutex::default(),
            turns: Semaphore::new(REDEEMED_MAX),
            once: Once::default(),
        })
    }
    /// Its address, as it calls itself.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }
    /// The id under which it knows this server.
    pub fn client(&self) -> &str {
        &self.client
    }
    /// What people call it, where the settings say so.
    pub fn label(&self) -> Option<&str> {
        self.settings.label.as_deref()
    }
    /// Whether it is given a secret.
    pub fn has_secret(&self) -> bool {
        self.settings.client_secret.is_some() || self.settings.client_secret_file.is_some()
    }
    /// Whether it answers, and as the settings expect.
    pub async fn look(&self, now: Instant) -> Result<(), Trouble> {
        self.known(now).await.map(|_| ())
    }

    /// Where a person goes to sign in, and what their browser keeps until they are back.
    pub async fn begin(&self, app: &App, redirect: &str, next: &str) -> Result<(String, String), Trouble> {
        let now = app.wall();
        let known = self.known(now).await?;
        let attempt = Attempt::new(app, redirect, next).map_err(|_| Trouble::Inside)?;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(attempt.verifier.as_bytes()));
        let age_max_s = (app.setup.access.fresh_min * 60).to_string();
        let mut to = known.authorization.clone();
        to.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client)
            .append_pair("redirect_uri", redirect)
            .append_pair("scope", "openid")
            .append_pair("state", &attempt.state)
            .append_pair("nonce", &attempt.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256")
            // whoever signed in this morning and left the desk does not sign in here now; with it comes `auth_time`
            .append_pair("max_age", &age_max_s);
        let kept = attempt.sealed(app).map_err(|_| Trouble::Inside)?;
        Ok((to.into(), kept))
    }

    /// Whom the provider has named, and where they wanted to go. `kept` is what the browser has kept.
    pub async fn end(&self, app: &App, kept: Option<&str>, answer: &Answer) -> Result<(Named, String), Trouble> {
        let now = app.wall();
        let attempt = kept.and_then(|kept| Attempt::opened(app, kept)).ok_or(Trouble::NotBegun)?;
        if !same(&answer.state, &attempt.state) || answer.iss.as_ref().is_some_and(|iss| *iss != self.issuer) {
            return Err(Trouble::NotBegun);
        }
        if !self.once.first(&attempt, now) {
            return Err(Trouble::NotBegun);
        }
        let Some(code) = answer.code.as_deref().filter(|_| answer.error.is_none()) else {
            return Err(Trouble::TurnedBack);
        };
        let turn = tokio::time::timeout(TURN_WITHIN, self.turns.acquire()).await;
        let Ok(Ok(_turn)) = turn else { return Err(Trouble::Busy) };
        let known = self.known(now).await?;
        let token = self.redeem(&known, code, &attempt).await?;
        // asked each time: keys are changed without notice, and a sign-in is rare enough
        let keys = known.client.get(&known.keys).await?;
        let expected = token::Expected {
            issuer: &self.issuer,
            client: &self.client,
            nonce: &attempt.nonce,
            begun: attempt.begun(),
            now: app.wall(),
            fresh_min: app.setup.access.fresh_min,
            second_factor: &self.settings.second_factor,
        };
        Ok((token::check(&token, &keys, &expected)?, attempt.next))
    }

    /// The ID token for a code.
    async fn redeem(&self, known: &Known, code: &str, attempt: &Attempt) -> Result<String, Trouble> {
        #[derive(Deserialize)]
        struct Redeemed {
            id_token: String,
        }
        let (form, authorization) = self.question(code, attempt, known.basic)?;
        let answer = known.client.post(&known.token, form, authorization.as_deref()).await;
        let body = answer.map_err(|error| match error {
            Unreachable::Status { status: 400, .. } => Trouble::Code,
            Unreachable::Status { status: 401 | 403, .. } => {
                Trouble::Settings("the identity provider does not know this client or its secret".to_owned())
            }
            error => error.into(),
        })?;
        match serde_json::from_slice(&body) {
            Ok(Redeemed { id_token }) => Ok(id_token),
            Err(_) => Err(document("no id_token", "one for a code")),
        }
    }

    /// The form by which a code is redeemed, and the header that goes with it.
    fn question(&self, code: &str, attempt: &Attempt, basic: bool) -> Result<(String, Option<String>), Trouble> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &attempt.redirect)
            .append_pair("code_verifier", &attempt.verifier);
        let secret = self.secret()?;
        if let (Some(secret), true) = (&secret, basic) {
            // RFC 6749, section 2.3.1: both are form-encoded first
            let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let pair = format!("{}:{}", encoded(&self.client), encoded(secret));
            return Ok((form.finish(), Some(format!("Basic {}", STANDARD.encode(pair)))));
        }
        form.append_pair("client_id", &self.client);
        if let Some(secret) = &secret {
            form.append_pair("client_secret", secret);
        }
        Ok((form.finish(), None))
    }

    fn secret(&self) -> Result<Option<String>, Trouble> {
        let Some(path) = &self.settings.client_secret_file else {
            return Ok(self.settings.client_secret.as_ref().map(|secret| secret.0.clone()));
        };
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned())),
            Err(error) => Err(Trouble::Settings(format!("oidc.client_secret_file cannot be read: {error}"))),
        }
    }

    /// What the provider says of itself. One asks, the others wait for that answer; nobody asks again at once after it
    /// was down.
    async fn known(&self, now: Instant) -> Result<Arc<Known>, Trouble> {
        let mut remembered = self.remembered.lock().await;
        if let Some((known, until)) = &remembered.known
            && now < *until
        {
            return Ok(Arc::clone(known));
        }
        if remembered.quiet_until.is_some_and(|until| now < until) {
            return Err(Trouble::Busy);
        }
        match self.discover().await {
            Ok(known) => {
                let known = Arc::new(known);
                *remembered =
                    Remembered { known: Some((Arc::clone(&known), now.plus_minutes(KNOWN_MIN))), quiet_until: None };
                Ok(known)
            }
            Err(trouble) => {
                remembered.quiet_until = Some(Instant::from_micros(now.micros() + QUIET_S * 1_000_000));
                Err(trouble)
            }
        }
    }

    async fn discover(&self) -> Result<Known, Trouble> {
        let client = Client::new(self.settings.authorities.as_deref()).map_err(Trouble::Settings)?;
        let place = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let body = client.get(&endpoint(&place)?).await?;
        let found: Document = serde_json::from_slice(&body)
            .map_err(|_| document("something else", "a description of an OpenID provider"))?;
        // or another provider could speak for this one (OpenID Connect Discovery 1.0, section 4.3)
        if found.issuer != self.issuer {
            return Err(document(&found.issuer, &self.issuer));
        }
        let methods = &found.token_endpoint_auth_methods_supported;
        let takes = |method: &str| methods.iter().any(|known| known == method);
        let basic = methods.is_empty() || takes("client_secret_basic");
        if self.has_secret() && !basic && !takes("client_secret_post") {
            return Err(document(&methods.join(", "), "client_secret_basic or client_secret_post"));
        }
        Ok(Known {
            client,
            authorization: endpoint(&found.authorization_endpoint)?,
            token: endpoint(&found.token_endpoint)?,
            keys: endpoint(&found.jwks_uri)?,
            basic,
        })
    }
}

fn endpoint(text: &str) -> Result<Url, Trouble> {
    let url = Url::parse(text).map_err(|_| document(text, "an address"))?;
    if crate::outbound::allowed(&url) { Ok(url) } else { Err(document(text, "an address with https")) }
}

fn document(found: &str, expected: &str) -> Trouble {
    let found: String = found.chars().filter(|char| !char.is_control()).take(200).collect();
    Trouble::Document { found: format!("'{found}'"), expected: expected.to_owned() }
}
