//! Whether people are treated alike, on both stores: what is counted by district adds up to what the store holds, a small count leaves by
//! no table, and a district sees its own.

use crate::{
    city::{DAY, at, settings},
    engines::{TestStore, on_both},
    floor::{Person, city_command, evening, moment, person},
};
use dayclear_core::{
    access::Role,
    equality::{Group, Measure},
};
use dayclear_ops::equality::{Alike, alike};

async fn told(store: &TestStore, who: &Person) -> Vec<Alike> {
    let mut tx = store.store.look(&who.looker.scope()).await.unwrap();
    alike(&mut tx, &settings().zone, at(DAY, "23:59")).await.unwrap()
}

fn of(all: &[Alike], measure: Measure, group: Group) -> Vec<(String, Option<u64>)> {
    let own = all.iter().filter(|row| row.measure == measure && row.group == group);
    own.map(|row| (row.value.clone(), row.count)).collect()
}

#[test]
fn what_is_counted_adds_up_and_small_counts_leave_by_no_table() {
    on_both(async |store| {
        evening(store).await;
        // forty people of two districts were bound, thirty women of one and ten men of the other
        for n in 0..40 {
            let (district, sex, year) = if n < 30 { ("500103", "female", 1980) } else { ("500112", "male", 1950) };
            let (no, last) = (700_000 + n, if n < 30 { "2022-11-19" } else { "2022-11-20" });
            let person = format!(
                "insert into people (no, person, household, sex, birth_date, registered, division, digest)
                 values ({no}, 'E{no}', null, '{sex}', '{year}-06-01', (select p.registered from people p where p.registered limit 1),
                    '{district}001001', 0)"
            );
            store.sql(&person).await.unwrap();
            let begun = moment(store, at(DAY, "12:00").plus_hours(-120));
            let order = format!(
                "insert into orders (id, person, person_no, division, kind, basis, subject, starts_at, from_day, until_day, test_days, state,
                    ended_on, ended_why, legal_basis, body, purpose, evidence, milder, reason)
                 values ('E-{no}', 'E{no}', {no}, '{district}001001', 'home_isolation', 'contact', 'X', {begun}, '2022-11-15', '2022-11-20', '',
                    'ended', '{last}', 'test', 'l', 'b', 'p', 'e', 'm', 'r')"
            );
            store.sql(&order).await.unwrap();
        }
        let all = told(store, &city_command()).await;
        let districts = of(&all, Measure::Orders, Group::District);
        let there = "select count(*) from orders where state <> 'replaced' and ended_on >= '2022-10-23'";
        let sum: u64 = districts.iter().filter_map(|(_, count)| *count).sum();
        assert_eq!(sum, u64::try_from(store.number(there).await).unwrap());
        assert!(districts.contains(&("500112".to_owned(), Some(10))), "{districts:?}");
        let sexes = of(&all, Measure::Orders, Group::Sex);
        assert!(
            sexes.iter().filter(|(_, count)| count.is_none()).count() > 1,
            "ten men follow from nothing: {sexes:?}"
        );
        let mean = all.iter().find(|row| row.measure == Measure::Orders && row.value == "500103").unwrap().mean;
        assert!(mean.is_some_and(|days| days > 4.0 && days <= 5.0), "{mean:?}");
        let admitted = of(&all, Measure::Waits, Group::District);
        let there = store.number("select count(*) from transfers where admitted_at is not null").await;
        assert_eq!(admitted.iter().filter_map(|(_, count)| *count).sum::<u64>(), u64::try_from(there).unwrap());
        assert!(of(&all, Measure::Refusals, Group::Age).is_empty(), "a household has no age");
        let own = told(store, &person("d2", Role::DistrictCommand, "500112", None)).await;
        assert!(own.iter().all(|row| row.group != Group::District || row.value == "500112"), "{own:?}");
    });
}
