//! Reports of districts: signed once for a day, with the figures of the books at that moment, and corrected by another edition only. What
//! was signed is never changed.

use super::{DeskError, Refusal, Report, Sitting, Verdict, inside, invalid};
use crate::{
    obligations::{done_by_rule, report_id},
    reports::figures,
};
use dayclear_core::{
    divisions::DivisionCode,
    listing::{Cell, REPORTS},
    time::CivilDate,
};
use dayclear_store::obligations::SignedReport;
use serde_json::json;

/// The words of a report; none may be empty.
fn words(at: &Sitting<'_, '_>) -> Result<[String; 3], DeskError> {
    let names = ["situation", "done", "next_steps"];
    for name in names {
        if at.text(name).trim().is_empty() {
            return Err(invalid(name, "", "words of whoever signs", "say it, or say that there is nothing"));
        }
    }
    Ok(names.map(|name| at.text(name).trim().to_owned()))
}

/// The district of whoever acts.
fn district(at: &Sitting<'_, '_>) -> Result<DivisionCode, DeskError> {
    let code = &at.doing.looker.duty.division;
    if code.as_str().len() < 6 {
        return Err(invalid(
            "division",
            code.as_str(),
            "a duty within one district",
            "the officer of the district signs",
        ));
    }
    Ok(code.district())
}

pub(super) async fn sign(at: &mut Sitting<'_, '_>) -> Result<Report, DeskError> {
    let (words, district) = (words(at)?, district(at)?);
    let day = match at.input.get("day") {
        Some(Cell::Day(day)) => *day,
        _ => at.room.day.date,
    };
    if at.tx.day(day).await?.is_none() {
        return Err(invalid("day", day.to_string(), "a day of the books", "choose a day that has begun"));
    }
    if at.tx.reports_of(day).await?.iter().any(|report| report.division == district) {
        let remedy = "correct the edition that stands; a signed report is never changed".to_owned();
        return Err(Refusal::State { is: "signed".to_owned(), remedy }.into());
    }
    edition(at, &district, day, words, (1, None)).await
}

pub(super) async fn correct(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let [key] = keys else {
        return Err(invalid("keys", keys.len().to_string(), "one report", "correct one report after the other"));
    };
    let (words, correction) = (words(at)?, at.text("correction").trim().to_owned());
    if correction.is_empty() {
        return Err(invalid("correction", "", "what is corrected, and why", "say it: both editions stay to be read"));
    }
    let rows = at.tx.records(&REPORTS, keys).await?;
    let row = rows.get(*key).ok_or(Refusal::Unknown)?;
    let (Cell::Day(day), Some(division)) = (row.get(&REPORTS, "day"), row.get(&REPORTS, "division").as_str()) else {
        return Err(Refusal::Unknown.into());
    };
    let district: DivisionCode = division.parse().map_err(inside)?;
    let last = at.tx.reports_of(*day).await?.into_iter().find(|report| report.division == district);
    match last {
        Some(last) if last.id == **key => {
            edition(at, &district, *day, words, (last.edition + 1, Some(correction))).await?;
            Ok(Report::of(vec![((*key).to_owned(), Verdict::Done)]))
        }
        Some(last) => {
            let remedy = format!("correct the latest edition, {}", last.id);
            Err(Refusal::State { is: "corrected already".to_owned(), remedy }.into())
        }
        None => Err(Refusal::Unknown.into()),
    }
}

async fn edition(
    at: &mut Sitting<'_, '_>,
    district: &DivisionCode,
    day: CivilDate,
    words: [String; 3],
    (edition, correction): (i64, Option<String>),
) -> Result<Report, DeskError> {
    let now = at.doing.now;
    let figures = figures(at.tx, district, day, now, at.doing.settings).await?;
    at.for_the_city();
    let obligation = at.tx.obligations_by_id(&[&report_id(district, day)]).await?.into_iter().next();
    // signed after it was asked for, whatever the clocks say
    let now = obligation.as_ref().map_or(now, |obligation| now.max(obligation.opened_at));
    let report = SignedReport {
        id: format!("{district}-{day}-{edition}"),
        division: district.clone(),
        day,
        edition,
        words,
        figures: serde_json::to_string(&figures).map_err(inside)?,
        correction,
        signed: (at.account().to_owned(), now),
        due_at: obligation.as_ref().and_then(|obligation| obligation.due_at),
    };
    at.tx.sign_report(&report).await?;
    let mut minutes = at.minutes();
    let [situation, done, next] = &report.words;
    let body = json!({"day": day, "edition": edition, "situation": situation, "done": done, "next_steps": next,
        "figures": figures, "correction": report.correction});
    let kind = if edition == 1 { "report.signed" } else { "report.corrected" };
    minutes.event(now, kind, &report.id, district, &body, Some("report"))?;
    if let Some(obligation) = obligation.filter(|obligation| obligation.state.is_open()) {
        done_by_rule(at.tx, &mut minutes, obligation, &report.id, at.account(), now).await?;
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::made(report.id))
}
