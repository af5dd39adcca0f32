//! Warnings to the public as CAP 1.2 (Common Alerting Protocol, OASIS standard of 1 July 2010), and a feed of them as Atom
//! (RFC 4287). It may use nothing but an XML writer; it is pure. It guarantees the order of elements of the schema, that an
//! update or an end names what it follows, that a warning of an exercise says so and is restricted, and that no text can break out
//! of its element.

use dayclear_core::time::{Instant, Zone};
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};
use std::io;
use thiserror::Error;

const CAP: &str = "urn:oasis:names:tc:emergency:cap:1.2";
const ATOM: &str = "http://www.w3.org/2005/Atom";

/// What a warning cannot be.
#[derive(Debug, Error)]
pub enum CapError {
    /// An identifier or sender with a blank, a comma, `<` or `&` (CAP 1.2, 3.2.1).
    #[error("'{0}' cannot be an identifier or a sender of a warning: no blank, comma, < or &")]
    Name(String),
    /// An update or an end that follows nothing, or a first warning that follows something.
    #[error("a first warning follows nothing, and an update or an end names the one before it")]
    References,
    /// A warning that says nothing.
    #[error("a warning says something in at least one language")]
    Silent,
    /// The writer.
    #[error("the warning cannot be written: {0}")]
    Writing(#[from] io::Error),
}

/// Kind of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The first.
    Alert,
    /// It has changed.
    Update,
    /// It has ended.
    Cancel,
}

/// What a warning says in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// Tag of the language (RFC 3066).
    pub language: String,
    /// What it is about.
    pub event: String,
    /// One line.
    pub headline: String,
    /// What has happened.
    pub description: String,
    /// What to do.
    pub instruction: String,
    /// Where it applies, in words.
    pub place: String,
}

/// One message of a warning.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// Identifier, different for every message.
    pub identifier: String,
    /// Who sends it.
    pub sender: String,
    /// Name of who sends it.
    pub sender_name: String,
    /// When.
    pub sent: Instant,
    /// Kind.
    pub kind: Kind,
    /// Identifier and moment of the message before it.
    pub follows: Option<(String, Instant)>,
    /// Whether it is an exercise: restricted, and never for the public.
    pub exercise: bool,
    /// Whether people have to stay where they are; else they are asked to be careful.
    pub stay: bool,
    /// When it ends unless it is ended before.
    pub expires: Option<Instant>,
    /// What it says.
    pub infos: Vec<Info>,
    /// Page about it.
    pub web: Option<String>,
    /// Latitude and longitude of the building, degrees WGS-84.
    pub at: (f64, f64),
    /// Radius around it, km.
    pub radius_km: f64,
    /// Code of its division.
    pub division: String,
}

/// An entry of a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Identifier of the warning.
    pub id: String,
    /// Its headline.
    pub title: String,
    /// What it says.
    pub summary: String,
    /// When.
    pub updated: Instant,
    /// Where the CAP message is.
    pub href: String,
}

type Xml = Writer<Vec<u8>>;

fn leaf(xml: &mut Xml, name: &str, text: &str) -> io::Result<()> {
    // what XML 1.0 has no place for is left out: nobody could read it
    let text: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    xml.create_element(name).write_text_content(BytesText::new(&text))?;
    Ok(())
}

/// A moment as CAP wants it: with the offset of a zone, no fraction, no `Z`.
fn moment(zone: &Zone, at: Instant) -> String {
    const MICROS: i64 = 1_000_000;
    let text = zone.text(Instant::from_micros(at.micros().div_euclid(MICROS) * MICROS));
    match text.strip_suffix('Z') {
        Some(text) => format!("{text}-00:00"),
        None => text,
    }
}

fn named(text: &str) -> Result<&str, CapError> {
    let bad = text.is_empty() || text.contains(|c: char| c.is_whitespace() || matches!(c, ',' | '<' | '&'));
    if bad { Err(CapError::Name(text.to_owned())) } else { Ok(text) }
}

fn begun() -> Result<Xml, CapError> {
    let mut xml = Writer::new(Vec::new());
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    Ok(xml)
}

fn ended(xml: Xml) -> String {
    String::from_utf8_lossy(&xml.into_inner()).into_owned()
}

/// The message as XML.
pub fn xml(alert: &Alert, zone: &Zone) -> Result<String, CapError> {
    if alert.infos.is_empty() {
        return Err(CapError::Silent);
    }
    if alert.follows.is_none() != (alert.kind == Kind::Alert) {
        return Err(CapError::References);
    }
    let (identifier, sender) = (named(&alert.identifier)?, named(&alert.sender)?);
    let follows = match &alert.follows {
        Some((before, at)) => Some(format!("{sender},{},{}", named(before)?, moment(zone, *at))),
        None => None,
    };
    let mut xml = begun()?;
    xml.create_element("alert").with_attribute(("xmlns", CAP)).write_inner_content(|xml| {
        leaf(xml, "identifier", identifier)?;
        leaf(xml, "sender", sender)?;
        leaf(xml, "sent", &moment(zone, alert.sent))?;
        leaf(xml, "status", if alert.exercise { "Exercise" } else { "Actual" })?;
        let kind = match alert.kind {
            Kind::Alert => "Alert",
            Kind::Update => "Update",
            Kind::Cancel => "Cancel",
        };
        leaf(xml, "msgType", kind)?;
        if alert.exercise {
            leaf(xml, "scope", "Restricted")?;
            leaf(xml, "restriction", "for those who take part in the exercise")?;
            leaf(xml, "note", "an exercise: people and figures are made up")?;
        } else {
            leaf(xml, "scope", "Public")?;
        }
        if let Some(follows) = &follows {
            leaf(xml, "references", follows)?;
        }
        alert.infos.iter().try_for_each(|info| about(xml, alert, info, zone))
    })?;
    Ok(ended(xml))
}

fn about(xml: &mut Xml, alert: &Alert, info: &Info, zone: &Zone) -> io::Result<()> {
    let over = alert.kind == Kind::Cancel;
    xml.create_element("info").write_inner_content(|xml| {
        leaf(xml, "language", &info.language)?;
        leaf(xml, "category", "Health")?;
        leaf(xml, "event", &info.event)?;
        let response = match (over, alert.stay) {
            (true, _) => "AllClear",
            (false, true) => "Shelter",
            (false, false) => "Monitor",
        };
        leaf(xml, "responseType", response)?;
        leaf(xml, "urgency", if over { "Past" } else { "Immediate" })?;
        leaf(xml, "severity", if over { "Minor" } else { "Moderate" })?;
        leaf(xml, "certainty", "Observed")?;
        leaf(xml, "effective", &moment(zone, alert.sent))?;
        if let Some(expires) = alert.expires {
            leaf(xml, "expires", &moment(zone, expires))?;
        }
        leaf(xml, "senderName", &alert.sender_name)?;
        leaf(xml, "headline", &info.headline)?;
        leaf(xml, "description", &info.description)?;
        leaf(xml, "instruction", &info.instruction)?;
        if let Some(web) = &alert.web {
            leaf(xml, "web", web)?;
        }
        let (latitude, longitude) = alert.at;
        xml.create_element("area").write_inner_content(|xml| {
            leaf(xml, "areaDesc", &info.place)?;
            leaf(xml, "circle", &format!("{latitude:.5},{longitude:.5} {}", alert.radius_km))?;
            xml.create_element("geocode").write_inner_content(|xml| {
                leaf(xml, "valueName", "division")?;
                leaf(xml, "value", &alert.division)
            })?;
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(())
}

/// A feed of warnings. `id` names the feed for ever, `own` is its address, `updated` the moment of its newest entry.
pub fn feed(
    title: &str,
    id: &str,
    own: &str,
    author: &str,
    updated: Instant,
    entries: &[Entry],
    zone: &Zone,
) -> Result<String, CapError> {
    let mut xml = begun()?;
    xml.create_element("feed").with_attribute(("xmlns", ATOM)).write_inner_content(|xml| {
        leaf(xml, "title", title)?;
        leaf(xml, "id", id)?;
        xml.create_element("link").with_attributes([("rel", "self"), ("href", own)]).write_empty()?;
        leaf(xml, "updated", &moment(zone, updated))?;
        xml.create_element("author").write_inner_content(|xml| leaf(xml, "name", author))?;
        entries.iter().try_for_each(|entry| {
            xml.create_element("entry").write_inner_content(|xml| {
                leaf(xml, "title", &entry.title)?;
                leaf(xml, "id", &entry.id)?;
                leaf(xml, "updated", &moment(zone, entry.updated))?;
                let link = [("rel", "alternate"), ("type", "application/cap+xml"), ("href", entry.href.as_str())];
                xml.create_element("link").with_attributes(link).write_empty()?;
                leaf(xml, "summary", &entry.summary)
            })?;
            Ok(())
        })
    })?;
    Ok(ended(xml))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use quick_xml::Reader;

    fn zone() -> Zone {
        Zone::named("Asia/Shanghai").unwrap()
    }

    fn alert(kind: Kind, exercise: bool) -> Alert {
        let info = |language: &str| Info {
            language: language.to_owned(),
            event: "risk area".to_owned(),
            headline: "a < b & c".to_owned(),
            description: "d".to_owned(),
            instruction: "e".to_owned(),
            place: "兴茂雅园 3栋".to_owned(),
        };
        let follows = ("Z-1.1".to_owned(), "2022-11-19T08:00:00+08:00".parse().unwrap());
        Alert {
            identifier: "Z-1.2".to_owned(),
            sender: "dayclear-50".to_owned(),
            sender_name: "City".to_owned(),
            sent: Instant::from_micros("2022-11-20T08:00:00+08:00".parse::<Instant>().unwrap().micros() + 7),
            kind,
            follows: (kind != Kind::Alert).then_some(follows),
            exercise,
            stay: true,
            expires: Some("2022-11-25T00:00:00+08:00".parse().unwrap()),
            infos: vec![info("zh-Hans"), info("en")],
            web: None,
            at: (29.5, 106.5),
            radius_km: 0.1,
            division: "500103001001".to_owned(),
        }
    }

    /// Names of all elements in their order, with their depth, and their texts.
    fn elements(xml: &str) -> Vec<(usize, String, String)> {
        let (mut reader, mut found, mut open) = (Reader::from_str(xml), Vec::new(), Vec::new());
        loop {
            match reader.read_event().unwrap() {
                Event::Start(start) => {
                    let name = String::from_utf8(start.name().as_ref().to_vec()).unwrap();
                    open.push(found.len());
                    found.push((open.len(), name, String::new()));
                }
                Event::End(_) => {
                    open.pop();
                }
                Event::Text(text) => {
                    if let Some(at) = open.last() {
                        found[*at].2.push_str(&text.decode().unwrap());
                    }
                }
                Event::GeneralRef(name) => {
                    let name = name.decode().unwrap();
                    let sign = quick_xml::escape::resolve_xml_entity(&name).unwrap();
                    found[*open.last().unwrap()].2.push_str(sign);
                }
                Event::Eof => return found,
                _ => {}
            }
        }
    }

    /// The children of `alert`, `info` and `area` in the order of the schema (CAP 1.2, 3.4).
    const ORDER: [&[&str]; 3] = [
        &[
            "identifier",
            "sender",
            "sent",
            "status",
            "msgType",
            "source",
            "scope",
            "restriction",
            "addresses",
            "code",
            "note",
            "references",
            "incidents",
            "info",
        ],
        &[
            "language",
            "category",
            "event",
            "responseType",
            "urgency",
            "severity",
            "certainty",
            "audience",
            "eventCode",
            "effective",
            "onset",
            "expires",
            "senderName",
            "headline",
            "description",
            "instruction",
            "web",
            "contact",
            "parameter",
            "resource",
            "area",
        ],
        &["areaDesc", "polygon", "circle", "geocode", "altitude", "ceiling"],
    ];

    fn in_order(found: &[(usize, String, String)], depth: usize, names: &[&str]) {
        let mut last = 0;
        for (own, name, _) in found {
            if *own == depth {
                let at = names
                    .iter()
                    .position(|known| known == name)
                    .unwrap_or_else(|| panic!("{name} is not in the schema"));
                assert!(at >= last, "{name} stands too late");
                last = at;
            } else if *own < depth {
                last = 0;
            }
        }
    }

    #[test]
    fn every_message_follows_the_schema() {
        for kind in [Kind::Alert, Kind::Update, Kind::Cancel] {
            for exercise in [false, true] {
                let text = xml(&alert(kind, exercise), &zone()).unwrap();
                let found = elements(&text);
                for (depth, names) in ORDER.iter().enumerate() {
                    in_order(&found, depth + 2, names);
                }
                let of = |name: &str| found.iter().find(|(_, own, _)| own == name).map(|(.., text)| text.as_str());
                assert_eq!(of("sent"), Some("2022-11-20T08:00:00+08:00"));
                assert_eq!(of("status"), Some(if exercise { "Exercise" } else { "Actual" }));
                assert_eq!(of("scope"), Some(if exercise { "Restricted" } else { "Public" }));
                assert_eq!(of("headline"), Some("a < b & c"));
                let follows = (kind != Kind::Alert).then_some("dayclear-50,Z-1.1,2022-11-19T08:00:00+08:00");
                assert_eq!(of("references"), follows);
                assert_eq!(of("responseType"), Some(if kind == Kind::Cancel { "AllClear" } else { "Shelter" }));
            }
        }
    }

    #[test]
    fn what_cannot_be_a_warning_is_refused() {
        let bad = |change: fn(&mut Alert)| {
            let mut alert = alert(Kind::Update, false);
            change(&mut alert);
            xml(&alert, &zone()).unwrap_err()
        };
        assert!(matches!(bad(|alert| alert.follows = None), CapError::References));
        assert!(matches!(bad(|alert| alert.kind = Kind::Alert), CapError::References));
        assert!(matches!(bad(|alert| alert.infos.clear()), CapError::Silent));
        assert!(matches!(bad(|alert| alert.identifier = "a b".to_owned()), CapError::Name(_)));
        assert!(matches!(bad(|alert| alert.sender = "a,b".to_owned()), CapError::Name(_)));
    }

    proptest! {
        /// Whatever somebody called a building, the message stays the same in shape.
        #[test]
        fn no_text_breaks_out(text in "\\PC{0,40}") {
            let mut hostile = alert(Kind::Alert, false);
            hostile.infos[0].headline.clone_from(&text);
            hostile.infos[0].place = format!("</areaDesc><x>{text}");
            let names = |xml: &str| elements(xml).into_iter().map(|(depth, name, _)| (depth, name)).collect::<Vec<_>>();
            let plain = xml(&alert(Kind::Alert, false), &zone()).unwrap();
            prop_assert_eq!(names(&xml(&hostile, &zone()).unwrap()), names(&plain));
        }
    }
}
