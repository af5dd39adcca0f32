//! Rounds, tubes and whose swabs they hold, laboratories with their runs, and results. Facts, declared like the other tables of a day
//! folder.

use super::{Kind::*, Table, may, must};
use crate::{
    protocol::Ground,
    roster::{KeyGroup, Known},
    screening::{Finding, Purpose, Version},
};

/// Laboratories.
pub const LABORATORIES: Table = Table {
    name: "laboratories",
    about: "a laboratory inside or outside the city",
    key: &["laboratory"],
    required: true,
    columns: &[
        must("laboratory", Id, "id of the laboratory"),
        must("name", Text(80), "name"),
        must("in_city", OneOf(Known::NAMES), "whether it stands in the city"),
        may("division", Division, "division it stands in"),
        may("tubes_a_day", Whole(0, 100_000_000), "validated capacity"),
        may("lon", Real(-180.0, 180.0), "longitude, WGS-84 degrees; empty means the seat of its division"),
        may("lat", Real(-90.0, 90.0), "latitude, WGS-84 degrees"),
        may(
            "tubes_an_hour",
            Whole(1, 10_000_000),
            "tubes that it takes into work in an hour; empty means a 24th of a day's",
        ),
        may(
            "opens_min",
            Whole(0, 1_440),
            "minute of the day from which it takes tubes into work; empty means midnight",
        ),
        may("closes_min", Whole(0, 1_440), "and until which; before opens_min means the next day"),
        may("turnaround_min", Whole(1, 10_080), "minutes from work to result; empty means 240"),
        may("price", Real(0.0, 1_000_000_000.0), "price of the test of a tube"),
        may("travel_min", Whole(0, 10_080), "minutes to it from anywhere, where the way is no matter of distance"),
    ],
};

/// Runs of instruments.
pub const RUNS: Table = Table {
    name: "runs",
    about: "a run of an instrument in a laboratory, as its own file tells it",
    key: &["laboratory", "run"],
    required: false,
    columns: &[
        must("laboratory", Id, "laboratory"),
        must("run", Id, "run of the instrument, as results name it"),
        may("lot", Id, "lot of the reagents"),
        may("started_at", Moment, "when it began"),
        may("ended_at", Moment, "when it had ended"),
        may("wells", Whole(1, 10_000), "wells with samples of people"),
        may("positive_control", OneOf(Finding::NAMES), "what the positive control showed"),
        may("negative_control", OneOf(Finding::NAMES), "what the negative control showed"),
    ],
};

/// Tubes.
pub const TUBES: Table = Table {
    name: "tubes",
    about: "a tube with the swabs of one or more people",
    key: &["tube"],
    required: true,
    columns: &[
        must("tube", Id, "bar code"),
        must("division", Division, "where it was filled"),
        must("purpose", OneOf(Purpose::NAMES), "why it was taken"),
        must("size", Whole(1, 20), "how many swabs it is meant for (1, 5, 10 or 20)"),
        may("site", Text(40), "sampling site"),
        must("collected_at", Moment, "when it was closed"),
        may("laboratory", Id, "where it was sent"),
        may("sent_at", Moment, "when it left the site"),
        may("received_at", Moment, "when the laboratory counted it in"),
    ],
};

/// Members of tubes.
pub const MEMBERS: Table = Table {
    name: "members",
    about: "a person whose swab is in a tube",
    key: &["tube", "person"],
    required: true,
    columns: &[
        must("tube", Id, "bar code of the tube"),
        must("person", Id, "person; one who is not on the roster is kept and asked after"),
    ],
};

/// Results.
pub const RESULTS: Table = Table {
    name: "results",
    about: "a version of a laboratory's result for a tube",
    // a laboratory that says two things of one moment has said both: neither may win by coming first
    key: &["laboratory", "tube", "version", "reported_at", "finding"],
    required: true,
    columns: &[
        must("laboratory", Id, "laboratory that reports"),
        must("tube", Id, "bar code of the tube"),
        must("version", OneOf(Version::NAMES), "P preliminary, F final, C corrected, W wrong, D deleted"),
        must("finding", OneOf(Finding::NAMES), "finding; for W and D what is taken back"),
        may("ct_n", Real(0.0, 60.0), "Ct of gene N"),
        may("ct_orf", Real(0.0, 60.0), "Ct of gene ORF1ab"),
        may("run", Id, "run of the instrument"),
        must("reported_at", Moment, "when the laboratory released it"),
        may("ct_ic", Real(0.0, 60.0), "Ct of the internal control, which every tube with a swab has"),
    ],
};

/// Rounds of sampling.
pub const ROUNDS: Table = Table {
    name: "rounds",
    about: "a round of sampling, as it was planned",
    key: &["round"],
    required: false,
    columns: &[
        must("round", Id, "id of the round"),
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
    ],
};
