//! In care until discharge, on both stores: once a day somebody records how each person is, and what is missing is owed by the site; the
//! tests that a discharge waits for are proposed and no others; whoever is discharged goes home on their own or by a ride of their own,
//! and with nobody who is infected.

use crate::{
    city::{DAY, Files, at, city, day_of, packs, plan, run, settings},
    engines::{TestStore, on_both},
    floor::{Person, city_command, evening, holds, person, signs_and_holds},
};
use dayclear_core::{
    access::Role,
    measures::OrderKind,
    schema::{ASSESSMENTS, HANDOVERS, MEMBERS, RESULTS, TUBES, Table},
    screening::Finding,
};
use dayclear_ops::{
    care,
    desk::{DeskError, Refusal},
    evidence::{How, Rows, take},
    line,
};

const NEXT: &str = "2022-11-21";
const THIRD: &str = "2022-11-22";
const CASE: &str = "C20221120-P001";

fn both(date: &str, clock: &str) -> Person {
    person("d9", Role::DistrictCommand, "50", None).at(at(date, clock))
}

async fn pass(store: &TestStore, date: &str, clock: &str) {
    line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(date, clock)).await.unwrap();
}

async fn gives(who: &Person, store: &TestStore, table: &'static Table, row: &[(&str, &str)]) -> String {
    let row = row.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    match take(&store.store, &who.doing(None), table, Rows::Json(vec![row]), How::default()).await {
        Ok((tally, doubts)) if doubts.is_empty() => format!("created {}", tally.created),
        Ok((_, doubts)) => doubts.iter().map(|doubt| doubt.column.as_str()).collect::<Vec<_>>().join(" "),
        Err(DeskError::Refused(Refusal::Invalid(faults))) => {
            faults.iter().map(|fault| fault.field.as_str()).collect::<Vec<_>>().join(" ")
        }
        Err(error) => panic!("{error}"),
    }
}

async fn signs(store: &TestStore, day: &str, date: &str, clock: &str) {
    assert_eq!(city_command().at(at(date, clock)).tries(store, "days.sign", &[day], &[]).await, "done");
}

async fn one(store: &TestStore, sql: &str) -> String {
    store.texts(sql).await.join(", ")
}

/// P001 is in the bed that was planned; where.
async fn admitted(store: &TestStore) -> String {
    let facility = one(store, &format!("select facility from transfers where id = 'M-{CASE}'")).await;
    for (step, clock) in [("picked_up", "22:10"), ("admitted", "22:30")] {
        let moment = format!("{DAY}T{clock}:00+08:00");
        let row = [("person", "P001"), ("step", step), ("at", moment.as_str()), ("facility", facility.as_str())];
        assert_eq!(gives(&both(DAY, "23:00"), store, &HANDOVERS, &row).await, "created 1");
    }
    pass(store, DAY, "23:01").await;
    facility
}

/// A single swab of somebody and its negative result.
async fn swabbed(store: &TestStore, tube: &str, who: &str, date: &str, clock: &str, reported: &str) {
    let by = both(date, reported);
    let (taken, reported) = (format!("{date}T{clock}:00+08:00"), format!("{date}T{reported}:00+08:00"));
    let row =
        [("tube", tube), ("division", "500103013006"), ("purpose", "isolation"), ("size", "1"), ("laboratory", "L1")];
    assert_eq!(gives(&by, store, &TUBES, &[&row[..], &[("collected_at", &taken)]].concat()).await, "created 1");
    assert_eq!(gives(&by, store, &MEMBERS, &[("tube", tube), ("person", who)]).await, "created 1");
    let row = [
        ("laboratory", "L1"),
        ("tube", tube),
        ("version", "F"),
        ("finding", "negative"),
        ("reported_at", reported.as_str()),
    ];
    assert_eq!(gives(&by, store, &RESULTS, &row).await, "created 1");
}

/// A record of somebody who coughs.
fn seen<'a>(who: &'a str, moment: &'a str) -> [(&'static str, &'a str); 6] {
    [
        ("person", who),
        ("assessed_at", moment),
        ("severity", "mild"),
        ("temperature", "36.8"),
        ("oxygen", "97"),
        ("symptoms", "cough;fatigue"),
    ]
}

#[test]
fn a_site_owes_the_record_of_the_day_of_whoever_lies_there_until_it_is_there() {
    on_both(async |store| {
        evening(store).await;
        let place = admitted(store).await;
        signs(store, DAY, DAY, "23:59").await;
        pass(store, NEXT, "08:00").await;
        let there =
            format!("select person from transfers where facility = '{place}' and state = 'admitted' order by person");
        let lying = store.texts(&there).await;
        assert!(lying.contains(&"P001".to_owned()), "{lying:?}");
        let there = lying.len();
        let owed = format!(
            "select u.state || ' ' || u.size || ' ' || i.party || ' ' || i.owner || ' ' || coalesce(i.outcome, 'open') from obligations u
             join items i on i.worklist = 'fulfil' and i.subject = u.id where u.id = 'daily-{place}-{NEXT}'"
        );
        assert_eq!(one(store, &owed).await, format!("open {there} site {place} open"));
        holds(store).await;
        // the site records of those who lie there, and of nobody else
        let site = person("f1", Role::Facility, "50", Some(&place)).at(at(NEXT, "09:00"));
        let moment = format!("{NEXT}T09:00:00+08:00");
        assert_eq!(gives(&site, store, &ASSESSMENTS, &seen("P030", &moment)).await, "person");
        let wrong = [
            ("person", "P001"),
            ("assessed_at", moment.as_str()),
            ("severity", "mild"),
            ("temperature", "98.6"),
            ("oxygen", "970"),
        ];
        let refused = gives(&site, store, &ASSESSMENTS, &wrong).await;
        assert!(refused.contains("temperature"), "{refused}");
        assert_eq!(gives(&site, store, &ASSESSMENTS, &seen("P001", &moment)).await, "created 1");
        assert_eq!(gives(&site, store, &ASSESSMENTS, &seen("P001", &moment)).await, "created 0");
        for other in lying.iter().filter(|other| *other != "P001") {
            pass(store, NEXT, "09:00").await;
            assert_eq!(one(store, &owed).await, format!("open {there} site {place} open"), "{other} is missing");
            assert_eq!(gives(&site, store, &ASSESSMENTS, &seen(other, &moment)).await, "created 1");
        }
        pass(store, NEXT, "09:01").await;
        assert_eq!(one(store, &owed).await, format!("done {there} site {place} completed"));
        assert!(store.sql("update assessments set oxygen = 99").await.is_err(), "nothing recorded is changed");
        signs(store, NEXT, NEXT, "23:30").await;
        holds(store).await;

        // a day on which nobody recorded anything is told to those above, and is missing for ever
        pass(store, THIRD, "08:00").await;
        let third = owed.replace(NEXT, THIRD);
        assert_eq!(one(store, &third).await, format!("open {there} site {place} open"));
        pass(store, "2022-11-23", "00:01").await;
        let passed =
            format!("select count(*) from items where subject = 'daily-{place}-{THIRD}' and escalated_at is not null");
        assert_eq!(store.number(&passed).await, 1);
        signs(store, THIRD, "2022-11-23", "00:30").await;
        pass(store, "2022-11-23", "08:00").await;
        assert_eq!(one(store, &third).await, format!("dropped {there} site {place} cancelled"));
        holds(store).await;
    });
}

#[test]
fn tests_are_proposed_where_nothing_else_is_missing_for_a_discharge() {
    on_both(async |store| {
        evening(store).await;
        let place = admitted(store).await;
        let proposed = "select subject || ' ' || coalesce(outcome, 'open') || ' ' || owner from items
            where worklist = 'retest' and subject like 'discharge/%' order by subject";
        assert_eq!(one(store, proposed).await, "", "nobody is swabbed again on the day of the positive");
        signs(store, DAY, DAY, "23:59").await;
        pass(store, NEXT, "08:00").await;
        let of = async |who: &str| {
            let all = store.texts(proposed).await;
            all.into_iter().filter(|item| item.contains(&format!("-{who}/"))).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(of("P001").await, format!("discharge/{CASE}/0/P001 open {place}"));
        // who has symptoms is not swabbed for nothing before they are relieved
        assert_eq!(of("P006").await, "");
        let moment = format!("{NEXT}T08:30:00+08:00");
        let row = [
            ("person", "P006"),
            ("assessed_at", moment.as_str()),
            ("severity", "mild"),
            ("temperature", "36.5"),
            ("relieved", "yes"),
        ];
        assert_eq!(gives(&both(NEXT, "08:30"), store, &ASSESSMENTS, &row).await, "created 1");
        pass(store, NEXT, "08:31").await;
        assert!(of("P006").await.starts_with("discharge/C20221120-P006/0/P006 open"), "{}", of("P006").await);
        // worse again: nothing is asked for that does not help
        let moment = format!("{NEXT}T08:40:00+08:00");
        let row = [("person", "P006"), ("assessed_at", moment.as_str()), ("severity", "mild"), ("relieved", "no")];
        assert_eq!(gives(&both(NEXT, "08:40"), store, &ASSESSMENTS, &row).await, "created 1");
        pass(store, NEXT, "08:41").await;
        assert!(of("P006").await.starts_with("discharge/C20221120-P006/0/P006 cancelled"), "{}", of("P006").await);

        swabbed(store, "TD1", "P001", NEXT, "09:00", "13:00").await;
        pass(store, NEXT, "13:01").await;
        assert_eq!(
            of("P001").await,
            format!("discharge/{CASE}/0/P001 completed {place}"),
            "the next one after 24 hours"
        );
        signs(store, NEXT, NEXT, "23:30").await;
        pass(store, THIRD, "08:00").await;
        assert!(of("P001").await.ends_with(&format!("discharge/{CASE}/1/P001 open {place}")), "{}", of("P001").await);
        swabbed(store, "TD2", "P001", THIRD, "09:30", "13:00").await;
        pass(store, THIRD, "13:01").await;
        assert!(!of("P001").await.contains("open"), "{}", of("P001").await);
        let leaves = format!(
            "select reason from items where worklist = 'release' and subject = 'O-case-{CASE}' and closed_at is null"
        );
        assert!(one(store, &leaves).await.starts_with("may leave: "), "{}", one(store, &leaves).await);
        signs(store, THIRD, THIRD, "23:30").await;
        holds(store).await;
    });
}

#[test]
fn whoever_is_discharged_is_brought_home_by_a_ride_of_its_own() {
    on_both(async |store| {
        let files = Files::quiet(DAY).swab("T901", "P028", "community", DAY, "08:00 11:00", "positive");
        let open = dayclear_ops::day::Plan { keep_open: true, ..plan(DAY) };
        run(&store.store, &files.write(store, DAY), &open).await.unwrap();
        let case = "C20221120-P028";
        let ride = format!("M-{case}");
        let who = |clock: &str| both(DAY, clock);
        assert_eq!(who("18:30").tries(store, "transfers.pick-up", &[&ride], &[]).await, "done");
        assert_eq!(who("18:40").tries(store, "transfers.admit", &[&ride], &[]).await, "done");
        assert_eq!(who("18:50").tries(store, "transfers.discharge", &[&ride], &[("home", "ride")]).await, "done");
        let home = format!("H-{ride}");
        let stands = format!(
            "select state || ' ' || class || ' ' || coalesce(bed, '-') || ' ' || building from transfers where id = '{home}'"
        );
        assert_eq!(one(store, &stands).await, "requested home - B2");
        holds(store).await;
        pass(store, DAY, "18:51").await;
        assert_eq!(one(store, &stands).await, "booked home - B2");
        let alone = format!(
            "select count(*) from transfers x join transfers h on h.trip = x.trip where h.id = '{home}' and x.class <> 'home'"
        );
        assert_eq!(store.number(&alone).await, 0, "with nobody who is infected or may be");
        let outcome = format!("select coalesce(outcome, '-') from cases where id = '{case}'");
        assert_eq!(one(store, &outcome).await, "recovered");
        let monitored = format!("select kind || ' ' || state from orders where id = 'O-after-{case}'");
        assert_eq!(one(store, &monitored).await, "home_monitoring active", "as the pack asks");
        // what goes on the summary of the stay
        let mut tx = crate::city::tx(store).await;
        let care = care::known(&mut tx, &ride, day_of(DAY), at(DAY, "18:55")).await.unwrap().unwrap();
        assert_eq!(care.case.as_ref().map(|known| known.id.as_str()), Some(case));
        let stays: Vec<_> = care.stays.iter().map(|stay| (stay.id.as_str(), stay.ended_at.is_some())).collect();
        assert_eq!(stays, [(ride.as_str(), true)]);
        let tests: Vec<_> = care.tests.iter().map(|test| (test.tube.as_str(), test.finding)).collect();
        assert_eq!(tests, [("T901", Finding::Positive)]);
        assert_eq!(care.orders.iter().map(|order| order.kind).collect::<Vec<_>>(), [OrderKind::HomeMonitoring]);
        assert!(care::known(&mut tx, "M-nobody", day_of(DAY), at(DAY, "18:55")).await.unwrap().is_none());
        drop(tx);
        let papers = "select count(*) from notices where person = 'P028' and kind = 'release'";
        assert_eq!(store.number(papers).await, 1, "the paper of the discharge");
        holds(store).await;
        // no site takes them in on the way home, and no bed is held for them
        assert_eq!(
            who("18:52").tries(store, "transfers.claim", &[&home], &[("bed", "TH1-W1-1")]).await,
            "is on the way home"
        );
        assert_eq!(who("18:52").tries(store, "transfers.admit", &[&home], &[]).await, "is free to go home");
        // brought to the door by a crew: nobody else is there to say so
        assert_eq!(who("19:30").tries(store, "transfers.pick-up", &[&home], &[]).await, "done");
        holds(store).await;
        let moment = format!("{DAY}T19:50:00+08:00");
        let row = [("person", "P028"), ("step", "handed_over"), ("at", moment.as_str())];
        assert_eq!(gives(&who("19:51"), store, &HANDOVERS, &row).await, "created 1");
        assert_eq!(one(store, &stands).await, "cancelled home - B2");
        let item = format!("select worklist || ' ' || outcome || ' ' || reason from items where subject = '{home}'");
        assert_eq!(one(store, &item).await, "place completed is at home");
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn a_bed_of_another_ward_is_held_first_and_the_old_one_is_cleaned() {
    on_both(async |store| {
        evening(store).await;
        let place = admitted(store).await;
        let ride = format!("M-{CASE}");
        let stands = format!("select bed from transfers where id = '{ride}'");
        let was = one(store, &stands).await;
        let free = |rule: &str| {
            format!(
                "select b.bed from beds b left join bed_stays s on s.bed = b.bed and s.released_at is null
                 where b.facility = '{place}' and s.bed is null and b.state = 'free' and {rule} order by b.bed limit 1"
            )
        };
        let other = one(store, &free("b.rule in ('any', 'male')")).await;
        assert!(!other.is_empty(), "{place}");
        let site = person("f1", Role::Facility, "50", Some(&place)).at(at(DAY, "23:05"));
        let why =
            |bed: &str| vec![("bed".to_owned(), bed.to_owned()), ("reason".to_owned(), "needs more quiet".to_owned())];
        let tries = async |who: &Person, bed: &str| {
            let given = why(bed);
            let given: Vec<(&str, &str)> = given.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
            who.tries(store, "transfers.ward", &[&ride], &given).await
        };
        let elsewhere = if place == "TH1" { "DH1-R1-1" } else { "TH1-W1-1" };
        assert_eq!(tries(&site, elsewhere).await, "is in another place");
        assert_eq!(tries(&site, "none").await, "invalid: bed");
        assert_eq!(tries(&site, &other).await, "done");
        assert_eq!(tries(&site, &other).await, "same");
        assert_eq!(one(store, &stands).await, other);
        let states = format!("select state from beds where bed = '{was}'");
        assert_eq!(one(store, &states).await, "cleaning");
        assert_eq!(tries(&site, &was).await, "is cleaning", "not before it is clean");
        let cleans =
            format!("select coalesce(outcome, 'open') from items where worklist = 'clean' and subject = '{was}'");
        assert_eq!(one(store, &cleans).await, "open");
        // cleaned, used and left once more it is to be cleaned once more
        let clean = async |bed: &str| site.tries(store, "beds.set", &[bed], &[("state", "free")]).await;
        assert_eq!(clean(&was).await, "done");
        assert_eq!(one(store, &cleans).await, "completed");
        assert_eq!(tries(&site.at(at(DAY, "23:10")), &was).await, "done");
        assert_eq!(clean(&other).await, "done");
        assert_eq!(tries(&site.at(at(DAY, "23:15")), &other).await, "done");
        let again = format!(
            "select count(*) from items where worklist = 'clean' and subject like '%/{was}' and closed_at is null"
        );
        assert_eq!(store.number(&again).await, 1);
        assert_eq!(clean(&was).await, "done");
        assert_eq!(store.number(&again).await, 0);
        signs_and_holds(store, DAY).await;
    });
}
