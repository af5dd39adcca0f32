//! How the tubes of the day travelled: what a site filled for one laboratory and sent in one hour lies in boxes of forty, each box
//! goes with a courier run and is counted at both ends, and a tube that the laboratory never counted in was missing when its box was
//! opened. Boxes are put together community by community, so no more than the tubes of one are kept in memory, and of all boxes
//! only what was said as they were handed over.

use super::{Out, Sink, laboratories::Laboratories, layout::Layout, results::BarCode, screening::Screening};
use dayclear_core::{
    custody::{BoxStep, TubeWord},
    schema,
};
use std::collections::BTreeMap;

/// Tubes in a box.
const TUBES_MAX: usize = 40;
/// Boxes sent from here on (20:00) may still be on their way at midnight.
const LATE: u32 = 20 * 3_600;

/// A tube in a box: its number, when it was closed and when it was counted in.
#[derive(Clone, Copy, Debug)]
struct Packed {
    number: u64,
    closed: u32,
    received: Option<u32>,
}

/// A box.
#[derive(Debug)]
struct Box {
    number: u64,
    community: u32,
    site: u64,
    laboratory: usize,
    sent: u32,
    tubes: Vec<Packed>,
}

/// Where tubes wait to be packed: site, laboratory and hour.
type Waiting = BTreeMap<(u64, usize, u32), (u32, Vec<Packed>)>;

/// A box that was handed over, once its tubes are forgotten.
struct Handed {
    number: u64,
    community: u32,
    site: u64,
    laboratory: usize,
    sent: u32,
    received: Option<u32>,
    tubes: usize,
    /// Tubes that were not there when it was opened.
    missing: Vec<u64>,
}

impl Box {
    /// When the laboratory took it over: once its last tube was counted in. One that was sent late and of which some tubes were not
    /// is still on its way.
    fn received(&self) -> Option<u32> {
        let some_late = self.sent >= LATE && self.tubes.iter().any(|tube| tube.received.is_none());
        self.tubes.iter().filter_map(|tube| tube.received).max().filter(|_| !some_late)
    }

    fn handed(&self) -> Handed {
        let received = self.received();
        let missing = self.tubes.iter().filter(|tube| received.is_some() && tube.received.is_none());
        Handed {
            number: self.number,
            community: self.community,
            site: self.site,
            laboratory: self.laboratory,
            sent: self.sent,
            received,
            tubes: self.tubes.len(),
            missing: missing.map(|tube| tube.number).collect(),
        }
    }
}

/// Every box of the day, in one order.
fn each<E>(screening: &Screening, mut visit: impl FnMut(&Box) -> Result<(), E>) -> Result<(), E> {
    let (mut waiting, mut community, mut number) = (Waiting::new(), 0, 0);
    let mut pack = |community: u32, waiting: &mut Waiting| {
        for ((site, laboratory, _), (sent, tubes)) in std::mem::take(waiting) {
            for some in tubes.chunks(TUBES_MAX) {
                number += 1;
                visit(&Box { number, community, site, laboratory, sent, tubes: some.to_vec() })?;
            }
        }
        Ok(())
    };
    screening.each(|tube, _| {
        if tube.community != community {
            pack(community, &mut waiting)?;
            community = tube.community;
        }
        let (Some(laboratory), Some(sent)) = (tube.laboratory, tube.sent) else { return Ok(()) };
        let (last, tubes) = waiting.entry((tube.number % 2 + 1, laboratory, sent / 3_600)).or_default();
        *last = sent.max(*last);
        tubes.push(Packed { number: tube.number, closed: tube.collected, received: tube.received });
        Ok(())
    })?;
    pack(community, &mut waiting)
}

/// Writes what was packed, how boxes were handed over, and what was missing when they were opened.
pub(super) fn write<S: Sink + ?Sized>(
    layout: &Layout,
    laboratories: &Laboratories,
    screening: &Screening,
    out: &mut Out<'_, S>,
) -> Result<(), S::Error> {
    let bar_codes = BarCode::of(out);
    let code = |number: u64| format!("X{}{number:06}", bar_codes.date);
    let site = |community: u32, site: u64| format!("S{}-{site}", layout.community_code(community));
    let mut handed = Vec::new();

    out.table(&schema::PACKINGS)?;
    each(screening, |one| {
        let (code, site) = (code(one.number), site(one.community, one.site));
        for tube in &one.tubes {
            out.cell(&code).cell(bar_codes.tube(tube.number)).moment(tube.closed + 60).cell(&site).row()?;
        }
        handed.push(one.handed());
        Ok(())
    })?;

    out.table(&schema::BOX_MOVES)?;
    for one in &handed {
        let division = layout.community_code(one.community);
        let laboratory = laboratories.id(one.laboratory);
        let run = format!("C{:02}-{}-{laboratory}", one.sent / 3_600, &division[..6]);
        let mut said = |step: BoxStep, at: u32, counted: usize, by: &str| {
            out.cell(code(one.number)).cell(step).moment(at).cell(division).cell(laboratory).cell(&run);
            out.cell(format_args!("courier of run {run}")).cell(counted).cell(by).row()
        };
        said(BoxStep::Sent, one.sent, one.tubes, &site(one.community, one.site))?;
        if let Some(at) = one.received {
            said(BoxStep::Received, at, one.tubes - one.missing.len(), laboratory)?;
        }
    }

    out.table(&schema::BOX_CHECKS)?;
    for one in &handed {
        let (laboratory, Some(opened)) = (laboratories.id(one.laboratory), one.received) else { continue };
        for tube in &one.missing {
            out.cell(code(one.number)).cell(bar_codes.tube(*tube)).cell(TubeWord::Missing).moment(opened);
            out.cell(laboratory).cell(laboratory).row()?;
        }
    }
    Ok(())
}
