//! Every command of the desk, case by case, on both stores: what it does, what it refuses and how, that a foreign record does
//! not exist, that a repetition is answered alike and acts once. After all of it the day signs and the checker agrees.

use crate::{
    city::{DAY, at},
    engines::{TestStore, on_both},
    floor::{Person, city_command, dispatcher, district, evening, holds, person, signs_and_holds, word},
};
use dayclear_core::access::Role;
use dayclear_ops::{
    desk::{self, DeskError, Given, Refusal},
    minutes::BY_RULE,
};

/// A command on records, what is given with it, and what comes of it.
type Case<'a> = (&'a Person, &'a str, &'a [&'a str], &'a [(&'a str, &'a str)], &'a str);

async fn play(store: &TestStore, cases: &[Case<'_>]) {
    for (who, name, keys, given, expected) in cases {
        let found = who.tries(store, name, keys, given).await;
        assert_eq!(found, *expected, "{} {name} {keys:?} {given:?}", who.looker.account);
    }
}

#[test]
fn items_are_given_taken_passed_up_and_settled() {
    on_both(async |store| {
        evening(store).await;
        let (d, c) = (district(), city_command());
        let worker = person("w1", Role::CommunityWorker, "500103013006", None);
        let other = person("w2", Role::CommunityWorker, "500112016001", None);
        let answer = ["answer:R5"];
        let unclear = ["clarify:tube/T002"];
        let late: &[(&str, &str)] = &[("reason", "nobody comes")];
        let done: &[(&str, &str)] = &[("outcome", "completed"), ("reason", "asked and cleared up")];
        play(
            store,
            &[
                (&d, "items.assign", &answer, &[("assignee", "w1")], "done"),
                (&d, "items.assign", &answer, &[("assignee", "w1")], "same"),
                (&c, "items.assign", &answer, &[], "done"),
                (&d, "items.assign", &["answer:R6"], &[("assignee", "w1")], "unknown"),
                (&d, "items.assign", &answer, &[("assignee", "nobody")], "invalid: assignee"),
                (&d, "items.assign", &answer, &[("assignee", "w3")], "is in 500103013006, where w3 has no duty"),
                (
                    &d,
                    "items.assign",
                    &["answer:R5", "answer:R6", "no", "a:b"],
                    &[("assignee", "w2")],
                    "done unknown unknown unknown",
                ),
                (&worker, "items.assign", &answer, &[("assignee", "w1")], "not yours"),
                (&worker, "items.take", &answer, &[], "is assigned to w2"),
                (&d, "items.assign", &answer, &[], "done"),
                (&worker, "items.take", &answer, &[], "done"),
                (&worker, "items.take", &answer, &[], "same"),
                (&other, "items.take", &answer, &[], "unknown"),
                // the request is not overdue: to the district; once more: to the city; and there it is
                (&worker, "items.escalate", &answer, late, "done"),
                (&worker, "items.escalate", &answer, late, "done"),
                (&worker, "items.escalate", &answer, late, "same"),
                (&worker, "items.escalate", &answer, &[], "invalid: reason"),
                (&worker, "items.settle", &answer, done, "is an item of answer"),
                (&worker, "items.settle", &answer, &[("outcome", "received"), ("reason", "x")], "invalid: outcome"),
                (&d, "items.settle", &unclear, done, "unknown"),
                (&d, "items.settle", &["investigate:C20221120-P006"], done, "done"),
                (&d, "items.settle", &["investigate:C20221120-P006"], done, "is ended"),
                (&d, "items.take", &["investigate:C20221120-P006"], &[], "is ended"),
            ],
        )
        .await;
        assert_eq!(store.texts("select body from outbox where topic = 'escalation' order by seq").await.len(), 2);
        let ended = "select reason from items where worklist = 'investigate' and subject = 'C20221120-P006'";
        assert_eq!(store.texts(ended).await, ["settled by d1"]);
        let actor = "select distinct actor from events where kind = 'item.settled'";
        assert_eq!(store.texts(actor).await, ["d1"]);
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn a_repetition_is_answered_alike_and_acts_once() {
    on_both(async |store| {
        evening(store).await;
        let d = district();
        let given: &[(&str, &str)] = &[("assignee", "w1")];
        let keys = ["answer:R5", "answer:R6"];
        let first = d.under(store, Some("K1"), "items.assign", &keys, given).await.unwrap();
        let events = store.number("select count(*) from events").await;
        let again = d.under(store, Some("K1"), "items.assign", &keys, given).await.unwrap();
        assert_eq!(first, again);
        assert_eq!(word(Ok(again)), "done unknown");
        assert_eq!(store.number("select count(*) from events").await, events);
        let other = d.under(store, Some("K1"), "items.assign", &["answer:R5"], given).await.unwrap_err();
        assert!(matches!(other, DeskError::Refused(Refusal::OtherBody)), "{other}");
        // a refusal is an answer too
        let refused = d.under(store, Some("K2"), "items.assign", &["answer:R6"], given).await;
        assert_eq!(word(refused), "unknown");
        assert_eq!(word(d.under(store, Some("K2"), "items.assign", &["answer:R6"], given).await), "unknown");
        // another account may use the same key for something else
        let c = city_command();
        assert_eq!(word(c.under(store, Some("K1"), "items.assign", &["answer:R6"], given).await), "done");
        let city = crate::city::city();
        let kept = at(DAY, "23:00");
        let mut tx = store.store.begin(&city).await.unwrap();
        assert_eq!(tx.forget_commands(kept, BY_RULE).await.unwrap(), 0);
        assert!(tx.forget_commands(kept.plus_hours(24 * 7), BY_RULE).await.unwrap() >= 3);
        tx.commit().await.unwrap();
    });
}

#[test]
fn a_bed_is_claimed_by_its_rules_and_goes_back() {
    on_both(async |store| {
        evening(store).await;
        let (p, d) = (dispatcher(), district());
        let far = person("p2", Role::Dispatcher, "500112", None);
        let held = "select transfer from bed_stays where released_at is null and bed = ";
        let of = |person: &str| {
            format!("select coalesce(bed, '-') || ' ' || state from transfers where person = '{person}'")
        };
        let start = store.texts(&of("P006")).await;
        assert!(start[0].ends_with("booked"), "{start:?}");
        let before = start[0].split(' ').next().unwrap().to_owned();
        let bed = |bed: &'static str| [("bed", bed)];
        let (m6, m1) = (["M-C20221120-P006"], ["M-C20221120-P001"]);
        let contact =
            store.texts("select id from transfers where class = 'contact' and state = 'booked' order by id").await;
        play(
            store,
            &[
                (&p, "transfers.claim", &m6, &bed("no-such-bed"), "invalid: bed"),
                (&p, "transfers.claim", &m6, &bed("TH1-W1-4"), "is cleaning"),
                (&p, "transfers.claim", &m6, &bed("IS1-0101-1"), "is in a isolation_site, which is not for a positive"),
                (&far, "transfers.claim", &m6, &bed("DH1-R1-4"), "unknown"),
                (&p, "transfers.claim", &["M-none"], &bed("DH1-R1-4"), "unknown"),
                (
                    &p,
                    "transfers.claim",
                    &[&contact[0]],
                    &bed("DH1-R1-4"),
                    "is in a designated_hospital, which is not for a contact",
                ),
            ],
        )
        .await;
        let free = store
            .texts(
                "select b.bed from beds b left join bed_stays s on s.bed = b.bed and s.released_at is null
                where s.bed is null and b.facility = 'DH1' order by b.bed",
            )
            .await;
        assert!(!free.is_empty());
        let given = [("bed", free[0].as_str())];
        play(
            store,
            &[
                (&p, "transfers.claim", &m6, &given, "done"),
                (&p, "transfers.claim", &m6, &given, "same"),
                (&d, "transfers.claim", &m1, &given, "taken by p1"),
                (&p, "transfers.claim", &m1, &[("bed", &before)], "done"),
            ],
        )
        .await;
        assert_eq!(store.texts(&format!("{held} '{}'", free[0])).await, m6);
        assert_eq!(store.texts(&format!("{held} '{before}'")).await, m1);
        play(
            store,
            &[
                (&p, "transfers.release", &m6, &[("reason", "another one needs it more")], "done"),
                (&p, "transfers.release", &m6, &[("reason", "again")], "same"),
                (&p, "transfers.claim", &m6, &given, "done"),
                (&p, "transfers.release", &["M-C20221120-P041"], &[("reason", "x")], "is admitted"),
            ],
        )
        .await;
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn reports_on_a_transfer_take_effect_and_come_in_a_file_as_the_same() {
    on_both(async |store| {
        evening(store).await;
        let p = dispatcher();
        let bed =
            |person: &str| format!("select facility from transfers where person = '{person}' and state = 'booked'");
        let site = store.texts(&bed("P006")).await[0].clone();
        let theirs = person("f1", Role::Facility, "50", Some(&site));
        let elsewhere = person("f2", Role::Facility, "50", Some("IS2"));
        let m6 = ["M-C20221120-P006"];
        let when: &[(&str, &str)] = &[("at", "2022-11-20T22:10:00+08:00")];
        let future: &[(&str, &str)] = &[("at", "2022-11-21T22:10:00+08:00")];
        let long_ago: &[(&str, &str)] = &[("at", "2022-11-20T01:10:00+08:00")];
        play(
            store,
            &[
                (&p, "transfers.discharge", &m6, &[], "not yours"),
                (&p, "transfers.pick-up", &m6, future, "invalid: at"),
                (&p, "transfers.fail", &m6, &[("step", "no_answer"), ("note", "nobody opened")], "done"),
                (&p, "transfers.pick-up", &m6, when, "done"),
                (&p, "transfers.pick-up", &m6, when, "same"),
                (&elsewhere, "transfers.admit", &m6, &[], "unknown"),
                (&theirs, "transfers.admit", &m6, long_ago, "is at 2022-11-20T14:10:00Z further than this"),
                (&theirs, "transfers.admit", &m6, &[], "done"),
                (&theirs, "transfers.admit", &m6, &[], "same"),
                (&p, "transfers.release", &m6, &[("reason", "x")], "is admitted"),
            ],
        )
        .await;
        let moved = "select outcome from items where worklist = 'move' and subject = 'C20221120-P006'";
        assert_eq!(store.texts(moved).await, ["completed"]);
        assert_eq!(store.number("select count(*) from handovers where person = 'P006'").await, 3);
        // the same report in a file is the same
        let row = |step: &str, at: &str, site: &str, note: &str| {
            std::collections::BTreeMap::from([
                ("person".to_owned(), "P006".to_owned()),
                ("step".to_owned(), step.to_owned()),
                ("at".to_owned(), at.to_owned()),
                ("facility".to_owned(), site.to_owned()),
                ("note".to_owned(), note.to_owned()),
            ])
        };
        let rows = vec![
            row("picked_up", "2022-11-20T22:10:00+08:00", "", ""),
            row("admitted", "2022-11-20T23:00:00+08:00", &site, ""),
        ];
        let d = person("d9", Role::DistrictCommand, "500103", None);
        let table = &dayclear_core::schema::HANDOVERS;
        let rows = dayclear_ops::evidence::Rows::Json(rows);
        let (tally, doubts) =
            dayclear_ops::evidence::take(&store.store, &d.doing(None), table, rows, Default::default()).await.unwrap();
        assert_eq!((tally.read, tally.same, doubts.len()), (2, 2, 0));
        play(
            store,
            &[
                (&theirs, "transfers.discharge", &m6, &[], "done"),
                (&theirs, "transfers.discharge", &m6, &[], "same"),
                (&d, "transfers.discharge", &m6, &[], "same"),
            ],
        )
        .await;
        let case = "select outcome from cases where person = 'P006'";
        assert_eq!(store.texts(case).await, ["recovered"]);
        let bed = store.texts("select subject from items where worklist = 'clean' and closed_at is null").await;
        assert_eq!(bed.len(), 1);
        let free: &[(&str, &str)] = &[("state", "free")];
        play(
            store,
            &[
                (&elsewhere, "beds.set", &[&bed[0]], free, "unknown"),
                (&theirs, "beds.set", &[&bed[0]], free, "done"),
                (&theirs, "beds.set", &[&bed[0]], free, "same"),
                (&theirs, "beds.set", &[&bed[0]], &[("state", "blocked")], "invalid: reason"),
                (&theirs, "beds.set", &[&bed[0]], &[("state", "blocked"), ("reason", "a pipe leaks")], "done"),
                (&p, "beds.set", &["no-bed"], free, "unknown"),
                (&p, "beds.set", &[&bed[0]], &[("state", "occupied")], "invalid: state"),
            ],
        )
        .await;
        assert_eq!(store.number("select count(*) from items where worklist = 'clean' and closed_at is null").await, 0);
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn a_request_stops_its_clock_when_the_person_confirms_and_runs_again_when_opened_again() {
    on_both(async |store| {
        evening(store).await;
        let worker = person("w1", Role::CommunityWorker, "500103013006", None);
        let other = person("w2", Role::CommunityWorker, "500112016001", None);
        let told: &[(&str, &str)] = &[("answer", "brought vegetables"), ("confirmed", "no")];
        let confirmed: &[(&str, &str)] = &[("answer", "brought vegetables"), ("confirmed", "yes")];
        let why: &[(&str, &str)] = &[("reason", "the bag was another one's")];
        let r5 = ["R5"];
        let open = "select subject || ': ' || reason from items where worklist = 'answer' and subject like 'R5%'
            and closed_at is null";
        play(
            store,
            &[(&worker, "requests.answer", &r5, told, "done"), (&worker, "requests.answer", &r5, told, "same")],
        )
        .await;
        assert_eq!(store.texts(open).await, ["R5: food: answered, and not confirmed by the person yet"]);
        play(
            store,
            &[
                (&other, "requests.answer", &r5, confirmed, "unknown"),
                (&worker, "requests.reopen", &r5, why, "same"),
                (&worker, "requests.answer", &r5, confirmed, "done"),
                (&worker, "requests.answer", &r5, confirmed, "is answered"),
                (&worker, "requests.reopen", &r5, why, "done"),
            ],
        )
        .await;
        assert_eq!(store.texts(open).await, ["R5/2: food: opened again (1)"]);
        assert_eq!(store.number("select reopened from requests where request = 'R5'").await, 1);
        play(store, &[(&worker, "requests.answer", &r5, confirmed, "done")]).await;
        assert_eq!(store.texts(open).await, Vec::<String>::new());
        signs_and_holds(store, DAY).await;
    });
}

#[test]
fn an_order_ends_early_and_everybody_is_told() {
    on_both(async |store| {
        evening(store).await;
        let d = district();
        let order = store
            .texts("select id from orders where state = 'active' and division like '500103%' and kind = 'home_isolation' order by id")
            .await;
        let foreign =
            store.texts("select id from orders where state = 'active' and division like '500112%' order by id").await;
        let why: &[(&str, &str)] = &[("reason", "not a contact: another person of that name")];
        let before = store.number("select count(*) from outbox where topic = 'release'").await;
        let o = [order[0].as_str()];
        play(
            store,
            &[
                (&d, "orders.end", &o, &[], "invalid: reason"),
                (&d, "orders.end", &o, why, "done"),
                (&d, "orders.end", &o, why, "same"),
                (&d, "orders.end", &[&foreign[0]], why, "unknown"),
            ],
        )
        .await;
        assert_eq!(store.number("select count(*) from outbox where topic = 'release'").await, before + 1);
        let item = format!("select outcome from items where worklist = 'release' and subject = '{}'", order[0]);
        assert_eq!(store.texts(&item).await, ["completed"]);
        signs_and_holds(store, DAY).await;
        // the next day does not give it again
        let given = format!("select state from orders where id = '{}'", order[0]);
        assert_eq!(store.texts(&given).await, ["ended"]);
    });
}

#[test]
fn a_day_is_signed_once_in_order_and_its_bulletin_is_published_and_corrected() {
    on_both(async |store| {
        evening(store).await;
        let (c, d) = (city_command(), district());
        let press = person("i1", Role::PublicInformation, "50", None);
        let other = person("i2", Role::PublicInformation, "50", None);
        let (first, second) = (&["2022-11-20:1"], &["2022-11-20:2"]);
        let few = "is not approved by two others than whoever drafted it";
        play(
            store,
            &[
                (&d, "days.sign", &[DAY], &[], "not yours"),
                (&c, "days.sign", &["2022-11-19"], &[], "unknown"),
                (&c, "days.sign", &["soon"], &[], "unknown"),
                (&c, "days.sign", &[DAY], &[], "done"),
                (&c, "days.sign", &[DAY], &[], "same"),
                (&c, "days.sign", &["2022-11-21"], &[], "is a day that has not begun"),
                (&d, "bulletins.publish", &["2022-11-20:1"], &[], "not yours"),
                (&d, "bulletins.approve", first, &[], "not yours"),
                (&press, "bulletins.publish", second, &[], "unknown"),
                (&press, "bulletins.approve", second, &[], "unknown"),
                // whoever signed the day drafted it
                (&c, "bulletins.approve", first, &[], "is drafted by yourself"),
                (&press, "bulletins.publish", first, &[], few),
                (&press, "bulletins.approve", first, &[], "done"),
                (&press, "bulletins.approve", first, &[], "same"),
                (&press, "bulletins.publish", first, &[], few),
                (&other, "bulletins.approve", first, &[], "done"),
                (&c, "bulletins.publish", first, &[], "done"),
                (&press, "bulletins.publish", first, &[], "same"),
                (
                    &press,
                    "bulletins.correct",
                    &[],
                    &[("day", DAY), ("correction", "one case was counted twice")],
                    "made 2022-11-20:2",
                ),
                (&press, "bulletins.correct", &[], &[("day", "2022-11-18"), ("correction", "x")], "unknown"),
                (&press, "bulletins.approve", second, &[], "is drafted by yourself"),
                (&c, "bulletins.approve", second, &[], "done"),
                (&press, "bulletins.publish", second, &[], few),
                (&other, "bulletins.approve", second, &[], "done"),
                (&press, "bulletins.publish", second, &[], "done"),
                (&c, "bulletins.approve", first, &[], "is out, or a later edition of its day is"),
            ],
        )
        .await;
        let editions = "select edition || ' ' || coalesce(supersedes, 0) || ' ' || drafted_by || ' ' || published_by
             from bulletins order by edition";
        assert_eq!(store.texts(editions).await, ["1 0 c1 c1", "2 1 i1 i1"]);
        assert_eq!(store.texts("select cast(day as text) from days order by day").await, ["2022-11-20", "2022-11-21"]);
        crate::floor::holds(store).await;
        // the store itself changes nothing that is out, and publishes nothing that two others did not approve
        store.sql("insert into bulletins (day, edition, body) values ('2022-11-20', 3, '{}')").await.unwrap();
        for never in [
            "update bulletins set published_by = 'x', published_at = (select max(at) from events) where edition = 3",
            "update bulletins set body = '{} ' where edition = 3",
            "update bulletins set correction = 'x' where edition = 1",
            "delete from bulletins where edition = 3",
            "delete from bulletin_approvals",
        ] {
            assert!(store.sql(never).await.is_err(), "{never}");
        }
        // without a fresh second factor it is not done
        let mut doing = c.doing(None);
        doing.stepped_up = false;
        let command = dayclear_core::command::Command::named("days", "sign").unwrap();
        let refused =
            desk::perform(&store.store, &doing, command, &["2022-11-21".to_owned()], &Default::default()).await;
        assert!(matches!(refused, Err(DeskError::Refused(Refusal::StepUp))));
    });
}

#[test]
fn a_bulletin_that_does_not_balance_is_refused_with_the_difference() {
    on_both(async |store| {
        evening(store).await;
        let day = crate::city::day_of(DAY);
        assert_eq!(city_command().tries(store, "days.sign", &[DAY], &[]).await, "done");
        let mut tx = store.store.turn(&crate::city::city()).await.unwrap();
        let mut bulletin = tx.bulletin(day).await.unwrap().unwrap();
        let check = bulletin.checks.iter_mut().find(|check| check.name == "stock-asymptomatic").unwrap();
        check.total += 3;
        assert_eq!(tx.keep_bulletin(&bulletin, None).await.unwrap(), 2);
        tx.commit().await.unwrap();
        let press = person("i1", Role::PublicInformation, "50", None);
        let said = press.tries(store, "bulletins.approve", &["2022-11-20:2"], &[]).await;
        assert_eq!(said, "is not in balance: stock-asymptomatic: 5, and its parts make 2 (-3)");
        assert_eq!(press.tries(store, "bulletins.approve", &["2022-11-20:1"], &[]).await, "done");
    });
}

#[test]
fn two_people_correct_one_record_and_both_keep_their_fields() {
    on_both(async |store| {
        evening(store).await;
        let (d, w) = (district(), person("w1", Role::CommunityWorker, "500103013006", None));
        let far = person("w2", Role::CommunityWorker, "500112016001", None);
        let people = &dayclear_core::listing::PEOPLE;
        let given = |pairs: &[(&str, &str)]| -> Given {
            pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
        };
        let edit = async |who: &Person, etag: Option<&str>, pairs: &[(&str, &str)]| {
            desk::edit(&store.store, &who.doing(None), people, "P006", etag, &given(pairs)).await
        };
        let mut tx = store.store.look(&d.looker.scope()).await.unwrap();
        let seen = desk::etag_of(people, &tx.record(people, "P006").await.unwrap().unwrap());
        drop(tx);
        let first = edit(&d, Some(&seen), &[("phone", "13900000001")]).await.unwrap();
        assert_ne!(first.etag, seen);
        // the other one saw the version before, and corrects something else
        let second = edit(&w, Some(&seen), &[("needs", "wheelchair;dialysis")]).await.unwrap();
        assert_eq!(second.row.get(people, "phone").as_str(), Some("13900000001"));
        assert_eq!(second.row.get(people, "needs").as_str(), Some("dialysis;wheelchair"));
        let stale = edit(&w, Some(&seen), &[("phone", "13900000002"), ("name", "王二")]).await.unwrap_err();
        let DeskError::Refused(Refusal::Stale(fields)) = stale else { panic!("{stale}") };
        let told: Vec<_> = fields.iter().map(|f| (f.field.as_str(), f.current.as_str(), f.by.as_deref())).collect();
        assert_eq!(told, [("phone", "13900000001", Some("d1"))]);
        // what stands there already is nobody's loss
        edit(&w, Some(&seen), &[("phone", "13900000001")]).await.unwrap();
        edit(&w, None, &[("phone", "")]).await.unwrap();
        let refused = [
            (edit(&far, None, &[("phone", "1")]).await, "unknown"),
            (edit(&d, None, &[("sex", "male")]).await, "invalid"),
            (edit(&d, None, &[("key_group", "gone")]).await, "invalid"),
            (edit(&d, None, &[]).await, "invalid"),
            (edit(&dispatcher(), None, &[("phone", "1")]).await, "not yours"),
        ];
        for (outcome, expected) in refused {
            let DeskError::Refused(refusal) = outcome.unwrap_err() else { panic!("{expected}") };
            let found = word(Err(refusal.into()));
            assert!(found.starts_with(expected), "{found}, not {expected}");
        }
        let bodies = store.texts("select body from events where kind = 'record.edited'").await;
        assert_eq!(bodies.len(), 3);
        for body in bodies {
            assert!(!body.contains("1390000000") && !body.contains("dialysis"), "{body}");
        }
        let stays = "select coalesce(phone, '-') || ' ' || needs from people where person = 'P006'";
        assert_eq!(store.texts(stays).await, ["- dialysis;wheelchair"]);
    });
}

#[test]
fn what_is_done_to_many_at_once_is_counted_by_month_and_names_nobody() {
    on_both(async |store| {
        evening(store).await;
        let mut keys =
            store.texts("select id from notices where state = 'made' and division like '500103%' order by id").await;
        let papers = keys.len();
        let few: Vec<&str> = keys.iter().take(10).map(String::as_str).collect();
        assert!(district().does(store, "notices.deliver", &few, &[("way", "door")]).await.is_ok());
        let counted = "select month || ' ' || command || ' ' || asked || ' ' || done || ' ' || role from bulk_actions";
        assert_eq!(store.texts(counted).await, Vec::<String>::new(), "a few are no bulk");
        keys.extend((0..60).map(|n| format!("N-none-{n}")));
        let all: Vec<&str> = keys.iter().map(String::as_str).collect();
        assert!(district().does(store, "notices.deliver", &all, &[("way", "door")]).await.is_ok());
        let (asked, done) = (papers + 60, papers - 10);
        let expected = format!("2022-11 notices.deliver {asked} {done} district_command");
        assert_eq!(store.texts(counted).await, [expected]);
        assert!(store.sql("update bulk_actions set done = 0").await.is_err());
        holds(store).await;
    });
}
