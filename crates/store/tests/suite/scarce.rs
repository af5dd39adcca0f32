//! Beds, seats and stock: of several who try at once exactly one succeeds, and the others learn who has it (F06).

use crate::{city, engines::on_both, now, tx};
use dayclear_core::transfer::RideClass;
use dayclear_store::{StoreError, transfer::Trip};
use std::sync::Arc;
use tokio::sync::Barrier;

#[test]
fn sixty_four_claim_one_bed_and_one_gets_it() {
    const CLAIMS: usize = 64;
    const ROUNDS: usize = 6;
    on_both(async |store| {
        for round in 0..ROUNDS {
            let bed = format!("BED-{round}");
            let start = Arc::new(Barrier::new(CLAIMS));
            let again = Arc::new(dayclear_store::Store::open(&store.url).await.unwrap());
            let claims: Vec<_> = (0..CLAIMS)
                .map(|n| {
                    let (again, start, bed) = (again.clone(), start.clone(), bed.clone());
                    tokio::spawn(async move {
                        start.wait().await;
                        let who = format!("M-{n}");
                        let mut tx = again.begin(&city()).await.unwrap();
                        let answer = tx.claim_bed(&bed, &who, now()).await;
                        if answer.is_ok() {
                            tx.commit().await.unwrap();
                        }
                        (who, answer)
                    })
                })
                .collect();
            let mut winners = Vec::new();
            let mut told = Vec::new();
            for claim in claims {
                match claim.await.unwrap() {
                    (who, Ok(())) => winners.push(who),
                    (_, Err(StoreError::Taken { thing, holder })) => told.push((thing, holder)),
                    (who, Err(other)) => panic!("{who}: {other}"),
                }
            }
            assert_eq!((winners.len(), told.len()), (1, CLAIMS - 1), "round {round}");
            assert!(told.iter().all(|(thing, holder)| *thing == bed && *holder == winners[0]), "{winners:?} {told:?}");
            let held = format!("select count(*) from bed_stays where bed = '{bed}' and released_at is null");
            assert_eq!(store.number(&held).await, 1);
        }
    });
}

#[test]
fn a_bed_that_was_released_can_be_claimed_again_and_a_claim_can_be_repeated() {
    on_both(async |store| {
        let mut tx = tx(store).await;
        tx.claim_bed("B", "M-1", now()).await.unwrap();
        tx.claim_bed("B", "M-1", now()).await.unwrap();
        assert_eq!(tx.release_bed("M-1", now().plus_hours(1)).await.unwrap().as_deref(), Some("B"));
        assert_eq!(tx.release_bed("M-1", now().plus_hours(1)).await.unwrap(), None);
        tx.claim_bed("B", "M-2", now()).await.unwrap();
        let taken = tx.claim_bed("B", "M-3", now()).await.unwrap_err();
        assert!(matches!(&taken, StoreError::Taken { holder, .. } if holder == "M-2"), "{taken}");
        tx.commit().await.unwrap();
    });
}

#[test]
fn beds_held_in_bulk_are_held_all_or_none() {
    on_both(async |store| {
        let holds = |pairs: &[(&str, &str)]| -> Vec<_> {
            pairs.iter().map(|(bed, who)| ((*bed).to_owned(), (*who).to_owned(), now())).collect()
        };
        let mut first = tx(store).await;
        first.hold_beds(&holds(&[("A", "M-1"), ("B", "M-2")]), now()).await.unwrap();
        first.commit().await.unwrap();
        for double in [&[("C", "M-3"), ("B", "M-4")][..], &[("D", "M-5"), ("D", "M-6")][..]] {
            let mut second = tx(store).await;
            let refused = second.hold_beds(&holds(double), now()).await.unwrap_err();
            assert!(refused.is_double(), "{refused}");
            drop(second);
        }
        // the bulk path refuses a double too
        let many: Vec<_> = (0..300).map(|n| (format!("X-{}", n % 299), format!("N-{n}"), now())).collect();
        let mut third = tx(store).await;
        assert!(third.hold_beds(&many, now()).await.unwrap_err().is_double());
        drop(third);
        assert_eq!(store.texts("select bed from bed_stays order by bed").await, ["A", "B"]);
    });
}

fn trip(id: &str) -> Trip {
    Trip {
        id: id.to_owned(),
        vehicle: "V1".to_owned(),
        crew: "C1".to_owned(),
        class: RideClass::Contact,
        division: "500103".parse().unwrap(),
        departs_at: now(),
        ends_at: now().plus_hours(1),
        people: 1,
        km: 3.5,
        turned_at: None,
    }
}

#[test]
fn a_seat_is_booked_once_and_a_person_has_one_seat() {
    on_both(async |store| {
        let seat = |trip: &str, seat: i64, who: &str| (trip.to_owned(), seat, who.to_owned());
        let mut first = tx(store).await;
        first.plan_trips(&[trip("T1"), trip("T2")], &[seat("T1", 1, "M-1"), seat("T1", 2, "M-2")]).await.unwrap();
        first.commit().await.unwrap();
        for double in [seat("T1", 2, "M-3"), seat("T2", 1, "M-1")] {
            let mut second = tx(store).await;
            let refused = second.plan_trips(&[trip("T3")], &[double]).await.unwrap_err();
            assert!(refused.is_double(), "{refused}");
        }
        assert_eq!(store.number("select count(*) from trips").await, 2, "the trip of a refused seat is gone too");
    });
}

#[test]
fn stock_that_is_not_there_cannot_be_promised() {
    on_both(async |store| {
        let row = "insert into supplies (key, depot, division, item, quantity, digest)
                   values ('D1|food_parcel', 'D1', '500103', 'food_parcel', 5, 0)";
        store.sql(row).await.unwrap();
        let day = "2022-11-20".parse().unwrap();
        let mut first = tx(store).await;
        first.promise("D1|food_parcel", day, 3).await.unwrap();
        first.commit().await.unwrap();
        for units in [3, 1_000, -4] {
            let mut second = tx(store).await;
            let refused = second.promise("D1|food_parcel", day, units).await.unwrap_err();
            assert!(matches!(refused, StoreError::Engine(_)), "{refused}");
        }
        let mut last = tx(store).await;
        last.promise("D1|food_parcel", day, 2).await.unwrap();
        last.commit().await.unwrap();
        assert_eq!(store.number("select promised from supplies").await, 5);
        let burnt = "select cast(sum(units) as bigint) from supply_burn";
        assert_eq!(store.number(burnt).await, 5, "what was refused was not used up either");
    });
}

#[test]
fn a_person_has_one_live_transfer_and_one_open_case() {
    on_both(async |store| {
        let transfer = |id: &str, state: &str| {
            format!(
                "insert into transfers (id, person, person_no, division, class, subject, requested_at, state, reason)
                 select '{id}', 'P1', 1, '500103', 'contact', 'C1', opened_at, '{state}', '' from days"
            )
        };
        let mut tx = tx(store).await;
        tx.open_day("2022-11-20".parse().unwrap(), now()).await.unwrap();
        tx.commit().await.unwrap();
        store.sql(&transfer("M1", "cancelled")).await.unwrap();
        store.sql(&transfer("M2", "booked")).await.unwrap();
        assert!(store.sql(&transfer("M3", "requested")).await.is_err());
        store.sql(&transfer("M4", "cancelled")).await.unwrap();
        assert_eq!(store.number("select count(*) from transfers").await, 3);
        let case = |id: &str, closed: &str| {
            format!(
                "insert into cases (id, person, person_no, division, tube_no, sampled_at, found_at, origin, classification,
                    severity, closed_on, reason)
                 select '{id}', 'P1', 1, '500103', 1, opened_at, opened_at, 'community', 'confirmed', 'mild', {closed}, ''
                 from days"
            )
        };
        store.sql(&case("C1", "day")).await.unwrap();
        store.sql(&case("C2", "null")).await.unwrap();
        assert!(store.sql(&case("C3", "null")).await.is_err());
    });
}
