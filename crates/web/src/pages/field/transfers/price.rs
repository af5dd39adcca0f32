//! What a word of a dispatcher would cost, before it is said: who would go how, and what that does to everybody else. Looking keeps nothing;
//! the form below says the word, with its reason.

use super::{names, path};
use crate::{
    app::App,
    pages::{
        acts,
        field::rows::{self, Of},
        frame::{Frame, Visit, moment, render},
    },
    problem::Problem,
};
use askama::Template;
use axum::{
    extract::{Path, Query as Parameters, State},
    response::Response,
};
use dayclear_core::{listing::TRANSFERS, transfer::Direction};
use dayclear_ops::dispatch::price::{self, Price, Way, Word};
use serde::Deserialize;
use std::{collections::BTreeMap, sync::Arc};

/// Words that have a price.
const WORDS: [Direction; 4] = [Direction::Pin, Direction::Forbid, Direction::First, Direction::Free];

/// What is asked.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    #[serde(default)]
    word: String,
    #[serde(default)]
    vehicle: String,
    #[serde(default)]
    facility: String,
}

impl Asked {
    /// The word that is meant; `None`: none that has a price.
    pub fn word(&self) -> Option<Word> {
        let word: Direction = self.word.parse().ok()?;
        let named = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let (vehicle, facility) = (named(&self.vehicle), named(&self.facility));
        let meant = !matches!(word, Direction::Pin | Direction::Forbid) || vehicle.is_some() || facility.is_some();
        meant.then_some(Word { word, vehicle, facility })
    }
}

struct Line {
    word: String,
    now: String,
    then: String,
}

#[derive(Template)]
#[template(path = "transfer-price.html")]
struct PricePage {
    frame: Frame,
    path: String,
    said: String,
    asked: Asked,
    lines: Vec<Line>,
    others: Vec<(String, String)>,
    unpriced: Option<String>,
    /// Whether the word leaves the person without a seat.
    stranded: bool,
    do_it: String,
}

/// `GET /transfers/KEY/price`.
pub async fn page(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(key): Path<String>,
    Parameters(asked): Parameters<Asked>,
) -> Result<Response, Problem> {
    let word = asked.word().filter(|word| WORDS.contains(&word.word)).ok_or_else(Problem::unknown)?;
    let act = acts::act_named(&visit, &TRANSFERS, word.word.name()).ok_or_else(Problem::unknown)?;
    let mut tx = rows::look(&app, &visit).await?;
    let row = tx.one(&TRANSFERS, &key).await?;
    let names = names(&mut tx).await?;
    tx.finish().await?;
    let found = of(&app, &key, word).await?;
    let frame = &visit.frame;
    let name = Of { listing: &TRANSFERS, row: &row };
    let name = name.shown("name").or(name.shown("person")).unwrap_or(&key).to_owned();
    let (lines, others, unpriced, stranded) = match &found {
        Ok(price) => {
            (lines(&app, frame, price, &names), others(frame, price), None, price.then.is_none() && price.now.is_some())
        }
        Err(why) => (Vec::new(), Vec::new(), Some(frame.say(&format!("unpriced-{}", why.name()))), false),
    };
    let meant = [asked.vehicle.trim(), asked.facility.trim()].map(str::to_owned);
    let meant: Vec<String> = meant.into_iter().filter(|text| !text.is_empty()).collect();
    let mut said = vec![act.word.clone()];
    said.extend(meant.into_iter().map(|id| names.get(&id).cloned().unwrap_or(id)));
    let page = PricePage {
        path: path(&key),
        said: frame.w.joined(&said),
        asked,
        lines,
        others,
        unpriced,
        stranded,
        do_it: act.word,
        frame: {
            let (title, above) = (frame.say("price-title"), frame.say("nav-transfers"));
            let one = path(&key);
            visit.frame.titled(title, &[(above, "/transfers"), (name, one.as_str())])
        },
    };
    render(&page)
}

/// The price, from the store of the program.
pub async fn of(app: &App, key: &str, word: Word) -> Result<Result<Price, price::Unpriced>, Problem> {
    let (setup, scope) = (&app.setup, app.own_scope());
    let priced = price::price(app.store(), &setup.packs, &setup.settings, &setup.pack, &scope, app.now(), key, word);
    Ok(priced.await?)
}

fn lines(app: &App, frame: &Frame, price: &Price, names: &BTreeMap<String, String>) -> Vec<Line> {
    let line = |key: &str, of: &dyn Fn(&Way) -> String| {
        let told = |way: &Option<Way>| way.as_ref().map_or_else(|| frame.say("price-without"), of);
        Line { word: frame.say(key), now: told(&price.now), then: told(&price.then) }
    };
    vec![
        line("field-vehicle", &|way| way.vehicle.clone()),
        line("field-facility", &|way| names.get(&way.facility).unwrap_or(&way.facility).clone()),
        line("field-pickup_at", &|way| moment(app, frame.lang, way.pickup)),
        line("field-arrive_at", &|way| moment(app, frame.lang, way.arrives)),
    ]
}

fn others(frame: &Frame, price: &Price) -> Vec<(String, String)> {
    let count = |n: usize| frame.lang.number(n as u64);
    let minutes = |n: i64| if n > 0 { format!("+{}", frame.lang.signed(n)) } else { frame.lang.signed(n) };
    let without = format!("{} → {}", count(price.without[0]), count(price.without[1]));
    vec![
        (frame.say("price-waiting"), minutes(price.waiting_min)),
        (frame.say("price-riding"), minutes(price.riding_min)),
        (frame.say("price-later"), count(price.later)),
        (frame.say("price-sooner"), count(price.sooner)),
        (frame.say("price-seats"), without),
    ]
}
