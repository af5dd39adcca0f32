//! The end of a store, on both engines: refused while anybody is bound or waited for; then everybody is gone from it, its figures tell of
//! nobody, and nobody opens it any more.

use crate::{
    city::{DAY, at, city, settings},
    engines::on_both,
    floor::evening,
};
use dayclear_ops::closing;
use dayclear_store::{Store, StoreError};

#[test]
fn a_store_is_closed_down_when_nobody_is_bound_or_waited_for_and_then_nobody_is_in_it() {
    on_both(async |store| {
        evening(store).await;
        let now = at(DAY, "23:30");
        let obstacles = closing::obstacles(&store.store, &city()).await.unwrap();
        let named: Vec<&str> = obstacles.iter().map(|one| one.what).collect();
        assert!(named.contains(&"orders in force") && named.contains(&"open items about people"), "{named:?}");
        let refused = closing::close_down(&store.store, &city(), Vec::new(), now).await.unwrap();
        assert_eq!(refused.unwrap_err(), obstacles);
        let people = store.number("select count(*) from people").await;
        assert!(people > 0);
        // everything has ended: each obstacle alone is enough to refuse
        let ends = [
            "update orders set state = 'ended', ended_on = until_day where state in ('active', 'aside')",
            "update zones set released_on = opened_on where released_on is null",
            "update tickets set ended_at = opened_at, ended_how = 'confirmed' where ended_at is null",
            "update items set closed_at = opened_at, outcome = 'completed' where closed_at is null",
        ];
        for end in ends {
            assert!(!closing::obstacles(&store.store, &city()).await.unwrap().is_empty(), "{end}");
            store.sql(end).await.unwrap();
        }
        let figures = closing::figures(&store.store, &city(), &settings().zone).await.unwrap();
        let orders = figures.iter().find(|one| one.name == "orders").unwrap();
        assert!(!orders.rows.is_empty());
        for row in &orders.rows {
            let count = row[3].as_i64();
            assert!(count.is_none_or(|count| count == 0 || count > 10), "a small count leaves: {row:?}");
            assert_eq!(count.is_none(), row[4].is_null(), "{row:?}");
        }
        let told = closing::close_down(&store.store, &city(), Vec::new(), now).await.unwrap().unwrap();
        assert_eq!(told.deleted.iter().find(|(table, _)| table == "people").unwrap().1, people);
        assert!(told.last_event.0 > 0 && told.last_event.1.len() == 64);
        for table in ["people", "orders", "events", "audit", "accounts", "requests", "notices", "items", "outbox"] {
            assert!(store.sql(&format!("select count(*) from {table}")).await.is_err(), "{table} is still there");
        }
        let opened = Store::open(&store.url).await;
        assert!(matches!(opened, Err(StoreError::ClosedDown { at }) if at == now));
    });
}
