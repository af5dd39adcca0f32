//! What reaches people who stay at home, on both stores: how long a stock lasts, and a call to those of whom nobody hears.

use crate::{
    city::{DAY, at, city, packs, settings},
    engines::{TestStore, on_both},
    floor::{city_command, evening, holds, person},
};
use dayclear_core::{
    access::Role,
    listing::{Cell, Query, SUPPLIES},
};
use dayclear_ops::line;

async fn pass(store: &TestStore, date: &str, clock: &str) {
    line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(date, clock)).await.unwrap();
}

async fn signs(store: &TestStore, date: &str) {
    let word = city_command().at(at(date, "23:59")).tries(store, "days.sign", &[date], &[]).await;
    assert_eq!(word, "done", "{date}");
}

#[test]
fn a_household_of_which_nobody_hears_for_two_days_is_called() {
    on_both(async |store| {
        evening(store).await;
        let calls = "select subject from items where worklist = 'ask' and closed_at is null order by subject";
        assert_eq!(store.texts(calls).await, Vec::<String>::new(), "nobody has been bound for two days");
        signs(store, DAY).await;
        pass(store, "2022-11-21", "09:00").await;
        assert_eq!(store.texts(calls).await, Vec::<String>::new(), "one day is no silence");
        signs(store, "2022-11-21").await;
        pass(store, "2022-11-22", "09:00").await;
        let called = store.texts(calls).await;
        assert!(!called.is_empty());
        let heard = store.texts("select distinct household from requests where household is not null").await;
        assert!(
            heard.iter().all(|asked| !called.iter().any(|call| call.ends_with(asked.as_str()))),
            "{heard:?} {called:?}"
        );
        // everybody who is bound for two days and did not ask, and nobody else: all have had their parcels
        let free = called.iter().map(|call| call.split('/').nth(1).unwrap());
        for household in free {
            let owed = format!(
                "select count(*) from parcels where household = '{household}' and cast(day as text) like '2022-11-22%'"
            );
            assert!(store.number(&owed).await > 0, "{household} is bound no more");
        }
        // looked at again, nobody is called twice
        pass(store, "2022-11-22", "10:00").await;
        assert_eq!(store.texts(calls).await, called);
        // somebody calls, and says what came of it
        let division =
            store.texts("select division from items where worklist = 'ask' order by subject").await.remove(0);
        let worker = person("w1", Role::CommunityWorker, &division, None).at(at("2022-11-22", "11:00"));
        let key = format!("ask:{}", called[0]);
        let told = [("outcome", "completed"), ("reason", "milk powder runs out on Friday")];
        assert_eq!(worker.tries(store, "items.settle", &[&key], &told).await, "done");
        signs(store, "2022-11-22").await;
        pass(store, "2022-11-23", "09:00").await;
        // who was spoken to yesterday is left in peace
        let household = called[0].split('/').nth(1).unwrap();
        assert!(!store.texts(calls).await.iter().any(|call| call.ends_with(household)));
        holds(store).await;
    });
}

#[test]
fn a_stock_tells_for_how_many_days_it_lasts() {
    on_both(async |store| {
        evening(store).await;
        let burnt = "select count(*) from supplies s where s.promised <> coalesce((select sum(u.units) from supply_burn u where u.key = s.key), 0)";
        assert_eq!(store.number(burnt).await, 0);
        let mut tx = store.store.look(&city()).await.unwrap();
        let page = tx.list(&SUPPLIES, &Query::default()).await.unwrap();
        let mut used = 0;
        for row in &page.rows {
            let number = |name: &str| match row.get(&SUPPLIES, name) {
                Cell::Whole(number) => *number as f64,
                Cell::Real(number) => *number,
                _ => f64::NAN,
            };
            assert_eq!(number("left"), number("quantity") - number("promised"));
            let (pace, cover, state) = (number("a_day"), number("cover_days"), row.get(&SUPPLIES, "state").as_str());
            if pace.is_nan() {
                assert!(cover.is_nan() && state == Some("enough"), "what nobody asks for lasts");
                continue;
            }
            used += 1;
            assert!((cover - number("left") / pace).abs() < 1e-9);
            let expected = if number("left") == 0.0 {
                "out"
            } else if cover < 2.0 {
                "low"
            } else {
                "enough"
            };
            assert_eq!(state, Some(expected));
        }
        assert!(used > 1, "the example brings parcels");
    });
}
