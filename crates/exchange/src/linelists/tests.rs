//! Line lists written and read again: nothing is lost in any of the forms, and what cannot be said in one is carried beside it.

use super::*;
use proptest::prelude::*;

fn text(rows: &str) -> Vec<Vec<String>> {
    rows.lines().map(|row| row.trim().split(',').map(str::to_owned).collect()).collect()
}

const NO_LABELS: BTreeMap<String, String> = BTreeMap::new();

#[test]
fn a_sormas_listing_is_read_by_its_columns_and_keeps_what_it_cannot_say() {
    let file = text(
        "CaseData,CaseData,CaseData,CaseData,CaseData,CaseData
         person.firstName,person.sex,epidNumber,reportDate,symptoms.onsetDate,labSampleID
         ##First name,##Sex,##Epid number,##Date of report,##Onset,##Sample
         Anna,FEMALE,E-1,20.11.2022,03.11.2022,S1
         Ben,OTHER,E-2,20.11.2022,2022-11-04,",
    );
    let records = SORMAS_CASES.read(&file, Style::Dots, &NO_LABELS).unwrap();
    let of = |n: usize, name: &str| records[n].fields.get(name).cloned().unwrap_or_default();
    assert_eq!(
        (of(0, "case_id").as_str(), of(0, "sex").as_str(), of(0, "date_onset").as_str()),
        ("E-1", "F", "2022-11-03")
    );
    // a sex that the scheme has not, and a day of another style: nothing is guessed, and nothing is lost
    assert_eq!((of(1, "sex").as_str(), of(1, "date_onset").as_str()), ("", ""));
    assert_eq!(records[1].extra["sormas.person.sex"], "OTHER");
    assert_eq!(records[1].extra["sormas.symptoms.onsetDate"], "2022-11-04");
    let written = SORMAS_CASES.write(&records, Style::Dots, &NO_LABELS);
    assert_eq!(written.additional, Vec::<String>::new());
    let cell = |row: usize, name: &str| {
        let at = written.grid.header.iter().position(|column| column == name).unwrap();
        written.grid.rows[row][at].as_str()
    };
    for (row, cells) in file[3..].iter().enumerate() {
        for (name, said) in file[1].iter().zip(cells) {
            assert_eq!(cell(row, name), said, "row {row}, {name}");
        }
    }
    // and through the published scheme, as a file
    let published = PUBLISHED.write(&records, Style::Iso, &NO_LABELS);
    assert_eq!(published.grid.header.len(), 19);
    let again = PUBLISHED.read(&PUBLISHED.rows(&published.grid), Style::Iso, &NO_LABELS).unwrap();
    assert_eq!(again, records);
}

#[test]
fn repeated_blocks_of_samples_stay_several() {
    let file = text(
        "CaseData,CaseData,CaseData
         epidNumber,labSampleID,labSampleID
         E-1,S1,S2",
    );
    let records = SORMAS_CASES.read(&file, Style::Iso, &NO_LABELS).unwrap();
    assert_eq!(records[0].extra.get("sormas.labSampleID#2").map(String::as_str), Some("S2"));
    let written = SORMAS_CASES.write(&records, Style::Iso, &NO_LABELS);
    let samples: Vec<usize> =
        written.grid.header.iter().enumerate().filter(|(_, name)| *name == "labSampleID").map(|(at, _)| at).collect();
    assert_eq!(samples.iter().map(|at| written.grid.rows[0][*at].as_str()).collect::<Vec<_>>(), ["S1", "S2"]);
}

#[test]
fn go_data_bears_labels_of_a_language_and_tokens() {
    let labels: BTreeMap<String, String> = [("编号", "visualId"), ("性别", "gender"), ("发病日期", "dateOfOnset")]
        .map(|(label, name)| (label.to_owned(), name.to_owned()))
        .into();
    let file = text(
        "编号,性别,发病日期,Addresses Location [1]
         CASE-1,LNG_REFERENCE_DATA_CATEGORY_GENDER_MALE,2022-11-18T00:00:00.000Z,Village 7
         CASE-2,,2022-11-18T09:30:00.000Z,",
    );
    let records = GODATA_CASES.read(&file, Style::Iso, &labels).unwrap();
    assert_eq!(records[0].fields["sex"], "M");
    assert_eq!(records[0].fields["date_onset"], "2022-11-18");
    assert_eq!(records[0].extra["godata.Addresses Location [1]"], "Village 7");
    // a time of day that our column could not say stays as it was
    assert_eq!(records[1].extra["godata.dateOfOnset"], "2022-11-18T09:30:00.000Z");
    let written = GODATA_CASES.write(&records, Style::Iso, &labels);
    assert!(written.grid.header.contains(&"发病日期".to_owned()), "{:?}", written.grid.header);
    assert_eq!(GODATA_CASES.read(&GODATA_CASES.rows(&written.grid), Style::Iso, &labels).unwrap(), records);
}

#[test]
fn faults_name_the_row() {
    let read = |rows: &str| PUBLISHED.read(&text(rows), Style::Iso, &NO_LABELS).unwrap_err().to_string();
    assert_eq!(read("case_id,sex\n1,F\n2"), "row 2 has 1 cells; expected 2, as many as the header");
    assert_eq!(read("case_id,sex\n,F"), "row 1 has no case_id; give it one");
    assert!(read("case_id,extra\n1,a").contains("no list of name=value"));
    assert!(PUBLISHED.read(&[], Style::Iso, &NO_LABELS).is_err());
}

fn map() -> Attributes {
    let attributes = [("case_id", "zDhUuAYrxNC"), ("sex", "CklPZdOd6H1"), ("date_onset", "s3eoonJ8OJb")];
    Attributes {
        entity_type: "nEenWmSyUEp".to_owned(),
        org_unit: "DiszpKrYNg8".to_owned(),
        relationship_type: "TV9oB9LT3sh".to_owned(),
        attributes: attributes.map(|(ours, theirs)| (ours.to_owned(), theirs.to_owned())).into(),
        rest: "aW66s2QSosT".to_owned(),
    }
}

#[test]
fn a_tracker_is_written_with_ids_of_its_own_and_says_what_is_wrong() {
    let case = |id: &str| Record { fields: [("case_id", id.to_owned())].into(), ..Record::default() };
    let link = Record { fields: [("from", "1".to_owned()), ("to", "2".to_owned())].into(), ..Record::default() };
    let payload = write_tracker(&[case("1"), case("2")], std::slice::from_ref(&link), &map()).unwrap();
    let id = payload["trackedEntities"][0]["trackedEntity"].as_str().unwrap();
    assert!(id.len() == 11 && id.starts_with(|sign: char| sign.is_ascii_alphabetic()), "{id}");
    assert_eq!(payload["relationships"][0]["from"]["trackedEntity"]["trackedEntity"], id);
    assert_eq!(write_tracker(&[case("1")], &[link], &map()), Err(Dhis2Error::NoCase("2".to_owned())));
    assert_eq!(
        write_tracker(&[case("1"), case("1")], &[], &map()),
        Err(Dhis2Error::SameEntity("1".to_owned(), "1".to_owned()))
    );
    let mut twice = map();
    twice.rest = "CklPZdOd6H1".to_owned();
    assert_eq!(write_tracker(&[], &[], &twice), Err(Dhis2Error::Twice("CklPZdOd6H1".to_owned())));
    let ids: std::collections::BTreeSet<String> = (0..20_000).map(|n| uid(&n.to_string())).collect();
    assert_eq!(ids.len(), 20_000);
}

#[test]
fn what_an_instance_has_beside_its_attributes_comes_back() {
    let payload = serde_json::json!({"trackedEntities": [{
        "trackedEntity": "abcDEFghi12", "trackedEntityType": "nEenWmSyUEp", "orgUnit": "O6uvpzGd5pu",
        "attributes": [{"attribute": "zDhUuAYrxNC", "value": "C-9"}, {"attribute": "xxxxxxxxxxx", "value": "1;2=3"}],
        "enrollments": [{"enrollment": "e1234567890", "events": [{"dataValues": [{"dataElement": "d", "value": "7"}]}]}],
    }], "relationships": []});
    let (cases, links) = read_tracker(&payload, &map()).unwrap();
    assert_eq!(write_tracker(&cases, &links, &map()).unwrap(), payload);
}

/// A value that a person may have written: no sign is too strange.
fn value() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{1,12}", "[一-龥;=%\"]{1,6}", Just("2022-11-20".to_owned()), Just("FEMALE".to_owned())]
        .prop_filter("blank is unknown", |text| !text.is_empty() && !text.starts_with("##"))
}

fn record(ours: &'static [&'static str], system: &'static str) -> impl Strategy<Value = Record> {
    let fields = proptest::collection::btree_map(proptest::sample::select(ours), value(), 0..8);
    let extra = proptest::collection::btree_map("[a-z]{1,5}(\\.[a-zA-Z;%=]{1,5})?", value(), 0..5);
    let own = proptest::collection::btree_map(
        "[a-zA-Z]{1,6}".prop_map(move |name| format!("{system}.x{name}")),
        value(),
        0..3,
    );
    (fields, extra, own, value()).prop_map(move |(mut fields, mut extra, own, key)| {
        fields.insert(ours[0], key);
        extra.extend(own);
        Record { fields, extra }
    })
}

fn round_trip(scheme: &Scheme, records: &[Record], style: Style) {
    let written = scheme.write(records, style, &NO_LABELS);
    let again = scheme.read(&scheme.rows(&written.grid), style, &NO_LABELS).unwrap();
    assert_eq!(again, records, "{written:?}");
    assert_eq!(scheme.write(&again, style, &NO_LABELS), written, "written twice it is the same");
}

proptest! {
    #[test]
    fn tables_lose_nothing_on_the_way_out_and_back(
        cases in proptest::collection::vec(record(CASE, "sormas"), 0..5),
        links in proptest::collection::vec(record(LINK, "godata"), 0..5),
        style in proptest::sample::select(&[Style::Iso, Style::Dots, Style::DayFirst, Style::MonthFirst][..])
    ) {
        for scheme in [&PUBLISHED, &SORMAS_CASES, &GODATA_CASES] {
            round_trip(scheme, &cases, style);
        }
        for scheme in [&LINKS, &SORMAS_CONTACTS, &GODATA_CONTACTS] {
            round_trip(scheme, &links, style);
        }
    }

    #[test]
    fn a_foreign_file_comes_back_cell_for_cell(
        names in proptest::collection::btree_set("[a-zA-Z.]{1,8}", 1..6),
        cells in proptest::collection::vec(proptest::collection::vec(prop_oneof![Just(String::new()), value()], 6), 1..5),
        known in proptest::sample::subsequence(vec!["reportDate", "person.sex", "outcome", "symptoms.onsetDate"], 0..5)
    ) {
        let mut header: Vec<String> = vec!["epidNumber".to_owned()];
        header.extend(known.into_iter().map(str::to_owned));
        header.extend(names.into_iter().map(|name| format!("z{name}")));
        let rows: Vec<Vec<String>> = cells
            .iter()
            .enumerate()
            .map(|(n, row)| {
                let filled = row.iter().cloned().cycle().take(header.len() - 1);
                std::iter::once(format!("E{n}")).chain(filled).collect()
            })
            .collect();
        let file: Vec<Vec<String>> =
            [vec!["CaseData".to_owned(); header.len()], header.clone()].into_iter().chain(rows.clone()).collect();
        let records = SORMAS_CASES.read(&file, Style::Dots, &NO_LABELS).unwrap();
        let written = SORMAS_CASES.write(&records, Style::Dots, &NO_LABELS).grid;
        for (name, at) in header.iter().zip(0..) {
            let column: Vec<&String> = rows.iter().map(|row: &Vec<String>| &row[at]).collect();
            match written.header.iter().position(|one| one == name) {
                Some(place) => {
                    prop_assert_eq!(written.rows.iter().map(|row| &row[place]).collect::<Vec<_>>(), column);
                }
                // a column in which nothing stood
                None => prop_assert!(column.iter().all(|cell| cell.is_empty())),
            }
        }
    }

    #[test]
    fn a_tracker_loses_nothing_on_the_way_out_and_back(
        cases in proptest::collection::vec(record(CASE, "godata"), 1..5), ends in proptest::collection::vec((0usize..5, 0usize..5, record(LINK, "sormas")), 0..5)
    ) {
        let mut cases = cases;
        for (n, case) in cases.iter_mut().enumerate() {
            case.fields.insert("case_id", format!("K{n}"));
        }
        let mut links: Vec<Record> = Vec::new();
        for (from, to, mut link) in ends {
            link.fields.insert("from", format!("K{}", from % cases.len()));
            link.fields.insert("to", format!("K{}", to % cases.len()));
            if !links.contains(&link) {
                links.push(link);
            }
        }
        let payload = write_tracker(&cases, &links, &map()).unwrap();
        let (again, links_again) = read_tracker(&payload, &map()).unwrap();
        prop_assert_eq!(again, cases);
        prop_assert_eq!(links_again, links);
    }

    #[test]
    fn any_names_and_values_come_back_from_one_text(
        extra in proptest::collection::btree_map("[ -~一-龥\n\r]{1,8}", "[ -~一-龥\n\r]{0,8}", 0..6)
    ) {
        prop_assert_eq!(unpack(&pack(&extra)), Some(extra));
    }
}
