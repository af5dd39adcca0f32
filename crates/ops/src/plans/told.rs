//! What a plan says beside its sites: hours, cost, what tests of the purpose found, and why a round is not planned.

use super::{MOST, called, percentile};
use dayclear_core::{protocol::Pack, reason::Reason, time::Instant};
use dayclear_engines::screening::{
    plan::{Conditions, RoundPlan, RoundRefusal, Totals},
    pools::{self, Assay, Choice},
    yields::Shift,
};
use dayclear_store::plans::{LaboratoryPlace, SiteRow};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Share of a case's housemates who are infected too: BA.5.2 and BF.7 together (docs/screen.md).
const ATTACK_RATE: f64 = 0.45;
/// Loss of sensitivity beside single tubes that is accepted.
const LOSS_MOST: f64 = 0.1;

/// What a plan says beside its sites.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// Kind and clause of a refusal.
    pub refused: Option<Refused>,
    /// Sums; none for a refused one.
    pub totals: Option<Totals>,
    /// What its tests cost, where every laboratory that is driven to says its price.
    pub tests_cost: Option<f64>,
    /// What taking the swabs of everybody costs, where the round says the price of one.
    #[serde(default)]
    pub collection_cost: Option<f64>,
    /// Tubes by size; households' tubes under 0.
    pub pools: BTreeMap<u8, u32>,
    /// Hour by hour: how many are called, and how long 19 in 20 of them wait at most.
    pub hours: Vec<Hour>,
    /// The round whose attendance was expected again, people of it in these buildings, and of them those who came.
    pub attended: Option<(String, i64, i64)>,
    /// What tests of this purpose found in the last rounds.
    pub found: Option<Found>,
    /// Clauses that were applied.
    pub reasons: Vec<Reason>,
    /// Numbers that no rule gives.
    pub conditions: serde_json::Value,
}

/// Why a round is not planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Kind.
    pub kind: String,
    /// Clause of the pack, where one decided.
    pub clause: Option<String>,
}

/// An hour of a round.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Hour {
    /// When it begins.
    pub from: Instant,
    /// People who are called.
    pub called: u64,
    /// Wait that 19 in 20 of them do not exceed, minutes.
    pub wait_min: f64,
}

/// What tests of a purpose found, and what follows for the next ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// Positives expected for 10,000 swabs, with its 95 % interval.
    pub per_10000: f64,
    /// See above.
    pub low: f64,
    /// See above.
    pub high: f64,
    /// Swabs of the last round, and those suggested for the next.
    pub tests_now: u64,
    /// See above.
    pub tests_next: u64,
    /// Size of tubes with the fewest tests among those that lose little; none where all lose more.
    pub size: Option<u8>,
    /// Tests for each person with it, and with the size that was asked for.
    pub tests_per_person: Option<f64>,
    /// See above.
    pub tests_per_person_asked: Option<f64>,
    /// Share of infected people whom it loses beside single tubes.
    pub lost: Option<f64>,
}

pub(super) fn hours(made: &RoundPlan, from: Instant) -> Vec<Hour> {
    let mut hours: BTreeMap<i32, Vec<(f64, u64)>> = BTreeMap::new();
    for site in &made.sites {
        for ((slot, wait), people) in made.slots.iter().zip(&site.waits_min).zip(called(site)) {
            hours.entry(slot.from / 60).or_default().push((*wait, people));
        }
    }
    let hour = |(hour, waits): (i32, Vec<(f64, u64)>)| Hour {
        from: from.plus_minutes(i64::from(hour) * 60),
        called: waits.iter().map(|(_, people)| people).sum(),
        wait_min: percentile(waits, MOST),
    };
    hours.into_iter().map(hour).collect()
}

/// Price of the tests, each tube at the laboratory that is nearest to its site.
pub(super) fn cost(sites: &[SiteRow], laboratories: &[LaboratoryPlace]) -> Option<f64> {
    let price: BTreeMap<&str, f64> =
        laboratories.iter().filter_map(|one| Some((one.laboratory.as_str(), one.price?))).collect();
    sites.iter().map(|site| Some(site.tubes as f64 * price.get(site.laboratory.as_deref()?)?)).sum()
}

pub(super) fn found(shift: &Shift, pack: &Pack, purpose: dayclear_core::screening::Purpose, asked: u8) -> Found {
    let prevalence = shift.expected_per_10000 * 1e-4;
    let people =
        pools::People { prevalence, household: Conditions::default().household_size, attack_rate: ATTACK_RATE };
    // swabs in one tube share its volume, so pooling costs a part of what it costs in a laboratory
    let assay = Assay { dilution: 0.3, ..Assay::default() };
    let advice = pools::advise(pack.pool_sizes(purpose), None, false, people, assay, LOSS_MOST).ok();
    let best = advice.as_ref().and_then(|advice| advice.choices.get(advice.best?));
    let of_asked = advice.as_ref().and_then(|advice| advice.choices.iter().find(|choice| choice.size == asked));
    let tests = |choice: Option<&Choice>| choice.map(|choice| choice.tests_per_person);
    Found {
        per_10000: shift.expected_per_10000,
        low: shift.low,
        high: shift.high,
        tests_now: shift.tests_now,
        tests_next: shift.tests_next,
        size: best.map(|choice| choice.size),
        tests_per_person: tests(best),
        tests_per_person_asked: tests(of_asked),
        lost: best.map(|choice| choice.lost),
    }
}

pub(super) fn refused(refusal: &RoundRefusal) -> Refused {
    let (kind, clause) = match refusal {
        RoundRefusal::NoRounds(_) => ("no_rounds", None),
        RoundRefusal::Widened(reason) => ("widened", Some(reason)),
        RoundRefusal::NoDelivery(_) => ("no_delivery", None),
        RoundRefusal::BeyondArea { reason, .. } => ("beyond_area", Some(&**reason)),
        RoundRefusal::TwiceADay { reason, .. } => ("twice_a_day", Some(reason)),
        RoundRefusal::NotDue { reason, .. } => ("not_due", Some(&**reason)),
        RoundRefusal::TooLong { reason, .. } => ("too_long", Some(reason)),
        RoundRefusal::Hours { .. } => ("hours", None),
        RoundRefusal::Nobody => ("nobody", None),
        RoundRefusal::Condition { .. } => ("condition", None),
    };
    Refused { kind: kind.to_owned(), clause: clause.map(ToString::to_string) }
}
