//! Who asks: the session behind a cookie or a bearer token, with its duty, its language and its guard against forged
//! forms. A request without one has no caller, and a page that needs one leads to the login.

use crate::{app::App, problem::Problem, site::Site};
use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::{header, request::Parts},
};
use dayclear_core::accounts::SessionKind;
use dayclear_ops::{access::Session, listing::Looker};
use dayclear_papers::Lang;
use std::{convert::Infallible, sync::Arc};

/// Name of the session's cookie. The prefix binds it to this host, path `/` and TLS; on loopback, where there is no TLS,
/// browsers take it too.
pub const COOKIE: &str = "__Host-dayclear";

/// Who asks.
#[derive(Clone)]
pub struct Caller {
    /// Account and duty.
    pub looker: Looker,
    /// Name to greet by.
    pub name: String,
    /// Word that a form of this session must bring along.
    pub csrf: String,
    /// Whether a second factor was given in the last ten minutes.
    pub stepped_up: bool,
    /// Language of pages.
    pub lang: Lang,
    /// Session.
    pub session: Session,
    /// Whether the request brought a bearer token, which no other site can make a browser send.
    pub by_token: bool,
}

/// A caller that was looked up already: once for each request, by [`crate::security::guard`].
#[derive(Clone)]
pub(crate) struct Found(pub(crate) Option<Caller>);

/// What a request brought to show who asks; for streams, which look again while they last.
#[derive(Clone)]
pub struct Token(pub Option<String>);

impl FromRequestParts<Arc<App>> for Token {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _app: &Arc<App>) -> Result<Self, Infallible> {
        Ok(Token(token(parts).map(|(token, _)| token.to_owned())))
    }
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        find(parts, app).await?.ok_or_else(Problem::no_session)
    }
}

impl OptionalFromRequestParts<Arc<App>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Option<Self>, Problem> {
        find(parts, app).await
    }
}

/// The value of a cookie.
pub fn cookie<'p>(parts: &'p Parts, name: &str) -> Option<&'p str> {
    let cookies = parts.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies.flat_map(|value| value.split(';')).find_map(|pair| {
        let (found, value) = pair.trim().split_once('=')?;
        (found == name).then_some(value)
    })
}

/// The language of a page: what the person chose, else the first that their browser asks for and the house speaks.
pub fn language(parts: &Parts) -> Lang {
    if let Some(lang) = cookie(parts, "lang").and_then(|tag| tag.parse().ok()) {
        return lang;
    }
    let wanted = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    wanted
        .split(',')
        .find_map(|part| {
            let tag = part.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            match tag.as_str() {
                "zh-tw" | "zh-hk" | "zh-mo" => Some(Lang::ZhHant),
                tag if tag.starts_with("zh-hant") => Some(Lang::ZhHant),
                tag if tag.starts_with("zh") => Some(Lang::ZhHans),
                tag if tag.starts_with("en") => Some(Lang::En),
                _ => None,
            }
        })
        .unwrap_or(Lang::En)
}

/// The token of a request, and whether it came as a bearer token.
pub(crate) fn token(parts: &Parts) -> Option<(&str, bool)> {
    let bearer = parts
        .headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    bearer.map(|token| (token, true)).or_else(|| cookie(parts, COOKIE).map(|token| (token, false)))
}

/// Where a request comes from, for limits on logging in.
pub fn site(parts: &Parts, app: &App) -> String {
    Site::of(parts, &app.config).address.to_string()
}

/// The session of a request, however far signing in has come, and whether it came as a bearer token.
pub async fn session(parts: &Parts, app: &App) -> Result<Option<(Session, bool)>, Problem> {
    let Some((token, by_token)) = token(parts) else { return Ok(None) };
    let session = app.access().authenticate(token, app.wall()).await?;
    // a token of a machine does not work as a cookie, nor a person's session as a token
    let kind = if by_token { SessionKind::Api } else { SessionKind::Console };
    Ok(session.filter(|session| session.kind == kind).map(|session| (session, by_token)))
}

/// Whether a session still holds. Asking does not count as work in it.
pub async fn holds(app: &App, token: Option<&str>) -> bool {
    let Some(token) = token else { return false };
    app.access().holds(token, app.wall()).await.unwrap_or(false)
}

/// Who asks, as it was looked up for this request, or looked up now.
pub(crate) async fn find(parts: &Parts, app: &Arc<App>) -> Result<Option<Caller>, Problem> {
    if let Some(Found(caller)) = parts.extensions.get::<Found>() {
        return Ok(caller.clone());
    }
    let Some((session, by_token)) = session(parts, app).await? else { return Ok(None) };
    let Some(duty) = session.duty().cloned() else { return Ok(None) };
    let glass = match duty.role.may_break_glass() {
        true => app.access().broken_by(&session.account, app.wall()).await?,
        false => Vec::new(),
    };
    let looker =
        Looker { account: session.account.clone(), duty, glass: glass.into_iter().map(|glass| glass.person).collect() };
    Ok(Some(Caller {
        looker,
        name: session.login.clone(),
        csrf: session.csrf.clone(),
        stepped_up: app.access().fresh(&session, app.wall()),
        lang: language(parts),
        by_token,
        session,
    }))
}
