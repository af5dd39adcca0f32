//! The public part, without a login: whether a building lies in an area, the bulletins, asking for help and following it.
//! No script, no cookie of its own, no personal datum on any page; what somebody enters is never part of an address.

mod bulletins;
mod emergency;
mod exposures;
mod figures;
mod health;
mod help;
mod larder;
mod own;
mod papers;
mod places;
mod warnings;

use super::{field, frame};
use crate::{
    app::App,
    caller::language,
    problem::Problem,
    routing::{get, post},
};
use askama::Template;
use axum::{
    Form, Router,
    extract::{FromRequestParts, State},
    http::request::Parts,
    response::Response,
};
pub use bulletins::{Kind, printed, set};
use dayclear_core::time::Instant;
use dayclear_papers::{Lang, Words};
use std::{convert::Infallible, sync::Arc};

/// Routes below `/public`.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/public", get(home))
        .route("/public/areas", get(places::blank).merge(post(places::look)))
        .route("/public/areas.json", get(places::history))
        .route(crate::warnings::FEED, get(warnings::feed))
        .route("/public/warnings/{area}/{number}", get(warnings::one))
        .route("/public/bulletins", get(bulletins::all))
        .route("/public/bulletins/{day}", get(bulletins::latest))
        .route("/public/bulletins/{day}/{edition}", get(bulletins::one))
        .route("/public/bulletins/{day}/{edition}/paper", get(bulletins::paper))
        .route("/public/bulletins/{day}/{edition}/{file}", get(bulletins::file))
        .route("/public/exposures", get(exposures::page))
        .route("/public/exposures.json", get(exposures::data))
        .route("/public/exposures.atom", get(exposures::feed))
        .route("/public/request", get(help::blank).merge(post(help::make)))
        .route("/public/emergency", get(emergency::blank).merge(post(emergency::call)))
        .route("/public/follow", get(help::follow_blank).merge(post(help::follow)))
        .route("/public/health", get(health::blank).merge(post(health::take)))
        .route("/public/paper", get(papers::blank).merge(post(papers::read)))
        .route("/public/appeal", get(papers::appeal_blank).merge(post(papers::appeal)))
        .route("/public/supplies", get(larder::blank).merge(post(larder::ask)))
        .route("/public/file", get(own::blank).merge(post(own::read)))
        .route("/public/tally", get(own::tally))
        .route("/public/appeals", get(figures::appeals))
        .route("/public/areas/appeal", post(papers::against_area))
        .route("/public/about", get(about))
}

/// What stands around a public page.
pub struct Open {
    /// Words of the language.
    pub w: &'static Words,
    /// Language.
    pub lang: Lang,
    /// Title of the page.
    pub title: String,
    /// Name of the city.
    pub city: String,
    /// Whether this is an exercise.
    pub exercise: bool,
    /// Now, as people write it.
    pub now: String,
    /// Path of this page.
    pub address: String,
}

impl FromRequestParts<Arc<App>> for Open {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        let lang = language(parts);
        Ok(Open {
            w: Words::of(lang),
            lang,
            title: String::new(),
            city: app.place_name(app.setup.city.as_str(), lang),
            exercise: app.setup.exercise,
            now: clock(app, lang, app.now()),
            address: parts.uri.path().to_owned(),
        })
    }
}

/// A moment as people write it.
fn clock(app: &App, lang: Lang, at: Instant) -> String {
    frame::moment(app, lang, at)
}

impl Open {
    /// The same with a title.
    #[must_use]
    fn titled(self, key: &str) -> Self {
        let title = self.w.say(key);
        Open { title, ..self }
    }
    /// A message without values.
    pub fn say(&self, key: &str) -> String {
        self.w.say(key)
    }
    /// Path of a built file.
    pub fn asset(&self, name: &str) -> String {
        crate::assets::path(name)
    }
    /// The languages: tag, own name, whether it is this one.
    pub fn languages(&self) -> [(&'static str, &'static str, bool); 3] {
        [("zh-Hans", "简体", Lang::ZhHans), ("zh-Hant", "繁體", Lang::ZhHant), ("en", "English", Lang::En)]
            .map(|(tag, name, lang)| (tag, name, lang == self.lang))
    }
}

/// A field that was entered wrong: its id, and what to do.
pub struct Wrong {
    /// Field.
    pub field: &'static str,
    /// What to do.
    pub say: String,
}

#[derive(Template)]
#[template(path = "public/home.html")]
struct HomePage {
    open: Open,
}

async fn home(open: Open) -> Result<Response, Problem> {
    frame::render(&HomePage { open: open.titled("public-home") })
}

#[derive(Template)]
#[template(path = "public/about.html")]
struct AboutPage {
    open: Open,
}

async fn about(State(_app): State<Arc<App>>, open: Open) -> Result<Response, Problem> {
    frame::render(&AboutPage { open: open.titled("public-about") })
}

/// Fields of a form that anybody may send.
type Sent = Form<Vec<(String, String)>>;

/// The value of a field, without the blanks around it.
fn field_of<'f>(sent: &'f [(String, String)], name: &str) -> &'f str {
    sent.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.trim())
}
