//! Where the outbreak stands, as data: what was found and where, how fast it spreads, what is not seen yet, what is to come and
//! what that takes. Kept by the store as it was worked out, and shown by pages, the API and the command line. What cannot be
//! said stands as a gap with its reason, and never as a number.

use crate::{
    divisions::{DivisionCode, Level},
    terms,
    time::CivilDate,
    transfer::FacilityKind,
};
use serde::{Deserialize, Serialize};

terms! {
    /// Why a figure is not there.
    Gap {
        /// The rules in force name no serial interval.
        NoSerialInterval = "no_serial_interval",
        /// Nothing was found in the days that are looked at.
        NoCases = "no_cases",
        /// Too little was found.
        TooFew = "too_few",
        /// Too few days are counted.
        TooShort = "too_short",
        /// Nobody told what there is.
        NotTold = "not_told",
        /// The method refuses what it was given.
        Refused = "refused",
    }
}

terms! {
    /// A step from the first symptoms to a bed.
    DelayStep {
        OnsetToFound = "onset_to_found", SampleToFound = "sample_to_found",
        /// From the request for a transfer to the crew at the door.
        RequestToPickup = "request_to_pickup",
        RequestToAdmission = "request_to_admission",
    }
}

terms! {
    /// How a place stands that is to be clear of infections in the community.
    Clearing {
        /// So many whole days have passed without one as the rules ask of an area; or it never had one.
        Clear = "clear",
        /// Only days are missing.
        Waiting = "waiting",
        /// Members of positive tubes are not resolved, so that more may come.
        Unsettled = "unsettled",
        /// The rules in force name no number of days.
        NoRule = "no_rule",
    }
}

/// A figure, or why it is not there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told<T> {
    /// The figure.
    Known(T),
    /// Why it is not there.
    Missing(Gap),
}

impl<T> Told<T> {
    /// The figure, where it is there.
    pub fn known(&self) -> Option<&T> {
        match self {
            Told::Known(value) => Some(value),
            Told::Missing(_) => None,
        }
    }
    /// Why it is not there.
    pub fn gap(&self) -> Option<Gap> {
        match self {
            Told::Known(_) => None,
            Told::Missing(gap) => Some(*gap),
        }
    }
}

/// A value with the interval that holds it with a probability of 95 %.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Between {
    /// Lower end.
    pub low: f64,
    /// Median.
    pub median: f64,
    /// Upper end.
    pub high: f64,
}

/// Infections that were found on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// In the community.
    pub community: u64,
    /// Among people who were under isolation already, or came from abroad.
    pub held: u64,
}

impl Found {
    /// Both.
    pub fn all(self) -> u64 {
        self.community + self.held
    }
    /// Share in the community; none where nothing was found.
    pub fn share(self) -> Option<f64> {
        (self.all() > 0).then(|| self.community as f64 / self.all() as f64)
    }
}

impl std::iter::Sum for Found {
    fn sum<I: Iterator<Item = Found>>(all: I) -> Found {
        all.fold(Found::default(), |sum, one| Found {
            community: sum.community + one.community,
            held: sum.held + one.held,
        })
    }
}

/// The reproduction number of the last days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reproduction {
    /// Now.
    pub now: Between,
    /// Days of the window.
    pub window_days: u32,
    /// Infections in it.
    pub cases: u64,
    /// Whether the window has fewer of them than a coefficient of variation of 0.3 needs.
    pub few: bool,
    /// Whether it borrows from the city's.
    pub pooled: bool,
    /// Of windows that ended on the days before, the last one last; none where the method gives none.
    pub before: Vec<Option<Between>>,
}

/// A day whose infections are not all known yet.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct NowDay {
    /// Day.
    pub day: CivilDate,
    /// Known so far.
    pub seen: u64,
    /// Share that is thought to be known.
    pub complete: f64,
    /// What there will have been.
    pub expected: Between,
}

/// A day ahead.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FanDay {
    /// Day.
    pub day: CivilDate,
    /// Median and 95 %.
    pub expected: Between,
    /// 50 %.
    pub half: [f64; 2],
}

/// What is to come if nothing changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fan {
    /// Days.
    pub days: Vec<FanDay>,
    /// The sum of the first seven.
    pub week: Between,
}

/// How good forecasts from past days were.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Forecasts that were scored, each of one day.
    pub forecasts: u64,
    /// Days from which they were made.
    pub days: u64,
    /// Weighted interval score, in infections of a day; lower is better.
    pub wis: f64,
    /// That of saying that tomorrow is as today.
    pub naive: f64,
    /// Shares of the truth within the 50 % and the 95 % interval.
    pub within: [f64; 2],
}

/// A step on the way to a bed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delay {
    /// Which.
    pub step: DelayStep,
    /// People who are through with it.
    pub ended: u64,
    /// People who still wait.
    pub waiting: u64,
    /// Hours within which half and 19 of 20 are through, those counted who still wait; none where so many are not through yet.
    pub half_h: Option<f64>,
    /// See above.
    pub most_h: Option<f64>,
    /// The same of those who began on each of the last days, with how many they are.
    pub days: Vec<DelayDay>,
}

/// A step of those who began it on a day.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DelayDay {
    /// Day.
    pub day: CivilDate,
    /// People.
    pub people: u64,
    /// See [`Delay`].
    pub half_h: Option<f64>,
    /// See [`Delay`].
    pub most_h: Option<f64>,
}

/// A day on which something is needed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct NeedDay {
    /// Day.
    pub day: CivilDate,
    /// Needed: median.
    pub median: f64,
    /// Needed in nine of ten futures at most.
    pub high: f64,
    /// What there is; none where nobody told.
    pub have: Option<f64>,
    /// Probability that it is too little.
    pub short: Option<f64>,
}

/// What must be decided, and by when.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decide {
    /// First day on which a shortage is likelier than is accepted.
    pub first_short: CivilDate,
    /// The latest day to decide; it may have passed.
    pub by: CivilDate,
    /// How much more.
    pub more: f64,
    /// How much is missing on the worst day if nothing is done: in the middle, and in nine of ten futures at most.
    pub without: [f64; 2],
}

/// Something that the days ahead take.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Needed {
    /// Name, as in the file of needs.
    pub name: String,
    /// What it is called there.
    pub words: String,
    /// Kind of places whose beds they are, if they are beds.
    #[serde(default)]
    pub beds_of: Option<FacilityKind>,
    /// Days from a decision until more of it can be used.
    pub lead_days: u32,
    /// Accepted probability of a shortage on a day.
    pub risk: f64,
    /// For each case; of it seen in this city's own transfers, or as the file says.
    pub per_case: f64,
    /// See above.
    pub own_share: bool,
    /// Whether the stay is that of this city's own stays.
    pub own_stay: bool,
    /// By day ahead.
    pub days: Vec<NeedDay>,
    /// What must be decided; none where nothing is short.
    pub decide: Option<Decide>,
}

/// What whole days tell: worked out again when one of them changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ahead {
    /// The reproduction number.
    pub reproduction: Told<Reproduction>,
    /// Cases to come.
    pub fan: Told<Fan>,
    /// How good such forecasts were.
    pub score: Told<Score>,
    /// What they take.
    pub needs: Vec<Needed>,
    /// Whether the needs are the assumptions that come with the program, which no city has made its own.
    pub needs_built_in: bool,
}

/// A unit within the one that is told of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unit {
    /// Which.
    pub division: DivisionCode,
    /// Last whole day.
    pub yesterday: Found,
    /// Last seven whole days.
    pub week: Found,
    /// The seven before.
    pub week_before: Found,
    /// The last day on which one was found in the community, of the days that are counted.
    pub last_community_on: Option<CivilDate>,
    /// The reproduction number.
    pub reproduction: Told<Between>,
    /// Cases of the next seven days.
    pub next_week: Told<Between>,
    /// Whether anything is known: a unit of which nothing was sampled for days is no unit without cases.
    pub known: bool,
}

/// Where the outbreak stands in the city or a district.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Situation {
    /// Which.
    pub division: DivisionCode,
    /// Its level.
    pub level: Level,
    /// First day that is counted.
    pub first: CivilDate,
    /// Last whole day.
    pub day: CivilDate,
    /// The last day on which tubes were taken.
    pub sampled_on: Option<CivilDate>,
    /// Rules in force.
    pub pack: String,
    /// Mean and standard deviation of the serial interval, in days, and the clause.
    pub serial: Option<([f64; 2], String)>,
    /// Infections found by day, from the first to the last whole one.
    pub found: Vec<Found>,
    /// Those of the day that runs.
    pub today: Found,
    /// The last day on which one was found in the community.
    pub last_community_on: Option<CivilDate>,
    /// Infections by the day of their sample, of which the last ones are not all known.
    pub sampled: Told<Vec<NowDay>>,
    /// The same by the day of the first symptoms, of those who had any.
    pub onsets: Told<Vec<NowDay>>,
    /// Steps to a bed.
    pub delays: Vec<Delay>,
    /// What whole days tell.
    pub ahead: Ahead,
    /// Units within it.
    pub units: Vec<Unit>,
}

impl Situation {
    /// Infections of the last days, so many, up to the last whole one less some.
    pub fn last(&self, days: usize, before: usize) -> Found {
        let end = self.found.len().saturating_sub(before);
        self.found[end.saturating_sub(days)..end].iter().copied().sum()
    }
}
