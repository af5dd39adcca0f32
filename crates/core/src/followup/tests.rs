//! Boundaries of follow-up as a table, and what must hold of any facts. Faults of other systems stand here as cases: an end that
//! never comes without a visit on the last day, a last day missed by one, asking after the end that lengthens the period, an
//! open record of somebody who became a case.

use super::*;
use proptest::prelude::*;

fn on(day: i64) -> CivilDate {
    CivilDate::new(2022, 11, 1).unwrap().plus_days(day)
}

fn exposed(listed: i64, last: i64, until: i64) -> Exposed {
    Exposed { listed_on: on(listed), last: on(last), from: on(last + 1), until: on(until), stands: true }
}

fn asked(day: i64, answer: FollowAnswer) -> Asked {
    Asked { on: on(day), answer, symptoms: Known::Unknown, tested_since: false }
}

/// `+3` reached on day 3, `-3` no answer, `x3` refused, `s3` reached and ill, `t3` reached, ill and tested since.
fn log(text: &str) -> Vec<Asked> {
    text.split_whitespace()
        .map(|word| {
            let day = word[1..].parse().unwrap();
            match &word[..1] {
                "+" => asked(day, FollowAnswer::Reached),
                "-" => asked(day, FollowAnswer::NoAnswer),
                "x" => asked(day, FollowAnswer::Refused),
                ill => Asked { symptoms: Known::Yes, tested_since: ill == "t", ..asked(day, FollowAnswer::Reached) },
            }
        })
        .collect()
}

#[test]
fn days_count_from_the_last_exposure() {
    // exposures (listed, last, until), and the spans that they give
    for (exposures, expected) in [
        (vec![], "-"),
        (vec![(2, 0, 7)], "3-7 from 0"),
        // listed on the last day: that day is still asked; a day later nothing is
        (vec![(7, 0, 7)], "7-7 from 0"),
        (vec![(6, 0, 7)], "7-7 from 0"),
        (vec![(8, 0, 7)], "-"),
        // listed before the rules ask: from the day after the last exposure
        (vec![(0, 3, 10)], "4-10 from 3"),
        // exposed again while asked: one follow-up, counted from the last
        (vec![(2, 0, 7), (5, 4, 11)], "3-11 from 4"),
        // an older exposure that is found later shortens nothing
        (vec![(2, 2, 9), (5, 0, 7)], "3-9 from 2"),
        // listed again on the last day: it goes on without a gap
        (vec![(2, 0, 7), (7, 6, 13)], "3-13 from 6"),
        // listed after it: another one
        (vec![(2, 0, 7), (8, 6, 13)], "3-7 from 0, 9-13 from 6"),
    ] {
        let exposures: Vec<Exposed> = exposures.into_iter().map(|(l, e, u)| exposed(l, e, u)).collect();
        let text = |s: &Span| {
            format!(
                "{}-{} from {}",
                s.from.days_since(on(0)),
                s.until.days_since(on(0)),
                s.last_exposure.days_since(on(0))
            )
        };
        let found = spans(&exposures).iter().map(text).collect::<Vec<_>>().join(", ");
        assert_eq!(if found.is_empty() { "-" } else { &found }, expected, "{exposures:?}");
    }
}

#[test]
fn an_exposure_to_a_case_that_was_withdrawn_asks_nothing() {
    let withdrawn = Exposed { stands: false, ..exposed(5, 4, 11) };
    assert_eq!(spans(&[exposed(2, 0, 7), withdrawn.clone()])[0].until, on(7));
    assert_eq!(spans(&[withdrawn]), []);
}

#[test]
fn every_boundary_has_its_state() {
    use FollowState::*;
    // the follow-up of days 3 to 7, listed on day 2
    let span = spans(&[exposed(2, 0, 7)])[0];
    // what was found, day of becoming a case, today -> state, end, seen, missed, running, due
    for (text, case, today, expected) in [
        ("", None, 2, (Followed, None, 0, 0, 0, false)),
        ("", None, 3, (Followed, None, 0, 0, 0, true)),
        ("+3", None, 3, (Followed, None, 1, 0, 0, false)),
        ("-3", None, 3, (Followed, None, 0, 0, 0, true)),
        ("x3", None, 3, (Refused, None, 0, 0, 0, false)),
        ("x3 +3", None, 3, (Followed, None, 1, 0, 0, false)),
        // missed once is missed once; twice goes to the district; three times is lost
        ("", None, 4, (Followed, None, 0, 1, 1, true)),
        ("", None, 5, (Missed, None, 0, 2, 2, true)),
        ("", None, 6, (Lost, None, 0, 3, 3, true)),
        ("+3", None, 5, (Followed, None, 1, 1, 1, true)),
        ("+3", None, 6, (Missed, None, 1, 2, 2, true)),
        // found again today
        ("+6", None, 6, (Followed, None, 1, 3, 0, false)),
        // a refusal is no end, and is asked again the next day
        ("x3", None, 4, (Refused, None, 0, 1, 1, true)),
        ("x3 +4", None, 4, (Followed, None, 1, 1, 0, false)),
        // the last day is a day of the follow-up, until it is over
        ("+3 +4 +5 +6", None, 7, (Followed, None, 4, 0, 0, true)),
        ("+3 +4 +5 +6 +7", None, 7, (Followed, None, 5, 0, 0, false)),
        ("+3 +4 +5 +6 +7", None, 8, (Completed, Some(7), 5, 0, 0, false)),
        // it ends without a visit on the last day, and says so
        ("+3 +4 +5 +6", None, 8, (Unseen, Some(7), 4, 1, 1, false)),
        ("", None, 8, (Unseen, Some(7), 0, 5, 5, false)),
        ("", None, 40, (Unseen, Some(7), 0, 5, 5, false)),
        // who is asked before or after has been asked, and the days stay what they are
        ("+2", None, 3, (Followed, None, 0, 0, 0, true)),
        ("+7 +8 +9", None, 9, (Completed, Some(7), 1, 4, 0, false)),
        ("+8", None, 8, (Unseen, Some(7), 0, 5, 5, false)),
        // symptoms hold until a swab is taken
        ("s4", None, 5, (Symptoms, None, 1, 1, 0, true)),
        ("t4", None, 5, (Followed, None, 1, 1, 0, true)),
        ("s2", None, 3, (Symptoms, None, 0, 0, 0, true)),
        // whoever becomes a case is asked no more; later than the last day it is another story
        ("+3", Some(5), 5, (BecameCase, Some(5), 1, 1, 1, false)),
        ("+3 +5", Some(5), 9, (BecameCase, Some(5), 2, 1, 0, false)),
        ("", Some(2), 3, (BecameCase, Some(2), 0, 0, 0, false)),
        ("+7", Some(7), 9, (BecameCase, Some(7), 1, 4, 0, false)),
        ("+7", Some(8), 9, (Completed, Some(7), 1, 4, 0, false)),
        ("+3", Some(6), 5, (Followed, None, 1, 1, 1, true)),
    ] {
        let log = log(text);
        let facts = Facts { span, asked: &log, case_on: case.map(on), today: on(today) };
        let s = facts.standing();
        let end = s.ended_on.map(|end| end.days_since(on(0)));
        let found = (s.state, end, s.seen, s.missed, s.missed_running, s.due);
        assert_eq!(found, expected, "'{text}', case {case:?}, today {today}");
        assert_eq!(s.state.is_over(), s.ended_on.is_some());
    }
}

#[test]
fn a_team_that_is_known_stays_and_the_nearest_with_room_comes_first() {
    let team = |id: &str, division: &str, people_a_day| Team {
        team: id.to_owned(),
        division: division.parse().unwrap(),
        people_a_day,
    };
    let mut teams = Teams::new(
        vec![team("far", "50", 100), team("b", "500103013", 2), team("a", "500103013", 2), team("other", "500112", 9)],
        BTreeMap::from([("a".to_owned(), 1)]),
    );
    let here: DivisionCode = "500103013006".parse().unwrap();
    let mut give = |known| teams.give(&here, known).unwrap_or_default();
    assert_eq!(give(None), "b", "of the near ones the one with fewer");
    assert_eq!(give(None), "a");
    assert_eq!(give(None), "b");
    assert_eq!(give(None), "far", "the near ones are full");
    assert_eq!(give(Some("a")), "a", "whom they know stays");
    assert_eq!(give(Some("other")), "far", "a team of another place does not");
    assert_eq!(Teams::default().give(&here, None), None);
}

fn any_exposures() -> impl Strategy<Value = Vec<Exposed>> {
    proptest::collection::vec((0i64..20, 0i64..20, 0i64..15, any::<bool>()), 0..6).prop_map(|all| {
        all.into_iter()
            .map(|(listed, last, days, stands)| Exposed { stands, ..exposed(listed, last, last + days) })
            .collect()
    })
}

fn any_log() -> impl Strategy<Value = Vec<Asked>> {
    proptest::collection::vec((-2i64..40, 0usize..4, 0usize..3, any::<bool>()), 0..30).prop_map(|all| {
        all.into_iter()
            .map(|(day, answer, symptoms, tested_since)| Asked {
                symptoms: Known::ALL[symptoms],
                tested_since,
                ..asked(day, FollowAnswer::ALL[answer])
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn the_order_of_facts_changes_nothing(
        exposures in any_exposures(), mut log in any_log(), today in 0i64..45, case in proptest::option::of(0i64..45)
    ) {
        let found = spans(&exposures);
        let backwards: Vec<Exposed> = exposures.iter().rev().cloned().collect();
        prop_assert_eq!(&spans(&backwards), &found);
        for span in found {
            let case_on = case.map(on);
            let before = Facts { span, asked: &log, case_on, today: on(today) }.standing();
            log.reverse();
            prop_assert_eq!(Facts { span, asked: &log, case_on, today: on(today) }.standing(), before);
        }
    }

    #[test]
    fn follow_ups_of_a_person_are_in_order_cover_what_stands_and_never_meet(exposures in any_exposures()) {
        let found = spans(&exposures);
        for span in &found {
            prop_assert!(span.from <= span.until);
        }
        for pair in found.windows(2) {
            prop_assert!(pair[0].until < pair[1].from);
        }
        for e in exposures.iter().filter(|e| e.stands && e.from <= e.until && e.listed_on <= e.until) {
            let covered = found.iter().any(|s| s.from <= e.until && e.until <= s.until && e.last <= s.last_exposure);
            prop_assert!(covered, "{:?} in {:?}", e, found);
        }
    }

    #[test]
    fn every_day_is_counted_once_and_what_lies_outside_counts_for_nothing(
        exposures in any_exposures(), log in any_log(), today in 0i64..45, case in proptest::option::of(0i64..45)
    ) {
        for span in spans(&exposures) {
            let facts = Facts { span, asked: &log, case_on: case.map(on), today: on(today) };
            let s = facts.standing();
            let mut day = span.from;
            let (mut seen, mut missed, mut due) = (0, 0, false);
            while day <= span.until {
                match facts.mark(day) {
                    Some(DayMark::Seen) => seen += 1,
                    // the day on which somebody became a case, and a refusal today, are not missed
                    Some(DayMark::Missed) if case.map(on) != Some(day) => missed += 1,
                    Some(DayMark::Refused) if day < on(today) && case.map(on) != Some(day) => missed += 1,
                    Some(DayMark::Due) => due = true,
                    _ => {}
                }
                day = day.plus_days(1);
            }
            prop_assert_eq!((s.seen, s.missed), (seen, missed));
            prop_assert!(!s.due || due);
            prop_assert!(s.missed_running <= s.missed);
            prop_assert_eq!(s.state.is_over(), s.ended_on.is_some());
            if let Some(end) = s.ended_on {
                prop_assert!(end <= span.until && end <= on(today));
            } else {
                prop_assert!(on(today) <= span.until);
            }
            let inside: Vec<Asked> = log
                .iter()
                .filter(|a| (span.from..=span.until).contains(&a.on) || a.symptoms == Known::Yes)
                .copied()
                .collect();
            prop_assert_eq!(Facts { asked: &inside, ..facts }.standing(), s);
        }
    }
}
