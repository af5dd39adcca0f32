//! A bed held ahead of the opening of its ward: for the hour at which it opens, by one who is first; nobody sets out so as to arrive before,
//! and an opening that slips moves the hold or gives it back at once, with a word to whoever it concerns. On both stores.

use crate::{
    city::{DAY, at, city, packs, settings},
    engines::{TestStore, on_both},
    floor::{city_command, dispatcher, evening, holds, person},
    imports::bring,
};
use dayclear_core::{access::Role, schema::CREWS};
use dayclear_ops::{dispatch, imports::Keep, line};

const RIDE: &str = "M-C20221120-P001";
const BED: &str = "DH1-W8-01";
const BECAUSE: (&str, &str) = ("reason", "as agreed with the health authority");

async fn pass(store: &TestStore, clock: &str) {
    line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, clock)).await.unwrap();
}

/// The example in the evening, with crews of the night and a ward that opens at one o'clock.
async fn with_a_ward_to_open(store: &TestStore) {
    evening(store).await;
    let crews = "crew,vehicle,driver,from,to,driven_24h_min,driven_7d_min\n\
        C1-3,V1,邓勇,2022-11-20T23:00:00+08:00,2022-11-21T07:00:00+08:00,0,900\n\
        C3-3,V3,蔡平,2022-11-20T23:00:00+08:00,2022-11-21T07:00:00+08:00,0,900\n";
    assert_eq!(bring(store, &city(), &CREWS, crews, "", Keep::Together).await.created, 2);
    let ward = [("ward", "W8"), ("wards", "1"), ("from", "2022-11-21T01:00:00+08:00"), BECAUSE];
    assert_eq!(city_command().tries(store, "facilities.ward", &["DH1"], &ward).await, "done");
}

async fn opens(store: &TestStore, clock: &str, from: &str) {
    let said = [("phase", "open"), ("ward", "W8"), ("from", from), BECAUSE];
    let who = city_command().at(at(DAY, clock));
    assert_eq!(who.tries(store, "facilities.phase", &["DH1"], &said).await, "done");
}

async fn ride(store: &TestStore) -> String {
    let sql = format!(
        "select state || ' ' || coalesce(bed, '-') || ' ' || case when bed_from is null then 'now' else 'ahead' end || ' ' ||
            case when trip is null then 'no seat' when arrive_at >= coalesce(bed_from, arrive_at) then 'in time' else 'early' end
         from transfers where id = '{RIDE}'"
    );
    store.texts(&sql).await.join(",")
}

async fn told(store: &TestStore, kind: &str) -> i64 {
    store.number(&format!("select count(*) from events where kind = '{kind}' and subject = '{RIDE}'")).await
}

/// Whether the hold is for the moment from which the transfer says that its bed takes people.
async fn agrees(store: &TestStore) -> i64 {
    let sql = format!(
        "select count(*) from bed_stays s join transfers t on t.id = s.transfer and t.bed = s.bed
         where t.id = '{RIDE}' and s.released_at is null and s.for_at = t.bed_from"
    );
    store.number(&sql).await
}

#[test]
fn a_bed_is_held_for_the_hour_at_which_its_ward_opens_and_nobody_arrives_before() {
    on_both(async |store| {
        with_a_ward_to_open(store).await;
        let other = store
            .texts(&format!(
                "select id from transfers where class = 'positive' and state in ('requested', 'booked') and id <> '{RIDE}'
                 and id not like '%-with-%' order by id"
            ))
            .await;
        // of two who want it one has it
        let (one, two) = (dispatcher(), person("p2", Role::Dispatcher, "50", None));
        assert_eq!(one.tries(store, "transfers.claim", &[RIDE], &[("bed", BED)]).await, "done");
        assert_eq!(two.tries(store, "transfers.claim", &[&other[0]], &[("bed", BED)]).await, "taken by p1");
        assert_eq!(ride(store).await, format!("requested {BED} ahead no seat"));
        assert_eq!(agrees(store).await, 1);
        pass(store, "23:01").await;
        assert_eq!(ride(store).await, format!("booked {BED} ahead in time"));
        dispatch::look(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, "23:02")).await.unwrap();
        assert_eq!(ride(store).await, format!("booked {BED} ahead in time"), "planning together leaves it alone");
        holds(store).await;
        // who would set out now would stand before a closed door
        let early = one.at(at(DAY, "23:10")).tries(store, "transfers.pick-up", &[RIDE], &[]).await;
        assert!(early.starts_with("is to lie in a ward that opens at"), "{early}");
        // and the store lets nobody plan it
        let harm = format!("update transfers set arrive_at = pickup_at where id = '{RIDE}'");
        assert!(store.sql(&harm).await.is_err());
        let harm = format!("update bed_stays set for_at = held_at where transfer = '{RIDE}' and released_at is null");
        assert!(store.sql(&harm).await.is_err(), "its ward takes nobody then");
        // given back, it is anybody's
        let one = one.at(at(DAY, "23:12"));
        assert_eq!(one.tries(store, "transfers.release", &[RIDE], &[BECAUSE]).await, "done");
        assert_eq!(ride(store).await, "requested - now no seat");
        let two = two.at(at(DAY, "23:13"));
        assert_eq!(two.tries(store, "transfers.claim", &[&other[0]], &[("bed", BED)]).await, "done");
        holds(store).await;
    });
}

#[test]
fn an_opening_that_slips_moves_the_hold_or_gives_it_back_at_once() {
    on_both(async |store| {
        with_a_ward_to_open(store).await;
        assert_eq!(dispatcher().tries(store, "transfers.claim", &[RIDE], &[("bed", BED)]).await, "done");
        pass(store, "23:01").await;
        assert_eq!(ride(store).await, format!("booked {BED} ahead in time"));

        // some hours later: the hold moves, the seat is given back, and the ride is planned when it is time
        opens(store, "23:05", "2022-11-21T03:00:00+08:00").await;
        assert_eq!(ride(store).await, format!("requested {BED} ahead no seat"));
        assert_eq!((told(store, "transfer.opening_moved").await, agrees(store).await), (1, 1));
        pass(store, "23:06").await;
        assert_eq!(ride(store).await, format!("requested {BED} ahead no seat"), "a vehicle is not kept for hours");
        let why = format!("select reason from transfers where id = '{RIDE}'");
        assert!(store.texts(&why).await[0].contains("its ward is not open yet"));
        holds(store).await;

        // earlier than before: planned at once, and in time
        opens(store, "23:07", "2022-11-21T00:45:00+08:00").await;
        assert_eq!((told(store, "transfer.opening_moved").await, agrees(store).await), (2, 1));
        pass(store, "23:08").await;
        assert_eq!(ride(store).await, format!("booked {BED} ahead in time"));
        holds(store).await;

        // nobody knows when any more: bed and seat are given back, and the plan finds another
        opens(store, "23:10", "2022-11-23T08:00:00+08:00").await;
        assert_eq!(ride(store).await, "requested - now no seat");
        assert_eq!(told(store, "transfer.taken_back").await, 1);
        let free = format!("select count(*) from bed_stays where bed = '{BED}' and released_at is null");
        assert_eq!(store.number(&free).await, 0);
        pass(store, "23:11").await;
        assert!(ride(store).await.starts_with("booked") && !ride(store).await.contains(BED), "{}", ride(store).await);
        let late = dispatcher().at(at(DAY, "23:12")).tries(store, "transfers.claim", &[RIDE], &[("bed", BED)]).await;
        assert_eq!(late, "is in ward W8, which is planned", "so far ahead nobody is promised a bed");
        holds(store).await;
    });
}
