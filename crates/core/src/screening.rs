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
    /// Whether a hold of its laboratory, run or lot withholds it.
    pub held: bool,
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
    /// Whether it is withheld: nobody is told that they are negative, and nobody becomes a case by it.
    pub held: bool,
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

/// What a tube stands at whose result is withheld, because its laboratory was suspended or its run or lot recalled (I03, I04): one
/// that was called negative has no result, so its people are sampled anew and nobody is bound; one that was not waits for
/// the new sample as an inconclusive one does.
fn of_held(settled: Settled) -> Settled {
    let finding = settled.finding.map(|finding| match finding {
        Finding::Negative | Finding::Invalid => Finding::Invalid,
        Finding::Positive | Finding::Inconclusive => Finding::Inconclusive,
    });
    Settled { finding, ct_n: None, ct_orf: None, held: finding.is_some(), ..settled }
}

/// Settles a tube from its versions, in whatever order they came. Versions that are withheld give way to any result that counts;
/// where there is none, they leave the tube without one.
pub fn settle(versions: &[ResultVersion]) -> Option<Settled> {
    let free: Vec<ResultVersion> = versions.iter().filter(|version| !version.held).cloned().collect();
    let versions_in_all = versions.len();
    let counted = |settled: Settled| Settled { versions: versions_in_all, ..settled };
    if free.len() == versions_in_all {
        return agreed(versions);
    }
    // a withdrawal by whoever is believed speaks for itself too
    let stands = |settled: &Settled| settled.finding.is_none() || settled.counts();
    match agreed(&free).filter(stands) {
        Some(settled) => Some(counted(settled)),
        None => agreed(versions).map(of_held).map(counted),
    }
}

/// The latest correction, withdrawal or deletion decides; without one, the finals do, and finals that contradict each other
/// hold both (the tube counts as inconclusive, I16); without a final, the latest preliminary stands but does not count.
/// `None` when there is no version.
fn agreed(versions: &[ResultVersion]) -> Option<Settled> {
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
        held: false,
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
            proptest::bool::weighted(0.3),
        )
            .prop_map(|(version, finding, hour, ct, held)| ResultVersion {
                version,
                finding,
                ct_n: ct,
                ct_orf: ct.map(|c| c + 1.0),
                reported_at: Instant::from_micros(0).plus_hours(hour),
                held,
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

        #[test]
        fn what_is_withheld_tells_nobody_anything(
            versions in proptest::collection::vec(version(), 1..6)
        ) {
            let all: Vec<_> = versions.iter().map(|v| ResultVersion { held: true, ..v.clone() }).collect();
            let held = settle(&all);
            prop_assert!(!held.as_ref().is_some_and(|s| matches!(s.finding, Some(Finding::Negative | Finding::Positive))));
            prop_assert_eq!(held.map(|s| s.versions), Some(versions.len()));
            // lifted, everything stands as if nothing had been withheld
            let lifted: Vec<_> = versions.iter().map(|v| ResultVersion { held: false, ..v.clone() }).collect();
            prop_assert_eq!(settle(&lifted), agreed(&lifted));
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
            held: false,
        };
        let held = settle(&[v(Version::Final, Finding::Positive, 1), v(Version::Final, Finding::Negative, 2)]);
        assert_eq!(held.and_then(|s| s.finding), Some(Finding::Inconclusive));
        let corrected = settle(&[v(Version::Corrected, Finding::Negative, 3), v(Version::Final, Finding::Positive, 1)]);
        assert_eq!(corrected.and_then(|s| s.finding), Some(Finding::Negative));
        let withdrawn = settle(&[v(Version::Final, Finding::Positive, 1), v(Version::Wrong, Finding::Positive, 2)]);
        assert!(withdrawn.is_some_and(|s| s.finding.is_none() && !s.counts()));
        assert!(!settle(&[v(Version::Preliminary, Finding::Positive, 1)]).is_some_and(|s| s.counts()));
    }

    #[test]
    fn what_another_laboratory_found_stands_for_what_is_withheld() {
        let of = |version, finding, hour, held| ResultVersion {
            version,
            finding,
            ct_n: Some(30.0),
            ct_orf: None,
            reported_at: Instant::from_micros(0).plus_hours(hour),
            held,
        };
        use {Finding::*, Version::*};
        let table = [
            (vec![of(Final, Negative, 1, true)], Some(Invalid), true),
            (vec![of(Final, Positive, 1, true)], Some(Inconclusive), true),
            (vec![of(Final, Negative, 1, true), of(Final, Positive, 2, false)], Some(Positive), false),
            (vec![of(Corrected, Positive, 3, true), of(Final, Negative, 2, false)], Some(Negative), false),
            // a preliminary one does not count, so it does not stand for anything
            (vec![of(Final, Negative, 1, true), of(Preliminary, Negative, 2, false)], Some(Invalid), true),
            (vec![of(Final, Negative, 1, true), of(Wrong, Negative, 2, false)], None, false),
            (vec![of(Wrong, Negative, 2, true)], None, false),
        ];
        for (versions, finding, held) in table {
            let settled = settle(&versions).map(|s| (s.finding, s.held));
            assert_eq!(settled, Some((finding, held)), "{versions:?}");
        }
    }
}
