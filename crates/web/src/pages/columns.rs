//! What a table shows of each list, and what its filter asks first. The rest of a record stands on its page, the rest of
//! the filter behind a disclosure. Declared here and nowhere else; a list without a line shows its first fields.

use dayclear_core::listing::{Field, Listing};

/// Fields that a table shows, by list, in the order of the columns. The first one names the row.
const COLUMNS: &[(&str, &[&str])] = &[
    ("items", &["subject", "worklist", "due_at", "division", "owner", "assignee", "opened_at"]),
    ("cases", &["id", "name", "division", "origin", "classification", "severity", "found_at"]),
    ("people", &["person", "name", "phone", "division", "building", "door", "presence"]),
    ("contacts", &["person", "name", "case_id", "class", "tier", "last_exposure", "division"]),
    ("followed", &["person", "name", "state", "due", "until_day", "team", "missed_running", "division"]),
    ("follow_ups", &["id", "person", "name", "at", "channel", "found", "symptoms", "said_by"]),
    (
        "searches",
        &["id", "state", "asked_by", "asked_at", "minutes", "purpose", "decided_by", "people_found", "delete_on"],
    ),
    (
        "letters",
        &[
            "id",
            "kind",
            "state",
            "side",
            "due_at",
            "late",
            "people",
            "answered_found",
            "unanswered",
            "case_id",
            "division",
            "made_at",
        ],
    ),
    (
        "letter_people",
        &[
            "id",
            "name",
            "state",
            "phone",
            "class",
            "last_exposure",
            "suggested",
            "unsettled",
            "late",
            "side",
            "division",
        ],
    ),
    ("exposure_sites", &["id", "state", "place", "from_at", "until_at", "unknown", "gone_on", "case_id", "division"]),
    ("questions", &["id", "en", "zh_hans", "part", "kind", "asked", "only_if", "division"]),
    ("answers", &["id", "person", "name", "question", "answer", "at", "said_by"]),
    (
        "messages",
        &["id", "person", "name", "kind", "state", "day", "sent_at", "ended_at", "why", "sending", "division"],
    ),
    ("sendings", &["id", "kind", "state", "day", "people", "queued", "sent", "failed", "made_by", "decided_by"]),
    ("message_replies", &["id", "person", "number", "state", "words", "received_at", "division"]),
    ("releases", &["id", "name", "state", "due_at", "objected_by", "objection", "division"]),
    ("teams", &["team", "name", "division", "people_a_day", "asks", "due_today"]),
    ("orders", &["id", "name", "kind", "state", "from_day", "until_day", "division"]),
    ("notices", &["id", "name", "kind", "state", "due_at", "made_at", "handed_at", "way", "read_at", "division"]),
    ("bulk_actions", &["month", "command", "division", "actions", "records", "largest"]),
    ("posts", &["id", "place", "post", "vacant", "holder", "holder_phone", "named_at", "division"]),
    ("areas", &["id", "place", "unit", "level", "ends_on", "people", "division"]),
    (
        "extensions",
        &[
            "id",
            "state",
            "kind",
            "people",
            "extra_people",
            "was_until",
            "until_day",
            "asked_by",
            "decided_by",
            "division",
        ],
    ),
    ("appeals", &["id", "state", "against", "due_at", "way", "words", "filed_at", "decided_by", "hours", "division"]),
    ("appeal_figures", &["division", "filed", "undecided", "upheld", "dismissed", "within_a_day", "longest_hours"]),
    ("transfers", &["id", "name", "class", "state", "facility", "bed", "pickup_at"]),
    ("trips", &["id", "vehicle", "class", "departs_at", "ends_at", "people", "km"]),
    ("assessments", &["id", "person", "name", "at", "severity", "temperature", "oxygen", "symptoms", "relieved"]),
    ("tubes", &["tube", "purpose", "members", "laboratory", "collected_at", "received_at", "finding"]),
    ("members", &["person", "name", "tube", "division", "door", "recall"]),
    ("results", &["tube", "laboratory", "version", "finding", "ct_n", "ct_orf", "reported_at"]),
    (
        "boxes",
        &[
            "box",
            "state",
            "division",
            "laboratory",
            "meant_for",
            "result_at",
            "due_at",
            "tubes",
            "arrived",
            "missing",
            "broken",
        ],
    ),
    ("courier_runs", &["id", "sent_at", "boxes", "open", "tubes", "arrived", "missing", "broken"]),
    ("clocks", &["tube", "laboratory", "box", "state", "collected_at", "receive_min", "result_min", "report_min"]),
    ("rounds", &["round", "name", "state", "purpose", "from", "to", "pool_size"]),
    ("doors", &["person", "name", "building", "unit", "door", "state", "phone", "said_until"]),
    ("coverage", &["round", "division", "state", "people"]),
    (
        "round_sites",
        &["id", "building", "division", "people", "expected_people", "lanes", "samplers", "wait_min", "tubes"],
    ),
    ("yields", &["id", "purpose", "tubes", "tests", "positives", "per_10000", "cost_per_positive"]),
    ("statements", &["person", "name", "presence", "said_at", "until", "said_by", "reason"]),
    ("pairs", &["id", "name", "other_name", "linked", "weight", "division", "decided"]),
    ("listed", &["entry", "source", "list", "name", "linked", "person", "division"]),
    ("roster", &["division", "people", "merged", "listed", "unlisted", "pairs", "unknown"]),
    ("requests", &["request", "kind", "due_at", "division", "assignee", "received_at", "answered_at"]),
    ("tickets", &["ticket", "kind", "state", "division", "opened_at", "tier", "owner", "decision", "facility"]),
    ("treatments", &["id", "name", "need", "due_at", "state", "facility", "planned_at", "division"]),
    (
        "parcels",
        &[
            "household",
            "building",
            "unit",
            "door",
            "day",
            "item",
            "units",
            "missed_at",
            "delivered",
            "door_proof",
            "division",
        ],
    ),
    ("carriers", &["carrier", "depot", "means", "capacity", "from", "to", "division"]),
    (
        "delivery_runs",
        &["run", "carrier", "state", "leaves_at", "returns_at", "parcels", "delivered", "missed", "late", "division"],
    ),
    ("goods", &["good", "en", "zh_hans", "item", "need", "day_max", "usual", "price_seen", "priced_at", "dear"]),
    ("mediations", &["request", "state", "mediator", "law", "opened_at", "steps", "onward", "division"]),
    ("wanted", &["household", "day", "item", "good", "units", "way", "asked_at", "delivered", "division"]),
    (
        "gate_days",
        &["id", "name", "kind", "on_manifest", "came", "missing", "expected_people", "extra", "tested", "owing"],
    ),
    ("landings", &["id", "name", "phone", "state", "arrived_at", "due_at", "late", "calls", "division"]),
    ("places", &["place", "name", "kind", "state", "on_roll", "due_today", "overdue", "cluster", "cases", "division"]),
    ("place_people", &["id", "name", "phone", "building", "door", "due_on", "late_days"]),
    ("shifts", &["id", "worker", "place", "name", "from", "to", "role", "now", "division"]),
    ("obligations", &["id", "kind", "asked", "owner", "due_at", "state", "late", "evidence", "division"]),
    ("reports", &["id", "division", "day", "edition", "situation", "signed_by", "signed_at", "late"]),
    ("free_communities", &["division", "free", "state", "since", "last_community_on", "reached", "people"]),
    ("free_changes", &["id", "division", "day", "free", "state", "at"]),
    ("divisions", &["code", "name", "name_en", "level", "population"]),
    ("facilities", &["facility", "name", "kind", "division", "beds", "taken", "arriving"]),
    ("beds", &["bed", "facility", "room", "rule", "severe", "state", "held_at"]),
    ("vehicles", &["vehicle", "division", "seats", "stretchers", "wheelchairs", "out_of_service"]),
    ("laboratories", &["laboratory", "name", "division", "tubes_a_day", "waiting", "overdue", "withheld"]),
    ("runs", &["run", "laboratory", "lot", "ended_at", "wells", "positive_control", "negative_control"]),
    ("signals", &["kind", "level", "laboratory", "lot", "figure", "limit", "unit", "since", "last_seen"]),
    ("holds", &["hold", "laboratory", "lot", "run", "from", "tubes", "people", "open"]),
    ("supplies", &["id", "item", "division", "left", "a_day", "cover_days", "state", "depot"]),
    ("days", &["day", "closed", "opened_at", "closed_at", "events_upto"]),
    ("ledger", &["day", "worklist", "division", "opening", "received", "completed", "cancelled", "closing", "overdue"]),
    ("hops", &["day", "name", "division", "sent", "received", "missing"]),
    ("carried", &["subject", "worklist", "division", "owner", "opened_at", "due_at", "reason"]),
    (
        "clearings",
        &["division", "level", "state", "found_7", "community_7", "last_community_on", "clear_on", "recalls", "areas"],
    ),
    (
        "bulletins",
        &[
            "id",
            "day",
            "edition",
            "supersedes",
            "published_at",
            "published_by",
            "correction",
            "drafted_by",
            "approved_by",
        ],
    ),
    ("files", &["source", "day", "complete", "read", "created", "updated", "same", "doubtful", "rejected"]),
    ("doubts", &["source", "row", "column", "value", "expected", "remedy"]),
    ("events", &["seq", "at", "kind", "subject", "actor", "division"]),
    ("reads", &["seq", "at", "actor", "action", "kind", "object", "outcome"]),
];

/// Filters that stand open, by list; the others are behind a disclosure.
const FILTERS: &[(&str, &[&str])] = &[
    ("items", &["worklist", "division", "open", "due_at"]),
    ("cases", &["division", "origin", "classification", "open"]),
    ("people", &["person", "division", "presence"]),
    ("contacts", &["case_id", "division", "tier", "class"]),
    ("followed", &["division", "state", "team", "due"]),
    ("messages", &["day", "state", "division", "sending"]),
    ("sendings", &["day", "state"]),
    ("message_replies", &["state", "division", "person"]),
    ("follow_ups", &["person", "division", "found", "at"]),
    ("searches", &["case_id", "division", "state", "asked_by"]),
    ("letters", &["kind", "state", "late", "division", "case_id"]),
    ("letter_people", &["letter", "state", "unsettled", "late", "division", "case_id"]),
    ("exposure_sites", &["state", "division", "case_id"]),
    ("questions", &["question", "division", "part", "asked"]),
    ("answers", &["person", "division", "question", "at"]),
    ("releases", &["case_id", "division", "state", "open"]),
    ("orders", &["division", "kind", "state", "until_day"]),
    ("notices", &["division", "kind", "state", "due_at"]),
    ("areas", &["division", "level", "open"]),
    ("extensions", &["state", "kind", "area", "division"]),
    ("appeals", &["state", "against", "division", "due_at"]),
    ("appeal_figures", &["division"]),
    ("transfers", &["state", "class", "facility", "division"]),
    ("trips", &["vehicle", "class", "departs_at"]),
    ("assessments", &["person", "division", "at"]),
    ("tubes", &["tube", "laboratory", "finding", "collected_at"]),
    ("members", &["tube", "person", "recall"]),
    ("results", &["tube", "laboratory", "finding", "version"]),
    ("boxes", &["state", "division", "laboratory", "due_at"]),
    ("courier_runs", &["courier_run", "division", "sent_at"]),
    ("clocks", &["laboratory", "division", "box", "collected_at"]),
    ("rounds", &["state", "purpose", "from"]),
    ("runs", &["laboratory", "run", "lot"]),
    ("signals", &["level", "laboratory", "kind", "last_seen"]),
    ("holds", &["laboratory", "open", "held_at"]),
    ("doors", &["round", "division", "state", "warden"]),
    ("round_sites", &["round", "division"]),
    ("yields", &["round", "purpose", "from"]),
    ("statements", &["person", "division", "presence"]),
    ("pairs", &["division", "linked", "decided", "person"]),
    ("listed", &["division", "source", "linked", "person"]),
    ("roster", &["division"]),
    ("requests", &["kind", "division", "open", "assignee"]),
    ("tickets", &["division", "kind", "state", "tier"]),
    ("treatments", &["division", "state", "day", "open"]),
    ("parcels", &["day", "item", "delivered", "depot", "division"]),
    ("posts", &["post", "vacant", "division"]),
    ("bulk_actions", &["month", "division"]),
    ("carriers", &["depot", "means", "division"]),
    ("delivery_runs", &["depot", "day", "state", "late", "carrier", "division"]),
    ("goods", &["item", "need", "dear"]),
    ("mediations", &["state", "division"]),
    ("wanted", &["day", "item", "way", "delivered", "division"]),
    ("gate_days", &["gate", "day", "kind", "division"]),
    ("landings", &["gate", "day", "state", "late", "division"]),
    ("places", &["division", "kind", "state", "cluster"]),
    ("place_people", &["place", "division", "due_on"]),
    ("shifts", &["division", "place", "worker", "now"]),
    ("obligations", &["division", "kind", "state", "late"]),
    ("reports", &["division", "day", "latest"]),
    ("free_communities", &["division", "free", "state"]),
    ("free_changes", &["division", "day", "free"]),
    ("supplies", &["division", "item", "state", "depot"]),
    ("beds", &["facility", "state", "rule"]),
    ("carried", &["day", "worklist", "division"]),
    ("clearings", &["division", "level", "state"]),
    ("bulletins", &["day"]),
    ("doubts", &["source", "code", "open"]),
    ("files", &["day", "complete"]),
    ("events", &["subject", "kind", "actor", "day"]),
];

/// Orders by name: key of its word, and the field whose column head leads to it.
const ORDERS: &[(&str, &str, &str)] = &[
    ("due", "by-due", "due_at"),
    ("asked", "by-asked", "asked_at"),
    ("opened", "by-opened", "opened_at"),
    ("subject", "by-subject", "subject"),
    ("found", "by-found", "found_at"),
    ("filed", "by-opened", "filed_at"),
    ("made", "by-made", "made_at"),
    ("id", "by-id", "id"),
    ("good", "by-good", "good"),
    ("month", "by-month", "month"),
    ("person", "by-person", "person"),
    ("listed", "by-listed", "listed_at"),
    ("until", "by-until", "until_day"),
    ("ends", "by-ends", "ends_on"),
    ("requested", "by-requested", "requested_at"),
    ("departs", "by-departs", "departs_at"),
    ("collected", "by-collected", "collected_at"),
    ("tube", "by-tube", "tube"),
    ("reported", "by-reported", "reported_at"),
    ("received", "by-received", "received_at"),
    ("request", "by-request", "request"),
    ("ticket", "by-ticket", "ticket"),
    ("letter", "by-letter", "letter"),
    ("day", "by-day", "day"),
    ("code", "by-code", "code"),
    ("facility", "by-facility", "facility"),
    ("bed", "by-bed", "bed"),
    ("vehicle", "by-vehicle", "vehicle"),
    ("laboratory", "by-laboratory", "laboratory"),
    ("row", "by-row", "row"),
    ("seq", "by-seq", "seq"),
    ("from", "by-from", "from"),
    ("round", "by-round", "round"),
    ("door", "by-door", "door"),
    ("site", "by-round", "round"),
    ("said_at", "by-said_at", "said_at"),
    ("seen", "by-seen", "last_seen"),
    ("signal", "by-id", "signal"),
    ("held", "by-held", "held_at"),
    ("hold", "by-id", "hold"),
    ("packed_at", "by-packed", "packed_at"),
    ("due_at", "by-due", "due_at"),
    ("box", "by-id", "box"),
    ("sent_at", "by-sent", "sent_at"),
    ("collected_at", "by-collected", "collected_at"),
    ("division", "by-division", "division"),
    ("at", "by-at", "at"),
    ("team", "by-team", "team"),
    ("place", "by-place", "place"),
    ("question", "by-question", "question"),
    ("carrier", "by-id", "carrier"),
    ("leaves", "by-departs", "leaves_at"),
    ("run", "by-id", "run"),
    ("queued", "by-made", "queued_at"),
];

/// Orders in which the latest comes first.
const LATEST_FIRST: &[&str] = &[
    "asked",
    "opened",
    "leaves",
    "packed_at",
    "sent_at",
    "collected_at",
    "seen",
    "held",
    "found",
    "filed",
    "made",
    "queued",
    "month",
    "listed",
    "until",
    "requested",
    "departs",
    "collected",
    "reported",
    "received",
    "day",
    "seq",
    "from",
    "said_at",
    "at",
];

fn declared(table: &[(&str, &'static [&'static str])], list: &str) -> Option<&'static [&'static str]> {
    table.iter().find(|(name, _)| *name == list).map(|(_, fields)| *fields)
}

/// The fields that a table of a list shows.
pub fn of(listing: &'static Listing) -> Vec<&'static Field> {
    const FIELDS_OTHERWISE: usize = 7;
    match declared(COLUMNS, listing.name) {
        Some(names) => names.iter().filter_map(|name| Some(&listing.fields[listing.position(name)?])).collect(),
        None => listing.fields.iter().take(FIELDS_OTHERWISE).collect(),
    }
}

/// Whether a filter stands open: all do where nothing is said of the list.
pub fn filter_is_open(listing: &Listing, field: &str) -> bool {
    declared(FILTERS, listing.name).is_none_or(|names| names.contains(&field))
}

/// Key of the word of an order, and the field of its column.
pub fn order(name: &str) -> Option<(&'static str, &'static str)> {
    ORDERS.iter().find(|(order, ..)| *order == name).map(|(_, word, field)| (*word, *field))
}

/// Whether an order shows the latest first.
pub fn latest_first(order: &str) -> bool {
    LATEST_FIRST.contains(&order)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dayclear_core::listing::LISTINGS;

    #[test]
    fn every_declared_column_filter_and_order_is_one_of_its_list() {
        for listing in LISTINGS {
            let columns = declared(COLUMNS, listing.name).unwrap_or_else(|| panic!("no columns of {}", listing.name));
            for name in columns {
                assert!(listing.position(name).is_some(), "{}: {name}", listing.name);
            }
            for name in declared(FILTERS, listing.name).unwrap_or_default() {
                let at = listing.position(name).unwrap_or_else(|| panic!("{}: {name}", listing.name));
                assert!(listing.fields[at].filter, "{}: {name} is no filter", listing.name);
            }
            for name in listing.orders {
                assert!(order(name).is_some(), "{}: {name} has no word", listing.name);
            }
        }
    }
}
