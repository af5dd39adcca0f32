//! The daily bulletin as data: what is told, with its sums and its gaps. It is filled from the books or from a published
//! bulletin; `None` means that nobody knows, and is printed so. Rendering is the business of the papers crate.

use crate::{books::Balance, cases::Origin, divisions::DivisionCode, time::*, transfer::FacilityKind};
use serde::{Deserialize, Serialize};

/// Counts of one route by which cases were found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteLine {
    /// Route; `None` = converted from asymptomatic (found earlier, counted now).
    pub route: Option<Origin>,
    /// New confirmed cases.
    pub confirmed: Option<u64>,
    /// New asymptomatic cases.
    pub asymptomatic: Option<u64>,
}

/// Counts of one reporting unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitLine {
    /// District or reporting unit.
    pub code: DivisionCode,
    /// Name in the city's language.
    pub name: String,
    /// Name in English, if known.
    pub name_en: Option<String>,
    /// New confirmed cases, converted ones included.
    pub confirmed: Option<u64>,
    /// New asymptomatic cases.
    pub asymptomatic: Option<u64>,
    /// Positives that wait for a diagnosis.
    pub awaiting: Option<u64>,
    /// New infections found in the community, where that is printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub community: Option<u64>,
    /// Whether that is withheld, because it or what stands beside it is a small count.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub community_withheld: bool,
}

/// Beds of one kind of facility at the cut-off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BedLine {
    /// Kind of facility.
    pub kind: FacilityKind,
    /// Beds in service.
    pub total: u64,
    /// Occupied.
    pub occupied: u64,
    /// Held for somebody on the way.
    pub held: u64,
    /// Free.
    pub free: u64,
}

/// A sum that must be true before a bulletin may be published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Key of the check in the message files, for example `sum-by-route-confirmed`.
    pub name: String,
    /// The total.
    pub total: i64,
    /// What the parts add up to; `None` where the parts are not known.
    pub parts: Option<i64>,
}

impl Check {
    /// `Some(true)` when total and parts agree, `None` when the parts are not known.
    pub fn holds(&self) -> Option<bool> {
        self.parts.map(|parts| parts == self.total)
    }
}

/// Activity of one day in a worklist-like pair of numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// Open at the start.
    pub before: u64,
    /// Begun during the day.
    pub begun: u64,
    /// Ended during the day.
    pub ended: u64,
    /// Open at the end.
    pub open: u64,
    /// Of those, past their deadline.
    pub overdue: u64,
}

/// Where a bulletin's figures come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Provenance {
    /// Printed from the books of this system; the signature of the day stands for them.
    Books {
        /// Signature of the closed day, hexadecimal.
        signature: String,
    },
    /// Taken over from a published bulletin.
    Published {
        /// Where it was published.
        sources: Vec<String>,
    },
}

/// The bulletin of one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bulletin {
    /// The day it tells of, 0-24 h in the city's zone.
    pub date: CivilDate,
    /// Name of the city.
    pub city: String,
    /// Name of the city in English, if known.
    #[serde(default)]
    pub city_en: Option<String>,
    /// Zone in which the city counts its days, an IANA name such as `Asia/Shanghai`; without it times are printed in UTC.
    #[serde(default)]
    pub zone: Option<String>,
    /// Cut-off of the figures.
    pub cutoff: Option<Instant>,
    /// Protocol pack in force.
    pub pack: Option<String>,
    /// Where the figures come from.
    pub provenance: Provenance,
    /// New confirmed cases, converted ones included.
    pub confirmed: Option<u64>,
    /// New asymptomatic cases.
    pub asymptomatic: Option<u64>,
    /// Of the confirmed, converted from asymptomatic: already counted once, so not new infections.
    pub converted: Option<u64>,
    /// Positives that wait for a diagnosis at the cut-off.
    pub awaiting: Option<u64>,
    /// New infections found in the community.
    pub community: Option<u64>,
    /// By route.
    pub routes: Vec<RouteLine>,
    /// By reporting unit; empty when the source gives none.
    pub units: Vec<UnitLine>,
    /// Cases in care at the cut-off.
    pub in_care: Option<u64>,
    /// Of those, severe.
    pub severe: Option<u64>,
    /// Of those, critical.
    pub critical: Option<u64>,
    /// Discharged or released during the day.
    pub recovered: Option<u64>,
    /// Died during the day.
    pub died: Option<u64>,
    /// Beds at the cut-off.
    pub beds: Vec<BedLine>,
    /// Tubes collected during the day.
    pub tubes: Option<u64>,
    /// People sampled during the day.
    pub sampled: Option<u64>,
    /// Tubes with a final result during the day.
    pub resulted: Option<u64>,
    /// Of those, positive.
    pub positive_tubes: Option<u64>,
    /// Median minutes from collection to result.
    pub turnaround_min: Option<u64>,
    /// Positives to move, from result to bed.
    pub moved: Option<Flow>,
    /// Contacts to place.
    pub placed: Option<Flow>,
    /// Areas under restriction.
    pub areas: Option<Flow>,
    /// Orders that bind people.
    pub orders: Option<Flow>,
    /// Requests of residents.
    pub requests: Option<Flow>,
    /// Corrections of results during the day.
    pub corrections: Option<u64>,
    /// The books of the city, summed over divisions.
    pub books: Vec<Balance>,
    /// Sums that were checked.
    pub checks: Vec<Check>,
    /// Keys of notes in the message files: method, gaps.
    pub notes: Vec<String>,
}
