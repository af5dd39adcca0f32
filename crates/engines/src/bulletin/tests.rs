//! Tests on the published figures of November 2022: every day gives a bulletin, and no sum in one is wrong.

use super::*;
use std::{fs, path::Path};

fn rows<T: serde::de::DeserializeOwned>(file: &str) -> Vec<T> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/chongqing").join(file);
    let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    csv::Reader::from_reader(text.as_slice()).deserialize().map(|row| row.unwrap()).collect()
}

fn daily() -> Vec<DailyRow> {
    rows("daily_cases_2022.csv")
}

fn channels() -> Vec<ChannelRow> {
    rows("discovery_channels.csv")
}

fn districts() -> Vec<DistrictRow> {
    rows("district_cases_2022-11-12.csv")
}

fn day(text: &str) -> CivilDate {
    text.parse().unwrap()
}

fn of(date: &str) -> Bulletin {
    published(day(date), "重庆市", None, &daily(), &channels(), &districts()).unwrap()
}

fn check<'a>(bulletin: &'a Bulletin, name: &str) -> Option<&'a Check> {
    assert!(CHECKS.contains(&name));
    bulletin.checks.iter().find(|check| check.name == name)
}

#[test]
fn the_bulletin_of_12_november_2022() {
    let bulletin = of("2022-11-12");
    assert_eq!((bulletin.confirmed, bulletin.asymptomatic, bulletin.converted), (Some(158), Some(1662), Some(3)));
    let routes: Vec<_> = bulletin.routes.iter().map(|line| (line.route, line.confirmed)).collect();
    assert_eq!(
        routes,
        [
            (Some(Origin::AlreadyIsolated), Some(95)),
            (Some(Origin::KeyPerson), Some(12)),
            (Some(Origin::AreaScreening), Some(19)),
            (Some(Origin::ExpandedScreening), Some(29)),
            (None, Some(3)),
        ]
    );
    let held: Vec<_> = bulletin.checks.iter().map(|c| (c.name.as_str(), c.total, c.parts, c.holds())).collect();
    assert_eq!(
        held,
        [
            ("sum-by-route-confirmed", 158, Some(158), Some(true)),
            ("converted-by-route", 3, Some(3), Some(true)),
            ("sum-by-unit-confirmed", 158, Some(158), Some(true)),
            // The list of asymptomatic cases by district could not be read to its end.
            ("sum-by-unit-asymptomatic", 1662, None, None),
            ("total-reported", 1820, Some(1820), Some(true)),
            ("new-infections-without-converted", 1817, Some(1817), Some(true)),
        ]
    );
    assert_eq!(bulletin.notes, ["published", "districts-asymptomatic-incomplete"]);
    // 21 units with confirmed cases, and Nan'an with asymptomatic ones only.
    assert_eq!(bulletin.units.iter().filter(|unit| unit.confirmed > Some(0)).count(), 21);
    assert_eq!(bulletin.units.len(), 22);
    let Provenance::Published { sources } = &bulletin.provenance else { panic!("published") };
    assert_eq!(sources.len(), 1, "{sources:?}");
}

#[test]
fn every_published_day_gives_a_bulletin_and_no_check_fails() {
    let rows = daily();
    assert_eq!(rows.len(), 34);
    let mut complete = 0;
    for row in &rows {
        let bulletin = published(row.date, "重庆市", None, &rows, &channels(), &districts()).unwrap();
        for check in &bulletin.checks {
            assert_ne!(check.holds(), Some(false), "{} {check:?}", row.date);
        }
        complete += usize::from(check(&bulletin, "total-reported").and_then(Check::holds) == Some(true));
    }
    // All but 9 November (no asymptomatic), 25 November (total only) and 13 December (no confirmed).
    assert_eq!(complete, 31);
}

#[test]
fn what_was_not_published_stays_unknown() {
    let bulletin = of("2022-11-25");
    assert_eq!((bulletin.confirmed, bulletin.asymptomatic), (None, None));
    assert_eq!(bulletin.checks, [Check { name: "total-reported".to_owned(), total: 7721, parts: None }]);
    assert_eq!(bulletin.notes, ["published", "routes-not-published", "districts-not-published", "figures-incomplete"]);
    // Two sources in one cell; asymptomatic computed by whoever collected the figures.
    let bulletin = of("2022-11-24");
    assert!(bulletin.notes.contains(&"figures-derived".to_owned()));
    assert!(matches!(bulletin.provenance, Provenance::Published { sources } if sources.len() == 2));
    // 194 = 136 + 4 + 2 + 52, another day with routes.
    assert_eq!(check(&of("2022-11-26"), "sum-by-route-confirmed").unwrap().holds(), Some(true));
}

#[test]
fn a_wrong_figure_is_caught() {
    let mut channels = channels();
    channels[0].figure = "94".to_owned();
    let bulletin = published(day("2022-11-12"), "重庆市", None, &daily(), &channels, &districts()).unwrap();
    let wrong = check(&bulletin, "sum-by-route-confirmed").unwrap();
    assert_eq!((wrong.total, wrong.parts, wrong.holds()), (158, Some(157), Some(false)));
    let mut districts = districts();
    districts[3].confirmed = Some(6);
    let bulletin = published(day("2022-11-12"), "重庆市", None, &daily(), &[], &districts).unwrap();
    assert_eq!(check(&bulletin, "sum-by-unit-confirmed").unwrap().holds(), Some(false));
    assert_eq!(check(&bulletin, "sum-by-route-confirmed").unwrap().holds(), None);
}

#[test]
fn errors_say_what_to_do() {
    let make = |date: &str, daily: &[DailyRow], channels: &[ChannelRow], districts: &[DistrictRow]| {
        published(day(date), "重庆市", None, daily, channels, districts).unwrap_err().to_string()
    };
    assert_eq!(
        make("2022-11-10", &daily(), &[], &[]),
        "there are no published figures for 2022-11-10; the rows tell of 2022-10-31 to 2022-12-13"
    );
    assert_eq!(
        make("2022-11-10", &[], &[], &[]),
        "there are no published figures for 2022-11-10; the rows tell of no day at all"
    );
    let twice = [daily(), daily()].concat();
    assert_eq!(make("2022-11-12", &twice, &[], &[]), "the day stands twice for 2022-11-12; keep one row");
    let mut bad = channels();
    bad[1].figure = "62.65%".to_owned();
    assert_eq!(
        make("2022-11-12", &daily(), &bad, &[]),
        "'62.65%' for route 'key_person_screening' on 2022-11-12 is not a count; write a whole number such as 95"
    );
    bad[1].channel = "rumour".to_owned();
    assert!(
        make("2022-11-12", &daily(), &bad, &[]).starts_with("'rumour' on 2022-11-12 is not a known route; use one")
    );
    let twice = [channels(), channels()].concat();
    assert!(make("2022-11-12", &daily(), &twice, &[]).contains("route 'already_isolated' stands twice"));
    let twice = [districts(), districts()].concat();
    assert!(make("2022-11-12", &daily(), &[], &twice).contains("district 500102 stands twice"));
}

#[test]
fn the_tables_have_the_headers_of_the_files() {
    use dayclear_core::schema::{DAILY_CASES, DISCOVERY_CHANNELS, DISTRICT_CASES};
    for (table, file) in [
        (DAILY_CASES, "daily_cases_2022.csv"),
        (DISCOVERY_CHANNELS, "discovery_channels.csv"),
        (DISTRICT_CASES, "district_cases_2022-11-12.csv"),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/chongqing").join(file);
        let mut reader = csv::Reader::from_path(path).unwrap();
        let names: Vec<_> = table.columns.iter().map(|column| column.name).collect();
        assert_eq!(names, reader.headers().unwrap().iter().collect::<Vec<_>>(), "{file}");
    }
    // Every district of the table exists in the list of districts, under that name.
    let known: Vec<(String, String)> = rows::<std::collections::BTreeMap<String, String>>("districts.csv")
        .into_iter()
        .map(|row| (row["code"].clone(), row["name"].clone()))
        .collect();
    for row in districts() {
        assert!(known.contains(&(row.code.to_string(), row.name.clone())), "{row:?}");
    }
}
