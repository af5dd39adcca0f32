//! What somebody sends with a request, and what may be asked of them: the attributes of a service, and the form as it came. An attribute
//! is never required, and none asks for a test, a status or a debt (R08).

use super::shape::Value;
use dayclear_core::welfare::RequestKind;
use dayclear_papers::Words;

/// Parts of a form at most; what comes beyond is not read.
const PARTS_MAX: usize = 200;

/// An attribute: code, datatype, and the keys to choose from.
type Attribute = (&'static str, &'static str, &'static [&'static str]);

const PEOPLE: Attribute = ("people", "number", &[]);
const DIET: Attribute = ("diet", "multivaluelist", &["halal", "vegetarian", "diabetic", "soft", "no_allergens"]);
const MONTHS: Attribute = ("age_months", "number", &[]);
const MEDICINE: Attribute = ("medicine", "string", &[]);
const LEFT: Attribute = ("days_left", "number", &[]);

/// The attributes of a kind.
const fn attributes(kind: RequestKind) -> &'static [Attribute] {
    match kind {
        RequestKind::Food => &[PEOPLE, DIET],
        RequestKind::Infant => &[MONTHS],
        RequestKind::Medicine => &[MEDICINE, LEFT],
        _ => &[],
    }
}

/// Whether a kind has any.
pub fn has_attributes(kind: RequestKind) -> bool {
    !attributes(kind).is_empty()
}

/// The definition of a service.
pub fn definition(kind: RequestKind, w: &Words) -> Value {
    let one = |(order, (code, datatype, keys)): (usize, &Attribute)| {
        let value = |key: &&str| {
            let name = w.say(&format!("open311-{code}-{key}"));
            Value::record("value", [("key", Value::text(*key)), ("name", Value::text(name))])
        };
        Value::record(
            "attribute",
            [
                ("variable", Value::Truth(true)),
                ("code", Value::text(*code)),
                ("datatype", Value::text(*datatype)),
                ("required", Value::Truth(false)),
                ("datatype_description", Value::Nothing),
                ("order", Value::Whole(order as u64 + 1)),
                ("description", Value::text(w.say(&format!("open311-{code}")))),
                ("values", Value::List("values", keys.iter().map(value).collect())),
            ],
        )
    };
    let attributes = attributes(kind).iter().enumerate().map(one).collect();
    let fields = [("service_code", Value::text(kind.name())), ("attributes", Value::List("attributes", attributes))];
    Value::record("service_definition", fields)
}

/// A form as it came: names and values, in order.
pub struct Given(Vec<(String, String)>);

impl Given {
    /// Reads a form or a query.
    pub fn read(text: &str) -> Given {
        let parts = text.split('&').filter(|part| !part.is_empty()).take(PARTS_MAX);
        Given(
            parts
                .map(|part| {
                    let (name, value) = part.split_once('=').unwrap_or((part, ""));
                    (decoded(name), decoded(value))
                })
                .collect(),
        )
    }

    /// A value that is not empty, by its name.
    pub fn text(&self, name: &str) -> Option<&str> {
        let value = self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value.trim());
        value.filter(|value| !value.is_empty())
    }

    /// What the person says: description, address and the attributes of the kind, one a line. An attribute or a key that the kind does
    /// not have is told, so that nobody believes that it was taken.
    pub fn words(&self, kind: RequestKind) -> Result<String, String> {
        let mut lines: Vec<String> = Vec::new();
        lines.extend(self.text("description").map(str::to_owned));
        lines.extend(self.text("address_string").map(str::to_owned));
        for (name, value) in &self.0 {
            let Some(code) = name.strip_prefix("attribute[").and_then(|rest| rest.split(']').next()) else { continue };
            let value = value.trim();
            let Some((_, datatype, keys)) = attributes(kind).iter().find(|(known, ..)| *known == code) else {
                return Err(format!("the service has no attribute {code}"));
            };
            let fits = match *datatype {
                "number" => value.is_empty() || value.parse::<u32>().is_ok(),
                "multivaluelist" => value.is_empty() || keys.contains(&value),
                _ => true,
            };
            if !fits {
                return Err(format!("attribute {code} cannot be this; expected {datatype} {}", keys.join(", ")));
            }
            if !value.is_empty() {
                lines.push(format!("{code}: {value}"));
            }
        }
        Ok(lines.join("\n"))
    }
}

/// A part of a form in plain text: `+` is a blank, and `%XX` a byte. What is no text is a sign that stands for it.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let hex = bytes.get(at + 1..at + 3).and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
        match (byte, hex) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
                continue;
            }
            (b'+', _) => out.push(b' '),
            (byte, _) => out.push(*byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_as_it_was_sent() {
        let given = Given::read(
            "service_code=food&description=%E9%A5%AD+%26+%E8%8F%9C&attribute%5Bdiet%5D%5B%5D=halal&x=%zz%&lat=",
        );
        assert_eq!(given.text("service_code"), Some("food"));
        assert_eq!(given.text("lat"), None);
        assert_eq!(given.text("x"), Some("%zz%"));
        assert_eq!(given.words(RequestKind::Food).unwrap(), "饭 & 菜\ndiet: halal");
        assert!(given.words(RequestKind::Other).unwrap_err().contains("no attribute diet"));
        assert!(Given::read("attribute[people]=many").words(RequestKind::Food).is_err());
    }

    #[test]
    fn no_attribute_is_required_and_none_asks_for_a_test_a_status_or_a_debt() {
        for kind in RequestKind::ALL {
            for (code, ..) in attributes(*kind) {
                for never in ["test", "result", "status", "code", "debt", "paid", "fee", "insur", "vaccin"] {
                    assert!(!code.contains(never), "{kind}: {code}");
                }
            }
        }
    }
}
