//! Evidence given from a page: the fields of a form as rows of a declared table, taken by the same intake as files and the
//! API. A row that cannot be taken comes back into the form, with what was expected and what to do.

use super::form::{self, Sent};
use crate::{app::App, problem::Problem};
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use dayclear_core::{command::Load, schema::Table};
use dayclear_ops::{
    desk::{DeskError, FieldFault, Given, Refusal},
    evidence::{How, Rows, take as take_rows},
};
use dayclear_store::landing::Tally;

/// What came of rows.
pub enum Taken {
    /// Taken: counts that add up.
    Done(Tally),
    /// Nothing was taken.
    Refused(Vec<FieldFault>),
}

impl Taken {
    /// With the counts of rows that were taken before.
    pub fn after(self, before: Tally) -> Taken {
        match self {
            Taken::Done(t) => Taken::Done(Tally {
                read: before.read + t.read,
                created: before.created + t.created,
                updated: before.updated + t.updated,
                same: before.same + t.same,
                doubtful: before.doubtful + t.doubtful,
                rejected: before.rejected + t.rejected,
            }),
            refused => refused,
        }
    }
}

/// Gives rows of a table under the key of the form and the table's name; all of them are taken, or none.
pub async fn take(app: &App, sent: &Sent, table: &'static Table, rows: Vec<Given>) -> Result<Taken, Problem> {
    let once = sent.field("once").filter(|once| !once.is_empty()).map(|once| format!("{once}/{}", table.name));
    let doing = form::doing(app, &sent.visit.caller, once.as_deref());
    match take_rows(app.store(), &doing, table, Rows::Json(rows), How::default()).await {
        Ok((tally, doubts)) if doubts.is_empty() => {
            app.nudge(Load::Intake);
            Ok(Taken::Done(tally))
        }
        Ok((_, doubts)) => Ok(Taken::Refused(
            doubts
                .into_iter()
                .map(|doubt| FieldFault {
                    field: doubt.column,
                    value: doubt.value,
                    expected: doubt.expected,
                    remedy: doubt.remedy,
                })
                .collect(),
        )),
        Err(DeskError::Refused(Refusal::Invalid(faults))) => Ok(Taken::Refused(faults)),
        Err(error) => Err(error.into()),
    }
}

/// A form as it was sent, and what came of it.
#[derive(Default)]
pub struct Entry {
    /// Values as they came, to be corrected.
    given: Given,
    /// Faults.
    pub faults: Vec<FieldFault>,
    /// Rows taken, and rows that stood there already.
    pub done: Option<(u64, u64)>,
}

impl Entry {
    /// A form with what came of it; what was taken leaves the form empty.
    pub fn of(given: Given, taken: Taken) -> Entry {
        match taken {
            Taken::Done(tally) => Entry { done: Some((tally.created + tally.updated, tally.same)), ..Entry::default() },
            Taken::Refused(faults) => Entry { given, faults, done: None },
        }
    }
    /// The value of a field.
    pub fn value(&self, name: &str) -> &str {
        self.given.get(name).map(String::as_str).unwrap_or_default()
    }
    /// Whether a field is at fault.
    pub fn wrong(&self, name: &str) -> bool {
        self.faults.iter().any(|fault| fault.field == name)
    }
    /// Whether nothing was taken.
    pub fn refused(&self) -> bool {
        !self.faults.is_empty()
    }
}

/// A page, with the status of a form that could not be taken.
pub fn answered(page: Response, refused: bool) -> Result<Response, Problem> {
    Ok(if refused { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() } else { page })
}
