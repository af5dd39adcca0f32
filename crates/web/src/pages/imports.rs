//! Bringing files: a form with the table and a dry run, how far each import has come with counts that add up, files that
//! came in by day, and the rows kept aside, which a person works through one by one.

use super::{
    frame::{Frame, Visit, moment, render},
    list::Table,
    reading::Reading,
};
use crate::{
    api::{evidence, imports, mappings},
    app::App,
    problem::Problem,
};
use askama::Template;
use axum::{
    extract::{FromRequest, Multipart, Request, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use dayclear_core::{
    evidence::{EVIDENCE, Evidence},
    listing::{DOUBTS, FILES, Listing},
};
use dayclear_store::{jobs::State as Standing, landing::Tally};
use std::sync::Arc;

/// An import of this account.
pub struct Line {
    /// What it holds.
    pub table: String,
    /// Name under which its rows are kept aside.
    pub source: String,
    /// When it was brought.
    pub at: String,
    /// Tone and word of its state.
    pub state: (&'static str, String),
    /// Whether it is still read.
    pub running: bool,
    /// Share that is behind, in hundredths.
    pub percent: u64,
    /// Whether it is a trial.
    pub dry_run: bool,
    /// Counts: key of the word, number.
    pub tally: Vec<(String, String)>,
    /// Whether the counts add up.
    pub adds_up: bool,
    /// The rows kept aside.
    pub doubts: Option<String>,
    /// What went wrong.
    pub problem: Option<String>,
}

#[derive(Template)]
#[template(path = "imports.html")]
struct ImportsPage {
    frame: Frame,
    /// Megabytes of a file at most.
    mb_max: usize,
    tables: Vec<(String, String)>,
    mappings: Vec<(String, String)>,
    lines: Vec<Line>,
    doubts: Option<Table>,
    files: Table,
}

/// Words of the tables that are no list of the console.
const TABLES: &[(&str, &str)] = &[
    ("households", "table-households"),
    ("buildings", "table-buildings"),
    ("crews", "table-crews"),
    ("assessments", "table-assessments"),
    ("runs", "table-runs"),
    ("contacts_declared", "table-contacts_declared"),
    ("visits", "table-visits"),
    ("handovers", "table-handovers"),
    ("deliveries", "table-deliveries"),
    ("linelist", "table-linelist"),
    ("linelist_contacts", "table-linelist_contacts"),
    ("daily_cases", "table-daily_cases"),
    ("discovery_channels", "table-discovery_channels"),
    ("district_cases", "table-district_cases"),
];

/// Counts of a file in the order in which they are added up.
fn counts(frame: &Frame, tally: &Tally) -> Vec<(String, String)> {
    [
        ("field-read", tally.read),
        ("field-created", tally.created),
        ("field-updated", tally.updated),
        ("field-same", tally.same),
        ("field-doubtful", tally.doubtful),
        ("field-rejected", tally.rejected),
    ]
    .map(|(word, count)| (frame.say(word), frame.lang.number(count)))
    .to_vec()
}

/// What a table holds, in words of the console where its rows are a list of it.
fn table_said(frame: &Frame, name: &str) -> String {
    match Listing::named(name) {
        Some(_) => frame.say(&format!("list-{name}")),
        None => {
            let word = TABLES.iter().find(|(table, _)| *table == name);
            word.map_or_else(|| name.to_owned(), |(_, word)| frame.say(word))
        }
    }
}

/// `GET /imports`.
pub async fn page(State(app): State<Arc<App>>, visit: Visit) -> Result<Response, Problem> {
    const ROWS_SHOWN: usize = 25;
    let role = visit.caller.looker.duty.role;
    if !FILES.readable_by(role) {
        return Err(Problem::unknown());
    }
    let frame = &visit.frame;
    let brings = mappings::importers().contains(&role);
    let mut reading = Reading::begin(&app, &visit).await?;
    let (mut lines, mut saved) = (Vec::new(), Vec::new());
    if brings {
        let account = &visit.caller.looker.account;
        lines = reading.tx.imports_of(account).await?;
        saved = reading.tx.mappings_for(account).await?;
    }
    let doubts = reading.rows(&DOUBTS, &[("open", "true")], ROWS_SHOWN).await?.rows;
    let files = reading.rows(&FILES, &[], ROWS_SHOWN).await?.rows;
    let mut doubts = reading.table(&visit, &DOUBTS, &doubts, &[]);
    doubts.caption = frame.say("imports-doubts");
    let files = reading.table(&visit, &FILES, &files, &[]);
    reading.finish().await?;
    let tables = EVIDENCE.iter().filter(|evidence| evidence.roles.contains(&role));
    let tables = tables.map(|evidence| {
        let name = evidence.table.name;
        (name.to_owned(), format!("{} ({name})", table_said(frame, name)))
    });
    let line = |import: dayclear_store::jobs::Import| {
        let (tally, share) = imports::progress(&app, &import);
        let (tone, word) = match import.state {
            Standing::Waiting => ("wait", "import-waiting"),
            Standing::Running => ("busy", "import-running"),
            Standing::Done => ("good", "import-done"),
            Standing::Failed => ("bad", "import-failed"),
        };
        let aside = !import.dry_run && tally.doubtful + tally.rejected > 0;
        Line {
            table: table_said(frame, &import.table),
            at: moment(&app, frame.lang, import.created_at),
            state: (tone, frame.say(word)),
            running: import.ended_at.is_none(),
            percent: (share * 100.0).clamp(0.0, 100.0) as u64,
            dry_run: import.dry_run,
            adds_up: tally.adds_up(),
            tally: counts(frame, &tally),
            doubts: aside.then(|| format!("/doubts?source={}&open=true", super::show::part(&import.source))),
            problem: import.problem,
            source: import.source,
        }
    };
    let title = frame.say("nav-imports");
    let page = ImportsPage {
        tables: if brings { tables.collect() } else { Vec::new() },
        mappings: saved
            .into_iter()
            .map(|mapping| (mapping.id, format!("{} ({})", mapping.name, mapping.table)))
            .collect(),
        lines: lines.into_iter().map(line).collect(),
        doubts: (!doubts.lines.is_empty()).then_some(doubts),
        files,
        mb_max: app.config.limits.import_bytes_max >> 20,
        frame: visit.frame.titled(title, &[]),
    };
    render(&page)
}

fn bad(detail: &str) -> Response {
    Problem::new(StatusCode::BAD_REQUEST, "form", "The form cannot be read", detail).into_response()
}

/// `POST /imports`: a form with a file. The fields come before the file, so that it can be read while it comes in.
pub async fn bring(State(app): State<Arc<App>>, visit: Visit, request: Request) -> Result<Response, Response> {
    const FIELD_BYTES_MAX: usize = 300;
    let caller = &visit.caller;
    mappings::importing(caller).map_err(IntoResponse::into_response)?;
    let mut form = Multipart::from_request(request, &app).await.map_err(IntoResponse::into_response)?;
    let mut fields: Vec<(String, String)> = Vec::new();
    let given = |fields: &[(String, String)], name: &str| {
        fields.iter().find(|(n, value)| n == name && !value.is_empty()).map(|(_, value)| value.clone())
    };
    while let Some(field) = form.next_field().await.map_err(|_| bad("the form broke off; send it again"))? {
        let name = field.name().unwrap_or_default().to_owned();
        if name != "file" {
            let text = field.text().await.map_err(|_| bad("a field cannot be read; load the page again"))?;
            if fields.len() >= 16 || text.len() > FIELD_BYTES_MAX {
                return Err(bad("the form has more in it than the page asks for; load the page again"));
            }
            fields.push((name, text));
            continue;
        }
        if given(&fields, "csrf").is_none_or(|word| !crate::security::same(&word, &caller.csrf)) {
            return Err(Problem::forged().into_response());
        }
        let ending =
            match field.file_name().unwrap_or_default().rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()) {
                Some(end) if end == "csv" || end == "txt" => "csv",
                Some(end) if end == "xlsx" => "xlsx",
                _ => return Err(bad("choose a CSV or XLSX file")),
            };
        let table = given(&fields, "table").unwrap_or_default();
        let evidence = Evidence::named(&table).ok_or_else(|| bad("choose what the file holds"))?;
        evidence::allowed(&app, caller, evidence).await.map_err(IntoResponse::into_response)?;
        let mapping = match given(&fields, "mapping") {
            None => "{}".to_owned(),
            Some(id) => {
                let saved = mappings::usable(&app, caller, &id).await.map_err(IntoResponse::into_response)?;
                if saved.table != table {
                    return Err(bad("this mapping is for another table; choose another one"));
                }
                saved.columns
            }
        };
        let list = given(&fields, "list");
        let wanted = imports::Wanted {
            evidence,
            dry_run: given(&fields, "dry_run").is_some(),
            atomic: given(&fields, "atomic").is_some(),
            mapping,
            list: list.as_deref(),
            ending,
        };
        let import = imports::accept(&app, caller, wanted, field).await.map_err(IntoResponse::into_response)?;
        imports::begin(Arc::clone(&app), import);
        return Ok(Redirect::to("/imports").into_response());
    }
    Err(bad("choose a file"))
}
