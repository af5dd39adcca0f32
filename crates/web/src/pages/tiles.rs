//! The tiles of the day: found, moved, traced, held, cared for. Each is a sum of worklists, with a bar of what is done and
//! what is open, and the days before as small columns. Pure: figures in, shapes out.

use super::{
    frame::Frame,
    reading::OVERDUE_COUNTED_MAX,
    standing::{Flow, open_of},
};
use dayclear_core::{
    books::Worklist::{self, *},
    time::CivilDate,
};
use std::collections::BTreeMap;

/// One tile.
pub struct Tile {
    /// Word of the station.
    pub word: String,
    /// The list behind it.
    pub path: String,
    /// The figure.
    pub value: String,
    /// What it is out of.
    pub of: String,
    /// What else to know.
    pub about: String,
    /// Parts of the bar in hundredths: done, open. `None`: nothing came in.
    pub bar: Option<(u64, u64)>,
    /// Items open.
    pub open: String,
    /// Items overdue.
    pub overdue: String,
    /// Whether any is.
    pub late: bool,
    /// Columns of the days, the oldest first: place, top and height in a box of 140 by 40; the last is today.
    pub spark: Vec<Column>,
    /// The same in words, the last day first.
    pub spark_said: String,
}

/// One column of a spark.
pub struct Column {
    /// Left edge.
    pub x: u64,
    /// Top edge.
    pub y: u64,
    /// Height.
    pub height: u64,
    /// Whether it is today.
    pub now: bool,
}

/// A station of the line as a tile: word, its worklists, the worklist whose flow is the figure, and what the figure is.
struct Station {
    word: &'static str,
    lists: &'static [Worklist],
    figure: Worklist,
    counts: Counts,
    of: &'static str,
    about: &'static str,
    beside: Worklist,
}

/// What a figure counts of its worklist.
enum Counts {
    Received,
    Completed,
    Open,
}

const STATIONS: &[Station] = &[
    Station {
        word: "tile-found",
        lists: &[Deliver, Test, Recall, Clarify, Report, Diagnose],
        figure: Report,
        counts: Counts::Received,
        of: "tile-found-of",
        about: "tile-found-about",
        beside: Test,
    },
    Station {
        word: "tile-traced",
        lists: &[Reach, Facts, Investigate],
        figure: Investigate,
        counts: Counts::Completed,
        of: "tile-traced-of",
        about: "tile-traced-about",
        beside: Place,
    },
    Station {
        word: "tile-moved",
        lists: &[Move, Place, Clean],
        figure: Move,
        counts: Counts::Completed,
        of: "tile-moved-of",
        about: "tile-moved-about",
        beside: Place,
    },
    Station {
        word: "tile-held",
        lists: &[Retest, Release, Reopen],
        figure: Release,
        counts: Counts::Open,
        of: "tile-held-of",
        about: "tile-held-about",
        beside: Reopen,
    },
    Station {
        word: "tile-cared",
        lists: &[Supply, Ask, Decide, Help, Treat, Answer],
        figure: Answer,
        counts: Counts::Completed,
        of: "tile-cared-of",
        about: "tile-cared-about",
        beside: Supply,
    },
];

fn figure(flow: &Flow, worklist: Worklist, counts: &Counts) -> u64 {
    let [_, received, completed, _] = flow.get(&worklist).copied().unwrap_or_default();
    match counts {
        Counts::Received => received,
        Counts::Completed => completed,
        Counts::Open => open_of(flow, worklist),
    }
}

/// What a worklist had to deal with on a day: what was open and what came in.
fn load(flow: &Flow, worklist: Worklist) -> u64 {
    let [opening, received, ..] = flow.get(&worklist).copied().unwrap_or_default();
    opening + received
}

/// The tiles of a day.
pub fn tiles(
    frame: &Frame,
    flow: &Flow,
    overdue: &BTreeMap<Worklist, u64>,
    past: &[(CivilDate, Flow)],
    can_list: bool,
) -> Vec<Tile> {
    STATIONS.iter().map(|station| tile(frame, station, flow, overdue, past, can_list)).collect()
}

fn tile(
    frame: &Frame,
    station: &Station,
    flow: &Flow,
    overdue: &BTreeMap<Worklist, u64>,
    past: &[(CivilDate, Flow)],
    can_list: bool,
) -> Tile {
    let value = figure(flow, station.figure, &station.counts);
    let open: u64 = station.lists.iter().map(|list| open_of(flow, *list)).sum();
    let late = || station.lists.iter().filter_map(|list| overdue.get(list)).copied();
    let (more, late) = (late().any(|n| n >= OVERDUE_COUNTED_MAX), late().sum::<u64>());
    let whole: u64 = station.lists.iter().map(|list| load(flow, *list)).sum();
    let number = |n: u64| frame.lang.number(n);
    let named: Vec<&str> = station.lists.iter().map(|list| list.name()).collect();
    // what came in is set against what it came out of: tubes tested for positives, everything else against its own list
    let of = match station.counts {
        Counts::Received => load(flow, Test),
        Counts::Completed => load(flow, station.figure),
        Counts::Open => 0,
    };
    let [_, _, ended, _] = flow.get(&station.figure).copied().unwrap_or_default();
    let beside = [
        ("done", number(figure(flow, station.beside, &Counts::Completed))),
        ("all", number(load(flow, station.beside))),
        ("ended", number(ended)),
    ];
    let beside: Vec<(&str, dayclear_papers::Arg<'_>)> =
        beside.iter().map(|(name, text)| (*name, text.as_str().into())).collect();
    let mut days: Vec<u64> = past.iter().map(|(_, flow)| figure(flow, station.figure, &station.counts)).collect();
    days.insert(0, value);
    let said: Vec<String> = days.iter().map(|n| number(*n)).collect();
    Tile {
        word: frame.say(station.word),
        path: if can_list { format!("/items?worklist={}&open=true", named.join(",")) } else { "/books".to_owned() },
        value: number(value),
        of: frame.w.get(station.of, &[("count", number(of).into())]),
        about: frame.w.get(station.about, &beside),
        bar: (whole > 0).then(|| {
            let open = (open * 100).div_ceil(whole).min(100);
            (100 - open, open)
        }),
        open: number(open),
        overdue: frame.counted(late, more),
        late: late > 0,
        spark_said: frame.w.get("spark-said", &[("figures", said.join(", ").into())]),
        spark: if days.len() > 1 { spark(&days) } else { Vec::new() },
    }
}

/// Columns of fourteen days at most, the oldest first, on a base line.
fn spark(days: &[u64]) -> Vec<Column> {
    const HEIGHT: u64 = 38;
    const DAYS: u64 = 14;
    let most = days.iter().copied().max().unwrap_or_default().max(1);
    let column = |(back, value): (usize, &u64)| {
        let height = (value * HEIGHT).div_ceil(most).max(1);
        Column { x: (DAYS - 1 - back as u64) * 10 + 1, y: HEIGHT + 1 - height, height, now: back == 0 }
    };
    days.iter().enumerate().take(DAYS as usize).map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_day_fills_the_box_and_nothing_sticks_out() {
        for days in [vec![0, 0], vec![5], vec![1, 100, 3], vec![7; 30]] {
            let columns = spark(&days);
            assert!(columns.len() <= 14);
            for column in &columns {
                assert!(column.y >= 1 && column.y + column.height == 39 && column.x + 8 <= 140, "{days:?}");
            }
            assert!(columns.first().is_some_and(|column| column.now && column.x == 131));
        }
    }
}
