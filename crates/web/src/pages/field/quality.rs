//! Quality of laboratories: positives of each beside chance, what was seen in the results of the last day, and what is withheld
//! now. It reads what the hourly look left, so it costs the same however many results there are.

use super::{
    frame::{Frame, Visit, moment, render},
    rows::{self, Of},
    show,
};
use crate::{app::App, problem::Problem, routing::get};
use askama::Template;
use axum::{Router, extract::State, response::Response};
use dayclear_core::listing::{HOLDS, LABORATORIES, Row, SIGNALS};
use dayclear_store::quality::LookedAt;
use std::{collections::BTreeMap, sync::Arc};

/// Limits within which chance explains a share, in standard errors: 99.8 % (Spiegelhalter 2005, Stat Med 24:1185).
const Z: f64 = 3.09;
/// Points of a limit that are drawn.
const POINTS: usize = 40;
/// Area of the drawing within its axes: left, right, top and bottom.
const AREA: (f64, f64, f64, f64) = (88.0, 612.0, 14.0, 218.0);

/// Routes below `/laboratories`.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/laboratories/quality", get(page))
}

/// A laboratory in the drawing and in the table below it.
struct Mark {
    name: String,
    path: String,
    results: String,
    positives: String,
    rate: String,
    x: String,
    y: String,
    outside: bool,
}

struct Funnel {
    marks: Vec<Mark>,
    upper: String,
    lower: String,
    middle: String,
    /// Ticks below and beside the axes: place and word.
    below: Vec<(String, String)>,
    beside: Vec<(String, String)>,
}

struct Signal {
    path: String,
    kind: String,
    level: String,
    alarm: bool,
    laboratory: String,
    told: String,
    since: String,
    source: String,
}

struct Hold {
    path: String,
    id: String,
    laboratory: String,
    what: String,
    concerned: String,
    held: String,
}

#[derive(Template)]
#[template(path = "quality.html")]
struct QualityPage {
    frame: Frame,
    looked: Option<String>,
    funnel: Option<Funnel>,
    signals: Vec<Signal>,
    holds: Vec<Hold>,
}

async fn page(State(app): State<Arc<App>>, visit: Visit) -> Result<Response, Problem> {
    if !SIGNALS.readable_by(visit.caller.looker.duty.role) {
        return Err(Problem::unknown());
    }
    let mut tx = rows::look(&app, &visit).await?;
    let at = tx.last_look().await?;
    let looked = tx.looked_at().await?;
    let names = tx.all(&LABORATORIES, &[("limit", "500")]).await?;
    let since = at.map(|at| at.to_string()).unwrap_or_default();
    let signals = match at {
        Some(_) => tx.all(&SIGNALS, &[("last_seen.from", since.as_str()), ("limit", "200")]).await?,
        None => Vec::new(),
    };
    let holds = tx.all(&HOLDS, &[("open", "true"), ("limit", "100")]).await?;
    tx.finish().await?;
    let frame = &visit.frame;
    let names: BTreeMap<String, String> = names
        .iter()
        .filter_map(|row| {
            let of = Of { listing: &LABORATORIES, row };
            Some((of.text("laboratory")?.to_owned(), of.text("name")?.to_owned()))
        })
        .collect();
    let name = |id: &str| names.get(id).cloned().unwrap_or_else(|| id.to_owned());
    let mut signals: Vec<Signal> = signals.iter().map(|row| signal(&app, frame, row, &name)).collect();
    signals.sort_by_key(|signal| !signal.alarm);
    let page = QualityPage {
        looked: at.map(|at| frame.w.get("quality-looked", &[("at", moment(&app, frame.lang, at).into())])),
        funnel: funnel(frame, &looked, &name),
        signals,
        holds: holds.iter().map(|row| hold(&app, frame, row, &name)).collect(),
        frame: {
            let (title, above) = (frame.say("quality-title"), frame.say("nav-laboratories"));
            visit.frame.titled(title, &[(above, "/laboratories")])
        },
    };
    render(&page)
}

fn signal(app: &App, frame: &Frame, row: &Row, name: &impl Fn(&str) -> String) -> Signal {
    let of = Of { listing: &SIGNALS, row };
    let text = |field| of.text(field).unwrap_or_default();
    let number = |field| format!("{:.2}", of.real(field).unwrap_or_default());
    let judged = frame.lang.signed(of.whole("judged").unwrap_or_default());
    let lot = of.text("lot").map(|lot| format!("{} {lot}", frame.say("field-lot")));
    let run = of.text("run").map(|run| format!("{} {run}", frame.say("field-run")));
    let laboratory = of.text("laboratory").filter(|id| !id.is_empty()).map(name);
    Signal {
        path: format!("/signals/{}", show::part(text("signal"))),
        kind: frame.w.given("signal", text("kind")),
        level: frame.w.given("signal-level", text("level")),
        alarm: of.text("level") == Some("alarm"),
        laboratory: frame.w.joined(&laboratory.into_iter().chain(lot).chain(run).collect::<Vec<_>>()),
        told: format!(
            "{} ({} {}) · {} {judged}",
            number("figure"),
            frame.say("field-limit"),
            number("limit"),
            frame.say("field-judged")
        ),
        since: of.moment("since").map(|at| moment(app, frame.lang, at)).unwrap_or_default(),
        source: text("source").to_owned(),
    }
}

fn hold(app: &App, frame: &Frame, row: &Row, name: &impl Fn(&str) -> String) -> Hold {
    let of = Of { listing: &HOLDS, row };
    let said = |field: &str, word: &str| of.text(field).map(|text| format!("{} {text}", frame.say(word)));
    let count = |field| of.whole(field).unwrap_or_default().max(0) as u64;
    Hold {
        path: format!("/holds/{}", show::part(of.text("hold").unwrap_or_default())),
        id: of.text("hold").unwrap_or_default().to_owned(),
        laboratory: name(of.text("laboratory").unwrap_or_default()),
        what: frame.w.joined(&said("lot", "field-lot").into_iter().chain(said("run", "field-run")).collect::<Vec<_>>()),
        concerned: frame
            .w
            .get("quality-concerned", &[("tubes", count("tubes").into()), ("people", count("people").into())]),
        held: of.moment("held_at").map(|at| moment(app, frame.lang, at)).unwrap_or_default(),
    }
}

/// The share that is exceeded, or not reached, by chance in one of a thousand laboratories with so many results.
fn limit(share: f64, results: f64, z: f64) -> f64 {
    (share + z * (share * (1.0 - share) / results.max(1.0)).sqrt()).clamp(0.0, 1.0)
}

fn funnel(frame: &Frame, looked: &[LookedAt], name: &impl Fn(&str) -> String) -> Option<Funnel> {
    let results: i64 = looked.iter().map(|one| one.results).sum();
    let positives: i64 = looked.iter().map(|one| one.positives).sum();
    let most = looked.iter().map(|one| one.results).max().filter(|most| *most > 0)? as f64;
    let share = positives as f64 / results as f64;
    let rate = |one: &LookedAt| one.positives as f64 / one.results.max(1) as f64;
    let least = looked.iter().map(|one| one.results).min().unwrap_or(1).max(1) as f64;
    let top = looked.iter().map(rate).fold(limit(share, least, Z).min(4.0 * share + 1e-9), f64::max) * 1.08 + 1e-6;
    let (left, right, above, below) = AREA;
    let x = |n: f64| left + n / (most * 1.04) * (right - left);
    let y = |share: f64| below - (share / top).min(1.0) * (below - above);
    let line = |z: f64| {
        let points = (1..=POINTS).map(|at| {
            let n = most * 1.04 * at as f64 / POINTS as f64;
            format!("{:.1},{:.1}", x(n), y(limit(share, n, z)))
        });
        points.collect::<Vec<_>>().join(" ")
    };
    let per_10_000 = |share: f64| format!("{:.1}", share * 10_000.0);
    let marks = looked.iter().map(|one| {
        let (n, rate) = (one.results as f64, rate(one));
        Mark {
            name: name(&one.laboratory),
            path: format!("/laboratories/{}", show::part(&one.laboratory)),
            results: frame.lang.signed(one.results),
            positives: frame.lang.signed(one.positives),
            rate: per_10_000(rate),
            x: format!("{:.1}", x(n)),
            y: format!("{:.1}", y(rate)),
            outside: rate > limit(share, n, Z) || rate < limit(share, n, -Z),
        }
    });
    let ticks = |upto: f64, place: &dyn Fn(f64) -> f64, word: &dyn Fn(f64) -> String| {
        [0.0, 0.5, 1.0].map(|part| (format!("{:.1}", place(part * upto)), word(part * upto))).to_vec()
    };
    Some(Funnel {
        marks: marks.collect(),
        upper: line(Z),
        lower: line(-Z),
        middle: format!("{:.1}", y(share)),
        below: ticks(most, &x, &|n| frame.lang.signed(n.round() as i64)),
        beside: ticks(top, &y, &|share| format!("{:.0}", share * 10_000.0)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_explains_less_the_more_results_there_are() {
        // 0.1 % of 10,000 results: 0.001 + 3.09 * sqrt(0.001 * 0.999 / 10,000)
        assert!((limit(0.001, 10_000.0, Z) - 0.001_976_66).abs() < 1e-8);
        assert_eq!(limit(0.001, 100.0, -Z), 0.0);
        assert!(limit(0.001, 1e6, Z) < limit(0.001, 1e4, Z));
    }
}
