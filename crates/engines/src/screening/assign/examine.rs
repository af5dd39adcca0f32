//! Judges an assignment, whoever made it: by the minute and from the rows alone, with nothing of the search.

use super::{Laboratory, Roads, TubeBox};
use serde::Serialize;

/// What an assignment is.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Examined {
    /// Time of the last result, minutes of the round.
    pub last_result_min: f64,
    /// Mean time from ready to result over tubes, minutes.
    pub mean_result_min: f64,
    /// Price of tests and ways.
    pub cost: f64,
    /// Tubes, boxes and results of each laboratory: tubes, last result.
    pub laboratories: Vec<(u32, f64)>,
    /// When each box arrives and when its results are out, minutes; none where it has no laboratory or is never worked off.
    #[serde(skip)]
    pub times: Vec<Option<(f64, f64)>>,
    /// Boxes without a laboratory.
    pub without: Vec<u32>,
    /// Laboratories with more tubes than they are validated for.
    pub over: Vec<u32>,
    /// Boxes whose laboratory closes for good before they are worked off.
    pub never: Vec<u32>,
    /// Boxes that were under way and were sent elsewhere.
    pub turned: Vec<u32>,
}

impl Examined {
    /// Whether it keeps every rule.
    pub fn holds(&self) -> bool {
        self.without.is_empty() && self.over.is_empty() && self.never.is_empty() && self.turned.is_empty()
    }
}

/// Judges.
pub fn examine(boxes: &[TubeBox], laboratories: &[Laboratory], roads: &Roads, to: &[Option<u32>]) -> Examined {
    let mut examined = Examined {
        laboratories: vec![(0, 0.0); laboratories.len()],
        times: vec![None; boxes.len()],
        ..Examined::default()
    };
    let (mut waited, mut tubes_done) = (0.0, 0.0);
    for (number, laboratory) in laboratories.iter().enumerate() {
        let mine = (0..boxes.len()).filter(|at| to.get(*at).copied().flatten() == Some(number as u32));
        let mut arrivals: Vec<(f64, usize)> =
            mine.map(|at| (boxes[at].ready_min + roads.minutes(&boxes[at], laboratory), at)).collect();
        arrivals.sort_by(|a, b| a.0.total_cmp(&b.0).then(boxes[a.1].tubes.cmp(&boxes[b.1].tubes)).then(a.1.cmp(&b.1)));
        let tubes: u32 = arrivals.iter().map(|(_, at)| boxes[*at].tubes).sum();
        if tubes > laboratory.validated {
            examined.over.push(number as u32);
        }
        // a meter of minutes open: a box is worked off when the meter has run for its tubes
        let mut now = 0.0_f64;
        for (arrival, at) in arrivals {
            now = now.max(arrival);
            let mut needed = f64::from(boxes[at].tubes) * 60.0 / laboratory.tubes_an_hour;
            let from = now;
            let mut windows = laboratory.open.iter().filter(|(_, close)| *close > from);
            while needed > 1e-9 {
                let Some((open, close)) = windows.next() else {
                    now = f64::INFINITY;
                    break;
                };
                now = now.max(*open);
                let step = needed.min(close - now);
                now += step;
                needed -= step;
            }
            let hours = roads.minutes(&boxes[at], laboratory) / 60.0;
            examined.cost += f64::from(boxes[at].tubes) * laboratory.price + hours * roads.hour_price;
            if now.is_infinite() {
                examined.never.push(at as u32);
                continue;
            }
            let result = now + laboratory.turnaround_min;
            examined.times[at] = Some((arrival, result));
            examined.laboratories[number].1 = result;
            examined.last_result_min = examined.last_result_min.max(result);
            waited += (result - boxes[at].ready_min) * f64::from(boxes[at].tubes);
            tubes_done += f64::from(boxes[at].tubes);
        }
        examined.laboratories[number].0 = tubes;
    }
    for (at, one) in boxes.iter().enumerate() {
        let given = to.get(at).copied().flatten();
        if given.is_none() {
            examined.without.push(at as u32);
        }
        if one.under_way.is_some() && given != one.under_way {
            examined.turned.push(at as u32);
        }
    }
    examined.mean_result_min = if tubes_done > 0.0 { waited / tubes_done } else { 0.0 };
    examined
}
