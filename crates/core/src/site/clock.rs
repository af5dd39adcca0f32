//! When something happened on a phone whose clock cannot be believed. A phone gives readings of two clocks: the wall clock, which
//! anybody may set, and the time since its page began, which nobody can set but which may stand still while the phone sleeps and
//! ends with the page. The server knows its own time at two moments: when it last spoke to the phone before the record (the anchor),
//! and now. From these follows the true time, or the bounds of it. It guarantees that no time lies in the future, and that what is
//! not known exactly is said to be so.

use crate::{terms, time::Instant};

/// Two clocks that differ by no more than this tell the same, in seconds: the way of a message, and drift over a day.
pub const SAME_S: i64 = 60;
/// A time known within this is as good as known, in seconds; beyond it a record is marked.
pub const KNOWN_S: i64 = 600;
/// What is said of every time at least, in seconds: a message takes its way.
const WAY_S: i64 = 5;
/// How far back anything can have happened of which there is no anchor, in hours.
const OLDEST_H: i64 = 14 * 24;

/// What a phone's clocks say at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Wall clock: milliseconds since 1970 by the phone. A time zone plays no part in it.
    pub wall_ms: i64,
    /// Milliseconds since the page began.
    pub page_ms: i64,
    /// Which page: a new one each time it is loaded.
    pub page: String,
}

/// A moment at which the server's time was known on the phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// The server's time.
    pub server: Instant,
    /// What the phone's clocks said.
    pub device: Reading,
}

terms! {
    /// How a time came to be known.
    How {
        /// By the time since the page began, which agrees with the server's.
        Counted = "counted",
        /// By the wall clock, which nobody set between two moments at which the server's time was known.
        Steady = "steady",
        /// By what lies before and after it.
        Bounded = "bounded",
        /// It was written down by a person.
        Written = "written",
    }
}

/// A time as well as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The best guess, never in the future.
    pub at: Instant,
    /// The truth lies within so many seconds of it.
    pub within_s: i64,
    /// How.
    pub how: How,
}

impl Settled {
    /// Whether it is known as well as anybody needs it.
    pub fn known(&self) -> bool {
        self.within_s <= KNOWN_S
    }
}

/// When something happened of which the phone says `taken`, with the last anchor before it, and what the phone's clocks say as it is
/// sent, at `now` by the server.
pub fn settle(taken: &Reading, anchor: Option<&Anchor>, sending: &Reading, now: Instant) -> Settled {
    let ms = |at: Instant| at.micros().div_euclid(1_000);
    let now = ms(now);
    let anchor = anchor.filter(|anchor| ms(anchor.server) <= now);
    // what has passed on a clock between two readings, if both are of one page; nothing runs backwards
    let counted = |from: &Reading, to: &Reading| {
        (from.page == to.page).then(|| to.page_ms.saturating_sub(from.page_ms)).filter(|passed| *passed >= 0)
    };
    let walked = |from: &Reading, to: &Reading| to.wall_ms.saturating_sub(from.wall_ms);
    let same = |a: i64, b: i64| a.saturating_sub(b).saturating_abs() <= SAME_S * 1_000;

    // the page's clock stands still in sleep and never runs ahead, so at least so much has passed
    let latest = now.saturating_sub(counted(taken, sending).unwrap_or_default());
    let earliest = match anchor {
        Some(anchor) => ms(anchor.server).saturating_add(counted(&anchor.device, taken).unwrap_or_default()),
        None => now.saturating_sub(OLDEST_H * 3_600_000),
    };
    let (earliest, latest) = (earliest.min(now), latest.min(now));
    let said = |at: i64, off: i64, how: How| Settled {
        at: Instant::from_micros(at.min(now).saturating_mul(1_000)),
        within_s: (off.saturating_abs() / 1_000).saturating_add(WAY_S),
        how,
    };
    if earliest > latest {
        // the server's own clock was set, or a phone says what cannot be
        return said(latest, earliest - latest, How::Bounded);
    }

    // counted from the anchor to now without sleep: the page's clock tells it
    if let Some(anchor) = anchor
        && let (Some(_), Some(all)) = (counted(taken, sending), counted(&anchor.device, sending))
        && same(all, now - ms(anchor.server))
    {
        return said(latest, all - (now - ms(anchor.server)), How::Counted);
    }
    // both clocks say the same of the way from the record to now
    let by_now = now.saturating_sub(walked(taken, sending));
    if counted(taken, sending).is_some() && same(by_now, latest) {
        return said(latest, by_now - latest, How::Counted);
    }
    let Some(known) = anchor else { return within(by_now, None, earliest, latest, &said) };
    let by_anchor = ms(known.server).saturating_add(walked(&known.device, taken));
    // or of the way from the anchor to the record
    if counted(&known.device, taken).is_some() && same(by_anchor, earliest) {
        return said(earliest, by_anchor - earliest, How::Counted);
    }
    // nobody set the wall clock in between, or it was set back to the same
    let slack = SAME_S * 1_000;
    if same(by_now, by_anchor) && by_now >= earliest - slack && by_now <= latest + slack {
        return said(by_now.clamp(earliest, latest), by_now - by_anchor, How::Steady);
    }
    within(by_now, Some(by_anchor), earliest, latest, &said)
}

/// Of what two readings of the wall clock say, the one that can be; else the middle of what is possible.
fn within(
    by_now: i64,
    by_anchor: Option<i64>,
    earliest: i64,
    latest: i64,
    said: &dyn Fn(i64, i64, How) -> Settled,
) -> Settled {
    let slack = SAME_S * 1_000;
    let can_be = |at: &i64| *at >= earliest - slack && *at <= latest + slack;
    let guesses: Vec<i64> = [Some(by_now), by_anchor].into_iter().flatten().filter(can_be).collect();
    let at = match guesses.as_slice() {
        [one] => (*one).clamp(earliest, latest),
        _ => earliest + (latest - earliest) / 2,
    };
    said(at, (at - earliest).max(latest - at), How::Bounded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    const H: i64 = 3_600;
    /// The server's clock when the phone signed in, in seconds since 1970: 2022-11-20T06:00:00+08:00.
    const SIGNED_IN: i64 = 1_668_895_200;

    /// A phone: seconds since it signed in at which its wall clock was set (by how much), it slept (how long), its page was loaded.
    #[derive(Clone, Debug, Default)]
    struct Phone {
        ahead: i64,
        set: Vec<(i64, i64)>,
        slept: Vec<(i64, i64)>,
        loaded: Vec<i64>,
    }

    impl Phone {
        fn reads(&self, at: i64) -> Reading {
            let set: i64 = self.set.iter().filter(|(when, _)| *when <= at).map(|(_, by)| by).sum();
            let begun = self.loaded.iter().copied().filter(|when| *when <= at).max().unwrap_or(-100);
            let asleep: i64 =
                self.slept.iter().map(|(from, long)| (at.min(from + long) - begun.max(*from)).max(0)).sum();
            Reading {
                wall_ms: (SIGNED_IN + at + self.ahead + set) * 1_000,
                page_ms: (at - begun - asleep) * 1_000,
                page: begun.to_string(),
            }
        }
        fn settles(&self, taken: i64, sent: i64) -> (i64, Settled) {
            let server = |at: i64| Instant::from_micros((SIGNED_IN + at) * 1_000_000);
            let anchor = Anchor { server: server(0), device: self.reads(0) };
            let settled = settle(&self.reads(taken), Some(&anchor), &self.reads(sent), server(sent));
            (settled.at.micros() / 1_000_000 - SIGNED_IN, settled)
        }
    }

    fn phone(ahead: i64, set: &[(i64, i64)], slept: &[(i64, i64)], loaded: &[i64]) -> Phone {
        Phone { ahead, set: set.to_vec(), slept: slept.to_vec(), loaded: loaded.to_vec() }
    }

    #[rstest]
    // twelve hours without a network, the clock right, the page open all the time
    #[case::twelve_hours(phone(0, &[], &[], &[]), H, 13 * H, H, How::Counted)]
    // ... three days ahead
    #[case::three_days_ahead(phone(72 * H, &[], &[], &[]), H, 13 * H, H, How::Counted)]
    // ... three days ahead, asleep most of the time: the wall clock, which nobody set, tells it
    #[case::ahead_and_asleep(phone(72 * H, &[], &[(3 * H, 8 * H)], &[]), 2 * H, 13 * H, 2 * H, How::Counted)]
    #[case::asleep_before_and_after(phone(72 * H, &[], &[(H, H), (4 * H, 6 * H)], &[]), 3 * H, 13 * H, 3 * H, How::Steady)]
    // ... and the page was loaded again, or the phone restarted, after the tube
    #[case::loaded_again(phone(-5 * H, &[], &[], &[6 * H]), 2 * H, 13 * H, 2 * H, How::Counted)]
    #[case::restarted_twice(phone(-5 * H, &[], &[], &[H, 6 * H]), 2 * H, 13 * H, 2 * H, How::Steady)]
    // the clock was set back by two hours midway, before or after the tube, page open
    #[case::set_back_before(phone(0, &[(2 * H, -2 * H)], &[], &[]), 3 * H, 13 * H, 3 * H, How::Counted)]
    #[case::set_back_after(phone(0, &[(5 * H, -2 * H)], &[], &[]), 3 * H, 13 * H, 3 * H, How::Counted)]
    // ... with sleep besides: both clocks agree on one side of the tube
    #[case::set_back_and_slept_after(phone(0, &[(5 * H, -2 * H)], &[(6 * H, 4 * H)], &[]), 3 * H, 13 * H, 3 * H, How::Counted)]
    #[case::set_back_and_slept_before(phone(0, &[(H, -2 * H)], &[(2 * H, H)], &[]), 4 * H, 13 * H, 4 * H, How::Counted)]
    // set and set back again around the tube: the page's clock tells it
    #[case::set_and_back(phone(0, &[(2 * H, 48 * H), (4 * H, -48 * H)], &[], &[]), 3 * H, 13 * H, 3 * H, How::Counted)]
    // another time zone: what people see changes, what the clock counts does not
    #[case::another_zone(phone(0, &[], &[], &[]), 6 * H, 13 * H, 6 * H, How::Counted)]
    // ... unless somebody turns the clock by hand to fit: it was set
    #[case::zone_by_hand(phone(0, &[(6 * H, 8 * H)], &[], &[]), 3 * H, 13 * H, 3 * H, How::Counted)]
    // set three days ahead before, loaded again on both sides: only one of the two readings can be
    #[case::one_can_be(phone(0, &[(2 * H, 72 * H)], &[], &[H, 6 * H]), 4 * H, 13 * H, 4 * H, How::Bounded)]
    fn true_times(#[case] phone: Phone, #[case] taken: i64, #[case] sent: i64, #[case] truth: i64, #[case] how: How) {
        let (at, settled) = phone.settles(taken, sent);
        assert!((at - truth).abs() <= 1, "{at} is not {truth}: {settled:?}");
        assert_eq!(settled.how, how);
        assert_eq!(settled.known(), how != How::Bounded);
    }

    #[test]
    fn what_cannot_be_known_is_bounded_and_said() {
        // set back by two hours, loaded again before and after: either reading may be right
        let (at, settled) = phone(0, &[(5 * H, -2 * H)], &[], &[H, 6 * H]).settles(4 * H, 13 * H);
        assert_eq!(settled.how, How::Bounded);
        assert!(!settled.known() && (at - 4 * H).abs() <= settled.within_s, "{settled:?}");
        // no anchor: the wall clock since then, as far as that goes
        let reading =
            |wall_s: i64, page: &str| Reading { wall_ms: wall_s * 1_000, page_ms: 1_000, page: page.to_owned() };
        let now = Instant::from_micros(SIGNED_IN * 1_000_000);
        let alone = settle(&reading(5_000, "a"), None, &reading(8_600, "b"), now);
        assert_eq!((alone.at, alone.known()), (now.plus_hours(-1), false));
        // what cannot be at all is not in the future either
        for (taken, sent) in [(i64::MAX / 1_000, 0), (0, i64::MAX / 1_000), (i64::MIN / 1_000, i64::MAX / 1_000)] {
            let settled = settle(&reading(taken, "a"), None, &reading(sent, "b"), now);
            assert!(settled.at <= now, "{settled:?}");
        }
        let ahead = Anchor { server: now.plus_hours(5), device: reading(0, "a") };
        assert!(settle(&reading(10, "a"), Some(&ahead), &reading(20, "a"), now).at <= now);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]
        /// Whatever a phone does, as long as its clock is set once at most, the truth lies within what is said.
        #[test]
        fn the_truth_lies_within_the_bound(
            ahead in -80i64..80,
            // steps of ten minutes for sleep, and of ten minutes and 200 seconds for the clock: they never look alike
            set in proptest::option::of((0i64..90, -500i64..500)),
            slept in proptest::collection::vec((0i64..60, 1i64..30), 0..3),
            loaded in proptest::collection::vec(0i64..90, 0..3),
            taken in 0i64..60,
            more in 0i64..30,
        ) {
            let mut nights: Vec<(i64, i64)> = Vec::new();
            let mut free = 0;
            for (after, long) in slept {
                nights.push(((free + after) * 600, long * 600));
                free += after + long;
            }
            let phone = Phone {
                ahead: ahead * 3_600,
                set: set.iter().map(|(at, by)| (at * 600 + 17, by * 600 + 200)).collect(),
                slept: nights,
                loaded: loaded.iter().map(|at| at * 600 + 31).collect(),
            };
            let (taken, sent) = (taken * 600 + 40, (taken + more) * 600 + 55);
            let (at, settled) = phone.settles(taken, sent);
            prop_assert!(at <= sent);
            prop_assert!((at - taken).abs() <= settled.within_s, "{at} of {taken}: {settled:?}");
        }
    }
}
