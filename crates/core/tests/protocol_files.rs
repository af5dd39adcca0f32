//! Packs as files: every kind of error is named with its file, line and key; all of them at once; and a pack that was cut
//! or scrambled is refused, never half loaded. Also the overlays of lower divisions (R07).
#![allow(clippy::unwrap_used)] // a test that fails says where

use dayclear_core::protocol::{Pack, PackError, Packs, Violation};
use proptest::prelude::*;
use std::collections::BTreeMap;

const TWENTY: &str = include_str!("../../../protocols/covid-19-cn-twenty.toml");

fn errors(text: &str) -> Vec<PackError> {
    Packs::parse(&[("p.toml", text)]).err().map(|errors| errors.0).unwrap_or_default()
}

#[test]
fn each_error_is_named_with_its_line() {
    // What is changed in a good pack, into what, and: text on the line of the error, key, found, part of what is expected.
    let cases: &[(&str, &str, &str, &str, &str, &str)] = &[
        (
            "days = { value = 5, unit = \"days\", mark = \"V\", source = \"S13\" }",
            "days = { value = -5, unit = \"days\", mark = \"V\", source = \"S13\" }",
            "value = -5",
            "plan.close.central_isolation.days",
            "-5",
            "0 to 400",
        ),
        (
            "tests = { value = [1, 2, 3, 5], unit = \"days\", mark = \"V\", source = \"S13\" }",
            "tests = { value = [1, 2, 3, 6], unit = \"days\", mark = \"V\", source = \"S13\" }",
            "[1, 2, 3, 6]",
            "plan.close.central_isolation.tests",
            "[1, 2, 3, 6]",
            "inside the phase",
        ),
        (
            "tests = { value = [1, 2, 3, 5], unit = \"days\", mark = \"V\", source = \"S13\" }",
            "tests = { value = [1, 3, 2, 5], unit = \"days\", mark = \"V\", source = \"S13\" }",
            "[1, 3, 2, 5]",
            "plan.close.central_isolation.tests",
            "[1, 3, 2, 5]",
            "rising",
        ),
        (
            "clean = { value = 4, unit = \"hours\"",
            "clean = { value = 4, unit = \"weeks\"",
            "weeks",
            "deadline.clean",
            "unit 'weeks'",
            "minutes or hours or civil_days",
        ),
        (
            "clean = { value = 4, unit = \"hours\", mark = \"R\" }",
            "clean = { value = 4, mark = \"R\" }",
            "clean =",
            "deadline.clean",
            "no unit",
            "minutes or hours or civil_days",
        ),
        (
            "clean = { value = 4, unit = \"hours\", mark = \"R\" }",
            "clean = 4",
            "clean = 4",
            "deadline.clean",
            "a bare integer",
            "a clause such as",
        ),
        (
            "clean = { value = 4, unit = \"hours\", mark = \"R\" }",
            "clean = { value = 4, unit = \"hours\" }",
            "clean =",
            "deadline.clean",
            "a clause without mark",
            "mark =",
        ),
        (
            "clean = { value = 4, unit = \"hours\", mark = \"R\" }",
            "clean = { value = 4, unit = \"hours\", mark = \"S\" }",
            "mark = \"S\"",
            "deadline.clean.mark",
            "'S'",
            "V, V-local or R",
        ),
        (
            "clean = { value = 4, unit = \"hours\", mark = \"R\" }",
            "clean = { value = 4, unit = \"hours\", mark = \"V\" }",
            "clean =",
            "deadline.clean",
            "mark V without a source",
            "out of the sources table",
        ),
        (
            "clean = { value = 4, unit = \"hours\", mark = \"R\" }",
            "clean = { value = 4, unit = \"hours\", mark = \"R\", source = \"S99\" }",
            "S99",
            "deadline.clean",
            "source 'S99'",
            "[sources]",
        ),
        ("clean = {", "cleen = {", "cleen", "deadline.cleen", "an unknown key", "clean, decide, deliver"),
        (
            "clean = { value = 4",
            "clean = { valeu = 4",
            "valeu",
            "deadline.clean.valeu",
            "an unknown key",
            "value, mark, source",
        ),
        ("a_day = { value = 1", "a_day = { value = 2", "2, mark", "round.a_day", "2", "from 1 to 1"),
        (
            "queue = { value = 30, unit = \"minutes\", mark = \"V-local\", source = \"S44,S45\" }",
            "",
            "[round]",
            "round.queue",
            "nothing",
            "this clause",
        ),
        (
            "[group]",
            "[grup]",
            "inbound_contact = { value = 1,",
            "grup.inbound_contact",
            "an unknown key",
            "at the top one of",
        ),
        (
            "courier = { value = 2, unit = \"per_week\"",
            "courier = { value = 2, unit = \"per_day\"",
            "courier",
            "group.courier",
            "2",
            "1 per_day",
        ),
        (
            "community = { value = [1, 5, 10, 20]",
            "community = { value = [1, 30]",
            "[1, 30]",
            "pool.community",
            "[1, 30]",
            "1, 5, 10, 20",
        ),
        (
            "co_resident = { value = \"close\"",
            "co_resident = { value = \"closest\"",
            "closest",
            "contact.class.co_resident",
            "'closest'",
            "close, secondary, area_stay",
        ),
        (
            "trace_secondary = { value = false",
            "trace_secondary = { value = true",
            "trace_secondary",
            "contact.trace_secondary",
            "true without a plan",
            "plan.secondary",
        ),
        (
            "effective_from = \"2022-11-11\"",
            "effective_from = \"2022-11-31\"",
            "2022-11-31",
            "effective_from",
            "'2022-11-31'",
            "a date such as",
        ),
        (
            "effective_from = \"2022-11-11\"",
            "effective_from = 2022-11-11",
            "effective_from",
            "effective_from",
            "datetime",
            "a text in quotes",
        ),
        (
            "effective_from = \"2022-11-11\"",
            "effective_from = \"2022-11-11\"\neffective_until = \"2022-11-10\"",
            "effective_until",
            "effective_until",
            "2022-11-10",
            "2022-11-11 (effective_from) or later",
        ),
        ("zh-Hant = ", "zh-TW = ", "zh-TW", "title.zh-TW", "an empty title or an unknown language", "zh-Hant"),
        (
            "home_isolation = { value = 8",
            "home_isolation = { value = 7",
            "days = { value = 3",
            "plan.close.home_isolation.days",
            "last day 8",
            "at most 7",
        ),
        (
            "mild = { value = [\"temporary_hospital\", \"isolation_site\"]",
            "mild = { value = [\"home\"]",
            "mild = { value = [\"home\"]",
            "placement.mild",
            "[\"home\"]",
            "at least one facility",
        ),
        (
            "units = { value = [\"unit\", \"building\"]",
            "units = { value = [\"building\", \"unit\"]",
            "units =",
            "area.units",
            "[\"building\", \"unit\"]",
            "smallest to the largest",
        ),
        (
            "test_days = { value = [1, 2, 3, 5]",
            "test_days = { value = [1, 2, 3]",
            "test_days =",
            "area.test_days",
            "[1, 2, 3]",
            "day 5 among the test days",
        ),
        (
            "negatives = { value = 2",
            "negatives = { value = 1",
            "apart =",
            "discharge.facility.apart",
            "hours between tests",
            "at least 2",
        ),
        (
            "only_if = \"symptoms=yes\"",
            "only_if = \"symptoms=maybe\"",
            "only_if",
            "question.symptoms_on.only_if",
            "'symptoms=maybe'",
            "of a question of this pack",
        ),
        ("kind = \"choice\"", "kind = \"day\"", "kind =", "question.reached.kind", "'day'", "none for another kind"),
        ("kind = \"yes_no\"", "kind = \"maybe\"", "kind =", "question.symptoms.kind", "'maybe'", "is not one of"),
        ("asked = \"required\"", "asks = \"required\"", "asks", "question.reached.asks", "an unknown key", "asked"),
        ("disease = \"covid-19\"\n", "disease = covid-19\n", "disease", "(TOML)", "'covid-19'", ""),
        (
            "id = \"covid-19-cn-twenty\"",
            "id = \"covid-19-cn-twenty\"\nid = \"again\"",
            "again",
            "(TOML)",
            "'id'",
            "duplicate key",
        ),
    ];
    for (from, to, line_with, key, found, expected) in cases {
        assert!(TWENTY.contains(from), "{from} does not stand in the pack any more");
        let text = TWENTY.replacen(from, to, 1);
        let errors = errors(&text);
        let right = errors.iter().find(|error| {
            let line = text.lines().nth(error.line - 1).unwrap_or("");
            error.key == *key && error.found == *found && error.expected.contains(expected) && line.contains(line_with)
        });
        assert!(right.is_some(), "{to}\n{errors:#?}");
    }
}

#[test]
fn what_is_missing_is_named() {
    for (line_start, key) in [
        ("report = ", "deadline.report"),
        ("before_onset = ", "window.before_onset"),
        ("trace_secondary = ", "contact.trace_secondary"),
        ("severe = ", "placement.severe"),
        ("level = { value = \"high\"", "area.level"),
        ("id = ", "id"),
        ("zh-Hans = \"进一步", "title.zh-Hans"),
        ("en = \"First day of symptoms\"", "question.symptoms_on.en"),
        ("hospital_staff = ", ""),
    ] {
        let text: String =
            TWENTY.lines().filter(|line| !line.starts_with(line_start)).map(|line| format!("{line}\n")).collect();
        let errors = errors(&text);
        assert_eq!(
            errors.iter().map(|error| error.key.as_str()).collect::<Vec<_>>(),
            Vec::from_iter((!key.is_empty()).then_some(key))
        );
    }
}

#[test]
fn every_error_of_every_file_is_reported_at_once() {
    let bad = TWENTY.replace("value = 24", "value = -24").replace("mark = \"V-local\"", "mark = \"v\"");
    let worse = "id = 7\nnonsense = true\n[deadline]\nreport = { value = \"soon\", unit = \"hours\", mark = \"R\" }\n";
    let Err(errors) = Packs::parse(&[("bad.toml", &bad), ("worse.toml", worse)]) else {
        panic!("bad packs were loaded")
    };
    let of = |file: &str| errors.0.iter().filter(|error| error.file == file).count();
    let wanted = bad.matches("value = -24").count() + bad.matches("mark = \"v\"").count();
    assert_eq!(of("bad.toml"), wanted, "{errors}");
    assert!(of("worse.toml") > 10, "{errors}");
    let text = errors.to_string();
    assert!(text.contains("worse.toml:4:20: deadline.report: found 'soon', expected a whole number"), "{text}");
}

#[test]
fn packs_of_one_disease_must_not_overlap() {
    let second = TWENTY.replace("id = \"covid-19-cn-twenty\"", "id = \"other\"");
    let keys = |files: &[(&str, &str)]| -> Vec<(String, String)> {
        let errors = Packs::parse(files).err().map(|errors| errors.0).unwrap_or_default();
        errors.into_iter().map(|error| (error.file, error.key)).collect()
    };
    assert_eq!(keys(&[("a.toml", TWENTY), ("b.toml", &second)]), [("b.toml".into(), "effective_from".into())]);
    let later = second.replace("effective_from = \"2022-11-11\"", "effective_from = \"2022-12-01\"");
    assert_eq!(keys(&[("a.toml", TWENTY), ("b.toml", &later)]), []);
    let until = TWENTY.replace("[title]", "effective_until = \"2022-12-01\"\n[title]");
    assert_eq!(keys(&[("a.toml", &until), ("b.toml", &later)]), [("b.toml".into(), "effective_from".into())]);
    let same = later.replace("id = \"other\"", "id = \"covid-19-cn-twenty\"");
    assert_eq!(keys(&[("a.toml", TWENTY), ("b.toml", &same)]), [("b.toml".into(), "id".into())]);
}

fn twenty() -> Pack {
    Packs::builtin().unwrap().named("covid-19-cn-twenty").unwrap().clone()
}

const HEAD: &str = "overlay_of = \"covid-19-cn-twenty\"\nid = \"district\"\nversion = \"1\"\n";

fn overlay(clauses: &str) -> Result<Pack, Vec<PackError>> {
    twenty().overlay("district.toml", &format!("{HEAD}{clauses}")).map_err(|errors| errors.0)
}

#[test]
fn an_overlay_may_only_be_lighter() {
    let lighter = [
        "",
        "[plan.close.central_isolation]\ndays = { value = 3, unit = \"days\", mark = \"R\" }\ntests = { value = [1, 3], unit = \"days\", mark = \"R\" }",
        // Three days at a site and five at home: no day is heavier than the 5+3 above.
        "[plan.close.central_isolation]\ndays = { value = 3, unit = \"days\", mark = \"R\" }\ntests = { value = [1, 2, 3], unit = \"days\", mark = \"R\" }\n[plan.close.home_isolation]\ndays = { value = 5, unit = \"days\", mark = \"R\" }\ntests = { value = [2, 5], unit = \"days\", mark = \"R\" }",
        "[area.release]\ndays = { value = 3, unit = \"days\", mark = \"R\" }\n[area]\ntest_days = { value = [1, 3], unit = \"days\", mark = \"R\" }",
        "[area]\nunits = { value = [\"household\", \"unit\"], mark = \"R\" }",
        "[deadline]\nmove = { value = 2, unit = \"hours\", mark = \"R\" }",
        "[after_discharge]\ndays = { value = 0, unit = \"days\", mark = \"R\" }\ntests = { value = [], unit = \"days\", mark = \"R\" }",
        "[placement]\nmild = { value = [\"home\", \"temporary_hospital\"], mark = \"R\" }",
        "[group]\ncourier = { value = 1, unit = \"per_week\", mark = \"R\" }",
        "[round]\nclean_rounds = { value = 2, mark = \"R\" }\nwidened = { value = [], mark = \"R\" }\nevery = { value = 2, unit = \"days\", mark = \"R\" }",
    ];
    for clauses in lighter {
        assert!(overlay(clauses).is_ok(), "{clauses}\n{:#?}", overlay(clauses).err());
    }
    let stricter = [
        (
            "[plan.close.central_isolation]\ndays = { value = 7, unit = \"days\", mark = \"R\" }",
            "plan.close.central_isolation.days",
        ),
        (
            "[plan.close.home_isolation]\ndays = { value = 4, unit = \"days\", mark = \"R\" }\n[limit]\nhome_isolation = { value = 9, unit = \"days\", mark = \"R\" }\ncentral_isolation = { value = 9, unit = \"days\", mark = \"R\" }",
            "plan.close.home_isolation.days",
        ),
        (
            "[plan.close.central_isolation]\ntests = { value = [1, 2, 3, 4, 5], unit = \"days\", mark = \"R\" }",
            "plan.close",
        ),
        (
            "[plan.secondary.home_isolation]\ndays = { value = 1, unit = \"days\", mark = \"R\" }",
            "plan.secondary.home_isolation.days",
        ),
        (
            "[contact]\ntrace_secondary = { value = true, mark = \"R\" }\n[plan.secondary.home_isolation]\ndays = { value = 0, unit = \"days\", mark = \"R\" }",
            "contact.trace_secondary",
        ),
        ("[window]\nbefore_onset = { value = 4, unit = \"days\", mark = \"R\" }", "window.before_onset"),
        (
            "[area.release]\ndays = { value = 7, unit = \"days\", mark = \"R\" }\n[area]\ntest_days = { value = [7], unit = \"days\", mark = \"R\" }",
            "area.release.days",
        ),
        ("[area]\nunits = { value = [\"building\", \"compound\"], mark = \"R\" }", "area.units"),
        ("[area]\nexempt = { value = [\"closed_loop\"], mark = \"R\" }", "area.exempt"),
        ("[area]\nisolated_do_not_reset = { value = false, mark = \"R\" }", "area.isolated_do_not_reset"),
        (
            "[after_discharge]\ndays = { value = 14, unit = \"days\", mark = \"R\" }\n[limit]\nhome_monitoring = { value = 14, unit = \"days\", mark = \"R\" }",
            "after_discharge.days",
        ),
        (
            "[discharge.facility]\nct_at_least = { value = 40, unit = \"cycles\", mark = \"R\" }",
            "discharge.facility.ct_at_least",
        ),
        ("[discharge.facility]\napart = { value = 48, unit = \"hours\", mark = \"R\" }", "discharge.facility.apart"),
        ("[group]\ncourier = { value = 1, unit = \"per_day\", mark = \"R\" }", "group.courier"),
        (
            "[pool]\ncommunity = { value = [1], mark = \"R\" }\nrecall = { value = [1, 10], mark = \"R\" }",
            "pool.recall",
        ),
        ("[deadline]\nrecall = { value = 48, unit = \"hours\", mark = \"R\" }", "deadline.recall"),
        ("[answer]\nemergency = { value = 5, unit = \"minutes\", mark = \"R\" }", "answer.emergency"),
        ("[limit]\nhospital = { value = 15, unit = \"days\", mark = \"R\" }", "limit.hospital"),
        ("[round]\nclean_rounds = { value = 5, mark = \"R\" }", "round.clean_rounds"),
        ("[round]\npause = { value = 1, unit = \"days\", mark = \"R\" }", "round.pause"),
        ("[round]\nwalk = { value = 40, unit = \"minutes\", mark = \"R\" }", "round.walk"),
        ("[special]\nage_up_to = { value = 6, mark = \"R\" }", "special.age_up_to"),
    ];
    for (clauses, key) in stricter {
        let errors = overlay(clauses).err().unwrap_or_default();
        assert!(
            errors.iter().any(|error| error.key == key && error.expected.contains("(R07)")),
            "{clauses}\n{errors:#?}"
        );
    }
}

#[test]
fn a_whole_pack_is_compared_with_another() {
    let packs = Packs::builtin().unwrap();
    let pack = |id: &str| packs.named(id).unwrap();
    for pack in packs.iter() {
        assert_eq!(pack.validate_overlay(pack), []);
    }
    let worse: Vec<Violation> = pack("covid-19-cn-twenty").validate_overlay(pack("covid-19-cn-ninth"));
    for clause in [
        "plan.close.central_isolation.days",
        "plan.secondary.home_isolation.days",
        "contact.trace_secondary",
        "area.units",
        "area.release.days",
    ] {
        assert!(worse.iter().any(|violation| violation.clause == clause), "{clause} in {worse:#?}");
    }
}

#[test]
fn an_overlay_names_its_pack_and_is_no_pack_itself() {
    let wrong = |text: &str| twenty().overlay("o.toml", text).err().map(|errors| errors.0[0].key.clone());
    assert_eq!(wrong("id = \"a\""), Some("overlay_of".to_owned()));
    assert_eq!(wrong("id = \"a\"\noverlay_of = \"ebola\""), Some("overlay_of".to_owned()));
    assert_eq!(wrong("overlay_of = \"covid-19-cn-twenty\""), Some("id".to_owned()));
    let whole = TWENTY.replace("[title]", "overlay_of = \"x\"\n[title]");
    assert_eq!(errors(&whole).iter().map(|error| error.key.as_str()).collect::<Vec<_>>(), ["overlay_of"]);
}

#[test]
fn the_document_lists_the_packs_and_every_number_to_confirm() {
    let document = include_str!("../../../docs/protocols.md");
    let mut to_confirm: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for pack in Packs::builtin().unwrap().iter() {
        let count = |mark: &str| pack.clauses().filter(|clause| clause.mark.to_string() == mark).count();
        let row = format!(
            "| `{}` | {} | {} | {} | {} |",
            pack.id,
            pack.effective_from,
            count("V"),
            count("V-local"),
            count("R")
        );
        assert!(document.contains(&row), "docs/protocols.md misses the row\n{row}");
        for clause in pack.clauses().filter(|clause| clause.mark.to_string() == "R") {
            to_confirm.entry(clause.path.to_owned()).or_default().push(pack.id.clone());
        }
    }
    for (path, ids) in to_confirm {
        let ids = if ids.len() == 7 { "all".to_owned() } else { ids.join(", ") };
        let row = format!("| `{path}` | {ids} |");
        assert!(document.contains(&row), "docs/protocols.md misses the row\n{row}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn cut_or_scrambled_packs_never_panic(cut in 0usize..TWENTY.len(), length in 0usize..200, put in "\\PC{0,12}") {
        let from = TWENTY.floor_char_boundary(cut);
        let to = TWENTY.floor_char_boundary((cut + length).min(TWENTY.len())).max(from);
        let text = format!("{}{put}{}", &TWENTY[..from], &TWENTY[to..]);
        for error in errors(&text) {
            prop_assert!(error.line >= 1 && error.line <= text.lines().count() + 1);
            prop_assert!(!error.expected.is_empty() || error.key == "(TOML)");
        }
    }
}
