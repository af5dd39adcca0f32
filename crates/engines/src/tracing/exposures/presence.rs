//! Where cases were and when: their own visits, cut to their windows and united. It is what the search is filtered by:
//! whatever touches none of these places and times changes nothing. It uses sorted columns only, so it is the same for
//! the same input in any order.

use super::{Bits, ExposureError, OPEN, Stay, Window};

/// A time at a place during which a case was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub from: u32,
    pub to: u32,
    /// Latest end of this span and of all before it at the place.
    pub reach: u32,
    pub case: u32,
}

/// Where and when the cases were. Places are found by slots, in the order of their numbers.
#[derive(Clone, Debug, Default)]
pub struct Presence {
    base: i64,
    marked: Bits,
    /// Places marked before each word of the marks.
    ranks: Vec<u32>,
    places: Vec<u32>,
    offsets: Vec<usize>,
    spans: Vec<Span>,
    /// Who is whose case: (case, person), sorted.
    own: Vec<(u32, u32)>,
}

impl Presence {
    /// From the windows and from the visits of the people in them; visits of others are passed over.
    pub(super) fn new(
        base: i64,
        windows: &[Window],
        visits: impl Iterator<Item = (u32, Stay)>,
    ) -> Result<Self, ExposureError> {
        let mut by_person = Vec::with_capacity(windows.len());
        let mut own = Vec::with_capacity(windows.len());
        for &Window { case, person, from, to } in windows {
            let held = base..=base.saturating_add(i64::from(OPEN - 1));
            if from < to && !(held.contains(&from) && held.contains(&to)) {
                return Err(ExposureError::WindowOutside { case, from, to, base });
            }
            own.push((case, person));
            if from < to {
                by_person.push((person, case, (from - base) as u32, (to - base) as u32));
            }
        }
        by_person.sort_unstable();
        own.sort_unstable();
        own.dedup();

        let mut pieces = Vec::new();
        for (place, stay) in visits {
            let first = by_person.partition_point(|window| window.0 < stay.person);
            for &(_, case, from, to) in by_person[first..].iter().take_while(|window| window.0 == stay.person) {
                let (from, to) = (from.max(stay.from), to.min(stay.to));
                if from < to {
                    pieces.push((place, case, from, to));
                }
            }
        }
        pieces.sort_unstable();
        let mut united: Vec<(u32, u32, u32, u32)> = Vec::with_capacity(pieces.len());
        for piece in pieces {
            match united.last_mut() {
                Some(last) if (last.0, last.1) == (piece.0, piece.1) && piece.2 <= last.3 => {
                    last.3 = last.3.max(piece.3)
                }
                _ => united.push(piece),
            }
        }
        united.sort_unstable_by_key(|&(place, case, from, to)| (place, from, to, case));

        let mut presence = Presence { base, own, offsets: vec![0], ..Presence::default() };
        for (place, case, from, to) in united {
            let mut reach = to;
            if presence.places.last() == Some(&place) {
                reach = reach.max(presence.spans.last().map_or(0, |span| span.reach));
            } else {
                presence.places.push(place);
                presence.marked.set(place);
                presence.offsets.push(presence.spans.len());
            }
            presence.spans.push(Span { from, to, reach, case });
            if let Some(end) = presence.offsets.last_mut() {
                *end = presence.spans.len();
            }
        }
        presence.ranks = presence.marked.ranks();
        Ok(presence)
    }

    /// From the windows and from the visits of the people in them, which may stand among those of others.
    pub fn of(visits: &super::Visits, windows: &[Window]) -> Result<Self, ExposureError> {
        Presence::new(visits.base, windows, (0..visits.len()).map(|row| (visits.place[row], visits.stay(row))))
    }

    /// Whether a visit of anybody would share a second with a case there: what does not can be left out of a search.
    pub fn touched_by(&self, place: u32, from: i64, to: Option<i64>) -> bool {
        let seconds = |at: i64| at.saturating_sub(self.base).clamp(0, i64::from(OPEN - 1)) as u32;
        self.slot(place).is_some_and(|slot| self.touches(slot, seconds(from), to.map_or(OPEN, seconds)))
    }

    /// Places at which cases were.
    pub(super) fn places(&self) -> usize {
        self.places.len()
    }
    pub(super) fn place(&self, slot: usize) -> u32 {
        self.places[slot]
    }
    pub(super) fn base(&self) -> i64 {
        self.base
    }
    /// The slot of a place, if a case was there.
    #[inline]
    pub(super) fn slot(&self, place: u32) -> Option<usize> {
        self.marked.rank(place, &self.ranks)
    }
    /// Spans at a slot, by their start.
    pub(super) fn spans(&self, slot: usize) -> &[Span] {
        &self.spans[self.offsets[slot]..self.offsets[slot + 1]]
    }
    /// First and last moment at which a case was at a slot.
    pub(super) fn hull(&self, slot: usize) -> (u32, u32) {
        let spans = self.spans(slot);
        (spans.first().map_or(0, |span| span.from), spans.last().map_or(0, |span| span.reach))
    }
    /// Whether a stay shares a second with a case at a slot.
    #[inline]
    pub(super) fn touches(&self, slot: usize, from: u32, to: u32) -> bool {
        let spans = self.spans(slot);
        let before = spans.partition_point(|span| span.from < to);
        from < to && before > 0 && spans[before - 1].reach > from
    }
    /// Whether a person is the case.
    pub(super) fn is_own(&self, case: u32, person: u32) -> bool {
        self.own.binary_search(&(case, person)).is_ok()
    }
}
