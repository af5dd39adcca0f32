//! Tracers, played: they reach each case, put the questions of the service to it, and list whom it met. They know what the case knows:
//! the truth of the outbreak about itself, and of those outside its household some. They may use what any client of the service may.

use crate::{
    DrillError,
    living::{Living, Of},
    officials::open,
    service::{Row, Service, at, text},
};
use dayclear_core::{
    access::Role,
    interview::{AnswerKind, AskRule, Choice, Part, Question, Wording, current},
    schema::{ANSWERS, CONTACTS, VISITS},
    time::Instant,
};
use dayclear_engines::outbreak::Layer;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Days before the sample over which a case is asked for contacts.
pub(crate) const ASKED_DAYS: u16 = 2;
/// Minutes after which a tracer has reached a case and knows the core facts, and after which whom it met.
const REACHED_MIN: i64 = 60;
const INTERVIEW_MIN: i64 = 120;

/// What tracers remember.
#[derive(Default)]
pub struct Tracers {
    reached: BTreeSet<String>,
    interviewed: BTreeSet<String>,
    /// The tracer whom people play.
    played: Option<String>,
}

impl Tracers {
    /// Tracers, of whom people play one or nobody.
    pub fn of(played: Option<String>) -> Tracers {
        Tracers { played, ..Tracers::default() }
    }

    /// Investigations that nobody has are given to the tracer whom people play.
    pub async fn assign(&self, service: &mut Service<'_>) -> Result<(), DrillError> {
        let Some(tracer) = &self.played else { return Ok(()) };
        let open = open(service, "investigate").await?;
        let free = open.iter().filter(|row| text(row, "assignee").is_empty());
        let keys: Vec<String> = free.map(|row| text(row, "id").to_owned()).collect();
        if !keys.is_empty() {
            service.act(Role::DistrictCommand, "items", "assign", &keys, &json!({"assignee": tracer})).await?;
        }
        Ok(())
    }

    /// Everything that tracers do: questions of the facts once a case is reached, those of the report with the list of contacts.
    pub async fn ask(&mut self, service: &mut Service<'_>, living: &Living, now: Instant) -> Result<(), DrillError> {
        let cases = service.rows(Role::DistrictCommand, "cases", "open=true").await?;
        self.put_questions(service, living, &cases, now).await?;
        self.list_contacts(service, living, &cases, now).await
    }

    async fn put_questions(
        &mut self,
        service: &mut Service<'_>,
        living: &Living,
        cases: &[Row],
        now: Instant,
    ) -> Result<(), DrillError> {
        let new: Vec<&Row> = cases
            .iter()
            .filter(|case| at(case, "found_at").is_none_or(|found| now.minutes_since(found) >= REACHED_MIN))
            .filter(|case| !self.reached.contains(text(case, "id")))
            .collect();
        if new.is_empty() {
            return Ok(());
        }
        let questions = service.rows(Role::DistrictCommand, "questions", "").await?;
        let questions: Vec<Question> = questions.iter().filter_map(question).collect();
        let mut rows = Vec::new();
        for case in new {
            self.reached.insert(text(case, "id").to_owned());
            let Some(person) = living.person(text(case, "person")) else { continue };
            let mut said: BTreeMap<&str, String> = BTreeMap::new();
            for question in current(&questions).into_iter().filter(|one| one.asked == AskRule::Required) {
                let put =
                    question.only_if.as_ref().is_none_or(|(other, answer)| said.get(other.as_str()) == Some(answer));
                let Some(answer) = put.then(|| answer_of(living, person, question, now)).flatten() else { continue };
                rows.push(json!({
                    "case_person": text(case, "person"), "question": question.id, "version": question.version,
                    "answer": answer, "at": living.zone.text(now), "said_by": "tracer",
                }));
                said.insert(&question.id, answer);
            }
        }
        service.give(&ANSWERS, &rows).await?;
        Ok(())
    }

    /// Of those outside the household a case names some.
    async fn list_contacts(
        &mut self,
        service: &mut Service<'_>,
        living: &Living,
        cases: &[Row],
        now: Instant,
    ) -> Result<(), DrillError> {
        let named = living.scenario().people_do.name_contacts;
        let (mut rows, mut visits, mut spoken) = (Vec::new(), Vec::new(), Vec::new());
        for case in cases {
            let found = at(case, "found_at").unwrap_or(now);
            if now.minutes_since(found) < INTERVIEW_MIN || self.interviewed.contains(text(case, "id")) {
                continue;
            }
            let Some(person) = living.person(text(case, "person")) else { continue };
            self.interviewed.insert(text(case, "id").to_owned());
            spoken.push(format!("investigate:{}", text(case, "id")));
            let sampled = at(case, "sampled_at").unwrap_or(found);
            let last = (living.days(sampled).max(0.0) as u16).min(living.outbreak.day().saturating_sub(1));
            let mut met: BTreeMap<u32, (Layer, u16, u16)> = BTreeMap::new();
            for day in last.saturating_sub(ASKED_DAYS)..=last {
                let index = u64::from(person) << 16 | u64::from(day) | 1 << 54;
                if living.chance.unit(Of::Named, index) < named {
                    let noon = living.zone.start_of(living.outbreak_date(day)).plus_hours(12);
                    let from = noon.plus_minutes(living.chance.below(Of::Pace, index, 300) as i64);
                    visits.push(json!({
                        "person": text(case, "person"), "place": format!("MK{:05}", living.city.market_of(person)),
                        "from": living.zone.text(from), "to": living.zone.text(from.plus_minutes(25)), "setting": "market",
                    }));
                }
                let measures = living.past.get(usize::from(day)).unwrap_or(&living.measures);
                for contact in living.outbreak.met(person, day, measures) {
                    met.entry(contact.person).or_insert((contact.layer, day, day)).2 = day;
                }
            }
            for (other, (layer, from, to)) in met {
                let index = u64::from(person) << 28 ^ u64::from(other);
                if layer != Layer::Household && living.chance.unit(Of::Named, index) >= named {
                    continue;
                }
                let class = match layer {
                    Layer::Household => "co_resident",
                    Layer::School | Layer::Work => "same_room",
                    Layer::Care => "carer",
                    Layer::Building => "shared_space",
                    _ => "other",
                };
                rows.push(json!({
                    "case_person": text(case, "person"), "person": living.city.person_id(other), "class": class,
                    "first_exposure": living.outbreak_date(from).to_string(), "last_exposure": living.outbreak_date(to).to_string(),
                    "setting": layer.name(),
                }));
            }
        }
        service.give(&CONTACTS, &rows).await?;
        service.give(&VISITS, &visits).await?;
        // whoever met nobody has been asked as well
        let given = json!({"outcome": "completed", "reason": "interview recorded"});
        service.act(Role::DistrictCommand, "items", "settle", &spoken, &given).await?;
        Ok(())
    }
}

/// What a case says to a question, in a form that it takes: the truth of its illness, and of the rest what many would say. `None`: the
/// question has nothing to choose from.
fn answer_of(living: &Living, person: u32, question: &Question, now: Instant) -> Option<String> {
    let index = u64::from(person) << 20 ^ super::officials::number(&question.id) & 0xF_FFFF;
    let onset = living.outbreak.onset_at(person).map(|days| living.moment(days)).filter(|onset| *onset <= now);
    let answer = match question.kind {
        AnswerKind::YesNo if question.id.contains("symptom") => if onset.is_some() { "yes" } else { "no" }.to_owned(),
        AnswerKind::YesNo => if living.chance.below(Of::Pace, index, 2) == 0 { "no" } else { "yes" }.to_owned(),
        AnswerKind::Day => living.zone.day(onset.unwrap_or(now)).to_string(),
        AnswerKind::Whole => living.chance.below(Of::Pace, index, 4).to_string(),
        AnswerKind::Text => "told to the tracer".to_owned(),
        AnswerKind::Choice | AnswerKind::Many => {
            let options = question.options.len() as u64;
            let option = living.chance.below(Of::Pace, index, options) as usize;
            question.options.get(option)?.code.clone()
        }
    };
    question.takes(&answer).then_some(answer)
}

fn question(row: &Row) -> Option<Question> {
    let said = |name: &str| text(row, name).to_owned();
    Some(Question {
        id: said("question"),
        version: row.get("version").and_then(Value::as_i64)?,
        part: said("part").parse::<Part>().ok()?,
        kind: said("kind").parse().ok()?,
        asked: said("asked").parse().ok()?,
        only_if: Question::condition(text(row, "only_if")),
        options: match text(row, "options") {
            "" => Vec::new(),
            options => Choice::parse_all(options)?,
        },
        said: Wording { en: said("en"), zh_hans: said("zh_hans"), zh_hant: said("zh_hant") },
    })
}
