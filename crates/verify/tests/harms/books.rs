//! Harms to the chain of events, to days and their books, and to emergencies.

use super::{Harm, harm};

pub const BOOKS: &[Harm] = &[
    // the chain of events
    harm(
        &["update events set body = body || ' ' where seq = (select min(seq) from events where kind = 'contact.listed')"],
        &["events.chain"],
        "was altered",
    ),
    harm(
        &["delete from events where seq = (select min(seq) from events where kind = 'contact.listed')"],
        &["events.chain"],
        "is missing; event",
    ),
    harm(
        &["update events set seq = -seq where seq in (31, 32)", "update events set seq = 63 + seq where seq < 0"],
        &["events.chain"],
        "event 31 (case.classified",
    ),
    harm(
        &["delete from events where seq > (select max(seq) - 2 from events)"],
        &["events.chain", "days.signed"],
        "are missing at the end",
    ),
    harm(&["delete from chain"], &["events.chain"], "the head of the chain is missing"),
    harm(
        &[
            "delete from events where seq = (select max(seq) from events)",
            "update chain set seq = seq - 1, hash = (select hash from events where seq = (select max(seq) from events))",
        ],
        &["days.signed"],
        "2022-11-20: its last event",
    ),
    // the days and their books
    harm(&["update days set signature = ledger_digest"], &["days.signed", "bulletin.agrees"], "its signature is not"),
    harm(&["update days set previous = ledger_digest"], &["days.signed"], "does not follow from the day before"),
    harm(
        &["update ledger set received = received + 1, closing = closing + 1 where worklist = 'investigate' and division = '500103'"],
        &["days.signed", "ledger.balances", "bulletin.agrees"],
        "2022-11-20: its ledger is not the one that was signed",
    ),
    harm(
        &["update postings set day = '2022-11-19' where worklist = 'clarify' and subject = 'tube/T010'"],
        &["ledger.balances", "items.posted"],
        "2022-11-20, clarify in 500112: the ledger says",
    ),
    harm(
        &["update items set closed_at = opened_at, outcome = 'completed' where worklist = 'answer' and subject = 'R6'"],
        &["items.posted"],
        "answer R6",
    ),
    harm(
        &["delete from items where worklist = 'deliver' and subject = 'T012'"],
        &["items.posted", "hops.reconcile"],
        "deliver T012",
    ),
    harm(&["update items set owner = ' ' where worklist = 'answer' and subject = 'R1'"], &["items.posted"], "answer R1"),
    harm(
        &["delete from postings where worklist = 'recall' and subject = 'T002/P021'"],
        &["ledger.balances", "items.posted", "items.carried"],
        "recall in 500103",
    ),
    harm(
        &["delete from carried where worklist = 'clarify' and subject = 'tube/T010'"],
        &["ledger.balances", "items.carried"],
        "clarify in 500112",
    ),
    harm(
        &["update carried set owner = 'somebody else' where worklist = 'clarify' and subject = 'tube/T010'"],
        &["items.carried"],
        "clarify tube/T010",
    ),
    harm(
        &["update hops set sent = sent - 1, missing = missing - 1 where name = 'positives.found-moved' and division = '500103'"],
        &["hops.reconcile"],
        "2022-11-20 positives.found-moved in 500103",
    ),
    // emergencies: R2 of the example, which its person confirmed
    harm(&["update tickets set kind = 'labour' where ticket = 'R2'"], &["urgent.answered"], "R2: ticket of no request"),
    harm(
        &["update requests set kind = 'emergency' where request = 'R1'"],
        &["urgent.answered"],
        "R1: an emergency, and no ticket was opened",
    ),
    harm(
        &["update tickets set ended_at = null, ended_how = null where ticket = 'R2'"],
        &["urgent.answered"],
        "R2: ticket is open, and nobody is waited for",
    ),
    harm(
        &["update tickets set ended_how = 'refused' where ticket = 'R2'"],
        &["urgent.answered"],
        "R2: ended, and no step says how",
    ),
    harm(
        &["insert into ticket_rings (ticket, tier, due_at, rung_at) select ticket, 'city', ended_at, ended_at from tickets
           where ticket = 'R2'"],
        &["urgent.answered"],
        "R2 city: a tier was rung before its minute",
    ),
    harm(
        &["insert into ticket_steps (ticket, no, step, at, account, clinician, reason)
           select ticket, 9, 'refused', opened_at, 'somebody', 'Dr Wang', 'no bed' from tickets where ticket = 'R2'"],
        &["urgent.answered"],
        "R2: care was refused, and no incident was opened",
    ),
];
