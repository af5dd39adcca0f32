//! Moving people: two who want the same bed, contacts listed by hand, and chains that claim nothing.

use crate::{House, attributes, house::WORD};
use dayclear_core::access::Role;
use serde_json::Value;

/// Transfers that wait, as the board of a role shows them.
async fn waiting(house: &House, who: &str) -> Vec<String> {
    let mut found = Vec::new();
    for state in ["requested", "booked"] {
        let list = house.get(who, &format!("/transfers?sort=requested&state={state}")).await;
        assert_eq!(list.status, 200, "{}", list.body);
        let links = attributes(&list.body, "href").into_iter().filter(|link| link.starts_with("/transfers/"));
        found.extend(links.map(str::to_owned));
    }
    found.sort();
    found.dedup();
    found
}

fn offered(body: &str) -> Vec<String> {
    let buttons = body.split("name=\"claim:bed\" value=\"").skip(1);
    buttons.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

#[tokio::test]
async fn of_two_who_claim_a_bed_the_second_is_told_who_has_it() {
    let house = House::open().await;
    let transfers = waiting(&house, "dispatcher").await;
    assert!(transfers.len() > 1, "{transfers:?}");
    // two people to whom one bed is offered
    let mut offers = Vec::new();
    for path in &transfers {
        let page = house.get("dispatcher", path).await;
        assert_eq!(page.status, 200);
        offers.push((path.clone(), offered(&page.body)));
    }
    let pair = offers.iter().enumerate().find_map(|(at, (first, beds))| {
        let (second, bed) = offers[at + 1..]
            .iter()
            .find_map(|(second, others)| Some((second, beds.iter().find(|bed| others.contains(bed))?)))?;
        Some((first.clone(), second.clone(), bed.clone()))
    });
    let (first, second, bed) = pair.unwrap_or_else(|| panic!("no bed suits two of {offers:?}"));
    let claim = [("csrf", WORD), ("claim:bed", bed.as_str())];
    let won = house.post("dispatcher", &format!("{first}/claim"), &claim).await;
    assert_eq!((won.status, won.location.as_str()), (303, first.as_str()), "{}", won.body);
    let lost = house.post("district_command", &format!("{second}/claim"), &claim).await;
    assert_eq!(lost.status, 409, "{}", lost.body);
    let said = format!("{bed} is taken: dispatcher has it since 23:00");
    assert!(lost.body.contains(&said), "{said}: {}", lost.body);
    // the list beside the refusal is fresh
    assert!(!offered(&lost.body).contains(&bed), "{bed} is still offered");
    // the same again is no claim of another
    let again = house.post("dispatcher", &format!("{first}/claim"), &claim).await;
    assert_eq!(again.status, 303);
    let kept = house.get("dispatcher", &first).await;
    assert!(kept.body.contains(&bed));
}

#[tokio::test]
async fn a_bed_is_claimed_by_nobody_who_may_not() {
    let house = House::open().await;
    let transfers = waiting(&house, "dispatcher").await;
    let claim = [("csrf", WORD), ("claim:bed", "TH1-W1-1")];
    for (who, status) in [("auditor", 403), ("community_worker", 403), ("laboratory", 404), ("hotline", 404)] {
        let answer = house.post(who, &format!("{}/claim", transfers[0]), &claim).await;
        assert!([status, 403, 404].contains(&answer.status), "{who}: {}", answer.status);
        let page = house.get(who, &transfers[0]).await;
        assert!(offered(&page.body).is_empty(), "{who}");
    }
    let forged = [("claim:bed", "TH1-W1-1")];
    assert_eq!(house.post("dispatcher", &format!("{}/claim", transfers[0]), &forged).await.status, 403);
}

#[tokio::test]
async fn several_contacts_are_listed_at_once_or_none() {
    let house = House::open().await;
    let cases = house.get("district_command", "/cases").await;
    let case = attributes(&cases.body, "href").into_iter().find(|link| link.starts_with("/cases/C")).unwrap();
    let path = format!("/contacts{case}");
    let before = house.get("district_command", &path).await;
    assert_eq!(before.status, 200, "{}", before.body);
    let row = |n: &'static str, person: &'static str| {
        [
            (format!("{n}:person"), person),
            (format!("{n}:class"), "shared_space"),
            (format!("{n}:first_exposure"), "2022-11-19"),
        ]
    };
    let send = async |rows: Vec<(String, &'static str)>| {
        let mut fields = vec![("csrf", WORD)];
        fields.extend(rows.iter().map(|(name, value)| (name.as_str(), *value)));
        house.post("district_command", &path, &fields).await
    };
    // one of the two is nobody: none is taken, and the form keeps what was written
    let refused = send([row("1", "P005"), row("2", "NOBODY")].concat()).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert!(refused.body.contains("value=\"P005\"") && refused.body.contains("Nothing was taken"));
    let taken = send([row("1", "P005"), row("2", "P006")].concat()).await;
    assert_eq!(taken.status, 200, "{}", taken.body);
    assert!(taken.body.contains("Taken: 2"), "{}", taken.body);
    let empty = send(Vec::new()).await;
    assert_eq!(empty.status, 422);
    // the city's command sees no form, and may not use it
    let page = house.get("city_command", &path).await;
    assert!(page.status == 200 && !page.body.contains("1:person"));
}

#[tokio::test]
async fn chains_claim_no_source_and_tell_no_place_to_those_who_may_not_know_it() {
    let house = House::open().await;
    for who in ["district_command", "city_command", "auditor"] {
        let data: Value = serde_json::from_str(&house.get(who, "/contacts/chains.json").await.body).unwrap();
        for edge in data["edges"].as_array().unwrap() {
            assert_eq!(edge["sure"], false, "{edge}");
            assert!(who == "district_command" || edge["label"] == "", "{who}: {edge}");
        }
        let page = house.get(who, "/contacts/chains").await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("it proves nothing"));
    }
}

#[tokio::test]
async fn a_driver_and_a_site_have_pages_of_their_own() {
    let house = House::open().await;
    let trips = house.get("driver", "/transfers").await;
    assert!(trips.body.contains("Trips of this vehicle"), "{}", trips.body);
    let arrivals = house.get("facility", "/transfers").await;
    assert!(arrivals.body.contains("Arrivals") && arrivals.body.contains("aria-live"), "{}", arrivals.body);
    assert_eq!(house.get("facility", "/facilities/TH1").await.status, 404);
}

#[tokio::test]
async fn the_record_of_care_is_printed_for_those_who_look_after_somebody_and_for_nobody_else() {
    let house = House::open().await;
    let list = house.get("district_command", "/transfers?sort=requested&state=booked").await;
    let link = |body: &str| {
        attributes(body, "href").into_iter().find(|link| link.starts_with("/transfers/")).map(str::to_owned).unwrap()
    };
    let path = link(&list.body);
    let record = format!("{path}/paper");
    for role in Role::ALL {
        let (page, printed) = (house.get(role.name(), &path).await, house.get(role.name(), &record).await);
        let offered = page.status == 200 && page.body.contains(&record);
        assert_eq!(printed.status, if offered { 200 } else { 404 }, "{role}: {}", printed.body);
        let looks_after = matches!(role, Role::DistrictCommand | Role::Facility);
        assert!(looks_after || !offered, "{role} looks after nobody");
        assert!(*role != Role::DistrictCommand || offered);
    }
    let printed = house.get("district_command", &record).await;
    assert!(printed.policy.starts_with("default-src 'none'"), "{}", printed.policy);
    for said in ["Record of care so far", "Not admitted anywhere yet", "Positive", "file of the hospital"] {
        assert!(printed.body.contains(said), "{said}: {}", printed.body);
    }
    let other = house.get("district_command", &format!("{record}?lang=zh-Hant")).await;
    assert!(other.body.contains("診療觀察記錄"), "{}", other.body);
    assert_eq!(house.get("district_command", "/transfers/M-nobody/paper").await.status, 404);
}
