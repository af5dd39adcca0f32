//! What is done for people, station by station: items, moves, beds, requests and emergencies, orders and areas. Declarations only.

use super::*;

/// See [`super::COMMANDS`].
pub(super) const COMMANDS: &[Command] = &[
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
    TRANSFER_ADDRESS,
    TRANSFER_PICK_UP,
    TRANSFER_ADMIT,
    TRANSFER_CONFIRM,
    TRANSFER_RECEIVED,
    TRANSFER_FAIL,
    TRANSFER_WARD,
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
    on_records(
        "requests",
        "merge",
        "the request goes with another of the same theme, which is answered for both; it can be taken back",
        &[must("merged_into", Id, "the request that is answered for both"), REASON],
        ANSWERERS,
    ),
    on_records("requests", "part", "the request stands for itself again, and waits anew", &[REASON], ANSWERERS),
    on_records(
        "requests",
        "crisis",
        "whoever asked for counselling is in danger: an emergency is opened at once, and the request stays open beside it",
        &[],
        ANSWERERS,
    )
    .under(Load::Emergency),
    on_records(
        "requests",
        "mediate",
        "somebody mediates the dispute, by name and on a legal ground",
        &[
            must("mediator", Text(80), "who mediates: a name, and of which office; nobody who is a party to it"),
            must("law", Text(200), "legal ground"),
        ],
        ANSWERERS,
    ),
    on_records(
        "mediations",
        "note",
        "writes down what was said or done in a mediation",
        &[must("words", Text(2_000), "what was said or done")],
        ANSWERERS,
    ),
    on_records(
        "mediations",
        "settle",
        "they agreed; the person confirms the answer of the request as ever",
        &[must("agreed", Text(2_000), "what was agreed")],
        ANSWERERS,
    ),
    on_records(
        "mediations",
        "fail",
        "they did not agree; it says where it goes on, and the request stays open",
        &[must("onward", Text(400), "where it goes on: an office, a court, and by when")],
        ANSWERERS,
    ),
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
        "goods",
        "ask",
        "writes down what a household that is bound asks for; it is carried in the parcel of the day, or of the next where that is at the door",
        &[
            must("household", Id, "household"),
            may("units", Whole(1, 100), "units of each; empty means one"),
            must("way", OneOf(&[AskWay::Phone.name(), AskWay::Door.name()]), "how they said so"),
        ],
        ANSWERERS,
    )
    .under(Load::Intake),
    on_records(
        "goods",
        "price",
        "writes down what the good costs at a shop; one that lies above what it may is an item of the district",
        &[must("price_seen", Real(0.01, 1_000_000.0), "what a unit costs"), must("shop", Text(80), "where")],
        &[CityCommand, DistrictCommand, CommunityWorker],
    ),
    Command {
        on: "delivery_runs",
        verb: "plan",
        records: false,
        about: "plans who of a depot brings which parcels when, from now on; runs that have not left make room, and what was missed comes first",
        fields: &[must("depot", Id, "depot")],
        roles: &[DistrictCommand],
        load: Load::Work,
        step_up: false,
    },
    on_records(
        "delivery_runs",
        "leave",
        "the run leaves its depot; whoever is bound no more is not visited",
        &[],
        PARCEL_BEARERS,
    )
    .under(Load::Intake),
    on_records(
        "parcels",
        "deliver",
        "the parcel was put down at the door and taken in, without contact",
        &[
            must("door_proof", OneOf(DoorProof::NAMES), "how that is shown"),
            must("word_said", Text(80), "the digits that were read out, or the word that was said and by whom"),
        ],
        PARCEL_BEARERS,
    )
    .under(Load::Intake),
    on_records(
        "parcels",
        "miss",
        "nobody answered, or the parcel could not be put down: it is owed within three hours",
        &[REASON],
        PARCEL_BEARERS,
    )
    .under(Load::Intake),
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
        &[
            may("read_by", Text(80), "who read it, where it was not the person"),
            may("at", Moment, "when; empty means now"),
        ],
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
        "the order or the area binds nobody until the appeal is decided; it keeps its last day, and the decision ends this by itself",
        &[REASON],
        REVIEWERS,
    ),
    on_records(
        "areas",
        "name",
        "names who holds the keys of the building day and night, or who looks after it where no manager does",
        &[
            must("post", OneOf(BuildingPost::NAMES), "for what"),
            must("holder", Text(80), "who"),
            must("holder_phone", Text(24), "telephone at which they are reached day and night"),
        ],
        &[DistrictCommand, CommunityWorker],
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
];
