//! Emergencies on both stores (R08): every way in opens one ticket; nobody decides for a minute and the next tier is rung, once, and not
//! before; one owner, no relays; a refusal is an incident and no end; and no order, area or round stands in the way of one.

use crate::{
    city::{DAY, Files, at, city, packs, plan, run, settings},
    engines::{Dump, TestStore, on_both},
    floor::{Person, city_command, dispatcher, evening, holds, person, signs_and_holds},
    online::{KEEP, gives, object},
};
use dayclear_core::{
    access::Role,
    schema,
    time::{Instant, SECOND},
    welfare::RequestKind,
};
use dayclear_ops::{
    public::{self, Asked, Counter},
    urgent,
};

/// A moment of the evening, some seconds later.
fn later(clock: &str, seconds: i64) -> Instant {
    Instant::from_micros(at(DAY, clock).micros() + seconds * SECOND)
}

fn worker(account: &str) -> Person {
    person(account, Role::CommunityWorker, "500103013006", None)
}

/// Somebody calls for help on the public page.
async fn calls(store: &TestStore, kind: RequestKind, now: Instant, chance: u8) -> String {
    let (division, city, settings) = ("500103013006".parse().unwrap(), city(), settings());
    let counter = Counter { packs: packs(), pack: "covid-19", settings: &settings, city: &city, now };
    let asked = Asked { kind, division: &division, text: "胸口痛", contact: Some("138") };
    public::request(&store.store, &counter, &asked, [chance; 16]).await.unwrap().0
}

async fn rings(store: &TestStore, now: Instant) -> usize {
    urgent::ring(&store.store, packs(), &settings(), "covid-19", &city(), now).await.unwrap()
}

async fn items(store: &TestStore, of: &str) -> Vec<String> {
    store
        .texts(&format!(
            "select worklist || ' ' || coalesce(outcome, 'open') || ' ' || coalesce(assignee, '-') from items
             where subject = '{of}' order by worklist"
        ))
        .await
}

async fn tier(store: &TestStore, ticket: &str) -> String {
    store.texts(&format!("select tier from tickets where ticket = '{ticket}'")).await.concat()
}

#[test]
fn every_way_in_opens_one_ticket_in_the_transaction_of_the_call() {
    on_both(async |store| {
        evening(store).await;
        // of the example's file: one that its person confirmed, and an exit that is still locked
        let known = "select ticket || ' ' || coalesce(ended_how, 'open') from tickets order by ticket";
        assert_eq!(store.texts(known).await, ["R2 confirmed", "R6 open"]);
        let public = calls(store, RequestKind::Emergency, at(DAY, "23:00"), 1).await;
        let birth = calls(store, RequestKind::Labour, at(DAY, "23:00"), 2).await;
        calls(store, RequestKind::Food, at(DAY, "23:00"), 3).await;
        let row = |id: &str| {
            object(&[
                ("request", id),
                ("kind", "emergency"),
                ("division", "500103013006"),
                ("received_at", "2022-11-20T22:59:30+08:00"),
            ])
        };
        let hotline = person("h1", Role::Hotline, "500103", None);
        for (who, id) in [(&worker("w1"), "W-1"), (&hotline, "H-1")] {
            gives(who, store, &schema::REQUESTS, vec![row(id)], KEEP).await.unwrap();
            // a row that comes again opens nothing again
            gives(who, store, &schema::REQUESTS, vec![row(id)], KEEP).await.unwrap();
        }
        let mut open = store.texts("select ticket from tickets where ended_at is null order by ticket").await;
        let mut all = vec![public.clone(), birth, "W-1".to_owned(), "H-1".to_owned(), "R6".to_owned()];
        open.sort();
        all.sort();
        assert_eq!(open, all);
        assert_eq!(items(store, &public).await, ["answer open -", "decide open -"]);
        // a minute by the pack, whatever the kind
        let late = "select ticket from tickets where decide_by <> opened_at";
        assert_eq!(store.texts(late).await.len(), 6, "no ticket is without its minute");
        // an answered emergency that is opened again is a new ticket with a new clock
        let district = person("d2", Role::DistrictCommand, "500112", None);
        assert_eq!(district.tries(store, "requests.reopen", &["R2"], &[("reason", "again")]).await, "done");
        assert_eq!(items(store, "R2/2").await, ["answer open -", "decide open -"]);
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn nobody_decides_and_tier_after_tier_is_rung_once_and_not_before() {
    on_both(async |store| {
        evening(store).await;
        let ticket = calls(store, RequestKind::Emergency, at(DAY, "23:10"), 1).await;
        for (seconds, rung, known) in [
            (0, 0, "community"),
            (59, 0, "community"),
            (60, 1, "district"),
            (61, 0, "district"),
            (119, 0, "district"),
            (120, 1, "city"),
            (121, 0, "city"),
            (600, 0, "city"),
        ] {
            assert_eq!(rings(store, later("23:10", seconds)).await, rung, "{seconds} s");
            assert_eq!(tier(store, &ticket).await, known, "{seconds} s");
        }
        let told = "select count(*) from outbox where topic = 'emergency' and subject like 'Q-%'";
        assert_eq!(store.number(told).await, 3, "opened, and rung twice");
        // one that somebody decides rings nobody
        let quick = calls(store, RequestKind::Emergency, at(DAY, "23:20"), 2).await;
        let w = worker("w1").at(later("23:20", 30));
        assert_eq!(w.tries(store, "tickets.decide", &[&quick], &[("decision", "ambulance")]).await, "done");
        assert_eq!(rings(store, later("23:20", 900)).await, 0);
        // no server ran for a quarter of an hour: both tiers at once, at the time at which they were
        let slept = calls(store, RequestKind::Labour, at(DAY, "23:30"), 3).await;
        assert_eq!(rings(store, at(DAY, "23:45")).await, 2);
        let late = format!("select count(*) from ticket_rings where ticket = '{slept}' and rung_at > due_at");
        assert_eq!(store.number(&late).await, 2);
        // two who ring at once ring once
        let both = calls(store, RequestKind::Emergency, at(DAY, "23:46"), 4).await;
        let (one, other) = tokio::join!(rings(store, at(DAY, "23:47")), rings(store, at(DAY, "23:47")));
        assert_eq!((one + other, tier(store, &both).await.as_str()), (1, "district"));
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn one_owner_from_the_call_to_the_hospital() {
    on_both(async |store| {
        evening(store).await;
        let ticket = calls(store, RequestKind::Emergency, at(DAY, "23:10"), 1).await;
        let id = ticket.as_str();
        let (anna, bo) = (worker("w1").at(later("23:10", 20)), dispatcher().at(later("23:10", 25)));
        let send = [("decision", "ambulance")];
        assert_eq!(anna.tries(store, "tickets.take", &[id], &[]).await, "done");
        assert_eq!(anna.tries(store, "tickets.take", &[id], &[]).await, "same");
        assert_eq!(bo.tries(store, "tickets.decide", &[id], &send).await, "is with w1");
        assert_eq!(bo.tries(store, "tickets.take", &[id], &[]).await, "is with w1");
        // whoever is there takes it over with a reason, and then it is theirs alone
        assert_eq!(bo.tries(store, "tickets.take", &[id], &[("reason", "I have a car there")]).await, "done");
        assert_eq!(anna.tries(store, "tickets.decide", &[id], &send).await, "is with p1");
        assert_eq!(bo.tries(store, "tickets.step", &[id], &[("step", "departed")]).await, "is not decided yet");
        assert_eq!(bo.tries(store, "tickets.decide", &[id], &send).await, "done");
        assert_eq!(items(store, id).await, ["answer open p1", "decide completed p1", "help open p1"]);
        type Given<'a> = &'a [(&'a str, &'a str)];
        let steps: &[(&str, Given<'_>, &str)] = &[
            ("tickets.accept", &[("facility", "NOWHERE"), ("clinician", "Dr Li")], "invalid: facility"),
            ("tickets.accept", &[("facility", "DH1")], "invalid: clinician"),
            ("tickets.accept", &[("facility", "DH1"), ("clinician", "Dr Li")], "done"),
            ("tickets.step", &[("step", "way_out"), ("what", "lift B, gate open")], "done"),
            ("tickets.step", &[("step", "vehicle"), ("what", "120-7")], "done"),
            ("tickets.step", &[("step", "escort"), ("what", "her daughter")], "done"),
            ("tickets.step", &[("step", "departed")], "done"),
        ];
        for (name, given, word) in steps {
            assert_eq!(bo.tries(store, name, &[id], given).await, *word, "{name} {given:?}");
        }
        // the hospital says that she is there: it needs no ticket of its own for that
        let hospital = person("f1", Role::Facility, "50", Some("DH1")).at(at(DAY, "23:30"));
        assert_eq!(hospital.tries(store, "tickets.help", &[id], &[("what", "cardiology")]).await, "done");
        assert_eq!(hospital.tries(store, "tickets.help", &[id], &[]).await, "same");
        assert_eq!(bo.tries(store, "tickets.step", &[id], &[("step", "vehicle")]).await, "is ended (helped)");
        assert_eq!(items(store, id).await, ["answer completed p1", "decide completed p1", "help completed p1"]);
        let steps = store.texts(&format!("select step from ticket_steps where ticket = '{id}' order by no")).await;
        let told = ["taken", "taken", "decided", "accepted", "way_out", "vehicle", "escort", "departed", "helped"];
        assert_eq!(steps, told);
        // a step is a fact
        assert!(store.sql("update ticket_steps set account = 'x'").await.is_err());
        assert!(store.sql("delete from ticket_steps").await.is_err());
        assert!(store.sql("delete from tickets").await.is_err());
        // elsewhere it does not exist
        let elsewhere = person("w3", Role::CommunityWorker, "500112", None);
        assert_eq!(elsewhere.tries(store, "tickets.take", &[id], &[]).await, "unknown");
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn a_refusal_has_a_name_and_a_reason_is_an_incident_and_ends_nothing() {
    on_both(async |store| {
        evening(store).await;
        let ticket = calls(store, RequestKind::Emergency, at(DAY, "23:10"), 1).await;
        let id = ticket.as_str();
        let w = worker("w1").at(later("23:10", 20));
        for given in
            [&[("clinician", "Dr Wang")][..], &[("reason", "no bed")], &[("clinician", " "), ("reason", "no bed")]]
        {
            let word = w.tries(store, "tickets.refuse", &[id], given).await;
            assert!(word.starts_with("invalid"), "{given:?}: {word}");
        }
        assert_eq!(store.number("select count(*) from ticket_steps where step = 'refused'").await, 0);
        let named = [("clinician", "Dr Wang"), ("reason", "no bed")];
        assert_eq!(w.tries(store, "tickets.refuse", &[id], &named).await, "done");
        let district = person("d1", Role::DistrictCommand, "500103", None).at(later("23:10", 40));
        assert_eq!(
            district.tries(store, "tickets.refuse", &[id], &[("facility", "DH1"), named[0], named[1]]).await,
            "done"
        );
        // the level above whoever let it happen has it, with the minutes of a review
        let incidents = "select subject || ' ' || owner from items where worklist = 'review' and subject like 'refused/%' order by subject";
        assert_eq!(store.texts(incidents).await, [format!("refused/{id}/1 500103"), format!("refused/{id}/2 50")]);
        // it waits as before, and rings as before
        assert_eq!(items(store, id).await, ["answer open -", "decide open -"]);
        assert_eq!(rings(store, later("23:10", 60)).await, 1);
        assert_eq!(w.tries(store, "tickets.stand-down", &[id], &[("reason", "better")]).await, "invalid: said");
        let over = [("said", "the man himself"), ("reason", "the pain is gone")];
        assert_eq!(w.at(later("23:10", 90)).tries(store, "tickets.stand-down", &[id], &over).await, "done");
        assert_eq!(items(store, id).await, ["answer completed w1", "decide completed w1"]);
        signs_and_holds(store, DAY).await;
    });
}

/// What binds people, without what an emergency may touch.
fn bonds(mut dump: Dump) -> Dump {
    dump.retain(|table, _| {
        ["orders", "zones", "rounds", "results", "settled", "cases", "exemptions"].contains(&table.as_str())
    });
    dump
}

#[test]
fn no_order_area_round_or_result_stands_in_the_way() {
    let words = on_both(async |store| {
        // a round is sampled here, an area encloses the house, its people are positive, bound or not tested at all
        let files = ["H01", "H33", "H40", ""].iter().enumerate().fold(Files::example(), |files, (n, household)| {
            files.add("requests", &format!("E{n},emergency,{household},500112016001,2022-11-20T22:59:00+08:00,,,"))
        });
        let mut plan = plan(DAY);
        plan.keep_open = true;
        run(&store.store, &files.write(store, DAY), &plan).await.unwrap();
        assert!(store.number("select count(*) from orders where state = 'active'").await > 0);
        assert!(store.number("select count(*) from zones where released_on is null").await > 0);
        let before = bonds(store.dump().await);
        let who = person("w3", Role::CommunityWorker, "500112016001", None).at(at(DAY, "23:50"));
        let mut words = Vec::new();
        for n in 0..4 {
            let id = format!("E{n}");
            let mut said = Vec::new();
            for (name, given) in [
                ("tickets.decide", &[("decision", "ambulance")][..]),
                ("tickets.accept", &[("facility", "DH1"), ("clinician", "Dr Li")]),
                ("tickets.step", &[("step", "departed")]),
                ("tickets.help", &[]),
            ] {
                said.push(who.tries(store, name, &[&id], given).await);
            }
            words.push(said.join(" "));
        }
        assert_eq!(bonds(store.dump().await), before, "help asked nothing of them, and changed nothing of them");
        holds(store).await;
        words
    });
    assert_eq!(words, ["done done done done"; 4]);
}

/// What stands of emergencies that were called for: none without its request or its item, whatever died in between.
async fn whole(store: &TestStore) -> i64 {
    let torn = "select count(*) from tickets t where not exists (select 1 from requests q where q.request = t.request)
        or not exists (select 1 from items i where i.worklist = 'decide' and i.subject = t.ticket)";
    assert_eq!(store.number(torn).await, 0, "a ticket without its request or its item");
    store.number("select count(*) from tickets where ticket like 'Q-%'").await
}

#[test]
fn a_death_at_any_statement_loses_no_call_and_doubles_no_ring_and_no_decision() {
    on_both(async |store| {
        evening(store).await;
        let (division, city, settings) = ("500103013006".parse().unwrap(), city(), settings());
        let (mut called, mut rung, mut decided, mut n) = (0, 0, 0, 0u8);
        // a call: told as taken, it is there; told as lost, it is there whole or not at all
        for steps in 0.. {
            let counter =
                Counter { packs: packs(), pack: "covid-19", settings: &settings, city: &city, now: at(DAY, "23:00") };
            let asked = Asked { kind: RequestKind::Emergency, division: &division, text: "", contact: None };
            let before = whole(store).await;
            store.store.lose_after(steps);
            let told = public::request(&store.store, &counter, &asked, [n; 16]).await;
            let lost = store.store.is_lost();
            store.store.mend();
            let after = whole(store).await;
            assert!(if told.is_ok() { after == before + 1 } else { after - before <= 1 }, "after {steps} statements");
            n += 1;
            if !lost {
                break;
            }
            called += 1;
        }
        // a ring: however often the server dies of it, each tier was rung once
        for steps in 0.. {
            let ticket = calls(store, RequestKind::Emergency, at(DAY, "23:10"), n).await;
            store.store.lose_after(steps);
            let _ = urgent::ring(&store.store, packs(), &settings, "covid-19", &city, at(DAY, "23:12")).await;
            let lost = store.store.is_lost();
            store.store.mend();
            rings(store, at(DAY, "23:12")).await;
            let rows = format!("select count(*) from ticket_rings where ticket = '{ticket}'");
            let events = format!("select count(*) from events where kind = 'ticket.rung' and subject = '{ticket}'");
            assert_eq!((store.number(&rows).await, store.number(&events).await), (2, 2), "after {steps} statements");
            n += 1;
            if !lost {
                break;
            }
            rung += 1;
        }
        // a decision: sent again under its key it is the same one
        for steps in 0.. {
            let ticket = calls(store, RequestKind::Emergency, at(DAY, "23:20"), n).await;
            let (w, send) = (worker("w1").at(later("23:20", 20)), [("decision", "ambulance")]);
            let key = format!("decide-{n}");
            store.store.lose_after(steps);
            let _ = w.under(store, Some(&key), "tickets.decide", &[&ticket], &send).await;
            let lost = store.store.is_lost();
            store.store.mend();
            let again = w.under(store, Some(&key), "tickets.decide", &[&ticket], &send).await;
            assert!(again.is_ok(), "after {steps} statements: {again:?}");
            let said = format!("select count(*) from ticket_steps where ticket = '{ticket}'");
            assert_eq!(store.number(&said).await, 1, "after {steps} statements");
            assert_eq!(items(store, &ticket).await, ["answer open w1", "decide completed w1", "help open w1"]);
            n += 1;
            if !lost {
                break;
            }
            decided += 1;
        }
        assert!(called > 10 && rung > 5 && decided > 10, "{called} {rung} {decided}");
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn those_who_are_not_rescuers_say_nothing_of_a_ticket() {
    on_both(async |store| {
        evening(store).await;
        let ticket = calls(store, RequestKind::Emergency, at(DAY, "23:10"), 1).await;
        for (role, site) in [
            (Role::Auditor, None),
            (Role::DataProtection, None),
            (Role::Laboratory, Some("L1")),
            (Role::Driver, Some("V1")),
        ] {
            let who = person("x", role, "50", site);
            assert_eq!(
                who.tries(store, "tickets.decide", &[&ticket], &[("decision", "visit")]).await,
                "not yours",
                "{role}"
            );
        }
        // the whole city may act at once where nobody below has
        let word = city_command().tries(store, "tickets.decide", &[&ticket], &[("decision", "visit")]).await;
        assert_eq!(word, "done");
        holds(store).await;
    });
}

#[test]
fn an_exit_that_is_blocked_is_an_emergency_and_an_item_of_the_district() {
    on_both(async |store| {
        evening(store).await;
        let ticket = calls(store, RequestKind::Exit, at(DAY, "23:00"), 9).await;
        let opened = format!("select kind || ' ' || tier from tickets where ticket = '{ticket}' and ended_at is null");
        assert_eq!(store.texts(&opened).await, ["exit_blocked community"]);
        assert!(items(store, &ticket).await.iter().any(|item| item.starts_with("decide open")));
        let due = format!(
            "select owner from items where subject = 'blocked/{ticket}' and worklist = 'clarify' and closed_at is null and due_at is not null"
        );
        assert_eq!(store.texts(&due).await, ["500103"]);
        // a minute passes, and the district is rung like for any emergency
        assert_eq!(rings(store, later("23:00", 61)).await, 1);
        assert_eq!(tier(store, &ticket).await, "district");
        holds(store).await;
    });
}
