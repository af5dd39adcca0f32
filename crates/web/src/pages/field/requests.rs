//! Requests of residents: the queue with emergencies first, the page of one, and the form for a call. Nothing here asks
//! for a test, a status or a debt (R08); an emergency call is told to call for help first.

use super::{
    accounts,
    acts::{self, Act},
    form::{self, Sent},
    frame::{Frame, Visit, render},
    list,
    record::{self, Fact},
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
    http::StatusCode,
    response::{IntoResponse, Response},
};
use dayclear_core::{
    access::Role,
    command::{Load, givers},
    divisions::DivisionCode,
    listing::{DIVISIONS, ITEMS, REQUESTS, Row},
    schema,
    time::Instant,
    welfare::RequestKind,
};
use dayclear_ops::{
    desk::{DeskError, Refusal},
    public::{self, Asked, Counter, SECRET_BYTES},
};
use std::sync::Arc;

/// Routes below `/requests`.
pub fn routes() -> Router<Arc<App>> {
    let on_rows = |state: State<Arc<App>>, sent: Sent| form::on_list(state, Path("requests".to_owned()), sent);
    Router::new()
        .route("/requests", get(page).merge(post(on_rows)))
        .route("/requests/new", get(blank).merge(post(make)))
        .route("/requests/{key}", get(one))
}

/// How urgent a kind is: what cannot wait goes first (R08), whatever its clock says.
const fn rank(kind: RequestKind) -> u8 {
    match kind {
        RequestKind::Emergency => 0,
        RequestKind::Labour | RequestKind::Dialysis | RequestKind::Chemotherapy | RequestKind::Exit => 1,
        RequestKind::Medicine | RequestKind::Infant => 2,
        _ => 3,
    }
}

struct Line {
    key: String,
    path: String,
    kind: String,
    urgent: bool,
    place: String,
    text: Option<String>,
    clock: Option<show::Shown>,
    assignee: Option<String>,
    /// The item to take, where nobody has it and this duty may.
    take: Option<String>,
}

#[derive(Template)]
#[template(path = "requests.html")]
struct RequestsPage {
    frame: Frame,
    lines: Vec<Line>,
    unknown: Vec<Line>,
    more: bool,
    emergencies: usize,
    may_make: bool,
}

pub(super) fn may_make(visit: &Visit) -> bool {
    givers(schema::REQUESTS.name).is_some_and(|roles| roles.contains(&visit.caller.looker.duty.role))
}

async fn page(
    state: State<Arc<App>>,
    visit: Visit,
    parameters: Parameters<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    if !parameters.0.is_empty() {
        return list::page(state, visit, Path("requests".to_owned()), parameters).await;
    }
    let app = &state.0;
    let mut tx = rows::look(app, &visit).await?;
    let tests = [("open", "true"), ("merged_into", "none"), ("limit", "300")];
    let (open, next) = tx.page(&REQUESTS, &tests).await?.ok_or_else(Problem::unknown)?;
    // the hotline sees the requests it has; of the others, that they wait
    let waiting = match visit.caller.looker.duty.role {
        Role::Hotline => {
            let tests = [("worklist", "answer"), ("open", "true"), ("assignee", "none"), ("limit", "100")];
            tx.all(&ITEMS, &tests).await?
        }
        _ => Vec::new(),
    };
    tx.finish().await?;
    let frame = &visit.frame;
    let may_take = acts::act_named(&visit, &ITEMS, "take").is_some();
    let mut lines: Vec<((u8, Option<Instant>), Line)> =
        open.iter().map(|row| line(app, frame, row, may_take)).collect();
    lines.sort_by_key(|(order, _)| (order.0, order.1.map_or(i64::MAX, Instant::micros)));
    let unknown = waiting.iter().map(|row| {
        let item = Of { listing: &ITEMS, row };
        Line {
            key: item.text("subject").unwrap_or_default().to_owned(),
            path: String::new(),
            kind: frame.say("worklist-answer"),
            urgent: false,
            place: app.place_name(item.text("division").unwrap_or_default(), frame.lang),
            text: None,
            clock: item.moment("due_at").map(|due| show::clock(app, frame, due, None)),
            assignee: None,
            take: item.text("id").filter(|_| may_take).map(|id| format!("/items/{}/take", show::part(id))),
        }
    });
    let page = RequestsPage {
        unknown: unknown.collect(),
        emergencies: lines.iter().filter(|((rank, _), _)| *rank == 0).count(),
        lines: lines.into_iter().map(|(_, line)| line).collect(),
        more: next.is_some(),
        may_make: may_make(&visit),
        frame: {
            let title = frame.say("nav-requests");
            visit.frame.titled(title, &[])
        },
    };
    render(&page)
}

fn line(app: &App, frame: &Frame, row: &Row, may_take: bool) -> ((u8, Option<Instant>), Line) {
    let of = Of { listing: &REQUESTS, row };
    let key = of.text("request").unwrap_or_default();
    let kind: Option<RequestKind> = of.text("kind").and_then(|kind| kind.parse().ok());
    let rank = kind.map_or(3, rank);
    let due = of.moment("due_at");
    let assignee = of.text("assignee").map(|id| accounts::said(app, frame, id));
    let text = of.text("text").map(|text| text.chars().take(80).collect::<String>());
    let line = Line {
        path: format!("/requests/{}", show::part(key)),
        kind: kind.map(|kind| frame.w.term(kind)).unwrap_or_default(),
        urgent: rank < 2,
        place: app.place_name(of.text("division").unwrap_or_default(), frame.lang),
        text,
        clock: due.map(|due| show::clock(app, frame, due, None)),
        take: (may_take && assignee.is_none()).then(|| format!("/items/{}/take", show::part(&item_of(of)))),
        assignee,
        key: key.to_owned(),
    };
    ((rank, due), line)
}

/// The item of a request: opened again, it waits under its next number.
fn item_of(request: Of<'_>) -> String {
    let key = request.text("request").unwrap_or_default();
    match request.whole("reopened").unwrap_or_default() {
        0 => format!("answer:{key}"),
        n => format!("answer:{key}/{}", n + 1),
    }
}

#[derive(Template)]
#[template(path = "request.html")]
struct RequestPage {
    frame: Frame,
    path: String,
    kind: String,
    urgent: bool,
    emergency: bool,
    clock: Option<show::Shown>,
    text: Option<String>,
    hidden: bool,
    facts: Vec<Fact>,
    take: Option<String>,
    acts: Vec<Act>,
}

async fn one(State(app): State<Arc<App>>, visit: Visit, Path(key): Path<String>) -> Result<Response, Problem> {
    let mut tx = rows::look(&app, &visit).await?;
    let row = tx.one(&REQUESTS, &key).await?;
    tx.finish().await?;
    let of = Of { listing: &REQUESTS, row: &row };
    let frame = &visit.frame;
    let kind: Option<RequestKind> = of.text("kind").and_then(|kind| kind.parse().ok());
    let open = of.moment("answered_at").is_none();
    let mut acts = acts::acts(&visit, &REQUESTS);
    acts.retain(|act| (act.verb == "answer") == open || act.verb == "edit");
    let may_take = open && of.text("assignee").is_none() && acts::act_named(&visit, &ITEMS, "take").is_some();
    let mut facts = record::facts(&app, frame, &REQUESTS, &row);
    let words = frame.say("field-text");
    facts.retain(|fact| fact.word != words && !fact.value.is("unknown"));
    let title = format!("{} {key}", frame.say("field-request"));
    let above = frame.say("nav-requests");
    let page = RequestPage {
        path: format!("/requests/{}", show::part(&key)),
        kind: kind.map(|kind| frame.w.term(kind)).unwrap_or_default(),
        urgent: kind.is_some_and(|kind| rank(kind) < 2),
        emergency: open && kind == Some(RequestKind::Emergency),
        clock: of.moment("due_at").map(|due| show::clock(&app, frame, due, of.moment("answered_at"))),
        text: of.text("text").map(str::to_owned),
        hidden: matches!(of.cell("text"), dayclear_core::listing::Cell::Hidden),
        facts,
        take: may_take.then(|| format!("/items/{}/take", show::part(&item_of(of)))),
        acts,
        frame: visit.frame.titled(title, &[(above, "/requests")]),
    };
    render(&page)
}

/// The form for a call, and what came of it.
#[derive(Template)]
#[template(path = "request_new.html")]
struct NewPage {
    frame: Frame,
    kinds: Vec<(String, String, bool)>,
    places: Vec<(String, String, bool)>,
    text: String,
    contact: String,
    faults: Vec<dayclear_ops::desk::FieldFault>,
    made: Option<(String, String)>,
}

async fn blank(State(app): State<Arc<App>>, visit: Visit) -> Result<Response, Problem> {
    form_page(&app, visit, &[], Vec::new(), None).await
}

async fn form_page(
    app: &App,
    visit: Visit,
    given: &[(String, String)],
    faults: Vec<dayclear_ops::desk::FieldFault>,
    made: Option<(String, String)>,
) -> Result<Response, Problem> {
    if !may_make(&visit) {
        return Err(Problem::unknown());
    }
    let value = |name: &str| given.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str());
    let duty = visit.caller.looker.duty.division.as_str();
    let mut tx = rows::look(app, &visit).await?;
    let tests = [("code", duty), ("level", "district,township,community"), ("limit", "500")];
    let places = tx.all(&DIVISIONS, &tests).await?;
    tx.finish().await?;
    let frame = &visit.frame;
    let places = places.iter().filter_map(|row| Of { listing: &DIVISIONS, row }.text("code")).map(|code| {
        // the depth is seen in the list by the name of what is above
        let above =
            code.get(..9).filter(|above| above.len() < code.len()).map(|above| app.place_name(above, frame.lang));
        let name = app.place_name(code, frame.lang);
        let name = above.map_or(name.clone(), |above| format!("{above} · {name}"));
        (code.to_owned(), name, value("division") == code)
    });
    let (title, above) = (frame.say("ask-new"), frame.say("nav-requests"));
    let refused = !faults.is_empty();
    let page = NewPage {
        kinds: RequestKind::ALL
            .iter()
            .map(|kind| (kind.name().to_owned(), frame.w.term(*kind), value("kind") == kind.name()))
            .collect(),
        places: places.collect(),
        text: value("text").to_owned(),
        contact: value("contact").to_owned(),
        faults,
        made,
        frame: visit.frame.titled(title, &[(above, "/requests")]),
    };
    let page = render(&page)?;
    Ok(if refused { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() } else { page })
}

/// Takes a request, made by a call or on the public page: number and secret.
pub async fn take(
    app: &App,
    kind: RequestKind,
    division: &DivisionCode,
    text: &str,
    contact: Option<&str>,
) -> Result<(String, String), DeskError> {
    let mut chance = [0; SECRET_BYTES];
    app.setup.chance.fill(&mut chance).map_err(|error| dayclear_ops::OpsError::Inside(error.to_string()))?;
    let city = app.own_scope();
    let counter = Counter {
        packs: &app.setup.packs,
        pack: &app.setup.pack,
        settings: &app.setup.settings,
        city: &city,
        now: app.now(),
    };
    let made = public::request(app.store(), &counter, &Asked { kind, division, text, contact }, chance).await?;
    app.nudge(Load::Emergency);
    Ok(made)
}

async fn make(State(app): State<Arc<App>>, sent: Sent) -> Result<Response, Problem> {
    if !may_make(&sent.visit) {
        return Err(Problem::unknown());
    }
    let text = |name: &str| sent.field(name).unwrap_or_default();
    let missing = |field: &str| {
        vec![dayclear_ops::desk::FieldFault {
            field: field.to_owned(),
            value: String::new(),
            expected: sent.visit.frame.say("ask-choose"),
            remedy: sent.visit.frame.say("ask-choose-remedy"),
        }]
    };
    let kind = text("kind").parse::<RequestKind>();
    let division = text("division").parse::<DivisionCode>();
    let own = sent.visit.caller.looker.duty.division.as_str();
    let (kind, division) = match (kind, division) {
        (Ok(kind), Ok(division)) if division.as_str().starts_with(own) => (kind, division),
        (Ok(_), _) => {
            let faults = missing("division");
            return form_page(&app, sent.visit, &sent.fields, faults, None).await;
        }
        _ => {
            let faults = missing("kind");
            return form_page(&app, sent.visit, &sent.fields, faults, None).await;
        }
    };
    let contact = Some(text("contact").trim()).filter(|contact| !contact.is_empty());
    match take(&app, kind, &division, text("text").trim(), contact).await {
        Ok(made) => form_page(&app, sent.visit, &[], Vec::new(), Some(made)).await,
        Err(DeskError::Refused(Refusal::Invalid(faults))) => {
            form_page(&app, sent.visit, &sent.fields, faults, None).await
        }
        Err(error) => Err(error.into()),
    }
}
