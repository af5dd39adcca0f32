//! Follow-up of contacts on both stores: who is asked from when to when, what a missed day, a refusal, symptoms, a new exposure and
//! a positive do, how it ends, who asks; and that the checker agrees after every day.

use crate::{
    city::{DAY, Files, at, city, close, packs, settings},
    engines::{TestStore, on_both},
    floor::{Person, evening, holds, person},
    imports::bring,
};
use dayclear_core::{
    access::Role,
    schema::{FOLLOW_UPS, MEMBERS, RESULTS, TEAMS, TUBES, Table},
};
use dayclear_ops::{
    desk::{DeskError, Refusal},
    evidence::{How, Rows, take},
    imports::Keep,
    line,
    tracing::figures,
};

const HEADER: &str = "person,at,channel,answer,symptoms,team,said_by,note";

/// A quiet day with what was found by whoever asked, and swabs without a finding: `person clock answer symptoms`.
async fn day(store: &TestStore, date: &str, told: &[&str], more: impl Fn(Files) -> Files) {
    let rows: Vec<String> = told
        .iter()
        .map(|row| {
            let words: Vec<&str> = row.split(' ').collect();
            format!("{},{date}T{}:00+08:00,phone,{},{},,w1,", words[0], words[1], words[2], words.get(3).unwrap_or(&""))
        })
        .collect();
    let files = Files::quiet(date).with("follow_ups", HEADER, &rows.join("\n"));
    close(store, date, &more(files)).await;
    holds(store).await;
}

/// How somebody's follow-ups stand.
async fn stands(store: &TestStore, person: &str) -> String {
    let sql = format!(
        "select state || ' ' || from_day || '-' || until_day || ' seen ' || seen || ' missed ' || missed || '/' || missed_running
            || coalesce(' ended ' || ended_on, '') from followed where person = '{person}' order by listed_on"
    );
    store.texts(&sql).await.join(", ").replace("2022-11-", "")
}

/// Items of a worklist of somebody: day, owner, how it ended.
async fn items(store: &TestStore, worklist: &str, person: &str) -> String {
    let sql = format!(
        "select substr(subject, 1, length(subject) - length('/{person}')) || ' ' || owner || ' ' || coalesce(outcome, 'open')
            from items where worklist = '{worklist}' and subject like '%/{person}' order by opened_at, subject"
    );
    store.texts(&sql).await.join(", ").replace("2022-11-", "")
}

#[test]
fn a_contact_at_home_is_asked_every_day_until_the_last() {
    on_both(async |store| {
        let same = |files: Files| files;
        close(store, DAY, &Files::example()).await;
        assert_eq!(stands(store, "P009").await, "followed 21-27 seen 0 missed 0/0");
        assert_eq!(items(store, "follow", "P009").await, "", "asking begins on the day after the listing");
        // whoever goes to a site first is asked when they are home again
        assert_eq!(stands(store, "P011").await, "followed 24-26 seen 0 missed 0/0");

        day(store, "2022-11-21", &[], same).await;
        assert_eq!(stands(store, "P009").await, "followed 21-27 seen 0 missed 0/0");
        assert_eq!(items(store, "follow", "P009").await, "21 500103013006 open");
        day(store, "2022-11-22", &["P009 09:00 no_answer"], same).await;
        assert_eq!(items(store, "follow", "P009").await, "21 500103013006 cancelled, 22 500103013006 open");
        // missed twice: the district sees to it
        day(store, "2022-11-23", &[], same).await;
        assert_eq!(stands(store, "P009").await, "missed 21-27 seen 0 missed 2/2");
        assert!(items(store, "follow", "P009").await.ends_with("23 500103 open"));
        assert_eq!(store.texts("select kind from events where kind = 'follow.missed'").await, ["follow.missed"]);
        // symptoms open a test, which is not an order, and is done by a swab
        day(store, "2022-11-24", &["P009 09:00 reached yes"], same).await;
        assert_eq!(stands(store, "P009").await, "symptoms 21-27 seen 1 missed 3/0");
        assert_eq!(items(store, "retest", "P009").await.split(", ").last(), Some("symptoms/24 500103013006 open"));
        let swab = |files: Files| files.swab("T900", "P009", "key_person", "2022-11-25", "10:00 15:00", "negative");
        day(store, "2022-11-25", &["P009 09:00 refused"], swab).await;
        assert_eq!(stands(store, "P009").await, "refused 21-27 seen 1 missed 3/0");
        assert!(items(store, "retest", "P009").await.contains("symptoms/24 500103013006 completed"));
        day(store, "2022-11-26", &["P009 09:00 no_answer", "P009 18:00 reached no"], same).await;
        assert_eq!(stands(store, "P009").await, "followed 21-27 seen 2 missed 4/0");
        day(store, "2022-11-27", &["P009 23:59 reached no"], same).await;
        assert_eq!(stands(store, "P009").await, "followed 21-27 seen 3 missed 4/0");
        // nobody has to ask on the day after to end it, and asking then changes nothing
        day(store, "2022-11-28", &["P009 09:00 reached no"], same).await;
        assert_eq!(stands(store, "P009").await, "completed 21-27 seen 3 missed 4/0 ended 27");
        assert!(items(store, "follow", "P009").await.ends_with("27 500103013006 completed"));
        let told = "select count(*) from outbox where topic = 'follow-up-ended' and body like '%\"P009\"%'";
        assert_eq!(store.number(told).await, 1);
        // and P011, to whom nobody ever spoke
        assert_eq!(stands(store, "P011").await, "unseen 24-26 seen 0 missed 3/3 ended 26");
    });
}

#[test]
fn a_new_exposure_moves_the_last_day_and_a_positive_ends_it() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        // P009 met P060, who becomes a case on the 21st
        let met = |files: Files| {
            files
                .swab("T901", "P060", "community", "2022-11-21", "08:00 12:00", "positive")
                .add("contacts", "P060,P009,shared_space,2022-11-20,2022-11-20,x")
        };
        day(store, "2022-11-21", &["P009 09:00 reached no"], met).await;
        assert_eq!(stands(store, "P009").await, "followed 21-28 seen 1 missed 0/0");
        assert_eq!(store.number("select exposures from followed where person = 'P009'").await, 2);
        let positive = |files: Files| files.swab("T902", "P009", "isolation", "2022-11-22", "08:00 12:00", "positive");
        day(store, "2022-11-22", &[], positive).await;
        assert_eq!(stands(store, "P009").await, "became_case 21-28 seen 1 missed 0/0 ended 22");
        assert!(!items(store, "follow", "P009").await.contains("open"), "{}", items(store, "follow", "P009").await);
        let again = "select count(*) from followed where person = 'P009' and ended_on is null";
        day(store, "2022-11-23", &[], |files| files).await;
        assert_eq!(store.number(again).await, 0);
    });
}

async fn gives(who: &Person, store: &TestStore, table: &'static Table, row: &[(&str, &str)]) -> String {
    let row = row.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    match take(&store.store, &who.doing(None), table, Rows::Json(vec![row]), How::default()).await {
        Ok((tally, _)) => format!("created {} same {}", tally.created, tally.same),
        Err(DeskError::Refused(Refusal::Invalid(faults))) => {
            faults.iter().map(|fault| fault.field.as_str()).collect::<Vec<_>>().join(" ")
        }
        Err(error) => error.to_string(),
    }
}

async fn pass(store: &TestStore, date: &str, clock: &str) {
    line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(date, clock)).await.unwrap();
}

#[test]
fn teams_share_the_people_and_what_is_told_online_counts_at_once() {
    const NEXT: &str = "2022-11-21";
    on_both(async |store| {
        evening(store).await;
        let teams = "team,division,name,people_a_day\nA,500103,,1\nB,500103,,50\n";
        let tally = bring(store, &city(), &TEAMS, teams, "", Keep::Together).await;
        assert_eq!(tally.created, 2);
        let signed = crate::floor::city_command().at(at(DAY, "23:59")).tries(store, "days.sign", &[DAY], &[]).await;
        assert_eq!(signed, "done");
        pass(store, NEXT, "00:30").await;
        holds(store).await;
        let teams = "select team || ' ' || count(*) from followed where substr(division, 1, 6) = '500103' group by team order by team";
        let shared = store.texts(teams).await;
        assert_eq!(shared[0], "A 1", "{shared:?}");
        assert!(shared[1].starts_with("B "), "{shared:?}");
        let owner = items(store, "follow", "P009").await;
        assert!(owner == "21 A open" || owner == "21 B open", "{owner}");

        let worker = person("w1", Role::CommunityWorker, "500103013006", None).at(at(NEXT, "10:00"));
        let other = person("w2", Role::CommunityWorker, "500112016001", None).at(at(NEXT, "10:00"));
        let row = |answer, symptoms, clock| {
            vec![
                ("person", "P009"),
                ("at", clock),
                ("channel", "door"),
                ("answer", answer),
                ("symptoms", symptoms),
                ("said_by", "w1"),
            ]
        };
        let early = "2022-11-21T09:00:00+08:00";
        // told at the very moment of the command, as the page does
        let late = "2022-11-21T10:00:00+08:00";
        assert_eq!(gives(&other, store, &FOLLOW_UPS, &row("reached", "no", early)).await, "person");
        assert_eq!(gives(&worker, store, &FOLLOW_UPS, &row("no_answer", "", early)).await, "created 1 same 0");
        assert!(items(store, "follow", "P009").await.ends_with("open"));
        assert_eq!(gives(&worker, store, &FOLLOW_UPS, &row("reached", "yes", late)).await, "created 1 same 0");
        assert_eq!(gives(&worker, store, &FOLLOW_UPS, &row("reached", "yes", late)).await, "created 0 same 1");
        assert!(items(store, "follow", "P009").await.ends_with("completed"));
        assert!(items(store, "retest", "P009").await.contains("symptoms/21 500103013006 open"));
        assert_eq!(stands(store, "P009").await, "symptoms 21-27 seen 1 missed 0/0");
        // the team that they know stays theirs
        let before = store.texts("select team from followed where person = 'P009'").await;
        pass(store, NEXT, "11:00").await;
        assert_eq!(store.texts("select team from followed where person = 'P009'").await, before);
        // a positive ends it in the transaction of the result
        let site = person("d1", Role::DistrictCommand, "500103", None).at(at(NEXT, "12:00"));
        let tube = [
            ("tube", "T909"),
            ("division", "500103013006"),
            ("purpose", "isolation"),
            ("size", "1"),
            ("collected_at", "2022-11-21T10:30:00+08:00"),
        ];
        assert_eq!(gives(&site, store, &TUBES, &tube).await, "created 1 same 0");
        assert_eq!(gives(&site, store, &MEMBERS, &[("tube", "T909"), ("person", "P009")]).await, "created 1 same 0");
        assert!(items(store, "retest", "P009").await.contains("symptoms/21 500103013006 open"), "the line has not run");
        let result = [
            ("laboratory", "L1"),
            ("tube", "T909"),
            ("version", "F"),
            ("finding", "positive"),
            ("reported_at", "2022-11-21T11:30:00+08:00"),
        ];
        assert_eq!(gives(&site, store, &RESULTS, &result).await, "created 1 same 0");
        assert_eq!(stands(store, "P009").await, "became_case 21-27 seen 1 missed 0/0 ended 21");
        assert!(items(store, "retest", "P009").await.contains("symptoms/21 500103013006 completed"));
        let changed = store.sql("update follow_ups set answer = 'refused'").await;
        assert!(changed.is_err(), "what was told is never changed");
        holds(store).await;
    });
}

#[test]
fn tracing_is_measured_by_day_and_district() {
    on_both(async |store| {
        close(store, DAY, &Files::example()).await;
        // a contact of a case of the day before is told of a day later; P009, a known contact, becomes a case
        let more = |files: Files| {
            files
                .swab("T902", "P009", "isolation", "2022-11-21", "08:00 12:00", "positive")
                .add("contacts", "P001,P065,same_room,2022-11-19,2022-11-19,x")
        };
        day(store, "2022-11-21", &[], more).await;
        let mut tx = crate::city::tx(store).await;
        let zone = settings().zone;
        let of = |text: &str| text.parse().unwrap();
        let rules = (packs(), "covid-19");
        let all = figures(&mut tx, &zone, rules, of(DAY), of("2022-11-21")).await.unwrap();
        let here = "500103".parse().unwrap();
        let first = &all[&(of(DAY), here)];
        let listed = store.number(
            "select count(*) from contacts k join cases c on c.id = k.case_id where substr(c.division, 1, 6) = '500103'
               and c.id like 'C20221120-%'",
        );
        assert_eq!(first.contacts as i64, listed.await);
        assert_eq!(first.named[0], first.contacts, "the next morning is within 24 hours of the evening");
        assert!(first.placed_within(50).is_some_and(|min| min >= 0), "{first:?}");
        let here = "500103".parse().unwrap();
        let second = &all[&(of("2022-11-21"), here)];
        assert_eq!((second.cases, second.known, second.held), (1, 1, 0), "the order came a day after the window began");
        let listed = "select count(*) from contacts where person = 'P065' and case_id = 'C20221120-P001'
            and listed_at > (select found_at from cases where id = 'C20221120-P001')";
        assert_eq!(store.number(listed).await, 1, "it was listed when it was told of");
        let elsewhere = figures(&mut tx, &zone, rules, of("2022-11-25"), of("2022-11-25")).await.unwrap();
        assert!(elsewhere.is_empty());
        drop(tx);
        // somebody whom an order keeps apart since the 21st and who is positive on the 24th could infect nobody outside before the 22nd
        let apart = "select o.person from orders o where o.basis = 'contact' and o.state = 'active' and o.until_day > '2022-11-24'
            and o.kind in ('home_isolation', 'central_isolation') and substr(o.division, 1, 6) = '500103'
            and o.person not in (select person from cases) order by o.person limit 1";
        let apart = store.texts(apart).await.remove(0);
        for date in ["2022-11-22", "2022-11-23"] {
            day(store, date, &[], |files| files).await;
        }
        let found = |files: Files| files.swab("T903", &apart, "isolation", "2022-11-24", "08:00 12:00", "positive");
        day(store, "2022-11-24", &[], found).await;
        let mut tx = crate::city::tx(store).await;
        let all = figures(&mut tx, &zone, rules, of("2022-11-24"), of("2022-11-24")).await.unwrap();
        let last = &all[&(of("2022-11-24"), "500103".parse().unwrap())];
        assert_eq!((last.cases, last.known, last.held), (1, 1, 1));
    });
}
