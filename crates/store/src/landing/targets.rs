//! Which table takes the rows of which declared schema, and which of its columns may change. It may use nothing; it guarantees that columns
//! stand in the order in which rows bring their values.

/// A table that takes rows.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Name of the table.
    pub table: &'static str,
    /// Column that holds the key of a row.
    pub key: &'static str,
    /// Columns in the order of the values; the last one is `digest`.
    pub columns: &'static [&'static str],
    /// Columns that may not change under one key; `None`: none may (the row is a fact).
    pub fixed: Option<&'static [&'static str]>,
}

macro_rules! targets {
    ($($name:literal => $table:literal, $key:literal, [$($column:literal),*], $fixed:expr;)*) => {
        /// The target of a declared table by its name; members of tubes are links and have none.
        pub fn target_of(name: &str) -> Option<&'static Target> {
            match name { $($name => Some(&Target { table: $table, key: $key, columns: &[$($column),*], fixed: $fixed }),)* _ => None }
        }
    };
}

// Columns of the declaration first, in its order (but for those that become a number); then what the reader adds.
targets! {
    "divisions" => "divisions", "code", ["code", "name", "name_en", "level", "population", "lon", "lat", "digest"], Some(&[]);
    "buildings" => "buildings", "building",
        ["building", "division", "compound", "name", "lon", "lat", "exits_checked_at", "warden", "digest"], Some(&[]);
    "households" => "households", "household",
        ["household", "building", "unit", "floor", "door", "home_suitable", "division", "digest"], Some(&[]);
    "people" => "people", "person",
        ["person", "household", "name", "document", "phone", "sex", "birth_date", "needs", "key_group", "carer", "presence",
         "no", "registered", "division", "digest"], Some(&[]);
    "facilities" => "facilities", "facility",
        ["facility", "kind", "name", "division", "lon", "lat", "opens_on", "closes_on", "owner", "digest"], Some(&[]);
    "beds" => "beds", "bed", ["bed", "facility", "room", "rule", "severe", "state", "digest"], Some(&[]);
    "vehicles" => "vehicles", "vehicle",
        ["vehicle", "division", "seats", "stretchers", "wheelchairs", "lon", "lat", "out_of_service", "digest"], Some(&[]);
    "crews" => "crews", "crew",
        ["crew", "vehicle", "driver", "from", "to", "driven_24h_min", "driven_7d_min", "digest"], Some(&[]);
    "carriers" => "carriers", "carrier",
        ["carrier", "depot", "division", "means", "capacity", "from", "to", "lon", "lat", "driven_24h_min", "driven_7d_min", "digest"],
        Some(&["division"]);
    "laboratories" => "laboratories", "laboratory",
        ["laboratory", "name", "in_city", "division", "tubes_a_day", "lon", "lat", "tubes_an_hour", "opens_min", "closes_min",
         "turnaround_min", "price", "travel_min", "digest"], Some(&[]);
    "tubes" => "tubes", "tube",
        ["tube", "division", "purpose", "size", "site", "collected_at", "laboratory", "sent_at", "received_at", "no", "digest"],
        Some(&["division", "purpose", "size", "collected_at"]);
    "results" => "results", "key",
        ["laboratory", "tube_no", "version", "finding", "ct_n", "ct_orf", "run", "reported_at", "ct_ic", "key",
         "digest"], None;
    "runs" => "runs", "key",
        ["laboratory", "run", "lot", "started_at", "ended_at", "wells", "positive_control", "negative_control", "key",
         "digest"], None;
    "assessments" => "assessments", "key",
        ["person", "assessed_at", "severity", "onset", "outcome", "temperature", "oxygen", "symptoms", "relieved", "lungs_improved",
         "lesions_healed", "said_by", "key", "digest"], None;
    "contacts" => "contacts_declared", "key",
        ["case_person", "person", "class", "first_exposure", "last_exposure", "setting", "key", "digest"], Some(&[]);
    "visits" => "visits", "key", ["person", "place", "from", "to", "setting", "key", "digest"], Some(&[]);
    "supplies" => "supplies", "key", ["depot", "division", "item", "quantity", "key", "digest"], Some(&[]);
    "goods" => "goods", "good",
        ["good", "division", "item", "need", "en", "zh_hans", "zh_hant", "day_max", "usual", "above_percent", "digest"], Some(&["division"]);
    "requests" => "requests", "request",
        ["request", "kind", "household", "division", "received_at", "answered_at", "answer", "text", "digest"],
        Some(&["kind", "division", "received_at"]);
    "handovers" => "handovers", "key", ["person", "step", "at", "facility", "note", "key", "digest"], None;
    "statements" => "statements", "key",
        ["person_no", "presence", "said_at", "said_by", "from", "until", "reason", "division", "key", "digest"], None;
    "listed" => "listed", "key",
        ["source", "list", "entry", "as_of", "given_by", "division", "name", "document", "phone", "birth_date", "sex", "address",
         "from", "until", "role", "key", "digest"], None;
    "rounds" => "rounds", "round",
        ["round", "name", "purpose", "from", "to", "divisions", "areas", "key_groups", "places", "pool_size", "ground", "swab_price", "digest"], None;
    "packings" => "packings", "key", ["box", "tube_no", "at", "said_by", "division", "key", "digest"], None;
    "box_moves" => "box_moves", "key",
        ["box", "step", "at", "division", "laboratory", "run", "courier", "counted", "said_by", "note", "key", "digest"], None;
    "box_checks" => "box_checks", "key",
        ["box", "tube_no", "found", "at", "laboratory", "said_by", "note", "division", "key", "digest"], None;
    "linelist" => "linelist_cases", "key",
        ["case_id", "sex", "age", "date_exposure_start", "date_exposure_end", "date_onset", "date_report", "date_confirmed",
         "date_admitted", "date_discharged", "date_death", "outcome", "classification", "infector_id", "place", "district",
         "cluster", "severity", "extra", "list", "position", "key", "digest"], Some(&[]);
    "linelist_contacts" => "linelist_links", "key",
        ["from", "to", "relation", "setting", "list", "position", "key", "digest"], Some(&[]);
    "daily_cases" => "published_days", "date",
        ["date", "local_confirmed", "local_asymptomatic", "converted_from_asymptomatic", "total_reported",
         "new_infections_excl_conversions", "community_found_city", "central11_new", "central11_community", "source", "note",
         "digest"], Some(&[]);
    "discovery_channels" => "published_channels", "key",
        ["date", "scope", "channel", "channel_zh", "count_or_share", "source", "key", "digest"], Some(&[]);
    "district_cases" => "published_districts", "key",
        ["date", "district_code", "name", "confirmed", "asymptomatic", "source", "key", "digest"], Some(&[]);
    "teams" => "teams", "team", ["team", "division", "name", "people_a_day", "digest"], Some(&[]);
    "shifts" => "shifts", "key", ["worker", "site", "from", "to", "role", "key", "digest"], Some(&[]);
    "gates" => "gates", "gate", ["gate", "kind", "name", "division", "owner", "digest"], Some(&[]);
    "arrivals" => "arrivals", "key",
        ["gate", "day", "ticket", "said", "at", "said_by", "person", "tube", "name", "phone", "destination", "key", "digest"], None;
    "places" => "places", "place",
        ["place", "kind", "name", "division", "owner", "key_group", "people", "lon", "lat", "digest"], Some(&[]);
    "assistance" => "letter_people", "key",
        ["letter", "entry", "division", "side", "side_code", "side_case", "side_phone", "received_at", "name", "phone", "document",
         "address", "class", "first_exposure", "last_exposure", "note", "key", "digest"], None;
    "follow_ups" => "follow_ups", "key",
        ["person", "at", "channel", "answer", "symptoms", "team", "said_by", "note", "key", "digest"], None;
    "questions" => "questions", "key",
        ["question", "version", "division", "disease", "part", "kind", "asked", "only_if", "options", "en", "zh_hans", "zh_hant",
         "key", "digest"], None;
    "answers" => "answers", "key",
        ["case_person", "question", "version", "answer", "at", "said_by", "key", "digest"], None;
    "deliveries" => "deliveries", "key", ["household", "item", "at", "proof", "key", "digest"], None;
}
