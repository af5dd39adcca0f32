//! The menu of a role leads to its pages and to no others: what is not in it is answered as if it were not there.

use crate::{attributes, house::House};
use dayclear_core::{access::Role, listing::LISTINGS};

#[tokio::test]
async fn every_place_of_the_menu_is_there_and_every_other_is_not() {
    let house = House::open().await;
    let mut all = std::collections::BTreeSet::new();
    let mut own = std::collections::BTreeMap::new();
    for role in Role::ALL {
        let first = house.get(role.name(), "/").await;
        assert_eq!(first.status, 200, "{role}: {}", first.body);
        let menu = first.body.split("<nav aria-label=\"Main menu\">").nth(1).unwrap();
        let links = attributes(menu.split("</nav>").next().unwrap(), "href");
        all.extend(links.iter().cloned());
        own.insert(*role, links);
    }
    assert!(all.len() > 12, "{all:?}");
    for role in Role::ALL {
        for path in &all {
            let answer = house.get(role.name(), path).await;
            let wanted = if own[role].contains(path) { 200 } else { 404 };
            assert_eq!(answer.status, wanted, "{role} at {path}");
        }
    }
}

#[tokio::test]
async fn a_list_is_a_page_for_those_who_may_read_it_and_not_there_for_others() {
    let house = House::open().await;
    for role in Role::ALL {
        for listing in LISTINGS {
            let answer = house.get(role.name(), &format!("/{}", listing.name)).await;
            let wanted = if listing.readable_by(*role) { 200 } else { 404 };
            assert_eq!(answer.status, wanted, "{role} at {}", listing.name);
        }
    }
}

#[tokio::test]
async fn nobody_gets_a_page_without_a_session() {
    let house = House::open().await;
    for path in ["/", "/cases", "/people/P001", "/books", "/audit", "/administration", "/me", "/worklists"] {
        let answer = house.get("nobody", path).await;
        assert_eq!((answer.status, answer.location.starts_with("/login?next=")), (303, true), "{path}");
    }
}

#[tokio::test]
async fn addresses_that_mean_nothing_are_not_there_and_hurt_nothing() {
    let house = House::open().await;
    for path in [
        "/cases/%00",
        "/cases/../people",
        "/items/move:%27%22%3E",
        "/books/2022-13-40",
        "/books/yesterday",
        "/bulletins/2022-11-20:9",
        "/bulletins/2022-11-20:1/other",
        "/people/P999999",
        "/doubts/x:y:z",
        "/nothing",
        "/nothing/at/all",
    ] {
        let answer = house.get("district_command", path).await;
        assert!((400..500).contains(&answer.status), "{path}: {}", answer.status);
    }
    for query in ["/items?sort=name", "/items?due_at.from=soon", "/cases?after=zz", "/cases?limit=0", "/items?x=1"] {
        let answer = house.get("district_command", query).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.body.contains("<h1>"), "{query}: no page");
    }
}
