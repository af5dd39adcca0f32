//! The door by way of an identity provider: a link that leads there, and the address to which people come back. What is wrong
//! is told on the login page, where a password still works; why the provider was not believed stands in the log.

use super::door::{self, Next};
use crate::{
    app::App,
    caller::{cookie, site},
    oidc::{self, Answer, BACK, Provider, Trouble},
    problem::Problem,
    routing::get,
    site::Site,
};
use axum::{
    Router,
    extract::{Query, Request, State},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use dayclear_ops::access::{AccessError, Subject};
use std::sync::Arc;

/// Routes of the provider.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/login/oidc", get(begin)).route(BACK, get(back))
}

/// What the browser keeps while its person is away; without seconds it forgets.
fn keeping(text: &str, seconds: i64) -> HeaderValue {
    let text = format!("{}={text}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}", oidc::COOKIE);
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Where the provider sends people back to: as the settings say, else as the request says. The provider takes no other than
/// those it knows, so a request that says something else leads nowhere.
fn redirect(app: &App, parts: &Parts) -> String {
    let own = app.config.general.origin.clone().unwrap_or_else(|| {
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let host = host.or(parts.uri.authority().map(|authority| authority.as_str())).unwrap_or_default();
        let scheme = if Site::of(parts, &app.config).secure { "https" } else { "http" };
        format!("{scheme}://{host}")
    });
    format!("{own}{BACK}")
}

async fn begin(State(app): State<Arc<App>>, Query(next): Query<Next>, request: Request) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let provider = app.provider.as_ref().ok_or_else(Problem::unknown)?;
    match provider.begin(&app, &redirect(&app, &parts), &next.path()).await {
        Ok((to, kept)) => {
            let kept = keeping(&kept, oidc::MINUTES * 60);
            Ok(([(header::SET_COOKIE, kept)], Redirect::to(&to)).into_response())
        }
        Err(trouble) => refused(&app, &parts, provider, &next.path(), trouble),
    }
}

async fn back(
    State(app): State<Arc<App>>,
    Query(answer): Query<Answer>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let provider = app.provider.as_ref().ok_or_else(Problem::unknown)?;
    let mut response = match provider.end(&app, cookie(&parts, oidc::COOKIE), &answer).await {
        Ok((named, next)) => {
            let subject =
                Subject { issuer: provider.issuer(), subject: &named.subject, second_factor: named.second_factor };
            match app.access().sign_in_by_subject(&subject, &site(&parts, &app), app.wall()).await {
                Ok(opened) => {
                    let opened = door::only_duty(&app, opened).await?;
                    door::going_on(&app, &opened, &next)
                }
                Err(error) => unknown(&app, &parts, provider, &next, error)?,
            }
        }
        Err(trouble) => {
            if matches!(trouble, Trouble::Token(_) | Trouble::Code) {
                app.access().refuse_answer(provider.issuer(), &site(&parts, &app), app.wall()).await?;
            }
            refused(&app, &parts, provider, "/", trouble)?
        }
    };
    response.headers_mut().append(header::SET_COOKIE, keeping("", 0));
    Ok(response)
}

/// Nobody here is linked to whom the provider has named, or they may not come in; which of the two is not said.
fn unknown(app: &App, parts: &Parts, provider: &Provider, next: &str, error: AccessError) -> Result<Response, Problem> {
    let frame = door::around(app, parts, "log-in");
    let wrong = match error {
        AccessError::Refused => {
            frame.w.get("door-not-linked", &[("provider", door::provider_said(&frame, provider).into())])
        }
        error => door::told(&frame, app, error)?,
    };
    let page = door::login_with(app, parts, next, wrong)?;
    Ok((StatusCode::FORBIDDEN, page).into_response())
}

/// What a person is told when the provider did not bring them here.
fn refused(app: &App, parts: &Parts, provider: &Provider, next: &str, trouble: Trouble) -> Result<Response, Problem> {
    let (status, key) = match &trouble {
        Trouble::NotBegun => (StatusCode::FORBIDDEN, "door-provider-again"),
        Trouble::TurnedBack => (StatusCode::FORBIDDEN, "door-provider-nobody"),
        Trouble::Token(_) | Trouble::Code => (StatusCode::FORBIDDEN, "door-provider-wrong"),
        Trouble::Down(_) | Trouble::Busy | Trouble::Document { .. } | Trouble::Settings(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, "door-provider-down")
        }
        Trouble::Inside => return Err(Problem::inside(trouble)),
    };
    tracing::warn!(target: "dayclear::provider", kind = trouble.kind(), "nobody came in by the identity provider");
    let frame = door::around(app, parts, "log-in");
    let wrong = frame.w.get(key, &[("provider", door::provider_said(&frame, provider).into())]);
    Ok((status, door::login_with(app, parts, next, wrong)?).into_response())
}
