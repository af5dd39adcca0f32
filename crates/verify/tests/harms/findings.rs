//! Harms to what was found and what followed: results and pools, papers, orders and areas, people under two ids, rounds.

use super::{Harm, harm};

pub const FINDINGS: &[Harm] = &[
    // results, positives, pools
    harm(
        &["update settled set finding = 'negative' where tube_no = (select no from tubes where tube = 'T009')"],
        &["results.settled", "positives.owned"],
        "T009",
    ),
    harm(
        &["insert into results select key || 'x', tube_no, laboratory, 'C', 'negative', null, null, run, reported_at, digest, ct_ic
           from results where tube_no = (select no from tubes where tube = 'T009')"],
        &["results.settled"],
        "T009: tube stands at positive by version F (1 versions); its 2 versions make it negative by version C",
    ),
    harm(
        &["update results set finding = 'positive' where tube_no = (select no from tubes where tube = 'T102')",
          "update settled set finding = 'positive' where tube_no = (select no from tubes where tube = 'T102')"],
        &["positives.owned"],
        "P002: positive in single tube T102, and neither a case nor under review",
    ),
    harm(
        &["delete from items where worklist = 'move' and subject = 'C20221120-P055'"],
        &["items.posted", "positives.owned", "transfers.booked"],
        "move C20221120-P055",
    ),
    harm(
        &["delete from members where tube_no = (select no from tubes where tube = 'T009')"],
        &["positives.owned", "pools.resolved"],
        "C20221120-P055: case of a person who was not in the tube",
    ),
    harm(
        &["delete from cases where id = 'C20221120-P055'"],
        &["decisions.recorded", "positives.owned", "orders.lawful", "areas.decided", "in_care.balances", "bulletin.agrees"],
        "C20221120-P055",
    ),
    harm(
        &["update items set closed_at = opened_at, outcome = 'completed' where worklist = 'recall' and subject = 'T002/P021'",
          "insert into postings select worklist, subject, division, day, 'completed', at from postings
           where worklist = 'recall' and subject = 'T002/P021'"],
        &["ledger.balances", "items.carried", "pools.resolved"],
        "recall in 500103",
    ),
    harm(
        &["delete from items where worklist = 'recall' and subject = 'T002/P021'",
          "delete from postings where worklist = 'recall' and subject = 'T002/P021'",
          "delete from carried where worklist = 'recall' and subject = 'T002/P021'"],
        &["ledger.balances", "pools.resolved"],
        "recall in 500103",
    ),
    // papers
    harm(
        &["update notices set state = 'handed', handed_at = made_at, handed_by = 'somebody' where subject = 'O-pool-T002-P021'"],
        &["orders.lawful"],
        "N-O-pool-T002-P021",
    ),
    // orders and areas
    harm(&["update orders set legal_basis = ' ' where id = 'O-pool-T002-P021'"], &["orders.lawful"], "O-pool-T002-P021"),
    harm(&["update orders set evidence = 'T999' where id = 'O-pool-T002-P021'"], &["orders.lawful"], "O-pool-T002-P021"),
    harm(
        &["update orders set until_day = '2023-01-31' where id = 'O-pool-T002-P021'"],
        &["decisions.recorded"],
        "O-pool-T002-P021: binds until 2023-01-31",
    ),
    harm(
        &["update orders set kind = 'hospital' where id = 'O-pool-T002-P021'"],
        &["decisions.recorded"],
        "O-pool-T002-P021: is 'hospital'",
    ),
    harm(
        &["update orders set from_day = '2022-11-18', until_day = '2022-11-19' where id = 'O-pool-T002-P021'"],
        &["orders.lawful"],
        "O-pool-T002-P021: order is active after its last day",
    ),
    harm(
        &["update orders set test_days = '2022-11-21 2022-12-24' where id = 'O-pool-T002-P021'"],
        &["orders.lawful"],
        "O-pool-T002-P021: a test on 2022-12-24",
    ),
    harm(
        &["update orders set state = 'ended', ended_on = until_day where id = 'O-pool-T002-P021'"],
        &["decisions.recorded", "orders.lawful"],
        "O-pool-T002-P021: order has ended without an event",
    ),
    harm(
        &["insert into orders select id || '-again', person, person_no, division, kind, basis, subject, starts_at, from_day,
             until_day, test_days, place, state, ended_on, ended_why, legal_basis, body, purpose, evidence, milder, reason, aside
           from orders where id = 'O-pool-T002-P021'"],
        &["decisions.recorded", "orders.lawful"],
        "O-pool-T002-P021-again: order without an event",
    ),
    // one person under two ids
    harm(
        &["update orders set state = 'aside', aside = 'O-case-C20221120-P041' where id = 'O-pool-T002-P021'"],
        &["decisions.recorded", "orders.lawful"],
        "O-pool-T002-P021: case or order is set aside without an event that tells",
    ),
    harm(
        &["update cases set aside = 'C20221120-P041' where id = 'C20221120-P055'"],
        &["decisions.recorded", "positives.owned", "in_care.balances"],
        "C20221120-P055: case or order is set aside without an event that tells",
    ),
    harm(
        &["insert into round_approvals (round, \"by\", at, clause, reason) select 'R1', 'c1', min(collected_at), 'x', ' ' from tubes",
          "insert into rounds (round, name, purpose, \"from\", \"to\", pool_size, digest, planned_by)
             select 'R1', 'round', 'area_screening', min(collected_at), max(collected_at), 10, 0, 'd1' from tubes"],
        &["rounds.planned"],
        "R1: round that was let go ahead by who planned it, or without a reason or an event",
    ),
    harm(
        &["update cases set outcome = 'withdrawn' where id = 'C20221120-P055'"],
        &["orders.lawful"],
        "order on a contact whose every case was withdrawn, and nobody is about to release them",
    ),
    harm(
        &["insert into releases (id, case_id, person, person_no, division, opened_at, due_at, state)
             select case_id || '/' || person, case_id, person, person_no, division, min(listed_at), min(listed_at), 'waits'
             from contacts where case_id = 'C20221120-P055' group by case_id, person, person_no, division"],
        &["orders.lawful"],
        "contact of a withdrawn case who was to be released, and was not",
    ),
    harm(
        &["update zones set last_new_on = '2022-11-18', forecast_on = '2022-11-19' where building = 'B4'"],
        &["areas.decided"],
        "area is open after the day on which it was to be released",
    ),
    harm(&["update zones set released_on = '2022-11-20' where building = 'B4'"], &["areas.decided"], "was released before"),
    harm(&["update exemptions set reason = '[]'"], &["areas.decided"], "C20221120-P041: case was exempted without a reason"),
    harm(&["delete from exemptions"], &["areas.decided"], "C20221120-P041: nobody decided"),
    harm(
        &[
            "delete from zone_cases where zone = 'Z-2022-11-20-B4-1'",
            "update zones set cases = 0 where id = 'Z-2022-11-20-B4-1'",
        ],
        &["areas.decided"],
        "Z-2022-11-20-B4-1",
    ),
    harm(
        &["insert into extensions (id, zone, division, kind, asked_by, asked_at, evidence, reason, clause, buildings, people, extra,
            was_until, until_day, state) select id || '/x1', id, division, 'wider', 'd1', (select min(at) from events), 'none', 'why',
            reason, 'B2', people, 1, ends_on, ends_on, 'asked' from zones where id = 'Z-2022-11-20-B4-1'"],
        &["areas.decided"],
        "Z-2022-11-20-B4-1/x1",
    ),
    // rounds
    harm(
        &["update custody set state = 'received' where state = 'missing'"],
        &["custody.balances"],
        "T013 in B-103 (missing, recorded received)",
    ),
    harm(&["update shipments set broken = 0, received = 1 where box = 'B-103'"], &["custody.balances"], "B-103"),
];
