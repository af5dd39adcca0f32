//! What a word of a dispatcher would cost, before it is said. It keeps nothing; a duty asks of transfers that it sees and may direct.

use super::{
    asking::{Asked, Key, fault},
    endpoint::{Endpoint, Operation},
    lists,
    openapi::parameters,
};
use crate::{app::App, caller::Caller, pages, problem::Problem, routing::get};
use axum::{
    Json,
    extract::State,
    http::Method,
    response::{IntoResponse, Response},
};
use dayclear_core::{
    command::{Command, Load},
    listing::TRANSFERS,
    transfer::Direction,
};
use dayclear_ops::{
    desk::{FieldFault, Refusal},
    dispatch::price::{Way, Word},
};
use serde_json::{Value, json};
use std::sync::Arc;

/// The one route.
pub fn endpoints() -> Vec<Endpoint> {
    let Some(command) = Command::named("transfers", "pin") else { return Vec::new() };
    let text = |name: &str, about: &str| parameters::query(name, about, json!({"type": "string", "minLength": 1}));
    let way = json!({"type": ["object", "null"], "description": "null: without a seat", "properties": {
        "vehicle": {"type": "string"}, "facility": {"type": "string"},
        "pickup_at": {"type": "string", "format": "date-time"}, "arrive_at": {"type": "string", "format": "date-time"}}});
    let operation = Operation::new(Method::GET, "/api/v1/transfers/{key}/price", "transfers-price", "transfer")
        .about(
            "What a word would cost",
            "Everybody who can still be planned otherwise is planned twice, as things stand and with the word: how the person goes, minutes of \
             waiting and of riding more or fewer over all others, who arrives five minutes later or sooner, who has no seat. Nothing is kept.",
        )
        .roles(command.roles)
        .takes(parameters::key("key", "transfer"))
        .takes(json!({"name": "word", "in": "query", "required": true, "schema": {"type": "string", "enum": Direction::NAMES},
            "description": "pin and forbid name a vehicle, a facility or both"}))
        .takes(text("vehicle", "vehicle that is meant"))
        .takes(text("facility", "place that is meant"))
        .under(Load::Board)
        .problems(&[422])
        .answers(
            200,
            "the price, or why there is none",
            json!({
                "type": "object",
                "properties": {
                    "unpriced": {"type": ["string", "null"], "enum": ["settled", "too_many", null]},
                    "now": way, "then": way,
                    "waiting_min": {"type": "integer"}, "riding_min": {"type": "integer"},
                    "later": {"type": "integer"}, "sooner": {"type": "integer"},
                    "without": {"type": "array", "items": {"type": "integer"}, "description": "people without a seat, as things stand and with the word"},
                },
                "required": ["unpriced"],
            }),
        );
    let handler = get(async |State(app): State<Arc<App>>, caller: Caller, Key(key): Key, asked: Asked| {
        answer(&app, &caller, &key, &asked).await
    });
    vec![Endpoint { operation, handler }]
}

async fn answer(app: &Arc<App>, caller: &Caller, key: &str, asked: &Asked) -> Result<Response, Problem> {
    lists::readable(app, caller, &TRANSFERS).await?;
    // whoever may not say the word has no use for its price
    let may = Command::named("transfers", "pin").is_some_and(|pin| pin.roles.contains(&caller.looker.duty.role));
    if !may {
        return Err(Problem::unknown());
    }
    let [word, vehicle, facility] = asked.only(["word", "vehicle", "facility"])?;
    let given = word.unwrap_or_default();
    let said: Direction =
        given.parse().map_err(|_| Problem::from(fault("word", given, Direction::NAMES.join(", "))))?;
    if matches!(said, Direction::Pin | Direction::Forbid) && vehicle.or(facility).is_none() {
        let remedy = "name the vehicle or the place that the word is about".to_owned();
        let fault = FieldFault {
            field: "vehicle".to_owned(),
            value: String::new(),
            expected: "a vehicle or a facility".to_owned(),
            remedy,
        };
        return Err(Refusal::Invalid(vec![fault]).into());
    }
    let mut tx = app.store().look(&caller.looker.scope()).await?;
    if tx.records(&TRANSFERS, &[key]).await?.is_empty() {
        return Err(Problem::unknown());
    }
    drop(tx);
    let word = Word { word: said, vehicle: vehicle.map(str::to_owned), facility: facility.map(str::to_owned) };
    let value = match pages::price_of(app, key, word).await? {
        Err(why) => json!({"unpriced": why.name()}),
        Ok(price) => {
            let way = |way: &Option<Way>| match way {
                None => Value::Null,
                Some(way) => json!({"vehicle": way.vehicle, "facility": way.facility,
                    "pickup_at": app.zone().text(way.pickup), "arrive_at": app.zone().text(way.arrives)}),
            };
            json!({"unpriced": null, "now": way(&price.now), "then": way(&price.then), "waiting_min": price.waiting_min,
                "riding_min": price.riding_min, "later": price.later, "sooner": price.sooner, "without": price.without})
        }
    };
    Ok(Json(value).into_response())
}
