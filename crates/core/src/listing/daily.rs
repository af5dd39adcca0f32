//! The list of what clinicians found: of whoever lies in a facility one row a day. A declaration only.

use super::{Holds::*, Listing, field};
use crate::{access::Role::*, cases::Severity, roster::Known};

/// Assessments and daily records.
pub const ASSESSMENTS: Listing = Listing {
    name: "assessments",
    about: "what a clinician found of a person: severity, temperature, oxygen, symptoms; nothing recorded is changed",
    key: "id",
    subject: Some("person"),
    fields: &[
        field("id", Id, "number of the record"),
        field("person", Id, "person").filter(),
        field("name", Text, "name").personal(),
        field("division", Division, "division").filter(),
        field("at", Moment, "when").filter(),
        field("severity", Term(Severity::NAMES), "severity").sensitive(),
        field("onset", Day, "first day of symptoms").sensitive(),
        field("outcome", Text, "outcome").sensitive(),
        field("temperature", Real, "body temperature, degrees Celsius").sensitive(),
        field("oxygen", Whole, "oxygen saturation at rest, percent").sensitive(),
        field("symptoms", Text, "symptoms that day").sensitive(),
        field("relieved", Term(Known::NAMES), "whether symptoms are relieved").sensitive(),
        field("lungs_improved", Term(Known::NAMES), "whether imaging shows improvement").sensitive(),
        field("lesions_healed", Term(Known::NAMES), "whether all lesions have healed").sensitive(),
        field("said_by", Text, "who saw the person"),
    ],
    orders: &["at"],
    readers: &[CityCommand, DistrictCommand, Facility, DataProtection, Auditor],
    editors: &[],
};
