//! What people can do: every command of the stations, declared once. From a declaration follow its REST path, its form in
//! the console, the check of what was given, its part of the OpenAPI document, who may do it, and when it is shed under
//! load. Pure data; `ops::desk` carries commands out, one transaction each, on one record or on many alike.

use crate::{
    access::Role::{self, *},
    books::{Movement, Party},
    measures::{AppealWay, BuildingPost, NoticeWay},
    protocol::Ground,
    roster::{KeyGroup, Presence},
    schema::{Column, Kind::*, may, must},
    screening::Purpose,
    terms,
    urgent::{Help, Step},
    welfare::{AskWay, DoorProof},
};

mod letters;
mod line;
mod messages;
mod posts;

mod evidence;
mod moving;

pub use evidence::{EVIDENCE, givers};
use moving::*;

terms! {
    /// What goes first when there is too much to do (D9): the later in this list, the earlier it is turned away.
    Load {
        /// Emergency requests: never.
        Emergency = "emergency",
        /// Samples and results.
        Intake = "intake",
        /// The work of staff.
        Work = "work",
        /// Dashboards, exports, history, public pages.
        Board = "board",
    }
}

/// A command.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// List that it acts on.
    pub on: &'static str,
    /// Verb, the last word of its path.
    pub verb: &'static str,
    /// Whether it acts on records of the list (one or many); otherwise it makes something new.
    pub records: bool,
    /// What it does, for people.
    pub about: &'static str,
    /// What it needs to know.
    pub fields: &'static [Column],
    /// Roles that may do it.
    pub roles: &'static [Role],
    /// When it is shed under load.
    pub load: Load,
    /// Whether it wants a fresh second factor (safeguards.md, section 5: step-up).
    pub step_up: bool,
}

impl Command {
    /// `LIST.VERB`, its name in events, message keys and documents.
    pub fn name(&self) -> String {
        format!("{}.{}", self.on, self.verb)
    }
    /// The command of a list and a verb.
    pub fn named(on: &str, verb: &str) -> Option<&'static Command> {
        COMMANDS.iter().find(|command| command.on == on && command.verb == verb)
    }
    /// Commands on a list.
    pub fn on(list: &str) -> impl Iterator<Item = &'static Command> {
        COMMANDS.iter().filter(move |command| command.on == list)
    }
}

const fn on_records(
    on: &'static str,
    verb: &'static str,
    about: &'static str,
    fields: &'static [Column],
    roles: &'static [Role],
) -> Command {
    Command { on, verb, records: true, about, fields, roles, load: Load::Work, step_up: false }
}

impl Command {
    const fn stepped_up(self) -> Self {
        Command { step_up: true, ..self }
    }
    const fn under(self, load: Load) -> Self {
        Command { load, ..self }
    }
}

const DESK: &[Role] = &[CityCommand, DistrictCommand];
const ITEM_WORKERS: &[Role] =
    &[CityCommand, DistrictCommand, Tracer, Dispatcher, Facility, CommunityWorker, Hotline, DataProtection];
const MOVERS: &[Role] = &[DistrictCommand, Dispatcher, Driver, Facility];
const ANSWERERS: &[Role] = &[DistrictCommand, CommunityWorker, Hotline];
/// Who acts in an emergency: whoever is there, and the tiers above.
const RESCUERS: &[Role] = &[CityCommand, DistrictCommand, Dispatcher, CommunityWorker, Hotline];
const RESCUERS_AND_HOSPITALS: &[Role] = &[CityCommand, DistrictCommand, Dispatcher, CommunityWorker, Hotline, Facility];
const CARERS: &[Role] = &[DistrictCommand, Dispatcher, CommunityWorker];
const CARERS_AND_HOSPITALS: &[Role] = &[DistrictCommand, Dispatcher, CommunityWorker, Facility];
/// Who decides appeals: the city, for what a district ordered, and reviewers from outside.
const REVIEWERS: &[Role] = &[CityCommand, Reviewer];
const PAPER_BEARERS: &[Role] = &[DistrictCommand, CommunityWorker];
/// Who carries parcels to doors.
const PARCEL_BEARERS: &[Role] = &[DistrictCommand, CommunityWorker];
const REASON: Column = must("reason", Text(400), "why");

/// Every command, in the order of the lists.
pub const COMMANDS: &[Command] =
    &joined::<{ line::COMMANDS.len() + posts::COMMANDS.len() + letters::COMMANDS.len() + messages::COMMANDS.len() }>();

/// One after the other, so that they stand in files of their own.
const fn joined<const N: usize>() -> [Command; N] {
    let mut all = [line::COMMANDS[0]; N];
    let mut n = 0;
    while n < N {
        const POSTS: usize = line::COMMANDS.len() + posts::COMMANDS.len();
        const LETTERS: usize = POSTS + letters::COMMANDS.len();
        all[n] = if n < line::COMMANDS.len() {
            line::COMMANDS[n]
        } else if n < POSTS {
            posts::COMMANDS[n - line::COMMANDS.len()]
        } else if n < LETTERS {
            letters::COMMANDS[n - POSTS]
        } else {
            messages::COMMANDS[n - LETTERS]
        };
        n += 1;
    }
    all
}

#[cfg(test)]
mod tests;
