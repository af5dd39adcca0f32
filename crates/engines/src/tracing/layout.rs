//! Places the cases of a transmission tree on a page: time to the right, one row for each case and for each group of
//! siblings that fell ill on the same day and infected nobody. Depth first, so that no link to the first source crosses
//! another. It computes numbers only; the strings are the business of `drawing`.

use super::{Case, Chains, cycles::cycles};
use dayclear_core::time::CivilDate;
use std::collections::{BTreeMap, VecDeque};

/// Height of a line of text, px.
pub(super) const LINE: f64 = 15.0;
/// Width of the whole page, px.
pub(super) const WIDTH: f64 = 1400.0;
/// Where the last day stands; the space to the right of it is for labels.
const RIGHT: f64 = WIDTH - 190.0;
/// Distance between the lines kept free for dates, px.
const DATES_EVERY: f64 = 900.0;
/// Above so many cases without a link, bars with counts take the place of single marks.
const BARS_ABOVE: usize = 400;

/// What a mark stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shape {
    /// Case without a known source that begins a chain.
    Index,
    /// Case with a source.
    Infected,
    /// Case in a circle of sources.
    InCycle,
    /// Case without source and without secondary case.
    Single,
}

/// One mark: a case, or cases of the same day that share all that is drawn.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    /// Cases in the order of the line list; never empty.
    pub(super) members: Vec<usize>,
    /// Centre, px.
    pub(super) x: f64,
    /// Centre, px.
    pub(super) y: f64,
    pub(super) shape: Shape,
    /// The day is the onset.
    pub(super) onset: bool,
    /// Label, wrapped.
    pub(super) lines: Vec<String>,
}

/// Count of cases without a link in a run of days.
pub(super) struct Bar {
    pub(super) x: f64,
    pub(super) width: f64,
    pub(super) cases: usize,
}

/// The page.
pub(super) struct Layout {
    pub(super) marks: Vec<Mark>,
    /// Mark of each case; `None` where bars stand for it.
    pub(super) mark_of: Vec<Option<usize>>,
    /// The source along which each case is placed.
    pub(super) parent: Vec<Option<usize>>,
    pub(super) bars: Vec<Bar>,
    /// Days that one bar stands for.
    pub(super) per_bar: i64,
    /// Cases without a link that have no date, where bars stand for them.
    pub(super) undated: usize,
    /// Top of the tree, px.
    pub(super) top: f64,
    /// Bottom of the tree and top of the cases without a link, px.
    pub(super) band: f64,
    /// Bottom, px.
    pub(super) bottom: f64,
    /// Ticks of the time axis: position and day.
    pub(super) ticks: Vec<(f64, CivilDate)>,
    /// Lines kept free for the dates of the axis, so that on a long page some are always in sight.
    pub(super) date_rows: Vec<f64>,
    /// Where cases without any date stand, if there are any.
    pub(super) no_date_x: Option<f64>,
}

struct Axis {
    /// First day; `None` when no case has a date.
    first: Option<CivilDate>,
    left: f64,
    per_day: f64,
}

impl Axis {
    fn x(&self, day: Option<CivilDate>) -> f64 {
        day.zip(self.first)
            .map_or(self.left - 90.0, |(day, first)| self.left + day.days_since(first) as f64 * self.per_day)
    }
}

/// Width of a text of 11 px, estimated on the wide side.
pub(super) fn text_width(text: &str) -> f64 {
    text.chars().map(|c| if c.is_ascii() { 7.0 } else { 11.5 }).sum()
}

fn wrap(words: &[String], width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let word = if at + 1 < words.len() { format!("{word},") } else { word.clone() };
        match lines.last_mut() {
            Some(line) if text_width(line) + text_width(&word) + 7.0 <= width => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

/// For each case the source along which it is placed: one a generation nearer to the index case, if there are several
/// the one that the line list names, then a directed one, then the earliest. Circles are cut at their earliest case.
fn forest(cases: &[Case], chains: &Chains, circles: &[Vec<usize>]) -> Vec<Option<usize>> {
    let nodes = &chains.nodes;
    let mut parent: Vec<Option<usize>> = nodes
        .iter()
        .enumerate()
        .map(|(at, node)| {
            let nearer = node.generation.and_then(|generation| generation.checked_sub(1));
            let candidates = node.sources.iter().filter(|s| nearer.is_some() && nodes[s.case].generation == nearer);
            let named = |from: usize| cases[at].infector.as_deref() == Some(cases[from].id.as_str());
            candidates
                .map(|s| (!named(s.case), !s.directed, cases[s.case].day().map(|d| d.0.day_number()), s.case))
                .min()
                .map(|best| best.3)
        })
        .collect();
    let mut cuts: Vec<usize> = circles.iter().flatten().copied().filter(|&at| nodes[at].generation.is_none()).collect();
    cuts.sort_by_key(|&at| (cases[at].day().map_or(i64::MAX, |day| day.0.day_number()), at));
    let mut placed: Vec<bool> = nodes.iter().map(|node| node.generation.is_some()).collect();
    for cut in cuts {
        let mut queue = VecDeque::from(if placed[cut] { vec![] } else { vec![cut] });
        while let Some(at) = queue.pop_front() {
            placed[at] = true;
            for &target in &nodes[at].targets {
                if !placed[target] {
                    placed[target] = true;
                    parent[target] = Some(at);
                    queue.push_back(target);
                }
            }
        }
    }
    parent
}

/// Marks that stand together: the same day, and nothing else to tell them apart.
type Group = (Option<CivilDate>, bool, Vec<usize>);

fn groups(cases: &[Case], members: &[usize], together: impl Fn(usize) -> bool) -> Vec<Group> {
    // Days in order, undated last; a case that stands alone is its own key.
    let mut sorted: BTreeMap<(i64, bool, usize), Group> = BTreeMap::new();
    for &at in members {
        let day = cases[at].day();
        let onset = day.is_some_and(|day| day.1);
        let number = day.map_or(i64::MAX, |day| day.0.day_number());
        let alone = if together(at) { 0 } else { at + 1 };
        sorted.entry((number, onset, alone)).or_insert_with(|| (day.map(|day| day.0), onset, Vec::new())).2.push(at);
    }
    sorted.into_values().collect()
}

/// Places every case below `top`.
pub(super) fn layout(cases: &[Case], chains: &Chains, top: f64) -> Layout {
    let nodes = &chains.nodes;
    let circles = cycles(&nodes.iter().map(|node| node.targets.clone()).collect::<Vec<_>>());
    let mut in_cycle = vec![false; nodes.len()];
    circles.iter().flatten().for_each(|&at| in_cycle[at] = true);
    let parent = forest(cases, chains, &circles);
    let mut children = vec![Vec::new(); nodes.len()];
    for (at, parent) in parent.iter().enumerate() {
        if let Some(parent) = *parent {
            children[parent].push(at);
        }
    }

    let days: Vec<CivilDate> = cases.iter().filter_map(|case| case.day().map(|day| day.0)).collect();
    let first = days.iter().min().copied();
    let span = days.iter().max().zip(first).map_or(1, |(last, first)| last.days_since(first).max(1));
    let undated = days.len() < cases.len();
    let left = if undated { 130.0 } else { 40.0 };
    let axis = Axis { first, left, per_day: (RIGHT - left) / span as f64 };

    let mut page = Layout {
        marks: Vec::new(),
        mark_of: vec![None; nodes.len()],
        parent,
        bars: Vec::new(),
        per_bar: (4.0 / axis.per_day).ceil().max(1.0) as i64,
        undated: 0,
        top,
        band: top,
        bottom: top,
        ticks: ticks(&axis, span),
        date_rows: vec![top - 8.0],
        no_date_x: undated.then(|| axis.x(None)),
    };
    let single = |at: usize| nodes[at].sources.is_empty() && nodes[at].targets.is_empty();
    let shape = |at: usize| match () {
        () if in_cycle[at] => Shape::InCycle,
        () if single(at) => Shape::Single,
        () if nodes[at].sources.is_empty() => Shape::Index,
        () => Shape::Infected,
    };
    let label = |at: usize| match nodes[at].secondary {
        0 => cases[at].id.clone(),
        n => format!("{} ({n})", cases[at].id),
    };
    let mark = |(day, onset, members): Group, y: f64| {
        let x = axis.x(day);
        let lines = wrap(&members.iter().map(|&at| label(at)).collect::<Vec<_>>(), WIDTH - x - 20.0);
        Mark { shape: shape(members[0]), members, x, y, onset, lines }
    };

    // The tree, depth first from the earliest root.
    let leaf =
        |at: usize| nodes[at].targets.is_empty() && nodes[at].sources.len() == 1 && nodes[at].contacts.is_empty();
    let roots: Vec<usize> = (0..nodes.len()).filter(|&at| page.parent[at].is_none() && !single(at)).collect();
    let mut stack: Vec<Group> = groups(cases, &roots, |_| false);
    stack.reverse();
    let mut y = top + LINE;
    while let Some(group) = stack.pop() {
        let mut below = groups(cases, &children[group.2[0]], leaf);
        let placed = mark(group, y);
        y += LINE * placed.lines.len() as f64;
        placed.members.iter().for_each(|&at| page.mark_of[at] = Some(page.marks.len()));
        page.marks.push(placed);
        below.reverse();
        stack.append(&mut below);
    }
    page.band = y + LINE;
    make_room_for_dates(&mut page);

    // Cases without a link: marks packed into rows, or bars when there are too many.
    let singles: Vec<usize> = (0..nodes.len()).filter(|&at| single(at)).collect();
    page.bottom = page.band;
    if singles.len() > BARS_ABOVE {
        let per_bar = page.per_bar;
        let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
        for &at in &singles {
            match cases[at].day().zip(axis.first) {
                Some(((day, _), first)) => *counts.entry(day.days_since(first) / per_bar).or_default() += 1,
                None => page.undated += 1,
            }
        }
        let width = per_bar as f64 * axis.per_day;
        page.bars =
            counts.into_iter().map(|(run, cases)| Bar { x: axis.left + run as f64 * width, width, cases }).collect();
        page.bottom = page.band + 190.0;
    } else if !singles.is_empty() {
        let mut ends: Vec<f64> = Vec::new(); // right end of each line of the band
        for group in groups(cases, &singles, |at| nodes[at].contacts.is_empty()) {
            let mut placed = mark(group, 0.0);
            let (start, lines) = (placed.x - 12.0, placed.lines.len());
            let width = placed.lines.iter().map(|line| text_width(line)).fold(0.0, f64::max);
            let free = |row: usize| (row..row + lines).all(|r| ends.get(r).is_none_or(|&end| end <= start));
            let row = (0..=ends.len()).find(|&row| free(row)).unwrap_or(ends.len());
            ends.resize(ends.len().max(row + lines), 0.0);
            ends[row..row + lines].fill(placed.x + 14.0 + width);
            placed.y = page.band + LINE * (row as f64 + 2.2);
            placed.members.iter().for_each(|&at| page.mark_of[at] = Some(page.marks.len()));
            page.marks.push(placed);
        }
        page.bottom = page.band + LINE * (ends.len() as f64 + 2.2);
    }
    page
}

/// Moves the rows of a long tree apart at even distances, so that the dates of the axis fit between them.
fn make_room_for_dates(page: &mut Layout) {
    const ROOM: f64 = LINE * 1.5;
    let pieces = ((page.band - page.top) / DATES_EVERY).round().max(1.0);
    let piece = (page.band - page.top) / pieces;
    let mut breaks = 0.0;
    for mark in &mut page.marks {
        if breaks + 1.0 < pieces && mark.y > page.top + (breaks + 1.0) * piece {
            page.date_rows.push(mark.y + breaks * ROOM + 4.0);
            breaks += 1.0;
        }
        mark.y += breaks * ROOM;
    }
    page.band += breaks * ROOM;
}

/// Ticks at least 80 px apart, whole days or weeks.
fn ticks(axis: &Axis, span: i64) -> Vec<(f64, CivilDate)> {
    const STEPS: [i64; 9] = [1, 2, 7, 14, 28, 56, 91, 182, 364];
    let Some(first) = axis.first else { return Vec::new() };
    let wide = |step: &i64| *step as f64 * axis.per_day >= 80.0;
    let step = STEPS.into_iter().find(wide).unwrap_or_else(|| (80.0 / axis.per_day).ceil() as i64);
    (0..=span / step).map(|at| first.plus_days(at * step)).map(|day| (axis.x(Some(day)), day)).collect()
}
