//! The situation room as people get it: figures with their intervals and gaps, in three languages, on a wall and in a pack for the
//! meeting, and of no district but one's own.

use crate::{House, house};
use dayclear_core::{
    cases::{Classification, Origin, Severity},
    time::Zone,
};
use dayclear_ops::{dispatch::capacity, minutes::Settings, needs::Needs, situation};
use dayclear_store::cases::Case;

/// Thirty days that double in ten, two of three in one district.
async fn grown() -> House {
    let house = House::open().await;
    let (store, scope) = (house.app.store(), house.app.own_scope());
    let zone = Zone::named("Asia/Shanghai").unwrap();
    let today = zone.day(house.app.now());
    let (mut cases, mut no) = (Vec::new(), 0);
    for back in 1..=30 {
        let day = today.plus_days(-back);
        for at in 0..(40.0 * 2f64.powf(-back as f64 / 10.0)).round() as i64 {
            no += 1;
            let found_at = zone.at(day, 9, 0);
            cases.push(Case {
                id: format!("X{no:05}"),
                person: format!("Q{no:05}"),
                person_no: 1_000_000 + no,
                division: if at % 3 == 2 { "500112016001" } else { "500103013006" }.parse().unwrap(),
                building: None,
                tube_no: 1,
                sampled_at: found_at.plus_hours(-7),
                found_at,
                ct: None,
                origin: if at % 2 == 0 { Origin::Community } else { Origin::AlreadyIsolated },
                classification: Classification::Confirmed,
                severity: Severity::Mild,
                onset: (at % 2 == 0).then(|| day.plus_days(-(at % 3))),
                counted_on: Some(day),
                converted_on: None,
                closed_on: Some(day),
                outcome: Some("recovered".to_owned()),
                reason: "{}".to_owned(),
                aside: None,
            });
        }
    }
    let mut tx = store.turn(&scope).await.unwrap();
    tx.open_cases(&cases).await.unwrap();
    tx.commit().await.unwrap();
    let settings =
        Settings { zone, legal_basis: "statute".to_owned(), body: "body".to_owned(), travel: Default::default() };
    let (packs, needs) = (&house.app.setup.packs, Needs::built_in().unwrap());
    let now = house.app.now();
    let looked = situation::look(store, packs, &settings, &needs, "covid-19", &scope, now, 0).await.unwrap();
    assert_eq!(looked.unwrap().units, 3);
    house
}

#[tokio::test]
async fn the_room_shows_what_is_known_how_sure_that_is_and_what_must_be_decided() {
    let house = grown().await;
    let page = house.get("city_command", "/situation").await;
    assert_eq!(page.status, 200, "{}", page.body);
    for part in ["class=\"band half\"", "class=\"middle\"", "Reproduction number", "Yuzhong", "95 % interval", "decide"]
    {
        assert!(page.body.contains(part), "{part} is not in\n{}", page.body);
    }
    // a district sees its own curve and no other district's
    let own = house.get("district_command", "/situation").await;
    assert!(own.body.contains("Yuzhong") && !own.body.contains("/situation/500112"), "{}", own.body);
    for other in ["/situation/50", "/situation/500112", "/situation/500103013"] {
        assert_eq!(house.get("district_command", other).await.status, 404, "{other}");
    }
    assert_eq!(house.get("city_command", "/situation/500112").await.status, 200);
    assert_eq!(house.get("city_command", "/situation/50").await.status, 303, "one place has one address");
    // on a wall there is nothing to press and nothing to unfold
    let wall = house.get("city_command", "/situation?wall=1").await;
    assert!(wall.body.contains("data-wall") && !wall.body.contains("<details class=\"fold\""), "{}", wall.body);
    assert!(!page.body.contains("data-wall"));
}

/// What a page draws of a place: its tag, up to the end of it.
fn drawn<'b>(body: &'b str, code: &str) -> &'b str {
    let at = body.find(&format!("data-code=\"{code}\"")).unwrap_or_else(|| panic!("{code} is not drawn in\n{body}"));
    let from = body[..at].rfind('<').unwrap();
    let to = at + body[at..].find("</title>").unwrap();
    &body[from..to]
}

#[tokio::test]
async fn a_day_of_the_map_is_a_link_and_what_is_not_known_of_a_day_is_missing() {
    let house = grown().await;
    let today = Zone::named("Asia/Shanghai").unwrap().day(house.app.now());
    let day = |back: i64| today.plus_days(-back).to_string();
    let page = house.get("city_command", "/situation").await;
    assert_eq!(page.body.matches("data-day=").count(), 29, "28 whole days, and the one that runs");
    // 37 on the last whole day, two of three in one district
    let last = drawn(&page.body, "500103");
    assert!(last.contains("region s-5") && last.contains("Yuzhong") && last.contains("25"), "{last}");
    assert!(page.body.contains("37 found, 19 of them in the community."), "{}", page.body);
    // a day back is another picture under an address of its own, and the newest day has none
    let path = format!("/situation?day={}", day(11));
    assert!(page.body.contains(&format!("href=\"{path}#spread\"")), "{}", page.body);
    let before = house.get("city_command", &path).await;
    let then = drawn(&before.body, "500103");
    assert!(before.body.contains("19 found") && then.contains(": 13"), "{then}");
    assert!(before.body.contains(&format!("href=\"{path}#spread\" data-day=\"{}\"", day(11))));
    assert_ne!(last, then);
    // the day that runs is no day without cases
    let runs = house.get("city_command", &format!("/situation?day={}", day(0))).await;
    let now = drawn(&runs.body, "500103");
    assert!(now.contains("region none") && now.contains("not known"), "{now}");
    assert!(runs.body.contains("not counted to its end"), "{}", runs.body);
    for other in [day(-3), day(40), "soon".to_owned()] {
        let page = house.get("city_command", &format!("/situation?day={other}")).await;
        assert!(page.status == 200 && drawn(&page.body, "500103") == last, "{other} is the last whole day");
    }
    // a district has its communities, and nothing of another one's
    let own = house.get("district_command", "/situation").await;
    let circle = drawn(&own.body, "500103013006");
    assert!(circle.starts_with("<circle") && circle.contains("r=\"26.0\"") && circle.contains("25"), "{circle}");
    assert!(own.body.contains("data-row=\"500103013006\"") && !own.body.contains("data-row=\"500112"));
    assert!(!own.body.contains("data-code=\"500112016001\""));
}

#[tokio::test]
async fn the_board_says_what_is_free_what_is_needed_and_by_when_to_decide_and_a_wall_shows_it_in_large() {
    let house = grown().await;
    let before = house.get("city_command", "/situation").await;
    let board = |body: &str| {
        let from = body.find("id=\"board\"").unwrap_or_else(|| panic!("no board in\n{body}"));
        body[from..from + body[from..].find("</table>").unwrap()].to_owned()
    };
    let shown = board(&before.body);
    for part in ["beds in temporary hospitals", "isolation rooms", "laboratory hours a day", "vehicles with crews"] {
        assert!(shown.contains(part), "{part} is not in\n{shown}");
    }
    // tomorrow, and in three, seven and fourteen days, each with how much it may be
    assert_eq!(shown.matches("scope=\"col\" class=\"n\">Needed ").count(), 4, "{shown}");
    assert!(shown.contains("up to ") && shown.contains("Decide by"), "{shown}");
    // nothing of free beds was worked out, and that is not none
    assert!(shown.contains("data-label=\"Free now\">not known") && !shown.contains("Free beds as of"), "{shown}");

    let (store, scope, now) = (house.app.store(), house.app.own_scope(), house.app.now());
    let zone = Zone::named("Asia/Shanghai").unwrap();
    let settings =
        Settings { zone, legal_basis: "statute".to_owned(), body: "body".to_owned(), travel: Default::default() };
    let packs = &house.app.setup.packs;
    assert!(capacity::look(store, packs, &settings, "covid-19", &scope, now).await.unwrap());
    let city = board(&house.get("city_command", "/situation").await.body);
    assert!(city.contains("Free beds as of") && city.contains("at least in three days"), "{city}");
    // whoever may not see beds is told so, and sees what the days take
    for who in ["tracer", "public_information"] {
        let own = board(&house.get(who, "/situation").await.body);
        assert!(own.contains("Not shown to this duty") && !own.contains("at least in three days"), "{who}: {own}");
    }
    let wall = house.get("city_command", "/situation?wall=1").await;
    for part in ["class=\"wall\"", "Wait for a bed", "Free beds", "Share in the community", "class=\"map\"", "live"] {
        assert!(wall.body.contains(part), "{part} is not in\n{}", wall.body);
    }
    assert!(!wall.body.contains("<table") && wall.body.contains("href=\"/situation\">Normal view"), "{}", wall.body);
    assert!(!house.get("tracer", "/situation?wall=1").await.body.contains("Free beds"));
}

#[tokio::test]
async fn the_pack_has_a_page_for_each_district_and_says_who_owns_what_is_stuck() {
    let house = grown().await;
    let city = house.get("city_command", "/situation/pack").await;
    assert_eq!(city.status, 200, "{}", city.body);
    assert_eq!(city.body.matches("class=\"section briefing\"").count(), 2);
    assert!(
        city.body.contains("What is stuck, and who owns it") && city.body.contains("Asked and done on"),
        "{}",
        city.body
    );
    let district = house.get("district_command", "/situation/pack").await;
    assert_eq!(district.body.matches("class=\"section briefing\"").count(), 1);
    assert!(!district.body.contains("d-500112"));
    // each with where the week's cases were found, drawn and by name
    assert_eq!(city.body.matches("Where cases were found in the last seven days</figcaption>").count(), 2);
    assert!(drawn(&city.body, "500103013006").starts_with("<circle") && district.body.contains("class=\"dot\""));
    assert!(!district.body.contains("data-code=\"500112016001\""));
    let file = "/situation/pack/file/pack.docx";
    for (who, found) in [("city_command", 200), ("district_command", 200), ("tracer", 404), ("public_information", 404)]
    {
        assert_eq!(house.get(who, file).await.status, found, "{who}");
    }
    let pdf = house.get("city_command", "/situation/pack/file/pack.pdf").await;
    match dayclear_web::fonts::find(None) {
        // each district begins a page
        Ok(_) => {
            let pages = pdf.body.matches("/Type /Page ").count();
            assert!(pdf.status == 200 && (2..=6).contains(&pages), "{} {pages}", pdf.status);
        }
        Err(_) => assert_eq!(pdf.status, 503),
    }
    for who in ["tracer", "public_information", "hotline", "laboratory"] {
        assert_eq!(house.get(who, "/situation/pack").await.status, 404, "{who}");
    }
    // nobody is named in it
    assert!(!city.body.contains(house::NAME) && !city.body.contains(house::PHONE) && !city.body.contains(house::WORDS));
}
