//! Evidence from outside: rows of the declared tables, posted one or many at a time. One row is taken or refused; many are
//! taken as far as they go, with counts that add up and every row that was kept aside.

use super::{
    asking::{self, Asked, truth},
    audit,
    endpoint::{Endpoint, Operation},
    imports::XLSX,
    once::{Once, key_of},
    openapi::{parameters, schemas},
    rows::Rows,
    values,
};
use crate::{BODY_BYTES_MAX, app::App, caller::Caller, problem::Problem, routing::post};
use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode},
    response::{IntoResponse, Response},
};
use dayclear_core::{
    access::{Duty, Role},
    evidence::{EVIDENCE, Evidence, Tells},
    schema::Table,
};
use dayclear_ops::{
    OpsError,
    desk::{DeskError, Doing, Refusal},
    evidence,
    imports::{self, Brought, How, Keep, Opening},
    line,
    minutes::Day,
};
use dayclear_store::{Scope, landing::Tally};
use dayclear_tabular::{Options, Reader};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{io::Cursor, sync::Arc};

/// Routes of every table of the day.
pub fn endpoints() -> Vec<Endpoint> {
    EVIDENCE.iter().filter(|evidence| evidence.tells != Tells::Published).map(route).collect()
}

fn route(evidence: &'static Evidence) -> Endpoint {
    let table = evidence.table;
    let header: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    let rows = json!({"type": "array", "maxItems": super::rows::ROWS_MAX, "items": schemas::evidence(table)});
    let operation = Operation::new(
        Method::POST,
        format!("/api/v1/evidence/{}", table.name),
        format!("evidence-{}", table.name),
        "intake",
    )
    .about(
        format!("Bring rows of {}", table.name),
        format!(
            "One row: {}. An object is one row, taken or refused; an array, NDJSON, CSV or XLSX are many, \
                     taken as far as they go. The same row sent again changes nothing.",
            table.about
        ),
    )
    .roles(evidence.roles)
    .under(evidence.load)
    .takes(parameters::query("dry_run", "say what would be done, and do nothing", json!({"enum": ["true", "false"]})))
    .takes(parameters::idempotency_key())
    .body("application/json", json!({"oneOf": [schemas::body(table.columns), rows]}))
    .body("application/x-ndjson", json!({"type": "string", "description": "one object on each line"}))
    .body(
        "text/csv",
        json!({"type": "string", "pattern": format!("^{}\n", header.join(",")),
                    "description": "with a header; columns may stand in any order"}),
    )
    .body(XLSX, json!({"type": "string", "contentMediaType": "application/octet-stream"}))
    .answers(200, "what became of the rows", answer())
    .answers(201, "one row that is new", answer())
    .problems(&[403, 409, 413, 415, 422]);
    let handler = post(async move |State(app): State<Arc<App>>, caller: Caller, asked: Asked, request: Request| {
        bring(&app, &caller, evidence, &asked, request).await
    });
    Endpoint { operation, handler }
}

fn answer() -> Value {
    let mut schema = schemas::tally();
    schema["properties"]["doubts"] =
        json!({"type": "array", "items": {"$ref": "#/components/schemas/doubt"}, "description": "the first of them"});
    schema["properties"]["dry_run"] = json!({"type": "boolean"});
    if let Some(required) = schema["required"].as_array_mut() {
        required.extend(["doubts".into(), "dry_run".into()]);
    }
    schema
}

/// Whether the table is for the role to bring.
pub async fn allowed(app: &App, caller: &Caller, evidence: &'static Evidence) -> Result<(), Problem> {
    let role = caller.looker.duty.role;
    if evidence.roles.contains(&role) {
        return Ok(());
    }
    audit(app, caller, "evidence", evidence.table.name, &[], "refused", Value::Null).await?;
    Err(Refusal::NotYours { role, allowed: evidence.roles }.into())
}

/// The open day of the books as of now, under the rules in force.
pub async fn today(app: &App) -> Result<Day<'_>, OpsError> {
    let now = app.now();
    let mut tx = app.store().begin(&app.own_scope()).await?;
    let (date, closed_before) = line::open_day(&mut tx, now, app.zone()).await?;
    tx.commit().await?;
    let pack = dayclear_ops::day::pack_for(&app.setup.packs, &app.setup.pack, date)?;
    Ok(Day::at(date, closed_before, now, pack, &app.setup.settings))
}

/// A digest as text.
pub fn hex(digest: impl AsRef<[u8]>) -> String {
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A short digest of a text, by which a changed text is known.
pub fn digest(text: &str) -> String {
    hex(Sha256::digest(text.as_bytes()))[..16].to_owned()
}

/// Column that names the site of a role that is bound to one.
fn of_site(duty: &Duty, table: &Table) -> Option<usize> {
    let column = match duty.role {
        Role::Laboratory => "laboratory",
        Role::Facility => "facility",
        _ => return None,
    };
    table.position(column)
}

/// A role that is bound to a site speaks for it only.
fn own_site(duty: &Duty, table: &'static Table, rows: &Rows, mut reader: Reader) -> Result<(), Problem> {
    let Some(at) = of_site(duty, table) else { return Ok(()) };
    let site = duty.site.as_deref().unwrap_or_default();
    while let Some(row) = reader.next_row().map_err(|error| OpsError::Table(Box::new(error)))? {
        let Ok(row) = row else { continue };
        if row.text(at) != Some(site) {
            let name = table.columns[at].name;
            let field = if rows.single { name.to_owned() } else { format!("[{}].{name}", rows.place(row.number())) };
            let given = Value::String(row.text(at).unwrap_or_default().to_owned());
            let fault = values::fault(&field, &given, "the site of this duty", "send rows of your own site only");
            return Err(Refusal::Invalid(vec![fault]).into());
        }
    }
    Ok(())
}

async fn bring(
    app: &App,
    caller: &Caller,
    evidence: &'static Evidence,
    asked: &Asked,
    request: Request,
) -> Result<Response, Problem> {
    allowed(app, caller, evidence).await?;
    let [dry_run] = asked.only(["dry_run"])?;
    let dry_run = truth("dry_run", dry_run)?;
    let headers = request.headers().clone();
    let body = asking::whole(request, BODY_BYTES_MAX).await?;
    let (table, zone) = (evidence.table, app.zone().clone());
    let rows = Rows::read(&asking::media(&headers), body, table, &zone)?;
    let csv = rows.csv.clone();
    let open: Opening = Arc::new(move || {
        Reader::new(table.name, Cursor::new(csv.clone()), table, &Options::new(zone.clone()))
            .map_err(|error| OpsError::Table(Box::new(error)))
    });
    let reader = open()?;
    let key = key_of(&headers)?;
    let once = Once::begin(app, caller, key).await?;
    let key = key.filter(|_| !dry_run);
    let told = if rows.nothing(open()?)? {
        told(&Brought::default(), &rows, dry_run)
    } else if evidence.tells == Tells::Facts {
        facts(app, caller, table, &rows, key, dry_run).await?
    } else {
        own_site(&caller.looker.duty, table, &rows, reader)?;
        things(app, caller, table, &rows, open, key, dry_run).await?
    };
    let taken = told["doubtful"] == 0 && told["rejected"] == 0;
    if rows.single && !taken {
        return Err(doubtful(&told));
    }
    let made = rows.single && !dry_run && told["created"] == 1;
    let status = if made { StatusCode::CREATED } else { StatusCode::OK };
    let mut response = (status, Json(told)).into_response();
    if once.replayed {
        response.headers_mut().insert("idempotent-replay", HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// What happened: taken with what follows from it at once.
async fn facts(
    app: &App,
    caller: &Caller,
    table: &'static Table,
    rows: &Rows,
    key: Option<&str>,
    dry_run: bool,
) -> Result<Value, Problem> {
    let doing = Doing {
        looker: &caller.looker,
        now: app.now(),
        stepped_up: caller.stepped_up,
        packs: &app.setup.packs,
        pack: &app.setup.pack,
        settings: &app.setup.settings,
        key,
        keys: None,
    };
    let how = evidence::How { keep_doubtful: !rows.single, dry_run };
    let given = evidence::Rows::Csv(rows.csv.to_vec());
    match app.together.take(app.store(), &doing, table, given, how).await {
        Ok((tally, mut doubts)) => {
            doubts.truncate(imports::DOUBTS_SHOWN_MAX);
            Ok(told(&Brought { tally, doubts, replay: None }, rows, dry_run))
        }
        // its shape was checked before, so this is what the row says
        Err(DeskError::Refused(Refusal::Invalid(errors))) if rows.single => {
            Err(Problem { errors, ..doubtful(&Value::Null) })
        }
        Err(other) => Err(other.into()),
    }
}

/// What there is.
async fn things(
    app: &App,
    caller: &Caller,
    table: &'static Table,
    rows: &Rows,
    open: Opening,
    key: Option<&str>,
    dry_run: bool,
) -> Result<Value, Problem> {
    let mut hash = Sha256::new();
    hash.update(table.name);
    hash.update([0, u8::from(rows.single)]);
    hash.update(&rows.csv);
    let digest = hex(hash.finalize());
    let day = today(app).await?;
    let how = How {
        day: &day,
        source: &format!("{}-{}", table.name, &digest[..12]),
        digest: &digest,
        list: "",
        bytes: rows.csv.len() as u64,
        account: &caller.looker.account,
        keep: match (dry_run, rows.single) {
            (true, _) => Keep::Nothing,
            (false, true) => Keep::AllOrNone,
            (false, false) => Keep::Together,
        },
        once: key.map(|key| (caller.looker.account.as_str(), key)),
    };
    let scope = Scope::of(caller.looker.duty.division.clone());
    let kept = |brought: &Brought| told(brought, rows, dry_run).to_string();
    let brought = imports::bring(app.store(), &scope, &how, table, open, &kept, &mut |_, _| {}).await?;
    match &brought.replay {
        Some(answer) => serde_json::from_str(answer).map_err(Problem::inside),
        None => Ok(told(&brought, rows, dry_run)),
    }
}

/// What became of rows, as an object.
pub fn told(brought: &Brought, rows: &Rows, dry_run: bool) -> Value {
    let empty = rows.empty.len() as u64;
    let tally = Tally { read: brought.tally.read + empty, rejected: brought.tally.rejected + empty, ..brought.tally };
    let mut told = json!(tally);
    let nothing = rows.empty.iter().take(imports::DOUBTS_SHOWN_MAX).map(|place| {
        json!({"row": place, "column": "", "value": "", "expected": "a row in which something stands",
            "remedy": "fill it in, or leave it out", "code": "missing"})
    });
    let doubts = brought.doubts.iter().map(|doubt| {
        json!({"row": rows.place(doubt.row), "column": doubt.column, "value": doubt.value,
                "expected": doubt.expected, "remedy": doubt.remedy, "code": doubt.code})
    });
    told["doubts"] = nothing.chain(doubts).collect();
    told["dry_run"] = dry_run.into();
    told
}

/// One row that cannot be taken.
fn doubtful(answer: &Value) -> Problem {
    let detail = "the row cannot be taken as it is, so nothing was stored; correct the fields named in `errors`";
    let mut problem = Problem::new(StatusCode::CONFLICT, "doubtful", "A row that cannot be taken", detail);
    for doubt in answer["doubts"].as_array().into_iter().flatten() {
        let text = |name: &str| doubt[name].as_str().unwrap_or_default();
        problem.errors.push(values::fault(text("column"), &doubt["value"], text("expected"), text("remedy")));
    }
    problem
}
