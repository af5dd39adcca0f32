//! What a person sends from a page: the fields of a form (the guard of every request has seen the word of the session in
//! it), and the command that they ask for. Done, they are led back to where they were, with a report; refused, they are told what to do.

use super::{
    frame::{Frame, Visit, render},
    refusal,
};
use crate::{app::App, caller::Caller, problem::Problem};
use askama::Template;
use axum::{
    Form,
    extract::{FromRequest, FromRequestParts, Path, Request, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use dayclear_core::{command::Command, listing::Listing};
use dayclear_ops::desk::{self, DeskError, Doing, Given, Report, Verdict};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// A form of a session.
pub struct Sent {
    /// Who, and the frame of an answer.
    pub visit: Visit,
    /// Fields as they came.
    pub fields: Vec<(String, String)>,
}

impl FromRequest<Arc<App>> for Sent {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::from_request_parts(&mut parts, app).await?;
        let request = Request::from_parts(parts, body);
        let Form(fields) = Form::<Vec<(String, String)>>::from_request(request, app).await.map_err(|rejection| {
            let detail = format!("the form cannot be read: {rejection}; load the page again");
            Problem::new(StatusCode::BAD_REQUEST, "form", "The form cannot be read", detail).into_response()
        })?;
        Ok(Sent { visit, fields })
    }
}

impl Sent {
    /// The value of a field.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
    /// Values of the fields whose names begin so, without the beginning.
    pub fn given(&self, prefix: &str) -> Given {
        let fields = self.fields.iter().filter_map(|(name, value)| Some((name.strip_prefix(prefix)?, value)));
        fields.map(|(name, value)| (name.to_owned(), value.clone())).collect()
    }
    /// Where to go afterwards: a path of this server, never another place.
    pub fn back(&self, otherwise: &str) -> String {
        own_path(self.field("back").unwrap_or_default()).unwrap_or(otherwise).to_owned()
    }
}

/// A path of this server, if it is one.
pub fn own_path(path: &str) -> Option<&str> {
    let own = path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n', '\0']);
    own.then_some(path)
}

/// Key of a command of a form: the same form sent twice acts once, the same page sent with something else acts again.
pub fn key_of(once: &str, list: &str, verb: &str, keys: &[String], given: &Given) -> String {
    let mut hash = Sha256::new();
    for part in [once, list, verb].into_iter().chain(keys.iter().map(String::as_str)) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    for (name, value) in given {
        hash.update(format!("{}:{name}={}:{value}", name.len(), value.len()));
    }
    let digest: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("form-{digest}")
}

/// Does a command for a caller, as the API does it.
pub async fn perform(
    app: &App,
    caller: &Caller,
    command: &'static Command,
    keys: &[String],
    given: &Given,
    once: Option<&str>,
) -> Result<Report, DeskError> {
    let input = desk::read(command.fields, given, app.zone())?;
    let key = once.filter(|once| !once.is_empty()).map(|once| key_of(once, command.on, command.verb, keys, given));
    desk::perform(app.store(), &doing(app, caller, key.as_deref()), command, keys, &input).await
}

/// The circumstances of what a caller does.
pub fn doing<'a>(app: &'a App, caller: &'a Caller, key: Option<&'a str>) -> Doing<'a> {
    Doing {
        looker: &caller.looker,
        now: app.now(),
        stepped_up: caller.stepped_up,
        packs: &app.setup.packs,
        pack: &app.setup.pack,
        settings: &app.setup.settings,
        key,
        keys: Some(&app.setup.keys),
    }
}

/// One record that a command was refused for.
struct Refused {
    key: String,
    why: String,
}

#[derive(Template)]
#[template(path = "report.html")]
struct ReportPage {
    frame: Frame,
    back: String,
    said: String,
    refused: Vec<Refused>,
}

fn count(report: &Report, wanted: fn(&Verdict) -> bool) -> usize {
    report.verdicts.iter().filter(|(_, verdict)| wanted(verdict)).count()
}

/// The report as one sentence.
fn said(frame: &Frame, report: &Report) -> String {
    let refused = count(report, |verdict| matches!(verdict, Verdict::Refused(_)));
    let numbers = [
        ("asked", report.verdicts.len()),
        ("done", count(report, |verdict| *verdict == Verdict::Done)),
        ("same", count(report, |verdict| *verdict == Verdict::Same)),
        ("refused", refused),
    ];
    frame.w.get("report-said", &numbers.map(|(name, n)| (name, n.into())))
}

/// Answers with a report: back to the page where all went well, else a page that names each refusal.
pub fn reported(app: &App, visit: Visit, report: &Report, back: String) -> Result<Response, Problem> {
    let refused: Vec<Refused> = report
        .verdicts
        .iter()
        .filter_map(|(key, verdict)| match verdict {
            Verdict::Refused(refusal) => {
                Some(Refused { key: key.clone(), why: refusal::said(app, &visit.frame, refusal) })
            }
            _ => None,
        })
        .collect();
    if refused.is_empty() {
        return Ok(Redirect::to(&back).into_response());
    }
    let said = said(&visit.frame, report);
    let title = visit.frame.say("error-title");
    let page = ReportPage { frame: visit.frame.titled(title, &[]), back, said, refused };
    Ok((StatusCode::CONFLICT, render(&page)?).into_response())
}

/// `POST /LIST`: a command on the chosen rows.
pub async fn on_list(State(app): State<Arc<App>>, Path(list): Path<String>, sent: Sent) -> Result<Response, Problem> {
    let verb = sent.field("verb").unwrap_or_default();
    let command = Command::named(&list, verb).ok_or_else(Problem::unknown)?;
    let keys: Vec<String> = sent.fields.iter().filter(|(name, _)| name == "key").map(|(_, key)| key.clone()).collect();
    let given = sent.given(&format!("{verb}:"));
    let report = perform(&app, &sent.visit.caller, command, &keys, &given, sent.field("once")).await?;
    let back = sent.back(&format!("/{list}"));
    reported(&app, sent.visit, &report, back)
}

/// `POST /LIST/KEY/VERB`: a command on one record.
pub async fn on_record(
    State(app): State<Arc<App>>,
    Path((list, key, verb)): Path<(String, String, String)>,
    sent: Sent,
) -> Result<Response, Problem> {
    Listing::named(&list).ok_or_else(Problem::unknown)?;
    let command = Command::named(&list, &verb).ok_or_else(Problem::unknown)?;
    let given = sent.given(&format!("{verb}:"));
    let back = sent.back(&format!("/{list}/{}", super::show::part(&key)));
    let report = perform(&app, &sent.visit.caller, command, &[key], &given, sent.field("once")).await?;
    reported(&app, sent.visit, &report, back)
}
