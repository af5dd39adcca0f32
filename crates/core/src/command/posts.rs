//! What command posts, tracers and laboratories decide: cases, people, rounds, results, the books, and what is owed. Declarations only.

use super::*;

/// See [`super::COMMANDS`].
pub(super) const COMMANDS: &[Command] = &[
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
        "cases",
        "tell_place",
        "asks that the public is told of a place where the case was together with people whom nobody knows; a second person lists it",
        &[
            must("place", Text(80), "place, and nothing of anybody"),
            must("from", Moment, "from when the case was there"),
            must("until", Moment, "until when"),
            must("unknown", Whole(0, 1_000_000), "people who were there and whom nobody knows, about; of 0 no place is told"),
        ],
        &[DistrictCommand, Tracer],
    ),
    on_records(
        "exposure_sites",
        "approve",
        "lists the place for 14 days, as a second person: the public is told of place and time",
        &[],
        &[CityCommand, DistrictCommand],
    )
    .stepped_up(),
    on_records(
        "exposure_sites",
        "refuse",
        "refuses to tell of the place, as a second person",
        &[REASON],
        &[CityCommand, DistrictCommand],
    ),
    on_records(
        "exposure_sites",
        "withdraw",
        "takes the place from the list: everybody is known by now, or it was wrong",
        &[REASON],
        &[CityCommand, DistrictCommand, Tracer],
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
                may("places", Text(20_000), "or those who are due at key places on the day: ids, separated by ';'"),
                must("pool_size", Whole(1, 20), "swabs in one tube at most"),
                may("ground", OneOf(Ground::NAMES), "ground on which more than an area is tested"),
                may("swab_price", Real(0.0, 1_000_000.0), "price of taking a swab: staff, material and the way of the tubes"),
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
        "approve",
        "says that an edition may go out; never by whoever drafted it, and two have to",
        &[],
        &[CityCommand, PublicInformation],
    )
    .stepped_up(),
    on_records(
        "bulletins",
        "publish",
        "publishes an edition that two others approved at its permanent address",
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
    .stepped_up(),
    Command {
        records: false,
        ..on_records(
            "obligations",
            "direct",
            "asks something of districts, until evidence ends it",
            &[
                must("districts", Text(4_000), "districts: codes, separated by ';'"),
                must("asked", Text(400), "what is asked"),
                may("proof", Text(200), "what counts as evidence"),
                may("until", Moment, "until when; empty means the end of the day"),
                may("party", OneOf(Party::NAMES), "which of the four parties owes it; empty means the district itself"),
                may("owner", Text(80), "who of them: the department, site or individual"),
            ],
            &[CityCommand],
        )
    },
    on_records(
        "obligations",
        "show",
        "shows the evidence that something was done; who asked for it looks at it and ends the obligation",
        &[must("shown", Text(400), "what shows that it was done, and where it can be looked at")],
        &[DistrictCommand, CommunityWorker],
    ),
    on_records(
        "obligations",
        "end",
        "the evidence holds: the obligation ends; never by who showed it",
        &[],
        &[CityCommand],
    ),
    on_records("obligations", "return", "the evidence does not hold: the obligation stays owed", &[REASON], &[CityCommand]),
    on_records("obligations", "drop", "nobody owes it any more, with a reason", &[REASON], &[CityCommand]),
    Command {
        records: false,
        ..on_records(
            "reports",
            "sign",
            "signs the report of the district on its day; figures are those of the books at this moment",
            &[
                may("day", Day, "day; empty means the open day of the books"),
                must("situation", Text(2_000), "how things stand"),
                must("done", Text(2_000), "what was done"),
                must("next_steps", Text(2_000), "what comes next"),
            ],
            &[DistrictCommand],
        )
    }
    .stepped_up(),
    on_records(
        "reports",
        "correct",
        "signs another edition that stands in the place of this one and says what it corrects; this one stays as it is",
        &[
            must("situation", Text(2_000), "how things stand"),
            must("done", Text(2_000), "what was done"),
            must("next_steps", Text(2_000), "what comes next"),
            must("correction", Text(400), "what is corrected, and why"),
        ],
        &[DistrictCommand],
    )
    .stepped_up(),
    on_records(
        "doubts",
        "resolve",
        "corrects the value of a row kept aside and takes the row, or drops it with a reason",
        &[
            may("value", Text(400), "the corrected value; empty drops the row"),
            may("reason", Text(400), "why it is dropped"),
        ],
        &[CityCommand, DistrictCommand, Laboratory],
    )
    .under(Load::Intake),
];
