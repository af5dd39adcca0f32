//! Watching: budgets of an hour, canaries, and who may read who looked at what.

use super::{House, at, in_both, seconds, word};
use dayclear_core::access::Role;
use dayclear_ops::access::{Asked, Session};

async fn worker(house: &House<'_>, login: &str, role: Role) -> Session {
    house.hire(login, role, "500103", at(0)).await.comes_in(house, at(1)).await.session
}

async fn alerts(house: &House<'_>) -> Vec<String> {
    house.store.texts("select outcome from audit where action = 'alert' order by seq").await
}

#[test]
fn somebody_is_told_once_when_the_budget_of_an_hour_is_used_up() {
    let roles = [(Role::Tracer, 60), (Role::Hotline, 60), (Role::DistrictCommand, 200), (Role::Facility, 200)];
    in_both(async |house| {
        for (n, (role, limit)) in roles.into_iter().enumerate() {
            let session = worker(house, &format!("person{n}"), role).await;
            let told = async || alerts(house).await.len() - n;
            for view in 1..limit {
                let id = format!("P{view}");
                let verdict = house.desk().note_reading(&session, "person", &[&id], at(2)).await.unwrap();
                assert_eq!((verdict.people, verdict.over), (view, false), "{role}");
            }
            assert_eq!(told().await, 0, "{role}");
            // the same people again are no more people, and other things are none
            let again = house.desk().note_reading(&session, "person", &["P1", "P2"], at(3)).await.unwrap();
            assert_eq!((again.people, again.over), (limit - 1, false));
            let tube = house.desk().note_reading(&session, "tube", &["T1"], at(3)).await.unwrap();
            assert_eq!((tube.people, tube.over), (0, false));
            for view in limit..limit + 5 {
                let id = format!("P{view}");
                let verdict = house.desk().note_reading(&session, "person", &[&id], at(4)).await.unwrap();
                assert_eq!((verdict.people, verdict.over), (view, true), "{role}");
                assert_eq!(told().await, 1, "{role}: told, and told once");
            }
        }
        let bodies = house.store.texts("select body from outbox where topic = 'reading-alert' order by seq").await;
        assert_eq!(bodies.len(), roles.len());
        assert!(bodies[0].contains("\"cause\":\"budget\"") && bodies[0].contains("\"people\":60"), "{}", bodies[0]);
    });
}

#[test]
fn the_hour_slides() {
    in_both(async |house| {
        let session = worker(house, "wang.li", Role::Tracer).await;
        let ids = |from: u32, to: u32| (from..to).map(|n| format!("P{n}")).collect::<Vec<_>>();
        let looks = async |ids: Vec<String>, now| {
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            house.desk().note_reading(&session, "person", &ids, now).await.unwrap()
        };
        // forty before the full hour and forty after it are eighty within sixty minutes
        assert!(!looks(ids(0, 40), at(50)).await.over);
        let verdict = looks(ids(40, 80), at(70)).await;
        assert_eq!((verdict.people, verdict.over), (80, true));
        assert_eq!(alerts(house).await, ["budget"]);
        for (minutes, why) in [(110, "those of before are an hour old"), (115, "or older")] {
            let later = looks(ids(0, 1), at(minutes)).await;
            assert_eq!((later.people, later.over), (41, false), "{why}");
        }
        // one login that was tried and did not come in
        let given = dayclear_ops::access::Credentials { login: "wang.li", password: "x", code: None };
        let _ = house.desk().sign_in(&given, super::SITE, at(24 * 60 + 60)).await;
        house.desk().tidy(at(24 * 60 + 71)).await.unwrap();
        let left = async |table: &str| house.store.number(&format!("select count(*) from {table}")).await;
        assert_eq!((left("readings").await, left("sessions").await, left("attempts").await), (1, 1, 3));
        let officer = worker(house, "officer", Role::DataProtection).await;
        let hours = house.desk().reading_hours(&officer, at(0)).await.unwrap();
        let counts: Vec<_> = hours.iter().map(|hour| (hour.hour, hour.people)).collect();
        assert_eq!(counts, [(at(60), 80), (at(0), 40)]);
        assert_eq!(word(&house.desk().reading_hours(&session, at(0)).await), "not allowed");
        house.desk().tidy(at(3 * 24 * 60)).await.unwrap();
        assert_eq!((left("readings").await, left("sessions").await, left("attempts").await), (0, 0, 0));
    });
}

#[test]
fn whoever_opens_a_canary_is_told_of() {
    in_both(async |house| {
        let desk = house.desk();
        let officer = worker(house, "officer", Role::DataProtection).await;
        let session = worker(house, "wang.li", Role::DistrictCommand).await;
        assert_eq!(word(&desk.place_canary(&session, "P7", "nobody lives there", at(2)).await), "not allowed");
        desk.place_canary(&officer, "P7", "nobody lives there", at(2)).await.unwrap();
        assert!(!house.store.dump().await["canaries"][0].contains("P7"));
        let mut readings = vec![desk.reading(&session, "person", &["P1", "P2"], at(3))];
        assert!(!desk.note_readings(&readings).await.unwrap()[0].canary);
        // among others, behind another kind of record, and in one transaction with other reads
        readings.push(desk.reading(&session, "case", &["C7"], at(4)).about(&desk, &["P6", "P7"]).purpose("tracing"));
        readings.push(desk.reading(&officer, "case", &["P7"], at(4)));
        let verdicts = desk.note_readings(&readings).await.unwrap();
        assert_eq!(verdicts.iter().map(|verdict| verdict.canary).collect::<Vec<_>>(), [false, true, false]);
        assert_eq!(alerts(house).await, ["canary"]);
        assert_eq!(house.store.number("select count(*) from outbox where topic = 'reading-alert'").await, 1);
        desk.remove_canary(&officer, "P7", at(5)).await.unwrap();
        assert_eq!(word(&desk.remove_canary(&officer, "P7", at(5)).await), "unknown");
        assert!(!desk.note_reading(&session, "person", &["P7"], at(6)).await.unwrap().canary);
    });
}

#[test]
fn officers_and_auditors_read_who_looked_at_whom_within_their_division() {
    in_both(async |house| {
        let desk = house.desk();
        let near = worker(house, "near", Role::DistrictCommand).await;
        let far = house.hire("far", Role::DistrictCommand, "500112", at(0)).await.comes_in(house, at(1)).await.session;
        for (session, minutes) in [(&near, 2), (&far, 3), (&near, 4)] {
            desk.note_reading(session, "person", &["P1", "P2"], at(minutes)).await.unwrap();
        }
        let refused = desk.entry(&near, "read", "person", "P9", "refused", at(5));
        desk.append(&[refused]).await.unwrap();
        let city = house.hire("city", Role::Auditor, "50", at(0)).await.comes_in(house, at(1)).await.session;
        let officer = worker(house, "officer", Role::DataProtection).await;
        let asked = || Asked { rows_max: 100, ..Asked::default() };
        let about = Some(("person", "P1"));
        for (session, asked, about, minutes) in [
            (&city, asked(), about, vec![4, 3, 2]),
            (&officer, asked(), about, vec![4, 2]),
            (&officer, Asked { from: Some(at(3)), ..asked() }, about, vec![4]),
            (&officer, Asked { to: Some(at(4)), ..asked() }, about, vec![2]),
            (&city, Asked { account: Some(&far.account), ..asked() }, about, vec![3]),
            (&city, Asked { rows_max: 1, ..asked() }, about, vec![4]),
            (&city, asked(), Some(("person", "P9")), vec![5]),
            (&city, asked(), Some(("case", "P1")), vec![]),
        ] {
            let found = desk.reads(session, asked.clone(), about).await.unwrap();
            let times: Vec<_> = found.iter().map(|entry| entry.at).collect();
            assert_eq!(times, minutes.iter().map(|m| at(*m)).collect::<Vec<_>>(), "{} {asked:?}", session.login);
        }
        let page = desk.reads(&city, asked(), about).await.unwrap();
        let next = desk.reads(&city, Asked { before: Some(page[0].seq), ..asked() }, about).await.unwrap();
        assert_eq!(next, page[1..]);
        assert_eq!(word(&desk.reads(&near, asked(), about).await), "not allowed");
        // a login that nobody knows belongs to no division: the city is told of it
        let nobody = dayclear_ops::access::Credentials { login: "nobody", password: "x", code: None };
        let _ = desk.sign_in(&nobody, "elsewhere", seconds(at(6), 0)).await;
        let count = async |session| {
            let all = desk.reads(session, asked(), None).await.unwrap();
            all.iter().filter(|entry| entry.action == "sign_in" && entry.outcome == "refused").count()
        };
        assert_eq!((count(&city).await, count(&officer).await), (1, 0));
    });
}
