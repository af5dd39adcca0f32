//! A drawing of the map as a part of a paper: the same outlines, circles and names that a page shows.

use super::drawing::{Panel, WIDTH};
use dayclear_papers::map::{Map, Region};

/// A drawing for a paper; the district that it is about is the one that stands out.
pub fn on_paper(panel: &Panel, caption: String) -> Map {
    let region =
        |region: &super::drawing::Region| Region { rings: region.rings.clone(), here: !region.class.ends_with(" out") };
    let names = panel.regions.iter().filter_map(|region| {
        let (x, y, name, _) = region.label.as_ref()?;
        Some((*x, *y, name.clone()))
    });
    Map {
        caption,
        size: [WIDTH, panel.height],
        regions: panel.regions.iter().map(region).collect(),
        dots: panel.dots.iter().map(|dot| [dot.x, dot.y, dot.r]).collect(),
        names: names.collect(),
        key: panel.key.iter().map(|dot| ([dot.x, dot.y, dot.r], dot.words.clone())).collect(),
        ..Map::default()
    }
}
