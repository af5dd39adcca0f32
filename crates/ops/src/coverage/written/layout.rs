//! What stands where in the file of a board: what it is and whose it is, everybody in their place, what is known of their presence and
//! groups, and the sheets of rounds. It may use the bytes beside it; it guarantees that a board is made only of a file whose sum is right.

use super::{
    super::Board,
    OldBoard, OldSheet, Tie, Unkept,
    bytes::{In, Out},
    digest,
};
use dayclear_core::{
    roster::{KeyGroup, Presence},
    time::Instant,
};
use dayclear_engines::coverage::{Bits, Places, Presences, Sheet};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufReader, BufWriter, Read, Write},
    path::Path,
};

/// How a file begins.
const WHAT: &[u8; 16] = b"dayclear\0coverag";
/// Version of this layout. Whoever changes what stands where, or what it means, raises it.
const VERSION: i64 = 1;
/// Bytes between the program and the disk.
const BUFFER: usize = 1 << 20;

/// The words whose places in their lists say what a set means.
fn words() -> String {
    [Presence::NAMES, KeyGroup::NAMES].map(|names| names.join(",")).join(";")
}

/// Writes a board.
pub(super) fn write(board: &Board, tie: &Tie, to: &mut dyn Write) -> io::Result<u64> {
    let mut out = Out::new(BufWriter::with_capacity(BUFFER, to));
    out.raw(WHAT)?;
    out.whole(VERSION)?;
    out.text(&words())?;
    out.whole(tie.schema)?;
    out.text(&tie.city)?;
    for (number, text) in [&tie.entry, &tie.event] {
        out.whole(*number)?;
        out.text(text)?;
    }
    out.whole(board.at.micros())?;
    let places = &board.places;
    out.numbers(places.numbers())?;
    out.set(places.doors())?;
    out.length(places.communities().count())?;
    for (code, range) in places.communities() {
        out.text(code)?;
        out.length(range.start)?;
    }
    out.length(places.buildings().len())?;
    for (id, range) in places.buildings() {
        out.text(id)?;
        out.length(range.start)?;
        out.length(range.len())?;
    }
    out.length(board.aliases.len())?;
    for (no, stands) in &board.aliases {
        out.whole(*no)?;
        out.whole(*stands)?;
    }
    for set in board.presences.sets().iter().chain(&board.groups) {
        out.set(set)?;
    }
    out.length(board.rounds.len())?;
    for (id, kept) in &board.rounds {
        out.text(id)?;
        out.raw(&digest(&kept.round.plan))?;
        for set in kept.sheet.sets() {
            out.set(set)?;
        }
        out.length(kept.at.len())?;
        for (place, people) in &kept.at {
            out.text(place)?;
            // an ordinal has 32 bits, as a number has
            out.numbers(&people.iter().map(|at| *at as u32).collect::<Vec<_>>())?;
        }
    }
    out.end()
}

/// Whether a file begins as those of boards do.
pub(super) fn is_ours(path: &Path) -> io::Result<bool> {
    let mut begin = [0; WHAT.len()];
    match File::open(path)?.read_exact(&mut begin) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        read => read.map(|()| &begin == WHAT),
    }
}

/// A file of which is known whose it is, and nothing else yet.
pub(super) struct Opened {
    pub(super) tie: Tie,
    from: In<BufReader<File>>,
}

/// Opens a file and reads whose it is.
pub(super) fn open(path: &Path) -> Result<Opened, Unkept> {
    let file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Unkept::Missing,
        _ => Unkept::Unreadable,
    })?;
    let length = file.metadata().map_err(|_| Unkept::Unreadable)?.len();
    let mut from = In::new(BufReader::with_capacity(BUFFER, file), length)?;
    if &from.raw()? != WHAT || from.whole()? != VERSION || from.text()? != words() {
        return Err(Unkept::OtherFormat);
    }
    let (schema, city) = (from.whole()?, from.text()?);
    let (entry, event) = ((from.whole()?, from.text()?), (from.whole()?, from.text()?));
    Ok(Opened { tie: Tie { schema, city, entry, event }, from })
}

impl Opened {
    /// Reads the rest. It takes a while, and waits for the disk.
    pub(super) fn read(self) -> Result<OldBoard, Unkept> {
        let mut from = self.from;
        let at = Instant::from_micros(from.whole()?);
        let numbers = from.numbers()?;
        let people = numbers.len();
        let doors = from.set(people)?;
        let mut communities: Vec<(Box<str>, usize)> = Vec::new();
        for _ in 0..from.length(16)? {
            communities.push((from.text()?.into(), from.length(0)?));
        }
        let mut buildings = BTreeMap::new();
        for _ in 0..from.length(24)? {
            let (id, start, len) = (from.text()?, from.length(0)?, from.length(0)?);
            buildings.insert(id.into(), start..start.checked_add(len).ok_or(Unkept::Damaged)?);
        }
        let mut aliases = BTreeMap::new();
        for _ in 0..from.length(16)? {
            aliases.insert(from.whole()?, from.whole()?);
        }
        let mut sets = |many: usize| (0..many).map(|_| from.set(people)).collect::<Result<Vec<Bits>, Unkept>>();
        let (presences, groups) = (sets(Presence::ALL.len())?, sets(KeyGroup::ALL.len())?);
        let mut sheets = BTreeMap::new();
        for _ in 0..from.length(8)? {
            let (id, plan) = (from.text()?, from.raw()?);
            let sheet = Sheet::of([from.set(people)?, from.set(people)?, from.set(people)?, from.set(people)?]);
            let mut at = BTreeMap::new();
            for _ in 0..from.length(16)? {
                let (place, ordinals) = (from.text()?, from.numbers()?);
                if ordinals.iter().any(|ordinal| *ordinal as usize >= people) {
                    return Err(Unkept::Damaged);
                }
                at.insert(place, ordinals.into_iter().map(|ordinal| ordinal as usize).collect());
            }
            sheets.insert(id, OldSheet { plan, sheet, at });
        }
        from.end()?;
        let places = Places::of(numbers, doors, communities, buildings).ok_or(Unkept::Damaged)?;
        let presences = Presences::of(presences).ok_or(Unkept::Damaged)?;
        Ok(OldBoard { at, places, aliases, presences, groups, sheets })
    }
}
