//! Doing things. The path names list, record and verb; the body is an object of the declared fields. The same verb on the
//! list itself takes many records, by `keys` or by the filter of the list, and answers with a report that adds up.

use super::{
    asking::{self, Asked, Key},
    endpoint::{Endpoint, Operation},
    lists,
    once::{Once, key_of},
    openapi::{parameters, schemas, station},
    values,
};
use crate::{BODY_BYTES_MAX, app::App, caller::Caller, problem::Problem, routing::post};
use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method},
    response::{IntoResponse, Response},
};
use dayclear_core::{
    command::{COMMANDS, Command},
    listing::{Holds, Listing, Query},
};
use dayclear_ops::desk::{self, Doing, FieldFault, Input, RECORDS_MAX, Refusal, Report, Verdict};
use serde_json::{Map, Value, json};
use std::{collections::BTreeSet, sync::Arc};

/// Routes of every command.
pub fn endpoints() -> Vec<Endpoint> {
    let mut all = Vec::new();
    for command in COMMANDS {
        let Some(listing) = Listing::named(command.on) else { continue };
        if command.records {
            all.push(record_route(command, listing));
        }
        all.push(list_route(command, listing));
    }
    all
}

fn said(operation: Operation, command: &'static Command) -> Operation {
    let mut operation = operation
        .about(command.about, format!("Command {}.", command.name()))
        .roles(command.roles)
        .under(command.load)
        .takes(parameters::idempotency_key())
        .answers(200, "what was done", json!({"$ref": "#/components/schemas/report"}))
        .problems(&[403, 409, 413, 415, 422]);
    operation.step_up = command.step_up;
    operation.body_required = false;
    operation
}

fn record_route(command: &'static Command, listing: &'static Listing) -> Endpoint {
    let path = format!("/api/v1/{}/{{key}}/{}", command.on, command.verb);
    let id = format!("{}-{}-one", command.on, command.verb);
    let body = schemas::body(command.fields);
    let mut operation = said(Operation::new(Method::POST, path, id, station(command.on)), command)
        .takes(parameters::key("key", listing.key))
        .body("application/json", body);
    operation.body_required = command.fields.iter().any(|field| field.required);
    let handler = post(
        async move |State(app): State<Arc<App>>, caller: Caller, Key(key): Key, asked: Asked, request: Request| {
            asked.only([])?;
            on_record(&app, &caller, command, listing, key, request).await
        },
    );
    Endpoint { operation, handler }
}

async fn on_record(
    app: &App,
    caller: &Caller,
    command: &'static Command,
    listing: &'static Listing,
    key: String,
    request: Request,
) -> Result<Response, Problem> {
    allowed(app, caller, command, listing).await?;
    let headers = request.headers().clone();
    let body = asking::object(request, BODY_BYTES_MAX, true).await?;
    let input = desk::read(command.fields, &values::given(command.fields, &body, app.zone())?, app.zone())?;
    let report = perform(app, caller, &headers, command, &[key], &input).await?;
    match report.0.verdicts.as_slice() {
        // of one record that was named in the path, a refusal is the answer
        [(_, Verdict::Refused(refusal))] => Err(refusal.clone().into()),
        _ => Ok(answered(report)),
    }
}

fn list_route(command: &'static Command, listing: &'static Listing) -> Endpoint {
    let path = format!("/api/v1/{}/{}", command.on, command.verb);
    let id = format!("{}-{}", command.on, command.verb);
    let mut body = schemas::body(command.fields);
    if command.records {
        let key = json!({"type": "string", "minLength": 1, "maxLength": 400, "pattern": schemas::VISIBLE});
        body["properties"]["keys"] = json!({"type": "array", "items": key, "minItems": 1, "maxItems": RECORDS_MAX,
            "uniqueItems": true, "description": "records it acts on"});
        body["properties"]["filter"] = parameters::filter(listing);
        body["properties"]["dry_run"] =
            json!({"type": "boolean", "description": "say on how many records it would act, and do nothing"});
        body["oneOf"] = json!([{"required": ["keys"]}, {"required": ["filter"]}]);
    }
    let mut operation =
        said(Operation::new(Method::POST, path, id, station(command.on)), command).body("application/json", body);
    operation.body_required = command.records || command.fields.iter().any(|field| field.required);
    let handler = post(async move |State(app): State<Arc<App>>, caller: Caller, asked: Asked, request: Request| {
        asked.only([])?;
        on_list(&app, &caller, command, listing, request).await
    });
    Endpoint { operation, handler }
}

async fn on_list(
    app: &App,
    caller: &Caller,
    command: &'static Command,
    listing: &'static Listing,
    request: Request,
) -> Result<Response, Problem> {
    allowed(app, caller, command, listing).await?;
    let headers = request.headers().clone();
    // no key is no key, even where nothing will be done
    key_of(&headers)?;
    let mut body = asking::object(request, BODY_BYTES_MAX, true).await?;
    let named = if command.records { Some(Named::read(listing, &mut body)?) } else { None };
    let input = desk::read(command.fields, &values::given(command.fields, &body, app.zone())?, app.zone())?;
    let keys = match &named {
        Some(named) => named.keys(app, caller, listing).await?,
        None => Vec::new(),
    };
    // a filter may mean nobody, and then there is nothing to do
    let dry_run = named.as_ref().is_some_and(|named| named.dry_run);
    if dry_run || (named.is_some() && keys.is_empty()) {
        let told = json!({"asked": keys.len(), "done": 0, "same": 0, "refused": [], "made": null, "dry_run": dry_run});
        return Ok(Json(told).into_response());
    }
    Ok(answered(perform(app, caller, &headers, command, &keys, &input).await?))
}

/// Whether the list exists for the caller and the command is theirs to do.
async fn allowed(
    app: &App,
    caller: &Caller,
    command: &'static Command,
    listing: &'static Listing,
) -> Result<(), Problem> {
    lists::readable(app, caller, listing).await?;
    let role = caller.looker.duty.role;
    let refusal = match (command.roles.contains(&role), command.step_up && !caller.stepped_up) {
        (false, _) => Refusal::NotYours { role, allowed: command.roles },
        (true, true) => Refusal::StepUp,
        (true, false) => return Ok(()),
    };
    super::audit(app, caller, "command", &command.name(), &[], "refused", Value::Null).await?;
    Err(refusal.into())
}

async fn perform(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    command: &'static Command,
    keys: &[String],
    input: &Input,
) -> Result<(Report, bool), Problem> {
    let key = key_of(headers)?;
    let once = Once::begin(app, caller, key).await?;
    let doing = Doing {
        looker: &caller.looker,
        now: app.now(),
        stepped_up: caller.stepped_up,
        packs: &app.setup.packs,
        pack: &app.setup.pack,
        settings: &app.setup.settings,
        key,
        keys: Some(&app.setup.keys),
    };
    let report = desk::perform(app.store(), &doing, command, keys, input).await?;
    Ok((report, once.replayed))
}

fn answered((report, replayed): (Report, bool)) -> Response {
    let mut response = Json(told(&report)).into_response();
    if replayed {
        response.headers_mut().insert("idempotent-replay", HeaderValue::from_static("true"));
    }
    response
}

/// A report as an object: counts that add up, and each refusal by key.
pub fn told(report: &Report) -> Value {
    let count = |wanted: fn(&Verdict) -> bool| report.verdicts.iter().filter(|(_, verdict)| wanted(verdict)).count();
    let refused: Vec<Value> = report
        .verdicts
        .iter()
        .filter_map(|(key, verdict)| match verdict {
            Verdict::Refused(refusal) => Some(json!({"key": key, "problem": Problem::from(refusal.clone())})),
            _ => None,
        })
        .collect();
    json!({
        "asked": report.verdicts.len(),
        "done": count(|verdict| *verdict == Verdict::Done),
        "same": count(|verdict| *verdict == Verdict::Same),
        "refused": refused,
        "made": report.made,
        "dry_run": false,
    })
}

/// How the records of a bulk command are named.
struct Named {
    keys: Option<Vec<String>>,
    filter: Vec<(String, String)>,
    dry_run: bool,
}

impl Named {
    fn read(listing: &Listing, body: &mut Map<String, Value>) -> Result<Named, Problem> {
        let (keys, filter, dry_run) = (body.remove("keys"), body.remove("filter"), body.remove("dry_run"));
        let dry_run = match dry_run {
            None => false,
            Some(Value::Bool(dry_run)) => dry_run,
            Some(other) => return Err(bad("dry_run", &other, "true or false", "say true to do nothing")),
        };
        match (keys, filter) {
            (Some(given), None) => {
                let expected = format!("a list of 1 to {RECORDS_MAX} different keys of records");
                let wrong = || bad("keys", &given, &expected, "name each record that the command acts on once");
                let keys: Vec<String> = serde_json::from_value(given.clone()).map_err(|_| wrong())?;
                let single: BTreeSet<&str> = keys.iter().map(String::as_str).collect();
                let fits =
                    |key: &String| (1..=400).contains(&key.chars().count()) && !key.chars().any(char::is_control);
                if keys.is_empty() || keys.len() > RECORDS_MAX || single.len() < keys.len() || !keys.iter().all(fits) {
                    return Err(wrong());
                }
                Ok(Named { keys: Some(keys), filter: Vec::new(), dry_run })
            }
            (None, Some(Value::Object(filter))) if !filter.is_empty() => {
                let mut pairs = Vec::with_capacity(filter.len());
                for (name, value) in filter {
                    let text = filter_text(listing, &name, &value);
                    let Some(text) = text else {
                        let field = format!("filter.{name}");
                        return Err(bad(
                            &field,
                            &value,
                            "a filter of the list: a value, or several in an array",
                            "correct it",
                        ));
                    };
                    pairs.push((name, text));
                }
                Ok(Named { keys: None, filter: pairs, dry_run })
            }
            (keys, filter) => {
                let given = keys.or(filter).unwrap_or_default();
                let expected = "either `keys` or `filter`, with at least one entry";
                Err(bad("keys", &given, expected, "name the records that the command acts on"))
            }
        }
    }

    /// The keys themselves; a filter is resolved within what the caller sees, and never to a part of what it means.
    async fn keys(&self, app: &App, caller: &Caller, listing: &'static Listing) -> Result<Vec<String>, Problem> {
        const PAGE: usize = 5_000;
        if let Some(keys) = &self.keys {
            return Ok(keys.clone());
        }
        let pairs = self.filter.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let mut query = Query::read(listing, pairs, app.zone()).map_err(|found| {
            let field = format!("filter.{}", found.parameter);
            bad(&field, &Value::String(found.value), &found.expected, "correct it")
        })?;
        query.limit = PAGE;
        let mut keys = Vec::new();
        let mut tx = app.store().look(&caller.looker.scope()).await?;
        loop {
            let page = dayclear_ops::listing::page(&mut tx, &caller.looker, listing, &query).await?;
            let page = page.ok_or_else(Problem::unknown)?;
            keys.extend(page.rows.iter().map(|row| row.get(listing, listing.key).text(app.zone())));
            if keys.len() > RECORDS_MAX {
                let expected = format!("a filter that means at most {RECORDS_MAX} records");
                return Err(bad("filter", &Value::Null, &expected, "narrow it, and do one part after the other"));
            }
            let Some(next) = page.next else { return Ok(keys) };
            query.after = Query::read(listing, [("after", next.as_str())], app.zone())?.after;
        }
    }
}

/// A filter of a body as the query would say it. A number is taken only where the field holds one, and a text with a comma
/// is not: the query would read it as several.
fn filter_text(listing: &Listing, name: &str, value: &Value) -> Option<String> {
    let field = name.strip_suffix(".from").or(name.strip_suffix(".to")).unwrap_or(name);
    let holds = listing.fields.get(listing.position(field)?)?.holds;
    let single = |value: &Value| match value {
        Value::String(text) if !text.is_empty() && !text.contains(',') => Some(text.clone()),
        Value::Number(number) if matches!(holds, Holds::Whole | Holds::Real) => Some(number.to_string()),
        _ => None,
    };
    match value {
        Value::Array(values) if !values.is_empty() => {
            Some(values.iter().map(single).collect::<Option<Vec<_>>>()?.join(","))
        }
        value => single(value),
    }
}

fn bad(field: &str, value: &Value, expected: &str, remedy: &str) -> Problem {
    let fault: FieldFault = values::fault(field, value, expected, remedy);
    Refusal::Invalid(vec![fault]).into()
}
