//! How long the steps to a bed take. Who still waits counts as waiting (Kaplan and Meier); of steps that are known only once
//! they have ended, those that could not be known yet are made up for (Lynden-Bell).

use super::{Curve, DELAY_DAYS, Given};
use dayclear_core::{
    situation::{Delay, DelayDay, DelayStep},
    time::Instant,
    transfer::TransferState,
};
use dayclear_engines::epi::survival::{Ended, kaplan_meier, length_by, time_by, truncated};
use dayclear_store::situation::{Moved, Since};

/// Days of onsets that are looked at: a delay that is longer is not known of.
const ONSET_DAYS: i64 = 21;
/// Steps of so few people tell nothing of 19 in 20.
const MOST_LEAST: usize = 20;
const HALF: f64 = 0.5;
const MOST: f64 = 0.95;

/// Hours of half and of 19 in 20.
type Hours = (Option<f64>, Option<f64>);

pub(super) fn delays(given: &Given, curve: &Curve) -> Vec<Delay> {
    let own = |code: &str| code.starts_with(curve.division.as_str());
    let onsets = onset(given, &own);
    let sampled: Vec<(Instant, Ended)> = given
        .sampled
        .iter()
        .filter(|(code, ..)| own(code))
        .map(|(_, sampled, found)| (*sampled, ended(*sampled, *found, given.now)))
        .collect();
    let lengths = |some: &[(Instant, Ended)]| {
        let all: Vec<Ended> = some.iter().map(|(_, ended)| *ended).collect();
        hours(&all)
    };
    let (half_h, most_h) = lengths(&sampled);
    let sample = Delay {
        step: DelayStep::SampleToFound,
        ended: sampled.len() as u64,
        waiting: 0,
        half_h,
        most_h,
        days: by_day(given, &sampled, |(at, _)| *at, lengths),
    };
    let since = given.zone.start_of(given.today.plus_days(1 - DELAY_DAYS));
    let moved: Vec<&Moved> =
        given.moved.iter().filter(|moved| moved.requested_at >= since && own(&moved.district)).collect();
    vec![
        onsets,
        sample,
        step(given, DelayStep::RequestToPickup, &moved, |moved| moved.picked_up_at.or(moved.admitted_at)),
        step(given, DelayStep::RequestToAdmission, &moved, |moved| moved.admitted_at),
    ]
}

fn between_h(from: Instant, to: Instant) -> f64 {
    to.minutes_since(from).max(0) as f64 / 60.0
}

fn ended(from: Instant, to: Instant, now: Instant) -> Ended {
    let length = between_h(from, to);
    Ended { length, room: between_h(from, now).max(length) }
}

fn hours(delays: &[Ended]) -> Hours {
    let Ok(shares) = truncated(delays) else { return (None, None) };
    let most = if delays.len() < MOST_LEAST { None } else { length_by(&shares, MOST) };
    (length_by(&shares, HALF), most)
}

fn onset(given: &Given, own: &dyn Fn(&str) -> bool) -> Delay {
    let mut all = Vec::new();
    for lag in given.lags.iter().filter(|lag| lag.since == Since::Onset && lag.day <= given.day && own(&lag.district)) {
        let onset = lag.day.plus_days(-lag.lag);
        let room = given.day.days_since(onset);
        if room < ONSET_DAYS {
            let one = Ended { length: lag.lag as f64 * 24.0, room: room as f64 * 24.0 };
            all.extend(std::iter::repeat_n(one, lag.n.max(0) as usize));
        }
    }
    let (half_h, most_h) = hours(&all);
    // by day they are known to the day only, and the last days hardly: they are in the nowcast
    Delay { step: DelayStep::OnsetToFound, ended: all.len() as u64, waiting: 0, half_h, most_h, days: Vec::new() }
}

/// How a step went for people who were asked for: how long it took, or has lasted until now or until it was given up.
fn step(given: &Given, step: DelayStep, moved: &[&Moved], end: impl Fn(&Moved) -> Option<Instant>) -> Delay {
    let times: Vec<(Instant, (f64, bool))> = moved
        .iter()
        .map(|moved| {
            let given_up = matches!(moved.state, TransferState::Refused | TransferState::Cancelled);
            let over = match end(moved) {
                Some(at) => (between_h(moved.requested_at, at), true),
                None if given_up => (between_h(moved.requested_at, moved.ended_at.unwrap_or(given.now)), false),
                None => (between_h(moved.requested_at, given.now), false),
            };
            (moved.requested_at, over)
        })
        .collect();
    let waits = |moved: &&&Moved| {
        end(moved).is_none() && !matches!(moved.state, TransferState::Refused | TransferState::Cancelled)
    };
    let lengths = |some: &[(Instant, (f64, bool))]| -> Hours {
        let all: Vec<(f64, bool)> = some.iter().map(|(_, time)| *time).collect();
        let Ok(steps) = kaplan_meier(&all) else { return (None, None) };
        let most = if all.len() < MOST_LEAST { None } else { time_by(&steps, MOST) };
        (time_by(&steps, HALF), most)
    };
    let (half_h, most_h) = lengths(&times);
    Delay {
        step,
        ended: times.iter().filter(|(_, (_, ended))| *ended).count() as u64,
        waiting: moved.iter().filter(waits).count() as u64,
        half_h,
        most_h,
        days: by_day(given, &times, |(at, _)| *at, lengths),
    }
}

/// The same by the day on which people began, of the last days.
fn by_day<T: Clone>(
    given: &Given,
    all: &[T],
    began: impl Fn(&T) -> Instant,
    hours: impl Fn(&[T]) -> Hours,
) -> Vec<DelayDay> {
    let days = (0..DELAY_DAYS).map(|back| given.today.plus_days(back + 1 - DELAY_DAYS));
    days.map(|day| {
        let some: Vec<T> = all.iter().filter(|one| given.zone.day(began(one)) == day).cloned().collect();
        let (half_h, most_h) = hours(&some);
        DelayDay { day, people: some.len() as u64, half_h, most_h }
    })
    .collect()
}
