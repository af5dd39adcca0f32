//! The clocks of an investigation and its questions, on both stores: each clock ends by what was filled in; questions of a pack and of a
//! district are put to whom they are for; what was asked or answered outlasts every change.

use crate::{
    city::{DAY, Files, at, city, packs, plan, run, settings},
    engines::{TestStore, on_both},
    floor::{Person, district, evening, holds, person},
};
use dayclear_core::{
    access::Role,
    books::Worklist,
    interview::{AnswerKind, Part},
    schema::{ANSWERS, CONTACTS, QUESTIONS, Table},
};
use dayclear_ops::{
    day::pack_for,
    desk::{DeskError, Refusal},
    evidence::{How, Rows, take},
    interview::{Sheet, sheet},
    line,
    minutes::Day,
};

const CASE: &str = "C20221120-P006";

async fn gives(who: &Person, store: &TestStore, table: &'static Table, row: &[(&str, &str)]) -> String {
    let row = row.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    match take(&store.store, &who.doing(None), table, Rows::Json(vec![row]), How::default()).await {
        Ok((tally, _)) if tally.created == 1 => "new".to_owned(),
        Ok(_) => "same".to_owned(),
        Err(DeskError::Refused(Refusal::Invalid(faults))) => faults[0].field.clone(),
        Err(error) => error.to_string(),
    }
}

async fn answers(store: &TestStore, clock: &str, question: &str, version: &str, answer: &str) -> String {
    let moment = format!("{DAY}T{clock}:00+08:00");
    let row = [
        ("case_person", "P006"),
        ("question", question),
        ("version", version),
        ("answer", answer),
        ("at", &moment),
        ("said_by", "d1"),
    ];
    gives(&district(), store, &ANSWERS, &row).await
}

async fn passes(store: &TestStore, clock: &str) {
    line::pass(&store.store, packs(), &settings(), "covid-19", &city(), at(DAY, clock)).await.unwrap();
}

/// Clocks of the case, and how each stands.
async fn clocks(store: &TestStore) -> Vec<String> {
    let items = "select worklist || ' ' || coalesce(outcome, 'open') from items
        where subject = 'C20221120-P006' and worklist in ('reach', 'facts', 'investigate')
        order by case worklist when 'reach' then 1 when 'facts' then 2 else 3 end";
    store.texts(items).await
}

async fn begun(store: &TestStore, who: &Person, case: &str) -> Sheet {
    let settings = settings();
    let pack = pack_for(packs(), "covid-19", crate::city::day_of(DAY)).unwrap();
    let day = Day::at(crate::city::day_of(DAY), None, who.now, pack, &settings);
    let mut tx = store.store.begin(&who.looker.scope()).await.unwrap();
    let case = tx.cases_by_id(&[case]).await.unwrap().remove(0);
    sheet(&mut tx, &day, &case).await.unwrap().unwrap()
}

fn missing(sheet: &Sheet) -> Vec<&str> {
    sheet.standing.missing.iter().map(|(_, question)| question.as_str()).collect()
}

#[test]
fn the_clocks_of_an_investigation_end_by_what_was_filled_in() {
    on_both(async |store| {
        evening(store).await;
        assert_eq!(clocks(store).await, ["reach open", "facts open", "investigate open"]);
        // 2, 4 and 24 hours, as the pack says
        let open = store.store.begin(&city()).await.unwrap().open_items().await.unwrap();
        let hours = open.iter().filter(|item| item.subject == CASE && item.worklist != Worklist::Move).map(|item| {
            let hours = item.due_at.unwrap().minutes_since(item.opened_at) / 60;
            format!("{} {hours}", item.worklist)
        });
        let hours: Vec<String> = hours.collect();
        assert_eq!(hours, ["facts 4", "investigate 24", "reach 2"]);
        let sheet = begun(store, &district(), CASE).await;
        assert_eq!(missing(&sheet), ["reached", "dependants", "symptoms", "work"]);
        // what has no room in a question, or was never asked, is taken by nobody
        assert_eq!(answers(store, "22:10", "symptoms", "1", "maybe").await, "answer");
        assert_eq!(answers(store, "22:10", "symptoms", "2", "yes").await, "question");
        assert_eq!(answers(store, "22:10", "shoe_size", "1", "42").await, "question");
        let elsewhere = person("d2", Role::DistrictCommand, "500112", None);
        let row = [
            ("case_person", "P006"),
            ("question", "reached"),
            ("version", "1"),
            ("answer", "door"),
            ("at", "2022-11-20T22:10:00+08:00"),
            ("said_by", "d2"),
        ];
        assert_eq!(gives(&elsewhere, store, &ANSWERS, &row).await, "case_person");
        assert_eq!(store.number("select count(*) from answers").await, 0);
        // reached: the first clock ends at that moment, and no other
        assert_eq!(answers(store, "22:10", "reached", "1", "telephone").await, "new");
        assert_eq!(answers(store, "22:10", "reached", "1", "telephone").await, "same");
        passes(store, "22:20").await;
        assert_eq!(clocks(store).await, ["reach completed", "facts open", "investigate open"]);
        // whoever is ill is asked since when
        for (question, answer) in [("symptoms", "yes"), ("work", "school 3, on the 18th"), ("dependants", "no")] {
            assert_eq!(answers(store, "22:30", question, "1", answer).await, "new");
        }
        assert_eq!(missing(&begun(store, &district(), CASE).await), ["symptoms_on"]);
        passes(store, "22:40").await;
        assert_eq!(clocks(store).await[1], "facts open");
        assert_eq!(answers(store, "22:45", "symptoms_on", "1", "2022-11-19").await, "new");
        passes(store, "22:50").await;
        assert_eq!(clocks(store).await, ["reach completed", "facts completed", "investigate open"]);
        // the report is whole when contacts are listed as well
        let contact = [
            ("case_person", "P006"),
            ("person", "P010"),
            ("class", "shared_space"),
            ("first_exposure", "2022-11-19"),
            ("last_exposure", "2022-11-19"),
        ];
        assert_eq!(gives(&district(), store, &CONTACTS, &contact).await, "new");
        passes(store, "22:55").await;
        assert_eq!(clocks(store).await, ["reach completed", "facts completed", "investigate completed"]);
        holds(store).await;
    });
}

#[test]
fn whoever_settles_the_report_leaves_no_clock_behind_and_whoever_has_the_case_has_them_all() {
    on_both(async |store| {
        evening(store).await;
        let key: &[&str] = &["investigate:C20221120-P006"];
        assert_eq!(district().tries(store, "items.assign", key, &[("assignee", "t1")]).await, "done");
        let theirs = "select worklist from items where assignee = 't1' order by worklist";
        assert_eq!(store.texts(theirs).await, ["facts", "investigate", "reach"]);
        let facts: &[&str] = &["facts:C20221120-P006"];
        let settle = [("outcome", "completed"), ("reason", "met nobody")];
        assert_eq!(district().tries(store, "items.settle", facts, &settle).await, "is an item of facts");
        assert_eq!(district().tries(store, "items.settle", key, &settle).await, "done");
        assert_eq!(clocks(store).await, ["reach completed", "facts completed", "investigate completed"]);
        passes(store, "23:10").await;
        holds(store).await;
    });
}

const GYM: [(&str, &str); 9] = [
    ("question", "gym"),
    ("version", "1"),
    ("division", "500103"),
    ("part", "facts"),
    ("kind", "yes_no"),
    ("asked", "required"),
    ("en", "Were they at the gym?"),
    ("zh_hans", "是否去过健身房？"),
    ("zh_hant", "是否去過健身房？"),
];

fn but<'a>(row: &[(&'a str, &'a str)], other: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = row.iter().filter(|(name, _)| other.iter().all(|(changed, _)| changed != name)).copied();
    kept.chain(other.iter().copied()).collect()
}

#[test]
fn a_question_of_a_district_is_put_to_its_cases_and_no_change_loses_an_answer() {
    on_both(async |store| {
        evening(store).await;
        assert_eq!(gives(&district(), store, &QUESTIONS, &GYM).await, "new");
        assert!(missing(&begun(store, &district(), CASE).await).contains(&"gym"));
        let other = person("d2", Role::DistrictCommand, "500112", None);
        assert!(!missing(&begun(store, &other, "C20221120-P041").await).contains(&"gym"), "another district");
        // nobody takes a question from whoever put it first, and nobody puts one to another district
        for (changed, refused) in [
            (vec![("question", "symptoms"), ("version", "2")], "division"),
            (vec![("question", "pool"), ("division", "500112")], "division"),
            (vec![("question", "pool"), ("kind", "choice")], "options"),
            (vec![("question", "pool"), ("options", "a=b")], "options"),
            (vec![("question", "pool"), ("only_if", "gym")], "only_if"),
            // a version that was put stays as it is
            (vec![("en", "Were they swimming?")], "question"),
        ] {
            assert_eq!(gives(&district(), store, &QUESTIONS, &but(&GYM, &changed)).await, refused, "{changed:?}");
        }
        assert_eq!(answers(store, "22:10", "gym", "1", "yes").await, "new");
        assert!(!missing(&begun(store, &district(), CASE).await).contains(&"gym"));
        // the wording is mended: nobody is asked again
        let mended = but(&GYM, &[("version", "2"), ("en", "Were they at a gym or a pool?")]);
        assert_eq!(gives(&district(), store, &QUESTIONS, &mended).await, "new");
        let sheet = begun(store, &district(), CASE).await;
        let (gym, said) = sheet.questions.iter().find(|(one, _)| one.id == "gym").unwrap();
        assert_eq!((gym.version, gym.part), (2, Part::Facts));
        assert_eq!(said.as_ref().map(|said| (said.version, said.answer.as_str())), Some((1, "yes")));
        // another kind of answer: it is asked again, and what was said stays what it was
        let other =
            but(&GYM, &[("version", "3"), ("kind", "choice"), ("options", "north=North|北|北;south=South|南|南")]);
        assert_eq!(gives(&district(), store, &QUESTIONS, &other).await, "new");
        assert!(missing(&begun(store, &district(), CASE).await).contains(&"gym"));
        assert_eq!(answers(store, "22:20", "gym", "3", "north").await, "new");
        let said = "select version || ' ' || answer from answers where question = 'gym' order by at";
        assert_eq!(store.texts(said).await, ["1 yes", "3 north"]);
        // and withdrawn it is put to nobody
        let withdrawn = but(&GYM, &[("version", "4"), ("asked", "withdrawn")]);
        assert_eq!(gives(&district(), store, &QUESTIONS, &withdrawn).await, "new");
        assert!(begun(store, &district(), CASE).await.questions.iter().all(|(one, _)| one.id != "gym"));
        assert_eq!(store.number("select count(*) from questions where question = 'gym'").await, 4);
        assert_eq!(store.number("select count(*) from answers where question = 'gym'").await, 2);
        passes(store, "22:30").await;
        holds(store).await;
    });
}

#[test]
fn answers_come_as_files_too() {
    on_both(async |store| {
        let said = |question: &str, answer: &str| format!("P006,{question},1,{answer},2022-11-20T20:00:00+08:00,t9");
        let mut files = Files::example().with("answers", "case_person,question,version,answer,at,said_by", "");
        for (question, answer) in
            [("reached", "door"), ("symptoms", "no"), ("work", "none"), ("dependants", "no"), ("source", "a meal")]
        {
            files = files.add("answers", &said(question, answer));
        }
        let open = dayclear_ops::day::Plan { keep_open: true, ..plan(DAY) };
        run(&store.store, &files.write(store, DAY), &open).await.unwrap();
        assert_eq!(clocks(store).await, ["reach completed", "facts completed", "investigate open"]);
        assert_eq!(store.number("select count(*) from answers").await, 5);
        holds(store).await;
    });
}

#[test]
fn two_answers_of_one_second_are_two_answers_and_the_later_one_counts() {
    on_both(async |store| {
        evening(store).await;
        let sheet = begun(store, &district(), CASE).await;
        let (question, version) = sheet
            .questions
            .iter()
            .find(|(q, _)| q.kind == AnswerKind::YesNo)
            .map(|(q, _)| (q.id.clone(), q.version.to_string()))
            .unwrap();
        let says = async |answer: &str, fraction: &str| {
            let moment = format!("{DAY}T20:00:00.{fraction}+08:00");
            let row = [
                ("case_person", "P006"),
                ("question", question.as_str()),
                ("version", version.as_str()),
                ("answer", answer),
                ("at", moment.as_str()),
                ("said_by", "d1"),
            ];
            gives(&district(), store, &ANSWERS, &row).await
        };
        assert_eq!(says("yes", "100000").await, "new");
        assert_eq!(says("no", "350000").await, "new", "a slip is mended within the second");
        assert_eq!(says("no", "350000").await, "same");
        let kept =
            format!("select answer from answers where case_person = 'P006' and question = '{question}' order by at");
        assert_eq!(store.texts(&kept).await, ["yes", "no"]);
    });
}
