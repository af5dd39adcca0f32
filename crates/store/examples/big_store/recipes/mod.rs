//! What stands in the city, as statements: every row follows from its number. Who lives where stands in `people`; one district has as
//! many open cases, and so open items, as all the others together.

mod people;

pub use people::{Places, divisions, places, roster};

use super::engine::{Engine, padded};
use anyhow::Result;
use dayclear_core::time::Zone;
use people::building_number;

/// End of the last day, 2022-11-20 in Chongqing, in seconds since 1970.
pub const END_S: i64 = 1_668_960_000;
/// Days of cases.
const DAYS: i64 = 90;
/// Begin of the first day.
pub const BEGIN_S: i64 = END_S - DAYS * 86_400;
/// Seconds of the end in which the open cases were found.
const OPEN_S: i64 = 3 * 86_400;
/// People of a household.
const HOUSEHOLD: i64 = 3;

/// Sizes of the store.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    pub people: i64,
    pub cases: i64,
    /// Cases that are open: the last ones.
    pub open: i64,
    /// Tubes of the last day, with ten people each.
    pub tubes: i64,
    pub beds: i64,
}

impl Sizes {
    pub fn of(people: i64, cases: i64) -> Sizes {
        let open = cases / 50;
        Sizes { people, cases, open, tubes: people / 100, beds: (open * 6 / 5).max(400) }
    }
}

pub fn zone() -> Result<Zone> {
    Ok(Zone::named("Asia/Shanghai")?)
}

/// Id of a person by number; numbers count from 1.
fn person(no: &str) -> String {
    format!("'P' || {}", padded(no, 9))
}

/// Laboratories, facilities with their beds, vehicles.
pub async fn means(engine: &mut Engine, places: &Places, sizes: Sizes) -> Result<u64> {
    let facilities = (sizes.beds / 500).max(76);
    let labels: Vec<String> =
        (0..).zip(&places.districts).map(|(at, d)| format!("({at}, '{}', {}, {})", d.code, d.lon, d.lat)).collect();
    let districts = places.districts.len();
    let place = format!(
        "join (select column1 as i, column2 as code, column3 as lon, column4 as lat from (values {}) v) d
        on d.i = n % {districts}",
        labels.join(",")
    );
    let statements = [
        format!(
            "insert into laboratories (laboratory, name, in_city, division, tubes_a_day, digest)
             select 'L' || {}, 'Laboratory ' || cast(n as text), 'yes', d.code, 20000, n from {} s {place}",
            padded("n", 3),
            engine.series(0, 75)
        ),
        format!(
            "insert into facilities (facility, kind, name, division, lon, lat, owner, digest)
             select 'F' || {}, case n % 8 when 0 then 'designated_hospital' when 1 then 'isolation_site' else 'temporary_hospital' end,
                'Facility ' || cast(n as text), d.code, d.lon, d.lat, 'health bureau', n from {} s {place}",
            padded("n", 5),
            engine.series(0, facilities - 1)
        ),
        format!(
            "insert into beds (bed, facility, room, rule, severe, state, digest)
             select 'F' || {0} || '-' || cast(n as text), 'F' || {0}, cast(n / 4 as text), 'any', 'no', case when n % 50 = 0 then 'cleaning' else 'free' end, n
             from {1} s",
            padded(&format!("n % {facilities}"), 5),
            engine.series(0, sizes.beds - 1)
        ),
        format!(
            "insert into vehicles (vehicle, division, seats, lon, lat, out_of_service, digest)
             select 'V' || {}, d.code, 8, d.lon, d.lat, 'no', n from {} s {place}",
            padded("n", 4),
            engine.series(0, 759)
        ),
    ];
    let mut n = 0;
    for sql in statements {
        n += engine.run(&sql).await?;
    }
    Ok(n)
}

/// The person of the case with number `n`: every case has a household of its own while it is open. Half of the open ones
/// live in the big district; positions in the household keep the two halves apart.
fn person_of_case(places: &Places, sizes: Sizes) -> String {
    let closed = sizes.cases - sizes.open;
    let all = places.households();
    let (big_first, big) = places.big().map_or((0, all), |big| (big.first_household, big.households));
    // by tens, so that each half has numbers of every ending: lists that take every second or fifth case have both
    let (half, j) = (sizes.open / 2 + 20, format!("(n - {closed} - 1)"));
    let at = format!("({j} / 20 * 10 + {j} % 10)");
    format!(
        "case when n <= {closed} then 1 + (n * 7 % {closed}) * {all} / {closed} * {HOUSEHOLD}
            when {j} / 10 % 2 = 0 then 2 + ({big_first} + {at} * {big} / {half}) * {HOUSEHOLD}
            else 3 + ({at} * {all} / {half}) * {HOUSEHOLD} end"
    )
}

/// Everything that happened and that waits, in the order in which it is made. Cases come first: the rest follows from them.
pub fn line(engine: &Engine, places: &Places, sizes: Sizes) -> Vec<(&'static str, String)> {
    let Sizes { people, cases, open, tubes, beds } = sizes;
    let closed = cases - open;
    let facilities = (beds / 500).max(76);
    let found = format!(
        "case when n <= {closed} then {BEGIN_S} + n * {} / {closed}
            else {END_S} - {OPEN_S} + (n - {closed}) * {} / {open} - 3600 end",
        DAYS * 86_400 - OPEN_S,
        OPEN_S
    );
    let found_at = engine.at(&found);
    let day = |at: &str| engine.day_of(at);
    let hours = |at: &str, hours: &str| engine.later(at, &format!("({hours}) * 60"));
    let person_no = person_of_case(places, sizes);
    let facility = |n: &str| format!("'F' || {}", padded(&format!("({n}) % {facilities}"), 5));
    let laboratory = |n: &str| format!("'L' || {}", padded(&format!("({n}) % 76"), 3));
    let why = "'{\"clause\":\"2.1\",\"pack\":\"cn-2022-11\"}'";
    let end = |minutes: &str| hours("c.found_at", &format!("{minutes} + c.tube_no % 24"));
    let mut steps = vec![
        (
            "cases",
            format!(
                "insert into cases (id, person, person_no, division, building, tube_no, sampled_at, found_at, ct, origin,
                    classification, severity, counted_on, closed_on, outcome, reason)
                 select 'C' || {id}, p.person, p.no, p.division, 'B' || {building}, s.n, {sampled}, s.found_at, 20 + s.n % 15,
                    case s.n % 5 when 0 then 'community' when 1 then 'area_screening' else 'already_isolated' end,
                    case s.n % 10 when 0 then 'confirmed' else 'asymptomatic' end, 'mild', {counted},
                    case when s.n <= {closed} then {ended} end, case when s.n <= {closed} then 'recovered' end, {why}
                 from (select n, {person_no} as no, {found_at} as found_at from {series} r) s join people p on p.no = s.no",
                id = padded("s.n", 9),
                building = padded(&building_number(&format!("(p.no - 1) / {HOUSEHOLD}")), 9),
                sampled = hours("s.found_at", "-8"),
                counted = day("s.found_at"),
                ended = day(&hours("s.found_at", "48")),
                series = engine.series(1, cases)
            ),
        ),
        (
            "tubes of cases",
            format!(
                "insert into tubes (no, tube, division, purpose, size, site, collected_at, laboratory, sent_at, received_at, digest)
                 select c.tube_no, 'T' || {}, c.division, 'recall', 1, 'S' || substr(c.division, 1, 9), c.sampled_at, {},
                    {}, {}, c.tube_no from cases c order by c.tube_no",
                padded("c.tube_no", 9),
                laboratory("c.tube_no"),
                hours("c.sampled_at", "1"),
                hours("c.sampled_at", "2")
            ),
        ),
        (
            "tubes of the day",
            format!(
                "insert into tubes (no, tube, division, purpose, size, site, collected_at, laboratory, sent_at, received_at, digest)
                 select {cases} + s.n, 'T' || {}, p.division, 'area_screening', 10, 'S' || substr(p.division, 1, 9), s.at, {},
                    {}, {}, s.n
                 from (select n, 1 + (n - 1) * ({people} / {tubes}) as no, {} as at from {} r) s join people p on p.no = s.no",
                padded(&format!("{cases} + s.n"), 9),
                laboratory("s.n"),
                hours("s.at", "1"),
                hours("s.at", "2"),
                engine.at(&format!("{END_S} - 43200 + n * 36000 / {tubes}")),
                engine.series(1, tubes)
            ),
        ),
        (
            "members of cases' tubes",
            "insert into members (tube_no, person_no) select tube_no, person_no from cases order by tube_no".to_owned(),
        ),
        (
            "members of the day's tubes",
            format!(
                "insert into members (tube_no, person_no)
                 select {cases} + 1 + n / 10, 1 + n / 10 * ({people} / {tubes}) + n % 10 from {} s",
                engine.series(0, tubes * 10 - 1)
            ),
        ),
    ];
    let result = |version: &str, what: &str, wanted: &str| {
        format!(
            "insert into results (key, tube_no, laboratory, version, finding, ct_n, ct_orf, run, reported_at, digest)
             select t.laboratory || '/' || t.tube || '/{version}', t.no, t.laboratory, '{version}', {what}, 25, 26,
                'R' || cast(t.no / 94 as text), {}, t.no from tubes t where {wanted} order by t.no",
            hours("t.received_at", "6")
        )
    };
    let settled = "insert into settled (tube_no, finding, ct_n, ct_orf, version, reported_at, versions)
        select tube_no, finding, ct_n, ct_orf, version, reported_at, 1 from results order by tube_no";
    steps.extend([
        ("results of cases", result("F", "'positive'", &format!("t.no <= {cases}"))),
        (
            "results of the day",
            result("F", "case when t.no % 500 = 0 then 'positive' else 'negative' end", &format!("t.no > {cases} and t.no % 50 <> 1")),
        ),
        ("settled", settled.to_owned()),
        (
            "contacts",
            format!(
                "insert into contacts (case_id, person, person_no, division, class, tier, first_exposure, last_exposure, setting,
                    source, listed_at)
                 select s.id, {person}, s.no, s.division, 'co_resident', 'close', {day}, {day}, 'home', 'household', {listed}
                 from (select c.id, c.division, c.found_at, (c.person_no - 1) / {HOUSEHOLD} * {HOUSEHOLD} + 1
                        + ((c.person_no - 1) % {HOUSEHOLD} + d.column1) % {HOUSEHOLD} as no
                    from cases c cross join (values (1), (2)) d) s order by s.id, s.no",
                person = person("s.no"),
                day = day("s.found_at"),
                listed = hours("s.found_at", "4")
            ),
        ),
    ]);
    let order = |id: &str, person: &str, no: &str, from: &str, kind: &str, basis: &str| {
        format!(
            "insert into orders (id, person, person_no, division, kind, basis, subject, starts_at, from_day, until_day, test_days,
                place, state, ended_on, legal_basis, body, purpose, evidence, milder, reason)
             select {id}, {person}, {no}, c.division, '{kind}', '{basis}', c.id, c.found_at, {}, {}, '', null,
                case when c.closed_on is null then 'active' else 'ended' end, c.closed_on, 'Law, art. 39', 'district CDC',
                'to break the chain', {why}, 'home: not suitable', {why} from {from}",
            day("c.found_at"),
            day(&hours("c.found_at", "168"))
        )
    };
    steps.extend([
        ("orders of cases", order("'O-case-' || c.id", "c.person", "c.person_no", "cases c order by c.id", "central_isolation", "case")),
        (
            "orders of contacts",
            order(
                "'O-contact-' || c.id || '-' || k.person",
                "k.person",
                "k.person_no",
                "cases c join contacts k on k.case_id = c.id where k.person_no % 2 = 0 order by c.id",
                "home_isolation",
                "contact",
            ),
        ),
        (
            "trips",
            format!(
                "insert into trips (id, vehicle, crew, class, division, departs_at, ends_at, people, km)
                 select 'R-' || c.id, 'V' || {}, 'K' || cast(c.tube_no % 1520 as text), 'positive', substr(c.division, 1, 6), {}, {}, 4, 21.5
                 from cases c where c.tube_no % 4 = 0 order by c.id",
                padded("c.tube_no / 4 % 760", 4),
                hours("c.found_at", "3"),
                hours("c.found_at", "5")
            ),
        ),
        ("transfers", {
            // of ten open ones one waits, one is booked, the rest have arrived
            let state = "case when c.closed_on is not null then 'cancelled' when c.tube_no % 10 = 0 then 'requested'
                when c.tube_no % 10 = 1 then 'booked' else 'admitted' end";
            let waits = "(c.closed_on is null and c.tube_no % 10 = 0)";
            let unless = |value: &str| format!("case when not {waits} then {value} end");
            format!(
                "insert into transfers (id, person, person_no, division, class, subject, requested_at, building, facility, bed,
                    trip, pickup_at, arrive_at, picked_up_at, admitted_at, ended_at, state, reason)
                 select 'T-' || c.id, c.person, c.person_no, c.division, 'positive', c.id, c.found_at, c.building, {}, {}, {}, {}, {},
                    case when c.closed_on is not null or c.tube_no % 10 > 1 then {} end,
                    case when c.closed_on is not null or c.tube_no % 10 > 1 then {} end,
                    case when c.closed_on is not null then {} end, {state}, {why} from cases c order by c.id",
                unless(&facility(&format!("c.tube_no % {beds}"))),
                unless(&format!("{} || '-' || cast(c.tube_no % {beds} as text)", facility(&format!("c.tube_no % {beds}")))),
                unless(&format!("'R-C' || {}", padded("c.tube_no / 4 * 4", 9))),
                unless(&hours("c.found_at", "3")),
                unless(&hours("c.found_at", "4")),
                hours("c.found_at", "3"),
                hours("c.found_at", "4"),
                hours("c.found_at", "48")
            )
        }),
        (
            "bed stays",
            "insert into bed_stays (bed, transfer, held_at, released_at)
             select bed, id, requested_at, ended_at from transfers where bed is not null order by bed, id"
                .to_owned(),
        ),
        (
            "areas",
            format!(
                "insert into zones (id, building, unit, division, level, opened_on, last_new_on, forecast_on, ends_on, released_on,
                    people, cases, reason)
                 select 'Z-' || c.id, c.building, null, c.division, 'high', {day}, {day}, {ends}, {ends},
                    c.closed_on, 300, 1, {why}
                 from cases c left join (select o.building, min(o.tube_no) as first from cases o
                    where o.closed_on is null and o.tube_no % 20 = 0 group by o.building) f on f.building = c.building
                 where c.tube_no % 20 = 0 and (c.closed_on is not null or c.tube_no = f.first) order by c.id",
                day = day("c.found_at"),
                ends = day(&hours("c.found_at", "120"))
            ),
        ),
        (
            "areas of cases",
            format!(
                "insert into zone_cases (case_id, zone, division, reason)
                 select substr(id, 3), id, division, {why} from zones order by id"
            ),
        ),
        (
            "cases without an area",
            format!(
                "insert into exemptions (case_id, division, reason) select c.id, c.division, {why} from cases c
                 left join zone_cases z on z.case_id = c.id where z.case_id is null order by c.id"
            ),
        ),
        (
            "requests",
            format!(
                "insert into requests (request, kind, household, division, received_at, answered_at, answer, text, digest)
                 select 'Q' || {}, 'medicine', 'H' || {}, c.division, c.found_at, case when c.closed_on is not null then {} end,
                    case when c.closed_on is not null then 'brought' end, '需要药品', c.tube_no from cases c where c.tube_no % 5 = 0 order by c.id",
                padded("c.tube_no", 9),
                padded(&format!("(c.person_no - 1) / {HOUSEHOLD}"), 9),
                hours("c.found_at", "2")
            ),
        ),
        (
            "parcels",
            format!(
                "insert into parcels (household, day, item, division, depot, units, run, delivered_at)
                 select 'H' || {}, {}, 'food_parcel', c.division, 'D1', 1, 'run', case when c.closed_on is not null then {} end
                 from cases c where c.tube_no % 5 = 0 order by c.id on conflict do nothing",
                padded(&format!("(c.person_no - 1) / {HOUSEHOLD}"), 9),
                day("c.found_at"),
                hours("c.found_at", "9")
            ),
        ),
    ]);
    steps.extend(items(engine, &end));
    steps.extend(books(engine));
    steps
}

/// Items of every worklist, from the cases and tubes: open where the case is. A tube waits while it has no result.
fn items(engine: &Engine, end: &dyn Fn(&str) -> String) -> Vec<(&'static str, String)> {
    const COLUMNS: &str =
        "worklist, subject, division, party, owner, opened_at, due_at, closed_at, outcome, reason, assignee";
    // worklist, subject, which cases, owner, hours until due
    let lists: [(&str, &str, i64, &str, &str); 14] = [
        ("report", "c.id", 1, "substr(c.division, 1, 6)", "2"),
        ("diagnose", "c.id", 1, "substr(c.division, 1, 6)", "24"),
        ("investigate", "c.id", 1, "substr(c.division, 1, 6)", "24"),
        ("move", "c.id", 1, "substr(c.division, 1, 6)", "8"),
        ("release", "'O-case-' || c.id", 1, "substr(c.division, 1, 6)", "168"),
        ("place", "'M-' || c.id", 2, "substr(c.division, 1, 6)", "8"),
        ("recall", "'T' || substr(c.id, 2) || '/' || c.person", 2, "c.division", "24"),
        ("retest", "c.person || '/' || c.id", 2, "c.division", "24"),
        ("supply", "'H' || c.id", 2, "c.division", "12"),
        ("clarify", "'late/' || c.id", 5, "substr(c.division, 1, 6)", "24"),
        ("answer", "'Q' || substr(c.id, 2)", 5, "c.division", "1"),
        ("reopen", "'Z-' || c.id", 5, "substr(c.division, 1, 6)", "120"),
        ("clean", "'bed-' || c.id", 5, "'F00003'", "4"),
        ("review", "'review-' || c.id", 5, "substr(c.division, 1, 6)", "24"),
    ];
    let mut steps: Vec<(&'static str, String)> = lists
        .iter()
        .map(|(worklist, subject, every, owner, due)| {
            let opened = engine.later("c.found_at", "c.tube_no % 60");
            let sql = format!(
                "insert into items ({COLUMNS})
                 select '{worklist}', {subject}, c.division, 'division', {owner}, {opened}, {}, case when c.closed_on is not null then {} end,
                    case when c.closed_on is not null then 'completed' end, 'clause 2.1 of the pack: to do within {due} h',
                    case when c.closed_on is null and c.tube_no % 100 = 0 then 'bench' end
                 from cases c where c.tube_no % {every} = 0 order by 2",
                engine.later("c.found_at", &format!("{due} * 60 + c.tube_no % 60")),
                end("1")
            );
            (*worklist, sql)
        })
        .collect();
    for (worklist, from, owner, ended) in [
        ("deliver", "t.collected_at", "'S' || substr(t.division, 1, 9)", "t.received_at"),
        ("test", "t.received_at", "t.laboratory", "s.reported_at"),
    ] {
        let sql = format!(
            "insert into items ({COLUMNS})
             select '{worklist}', t.tube, t.division, 'site', {owner}, {from}, {}, {ended},
                case when {ended} is not null then 'completed' end, 'clause 1.2 of the pack', null
             from tubes t left join settled s on s.tube_no = t.no where t.no % 2 = 1 order by t.tube",
            engine.later(from, "600")
        );
        steps.push((worklist, sql));
    }
    let passed_up = format!(
        "update items set escalated_at = due_at where closed_at is null and due_at < {}",
        engine.at(&(END_S - 3_600).to_string())
    );
    steps.push(("passed up", passed_up));
    steps
}

/// Movements as they follow from the items, the ledger of every closed day from the movements, and the days.
fn books(engine: &Engine) -> Vec<(&'static str, String)> {
    let moved = |at: &str, movement: &str| {
        format!(
            "select {} as day, worklist, substr(division, 1, 6) as division, {movement} as movement from items where {at} is not null",
            engine.day_of(at)
        )
    };
    let movements = format!(
        "insert into movements (day, worklist, division, movement, n)
         select day, worklist, division, movement, count(*) from ({} union all {}) m group by day, worklist, division, movement",
        moved("opened_at", "'received'"),
        moved("closed_at", "outcome")
    );
    let first = engine.day(&(BEGIN_S.div_euclid(86_400) + 1).to_string());
    let days = format!(
        "insert into days (day, opened_at, closed_at, ledger_digest, previous, signature)
         select {}, {}, case when n < {DAYS} - 1 then {} end, case when n < {DAYS} - 1 then 'made' end, null,
            case when n < {DAYS} - 1 then 'made' end from {} s",
        engine.day(&format!("{} + n", BEGIN_S.div_euclid(86_400) + 1)),
        engine.at(&format!("{BEGIN_S} + n * 86400")),
        engine.at(&format!("{BEGIN_S} + (n + 1) * 86400 - 1")),
        engine.series(0, DAYS - 1)
    );
    // what was before the first day counts as its opening
    let count = |movement: &str| format!("sum(case when m.movement = '{movement}' then m.n else 0 end)");
    let ledger = format!(
        "insert into ledger (day, worklist, division, opening, received, completed, cancelled, closing, overdue)
         select day, worklist, division, closing - received + completed, received, completed, 0, closing, 0
         from (select day, worklist, division, received, completed,
                cast(sum(received - completed) over (partition by worklist, division order by day) as bigint) as closing
            from (select d.day, g.worklist, g.division, cast(coalesce({}, 0) as bigint) as received,
                    cast(coalesce({}, 0) as bigint) as completed
                from days d cross join (select distinct worklist, division from movements) g
                left join movements m on m.worklist = g.worklist and m.division = g.division and (m.day = d.day
                    or (m.day < d.day and d.day = {first}))
                where d.closed_at is not null group by d.day, g.worklist, g.division) f) b",
        count("received"),
        count("completed")
    );
    vec![("movements", movements), ("days", days), ("ledger", ledger)]
}
