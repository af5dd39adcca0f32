//! Pages of a phone that open without a network: an empty page that is the same for everybody, a worker that keeps it with its scripts
//! and nothing else, and a manifest by which it can be put on the home screen. It guarantees that nothing which a worker keeps tells of
//! anybody: what a page learns of people it keeps itself, for the account that asked.

use super::frame::{self, Frame};
use crate::{app::App, assets, caller::Caller, problem::Problem, routing::get};
use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderName, header},
    response::{IntoResponse, Response},
    routing::MethodRouter,
};
use dayclear_core::access::Role;
use dayclear_papers::{Words, shown::Shown};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Such a page.
pub struct Shell {
    /// Where it is; its worker and its manifest stand below.
    pub path: &'static str,
    /// Name of its worker's cache.
    pub name: &'static str,
    /// Key of its title.
    pub title: &'static str,
    /// How the names of its scripts begin.
    pub script: &'static str,
    /// Whether it is there for a role.
    pub open_to: fn(Role) -> bool,
}

impl Shell {
    /// Routes of the page, what a phone has to know (`here`), its worker and its manifest.
    pub fn routes(&'static self, page: MethodRouter<Arc<App>>, here: MethodRouter<Arc<App>>) -> Router<Arc<App>> {
        let below = |name: &str| format!("{}/{name}", self.path);
        let manifest = async move |State(app): State<Arc<App>>, request: Request| self.manifest(&app, request);
        Router::new()
            .route(self.path, page)
            .route(&below("here"), here)
            .route(&below("worker.js"), get(async move || self.worker()))
            .route(&below("manifest.webmanifest"), get(manifest))
    }

    /// Nothing is here for other roles.
    pub fn opens(&self, role: Role) -> Result<(), Problem> {
        if (self.open_to)(role) { Ok(()) } else { Err(Problem::unknown()) }
    }

    /// The frame of the empty page. It is the same for everybody, because phones keep it; who has a session for something else has no
    /// such page.
    pub fn frame(&self, app: &App, caller: Option<&Caller>, request: Request) -> Result<Frame, Problem> {
        if let Some(caller) = caller {
            self.opens(caller.looker.duty.role)?;
        }
        let (parts, _) = request.into_parts();
        let mut frame = frame::frame(app, &parts, None);
        frame.address = self.path.to_owned();
        let title = frame.say(self.title);
        Ok(frame.titled(title, &[]))
    }

    /// Files of the shell: the page, and nothing in the others is about anybody.
    fn files(&self) -> Vec<String> {
        let plain = ["main.js", "index.css", "favicon.svg", "site-192.png"].map(assets::path);
        let chunks = assets::chunks(&[self.script, "keys-", "chunk-"]);
        [vec![self.path.to_owned()], plain.to_vec(), chunks].concat()
    }

    /// The service worker, with the files that it keeps: another list or another script is another worker.
    pub fn worker(&self) -> Result<Response, Problem> {
        let script = assets::built("phone-worker.js").ok_or_else(Problem::unknown)?;
        let files = self.files();
        let version = crate::api::evidence::digest(&files.join("\n"));
        let shell = json!({"name": self.name, "page": self.path, "version": version, "files": files});
        let text = format!("self.SHELL={shell};\n{}", String::from_utf8_lossy(&script));
        let scope = (HeaderName::from_static("service-worker-allowed"), self.path);
        let fresh = (header::CACHE_CONTROL, "no-cache");
        Ok(([(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), fresh, scope], text).into_response())
    }

    /// What makes the page one that can be put on the home screen.
    pub fn manifest(&self, app: &App, request: Request) -> Response {
        let (parts, _) = request.into_parts();
        let frame = frame::frame(app, &parts, None);
        let icon = |name: &str, sizes: &str, purpose: &str| json!({"src": assets::path(name), "sizes": sizes, "type": "image/png", "purpose": purpose});
        let manifest = json!({
            "id": self.path,
            "name": format!("{} · {}", frame.say(self.title), frame.say("product")),
            "short_name": frame.say(self.title),
            "lang": frame.lang.tag(),
            "start_url": self.path,
            "scope": self.path,
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": "#0d6080",
            "icons": [
                icon("site-192.png", "192x192", "any"),
                icon("site-512.png", "512x512", "any"),
                icon("site-512.png", "512x512", "maskable"),
            ],
        });
        let kind = (header::CONTENT_TYPE, "application/manifest+json");
        ([kind, (header::CACHE_CONTROL, "no-cache")], manifest.to_string()).into_response()
    }
}

/// A word of a page: the name under which its script asks for it, its key, and the values that the script fills in.
pub type Said = (&'static str, &'static str, &'static [&'static str]);

/// Words of a page whose records are refused for reasons that have words of their own, as its script reads them.
pub fn words_with<T: Shown>(w: &Words, said: &[Said], reasons: &[T]) -> String {
    let mut words = words(w, said);
    words.extend(reasons.iter().map(|why| (format!("refused-{}", why.text()), w.term(*why).into())));
    Value::Object(words).to_string()
}

/// Words as a page carries them, with holes such as `{count}` for the values.
pub fn words(w: &Words, said: &[Said]) -> Map<String, Value> {
    let word = |(name, key, values): &Said| {
        let holes: Vec<(&str, String)> = values.iter().map(|value| (*value, format!("{{{value}}}"))).collect();
        let values: Vec<_> = holes.iter().map(|(name, hole)| (*name, hole.as_str().into())).collect();
        ((*name).to_owned(), w.get(key, &values).into())
    };
    said.iter().map(word).collect()
}
