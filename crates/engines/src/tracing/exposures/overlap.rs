//! Adding up: at one place, the stays of each person are united and cut with the times of each case. It uses one place at
//! a time, so places can be shared between threads, and sorts what it gives.

use super::{Contact, Presence, Search};
use crate::tracing::sharing::by_blocks;
use std::thread;

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

/// The contacts at all places where cases were. `gather` appends the stays of a slot (a superset of those that touch).
pub(super) fn add_up(
    presence: &Presence,
    search: Search,
    gather: impl Fn(usize, &mut Vec<Stay>) + Sync,
) -> Vec<Contact> {
    let blocks = presence.places().min(search.threads.max(1) * BLOCKS_PER_THREAD);
    let found = by_blocks(blocks, search.threads, |block| {
        let (mut stays, mut pieces, mut found) = (Vec::new(), Vec::new(), Vec::new());
        for slot in crate::tracing::sharing::part(presence.places(), blocks, block) {
            stays.clear();
            gather(slot, &mut stays);
            stays.sort_unstable();
            at_place(presence, slot, &stays, search.seconds_min, &mut pieces, &mut found);
        }
        found
    });
    in_order(found, search.threads)
}

/// Contacts in order: dealt out by case first, then the cases are sorted on threads.
fn in_order(found: Vec<Vec<Contact>>, threads: usize) -> Vec<Contact> {
    let cases = found.iter().flatten().map(|contact| contact.case as usize + 1).max().unwrap_or(0);
    let mut starts = vec![0_usize; cases + 1];
    for contact in found.iter().flatten() {
        starts[contact.case as usize + 1] += 1;
    }
    for at in 1..starts.len() {
        starts[at] += starts[at - 1];
    }
    let (mut next, mut contacts) = (starts.clone(), vec![Contact::NONE; starts[cases]]);
    for part in found {
        for contact in part {
            contacts[next[contact.case as usize]] = contact;
            next[contact.case as usize] += 1;
        }
    }
    let share = contacts.len().div_ceil(threads.max(1)).max(1);
    thread::scope(|scope| {
        let (mut rest, mut done) = (contacts.as_mut_slice(), 0);
        while !rest.is_empty() {
            // A share ends where a case ends.
            let wanted = done + share.min(rest.len());
            let end = starts[starts.partition_point(|start| *start < wanted)];
            let (mine, others) = rest.split_at_mut(end - done);
            scope.spawn(|| mine.sort_unstable());
            (rest, done) = (others, end);
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
