//! The frame of every page: who is here, for whom, in which language and look, and where else to go. It is made once per
//! request from the caller and the settings of the browser, and a page that fails gets the same frame around its problem.

use super::refusal;
use crate::{
    app::App,
    assets,
    caller::{Caller, cookie, language},
    problem::Problem,
};
use askama::Template;
use axum::{
    extract::{FromRequestParts, Request, State},
    http::{StatusCode, header, request::Parts},
    middleware::Next,
    response::{Html, IntoResponse, Redirect, Response},
};
use dayclear_core::{
    access::Role::{self, *},
    listing::{Listing, PEOPLE},
    time::{CivilDate, Instant},
};
use dayclear_ops::desk::FieldFault;
use dayclear_papers::{Lang, Words};
use std::sync::Arc;

/// A place to go: key of its word, path, list that must be readable (or roles), and the letter after `g`.
type Place = (&'static str, &'static str, Open, &'static str);

/// For whom a place is.
enum Open {
    /// Whoever may read the list.
    List(&'static str),
    /// These.
    To(&'static [Role]),
    /// Everybody on duty.
    All,
}

const GROUPS: &[(&str, &[Place])] = &[
    (
        "menu-day",
        &[
            ("nav-today", "/", Open::All, "t"),
            ("nav-situation", "/situation", Open::List("clearings"), "q"),
            ("nav-map", "/map", Open::List("areas"), "m"),
            ("nav-worklists", "/worklists", Open::List("items"), "w"),
            ("daily-title", "/daily", Open::List("obligations"), "z"),
        ],
    ),
    (
        "menu-people",
        &[
            ("nav-cases", "/cases?open=true", Open::List("cases"), "c"),
            ("nav-contacts", "/contacts", Open::List("contacts"), "k"),
            ("nav-interviews", "/interviews", Open::To(&[DistrictCommand, Tracer]), "5"),
            ("list-letters", "/letters", Open::List("letters"), "4"),
            ("follow-title", "/follow-up", Open::List("followed"), "v"),
            ("nav-transfers", "/transfers", Open::List("transfers"), "x"),
            ("urgent-title", "/tickets", Open::List("tickets"), "y"),
            ("nav-requests", "/requests?open=true", Open::List("requests"), "r"),
            ("round-title", "/supplies/round", Open::List("parcels"), "3"),
            ("list-notices", "/notices?kind=order&state=made,returned", Open::List("notices"), "g"),
            ("list-pairs", "/pairs", Open::List("pairs"), "p"),
            ("list-roster", "/roster", Open::List("roster"), "o"),
        ],
    ),
    (
        "menu-places",
        &[
            ("nav-facilities", "/facilities", Open::List("facilities"), "f"),
            ("nav-rounds", "/rounds", Open::List("rounds"), "s"),
            ("list-places", "/places", Open::List("places"), "1"),
            ("gate-title", "/gate", Open::List("landings"), "2"),
            ("nav-boxes", "/boxes", Open::List("boxes"), "h"),
            ("nav-trip", "/trip", Open::To(&[Driver]), "j"),
            ("nav-site", "/site", Open::To(&[DistrictCommand, CommunityWorker]), "e"),
            ("nav-laboratories", "/laboratories", Open::List("laboratories"), "l"),
            ("nav-areas", "/areas?open=true", Open::List("areas"), "a"),
        ],
    ),
    (
        "menu-record",
        &[
            ("nav-books", "/books", Open::List("ledger"), "b"),
            ("nav-bulletin", "/bulletins", Open::List("bulletins"), "u"),
            ("nav-imports", "/imports", Open::List("files"), "i"),
            ("nav-audit", "/audit", Open::To(&[DataProtection, Auditor]), "d"),
            ("nav-admin", "/administration", Open::To(&[Administrator]), "n"),
        ],
    ),
];

/// A link of the menu.
pub struct Link {
    /// Word.
    pub word: String,
    /// Path.
    pub path: &'static str,
    /// Whether it leads here.
    pub here: bool,
    /// Letter after `g`.
    pub key: &'static str,
}

/// Who is logged in, as the frame shows it.
pub struct Badge {
    /// Role and division.
    pub duty: String,
    /// Account.
    pub account: String,
}

/// A broken glass, for the banner.
pub struct Broken {
    /// Id of the breaking.
    pub id: String,
    /// For whom.
    pub person: String,
    /// Page that tells of them, for the duty: a command post of the city has their case and no roster.
    pub path: String,
    /// Until when.
    pub until: String,
    /// How long that is.
    pub left: String,
}

/// What stands around a page.
pub struct Frame {
    /// Words of the language.
    pub w: &'static Words,
    /// Language.
    pub lang: Lang,
    /// Title of the page.
    pub title: String,
    /// Name of the city.
    pub city: String,
    /// Whether this is an exercise.
    pub exercise: bool,
    /// Who is logged in.
    pub badge: Option<Badge>,
    /// Role of the duty.
    pub role: Option<Role>,
    /// Word that forms bring along.
    pub csrf: String,
    /// Key under which a form of this page acts once, however often it is sent.
    pub once: String,
    /// Chosen look: `light`, `dark`, or empty for what the browser prefers.
    pub theme: String,
    /// Glass that is broken.
    pub glass: Vec<Broken>,
    /// Now, as people write it.
    pub now: String,
    /// Number of the last event that the page shows: live parts hear of those after it.
    pub seen: i64,
    /// The day that it is in the city.
    pub today: CivilDate,
    /// The time on the wall, where the city lives by another clock.
    pub wall: Option<String>,
    /// Path of this page with its query.
    pub address: String,
    /// Groups of the menu.
    pub menu: Vec<(String, Vec<Link>)>,
    /// Steps that lead here: word and path; the last is this page.
    pub crumbs: Vec<(String, String)>,
    /// Whether the page is shown on a wall screen (`?wall=1`): larger, and without what nobody can press there.
    pub screen: bool,
}

impl Frame {
    /// The same frame with a title, and the steps that lead to it.
    #[must_use]
    pub fn titled(mut self, title: impl Into<String>, crumbs: &[(String, &str)]) -> Self {
        self.title = title.into();
        self.crumbs = crumbs.iter().map(|(word, path)| (word.clone(), (*path).to_owned())).collect();
        self.crumbs.push((self.title.clone(), String::new()));
        self
    }
    /// A number as it is written, or that there may be more of it: counting ends somewhere.
    pub fn counted(&self, n: u64, more: bool) -> String {
        let number = self.lang.number(n);
        if more { self.w.get("or-more", &[("count", number.into())]) } else { number }
    }

    /// A message without values.
    pub fn say(&self, key: &str) -> String {
        self.w.say(key)
    }
    /// A day of a record (ISO), as people write it beside others.
    pub fn day(&self, iso: &str) -> String {
        iso.parse().map_or_else(|_| iso.to_owned(), |day| short(self.lang, day, self.today))
    }
    /// A field that cannot be taken, in words.
    pub fn fault(&self, fault: &FieldFault) -> String {
        refusal::fault_said(self, fault)
    }
    /// Attributes of a part that is kept current, of the topics that exist for the duty; nothing where none does.
    pub fn live(&self, wanted: &str) -> String {
        let Some(role) = self.role else { return String::new() };
        let known: Vec<&str> = crate::live::topics(role).collect();
        let topics: Vec<&str> = wanted.split(' ').filter(|topic| known.contains(topic)).collect();
        match topics.is_empty() {
            true => String::new(),
            false => format!(" data-island=\"live\" data-live-topics=\"{}\"", topics.join(" ")),
        }
    }
    /// Path of a built file.
    pub fn asset(&self, name: &str) -> String {
        assets::path(name)
    }
    /// Word of the place we are at, for the closed menu.
    pub fn here(&self) -> &str {
        let links = self.menu.iter().flat_map(|(_, links)| links);
        links.filter(|link| link.here).map(|link| link.word.as_str()).next().unwrap_or(&self.title)
    }
    /// The languages: tag, own name, whether it is this one.
    pub fn languages(&self) -> [(&'static str, &'static str, bool); 3] {
        [("zh-Hans", "简体"), ("zh-Hant", "繁體"), ("en", "English")]
            .map(|(tag, name)| (tag, name, self.lang.tag() == tag))
    }
}

/// A person at the console: the caller, and the frame of the page they asked for. Whoever is not logged in is led to the
/// login and back.
pub struct Visit {
    /// Who.
    pub caller: Caller,
    /// Frame.
    pub frame: Frame,
}

impl FromRequestParts<Arc<App>> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        match <Caller as FromRequestParts<Arc<App>>>::from_request_parts(parts, app).await {
            Ok(caller) => Ok(Visit { frame: frame(app, parts, Some(&caller)), caller }),
            Err(problem) if problem.status == 401 && parts.method == axum::http::Method::GET => {
                let next: String = address(parts).bytes().map(|byte| format!("%{byte:02X}")).collect();
                Err(Redirect::to(&format!("/login?next={next}")).into_response())
            }
            Err(problem) => Err(problem.into_response()),
        }
    }
}

fn address(parts: &Parts) -> String {
    parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned()
}

/// The frame of a request.
pub fn frame(app: &App, parts: &Parts, caller: Option<&Caller>) -> Frame {
    let lang = language(parts);
    let w = Words::of(lang);
    let path = parts.uri.path();
    let menu = caller.map(|caller| menu(w, caller.looker.duty.role, path)).unwrap_or_default();
    let badge = caller.map(|caller| Badge {
        duty: w.joined(&[w.term(caller.looker.duty.role), app.place_name(caller.looker.duty.division.as_str(), lang)]),
        account: caller.name.clone(),
    });
    Frame {
        w,
        lang,
        title: String::new(),
        city: app.place_name(app.setup.city.as_str(), lang),
        exercise: app.setup.exercise,
        badge,
        role: caller.map(|caller| caller.looker.duty.role),
        csrf: caller.map(|caller| caller.csrf.clone()).unwrap_or_default(),
        once: once(app),
        theme: cookie(parts, "theme").filter(|theme| matches!(*theme, "light" | "dark")).unwrap_or_default().to_owned(),
        glass: caller.map(|caller| broken(app, lang, caller)).unwrap_or_default(),
        seen: app.live.seen(),
        now: moment(app, lang, app.now()),
        today: app.zone().day(app.now()),
        wall: on_the_wall(app, lang),
        address: address(parts),
        menu,
        crumbs: Vec::new(),
        screen: parts.uri.query().is_some_and(|query| query.split('&').any(|part| part == "wall=1")),
    }
}

fn broken(app: &App, lang: Lang, caller: &Caller) -> Vec<Broken> {
    let now = app.wall();
    let glass = caller.glass.iter().map(|glass| {
        let (hour, minute) = app.zone().clock(glass.until);
        let left = glass.until.minutes_since(now).unsigned_abs();
        let person = super::show::part(&glass.person);
        Broken {
            id: glass.id.clone(),
            person: glass.person.clone(),
            path: match PEOPLE.readable_by(caller.looker.duty.role) {
                true => format!("/people/{person}"),
                false => format!("/cases?person={person}"),
            },
            until: format!("{hour:02}:{minute:02}"),
            left: lang.duration(left),
        }
    });
    glass.collect()
}

/// The time on the wall where it is another than the city's, as in an exercise.
fn on_the_wall(app: &App, lang: Lang) -> Option<String> {
    const SAME_MIN: u64 = 5;
    let wall = app.wall();
    (wall.minutes_since(app.now()).unsigned_abs() > SAME_MIN).then(|| moment(app, lang, wall))
}

fn once(app: &App) -> String {
    let mut bytes = [0; 16];
    // without chance a form has no key, and the server takes it as it comes
    if app.setup.chance.fill(&mut bytes).is_err() {
        return String::new();
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A moment as people write it, in the zone of the city: today's only by its clock.
pub fn moment(app: &App, lang: Lang, at: Instant) -> String {
    let (hour, minute) = app.zone().clock(at);
    let day = app.zone().day(at);
    if day == app.zone().day(app.now()) {
        return format!("{hour:02}:{minute:02}");
    }
    format!("{} {hour:02}:{minute:02}", short_day(app, lang, day))
}

/// A day as people write it beside others: without its year in the year that runs.
pub fn short_day(app: &App, lang: Lang, day: CivilDate) -> String {
    short(lang, day, app.zone().day(app.now()))
}

fn short(lang: Lang, day: CivilDate, today: CivilDate) -> String {
    let (year, month, dom) = day.parts();
    let this_year = today.parts().0 == year;
    let name = |month| lang.month(month).chars().take(3).collect::<String>();
    // no line ends inside a day
    match lang {
        Lang::En if this_year => format!("{dom}\u{a0}{}", name(month)),
        Lang::En => format!("{dom}\u{a0}{}\u{a0}{year}", name(month)),
        _ if this_year => format!("{month}月{dom}日"),
        _ => format!("{year}年{month}月{dom}日"),
    }
}

fn menu(w: &Words, role: Role, path: &str) -> Vec<(String, Vec<Link>)> {
    let open = |open: &Open| match open {
        Open::All => true,
        Open::To(roles) => roles.contains(&role),
        Open::List(list) => Listing::named(list).is_some_and(|listing| listing.readable_by(role)),
    };
    let leads_here = |to: &str| {
        let to = to.split('?').next().unwrap_or(to);
        // an item belongs to its worklist, a row kept aside to the imports, a person to the cases
        let path = match path.split('/').nth(1) {
            Some("items") => "/worklists",
            Some("doubts" | "files") => "/imports",
            Some("events" | "reads") => "/audit",
            Some("people" | "assessments") => "/cases",
            Some("listed") => "/roster",
            Some("doors" | "coverage" | "statements" | "round_sites" | "yields") => "/rounds",
            Some("courier_runs" | "clocks") => "/boxes",
            Some("followed" | "follow_ups" | "teams" | "messages" | "sendings" | "message_replies") => "/follow-up",
            Some("letter_people") => "/letters",
            Some("releases" | "searches" | "exposure_sites" | "questions" | "answers") => "/contacts",
            Some("posts" | "extensions" | "appeals" | "appeal_figures" | "equality") => "/areas",
            Some("treatments") => "/tickets",
            Some("mediations") => "/requests",
            Some("supplies" | "parcels" | "goods" | "wanted" | "carriers" | "delivery_runs") => "/supplies/round",
            Some("clearings" | "free_communities" | "free_changes") => "/situation",
            Some("obligations" | "reports") => "/daily",
            Some("place_people" | "shifts") => "/places",
            Some("gate_days" | "landings") => "/gate",
            _ => path,
        };
        path == to || (to != "/" && path.strip_prefix(to).is_some_and(|rest| rest.starts_with('/')))
    };
    let groups = GROUPS.iter().map(|(group, places)| {
        let links = places.iter().filter(|(_, _, who, _)| open(who)).map(|(word, to, _, key)| Link {
            word: w.say(word),
            path: to,
            here: leads_here(to),
            key,
        });
        (w.say(group), links.collect::<Vec<_>>())
    });
    groups.filter(|(_, links)| !links.is_empty()).collect()
}

/// A rendered page.
pub fn render(page: &impl Template) -> Result<Response, Problem> {
    page.render().map(|html| Html(html).into_response()).map_err(Problem::inside)
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    frame: Frame,
    problem: Problem,
    /// What went wrong, and each field that cannot be taken.
    said: String,
    faults: Vec<String>,
}

/// Turns a problem into a page, for people who asked for one.
pub async fn problems(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let wants_page = parts
        .headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("html"));
    if !wants_page {
        return next.run(Request::from_parts(parts, body)).await;
    }
    let asked = parts.clone();
    let response = next.run(Request::from_parts(parts, body)).await;
    let Some(problem) = response.extensions().get::<Problem>().cloned() else { return response };
    parts = asked;
    // whoever is turned away costs the store nothing, so the page does not ask who it is for
    let turned_away = matches!(response.status(), StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS);
    let caller = match turned_away {
        false => <Caller as FromRequestParts<Arc<App>>>::from_request_parts(&mut parts, &app).await.ok(),
        true => None,
    };
    let frame = frame(&app, &parts, caller.as_ref());
    let status = response.status();
    let title = match status {
        StatusCode::NOT_FOUND => frame.say("page-unknown"),
        StatusCode::INTERNAL_SERVER_ERROR => frame.say("page-trouble"),
        _ if problem.is("no-font") => frame.say("page-no-font"),
        StatusCode::SERVICE_UNAVAILABLE => frame.say("page-busy"),
        _ => frame.say("error-title"),
    };
    let faults: Vec<String> = problem.errors.iter().map(|fault| refusal::fault_said(&frame, fault)).collect();
    let said = match &problem.refusal {
        _ if status == StatusCode::NOT_FOUND => frame.say("page-unknown-said"),
        _ if problem.is("too-slow") => frame.say("page-slow-said"),
        _ if problem.is("no-font") => frame.say("page-no-font-said"),
        _ if status == StatusCode::SERVICE_UNAVAILABLE => frame.say("page-busy-said"),
        _ if status.is_server_error() => frame.say("page-trouble-said"),
        _ if !faults.is_empty() => frame.say("refusal-invalid"),
        Some(refusal) => refusal::said(&app, &frame, refusal),
        None => problem.detail.clone(),
    };
    let retry = problem.retry_after_s;
    let page = ProblemPage { frame: frame.titled(title, &[]), problem, said, faults };
    match render(&page) {
        Ok(mut page) => {
            if let Some(seconds) = retry {
                page.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            }
            (status, page).into_response()
        }
        Err(problem) => problem.into_response(),
    }
}
