//! What was told since, read from the log: only the people it was told of, the people of the tubes it was told of, and the communities in
//! which people were placed anew are looked up. It may use the board and the store; it guarantees that a board which followed says what
//! one that is read whole says, and that whatever cannot be followed is read whole.

use super::{
    Board,
    ranges::{in_parts, together},
};
use crate::OpsError;
use dayclear_core::time::Instant;
use dayclear_store::{Scoped, coverage::Told};
use std::{collections::BTreeSet, ops::RangeInclusive};

/// People beyond whom looking them up one by one takes longer than reading everything, as a part of everybody: a person looked up costs
/// several times as much as a person of a roster that is read whole.
const TOUCHED_PART: usize = 8;
/// In a small city it is this many.
const TOUCHED_MAX: usize = 200_000;
/// People looked up at a time.
const PEOPLE_AT_ONCE: usize = 5_000;

/// What was told since.
#[derive(Debug, Default)]
struct Since {
    people: BTreeSet<i64>,
    tubes: Vec<RangeInclusive<i64>>,
    /// Communities in which people were placed anew.
    communities: BTreeSet<String>,
    /// Whether somebody may stand for somebody else than before.
    aliases: bool,
}

impl Board {
    /// Reads what was told since, and what has begun or ended to hold; `false`: that could not be followed, and everything was read
    /// anew. The handle sees the whole city.
    pub async fn look(&mut self, tx: &mut Scoped, now: Instant) -> Result<bool, OpsError> {
        let followed = self.look_on(tx, now).await?;
        if !followed {
            *self = Board::load(tx, now).await?;
        }
        Ok(followed)
    }

    /// Follows what was told since; `false`: it cannot be followed, and the board is not to be used any more.
    pub(super) async fn look_on(&mut self, tx: &mut Scoped, now: Instant) -> Result<bool, OpsError> {
        let head = tx.coverage_head().await?;
        if now < self.at || head < self.seq {
            return Ok(false);
        }
        let Some(since) = self.told_since(tx, head).await? else { return Ok(false) };
        let Since { mut people, tubes, mut communities, aliases } = since;
        // whoever came to the roster is told of by number
        let unknown: Vec<i64> = people.iter().copied().filter(|no| self.ordinal(*no).is_none()).collect();
        communities.extend(tx.communities_of(&unknown).await?);
        let placed = aliases || !communities.is_empty();
        if placed {
            let Some(fresh) = self.place_anew(tx, &communities).await? else { return Ok(false) };
            people.extend(fresh);
            people.extend(self.read_aliases(tx).await?);
        }
        let mut swabs = self.swabs_of_tubes(tx, tubes).await?;
        people.extend(tx.statements_turning(self.at, now).await?);
        (self.seq, self.at) = (head, now);
        if !self.aliases.is_empty() {
            // whose swabs lie under several ids is looked up under all of them
            let several: BTreeSet<i64> = self.aliases.iter().flat_map(|(no, stands)| [*no, *stands]).collect();
            people.extend(swabs.iter().map(|(person, _)| *person).filter(|no| several.contains(no)));
        }
        let people = self.known(people);
        if people.len() > self.too_many() {
            return Ok(false);
        }
        let mut regrouped = false;
        for some in people.chunks(PEOPLE_AT_ONCE) {
            regrouped |= self.say_again(tx, some).await?;
        }
        if placed || regrouped {
            self.belong_again(tx, placed).await?;
        }
        self.follow(tx).await?;
        for some in people.chunks(PEOPLE_AT_ONCE) {
            self.look_again(tx, some).await?;
        }
        // of whoever was only swabbed nothing was said, and the roster says what it said
        swabs.retain(|(no, _)| people.binary_search(no).is_err() && self.places.ordinal(*no).is_some());
        self.look_at_swabs(tx, swabs).await?;
        Ok(true)
    }

    /// People beyond whom everything is read again.
    fn too_many(&self) -> usize {
        TOUCHED_MAX.max(self.places.len() / TOUCHED_PART)
    }

    /// Entries of the log up to its head; `None`: they tell of the whole roster, or of too many.
    async fn told_since(&self, tx: &mut Scoped, head: i64) -> Result<Option<Since>, OpsError> {
        let mut since = Since::default();
        if head == self.seq {
            return Ok(Some(since));
        }
        for told in tx.coverage_log(self.seq).await? {
            let numbers = match told {
                Told::Tubes(numbers) => {
                    since.tubes.extend(numbers);
                    continue;
                }
                Told::People(numbers) => numbers,
                Told::Roster { communities: None, .. } => return Ok(None),
                Told::Roster { communities: Some(codes), people } => {
                    since.communities.extend(codes);
                    since.aliases |= !people.is_empty();
                    people
                }
            };
            for range in numbers {
                let more = usize::try_from(range.end().saturating_sub(*range.start())).unwrap_or(usize::MAX);
                if more > self.too_many() || since.people.len() > self.too_many() {
                    return Ok(None);
                }
                since.people.extend(range);
            }
        }
        Ok(Some(since))
    }

    /// Everybody with a swab in one of these tubes, each with all tubes in which a swab of theirs is. A tube is told of when it comes, with
    /// its people and with its result: its people are looked for once. Of too many nothing is said here, and the sheets are given up, to be
    /// read anew.
    async fn swabs_of_tubes(
        &mut self,
        tx: &mut Scoped,
        tubes: Vec<RangeInclusive<i64>>,
    ) -> Result<Vec<(i64, i64)>, OpsError> {
        let mut swabs: Vec<(i64, i64)> = Vec::new();
        if self.rounds.is_empty() {
            return Ok(swabs);
        }
        for range in together(tubes).into_iter().flat_map(in_parts) {
            swabs.extend(tx.swabs_beside(&range).await?);
            if swabs.len() > self.too_many() {
                self.rounds.clear();
                return Ok(Vec::new());
            }
        }
        Ok(swabs)
    }
}
