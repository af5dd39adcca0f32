//! Correcting a record: a form with the fields that may be corrected, on the version that was seen. Two people who correct
//! different fields keep what both wrote; of the same field the second is shown both values and chooses.

use super::{frame::Visit, reading::Reading};
use crate::{app::App, problem::Problem};
use dayclear_core::{
    access::Sight,
    listing::{Cell, Holds, Listing},
};
use dayclear_papers::shown::prefix_of;

/// One field that may be corrected.
pub struct EditField {
    /// Name.
    pub name: &'static str,
    /// Word.
    pub word: String,
    /// Value now.
    pub value: String,
    /// Terms to choose from: value, word, whether it is the value now.
    pub terms: Vec<(String, String, bool)>,
    /// Type of the input.
    pub input: &'static str,
}

/// The form of a record.
pub struct EditForm {
    /// Where it is sent.
    pub path: String,
    /// Version that was seen.
    pub etag: String,
    /// Fields.
    pub fields: Vec<EditField>,
}

/// The form of a record, for a duty that may correct it.
pub async fn form(
    app: &App,
    visit: &Visit,
    reading: &mut Reading<'_>,
    listing: &'static Listing,
    key: &str,
) -> Result<Option<EditForm>, Problem> {
    let looker = &visit.caller.looker;
    if !listing.editors.contains(&looker.duty.role) {
        return Ok(None);
    }
    let Some(row) = reading.tx.record(listing, key).await? else { return Ok(None) };
    let frame = &visit.frame;
    let fields = listing.fields.iter().filter(|field| {
        field.edit && looker.shown(field.class, None) == Sight::Plain
    });
    let field = |field: &'static dayclear_core::listing::Field| {
        let value = match row.get(listing, field.name) {
            Cell::Data(_) | Cell::Hidden | Cell::Masked(_) => String::new(),
            cell => cell.text(app.zone()),
        };
        let terms = match field.holds {
            Holds::Term(terms) => {
                let word = |term: &str| prefix_of(terms).map_or(term.to_owned(), |p| frame.say(&format!("{p}-{term}")));
                terms.iter().map(|term| ((*term).to_owned(), word(term), value == **term)).collect()
            }
            _ => Vec::new(),
        };
        let input = match field.holds {
            Holds::Day => "date",
            Holds::Whole => "number",
            _ => "text",
        };
        EditField { name: field.name, word: frame.say(&format!("field-{}", field.name)), value, terms, input }
    };
    Ok(Some(EditForm {
        path: format!("/{}/{}/edit", listing.name, super::show::part(key)),
        etag: String::new(),
        fields: fields.map(field).collect(),
    }))
}
