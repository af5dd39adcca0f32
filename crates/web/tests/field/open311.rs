//! Open311 GeoReport v2: the names of the specification in both forms, a request from the form to its answer, and nobody in a list.

use crate::{House, NAME, PHONE, WORDS, house::WORD};
use serde_json::Value;

async fn json(house: &House, path: &str) -> (u16, Value) {
    let answer = house.get("nobody", path).await;
    (answer.status, serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("{path}: {}", answer.body)))
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn services_and_their_definitions_bear_the_names_of_the_specification() {
    let house = House::open().await;
    let (status, services) = json(&house, "/open311/v2/services.json?jurisdiction_id=50").await;
    assert_eq!((status, services.as_array().unwrap().len()), (200, 13));
    let names = ["service_code", "service_name", "description", "metadata", "type", "keywords", "group"];
    for service in services.as_array().unwrap() {
        assert_eq!(keys(service), names);
        let code = service["service_code"].as_str().unwrap();
        let (status, definition) = json(&house, &format!("/open311/v2/services/{code}.json")).await;
        assert_eq!((status, keys(&definition)), (200, vec!["service_code", "attributes"]), "{code}");
        let attributes = definition["attributes"].as_array().unwrap();
        assert_eq!(service["metadata"].as_bool().unwrap(), !attributes.is_empty(), "{code}");
        for attribute in attributes {
            let names =
                ["variable", "code", "datatype", "required", "datatype_description", "order", "description", "values"];
            assert_eq!(keys(attribute), names);
            assert_eq!(attribute["required"], Value::Bool(false), "help is not kept back for a field");
        }
    }
    let xml = house.get("nobody", "/open311/v2/services.xml").await.body;
    assert!(
        xml.starts_with("<?xml") && xml.contains("<services><service><service_code>emergency</service_code>"),
        "{xml}"
    );
    let xml = house.get("nobody", "/open311/v2/services/food.xml").await.body;
    assert!(
        xml.contains("<service_definition><service_code>food</service_code><attributes><attribute><variable>true"),
        "{xml}"
    );
    assert!(xml.contains("<values><value><key>halal</key><name>"), "{xml}");
    for (path, status) in [
        ("/open311/v2/services/nothing.json", 404),
        ("/open311/v2/services.json?jurisdiction_id=elsewhere", 404),
        ("/open311/v2/requests/Q-0.json", 404),
        ("/open311/v2/tokens/0.json", 404),
        ("/open311/v2/requests.json?start_date=yesterday", 400),
    ] {
        let (found, errors) = json(&house, path).await;
        assert_eq!(found, status, "{path}");
        assert_eq!(keys(&errors[0]), ["code", "description"], "{path}");
        assert_eq!(errors[0]["code"], status, "{path}");
    }
    for path in ["/open311/v2/services", "/open311/v2/services.html", "/open311/v2/nothing.json"] {
        assert_eq!(house.get("nobody", path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_request_goes_from_the_form_to_its_confirmed_answer() {
    let house = House::open().await;
    let post = async |format: &str, fields: &[(&str, &str)]| {
        house.post("nobody", &format!("/open311/v2/requests.{format}"), fields).await
    };
    let food = [
        ("service_code", "food"),
        ("address_id", "500103013006"),
        ("description", "没有菜了"),
        ("phone", "13800000000"),
        ("first_name", "王"),
        ("attribute[diet][]", "halal"),
    ];
    let made = post("json", &food).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let told: Value = serde_json::from_str(&made.body).unwrap();
    let token = told[0]["token"].as_str().unwrap().to_owned();
    assert_eq!(token.len(), 32);
    let (_, found) = json(&house, &format!("/open311/v2/tokens/{token}.json")).await;
    let id = found[0]["service_request_id"].as_str().unwrap().to_owned();
    let one = format!("/open311/v2/requests/{id}.json");
    let (status, told) = json(&house, &one).await;
    assert_eq!((status, &told[0]["status"], &told[0]["service_code"]), (200, &"open".into(), &"food".into()));
    let names = [
        "service_request_id",
        "status",
        "status_notes",
        "service_name",
        "service_code",
        "description",
        "agency_responsible",
        "service_notice",
        "requested_datetime",
        "updated_datetime",
        "expected_datetime",
        "address",
        "address_id",
        "zipcode",
        "lat",
        "long",
        "media_url",
    ];
    assert_eq!(keys(&told[0]), names);
    assert!(!told.to_string().contains("菜") && !told.to_string().contains("138"), "{told}");
    let worker = house.get("community_worker", &format!("/requests/{id}")).await.body;
    assert!(worker.contains("没有菜了") && worker.contains("diet: halal"), "{worker}");
    // told is not confirmed, and confirmed is closed
    let answer = |confirmed| [("csrf", WORD), ("answer:answer", "已送到"), ("answer:confirmed", confirmed)];
    for (confirmed, status) in [("no", "open"), ("yes", "closed")] {
        let path = format!("/requests/{id}/answer");
        assert_eq!(house.post("community_worker", &path, &answer(confirmed)).await.status, 303);
        assert_eq!(json(&house, &one).await.1[0]["status"], status);
    }
    // by a place on the map, in XML
    let here = [("service_code", "emergency"), ("lat", "29.56"), ("long", "106.57"), ("description", "晕倒")];
    let made = post("xml", &here).await;
    let inside = "<service_requests><request><token>";
    assert!(made.status == 200 && made.body.contains(inside), "{}", made.body);
    // an emergency is a ticket, whichever way it came
    assert!(house.get("city_command", "/tickets").await.body.contains("data-since"));
    for (fields, status) in [
        (&[("address_id", "500103")][..], 400),
        (&[("service_code", "nothing"), ("address_id", "500103")], 404),
        (&[("service_code", "food")], 400),
        (&[("service_code", "food"), ("address_string", "somewhere")], 400),
        (&[("service_code", "food"), ("lat", "52.5"), ("long", "13.4")], 400),
        (&[("service_code", "food"), ("address_id", "999999")], 400),
        (&[("service_code", "food"), ("address_id", "500103"), ("attribute[health_code]", "green")], 400),
    ] {
        let answer = post("json", fields).await;
        assert_eq!(answer.status, status, "{fields:?}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_list_tells_of_nobody() {
    let house = House::open().await;
    let (status, all) = json(&house, "/open311/v2/requests.json").await;
    assert_eq!(status, 200);
    let listed: Vec<&str> = all.as_array().unwrap().iter().map(|one| one["service_code"].as_str().unwrap()).collect();
    assert!(!listed.is_empty());
    for kind in ["emergency", "labour", "dialysis", "chemotherapy", "medicine", "counselling", "dispute", "appeal"] {
        assert!(!listed.contains(&kind), "{kind}");
    }
    let text = all.to_string();
    for never in [NAME, PHONE, WORDS, "500103013006", "H01"] {
        assert!(!text.contains(never), "{never}");
    }
    let (_, medical) = json(&house, "/open311/v2/requests.json?service_code=dialysis,emergency").await;
    assert_eq!(medical.as_array().unwrap().len(), 0);
    let (_, open) = json(&house, "/open311/v2/requests.json?status=open&service_code=food").await;
    assert!(open.as_array().unwrap().iter().all(|one| one["status"] == "open" && one["service_code"] == "food"));
    let (_, before) = json(&house, "/open311/v2/requests.json?end_date=2020-01-01T00:00:00Z").await;
    assert_eq!(before.as_array().unwrap().len(), 0);
}
