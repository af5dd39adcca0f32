//! How a value looks on a page: a state has a sign and a word, a deadline a clock, an id a link, a masked or withheld value
//! says that it is one, and what nobody knows says so too. The templates print what this module decides.

use super::{
    frame::{Frame, moment, short_day},
    standing::owner_said,
};
use crate::app::App;
use dayclear_core::{
    listing::{Cell, Field, Holds, Listing, Row},
    time::{CivilDate, Instant},
    welfare::Supply,
};
use dayclear_papers::shown::prefix_of;

/// A value as it is shown.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// Text.
    pub text: String,
    /// How: `plain`, `number`, `id`, `masked`, `withheld`, `unknown`, `state TONE`, `clock KIND`, `words`.
    pub look: &'static str,
    /// Tone of a state or kind of a clock.
    pub tone: &'static str,
    /// Where it leads.
    pub link: Option<String>,
    /// Exact moment.
    pub moment: String,
}

impl Shown {
    /// Whether it looks so.
    pub fn is(&self, look: &str) -> bool {
        self.look == look
    }
}

/// Tone of a term that says how something stands; terms that do not are plain words.
fn tone(field: &str, term: &str) -> Option<&'static str> {
    if !matches!(field, "state" | "finding" | "outcome" | "classification" | "presence" | "level" | "out_of_service") {
        return None;
    }
    Some(match term {
        "admitted" | "negative" | "completed" | "recovered" | "free" | "present" | "resulted" | "closed"
        | "released" | "done" | "enough" => "good",
        "booked" | "arranged" | "underway" | "active" | "held" | "occupied" | "open" => "busy",
        "requested" | "awaiting_diagnosis" | "unknown" | "waiting" | "planned" | "waits" | "due" => "wait",
        "inconclusive" | "invalid" | "cleaning" | "medium" | "unreachable" | "put_off" | "low" => "warn",
        "positive" | "refused" | "confirmed" | "converted" | "blocked" | "high" | "died" | "out" => "bad",
        "aside" | "cancelled" | "ended" | "replaced" | "withdrawn" | "freed" | "declined" => "gone",
        _ => return None,
    })
}

/// A telephone number as it is dialled: digits, and the sign of a country.
pub fn dialled(phone: &str) -> String {
    phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()
}

/// Percent-encoded part of a path.
pub fn part(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b':' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// Where the subject of an item is looked at: list and key. What waits may be a person of a tube or of a day.
pub fn subject_of<'s>(worklist: &str, subject: &'s str) -> Option<(&'static str, &'s str)> {
    let (before, last) = subject.rsplit_once('/').unwrap_or(("", subject));
    let list = match worklist {
        "deliver" | "test" => "tubes",
        "report" | "diagnose" | "reach" | "facts" | "investigate" | "move" => "cases",
        "place" | "away" => "transfers",
        "call" => {
            let mut parts = subject.split('/');
            return match (parts.next(), parts.next()) {
                (Some("door"), Some(transfer)) => Some(("transfers", transfer)),
                (Some("silent" | "broken" | "two"), Some(trip)) => Some(("trips", trip)),
                _ => None,
            };
        }
        "release" => "orders",
        "reopen" => "areas",
        "clean" => "beds",
        "answer" => "requests",
        "decide" | "help" => "tickets",
        "treat" => "treatments",
        "fulfil" => "obligations",
        "letters" => return subject.split('/').next().map(|letter| ("letters", letter)),
        // gate, day and ticket are the key of the list, joined otherwise
        "retest" if subject.starts_with("landing/") => return None,
        "recall" | "retest" | "follow" => return Some(("people", last)),
        "review" if subject.starts_with("withdrawn/") => {
            return subject.split('/').nth(1).map(|case| ("cases", case));
        }
        "review" if subject.starts_with("refused/") => {
            let of = subject.strip_prefix("refused/").and_then(|rest| rest.rsplit_once('/'));
            return of.map(|(of, _)| (if of.starts_with("T-") { "treatments" } else { "tickets" }, of));
        }
        "clarify" | "review" => match before {
            _ if subject.starts_with("stock/") => {
                let key = subject.strip_prefix("stock/").and_then(|rest| rest.rsplit_once('/'));
                return key.map(|(key, _)| ("supplies", key));
            }
            _ if subject.starts_with("price/") => return subject.split('/').nth(2).map(|good| ("goods", good)),
            "carer" | "person" | "member" => return Some(("people", last)),
            "tube" => return Some(("tubes", last)),
            "nowhere" => return Some(("boxes", last)),
            _ => return None,
        },
        _ => return None,
    };
    Some((list, subject))
}

/// What waits, as people say it: who or what before the day, and goods by their name.
pub fn subject_said(app: &App, frame: &Frame, subject: &str) -> String {
    let mut parts: Vec<&str> = subject.split('/').collect();
    // what the dispatch calls about: the cause, and of which transfer or trip; the rest tells two of them apart
    let cause = match parts.first() {
        Some(&"door") if parts.len() == 3 => Some("call-door"),
        Some(&"silent") => Some("call-silent"),
        Some(&"broken") => Some("call-broken"),
        Some(&"refused") if parts.len() == 3 => Some("call-refused"),
        _ => None,
    };
    if let (Some(key), Some(of)) = (cause, parts.get(1)) {
        return [frame.say(key), (*of).to_owned()].join(" · ");
    }
    let day = match parts.first().and_then(|first| first.parse::<CivilDate>().ok()) {
        Some(day) if parts.len() > 1 => {
            parts.remove(0);
            Some(short_day(app, frame.lang, day))
        }
        _ => None,
    };
    let said = |part: &str| part.parse::<Supply>().map_or_else(|_| part.to_owned(), |item| frame.w.term(item));
    parts.into_iter().map(said).chain(day).collect::<Vec<_>>().join(" · ")
}

fn target(listing: &Listing, field: &Field, row: &Row, text: &str) -> Option<String> {
    if field.name == listing.key {
        return Some(format!("/{}/{}", listing.name, part(text)));
    }
    let list = match field.name {
        "person" | "carer" | "other" | "merged_into" => "people",
        // a contact of a case elsewhere stands under the letter that told of it
        "case_id" if row.get(listing, "source").as_str() == Some("letter") => "letters",
        "case_id" => "cases",
        "letter" => "letters",
        "aside" => return Some(format!("/{}/{}", listing.name, part(text))),
        "tube" => "tubes",
        "facility" => "facilities",
        "bed" => "beds",
        "trip" => "trips",
        "vehicle" => "vehicles",
        "laboratory" => "laboratories",
        "box" => "boxes",
        "team" => "teams",
        "place" if matches!(listing.name, "place_people" | "shifts") => "places",
        "transfer" => "transfers",
        "request" => "requests",
        "ticket" => "tickets",
        "round" => "rounds",
        "hold" => "holds",
        "subject" if listing.name == "items" => {
            let (list, key) = subject_of(row.get(listing, "worklist").as_str()?, text)?;
            return Some(format!("/{list}/{}", part(key)));
        }
        "subject" if listing.name == "transfers" => "cases",
        _ => return None,
    };
    Some(format!("/{list}/{}", part(text)))
}

/// How long, in words of the language: the two largest units.
pub fn span(frame: &Frame, minutes: i64) -> String {
    let minutes = minutes.unsigned_abs();
    frame.lang.duration(minutes)
}

/// A deadline as a clock.
pub fn clock(app: &App, frame: &Frame, due: Instant, ended: Option<Instant>) -> Shown {
    clock_by(app, frame, due, ended, app.now())
}

/// A deadline as a clock, by another time than that of the city.
pub fn clock_by(app: &App, frame: &Frame, due: Instant, ended: Option<Instant>, now: Instant) -> Shown {
    const SOON_MIN: i64 = 60;
    let said = |key: &str, minutes: i64| frame.w.get(key, &[("span", span(frame, minutes).into())]);
    let (text, tone) = match ended {
        Some(at) if at <= due => (frame.say("clock-met"), "met"),
        Some(at) => (said("clock-overdue", at.minutes_since(due)), "overdue"),
        None => match due.minutes_since(now) {
            left if left < 0 => (said("clock-overdue", left), "overdue"),
            left if left <= SOON_MIN => (said("clock-due", left), "soon"),
            left => (said("clock-due", left), "due"),
        },
    };
    Shown { text, look: "clock", tone, link: None, moment: app.zone().text(due) }
}

/// A value of a row. It leads only to lists that exist for the duty.
pub fn value(app: &App, frame: &Frame, listing: &Listing, field: &Field, row: &Row) -> Shown {
    let mut shown = looking(app, frame, listing, field, row);
    let list = shown.link.as_deref().and_then(|link| link.split('/').nth(1)).and_then(Listing::named);
    if let (Some(list), Some(role)) = (list, frame.role)
        && !list.readable_by(role)
    {
        shown.link = None;
    }
    shown
}

fn looking(app: &App, frame: &Frame, listing: &Listing, field: &Field, row: &Row) -> Shown {
    let cell = row.get(listing, field.name);
    let plain = |text: String| Shown { text, look: "plain", ..Shown::default() };
    match cell {
        Cell::Empty => Shown { text: "–".to_owned(), look: "unknown", ..Shown::default() },
        Cell::Hidden => Shown { text: frame.say("not-shown"), look: "withheld", ..Shown::default() },
        Cell::Masked(text) => Shown { text: text.clone(), look: "masked", ..Shown::default() },
        Cell::Text(_) if field.name == "owner" && listing.name == "items" => plain(owner_said(app, frame, row)),
        Cell::Text(text) => match field.holds {
            Holds::Division => plain(app.place_name(text, frame.lang)),
            Holds::Term(terms) => {
                let word =
                    prefix_of(terms).map_or_else(|| text.clone(), |prefix| frame.say(&format!("{prefix}-{text}")));
                match tone(field.name, text) {
                    Some(tone) => Shown { text: word, look: "state", tone, ..Shown::default() },
                    None => plain(word),
                }
            }
            Holds::Id if matches!(field.name, "assignee" | "actor" | "published_by" | "drafted_by" | "owner") => {
                plain(super::accounts::said(app, frame, text))
            }
            Holds::Id => {
                let said = match field.name {
                    name if name == listing.key => text.clone(),
                    "subject" if listing.name == "items" => subject_said(app, frame, text),
                    "facility" | "laboratory" => app.site_name(text),
                    _ => text.clone(),
                };
                Shown { text: said, look: "id", link: target(listing, field, row, text), ..Shown::default() }
            }
            _ => plain(text.clone()),
        },
        Cell::Whole(number) => Shown {
            text: frame.lang.signed(*number),
            look: "number",
            link: (field.name == listing.key).then(|| format!("/{}/{number}", listing.name)),
            ..Shown::default()
        },
        Cell::Real(number) => Shown { text: format!("{number:.2}"), look: "number", ..Shown::default() },
        Cell::Day(day) => Shown {
            text: day.to_string(),
            look: "plain",
            link: (field.name == listing.key).then(|| format!("/{}/{day}", listing.name)),
            ..Shown::default()
        },
        // what a closed day carried over stands as it stood then: no clock runs for it
        Cell::Moment(at) if field.name == "due_at" && listing.name != "carried" => {
            let ended = match row.get(listing, if listing.name == "requests" { "answered_at" } else { "closed_at" }) {
                Cell::Moment(ended) => Some(*ended),
                _ => None,
            };
            clock(app, frame, *at, ended)
        }
        Cell::Moment(at) => Shown {
            text: moment(app, frame.lang, *at),
            look: "moment",
            moment: app.zone().text(*at),
            ..Shown::default()
        },
        Cell::Truth(truth) => plain(frame.say(if *truth { "yes" } else { "no" })),
        Cell::Data(data) => Shown { text: data.to_string(), look: "data", ..Shown::default() },
    }
}
