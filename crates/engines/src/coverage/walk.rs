//! The order in which somebody walks from building to building: from the one furthest to the south-west always to the nearest
//! that is left, then turned wherever two legs cross (2-opt; Croes 1958, "A method for solving traveling-salesman problems").
//! Pure; a few hundred buildings of a community take milliseconds, and equal distances are decided by position.

/// Passes of turning at most: a short walk is wanted, not the shortest.
const PASSES_MAX: usize = 12;
/// Buildings beyond which legs are not turned any more: it costs their square.
const TURNED_MAX: usize = 1_200;

/// Positions of the places (longitude, latitude in degrees) in the order of a short walk.
pub fn walk(places: &[(f64, f64)]) -> Vec<usize> {
    let middle = places.iter().map(|(_, lat)| *lat).sum::<f64>() / places.len().max(1) as f64;
    let narrow = middle.to_radians().cos();
    let flat: Vec<(f64, f64)> = places.iter().map(|(lon, lat)| (lon * narrow, *lat)).collect();
    let far = |a: usize, b: usize| (flat[a].0 - flat[b].0).hypot(flat[a].1 - flat[b].1);
    let Some(first) =
        (0..flat.len()).min_by(|a, b| (flat[*a].0 + flat[*a].1).total_cmp(&(flat[*b].0 + flat[*b].1)).then(a.cmp(b)))
    else {
        return Vec::new();
    };
    let mut left: Vec<usize> = (0..flat.len()).filter(|at| *at != first).collect();
    let mut order = vec![first];
    let mut here = first;
    while let Some(next) =
        (0..left.len()).min_by(|a, b| far(here, left[*a]).total_cmp(&far(here, left[*b])).then(left[*a].cmp(&left[*b])))
    {
        here = left.swap_remove(next);
        order.push(here);
    }
    if order.len() <= TURNED_MAX {
        turn(&mut order, &far);
    }
    order
}

/// Turns parts of the way round as long as that shortens it.
fn turn(order: &mut [usize], far: &dyn Fn(usize, usize) -> f64) {
    const SHORTER: f64 = 1e-12;
    for _ in 0..PASSES_MAX {
        let mut shortened = false;
        for from in 0..order.len().saturating_sub(2) {
            for to in from + 2..order.len() {
                let before = far(order[from], order[from + 1]);
                let after = order.get(to + 1).map_or(0.0, |next| far(order[to], *next));
                let turned =
                    far(order[from], order[to]) + order.get(to + 1).map_or(0.0, |next| far(order[from + 1], *next));
                if turned + SHORTER < before + after {
                    order[from + 1..=to].reverse();
                    shortened = true;
                }
            }
        }
        if !shortened {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn buildings_along_a_street_are_walked_along_it() {
        let street: Vec<(f64, f64)> = [3, 0, 4, 1, 2].iter().map(|n| (106.5 + f64::from(*n) * 0.001, 29.5)).collect();
        assert_eq!(walk(&street), [1, 3, 4, 0, 2]);
        assert!(walk(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn a_walk_passes_every_building_once(places in proptest::collection::vec((106.0f64..106.1, 29.0f64..29.1), 0..60)) {
            let mut order = walk(&places);
            prop_assert_eq!(&order, &walk(&places));
            order.sort_unstable();
            prop_assert_eq!(order, (0..places.len()).collect::<Vec<_>>());
        }
    }
}
