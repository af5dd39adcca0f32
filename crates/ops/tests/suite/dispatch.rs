//! All transfers planned together, beside the line: nobody loses what they have for nothing, what is about to set out stays, every change
//! has its reason, and a plan made from what is not true any more is thrown away. On both stores.

use crate::{
    city::{DAY, at, city, packs, settings},
    engines::{TestStore, on_both},
    floor::{evening, holds},
};
use dayclear_ops::dispatch::{self, Looked, SETTLED_MIN};

async fn look(store: &TestStore, clock: &str) -> Option<Looked> {
    dispatch::look(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, clock)).await.unwrap()
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
            println!("{clock} {looked:?}");
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
