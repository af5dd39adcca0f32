//! Who is called to a site in which slot, and how many samplers stand there: buildings in walking order, by floors where they
//! are known, in equal shares over the hours, with as many places as keep the expected queue below its limit.

use super::{
    plan::{Building, Conditions, RoundRefusal},
    queue::{self, Arrivals},
};

/// A part of a building that is called in one slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Slot, counted over the round.
    pub slot: u32,
    /// Building, by its place in the input.
    pub building: u32,
    /// First and last floor that is called; none = the whole building, or its share at this site.
    pub floors: Option<(u16, u16)>,
    /// People.
    pub people: u32,
}

/// A slot of a round, minutes from its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Begin.
    pub from: i32,
    /// End.
    pub to: i32,
}

/// The slots within the opening hours.
pub(super) fn slots(conditions: &Conditions) -> Result<Vec<Slot>, RoundRefusal> {
    let mut slots = Vec::new();
    let end = (conditions.hours * 60.0) as i32;
    let mut last = 0;
    for (from, to) in &conditions.open {
        if *from < last || *to > end || *to - *from < conditions.slot_min {
            return Err(RoundRefusal::Hours { from: *from, to: *to, end, slot: conditions.slot_min });
        }
        last = *to;
        let count = (to - from) / conditions.slot_min;
        slots.extend(
            (0..count).map(|n| Slot { from: from + n * conditions.slot_min, to: from + (n + 1) * conditions.slot_min }),
        );
    }
    if slots.is_empty() {
        return Err(RoundRefusal::Hours { from: 0, to: 0, end, slot: conditions.slot_min });
    }
    Ok(slots)
}

/// Calls of a site over so many slots, for parts of buildings in walking order.
pub(super) fn call(serves: &[(u32, u32)], buildings: &[Building], slots: usize) -> Vec<Call> {
    let total: u64 = serves.iter().map(|part| u64::from(part.1)).sum();
    let mut calls: Vec<Call> = Vec::new();
    let mut before = 0u64;
    for (at, people) in serves.iter().copied() {
        let building = &buildings[at as usize];
        // a part of a building that has several sites is not told by floors
        let floors = building.floors.filter(|floors| *floors > 0 && people == building.people).map(u32::from);
        let pieces = floors.unwrap_or(1);
        for piece in 0..pieces {
            let count = people / pieces + u32::from(piece < people % pieces);
            if count == 0 {
                continue;
            }
            let middle = 2 * before + u64::from(count);
            before += u64::from(count);
            let slot = ((middle * slots as u64 / (2 * total)) as u32).min(slots as u32 - 1);
            let floor = (piece + 1) as u16;
            match calls.last_mut() {
                Some(last) if last.slot == slot && last.building == at => {
                    last.people += count;
                    if let Some((_, to)) = &mut last.floors {
                        *to = floor;
                    }
                }
                _ => calls.push(Call { slot, building: at, floors: floors.map(|_| (floor, floor)), people: count }),
            }
        }
    }
    calls
}

/// Places (samplers at once) of a site: the fewest with which the expected queue stays within the limit, and the longest wait
/// with them, minutes, with its slot.
pub(super) fn lanes(called: &[u32], service_min: f64, limit_min: f64, arrivals: Arrivals) -> (u32, f64, usize) {
    let people: f64 = called.iter().copied().map(f64::from).sum();
    let least = (people * service_min / (called.len() as f64 * arrivals.slot_min)).ceil().max(1.0) as u32;
    let mut lanes = least;
    loop {
        let (wait, slot) = queue::worst_wait(called, lanes, service_min, arrivals);
        // with a place for everybody of the fullest slot nobody waits, so this ends
        if wait <= limit_min || f64::from(lanes) >= people {
            return (lanes, wait, slot);
        }
        lanes += 1;
    }
}
