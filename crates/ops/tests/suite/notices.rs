//! Papers of orders and appeals on both stores: each order has one when it is given and one when it ends, whatever became of the first; who
//! handed one over, to whom, and why one came back is kept and never changed; and a community in which papers are owed has a clock.

use crate::{
    city::{DAY, at, city, packs, settings},
    engines::{TestStore, on_both},
    floor::{city_command, district, evening, holds, person},
};
use dayclear_core::access::Role;
use dayclear_ops::{
    bearer,
    desk::{DeskError, Refusal},
    line,
    public::Counter,
};

const NEXT: &str = "2022-11-21";

async fn pass(store: &TestStore, day: &str, clock: &str) {
    line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(day, clock)).await.unwrap();
}

/// Papers of orders in force of a district that nobody has.
async fn owed(store: &TestStore, district: &str) -> Vec<String> {
    let sql = format!(
        "select n.id from notices n left join orders o on o.id = n.subject left join zones z on z.id = n.subject
         where n.kind = 'order' and n.state in ('made', 'returned') and n.division like '{district}%'
           and (o.state = 'active' or (z.id is not null and z.released_on is null)) order by n.id"
    );
    store.texts(&sql).await
}

fn keys(ids: &[String]) -> Vec<&str> {
    ids.iter().map(String::as_str).collect()
}

const ITEMS: &str =
    "select owner || ' ' || subject from items where subject like 'notices/%' and closed_at is null order by subject";

#[test]
fn every_order_has_a_paper_when_it_is_given_and_one_when_it_ends() {
    on_both(async |store| {
        evening(store).await;
        let without =
            "select o.id from orders o left join notices n on n.subject = o.id and n.kind = 'order' where n.id is null";
        assert_eq!(store.texts(without).await, Vec::<String>::new());
        let ended = "select count(*) from orders where state in ('ended', 'withdrawn')";
        let released = "select count(*) from notices where kind = 'release'";
        assert_eq!(store.number(ended).await, store.number(released).await);
        // one that ends before anybody has its paper ends all the same, and its end has a paper at once
        let order = &store
            .texts("select id from orders where state = 'active' and division like '500103%' order by id")
            .await[0];
        assert_eq!(district().tries(store, "orders.end", &[order], &[("reason", "tested twice")]).await, "done");
        let papers = format!("select id || ' ' || state from notices where subject = '{order}' order by id");
        assert_eq!(store.texts(&papers).await, [format!("N-{order} void"), format!("R-{order} made")]);
        let told = format!("select count(*) from outbox where topic = 'release' and subject = '{order}'");
        assert_eq!(store.number(&told).await, 1);
        let given = [("way", "door")];
        let void = district().tries(store, "notices.deliver", &[&format!("N-{order}")], &given).await;
        assert_eq!(void, "is void");
        assert_eq!(district().tries(store, "notices.deliver", &[&format!("R-{order}")], &given).await, "done");
        // numbers of papers are one each, and begin their codes
        let numbers = "select count(*) - count(distinct no) from notices";
        assert_eq!(store.number(numbers).await, 0);
        holds(store).await;
    });
}

#[test]
fn who_has_a_paper_keeps_it_and_one_that_came_back_is_still_owed() {
    on_both(async |store| {
        evening(store).await;
        let papers = owed(store, "500103").await;
        let (first, second) = (papers[0].as_str(), papers[1].as_str());
        let worker = person("w2", Role::CommunityWorker, "500103", None);
        let elsewhere = person("w3", Role::CommunityWorker, "500112", None);
        let given = [("way", "door"), ("taken_by", "the mother")];
        assert_eq!(elsewhere.tries(store, "notices.deliver", &[first], &given).await, "unknown");
        let driver = person("v1", Role::Driver, "50", Some("V1"));
        assert_eq!(driver.tries(store, "notices.deliver", &[first], &given).await, "not yours");
        let ahead = [("way", "door"), ("at", "2022-11-20T23:30:00+08:00")];
        assert_eq!(worker.tries(store, "notices.deliver", &[first], &ahead).await, "invalid: at");
        let back = [("reason", "nobody opened")];
        assert_eq!(worker.tries(store, "notices.return", &[first], &back).await, "done");
        assert!(owed(store, "500103").await.contains(&papers[0]), "one that came back is not owed");
        let earlier = [("way", "door"), ("taken_by", "the mother"), ("at", "2022-11-20T22:30:00+08:00")];
        assert_eq!(worker.tries(store, "notices.deliver", &[first], &earlier).await, "done");
        assert_eq!(worker.tries(store, "notices.deliver", &[first], &given).await, "same");
        assert_eq!(worker.tries(store, "notices.return", &[first], &back).await, "is handed over");
        assert_eq!(district().tries(store, "notices.read", &[first], &[]).await, "done");
        // whoever reads a paper that nobody had written down as handed over has it
        let read = [("read_by", "the son")];
        assert_eq!(worker.tries(store, "notices.read", &[second], &read).await, "done");
        let steps = format!(
            "select no || ' ' || step || ' ' || account || ' ' || coalesce(who, '') || coalesce(reason, '') from notice_steps
             where notice = '{first}' order by no"
        );
        assert_eq!(store.texts(&steps).await, ["1 returned w2 nobody opened", "2 handed w2 the mother", "3 read d1 "]);
        let stands = format!(
            "select id || ' ' || state || ' ' || handed_by from notices where id in ('{first}', '{second}') order by id"
        );
        assert_eq!(store.texts(&stands).await, [format!("{first} read w2"), format!("{second} read w2")]);
        // behind the program's back none is changed
        assert!(store.sql("update notice_steps set account = 'w9'").await.is_err());
        assert!(store.sql("delete from notice_steps").await.is_err());
        assert!(store.sql("delete from notices").await.is_err());
        assert!(store.sql(&format!("update notices set handed_by = 'w9' where id = '{first}'")).await.is_err());
        assert!(store.sql("update notices set person = 'P001'").await.is_err());
        // what people said stands in fields that only some read, and in no event
        let said = "select count(*) from events where body like '%mother%' or body like '%nobody opened%'";
        assert_eq!(store.number(said).await, 0);
        holds(store).await;
    });
}

#[test]
fn papers_that_are_owed_have_a_clock_that_is_red_for_the_district() {
    on_both(async |store| {
        evening(store).await;
        assert_eq!(store.texts(ITEMS).await, Vec::<String>::new(), "nobody hands papers over while files are read");
        pass(store, DAY, "23:00").await;
        let items = store.texts(ITEMS).await;
        let communities = store
            .texts("select distinct n.division from notices n join orders o on o.id = n.subject and o.state = 'active' and n.kind = 'order' order by 1")
            .await;
        assert_eq!(items.len(), communities.len());
        for (item, community) in items.iter().zip(&communities) {
            assert!(item.starts_with(&format!("{community} notices/{community}/")), "{item}");
        }
        holds(store).await;
        // nobody's word ends it: only papers that were handed over, or the end of their orders
        let key = format!("clarify:{}", items[0].split_once(' ').unwrap().1);
        let settled = [("outcome", "completed"), ("reason", "I will do it later")];
        let word = district().tries(store, "items.settle", &[&key], &settled).await;
        assert!(word == "is papers that are owed" || word == "unknown", "{word}");
        let papers = owed(store, "500103").await;
        let worker = person("w2", Role::CommunityWorker, "500103", None).at(at(DAY, "23:10"));
        let (last, others) = papers.split_last().unwrap();
        worker.does(store, "notices.deliver", &keys(others), &[("way", "door")]).await.unwrap();
        pass(store, DAY, "23:11").await;
        let of_district = |items: &[String]| items.iter().filter(|item| item.starts_with("500103")).count();
        assert_eq!(of_district(&store.texts(ITEMS).await), 1, "one paper is owed in one community");
        // the hours pass: it is told to the district, once
        pass(store, NEXT, "02:30").await;
        let red = "select count(*) from items where subject like 'notices/500103%' and closed_at is null and escalated_at is not null";
        assert_eq!(store.number(red).await, 1);
        let later = worker.at(at(NEXT, "02:40"));
        assert_eq!(later.tries(store, "notices.deliver", &[last], &[("way", "phone")]).await, "done");
        pass(store, NEXT, "02:41").await;
        assert_eq!(of_district(&store.texts(ITEMS).await), 0);
        holds(store).await;
    });
}

#[test]
fn what_was_decided_of_an_appeal_is_a_paper() {
    on_both(async |store| {
        evening(store).await;
        let order = &store.texts("select id from orders where state = 'active' and basis = 'contact' and division like '500103%' order by id").await[0];
        let said = [("way", "paper"), ("words", "I was not there")];
        assert_eq!(district().tries(store, "orders.appeal", &[order], &said).await, "done");
        let appeal = format!("{order}/a1");
        let why = [("reason", "nobody saw them there")];
        assert_eq!(city_command().at(at(DAY, "23:30")).tries(store, "appeals.uphold", &[&appeal], &why).await, "done");
        let papers = format!(
            "select kind || ' ' || id || ' ' || person from notices where id in ('D-{appeal}', 'R-{order}') order by id"
        );
        let whose = &store.texts(&format!("select person from orders where id = '{order}'")).await[0];
        assert_eq!(
            store.texts(&papers).await,
            [format!("decision D-{appeal} {whose}"), format!("release R-{order} {whose}")]
        );
        let mut tx = store.store.look(&city()).await.unwrap();
        let (of_appeal, of_order) = (format!("D-{appeal}"), format!("R-{order}"));
        let printed = tx.printed(&[&of_order, &of_appeal]).await.unwrap();
        assert_eq!(printed.iter().map(|paper| paper.notice.id.as_str()).collect::<Vec<_>>(), [&of_order, &of_appeal]);
        assert!(printed[0].order.is_some() && printed[0].name.is_some() && !printed[0].home.is_empty());
        let decided = printed[1].appeal.as_ref().unwrap();
        assert_eq!(decided.decision.as_deref(), Some("nobody saw them there"));
        drop(tx);
        holds(store).await;
    });
}

#[test]
fn whoever_has_a_paper_reads_it_and_appeals_without_an_account_and_is_told() {
    on_both(async |store| {
        evening(store).await;
        let paper = &owed(store, "500103").await[0];
        let number = store.number(&format!("select no from notices where id = '{paper}'")).await;
        let (scope, settings) = (city(), settings());
        let counter =
            Counter { packs: packs(), pack: "covid-19", settings: &settings, city: &scope, now: at(DAY, "23:05") };
        assert!(bearer::open(&store.store, &counter, 99_999_999).await.unwrap().is_none());
        let opened = bearer::open(&store.store, &counter, number).await.unwrap().unwrap();
        assert_eq!(opened.notice.id, *paper);
        // opening it again is no further step
        bearer::open(&store.store, &counter, number).await.unwrap();
        let steps = format!(
            "select no || ' ' || step || ' ' || account || ' ' || way from notice_steps where notice = '{paper}' order by no"
        );
        assert_eq!(store.texts(&steps).await, ["1 handed public page", "2 read public page"]);
        let order = opened.notice.subject.clone();
        let appeal = bearer::appeal(&store.store, &counter, &opened, "I was not there").await.unwrap();
        assert_eq!(appeal, format!("{order}/a1"));
        let again = bearer::appeal(&store.store, &counter, &opened, "and again").await;
        assert!(matches!(again, Err(DeskError::Refused(Refusal::State { .. }))), "{again:?}");
        let silent = bearer::appeal(&store.store, &counter, &opened, "  ").await;
        assert!(matches!(silent, Err(DeskError::Refused(Refusal::Invalid(_)))), "{silent:?}");
        // against an area nobody needs a paper, and a secret tells how it stands
        let area = "Z-2022-11-20-B1-1";
        let against =
            |area| bearer::appeal_against_area(&store.store, &counter, area, "we live in another unit", [7; 16]);
        assert!(against("Z-none").await.unwrap().is_none());
        let (number, secret) = against(area).await.unwrap().unwrap();
        let mut tx = store.store.look(&scope).await.unwrap();
        let told = bearer::follow(&mut tx, &secret.to_uppercase()).await.unwrap().unwrap();
        assert_eq!((told.id.as_str(), told.subject.as_str()), (number.as_str(), area));
        assert!(bearer::follow(&mut tx, &secret.replace('0', "1")).await.unwrap().is_none());
        assert!(bearer::follow(&mut tx, "").await.unwrap().is_none());
        drop(tx);
        assert_eq!(store.number(&format!("select count(*) from appeals where secret_hash like '%{secret}%'")).await, 0);
        holds(store).await;
    });
}

#[test]
fn whoever_lives_in_an_area_has_its_paper_and_that_of_its_end() {
    on_both(async |store| {
        evening(store).await;
        let area = "Z-2022-11-20-B1-1";
        let homes = format!(
            "select count(distinct h.household) from households h join zones z on z.building = h.building and z.unit = h.unit
             join people p on p.household = h.household where z.id = '{area}'"
        );
        let homes = store.number(&homes).await;
        let papers = async |kind: &str, state: &str| {
            let sql = format!(
                "select count(distinct p.household) from notices n join people p on p.no = n.person_no
                 where n.subject = '{area}' and n.kind = '{kind}' and n.state = '{state}'"
            );
            store.number(&sql).await
        };
        assert!(homes > 1);
        assert_eq!(papers("order", "made").await, homes, "one paper for each household");
        assert_eq!(store.number(&format!("select count(*) from notices where subject = '{area}'")).await, homes);
        // its holder reads it on any telephone, appeals against the area, and sees what comes to the door
        let sql = format!("select no || '' from notices where subject = '{area}' order by no");
        let number: i64 = store.texts(&sql).await[0].parse().unwrap();
        let (scope, settings) = (city(), settings());
        let counter =
            Counter { packs: packs(), pack: "covid-19", settings: &settings, city: &scope, now: at(DAY, "23:05") };
        let opened = bearer::open(&store.store, &counter, number).await.unwrap().unwrap();
        assert!(opened.order.is_none() && opened.area.as_ref().unwrap().released_on.is_none());
        let appeal = bearer::appeal(&store.store, &counter, &opened, "we live in another unit").await.unwrap();
        assert_eq!(appeal, format!("{area}/a1"));
        let wish = dayclear_ops::larder::Wish::default();
        let (larder, _) = dayclear_ops::larder::open(&store.store, &counter, &opened, &wish).await.unwrap().unwrap();
        assert!(larder.bound_at.is_some());
        holds(store).await;
        // the end has a paper at once, for everybody who was told, whether they had the first or not
        let city_post = person("c1", Role::CityCommand, "50", None);
        assert_eq!(city_post.tries(store, "areas.release", &[area], &[("reason", "drawn too wide")]).await, "done");
        line::pass(&store.store, packs(), &settings, "covid-19", &city(), at(DAY, "23:30")).await.unwrap();
        assert_eq!((papers("release", "made").await, papers("order", "void").await), (homes, homes - 1));
        let again = format!("select count(*) from notices where subject = '{area}'");
        let all = store.number(&again).await;
        line::pass(&store.store, packs(), &settings, "covid-19", &city(), at(DAY, "23:40")).await.unwrap();
        assert_eq!(store.number(&again).await, all, "told once");
        holds(store).await;
    });
}
