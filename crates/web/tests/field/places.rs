//! The map's data stays within the jurisdiction of whoever asks, and tells of places only.

use crate::{House, NAME, PHONE};
use serde_json::Value;

async fn features(house: &House, who: &str, path: &str) -> Vec<Value> {
    let answer = house.get(who, path).await;
    assert_eq!(answer.status, 200, "{who} at {path}: {}", answer.body);
    assert!(!answer.body.contains(NAME) && !answer.body.contains(PHONE), "{who} at {path}");
    let collection: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(collection["type"], "FeatureCollection");
    collection["features"].as_array().unwrap().clone()
}

#[tokio::test]
async fn the_data_of_the_map_end_where_the_duty_ends() {
    let house = House::open().await;
    let all = features(&house, "city_command", "/map/areas.geojson").await;
    let own = features(&house, "district_command", "/map/areas.geojson").await;
    assert!(!own.is_empty() && own.len() < all.len(), "{} of {}", own.len(), all.len());
    for area in &own {
        let known = all.iter().any(|other| other["properties"]["href"] == area["properties"]["href"]);
        assert!(known && area["geometry"]["type"] == "Polygon", "{area}");
    }
    for layer in ["areas", "facilities", "laboratories", "sites", "districts"] {
        let path = format!("/map/{layer}.geojson?division=500112");
        assert_eq!(house.get("district_command", &path).await.status, 404, "{path}");
        assert_eq!(house.get("city_command", &path).await.status, 200, "{path}");
        assert_eq!(house.get("facility", &format!("/map/{layer}.geojson")).await.status, 404, "{layer}");
    }
    assert_eq!(house.get("district_command", "/map/500112").await.status, 404);
    assert_eq!(house.get("district_command", "/map/500103%27").await.status, 404);
    let figure = |feature: &Value| feature["properties"]["step"] != "out";
    let districts = features(&house, "district_command", "/map/districts.geojson").await;
    let told: Vec<&Value> = districts.iter().filter(|feature| figure(feature)).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["properties"]["code"], "500103");
    let districts = features(&house, "city_command", "/map/districts.geojson").await;
    assert!(districts.iter().filter(|feature| figure(feature)).count() > 1);
}

#[tokio::test]
async fn an_area_has_its_clock_its_tests_and_its_reasons() {
    let house = House::open().await;
    let list = house.get("district_command", "/areas").await;
    let link = crate::attributes(&list.body, "href").into_iter().find(|link| link.starts_with("/areas/")).unwrap();
    let area = house.get("district_command", link).await;
    assert_eq!(area.status, 200);
    for word in ["Release", "Clean days", "people negative after", "Area drawn", "area.used"] {
        assert!(area.body.contains(word), "{word}: {}", area.body);
    }
    assert!(area.body.contains("<svg class=\"map\""));
}

#[tokio::test]
async fn clocks_of_tubes_are_told_by_laboratory_and_district_with_their_age() {
    let house = House::open().await;
    let page = house.get("city_command", "/laboratories/clocks").await;
    assert_eq!(page.status, 200, "{}", page.body);
    for part in
        ["As of ", "tubes closed since", "/clocks?laboratory=L1", "/clocks?division=500103", "Closed to received"]
    {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    // a laboratory sees its own, and who does not see tubes sees none
    let own = house.get("laboratory", "/laboratories/clocks").await;
    assert_eq!(own.status, 200);
    assert!(own.body.contains("/clocks?laboratory=L1") && !own.body.contains("laboratory=L2"), "{}", own.body);
    assert_eq!(house.get("facility", "/laboratories/clocks").await.status, 404);
}

#[tokio::test]
async fn a_laboratory_enters_a_result_and_is_told_what_is_wrong_with_it() {
    let house = House::open().await;
    let word = ("csrf", crate::house::WORD);
    let wrong =
        [word, ("result:tube", "T001"), ("result:finding", "positive"), ("result:version", "C"), ("result:ct_n", "99")];
    let refused = house.post("laboratory", "/laboratories/L1", &wrong).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert!(refused.body.contains("ct_n") && refused.body.contains("value=\"T001\""), "{}", refused.body);
    let right = [word, ("result:tube", "T002"), ("result:finding", "negative"), ("result:version", "C")];
    let taken = house.post("laboratory", "/laboratories/L1", &right).await;
    assert_eq!(taken.status, 200, "{}", taken.body);
    assert!(taken.body.contains("Taken: 1"), "{}", taken.body);
    // another laboratory's page does not exist for it
    assert_eq!(house.get("laboratory", "/laboratories/L2").await.status, 404);
    assert_eq!(house.post("laboratory", "/laboratories/L2", &right).await.status, 404);
    assert_eq!(house.post("auditor", "/laboratories/L1", &right).await.status, 403);
}

#[tokio::test]
async fn a_box_is_packed_sent_and_counted_in_at_the_bench() {
    let house = House::open().await;
    let board = house.get("district_command", "/boxes").await.body;
    assert!(board.contains("B-101") && !board.contains("B-102"), "boxes of other districts are not there");
    let send = |tubes: &'static str, laboratory: &'static str| {
        [
            ("csrf", crate::house::WORD),
            ("box:box", "B-201"),
            ("box:division", "500103013006"),
            ("box:laboratory", laboratory),
            ("box:run", "R-9"),
            ("box:tubes", tubes),
        ]
    };
    let wrong = house.post("community_worker", "/boxes", &send("T101 T999", "L1")).await;
    assert_eq!(wrong.status, 422, "{}", wrong.body);
    assert!(wrong.body.contains("T999"));
    let sent = house.post("community_worker", "/boxes", &send("T101 T102\nT103", "L1")).await;
    assert_eq!(sent.status, 200, "{}", sent.body);
    assert!(sent.body.contains("B-201"));
    // its tubes were counted in by name already, so it is nowhere late
    let page = house.get("laboratory", "/boxes/B-201").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("name=\"box:counted\""));
    assert!(!house.get("community_worker", "/boxes/B-201").await.body.contains("name=\"box:counted\""));
    let count = |counted: &'static str, missing: &'static str| {
        [("csrf", crate::house::WORD), ("box:counted", counted), ("box:missing", missing), ("box:broken", "")]
    };
    let wrong = house.post("laboratory", "/boxes/B-201", &count("3", "T998")).await;
    assert_eq!(wrong.status, 422, "{}", wrong.body);
    let counted = house.post("laboratory", "/boxes/B-201", &count("3", "")).await;
    assert_eq!(counted.status, 200, "{}", counted.body);
    assert!(counted.body.contains("Counted again") || counted.body.contains("Count again"), "{}", counted.body);
    // a box of another laboratory does not exist for this one
    assert_eq!(house.get("laboratory", "/boxes/B-102").await.status, 404);
    assert_eq!(house.post("laboratory", "/boxes/B-102", &count("1", "")).await.status, 404);
    assert_eq!(house.get("tracer", "/boxes").await.status, 404);
}
