//! Letters of assistance that other jurisdictions send us: one row for each person in one.

use super::{Kind::*, Table, may, must};
use crate::tracing::ContactClass;

/// People in letters of other jurisdictions.
pub const ASSISTANCE: Table = Table {
    name: "assistance",
    about: "somebody whom another jurisdiction asks us to look after, in a letter of theirs; it binds nobody until somebody of ours has confirmed who it is",
    key: &["letter", "entry"],
    required: false,
    columns: &[
        must("letter", Id, "number of the letter, the same in all its rows, with no '|' or ':' in it"),
        must("entry", Id, "number of the person in it"),
        must("division", Division, "district or community that is asked to look for them"),
        must("side", Text(120), "who asks: the other jurisdiction by name"),
        may("side_code", Text(12), "its code, if known"),
        may("side_case", Text(64), "number of the case there; never a name"),
        may("side_phone", Text(40), "whom one can call there"),
        must("received_at", Moment, "when the letter was received; our hours run from then"),
        must("name", Text(80), "name"),
        may("phone", Text(24), "telephone"),
        may("document", Document, "identity document"),
        may("address", Text(200), "where they live or stay here, as it was told"),
        must("class", OneOf(ContactClass::NAMES), "class of the contact"),
        must("first_exposure", Day, "first day of exposure"),
        must("last_exposure", Day, "last day of exposure"),
        may("note", Text(400), "what else was told"),
    ],
};
