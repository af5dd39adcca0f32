//! Papers to be printed: one or a district's, as one file of pages, each in the language of whoever is to read it. They go to a file first,
//! some hundred at a time, then the printing is noted, then the file leaves; so a hundred thousand take no more memory than a page.

use super::{
    asking::Asked,
    audit,
    endpoint::{Endpoint, Operation},
    exports::turn,
    lists,
    openapi::parameters,
    spool,
};
use crate::{app::App, caller::Caller, notices, pages::printed::POLICY, problem::Problem, routing::get};
use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, Method, StatusCode, header},
    response::Response,
};
use dayclear_core::{
    access::{Class, Role, Sight, export_rows_max},
    command::{Command, Load},
    listing::{NOTICES, Query},
};
use dayclear_ops::{desk::Refusal, listing};
use dayclear_papers::{
    Office,
    notices::{END, begin, blocks},
};
use serde_json::{Value, json};
use std::{
    io::{Seek, SeekFrom, Write},
    sync::Arc,
};

/// Papers made at a time.
const PAGE: usize = 500;
/// Of so few papers it is noted whose they were; of more, how many and by which filter.
const NAMED_MAX: usize = 20;

/// Roles that print: those who hand papers over.
pub fn printers() -> &'static [Role] {
    Command::named("notices", "deliver").map(|command| command.roles).unwrap_or_default()
}

/// The one route.
pub fn endpoints() -> Vec<Endpoint> {
    let mut operation = Operation::new(Method::GET, "/api/v1/notices.html", "notices-html", "measures")
        .about(
            "Papers to be printed",
            "The papers of the list as one file of pages, with the filters of the list: each paper is a page of its own, in the language of \
             whoever is to read it, with the code by which they open it and appeal. Whole: `after` and `limit` are not taken. It is noted \
             who printed how many.",
        )
        .roles(printers())
        .under(Load::Work)
        .answers_as(200, "the papers", "text/html", json!({"type": "string"}))
        .problems(&[403]);
    operation.parameters = parameters::of_list(&NOTICES, false);
    let handler =
        get(async |State(app): State<Arc<App>>, caller: Caller, asked: Asked| print(&app, &caller, asked).await);
    vec![Endpoint { operation, handler }]
}

async fn print(app: &Arc<App>, caller: &Caller, asked: Asked) -> Result<Response, Problem> {
    lists::readable(app, caller, &NOTICES).await?;
    let role = caller.looker.duty.role;
    if !printers().contains(&role) {
        return Err(Problem::from(Refusal::NotYours { role, allowed: printers() }));
    }
    for (name, value) in &asked.0 {
        if matches!(name.as_str(), "after" | "limit") {
            let expected = "no place and no limit: a printing is whole; narrow it with filters";
            return Err(super::asking::fault(name, value, expected).into());
        }
    }
    let mut query = asked.question(&NOTICES, app.zone())?;
    query.limit = PAGE;
    let held = turn(app).await?;
    let (lang, zone, exercise) = (caller.lang, app.office().zone.to_owned(), app.office().exercise);
    let title = dayclear_papers::Words::of(lang).say("list-notices");
    let mut file = tempfile::tempfile().map_err(Problem::inside)?;
    file.write_all(begin(lang, &title).map_err(Problem::inside)?.as_bytes()).map_err(Problem::inside)?;
    let (mut count, mut people, rows_max) = (0u64, Vec::new(), export_rows_max(role));
    let named = caller.looker.shown(Class::Personal, None) == Sight::Plain;
    let mut tx = app.store().look(&caller.looker.scope()).await?.as_of(app.now());
    loop {
        let page = listing::page(&mut tx, &caller.looker, &NOTICES, &query).await?.ok_or_else(Problem::unknown)?;
        let ids: Vec<&str> = page.rows.iter().filter_map(|row| row.get(&NOTICES, "id").as_str()).collect();
        let printed = tx.printed(&ids).await?;
        count += printed.len() as u64;
        if count > rows_max {
            let detail = format!("more than {rows_max} papers; narrow the filter, or take a part after the other");
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                "export-limit",
                "More than may be printed at once",
                detail,
            ));
        }
        people.extend(
            printed.iter().take(NAMED_MAX + 1).filter_map(|p| p.notice.person.as_ref().map(|(id, _)| id.clone())),
        );
        let papers: Vec<_> = printed
            .iter()
            .filter_map(|one| Some((notices::lang_of(one, lang), notices::paper(app, one, named)?)))
            .collect();
        let zone = zone.clone();
        let written = tokio::task::spawn_blocking(move || -> Result<std::fs::File, Problem> {
            let text = blocks(&papers, Office { zone: &zone, exercise }).map_err(Problem::inside)?;
            file.write_all(text.as_bytes()).map_err(Problem::inside)?;
            Ok(file)
        });
        file = written.await.map_err(Problem::inside)??;
        let Some(next) = page.next else { break };
        query.after = Query::read(&NOTICES, [("after", next.as_str())], app.zone())?.after;
    }
    drop((tx, held));
    file.write_all(END.as_bytes()).map_err(Problem::inside)?;
    let bytes = file.stream_position().map_err(Problem::inside)?;
    file.seek(SeekFrom::Start(0)).map_err(Problem::inside)?;
    people.sort_unstable();
    people.dedup();
    let subjects: Vec<&str> = match people.len() {
        0..=NAMED_MAX => people.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    let filter: serde_json::Map<String, Value> = asked
        .0
        .iter()
        .map(|(name, value)| (name.clone(), if name == "person" { "...".into() } else { value.clone().into() }))
        .collect();
    audit(app, caller, "print", "notices", &subjects, "done", json!({"rows": count, "filter": filter})).await?;
    let mut response = Response::new(Body::from_stream(spool::stream(file)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::CONTENT_LENGTH, bytes.into());
    Ok(response)
}
