//! Letters of assistance on both stores: ours from the naming of people to the last answer, theirs from the rows that came to our answer, with
//! the clock to the minute, the books at both ends, and nobody bound by being named. The checker agrees after each step.

use crate::{
    city::{DAY, at, city, packs, settings},
    engines::{TestStore, on_both},
    floor::{Person, breaks, city_command, district, evening, holds, person},
    imports::bring,
    searches::line_at,
};
use dayclear_core::{
    access::Role,
    listing::{Cell, LETTERS},
    schema::ASSISTANCE,
    time::Instant,
};
use dayclear_ops::{
    desk::{DeskError, Refusal},
    evidence::{How, Rows, take},
    imports::Keep,
    line,
};
use std::collections::BTreeMap;

const CASE: &str = "C20221120-P001";
const OURS: &str = "A20221120-1";
const SIDE: &str = "成都市武侯区";
const WENT: [(&str, &str); 2] = [("way", "platform"), ("shown", "platform, number 4411")];
const THEIRS: &str = "510107-2022-118";
const HEADER: &str = "letter,entry,division,side,side_code,side_case,side_phone,received_at,name,phone,document,address,class,\
    first_exposure,last_exposure,note";

/// Somebody who lives outside the city, with some fields as given.
fn named<'a>(other: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let all = [
        ("side", SIDE),
        ("side_code", "510107"),
        ("name", "周海"),
        ("phone", "13900001111"),
        ("document", ""),
        ("address", ""),
        ("class", "same_room"),
        ("first_exposure", "2022-11-18"),
        ("last_exposure", "2022-11-19"),
        ("remark", "speaks Sichuanese"),
    ];
    let given = |name: &str| other.iter().find(|(field, _)| *field == name);
    all.iter().map(|pair| given(pair.0).copied().unwrap_or(*pair)).collect()
}

/// What the other side answered.
fn answer(state: &str) -> [(&str, &str); 3] {
    [("state", state), ("who", "Dr Luo, Wuhou district"), ("shown", "platform, answer 77")]
}

async fn items(store: &TestStore) -> Vec<String> {
    let sql = "select subject || ' ' || owner || ' ' || coalesce(outcome, 'open') from items where worklist = 'letters' order by subject";
    store.texts(sql).await
}

/// State and book: people, found, not found, elsewhere, refused, without an answer.
async fn book(store: &TestStore, letter: &str) -> String {
    let sql = format!(
        "select state || ' ' || people || '=' || found || '+' || not_found || '+' || elsewhere || '+' || refused || '+' || unanswered
         from letters where id = '{letter}'"
    );
    store.texts(&sql).await.join(",")
}

async fn late(store: &TestStore, letter: &str, now: Instant) -> bool {
    let mut tx = store.store.look(&city()).await.unwrap().as_of(now);
    let row = tx.record(&LETTERS, letter).await.unwrap().unwrap();
    row.get(&LETTERS, "late") == &Cell::Truth(true)
}

fn tracer() -> Person {
    person("t1", Role::Tracer, "500103", None)
}

#[test]
fn who_does_not_go_into_a_letter_of_ours_and_who_may_not_write_one() {
    on_both(async |store| {
        evening(store).await;
        let d = district();
        let assist = async |who: &Person, fields: &[(&'static str, &'static str)]| {
            who.tries(store, "cases.assist", &[CASE], &named(fields)).await
        };
        assert_eq!(assist(&person("d2", Role::DistrictCommand, "500112", None), &[]).await, "unknown");
        assert_eq!(assist(&tracer(), &[]).await, "unknown", "a case that is not assigned to them");
        assert_eq!(assist(&city_command(), &[]).await, "not yours");
        assert_eq!(assist(&d, &[("last_exposure", "2022-11-21")]).await, "invalid: last_exposure", "it lies ahead");
        assert_eq!(assist(&d, &[("first_exposure", "2022-11-20")]).await, "invalid: first_exposure");
        assert_eq!(assist(&d, &[("phone", "")]).await, "invalid: phone", "nobody is found by a name");
        assert_eq!(assist(&d, &[("document", "50042819920101057X")]).await, "is on our own roster");
        assert_eq!(assist(&d, &[("name", "谢鹏"), ("phone", "15434567876")]).await, "is on our own roster");
        assert_eq!(store.number("select count(*) from letters").await, 0);
        // a telephone that others share makes nobody the same
        assert_eq!(assist(&d, &[("phone", "15434567876")]).await, "done");
        assert_eq!(assist(&d, &[("phone", "15434567876")]).await, format!("is in letter {OURS} already"));
        let assigned = "update items set assignee = 't1' where worklist = 'investigate' and subject = 'C20221120-P001'";
        store.sql(assigned).await.unwrap();
        assert_eq!(assist(&tracer(), &[]).await, "done");
        assert_eq!(items(store).await, [format!("{OURS}/send 500103 open")], "both in one letter");
        assert_eq!(book(store, OURS).await, "draft 2=0+0+0+0+2");
        assert_eq!(assist(&d, &[("side", "贵阳市"), ("name", "何山"), ("phone", "13900002222")]).await, "done");
        assert_eq!(book(store, "A20221120-2").await, "draft 1=0+0+0+0+1", "one letter for each jurisdiction");
        let reason = [("reason", "lives in the city after all")];
        assert_eq!(d.tries(store, "letters.drop", &["A20221120-2"], &reason).await, "done");
        assert_eq!(d.tries(store, "letters.drop", &["A20221120-2"], &reason).await, "same");
        assert_eq!(d.tries(store, "letters.send", &["A20221120-2"], &WENT).await, "is dropped");
        assert_eq!(
            items(store).await,
            [format!("{OURS}/send 500103 open"), "A20221120-2/send 500103 cancelled".into()]
        );
        holds(store).await;
        // what is kept for good tells of nobody
        let kept = store.texts("select body from events where kind like 'letter.%'").await.join(" ");
        assert!(!kept.contains("周海") && !kept.contains("1390000"), "{kept}");
    });
}

#[test]
fn a_letter_of_ours_goes_from_the_sending_to_the_last_answer_and_drops_nobody() {
    on_both(async |store| {
        evening(store).await;
        let d = district();
        for (name, phone) in [("周海", "13900001111"), ("吴江", "13900003333"), ("郑河", "13900004444")] {
            let fields = [("name", name), ("phone", phone)];
            let all = named(&fields);
            assert_eq!(d.tries(store, "cases.assist", &[CASE], &all).await, "done");
        }
        let (one, two, three) = (format!("{OURS}:1"), format!("{OURS}:2"), format!("{OURS}:3"));
        let (one, two, three) = (one.as_str(), two.as_str(), three.as_str());
        let early = d.tries(store, "letter_people.answer", &[one], &answer("found")).await;
        assert_eq!(early, "is in a letter that was not sent");
        let ahead = [WENT[0], WENT[1], ("at", "2022-11-20T23:30:00+08:00")];
        assert_eq!(d.tries(store, "letters.send", &[OURS], &ahead).await, "invalid: at");
        assert_eq!(d.tries(store, "letters.send", &[OURS], &WENT[..1]).await, "invalid: shown");
        let other = person("d2", Role::DistrictCommand, "500112", None);
        assert_eq!(other.tries(store, "letters.send", &[OURS], &WENT).await, "unknown");
        assert_eq!(tracer().tries(store, "letters.send", &[OURS], &WENT).await, "unknown");
        assert_eq!(d.tries(store, "letters.send", &[OURS], &WENT).await, "done");
        assert_eq!(d.tries(store, "letters.send", &[OURS], &WENT).await, "same");
        assert_eq!(d.tries(store, "letters.answered", &[OURS], &WENT).await, "is a letter of ours");
        assert_eq!(items(store).await, [format!("{OURS} 500103 open"), format!("{OURS}/send 500103 completed")]);
        assert_eq!(book(store, OURS).await, "sent 3=0+0+0+0+3");
        // 24 hours of the pack, to the minute
        let due = at(DAY, "23:00").plus_hours(24);
        assert!(!late(store, OURS, due.plus_minutes(-1)).await && late(store, OURS, due).await);
        holds(store).await;

        // the sent letter stays as it was, and a new name goes into another one
        assert!(store.sql("update letter_people set name = '周河'").await.is_err());
        assert!(store.sql("update letters set people = 2, unanswered = 2").await.is_err());
        assert!(store.sql("update letters set unanswered = 2").await.is_err(), "the book balances by constraint");
        assert!(store.sql("delete from letter_people").await.is_err());
        let more = named(&[("name", "冯川"), ("phone", "13900005555")]);
        assert_eq!(d.tries(store, "cases.assist", &[CASE], &more).await, "done");
        assert_eq!(book(store, "A20221120-2").await, "draft 1=0+0+0+0+1");

        assert_eq!(d.tries(store, "letter_people.answer", &[one], &answer("found")).await, "done");
        assert_eq!(d.tries(store, "letter_people.answer", &[one], &answer("found")).await, "same");
        assert_eq!(d.tries(store, "letter_people.answer", &[one], &answer("refused")).await, "is taken over");
        assert_eq!(d.tries(store, "letter_people.settle", &[three], &[("reason", "-")]).await, "is without an answer");
        assert_eq!(d.tries(store, "letter_people.answer", &[two, three], &answer("not_found")).await, "done done");
        assert_eq!(book(store, OURS).await, "answered 3=1+2+0+0+0");
        assert!(!late(store, OURS, due).await, "answered in time");
        let open = |left: &[&str]| -> Vec<String> {
            let mut all = vec![format!("{OURS} 500103 completed")];
            all.extend(left.iter().map(|left| format!("{OURS}/{left}")));
            all.push(format!("{OURS}/send 500103 completed"));
            all.push("A20221120-2/send 500103 open".to_owned());
            all
        };
        assert_eq!(items(store).await, open(&["2 500103 open", "3 500103 open"]), "nobody is dropped");
        holds(store).await;
        assert_eq!(other.tries(store, "letter_people.settle", &[two], &[("reason", "-")]).await, "unknown");
        let elsewhere = [("side", "绵阳市")];
        assert_eq!(
            d.tries(store, "letter_people.forward", &[two], &[("side", SIDE)]).await,
            "is with this jurisdiction"
        );
        assert_eq!(d.tries(store, "letter_people.forward", &[two], &elsewhere).await, "done");
        assert_eq!(book(store, "A20221120-3").await, "draft 1=0+0+0+0+1", "asked after elsewhere");
        // found after all, a day late
        let later = d.at(at(DAY, "23:30"));
        assert_eq!(later.tries(store, "letter_people.answer", &[three], &answer("found")).await, "done");
        assert_eq!(later.tries(store, "letter_people.settle", &[two], &[("reason", "-")]).await, "same");
        assert_eq!(book(store, OURS).await, "answered 3=2+1+0+0+0");
        let left = store
            .texts("select subject from items where worklist = 'letters' and closed_at is null order by subject")
            .await;
        assert_eq!(left, ["A20221120-2/send", "A20221120-3/send"]);
        holds(store).await;
        let wrong = "update letters set found = 1, not_found = 2 where id = 'A20221120-1'";
        breaks(store, wrong, "letters.balance", "A20221120-1: the book of a letter is not that of the people in it")
            .await;
    });
}

/// Rows of their letter: number in it, district or community of ours, name, telephone, document.
async fn given(store: &TestStore, who: &Person, rows: &[[&str; 5]]) -> String {
    let (side, received) = ("成都市武侯区", "2022-11-20T22:10:00+08:00");
    let row = |[entry, division, name, phone, document]: &[&str; 5]| -> BTreeMap<String, String> {
        let all = [
            ("letter", THEIRS),
            ("entry", entry),
            ("division", division),
            ("side", side),
            ("side_code", "510107"),
            ("side_case", "WH-31"),
            ("received_at", received),
            ("name", name),
            ("phone", phone),
            ("document", document),
            ("class", "same_room"),
            ("first_exposure", "2022-11-18"),
            ("last_exposure", "2022-11-19"),
        ];
        all.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    };
    let rows = Rows::Json(rows.iter().map(row).collect());
    match take(&store.store, &who.doing(None), &ASSISTANCE, rows, How::default()).await {
        Ok((tally, _)) => format!("created {} same {}", tally.created, tally.same),
        Err(DeskError::Refused(Refusal::Invalid(faults))) => format!("invalid: {}", faults[0].field),
        Err(DeskError::Refused(Refusal::NotYours { .. })) => "not yours".to_owned(),
        Err(other) => panic!("{other}"),
    }
}

async fn orders(store: &TestStore) -> Vec<String> {
    let sql =
        format!("select person || ' ' || basis || ' ' || state from orders where evidence = '{THEIRS}' order by id");
    store.texts(&sql).await
}

#[test]
fn a_letter_to_us_binds_nobody_until_somebody_confirms_who_it_is() {
    on_both(async |store| {
        evening(store).await;
        let d = district();
        let rows = [
            ["1", "500103013006", "谢鹏", "", "50042819920101057X"],
            ["2", "500103", "孙某", "15437037010", ""],
            ["3", "500103", "谢鹏", "15434567876", ""],
            ["4", "500103", "无名", "", ""],
        ];
        assert_eq!(
            given(store, &person("d2", Role::DistrictCommand, "500112", None), &rows).await,
            "invalid: division"
        );
        assert_eq!(given(store, &tracer(), &rows).await, "not yours");
        assert_eq!(given(store, &d, &[["1", "50", "谢鹏", "", ""]]).await, "invalid: division");
        assert_eq!(given(store, &d, &rows).await, "created 4 same 0");
        assert_eq!(given(store, &d, &rows).await, "created 0 same 4");
        assert_eq!(
            given(store, &d, &[["1", "500103", "王五", "", ""]]).await,
            "invalid: letter",
            "nothing is written over"
        );
        assert_eq!(book(store, THEIRS).await, "received 4=0+0+0+0+4");
        assert_eq!(items(store).await, [format!("{THEIRS} 500103 open")]);
        let due = at(DAY, "22:10").plus_hours(24);
        assert!(!late(store, THEIRS, due.plus_minutes(-1)).await && late(store, THEIRS, due).await, "from the receipt");
        let suggested = "select entry || ' ' || coalesce(suggested, '-') from letter_people order by entry";
        assert_eq!(store.texts(suggested).await, ["1 P028", "2 P030", "3 P028", "4 -"]);
        line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, "23:01")).await.unwrap();
        assert_eq!(
            store.number("select count(*) from contacts where source = 'letter'").await,
            0,
            "named is not bound"
        );
        assert!(orders(store).await.is_empty());
        holds(store).await;

        let key = |n: u8| format!("{THEIRS}:{n}");
        let (one, two, three, four) = (key(1), key(2), key(3), key(4));
        let d = d.at(at(DAY, "23:02"));
        let who = |person: &'static str| [("person", person)];
        assert_eq!(tracer().tries(store, "letter_people.match", &[&one], &who("P028")).await, "not yours");
        let other = person("d2", Role::DistrictCommand, "500112", None);
        assert_eq!(other.tries(store, "letter_people.match", &[&one], &who("P028")).await, "unknown");
        assert_eq!(
            d.tries(store, "letter_people.match", &[&one], &who("P055")).await,
            "is on no roster here under that id"
        );
        let stranger = d.tries(store, "letter_people.match", &[&four], &who("P034")).await;
        assert_eq!(stranger, "is not known by document or telephone");
        assert_eq!(d.tries(store, "letters.answered", &[THEIRS], &WENT).await, "is without an answer for 4");
        assert_eq!(d.tries(store, "letter_people.match", &[&one], &who("P028")).await, "done");
        assert_eq!(d.tries(store, "letter_people.match", &[&one], &who("P028")).await, "same");
        let twice = d.tries(store, "letter_people.match", &[&three], &who("P028")).await;
        assert_eq!(twice, "is confirmed as number 1 of the letter");
        assert_eq!(d.tries(store, "letter_people.answer", &[&two], &answer("found")).await, "is in a letter to us");
        let tell = |state: &'static str| [("state", state), ("grounds", "asked at the door: moved to 510107")];
        assert_eq!(d.tries(store, "letter_people.tell", &[&two], &tell("elsewhere")).await, "done");
        assert_eq!(d.tries(store, "letter_people.tell", &[&three, &four], &tell("refused")).await, "done done");
        assert_eq!(d.tries(store, "letter_people.tell", &[&four], &tell("refused")).await, "same");
        assert_eq!(d.tries(store, "letter_people.tell", &[&four], &tell("not_found")).await, "done", "before it went");
        assert_eq!(d.tries(store, "letter_people.tell", &[&one], &tell("not_found")).await, "is confirmed");
        assert_eq!(book(store, THEIRS).await, "received 4=1+1+1+1+0");
        assert_eq!(d.tries(store, "letters.answered", &[THEIRS], &WENT).await, "done");
        assert_eq!(d.tries(store, "letters.answered", &[THEIRS], &WENT).await, "same");
        assert_eq!(d.tries(store, "letters.send", &[THEIRS], &WENT).await, "is a letter to us");
        assert_eq!(
            d.tries(store, "letter_people.tell", &[&two], &tell("not_found")).await,
            "is in a letter that was answered"
        );
        assert_eq!(items(store).await, [format!("{THEIRS} 500103 completed")]);
        assert!(!late(store, THEIRS, due).await);
        holds(store).await;

        // what follows is decided as for every contact, and rests on the letter
        line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, "23:03")).await.unwrap();
        let contact = "select case_id || ' ' || person || ' ' || tier from contacts where source = 'letter'";
        assert_eq!(store.texts(contact).await, [format!("{THEIRS} P028 close")]);
        assert!(orders(store).await.iter().all(|order| order.starts_with("P028 contact")), "{:?}", orders(store).await);
        assert!(!orders(store).await.is_empty());
        holds(store).await;

        // somebody who was forgotten comes after the answer: another clock, and the answered one stays ended
        assert_eq!(given(store, &d, &[["5", "500112", "丁某", "", ""]]).await, "invalid: division");
        let city = city_command().at(at(DAY, "23:05"));
        assert_eq!(given(store, &city, &[["5", "500112", "丁某", "", ""]]).await, "created 1 same 0");
        assert_eq!(book(store, THEIRS).await, "received 5=1+1+1+1+1");
        let again = [
            format!("{THEIRS} 500103 completed"),
            format!("{THEIRS}/2 500103 open"),
            format!("{THEIRS}/2/at/500112 500112 open"),
        ];
        assert_eq!(items(store).await, again);
        let other = other.at(at(DAY, "23:06"));
        assert_eq!(other.tries(store, "letter_people.tell", &[&key(5)], &tell("not_found")).await, "done");
        assert_eq!(other.tries(store, "letters.answered", &[THEIRS], &WENT).await, "unknown");
        assert_eq!(d.at(at(DAY, "23:07")).tries(store, "letters.answered", &[THEIRS], &WENT).await, "done");
        assert!(items(store).await.iter().all(|item| item.ends_with("completed")));
        holds(store).await;

        // names go with the pack's retention, the book stays
        line_at(store, "2022-12-01").await;
        assert_eq!(store.number("select count(*) from letter_people where name is not null").await, 5);
        line_at(store, "2022-12-25").await;
        let gone = "select count(*) from letter_people where gone_on is not null and name is null and document is null and person is null";
        assert_eq!(store.number(gone).await, 5);
        assert_eq!(store.number("select count(*) from letter_words").await, 0);
        assert_eq!(book(store, THEIRS).await, "answered 5=1+2+1+1+0");
        holds(store).await;
    });
}

#[test]
fn letters_of_others_come_as_a_file_too_and_rows_that_cannot_be_one_are_kept_aside() {
    on_both(async |store| {
        evening(store).await;
        let row = |letter: &str, entry: &str, first: &str, last: &str| {
            format!(
                "{letter},{entry},500103,成都市,,,,2022-11-20T21:00:00+08:00,周某,,50042819920101057X,,same_room,{first},{last},\n"
            )
        };
        let rows = [
            row(THEIRS, "1", "2022-11-18", "2022-11-19"),
            row(THEIRS, "2", "2022-11-19", "2022-11-18"),
            row(THEIRS, "3", "2022-11-18", "2022-11-23"),
            row(OURS, "4", "2022-11-18", "2022-11-19"),
        ];
        let tally =
            bring(store, &city(), &ASSISTANCE, &format!("{HEADER}\n{}", rows.concat()), "", Keep::Together).await;
        assert_eq!((tally.created, tally.doubtful), (1, 3), "{tally:?}");
        line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, "23:01")).await.unwrap();
        assert_eq!(book(store, THEIRS).await, "received 1=0+0+0+0+1");
        assert_eq!(store.texts("select coalesce(suggested, '-') from letter_people").await, ["P028"]);
        holds(store).await;
    });
}
