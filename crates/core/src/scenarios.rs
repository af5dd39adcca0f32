//! Policies played beside each other on one made-up city and the same outbreaks, as data: what each brings by day and in sum, how
//! it differs from the first, and what it would take. Made by the engine, shown by the papers and the command line. It tells of
//! nobody: the people are made up, and of a real city it holds counts of cases and people alone.

use crate::{
    situation::{NeedDay, Needed},
    terms,
    time::CivilDate,
};
use serde::{Deserialize, Serialize};

/// Form of the JSON; it grows by one when a field goes or changes its meaning.
pub const FORM: u32 = 1;

terms! {
    /// What is told of each day of a policy.
    Outcome {
        /// Infections that were reported on the day.
        Reported = "reported",
        /// People infected on the day, whether anybody knows of it or not.
        Infections = "infections",
        /// People held as contacts at the end of the day, at home or away from it.
        Held = "held",
        /// Of those, who is held away from home.
        Away = "away",
        /// People who live in what is confined at the end of the day.
        Confined = "confined",
        /// Tubes of rounds, and swabs that have a tube of their own.
        Tubes = "tubes",
        /// People who are severely or critically ill at the end of the day, whether anybody found them or not.
        Severe = "severe",
    }
}

impl Outcome {
    /// Whether it is counted at the end of each day, so that its sum is one of person-days.
    pub fn stands(self) -> bool {
        matches!(self, Outcome::Held | Outcome::Away | Outcome::Confined | Outcome::Severe)
    }
}

/// How the outbreaks that were played lie around their middle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Around {
    /// One of twenty is lower.
    pub q05: f64,
    /// A quarter is lower.
    pub q25: f64,
    /// Half are lower.
    pub median: f64,
    /// A quarter is higher.
    pub q75: f64,
    /// One of twenty is higher.
    pub q95: f64,
}

/// How much more a policy brings than the first one on the same outbreaks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Mean over the outbreaks.
    pub mean: f64,
    /// Its 95 % interval; none where one outbreak was played.
    pub between: Option<[f64; 2]>,
}

/// The sum over all days.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Total {
    /// Around its middle.
    #[serde(flatten)]
    pub around: Around,
    /// Mean.
    pub mean: f64,
    /// Against the first policy; none of the first itself.
    pub difference: Option<Difference>,
}

/// An outcome of a policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Which.
    pub outcome: Outcome,
    /// By day, from the first on.
    pub days: Vec<Around>,
    /// Over all days.
    pub total: Total,
}

/// What a policy takes of something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Taken {
    /// By day, and what must be decided.
    #[serde(flatten)]
    pub needed: Needed,
    /// Whether the outbreak itself counts it (people held away, tubes), and not so much for each case.
    pub counted: bool,
    /// The day on which most is needed, by the median.
    pub peak: NeedDay,
    /// Share of the outbreaks in which it is short on any day; none where nobody told what there is.
    pub short: Option<f64>,
}

/// A policy that was played.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Played {
    /// What it is called.
    pub policy: String,
    /// What it brings, in the order of [`Outcome::ALL`]; without the severely ill where the disease names no share of them.
    pub outcomes: Vec<Series>,
    /// What it takes.
    pub needs: Vec<Taken>,
}

impl Played {
    /// One of its outcomes.
    pub fn of(&self, outcome: Outcome) -> Option<&Series> {
        self.outcomes.iter().find(|series| series.outcome == outcome)
    }
}

/// Where a store stood when the policies began, and how well the outbreaks that were played had followed it until then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// First day that was to be followed.
    pub first: CivilDate,
    /// Cases that the store counts by day, up to the last whole one.
    pub seen: Vec<u64>,
    /// Cases that were reported in the outbreaks on the same days.
    pub played: Vec<Around>,
    /// R0 with which the outbreaks follow, in place of the disease's.
    pub r0: f64,
    /// R0 of the disease's file.
    pub r0_of_file: f64,
    /// People infected from outside on the day on which the outbreaks begin.
    pub imports: u32,
    /// Day on which they begin.
    pub begins: CivilDate,
    /// Outbreaks that were tried for those that are kept.
    pub tried: u32,
    /// Median of the outbreaks over the store, of the last seven whole days.
    pub last_week: f64,
    /// The policy of the days until then.
    pub so_far: String,
}

/// Policies beside each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scenarios {
    /// See [`FORM`].
    pub form: u32,
    /// Name of the disease.
    pub disease: String,
    /// People of the city.
    pub people: u64,
    /// Seed of the city.
    pub city_seed: u64,
    /// Seeds of the outbreaks, the same for each policy.
    pub seeds: Vec<u64>,
    /// First day on which the policies differ.
    pub first: CivilDate,
    /// Days.
    pub days: u32,
    /// People infected from outside by day of the run, the same under each policy.
    pub imports: Vec<(u16, u32)>,
    /// Where the store stood from which they begin; none without a store.
    pub standing: Option<Standing>,
    /// Whether the needs of a case are the assumptions that come with the program.
    pub needs_built_in: bool,
    /// In the order in which they were named; the others are compared with the first.
    pub policies: Vec<Played>,
}
