//! How people are tested: pool sizes by purpose, and the cadence of key groups.

use super::{Pack, clause::Cadence};
use crate::{
    obligations::{ClusterRule, FreeRule},
    reason::{Decided, Reason},
    roster::KeyGroup,
    screening::Purpose,
    staffing::StaffRule,
};

impl Pack {
    /// How many people may share a tube, smallest first. A pack that is silent allows only single tubes.
    pub fn pool_sizes(&self, purpose: Purpose) -> &[u8] {
        self.rules.pools.get(&purpose).map_or(&[1], |clause| &clause.value)
    }

    /// The clause of the sizes of a purpose, for reasons.
    pub fn pool_clause(&self, purpose: Purpose) -> Reason {
        match self.rules.pools.get(&purpose) {
            Some(clause) => self.because(clause),
            None => self.silent(&format!("pool.{purpose}")),
        }
    }

    /// Whether a tube of this purpose may hold only people of one household.
    pub fn pools_by_household(&self, purpose: Purpose) -> bool {
        self.rules.household_tubes.as_ref().is_some_and(|clause| clause.value.contains(&purpose))
    }

    /// How often the same people may be sampled on one day by rounds; `None` = this pack says nothing of it.
    pub fn rounds_a_day(&self) -> Option<Decided<i64>> {
        let clause = &self.rules.rounds.as_ref()?.a_day;
        Some(Decided::new(clause.value, self.because(clause)))
    }

    /// From how many cases of different households within how many days a place has a cluster; `None` = this pack says nothing of it.
    pub fn cluster(&self) -> Option<Decided<ClusterRule>> {
        let (cases, days) = self.rules.cluster.as_ref()?;
        let reason = self.because(cases).with("cases", cases.value).with("days", days.value);
        Some(Decided::new(ClusterRule { cases: cases.value, days: days.value }, reason))
    }

    /// After how many clean days, and with which share of its people reached by its last round (percent), a community is free of the
    /// epidemic; `None` = this pack knows no such community.
    pub fn free_rule(&self) -> Option<Decided<FreeRule>> {
        let (days, coverage) = self.rules.free.as_ref()?;
        let reason = self.because(days).with("clean_days", days.value).with("coverage", coverage.value);
        Some(Decided::new(FreeRule { clean_days: days.value, coverage: coverage.value }, reason))
    }

    /// What the rules ask of shifts; `None` = this pack says nothing of them.
    pub fn staff_rule(&self) -> Option<StaffRule> {
        let [rest, shift, days] = self.rules.staff.as_ref()?;
        Some(StaffRule { rest_h: rest.value, shift_h: shift.value, one_site_d: days.value })
    }

    /// How often a key group is tested; `None` = not on a cadence under this pack.
    pub fn group_cadence(&self, group: KeyGroup) -> Option<Decided<Cadence>> {
        let clause = self.rules.groups.get(&group)?;
        Some(Decided::new(clause.value, self.because(clause).with("group", group)))
    }
}
