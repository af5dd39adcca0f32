//! Every page of every list, for every duty that reads it, from an index on both engines: no table that grows with the city
//! is read whole, and nothing large is sorted. Asked of a small city, on which a planner chooses as on a large one.

#[path = "../../examples/big_store/engine.rs"]
#[allow(dead_code)]
mod engine;
#[path = "../../examples/big_store/filling.rs"]
mod filling;
#[path = "../../examples/big_store/recipes/mod.rs"]
mod recipes;

use crate::engines::on_both;
use dayclear_core::{
    access::{Duty, Role},
    listing::{LISTINGS, Listing, Query},
    time::Zone,
};
use dayclear_store::{Scope, Store};
use recipes::Sizes;
use std::path::Path;

/// Tables that grow with the people or with the days.
const BIG: &[&str] = &[
    "items",
    "cases",
    "people",
    "households",
    "contacts",
    "orders",
    "transfers",
    "tubes",
    "members",
    "results",
    "settled",
    "events",
    "requests",
    "parcels",
    "trips",
];

/// The big district, a small one, and a community of the first.
const PLACES: &[&str] = &["50", "500112", "500114", "500112002"];

fn duties(role: Role) -> Vec<Duty> {
    let site = match role {
        Role::Laboratory => Some("L003"),
        Role::Driver => Some("V0003"),
        Role::Facility => Some("F00003"),
        _ => None,
    };
    PLACES.iter().map(|place| Duty { role, division: place.parse().unwrap(), site: site.map(str::to_owned) }).collect()
}

/// Pages that people open: the first one, a later one, and one by each field that a list is commonly narrowed by.
fn questions(listing: &'static Listing) -> Vec<String> {
    let mut questions = vec![String::new()];
    for order in listing.orders {
        questions.push(format!("sort={order}"));
    }
    for field in listing.fields.iter().filter(|field| field.filter) {
        let value = match (field.name, field.holds) {
            ("worklist", _) => "move",
            ("division", _) => "500114",
            ("open", _) => "true",
            ("owner", _) => "500114",
            ("assignee", _) => "bench",
            ("person", _) => "P000000100",
            ("household", _) => "H000000100",
            ("tube", _) => "T000000100",
            ("subject", _) => "C000000100",
            ("case_id", _) => "C000000100",
            ("request", _) => "Q000000100",
            ("facility", _) => "F00003",
            ("laboratory", _) => "L003",
            ("trip", _) => "R-C000000100",
            ("vehicle", _) => "V0003",
            _ => continue,
        };
        questions.push(format!("{}={value}", field.name));
        if field.name == "worklist" {
            questions.extend(
                ["worklist=move&open=true", "worklist=move&open=true&sort=opened", "worklist=test,move&open=true"]
                    .map(str::to_owned),
            );
            questions.push("open=false".to_owned());
        }
    }
    questions
}

/// Whether a line of a plan shows something.
type Finds = fn(&str) -> bool;

/// What is wrong with a plan. `few`: the rows are found first and sorted, because they are few.
fn fault(plan: &[String], server: bool, few: bool) -> Option<String> {
    let (sorts, scans): (Finds, Finds) = if server {
        (
            |line| line.starts_with("Sort  "),
            |line| {
                let table = line.split("Seq Scan on ").nth(1).and_then(|rest| rest.split_whitespace().next());
                table.is_some_and(|table| BIG.contains(&table))
            },
        )
    } else {
        // tables are shown by their aliases; the merge reads its own parts
        (
            |line| line.starts_with("USE TEMP B-TREE FOR ORDER BY"),
            |line| {
                line.starts_with("SCAN ")
                    && !line.contains(" USING ")
                    && !part(line)
                    && !line.starts_with("SCAN (")
                    && line != "SCAN CONSTANT ROW"
            },
        )
    };
    let lines: Vec<&str> = plan.iter().map(|line| line.trim_start_matches([' ', '-', '>'])).collect();
    // where parts are merged, the first rows of all of them are sorted once more
    let mut read = "";
    let mut sorted: Vec<&str> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let below = lines[at + 1..].iter().find(|line| !line.starts_with("Sort Key") && !line.starts_with("Presorted"));
        let of_parts = part(read)
            || below.is_some_and(|below| {
                ["Limit", "Append", "Merge Append", "Result"].iter().any(|node| below.starts_with(node))
            });
        if sorts(line) && !of_parts {
            sorted.push(line);
        }
        if line.starts_with("SCAN ") || line.starts_with("SEARCH ") {
            read = line;
        }
    }
    // a table may be read from its end as it lies, until the page is full; a server says so by its primary key
    let scan = lines.iter().find(|line| scans(line) && (server || !sorted.is_empty()));
    let sort = sorted.first().filter(|_| !few);
    scan.or(sort).map(|line| (*line).to_owned())
}

/// Whether a step of SQLite reads the part of a page, which is as long as a page.
fn part(step: &str) -> bool {
    let rest = step.strip_prefix("SCAN p");
    rest.is_some_and(|rest| rest == "ieces" || (!rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit())))
}

#[test]
fn whoever_is_in_a_tube_leads_to_what_hangs_on_them_and_not_the_other_way_round() {
    on_both(async |store| {
        // a server chooses by what it has counted in its tables
        if store.store.engine() != "sqlite" {
            return;
        }
        let mut tx = store.store.begin(&Scope::everything("50".parse().unwrap())).await.unwrap();
        tx.index_roster().await.unwrap();
        let plan = tx.plan_of_at_stake().await.unwrap();
        assert!(plan.len() > 20, "{plan:#?}");
        let read =
            |step: &&String| step.starts_with("SCAN ") && !step.starts_with("SCAN w") && !step.contains("json_each");
        assert_eq!(plan.iter().find(read), None, "{plan:#?}");
        assert_eq!(plan.iter().find(|step| step.contains("AUTOMATIC")), None, "{plan:#?}");
    });
}

#[test]
fn every_page_comes_from_an_index() {
    let zone = Zone::named("Asia/Shanghai").unwrap();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/chongqing");
    on_both(async |store| {
        filling::fill(&store.url, &data, Sizes::of(60_000, 6_000), &mut |_, _| {}).await.unwrap();
        let server = store.store.engine() == "postgresql";
        if server {
            // in a small city it is cheap to read everything and sort it: what is asked here is whether there is another way
            for setting in ["enable_seqscan", "enable_sort", "jit"] {
                let name = store.url.rsplit_once('/').unwrap().1;
                store.sql(&format!("alter database {name} set {setting} = off")).await.unwrap();
            }
        }
        let city = Store::open(&store.url).await.unwrap();
        let mut faults = Vec::new();
        for listing in LISTINGS.iter().filter(|listing| BIG.contains(&listing.name)) {
            for duty in listing.readers.iter().flat_map(|role| duties(*role)) {
                let mut tx = city.look(&Scope::on_duty(&duty, "bench")).await.unwrap();
                for question in questions(listing) {
                    // the walk from door to door is one depot's, and sorted (`/supplies/round`)
                    if listing.name == "parcels" && question == "sort=door" {
                        continue;
                    }
                    let pairs = question.split('&').filter_map(|pair| pair.split_once('='));
                    let mut query = Query::read(listing, pairs, &zone).unwrap();
                    let few = duty.division.as_str().len() > 6
                        || duty.role.assigned_only()
                        || duty.role.needs_site()
                        || question.contains("id=")
                        || [
                            "person",
                            "household",
                            "tube",
                            "subject",
                            "request",
                            "facility",
                            "laboratory",
                            "trip",
                            "vehicle",
                            "assignee",
                            "owner",
                        ]
                        .iter()
                        .any(|name| question.contains(&format!("{name}=")))
                        || (duty.role == Role::Dispatcher && listing.name == "people");
                    let plan = tx.plan_of(listing, &query).await.unwrap();
                    if let Some(fault) = fault(&plan, server, few) {
                        faults.push(format!("{} {} {} ?{question}: {fault}", listing.name, duty.role, duty.division));
                        if std::env::var("PLANS").is_ok() {
                            faults.extend(plan.iter().map(|l| format!("      {l}")));
                        }
                    }
                    query.limit = 5;
                    let page = tx.list(listing, &query).await.unwrap();
                    if let (Some(next), true) =
                        (&page.next, question.is_empty() || question.contains("sort=") || question.contains("open="))
                    {
                        query.after = Query::read(listing, [("after", next.as_str())], &zone).unwrap().after;
                        let plan = tx.plan_of(listing, &query).await.unwrap();
                        // the rest of the tubes of one person is sorted
                        let few = few || listing.name == "members";
                        if let Some(fault) = fault(&plan, server, few) {
                            faults.push(format!(
                                "{} {} {} ?{question}, later: {fault}",
                                listing.name, duty.role, duty.division
                            ));
                            if std::env::var("PLANS").is_ok() {
                                faults.extend(plan.iter().map(|l| format!("      {l}")));
                            }
                        }
                    }
                }
            }
        }
        city.close().await;
        assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), store.store.engine(), faults.join("\n"));
    });
}
