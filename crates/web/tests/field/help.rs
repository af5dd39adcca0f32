//! The public part: no session, no script, no cookie; a request with its secret from the first word to the answer.

use crate::{
    House, NAME, PHONE, WORDS, attributes,
    house::{SECOND_PRESS, WORD},
};

const PUBLIC: [&str; 14] = [
    "/public",
    "/public/areas",
    "/public/bulletins",
    "/public/request",
    "/public/emergency",
    "/public/follow",
    "/public/about",
    "/public/paper",
    "/public/supplies",
    "/public/file",
    "/public/tally",
    "/public/appeal",
    "/public/appeals",
    "/public/exposures",
];
/// Bytes of a public page at most, for telephones that are old and far from a mast.
const PAGE_BYTES_MAX: usize = 20_000;

#[tokio::test]
async fn public_pages_are_small_bare_and_tell_of_nobody() {
    let house = House::open().await;
    for path in PUBLIC {
        let page = house.get("nobody", path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.body.len() < PAGE_BYTES_MAX, "{path}: {} bytes", page.body.len());
        assert!(page.body.contains("tel:12345") && page.body.contains("<main id=\"main\""), "{path}");
        for never in ["<script", " style=", "onclick", NAME, PHONE, WORDS] {
            assert!(!page.body.contains(never), "{path}: {never}");
        }
    }
}

#[tokio::test]
async fn a_place_is_looked_up_without_a_name_and_not_in_an_address() {
    let house = House::open().await;
    let list = house.get("city_command", "/areas").await;
    let link = attributes(&list.body, "href").into_iter().find(|link| link.starts_with("/areas/")).unwrap();
    let area = house.get("city_command", link).await;
    let title = area.body.split("<h1>").nth(1).and_then(|rest| rest.split("</h1>").next()).unwrap();
    let compound = title.split(' ').next().unwrap();
    let found = house.post("nobody", "/public/areas", &[("place", compound)]).await;
    assert_eq!(found.status, 200);
    assert!(found.body.contains("High-risk area") && found.body.contains("It ends by itself"), "{}", found.body);
    let none = house.post("nobody", "/public/areas", &[("place", "没有这个地方")]).await;
    assert!(none.body.contains("No area at"), "{}", none.body);
    let short = house.post("nobody", "/public/areas", &[("place", "%")]).await;
    assert!(short.body.contains("at least two characters"), "{}", short.body);
    // a percent sign asks for itself and not for everything
    let odd = house.post("nobody", "/public/areas", &[("place", "%%")]).await;
    assert!(odd.body.contains("No area at"), "{}", odd.body);
}

fn between<'b>(body: &'b str, begin: &str, end: &str) -> &'b str {
    body.split(begin).nth(1).and_then(|rest| rest.split(end).next()).unwrap_or_else(|| panic!("no {begin} in {body}"))
}

#[tokio::test]
async fn a_request_is_made_followed_taken_and_answered() {
    let house = House::open().await;
    let blank = house.get("nobody", "/public/request").await.body;
    // the number to call stands before the first question
    assert!(blank.find("tel:120").unwrap() < blank.find("name=\"kind\"").unwrap());
    for never in ["status", "test", "code\"", "debt"] {
        assert!(!attributes(&blank, "name").iter().any(|name| name.contains(never)), "{never}");
    }
    let wrong = house.post("nobody", "/public/request", &[("kind", "medicine"), ("text", "降压药")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("降压药") && wrong.body.contains("href=\"#place\""), "{}", wrong.body);
    let fields =
        [("kind", "medicine"), ("place", "500103013006"), ("text", "老人的降压药没有了"), ("contact", "13800000000")];
    let made = house.post("nobody", "/public/request", &fields).await;
    assert_eq!((made.status, made.location.as_str()), (200, ""), "{}", made.body);
    let secret = between(&made.body, "<span class=\"secret\">", "</span>").to_owned();
    let number = between(&made.body, "We have it: ", "</strong>").to_owned();
    assert_eq!(secret.chars().filter(char::is_ascii_alphanumeric).count(), 32, "{secret}");
    // small letters and blanks do not matter; a secret that is wrong by one finds nothing
    let follow = async |secret: &str| house.post("nobody", "/public/follow", &[("secret", secret)]).await;
    let waits = follow(&secret.to_lowercase().replace('-', " ")).await;
    assert_eq!(waits.status, 200, "{}", waits.body);
    assert!(waits.body.contains(&number) && waits.body.contains("Waits for a worker"), "{}", waits.body);
    assert!(!waits.body.contains("降压药") && !waits.body.contains("13800000000"), "the words are told again");
    let last = if secret.ends_with('0') { "1" } else { "0" };
    let guessed = format!("{}{last}", &secret[..secret.len() - 1]);
    assert_eq!(follow(&guessed).await.status, 404);
    assert_eq!(follow(&number).await.status, 404);
    // a worker of the place sees it, takes it and answers
    let queue = house.get("community_worker", "/requests").await;
    assert!(queue.body.contains(&number), "{}", queue.body);
    let took = house
        .post("community_worker", &format!("/items/answer:{number}/take"), &[("csrf", WORD), ("back", "/requests")])
        .await;
    assert_eq!(took.status, 303, "{}", took.body);
    assert!(follow(&secret).await.body.contains("A worker is on it"));
    let answer = [("csrf", WORD), ("answer:answer", "药已送到门口"), ("answer:confirmed", "yes")];
    let answered = house.post("community_worker", &format!("/requests/{number}/answer"), &answer).await;
    assert_eq!(answered.status, 303, "{}", answered.body);
    assert!(follow(&secret).await.body.contains("Answered, and you confirmed it"));
}

#[tokio::test]
async fn an_emergency_is_first_in_the_queue_and_is_told_to_call() {
    let house = House::open().await;
    for kind in ["food", "emergency"] {
        let fields = [("kind", kind), ("place", "500103013006"), ("text", "help")];
        let made = house.post("nobody", "/public/request", &fields).await;
        assert_eq!(made.status, 200, "{}", made.body);
        let first = made.body.find("tel:120").unwrap_or(usize::MAX);
        assert_eq!(first < made.body.find("We have it").unwrap(), kind == "emergency", "{kind}");
    }
    let queue = house.get("district_command", "/requests").await.body;
    assert!(queue.find("Medical emergency").unwrap() < queue.find("Food").unwrap(), "{queue}");
    // a call taken by the hotline goes the same way
    let fields = [("csrf", WORD), ("kind", "dialysis"), ("division", "500103013006"), ("text", "透析")];
    let taken = house.post("hotline", "/requests/new", &fields).await;
    assert_eq!(taken.status, 200, "{}", taken.body);
    assert!(taken.body.contains("is taken"), "{}", taken.body);
    let elsewhere = [("csrf", WORD), ("kind", "dialysis"), ("division", "500112016001"), ("text", "透析")];
    assert_eq!(house.post("hotline", "/requests/new", &elsewhere).await.status, 422);
    assert_eq!(house.get("auditor", "/requests/new").await.status, 404);
}

#[tokio::test]
async fn bulletins_stand_at_addresses_that_stay() {
    let house = House::open().await;
    let day = "/public/bulletins/2022-11-20";
    assert_eq!(house.get("nobody", &format!("{day}/1")).await.status, 404, "not published yet");
    let says = async |who: &str, verb: &str, key: &str| {
        let said = house.post(who, "/bulletins", &[("csrf", WORD), ("verb", verb), ("key", key)]).await;
        assert_eq!(said.status, 303, "{}", said.body);
        house.get(who, &format!("/bulletins/{key}")).await.body
    };
    let (approve, publish) = ("/bulletins/2022-11-20:1/approve", "/bulletins/2022-11-20:1/publish");
    let desk = house.get("city_command", "/bulletins/2022-11-20:1").await.body;
    assert!(desk.contains(approve) && !desk.contains(publish) && desk.contains("Approvals: none yet of 2"), "{desk}");
    let desk = says("city_command", "approve", "2022-11-20:1").await;
    assert!(!desk.contains(approve) && !desk.contains(publish) && desk.contains("Approvals: 1 of 2"), "{desk}");
    assert_eq!(house.get("nobody", &format!("{day}/1")).await.status, 404, "one is not enough");
    let desk = says("public_information", "approve", "2022-11-20:1").await;
    assert!(desk.contains(publish) && desk.contains("Approved, not published yet"), "{desk}");
    says("city_command", "publish", "2022-11-20:1").await;
    let first = house.get("nobody", &format!("{day}/1")).await;
    assert_eq!(first.status, 200, "{}", first.body);
    assert!(!first.body.contains("A later edition") && first.body.len() < PAGE_BYTES_MAX);
    assert_eq!(house.get("nobody", day).await.location, format!("{day}/1"));
    let paper = house.get("nobody", &format!("{day}/1/paper")).await;
    assert!(paper.status == 200 && paper.policy.contains("default-src 'none'"));
    // to be printed and written on; where no font is, that is said
    let docx = house.get("nobody", &format!("{day}/1/bulletin.zh-Hans.docx")).await;
    assert!(docx.status == 200 && docx.body.starts_with("PK"), "{}", docx.status);
    let pdf = house.get("nobody", &format!("{day}/1/bulletin.zh-Hant.pdf")).await;
    match dayclear_web::fonts::find(None) {
        Ok(_) => assert!(pdf.status == 200 && pdf.body.starts_with("%PDF-1.7"), "{}", pdf.status),
        Err(_) => assert!(pdf.status == 503 && pdf.body.contains("no font"), "{}", pdf.body),
    }
    for none in ["bulletin.xx.pdf", "bulletin.en.exe", "other.en.pdf"] {
        assert_eq!(house.get("nobody", &format!("{day}/1/{none}")).await.status, 404, "{none}");
    }
    // the same for machines, described with their hashes
    let package = house.get("nobody", &format!("{day}/1/datapackage.json")).await;
    let package: serde_json::Value = serde_json::from_str(&package.body).unwrap();
    assert_eq!((package["version"].as_str(), package["profile"].as_str()), (Some("1"), Some("data-package")));
    let resources = package["resources"].as_array().unwrap();
    assert_eq!(resources.len(), 5, "{package}");
    for resource in resources {
        let path = resource["path"].as_str().unwrap();
        let file = house.get("nobody", &format!("{day}/1/{path}")).await;
        let hash = <sha2::Sha256 as sha2::Digest>::digest(file.body.as_bytes());
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(resource["hash"].as_str(), Some(format!("sha256:{hash}").as_str()), "{path}");
        assert_eq!(resource["bytes"].as_u64(), Some(file.body.len() as u64), "{path}");
        if let Some(rows) = resource["rows"].as_u64() {
            let mut reader = csv::Reader::from_reader(file.body.as_bytes());
            assert_eq!(reader.records().collect::<Result<Vec<_>, _>>().unwrap().len() as u64, rows, "{path}");
            let fields = resource["schema"]["fields"].as_array().unwrap();
            let names: Vec<&str> = fields.iter().map(|field| field["name"].as_str().unwrap()).collect();
            assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), names);
        }
    }
    let aggregate = house.get("nobody", &format!("{day}/1/dhis2.json")).await;
    let aggregate: serde_json::Value = serde_json::from_str(&aggregate.body).unwrap();
    let values = aggregate["dataValues"].as_array().unwrap();
    let of = |element: &str, unit: &str| {
        values.iter().find(|v| v["dataElement"] == element && v["orgUnit"] == unit).map(|v| v["value"].clone())
    };
    let sum: u64 = ["500103", "500112"]
        .iter()
        .map(|unit| of("dayclear_confirmed", unit).unwrap().as_str().unwrap().parse::<u64>().unwrap())
        .sum();
    assert_eq!(of("dayclear_confirmed", "50"), Some(sum.to_string().into()));
    assert!(values.iter().all(|v| v["period"] == "20221120"));
    for odd in ["2022-11-20/0", "2022-11-20/-1", "2022-11-20/x", "2022-11-20/9", "yesterday/1"] {
        assert_eq!(house.get("nobody", &format!("/public/bulletins/{odd}")).await.status, 404, "{odd}");
    }
    let correct =
        [("csrf", WORD), ("verb", "correct"), ("correct:day", "2022-11-20"), ("correct:correction", "一例更正")];
    let corrected = house.post("city_command", "/bulletins", &correct).await;
    assert_eq!(corrected.status, 303, "{}", corrected.body);
    let desk = house.get("city_command", "/bulletins/2022-11-20:2").await.body;
    assert!(!desk.contains("2022-11-20:2/approve"), "by whoever drafted it: {desk}");
    let first = house.get("nobody", &format!("{day}/1")).await;
    assert!(!first.body.contains("A later edition"), "nothing is corrected by a draft");
    for who in ["public_information", SECOND_PRESS] {
        says(who, "approve", "2022-11-20:2").await;
    }
    says("city_command", "publish", "2022-11-20:2").await;
    let first = house.get("nobody", &format!("{day}/1")).await;
    assert!(
        first.body.contains("A later edition corrects this one") && first.body.contains(&format!("{day}/2")),
        "{}",
        first.body
    );
    let second = house.get("nobody", &format!("{day}/2")).await;
    assert!(second.body.contains("一例更正"), "{}", second.body);
}

#[tokio::test]
async fn an_emergency_goes_from_the_page_to_a_decision_with_nothing_asked_in_between() {
    let house = House::open().await;
    let blank = house.get("nobody", "/public/emergency").await.body;
    assert!(blank.find("tel:120").unwrap() < blank.find("<form").unwrap(), "the number to call comes first");
    // R08: what, where, in which words, and how to be reached; and nothing else
    let mut asked: Vec<&str> = attributes(&blank, "name").into_iter().filter(|name| *name != "viewport").collect();
    asked.dedup();
    asked.retain(|name| !matches!(*name, "lang" | "back" | "color-scheme" | "robots" | "referrer" | "theme-color"));
    assert_eq!(asked, ["kind", "place", "text", "contact"]);
    // without a place it is asked once more, and nothing is lost
    let wrong = house.post("nobody", "/public/emergency", &[("text", "胸口痛"), ("contact", "13800000000")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("胸口痛") && wrong.body.contains("13800000000"), "{}", wrong.body);
    let fields = [("kind", "labour"), ("place", "500103"), ("text", "要生了，3栋1201"), ("contact", "13800000000")];
    let made = house.post("nobody", "/public/emergency", &fields).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let secret = between(&made.body, "<span class=\"secret\">", "</span>").to_owned();
    let number = between(&made.body, "We have it: ", "</strong>").to_owned();
    let follow = async || house.post("nobody", "/public/follow", &[("secret", &secret)]).await.body;
    assert!(follow().await.contains("Being decided which help goes"));
    // everybody on duty for the place sees it; it rings for those of the first tier
    for (who, rung) in [
        ("dispatcher", "1"),
        ("community_worker", "1"),
        ("hotline", "1"),
        ("district_command", "0"),
        // the blocked exit of the example's other district has waited for hours
        ("city_command", "1"),
    ] {
        let board = house.get(who, "/tickets").await;
        assert_eq!(board.status, 200, "{who}");
        assert!(board.body.contains(&format!("/tickets/{number}")), "{who}: {}", board.body);
        assert!(board.body.contains(&format!("data-alarm=\"{rung}\"")), "{who}: {}", board.body);
        let words = matches!(who, "dispatcher" | "community_worker" | "district_command");
        assert_eq!(board.body.contains("要生了"), words, "{who}");
    }
    let decide = [("csrf", WORD), ("decide:decision", "ambulance")];
    let decided = house.post("dispatcher", &format!("/tickets/{number}/decide"), &decide).await;
    assert_eq!(decided.status, 303, "{}", decided.body);
    assert!(follow().await.contains("Decided which help goes"));
    // another one finds it in hand
    let other = house.post("community_worker", &format!("/tickets/{number}/decide"), &decide).await;
    assert_eq!(other.status, 409, "{}", other.body);
    let unnamed = [("csrf", WORD), ("refuse:reason", "no bed")];
    let refused = house.post("dispatcher", &format!("/tickets/{number}/refuse"), &unnamed).await;
    assert_eq!(refused.status, 422, "a refusal without a name: {}", refused.body);
    let named =
        [("csrf", WORD), ("refuse:reason", "no bed"), ("refuse:clinician", "Dr Wang"), ("refuse:facility", "DH1")];
    let refused = house.post("dispatcher", &format!("/tickets/{number}/refuse"), &named).await;
    assert_eq!(refused.status, 303, "{}", refused.body);
    let page = house.get("district_command", &format!("/tickets/{number}")).await.body;
    assert!(page.contains("Dr Wang") && page.contains("A clinician refused once"), "{page}");
    assert!(!house.get("city_command", &format!("/tickets/{number}")).await.body.contains("Dr Wang"));
    let incidents = house.get("district_command", "/items?worklist=review&open=true").await.body;
    assert!(incidents.contains(&format!("review:refused%2F{number}%2F1")), "{incidents}");
    let incident = house.get("district_command", &format!("/items/review:refused%2F{number}%2F1")).await.body;
    assert!(incident.contains(&format!("/tickets/{number}")), "{incident}");
    let helped = house.post("dispatcher", &format!("/tickets/{number}/help"), &[("csrf", WORD)]).await;
    assert_eq!(helped.status, 303, "{}", helped.body);
    assert!(follow().await.contains("The person is where help is"));
    assert!(!house.get("dispatcher", "/tickets").await.body.contains(&number));
}
