//! The document and the server say the same: every operation is there and answers, every other method is refused, every
//! reference resolves, every kind of problem is explained.

use crate::{
    engines::{TestStore, runtime},
    served::Served,
};
use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use dayclear_web::api::{openapi, operations, problems::KINDS};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// The path with something in the place of each parameter.
fn concrete(path: &str) -> String {
    path.replace("{key}", "none-such").replace("{id}", "none-such").replace("{kind}", "unknown")
}

#[test]
fn every_operation_answers_and_every_other_method_is_refused() {
    runtime().block_on(async {
        let store = TestStore::file().await;
        let served = Served::on(&store).await;
        let mut by_path: BTreeMap<&str, BTreeSet<Method>> = BTreeMap::new();
        for operation in operations() {
            let methods = by_path.entry(&operation.path).or_default();
            assert!(methods.insert(operation.method.clone()), "{} twice", operation.id);
        }
        for (path, methods) in &by_path {
            let all = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::TRACE];
            for method in all {
                let answer = served.ask(method.clone(), "", &concrete(path), &[], Body::empty()).await;
                if methods.contains(&method) {
                    let declared: Vec<u16> = operations()
                        .iter()
                        .filter(|o| o.path == *path && o.method == method)
                        .flat_map(|o| o.problems.iter().copied().chain(o.answers.iter().map(|(status, ..)| *status)))
                        .collect();
                    assert!(declared.contains(&answer.status.as_u16()), "{method} {path}: {}", answer.status);
                    assert_ne!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
                } else {
                    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
                    assert!(!answer.body.is_empty(), "{method} {path}");
                    assert_eq!(answer.problem(), "method", "{method} {path}");
                    let allow: BTreeSet<&str> = answer.header("allow").split(',').collect();
                    let named: BTreeSet<&str> = methods.iter().map(Method::as_str).collect();
                    assert!(named.is_subset(&allow), "{path}: {allow:?}");
                }
            }
        }
        for path in ["/api/v1/no-such-list", "/api/v1/people/P001/no-such-verb", "/api/nothing"] {
            let answer = served.get("district_command", path).await;
            assert_eq!((answer.status, answer.problem().as_str()), (StatusCode::NOT_FOUND, "unknown"), "{path}");
        }
        let served_document = served.get("", "/api/openapi.json").await.json();
        assert_eq!(served_document, openapi::document(operations()));
        let page = served.get("", "/api").await;
        let text = String::from_utf8_lossy(&page.body).into_owned();
        assert!(operations().iter().all(|operation| text.contains(&format!("id=\"{}\"", operation.id))));
        assert!(!text.contains("<script") && !text.contains("style=\""));
        served.close().await;
        store.close().await;
    });
}

fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::Object(object) => {
            found.extend(object.get("$ref").and_then(Value::as_str));
            object.values().for_each(|value| references(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn every_reference_of_the_document_resolves() {
    let document = openapi::document(operations());
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 1_000);
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    let mut ids = BTreeSet::new();
    for operation in operations() {
        assert!(ids.insert(&operation.id), "{} twice", operation.id);
        assert!(openapi::TAGS.iter().any(|(tag, _)| *tag == operation.tag), "{}", operation.tag);
        for part in operation.path.split('/').filter_map(|part| part.strip_prefix('{')) {
            let name = part.strip_suffix('}').unwrap();
            assert!(operation.parameters.iter().any(|p| p["in"] == "path" && p["name"] == name), "{}", operation.id);
        }
    }
}

#[test]
fn the_document_is_as_it_was_reviewed() {
    let document = openapi::document(operations());
    let mut lines = Vec::new();
    for operation in operations() {
        let object = operation.object();
        let names: Vec<&str> = operation
            .parameters
            .iter()
            .filter_map(|p| p["name"].as_str().or(p["$ref"].as_str().and_then(|r| r.rsplit('/').next())))
            .collect();
        let statuses: Vec<&str> = object["responses"].as_object().unwrap().keys().map(String::as_str).collect();
        let media: Vec<&str> = operation.body.keys().map(String::as_str).collect();
        let roles: Vec<&str> = operation.roles.iter().map(|role| role.name()).collect();
        lines.push(format!(
            "{} {} [{}] {}{}\n    roles {}\n    takes {}\n    body {}\n    answers {}",
            operation.method,
            operation.path,
            operation.id,
            operation.load,
            if operation.step_up { " step-up" } else { "" },
            if operation.public { "(public)".to_owned() } else { roles.join(" ") },
            names.join(" "),
            media.join(" "),
            statuses.join(" ")
        ));
    }
    insta::assert_snapshot!("operations", lines.join("\n"));
    insta::assert_json_snapshot!("schemas", document["components"]["schemas"]);
}

fn sources(folder: &Path, each: &mut dyn FnMut(&str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, each);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            each(&fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_kind_of_problem_in_the_code_is_in_the_index() {
    let mut used = BTreeSet::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut |text| {
        for call in text.split("Problem::new(").skip(1) {
            // the kind is the first literal of the call; a call that passes one on has none
            let Some(literal) = call.split_once(')').and_then(|(call, _)| call.split('"').nth(1)) else { continue };
            used.insert(literal.to_owned());
        }
    });
    let listed: BTreeSet<String> = KINDS.iter().map(|kind| kind.name.to_owned()).collect();
    assert_eq!(listed.len(), KINDS.len());
    let missing: Vec<&String> = used.difference(&listed).collect();
    assert!(missing.is_empty(), "add to api/problems.rs: {missing:?}");
    runtime().block_on(async {
        let store = TestStore::file().await;
        let served = Served::on(&store).await;
        for kind in KINDS {
            let page = served.get("", &format!("/api/problems/{}", kind.name)).await;
            assert_eq!(page.status, StatusCode::OK, "{}", kind.name);
            assert!(String::from_utf8_lossy(&page.body).contains(kind.name));
        }
        served.close().await;
        store.close().await;
    });
}
