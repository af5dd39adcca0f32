//! The filter of a list as a form: a few fields open, the others behind a disclosure, each filter in force a link that
//! takes it away. Values that a form cannot hold (several terms, a moment) are kept and shown as they are.

use super::{
    columns,
    frame::{Frame, Visit},
    show,
};
use crate::app::App;
use dayclear_core::{
    access::Sight,
    listing::{Field, Holds, Listing},
    time::CivilDate,
};
use dayclear_papers::shown::prefix_of;

/// Parameters of a request, in their order.
pub type Given = [(String, String)];

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
    /// Whether it stands open.
    pub open: bool,
}

/// A filter in force, and the page without it.
pub struct Chip {
    /// What it says.
    pub text: String,
    /// Page without it.
    pub without: String,
}

fn word_of(frame: &Frame, terms: &[&str], term: &str) -> String {
    match prefix_of(terms) {
        Some(prefix) if terms.contains(&term) => frame.say(&format!("{prefix}-{term}")),
        _ => term.to_owned(),
    }
}

fn terms(frame: &Frame, field: &Field, chosen: &str) -> Vec<(String, String, bool)> {
    let mut terms: Vec<(String, String, bool)> = match field.holds {
        Holds::Term(terms) => {
            terms.iter().map(|term| ((*term).to_owned(), word_of(frame, terms, term), chosen == *term)).collect()
        }
        Holds::Truth => [("true", "yes"), ("false", "no")]
            .map(|(value, word)| (value.to_owned(), frame.say(word), chosen == value))
            .to_vec(),
        _ => return Vec::new(),
    };
    if !chosen.is_empty() && !terms.iter().any(|(.., is)| *is) {
        terms.push((chosen.to_owned(), said(frame, field.holds, chosen), true));
    }
    terms
}

/// A value of a filter in words; several are joined.
fn said(frame: &Frame, holds: Holds, value: &str) -> String {
    match holds {
        _ if value == "none" => frame.say("value-none"),
        Holds::Term(terms) => value.split(',').map(|term| word_of(frame, terms, term)).collect::<Vec<_>>().join(" / "),
        Holds::Truth => frame.say(if value == "true" || value == "yes" { "yes" } else { "no" }),
        _ => value.to_owned(),
    }
}

/// The fields of the filter of a list.
pub fn choices(visit: &Visit, listing: &'static Listing, given: &Given) -> Vec<Choice> {
    let frame = &visit.frame;
    let value = |name: &str| given.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap_or_default();
    let mut choices = Vec::new();
    for field in listing.fields.iter().filter(|field| field.filter) {
        if visit.caller.looker.shown(field.class, None) != Sight::Plain {
            continue;
        }
        let word = frame.say(&format!("field-{}", field.name));
        let open = columns::filter_is_open(listing, field.name) || !value(field.name).is_empty();
        match field.holds {
            Holds::Day | Holds::Moment => {
                for (edge, said) in [("from", "filter-from"), ("to", "filter-to")] {
                    let name = format!("{}.{edge}", field.name);
                    let value = value(&name);
                    let plain = value.is_empty() || value.parse::<CivilDate>().is_ok();
                    choices.push(Choice {
                        word: format!("{word}, {}", frame.say(said)),
                        // a date field would drop a moment that it cannot show
                        input: if plain { "date" } else { "text" },
                        terms: Vec::new(),
                        open: open || !value.is_empty(),
                        value,
                        name,
                    });
                }
            }
            holds => {
                let value = value(field.name);
                let input = if matches!(holds, Holds::Whole | Holds::Real) { "number" } else { "text" };
                let terms = terms(frame, field, &value);
                choices.push(Choice { name: field.name.to_owned(), word, terms, input, value, open });
            }
        }
    }
    choices.sort_by_key(|choice| !choice.open);
    choices
}

/// The orders of a list: name, word, whether it is in force.
pub fn orders(frame: &Frame, listing: &Listing, now: usize) -> Vec<(&'static str, String, bool)> {
    let order = |(at, name): (usize, &&'static str)| {
        let (word, _) = columns::order(name)?;
        Some((*name, frame.say(word), at == now))
    };
    listing.orders.iter().enumerate().filter_map(order).collect()
}

/// The filters in force.
pub fn chips(app: &App, frame: &Frame, listing: &'static Listing, given: &Given) -> Vec<Chip> {
    let filters = given.iter().filter(|(name, value)| !value.is_empty() && !is_word_of_question(name));
    filters
        .map(|(name, value)| {
            let (field, edge) = match name.rsplit_once('.') {
                Some((field, edge @ ("from" | "to"))) => (field, edge),
                _ => (name.as_str(), ""),
            };
            let holds = listing.position(field).map(|at| listing.fields[at].holds);
            let said = match holds {
                Some(Holds::Division) => app.place_name(value, frame.lang),
                Some(holds) => said(frame, holds, value),
                None => value.clone(),
            };
            let edge = match edge {
                "from" => format!(", {}", frame.say("filter-from")),
                "to" => format!(", {}", frame.say("filter-to")),
                _ => String::new(),
            };
            let without = address(listing.name, given, |n| n == name || n == "after", None);
            Chip { text: format!("{}{edge}: {said}", frame.say(&format!("field-{field}"))), without }
        })
        .collect()
}

/// Whether a parameter is no filter.
pub fn is_word_of_question(name: &str) -> bool {
    matches!(name, "sort" | "after" | "limit")
}

/// The page of a list with the given parameters, without some, and with one more.
pub fn address(list: &str, given: &Given, leave: impl Fn(&str) -> bool, more: Option<(&str, &str)>) -> String {
    let kept = given.iter().filter(|(name, value)| !value.is_empty() && !leave(name));
    let mut pairs: Vec<String> =
        kept.map(|(name, value)| format!("{}={}", show::part(name), show::part(value))).collect();
    pairs.extend(more.map(|(name, value)| format!("{name}={}", show::part(value))));
    if pairs.is_empty() { format!("/{list}") } else { format!("/{list}?{}", pairs.join("&")) }
}
