//! The bulletin as one self-contained page: its own style, no script, no outside file. It may use the template engine.
//! It guarantees that every value is escaped, that a table has its caption and headers, and that no meaning hangs on
//! colour alone: bars repeat numbers that stand beside them, and every sign is a word.

use crate::{
    PaperError,
    figures::community_share,
    lang::Lang,
    sections::{self, Section},
    words::Words,
};
use askama::Template;
use dayclear_core::{
    bulletin::{Bulletin, Provenance},
    time::CivilDate,
};

/// The style of a paper: for pages that other crates make of the same parts.
pub const STYLE: &str = include_str!("../templates/bulletin.css");

/// One figure of a group: a number with its name and what must be said with it.
pub(crate) struct Figure {
    pub name: String,
    pub value: String,
    pub known: bool,
    pub more: Vec<String>,
    pub bar: Option<Bar>,
}

/// A bar of two parts on a frame of 100.
pub(crate) struct Bar {
    pub solid: f64,
    pub open: f64,
    pub framed: bool,
}

impl Bar {
    /// Parts of a whole, on a frame.
    pub fn parts(solid: u64, open: u64, whole: u64) -> Option<Bar> {
        (whole > 0).then(|| Bar { solid: share(solid, whole), open: share(open, whole), framed: true })
    }
    /// A bar of a chart in which `longest` takes the full width.
    pub fn chart(solid: u64, open: u64, longest: u64) -> Option<Bar> {
        (longest > 0).then(|| Bar { solid: share(solid, longest), open: share(open, longest), framed: false })
    }
}

fn share(part: u64, whole: u64) -> f64 {
    // Two decimals: finer than a printed dot.
    (part as f64 / whole as f64 * 1e4).round().min(1e4) / 100.0
}

/// Where a link of the footer leads, and the words around it.
pub(crate) enum Source {
    Word(String),
    Link(String),
}

#[derive(Template)]
#[template(path = "bulletin.html")]
struct Page {
    words: &'static Words,
    title: String,
    city: String,
    city_lang: Option<&'static str>,
    date: String,
    iso_date: CivilDate,
    facts: Vec<(String, String)>,
    notices: Vec<(String, String)>,
    lead: Vec<String>,
    headline: Vec<Figure>,
    sections: Vec<Section>,
    notes: Vec<String>,
    missing: Option<String>,
    signature: Option<String>,
    sources: Vec<Vec<Source>>,
}

/// The bulletin as a page in one language.
pub fn bulletin_html(bulletin: &Bulletin, lang: Lang) -> Result<String, PaperError> {
    let words = Words::of(lang);
    let city = city(bulletin, lang);
    let date = lang.date(bulletin.date);
    let (signature, sources) = match &bulletin.provenance {
        Provenance::Books { signature } => (Some(signature.clone()), Vec::new()),
        Provenance::Published { sources } => (None, sources.iter().map(|source| linked(source)).collect()),
    };
    let (sections, missing) = sections::all(bulletin, words);
    let page = Page {
        words,
        title: words.get("page-title", &[("city", city.into()), ("date", date.as_str().into())]),
        city: city.to_owned(),
        city_lang: name_lang(city, lang),
        date,
        iso_date: bulletin.date,
        facts: facts(bulletin, words),
        notices: notices(bulletin, words),
        lead: lead(bulletin, words),
        headline: headline(bulletin, words),
        sections,
        notes: notes(bulletin, words),
        missing: (!missing.is_empty())
            .then(|| words.get("gaps-list", &[("list", missing.join(&words.say("gaps-separator")).into())])),
        signature,
        sources,
    };
    Ok(page.render()?)
}

/// Name of the city as the language writes it.
pub(crate) fn city(bulletin: &Bulletin, lang: Lang) -> &str {
    match (&bulletin.city_en, lang.is_chinese()) {
        (Some(english), false) => english,
        _ => &bulletin.city,
    }
}

/// The `lang` of a name where it is not that of the page: Chinese names in another language, and registered (usually
/// simplified) names on a page in traditional characters.
pub(crate) fn name_lang(name: &str, lang: Lang) -> Option<&'static str> {
    let chinese = name.chars().any(|char| ('\u{3400}'..='\u{9fff}').contains(&char));
    (chinese && lang != Lang::ZhHans).then_some("zh")
}

fn is_made_up(note: &str) -> bool {
    note.strip_prefix("note-").unwrap_or(note) == "made-up"
}

/// Whether the bulletin tells of made-up people, which is said before anything else.
pub(crate) fn made_up(bulletin: &Bulletin) -> bool {
    bulletin.notes.iter().any(|note| is_made_up(note))
}

/// How the figures came about, but for what is said before anything else.
pub(crate) fn notes(bulletin: &Bulletin, words: &Words) -> Vec<String> {
    bulletin.notes.iter().filter(|note| !is_made_up(note)).map(|note| words.given("note", note)).collect()
}

/// What a reader must know before the figures.
pub(crate) fn notices(bulletin: &Bulletin, words: &Words) -> Vec<(String, String)> {
    let mut out = Vec::new();
    if made_up(bulletin) {
        out.push((words.say("notice"), words.say("note-made-up")));
    }
    let differs = bulletin.checks.iter().any(|check| check.holds() == Some(false));
    if differs || bulletin.books.iter().any(|line| !line.balances()) {
        out.push((words.say("notice-differs"), words.say("notice-differs-about")));
    }
    out
}

pub(crate) fn facts(bulletin: &Bulletin, words: &Words) -> Vec<(String, String)> {
    let cutoff =
        bulletin.cutoff.map_or_else(|| words.say("not-known"), |at| words.lang().moment(at, bulletin.zone.as_deref()));
    let pack = bulletin.pack.as_deref().map_or_else(|| words.say("not-known"), |pack| words.pack(pack));
    let source = match &bulletin.provenance {
        Provenance::Books { .. } => words.say("source-books"),
        Provenance::Published { .. } => words.say("source-published"),
    };
    vec![(words.say("cutoff"), cutoff), (words.say("protocol"), pack), (words.say("source"), source)]
}

/// The day in a few sentences: only what is known.
pub(crate) fn lead(bulletin: &Bulletin, words: &Words) -> Vec<String> {
    let mut out = Vec::new();
    if let (Some(confirmed), Some(asymptomatic)) = (bulletin.confirmed, bulletin.asymptomatic) {
        out.push(words.get("lead-new", &[("confirmed", confirmed.into()), ("asymptomatic", asymptomatic.into())]));
    }
    if let Some(converted) = bulletin.converted.filter(|count| *count > 0) {
        out.push(words.get("lead-converted", &[("count", converted.into())]));
    }
    if let Some((part, whole)) = community_share(bulletin) {
        let share = words.lang().percent(part, whole).unwrap_or_default();
        out.push(
            words.get("lead-community", &[("count", part.into()), ("whole", whole.into()), ("share", share.into())]),
        );
    }
    if let Some(moved) = bulletin.moved {
        out.push(match moved.open {
            0 => words.get("lead-moved-all", &[("moved", moved.ended.into())]),
            open => words.get("lead-moved", &[("moved", moved.ended.into()), ("open", open.into())]),
        });
    }
    out
}

pub(crate) fn headline(bulletin: &Bulletin, words: &Words) -> Vec<Figure> {
    let figure = |name: &str, value: Option<u64>, more: Vec<String>| Figure {
        name: words.say(name),
        value: words.count(value),
        known: value.is_some(),
        more,
        bar: None,
    };
    let said = |key: &str, count: Option<u64>| count.map(|count| words.get(key, &[("count", count.into())]));
    let converted = said("figure-converted", bulletin.converted.filter(|count| *count > 0));
    let awaiting = said("figure-awaiting", bulletin.awaiting);
    let share = community_share(bulletin);
    let of_new = share.and_then(|(part, whole)| {
        let share = words.lang().percent(part, whole)?;
        Some(words.get("figure-share", &[("share", share.into()), ("whole", whole.into())]))
    });
    let mut community = figure("figure-community", bulletin.community, of_new.into_iter().collect());
    community.bar = share.and_then(|(part, whole)| Bar::parts(part, 0, whole));
    let waiting = bulletin.moved.map(|moved| match moved.open {
        0 => words.say("figure-nobody-waits"),
        open => words.get("figure-waiting", &[("open", open.into()), ("overdue", moved.overdue.into())]),
    });
    vec![
        figure("figure-confirmed", bulletin.confirmed, converted.into_iter().collect()),
        figure("figure-asymptomatic", bulletin.asymptomatic, awaiting.into_iter().collect()),
        community,
        figure("figure-moved", bulletin.moved.map(|moved| moved.ended), waiting.into_iter().collect()),
    ]
}

/// A source as words and links; only whole words that are web addresses become links.
fn linked(source: &str) -> Vec<Source> {
    let part = |word: &str| match word.starts_with("https://") || word.starts_with("http://") {
        true => Source::Link(word.to_owned()),
        false => Source::Word(word.to_owned()),
    };
    source.split_whitespace().map(part).collect()
}
