//! Facilities: beds by state and ward as they stand, who is due to arrive and to leave, and beds set by the hand of the
//! site. What is drawn stands in numbers beside it.

use super::{
    acts, ahead, form,
    frame::{Frame, Visit, moment, render},
    list, phases,
    rows::{self, Of},
    show,
    table::{self, Table},
};
use crate::{
    app::App,
    problem::Problem,
    routing::{get, post},
};
use askama::Template;
use axum::{
    Router,
    extract::{Path, Query as Parameters, State},
    response::Response,
};
use dayclear_core::{
    listing::{ASSESSMENTS, BEDS, Cell, FACILITIES, Row, TRANSFERS},
    transfer::{BedState, FacilityKind, RideClass},
};
use std::{collections::BTreeMap, sync::Arc};

/// Routes below `/facilities`.
pub fn routes() -> Router<Arc<App>> {
    let on_rows = |state: State<Arc<App>>, sent: form::Sent| form::on_list(state, Path("facilities".to_owned()), sent);
    Router::new()
        .route("/facilities", get(page).merge(post(on_rows)))
        .route("/facilities/ahead", get(ahead::page))
        .route("/facilities/{key}", get(one))
}

/// Beds by state, in the order in which they are drawn.
const STATES: [(BedState, &str, &str); 5] = [
    (BedState::Occupied, "k-1", ""),
    (BedState::Held, "k-2", "url(#hatch)"),
    (BedState::Cleaning, "k-3", "url(#dots)"),
    (BedState::Blocked, "k-4", "url(#cross)"),
    (BedState::Free, "k-0", ""),
];

/// Counts of beds by state.
#[derive(Clone, Copy, Default)]
pub(super) struct Beds([u64; 5]);

impl Beds {
    fn add(&mut self, state: &str, count: u64) {
        if let Some(at) = STATES.iter().position(|(known, ..)| known.name() == state) {
            self.0[at] += count;
        }
    }
    fn all(&self) -> u64 {
        self.0.iter().sum()
    }
}

/// A part of a bar.
struct Share {
    class: &'static str,
    fill: &'static str,
    x: String,
    width: String,
}

/// A bar of beds with its numbers.
struct Bar {
    name: String,
    sub: String,
    path: Option<String>,
    shares: Vec<Share>,
    counts: Vec<(String, String)>,
    due: Option<String>,
}

fn bar(frame: &Frame, name: String, beds: Beds) -> Bar {
    let all = beds.all().max(1) as f64;
    let mut x = 0.0;
    let mut shares = Vec::new();
    for ((_, class, fill), count) in STATES.iter().zip(beds.0) {
        let width = count as f64 / all * 100.0;
        if count > 0 {
            shares.push(Share { class, fill, x: format!("{x:.2}%"), width: format!("{width:.2}%") });
        }
        x += width;
    }
    let counts = STATES.iter().zip(beds.0).map(|((state, ..), n)| (frame.w.term(*state), frame.lang.number(n)));
    Bar { name, sub: String::new(), path: None, shares, counts: counts.collect(), due: None }
}

struct Key {
    class: &'static str,
    fill: &'static str,
    word: String,
}

fn keys(frame: &Frame) -> Vec<Key> {
    STATES.iter().map(|(state, class, fill)| Key { class, fill, word: frame.w.term(*state) }).collect()
}

#[derive(Template)]
#[template(path = "facilities.html")]
struct FacilitiesPage {
    frame: Frame,
    keys: Vec<Key>,
    kinds: Vec<Bar>,
    places: Vec<Bar>,
    /// Whether this duty sees free beds ahead.
    ahead: bool,
}

/// Beds counted by the values of a field and by state.
async fn counted(tx: &mut rows::Look<'_>, tests: &[(&str, &str)], by: &str) -> Result<BTreeMap<String, Beds>, Problem> {
    let mut found: BTreeMap<String, Beds> = BTreeMap::new();
    for (cells, count) in tx.tally(&BEDS, tests, &[by, "state"]).await? {
        let text = |at: usize| cells.get(at).and_then(Cell::as_str).unwrap_or_default();
        found.entry(text(0).to_owned()).or_default().add(text(1), count);
    }
    Ok(found)
}

async fn page(
    state: State<Arc<App>>,
    visit: Visit,
    parameters: Parameters<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    if !parameters.0.is_empty() {
        return list::page(state, visit, Path("facilities".to_owned()), parameters).await;
    }
    if !FACILITIES.readable_by(visit.caller.looker.duty.role) {
        return Err(Problem::unknown());
    }
    let app = &state.0;
    let mut tx = rows::look(app, &visit).await?;
    let facilities = tx.all(&FACILITIES, &[("limit", "500")]).await?;
    let beds = counted(&mut tx, &[], "facility").await?;
    tx.finish().await?;
    let frame = &visit.frame;
    let own = |of: Of<'_>| {
        let id = of.text("facility").unwrap_or_default();
        // a role that does not see single beds sees what the list of facilities counts
        beds.get(id).copied().unwrap_or_else(|| {
            let count = |name| of.whole(name).unwrap_or_default().max(0) as u64;
            let mut beds = Beds::default();
            beds.add("occupied", count("taken"));
            beds.add("cleaning", count("cleaning"));
            beds.add("blocked", count("blocked"));
            let free = count("beds").saturating_sub(count("taken") + count("cleaning") + count("blocked"));
            beds.add("free", free);
            beds
        })
    };
    let mut by_kind: BTreeMap<FacilityKind, Beds> = BTreeMap::new();
    let mut places = Vec::new();
    for row in &facilities {
        let of = Of { listing: &FACILITIES, row };
        let (Some(id), Some(kind)) =
            (of.text("facility"), of.text("kind").and_then(|k| k.parse::<FacilityKind>().ok()))
        else {
            continue;
        };
        let beds = own(of);
        let sum = by_kind.entry(kind).or_default();
        for (into, count) in sum.0.iter_mut().zip(beds.0) {
            *into += count;
        }
        let place = app.place_name(of.text("division").unwrap_or_default(), frame.lang);
        places.push((
            kind,
            Bar {
                sub: format!("{}, {place}", frame.w.term(kind)),
                path: Some(format!("/facilities/{}", show::part(id))),
                due: Some(frame.lang.signed(of.whole("arriving").unwrap_or_default())),
                ..bar(frame, of.text("name").unwrap_or(id).to_owned(), beds)
            },
        ));
    }
    places.sort_by_key(|(kind, _)| *kind);
    let page = FacilitiesPage {
        keys: keys(frame),
        kinds: by_kind.into_iter().map(|(kind, beds)| bar(frame, frame.w.term(kind), beds)).collect(),
        places: places.into_iter().map(|(_, bar)| bar).collect(),
        ahead: BEDS.readable_by(visit.caller.looker.duty.role),
        frame: {
            let title = frame.say("nav-facilities");
            visit.frame.titled(title, &[])
        },
    };
    render(&page)
}

/// A span of time with how many are due in it.
struct Due {
    word: String,
    count: String,
    width: String,
}

fn due(frame: &Frame, counts: Vec<(String, u64)>) -> Vec<Due> {
    let most = counts.iter().map(|(_, n)| *n).max().unwrap_or(0).max(1) as f64;
    let line = |(word, n): (String, u64)| Due {
        word,
        count: frame.lang.number(n),
        width: format!("{:.1}", n as f64 / most * 100.0),
    };
    counts.into_iter().map(line).collect()
}

#[derive(Template)]
#[template(path = "facility.html")]
struct FacilityPage {
    frame: Frame,
    keys: Vec<Key>,
    whole: Vec<Bar>,
    wards: Vec<Bar>,
    facts: Vec<(String, String)>,
    arrivals: Vec<Due>,
    leaving: Vec<Due>,
    there: Option<Table>,
    there_all: String,
    beds: Option<Table>,
    acts: Vec<acts::Act>,
    list: &'static str,
    path_of_list: String,
    phases: Vec<phases::WardPhase>,
    words: Vec<String>,
    staff: Option<String>,
    own_acts: Vec<acts::Act>,
    path: String,
    /// Whether the daily records are shown to this duty.
    records: bool,
    ahead: bool,
}

/// Wards shown one by one at most; beyond that the rooms are too many to be wards.
const WARDS_MAX: usize = 40;

async fn one(State(app): State<Arc<App>>, visit: Visit, Path(key): Path<String>) -> Result<Response, Problem> {
    let mut tx = rows::look(&app, &visit).await?;
    let row = tx.one(&FACILITIES, &key).await?;
    let of = Of { listing: &FACILITIES, row: &row };
    let tests = [("facility", key.as_str())];
    let wards = counted(&mut tx, &[("facility", &key)], "room").await;
    // rooms are no filter of everybody's; where they cannot be counted the whole is shown alone
    let wards = wards.unwrap_or_default();
    let beds = counted(&mut tx, &tests, "facility").await?.remove(&key);
    let coming = [("facility", key.as_str()), ("state", "booked,underway"), ("limit", "500")];
    let (mut coming, _) = tx.unseen(&TRANSFERS, &coming).await?;
    coming.retain(|row| Of { listing: &TRANSFERS, row }.text("class") != Some(RideClass::Home.name()));
    let there = [("facility", key.as_str()), ("state", "admitted"), ("limit", "50")];
    let there = tx.all(&TRANSFERS, &there).await?;
    let leaving = tx.leaving_by_day(&key).await?;
    let open = [("facility", key.as_str()), ("state", "cleaning,blocked"), ("limit", "200")];
    let mut to_set = tx.all(&BEDS, &open).await?;
    let free = [("facility", key.as_str()), ("state", "free"), ("limit", "100")];
    to_set.extend(tx.all(&BEDS, &free).await?);
    let over_days = phases::read(&mut tx, &key).await?;
    tx.finish().await?;
    let frame = &visit.frame;
    let kind = of.text("kind").unwrap_or_default();
    let acts: Vec<acts::Act> = acts::acts(&visit, &BEDS).into_iter().filter(|act| act.verb == "set").collect();
    let facts = [
        ("field-kind", Some(frame.w.given("facility", kind))),
        ("field-division", of.text("division").map(|code| app.place_name(code, frame.lang))),
        ("field-owner", of.text("owner").map(str::to_owned)),
        ("field-opens_on", of.day("opens_on").map(|day| day.to_string())),
        ("field-closes_on", of.day("closes_on").map(|day| day.to_string())),
        ("field-arriving", of.whole("arriving").map(|n| frame.lang.signed(n))),
    ];
    let facts = facts.into_iter().filter_map(|(key, value)| Some((frame.say(key), value?))).collect();
    let whole = vec![bar(frame, frame.say("facility-all-beds"), beds.unwrap_or_default())];
    let wards = match wards.len() {
        2..=WARDS_MAX => wards.into_iter().map(|(name, beds)| bar(frame, name, beds)).collect(),
        _ => Vec::new(),
    };
    let table = |listing, fields: &[&str], rows: &[Row], pick| {
        let fields: Vec<_> =
            table::shown_fields(&visit, listing, &[]).into_iter().filter(|f| fields.contains(&f.name)).collect();
        (!rows.is_empty() && !fields.is_empty()).then(|| table::table(&app, &visit, listing, &fields, rows, pick))
    };
    let today = app.zone().day(app.now());
    let name = of.text("name").unwrap_or(&key).to_owned();
    let above = frame.say("nav-facilities");
    let page = FacilityPage {
        keys: keys(frame),
        whole,
        wards,
        facts,
        arrivals: due(frame, by_hour(&app, frame, &coming)),
        leaving: due(frame, leaving_words(frame, today, &leaving)),
        there: table(&TRANSFERS, &["id", "name", "person", "class", "bed", "admitted_at", "needs"], &there, false),
        there_all: format!("/transfers?facility={}&state=admitted&sort=requested", show::part(&key)),
        beds: table(&BEDS, &["bed", "room", "rule", "state"], &to_set, !acts.is_empty()),
        acts,
        list: "beds",
        path_of_list: format!("/beds?facility={}", show::part(&key)),
        phases: over_days.wards(&app, frame),
        words: over_days.said(&app, frame),
        staff: over_days.staff(frame),
        records: ASSESSMENTS.readable_by(visit.caller.looker.duty.role),
        ahead: BEDS.readable_by(visit.caller.looker.duty.role),
        own_acts: acts::acts(&visit, &FACILITIES),
        path: format!("/facilities/{}", show::part(&key)),
        frame: visit.frame.titled(name, &[(above, "/facilities")]),
    };
    render(&page)
}

/// Arrivals by the hour for which they are planned; those that should be there already come first.
fn by_hour(app: &App, frame: &Frame, coming: &[Row]) -> Vec<(String, u64)> {
    let mut late = 0;
    let mut hours: BTreeMap<i64, (String, u64)> = BTreeMap::new();
    for row in coming {
        let Some(at) = Of { listing: &TRANSFERS, row }.moment("arrive_at") else { continue };
        if at < app.now() {
            late += 1;
            continue;
        }
        let (hour, minute) = app.zone().clock(at);
        let start = at.plus_minutes(-i64::from(minute));
        let word = moment(app, frame.lang, start);
        hours
            .entry(at.micros() / dayclear_core::time::HOUR)
            .or_insert((format!("{word} ({hour:02}–{:02})", (hour + 1) % 24), 0))
            .1 += 1;
    }
    let late = (late > 0).then(|| (frame.say("facility-late"), late));
    late.into_iter().chain(hours.into_values()).collect()
}

fn leaving_words(
    frame: &Frame,
    today: dayclear_core::time::CivilDate,
    leaving: &[(dayclear_core::time::CivilDate, i64)],
) -> Vec<(String, u64)> {
    const DAYS_MAX: usize = 14;
    let words = |day: &dayclear_core::time::CivilDate| match day.days_since(today) {
        ..0 => frame.say("facility-past"),
        0 => frame.say("facility-today"),
        _ => day.to_string(),
    };
    let mut counts: Vec<(String, u64)> = Vec::new();
    for (day, n) in leaving {
        let word = words(day);
        match counts.last_mut().filter(|(last, _)| *last == word) {
            Some((_, count)) => *count += *n as u64,
            None => counts.push((word, *n as u64)),
        }
    }
    counts.truncate(DAYS_MAX);
    counts
}
