//! Runs of parcels as a depot, a carrier and a district look at them: who leaves when, how far it is, what is late, what no run carries and
//! what helps; and the sheet of one run, door by door with the expected times, to be printed. Works without script; rows are those of the
//! lists, so nobody sees here whom they may not see there.

use super::{
    frame::{Frame, Visit, moment, render},
    rows::{self, Look, Of},
    show,
};
use crate::{app::App, problem::Problem, routing::get};
use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
};
use dayclear_core::{
    command::Command,
    listing::{Cell, DELIVERY_RUNS, PARCELS, Row},
    time::Instant,
    welfare::{DeliveryState, NotCarried},
};
use std::sync::Arc;

/// Runs and parcels of one page at most.
const SHOWN: &str = "500";
/// Days back over which runs are looked for: whatever is older has been planned anew, or is owed by its parcels.
const BACK_D: i64 = 7;

/// Routes of the sheets.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/supplies/runs/{run}", get(sheet))
}

/// A run of a depot.
pub(super) struct RunShown {
    pub id: String,
    pub part: String,
    pub carrier: String,
    pub state: String,
    pub hours: String,
    pub progress: String,
    pub missed: Option<String>,
    pub late: bool,
    pub may_leave: bool,
}

/// What no run carries: why, how many, what helps, and where they are listed.
pub(super) struct LeftShown {
    pub why: String,
    pub count: String,
    pub helps: String,
    pub list: Option<String>,
}

/// Runs of a depot and what they leave.
pub(super) struct RunsShown {
    pub runs: Vec<RunShown>,
    pub left: Vec<LeftShown>,
    /// How many runs of all depots of the duty are late, and where they are listed.
    pub late: Option<(String, String)>,
    pub may_plan: bool,
}

fn may(visit: &Visit, verb: &str) -> bool {
    let role = visit.caller.looker.duty.role;
    Command::named("delivery_runs", verb).is_some_and(|command| command.roles.contains(&role))
}

fn of(row: &Row) -> Of<'_> {
    Of { listing: &DELIVERY_RUNS, row }
}

/// Runs of a depot that are not over, those of today that are, and what no run carries.
pub(super) async fn of_depot(app: &App, visit: &Visit, look: &mut Look<'_>, depot: &str) -> Result<RunsShown, Problem> {
    let today = app.zone().day(app.now());
    let since = app.zone().text(app.zone().start_of(today.plus_days(-BACK_D)));
    let recent = ("leaves_at.from", since.as_str());
    let wanted = [("depot", depot), ("state", "planned,underway,done"), recent, ("limit", SHOWN)];
    let mut rows = look.all(&DELIVERY_RUNS, &wanted).await?;
    rows.retain(|row| of(row).text("state") != Some("done") || of(row).day("day") == Some(today));
    rows.sort_by_key(|row| (of(row).moment("leaves_at"), of(row).text("run").map(str::to_owned)));
    let frame = &visit.frame;
    let runs = rows.iter().map(|row| run_shown(app, visit, of(row))).collect();
    let open = [("depot", depot), ("delivered", "no"), ("carried", "no")];
    let mut left: Vec<LeftShown> = Vec::new();
    for (cells, count) in look.tally(&PARCELS, &open, &["not_carried"]).await? {
        let number = frame.lang.signed(i64::try_from(count).unwrap_or(i64::MAX));
        let why = cells.first().and_then(Cell::as_str).and_then(|why| why.parse::<NotCarried>().ok());
        left.push(match why {
            None => LeftShown { why: frame.say("runs-new"), count: number, helps: String::new(), list: None },
            Some(why) => {
                let helps = match why {
                    NotCarried::NoCarrier => "runs-helps-no_carrier",
                    NotCarried::NoHours => "runs-helps-no_hours",
                    NotCarried::TooFar => "runs-helps-too_far",
                    NotCarried::NoPlace => "runs-helps-no_place",
                    NotCarried::Free => "runs-helps-free",
                };
                let list = format!("/parcels?depot={}&delivered=no&carried=no&not_carried={why}", show::part(depot));
                LeftShown { why: frame.w.term(why), count: number, helps: frame.say(helps), list: Some(list) }
            }
        });
    }
    let late = look.tally(&DELIVERY_RUNS, &[("late", "yes"), recent], &["late"]).await?;
    let late = late.first().map(|(_, count)| {
        let list = format!("/delivery_runs?late=yes&leaves_at.from={}", show::part(&since));
        (frame.w.get("runs-late-all", &[("count", (*count).into())]), list)
    });
    Ok(RunsShown { runs, left, late, may_plan: may(visit, "plan") && !depot.is_empty() })
}

fn run_shown(app: &App, visit: &Visit, of: Of<'_>) -> RunShown {
    let frame = &visit.frame;
    let number = |name: &str| of.whole(name).unwrap_or_default();
    let id = of.text("run").unwrap_or_default().to_owned();
    let state = of.text("state").and_then(|state| state.parse::<DeliveryState>().ok());
    let said = |count: i64| frame.lang.signed(count);
    let (delivered, missed, freed) = (number("delivered"), number("missed"), number("freed"));
    let progress = [("done", said(delivered).into()), ("all", said(number("parcels") - freed).into())];
    RunShown {
        part: show::part(&id),
        carrier: carrier(frame, of),
        state: state.map(|state| frame.w.term(state)).unwrap_or_default(),
        hours: hours(app, frame, of),
        progress: frame.w.get("runs-progress", &progress),
        missed: (missed > 0).then(|| frame.w.get("runs-missed", &[("count", said(missed).into())])),
        late: matches!(of.cell("late"), Cell::Truth(true)),
        may_leave: may(visit, "leave") && state == Some(DeliveryState::Planned),
        id,
    }
}

fn carrier(frame: &Frame, of: Of<'_>) -> String {
    let means = of.text("means").map(|means| frame.w.given("means", means)).unwrap_or_default();
    frame.w.joined(&[of.text("carrier").unwrap_or_default().to_owned(), means])
}

fn hours(app: &App, frame: &Frame, of: Of<'_>) -> String {
    let at = |name: &str| of.moment(name).map(|at| moment(app, frame.lang, at)).unwrap_or_default();
    let leaves = if of.moment("left_at").is_some() { at("left_at") } else { at("leaves_at") };
    let given = [
        ("loads", at("loads_at").into()),
        ("leaves", leaves.into()),
        ("returns", at("returns_at").into()),
        ("until", at("hours_until").into()),
    ];
    frame.w.get("runs-hours", &given)
}

/// A door of a run.
struct DoorShown {
    at: String,
    place: String,
    parcels: Vec<String>,
    stands: String,
    tone: &'static str,
}

#[derive(Template)]
#[template(path = "run.html")]
struct SheetPage {
    frame: Frame,
    run: RunShown,
    back: String,
    doors: Vec<DoorShown>,
}

/// `GET /supplies/runs/RUN`: the sheet of a run.
async fn sheet(State(app): State<Arc<App>>, visit: Visit, Path(run): Path<String>) -> Result<Response, Problem> {
    if !PARCELS.readable_by(visit.caller.looker.duty.role) || !DELIVERY_RUNS.readable_by(visit.caller.looker.duty.role)
    {
        return Err(Problem::unknown());
    }
    let mut look = rows::look(&app, &visit).await?;
    let row = look.one(&DELIVERY_RUNS, &run).await?;
    let mut parcels = look.all(&PARCELS, &[("run", run.as_str()), ("limit", SHOWN)]).await?;
    look.finish().await?;
    let of = of(&row);
    parcels.retain(|row| Of { listing: &PARCELS, row }.whole("stop").is_some());
    parcels.sort_by_key(|row| Of { listing: &PARCELS, row }.whole("stop"));
    let mut doors: Vec<(String, DoorShown)> = Vec::new();
    for (at, row) in parcels.iter().enumerate() {
        let of = Of { listing: &PARCELS, row };
        let item = of.text("item").unwrap_or_default();
        let word = format!("{} × {}", visit.frame.w.given("supply", item), of.whole("units").unwrap_or_default());
        // what is not shown makes a door of its own
        let home = of.text("household").map_or_else(|| format!("{at}"), str::to_owned);
        match doors.last_mut() {
            Some((known, door)) if *known == home => door.parcels.push(word),
            _ => doors.push((home, door(&app, &visit.frame, of, word))),
        }
    }
    let shown = run_shown(&app, &visit, of);
    let depot = of.text("depot").unwrap_or_default();
    let page = SheetPage {
        doors: doors.into_iter().map(|(_, door)| door).collect(),
        back: format!("/supplies/round?depot={}", show::part(depot)),
        frame: {
            let title = visit.frame.w.get("runs-of", &[("run", shown.id.as_str().into())]);
            let above = visit.frame.say("round-title");
            visit.frame.titled(title, &[(above, "/supplies/round")])
        },
        run: shown,
    };
    render(&page)
}

fn door(app: &App, frame: &Frame, of: Of<'_>, word: String) -> DoorShown {
    let expected = of.moment("expected_at");
    let at = |moment_of: Instant| moment(app, frame.lang, moment_of);
    let (stands, tone) = match (of.moment("delivered_at"), of.moment("missed_at"), of.cell("carried")) {
        (Some(moment), ..) => (format!("{} {}", frame.say("door-step-delivered"), at(moment)), "good"),
        (None, _, Cell::Truth(true)) if expected.is_some_and(|expected| expected < app.now()) => {
            (frame.say("runs-stop-late"), "bad")
        }
        (None, _, Cell::Truth(true)) => (frame.say("runs-stop-open"), ""),
        (None, Some(moment), _) => (format!("{} {}", frame.say("door-step-missed"), at(moment)), "warn"),
        (None, None, _) => (frame.say("field-freed"), ""),
    };
    let place = of.text("division").map(|code| app.place_name(code, frame.lang));
    let home = ["building", "unit"].into_iter().filter_map(|name| of.shown(name).map(str::to_owned));
    let floor = of.whole("floor").map(|floor| floor.to_string());
    let door = of.shown("door").map(str::to_owned);
    let parts: Vec<String> = place.into_iter().chain(home).chain(floor).chain(door).collect();
    let at = expected.map(at).unwrap_or_default();
    DoorShown { at, place: frame.w.joined(&parts), parcels: vec![word], stands, tone }
}
