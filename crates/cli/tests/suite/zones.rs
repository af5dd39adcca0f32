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

#[test]
fn areas_are_proposed_from_files_with_what_they_leave_out() {
    let scratch = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = scratch.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let cases = file(
        "cases.csv",
        "case,building,unit,household,sampled_on,origin,held_at\nA,B1,1,H1,2022-11-20,community,\n\
         B,B1,2,H3,2022-11-20,already_isolated,central_isolation\nC,,,,2022-11-20,community,\n",
    );
    let homes = file(
        "homes.csv",
        "building,unit,household,people,compound\nB1,1,H1,3,K\nB1,1,H2,2,K\nB1,2,H3,4,K\nB2,1,H5,5,K\n",
    );
    let propose = |more: &[&str]| {
        let words = ["zones", "propose", "--cases", cases.as_str(), "--homes", homes.as_str()];
        run(words.into_iter().chain(more.iter().copied()))
    };
    let told = propose(&["--day", "2022-11-21", "--format", "json"]).ends_with(0).json();
    let area = &told["areas"][0];
    assert_eq!(told["areas"].as_array().unwrap().len(), 1);
    let figures = ["building", "unit", "people", "spared", "wider", "wider_people", "until", "cases"]
        .map(|name| area[name].to_string());
    assert_eq!(
        figures.map(|text| text.trim_matches('"').to_owned()),
        ["B1", "1", "5", "4", "compound", "14", "2022-11-26", "A"]
    );
    let left_out: Vec<&str> =
        told["left_out"].as_array().unwrap().iter().map(|row| row["case"].as_str().unwrap()).collect();
    assert_eq!((left_out, told["people"].as_u64()), (vec!["B", "C"], Some(5)));
    // the ten measures know households, where whoever asks wants them drawn
    let fine = propose(&["--day", "2022-12-08", "--finest", "household", "--format", "csv"]).ends_with(0).out;
    assert!(fine.lines().nth(1).unwrap().starts_with("B1,1,H1,3,6,building,9,"), "{fine}");
    let wrong = file("wrong.csv", "case,sampled_on,origin\nA,2022-11-20,somewhere\n");
    let words = ["zones", "propose", "--cases", wrong.as_str(), "--homes", homes.as_str(), "--day", "2022-11-21"];
    let told = run(words).ends_with(1).err;
    assert!(told.contains("row 2") && told.contains("origin") && told.contains("somewhere"), "{told}");
}
