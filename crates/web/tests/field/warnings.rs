//! Warnings about areas: what the public is told, what an exercise is not.

use crate::{House, NAME, PHONE, attributes};

#[tokio::test]
async fn an_exercise_warns_nobody() {
    let house = House::open().await;
    let feed = house.get("nobody", "/public/areas.atom").await;
    assert_eq!(feed.status, 200);
    assert!(feed.body.contains("<feed xmlns=\"http://www.w3.org/2005/Atom\">") && !feed.body.contains("<entry>"));
    let area = an_area(&house).await;
    assert_eq!(house.get("nobody", &format!("/public/warnings/{area}/1")).await.status, 404);
    let told = house.get("city_command", &format!("/api/v1/areas/{area}/warning")).await;
    assert_eq!(told.status, 200, "{}", told.body);
    assert!(told.body.contains("<status>Exercise</status>") && told.body.contains("<scope>Restricted</scope>"));
    // nobody without the list of areas, and no number that was never given
    assert_eq!(house.get("nobody", &format!("/api/v1/areas/{area}/warning")).await.status, 401);
    for number in ["0", "99", "x"] {
        let path = format!("/api/v1/areas/{area}/warning?message={number}");
        assert_eq!(house.get("city_command", &path).await.status, 404, "{number}");
    }
    assert_eq!(house.get("city_command", "/api/v1/areas/nothing/warning").await.status, 404);
}

#[tokio::test]
async fn in_earnest_every_area_is_told_and_nobody_in_it() {
    let house = House::of(false).await;
    let feed = house.get("nobody", "/public/areas.atom").await;
    let entries = feed.body.matches("<entry>").count();
    let links: Vec<&str> =
        attributes(&feed.body, "href").into_iter().filter(|link| link.contains("/public/warnings/")).collect();
    assert!(entries > 0 && links.len() == entries, "{}", feed.body);
    for link in links {
        let told = house.get("nobody", link).await;
        assert_eq!(told.status, 200, "{link}");
        assert!(told.body.contains("<status>Actual</status>") && told.body.contains("<scope>Public</scope>"));
        for language in ["zh-Hans", "zh-Hant", "en"] {
            assert!(told.body.contains(&format!("<language>{language}</language>")), "{language}: {}", told.body);
        }
        for never in [NAME, PHONE] {
            assert!(!told.body.contains(never) && !feed.body.contains(never), "{never}");
        }
        // one person less than eleven tells who they are: the building is not named
        let area = link.rsplit('/').nth(1).unwrap();
        let row = house.get("city_command", &format!("/api/v1/areas/{area}")).await;
        let row: serde_json::Value = serde_json::from_str(&row.body).unwrap();
        let record = row.get("record").unwrap_or(&row);
        let small = record["people"].as_i64().unwrap() < 11;
        assert_eq!(told.body.contains(" 2</circle>"), small, "{}", told.body);
    }
}

#[tokio::test]
async fn programs_are_told_what_is_and_was_an_area_and_of_an_exercise_nothing() {
    let exercise = House::open().await.get("nobody", "/public/areas.json").await;
    assert_eq!(exercise.status, 200, "{}", exercise.body);
    assert!(exercise.body.contains("\"areas\":[]"), "{}", exercise.body);
    let house = House::of(false).await;
    let told = house.get("nobody", "/public/areas.json?since=2022-11-01").await;
    let told: serde_json::Value = serde_json::from_str(&told.body).unwrap();
    let areas = told["areas"].as_array().unwrap();
    assert!(!areas.is_empty());
    for area in areas {
        // few people are named by their community alone
        assert_eq!(area["people"].is_null(), area["building"].is_null(), "{area}");
        assert!(area["people"].as_i64().is_none_or(|people| people >= 11), "{area}");
        assert!(area["rule"].as_str().is_some_and(|rule| rule.starts_with("covid-19-cn")), "{area}");
    }
    for never in [NAME, PHONE, "C2022"] {
        assert!(!told.to_string().contains(never), "{never}");
    }
    assert_eq!(house.get("nobody", "/public/areas.json?since=yesterday").await.status, 404);
}

async fn an_area(house: &House) -> String {
    let list = house.get("city_command", "/areas").await;
    let link = attributes(&list.body, "href").into_iter().find(|link| link.starts_with("/areas/")).unwrap();
    link.trim_start_matches("/areas/").to_owned()
}
