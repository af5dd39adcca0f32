//! R06: whoever may decide an appeal reads what was said in it, on its page and by its entry in the API, one at a time and noted; nobody
//! else does, and no list, filter or file holds the words.

use crate::{
    access::encoded,
    engines::on_both,
    served::{Served, duty, hire},
};
use axum::http::StatusCode;
use dayclear_core::access::Role;
use dayclear_ops::access::By;
use serde_json::json;

const SAID: &str = "我家不在那个单元";

#[test]
fn the_words_of_an_appeal_are_read_by_whoever_may_decide_it_and_by_nobody_else() {
    on_both(async |store| {
        let served = Served::example(store).await;
        let first = |table: &str, more: &str| {
            format!("select id from {table} where division like '500103%' {more} order by id")
        };
        let order = store.texts(&first("orders", "and state = 'active' and basis = 'contact'")).await.remove(0);
        let area = store.texts(&first("zones", "and released_on is null")).await.remove(0);
        for (by, list, key) in [("community_worker", "orders", &order), ("community_worker", "areas", &area)] {
            let body = json!({"keys": [key], "way": "phone", "words": SAID});
            let answer = served.post(by, &format!("/api/v1/{list}/appeal"), &body).await;
            assert_eq!(answer.status, StatusCode::OK, "{by}");
        }
        let (of_order, of_area) = (format!("{order}/a1"), format!("{area}/a1"));
        let (other, _) = hire(&served.app, "other", duty(Role::CityCommand)).await;
        let (inside, account) = hire(&served.app, "inside", duty(Role::Reviewer)).await;
        let (access, also) = (served.app.access(), duty(Role::CommunityWorker));
        access.grant(By::Operator, &account, also, None, served.app.wall()).await.unwrap();
        let mut people: Vec<(String, Role)> = Role::ALL
            .iter()
            .flat_map(|role| ["", "-city", "-elsewhere"].map(|at| (format!("{role}{at}"), *role)))
            .filter(|(name, _)| name != "city_command-elsewhere")
            .collect();
        people.extend([(other.clone(), Role::CityCommand), (inside.clone(), Role::Reviewer)]);
        // the city and reviewers from outside decide; afterwards whoever decided reads what it was about
        let readers = |decided: bool| -> Vec<&str> {
            match decided {
                false => vec!["city_command", "city_command-city", "reviewer", "reviewer-city", &other],
                true => vec![&other],
            }
        };
        for decided in [false, true] {
            for (name, role) in &people {
                let list = served.get(name, "/api/v1/appeals").await;
                assert!(!String::from_utf8_lossy(&list.body).contains(SAID), "{name} reads it in the list");
                let file = served.get(name, "/api/v1/appeals.csv").await;
                assert!(!String::from_utf8_lossy(&file.body).contains(SAID), "{name} takes it away");
                for key in [&of_order, &of_area] {
                    served.sink.0.lock().unwrap().clear();
                    let path = format!("/api/v1/appeals/{}", encoded(key));
                    let answer = served.get(name, &path).await;
                    let reads = readers(decided).contains(&name.as_str());
                    let told = String::from_utf8_lossy(&answer.body).into_owned();
                    assert_eq!(told.contains(SAID), reads, "{name} {key} decided: {decided}: {told}");
                    if !reads {
                        continue;
                    }
                    let noted = served.sink.0.lock().unwrap().clone();
                    let [entry] = noted.as_slice() else { panic!("{name}: {noted:?}") };
                    assert_eq!(
                        (entry.action, entry.on.as_str(), entry.subjects.len()),
                        ("read", "appeals", 1),
                        "{name}"
                    );
                    assert_eq!(entry.subjects[0] == *key, *key == of_area, "{name}: {:?}", entry.subjects);
                    assert_eq!(answer.json()["decision"].is_null(), !decided, "{role}");
                }
            }
            if !decided {
                let body = json!({"keys": [of_order, of_area], "reason": "looked at the roster"});
                let answer = served.post(&other, "/api/v1/appeals/dismiss", &body).await;
                assert_eq!(answer.json()["done"], 2, "{:?}", answer.json());
            }
        }
        served.close().await;
    });
}
