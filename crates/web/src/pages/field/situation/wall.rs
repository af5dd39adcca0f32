//! The situation on a wall screen: the figures that decide, the curve, the reproduction number and the map of the last whole day, without
//! anything to press, in one screen of 1920 by 1080. It stays current by the same events as every page.

use super::{Shown, Tile, board, spread};
use crate::{
    pages::frame::{Frame, render},
    problem::Problem,
};
use askama::Template;
use axum::response::Response;
use dayclear_core::situation::Situation;
use dayclear_papers::situation::share;

/// Lines of words that have room below a figure.
const LINES: usize = 2;
/// Decisions that have room.
const DECISIONS: usize = 2;

#[derive(Template)]
#[template(path = "situation-wall.html")]
struct WallPage {
    frame: Frame,
    path: String,
    told: Shown,
    tiles: Vec<Tile>,
    over: spread::View,
    /// What must be decided.
    decide: Vec<String>,
}

/// The wall of a place.
pub fn page(
    frame: Frame,
    path: String,
    situation: &Situation,
    mut told: Shown,
    means: &board::Means,
    over: spread::View,
) -> Result<Response, Problem> {
    // how long ago one was found in the community is for reading, not for a wall
    told.tiles.truncate(4);
    let week = situation.last(7, 0);
    let community = Tile {
        word: frame.say("board-share"),
        value: week.share().map_or_else(|| "–".to_owned(), |part| share(frame.lang, part)),
        about: vec![frame.say("situation-week")],
    };
    told.tiles.insert(2, community);
    let mut tiles = std::mem::take(&mut told.tiles);
    tiles.iter_mut().for_each(|tile| tile.about.truncate(LINES));
    tiles.extend(board::tiles(&frame, means));
    let mut decide = std::mem::take(&mut told.sentences);
    decide.truncate(DECISIONS);
    render(&WallPage { frame, path, tiles, over, decide, told })
}
