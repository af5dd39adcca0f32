//! The guided interview of a case on both stores: which days are asked about, whom rosters suggest and whom they do not name, that a
//! suggestion writes nothing, and that whoever is tested regularly is asked back to their last negative test.

use crate::{
    city::{DAY, Files, at, close, packs},
    engines::{TestStore, on_both},
    floor::{Person, district, evening, holds, person},
};
use dayclear_core::{access::Role, tracing::CIRCLE_MAX};
use dayclear_ops::{
    day::pack_for,
    interview::{Sheet, sheet},
    minutes::Day,
};

/// What somebody on duty is given to begin with.
pub async fn begun(store: &TestStore, who: &Person, case: &str) -> Sheet {
    let settings = crate::city::settings();
    let pack = pack_for(packs(), "covid-19", crate::city::day_of(DAY)).unwrap();
    let day = Day::at(crate::city::day_of(DAY), None, who.now, pack, &settings);
    let mut tx = store.store.begin(&who.looker.scope()).await.unwrap();
    let case = tx.cases_by_id(&[case]).await.unwrap().remove(0);
    sheet(&mut tx, &day, &case).await.unwrap().unwrap()
}

/// Suggestions in words: circle, thing, people.
fn said(sheet: &Sheet) -> Vec<String> {
    let people = |one: &dayclear_ops::interview::Suggested| {
        one.people.iter().map(|one| one.person.trim_start_matches("P0")).collect::<Vec<_>>().join(" ")
    };
    let many = |too_many: bool| if too_many { " too many" } else { "" };
    sheet.suggested.iter().map(|s| format!("{} {}: {}{}", s.circle, s.by, people(s), many(s.too_many))).collect()
}

#[test]
fn rosters_suggest_whom_to_ask_about_and_make_nobody_a_contact() {
    on_both(async |store| {
        evening(store).await;
        let contacts = "select count(*) from contacts";
        let before = store.number(contacts).await;
        let sheet = begun(store, &district(), "C20221120-P001").await;
        assert_eq!(sheet.days.last().map(ToString::to_string).as_deref(), Some("2022-11-18"), "{:?}", sheet.window);
        assert_eq!(sheet.days.len(), 3);
        assert_eq!(
            said(&sheet),
            ["unit 1: 04 05 06 07 08 10 12 13 14 15 16 17 18 19 20", "tube T001: 04 05 06 07 08 10"],
            "household and contacts are left out"
        );
        // whoever is only suggested is not named
        let one = &sheet.suggested[0].people[0];
        assert_eq!((one.name.as_deref(), one.door.as_deref()), (Some("张**"), Some("102")));
        assert_eq!(store.number(contacts).await, before);
        // the jurisdiction stands in the question
        let elsewhere = person("d2", Role::DistrictCommand, "500112", None);
        let mut tx = store.store.begin(&elsewhere.looker.scope()).await.unwrap();
        assert!(tx.cases_by_id(&["C20221120-P001"]).await.unwrap().is_empty());
        drop(tx);
    });
}

#[test]
fn a_roster_of_many_names_nobody() {
    on_both(async |store| {
        let mut files = Files::example().add("households", "H99,B1,1,9,901,yes");
        for n in 0..=CIRCLE_MAX {
            files = files.add("people", &format!("Q{n:03},H99,某人,,,,,,,,present"));
        }
        close(store, DAY, &files).await;
        let sheet = begun(store, &district(), "C20221120-P001").await;
        assert_eq!(said(&sheet), ["unit 1:  too many", "tube T001: 04 05 06 07 08 10"]);
    });
}

#[test]
fn who_is_tested_regularly_is_asked_back_to_the_last_negative_test() {
    on_both(async |store| {
        // the courier P055 was negative on the 15th, and withheld results clear nobody
        let files = Files::example()
            .swab("T900", "P055", "key_person", "2022-11-13", "08:00 12:00", "negative")
            .swab("T901", "P055", "key_person", "2022-11-15", "08:00 12:00", "negative")
            .swab("T902", "P055", "key_person", "2022-11-17", "08:00 12:00", "invalid");
        close(store, DAY, &files).await;
        let who = person("d2", Role::DistrictCommand, "500112", None).at(at(DAY, "23:30"));
        let sheet = begun(store, &who, "C20221120-P055").await;
        assert_eq!(sheet.window.value.from.to_string(), "2022-11-15", "{}", sheet.window.reason);
        assert_eq!(sheet.days.len(), 6);
        // P079 sat beside them on the 17th, before the two days
        let listed = store.texts("select person from contacts where case_id = 'C20221120-P055' order by person").await;
        assert!(listed.contains(&"P079".to_owned()), "{listed:?}");
        holds(store).await;
    });
}
