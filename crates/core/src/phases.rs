//! How facilities and their wards stand over the days: planned, building, open, draining, closed, each from a moment that somebody
//! said. Pure; it looks at no clock. It guarantees that a ward takes people only while it and its facility are open, and that what
//! nobody said anything of is open.

use crate::{time::Instant, transfer::FacilityPhase};

/// Beds of a nursing unit of a temporary hospital (design guide, August 2022).
pub const UNIT_BEDS: usize = 20;

/// From when a facility, or a ward of it, is in a phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhaseStep {
    /// Ward; empty: the whole facility.
    pub ward: String,
    /// Phase.
    pub phase: FacilityPhase,
    /// From when.
    pub from: Instant,
}

impl FacilityPhase {
    /// Whether a phase may come after another. A place that was closed may be planned, built and opened again.
    pub fn may_follow(self, before: FacilityPhase) -> bool {
        use FacilityPhase::{Building, Closed, Draining, Open, Planned};
        match before {
            Planned => matches!(self, Building | Open | Closed),
            Building => matches!(self, Open | Closed),
            Open => matches!(self, Draining | Closed),
            Draining => matches!(self, Open | Closed),
            Closed => matches!(self, Planned | Building | Open),
        }
    }
}

/// The phase of one ward by what was said of it alone (empty: of the whole facility).
pub fn of(steps: &[PhaseStep], ward: &str, at: Instant) -> FacilityPhase {
    let mut own: Vec<&PhaseStep> = steps.iter().filter(|step| step.ward == ward).collect();
    own.sort_by_key(|step| (step.from, step.phase));
    if let Some(step) = own.iter().rev().find(|step| step.from <= at) {
        return step.phase;
    }
    match own.first().map(|step| step.phase) {
        // what is to be drained or closed has been open
        None | Some(FacilityPhase::Draining | FacilityPhase::Closed) => FacilityPhase::Open,
        Some(_) => FacilityPhase::Planned,
    }
}

/// How a ward stands, with what was said of its facility: the one of both that keeps more people out.
pub fn stands(steps: &[PhaseStep], ward: Option<&str>, at: Instant) -> FacilityPhase {
    let whole = of(steps, "", at);
    match ward.filter(|ward| !ward.is_empty()) {
        Some(ward) if whole == FacilityPhase::Open => of(steps, ward, at),
        _ => whole,
    }
}

/// Whether a ward takes people at a moment.
pub fn takes(steps: &[PhaseStep], ward: Option<&str>, at: Instant) -> bool {
    stands(steps, ward, at) == FacilityPhase::Open
}

/// The first moment from `at` on at which a ward takes people, as far as somebody has said; `None`: nobody has said when.
pub fn opens(steps: &[PhaseStep], ward: Option<&str>, at: Instant) -> Option<Instant> {
    let mut moments: Vec<Instant> = steps.iter().map(|step| step.from).filter(|from| *from > at).collect();
    moments.push(at);
    moments.sort_unstable();
    moments.into_iter().find(|moment| takes(steps, ward, *moment))
}

/// What stands against the steps of one ward, in their order: two phases that cannot follow each other, or that begin at one moment.
pub fn fault(steps: &[PhaseStep]) -> Option<(FacilityPhase, FacilityPhase)> {
    let mut own: Vec<&PhaseStep> = steps.iter().collect();
    own.sort_by_key(|step| (step.from, step.phase));
    let wrong = |pair: &&[&PhaseStep]| pair[0].from == pair[1].from || !pair[1].phase.may_follow(pair[0].phase);
    own.windows(2).find(wrong).map(|pair| (pair[0].phase, pair[1].phase))
}

#[cfg(test)]
mod tests {
    use super::*;
    use FacilityPhase::{Building, Closed, Draining, Open, Planned};

    fn at(hour: i64) -> Instant {
        Instant::from_micros(0).plus_hours(hour)
    }

    fn steps(given: &[(&str, FacilityPhase, i64)]) -> Vec<PhaseStep> {
        given
            .iter()
            .map(|(ward, phase, hour)| PhaseStep { ward: (*ward).to_owned(), phase: *phase, from: at(*hour) })
            .collect()
    }

    #[test]
    fn a_ward_takes_people_only_while_it_and_its_facility_are_open() {
        let plan = steps(&[
            ("", Planned, 1),
            ("", Building, 5),
            ("", Open, 10),
            ("", Draining, 50),
            ("", Closed, 60),
            ("W2", Open, 20),
            ("W3", Closed, 30),
        ]);
        // hour, ward, how it stands
        for (hour, ward, stands_so) in [
            (0, None, Planned),
            (2, None, Planned),
            (5, None, Building),
            (9, Some("W1"), Building),
            (10, None, Open),
            (10, Some("W1"), Open),
            (10, Some("W2"), Planned),
            (19, Some("W2"), Planned),
            (20, Some("W2"), Open),
            (29, Some("W3"), Open),
            (30, Some("W3"), Closed),
            (49, Some("W2"), Open),
            (50, Some("W2"), Draining),
            (60, Some("W2"), Closed),
            (60, None, Closed),
        ] {
            assert_eq!(stands(&plan, ward, at(hour)), stands_so, "hour {hour} of {ward:?}");
            assert_eq!(takes(&plan, ward, at(hour)), stands_so == Open);
        }
        assert_eq!(stands(&[], Some("W1"), at(0)), Open, "nobody said anything of it");
        // a place that opens again is closed in between, and was open before
        let again = steps(&[("", Closed, 10), ("", Open, 20)]);
        assert_eq!([9, 10, 19, 20].map(|hour| of(&again, "", at(hour))), [Open, Closed, Closed, Open]);
    }

    proptest::proptest! {
        #[test]
        fn a_ward_opens_at_the_first_moment_at_which_it_takes_people_and_at_none_before(
            said in proptest::collection::vec((0_usize..3, 0_usize..5, 0_i64..12), 0..8), now in 0_i64..12, ward in 0_usize..3,
        ) {
            let wards = ["", "W1", "W2"];
            let plan: Vec<PhaseStep> = said
                .iter()
                .map(|(ward, phase, hour)| PhaseStep {
                    ward: wards[*ward].to_owned(),
                    phase: FacilityPhase::ALL[*phase],
                    from: at(*hour),
                })
                .collect();
            let ward = Some(wards[ward]);
            let opens = opens(&plan, ward, at(now));
            // by looking at every hour
            let first = (now..=12).map(at).find(|moment| takes(&plan, ward, *moment));
            proptest::prop_assert_eq!(opens, first);
        }
    }

    #[test]
    fn phases_follow_each_other_as_places_are_built_and_taken_down() {
        for (given, fault_is) in [
            (&[Planned, Building, Open, Draining, Closed][..], None),
            (&[Planned, Open, Closed], None),
            (&[Closed, Open], None),
            (&[Open, Draining, Open], None),
            (&[Building, Draining], Some((Building, Draining))),
            (&[Open, Building], Some((Open, Building))),
            (&[Draining, Planned], Some((Draining, Planned))),
            (&[Planned, Planned], Some((Planned, Planned))),
        ] {
            let plan: Vec<PhaseStep> = given
                .iter()
                .enumerate()
                .map(|(n, phase)| PhaseStep { ward: String::new(), phase: *phase, from: at(n as i64) })
                .collect();
            assert_eq!(fault(&plan), fault_is, "{given:?}");
        }
        let at_once = steps(&[("", Open, 3), ("", Draining, 3)]);
        assert_eq!(fault(&at_once), Some((Open, Draining)));
    }
}
