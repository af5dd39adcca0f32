//! The index of errors: every kind of problem with its status, its meaning and its remedy, readable at
//! `/api/problems/KIND`, which is the `type` of every problem. A test compares it with the kinds that the code uses.

use super::{
    asking::Key,
    browse::{self, escaped},
    endpoint::{Endpoint, Operation},
};
use crate::{problem::Problem, routing::get};
use axum::{
    http::Method,
    response::{IntoResponse, Response},
};
use serde_json::json;

/// A kind of problem.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Last word of its type.
    pub name: &'static str,
    /// Status.
    pub status: u16,
    /// Meaning.
    pub about: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

const fn kind(name: &'static str, status: u16, about: &'static str, remedy: &'static str) -> Kind {
    Kind { name, status, about, remedy }
}

/// Every kind.
pub const KINDS: &[Kind] = &[
    kind(
        "query",
        400,
        "a parameter of the query is not understood",
        "correct the parameter named in `errors`, or leave it out",
    ),
    kind("json", 400, "the body is no JSON of the expected shape", "correct it at the place named in `detail`"),
    kind("form", 400, "the form cannot be read", "load the page again and send it once more"),
    kind("path", 400, "the path cannot be read", "percent-encode the key as UTF-8"),
    kind("cut-off", 400, "the body did not arrive whole", "send it again, with the same Idempotency-Key"),
    kind(
        "table",
        400,
        "the body cannot be read as the table it should be",
        "compare its header with the document, or give a mapping",
    ),
    kind(
        "idempotency-key",
        400,
        "the header Idempotency-Key cannot be taken",
        "give 1 to 64 visible ASCII characters, new for each command",
    ),
    kind("topics", 400, "a stream of live updates without topics", "name some of those in `detail`"),
    kind("no-session", 401, "nobody is logged in", "log in, or bring a token in the header Authorization: Bearer"),
    kind("not-yours", 403, "the role may not do this", "ask somebody with one of the roles named in `detail`"),
    kind("step-up", 403, "a fresh second factor is needed", "confirm with a code, then send it again"),
    kind(
        "export-limit",
        403,
        "more rows than this role may take away at once",
        "narrow the filter, or ask the district command",
    ),
    kind("refused", 403, "the login, the password or the code is not right", "correct them, or ask the administrator"),
    kind("past-the-proxy", 403, "the request went past the proxy", "use the address that people are given"),
    kind(
        "forged",
        403,
        "a form without the word of its session, or from another site",
        "open the page again and send it from there",
    ),
    kind("unknown", 404, "it does not exist, or not for this duty", "check the address, or change the duty"),
    kind("no-place", 404, "the place named by `after` is not in the list", "begin again without `after`"),
    kind("method", 405, "the address does not take this method", "use a method of the header Allow"),
    kind(
        "doubtful",
        409,
        "the one row contradicts what is known, or cannot be taken as it is; nothing was stored",
        "correct the fields named in `errors`",
    ),
    kind("double", 409, "there is one like it already", "use the one there is, or another name"),
    kind(
        "in-flight",
        409,
        "the same command is being done at this moment",
        "wait, then send it again with the same key for its answer",
    ),
    kind(
        "taken",
        409,
        "the scarce thing has been taken by somebody else",
        "choose another; `detail` says who has it and since when",
    ),
    kind("state", 409, "the record stands otherwise than the command needs", "look at the record, then decide again"),
    kind("closed", 409, "the day is closed and signed", "what comes later belongs to the next day"),
    kind("name-taken", 409, "there is one of this name already", "choose another name, or change the one there is"),
    kind(
        "stale",
        412,
        "somebody else changed the same fields",
        "look at the current values in the answer, then decide again with the new ETag",
    ),
    kind("too-long", 413, "the body is longer than it may be", "send fewer rows at a time, or import them as a file"),
    kind("too-large", 413, "the request is larger than it may be", "send less at a time"),
    kind(
        "media-type",
        415,
        "a body of another kind than is taken here",
        "name one of the kinds in `detail` in the header Content-Type",
    ),
    kind(
        "invalid",
        422,
        "what was given cannot be taken",
        "correct the fields named in `errors`, each with what was expected",
    ),
    kind("other-body", 422, "the Idempotency-Key was used for another command", "use a new key for a new command"),
    kind(
        "no-version",
        428,
        "a change without the version it rests on",
        "read the record, and send its ETag in the header If-Match",
    ),
    kind(
        "too-many",
        429,
        "too many requests, or more people looked at than the work of an hour needs",
        "wait for the seconds of Retry-After",
    ),
    kind(
        "too-often",
        429,
        "too many requests in a short time",
        "wait for the seconds of Retry-After, then go on more slowly",
    ),
    kind("wait", 429, "too many attempts to log in", "wait for the seconds of Retry-After"),
    kind("too-many-streams", 429, "too many live pages at once", "close some of them"),
    kind("inside", 500, "something failed on our side and was logged", "try again; tell the administrator if it stays"),
    kind(
        "too-slow",
        503,
        "it took too long and was given up",
        "look what was done, or send it again with the same Idempotency-Key",
    ),
    kind(
        "no-exercise",
        409,
        "the request says that what it tells is made up, and this service is no exercise",
        "play the drill against a service that was started as an exercise (`dayclear serve --clock`)",
    ),
    kind(
        "store-busy",
        503,
        "others were at the store for too long, and nothing of this was done",
        "try again after the seconds of Retry-After, a command with the same Idempotency-Key",
    ),
    kind("busy", 503, "there is too much to do, and this can wait", "try again after the seconds of Retry-After"),
    kind(
        "no-font",
        503,
        "this machine has no font with the signs of the paper",
        "install one (Debian: `fonts-noto-cjk`), or name its folder in the setting `fonts`",
    ),
];

/// Routes of the index.
pub fn endpoints() -> Vec<Endpoint> {
    let html = |operation: Operation| {
        operation.open_to_all().answers_as(200, "a page", "text/html", json!({"type": "string"}))
    };
    vec![
        Endpoint {
            operation: html(
                Operation::new(Method::GET, "/api/problems", "problems", "api")
                    .about("The index of errors", "Every kind of problem with its meaning and remedy."),
            ),
            handler: get(async || index()),
        },
        Endpoint {
            operation: html(
                Operation::new(Method::GET, "/api/problems/{kind}", "problems-kind", "api")
                    .about("One kind of error", "Its meaning and remedy; the address is the `type` of the problem.")
                    .takes(json!({"name": "kind", "in": "path", "required": true, "description": "kind",
                        "schema": {"type": "string", "enum": KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>()}})),
            ),
            handler: get(async |Key(name): Key| one(&name)),
        },
    ]
}

fn row(kind: &Kind) -> String {
    format!(
        "<tr><th scope=\"row\"><a href=\"/api/problems/{0}\"><code>{0}</code></a></th><td>{1}</td><td>{2}</td><td>{3}</td></tr>\n",
        kind.name,
        kind.status,
        escaped(kind.about),
        escaped(kind.remedy)
    )
}

fn table(rows: &str) -> String {
    format!(
        "<table><thead><tr><th scope=\"col\">kind</th><th scope=\"col\">status</th><th scope=\"col\">meaning</th>\
         <th scope=\"col\">what to do</th></tr></thead>\n<tbody>{rows}</tbody></table>"
    )
}

fn index() -> Response {
    let rows: String = KINDS.iter().map(row).collect();
    let text =
        "<p>Every error of the API is a problem in the sense of RFC 9457. Its <code>type</code> is one of these.</p>";
    browse::page("Errors of the API", &format!("{text}{}", table(&rows))).into_response()
}

fn one(name: &str) -> Result<Response, Problem> {
    let kind = KINDS.iter().find(|kind| kind.name == name).ok_or_else(Problem::unknown)?;
    let back = "<p><a href=\"/api/problems\">All errors</a></p>";
    Ok(browse::page(&format!("Error: {}", kind.name), &format!("{}{back}", table(&row(kind)))).into_response())
}
