//! The pictures of the situation room: the curve with what is to come, and the reproduction number by day. Pure: figures in,
//! places out, drawn by the page without a script.

use dayclear_core::{
    situation::{Between, Found, NowDay, Situation},
    time::CivilDate,
};
use dayclear_papers::figures::{levels, round_up};

/// Size of the drawing within its axes: left, right, top and bottom.
pub const AREA: (f64, f64, f64, f64) = (64.0, 712.0, 12.0, 208.0);
/// Days of the past that are drawn.
const PAST_DAYS: usize = 56;
/// Days from one word below the axis to the next.
const TICK_DAYS: i64 = 14;
/// Width of a bar at most: a curve of its first days looks like one.
const BAR_MAX: f64 = 40.0;
/// How many times as high as what was found and the middle of what is to come the picture may be.
const HIGH_TIMES: f64 = 2.0;
/// The highest reproduction number that is drawn.
const R_MAX: f64 = 4.0;

/// A day as a bar of two parts.
pub struct Bar {
    /// Left edge and width.
    pub x: String,
    /// See left edge.
    pub width: String,
    /// Top and height of what was found in the community, which stands on the axis.
    pub community: (String, String),
    /// The same of what was held already, which stands on that.
    pub held: (String, String),
}

/// The curve.
pub struct Picture {
    /// Bars.
    pub bars: Vec<Bar>,
    /// Corners of the 95 % band, of the 50 % band, and the middle line.
    pub band: String,
    /// See above.
    pub half: String,
    /// See above.
    pub middle: String,
    /// Whether the band goes beyond the picture.
    pub cut: bool,
    /// Words beside the axis, and below it: place, day and whether it may be left out where there is little room.
    pub beside: Vec<(String, f64)>,
    /// See above.
    pub below: Vec<(String, CivilDate, bool)>,
}

fn at(value: f64) -> String {
    format!("{value:.1}")
}

/// Draws the curve; nothing where there is no whole day.
pub fn curve(situation: &Situation) -> Option<Picture> {
    let skipped = situation.found.len().saturating_sub(PAST_DAYS);
    let past: &[Found] = &situation.found[skipped..];
    let first = situation.first.plus_days(skipped as i64);
    if past.is_empty() {
        return None;
    }
    let fan = situation.ahead.fan.known().map_or(&[][..], |fan| &fan.days);
    let (left, right, top, bottom) = AREA;
    let slot = (right - left) / (past.len() + fan.len()) as f64;
    let wide = (slot * 0.8).min(BAR_MAX);
    let seen = past.iter().map(|found| found.all() as f64).fold(0.0, f64::max);
    let middle = fan.iter().map(|day| day.expected.median).fold(seen, f64::max);
    let high = fan.iter().map(|day| day.expected.high).fold(middle, f64::max);
    let most = round_up(high.min(middle * HIGH_TIMES).max(1.0));
    let y = |value: f64| bottom - value.min(most) / most * (bottom - top);
    let bar = |(n, found): (usize, &Found)| {
        let part = |from: f64, to: f64| (at(y(to)), at(y(from) - y(to)));
        let (community, all) = (found.community as f64, found.all() as f64);
        Bar {
            x: at(left + slot * (n as f64 + 0.5) - wide / 2.0),
            width: at(wide),
            community: part(0.0, community),
            held: part(community, all),
        }
    };
    let centre = |n: usize| left + slot * (past.len() as f64 + n as f64 + 0.5);
    let line = |of: &dyn Fn(usize) -> f64| -> Vec<String> {
        (0..fan.len()).map(|n| format!("{},{}", at(centre(n)), at(y(of(n))))).collect()
    };
    let band = |low: &dyn Fn(usize) -> f64, high: &dyn Fn(usize) -> f64| {
        let (mut there, back) = (line(high), line(low));
        there.extend(back.into_iter().rev());
        there.join(" ")
    };
    let days = past.len() as i64 + fan.len() as i64;
    let today = situation.day;
    let below = (0..days).map(|n| (n, first.plus_days(n))).filter(|(_, day)| day.days_since(today) % TICK_DAYS == 0);
    Some(Picture {
        bars: past.iter().enumerate().map(bar).collect(),
        band: band(&|n| fan[n].expected.low, &|n| fan[n].expected.high),
        half: band(&|n| fan[n].half[0], &|n| fan[n].half[1]),
        middle: line(&|n| fan[n].expected.median).join(" "),
        cut: high > most,
        beside: levels(most).map(|value| (at(y(value)), value)).collect(),
        below: below
            .enumerate()
            .map(|(nth, (n, day))| (at(left + slot * (n as f64 + 0.5)), day, nth % 2 == 1))
            .collect(),
    })
}

/// The reproduction number by day.
pub struct Rate {
    /// Corners of the 95 % band, and the middle line.
    pub band: String,
    /// See above.
    pub middle: String,
    /// Height of 1.
    pub one: String,
    /// Words beside the axis and below it.
    pub beside: Vec<(String, String)>,
    /// See above.
    pub below: Vec<(String, CivilDate, bool)>,
}

/// Bottom of the picture of the reproduction number.
pub const RATE_BOTTOM: f64 = 140.0;

/// Draws the reproduction number; nothing where there are not two days of it.
pub fn rate(last: CivilDate, before: &[Option<Between>]) -> Option<Rate> {
    let skipped = before.iter().position(Option::is_some)?;
    let days: Vec<&Between> = before[skipped..].iter().flatten().collect();
    if days.len() < 2 || days.len() != before.len() - skipped {
        return None;
    }
    let (left, right, top, _) = AREA;
    let bottom = RATE_BOTTOM;
    let most = days.iter().map(|day| day.high).fold(1.5, f64::max).min(R_MAX);
    let slot = (right - left) / days.len() as f64;
    let x = |n: usize| left + slot * (n as f64 + 0.5);
    let y = |value: f64| bottom - value.min(most) / most * (bottom - top);
    let line = |of: &dyn Fn(&Between) -> f64| -> Vec<String> {
        days.iter().enumerate().map(|(n, day)| format!("{},{}", at(x(n)), at(y(of(day))))).collect()
    };
    let (mut band, back) = (line(&|day| day.high), line(&|day| day.low));
    band.extend(back.into_iter().rev());
    let first = last.plus_days(1 - days.len() as i64);
    let below = (0..days.len())
        .map(|n| (n, first.plus_days(n as i64)))
        .filter(|(_, day)| last.days_since(*day) % TICK_DAYS == 0)
        .enumerate();
    Some(Rate {
        band: band.join(" "),
        middle: line(&|day| day.median).join(" "),
        one: at(y(1.0)),
        beside: [0.0, 1.0, most].map(|value| (at(y(value)), format!("{value:.1}"))).to_vec(),
        below: below.map(|(nth, (n, day))| (at(x(n)), day, nth % 2 == 1)).collect(),
    })
}

/// Share of a day's infections that are known, as the width of a bar in hundredths.
pub fn known(day: &NowDay) -> u64 {
    (day.complete.clamp(0.0, 1.0) * 100.0).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use dayclear_core::{
        divisions::Level,
        situation::{Ahead, Fan, FanDay, Gap, Told},
    };

    fn situation(found: Vec<Found>, fan: Option<f64>) -> Situation {
        let day: CivilDate = "2022-11-19".parse().unwrap();
        let between = |high: f64| Between { low: 0.0, median: 10.0, high };
        let days = |high: f64| {
            let one = |n: i64| FanDay { day: day.plus_days(n), expected: between(high * n as f64), half: [5.0, 15.0] };
            (1..=14).map(one).collect()
        };
        let fan = fan.map(|high| Fan { days: days(high), week: between(high) });
        Situation {
            division: "50".parse().unwrap(),
            level: Level::City,
            first: day.plus_days(1 - found.len() as i64),
            day,
            sampled_on: None,
            pack: String::new(),
            serial: None,
            found,
            today: Found::default(),
            last_community_on: None,
            sampled: Told::Missing(Gap::NoCases),
            onsets: Told::Missing(Gap::NoCases),
            delays: Vec::new(),
            ahead: Ahead {
                reproduction: Told::Missing(Gap::NoCases),
                fan: fan.map_or(Told::Missing(Gap::TooFew), Told::Known),
                score: Told::Missing(Gap::TooFew),
                needs: Vec::new(),
                needs_built_in: true,
            },
            units: Vec::new(),
        }
    }

    #[test]
    fn nothing_is_drawn_beyond_the_picture_and_what_is_cut_is_said() {
        let (left, right, top, bottom) = AREA;
        let corners = |text: &str| -> Vec<(f64, f64)> {
            let pair = |pair: &str| pair.split_once(',').map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap()));
            text.split(' ').filter_map(pair).collect()
        };
        for (days, fan, cut) in [(1, None, false), (20, Some(1.0), false), (90, Some(1e6), true)] {
            let found = (0..days).map(|n| Found { community: n % 7, held: n % 5 }).collect();
            let picture = curve(&situation(found, fan)).unwrap();
            assert_eq!((picture.bars.len(), picture.cut), (days.min(56) as usize, cut));
            assert!(picture.beside.iter().all(|(_, value)| value.fract() == 0.0), "people are whole");
            for (x, y) in corners(&picture.band).into_iter().chain(corners(&picture.middle)) {
                assert!(x >= left && x <= right && y >= top - 0.1 && y <= bottom + 0.1, "{x},{y}");
            }
            for bar in &picture.bars {
                let held: (f64, f64) = (bar.held.0.parse().unwrap(), bar.held.1.parse().unwrap());
                let community: f64 = bar.community.0.parse().unwrap();
                assert!(held.0 >= top - 0.1 && (held.0 + held.1 - community).abs() < 0.2, "one stands on the other");
            }
            assert!(picture.below.iter().any(|(_, day, _)| day.to_string() == "2022-11-19"));
        }
        assert!(curve(&situation(Vec::new(), None)).is_none());
    }

    #[test]
    fn a_reproduction_number_is_drawn_from_its_first_day_and_never_over_a_hole() {
        let day = "2022-11-19".parse().unwrap();
        let known = Some(Between { low: 0.8, median: 1.0, high: 9.0 });
        assert!(rate(day, &[]).is_none() && rate(day, &[known]).is_none());
        assert!(rate(day, &[known, None, known]).is_none());
        let drawn = rate(day, &[None, known, known]).unwrap();
        assert_eq!(drawn.middle.split(' ').count(), 2);
        assert!(drawn.beside.iter().any(|(place, word)| word == "1.0" && *place == drawn.one));
    }
}
