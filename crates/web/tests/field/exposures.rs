//! Places told to the public: without a login as a page, a feed and data, with nothing of the case, and none in an exercise.

use crate::{House, NAME};
use dayclear_core::{exposures::SiteState, time::Zone};
use dayclear_store::exposures::ExposureSite;

const PLACE: &str = "人民路农贸市场";
const OLD: &str = "老车站";
const WAITS: &str = "体育馆";
const CASE: &str = "C20221120-P055";
const PATHS: [&str; 3] = ["/public/exposures", "/public/exposures.json", "/public/exposures.atom"];

/// A place that is listed, one that waits, and one whose days are over.
async fn told(exercise: bool) -> House {
    let house = House::of(exercise).await;
    let (store, scope, now) = (house.app.store(), house.app.own_scope(), house.app.now());
    let zone = Zone::named("Asia/Shanghai").unwrap();
    let mut tx = store.turn(&scope).await.unwrap();
    for (id, place, days, listed) in
        [("S20221118-1", PLACE, 14, true), ("S20221118-2", WAITS, 14, false), ("S20221101-1", OLD, 0, true)]
    {
        let site = ExposureSite {
            id: id.to_owned(),
            case_id: CASE.to_owned(),
            division: "500112016001".parse().unwrap(),
            place: place.to_owned(),
            from: now.plus_hours(-3),
            until: now.plus_hours(-2),
            unknown: 20,
            gone_on: zone.day(now).plus_days(days),
            asked: ("one".to_owned(), now),
            state: SiteState::Asked,
        };
        tx.ask_site(&site).await.unwrap();
        if listed {
            tx.decide_site(id, SiteState::Listed, ("other", now), "").await.unwrap();
        }
    }
    tx.commit().await.unwrap();
    house
}

#[tokio::test]
async fn anybody_is_told_of_place_and_time_and_of_nobody() {
    let house = told(false).await;
    for path in PATHS {
        let answer = house.get("nobody", path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.body.contains(PLACE), "{path}: {}", answer.body);
        for never in [OLD, WAITS, CASE, NAME, "P055", "500112016001"] {
            assert!(!answer.body.contains(never), "{path} tells of {never}: {}", answer.body);
        }
    }
    let data = house.get("nobody", PATHS[1]).await;
    let data: serde_json::Value = serde_json::from_str(&data.body).unwrap();
    let site = data["sites"][0].as_object().unwrap();
    // nothing that is added to the row is told by itself
    assert_eq!(site.keys().collect::<Vec<_>>(), ["id", "district", "place", "from", "until"]);
    assert_eq!((site["district"].as_str(), data["sites"].as_array().map(Vec::len)), (Some("500112"), Some(1)));
    let feed = house.get("nobody", PATHS[2]).await;
    assert_eq!(feed.body.matches("<entry>").count(), 1, "{}", feed.body);
}

#[tokio::test]
async fn an_exercise_sends_nobody_to_be_tested() {
    let house = told(true).await;
    for path in PATHS {
        let answer = house.get("nobody", path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(!answer.body.contains(PLACE), "{path}: {}", answer.body);
    }
}
