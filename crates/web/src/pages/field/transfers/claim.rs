//! Claiming a bed from the page of a transfer. Whoever comes second is told who has the bed and since when, in their
//! language, beside the beds that are still free.

use super::{one, path};
use crate::{
    app::App,
    pages::{
        accounts,
        form::{self, Sent},
        frame::moment,
        refusal,
    },
    problem::Problem,
};
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use dayclear_core::command::Command;
use dayclear_ops::desk::{DeskError, Refusal, Verdict};
use std::sync::Arc;

/// `POST /transfers/KEY/claim`.
pub async fn claim(State(app): State<Arc<App>>, Path(key): Path<String>, sent: Sent) -> Result<Response, Problem> {
    let command = Command::named("transfers", "claim").ok_or_else(Problem::unknown)?;
    let given = sent.given("claim:");
    let done =
        form::perform(&app, &sent.visit.caller, command, std::slice::from_ref(&key), &given, sent.field("once")).await;
    let refused = match done {
        Ok(report) => report.verdicts.into_iter().find_map(|(_, verdict)| match verdict {
            Verdict::Refused(refusal) => Some(refusal),
            _ => None,
        }),
        Err(DeskError::Refused(refusal)) => Some(refusal),
        Err(trouble) => return Err(trouble.into()),
    };
    let frame = &sent.visit.frame;
    let lost = match refused {
        None => {
            app.nudge(command.load);
            return Ok(Redirect::to(&path(&key)).into_response());
        }
        Some(Refusal::Taken { thing, holder, since }) => {
            accounts::learn(&app, vec![holder.clone()]).await?;
            let holder = accounts::said(&app, frame, &holder);
            let at = moment(&app, frame.lang, since);
            let values = [("bed", thing.into()), ("holder", holder.into()), ("at", at.into())];
            (frame.w.get("transfers-lost", &values), frame.say("transfers-lost-said"))
        }
        Some(found @ Refusal::State { .. }) => (frame.say("transfers-unfit"), refusal::said(&app, frame, &found)),
        Some(refusal) => return Err(refusal.into()),
    };
    one::shown(&app, sent.visit, &key, Some(lost)).await
}
