//! What goes wrong between the plan and the bed: nobody of that name at the door, a result that is taken back on the way, people of two trips
//! in one vehicle, more people than beds, somebody who does not go any more. Nobody is lost by it, nothing scarce is kept for nobody, and
//! what a person has to know is said. On both stores.

use crate::{
    city::{DAY, Files, at, city, packs, plan, repository, run, settings},
    engines::{TestStore, on_both},
    floor::{Person, dispatcher, evening, holds, person, signs_and_holds},
    imports::bring,
};
use dayclear_core::{
    access::Role,
    schema::{FACILITIES, HANDOVERS, RESULTS, Table},
};
use dayclear_ops::{
    evidence::{How, Rows, take},
    imports::Keep,
    line,
};

/// A command post that answers for both districts of the example.
fn both(clock: &str) -> Person {
    person("d9", Role::DistrictCommand, "50", None).at(at(DAY, clock))
}

async fn pass(store: &TestStore, clock: &str) {
    line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, clock)).await.unwrap();
}

async fn gives(store: &TestStore, table: &'static Table, row: &[(&str, &str)], clock: &str) {
    let who = both(clock);
    let row = row.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let how = How { keep_doubtful: true, dry_run: false };
    let (tally, doubts) = take(&store.store, &who.doing(None), table, Rows::Json(vec![row]), how).await.unwrap();
    assert!(tally.created + tally.updated == 1 && doubts.is_empty(), "{tally:?} {doubts:?}");
}

async fn reports(store: &TestStore, who: &str, step: &str, clock: &str) {
    let moment = format!("{DAY}T{clock}:00+08:00");
    gives(store, &HANDOVERS, &[("person", who), ("step", step), ("at", &moment)], "23:00").await;
}

async fn one(store: &TestStore, sql: &str) -> String {
    store.texts(sql).await.join(", ")
}

/// A facility of the example is closed by its file, from the day before on.
async fn closes(store: &TestStore, facility: &str) {
    let mut reader = csv::Reader::from_path(repository("examples/day/facilities.csv")).unwrap();
    let header = reader.headers().unwrap().clone();
    let record = reader.records().map(Result::unwrap).find(|record| &record[0] == facility).unwrap();
    let closes = header.iter().position(|name| name == "closes_on");
    let cells = record.iter().enumerate().map(|(at, cell)| if Some(at) == closes { "2022-11-19" } else { cell });
    let text = format!("{}\n{}\n", header.iter().collect::<Vec<_>>().join(","), cells.collect::<Vec<_>>().join(","));
    let tally = bring(store, &city(), &FACILITIES, &text, "", Keep::Together).await;
    assert_eq!(tally.updated, 1, "{tally:?}");
}

#[test]
fn nobody_of_that_name_at_the_door_is_looked_for_and_fetched_where_they_are() {
    on_both(async |store| {
        evening(store).await;
        // somebody without children, who is fetched late
        let found = one(
            store,
            "select t.id || ' ' || t.bed from transfers t join people p on p.no = t.person_no join trips r on r.id = t.trip
             where t.state = 'booked' and t.id not like '%-with-%' and not exists (select 1 from people q
                where q.household = p.household and q.birth_date > '2008-11-20')
             order by r.departs_at desc, t.id limit 1",
        )
        .await;
        let (id, bed) = found.split_once(' ').expect("somebody without children is booked");
        let tried = [("step", "wrong_address"), ("note", "an old couple lives there")];
        assert_eq!(dispatcher().at(at(DAY, "18:25")).tries(store, "transfers.fail", &[id], &tried).await, "done");
        let call = format!(
            "select coalesce(outcome, 'open') || ' ' || reason from items where worklist = 'call' and subject like 'door/{id}/%'"
        );
        assert!(
            one(store, &call).await.starts_with("open nobody of this name lives at the door"),
            "{}",
            one(store, &call).await
        );
        pass(store, "18:26").await;
        let stands = format!("select state || ' ' || bed from transfers where id = '{id}'");
        assert_eq!(one(store, &stands).await, format!("booked {bed}"), "bed and seat stay until somebody knows more");
        let clock = format!(
            "select worklist || ' ' || cast(opened_at as text) || ' ' || cast(due_at as text) from items i join transfers t on t.id = '{id}'
             where i.closed_at is null and (i.worklist = 'move' and i.subject = t.subject or i.worklist = 'place' and i.subject = t.id)"
        );
        let before = one(store, &clock).await;
        assert!(!before.is_empty());

        let worker = person("w1", Role::CommunityWorker, "50", None).at(at(DAY, "18:30"));
        let there = |building| [("building", building), ("door", "2单元 402"), ("reason", "stays with his son")];
        assert_eq!(worker.tries(store, "transfers.address", &[id], &there("B99")).await, "invalid: building");
        assert_eq!(worker.tries(store, "transfers.address", &[id], &there("B4")).await, "done");
        assert_eq!(worker.tries(store, "transfers.address", &[id], &there("B4")).await, "same");
        assert_eq!(one(store, &stands).await, format!("requested {bed}"), "the bed stays held, the seat is given back");
        assert_eq!(one(store, &call).await, "completed found at another door");
        assert_eq!(store.number(&format!("select count(*) from seats where transfer = '{id}'")).await, 0);
        holds(store).await;
        pass(store, "18:31").await;
        assert_eq!(one(store, &clock).await, before, "nobody's clock begins anew by a wrong address");
        let door = format!("select building || ' ' || door || ' ' || bed from transfers where id = '{id}'");
        assert_eq!(one(store, &door).await, format!("B4 2单元 402 {bed}"));
        assert_eq!(one(store, &stands).await, format!("booked {bed}"), "a ride from there");
        let said = store.number("select count(*) from events where body like '%单元%'").await;
        assert_eq!(said, 0, "a door is personal, and stands in no event");
        // whoever is in the vehicle is at no door any more
        assert_eq!(dispatcher().at(at(DAY, "18:32")).tries(store, "transfers.pick-up", &[id], &[]).await, "done");
        assert_eq!(
            worker.at(at(DAY, "18:33")).tries(store, "transfers.address", &[id], &there("B5")).await,
            "is underway"
        );
        assert_eq!(
            dispatcher().at(at(DAY, "18:34")).tries(store, "transfers.fail", &[id], &tried).await,
            "is underway"
        );
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn a_child_is_not_left_at_the_old_door_nor_fetched_alone_at_a_new_one() {
    on_both(async |store| {
        let files = Files::quiet(DAY).swab("T901", "P004", "community", DAY, "08:00 11:00", "positive");
        let open = dayclear_ops::day::Plan { keep_open: true, ..plan(DAY) };
        run(&store.store, &files.write(store, DAY), &open).await.unwrap();
        let of = async |who: &str| one(store, &format!("select id from transfers where person = '{who}'")).await;
        let (mother, child) = (of("P005").await, of("P006").await);
        let who = dispatcher().at(at(DAY, "18:00"));
        let there = [("building", "B2"), ("door", "502"), ("reason", "they are with the grandmother")];
        let alone = "is with a child who waits elsewhere";
        assert_eq!(who.tries(store, "transfers.address", &[&mother], &there).await, alone);
        assert_eq!(who.tries(store, "transfers.address", &[&child], &there).await, alone);
        assert_eq!(who.tries(store, "transfers.address", &[&mother, &child], &there).await, "done done");
        pass(store, "18:01").await;
        let trips = "select distinct trip || ' ' || building || ' ' || facility from transfers where person in ('P005', 'P006') and state = 'booked'";
        let trips = store.texts(trips).await;
        assert!(trips.len() == 1 && trips[0].contains(" B2 "), "fetched together, to one place: {trips:?}");
        holds(store).await;
    });
}

#[test]
fn a_result_that_is_taken_back_on_the_way_turns_the_ride_home_and_frees_the_bed() {
    on_both(async |store| {
        evening(store).await;
        let ride = "M-C20221120-P001";
        let stands = format!(
            "select state || ' ' || coalesce(facility, '-') || ' ' || coalesce(bed, '-') from transfers where id = '{ride}'"
        );
        let booked = one(store, &stands).await;
        let bed = booked.split(' ').nth(2).expect("P001 is booked").to_owned();
        let place = booked.split(' ').nth(1).unwrap().to_owned();
        reports(store, "P001", "picked_up", "22:40").await;
        let result = [("laboratory", "L1"), ("tube", "T101"), ("version", "C"), ("finding", "negative")];
        let reported = [("reported_at", "2022-11-20T22:45:00+08:00")];
        gives(store, &RESULTS, &[&result[..], &reported[..]].concat(), "22:46").await;
        pass(store, "22:47").await;
        let why = [("reason", "the laboratory mixed two samples up")];
        assert_eq!(both("22:50").tries(store, "cases.withdraw", &["C20221120-P001"], &why).await, "done");
        pass(store, "22:51").await;
        assert_eq!(one(store, &stands).await, "underway - -", "in the vehicle, and nothing holds them");
        let kept = format!(
            "select count(*) from bed_stays where bed = '{bed}' and transfer = '{ride}' and released_at is null"
        );
        assert_eq!(store.number(&kept).await, 0, "the bed is free");
        let item = format!("select worklist || ' ' || coalesce(outcome, 'open') from items where subject = '{ride}'");
        assert_eq!(one(store, &item).await, "place open", "whoever sits in a vehicle is in the books");
        let told = store.number("select count(*) from notices where person = 'P001' and kind = 'release'").await;
        assert_eq!(told, 1, "a paper of the end is owed");
        let sent = "select count(*) from outbox where topic = 'release' and body like '%\"person\":\"P001\"%'";
        assert_eq!(store.number(sent).await, 1, "and they are told");
        holds(store).await;
        // another run says nothing twice
        let before = store.dump().await;
        pass(store, "22:52").await;
        pass(store, "22:53").await;
        let homes = "select count(*) from events where kind = 'transfer.home'";
        assert_eq!(store.number(homes).await, 1, "{}", before.len());

        // no site takes in whom nothing holds any more, by hand or by a file
        let site = person("f1", Role::Facility, "50", Some(&place)).at(at(DAY, "22:54"));
        assert_eq!(
            site.tries(store, "transfers.admit", &[ride], &[]).await,
            "unknown",
            "it is not for this site any more"
        );
        let admits = both("22:54").tries(store, "transfers.admit", &[ride], &[]).await;
        assert_eq!(admits, "is free to go home");
        let moment = "2022-11-20T22:55:00+08:00";
        let row = [("person", "P001"), ("step", "admitted"), ("at", moment), ("facility", place.as_str())];
        gives(store, &HANDOVERS, &row, "22:56").await;
        pass(store, "22:56").await;
        assert_eq!(one(store, &stands).await, "underway - -");
        let clarify = "select reason from items where worklist = 'clarify' and subject = 'handover/P001/admitted' and closed_at is null";
        assert!(one(store, clarify).await.contains("they are free to go home"), "{}", one(store, clarify).await);
        holds(store).await;

        assert_eq!(both("23:05").tries(store, "transfers.discharge", &[ride], &[]).await, "done");
        assert_eq!(one(store, &stands).await, "cancelled - -");
        assert_eq!(one(store, &item).await, "place cancelled");
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn a_vehicle_with_people_of_two_trips_is_on_one_and_its_crew_is_called() {
    on_both(async |store| {
        evening(store).await;
        // a vehicle that fetches people for one place, and then somebody for another
        let pair = one(
            store,
            "select a.id || ' ' || b.id || ' ' || x.facility from trips a join trips b on b.vehicle = a.vehicle
                and b.departs_at > a.departs_at join transfers x on x.trip = a.id and x.state = 'booked'
                join transfers y on y.trip = b.id and y.state = 'booked' and y.facility <> x.facility
             order by a.departs_at, b.departs_at, x.id limit 1",
        )
        .await;
        let [first, second, place] = pair.split(' ').collect::<Vec<_>>()[..] else {
            panic!("the example has a vehicle with two trips: {pair}")
        };
        for (trip, clock) in [(first, "22:30"), (second, "22:50")] {
            let riders = store
                .texts(&format!("select person from transfers where trip = '{trip}' and state = 'booked' order by id"))
                .await;
            for rider in riders {
                reports(store, &rider, "picked_up", clock).await;
            }
        }
        pass(store, "22:55").await;
        closes(store, place).await;
        pass(store, "22:57").await;
        let turned = format!(
            "select count(*) from transfers where trip = '{first}' and facility <> '{place}' and state = 'underway'"
        );
        assert!(store.number(&turned).await > 0, "they are brought to another place");
        holds(store).await;
        let call = format!(
            "select coalesce(outcome, 'open') || ' ' || reason from items where worklist = 'call' and subject like 'two/{first}/%'"
        );
        let said = one(store, &call).await;
        assert!(said.starts_with("open vehicle ") && said.contains(&format!("is on trip {second}")), "{said}");
        // those of the first trip arrive: nothing is left to call about
        let riders =
            store.texts(&format!("select id from transfers where trip = '{first}' and state = 'underway'")).await;
        for rider in &riders {
            assert_eq!(both("23:20").tries(store, "transfers.admit", &[rider], &[]).await, "done");
        }
        pass(store, "23:21").await;
        assert!(one(store, &call).await.starts_with("completed "), "{}", one(store, &call).await);
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn with_more_people_than_beds_the_order_is_said_and_ends_when_there_are_enough() {
    on_both(async |store| {
        // P055 is made 72 years old
        let files = Files::example()
            .emptied("beds")
            .row_of_the_city("beds", "DH1-R1-1")
            .set("people", "P055", "birth_date", "1950-01-15")
            .set("people", "P055", "document", "");
        let open = dayclear_ops::day::Plan { keep_open: true, ..plan(DAY) };
        run(&store.store, &files.write(store, DAY), &open).await.unwrap();
        pass(store, "18:30").await;
        let waits = "select count(*) from transfers where state = 'requested' and reason like '%\"turn\":%'";
        assert!(store.number(waits).await > 3, "{}", store.number(waits).await);
        let item = "select subject || ' ' || coalesce(outcome, 'open') || ' ' || reason from items where subject like 'beds/%' order by subject";
        let said = store.texts(item).await;
        assert!(
            said.len() == 2 && said.iter().all(|one| one.contains(" open ") && one.contains("in this order")),
            "{said:?}"
        );
        // the only bed is not with somebody whose turn comes after that of another who could lie in it
        let holder = one(store, "select person from transfers where bed = 'DH1-R1-1' and state <> 'cancelled'").await;
        assert_eq!(holder, "P055");
        pass(store, "18:31").await;
        assert_eq!(store.texts(item).await, said, "it is said once");
        holds(store).await;
        // wards are opened: whoever waits now waits for a vehicle at most
        let ward = |severe| {
            [
                ("ward", "X"),
                ("wards", "2"),
                ("severe", severe),
                ("from", "2022-11-20T18:32:00+08:00"),
                ("reason", "beds are short"),
            ]
        };
        for place in ["DH1", "TH1", "IS1", "IS2"] {
            assert_eq!(both("18:31").tries(store, "facilities.ward", &[place], &ward("yes")).await, "done", "{place}");
        }
        pass(store, "18:35").await;
        assert_eq!(store.number(waits).await, 0);
        let said = store.texts(item).await;
        assert!(said.iter().all(|one| one.ends_with("completed nobody waits for a bed any more")), "{said:?}");
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn whoever_does_not_go_any_more_leaves_the_seat_to_others() {
    on_both(async |store| {
        evening(store).await;
        let rider = one(
            store,
            "select t.id || ' ' || t.trip || ' ' || o.id from transfers t join orders o on o.person = t.person and o.state = 'active'
             where t.state = 'booked' and t.class = 'contact' and t.id not like '%-with-%' order by t.id, o.id limit 1",
        )
        .await;
        let mut parts = rider.split(' ');
        let (id, trip, _) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
        let people = format!("select people from trips where id = '{trip}'");
        let before = store.number(&people).await;
        let orders = store
            .texts(&format!("select o.id from orders o join transfers t on t.person = o.person where t.id = '{id}' and o.state = 'active'"))
            .await;
        let orders: Vec<&str> = orders.iter().map(String::as_str).collect();
        both("23:01").does(store, "orders.end", &orders, &[("reason", "was never there")]).await.unwrap();
        pass(store, "23:02").await;
        assert_eq!(one(store, &format!("select state from transfers where id = '{id}'")).await, "cancelled");
        assert_eq!(store.number(&format!("select count(*) from seats where transfer = '{id}'")).await, 0);
        assert!(store.number(&people).await < before, "the trip carries one less");
        signs_and_holds(store, DAY).await;
    });
}
