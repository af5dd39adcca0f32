//! What is overdue of an owner: counted within the place of the duty, open and past its deadline, up to a limit.

use crate::{city, engines::on_both, now, tx};
use dayclear_store::Scope;

#[test]
fn what_is_overdue_of_an_owner_is_counted_within_the_place_and_up_to_a_limit() {
    on_both(async |store| {
        let mut day = tx(store).await;
        day.open_day("2022-11-20".parse().unwrap(), now()).await.unwrap();
        day.commit().await.unwrap();
        let item = |worklist: &str, subject: &str, division: &str, owner: &str, due: &str, closed: &str| {
            format!(
                "insert into items (worklist, subject, division, party, owner, opened_at, due_at, closed_at, reason)
                 select '{worklist}', '{subject}', '{division}', 'site', '{owner}', opened_at, {due}, {closed}, '' from days"
            )
        };
        for (worklist, subject, division, owner, due, closed) in [
            ("move", "C1", "500103", "D1", "opened_at", "null"),
            ("supply", "H1", "500103001", "D1", "opened_at", "null"),
            ("supply", "H2", "500103001", "D1", "opened_at", "opened_at"),
            ("supply", "H3", "500103001", "D1", "null", "null"),
            ("supply", "H4", "500112001", "D1", "opened_at", "null"),
            ("supply", "H5", "500103001", "D2", "opened_at", "null"),
        ] {
            store.sql(&item(worklist, subject, division, owner, due, closed)).await.unwrap();
        }
        let later = now().plus_hours(1);
        let district = Scope::of("500103".parse().unwrap());
        for (scope, owner, at, most, counted) in [
            (city(), "D1", later, 100, 3),
            (district.clone(), "D1", later, 100, 2),
            (district.clone(), "D1", later, 1, 1),
            (district.clone(), "D1", now(), 100, 0),
            (district.clone(), "D2", later, 100, 1),
            (district, "D3", later, 100, 0),
        ] {
            let mut tx = store.store.look(&scope).await.unwrap();
            assert_eq!(tx.overdue_of(owner, at, most).await.unwrap(), counted, "{owner} {at} {most}");
        }
    });
}
