//! Communities free of the epidemic on both stores: by the rule of the pack, won and lost by themselves, each change kept, and nothing
//! called free where the checker finds something in the way.

use crate::{
    city::{DAY, at, city, packs, settings},
    engines::{TestStore, on_both},
    floor::evening,
};
use dayclear_core::time::Instant;
use dayclear_ops::{needs::Needs, situation};

async fn looks(store: &TestStore, now: Instant) {
    let needs = Needs::read(crate::situation::NEEDS).unwrap();
    situation::look(&store.store, packs(), &settings(), &needs, "covid-19", &city(), now, 0).await.unwrap().unwrap();
}

async fn stands(store: &TestStore) -> Vec<String> {
    store.texts("select division || ' ' || state from free_communities order by division").await
}

async fn wrong(store: &TestStore) -> String {
    let findings = dayclear_verify::check(&store.url, "Asia/Shanghai").await.unwrap();
    findings.into_iter().find(|finding| finding.check == "free.computed").unwrap().detail
}

#[test]
fn a_community_is_free_by_the_rule_and_loses_it_by_itself() {
    on_both(async |store| {
        evening(store).await;
        looks(store, at(DAY, "23:10")).await;
        assert_eq!(stands(store).await, ["500103013006 infection", "500112016001 infection"]);
        assert_eq!(store.number("select count(*) from free_changes").await, 0, "nothing was won, so nothing was lost");
        // six days later only what is in the way of each is told, one thing after the other
        looks(store, at("2022-11-26", "10:00")).await;
        assert_eq!(stands(store).await[0], "500103013006 unsettled");
        for (done, state) in [
            ("update items set closed_at = opened_at, outcome = 'completed' where worklist = 'recall' and closed_at is null", "area"),
            ("update zones set released_on = last_new_on where released_on is null", "contact"),
            ("update items set closed_at = opened_at, outcome = 'completed' where worklist = 'place' and closed_at is null", "no_round"),
            (
                "insert into rounds (round, name, purpose, \"from\", \"to\", pool_size, digest, state, closed_at)
                    select 'R9', 'all', 'area_screening', min(opened_at), max(opened_at), 10, 0, 'closed', max(opened_at) from days;
                 insert into round_counts (round, division, state, people) values ('R9', '500103013006', 'resulted', 94),
                    ('R9', '500103013006', 'unknown', 6), ('R9', '500112016001', 'waiting', 1)",
                "coverage",
            ),
            ("update round_counts set people = case state when 'resulted' then 95 else 5 end where division = '500103013006'", "free"),
        ] {
            store.sql(done).await.unwrap();
            looks(store, at("2022-11-26", "10:00")).await;
            assert_eq!(stands(store).await[0], format!("500103013006 {state}"), "{done}");
            assert_eq!(wrong(store).await, "", "{done}");
        }
        let changes = "select no || ' ' || state from free_changes where division = '500103013006' order by no";
        assert_eq!(store.texts(changes).await, ["1 free"]);
        let told = "select count(*) from events where kind = 'free.changed' and division = '500103'";
        assert_eq!(store.number(told).await, 1);
        // one is found in the community: the checker sees it at once, and it is lost at the next look, with the reason
        let shift = if store.url.starts_with("postgres") { "interval '5 days'" } else { "5 * 86400000000" };
        let found = format!(
            "update cases set found_at = found_at + {shift}, origin = 'community'
             where id = (select min(id) from cases where division = '500103013006')"
        );
        store.sql(&found).await.unwrap();
        assert!(wrong(store).await.starts_with("500103013006: is called free, and an infection was found"));
        looks(store, at("2022-11-26", "11:00")).await;
        assert_eq!(stands(store).await[0], "500103013006 infection");
        assert_eq!(store.texts(changes).await, ["1 free", "2 infection"]);
        assert_eq!(wrong(store).await, "");
        assert!(store.sql("delete from free_changes").await.is_err());
    });
}
