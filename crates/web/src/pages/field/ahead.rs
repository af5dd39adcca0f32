//! Free beds by hour for three days ahead, and which wards to open by when: as they were worked out last. What is drawn stands in numbers
//! beside it. A proposal is taken by saying the phase, with its reason; nothing opens by itself.

use super::{
    acts,
    frame::{Frame, Visit, moment, render},
    rows, show,
    transfers::names,
};
use crate::{app::App, problem::Problem};
use askama::Template;
use axum::{extract::State, response::Response};
use dayclear_core::{
    access::Role,
    listing::{BEDS, FACILITIES},
    time::Instant,
};
use dayclear_ops::dispatch::{
    ahead::{Ahead, HOURS},
    capacity::{self, Outlook},
    opening::Proposal,
};
use std::{collections::BTreeMap, sync::Arc};

/// Place of the drawing: left, right, top and bottom.
const AREA: (f64, f64, f64, f64) = (56.0, 712.0, 10.0, 92.0);
/// Hours between two words below a drawing.
const TICK_HOURS: usize = 12;
/// Hours that the table of places tells.
const TOLD_HOURS: [usize; 6] = [0, 6, 12, 24, 48, 72];

/// Free beds of a class as a line.
struct Line {
    title: String,
    said: String,
    points: String,
    beside: [(String, String); 2],
    below: Vec<(String, String, bool)>,
}

struct PlaceLine {
    name: String,
    path: String,
    free: Vec<String>,
    least: String,
    short_of_staff: Option<String>,
}

struct Half {
    from: String,
    counts: [String; 3],
}

struct Opening {
    words: String,
    place: Option<(String, String)>,
    wards: String,
    /// What the form sends as wards and as the moment.
    given: (String, String),
    beds: String,
    open_by: String,
    decide_by: String,
    late: bool,
    without: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "beds-ahead.html")]
struct AheadPage {
    frame: Frame,
    at: Option<String>,
    lines: Vec<Line>,
    told: Vec<String>,
    places: Vec<PlaceLine>,
    halves: Vec<Half>,
    opening: Vec<Opening>,
    /// Whether this duty may say a phase.
    may_open: bool,
}

/// `GET /facilities/ahead`.
pub async fn page(State(app): State<Arc<App>>, visit: Visit) -> Result<Response, Problem> {
    let duty = visit.caller.looker.duty.clone();
    if ![&FACILITIES, &BEDS].iter().all(|listing| listing.readable_by(duty.role)) {
        return Err(Problem::unknown());
    }
    let mut tx = rows::look(&app, &visit).await?;
    let names = names(&mut tx).await?;
    let last = capacity::last(&mut tx).await?;
    tx.finish().await?;
    let frame = &visit.frame;
    let (at, outlook) = last.map(|(at, outlook)| (Some(at), outlook)).unwrap_or_default();
    let outlook = of_duty(outlook, duty.role, duty.site.as_deref());
    let from = outlook.ahead.from.parse::<Instant>().ok();
    let hour = |hour: usize| from.map(|from| from.plus_hours(hour as i64));
    let said = |at: Option<Instant>| at.map_or_else(String::new, |at| moment(&app, frame.lang, at));
    let today = app.zone().day(app.now());
    let page = AheadPage {
        at: at.map(|at| frame.w.get("capacity-at", &[("at", moment(&app, frame.lang, at).into())])),
        lines: lines(&app, frame, &outlook.ahead),
        told: TOLD_HOURS.iter().map(|n| said(hour(*n))).collect(),
        places: outlook.ahead.places.iter().map(|place| place_line(frame, place, &names)).collect(),
        halves: halves(frame, &outlook.ahead, &|n| said(hour(n))),
        opening: outlook.opening.iter().map(|one| opening(&app, frame, one, &names, today)).collect(),
        may_open: acts::act_named(&visit, &FACILITIES, "phase").is_some(),
        frame: {
            let (title, above) = (frame.say("ahead-title"), frame.say("nav-facilities"));
            visit.frame.titled(title, &[(above, "/facilities")])
        },
    };
    render(&page)
}

/// An outlook as a duty sees it: a site sees its own beds, and what is proposed for it.
pub fn of_duty(mut outlook: Outlook, role: Role, site: Option<&str>) -> Outlook {
    if role == Role::Facility {
        outlook.ahead.places.retain(|place| Some(place.facility.as_str()) == site);
        outlook.opening.retain(|one| one.facility.as_deref() == site && site.is_some());
        outlook.ahead.classes.clear();
        for counts in [&mut outlook.ahead.arriving, &mut outlook.ahead.leaving, &mut outlook.ahead.opening] {
            counts.clear();
        }
    }
    outlook
}

fn lines(app: &App, frame: &Frame, ahead: &Ahead) -> Vec<Line> {
    let Ok(from) = ahead.from.parse::<Instant>() else { return Vec::new() };
    let (left, right, top, bottom) = AREA;
    let x = |hour: f64| left + (right - left) * hour / HOURS as f64;
    // midnight and noon of the city, wherever the first hour falls
    let ticks: Vec<(String, String, bool)> = (0..=HOURS)
        .filter(|hour| {
            let (clock, _) = app.zone().clock(from.plus_hours(*hour as i64));
            (clock.unsigned_abs() as usize).is_multiple_of(TICK_HOURS)
        })
        .map(|hour| {
            let at = from.plus_hours(hour as i64);
            let noon = app.zone().clock(at).0 != 0;
            let word = if noon {
                "12:00".to_owned()
            } else {
                crate::pages::frame::short_day(app, frame.lang, app.zone().day(at))
            };
            (format!("{:.1}", x(hour as f64)), word, noon)
        })
        .collect();
    ahead
        .classes
        .iter()
        .map(|class| {
            let most = class.free.iter().copied().max().unwrap_or(0).max(1) as f64;
            let y = |free: i64| bottom - free as f64 / most * (bottom - top);
            let mut points = Vec::with_capacity(class.free.len() * 2);
            for (hour, free) in class.free.iter().enumerate() {
                let until = (hour + 1).min(HOURS);
                points.push(format!("{:.1},{:.1}", x(hour as f64), y(*free)));
                points.push(format!("{:.1},{:.1}", x(until as f64), y(*free)));
            }
            let kind = frame.w.term(class.kind);
            let title = match class.severe {
                true => frame.w.get("ahead-severe", &[("kind", kind.into())]),
                false => kind,
            };
            let least = class.free.iter().copied().min().unwrap_or(0);
            let count = |n: i64| frame.lang.signed(n);
            let said = frame.w.get(
                "ahead-line",
                &[
                    ("now", count(class.free.first().copied().unwrap_or(0)).into()),
                    ("least", count(least).into()),
                    ("last", count(class.free.last().copied().unwrap_or(0)).into()),
                ],
            );
            let beside = [0.0, most].map(|value| (format!("{:.1}", y(value as i64)), frame.lang.signed(value as i64)));
            Line { title, said, points: points.join(" "), beside, below: ticks.clone() }
        })
        .collect()
}

fn place_line(
    frame: &Frame,
    place: &dayclear_ops::dispatch::ahead::Place,
    names: &BTreeMap<String, String>,
) -> PlaceLine {
    let count = |n: Option<&i64>| n.map_or_else(|| "–".to_owned(), |n| frame.lang.signed(*n));
    PlaceLine {
        name: names.get(&place.facility).unwrap_or(&place.facility).clone(),
        path: format!("/facilities/{}", show::part(&place.facility)),
        free: TOLD_HOURS.iter().map(|hour| count(place.free.get(*hour))).collect(),
        least: count(place.free.iter().min()),
        short_of_staff: (place.short_of_staff > 0)
            .then(|| frame.w.get("ahead-short-of-staff", &[("hours", (place.short_of_staff as u64).into())])),
    }
}

/// Who comes and goes, and what opens, in each half day.
fn halves(frame: &Frame, ahead: &Ahead, said: &dyn Fn(usize) -> String) -> Vec<Half> {
    let sum = |counts: &[i64], from: usize| {
        let until = (from + TICK_HOURS).min(counts.len());
        frame.lang.signed(counts.get(from..until).map_or(0, |part| part.iter().sum()))
    };
    let one = |from: usize| Half {
        from: said(from),
        counts: [&ahead.arriving, &ahead.leaving, &ahead.opening].map(|counts| sum(counts, from)),
    };
    match ahead.arriving.is_empty() {
        true => Vec::new(),
        false => (0..HOURS).step_by(TICK_HOURS).map(one).collect(),
    }
}

fn opening(
    app: &App,
    frame: &Frame,
    one: &Proposal,
    names: &BTreeMap<String, String>,
    today: dayclear_core::time::CivilDate,
) -> Opening {
    let day = |day| crate::pages::frame::short_day(app, frame.lang, day);
    let from = app.zone().start_of(one.open_by);
    let place = one.facility.as_ref().map(|id| {
        let name = names.get(id).unwrap_or(id).clone();
        (name, format!("/facilities/{}", show::part(id)))
    });
    Opening {
        words: frame.w.term(one.kind),
        place,
        wards: one.wards.join(", "),
        given: (one.wards.join(";"), app.zone().text(from)),
        beds: frame.lang.signed(one.beds),
        open_by: day(one.open_by),
        decide_by: day(one.decide_by),
        late: one.decide_by < today,
        without: frame.lang.signed(one.without),
        reason: frame.w.get(
            "ahead-reason",
            &[("day", one.open_by.to_string().into()), ("people", one.without.unsigned_abs().into())],
        ),
    }
}
