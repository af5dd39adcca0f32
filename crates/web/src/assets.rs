//! Styles, scripts and pictures of the console, embedded in the program. Their names carry a digest of their content, so a
//! browser may keep them for ever.

use crate::{app::App, problem::Problem, routing::get};
use axum::{
    Router,
    extract::Path,
    http::header,
    response::{IntoResponse, Response},
};
use std::sync::Arc;

#[derive(rust_embed::Embed)]
#[folder = "dist/"]
struct Dist;

/// Routes below `/assets`.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/assets/{*name}", get(asset))
}

async fn asset(Path(name): Path<String>) -> Result<Response, Problem> {
    let file = Dist::get(&name).ok_or_else(Problem::unknown)?;
    let kind = file.metadata.mimetype().to_owned();
    let forever = "public, max-age=31536000, immutable".to_owned();
    Ok(([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, forever)], file.data).into_response())
}

/// The bytes of a built file.
pub fn built(name: &str) -> Option<std::borrow::Cow<'static, [u8]>> {
    Dist::get(name).map(|file| file.data)
}

/// Paths of the built scripts that carry a digest in their name, whose names begin with one of these.
pub fn chunks(beginnings: &[&str]) -> Vec<String> {
    let chunk = |name: &str| name.ends_with(".js") && beginnings.iter().any(|beginning| name.starts_with(beginning));
    let mut paths: Vec<String> =
        Dist::iter().filter(|name| chunk(name)).map(|name| format!("/assets/{name}")).collect();
    paths.sort_unstable();
    paths
}

/// Path of a built file by its plain name, with the digest of its content as the manifest of the build has it.
pub fn path(name: &str) -> String {
    static MANIFEST: std::sync::OnceLock<serde_json::Value> = std::sync::OnceLock::new();
    let manifest = MANIFEST.get_or_init(|| {
        let file = Dist::get("manifest.json");
        file.and_then(|file| serde_json::from_slice(&file.data).ok()).unwrap_or_default()
    });
    format!("/assets/{}", manifest[name].as_str().unwrap_or(name))
}
