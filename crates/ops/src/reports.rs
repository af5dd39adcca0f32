//! The report of a district on its day: its figures are read from the books, each with the rows that it comes from; its words are those of
//! the officer who signs it. And the roll-up of the city, in which a district without a report is missing by name. Nothing here is kept
//! but what was signed.

use crate::{OpsError, minutes::Settings};
use dayclear_core::{
    books::Worklist,
    divisions::{DivisionCode, Level},
    time::{CivilDate, Instant},
};
use dayclear_store::{Scoped, obligations::SignedReport};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A figure of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// What is counted: `received`, `completed`, `cancelled`, `open`, `overdue`, or `cases`.
    pub what: String,
    /// Worklist that it is of; none of cases.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worklist: Option<Worklist>,
    /// The figure.
    pub count: i64,
    /// The rows that it comes from, by table and key.
    pub source: String,
}

/// Figures of a district on a day, as of a moment. A day that is closed is told by its ledger, which does not change any more; one that
/// runs by what was posted so far and what is open now.
pub async fn figures(
    tx: &mut Scoped,
    district: &DivisionCode,
    day: CivilDate,
    now: Instant,
    settings: &Settings,
) -> Result<Vec<Figure>, OpsError> {
    let mut figures = Vec::new();
    let zone = &settings.zone;
    let window = (zone.start_of(day), zone.start_of(day.plus_days(1)));
    let cases = tx.found_in_district(district, window).await?;
    figures.push(Figure {
        what: "cases".to_owned(),
        worklist: None,
        count: cases,
        source: format!("cases found_at={day} division={district}"),
    });
    let mut put = |what: &str, worklist: Worklist, count: i64, source: String| {
        if count > 0 {
            figures.push(Figure { what: what.to_owned(), worklist: Some(worklist), count, source });
        }
    };
    let closed = tx.day(day).await?.is_some_and(|row| row.closed_at.is_some());
    if closed {
        for line in tx.ledger(day).await?.into_iter().filter(|line| line.division == *district) {
            let source = format!("ledger {day} {} {district}", line.worklist);
            for (what, n) in [
                ("received", line.received),
                ("completed", line.completed),
                ("cancelled", line.cancelled),
                ("open", line.closing),
                ("overdue", line.overdue),
            ] {
                put(what, line.worklist, n as i64, source.clone());
            }
        }
        return Ok(figures);
    }
    for moved in tx.moved_by_district(day).await?.into_iter().filter(|moved| moved.district == district.as_str()) {
        let source = format!("movements {day} {} {district}", moved.worklist);
        for (what, n) in ["received", "completed", "cancelled"].into_iter().zip(moved.counts) {
            put(what, moved.worklist, n as i64, source.clone());
        }
    }
    for (worklist, open, late) in tx.open_in_district(district, now).await? {
        let source = format!("items {worklist} {district} {}", zone.text(now));
        put("open", worklist, open, source.clone());
        put("overdue", worklist, late, source);
    }
    Ok(figures)
}

/// The figures of a signed report.
pub fn figures_of(report: &SignedReport) -> Vec<Figure> {
    serde_json::from_str(&report.figures).unwrap_or_default()
}

/// Reports of a day, rolled up.
#[derive(Debug, Clone, Default)]
pub struct Rolled {
    /// Latest edition of each, in order of district.
    pub signed: Vec<SignedReport>,
    /// Districts of which nobody signed one.
    pub missing: Vec<DivisionCode>,
    /// Sums of the figures of those that are signed, by what is counted and worklist.
    pub sums: BTreeMap<(String, Option<Worklist>), i64>,
}

/// Rolls the reports of a day up, within the scope of the handle.
pub async fn rolled(tx: &mut Scoped, day: CivilDate) -> Result<Rolled, OpsError> {
    let signed = tx.reports_of(day).await?;
    let districts = tx.divisions(&[Level::District]).await?;
    let within = tx.scope().division().clone();
    let missing = districts
        .into_iter()
        .map(|district| district.code)
        .filter(|code| within.contains(code) && !signed.iter().any(|report| report.division == *code))
        .collect();
    let mut sums: BTreeMap<(String, Option<Worklist>), i64> = BTreeMap::new();
    for figure in signed.iter().flat_map(figures_of) {
        *sums.entry((figure.what, figure.worklist)).or_default() += figure.count;
    }
    Ok(Rolled { signed, missing, sums })
}
