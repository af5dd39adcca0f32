//! Outside the city is a destination, the whole way: a bed there is held, nobody departs before the body that receives has said that it
//! takes them, the person and the family are owed a paper, the arrival is confirmed with what shows it, who is outside is in the books
//! until they are back. On both stores.

use crate::{
    city::{DAY, at, city, packs, repository, settings},
    engines::{TestStore, on_both},
    floor::{Person, city_command, dispatcher, evening, holds, person, signs_and_holds},
    imports::bring,
};
use dayclear_core::{
    access::Role,
    schema::{BEDS, CREWS, FACILITIES, PEOPLE, Table, VEHICLES},
};
use dayclear_ops::{dispatch, imports::Keep, line};

const NEXT: &str = "2022-11-21";
/// Somebody who is positive, and to be moved.
const RIDE: &str = "M-C20221120-P001";
const CALLED: [(&str, &str); 2] = [("who", "Dr Zhou, Guang'an hospital"), ("shown", "telephone 0826-555, call 17")];

async fn pass_on(store: &TestStore, date: &str, clock: &str) {
    line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(date, clock)).await.unwrap();
}

async fn pass(store: &TestStore, clock: &str) {
    pass_on(store, DAY, clock).await;
}

async fn bring_rows(store: &TestStore, table: &'static Table, text: &str, rows: u64) {
    let tally = bring(store, &city(), table, text, "", Keep::Together).await;
    assert_eq!(tally.created, rows, "{tally:?}");
}

/// The example in the evening, with a hospital an hour's ride outside the city, and crews of the night.
async fn with_a_place_outside(store: &TestStore) {
    evening(store).await;
    let place = "facility,kind,name,division,lon,lat,opens_on,closes_on,owner\n\
        OC1,outside_city,广安市人民医院,50,106.75,29.62,2022-11-01,,广安市卫生健康委员会\n";
    bring_rows(store, &FACILITIES, place, 1).await;
    let beds = "bed,facility,room,rule,severe,state\nOC1-1,OC1,A,any,no,free\nOC1-2,OC1,A,any,no,free\n";
    bring_rows(store, &BEDS, beds, 2).await;
    let crews = "crew,vehicle,driver,from,to,driven_24h_min,driven_7d_min\n\
        C1-3,V1,邓勇,2022-11-20T23:00:00+08:00,2022-11-21T07:00:00+08:00,0,900\n\
        C3-3,V3,蔡平,2022-11-20T23:00:00+08:00,2022-11-21T07:00:00+08:00,0,900\n\
        C1-4,V1,曾强,2022-11-21T07:00:00+08:00,2022-11-21T15:00:00+08:00,30,900\n\
        C3-4,V3,杜军,2022-11-21T07:00:00+08:00,2022-11-21T15:00:00+08:00,30,900\n";
    bring_rows(store, &CREWS, crews, 4).await;
}

async fn ride(store: &TestStore) -> String {
    let sql = format!(
        "select state || ' ' || coalesce(outside, '-') || ' ' || coalesce(facility, '-') || ' ' ||
            case when trip is null then 'no seat' else 'seat' end from transfers where id = '{RIDE}'"
    );
    store.texts(&sql).await.join(",")
}

async fn away(store: &TestStore) -> Vec<String> {
    let sql = "select subject || ': ' || coalesce(outcome, 'open') || ', ' || party || ' ' || owner || ', ' || reason from items
        where worklist = 'away' order by subject";
    store.texts(sql).await
}

async fn papers(store: &TestStore) -> Vec<String> {
    store.texts("select id || ' ' || person || ' ' || state from notices where kind = 'outside' order by id").await
}

fn both(clock: &str) -> Person {
    person("d9", Role::DistrictCommand, "50", None).at(at(DAY, clock))
}

/// A bed outside is held, and the place confirmed.
async fn confirmed(store: &TestStore) {
    with_a_place_outside(store).await;
    assert_eq!(dispatcher().tries(store, "transfers.claim", &[RIDE], &[("bed", "OC1-1")]).await, "done");
    let who = dispatcher().at(at(DAY, "23:02"));
    assert_eq!(who.tries(store, "transfers.confirm", &[RIDE], &CALLED).await, "done");
    pass(store, "23:03").await;
    assert_eq!(ride(store).await, "booked confirmed OC1 seat");
}

#[test]
fn nobody_departs_to_a_place_outside_that_nobody_there_has_confirmed() {
    on_both(async |store| {
        with_a_place_outside(store).await;
        let who = dispatcher();
        let early = who.tries(store, "transfers.confirm", &[RIDE], &CALLED).await;
        assert_eq!(early, "is in the city", "no bed outside is held");
        assert_eq!(who.tries(store, "transfers.claim", &[RIDE], &[("bed", "OC1-1")]).await, "done");
        pass(store, "23:01").await;
        assert_eq!(ride(store).await, "requested asked OC1 no seat");
        let why = format!("select reason from transfers where id = '{RIDE}'");
        assert!(store.texts(&why).await[0].contains("nobody of the receiving body has confirmed the place yet"));
        let now = at(DAY, "23:01");
        dispatch::look(&store.store, packs(), &settings(), "covid-19", &city(), now).await.unwrap();
        assert_eq!(ride(store).await, "requested asked OC1 no seat", "planning together leaves it alone");
        holds(store).await;

        // the store itself, whoever asks
        for harm in [
            format!("update transfers set state = 'booked' where id = '{RIDE}'"),
            format!("update transfers set state = 'underway' where id = '{RIDE}'"),
            format!("update transfers set outside = 'confirmed' where id = '{RIDE}'"),
        ] {
            assert!(store.sql(&harm).await.is_err(), "{harm}");
        }
        // who said it and how it is found again belong to it
        let unsaid = who.tries(store, "transfers.confirm", &[RIDE], &[("who", "Dr Zhou")]).await;
        assert_eq!(unsaid, "invalid: shown");
        assert_eq!(city_command().tries(store, "transfers.confirm", &[RIDE], &CALLED).await, "not yours");
        let ahead = [("at", "2022-11-20T23:30:00+08:00"), CALLED[0], CALLED[1]];
        assert_eq!(who.tries(store, "transfers.confirm", &[RIDE], &ahead).await, "invalid: at");
        let other = person("f2", Role::Facility, "50", Some("IS1"));
        assert_eq!(other.tries(store, "transfers.confirm", &[RIDE], &CALLED).await, "unknown");

        // the others of the household are on their way somewhere as well, but for her
        let stays = "person,household,name,document,phone,sex,birth_date,needs,key_group,carer,presence\n\
            P900,H01,李秀英,,15401230900,female,1950-03-01,,,,present\n";
        bring_rows(store, &PEOPLE, stays, 1).await;
        let who = who.at(at(DAY, "23:02"));
        assert_eq!(who.tries(store, "transfers.confirm", &[RIDE], &CALLED).await, "done");
        assert_eq!(who.tries(store, "transfers.confirm", &[RIDE], &CALLED).await, "same");
        assert!(store.sql("update outside_words set who = 'nobody'").await.is_err(), "a word is never changed");
        assert!(store.sql("delete from outside_words").await.is_err());
        pass(store, "23:03").await;
        assert_eq!(ride(store).await, "booked confirmed OC1 seat");
        assert!(away(store).await.is_empty(), "whoever has not departed is not outside");
        // the person, and a grown person of the household who stays
        assert_eq!(papers(store).await, [format!("F-{RIDE}-1 P900 made"), format!("T-{RIDE}-1 P001 made")]);
        holds(store).await;
    });
}

#[test]
fn a_place_that_is_taken_back_before_the_departure_sends_nobody_and_on_the_road_somebody_is_called() {
    on_both(async |store| {
        confirmed(store).await;
        let who = dispatcher().at(at(DAY, "23:04"));
        let not = [CALLED[0], CALLED[1], ("taken_back", "yes")];
        assert_eq!(who.tries(store, "transfers.confirm", &[RIDE], &not).await, "done");
        assert_eq!(ride(store).await, "requested - - no seat", "bed and seat are free at once");
        assert!(papers(store).await.iter().all(|paper| paper.ends_with("void")), "nobody is handed such a paper");
        let held = "select count(*) from bed_stays s join beds b on b.bed = s.bed where b.facility = 'OC1' and s.released_at is null";
        assert_eq!(store.number(held).await, 0);
        holds(store).await;

        // held and confirmed once more, and taken back while the vehicle is on the road
        assert_eq!(who.tries(store, "transfers.claim", &[RIDE], &[("bed", "OC1-1")]).await, "done");
        assert_eq!(who.tries(store, "transfers.confirm", &[RIDE], &CALLED).await, "done");
        pass(store, "23:05").await;
        assert_eq!(ride(store).await, "booked confirmed OC1 seat");
        let who = who.at(at(DAY, "23:20"));
        assert_eq!(who.tries(store, "transfers.pick-up", &[RIDE], &[]).await, "done");
        assert_eq!(who.tries(store, "transfers.confirm", &[RIDE], &not).await, "done");
        let told = format!("select count(*) from events where kind = 'transfer.stands' and subject = '{RIDE}'");
        assert_eq!(store.number(&told).await, 1);
        let received = who.tries(store, "transfers.received", &[RIDE], &CALLED).await;
        assert_eq!(received, "is without a place outside");
        pass(store, "23:21").await;
        assert!(ride(store).await.starts_with("underway"), "{}", ride(store).await);
        holds(store).await;
        // brought home again: nobody is outside any more
        assert_eq!(who.at(at(DAY, "23:40")).tries(store, "transfers.confirm", &[RIDE], &CALLED).await, "done");
        assert_eq!(both("23:50").tries(store, "transfers.received", &[RIDE], &CALLED).await, "done");
        holds(store).await;
    });
}

#[test]
fn who_is_outside_is_in_the_books_from_the_departure_until_they_are_home() {
    on_both(async |store| {
        confirmed(store).await;
        let who = dispatcher().at(at(DAY, "23:20"));
        assert_eq!(who.tries(store, "transfers.pick-up", &[RIDE], &[]).await, "done");
        let item = |said: &str| format!("{RIDE}: {said}");
        let underway =
            "open, division 500103, on the way to OC1, outside the city; nobody there has confirmed the arrival yet";
        assert_eq!(away(store).await, [item(underway)]);
        // by nobody's word alone: whoever is no part of the receiving body says who took them over, and what shows it
        let district = both("23:40");
        assert_eq!(district.tries(store, "transfers.admit", &[RIDE], &[]).await, "is to be received outside the city");
        assert_eq!(district.tries(store, "transfers.received", &[RIDE], &[CALLED[0]]).await, "invalid: shown");
        let driver = person("v1", Role::Driver, "50", None);
        let of_vehicle = store
            .texts(&format!("select r.vehicle from trips r join transfers t on t.trip = r.id where t.id = '{RIDE}'"))
            .await;
        let driver = Person {
            looker: person("v1", Role::Driver, "50", Some(&of_vehicle[0])).looker,
            ..driver.at(at(DAY, "23:45"))
        };
        let signed = [("who", "Nurse Tang, Guang'an hospital"), ("shown", "letter of hand-over 17, signed")];
        assert_eq!(driver.tries(store, "transfers.received", &[RIDE], &signed).await, "done");
        assert_eq!(ride(store).await, "admitted confirmed OC1 seat");
        assert_eq!(away(store).await, [item("open, division 500103, received at OC1, outside the city; not back yet")]);
        let words = store.texts("select word || ' ' || who || ' ' || account from outside_words order by no").await;
        assert_eq!(words[1], "received Nurse Tang, Guang'an hospital v1");
        let evidence = "select note from handovers where step = 'admitted' and person = 'P001'";
        assert_eq!(store.texts(evidence).await, ["letter of hand-over 17, signed"]);
        let moved = "select outcome from items where worklist = 'move' and subject = 'C20221120-P001'";
        assert_eq!(store.texts(moved).await, ["completed"]);

        // the day balances with them, by name
        signs_and_holds(store, DAY).await;
        let hop = "select sent || ' ' || received || ' ' || missing from hops where name = 'people.sent-back'";
        assert_eq!(store.texts(hop).await, ["1 0 1"]);

        // the receiving body has an account of its own or not: a record of the day is owed by whoever sent them
        pass_on(store, NEXT, "08:00").await;
        let owed = "select owner from items where worklist = 'fulfil' and subject like 'daily-OC1-%'";
        assert_eq!(store.texts(owed).await, ["50"]);

        // free there, and home by a ride
        let leaves = person("d9", Role::DistrictCommand, "50", None).at(at(NEXT, "09:00"));
        assert_eq!(leaves.tries(store, "transfers.discharge", &[RIDE], &[("home", "ride")]).await, "done");
        let home = format!("H-{RIDE}");
        let open = away(store).await;
        assert_eq!(open[0], format!("{home}: open, division 500103, free, and waits at OC1 for the ride home"));
        assert!(open[1].starts_with(&item("completed")), "{open:?}");
        pass_on(store, NEXT, "09:02").await;
        let state = format!("select state from transfers where id = '{home}'");
        assert_eq!(store.texts(&state).await, ["booked"]);
        let who = dispatcher().at(at(NEXT, "10:30"));
        assert_eq!(who.tries(store, "transfers.pick-up", &[&home], &[]).await, "done");
        assert!(away(store).await[0].contains("on the way home from OC1"));
        let there = leaves.at(at(NEXT, "11:30"));
        assert_eq!(there.tries(store, "transfers.discharge", &[&home], &[]).await, "done");
        assert!(away(store).await.iter().all(|item| item.contains("completed")), "{:?}", away(store).await);
        holds(store).await;
    });
}

#[test]
fn a_receiving_body_with_an_account_confirms_and_admits_by_itself() {
    on_both(async |store| {
        with_a_place_outside(store).await;
        assert_eq!(dispatcher().tries(store, "transfers.claim", &[RIDE], &[("bed", "OC1-1")]).await, "done");
        let site = person("f9", Role::Facility, "50", Some("OC1"));
        assert_eq!(site.at(at(DAY, "23:02")).tries(store, "transfers.confirm", &[RIDE], &CALLED).await, "done");
        pass(store, "23:03").await;
        assert_eq!(dispatcher().at(at(DAY, "23:20")).tries(store, "transfers.pick-up", &[RIDE], &[]).await, "done");
        assert_eq!(site.at(at(DAY, "23:45")).tries(store, "transfers.admit", &[RIDE], &[]).await, "done");
        assert_eq!(ride(store).await, "admitted confirmed OC1 seat");
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn a_vehicle_that_breaks_down_gives_no_confirmed_place_back() {
    on_both(async |store| {
        confirmed(store).await;
        let vehicle = store
            .texts(&format!("select r.vehicle from trips r join transfers t on t.trip = r.id where t.id = '{RIDE}'"))
            .await;
        let rows = std::fs::read_to_string(repository("examples/day/vehicles.csv")).unwrap();
        let row = rows.lines().find(|row| row.starts_with(&format!("{},", vehicle[0]))).unwrap();
        let broken = format!("{}\n{},yes\n", rows.lines().next().unwrap(), row.strip_suffix(",no").unwrap());
        assert_eq!(bring(store, &city(), &VEHICLES, &broken, "", Keep::Together).await.updated, 1);
        pass(store, "23:04").await;
        let kept = "select count(*) from bed_stays where bed = 'OC1-1' and released_at is null";
        assert_eq!(store.number(kept).await, 1);
        let now = ride(store).await;
        assert!(now.contains("confirmed OC1"), "{now}");
        let other = store
            .texts(&format!("select r.vehicle from trips r join transfers t on t.trip = r.id where t.id = '{RIDE}'"))
            .await;
        assert_ne!(vehicle, other);
        holds(store).await;
    });
}
