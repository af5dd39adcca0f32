//! Free beds by hour for three days ahead: from what is occupied and held, who is due to leave by the rules in force, which wards open
//! and close, and how many people the staff of a place can look after. Pure but for one reading; it counts nobody who is found later,
//! and names nobody.

use crate::OpsError;
use dayclear_core::{
    phases::{self, PhaseStep},
    roster::Known,
    time::{HOUR, Instant, Zone},
    transfer::{BedState, FacilityKind},
};
use dayclear_store::{
    Scoped,
    phases::OpenStay,
    transfer::{Bed, Facility},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Hours that are looked ahead.
pub const HOURS: usize = 72;
/// Hours until a bed is clean after somebody left it.
const CLEAN_HOURS: i64 = 2;

/// Free beds by hour.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Ahead {
    /// The hour from which the first count is; each next one is an hour later.
    pub from: String,
    /// By kind of place, and whether beds are equipped for severe cases.
    pub classes: Vec<Class>,
    /// By place.
    pub places: Vec<Place>,
    /// People due to arrive in each hour.
    pub arriving: Vec<i64>,
    /// People due to leave in each hour.
    pub leaving: Vec<i64>,
    /// Beds that are opened in each hour.
    pub opening: Vec<i64>,
}

/// Free beds of a class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Class {
    /// Kind of place.
    pub kind: FacilityKind,
    /// Equipped for severe cases.
    pub severe: bool,
    /// Free beds by hour.
    pub free: Vec<i64>,
}

/// Free beds of a place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Facility.
    pub facility: String,
    /// Free beds by hour, no more than its staff can look after.
    pub free: Vec<i64>,
    /// Hours in which its staff, and not its beds, are what is short.
    pub short_of_staff: usize,
}

/// What free beds are counted from.
pub(super) struct Stock {
    pub facilities: Vec<Facility>,
    pub beds: Vec<Bed>,
    pub stays: Vec<OpenStay>,
    /// People whom the staff of a place can look after, where somebody said how many.
    pub care: BTreeMap<String, i64>,
}

impl Stock {
    /// Reads it as it stands.
    pub(super) async fn read(tx: &mut Scoped) -> Result<Stock, OpsError> {
        let staffing = tx.staffing().await?;
        Ok(Stock {
            facilities: tx.facilities().await?,
            beds: tx.beds().await?,
            stays: tx.open_stays().await?,
            care: staffing.into_iter().map(|(facility, word)| (facility, word.staff * word.people_each)).collect(),
        })
    }
}

/// Free beds by hour, counted from the store as it stands.
pub async fn read(tx: &mut Scoped, now: Instant, zone: &Zone) -> Result<Ahead, OpsError> {
    Ok(ahead(&Stock::read(tx).await?, now, zone))
}

/// Whether a place takes people at a moment by its dates, which are whole days.
pub(super) fn dated(facility: &Facility, at: Instant, zone: &Zone) -> bool {
    let day = zone.day(at);
    facility.opens_on.is_none_or(|on| on <= day) && facility.closes_on.is_none_or(|on| on >= day)
}

/// Counts free beds by hour from the hour that has begun.
pub(super) fn ahead(stock: &Stock, now: Instant, zone: &Zone) -> Ahead {
    let from = Instant::from_micros(now.micros().div_euclid(HOUR) * HOUR);
    let moments: Vec<Instant> = (0..=HOURS).map(|hour| from.plus_hours(hour as i64).max(now)).collect();
    let hour_of = |at: Instant| -> Option<usize> {
        let hour = at.minutes_since(from).max(0) / 60;
        usize::try_from(hour).ok().filter(|hour| *hour <= HOURS)
    };
    let stays: HashMap<&str, &OpenStay> = stock.stays.iter().map(|stay| (stay.bed.as_str(), stay)).collect();
    let mut found = Ahead {
        from: zone.text(from),
        arriving: vec![0; HOURS + 1],
        leaving: vec![0; HOURS + 1],
        opening: vec![0; HOURS + 1],
        ..Ahead::default()
    };
    let mut classes: BTreeMap<(FacilityKind, bool), Vec<i64>> = BTreeMap::new();
    let of_place: HashMap<&str, Vec<&Bed>> = stock.beds.iter().fold(HashMap::new(), |mut of, bed| {
        of.entry(bed.facility.as_str()).or_insert_with(Vec::new).push(bed);
        of
    });
    for facility in &stock.facilities {
        let (mut free, mut there) = (vec![0_i64; HOURS + 1], vec![0_i64; HOURS + 1]);
        // wards of a place open together, and a city has hundreds of beds in each
        let mut open: HashMap<Option<&str>, Vec<bool>> = HashMap::new();
        for bed in of_place.get(facility.facility.as_str()).into_iter().flatten() {
            let open = open
                .entry(bed.room.as_deref())
                .or_insert_with(|| hours_open(facility, bed.room.as_deref(), &moments, zone));
            let given = given_from(bed, stays.get(bed.bed.as_str()).copied(), now);
            let class = classes.entry((facility.kind, bed.severe == Known::Yes)).or_insert_with(|| vec![0; HOURS + 1]);
            for (hour, at) in moments.iter().enumerate() {
                let left = given.is_some_and(|from| from <= *at);
                if left && open[hour] {
                    free[hour] += 1;
                    class[hour] += 1;
                }
                if hour > 0 && open[hour] && !open[hour - 1] && bed.state != BedState::Blocked {
                    found.opening[hour] += 1;
                }
            }
            let Some(stay) = stays.get(bed.bed.as_str()) else { continue };
            let leaves = leaves(stay, now);
            for (hour, at) in moments.iter().enumerate() {
                there[hour] += i64::from(leaves.is_none_or(|leaves| leaves > *at));
            }
            if let Some(hour) = stay.arrives.filter(|_| !stay.admitted).and_then(hour_of) {
                found.arriving[hour] += 1;
            }
            if let Some(hour) = leaves.filter(|_| stay.admitted).and_then(hour_of) {
                found.leaving[hour] += 1;
            }
        }
        let care = stock.care.get(&facility.facility);
        let mut short_of_staff = 0;
        for hour in 0..=HOURS {
            let Some(care) = care else { break };
            let hands = (care - there[hour]).max(0);
            short_of_staff += usize::from(hands < free[hour]);
            free[hour] = free[hour].min(hands);
        }
        if free.iter().any(|n| *n > 0) || of_place.contains_key(facility.facility.as_str()) {
            found.places.push(Place { facility: facility.facility.clone(), free, short_of_staff });
        }
    }
    found.classes = classes.into_iter().map(|((kind, severe), free)| Class { kind, severe, free }).collect();
    found
}

fn hours_open(facility: &Facility, ward: Option<&str>, moments: &[Instant], zone: &Zone) -> Vec<bool> {
    let steps: &[PhaseStep] = &facility.steps;
    moments.iter().map(|at| dated(facility, *at, zone) && phases::takes(steps, ward, *at)).collect()
}

/// When somebody leaves: what is due today or was before, within the day that was due; never in the past.
fn leaves(stay: &OpenStay, now: Instant) -> Option<Instant> {
    stay.leaves.filter(|_| stay.admitted).map(|at| at.max(now))
}

/// From when a bed can be given; `None`: not in the days to come.
fn given_from(bed: &Bed, stay: Option<&OpenStay>, now: Instant) -> Option<Instant> {
    match (bed.state, stay) {
        (BedState::Blocked, _) => None,
        (_, Some(stay)) => leaves(stay, now).map(|at| at.plus_hours(CLEAN_HOURS)),
        (BedState::Cleaning, None) => Some(now.plus_hours(CLEAN_HOURS)),
        (BedState::Free, None) => Some(now),
        // a file said that somebody is in it, of whom nothing is known here
        (BedState::Held | BedState::Occupied, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dayclear_core::transfer::{BedRule, FacilityPhase};

    const EIGHT: i64 = 8;

    fn zone() -> Zone {
        Zone::named("Asia/Shanghai").unwrap()
    }

    fn now() -> Instant {
        zone().at("2022-11-20".parse().unwrap(), EIGHT as i8, 20)
    }

    fn stock(steps: Vec<PhaseStep>, stays: Vec<OpenStay>, care: Option<i64>) -> Stock {
        let bed = |n: usize, room: &str, state| Bed {
            bed: format!("b{n}"),
            facility: "F".to_owned(),
            room: Some(room.to_owned()),
            rule: BedRule::Any,
            severe: if n == 1 { Known::Yes } else { Known::Unknown },
            state,
        };
        Stock {
            facilities: vec![Facility {
                facility: "F".to_owned(),
                kind: FacilityKind::TemporaryHospital,
                name: "F".to_owned(),
                division: "500103".parse().unwrap(),
                place: (106.5, 29.5),
                opens_on: None,
                closes_on: Some("2022-11-22".parse().unwrap()),
                owner: "o".to_owned(),
                steps,
            }],
            beds: vec![
                bed(1, "W1", BedState::Occupied),
                bed(2, "W1", BedState::Free),
                bed(3, "W1", BedState::Cleaning),
                bed(4, "W1", BedState::Blocked),
                bed(5, "W2", BedState::Free),
                bed(6, "W2", BedState::Free),
            ],
            stays,
            care: care.map(|care| ("F".to_owned(), care)).into_iter().collect(),
        }
    }

    #[test]
    fn free_beds_follow_who_leaves_and_comes_what_opens_and_closes_and_how_many_hands_there_are() {
        let at = |hours| now().plus_hours(hours);
        let opens = vec![PhaseStep { ward: "W2".to_owned(), phase: FacilityPhase::Open, from: at(10) }];
        let leaves = OpenStay { bed: "b1".to_owned(), admitted: true, arrives: None, leaves: Some(at(5)) };
        let comes = OpenStay { bed: "b2".to_owned(), admitted: false, arrives: Some(at(3)), leaves: Some(at(1)) };
        let found = ahead(&stock(opens.clone(), vec![leaves.clone(), comes.clone()], None), now(), &zone());
        let free = &found.places[0].free;
        // the bed that is cleaned after two hours, the one that is left at five and cleaned, two of the ward that opens
        let told: Vec<i64> = [0, 2, 3, 7, 8, 10, 11, 40].iter().map(|hour| free[*hour]).collect();
        assert_eq!(told, [0, 0, 1, 1, 2, 2, 4, 4]);
        // closed from the end of its last day on: 8:20 on the 20th to midnight after the 22nd
        assert_eq!((free[63], free[64], free[HOURS]), (4, 0, 0));
        assert_eq!((found.arriving.iter().sum::<i64>(), found.leaving[5], found.opening[11]), (1, 1, 2));
        let severe: Vec<i64> = found.classes.iter().filter(|class| class.severe).map(|class| class.free[20]).collect();
        assert_eq!((severe, found.classes.len()), (vec![1], 2));

        // hands for two people, and two are there or come: nobody more, until one has left
        let few = ahead(&stock(opens, vec![leaves, comes], Some(2)), now(), &zone());
        let free = &few.places[0].free;
        assert_eq!((free[3], free[8], free[20]), (0, 1, 1));
        assert!(few.places[0].short_of_staff > 10);
    }
}
