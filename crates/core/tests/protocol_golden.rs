//! Golden tables for each pack, with dates worked out by hand on a calendar. 10 November 2022 is a Thursday.
#![allow(clippy::unwrap_used)] // a test that fails says where

use dayclear_core::{
    books::Worklist,
    cases::{Origin, Severity},
    measures::{OrderKind, ZoneLevel, ZoneUnit},
    protocol::*,
    reason::Mark,
    roster::{KeyGroup, Known, Need},
    screening::Purpose,
    time::{CivilDate, Instant, Zone},
    tracing::{ContactClass, ContactTier},
    transfer::FacilityKind,
    welfare::RequestKind,
};

fn day(text: &str) -> CivilDate {
    text.parse().unwrap()
}

fn city() -> Zone {
    Zone::named("Asia/Shanghai").unwrap()
}

/// A table of text: one row a line, cells between bars.
fn rows(table: &str) -> Vec<Vec<&str>> {
    let lines = table.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| line.split('|').map(str::trim).collect()).collect()
}

fn pack(packs: &Packs, id: &str) -> Pack {
    packs.named(id).unwrap().clone()
}

#[test]
fn contact_plans() {
    // pack | plan | last exposure | home | special | phases: kind first-last tests
    let table = "
        covid-19-cn-ninth | close | 2022-11-10 | unknown | no | central_isolation 11-11..11-17 11-11 11-12 11-13 11-15 11-17; home_monitoring 11-18..11-20 11-20
        covid-19-cn-ninth | close | 2022-11-10 | no | no | central_isolation 11-11..11-17 11-11 11-12 11-13 11-15 11-17; home_monitoring 11-18..11-20 11-20
        covid-19-cn-ninth | close | 2022-11-10 | yes | yes | home_isolation 11-11..11-17 11-11 11-12 11-13 11-15 11-17; home_monitoring 11-18..11-20 11-20
        covid-19-cn-ninth | secondary | 2022-11-10 | unknown | no | home_isolation 11-11..11-17 11-11 11-14 11-17
        covid-19-cn-ninth | secondary | 2022-11-10 | no | no | central_isolation 11-11..11-17 11-11 11-14 11-17
        covid-19-cn-ninth | area_stay | 2022-06-28 | unknown | no | central_isolation 06-29..07-05 06-29 06-30 07-01 07-03 07-05
        covid-19-cn-ninth | medium_area_stay | 2022-06-28 | yes | no | home_isolation 06-29..07-05 06-29 07-02 07-05
        covid-19-cn-ninth | post_leaver | 2022-08-30 | yes | no | home_isolation 08-31..09-06 08-31 09-03 09-06
        covid-19-cn-twenty | close | 2022-11-10 | unknown | no | central_isolation 11-11..11-15 11-11 11-12 11-13 11-15; home_isolation 11-16..11-18 11-16 11-18
        covid-19-cn-twenty | close | 2022-11-27 | yes | no | central_isolation 11-28..12-02 11-28 11-29 11-30 12-02; home_isolation 12-03..12-05 12-03 12-05
        covid-19-cn-twenty | close | 2022-11-10 | no | no | central_isolation 11-11..11-15 11-11 11-12 11-13 11-15; central_isolation 11-16..11-18 11-16 11-18
        covid-19-cn-twenty | close | 2022-11-10 | yes | yes | home_isolation 11-11..11-15 11-11 11-12 11-13 11-15; home_isolation 11-16..11-18 11-16 11-18
        covid-19-cn-twenty | close | 2022-11-10 | unknown | yes | central_isolation 11-11..11-15 11-11 11-12 11-13 11-15; home_isolation 11-16..11-18 11-16 11-18
        covid-19-cn-twenty | secondary | 2022-11-10 | yes | no |
        covid-19-cn-twenty | area_stay | 2022-11-24 | yes | no | home_isolation 11-25..12-01 11-25 11-27 11-29 12-01
        covid-19-cn-twenty | area_stay | 2022-11-24 | no | no | central_isolation 11-25..12-01 11-25 11-27 11-29 12-01
        covid-19-cn-twenty | medium_area_stay | 2022-11-24 | no | no |
        covid-19-cn-twenty | inbound | 2022-11-10 | yes | no | central_isolation 11-11..11-15 11-11 11-12 11-13 11-15; home_isolation 11-16..11-18 11-16 11-18
        covid-19-cn-twenty | post_leaver | 2022-11-10 | yes | no | home_monitoring 11-11..11-15 11-11 11-13 11-15
        covid-19-cn-ten | close | 2022-12-10 | yes | no | home_isolation 12-11..12-15 12-15
        covid-19-cn-ten | close | 2022-12-29 | no | yes | central_isolation 12-30..01-03 01-03
        covid-19-cn-ten | secondary | 2022-12-10 | yes | no |
        covid-19-cn-ten | area_stay | 2022-12-10 | yes | no |
        ebola | close | 2014-10-10 | no | no | symptom_watch 10-11..10-31
        ebola | close | 2020-02-10 | no | no | symptom_watch 02-11..03-02
        ebola | secondary | 2014-10-10 | no | no |
        mpox | close | 2024-12-15 | unknown | no | symptom_watch 12-16..01-05
        mers | close | 2015-05-20 | yes | no | home_isolation 05-21..06-03
        mers | close | 2015-05-20 | no | no | central_isolation 05-21..06-03
        measles | close | 2019-04-01 | yes | no | exclusion 04-06..04-22";
    let packs = Packs::builtin().unwrap();
    for row in rows(table) {
        let facts = ContactFacts {
            home: row[3].parse().unwrap(),
            special: row[4] == "yes",
            ..ContactFacts::new(ContactTier::Close, day(row[2]))
        };
        let plan = pack(&packs, row[0]).plan(row[1].parse().unwrap(), &facts);
        let said: Vec<String> = plan
            .iter()
            .map(|phase| {
                let short = |day: CivilDate| day.to_string()[5..].to_owned();
                let Phase { kind, from, until, test_days, .. } = &phase.value;
                let mut text = format!("{kind} {}..{}", short(*from), short(*until));
                test_days.iter().for_each(|day| text += &format!(" {}", short(*day)));
                text
            })
            .collect();
        assert_eq!(said.join("; "), row[5], "{row:?}");
    }
}

#[test]
fn measles_counts_from_both_exposures() {
    let packs = Packs::builtin().unwrap();
    let measles = pack(&packs, "measles");
    // first | last | immune | immunoglobulin | from | until
    let table = "
        2019-04-01 | 2019-04-01 | unknown | no  | 2019-04-06 | 2019-04-22
        2019-04-01 | 2019-04-10 | no      | no  | 2019-04-06 | 2019-05-01
        2019-04-01 | 2019-04-10 | no      | yes | 2019-04-06 | 2019-05-08
        2019-04-01 | 2019-04-10 | yes     | no  |            |";
    for row in rows(table) {
        let facts = ContactFacts {
            first_exposure: Some(day(row[0])),
            immune: row[2].parse().unwrap(),
            immunoglobulin: row[3] == "yes",
            ..ContactFacts::new(ContactTier::Close, day(row[1]))
        };
        let plan = measles.contact_plan(&facts);
        let said = plan.first().map(|phase| (phase.value.from, phase.value.until));
        assert_eq!(said, (!row[4].is_empty()).then(|| (day(row[4]), day(row[5]))), "{row:?}");
        assert!(plan.iter().all(|phase| phase.value.kind == OrderKind::Exclusion));
    }
    let exposed: Instant = "2019-04-01T10:00:00+08:00".parse().unwrap();
    let by = |kind| city().text(measles.prophylaxis(kind, exposed, &city()).unwrap().value);
    assert_eq!(by(Prophylaxis::Vaccine), "2019-04-04T10:00:00+08:00");
    assert_eq!(by(Prophylaxis::Immunoglobulin), "2019-04-07T23:59:59+08:00");
}

#[test]
fn windows() {
    // pack | onset | sampled | last negative | regular | isolated | from | until
    let table = "
        covid-19-cn-twenty | 2022-11-10 | 2022-11-12 |            | no  | 2022-11-13 | 2022-11-08 | 2022-11-13
        covid-19-cn-twenty |            | 2022-11-12 |            | no  | 2022-11-13 | 2022-11-10 | 2022-11-13
        covid-19-cn-twenty |            | 2022-11-12 | 2022-11-11 | yes |            | 2022-11-11 |
        covid-19-cn-twenty |            | 2022-11-12 | 2022-11-11 | no  |            | 2022-11-10 |
        covid-19-cn-twenty | 2022-11-14 | 2022-11-12 |            | no  | 2022-11-12 | 2022-11-10 | 2022-11-12
        covid-19-cn-ninth  | 2022-08-01 | 2022-08-03 | 2022-07-30 | yes | 2022-08-03 | 2022-07-30 | 2022-08-03
        measles            | 2019-04-10 | 2019-04-11 |            | no  |            | 2019-04-06 | 2019-04-14
        measles            | 2019-04-10 | 2019-04-11 |            | no  | 2019-04-11 | 2019-04-06 | 2019-04-11
        ebola              | 2014-10-01 | 2014-10-03 |            | no  | 2014-10-04 | 2014-10-01 | 2014-10-04";
    let packs = Packs::builtin().unwrap();
    for row in rows(table) {
        let maybe = |text: &str| (!text.is_empty()).then(|| day(text));
        let facts = WindowFacts {
            onset: maybe(row[1]),
            sampled: day(row[2]),
            last_negative: maybe(row[3]),
            by_regular_test: row[4] == "yes",
            isolated_on: maybe(row[5]),
        };
        let said = pack(&packs, row[0]).contact_window(&facts).value;
        assert_eq!(said, Window { from: day(row[6]), until: maybe(row[7]) }, "{row:?}");
    }
}

#[test]
fn deadlines() {
    let zone = city();
    // pack | worklist or request | opened | due
    let table = "
        covid-19-cn-twenty | report      | 2022-11-20T23:30:00+08:00 | 2022-11-21T01:30:00+08:00
        covid-19-cn-twenty | recall      | 2022-11-20T10:00:00+08:00 | 2022-11-21T10:00:00+08:00
        covid-19-cn-twenty | move        | 2022-11-20T10:00:00+08:00 | 2022-11-20T23:59:59+08:00
        covid-19-cn-twenty | move        | 2022-11-20T23:58:00+08:00 | 2022-11-20T23:59:59+08:00
        covid-19-cn-twenty | move        | 2022-11-21T00:00:00+08:00 | 2022-11-21T23:59:59+08:00
        covid-19-cn-twenty | place       | 2022-11-20T20:00:00+08:00 | 2022-11-21T04:00:00+08:00
        covid-19-cn-ten    | place       | 2022-12-20T20:00:00+08:00 | 2022-12-21T08:00:00+08:00
        covid-19-cn-twenty | letters     | 2022-11-20T22:10:00+08:00 | 2022-11-21T22:10:00+08:00
        mpox               | letters     | 2022-11-20T22:10:00+08:00 | 2022-11-21T22:10:00+08:00
        covid-19-cn-twenty | supply      | 2022-11-20T06:00:00+08:00 | 2022-11-20T23:59:59+08:00
        covid-19-cn-twenty | fulfil      | 2022-11-20T06:00:00+08:00 | 2022-11-20T23:59:59+08:00
        covid-19-cn-twenty | review      | 2022-11-20T06:00:00+08:00 | 2022-11-20T06:15:00+08:00
        covid-19-cn-twenty | emergency   | 2022-11-20T06:00:00+08:00 | 2022-11-20T06:01:00+08:00
        covid-19-cn-twenty | dialysis    | 2022-11-20T06:00:00+08:00 | 2022-11-20T07:00:00+08:00
        ebola              | labour      | 2022-11-20T06:00:00+08:00 | 2022-11-20T07:00:00+08:00
        covid-19-cn-ninth  | appeal      | 2022-11-20T06:00:00+08:00 | 2022-11-21T06:00:00+08:00
        ebola              | investigate | 2022-11-20T06:00:00+08:00 | 2022-11-22T06:00:00+08:00";
    let packs = Packs::builtin().unwrap();
    for row in rows(table) {
        let (pack, opened) = (pack(&packs, row[0]), row[2].parse().unwrap());
        let due = match row[1].parse::<Worklist>() {
            Ok(worklist) => pack.deadline(worklist, opened, &zone),
            Err(_) => pack.answer_deadline(row[1].parse().unwrap(), opened, &zone),
        };
        assert_eq!(zone.text(due.unwrap().value), row[3], "{row:?}");
    }
    for pack in packs.iter() {
        let limited = |worklist: &Worklist| pack.deadline(*worklist, Instant::default(), &zone).is_some();
        let unlimited: Vec<&Worklist> = Worklist::ALL.iter().filter(|worklist| !limited(worklist)).collect();
        // when an answer is due depends on what was asked, and when somebody outside is expected on their ride
        let expected: &[Worklist] = match pack.area() {
            Some(_) => &[Worklist::Away, Worklist::Answer],
            None => &[Worklist::Away, Worklist::Reopen, Worklist::Answer],
        };
        assert_eq!(unlimited, expected.iter().collect::<Vec<_>>(), "{}", pack.id);
        assert!(RequestKind::ALL.iter().all(|kind| pack.answer_deadline(*kind, Instant::default(), &zone).is_some()));
    }
}

#[test]
fn placements() {
    // pack | severity | age | need | home | place
    let table = "
        covid-19-cn-twenty | asymptomatic | 30 |          | yes     | temporary_hospital isolation_site
        covid-19-cn-twenty | mild         | 30 |          | unknown | temporary_hospital isolation_site
        covid-19-cn-twenty | mild         | 59 |          | yes     | temporary_hospital isolation_site
        covid-19-cn-twenty | mild         | 60 |          | yes     | designated_hospital
        covid-19-cn-twenty | asymptomatic | 14 |          | yes     | designated_hospital
        covid-19-cn-twenty | asymptomatic | 15 |          | yes     | temporary_hospital isolation_site
        covid-19-cn-twenty | mild         | 30 | dialysis | yes     | designated_hospital
        covid-19-cn-twenty | ordinary     | 30 |          | yes     | designated_hospital
        covid-19-cn-twenty | critical     |    |          | yes     | designated_hospital
        covid-19-cn-twenty | unknown      |    |          | yes     | temporary_hospital isolation_site designated_hospital
        covid-19-cn-ten    | mild         | 30 |          | yes     | home
        covid-19-cn-ten    | asymptomatic | 70 |          | unknown | home
        covid-19-cn-ten    | mild         | 30 |          | no      | temporary_hospital isolation_site
        covid-19-cn-ten    | mild         | 30 | oxygen   | yes     | designated_hospital
        covid-19-cn-ten    | severe       | 30 |          | yes     | designated_hospital
        ebola              | mild         | 30 |          | yes     | designated_hospital
        measles            | mild         | 3  |          | yes     | home
        mers               | asymptomatic | 30 |          | yes     | designated_hospital";
    let packs = Packs::builtin().unwrap();
    for row in rows(table) {
        let needs: Vec<Need> = row[3].parse().into_iter().collect();
        let facts = PlacementFacts {
            severity: row[1].parse().unwrap(),
            age: row[2].parse().ok(),
            needs: &needs,
            home: row[4].parse().unwrap(),
        };
        let said = match pack(&packs, row[0]).case_placement(&facts).value {
            Placement::Home => "home".to_owned(),
            Placement::Facility(kinds) => {
                kinds.iter().map(|kind: &FacilityKind| kind.name()).collect::<Vec<_>>().join(" ")
            }
        };
        assert_eq!(said, row[5], "{row:?}");
    }
}

#[test]
fn discharges() {
    // pack | place | admitted | today | severity | relieved | tests: time N ORF ... | missing
    let table = "
        covid-19-cn-twenty | facility | 2022-11-10 | 2022-11-20 | asymptomatic | unknown | 18T08 36 35, 19T08 - -  |
        covid-19-cn-twenty | facility | 2022-11-10 | 2022-11-20 | mild         | yes     | 18T08 36 35, 19T07 - -  | tests_further_apart
        covid-19-cn-twenty | facility | 2022-11-10 | 2022-11-20 | mild         | unknown | 18T08 36 35, 19T08 - -  | symptoms_relieved
        covid-19-cn-twenty | facility | 2022-11-10 | 2022-11-20 | mild         | yes     | 18T08 36 35, 19T08 34.9 - | clean_tests
        covid-19-cn-twenty | facility | 2022-11-10 | 2022-11-20 | mild         | yes     | 17T08 - -, 18T08 30 -, 19T08 - - | clean_tests
        covid-19-cn-twenty | facility | 2022-11-10 | 2022-11-20 | mild         | yes     | 18T08 - -, 18T20 - -, 19T08 - - |
        covid-19-cn-twenty | facility | 2022-11-10 | 2022-11-20 | ordinary     | yes     | 18T08 - -, 19T08 - -    | fever_free lungs_improved
        covid-19-cn-ten    | home     | 2022-12-10 | 2022-12-17 | mild         | unknown | 16T20 35 35, 17T08 - -  |
        covid-19-cn-ten    | home     | 2022-12-10 | 2022-12-16 | mild         | unknown | 15T08 35 35, 16T08 - -  | later_tests
        covid-19-cn-ten    | home     | 2022-12-10 | 2022-12-16 | mild         | unknown | 16T08 35 35, 16T20 - -  | tests_further_apart
        covid-19-cn-ten    | facility | 2022-12-10 | 2022-12-17 | mild         | yes     | 16T20 35 35, 17T08 - -  | tests_further_apart
        ebola              | facility | 2014-10-01 | 2014-10-20 | severe       | yes     | 17T08 - -, 19T08 - -    |
        ebola              | facility | 2014-10-01 | 2014-10-20 | severe       | yes     | 17T08 - -, 19T07 - -    | tests_further_apart
        ebola              | facility | 2014-10-01 | 2014-10-20 | severe       | yes     | 17T08 - -, 19T08 38 38  | clean_tests
        mers               | facility | 2015-06-01 | 2015-06-20 | mild         | yes     | 18T08 - -, 19T08 - -    |";
    let (packs, zone) = (Packs::builtin().unwrap(), city());
    for row in rows(table) {
        let tests: Vec<TestPoint> = row[6]
            .split(", ")
            .map(|test| {
                let part: Vec<&str> = test.split_whitespace().collect();
                let at = format!("{}-{}:00:00+08:00", &row[2][..7], part[0]).parse().unwrap();
                TestPoint { at, ct_n: part[1].parse().ok(), ct_orf: part[2].parse().ok() }
            })
            .collect();
        let facts = StayFacts {
            at_home: row[1] == "home",
            symptoms_relieved: row[5].parse().unwrap(),
            ..StayFacts::new(day(row[2]), day(row[3]), row[4].parse().unwrap(), &tests)
        };
        let said = match pack(&packs, row[0]).discharge(&facts, &zone).value {
            Discharge::Release => String::new(),
            Discharge::NotYet { missing } => missing.iter().map(|need| need.name()).collect::<Vec<_>>().join(" "),
        };
        assert_eq!(said, row[7], "{row:?}");
    }
    // Measles: isolated through day 4 after the rash, so free on day 5.
    for (today, expected) in [("2019-04-14", false), ("2019-04-15", true)] {
        let onset = Some(day("2019-04-10"));
        let facts = StayFacts { onset, ..StayFacts::new(day("2019-04-11"), day(today), Severity::Mild, &[]) };
        assert_eq!(pack(&packs, "measles").discharge(&facts, &zone).value == Discharge::Release, expected, "{today}");
    }
    // An ordinary case: more than three days without fever, and better lungs.
    let at = |text: &str| TestPoint { at: text.parse().unwrap(), ct_n: None, ct_orf: None };
    let tests = [at("2022-11-18T08:00:00+08:00"), at("2022-11-19T08:00:00+08:00")];
    for (since, expected) in [("2022-11-17", false), ("2022-11-16", true)] {
        let facts = StayFacts {
            symptoms_relieved: Known::Yes,
            lungs_improved: Known::Yes,
            fever_free_since: Some(day(since)),
            ..StayFacts::new(day("2022-11-10"), day("2022-11-20"), Severity::Ordinary, &tests)
        };
        let said = pack(&packs, "covid-19-cn-twenty").discharge(&facts, &zone).value;
        assert_eq!(said == Discharge::Release, expected, "{since}");
    }
}

#[test]
fn areas_open() {
    // pack | origin | held at | spread | other | opens
    let table = "
        covid-19-cn-twenty | community        |                   | unknown |            | yes
        covid-19-cn-twenty | area_screening   |                   | no      |            | yes
        covid-19-cn-twenty | already_isolated | central_isolation | unknown |            | no
        covid-19-cn-twenty | already_isolated | central_isolation | yes     |            | yes
        covid-19-cn-twenty | already_isolated | home_isolation    | no      |            | no
        covid-19-cn-twenty | already_isolated | home_isolation    | yes     |            | yes
        covid-19-cn-twenty | already_isolated |                   | unknown |            | no
        covid-19-cn-twenty | key_person       |                   | no      | loop       | no
        covid-19-cn-twenty | key_person       |                   | no      |            | yes
        covid-19-cn-twenty | community        |                   | no      | repositive | no
        covid-19-cn-twenty | entry            |                   | unknown | ct 35      | no
        covid-19-cn-twenty | entry            |                   | unknown | ct 34.5    | yes
        covid-19-cn-twenty | community        |                   | unknown | ct 36      | yes
        covid-19-cn-ninth  | key_person       |                   | no      | loop       | yes
        covid-19-cn-ninth  | community        |                   | no      |            | yes
        covid-19-cn-ten    | already_isolated | home_isolation    | unknown |            | no
        ebola              | community        |                   | yes     |            | no
        measles            | community        |                   | yes     |            | no";
    let packs = Packs::builtin().unwrap();
    for row in rows(table) {
        let facts = AreaFacts {
            held_at: row[2].parse().ok(),
            spread_outside: row[3].parse().unwrap(),
            closed_loop: row[4] == "loop",
            reinfection: row[4] == "repositive",
            ct: row[4].strip_prefix("ct ").map(|ct| ct.parse().unwrap()),
            ..AreaFacts::new(row[1].parse::<Origin>().unwrap())
        };
        assert_eq!(pack(&packs, row[0]).opens_area(&facts).value, row[5] == "yes", "{row:?}");
    }
    let area = |id: &str| pack(&packs, id).area();
    assert_eq!(area("covid-19-cn-twenty").unwrap().units, [ZoneUnit::Unit, ZoneUnit::Building]);
    assert_eq!(area("covid-19-cn-twenty").unwrap().enlarged, Some(ZoneUnit::Compound));
    assert_eq!(area("covid-19-cn-ten").unwrap().units[0], ZoneUnit::Household);
    for id in ["ebola", "measles", "mpox", "mers"] {
        assert_eq!(area(id), None);
    }
}

#[test]
fn areas_are_released() {
    // pack | opened | last infection | today | all negative on | steps
    let table = "
        covid-19-cn-twenty | 2022-11-20 | 2022-11-20 | 2022-11-22 |                       | low 11-25 no
        covid-19-cn-twenty | 2022-11-20 | 2022-11-22 | 2022-11-25 | 2022-11-25            | low 11-27 no
        covid-19-cn-twenty | 2022-11-20 | 2022-11-20 | 2022-11-25 |                       | low 11-25 no
        covid-19-cn-twenty | 2022-11-20 | 2022-11-20 | 2022-11-25 | 2022-11-25            | low 11-25 yes
        covid-19-cn-twenty | 2022-11-20 | 2022-11-20 | 2022-11-25 | 2022-11-24            | low 11-25 no
        covid-19-cn-twenty | 2022-11-20 | 2022-11-20 | 2022-11-27 | 2022-11-24            | low 11-27 no
        covid-19-cn-twenty | 2022-11-20 | 2022-11-19 | 2022-11-27 | 2022-11-24 2022-11-26 | low 11-26 yes
        covid-19-cn-ninth  | 2022-08-01 | 2022-08-01 | 2022-08-03 |                       | medium 08-08 no; low 08-11 no
        covid-19-cn-ninth  | 2022-08-01 | 2022-08-02 | 2022-08-09 | 2022-08-09            | medium 08-09 yes; low 08-12 no
        covid-19-cn-ninth  | 2022-08-01 | 2022-08-02 | 2022-08-12 | 2022-08-09 2022-08-11 | medium 08-09 yes; low 08-12 yes
        covid-19-cn-ten    | 2022-12-28 | 2022-12-28 | 2022-12-29 |                       | low 01-02 no
        ebola              | 2014-10-01 | 2014-10-01 | 2014-10-02 |                       | low 10-02 yes";
    let packs = Packs::builtin().unwrap();
    for row in rows(table) {
        let negative: Vec<CivilDate> = row[4].split_whitespace().map(day).collect();
        let clock = AreaClock {
            opened: day(row[1]),
            last_new_infection: day(row[2]),
            today: day(row[3]),
            all_negative_on: &negative,
        };
        let said = pack(&packs, row[0]).area_release(&clock).value;
        let step = |step: &AreaStep| {
            format!("{} {} {}", step.level, &step.on.to_string()[5..], if step.met { "yes" } else { "no" })
        };
        assert_eq!(said.steps.iter().map(step).collect::<Vec<_>>().join("; "), row[5], "{row:?}");
        let last = said.steps.last().unwrap();
        assert_eq!((last.level, last.on, last.met), (ZoneLevel::Low, said.forecast, said.met));
    }
    let twenty = pack(&packs, "covid-19-cn-twenty");
    let tests: Vec<String> = twenty.area_test_days(day("2022-11-28")).iter().map(CivilDate::to_string).collect();
    assert_eq!(tests, ["2022-11-29", "2022-11-30", "2022-12-01", "2022-12-03"]);
    let reset = |household_or_contact, strictly_isolated, community_spread| {
        twenty.resets_clock(&ResetFacts { household_or_contact, strictly_isolated, community_spread }).value
    };
    assert!(!reset(true, Known::Yes, Known::No));
    assert!(
        reset(true, Known::Yes, Known::Unknown)
            && reset(true, Known::No, Known::No)
            && reset(false, Known::Yes, Known::No)
    );
}

#[test]
fn tests_and_groups() {
    let packs = Packs::builtin().unwrap();
    let twenty = pack(&packs, "covid-19-cn-twenty");
    for (purpose, sizes) in [
        (Purpose::Isolation, &[1][..]),
        (Purpose::KeyPerson, &[1]),
        (Purpose::AreaScreening, &[1, 5, 10]),
        (Purpose::ExpandedScreening, &[1, 5, 10]),
        (Purpose::Community, &[1, 5, 10, 20]),
        (Purpose::Recall, &[1]),
    ] {
        assert_eq!(twenty.pool_sizes(purpose), sizes, "{purpose}");
        assert_eq!(pack(&packs, "ebola").pool_sizes(purpose), [1]);
    }
    assert!(twenty.pools_by_household(Purpose::AreaScreening) && !twenty.pools_by_household(Purpose::Community));
    for (group, cadence) in [
        (KeyGroup::InboundContact, Some(Cadence::PerDay(1))),
        (KeyGroup::FeverClinicStaff, Some(Cadence::PerDay(1))),
        (KeyGroup::Courier, Some(Cadence::PerWeek(2))),
        (KeyGroup::School, Some(Cadence::PercentPerDay(20))),
    ] {
        assert_eq!(twenty.group_cadence(group).map(|decided| decided.value), cadence, "{group}");
        assert!(pack(&packs, "measles").group_cadence(group).is_none());
    }
}

/// Rounds worked out by hand from "daily; after three rounds without anybody found in the community a pause of three days,
/// one more, and stop; in districts with traces only, stop after three".
#[test]
fn rounds_pause_and_end() {
    let packs = Packs::builtin().unwrap();
    let twenty = pack(&packs, "covid-19-cn-twenty");
    let november = |n: i64| day("2022-11-01").plus_days(n - 1);
    for (found, spread, next) in [
        // (day of November, found in the community) -> day of the next round; none = over
        (&[][..], Spread::Affected, Some(20)),
        (&[(20, 4)], Spread::Affected, Some(21)),
        (&[(20, 4), (21, 0), (22, 0)], Spread::Affected, Some(23)),
        (&[(20, 4), (21, 0), (22, 0), (23, 0)], Spread::Affected, Some(27)),
        (&[(23, 0), (21, 0), (20, 4), (22, 0)], Spread::Affected, Some(27)),
        (&[(21, 0), (22, 0), (23, 0), (27, 0)], Spread::Affected, None),
        (&[(21, 0), (22, 0), (23, 0), (27, 1)], Spread::Affected, Some(28)),
        (&[(21, 0), (22, 0), (23, 0)], Spread::Traces, None),
        (&[(21, 0), (22, 0), (23, 2)], Spread::Traces, Some(24)),
    ] {
        let done: Vec<Past> = found.iter().map(|(n, found)| Past { day: november(*n), found: *found }).collect();
        let step = twenty.next_round(november(20), &done, spread).unwrap();
        let wanted = next.map_or(RoundStep::Over, |n| RoundStep::Due(november(n)));
        assert_eq!(step.value, wanted, "{found:?} {spread}: {}", step.reason);
    }
    let rounds = twenty.rounds().unwrap();
    let numbers = [&rounds.a_day, &rounds.hours, &rounds.site_at_least, &rounds.site_at_most, &rounds.per_sampler];
    assert_eq!(numbers.map(|number| number.value), [1, 24, 2000, 3000, 360]);
    assert_eq!([rounds.shift.value, rounds.walk.value, rounds.queue.value], [8, 15, 30]);
    assert!(pack(&packs, "ebola").rounds().is_none());
    // a whole district needs a ground; an area does not
    for (id, purpose, ground, may) in [
        ("covid-19-cn-twenty", Purpose::AreaScreening, None, true),
        ("covid-19-cn-twenty", Purpose::ExpandedScreening, None, false),
        ("covid-19-cn-twenty", Purpose::ExpandedScreening, Some(Ground::SourceUnclear), true),
        ("covid-19-cn-twenty", Purpose::Community, Some(Ground::LongSpread), true),
        ("covid-19-cn-ten", Purpose::ExpandedScreening, Some(Ground::SourceUnclear), false),
        ("measles", Purpose::Community, Some(Ground::LongSpread), false),
    ] {
        let said = pack(&packs, id).may_widen(purpose, ground);
        assert_eq!(said.is_ok(), may, "{id} {purpose}");
        assert!(
            said.is_ok_and(|()| true)
                || pack(&packs, id).may_widen(purpose, ground).unwrap_err().clause == "round.widened"
        );
    }
}

#[test]
fn packs_follow_each_other() {
    let packs = Packs::builtin().unwrap();
    for (disease, on, label) in [
        ("covid-19", "2022-06-27", None),
        ("covid-19", "2022-06-28", Some("covid-19-cn-ninth@2022-06-28")),
        ("covid-19", "2022-11-10", Some("covid-19-cn-ninth@2022-06-28")),
        ("covid-19", "2022-11-11", Some("covid-19-cn-twenty@2022-11-11")),
        ("covid-19", "2022-12-06", Some("covid-19-cn-twenty@2022-11-11")),
        ("covid-19", "2022-12-07", Some("covid-19-cn-ten@2022-12-07")),
        ("covid-19", "2023-01-07", Some("covid-19-cn-ten@2022-12-07")),
        ("covid-19", "2023-01-08", None),
        ("ebola", "2014-03-23", Some("ebola@1")),
        ("plague", "2022-11-11", None),
    ] {
        assert_eq!(packs.in_force(disease, day(on)).map(Pack::label).as_deref(), label, "{disease} {on}");
    }
    assert!(pack(&packs, "covid-19-cn-ninth").traces_secondary());
    for id in ["covid-19-cn-twenty", "covid-19-cn-ten", "ebola", "measles", "mpox", "mers"] {
        assert!(!pack(&packs, id).traces_secondary(), "{id}");
    }
    let twenty = pack(&packs, "covid-19-cn-twenty");
    assert!(ContactClass::ALL.iter().all(|class| twenty.tier_of(*class) == Some(ContactTier::Close)));
    assert_eq!(pack(&packs, "ebola").tier_of(ContactClass::Vehicle), None);
}

#[test]
fn reasons_say_clause_mark_and_inputs() {
    let packs = Packs::builtin().unwrap();
    let twenty = pack(&packs, "covid-19-cn-twenty");
    let facts = ContactFacts { home: Known::No, ..ContactFacts::new(ContactTier::Close, day("2022-11-10")) };
    let plan = twenty.contact_plan(&facts);
    assert_eq!(
        plan[1].reason.to_string(),
        "plan.close.home_isolation.days [V] of covid-19-cn-twenty@2022-11-11 (for=close, last_exposure=2022-11-10, \
         days=6-8, home=no, special=false, instead_of=home_isolation, by=home.unsuitable)"
    );
    let opened = "2022-11-20T23:30:00+08:00".parse().unwrap();
    let due = twenty.deadline(Worklist::Place, opened, &city()).unwrap();
    assert_eq!((due.reason.clause.as_str(), due.reason.mark), ("deadline.place", Mark::ToConfirm));
    let special = twenty.is_special(Some(14), &[]);
    assert_eq!((special.value, special.reason.clause.as_str()), (true, "special.age_up_to"));
    assert!(!twenty.is_special(Some(15), &[Need::Pet]).value && twenty.is_special(None, &[Need::Pregnancy]).value);
}
