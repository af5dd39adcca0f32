//! What is sent from a page: every form brings the word of its session, nothing is done without it, and the way back leads
//! to this server only.

use crate::{
    attributes,
    house::{House, NAME, ODD_LOGIN, WORD},
    walk,
};
use dayclear_core::access::Role;

#[tokio::test]
async fn every_form_that_does_something_brings_the_word_of_its_session() {
    let house = House::open().await;
    let mut forms = 0;
    for role in Role::ALL {
        for (path, answer) in walk(&house, role.name(), 120).await {
            for form in answer.body.split("<form ").skip(1) {
                let form = form.split("</form>").next().unwrap();
                let head = form.split('>').next().unwrap();
                // the look of a page is a matter of the browser
                if !head.contains("method=\"post\"") || head.contains("action=\"/theme\"") {
                    continue;
                }
                forms += 1;
                let word = format!("name=\"csrf\" value=\"{WORD}\"");
                assert!(form.contains(&word), "{role} at {path}: <form {head}>");
                let action = attributes(&format!(" {head}"), "action");
                assert!(action.iter().all(|to| to.starts_with('/') && !to.starts_with("//")), "{path}: {action:?}");
            }
        }
    }
    assert!(forms > 100, "{forms}");
}

#[tokio::test]
async fn nothing_is_done_without_the_word() {
    let house = House::open().await;
    for path in ["/items", "/people/P001/edit", "/people/P001/glass", "/days/2022-11-20/sign", "/me/end", "/bulletins"]
    {
        for word in [None, Some("another")] {
            let fields: Vec<(&str, &str)> = word.iter().map(|word| ("csrf", *word)).collect();
            let answer = house.post("district_command", path, &fields).await;
            assert_eq!(answer.status, 403, "{path} {word:?}");
        }
    }
}

#[tokio::test]
async fn the_way_back_leads_to_this_server_only() {
    let house = House::open().await;
    for (back, to) in [
        ("/worklists?open=true", "/worklists?open=true"),
        ("https://elsewhere.example/", "/people/P001"),
        ("//elsewhere.example/", "/people/P001"),
        ("/\\elsewhere.example/", "/people/P001"),
        ("javascript:alert(1)", "/people/P001"),
        ("/x\r\nSet-Cookie: a=b", "/people/P001"),
    ] {
        let fields = [("csrf", WORD), ("back", back), ("was:carer", ""), ("to:carer", "")];
        let answer = house.post("district_command", "/people/P001/edit", &fields).await;
        assert_eq!((answer.status, answer.location.as_str()), (303, to), "{back:?}");
    }
}

#[tokio::test]
async fn a_correction_rests_on_the_version_that_was_seen() {
    let house = House::open().await;
    let version = |body: &str| {
        let form = body.split("action=\"/people/P001/edit\"").nth(1).unwrap();
        form.split("name=\"etag\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let first = version(&house.get("district_command", "/people/P001").await.body);
    let send = async |once: &str, etag: &str, field: &str, was: &str, to: &str| {
        let (was_name, to_name) = (format!("was:{field}"), format!("to:{field}"));
        let fields = [("csrf", WORD), ("once", once), ("etag", etag), (&*was_name, was), (&*to_name, to)];
        house.post("district_command", "/people/P001/edit", &fields).await
    };
    // two people at once: different fields are both kept
    assert_eq!(send("1", &first, "phone", "15498765432", "15400000001").await.status, 303);
    assert_eq!(send("2", &first, "key_group", "", "courier").await.status, 303);
    let page = house.get("district_command", "/people/P001").await.body;
    assert!(page.contains("15400000001") && page.contains("Courier"), "{page}");
    // the same field: the second is shown both values
    let conflict = send("3", &first, "phone", "15498765432", "15400000002").await;
    assert_eq!(conflict.status, 412);
    assert!(conflict.body.contains("15400000001") && conflict.body.contains("15400000002"));
}

#[tokio::test]
async fn the_same_form_sent_twice_acts_once() {
    let house = House::open().await;
    let page = house.get("district_command", "/items?worklist=answer&open=true").await.body;
    let keys = attributes(&page, "value").into_iter().filter(|value| value.starts_with("answer:"));
    let Some(key) = keys.into_iter().next() else { panic!("no open request: {page}") };
    let before = events(&house).await;
    for _ in 0..2 {
        let fields = [("csrf", WORD), ("once", "abc"), ("verb", "take"), ("key", &*key), ("back", "/worklists")];
        let answer = house.post("district_command", "/items", &fields).await;
        assert_eq!((answer.status, answer.location.as_str()), (303, "/worklists"), "{}", answer.body);
    }
    assert_eq!(events(&house).await, before + 1);
}

async fn events(house: &House) -> usize {
    let page = house.get("auditor", "/events?kind=item.assigned").await.body;
    page.matches("role=\"rowheader\"").count()
}

#[tokio::test]
async fn an_account_with_an_odd_name_is_administered_like_any_other() {
    let house = House::open().await;
    let fields =
        [("csrf", WORD), ("login", ODD_LOGIN), ("name", "<i>x</i>"), ("division", "500103"), ("language", "en")];
    let made = house.post("administrator", "/administration", &fields).await;
    if made.status != 200 {
        // such a login may be refused, but as a fault of the form and not as trouble
        assert_eq!(made.status, 422, "{}", made.body);
        return;
    }
    let list = house.get("administrator", "/administration").await.body;
    assert!(!list.contains("<i>x</i>"));
    let link = attributes(&list, "href").into_iter().find(|link| link.contains("neil")).unwrap();
    assert_eq!(house.get("administrator", &link).await.status, 200, "{link}");
}

#[tokio::test]
async fn a_refusal_is_said_in_the_language_of_the_page() {
    let house = House::open().await;
    let items = house.get("district_command", "/items?open=true").await.body;
    let key = attributes(&items, "value").into_iter().find(|value| value.starts_with("answer:")).unwrap();
    for (language, who, path, fields, said) in [
        ("zh-Hans", "district_command", "/items", vec![("verb", "escalate"), ("key", &*key)], "理由：请填写。"),
        ("zh-Hant", "tracer", "/days/2022-11-20/sign", vec![], "無此權限"),
        ("en", "tracer", "/days/2022-11-20/sign", vec![], "Tracer: not for this role"),
    ] {
        let mut fields = fields;
        fields.push(("csrf", WORD));
        let answer = house.post(&format!("{who}; lang={language}"), path, &fields).await;
        let main = answer.body.split("<main").nth(1).unwrap_or(&answer.body);
        assert!(answer.status >= 400 && main.contains(said), "{language} {path}: {} {main}", answer.status);
    }
}

#[tokio::test]
async fn a_broken_glass_is_ended_from_its_banner_and_the_wider_sight_is_gone() {
    let house = House::open().await;
    const CASE: &str = "/cases/C20221120-P006";
    let who = "city_command";
    assert!(!house.get(who, CASE).await.body.contains(NAME));
    let reason = [("csrf", WORD), ("reason", "unconscious at the door, needs dialysis")];
    assert_eq!(house.post(who, "/people/P006/glass", &reason).await.status, 303);
    let page = house.get(who, CASE).await.body;
    assert!(page.contains(NAME), "{page}");
    // the banner leads to a page that the duty has: the case, since a city has no roster
    let banner = page.split("class=\"glass\"").nth(1).unwrap();
    let to = banner.split("href=\"").nth(1).unwrap().split('"').next().unwrap();
    let there = house.get(who, to).await;
    assert!(there.status == 200 && there.body.contains("C20221120-P006"), "{to}: {}", there.status);
    let path = page.split("action=\"/glass/").nth(1).unwrap().split('"').next().unwrap();
    let path = format!("/glass/{path}");
    // the officer has the button too; nobody else is told that there is such a thing
    assert!(house.get("data_protection", "/audit").await.body.contains(&format!("action=\"{path}\"")));
    let sent = [("csrf", WORD), ("back", CASE)];
    assert_eq!(house.post("district_command", &path, &sent).await.status, 404);
    let ended = house.post(who, &path, &sent).await;
    assert_eq!((ended.status, ended.location.as_str()), (303, CASE));
    let page = house.get(who, CASE).await.body;
    assert!(!page.contains(NAME) && !page.contains("/glass/G"), "{page}");
    assert!(!house.get("data_protection", "/audit").await.body.contains(&path));
}
