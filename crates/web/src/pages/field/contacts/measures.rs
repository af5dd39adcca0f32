//! How well tracing keeps up: contacts for each case, named in time, known before, held before they could infect anybody, minutes to the
//! place; by day of finding and district. Figures of what the duty sees, and nobody by name. What cannot be measured is shown as unknown and never as 0.

use super::super::frame::{Frame, Visit, render, short_day};
use crate::{app::App, problem::Problem};
use askama::Template;
use axum::{
    extract::{Query as Parameters, State},
    response::Response,
};
use dayclear_core::{access::Role, time::CivilDate, tracing::Figures};
use dayclear_ops::tracing::figures;
use std::{collections::BTreeMap, sync::Arc};

/// Days that are shown, and at most.
const DAYS: i64 = 7;
const DAYS_MAX: i64 = 28;

/// A row: what it is of, and its cells.
struct Line {
    of: String,
    cells: [String; 8],
}

#[derive(Template)]
#[template(path = "measures.html")]
struct MeasuresPage {
    frame: Frame,
    /// Days of all places, then places over all days, each with the sum.
    parts: [(&'static str, String, Vec<Line>); 2],
    days: i64,
    until: String,
    columns: [String; 8],
}

/// Whether a duty sees more than the cases that are assigned to it: of those alone the figures would say nothing.
pub(super) fn readable(visit: &Visit) -> bool {
    matches!(visit.caller.looker.duty.role, Role::CityCommand | Role::DistrictCommand | Role::Auditor)
}

fn line(frame: &Frame, of: String, figures: &Figures) -> Line {
    let unknown = || "–".to_owned();
    let share = |part: u64, whole: u64| frame.lang.percent(part, whole).unwrap_or_else(unknown);
    let minutes =
        |percent| figures.placed_within(percent).map_or_else(unknown, |min| frame.lang.duration(min.unsigned_abs()));
    let each = match figures.cases {
        0 => unknown(),
        cases => format!("{:.1}", figures.contacts as f64 / cases as f64),
    };
    let cells = [
        frame.lang.number(figures.cases),
        share(figures.known, figures.cases),
        share(figures.held, figures.cases),
        each,
        share(figures.named[0], figures.contacts),
        share(figures.named[1], figures.contacts),
        minutes(50),
        minutes(95),
    ];
    Line { of, cells }
}

/// `GET /contacts/measures`.
pub(super) async fn page(
    State(app): State<Arc<App>>,
    visit: Visit,
    Parameters(given): Parameters<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    if !readable(&visit) {
        return Err(Problem::unknown());
    }
    let value = |name: &str| given.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
    let today = app.zone().day(app.now());
    let until: CivilDate = value("until").and_then(|day| day.parse().ok()).unwrap_or(today).min(today);
    let days: i64 = value("days").and_then(|days| days.parse().ok()).unwrap_or(DAYS).clamp(1, DAYS_MAX);
    let mut tx = app.store().look(&visit.caller.looker.scope()).await?;
    let all = figures(&mut tx, app.zone(), (&app.setup.packs, &app.setup.pack), until.plus_days(1 - days), until)
        .await
        .map_err(Problem::inside)?;
    drop(tx);
    let frame = &visit.frame;
    let (mut by_day, mut by_place, mut sum): (BTreeMap<_, Figures>, BTreeMap<_, Figures>, Figures) = Default::default();
    for ((day, place), one) in &all {
        by_day.entry(std::cmp::Reverse(*day)).or_default().add(one);
        by_place.entry(place.clone()).or_default().add(one);
        sum.add(one);
    }
    let total = || line(frame, frame.say("measures-all"), &sum);
    let of_days = by_day.iter().map(|(day, one)| line(frame, short_day(&app, frame.lang, day.0), one));
    let of_places = by_place.iter().map(|(place, one)| line(frame, app.place_name(place.as_str(), frame.lang), one));
    let page = MeasuresPage {
        parts: [
            ("days", frame.say("measures-days"), of_days.chain([total()]).collect()),
            ("places", frame.say("measures-places"), of_places.chain([total()]).collect()),
        ],
        days,
        until: until.to_string(),
        columns: ["cases", "known", "held", "each", "24h", "48h", "p50", "p95"].map(|name| match name {
            "cases" => frame.say("measures-cases"),
            "known" => frame.say("measures-known"),
            "held" => frame.say("measures-held"),
            "each" => frame.say("measures-each"),
            "24h" => frame.w.get("measures-named", &[("hours", 24u64.into())]),
            "48h" => frame.w.get("measures-named", &[("hours", 48u64.into())]),
            "p50" => frame.w.get("measures-placed", &[("percent", 50u64.into())]),
            _ => frame.w.get("measures-placed", &[("percent", 95u64.into())]),
        }),
        frame: {
            let (title, above) = (frame.say("measures-title"), frame.say("nav-contacts"));
            visit.frame.titled(title, &[(above, "/contacts")])
        },
    };
    render(&page)
}
