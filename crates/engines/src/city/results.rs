//! Writes what the sampling sites and the laboratories sent: tubes, members and results.

use super::{
    Out, Sink,
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

/// Somebody with a final positive result of their own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub person: u32,
    pub purpose: Purpose,
    /// Second of the day at which it was known.
    pub at: u32,
}

/// Writes the three tables, and returns whom they show to be positive, in the order of the roster.
pub(super) fn write<S: Sink + ?Sized>(
    layout: &Layout,
    laboratories: &Laboratories,
    screening: &Screening,
    out: &mut Out<'_, S>,
) -> Result<Vec<Found>, S::Error> {
    let prefix: String = out.days[3][2..].split('-').collect();
    let bar_code = |tube: &Tube| format!("T{prefix}{:08}", tube.number);

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
                // A run takes the tubes of twenty minutes on one of four instruments.
                out.cell(format_args!("{laboratory}-R{:02}{}", report.at / 1_200, tube.number % 4 + 1));
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

/// Tenths, written with one decimal.
struct Tenths(u32);

impl std::fmt::Display for Tenths {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}
