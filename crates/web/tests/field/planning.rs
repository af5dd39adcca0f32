//! What a round takes, as a command post sees it: before it is made, and planned from the roster after it was.

use crate::{House, house::WORD};

const PLAN: [(&str, &str); 8] = [
    ("csrf", WORD),
    ("verb", "plan"),
    ("plan:name", "second"),
    ("plan:purpose", "expanded_screening"),
    ("plan:from", "2022-11-21T06:00:00+08:00"),
    ("plan:to", "2022-11-21T22:00:00+08:00"),
    ("plan:divisions", "500103"),
    ("plan:pool_size", "10"),
];

#[tokio::test]
async fn a_round_says_what_it_takes_and_what_the_rules_forbid_of_it() {
    let house = House::open().await;
    let who = "district_command";
    // without a ground the rules forbid it, and the clause stands beside with what is milder
    for path in ["/rounds/estimate", "/rounds"] {
        let forbidden = house.post(who, path, &PLAN).await;
        assert!([409, 422].contains(&forbidden.status), "{}", forbidden.status);
        let told = ["round.widened", "area_screening, areas"].iter().all(|text| forbidden.body.contains(text));
        assert!(told && !forbidden.body.contains("roundplan-"), "{}", forbidden.body);
    }
    let grounded = [&PLAN[..], &[("plan:ground", "long_spread")]].concat();
    let estimate = house.post(who, "/rounds/estimate", &grounded).await;
    assert!(estimate.body.contains("round.site_at_most") && estimate.body.contains("<svg class=\"chart\""));
    // nothing was made
    assert!(!house.get(who, "/rounds").await.body.contains("R20221121-1"));
    let made = house.post(who, "/rounds", &grounded).await;
    assert_eq!(made.status, 303, "{}", made.body);
    let page = house.get(who, "/rounds/R20221121-1/plan").await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert_eq!(house.get(who, "/rounds/R20221121-1/sites/1").await.status, 404, "nobody has planned it yet");
    assert_eq!(house.get("hotline", "/rounds/R20221121-1/plan").await.status, 404);
    assert_eq!(house.post("community_worker", "/rounds/estimate", &grounded).await.status, 403);
    for bad in [&PLAN[..4], &[("csrf", WORD)]] {
        assert_eq!(house.post(who, "/rounds/estimate", bad).await.status, 422);
    }
}

#[tokio::test]
async fn a_round_of_who_is_due_at_key_places_begins_where_the_places_are() {
    let house = House::open().await;
    let who = "district_command";
    let list = house.get(who, "/places").await;
    assert!(list.body.contains("/rounds?due=500103#plan"), "{}", list.body);
    let narrower = house.get(who, "/places?division=500103013006").await;
    assert!(narrower.body.contains("/rounds?due=500103013006#plan"), "{}", narrower.body);
    assert!(
        !house.get("auditor", "/places").await.body.contains("/rounds?due="),
        "who plans no rounds is shown no way to"
    );
    // the form is filled, and every field of it can be changed
    let form = house.get(who, "/rounds?places=S1%3BS2").await;
    assert_eq!(form.status, 200, "{}", form.body);
    for part in [
        ">S1;S2</textarea>",
        "<option value=\"key_person\" selected>",
        "name=\"plan:pool_size\" type=\"number\" value=\"1\"",
    ] {
        assert!(form.body.contains(part), "{part}: {}", form.body);
    }
    assert!(form.body.contains("T22:00:00+08:00\""), "{}", form.body);
    let empty = house.get(who, "/rounds").await;
    assert!(
        !empty.body.contains("\"key_person\" selected") && !empty.body.contains("T22:00:00+08:00\""),
        "{}",
        empty.body
    );
    assert_eq!(house.get(who, "/rounds?due=500103").await.status, 200);
    assert_eq!(house.get(who, "/rounds?due=500112").await.status, 404, "nothing is told of another district");
    // a place that nobody knows is refused by its field
    let mut given = PLAN.to_vec();
    given.retain(|(name, _)| *name != "plan:divisions" && *name != "plan:purpose");
    given.extend([("plan:places", "S9"), ("plan:purpose", "key_person")]);
    let unknown = house.post(who, "/rounds", &given).await;
    assert!(unknown.status == 422 && unknown.body.contains("places"), "{}: {}", unknown.status, unknown.body);
}
