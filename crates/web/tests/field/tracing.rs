//! Follow-up as it is told from the page of a round, and the figures of tracing.

use crate::house::{House, WORD};

fn told(person: &'static str, answer: &'static str, symptoms: &'static str) -> [(&'static str, &'static str); 5] {
    [
        ("csrf", WORD),
        ("follow:person", person),
        ("follow:channel", "phone"),
        ("follow:answer", answer),
        ("follow:symptoms", symptoms),
    ]
}

#[tokio::test]
async fn what_came_of_asking_is_told_from_the_round_and_counts_at_once() {
    let house = House::open().await;
    let page = house.get("community_worker", "/follow-up").await;
    assert_eq!(page.status, 200, "{}", page.body);
    // asking begins on the day after the listing
    assert!(page.body.contains("Everybody was spoken to"), "{}", page.body);
    assert!(house.get("district_command", "/followed?open=true").await.body.contains("F-P009-2022-11-20"));
    let wrong = house.post("community_worker", "/follow-up", &told("P999", "reached", "no")).await;
    assert_eq!(wrong.status, 422, "{}", wrong.body);
    assert!(wrong.body.contains("person"), "{}", wrong.body);
    let taken = house.post("community_worker", "/follow-up", &told("P009", "reached", "yes")).await;
    assert_eq!(taken.status, 200, "{}", taken.body);
    assert!(taken.body.contains("Taken: 1"), "{}", taken.body);
    let tests = house.get("district_command", "/items?worklist=retest&open=true").await.body;
    assert!(tests.contains("symptoms/2022-11-20/P009"), "{tests}");
    // who does not answer tells of no symptoms, whatever the form says
    let taken = house.post("community_worker", "/follow-up", &told("P011", "no_answer", "yes")).await;
    assert_eq!(taken.status, 200, "{}", taken.body);
    let tests = house.get("district_command", "/items?worklist=retest&open=true").await.body;
    assert!(!tests.contains("symptoms/2022-11-20/P011"), "{tests}");
    assert_eq!(house.post("city_command", "/follow-up", &told("P009", "reached", "no")).await.status, 403);
    assert_eq!(house.post("laboratory", "/follow-up", &told("P009", "reached", "no")).await.status, 403);
}

#[tokio::test]
async fn the_figures_of_tracing_are_for_those_who_see_whole_places() {
    let house = House::open().await;
    for role in ["city_command", "district_command", "auditor"] {
        let page = house.get(role, "/contacts/measures").await;
        assert_eq!(page.status, 200, "{role}: {}", page.body);
        assert!(page.body.contains("Contacts for each case"), "{}", page.body);
        assert!(!page.body.contains("P001"), "figures name nobody");
    }
    for role in ["tracer", "community_worker", "laboratory"] {
        assert_eq!(house.get(role, "/contacts/measures").await.status, 404, "{role}");
    }
    let odd = house.get("city_command", "/contacts/measures?until=x&days=-4").await;
    assert_eq!(odd.status, 200, "{}", odd.body);
}
