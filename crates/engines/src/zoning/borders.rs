//! Areas of two districts that lie side by side: the same place twice, one compound, or the two sides of a street, with another level or
//! another last day on each. Pure: places and days in, pairs out, in order. It decides nothing: two districts look at it together.

use dayclear_core::{
    divisions::DivisionCode,
    measures::{Neighbour, ZoneLevel},
    time::CivilDate,
};

/// Areas whose buildings are nearer than this lie side by side, metres (R: the width of a large street with its pavements).
pub const BESIDE_M: f64 = 100.0;
/// Buildings nearer than this are one place that two districts have on their rosters, metres (R: less than the length of a building).
const ONE_PLACE_M: f64 = 15.0;
/// A degree of latitude, metres.
const DEGREE_M: f64 = 111_320.0;

/// An area that stands.
#[derive(Clone, Debug)]
pub struct Lying {
    /// Id.
    pub id: String,
    /// Community.
    pub division: DivisionCode,
    /// Residential compound.
    pub compound: Option<String>,
    /// Longitude and latitude of the building, degrees.
    pub place: (f64, f64),
    /// Risk.
    pub level: ZoneLevel,
    /// Last day.
    pub ends_on: CivilDate,
}

/// Two areas of two districts, by position, the earlier first, and in what they disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beside {
    /// One.
    pub one: usize,
    /// The other.
    pub other: usize,
    /// In what way.
    pub how: Neighbour,
    /// How far apart, metres.
    pub metres: u32,
}

fn metres(a: (f64, f64), b: (f64, f64)) -> f64 {
    // so near each other, the ground is flat
    let east = (a.0 - b.0) * DEGREE_M * a.1.to_radians().cos();
    let north = (a.1 - b.1) * DEGREE_M;
    east.hypot(north)
}

fn how(a: &Lying, b: &Lying, metres: f64) -> Neighbour {
    if metres < ONE_PLACE_M {
        Neighbour::Overlap
    } else if a.level != b.level {
        Neighbour::Level
    } else if a.ends_on != b.ends_on {
        Neighbour::End
    } else if a.compound.is_some() && a.compound == b.compound {
        Neighbour::Compound
    } else {
        Neighbour::Street
    }
}

/// Pairs of areas of two districts that lie side by side.
pub fn beside(areas: &[Lying]) -> Vec<Beside> {
    // from south to north: whatever is near lies in the strip of land that begins at an area
    let mut order: Vec<usize> = (0..areas.len()).collect();
    order.sort_by(|a, b| areas[*a].place.1.total_cmp(&areas[*b].place.1).then(a.cmp(b)));
    let mut found = Vec::new();
    for (from, at) in order.iter().enumerate() {
        let strip = order[from + 1..].iter();
        let near = |other: &&usize| (areas[**other].place.1 - areas[*at].place.1) * DEGREE_M < BESIDE_M;
        for other in strip.take_while(near) {
            let (a, b) = (&areas[*at.min(other)], &areas[*at.max(other)]);
            let far = metres(a.place, b.place);
            if a.division.district() != b.division.district() && far < BESIDE_M {
                found.push(Beside {
                    one: *at.min(other),
                    other: *at.max(other),
                    how: how(a, b, far),
                    metres: far as u32,
                });
            }
        }
    }
    found.sort_by_key(|pair| (pair.one, pair.other));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lying(id: &str, division: &str, (east, north): (f64, f64)) -> Lying {
        let (lon, lat) = (106.5, 29.5);
        let shrunk = f64::to_radians(lat).cos();
        Lying {
            id: id.into(),
            division: division.parse().unwrap(),
            compound: None,
            place: (lon + east / DEGREE_M / shrunk, lat + north / DEGREE_M),
            level: ZoneLevel::High,
            ends_on: "2022-11-25".parse().unwrap(),
        }
    }

    #[test]
    fn what_lies_side_by_side_is_told_by_what_it_disagrees_in() {
        let one = lying("A", "500103013006", (0.0, 0.0));
        let there = |place| lying("B", "500112016001", place);
        let compound = |mut area: Lying| {
            area.compound = Some("C".into());
            area
        };
        let later = Lying { ends_on: "2022-11-27".parse().unwrap(), ..there((60.0, 0.0)) };
        let low = Lying { level: ZoneLevel::Low, ..later.clone() };
        for (a, b, expected) in [
            (one.clone(), there((5.0, 5.0)), Some((Neighbour::Overlap, 7))),
            (one.clone(), there((60.0, 0.0)), Some((Neighbour::Street, 60))),
            (compound(one.clone()), compound(there((0.0, -60.0))), Some((Neighbour::Compound, 60))),
            (one.clone(), later, Some((Neighbour::End, 60))),
            (one.clone(), low, Some((Neighbour::Level, 60))),
            // beyond a street, and within one district
            (one.clone(), there((80.0, 80.0)), None),
            (one.clone(), lying("B", "500103013007", (5.0, 0.0)), None),
        ] {
            let found = beside(&[a.clone(), b.clone()]);
            let back = beside(&[b, a]);
            assert_eq!(found.first().map(|pair| pair.how), expected.map(|(how, _)| how));
            assert!(found.iter().all(|pair| pair.metres.abs_diff(expected.unwrap().1) <= 1), "{found:?}");
            assert_eq!(found, back, "whichever is told first");
        }
    }

    #[test]
    fn none_is_missed_among_many() {
        // a street with a building every 30 metres, by turns in two districts
        let district = |n: usize| if n.is_multiple_of(2) { "500103013006" } else { "500112016001" };
        let street: Vec<Lying> =
            (0..60).map(|n| lying(&format!("Z{n}"), district(n), (n as f64 * 20.0, n as f64 * 22.0))).collect();
        let near = |a: usize, b: usize| metres(street[a].place, street[b].place) < BESIDE_M && (a + b) % 2 == 1;
        let every: Vec<(usize, usize)> =
            (0..60).flat_map(|a| (a + 1..60).map(move |b| (a, b))).filter(|(a, b)| near(*a, *b)).collect();
        let found: Vec<(usize, usize)> = beside(&street).iter().map(|pair| (pair.one, pair.other)).collect();
        assert_eq!(found, every);
        assert!(!every.is_empty());
    }
}
