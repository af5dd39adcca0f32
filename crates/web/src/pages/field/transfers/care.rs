//! The record of somebody's care as it is printed: the hand-over to a place outside the city, the summary of a stay, or how it stands. For
//! duties that read the daily records of this person in plain sight; for everybody else it does not exist. It may use `ops::care`.

use crate::{
    app::App,
    pages::{
        field::rows::{self, Of},
        frame::Visit,
        printed::printed_page,
    },
    problem::Problem,
};
use axum::{
    extract::{Path, Query as Parameters, State},
    response::Response,
};
use dayclear_core::{
    access::{Class, Role, Sight},
    cases::Severity,
    listing::{ASSESSMENTS, PEOPLE, Row, TRANSFERS},
    measures::OrderKind,
    roster::Sex,
    transfer::{OutsideWord, TransferState},
};
use dayclear_ops::{care, day::pack_for};
use dayclear_papers::{Lang, Words, care as paper};
use std::sync::Arc;

/// Daily records on one paper at most, the latest of them: three a day for two months.
const DAYS_MAX: &str = "180";

/// Whether the record of this person's care exists for whoever looks.
pub(super) fn readable(visit: &Visit, person: &str) -> bool {
    let looker = &visit.caller.looker;
    matches!(looker.duty.role, Role::DistrictCommand | Role::Facility)
        && ASSESSMENTS.readable_by(looker.duty.role)
        && looker.shown(Class::Sensitive, Some(person)) == Sight::Plain
}

/// Where it is.
pub(super) fn path(key: &str) -> String {
    format!("{}/paper", super::path(key))
}

/// `GET /transfers/KEY/paper?lang=`.
pub(super) async fn printed(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(key): Path<String>,
    Parameters(given): Parameters<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let mut tx = rows::look(&app, &visit).await?;
    let row = tx.one(&TRANSFERS, &key).await?;
    let of = Of { listing: &TRANSFERS, row: &row };
    let person = of.text("person").unwrap_or_default().to_owned();
    if !readable(&visit, &person) {
        return Err(Problem::unknown());
    }
    let records = tx.all(&ASSESSMENTS, &[("person", &person), ("limit", DAYS_MAX)]).await?;
    let known = tx.by_key(&PEOPLE, &[&person]).await?;
    let names = super::names(&mut tx).await?;
    let heard = tx.said_outside(&[&key]).await?;
    tx.finish().await?;
    let now = app.now();
    let today = app.zone().day(now);
    // who lies here may live in any district: the transfer was looked up by the duty, what belongs to it is read for the whole city
    let mut all = app.store().look(&app.own_scope()).await?;
    let care = care::known(&mut all, &key, today, now).await?.ok_or_else(Problem::unknown)?;
    drop(all);
    let tag = given.iter().find(|(name, _)| name == "lang");
    let lang: Lang = tag.and_then(|(_, tag)| tag.parse().ok()).unwrap_or(visit.frame.lang);
    let words = Words::of(lang);
    let place = |id: &Option<String>| {
        let id = id.as_deref().unwrap_or_default();
        names.get(id).map_or_else(|| id.to_owned(), Clone::clone)
    };
    let last = heard.iter().rev().find(|word| word.word != OutsideWord::Received);
    let taken_by = last.filter(|word| word.word == OutsideWord::Confirmed).map(|word| (word.who.clone(), word.at));
    let transfer = &care.transfer;
    let purpose = match (&transfer.outside, transfer.state, transfer.ended_at) {
        (_, TransferState::Admitted, Some(left_at)) => paper::Purpose::Stay { left_at },
        (Some(_), ..) => paper::Purpose::HandOver { to: place(&transfer.facility), taken_by },
        (None, ..) => paper::Purpose::SoFar,
    };
    let since = care.case.as_ref().map_or(transfer.requested_at, |case| case.sampled_at);
    let mut days: Vec<paper::Daily> = records.iter().filter_map(daily).filter(|day| day.at >= since).collect();
    days.sort_by_key(|day| day.at);
    let severity = days.last().map(|day| day.severity);
    let pack = pack_for(&app.setup.packs, &app.setup.pack, today)?;
    let district = app.place_name(transfer.division.as_str().get(..6).unwrap_or_default(), lang);
    let on_roster = known.get(&person).map(|row| Of { listing: &PEOPLE, row });
    let record = paper::Record {
        purpose,
        number: key.clone(),
        at: now,
        body: format!("{} · {district}", app.setup.settings.body),
        disease: pack.disease.clone(),
        name: of.shown("name").unwrap_or(&person).to_owned(),
        sex: care.person.as_ref().map_or(Sex::Unknown, |person| person.sex),
        born: care.person.as_ref().and_then(|person| person.birth_date),
        phone: on_roster.and_then(|of| of.text("phone")).unwrap_or_default().to_owned(),
        needs: care.person.iter().flat_map(|person| &person.needs).map(|need| words.term(*need)).collect(),
        case: care.case.as_ref().map(|case| paper::Illness {
            found_at: case.found_at,
            onset: case.onset,
            class: case.classification,
            severity: severity.unwrap_or(case.severity),
        }),
        stays: care
            .stays
            .iter()
            .filter_map(|stay| {
                Some(paper::Place {
                    name: place(&stay.facility),
                    bed: stay.bed.clone().unwrap_or_default(),
                    from: stay.admitted_at?,
                    until: stay.ended_at,
                })
            })
            .collect(),
        days,
        tests: care
            .tests
            .iter()
            .map(|test| paper::Test { at: test.collected_at, size: test.size, finding: test.finding, ct: test.ct })
            .collect(),
        after: care
            .orders
            .iter()
            .filter(|order| order.kind != OrderKind::SymptomWatch)
            .map(|order| paper::After {
                kind: order.kind,
                days: (order.from_day, order.until_day),
                tests: order.test_days.iter().copied().filter(|day| *day >= today).collect(),
            })
            .collect(),
        person,
    };
    Ok(printed_page(paper::page(lang, &record, app.office()).map_err(Problem::inside)?))
}

/// A daily record; none without the moment it is of.
fn daily(row: &Row) -> Option<paper::Daily> {
    let of = Of { listing: &ASSESSMENTS, row };
    let symptoms = of.text("symptoms").unwrap_or_default();
    Some(paper::Daily {
        at: of.moment("at")?,
        severity: of.text("severity").and_then(|name| name.parse().ok()).unwrap_or(Severity::Unknown),
        temperature: of.real("temperature"),
        oxygen: of.whole("oxygen"),
        symptoms: symptoms.split(';').filter(|code| !code.is_empty()).map(str::to_owned).collect(),
    })
}
