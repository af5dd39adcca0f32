//! Parameters of the document: filters, order and place of a list, keys in paths, headers of commands.

use super::schemas::{DIVISION, SINGLE};
use dayclear_core::listing::{Field, Holds, LISTINGS, Listing, ROWS_DEFAULT, ROWS_MAX, VALUES_MAX};
use serde_json::{Map, Value, json};

/// A parameter of the query.
pub fn query(name: &str, about: &str, schema: Value) -> Value {
    json!({"name": name, "in": "query", "required": false, "description": about, "schema": schema})
}

/// The key in a path.
pub fn key(name: &str, about: &str) -> Value {
    json!({"name": name, "in": "path", "required": true, "description": about,
        "schema": {"type": "string", "minLength": 1}})
}

/// Filters and order of a list, as references; `paged`: with place and size of a page.
pub fn of_list(listing: &Listing, paged: bool) -> Vec<Value> {
    let said = |name: String| json!({"$ref": format!("#/components/parameters/{name}")});
    let mut names = vec![format!("{}.sort", listing.name)];
    if paged {
        names.extend(["after".to_owned(), "limit".to_owned()]);
    }
    names.extend(
        filters(listing).iter().filter_map(|filter| Some(format!("{}.{}", listing.name, filter["name"].as_str()?))),
    );
    names.into_iter().map(said).collect()
}

/// Every parameter that is referred to, by its name in the document.
pub fn components() -> Map<String, Value> {
    let mut all = Map::new();
    let after = json!({"type": "string", "minLength": 1, "maxLength": 2000});
    all.insert("after".to_owned(), query("after", "the `next` of the page before", after));
    let limit = json!({"type": "integer", "minimum": 1, "maximum": ROWS_MAX, "default": ROWS_DEFAULT});
    all.insert("limit".to_owned(), query("limit", "rows of a page at most", limit));
    for listing in LISTINGS {
        let sort = query("sort", "order of the rows; the first is the default", json!({"enum": listing.orders}));
        all.insert(format!("{}.sort", listing.name), sort);
        for filter in filters(listing) {
            let name = filter["name"].as_str().unwrap_or_default();
            all.insert(format!("{}.{name}", listing.name), filter);
        }
    }
    all
}

/// Filters of a list.
fn filters(listing: &Listing) -> Vec<Value> {
    let mut all = Vec::new();
    for field in listing.fields.iter().filter(|field| field.filter) {
        let about =
            format!("{}; several values are separated by commas, `none` asks for rows without one", field.about);
        all.push(json!({"name": field.name, "in": "query", "required": false, "description": about, "style": "form",
            "explode": false, "schema": several(field)}));
        if ranged(field) {
            let from = format!("{}: at or after", field.about);
            all.push(query(&format!("{}.from", field.name), &from, value(field)));
            let to = format!("{}: before", field.about);
            all.push(query(&format!("{}.to", field.name), &to, value(field)));
        }
    }
    all
}

/// A value of a filter; `none` stands for rows without one.
fn single(field: &Field) -> Value {
    let mut item = value(field);
    match (item.get_mut("enum").and_then(Value::as_array_mut), field.holds) {
        (Some(terms), _) => terms.push("none".into()),
        // a text may say anything, so also this
        (None, Holds::Id | Holds::Text | Holds::Data | Holds::Division) => {}
        (None, _) => item = json!({"anyOf": [item, {"const": "none"}]}),
    }
    item
}

/// Values of a filter.
fn several(field: &Field) -> Value {
    json!({"type": "array", "items": single(field), "minItems": 1, "maxItems": VALUES_MAX})
}

/// The filters of a list as properties of an object: a value as in the query, or several in an array.
pub fn filter(listing: &Listing) -> Value {
    let mut properties = Map::new();
    for field in listing.fields.iter().filter(|field| field.filter) {
        properties.insert(field.name.to_owned(), json!({"anyOf": [single(field), several(field)]}));
        if ranged(field) {
            properties.insert(format!("{}.from", field.name), value(field));
            properties.insert(format!("{}.to", field.name), value(field));
        }
    }
    json!({"type": "object", "properties": properties, "minProperties": 1, "additionalProperties": false,
        "description": "records it acts on, by the parameters of the list; several values in an array"})
}

/// Whether a field can be asked for by a range.
pub fn ranged(field: &Field) -> bool {
    matches!(field.holds, Holds::Whole | Holds::Real | Holds::Day | Holds::Moment)
}

fn value(field: &Field) -> Value {
    match field.holds {
        Holds::Id | Holds::Text | Holds::Data => {
            json!({"type": "string", "minLength": 1, "maxLength": 200, "pattern": SINGLE})
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

/// Blanks behind the value of a header are no part of it (RFC 9110, 5.5): whoever sends some is taken as if they had not.
const AROUND: &str = "[ \\t]*";

/// The header of a command that acts once.
pub fn idempotency_key() -> Value {
    json!({"name": "Idempotency-Key", "in": "header", "required": false,
        "description": "key under which the command acts once, kept for seven days; 1 to 64 visible ASCII characters",
        "schema": {"type": "string", "pattern": format!("^[!-~]{{1,64}}{AROUND}$")}})
}

/// The header that names the version a change rests on.
pub fn if_match() -> Value {
    json!({"name": "If-Match", "in": "header", "required": true,
        "description": "the ETag of the record as it was read",
        "schema": {"type": "string", "pattern": format!("^\"[!#-~]{{1,400}}\"{AROUND}$")}})
}
