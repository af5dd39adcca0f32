//! Every check must be able to fail: the example day holds, and after each harm exactly the checks that it concerns break
//! and name what was harmed. Each row is a harm; the same statements serve SQLite and PostgreSQL.

#![allow(clippy::unwrap_used)] // a test that fails says where

mod store;

use store::{ELSEWHERE, Engine, ZONE, example, read_by_somebody, run};

struct Harm {
    statements: &'static [&'static str],
    /// Checks that must break, in the order in which they run.
    broken: &'static [&'static str],
    /// What the first of them must name.
    names: &'static str,
}

const fn harm(statements: &'static [&'static str], broken: &'static [&'static str], names: &'static str) -> Harm {
    Harm { statements, broken, names }
}

/// A run of the parcel that H01 is owed, and its stop.
const RUN: &str = "insert into delivery_runs (run, depot, day, no, division, carrier, means, capacity, hours_from, hours_until, loads_at,
        leaves_at, returns_at, minutes, parcels, planned_by, planned_at)
    select 'X', p.depot, p.day, 1, p.division, 'C', 'foot', 1, t.a, t.d, t.a, (select min(b.collected_at) from tubes b where b.collected_at > t.a),
        t.d, 20, 1, 'x', t.a
    from parcels p cross join (select min(collected_at) as a, max(collected_at) as d from tubes) t
    where p.household = 'H01' and p.item = 'food_parcel'";
const STOP: &str = "insert into delivery_stops (run, no, household, day, item, division, expected_at)
    select r.run, 1, p.household, p.day, p.item, p.division, r.leaves_at from parcels p cross join delivery_runs r
    where p.household = 'H01' and p.item = 'food_parcel'";

const HARMS: &[Harm] = &[
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
    // follow-up
    harm(
        &["update followed set from_day = '2022-11-19', until_day = '2022-11-19' where id = 'F-P009-2022-11-20'"],
        &["follow.days"],
        "F-P009-2022-11-20: follow-up that runs, and its last day is over",
    ),
    harm(
        &["update followed set last_exposure = '2022-11-01' where id = 'F-P009-2022-11-20'"],
        &["follow.days"],
        "F-P009-2022-11-20: follow-up that counts from an exposure which is not the last one",
    ),
    harm(
        &["update followed set state = 'completed', seen = 1, last_seen = until_day, ended_on = until_day, ended_why = 'x'
             where id = 'F-P009-2022-11-20'"],
        &["follow.days"],
        "F-P009-2022-11-20: days on which somebody spoke to them are 0 by the log",
    ),
    harm(
        &["insert into follow_ups (key, person, at, channel, answer, symptoms, said_by, digest)
             select 'x', 'P009', min(collected_at), 'phone', 'reached', 'yes', 'w1', 0 from tubes"],
        &["follow.days"],
        "P009: somebody told of symptoms, and nobody tests them",
    ),
    // investigations
    harm(
        &["delete from contacts_declared where case_person = 'P001'"],
        &["investigations.answered"],
        "C20221120-P001: investigation that counts as under way, and nothing was answered",
    ),
    harm(
        &["insert into answers (key, case_person, question, version, answer, at, said_by, digest)
             select 'x', 'P001', 'shoe_size', 1, '42', min(collected_at), 'd1', 0 from tubes"],
        &["investigations.answered"],
        "x: answer to a version of a question that was never put",
    ),
    harm(
        &["insert into rounds (round, name, purpose, \"from\", \"to\", pool_size, digest, state, closed_at, log_seq)
             select 'R1', 'round', 'area_screening', min(collected_at), max(collected_at), 10, 0, 'closed', max(collected_at),
                 (select max(seq) from coverage_log) from tubes",
          "insert into round_scopes (round, kind, name) values ('R1', 'division', '500103')",
          "insert into round_counts (round, division, state, people) values ('R1', '500103013006', 'resulted', 1)"],
        &["rounds.counted"],
        "round R1 in 500103013006: recorded resulted 1, and the facts give",
    ),
    harm(
        &["insert into round_plans (round, made_at, people, sites, body) select 'R1', min(collected_at), 7, 0, '{}' from tubes"],
        &["rounds.planned"],
        "R1: plan of a round whose sites do not have its people",
    ),
    harm(
        &["update laboratories set tubes_a_day = 1 where laboratory = 'L1'",
          "update shipments set state = 'packed' where box = 'B-103'",
          "insert into allotments (box, division, laboratory, tubes, result_at, made_at)
             select box, division, 'L1', 2, packed_at, packed_at from shipments where box = 'B-103'"],
        &["rounds.planned"],
        "L1: laboratory that was given more tubes than it is validated for in a day",
    ),
    // beds, trips, transfers
    harm(
        &["drop index bed_stays_one",
          "insert into bed_stays (bed, transfer, held_at) select bed, 'M-C20221120-P001', held_at from bed_stays
           where transfer = 'M-C20221120-P041'"],
        &["beds.single"],
        "TH1-W1-1: bed with two open stays",
    ),
    harm(
        &["insert into phases (id, facility, ward, no, division, phase, from_at, account, said_at, reason)
             select 'IS1/1', 'IS1', '', 1, '500103', 'closed', min(collected_at), 'x', min(collected_at), 'x' from tubes",
          "update bed_stays set for_at = (select max(reported_at) from results) where bed = 'IS1-0101-1'"],
        &["beds.single"],
        "IS1-0101-1: bed was given in a ward that took nobody at that moment, by what had been said until then",
    ),
    harm(
        &["update transfers set bed_from = (select max(reported_at) from results) where id = 'M-C20221120-P055'"],
        &["transfers.booked"],
        "M-C20221120-P055: planned to arrive before its ward is open",
    ),
    harm(
        &["update bed_stays set bed = 'nowhere' where transfer = 'M-C20221120-P055'"],
        &["beds.single", "transfers.booked"],
        "nowhere: stay in a bed that does not exist",
    ),
    harm(
        &["drop index transfers_live",
          "update transfers set person_no = 1, person = 'P001' where id = 'M-C20221120-P055'"],
        &["trips.fit"],
        "P001: person on two live transfers",
    ),
    harm(
        &["update transfers set class = 'contact' where id = 'M-C20221120-P006'"],
        &["trips.fit", "transfers.booked"],
        "positives and contacts on one trip",
    ),
    harm(
        &["update vehicles set seats = 0, stretchers = 0, wheelchairs = 0 where vehicle = (select min(vehicle) from trips)"],
        &["trips.fit"],
        "more people on the trip than its vehicle has places",
    ),
    harm(
        &["update trips set people = people + 1 where id = (select min(id) from trips)"],
        &["trips.fit"],
        "trip does not carry as many people as it says",
    ),
    harm(
        &["update trips set vehicle = (select max(vehicle) from trips), departs_at = (select min(departs_at) from trips),
             ends_at = (select max(ends_at) from trips)"],
        &["trips.fit"],
        "vehicle is on another trip at the same time",
    ),
    harm(
        &["update transfers set bed = null where id = 'M-C20221120-P055'"],
        &["beds.single", "transfers.booked"],
        "bed is kept for nobody",
    ),
    harm(
        &["delete from seats where transfer = 'M-C20221120-P055'"],
        &["trips.fit", "transfers.booked"],
        "trip does not carry as many people",
    ),
    harm(
        &["update transfers set pickup_at = (select opened_at from days) where id = 'M-C20221120-P055'"],
        &["transfers.booked"],
        "M-C20221120-P055: the pick-up is before the request",
    ),
    harm(
        &["update orders set person_no = 80 where person = 'P042'"],
        &["transfers.booked"],
        "M-C20221120-P041-P042: person is still to be moved, and no order or case asks for it any more",
    ),
    harm(
        &["update transfers set admitted_at = pickup_at where id = 'M-C20221120-P055'"],
        &["transfers.booked"],
        "M-C20221120-P055: marked as admitted",
    ),
    harm(
        &["delete from handovers where person = 'P041' and step = 'admitted'"],
        &["transfers.booked"],
        "M-C20221120-P041: admission that no receiving site reported",
    ),
    // files, stock, bulletin
    harm(&["update intake set created = created + 1 where source = 'tubes.csv'"], &["intake.counted"], "tubes.csv: rows read"),
    harm(
        &["update intake set created = created + 1, read = read + 1, rows_done = rows_done + 1 where source = 'tubes.csv'"],
        &["intake.counted"],
        "2022-11-20 tubes.csv: 25 rows read, and event",
    ),
    harm(&["delete from intake where source = 'tubes.csv'"], &["intake.counted"], "its counts are gone"),
    harm(&["update supplies set promised = promised + 1 where key = (select min(key) from supplies)"], &["stock.promised"], "D1"),
    // runs of parcels
    harm(&[RUN], &["deliveries.planned"], "X: run that carries more than its carrier takes, or other parcels"),
    harm(
        &[RUN, STOP, "update delivery_stops set expected_at = (select max(reported_at) from results)"],
        &["deliveries.planned"],
        "X H01 food_parcel: door that is expected before",
    ),
    harm(
        &[
            RUN,
            STOP,
            "update delivery_stops set ended_at = expected_at, outcome = 'delivered'",
            "update delivery_runs set left_at = loads_at, left_by = 'x'",
        ],
        &["deliveries.planned"],
        "X: run that left, and no event",
    ),
    harm(&["update bulletins set body = replace(body, '\"converted\":0', '\"converted\":1')"], &["bulletin.agrees"], "converted"),
    harm(
        &["update cases set classification = 'confirmed' where id = 'C20221120-P001'"],
        &["in_care.balances", "bulletin.agrees"],
        "C20221120-P001: is counted as something else than it is",
    ),
    harm(&["delete from bulletins"], &["bulletin.agrees"], "has no bulletin"),
    harm(
        &["update bulletins set published_at = (select closed_at from days), published_by = 'somebody'"],
        &["bulletin.agrees"],
        "2022-11-20:1: was published, and no event tells of it",
    ),
    harm(
        &["insert into bulletin_approvals (day, edition, account, at) select day, 1, 'somebody', closed_at from days"],
        &["bulletin.agrees"],
        "2022-11-20:1: was approved by somebody, and no event tells of it",
    ),
    // who is in care
    harm(
        &["update in_care set class = 'asymptomatic' where case_id = 'C20221120-P055'"],
        &["in_care.balances"],
        "C20221120-P055: is counted as something else than it is",
    ),
    harm(
        &["delete from in_care where case_id = 'C20221120-P055'"],
        &["in_care.balances"],
        "C20221120-P055: stands, and is counted in no stock",
    ),
    harm(
        &["update in_care set until_day = from_day, went = 'recovered' where case_id = 'C20221120-P055'"],
        &["in_care.balances"],
        "C20221120-P055: went in another way than the case says",
    ),
    harm(
        &["update in_care set until_day = from_day, went = 'set_aside' where case_id = 'C20221120-P055'"],
        &["in_care.balances"],
        "C20221120-P055: was set aside for another case, and no event tells of it",
    ),
    harm(
        &["update in_care set until_day = from_day, went = 'reclassified' where case_id = 'C20221120-P055'"],
        &["in_care.balances"],
        "C20221120-P055: became something else on a day, and nothing says what",
    ),
    harm(
        &["insert into in_care select 'C20221120-X', from_day, class, division, came, until_day, went from in_care
             where case_id = 'C20221120-P055'"],
        &["in_care.balances"],
        "C20221120-X: was told of as in care, and there is no such case",
    ),
    harm(
        &["insert into in_care select case_id, from_day, 'confirmed', division, came, '2022-11-21', 'died' from in_care
             where case_id = 'C20221120-P055'"],
        &["in_care.balances"],
        "C20221120-P055: was told of as two things at once",
    ),
    harm(
        &["update bulletins set body = replace(body, '\"into\":0', '\"into\":1')"],
        &["in_care.balances"],
        "what it tells of comings and goings makes",
    ),
    harm(
        &["update bulletins set body = replace(body, '\"before\":0,\"new\"', '\"before\":1,\"new\"')"],
        &["in_care.balances"],
        "the bulletin of the day before told 0",
    ),
];

#[tokio::test]
async fn each_harm_breaks_the_checks_it_concerns_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    for engine in Engine::all(folder.path()) {
        let whole = engine.fresh().await;
        run(&whole, &example(), "2022-11-20", false).await;
        read_by_somebody(&whole).await;
        let findings = dayclear_verify::check(&whole, ZONE).await.unwrap();
        let broken: Vec<_> = findings.iter().filter(|f| !f.holds).collect();
        assert!(broken.is_empty(), "{broken:#?}");
        assert!(findings.iter().all(|f| f.looked_at > 0 || ELSEWHERE.contains(&f.check)), "{findings:#?}");
        let mut wrong = Vec::new();
        // every rule runs on both engines; of the harms, a part is enough where copying a store is slow
        let every = if matches!(engine, Engine::Server(_)) { 4 } else { 1 };
        for harm in HARMS.iter().step_by(every) {
            let copy = engine.copy(&whole).await;
            engine.tamper(&copy, harm.statements).await;
            let findings = dayclear_verify::check(&copy, ZONE).await.unwrap();
            let broken: Vec<_> = findings.iter().filter(|f| !f.holds).collect();
            let checks: Vec<&str> = broken.iter().map(|f| f.check).collect();
            if checks != harm.broken || !broken[0].detail.contains(harm.names) {
                wrong.push(format!(
                    "{:#?}\nmust break {:?} ({}), and broke {broken:#?}",
                    harm.statements, harm.broken, harm.names
                ));
            }
            engine.remove(&copy).await;
        }
        engine.remove(&whole).await;
        assert!(wrong.is_empty(), "{} of {} harms:\n{}", wrong.len(), HARMS.len(), wrong.join("\n\n"));
    }
}

const AUDIT_HARMS: &[(&[&str], &str)] = &[
    (&["update audit set account = 'U2' where seq = 5"], "audit entry 5 (read by U2) was altered"),
    (&["update audit set object = '' where seq = 1"], "audit entry 1 (read by U1) was altered"),
    (&["update audit set detail = '{} ' where seq = 9"], "audit entry 9 (read by U1) was altered"),
    (&["delete from audit where seq = 3"], "audit entry 3 is missing; audit entry 4 follows audit entry 2"),
    (
        &["update audit set seq = -seq where seq in (4, 6)", "update audit set seq = 10 + seq where seq < 0"],
        "audit entry 4 (read by U1) does not follow audit entry 3",
    ),
    (&["delete from audit where seq > 8"], "audit entry 9 is missing at the end"),
    (&["delete from audit where seq > 6"], "audit entries 7 to 9 are missing at the end"),
    (&["delete from audit"], "audit entries 1 to 9 are missing at the end"),
    (&["delete from audit_head"], "the head of the audit chain is missing"),
    (&["update audit_head set seq = 8"], "audit entry 9 stands after the head of the audit chain"),
    (&["update audit_head set hash = prev from audit where audit.seq = 9"], "the head names another audit entry 9"),
];

#[tokio::test]
async fn damage_to_the_chain_of_reads_is_named_where_it_begins() {
    let folder = tempfile::tempdir().unwrap();
    for engine in Engine::all(folder.path()) {
        let whole = engine.fresh().await;
        read_by_somebody(&whole).await;
        let findings = dayclear_verify::check_chains(&whole).await.unwrap();
        let said: Vec<_> = findings.iter().map(|f| (f.check, f.holds, f.looked_at)).collect();
        assert_eq!(said, [("events.chain", true, 0), ("audit.chain", true, 9)]);
        for (statements, names) in AUDIT_HARMS {
            let copy = engine.copy(&whole).await;
            engine.tamper(&copy, statements).await;
            let findings = dayclear_verify::check_chains(&copy).await.unwrap();
            assert!(findings[0].holds && !findings[1].holds, "{statements:?}: {findings:?}");
            assert!(findings[1].detail.contains(names), "{statements:?}: {}", findings[1].detail);
            engine.remove(&copy).await;
        }
        engine.remove(&whole).await;
    }
}
