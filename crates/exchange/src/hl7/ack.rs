//! The answer to a message (chapter 2.9): MSH, MSA and, for each fault, an ERR that names segment, sequence, field and
//! component, what was expected and what to do. It guarantees that an answer has its own delimiters and that nothing in a
//! text can be taken for one of them.

use super::segments::{Charset, Delimiters, Header, parse};
use crate::letter::{FAULTS_MAX, Fault, Kind, Place};

/// What is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// Taken, and durable.
    Accept,
    /// Not taken, or not whole: the sender is to correct it.
    Error,
    /// Nothing of this kind is taken here, or not now.
    Reject,
}

impl Code {
    /// Code of MSA-1: of the original mode, or of the enhanced one where MSH-15 asked for it (table 0008).
    const fn text(self, enhanced: bool) -> &'static str {
        match (self, enhanced) {
            (Code::Accept, false) => "AA",
            (Code::Error, false) => "AE",
            (Code::Reject, false) => "AR",
            (Code::Accept, true) => "CA",
            (Code::Error, true) => "CE",
            (Code::Reject, true) => "CR",
        }
    }
}

/// Error code of table 0357 and its name.
const fn condition(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Missing => ("101", "Required field missing"),
        Kind::Form => ("102", "Data type error"),
        Kind::Code => ("103", "Table value not found"),
        Kind::Type => ("200", "Unsupported message type"),
        Kind::Unsupported => ("201", "Unsupported event code"),
        Kind::Processing => ("202", "Unsupported processing id"),
        Kind::Version => ("203", "Unsupported version id"),
        Kind::Unknown | Kind::Sender => ("204", "Unknown key identifier"),
        Kind::Contradiction => ("205", "Duplicate key identifier"),
        Kind::TooLong | Kind::Inside => ("207", "Application internal error"),
    }
}

/// A text as it may stand in a field.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' => safe.push_str("\\F\\"),
            '^' => safe.push_str("\\S\\"),
            '&' => safe.push_str("\\T\\"),
            '~' => safe.push_str("\\R\\"),
            '\\' => safe.push_str("\\E\\"),
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

/// Answers a message, as text; [`Charset::bytes`] makes bytes of it. `now` is the moment as ISO 8601 writes it, `own` the id
/// of the answer.
pub fn acknowledge(header: &Header, code: Code, faults: &[Fault], now: &str, own: &str) -> String {
    let now = written(now);
    let charset = header.charset.unwrap_or(Charset::Utf8);
    let processing = if header.processing.is_empty() { "P" } else { header.processing.as_str() };
    let [from, at, to, there, id] =
        [&header.to_application, &header.to_facility, &header.application, &header.facility, &header.id]
            .map(|text| escaped(text));
    let event = escaped(&header.kind.1);
    let mut answer = format!(
        "MSH|^~\\&|{from}|{at}|{to}|{there}|{now}||ACK^{event}^ACK|{}|{}|2.5.1||||||{}\rMSA|{}|{id}\r",
        escaped(own),
        escaped(processing),
        charset.name(),
        code.text(header.enhanced),
    );
    for fault in faults.iter().take(FAULTS_MAX) {
        let (number, name) = condition(fault.kind);
        let place = match &fault.place {
            Place::Field { segment, sequence, field, component } => {
                let mut place = format!("{}^{sequence}", escaped(segment));
                if *field > 0 {
                    place.push_str(&format!("^{field}"));
                    if *component > 0 {
                        place.push_str(&format!("^1^{component}"));
                    }
                }
                place
            }
            Place::Path(path) => escaped(path),
        };
        let value = if fault.value.is_empty() { String::new() } else { format!("; found '{}'", fault.value) };
        answer.push_str(&format!(
            "ERR||{place}|{number}^{name}^HL70357|E|||{}|{}\r",
            escaped(&format!("expected {}{value}", fault.expected)),
            escaped(&fault.remedy),
        ));
    }
    answer
}

/// A moment of ISO 8601 as HL7 writes it: without marks, and without parts of a second.
fn written(now: &str) -> String {
    let (date, time) = now.split_once('T').unwrap_or((now, ""));
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let (time, offset) = time.split_at(time.find(['+', '-', 'Z']).unwrap_or(time.len()));
    let sign: String = offset.chars().take(1).filter(|c| *c != 'Z').collect();
    let offset = if offset == "Z" { "+0000".to_owned() } else { format!("{sign}{}", digits(offset)) };
    let seconds: String = digits(time).chars().take(6).collect();
    format!("{}{seconds}{offset}", digits(date))
}

/// What can be read of the header of a message that cannot be read whole, so that its answer finds its sender.
pub fn header_of(bytes: &[u8]) -> Header {
    let end = bytes.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(bytes.len()).min(4_096);
    let ascii: Vec<u8> = bytes[..end].iter().map(|byte| if byte.is_ascii_control() { b' ' } else { *byte }).collect();
    let text = String::from_utf8_lossy(&ascii).replace('\u{fffd}', "?");
    let read = parse(text.as_bytes()).or_else(|_| parse(text.replace('\\', "/").as_bytes()));
    let mut header = read.map(|message| message.header).unwrap_or_default();
    header.charset = Some(Charset::Utf8);
    header
}

// the answer is written with the usual delimiters
const _: () = assert!(matches!(Delimiters::USUAL, Delimiters { field: '|', component: '^', .. }));
