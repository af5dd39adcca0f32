//! The API for people: one page made from the operations, and the frame of the pages beside it. It works without script
//! and takes nothing from elsewhere.

use super::{
    endpoint::Operation,
    openapi::{TAGS, parameters},
};
use crate::assets;
use axum::response::Html;
use dayclear_core::access::Role;
use serde_json::Value;
use std::fmt::Write as _;

/// Text as it may stand in a page.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A page with this title and content.
pub fn page(title: &str, content: &str) -> Html<String> {
    let (title, style) = (escaped(title), assets::path("console.css"));
    Html(format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
         <link rel=\"stylesheet\" href=\"{style}\"></head>\n<body><main class=\"api\"><h1>{title}</h1>\n{content}\n\
         </main></body></html>\n"
    ))
}

/// The whole API on one page.
pub fn overview<'o>(operations: impl Iterator<Item = &'o Operation> + Clone) -> Html<String> {
    let mut out = String::from(
        "<p>The same as a document for programs: <a href=\"/api/openapi.json\">/api/openapi.json</a> (OpenAPI 3.1). \
         Errors: <a href=\"/api/problems\">the index of errors</a>.</p>\n<nav aria-label=\"Stations\"><ul>",
    );
    for (tag, about) in TAGS {
        // writing to a string does not fail
        let _ = write!(out, "<li><a href=\"#{tag}\">{tag}</a>: {}</li>", escaped(about));
    }
    out.push_str("</ul></nav>\n");
    for (tag, about) in TAGS {
        let _ = writeln!(out, "<section id=\"{tag}\"><h2>{tag}</h2><p>{}</p>", escaped(about));
        for operation in operations.clone().filter(|operation| operation.tag == *tag) {
            one(&mut out, operation);
        }
        out.push_str("</section>\n");
    }
    page("Dayclear API", &out)
}

fn one(out: &mut String, operation: &Operation) {
    let _ = write!(
        out,
        "<details id=\"{}\"><summary><code>{} {}</code> {}</summary>",
        operation.id,
        operation.method,
        escaped(&operation.path),
        escaped(&operation.summary)
    );
    let _ = write!(out, "<p>{}</p>", escaped(&operation.description));
    let roles: Vec<&str> = operation.roles.iter().map(|role| role.name()).collect();
    let roles = match (operation.public, roles.len() == Role::ALL.len()) {
        (true, _) => "everybody, without a session".to_owned(),
        (_, true) => "every role".to_owned(),
        _ => roles.join(", "),
    };
    let _ = write!(out, "<p>For: {roles}. Shed under load as: {}.", operation.load);
    out.push_str(if operation.step_up { " Wants a second factor of the last ten minutes.</p>" } else { "</p>" });
    if !operation.parameters.is_empty() {
        out.push_str("<table><thead><tr><th scope=\"col\">parameter</th><th scope=\"col\">in</th><th scope=\"col\">meaning</th><th scope=\"col\">holds</th></tr></thead><tbody>");
        let shared = parameters::components();
        for parameter in &operation.parameters {
            let name = parameter["$ref"].as_str().and_then(|name| name.rsplit('/').next());
            let parameter = name.and_then(|name| shared.get(name)).unwrap_or(parameter);
            let text = |name: &str| escaped(parameter[name].as_str().unwrap_or_default());
            let _ = write!(
                out,
                "<tr><th scope=\"row\"><code>{}</code>{}</th><td>{}</td><td>{}</td><td>{}</td></tr>",
                text("name"),
                if parameter["required"] == true { " (must)" } else { "" },
                text("in"),
                text("description"),
                escaped(&holds(&parameter["schema"]))
            );
        }
        out.push_str("</tbody></table>");
    }
    for (media, content) in &operation.body {
        let _ = write!(out, "<p>Body, <code>{media}</code>:</p><pre><code>{}</code></pre>", pretty(&content["schema"]));
    }
    for (status, about, contents) in &operation.answers {
        let kinds: Vec<&str> = contents.keys().map(String::as_str).collect();
        let _ = write!(out, "<p>Answer {status}: {} ({}).</p>", escaped(about), kinds.join(", "));
    }
    let statuses: Vec<String> = operation.problems.iter().map(u16::to_string).collect();
    let _ = writeln!(out, "<p>Problems: {}.</p></details>", statuses.join(", "));
}

fn pretty(schema: &Value) -> String {
    escaped(&serde_json::to_string_pretty(schema).unwrap_or_default())
}

/// What a parameter holds, in a few words.
fn holds(schema: &Value) -> String {
    if let Some(terms) = schema["enum"].as_array() {
        let terms: Vec<&str> = terms.iter().filter_map(Value::as_str).collect();
        return terms.join(", ");
    }
    if let Some(several) = schema["anyOf"].as_array() {
        return several.iter().map(holds).collect::<Vec<_>>().join(" or ");
    }
    if schema["type"] == "array" {
        return format!("one or several of: {}", holds(&schema["items"]));
    }
    let text = |name: &str| schema[name].as_str();
    text("format").or(text("const")).or(text("type")).unwrap_or("a value").to_owned()
}
