//! Specimens, tubes, pools and results. A result has versions that may arrive in any order; the state of a tube is a pure
//! function of the set of versions, so it does not depend on the order of arrival (F08).

use crate::{terms, time::Instant};

terms! {
    /// Why a tube was taken; it becomes the route by which a case was found.
    Purpose {
        /// People under isolation or home monitoring.
        Isolation = "isolation",
        /// Key persons and key groups on a cadence.
        KeyPerson = "key_person",
        /// Everybody inside a delimited area.
        AreaScreening = "area_screening",
        /// Screening widened beyond the area.
        ExpandedScreening = "expanded_screening",
        /// Clinics, voluntary tests and regular rounds in the community.
        Community = "community",
        /// Arrivals from elsewhere.
        Entry = "entry",
        /// A member of a positive or inconclusive pool, sampled again singly.
        Recall = "recall",
    }
}

terms! {
    /// What a laboratory says of a tube.
    Finding { Negative = "negative", Positive = "positive", Inconclusive = "inconclusive", Invalid = "invalid" }
}

terms! {
    /// Version of a result (HL7 table 0085: P, F, C, W, D).
    Version {
        Preliminary = "P", Final = "F", Corrected = "C",
        /// Posted on the wrong person: the tube has no result.
        Wrong = "W",
        /// Deleted by the laboratory: the tube has no result.
        Deleted = "D",
    }
}

/// One version of a tube's result, as a laboratory reported it.
#[derive(Clone, Debug, PartialEq)]
pub struct ResultVersion {
    /// Version.
    pub version: Version,
    /// Finding.
    pub finding: Finding,
    /// Ct of gene N.
    pub ct_n: Option<f64>,
    /// Ct of gene ORF1ab.
    pub ct_orf: Option<f64>,
    /// When it was released.
    pub reported_at: Instant,
}

/// What the versions of a tube's result add up to.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    /// The finding; `None` after a withdrawal or deletion, when the tube has no result.
    pub finding: Option<Finding>,
    /// Version that decided.
    pub version: Version,
    /// Ct of gene N.
    pub ct_n: Option<f64>,
    /// Ct of gene ORF1ab.
    pub ct_orf: Option<f64>,
    /// When the deciding version was released.
    pub reported_at: Instant,
    /// How many versions there are.
    pub versions: usize,
}

impl Settled {
    /// Whether the tube has a result that counts: a preliminary one does not, a withdrawn one neither.
    pub fn counts(&self) -> bool {
        self.finding.is_some() && self.version != Version::Preliminary
    }
    /// The lower of the two Ct values: the gene that shows more virus.
    pub fn ct(&self) -> Option<f64> {
        match (self.ct_n, self.ct_orf) {
            (Some(n), Some(orf)) => Some(n.min(orf)),
            (one, other) => one.or(other),
        }
    }
}

/// What a tube stands at whose bar code was given to two tubes: nobody knows of which a result speaks, so it tells nobody
/// that they are negative and makes nobody a case; all in both are sampled anew (F24).
pub fn of_doubled(settled: Settled) -> Settled {
    let finding = settled.finding.map(|_| Finding::Inconclusive);
    Settled { finding, ct_n: None, ct_orf: None, ..settled }
}

/// Settles a tube from its versions, in whatever order they came: the latest correction, withdrawal or deletion decides;
/// without one, the finals do, and finals that contradict each other hold both (the tube counts as inconclusive, I16);
/// without a final, the latest preliminary stands but does not count. `None` when there is no version.
pub fn settle(versions: &[ResultVersion]) -> Option<Settled> {
    let order = |v: &&ResultVersion| {
        // a total order over everything that matters, so that equal times cannot make the answer depend on arrival
        let ct = |c: Option<f64>| c.map_or(i64::MAX, |c| (c * 1e6) as i64);
        (v.reported_at, v.version, v.finding, ct(v.ct_n), ct(v.ct_orf))
    };
    let of = |wanted: &[Version]| versions.iter().filter(|v| wanted.contains(&v.version)).collect::<Vec<_>>();
    let settled = |v: &ResultVersion, finding: Option<Finding>| Settled {
        finding,
        version: v.version,
        ct_n: v.ct_n,
        ct_orf: v.ct_orf,
        reported_at: v.reported_at,
        versions: versions.len(),
    };
    if let Some(last) = of(&[Version::Corrected, Version::Wrong, Version::Deleted]).into_iter().max_by_key(order) {
        let taken_back = last.version != Version::Corrected;
        return Some(settled(last, (!taken_back).then_some(last.finding)));
    }
    let finals = of(&[Version::Final]);
    if let Some(first) = finals.iter().copied().min_by_key(order) {
        if finals.iter().all(|v| v.finding == first.finding) {
            return Some(settled(first, Some(first.finding)));
        }
        let last = finals.iter().copied().max_by_key(order).unwrap_or(first);
        return Some(Settled { ct_n: None, ct_orf: None, ..settled(last, Some(Finding::Inconclusive)) });
    }
    of(&[Version::Preliminary]).into_iter().max_by_key(order).map(|last| settled(last, Some(last.finding)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn version() -> impl Strategy<Value = ResultVersion> {
        (
            proptest::sample::select(Version::ALL),
            proptest::sample::select(Finding::ALL),
            0i64..4,
            proptest::option::of(20.0f64..40.0),
        )
            .prop_map(|(version, finding, hour, ct)| ResultVersion {
                version,
                finding,
                ct_n: ct,
                ct_orf: ct.map(|c| c + 1.0),
                reported_at: Instant::from_micros(0).plus_hours(hour),
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn the_final_state_does_not_depend_on_the_order_of_arrival(
            (versions, shuffled) in proptest::collection::vec(version(), 0..6)
                .prop_flat_map(|v| (Just(v.clone()), Just(v).prop_shuffle()))
        ) {
            prop_assert_eq!(settle(&versions), settle(&shuffled));
        }
    }

    #[test]
    fn contradicting_finals_hold_both() {
        let at = |hour| Instant::from_micros(0).plus_hours(hour);
        let v = |version, finding, hour| ResultVersion {
            version,
            finding,
            ct_n: None,
            ct_orf: None,
            reported_at: at(hour),
        };
        let held = settle(&[v(Version::Final, Finding::Positive, 1), v(Version::Final, Finding::Negative, 2)]);
        assert_eq!(held.and_then(|s| s.finding), Some(Finding::Inconclusive));
        let corrected = settle(&[v(Version::Corrected, Finding::Negative, 3), v(Version::Final, Finding::Positive, 1)]);
        assert_eq!(corrected.and_then(|s| s.finding), Some(Finding::Negative));
        let withdrawn = settle(&[v(Version::Final, Finding::Positive, 1), v(Version::Wrong, Finding::Positive, 2)]);
        assert!(withdrawn.is_some_and(|s| s.finding.is_none() && !s.counts()));
        assert!(!settle(&[v(Version::Preliminary, Finding::Positive, 1)]).is_some_and(|s| s.counts()));
    }
}
