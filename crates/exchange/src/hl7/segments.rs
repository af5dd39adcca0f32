//! The grammar of HL7 v2.5.1, chapter 2: delimiters from MSH-1 and MSH-2, segments by carriage returns, repetitions,
//! components, subcomponents, escapes. It guarantees that text is decoded by MSH-18 before it is cut, and that a bad escape
//! is a fault of the field it stands in and of no other.

use crate::letter::{Fault, Kind, Place};
use encoding_rs::{Encoding, GB18030, UTF_8, WINDOWS_1252};
use std::borrow::Cow;

/// Segments of one message at most.
const SEGMENTS_MAX: usize = 50_000;

/// A character set that is understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8, and ASCII with it.
    Utf8,
    /// GB 18030, and GBK and GB 2312 with it.
    Gb18030,
    /// ISO 8859-1.
    Latin1,
}

impl Charset {
    /// Names in MSH-18 (table 0211, and what senders write).
    fn named(name: &str) -> Option<Charset> {
        let name = name.trim().to_uppercase();
        match name.as_str() {
            "" | "ASCII" | "UNICODE UTF-8" | "UTF-8" | "UTF8" => Some(Charset::Utf8),
            "8859/1" => Some(Charset::Latin1),
            "GBK" => Some(Charset::Gb18030),
            other if other.starts_with("GB 18030") || other.starts_with("GB18030") || other.starts_with("GB2312") => {
                Some(Charset::Gb18030)
            }
            _ => None,
        }
    }

    /// Name for MSH-18 of an answer.
    pub const fn name(self) -> &'static str {
        match self {
            Charset::Utf8 => "UNICODE UTF-8",
            Charset::Gb18030 => "GB 18030-2000",
            Charset::Latin1 => "8859/1",
        }
    }

    const fn encoding(self) -> &'static Encoding {
        match self {
            Charset::Utf8 => UTF_8,
            Charset::Gb18030 => GB18030,
            Charset::Latin1 => WINDOWS_1252,
        }
    }

    /// Bytes as text, where they are of this set.
    pub fn text(self, bytes: &[u8]) -> Option<String> {
        self.encoding().decode_without_bom_handling_and_without_replacement(bytes).map(Cow::into_owned)
    }

    /// A text as bytes; what the set does not have is a question mark.
    pub fn bytes(self, text: &str) -> Vec<u8> {
        match self {
            Charset::Utf8 => text.as_bytes().to_vec(),
            set => {
                let known: String = text
                    .chars()
                    .map(|c| if set.encoding().encode(c.encode_utf8(&mut [0; 4])).2 { '?' } else { c })
                    .collect();
                set.encoding().encode(&known).0.into_owned()
            }
        }
    }
}

/// Delimiters of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Delimiters {
    pub field: char,
    pub component: char,
    pub repetition: char,
    pub escape: char,
    pub subcomponent: char,
}

impl Delimiters {
    pub(super) const USUAL: Delimiters =
        Delimiters { field: '|', component: '^', repetition: '~', escape: '\\', subcomponent: '&' };
}

/// What stands in MSH.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Sending application (MSH-3.1).
    pub application: String,
    /// Sending facility (MSH-4.1).
    pub facility: String,
    /// Receiving application (MSH-5.1).
    pub to_application: String,
    /// Receiving facility (MSH-6.1).
    pub to_facility: String,
    /// Message type (MSH-9.1) and event (MSH-9.2).
    pub kind: (String, String),
    /// Id of the message (MSH-10).
    pub id: String,
    /// Processing: P, T or D (MSH-11.1).
    pub processing: String,
    /// Version (MSH-12.1).
    pub version: String,
    /// Whether MSH-15 asks for answers of the enhanced mode.
    pub enhanced: bool,
    /// Character set (MSH-18).
    pub charset: Option<Charset>,
}

/// A segment, cut into fields.
#[derive(Clone, Debug)]
pub struct Segment {
    pub(super) name: String,
    /// Which of its kind, from 1.
    pub(super) sequence: usize,
    /// Fields as they stand; the first is field 1.
    fields: Vec<String>,
    delimiters: Delimiters,
}

/// A value that could be read, with its place.
pub(super) struct Value {
    pub text: String,
    pub place: Place,
}

impl Segment {
    /// A field as it stands, of which repetitions after the first are left out.
    fn first(&self, field: usize) -> &str {
        let whole = self.fields.get(field.wrapping_sub(1)).map_or("", String::as_str);
        whole.split(self.delimiters.repetition).next().unwrap_or_default()
    }

    /// Place of a component of this segment; 0 is the whole.
    pub(super) fn place(&self, field: usize, component: usize) -> Place {
        Place::field(&self.name, self.sequence, field, component)
    }

    /// The first subcomponent of a component of the first repetition of a field.
    pub(super) fn value(&self, field: usize, component: usize) -> Result<Value, Fault> {
        let text = self.first(field).split(self.delimiters.component).nth(component.wrapping_sub(1));
        let text = text.unwrap_or_default();
        let text = text.split(self.delimiters.subcomponent).next().unwrap_or_default();
        let place = self.place(field, component);
        // two quotes say that there is no value (2.5.3)
        let text = if text == "\"\"" { Cow::Borrowed("") } else { unescaped(text, self.delimiters, &place)? };
        Ok(Value { text: text.trim().to_owned(), place })
    }

    /// The same, empty where its escapes cannot be read.
    fn text(&self, field: usize, component: usize) -> String {
        self.value(field, component).map(|value| value.text).unwrap_or_default()
    }
}

/// A message, cut into segments.
#[derive(Clone, Debug)]
pub struct Message {
    /// What stands in MSH.
    pub header: Header,
    pub(super) segments: Vec<Segment>,
}

/// A text without its escapes: \F\ \S\ \T\ \R\ \E\ and \Xhh..\ for ASCII; \.br\ and highlighting become a space.
fn unescaped<'t>(text: &'t str, delimiters: Delimiters, place: &Place) -> Result<Cow<'t, str>, Fault> {
    if !text.contains(delimiters.escape) {
        return Ok(Cow::Borrowed(text));
    }
    let bad = |value: &str| {
        let expected = "an escape of HL7: \\F\\ \\S\\ \\T\\ \\R\\ \\E\\ or \\Xhh\\, each with its end";
        Fault::new(Kind::Form, place.clone(), value, expected, "write a backslash in a text as \\E\\")
    };
    let mut plain = String::with_capacity(text.len());
    let mut parts = text.split(delimiters.escape);
    plain.push_str(parts.next().unwrap_or_default());
    while let Some(escape) = parts.next() {
        match escape {
            "F" => plain.push(delimiters.field),
            "S" => plain.push(delimiters.component),
            "T" => plain.push(delimiters.subcomponent),
            "R" => plain.push(delimiters.repetition),
            "E" => plain.push(delimiters.escape),
            ".br" | "H" | "N" => plain.push(' '),
            hex if hex.starts_with('X') => plain.push_str(&of_hex(&hex[1..]).ok_or_else(|| bad(text))?),
            _ => return Err(bad(text)),
        }
        match parts.next() {
            Some(rest) => plain.push_str(rest),
            None => return Err(bad(text)),
        }
    }
    Ok(Cow::Owned(plain))
}

fn of_hex(digits: &str) -> Option<String> {
    if digits.is_empty() || !digits.len().is_multiple_of(2) || !digits.is_ascii() {
        return None;
    }
    let pairs = (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok());
    pairs.map(|byte| byte.filter(u8::is_ascii).map(char::from)).collect()
}

/// Cuts a message. The error is a fault of the whole.
pub fn parse(bytes: &[u8]) -> Result<Message, Fault> {
    let text = decoded(bytes)?;
    let (delimiters, field) = delimiters(&text)?;
    let mut segments: Vec<Segment> = Vec::new();
    let mut seen: std::collections::BTreeMap<String, usize> = Default::default();
    let lines = text.split(['\r', '\n']).filter(|line| !line.is_empty());
    for (at, line) in lines.enumerate() {
        let name: String = line.chars().take(3).collect();
        let whole = Place::field(&name, 1, 0, 0);
        if at >= SEGMENTS_MAX {
            let expected = format!("at most {SEGMENTS_MAX} segments");
            return Err(Fault::new(Kind::TooLong, whole, "", expected, "send fewer results in one message"));
        }
        let ends = line.chars().nth(3);
        let named = name.len() == 3 && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if !named || ends.is_some_and(|c| c != field) {
            let expected = format!("a segment: three capital letters or digits, then {field}");
            let remedy = "end segments with a carriage return, and write line breaks in a text as \\.br\\";
            return Err(Fault::new(Kind::Form, whole, name, expected, remedy));
        }
        let mut fields: Vec<String> = line.split(field).skip(1).map(str::to_owned).collect();
        if name == "MSH" {
            // the delimiter itself is field 1
            fields.insert(0, field.to_string());
        }
        let sequence = seen.entry(name.clone()).or_default();
        *sequence += 1;
        segments.push(Segment { name, sequence: *sequence, fields, delimiters });
    }
    let Some(msh) = segments.first() else { return Err(no_header("")) };
    Ok(Message { header: header(msh), segments })
}

fn no_header(value: &str) -> Fault {
    let remedy = "send one message in each frame, beginning with MSH|^~\\&|";
    Fault::new(Kind::Form, Place::field("MSH", 1, 0, 0), value, "a message that begins with MSH", remedy)
}

fn header(msh: &Segment) -> Header {
    Header {
        application: msh.text(3, 1),
        facility: msh.text(4, 1),
        to_application: msh.text(5, 1),
        to_facility: msh.text(6, 1),
        kind: (msh.text(9, 1), msh.text(9, 2)),
        id: msh.text(10, 1),
        processing: msh.text(11, 1),
        version: msh.text(12, 1),
        enhanced: !msh.text(15, 1).is_empty(),
        charset: Charset::named(msh.first(18)),
    }
}

/// Delimiters from MSH-1 and MSH-2, and the one of fields by itself.
fn delimiters(text: &str) -> Result<(Delimiters, char), Fault> {
    let head: String = text.chars().take(3).collect();
    let Some(rest) = text.strip_prefix("MSH") else { return Err(no_header(&head)) };
    let mut rest = rest.chars();
    let Some(field) = rest.next().filter(|c| c.is_ascii_punctuation()) else { return Err(no_header(&head)) };
    let marks: Vec<char> = rest.take_while(|c| *c != field && *c != '\r' && *c != '\n').collect();
    // version 2.7 has a fifth, for truncation
    let different = marks.iter().enumerate().all(|(at, mark)| !marks[..at].contains(mark) && *mark != field);
    match marks.as_slice() {
        [component, repetition, escape, subcomponent, ..]
            if marks.len() <= 5 && different && marks.iter().all(char::is_ascii_punctuation) =>
        {
            let (component, repetition, escape, subcomponent) = (*component, *repetition, *escape, *subcomponent);
            Ok((Delimiters { field, component, repetition, escape, subcomponent }, field))
        }
        _ => {
            let value: String = marks.iter().collect();
            let place = Place::field("MSH", 1, 2, 0);
            Err(Fault::new(Kind::Form, place, value, "four different delimiters", "write MSH|^~\\&|"))
        }
    }
}

/// The text of a message. What MSH-18 says counts; the bytes of GB 18030 contain delimiters, so a text is cut only once it
/// is decoded, and MSH-18 is looked for in each decoding that the bytes allow.
fn decoded(bytes: &[u8]) -> Result<String, Fault> {
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        let expected = "text without NUL bytes";
        let value = format!("byte {at}");
        return Err(Fault::new(Kind::Form, Place::field("MSH", 1, 0, 0), value, expected, "send HL7 v2 as text"));
    }
    let mut said = None;
    for set in [Charset::Utf8, Charset::Gb18030, Charset::Latin1] {
        let Some(text) = set.encoding().decode_without_bom_handling_and_without_replacement(bytes) else { continue };
        let Ok((_, field)) = delimiters(&text) else {
            if set == Charset::Utf8 {
                delimiters(&text)?;
            }
            continue;
        };
        let line = text.split(['\r', '\n']).next().unwrap_or_default();
        let name = line.split(field).nth(17).unwrap_or_default().split('~').next().unwrap_or_default();
        match Charset::named(name) {
            Some(named) if named == set => return Ok(text.into_owned()),
            // nothing but ASCII is the same in every set
            Some(_) if bytes.is_ascii() => return Ok(text.into_owned()),
            Some(_) => {}
            None => said = said.or_else(|| Some(name.to_owned())),
        }
    }
    let place = Place::field("MSH", 1, 18, 0);
    let expected = "UNICODE UTF-8, GB 18030-2000, 8859/1 or ASCII, and text in it";
    let remedy = "name the character set in which the message is written";
    Err(Fault::new(Kind::Code, place, said.unwrap_or_default(), expected, remedy))
}
