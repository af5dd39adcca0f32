//! Who sees what: every role on every list and field, in page, record and export, against the reviewed table
//! `tests/access.csv`; every operation without a session, for the wrong role, and from another division.

use crate::{
    engines::on_both,
    served::{ELSEWHERE, Served, duty, zone},
};
use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use dayclear_core::{
    access::{Role, Sees, Sight, export_rows_max, mask, reveal},
    command::{COMMANDS, Command},
    evidence::{EVIDENCE, Tells},
    listing::{Cell, LISTINGS, Listing, Query, ROWS_MAX, Row},
};
use dayclear_store::Scope;
use dayclear_web::api::operations;
use serde_json::{Value, json};
use std::{fs, path::Path};

/// The declared table: one line for each role, list and field; a list that does not exist for a role has one line.
fn declared() -> String {
    let mut table = String::from("role,list,field,class,shown\n");
    for role in Role::ALL {
        for listing in LISTINGS {
            if !listing.readable_by(*role) {
                table.push_str(&format!("{role},{},*,*,absent\n", listing.name));
                continue;
            }
            for field in listing.fields {
                let shown = reveal(*role, field.class, Sees::OnDuty);
                table.push_str(&format!("{role},{},{},{},{shown}\n", listing.name, field.name, field.class));
            }
            // one record, for whoever may decide about it
            if listing.is_heard() && Command::on(listing.name).any(|command| command.roles.contains(role)) {
                for field in listing.fields {
                    let shown = reveal(*role, field.class, Sees::Hearing);
                    table.push_str(&format!("{role},{} heard,{},{},{shown}\n", listing.name, field.name, field.class));
                }
            }
        }
    }
    table
}

#[test]
fn the_declared_table_is_the_reviewed_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/access.csv");
    if std::env::var_os("DAYCLEAR_WRITE_ACCESS").is_some() {
        fs::write(&path, declared()).unwrap();
    }
    let reviewed = fs::read_to_string(&path).unwrap_or_default();
    let declared = declared();
    let changed: Vec<&str> = declared.lines().filter(|line| !reviewed.lines().any(|known| known == *line)).collect();
    assert!(
        reviewed == declared,
        "who sees what has changed: {changed:?}. Review it, then write it with DAYCLEAR_WRITE_ACCESS=1"
    );
}

/// What a field of a row must look like for a role.
fn expected(role: Role, listing: &Listing, at: usize, row: &Row) -> Value {
    let cell = &row.cells[at];
    match (reveal(role, listing.fields[at].class, Sees::OnDuty), cell) {
        (_, Cell::Empty) => Value::Null,
        (Sight::Plain, _) => cell.json(&zone()),
        (Sight::Masked, Cell::Text(text)) => mask(text).into(),
        _ => Value::Null,
    }
}

async fn rows_of(served: &Served, role: Role, listing: &'static Listing) -> Vec<Row> {
    let scope = Scope::on_duty(&duty(role), served.account(role.name()));
    let mut tx = served.app.store().look(&scope).await.unwrap();
    tx.list(listing, &Query { limit: ROWS_MAX, ..Query::default() }).await.unwrap().rows
}

#[test]
fn what_leaves_is_what_the_table_says_in_page_record_and_export() {
    let seen = on_both(async |store| {
        let served = Served::example(store).await;
        let mut seen = 0;
        for role in Role::ALL {
            for listing in LISTINGS {
                let token = role.name();
                let page = served.get(token, &format!("/api/v1/{}?limit=500", listing.name)).await;
                let export = served.get(token, &format!("/api/v1/{}.json", listing.name)).await;
                if !listing.readable_by(*role) {
                    for answer in [&page, &export, &served.get(token, &format!("/api/v1/{}/x", listing.name)).await] {
                        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{role} {}", listing.name);
                        assert_eq!(answer.problem(), "unknown");
                    }
                    continue;
                }
                assert_eq!(page.status, StatusCode::OK, "{role} {}", listing.name);
                let rows = rows_of(&served, *role, listing).await;
                let page = page.json();
                let shown = page["rows"].as_array().unwrap();
                assert_eq!(shown.len(), rows.len(), "{role} {}", listing.name);
                let exported = match export_rows_max(*role) {
                    0 => {
                        assert_eq!((export.status, export.problem().as_str()), (StatusCode::FORBIDDEN, "not-yours"));
                        None
                    }
                    _ => Some(export.json()),
                };
                for (n, row) in rows.iter().enumerate() {
                    let key = row.get(listing, listing.key).text(&zone());
                    for (at, field) in listing.fields.iter().enumerate() {
                        let wanted = expected(*role, listing, at, row);
                        let place = format!("{role} {} {key} {}", listing.name, field.name);
                        assert_eq!(shown[n][field.name], wanted, "page: {place}");
                        if let Some(exported) = &exported {
                            assert_eq!(exported[n][field.name], wanted, "export: {place}");
                            assert_eq!(exported[n]["exported_by"], served.account(role.name()));
                        }
                        seen += 1;
                    }
                    if n < 3 {
                        let path = format!("/api/v1/{}/{}", listing.name, encoded(&key));
                        let record = served.get(token, &path).await;
                        assert_eq!(record.status, StatusCode::OK, "{role} {path}");
                        let editor = listing.editors.contains(role);
                        assert_eq!(record.header("etag").starts_with('"'), editor, "{role} {path}");
                        assert_eq!(record.json(), shown[n], "record: {role} {path}");
                    }
                }
            }
        }
        served.close().await;
        seen
    });
    assert!(seen > 10_000, "{seen} values were compared");
}

/// A key as it stands in a path.
pub fn encoded(key: &str) -> String {
    key.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[test]
fn nothing_answers_without_a_session_but_what_is_public() {
    on_both(async |store| {
        let served = Served::on(store).await;
        for operation in operations() {
            let path = operation.path.replace("{key}", "x").replace("{id}", "x").replace("{kind}", "unknown");
            for token in ["", "no-such-token"] {
                let answer = served.ask(operation.method.clone(), token, &path, &[], Body::empty()).await;
                if operation.public {
                    assert_eq!(answer.status, StatusCode::OK, "{}", operation.id);
                } else {
                    assert_eq!((answer.status, answer.problem().as_str()), (StatusCode::UNAUTHORIZED, "no-session"));
                    assert_eq!(answer.header("www-authenticate"), "Bearer");
                }
            }
        }
        served.close().await;
    });
}

#[test]
fn what_a_role_may_not_do_is_refused_with_those_who_may() {
    on_both(async |store| {
        let served = Served::on(store).await;
        for command in COMMANDS {
            let listing = Listing::named(command.on).unwrap();
            for role in Role::ALL {
                let path = format!("/api/v1/{}/{}", command.on, command.verb);
                let body = json!({"keys": ["x"]});
                let answer = served.post(role.name(), &path, &body).await;
                match (listing.readable_by(*role), command.roles.contains(role)) {
                    (false, _) => assert_eq!(answer.problem(), "unknown", "{role} {path}"),
                    (true, false) => {
                        assert_eq!(answer.problem(), "not-yours", "{role} {path}");
                        assert!(answer.json()["detail"].as_str().unwrap().contains(command.roles[0].name()));
                    }
                    (true, true) if command.step_up => assert_eq!(answer.problem(), "step-up", "{role} {path}"),
                    (true, true) => assert_ne!(answer.status, StatusCode::FORBIDDEN, "{role} {path}"),
                }
            }
        }
        for evidence in EVIDENCE.iter().filter(|evidence| evidence.tells != Tells::Published) {
            for role in Role::ALL {
                let path = format!("/api/v1/evidence/{}", evidence.table.name);
                let answer = served.post(role.name(), &path, &json!([])).await;
                let wanted = if evidence.roles.contains(role) { StatusCode::OK } else { StatusCode::FORBIDDEN };
                assert_eq!(answer.status, wanted, "{role} {path}");
            }
        }
        for listing in LISTINGS.iter().filter(|listing| !listing.editors.is_empty()) {
            for role in Role::ALL.iter().filter(|role| listing.readable_by(**role)) {
                let path = format!("/api/v1/{}/x", listing.name);
                let answer = served.ask(Method::PATCH, role.name(), &path, &[], Body::empty()).await;
                let wanted = if listing.editors.contains(role) { "unknown" } else { "not-yours" };
                assert_eq!(answer.problem(), wanted, "{role} {path}");
            }
        }
        served.close().await;
    });
}

#[test]
fn of_another_division_nothing_exists() {
    // places and books of the whole city, which everybody in it may know, and what has no division
    const CITY_WIDE: [&str; 8] =
        ["divisions", "facilities", "beds", "laboratories", "days", "bulletins", "files", "doubts"];
    // what the city asks is asked in each of its divisions
    let above = |listing: &Listing, division: &str| listing.name == "questions" && ELSEWHERE.starts_with(division);
    on_both(async |store| {
        let served = Served::example(store).await;
        let mut asked = 0;
        for listing in LISTINGS.iter().filter(|listing| !CITY_WIDE.contains(&listing.name)) {
            for role in Role::ALL.iter().filter(|role| listing.readable_by(**role) && **role != Role::CityCommand) {
                let token = format!("{role}-elsewhere");
                let page = served.get(&token, &format!("/api/v1/{}?limit=500", listing.name)).await.json();
                for row in page["rows"].as_array().unwrap() {
                    let division = row["division"].as_str().unwrap();
                    assert!(
                        division.starts_with(ELSEWHERE) || above(listing, division),
                        "{role} {}: {row}",
                        listing.name
                    );
                }
                let rows = rows_of(&served, *role, listing).await;
                let theirs = |row: &&Row| !above(listing, &row.get(listing, "division").text(&zone()));
                for row in rows.iter().filter(theirs).take(2) {
                    let path =
                        format!("/api/v1/{}/{}", listing.name, encoded(&row.get(listing, listing.key).text(&zone())));
                    let answer = served.get(&token, &path).await;
                    assert_eq!(
                        (answer.status, answer.problem().as_str()),
                        (StatusCode::NOT_FOUND, "unknown"),
                        "{path}"
                    );
                    let other = served.get(&token, &format!("/api/v1/{}/none-such", listing.name)).await;
                    assert_eq!(answer.body, other.body, "{path} is told apart from what is not there");
                    asked += 1;
                }
            }
        }
        served.close().await;
        assert!(asked > 50, "{asked} records were asked for");
    });
}

#[test]
fn a_filter_by_a_hidden_field_finds_nothing() {
    on_both(async |store| {
        let served = Served::example(store).await;
        let plain = served.get("district_command", "/api/v1/requests?household=H08").await;
        assert_eq!(plain.json()["rows"].as_array().unwrap().len(), 1);
        for (token, path) in [("city_command", "/api/v1/requests"), ("auditor", "/api/v1/parcels")] {
            for ending in ["", ".csv"] {
                let answer = served.get(token, &format!("{path}{ending}?household=H08")).await;
                assert_eq!(answer.problem(), "unknown", "{token} {path}{ending}");
            }
        }
        served.close().await;
    });
}

#[test]
fn broken_glass_is_seen_and_ended_by_those_concerned_and_by_no_other_role() {
    on_both(async |store| {
        let served = Served::example(store).await;
        for operation in operations().iter().filter(|operation| operation.id.starts_with("glass-")) {
            for role in Role::ALL {
                let path = operation.path.replace("{id}", "G0");
                let answer = served.ask(operation.method.clone(), role.name(), &path, &[], Body::empty()).await;
                match (operation.roles.contains(role), operation.method == Method::GET) {
                    (false, _) => assert_eq!(answer.problem(), "not-yours", "{role} {path}"),
                    (true, true) => assert_eq!(answer.json(), json!({"rows": []}), "{role} {path}"),
                    (true, false) => assert_eq!(answer.problem(), "unknown", "{role} {path}"),
                }
            }
        }
        served.close().await;
    });
}
