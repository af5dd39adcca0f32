//! Commands on letters of assistance between jurisdictions, and on the people in them. Declarations only.

use super::*;
use crate::{
    letters::{ANSWERS, LetterWay, OUR_ANSWERS},
    tracing::ContactClass,
};

const TRACERS: &[Role] = &[DistrictCommand, Tracer];
const AT: Column = may("at", Moment, "when; empty means now");
const WAY: Column = must("way", OneOf(LetterWay::NAMES), "how it went");
const PROOF: Column =
    must("shown", Text(400), "what shows it: number on the platform, of the fax, of the receipt; whom one can call");

/// See [`super::COMMANDS`].
pub(super) const COMMANDS: &[Command] = &[
    on_records(
        "cases",
        "assist",
        "names a contact of the case who lives outside the city: they go into the letter to where they live, which waits to be sent",
        &[
            must("side", Text(120), "where they live: the other jurisdiction by name"),
            may("side_code", Text(12), "its code, if known"),
            must("name", Text(80), "name of the contact"),
            may("phone", Text(24), "telephone"),
            may("document", Document, "identity document"),
            may("address", Text(200), "where they live there"),
            must("class", OneOf(ContactClass::NAMES), "class of the contact"),
            must("first_exposure", Day, "first day of exposure"),
            must("last_exposure", Day, "last day of exposure"),
            may("remark", Text(400), "what else they need to know there; nothing of the case"),
        ],
        TRACERS,
    ),
    on_records(
        "letters",
        "send",
        "says how the letter went and what shows it: the other side has its hours from then",
        &[WAY, PROOF, AT],
        TRACERS,
    ),
    on_records("letters", "drop", "does not send the letter after all", &[REASON], TRACERS),
    on_records(
        "letters",
        "answered",
        "says how our answer to a letter of another jurisdiction went; everybody in it was answered for before",
        &[WAY, PROOF, AT],
        DESK,
    ),
    on_records(
        "letter_people",
        "answer",
        "writes down what the other side answered for somebody in a letter of ours: by whom, and what shows it",
        &[
            must("state", OneOf(ANSWERS), "what they answered"),
            must("who", Text(200), "who answered, and of which body"),
            must("shown", Text(400), "what shows it: number of the answer, whom one can call"),
            AT,
        ],
        TRACERS,
    ),
    on_records(
        "letter_people",
        "settle",
        "settles that nobody there takes somebody over: why nothing more can be done, or what was done instead",
        &[REASON],
        TRACERS,
    ),
    on_records(
        "letter_people",
        "forward",
        "asks another jurisdiction after somebody whom the first one does not take over: they go into a letter to it",
        &[
            must("side", Text(120), "the other jurisdiction by name"),
            may("side_code", Text(12), "its code, if known"),
            may("address", Text(200), "where they live there; empty means as told before"),
        ],
        TRACERS,
    ),
    on_records(
        "letter_people",
        "match",
        "confirms who of our roster somebody in a letter to us is: they are listed as a contact, and what follows is decided as for every contact",
        &[
            must("person", Id, "who it is, on our roster"),
            may("grounds", Text(400), "how that is known; needed where neither document nor telephone is the same"),
        ],
        &[DistrictCommand],
    ),
    on_records(
        "letter_people",
        "tell",
        "says what we answer for somebody in a letter to us who is not confirmed: not found, lives elsewhere, or too little was told",
        &[
            must("state", OneOf(OUR_ANSWERS), "what we answer"),
            must(
                "grounds",
                Text(400),
                "how was looked; where they live, if elsewhere; what is missing, if too little was told",
            ),
            AT,
        ],
        &[DistrictCommand],
    ),
];
