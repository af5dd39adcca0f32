//! Which wards to open by when: what the days ahead take, as the situation worked it out, against wards that are planned, under
//! construction or closed. Pure. It proposes and opens nothing: a person says the phase, and says why.

use super::ahead::Stock;
use dayclear_core::{
    phases::{self, UNIT_BEDS},
    situation::Needed,
    time::{CivilDate, Zone},
    transfer::{BedState, FacilityKind},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Wards to open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// Kind of place.
    pub kind: FacilityKind,
    /// Facility; none: there is no ward of this kind left that could be opened, and new ones have to be found.
    pub facility: Option<String>,
    /// Wards.
    pub wards: Vec<String>,
    /// Beds in them.
    pub beds: i64,
    /// First day on which they are needed.
    pub open_by: CivilDate,
    /// The latest day to decide, by how long it takes.
    pub decide_by: CivilDate,
    /// People who wait on the worst day if these are not opened, in nine of ten futures at most.
    pub without: i64,
}

/// A ward that could be opened.
struct Closed {
    facility: String,
    ward: String,
    beds: i64,
}

/// Wards of a kind that take nobody at noon of a day, those of places under construction first.
fn closed(stock: &Stock, kind: FacilityKind, day: CivilDate, zone: &Zone) -> Vec<Closed> {
    let noon = zone.at(day, 12, 0);
    let mut beds: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for bed in stock.beds.iter().filter(|bed| bed.state != BedState::Blocked) {
        *beds.entry((&bed.facility, bed.room.as_deref().unwrap_or_default())).or_default() += 1;
    }
    let mut found = Vec::new();
    for facility in stock.facilities.iter().filter(|one| one.kind == kind) {
        let wards = beds.range((facility.facility.as_str(), "")..).take_while(|((id, _), _)| *id == facility.facility);
        for ((_, ward), beds) in wards {
            let stands = phases::stands(&facility.steps, Some(ward), noon);
            use dayclear_core::transfer::FacilityPhase::{Building, Closed as Shut, Draining, Open, Planned};
            let rank = match stands {
                // by its phases it is open; its dates say otherwise, and are for a person to correct
                Open | Draining => continue,
                Building => 0,
                Planned => 1,
                Shut => 2,
            };
            let ward = Closed { facility: facility.facility.clone(), ward: (*ward).to_owned(), beds: *beds };
            found.push((rank, ward));
        }
    }
    found.sort_by(|(a, x), (b, y)| (a, &x.facility, &x.ward).cmp(&(b, &y.facility, &y.ward)));
    found.into_iter().map(|(_, ward)| ward).collect()
}

/// What to open, by kind, day and facility.
pub(super) fn proposals(stock: &Stock, needs: &[Needed], zone: &Zone) -> Vec<Proposal> {
    let mut made = Vec::new();
    for needed in needs {
        if let Some(kind) = needed.beds_of {
            made.extend(of_kind(stock, needed, kind, zone));
        }
    }
    made
}

fn of_kind(stock: &Stock, needed: &Needed, kind: FacilityKind, zone: &Zone) -> Vec<Proposal> {
    let gap = |day: &dayclear_core::situation::NeedDay| day.have.map_or(0.0, |have| day.high - have).ceil() as i64;
    let mut rest = needed.days.iter().map(gap).max().unwrap_or(0).max(0);
    let mut more = 0;
    let mut taken: Vec<(String, String)> = Vec::new();
    let mut made: Vec<Proposal> = Vec::new();
    for day in &needed.days {
        let likely = day.short.is_some_and(|short| short > needed.risk);
        let mut short = gap(day) - more;
        if !likely || short <= 0 {
            continue;
        }
        let decide_by = day.day.plus_days(-i64::from(needed.lead_days));
        let mut propose = |facility: Option<String>, wards: Vec<String>, beds: i64| {
            let without = beds.min(rest);
            rest -= without;
            let same = made.iter_mut().find(|one| one.open_by == day.day && one.facility == facility);
            match same {
                Some(same) => {
                    same.wards.extend(wards);
                    same.beds += beds;
                    same.without += without;
                }
                None => made.push(Proposal { kind, facility, wards, beds, open_by: day.day, decide_by, without }),
            }
        };
        for ward in closed(stock, kind, day.day, zone) {
            let key = (ward.facility.clone(), ward.ward.clone());
            if short <= 0 || taken.contains(&key) {
                continue;
            }
            taken.push(key);
            short -= ward.beds;
            more += ward.beds;
            propose(Some(ward.facility), vec![ward.ward], ward.beds);
        }
        if short > 0 {
            let unit = UNIT_BEDS as i64;
            let beds = (short + unit - 1) / unit * unit;
            more += beds;
            propose(None, Vec::new(), beds);
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use dayclear_core::{
        phases::PhaseStep,
        roster::Known,
        situation::NeedDay,
        transfer::{BedRule, FacilityPhase},
    };
    use dayclear_store::transfer::{Bed, Facility};

    fn day(n: i64) -> CivilDate {
        let first: CivilDate = "2022-11-20".parse().unwrap();
        first.plus_days(n)
    }

    fn stock(zone: &Zone) -> Stock {
        let facility = |id: &str, steps: Vec<PhaseStep>| Facility {
            facility: id.to_owned(),
            kind: FacilityKind::TemporaryHospital,
            name: id.to_owned(),
            division: "500103".parse().unwrap(),
            place: (106.5, 29.5),
            opens_on: None,
            closes_on: None,
            owner: "o".to_owned(),
            steps,
        };
        let step = |ward: &str, phase, n| PhaseStep { ward: ward.to_owned(), phase, from: zone.start_of(day(n)) };
        let beds = [("A", "W1"), ("A", "W2"), ("A", "W3"), ("B", "V1")].iter().flat_map(|(facility, ward)| {
            (0..20).map(move |n| Bed {
                bed: format!("{facility}-{ward}-{n}"),
                facility: (*facility).to_owned(),
                room: Some((*ward).to_owned()),
                rule: BedRule::Any,
                severe: Known::Unknown,
                state: BedState::Free,
            })
        });
        let a = vec![step("W2", FacilityPhase::Planned, 0), step("W3", FacilityPhase::Open, 3)];
        Stock {
            beds: beds.collect(),
            facilities: vec![facility("A", a), facility("B", vec![step("", FacilityPhase::Building, 0)])],
            stays: Vec::new(),
            care: BTreeMap::new(),
        }
    }

    fn needed(days: &[(f64, f64)]) -> Needed {
        let one = |(n, (high, have)): (usize, &(f64, f64))| NeedDay {
            day: day(n as i64 + 1),
            median: *high / 2.0,
            high: *high,
            have: Some(*have),
            short: Some(if high > have { 0.5 } else { 0.0 }),
        };
        Needed {
            name: "beds_a".to_owned(),
            words: "beds".to_owned(),
            beds_of: Some(FacilityKind::TemporaryHospital),
            lead_days: 2,
            risk: 0.1,
            per_case: 0.5,
            own_share: false,
            own_stay: false,
            days: days.iter().enumerate().map(one).collect(),
            decide: None,
        }
    }

    #[test]
    fn wards_are_proposed_for_the_day_on_which_they_are_needed_and_by_how_long_they_take() {
        let zone = Zone::named("Asia/Shanghai").unwrap();
        let stock = stock(&zone);
        let made = |days: &[(f64, f64)]| {
            let told = proposals(&stock, &[needed(days)], &zone).into_iter().map(|one| {
                let wards = one.wards.join("+");
                let place = one.facility.unwrap_or("?".to_owned());
                let decide = one.decide_by.days_since(day(0));
                format!(
                    "{place} {wards} {} by {} decide {decide} for {}",
                    one.beds,
                    one.open_by.days_since(day(0)),
                    one.without
                )
            });
            told.collect::<Vec<String>>()
        };
        assert_eq!(made(&[(10.0, 20.0), (20.0, 20.0)]), Vec::<String>::new(), "there are enough");
        // what is being built comes before what is planned; a ward that is open on the day already is no proposal
        assert_eq!(made(&[(15.0, 20.0), (35.0, 20.0)]), ["B V1 20 by 2 decide 0 for 15"]);
        assert_eq!(
            made(&[(15.0, 20.0), (35.0, 20.0), (95.0, 40.0)]),
            ["B V1 20 by 2 decide 0 for 20", "A W2 20 by 3 decide 1 for 20", "?  20 by 3 decide 1 for 15"],
            "and where none is left, new ones have to be found"
        );
    }
}
