//! Who goes with a child (R12): whoever of the household can, also where they had somewhere else to go; and a name where nobody can.

use crate::{
    city::{DAY, Files, close, tx},
    engines::{TestStore, on_both},
    found_by_the_checker::outcome,
};
use dayclear_core::{books::Worklist, transfer::TransferState};
use dayclear_store::transfer::Transfer;

const NEXT: &str = "2022-11-21";

/// Transfers of a person that are not over, by where they lead.
async fn live(store: &TestStore, person: &str) -> Vec<Transfer> {
    let mut all = tx(store).await.transfers_since(crate::city::at("2022-01-01", "00:00")).await.unwrap();
    all.retain(|transfer| transfer.person == person && transfer.state != TransferState::Cancelled);
    all
}

async fn only(store: &TestStore, person: &str) -> Transfer {
    let [transfer] = live(store, person).await.try_into().unwrap();
    transfer
}

/// Father found on the first day; mother and a child of six are his contacts.
fn father_found() -> Files {
    Files::quiet(DAY).swab("T901", "P004", "community", DAY, "08:00 11:00", "positive")
}

fn child_found() -> Files {
    Files::quiet(NEXT).swab("T902", "P006", "isolation", NEXT, "09:00 13:00", "positive")
}

#[test]
fn an_adult_who_was_to_go_as_a_contact_goes_with_the_child_who_is_a_case() {
    on_both(async |store| {
        close(store, DAY, &father_found()).await;
        let before = [only(store, "P005").await, only(store, "P006").await];
        assert!(before.iter().all(|ride| ride.facility.as_deref() == Some("IS1")), "{before:#?}");
        close(store, NEXT, &child_found()).await;
        let [mother, child] = [only(store, "P005").await, only(store, "P006").await];
        assert_eq!(mother.id, "M-C20221121-P006-with-P006");
        assert_eq!((&mother.facility, &mother.trip), (&child.facility, &child.trip));
        assert_eq!([mother.state, child.state], [TransferState::Booked; 2]);
        // the room that waited for them is free for others
        let kept = store.number("select count(*) from bed_stays where released_at is null and bed like 'IS1-%'").await;
        assert_eq!(kept, 0);
    });
}

#[test]
fn an_adult_who_is_at_the_site_that_the_child_leaves_leaves_with_the_child() {
    on_both(async |store| {
        close(store, DAY, &father_found()).await;
        let there = child_found().rows(
            "handovers",
            "P005,admitted,2022-11-21T07:30:00+08:00,IS1,
             P006,admitted,2022-11-21T07:30:00+08:00,IS1,",
        );
        close(store, NEXT, &there).await;
        let [mother, child] = [only(store, "P005").await, only(store, "P006").await];
        assert_eq!(mother.id, "M-C20221121-P006-with-P006");
        assert_eq!((&mother.facility, &mother.trip), (&child.facility, &child.trip));
        assert_ne!(child.facility.as_deref(), Some("IS1"));
        assert!([&mother, &child].iter().all(|ride| ride.reason.contains(r#""from":"IS1""#)), "{mother:?} {child:?}");
        // and is asked for once
        close(store, "2022-11-22", &Files::quiet("2022-11-22")).await;
        assert_eq!(only(store, "P005").await.trip, mother.trip);
    });
}

#[test]
fn a_child_goes_where_an_adult_of_the_household_is_and_a_carer_is_named_where_that_cannot_be() {
    on_both(async |store| {
        let both = father_found().swab("T903", "P005", "community", DAY, "08:00 11:00", "positive");
        close(store, DAY, &both).await;
        let parents = [only(store, "P004").await, only(store, "P005").await];
        // a contact without anybody stays at home until a carer is named
        assert!(live(store, "P006").await.is_empty());
        assert_eq!(outcome(store, Worklist::Clarify, "carer/P006").await, None);
        close(store, NEXT, &child_found()).await;
        let child = only(store, "P006").await;
        assert_eq!(child.state, TransferState::Booked);
        let beside = parents.iter().any(|parent| parent.facility == child.facility);
        assert!(!beside, "{parents:#?} {child:?}");
        assert_eq!(outcome(store, Worklist::Clarify, "carer/P006").await, None);
    });
}

#[test]
fn a_child_who_is_found_later_goes_where_the_adult_went_and_not_to_the_nearest_place() {
    on_both(async |store| {
        // on the first day the nearest site has no rooms, so the mother goes to the other one
        let beds = ["DH1-R1-1", "TH1-W1-1", "TH1-W2-1", "IS2-0201-1", "IS2-0202-1", "IS2-0203-1", "IS2-0204-1"];
        let few = beds.iter().fold(Files::quiet(DAY).emptied("beds"), |files, bed| files.row_of_the_city("beds", bed));
        let met = |person: &str| format!("P001,{person},shared_space,2022-11-19,2022-11-19,聚餐");
        let few = few.swab("T904", "P001", "community", DAY, "08:00 11:00", "positive");
        close(store, DAY, &few.rows("contacts", &met("P005"))).await;
        assert_eq!(only(store, "P005").await.facility.as_deref(), Some("IS2"));
        close(store, NEXT, &Files::quiet(NEXT).rows("contacts", &met("P006"))).await;
        let child = only(store, "P006").await;
        assert_eq!((child.facility.as_deref(), child.state), (Some("IS2"), TransferState::Booked), "{child:?}");
    });
}
