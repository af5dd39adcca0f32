//! Harms to what came by files and what is told: stock and bulletin, runs of parcels, who is in care.

use super::{Harm, harm};

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

pub const TOLD: &[Harm] = &[
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
