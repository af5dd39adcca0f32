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
