//! The daily bulletin as data: what is told, with its sums and its gaps. It is filled from the books or from a published
//! bulletin; `None` means that nobody knows, and is printed so. Rendering is the business of the papers crate.

use crate::{
    books::Balance,
    cases::{Classification, Origin},
    divisions::DivisionCode,
    time::*,
    transfer::FacilityKind,
};
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

/// How the cases in care became what they are since the bulletin of the day before: by name, and not by arithmetic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockFlow {
    /// In care as the bulletin of the day before told it.
    pub before: u64,
    /// Found since, and in care as this.
    pub new: u64,
    /// Were something else before.
    pub into: u64,
    /// Have become something else.
    pub out_of: u64,
    /// Recovered.
    pub recovered: u64,
    /// Died.
    pub died: u64,
    /// Came or went for another reason: a case that never was, two cases that are of one person or are not after all.
    pub other: i64,
}

impl StockFlow {
    /// What must be in care now.
    pub fn expected(&self) -> i64 {
        let signed = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        signed(self.before) + signed(self.new) + signed(self.into)
            - signed(self.out_of)
            - signed(self.recovered)
            - signed(self.died)
            + self.other
    }
}

/// Cases in care at the cut-off that count as one thing: `stock(t) = stock(t-1) + new - recovered - died +- reclassified`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockLine {
    /// As what they count; confirmed ones include those who were converted.
    pub class: Classification,
    /// How it came; `None` where the bulletin of the day before did not tell it.
    pub flow: Option<StockFlow>,
    /// In care, counted one by one.
    pub open: u64,
}

impl StockLine {
    /// Key of its check in the message files.
    pub fn check(&self) -> &'static str {
        match self.class {
            Classification::Awaiting => "stock-awaiting",
            Classification::Asymptomatic => "stock-asymptomatic",
            _ => "stock-confirmed",
        }
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
    /// Cases in care by what they count as, and how that came since the day before; empty where nobody tells.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stock: Vec<StockLine>,
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

/// People other than whoever drafted it who say that an edition may go out.
pub const APPROVALS: usize = 2;

/// How an edition stands on its way to the public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditionState {
    /// Somebody, or a rule, drafted it.
    Draft,
    /// Enough others said that it may go out.
    Approved,
    /// It stands at its permanent address, and is never changed.
    Published,
    /// A later edition of its day is published.
    Superseded,
}

/// Why something is not done with an edition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// Whoever drafted it does not approve it.
    OwnDraft,
    /// Too few others approved it.
    TooFewApprovals,
    /// It is published, or a later one is.
    Out,
}

/// What is to be done with an edition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// It is done.
    Goes,
    /// It was done before.
    Same,
    /// It is not.
    Not(Hindrance),
}

/// What is known of an edition on its way: drafted by one, approved by two others, published for good.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Account that drafted it; none where the line did.
    pub drafted_by: Option<String>,
    /// Accounts that approved it.
    pub approved_by: Vec<String>,
    /// Whether it is published.
    pub published: bool,
    /// Whether a later edition of its day is.
    pub superseded: bool,
}

impl Standing {
    fn enough(&self) -> bool {
        let others = self.approved_by.iter().filter(|account| Some(*account) != self.drafted_by.as_ref());
        others.count() >= APPROVALS
    }

    /// Its state.
    pub fn state(&self) -> EditionState {
        match (self.superseded, self.published, self.enough()) {
            (true, ..) => EditionState::Superseded,
            (false, true, _) => EditionState::Published,
            (false, false, true) => EditionState::Approved,
            (false, false, false) => EditionState::Draft,
        }
    }

    /// Whether an account may approve it.
    pub fn approve(&self, account: &str) -> Deed {
        if self.approved_by.iter().any(|by| by == account) {
            Deed::Same
        } else if self.published || self.superseded {
            Deed::Not(Hindrance::Out)
        } else if self.drafted_by.as_deref() == Some(account) {
            Deed::Not(Hindrance::OwnDraft)
        } else {
            Deed::Goes
        }
    }

    /// Whether it may be published.
    pub fn publish(&self) -> Deed {
        match self.state() {
            _ if self.published => Deed::Same,
            EditionState::Superseded => Deed::Not(Hindrance::Out),
            EditionState::Approved => Deed::Goes,
            EditionState::Draft | EditionState::Published => Deed::Not(Hindrance::TooFewApprovals),
        }
    }
}

impl Bulletin {
    /// The first sum that does not hold.
    pub fn wrong(&self) -> Option<&Check> {
        self.checks.iter().find(|check| check.holds() == Some(false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(drafted_by: &str, approved_by: &str, out: &str) -> Standing {
        let accounts = approved_by.split_whitespace().map(str::to_owned).collect();
        let drafted_by = (!drafted_by.is_empty()).then(|| drafted_by.to_owned());
        Standing { drafted_by, approved_by: accounts, published: out == "published", superseded: out == "later" }
    }

    #[test]
    fn an_edition_goes_out_by_two_who_did_not_draft_it() {
        use Deed::{Goes, Not, Same};
        use Hindrance::{Out, OwnDraft, TooFewApprovals};
        // drafted by, approved by, whether one is out: the state, what a, b and c may say of it, and whether it is published
        let cases = [
            ("a", "", "", EditionState::Draft, [Not(OwnDraft), Goes, Goes], Not(TooFewApprovals)),
            ("a", "b", "", EditionState::Draft, [Not(OwnDraft), Same, Goes], Not(TooFewApprovals)),
            ("a", "b c", "", EditionState::Approved, [Not(OwnDraft), Same, Same], Goes),
            // by the line: nobody is kept from approving it
            ("", "", "", EditionState::Draft, [Goes, Goes, Goes], Not(TooFewApprovals)),
            ("", "a b", "", EditionState::Approved, [Same, Same, Goes], Goes),
            // whoever drafted it counts for nothing, however their word came there
            ("a", "a b", "", EditionState::Draft, [Same, Same, Goes], Not(TooFewApprovals)),
            ("a", "b c", "published", EditionState::Published, [Not(Out), Same, Same], Same),
            ("a", "b", "later", EditionState::Superseded, [Not(Out), Same, Not(Out)], Not(Out)),
            ("a", "b c", "later", EditionState::Superseded, [Not(Out), Same, Same], Not(Out)),
        ];
        for (drafted, approved, out, state, said, published) in cases {
            let standing = standing(drafted, approved, out);
            assert_eq!(standing.state(), state, "{standing:?}");
            assert_eq!(["a", "b", "c"].map(|account| standing.approve(account)), said, "{standing:?}");
            assert_eq!(standing.publish(), published, "{standing:?}");
        }
    }

    #[test]
    fn a_stock_follows_from_the_one_before() {
        let flow = StockFlow { before: 10, new: 4, into: 2, out_of: 3, recovered: 5, died: 1, other: -2 };
        assert_eq!(flow.expected(), 5);
        assert_eq!(StockFlow { died: 9, ..StockFlow::default() }.expected(), -9, "never hidden by zero");
    }
}
