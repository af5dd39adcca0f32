//! What a request asks for, as far as limits go: when it is turned away under load, how large it may be, how long it may
//! take. It follows from the declaration of the command, or from where the route stands; nothing of it is personal.

use crate::{api, config::Limits};
use axum::{
    extract::MatchedPath,
    http::{Extensions, HeaderMap, Method, header},
};
use dayclear_core::command::{Command, Load};
use std::{collections::HashMap, sync::LazyLock, time::Duration};

/// Beginnings of paths that cost nothing: they come from memory.
const FREE: &[&str] = &["/assets/", "/healthz", "/readyz", "/robots.txt"];
/// Where evidence comes in.
const EVIDENCE: &[&str] = &["evidence", "imports", "import", "fhir"];
/// Where residents ask for help.
const HELP: &[&str] = &["request", "requests", "help", "emergency"];
/// Where emergencies are looked at: whoever has to decide within a minute is not kept waiting.
const URGENT: &[&str] = &["tickets"];
/// Dashboards, history and public pages.
const BOARD: &[&str] = &[
    "",
    "today",
    "map",
    "public",
    "bulletin",
    "bulletins",
    "areas-lookup",
    "audit",
    "books",
    "live",
    "csp-report",
    "openapi.json",
    "docs",
];
const EXPORTS: &[&str] = &[".csv", ".xlsx", ".json", ".ndjson"];

/// What a request asks for.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// When it is turned away; `None`: it costs nothing and never is.
    pub load: Option<Load>,
    /// The command, where it is one.
    pub command: Option<&'static Command>,
    /// Whether it brings a file in.
    pub import: bool,
    /// Whether it takes a whole list away, which is written before its answer begins.
    pub export: bool,
    /// Whether it changes nothing.
    pub safe: bool,
}

/// Load of each route of the API, as its document says it.
static DECLARED: LazyLock<HashMap<(&Method, &str), Load>> = LazyLock::new(|| {
    let operations = api::operations().iter();
    operations.map(|operation| ((&operation.method, operation.path.as_str()), operation.load)).collect()
});

impl Asked {
    /// What a request asks for.
    pub fn by(method: &Method, path: &str, extensions: &Extensions) -> Asked {
        let asked = Asked::of(method, path);
        let pattern = extensions.get::<MatchedPath>().map(MatchedPath::as_str);
        match pattern.and_then(|pattern| DECLARED.get(&(method, pattern))) {
            Some(load) => Asked { load: Some(*load), ..asked },
            None => asked,
        }
    }

    /// What a request asks for, where nothing more is declared than where it goes.
    pub fn of(method: &Method, path: &str) -> Asked {
        let safe = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        let nothing = Asked { load: None, command: None, import: false, export: false, safe };
        if FREE.iter().any(|free| path.starts_with(free)) {
            return nothing;
        }
        let mut parts: Vec<&str> = path.split('/').skip(1).collect();
        if parts.first() == Some(&"api") {
            let version = parts.get(1).is_some_and(|part| part.len() > 1 && part.starts_with('v'));
            parts.drain(..if version { 2 } else { 1 });
        }
        let public = parts.first() == Some(&"public");
        let (first, last) = (parts.first().copied().unwrap_or_default(), parts.last().copied().unwrap_or_default());
        let among = |list: &[&str]| list.contains(&first) || (public && parts.iter().any(|part| list.contains(part)));
        if first == "open311" {
            let load = if safe { Load::Board } else { Load::Emergency };
            return Asked { load: Some(load), ..nothing };
        }
        if safe {
            let load = match () {
                // the form by which somebody asks for help, not the look at what became of it
                () if public
                    && among(HELP)
                    && matches!(last, "request" | "requests" | "new" | "help" | "emergency") =>
                {
                    Load::Intake
                }
                () if URGENT.contains(&first) => Load::Emergency,
                () if EXPORTS.iter().any(|ending| last.ends_with(ending)) || BOARD.contains(&first) => Load::Board,
                () => Load::Work,
            };
            let export = EXPORTS.iter().any(|ending| last.ends_with(ending));
            return Asked { load: Some(load), export, ..nothing };
        }
        let command = if parts.len() > 1 { Command::named(first, last) } else { None };
        let import = among(EVIDENCE);
        let load = match command {
            Some(command) => command.load,
            None if among(HELP) => Load::Emergency,
            None if import => Load::Intake,
            // a result that a laboratory enters by hand, a tube from a sheet of paper, what a crew reports
            None if matches!(first, "laboratories" | "site") || (first, last) == ("trip", "reports") => Load::Intake,
            None if first == "csp-report" => Load::Board,
            None => Load::Work,
        };
        Asked { load: Some(load), command, import, ..nothing }
    }

    /// Longest body, in bytes.
    pub fn body_bytes_max(&self, headers: &HeaderMap, limits: &Limits) -> usize {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        match () {
            () if self.import => limits.import_bytes_max,
            () if kind.starts_with("application/x-www-form-urlencoded") => limits.form_bytes_max,
            () => limits.body_bytes_max,
        }
    }

    /// Longest time to the head of the answer.
    pub fn time_max(&self, limits: &Limits) -> Duration {
        Duration::from_secs(if self.import || self.export { limits.import_request_max_s } else { limits.request_max_s })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_first_follows_from_the_command_or_the_place() {
        for (method, path, load) in [
            ("GET", "/healthz", None),
            ("GET", "/assets/a.js", None),
            ("GET", "/", Some(Load::Board)),
            ("GET", "/today", Some(Load::Board)),
            ("GET", "/live", Some(Load::Board)),
            ("GET", "/api/v1/cases", Some(Load::Work)),
            ("GET", "/api/v1/cases.csv", Some(Load::Board)),
            ("GET", "/api/openapi.json", Some(Load::Board)),
            ("GET", "/public/areas", Some(Load::Board)),
            ("GET", "/public/requests/new", Some(Load::Intake)),
            ("GET", "/public/requests/R1", Some(Load::Board)),
            ("POST", "/public/requests", Some(Load::Emergency)),
            ("POST", "/open311/v2/requests.xml", Some(Load::Emergency)),
            ("GET", "/open311/v2/requests.json", Some(Load::Board)),
            ("GET", "/public/emergency", Some(Load::Intake)),
            ("POST", "/public/emergency", Some(Load::Emergency)),
            ("GET", "/tickets", Some(Load::Emergency)),
            ("GET", "/tickets/Q-1", Some(Load::Emergency)),
            ("POST", "/tickets/Q-1/decide", Some(Load::Emergency)),
            ("POST", "/api/v1/tickets/Q-1/refuse", Some(Load::Emergency)),
            ("POST", "/api/v1/evidence/results", Some(Load::Intake)),
            ("POST", "/imports", Some(Load::Intake)),
            ("POST", "/api/v1/doubts/D1/resolve", Some(Load::Intake)),
            ("POST", "/api/v1/transfers/T1/claim", Some(Load::Work)),
            ("POST", "/items/assign", Some(Load::Work)),
            ("POST", "/api/v1/requests/R1/answer", Some(Load::Work)),
            ("POST", "/login", Some(Load::Work)),
            ("POST", "/csp-report", Some(Load::Board)),
        ] {
            let asked = Asked::of(&method.parse().unwrap(), path);
            assert_eq!(asked.load, load, "{method} {path}");
        }
    }

    #[test]
    fn a_command_is_known_by_its_path_in_the_api_and_in_the_console() {
        for command in dayclear_core::command::COMMANDS {
            for root in ["", "/api/v1"] {
                let one = format!("{root}/{}/K1/{}", command.on, command.verb);
                let many = format!("{root}/{}/{}", command.on, command.verb);
                for path in [one, many] {
                    let asked = Asked::of(&Method::POST, &path);
                    assert_eq!(asked.command.map(Command::name), Some(command.name()), "{path}");
                    assert_eq!(asked.load, Some(command.load), "{path}");
                }
            }
        }
    }
}
