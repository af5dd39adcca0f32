//! `dayclear situation`: where the outbreak stands in the store of the example day.

use crate::program::{below, csv, day, example, run, scratch};

#[test]
fn the_store_of_a_day_says_what_it_knows_and_names_what_it_does_not() {
    let folder = scratch();
    let out = below(&folder, "out");
    day(&example(), &out).ends_with(0);
    let db = format!("{out}/dayclear.db");
    let at = ["--db", &db, "--at", "2022-11-26T12:00:00+08:00"];
    let told = run(["situation", "--format", "json"].into_iter().chain(at)).ends_with(0).json();
    let found = told["situation"]["found"].as_array().unwrap();
    assert_eq!(found.len(), 6, "six whole days since the first case: {told}");
    assert!(found[0]["community"].as_u64().unwrap() + found[0]["held"].as_u64().unwrap() > 0);
    // six days are no window of seven with a day before it
    assert_eq!(told["situation"]["ahead"]["reproduction"]["missing"], "too_short");
    assert!(told["situation"]["ahead"]["fan"]["known"].is_null());
    let rows = csv(&run(["situation", "--format", "csv"].into_iter().chain(at)).ends_with(0).out);
    assert_eq!(rows.len(), 7, "a head, and no day ahead: {rows:?}");
    let said = run(["situation", "--lang", "zh-Hans", "--division", "500103"].into_iter().chain(at)).ends_with(0).out;
    assert!(said.contains("有效再生数") && said.contains("未给出"), "{said}");
    let unknown = run(["situation", "--division", "500103013"].into_iter().chain(at)).ends_with(1);
    assert!(unknown.err.contains("neither the city nor a district"), "{}", unknown.err);
}
