//! Shifts on both stores: refused at entry with the shift that stands against it, whichever of two came first, and in one file as in two.

use crate::{
    city::city,
    engines::on_both,
    floor::{evening, holds},
    imports::bring,
};
use dayclear_core::schema::{PLACES, SHIFTS};
use dayclear_ops::imports::Keep;

const HEADER: &str = "worker,site,from,to,role\n";

fn shift(worker: &str, site: &str, from: &str, to: &str) -> String {
    format!("{worker},{site},2022-11-{from}:00+08:00,2022-11-{to}:00+08:00,nurse\n")
}

#[test]
fn too_little_rest_and_a_second_site_are_refused_with_what_stands_against_it() {
    on_both(async |store| {
        evening(store).await;
        let places = "place,kind,name,division,owner\nHS1,hospital,Fever clinic,500103013006,head\n\
            CH1,care_home,Evening sun,500112016001,head\nMK1,market,Market,500103013006,head\n";
        bring(store, &city(), &PLACES, places, "", Keep::Together).await;
        let first = HEADER.to_owned()
            + &shift("W1", "HS1", "20T08:00", "20T16:00")
            + &shift("W1", "HS1", "21T02:00", "21T10:00") // ten hours of rest
            + &shift("W1", "CH1", "22T08:00", "22T16:00") // another site
            + &shift("W1", "MK1", "22T08:00", "22T16:00") // a market is none of those
            + &shift("W2", "CH1", "20T08:00", "20T21:00") // thirteen hours
            + &shift("W2", "XX1", "20T08:00", "20T16:00"); // no such place
        let tally = bring(store, &city(), &SHIFTS, &first, "", Keep::Together).await;
        assert_eq!((tally.read, tally.created, tally.doubtful), (6, 2, 4), "{tally:?}");
        let kept = "select worker || ' ' || site from shifts order by worker, site";
        assert_eq!(store.texts(kept).await, ["W1 HS1", "W1 MK1"]);
        let doubts = "select \"column\" || ': ' || value from doubts where source = 'rows.csv' and \"column\" in ('from', 'site', 'to') order by row";
        let told = store.texts(doubts).await;
        assert_eq!(told.len(), 4, "{told:?}");
        assert!(told[0].starts_with("from: beside a shift at HS1 from "), "{told:?}");
        assert!(told[1].starts_with("site: beside a shift at HS1 from "), "{told:?}");
        assert!(told[2].starts_with("to: ") && told[3] == "site: XX1", "{told:?}");
        // another file, another day: what was taken before stands against it, also before its beginning
        let second = HEADER.to_owned()
            + &shift("W1", "CH1", "18T08:00", "18T16:00")
            + &shift("W1", "HS1", "20T08:00", "20T15:00") // the same shift, shorter
            + &shift("W3", "CH1", "18T08:00", "18T16:00");
        let tally = bring(store, &city(), &SHIFTS, &second, "", Keep::Together).await;
        assert_eq!((tally.read, tally.created, tally.updated, tally.doubtful), (3, 1, 1, 1), "{tally:?}");
        holds(store).await;
    });
}
