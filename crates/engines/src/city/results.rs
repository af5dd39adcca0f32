//! Writes what the sampling sites and the laboratories sent: runs of instruments, tubes, members and results.

use super::{
    Out, Sink, boxes,
    chance::{Dice, Draw},
    laboratories::Laboratories,
    layout::Layout,
    person_id,
    screening::{Report, Screening, Tube},
};
use dayclear_core::{
    schema,
    screening::{Finding, Purpose, Version},
};
use std::collections::{BTreeMap, BTreeSet};

/// Somebody with a final positive result of their own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub person: u32,
    pub purpose: Purpose,
    /// Second of the day at which it was known.
    pub at: u32,
}

/// Writes their tables and those of the boxes, and returns whom they show to be positive, in the order of the roster.
pub(super) fn write<S: Sink + ?Sized>(
    layout: &Layout,
    laboratories: &Laboratories,
    screening: &Screening,
    out: &mut Out<'_, S>,
) -> Result<Vec<Found>, S::Error> {
    let bar_codes = BarCode::of(out);
    let bar_code = |tube: &Tube| bar_codes.tube(tube.number);

    runs(laboratories, screening, layout.day_seed, out)?;

    out.table(&schema::TUBES)?;
    screening.each(|tube, _| {
        let code = layout.community_code(tube.community);
        out.cell(bar_code(tube)).cell(code).cell(tube.purpose).cell(tube.size);
        out.cell(format_args!("S{code}-{}", tube.number % 2 + 1)).moment(tube.collected);
        out.cell(tube.laboratory.map_or("", |index| laboratories.id(index)));
        out.moment_or_empty(tube.sent).moment_or_empty(tube.received).row()
    })?;

    out.table(&schema::MEMBERS)?;
    screening.each(|tube, members| {
        let tube_id = bar_code(tube);
        for (index, person) in members.iter().enumerate() {
            out.cell(&tube_id);
            if tube.stranger && index + 1 == members.len() {
                out.summary.strangers += 1;
                out.cell(format_args!("X{:08}", tube.number));
            } else {
                out.cell(person_id(*person));
            }
            out.row()?;
        }
        Ok(())
    })?;

    boxes::write(layout, laboratories, screening, out)?;

    out.table(&schema::RESULTS)?;
    let mut found = Vec::new();
    screening.each(|tube, members| {
        let versions: Vec<&Report> = tube.reports.iter().flatten().collect();
        out.summary.tubes_without_result += u64::from(versions.is_empty());
        for report in &versions {
            let mut dice = Dice::new(layout.day_seed, Draw::Repeated, tube.number);
            // Now and then a laboratory sends the same row twice.
            let copies = if dice.hits(120) { 2 } else { 1 };
            out.summary.repeated += copies - 1;
            for _ in 0..copies {
                let laboratory = tube.laboratory.map_or("", |index| laboratories.id(index));
                out.cell(laboratory).cell(bar_code(tube)).cell(report.version).cell(report.finding);
                match report.ct {
                    Some((n, orf)) => out.cell(Tenths(n)).cell(Tenths(orf)),
                    None => out.empty().empty(),
                };
                let (slot, instrument) = run_of(tube, report);
                out.cell(RunName { laboratory, slot, instrument });
                out.moment(report.at).row()?;
            }
        }
        match (versions.last(), tube.purpose, members) {
            (Some(Report { version: Version::Corrected, .. }), ..) => out.summary.corrected += 1,
            (Some(Report { version: Version::Wrong, .. }), ..) => out.summary.wrong += 1,
            (Some(Report { finding: Finding::Positive, at, .. }), purpose, [person]) if tube.size == 1 => {
                found.push(Found { person: *person, purpose, at: *at });
            }
            _ => {}
        }
        Ok(())
    })?;
    out.summary.positives = found.len() as u64;
    found.sort_by_key(|found| found.person);
    Ok(found)
}

/// Bar codes of a day.
pub(super) struct BarCode {
    /// The day, in six digits.
    pub date: String,
}

impl BarCode {
    pub fn of<S: Sink + ?Sized>(out: &Out<'_, S>) -> Self {
        BarCode { date: out.days[3][2..].split('-').collect() }
    }
    /// The bar code of a tube.
    pub fn tube(&self, number: u64) -> String {
        format!("T{}{number:08}", self.date)
    }
}

/// A run takes the tubes of twenty minutes on one of four instruments.
fn run_of(tube: &Tube, report: &Report) -> (u32, u64) {
    (report.at / SLOT, tube.number % 4 + 1)
}

/// Seconds after which an instrument begins another run, and that a run takes. A result is released at least three hours after the
/// tube was counted in, so a run that ends as its slot begins took tubes that were there.
const SLOT: u32 = 1_200;
const RUN: u32 = 100 * 60;
/// Of 100,000 runs, those whose negative control was found positive, and whose results were released all the same.
const CONTROL_FAILED: u32 = 1_000;

struct RunName<'a> {
    laboratory: &'a str,
    slot: u32,
    instrument: u64,
}

impl std::fmt::Display for RunName<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-R{:02}{}", self.laboratory, self.slot, self.instrument)
    }
}

/// Writes the runs that results name: their lot, their time, a well for each tube, and their controls.
fn runs<S: Sink + ?Sized>(
    laboratories: &Laboratories,
    screening: &Screening,
    seed: u64,
    out: &mut Out<'_, S>,
) -> Result<(), S::Error> {
    let mut wells: BTreeMap<(usize, u32, u64), u64> = BTreeMap::new();
    screening.each(|tube, _| {
        let Some(laboratory) = tube.laboratory else { return Ok(()) };
        let named: BTreeSet<(u32, u64)> = tube.reports.iter().flatten().map(|report| run_of(tube, report)).collect();
        for (slot, instrument) in named {
            *wells.entry((laboratory, slot, instrument)).or_default() += 1;
        }
        Ok(())
    })?;
    out.table(&schema::RUNS)?;
    let month: String = BarCode::of(out).date.chars().take(4).collect();
    for ((laboratory, slot, instrument), wells) in wells {
        let id = laboratories.id(laboratory);
        let index = (laboratory as u64) << 32 | u64::from(slot) << 8 | instrument;
        let failed = Dice::new(seed, Draw::Run, index).hits(CONTROL_FAILED);
        out.cell(id).cell(RunName { laboratory: id, slot, instrument });
        // two instruments are filled from one lot
        out.cell(format_args!("K{month}-{}", laboratory % 5 * 2 + instrument as usize / 3 + 1));
        out.moment(slot * SLOT - RUN).moment(slot * SLOT).cell(wells).cell(Finding::Positive);
        out.cell(if failed { Finding::Positive } else { Finding::Negative }).row()?;
    }
    Ok(())
}

/// Tenths, written with one decimal.
struct Tenths(u32);

impl std::fmt::Display for Tenths {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}
