//! Tell: the bulletin of a closed day, filled from its books. A figure that nobody knows is `None`, never zero; every sum
//! that must hold is checked and printed.

use crate::{OpsError, in_care, minutes::Day};
use dayclear_core::{
    books::{Balance, Worklist},
    bulletin::{BedLine, Bulletin, Check, Flow, Provenance, RouteLine, StockFlow, UnitLine},
    cases::{Classification, Origin, Severity},
    divisions::{DivisionCode, Level},
    small_cells,
    time::CivilDate,
    transfer::{BedState, FacilityKind},
};
use dayclear_store::{Scoped, books::DayRow, cases::Case};
use std::collections::{BTreeMap, HashMap};

/// How a case counts on a day: confirmed, asymptomatic or converted; `None` when it counts on another day.
fn counts(case: &Case, on: CivilDate) -> Option<Classification> {
    if case.converted_on == Some(on) {
        return Some(Classification::Converted);
    }
    (case.counted_on == Some(on)).then_some(match case.classification {
        // counted as asymptomatic on its day, converted on a later one
        Classification::Converted => Classification::Asymptomatic,
        class => class,
    })
}

fn flow(ledger: &[Balance], lists: &[Worklist]) -> Flow {
    ledger.iter().filter(|b| lists.contains(&b.worklist)).fold(Flow::default(), |sum, b| Flow {
        before: sum.before + b.opening,
        begun: sum.begun + b.received,
        ended: sum.ended + b.completed + b.cancelled,
        open: sum.open + b.closing,
        overdue: sum.overdue + b.overdue,
    })
}

/// Fills the bulletin of a day from its books.
pub async fn fill(tx: &mut Scoped, day: &Day<'_>, closed: &DayRow) -> Result<Bulletin, OpsError> {
    let ledger = tx.ledger(day.date).await?;
    // a case that another one of the same person stands for counts on the days on which it was counted, and on no other
    let cases = tx.cases_since(day.date, day.look_back()).await?;
    let divisions = tx.divisions(&[Level::City, Level::District, Level::ReportingUnit]).await?;
    let today: Vec<(&Case, Classification)> =
        cases.iter().filter_map(|case| Some((case, counts(case, day.date)?))).collect();
    let count = |class: &[Classification], keep: &dyn Fn(&Case) -> bool| -> u64 {
        today.iter().filter(|(case, c)| class.contains(c) && keep(case)).count() as u64
    };
    const CONFIRMED: &[Classification] = &[Classification::Confirmed, Classification::Converted];
    const ASYMPTOMATIC: &[Classification] = &[Classification::Asymptomatic];
    let all = |_: &Case| true;
    let confirmed = count(CONFIRMED, &all);
    let asymptomatic = count(ASYMPTOMATIC, &all);
    let converted = count(&[Classification::Converted], &all);
    let mut routes: Vec<RouteLine> = Origin::ALL
        .iter()
        .map(|origin| RouteLine {
            route: Some(*origin),
            confirmed: Some(count(&[Classification::Confirmed], &|case| case.origin == *origin)),
            asymptomatic: Some(count(ASYMPTOMATIC, &|case| case.origin == *origin)),
        })
        .collect();
    routes.push(RouteLine { route: None, confirmed: Some(converted), asymptomatic: None });
    let mut units = Vec::new();
    for division in divisions.iter().filter(|d| d.level != Level::City) {
        // the roster knows addresses by district; which of them lie in a development zone it does not say
        let known = division.level == Level::District;
        let inside = |case: &Case| division.code.contains(&case.division);
        let number = |n: u64| known.then_some(n);
        units.push(UnitLine {
            code: division.code.clone(),
            name: division.name.clone(),
            name_en: division.name_en.clone(),
            confirmed: number(count(CONFIRMED, &inside)),
            asymptomatic: number(count(ASYMPTOMATIC, &inside)),
            awaiting: number(awaiting(&cases, &inside)),
            community: None,
            community_withheld: false,
        });
    }
    // an edition that came before is public: what it withheld does not follow from this one
    let before = tx.bulletin(day.date).await?.map(|before| before.units).unwrap_or_default();
    let hidden = in_the_community(&mut units, &today, &before);
    let sum = |part: &dyn Fn(&UnitLine) -> Option<u64>| units.iter().filter_map(part).sum::<u64>() as i64;
    let testing = tx.testing_figures(day.start, day.end).await?;
    let beds = beds(tx).await?;
    let whole = |n: i64| Some(n.max(0) as u64);
    let community = count(&[Classification::Confirmed, Classification::Asymptomatic], &found_in_the_community);
    let open: Vec<&Case> = cases.iter().filter(|case| case.stands()).collect();
    let severity = |severity| Some(open.iter().filter(|case| case.severity == severity).count() as u64);
    let stock = in_care::settle(tx, day, &cases).await?;
    // by name from bulletin to bulletin; where the one before told nothing, by the day
    let ended = |outcome: &str, flow: fn(&StockFlow) -> u64| {
        let by_name: Option<Vec<u64>> = stock.iter().map(|line| line.flow.as_ref().map(flow)).collect();
        let on_the_day = |c: &&Case| c.closed_on == Some(day.date) && c.outcome.as_deref() == Some(outcome);
        by_name.map_or_else(
            || cases.iter().filter(on_the_day).filter(|case| case.aside.is_none()).count() as u64,
            |by_name| by_name.iter().sum(),
        )
    };
    let by_route = |part: &dyn Fn(&RouteLine) -> Option<u64>| Some(routes.iter().filter_map(part).sum::<u64>() as i64);
    let hops = tx.hops(day.date).await?;
    let books = city_books(&ledger, tx.scope().division());
    let mut checks = vec![
        Check { name: "sum-by-route-confirmed".into(), total: confirmed as i64, parts: by_route(&|r| r.confirmed) },
        Check {
            name: "sum-by-route-asymptomatic".into(),
            total: asymptomatic as i64,
            parts: by_route(&|r| r.asymptomatic),
        },
        Check { name: "sum-by-unit-confirmed".into(), total: confirmed as i64, parts: Some(sum(&|u| u.confirmed)) },
        Check {
            name: "sum-by-unit-asymptomatic".into(),
            total: asymptomatic as i64,
            parts: Some(sum(&|u| u.asymptomatic)),
        },
        Check {
            name: "books-balance".into(),
            // counted line by line, so that a surplus in one division cannot hide a gap in another
            total: ledger.len() as i64,
            parts: Some(ledger.iter().filter(|b| b.balances()).count() as i64),
        },
        Check {
            name: "hops-reconcile".into(),
            total: hops.len() as i64,
            parts: Some(hops.iter().filter(|hop| hop.reconciles()).count() as i64),
        },
    ];
    checks.extend(in_care::checks(&stock, open.len() as u64));
    let told = [
        "day",
        "books",
        "converted",
        "stock",
        "community",
        "awaiting",
        "positivity",
        "turnaround",
        "beds",
        "contacts-declared",
    ];
    let mut notes: Vec<String> = told.iter().map(|note| (*note).to_owned()).collect();
    if divisions.iter().any(|d| d.level == Level::ReportingUnit) {
        notes.push("reporting-units-inside-districts".to_owned());
    }
    if hidden {
        notes.push("small-cells".to_owned());
    }
    Ok(Bulletin {
        date: day.date,
        city: divisions.iter().find(|d| d.level == Level::City).map_or_else(String::new, |d| d.name.clone()),
        city_en: divisions.iter().find(|d| d.level == Level::City).and_then(|d| d.name_en.clone()),
        zone: day.zone.name().map(str::to_owned),
        cutoff: Some(day.end),
        pack: Some(day.pack.label()),
        provenance: Provenance::Books { signature: closed.signature.clone().unwrap_or_default() },
        confirmed: Some(confirmed),
        asymptomatic: Some(asymptomatic),
        converted: Some(converted),
        awaiting: Some(awaiting(&cases, &all)),
        community: Some(community),
        routes,
        units,
        in_care: Some(open.len() as u64),
        severe: severity(Severity::Severe),
        critical: severity(Severity::Critical),
        recovered: Some(ended("recovered", |flow| flow.recovered)),
        died: Some(ended("died", |flow| flow.died)),
        stock,
        beds,
        tubes: whole(testing.tubes),
        sampled: whole(testing.sampled),
        resulted: whole(testing.resulted),
        positive_tubes: whole(testing.positive),
        turnaround_min: testing.turnaround_min.and_then(whole),
        moved: Some(flow(&ledger, &[Worklist::Move])),
        placed: Some(flow(&ledger, &[Worklist::Place])),
        areas: Some(flow(&ledger, &[Worklist::Reopen])),
        orders: Some(flow(&ledger, &[Worklist::Release])),
        requests: Some(flow(&ledger, &[Worklist::Answer])),
        corrections: whole(testing.corrections),
        books,
        checks,
        notes,
    })
}

fn found_in_the_community(case: &Case) -> bool {
    !matches!(case.origin, Origin::AlreadyIsolated | Origin::Entry)
}

/// Says of each district how many of its new infections were found in the community, where no small count can be told from it;
/// whether something is withheld.
fn in_the_community(units: &mut [UnitLine], today: &[(&Case, Classification)], before: &[UnitLine]) -> bool {
    // a converted case was an infection of another day
    let new = |unit: &UnitLine| {
        let mut row: small_cells::Row = [[0; 2]; 2];
        for (case, class) in today.iter().filter(|(case, _)| unit.code.contains(&case.division)) {
            let class = match class {
                Classification::Confirmed => 0,
                Classification::Asymptomatic => 1,
                _ => continue,
            };
            row[class][usize::from(!found_in_the_community(case))] += 1;
        }
        row
    };
    let known = |unit: &&mut UnitLine| unit.confirmed.is_some();
    let counts: Vec<small_cells::Row> = units.iter().filter(|unit| unit.confirmed.is_some()).map(new).collect();
    let was = |unit: &UnitLine| before.iter().any(|other| other.code == unit.code && other.community_withheld);
    let was = units.iter().filter(|unit| unit.confirmed.is_some()).map(was).collect();
    let withheld = small_cells::withhold_beside(&counts, &[was]);
    for ((unit, counts), hide) in units.iter_mut().filter(known).zip(&counts).zip(&withheld) {
        unit.community = (!hide).then_some(counts[0][0] + counts[1][0]);
        unit.community_withheld = *hide;
    }
    withheld.contains(&true)
}

fn awaiting(cases: &[Case], keep: &dyn Fn(&Case) -> bool) -> u64 {
    let waits = |case: &&Case| case.classification == Classification::Awaiting && case.stands() && keep(case);
    cases.iter().filter(waits).count() as u64
}

/// The ledger summed over divisions, in the order of the line.
pub fn city_books(ledger: &[Balance], city: &DivisionCode) -> Vec<Balance> {
    let mut sums: BTreeMap<Worklist, Balance> = BTreeMap::new();
    for b in ledger {
        let sum = sums.entry(b.worklist).or_insert_with(|| Balance::empty(b.worklist, city.clone()));
        sum.opening += b.opening;
        sum.received += b.received;
        sum.completed += b.completed;
        sum.cancelled += b.cancelled;
        sum.closing += b.closing;
        sum.overdue += b.overdue;
    }
    sums.into_values().collect()
}

async fn beds(tx: &mut Scoped) -> Result<Vec<BedLine>, OpsError> {
    let kinds: HashMap<String, FacilityKind> =
        tx.facilities().await?.into_iter().map(|f| (f.facility, f.kind)).collect();
    let mut lines: BTreeMap<FacilityKind, BedLine> = BTreeMap::new();
    for bed in tx.beds().await? {
        let Some(kind) = kinds.get(&bed.facility) else { continue };
        let line = lines.entry(*kind).or_insert(BedLine { kind: *kind, total: 0, occupied: 0, held: 0, free: 0 });
        line.total += 1;
        match bed.state {
            BedState::Occupied => line.occupied += 1,
            BedState::Held => line.held += 1,
            BedState::Free => line.free += 1,
            BedState::Cleaning | BedState::Blocked => {}
        }
    }
    Ok(lines.into_values().collect())
}
