//! The plan of a round: what it takes, its sites, who waits how long in which hour, and by which clauses; the sheet of a site, to be
//! printed; and where tests find. Each reads what was kept when it was planned or counted, so it costs the same for any city.

use super::{
    form::{self, Sent},
    frame::{Frame, Visit, moment, render},
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
    extract::{Path, State},
    response::Response,
};
use dayclear_core::{
    command::Command,
    listing::{ROUND_SITES, ROUNDS, Row, YIELDS},
    time::Instant,
};
use dayclear_ops::{
    desk,
    plans::{Found, Hour, Told},
    yields,
};
use dayclear_store::plans::PlanRow;
use std::sync::Arc;

/// Routes below `/rounds`.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/rounds/yields", get(found))
        .route("/rounds/estimate", post(estimate))
        .route("/rounds/{key}/plan", get(page))
        .route("/rounds/{key}/sites/{number}", get(site))
}

/// Sites that are shown on the page of a plan; the list has all of them.
const SHOWN: &str = "100";

/// A site in the table.
struct SiteLine {
    path: String,
    name: String,
    sub: String,
    people: String,
    samplers: String,
    wait: String,
    walk: String,
    tubes: String,
}

/// A bar of an hour.
struct Bar {
    word: String,
    called: String,
    wait: String,
    x: String,
    y: String,
    height: String,
    width: String,
    middle: String,
    ticked: bool,
    /// Left out where there is little room.
    alt: bool,
}

struct Chart {
    bars: Vec<Bar>,
    /// Height of the limit, and its word.
    top: String,
}

#[derive(Template)]
#[template(path = "plan.html")]
struct PlanPage {
    frame: Frame,
    round: String,
    made: Option<String>,
    refused: Option<(String, Option<String>)>,
    totals: Vec<(String, String)>,
    late: Option<String>,
    found: Vec<String>,
    chart: Option<Chart>,
    sites: Vec<SiteLine>,
    list: Option<String>,
    clauses: Vec<String>,
    conditions: String,
}

fn one_decimal(value: f64) -> String {
    format!("{value:.1}")
}

async fn page(State(app): State<Arc<App>>, visit: Visit, Path(key): Path<String>) -> Result<Response, Problem> {
    let mut tx = rows::look(&app, &visit).await?;
    let round = tx.one(&ROUNDS, &key).await?;
    let plan = tx.round_plan(&key).await?;
    let sites = tx.all(&ROUND_SITES, &[("round", key.as_str()), ("limit", SHOWN)]).await?;
    tx.finish().await?;
    let name = Of { listing: &ROUNDS, row: &round }.text("name").unwrap_or(&key).to_owned();
    shown(&app, visit, (&key, &name), plan, &sites)
}

/// `POST /rounds/estimate`: what a round would take that is not made.
async fn estimate(State(app): State<Arc<App>>, sent: Sent) -> Result<Response, Problem> {
    let command = Command::named("rounds", "plan").ok_or_else(Problem::unknown)?;
    let given = sent.given("plan:");
    let input = desk::read(command.fields, &given, app.zone())?;
    let plan = desk::estimate(app.store(), &form::doing(&app, &sent.visit.caller, None), &input).await?;
    let name = given.get("name").cloned().unwrap_or_default();
    shown(&app, sent.visit, ("", &name), Some(plan), &[])
}

/// A plan that is kept, or one that is not and has no sites to show.
fn shown(
    app: &App,
    visit: Visit,
    (key, name): (&str, &str),
    plan: Option<PlanRow>,
    sites: &[Row],
) -> Result<Response, Problem> {
    let frame = &visit.frame;
    let told: Option<Told> =
        plan.as_ref().map(|plan| serde_json::from_str(&plan.body)).transpose().map_err(Problem::inside)?;
    let number = |n: i64| frame.lang.signed(n);
    let mut totals: Vec<(String, String)> = Vec::new();
    let mut late = None;
    if let (Some(plan), Some(told)) = (&plan, &told) {
        let mut add = |key: &str, text: String| totals.push((frame.say(key), text));
        add("roundplan-people", number(plan.people));
        add("roundplan-expected", plan.expected.map_or_else(|| frame.say("not-known"), number));
        if let Some(sums) = &told.totals {
            let whole = |n: u32| number(n.into());
            let hours = |n: f64| number(n.round() as i64);
            add("roundplan-sites", number(plan.sites));
            add("roundplan-sites-small", whole(sums.sites_small));
            add("roundplan-samplers", whole(sums.samplers));
            add("roundplan-samplers-at-once", whole(sums.samplers_at_once));
            add("roundplan-staff-hours", hours(sums.staff_hours));
            add("roundplan-tubes", whole(sums.tubes));
            let pools = told.pools.iter().map(|(size, n)| match size {
                0 => frame.w.get("roundplan-pool-household", &[("count", u64::from(*n).into())]),
                size => {
                    frame.w.get("roundplan-pool", &[("size", u64::from(*size).into()), ("count", u64::from(*n).into())])
                }
            });
            add("roundplan-pools", frame.w.joined(&pools.collect::<Vec<_>>()));
            add("roundplan-couriers", whole(sums.couriers));
            add("roundplan-courier-hours", hours(sums.courier_hours));
            add("roundplan-laboratory-runs", whole(sums.laboratory_runs));
            add("roundplan-laboratory-hours", hours(sums.laboratory_hours));
            add("roundplan-cost", told.tests_cost.map_or_else(|| frame.say("not-known"), hours));
            add("roundplan-collection", told.collection_cost.map_or_else(|| frame.say("not-known"), hours));
            add("roundplan-walk", format!("{} / {}", one_decimal(sums.walk_max_min), one_decimal(sums.walk_mean_min)));
            add("roundplan-wait", one_decimal(sums.wait_max_min));
            add("roundplan-receipt", one_decimal(sums.receipt_max_min));
            late = (sums.sites_late > 0)
                .then(|| frame.w.get("roundplan-late", &[("count", u64::from(sums.sites_late).into())]));
        }
    }
    let page = PlanPage {
        made: plan.as_ref().map(|plan| {
            frame.w.get(
                if key.is_empty() { "roundplan-estimated" } else { "roundplan-made" },
                &[("at", moment(app, frame.lang, plan.made_at).into())],
            )
        }),
        refused: told.as_ref().and_then(|told| told.refused.as_ref()).map(|refused| {
            let clause = refused.clause.clone();
            (frame.say(forbidden(&refused.kind)), clause)
        }),
        totals,
        late,
        found: told.as_ref().map(|told| said(frame, told)).unwrap_or_default(),
        chart: told.as_ref().and_then(|told| chart(app, frame, &told.hours)),
        sites: sites.iter().map(|row| line(app, frame, key, row)).collect(),
        list: (!key.is_empty()).then(|| format!("/round_sites?round={}", show::part(key))),
        clauses: told.as_ref().map(|told| told.reasons.iter().map(ToString::to_string).collect()).unwrap_or_default(),
        conditions: told.as_ref().map(|told| told.conditions.to_string()).unwrap_or_default(),
        frame: {
            let (title, above) = (frame.w.get("roundplan-of", &[("name", name.into())]), frame.say("nav-rounds"));
            visit.frame.titled(title, &[(above, "/rounds")])
        },
        round: if key.is_empty() { "/rounds".to_owned() } else { format!("/rounds/{}", show::part(key)) },
    };
    render(&page)
}

/// Key of the sentence about a refusal.
fn forbidden(kind: &str) -> &'static str {
    match kind {
        "no_rounds" => "roundplan-no-rounds",
        "widened" => "roundplan-widened",
        "no_delivery" => "roundplan-no-delivery",
        "beyond_area" => "roundplan-beyond-area",
        "twice_a_day" => "roundplan-twice-a-day",
        "not_due" => "roundplan-not-due",
        "too_long" => "roundplan-too-long",
        "hours" => "roundplan-hours",
        "nobody" => "roundplan-nobody",
        _ => "roundplan-condition",
    }
}

/// What earlier rounds say of this one, in sentences.
fn said(frame: &Frame, told: &Told) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some((round, people, came)) = &told.attended {
        let (people, came) = ((*people).max(0) as u64, (*came).max(0) as u64);
        let given = [("round", round.as_str().into()), ("people", people.into()), ("came", came.into())];
        lines.push(frame.w.get("roundplan-attended", &given));
    }
    if let Some(found) = &told.found {
        let rate = [found.per_10000, found.low, found.high].map(one_decimal);
        let [middle, low, high] = rate;
        lines.push(
            frame.w.get("roundplan-found-said", &[("rate", middle.into()), ("low", low.into()), ("high", high.into())]),
        );
        lines.extend(size_said(frame, found));
        let given = [("now", found.tests_now.into()), ("next", found.tests_next.into())];
        lines.push(frame.w.get("roundplan-shift-said", &given));
    }
    lines
}

fn size_said(frame: &Frame, found: &Found) -> Option<String> {
    let tests = |tests: Option<f64>| tests.map_or_else(|| "–".to_owned(), |tests| format!("{tests:.3}"));
    let given = [
        ("size", u64::from(found.size?).into()),
        ("best", tests(found.tests_per_person).into()),
        ("asked", tests(found.tests_per_person_asked).into()),
        ("lost", format!("{:.1} %", found.lost? * 100.0).into()),
    ];
    Some(frame.w.get("roundplan-size-said", &given))
}

/// Width and height of the drawing within its axes.
const AREA: (f64, f64) = (560.0, 150.0);

fn clock(app: &App, at: Instant) -> String {
    let (hour, minute) = app.zone().clock(at);
    format!("{hour:02}:{minute:02}")
}

fn chart(app: &App, frame: &Frame, hours: &[Hour]) -> Option<Chart> {
    let most = hours.iter().map(|hour| hour.wait_min).fold(0.0, f64::max).max(1.0);
    if hours.is_empty() {
        return None;
    }
    let step = AREA.0 / hours.len() as f64;
    let every = hours.len().div_ceil(8);
    let bars = hours.iter().enumerate().map(|(at, hour)| {
        let (x, height) = (56.0 + at as f64 * step, hour.wait_min / most * AREA.1);
        Bar {
            word: clock(app, hour.from),
            called: frame.lang.number(hour.called),
            wait: one_decimal(hour.wait_min),
            x: one_decimal(x + 1.0),
            y: one_decimal(14.0 + AREA.1 - height),
            height: one_decimal(height),
            width: one_decimal((step - 2.0).max(1.0)),
            middle: one_decimal(x + step / 2.0),
            ticked: at % every == 0,
            alt: at / every % 2 == 1,
        }
    });
    Some(Chart { bars: bars.collect(), top: one_decimal(most) })
}

fn line(app: &App, frame: &Frame, key: &str, row: &Row) -> SiteLine {
    let of = Of { listing: &ROUND_SITES, row };
    let number = of.whole("number").unwrap_or_default();
    let whole = |name: &str| of.whole(name).map_or_else(|| "–".to_owned(), |n| frame.lang.signed(n));
    let real = |name: &str| of.real(name).map_or_else(String::new, one_decimal);
    let expected =
        of.whole("expected_people").map(|n| frame.w.get("roundplan-of-these", &[("count", (n.max(0) as u64).into())]));
    SiteLine {
        path: format!("/rounds/{}/sites/{number}", show::part(key)),
        name: frame.w.get("roundplan-site", &[("number", (number.max(0) as u64).into())]),
        sub: frame.w.joined(
            &of.text("division")
                .map(|code| app.place_name(code, frame.lang))
                .into_iter()
                .chain(of.text("building").or(of.text("building_id")).map(str::to_owned))
                .collect::<Vec<_>>(),
        ),
        people: expected.map_or_else(|| whole("people"), |expected| format!("{} ({expected})", whole("people"))),
        samplers: format!("{} / {}", whole("lanes"), whole("samplers")),
        wait: format!("{} / {}", real("wait_min"), real("wait_max_min")),
        walk: real("walk_max_min"),
        tubes: whole("tubes"),
    }
}

#[derive(Template)]
#[template(path = "plan-site.html")]
struct SitePage {
    frame: Frame,
    plan: String,
    facts: Vec<(String, String)>,
    /// Time, building, floors, people.
    calls: Vec<[String; 4]>,
}

async fn site(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path((key, number)): Path<(String, i64)>,
) -> Result<Response, Problem> {
    let mut tx = rows::look(&app, &visit).await?;
    let round = tx.one(&ROUNDS, &key).await?;
    let row = tx.one(&ROUND_SITES, &format!("{key}:{number}")).await?;
    let calls = tx.calls_of(&key, number).await?;
    tx.finish().await?;
    let frame = &visit.frame;
    let of = Of { listing: &ROUND_SITES, row: &row };
    let mut facts: Vec<(String, String)> = Vec::new();
    let mut add = |field: &str, text: Option<String>| facts.extend(text.map(|text| (frame.say(field), text)));
    add("field-round", Of { listing: &ROUNDS, row: &round }.text("name").map(str::to_owned));
    add("field-division", of.text("division").map(|code| app.place_name(code, frame.lang)));
    add("field-building", of.text("building").or(of.text("building_id")).map(str::to_owned));
    for name in ["opens_at", "closes_at"] {
        add(&format!("field-{name}"), of.moment(name).map(|at| moment(&app, frame.lang, at)));
    }
    for name in ["people", "expected_people", "lanes", "samplers", "tubes"] {
        add(&format!("field-{name}"), of.whole(name).map(|n| frame.lang.signed(n)));
    }
    for name in ["wait_min", "wait_max_min", "walk_max_min", "every_min", "receipt_min"] {
        add(&format!("field-{name}"), of.real(name).map(one_decimal));
    }
    add("field-laboratory", of.text("laboratory").map(str::to_owned));
    add("field-courier", of.whole("courier").map(|n| frame.lang.signed(n)));
    let calls = calls.into_iter().map(|(call, name)| {
        let floors = call.floors.map_or_else(
            || frame.say("roundplan-whole"),
            |(from, to)| match from == to {
                true => frame.w.get("roundplan-floor", &[("floor", (from.max(0) as u64).into())]),
                false => frame.w.get(
                    "roundplan-floors",
                    &[("from", (from.max(0) as u64).into()), ("to", (to.max(0) as u64).into())],
                ),
            },
        );
        let time = format!("{} – {}", moment(&app, frame.lang, call.time.0), clock(&app, call.time.1));
        [time, name.unwrap_or(call.building), floors, frame.lang.signed(call.people)]
    });
    let plan = format!("/rounds/{}/plan", show::part(&key));
    let page = SitePage {
        facts,
        calls: calls.collect(),
        frame: {
            let title = frame.w.get("roundplan-site", &[("number", (number.max(0) as u64).into())]);
            let above = frame.say("nav-rounds");
            visit.frame.titled(title, &[(above, "/rounds")])
        },
        plan,
    };
    render(&page)
}

/// A line of what rounds found.
struct Line {
    round: String,
    path: Option<String>,
    purpose: String,
    tests: String,
    positives: String,
    rate: String,
    cost: String,
}

/// A channel of the next round.
struct Next {
    purpose: String,
    expected: String,
    cost: String,
    now: String,
    next: String,
    found: String,
}

#[derive(Template)]
#[template(path = "yields.html")]
struct YieldsPage {
    frame: Frame,
    lines: Vec<Line>,
    next: Vec<Next>,
}

async fn found(State(app): State<Arc<App>>, visit: Visit) -> Result<Response, Problem> {
    if !YIELDS.readable_by(visit.caller.looker.duty.role) {
        return Err(Problem::unknown());
    }
    let mut tx = rows::look(&app, &visit).await?;
    // those that begin within the next day are there too, when they run already
    let (mut lines, shifts) = yields::judged(&mut tx, app.now().plus_hours(24)).await?;
    tx.finish().await?;
    let frame = &visit.frame;
    let purpose = |channel: &str| frame.w.given("purpose", channel);
    let money =
        |cost: Option<f64>| cost.map_or_else(|| frame.say("not-known"), |cost| frame.lang.signed(cost.round() as i64));
    // all rounds together come first, then the latest
    lines.sort_by_key(|line| !line.round.is_empty());
    let together = lines.iter().take_while(|line| line.round.is_empty()).count();
    lines[together..].reverse();
    let page = YieldsPage {
        lines: lines
            .iter()
            .map(|line| Line {
                round: if line.round.is_empty() { frame.say("yields-together") } else { line.round.clone() },
                path: (!line.round.is_empty()).then(|| format!("/rounds/{}", show::part(&line.round))),
                purpose: purpose(&line.channel),
                tests: frame.lang.number(line.tests),
                positives: frame.lang.number(line.positives),
                rate: format!("{:.1} ({:.1}–{:.1})", line.per_10000, line.low, line.high),
                cost: money(line.cost_per_positive),
            })
            .collect(),
        next: shifts
            .iter()
            .map(|shift| Next {
                purpose: purpose(&shift.channel),
                expected: format!("{:.1} ({:.1}–{:.1})", shift.expected_per_10000, shift.low, shift.high),
                cost: money(shift.cost_per_positive),
                now: frame.lang.number(shift.tests_now),
                next: frame.lang.number(shift.tests_next),
                found: format!("{:.1} → {:.1}", shift.found_now, shift.found_next),
            })
            .collect(),
        frame: {
            let (title, above) = (frame.say("list-yields"), frame.say("nav-rounds"));
            visit.frame.titled(title, &[(above, "/rounds")])
        },
    };
    render(&page)
}
