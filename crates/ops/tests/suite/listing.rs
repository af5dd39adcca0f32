//! Every declared list, on both stores: it can be read page by page in every order without a gap or a double, each record
//! is found by its key, filters keep what they say, and what a role is not shown does not leave.

use crate::{
    city::{DAY, Files, close},
    engines::on_both,
};
use dayclear_core::{
    access::{Class, Duty, Role, Sees, Sight, reveal},
    listing::{Cell, Holds, LISTINGS, Listing, Query, ROWS_MAX, Row},
    time::Zone,
};
use dayclear_ops::listing::{Looker, found_up_to, page, record};
use dayclear_store::{Scope, Scoped};

fn zone() -> Zone {
    Zone::named("Asia/Shanghai").unwrap()
}

fn looker(role: Role, division: &str, site: Option<&str>) -> Looker {
    let duty = Duty { role, division: division.parse().unwrap(), site: site.map(str::to_owned) };
    Looker { account: "A1".to_owned(), duty, glass: Default::default() }
}

async fn walk(tx: &mut Scoped, listing: &'static Listing, order: usize, limit: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut query = Query { order, limit, ..Query::default() };
    loop {
        let page = tx.list(listing, &query).await.unwrap();
        rows.extend(page.rows);
        let Some(next) = page.next else { return rows };
        let parameters = [("after", next.as_str())];
        query.after = Query::read(listing, parameters, &zone()).unwrap().after;
        assert!(rows.len() < 5_000, "{}: no end", listing.name);
    }
}

#[test]
fn every_list_is_read_page_by_page_without_a_gap_or_a_double() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let mut tx = store.store.look(&Scope::everything("50".parse().unwrap())).await.unwrap();
        let mut sizes = Vec::new();
        for listing in LISTINGS {
            let whole = tx.list(listing, &Query { limit: ROWS_MAX, ..Query::default() }).await.unwrap().rows;
            for order in 0..listing.orders.len() {
                let small = walk(&mut tx, listing, order, 3).await;
                let sorted = |rows: &[Row]| {
                    let mut keys: Vec<String> =
                        rows.iter().map(|row| row.get(listing, listing.key).text(&zone())).collect();
                    keys.sort();
                    keys
                };
                let keys = sorted(&small);
                if whole.len() < ROWS_MAX {
                    assert_eq!(sorted(&whole), keys, "{} by {}", listing.name, listing.orders[order]);
                }
                let mut single = keys.clone();
                single.dedup();
                assert_eq!(single, keys, "{} by {}", listing.name, listing.orders[order]);
            }
            for row in whole.iter().take(5) {
                let key = row.get(listing, listing.key).text(&zone());
                assert_eq!(tx.record(listing, &key).await.unwrap().as_ref(), Some(row), "{} {key}", listing.name);
            }
            assert_eq!(tx.record(listing, "no such:2022-01-01:x:y").await.unwrap(), None, "{}", listing.name);
            sizes.push((listing.name, whole.len()));
        }
        sizes
    });
}

#[test]
fn a_filter_keeps_what_it_says_and_nothing_else() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let mut tx = store.store.look(&Scope::everything("50".parse().unwrap())).await.unwrap();
        for listing in LISTINGS {
            let whole = walk(&mut tx, listing, 0, ROWS_MAX).await;
            for (at, field) in listing.fields.iter().enumerate().filter(|(_, field)| field.filter) {
                let Some(cell) = whole.iter().map(|row| &row.cells[at]).find(|cell| **cell != Cell::Empty) else {
                    continue;
                };
                let text = cell.text(&zone());
                let query = Query::read(listing, [(field.name, text.as_str()), ("limit", "500")], &zone()).unwrap();
                let found = tx.list(listing, &query).await.unwrap().rows;
                let matches = |row: &&Row| match field.holds {
                    Holds::Division => row.cells[at].text(&zone()).starts_with(&text),
                    _ => row.cells[at] == *cell,
                };
                let expected = whole.iter().filter(matches).count();
                assert_eq!(found.len(), expected.min(ROWS_MAX), "{} {}={text}", listing.name, field.name);
                assert!(found.iter().all(|row| matches(&row)), "{} {}={text}", listing.name, field.name);
                let query = Query::read(listing, [(field.name, "none"), ("limit", "500")], &zone());
                if let Ok(query) = query {
                    let empty = whole.iter().filter(|row| row.cells[at] == Cell::Empty).count();
                    let found = tx.list(listing, &query).await.unwrap().rows.len();
                    assert_eq!(found, empty.min(ROWS_MAX), "{} {}=none", listing.name, field.name);
                }
            }
        }
    });
}

#[test]
fn the_first_of_each_worklist_is_the_one_that_its_own_list_begins_with() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        let items = Listing::named("items").unwrap();
        let open = |worklist: Option<&str>| {
            let named = worklist.map(|name| ("worklist", name));
            Query::read(items, [("open", "true")].into_iter().chain(named), &zone()).unwrap()
        };
        let mut seen = 0;
        for (role, division) in [
            (Role::CityCommand, "50"),
            (Role::DistrictCommand, "500103"),
            (Role::Hotline, "500103"),
            (Role::Auditor, "50"),
        ] {
            let who = looker(role, division, None);
            let mut tx = store.store.look(&who.scope()).await.unwrap();
            let firsts = dayclear_ops::listing::firsts(&mut tx, &who, items, &open(None)).await.unwrap();
            let mut expected = Vec::new();
            for name in dayclear_core::books::Worklist::NAMES {
                let query = Query { limit: 1, ..open(Some(name)) };
                expected.extend(page(&mut tx, &who, items, &query).await.unwrap().unwrap().rows);
            }
            let sorted = |mut rows: Vec<Row>| {
                rows.sort_by_key(|row| row.get(items, "id").text(&zone()));
                rows
            };
            seen += firsts.len();
            assert_eq!(sorted(firsts), sorted(expected), "{role}");
            let none = Listing::named("cases").unwrap();
            assert!(tx.firsts(none, &Query::default()).await.unwrap().is_empty(), "a list without groups");
        }
        assert!(seen > 10, "{seen}");
    });
}

#[test]
fn what_a_role_is_not_shown_does_not_leave_and_what_lies_outside_does_not_exist() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        for role in Role::ALL {
            let site = role.needs_site().then_some("L1");
            let looker = looker(*role, "500112", site);
            let mut tx = store.store.look(&looker.scope()).await.unwrap();
            for listing in LISTINGS {
                let query = Query::default();
                let found = page(&mut tx, &looker, listing, &query).await.unwrap();
                assert_eq!(found.is_some(), listing.readable_by(*role), "{role} {}", listing.name);
                let counted = found_up_to(&mut tx, &looker, listing, &query, query.limit).await.unwrap();
                assert_eq!(counted, found.as_ref().map_or(0, |page| page.rows.len() as u64), "{role} {}", listing.name);
                for row in found.map(|page| page.rows).unwrap_or_default() {
                    if let (Cell::Text(code), true) =
                        (row.get(listing, "division"), !matches!(listing.name, "facilities" | "beds" | "laboratories"))
                    {
                        // a question that the city puts is put in each of its districts
                        let above = listing.name == "questions" && "500112".starts_with(code.as_str());
                        assert!(above || code.starts_with("500112"), "{role} {}: {code}", listing.name);
                    }
                    for (field, cell) in listing.fields.iter().zip(&row.cells) {
                        let hidden = matches!(cell, Cell::Hidden | Cell::Masked(_) | Cell::Empty);
                        let plain = reveal(*role, field.class, Sees::OnDuty) == Sight::Plain;
                        assert!(plain || hidden, "{role} {} {}: {cell:?}", listing.name, field.name);
                        assert!(field.class != Class::Operational || !matches!(cell, Cell::Hidden | Cell::Masked(_)));
                    }
                }
            }
        }
        // the person of another district exists for nobody of this one
        let own = looker(Role::DistrictCommand, "500112", None);
        let mut tx = store.store.look(&own.scope()).await.unwrap();
        let people = Listing::named("people").unwrap();
        assert!(record(&mut tx, &own, people, "P041").await.unwrap().is_some());
        assert!(record(&mut tx, &own, people, "P001").await.unwrap().is_none());
        // and breaking the glass shows one person, not the next
        let mut city = looker(Role::CityCommand, "50", None);
        city.glass.insert("P041".to_owned());
        let cases = Listing::named("cases").unwrap();
        let mut tx = store.store.look(&city.scope()).await.unwrap();
        let rows = page(&mut tx, &city, cases, &Query::default()).await.unwrap().unwrap().rows;
        for row in &rows {
            let broken = row.get(cases, "person") == &Cell::Text("P041".into());
            assert_eq!(matches!(row.get(cases, "name"), Cell::Masked(_)), !broken, "{row:?}");
        }
    });
}
