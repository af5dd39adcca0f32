//! Warnings about areas in words and as CAP 1.2, for whoever may read areas, and for the public with a feed. It uses the messages of
//! `ops::alerts` and the words of every language; it guarantees that a warning of an exercise never reaches the public, and that an
//! area of few people is named by its community alone.

use crate::{app::App, problem::Problem};
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use dayclear_core::measures::ZoneLevel;
use dayclear_exchange::cap::{self, Alert, CapError, Entry, Info, Kind};
use dayclear_ops::alerts::{Message, Turn};
use dayclear_papers::{Lang, Words};
use url::Url;

/// Media type of a message.
pub const CAP_MEDIA: &str = "application/cap+xml";
/// Media type of the feed.
pub const ATOM_MEDIA: &str = "application/atom+xml";
/// Path of the feed.
pub const FEED: &str = "/public/areas.atom";
/// Around a building.
const BUILDING_KM: f64 = 0.1;
/// Around the middle of a community whose building is not named.
const COMMUNITY_KM: f64 = 2.0;

/// What cannot be written as a warning is trouble of ours: every part of it is.
pub(crate) fn trouble(error: CapError) -> Problem {
    Problem::inside(error)
}

pub(crate) fn sender(app: &App) -> String {
    format!("dayclear-{}", app.setup.city)
}

/// Identifier of a message of an area: what CAP does not take in one becomes an underscore.
fn identifier(app: &App, area: &str, number: usize) -> String {
    let odd = |c: char| c.is_whitespace() || matches!(c, ',' | '<' | '&');
    format!("{}-{}-{number}", sender(app), area.replace(odd, "_"))
}

/// Where a page is for others: with the address of the house where one is set.
pub(crate) fn address(app: &App, segments: &[&str]) -> String {
    let origin = app.config.general.origin.as_deref();
    let Some(mut url) = Url::parse(origin.unwrap_or("http://localhost")).ok() else { return String::new() };
    if let Ok(mut path) = url.path_segments_mut() {
        path.clear().extend(segments);
    }
    if origin.is_some() { url.to_string() } else { url.path().to_owned() }
}

/// Where it applies, in words.
fn place(app: &App, message: &Message, lang: Lang) -> String {
    let area = &message.area;
    let division = app.place_name(area.division.as_str(), lang);
    if message.is_small() {
        return division;
    }
    let unit = area.unit.as_ref().map(|unit| Words::of(lang).get("area-unit", &[("unit", unit.as_str().into())]));
    let parts = [Some(division), area.compound.clone(), Some(area.building.clone()), unit];
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn info(app: &App, message: &Message, lang: Lang) -> Info {
    let (w, place) = (Words::of(lang), place(app, message, lang));
    let day = lang.date(message.area.released_on.unwrap_or(message.area.ends_on));
    let stay = message.area.level == ZoneLevel::High;
    let (headline, description, instruction) = match message.turn {
        Turn::Opened => ("warning-opened", "warning-opened-why", if stay { "public-area-do" } else { "warning-mind" }),
        Turn::Extended => {
            ("warning-extended", "warning-extended-why", if stay { "public-area-do" } else { "warning-mind" })
        }
        Turn::Suspended => ("warning-suspended", "warning-suspended-why", "warning-suspended-do"),
        Turn::TakenUp => {
            ("warning-taken-up", "warning-taken-up-why", if stay { "public-area-do" } else { "warning-mind" })
        }
        Turn::Released => ("warning-released", "warning-released-why", "warning-released-do"),
    };
    let values = [("place", place.as_str().into()), ("day", day.as_str().into())];
    Info {
        language: lang.tag().to_owned(),
        event: w.say("warning-event"),
        headline: w.get(headline, &values),
        description: w.get(description, &values),
        instruction: w.say(instruction),
        place,
    }
}

/// A message as CAP.
pub fn cap(app: &App, message: &Message) -> Result<Response, Problem> {
    let area = &message.area;
    let small = message.is_small();
    let coarse = |degrees: f64| if small { (degrees * 100.0).round() / 100.0 } else { degrees };
    let ended = message.turn == Turn::Released;
    let alert = Alert {
        identifier: identifier(app, &area.id, message.number),
        sender: sender(app),
        sender_name: app.place_name(app.setup.city.as_str(), Lang::ZhHans),
        sent: message.at,
        kind: match message.turn {
            Turn::Opened => Kind::Alert,
            Turn::Extended | Turn::Suspended | Turn::TakenUp => Kind::Update,
            Turn::Released => Kind::Cancel,
        },
        follows: message.before.map(|at| (identifier(app, &area.id, message.number - 1), at)),
        exercise: app.setup.exercise,
        stay: area.level == ZoneLevel::High && message.turn != Turn::Suspended,
        expires: (!ended).then(|| app.zone().start_of(area.ends_on.plus_days(1))),
        infos: Lang::ALL.iter().map(|lang| info(app, message, *lang)).collect(),
        web: app.config.general.origin.is_some().then(|| address(app, &["public", "areas"])),
        at: (coarse(area.place.1), coarse(area.place.0)),
        radius_km: if small { COMMUNITY_KM } else { BUILDING_KM },
        division: area.division.to_string(),
    };
    Ok(answer(CAP_MEDIA, cap::xml(&alert, app.zone()).map_err(trouble)?))
}

/// The feed of the last message about every area; empty in an exercise.
pub fn feed(app: &App, messages: &[Message], lang: Lang) -> Result<Response, Problem> {
    let words = Words::of(lang);
    let entry = |message: &Message| {
        let info = info(app, message, lang);
        let (id, number) = (message.area.id.as_str(), message.number.to_string());
        Entry {
            id: format!("urn:dayclear:{}", identifier(app, id, message.number)),
            title: info.headline,
            summary: format!("{} {}", info.description, info.instruction),
            updated: message.at,
            href: address(app, &["public", "warnings", id, &number]),
        }
    };
    let entries: Vec<Entry> = messages.iter().filter(|_| !app.setup.exercise).map(entry).collect();
    let updated = entries.iter().map(|entry| entry.updated).max().unwrap_or_else(|| app.now());
    let author = app.place_name(app.setup.city.as_str(), lang);
    let (title, id) = (words.say("warning-feed"), format!("urn:{}:areas", sender(app).replace('-', ":")));
    let own = address(app, &["public", "areas.atom"]);
    let text = cap::feed(&title, &id, &own, &author, updated, &entries, app.zone()).map_err(trouble)?;
    Ok(answer(ATOM_MEDIA, text))
}

pub(crate) fn answer(media: &str, text: String) -> Response {
    let media = format!("{media}; charset=utf-8");
    (StatusCode::OK, [(header::CONTENT_TYPE, media)], text).into_response()
}
