//! Commands as forms: the fields that a command asks for, in the words of the page, for one record or for the chosen rows.

use super::frame::{Frame, Visit};
use dayclear_core::{
    command::Command,
    listing::{Holds, Listing},
    schema::{Column, Kind},
};
use dayclear_papers::shown::prefix_of;

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
    /// Type of the input.
    pub input: &'static str,
    /// What it is filled with.
    pub given: String,
}

impl Asked {
    /// Whether the text may be long enough for several lines.
    pub fn long(&self) -> bool {
        self.max > 100
    }
}

/// A command as a form.
pub struct Act {
    /// Verb.
    pub verb: &'static str,
    /// Word.
    pub word: String,
    /// Fields.
    pub fields: Vec<Asked>,
    /// Whether it wants a fresh second factor that is not there.
    pub step_up: bool,
}

impl Act {
    /// The same form with some of its fields filled in.
    pub fn filled(mut self, given: &[(&str, String)]) -> Act {
        for field in &mut self.fields {
            if let Some((_, text)) = given.iter().find(|(name, _)| *name == field.name) {
                field.given.clone_from(text);
            }
        }
        self
    }
}

/// The commands of a list that a role may do on its records.
pub fn acts(visit: &Visit, listing: &'static Listing) -> Vec<Act> {
    let role = visit.caller.looker.duty.role;
    Command::on(listing.name)
        .filter(|command| command.records && command.roles.contains(&role))
        .map(|command| act(visit, listing, command))
        .collect()
}

/// One command of a list by its verb, if the role may do it.
pub fn act_named(visit: &Visit, listing: &'static Listing, verb: &str) -> Option<Act> {
    let command = Command::named(listing.name, verb)?;
    command.roles.contains(&visit.caller.looker.duty.role).then(|| act(visit, listing, command))
}

fn act(visit: &Visit, listing: &'static Listing, command: &'static Command) -> Act {
    Act {
        verb: command.verb,
        word: visit.frame.say(&format!("verb-{}-{}", command.on, command.verb)),
        fields: command.fields.iter().map(|column| asked(&visit.frame, listing, column)).collect(),
        step_up: command.step_up && !visit.caller.stepped_up,
    }
}

fn asked(frame: &Frame, listing: &Listing, column: &Column) -> Asked {
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
    // what comes in is received by the books themselves; a person can only end it
    let offered = |name: &&&str| !(column.name == "outcome" && **name == "received");
    let (terms, max) = match column.kind {
        Kind::OneOf(terms) => (terms.iter().filter(offered).map(|t| ((*t).to_owned(), term(terms, t))).collect(), 0),
        Kind::Text(max) => (Vec::new(), max),
        _ => (Vec::new(), 64),
    };
    let input = match column.kind {
        Kind::Day => "date",
        Kind::Whole(..) => "number",
        _ => "text",
    };
    Asked { name: column.name, word, terms, max, required: column.required, input, given: String::new() }
}
