//! An index of visits, built once and asked often: visits in the order of their places, and for each person where theirs
//! stand. It costs 16 bytes a visit and 4 a person and place, and a question reads only the places of its cases.

use super::{
    Contact, ExposureError, Presence, Search, Stay, Visits, Window,
    overlap::{Dealt, add_up},
};
use std::thread;

/// Visits by place and by person.
#[derive(Clone, Debug)]
pub struct Index {
    base: i64,
    /// Where the visits of each place begin, and the end.
    place_starts: Vec<u32>,
    person: Vec<u32>,
    from: Vec<u32>,
    to: Vec<u32>,
    /// Where the rows of each person begin, and the end.
    person_starts: Vec<u32>,
    /// Rows of each person.
    rows: Vec<u32>,
}

impl Index {
    /// Builds the index; the columns given are used up one after the other, so the peak is half as much again as the
    /// result. Works on up to three threads.
    pub fn new(visits: Visits, threads: usize) -> Result<Self, ExposureError> {
        let Visits { base, person, place, from, to } = visits;
        if u32::try_from(place.len()).is_err() {
            return Err(ExposureError::TooMany { rows: place.len() });
        }
        let (place_starts, target) = order(place);
        let moved = if threads > 1 {
            thread::scope(|scope| {
                let columns = [person, from, to].map(|column| {
                    let target = &target;
                    scope.spawn(move || scatter(column, target))
                });
                columns.map(|column| column.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            })
        } else {
            [person, from, to].map(|column| scatter(column, &target))
        };
        drop(target);
        let [person, from, to] = moved;
        let (person_starts, rows) = group(&person);
        Ok(Index { base, place_starts, person, from, to, person_starts, rows })
    }

    /// Visits held.
    pub fn len(&self) -> usize {
        self.person.len()
    }
    /// Whether none are held.
    pub fn is_empty(&self) -> bool {
        self.person.is_empty()
    }
    /// Bytes of memory that the index holds.
    pub fn bytes(&self) -> usize {
        let columns = [&self.place_starts, &self.person, &self.from, &self.to, &self.person_starts, &self.rows];
        columns.iter().map(|column| column.capacity() * size_of::<u32>()).sum()
    }

    /// All contacts of the windows, in the order of case, person, place: what [`super::exposures`] gives for the same
    /// visits.
    pub fn contacts(&self, windows: &[Window], search: Search) -> Result<Vec<Contact>, ExposureError> {
        let mut people: Vec<u32> = windows.iter().map(|window| window.person).collect();
        people.sort_unstable();
        people.dedup();
        let own = people.into_iter().flat_map(|person| self.rows_of(person)).map(|&row| {
            let row = row as usize;
            (self.place_of(row), self.stay(row))
        });
        let presence = Presence::new(self.base, windows, own)?;
        Ok(add_up(&presence, search, &Dealt::of(&presence, search), |_, slots, into| {
            for slot in slots {
                let (first, last) = presence.hull(slot);
                let rows = span(&self.place_starts, presence.place(slot));
                let there = rows.map(|row| self.stay(row)).filter(|stay| stay.from < last && stay.to > first);
                into.extend(there.map(|stay| (slot as u32, stay)));
            }
        }))
    }

    fn stay(&self, row: usize) -> Stay {
        Stay { person: self.person[row], from: self.from[row], to: self.to[row] }
    }
    fn rows_of(&self, person: u32) -> &[u32] {
        &self.rows[span(&self.person_starts, person)]
    }
    fn place_of(&self, row: usize) -> u32 {
        (self.place_starts.partition_point(|&start| start as usize <= row) - 1) as u32
    }
}

/// Rows of a number, given where each number begins.
fn span(starts: &[u32], number: u32) -> std::ops::Range<usize> {
    let start = |at: usize| starts.get(at).or(starts.last()).map_or(0, |start| *start as usize);
    start(number as usize)..start((number as usize).saturating_add(1))
}

/// Where each number begins when rows are put in the order of their numbers.
fn starts(numbers: &[u32]) -> Vec<u32> {
    let most = numbers.iter().max().map_or(0, |most| *most as usize + 1);
    let mut starts = vec![0_u32; most + 1];
    for &number in numbers {
        starts[number as usize + 1] += 1;
    }
    for at in 1..starts.len() {
        starts[at] += starts[at - 1];
    }
    starts
}

/// Where each number begins, and to which row each row goes; the column is used up for the answer.
fn order(mut numbers: Vec<u32>) -> (Vec<u32>, Vec<u32>) {
    let starts = starts(&numbers);
    let mut next = starts.clone();
    for number in &mut numbers {
        let target = next[*number as usize];
        next[*number as usize] += 1;
        *number = target;
    }
    (starts, numbers)
}

fn scatter(column: Vec<u32>, target: &[u32]) -> Vec<u32> {
    let mut moved = vec![0; column.len()];
    for (value, &to) in column.into_iter().zip(target) {
        moved[to as usize] = value;
    }
    moved
}

/// Where each number begins, and the rows of each number in their order.
fn group(numbers: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let starts = starts(numbers);
    let mut next = starts.clone();
    let mut rows = vec![0; numbers.len()];
    for (row, &number) in numbers.iter().enumerate() {
        rows[next[number as usize] as usize] = row as u32;
        next[number as usize] += 1;
    }
    (starts, rows)
}
