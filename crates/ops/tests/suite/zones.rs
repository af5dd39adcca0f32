//! Areas that outlive their last day, as the independent checker found them: they lapse by themselves, only a new infection
//! moves their end, and rules that know none end them.

use crate::{
    city::{DAY, Files, close, day_of, tx},
    engines::{TestStore, on_both},
    found_by_the_checker::{NEXT, THIRD, close_under, outcome, reviews},
};
use dayclear_core::{
    books::{Movement, Worklist},
    time::CivilDate,
};
use dayclear_ops::alerts::{self, Turn};
use dayclear_store::measures::Zone;

const B1: &str = "Z-2022-11-20-B1-1";
const B4: &str = "Z-2022-11-20-B4-1";

async fn zone(store: &TestStore, id: &str) -> Zone {
    let zones = tx(store).await.zones_since(day_of("2022-01-01")).await.unwrap();
    zones.iter().find(|zone| zone.id == id).unwrap().clone()
}

#[test]
fn an_area_that_nobody_tests_lapses_at_its_last_day() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        assert_eq!(zone(store, B1).await.ends_on, day_of("2022-11-25"));
        for day in [NEXT, THIRD, "2022-11-23", "2022-11-24"] {
            close(store, day, &Files::quiet(day)).await;
            let stands = zone(store, B1).await;
            assert_eq!((stands.released_on, stands.ends_on), (None, day_of("2022-11-25")), "{day}");
        }
        let told = close(store, "2022-11-25", &Files::quiet("2022-11-25")).await;
        for id in [B1, B4] {
            let lapsed = zone(store, id).await;
            assert_eq!((lapsed.released_on, lapsed.ends_on), (Some(lapsed.ends_on), day_of("2022-11-25")));
            assert_eq!(outcome(store, Worklist::Reopen, id).await, Some(Movement::Completed));
        }
        let told = told.lines("zones", &["zone", "ends_on", "released_on"]);
        assert_eq!(told, [B1, B4].map(|id| format!("{id} 2022-11-25 2022-11-25")));
        let districts = [format!("area/{B1} 500103"), format!("area/{B4} 500112")];
        assert_eq!(reviews(store, "area/").await, districts);
        // it says so once
        close(store, "2022-11-26", &Files::quiet("2022-11-26")).await;
        assert_eq!(zone(store, B1).await.released_on, Some(day_of("2022-11-25")));
        let releases = format!("select count(*) from events where kind = 'zone.released' and subject = '{B1}'");
        assert_eq!(store.number(&releases).await, 1);
    });
}

#[test]
fn an_area_has_lapsed_at_its_last_day_though_nobody_was_there_to_end_it() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        // nobody ran the days between; somebody of B1 is found on the 28th
        let found =
            Files::quiet("2022-11-28").swab("T310", "P014", "community", "2022-11-28", "08:00 12:00", "positive");
        close(store, "2022-11-28", &found).await;
        for id in [B1, B4] {
            assert_eq!(zone(store, id).await.released_on, Some(day_of("2022-11-25")), "{id}");
        }
        assert_eq!(reviews(store, "area/").await.len(), 2);
        // fresh evidence opens a fresh area; the old one is not stretched over the days between
        let fresh = zone(store, "Z-2022-11-28-B1-1").await;
        assert_eq!((fresh.cases, fresh.ends_on, fresh.released_on), (1, day_of("2022-12-03"), None));
    });
}

#[test]
fn only_a_new_infection_moves_the_end_of_an_area() {
    on_both(async |store| {
        let ends = async |day: &str, files: Files| -> (CivilDate, CivilDate) {
            close(store, day, &files).await;
            (zone(store, B1).await.ends_on, zone(store, B4).await.ends_on)
        };
        let until = |b1: &str| (day_of(b1), day_of("2022-11-25"));
        assert_eq!(ends(DAY, Files::example()).await, until("2022-11-25"));
        // a neighbour in B1, who was bound by nothing but the area
        let neighbour = Files::quiet(THIRD).swab("T311", "P014", "area_screening", THIRD, "08:00 12:00", "positive");
        assert_eq!(ends(THIRD, neighbour).await, until("2022-11-27"));
        // a contact at home in B1, an older sample of another neighbour, and some who are negative
        let others = Files::quiet("2022-11-23")
            .swab("T312", "P009", "isolation", "2022-11-23", "08:00 12:00", "positive")
            .swab("T313", "P010", "area_screening", "2022-11-23", "08:00 12:00", "negative")
            .pool("T314", &["P019"], 1, "area_screening", NEXT, "08:00 12:00", "positive");
        assert_eq!(ends("2022-11-23", others).await, until("2022-11-27"));
        assert_eq!(zone(store, B1).await.cases, 4, "P001, P006, P014, P019");
        assert_eq!(ends("2022-11-25", Files::quiet("2022-11-25")).await, until("2022-11-27"));
        assert_eq!(zone(store, B1).await.released_on, None);
        assert_eq!(zone(store, B4).await.released_on, Some(day_of("2022-11-25")));
        close(store, "2022-11-27", &Files::quiet("2022-11-27")).await;
        assert_eq!(zone(store, B1).await.released_on, Some(day_of("2022-11-27")));
        // what was told of it: opened, extended by each infection, released; each message follows the one before it
        let mut tx = tx(store).await;
        let mut turns = Vec::new();
        let mut before = None;
        while let Some(message) = alerts::message(&mut tx, B1, Some(turns.len() + 1)).await.unwrap() {
            assert_eq!(message.before, before);
            before = Some(message.at);
            turns.push(message.turn);
        }
        assert_eq!(turns.first(), Some(&Turn::Opened));
        assert_eq!(turns.last(), Some(&Turn::Released));
        assert!(turns.len() > 2 && turns[1..turns.len() - 1].iter().all(|turn| *turn == Turn::Extended), "{turns:?}");
        let last = alerts::message(&mut tx, B1, None).await.unwrap().unwrap();
        assert_eq!((last.number, last.turn), (turns.len(), Turn::Released));
        // the feed has the last message of each area, for fourteen days after its end
        let of = async |tx: &mut dayclear_store::Scoped, day: &str| -> Vec<String> {
            let latest = alerts::latest(tx, day_of(day)).await.unwrap();
            latest.into_iter().map(|message| message.area.id).collect()
        };
        assert_eq!(of(&mut tx, "2022-11-28").await, [B1, B4]);
        assert_eq!(of(&mut tx, "2022-12-10").await, [B1]);
        assert_eq!(of(&mut tx, "2022-12-12").await, [""; 0]);
    });
}

#[test]
fn areas_end_when_the_rules_in_force_know_none() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let told = close_under(store, "ebola", NEXT, &Files::quiet(NEXT)).await;
        for id in [B1, B4] {
            assert_eq!(zone(store, id).await.released_on, Some(day_of(NEXT)));
            assert_eq!(outcome(store, Worklist::Reopen, id).await, Some(Movement::Completed));
        }
        let released = told.lines("zones", &["zone", "released_on"]);
        assert_eq!(released, [B1, B4].map(|id| format!("{id} {NEXT}")));
        assert_eq!(store.number("select count(*) from outbox where topic = 'release' and subject like 'Z-%'").await, 2);
    });
}
