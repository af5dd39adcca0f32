//! Language and look: kept in cookies of the browser, for people with and without a login.

use super::form::own_path;
use crate::{app::App, problem::Problem};
use axum::{
    Form,
    extract::{Path, Query},
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use dayclear_papers::Lang;
use serde::Deserialize;
use std::sync::Arc;

/// Where to go back to.
#[derive(Deserialize)]
pub struct Back {
    back: Option<String>,
}

/// A chosen look.
#[derive(Deserialize)]
pub struct Theme {
    theme: String,
    back: Option<String>,
}

fn kept(name: &str, value: &str, back: Option<&str>) -> Response {
    let cookie = format!("{name}={value}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly");
    let back = back.and_then(own_path).unwrap_or("/");
    ([(header::SET_COOKIE, cookie)], Redirect::to(back)).into_response()
}

/// `GET /language/TAG`.
pub async fn language(Path(tag): Path<String>, Query(back): Query<Back>) -> Result<Response, Problem> {
    let lang: Lang = tag.parse().map_err(|_| Problem::unknown())?;
    Ok(kept("lang", lang.tag(), back.back.as_deref()))
}

/// `POST /theme`: the same look again means none is preferred.
pub async fn theme(Form(chosen): Form<Theme>) -> Result<Response, Problem> {
    match chosen.theme.as_str() {
        theme @ ("light" | "dark") => Ok(kept("theme", theme, chosen.back.as_deref())),
        _ => Err(Problem::unknown()),
    }
}

/// Routes.
pub fn routes() -> axum::Router<Arc<App>> {
    use crate::routing::{get, post};
    axum::Router::new().route("/language/{tag}", get(language)).route("/theme", post(theme))
}
