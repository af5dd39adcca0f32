//! What is said of the declared tables: the schemas for other programs, and the list in `docs/day-folder.md`, which is
//! made from the declarations so that it cannot go stale.

use dayclear_core::schema::{DAY_FOLDER, LINELIST, LINELIST_CONTACTS, PEOPLE, RESULTS};
use dayclear_tabular::frictionless::{datapackage, markdown, schema};
use std::{fs, path::PathBuf};

const BEGIN: &str =
    "<!-- tables: begin; made by `DAYCLEAR_UPDATE_DOCS=1 cargo test -p dayclear-tabular --test declared` -->\n";
const END: &str = "<!-- tables: end -->\n";

#[test]
fn the_document_lists_what_is_declared() {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../docs/day-folder.md"].iter().collect();
    let document = fs::read_to_string(&path).unwrap();
    let (head, rest) = document.split_once(BEGIN).expect("docs/day-folder.md has the mark at which the tables begin");
    let (listed, tail) = rest.split_once(END).expect("docs/day-folder.md has the mark at which the tables end");
    let day = markdown(DAY_FOLDER);
    let lists = markdown(&[&LINELIST, &LINELIST_CONTACTS]);
    let made = format!("\n## Tables of a day\n\n{day}## Line lists\n\n{lists}");
    if std::env::var_os("DAYCLEAR_UPDATE_DOCS").is_some() {
        fs::write(&path, format!("{head}{BEGIN}{made}{END}{tail}")).unwrap();
        return;
    }
    assert!(
        listed == made,
        "docs/day-folder.md is older than the declarations; run `DAYCLEAR_UPDATE_DOCS=1 cargo test -p dayclear-tabular --test declared`"
    );
}

#[test]
fn schemas_say_what_is_declared() {
    let people = schema(&PEOPLE);
    assert_eq!(people["fields"].as_array().unwrap().len(), PEOPLE.columns.len());
    assert_eq!(people["primaryKey"], serde_json::json!(["person"]));
    let field = |table, name: &str| {
        let schema: serde_json::Value = schema(table);
        schema["fields"].as_array().unwrap().iter().find(|field| field["name"] == name).unwrap().clone()
    };
    assert_eq!(field(&PEOPLE, "person")["constraints"]["required"], true);
    assert_eq!(field(&PEOPLE, "sex")["constraints"]["enum"], serde_json::json!(["female", "male", "unknown"]));
    assert_eq!(field(&PEOPLE, "birth_date")["type"], "date");
    assert_eq!(field(&RESULTS, "ct_n")["constraints"]["maximum"], 60.0);
    assert_eq!(field(&RESULTS, "reported_at")["type"], "datetime");
    let package = datapackage(DAY_FOLDER);
    assert_eq!(package["resources"].as_array().unwrap().len(), DAY_FOLDER.len());
    assert_eq!(package["resources"][0]["path"], "divisions.csv");
}
