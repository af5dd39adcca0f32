//! Faults that the independent checker found, one test each: transfers that nothing asks for any more, results and cases
//! that arrive late, areas that outlive their last day, stock below what is promised, orders that a change of pack shortens.

use crate::{
    city::{DAY, Files, Told, at, close, day_of, plan, run, told, tx},
    engines::{TestStore, on_both},
};
use dayclear_core::{
    books::{Movement, Worklist},
    measures::{OrderKind, OrderState},
    transfer::TransferState,
};
use dayclear_engines::dispatch::road_km;
use dayclear_ops::day::Plan;
use dayclear_store::{measures::Order, transfer::Transfer};

pub const NEXT: &str = "2022-11-21";
pub const THIRD: &str = "2022-11-22";

/// Closes a day under a pack of another name than the one in force.
pub async fn close_under(store: &TestStore, pack: &str, date: &str, files: &Files) -> Told {
    let folder = files.write(store, date);
    let by = Plan { pack: pack.to_owned(), ..plan(date) };
    let report = run(&store.store, &folder, &by).await.unwrap();
    told(&store.store, &folder, report).await
}

/// The transfers of a person, oldest request first.
async fn transfers_of(store: &TestStore, person: &str) -> Vec<Transfer> {
    let mut transfers = tx(store).await.transfers_since(at("2022-01-01", "00:00")).await.unwrap();
    transfers.retain(|transfer| transfer.person == person);
    transfers.sort_by_key(|transfer| transfer.requested_at);
    transfers
}

/// The only transfer of a person.
async fn transfer_of(store: &TestStore, person: &str) -> Transfer {
    let [transfer] = transfers_of(store, person).await.try_into().unwrap();
    transfer
}

async fn state_of_bed(store: &TestStore, bed: &str) -> &'static str {
    let beds = tx(store).await.beds().await.unwrap();
    beds.iter().find(|b| b.bed == bed).unwrap().state.name()
}

/// How an item was closed; `None` while it is open.
pub async fn outcome(store: &TestStore, worklist: Worklist, subject: &str) -> Option<Movement> {
    let items = tx(store).await.items_of(worklist, at("2022-01-01", "00:00")).await.unwrap();
    let item = items.iter().find(|item| item.subject == subject);
    item.unwrap_or_else(|| panic!("no item {worklist} {subject}")).closed.map(|(_, how)| how)
}

/// Nobody is on two live transfers, and no bed is kept for a transfer that is over.
async fn one_place_each(store: &TestStore) {
    let transfers = tx(store).await.transfers_since(at("2022-01-01", "00:00")).await.unwrap();
    let live: Vec<&Transfer> = transfers.iter().filter(|t| t.state != TransferState::Cancelled).collect();
    let mut people: Vec<&str> = live.iter().map(|t| t.person.as_str()).collect();
    let mut beds: Vec<&str> = live.iter().filter_map(|t| t.bed.as_deref()).collect();
    for taken in [&mut people, &mut beds] {
        let all = taken.len();
        taken.sort_unstable();
        taken.dedup();
        assert_eq!(taken.len(), all, "{taken:?}");
    }
    let kept = store.number("select count(*) from bed_stays where released_at is null").await;
    assert_eq!(kept, beds.len() as i64);
}

async fn orders_of(store: &TestStore, person: &str) -> Vec<Order> {
    let orders = tx(store).await.orders_since(day_of("2022-01-01")).await.unwrap();
    orders.into_iter().filter(|order| order.person == person).collect()
}

/// Subjects of the open reviews that begin with a text, with their owners.
pub async fn reviews(store: &TestStore, begin: &str) -> Vec<String> {
    let open = tx(store).await.open_items().await.unwrap();
    let of = open.iter().filter(|item| item.worklist == Worklist::Review && item.subject.starts_with(begin));
    of.map(|item| format!("{} {}", item.subject, item.owner.name)).collect()
}

#[test]
fn a_booked_ride_ends_when_the_order_that_asked_for_it_lapses() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        assert_eq!(transfer_of(store, "P073").await.state, TransferState::Booked);
        assert_eq!(state_of_bed(store, "IS2-0204-1").await, "held");
        // the order to a site ends on the 23rd; from the 24th P073 stays at home
        close(store, "2022-11-24", &Files::quiet("2022-11-24")).await;
        let ride = transfer_of(store, "P073").await;
        assert_eq!((ride.state, ride.admitted_at), (TransferState::Cancelled, None));
        assert_eq!(state_of_bed(store, "IS2-0204-1").await, "free");
        assert_eq!(outcome(store, Worklist::Place, &ride.id).await, Some(Movement::Cancelled));
        // the orders of P005 lapse on the 28th; she still goes with the child P006, who is a case
        close(store, "2022-11-29", &Files::quiet("2022-11-29")).await;
        assert!(orders_of(store, "P005").await.iter().all(|order| order.state != OrderState::Active));
        let [carer, child] = [transfer_of(store, "P005").await, transfer_of(store, "P006").await];
        assert_eq!([carer.state, child.state], [TransferState::Booked; 2]);
        assert_eq!(state_of_bed(store, carer.bed.as_deref().unwrap()).await, "held");
        one_place_each(store).await;
    });
}

#[test]
fn a_booked_ride_ends_when_the_case_is_closed() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let bed = transfer_of(store, "P001").await.bed.unwrap();
        assert_eq!(state_of_bed(store, &bed).await, "held");
        let closed = Files::quiet(NEXT).add("assessments", "P001,2022-11-21T10:00:00+08:00,asymptomatic,,recovered");
        close(store, NEXT, &closed).await;
        assert_eq!(transfer_of(store, "P001").await.state, TransferState::Cancelled);
        assert_eq!(state_of_bed(store, &bed).await, "free");
        assert_eq!(outcome(store, Worklist::Move, "C20221120-P001").await, Some(Movement::Cancelled));
        one_place_each(store).await;
    });
}

/// A contact of the example is a case on a later day.
fn positive(person: &str, date: &str) -> Files {
    Files::quiet(date).swab("T301", person, "isolation", date, "08:00 13:00", "positive")
}

#[test]
fn a_contact_with_a_booked_ride_who_becomes_a_case_goes_to_a_hospital_instead() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let booked = transfer_of(store, "P073").await;
        assert_eq!((booked.state, booked.bed.as_deref()), (TransferState::Booked, Some("IS2-0204-1")));
        let told = close(store, NEXT, &positive("P073", NEXT)).await;
        assert!(told.signature.is_some());
        let [old, new] = transfers_of(store, "P073").await.try_into().unwrap();
        assert_eq!((&old.id, old.state), (&booked.id, TransferState::Cancelled));
        assert_eq!(state_of_bed(store, "IS2-0204-1").await, "free");
        assert_eq!(outcome(store, Worklist::Place, &old.id).await, Some(Movement::Cancelled));
        assert_eq!((new.subject.as_str(), new.state), ("C20221121-P073", TransferState::Booked));
        assert_eq!((new.facility.as_deref(), new.building.as_deref()), (Some("TH1"), Some("B5")));
        assert_eq!(outcome(store, Worklist::Move, "C20221121-P073").await, None);
        one_place_each(store).await;
    });
}

/// P011 was taken in by IS1, and is a case since the 21st: the stay there is over, and the ride begins there.
async fn left_the_site(store: &TestStore) {
    let [old, new] = transfers_of(store, "P011").await.try_into().unwrap();
    assert_eq!(old.state, TransferState::Cancelled);
    assert!(old.admitted_at.is_some() && old.ended_at.is_some(), "{old:?}");
    assert_eq!(outcome(store, Worklist::Place, &old.id).await, Some(Movement::Completed));
    let left = old.bed.as_deref().unwrap();
    assert!(left.starts_with("IS1"), "{left}");
    assert_eq!(state_of_bed(store, left).await, "cleaning");
    assert_eq!(outcome(store, Worklist::Clean, left).await, None);
    assert_eq!((new.subject.as_str(), new.state), ("C20221121-P011", TransferState::Booked));
    assert_eq!(new.facility.as_deref(), Some("TH1"));
    assert_eq!(new.building, None, "not fetched at home");
    let (site, home, hospital) = ((106.545, 29.558), (106.5201, 29.5532), (106.555, 29.665));
    let km = |from| format!("\"km\":{:?}", (road_km(from, hospital) * 10.0).round() / 10.0);
    assert_ne!(km(site), km(home));
    for says in [km(site), "\"from\":\"IS1\"".to_owned()] {
        assert!(new.reason.contains(&says), "{says} is not in {}", new.reason);
    }
    one_place_each(store).await;
}

#[test]
fn a_contact_at_a_site_who_becomes_a_case_is_fetched_there_and_the_bed_is_cleaned() {
    on_both(async |store| {
        let there = Files::example().add("handovers", "P011,admitted,2022-11-20T20:00:00+08:00,IS1,");
        close(store, DAY, &there).await;
        assert_eq!(transfer_of(store, "P011").await.state, TransferState::Admitted);
        let told = close(store, NEXT, &positive("P011", NEXT)).await;
        assert!(told.signature.is_some());
        left_the_site(store).await;
    });
}

#[test]
fn an_arrival_at_the_site_is_not_an_arrival_at_the_hospital() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        // both on one day: the site takes P011 in, and then he is found to be a case
        let both = positive("P011", NEXT).rows(
            "handovers",
            "P011,picked_up,2022-11-21T07:00:00+08:00,,
             P011,admitted,2022-11-21T07:30:00+08:00,IS1,",
        );
        close(store, NEXT, &both).await;
        left_the_site(store).await;
    });
}

#[test]
fn a_carer_who_becomes_a_case_keeps_the_place_and_somebody_answers_for_the_move() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let ride = transfer_of(store, "P005").await;
        let found = Files::quiet(NEXT).swab("T302", "P005", "isolation", NEXT, "08:00 13:00", "positive");
        let told = close(store, NEXT, &found).await;
        assert!(told.signature.is_some());
        let still = transfer_of(store, "P005").await;
        assert_eq!((still.state, &still.bed), (TransferState::Booked, &ride.bed));
        assert_eq!(outcome(store, Worklist::Move, "C20221121-P005").await, None);
        let there = Files::quiet(THIRD).rows(
            "handovers",
            "P005,admitted,2022-11-22T09:00:00+08:00,DH1,
             P006,admitted,2022-11-22T09:00:00+08:00,DH1,",
        );
        close(store, THIRD, &there).await;
        assert_eq!(outcome(store, Worklist::Move, "C20221121-P005").await, Some(Movement::Completed));
        one_place_each(store).await;
    });
}

#[test]
fn a_child_and_the_carer_who_wait_for_beds_get_them_together() {
    on_both(async |store| {
        // on the first day no bed of a hospital is known
        let beds = ["TH1-W1-1", "TH1-W1-2", "TH1-W2-1", "IS1-0101-1", "IS1-0102-1", "IS1-0106-1", "IS1-0106-2"];
        let few = beds.iter().fold(Files::example().emptied("beds"), |files, bed| files.row_of_the_city("beds", bed));
        close(store, DAY, &few).await;
        for person in ["P005", "P006"] {
            assert_eq!(transfer_of(store, person).await.state, TransferState::Requested, "{person}");
        }
        close(store, NEXT, &Files::quiet(NEXT)).await;
        let [carer, child] = [transfer_of(store, "P005").await, transfer_of(store, "P006").await];
        assert_eq!([carer.state, child.state], [TransferState::Booked; 2]);
        assert_eq!((child.facility.as_deref(), &carer.trip), (Some("DH1"), &child.trip));
        assert_eq!(carer.facility, child.facility);
        one_place_each(store).await;
    });
}

#[test]
fn a_carer_stays_when_the_child_does_not_go_any_more() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let beds = [transfer_of(store, "P005").await.bed.unwrap(), transfer_of(store, "P006").await.bed.unwrap()];
        let closed = Files::quiet(NEXT).add("assessments", "P006,2022-11-21T10:00:00+08:00,mild,2022-11-19,recovered");
        close(store, NEXT, &closed).await;
        for bed in &beds {
            assert_eq!(state_of_bed(store, bed).await, "free", "{bed}");
        }
        // she is still a contact, and goes where contacts go
        let (as_carer, as_contact): (Vec<Transfer>, Vec<Transfer>) =
            transfers_of(store, "P005").await.into_iter().partition(|transfer| transfer.id.contains("-with-"));
        let [[as_carer], [as_contact]] = [as_carer, as_contact].map(|one| one.try_into().unwrap());
        assert_eq!([as_carer.state, as_contact.state], [TransferState::Cancelled, TransferState::Booked]);
        assert_eq!(as_contact.facility.as_deref(), Some("IS1"));
        one_place_each(store).await;
    });
}

#[test]
fn a_case_of_yesterday_that_arrives_today_gets_its_decision_on_an_area() {
    let told = on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let late = Files::quiet(NEXT).swab("T303", "P031", "community", DAY, "16:00 23:00", "positive").swab(
            "T304",
            "P042",
            "isolation",
            DAY,
            "18:00 23:00",
            "positive",
        );
        close(store, NEXT, &late).await
    });
    let found = told.lines("cases", &["case", "found_at"]);
    for case in ["C20221120-P031", "C20221120-P042"] {
        assert!(found.contains(&format!("{case} 2022-11-20T23:00:00+08:00")), "{found:?}");
    }
    let zones = told.lines("zones", &["zone", "cases", "last_new_on"]);
    assert!(zones.contains(&"Z-2022-11-21-B2-1 1 2022-11-20".to_owned()), "{zones:?}");
    // P042 was held as a contact when the sample was taken
    let exempt = told.lines_of("no_zone", "C20221120-P042", &["case", "reason"]);
    assert_eq!(exempt.len(), 1);
    assert!(exempt[0].contains("area.exempt"), "{exempt:?}");
}

const LONG_AGO: &str = "2022-10-11";
const CLEARED: &str = "2022-10-16";

#[test]
fn a_positive_that_is_forty_days_late_becomes_a_case() {
    let told = on_both(async |store| {
        let late = Files::quiet(DAY)
            .pool("T305", &["P031"], 1, "community", LONG_AGO, "08:00 09:00", "")
            .add("results", "L1,T305,F,positive,30,31,L1-9,2022-11-20T10:00:00+08:00");
        close(store, DAY, &late).await
    });
    let cases = told.lines("cases", &["person", "sampled_at", "found_at"]);
    assert_eq!(cases, ["P031 2022-10-11T08:00:00+08:00 2022-11-20T10:00:00+08:00"]);
    assert!(told.lines("open_items", &["worklist", "subject"]).contains(&"move C20221011-P031".to_owned()));
}

#[test]
fn a_result_that_is_forty_days_late_confines_nobody_who_was_cleared_since() {
    let told =
        on_both(async |store| {
            let cleared = Files::quiet(CLEARED)
                .swab("T306", "P032", "community", CLEARED, "08:00 12:00", "negative")
                .swab("T307", "P033", "community", CLEARED, "08:00 12:00", "negative");
            close(store, CLEARED, &cleared).await;
            let late = Files::quiet(DAY)
                .pool("T308", &["P032"], 1, "community", LONG_AGO, "08:00 09:00", "")
                .pool("T309", &["P033", "P034"], 10, "community", LONG_AGO, "08:00 09:00", "")
                .rows(
                    "results",
                    "L1,T308,F,positive,36,37,L1-9,2022-11-20T10:00:00+08:00
                 L1,T309,F,positive,30,31,L1-9,2022-11-20T10:00:00+08:00",
                );
            let told = close(store, DAY, &late).await;
            assert_eq!(reviews(store, "late/").await, ["late/T308 500103"]);
            assert_eq!(orders_of(store, "P032").await, []);
            assert_eq!(orders_of(store, "P033").await, []);
            told
        });
    assert_eq!(told.lines("cases", &["person"]), [""; 0]);
    let recalls = told.lines_of("recalls", "T309/", &["subject", "outcome"]);
    assert_eq!(recalls, ["T309/P033 completed", "T309/P034 -"], "nobody has cleared P034");
}

#[test]
fn a_case_that_stays_at_home_by_a_later_pack_needs_no_ride_and_no_bed() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        // P055 waits for a ride to TH1, and the home is fit; that of P001 is not
        assert_eq!(transfer_of(store, "P055").await.bed.as_deref(), Some("TH1-W1-2"));
        for day in [NEXT, THIRD] {
            close_under(store, "covid-19-cn-ten", day, &Files::quiet(day)).await;
            assert_eq!(transfer_of(store, "P055").await.state, TransferState::Cancelled);
            assert_eq!(state_of_bed(store, "TH1-W1-2").await, "free");
            assert_eq!(outcome(store, Worklist::Move, "C20221120-P055").await, Some(Movement::Completed));
            assert_eq!(transfer_of(store, "P001").await.state, TransferState::Booked);
            one_place_each(store).await;
        }
    });
}

#[test]
fn a_stock_row_below_what_is_promised_is_a_doubt_and_the_day_goes_on() {
    let told = on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let promised = async |depot: &str| {
            let stock = tx(store).await.stock().await.unwrap();
            let row = stock.into_iter().find(|s| s.depot == depot && s.item.name() == "food_parcel").unwrap();
            (row.quantity, row.promised)
        };
        let (before, other) = (promised("D1").await, promised("D2").await);
        assert!(before.1 > 3 && other.1 < 50, "{before:?} {other:?}");
        let counted = Files::quiet(NEXT).emptied("supplies").rows(
            "supplies",
            "D1,500103,food_parcel,3
             D2,500112,food_parcel,50",
        );
        let told = close(store, NEXT, &counted).await;
        assert!(told.signature.is_some());
        let after = promised("D1").await;
        assert!(after.0 == before.0 && after.1 >= before.1, "{before:?} {after:?}");
        assert_eq!(promised("D2").await.0, 50, "less than before, and enough");
        told
    });
    assert_eq!(told.lines("doubts", &["file", "row"]), ["supplies.csv 2"]);
    let clarify = told.lines_of("open_items", "clarify file/", &["worklist", "subject"]);
    assert_eq!(clarify.iter().filter(|line| line.ends_with("/supplies.csv/500103")).count(), 1, "{clarify:?}");
}

const BEFORE: &str = "2022-11-10";
const AFTER: &str = "2022-11-11";

#[test]
fn a_shortened_order_asks_for_no_test_after_its_end_and_each_lighter_one_is_issued() {
    on_both(async |store| {
        // the ninth edition: seven days at a site with a test on the last of them
        let found = Files::quiet(BEFORE)
            .swab("T315", "P001", "community", BEFORE, "07:00 12:00", "positive")
            .add("contacts", "P001,P011,shared_space,2022-11-09,2022-11-09,");
        close(store, BEFORE, &found).await;
        let [before, _] = orders_of(store, "P011").await.try_into().unwrap();
        assert!(before.test_days.contains(&before.until_day), "{before:?}");
        // the twenty measures: five days
        close(store, AFTER, &Files::quiet(AFTER)).await;
        let orders = orders_of(store, "P011").await;
        let shorter = orders.iter().find(|order| order.id == before.id).unwrap();
        assert_eq!((shorter.state, shorter.kind), (OrderState::Active, OrderKind::CentralIsolation));
        assert!(shorter.until_day < before.until_day);
        let due = tx(store).await.tests_due_from(day_of(AFTER)).await.unwrap();
        let due: Vec<_> = due.iter().filter(|(_, person, ..)| person == "P011").collect();
        assert!(due.iter().any(|(_, _, order, _)| *order == shorter.id), "{due:?}");
        for (day, _, order, _) in due {
            let order = orders.iter().find(|o| o.id == *order).unwrap();
            assert!(order.from_day <= *day && *day <= order.until_day, "{day} is outside {order:?}");
        }
        let all = tx(store).await.orders_since(day_of(BEFORE)).await.unwrap();
        assert!(all.iter().filter(|order| order.id.contains("-L")).count() > 0);
        for order in all {
            let issued =
                format!("select count(*) from events where kind = 'order.issued' and subject = '{}'", order.id);
            assert_eq!(store.number(&issued).await, 1, "{order:?}");
        }
    });
}
