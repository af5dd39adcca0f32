//! Parameters of the document: filters, order and place of a list, keys in paths, headers of commands.

use super::schemas::{DIVISION, VISIBLE};
use dayclear_core::listing::{Field, Holds, Listing, ROWS_DEFAULT, ROWS_MAX};
use serde_json::{Value, json};

/// A parameter of the query.
pub fn query(name: &str, about: &str, schema: Value) -> Value {
    json!({"name": name, "in": "query", "required": false, "description": about, "schema": schema})
}

/// The key in a path.
pub fn key(name: &str, about: &str) -> Value {
    json!({"name": name, "in": "path", "required": true, "description": about,
        "schema": {"type": "string", "minLength": 1}})
}

/// Filters and order of a list; `paged`: with place and size of a page.
pub fn of_list(listing: &Listing, paged: bool) -> Vec<Value> {
    let mut all = vec![query("sort", "order of the rows; the first is the default", json!({"enum": listing.orders}))];
    if paged {
        let after = json!({"type": "string", "minLength": 1, "maxLength": 2000});
        all.push(query("after", "the `next` of the page before", after));
        let limit = json!({"type": "integer", "minimum": 1, "maximum": ROWS_MAX, "default": ROWS_DEFAULT});
        all.push(query("limit", "rows of a page at most", limit));
    }
    for field in listing.fields.iter().filter(|field| field.filter) {
        let about =
            format!("{}; several values are separated by commas, `none` asks for rows without one", field.about);
        let several = json!({"type": "array", "items": value(field), "minItems": 1, "maxItems": 100});
        let schema = json!({"anyOf": [several, {"const": "none"}]});
        all.push(json!({"name": field.name, "in": "query", "required": false, "description": about, "style": "form",
            "explode": false, "schema": schema}));
        if ranged(field) {
            let from = format!("{}: at or after", field.about);
            all.push(query(&format!("{}.from", field.name), &from, value(field)));
            let to = format!("{}: before", field.about);
            all.push(query(&format!("{}.to", field.name), &to, value(field)));
        }
    }
    all
}

/// Whether a field can be asked for by a range.
pub fn ranged(field: &Field) -> bool {
    matches!(field.holds, Holds::Whole | Holds::Real | Holds::Day | Holds::Moment)
}

fn value(field: &Field) -> Value {
    match field.holds {
        Holds::Id | Holds::Text | Holds::Data => {
            json!({"type": "string", "minLength": 1, "maxLength": 200, "pattern": VISIBLE})
        }
        Holds::Division => json!({"type": "string", "pattern": DIVISION}),
        Holds::Whole => json!({"type": "integer", "minimum": i64::MIN, "maximum": i64::MAX}),
        Holds::Real => json!({"type": "number"}),
        Holds::Day => json!({"type": "string", "format": "date"}),
        Holds::Moment => {
            json!({"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]})
        }
        Holds::Term(terms) => json!({"enum": terms}),
        Holds::Truth => json!({"enum": ["true", "false", "yes", "no"]}),
    }
}

/// The header of a command that acts once.
pub fn idempotency_key() -> Value {
    json!({"name": "Idempotency-Key", "in": "header", "required": false,
        "description": "key under which the command acts once, kept for seven days; 1 to 64 visible ASCII characters",
        "schema": {"type": "string", "pattern": "^[!-~]{1,64}$"}})
}

/// The header that names the version a change rests on.
pub fn if_match() -> Value {
    json!({"name": "If-Match", "in": "header", "required": true,
        "description": "the ETag of the record as it was read",
        "schema": {"type": "string", "pattern": "^\"[!#-~]{1,400}\"$"}})
}
