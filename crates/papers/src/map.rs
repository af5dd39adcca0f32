//! A map as a part of a paper: outlines that are laid flat already, circles as large as their figures, and the same figures by name.
//! What makes a map for the screen makes this one too, so that a page and its paper show one drawing. Pure; it knows no place of
//! the earth and no word.

/// A map.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map {
    /// What it shows.
    pub caption: String,
    /// Width and height, in its own units; places are from the upper left corner.
    pub size: [f64; 2],
    /// Outlines; what lies beyond the size is cut off.
    pub regions: Vec<Region>,
    /// Circles: place and radius.
    pub dots: Vec<[f64; 3]>,
    /// Circles that say how large a figure is: place, radius and figure.
    pub key: Vec<([f64; 3], String)>,
    /// Names: the middle of where they stand.
    pub names: Vec<(f64, f64, String)>,
    /// Headers of the places and their figures.
    pub heads: [String; 2],
    /// Places and figures.
    pub rows: Vec<[String; 2]>,
    /// What must be said below them.
    pub after: Option<String>,
}

/// An outline.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    /// Rings.
    pub rings: Vec<Vec<(f64, f64)>>,
    /// Whether it is the one that the map is about.
    pub here: bool,
}

impl Map {
    /// The figures by name as one line of words.
    pub fn line(&self, colon: &str, separator: &str) -> String {
        let rows = self.rows.iter().map(|[name, figure]| format!("{name}{colon}{figure}"));
        rows.chain(self.after.clone()).collect::<Vec<_>>().join(separator)
    }
}
