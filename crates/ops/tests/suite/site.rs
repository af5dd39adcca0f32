//! The sampling site on both stores: a tube from a phone or a sheet lands whole or not at all, once whatever is sent again, at its
//! true time whatever the phone's clock says; what is refused leaves nothing behind; coverage and the checker agree with it.

use crate::{
    city::{DAY, at},
    engines::{TestStore, on_both},
    floor::{Person, district, evening, holds, person, signs_and_holds},
};
use dayclear_core::{
    access::Role,
    listing::{Cell, TUBES},
    screening::Purpose,
    site::{
        Who,
        clock::{Anchor, How, Reading},
    },
    time::Instant,
};
use dayclear_ops::{
    coverage::{Board, Part},
    desk::{DeskError, Refusal},
    site::{Filled, SiteError, Taken, When, take},
};

const PLACE: &str = "500103013006";
const DAYS_MS: i64 = 86_400_000;

/// A worker of the community, late in the day.
fn worker(clock: &str) -> Person {
    person("w1", Role::CommunityWorker, PLACE, None).at(at(DAY, clock))
}

/// What a phone says whose clock is wrong by so many milliseconds and whose page has been open since midnight.
fn phone(clock: &str, wrong_ms: i64) -> Reading {
    let ms = |at: Instant| at.micros() / 1_000;
    Reading {
        wall_ms: ms(at(DAY, clock)) + wrong_ms,
        page_ms: ms(at(DAY, clock)) - ms(at(DAY, "00:00")),
        page: "page".to_owned(),
    }
}

/// A tube of ten with these people, closed at that time by a phone that signed in at six.
fn filled(record: &str, tube: &str, people: &str, clock: &str, wrong_ms: i64) -> Filled {
    Filled {
        record: record.to_owned(),
        tube: tube.to_owned(),
        division: PLACE.to_owned(),
        purpose: Purpose::ExpandedScreening,
        size: 10,
        site: "Gate 3".to_owned(),
        round: None,
        people: people.split_whitespace().map(who).collect(),
        when: When::Device {
            taken: phone(clock, wrong_ms),
            anchor: Some(Anchor { server: at(DAY, "06:00"), device: phone("06:00", wrong_ms) }),
        },
        doubled: false,
        once_more: false,
    }
}

fn who(text: &str) -> Who {
    match text.len() {
        18 => Who::Document(text.to_owned()),
        _ => Who::Person(text.to_owned()),
    }
}

/// A round of two hours in which the example has no tube of P001, P002 or P003.
fn quiet_round(size: &str) -> [(&str, &str); 7] {
    [
        ("name", "r"),
        ("purpose", "expanded_screening"),
        ("ground", "source_unclear"),
        ("from", "2022-11-20T08:30:00+08:00"),
        ("to", "2022-11-20T10:30:00+08:00"),
        ("divisions", "500103"),
        ("pool_size", size),
    ]
}

async fn sends(who: &Person, store: &TestStore, tube: &Filled, sending: &Reading) -> Result<Taken, SiteError> {
    take(&store.store, &who.doing(None), tube, Some(sending)).await
}

fn word(outcome: Result<Taken, SiteError>) -> String {
    match outcome {
        Ok(taken) if taken.same => "same".to_owned(),
        Ok(_) => "taken".to_owned(),
        Err(SiteError::Refused { wrong, what }) => format!("{wrong} {what}").trim().to_owned(),
        Err(SiteError::Desk(DeskError::Refused(Refusal::NotYours { .. }))) => "not yours".to_owned(),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn twelve_hours_offline_with_a_wrong_clock_and_sent_again_it_is_there_once_at_its_true_time() {
    on_both(async |store| {
        evening(store).await;
        let w = worker("21:00");
        for (n, wrong_ms) in [(1, 0), (2, 3 * DAYS_MS), (3, -5 * DAYS_MS)] {
            let tube = filled(&format!("r{n}"), &format!("N{n}"), "P001 P002", "09:00", wrong_ms);
            let first = sends(&w, store, &tube, &phone("21:00", wrong_ms)).await.unwrap();
            assert_eq!((first.closed.at, first.closed.how, first.same), (at(DAY, "09:00"), How::Counted, false));
            // the answer was lost: the same again later, by other readings of its clock, changes nothing
            let before = store.dump().await;
            let again = sends(&worker("21:07"), store, &tube, &phone("21:08", wrong_ms + 60_000)).await.unwrap();
            assert_eq!((again.closed, again.same), (first.closed, true));
            assert_eq!(store.dump().await, before);
        }
        // who sampled and how well the time is known stand with the tube
        let mut tx = store.store.look(&district().looker.scope()).await.unwrap();
        let row = tx.record(&TUBES, "N2").await.unwrap().unwrap();
        assert_eq!(row.get(&TUBES, "given_by"), &Cell::Text("w1".to_owned()));
        assert_eq!(row.get(&TUBES, "within_s"), &Cell::Whole(5));
        assert_eq!(row.get(&TUBES, "members"), &Cell::Whole(2));
        drop(tx);
        let actor =
            "select actor || ' ' || count(*) from events where kind = 'evidence.given' and actor = 'w1' group by actor";
        assert_eq!(store.texts(actor).await, ["w1 6"]);
        assert_eq!(store.number("select count(*) from tubes_doubled").await, 0);
        assert_eq!(store.number("select count(*) from site_tubes where collected_at > received_at").await, 0);
        // the same record is one tube: another content, or another account, is told so
        let mut other = filled("r1", "N1", "P001", "09:00", 0);
        assert_eq!(word(sends(&w, store, &other, &phone("21:00", 0)).await), "other r1");
        other = filled("r1", "N1", "P001 P002", "09:00", 0);
        let stranger = person("w2", Role::CommunityWorker, PLACE, None).at(at(DAY, "21:00"));
        assert_eq!(word(sends(&stranger, store, &other, &phone("21:00", 0)).await), "other r1");
        signs_and_holds(store, DAY).await;
        store.drop_guards().await;
        store.sql("update site_tubes set people = 3 where record = 'r1'").await.unwrap();
        let findings = dayclear_verify::check(&store.url, "Asia/Shanghai").await.unwrap();
        let broken: Vec<&str> = findings.iter().filter(|f| !f.holds).map(|f| f.check).collect();
        assert_eq!(broken, ["site.taken"]);
    });
}

#[test]
fn what_is_refused_leaves_nothing_behind() {
    on_both(async |store| {
        evening(store).await;
        let w = worker("21:00");
        let before = store.dump().await;
        let eleven = "P001 P002 P003 P004 P005 P006 P007 P008 P009 P010 P011";
        let document = "50040119770608003X";
        let mut seven = filled("r", "N1", "P001", "09:00", 0);
        seven.size = 7;
        let mut elsewhere = filled("r", "N1", "P001", "09:00", 0);
        elsewhere.division = "500112016001".to_owned();
        for (tube, expected) in [
            (filled("r", "N1", "", "09:00", 0), "empty".to_owned()),
            (filled("r", "N1", eleven, "09:00", 0), "too_many 11".to_owned()),
            (filled("r", "N1", "P001 P002 P001", "09:00", 0), "twice P001".to_owned()),
            // the roster says that the number and the id are one person
            (filled("r", "N1", &format!("P001 P002 {document}"), "09:00", 0), format!("twice {document}")),
            (seven, "size 7".to_owned()),
            (elsewhere, "row division: a code of divisions".to_owned()),
        ] {
            assert_eq!(word(sends(&w, store, &tube, &phone("21:00", 0)).await), expected);
            assert_eq!(store.dump().await, before, "{expected}");
        }
        let driver = person("d2", Role::Driver, PLACE, None);
        assert_eq!(
            word(sends(&driver, store, &filled("r", "N1", "P001", "09:00", 0), &phone("21:00", 0)).await),
            "not yours"
        );
        // put right, the same tube is taken
        assert_eq!(word(sends(&w, store, &filled("r", "N1", document, "09:00", 0), &phone("21:00", 0)).await), "taken");
        let member = "select p.person from members m join tubes t on t.no = m.tube_no join people p on p.no = m.person_no where t.tube = 'N1'";
        assert_eq!(store.texts(member).await, ["P001"]);
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn a_code_that_another_tube_has_is_known_of_both_from_the_first_refusal_on() {
    on_both(async |store| {
        evening(store).await;
        let w = worker("21:00");
        let mut tube = filled("r1", "T003", "P001 P002", "09:00", 0);
        for _ in 0..2 {
            assert_eq!(word(sends(&w, store, &tube, &phone("21:00", 0)).await), "used T003");
            assert_eq!(store.number("select count(*) from tubes_doubled").await, 1);
        }
        // a slip of the eye: the right code, under a new id
        assert_eq!(word(sends(&w, store, &filled("r2", "N9", "P004", "09:10", 0), &phone("21:00", 0)).await), "taken");
        // the tube does bear it: its people are named there, and nobody is told anything by a result of that code
        tube.doubled = true;
        assert_eq!(word(sends(&w, store, &tube, &phone("21:05", 0)).await), "taken");
        assert_eq!(word(sends(&w, store, &tube, &phone("21:06", 0)).await), "same");
        let members =
            "select p.person from members m join tubes t on t.no = m.tube_no join people p on p.no = m.person_no
                       where t.tube = 'T003' and p.person in ('P001', 'P002') order by 1";
        assert_eq!(store.texts(members).await, ["P001", "P002"]);
        assert_eq!(
            store.texts("select finding from settled s join tubes t on t.no = s.tube_no where t.tube = 'T003'").await,
            ["inconclusive"]
        );
        holds(store).await;
    });
}

#[test]
fn coverage_has_a_tube_at_once_and_somebody_on_no_roster_is_kept_and_asked_after() {
    on_both(async |store| {
        evening(store).await;
        district().at(at(DAY, "05:00")).does(store, "rounds.plan", &[], &quiet_round("10")).await.unwrap();
        dayclear_ops::line::pass(
            &store.store,
            crate::city::packs(),
            &crate::city::settings(),
            "covid-19",
            &crate::city::city(),
            at(DAY, "20:00"),
        )
        .await
        .unwrap();
        let board = async || {
            let mut tx = store.store.look(&crate::city::city()).await.unwrap();
            Board::load(&mut tx, at(DAY, "21:01")).await.unwrap()
        };
        let sampled = |board: &Board| board.counts("R20221120-1", &Part::Division("500103")).unwrap().sampled();
        let mut kept = board().await;
        let before = sampled(&kept);
        let people = "P001 P002 110101199003077715";
        let mut tube = filled("r1", "N1", people, "09:00", 0);
        tube.round = Some("R20221120-1".to_owned());
        let w = worker("21:00");
        assert_eq!(word(sends(&w, store, &tube, &phone("21:00", 0)).await), "taken");
        let mut tx = store.store.look(&crate::city::city()).await.unwrap();
        kept.look(&mut tx, at(DAY, "21:01")).await.unwrap();
        drop(tx);
        assert_eq!(sampled(&kept), before + 2);
        assert_eq!(sampled(&board().await), before + 2);
        // the number of the third stands with them and in no id; sent in another tube they are the same person
        let stranger = "select person from people where document = '110101199003077715' and not registered";
        let found = store.texts(stranger).await;
        assert!(found.len() == 1 && found[0].starts_with("S-") && !found[0].contains("1101"), "{found:?}");
        assert_eq!(
            word(sends(&w, store, &filled("r2", "N2", "110101199003077715", "09:30", 0), &phone("21:00", 0)).await),
            "taken"
        );
        assert_eq!(store.texts(stranger).await, found);
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn a_sheet_is_entered_with_its_true_time_and_by_the_same_rules() {
    on_both(async |store| {
        evening(store).await;
        district().at(at(DAY, "05:00")).does(store, "rounds.plan", &[], &quiet_round("5")).await.unwrap();
        dayclear_ops::line::pass(
            &store.store,
            crate::city::packs(),
            &crate::city::settings(),
            "covid-19",
            &crate::city::city(),
            at(DAY, "20:00"),
        )
        .await
        .unwrap();
        let w = worker("21:00");
        let sheet = |record: &str, tube: &str, people: &str, at: Instant| Filled {
            when: When::Written(at),
            size: 5,
            round: Some("R20221120-1".to_owned()),
            ..filled(record, tube, people, "09:00", 0)
        };
        let enters = async |tube: &Filled| word(take(&store.store, &w.doing(None), tube, None).await);
        let morning = at(DAY, "09:15");
        for (tube, expected) in [
            (sheet("a", "N1", "P001", at(DAY, "21:01")), "future"),
            (sheet("a", "N1", "P001", at("2022-11-17", "20:59")), "too_old"),
            (sheet("a", "N1", "P001", at(DAY, "08:29")), "hours"),
            (sheet("a", "N1", "P001 P002 P003 P004 P005 P006", morning), "too_many"),
            (Filled { size: 10, ..sheet("a", "N1", "P001", morning) }, "size"),
            (Filled { round: Some("R9".to_owned()), ..sheet("a", "N1", "P001", morning) }, "round"),
            (sheet("a", "T001", "P001", morning), "used"),
        ] {
            let said = enters(&tube).await;
            assert!(said.starts_with(expected), "{said} is not {expected}");
        }
        assert_eq!(enters(&sheet("a", "N1", "P001 P002", morning)).await, "taken");
        assert_eq!(enters(&sheet("a", "N1", "P001 P002", morning)).await, "same");
        assert_eq!(enters(&sheet("b", "N2", "P003 P002", morning)).await, "twice_in_round P002 (N1)");
        assert_eq!(enters(&Filled { once_more: true, ..sheet("b", "N2", "P003 P002", morning) }).await, "taken");
        let told = "select x.how || ' ' || t.size from site_tubes x join tubes t on t.no = x.tube_no order by x.record";
        assert_eq!(store.texts(told).await, ["written 5", "written 5"]);
        signs_and_holds(store, DAY).await;
    });
}
