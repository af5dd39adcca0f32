//! The audit page and its list: who looked at whom, by account and by person, and taken away with no id in what is noted.

use crate::house::House;
use serde_json::Value;

#[tokio::test]
async fn reads_are_found_by_account_and_by_person_and_taken_away() {
    let house = House::open().await;
    for (who, path) in [("district_command", "/people/P001"), ("dispatcher", "/people/P006")] {
        assert_eq!(house.get(who, path).await.status, 200, "{who} {path}");
    }
    // the filter itself stands in the page, so what is looked for are the links of the rows
    let rows = async |query: &str| {
        let page = house.get("auditor", &format!("/audit{query}")).await.body;
        let table = page.split("data-rows").nth(1).unwrap_or_default().split("</table>").next().unwrap().to_owned();
        ["district_command", "dispatcher"].map(|login| table.contains(&format!(">{login}</a>")))
    };
    for (query, found) in [
        ("", [true, true]),
        ("?account=district_command", [true, false]),
        ("?account=dispatcher&person=P006", [false, true]),
        ("?person=P001", [true, false]),
        ("?person=P009", [false, false]),
        ("?account=nobody", [false, false]),
        ("?account=dispatcher&person=P001", [false, false]),
    ] {
        assert_eq!(rows(query).await, found, "{query}");
    }
    let page = house.get("auditor", "/audit?account=dispatcher&person=P006&from=2022-11-20").await.body;
    let link = page.split("href=\"/api/v1/reads.json").nth(1).unwrap().split('"').next().unwrap();
    let path = format!("/api/v1/reads.json{}", link.replace("&amp;", "&").replace("&#38;", "&"));
    assert!(path.contains("object=P006") && path.contains("at.from=2022-11-20"), "{path}");
    let taken: Value = serde_json::from_str(&house.get("auditor", &path).await.body).unwrap();
    let taken = taken.as_array().unwrap();
    assert!(!taken.is_empty() && taken.iter().all(|row| row["role"] == "dispatcher"), "{taken:?}");
    // found by the hash that it gives, and noted by it
    let hash = taken[0]["object"].as_str().unwrap();
    let by_hash = house.get("auditor", &format!("/api/v1/reads?object={hash}")).await.body;
    let by_id = house.get("auditor", "/api/v1/reads?object=P006").await.body;
    assert_eq!(by_hash, by_id);
    let noted = house.get("data_protection", "/api/v1/reads?action=export").await.body;
    assert!(noted.contains(hash) && !noted.contains("P006"), "{noted}");
    assert_eq!(house.get("district_command", "/api/v1/reads").await.status, 404);
    let list = house.get("auditor", "/reads").await;
    assert!(list.status == 200 && list.body.contains("action=\"/audit\""), "{}", list.status);
}
