//! The page of any list: filters, table, bulk commands, export, next page; all from the declaration. Pages of a station
//! that need more are beside it; every list without one of its own is read here.

use super::{
    frame::{Frame, Visit, render},
    show::{self, Shown},
};
use crate::{app::App, problem::Problem};
use askama::Template;
use axum::{
    extract::{Path, Query as Parameters, State},
    response::Response,
};
use dayclear_core::{
    access::Sight,
    command::Command,
    listing::{Field, Holds, Listing, Query, Row},
    schema::Kind,
};
use dayclear_ops::listing;
use dayclear_papers::shown::prefix_of;
use std::sync::Arc;

/// Fields shown in a table at most; the rest stands on the page of the record.
const COLUMNS_MAX: usize = 9;

/// A column of a table.
pub struct Column {
    /// Word.
    pub word: String,
    /// Whether its values stand to the right.
    pub number: bool,
    /// Whether it is left out where there is little room.
    pub fewer: bool,
}

/// A row of a table.
pub struct Line {
    /// Key of the record.
    pub key: String,
    /// Whether a clock in it has run out.
    pub overdue: bool,
    /// Values.
    pub cells: Vec<Shown>,
}

/// A table of rows of a list.
pub struct Table {
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows.
    pub lines: Vec<Line>,
    /// Whether rows can be chosen for commands.
    pub pick: bool,
}

/// One field of the filter.
pub struct Choice {
    /// Name of the parameter.
    pub name: String,
    /// Word.
    pub word: String,
    /// Terms to choose from: value, word, whether it is chosen. Empty: free text.
    pub terms: Vec<(String, String, bool)>,
    /// Type of the input.
    pub input: &'static str,
    /// Value.
    pub value: String,
}

/// A filter in force, and the page without it.
pub struct Chip {
    /// What it says.
    pub text: String,
    /// Page without it.
    pub without: String,
}

/// A field that a command asks for.
pub struct Asked {
    /// Name.
    pub name: &'static str,
    /// Word.
    pub word: String,
    /// Terms to choose from.
    pub terms: Vec<(String, String)>,
    /// Longest text.
    pub max: usize,
    /// Whether it must be given.
    pub required: bool,
}

/// A command as a form.
pub struct Act {
    /// Verb.
    pub verb: &'static str,
    /// Word.
    pub word: String,
    /// Fields.
    pub fields: Vec<Asked>,
}

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage {
    frame: Frame,
    list: &'static str,
    table: Table,
    choices: Vec<Choice>,
    chips: Vec<Chip>,
    acts: Vec<Act>,
    next: Option<String>,
    first: Option<String>,
    exports: [(&'static str, String); 3],
    report: Option<String>,
}

/// The fields of a list that a table shows: those that can be seen, the long ones left to the record.
pub fn shown_fields(visit: &Visit, listing: &'static Listing) -> Vec<&'static Field> {
    let long =
        |field: &Field| matches!(field.holds, Holds::Data) || matches!(field.name, "lon" | "lat" | "raw" | "hash");
    let composed =
        listing.key == "id" && listing.fields.len() > 3 && matches!(listing.name, "contacts" | "ledger" | "hops");
    listing
        .fields
        .iter()
        .filter(|field| !long(field) && !(composed && field.name == "id"))
        .filter(|field| visit.caller.looker.shown(field.class, None) != Sight::Hidden)
        .take(COLUMNS_MAX)
        .collect()
}

/// A table of rows.
pub fn table(
    app: &App,
    visit: &Visit,
    listing: &'static Listing,
    fields: &[&'static Field],
    rows: &[Row],
    pick: bool,
) -> Table {
    let frame = &visit.frame;
    let columns = fields.iter().enumerate().map(|(at, field)| Column {
        word: frame.say(&format!("field-{}", field.name)),
        number: matches!(field.holds, Holds::Whole | Holds::Real),
        fewer: at >= 5,
    });
    let lines = rows.iter().map(|row| {
        let cells: Vec<Shown> = fields.iter().map(|field| show::value(app, frame, listing, field, row)).collect();
        Line {
            key: row.get(listing, listing.key).text(app.zone()),
            overdue: cells.iter().any(|cell| cell.look == "clock" && cell.tone == "overdue"),
            cells,
        }
    });
    Table { columns: columns.collect(), lines: lines.collect(), pick }
}

/// The commands of a list that a role may do on its records.
pub fn acts(visit: &Visit, listing: &'static Listing) -> Vec<Act> {
    let (role, frame) = (visit.caller.looker.duty.role, &visit.frame);
    Command::on(listing.name)
        .filter(|command| command.records && command.roles.contains(&role))
        .map(|command| Act {
            verb: command.verb,
            word: frame.say(&format!("verb-{}-{}", command.on, command.verb)),
            fields: command.fields.iter().map(|column| asked(frame, listing, column)).collect(),
        })
        .collect()
}

fn asked(frame: &Frame, listing: &Listing, column: &dayclear_core::schema::Column) -> Asked {
    let own = format!("given-{}", column.name);
    let word = if frame.w.has(&own) { frame.say(&own) } else { frame.say(&format!("field-{}", column.name)) };
    let term = |terms: &'static [&'static str], term: &str| {
        let listed = listing.fields.iter().find(|field| field.name == column.name).map(|field| field.holds);
        let terms = if let Some(Holds::Term(all)) = listed { all } else { terms };
        let prefix = prefix_of(terms).or_else(|| (column.name == "step").then_some("handover"));
        match prefix {
            Some(prefix) => frame.say(&format!("{prefix}-{term}")),
            None if matches!(term, "yes" | "no") => frame.say(term),
            None => frame.w.given("movement", term),
        }
    };
    let (terms, max) = match column.kind {
        Kind::OneOf(terms) => (terms.iter().map(|t| ((*t).to_owned(), term(terms, t))).collect(), 0),
        Kind::Text(max) => (Vec::new(), max),
        _ => (Vec::new(), 64),
    };
    Asked { name: column.name, word, terms, max, required: column.required }
}

fn choices(visit: &Visit, listing: &'static Listing, given: &[(String, String)]) -> Vec<Choice> {
    let frame = &visit.frame;
    let value = |name: &str| given.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap_or_default();
    let mut choices = Vec::new();
    for field in listing.fields.iter().filter(|field| field.filter) {
        if visit.caller.looker.shown(field.class, None) != Sight::Plain {
            continue;
        }
        let word = frame.say(&format!("field-{}", field.name));
        let chosen = value(field.name);
        let terms = match field.holds {
            Holds::Term(terms) => {
                let word = |term: &str| prefix_of(terms).map_or(term.to_owned(), |p| frame.say(&format!("{p}-{term}")));
                terms.iter().map(|term| ((*term).to_owned(), word(term), chosen == *term)).collect()
            }
            Holds::Truth => [("true", "yes"), ("false", "no")]
                .map(|(value, word)| (value.to_owned(), frame.say(word), chosen == value))
                .to_vec(),
            _ => Vec::new(),
        };
        match field.holds {
            Holds::Day | Holds::Moment => {
                for (edge, said) in [("from", "filter-from"), ("to", "filter-to")] {
                    let name = format!("{}.{edge}", field.name);
                    let value = value(&name);
                    choices.push(Choice {
                        word: format!("{word}, {}", frame.say(said)),
                        input: "date",
                        terms: Vec::new(),
                        value,
                        name,
                    });
                }
            }
            Holds::Whole | Holds::Real => {
                choices.push(Choice { name: field.name.to_owned(), word, terms, input: "number", value: chosen });
            }
            _ => choices.push(Choice { name: field.name.to_owned(), word, terms, input: "text", value: chosen }),
        }
    }
    choices
}

fn address(list: &str, given: &[(String, String)], leave: impl Fn(&str) -> bool, more: Option<(&str, &str)>) -> String {
    let kept = given.iter().filter(|(name, value)| !value.is_empty() && !leave(name));
    let mut pairs: Vec<String> =
        kept.map(|(name, value)| format!("{}={}", show::part(name), show::part(value))).collect();
    pairs.extend(more.map(|(name, value)| format!("{name}={}", show::part(value))));
    if pairs.is_empty() { format!("/{list}") } else { format!("/{list}?{}", pairs.join("&")) }
}

/// `GET /LIST`.
pub async fn page(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(list): Path<String>,
    Parameters(mut given): Parameters<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let listing = Listing::named(&list).ok_or_else(Problem::unknown)?;
    let report = given.iter().position(|(name, _)| name == "report").map(|at| given.remove(at).1);
    let query = Query::read(listing, given.iter().map(|(name, value)| (name.as_str(), value.as_str())), app.zone())?;
    let mut tx = app.store().look(&visit.caller.looker.scope()).await?;
    let page = listing::page(&mut tx, &visit.caller.looker, listing, &query).await?.ok_or_else(Problem::unknown)?;
    drop(tx);
    let frame = &visit.frame;
    let acts = acts(&visit, listing);
    let table = table(&app, &visit, listing, &shown_fields(&visit, listing), &page.rows, !acts.is_empty());
    let chips = given
        .iter()
        .filter(|(name, value)| !value.is_empty() && !matches!(name.as_str(), "sort" | "after" | "limit"))
        .map(|(name, value)| {
            let (field, edge) = name.rsplit_once('.').unwrap_or((name, ""));
            let holds = listing.position(field).map(|at| listing.fields[at].holds);
            let said = match holds {
                Some(Holds::Term(terms)) => prefix_of(terms).map_or(value.clone(), |p| frame.w.given(p, value)),
                Some(Holds::Truth) => frame.say(if value == "true" { "yes" } else { "no" }),
                Some(Holds::Division) => app.place_name(value, frame.lang),
                _ => value.clone(),
            };
            let edge = match edge {
                "from" => format!(" {}", frame.say("filter-from")),
                "to" => format!(" {}", frame.say("filter-to")),
                _ => String::new(),
            };
            Chip {
                text: format!("{}{edge}: {said}", frame.say(&format!("field-{field}"))),
                without: address(listing.name, &given, |n| n == name || n == "after", None),
            }
        })
        .collect();
    let title = match given.iter().find(|(name, _)| name == "worklist" && listing.name == "items") {
        Some((_, worklist)) if !worklist.contains(',') => frame.w.given("worklist", worklist),
        _ => frame.say(&format!("list-{}", listing.name)),
    };
    let exports = ["csv", "xlsx", "json"].map(|format| {
        let path = address(listing.name, &given, |name| name == "after" || name == "limit", None);
        let (path, query) = path.split_once('?').unwrap_or((&path, ""));
        (format, format!("/api/v1{path}.{format}{}{query}", if query.is_empty() { "" } else { "?" }))
    });
    let page = ListPage {
        list: listing.name,
        choices: choices(&visit, listing, &given),
        chips,
        acts,
        next: page.next.map(|next| address(listing.name, &given, |name| name == "after", Some(("after", &next)))),
        first: query.after.is_some().then(|| address(listing.name, &given, |name| name == "after", None)),
        exports,
        report,
        table,
        frame: visit.frame.titled(title, &[]),
    };
    render(&page)
}
