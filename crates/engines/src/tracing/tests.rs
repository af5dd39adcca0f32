//! Tests on the real line lists: the figures must equal those published beside them, and nothing is guessed.

use super::*;
use proptest::prelude::*;
use std::{fs, path::PathBuf};

fn rows<T: serde::de::DeserializeOwned>(set: &str, file: &str) -> Vec<T> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data/linelists").join(set).join(file);
    let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    csv::Reader::from_reader(text.as_slice()).deserialize().map(|row| row.unwrap()).collect()
}

fn set(name: &str) -> (Vec<Case>, Chains) {
    let cases: Vec<Case> = rows(name, "linelist.csv");
    let links: Vec<Link> = if name.starts_with("ebola") { Vec::new() } else { rows(name, "contacts.csv") };
    let chains = chains(&cases, &links).unwrap();
    (cases, chains)
}

const SETS: [&str; 4] = ["mers_korea_2015", "covid_singapore_2020", "measles_hagelloch_1861", "ebola_sierraleone_2014"];

/// The figures of `data/linelists/README.md`, three decimals as published there.
#[test]
fn the_published_figures() {
    type Row = (&'static str, usize, usize, &'static str, &'static str, f64, &'static str, usize, usize);
    let table: [Row; 3] = [
        ("mers_korea_2015", 162, 98, "14.469", "5.200", 14.0, "SK_14", 38, 3),
        ("covid_singapore_2020", 93, 56, "4.054", "3.387", 3.5, "66", 6, 4),
        ("measles_hagelloch_1861", 188, 184, "10.391", "1.679", 10.0, "45", 30, 1),
    ];
    for (name, cases, pairs, mean, sd, median, top, secondary, max_sources) in table {
        let (_, chains) = set(name);
        let si = &chains.serial_interval;
        assert_eq!((chains.cases, chains.pairs.len(), si.n), (cases, pairs, pairs), "{name}");
        assert_eq!(format!("{:.3}", si.mean.unwrap()), mean, "{name}");
        assert_eq!(format!("{:.3}", si.sd.unwrap()), sd, "{name}");
        assert_eq!(si.median, Some(median), "{name}");
        assert_eq!(chains.top_infector, Some(InfectorCount { id: top.to_owned(), secondary }), "{name}");
        assert_eq!(chains.max_sources, max_sources, "{name}");
        assert!(chains.doubtful.is_empty() && chains.cycles.is_empty(), "{name}");
    }
    let (_, mers) = set("mers_korea_2015");
    let first: Vec<_> = mers.secondary_cases.iter().take(3).map(|i| (i.id.as_str(), i.secondary)).collect();
    assert_eq!(first, [("SK_14", 38), ("SK_1", 26), ("SK_16", 21)]);
}

/// Counted by hand from the numbers of secondary cases: the offspring of the real lists.
#[test]
fn offspring_of_the_sets() {
    for name in SETS {
        let (_, chains) = set(name);
        let offspring = Offspring::of(&chains);
        assert_eq!((offspring.cases, offspring.infections), (chains.cases, chains.pairs.len()), "{name}");
        let mut sum = 0;
        let behind = chains.secondary_cases.iter().take_while(|infector| {
            let before = sum;
            sum += infector.secondary;
            before * 5 < chains.pairs.len() * 4
        });
        let share = behind.count() as f64 / chains.cases as f64;
        assert_eq!(offspring.share_of_80.unwrap_or(0.0), share, "{name}");
        if let (Some(low), Some(k), Some(high)) = (offspring.k_low, offspring.k, offspring.k_high) {
            assert!(low < k && k < high, "{name}: {offspring:?}");
        }
    }
    // A hospital outbreak with few who infected most: k far below one; a village where many infected some: above it.
    let k = |name| Offspring::of(&set(name).1).k.unwrap();
    assert!(k("mers_korea_2015") < 0.1, "{}", k("mers_korea_2015"));
    assert!(k("measles_hagelloch_1861") > k("mers_korea_2015"));
}

#[test]
fn a_list_without_contacts_has_no_pairs_and_no_error() {
    let (cases, chains) = set("ebola_sierraleone_2014");
    assert_eq!((cases.len(), chains.unlinked, chains.pairs.len(), chains.max_sources), (11_903, 11_903, 0, 0));
    assert_eq!(chains.serial_interval, SerialInterval::default());
    assert_eq!((chains.infectors, chains.top_infector), (0, None));
}

#[test]
fn the_groups_add_up_to_the_line_list() {
    for name in SETS {
        let (_, c) = set(name);
        assert_eq!(c.with_source + c.index_cases.len() + c.contact_only + c.unlinked, c.cases, "{name}");
        let numbered = c.generations.iter().sum::<usize>() + c.without_generation;
        assert_eq!(numbered, c.with_source + c.index_cases.len(), "{name}");
        assert_eq!(c.secondary_cases.iter().map(|i| i.secondary).sum::<usize>(), c.pairs.len(), "{name}");
    }
}

#[test]
fn the_json_has_the_promised_shape() {
    let (_, chains) = set("covid_singapore_2020");
    let json = serde_json::to_value(&chains).unwrap();
    let keys: Vec<_> = json.as_object().unwrap().keys().take(5).collect();
    assert_eq!(keys, ["cases", "serial_interval", "infectors", "top_infector", "max_sources"]);
    let si: Vec<_> = json["serial_interval"].as_object().unwrap().keys().collect();
    assert_eq!(si, ["n", "mean", "sd", "median"]);
    assert_eq!(json["top_infector"], serde_json::json!({"id": "66", "secondary": 6}));
    let (_, chains) = set("ebola_sierraleone_2014");
    let json = serde_json::to_value(&chains).unwrap();
    assert_eq!(json["serial_interval"], serde_json::json!({"n": 0, "mean": null, "sd": null, "median": null}));
    assert_eq!(json["top_infector"], serde_json::Value::Null);
}

#[test]
fn statistics_of_the_sets() {
    for name in SETS {
        let (_, chains) = set(name);
        let text: Vec<_> = table(&chains).into_iter().map(|(key, value)| format!("{key}: {value}")).collect();
        insta::assert_snapshot!(name, text.join("\n"));
    }
}

fn case(id: &str, onset: &str) -> Case {
    Case { id: id.to_owned(), onset: onset.parse().ok(), ..Case::default() }
}

fn link(from: &str, to: &str, relation: Relation) -> Link {
    Link { from: from.to_owned(), to: to.to_owned(), relation, setting: None }
}

#[test]
fn a_pair_counts_once_however_often_it_is_named() {
    use Relation::*;
    let mut cases = vec![case("a", "2022-11-01"), case("b", "2022-11-04")];
    cases[1].infector = Some("a".to_owned());
    let links = [link("a", "b", CandidateSource), link("a", "b", ProbableSource), link("a", "b", ReportedSource)];
    let chains = chains(&cases, &links).unwrap();
    assert_eq!((chains.pairs.len(), chains.repeated, chains.max_sources), (1, 3, 1));
    assert_eq!(chains.serial_interval.mean, Some(3.0));
}

#[test]
fn candidates_and_contacts_make_no_pairs() {
    use Relation::*;
    let cases = [case("a", "2022-11-01"), case("b", ""), case("c", "2022-11-04"), case("d", "2022-11-04")];
    let links = [
        link("a", "c", CandidateSource),
        link("b", "c", CandidateSource),
        link("d", "c", DirectContact),
        link("c", "d", ClusterLink),
    ];
    let chains = chains(&cases, &links).unwrap();
    assert_eq!((chains.pairs.len(), chains.infectors, chains.max_sources), (0, 0, 2));
    assert_eq!(
        chains.several_sources,
        [SourcesOf { id: "c".to_owned(), sources: vec!["a".to_owned(), "b".to_owned()] }]
    );
    assert_eq!((chains.index_cases.len(), chains.contact_only, chains.contacts), (2, 1, 1));
}

#[test]
fn unknown_onsets_are_left_out_of_the_interval_and_kept_in_the_tree() {
    let cases = [case("a", "2022-11-01"), case("b", ""), case("c", "2022-10-30")];
    let links = [link("a", "b", Relation::ProbableSource), link("a", "c", Relation::ProbableSource)];
    let chains = chains(&cases, &links).unwrap();
    assert_eq!((chains.pairs.len(), chains.serial_interval.n, chains.onset_before_source), (2, 1, 1));
    assert_eq!(chains.top_infector.unwrap().secondary, 2);
}

#[test]
fn circles_end_and_are_named() {
    let cases = [case("a", "2022-11-01"), case("b", "2022-11-02"), case("c", "2022-11-03"), case("d", "2022-11-05")];
    let links = ["ab", "bc", "ca", "cd"].map(|pair| link(&pair[..1], &pair[1..], Relation::ProbableSource));
    let chains = chains(&cases, &links).unwrap();
    assert_eq!(chains.cycles, [["a", "b", "c"]]);
    assert_eq!((chains.without_generation, chains.generations.len()), (4, 0));
    let svg = draw(&cases, &chains, &Words::english("circle", &chains));
    assert_eq!(svg.matches("<g>").count(), 4);
}

#[test]
fn doubtful_links_are_reported_and_duplicate_ids_refused() {
    let cases = [case("a", ""), case("b", "")];
    let links = [link("a", "x", Relation::ProbableSource), link("b", "b", Relation::DirectContact)];
    let found = chains(&cases, &links).unwrap();
    assert_eq!(
        found.doubtful,
        [
            Doubtful::UnknownCase { from: "a".to_owned(), to: "x".to_owned(), missing: "x".to_owned() },
            Doubtful::ToItself { id: "b".to_owned() }
        ]
    );
    let error = chains(&[case("a", ""), case("b", ""), case("a", "")], &[]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "case 'a' stands twice in the line list (entries 1 and 3); give each case its own id"
    );
}

/// Every opened element is closed, and no text breaks out of its place.
fn assert_well_formed(svg: &str) {
    let (mut open, mut rest) = (Vec::new(), svg);
    while let Some(at) = rest.find('<') {
        let end = at + rest[at..].find('>').expect("a tag ends");
        let tag = &rest[at + 1..end];
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name)),
            None if tag.ends_with('/') => {}
            None => open.push(tag.split_whitespace().next().unwrap()),
        }
        rest = &rest[end + 1..];
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn pictures_show_every_case_and_are_well_formed() {
    for name in SETS {
        let (cases, chains) = set(name);
        let svg = draw(&cases, &chains, &Words::english(name, &chains));
        assert_well_formed(&svg);
        if cases.len() < 1_000 {
            for case in &cases {
                let text = svg.contains(&format!(">{}<", case.id))
                    || [" ", ",", "<"].iter().any(|end| {
                        svg.contains(&format!(">{}{end}", case.id)) || svg.contains(&format!(" {}{end}", case.id))
                    });
                assert!(text, "{name} {}", case.id);
            }
        } else {
            assert!(svg.len() < 200_000, "{name}: bars, not {} bytes", svg.len());
        }
    }
}

#[test]
fn names_are_escaped() {
    let cases = [case("<a&\"'\u{1}>", "2022-11-01"), case("重庆<", "")];
    let links = [link("<a&\"'\u{1}>", "重庆<", Relation::ProbableSource)];
    let chains = chains(&cases, &links).unwrap();
    let svg = draw(&cases, &chains, &Words::english("</svg><script>", &chains));
    assert_well_formed(&svg);
    assert!(svg.contains("&lt;a&amp;&quot;&#39;\u{fffd}&gt; (1)"));
    assert!(!svg.contains("<script"));
}

#[test]
fn a_picture_of_a_small_tree() {
    use Relation::*;
    let mut cases = ["2022-11-01", "2022-11-05", "2022-11-05", "2022-11-06", "2022-11-09", ""]
        .iter()
        .zip(["a", "b", "c", "d", "e", "f"])
        .map(|(onset, id)| case(id, onset))
        .collect::<Vec<_>>();
    cases[5].report = "2022-11-12".parse().ok();
    let links = [
        link("a", "b", ProbableSource),
        link("a", "c", ProbableSource),
        link("a", "d", ProbableSource),
        link("d", "e", CandidateSource),
        link("b", "f", DirectContact),
    ];
    let chains = chains(&cases, &links).unwrap();
    insta::assert_snapshot!(draw(&cases, &chains, &Words::english("A small tree", &chains)));
    assert_well_formed(&draw(&[], &super::chains(&[], &[]).unwrap(), &Words::english("nobody", &chains)));
}

/// A made-up tree of a thousand cases, some without an onset, some without any date, stays a picture of moderate size.
#[test]
fn a_thousand_cases() {
    let start: CivilDate = "2022-11-01".parse().unwrap();
    let mut cases = Vec::new();
    let mut links = Vec::new();
    let mut day = Vec::new();
    for at in 0..1_000usize {
        // A fixed pattern, no randomness: sources thin out towards later cases.
        let source = (at > 4).then(|| (at * 7919) % (at / 3 + 1));
        day.push(source.map_or(at as i64, |source: usize| day[source] + 2 + (at % 5) as i64));
        let mut case = Case { id: format!("CQ-{at:04}"), ..Case::default() };
        case.onset = (at % 9 != 4).then(|| start.plus_days(day[at]));
        case.report = (at % 27 != 13).then(|| start.plus_days(day[at] + 2));
        cases.push(case);
        if let Some(source) = source {
            links.push(link(&format!("CQ-{source:04}"), &format!("CQ-{at:04}"), Relation::ProbableSource));
        }
    }
    let chains = chains(&cases, &links).unwrap();
    let svg = draw(&cases, &chains, &Words::english("A thousand cases", &chains));
    assert_well_formed(&svg);
    assert!(svg.len() < 400_000, "{} bytes", svg.len());
}

proptest! {
    /// Whatever the links say: the groups add up, the order of the links does not matter, and the picture has every case once.
    #[test]
    fn any_links_add_up_and_draw(
        onsets in prop::collection::vec(prop::option::of(0i64..40), 1..14),
        raw in prop::collection::vec((0usize..14, 0usize..15, 0usize..Relation::ALL.len()), 0..40),
    ) {
        let start: CivilDate = "2022-11-01".parse().unwrap();
        let cases: Vec<Case> = onsets
            .iter()
            .enumerate()
            .map(|(at, day)| Case { id: at.to_string(), onset: day.map(|day| start.plus_days(day)), ..Case::default() })
            .collect();
        let mut links: Vec<Link> =
            raw.iter().map(|&(a, b, r)| link(&a.to_string(), &b.to_string(), Relation::ALL[r])).collect();
        let c = chains(&cases, &links).unwrap();
        prop_assert_eq!(c.with_source + c.index_cases.len() + c.contact_only + c.unlinked, c.cases);
        prop_assert_eq!(c.generations.iter().sum::<usize>() + c.without_generation, c.with_source + c.index_cases.len());
        prop_assert_eq!(c.secondary_cases.iter().map(|i| i.secondary).sum::<usize>(), c.pairs.len());
        // Each link is a pair or candidate, a contact, named again, or doubtful.
        let arcs: usize = c.nodes.iter().map(|node| node.sources.len()).sum();
        prop_assert_eq!(arcs + c.contacts + c.repeated + c.doubtful.len(), links.len());
        links.reverse();
        let mut again = chains(&cases, &links).unwrap();
        again.doubtful.reverse();
        prop_assert_eq!(&again, &c);
        let svg = draw(&cases, &c, &Words::english("any", &c));
        assert_well_formed(&svg);
        let drawn: Vec<&str> = svg
            .split("<g><title>").skip(1).filter_map(|mark| mark.split("</title>").next())
            .flat_map(|names| names.split(", ")).filter_map(|name| name.split(' ').next()).collect();
        let mut sorted = drawn.clone();
        sorted.sort_unstable();
        sorted.dedup();
        prop_assert_eq!((sorted.len(), drawn.len()), (cases.len(), cases.len()));
    }
}
