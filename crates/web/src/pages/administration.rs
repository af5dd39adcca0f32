//! Accounts and duties: who may sign in, as what and where, until when. Everything that changes something wants a fresh code;
//! a password or a token that was just made is shown once, on the answer itself, and is kept nowhere.

use super::{
    form::Sent,
    frame::{Frame, Visit, moment, render},
    show::part,
};
use crate::{app::App, problem::Problem};
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use dayclear_core::{
    access::{Duty, Role},
    accounts::AccountState,
};
use dayclear_ops::access::{By, Held, NewAccount, NewPassword, Summary};
use std::sync::Arc;

/// Accounts of one page.
const ROWS_SHOWN: u32 = 100;

/// A duty that an account holds.
pub struct DutyLine {
    /// Id.
    pub id: String,
    /// Role, place and site.
    pub said: String,
    /// Until when; empty: until it is revoked.
    pub until: String,
    /// Who granted it.
    pub by: String,
    /// Whether it holds now.
    pub holds: bool,
}

/// An account.
pub struct Account {
    /// Login.
    pub login: String,
    /// Name.
    pub name: String,
    /// Where it belongs.
    pub place: String,
    /// Whether it may sign in.
    pub active: bool,
    /// How it stands, in words.
    pub state: String,
    /// Whether it has an authenticator.
    pub authenticator: bool,
    /// Since when.
    pub created: String,
    /// Duties, those that hold first.
    pub duties: Vec<DutyLine>,
}

#[derive(Template)]
#[template(path = "administration.html")]
struct AdministrationPage {
    frame: Frame,
    accounts: Vec<Account>,
    next: Option<String>,
    home: String,
    step_up: bool,
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    frame: Frame,
    account: Account,
    roles: Vec<(String, String, bool)>,
    home: String,
    own: bool,
    step_up: bool,
}

#[derive(Template)]
#[template(path = "secret.html")]
struct SecretPage {
    frame: Frame,
    said: String,
    secret: String,
    back: String,
}

fn administers(visit: &Visit) -> Result<(), Problem> {
    match visit.caller.looker.duty.role {
        Role::Administrator => Ok(()),
        _ => Err(Problem::unknown()),
    }
}

fn duty_line(app: &App, frame: &Frame, held: &Held) -> DutyLine {
    let duty = &held.duty;
    let site = duty.site.as_deref().map(|site| format!(", {site}")).unwrap_or_default();
    let place = app.place_name(duty.division.as_str(), frame.lang);
    DutyLine {
        id: held.id.clone(),
        said: format!("{}, {place}{site}", frame.w.term(duty.role)),
        until: held.until.map(|until| moment(app, frame.lang, until)).unwrap_or_default(),
        by: super::accounts::said(app, frame, &held.granted_by),
        holds: held.holds(app.wall()),
    }
}

fn account(app: &App, frame: &Frame, summary: &Summary) -> Account {
    let mut duties: Vec<DutyLine> = summary.duties.iter().map(|held| duty_line(app, frame, held)).collect();
    duties.sort_by_key(|duty| !duty.holds);
    Account {
        login: summary.login.clone(),
        name: summary.name.clone(),
        place: app.place_name(summary.division.as_str(), frame.lang),
        active: summary.state == AccountState::Active,
        state: frame.w.term(summary.state),
        authenticator: summary.authenticator,
        created: moment(app, frame.lang, summary.created_at),
        duties,
    }
}

/// `GET /administration`.
pub async fn page(
    State(app): State<Arc<App>>,
    visit: Visit,
    Query(given): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    administers(&visit)?;
    let frame = &visit.frame;
    let by = By::Person(&visit.caller.session);
    let after = given.iter().find(|(name, _)| name == "after").map_or("", |(_, value)| value.as_str());
    let summaries = app.access().accounts(by, None, after, ROWS_SHOWN, app.wall()).await?;
    let next = (summaries.len() == ROWS_SHOWN as usize)
        .then(|| summaries.last().map(|last| format!("/administration?after={}", part(&last.login))))
        .flatten();
    let title = frame.say("nav-admin");
    let page = AdministrationPage {
        accounts: summaries.iter().map(|summary| account(&app, frame, summary)).collect(),
        next,
        home: visit.caller.looker.duty.division.to_string(),
        step_up: !visit.caller.stepped_up,
        frame: visit.frame.titled(title, &[]),
    };
    render(&page)
}

/// `GET /administration/LOGIN`.
pub async fn account_page(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(login): Path<String>,
) -> Result<Response, Problem> {
    administers(&visit)?;
    let frame = &visit.frame;
    let summary = app.access().account_of(By::Person(&visit.caller.session), &login, app.wall()).await?;
    super::accounts::learn(&app, summary.duties.iter().map(|held| held.granted_by.clone()).collect()).await?;
    let roles = Role::ALL.iter().map(|role| (role.to_string(), frame.w.term(*role), role.needs_site()));
    let steps = [(frame.say("nav-admin"), "/administration")];
    let page = AccountPage {
        account: account(&app, frame, &summary),
        roles: roles.collect(),
        home: summary.division.to_string(),
        own: summary.id == visit.caller.session.account,
        step_up: !visit.caller.stepped_up,
        frame: visit.frame.titled(summary.login.clone(), &steps),
    };
    render(&page)
}

fn shown_once(visit: Visit, said: &str, secret: String, back: String) -> Result<Response, Problem> {
    let said = visit.frame.say(said);
    let title = visit.frame.say("admin-once");
    let steps = [(visit.frame.say("nav-admin"), "/administration")];
    let frame = visit.frame.titled(title, &steps);
    render(&SecretPage { frame, said, secret, back })
}

/// `POST /administration`: a new account; its password is shown once.
pub async fn create(State(app): State<Arc<App>>, sent: Sent) -> Result<Response, Problem> {
    administers(&sent.visit)?;
    let field = |name| sent.field(name).unwrap_or_default().trim();
    let division = field("division").parse().map_err(|_| invalid("division", "a division code, such as 500103"))?;
    let new = NewAccount {
        login: field("login"),
        name: field("name"),
        language: field("language"),
        division,
        password: NewPassword::OneTime,
        enrol: false,
    };
    let by = By::Person(&sent.visit.caller.session);
    let made = app.access().create(by, &new, app.wall()).await?;
    let back = format!("/administration/{}", part(new.login));
    shown_once(sent.visit, "admin-password-said", made.one_time_password.unwrap_or_default(), back)
}

fn invalid(field: &str, expected: &str) -> Problem {
    dayclear_ops::desk::Refusal::Invalid(vec![dayclear_ops::desk::FieldFault {
        field: field.to_owned(),
        value: String::new(),
        expected: expected.to_owned(),
        remedy: "correct it".to_owned(),
    }])
    .into()
}

/// `POST /administration/LOGIN/VERB`: what an administrator does with an account.
pub async fn act(
    State(app): State<Arc<App>>,
    Path((login, verb)): Path<(String, String)>,
    sent: Sent,
) -> Result<Response, Problem> {
    administers(&sent.visit)?;
    let (access, now) = (app.access(), app.wall());
    let back = format!("/administration/{}", part(&login));
    let field = |name| sent.field(name).unwrap_or_default().trim().to_owned();
    let by = By::Person(&sent.visit.caller.session);
    let id = access.account_of(by, &login, now).await?.id;
    match verb.as_str() {
        "enable" => access.set_state(by, &id, AccountState::Active, now).await?,
        "disable" => access.set_state(by, &id, AccountState::Disabled, now).await?,
        "end" => {
            access.end_all_of(by, &id, now).await?;
        }
        "grant" => {
            let role = field("role").parse().map_err(|_| invalid("role", "a role"))?;
            let division = field("division").parse().map_err(|_| invalid("division", "a division code"))?;
            let site = Some(field("site")).filter(|site| !site.is_empty());
            let until = match field("until").as_str() {
                "" => None,
                text => Some(app.zone().start_of(text.parse().map_err(|_| invalid("until", "a date"))?)),
            };
            access.grant(by, &id, Duty { role, division, site }, until, now).await?;
        }
        "revoke" => access.revoke(by, &field("duty"), now).await?,
        "reset" => {
            let made = access.reset(by, &id, now).await?;
            return shown_once(sent.visit, "admin-password-said", made.one_time_password.unwrap_or_default(), back);
        }
        "token" => {
            let days = field("days").parse().map_err(|_| invalid("days", "a number of days"))?;
            let opened = access.make_token(by, &field("duty"), days, now).await?;
            return shown_once(sent.visit, "admin-token-said", opened.token, back);
        }
        _ => return Err(Problem::unknown()),
    }
    Ok(Redirect::to(&back).into_response())
}
