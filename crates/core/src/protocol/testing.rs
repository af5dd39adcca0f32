//! How people are tested: pool sizes by purpose, and the cadence of key groups.

use super::{Pack, clause::Cadence};
use crate::{reason::Decided, roster::KeyGroup, screening::Purpose};

impl Pack {
    /// How many people may share a tube, smallest first. A pack that is silent allows only single tubes.
    pub fn pool_sizes(&self, purpose: Purpose) -> &[u8] {
        self.rules.pools.get(&purpose).map_or(&[1], |clause| &clause.value)
    }

    /// Whether a tube of this purpose may hold only people of one household.
    pub fn pools_by_household(&self, purpose: Purpose) -> bool {
        self.rules.household_tubes.as_ref().is_some_and(|clause| clause.value.contains(&purpose))
    }

    /// How often the same people may be sampled on one day by rounds; `None` = this pack says nothing of it.
    pub fn rounds_a_day(&self) -> Option<Decided<i64>> {
        let clause = self.rules.rounds_a_day.as_ref()?;
        Some(Decided::new(clause.value, self.because(clause)))
    }

    /// How often a key group is tested; `None` = not on a cadence under this pack.
    pub fn group_cadence(&self, group: KeyGroup) -> Option<Decided<Cadence>> {
        let clause = self.rules.groups.get(&group)?;
        Some(Decided::new(clause.value, self.because(clause).with("group", group)))
    }
}
