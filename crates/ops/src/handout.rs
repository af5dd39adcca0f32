//! Cases and contacts of a store as the rows that other systems take: what the published scheme of line lists has a column for, and
//! everything else by name, answers of the interview among it. It may use the store; it guarantees that nobody is named but by their id,
//! that an event says what was handed out, and that contacts whose time is over are handed out to nobody.

use crate::{OpsError, chains, investigation::answered, minutes::BY_RULE};
use dayclear_core::{
    cases::{Classification, Severity},
    roster::Sex,
    time::{Instant, Zone},
};
use dayclear_exchange::linelists::Record;
use dayclear_store::{Scoped, cases::Case, events::NewEvent, roster::Resident};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

/// Days in a year, for ages that are told with a decimal.
const YEAR_DAYS: f64 = 365.2425;

/// Cases, and their contacts as links from the case.
pub struct Handout {
    /// Cases.
    pub cases: Vec<Record>,
    /// Contacts: from the case to a person; a person who became a case bears the number of that case.
    pub contacts: Vec<Record>,
}

fn put(fields: &mut BTreeMap<&'static str, String>, name: &'static str, value: Option<String>) {
    fields.extend(value.filter(|value| !value.is_empty()).map(|value| (name, value)));
}

fn record(case: &Case, person: Option<&Resident>, zone: &Zone) -> Record {
    let mut fields = BTreeMap::new();
    let sampled = zone.day(case.sampled_at);
    put(&mut fields, "case_id", Some(case.id.clone()));
    let sex = person.and_then(|person| match person.sex {
        Sex::Female => Some("F"),
        Sex::Male => Some("M"),
        _ => None,
    });
    put(&mut fields, "sex", sex.map(str::to_owned));
    let age = person.and_then(|person| person.birth_date).map(|born| sampled.days_since(born) as f64 / YEAR_DAYS);
    put(&mut fields, "age", age.filter(|age| *age >= 0.0).map(|age| format!("{age:.1}")));
    put(&mut fields, "date_onset", case.onset.map(|day| day.to_string()));
    put(&mut fields, "date_report", Some(zone.day(case.found_at).to_string()));
    put(&mut fields, "date_confirmed", Some(sampled.to_string()));
    let ended = |how: &str| case.closed_on.filter(|_| case.outcome.as_deref() == Some(how)).map(|day| day.to_string());
    put(&mut fields, "date_discharged", ended("recovered"));
    put(&mut fields, "date_death", ended("died"));
    let outcome = case.outcome.as_deref().map(|outcome| match outcome {
        "recovered" => "Recovered",
        "died" => "Died",
        other => other,
    });
    put(&mut fields, "outcome", outcome.map(str::to_owned));
    let class = Some(case.classification).filter(|class| *class != Classification::Awaiting);
    put(&mut fields, "classification", class.map(|class| class.to_string()));
    let severity = Some(case.severity).filter(|severity| *severity != Severity::Unknown);
    put(&mut fields, "severity", severity.map(|severity| severity.to_string()));
    put(&mut fields, "district", Some(case.division.district().to_string()));
    let extra =
        BTreeMap::from([("person".to_owned(), case.person.clone()), ("origin".to_owned(), case.origin.to_string())]);
    Record { fields, extra }
}

/// What a store hands out of its cases and of their contacts.
pub async fn handout(tx: &mut Scoped, zone: &Zone) -> Result<Handout, OpsError> {
    let found = chains::found(tx, zone).await?;
    let numbers: Vec<i64> = found.iter().map(|case| case.person_no).collect();
    let people: HashMap<i64, Resident> =
        tx.people_by_no(&numbers).await?.into_iter().map(|one| (one.no, one)).collect();
    let answers = answered(tx, &found).await?;
    let ids: Vec<&str> = found.iter().map(|case| case.id.as_str()).collect();
    let by_person: HashMap<i64, &str> = found.iter().map(|case| (case.person_no, case.id.as_str())).collect();
    let mut contacts = Vec::new();
    for contact in tx.contacts_of(&ids).await? {
        let mut fields = BTreeMap::new();
        put(&mut fields, "from", Some(contact.case_id));
        let to = by_person.get(&contact.person_no).map_or(contact.person, |case| (*case).to_owned());
        put(&mut fields, "to", Some(to));
        put(&mut fields, "relation", Some(contact.class.to_string()));
        put(&mut fields, "setting", contact.setting);
        let extra = [
            ("first_exposure", contact.first_exposure.to_string()),
            ("last_exposure", contact.last_exposure.to_string()),
            ("tier", contact.tier.to_string()),
            ("source", contact.source),
        ];
        contacts.push(Record { fields, extra: extra.map(|(name, value)| (name.to_owned(), value)).into() });
    }
    let case = |case: &Case| {
        let mut record = record(case, people.get(&case.person_no), zone);
        // the last answer to each question, with the version that was put; answers stand in the order in which they were said
        for said in answers.get(&case.id).into_iter().flatten() {
            record.extra.insert(format!("answer.{}", said.question), said.answer.clone());
            record.extra.insert(format!("answer.{}.version", said.question), said.version.to_string());
            record.extra.insert(format!("answer.{}.by", said.question), said.said_by.clone());
            record.extra.insert(format!("answer.{}.at", said.question), zone.text(said.at));
        }
        record
    };
    Ok(Handout { cases: found.iter().map(case).collect(), contacts })
}

/// Notes that cases and contacts were handed out now, in which form and to what end.
pub async fn note(
    tx: &mut Scoped,
    (zone, now): (&Zone, Instant),
    handout: &Handout,
    form: &str,
    purpose: &str,
) -> Result<(), OpsError> {
    let Some(division) = tx.city().await? else { return Ok(()) };
    let body = json!({
        "form": form, "purpose": purpose, "cases": handout.cases.len(), "contacts": handout.contacts.len(),
    });
    let event = NewEvent {
        at: now,
        actor: BY_RULE.into(),
        kind: "list.handed_out",
        subject: form.to_owned(),
        division,
        body: body.to_string(),
        tells: None,
    };
    tx.chain(zone.day(now), now, &[event]).await?;
    Ok(())
}
