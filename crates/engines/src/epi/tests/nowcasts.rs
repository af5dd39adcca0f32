//! The nowcast against arithmetic by hand, simulation and the replayed Ebola line list.

use crate::epi::{
    EpiError,
    nowcast::{NowcastOptions, Triangle, completeness, nowcast},
    sampling::Chance,
};

#[test]
fn completeness_by_hand() {
    // three full days of 6 at once, 3 after a day, 1 after two
    let row = || vec![6.0, 3.0, 1.0];
    let triangle = Triangle::from_table(vec![row(), row(), row(), vec![6.0, 3.0, 0.0], vec![12.0, 0.0, 0.0]]).unwrap();
    let shares = completeness(&triangle, None).unwrap();
    for (share, expected) in shares.iter().zip([0.6, 0.9, 1.0]) {
        assert!((share - expected).abs() < 1e-12, "{shares:?}");
    }
    let now = nowcast(&triangle, NowcastOptions::default()).unwrap();
    assert_eq!(now.len(), 2);
    assert!((now[1].estimate.unwrap() - 20.0).abs() < 1e-9 && (now[0].estimate.unwrap() - 10.0).abs() < 1e-9);
    assert!(now[1].wide[0] >= 12.0 && now[1].wide[1] > 20.0);
}

#[test]
fn a_longest_delay_beyond_the_history_is_refused() {
    assert_eq!(Triangle::new(&[(0, 0)], 0, 9, 10), Err(EpiError::Truncation { longest: 10, days: 10 }));
    let triangle = Triangle::new(&[(0, 0), (9, 9)], 0, 9, 3).unwrap();
    assert!(completeness(&triangle, None).is_ok());
    assert_eq!(completeness(&triangle, Some(2)), Err(EpiError::Unseen(3)));
}

#[test]
fn intervals_cover_simulated_truth() {
    let (mut inside, mut half, mut n) = (0, 0, 0);
    for seed in 0..25 {
        let mut chance = Chance::new(seed, 21);
        let mut events = Vec::new();
        let mut truth = vec![0.0; 60];
        for (day, truth) in truth.iter_mut().enumerate() {
            let count = chance.poisson(5.0 * (0.05 * day as f64).exp());
            *truth = count as f64;
            events.extend((0..count).map(|_| (day as i64, day as i64 + (chance.gamma(2.0) * 1.5) as i64)));
        }
        let triangle = Triangle::new(&events, 0, 59, 12).unwrap();
        for now in nowcast(&triangle, NowcastOptions { draws: 400, seed, ..NowcastOptions::default() }).unwrap() {
            n += 1;
            inside += i32::from(now.wide[0] <= truth[now.day] && truth[now.day] <= now.wide[1]);
            half += i32::from(now.half[0] <= truth[now.day] && truth[now.day] <= now.half[1]);
        }
    }
    let (inside, half) = (f64::from(inside) / f64::from(n), f64::from(half) / f64::from(n));
    assert!(inside > 0.92, "95 % intervals hold {inside}");
    assert!(half > 0.45, "50 % intervals hold {half}");
}
