//! Messages on the round of follow-up: switched on by whoever follows somebody, and a page that says when nothing is sent.

use crate::house::{House, WORD};

const CSRF: (&str, &str) = ("csrf", WORD);
const F9: (&str, &str) = ("followed", "F-P009-2022-11-20");

#[tokio::test]
async fn whoever_follows_somebody_switches_messages_on_and_off() {
    let house = House::open().await;
    let before = house.get("community_worker", "/follow-up").await;
    assert!(before.body.contains("No gateway is named"), "{}", before.body);
    assert!(before.body.contains("Agreed to messages <b>0</b>"), "{}", before.body);
    let person = ("person", "P009");
    let on = house.post("community_worker", "/follow-up/messages", &[CSRF, F9, person, ("wanted", "yes")]).await;
    assert_eq!(on.status, 200, "{}", on.body);
    assert!(on.body.contains("Agreed to messages <b>1</b>"), "{}", on.body);
    let listed = house.get("community_worker", "/followed?messages=true").await;
    assert!(listed.body.contains("P009"), "{}", listed.body);
    let off = house.post("community_worker", "/follow-up/messages", &[CSRF, F9, person]).await;
    assert!(off.body.contains("Agreed to messages <b>0</b>"), "{}", off.body);
    let city = house.post("city_command", "/follow-up/messages", &[CSRF, F9, person, ("wanted", "yes")]).await;
    assert_eq!(city.status, 403, "{}", city.body);
    for role in ["city_command", "data_protection", "auditor"] {
        for path in ["/messages", "/message_replies", "/sendings"] {
            assert_eq!(house.get(role, path).await.status, 200, "{role} at {path}");
        }
    }
    assert_eq!(house.get("gateway", "/messages").await.status, 404, "the gateway reads nothing");
}
