//! `dayclear zones`: the published areas of November and December 2022, read again.

use crate::program::run;
use std::collections::BTreeMap;

const AREAS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/chongqing/risk_area_episodes.csv");
const DIVISIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/chongqing");

fn published(more: &[&str]) -> crate::program::Ran {
    run(["zones", "published", "--areas", AREAS, "--divisions", DIVISIONS].into_iter().chain(more.iter().copied()))
}

#[test]
fn the_published_areas_add_up() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().to_str().unwrap();
    let told = published(&["--out", folder, "--format", "json"]).ends_with(0).json();
    let mut by_district: BTreeMap<String, u64> = BTreeMap::new();
    let mut open = 0;
    for row in csv::Reader::from_path(AREAS).unwrap().records() {
        let row = row.unwrap();
        *by_district.entry(row[1].to_owned()).or_default() += 1;
        open += usize::from(&row[3] <= "2022-11-30" && "2022-11-30" < &row[5]);
    }
    let districts = told["districts"].as_array().unwrap();
    assert_eq!(districts.len(), by_district.len());
    for district in districts {
        let name = district["district"].as_str().unwrap();
        assert_eq!(district["wordings"], by_district[name], "{name}");
        let of = |field: &str| district[field].as_u64().unwrap();
        assert!(of("areas") <= of("wordings") && of("beyond") <= of("areas"), "{district}");
        assert!(of("median_days") <= of("p90_days") && of("p90_days") <= of("longest"), "{district}");
    }
    let texts = &told["texts"];
    assert_eq!(texts["texts"], 11_247);
    for what in ["township", "community", "building", "unit"] {
        let of = |field: &str| texts[what][field].as_f64().unwrap();
        assert!(of("read") / of("named") > 0.93, "{what}: {texts}");
    }
    let list = published(&["--day", "2022-11-30", "--format", "csv"]).ends_with(0).out;
    assert_eq!(list.lines().count(), open + 1);
    let days = std::fs::read_to_string(scratch.path().join("days.csv")).unwrap();
    let on_day: usize = days
        .lines()
        .filter(|line| line.starts_with("2022-11-30"))
        .map(|line| line.split(',').nth(2).unwrap().parse::<usize>().unwrap())
        .sum();
    assert_eq!(on_day, open);
    // no list of the 28th was kept
    let told = published(&["--day", "2022-11-28", "--format", "csv"]).ends_with(0).err;
    assert!(told.contains("no list of 2022-11-28"), "{told}");
}

#[test]
fn a_row_that_cannot_be_is_named() {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("areas.csv");
    let header = "district_code,district,area_text,first_date,last_date,first_absent_date,left_censored";
    for (row, told) in [
        ("500101,万州区,余家镇,2022-11-24,2022-11-23,2022-11-25,0", "line 2"),
        ("500101,万州区,余家镇,someday,2022-11-24,2022-11-25,0", "someday"),
        ("500101,万州区,余家镇,2022-11-24,2022-11-24,2022-11-25,maybe", "maybe"),
    ] {
        std::fs::write(&file, format!("{header}\n{row}\n")).unwrap();
        let words = ["zones", "published", "--areas", file.to_str().unwrap(), "--divisions", DIVISIONS];
        let said = run(words).ends_with(1).err;
        assert!(said.contains(told), "{row}: {said}");
    }
}
