//! The tree on a time line: days to the right, a row for each case below the first of its possible sources. What is only
//! possible is dashed, and each further source is drawn as well.

use super::chains::{Web, short};
use crate::pages::{frame::Frame, show};
use dayclear_core::time::CivilDate;

/// Rows that are drawn at most; the table has all of them.
const ROWS_MAX: usize = 160;
const ROW: f64 = 26.0;
const LEFT: f64 = 24.0;
const TOP: f64 = 34.0;
const WIDTH: f64 = 760.0;
/// Room to the right of the last day for the words of a case.
const WORDS: f64 = 110.0;

/// A case on the drawing.
pub struct Node {
    /// Place.
    pub x: f64,
    /// Place.
    pub y: f64,
    /// Number, short.
    pub word: String,
    /// What a reader hears.
    pub said: String,
    /// Where it leads.
    pub path: String,
    /// Whether a chain begins here.
    pub first: bool,
}

/// The drawing.
pub struct Tree {
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// Days: place and word.
    pub days: Vec<(f64, String)>,
    /// Possible ways.
    pub ways: Vec<String>,
    /// Who was together, without a direction.
    pub together: Vec<String>,
    /// Cases.
    pub nodes: Vec<Node>,
    /// Linked cases that have no room.
    pub left_out: usize,
}

/// Draws the linked cases; `None`: nothing links any.
pub fn draw(web: &Web, frame: &Frame) -> Option<Tree> {
    let nodes = &web.chains.nodes;
    let day = |at: usize| web.cases[at].day().map(|(day, _)| day);
    let linked = |at: &usize| super::chains::linked(&web.chains, *at);
    let mut roots: Vec<usize> = (0..nodes.len()).filter(linked).filter(|at| nodes[*at].sources.is_empty()).collect();
    // large chains first, and whoever was only together with somebody after them
    roots.sort_by_key(|at| (std::cmp::Reverse(nodes[*at].targets.len()), day(*at), *at));
    let mut row_of: Vec<Option<usize>> = vec![None; nodes.len()];
    let mut order = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    // what lies in a circle has no root, and is drawn last
    let rest = (0..nodes.len()).filter(linked);
    for root in roots.into_iter().chain(rest) {
        open.push(root);
        while let Some(at) = open.pop() {
            if row_of[at].is_some() {
                continue;
            }
            row_of[at] = Some(order.len());
            order.push(at);
            let beside = nodes[at].contacts.iter().rev().filter(|other| nodes[**other].sources.is_empty());
            open.extend(beside.copied());
            open.extend(nodes[at].targets.iter().rev().copied());
        }
    }
    let known: Vec<CivilDate> = order.iter().filter_map(|at| day(*at)).collect();
    let (first, last) = (known.iter().min().copied()?, known.iter().max().copied()?);
    let span = last.days_since(first).max(1) as f64;
    let x = |at: usize| {
        let days = day(at).map_or(0, |day| day.days_since(first)) as f64;
        LEFT + days / span * (WIDTH - LEFT - WORDS)
    };
    let y = |row: usize| TOP + row as f64 * ROW + ROW / 2.0;
    let drawn = order.len().min(ROWS_MAX);
    let place = |at: usize| row_of[at].filter(|row| *row < drawn).map(|row| (x(at), y(row)));
    let (mut ways, mut together) = (Vec::new(), Vec::new());
    for at in order.iter().take(drawn) {
        let Some((to_x, to_y)) = place(*at) else { continue };
        for source in &nodes[*at].sources {
            let Some((from_x, from_y)) = place(source.case) else { continue };
            ways.push(format!(
                "M{from_x:.1} {from_y:.1}C{from_x:.1} {to_y:.1} {from_x:.1} {to_y:.1} {to_x:.1} {to_y:.1}"
            ));
        }
        for other in nodes[*at].contacts.iter().filter(|other| *other > at) {
            let Some((other_x, other_y)) = place(*other) else { continue };
            let bend = to_x.min(other_x) - 14.0;
            let middle = (to_y + other_y) / 2.0;
            together.push(format!("M{to_x:.1} {to_y:.1}Q{bend:.1} {middle:.1} {other_x:.1} {other_y:.1}"));
        }
    }
    let said = |at: usize| {
        let day = day(at).map_or_else(|| frame.say("not-known"), |day| day.to_string());
        let values = [
            ("case", web.cases[at].id.as_str().into()),
            ("day", day.into()),
            ("sources", nodes[at].sources.len().into()),
            ("targets", nodes[at].targets.len().into()),
        ];
        frame.w.get("chains-node", &values)
    };
    let cases = order.iter().take(drawn).filter_map(|at| {
        let (x, y) = place(*at)?;
        Some(Node {
            x,
            y,
            word: short(&web.cases[*at].id).to_owned(),
            said: said(*at),
            path: format!("/contacts/cases/{}", show::part(&web.cases[*at].id)),
            first: nodes[*at].generation == Some(0),
        })
    });
    let step = (span / 8.0).ceil().max(1.0) as i64;
    let days = (0..=span as i64).filter(|n| n % step == 0).map(|n| {
        let (_, month, day) = first.plus_days(n).parts();
        (LEFT + n as f64 / span * (WIDTH - LEFT - WORDS), format!("{month}-{day:02}"))
    });
    Some(Tree {
        width: WIDTH,
        height: TOP + drawn as f64 * ROW + 8.0,
        days: days.collect(),
        ways,
        together,
        nodes: cases.collect(),
        left_out: order.len() - drawn,
    })
}
