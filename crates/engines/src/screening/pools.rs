//! How many people share a tube, by what is expected: tests for each person (Dorfman 1943), what dilution and the limit of
//! detection lose, and what it changes that people of one household are infected together. Only sizes that the protocol pack
//! allows are advised; tubes are never pooled again.

use crate::epi::gamma::normal_cdf;
use serde::Serialize;

/// Ct of infected people as a mixture of one normal, and what the assay can find.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Assay {
    /// Mean Ct of an infected person's swab tested singly, and its standard deviation.
    pub ct_mean: f64,
    /// See above.
    pub ct_sd: f64,
    /// Ct up to which the assay finds: its limit of detection.
    pub ct_limit: f64,
    /// Share of log2(n) by which a pool of n is weaker. 1 = extracts pooled in the laboratory; swabs mixed when they are taken
    /// share one volume and lose less: 0 to 0.3.
    pub dilution: f64,
}

impl Default for Assay {
    fn default() -> Self {
        Assay { ct_mean: 27.0, ct_sd: 4.5, ct_limit: 38.0, dilution: 1.0 }
    }
}

/// Who shares a tube.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct People {
    /// Share of people who are infected.
    pub prevalence: f64,
    /// People of a household, and the share of the others who are infected where one is (household attack rate).
    pub household: f64,
    /// See above.
    pub attack_rate: f64,
}

/// A size with what it means.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Choice {
    /// People in a tube, at most.
    pub size: u8,
    /// Whether a tube holds one household.
    pub household: bool,
    /// People in a tube on average.
    pub filled: f64,
    /// Tests for each person: 1/n and 1 - (1-p)^n (Dorfman 1943), with infection as it clusters.
    pub tests_per_person: f64,
    /// Tests that are spared beside single tubes, as a share.
    pub spared: f64,
    /// Share of tubes that are positive.
    pub positive_tubes: f64,
    /// People who are called back for each infected one that is found.
    pub recalled_per_found: f64,
    /// Cycles by which one infected person among n is weaker: log2(n) times the assay's dilution.
    pub ct_shift: f64,
    /// Share of infected people who are found, by the tube and then singly, and the loss beside single tubes.
    pub sensitivity: f64,
    /// See above.
    pub lost: f64,
    /// Infected people missed in 10,000.
    pub missed_per_10000: f64,
}

/// What is advised, and every size that the pack allows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Advice {
    /// Place in `choices` of the size with the fewest tests among those that lose no more than is accepted; none if all lose more.
    pub best: Option<usize>,
    /// The choices, by size.
    pub choices: Vec<Choice>,
}

/// Why no advice is given.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PoolRefusal {
    /// A size that is not validated.
    #[error(
        "{size} people in a tube are not allowed here, only {allowed}; tubes of ten are not pooled again to 30 or 50 (it is not validated)"
    )]
    Size {
        /// As asked for.
        size: u32,
        /// What is allowed.
        allowed: String,
    },
    /// A number that makes no sense.
    #[error("{what} is {value}; expected {expected}")]
    Number {
        /// What.
        what: &'static str,
        /// As given.
        value: f64,
        /// What can be used.
        expected: &'static str,
    },
}

/// Advice among the sizes that a pack allows. `asked` = one size to be judged, refused if the pack does not have it. `by_household` =
/// tubes hold one household. `loss_most` = accepted loss of sensitivity beside single tubes.
pub fn advise(
    allowed: &[u8],
    asked: Option<u32>,
    by_household: bool,
    people: People,
    assay: Assay,
    loss_most: f64,
) -> Result<Advice, PoolRefusal> {
    for (what, value, good, expected) in [
        (
            "the prevalence",
            people.prevalence,
            people.prevalence > 0.0 && people.prevalence < 1.0,
            "a share between 0 and 1",
        ),
        ("the attack rate", people.attack_rate, (0.0..=1.0).contains(&people.attack_rate), "a share from 0 to 1"),
        ("the household size", people.household, (1.0..=20.0).contains(&people.household), "people from 1 to 20"),
        ("the spread of Ct", assay.ct_sd, assay.ct_sd > 0.0, "cycles above 0"),
        ("the dilution", assay.dilution, (0.0..=1.0).contains(&assay.dilution), "a share from 0 to 1"),
        ("the accepted loss", loss_most, (0.0..=1.0).contains(&loss_most), "a share from 0 to 1"),
    ] {
        if !good {
            return Err(PoolRefusal::Number { what, value, expected });
        }
    }
    if let Some(size) = asked
        && !allowed.iter().any(|one| u32::from(*one) == size)
    {
        let allowed = allowed.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
        return Err(PoolRefusal::Size { size, allowed });
    }
    let sizes = allowed.iter().copied().filter(|size| asked.is_none_or(|asked| asked == u32::from(*size)));
    let choices: Vec<Choice> = sizes.map(|size| choice(size, by_household && size > 1, people, assay)).collect();
    let within = choices.iter().enumerate().filter(|(_, choice)| choice.lost <= loss_most);
    let best = within.min_by(|a, b| a.1.tests_per_person.total_cmp(&b.1.tests_per_person)).map(|(at, _)| at);
    Ok(Advice { best, choices })
}

/// One size. People of a household are infected together: a household is struck with a probability q, and then its first case and
/// a binomial number of the others are infected, so that the prevalence is as given.
fn choice(size: u8, household: bool, people: People, assay: Assay) -> Choice {
    let (p, attack) = (people.prevalence, people.attack_rate);
    let filled = if household { people.household.min(size.into()) } else { f64::from(size) };
    // households that share a tube of strangers: as many as fit; alone in a tube of one
    let (members, households) = match (size, household) {
        (1, _) => (1.0, 1.0),
        (_, true) => (filled, 1.0),
        (_, false) => {
            let members = people.household.min(filled);
            (members, filled / members)
        }
    };
    // whoever stands in one queue comes from one door: the household's infected are in one tube
    let infected_if_struck = 1.0 + (members - 1.0) * attack;
    let struck = (p * members / infected_if_struck).min(1.0);
    let shift = filled.log2() * assay.dilution;
    let alone = normal_cdf((assay.ct_limit - shift - assay.ct_mean) / assay.ct_sd);
    let single = normal_cdf((assay.ct_limit - assay.ct_mean) / assay.ct_sd);
    // none of a struck household is found: its first case is not, and each of the others is either not infected or not found
    let unseen = (1.0 - attack * alone).powf(members - 1.0);
    let seen = 1.0 - (1.0 - struck * (1.0 - (1.0 - alone) * unseen)).powf(households);
    let tests = 1.0 / filled + if filled > 1.0 { seen } else { 0.0 };
    // whose swab is found in the pool is found singly too; whose swab is too weak for the pool and not for a single test is found
    // if a housemate's swab called the tube back
    let called_back = 1.0 - unseen;
    let found = if filled > 1.0 { alone + (single - alone).max(0.0) * called_back } else { single };
    let found_per_person = p * found;
    Choice {
        size,
        household,
        filled,
        tests_per_person: tests,
        spared: 1.0 - tests,
        positive_tubes: seen,
        recalled_per_found: if filled > 1.0 && found_per_person > 0.0 { seen / found_per_person } else { 0.0 },
        ct_shift: shift,
        sensitivity: found,
        lost: ((single - found) / single).max(0.0),
        missed_per_10000: 10_000.0 * p * (1.0 - found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERFECT: Assay = Assay { ct_mean: 25.0, ct_sd: 1.0, ct_limit: 60.0, dilution: 1.0 };

    fn alone(prevalence: f64) -> People {
        People { prevalence, household: 1.0, attack_rate: 0.0 }
    }

    /// Dorfman's own table: at 1 % groups of ten need 20 tests a hundred people (19.6), at 10 % groups of four are best and 5 need
    /// 61 of 100.
    #[test]
    fn dorfman() {
        for (p, size, tests) in [(0.01, 10, 0.195_618), (0.1, 5, 0.609_51), (0.001, 20, 0.069_811), (0.3, 1, 1.0)] {
            let advice = advise(&[1, 5, 10, 20], Some(size), false, alone(p), PERFECT, 1.0).unwrap();
            assert!((advice.choices[0].tests_per_person - tests).abs() < 5e-6, "{p} {size}: {advice:?}");
        }
        for (p, best) in [(0.0001, 20), (0.001, 20), (0.01, 10), (0.05, 5), (0.4, 1)] {
            let advice = advise(&[1, 5, 10, 20], None, false, alone(p), PERFECT, 1.0).unwrap();
            assert_eq!(advice.choices[advice.best.unwrap()].size, best, "{p}");
        }
    }

    #[test]
    fn dilution_loses_weak_positives_and_a_limit_of_loss_chooses_smaller_tubes() {
        let assay = Assay { ct_mean: 30.0, ct_sd: 4.0, ct_limit: 36.0, dilution: 1.0 };
        let all = advise(&[1, 5, 10, 20], None, false, alone(0.001), assay, 1.0).unwrap();
        let ten = &all.choices[2];
        assert!((ten.ct_shift - 10.0_f64.log2()).abs() < 1e-12);
        // P(Ct < 36 - 3.32) with mean 30 and sd 4
        assert!(ten.lost > 0.15 && ten.lost < 0.5, "{ten:?}");
        assert!(all.choices.windows(2).all(|pair| pair[0].sensitivity >= pair[1].sensitivity));
        let careful = advise(&[1, 5, 10, 20], None, false, alone(0.001), assay, 0.05).unwrap();
        assert!(careful.choices[careful.best.unwrap()].size < all.choices[all.best.unwrap()].size);
        let mixed = advise(&[10], None, false, alone(0.001), Assay { dilution: 0.2, ..assay }, 1.0).unwrap();
        assert!(mixed.choices[0].lost < ten.lost);
    }

    #[test]
    fn households_infected_together_spare_tests_and_are_found_better() {
        let people = People { prevalence: 0.01, household: 3.0, attack_rate: 0.5 };
        let assay = Assay { ct_mean: 30.0, ct_sd: 4.0, ct_limit: 36.0, dilution: 1.0 };
        let strangers =
            &advise(&[10], None, false, People { attack_rate: 0.0, ..people }, assay, 1.0).unwrap().choices[0];
        let together = &advise(&[10], None, false, people, assay, 1.0).unwrap().choices[0];
        assert!(together.tests_per_person < strangers.tests_per_person && together.sensitivity > strangers.sensitivity);
        let own = &advise(&[10], None, true, people, assay, 1.0).unwrap().choices[0];
        assert!((own.filled - 3.0).abs() < 1e-12 && own.household && own.ct_shift < together.ct_shift);
        assert!(own.recalled_per_found < together.recalled_per_found);
    }

    #[test]
    fn sizes_that_were_never_validated_are_refused() {
        for size in [30, 50, 2, 11] {
            let refused = advise(&[1, 5, 10, 20], Some(size), false, alone(0.001), PERFECT, 1.0).unwrap_err();
            assert!(refused.to_string().contains("only 1, 5, 10, 20"), "{refused}");
        }
        assert!(advise(&[1], None, false, alone(0.0), PERFECT, 1.0).is_err());
        assert!(advise(&[1], None, false, alone(f64::NAN), PERFECT, 1.0).is_err());
    }

    /// The household model beside a drawn population: positive tubes and infected people found.
    #[test]
    fn the_formulas_are_those_of_drawn_households() {
        let people = People { prevalence: 0.02, household: 3.0, attack_rate: 0.4 };
        let assay = Assay { ct_mean: 30.0, ct_sd: 4.0, ct_limit: 36.0, dilution: 1.0 };
        let choice = &advise(&[10], None, true, people, assay, 1.0).unwrap().choices[0];
        let mut chance = crate::epi::sampling::Chance::new(3, 0);
        let struck = people.prevalence * 3.0 / (1.0 + 2.0 * people.attack_rate);
        let (mut tubes, mut seen) = (0.0, 0.0);
        for _ in 0..200_000 {
            tubes += 1.0;
            if chance.uniform() >= struck {
                continue;
            }
            let infected = 1 + (0..2).filter(|_| chance.uniform() < people.attack_rate).count();
            let found =
                (0..infected).any(|_| assay.ct_mean + assay.ct_sd * chance.normal() + 3.0_f64.log2() < assay.ct_limit);
            seen += f64::from(u8::from(found));
        }
        assert!(
            (seen / tubes - choice.positive_tubes).abs() / choice.positive_tubes < 0.03,
            "{} {}",
            seen / tubes,
            choice.positive_tubes
        );
    }
}
