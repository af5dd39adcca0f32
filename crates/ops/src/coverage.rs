//! Coverage of rounds, exact at every moment: built from the store once, then kept current by reading what was told since. It
//! may use the store and the engine of coverage. It guarantees that what was told of somebody is looked up anew and never
//! counted up, so the order in which rows came does not matter.

mod ranges;
mod stand;

pub use stand::{Stand, stand};

use crate::OpsError;
use dayclear_core::{
    roster::{KeyGroup, Presence},
    rounds::{Cover, RoundState, Statement, Swab, presence_at},
    time::Instant,
};
use dayclear_engines::coverage::{Bits, Counts, Places, PlacesBuilder, Presences, Sheet};
use dayclear_store::{Scoped, StoreError, coverage::Touched, roster::Resident, rounds::Round};
use ranges::{TUBES_AT_ONCE, in_parts, together};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Range,
};

/// Closed rounds that are kept beside open ones: households that none of them saw are named.
pub const ROUNDS_BEFORE: i64 = 3;
/// People beyond whom everything is read again.
const TOUCHED_MAX: usize = 200_000;
/// People looked up at a time.
const PEOPLE_AT_ONCE: usize = 5_000;

/// A round with its sheet.
#[derive(Debug)]
struct Kept {
    round: Round,
    sheet: Sheet,
    /// Of a round of key places: ordinals of the people of each.
    at: BTreeMap<String, Vec<usize>>,
}

/// Coverage in memory.
#[derive(Debug)]
pub struct Board {
    seq: i64,
    at: Instant,
    places: Places,
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

/// What so many tubes in the hours of a round are to somebody, and whether any has a result.
fn swab_of((tubes, resulted): (u64, bool)) -> Swab {
    match (tubes, resulted) {
        (0, _) => Swab::None,
        (_, false) => Swab::Waiting,
        (_, true) => Swab::Resulted,
    }
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

    /// Everybody and what is known of their presence, without a round.
    async fn people_of_the_city(tx: &mut Scoped, now: Instant) -> Result<Board, OpsError> {
        let seq = tx.coverage_head().await?;
        let mut builder = PlacesBuilder::default();
        let (mut known, mut groups) = (Vec::new(), Vec::new());
        for community in tx.communities().await? {
            for person in tx.roster_of(&community).await? {
                let at = builder
                    .push(person.no, &community, &person.building, &person.household)
                    .ok_or_else(|| OpsError::Inside(format!("the number {} of a person is too large", person.no)))?;
                if person.presence != Presence::Unknown {
                    known.push((at as u32, person.presence));
                }
                groups.extend(person.group.map(|group| (at as u32, group)));
            }
        }
        let places = builder.build();
        let mut presences = Presences::unknown(places.len());
        known.iter().for_each(|(at, presence)| presences.set(*at as usize, *presence));
        let mut sets = vec![Bits::none(places.len()); KeyGroup::ALL.len()];
        groups.iter().for_each(|(at, group)| sets[*group as usize].set(*at as usize, true));
        for (no, presence) in tx.statements_at(now).await? {
            if let Some(at) = places.ordinal(no) {
                // of one person in the order in which they were said, so the last one stays
                presences.set(at, presence);
            }
        }
        let aliases: BTreeMap<i64, i64> = tx.aliases().await?.into_iter().collect();
        let mut board = Board { seq, at: now, places, aliases, presences, groups: sets, rounds: BTreeMap::new() };
        // of people who are one the order in which things were said goes across their ids
        let standing: BTreeSet<i64> = board.aliases.values().copied().collect();
        board.say_again(tx, &standing.into_iter().collect::<Vec<_>>()).await?;
        Ok(board)
    }

    /// Ordinal of a person, or of whoever stands for them.
    fn ordinal(&self, no: i64) -> Option<usize> {
        self.places.ordinal(self.aliases.get(&no).copied().unwrap_or(no))
    }

    /// All numbers of these people, those for whom they stand included.
    fn all_numbers(&self, people: &[i64]) -> Vec<i64> {
        let wanted: BTreeSet<i64> = people.iter().copied().collect();
        let theirs = self.aliases.iter().filter(|(_, stands)| wanted.contains(stands)).map(|(no, _)| *no);
        let mut all: Vec<i64> = if self.aliases.is_empty() { Vec::new() } else { theirs.collect() };
        all.extend(wanted);
        all
    }

    /// Looks up anew what is said of people, and what the roster says of their groups; ordinals of those who have one.
    async fn say_again(&mut self, tx: &mut Scoped, people: &[i64]) -> Result<Vec<usize>, OpsError> {
        let mut said: HashMap<i64, Vec<Statement>> = HashMap::new();
        for (no, statement) in tx.statements_of(&self.all_numbers(people)).await? {
            said.entry(self.aliases.get(&no).copied().unwrap_or(no)).or_default().push(statement);
        }
        let mut placed = Vec::with_capacity(people.len());
        for (no, roster, group) in tx.said_by_roster(people).await? {
            let Some(at) = self.places.ordinal(no) else { continue };
            let mut statements = said.remove(&no).unwrap_or_default();
            statements.sort_by(|a, b| (a.said_at, &a.key).cmp(&(b.said_at, &b.key)));
            self.presences.set(at, presence_at(&statements, roster, self.at));
            for (known, set) in KeyGroup::ALL.iter().zip(&mut self.groups) {
                set.set(at, group == Some(*known));
            }
            placed.push(at);
        }
        Ok(placed)
    }

    /// Reads what was told since, and what has begun or ended to hold. The handle sees the whole city.
    pub async fn look(&mut self, tx: &mut Scoped, now: Instant) -> Result<(), OpsError> {
        let (mut people, mut tubes) = (BTreeSet::new(), Vec::new());
        let mut anew = now < self.at;
        let head = tx.coverage_head().await?;
        if head != self.seq && !anew {
            for (kind, numbers) in tx.coverage_log(self.seq).await? {
                match kind {
                    Touched::Roster => anew = true,
                    Touched::People => people.extend(numbers.into_iter().flatten()),
                    Touched::Tubes => tubes.extend(numbers),
                }
                anew |= people.len() > TOUCHED_MAX;
            }
        }
        // a tube is told of when it comes, with its people and with its result: its people are looked for once
        let mut swabs: Vec<(i64, i64)> = Vec::new();
        for range in together(tubes).into_iter().flat_map(in_parts) {
            anew |= people.len() + swabs.len() > TOUCHED_MAX;
            if anew {
                break;
            }
            swabs.extend(tx.swabs_beside(&range).await?);
        }
        if anew {
            *self = Board::load(tx, now).await?;
            return Ok(());
        }
        people.extend(tx.statements_turning(self.at, now).await?);
        (self.seq, self.at) = (head, now);
        self.follow(tx).await?;
        if !self.aliases.is_empty() {
            // whose swabs lie under several ids is looked up under all of them
            let several: BTreeSet<i64> = self.aliases.iter().flat_map(|(no, stands)| [*no, *stands]).collect();
            people.extend(swabs.iter().map(|(person, _)| *person).filter(|no| several.contains(no)));
        }
        let people = self.known(people);
        for some in people.chunks(PEOPLE_AT_ONCE) {
            let regrouped = self.say_again(tx, some).await?;
            self.look_again(tx, some, &regrouped).await?;
        }
        // of whoever was only swabbed nothing was said, and the roster says what it said
        swabs.retain(|(no, _)| people.binary_search(no).is_err() && self.places.ordinal(*no).is_some());
        self.look_at_swabs(tx, swabs).await
    }

    /// Looks up anew the tubes of people who were swabbed: all the swabs that there are of them.
    async fn look_at_swabs(&mut self, tx: &mut Scoped, mut swabs: Vec<(i64, i64)>) -> Result<(), OpsError> {
        swabs.sort_unstable();
        swabs.dedup();
        let tubes: BTreeSet<i64> = swabs.iter().map(|(_, tube)| *tube).collect();
        let usable = tx.usable_tubes(&tubes.into_iter().collect::<Vec<_>>()).await?;
        for kept in self.rounds.values_mut() {
            let hours = kept.round.plan.from..kept.round.plan.to;
            for theirs in swabs.chunk_by(|one, next| one.0 == next.0) {
                let Some(at) = theirs.first().and_then(|(no, _)| self.places.ordinal(*no)) else { continue };
                let counted =
                    theirs.iter().filter_map(|(_, tube)| usable.get(tube)).filter(|(at, _)| hours.contains(at));
                let taken = counted.fold((0, false), |(tubes, resulted), (_, has)| (tubes + 1, resulted || *has));
                kept.sheet.put(at, taken.0, swab_of(taken));
            }
        }
        Ok(())
    }

    /// Those who stand for these people, as far as they are on the roster; in order.
    fn known(&self, people: BTreeSet<i64>) -> Vec<i64> {
        let stand: BTreeSet<i64> = people.into_iter().map(|no| self.aliases.get(&no).copied().unwrap_or(no)).collect();
        stand.into_iter().filter(|no| self.places.ordinal(*no).is_some()).collect()
    }

    /// Keeps the rounds that are open and those closed last, and lets go of others.
    async fn follow(&mut self, tx: &mut Scoped) -> Result<(), OpsError> {
        let mut wanted = tx.rounds_in(RoundState::Open).await?;
        wanted.extend(tx.rounds_closed_last(ROUNDS_BEFORE).await?);
        let names: BTreeSet<&str> = wanted.iter().map(|round| round.plan.round.as_str()).collect();
        self.rounds.retain(|id, _| names.contains(id.as_str()));
        for round in wanted {
            let same = self.rounds.get(&round.plan.round).is_some_and(|kept| kept.round == round);
            if !same {
                let kept = self.keep(tx, round).await?;
                self.rounds.insert(kept.round.plan.round.clone(), kept);
            }
        }
        Ok(())
    }

    /// A round with its sheet, read from the store.
    async fn keep(&self, tx: &mut Scoped, round: Round) -> Result<Kept, OpsError> {
        let mut sheet = Sheet::new(self.places.len());
        for range in self.placed(tx, &round).await? {
            for at in range {
                sheet.belongs(at, self.grouped(&round, at));
            }
        }
        let mut of: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        if !round.plan.scope.places.is_empty() {
            for (no, place) in tx.people_of_round(&round.plan.round).await? {
                let Some(at) = self.ordinal(no) else { continue };
                sheet.belongs(at, true);
                of.entry(place).or_default().push(at);
            }
        }
        let (from, to) = (round.plan.from, round.plan.to);
        let slices = tx.tubes_between(from, to).await? / TUBES_AT_ONCE + 1;
        let step = (to.micros() - from.micros()).max(1) / slices + 1;
        for slice in 0..slices {
            let low = Instant::from_micros(from.micros() + slice * step);
            let high = Instant::from_micros(from.micros() + (slice + 1) * step).min(to);
            for swab in tx.swabs_between(low, high).await? {
                if let Some(at) = self.ordinal(swab.person_no) {
                    sheet.add(at, swab.resulted);
                }
            }
        }
        Ok(Kept { round, sheet, at: of })
    }

    /// Ordinals in the divisions and areas of a round.
    async fn placed(&self, tx: &mut Scoped, round: &Round) -> Result<Vec<Range<usize>>, StoreError> {
        let scope = &round.plan.scope;
        let mut ranges: Vec<Range<usize>> =
            scope.divisions.iter().map(|code| self.places.division(code.as_str())).collect();
        for area in scope.areas.values() {
            if let Some(household) = area.household.as_deref() {
                let home = tx.people_of_households(&[household]).await?;
                ranges.extend(home.iter().filter_map(|p| self.places.ordinal(p.no)).map(|at| at..at + 1));
                continue;
            }
            match area.unit.as_deref() {
                None => ranges.push(self.places.building(&area.building)),
                Some(unit) => {
                    let numbers = tx.numbers_in_unit(&area.building, Some(unit)).await?;
                    ranges.extend(numbers.iter().filter_map(|no| self.places.ordinal(*no)).map(|at| at..at + 1));
                }
            }
        }
        Ok(ranges)
    }

    fn grouped(&self, round: &Round, at: usize) -> bool {
        let groups = &round.plan.scope.groups;
        groups.is_empty() || groups.iter().any(|group| self.groups[*group as usize].get(at))
    }

    /// Looks the swabs of some people up anew, in every round that is kept; and whether those belong to it whose group was.
    async fn look_again(&mut self, tx: &mut Scoped, people: &[i64], regrouped: &[usize]) -> Result<(), OpsError> {
        let swabs = tx.swabs_of(&self.all_numbers(people)).await?;
        let ids: Vec<String> = self.rounds.keys().cloned().collect();
        for id in ids {
            let Some(mut kept) = self.rounds.remove(&id) else { continue };
            let hours = kept.round.plan.from..kept.round.plan.to;
            let mut taken: HashMap<i64, (u64, bool)> = people.iter().map(|no| (*no, (0, false))).collect();
            for (swab, at) in &swabs {
                if hours.contains(at) {
                    let stands = self.aliases.get(&swab.person_no).copied().unwrap_or(swab.person_no);
                    let entry = taken.entry(stands).or_default();
                    *entry = (entry.0 + 1, entry.1 || swab.resulted);
                }
            }
            for (no, (tubes, resulted)) in taken {
                let Some(at) = self.places.ordinal(no) else { continue };
                kept.sheet.put(at, tubes, swab_of((tubes, resulted)));
            }
            if !kept.round.plan.scope.groups.is_empty() && !regrouped.is_empty() {
                let inside = self.placed(tx, &kept.round).await?;
                for at in regrouped {
                    let placed = inside.iter().any(|range| range.contains(at));
                    kept.sheet.belongs(*at, placed && self.grouped(&kept.round, *at));
                }
            }
            self.rounds.insert(id, kept);
        }
        Ok(())
    }

    /// As of when it is.
    pub fn at(&self) -> Instant {
        self.at
    }

    /// People on the roster.
    pub fn people(&self) -> usize {
        self.places.len()
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
