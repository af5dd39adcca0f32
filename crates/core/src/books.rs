//! The arithmetic of the books. Every thing that waits for somebody is an item of a worklist, with one owner and one
//! deadline; every hand-over is a posting. For each worklist, division and day
//! `opening + received - completed - cancelled = closing`, and the closing of one day is the opening of the next.
//! Pure: the store keeps the postings, this module says what they add up to and whether it is true.

use crate::{divisions::DivisionCode, terms, time::Instant};
use serde::{Deserialize, Serialize};

terms! {
    /// What an item waits for. Order of declaration = order of the line of stations = order of printing.
    Worklist {
        /// A tube, from closing to the laboratory's door.
        Deliver = "deliver",
        /// A tube, from the laboratory's door to a final result.
        Test = "test",
        /// A member of a positive or inconclusive pool, until resolved singly (R05).
        Recall = "recall",
        /// A tube without a usable result, or a member nobody knows, until cleared up.
        Clarify = "clarify",
        /// A positive, until reported.
        Report = "report",
        /// A positive, until somebody has assessed it.
        Diagnose = "diagnose",
        /// A case, until its contacts are listed.
        Investigate = "investigate",
        /// A positive, until admitted to a bed or cared for at home by a decision.
        Move = "move",
        /// A contact, until at the place of isolation that the decision names.
        Place = "place",
        /// A person under an order, until the test due that day is taken.
        Retest = "retest",
        /// An order, until it ends.
        Release = "release",
        /// An area, until it is released.
        Reopen = "reopen",
        /// A bed, until clean.
        Clean = "clean",
        /// A household bound by an order, until the day's parcel is at the door.
        Supply = "supply",
        /// A request, until the person confirms the answer.
        Answer = "answer",
        /// Consequences of a corrected or withdrawn result, until a person has gone through them.
        Review = "review",
    }
}

terms! {
    /// The four parties, one of whom owns each item.
    Party { Division = "division", Department = "department", Site = "site", Individual = "individual" }
}

terms! {
    /// A movement of an item.
    Movement { Received = "received", Completed = "completed", Cancelled = "cancelled" }
}

/// Who answers for an item.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Owner {
    /// Which of the four parties.
    pub party: Party,
    /// Its id or name: a division code, a department, a facility or laboratory, a person's id.
    pub name: String,
}

/// One line of the ledger: one worklist in one division on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// Worklist.
    pub worklist: Worklist,
    /// Division or reporting unit (district level in the printed books).
    pub division: DivisionCode,
    /// Open at the start of the day: the closing of the day before.
    pub opening: u64,
    /// Received during the day.
    pub received: u64,
    /// Completed during the day.
    pub completed: u64,
    /// Cancelled during the day, each with a reason.
    pub cancelled: u64,
    /// Open at the end of the day, counted from the items, not computed from the flow.
    pub closing: u64,
    /// Of those, past their deadline at the end of the day.
    pub overdue: u64,
}

impl Balance {
    /// An empty line.
    pub fn empty(worklist: Worklist, division: DivisionCode) -> Self {
        Balance { worklist, division, opening: 0, received: 0, completed: 0, cancelled: 0, closing: 0, overdue: 0 }
    }
    /// What the flow says must be open: `opening + received - completed - cancelled`.
    pub fn expected(&self) -> i64 {
        self.opening as i64 + self.received as i64 - self.completed as i64 - self.cancelled as i64
    }
    /// Whether flow and count agree.
    pub fn balances(&self) -> bool {
        self.expected() == self.closing as i64
    }
    /// Adds one movement.
    pub fn post(&mut self, movement: Movement) {
        match movement {
            Movement::Received => self.received += 1,
            Movement::Completed => self.completed += 1,
            Movement::Cancelled => self.cancelled += 1,
        }
    }
}

/// One hop between stations, reconciled: what one side sent must be what the other side has, plus what is missing by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// Name of the hop, for example `tubes.sent-received`; a key of the message files.
    pub name: String,
    /// Division.
    pub division: DivisionCode,
    /// Handed over by the first side.
    pub sent: u64,
    /// Taken by the second side.
    pub received: u64,
    /// Named as missing: each is an open item.
    pub missing: u64,
}

impl Hop {
    /// Whether both sides agree.
    pub fn reconciles(&self) -> bool {
        self.sent == self.received + self.missing
    }
}

/// An item that is still open at the close of the day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenItem {
    /// Worklist.
    pub worklist: Worklist,
    /// What waits: id of the tube, person, case, order, household, request.
    pub subject: String,
    /// Division it belongs to.
    pub division: DivisionCode,
    /// Who answers for it.
    pub owner: Owner,
    /// Since when it waits.
    pub opened_at: Instant,
    /// Deadline from the protocol, if it has one.
    pub due_at: Option<Instant>,
    /// Why it is still open.
    pub reason: String,
}
