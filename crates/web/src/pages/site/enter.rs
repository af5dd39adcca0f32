//! A sheet of paper, entered: one tube with its people and the time that is written on it. The form is sent by POST and holds its
//! values in its body, so that nobody's number stands in an address; what is refused comes back into it with what to do.

use super::{open_to, places, refused, rounds};
use crate::{
    app::App,
    pages::{
        form::{self, Sent},
        frame::{Frame, Visit, render},
        refusal,
    },
    problem::Problem,
};
use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use dayclear_core::{
    command::Load,
    listing::Cell,
    schema::{Column, Kind},
    screening::Purpose,
    site::{PEOPLE_MAX, Who},
};
use dayclear_ops::{
    day::pack_for,
    desk::{self, Input, Refusal},
    site::{Filled, SiteError, When, read_who, take},
};
use sha2::{Digest, Sha256};
use std::sync::Arc;

const fn column(name: &'static str, kind: Kind, required: bool, about: &'static str) -> Column {
    Column { name, kind, required, about }
}

/// What stands on a sheet besides its people.
const FIELDS: &[Column] = &[
    column("tube", Kind::Id, true, "bar code"),
    column("collected_at", Kind::Moment, true, "when it was closed"),
    column("round", Kind::Id, false, "round"),
    column("purpose", Kind::OneOf(Purpose::NAMES), false, "why, where it is for no round"),
    column("division", Kind::Division, true, "where it was filled"),
    column("size", Kind::Whole(1, 20), true, "swabs that it is meant for"),
    column("site", Kind::Text(40), false, "sampling site"),
];

/// What to choose from.
struct Choice {
    value: String,
    word: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "site-enter.html")]
struct EnterPage {
    frame: Frame,
    rounds: Vec<Choice>,
    purposes: Vec<Choice>,
    places: Vec<Choice>,
    sizes: Vec<Choice>,
    tube: String,
    at: String,
    site: String,
    people: String,
    /// What was taken.
    done: Option<String>,
    wrong: Vec<String>,
    /// A box that says that somebody looked again: name and words.
    look: Option<(&'static str, String)>,
}

/// How a form stands that was sent.
#[derive(Default)]
struct Outcome {
    done: Option<String>,
    wrong: Vec<String>,
    look: Option<&'static str>,
}

async fn shown(
    app: &App,
    visit: Visit,
    given: &(dyn Fn(&str) -> String + Sync),
    outcome: Outcome,
) -> Result<Response, Problem> {
    let frame = visit.frame;
    let own = visit.caller.looker.duty.division.to_string();
    // the first of each is offered until something was sent
    let sent = outcome.done.is_some() || !outcome.wrong.is_empty();
    let choice = |value: String, word: String, name: &str| Choice { chosen: sent && given(name) == value, value, word };
    let running = rounds(app, &own).await?;
    let pack = pack_for(&app.setup.packs, &app.setup.pack, app.zone().day(app.now()))?;
    let purposes: Vec<Purpose> =
        Purpose::ALL.iter().copied().filter(|purpose| !pack.pool_sizes(*purpose).is_empty()).collect();
    let mut sizes: Vec<u8> = purposes.iter().flat_map(|purpose| pack.pool_sizes(*purpose).iter().copied()).collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    sizes.dedup();
    let mut listed: Vec<Choice> = running
        .iter()
        .map(|round| {
            let word = frame.w.joined(&[round.name.clone(), frame.w.term(round.plan.purpose)]);
            choice(round.plan.round.clone(), word, "round")
        })
        .collect();
    listed.push(choice(String::new(), frame.say("site-no-round"), "round"));
    let refused = !outcome.wrong.is_empty();
    let kept = |name: &str| if outcome.done.is_some() { String::new() } else { given(name) };
    let look = outcome
        .look
        .map(|name| (name, frame.say(if name == "doubled" { "site-look-doubled" } else { "site-look-once-more" })));
    let title = frame.say("site-enter");
    let steps = [(frame.say("nav-site"), "/site")];
    let page = EnterPage {
        rounds: listed,
        purposes: purposes.iter().map(|p| choice(p.name().to_owned(), frame.w.term(*p), "purpose")).collect(),
        places: places(app, &own, frame.lang).into_iter().map(|(code, name)| choice(code, name, "division")).collect(),
        sizes: sizes.iter().map(|size| choice(size.to_string(), size.to_string(), "size")).collect(),
        tube: kept("tube"),
        at: given("collected_at"),
        site: given("site"),
        people: kept("people"),
        done: outcome.done,
        wrong: outcome.wrong,
        look,
        frame: frame.titled(title, &steps),
    };
    let page = render(&page)?;
    Ok(if refused { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() } else { page })
}

/// The empty form.
pub async fn page(State(app): State<Arc<App>>, visit: Visit) -> Result<Response, Problem> {
    open_to(visit.caller.looker.duty.role)?;
    shown(&app, visit, &|_| String::new(), Outcome::default()).await
}

/// Takes what stands on a sheet.
pub async fn enter(State(app): State<Arc<App>>, sent: Sent) -> Result<Response, Problem> {
    open_to(sent.visit.caller.looker.duty.role)?;
    let outcome = attempt(&app, &sent).await?;
    let Sent { visit, fields } = sent;
    let given = |name: &str| fields.iter().find(|(n, _)| n == name).map(|(_, text)| text.clone()).unwrap_or_default();
    shown(&app, visit, &given, outcome).await
}

/// What a field of date and time gives (`2022-11-20T08:30`), in the city's zone.
fn local(app: &App, text: &str) -> Option<String> {
    let (day, clock) = text.split_once('T')?;
    let mut parts = clock.splitn(3, ':').map(str::parse::<i8>);
    let (hour, minute) = (parts.next()?.ok()?, parts.next()?.ok()?);
    // with an offset it is a moment already
    let fits = matches!(clock.len(), 5 | 8) && (0..24).contains(&hour) && (0..60).contains(&minute);
    fits.then(|| Some(app.zone().text(app.zone().at(day.parse().ok()?, hour, minute))))?
}

async fn attempt(app: &App, sent: &Sent) -> Result<Outcome, Problem> {
    let frame = &sent.visit.frame;
    let wrong = |said: String| Outcome { wrong: vec![said], ..Outcome::default() };
    let mut given: desk::Given = FIELDS
        .iter()
        .filter_map(|column| Some((column.name.to_owned(), sent.field(column.name)?.trim().to_owned())))
        .collect();
    if let Some(at) = given.get_mut("collected_at")
        && let Some(local) = local(app, at)
    {
        *at = local;
    }
    let input = match desk::read(FIELDS, &given, app.zone()) {
        Ok(input) => input,
        Err(Refusal::Invalid(faults)) => {
            let wrong = faults.iter().map(|fault| frame.fault(fault)).collect();
            return Ok(Outcome { wrong, ..Outcome::default() });
        }
        Err(other) => return Ok(wrong(refusal::said(app, frame, &other))),
    };
    let mut people = Vec::new();
    for line in sent.field("people").unwrap_or_default().split(['\n', ',', '，', ';', ' ', '\t']) {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        match read_who(line, app.zone()) {
            Some(who) if people.len() <= PEOPLE_MAX => people.push(who),
            Some(_) => break,
            None if line.starts_with("H:") => return Ok(wrong(frame.say("site-wrong-household"))),
            None => return Ok(wrong(frame.w.get("site-wrong-line", &[("line", line.into())]))),
        }
    }
    let Some(filled) = filled(app, sent, &input, people).await? else {
        return Ok(wrong(frame.say("site-wrong-purpose")));
    };
    let doing = form::doing(app, &sent.visit.caller, None);
    match take(app.store(), &doing, &filled, None).await {
        Ok(taken) => {
            if !taken.same {
                app.nudge(Load::Intake);
            }
            let values = [("tube", filled.tube.as_str().into()), ("count", filled.people.len().into())];
            Ok(Outcome { done: Some(frame.w.get("site-entered", &values)), ..Outcome::default() })
        }
        Err(SiteError::Refused { wrong, what }) => {
            use dayclear_core::site::Wrong;
            let size = filled.size.to_string();
            let look = match wrong {
                Wrong::Used => Some("doubled"),
                Wrong::TwiceInRound => Some("once_more"),
                _ => None,
            };
            Ok(Outcome { wrong: vec![refused(frame.w, wrong, &what, &size)], look, done: None })
        }
        Err(SiteError::Desk(error)) => Err(error.into()),
    }
}

/// The tube that stands on the sheet; `None`: it says neither a round nor a purpose.
async fn filled(app: &App, sent: &Sent, input: &Input, people: Vec<Who>) -> Result<Option<Filled>, Problem> {
    let text = |name: &str| input.get(name).and_then(Cell::as_str).unwrap_or_default().to_owned();
    let round = Some(text("round")).filter(|round| !round.is_empty());
    let purpose = match &round {
        None => text("purpose").parse().ok(),
        Some(id) => {
            let mut tx = app.store().look(&app.own_scope()).await?;
            tx.rounds_by_id(&[id]).await?.first().map(|round| round.plan.purpose)
        }
    };
    let Some(purpose) = purpose else { return Ok(None) };
    let (Some(Cell::Moment(at)), Some(Cell::Whole(size))) = (input.get("collected_at"), input.get("size")) else {
        return Ok(None);
    };
    // the form of one page enters one tube, however often it is sent
    let once = sent.field("once").unwrap_or_default();
    let record: String = Sha256::digest(format!("{once}\n{}\n{people:?}\n{at}", text("tube")))
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let ticked = |name: &str| sent.field(name).is_some_and(|value| value == "yes");
    Ok(Some(Filled {
        record: format!("sheet-{record}"),
        tube: text("tube"),
        division: text("division"),
        purpose,
        size: u8::try_from(*size).unwrap_or(u8::MAX),
        site: text("site"),
        round,
        people,
        when: When::Written(*at),
        doubled: ticked("doubled"),
        once_more: ticked("once_more"),
    }))
}
