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
        /// A case, until somebody is with them or has them on the line.
        Reach = "reach",
        /// A case, until the core facts of it are known.
        Facts = "facts",
        /// A case, until its contacts are listed.
        Investigate = "investigate",
        /// A letter to or from another jurisdiction, until it is answered; somebody in one whom nobody takes over, until that is settled.
        Letters = "letters",
        /// A positive, until admitted to a bed or cared for at home by a decision.
        Move = "move",
        /// A contact, until at the place of isolation that the decision names; somebody who is free, until the ride home is over.
        Place = "place",
        /// Somebody who was sent outside the city, from the departure until they are back, or free there.
        Away = "away",
        /// A crew of which nobody has heard, or somebody whom it did not find or could not take, until the dispatch has called.
        Call = "call",
        /// A contact in follow-up, until somebody spoke to them that day.
        Follow = "follow",
        /// A person under an order or with symptoms, until the test that is due is taken.
        Retest = "retest",
        /// An order, until it ends.
        Release = "release",
        /// An area, until it is released.
        Reopen = "reopen",
        /// A bed, until clean.
        Clean = "clean",
        /// A household bound by an order, until the day's parcel is at the door.
        Supply = "supply",
        /// A household that is bound and has asked for nothing, until somebody has spoken to them.
        Ask = "ask",
        /// An emergency, until somebody has decided which help goes.
        Decide = "decide",
        /// An emergency that was decided, until the person is where help is.
        Help = "help",
        /// A regular treatment of somebody who is bound, until they had it.
        Treat = "treat",
        /// A request, until the person confirms the answer.
        Answer = "answer",
        /// What a district, an employer or a site owes (a report, a directive, tests of its people), until the evidence stands.
        Fulfil = "fulfil",
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

/// To whom an overdue item goes: to the district of its division as soon as its deadline has passed, to the city when a
/// whole day has passed since. `None` while there is time left, or no deadline. The owner stays the owner: escalation
/// adds somebody who must see to it.
pub fn escalation(item: &OpenItem, now: Instant, city: &DivisionCode) -> Option<Owner> {
    const TO_CITY_AFTER_HOURS: i64 = 24;
    let due = item.due_at.filter(|due| *due <= now)?;
    let code = if due.plus_hours(TO_CITY_AFTER_HOURS) <= now { city.clone() } else { item.division.district() };
    Some(Owner { party: Party::Division, name: code.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_overdue_item_goes_to_the_district_and_after_a_day_to_the_city() {
        let city: DivisionCode = "50".parse().unwrap();
        let at = |hours| Instant::from_micros(0).plus_hours(hours);
        let item = |due_at| OpenItem {
            worklist: Worklist::Move,
            subject: "C1".into(),
            division: "500103013006".parse().unwrap(),
            owner: Owner { party: Party::Site, name: "TH1".into() },
            opened_at: at(0),
            due_at,
            reason: String::new(),
        };
        for (due, now, to) in [
            (None, 1_000, None),
            (Some(10), 9, None),
            (Some(10), 10, Some("500103")),
            (Some(10), 33, Some("500103")),
            (Some(10), 34, Some("50")),
        ] {
            let found = escalation(&item(due.map(at)), at(now), &city).map(|owner| owner.name);
            assert_eq!(found.as_deref(), to, "due {due:?}, now {now}");
        }
    }

    proptest! {
        #[test]
        fn a_line_balances_after_any_movements_and_tells_a_lost_item(
            opening in 0u64..50, moves in proptest::collection::vec(0usize..3, 0..200), lost in 0u64..3
        ) {
            let mut line = Balance::empty(Worklist::Test, "500103".parse().unwrap());
            line.opening = opening;
            let mut open = opening;
            for kind in moves {
                // an item can only leave when one is there
                match Movement::ALL[kind] {
                    Movement::Received => open += 1,
                    _ if open == 0 => continue,
                    _ => open -= 1,
                }
                line.post(Movement::ALL[kind]);
            }
            line.closing = open.saturating_sub(lost);
            prop_assert_eq!(line.balances(), open.saturating_sub(lost) == open);
        }
    }
}
