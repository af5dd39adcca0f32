//! Transfers as other programs plan with them, on both stores: a word of a dispatcher, demand beside capacity, free beds for other systems.

use crate::{engines::on_both, served::Served};
use axum::http::StatusCode;
use dayclear_core::{
    access::Role,
    listing::{FACILITIES, TRANSFERS},
};
use dayclear_ops::dispatch::capacity;
use serde_json::json;

#[test]
fn a_dispatcher_directs_and_nobody_else() {
    on_both(async |store| {
        let served = Served::example(store).await;
        let ids =
            store.texts("select id from transfers where state = 'booked' and id not like '%-with-%' order by id").await;
        let path = format!("/api/v1/transfers/{}/pin", ids[0]);
        let body = json!({"vehicle": "V2", "reason": "a narrow street"});
        for role in ["driver", "facility", "auditor"] {
            assert_eq!(served.post(role, &path, &body).await.status, StatusCode::FORBIDDEN, "{role}");
        }
        assert_eq!(store.number("select count(*) from directions").await, 0);
        let answer = served.post("dispatcher-city", &path, &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.problem());
        assert_eq!(store.texts("select word || ' ' || vehicle from directions").await, ["pin V2"]);
        served.close().await;
    });
}

#[test]
fn demand_and_capacity_are_told_as_they_were_worked_out() {
    on_both(async |store| {
        let served = Served::example(store).await;
        let path = "/api/v1/capacity";
        let before = served.get("dispatcher-city", path).await.json();
        assert!(before["at"].is_null() && before["waits"].as_array().unwrap().is_empty(), "{before}");
        for role in ["driver", "facility", "tracer"] {
            assert_eq!(served.get(role, path).await.status, StatusCode::NOT_FOUND, "{role}");
        }
        let app = &served.app;
        let (packs, settings, pack) = (&app.setup.packs, &app.setup.settings, app.setup.pack.as_str());
        assert!(capacity::look(app.store(), packs, settings, pack, &app.own_scope(), app.now()).await.unwrap());
        let city = served.get("dispatcher-city", path).await.json();
        let people = |told: &serde_json::Value| {
            let of = |one: &serde_json::Value, name: &str| one[name].as_u64().unwrap();
            let all = told["waits"].as_array().unwrap().iter();
            all.map(|one| of(one, "without") + of(one, "booked") + of(one, "underway")).sum::<u64>()
        };
        let live = "select count(*) from transfers where state in ('requested', 'booked', 'underway')";
        assert_eq!(people(&city) as i64, store.number(live).await);
        let own = served.get("dispatcher", path).await.json();
        let here = own["waits"].as_array().unwrap().iter().all(|one| one["district"] == "500103");
        assert!(here && people(&own) < people(&city), "a district sees its own: {own}");
        // beds by hour: what is free now is what can be given now
        let places = city["ahead"]["places"].as_array().unwrap();
        let now: i64 = places.iter().map(|place| place["free"][0].as_i64().unwrap()).sum();
        let free = "select count(*) from beds b where coalesce(b.state, 'free') = 'free'
            and not exists (select 1 from bed_stays s where s.bed = b.bed and s.released_at is null)";
        assert_eq!(now, store.number(free).await, "{city}");
        assert!(places.iter().all(|place| place["free"].as_array().unwrap().len() == 73));
        served.close().await;
    });
}

#[test]
fn free_beds_are_told_to_other_systems_as_they_are() {
    on_both(async |store| {
        let served = Served::example(store).await;
        for role in Role::ALL {
            let there = if FACILITIES.readable_by(*role) { StatusCode::OK } else { StatusCode::NOT_FOUND };
            assert_eq!(served.get(role.name(), "/api/v1/beds.have").await.status, there, "{role}");
        }
        let answer = served.get("dispatcher-city", "/api/v1/beds.have").await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/xml"));
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let sum = |name: &str| -> i64 {
            let begin = format!("<{name}>");
            let parts = text.split(begin.as_str()).skip(1);
            parts.map(|rest| rest.split('<').next().unwrap().parse::<i64>().unwrap()).sum()
        };
        let free = "select count(*) from beds b where coalesce(b.state, 'free') = 'free'
            and not exists (select 1 from bed_stays s where s.bed = b.bed and s.released_at is null)";
        assert_eq!(sum("AvailableCount"), store.number(free).await, "{text}");
        let all = "select count(*) from beds where coalesce(state, 'free') <> 'blocked'";
        assert_eq!(sum("BaselineCount"), store.number(all).await);
        assert_eq!(served.get("dispatcher-city", "/api/v1/beds.have?x=1").await.status, StatusCode::BAD_REQUEST);
        served.close().await;
    });
}

#[test]
fn transfers_are_told_to_other_systems_as_their_list_shows_them() {
    on_both(async |store| {
        let served = Served::example(store).await;
        for role in Role::ALL {
            let there = if TRANSFERS.readable_by(*role) { StatusCode::OK } else { StatusCode::NOT_FOUND };
            assert_eq!(served.get(role.name(), "/api/fhir/Encounter").await.status, there, "{role}");
        }
        let ids = async |who: &str, query: &str| {
            let told = served.get(who, &format!("/api/fhir/Encounter{query}")).await.json();
            let entries = told["entry"].as_array().unwrap().iter();
            let ids: Vec<String> =
                entries.map(|one| one["resource"]["identifier"][0]["value"].as_str().unwrap().to_owned()).collect();
            (ids, told)
        };
        for who in ["dispatcher-city", "dispatcher", "facility", "driver"] {
            let listed = served.get(who, "/api/v1/transfers?limit=500").await.json();
            let rows: Vec<_> = listed["rows"].as_array().unwrap().iter().filter(|row| row["class"] != "home").collect();
            let (told, whole) = ids(who, "?limit=500").await;
            assert_eq!(told.len(), rows.len(), "{who}");
            for (row, one) in rows.iter().zip(whole["entry"].as_array().unwrap()) {
                let resource = &one["resource"];
                assert_eq!(resource["identifier"][0]["value"], row["id"]);
                assert_eq!(resource["serviceProvider"]["identifier"]["value"], row["facility"]);
                let status = match (row["admitted_at"].is_null(), row["ended_at"].is_null()) {
                    (false, false) => "finished",
                    (false, true) => "in-progress",
                    (true, false) => "cancelled",
                    (true, true) => "planned",
                };
                assert_eq!(resource["status"], status, "{row}");
            }
        }
        // the name is there for whom the list shows it, and for nobody else
        let named = ids("dispatcher-city", "").await.1["entry"][0]["resource"]["subject"]["display"].clone();
        let listed = served.get("dispatcher-city", "/api/v1/transfers").await.json()["rows"][0]["name"].clone();
        assert_eq!(named, listed);
        let audited = ids("auditor", "").await.1["entry"][0]["resource"]["subject"]["display"].clone();
        assert!(audited.is_null(), "{audited}");
        // pages follow each other by their links, with the filters that were asked for
        let (all, _) = ids("dispatcher-city", "?state=booked&limit=500").await;
        let (mut walked, mut told) = ids("dispatcher-city", "?state=booked&limit=1").await;
        while let Some(next) = told["link"][0]["url"].as_str().map(str::to_owned) {
            assert!(next.starts_with("/api/fhir/Encounter?") && next.contains("state=booked"), "{next}");
            told = served.get("dispatcher-city", &next).await.json();
            walked.extend(
                told["entry"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|one| one["resource"]["identifier"][0]["value"].as_str().unwrap().to_owned()),
            );
        }
        assert!(all.len() > 1 && walked == all, "{walked:?}");
        let noted = served.sink.0.lock().unwrap().last().map(|e| (e.action, e.on.clone(), e.subjects.len(), e.outcome));
        assert_eq!(noted, Some(("list", "transfers".to_owned(), 1, "done")), "who was read of is kept");
        assert_eq!(served.get("dispatcher-city", "/api/fhir/Encounter?x=1").await.status, StatusCode::BAD_REQUEST);
        served.close().await;
    });
}

#[test]
fn what_a_word_would_cost_is_told_to_those_who_may_say_it() {
    on_both(async |store| {
        let served = Served::example(store).await;
        let ids =
            store.texts("select id from transfers where state = 'booked' and id not like '%-with-%' order by id").await;
        let path = format!("/api/v1/transfers/{}/price", ids[0]);
        for role in ["driver", "auditor", "facility"] {
            let status = served.get(role, &format!("{path}?word=first")).await.status;
            assert!([StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&status), "{role}: {status}");
        }
        for (wrong, status) in [
            ("", StatusCode::BAD_REQUEST),
            ("?word=claim", StatusCode::BAD_REQUEST),
            ("?word=first&colour=red", StatusCode::BAD_REQUEST),
            ("?word=pin", StatusCode::UNPROCESSABLE_ENTITY),
        ] {
            assert_eq!(served.get("dispatcher-city", &format!("{path}{wrong}")).await.status, status, "{wrong}");
        }
        let nobody = "/api/v1/transfers/M-nobody/price?word=first";
        assert_eq!(served.get("dispatcher-city", nobody).await.status, StatusCode::NOT_FOUND);
        let told = served.get("dispatcher-city", &format!("{path}?word=pin&vehicle=V2")).await.json();
        let priced = told["without"].as_array().is_some_and(|two| two.len() == 2);
        assert!(priced || told["unpriced"] == "settled", "{told}");
        assert_eq!(store.number("select count(*) from directions").await, 0, "nothing is kept of it");
        served.close().await;
    });
}

#[test]
fn a_ward_that_is_not_open_has_no_bed_for_other_systems() {
    on_both(async |store| {
        let served = Served::example(store).await;
        let body = json!({"phase": "closed", "reason": "water in the cellar"});
        assert_eq!(
            served.post("dispatcher-city", "/api/v1/facilities/IS2/phase", &body).await.status,
            StatusCode::FORBIDDEN
        );
        let answer = served.post("city_command", "/api/v1/facilities/IS2/phase", &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.problem());
        let text = String::from_utf8_lossy(&served.get("dispatcher-city", "/api/v1/beds.have").await.body).into_owned();
        assert!(text.contains("IS1") && !text.contains("IS2"), "{text}");
        served.close().await;
    });
}
