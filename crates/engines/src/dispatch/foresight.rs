//! What a bed is worth to people who are still to come, for a day as it comes. It knows what has been released so far and nothing
//! else: it expects that people go on coming at the pace of the last hours from the doors of the day so far. Without a price the near beds
//! are given to whoever is first, and the last people of the day ride across the city.

use super::{problem::Problem, search::Part};

/// Hours whose pace is expected to go on.
const PACE_S: i32 = 3 * 3600;
/// No more people are expected than fill this share of the free beds.
const FILLED: f64 = 0.9;
/// Requests of a row that stand for those to come.
const SAMPLE: usize = 500;
/// Rounds of the auction; prices are the mean over the second half of them.
const ROUNDS: u32 = 80;
/// First change of a price in seconds for a site that is asked for twice over, and how many rounds halve it.
const STEP_S: f64 = 900.0;
const STEP_HALVED: f64 = 8.0;
/// Highest price, seconds.
const PRICE_S_MAX: f64 = 4.0 * 3600.0;

/// People of one door, and how long they ride to each site.
struct Door {
    people: f64,
    drives: Vec<f64>,
}

/// Prices of beds in seconds of a person, site x row. `known` are all requests released by now, those without a place among them.
pub(super) fn bed_prices(p: &Problem, part: &Part, known: &[u32], now: i32) -> Vec<i64> {
    let (free, pending) = open_beds(p, part);
    let rows = p.wards();
    let mut prices = vec![0; p.sites.len() * rows];
    for row in 0..rows {
        let of_row = |ask: &&u32| usize::from(p.asks[**ask as usize].ward) == row;
        let known: Vec<u32> = known.iter().filter(of_row).copied().collect();
        let sites: Vec<usize> = (0..p.sites.len()).filter(|site| p.room(&free, *site, row as u8) > 0).collect();
        if known.is_empty() || sites.len() < 2 {
            continue;
        }
        let room: Vec<f64> = sites.iter().map(|site| f64::from(p.room(&free, *site, row as u8))).collect();
        let doors = expected(p, &known, &pending, &sites, room.iter().sum(), now);
        for (site, price) in sites.iter().zip(auction(&doors, &room)) {
            prices[site * rows + row] = price as i64;
        }
    }
    prices
}

/// Beds that nobody has for good, and who is still on the way to one.
fn open_beds(p: &Problem, part: &Part) -> (Vec<i32>, Vec<bool>) {
    let mut free = part.beds.clone();
    let mut pending = vec![false; p.asks.len()];
    part.absent.iter().for_each(|ask| pending[*ask as usize] = true);
    for tour in &part.tours {
        for trip in &tour.trips {
            for stop in &tour.stops[trip.first as usize..trip.end as usize] {
                p.take(&mut free, trip.site, &p.asks[stop.ask as usize], -1);
                pending[stop.ask as usize] = true;
            }
        }
    }
    (free, pending)
}

/// Who is pending, and as many more as are expected, from the doors of the day so far.
fn expected(p: &Problem, known: &[u32], pending: &[bool], sites: &[usize], beds: f64, now: i32) -> Vec<Door> {
    let people = |of: &dyn Fn(u32) -> bool| -> f64 {
        let of_them = known.iter().filter(|ask| of(**ask));
        of_them.map(|ask| f64::from(p.asks[*ask as usize].persons)).sum()
    };
    let wait = people(&|ask| pending[ask as usize]);
    let recent = people(&|ask| p.asks[ask as usize].release > now - PACE_S);
    let pace = recent / f64::from(now.clamp(60, PACE_S));
    let to_come = (pace * f64::from((p.horizon - now).max(0))).min(beds * FILLED - wait).max(0.0);
    let share = to_come / people(&|_| true).max(1.0);
    let step = known.len().div_ceil(SAMPLE);
    let door = |ask: &u32| {
        let a = &p.asks[*ask as usize];
        let times = share + if pending[*ask as usize] { 1.0 } else { 0.0 };
        let drives = sites.iter().map(|site| f64::from(p.drive(a.loc, p.sites[*site].loc))).collect();
        Door { people: f64::from(a.persons) * times * step as f64, drives }
    };
    known.iter().step_by(step).map(door).collect()
}

/// Prices at which everybody may choose the site that costs them least, and none is asked for by more people than it has beds:
/// raised where too many ask, lowered where too few do.
fn auction(doors: &[Door], room: &[f64]) -> Vec<f64> {
    let mut price = vec![0.0_f64; room.len()];
    let mut mean = vec![0.0_f64; room.len()];
    for round in 0..ROUNDS {
        let mut asked = vec![0.0_f64; room.len()];
        for door in doors {
            let (mut least, mut best) = (f64::INFINITY, 0);
            for (at, (drive, price)) in door.drives.iter().zip(&price).enumerate() {
                if drive + price < least {
                    (least, best) = (drive + price, at);
                }
            }
            asked[best] += door.people;
        }
        let step = STEP_S / (1.0 + f64::from(round) / STEP_HALVED);
        for (at, price) in price.iter_mut().enumerate() {
            let over = ((asked[at] - room[at]) / room[at]).clamp(-1.0, 1.0);
            *price = (*price + step * over).clamp(0.0, PRICE_S_MAX);
            if round >= ROUNDS / 2 {
                mean[at] += *price / f64::from(ROUNDS - ROUNDS / 2);
            }
        }
    }
    mean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beds_that_more_people_want_than_there_are_get_the_price_of_the_way_round() {
        // all are 10 minutes from the first site and 25 from the second
        let door = |people: f64, near: f64, far: f64| Door { people, drives: vec![near, far] };
        let scarce = auction(&[door(8.0, 600.0, 1500.0), door(8.0, 600.0, 1500.0)], &[10.0, 20.0]);
        assert!((scarce[0] - scarce[1] - 900.0).abs() < 150.0, "{scarce:?}");
        let enough = auction(&[door(8.0, 600.0, 1500.0)], &[10.0, 20.0]);
        assert_eq!(enough, [0.0, 0.0]);
        // who has the longest way round keeps the near bed
        let two = auction(&[door(8.0, 600.0, 1500.0), door(8.0, 600.0, 3000.0)], &[10.0, 20.0]);
        assert!(two[0] - two[1] > 700.0 && two[0] - two[1] < 2400.0, "{two:?}");
    }
}
