//! The plan of a round: what it takes, who waits how long in which hour, and by which clauses. Its sites are the list
//! `round_sites`. It tells of nobody in particular.

use super::{
    asking::{self, Asked, Key},
    endpoint::{Endpoint, Operation},
    lists,
    openapi::{parameters, schemas},
    values,
};
use crate::{
    BODY_BYTES_MAX,
    app::App,
    caller::Caller,
    pages::form,
    problem::Problem,
    routing::{get, post},
};
use axum::{
    Json,
    extract::{Request, State},
    http::Method,
    response::{IntoResponse, Response},
};
use dayclear_core::{
    command::{Command, Load},
    listing::ROUNDS,
};
use dayclear_ops::desk;
use dayclear_store::plans::PlanRow;
use serde_json::{Value, json};
use std::sync::Arc;

/// What is said of a plan.
fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "round": {"type": "string"},
            "made_at": {"type": "string", "format": "date-time"},
            "refusal": {"type": ["string", "null"], "description": "why it cannot be, with the clause"},
            "people": {"type": "integer", "description": "people on the roster whom it is for"},
            "expected": {"type": ["integer", "null"], "description": "of them expected to come, after those of the last round"},
            "sites": {"type": "integer", "description": "sampling sites"},
            "refused": {"type": ["object", "null"], "description": "kind of refusal and clause"},
            "totals": {"type": ["object", "null"], "description": "sums: samplers, hours, tubes, couriers, runs of instruments"},
            "tests_cost": {"type": ["number", "null"], "description": "price of the tests, where every laboratory's is known"},
            "pools": {"type": "object", "description": "tubes by size; those of households under 0"},
            "hours": {"type": "array", "description": "hour by hour: people called, and minutes that 19 in 20 of them wait at most"},
            "attended": {"type": ["array", "null"], "description": "round whose attendance is expected again, people of it here, and those who came"},
            "found": {"type": ["object", "null"], "description": "what tests of this purpose found in the last rounds, and what follows"},
            "reasons": {"type": "array", "description": "clauses that were applied"},
            "conditions": {"type": ["object", "null"], "description": "numbers that no rule gives"},
        },
        "required": ["round", "made_at", "refusal", "people", "expected", "sites", "refused", "totals", "tests_cost", "pools", "hours",
                     "attended", "found", "reasons", "conditions"],
        "additionalProperties": false,
    })
}

/// The plan of a round, and what a round would take that is not made.
pub fn endpoints() -> Vec<Endpoint> {
    let operation = Operation::new(Method::GET, "/api/v1/rounds/{key}/plan", "rounds-plan-of", "screening")
        .about(
            "What a round takes",
            "As it was planned last, from the roster: sums, pools, hours, clauses. A round is planned by itself soon after it was \
             made, and again when another one was closed. Its sites are rows of round_sites.",
        )
        .roles(ROUNDS.readers)
        .takes(parameters::key("key", "round"))
        .under(Load::Board)
        .answers(200, "the plan", schema());
    let handler = get(async |State(app): State<Arc<App>>, caller: Caller, Key(key): Key, asked: Asked| {
        asked.only([])?;
        answer(&app, &caller, &key).await
    });
    let mut all = vec![Endpoint { operation, handler }];
    if let Some(command) = Command::named("rounds", "plan") {
        let mut operation = Operation::new(Method::POST, "/api/v1/rounds/estimate", "rounds-estimate", "screening")
            .about("What a round would take", "Judged and planned as rounds.plan would, and nothing is made or kept.")
            .roles(command.roles)
            .under(command.load)
            .body("application/json", schemas::body(command.fields))
            .answers(200, "the plan", schema())
            .problems(&[403, 409, 413, 415, 422]);
        operation.body_required = true;
        let handler = post(async |State(app): State<Arc<App>>, caller: Caller, asked: Asked, request: Request| {
            asked.only([])?;
            estimate(&app, &caller, command, request).await
        });
        all.push(Endpoint { operation, handler });
    }
    all
}

async fn estimate(
    app: &Arc<App>,
    caller: &Caller,
    command: &'static Command,
    request: Request,
) -> Result<Response, Problem> {
    lists::readable(app, caller, &ROUNDS).await?;
    let body = asking::object(request, BODY_BYTES_MAX, true).await?;
    let input = desk::read(command.fields, &values::given(command.fields, &body, app.zone())?, app.zone())?;
    let plan = desk::estimate(app.store(), &form::doing(app, caller, None), &input).await?;
    Ok(Json(object(app, &plan)?).into_response())
}

async fn answer(app: &Arc<App>, caller: &Caller, key: &str) -> Result<Response, Problem> {
    lists::readable(app, caller, &ROUNDS).await?;
    let mut tx = app.store().look(&app.own_scope()).await?;
    let plan = tx.round_plan(key).await?.ok_or_else(Problem::unknown)?;
    Ok(Json(object(app, &plan)?).into_response())
}

fn object(app: &App, plan: &PlanRow) -> Result<Value, Problem> {
    let mut told: Value = serde_json::from_str(&plan.body).map_err(Problem::inside)?;
    told["round"] = json!(plan.round);
    told["made_at"] = json!(app.zone().text(plan.made_at));
    told["refusal"] = json!(plan.refusal);
    told["people"] = json!(plan.people);
    told["expected"] = json!(plan.expected);
    told["sites"] = json!(plan.sites);
    Ok(told)
}
