//! JSON Schemas (2020-12) of what goes in and out: rows of lists, fields of commands, columns of evidence, reports and
//! problems. They say exactly what the readers take, so a generated request that fits is never refused for its shape.

use dayclear_core::{
    access::Class,
    listing::{Field, Holds, Listing},
    schema::{Column, Kind, Table},
};
use serde_json::{Map, Value, json};

/// An id: visible characters without spaces.
pub const ID: &str = r"^[^\s\u0000-\u001f\u007f-\u009f]{1,64}$";
/// Text that begins with a visible character, and has line breaks and tabs as its only control characters.
pub const TEXT: &str = r"^[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$";
/// A key: no control characters.
pub const VISIBLE: &str = r"^[^\u0000-\u001f\u007f-\u009f]+$";
/// A value of a filter: neither control characters nor the comma, which stands between values.
pub const SINGLE: &str = r"^[^,\u0000-\u001f\u007f-\u009f]+$";
/// A division code.
pub const DIVISION: &str = "^[0-9A-Za-z-]{1,24}$";

/// A row of a list.
pub fn row(listing: &Listing) -> Value {
    let properties: Map<String, Value> =
        listing.fields.iter().map(|field| (field.name.to_owned(), shown(listing, field))).collect();
    let names: Vec<&str> = listing.fields.iter().map(|field| field.name).collect();
    json!({
        "type": "object",
        "description": listing.about,
        "properties": properties,
        "required": names,
        "additionalProperties": false,
        "x-readers": listing.readers.iter().map(|role| role.name()).collect::<Vec<_>>(),
    })
}

/// A field as it is shown: null when nobody knows it or when the role is not shown it.
fn shown(listing: &Listing, field: &Field) -> Value {
    let plain = field.class == Class::Operational;
    let mut schema = match field.holds {
        Holds::Id | Holds::Text | Holds::Division => json!({"type": ["string", "null"]}),
        Holds::Whole => json!({"type": ["integer", "null"], "format": "int64"}),
        Holds::Real => json!({"type": ["number", "null"]}),
        Holds::Day => json!({"type": ["string", "null"], "format": "date"}),
        Holds::Moment => json!({"type": ["string", "null"], "format": "date-time"}),
        Holds::Truth => json!({"type": ["boolean", "null"]}),
        Holds::Term(terms) if plain => {
            let terms: Vec<Value> = terms.iter().map(|term| (*term).into()).chain([Value::Null]).collect();
            json!({"enum": terms})
        }
        // what is masked is no term any more
        Holds::Term(terms) => json!({"type": ["string", "null"], "x-terms": terms}),
        Holds::Data => json!({}),
    };
    if field.name == listing.key && matches!(field.holds, Holds::Id) {
        schema = json!({"type": "string"});
    }
    schema["description"] = field.about.into();
    schema["x-class"] = field.class.name().into();
    if field.edit {
        schema["x-editable"] = true.into();
    }
    schema
}

/// A value that is given with a command or as evidence.
pub fn given(column: &Column) -> Value {
    let mut schema = match column.kind {
        Kind::Id => json!({"type": "string", "pattern": ID}),
        Kind::Text(max) => json!({"type": "string", "pattern": TEXT, "maxLength": max}),
        Kind::Document => json!({"type": "string", "pattern": TEXT, "maxLength": 40}),
        Kind::Division => json!({"type": "string", "pattern": DIVISION}),
        Kind::Whole(low, high) => json!({"type": "integer", "minimum": low, "maximum": high}),
        Kind::Real(low, high) => json!({"type": "number", "minimum": low, "maximum": high}),
        Kind::Day => json!({"type": "string", "format": "date"}),
        Kind::Moment => json!({"type": "string", "format": "date-time"}),
        Kind::OneOf(terms) => json!({"type": "string", "enum": terms}),
        Kind::ManyOf(terms) => {
            let any = terms.join("|");
            json!({"type": "string", "pattern": format!("^({any})(;({any}))*$")})
        }
    };
    if !column.required {
        let kind = schema["type"].take();
        schema["type"] = json!([kind, "null"]);
        if let Some(terms) = schema.get_mut("enum").and_then(Value::as_array_mut) {
            terms.push(Value::Null);
        }
    }
    schema["description"] = column.about.into();
    schema
}

/// The body of a command on one record, or that makes something new.
pub fn body(fields: &[Column]) -> Value {
    let properties: Map<String, Value> = fields.iter().map(|column| (column.name.to_owned(), given(column))).collect();
    let required: Vec<&str> = fields.iter().filter(|column| column.required).map(|column| column.name).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

/// One row of many: what is wrong with a value makes its row doubtful, and is answered row by row.
pub fn evidence(table: &Table) -> Value {
    let said = |column: &Column| {
        let about = format!("{}{}", column.about, if column.required { " (must)" } else { "" });
        (column.name.to_owned(), json!({"type": ["string", "number", "boolean", "null"], "description": about}))
    };
    let properties: Map<String, Value> = table.columns.iter().map(said).collect();
    json!({"type": "object", "description": table.about, "properties": properties, "additionalProperties": false,
        "x-key": table.key})
}

/// What a command did.
pub fn report() -> Value {
    let count = |about: &str| json!({"type": "integer", "minimum": 0, "description": about});
    json!({
        "type": "object",
        "description": "what a command did: asked = done + same + refused",
        "properties": {
            "asked": count("records that were named"),
            "done": count("records on which it was done"),
            "same": count("records that stood so already"),
            "refused": {"type": "array", "description": "records on which it was not done, each with its problem",
                "items": {"type": "object", "required": ["key", "problem"], "additionalProperties": false,
                    "properties": {"key": {"type": "string"}, "problem": {"$ref": "#/components/schemas/problem"}}}},
            "made": {"type": ["string", "null"], "description": "key of what was made"},
            "dry_run": {"type": "boolean", "description": "whether nothing was done"},
        },
        "required": ["asked", "done", "same", "refused", "made", "dry_run"],
        "additionalProperties": false,
    })
}

/// Counts of rows.
pub fn tally() -> Value {
    let names = ["read", "created", "updated", "same", "doubtful", "rejected"];
    let about = ["rows that came", "new", "changed what was there", "there already", "kept aside", "no rows at all"];
    let properties: Map<String, Value> = names
        .iter()
        .zip(about)
        .map(|(name, about)| ((*name).to_owned(), json!({"type": "integer", "minimum": 0, "description": about})))
        .collect();
    json!({"type": "object", "description": "read = created + updated + same + doubtful + rejected",
        "properties": properties, "required": names, "additionalProperties": false})
}

/// A row that could not be taken.
pub fn doubt() -> Value {
    let text = |about: &str| json!({"type": "string", "description": about});
    json!({
        "type": "object",
        "properties": {
            "row": {"type": "integer", "minimum": 0, "description": "line of the file, or place in the array from 1"},
            "column": text("column; empty for the row as a whole"),
            "value": text("what stands there"),
            "expected": text("what was expected"),
            "remedy": text("what to do"),
            "code": text("stable code of the fault"),
        },
        "required": ["row", "column", "value", "expected", "remedy", "code"],
        "additionalProperties": false,
    })
}

/// A problem.
pub fn problem() -> Value {
    json!({
        "type": "object",
        "description": "problem details (RFC 9457)",
        "properties": {
            "type": {"type": "string", "format": "uri-reference", "description": "kind, as an address of the index"},
            "title": {"type": "string"},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {"type": "string", "description": "what went wrong here, and what to do"},
            "errors": {"type": "array", "items": {"type": "object",
                "properties": {"field": {"type": "string"}, "value": {"type": "string"}, "expected": {"type": "string"},
                    "remedy": {"type": "string"}},
                "required": ["field", "value", "expected", "remedy"]}},
            "current": {"type": "array", "description": "fields that somebody else changed, as they stand now",
                "items": {"type": "object", "properties": {"field": {"type": "string"}, "current": {"type": "string"},
                    "by": {"type": ["string", "null"]}, "at": {"type": ["string", "null"], "format": "date-time"}},
                "required": ["field", "current", "by", "at"]}},
            "retryAfter": {"type": "integer", "description": "seconds"},
        },
        "required": ["type", "title", "status", "detail"],
    })
}
