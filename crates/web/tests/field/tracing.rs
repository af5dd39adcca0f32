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

const INTERVIEW: &str = "/contacts/cases/C20221120-P001/interview";

#[tokio::test]
async fn an_interview_names_whom_a_roster_suggests_when_asked_and_lists_whom_somebody_confirms() {
    let house = House::open().await;
    let page = house.get("district_command", INTERVIEW).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("Ask about"), "{}", page.body);
    assert!(page.body.contains("In the same tube") && page.body.contains("Neighbours in the unit"), "{}", page.body);
    assert!(!page.body.contains("P004"), "nobody is shown before somebody asks");
    let page = house.get("district_command", &format!("{INTERVIEW}?roster=tube")).await;
    assert!(page.body.contains("P004") && page.body.contains("金**"), "{}", page.body);
    let ticked = [
        ("csrf", WORD),
        ("once", "one-s1"),
        ("roster", "tube"),
        ("s1:by", "T001"),
        ("s1:class", "other"),
        ("s1:first", "2022-11-20"),
        ("s1:last", "2022-11-20"),
        ("s1:who", "P004"),
        ("s1:who", "P005"),
    ];
    let taken = house.post("district_command", INTERVIEW, &ticked).await;
    assert_eq!(taken.status, 200, "{}", taken.body);
    assert!(taken.body.contains("Taken: 2"), "{}", taken.body);
    let day = [
        ("csrf", WORD),
        ("once", "two"),
        ("d0:day", "2022-11-19"),
        ("d0:place", "N7"),
        ("d0:from", "23:00"),
        ("d0:to", "00:30"),
        ("d0:setting", "餐馆"),
        ("d0:people", "P007 P008"),
        ("d0:class", "shared_space"),
        ("d1:day", "2022-11-18"),
        ("d1:place", ""),
    ];
    let taken = house.post("district_command", INTERVIEW, &day).await;
    assert_eq!(taken.status, 200, "{}", taken.body);
    assert!(taken.body.contains("Taken: 3"), "{}", taken.body);
    assert!(taken.body.contains("23:00–00:30 餐馆"), "{}", taken.body);
    // sent again it is the same, and nothing is nothing
    let again = house.post("district_command", INTERVIEW, &day).await;
    assert_eq!(again.status, 200, "{}", again.body);
    let nothing = house.post("district_command", INTERVIEW, &[("csrf", WORD), ("once", "three")]).await;
    assert_eq!(nothing.status, 422, "{}", nothing.body);
    let wrong =
        [("csrf", WORD), ("once", "four"), ("d0:day", "2022-11-19"), ("d0:people", "P999"), ("d0:class", "other")];
    assert_eq!(house.post("district_command", INTERVIEW, &wrong).await.status, 422);
    // a tracer has the cases that are assigned to them, and nobody else has the page
    assert_eq!(house.get("tracer", INTERVIEW).await.status, 404);
    for role in ["city_command", "laboratory", "community_worker", "hotline", "auditor"] {
        assert_eq!(house.get(role, INTERVIEW).await.status, 404, "{role}");
    }
}

#[tokio::test]
async fn a_contact_at_the_desk_shows_what_is_asked_and_by_which_clause() {
    let house = House::open().await;
    let page = house.get("district_command", "/contacts/people/P009").await;
    assert_eq!(page.status, 200, "{}", page.body);
    for words in [
        "One exposure",
        "the days count from this one",
        "What the rules ask",
        "Home fit for isolation: yes",
        "plan.close",
    ] {
        assert!(page.body.to_lowercase().contains(&words.to_lowercase()), "{words}: {}", page.body);
    }
    // P005 cares for a child who is a case, and lives with nobody else's
    let carer = house.get("district_command", "/contacts/people/P005").await;
    assert_eq!(carer.status, 200, "{}", carer.body);
    assert!(carer.body.contains("Cares for"), "{}", carer.body);
    assert_eq!(house.get("district_command", "/contacts/people/P080").await.status, 404, "is nobody's contact");
    assert_eq!(house.get("district_command", "/contacts/people/P071").await.status, 404, "lives elsewhere");
    assert_eq!(house.get("tracer", "/contacts/people/P009").await.status, 404, "is not assigned to them");
    assert_eq!(house.get("city_command", "/contacts/people/P009").await.status, 404);
}

#[tokio::test]
async fn a_code_is_shown_once_and_tells_on_a_plain_page_how_somebody_is() {
    let house = House::open().await;
    let asked = [("csrf", WORD), ("followed", "F-P009-2022-11-20"), ("person", "P009"), ("team", "")];
    let made = house.post("community_worker", "/follow-up/code", &asked).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let code = made.body.split("class=\"secret\">").nth(1).and_then(|rest| rest.split('<').next()).unwrap().to_owned();
    assert_eq!(code.chars().filter(char::is_ascii_digit).count(), 20, "{code}");
    assert!(!house.get("community_worker", "/follow-up").await.body.contains(&code));
    assert_eq!(house.post("auditor", "/follow-up/code", &asked).await.status, 403);

    let page = house.get("nobody", "/public/health").await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(!page.body.contains("<script"), "for an old telephone");
    let tells = async |code: &str, symptoms: &str| {
        house.post("nobody", "/public/health", &[("code", code), ("symptoms", symptoms)]).await
    };
    let wrong = tells("1234 1234 1234 1234 1234", "no").await;
    assert_eq!(wrong.status, 404, "{}", wrong.body);
    assert_eq!(tells(&code, "").await.status, 422);
    let told = tells(&code, "yes").await;
    assert_eq!(told.status, 200, "{}", told.body);
    assert!(told.body.contains("120"), "{}", told.body);
    assert!(!told.body.contains("P009") && !told.body.contains(crate::house::NAME), "whose code it is stays unsaid");
    let log = house.get("district_command", "/follow_ups?person=P009").await;
    assert!(log.body.contains("P009"), "{}", log.body);
    let tests = house.get("district_command", "/items?worklist=retest&open=true").await.body;
    assert!(tests.contains("symptoms/2022-11-20/P009"), "{tests}");
}

#[tokio::test]
async fn questions_are_put_with_their_clocks_and_every_answer_is_kept_with_who_asked() {
    let house = House::open().await;
    const OPEN: &str = "/contacts/cases/C20221120-P006/interview";
    let page = house.get("district_command", OPEN).await;
    assert_eq!(page.status, 200, "{}", page.body);
    for said in ["Cases to reach", "Core facts to find out", "Cases to investigate", "Still to be answered: 4"] {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    assert!(page.body.contains("How was the person reached?") && page.body.contains("First day of symptoms"));
    fn said<'a>(id: &'a str, answer: &'a str) -> [(&'a str, &'a str); 4] {
        [("csrf", WORD), ("q0:id", id), ("q0:version", "1"), ("q0:answer", answer)]
    }
    let wrong = house.post("district_command", OPEN, &said("symptoms", "maybe")).await;
    assert_eq!(wrong.status, 422, "{}", wrong.body);
    let taken = house.post("district_command", OPEN, &said("reached", "telephone")).await;
    assert_eq!(taken.status, 200, "{}", taken.body);
    assert!(taken.body.contains("Still to be answered: 3"), "{}", taken.body);
    assert!(taken.body.contains("By telephone ("), "{}", taken.body);
    // the clock of this house stands: of two answers at one moment neither is the later one, so the second is not taken
    let again = house.post("district_command", OPEN, &said("reached", "door")).await;
    assert_eq!(again.status, 422, "{}", again.body);
    let answers = house.get("district_command", "/api/v1/answers?person=P006").await.body;
    assert_eq!(answers.matches("\"reached\"").count(), 1, "{answers}");
    // nobody is told what a case answered who does not trace
    for role in ["city_command", "community_worker", "hotline"] {
        assert_eq!(house.get(role, "/answers").await.status, 404, "{role}");
    }
    assert_eq!(house.get("city_command", "/questions").await.status, 200);
}
