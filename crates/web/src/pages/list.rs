//! The page of any list: filters, table, bulk commands, export, next page; all from the declaration. Pages of a station
//! that need more are beside it; every list without one of its own is read here.

use super::{
    acts::act_named,
    filters::{self, Chip, Choice},
    frame::{Frame, Visit, render},
    reading::Reading,
    show,
};
use crate::{
    api::{lists, papers::printers},
    app::App,
    problem::Problem,
};
use askama::Template;
use axum::{
    extract::{Path, Query as Parameters, State},
    response::Response,
};
use dayclear_core::listing::{Listing, Query, ROUNDS};
use std::sync::Arc;

pub use super::acts::{Act, acts};
pub use super::table::{Table, table};

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage {
    frame: Frame,
    list: &'static str,
    topic: &'static str,
    table: Table,
    choices: Vec<Choice>,
    orders: Vec<(&'static str, String, bool)>,
    places: Vec<(String, String)>,
    chips: Vec<Chip>,
    acts: Vec<Act>,
    next: Option<String>,
    first: Option<String>,
    exports: [(&'static str, String); 3],
    /// What is said above the rows: of letters, their books.
    lead: Vec<String>,
    /// Where the rows are printed, for lists of papers and whoever hands them over.
    print: Option<String>,
    /// A page where the next thing is done: path and word.
    onward: Option<(String, String)>,
}

impl ListPage {
    fn folded(&self) -> bool {
        self.choices.iter().any(|choice| !choice.open)
    }
}

/// Topic under which changes of a list are announced.
fn topic(list: &'static str) -> &'static str {
    match list {
        "days" | "ledger" | "hops" | "carried" => "books",
        "files" | "doubts" => "imports",
        "trips" => "transfers",
        "rounds" | "doors" | "coverage" | "statements" | "round_sites" | "yields" | "boxes" | "courier_runs"
        | "clocks" => "tubes",
        "results" | "members" | "runs" | "signals" | "holds" => "tubes",
        "bulk_actions" | "pairs" | "listed" | "roster" | "teams" | "questions" => "",
        "messages" | "sendings" | "message_replies" | "followed" | "follow_ups" | "releases" | "searches"
        | "exposure_sites" | "letters" | "letter_people" | "answers" => "contacts",
        "notices" => "orders",
        "posts" | "extensions" | "appeals" | "appeal_figures" => "areas",
        "assessments" | "clearings" | "free_communities" | "free_changes" => "cases",
        "shifts" => "",
        "places" | "place_people" => "obligations",
        "gate_days" | "landings" => "gates",
        "parcels" | "goods" | "wanted" | "delivery_runs" => "supplies",
        "mediations" => "requests",
        "facilities" => "beds",
        "people" | "divisions" | "vehicles" | "carriers" | "laboratories" | "events" => "",
        list => list,
    }
}

/// Where a list is exported with the filters in force.
fn exports(list: &str, given: &filters::Given) -> [(&'static str, String); 3] {
    ["csv", "xlsx", "json"].map(|format| (format, exported(list, given, format)))
}

fn exported(list: &str, given: &filters::Given, format: &str) -> String {
    let path = filters::address(list, given, |name| name == "after" || name == "limit", None);
    let (path, query) = path.split_once('?').unwrap_or((&path, ""));
    format!("/api/v1{path}.{format}{}{query}", if query.is_empty() { "" } else { "?" })
}

/// Rows of a page, unless more are asked for: two windows full of rows with two lines. More of them hold up the first paint, which nobody
/// sees them in, because a table is laid out as a whole.
const ROWS_SHOWN: usize = 20;

/// `GET /LIST`.
pub async fn page(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(list): Path<String>,
    Parameters(given): Parameters<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let listing = Listing::named(&list).ok_or_else(Problem::unknown)?;
    let mut query =
        Query::read(listing, given.iter().map(|(name, value)| (name.as_str(), value.as_str())), app.zone())?;
    if !given.iter().any(|(name, value)| name == "limit" && !value.is_empty()) {
        query.limit = ROWS_SHOWN;
    }
    lists::readable(&app, &visit.caller, listing).await?;
    let mut reading = Reading::begin(&app, &visit).await?;
    let page = reading.page(listing, &query).await?.ok_or_else(Problem::unknown)?;
    reading.finish().await?;
    let lead = match listing.name {
        "letters" => super::field::books_of_letters(&app, &visit).await?,
        _ => Vec::new(),
    };
    let frame = &visit.frame;
    let mut acts = acts(&visit, listing);
    super::accounts::offer(&app, &visit, &mut acts).await?;
    let one_worklist = given.iter().find(|(name, value)| {
        listing.name == "items" && name == "worklist" && !value.is_empty() && !value.contains(',')
    });
    let without: &[&str] = if one_worklist.is_some() { &["worklist"] } else { &[] };
    let fields = super::table::shown_fields(&visit, listing, without);
    let title = match one_worklist {
        Some((_, worklist)) => frame.w.given("worklist", worklist),
        None => frame.say(&format!("list-{}", listing.name)),
    };
    let moved = |name: &str| name == "after" || name == "sort";
    let mut table = table(&app, &visit, listing, &fields, &page.rows, !acts.is_empty()).sortable(
        listing,
        &fields,
        query.order,
        |order| filters::address(listing.name, &given, moved, Some(("sort", order))),
    );
    table.caption.clone_from(&title);
    let to = |after: Option<&str>| {
        filters::address(listing.name, &given, |name| name == "after", after.map(|after| ("after", after)))
    };
    let steps = [(frame.say("nav-worklists"), "/worklists")];
    let onward = match listing.name {
        // of the places that are shown: those of the duty, or of a division within it
        "places" if act_named(&visit, &ROUNDS, "plan").is_some() => {
            let own = visit.caller.looker.duty.division.as_str();
            let chosen = given.iter().find(|(name, code)| name == "division" && code.starts_with(own));
            let division = chosen.map_or(own, |(_, code)| code.as_str());
            Some((format!("/rounds?due={}#plan", show::part(division)), frame.say("rounds-plan-all-due")))
        }
        "letters" if super::field::may_receive_letters(&visit) => {
            Some((super::field::LETTERS_RECEIVED.to_owned(), frame.say("letters-receive")))
        }
        _ => None,
    };
    let page = ListPage {
        onward,
        list: listing.name,
        lead,
        topic: topic(listing.name),
        choices: filters::choices(&visit, listing, &given),
        orders: filters::orders(frame, listing, query.order),
        places: app.places_below(visit.caller.looker.duty.division.as_str(), frame.lang),
        chips: filters::chips(&app, frame, listing, &given),
        acts,
        next: page.next.map(|next| to(Some(&next))),
        first: query.after.is_some().then(|| to(None)),
        exports: exports(listing.name, &given),
        print: (listing.name == "notices" && printers().contains(&visit.caller.looker.duty.role))
            .then(|| exported(listing.name, &given, "html")),
        table,
        frame: visit.frame.titled(title, if listing.name == "items" { &steps } else { &[] }),
    };
    render(&page)
}
