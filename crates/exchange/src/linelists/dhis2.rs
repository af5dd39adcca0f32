//! DHIS2 tracker, as `POST api/tracker` takes it: a tracked entity for each case, its values as attributes by a mapping that each
//! instance needs, links as relationships. What no attribute says, and whatever else an instance has put beside them, is carried.

use super::{Record, extra};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Which attribute of an instance says what, and what else it needs to know.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
pub struct Attributes {
    /// Type of tracked entity.
    pub entity_type: String,
    /// Organisation unit.
    pub org_unit: String,
    /// Type of relationship for links.
    pub relationship_type: String,
    /// Attribute by column of ours; `case_id` must have one.
    pub attributes: BTreeMap<String, String>,
    /// Attribute that takes everything else, in the form of the published sets.
    pub rest: String,
}

/// Why a payload cannot be written or read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Dhis2Error {
    /// The mapping has no attribute for the id of a case.
    #[error("no attribute says case_id; name one in the mapping")]
    NoCaseId,
    /// One attribute is to say two things.
    #[error("attribute {0} is to say two things; name another one in the mapping")]
    Twice(String),
    /// It is no JSON of a tracker.
    #[error("{0}; expected an object with trackedEntities, as /api/tracker gives and takes it")]
    Shape(String),
    /// Two cases have one id.
    #[error("{0} and {1} would be one tracked entity; correct the ids of the cases")]
    SameEntity(String, String),
    /// A link names a case that is not there.
    #[error("a link names {0}, and no case of the list has that id")]
    NoCase(String),
    /// The attribute for everything else cannot be read.
    #[error("{0} is no list of name=value, separated by ';', each name once")]
    NoExtra(String),
}

/// Id of a tracked entity or relationship: 11 letters and digits that begin with a letter, the same for the same text at any time.
pub fn uid(text: &str) -> String {
    const SIGNS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    // FNV-1a, 128 bits (Fowler, Noll, Vo): well spread, and nothing here depends on secrecy
    let mut hash: u128 = 0x6c62272e07bb014262b821756295c58d;
    for byte in text.bytes() {
        hash ^= u128::from(byte);
        hash = hash.wrapping_mul(0x0000000001000000000000000000013b);
    }
    let mut id = String::with_capacity(11);
    for place in 0..11 {
        let base = if place == 0 { 52 } else { 62 };
        id.push(char::from(SIGNS[(hash % base) as usize]));
        hash /= base;
    }
    id
}

fn checked(map: &Attributes) -> Result<(), Dhis2Error> {
    if !map.attributes.contains_key("case_id") {
        return Err(Dhis2Error::NoCaseId);
    }
    let mut all: Vec<&String> = map.attributes.values().chain([&map.rest]).collect();
    all.sort();
    match all.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(Dhis2Error::Twice(pair[0].clone())),
        None => Ok(()),
    }
}

/// Key under which parts of an entity that are no attribute are carried.
const PART: &str = "dhis2.";
/// And under which the words of a link are.
const LINK_WORDS: &str = "dhis2.link.";

/// Cases and links as a payload.
pub fn write_tracker(cases: &[Record], links: &[Record], map: &Attributes) -> Result<Value, Dhis2Error> {
    checked(map)?;
    let mut known: BTreeMap<String, &str> = BTreeMap::new();
    for case in cases {
        let id = case.fields.get("case_id").ok_or(Dhis2Error::NoCaseId)?;
        if let Some(other) = known.insert(entity_of(case, id), id) {
            return Err(Dhis2Error::SameEntity(other.to_owned(), id.clone()));
        }
    }
    let by_case: BTreeMap<&str, &str> = known.iter().map(|(entity, id)| (*id, entity.as_str())).collect();
    let (relationships, mut words) = relationships(links, &by_case, map)?;
    let mut entities = Vec::with_capacity(cases.len());
    for case in cases {
        let id = case.fields.get("case_id").ok_or(Dhis2Error::NoCaseId)?;
        let entity = entity_of(case, id);
        let (mut attributes, mut rest) = (Vec::new(), BTreeMap::new());
        for (ours, value) in &case.fields {
            match map.attributes.get(*ours) {
                Some(attribute) => attributes.push(json!({"attribute": attribute, "value": value})),
                None => {
                    rest.insert(format!("={ours}"), value.clone());
                }
            }
        }
        let mut object = Map::new();
        object.insert("trackedEntity".into(), entity.into());
        object.insert("trackedEntityType".into(), map.entity_type.clone().into());
        object.insert("orgUnit".into(), map.org_unit.clone().into());
        for (name, value) in &case.extra {
            match name.strip_prefix(PART) {
                Some("trackedEntity") => {}
                Some(part) => match part.strip_prefix("attribute.") {
                    Some(attribute) => attributes.push(json!({"attribute": attribute, "value": value})),
                    None => {
                        object.insert(part.to_owned(), serde_json::from_str(value).unwrap_or_else(|_| json!(value)));
                    }
                },
                None => {
                    rest.insert(name.clone(), value.clone());
                }
            }
        }
        rest.extend(words.remove(id.as_str()).unwrap_or_default());
        if !rest.is_empty() {
            attributes.push(json!({"attribute": map.rest, "value": extra::pack(&rest)}));
        }
        object.insert("attributes".into(), attributes.into());
        entities.push(Value::Object(object));
    }
    Ok(json!({"trackedEntities": entities, "relationships": relationships}))
}

/// Id of the tracked entity of a case: the one that it came with, else one of its own.
fn entity_of(case: &Record, id: &str) -> String {
    case.extra.get("dhis2.trackedEntity").cloned().unwrap_or_else(|| uid(id))
}

/// Words of links, by the case at whose end they are carried.
type Words<'c> = BTreeMap<&'c str, BTreeMap<String, String>>;

/// Relationships, which have no place for words, and those words: they are carried with the case at the end of the link.
fn relationships<'c>(
    links: &'c [Record],
    by_case: &BTreeMap<&'c str, &str>,
    map: &Attributes,
) -> Result<(Vec<Value>, Words<'c>), Dhis2Error> {
    let (mut all, mut words) = (Vec::with_capacity(links.len()), Words::new());
    for link in links {
        let end = |name: &str| {
            let id = link.fields.get(name).map_or("", String::as_str);
            by_case.get(id).map(|entity| (id, *entity)).ok_or_else(|| Dhis2Error::NoCase(id.to_owned()))
        };
        let ((_, from), (case, to)) = (end("from")?, end("to")?);
        let mut said: BTreeMap<String, String> = link.extra.clone();
        for (name, value) in link.fields.iter().filter(|(name, _)| !matches!(**name, "from" | "to")) {
            said.insert(format!("={name}"), value.clone());
        }
        let id = uid(&format!("{from}|{to}|{}", extra::pack(&said)));
        all.push(json!({
            "relationship": id,
            "relationshipType": map.relationship_type,
            "from": {"trackedEntity": {"trackedEntity": from}},
            "to": {"trackedEntity": {"trackedEntity": to}},
        }));
        if !said.is_empty() {
            words.entry(case).or_default().insert(format!("{LINK_WORDS}{id}"), extra::pack(&said));
        }
    }
    Ok((all, words))
}

fn text_of(value: &Value, name: &str) -> Result<String, Dhis2Error> {
    let text = value.get(name).and_then(Value::as_str);
    text.map(str::to_owned).ok_or_else(|| Dhis2Error::Shape(format!("{name} is missing or no text")))
}

/// Columns of ours that stand in a carried text go back to their fields.
fn unrest(record: &mut Record, text: &str, ours: &'static [&'static str]) -> Result<(), Dhis2Error> {
    for (name, value) in extra::unpack(text).ok_or_else(|| Dhis2Error::NoExtra(text.to_owned()))? {
        match name.strip_prefix('=').and_then(|name| ours.iter().find(|ours| **ours == name)) {
            Some(ours) => record.fields.insert(ours, value),
            None => record.extra.insert(name, value),
        };
    }
    Ok(())
}

/// Cases and links of a payload.
pub fn read_tracker(payload: &Value, map: &Attributes) -> Result<(Vec<Record>, Vec<Record>), Dhis2Error> {
    checked(map)?;
    let list = |name: &str| payload.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if payload.get("trackedEntities").is_none() {
        return Err(Dhis2Error::Shape("there is no trackedEntities".to_owned()));
    }
    let (mut cases, mut ids): (Vec<Record>, BTreeMap<String, usize>) = (Vec::new(), BTreeMap::new());
    for entity in list("trackedEntities") {
        let object = entity.as_object().ok_or_else(|| Dhis2Error::Shape("an entity is no object".to_owned()))?;
        let mut record = Record::default();
        for attribute in object.get("attributes").and_then(Value::as_array).into_iter().flatten() {
            let (name, value) = (text_of(attribute, "attribute")?, text_of(attribute, "value")?);
            let ours = map.attributes.iter().find(|(_, one)| **one == name);
            match ours.and_then(|(ours, _)| super::CASE.iter().find(|column| *column == ours)) {
                Some(ours) => {
                    record.fields.insert(ours, value);
                }
                None if name == map.rest => unrest(&mut record, &value, super::CASE)?,
                None => {
                    record.extra.insert(format!("{PART}attribute.{name}"), value);
                }
            }
        }
        let id = record.fields.get("case_id").cloned().ok_or(Dhis2Error::NoCaseId)?;
        let key = text_of(entity, "trackedEntity")?;
        if key != uid(&id) {
            record.extra.insert(format!("{PART}trackedEntity"), key.clone());
        }
        for (name, value) in object {
            let told = match name.as_str() {
                "trackedEntity" | "attributes" => true,
                "trackedEntityType" => value.as_str() == Some(&map.entity_type),
                "orgUnit" => value.as_str() == Some(&map.org_unit),
                _ => false,
            };
            if !told {
                record.extra.insert(format!("{PART}{name}"), value.to_string());
            }
        }
        ids.insert(key, cases.len());
        cases.push(record);
    }
    let mut links = Vec::new();
    for relationship in list("relationships") {
        let mut record = Record::default();
        for end in ["from", "to"] {
            let key = text_of(&relationship[end]["trackedEntity"], "trackedEntity")?;
            let at = ids.get(&key).copied().ok_or_else(|| Dhis2Error::NoCase(key.clone()))?;
            record.fields.insert(end, cases[at].fields["case_id"].clone());
            if end == "to" {
                let words = format!("{LINK_WORDS}{}", text_of(relationship, "relationship")?);
                if let Some(said) = cases[at].extra.remove(&words) {
                    unrest(&mut record, &said, super::LINK)?;
                }
            }
        }
        links.push(record);
    }
    Ok((cases, links))
}
