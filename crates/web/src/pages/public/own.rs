//! Somebody's own file, by the code of one of their papers: their orders with the rule behind each, their appeals, and who looked at their
//! record. And what was done to many at once, for everybody. The code is sent and never part of an address.

use super::{
    Open, Sent, Wrong, field_of, frame,
    papers::{Told, appeal_told, counter},
};
use crate::{app::App, pages::frame::short_day, pages::record::reasons, problem::Problem};
use askama::Template;
use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use dayclear_core::listing::{BULK_ACTIONS, Query};
use dayclear_ops::{bearer, own_file};
use std::sync::Arc;

struct Bound {
    what: String,
    days: String,
    stands: String,
    rules: Vec<String>,
}

struct Found {
    bound: Vec<Bound>,
    told: Vec<Told>,
    /// Day, role, place, how often.
    looks: Vec<(String, String, String, String)>,
    more: bool,
}

#[derive(Template)]
#[template(path = "public/own.html")]
struct OwnPage {
    open: Open,
    wrong: Vec<Wrong>,
    found: Option<Found>,
}

/// `GET /public/file`.
pub async fn blank(open: Open) -> Result<Response, Problem> {
    frame::render(&OwnPage { open: open.titled("own-title"), wrong: Vec::new(), found: None })
}

/// `POST /public/file`.
pub async fn read(State(app): State<Arc<App>>, open: Open, Form(sent): Sent) -> Result<Response, Problem> {
    let open = open.titled("own-title");
    let city = app.own_scope();
    let counter = counter(&app, &city);
    let paper = match app.setup.keys.notice_of_code(field_of(&sent, "code")) {
        Some(number) => bearer::open(app.store(), &counter, number).await?,
        None => None,
    };
    let file = match paper.as_ref().and_then(|paper| Some((paper, paper.notice.person.as_ref()?))) {
        Some((paper, (person, _))) => {
            let object = app.setup.keys.object("person", person);
            own_file::read(app.store(), &counter, paper, &object).await.map_err(Problem::from)?
        }
        None => None,
    };
    let Some(file) = file else {
        let wrong = vec![Wrong { field: "code", say: open.say("paper-none") }];
        return Ok((StatusCode::NOT_FOUND, frame::render(&OwnPage { open, wrong, found: None })?).into_response());
    };
    let day = |day| short_day(&app, open.lang, day);
    let bound = file.orders.iter().map(|order| Bound {
        what: open.w.term(order.kind),
        days: open.w.get("own-days", &[("from", day(order.from_day).into()), ("until", day(order.until_day).into())]),
        stands: match order.ended_on {
            Some(on) => open.w.get("paper-ended", &[("day", day(on).into())]),
            None => open.w.term(order.state),
        },
        rules: serde_json::from_str(&order.reason)
            .map(|data: serde_json::Value| reasons(&data))
            .unwrap_or_default()
            .into_iter()
            .map(|why| {
                let said =
                    [("clause", why.clause.into()), ("pack", open.w.pack(&why.pack).into()), ("mark", why.mark.into())];
                open.w.get("paper-rule-said", &said)
            })
            .collect(),
    });
    let looks = file.looks.iter().map(|(look, times)| {
        let role = match look.role.as_str() {
            "" => open.say("own-machine"),
            role => open.w.given("role", role),
        };
        let place = match look.division.as_str() {
            "" => open.city.clone(),
            code => app.place_name(code, open.lang),
        };
        (day(look.day), role, place, open.lang.number(*times))
    });
    let found = Found {
        bound: bound.collect(),
        told: file.appeals.iter().map(|appeal| appeal_told(&app, &open, appeal)).collect(),
        looks: looks.collect(),
        more: file.more,
    };
    frame::render(&OwnPage { open, wrong: Vec::new(), found: Some(found) })
}

#[derive(Template)]
#[template(path = "public/tally.html")]
struct TallyPage {
    open: Open,
    /// Month, what was done, where, how often, to how many.
    lines: Vec<[String; 5]>,
}

/// `GET /public/tally`.
pub async fn tally(State(app): State<Arc<App>>, open: Open) -> Result<Response, Problem> {
    let query = Query::read(&BULK_ACTIONS, [("limit", "500")], app.zone())?;
    let mut tx = app.store().look(&app.own_scope()).await?;
    let page = tx.list(&BULK_ACTIONS, &query).await?;
    drop(tx);
    let lines = page.rows.iter().map(|row| {
        let text = |name: &str| row.get(&BULK_ACTIONS, name).as_str().unwrap_or_default().to_owned();
        let number = |name: &str| match row.get(&BULK_ACTIONS, name) {
            dayclear_core::listing::Cell::Whole(n) => open.lang.signed(*n),
            _ => String::new(),
        };
        let what = open.say(&format!("verb-{}", text("command").replace('.', "-")));
        let list = text("command").split('.').next().map(|list| open.say(&format!("list-{list}"))).unwrap_or_default();
        let place = app.place_name(&text("division"), open.lang);
        [text("month"), format!("{list}: {what}"), place, number("actions"), number("records")]
    });
    let lines = lines.collect();
    frame::render(&TallyPage { lines, open: open.titled("tally-title") })
}
