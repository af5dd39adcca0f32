//! What the generator promises, checked on its rows alone: forms by the declared tables, references, counts, clocks, and
//! that the same seed gives the same bytes.

use super::*;
use dayclear_core::{
    divisions::DivisionCode,
    schema::Kind,
    time::{Instant, Zone},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
};

/// Keeps all rows, and a digest of them (FNV-1a over cells and their ends).
#[derive(Default)]
pub(super) struct Kept {
    rows: BTreeMap<&'static str, Vec<Vec<String>>>,
    order: Vec<&'static str>,
    digest: u64,
}

impl Sink for Kept {
    type Error = Infallible;
    fn table(&mut self, table: &'static Table) -> Result<(), Infallible> {
        self.order.push(table.name);
        self.rows.insert(table.name, Vec::new());
        Ok(())
    }
    fn row(&mut self, table: &'static Table, cells: &[&str]) -> Result<(), Infallible> {
        assert_eq!((self.order.last(), cells.len()), (Some(&table.name), table.columns.len()));
        for cell in cells {
            for byte in cell.bytes().chain([0]) {
                self.digest = (self.digest ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
            }
        }
        self.rows.entry(table.name).or_default().push(cells.iter().map(|cell| (*cell).to_owned()).collect());
        Ok(())
    }
}

/// Tables that a made city has: what people say of somebody's presence and lists beside the roster come from desks.
fn made_tables() -> impl Iterator<Item = &'static Table> {
    const FROM_DESKS: [&str; 13] = [
        "carriers",
        "goods",
        "statements",
        "listed",
        "places",
        "shifts",
        "gates",
        "arrivals",
        "teams",
        "follow_ups",
        "assistance",
        "questions",
        "answers",
    ];
    DAY_FOLDER.iter().copied().filter(|table| !FROM_DESKS.contains(&table.name))
}

/// Of these, the ones of the example.
fn example_tables() -> impl Iterator<Item = &'static Table> {
    made_tables().filter(|table| !["rounds", "runs"].contains(&table.name))
}

impl Kept {
    pub(super) fn column(&self, table: &'static Table, name: &str) -> impl Iterator<Item = &str> {
        let place = table.position(name).unwrap();
        self.rows[table.name].iter().map(move |row| row[place].as_str())
    }
    pub(super) fn table(&self, name: &str) -> &[Vec<String>] {
        &self.rows[name]
    }
}

pub(super) fn spec(people: u64, positives: u64, seed: u64) -> Spec {
    Spec {
        people,
        positives,
        tubes: None,
        date: "2022-11-20".parse().unwrap(),
        seed,
        turn: 0,
        districts: None,
        collective: false,
        lists: false,
    }
}

pub(super) fn made(spec: &Spec) -> (Kept, Summary) {
    let mut kept = Kept { digest: 0xcbf2_9ce4_8422_2325, ..Kept::default() };
    let summary = make(spec, &Sources::chongqing().unwrap(), &mut kept).unwrap();
    (kept, summary)
}

fn valid(kind: Kind, cell: &str) -> bool {
    let real = |low: f64, high: f64| cell.parse::<f64>().is_ok_and(|value| (low..=high).contains(&value));
    match kind {
        Kind::Id => (1..=64).contains(&cell.len()) && cell.bytes().all(|byte| byte.is_ascii_graphic()),
        Kind::Text(most) => cell.chars().count() <= most && cell.trim() == cell && !cell.contains(['\n', '\r']),
        Kind::Division => cell.parse::<DivisionCode>().is_ok(),
        Kind::Whole(low, high) => cell.parse::<i64>().is_ok_and(|value| (low..=high).contains(&value)),
        Kind::Real(low, high) => real(low, high),
        Kind::Day => cell.parse::<CivilDate>().is_ok(),
        Kind::Moment => cell.ends_with("+08:00") && cell.parse::<Instant>().is_ok(),
        Kind::OneOf(terms) => terms.contains(&cell),
        Kind::ManyOf(terms) => cell.split(';').all(|term| terms.contains(&term)),
        Kind::Document => cell.len() == 18 && names::check_character(&cell[..17]) == &cell[17..],
    }
}

#[test]
fn every_cell_is_what_its_column_declares() {
    for seed in 0..3 {
        let (kept, summary) = made(&spec(6_000, 30, seed));
        assert_eq!(kept.order, made_tables().map(|table| table.name).collect::<Vec<_>>());
        for table in made_tables() {
            let rows = kept.table(table.name);
            assert_eq!(rows.len() as u64, summary.rows[table.name]);
            let mut keys = BTreeSet::new();
            let places: Vec<usize> = table.key.iter().map(|name| table.position(name).unwrap()).collect();
            for row in rows {
                for (column, cell) in table.columns.iter().zip(row) {
                    let fine = if cell.is_empty() { !column.required } else { valid(column.kind, cell) };
                    assert!(fine, "{}.{}: '{cell}' in {row:?}", table.name, column.name);
                }
                let key: Vec<&String> = places.iter().map(|place| &row[*place]).collect();
                let new = keys.insert(key);
                assert!(new || table.name == "results", "{}: {row:?} comes twice", table.name);
            }
            if table.name == "results" {
                assert_eq!((rows.len() - keys.len()) as u64, summary.repeated);
            }
        }
    }
}

#[test]
fn every_reference_is_kept_but_for_the_strangers() {
    let (kept, summary) = made(&spec(8_000, 40, 5));
    references(&kept);
    use schema_names::{MEMBERS, PEOPLE};
    let known: BTreeSet<&str> = kept.column(&PEOPLE, "person").collect();
    let unknown = kept.column(&MEMBERS, "person").filter(|person| !known.contains(person)).count() as u64;
    assert_eq!(unknown, summary.strangers);
    // No minor with a grown-up in the household is without a carer, and every household has a grown-up.
    let alone = kept.table("people").iter().filter(|row| !grown(row) && row[9].is_empty()).count();
    assert_eq!(alone, 0, "minors without a carer");
}

/// Born 18 years ago or more.
fn grown(row: &[String]) -> bool {
    row[6].as_str() <= "2004-11-20"
}

fn references(kept: &Kept) {
    let ids = |table: &'static Table| kept.column(table, table.key[0]).collect::<BTreeSet<_>>();
    use schema_names::*;
    let all: [(&'static Table, &str, &'static Table); 24] = [
        (&BUILDINGS, "division", &DIVISIONS),
        (&HOUSEHOLDS, "building", &BUILDINGS),
        (&PEOPLE, "household", &HOUSEHOLDS),
        (&PEOPLE, "carer", &PEOPLE),
        (&FACILITIES, "division", &DIVISIONS),
        (&BEDS, "facility", &FACILITIES),
        (&VEHICLES, "division", &DIVISIONS),
        (&CREWS, "vehicle", &VEHICLES),
        (&LABORATORIES, "division", &DIVISIONS),
        (&TUBES, "division", &DIVISIONS),
        (&TUBES, "laboratory", &LABORATORIES),
        (&MEMBERS, "tube", &TUBES),
        (&RESULTS, "tube", &TUBES),
        (&RESULTS, "laboratory", &LABORATORIES),
        (&PACKINGS, "tube", &TUBES),
        (&BOX_MOVES, "laboratory", &LABORATORIES),
        (&BOX_MOVES, "division", &DIVISIONS),
        (&BOX_CHECKS, "tube", &TUBES),
        (&ASSESSMENTS, "person", &PEOPLE),
        (&CONTACTS, "case_person", &PEOPLE),
        (&CONTACTS, "person", &PEOPLE),
        (&VISITS, "person", &PEOPLE),
        (&SUPPLIES, "division", &DIVISIONS),
        (&REQUESTS, "household", &HOUSEHOLDS),
    ];
    for (table, column, to) in all {
        let known = ids(to);
        for cell in kept.column(table, column).filter(|cell| !cell.is_empty()) {
            assert!(known.contains(cell), "{}.{column}: {cell} is not in {}", table.name, to.name);
        }
    }
    // A division stands below the one whose code it begins with.
    let divisions = ids(&DIVISIONS);
    for code in divisions.iter().filter(|code| code.len() == 9 || code.len() == 12) {
        assert!(divisions.contains(&code[..code.len() - 3]), "{code}");
    }
    // A carer is grown up and lives in the same household.
    let people = kept.table("people");
    let by_id: BTreeMap<&str, &Vec<String>> = people.iter().map(|row| (row[0].as_str(), row)).collect();
    for row in people.iter().filter(|row| !row[9].is_empty()) {
        let carer = by_id[row[9].as_str()];
        assert!(carer[1] == row[1] && grown(carer) && carer[0] != row[0], "{row:?}");
    }
}

mod schema_names {
    pub use dayclear_core::schema::*;
}

/// Latest word of the laboratory on each tube, by person for singles.
fn last_words(kept: &Kept) -> BTreeMap<String, (String, String)> {
    let mut last: BTreeMap<String, (String, String, String)> = BTreeMap::new();
    for row in kept.table("results") {
        let new = (row[7].clone(), row[2].clone(), row[3].clone());
        let entry = last.entry(row[1].clone()).or_insert_with(|| new.clone());
        if new > *entry {
            *entry = new;
        }
    }
    last.into_iter().map(|(tube, (_, version, finding))| (tube, (version, finding))).collect()
}

#[test]
fn the_summary_is_what_the_rows_say() {
    for (people, positives, seed) in [(3_000, 3, 1), (20_000, 100, 2), (9_000, 250, 3)] {
        let (kept, summary) = made(&spec(people, positives, seed));
        let words = last_words(&kept);
        let mut members: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for row in kept.table("members") {
            members.entry(&row[0]).or_default().push(&row[1]);
        }
        let positive = |tube: &str| words.get(tube).is_some_and(|word| word.1 == "positive" && word.0 == "F");
        let (mut found, mut pools, mut resolved) = (BTreeSet::new(), Vec::new(), BTreeSet::new());
        for tube in kept.table("tubes") {
            let list = &members[tube[0].as_str()];
            let size: usize = tube[3].parse().unwrap();
            assert!(list.len() <= size && !list.is_empty(), "{tube:?}");
            if size == 1 && positive(&tube[0]) {
                assert!(found.insert(list[0]), "{} is found twice", list[0]);
            }
            if size > 1 && positive(&tube[0]) {
                pools.push(list);
            }
            if tube[2] == "recall" && words.contains_key(&tube[0]) {
                resolved.insert(list[0]);
            }
        }
        assert_eq!(found.len() as u64, positives);
        assert_eq!((summary.positives, summary.positive_pools), (positives, pools.len() as u64));
        let open: Vec<_> = pools.iter().filter(|pool| pool.iter().all(|person| !resolved.contains(person))).collect();
        assert_eq!(open.len() as u64, summary.open_pools);
        assert!(!open.is_empty() && open.len() < pools.len(), "{} of {} pools are open", open.len(), pools.len());
        assert_eq!(open.iter().map(|pool| pool.len() as u64).sum::<u64>(), summary.pending_members);
        for pool in pools.iter().filter(|pool| pool.iter().any(|person| resolved.contains(person))) {
            assert!(pool.iter().any(|person| found.contains(person)), "a positive pool without a positive: {pool:?}");
        }
        let hidden = if positives < 3 { 0 } else { (positives / 20).max(1) };
        assert!(summary.infected > positives && summary.infected <= positives + hidden);
        let without = kept.table("tubes").len() - words.len();
        assert_eq!(without as u64, summary.tubes_without_result);
        let last = |version: &str| words.values().filter(|word| word.0 == version).count() as u64;
        assert_eq!((last("C"), last("W")), (summary.corrected, summary.wrong));
        assert_eq!(kept.table("people").len() as u64, people);
    }
}

#[test]
fn clocks_run_forward_inside_the_day() {
    let (kept, _) = made(&spec(20_000, 100, 9));
    let zone = Zone::named("Asia/Shanghai").unwrap();
    let day: CivilDate = "2022-11-20".parse().unwrap();
    let mut received = BTreeMap::new();
    for tube in kept.table("tubes") {
        assert!(("2022-11-20T06:00:00".."2022-11-20T20:01:00").contains(&&tube[5][..19]), "{tube:?}");
        let sent = tube[7].is_empty() || tube[5] < tube[7];
        assert!(sent && (tube[8].is_empty() || tube[7] < tube[8]), "{tube:?}");
        received.insert(tube[0].clone(), (tube[8].clone(), tube[6].clone()));
    }
    for result in kept.table("results") {
        let (received, laboratory) = &received[&result[1]];
        assert!(!received.is_empty() && *received < result[7] && *laboratory == result[0], "{result:?}");
    }
    for table in made_tables().filter(|table| table.name != "visits") {
        for (place, _) in table.columns.iter().enumerate().filter(|(_, column)| column.kind == Kind::Moment) {
            for row in kept.table(table.name).iter().filter(|row| !row[place].is_empty()) {
                assert_eq!(zone.day(row[place].parse().unwrap()), day, "{}: {row:?}", table.name);
            }
        }
    }
    for visit in kept.table("visits") {
        assert!(visit[2] < visit[3] && (-2..=0).contains(&zone.day(visit[2].parse().unwrap()).days_since(day)));
    }
    for shift in kept.table("crews") {
        let (from, to): (Instant, Instant) = (shift[3].parse().unwrap(), shift[4].parse().unwrap());
        assert!((1..=480).contains(&to.minutes_since(from)), "{shift:?}");
    }
}

#[test]
fn boxes_are_counted_at_both_ends_and_runs_have_a_well_for_each_tube() {
    let (kept, _) = made(&spec(20_000, 100, 9));
    use schema_names::{BOX_CHECKS, BOX_MOVES};
    let mut packed: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut once = BTreeSet::new();
    for row in kept.table("packings") {
        assert!(once.insert(row[1].as_str()), "{row:?} lies in two boxes");
        packed.entry(row[0].as_str()).or_default().push(&row[1]);
    }
    assert!(packed.values().all(|tubes| tubes.len() <= 40) && packed.values().any(|tubes| tubes.len() > 5));
    let tubes: BTreeMap<&str, &Vec<String>> = kept.table("tubes").iter().map(|row| (row[0].as_str(), row)).collect();
    assert!(tubes.values().all(|row| row[6].is_empty() != once.contains(row[0].as_str())), "every tube that was sent");
    let counted = |code: &str, step: &str| {
        let row = kept.table("box_moves").iter().find(|row| row[0] == code && row[1] == step)?;
        Some((row[2].clone(), row[7].parse::<usize>().unwrap(), row[4].clone()))
    };
    let missing: BTreeSet<&str> = kept.column(&BOX_CHECKS, "tube").collect();
    let mut arrived = 0;
    for (code, inside) in &packed {
        let (sent, count, laboratory) = counted(code, "sent").unwrap();
        assert_eq!(count, inside.len(), "{code}");
        assert!(inside.iter().all(|tube| tubes[tube][7] <= sent && tubes[tube][6] == laboratory), "{code}");
        if let Some((received, count, _)) = counted(code, "received") {
            arrived += 1;
            assert!(sent < received && inside.iter().all(|tube| tubes[tube][8] <= received), "{code}");
            let gone = inside.iter().filter(|tube| missing.contains(*tube)).count();
            assert_eq!(count, inside.len() - gone, "{code}");
        }
    }
    assert!(arrived * 10 > packed.len() * 9 && !missing.is_empty(), "{arrived} of {}", packed.len());
    assert_eq!(kept.column(&BOX_MOVES, "box").collect::<BTreeSet<_>>().len(), packed.len());
    let mut wells: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for row in kept.table("results") {
        wells.entry((&row[0], &row[6])).or_default().insert(&row[1]);
        let run = kept.table("runs").iter().find(|run| run[0] == row[0] && run[1] == row[6]).unwrap();
        assert!(run[4] <= row[7] && tubes[row[1].as_str()][8] <= run[3], "{row:?} on {run:?}");
    }
    for run in kept.table("runs") {
        assert_eq!(wells[&(run[0].as_str(), run[1].as_str())].len().to_string(), run[5], "{run:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let digest = |spec: &Spec| made(spec).0.digest;
    let golden = spec(2_000, 12, 42);
    // If this changes, every demonstration, benchmark and golden file made from the city changes with it.
    assert_eq!(format!("{:016x}", digest(&golden)), GOLDEN);
    assert_eq!(digest(&golden), digest(&golden));
    assert_ne!(digest(&golden), digest(&spec(2_000, 12, 43)));
}

const GOLDEN: &str = "e9032f80ec7289d4";

#[test]
fn people_and_households_follow_the_published_margins() {
    let (kept, _) = made(&spec(60_000, 0, 11));
    let households = kept.table("households").len() as f64;
    let mean = 60_000.0 / households;
    assert!((mean - 2.448).abs() < 0.03, "mean household {mean}");
    let people = kept.table("people");
    let share =
        |keep: &dyn Fn(&Vec<String>) -> bool| 100.0 * people.iter().filter(|row| keep(row)).count() as f64 / 60_000.0;
    // data/city/chongqing_margins_2020_official.csv, within two points.
    let minors = share(&|row| row[6].as_str() > "2007-11-20");
    let old = share(&|row| row[6].as_str() <= "1962-11-20");
    let male = share(&|row| row[5] == "male");
    for (what, share, published) in [("0-14", minors, 15.91), ("60+", old, 21.87), ("male", male, 50.55)] {
        assert!((share - published).abs() < 2.0, "{what}: {share}");
    }
    let dialysis = share(&|row| row[7].contains("dialysis"));
    assert!((0.03..0.10).contains(&dialysis), "dialysis {dialysis}");
    let documents: BTreeSet<&str> = people.iter().map(|row| row[3].as_str()).filter(|cell| !cell.is_empty()).collect();
    assert_eq!(documents.len(), people.iter().filter(|row| !row[3].is_empty()).count());
}

#[test]
fn beds_rooms_and_tubes_fit_what_was_asked() {
    let asked = Spec { tubes: Some(3_000), districts: Some(4), ..spec(30_000, 60, 4) };
    let (kept, summary) = made(&asked);
    assert_eq!(summary.rows["tubes"], 3_000);
    let tens = kept.column(&schema_names::TUBES, "size").filter(|size| *size != "1").count();
    assert!(tens * 10 > 3_000 * 5, "{tens} pools");
    let kind: BTreeMap<&str, &str> =
        kept.table("facilities").iter().map(|row| (row[0].as_str(), row[1].as_str())).collect();
    let free = |wanted: &dyn Fn(&str) -> bool| {
        let beds = kept.table("beds").iter();
        beds.filter(|bed| bed[5] == "free" && wanted(kind[bed[1].as_str()])).count()
    };
    let (beds, rooms) = (free(&|kind| kind != "isolation_site"), free(&|kind| kind == "isolation_site"));
    assert!((78..=130).contains(&beds), "{beds} free beds for 60 positives");
    assert!((360..=480).contains(&rooms), "{rooms} places for the contacts of 60 positives");
    let districts: BTreeSet<&str> = kept.column(&schema_names::BUILDINGS, "division").map(|code| &code[..6]).collect();
    assert_eq!(districts, BTreeSet::from(["500107", "500106", "500112", "500108"]));
    assert_eq!(kept.column(&schema_names::DIVISIONS, "level").filter(|level| *level == "district").count(), 38);
}

#[test]
fn the_smallest_cities_can_be_made() {
    for (people, positives, districts) in [(1, 0, None), (7, 0, Some(1)), (60, 1, Some(1)), (300, 2, Some(40))] {
        let (_, summary) = made(&Spec { districts, ..spec(people, positives, 8) });
        assert_eq!((summary.rows["people"], summary.positives), (people, positives));
    }
}

#[test]
fn what_cannot_be_made_says_what_could() {
    let sources = Sources::chongqing().unwrap();
    let refuse = |spec: Spec| make(&spec, &sources, &mut Kept::default()).unwrap_err().to_string();
    let cases = [
        (spec(0, 0, 1), "a city has at least one person"),
        (Spec { districts: Some(0), ..spec(100, 0, 1) }, "a city has at least one person"),
        (spec(50, 40, 1), "there is room for about"),
        (Spec { tubes: Some(1), ..spec(2_000, 10, 1) }, "these people and positives need"),
        (Spec { tubes: Some(5_000), ..spec(2_000, 10, 1) }, "these people and positives need"),
    ];
    for (spec, expected) in cases {
        let said = refuse(spec.clone());
        assert!(said.starts_with(expected), "{spec:?}: {said}");
    }
}

/// The hand-checkable day in `examples/day`, as a keeper of rows like any other.
fn example() -> Kept {
    let mut kept = Kept::default();
    for table in example_tables() {
        let path = format!("{}/../../examples/day/{}.csv", env!("CARGO_MANIFEST_DIR"), table.name);
        let text = std::fs::read_to_string(&path).unwrap();
        let mut lines = text.lines();
        let header: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        assert_eq!(lines.next().unwrap().split(',').collect::<Vec<_>>(), header, "{}", table.name);
        let rows = lines.map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>()).collect();
        kept.rows.insert(table.name, rows);
    }
    kept
}

#[test]
fn the_example_is_valid_and_is_what_its_readme_says() {
    let kept = example();
    for table in example_tables() {
        for row in kept.table(table.name) {
            assert_eq!(row.len(), table.columns.len(), "{}: {row:?}", table.name);
            for (column, cell) in table.columns.iter().zip(row) {
                let fine = if cell.is_empty() { !column.required } else { valid(column.kind, cell) };
                assert!(fine, "{}.{}: '{cell}' in {row:?}", table.name, column.name);
            }
        }
    }
    references(&kept);
    let swabbed: BTreeSet<&str> = kept.column(&schema_names::MEMBERS, "person").collect();
    assert_eq!((kept.table("people").len(), swabbed.len()), (80, 79));
    let words = last_words(&kept);
    let positive: Vec<&str> =
        words.iter().filter(|(_, word)| word.1 == "positive").map(|(tube, _)| tube.as_str()).collect();
    assert_eq!(positive, ["T001", "T002", "T005", "T009", "T101", "T106"]);
    assert_eq!(words["T007"], ("C".to_owned(), "negative".to_owned()));
    let living_in = |building: &str| {
        let homes: BTreeSet<&String> =
            kept.table("households").iter().filter(|home| home[1] == building).map(|home| &home[0]).collect();
        kept.table("people").iter().filter(|person| homes.contains(&person[1])).count()
    };
    assert_eq!((living_in("B1"), living_in("B4")), (20, 16));
}
