//! Emergencies: one ticket, one owner, no relays (R08). Pure: which requests open a ticket, whom its clock rings, and what may be
//! said of it as it stands. It guarantees that nothing here can be asked of a test, a status, an order or a debt, because nothing
//! of the kind is known here; and that no step but help, or the word of the person, ends a ticket: a refusal does not.

use crate::{
    access::Role,
    terms,
    time::{Instant, SECOND},
    welfare::RequestKind,
};

/// Kinds of request that are a matter of minutes: each opens a ticket the moment it is known. (R08; a birth
/// under way is an emergency, and so is an exit that is barred: R10, I20.)
pub const TICKETED: &[RequestKind] = &[RequestKind::Emergency, RequestKind::Labour, RequestKind::Exit];

/// While nobody has decided, the next tier is rung so often, in seconds (R08: a decision within 60 seconds, else the next tier).
pub const RING_EVERY_S: i64 = 60;

terms! {
    /// Who is rung, one after the other.
    Tier {
        /// Whoever takes calls and looks after the community.
        Community = "community",
        /// The command post of the district too.
        District = "district",
        /// The command post of the city too.
        City = "city",
    }
}

terms! {
    /// What was decided.
    Help {
        /// An ambulance is sent.
        Ambulance = "ambulance",
        /// The person is brought by another vehicle, at once.
        Brought = "brought",
        /// A doctor goes to the door.
        Visit = "visit",
    }
}

terms! {
    /// What is said of a ticket.
    Step {
        /// Somebody has taken it on themselves.
        Taken = "taken",
        /// Its owner has decided which help goes.
        Decided = "decided",
        /// A hospital has said that it takes the person.
        Accepted = "accepted",
        /// The way out of the building is open: lift or stairs, door, gate.
        WayOut = "way_out",
        /// The vehicle that goes.
        Vehicle = "vehicle",
        /// Who goes with the person.
        Escort = "escort",
        /// The person has left with help, or help has left for them.
        Departed = "departed",
        /// A named clinician refused: an incident, and no end.
        Refused = "refused",
        /// The person is where help is.
        Helped = "helped",
        /// The person, or whoever is with them, said that no help is needed.
        StoodDown = "stood_down",
        /// The person confirmed the answer to their request.
        Confirmed = "confirmed",
    }
}

terms! {
    /// How a ticket stands: read from its steps, never set.
    TicketState { Waiting = "waiting", Underway = "underway", Ended = "ended" }
}

impl Step {
    /// Whether it ends a ticket.
    pub const fn ends(self) -> bool {
        matches!(self, Step::Helped | Step::StoodDown | Step::Confirmed)
    }
}

impl Tier {
    /// From when a tier is rung for a ticket that nobody has decided.
    pub fn rung_from(self, opened: Instant) -> Instant {
        Instant::from_micros(opened.micros() + self as i64 * RING_EVERY_S * SECOND)
    }

    /// Who is rung for a ticket that has waited from `opened` to `now`. It only rises, and does not depend on when one looks.
    pub fn at(opened: Instant, now: Instant) -> Tier {
        Tier::ALL.iter().rev().copied().find(|tier| tier.rung_from(opened) <= now).unwrap_or(Tier::Community)
    }

    /// Whether somebody of a role hears a ticket that has come this far.
    pub const fn rings(self, role: Role) -> bool {
        match role {
            Role::CommunityWorker | Role::Hotline | Role::Dispatcher => true,
            Role::DistrictCommand => matches!(self, Tier::District | Tier::City),
            Role::CityCommand => matches!(self, Tier::City),
            _ => false,
        }
    }
}

/// Why something cannot be said of a ticket as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Barred {
    /// It has ended.
    Ended(Step),
    /// Somebody else has it, and there is time left or they have decided: it can be taken over with a reason.
    Owned(String),
    /// Nobody has decided yet, and this comes after a decision.
    Undecided,
}

/// A ticket as far as its rules go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Since when it waits.
    pub opened_at: Instant,
    /// Who has it, and since when.
    pub owner: Option<(String, Instant)>,
    /// When somebody decided.
    pub decided_at: Option<Instant>,
    /// How and when it ended.
    pub ended: Option<(Step, Instant)>,
}

/// Who says something of a ticket.
#[derive(Clone, Copy, Debug)]
pub struct Speaker<'a> {
    /// Account.
    pub account: &'a str,
    /// A hospital speaks for itself: it accepts, refuses and admits, and owns no ticket.
    pub hospital: bool,
    /// Whether they gave a reason.
    pub reason: bool,
}

impl Standing {
    /// A ticket that was just opened.
    pub const fn opened(opened_at: Instant) -> Self {
        Standing { opened_at, owner: None, decided_at: None, ended: None }
    }

    /// How it stands.
    pub const fn state(&self) -> TicketState {
        match (&self.ended, &self.decided_at) {
            (Some(_), _) => TicketState::Ended,
            (None, Some(_)) => TicketState::Underway,
            (None, None) => TicketState::Waiting,
        }
    }

    /// Whether its owner has let the time for a decision pass: then anybody takes it over without asking.
    pub fn is_slept_on(&self, now: Instant) -> bool {
        let since = self.owner.as_ref().map(|(_, since)| *since);
        self.decided_at.is_none() && since.is_some_and(|since| now.micros() - since.micros() >= RING_EVERY_S * SECOND)
    }

    /// Says something of the ticket; how it stands then. Whoever decides about a ticket that nobody has takes it by that: in an
    /// emergency nobody does two things where one will do.
    pub fn step(&self, step: Step, by: Speaker<'_>, now: Instant) -> Result<Standing, Barred> {
        if let Some((how, _)) = self.ended {
            return Err(Barred::Ended(how));
        }
        let mut next = self.clone();
        let by_hospital = by.hospital && matches!(step, Step::Accepted | Step::Refused | Step::Helped);
        let bystander = by_hospital || matches!(step, Step::Refused | Step::Confirmed);
        match &self.owner {
            Some((owner, _)) if owner == by.account => {}
            // nobody gives a ticket away: it changes hands only to somebody who is there and takes it
            Some((owner, _)) if step == Step::Taken => {
                if !by.reason && !self.is_slept_on(now) {
                    return Err(Barred::Owned(owner.clone()));
                }
                next.owner = Some((by.account.to_owned(), now));
            }
            Some((owner, _)) if !bystander => return Err(Barred::Owned(owner.clone())),
            None if !bystander => next.owner = Some((by.account.to_owned(), now)),
            _ => {}
        }
        match step {
            Step::Departed if self.decided_at.is_none() => return Err(Barred::Undecided),
            Step::Decided if self.decided_at.is_none() => next.decided_at = Some(now),
            step if step.ends() => next.ended = Some((step, now)),
            _ => {}
        }
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Instant {
        Instant::from_micros(second * SECOND)
    }

    fn by(account: &str) -> Speaker<'_> {
        Speaker { account, hospital: false, reason: false }
    }

    #[test]
    fn the_next_tier_is_rung_each_minute() {
        for (now, tier) in [
            (0, Tier::Community),
            (59, Tier::Community),
            (60, Tier::District),
            (119, Tier::District),
            (120, Tier::City),
            (9_000, Tier::City),
        ] {
            assert_eq!(Tier::at(at(0), at(now)), tier, "{now}");
        }
        let hears = |tier: Tier| Role::ALL.iter().filter(|role| tier.rings(**role)).count();
        assert_eq!(Tier::ALL.iter().map(|tier| hears(*tier)).collect::<Vec<_>>(), [3, 4, 5]);
    }

    #[test]
    fn whoever_decides_about_a_ticket_that_nobody_has_takes_it() {
        let ticket = Standing::opened(at(0)).step(Step::Decided, by("anna"), at(20)).unwrap();
        assert_eq!(ticket.owner, Some(("anna".to_owned(), at(20))));
        assert_eq!(ticket.state(), TicketState::Underway);
        assert_eq!(ticket.step(Step::Vehicle, by("bo"), at(25)), Err(Barred::Owned("anna".to_owned())));
        assert_eq!(ticket.step(Step::Taken, by("bo"), at(25)), Err(Barred::Owned("anna".to_owned())));
        let with_reason = Speaker { reason: true, ..by("bo") };
        assert_eq!(ticket.step(Step::Taken, with_reason, at(25)).unwrap().owner, Some(("bo".to_owned(), at(25))));
    }

    #[test]
    fn a_ticket_that_its_owner_sleeps_on_is_anybodys() {
        let ticket = Standing::opened(at(0)).step(Step::Taken, by("anna"), at(10)).unwrap();
        assert_eq!(ticket.step(Step::Taken, by("bo"), at(69)), Err(Barred::Owned("anna".to_owned())));
        assert_eq!(ticket.step(Step::Taken, by("bo"), at(70)).unwrap().owner, Some(("bo".to_owned(), at(70))));
    }

    #[test]
    fn a_refusal_ends_nothing() {
        let ticket = Standing::opened(at(0));
        let hospital = Speaker { account: "h", hospital: true, reason: true };
        assert_eq!(ticket.step(Step::Refused, hospital, at(5)).unwrap(), ticket);
        assert_eq!(ticket.step(Step::Refused, by("anna"), at(5)).unwrap(), ticket);
    }

    proptest! {
        /// Whatever is said by whomever in whatever order: one owner at a time, a decision is made once and stays, what has ended stays
        /// ended, only help or the person's word ends it, and who is refused a word has changed nothing.
        #[test]
        fn a_ticket_has_one_owner_and_ends_by_help_alone(
            words in proptest::collection::vec((0usize..Step::ALL.len(), 0usize..3, any::<bool>(), any::<bool>(), 0i64..90), 0..60)
        ) {
            let accounts = ["anna", "bo", "chen"];
            let (mut now, mut ticket) = (at(0), Standing::opened(at(0)));
            for (step, who, hospital, reason, later) in words {
                now = Instant::from_micros(now.micros() + later * SECOND);
                let (step, account) = (Step::ALL[step], accounts[who]);
                let before = ticket.clone();
                let told = ticket.step(step, Speaker { account, hospital, reason }, now);
                let Ok(next) = told else { continue };
                prop_assert!(before.ended.is_none());
                prop_assert!(before.decided_at.is_none() || next.decided_at == before.decided_at);
                prop_assert_eq!(next.ended.is_some(), step.ends());
                prop_assert!(step != Step::Refused || next == before);
                if let (Some((was, _)), Some((is, since))) = (&before.owner, &next.owner) {
                    // it went to the one who took it, by nobody else's hand, and not from under an owner at work without a reason
                    prop_assert!(was == is || (step == Step::Taken && is == account && *since == now
                        && (reason || before.is_slept_on(now))));
                }
                prop_assert!(before.owner.is_none() || next.owner.is_some());
                prop_assert!(next.decided_at.is_none() || next.owner.is_some());
                ticket = next;
            }
        }
    }
}
