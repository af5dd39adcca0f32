//! Laboratories and rounds: tubes by step, what waits and what is late, how long a result takes, positives by purpose; the
//! entry of a single result; and today's rounds by purpose and district, with what is known of their coverage.

use super::{
    acts::{self, Act},
    evidence::{self, Entry},
    form::Sent,
    frame::{Frame, Visit, render},
    list,
    rows::{self, Of},
    show,
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
    command::givers,
    custody::percentile,
    listing::{Cell, DIVISIONS, LABORATORIES, TUBES},
    schema,
    screening::{Finding, Purpose},
    time::Instant,
};
use dayclear_store::field::Steps;
use std::{collections::BTreeMap, sync::Arc};

/// Results of which the turnaround is told, at most.
const WAYS_MAX: i64 = 5_000;

/// Routes below `/laboratories`.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/laboratories", get(page))
        .route("/laboratories/rounds", get(rounds))
        .route("/laboratories/{key}", get(one).merge(post(enter)))
}

/// Tubes of one laboratory by step.
struct Line {
    name: String,
    path: Option<String>,
    sub: String,
    steps: [String; 4],
    waiting: Option<String>,
    overdue: Option<String>,
    late: bool,
    width: String,
    withheld: bool,
    alarms: Option<String>,
}

#[derive(Template)]
#[template(path = "laboratories.html")]
struct LaboratoriesPage {
    frame: Frame,
    day: String,
    lines: Vec<Line>,
}

fn counts(frame: &Frame, steps: &Steps) -> [String; 4] {
    [steps.collected, steps.sent, steps.received, steps.resulted].map(|n| frame.lang.signed(n))
}

/// The day whose tubes are told: today, or the last day on which any were collected when there are none yet.
fn since(app: &App) -> Instant {
    app.zone().start_of(app.zone().day(app.now()))
}

async fn page(
    state: State<Arc<App>>,
    visit: Visit,
    parameters: Parameters<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    if !parameters.0.is_empty() {
        return list::page(state, visit, Path("laboratories".to_owned()), parameters).await;
    }
    if !LABORATORIES.readable_by(visit.caller.looker.duty.role) {
        return Err(Problem::unknown());
    }
    let app = &state.0;
    let mut tx = rows::look(app, &visit).await?;
    let rows = tx.all(&LABORATORIES, &[("limit", "500")]).await?;
    let steps = match TUBES.readable_by(visit.caller.looker.duty.role) {
        true => tx.tube_steps(since(app)).await?,
        false => Vec::new(),
    };
    tx.finish().await?;
    let frame = &visit.frame;
    let nothing = Steps { laboratory: None, collected: 0, sent: 0, received: 0, resulted: 0 };
    let mut lines: Vec<Line> = rows
        .iter()
        .map(|row| {
            let of = Of { listing: &LABORATORIES, row };
            let id = of.text("laboratory").unwrap_or_default();
            let steps = steps.iter().find(|steps| steps.laboratory.as_deref() == Some(id)).unwrap_or(&nothing);
            let division = of.text("division").map(|code| app.place_name(code, frame.lang));
            let capacity =
                of.whole("tubes_a_day").map(|n| frame.w.get("lab-capacity", &[("count", (n as u64).into())]));
            let overdue = of.whole("overdue").unwrap_or_default();
            Line {
                name: of.text("name").unwrap_or(id).to_owned(),
                path: Some(format!("/laboratories/{}", show::part(id))),
                sub: frame.w.joined(&division.into_iter().chain(capacity).collect::<Vec<_>>()),
                steps: counts(frame, steps),
                waiting: of.whole("waiting").map(|n| frame.lang.signed(n)),
                overdue: Some(frame.lang.signed(overdue)),
                late: overdue > 0,
                width: width(steps.resulted, steps.collected),
                withheld: matches!(of.cell("withheld"), Cell::Truth(true)),
                alarms: of
                    .whole("alarms")
                    .filter(|alarms| *alarms > 0)
                    .map(|alarms| frame.w.get("lab-alarms", &[("count", (alarms as u64).into())])),
            }
        })
        .collect();
    if let Some(unsent) = steps.iter().find(|steps| steps.laboratory.is_none()) {
        lines.push(Line {
            name: frame.say("lab-nowhere"),
            path: None,
            sub: frame.say("lab-nowhere-said"),
            steps: counts(frame, unsent),
            waiting: None,
            overdue: None,
            late: false,
            width: width(unsent.resulted, unsent.collected),
            withheld: false,
            alarms: None,
        });
    }
    let day = frame.lang.date(app.zone().day(app.now()));
    let title = frame.say("nav-laboratories");
    render(&LaboratoriesPage { day, lines, frame: visit.frame.titled(title, &[]) })
}

fn width(part: i64, whole: i64) -> String {
    format!("{:.1}", part as f64 / whole.max(1) as f64 * 100.0)
}

/// What is told of one laboratory.
#[derive(Template)]
#[template(path = "laboratory.html")]
struct LaboratoryPage {
    frame: Frame,
    path: String,
    facts: Vec<(String, String)>,
    steps: Vec<(String, String, String)>,
    waiting: String,
    overdue: String,
    waits: String,
    turnaround: Vec<(String, String, String)>,
    turnaround_of: String,
    purposes: Vec<(String, [String; 4])>,
    withheld: Option<String>,
    acts: Vec<Act>,
    entry: Option<Entry>,
    findings: Vec<(String, String)>,
    versions: Vec<(String, String)>,
    now: String,
}

async fn one(State(app): State<Arc<App>>, visit: Visit, Path(key): Path<String>) -> Result<Response, Problem> {
    let entry = may_enter(&visit).then(Entry::default);
    shown(&app, visit, &key, entry).await
}

fn may_enter(visit: &Visit) -> bool {
    givers(schema::RESULTS.name).is_some_and(|roles| roles.contains(&visit.caller.looker.duty.role))
}

async fn shown(app: &App, visit: Visit, key: &str, entry: Option<Entry>) -> Result<Response, Problem> {
    let mut tx = rows::look(app, &visit).await?;
    let row = tx.one(&LABORATORIES, key).await?;
    let of = Of { listing: &LABORATORIES, row: &row };
    let since = since(app);
    let steps = tx.tube_steps(since).await?;
    let ways = tx.ways(key, since, WAYS_MAX).await?;
    let day = app.zone().day(app.now()).to_string();
    let tests = [("laboratory", key), ("collected_at.from", day.as_str())];
    let found = tx.tally(&TUBES, &tests, &["purpose", "finding"]).await?;
    tx.finish().await?;
    let frame = &visit.frame;
    let nothing = Steps { laboratory: None, collected: 0, sent: 0, received: 0, resulted: 0 };
    let own = steps.iter().find(|steps| steps.laboratory.as_deref() == Some(key)).unwrap_or(&nothing);
    let numbers = [own.collected, own.sent, own.received, own.resulted];
    let words = ["lab-collected", "lab-sent", "lab-received", "lab-resulted"];
    let steps =
        words.iter().zip(numbers).map(|(word, n)| (frame.say(word), frame.lang.signed(n), width(n, own.collected)));
    type Way = (Instant, Option<Instant>, Instant);
    let spans = |from: fn(&Way) -> Option<Instant>| {
        let mut spans: Vec<i64> = ways.iter().filter_map(|way| Some(way.2.minutes_since(from(way)?))).collect();
        spans.sort_unstable();
        spans
    };
    let told = |key: &str, spans: &[i64]| {
        let said =
            |p| percentile(spans, p).map_or_else(|| frame.say("not-known"), |minutes| show::span(frame, minutes));
        (frame.say(key), said(50), said(95))
    };
    let (in_house, whole) = (spans(|way| way.1), spans(|way| Some(way.0)));
    let mut purposes: BTreeMap<Purpose, [u64; 4]> = BTreeMap::new();
    for (cells, count) in found {
        let text = |at: usize| cells.get(at).and_then(Cell::as_str);
        let Some(purpose) = text(0).and_then(|purpose| purpose.parse().ok()) else { continue };
        let line = purposes.entry(purpose).or_default();
        line[0] += count;
        match text(1).and_then(|finding| finding.parse().ok()) {
            Some(Finding::Positive) => line[1] += count,
            Some(Finding::Negative) => line[2] += count,
            Some(_) => line[3] += count,
            None => {}
        }
    }
    let facts = [
        ("field-division", of.text("division").map(|code| app.place_name(code, frame.lang))),
        ("field-in_city", of.text("in_city").map(|known| frame.w.given("known", known))),
        ("field-tubes_a_day", of.whole("tubes_a_day").map(|n| frame.lang.signed(n))),
    ];
    let terms = |names: &[&str], prefix: &str| {
        names.iter().map(|name| ((*name).to_owned(), frame.w.given(prefix, name))).collect::<Vec<_>>()
    };
    let refused = entry.as_ref().is_some_and(Entry::refused);
    let name = of.text("name").unwrap_or(key).to_owned();
    let above = frame.say("nav-laboratories");
    let count = |name: &str| frame.lang.signed(of.whole(name).unwrap_or_default());
    let page = LaboratoryPage {
        path: format!("/laboratories/{}", show::part(key)),
        facts: facts
            .into_iter()
            .map(|(key, value)| (frame.say(key), value.unwrap_or_else(|| frame.say("not-known"))))
            .collect(),
        steps: steps.collect(),
        waiting: count("waiting"),
        overdue: count("overdue"),
        waits: format!("/items?worklist=test&owner={}&open=true", show::part(key)),
        turnaround: vec![told("lab-in-house", &in_house), told("lab-from-swab", &whole)],
        turnaround_of: frame.w.get("lab-turnaround-of", &[("count", ways.len().into())]),
        purposes: purposes
            .into_iter()
            .map(|(purpose, line)| (frame.w.term(purpose), line.map(|n| frame.lang.number(n))))
            .collect(),
        withheld: matches!(of.cell("withheld"), Cell::Truth(true))
            .then(|| format!("/holds?laboratory={}&open=true", show::part(key))),
        acts: acts::acts(&visit, &LABORATORIES),
        entry,
        findings: terms(Finding::NAMES, "finding"),
        versions: terms(dayclear_core::screening::Version::NAMES, "version"),
        now: app.zone().text(app.now()),
        frame: visit.frame.titled(name, &[(above, "/laboratories")]),
    };
    evidence::answered(render(&page)?, refused)
}

/// `POST /laboratories/KEY`: one result, as evidence.
async fn enter(State(app): State<Arc<App>>, Path(key): Path<String>, sent: Sent) -> Result<Response, Problem> {
    let mut given = sent.given("result:");
    if given.get("reported_at").is_none_or(String::is_empty) {
        given.insert("reported_at".to_owned(), app.zone().text(app.now()));
    }
    let mut row = given.clone();
    row.insert("laboratory".to_owned(), key.clone());
    let taken = evidence::take(&app, &sent, &schema::RESULTS, vec![row]).await?;
    shown(&app, sent.visit, &key, Some(Entry::of(given, taken))).await
}

/// A line of the rounds.
struct Round {
    purpose: String,
    division: String,
    tubes: String,
    swabs: String,
    residents: Option<String>,
    resulted: String,
    positive: String,
}

#[derive(Template)]
#[template(path = "laboratory-rounds.html")]
struct RoundsPage {
    frame: Frame,
    day: String,
    rounds: Vec<Round>,
    totals: [String; 4],
}

async fn rounds(State(app): State<Arc<App>>, visit: Visit) -> Result<Response, Problem> {
    if !TUBES.readable_by(visit.caller.looker.duty.role) {
        return Err(Problem::unknown());
    }
    let mut tx = rows::look(&app, &visit).await?;
    let rounds = tx.rounds(since(&app)).await?;
    let districts = tx.all(&DIVISIONS, &[("level", "district,reporting_unit"), ("limit", "500")]).await?;
    tx.finish().await?;
    let residents: BTreeMap<&str, i64> = districts
        .iter()
        .map(|row| Of { listing: &DIVISIONS, row })
        .filter_map(|row| Some((row.text("code")?, row.whole("population")?)))
        .collect();
    let frame = &visit.frame;
    let number = |n: i64| frame.lang.signed(n);
    let sum = |of: fn(&dayclear_store::field::Round) -> i64| number(rounds.iter().map(of).sum());
    let page = RoundsPage {
        day: frame.lang.date(app.zone().day(app.now())),
        totals: [sum(|r| r.tubes), sum(|r| r.swabs), sum(|r| r.resulted), sum(|r| r.positive)],
        rounds: rounds
            .iter()
            .map(|round| Round {
                purpose: frame.w.term(round.purpose),
                division: app.place_name(&round.division, frame.lang),
                tubes: number(round.tubes),
                swabs: number(round.swabs),
                residents: residents
                    .get(round.division.as_str())
                    .and_then(|residents| frame.lang.percent(round.swabs.max(0) as u64, (*residents).max(0) as u64)),
                resulted: number(round.resulted),
                positive: number(round.positive),
            })
            .collect(),
        frame: {
            let (title, above) = (frame.say("rounds-title"), frame.say("nav-laboratories"));
            visit.frame.titled(title, &[(above, "/laboratories")])
        },
    };
    render(&page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_value_that_was_seen() {
        let spans: Vec<i64> = (1..=20).collect();
        assert_eq!((percentile(&spans, 50), percentile(&spans, 95)), (Some(10), Some(19)));
        assert_eq!((percentile(&[7], 95), percentile(&[], 50)), (Some(7), None));
    }
}
