//! Risk areas: which infection opens one, what it encloses, and when it is released.

use super::{Pack, count, rules::AreaRules, terms::Exemption};
use crate::{
    cases::Origin,
    measures::{OrderKind, ZoneLevel, ZoneUnit},
    reason::{Decided, Reason},
    roster::Known,
    time::CivilDate,
};
use serde::{Deserialize, Serialize};

/// What is known of an infection when an area is considered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AreaFacts {
    /// Route by which the case was found.
    pub origin: Origin,
    /// The order under which the person was, if any; tells a site from a home where the origin is 'already isolated'.
    pub held_at: Option<OrderKind>,
    /// Whether the person works in a closed loop.
    pub closed_loop: bool,
    /// Whether anybody outside the site, the household or the loop was exposed.
    pub spread_outside: Known,
    /// Whether the person is positive again after a discharge.
    pub reinfection: bool,
    /// Lowest cycle threshold, if measured.
    pub ct: Option<f64>,
    /// Whether the person came from abroad and was found on that account.
    pub inbound: bool,
}

impl AreaFacts {
    /// An infection of which only the route is known.
    pub fn new(origin: Origin) -> Self {
        AreaFacts {
            origin,
            held_at: None,
            closed_loop: false,
            spread_outside: Known::Unknown,
            reinfection: false,
            ct: None,
            inbound: origin == Origin::Entry,
        }
    }
}

/// What an area is under a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AreaRule {
    /// Units that may be enclosed, smallest first. The first is the default (R02).
    pub units: Vec<ZoneUnit>,
    /// The unit that a higher approval may allow where the risk of spread is unclear or wide.
    pub enlarged: Option<ZoneUnit>,
    /// Level of risk when it is opened.
    pub level: ZoneLevel,
    /// Whether residents stay at home and are served at the door.
    pub stay_home: bool,
}

/// The facts on which a release depends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AreaClock<'a> {
    /// Day on which the area was opened.
    pub opened: CivilDate,
    /// Day of the last infection that resets the clock (see [`Pack::resets_clock`]), by sampling.
    pub last_new_infection: CivilDate,
    /// Today.
    pub today: CivilDate,
    /// Days on which everybody in the area was tested and negative, in order. The first that is late enough counts.
    pub all_negative_on: &'a [CivilDate],
}

/// One step down of an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AreaStep {
    /// The level that is reached.
    pub level: ZoneLevel,
    /// On which day.
    pub on: CivilDate,
    /// Whether everything that it needs has happened by today.
    pub met: bool,
}

/// When an area is released.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AreaRelease {
    /// The day of release if it has been earned, else the earliest day on which it can be.
    pub forecast: CivilDate,
    /// Whether the area may be released today.
    pub met: bool,
    /// Every step, the last of them to low.
    pub steps: Vec<AreaStep>,
}

/// What is known of a new infection inside an open area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResetFacts {
    /// Whether the person lives with a case or contact of the area, or is a contact.
    pub household_or_contact: bool,
    /// Whether they were strictly isolated at home before.
    pub strictly_isolated: Known,
    /// Whether spread in the community has been found; `No` is the result of an assessment, not a guess.
    pub community_spread: Known,
}

impl Pack {
    /// What an area is; `None` where the disease has none.
    pub fn area(&self) -> Option<AreaRule> {
        let area = self.rules.area.as_ref()?;
        Some(AreaRule {
            units: area.units.value.clone(),
            enlarged: area.enlarged.as_ref().map(|clause| clause.value),
            level: area.level.value,
            stay_home: area.stay_home.value,
        })
    }

    /// Days without a new infection after which an area is released; `None` where the disease has none.
    pub fn area_days(&self) -> Option<Decided<i64>> {
        let area = self.rules.area.as_ref()?;
        Some(Decided::new(area.days.value, self.because(&area.days)))
    }

    /// The smallest kind of area that the rules allow, out of those that can be drawn around a home; `None` where the disease has no
    /// areas, or where nothing that is known of the home is a kind that they allow.
    pub fn area_unit(&self, known: &[ZoneUnit]) -> Option<Decided<ZoneUnit>> {
        let area = self.rules.area.as_ref()?;
        let drawn = *area.units.value.iter().find(|kind| known.contains(kind))?;
        let smallest = *area.units.value.first()?;
        Some(Decided::new(drawn, self.because(&area.units).with("smallest", smallest).with("drawn", drawn)))
    }

    /// The kind of area beyond the smallest that a higher duty may allow: the one for which the rules ask that, or the widest that they
    /// name. `None` where nothing is wider than a kind.
    pub fn area_wider(&self, than: ZoneUnit) -> Option<Decided<ZoneUnit>> {
        let area = self.rules.area.as_ref()?;
        let decided = match &area.enlarged {
            Some(clause) => Decided::new(clause.value, self.because(clause)),
            None => Decided::new(*area.units.value.last()?, self.because(&area.units)),
        };
        (decided.value > than).then_some(decided)
    }

    /// Whether an infection opens an area. The exempt kinds open one only where spread outside is known.
    pub fn opens_area(&self, facts: &AreaFacts) -> Decided<bool> {
        let Some(area) = &self.rules.area else {
            return Decided::new(false, self.because(&self.rules.area_used));
        };
        let spread = facts.spread_outside == Known::Yes;
        let (opens, reason) = match &area.exempt {
            Some(clause) => match clause.value.iter().find(|kind| applies(**kind, area, facts)) {
                Some(kind) => (spread, self.because(clause).with("exempt", kind)),
                None => (true, self.because(&area.used)),
            },
            None => (true, self.because(&area.used)),
        };
        let reason = reason.with("origin", facts.origin).with("spread_outside", facts.spread_outside);
        let reason = match facts.ct {
            Some(ct) => reason.with("ct", ct),
            None => reason,
        };
        Decided::new(opens, reason)
    }

    /// Whether a new infection inside an area starts its clock again. People who were strictly isolated at home do not,
    /// once it has been assessed that there is no spread in the community.
    pub fn resets_clock(&self, facts: &ResetFacts) -> Decided<bool> {
        let Some(area) = &self.rules.area else {
            return Decided::new(false, self.because(&self.rules.area_used));
        };
        let exempt =
            facts.household_or_contact && facts.strictly_isolated == Known::Yes && facts.community_spread == Known::No;
        let (resets, clause) = match &area.no_reset {
            Some(clause) if clause.value => (!exempt, clause),
            Some(clause) => (true, clause),
            None => return Decided::new(true, self.because(&area.days)),
        };
        let reason = self.because(clause).with("household_or_contact", facts.household_or_contact);
        let reason =
            reason.with("strictly_isolated", facts.strictly_isolated).with("community_spread", facts.community_spread);
        Decided::new(resets, reason)
    }

    /// The clause by which an area is released, or by which the disease has none.
    pub fn area_release_clause(&self) -> Reason {
        match &self.rules.area {
            Some(area) => self.because(&area.days),
            None => self.because(&self.rules.area_used),
        }
    }

    /// When an area may be released. Day 0 is the day of the last new infection, or of opening if that is later. A pack
    /// without areas releases at once what another pack has opened.
    pub fn area_release(&self, clock: &AreaClock<'_>) -> Decided<AreaRelease> {
        let Some(area) = &self.rules.area else {
            let step = AreaStep { level: ZoneLevel::Low, on: clock.today, met: true };
            let release = AreaRelease { forecast: clock.today, met: true, steps: vec![step] };
            return Decided::new(release, self.because(&self.rules.area_used));
        };
        let zero = clock.opened.max(clock.last_new_infection);
        let quiet = count::day(zero, area.days.value);
        let mut reason = self.because(&area.days).with("opened", clock.opened);
        reason = reason.with("last_new_infection", clock.last_new_infection).with("days", area.days.value);
        let (on, earned) = if area.all_tested.value {
            match clock.all_negative_on.iter().find(|day| **day >= quiet && **day <= clock.today) {
                Some(tested) => {
                    reason = reason.with("all_negative_on", tested);
                    (*tested, true)
                }
                None => (quiet.max(clock.today), false),
            }
        } else {
            (quiet, quiet <= clock.today)
        };
        let mut steps = vec![AreaStep { level: area.next_level.value, on, met: earned }];
        if let Some(clause) = &area.then_days {
            let low = count::day(on, clause.value);
            reason = reason.with("then_days", clause.value);
            steps.push(AreaStep { level: ZoneLevel::Low, on: low, met: earned && low <= clock.today });
        }
        let (forecast, met) = steps.last().map_or((on, earned), |step| (step.on, step.met));
        Decided::new(AreaRelease { forecast, met, steps }, reason)
    }

    /// Days on which everybody in an area is tested; day 0 is the day of opening or of the last reset.
    pub fn area_test_days(&self, opened: CivilDate) -> Vec<CivilDate> {
        let days = self.rules.area.iter().flat_map(|area| &area.test_days.value);
        days.map(|day| count::day(opened, *day)).collect()
    }
}

fn applies(kind: Exemption, area: &AreaRules, facts: &AreaFacts) -> bool {
    let held = facts.origin == Origin::AlreadyIsolated;
    let at_home =
        matches!(facts.held_at, Some(OrderKind::HomeIsolation | OrderKind::HomeMonitoring | OrderKind::StayForRetest));
    match kind {
        Exemption::CentralIsolation => held && !at_home,
        Exemption::HomeIsolation => held && at_home,
        Exemption::ClosedLoop => facts.closed_loop,
        Exemption::Repositive => facts.reinfection,
        Exemption::InboundHighCt => {
            let high = area.exempt_ct.as_ref().zip(facts.ct).is_some_and(|(clause, ct)| ct >= clause.value);
            (facts.inbound || facts.origin == Origin::Entry) && high
        }
    }
}
