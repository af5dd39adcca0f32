//! The two forms of an answer of Open311: JSON and XML of the same values, so that neither can say something else than the other.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, json};

/// A form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// JSON.
    Json,
    /// XML.
    Xml,
}

/// A value of an answer.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing: null in JSON, an empty element in XML.
    Nothing,
    /// Text.
    Text(String),
    /// Yes or no.
    Truth(bool),
    /// A whole number.
    Whole(u64),
    /// A record: the name of its element, and its fields in order.
    Record(&'static str, Vec<(&'static str, Value)>),
    /// A list: the name of its element, and its records.
    List(&'static str, Vec<Value>),
}

impl Value {
    /// Text.
    pub fn text(text: impl Into<String>) -> Value {
        Value::Text(text.into())
    }
    /// A record.
    pub fn record<const N: usize>(name: &'static str, fields: [(&'static str, Value); N]) -> Value {
        Value::Record(name, fields.into())
    }

    fn json(&self) -> serde_json::Value {
        match self {
            Value::Nothing => serde_json::Value::Null,
            Value::Text(text) => json!(text),
            Value::Truth(truth) => json!(truth),
            Value::Whole(number) => json!(number),
            Value::Record(_, fields) => {
                let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.json()));
                serde_json::Value::Object(fields.collect::<Map<_, _>>())
            }
            Value::List(_, records) => records.iter().map(Value::json).collect(),
        }
    }

    /// Writes the value as the content of the element that it stands in, or as an element of its own.
    fn xml(&self, out: &mut String) {
        match self {
            Value::Nothing => {}
            Value::Text(text) => escape(text, out),
            Value::Truth(truth) => out.push_str(if *truth { "true" } else { "false" }),
            Value::Whole(number) => out.push_str(&number.to_string()),
            Value::Record(name, fields) => element(name, out, |out| {
                for (name, value) in fields {
                    match value {
                        // a list stands under its own name, which is that of its field
                        Value::List(..) => value.xml(out),
                        _ => element(name, out, |out| value.xml(out)),
                    }
                }
            }),
            Value::List(name, records) => element(name, out, |out| records.iter().for_each(|record| record.xml(out))),
        }
    }
}

fn element(name: &str, out: &mut String, inside: impl FnOnce(&mut String)) {
    out.push('<');
    out.push_str(name);
    out.push('>');
    inside(out);
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

/// Text as XML 1.0 may hold it: what no document may contain is left out.
fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(c),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
}

impl Shape {
    /// The form of an ending.
    pub fn of(ending: &str) -> Option<Shape> {
        match ending {
            "json" => Some(Shape::Json),
            "xml" => Some(Shape::Xml),
            _ => None,
        }
    }

    /// An answer in this form.
    pub fn answer(self, status: StatusCode, value: &Value) -> Response {
        let (kind, body) = match self {
            Shape::Json => ("application/json", value.json().to_string()),
            Shape::Xml => {
                let mut body = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n".to_owned();
                value.xml(&mut body);
                ("text/xml; charset=utf-8", body)
            }
        };
        (status, [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")], body).into_response()
    }
}

/// What is wrong, as the specification says it.
pub fn error(status: StatusCode, why: &str) -> Value {
    let fields = [("code", Value::Whole(status.as_u16().into())), ("description", Value::text(why))];
    Value::List("errors", vec![Value::record("error", fields)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_say_the_same_and_nothing_breaks_out_of_a_value() {
        let evil = "a<b>&\"c\u{0}\u{8}</service>";
        let fields =
            [("service_name", Value::text(evil)), ("metadata", Value::Truth(false)), ("zipcode", Value::Nothing)];
        let value = Value::List("services", vec![Value::record("service", fields)]);
        assert_eq!(value.json(), json!([{"service_name": evil, "metadata": false, "zipcode": null}]));
        let mut xml = String::new();
        value.xml(&mut xml);
        assert_eq!(
            xml,
            "<services><service><service_name>a&lt;b&gt;&amp;&quot;c&lt;/service&gt;</service_name>\
             <metadata>false</metadata><zipcode></zipcode></service></services>"
        );
    }
}
