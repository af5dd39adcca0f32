//! How long people stand in a queue. The steady part is that of a queue with random arrivals and a fixed time of service at
//! `c` places (M/D/c), by the approximation of Cosmetatos (1975, "Approximate explicit formulae for the average queueing time
//! in the processes (M/D/r) and (D/M/r)", INFOR 13) on Erlang's formula; the part that comes from calling more people than
//! can be served, or all of them at once, is a fluid that fills and drains (Newell 1971).

/// Probability that somebody who comes has to wait, for `c` places and an offered load `a` in Erlang, below `c`
/// (Erlang C, by the recursion of Erlang B).
pub fn erlang_c(c: u32, a: f64) -> f64 {
    let mut b = 1.0;
    for k in 1..=c {
        b = a * b / (f64::from(k) + a * b);
    }
    let rho = a / f64::from(c);
    if rho >= 1.0 { 1.0 } else { b / (1.0 - rho * (1.0 - b)) }
}

/// Mean wait in M/D/c, in the unit of `service`; infinite where more come than can be served.
pub fn wait_mdc(c: u32, arrivals: f64, service: f64) -> f64 {
    if c == 0 {
        return f64::INFINITY;
    }
    let (a, n) = (arrivals * service, f64::from(c));
    let rho = a / n;
    if rho >= 1.0 {
        return f64::INFINITY;
    }
    if rho <= 0.0 {
        return 0.0;
    }
    let exponential = erlang_c(c, a) * service / (n * (1.0 - rho));
    0.5 * exponential * (1.0 + (1.0 - rho) * (n - 1.0) * ((4.0 + 5.0 * n).sqrt() - 2.0) / (16.0 * rho * n))
}

/// How people come within the slot that they are called for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrivals {
    /// Length of a slot, minutes.
    pub slot_min: f64,
    /// Share of a slot's people who come at its very beginning; the others come evenly over it.
    pub at_once: f64,
}

/// The longest expected wait of whoever is called in each slot, minutes: for people called by slot, `lanes` samplers and minutes
/// of service for each person.
pub fn waits(called: &[u32], lanes: u32, service_min: f64, arrivals: Arrivals) -> Vec<f64> {
    let pace = f64::from(lanes) / service_min;
    let mut queue = 0.0_f64;
    let one = |people: &u32| {
        let people = f64::from(*people);
        let burst = arrivals.at_once * people;
        let flow = (people - burst) / arrivals.slot_min;
        let begin = queue + burst;
        let end = (begin + (flow - pace) * arrivals.slot_min).max(0.0);
        // below saturation the evenly coming people still meet by chance
        let chance = if flow < pace { wait_mdc(lanes, flow, service_min).min(arrivals.slot_min) } else { 0.0 };
        queue = end;
        begin.max(end) / pace + chance
    };
    called.iter().map(one).collect()
}

/// The longest of these waits, and the slot in which it falls.
pub fn worst_wait(called: &[u32], lanes: u32, service_min: f64, arrivals: Arrivals) -> (f64, usize) {
    let mut worst = (0.0_f64, 0);
    for (slot, wait) in waits(called, lanes, service_min, arrivals).into_iter().enumerate() {
        if wait > worst.0 {
            worst = (wait, slot);
        }
    }
    worst
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        // Erlang C: c = 2, a = 1 is 1/3; c = 1 is the load itself
        assert!((erlang_c(2, 1.0) - 1.0 / 3.0).abs() < 1e-12);
        assert!((erlang_c(1, 0.7) - 0.7).abs() < 1e-12);
        // M/D/1 is exact (Pollaczek-Khinchine): rho s / (2 (1 - rho))
        for rho in [0.1, 0.5, 0.9, 0.99] {
            assert!((wait_mdc(1, rho, 1.0) - rho / (2.0 * (1.0 - rho))).abs() < 1e-9, "{rho}");
        }
        assert_eq!(wait_mdc(3, 4.0, 1.0), f64::INFINITY);
        assert_eq!(wait_mdc(3, 0.0, 1.0), 0.0);
    }

    /// The approximation beside a simulation of the queue itself (Lindley's recursion for several places).
    #[test]
    fn the_approximation_is_that_of_a_simulated_queue() {
        for (c, rho, within) in [(1_u32, 0.8, 0.04), (3, 0.8, 0.06), (5, 0.9, 0.08), (10, 0.95, 0.12)] {
            let mut chance = crate::epi::sampling::Chance::new(7, u64::from(c));
            let mut free = vec![0.0_f64; c as usize];
            let (mut now, mut total) = (0.0, 0.0);
            let count = 300_000;
            for _ in 0..count {
                now -= chance.uniform().ln() / (rho * f64::from(c));
                let next = (0..free.len()).min_by(|a, b| free[*a].total_cmp(&free[*b])).unwrap();
                let start = free[next].max(now);
                total += start - now;
                free[next] = start + 1.0;
            }
            let (simulated, formula) = (total / f64::from(count), wait_mdc(c, rho * f64::from(c), 1.0));
            assert!((simulated - formula).abs() / simulated < within, "{c} {rho}: {simulated} {formula}");
        }
    }

    #[test]
    fn the_fluid_fills_and_drains() {
        let evenly = Arrivals { slot_min: 30.0, at_once: 0.0 };
        // 60 people in 30 minutes, one a minute served: 30 are left, who wait 30 minutes; the next slot is empty
        let (wait, slot) = worst_wait(&[60, 0], 1, 1.0, evenly);
        assert!((wait - 30.0).abs() < 1e-9 && slot == 0, "{wait} {slot}");
        // the backlog of the first meets the second
        let (wait, slot) = worst_wait(&[60, 45], 1, 1.0, evenly);
        assert!((wait - 45.0).abs() < 1e-9 && slot == 1, "{wait} {slot}");
        // all at once: the last of 30 waits 30 minutes at one a minute
        let (wait, _) = worst_wait(&[30], 1, 1.0, Arrivals { at_once: 1.0, ..evenly });
        assert!((wait - 30.0).abs() < 1e-9);
        assert!(worst_wait(&[60], 2, 1.0, evenly).0 < worst_wait(&[60], 1, 1.0, evenly).0);
    }
}
