//! Coverage of rounds, exact at every moment: built from the store once, then kept current by reading what was told since. It
//! may use the store and the engine of coverage. It guarantees that what was told of somebody is looked up anew and never
//! counted up, so the order in which rows came does not matter.

mod look;
mod people;
mod ranges;
mod sheets;
mod stand;
mod written;

pub use stand::{Stand, stand};
pub use written::{Tie, Unkept, beside};

use crate::OpsError;
use dayclear_core::{
    roster::Presence,
    rounds::{Cover, Statement, presence_at},
    time::Instant,
};
use dayclear_engines::coverage::{Bits, Counts, Places, Presences, Sheet};
use dayclear_store::{Scoped, roster::Resident, rounds::Round};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// Closed rounds that are kept beside open ones: households that none of them saw are named.
pub const ROUNDS_BEFORE: i64 = 3;

/// A round with its sheet.
#[derive(Debug, Clone)]
struct Kept {
    round: Round,
    sheet: Sheet,
    /// Of a round of key places: ordinals of the people of each.
    at: BTreeMap<String, Vec<usize>>,
}

/// Coverage in memory. A copy shares what only a change of the roster replaces.
#[derive(Debug, Clone)]
pub struct Board {
    seq: i64,
    at: Instant,
    places: Arc<Places>,
    /// For whom another one stands: what is told of them is told of the other.
    aliases: BTreeMap<i64, i64>,
    presences: Presences,
    groups: Vec<Bits>,
    rounds: BTreeMap<String, Kept>,
}

/// A round as it was counted.
#[derive(Debug)]
pub struct Counted {
    /// The last entry of the log that the counts rest on.
    pub seq: i64,
    /// People by community and state.
    pub communities: Vec<(String, Cover, u64)>,
    /// People and those who were sampled, by building; in a round of key places by place.
    pub buildings: Vec<(String, u64, u64)>,
    /// People by key place and state.
    pub places: Vec<(String, Cover, u64)>,
}

/// Counts a round as of a moment, from the store and nothing else.
pub async fn count_round(tx: &mut Scoped, round: &Round, now: Instant) -> Result<Counted, OpsError> {
    let mut board = Board::people_of_the_city(tx, now).await?;
    let kept = board.keep(tx, round.clone()).await?;
    board.rounds.insert(round.plan.round.clone(), kept);
    let mut counted = Vec::new();
    for (code, counts) in board.communities(&round.plan.round) {
        let some = Cover::ALL.iter().filter(|cover| counts.of(**cover) > 0);
        counted.extend(some.map(|cover| (code.clone(), *cover, counts.of(*cover))));
    }
    let attended = |(id, counts): (String, Counts)| (id, counts.people, counts.sampled());
    let at = board.key_places(&round.plan.round, "");
    let mut places = Vec::new();
    for (place, counts) in &at {
        let some = Cover::ALL.iter().filter(|cover| counts.of(**cover) > 0);
        places.extend(some.map(|cover| (place.clone(), *cover, counts.of(*cover))));
    }
    let visited = if round.plan.scope.places.is_empty() { board.buildings(&round.plan.round, "") } else { at };
    let buildings = visited.into_iter().map(attended).collect();
    Ok(Counted { seq: board.seq, communities: counted, buildings, places })
}

/// Presence of people at a moment: what was said of them, else what the roster says.
pub(crate) async fn presences_at<'p>(
    tx: &mut Scoped,
    people: impl IntoIterator<Item = &'p Resident>,
    at: Instant,
) -> Result<HashMap<i64, Presence>, OpsError> {
    let mut presences: HashMap<i64, Presence> = people.into_iter().map(|person| (person.no, person.presence)).collect();
    let mut numbers: Vec<i64> = presences.keys().copied().collect();
    numbers.sort_unstable();
    let mut said: BTreeMap<i64, Vec<Statement>> = BTreeMap::new();
    for (no, statement) in tx.statements_of(&numbers).await? {
        said.entry(no).or_default().push(statement);
    }
    for (no, statements) in said {
        let roster = presences.get(&no).copied().unwrap_or(Presence::Unknown);
        presences.insert(no, presence_at(&statements, roster, at));
    }
    Ok(presences)
}

/// What a part of a round is counted over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part<'a> {
    /// A division.
    Division(&'a str),
    /// A building.
    Building(&'a str),
}

impl Board {
    /// Reads everything there is. The handle sees the whole city, and one state of the store.
    pub async fn load(tx: &mut Scoped, now: Instant) -> Result<Board, OpsError> {
        let mut board = Board::people_of_the_city(tx, now).await?;
        board.follow(tx).await?;
        Ok(board)
    }

    /// Ordinal of a person, or of whoever stands for them.
    fn ordinal(&self, no: i64) -> Option<usize> {
        self.places.ordinal(self.aliases.get(&no).copied().unwrap_or(no))
    }

    /// As of when it is.
    pub fn at(&self) -> Instant {
        self.at
    }

    /// People on the roster.
    pub fn people(&self) -> usize {
        self.places.len()
    }

    /// The last entry of the log that it rests on.
    pub fn seq(&self) -> i64 {
        self.seq
    }

    /// In what it says something else than another board of the same moment, which should be the same: for tests, and for whoever
    /// compares a board that followed with one that was read whole.
    pub fn difference(&self, other: &Board) -> Option<String> {
        if !self.places.numbers().iter().eq(other.places.numbers()) {
            let (mine, theirs) = (self.places.numbers(), other.places.numbers());
            let at =
                mine.iter().zip(theirs).position(|(one, other)| one != other).unwrap_or(mine.len().min(theirs.len()));
            return Some(format!("people of {} and {}, from place {at}", mine.len(), theirs.len()));
        }
        if self.places.doors() != other.places.doors() {
            return Some("doors".to_owned());
        }
        if !self.places.communities().eq(other.places.communities()) {
            return Some("communities".to_owned());
        }
        if !self.places.buildings().eq(other.places.buildings()) {
            return Some("buildings".to_owned());
        }
        if self.aliases != other.aliases {
            return Some("who stands for whom".to_owned());
        }
        if self.presences != other.presences {
            return Some("presences".to_owned());
        }
        if self.groups != other.groups {
            return Some("key groups".to_owned());
        }
        if !self.rounds.keys().eq(other.rounds.keys()) {
            return Some("rounds".to_owned());
        }
        let unlike =
            |(one, other): (&Kept, &Kept)| one.round != other.round || one.sheet != other.sheet || one.at != other.at;
        let id = self.rounds.iter().zip(other.rounds.values()).find(|((_, one), other)| unlike((one, other)));
        id.map(|((id, _), _)| format!("the sheet of round {id}"))
    }

    /// Rounds that are kept.
    pub fn rounds(&self) -> impl Iterator<Item = &Round> {
        self.rounds.values().map(|kept| &kept.round)
    }

    /// Counts of a round over a part of the city. A round that is not kept has none.
    pub fn counts(&self, round: &str, part: &Part<'_>) -> Option<Counts> {
        let kept = self.rounds.get(round)?;
        let range = match part {
            Part::Division(code) => self.places.division(code),
            Part::Building(id) => self.places.building(id),
        };
        Some(kept.sheet.counts(&self.presences, range))
    }

    /// Counts of a round by community, in order; communities without anybody of the round are left out.
    pub fn communities(&self, round: &str) -> Vec<(String, Counts)> {
        let Some(kept) = self.rounds.get(round) else { return Vec::new() };
        let counted =
            self.places.communities().map(|(code, range)| (code.to_owned(), kept.sheet.counts(&self.presences, range)));
        counted.filter(|(_, counts)| counts.people > 0).collect()
    }

    /// Counts of a round by building of a division, in the order of the walk; those without anybody of the round are left out.
    pub fn buildings(&self, round: &str, division: &str) -> Vec<(String, Counts)> {
        let Some(kept) = self.rounds.get(round) else { return Vec::new() };
        let all = self.places.buildings_in(&self.places.division(division)).into_iter();
        let counted = all.map(|(id, range)| (id.to_owned(), kept.sheet.counts(&self.presences, range)));
        counted.filter(|(_, counts)| counts.people > 0).collect()
    }

    /// Counts of a round by key place that stands in a division, in order: of everybody of the place, wherever they live.
    pub fn key_places(&self, round: &str, division: &str) -> Vec<(String, Counts)> {
        let Some(kept) = self.rounds.get(round) else { return Vec::new() };
        let here = kept.round.plan.scope.places.iter().filter(|(_, code)| code.as_str().starts_with(division));
        let count = |place: &String| {
            let mut counts = Counts::default();
            for at in kept.at.get(place).into_iter().flatten() {
                counts.add(&kept.sheet.counts(&self.presences, *at..at + 1));
            }
            (place.clone(), counts)
        };
        here.map(|(place, _)| count(place)).filter(|(_, counts)| counts.people > 0).collect()
    }

    /// Doors in a division, and those behind which nobody was sampled in any of the rounds that are kept.
    pub fn unseen(&self, division: &str) -> (u64, u64) {
        let seen: Vec<&Bits> = self.rounds.values().map(|kept| kept.sheet.sampled()).collect();
        self.places.unseen(self.places.division(division), &seen)
    }

    /// Where a round stands with one person, by number.
    pub fn cover_of(&self, round: &str, no: i64) -> Option<Cover> {
        self.rounds.get(round)?.sheet.cover(&self.presences, self.ordinal(no)?)
    }
}
