//! What clinicians find of a case, whom it met and where it was. Facts, declared like the other tables of a day folder.

use super::{Kind::*, Table, may, must};
use crate::{
    cases::{Severity, Symptom},
    roster::Known,
    tracing::ContactClass,
};

/// Clinical assessments.
pub const ASSESSMENTS: Table = Table {
    name: "assessments",
    about: "what a clinician found of a person: of whoever lies in a facility, one row a day at least",
    key: &["person", "assessed_at"],
    required: false,
    columns: &[
        must("person", Id, "person"),
        must("assessed_at", Moment, "when"),
        must("severity", OneOf(Severity::NAMES), "severity"),
        may("onset", Day, "first day of symptoms"),
        may("outcome", OneOf(&["recovered", "died"]), "outcome, once there is one"),
        may("temperature", Real(30.0, 45.0), "body temperature, degrees Celsius"),
        may("oxygen", Whole(30, 100), "oxygen saturation at rest, percent"),
        may("symptoms", ManyOf(Symptom::NAMES), "symptoms that day, separated by ';'"),
        may("relieved", OneOf(Known::NAMES), "whether symptoms are relieved"),
        may("lungs_improved", OneOf(Known::NAMES), "whether imaging shows improvement"),
        may("lesions_healed", OneOf(Known::NAMES), "whether all lesions have crusted, fallen off and healed"),
        may("said_by", Text(80), "who saw the person"),
    ],
};

/// Declared contacts.
pub const CONTACTS: Table = Table {
    name: "contacts",
    about: "a contact that somebody declared",
    key: &["case_person", "person", "last_exposure"],
    required: false,
    columns: &[
        must("case_person", Id, "person who is or becomes a case"),
        must("person", Id, "contact"),
        must("class", OneOf(ContactClass::NAMES), "class of the contact"),
        must("first_exposure", Day, "first day of exposure"),
        must("last_exposure", Day, "last day of exposure"),
        may("setting", Text(80), "where"),
    ],
};

/// Visits to places.
pub const VISITS: Table = Table {
    name: "visits",
    about: "a stay of a person at a place, lawfully recorded (attendance, seat, ward, declared visit)",
    key: &["person", "place", "from"],
    required: false,
    columns: &[
        must("person", Id, "person"),
        must("place", Id, "place"),
        must("from", Moment, "start"),
        must("to", Moment, "end"),
        may("setting", Text(80), "kind of place"),
    ],
};
