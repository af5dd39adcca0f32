//! Vehicles on the road, on both stores: what a crew reports from a phone is taken once at its true time and opens what the rules ask
//! for; a vehicle that falls silent is called after ten minutes and not before; and nobody is ever taken for arrived because of where a
//! vehicle is, or because of what its crew says.

use crate::{
    city::{DAY, at, city, packs, settings},
    engines::{TestStore, on_both},
    floor::{Person, dispatcher, evening, holds, person, signs_and_holds},
};
use dayclear_core::{
    access::Role,
    site::clock::{Anchor, Reading},
    time::Instant,
    transfer::HandoverStep,
};
use dayclear_ops::{
    desk::{
        DeskError, Refusal,
        crew::{CrewError, Heeded, Told, take},
    },
    line,
    road::{Looked, hear, look},
};

fn driver(vehicle: &str, clock: &str) -> Person {
    person(&format!("driver-{vehicle}"), Role::Driver, "50", Some(vehicle)).at(at(DAY, clock))
}

/// What a phone says whose clock is two days ahead.
fn phone(clock: &str) -> Reading {
    let ms = |at: Instant| at.micros() / 1_000;
    Reading {
        wall_ms: ms(at(DAY, clock)) + 2 * 86_400_000,
        page_ms: ms(at(DAY, clock)) - ms(at(DAY, "00:00")),
        page: "page".to_owned(),
    }
}

/// Somebody who is booked on a trip.
#[derive(Debug, Clone)]
struct Ride {
    transfer: String,
    trip: String,
    vehicle: String,
}

/// Those who are booked with the vehicle that fetches the most, alone first.
async fn rides(store: &TestStore) -> Vec<Ride> {
    let found = store
        .texts(
            "select x.id || ' ' || x.trip || ' ' || r.vehicle from transfers x join trips r on r.id = x.trip
             where x.state = 'booked' and r.vehicle = (select r.vehicle from transfers x join trips r on r.id = x.trip
                where x.state = 'booked' group by r.vehicle order by count(*) desc, r.vehicle limit 1)
             order by x.id like '%-with-%', r.departs_at, x.id",
        )
        .await;
    let ride = |text: &String| {
        let mut parts = text.split(' ').map(str::to_owned);
        Ride { transfer: parts.next().unwrap(), trip: parts.next().unwrap(), vehicle: parts.next().unwrap() }
    };
    found.iter().map(ride).collect()
}

fn told(record: &str, ride: &Ride, step: HandoverStep, clock: &str) -> Told {
    Told {
        record: record.to_owned(),
        trip: ride.trip.clone(),
        transfer: ride.transfer.clone(),
        step,
        note: String::new(),
        taken: phone(clock),
        anchor: Some(Anchor { server: at(DAY, "06:00"), device: phone("06:00") }),
    }
}

async fn sends(who: &Person, store: &TestStore, told: &Told, sending: &str) -> Result<Heeded, CrewError> {
    take(&store.store, &who.doing(None), told, &phone(sending)).await
}

fn word(outcome: Result<Heeded, CrewError>) -> String {
    match outcome {
        Ok(heeded) if heeded.same => "same".to_owned(),
        Ok(_) => "taken".to_owned(),
        Err(CrewError::Untaken(why)) => why.to_string(),
        Err(CrewError::Desk(DeskError::Refused(Refusal::NotYours { .. }))) => "not yours".to_owned(),
        Err(other) => panic!("{other}"),
    }
}

async fn calls(store: &TestStore, of: &str) -> String {
    store
        .texts(&format!(
            "select coalesce(outcome, 'open') || ' ' || party || ' ' || owner from items
             where worklist = 'call' and subject like '%{of}%' order by subject"
        ))
        .await
        .join(", ")
}

async fn state(store: &TestStore, ride: &Ride) -> String {
    let sql = format!("select state from transfers where id = '{}'", ride.transfer);
    store.texts(&sql).await.join(" ")
}

#[test]
fn what_a_crew_reports_without_a_network_is_taken_once_at_its_true_time() {
    on_both(async |store| {
        evening(store).await;
        let rides = rides(store).await;
        let [one, other, ..] = rides.as_slice() else { panic!("the example books two people: {rides:?}") };
        let crew = driver(&one.vehicle, "23:10");
        let picked = told("r1", one, HandoverStep::PickedUp, "23:02");
        let first = sends(&crew, store, &picked, "23:10").await.unwrap();
        assert_eq!((first.at.at, first.same), (at(DAY, "23:02"), false), "the clock of the phone is two days ahead");
        assert_eq!(state(store, one).await, "underway");
        // the answer was lost: the same again changes nothing
        let before = store.dump().await;
        let again = sends(&driver(&one.vehicle, "23:12"), store, &picked, "23:12").await.unwrap();
        assert_eq!((again.at, again.same), (first.at, true));
        assert_eq!(store.dump().await, before);
        // an id is one report; a transfer of another vehicle is none of theirs; a site drives nobody
        assert_eq!(
            word(sends(&crew, store, &told("r1", other, HandoverStep::PickedUp, "23:02"), "23:10").await),
            "other"
        );
        let stranger = driver("V4", "23:10");
        assert_eq!(
            word(sends(&stranger, store, &told("r2", one, HandoverStep::HandedOver, "23:05"), "23:10").await),
            "unknown"
        );
        let site = person("f1", Role::Facility, "50", Some("TH1")).at(at(DAY, "23:10"));
        assert_eq!(
            word(sends(&site, store, &told("r3", one, HandoverStep::HandedOver, "23:05"), "23:10").await),
            "not yours"
        );
        // what only a site may say is no report of a crew
        assert_eq!(word(sends(&crew, store, &told("r4", one, HandoverStep::Admitted, "23:05"), "23:10").await), "row");
        assert_eq!(store.dump().await, before, "what was refused left nothing behind");
        holds(store).await;

        store.drop_guards().await;
        store.sql("update trip_reports set person = 'P999'").await.unwrap();
        let findings = dayclear_verify::check(&store.url, "Asia/Shanghai").await.unwrap();
        let broken: Vec<&str> = findings.iter().filter(|f| !f.holds).map(|f| f.check).collect();
        assert_eq!(broken, ["trips.reported"]);
    });
}

#[test]
fn whoever_is_not_found_or_cannot_be_taken_is_called_about_and_worse_is_an_emergency() {
    on_both(async |store| {
        evening(store).await;
        let rides = rides(store).await;
        let ride = &rides[0];
        let crew = driver(&ride.vehicle, "23:10");
        let sql = format!("select substr(division, 1, 6) from transfers where id = '{}'", ride.transfer);
        let district = store.texts(&sql).await.join("");
        let open = format!("open division {district}");
        let mut expected = Vec::new();
        for (n, step) in
            [HandoverStep::NoAnswer, HandoverStep::Refused, HandoverStep::CannotMove].into_iter().enumerate()
        {
            let clock = format!("23:0{}", 2 + n);
            assert_eq!(
                word(sends(&crew, store, &told(&format!("d{n}"), ride, step, &clock), "23:10").await),
                "taken",
                "{step}"
            );
            expected.push(open.clone());
            assert_eq!(calls(store, &ride.transfer).await, expected.join(", "), "{step}");
            assert_eq!(state(store, ride).await, "booked", "{step}");
        }
        let due = format!(
            "select count(*) from items where worklist = 'call' and subject like 'door/{}/%' and due_at is not null",
            ride.transfer
        );
        assert_eq!(store.number(&due).await, 3);
        // the dispatch settles one; the pick-up ends the others, and says so
        let key =
            store.texts("select worklist || ':' || subject from items where worklist = 'call' order by subject").await;
        let given = [("outcome", "completed"), ("reason", "spoke with them")];
        assert_eq!(dispatcher().at(at(DAY, "23:11")).tries(store, "items.settle", &[&key[0]], &given).await, "done");
        let crew = driver(&ride.vehicle, "23:20");
        assert_eq!(
            word(sends(&crew, store, &told("p", ride, HandoverStep::PickedUp, "23:15"), "23:20").await),
            "taken"
        );
        let ended = format!("completed division {district}");
        assert_eq!(calls(store, &ride.transfer).await, vec![ended; 3].join(", "));

        let emergencies = "select count(*) from requests where kind = 'emergency' and request like 'E-%'";
        assert_eq!(store.number(emergencies).await, 0);
        let worse = told("w", ride, HandoverStep::Worse, "23:18");
        assert_eq!(word(sends(&crew, store, &worse, "23:20").await), "taken");
        assert_eq!(word(sends(&crew, store, &worse, "23:20").await), "same");
        assert_eq!(store.number(emergencies).await, 1);
        let answer = "select count(*) from items i join requests q on q.request = i.subject and i.worklist = 'answer'
            where q.request like 'E-%' and i.closed_at is null and i.due_at > i.opened_at";
        assert_eq!(store.number(answer).await, 1, "it has the clock of an emergency");
        // a run of the line, which looks at all reports again, opens nothing twice
        line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, "23:21")).await.unwrap();
        assert_eq!(store.number(emergencies).await, 1);
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn nobody_arrives_by_the_word_of_a_crew_or_by_the_place_of_a_vehicle() {
    on_both(async |store| {
        evening(store).await;
        let rides = rides(store).await;
        let ride = &rides[0];
        let crew = driver(&ride.vehicle, "23:10");
        assert_eq!(
            word(sends(&crew, store, &told("a", ride, HandoverStep::PickedUp, "23:02"), "23:10").await),
            "taken"
        );
        let place = format!(
            "select lon || ' ' || lat from facilities where facility = (select facility from transfers where id = '{}')",
            ride.transfer
        );
        let place = store.texts(&place).await.join("");
        let (lon, lat) = place.split_once(' ').map(|(lon, lat)| (lon.parse().unwrap(), lat.parse().unwrap())).unwrap();
        // it stands before the door of the site, for an hour by the clock of the next day
        assert_eq!(
            hear(&store.store, &crew.doing(None), Some((lon, lat))).await.unwrap().as_deref(),
            Some(ride.trip.as_str())
        );
        assert_eq!(
            word(
                sends(
                    &driver(&ride.vehicle, "23:20"),
                    store,
                    &told("b", ride, HandoverStep::HandedOver, "23:15"),
                    "23:20"
                )
                .await
            ),
            "taken"
        );
        for clock in ["23:21", "23:58"] {
            look(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, clock)).await.unwrap();
            line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, clock)).await.unwrap();
            assert_eq!(state(store, ride).await, "underway", "{clock}");
        }
        let said = format!(
            "select count(*) from transfers where id = '{}' and handed_over_at is not null and admitted_at is null",
            ride.transfer
        );
        assert_eq!(store.number(&said).await, 1);
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn a_vehicle_that_falls_silent_is_called_after_ten_minutes_and_its_place_goes_with_its_trip() {
    on_both(async |store| {
        evening(store).await;
        let rides = rides(store).await;
        let ride = &rides[0];
        let looks = async |clock: &str| {
            look(
                &store.store,
                packs(),
                &settings(),
                "covid-19",
                &city(),
                clock.parse().unwrap_or_else(|_| at(DAY, clock)),
            )
            .await
            .unwrap()
        };
        let nothing = Looked::default();
        // nobody has heard of any vehicle: of such a crew nothing follows
        assert_eq!(looks("23:05").await, nothing);
        let beat = async |clock: &str| {
            hear(&store.store, &driver(&ride.vehicle, clock).doing(None), Some((106.512_345, 29.567_89))).await.unwrap()
        };
        assert_eq!(beat("23:05").await.as_deref(), Some(ride.trip.as_str()));
        assert_eq!(store.texts("select lon || ' ' || lat from heard").await, ["106.512 29.568"], "to a hundred metres");
        // no other duty gives a sign, and a vehicle without a trip leaves none
        assert!(hear(&store.store, &dispatcher().doing(None), None).await.is_err());
        assert_eq!(hear(&store.store, &driver("V4", "23:05").doing(None), None).await.unwrap(), None);
        assert_eq!(store.number("select count(*) from heard").await, 1);

        for clock in ["23:09", "23:14"] {
            assert_eq!(looks(clock).await, nothing, "{clock}");
        }
        assert_eq!(looks("23:15").await, Looked { silent: 1, ..nothing });
        let item =
            "select party || ' ' || owner || ' ' || reason from items where worklist = 'call' and closed_at is null";
        let said = store.texts(item).await;
        assert!(said.len() == 1 && said[0].contains(&format!("vehicle {} since", ride.vehicle)), "{said:?}");
        assert_eq!(looks("23:16").await, nothing, "it is told once");
        // heard again, the call ends; silent again, there is another one, which a person settles
        beat("23:17").await;
        assert_eq!(looks("23:18").await, Looked { ended: 1, ..nothing });
        assert_eq!(looks("23:27").await, Looked { silent: 1, ..nothing });
        let key = store
            .texts("select worklist || ':' || subject from items where worklist = 'call' and closed_at is null")
            .await;
        let given = [("outcome", "completed"), ("reason", "called: a tyre")];
        assert_eq!(dispatcher().at(at(DAY, "23:28")).tries(store, "items.settle", &[&key[0]], &given).await, "done");
        assert_eq!(looks("23:40").await, nothing, "what a person settled stays settled");
        assert_eq!(store.number("select count(*) from items where worklist = 'call'").await, 2);

        // the trip is over for everybody: its last place goes
        beat("23:41").await;
        for (n, ride) in rides.iter().filter(|one| one.trip == ride.trip).enumerate() {
            for (step, clock) in [(HandoverStep::PickedUp, "23:42"), (HandoverStep::HandedOver, "23:43")] {
                let told = told(&format!("{n}-{step}"), ride, step, clock);
                assert_eq!(word(sends(&driver(&ride.vehicle, "23:44"), store, &told, "23:44").await), "taken");
            }
        }
        assert_eq!(looks("23:45").await, Looked { forgotten: 1, ..nothing });
        assert_eq!(store.number("select count(*) from heard").await, 0);
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn a_turned_vehicle_has_driven_and_its_crew_with_it() {
    on_both(async |store| {
        evening(store).await;
        let rides = rides(store).await;
        let trip = &rides[0].trip;
        // its trip set out; then everybody on it is cancelled by hand, one after the other
        let mut tx = store.store.begin(&city()).await.unwrap();
        let before = tx.trips_after(at(DAY, "00:00")).await.unwrap().into_iter().find(|one| one.id == *trip).unwrap();
        let turned = before.departs_at.plus_minutes(7);
        for ride in rides.iter().filter(|one| one.trip == *trip) {
            tx.give_seat_back(&ride.transfer, turned).await.unwrap();
        }
        let after = tx.trips_after(at(DAY, "00:00")).await.unwrap().into_iter().find(|one| one.id == *trip).unwrap();
        assert_eq!(
            (after.people, after.turned_at, after.ends_at),
            (0, Some(turned), before.departs_at.plus_minutes(14))
        );
        drop(tx);
        // given back before it set out, it never drove
        let mut tx = store.store.begin(&city()).await.unwrap();
        for ride in rides.iter().filter(|one| one.trip == *trip) {
            tx.give_seat_back(&ride.transfer, before.departs_at.plus_minutes(-7)).await.unwrap();
        }
        let after = tx.trips_after(at(DAY, "00:00")).await.unwrap().into_iter().find(|one| one.id == *trip).unwrap();
        assert_eq!((after.people, after.turned_at, after.ends_at), (0, None, before.ends_at));
    });
}
