//! What leaves a depot today: what to pick, and the round from door to door with what each household asked for. At each door the parcels
//! are handed over without contact, with digits or a word as proof, or it is said why not. Above them the runs of the depot ([`runs`]). Works
//! without script.

use super::{
    frame::{Frame, Visit, render},
    rows::{self, Of},
    runs::{self, RunsShown},
    show,
};
use crate::{app::App, problem::Problem, routing::get};
use askama::Template;
use axum::{
    Router,
    extract::{Query as Parameters, State},
    response::Response,
};
use dayclear_core::{
    command::Command,
    listing::{Cell, GOODS, PARCELS, SUPPLIES, WANTED},
    welfare::DoorProof,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Parcels of one round at most: one that is longer goes on when these are at their doors.
const SHOWN: &str = "100";
/// Doors of one page: each is a form of its own, and nobody reads a hundred of them at once. Doors that are done make room for the next.
const DOORS_SHOWN: usize = 20;

/// Routes of the round.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/supplies/round", get(page))
}

/// A household on the round.
struct Door {
    id: String,
    place: String,
    /// Parcels: key, what it is, whether it was missed before.
    parcels: Vec<(String, String, bool)>,
    goods: Vec<String>,
}

#[derive(Template)]
#[template(path = "doors.html")]
struct RoundPage {
    frame: Frame,
    depots: Vec<(String, bool)>,
    depot: String,
    of_depot: RunsShown,
    /// What to pick: what it is, and units.
    picks: Vec<(String, String)>,
    goods: Vec<(String, String)>,
    /// Doors of the round, and those of this page from a number on.
    count: usize,
    from: usize,
    doors: Vec<Door>,
    /// The first page, and the next.
    first: Option<String>,
    next: Option<String>,
    more: bool,
    may: bool,
    proofs: Vec<(&'static str, String)>,
    list: String,
}

/// Number of the first door of the page that was asked for. The doors may have become fewer since somebody went on: a page that is not
/// there any more is the first one.
fn first_shown(asked: Option<&str>, count: usize) -> usize {
    asked.and_then(|from| from.parse().ok()).filter(|from| (2..=count).contains(from)).unwrap_or(1)
}

async fn page(
    State(app): State<Arc<App>>,
    visit: Visit,
    Parameters(given): Parameters<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let role = visit.caller.looker.duty.role;
    if !PARCELS.readable_by(role) {
        return Err(Problem::unknown());
    }
    let named = |wanted: &str| given.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let asked = named("depot").unwrap_or_default().to_owned();
    let mut tx = rows::look(&app, &visit).await?;
    let stocks = tx.all(&SUPPLIES, &[("limit", "500")]).await?;
    let depots: BTreeSet<String> =
        stocks.iter().filter_map(|row| row.get(&SUPPLIES, "depot").as_str()).map(str::to_owned).collect();
    let depot = if asked.is_empty() { depots.first().cloned().unwrap_or_default() } else { asked };
    let owed = [("depot", depot.as_str()), ("delivered", "no"), ("sort", "door"), ("limit", SHOWN)];
    let (parcels, next) = tx.page(&PARCELS, &owed).await?.unwrap_or_default();
    let wanted = tx.all(&WANTED, &[("depot", depot.as_str()), ("delivered", "no"), ("limit", "500")]).await?;
    let of_depot = runs::of_depot(&app, &visit, &mut tx, &depot).await?;
    let catalogue = tx.all(&GOODS, &[("limit", "500")]).await?;
    tx.finish().await?;
    let frame = &visit.frame;
    let words: BTreeMap<&str, &str> = catalogue
        .iter()
        .filter_map(|row| {
            let of = Of { listing: &GOODS, row };
            Some((
                of.text("good")?,
                of.text(match frame.lang.tag() {
                    "en" => "en",
                    "zh-Hant" => "zh_hant",
                    _ => "zh_hans",
                })?,
            ))
        })
        .collect();
    let mut picks: BTreeMap<&str, i64> = BTreeMap::new();
    let mut goods: BTreeMap<&str, i64> = BTreeMap::new();
    let mut of_home: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for row in &wanted {
        let of = Of { listing: &WANTED, row };
        let units = of.whole("units").unwrap_or_default();
        if let Some(good) = of.text("good") {
            let word = words.get(good).copied().unwrap_or(good);
            *goods.entry(word).or_default() += units;
            if let Some(home) = of.text("household") {
                of_home.entry(home).or_default().push(format!("{word} × {units}"));
            }
        }
    }
    let mut doors: Vec<Door> = Vec::new();
    for (at, row) in parcels.iter().enumerate() {
        let of = Of { listing: &PARCELS, row };
        let item = of.text("item").unwrap_or_default();
        let units = of.whole("units").unwrap_or_default();
        *picks.entry(item).or_default() += units;
        // what is not shown makes a door of its own
        let home = of.text("household").unwrap_or_default();
        let same = doors.last().is_some_and(|door| door.id == home && !home.is_empty());
        if !same {
            let place = of.text("division").map(|code| app.place_name(code, frame.lang));
            let floor = of.whole("floor").map(|floor| floor.to_string());
            let home_at = ["building", "unit"].into_iter().filter_map(|name| of.shown(name).map(str::to_owned));
            let door = of.shown("door").map(str::to_owned);
            let parts: Vec<String> = place.into_iter().chain(home_at).chain(floor).chain(door).collect();
            let id = if home.is_empty() { format!("{at}") } else { home.to_owned() };
            let goods = of_home.remove(home).unwrap_or_default();
            doors.push(Door { id, place: frame.w.joined(&parts), parcels: Vec::new(), goods });
        }
        let missed = !matches!(of.cell("missed_at"), Cell::Empty);
        let word = format!("{} × {units}", frame.w.given("supply", item));
        if let Some(door) = doors.last_mut() {
            door.parcels.push((of.text("id").unwrap_or_default().to_owned(), word, missed));
        }
    }
    let count = doors.len();
    let from = first_shown(named("from"), count);
    let doors: Vec<Door> = doors.into_iter().skip(from - 1).take(DOORS_SHOWN).collect();
    let of = format!("/supplies/round?depot={}", show::part(&depot));
    let may = Command::named("parcels", "deliver").is_some_and(|command| command.roles.contains(&role));
    let number = |n: i64| frame.lang.signed(n);
    let page = RoundPage {
        of_depot,
        depots: depots.into_iter().map(|one| (one.clone(), one == depot)).collect(),
        picks: picks.into_iter().map(|(item, units)| (frame.w.given("supply", item), number(units))).collect(),
        goods: goods.into_iter().map(|(good, units)| (good.to_owned(), number(units))).collect(),
        first: (from > 1).then(|| format!("{of}#doors")),
        next: (from + doors.len() <= count).then(|| format!("{of}&from={}#doors", from + doors.len())),
        count,
        from,
        doors,
        more: next.is_some(),
        may,
        proofs: DoorProof::ALL.iter().map(|proof| (proof.name(), frame.w.term(*proof))).collect(),
        list: format!("/parcels?depot={}&delivered=no&sort=door", show::part(&depot)),
        depot,
        frame: {
            let (title, above) = (frame.say("round-title"), frame.say("list-supplies"));
            visit.frame.titled(title, &[(above, "/supplies")])
        },
    };
    render(&page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_doors_that_is_not_there_is_the_first_one() {
        for (asked, count, first) in [
            (None, 45, 1),
            (Some("21"), 45, 21),
            (Some("45"), 45, 45),
            (Some("46"), 45, 1),
            (Some("21"), 20, 1),
            (Some("0"), 45, 1),
            (Some("-1"), 45, 1),
            (Some("door"), 45, 1),
            (None, 0, 1),
        ] {
            assert_eq!(first_shown(asked, count), first, "{asked:?} of {count}");
        }
    }
}
