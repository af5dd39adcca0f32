//! Messages of laboratories, whichever way they come: from what a message says to the stations, and from what became of its
//! rows to the faults of its answer. It may use the stations and the grammar of messages; no rule lives here.

use crate::app::App;
use dayclear_exchange::{Fault, Kind, Letter, ResultRow};
use dayclear_ops::{
    desk::{DeskError, Doing, FieldFault},
    evidence::letters::{self, Answered, Taken},
    listing::Looker,
};
use dayclear_store::landing::Doubt;

/// A message on its way in.
pub(crate) struct Incoming<'a> {
    /// `hl7` or `fhir`.
    pub channel: &'static str,
    /// Who sent it, as the channel names senders.
    pub sender: &'a str,
    /// The bytes as they came.
    pub bytes: &'a [u8],
    /// What it says.
    pub letter: &'a Letter,
    /// Whether one row that cannot be taken refuses all.
    pub atomic: bool,
}

/// Gives a message to the stations. When this returns, what was taken is durable.
pub(crate) async fn take(
    app: &App,
    looker: &Looker,
    incoming: &Incoming<'_>,
    answer: &(dyn Fn(&Taken<'_>) -> String + Sync),
) -> Result<Answered, DeskError> {
    let doing = Doing {
        looker,
        now: app.now(),
        stepped_up: false,
        packs: &app.setup.packs,
        pack: &app.setup.pack,
        settings: &app.setup.settings,
        key: None,
        keys: None,
    };
    let rows: Vec<_> = incoming.letter.rows.iter().map(|row| row.values.clone()).collect();
    let letter = letters::Letter {
        channel: incoming.channel,
        sender: incoming.sender,
        id: Some(incoming.letter.id.as_str()).filter(|id| !id.is_empty()),
        bytes: incoming.bytes,
        rows: &rows,
        atomic: incoming.atomic,
    };
    letters::receive(app.store(), &doing, &letter, answer).await
}

/// Why a row was kept aside, as faults of the message.
pub(crate) fn faults_of(row: &ResultRow, at: usize, taken: &Taken<'_>) -> Vec<Fault> {
    taken.doubts_of(at).map(|doubt| fault_of(row, doubt)).collect()
}

fn fault_of(row: &ResultRow, doubt: &Doubt) -> Fault {
    let kind = match doubt.code.as_str() {
        "missing" => Kind::Missing,
        "unknown_reference" => Kind::Unknown,
        "contradiction" => Kind::Contradiction,
        "not_a_term" => Kind::Code,
        _ => Kind::Form,
    };
    // what the message could have said is told in the words of the message
    let about_form = !matches!(kind, Kind::Unknown | Kind::Contradiction);
    let expected = row.expected.get(doubt.column.as_str()).filter(|_| about_form).unwrap_or(&doubt.expected);
    let place = row.place(&doubt.column).cloned().unwrap_or(dayclear_exchange::Place::Path(String::new()));
    let remedy = format!("{}; it was kept aside for a person, and is to be sent anew under another id", doubt.remedy);
    Fault::new(kind, place, &doubt.value, expected.as_str(), remedy)
}

/// Why all rows of a message were refused, as faults of the message.
pub(crate) fn faults_of_all(letter: &Letter, errors: &[FieldFault]) -> Vec<Fault> {
    let place_of = |error: &FieldFault| {
        // a fault does not say of which row it is: the value that stands there does
        let says = |row: &&ResultRow| row.values.get(&error.field).is_some_and(|value| value.starts_with(&error.value));
        let row = letter.rows.iter().find(says).or(letter.rows.first());
        row.and_then(|row| row.place(&error.field)).cloned()
    };
    let errors = errors.iter().map(|error| {
        let place = place_of(error).unwrap_or(dayclear_exchange::Place::Path(error.field.clone()));
        Fault::new(Kind::Unknown, place, &error.value, error.expected.as_str(), error.remedy.as_str())
    });
    errors.collect()
}
