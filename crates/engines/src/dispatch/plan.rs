//! A plan as it is written down: for each vehicle its steps in order, pick-ups and drop-offs by the ids of the instance. Reads
//! and writes the format of the instances (`{"routes": [{"vehicle": 3, "steps": [{"pickup": 17}, {"dropoff": 2}]}]}`).

use serde_json::{Value, json};
use thiserror::Error;

/// One step of a vehicle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Take a request on board.
    Pickup(i64),
    /// Leave people at a facility: everybody on board, or only those named.
    Dropoff(i64, Option<Vec<i64>>),
}

/// What one vehicle does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Id of the vehicle.
    pub vehicle: i64,
    /// In order, each as early as possible.
    pub steps: Vec<Step>,
}

/// Everything that is done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Itinerary {
    /// One for each vehicle that moves.
    pub routes: Vec<Route>,
}

/// A plan that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{at}: found {found}; expected {expected}")]
pub struct BadPlan {
    /// Where in the document.
    pub at: String,
    /// What stands there.
    pub found: String,
    /// What should.
    pub expected: &'static str,
}

impl Itinerary {
    /// The plan as a document.
    pub fn to_json(&self) -> Value {
        let step = |step: &Step| match step {
            Step::Pickup(id) => json!({ "pickup": id }),
            Step::Dropoff(id, None) => json!({ "dropoff": id }),
            Step::Dropoff(id, Some(who)) => json!({ "dropoff": id, "requests": who }),
        };
        let route = |route: &Route| json!({ "vehicle": route.vehicle, "steps": route.steps.iter().map(step).collect::<Vec<_>>() });
        json!({ "routes": self.routes.iter().map(route).collect::<Vec<_>>() })
    }

    /// Reads a plan; ids are looked up by [`super::examine`], not here.
    pub fn parse(text: &str) -> Result<Itinerary, BadPlan> {
        let bad = |at: &str, found: &dyn std::fmt::Display, expected| BadPlan {
            at: at.to_owned(),
            found: found.to_string(),
            expected,
        };
        let document: Value = serde_json::from_str(text).map_err(|error| bad("plan", &error, "a JSON document"))?;
        let list = |value: &Value, at: &str| -> Result<Vec<Value>, BadPlan> {
            value.as_array().cloned().ok_or_else(|| bad(at, value, "a list"))
        };
        let whole = |value: &Value, at: &str| value.as_i64().ok_or_else(|| bad(at, value, "a whole number"));
        let mut plan = Itinerary::default();
        for (r, route) in list(&document["routes"], "routes")?.iter().enumerate() {
            let vehicle = whole(&route["vehicle"], &format!("routes[{r}].vehicle"))?;
            let mut steps = Vec::new();
            for (s, step) in list(&route["steps"], &format!("routes[{r}].steps"))?.iter().enumerate() {
                let at = format!("routes[{r}].steps[{s}]");
                if let Some(id) = step.get("pickup") {
                    steps.push(Step::Pickup(whole(id, &at)?));
                } else if let Some(id) = step.get("dropoff") {
                    let who = match step.get("requests") {
                        None => None,
                        Some(who) => Some(
                            list(who, &at)?.iter().map(|id| whole(id, &at)).collect::<Result<Vec<i64>, BadPlan>>()?,
                        ),
                    };
                    steps.push(Step::Dropoff(whole(id, &at)?, who));
                } else {
                    return Err(bad(&at, step, "an object with 'pickup' or 'dropoff'"));
                }
            }
            plan.routes.push(Route { vehicle, steps });
        }
        Ok(plan)
    }
}
