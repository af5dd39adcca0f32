//! A facility that closes and a vehicle that breaks down, with people who wait for it or are on the way: whoever still waits is
//! planned for anew, whoever rides is brought to another place, and where there is none a person is told. And whoever is moved
//! twice in a day arrives twice. On both stores.

use crate::{
    city::{DAY, at, city, packs, settings},
    engines::{TestStore, on_both},
    floor::{evening, holds, person},
    imports::bring,
};
use dayclear_core::{
    access::Role,
    schema::{FACILITIES, HANDOVERS, MEMBERS, RESULTS, TUBES, Table, VEHICLES},
};
use dayclear_ops::{
    dispatch,
    evidence::{How, Rows, take},
    imports::Keep,
    line,
};

/// Rows of the example in which a column is changed, brought in; and a pass of the line.
async fn change(store: &TestStore, table: &'static Table, keys: &[&str], (column, value): (&str, &str), clock: &str) {
    let path = crate::city::repository(&format!("examples/day/{}.csv", table.name));
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader.headers().unwrap().clone();
    let at_column = header.iter().position(|name| name == column);
    let mut writer = csv::Writer::from_writer(Vec::new());
    let wider = at_column.is_none().then_some(column);
    writer.write_record(header.iter().chain(wider)).unwrap();
    for record in reader.records().map(Result::unwrap).filter(|record| keys.contains(&&record[0])) {
        let cells = record.iter().enumerate().map(|(n, cell)| if Some(n) == at_column { value } else { cell });
        writer.write_record(cells.chain(wider.map(|_| value))).unwrap();
    }
    let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
    let tally = bring(store, &city(), table, &text, "", Keep::Together).await;
    assert_eq!(tally.updated, keys.len() as u64, "{tally:?}");
    pass(store, clock).await;
}

async fn pass(store: &TestStore, clock: &str) {
    line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, clock)).await.unwrap();
}

/// One row of what happened, given online; and a pass of the line.
async fn tell(store: &TestStore, table: &'static Table, row: &[(&str, &str)], clock: &str) {
    let who = person("d9", Role::DistrictCommand, "50", None).at(at(DAY, clock));
    let how = How { keep_doubtful: true, dry_run: false };
    let row = row.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let (tally, doubts) = take(&store.store, &who.doing(None), table, Rows::Json(vec![row]), how).await.unwrap();
    assert!(tally.created == 1 && doubts.is_empty(), "{tally:?} {doubts:?}");
    pass(store, clock).await;
}

async fn close(store: &TestStore, facility: &str, closes: &str, clock: &str) {
    change(store, &FACILITIES, &[facility], ("closes_on", closes), clock).await;
}

async fn count(store: &TestStore, what: &str) -> i64 {
    store.number(&format!("select count(*) from transfers where {what}")).await
}

#[test]
fn nobody_is_brought_to_a_place_that_has_closed() {
    on_both(async |store| {
        evening(store).await;
        let booked = count(store, "state = 'booked' and facility = 'IS1'").await;
        assert!(booked > 1, "the example books people into IS1");

        close(store, "IS1", "2022-11-19", "23:01").await;
        assert_eq!(count(store, "state in ('booked', 'underway') and facility = 'IS1'").await, 0);
        let taken_back = store.number("select count(*) from events where kind = 'transfer.taken_back'").await;
        assert_eq!(taken_back, booked, "each of them is told of");
        let held = "select count(*) from bed_stays s join beds b on b.bed = s.bed
            join transfers t on t.id = s.transfer where s.released_at is null and b.facility = 'IS1' and t.state <> 'admitted'";
        assert_eq!(store.number(held).await, 0, "their beds are free");
        holds(store).await;

        // one of those who go elsewhere is picked up, and then that place closes as well
        let rider =
            store.texts("select person from transfers where state = 'booked' and facility = 'IS2' order by id").await;
        let rider = rider.first().expect("somebody goes to the other site").clone();
        let row = [("person", rider.as_str()), ("step", "picked_up"), ("at", "2022-11-20T23:02:00+08:00")];
        tell(store, &HANDOVERS, &row, "23:03").await;
        close(store, "IS2", "2022-11-19", "23:04").await;
        let of_rider = format!("person = '{rider}' and state = 'underway'");
        assert_eq!(
            count(store, &format!("{of_rider} and reason like '%nowhere%' or {of_rider} and reason like '%stands%'"))
                .await,
            1
        );
        let told = "select count(*) from items where closed_at is null and reason like '%nowhere to go%'";
        assert_eq!(store.number(told).await, 1, "a person is told, by an item");

        // a place is found again: the vehicle is turned to it
        close(store, "IS1", "", "23:06").await;
        assert_eq!(count(store, &format!("{of_rider} and facility = 'IS1' and bed is not null")).await, 1);
        assert_eq!(store.number("select count(*) from events where kind = 'transfer.turned'").await, 1);
        holds(store).await;
    });
}

#[test]
fn whoever_waits_for_a_vehicle_that_broke_down_gets_another_or_is_told_that_there_is_none() {
    on_both(async |store| {
        evening(store).await;
        let vehicles = store
            .texts(
                "select r.vehicle from transfers x join trips r on r.id = x.trip where x.state = 'booked'
                 group by r.vehicle order by count(*) desc, r.vehicle",
            )
            .await;
        let broken = vehicles.first().expect("a vehicle with a trip").clone();
        let of_broken = format!("state = 'booked' and trip in (select id from trips where vehicle = '{broken}')");
        let waited = count(store, &of_broken).await;
        change(store, &VEHICLES, &[&broken], ("out_of_service", "yes"), "23:01").await;
        assert_eq!(count(store, &of_broken).await, 0);
        let taken_back = store.number("select count(*) from events where kind = 'transfer.taken_back'").await;
        assert_eq!(taken_back, waited);
        holds(store).await;
    });
}

#[test]
fn whoever_is_moved_twice_in_a_day_arrives_twice() {
    on_both(async |store| {
        evening(store).await;
        let contact = store
            .texts("select person from transfers where state = 'booked' and facility = 'IS1' and id not like '%-with-%' order by id")
            .await;
        let contact = contact.first().expect("a contact goes to the site").as_str();
        let on = |clock: &str| format!("2022-11-20T{clock}:00+08:00");
        for (step, clock) in [("picked_up", "22:10"), ("admitted", "22:30")] {
            let row = [("person", contact), ("step", step), ("at", &on(clock)), ("facility", "IS1")];
            tell(store, &HANDOVERS, &row, "23:01").await;
        }
        assert_eq!(count(store, &format!("person = '{contact}' and state = 'admitted'")).await, 1);

        // there the contact turns out to be infected: a case, and a second move on the same day
        let tube = [("tube", "TX1"), ("division", "500103013006"), ("purpose", "isolation"), ("size", "1")];
        let (collected, reported) = (on("22:35"), on("23:02"));
        tell(store, &TUBES, &[&tube[..], &[("collected_at", &collected), ("laboratory", "L1")]].concat(), "23:02")
            .await;
        tell(store, &MEMBERS, &[("tube", "TX1"), ("person", contact)], "23:02").await;
        let result =
            [("laboratory", "L1"), ("tube", "TX1"), ("version", "F"), ("finding", "positive"), ("ct_n", "24.0")];
        tell(store, &RESULTS, &[&result[..], &[("reported_at", &reported)]].concat(), "23:04").await;
        pass(store, "23:05").await;
        let second = format!("person = '{contact}' and class = 'positive'");
        assert_eq!(count(store, &second).await, 1, "a second move is asked for");
        assert_eq!(
            count(store, &format!("{second} and admitted_at is not null")).await,
            0,
            "and nobody has arrived by it"
        );

        // a site that says somebody is with it, while a bed is held elsewhere, is for a person to clear up
        let other = store
            .texts("select person || ' ' || facility from transfers where state = 'booked' and class = 'contact' order by id")
            .await;
        let (other, planned) = other.first().and_then(|found| found.split_once(' ')).expect("somebody else is booked");
        let elsewhere = if planned == "IS1" { "IS2" } else { "IS1" };
        let row = [("person", other), ("step", "admitted"), ("at", &on("23:06")), ("facility", elsewhere)];
        tell(store, &HANDOVERS, &row, "23:07").await;
        assert_eq!(count(store, &format!("person = '{other}' and admitted_at is not null")).await, 0);
        let told = format!(
            "select count(*) from items where worklist = 'clarify' and closed_at is null
             and reason = 'reported as admitted at {elsewhere}, while a bed is held at {planned}'"
        );
        assert_eq!(store.number(&told).await, 1);
        holds(store).await;
    });
}

#[test]
fn with_no_vehicle_at_all_everybody_waits_and_is_told_for_what() {
    on_both(async |store| {
        evening(store).await;
        let booked = count(store, "state = 'booked'").await;
        assert!(booked > 1);
        let vehicles = store
            .texts("select vehicle from vehicles where coalesce(out_of_service, 'no') <> 'yes' order by vehicle")
            .await;
        let vehicles: Vec<&str> = vehicles.iter().map(String::as_str).collect();
        change(store, &VEHICLES, &vehicles, ("out_of_service", "yes"), "23:01").await;
        assert_eq!(count(store, "state = 'booked'").await, 0);
        assert_eq!(count(store, "state = 'requested' and reason like '%\"waits_for\":\"vehicle\"%'").await, booked);
        // the plan beside the line has nothing to plan with, and says nothing else
        let now = at(DAY, "23:03");
        dispatch::look(&store.store, packs(), &settings(), "covid-19", &city(), now).await.unwrap();
        assert_eq!(count(store, "state = 'booked'").await, 0);
        holds(store).await;
    });
}

#[test]
fn whoever_is_on_the_way_when_no_order_asks_for_it_any_more_is_brought_home() {
    on_both(async |store| {
        evening(store).await;
        let going = store
            .texts("select id from transfers where state = 'booked' and class = 'contact' and id not like '%-with-%' order by id")
            .await;
        let rider = going.first().expect("a contact goes to a site").as_str();
        let who = person("d9", Role::DistrictCommand, "50", None);
        assert_eq!(who.at(at(DAY, "23:01")).tries(store, "transfers.pick-up", &[rider], &[]).await, "done");
        let home = [("at", "2022-11-20T23:02:00+08:00")];
        let refused = who.at(at(DAY, "23:02")).tries(store, "transfers.discharge", &[rider], &home).await;
        assert_eq!(refused, "is underway", "nobody leaves a vehicle by a report of a site");
        let orders = format!(
            "select o.id from orders o join transfers t on t.person = o.person where t.id = '{rider}' and o.state = 'active' order by o.id"
        );
        let orders = store.texts(&orders).await;
        let orders: Vec<&str> = orders.iter().map(String::as_str).collect();
        assert!(!orders.is_empty());
        let because = [("reason", "was never there")];
        who.at(at(DAY, "23:03")).does(store, "orders.end", &orders, &because).await.unwrap();
        pass(store, "23:04").await;
        let of_rider = format!("id = '{rider}' and state = 'underway'");
        assert_eq!(
            count(store, &format!("{of_rider} and reason like '%bring them home%'")).await,
            1,
            "nobody is lost on the way"
        );
        let told = format!(
            "select count(*) from items where subject = '{rider}' and closed_at is null and reason like '%free to go home%'"
        );
        assert_eq!(store.number(&told).await, 1, "a person is told, by an item");
        holds(store).await;
        assert_eq!(who.at(at(DAY, "23:30")).tries(store, "transfers.discharge", &[rider], &[]).await, "done");
        assert_eq!(count(store, &format!("id = '{rider}' and state = 'cancelled' and ended_at is not null")).await, 1);
        let held = format!("select count(*) from bed_stays where transfer = '{rider}' and released_at is null");
        assert_eq!(store.number(&held).await, 0, "the bed is free again");
        holds(store).await;
    });
}
