//! Breaking the glass: who may, for whom, how long, who is told, who reviews.

use super::{House, at, in_both, seconds, word};
use dayclear_core::{access::Role, time::Instant};

const REASON: &str = "unconscious at the door, needs dialysis";

async fn people(house: &House<'_>) {
    let person = |no: i32, person: &str, division: &str| {
        let registered = if house.store.url.starts_with("postgres") { "true" } else { "1" };
        format!(
            "insert into people (no, person, name, registered, division, digest)
             values ({no}, '{person}', '王小明', {registered}, '{division}', 0);"
        )
    };
    let sql = [person(1, "P1", "500103001"), person(2, "P2", "500103001"), person(3, "P3", "500112001")].concat();
    house.store.sql(&sql).await.unwrap();
}

#[test]
fn the_glass_is_broken_by_those_who_save_lives_for_one_person_of_theirs_with_a_reason() {
    in_both(async |house| {
        people(house).await;
        let mut n = 0;
        for role in Role::ALL {
            let person = house.hire(&format!("person.{role}"), *role, "500103", at(0)).await;
            let session = person.comes_in(house, at(1)).await.session;
            let answer = house.desk().break_glass(&session, "P1", REASON, at(2)).await;
            assert_eq!(word(&answer), if role.may_break_glass() { "done" } else { "not allowed" }, "{role}");
            n += i64::from(role.may_break_glass());
        }
        assert_eq!(house.store.number("select count(*) from broken_glass").await, n);
        let wang = house.hire("wang.li", Role::Dispatcher, "500103", at(0)).await;
        let session = wang.comes_in(house, at(1)).await.session;
        for (person, reason, now, answer) in [
            ("P1", "nineteen characters", at(2), "invalid"),
            ("P1", "         padded          ", at(2), "invalid"),
            ("P1", "人在门口昏迷不醒，需要立刻透析，家属不在。", at(2), "done"),
            ("P3", REASON, at(2), "unknown"),
            ("P9", REASON, at(2), "unknown"),
            ("P2", REASON, seconds(at(11), -1), "done"),
            ("P2", REASON, at(11), "step up"),
        ] {
            assert_eq!(
                word(&house.desk().break_glass(&session, person, reason, now).await),
                answer,
                "{person} {reason}"
            );
        }
    });
}

#[test]
fn it_holds_for_an_hour_and_for_that_person_only() {
    in_both(async |house| {
        people(house).await;
        let desk = house.desk();
        let wang = house.hire("wang.li", Role::Dispatcher, "500103", at(0)).await;
        let li = house.hire("li.na", Role::Dispatcher, "500103", at(0)).await;
        let session = wang.comes_in(house, at(1)).await.session;
        let glass = desk.break_glass(&session, "P1", REASON, at(5)).await.unwrap();
        assert_eq!(glass.until, at(65));
        let again = desk.break_glass(&session, "P1", "another reason of enough length", at(9)).await.unwrap();
        assert_eq!(again, glass, "the hour does not begin anew");
        for (account, person, now, holds) in [
            (&wang.id, "P1", seconds(at(5), -1), false),
            (&wang.id, "P1", at(5), true),
            (&wang.id, "P1", seconds(at(65), -1), true),
            (&wang.id, "P1", at(65), false),
            (&wang.id, "P2", at(6), false),
            (&li.id, "P1", at(6), false),
        ] {
            let broken = desk.broken(account, person, now).await.unwrap();
            assert_eq!(broken.is_some(), holds, "{account} {person} {now}");
        }
        assert_eq!(desk.broken_by(&wang.id, at(6)).await.unwrap(), [glass]);
        assert!(desk.broken_by(&wang.id, at(65)).await.unwrap().is_empty());
    });
}

#[test]
fn the_officer_is_told_with_the_event_and_no_name_stands_in_either() {
    in_both(async |house| {
        people(house).await;
        let officer = house.hire("officer", Role::DataProtection, "50", at(0)).await;
        house.hire("elsewhere", Role::DataProtection, "500112", at(0)).await;
        let wang = house.hire("wang.li", Role::Dispatcher, "500103", at(0)).await;
        let session = wang.comes_in(house, at(1)).await.session;
        let glass = house.desk().break_glass(&session, "P1", REASON, at(5)).await.unwrap();
        let events =
            house.store.texts("select actor || ' ' || kind || ' ' || subject || ' ' || body from events").await;
        let messages = house.store.texts("select topic || ' ' || subject || ' ' || body from outbox").await;
        let [event, message] = [&events[..], &messages[..]].map(|texts| {
            let [text] = texts else { panic!("{texts:?}") };
            assert!(!text.contains("dialysis") && !text.contains("\"P1\""), "{text}");
            text
        });
        assert!(event.starts_with(&format!("{} glass.broken {} ", wang.id, glass.id)), "{event}");
        assert!(message.starts_with(&format!("glass-broken {} ", glass.id)), "{message}");
        assert!(message.contains(&format!("\"officers\":[\"{}\"]", officer.id)), "{message}");
        let acts = house.store.texts("select action from audit where kind = 'person'").await;
        assert_eq!(acts, ["break_glass"]);
    });
}

#[test]
fn a_data_protection_officer_reviews_what_others_broke_and_sees_what_is_overdue() {
    in_both(async |house| {
        people(house).await;
        let desk = house.desk();
        let wang = house.hire("wang.li", Role::Dispatcher, "500103", at(0)).await;
        // somebody with both duties
        let both = house.hire("both", Role::Dispatcher, "500103", at(0)).await;
        let second = house.grant(&both.id, Role::DataProtection, "50", at(0)).await.unwrap();
        let officer = house.hire("officer", Role::DataProtection, "500103", at(0)).await;
        let far = house.hire("far", Role::DataProtection, "500112", at(0)).await;
        let of = async |session: &_, person: &str| desk.break_glass(session, person, REASON, at(5)).await.unwrap();
        let wang = wang.comes_in(house, at(1)).await.session;
        let first = of(&wang, "P1").await;
        let session = both.comes_in(house, at(2)).await.session;
        let worker = desk.choose_duty(&session, &both.held.id, at(2)).await.unwrap().session;
        let own = of(&worker, "P2").await;
        let both = desk.choose_duty(&worker, &second.id, at(6)).await.unwrap().session;
        let (officer, far) = (officer.comes_in(house, at(6)).await.session, far.comes_in(house, at(6)).await.session);

        let due: Instant = at(5).plus_hours(72);
        for (now, age_h, overdue) in
            [(at(64), 0, false), (at(65), 1, false), (seconds(due, -1), 71, false), (due, 72, true)]
        {
            let waiting = desk.unreviewed(&officer, now).await.unwrap();
            let said: Vec<_> = waiting.iter().map(|w| (w.age_h, w.overdue)).collect();
            assert_eq!(said, [(age_h, overdue), (age_h, overdue)], "{now}");
        }
        assert!(desk.unreviewed(&far, at(7)).await.unwrap().is_empty());
        assert_eq!(word(&desk.unreviewed(&wang, at(7)).await), "not allowed");
        let finding = "called back: the ambulance was needed";
        for (session, id, finding, answer) in [
            (&wang, &first.id, finding, "not allowed"),
            (&far, &first.id, finding, "unknown"),
            (&both, &own.id, finding, "not allowed"),
            (&officer, &first.id, "fine", "invalid"),
            (&officer, &"G0".to_owned(), finding, "unknown"),
            (&both, &first.id, finding, "done"),
            (&officer, &first.id, finding, "double"),
            (&officer, &own.id, finding, "done"),
        ] {
            assert_eq!(word(&desk.review(session, id, finding, at(8)).await), answer, "{id} {finding}");
        }
        assert!(desk.unreviewed(&officer, at(9)).await.unwrap().is_empty());
        let kinds = house.store.texts("select kind from events order by seq").await;
        assert_eq!(kinds, ["glass.broken", "glass.broken", "glass.reviewed", "glass.reviewed"]);
    });
}

#[test]
fn it_is_ended_early_by_whoever_broke_it_or_by_the_officer_and_by_nobody_else() {
    in_both(async |house| {
        people(house).await;
        let desk = house.desk();
        let wang = house.hire("wang.li", Role::Dispatcher, "500103", at(0)).await;
        let li = house.hire("li.na", Role::DistrictCommand, "500103", at(0)).await;
        let officer = house.hire("officer", Role::DataProtection, "50", at(0)).await;
        let far = house.hire("far", Role::DataProtection, "500112", at(0)).await;
        let account = wang.id.clone();
        let wang = wang.comes_in(house, at(1)).await.session;
        let (li, officer, far) = (
            li.comes_in(house, at(1)).await.session,
            officer.comes_in(house, at(1)).await.session,
            far.comes_in(house, at(1)).await.session,
        );
        let first = desk.break_glass(&wang, "P1", REASON, at(5)).await.unwrap();
        let second = desk.break_glass(&wang, "P2", REASON, at(5)).await.unwrap();
        let ids = |all: Vec<dayclear_ops::access::Glass>| all.into_iter().map(|glass| glass.person).collect::<Vec<_>>();
        assert_eq!(ids(desk.to_end(&wang, at(6)).await.unwrap()), ["P1", "P2"]);
        assert_eq!(ids(desk.to_end(&officer, at(6)).await.unwrap()), ["P1", "P2"]);
        assert!(desk.to_end(&li, at(6)).await.unwrap().is_empty());
        assert!(desk.to_end(&far, at(6)).await.unwrap().is_empty());
        for session in [&li, &far] {
            assert_eq!(word(&desk.end_glass(session, &first.id, at(7)).await), "unknown");
        }
        assert_eq!(word(&desk.end_glass(&officer, "G0", at(7)).await), "unknown");
        let ended = desk.end_glass(&wang, &first.id, at(7)).await.unwrap();
        assert_eq!(ended.until, at(7));
        assert!(desk.broken(&account, "P1", at(7)).await.unwrap().is_none(), "gone at once");
        assert!(desk.broken(&account, "P2", at(7)).await.unwrap().is_some(), "the other holds");
        assert_eq!(desk.end_glass(&wang, &first.id, at(9)).await.unwrap(), ended, "ended is ended");
        assert_eq!(desk.end_glass(&officer, &second.id, at(8)).await.unwrap().until, at(8));
        assert!(desk.broken_by(&account, at(8)).await.unwrap().is_empty());
        // what was broken is reviewed, however short it was; and it may be broken again
        assert_eq!(desk.unreviewed(&officer, at(9)).await.unwrap().len(), 2);
        let again = desk.break_glass(&wang, "P1", REASON, at(9)).await.unwrap();
        assert_ne!(again.id, first.id);
        assert_eq!(
            desk.end_glass(&wang, &again.id, at(9)).await.unwrap().until,
            at(9),
            "at the moment at which it began"
        );
        assert!(desk.broken_by(&account, at(9)).await.unwrap().is_empty());
        let told =
            house.store.texts("select kind || ' ' || actor from events where kind = 'glass.ended' order by seq").await;
        assert_eq!(told, [&account, &officer.account, &account].map(|who| format!("glass.ended {who}")));
        let acts = house.store.texts("select action from audit where action = 'end_glass'").await;
        assert_eq!(acts.len(), 3);
    });
}
