//! What a household that is bound is owed, for itself: it types the code of one of its papers on any telephone, sees what comes and what
//! came, asks for goods, and says of a parcel that it has it or has it not. The code is sent and never part of an address.

use super::{Open, Sent, Wrong, clock, field_of, frame, papers::counter};
use crate::{app::App, pages::frame::short_day, problem::Problem};
use askama::Template;
use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use dayclear_core::{
    time::{CivilDate, Instant, MINUTE},
    welfare::Supply,
};
use dayclear_ops::{
    bearer,
    larder::{self, Answer, Larder, Wish},
};
use dayclear_papers::Lang;
use dayclear_store::supplies::Good;
use std::sync::Arc;

/// Goods of one wish at most; a page shows no more.
const GOODS_MAX: usize = 60;

struct Due {
    word: String,
    day: String,
    units: i64,
    /// What was asked for, to be carried in it.
    goods: Vec<String>,
    tone: &'static str,
    stands: String,
    /// Whether the household can say that it has it, or has it not.
    key: String,
    may_have: bool,
    may_lack: bool,
}

struct Offer {
    id: String,
    word: String,
    most: u64,
}

#[derive(Template)]
#[template(path = "public/larder.html")]
struct LarderPage {
    open: Open,
    code: String,
    wrong: Vec<Wrong>,
    /// What became of a wish.
    told: Vec<(&'static str, String)>,
    found: Option<Found>,
}

struct Found {
    digits: Option<String>,
    free: bool,
    due: Vec<Due>,
    offers: Vec<Offer>,
}

/// `GET /public/supplies`.
pub async fn blank(open: Open) -> Result<Response, Problem> {
    let open = open.titled("larder-title");
    frame::render(&LarderPage { open, code: String::new(), wrong: Vec::new(), told: Vec::new(), found: None })
}

fn wish(sent: &[(String, String)]) -> Wish {
    let said = |name: &str, here: bool| {
        let (day, item) = field_of(sent, name).split_once(' ')?;
        Some((day.parse::<CivilDate>().ok()?, item.parse::<Supply>().ok()?, here))
    };
    let units = |(name, value): &(String, String)| {
        let good = name.strip_prefix("good:")?;
        let units: i64 = value.trim().parse().ok()?;
        (units > 0).then(|| (good.to_owned(), units.min(100)))
    };
    Wish {
        goods: sent.iter().filter_map(units).take(GOODS_MAX).collect(),
        parcel: said("here", true).or_else(|| said("not_here", false)),
    }
}

fn word(lang: Lang, good: &Good) -> &str {
    match lang {
        Lang::En => &good.said[0],
        Lang::ZhHans => &good.said[1],
        Lang::ZhHant => &good.said[2],
    }
}

/// `POST /public/supplies`.
pub async fn ask(State(app): State<Arc<App>>, open: Open, Form(sent): Sent) -> Result<Response, Problem> {
    let open = open.titled("larder-title");
    let city = app.own_scope();
    let counter = counter(&app, &city);
    let paper = match app.setup.keys.notice_of_code(field_of(&sent, "code")) {
        Some(number) => bearer::open(app.store(), &counter, number).await?,
        None => None,
    };
    let answered = match &paper {
        Some(paper) => larder::open(app.store(), &counter, paper, &wish(&sent)).await?,
        None => None,
    };
    let (Some(paper), Some((larder, answers))) = (paper, answered) else {
        let wrong = vec![Wrong { field: "code", say: open.say("paper-none") }];
        let page = LarderPage { open, code: String::new(), wrong, told: Vec::new(), found: None };
        return Ok((StatusCode::NOT_FOUND, frame::render(&page)?).into_response());
    };
    let told = answers.iter().map(|(good, answer)| told(&app, &open, &larder, good, answer)).collect();
    let found = found(&app, &open, &larder);
    let code = app.setup.keys.notice_code(paper.notice.no);
    frame::render(&LarderPage { open, code, wrong: Vec::new(), told, found: Some(found) })
}

/// The two hours in which a parcel is expected, at half an hour from either end of them or more.
fn window(app: &App, expected: Instant) -> (Instant, Instant) {
    let (_, minute) = app.zone().clock(expected.plus_minutes(-30));
    let from = expected.plus_minutes(-30 - i64::from(minute));
    let whole = Instant::from_micros(from.micros() - from.micros().rem_euclid(MINUTE));
    (whole, whole.plus_hours(2))
}

/// What became of a wish, in words.
fn told(app: &App, open: &Open, larder: &Larder, good: &str, answer: &Answer) -> (&'static str, String) {
    let name = larder.goods.iter().find(|known| known.good == good).map_or(good, |known| word(open.lang, known));
    let said = |key: &str, more: &[(&'static str, String)]| {
        let mut given = vec![("good", name.into())];
        given.extend(more.iter().map(|(name, value)| (*name, value.as_str().into())));
        open.w.get(key, &given)
    };
    match answer {
        Answer::Brought(day) => ("good", said("larder-brought", &[("day", short_day(app, open.lang, *day))])),
        Answer::Most(most) => ("warn", said("larder-most", &[("most", most.to_string())])),
        Answer::Left(left) => ("warn", said("larder-left", &[("left", left.to_string())])),
        Answer::Unknown => ("warn", said("larder-unknown", &[])),
        Answer::Free => ("warn", open.say("larder-free")),
        Answer::Noted => ("good", open.say("larder-noted")),
    }
}

fn found(app: &App, open: &Open, larder: &Larder) -> Found {
    let name = |id: &str| {
        larder.goods.iter().find(|known| known.good == id).map_or(id, |known| word(open.lang, known)).to_owned()
    };
    let due = larder.parcels.iter().map(|parcel| {
        let goods = larder.wanted.iter().filter(|wanted| wanted.day == parcel.day && wanted.item == parcel.item);
        let at = |key: &str, moment| open.w.get(key, &[("at", clock(app, open.lang, moment).into())]);
        let (tone, stands) = match (parcel.delivered_at, parcel.missed_at, &parcel.depot) {
            (Some(moment), ..) => ("good", at("larder-came", moment)),
            (None, Some(moment), _) if parcel.again > 0 => ("bad", at("larder-again", moment)),
            (None, Some(moment), _) => ("warn", at("larder-missed", moment)),
            (None, None, Some(_)) => ("", open.say("larder-comes")),
            (None, None, None) => ("warn", open.say("larder-without")),
        };
        // of one that is owed within three hours too: which of them
        let expected = larder.expected.iter().find(|(day, item, _)| (*day, *item) == (parcel.day, parcel.item));
        let hours = expected.filter(|_| parcel.delivered_at.is_none()).map(|(.., at)| window(app, *at));
        // of hours that are over nothing is promised
        let expected = hours.filter(|(_, until)| *until > app.now()).map(|(from, until)| {
            let said = |at| clock(app, open.lang, at).into();
            open.w.get("larder-expected", &[("from", said(from)), ("until", said(until))])
        });
        let stands = match (expected, parcel.missed_at) {
            (Some(expected), None) => expected,
            (Some(expected), Some(_)) => format!("{stands} {expected}"),
            (None, _) => stands,
        };
        let past = parcel.day <= larder.date;
        Due {
            word: open.w.term(parcel.item),
            day: short_day(app, open.lang, parcel.day),
            units: parcel.units,
            goods: goods.map(|wanted| format!("{} × {}", name(&wanted.good), wanted.units)).collect(),
            tone,
            stands,
            key: format!("{} {}", parcel.day, parcel.item),
            may_have: past && parcel.delivered_at.is_none(),
            may_lack: past && parcel.delivered_at.is_some(),
        }
    });
    let offers = larder.goods.iter().take(GOODS_MAX).map(|good| Offer {
        id: good.good.clone(),
        word: word(open.lang, good).to_owned(),
        most: u64::try_from(good.day_max).unwrap_or_default(),
    });
    let free = larder.bound_at.is_none();
    let digits = (!free).then(|| {
        let digits = app.setup.keys.door_code(&larder.household, larder.today);
        format!("{} {}", &digits[..3], &digits[3..])
    });
    Found { digits, free, due: due.collect(), offers: offers.collect() }
}
