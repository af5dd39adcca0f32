//! Everybody in their place, read from the store: the whole city, or only the communities of which it was told that people were placed
//! anew. It may use the board and the store; it guarantees that whoever stays takes along what the board says of them, and that a board
//! whose places cannot be brought together with what was told is not used.

use super::Board;
use crate::OpsError;
use dayclear_core::{
    roster::{KeyGroup, Presence},
    rounds::{Statement, presence_at},
    time::Instant,
};
use dayclear_engines::coverage::{Bits, Places, PlacesBuilder, Presences};
use dayclear_store::{Scoped, coverage::Placed};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

/// People of some communities in their places; of each it is said where they stand and what the roster says.
async fn places_of(
    tx: &mut Scoped,
    communities: impl IntoIterator<Item = &String>,
    mut each: impl FnMut(u32, &Placed),
) -> Result<Places, OpsError> {
    let mut builder = PlacesBuilder::default();
    for community in communities {
        for (building, people) in tx.roster_of(community).await? {
            for person in &people {
                let at = builder
                    .push(person.no, community, &building, person.door)
                    .ok_or_else(|| OpsError::Inside(format!("the number {} of a person is too large", person.no)))?;
                each(at as u32, person);
            }
        }
    }
    Ok(builder.build())
}

impl Board {
    /// Everybody and what is known of their presence, without a round.
    pub(super) async fn people_of_the_city(tx: &mut Scoped, now: Instant) -> Result<Board, OpsError> {
        let seq = tx.coverage_head().await?;
        let communities = tx.communities().await?;
        let (mut known, mut groups) = (Vec::new(), Vec::new());
        let places = places_of(tx, &communities, |at, person| {
            if person.presence != Presence::Unknown {
                known.push((at, person.presence));
            }
            groups.extend(person.group.map(|group| (at, group)));
        })
        .await?;
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
        let places = Arc::new(places);
        let mut board = Board { seq, at: now, places, aliases, presences, groups: sets, rounds: BTreeMap::new() };
        // of people who are one the order in which things were said goes across their ids
        let standing: BTreeSet<i64> = board.aliases.values().copied().collect();
        board.say_again(tx, &standing.into_iter().collect::<Vec<_>>()).await?;
        Ok(board)
    }

    /// Reads the people of some communities anew. Numbers of those who were on no roster before: nothing is known of them yet. `None`: more
    /// was touched than these communities. Whom rounds are for has to be found anew after this.
    pub(super) async fn place_anew(
        &mut self,
        tx: &mut Scoped,
        communities: &BTreeSet<String>,
    ) -> Result<Option<Vec<i64>>, OpsError> {
        let part = places_of(tx, communities, |_, _| {}).await?;
        let Some(moved) = self.places.placed_anew(communities, &part) else { return Ok(None) };
        let people = moved.places.len();
        self.presences = self.presences.moved(&moved.runs, people);
        for set in &mut self.groups {
            *set = set.moved(&moved.runs, people);
        }
        for kept in self.rounds.values_mut() {
            kept.sheet = kept.sheet.moved(&moved.runs, people);
        }
        let fresh = moved.fresh.iter().filter_map(|at| moved.places.number(*at)).collect();
        self.places = Arc::new(moved.places);
        Ok(Some(fresh))
    }

    /// Reads anew who stands for whom. Numbers of those of whom that has changed, and of those who stand or stood for them.
    pub(super) async fn read_aliases(&mut self, tx: &mut Scoped) -> Result<BTreeSet<i64>, OpsError> {
        let before = std::mem::replace(&mut self.aliases, tx.aliases().await?.into_iter().collect());
        let numbers: BTreeSet<i64> = before.keys().chain(self.aliases.keys()).copied().collect();
        let mut changed = BTreeSet::new();
        for no in numbers {
            let (was, is) = (before.get(&no), self.aliases.get(&no));
            if was != is {
                changed.extend([Some(&no), was, is].into_iter().flatten().copied());
            }
        }
        Ok(changed)
    }

    /// All numbers of these people, those for whom they stand included.
    pub(super) fn all_numbers(&self, people: &[i64]) -> Vec<i64> {
        let wanted: BTreeSet<i64> = people.iter().copied().collect();
        let theirs = self.aliases.iter().filter(|(_, stands)| wanted.contains(stands)).map(|(no, _)| *no);
        let mut all: Vec<i64> = if self.aliases.is_empty() { Vec::new() } else { theirs.collect() };
        all.extend(wanted);
        all
    }

    /// Those who stand for these people, as far as they are on the roster; in order.
    pub(super) fn known(&self, people: BTreeSet<i64>) -> Vec<i64> {
        let stand: BTreeSet<i64> = people.into_iter().map(|no| self.aliases.get(&no).copied().unwrap_or(no)).collect();
        stand.into_iter().filter(|no| self.places.ordinal(*no).is_some()).collect()
    }

    /// Looks up anew what is said of people, and what the roster says of their groups; whether anybody's group is another one.
    pub(super) async fn say_again(&mut self, tx: &mut Scoped, people: &[i64]) -> Result<bool, OpsError> {
        let mut said: HashMap<i64, Vec<Statement>> = HashMap::new();
        for (no, statement) in tx.statements_of(&self.all_numbers(people)).await? {
            said.entry(self.aliases.get(&no).copied().unwrap_or(no)).or_default().push(statement);
        }
        let mut regrouped = false;
        for (no, roster, group) in tx.said_by_roster(people).await? {
            let Some(at) = self.places.ordinal(no) else { continue };
            let mut statements = said.remove(&no).unwrap_or_default();
            statements.sort_by(|a, b| (a.said_at, &a.key).cmp(&(b.said_at, &b.key)));
            self.presences.set(at, presence_at(&statements, roster, self.at));
            for (known, set) in KeyGroup::ALL.iter().zip(&mut self.groups) {
                regrouped |= set.get(at) != (group == Some(*known));
                set.set(at, group == Some(*known));
            }
        }
        Ok(regrouped)
    }
}
