//! A plan cut into parts that are searched apart, by several threads or one after the other, and put together again. Vehicles
//! whose stops are near one another stay together, by another cut each time; beds left over are shared out, so parts put
//! together never take a bed twice.

use super::{luck::Luck, problem::Problem, search::Part};

/// Cuts a plan into `parts`.
pub(super) fn split(p: &Problem, plan: Part, parts: usize, luck: &mut Luck) -> Vec<Part> {
    if parts <= 1 {
        return vec![plan];
    }
    let mut groups: Vec<Vec<usize>> = vec![(0..plan.cars.len()).collect()];
    while groups.len() < parts {
        // the largest group is cut in two, by distance from one of its stops
        groups.sort_by_key(|group| group.len());
        let Some(mut group) = groups.pop() else { break };
        let seed = plan.tours[group[luck.below(group.len())]].stops.first().map(|stop| stop.loc);
        let by_time = luck.below(4) == 0;
        let mut keyed: Vec<(i64, usize)> = Vec::with_capacity(group.len());
        for car in group.drain(..) {
            let stops = &plan.tours[car].stops;
            let key = match seed {
                Some(seed) if !stops.is_empty() => {
                    let far =
                        |stop: &super::tour::Stop| i64::from(if by_time { stop.at } else { p.drive(seed, stop.loc) });
                    stops.iter().map(far).sum::<i64>() / stops.len() as i64
                }
                _ => luck.below(7200) as i64,
            };
            keyed.push((key, car));
        }
        keyed.sort_unstable();
        let rest = keyed.split_off(keyed.len() / 2);
        groups.push(keyed.into_iter().map(|(_, car)| car).collect());
        groups.push(rest.into_iter().map(|(_, car)| car).collect());
    }
    groups.retain(|group| !group.is_empty());
    let mut tours: Vec<Option<super::tour::Tour>> = plan.tours.into_iter().map(Some).collect();
    let mut made: Vec<Part> = groups
        .iter()
        .map(|group| Part {
            cars: group.iter().map(|car| plan.cars[*car]).collect(),
            tours: group.iter().filter_map(|car| tours[*car].take()).collect(),
            absent: Vec::new(),
            beds: vec![0; plan.beds.len()],
        })
        .collect();
    let count = made.len();
    for (at, beds) in plan.beds.iter().enumerate() {
        let (each, mut rest) = (beds / count as i32, beds % count as i32);
        let mut turn = luck.below(count);
        for part in &mut made {
            part.beds[at] = each;
        }
        while rest > 0 {
            made[turn % count].beds[at] += 1;
            turn += 1;
            rest -= 1;
        }
    }
    for ask in plan.absent {
        made[luck.below(count)].absent.push(ask);
    }
    made
}

/// Puts parts together.
pub(super) fn join(parts: Vec<Part>) -> Part {
    let mut parts = parts.into_iter();
    let Some(mut whole) = parts.next() else {
        return Part { cars: Vec::new(), tours: Vec::new(), absent: Vec::new(), beds: Vec::new() };
    };
    for part in parts {
        whole.cars.extend(part.cars);
        whole.tours.extend(part.tours);
        whole.absent.extend(part.absent);
        for (beds, more) in whole.beds.iter_mut().zip(part.beds) {
            *beds += more;
        }
    }
    whole
}
