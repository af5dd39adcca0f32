//! Adding up: at one place, the stays of each person are united and cut with the times of each case. It uses one place at
//! a time, so places can be shared between threads, and sorts what it gives.

use super::{Contact, Presence, Search};
use crate::tracing::sharing::{by_blocks, part};
use std::{ops::Range, thread};

/// A stay of a person at a place that is known beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stay {
    /// Number of the person.
    pub person: u32,
    /// First second after the base.
    pub from: u32,
    /// End; the largest number is still there.
    pub to: u32,
}

/// A piece of time that a person shared with a case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Piece {
    case: u32,
    from: u32,
    to: u32,
}

/// Blocks of places for each thread: enough that one large venue does not leave the others waiting.
const BLOCKS_PER_THREAD: usize = 64;

/// The places where cases were, cut into blocks that are added up one by one.
pub(super) struct Dealt {
    pub blocks: usize,
    of: Vec<u32>,
}

impl Dealt {
    pub fn of(presence: &Presence, search: Search) -> Dealt {
        let blocks = presence.places().min(search.threads.max(1) * BLOCKS_PER_THREAD);
        let mut of = Vec::with_capacity(presence.places());
        (0..blocks).for_each(|block| of.resize(part(presence.places(), blocks, block).end, block as u32));
        Dealt { blocks, of }
    }
    /// The block of a slot.
    #[inline]
    pub fn block_of(&self, slot: usize) -> usize {
        self.of[slot] as usize
    }
}

/// The contacts at all places where cases were. `gather` appends the stays of a block of slots, in any order, each with its slot (a superset
/// of those that touch).
pub(super) fn add_up(
    presence: &Presence,
    search: Search,
    dealt: &Dealt,
    gather: impl Fn(usize, Range<usize>, &mut Vec<(u32, Stay)>) + Sync,
) -> Vec<Contact> {
    let found = by_blocks(dealt.blocks, search.threads, |block| {
        let slots = part(presence.places(), dealt.blocks, block);
        let (mut rows, mut pieces, mut found) = (Vec::new(), Vec::new(), Vec::new());
        gather(block, slots.clone(), &mut rows);
        let (starts, mut stays) = by_slot(&slots, &rows);
        drop(rows);
        for slot in slots.clone() {
            let own = &mut stays[starts[slot - slots.start]..starts[slot - slots.start + 1]];
            own.sort_unstable();
            at_place(presence, slot, own, search.seconds_min, &mut pieces, &mut found);
        }
        found
    });
    in_order(&found, search.threads)
}

/// Stays in the order of their slots, and where each slot begins.
fn by_slot(slots: &Range<usize>, rows: &[(u32, Stay)]) -> (Vec<usize>, Vec<Stay>) {
    let mut starts = vec![0_usize; slots.len() + 1];
    for (slot, _) in rows {
        starts[*slot as usize - slots.start + 1] += 1;
    }
    (1..starts.len()).for_each(|at| starts[at] += starts[at - 1]);
    let (mut next, mut stays) = (starts.clone(), vec![Stay::default(); rows.len()]);
    for (slot, stay) in rows {
        let at = &mut next[*slot as usize - slots.start];
        stays[*at] = *stay;
        *at += 1;
    }
    (starts, stays)
}

/// Contacts in order. Each thread takes a range of cases: it counts theirs, deals them out by case, and sorts each case.
fn in_order(found: &[Vec<Contact>], threads: usize) -> Vec<Contact> {
    let cases = found.iter().flatten().map(|contact| contact.case as usize + 1).max().unwrap_or(0);
    let ranges = threads.clamp(1, cases.max(1));
    let of = |range: &Range<usize>| {
        let range = range.clone();
        found.iter().flatten().filter(move |contact| range.contains(&(contact.case as usize)))
    };
    let counted = by_blocks(ranges, threads, |block| {
        let range = part(cases, ranges, block);
        let mut starts = vec![0_usize; range.len() + 1];
        of(&range).for_each(|contact| starts[contact.case as usize - range.start + 1] += 1);
        (1..starts.len()).for_each(|at| starts[at] += starts[at - 1]);
        (range, starts)
    });
    let all = counted.iter().map(|(_, starts)| starts[starts.len() - 1]).sum();
    let mut contacts = vec![Contact::NONE; all];
    thread::scope(|scope| {
        let mut rest = contacts.as_mut_slice();
        for (range, starts) in &counted {
            let (mine, others) = rest.split_at_mut(starts[starts.len() - 1]);
            rest = others;
            scope.spawn(move || {
                let mut next = starts.clone();
                for contact in of(range) {
                    let at = &mut next[contact.case as usize - range.start];
                    mine[*at] = *contact;
                    *at += 1;
                }
                starts.windows(2).for_each(|ends| mine[ends[0]..ends[1]].sort_unstable());
            });
        }
    });
    contacts
}

/// The contacts at one place. Stays are sorted by person and start.
fn at_place(
    presence: &Presence,
    slot: usize,
    stays: &[Stay],
    seconds_min: u32,
    pieces: &mut Vec<Piece>,
    found: &mut Vec<Contact>,
) {
    let spans = presence.spans(slot);
    for own in stays.chunk_by(|a, b| a.person == b.person) {
        pieces.clear();
        let mut at = 0;
        while at < own.len() {
            let (from, mut to) = (own[at].from, own[at].to);
            at += 1;
            while at < own.len() && own[at].from <= to {
                to = to.max(own[at].to);
                at += 1;
            }
            let before = spans.partition_point(|span| span.from < to);
            for span in spans[..before].iter().rev().take_while(|span| span.reach > from) {
                if span.to > from {
                    pieces.push(Piece { case: span.case, from: span.from.max(from), to: span.to.min(to) });
                }
            }
        }
        pieces.sort_unstable();
        for pieces in pieces.chunk_by(|a, b| a.case == b.case) {
            // Both sides were united, so no two pieces share a second, and the last ends last.
            let seconds: u32 = pieces.iter().map(|piece| piece.to - piece.from).sum();
            let (case, person) = (pieces[0].case, own[0].person);
            if seconds >= seconds_min && !presence.is_own(case, person) {
                let moment = |seconds: u32| presence.base() + i64::from(seconds);
                found.push(Contact {
                    case,
                    person,
                    place: presence.place(slot),
                    first: moment(pieces[0].from),
                    last: moment(pieces[pieces.len() - 1].to),
                    seconds,
                });
            }
        }
    }
}
