//! A map on a set page, in the place that is left beside other figures: outlines, circles, their key and names. What does not fit
//! into its frame is cut off; the same figures by name stand below it, so that nothing is told by a shape alone.

use super::{FOOT, Flow, Mark, SMALL, Shade, Shape};
use crate::map::Map;

impl Flow<'_, '_> {
    /// A map under its caption, as large as the place allows.
    pub(super) fn map(&mut self, map: &Map, [left, top, width, height]: [f32; 4]) {
        let before = self.y;
        self.y = top;
        self.sentence(&map.caption, left, width, SMALL);
        let from = self.y + 2.0;
        self.y = before;
        let size = map.size.map(|n| n.max(1.0) as f32);
        let scale = (width / size[0]).min((top + height - from) / size[1]);
        let frame = [left, from, size[0] * scale, size[1] * scale];
        let at = |x: f64, y: f64| [left + x as f32 * scale, from + y as f32 * scale];
        let circle = |[x, y, r]: &[f64; 3], shade: Option<Shade>| {
            let [x, y] = at(*x, *y);
            Shape::Circle { x, y, r: *r as f32 * scale, shade }
        };
        let mut shapes: Vec<Shape> = Vec::new();
        for here in [false, true] {
            shapes.extend(map.regions.iter().filter(|region| region.here == here).map(|region| Shape::Area {
                rings: region.rings.iter().map(|ring| ring.iter().map(|(x, y)| at(*x, *y)).collect()).collect(),
                shade: if here { Shade::Open } else { Shade::Wash },
            }));
        }
        shapes.extend(map.dots.iter().filter(|[.., r]| *r > 0.0).map(|dot| circle(dot, Some(Shade::Bar))));
        shapes.extend(map.key.iter().map(|(dot, _)| circle(dot, None)));
        self.mark(Mark::Drawing { frame, shapes });
        for ([x, y, r], word) in &map.key {
            let ([x, y], word) = (at(x + r, *y), self.known(word, FOOT));
            self.put(x + 1.5, y + FOOT.size / 3.0, FOOT, word);
        }
        for (x, y, name) in &map.names {
            let name = self.known(name, FOOT);
            let ([x, y], half) = (at(*x, *y), self.width(&name, FOOT) / 2.0);
            // a name that would stand out of the frame says nothing of what is in it
            if x - half >= left && x + half <= left + frame[2] && y - FOOT.size >= from && y <= from + frame[3] {
                self.put(x - half, y, FOOT, name);
            }
        }
    }
}
