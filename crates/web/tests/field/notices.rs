//! Papers of orders in the console and for whoever has one: printed by thousands or one by one, each with a code that opens it on any
//! telephone; an appeal without an account; and an exit that is blocked, by one tap.

use crate::{House, NAME, PHONE, attributes, house::WORD};

fn between<'b>(body: &'b str, begin: &str, end: &str) -> &'b str {
    body.split(begin).nth(1).and_then(|rest| rest.split(end).next()).unwrap_or_else(|| panic!("no {begin} in {body}"))
}

const OWED: &str = "kind=order&state=made,returned";

#[tokio::test]
async fn papers_are_printed_as_one_file_by_those_who_hand_them_over_and_nobody_else() {
    let house = House::open().await;
    let list = house.get("district_command", &format!("/notices?{OWED}")).await;
    assert_eq!(list.status, 200, "{}", list.body);
    assert!(
        attributes(&list.body, "href").iter().any(|link| link.starts_with("/api/v1/notices.html?")),
        "{}",
        list.body
    );
    let printed = house.get("district_command", &format!("/api/v1/notices.html?{OWED}")).await;
    assert_eq!(printed.status, 200, "{}", printed.body);
    let papers = printed.body.matches("<section class=\"notice\"").count();
    assert!(papers > 1 && printed.body.ends_with("</html>\n"), "{papers}");
    assert_eq!(printed.body.matches("class=\"digits\"").count(), papers, "a paper without its code");
    assert!(printed.policy.contains("default-src 'none'"), "{}", printed.policy);
    // who may not see names prints nothing, and a place on the list is no filter of a printing
    for role in ["city_command", "auditor", "data_protection"] {
        assert_eq!(house.get(role, "/api/v1/notices.html").await.status, 403, "{role}");
    }
    assert_eq!(house.get("driver", "/api/v1/notices.html").await.status, 404);
    assert_eq!(house.get("district_command", "/api/v1/notices.html?limit=1").await.status, 400);
    // one by one, from its page, on which its course stands
    let id = between(&printed.body, "Paper N-", " ");
    let page = house.get("community_worker", &format!("/notices/N-{id}")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("Course of the paper") && page.body.contains("Nobody has it"), "{}", page.body);
    let alone = house.get("community_worker", &format!("/api/v1/notices.html?id=N-{id}")).await;
    assert_eq!(alone.body.matches("<section class=\"notice\"").count(), 1);
    let given = [("csrf", WORD), ("deliver:way", "door"), ("deliver:taken_by", "the mother")];
    let handed = house.post("community_worker", &format!("/notices/N-{id}/deliver"), &given).await;
    assert_eq!(handed.status, 303, "{}", handed.body);
    let page = house.get("community_worker", &format!("/notices/N-{id}")).await.body;
    assert!(page.contains("the mother") && page.contains("At the door"), "{page}");
    // who took it is personal: the city sees that somebody did
    assert!(!house.get("city_command", &format!("/notices/N-{id}")).await.body.contains("the mother"));
}

#[tokio::test]
async fn whoever_has_a_paper_reads_it_on_any_telephone_and_appeals_and_nobody_else_does() {
    let house = House::open().await;
    let printed = house.get("district_command", &format!("/api/v1/notices.html?{OWED}")).await.body;
    // an area has papers of its own
    let order = printed.split("<section class=\"notice\"").find(|paper| paper.contains("O-case-")).unwrap();
    let code = between(order, "class=\"digits\">", "</span>").to_owned();
    let open = async |code: &str| house.post("nobody", "/public/paper", &[("code", code)]).await;
    let read = open(&code).await;
    assert_eq!(read.status, 200, "{}", read.body);
    assert!(read.body.contains("You are under an order") && read.body.contains("12345"), "{}", read.body);
    // the name stands on the paper and not on the page
    for never in [NAME, PHONE, "<script", " style=", "<svg viewBox=\"0 0 29"] {
        assert!(!read.body.contains(never), "{never}");
    }
    let last = if code.ends_with('0') { "1" } else { "0" };
    for wrong in
        [format!("{}{last}", &code[..code.len() - 1]), "00000001".to_owned(), String::new(), "N-O-case".to_owned()]
    {
        assert_eq!(open(&wrong).await.status, 404, "{wrong}");
    }
    let appeal = async |words: &str| house.post("nobody", "/public/appeal", &[("code", &code), ("words", words)]).await;
    assert_eq!(appeal(" ").await.status, 422);
    let taken = appeal("我不在那里").await;
    assert_eq!(taken.status, 200, "{}", taken.body);
    assert!(
        taken.body.contains("We have your appeal") && taken.body.contains("has not been decided"),
        "{}",
        taken.body
    );
    assert_eq!(appeal("再说一次").await.status, 422);
    // the words stand in the appeal, where whoever decides reads them
    let list = house.get("reviewer", "/appeals?state=open").await;
    assert_eq!(list.status, 200);
    assert!(!list.body.contains("我不在那里"), "{}", list.body);
    let link = attributes(&list.body, "href").into_iter().find(|link| link.starts_with("/appeals/")).unwrap();
    for (role, hears) in [("reviewer", true), ("city_command", true), ("district_command", false), ("auditor", false)] {
        let seen = house.get(role, link).await;
        assert_eq!(seen.status, 200, "{role}");
        assert_eq!(seen.body.contains("我不在那里"), hears, "{role}: {}", seen.body);
    }
    // suspended, the paper asks for nothing; the decision takes the order up again
    let decides = async |verb: &str| {
        let (appeal, reason) = (link.strip_prefix("/appeals/").unwrap().replace("%2F", "/"), format!("{verb}:reason"));
        let fields = [("csrf", WORD), ("verb", verb), ("key", &appeal), (reason.as_str(), "the test was another's")];
        let decided = house.post("reviewer", "/appeals", &fields).await;
        assert_eq!(decided.status, 303, "{verb}: {}", decided.body);
    };
    decides("suspend").await;
    let suspended = open(&code).await.body;
    assert!(suspended.contains("You are not bound until the appeal is decided"), "{suspended}");
    assert!(!suspended.contains("You are under an order"), "{suspended}");
    decides("dismiss").await;
    let again = open(&code).await.body;
    assert!(!again.contains("You are not bound"), "{again}");
    let figures = house.get("nobody", "/public/appeals").await.body;
    assert!(figures.contains("Appeals in figures") && figures.contains("…"), "{figures}");
}

#[tokio::test]
async fn an_exit_that_is_blocked_is_told_by_one_tap_and_an_area_is_appealed_against_without_a_paper() {
    let house = House::open().await;
    let list = house.get("city_command", "/areas").await;
    let link = attributes(&list.body, "href").into_iter().find(|link| link.starts_with("/areas/")).unwrap();
    let area = house.get("district_command", link).await.body;
    assert!(area.contains("value=\"exit_blocked\"") && area.contains("An exit is blocked"), "{area}");
    let title = area.split("<h1>").nth(1).and_then(|rest| rest.split("</h1>").next()).unwrap();
    let found = house.post("nobody", "/public/areas", &[("place", title.split(' ').next().unwrap())]).await.body;
    let hidden = |name: &str| between(&found, &format!("type=\"hidden\" name=\"{name}\" value=\""), "\"").to_owned();
    let fields = [("kind", hidden("kind")), ("place", hidden("place")), ("text", hidden("text"))];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let made = house.post("nobody", "/public/request", &fields).await;
    assert_eq!(made.status, 200, "{}", made.body);
    assert!(made.body.contains("tel:120") && made.body.contains("We have it"), "{}", made.body);
    let area = house.get("district_command", link).await.body;
    assert!(area.contains("Reported: an exit is blocked.") && area.contains("/tickets/"), "{area}");
    let id = hidden("area");
    let appealed =
        house.post("nobody", "/public/areas/appeal", &[("area", &id), ("words", "we live in another unit")]).await;
    assert_eq!(appealed.status, 200, "{}", appealed.body);
    let secret = between(&appealed.body, "<span class=\"secret\">", "</span>");
    let followed = house.post("nobody", "/public/follow", &[("secret", secret)]).await;
    assert_eq!(followed.status, 200, "{}", followed.body);
    assert!(followed.body.contains("has not been decided"), "{}", followed.body);
    let unknown = house.post("nobody", "/public/areas/appeal", &[("area", "Z-none"), ("words", "x")]).await;
    assert_eq!(unknown.status, 404);
    // suspended, the place is found with that; upheld, it is what was an area and is none
    let decides = async |verb: &str| {
        let (appeal, reason) = (format!("{id}/a1"), format!("{verb}:reason"));
        let fields = [("csrf", WORD), ("verb", verb), ("key", &appeal), (reason.as_str(), "seen on the roster")];
        let decided = house.post("reviewer", "/appeals", &fields).await;
        assert_eq!(decided.status, 303, "{verb}: {}", decided.body);
    };
    let place = title.split(' ').next().unwrap();
    let looked = async || house.post("nobody", "/public/areas", &[("place", place)]).await.body;
    decides("suspend").await;
    let suspended = looked().await;
    assert!(suspended.contains("Suspended until an appeal is decided"), "{suspended}");
    let seen = house.get("district_command", link).await.body;
    assert!(seen.contains("It binds nobody until this appeal is decided:"), "{seen}");
    decides("uphold").await;
    let past = looked().await;
    assert!(past.contains("Areas at this place that have ended") && past.contains("Ended early"), "{past}");
}

#[tokio::test]
async fn a_household_sees_what_comes_to_its_door_and_somebody_their_own_file_by_the_code_of_a_paper_alone() {
    let house = House::open().await;
    let printed = house.get("district_command", &format!("/api/v1/notices.html?{OWED}")).await.body;
    let codes: Vec<&str> =
        printed.split("class=\"digits\">").skip(1).filter_map(|rest| rest.split("</span>").next()).collect();
    let mut larders = 0;
    for code in &codes {
        let page = house.post("nobody", "/public/supplies", &[("code", code)]).await;
        assert_eq!(page.status, 200, "{}", page.body);
        for never in [NAME, PHONE, "<script", " style="] {
            assert!(!page.body.contains(never), "{never}");
        }
        // somebody at an isolation site has nothing brought home
        larders += usize::from(page.body.contains("Your digits for today") && page.body.contains("Food parcel"));
        let file = house.post("nobody", "/public/file", &[("code", code)]).await;
        assert_eq!(file.status, 200, "{}", file.body);
        assert!(file.body.contains("Who looked at your record"), "{}", file.body);
        assert!(!file.body.contains(NAME) && !file.body.contains("<script"), "{}", file.body);
    }
    assert!(larders > 0, "no household of {} has anything brought", codes.len());
    for path in ["/public/supplies", "/public/file"] {
        for wrong in ["", "00000001", "1234 5678 9012 3456 7890"] {
            assert_eq!(house.post("nobody", path, &[("code", wrong)]).await.status, 404, "{path} {wrong}");
        }
    }
    // said of a parcel on a page: it stands where those who carry see it
    let here = house.post("nobody", "/public/supplies", &[("code", codes[0]), ("not_here", "2022-11-20 water")]).await;
    assert_eq!(here.status, 200);
    let round = house.get("community_worker", "/supplies/round").await;
    assert_eq!(round.status, 200, "{}", round.body);
    assert!(round.body.contains("Round of doors") && round.body.contains("deliver:door_proof"), "{}", round.body);
}

#[tokio::test]
async fn whoever_is_to_be_fetched_is_told_when_and_where_to_and_what_to_bring() {
    let house = House::open().await;
    let printed = house.get("district_command", &format!("/api/v1/notices.html?{OWED}")).await.body;
    let papers: Vec<&str> = printed.split("<section class=\"notice\"").collect();
    let of = |order: &str| papers.iter().find(|paper| paper.contains(order)).unwrap_or_else(|| panic!("no {order}"));
    let code = between(of("O-case-C20221120-P001"), "class=\"digits\">", "</span>").to_owned();
    let read = house.post("nobody", "/public/paper", &[("code", &code)]).await.body;
    let ride = between(&read, "id=\"ride\">", "</div>");
    for said in
        ["Your ride", "You will be fetched at about", "悦来方舱医院", "Bring: an identity document", "call 12345"]
    {
        assert!(ride.contains(said), "{said}: {ride}");
    }
    // nothing that tells of others, or that somebody could wait for at the road
    for never in [NAME, PHONE, "V1", "V2", "V3", "TH1-W", "T-2022"] {
        assert!(!ride.contains(never), "{never}: {ride}");
    }
}
