//! The door: how a person comes in, chooses a duty, confirms with a code, and leaves. Whatever was wrong is said in one and
//! the same way; every step forward goes on under a fresh session.

use super::{
    form::own_path,
    frame::{self, Frame, render},
};
use crate::{
    app::App,
    caller::{COOKIE, session, site},
    oidc::Provider,
    problem::Problem,
    routing::{get, post},
};
use askama::Template;
use axum::{
    Form, Router,
    extract::{FromRequest, Query, Request, State},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use dayclear_core::accounts::Standing;
use dayclear_ops::access::{AccessError, Credentials, Enrolment, Held, Opened, Session};
use serde::Deserialize;
use std::sync::Arc;

/// Routes of the door.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/login", get(login_page).merge(post(login)))
        .route("/logout", post(logout))
        .route("/duty", get(duty_page).merge(post(duty)))
        .route("/step-up", get(code_page).merge(post(code)))
        .route("/enrol", get(enrol_page).merge(post(enrol)))
        .route("/password", get(password_page).merge(post(password)))
}

/// Where to go once inside.
#[derive(Deserialize)]
pub(super) struct Next {
    next: Option<String>,
}

impl Next {
    pub(super) fn path(&self) -> String {
        self.next.as_deref().and_then(own_path).unwrap_or("/").to_owned()
    }
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    frame: Frame,
    next: String,
    login: String,
    /// What the identity provider is called, where there is one, and the way there.
    provider: Option<(String, String)>,
    wrong: Option<String>,
}

impl LoginPage {
    fn new(app: &App, frame: Frame, next: String, login: &str, wrong: Option<String>) -> Self {
        let provider = app.provider.as_ref().map(|provider| {
            let word = frame.w.get("door-provider", &[("provider", provider_said(&frame, provider).into())]);
            (word, format!("/login/oidc?next={}", super::show::part(&next)))
        });
        LoginPage { frame, next, login: login.to_owned(), provider, wrong }
    }
}

/// What people call the provider.
pub(super) fn provider_said(frame: &Frame, provider: &Provider) -> String {
    provider.label().map_or_else(|| frame.say("door-provider-name"), str::to_owned)
}

/// The login page, with what was wrong. It is not the page of its own address: what came back from elsewhere stands there.
pub(super) fn login_with(app: &App, parts: &Parts, next: &str, wrong: String) -> Result<Response, Problem> {
    let mut frame = around(app, parts, "log-in");
    frame.address = "/login".to_owned();
    render(&LoginPage::new(app, frame, next.to_owned(), "", Some(wrong)))
}

#[derive(Template)]
#[template(path = "duty.html")]
struct DutyPage {
    frame: Frame,
    csrf: String,
    next: String,
    duties: Vec<(String, String, bool)>,
}

#[derive(Template)]
#[template(path = "code.html")]
struct CodePage {
    frame: Frame,
    csrf: String,
    next: String,
    wrong: Option<String>,
}

#[derive(Template)]
#[template(path = "enrol.html")]
struct EnrolPage {
    frame: Frame,
    csrf: String,
    next: String,
    enrolment: Enrolment,
    wrong: Option<String>,
}

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage {
    frame: Frame,
    csrf: String,
    next: String,
    wrong: Option<String>,
}

/// The cookie of a session. It goes with requests from our own pages only, and no script can read it.
fn cookie(token: &str, seconds: i64) -> HeaderValue {
    let text = format!("{COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}");
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Goes on under a fresh session.
pub(super) fn going_on(app: &App, opened: &Opened, next: &str) -> Response {
    let seconds = (opened.session.expires_at.micros() - app.wall().micros()) / 1_000_000;
    let to = match step(&opened.session) {
        Some(step) => format!("{step}?next={}", super::show::part(next)),
        None => next.to_owned(),
    };
    ([(header::SET_COOKIE, cookie(&opened.token, seconds))], Redirect::to(&to)).into_response()
}

/// What is still missing before work can begin.
fn step(session: &Session) -> Option<&'static str> {
    match session.standing {
        Standing::Enrol => Some("/enrol"),
        Standing::Code => Some("/step-up"),
        Standing::Password => Some("/password"),
        Standing::Full if session.held.is_none() => Some("/duty"),
        Standing::Full => None,
    }
}

/// Parts of a request, its form, and its session; a form must bring the word of the session.
async fn sent(app: &Arc<App>, request: Request) -> Result<(Parts, Vec<(String, String)>, Option<Session>), Problem> {
    let (parts, body) = request.into_parts();
    let found = session(&parts, app).await?.map(|(session, _)| session);
    let again = Request::from_parts(parts.clone(), body);
    let Form(fields) = Form::<Vec<(String, String)>>::from_request(again, app).await.map_err(|rejection| {
        let detail = format!("the form cannot be read: {rejection}; load the page again");
        Problem::new(StatusCode::BAD_REQUEST, "form", "The form cannot be read", detail)
    })?;
    if let Some(session) = &found
        && parts.uri.path() != "/login"
        && field(&fields, "csrf") != session.csrf
    {
        return Err(Problem::forged());
    }
    Ok((parts, fields, found))
}

fn field<'f>(fields: &'f [(String, String)], name: &str) -> &'f str {
    fields.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str()).unwrap_or_default()
}

fn next_of(fields: &[(String, String)]) -> String {
    own_path(field(fields, "next")).unwrap_or("/").to_owned()
}

pub(super) fn around(app: &App, parts: &Parts, title: &str) -> Frame {
    let frame = frame::frame(app, parts, None);
    let title = frame.say(title);
    frame.titled(title, &[])
}

/// The session of a page at the door; without one the way leads to the login.
async fn inside(app: &App, parts: &Parts) -> Result<Session, Response> {
    match session(parts, app).await {
        Ok(Some((session, _))) => Ok(session),
        Ok(None) => Err(Redirect::to("/login").into_response()),
        Err(problem) => Err(problem.into_response()),
    }
}

/// What a person is told of a refusal; trouble goes on as trouble.
pub(super) fn told(frame: &Frame, app: &App, error: AccessError) -> Result<String, Problem> {
    match error {
        AccessError::Refused => Ok(frame.say("door-refused")),
        AccessError::Wait { until } => {
            let at = frame::moment(app, frame.lang, until);
            Ok(frame.w.get("door-wait", &[("at", at.into())]))
        }
        AccessError::Invalid { expected, .. } => Ok(expected),
        other => Err(other.into()),
    }
}

async fn login_page(
    State(app): State<Arc<App>>,
    Query(next): Query<Next>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    if let Some((session, _)) = session(&parts, &app).await? {
        return Ok(Redirect::to(&step(&session).map_or_else(|| next.path(), str::to_owned)).into_response());
    }
    let frame = around(&app, &parts, "log-in");
    render(&LoginPage::new(&app, frame, next.path(), "", None))
}

async fn login(State(app): State<Arc<App>>, request: Request) -> Result<Response, Problem> {
    let (parts, fields, _) = sent(&app, request).await?;
    let (access, now) = (app.access(), app.wall());
    let code = field(&fields, "code").trim();
    let given = Credentials {
        login: field(&fields, "login"),
        password: field(&fields, "password"),
        code: (!code.is_empty()).then_some(code),
    };
    match access.sign_in(&given, &site(&parts, &app), now).await {
        Ok(opened) => {
            let opened = only_duty(&app, opened).await?;
            Ok(going_on(&app, &opened, &next_of(&fields)))
        }
        Err(error) => {
            let frame = around(&app, &parts, "log-in");
            let wrong = Some(told(&frame, &app, error)?);
            let page = LoginPage::new(&app, frame, next_of(&fields), given.login, wrong);
            Ok((StatusCode::FORBIDDEN, render(&page)?).into_response())
        }
    }
}

/// Whoever has one duty need not choose it.
pub(super) async fn only_duty(app: &App, opened: Opened) -> Result<Opened, Problem> {
    if opened.session.standing != Standing::Full || opened.session.held.is_some() {
        return Ok(opened);
    }
    let duties = app.access().duties_to_choose(&opened.session, app.wall()).await?;
    match duties.as_slice() {
        [only] => Ok(app.access().choose_duty(&opened.session, &only.id, app.wall()).await?),
        _ => Ok(opened),
    }
}

async fn logout(State(app): State<Arc<App>>, request: Request) -> Result<Response, Problem> {
    let (_, _, session) = sent(&app, request).await?;
    if let Some(session) = session {
        app.access().sign_out(&session, app.wall()).await?;
    }
    Ok(([(header::SET_COOKIE, cookie("", 0))], Redirect::to("/login")).into_response())
}

fn duty_said(app: &App, frame: &Frame, held: &Held) -> String {
    let duty = &held.duty;
    let place = app.place_name(duty.division.as_str(), frame.lang);
    let site = duty.site.as_deref().map(|site| format!(" ({site})")).unwrap_or_default();
    format!("{}, {place}{site}", frame.w.term(duty.role))
}

async fn duty_page(
    State(app): State<Arc<App>>,
    Query(next): Query<Next>,
    request: Request,
) -> Result<Response, Response> {
    let (parts, _) = request.into_parts();
    let session = inside(&app, &parts).await?;
    let frame = around(&app, &parts, "door-duty");
    let held =
        app.access().duties_to_choose(&session, app.wall()).await.map_err(|e| Problem::from(e).into_response())?;
    let now = session.held.as_ref().map(|held| held.id.as_str());
    let duties =
        held.iter().map(|held| (held.id.clone(), duty_said(&app, &frame, held), now == Some(held.id.as_str())));
    let page = DutyPage { duties: duties.collect(), csrf: session.csrf.clone(), next: next.path(), frame };
    render(&page).map_err(IntoResponse::into_response)
}

async fn duty(State(app): State<Arc<App>>, request: Request) -> Result<Response, Problem> {
    let (_, fields, session) = sent(&app, request).await?;
    let session = session.ok_or_else(Problem::no_session)?;
    let opened = app.access().choose_duty(&session, field(&fields, "duty"), app.wall()).await?;
    Ok(going_on(&app, &opened, &next_of(&fields)))
}

async fn code_page(
    State(app): State<Arc<App>>,
    Query(next): Query<Next>,
    request: Request,
) -> Result<Response, Response> {
    let (parts, _) = request.into_parts();
    let session = inside(&app, &parts).await?;
    let frame = around(&app, &parts, "door-code");
    let page = CodePage { frame, csrf: session.csrf, next: next.path(), wrong: None };
    render(&page).map_err(IntoResponse::into_response)
}

async fn code(State(app): State<Arc<App>>, request: Request) -> Result<Response, Problem> {
    let (parts, fields, session) = sent(&app, request).await?;
    let session = session.ok_or_else(Problem::no_session)?;
    match app.access().step_up(&session, field(&fields, "code"), app.wall()).await {
        Ok(opened) => {
            let opened = only_duty(&app, opened).await?;
            Ok(going_on(&app, &opened, &next_of(&fields)))
        }
        Err(error) => {
            let frame = around(&app, &parts, "door-code");
            let wrong = Some(told(&frame, &app, error)?);
            let page = CodePage { frame, csrf: session.csrf, next: next_of(&fields), wrong };
            Ok((StatusCode::FORBIDDEN, render(&page)?).into_response())
        }
    }
}

async fn enrol_page(
    State(app): State<Arc<App>>,
    Query(next): Query<Next>,
    request: Request,
) -> Result<Response, Response> {
    let (parts, _) = request.into_parts();
    let session = inside(&app, &parts).await?;
    let frame = around(&app, &parts, "door-enrol");
    let begun = app.access().begin_enrolment(&session, app.wall()).await;
    let enrolment = begun.map_err(|error| Problem::from(error).into_response())?;
    let page = EnrolPage { frame, csrf: session.csrf, next: next.path(), enrolment, wrong: None };
    render(&page).map_err(IntoResponse::into_response)
}

async fn enrol(State(app): State<Arc<App>>, request: Request) -> Result<Response, Problem> {
    let (parts, fields, session) = sent(&app, request).await?;
    let session = session.ok_or_else(Problem::no_session)?;
    match app.access().confirm_enrolment(&session, field(&fields, "code"), app.wall()).await {
        Ok(opened) => {
            let opened = only_duty(&app, opened).await?;
            Ok(going_on(&app, &opened, &next_of(&fields)))
        }
        Err(error) => {
            let frame = around(&app, &parts, "door-enrol");
            let wrong = Some(told(&frame, &app, error)?);
            // a wrong code uses nothing up but itself: the person goes on with a new secret
            let enrolment = app.access().begin_enrolment(&session, app.wall()).await?;
            let page = EnrolPage { frame, csrf: session.csrf, next: next_of(&fields), enrolment, wrong };
            Ok((StatusCode::FORBIDDEN, render(&page)?).into_response())
        }
    }
}

async fn password_page(
    State(app): State<Arc<App>>,
    Query(next): Query<Next>,
    request: Request,
) -> Result<Response, Response> {
    let (parts, _) = request.into_parts();
    let session = inside(&app, &parts).await?;
    let frame = around(&app, &parts, "door-password");
    let page = PasswordPage { frame, csrf: session.csrf, next: next.path(), wrong: None };
    render(&page).map_err(IntoResponse::into_response)
}

async fn password(State(app): State<Arc<App>>, request: Request) -> Result<Response, Problem> {
    let (parts, fields, session) = sent(&app, request).await?;
    let session = session.ok_or_else(Problem::no_session)?;
    let (old, new) = (field(&fields, "old"), field(&fields, "new"));
    let frame = around(&app, &parts, "door-password");
    let outcome = if new == field(&fields, "again") {
        app.access().change_password(&session, old, new, app.wall()).await
    } else {
        Err(AccessError::Invalid { field: "again", expected: frame.say("door-again") })
    };
    match outcome {
        Ok(opened) => {
            let opened = only_duty(&app, opened).await?;
            Ok(going_on(&app, &opened, &next_of(&fields)))
        }
        Err(error) => {
            let wrong = Some(told(&frame, &app, error)?);
            let page = PasswordPage { frame, csrf: session.csrf, next: next_of(&fields), wrong };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, render(&page)?).into_response())
        }
    }
}
