//! The sheets of rounds: whom a round is for, and whose swabs it has. It may use the board and the store; it guarantees that everything a
//! sheet says was looked up, of everybody when a round begins to be kept, and later of those of whom something was told.

use super::{Board, Kept, ROUNDS_BEFORE, ranges::TUBES_AT_ONCE};
use crate::OpsError;
use dayclear_core::{
    rounds::{RoundState, Swab},
    time::Instant,
};
use dayclear_engines::coverage::{Bits, Sheet};
use dayclear_store::{Scoped, StoreError, rounds::Round};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Range,
};

/// What so many tubes in the hours of a round are to somebody, and whether any has a result.
fn swab_of((tubes, resulted): (u64, bool)) -> Swab {
    match (tubes, resulted) {
        (0, _) => Swab::None,
        (_, false) => Swab::Waiting,
        (_, true) => Swab::Resulted,
    }
}

/// Ordinals of the people of each key place of a round.
type AtPlaces = BTreeMap<String, Vec<usize>>;

impl Board {
    /// Rounds of which a board has sheets: those that are open, and those closed last.
    pub(super) async fn rounds_to_keep(tx: &mut Scoped) -> Result<Vec<Round>, OpsError> {
        let mut wanted = tx.rounds_in(RoundState::Open).await?;
        wanted.extend(tx.rounds_closed_last(ROUNDS_BEFORE).await?);
        Ok(wanted)
    }

    /// Keeps the rounds that are open and those closed last, and lets go of others.
    pub(super) async fn follow(&mut self, tx: &mut Scoped) -> Result<(), OpsError> {
        let wanted = Board::rounds_to_keep(tx).await?;
        let names: BTreeSet<&str> = wanted.iter().map(|round| round.plan.round.as_str()).collect();
        self.rounds.retain(|id, _| names.contains(id.as_str()));
        for round in wanted {
            match self.rounds.get_mut(&round.plan.round) {
                // a sheet rests on hours and on whom the round is for; that it was closed changes nothing in it
                Some(kept) if kept.round.plan == round.plan => kept.round = round,
                _ => {
                    let kept = self.keep(tx, round).await?;
                    self.rounds.insert(kept.round.plan.round.clone(), kept);
                }
            }
        }
        Ok(())
    }

    /// A round with its sheet, read from the store.
    pub(super) async fn keep(&self, tx: &mut Scoped, round: Round) -> Result<Kept, OpsError> {
        let mut sheet = Sheet::new(self.places.len());
        let (scope, at) = self.belonging(tx, &round).await?;
        sheet.is_for(scope);
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
        Ok(Kept { round, sheet, at })
    }

    /// Finds anew whom rounds are for: all of them after people were placed anew, else those for key groups.
    pub(super) async fn belong_again(&mut self, tx: &mut Scoped, placed: bool) -> Result<(), OpsError> {
        let ids: Vec<String> = self.rounds.keys().cloned().collect();
        for id in ids {
            let Some(mut kept) = self.rounds.remove(&id) else { continue };
            if placed || !kept.round.plan.scope.groups.is_empty() {
                let (scope, at) = self.belonging(tx, &kept.round).await?;
                kept.sheet.is_for(scope);
                kept.at = at;
            }
            self.rounds.insert(id, kept);
        }
        Ok(())
    }

    /// Whom a round is for: everybody of its divisions and areas, or of them those in its key groups; and whoever it names at key places.
    async fn belonging(&self, tx: &mut Scoped, round: &Round) -> Result<(Bits, AtPlaces), OpsError> {
        let plan = &round.plan;
        let mut scope = Bits::none(self.places.len());
        for range in self.placed(tx, round).await? {
            scope.fill(range);
        }
        if !plan.scope.groups.is_empty() {
            let mut grouped = Bits::none(self.places.len());
            plan.scope.groups.iter().for_each(|group| grouped.join(&self.groups[*group as usize]));
            scope.keep(&grouped);
        }
        let mut of = AtPlaces::new();
        if !plan.scope.places.is_empty() {
            for (no, place) in tx.people_of_round(&plan.round).await? {
                let Some(at) = self.ordinal(no) else { continue };
                scope.set(at, true);
                of.entry(place).or_default().push(at);
            }
        }
        Ok((scope, of))
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

    /// Looks the swabs of some people up anew, in every round that is kept.
    pub(super) async fn look_again(&mut self, tx: &mut Scoped, people: &[i64]) -> Result<(), OpsError> {
        if self.rounds.is_empty() {
            return Ok(());
        }
        let swabs = tx.swabs_of(&self.all_numbers(people)).await?;
        for kept in self.rounds.values_mut() {
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
        }
        Ok(())
    }

    /// Looks up anew the tubes of people who were swabbed: all the swabs that there are of them.
    pub(super) async fn look_at_swabs(&mut self, tx: &mut Scoped, mut swabs: Vec<(i64, i64)>) -> Result<(), OpsError> {
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
}
