//! Whether people of different districts, ages and sexes are treated alike (R15): how long they were bound and waited, who was turned away,
//! and what became of appeals. Small counts are withheld before they come here.

use super::frame::{Frame, Visit, moment, render};
use crate::{app::App, problem::Problem, routing::get};
use askama::Template;
use axum::{Router, extract::State, response::Response};
use dayclear_core::{
    equality::{AgeBand, Group, Measure},
    listing::APPEAL_FIGURES,
    roster::Sex,
};
use dayclear_ops::equality::{Alike, DAYS};
use std::sync::Arc;

/// The one route.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/equality", get(page))
}

struct Line {
    name: String,
    count: String,
    mean: String,
    /// Of the longest mean of the table, out of a hundred.
    meter: Option<u64>,
    marked: String,
    gap: bool,
}

struct Table {
    id: String,
    title: String,
    by: String,
    lines: Vec<Line>,
}

struct Part {
    id: &'static str,
    word: String,
    count: String,
    mean: String,
    marked: String,
    tables: Vec<Table>,
}

#[derive(Template)]
#[template(path = "equality.html")]
struct EqualityPage {
    frame: Frame,
    at: String,
    about: String,
    parts: Vec<Part>,
}

/// What is counted, averaged and looked at.
const fn words(measure: Measure) -> [&'static str; 3] {
    match measure {
        Measure::Orders => ["equality-orders-count", "equality-orders-mean", "equality-orders-marked"],
        Measure::Waits => ["equality-waits-count", "equality-waits-mean", "equality-waits-marked"],
        Measure::Refusals => ["equality-refusals-count", "equality-refusals-mean", "equality-refusals-marked"],
        Measure::Appeals => ["equality-appeals-count", "equality-appeals-mean", "equality-appeals-marked"],
    }
}

fn table(app: &App, frame: &Frame, rows: &[&Alike], measure: Measure, group: Group) -> Table {
    // waits are kept in minutes and read in hours
    let unit = if measure == Measure::Waits { 60.0 } else { 1.0 };
    let longest = rows.iter().filter_map(|row| row.mean).fold(0.0, f64::max);
    let withheld = || frame.say("equality-withheld");
    let number = |count: Option<u64>| count.map_or_else(withheld, |count| frame.lang.number(count));
    let line = |row: &&Alike| Line {
        name: match group {
            Group::District => app.place_name(&row.value, frame.lang),
            Group::Age => row.value.parse::<AgeBand>().map_or_else(|_| row.value.clone(), |age| frame.w.term(age)),
            Group::Sex => row.value.parse::<Sex>().map_or_else(|_| row.value.clone(), |sex| frame.w.term(sex)),
        },
        count: number(row.count),
        mean: row.mean.map_or_else(withheld, |mean| format!("{:.1}", mean / unit)),
        meter: row.mean.filter(|_| longest > 0.0).map(|mean| (mean / longest * 100.0).round() as u64),
        marked: number(row.marked),
        gap: row.gap,
    };
    let by = match group {
        Group::District => "field-division",
        Group::Age => "equality-age",
        Group::Sex => "field-sex",
    };
    Table {
        id: format!("{}-{}", measure.name(), group.name()),
        title: frame.w.term(group),
        by: frame.say(by),
        lines: rows.iter().map(line).collect(),
    }
}

async fn page(State(app): State<Arc<App>>, visit: Visit) -> Result<Response, Problem> {
    if !APPEAL_FIGURES.readable_by(visit.caller.looker.duty.role) {
        return Err(Problem::unknown());
    }
    let (at, rows) = app.alike.of(&app, &visit.caller).await?;
    let frame = &visit.frame;
    let part = |measure: &Measure| {
        let [count, mean, marked] = words(*measure).map(|key| frame.say(key));
        let tables = Group::ALL.iter().filter_map(|group| {
            let own: Vec<&Alike> = rows.iter().filter(|row| row.measure == *measure && row.group == *group).collect();
            (!own.is_empty()).then(|| table(&app, frame, &own, *measure, *group))
        });
        Part { id: measure.name(), word: frame.w.term(*measure), count, mean, marked, tables: tables.collect() }
    };
    render(&EqualityPage {
        at: moment(&app, frame.lang, at),
        about: frame.w.get("equality-about", &[("days", DAYS.unsigned_abs().into())]),
        parts: Measure::ALL.iter().map(part).collect(),
        frame: {
            let title = frame.say("equality-title");
            let steps = [(frame.say("nav-areas"), "/areas")];
            visit.frame.titled(title, &steps)
        },
    })
}
