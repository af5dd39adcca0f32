//! The scan against a small example by hand, against all cylinders one by one, a planted cluster, and chance itself.

use super::*;
use proptest::prelude::*;

fn settings() -> Settings {
    Settings {
        today: 30,
        days_max: 7,
        share_max: 0.5,
        radius_max: None,
        cases_min: 2,
        replicates: 99,
        seed: 1,
        threads: 2,
        clusters_max: 10,
    }
}

fn row(place: u32, day: i64, count: u32) -> DayCount {
    DayCount { place, day, count }
}

fn plane(points: &[(f64, f64)]) -> Vec<Option<Position>> {
    points.iter().map(|&(x, y)| Some(Position::Plane { x, y })).collect()
}

#[test]
fn by_hand() {
    // 20 cases; place 0 has 6 of them, 4 within the last two days, in which there are 5 in all: mu = 6 x 5 / 20 = 1.5.
    let cases = [row(0, 1, 2), row(0, 30, 3), row(0, 29, 1), row(1, 5, 7), row(1, 30, 1), row(2, 9, 6)];
    let found = scan(&[None; 3], &cases, &Settings { days_max: 2, ..settings() }).unwrap();
    let best = &found.clusters[0];
    assert_eq!((found.cases, found.first, found.circles), (20, 1, 3));
    assert_eq!((best.centre, best.days, best.first, best.observed, best.expected), (0, 2, 29, 4, 1.5));
    let by_hand = 4.0 * (4.0_f64 / 1.5).ln() + 16.0 * (16.0_f64 / 18.5).ln();
    assert!((best.ratio - by_hand).abs() < 1e-12, "{} {by_hand}", best.ratio);
    assert_eq!((best.places.as_slice(), best.radius), ([0].as_slice(), 0.0));
    // One case is no cluster, and fewer than expected neither.
    assert_eq!(found.clusters.len(), 1);
    // p is a rank: chances of four or more of the five last cases among the six of one place are small.
    assert!(best.p.unwrap() < 0.1 && best.recurrence_days().unwrap() > 10.0, "{:?}", best.p);
}

#[test]
fn later_days_do_not_count_and_nothing_is_no_cluster() {
    let cases = [row(0, 1, 2), row(1, 31, 50)];
    let found = scan(&[None; 2], &cases, &settings()).unwrap();
    assert_eq!((found.cases, found.clusters.len()), (2, 0));
    assert_eq!(scan(&[], &[], &settings()).unwrap().cases, 0);
    assert_eq!(scan(&[None], &[row(1, 1, 1)], &settings()), Err(ScanError::UnknownPlace { place: 1, places: 1 }));
    let nowhere = Some(Position::Globe { lat: 95.0, lon: 0.0 });
    assert_eq!(
        scan(&[nowhere], &[row(0, 1, 1)], &settings()),
        Err(ScanError::Position { place: 0, what: "the globe" })
    );
    for wrong in [
        Settings { days_max: 0, ..settings() },
        Settings { share_max: 0.0, ..settings() },
        Settings { radius_max: Some(f64::NAN), ..settings() },
    ] {
        assert!(matches!(scan(&[None], &[row(0, 1, 1)], &wrong), Err(ScanError::Setting(_))));
    }
}

/// A grid of ten by ten, three cases a place on thirty days, and ten more within three days in five places.
fn planted() -> (Vec<Option<Position>>, Vec<DayCount>) {
    let points: Vec<(f64, f64)> = (0..100).map(|at| (f64::from(at % 10), f64::from(at / 10))).collect();
    let mut dice = Dice::new(5, Draw::Shuffle, 0);
    let mut cases: Vec<DayCount> = (0..600).map(|at| row(at % 100, dice.below(30) as i64 + 1, 1)).collect();
    for (at, place) in [44, 43, 45, 34, 54].into_iter().enumerate() {
        cases.extend([row(place, 28 + (at as i64 % 3), 1), row(place, 30, 3)]);
    }
    (plane(&points), cases)
}

#[test]
fn a_planted_cluster_is_found_with_its_extent() {
    let (places, cases) = planted();
    let found = scan(&places, &cases, &settings()).unwrap();
    let best = &found.clusters[0];
    assert_eq!((best.centre, best.radius, best.p), (44, 1.0, Some(0.01)));
    assert_eq!(best.places, [34, 43, 44, 45, 54]);
    assert!(best.days <= 3 && best.observed >= 15, "{best:?}");
    // Clusters have no place in common, and chance explains the others.
    for (at, other) in found.clusters.iter().enumerate().skip(1) {
        assert!(
            other.ratio <= found.clusters[at - 1].ratio
                && other.places.iter().all(|place| !best.places.contains(place))
        );
    }
    // The same on any number of threads; another seed changes p at most.
    for threads in [1, 3] {
        assert_eq!(scan(&places, &cases, &Settings { threads, ..settings() }).unwrap(), found);
    }
    let other = scan(&places, &cases, &Settings { seed: 2, ..settings() }).unwrap();
    assert_eq!(other.clusters[0].ratio, best.ratio);
    // A radius and a share hold.
    let narrow = scan(&places, &cases, &Settings { radius_max: Some(0.5), ..settings() }).unwrap();
    assert!(narrow.clusters.iter().all(|cluster| cluster.places.len() == 1));
    let small = Settings { share_max: 0.02, replicates: 0, ..settings() };
    let small = scan(&places, &cases, &small).unwrap();
    assert!(small.clusters.iter().all(|cluster| cluster.p.is_none() && cluster.places.len() <= 2), "{small:?}");
}

/// Under chance alone p is uniform: over many data sets a tenth of them lie below a tenth.
#[test]
fn chance_gives_uniform_p() {
    let points: Vec<(f64, f64)> = (0..16).map(|at| (f64::from(at % 4), f64::from(at / 4))).collect();
    let places = plane(&points);
    let p: Vec<f64> = (0..300)
        .map(|seed| {
            let mut dice = Dice::new(seed, Draw::Shuffle, 1 << 40);
            let cases: Vec<DayCount> =
                (0..120).map(|_| row(dice.below(16) as u32, dice.below(20) as i64 + 11, 1)).collect();
            let asked = Settings { days_max: 4, replicates: 39, seed, cases_min: 1, ..settings() };
            scan(&places, &cases, &asked).unwrap().clusters[0].p.unwrap()
        })
        .collect();
    // Binomial(300, q) stays within four standard deviations of its mean.
    for q in [0.1_f64, 0.25, 0.5, 0.75] {
        let below = p.iter().filter(|p| **p <= q + 1e-9).count() as f64;
        assert!((below - 300.0 * q).abs() < 4.0 * (300.0 * q * (1.0 - q)).sqrt(), "{below} of 300 at most {q}");
    }
}

#[test]
fn distances_on_the_globe() {
    // A degree along a meridian is 111.19 km; one along the equator too; Chongqing to Chengdu is about 270 km.
    let at = |lat, lon| Some(Position::Globe { lat, lon });
    let places = [at(0.0, 0.0), at(1.0, 0.0), at(0.0, 0.5), at(29.563, 106.551), at(30.657, 104.066)];
    let zones = Zones::new(&places, &[1; 5], 5, None, 1).unwrap();
    let radius = |centre, last| zones.circle(centre, last).0;
    assert!((radius(0, 2) - 111.195).abs() < 0.01 && (radius(0, 1) - 55.597).abs() < 0.01);
    assert!((radius(3, 1) - 268.7).abs() < 2.0, "{}", radius(3, 1));
}

/// The highest ratio over every cylinder, one by one, without any of the engine's parts.
fn plain(points: &[(f64, f64)], cases: &[DayCount], settings: &Settings) -> f64 {
    let count = |inside: &dyn Fn(&DayCount) -> bool| {
        cases.iter().filter(|row| inside(row)).map(|row| f64::from(row.count)).sum::<f64>()
    };
    let total = count(&|_| true);
    let distance = |a: usize, b: usize| (points[a].0 - points[b].0).hypot(points[a].1 - points[b].1);
    let mut highest = 0.0_f64;
    for centre in 0..points.len() {
        for edge in 0..points.len() {
            let inside = |row: &DayCount| distance(centre, row.place as usize) <= distance(centre, edge);
            let circle = count(&inside);
            if circle > (settings.share_max * total).floor() {
                continue;
            }
            for days in 1..=i64::from(settings.days_max) {
                let late = |row: &DayCount| row.day > settings.today - days;
                let (observed, within) = (count(&|row| inside(row) && late(row)), count(&late));
                let expected = circle * within / total;
                if observed >= f64::from(settings.cases_min) && observed * total > circle * within {
                    let rest = total - observed;
                    let outside = if rest > 0.0 { rest * (rest / (total - expected)).ln() } else { 0.0 };
                    highest = highest.max(observed * (observed / expected).ln() + outside);
                }
            }
        }
    }
    highest
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// On a coarse grid, with places at one point and at one distance: the same highest ratio as every cylinder one by one,
    /// for the observed days and for shuffled ones.
    #[test]
    fn agrees_with_every_cylinder(
        points in prop::collection::vec((0i32..4, 0i32..4), 1..9),
        given in prop::collection::vec((0u32..9, 24i64..31, 1u32..4), 1..30),
        days_max in 1u16..9, share in 1u32..11,
    ) {
        let points: Vec<(f64, f64)> = points.iter().map(|&(x, y)| (f64::from(x), f64::from(y))).collect();
        let cases: Vec<DayCount> =
            given.iter().map(|&(place, day, count)| row(place % points.len() as u32, day, count)).collect();
        let asked = Settings { days_max, share_max: f64::from(share) / 10.0, replicates: 3, ..settings() };
        let found = scan(&plane(&points), &cases, &asked).unwrap();
        let wanted = plain(&points, &cases, &asked);
        let ratio = found.clusters.first().map_or(0.0, |cluster| cluster.ratio);
        prop_assert!((ratio - wanted).abs() < 1e-9, "{} {}", ratio, wanted);

        // What shuffles use gives the same as what the observed days use.
        let days = days_max.min((asked.today - found.first + 1) as u16);
        let mut by_place = vec![0; points.len()];
        cases.iter().for_each(|row| by_place[row.place as usize] += row.count);
        let share = (asked.share_max * f64::from(found.cases)).floor() as u32;
        let zones = Zones::new(&plane(&points), &by_place, share, None, 1).unwrap();
        let (mut recent, mut by_age) = (Counts::new(zones.sites(), days), vec![0; usize::from(days)]);
        for row in cases.iter().filter(|row| asked.today - row.day < i64::from(days)) {
            recent.add(zones.site(row.place), (asked.today - row.day) as u16, row.count);
            by_age[(asked.today - row.day) as usize] += row.count;
        }
        recent.accumulate();
        let margins = Margins::new(found.cases, &by_age, asked.cases_min);
        prop_assert_eq!(highest(&zones, &recent, &margins, &mut margins.scratch()), ratio);
        for level in [0.1, ratio * 0.9, ratio, ratio + 0.1].into_iter().filter(|level| *level > 0.0) {
            let above = Level::new(&margins, zones.cases_max(), level).and_then(|level| highest_above(&zones, &recent, &margins, &level));
            prop_assert_eq!(above, (ratio >= level && ratio > 0.0).then_some(ratio), "{}", level);
        }
    }
}
