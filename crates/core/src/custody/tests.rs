//! Cases for every state and fault of a box, and the property that the order of facts does not matter.

use super::*;
use proptest::prelude::*;

const PLACE: &str = "500103013006";

fn at(minute: i64) -> Instant {
    Instant::from_micros(0).plus_minutes(minute)
}

/// `T3@10` was packed at minute 10 in box `B`: `B T3@10`; `B sent@20=5`, `B received@60=4 L2`; `B T3 missing@60`.
fn facts(lines: &[&str]) -> Facts {
    let mut facts = Facts::default();
    for line in lines {
        let words: Vec<&str> = line.split(' ').collect();
        let code = words[0].to_owned();
        let moment = |text: &str| at(text.split_once('@').unwrap().1.split('=').next().unwrap().parse().unwrap());
        let tube = |text: &str| text[1..].split('@').next().unwrap().parse::<i64>().unwrap();
        match (words[1], words.get(2)) {
            (packed, None) if packed.starts_with('T') => {
                facts.packings.push(Packing { code, tube: tube(packed), at: moment(packed) });
            }
            (named, Some(said)) if named.starts_with('T') => facts.checks.push(Check {
                code,
                tube: tube(named),
                word: said.split('@').next().unwrap().parse().unwrap(),
                at: moment(said),
                laboratory: "L1".to_owned(),
            }),
            (step, laboratory) => facts.moves.push(Move {
                code,
                step: step.split('@').next().unwrap().parse().unwrap(),
                at: moment(step),
                division: PLACE.parse().unwrap(),
                laboratory: (*laboratory.unwrap_or(&"L1")).to_owned(),
                run: Some("R1".to_owned()),
                counted: step.split_once('=').map(|(_, n)| n.parse().unwrap()),
                by: "w1".to_owned(),
            }),
        }
    }
    let named = facts.packings.iter().map(|packing| packing.tube).chain(facts.checks.iter().map(|check| check.tube));
    let numbers: Vec<i64> = named.collect();
    for no in numbers {
        facts.tubes.entry(no).or_insert_with(|| tube(no));
    }
    facts
}

fn tube(no: i64) -> Tube {
    Tube {
        name: format!("T{no}"),
        division: PLACE.parse().unwrap(),
        site: Some("S1".to_owned()),
        collected_at: at(0),
        received_at: None,
        resulted_at: None,
        members: 1,
    }
}

/// Boxes with their tubes by state, tubes in order, doubts: as short text.
fn said(custody: &Custody) -> (String, String, String) {
    let boxes = custody.boxes.iter().map(|(code, stand)| {
        let parts = TubeState::ALL.iter().filter(|state| stand.of(**state) > 0);
        let parts: Vec<String> = parts.map(|state| format!("{} {state}", stand.of(*state))).collect();
        format!("{code} {}: {}", stand.state, parts.join(" "))
    });
    let tubes = custody.tubes.iter().map(|(no, stand)| format!("T{no} {}", stand.state));
    let doubts = custody.doubts.iter().map(|doubt| match doubt.tube {
        Some(no) => format!("{} {} T{no}", doubt.code, doubt.kind),
        None => format!("{} {}", doubt.code, doubt.kind),
    });
    let joined = |texts: Vec<String>| texts.join("; ");
    (joined(boxes.collect()), joined(tubes.collect()), joined(doubts.collect()))
}

const PACKED: [&str; 3] = ["B T1@1", "B T2@2", "B T3@3"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    PACKED.iter().chain(more).copied().collect()
}

#[test]
fn every_state_and_fault_of_a_box() {
    let cases: &[(&[&str], &str, &str)] = &[
        (&[], "B packed: 3 packed", ""),
        (&["B sent@20=3"], "B underway: 3 underway", ""),
        (&["B sent@20=4"], "B underway: 3 underway", "B sent"),
        (&["B sent@20=3", "B received@60=3"], "B received: 3 received", ""),
        // a box that nobody has sent
        (&["B received@60=3"], "B received: 3 received", "B unsent"),
        (&["B received@60=2"], "B differs: 3 underway", "B count; B unsent"),
        // named as missing and broken: the books balance by name
        (
            &["B sent@20=3", "B received@60=1", "B T1 missing@60", "B T2 broken@60"],
            "B differs: 1 received 1 missing 1 broken",
            "",
        ),
        // fewer than were packed, and nobody says which: nobody is taken for arrived
        (&["B sent@20=3", "B received@60=2"], "B differs: 3 underway", "B count"),
        (&["B sent@20=3", "B received@60"], "B differs: 3 underway", "B count"),
        // counted wrong, and counted again
        (&["B sent@20=3", "B received@60=2", "B recounted@70=3"], "B received: 3 received", ""),
        (&["B sent@20=3", "B received@60=3", "B received@90=3"], "B received: 3 received", "B twice"),
        (&["B sent@20=3", "B sent@25=3", "B received@60=3"], "B received: 3 received", "B twice"),
        (&["B sent@20=3", "B received@60=3 L2"], "B received: 3 received", "B laboratory"),
        // a courier loses a box; it is found
        (&["B sent@20=3", "B lost@50"], "B lost: 3 missing", "B lost"),
        (&["B sent@20=3", "B lost@50", "B received@90=3"], "B received: 3 received", ""),
        (&["B sent@20=3", "B received@40=3", "B lost@50"], "B received: 3 received", ""),
        // a tube is found again, by whatever box
        (&["B sent@20=3", "B received@60=2", "B T1 missing@60", "B T1 found@80"], "B received: 3 received", ""),
        // named only after the count: counted or not, the others are there
        (&["B sent@20=3", "B received@60=3", "B T1 broken@70"], "B differs: 2 received 1 broken", ""),
        (&["B sent@20=3", "B received@60=2", "B T1 missing@70"], "B differs: 2 received 1 missing", ""),
        (&["B sent@20=3", "B received@60=1", "B T1 missing@70"], "B differs: 2 underway 1 missing", "B count"),
        (
            &["B sent@20=3", "B received@60=2", "B T1 missing@60", "C T1 found@80"],
            "B received: 3 received; C packed: ",
            "C elsewhere T1",
        ),
        (&["B sent@20=3", "B received@60=3", "B T1 broken@70", "B T1 found@75"], "B received: 3 received", ""),
        (
            &["B sent@20=3", "C received@60=1", "C T1 found@60"],
            "B underway: 2 underway 1 received; C received: ",
            "C unsent; C elsewhere T1",
        ),
        // one tube in two boxes: it belongs to the one in which it was packed last
        (&["C T3@9", "B sent@20=3"], "B underway: 2 underway; C packed: 1 packed", "B sent; C two_boxes T3"),
        (
            &["C T3@9", "B sent@20=2", "B received@60=2", "C sent@20=1", "C received@60=1"],
            "B received: 2 received; C received: 1 received",
            "",
        ),
    ];
    for (more, boxes, doubts) in cases {
        let (found, _, doubted) = said(&settle(&facts(&with(more))));
        assert_eq!((found.as_str(), doubted.as_str()), (*boxes, *doubts), "{more:?}");
    }
}

#[test]
fn a_result_is_stronger_than_any_word() {
    for (more, answered, state) in [
        (&["B sent@20=3", "B received@60=2", "B T1 missing@60"][..], Some(200), TubeState::Received),
        (&["B sent@20=3", "B received@60=2", "B T1 broken@60"], Some(200), TubeState::Received),
        (&["B sent@20=3", "B lost@60"], Some(200), TubeState::Received),
        (&["B sent@20=3", "B lost@60"], None, TubeState::Missing),
    ] {
        let mut facts = facts(&with(more));
        facts.tubes.get_mut(&1).unwrap().resulted_at = answered.map(at);
        assert_eq!(settle(&facts).tubes[&1].state, state, "{more:?} {answered:?}");
    }
    // counted in by name, long before anybody counted the box
    let mut facts = facts(&with(&["B sent@20=3"]));
    facts.tubes.get_mut(&1).unwrap().received_at = Some(at(40));
    let stand = &settle(&facts).tubes[&1];
    assert_eq!((stand.state, stand.at, stand.sent_at), (TubeState::Received, at(40), Some(at(20))));
}

#[test]
fn a_tube_without_anybody_is_asked_after_once_it_is_on_its_way() {
    for (more, doubts) in [(&[][..], ""), (&["B sent@20=3"], "B empty T2")] {
        let mut facts = facts(&with(more));
        facts.tubes.get_mut(&2).unwrap().members = 0;
        assert_eq!(said(&settle(&facts)).2, doubts);
    }
}

#[test]
fn soon_is_three_quarters_of_the_time() {
    assert_eq!(soon(at(0), at(240)), at(180));
    assert_eq!(soon(at(10), at(5)), at(10));
    let spans: Vec<i64> = (1..=20).collect();
    assert_eq!((percentile(&spans, 50), percentile(&spans, 95)), (Some(10), Some(19)));
    assert_eq!((percentile(&[7], 95), percentile(&[], 50)), (Some(7), None));
}

const POOL: &[&str] = &[
    "B T1@1",
    "B T2@2",
    "B T3@3",
    "C T3@4",
    "C T4@5",
    "B sent@20=3",
    "B sent@21=2",
    "C sent@22=2",
    "B received@60=2",
    "B received@61=1 L2",
    "B recounted@70=2",
    "C received@60=2",
    "B lost@50",
    "C lost@55",
    "B T1 missing@60",
    "B T2 broken@60",
    "B T1 found@65",
    "C T1 found@64",
    "C T3 missing@60",
    "D T4 found@62",
];

proptest! {
    #[test]
    fn no_order_of_facts_matters_and_every_box_balances(
        order in Just(POOL.to_vec()).prop_shuffle(), kept in 0..=POOL.len(), answered in proptest::option::of(1i64..5)
    ) {
        let some = &order[..kept];
        let mut sorted = some.to_vec();
        sorted.sort_unstable();
        let answer = |mut facts: Facts| {
            if let Some(tube) = answered.and_then(|no| facts.tubes.get_mut(&no)) {
                tube.resulted_at = Some(at(300));
            }
            facts
        };
        let (custody, again) = (settle(&answer(facts(some))), settle(&answer(facts(&sorted))));
        prop_assert_eq!(&custody, &again);
        let all: i64 = custody.boxes.values().map(BoxStand::all).sum();
        prop_assert_eq!(all as usize, custody.tubes.len());
        for (code, stand) in &custody.boxes {
            let home = custody.tubes.values().filter(|tube| tube.code == *code).count() as i64;
            prop_assert_eq!(stand.all(), home);
            // what a laboratory took over without a difference is there, tube by tube
            if stand.state == BoxState::Received {
                prop_assert_eq!(stand.of(TubeState::Received), home);
            }
        }
        for stand in custody.tubes.values() {
            prop_assert_eq!(stand.state == TubeState::Received, stand.received_at.is_some());
        }
    }
}
