//! Values of a JSON body by the declared columns. It guarantees that a value is taken only as what it is declared to be
//! (no number for a text, no text for a number), and that every fault is named at once with its place and its remedy.

use dayclear_core::{
    listing::{Cell, Holds},
    schema::{Column, Kind},
    time::Zone,
};
use dayclear_ops::desk::{FieldFault, Given, Refusal};
use serde_json::{Map, Value};

/// A fault of a field.
pub fn fault(field: &str, value: &Value, expected: &str, remedy: &str) -> FieldFault {
    let shown = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    FieldFault {
        field: field.chars().take(100).collect(),
        value: shown.chars().take(100).collect(),
        expected: expected.to_owned(),
        remedy: remedy.to_owned(),
    }
}

/// The values of a body as texts by field, checked against the columns.
pub fn given(columns: &[Column], body: &Map<String, Value>, zone: &Zone) -> Result<Given, Refusal> {
    let mut given = Given::new();
    let mut faults = Vec::new();
    for (name, value) in body {
        let Some(column) = columns.iter().find(|column| column.name == name) else {
            let known: Vec<&str> = columns.iter().map(|column| column.name).collect();
            let expected = match known.is_empty() {
                true => "no field: this needs to know nothing".to_owned(),
                false => format!("one of the fields: {}", known.join(", ")),
            };
            faults.push(fault(name, value, &expected, "leave it out, or correct its name"));
            continue;
        };
        match text(column, value, zone) {
            Ok(Some(text)) => {
                given.insert(name.clone(), text);
            }
            Ok(None) if column.required => {
                faults.push(fault(name, value, &format!("a value ({})", column.about), "fill it in"));
            }
            Ok(None) => {}
            Err(expected) => {
                faults.push(fault(name, value, &format!("{expected} ({})", column.about), "correct it"));
            }
        }
    }
    for column in columns.iter().filter(|column| column.required && !body.contains_key(column.name)) {
        faults.push(fault(column.name, &Value::Null, &format!("a value ({})", column.about), "fill it in"));
    }
    if faults.is_empty() { Ok(given) } else { Err(Refusal::Invalid(faults)) }
}

/// Whether a text begins with a visible character and is free of control characters but line breaks and tabs.
pub fn legible(text: &str) -> bool {
    let begins = text.chars().next().is_some_and(|c| !c.is_whitespace() && !c.is_control());
    begins && text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'))
}

/// A value as the text of its column; null is nothing.
fn text(column: &Column, value: &Value, zone: &Zone) -> Result<Option<String>, String> {
    let is_text = |expected: &str, fits: &dyn Fn(&str) -> bool| match value {
        Value::String(text) if fits(text) => Ok(Some(text.clone())),
        _ => Err(expected.to_owned()),
    };
    if value.is_null() {
        return Ok(None);
    }
    let number = |low: f64, high: f64| value.as_f64().filter(|number| (low..=high).contains(number));
    match column.kind {
        Kind::Id => is_text("an id: 1 to 64 visible characters without spaces", &|text| {
            (1..=64).contains(&text.chars().count()) && text.chars().all(|c| !c.is_control() && !c.is_whitespace())
        }),
        Kind::Text(max) => is_text(&format!("text of 1 to {max} characters that begins with a visible one"), &|text| {
            legible(text) && text.chars().count() <= max
        }),
        Kind::Document => {
            is_text("a document number of at most 40 characters", &|text| legible(text) && text.chars().count() <= 40)
        }
        Kind::Division => is_text("a division code, such as 500103", &|text| {
            text.len() <= 24 && Cell::read(Holds::Division, text, zone).is_ok()
        }),
        Kind::Whole(low, high) => {
            // 5.0 is a whole number, for JSON Schema too
            let whole = value
                .as_i64()
                .or_else(|| value.as_f64().filter(|n| n.fract() == 0.0 && n.abs() < 9e15).map(|n| n as i64));
            let whole = whole.filter(|number| (low..=high).contains(number));
            whole.map(|number| Some(number.to_string())).ok_or(format!("a whole number from {low} to {high}"))
        }
        Kind::Real(low, high) => {
            number(low, high).map(|number| Some(number.to_string())).ok_or(format!("a number from {low} to {high}"))
        }
        Kind::Day => is_text("a date such as 2022-11-20", &|text| Cell::read(Holds::Day, text, zone).is_ok()),
        Kind::Moment => is_text("a time with its offset, such as 2022-11-20T08:30:00+08:00", &|text| {
            text.parse::<dayclear_core::time::Instant>().is_ok()
        }),
        Kind::OneOf(terms) => is_text(&format!("one of: {}", terms.join(", ")), &|text| terms.contains(&text)),
        Kind::ManyOf(terms) => is_text(&format!("some of, separated by ';': {}", terms.join(", ")), &|text| {
            text.split(';').all(|term| terms.contains(&term))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dayclear_core::command::Command;
    use serde_json::json;

    #[test]
    fn a_value_is_taken_only_as_what_it_is_declared_to_be() {
        let zone = Zone::named("Asia/Shanghai").unwrap();
        let fail = Command::named("transfers", "fail").unwrap();
        let read = |body: Value| given(fail.fields, body.as_object().unwrap(), &zone);
        assert_eq!(read(json!({"step": "refused", "note": "不在家"})).unwrap()["note"], "不在家");
        for (body, fields) in [
            (json!({"step": "refused", "note": 5}), vec!["note"]),
            (json!({"step": ["refused"], "note": " "}), vec!["step", "note"]),
            (json!({"note": "x", "status": "red"}), vec!["status", "step"]),
            (json!({"step": "refused", "note": null}), vec!["note"]),
            (json!({"step": "refused", "note": "a\u{7}"}), vec!["note"]),
        ] {
            let Err(Refusal::Invalid(faults)) = read(body.clone()) else { panic!("{body} was taken") };
            let named: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
            assert_eq!(named, fields, "{body}");
        }
    }
}
