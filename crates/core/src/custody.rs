//! Chain of custody of tubes: packed into boxes at the site, handed to courier runs, counted in by laboratories. Pure: where a
//! tube is follows from the set of what was said of it and of its box, so the order in which rows come does not matter; and
//! for every box `tubes = at the site + on the way + received + missing + broken`, because each tube is in one state by name.

mod settle;
#[cfg(test)]
mod tests;

pub use settle::settle;

use crate::{divisions::DivisionCode, terms, time::Instant};
use std::collections::BTreeMap;

terms! {
    /// What happened to a box as a whole.
    BoxStep {
        /// It left the site with a courier run, counted.
        Sent = "sent",
        /// A laboratory took it over and counted it.
        Received = "received",
        /// The laboratory counted again: a correction of its count.
        Recounted = "recounted",
        /// The courier or the site says that it is lost.
        Lost = "lost",
    }
}

terms! {
    /// What was found of one tube when a box was opened. Of two words of the same moment the later one here stands.
    TubeWord {
        /// It is there: found again, or in a box that it was not packed in.
        Found = "found",
        Missing = "missing",
        Broken = "broken",
    }
}

terms! {
    /// Where a tube is.
    TubeState {
        /// In a box that has not left the site.
        Packed = "packed",
        /// Handed to a courier, and not counted in by name or by a count that agrees.
        Underway = "underway",
        /// A laboratory has it.
        Received = "received",
        /// Not there when the box was opened, or lost with its box.
        Missing = "missing",
        Broken = "broken",
    }
}

impl TubeState {
    /// Whether no laboratory will ever answer for it, as things stand.
    pub const fn lost(self) -> bool {
        matches!(self, TubeState::Missing | TubeState::Broken)
    }
}

terms! {
    /// Where a box is.
    BoxState {
        Packed = "packed", Underway = "underway",
        /// Received, and every tube of it is there.
        Received = "received",
        /// Received, and tubes are missing or broken, or the count is not what was packed.
        Differs = "differs",
        Lost = "lost",
    }
}

/// A tube was put into a box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packing {
    /// Box.
    pub code: String,
    /// Number of the tube.
    pub tube: i64,
    /// When.
    pub at: Instant,
}

/// A box was handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Box.
    pub code: String,
    /// What happened.
    pub step: BoxStep,
    /// When.
    pub at: Instant,
    /// Division of the site that it comes from.
    pub division: DivisionCode,
    /// Laboratory to which it goes, or which has it.
    pub laboratory: String,
    /// Courier run.
    pub run: Option<String>,
    /// Tubes counted; of what was received the whole ones.
    pub counted: Option<i64>,
    /// Who said so.
    pub by: String,
}

/// Something was found of a tube when a box was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Box that was opened.
    pub code: String,
    /// Number of the tube.
    pub tube: i64,
    /// What.
    pub word: TubeWord,
    /// When.
    pub at: Instant,
    /// Laboratory that says so.
    pub laboratory: String,
}

/// What is known of a tube apart from its boxes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tube {
    /// Bar code.
    pub name: String,
    /// Where it was filled.
    pub division: DivisionCode,
    /// Sampling site.
    pub site: Option<String>,
    /// When it was closed.
    pub collected_at: Instant,
    /// When a laboratory counted it in by name.
    pub received_at: Option<Instant>,
    /// When a result that counts was released: a laboratory had it then, whatever was said of it.
    pub resulted_at: Option<Instant>,
    /// People in it.
    pub members: i64,
}

/// Everything that was said of some boxes and of every tube that has to do with them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Packings.
    pub packings: Vec<Packing>,
    /// Hand-overs.
    pub moves: Vec<Move>,
    /// Words on single tubes.
    pub checks: Vec<Check>,
    /// Tubes by number.
    pub tubes: BTreeMap<i64, Tube>,
}

/// Where a tube stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TubeStand {
    /// The box it belongs to: that in which it was packed last.
    pub code: String,
    /// State.
    pub state: TubeState,
    /// Since when.
    pub at: Instant,
    /// Laboratory that has it, or to which it goes.
    pub laboratory: Option<String>,
    /// When it left the site.
    pub sent_at: Option<Instant>,
    /// When a laboratory had it, once one has.
    pub received_at: Option<Instant>,
}

/// Where a box stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoxStand {
    /// Division that it comes from.
    pub division: DivisionCode,
    /// Sampling site.
    pub site: Option<String>,
    /// State.
    pub state: BoxState,
    /// Laboratory.
    pub laboratory: Option<String>,
    /// Courier run.
    pub run: Option<String>,
    /// When its first tube was packed.
    pub packed_at: Option<Instant>,
    /// When it left the site.
    pub sent_at: Option<Instant>,
    /// When a laboratory took it over.
    pub received_at: Option<Instant>,
    /// Tubes counted when it left.
    pub counted_sent: Option<i64>,
    /// Whole tubes counted when it arrived.
    pub counted_received: Option<i64>,
    /// Tubes of the box by state, in the order of [`TubeState::ALL`].
    pub tubes: [i64; TubeState::ALL.len()],
    /// When the oldest tube was closed of which nobody knows yet where it is.
    pub oldest: Option<Instant>,
    /// How much was said of it: rows of every kind.
    pub facts: i64,
}

impl BoxStand {
    /// Tubes in a state.
    pub const fn of(&self, state: TubeState) -> i64 {
        self.tubes[state as usize]
    }
    /// Tubes that belong to it.
    pub fn all(&self) -> i64 {
        self.tubes.iter().sum()
    }
}

terms! {
    /// What a person has to clear up.
    DoubtKind {
        /// The laboratory's count and the tubes by name do not agree.
        Count = "count",
        /// The site's count and the tubes packed by name do not agree.
        SentCount = "sent",
        /// Received, and nobody has sent it.
        Unsent = "unsent",
        /// Sent or received more than once.
        Twice = "twice",
        /// Received by another laboratory than it was sent to.
        Laboratory = "laboratory",
        /// Lost, and not found yet.
        Lost = "lost",
        /// A tube turned up in a box in which it was not packed.
        Elsewhere = "elsewhere",
        /// A tube was packed in more than one box, and nobody has found it in one of them yet.
        TwoBoxes = "two_boxes",
        /// A tube without anybody in it.
        Empty = "empty",
    }
}

impl DoubtKind {
    /// Whether facts that come later end it; the others end by a person's word.
    pub const fn ends_by_itself(self) -> bool {
        !matches!(self, DoubtKind::Twice | DoubtKind::Laboratory | DoubtKind::Elsewhere)
    }
    /// Whether it is of a tube, and not of a box.
    pub const fn of_a_tube(self) -> bool {
        matches!(self, DoubtKind::Elsewhere | DoubtKind::TwoBoxes | DoubtKind::Empty)
    }
}

/// Something that a person has to clear up, with its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// What.
    pub kind: DoubtKind,
    /// Box.
    pub code: String,
    /// Tube, where it is about one.
    pub tube: Option<i64>,
    /// Since when.
    pub since: Instant,
    /// What was found and what to do.
    pub text: String,
}

/// Where tubes and boxes stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Custody {
    /// Tubes by number.
    pub tubes: BTreeMap<i64, TubeStand>,
    /// Boxes by code.
    pub boxes: BTreeMap<String, BoxStand>,
    /// What a person has to clear up, in order of box, kind and tube.
    pub doubts: Vec<Doubt>,
}

/// From when on something with a deadline is shown as late soon: when three quarters of its time have passed.
pub fn soon(since: Instant, due: Instant) -> Instant {
    const SHARE: (i64, i64) = (3, 4);
    let time = (due.micros() - since.micros()).max(0);
    Instant::from_micros(since.micros() + time / SHARE.1 * SHARE.0)
}

/// The value below which a share of sorted values lie, by the nearest rank.
pub fn percentile(sorted: &[i64], hundredths: usize) -> Option<i64> {
    let rank = (sorted.len() * hundredths).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}
