//! All transfers planned together, beside the line: nobody loses what they have for nothing, what is about to set out stays, every change
//! has its reason, and a plan made from what is not true any more is thrown away. On both stores.

use crate::{
    city::{DAY, at, city, packs, settings},
    engines::{TestStore, on_both},
    floor::{dispatcher, district, evening, holds},
};
use dayclear_core::transfer::Direction;
use dayclear_engines::dispatch::{Ask, Roads};
use dayclear_ops::{
    dispatch::{
        self, Looked, SETTLED_MIN, capacity,
        price::{Unpriced, Word, price},
    },
    line,
    minutes::Settings,
    travel::{Answer, Router, Travel},
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

async fn look(store: &TestStore, clock: &str) -> Option<Looked> {
    dispatch::look(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, clock)).await.unwrap()
}

async fn pass(store: &TestStore, clock: &str) {
    line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, clock)).await.unwrap();
}

async fn booked(store: &TestStore) -> Vec<String> {
    store.texts("select id from transfers where state = 'booked' order by id").await
}

const SEATS: &str = "select id || ' ' || trip || ' ' || bed from transfers where state = 'booked' order by id";

/// Seats of trips that have set out or are about to.
async fn settled(store: &TestStore, clock: &str) -> Vec<String> {
    let mut tx = store.store.look(&city()).await.unwrap();
    let open = tx.open_transfers(at(DAY, clock).plus_minutes(SETTLED_MIN)).await.unwrap();
    drop(tx);
    let is_open = |seat: &String| open.iter().any(|transfer| seat.starts_with(&format!("{} ", transfer.id)));
    store.texts(SEATS).await.into_iter().filter(|seat| !is_open(seat)).collect()
}

#[test]
fn planned_together_nobody_is_lost_and_every_change_says_why() {
    on_both(async |store| {
        evening(store).await;
        let before = booked(store).await;
        let mut changed = 0;
        for clock in ["07:30", "12:00", "15:30", "18:00", "20:00", "22:00"] {
            let settled = settled(store, clock).await;
            let looked = look(store, clock).await;
            changed += looked.map_or(0, |looked| looked.changed);
            let now = store.texts(SEATS).await;
            assert!(settled.iter().all(|seat| now.contains(seat)), "what is about to set out stays");
            assert_eq!(look(store, clock).await, None, "nothing has changed since");
            holds(store).await;
        }
        let after = booked(store).await;
        assert!(before.iter().all(|id| after.contains(id)), "whoever had a seat has one");
        let told = store
            .number("select count(*) from events where kind in ('transfer.replanned', 'transfer.booked') and body like '%planned together%'")
            .await;
        assert_eq!(told as usize, changed);
    });
}

/// A transfer with a seat on a trip that is not about to set out, its vehicle, and another vehicle that is in service.
async fn somebody(store: &TestStore) -> (String, String, String) {
    let ids = store
        .texts(
            "select t.id from transfers t join trips r on r.id = t.trip where t.state = 'booked' and t.class = 'contact'
             and t.id not like '%-with-%' order by r.departs_at desc, t.id",
        )
        .await;
    let id = ids.first().expect("a contact has a seat").clone();
    let vehicle = store
        .texts(&format!("select r.vehicle from trips r join transfers t on t.trip = r.id where t.id = '{id}'"))
        .await;
    let vehicle = vehicle[0].clone();
    let other = if vehicle == "V1" { "V2" } else { "V1" };
    (id, vehicle, other.to_owned())
}

async fn vehicle_of(store: &TestStore, id: &str) -> String {
    let sql = format!(
        "select coalesce(r.vehicle, '-') from transfers t left join trips r on r.id = t.trip where t.id = '{id}'"
    );
    store.texts(&sql).await[0].clone()
}

#[test]
fn what_a_dispatcher_says_holds_for_the_line_and_for_the_plan_and_is_never_changed() {
    on_both(async |store| {
        evening(store).await;
        let (id, vehicle, other) = somebody(store).await;
        let (id, who) = (id.as_str(), dispatcher().at(at(DAY, "18:25")));
        let because = ("reason", "the lift does not take the stretcher");
        assert_eq!(who.tries(store, "transfers.pin", &[id], &[because]).await, "invalid: vehicle");
        assert_eq!(who.tries(store, "transfers.pin", &[id], &[("vehicle", "V99"), because]).await, "invalid: vehicle");
        assert_eq!(who.tries(store, "transfers.pin", &[id], &[("facility", "X9"), because]).await, "invalid: facility");
        let hospital = who.tries(store, "transfers.pin", &[id], &[("facility", "DH1"), because]).await;
        assert!(hospital.starts_with("is to go to a designated_hospital"), "{hospital}");
        assert_eq!(
            district().tries(store, "transfers.pin", &["M-nobody"], &[("vehicle", "V1"), because]).await,
            "unknown"
        );

        // another vehicle: the seat is given back at once, and the next run of the line takes the one that was chosen
        assert_eq!(who.tries(store, "transfers.pin", &[id], &[("vehicle", &other), because]).await, "done");
        assert_eq!(who.tries(store, "transfers.pin", &[id], &[("vehicle", &other), because]).await, "same");
        assert_eq!(vehicle_of(store, id).await, "-");
        // (what it finds no room for behind its other trips, the plan does)
        pass(store, "18:26").await;
        assert_eq!(vehicle_of(store, id).await, other);
        let parted = "select count(*) from transfers a join transfers b on b.class = a.class and b.id > a.id
            join people p on p.no = a.person_no join people q on q.no = b.person_no and q.household = p.household
            where a.state = 'booked' and b.state = 'booked' and a.trip <> b.trip";
        assert_eq!(store.number(parted).await, 0, "a household is not parted by a word on one of it");
        holds(store).await;

        // ruled out as well: no vehicle is left that may take them, and nobody pretends that there is
        assert_eq!(who.tries(store, "transfers.forbid", &[id], &[("vehicle", &other), because]).await, "done");
        pass(store, "18:29").await;
        look(store, "18:30").await;
        assert_eq!(vehicle_of(store, id).await, "-");
        holds(store).await;

        // left to the plan again; and first
        assert_eq!(who.tries(store, "transfers.free", &[id], &[because]).await, "done");
        assert_eq!(who.tries(store, "transfers.first", &[id], &[because]).await, "done");
        pass(store, "18:33").await;
        assert_ne!(vehicle_of(store, id).await, "-", "was with {vehicle}");
        let words = store.texts("select word from directions order by transfer, no").await;
        assert_eq!(words, ["pin", "forbid", "free", "first"]);
        assert!(store.sql("update directions set word = 'free'").await.is_err(), "a word is never changed");
        assert!(store.sql("delete from directions").await.is_err());
        let told = store.number("select count(*) from events where kind = 'transfer.directed'").await;
        assert_eq!(told, 4);
        holds(store).await;
        words
    });
}

/// Says that every drive takes so many minutes and counts its questions; out of order while it is down.
struct Slow {
    minutes: u16,
    asked: Arc<AtomicUsize>,
    down: Arc<AtomicBool>,
}

impl Router for Slow {
    fn table<'a>(&'a self, ask: &'a Ask) -> Answer<'a> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let down = self.down.load(Ordering::Relaxed);
        let answer = vec![Some(self.minutes); ask.from.len() * ask.to.len()];
        Box::pin(async move { if down { Err("no connection") } else { Ok(answer) } })
    }
}

#[test]
fn a_router_is_asked_beside_the_line_and_the_plan_says_whose_times_it_rests_on() {
    on_both(async |store| {
        evening(store).await;
        let (asked, down) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(true)));
        let router = Slow { minutes: 75, asked: Arc::clone(&asked), down: Arc::clone(&down) };
        let settings = Settings { travel: Travel::of(Roads::default(), Some(Box::new(router))), ..settings() };
        let look = async |clock: &'static str| {
            dispatch::look(&store.store, packs(), &settings, "covid-19", &city(), at(DAY, clock)).await.unwrap();
            let mut tx = store.store.look(&city()).await.unwrap();
            let last = tx.last_dispatched().await.unwrap().unwrap();
            (last.legs, last.legs_told)
        };
        // it is down: everybody is planned by the model, and it is left alone for a while
        let (legs, told) = look("12:00").await;
        assert!(legs > 0 && told == 0, "{legs} {told}");
        assert_eq!((asked.load(Ordering::Relaxed), settings.travel.roads().pairs()), (1, 0));
        assert_eq!(settings.travel.trouble().map(|trouble| trouble.since), Some(at(DAY, "12:00")));
        look("12:02").await;
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        // it is back: all drives are those that it told, and it is not asked for one twice
        down.store(false, Ordering::Relaxed);
        let (legs, told) = look("12:10").await;
        assert!(legs > 0 && told == legs, "{told} of {legs}");
        assert_eq!(settings.travel.trouble(), None);
        let questions = asked.load(Ordering::Relaxed);
        look("12:12").await;
        assert_eq!(asked.load(Ordering::Relaxed), questions);
        // hours that nobody can keep are planned anew, whatever it saves: who rides then rides for as long as the road takes
        line::pass(&store.store, packs(), &settings, "covid-19", &city(), at(DAY, "12:15")).await.unwrap();
        let told = "select distinct e.subject from events e join transfers x on x.id = e.subject and x.state = 'booked'
            where e.kind = 'transfer.replanned' and e.body like '%the roads take longer%' order by e.subject";
        let ids = store.texts(told).await;
        let mut tx = store.store.look(&city()).await.unwrap();
        let rides = tx.transfers_by_id(&ids.iter().map(String::as_str).collect::<Vec<_>>()).await.unwrap();
        drop(tx);
        let minutes =
            |ride: &dayclear_store::transfer::Transfer| ride.arrive_at.unwrap().minutes_since(ride.pickup_at.unwrap());
        let short = rides.iter().filter(|ride| minutes(ride) < 75).count();
        assert_eq!(short, 0, "a ride takes as long as the road does");
        let told =
            "select count(*) from events where kind = 'transfer.replanned' and body like '%the roads take longer%'";
        assert!(store.number(told).await > 0);
        // the checker is not asked: the evidence is of the evening, so a bed that is given back at noon was held after that
    });
}

#[test]
fn demand_is_set_beside_capacity_and_the_change_that_helps_most_is_worked_out() {
    on_both(async |store| {
        evening(store).await;
        let looked = |clock: &'static str| async move {
            capacity::look(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, clock)).await.unwrap()
        };
        assert!(looked("07:30").await);
        assert!(!looked("07:32").await, "not again within five minutes");
        let mut tx = store.store.look(&city()).await.unwrap();
        let (_, outlook) = capacity::last(&mut tx).await.unwrap().unwrap();
        drop(tx);
        let people = outlook.waits.iter().map(|waits| waits.without + waits.booked + waits.underway).sum::<usize>();
        let live =
            store.number("select count(*) from transfers where state in ('requested', 'booked', 'underway')").await;
        assert_eq!(people as i64, live);
        assert!(outlook.hours.windows(2).all(|pair| pair[0].to_arrive >= pair[1].to_arrive));
        assert!(outlook.planned > 0 && !outlook.changes.is_empty(), "{outlook:?}");
        let best = outlook.changes.first().unwrap();
        assert!(outlook.changes.iter().all(|one| (one.seats, one.saved_min) <= (best.seats, best.saved_min)));
        assert!(best.saved_min >= 0, "one thing more makes nothing worse: {outlook:?}");
        outlook
    });
}

#[test]
fn what_a_word_would_cost_is_told_before_it_is_said_and_nothing_is_kept_of_it() {
    on_both(async |store| {
        evening(store).await;
        let (id, vehicle, other) = somebody(store).await;
        let before = (store.texts(SEATS).await, store.number("select count(*) from events").await);
        let priced = async |word, vehicle: Option<&str>| {
            let word = Word { word, vehicle: vehicle.map(str::to_owned), facility: None };
            let now = at(DAY, "07:30");
            price(&store.store, packs(), &settings(), "covid-19", &city(), now, &id, word).await.unwrap()
        };
        let pinned = priced(Direction::Pin, Some(&other)).await.unwrap();
        assert!(pinned.now.is_some(), "as things stand they have a seat: {pinned:?}");
        assert_eq!(pinned.then.as_ref().map(|way| way.vehicle.as_str()), Some(other.as_str()), "{pinned:?}");
        // a vehicle that is not there takes nobody, and that is the price
        let nowhere = priced(Direction::Pin, Some("V99")).await.unwrap();
        assert_eq!(nowhere.then, None);
        assert!(nowhere.without[1] > nowhere.without[0], "{nowhere:?}");
        // taking back what was never said costs nothing
        let free = priced(Direction::Free, None).await.unwrap();
        assert_eq!((free.waiting_min, free.riding_min, free.later, free.sooner), (0, 0, 0, 0));
        assert_eq!(free.now, free.then);
        let after = (store.texts(SEATS).await, store.number("select count(*) from events").await);
        assert_eq!(before, after);
        // somebody who has arrived, or whom nobody knows, has no price
        let word = Word { word: Direction::First, vehicle: None, facility: None };
        let none =
            price(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, "07:30"), "M-nobody", word).await;
        assert_eq!(none.unwrap(), Err(Unpriced::Settled));
        (vehicle, pinned)
    });
}
