//! The guided interview of a case, for a telephone in the hand: which days to ask about and by which clause, who is listed already,
//! where the case was day by day and whom they met there, and who may have been near by rosters that are held. Whoever is suggested
//! is shown only when somebody asks for that roster, and is a contact only when somebody confirms it; what is confirmed is evidence
//! like any other. It works without script.

use super::{
    super::{
        accounts,
        evidence::{self, Entry, Taken},
        form::{self, Sent},
        frame::{Frame, Visit, moment, render, short_day},
        rows::{self, Of},
        show,
    },
    may_enter,
};
use crate::{
    api::{audit, interviews::note_whom},
    app::App,
    pages::{lanes, record::Why},
    problem::Problem,
};
use askama::Template;
use axum::{
    extract::{Path, Query as Parameters, State},
    response::Response,
};
use dayclear_core::{
    books::Worklist,
    interview::{AnswerKind, AskRule, Part, Wording},
    listing::{CASES, CONTACTS, Cell, ITEMS},
    schema::{self, Table},
    time::CivilDate,
    tracing::{CIRCLE_MAX, Circle, ContactClass},
};
use dayclear_ops::{
    day::pack_for,
    desk::{
        FieldFault, Given,
        heard::{self, HeardError, Said},
    },
    interview::{Sheet, Suggested, sheet},
    investigation::CLOCKS,
    minutes::Day,
};
use dayclear_papers::Lang;
use dayclear_store::landing::Tally;
use serde_json::json;
use std::{collections::BTreeMap, sync::Arc};

/// Somebody whom one may ask about.
struct Companion {
    person: String,
    said: String,
}

/// A roster, closed or opened.
struct Roster {
    /// Number of the form.
    n: usize,
    word: String,
    by: String,
    count: usize,
    too_many: bool,
    /// Path that opens it; empty where it is open.
    path: String,
    people: Vec<Companion>,
    class: &'static str,
    days: (String, String),
}

/// A day that is asked about.
pub(super) struct Asked {
    n: usize,
    pub(super) day: String,
    pub(super) word: String,
    pub(super) known: Vec<String>,
}

/// A clock of the investigation.
struct Clock {
    word: String,
    clock: show::Shown,
}

/// A question, as it is put.
pub(super) struct Put {
    n: usize,
    pub(super) id: String,
    pub(super) version: i64,
    /// Kind of the input: `choice`, `many`, or a type of HTML.
    pub(super) kind: &'static str,
    pub(super) word: String,
    pub(super) required: bool,
    /// What was answered last.
    pub(super) said: Option<String>,
    pub(super) options: Vec<(String, String)>,
}

/// Questions of a clock.
pub(super) struct Questions {
    pub(super) word: String,
    pub(super) questions: Vec<Put>,
}

#[derive(Template)]
#[template(path = "interview.html")]
struct InterviewPage {
    frame: Frame,
    case: String,
    path: String,
    window: String,
    why: Vec<Why>,
    cut: bool,
    clocks: Vec<Clock>,
    /// Required questions without an answer.
    missing: usize,
    parts: Vec<Questions>,
    assignee: Option<String>,
    listed: Vec<(String, String)>,
    rosters: Vec<Roster>,
    most: String,
    days: Vec<Asked>,
    entry: Option<Entry>,
    classes: Vec<(String, String)>,
}

/// `GET /contacts/cases/CASE/interview`.
pub(super) async fn page(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(case): Path<String>,
    Parameters(given): Parameters<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let opened = given.iter().find(|(name, _)| name == "roster").and_then(|(_, value)| value.parse().ok());
    let entry = may_enter(&visit).then(Entry::default);
    shown(&app, visit, &case, opened, entry).await
}

/// Everything that the page begins with; the case was looked up by the duty.
async fn begun(app: &App, tx: &mut dayclear_store::Scoped, key: &str) -> Result<Sheet, Problem> {
    let now = app.now();
    let pack = pack_for(&app.setup.packs, &app.setup.pack, app.zone().day(now))?;
    let day = Day::at(app.zone().day(now), None, now, pack, &app.setup.settings);
    let case = tx.cases_by_id(&[key]).await?.into_iter().next().ok_or_else(Problem::unknown)?;
    sheet(tx, &day, &case).await.map_err(Problem::inside)?.ok_or_else(Problem::unknown)
}

async fn shown(
    app: &App,
    visit: Visit,
    key: &str,
    opened: Option<Circle>,
    entry: Option<Entry>,
) -> Result<Response, Problem> {
    if !CONTACTS.readable_by(visit.caller.looker.duty.role) || !may_enter(&visit) {
        return Err(Problem::unknown());
    }
    let mut tx = rows::look(app, &visit).await?;
    let case = tx.one(&CASES, key).await?;
    let contacts = tx.all(&CONTACTS, &[("case_id", key), ("limit", "500")]).await?;
    let items = tx.all(&ITEMS, &[("worklist", "reach,facts,investigate"), ("subject", key)]).await?;
    let begun = begun(app, &mut tx, key).await?;
    tx.finish().await?;
    let named: Vec<&str> = begun
        .suggested
        .iter()
        .filter(|thing| Some(thing.circle) == opened)
        .flat_map(|thing| thing.people.iter().map(|one| one.person.as_str()))
        .collect();
    if !named.is_empty() {
        // whoever is shown is in the chain of reads, also with a name of one character
        let detail = json!({"rows": named.len(), "roster": opened, "case": key});
        audit(app, &visit.caller, "list", "people", &named, "done", detail).await?;
    }
    let frame = &visit.frame;
    let path = format!("/contacts/cases/{}/interview", show::part(key));
    let clock = |worklist: &Worklist| {
        let mut all = items.iter().map(|row| Of { listing: &ITEMS, row });
        let item = all.find(|of| of.text("worklist") == Some(worklist.name()))?;
        let clock = show::clock(app, frame, item.moment("due_at")?, item.moment("closed_at"));
        Some(Clock { word: frame.w.term(*worklist), clock })
    };
    let assignee = items.iter().find_map(|row| Of { listing: &ITEMS, row }.text("assignee"));
    let listed = contacts.iter().map(|row| {
        let of = Of { listing: &CONTACTS, row };
        let person = of.text("person").unwrap_or_default();
        let name = of.shown("name").map_or_else(|| person.to_owned(), |name| format!("{name} ({person})"));
        (name, frame.w.given("contact", of.text("class").unwrap_or_default()))
    });
    let of = Of { listing: &CASES, row: &case };
    let name = of.shown("name").unwrap_or(key).to_owned();
    let title = frame.w.get("interview-title", &[("name", name.into())]);
    let refused = entry.as_ref().is_some_and(Entry::refused);
    let page = InterviewPage {
        window: match (begun.days.last(), begun.days.first()) {
            (Some(first), Some(last)) => frame.w.get(
                "interview-window",
                &[
                    ("first", short_day(app, frame.lang, *first).into()),
                    ("last", short_day(app, frame.lang, *last).into()),
                ],
            ),
            _ => frame.say("interview-no-window"),
        },
        why: lanes::why(frame, &Cell::Data(json!([begun.window.reason]))),
        cut: begun.cut,
        clocks: CLOCKS.iter().filter_map(clock).collect(),
        missing: begun.standing.missing.len(),
        parts: parts(app, frame, &begun),
        assignee: assignee.map(|id| accounts::said(app, frame, id)),
        listed: listed.collect(),
        rosters: rosters(frame, &path, &begun.suggested, opened),
        most: frame.lang.number(CIRCLE_MAX as u64),
        days: days(app, frame, &begun),
        classes: ContactClass::ALL.iter().map(|class| (class.name().to_owned(), frame.w.term(*class))).collect(),
        entry,
        case: key.to_owned(),
        path,
        frame: {
            let above = (frame.say("nav-contacts"), "/contacts");
            visit.frame.titled(title, &[above])
        },
    };
    evidence::answered(render(&page)?, refused)
}

/// A text in the language of the page.
fn worded(lang: Lang, said: &Wording) -> &str {
    match lang {
        Lang::En => &said.en,
        Lang::ZhHans => &said.zh_hans,
        Lang::ZhHant => &said.zh_hant,
    }
}

pub(super) fn parts(app: &App, frame: &Frame, begun: &Sheet) -> Vec<Questions> {
    let all = begun.questions.iter().enumerate().map(|(n, (question, answered))| {
        let yes_no = ["yes", "no"].map(|code| (code.to_owned(), frame.w.given("known", code)));
        let options: Vec<(String, String)> = match question.kind {
            AnswerKind::YesNo => yes_no.to_vec(),
            _ => question
                .options
                .iter()
                .map(|one| (one.code.clone(), worded(frame.lang, &one.said).to_owned()))
                .collect(),
        };
        let word = |code: &str| {
            let known = options.iter().find(|(one, _)| one == code.trim());
            known.map_or_else(|| code.trim().to_owned(), |(_, word)| word.clone())
        };
        let said = answered.as_ref().map(|answered| {
            let answer = match question.kind {
                AnswerKind::Many => frame.w.joined(&answered.answer.split(';').map(word).collect::<Vec<_>>()),
                AnswerKind::Day => match answered.answer.parse() {
                    Ok(day) => short_day(app, frame.lang, day),
                    Err(_) => answered.answer.clone(),
                },
                _ => word(&answered.answer),
            };
            let who = accounts::said(app, frame, &answered.said_by);
            let at = moment(app, frame.lang, answered.at);
            frame.w.get("interview-answered", &[("answer", answer.into()), ("who", who.into()), ("at", at.into())])
        });
        let kind = match question.kind {
            AnswerKind::YesNo | AnswerKind::Choice => "choice",
            AnswerKind::Many => "many",
            AnswerKind::Day => "date",
            AnswerKind::Whole => "number",
            AnswerKind::Text => "text",
        };
        let put = Put {
            n,
            id: question.id.clone(),
            version: question.version,
            kind,
            word: worded(frame.lang, &question.said).to_owned(),
            required: question.asked == AskRule::Required,
            said,
            options,
        };
        (question.part, put)
    });
    let mut parts: BTreeMap<Part, Vec<Put>> = BTreeMap::new();
    all.for_each(|(part, put)| parts.entry(part).or_default().push(put));
    parts.into_iter().map(|(part, questions)| Questions { word: frame.w.term(part), questions }).collect()
}

fn rosters(frame: &Frame, path: &str, suggested: &[Suggested], opened: Option<Circle>) -> Vec<Roster> {
    let things = suggested.iter().enumerate().map(|(n, thing)| {
        let open = opened == Some(thing.circle) && !thing.too_many;
        let people = thing.people.iter().filter(|_| open).map(|one| {
            let parts = [one.name.clone(), one.door.clone(), Some(one.person.clone())];
            Companion {
                person: one.person.clone(),
                said: frame.w.joined(&parts.into_iter().flatten().collect::<Vec<_>>()),
            }
        });
        let first = thing.people.first().map(|one| one.days);
        let text = |day: Option<CivilDate>| day.map(|day| day.to_string()).unwrap_or_default();
        Roster {
            n,
            word: frame.w.term(thing.circle),
            by: thing.by.clone(),
            count: thing.people.len(),
            too_many: thing.too_many,
            path: if open { String::new() } else { format!("{path}?roster={}#rosters", thing.circle) },
            people: people.collect(),
            class: thing.circle.class().name(),
            days: (text(first.map(|days| days.0)), text(first.map(|days| days.1))),
        }
    });
    things.collect()
}

pub(super) fn days(app: &App, frame: &Frame, begun: &Sheet) -> Vec<Asked> {
    let zone = app.zone();
    let clock = |at| zone.text(at).get(11..16).unwrap_or_default().to_owned();
    let known = |day: CivilDate| -> Vec<String> {
        let of_day = begun.visits.iter().filter(|visit| zone.day(visit.from) == day || zone.day(visit.to) == day);
        let said = of_day.map(|visit| {
            let setting = visit.setting.clone().unwrap_or_else(|| visit.place.clone());
            format!("{}–{} {setting}", clock(visit.from), clock(visit.to))
        });
        said.collect()
    };
    let asked = begun.days.iter().enumerate().map(|(n, day)| Asked {
        n,
        day: day.to_string(),
        word: short_day(app, frame.lang, *day),
        known: known(*day),
    });
    asked.collect()
}

/// What was told, in the order of the form.
fn told(sent: &Sent) -> Vec<Said> {
    let mut parts: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    for (name, value) in &sent.fields {
        if let Some((part, field)) = name.split_once(':') {
            parts.entry(part).or_default().entry(field).or_default().push(value.trim());
        }
    }
    parts.iter().flat_map(|(part, fields)| of_part(part, fields)).collect()
}

/// What one part of the form tells: a question, a roster, a day.
fn of_part(part: &str, fields: &BTreeMap<&str, Vec<&str>>) -> Vec<Said> {
    let all = |name: &str| fields.get(name).into_iter().flatten().filter(|one| !one.is_empty());
    let one = |name: &str| all(name).next().copied().unwrap_or_default().to_owned();
    let met = |who: &str, first: String, last: String, setting: String| Said::Met {
        who: who.to_owned(),
        class: one("class"),
        first,
        last,
        setting,
    };
    match part.chars().next() {
        Some('q') => {
            let said: Vec<&str> = all("answer").copied().collect();
            let answer = Said::Answer { question: one("id"), version: one("version"), answer: said.join(";") };
            if said.is_empty() { Vec::new() } else { vec![answer] }
        }
        // only who was ticked: a suggestion by itself is nothing
        Some('s') => all("who").map(|who| met(who, one("first"), one("last"), one("by"))).collect(),
        Some('d') => {
            let stay = Said::Stay {
                day: one("day"),
                place: one("place"),
                from: one("from"),
                to: one("to"),
                setting: one("setting"),
            };
            let stay = (!one("place").is_empty()).then_some(stay);
            let setting = if one("setting").is_empty() { one("place") } else { one("setting") };
            let people = one("people");
            let ids = people.split([' ', ',', ';', '，', '、', '\n', '\t', '\r']).filter(|id| !id.is_empty());
            stay.into_iter().chain(ids.map(|who| met(who, one("day"), one("day"), setting.clone()))).collect()
        }
        _ => Vec::new(),
    }
}

/// `POST /contacts/cases/CASE/interview`: stays of the case and people whom they met. Sent twice, it is taken once.
pub(super) async fn tell(
    State(app): State<Arc<App>>,
    Path(key): Path<String>,
    sent: Sent,
) -> Result<Response, Problem> {
    let mut tx = rows::look(&app, &sent.visit).await?;
    let case = tx.one(&CASES, &key).await?;
    tx.finish().await?;
    let person = Of { listing: &CASES, row: &case }.text("person").ok_or_else(Problem::unknown)?.to_owned();
    let said = told(&sent);
    let given: Given = sent.fields.iter().cloned().collect();
    let frame = &sent.visit.frame;
    let nothing = FieldFault {
        field: "person".to_owned(),
        value: String::new(),
        expected: frame.say("interview-one-expected"),
        remedy: frame.say("interview-one-remedy"),
    };
    let mut tables: BTreeMap<&str, (&'static Table, Vec<Given>)> = BTreeMap::new();
    let mut faults: Vec<FieldFault> = Vec::new();
    if said.is_empty() {
        faults.push(nothing);
    }
    let doing = form::doing(&app, &sent.visit.caller, None);
    let ticked = sent.fields.iter().any(|(name, _)| name.ends_with(":who"));
    // to the microsecond: two answers of one second are two answers
    let now = app.now();
    for one in said {
        let who = match &one {
            Said::Met { who, .. } => who.clone(),
            _ => String::new(),
        };
        let named = heard::named(app.store(), &doing, one).await;
        // who was ticked on a roster was read from it, and is in the chain by that
        if !who.is_empty() && !ticked {
            note_whom(&app, &sent.visit.caller, named.as_ref().err()).await?;
        }
        match named {
            Ok(one) => {
                let (table, row) = one.row(&person, now, sent.visit.caller.looker.account.as_str());
                tables.entry(table.name).or_insert_with(|| (table, Vec::new())).1.push(row);
            }
            Err(HeardError::Unheard(why, _)) => faults.push(FieldFault {
                field: "person".to_owned(),
                value: who,
                expected: frame.w.term(why),
                remedy: frame.say("interview-whom-remedy"),
            }),
            Err(HeardError::Desk(error)) => return Err(error.into()),
        }
    }
    let mut taken = if faults.is_empty() { Taken::Done(Tally::default()) } else { Taken::Refused(faults) };
    // answers first, then stays, then people: what was told is there before what follows from it
    for table in [&schema::ANSWERS, &schema::VISITS, &schema::CONTACTS] {
        if let (Taken::Done(before), Some((table, rows))) = (&taken, tables.remove(table.name)) {
            taken = evidence::take(&app, &sent, table, rows).await?.after(*before);
        }
    }
    let opened = sent.field("roster").and_then(|circle| circle.parse().ok());
    let entry = Entry::of(given, taken);
    let opened = opened.filter(|_| entry.refused());
    shown(&app, sent.visit, &key, opened, Some(entry)).await
}
