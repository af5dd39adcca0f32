//! Many rows at once, by each way a server takes them: as arrays, and beyond ten thousand by COPY beside the table.

use crate::{city, engines::on_both};
use dayclear_store::welfare::Parcel;

#[test]
fn rows_that_come_by_copy_have_the_defaults_of_their_table_and_those_that_are_there_are_passed_over() {
    on_both(async |store| {
        let parcel = |n: usize| Parcel {
            household: format!("H{n}"),
            day: "2022-11-20".parse().unwrap(),
            item: "food_parcel".parse().unwrap(),
            division: "500103001001".parse().unwrap(),
            depot: None,
            units: 1,
            run: None,
            delivered_at: None,
            missed_at: None,
            again: 0,
            not_carried: None,
        };
        let many: Vec<Parcel> = (0..10_001).map(parcel).collect();
        let mut tx = store.store.turn_of_many(&city()).await.unwrap();
        assert_eq!(tx.plan_parcels(&many[..7]).await.unwrap(), 7);
        assert_eq!(tx.plan_parcels(&many).await.unwrap(), 9_994);
        tx.commit().await.unwrap();
        let missed = store.texts("select cast(count(*) as text) from parcels where misses = 0").await;
        assert_eq!(missed, ["10001"]);
    });
}
