//! How long tubes take: from closing to receipt, to the result, and of a positive to its report; by laboratory and by district, half
//! of them and nineteen in twenty, of the last day. It reads rows as they are, of a division once for everybody there ([`crate::kept`]), says
//! of when they are and how old the youngest is, and leaves out what the clocks of two places do not agree on.

use super::{
    frame::{Frame, Visit, moment, render},
    rows::{self, Of},
    show,
};
use crate::{app::App, kept::Figures, problem::Problem, routing::get};
use askama::Template;
use axum::{Router, extract::State, response::Response};
use dayclear_core::{
    custody::percentile,
    listing::{LABORATORIES, TUBES},
    time::Instant,
};
use dayclear_ops::OpsError;
use dayclear_store::{Scoped, custody::TubeClock};
use std::{collections::BTreeMap, sync::Arc};

/// Hours back from now in which the tubes were closed.
const HOURS: i64 = 24;
/// Tubes that are read, at most; the earliest of the span, which have had time to come through.
const TUBES_MAX: i64 = 20_000;

/// Routes below `/laboratories`.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/laboratories/clocks", get(page))
}

/// A step of one line: how many tubes have come so far, half of them, nineteen in twenty.
struct Step {
    tubes: String,
    half: String,
    most: String,
}

struct Line {
    name: String,
    path: String,
    tubes: String,
    steps: Vec<Step>,
}

/// Lines by laboratory or by district.
struct Part {
    id: &'static str,
    word: String,
    by: String,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "laboratory-clocks.html")]
struct ClocksPage {
    frame: Frame,
    /// As of when the tubes were read.
    at: String,
    said: String,
    /// Said where there were more tubes than are read.
    more: Option<String>,
    steps: [String; 3],
    parts: Vec<Part>,
}

/// The clocks of a division.
impl Figures for Vec<TubeClock> {
    async fn count(tx: &mut Scoped, _: &App, now: Instant) -> Result<Self, OpsError> {
        Ok(tx.clocks(now.plus_hours(-HOURS), now, None, TUBES_MAX).await?)
    }
}

fn steps(frame: &Frame, clocks: &[&TubeClock]) -> Vec<Step> {
    (0..3)
        .map(|step| {
            let mut minutes: Vec<i64> = clocks.iter().filter_map(|clock| clock.minutes[step]).collect();
            minutes.sort_unstable();
            let said = |hundredths| percentile(&minutes, hundredths).map(|min| show::span(frame, min));
            let said = |hundredths| said(hundredths).unwrap_or_else(|| "–".to_owned());
            Step { tubes: frame.lang.number(minutes.len() as u64), half: said(50), most: said(95) }
        })
        .collect()
}

async fn page(State(app): State<Arc<App>>, visit: Visit) -> Result<Response, Problem> {
    let role = visit.caller.looker.duty.role;
    if !LABORATORIES.readable_by(role) || !TUBES.readable_by(role) {
        return Err(Problem::unknown());
    }
    let (now, own) = (app.now(), super::boxes::laboratory_of(&visit).map(str::to_owned));
    let from = now.plus_hours(-HOURS);
    let mut tx = rows::look(&app, &visit).await?;
    let names = tx.all(&LABORATORIES, &[("limit", "500")]).await?;
    let own = match own {
        Some(own) => Some(tx.clocks(from, now, Some(&own), TUBES_MAX).await?),
        None => None,
    };
    tx.finish().await?;
    // a laboratory has its own tubes, fresh; those of a division are the same for everybody there, and dear to read
    let (now, kept) = match own {
        Some(clocks) => (now, Arc::new(clocks)),
        None => app.clocks.of(&app, &visit.caller).await?,
    };
    let (from, clocks) = (now.plus_hours(-HOURS), kept.as_slice());
    let frame = &visit.frame;
    let names: BTreeMap<&str, &str> = names
        .iter()
        .map(|row| Of { listing: &LABORATORIES, row })
        .filter_map(|of| Some((of.text("laboratory")?, of.text("name")?)))
        .collect();
    let (mut by_laboratory, mut by_district) =
        (BTreeMap::<String, Vec<&TubeClock>>::new(), BTreeMap::<String, Vec<&TubeClock>>::new());
    for clock in clocks {
        by_laboratory.entry(clock.laboratory.clone().unwrap_or_default()).or_default().push(clock);
        by_district.entry(clock.division.chars().take(6).collect()).or_default().push(clock);
    }
    let lines = |groups: BTreeMap<String, Vec<&TubeClock>>, field: &str, name: &dyn Fn(&str) -> String| -> Vec<Line> {
        let line = |(code, clocks): (&String, &Vec<&TubeClock>)| Line {
            name: name(code),
            path: match code.as_str() {
                "" => "/clocks".to_owned(),
                code => format!("/clocks?{field}={}", show::part(code)),
            },
            tubes: frame.lang.number(clocks.len() as u64),
            steps: steps(frame, clocks),
        };
        groups.iter().map(line).collect()
    };
    let laboratory = |code: &str| match code {
        "" => frame.say("lab-nowhere"),
        code => names.get(code).map_or_else(|| code.to_owned(), |name| (*name).to_owned()),
    };
    let youngest = clocks.iter().map(|clock| clock.collected_at).max();
    let said = match youngest {
        None => frame.say("clocks-none"),
        Some(at) => frame.w.get(
            "clocks-said",
            &[
                ("count", (clocks.len() as u64).into()),
                ("from", moment(&app, frame.lang, from).into()),
                ("last", moment(&app, frame.lang, at).into()),
            ],
        ),
    };
    let parts = vec![
        Part {
            id: "laboratories",
            word: frame.say("clocks-by-laboratory"),
            by: frame.say("field-laboratory"),
            lines: lines(by_laboratory, "laboratory", &laboratory),
        },
        Part {
            id: "districts",
            word: frame.say("clocks-by-district"),
            by: frame.say("field-division"),
            lines: lines(by_district, "division", &|code| app.place_name(code, frame.lang)),
        },
    ];
    render(&ClocksPage {
        at: moment(&app, frame.lang, now),
        said,
        more: (clocks.len() as i64 == TUBES_MAX)
            .then(|| frame.w.get("clocks-more", &[("count", (TUBES_MAX as u64).into())])),
        steps: ["clocks-receive", "clocks-result", "clocks-report"].map(|key| frame.say(key)),
        parts,
        frame: {
            let title = visit.frame.say("clocks-title");
            let steps = [(visit.frame.say("nav-laboratories"), "/laboratories")];
            visit.frame.titled(title, &steps)
        },
    })
}
