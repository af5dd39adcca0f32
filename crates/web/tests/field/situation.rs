//! The situation room as people get it: figures with their intervals and gaps, in three languages, on a wall and in a pack for the
//! meeting, and of no district but one's own.

use crate::{House, house};
use dayclear_core::{
    cases::{Classification, Origin, Severity},
    time::Zone,
};
use dayclear_ops::{minutes::Settings, needs::Needs, situation};
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
