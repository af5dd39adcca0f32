//! Rounds of sampling: those that are open with what they have reached and what nobody knows, a form to plan one, and the page of
//! a round: everybody by state in the divisions below and at its key places, and the doors that are left. What is drawn stands in numbers
//! beside it.

use super::{
    acts::{self, Act},
    form,
    frame::{Frame, Visit, moment, render},
    list,
    rows::{self, Of},
    show,
};
use crate::{
    api::stand_of,
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
    listing::{DOORS, ROUNDS, Row, YIELDS},
    reason::Reason,
    rounds::{Cover, RoundState},
    screening::Purpose,
};
use dayclear_engines::coverage::Counts;
use dayclear_ops::{coverage::Stand, day::pack_for};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// Routes below `/rounds`.
pub fn routes() -> Router<Arc<App>> {
    let sent = |state: State<Arc<App>>, sent: form::Sent| form::on_list(state, Path("rounds".to_owned()), sent);
    Router::new().route("/rounds", get(page).merge(post(sent))).route("/rounds/{key}", get(one))
}

/// Places of a round that are named among its facts; the table has all of them.
const PLACES_SHOWN: usize = 30;

/// How long a page that says more than coverage waits for it, when the board is being read for the first time.
pub const PATIENCE: Duration = Duration::from_millis(700);

/// What is drawn of a round, from what is done to what nobody knows: states, classes, fills, key of the word.
const DRAWN: [(&[Cover], &str, &str, &str); 5] = [
    (&[Cover::Resulted], "k-1", "", "rounds-with-result"),
    (&[Cover::Waiting], "k-2", "url(#hatch)", "rounds-awaited"),
    (
        &[Cover::Elsewhere, Cover::Exempt, Cover::Refused, Cover::Away, Cover::MovedOut],
        "k-3",
        "url(#dots)",
        "rounds-accounted",
    ),
    (&[Cover::Present, Cover::Unreachable], "k-4", "url(#cross)", "rounds-to-visit"),
    (&[Cover::Unknown], "k-0", "", "cover-unknown"),
];

/// A part of a bar.
struct Share {
    class: &'static str,
    fill: &'static str,
    x: String,
    width: String,
}

/// A bar with its numbers.
struct Bar {
    name: String,
    sub: String,
    path: Option<String>,
    shares: Vec<Share>,
    counts: Vec<(String, String)>,
    due: Option<String>,
}

struct Key {
    class: &'static str,
    fill: &'static str,
    word: String,
}

fn keys(frame: &Frame) -> Vec<Key> {
    DRAWN.iter().map(|(_, class, fill, word)| Key { class, fill, word: frame.say(word) }).collect()
}

fn bar(frame: &Frame, name: String, path: Option<String>, counts: &Counts) -> Bar {
    let all = counts.people.max(1) as f64;
    let mut x = 0.0;
    let (mut shares, mut numbers) = (Vec::new(), Vec::new());
    for (states, class, fill, word) in &DRAWN {
        let n: u64 = states.iter().map(|cover| counts.of(*cover)).sum();
        let width = n as f64 / all * 100.0;
        if n > 0 {
            shares.push(Share { class, fill, x: format!("{x:.2}%"), width: format!("{width:.2}%") });
        }
        x += width;
        numbers.push((frame.say(word), frame.lang.number(n)));
    }
    let people = frame.w.get("rounds-people", &[("count", counts.people.into())]);
    Bar { name, sub: people, path, shares, counts: numbers, due: None }
}

struct Line {
    path: String,
    id: String,
    name: String,
    state: String,
    tone: &'static str,
    purpose: String,
    hours: String,
    said: Option<String>,
}

/// What a round has reached, in one sentence: sampled of everybody, left, and of these nobody knows.
pub fn said(frame: &Frame, counts: &Counts) -> String {
    frame.w.get(
        "rounds-said-line",
        &[
            ("sampled", counts.sampled().into()),
            ("people", counts.people.into()),
            ("left", counts.remaining().into()),
            ("unknown", counts.of(Cover::Unknown).into()),
        ],
    )
}

fn line(app: &App, frame: &Frame, row: &Row, stood: Option<&Stand>) -> Line {
    let of = Of { listing: &ROUNDS, row };
    let state = of.text("state").unwrap_or_default();
    let id = of.text("round").unwrap_or_default().to_owned();
    let when = |name| of.moment(name).map(|at| moment(app, frame.lang, at)).unwrap_or_default();
    Line {
        path: format!("/rounds/{}", show::part(&id)),
        name: of.text("name").unwrap_or_default().to_owned(),
        state: frame.w.given("round-state", state),
        tone: match state {
            "open" => "busy",
            "planned" => "wait",
            "closed" => "good",
            "refused" => "bad",
            _ => "gone",
        },
        purpose: frame.w.given("purpose", of.text("purpose").unwrap_or_default()),
        hours: format!("{} – {}", when("from"), when("to")),
        said: stood.map(|stood| said(frame, &stood.whole)),
        id,
    }
}

#[derive(Template)]
#[template(path = "rounds.html")]
struct RoundsPage {
    frame: Frame,
    lines: Vec<Line>,
    plan: Option<Act>,
    next: Option<String>,
    first: bool,
    yields: bool,
}

async fn page(
    state: State<Arc<App>>,
    visit: Visit,
    parameters: Parameters<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let given = &parameters.0;
    if !given.iter().all(|(name, _)| matches!(name.as_str(), "page" | "places" | "due")) {
        return list::page(state, visit, Path("rounds".to_owned()), parameters).await;
    }
    let app = &state.0;
    let asked = |wanted: &str| given.iter().find(|(name, _)| name == wanted).map(|(_, text)| text.as_str());
    let after = asked("page").unwrap_or_default().to_owned();
    let mut tx = rows::look(app, &visit).await?;
    let (rows, next) = tx.page(&ROUNDS, &[("after", after.as_str())]).await?.ok_or_else(Problem::unknown)?;
    tx.finish().await?;
    let filled = for_places(app, &visit, asked("places"), asked("due")).await?;
    let frame = &visit.frame;
    let own = visit.caller.looker.duty.division.as_str();
    let mut lines = Vec::with_capacity(rows.len());
    for row in &rows {
        let of = Of { listing: &ROUNDS, row };
        let stood = match (of.text("state"), of.text("round")) {
            (Some("open" | "closed"), Some(id)) => stand_of(app, &visit.caller, id, own, Some(PATIENCE)).await?.1,
            _ => None,
        };
        lines.push(line(app, frame, row, stood.as_ref()));
    }
    let plan = acts::act_named(&visit, &ROUNDS, "plan").map(|act| act.filled(&filled));
    let page = RoundsPage {
        lines,
        plan,
        next: next.map(|next| format!("/rounds?page={next}")),
        first: after.is_empty(),
        yields: YIELDS.readable_by(visit.caller.looker.duty.role),
        frame: {
            let title = visit.frame.say("nav-rounds");
            visit.frame.titled(title, &[])
        },
    };
    render(&page)
}

/// Characters of the places with which a form is filled at most, as the command takes them. No place has a shorter id than one, and a `;`.
const PLACES_CHARS_MAX: usize = 20_000;
/// Hours of the day from and until which a round of places is suggested.
const SUGGESTED_H: (i64, i64) = (6, 22);

/// What the form is filled with for a round of those who are due: at the places that are named, or at all of a division in which somebody
/// is. The hours are what is left of the day, in the evening those of the next one.
async fn for_places(
    app: &App,
    visit: &Visit,
    named: Option<&str>,
    due: Option<&str>,
) -> Result<Vec<(&'static str, String)>, Problem> {
    let own = visit.caller.looker.duty.division.as_str();
    let (places, all) = match (named, due) {
        (Some(named), _) => (named.to_owned(), true),
        (None, Some(division)) if division.starts_with(own) => {
            let mut tx = app.store().look(&app.own_scope()).await?;
            fitting(&tx.places_due(division, PLACES_CHARS_MAX as i64 / 2).await?)
        }
        (None, Some(_)) => return Err(Problem::unknown()),
        (None, None) => return Ok(Vec::new()),
    };
    let (zone, now) = (app.zone(), app.now());
    let hours = |day| {
        let start = zone.start_of(day);
        (now.max(start.plus_hours(SUGGESTED_H.0)), start.plus_hours(SUGGESTED_H.1))
    };
    let today = zone.day(now);
    let (from, to) =
        Some(hours(today)).filter(|(from, to)| from.plus_hours(1) <= *to).unwrap_or(hours(today.plus_days(1)));
    let pack = pack_for(&app.setup.packs, &app.setup.pack, zone.day(from)).ok();
    let size = pack.and_then(|pack| pack.pool_sizes(Purpose::KeyPerson).iter().max().copied()).unwrap_or(1);
    let day = zone.day(from).to_string();
    Ok(vec![
        (
            "name",
            visit
                .frame
                .w
                .get(if all { "rounds-due-name" } else { "rounds-due-first" }, &[("day", day.as_str().into())]),
        ),
        ("purpose", Purpose::KeyPerson.name().to_owned()),
        ("from", zone.text(from)),
        ("to", zone.text(to)),
        ("places", places),
        ("pool_size", size.to_string()),
    ])
}

/// As many of these places as a round takes, and whether these are all.
fn fitting(places: &[String]) -> (String, bool) {
    let mut text = String::new();
    for place in places {
        if text.len() + place.len() + 1 > PLACES_CHARS_MAX {
            return (text, false);
        }
        if !text.is_empty() {
            text.push(';');
        }
        text.push_str(place);
    }
    (text, true)
}

/// A state with its people, and the doors behind the number.
struct Standing {
    word: String,
    count: String,
    path: Option<String>,
    unknown: bool,
}

#[derive(Template)]
#[template(path = "round.html")]
struct RoundPage {
    frame: Frame,
    path: String,
    state: Line,
    facts: Vec<(String, String)>,
    /// Where it stands, once it has begun.
    stood: Option<Stood>,
    acts: Vec<Act>,
}

struct Stood {
    at: String,
    said: String,
    keys: Vec<Key>,
    whole: Vec<Bar>,
    parts: Vec<Bar>,
    part: String,
    /// By key place, with everybody of it.
    places: Vec<Bar>,
    states: Vec<Standing>,
    twice: Option<(String, Option<String>)>,
    unseen: Option<(String, Option<String>)>,
    doors: Option<String>,
}

fn stood(
    app: &App,
    visit: &Visit,
    (id, division): (&str, &str),
    stand: &Stand,
    names: &BTreeMap<String, String>,
) -> Stood {
    let frame = &visit.frame;
    let lists = DOORS.readable_by(visit.caller.looker.duty.role);
    let doors = |test: &str| format!("/doors?round={}&division={}&{test}", show::part(id), show::part(division));
    let counts = &stand.whole;
    let states = Cover::ALL.iter().map(|cover| Standing {
        word: frame.w.term(*cover),
        count: frame.lang.number(counts.of(*cover)),
        path: (lists && counts.of(*cover) > 0).then(|| doors(&format!("state={cover}"))),
        unknown: *cover == Cover::Unknown,
    });
    let parts = stand.below.iter().map(|(code, counts)| {
        let (name, path) = match stand.buildings {
            true => (
                code.clone(),
                lists.then(|| format!("/doors?round={}&building_id={}", show::part(id), show::part(code))),
            ),
            false => {
                let path = format!("/rounds/{}?division={}", show::part(id), show::part(code));
                (app.place_name(code, frame.lang), (code.len() > division.len()).then_some(path))
            }
        };
        bar(frame, name, path, counts)
    });
    Stood {
        at: moment(app, frame.lang, stand.at),
        said: said(frame, counts),
        keys: keys(frame),
        whole: vec![bar(frame, app.place_name(division, frame.lang), None, counts)],
        parts: parts.collect(),
        part: frame.say(if stand.buildings { "field-building" } else { "field-division" }),
        places: stand
            .places
            .iter()
            .map(|(place, counts)| {
                let path = format!("/doors?round={}&place={}", show::part(id), show::part(place));
                bar(frame, names.get(place).unwrap_or(place).clone(), lists.then_some(path), counts)
            })
            .collect(),
        states: states.collect(),
        twice: (counts.twice > 0).then(|| {
            (frame.w.get("rounds-twice", &[("count", counts.twice.into())]), lists.then(|| doors("tubes.from=2")))
        }),
        unseen: stand.doors.map(|(all, unseen)| {
            let text = frame.w.get("rounds-unseen", &[("unseen", unseen.into()), ("doors", all.into())]);
            (text, lists.then(|| doors("seen_at=none")))
        }),
        doors: lists.then(|| doors("state=present,unreachable,unknown")),
    }
}

async fn one(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(key): Path<String>,
    Parameters(given): Parameters<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let mut tx = rows::look(&app, &visit).await?;
    let row = tx.one(&ROUNDS, &key).await?;
    let taken = tx.places_of_round(&key).await?;
    tx.finish().await?;
    let frame = &visit.frame;
    let own = visit.caller.looker.duty.division.to_string();
    let division = given.iter().find(|(name, _)| name == "division").map_or(own.clone(), |(_, code)| code.clone());
    let (round, stand) = stand_of(&app, &visit.caller, &key, &division, None).await?;
    let of = Of { listing: &ROUNDS, row: &row };
    let mut facts: Vec<(String, String)> = Vec::new();
    let mut add = |field: &str, text: String| {
        if !text.is_empty() {
            facts.push((frame.say(field), text));
        }
    };
    let scope = &round.plan.scope;
    let joined = |texts: Vec<String>| frame.w.joined(&texts);
    add("field-round", key.clone());
    add("field-purpose", frame.w.term(round.plan.purpose));
    add(
        "field-divisions",
        joined(scope.divisions.iter().map(|code| app.place_name(code.as_str(), frame.lang)).collect()),
    );
    add("field-areas", joined(scope.areas.keys().cloned().collect()));
    add("field-key_groups", joined(scope.groups.iter().map(|group| frame.w.term(*group)).collect()));
    // of a place outside the duty no name is told
    let here =
        taken.iter().filter(|at| scope.places.get(&at.place).is_some_and(|code| code.as_str().starts_with(&own)));
    let here: Vec<_> = here.collect();
    let due = here.iter().take(PLACES_SHOWN).map(|at| {
        let clause = serde_json::from_str::<Reason>(&at.reason)
            .map(|reason| Reason { inputs: Vec::new(), ..reason }.to_string());
        let said = [
            ("place", at.name.as_str().into()),
            ("people", u64::try_from(at.people).unwrap_or_default().into()),
            ("clause", clause.as_deref().unwrap_or("-").into()),
        ];
        frame.w.get("rounds-place-due", &said)
    });
    add("field-places", joined(due.collect()));
    let names: BTreeMap<String, String> = here.iter().map(|at| (at.place.clone(), at.name.clone())).collect();
    add("field-pool_size", frame.lang.number(u64::from(round.plan.pool_size)));
    add("field-ground", round.ground.map(|ground| frame.w.term(ground)).unwrap_or_default());
    add("field-swab_price", round.swab_price.map(|price| format!("{price:.2}")).unwrap_or_default());
    add("field-reason", of.text("reason").unwrap_or_default().to_owned());
    add("field-approved_by", of.text("approved_by").unwrap_or_default().to_owned());
    let wanted: &[&str] = match round.state {
        RoundState::Refused => &["approve"],
        RoundState::Planned => &["start", "cancel"],
        RoundState::Open => &["close", "cancel"],
        _ => &[],
    };
    let mut acts = acts::acts(&visit, &ROUNDS);
    acts.retain(|act| wanted.contains(&act.verb));
    let name = of.text("name").unwrap_or_default().to_owned();
    let steps = [(frame.say("nav-rounds"), "/rounds")];
    let page = RoundPage {
        path: format!("/rounds/{}", show::part(&key)),
        state: line(&app, frame, &row, None),
        facts,
        stood: stand.map(|stand| stood(&app, &visit, (&key, &division), &stand, &names)),
        acts,
        frame: visit.frame.titled(name, &steps),
    };
    render(&page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_takes_as_many_places_as_its_command_and_says_when_these_are_not_all() {
        let ids = |n: usize| (0..n).map(|n| format!("place-{n:04}")).collect::<Vec<_>>();
        assert_eq!(fitting(&ids(2)), ("place-0000;place-0001".to_owned(), true));
        let (text, all) = fitting(&ids(3_000));
        assert!(!all && text.len() <= PLACES_CHARS_MAX && text.len() > PLACES_CHARS_MAX - 20, "{}", text.len());
        assert!(text.ends_with(|end: char| end.is_ascii_digit()));
    }
}
