//! What people can do: every command of the stations, declared once. From a declaration follow its REST path, its form in
//! the console, the check of what was given, its part of the OpenAPI document, who may do it, and when it is shed under
//! load. Pure data; `ops::desk` carries commands out, one transaction each, on one record or on many alike.

use crate::{
    access::Role::{self, *},
    books::{Movement, Party},
    measures::{AppealWay, NoticeWay},
    protocol::Ground,
    roster::{KeyGroup, Presence},
    schema::{Column, Kind::*, may, must},
    screening::Purpose,
    terms,
    urgent::{Help, Step},
};

mod line;
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
const REASON: Column = must("reason", Text(400), "why");

/// Every command, in the order of the lists.
pub const COMMANDS: &[Command] = &joined::<{ line::COMMANDS.len() + posts::COMMANDS.len() }>();

/// One after the other, so that they stand in files of their own.
const fn joined<const N: usize>() -> [Command; N] {
    let mut all = [line::COMMANDS[0]; N];
    let mut n = 0;
    while n < N {
        all[n] = match n < line::COMMANDS.len() {
            true => line::COMMANDS[n],
            false => posts::COMMANDS[n - line::COMMANDS.len()],
        };
        n += 1;
/// Every command.
pub const COMMANDS: &[Command] = &[
    on_records(
        "items",
        "assign",
        "gives the item to a person; an empty account takes it back",
        &[may("assignee", Id, "account")],
        DESK,
    ),
    on_records("items", "take", "takes the item on oneself", &[], ITEM_WORKERS),
    on_records("items", "escalate", "passes the item up, with a reason", &[REASON], ITEM_WORKERS),
    on_records(
        "items",
        "settle",
        "ends an item that a person decides: review, clarify, investigate, call or ask",
        &[
            must("outcome", OneOf(&[Movement::Completed.name(), Movement::Cancelled.name()]), "completed or cancelled"),
            REASON,
        ],
        &[DistrictCommand, Tracer, Dispatcher, CommunityWorker, DataProtection],
    ),
    TRANSFER_CLAIM,
    TRANSFER_RELEASE,
    TRANSFER_PIN,
    TRANSFER_FORBID,
    TRANSFER_FIRST,
    TRANSFER_FREE,
    TRANSFER_PICK_UP,
    TRANSFER_ADMIT,
    TRANSFER_FAIL,
    TRANSFER_DISCHARGE,
    BED_SET,
    FACILITY_PHASE,
    FACILITY_STAFF,
    FACILITY_WARD,
    on_records(
        "requests",
        "answer",
        "says what was done; the clock stops when the person confirms, or with evidence",
        &[
            must("answer", Text(400), "what was done"),
            must("confirmed", OneOf(&["yes", "no"]), "whether the person confirmed it"),
        ],
        ANSWERERS,
    ),
    on_records("requests", "reopen", "opens an answered request again", &[REASON], ANSWERERS),
    // no field for a test, a status or a debt, and never turned away under load (R08)
    on_records(
        "tickets",
        "take",
        "takes the emergency on oneself; from somebody who has it only with a reason, or when they let the minute pass",
        &[may("reason", Text(400), "why, where somebody else has it")],
        RESCUERS,
    )
    .under(Load::Emergency),
    on_records(
        "tickets",
        "decide",
        "decides which help goes, within a minute",
        &[must("decision", OneOf(Help::NAMES), "which help goes")],
        RESCUERS,
    )
    .under(Load::Emergency),
    on_records(
        "tickets",
        "accept",
        "a hospital takes the person",
        &[must("facility", Id, "hospital"), must("clinician", Text(80), "who said so there, by name")],
        RESCUERS_AND_HOSPITALS,
    )
    .under(Load::Emergency),
    on_records(
        "tickets",
        "step",
        "notes a step: the way out, the vehicle, who goes along, the departure",
        &[
            must(
                "step",
                OneOf(&[Step::WayOut.name(), Step::Vehicle.name(), Step::Escort.name(), Step::Departed.name()]),
                "step",
            ),
            may("what", Text(200), "which way, vehicle or person"),
        ],
        RESCUERS,
    )
    .under(Load::Emergency),
    on_records(
        "tickets",
        "refuse",
        "a clinician refuses: an incident that the next level sees, and no end of the emergency",
        &[
            must("clinician", Text(80), "who refuses, by name"),
            must("reason", Text(400), "why"),
            may("facility", Id, "hospital that refuses"),
        ],
        RESCUERS_AND_HOSPITALS,
    )
    .under(Load::Emergency),
    on_records(
        "tickets",
        "help",
        "the person is where help is",
        &[may("what", Text(200), "where, and with whom")],
        RESCUERS_AND_HOSPITALS,
    )
    .under(Load::Emergency),
    on_records(
        "tickets",
        "stand-down",
        "no help is needed, as the person says, or whoever is with them",
        &[must("said", Text(80), "who said so: the person, or who is with them"), REASON],
        RESCUERS,
    )
    .under(Load::Emergency),
    on_records(
        "treatments",
        "arrange",
        "arranges a regular treatment: where, when, and the way there and back; the next ones are arranged alike",
        &[
            may("facility", Id, "hospital; empty where somebody comes to the door"),
            must("planned_at", Moment, "when"),
            must("way", Text(200), "the way there and back"),
        ],
        CARERS,
    )
    .under(Load::Intake),
    on_records("treatments", "done", "the person had the treatment", &[], CARERS_AND_HOSPITALS).under(Load::Intake),
    on_records(
        "treatments",
        "decline",
        "the person does not want the treatment; nothing else follows from it",
        &[REASON],
        CARERS,
    )
    .under(Load::Intake),
    on_records(
        "treatments",
        "refuse",
        "a clinician refuses the treatment: an incident that the next level sees; it stays due",
        &[
            must("clinician", Text(80), "who refuses, by name"),
            must("reason", Text(400), "why"),
            may("facility", Id, "hospital that refuses"),
        ],
        CARERS_AND_HOSPITALS,
    )
    .under(Load::Intake),
    on_records(
        "orders",
        "end",
        "ends an order early: shortening needs nobody else",
        &[REASON],
        &[DistrictCommand, CommunityWorker],
    ),
    on_records(
        "notices",
        "deliver",
        "the paper was handed over, posted, read out or sent",
        &[
            must(
                "way",
                OneOf(&[
                    NoticeWay::Door.name(),
                    NoticeWay::Posted.name(),
                    NoticeWay::Phone.name(),
                    NoticeWay::Message.name(),
                ]),
                "how it reached them",
            ),
            may("taken_by", Text(80), "who took it, where it was not the person"),
            may("at", Moment, "when; empty means now"),
        ],
        PAPER_BEARERS,
    ),
    on_records(
        "notices",
        "read",
        "somebody has read the paper, or it was read out to them",
        &[may("read_by", Text(80), "who read it, where it was not the person"), may("at", Moment, "when; empty means now")],
        PAPER_BEARERS,
    ),
    on_records(
        "notices",
        "return",
        "the paper came back: nobody opened, or nobody took it; it is still owed, and nothing else follows from it",
        &[REASON, may("at", Moment, "when; empty means now")],
        PAPER_BEARERS,
    ),
    on_records(
        "areas",
        "widen",
        "asks for further buildings around the area, on fresh evidence; a higher duty decides",
        &[
            must("evidence", Id, "case on which it rests"),
            must("ground", OneOf(Ground::NAMES), "ground on which an area may be wider"),
            must("until", Day, "last day"),
            REASON,
        ],
        &[DistrictCommand],
    ),
    on_records(
        "areas",
        "extend",
        "asks for further days of the area, on fresh evidence; a higher duty decides",
        &[must("evidence", Id, "case on which it rests"), must("until", Day, "last day"), REASON],
        &[DistrictCommand],
    ),
    on_records(
        "orders",
        "appeal",
        "writes down what somebody says against the order; another unit decides within a day",
        &[must("way", OneOf(AppealWay::NAMES), "how it came in"), must("words", Text(2_000), "in the person's words")],
        &[DistrictCommand, CommunityWorker],
    ),
    on_records(
        "areas",
        "appeal",
        "writes down what somebody says against the area; another unit decides within a day",
        &[must("way", OneOf(AppealWay::NAMES), "how it came in"), must("words", Text(2_000), "in the person's words")],
        &[DistrictCommand, CommunityWorker, Hotline],
    ),
    on_records(
        "appeals",
        "uphold",
        "decides for the person: the order or area ends now; never by who ordered or filed it",
        &[REASON],
        REVIEWERS,
    ),
    on_records(
        "appeals",
        "dismiss",
        "decides against the person, with a reason that they are told; never by who ordered or filed it",
        &[REASON],
        REVIEWERS,
    ),
    on_records(
        "appeals",
        "suspend",
        "the order binds nobody until the appeal is decided; it keeps its last day, and the decision ends this by itself",
        &[REASON],
        REVIEWERS,
    ),
    on_records("areas", "release", "ends the area now: shortening needs nobody else", &[REASON], DESK),
    on_records(
        "extensions",
        "approve",
        "allows what was asked for, with the further people in view; never by who asked",
        &[REASON],
        &[CityCommand],
    )
    .stepped_up(),
    on_records("extensions", "refuse", "refuses what was asked for", &[REASON], &[CityCommand]),
    on_records(
        "cases",
        "withdraw",
        "withdraws a case whose result was taken back: its contacts of no other case wait to be released",
        &[REASON],
        &[DistrictCommand],
    ),
    on_records(
        "cases",
        "search",
        "asks for a search of who was at the places of the case; a second person approves it, and a laboratory must stand for the case",
        &[
            must("minutes", Whole(1, 1_440), "fewest minutes together at one place"),
            must("purpose", Text(400), "what it is for"),
        ],
        &[DistrictCommand, Tracer],
    ),
    on_records(
        "searches",
        "approve",
        "has the search made, as a second person; what it finds is deleted after 28 days",
        &[],
        &[DistrictCommand],
    )
    .stepped_up(),
    on_records("searches", "refuse", "refuses the search, as a second person", &[REASON], &[DistrictCommand]),
    on_records(
        "releases",
        "object",
        "puts the release of a contact off, once and to a day after the withdrawal: time to record another exposure",
        &[REASON],
        &[DistrictCommand, Tracer],
    ),
    on_records("releases", "release", "releases the contact now", &[], &[DistrictCommand, Tracer, CommunityWorker]),
    on_records(
        "people",
        "state",
        "says what is known of somebody's presence; it is added to what was said before, and nothing follows from a refusal",
        &[
            must("presence", OneOf(Presence::NAMES), "what is known; unknown takes back what was said before"),
            may("from", Moment, "from when it holds; empty means from now"),
            may("until", Moment, "until when it holds; empty means until something else is said"),
            REASON,
        ],
        &[DistrictCommand, CommunityWorker],
    ),
    on_records(
        "people",
        "merge",
        "says that the person is the same as another, who stands for both from now on; nothing is lost, and it can be split",
        &[must("into", Id, "the person who stands for both"), REASON],
        &[DistrictCommand],
    )
    .stepped_up(),
    on_records(
        "people",
        "split",
        "takes a merge back: the person stands for themselves again, with everything that came under their id",
        &[REASON],
        &[DistrictCommand],
    )
    .stepped_up(),
    on_records(
        "people",
        "distinct",
        "says that the person and another are two people; nobody is asked of them again",
        &[must("other", Id, "the other person"), REASON],
        &[DistrictCommand],
    ),
    Command {
        records: false,
        ..on_records(
            "rounds",
            "plan",
            "plans a round of sampling; what the rules forbid is refused with its clause",
            &[
                must("name", Text(80), "name"),
                must("purpose", OneOf(Purpose::NAMES), "why people are sampled"),
                must("from", Moment, "from when tubes count for it"),
                must("to", Moment, "until when tubes count for it"),
                may("divisions", Text(4_000), "whom it is for: codes of divisions, separated by ';'"),
                may("areas", Text(4_000), "and risk areas: ids, separated by ';'"),
                may("key_groups", ManyOf(KeyGroup::NAMES), "of these people, only those in a key group named here"),
                must("pool_size", Whole(1, 20), "swabs in one tube at most"),
                may("ground", OneOf(Ground::NAMES), "ground on which more than an area is tested"),
                may("despite", Text(400), "why it is to be held though a rule forbids it; the city decides"),
            ],
            DESK,
        )
    },
    on_records(
        "boxes",
        "direct",
        "means a packed box for another laboratory than was worked out; without one, for the one that is worked out",
        &[may("laboratory", Id, "laboratory; empty means the one that is worked out"), REASON],
        &[CityCommand, DistrictCommand, CommunityWorker],
    ),
    on_records("rounds", "start", "begins a planned round now, before its hour", &[], DESK),
    on_records(
        "rounds",
        "approve",
        "lets a round go ahead that the rules refused; never by who planned it",
        &[REASON],
        &[CityCommand],
    )
    .stepped_up(),
    on_records("rounds", "close", "closes a round: its figures are counted and recorded", &[], DESK),
    on_records("rounds", "cancel", "cancels a round that was not closed", &[REASON], DESK),
    // laboratories serve the whole city, and what they said is believed in all of it
    on_records(
        "laboratories",
        "suspend",
        "withholds every result of the laboratory from a moment on: those called negative are sampled anew, other results go to review",
        &[may("from", Moment, "results released from here on; empty means from now"), REASON],
        &[CityCommand],
    )
    .stepped_up(),
    on_records(
        "laboratories",
        "recall",
        "withholds the results of a lot or a run of the laboratory",
        &[
            may("lot", Id, "lot of reagents"),
            may("run", Id, "run of an instrument"),
            may("from", Moment, "results released from here on; empty means all"),
            may("until", Moment, "and until here; empty means those to come too"),
            REASON,
        ],
        &[CityCommand],
    )
    .stepped_up(),
    on_records("holds", "lift", "believes withheld results again", &[REASON], &[CityCommand]).stepped_up(),
    // one signature for the whole city, so nobody below it gives it
    on_records("days", "sign", "closes the books of the day and signs it", &[], &[CityCommand]).stepped_up(),
    on_records(
        "bulletins",
        "publish",
        "publishes an edition at its permanent address",
        &[],
        &[CityCommand, PublicInformation],
    )
    .stepped_up(),
    Command {
        records: false,
        ..on_records(
            "bulletins",
            "correct",
            "makes a new edition that supersedes the last one and says what it corrects",
            &[must("day", Day, "day"), must("correction", Text(400), "what is corrected, and why")],
            &[CityCommand, PublicInformation],
        )
    }
    all
}

#[cfg(test)]
mod tests;
