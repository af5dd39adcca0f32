//! Messages to people in follow-up, on both stores: to whom one goes and to whom none, once a day; many wait for a second person; what was sent
//! is recalled; an answer counts for one person or for nobody; and what is kept goes with the follow-up.

use crate::{
    city::{DAY, Files, at, city, close, packs, settings},
    crowd::{F9, crowd},
    engines::{TestStore, on_both},
    floor::{Person, breaks, city_command, holds, moment, person},
    searches::line_at,
};
use dayclear_core::{access::Role, messages::MessageKind, roster::Language, time::Instant};
use dayclear_ops::{
    desk::{DeskError, Refusal},
    line,
    messages::{Came, Looked, Outcome, Outgoing, TRIES_MAX, look, receive, report, settle, take},
    public::Counter,
};

const NEXT: &str = "2022-11-21";
const PHONE: &str = "15411111103";
const WHY: &[(&str, &str)] = &[("reason", "the wrong words")];

fn words(kind: MessageKind, _: Option<Language>, shared: bool) -> String {
    format!("{kind} {shared}")
}

/// The counter at a moment.
macro_rules! counter {
    ($settings:ident, $city:ident, $now:expr) => {
        Counter { packs: packs(), pack: "covid-19", settings: &$settings, city: &$city, now: $now }
    };
}

async fn looks(store: &TestStore, now: Instant) -> Looked {
    let (settings, city) = (settings(), city());
    look(&store.store, &counter!(settings, city, now), 9, &words).await.unwrap()
}

async fn takes(store: &TestStore, now: Instant) -> Vec<Outgoing> {
    let (settings, city) = (settings(), city());
    take(&store.store, &counter!(settings, city, now), 500).await.unwrap()
}

async fn settles(store: &TestStore, now: Instant, all: &[Outgoing], outcome: Outcome) {
    let (settings, city) = (settings(), city());
    let all: Vec<(Outgoing, Outcome)> = all.iter().map(|one| (one.clone(), outcome)).collect();
    settle(&store.store, &counter!(settings, city, now), &all).await.unwrap();
}

/// What came of an answer: `ok`, or how it was refused.
async fn answers(store: &TestStore, now: Instant, (id, from, text): (&str, &str, &str)) -> String {
    let (settings, city) = (settings(), city());
    match receive(&store.store, &counter!(settings, city, now), Came { id, from, text, at: at(NEXT, "09:00") }).await {
        Ok(()) => "ok".to_owned(),
        Err(DeskError::Refused(Refusal::OtherBody)) => "other".to_owned(),
        Err(error) => panic!("{error}"),
    }
}

async fn reports(store: &TestStore, id: &str, delivered: bool) -> bool {
    let (settings, city) = (settings(), city());
    report(&store.store, &counter!(settings, city, at(NEXT, "09:40")), id, delivered).await.is_ok()
}

async fn states(store: &TestStore) -> Vec<String> {
    store.texts("select id || ' ' || kind || ' ' || state from messages order by queued_at, id").await
}

fn worker() -> Person {
    person("w1", Role::CommunityWorker, "500103", None).at(at(NEXT, "08:10"))
}

/// The morning after the example day.
async fn morning(store: &TestStore) {
    close(store, DAY, &Files::example()).await;
    line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(NEXT, "08:00")).await.unwrap();
}

#[test]
fn a_message_goes_once_a_day_to_whoever_agreed() {
    on_both(async |store| {
        morning(store).await;
        assert_eq!(looks(store, at(NEXT, "09:00")).await, Looked::default(), "nobody has agreed");
        let elsewhere = person("w3", Role::CommunityWorker, "500112", None);
        assert_eq!(elsewhere.tries(store, "followed.message_on", &[F9], &[]).await, "unknown");
        assert_eq!(worker().tries(store, "followed.message_on", &[F9], &[]).await, "done");
        assert_eq!(worker().tries(store, "followed.message_on", &[F9], &[]).await, "same");
        assert_eq!(looks(store, at(NEXT, "08:59")).await.made, 0, "not before its hour");
        assert_eq!(looks(store, at(NEXT, "21:00")).await.made, 0, "and not in the night");
        assert_eq!(looks(store, at(NEXT, "09:00")).await.made, 1);
        assert_eq!(looks(store, at(NEXT, "09:05")).await.made, 0, "once");
        let out = takes(store, at(NEXT, "09:05")).await;
        assert_eq!((out.len(), out[0].to.as_str(), out[0].text.as_str()), (1, PHONE, "ask false"));
        assert!(!out[0].id.contains("P009"), "the gateway learns a number and nobody: {}", out[0].id);
        assert_eq!(takes(store, at(NEXT, "09:05")).await, Vec::new(), "it is on its way");
        // whoever had it died: it goes again under its own number
        let again = takes(store, at(NEXT, "09:06")).await;
        assert_eq!((again[0].id.as_str(), again[0].tries), (out[0].id.as_str(), 2));
        settles(store, at(NEXT, "09:06"), &again, Outcome::Sent).await;
        assert_eq!(states(store).await, ["M20221121-1 ask sent"]);
        assert_eq!(takes(store, at(NEXT, "10:00")).await, Vec::new(), "and not after it went");
        assert!(reports(store, "M20221121-1", true).await && reports(store, "M20221121-1", true).await);
        assert!(reports(store, "M20221121-1", false).await);
        assert_eq!(states(store).await, ["M20221121-1 ask delivered"], "a late word takes nothing back");
        assert!(!reports(store, "M20221121-9", true).await);
        holds(store).await;
        // nothing of it is changed, and none is made twice
        for harm in [
            "update messages set number = '13900000000'",
            "update messages set text = 'x'",
            "update messages set state = 'queued', ended_at = null",
            "delete from messages",
            "delete from message_choices",
            "insert into messages (id, sending, kind, followed, choice, person, person_no, division, day, until_day, number, shared, state, queued_at,
                next_at) select 'Y', sending, kind, followed, choice, person, person_no, division, day, until_day, '1', shared, 'queued', queued_at,
                next_at from messages",
        ] {
            assert!(store.sql(harm).await.is_err(), "{harm}");
        }
        // nobody who was spoken to is asked, and nobody who wants no messages any more
        line_at(store, "2022-11-22").await;
        let spoken = moment(store, at("2022-11-22", "08:30"));
        store
            .sql(&format!(
                "insert into follow_ups (key, person, at, channel, answer, said_by, digest)
                 values ('k', 'P009', {spoken}, 'phone', 'reached', 'w1', 0)"
            ))
            .await
            .unwrap();
        assert_eq!(looks(store, at("2022-11-22", "12:30")).await.made, 0, "somebody called them");
        assert_eq!(worker().tries(store, "followed.message_off", &[F9], &[]).await, "done");
        assert_eq!(looks(store, at("2022-11-23", "09:00")).await.made, 0, "no longer wanted");
    });
}

#[test]
fn what_nobody_takes_fails_and_the_item_of_the_day_stays() {
    on_both(async |store| {
        morning(store).await;
        assert_eq!(worker().tries(store, "followed.message_on", &[F9], &[]).await, "done");
        looks(store, at(NEXT, "09:00")).await;
        let mut now = at(NEXT, "09:00");
        for tries in 1..=TRIES_MAX {
            let out = takes(store, now).await;
            assert_eq!((out.len(), out[0].tries), (1, tries));
            settles(store, now, &out, Outcome::Later).await;
            assert_eq!(takes(store, now).await, Vec::new(), "not at once");
            now = now.plus_minutes(16);
        }
        assert_eq!(states(store).await, ["M20221121-1 ask failed"]);
        let item =
            "select coalesce(outcome, 'open') from items where worklist = 'follow' and subject = '2022-11-21/P009'";
        assert_eq!(store.texts(item).await, ["open"], "somebody has to call");
        assert_eq!(looks(store, now).await.made, 0, "nothing goes twice");
        holds(store).await;
        // what waits at midnight goes no more
        assert_eq!(looks(store, at("2022-11-22", "09:00")).await.made, 1);
        assert_eq!(looks(store, at("2022-11-23", "08:00")).await.ended, 1);
        assert_eq!(states(store).await, ["M20221121-1 ask failed", "M20221122-1 ask failed"]);
    });
}

#[test]
fn many_wait_for_a_second_person_and_a_recall_follows_what_went() {
    on_both(async |store| {
        morning(store).await;
        assert_eq!(worker().tries(store, "followed.message_on", &[F9], &[]).await, "done");
        crowd(store, 100).await;
        let looked = looks(store, at(NEXT, "09:00")).await;
        assert_eq!((looked.made, looked.waits), (101, true));
        assert_eq!(takes(store, at(NEXT, "09:01")).await, Vec::new(), "nothing goes by itself");
        let waits = "select count(*) from items where worklist = 'review' and subject = 'sending/B20221121-1' and closed_at is null";
        assert_eq!(store.number(waits).await, 1);
        let one = city_command().at(at(NEXT, "09:10"));
        let district = person("d1", Role::DistrictCommand, "500103", None).at(at(NEXT, "09:10"));
        assert_eq!(district.tries(store, "sendings.release", &["B20221121-1"], &[]).await, "not yours");
        assert_eq!(one.tries(store, "sendings.release", &["B20221121-1"], &[]).await, "done");
        assert_eq!(store.number(waits).await, 0);
        let out = takes(store, at(NEXT, "09:11")).await;
        assert_eq!(out.len(), 101);
        settles(store, at(NEXT, "09:11"), &out[1..], Outcome::Sent).await;
        assert_eq!(one.tries(store, "sendings.stop", &["B20221121-1"], WHY).await, "done");
        assert_eq!(one.tries(store, "sendings.stop", &["B20221121-1"], WHY).await, "same");
        assert_eq!(one.tries(store, "sendings.release", &["B20221121-1"], &[]).await, "is stopped");
        // the one of which nobody knows whether it went is recalled as the others are; the notices are many too
        assert_eq!(store.number("select count(*) from messages where kind = 'recall' and state = 'queued'").await, 101);
        assert_eq!(store.number("select count(*) from messages where kind = 'ask' and state = 'recalled'").await, 101);
        looks(store, at(NEXT, "09:20")).await;
        assert_eq!(takes(store, at(NEXT, "09:20")).await, Vec::new());
        assert_eq!(one.tries(store, "sendings.release", &["B20221121-2"], &[]).await, "is made by yourself");
        let other = person("c2", Role::CityCommand, "50", None).at(at(NEXT, "09:21"));
        assert_eq!(other.tries(store, "sendings.release", &["B20221121-2"], &[]).await, "done");
        let notices = takes(store, at(NEXT, "09:22")).await;
        assert_eq!((notices.len(), notices[0].text.as_str()), (101, "recall false"));
        assert!(store.sql("update sendings set decided_by = made_by where state = 'released'").await.is_err());
        assert!(store.sql("update sendings set state = 'released' where id = 'B20221121-1'").await.is_err());
        assert_eq!(
            store.number("select count(*) from events where body like '%15411111103%' or body like '%13910000%'").await,
            0
        );
    });
}

#[test]
fn one_message_is_recalled_before_and_after_it_went() {
    on_both(async |store| {
        morning(store).await;
        assert_eq!(worker().tries(store, "followed.message_on", &[F9], &[]).await, "done");
        crowd(store, 1).await;
        assert_eq!(looks(store, at(NEXT, "09:00")).await.made, 2);
        let command = person("d1", Role::DistrictCommand, "500103", None).at(at(NEXT, "09:10"));
        let (first, second): (&[&str], &[&str]) = (&["M20221121-1"], &["M20221121-2"]);
        assert_eq!(command.tries(store, "messages.recall", first, WHY).await, "done");
        let out = takes(store, at(NEXT, "09:11")).await;
        assert_eq!(out.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), second, "what was withdrawn does not go");
        settles(store, at(NEXT, "09:11"), &out, Outcome::Sent).await;
        assert_eq!(command.tries(store, "messages.recall", second, WHY).await, "done");
        assert_eq!(command.tries(store, "messages.recall", second, WHY).await, "same");
        looks(store, at(NEXT, "09:12")).await;
        let notice = takes(store, at(NEXT, "09:12")).await;
        assert_eq!((notice.len(), notice[0].text.as_str(), &notice[0].to), (1, "recall false", &out[0].to));
        settles(store, at(NEXT, "09:12"), &notice, Outcome::Sent).await;
        assert_eq!(command.tries(store, "messages.recall", &[&notice[0].id], WHY).await, "is a notice that has gone");
        let elsewhere = person("d2", Role::DistrictCommand, "500112", None);
        assert_eq!(elsewhere.tries(store, "messages.recall", first, WHY).await, "unknown");
        assert_eq!(looks(store, at(NEXT, "09:30")).await.made, 0, "nobody is asked again on that day");
    });
}

#[test]
fn an_answer_counts_for_one_person_or_for_nobody() {
    on_both(async |store| {
        morning(store).await;
        assert_eq!(worker().tries(store, "followed.message_on", &[F9], &[]).await, "done");
        looks(store, at(NEXT, "09:00")).await;
        let out = takes(store, at(NEXT, "09:00")).await;
        settles(store, at(NEXT, "09:00"), &out, Outcome::Sent).await;
        let now = at(NEXT, "09:30");
        let state = async |id: &str| {
            store.texts(&format!("select state from message_replies where given_id = '{id}'")).await.concat()
        };
        let waits = async || {
            store.number("select count(*) from items where subject like 'reply/%' and closed_at is null").await
        };
        assert_eq!(answers(store, now, ("g1", "13700000000", "1")).await, "ok");
        assert_eq!((state("g1").await.as_str(), waits().await), ("stranger", 1), "never in silence");
        assert_eq!(answers(store, now, ("g2", "not a number", "1")).await, "ok");
        assert_eq!(state("g2").await, "stranger");
        assert_eq!(answers(store, now, ("g3", PHONE, "我今天很好谢谢")).await, "ok");
        assert_eq!((state("g3").await.as_str(), waits().await), ("unread", 3));
        assert_eq!(store.number("select count(*) from follow_ups").await, 0);
        assert_eq!(answers(store, now, ("g4", "+86 154-1111-1103", " １ ")).await, "ok");
        assert_eq!(state("g4").await, "taken");
        let item =
            "select coalesce(outcome, 'open') from items where worklist = 'follow' and subject = '2022-11-21/P009'";
        assert_eq!(store.texts(item).await, ["completed"]);
        // again, and something else under its id
        assert_eq!(answers(store, at(NEXT, "09:50"), ("g4", "+86 154-1111-1103", " １ ")).await, "ok");
        assert_eq!(answers(store, now, ("g4", "+86 154-1111-1103", "2")).await, "other");
        assert_eq!(store.number("select count(*) from message_replies").await, 4);
        assert_eq!(answers(store, at(NEXT, "10:00"), ("g5", PHONE, "不好")).await, "ok");
        let log = "select channel || ' ' || answer || ' ' || symptoms || ' ' || said_by from follow_ups order by at";
        assert_eq!(store.texts(log).await, ["message reached no self", "message reached yes self"]);
        let test = "select subject || ' ' || coalesce(outcome, 'open') from items where worklist = 'retest' and subject like 'symptoms/%/P009'";
        assert_eq!(store.texts(test).await, ["symptoms/2022-11-21/P009 open"]);
        for n in 0..4 {
            let id = format!("h{n}");
            answers(store, at(NEXT, "10:00").plus_minutes(10 * (n + 1)), (&id, PHONE, "1")).await;
        }
        assert_eq!(answers(store, at(NEXT, "11:00"), ("g6", PHONE, "2")).await, "ok");
        assert_eq!(
            (state("g6").await.as_str(), waits().await),
            ("enough", 4),
            "more than the day has room for is looked at by somebody"
        );
        holds(store).await;
        breaks(store, "delete from items where subject like 'reply/%'", "items.posted", "reply/").await;
    });
}

#[test]
fn several_on_one_number_are_asked_on_the_page_and_count_for_nobody() {
    on_both(async |store| {
        morning(store).await;
        assert_eq!(worker().tries(store, "followed.message_on", &[F9], &[]).await, "done");
        crowd(store, 1).await;
        store.sql(&format!("update people set phone = '+86{PHONE}' where person = 'X0'")).await.unwrap();
        assert_eq!(looks(store, at(NEXT, "09:00")).await.made, 1, "one number, one message");
        let out = takes(store, at(NEXT, "09:00")).await;
        assert_eq!((out.len(), out[0].text.as_str()), (1, "ask true"));
        settles(store, at(NEXT, "09:00"), &out, Outcome::Sent).await;
        assert_eq!(answers(store, at(NEXT, "09:30"), ("g1", PHONE, "1")).await, "ok");
        assert_eq!(store.texts("select state from message_replies").await, ["several"]);
        assert_eq!(store.number("select count(*) from follow_ups").await, 0);
    });
}

#[test]
fn numbers_and_words_go_with_the_follow_up() {
    on_both(async |store| {
        morning(store).await;
        assert_eq!(worker().tries(store, "followed.message_on", &[F9], &[]).await, "done");
        looks(store, at(NEXT, "09:00")).await;
        let out = takes(store, at(NEXT, "09:00")).await;
        settles(store, at(NEXT, "09:00"), &out, Outcome::Sent).await;
        answers(store, at(NEXT, "09:30"), ("g1", PHONE, "1")).await;
        answers(store, at(NEXT, "09:31"), ("g2", "13700000000", "hello")).await;
        let kept = "select (select count(*) from messages where number is not null or text is not null)
            + (select count(*) from message_replies where number is not null or words is not null)";
        line_at(store, "2022-11-27").await;
        assert_eq!(store.number(kept).await, 3, "while it runs");
        // the run of the 28th ends the follow-up, the next one finds that it is over
        line_at(store, "2022-11-28").await;
        line_at(store, "2022-11-29").await;
        assert_eq!(store.number(kept).await, 1, "the one of nobody is kept as long as the pack keeps");
        assert_eq!(
            store.number("select count(*) from messages where gone_on is not null").await,
            1,
            "that there was one stays"
        );
        line_at(store, "2022-12-25").await;
        assert_eq!(store.number(kept).await, 0);
        assert_eq!(
            answers(store, at("2022-12-25", "10:00"), ("g1", PHONE, "1")).await,
            "ok",
            "its id is known for ever"
        );
    });
}

#[test]
fn the_checker_finds_what_must_not_be() {
    on_both(async |store| {
        morning(store).await;
        assert_eq!(worker().tries(store, "followed.message_on", &[F9], &[]).await, "done");
        looks(store, at(NEXT, "09:00")).await;
        holds(store).await;
        // what the guards keep out is put there without them
        let without = match store.store.engine() {
            "sqlite" => ["drop trigger messages_no_update", "drop trigger message_choices_no_delete"],
            _ => [
                "drop trigger messages_no_update on messages",
                "drop trigger message_choices_no_delete on message_choices",
            ],
        };
        for sql in without {
            store.sql(sql).await.unwrap();
        }
        let check = "messages.lawful";
        breaks(store, "update messages set number = '13900000000'", check, "not those that were made").await;
        breaks(store, "update messages set day = '2022-11-20'", check, "none of the follow-up").await;
        breaks(store, "delete from message_choices", check, "had not agreed").await;
    });
}
