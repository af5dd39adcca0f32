//! Who asks: the session behind a cookie or a bearer token, with its duty, its language and its guard against forged
//! forms. A request without one has no caller, and a page that needs one leads to the login.

use crate::{app::App, problem::Problem};
use axum::{
    extract::{ConnectInfo, FromRequestParts, OptionalFromRequestParts},
    http::{header, request::Parts},
};
use dayclear_core::accounts::SessionKind;
use dayclear_ops::{access::Session, listing::Looker};
use dayclear_papers::Lang;
use std::{net::SocketAddr, sync::Arc};

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

/// Where a request comes from, for limits: the address of the client, as far as it is known.
pub fn site(parts: &Parts) -> String {
    let seen = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    seen.map_or_else(|| "unknown".to_owned(), |ConnectInfo(address)| address.ip().to_string())
}

/// The session of a request, however far signing in has come.
pub async fn session(parts: &Parts, app: &App) -> Result<Option<(Session, bool)>, Problem> {
    let bearer = parts
        .headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    let Some(token) = bearer.or_else(|| cookie(parts, COOKIE)) else { return Ok(None) };
    let session = app.access().authenticate(token, app.wall()).await?;
    // a token of a machine does not work as a cookie, nor a person's session as a token
    let kind = if bearer.is_some() { SessionKind::Api } else { SessionKind::Console };
    Ok(session.filter(|session| session.kind == kind).map(|session| (session, bearer.is_some())))
}

async fn find(parts: &Parts, app: &Arc<App>) -> Result<Option<Caller>, Problem> {
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
