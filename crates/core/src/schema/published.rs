//! What others publish: line lists with their contacts, and the daily figures of a city or its districts, declared like the
//! tables of a day folder. A blank cell means unknown, and stays unknown.

use super::{Kind::*, Table, may, must};

/// A line list in the column scheme of the published sets (blank means unknown, and stays unknown).
pub const LINELIST: Table = Table {
    name: "linelist",
    about: "a case of a line list",
    key: &["case_id"],
    required: true,
    columns: &[
        must("case_id", Id, "id of the case"),
        may("sex", OneOf(&["F", "M", "U"]), "sex"),
        may("age", Real(0.0, 130.0), "age in years, may be decimal"),
        may("date_exposure_start", Day, "first day of exposure"),
        may("date_exposure_end", Day, "last day of exposure"),
        may("date_onset", Day, "first day of symptoms"),
        may("date_report", Day, "day of report"),
        may("date_confirmed", Day, "day of confirmation, or of the sample"),
        may("date_admitted", Day, "day of admission"),
        may("date_discharged", Day, "day of discharge"),
        may("date_death", Day, "day of death"),
        may("outcome", Text(80), "outcome, as published"),
        may("classification", Text(80), "classification, as published"),
        may("infector_id", Id, "infector, where the source names one"),
        may("place", Text(400), "place, as published"),
        may("district", Text(80), "district, as published"),
        may("cluster", Text(200), "cluster, as published"),
        may("severity", Text(80), "severity, as published"),
        may("extra", Text(4_000), "anything else, as name=value;..."),
    ],
};

/// Contact rows beside a line list.
pub const LINELIST_CONTACTS: Table = Table {
    name: "linelist_contacts",
    about: "a link between two cases of a line list",
    key: &["from", "to", "relation"],
    required: true,
    columns: &[
        must("from", Id, "infector, or one end of an undirected link"),
        must("to", Id, "infected, or the other end"),
        must("relation", Text(40), "kind of link"),
        may("setting", Text(200), "where"),
    ],
};

/// Published daily figures of a city, one row a day (blank means unknown, and stays unknown).
pub const DAILY_CASES: Table = Table {
    name: "daily_cases",
    about: "the published figures of a city for one day",
    key: &["date"],
    required: true,
    columns: &[
        must("date", Day, "day the figures are about, 0-24 h"),
        may("local_confirmed", Whole(0, 100_000_000), "new local confirmed cases, converted ones included"),
        may("local_asymptomatic", Whole(0, 100_000_000), "new local asymptomatic cases"),
        may("converted_from_asymptomatic", Whole(0, 100_000_000), "of the confirmed, converted from asymptomatic"),
        may("total_reported", Whole(0, 100_000_000), "confirmed and asymptomatic together"),
        may(
            "new_infections_excl_conversions",
            Whole(0, 100_000_000),
            "total without the converted, who were counted before",
        ),
        may("community_found_city", Whole(0, 100_000_000), "new infections found in the community, whole city"),
        may("central11_new", Whole(0, 100_000_000), "new infections in the central urban units"),
        may("central11_community", Whole(0, 100_000_000), "of those, found in the community"),
        may("source", Text(1_000), "where it was published; several separated by ' ; '"),
        may("note", Text(1_000), "what is derived or doubtful"),
    ],
};

/// Published figures of the routes by which cases were found.
pub const DISCOVERY_CHANNELS: Table = Table {
    name: "discovery_channels",
    about: "how many cases, or which share of them, one route found on one day",
    key: &["date", "scope", "channel"],
    required: false,
    columns: &[
        must("date", Day, "day the figure is about"),
        must("scope", Text(80), "of which cases, for example 'city confirmed'"),
        must("channel", Text(80), "route"),
        may("channel_zh", Text(80), "route in the words of the bulletin"),
        must("count_or_share", Text(20), "a count, or a share such as 62.65%"),
        may("source", Text(1_000), "where it was published"),
    ],
};

/// Published figures by district.
pub const DISTRICT_CASES: Table = Table {
    name: "district_cases",
    about: "the published figures of one district or reporting unit for one day",
    key: &["date", "district_code"],
    required: false,
    columns: &[
        must("date", Day, "day the figures are about, 0-24 h"),
        must("district_code", Division, "code of the district or reporting unit"),
        must("name", Text(80), "name in the city's language"),
        may("confirmed", Whole(0, 100_000_000), "new local confirmed cases, converted ones included"),
        may("asymptomatic", Whole(0, 100_000_000), "new local asymptomatic cases"),
        may("source", Text(1_000), "where it was published"),
    ],
};
