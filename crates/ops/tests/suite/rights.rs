//! What nobody may lose on a day, however full it is: reasons, ends, carers, a bed before a ride, help without conditions.

use crate::{
    city::{DAY, Files, at, close, day_of, packs, tx},
    engines::{TestStore, on_both},
};
use dayclear_core::{
    books::Worklist,
    reason::Reason,
    transfer::{RideClass, TransferState},
};
use dayclear_ops::day::pack_for;
use std::collections::{BTreeMap, BTreeSet};

/// A hard day: every third of P001 to P053 is positive, singly, an hour after the other; beds and seats are short.
fn hard() -> Files {
    let mut files = Files::quiet(DAY);
    for n in 1..=53 {
        let finding = if n % 3 == 0 { "positive" } else { "negative" };
        let when = format!("{:02}:00 {:02}:30", 6 + n % 5, 10 + n % 9);
        files = files.swab(&format!("T{n}"), &format!("P{n:03}"), "community", DAY, &when, finding);
    }
    files
}

#[test]
fn every_order_says_by_what_right_for_what_and_until_when() {
    for files in [Files::example(), hard()] {
        on_both(async |store| {
            close(store, DAY, &files).await;
            let pack = pack_for(packs(), "covid-19", day_of(DAY)).unwrap();
            let mut tx = tx(store).await;
            let orders = tx.orders_since(day_of(DAY)).await.unwrap();
            let exposed: BTreeMap<String, _> = tx
                .contacts_since(at(DAY, "00:00"))
                .await
                .unwrap()
                .into_iter()
                .map(|contact| (contact.person, contact.last_exposure))
                .collect();
            let evidence: BTreeSet<String> =
                store.texts("select id from cases union all select tube from tubes").await.into_iter().collect();
            assert!(orders.len() > 30);
            for order in &orders {
                for text in [&order.legal_basis, &order.body, &order.purpose, &order.milder] {
                    assert!(!text.is_empty(), "{order:?}");
                }
                assert!(evidence.contains(&order.evidence), "{order:?}");
                let reasons: Vec<Reason> = serde_json::from_str(&order.reason).unwrap();
                assert!(reasons[0].to_string().contains(&pack.label()), "{order:?}");
                // a contact's days count from the last exposure, everybody else's from the first day of the order
                let since = match order.basis.as_str() {
                    "contact" => exposed[&order.person],
                    _ => order.from_day,
                };
                let most = pack.most_days(order.kind).unwrap().value;
                assert!(order.until_day.days_since(since) <= most, "{order:?}");
                assert!(order.starts_at < at(&order.until_day.plus_days(1).to_string(), "00:00"), "{order:?}");
            }
        });
    }
}

#[test]
fn a_case_that_the_pack_exempts_opens_no_area_and_says_why() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        assert_eq!(store.texts("select case_id from exemptions").await, ["C20221120-P041"]);
        let resting = store.texts("select case_id from zone_cases order by case_id").await;
        assert_eq!(resting, ["C20221120-P001", "C20221120-P006", "C20221120-P055"]);
        assert_eq!(store.texts("select building from zones order by building").await, ["B1", "B4"]);
    });
}

/// People of a trip: who rides with whom.
async fn riders(store: &TestStore) -> BTreeMap<String, Vec<dayclear_store::transfer::Transfer>> {
    let mut by_trip: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for transfer in tx(store).await.transfers_since(at(DAY, "00:00")).await.unwrap() {
        if let Some(trip) = transfer.trip.clone() {
            by_trip.entry(trip).or_default().push(transfer);
        }
    }
    by_trip
}

#[test]
fn a_positive_child_rides_and_stays_with_the_carer() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let riders = riders(store).await;
        let trip = riders.values().find(|riders| riders.iter().any(|t| t.person == "P006")).unwrap();
        let people: Vec<(&str, Option<&str>)> =
            trip.iter().map(|t| (t.person.as_str(), t.facility.as_deref())).collect();
        assert_eq!(people, [("P006", Some("DH1")), ("P005", Some("DH1"))]);
    });
}

#[test]
fn on_a_hard_day_no_class_is_mixed_and_nobody_leaves_without_a_bed_or_alone_as_a_child() {
    on_both(async |store| {
        close(store, DAY, &hard()).await;
        let riders = riders(store).await;
        let mut tx = tx(store).await;
        let trips: BTreeMap<String, _> =
            tx.trips_after(at(DAY, "00:00")).await.unwrap().into_iter().map(|trip| (trip.id.clone(), trip)).collect();
        assert!(trips.len() > 4, "{}", trips.len());
        let seats: BTreeMap<&str, usize> = [("V1", 8), ("V2", 8), ("V3", 5), ("V4", 0)].into();
        let mut beds = BTreeSet::new();
        for (id, riders) in &riders {
            let trip = &trips[id];
            assert!(riders.iter().all(|t| t.class == trip.class), "{riders:?}");
            assert!(riders.len() <= seats[trip.vehicle.as_str()], "{id} {}", riders.len());
            assert_eq!(riders.len() as i64, trip.people);
            let names: Vec<&str> = riders.iter().map(|t| t.person.as_str()).collect();
            let people = tx.people_by_id(&names).await.unwrap();
            for child in people.iter().filter(|p| p.age_on(day_of(DAY)).is_some_and(|age| age < 14)) {
                let adult = people
                    .iter()
                    .any(|p| p.household == child.household && p.age_on(day_of(DAY)).is_some_and(|age| age >= 18));
                assert!(adult, "{} rides alone: {names:?}", child.person);
            }
            for rider in riders {
                let bed = rider.bed.clone().unwrap_or_else(|| panic!("{rider:?} leaves without a bed"));
                assert!(beds.insert(bed), "a bed twice: {rider:?}");
                assert!(rider.pickup_at.unwrap() >= rider.requested_at, "fetched before anybody knew: {rider:?}");
            }
        }
        // the same vehicle is in one place at a time
        let mut by_vehicle: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        trips.values().for_each(|trip| by_vehicle.entry(&trip.vehicle).or_default().push(trip));
        for trips in by_vehicle.values_mut() {
            trips.sort_by_key(|trip| trip.departs_at);
            assert!(trips.windows(2).all(|pair| pair[0].ends_at <= pair[1].departs_at), "{trips:#?}");
        }
    });
}

#[test]
fn no_vehicle_sets_out_before_anybody_knows_of_whom_it_fetches() {
    on_both(async |store| {
        close(store, DAY, &hard()).await;
        let riders = riders(store).await;
        for trip in tx(store).await.trips_after(at(DAY, "00:00")).await.unwrap() {
            let known = riders[&trip.id].iter().map(|t| t.requested_at).min().unwrap();
            assert!(trip.departs_at >= known, "{} departs at {}, known at {known}", trip.id, trip.departs_at);
        }
    });
}

#[test]
fn on_a_hard_day_every_positive_is_a_case_and_moved_or_waits_by_name_with_a_reason() {
    let (told, items) = on_both(async |store| {
        let told = close(store, DAY, &hard()).await;
        let mut tx = tx(store).await;
        let open = tx.open_items().await.unwrap();
        let moves: Vec<(String, String)> = open
            .into_iter()
            .filter(|item| item.worklist == Worklist::Move)
            .map(|item| (item.subject, item.reason))
            .collect();
        (told, moves)
    });
    let cases = told.lines("cases", &["case"]);
    assert_eq!(cases.len(), 17, "P003, P006, ... P051");
    for case in &cases {
        let item = items.iter().find(|(subject, _)| subject == case);
        let (_, reason) = item.unwrap_or_else(|| panic!("{case} is on no list: {items:?}"));
        assert!(reason.contains("is held") || reason.contains("waits_for"), "{case}: {reason}");
    }
    // somebody has to wait on such a day, or the test proves nothing
    assert!(items.iter().any(|(_, reason)| reason.contains("waits_for")), "{items:#?}");
    let books = told.lines_of("books", "50 move", &["division", "worklist", "received", "completed", "closing"]);
    assert_eq!(books, ["50 move 17 0 17"]);
}

#[test]
fn nobody_is_admitted_without_a_report() {
    on_both(async |store| {
        close(store, DAY, &hard()).await;
        for transfer in tx(store).await.transfers_since(at(DAY, "00:00")).await.unwrap() {
            assert!(transfer.admitted_at.is_none() && transfer.state != TransferState::Admitted, "{transfer:?}");
        }
    });
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let admitted = store.texts("select person from transfers where state = 'admitted'").await;
        assert_eq!(admitted, ["P041"], "the only one of whom a site reported it");
    });
}

#[test]
fn an_emergency_has_sixty_seconds_wherever_it_comes_from() {
    let received = "2022-11-20T23:30:00+08:00";
    let told = on_both(async |store| {
        // an open area, a positive pool, a home that nobody watches, no household at all, no test anywhere
        let mut files = Files::example();
        for (n, household) in ["H01", "H11", "H40", ""].iter().enumerate() {
            files = files.add("requests", &format!("E{n},emergency,{household},500112016001,{received},,,"));
        }
        close(store, DAY, &files).await
    });
    let due = told.lines_of("requests", "E", &["subject", "due_at", "outcome"]);
    let expected: Vec<String> = (0..4).map(|n| format!("E{n} 2022-11-20T23:31:00+08:00 -")).collect();
    assert_eq!(due, expected);
}

#[test]
fn somebody_who_is_on_no_list_is_kept_recalled_and_asked_after() {
    let told = on_both(async |store| {
        let files = Files::quiet(DAY)
            .pool("T1", &["P001", "X999"], 10, "community", DAY, "07:00 12:00", "positive")
            .swab("T2", "X999", "recall", DAY, "14:00 18:00", "positive");
        close(store, DAY, &files).await
    });
    let recalls = told.lines("recalls", &["subject", "outcome"]);
    assert_eq!(recalls, ["T1/P001 -", "T1/X999 completed"]);
    let asked = told.lines_of("open_items", "clarify", &["worklist", "subject", "owner"]);
    assert!(asked.contains(&"clarify person/X999 500103013006".to_owned()), "{asked:?}");
    assert!(asked.contains(&"clarify address/C20221120-X999 500103013006".to_owned()), "{asked:?}");
    assert_eq!(told.lines("cases", &["person", "origin"]), ["X999 community"]);
    let transfers = told.lines("transfers", &["person", "state", "reason"]);
    assert!(
        transfers.iter().any(|line| line.starts_with("X999 requested") && line.contains("no address")),
        "{transfers:?}"
    );
}

#[test]
fn positives_and_contacts_never_share_a_trip() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let riders = riders(store).await;
        assert!(riders.len() > 4);
        for riders in riders.values() {
            let classes: BTreeSet<RideClass> = riders.iter().map(|transfer| transfer.class).collect();
            assert_eq!(classes.len(), 1, "{riders:?}");
        }
    });
}
