//! Hot spots: where more people ask for the same thing than usual, so that a supply that fails is seen before each of them is answered
//! alone. It tells of communities and themes, and leads to the requests themselves, which have their own rules.

use super::{
    frame::{Frame, Visit, moment, render},
    show,
};
use crate::{app::App, problem::Problem, routing::get};
use askama::Template;
use axum::{Router, extract::State, response::Response};
use dayclear_core::{
    listing::REQUESTS,
    welfare::{HOT_BEFORE_D, HOT_HOURS},
};
use dayclear_ops::hot_spots::HotSpot;
use std::sync::Arc;

/// Routes below `/requests`.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/requests/hot", get(page))
}

struct Line {
    place: String,
    path: String,
    kind: String,
    asked: String,
    open: String,
    expected: String,
    chance: String,
}

#[derive(Template)]
#[template(path = "requests-hot.html")]
struct HotPage {
    frame: Frame,
    at: String,
    about: String,
    lines: Vec<Line>,
}

/// Once in so many days, rounded down to one digit that counts: more than that nobody knows.
fn rarely(chance: f64) -> u64 {
    // a quotient that is a hair below a whole number is that number
    let times = (1.0 / chance.max(1e-9) * (1.0 + 1e-9)).floor();
    let unit = 10_f64.powf(times.log10().floor());
    ((times / unit).floor() * unit) as u64
}

async fn page(State(app): State<Arc<App>>, visit: Visit) -> Result<Response, Problem> {
    if !REQUESTS.readable_by(visit.caller.looker.duty.role) {
        return Err(Problem::unknown());
    }
    let (at, spots) = app.hot_spots.of(&app, &visit.caller).await?;
    let frame = &visit.frame;
    let line = |spot: &HotSpot| Line {
        place: app.place_name(spot.division.as_str(), frame.lang),
        path: format!("/requests?division={}&kind={}&open=true", show::part(spot.division.as_str()), spot.kind.name()),
        kind: frame.w.term(spot.kind),
        asked: frame.lang.number(spot.asked.unsigned_abs()),
        open: frame.lang.number(spot.open.unsigned_abs()),
        expected: format!("{:.1}", spot.expected),
        chance: frame.w.get("hot-once", &[("days", frame.lang.number(rarely(spot.chance)).into())]),
    };
    render(&HotPage {
        at: moment(&app, frame.lang, at),
        about: frame.w.get(
            "hot-about",
            &[("hours", HOT_HOURS.unsigned_abs().into()), ("days", HOT_BEFORE_D.unsigned_abs().into())],
        ),
        lines: spots.iter().map(line).collect(),
        frame: {
            let title = frame.say("hot-title");
            let steps = [(frame.say("nav-requests"), "/requests")];
            visit.frame.titled(title, &steps)
        },
    })
}

#[cfg(test)]
mod tests {
    use super::rarely;

    #[test]
    fn what_is_rare_is_said_with_one_digit() {
        assert_eq!([0.001, 0.000_26, 0.000_9, 1.0, 0.0].map(rarely), [1_000, 3_000, 1_000, 1, 1_000_000_000]);
    }
}
