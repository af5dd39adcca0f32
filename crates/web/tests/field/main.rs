//! The stations' pages and the public part, as people get them: who has which page, what is on none of them, who gets the
//! last bed, and how a resident asks for help and follows it.
#![allow(clippy::unwrap_used)] // a test stops where something is not as it must be

#[allow(dead_code)] // the console's tests use all of it
#[path = "../pages/house.rs"]
mod house;

mod exposures;
mod help;
mod letters;
mod messages;
mod moving;
mod notices;
mod open311;
mod places;
mod planning;
mod runs;
mod situation;
mod tracing;
mod warnings;

use dayclear_core::{
    access::{Class, Role, Sees, Sight, reveal},
    listing::Listing,
};
use house::{House, NAME, PHONE, WORDS};

/// What a page answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: String,
    pub(crate) policy: String,
    pub(crate) body: String,
}

/// Values of an attribute in a page.
pub(crate) fn attributes<'b>(body: &'b str, name: &str) -> Vec<&'b str> {
    let begin = format!(" {name}=\"");
    body.split(begin.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// The stations' pages, each with the lists without which it does not exist.
const PAGES: &[(&str, &[&str])] = &[
    ("/map", &["areas"]),
    ("/map?show=moving", &["areas"]),
    ("/map?show=overdue", &["areas"]),
    ("/map/500103", &["areas"]),
    ("/map/500103013", &["areas"]),
    ("/map/districts.geojson", &["areas"]),
    ("/map/areas.geojson", &["areas"]),
    ("/map/facilities.geojson", &["areas"]),
    ("/map/laboratories.geojson", &["areas"]),
    ("/map/sites.geojson", &["areas"]),
    ("/situation", &["clearings"]),
    ("/situation?wall=1", &["clearings"]),
    ("/contacts", &["contacts"]),
    ("/contacts/chains", &["contacts", "cases"]),
    ("/contacts/chains.json", &["contacts", "cases"]),
    ("/follow-up", &["followed"]),
    ("/transfers", &["transfers"]),
    ("/transfers?board=1&class=positive", &["transfers"]),
    ("/transfers?sort=requested", &["transfers"]),
    ("/transfers/vehicles", &["transfers", "vehicles"]),
    ("/transfers/capacity", &["transfers", "vehicles", "beds"]),
    ("/facilities", &["facilities"]),
    ("/facilities/DH1", &["facilities"]),
    ("/facilities/ahead", &["facilities", "beds"]),
    ("/laboratories", &["laboratories"]),
    ("/laboratories/L1", &["laboratories"]),
    ("/laboratories/rounds", &["tubes"]),
    ("/laboratories/quality", &["signals"]),
    ("/rounds", &["rounds"]),
    ("/rounds/yields", &["yields"]),
    ("/boxes", &["boxes"]),
    ("/areas", &["areas"]),
    ("/equality", &["appeal_figures"]),
    ("/requests", &["requests"]),
    ("/requests/hot", &["requests"]),
    ("/tickets", &["tickets"]),
    ("/supplies/round", &["parcels"]),
];

#[tokio::test]
async fn every_page_is_there_for_those_who_read_its_lists_and_shows_nobody_what_they_are_not_shown() {
    let house = House::open().await;
    for role in Role::ALL {
        for (path, lists) in PAGES {
            let answer = house.get(role.name(), path).await;
            let readable = lists.iter().all(|list| Listing::named(list).unwrap().readable_by(*role));
            assert_eq!(answer.status, if readable { 200 } else { 404 }, "{role} at {path}: {}", answer.body);
            for (value, class) in [(NAME, Class::Personal), (PHONE, Class::Personal), (WORDS, Class::Sensitive)] {
                let may = reveal(*role, class, Sees::OnDuty) == Sight::Plain && !path.contains("json");
                assert!(may || !answer.body.contains(value), "{role} at {path} sees {value}");
            }
            let body = answer.body.to_ascii_lowercase();
            for inline in [" style=", "<style", " onclick", " onload", "javascript:"] {
                assert!(!body.contains(inline), "{role} at {path}: {inline}");
            }
        }
    }
}

#[tokio::test]
async fn nobody_gets_a_station_page_without_a_session() {
    let house = House::open().await;
    for (path, _) in PAGES {
        let answer = house.get("nobody", path).await;
        assert_eq!(answer.status, 303, "{path}");
        assert!(answer.location.starts_with("/login"), "{path}: {}", answer.location);
    }
}
