//! The last seven days of a district on its map, for the pack of the meeting: its outline, a circle for each community in which something
//! was found, and the same by name. The page and the paper are made from one drawing.

use super::super::map::{Community, Panel, drawn_communities, on_paper};
use crate::{app::App, pages::frame::Frame};
use dayclear_core::situation::{Found, Situation};
use dayclear_ops::situation::{PlaceDays, Spread};
use dayclear_papers::map::Map;

/// Communities that are named beside the map.
const ROWS_SHOWN: usize = 9;
/// Days.
const WEEK_DAYS: usize = 7;

/// A week on the map.
pub struct Week {
    /// The drawing.
    pub panel: Panel,
    /// Communities and figures, most first.
    pub rows: Vec<[String; 2]>,
    /// How many more there are, or that there is none.
    pub after: Option<String>,
}

/// The week of a district; nothing where nothing can be drawn.
pub fn week(app: &App, frame: &Frame, told: &Situation, spread: &Spread) -> Option<Week> {
    let figure = |place: &PlaceDays| place.last(WEEK_DAYS).map(Found::all);
    let mut found: Vec<(u64, &PlaceDays)> =
        spread.places.iter().filter_map(|place| Some((figure(place).filter(|n| *n > 0)?, place))).collect();
    found.sort_by_key(|(n, place)| (std::cmp::Reverse(*n), place.division.clone()));
    let most = found.first().map_or(0, |(n, _)| *n);
    let community = |(n, place): &(u64, &PlaceDays)| {
        let at = *spread.middles.get(&place.division)?;
        Some(Community { code: place.division.clone(), at, figure: Some(*n) })
    };
    let figures: Vec<Community> = found.iter().filter_map(community).collect();
    let panel = drawn_communities(app, frame, told.division.as_str(), &figures, most);
    if panel.regions.is_empty() && panel.dots.is_empty() {
        return None;
    }
    let rows = found.iter().take(ROWS_SHOWN);
    let rest = found.len().saturating_sub(ROWS_SHOWN);
    Some(Week {
        rows: rows.map(|(n, place)| [app.place_name(&place.division, frame.lang), frame.lang.number(*n)]).collect(),
        after: match (found.is_empty(), rest) {
            (true, _) => Some(frame.say("pack-map-none")),
            (_, 0) => None,
            (_, rest) => Some(frame.w.get("pack-map-more", &[("count", rest.into())])),
        },
        panel: Panel { said: frame.w.get("spread-drawn", &[("place", panel.title.as_str().into())]), ..panel },
    })
}

impl Week {
    /// The same for a paper.
    pub fn on_paper(&self, frame: &Frame) -> Map {
        Map {
            heads: [frame.say("spread-community"), frame.say("situation-week")],
            rows: self.rows.clone(),
            after: self.after.clone(),
            ..on_paper(&self.panel, frame.say("pack-map"))
        }
    }
}
