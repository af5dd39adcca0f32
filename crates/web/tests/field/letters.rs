//! Letters of assistance in the console: named from the page of a case, sent, printed, and those of others written down; each role sees of them
//! what it may, and no paper names a case.

use crate::house::{House, WORD};

const CASE: &str = "C20221120-P001";
const OURS: &str = "/letters/A20221120-1";

#[tokio::test]
async fn a_letter_is_written_sent_and_printed_from_its_pages_and_tells_no_case() {
    let house = House::open().await;
    let named = [
        ("csrf", WORD),
        ("once", "one"),
        ("assist:side", "成都市"),
        ("assist:name", "周海"),
        ("assist:phone", "13900001111"),
        ("assist:class", "same_room"),
        ("assist:first_exposure", "2022-11-18"),
        ("assist:last_exposure", "2022-11-19"),
    ];
    let path = format!("/cases/{CASE}/assist");
    assert_eq!(house.post("district_command", &path, &named).await.status, 303);
    let sent = [("csrf", WORD), ("once", "two"), ("send:way", "fax"), ("send:shown", "fax 12")];
    assert_eq!(house.post("district_command", &format!("{OURS}/send"), &sent).await.status, 303);
    let list = house.get("district_command", "/letters").await;
    assert_eq!(list.status, 200, "{}", list.body);
    assert!(list.body.contains(OURS) && list.body.contains("/letters/received"), "{}", list.body);
    let book = "In our letters: 1 people = 0 taken over + 0 not found + 0 elsewhere + 0 refused + 1 without an answer";
    assert!(list.body.contains(book), "{}", list.body);
    let page = house.get("district_command", OURS).await;
    assert_eq!(page.status, 200, "{}", page.body);
    for said in ["周海", "13900001111", book, "value=\"answer\"", "/letters/A20221120-1/paper"] {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    assert!(!page.body.contains("value=\"match\""), "what is done with a letter to us is not offered");
    let paper = house.get("district_command", &format!("{OURS}/paper?lang=zh-Hans")).await;
    assert_eq!(paper.status, 200, "{}", paper.body);
    assert!(
        paper.body.contains("协查函") && paper.body.contains("周海") && paper.policy.contains("default-src 'none'")
    );
    assert!(
        !paper.body.contains(CASE) && !paper.body.contains("李建国"),
        "a contact learns of no case: {}",
        paper.body
    );
    // another role sees as much as its table says; a tracer has the letters of their own cases
    let city = house.get("city_command", OURS).await;
    assert!(city.body.contains("周*") && !city.body.contains("周海"), "{}", city.body);
    let auditor = house.get("auditor", &format!("{OURS}/paper")).await;
    assert!(auditor.status == 200 && !auditor.body.contains("周"), "{}", auditor.body);
    assert_eq!(house.get("tracer", OURS).await.status, 404);
    for role in ["community_worker", "hotline", "laboratory", "driver"] {
        assert_eq!(house.get(role, "/letters").await.status, 404, "{role}");
        assert_eq!(house.get(role, "/letters/received").await.status, 404, "{role}");
    }
}

#[tokio::test]
async fn a_letter_of_others_is_written_down_and_whoever_it_may_be_is_suggested() {
    let house = House::open().await;
    let blank = house.get("district_command", "/letters/received").await;
    assert!(blank.status == 200 && blank.body.contains("assistance:received_at"), "{}", blank.body);
    let row = |last: &'static str| {
        [
            ("csrf", WORD),
            ("once", last),
            ("assistance:letter", "510107-118"),
            ("assistance:entry", "1"),
            ("assistance:division", "500103"),
            ("assistance:side", "成都市"),
            ("assistance:received_at", "2022-11-20T20:00:00+08:00"),
            ("assistance:name", "谢鹏"),
            ("assistance:document", "50042819920101057X"),
            ("assistance:class", "same_room"),
            ("assistance:first_exposure", "2022-11-18"),
            ("assistance:last_exposure", last),
        ]
    };
    let wrong = house.post("district_command", "/letters/received", &row("2022-11-17")).await;
    assert!(wrong.status == 422 && wrong.body.contains("last_exposure"), "{}", wrong.body);
    let taken = house.post("district_command", "/letters/received", &row("2022-11-19")).await;
    assert_eq!((taken.status, taken.location.as_str()), (303, "/letters/510107-118"));
    let page = house.get("district_command", "/letters/510107-118").await;
    assert!(page.body.contains("P028") && page.body.contains("value=\"match\""), "{}", page.body);
    assert!(!page.body.contains("value=\"forward\""), "{}", page.body);
    let paper = house.get("district_command", "/letters/510107-118/paper?lang=en").await;
    assert!(paper.body.contains("not answered yet") && !paper.body.contains("50042819920101057X"), "{}", paper.body);
}
