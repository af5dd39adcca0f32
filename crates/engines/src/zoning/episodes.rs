//! How long areas stayed. A list is published day by day, and an area that is re-worded looks like one that ends and another
//! that begins: episodes that follow each other without a gap and name the same places are one spell. It guarantees that what
//! was open before the first list or after the last is said to be cut off, and that its days are a lower bound.

use super::Part;
use dayclear_core::time::CivilDate;
use std::collections::{BTreeMap, BTreeSet};

/// One wording of an area, as long as it was listed.
#[derive(Clone, Debug)]
pub struct Episode {
    /// District or reporting unit, by name.
    pub district: String,
    /// First day on which it was listed.
    pub first: CivilDate,
    /// Last day on which it was listed.
    pub last: CivilDate,
    /// First list on which it was not.
    pub absent: CivilDate,
    /// Whether it may have been listed before the first list that is known.
    pub cut_off: bool,
    /// What it names; of a community as a whole the community.
    pub parts: BTreeSet<Part>,
}

/// Episodes that are one area.
#[derive(Clone, Debug)]
pub struct Spell {
    /// Positions of its episodes, in the order of days.
    pub episodes: Vec<usize>,
    /// First day.
    pub first: CivilDate,
    /// Last day.
    pub last: CivilDate,
    /// Whether it may have begun earlier.
    pub cut_off: bool,
}

impl Spell {
    /// Days on which it was listed, both ends counted.
    pub fn days(&self) -> i64 {
        self.last.days_since(self.first) + 1
    }
}

/// How long the areas of a district stayed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stay {
    /// Areas (spells).
    pub areas: usize,
    /// Of these, possibly begun before the first list.
    pub cut_off: usize,
    /// Days of the middle area (the lower of two).
    pub median: i64,
    /// Days that nine of ten areas did not exceed.
    pub p90: i64,
    /// Days of the longest.
    pub longest: i64,
    /// Areas that were listed longer than the rule's days.
    pub beyond: usize,
    /// Area-days past the rule's days, of all areas.
    pub days_beyond: i64,
}

/// Puts episodes together that are one area: the later begins on the first list on which the earlier is missing, in the same
/// district, and one of them names nothing but what the other names.
pub fn spells(episodes: &[Episode]) -> Vec<Spell> {
    let mut order: Vec<usize> = (0..episodes.len()).collect();
    order.sort_by(|a, b| key(&episodes[*a]).cmp(&key(&episodes[*b])).then(a.cmp(b)));
    // spells that would go on with an episode of this district, first day and part
    let mut open: BTreeMap<(&str, CivilDate, &Part), Vec<usize>> = BTreeMap::new();
    let mut spells: Vec<Spell> = Vec::new();
    for at in order {
        let episode = &episodes[at];
        let near = episode.parts.iter().filter_map(|part| open.get(&(&*episode.district, episode.first, part)));
        let candidates: BTreeSet<usize> = near.flatten().copied().collect();
        let goes_on = candidates.into_iter().find(|spell| {
            let before = spells[*spell].episodes.last().map(|at| &episodes[*at]);
            before.is_some_and(|before| {
                before.absent == episode.first
                    && (before.parts.is_subset(&episode.parts) || episode.parts.is_subset(&before.parts))
            })
        });
        let spell = match goes_on {
            Some(spell) => {
                spells[spell].episodes.push(at);
                spells[spell].last = spells[spell].last.max(episode.last);
                spell
            }
            None => {
                let Episode { first, last, cut_off, .. } = *episode;
                spells.push(Spell { episodes: vec![at], first, last, cut_off });
                spells.len() - 1
            }
        };
        for part in &episode.parts {
            open.entry((&episode.district, episode.absent, part)).or_default().push(spell);
        }
    }
    spells
}

fn key(episode: &Episode) -> (&str, CivilDate, CivilDate) {
    (&episode.district, episode.first, episode.last)
}

/// How long areas stayed, by district; `rule_days` is what the rule gives an area without new infections.
pub fn stays(episodes: &[Episode], spells: &[Spell], rule_days: i64) -> BTreeMap<String, Stay> {
    let mut days: BTreeMap<&str, Vec<(i64, bool)>> = BTreeMap::new();
    for spell in spells {
        if let Some(first) = spell.episodes.first() {
            days.entry(&episodes[*first].district).or_default().push((spell.days(), spell.cut_off));
        }
    }
    let of = |mut days: Vec<(i64, bool)>| {
        days.sort_unstable();
        let rank = |share: usize| days[(days.len() * share).div_ceil(100).max(1) - 1].0;
        let over = || days.iter().map(|(days, _)| days - rule_days).filter(|over| *over > 0);
        Stay {
            areas: days.len(),
            cut_off: days.iter().filter(|(_, cut_off)| *cut_off).count(),
            median: rank(50),
            p90: rank(90),
            longest: rank(100),
            beyond: over().count(),
            days_beyond: over().sum(),
        }
    };
    days.into_iter().map(|(district, days)| (district.to_owned(), of(days))).collect()
}
