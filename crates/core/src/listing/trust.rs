//! Lists of what makes the rest trustworthy: days, ledger, hops, bulletins, files that came in, rows kept aside, events.
//! Declarations only.

use super::{Holds::*, Listing, field};
use crate::{
    access::Role::{self, *},
    books::{Party, Worklist},
};

const BOOKS: &[Role] = &[CityCommand, DistrictCommand, PublicInformation, DataProtection, Auditor];
const INTAKE: &[Role] = &[CityCommand, DistrictCommand, Laboratory, Auditor];

/// Days of the books.
pub const DAYS: Listing = Listing {
    name: "days",
    about: "a day of the books",
    key: "day",
    subject: None,
    fields: &[
        field("day", Day, "day").filter(),
        field("opened_at", Moment, "when it was opened"),
        field("closed_at", Moment, "when it was closed and signed"),
        field("closed", Truth, "whether it is closed").filter(),
        field("events_upto", Whole, "last event of the day"),
        field("ledger_digest", Text, "digest of the frozen ledger"),
        field("previous", Text, "signature of the day before"),
        field("signature", Text, "signature"),
    ],
    orders: &["day"],
    readers: BOOKS,
    editors: &[],
};

/// The ledger.
pub const LEDGER: Listing = Listing {
    name: "ledger",
    about: "one worklist of one district on one closed day: opening + received - completed - cancelled = closing",
    key: "id",
    subject: None,
    fields: &[
        field("id", Id, "day, worklist and division"),
        field("day", Day, "day").filter(),
        field("worklist", Term(Worklist::NAMES), "worklist").filter(),
        field("division", Division, "division").filter(),
        field("opening", Whole, "open at the start"),
        field("received", Whole, "received"),
        field("completed", Whole, "completed"),
        field("cancelled", Whole, "cancelled"),
        field("closing", Whole, "open at the end"),
        field("overdue", Whole, "of these, past their deadline"),
    ],
    orders: &["day", "id"],
    readers: BOOKS,
    editors: &[],
};

/// Hops between stations.
pub const HOPS: Listing = Listing {
    name: "hops",
    about: "what one side sent and the other has, on one closed day",
    key: "id",
    subject: None,
    fields: &[
        field("id", Id, "day, hop and division"),
        field("day", Day, "day").filter(),
        field("name", Id, "hop").filter(),
        field("division", Division, "division").filter(),
        field("sent", Whole, "handed over"),
        field("received", Whole, "taken over"),
        field("missing", Whole, "named as missing"),
    ],
    orders: &["day", "id"],
    readers: BOOKS,
    editors: &[],
};

/// What a closed day carried over, by name.
pub const CARRIED: Listing = Listing {
    name: "carried",
    about: "an item that was open when a day was closed: it goes on in the next day",
    key: "id",
    subject: None,
    fields: &[
        field("id", Id, "day, worklist and subject"),
        field("day", Day, "day that was closed").filter(),
        field("worklist", Term(Worklist::NAMES), "worklist").filter(),
        field("subject", Id, "what waited: tube, person, case, order, bed, household or request").filter(),
        field("division", Division, "division").filter(),
        field("party", Term(Party::NAMES), "which of the four parties owned it"),
        field("owner", Id, "who answered for it"),
        field("opened_at", Moment, "since when it waited"),
        field("due_at", Moment, "deadline"),
        field("reason", Text, "why it was open"),
    ],
    orders: &["day", "id"],
    readers: &[CityCommand, DistrictCommand, Auditor],
    editors: &[],
};

/// Bulletins.
pub const BULLETINS: Listing = Listing {
    name: "bulletins",
    about: "an edition of the bulletin of a day",
    key: "id",
    subject: None,
    fields: &[
        field("id", Id, "day and edition"),
        field("day", Day, "day").filter(),
        field("edition", Whole, "edition"),
        field("supersedes", Whole, "edition it supersedes"),
        field("published_at", Moment, "when it was published").filter(),
        field("published_by", Id, "account that published it"),
        field("correction", Text, "what it corrects"),
        field("drafted_by", Id, "account that drafted it; empty where the line did"),
        field("approved_by", Text, "accounts that approved it, the first one first"),
        field("body", Data, "the figures"),
    ],
    orders: &["day", "id"],
    readers: BOOKS,
    editors: &[],
};

/// Files that came in.
pub const FILES: Listing = Listing {
    name: "files",
    about: "a file that was read: read = created + updated + same + doubtful + rejected",
    key: "id",
    subject: None,
    fields: &[
        field("id", Id, "day, name and digest"),
        field("day", Day, "day").filter(),
        field("source", Text, "file name"),
        field("digest", Id, "SHA-256").filter(),
        field("division", Division, "division of who gave it").filter(),
        field("account", Id, "account that gave it"),
        field("rows_done", Whole, "rows taken so far"),
        field("complete", Truth, "whether it was read to its end").filter(),
        field("read", Whole, "rows read"),
        field("created", Whole, "new"),
        field("updated", Whole, "changed"),
        field("same", Whole, "there already"),
        field("doubtful", Whole, "kept aside"),
        field("rejected", Whole, "refused"),
    ],
    orders: &["day", "id"],
    readers: INTAKE,
    editors: &[],
};

/// Rows kept aside. What stands in them may tell of anybody, so they count as sensitive as a whole.
pub const DOUBTS: Listing = Listing {
    name: "doubts",
    about: "a row that could not be taken as it is, with what was expected and what to do",
    key: "id",
    subject: Some("id"),
    fields: &[
        field("id", Id, "file, row and column"),
        field("day", Day, "day").filter(),
        field("source", Text, "file name").filter(),
        field("division", Division, "place that the row tells of, else the division of who gave it").filter(),
        field("row", Whole, "row as a person sees it in the file"),
        field("column", Text, "column"),
        field("value", Text, "what stands there").sensitive(),
        field("expected", Text, "what was expected"),
        field("remedy", Text, "what to do"),
        field("code", Id, "kind of fault").filter(),
        field("raw", Text, "the row as it came").sensitive(),
        field("resolved_at", Moment, "when somebody worked through it"),
        field("open", Truth, "whether it still waits").filter(),
    ],
    orders: &["row", "id"],
    readers: INTAKE,
    editors: &[],
};

/// The chain of events: every command and decision.
pub const EVENTS: Listing = Listing {
    name: "events",
    about: "what was decided or done, by whom, chained to what came before",
    key: "seq",
    subject: Some("subject"),
    fields: &[
        field("seq", Whole, "number in the chain").filter(),
        field("day", Day, "day").filter(),
        field("at", Moment, "when it happened").filter(),
        field("recorded_at", Moment, "when it was recorded"),
        field("actor", Id, "who acted").filter(),
        field("kind", Id, "what happened").filter(),
        field("subject", Id, "what it happened to").filter(),
        field("division", Division, "where").filter(),
        field("body", Data, "the facts").sensitive(),
        field("hash", Text, "hash of the event and the one before"),
    ],
    orders: &["seq"],
    readers: &[CityCommand, DistrictCommand, DataProtection, Auditor],
    editors: &[],
};

/// The chain of reads: an entry for each person looked at, and for each refusal and sign-in. No id of a person stands in it.
pub const READS: Listing = Listing {
    name: "reads",
    about: "who looked at what, what was refused, who signed in, chained to what came before",
    key: "seq",
    subject: None,
    fields: &[
        field("seq", Whole, "number in the chain").filter(),
        field("at", Moment, "when, by the clock on the wall").filter(),
        field("actor", Id, "account that looked; empty when nobody was known").filter(),
        field("role", Id, "role of its duty"),
        field("division", Division, "division of its duty; the city where there was none").filter(),
        field("action", Id, "what was done").filter(),
        field("kind", Id, "kind of what was looked at").filter(),
        field("object", Id, "keyed hash of the person or thing; a filter takes the id of a person too")
            .filter()
            .keyed(),
        field("outcome", Id, "how it ended").filter(),
        field("detail", Data, "further facts, none of them personal"),
        field("hash", Text, "hash of the entry and the one before"),
    ],
    orders: &["seq"],
    readers: &[DataProtection, Auditor],
    editors: &[],
};

/// What was done to many at once, counted by month.
pub const BULK_ACTIONS: Listing = Listing {
    name: "bulk_actions",
    about: "commands that were done to fifty records or more at once: how many in a month, and to how many; nobody's name",
    key: "id",
    subject: None,
    fields: &[
        field("id", Id, "month, command and district"),
        field("month", Text, "month").filter(),
        field("command", Text, "command").filter(),
        field("division", Division, "district or city of whoever did it").filter(),
        field("actions", Whole, "how often"),
        field("records", Whole, "records on which it was done"),
        field("largest", Whole, "records of the largest of them"),
    ],
    orders: &["month"],
    readers: &[CityCommand, DistrictCommand, PublicInformation, Reviewer, DataProtection, Auditor, Administrator],
    editors: &[],
};
