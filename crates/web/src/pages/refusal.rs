//! Why something was refused, in the language of the page. The desk says it as data ([`Refusal`]); here it becomes words, for
//! every page alike. What a person wrote, and rare states of a record, stay as the desk says them.

use super::{
    accounts,
    frame::{Frame, moment},
};
use crate::app::App;
use dayclear_core::transfer::TransferState;
use dayclear_ops::desk::{FieldFault, Refusal};

/// How a record stands, or what is to be done about it, as the desk says it, and the key of its message.
const STATES: &[(&str, &str)] = &[
    ("ended", "refusal-ended"),
    ("what has ended stays ended", "refusal-ended-stays"),
    ("answered", "refusal-answered"),
    ("open it again if it is not settled", "refusal-answered-then"),
    ("a day that has not begun", "refusal-not-begun"),
    ("sign it once something has happened on it", "refusal-not-begun-then"),
    ("not the oldest open day", "refusal-not-oldest"),
    ("it ends by evidence: a result, a report, an answer", "refusal-by-evidence"),
    ("a bed is claimed for somebody who still waits", "refusal-claim-waits"),
    ("only a bed that is held for somebody who still waits is given back", "refusal-release-waits"),
    ("without a bed or a vehicle", "refusal-no-bed"),
    ("claim a bed, or wait for the plan", "refusal-no-bed-then"),
    ("a report fits the state of the transfer, or a person clears it up", "refusal-report-fits"),
    ("choose another size, other people, or state the ground on which more are tested", "refusal-round-then"),
    (
        "choose another day or other people; or say why it is to be held despite the rule, and the city decides",
        "refusal-round-despite-then",
    ),
    ("without a carrier", "refusal-run-no-carrier"),
    ("give rows of carriers for the depot, with their hours of today", "refusal-run-no-carrier-then"),
    ("without a place", "refusal-run-no-place"),
    ("give where its carriers load, or the seat of the division that it serves", "refusal-run-no-place-then"),
    ("at all its doors", "refusal-run-nothing"),
    ("nothing is owed from here that no run under way carries", "refusal-run-nothing-then"),
    ("none of its parcels has to be brought any more; plan again", "refusal-run-free-then"),
    ("planned anew", "refusal-run-replanned"),
    ("another run carries its parcels: look at the runs of its depot", "refusal-run-replanned-then"),
    ("before its hours", "refusal-run-early"),
    ("send it off when the hours of its carrier have begun", "refusal-run-early-then"),
    ("too late for its hours", "refusal-run-late"),
    ("plan again: it would not be back within the hours of its carrier", "refusal-run-late-then"),
    ("without its carrier", "refusal-run-busy"),
    ("wait until the carrier is back and has rested, or plan again", "refusal-run-busy-then"),
];

/// A refusal as a person reads it.
pub fn said(app: &App, frame: &Frame, refusal: &Refusal) -> String {
    let w = frame.w;
    match refusal {
        Refusal::Unknown => frame.say("refusal-unknown"),
        Refusal::NotYours { role, allowed } => {
            let allowed: Vec<String> = allowed.iter().map(|role| w.term(*role)).collect();
            w.get("refusal-not-yours", &[("role", w.term(*role).into()), ("allowed", w.joined(&allowed).into())])
        }
        Refusal::StepUp => frame.say("refusal-step-up"),
        Refusal::Invalid(faults) => faults.iter().map(|fault| fault_said(frame, fault)).collect::<Vec<_>>().join(" "),
        Refusal::Taken { thing, holder, since } => {
            let holder = accounts::said(app, frame, holder);
            let at = moment(app, frame.lang, *since);
            w.get("refusal-taken", &[("thing", thing.as_str().into()), ("holder", holder.into()), ("at", at.into())])
        }
        Refusal::State { is, remedy } => {
            w.get("refusal-state", &[("is", state(frame, is).into()), ("remedy", state(frame, remedy).into())])
        }
        Refusal::Stale(fields) => {
            let fields: Vec<String> = fields.iter().map(|stale| field(frame, &stale.field)).collect();
            w.get("refusal-stale", &[("fields", w.joined(&fields).into())])
        }
        Refusal::OtherBody => frame.say("refusal-other-body"),
        Refusal::Closed { day } => w.get("refusal-closed", &[("day", frame.lang.date(*day).into())]),
    }
}

/// One field that cannot be taken.
pub fn fault_said(frame: &Frame, fault: &FieldFault) -> String {
    let name = field(frame, &fault.field);
    if fault.value.is_empty() {
        return frame.w.get("refusal-missing", &[("field", name.into())]);
    }
    let values = [
        ("field", name.into()),
        ("expected", fault.expected.as_str().into()),
        ("remedy", fault.remedy.as_str().into()),
    ];
    frame.w.get("error-field", &values)
}

/// The word of a field, by which its form calls it.
fn field(frame: &Frame, name: &str) -> String {
    let keys = [format!("given-{name}"), format!("field-{name}")];
    keys.iter().find(|key| frame.w.has(key)).map_or_else(|| name.to_owned(), |key| frame.say(key))
}

fn state(frame: &Frame, said: &str) -> String {
    if let Some((_, key)) = STATES.iter().find(|(known, _)| *known == said) {
        return frame.say(key);
    }
    match said.parse::<TransferState>() {
        Ok(state) => frame.w.term(state),
        Err(_) => said.to_owned(),
    }
}
