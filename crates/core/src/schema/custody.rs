//! The chain of custody as people tell it: tubes packed into boxes, boxes handed over, and what was found of single tubes. Facts,
//! declared like the other tables of a day folder.

use super::{Kind::*, Table, may, must};
use crate::custody::{BoxStep, TubeWord};

/// Tubes put into boxes.
pub const PACKINGS: Table = Table {
    name: "packings",
    about: "a tube that was put into a box; the code of a box stands for one way to a laboratory",
    key: &["box", "tube"],
    required: false,
    columns: &[
        must("box", Id, "code on the box"),
        must("tube", Id, "bar code of the tube"),
        must("at", Moment, "when it was packed"),
        must("said_by", Text(80), "who packed it"),
    ],
};

/// Boxes handed over.
pub const BOX_MOVES: Table = Table {
    name: "box_moves",
    about: "a box handed over: sent with a courier run, received by a laboratory, counted again, or lost",
    key: &["box", "step", "at"],
    required: false,
    columns: &[
        must("box", Id, "code on the box"),
        must("step", OneOf(BoxStep::NAMES), "what happened"),
        must("at", Moment, "when"),
        must("division", Division, "division of the site that it comes from"),
        must("laboratory", Id, "laboratory to which it goes, or which has it"),
        may("run", Id, "courier run"),
        may("courier", Text(80), "courier"),
        may("counted", Whole(0, 100_000), "tubes counted; of a box that was received the whole ones"),
        must("said_by", Text(80), "who says so"),
        may("note", Text(400), "what happened, in words"),
    ],
};

/// What was found of single tubes.
pub const BOX_CHECKS: Table = Table {
    name: "box_checks",
    about: "a tube that was missing or broken when a box was opened, or that was found",
    // who says two things of one moment has said both: neither may win by coming first
    key: &["box", "tube", "at", "found"],
    required: false,
    columns: &[
        must("box", Id, "code on the box that was opened"),
        must("tube", Id, "bar code of the tube"),
        must("found", OneOf(TubeWord::NAMES), "what was found"),
        must("at", Moment, "when"),
        must("laboratory", Id, "laboratory that opened the box"),
        must("said_by", Text(80), "who says so"),
        may("note", Text(400), "in words"),
    ],
};
