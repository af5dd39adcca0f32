//! The sampling site in the console: the page of a phone, which is an empty shell without anybody's data so that the phone may keep
//! it; what the phone has to know once it has a network; and, for
//! where there is no phone, sheets to print and a form to enter them.

mod enter;
mod sheets;

use super::{
    frame::{Frame, render},
    shell::{self, Said, Shell},
};
use crate::{
    app::App,
    caller::Caller,
    problem::Problem,
    routing::{get, post},
};
use askama::Template;
use axum::{
    Json, Router,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use dayclear_core::{access::Role, rounds::RoundState, screening::Purpose, site::Wrong, time::Instant};
use dayclear_ops::{day::pack_for, site};
use dayclear_papers::{Lang, Words};
use dayclear_store::rounds::Round;
use serde_json::{Value, json};
use std::sync::Arc;

/// Routes of the site.
pub fn routes() -> Router<Arc<App>> {
    SHELL
        .routes(get(page), get(here))
        .route("/site/enter", get(enter::page).merge(post(enter::enter)))
        .route("/site/sheets", get(sheets::page))
}

static SHELL: Shell =
    Shell { path: "/site", name: "site", title: "nav-site", script: "site-", open_to: |role| site::may(role).is_ok() };

/// Whether there is a site for a role.
fn open_to(role: Role) -> Result<(), Problem> {
    SHELL.opens(role)
}

/// Words of the page by the name under which its script asks for them, with the values that it fills in.
const SAID: &[Said] = &[
    ("net-unknown", "site-net-unknown", &[]),
    ("net-online", "site-net-online", &[]),
    ("net-offline", "site-net-offline", &[]),
    ("net-left", "site-net-left", &[]),
    ("net-door", "site-net-door", &[]),
    ("net-denied", "site-net-denied", &[]),
    ("kept-count", "site-kept-count", &["count"]),
    ("kept-foreign", "site-kept-foreign", &["count"]),
    ("of-size", "site-of-size", &["size"]),
    ("filled", "site-filled", &["count", "size"]),
    ("remove", "site-remove", &[]),
    ("removed", "site-removed", &[]),
    ("no-round", "site-no-round", &[]),
    ("tubes-of", "site-tubes-of", &["size"]),
    ("ready", "site-ready", &[]),
    ("opened", "site-opened", &["tube"]),
    ("added", "site-added", &["who"]),
    ("undone", "site-undone", &[]),
    ("put-back", "site-put-back-done", &[]),
    ("closed", "site-closed", &["tube", "count"]),
    ("again", "site-again", &["tube"]),
    ("reopened", "site-reopened", &["tube"]),
    ("dropped", "site-dropped", &["tube"]),
    ("right-tube", "site-right-tube", &["tube", "count"]),
    ("right-correct", "site-right-correct", &[]),
    ("right-doubled", "site-right-doubled", &[]),
    ("right-again", "site-right-again", &[]),
    ("right-drop", "site-right-drop", &[]),
    ("right-drop-said", "site-right-drop-said", &[]),
    ("wrong-no-code", "site-wrong-no-code", &[]),
    ("wrong-no-person", "site-wrong-no-person", &[]),
    ("wrong-unreadable", "site-wrong-unreadable", &[]),
    ("wrong-card", "site-wrong-card", &[]),
    ("wrong-household", "site-wrong-household", &[]),
    ("wrong-tube-code", "site-wrong-tube-code", &[]),
    ("wrong-twice", "site-wrong-twice", &["who"]),
    ("wrong-full", "site-wrong-full", &["who", "size"]),
    ("wrong-seen", "site-wrong-seen", &["who"]),
    ("wrong-used", "site-wrong-used", &["tube"]),
    ("wrong-open", "site-wrong-open", &[]),
    ("wrong-none-open", "site-wrong-none-open", &[]),
    ("wrong-empty", "site-wrong-empty", &[]),
    ("wrong-setup", "site-wrong-setup", &[]),
    ("wrong-camera", "site-wrong-camera", &[]),
];

/// Why a tube was refused, in words.
fn refused(w: &Words, wrong: Wrong, what: &str, size: &str) -> String {
    w.get(&format!("site-refused-{wrong}"), &[("what", what.into()), ("size", size.into())])
}

/// The words as the page carries them; values are put in by its script.
fn words(w: &Words) -> String {
    let mut said = shell::words(w, SAID);
    for wrong in Wrong::ALL {
        said.insert(format!("refused-{wrong}"), refused(w, *wrong, "{what}", "{size}").into());
    }
    Value::Object(said).to_string()
}

#[derive(Template)]
#[template(path = "site.html")]
struct ShellPage {
    frame: Frame,
    words: String,
}

async fn page(State(app): State<Arc<App>>, caller: Option<Caller>, request: Request) -> Result<Response, Problem> {
    let frame = SHELL.frame(&app, caller.as_ref(), request)?;
    render(&ShellPage { words: words(frame.w), frame })
}

/// What a phone has to know: who is here, the word of the session, the server's time, and what there is to choose from.
async fn here(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Problem> {
    open_to(caller.looker.duty.role)?;
    let w = Words::of(caller.lang);
    let own = caller.looker.duty.division.as_str();
    let rounds = rounds(&app, own).await?;
    let pack = pack_for(&app.setup.packs, &app.setup.pack, app.zone().day(app.now()))?;
    let ms = |at: Instant| at.micros() / 1_000;
    let purposes = Purpose::ALL.iter().filter(|purpose| !pack.pool_sizes(**purpose).is_empty());
    let answer = json!({
        "account": caller.looker.account,
        "login": caller.name,
        "word": caller.csrf,
        "server_ms": ms(app.now()),
        "rounds": rounds.iter().map(|round| json!({"id": round.plan.round, "name": round.name,
            "purpose": round.plan.purpose.name(), "pool_size": round.plan.pool_size})).collect::<Vec<_>>(),
        "purposes": purposes.map(|purpose| json!({"name": purpose.name(), "word": w.term(*purpose),
            "sizes": pack.pool_sizes(*purpose)})).collect::<Vec<_>>(),
        "places": places(&app, own, caller.lang).into_iter().map(|(code, name)| json!({"code": code, "name": name}))
            .collect::<Vec<_>>(),
    });
    Ok(Json(answer).into_response())
}

/// Rounds that run and have people in a division.
async fn rounds(app: &App, own: &str) -> Result<Vec<Round>, Problem> {
    let mut tx = app.store().look(&app.own_scope()).await?;
    let mut rounds = tx.rounds_in(RoundState::Open).await?;
    rounds.retain(|round| {
        let scope = &round.plan.scope;
        let places = scope.divisions.iter().chain(scope.areas.values().map(|area| &area.division));
        places.map(|place| place.as_str()).any(|place| place.starts_with(own) || own.starts_with(place))
    });
    Ok(rounds)
}

/// Most places that are offered.
const PLACES_MAX: usize = 400;

/// A division and the communities in it; where there are too many, those one level below.
fn places(app: &App, own: &str, lang: Lang) -> Vec<(String, String)> {
    let mut all = vec![(own.to_owned(), app.place_name(own, lang))];
    let mut level = app.places_below(own, lang);
    while !level.is_empty() && all.len() + level.len() <= PLACES_MAX {
        let below = level.iter().filter(|(code, _)| code.len() < 12).flat_map(|(code, _)| app.places_below(code, lang));
        let below = below.collect();
        all.extend(level);
        level = below;
    }
    all
}
