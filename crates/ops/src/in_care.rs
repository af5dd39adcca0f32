//! Who is in care, from bulletin to bulletin: at each close the cases that stand are compared by name with those of which the bulletin
//! before told, so that every one of them is found, is still there, counts as something else or has gone for a reason. It guarantees
//! that a case whose end lies between a signature and midnight is told of on the next day, and not on none.

use crate::{OpsError, minutes::Day};
use dayclear_core::{
    bulletin::{Check, StockFlow, StockLine},
    cases::Classification,
};
use dayclear_store::{
    Scoped,
    cases::Case,
    in_care::{Begins, Came, Changes, Went},
};
use std::collections::{BTreeMap, BTreeSet};

/// The lines of the bulletin, in this order.
const CLASSES: [Classification; 3] =
    [Classification::Awaiting, Classification::Confirmed, Classification::Asymptomatic];

/// As what a case in care counts.
fn class(case: &Case) -> Classification {
    match case.classification {
        Classification::Awaiting | Classification::Withdrawn => Classification::Awaiting,
        Classification::Asymptomatic => Classification::Asymptomatic,
        Classification::Confirmed | Classification::Converted => Classification::Confirmed,
    }
}

/// Why a case that does not stand is not in care any more.
fn gone(case: &Case) -> Went {
    match (&case.aside, case.outcome.as_deref()) {
        (Some(_), _) => Went::SetAside,
        (None, Some("died")) => Went::Died,
        (None, Some(outcome)) if outcome == dayclear_store::cases::WITHDRAWN => Went::Withdrawn,
        // discharged: a case is closed by an outcome, by discharge or by withdrawal, and by nothing else
        (None, _) => Went::Recovered,
    }
}

/// Settles who is in care at the close of a day, and tells by class what it came from. `cases` are those that are open, and some more.
pub(crate) async fn settle(tx: &mut Scoped, day: &Day<'_>, cases: &[Case]) -> Result<Vec<StockLine>, OpsError> {
    let before = tx.day_before(day.date).await?;
    let first = !tx.any_in_care().await?;
    let was = tx.in_care().await?;
    let stands: BTreeMap<&str, &Case> =
        cases.iter().filter(|case| case.stands()).map(|case| (case.id.as_str(), case)).collect();
    // those who went: some of them ended before this day began, after the signature of the last one
    let away: Vec<&str> = was.keys().map(String::as_str).filter(|id| !stands.contains_key(id)).collect();
    let mut ends: Vec<(&str, Went)> = Vec::new();
    let ended = tx.cases_by_id(&away).await?;
    ends.extend(ended.iter().map(|case| (case.id.as_str(), gone(case))));
    let new: Vec<&str> = stands.keys().copied().filter(|id| !was.contains_key(*id)).collect();
    let told: BTreeSet<String> = tx.told_in_care(&new).await?.into_iter().collect();
    let mut begins: Vec<Begins<'_>> = Vec::new();
    for (&id, &case) in &stands {
        let came = match was.get(id) {
            Some(counted) if *counted == class(case) => continue,
            Some(_) => {
                ends.push((id, Went::Reclassified));
                Came::Reclassified
            }
            None if first && before.is_some() => Came::TakenOver,
            None if told.contains(id) => Came::StandsAgain,
            None => Came::Found,
        };
        begins.push(Begins { case_id: id, division: &case.division, class: class(case), came, went: None });
    }
    // found and over between two signatures
    let brief = tx.ended_untold(before.as_ref().map_or(day.date, |before| before.day)).await?;
    let brief: Vec<&str> = brief.iter().map(String::as_str).collect();
    let brief = tx.cases_by_id(&brief).await?;
    begins.extend(brief.iter().map(|case| Begins {
        case_id: &case.id,
        division: &case.division,
        class: class(case),
        came: if first && before.is_some() { Came::TakenOver } else { Came::Found },
        went: Some(gone(case)),
    }));
    tx.end_in_care(&ends, day.date).await?;
    tx.begin_in_care(&begins, day.date).await?;
    let changes = tx.in_care_changes(day.date).await?;
    let printed = match &before {
        Some(before) => tx.bulletin(before.day).await?.map(|bulletin| bulletin.stock).filter(|stock| !stock.is_empty()),
        // before the first day nobody was in care
        None => Some(Vec::new()),
    };
    let line = |class: Classification| {
        let open = stands.values().filter(|case| self::class(case) == class).count() as u64;
        let before = |stock: &Vec<StockLine>| stock.iter().find(|line| line.class == class).map_or(0, |line| line.open);
        StockLine { class, open, flow: printed.as_ref().map(|stock| flow(&changes, class, before(stock))) }
    };
    Ok(CLASSES.into_iter().map(line).collect())
}

fn flow(changes: &Changes, class: Classification, before: u64) -> StockFlow {
    let mut flow = StockFlow { before, ..StockFlow::default() };
    let signed = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    for (came, n) in changes.came.get(&class).into_iter().flatten() {
        match came {
            Came::Found => flow.new += n,
            Came::Reclassified => flow.into += n,
            Came::StandsAgain | Came::TakenOver => flow.other += signed(*n),
        }
    }
    for (went, n) in changes.went.get(&class).into_iter().flatten() {
        match went {
            Went::Reclassified => flow.out_of += n,
            Went::Recovered => flow.recovered += n,
            Went::Died => flow.died += n,
            Went::Withdrawn | Went::SetAside => flow.other -= signed(*n),
        }
    }
    flow
}

/// The sums that the lines must make, each with its parts where they are known.
pub(crate) fn checks(stock: &[StockLine], in_care: u64) -> Vec<Check> {
    let signed = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let mut checks: Vec<Check> = stock
        .iter()
        .map(|line| Check {
            name: line.check().to_owned(),
            total: signed(line.open),
            parts: line.flow.map(|flow| flow.expected()),
        })
        .collect();
    let sum = stock.iter().map(|line| signed(line.open)).sum();
    checks.push(Check { name: "sum-by-class-in-care".to_owned(), total: signed(in_care), parts: Some(sum) });
    checks
}
