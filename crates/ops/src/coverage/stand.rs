//! Where a round stands in a division, for whoever asks: an open round from the board, a closed one as it was recorded. It may use both,
//! and counts nothing itself.

use super::{Board, Part};
use crate::OpsError;
use dayclear_core::{rounds::RoundState, time::Instant};
use dayclear_engines::coverage::Counts;
use dayclear_store::{Scoped, rounds::Round};
use std::collections::BTreeMap;

/// Where a round stands in a division: as of when, in all of it, in the divisions below it (in a community: its buildings), and
/// doors that none of the last rounds saw.
#[derive(Debug, Clone)]
pub struct Stand {
    /// As of when; of a closed round the moment of closing.
    pub at: Instant,
    /// Everybody of the round in the division.
    pub whole: Counts,
    /// By part, in order; parts without anybody of the round are left out.
    pub below: Vec<(String, Counts)>,
    /// Whether the parts are buildings.
    pub buildings: bool,
    /// Of a round of key places: by place that stands in the division, in order, with everybody of it, wherever they live.
    pub places: Vec<(String, Counts)>,
    /// Doors in the division, and those behind which nobody was sampled in this round or the last ones. Of a round that is not
    /// kept nobody knows.
    pub doors: Option<(u64, u64)>,
}

/// Characters of the code of a community.
const COMMUNITY: usize = 12;

/// Characters of the codes one level below a code.
const fn below(code: &str) -> usize {
    match code.len() {
        ..6 => 6,
        6..9 => 9,
        _ => COMMUNITY,
    }
}

/// Where a round stands in a division: an open one from the board, a closed one as it was recorded. `None`: it has not begun.
pub async fn stand(tx: &mut Scoped, board: &Board, round: &Round, division: &str) -> Result<Option<Stand>, OpsError> {
    let id = round.plan.round.as_str();
    let doors = board.rounds.contains_key(id).then(|| board.unseen(division));
    let mut stand = Stand {
        at: board.at,
        whole: Counts::default(),
        below: Vec::new(),
        buildings: false,
        places: Vec::new(),
        doors,
    };
    let mut parts: BTreeMap<String, Counts> = BTreeMap::new();
    let cut = |code: &str| code.chars().take(below(division)).collect::<String>();
    match (round.state, round.closed_at) {
        (RoundState::Open, _) => {
            if division.len() >= COMMUNITY {
                stand.buildings = true;
                stand.below = board.buildings(id, division);
            } else {
                for (code, counts) in board.communities(id).iter().filter(|(code, _)| code.starts_with(division)) {
                    parts.entry(cut(code)).or_default().add(counts);
                }
            }
            stand.whole = board.counts(id, &Part::Division(division)).unwrap_or_default();
            stand.places = board.key_places(id, division);
        }
        (RoundState::Closed, Some(at)) => {
            stand.at = at;
            for (code, cover, people) in tx.round_counts(id, division).await? {
                let mut counts = Counts { people, ..Counts::default() };
                counts.by[cover.index()] = people;
                stand.whole.add(&counts);
                parts.entry(cut(&code)).or_default().add(&counts);
            }
            let inside = |place: &String| {
                round.plan.scope.places.get(place).is_some_and(|code| code.as_str().starts_with(division))
            };
            let mut places: BTreeMap<String, Counts> = BTreeMap::new();
            for (place, cover, people) in tx.round_place_counts(id).await?.into_iter().filter(|one| inside(&one.0)) {
                let mut counts = Counts { people, ..Counts::default() };
                counts.by[cover.index()] = people;
                places.entry(place).or_default().add(&counts);
            }
            stand.places.extend(places);
        }
        _ => return Ok(None),
    }
    stand.below.extend(parts);
    Ok(Some(stand))
}
