//! The demonstration: from nothing to a signed day, as often as asked, and never over somebody's own files.

use crate::program::{below, run, same_files, scratch, written};
use std::fs;

fn demo(out: &str) -> crate::program::Ran {
    run(["demo", "--no-serve", "--people", "4000", "--positives", "12", "--out", out])
}

#[test]
fn it_ends_with_the_bulletin_and_can_be_run_again() {
    let folder = scratch();
    let out = below(&folder, "demo");
    let first = demo(&out).ends_with(0);
    let bulletin = format!("{out}/out/bulletin.html");
    let said = |ran: &crate::program::Ran| {
        assert!(ran.out.lines().any(|line| line.ends_with(&bulletin)), "{}", ran.out);
    };
    said(&first);
    assert!(fs::read_to_string(&bulletin).unwrap().starts_with("<!doctype html>"));
    assert!(first.out.contains("Open items by owner"), "{}", first.out);
    // everything but the keys of the store, which are new each time
    let written = |folder: &str| {
        let mut files = written(folder);
        files.retain(|name, _| !name.ends_with("dayclear.keys"));
        files
    };
    let before = written(&format!("{out}/out"));
    let second = demo(&out).ends_with(0);
    said(&second);
    same_files(&before, &written(&format!("{out}/out")));
    run(["verify", "--db", &format!("{out}/out/dayclear.db")]).ends_with(0);
}

/// A city with so many positives that its fleet is another one on the second day: trips of the first keep their seats.
#[test]
fn a_day_on_which_every_vehicle_drives_holds() {
    let folder = scratch();
    let out = below(&folder, "busy");
    run(["demo", "--no-serve", "--people", "3000", "--out", &out]).ends_with(0);
    run(["verify", "--db", &format!("{out}/out/dayclear.db")]).ends_with(0);
}

#[test]
fn it_does_not_empty_a_folder_that_is_not_its_own() {
    let folder = scratch();
    let out = below(&folder, "mine");
    fs::create_dir(&out).unwrap();
    demo(&out).ends_with(0); // an empty folder is nobody's
    fs::remove_dir_all(&out).unwrap();
    for name in ["letter.txt", "in/letter.txt"] {
        let file = folder.path().join("mine").join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "mine").unwrap();
        let ran = demo(&out).ends_with(1);
        assert!(ran.err.contains("holds something else than an earlier `dayclear demo`"), "{}", ran.err);
        assert!(ran.err.contains("--out"), "it says what to do: {}", ran.err);
        assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    }
    // a project of somebody with the same two folders is not a demonstration either
    let letter = folder.path().join("mine/out/letter.txt");
    fs::create_dir_all(letter.parent().unwrap()).unwrap();
    fs::write(&letter, "mine").unwrap();
    demo(&out).ends_with(1);
    assert_eq!(fs::read_to_string(&letter).unwrap(), "mine");
    // nor is a file
    let file = below(&folder, "file");
    fs::write(&file, "mine").unwrap();
    demo(&file).ends_with(1);
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
}
