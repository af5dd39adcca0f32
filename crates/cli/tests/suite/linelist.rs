//! `dayclear linelist` and the chains of a store: real line lists through the forms of other systems and back, and the example day handed
//! out with what was said of it.

use crate::program::{below, csv, day, example, run, scratch};
use std::{fs, path::Path};

const LISTS: [&str; 3] = ["mers_korea_2015", "covid_singapore_2020", "measles_hagelloch_1861"];

fn data(list: &str, file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/linelists");
    folder.join(list).join(file).to_string_lossy().into_owned()
}

const ATTRIBUTES: &str = r#"{"entity_type": "nEenWmSyUEp", "org_unit": "DiszpKrYNg8", "relationship_type": "TV9oB9LT3sh",
    "attributes": {"case_id": "zDhUuAYrxNC", "date_onset": "s3eoonJ8OJb", "sex": "CklPZdOd6H1"}, "rest": "aW66s2QSosT"}"#;

#[test]
fn real_line_lists_come_back_from_every_other_system_as_they_were() {
    let folder = scratch();
    let at = |name: &str| below(&folder, name);
    fs::write(at("ids.json"), ATTRIBUTES).unwrap();
    for list in LISTS {
        for (file, contacts) in [("linelist.csv", false), ("contacts.csv", true)] {
            let convert = |input: &str, out: &str, more: &[&str]| {
                let links = contacts.then_some("--contacts");
                let words = ["linelist", "convert", input, out, "--attributes", &at("ids.json")];
                run(words.into_iter().chain(more.iter().copied()).chain(links)).ends_with(0)
            };
            // as this program writes the published scheme: parts of `extra` in order
            let plain = at("plain.csv");
            convert(&data(list, file), &plain, &["--from", "linelist"]);
            let rows = |path: &str| csv(&fs::read_to_string(path).unwrap());
            assert_eq!(rows(&plain).len(), rows(&data(list, file)).len());
            for (form, days) in [("sormas", "dots"), ("sormas", "month-first"), ("godata", "iso")] {
                let (there, back) = (at("there.csv"), at("back.csv"));
                convert(&data(list, file), &there, &["--from", "linelist", "--to", form, "--write-days", days]);
                convert(&there, &back, &["--from", form, "--days", days]);
                assert_eq!(fs::read(&back).unwrap(), fs::read(&plain).unwrap(), "{list} {file} {form} {days}");
            }
            if !contacts {
                let (there, back) = (at("there.json"), at("back.csv"));
                convert(&data(list, file), &there, &["--from", "linelist", "--to", "dhis2"]);
                convert(&there, &back, &["--from", "dhis2"]);
                assert_eq!(fs::read(&back).unwrap(), fs::read(&plain).unwrap(), "{list} dhis2");
            }
        }
    }
}

#[test]
fn the_example_day_is_handed_out_without_names_and_that_is_told() {
    let folder = scratch();
    let at = |name: &str| below(&folder, name);
    let out = at("out");
    day(&example(), &out).ends_with(0);
    let db = format!("{out}/dayclear.db");
    let export = |more: &[&str]| {
        let words = ["linelist", "export", &at("cases.csv"), "--contacts", &at("contacts.csv"), "--db", &db];
        run(words.into_iter().chain(more.iter().copied()))
    };
    export(&[]).ends_with(2);
    assert!(export(&["--purpose", " "]).ends_with(1).err.contains("--purpose"));
    export(&["--purpose", "weekly report to the province"]).ends_with(0);
    let cases = csv(&fs::read_to_string(at("cases.csv")).unwrap());
    assert_eq!(cases.len(), 1 + 4);
    let contacts = fs::read_to_string(at("contacts.csv")).unwrap();
    assert!(contacts.contains("C20221120-P001,P011,shared_space,聚餐"), "{contacts}");
    // people are ids, and no name of the roster stands in either file
    let roster = csv(&fs::read_to_string(example().join("people.csv")).unwrap());
    let name = roster[0].iter().position(|column| column == "name").unwrap();
    let both = fs::read_to_string(at("cases.csv")).unwrap() + &contacts;
    for person in roster[1..].iter().filter(|person| !person[name].is_empty()) {
        assert!(!both.contains(&person[name]), "{}", person[name]);
    }
    export(&["--purpose", "the same for another system", "--to", "sormas", "--write-days", "dots"]).ends_with(0);
    assert!(fs::read_to_string(at("cases.csv")).unwrap().starts_with("CaseData,CaseData"));
    // the store is whole, with what was told of both
    let found = run(["verify", "--db", &db, "--format", "json"]).ends_with(0).json();
    assert!(!found.to_string().contains("\"holds\":false"));
    let chains = run(["chains", "--own", "--db", &db, "--format", "json"]).ends_with(0).json();
    assert_eq!(chains["cases"], 4);
    run(["chains", "--own", "--list", "x", "--db", &db]).ends_with(2);
}
