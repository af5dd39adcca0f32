//! Boxes of tubes: a board of what is late, late soon, on the way and different on arrival; the page of one box with its hand-overs
//! and tubes by state; a form to send one, and the bench of a laboratory where one is counted in. Everything is given as evidence, as files
//! and the API give it.

use super::{
    acts::{self, Act},
    evidence::{self, Entry},
    form::{self, Sent},
    frame::{Frame, Visit, moment, render},
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
    access::Role,
    command::givers,
    custody::{BoxState, BoxStep, TubeWord},
    listing::{BOXES, Cell, LABORATORIES, Row},
    schema,
    time::Instant,
};
use dayclear_ops::desk::Given;
use std::sync::Arc;

/// Boxes that are shown in one table of the board.
const SHOWN: &str = "60";

/// Routes below `/boxes`.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/boxes", get(board).merge(post(send))).route("/boxes/{key}", get(one).merge(post(receive)))
}

/// A box as the board shows it.
struct Line {
    code: String,
    path: String,
    sub: String,
    state: String,
    tone: &'static str,
    /// When it is due, and how long that is or was.
    due: Option<(String, String)>,
    tubes: String,
    received: String,
    lost: String,
    late: bool,
}

/// A part of the board.
struct Part {
    id: &'static str,
    word: String,
    about: String,
    lines: Vec<Line>,
}

/// How a box stands by the clock: word, tone, whether it is late.
fn standing(frame: &Frame, of: &Of<'_>, now: Instant) -> (String, &'static str, bool) {
    let state = of.text("state").unwrap_or_default();
    let word = frame.w.given("box-state", state);
    let passed = |name| of.moment(name).is_some_and(|at| at <= now);
    let open = matches!(state, "packed" | "underway");
    if open && passed("due_at") {
        return (frame.say("box-late"), "bad", true);
    }
    // it is expected by its own way and load; where nobody knows when, three quarters of the time are a warning
    let soon = match of.moment("arrives_at") {
        Some(arrives) => of.moment("due_at").is_some_and(|due| arrives > due),
        None => passed("soon_at"),
    };
    if open && soon {
        return (frame.say("box-soon"), "warn", false);
    }
    let tone = match state {
        "received" => "good",
        "differs" | "lost" => "bad",
        "underway" => "busy",
        _ => "wait",
    };
    (word, tone, false)
}

fn line(app: &App, frame: &Frame, row: &Row) -> Line {
    let of = Of { listing: &BOXES, row };
    let now = app.now();
    let code = of.text("box").unwrap_or_default().to_owned();
    let (state, tone, late) = standing(frame, &of, now);
    let number = |name| frame.lang.signed(of.whole(name).unwrap_or_default());
    let lost = of.whole("missing").unwrap_or_default() + of.whole("broken").unwrap_or_default();
    let place = of.text("division").map(|code| app.place_name(code, frame.lang));
    let open = matches!(of.text("state"), Some("packed" | "underway"));
    let to = of.text("laboratory").map(|to| frame.w.get("box-to", &[("laboratory", to.into())]));
    // where it is meant to go is said while it can still go elsewhere than it was sent
    let meant = of.text("meant_for").filter(|meant| open && of.text("laboratory") != Some(meant));
    let meant = meant.map(|meant| frame.w.get("box-meant", &[("laboratory", meant.into())]));
    let result = of.moment("result_at").filter(|_| open);
    let result = result.map(|at| frame.w.get("box-result", &[("at", moment(app, frame.lang, at).into())]));
    let nowhere = (open && of.cell("nowhere") == &Cell::Truth(true)).then(|| frame.say("box-nowhere"));
    let run = of.text("courier_run").map(|run| frame.w.get("box-run", &[("run", run.into())]));
    Line {
        path: format!("/boxes/{}", show::part(&code)),
        sub: frame.w.joined(
            &place.into_iter().chain(to).chain(meant).chain(nowhere).chain(result).chain(run).collect::<Vec<_>>(),
        ),
        due: of.moment("due_at").map(|at| {
            let span = show::span(frame, at.minutes_since(now));
            let key = if at <= now { "box-late-by" } else { "box-left" };
            (moment(app, frame.lang, at), frame.w.get(key, &[("span", span.into())]))
        }),
        tubes: number("tubes"),
        received: number("arrived"),
        lost: frame.lang.signed(lost),
        code,
        state,
        tone,
        late,
    }
}

#[derive(Template)]
#[template(path = "boxes.html")]
struct BoxesPage {
    frame: Frame,
    said: String,
    parts: Vec<Part>,
    entry: Option<Entry>,
    laboratories: Vec<(String, String)>,
    now: String,
}

/// What is to be said of boxes on the way, in one sentence.
pub fn said(frame: &Frame, counts: dayclear_store::custody::BoxCounts) -> String {
    let of = |n: i64| (n.max(0) as u64).into();
    frame.w.get("boxes-said", &[("late", of(counts.late)), ("soon", of(counts.soon)), ("open", of(counts.open))])
}

/// The laboratory of a duty that is on one.
pub fn laboratory_of(visit: &Visit) -> Option<&str> {
    let duty = &visit.caller.looker.duty;
    (duty.role == Role::Laboratory).then(|| duty.site.as_deref().unwrap_or_default())
}

fn may_give(visit: &Visit, table: &schema::Table) -> bool {
    givers(table.name).is_some_and(|roles| roles.contains(&visit.caller.looker.duty.role))
}

async fn board(
    state: State<Arc<App>>,
    visit: Visit,
    parameters: Parameters<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    if !parameters.0.is_empty() {
        return list::page(state, visit, Path("boxes".to_owned()), parameters).await;
    }
    let entry = may_give(&visit, &schema::PACKINGS).then(Entry::default);
    shown_board(&state.0, visit, entry).await
}

async fn shown_board(app: &App, visit: Visit, entry: Option<Entry>) -> Result<Response, Problem> {
    if !BOXES.readable_by(visit.caller.looker.duty.role) {
        return Err(Problem::unknown());
    }
    let mut tx = rows::look(app, &visit).await?;
    let counts = tx.boxes_underway(app.now(), laboratory_of(&visit)).await?;
    let open = tx.all(&BOXES, &[("state", "packed,underway"), ("sort", "due_at"), ("limit", SHOWN)]).await?;
    let differ = tx.all(&BOXES, &[("state", "differs,lost"), ("limit", SHOWN)]).await?;
    let there = tx.all(&BOXES, &[("state", "received"), ("limit", SHOWN)]).await?;
    let laboratories = match entry {
        Some(_) => tx.all(&LABORATORIES, &[("limit", "500")]).await?,
        None => Vec::new(),
    };
    tx.finish().await?;
    let frame = &visit.frame;
    let part = |id: &'static str, word: &str, about: &str, rows: &[Row]| Part {
        id,
        word: frame.say(word),
        about: frame.say(about),
        lines: rows.iter().map(|row| line(app, frame, row)).collect(),
    };
    let refused = entry.as_ref().is_some_and(Entry::refused);
    let page = BoxesPage {
        said: said(frame, counts),
        parts: vec![
            part("open", "boxes-open", "boxes-open-said", &open),
            part("differ", "boxes-differ", "boxes-differ-said", &differ),
            part("there", "boxes-there", "boxes-there-said", &there),
        ],
        entry,
        laboratories: laboratories
            .iter()
            .map(|row| Of { listing: &LABORATORIES, row })
            .filter_map(|of| {
                let id = of.text("laboratory")?;
                Some((id.to_owned(), of.text("name").unwrap_or(id).to_owned()))
            })
            .collect(),
        now: app.zone().text(app.now()),
        frame: {
            let title = visit.frame.say("nav-boxes");
            visit.frame.titled(title, &[])
        },
    };
    evidence::answered(render(&page)?, refused)
}

/// Bar codes that were typed or scanned, one after the other.
fn codes(text: Option<&String>) -> Vec<String> {
    let text = text.map(String::as_str).unwrap_or_default();
    let separators = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '，' | '；' | '、');
    text.split(separators).filter(|code| !code.is_empty()).map(str::to_owned).collect()
}

/// A row of a table from fields of a form and values of its own.
fn row(pairs: &[(&str, &str)]) -> Given {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

fn at_of(app: &App, given: &Given) -> String {
    given.get("at").filter(|at| !at.is_empty()).cloned().unwrap_or_else(|| app.zone().text(app.now()))
}

/// `POST /boxes`: tubes packed into a box, and the box sent.
async fn send(State(app): State<Arc<App>>, sent: Sent) -> Result<Response, Problem> {
    if sent.field("verb").is_some() {
        // chosen rows of the list
        return form::on_list(State(app), Path("boxes".to_owned()), sent).await;
    }
    let given = sent.given("box:");
    let at = at_of(&app, &given);
    let by = sent.visit.caller.looker.account.clone();
    let of = |name: &str| given.get(name).map(String::as_str).unwrap_or_default();
    let tubes = codes(given.get("tubes"));
    let packed = tubes.iter().map(|tube| row(&[("box", of("box")), ("tube", tube), ("at", &at), ("said_by", &by)]));
    let mut taken = evidence::take(&app, &sent, &schema::PACKINGS, packed.collect()).await?;
    if let evidence::Taken::Done(packed) = taken {
        let counted = tubes.len().to_string();
        let moved = row(&[
            ("box", of("box")),
            ("step", BoxStep::Sent.name()),
            ("at", &at),
            ("division", of("division")),
            ("laboratory", of("laboratory")),
            ("run", of("run")),
            ("courier", of("courier")),
            ("counted", &counted),
            ("said_by", &by),
        ]);
        taken = evidence::take(&app, &sent, &schema::BOX_MOVES, vec![moved]).await?.after(packed);
    }
    shown_board(&app, sent.visit, Some(Entry::of(given, taken))).await
}

#[derive(Template)]
#[template(path = "box.html")]
struct BoxPage {
    frame: Frame,
    path: String,
    state: String,
    tone: &'static str,
    due: Option<(String, String)>,
    facts: Vec<(String, String)>,
    /// State, tubes and people, with the list behind them.
    tubes: Vec<(String, String, String, String)>,
    moves: Vec<[String; 6]>,
    /// The bench of the laboratory: whether it was counted before.
    entry: Option<Entry>,
    again: bool,
    now: String,
    /// To mean a packed box for another laboratory.
    acts: Vec<Act>,
}

async fn one(State(app): State<Arc<App>>, visit: Visit, Path(key): Path<String>) -> Result<Response, Problem> {
    let entry = may_receive(&visit).then(Entry::default);
    shown(&app, visit, &key, entry).await
}

fn may_receive(visit: &Visit) -> bool {
    may_give(visit, &schema::BOX_CHECKS)
}

async fn shown(app: &App, visit: Visit, key: &str, entry: Option<Entry>) -> Result<Response, Problem> {
    let mut tx = rows::look(app, &visit).await?;
    let record = tx.one(&BOXES, key).await?;
    let moves = tx.moves_of_box(key).await?;
    let people = tx.people_of_box(key).await?;
    tx.finish().await?;
    let frame = &visit.frame;
    let of = Of { listing: &BOXES, row: &record };
    let line = line(app, frame, &record);
    let mut facts: Vec<(String, String)> = Vec::new();
    let mut add = |field: &str, text: Option<String>| facts.extend(text.map(|text| (frame.say(field), text)));
    add("field-division", of.text("division").map(|code| app.place_name(code, frame.lang)));
    add("field-site", of.text("site").map(str::to_owned));
    add("field-laboratory", of.text("laboratory").map(str::to_owned));
    add("field-meant_for", of.text("meant_for").map(str::to_owned));
    add("field-result_at", of.moment("result_at").map(|at| moment(app, frame.lang, at)));
    add("field-chosen_by", of.text("chosen_by").map(str::to_owned));
    add("field-courier_run", of.text("courier_run").map(str::to_owned));
    for (field, name) in [
        ("field-packed_at", "packed_at"),
        ("field-sent_at", "sent_at"),
        ("field-received_at", "received_at"),
        ("field-due_at", "due_at"),
    ] {
        add(field, of.moment(name).map(|at| moment(app, frame.lang, at)));
    }
    for (field, name) in [("field-counted_sent", "counted_sent"), ("field-counted_received", "counted_received")] {
        add(field, of.whole(name).map(|n| frame.lang.signed(n)));
    }
    let refused = entry.as_ref().is_some_and(Entry::refused);
    let page = BoxPage {
        path: format!("/boxes/{}", show::part(key)),
        state: line.state,
        tone: line.tone,
        due: line.due,
        facts,
        tubes: people
            .iter()
            .map(|(state, tubes, people)| {
                let list = format!("/clocks?box={}&state={state}", show::part(key));
                (frame.w.term(*state), frame.lang.signed(*tubes), frame.lang.signed(*people), list)
            })
            .collect(),
        moves: moves
            .into_iter()
            .map(|said| {
                [
                    frame.w.term(said.step),
                    moment(app, frame.lang, said.at),
                    said.counted.map_or_else(|| "–".to_owned(), |n| frame.lang.signed(n)),
                    said.laboratory,
                    said.run.unwrap_or_default(),
                    said.by,
                ]
            })
            .collect(),
        acts: if of.text("state") == Some(BoxState::Packed.name()) { acts::acts(&visit, &BOXES) } else { Vec::new() },
        again: of
            .text("state")
            .is_some_and(|state| [BoxState::Received, BoxState::Differs].iter().any(|there| there.name() == state)),
        entry,
        now: app.zone().text(app.now()),
        frame: {
            let (title, above) = (key.to_owned(), visit.frame.say("nav-boxes"));
            visit.frame.titled(title, &[(above, "/boxes")])
        },
    };
    evidence::answered(render(&page)?, refused)
}

/// `POST /boxes/KEY`: a box counted in at a laboratory, with the tubes that are missing, broken or found.
async fn receive(State(app): State<Arc<App>>, Path(key): Path<String>, sent: Sent) -> Result<Response, Problem> {
    let given = sent.given("box:");
    let at = at_of(&app, &given);
    let by = sent.visit.caller.looker.account.clone();
    let mut tx = rows::look(&app, &sent.visit).await?;
    let record = tx.one(&BOXES, &key).await?;
    tx.finish().await?;
    let of = Of { listing: &BOXES, row: &record };
    let own = laboratory_of(&sent.visit).map(str::to_owned);
    let laboratory = own.or_else(|| of.text("laboratory").map(str::to_owned)).unwrap_or_default();
    let division = of.text("division").unwrap_or_default();
    let mut named = Vec::new();
    for word in TubeWord::ALL {
        for tube in codes(given.get(word.name())) {
            named.push(row(&[
                ("box", &key),
                ("tube", &tube),
                ("found", word.name()),
                ("at", &at),
                ("laboratory", &laboratory),
                ("said_by", &by),
            ]));
        }
    }
    let mut taken = match named.is_empty() {
        true => evidence::Taken::Done(Default::default()),
        false => evidence::take(&app, &sent, &schema::BOX_CHECKS, named).await?,
    };
    let counted = given.get("counted").map(String::as_str).unwrap_or_default();
    if let (evidence::Taken::Done(tally), false) = (&taken, counted.is_empty()) {
        let step = if of.moment("received_at").is_some() { BoxStep::Recounted } else { BoxStep::Received };
        let moved = row(&[
            ("box", &key),
            ("step", step.name()),
            ("at", &at),
            ("division", division),
            ("laboratory", &laboratory),
            ("run", of.text("courier_run").unwrap_or_default()),
            ("counted", counted),
            ("said_by", &by),
        ]);
        let named = *tally;
        taken = evidence::take(&app, &sent, &schema::BOX_MOVES, vec![moved]).await?.after(named);
    }
    shown(&app, sent.visit, &key, Some(Entry::of(given, taken))).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bar_codes_are_told_apart_however_they_were_typed() {
        let text = " T1 T2\r\nT3,T4；T5、\n".to_owned();
        assert_eq!(codes(Some(&text)), ["T1", "T2", "T3", "T4", "T5"]);
        assert!(codes(None).is_empty());
    }
}
