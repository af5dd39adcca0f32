//! Papers as pages of A4 (PDF): lines broken by the rules of their writing, columns set from what they hold, heads repeated where a table
//! goes on, figures never parted from their names. It may use the fonts that it is given and nothing else; the same paper and fonts
//! give the same bytes.

mod flow;
mod font;
mod lines;
mod objects;

pub use font::{FontError, FontFiles};

use crate::{PaperError, document::Document};
use flow::{Mark, Page, Shade, Shape};
use font::{Font, Weight};
use objects::{Objects, text};
use std::{collections::BTreeMap, fmt::Write as _};
use subsetter::GlyphRemapper;

/// A4 in points.
pub(crate) const PAGE: [f32; 2] = [595.28, 841.89];

/// A paper as a file of pages.
pub fn pdf(document: &Document, fonts: &FontFiles) -> Result<Vec<u8>, PaperError> {
    let regular = Font::read(&fonts.regular, document.lang)?;
    let bold = fonts.bold.as_deref().map(|bold| Font::read(bold, document.lang)).transpose()?;
    let set = [&regular, bold.as_ref().unwrap_or(&regular)];
    let pages = flow::pages(document, &set);
    file(document, &set, &pages)
}

/// What was asked of a font so far.
#[derive(Default)]
struct Used {
    map: GlyphRemapper,
    signs: BTreeMap<u16, char>,
}

fn file(document: &Document, set: &[&Font<'_>; 2], pages: &[Page]) -> Result<Vec<u8>, PaperError> {
    let mut objects = Objects::default();
    let (catalog, tree) = (objects.reserve(), objects.reserve());
    let mut used = [Used::default(), Used::default()];
    let contents: Vec<String> = pages.iter().map(|page| content(page, set, &mut used)).collect();
    let mut names = String::new();
    for (at, used) in used.into_iter().enumerate().filter(|(_, used)| !used.signs.is_empty()) {
        let cut = set[at].cut(&used.map, used.signs)?;
        let font = objects.font(&cut, ["DAYCLR", "DAYCLB"][at])?;
        let _ = write!(names, " /F{at} {font}");
    }
    let mut kids = Vec::with_capacity(contents.len());
    for content in &contents {
        let stream = objects.stream("", content.as_bytes())?;
        kids.push(objects.add(format!(
            "<< /Type /Page /Parent {tree} /MediaBox [0 0 {} {}] /Resources << /Font <<{names} >> >> /Contents {stream} >>",
            PAGE[0], PAGE[1],
        )));
    }
    let list: Vec<String> = kids.iter().map(ToString::to_string).collect();
    objects.put(tree, format!("<< /Type /Pages /Kids [{}] /Count {} >>", list.join(" "), kids.len()));
    objects.put(
        catalog,
        format!(
            "<< /Type /Catalog /Pages {tree} /Lang {} /ViewerPreferences << /DisplayDocTitle true >> >>",
            text(document.lang.tag()),
        ),
    );
    let title = document.foot.first().unwrap_or(&document.title);
    let info = objects.add(format!("<< /Title {} /Producer (Dayclear) >>", text(title)));
    Ok(objects.finish(catalog, info))
}

/// The marks of a page as operators. Up is up: a page begins at its lower edge.
fn content(page: &Page, set: &[&Font<'_>; 2], used: &mut [Used; 2]) -> String {
    let mut out = String::new();
    for mark in &page.marks {
        match mark {
            Mark::Text { x, y, size, weight, shade, text } => {
                let at = usize::from(*weight == Weight::Bold);
                let numbers = set[at].encode(text, &mut used[at].map, &mut used[at].signs);
                let hex: String = numbers.iter().map(|number| format!("{number:04X}")).collect();
                let [r, g, b] = shade.parts();
                let y = PAGE[1] - y;
                let _ = writeln!(out, "BT {r} {g} {b} rg /F{at} {size} Tf {x:.2} {y:.2} Td <{hex}> Tj ET");
            }
            Mark::Fill { x, y, width, height, shade } => {
                let [r, g, b] = shade.parts();
                let y = PAGE[1] - y - height;
                let _ = writeln!(out, "{r} {g} {b} rg {x:.2} {y:.2} {width:.2} {height:.2} re f");
            }
            Mark::Drawing { frame: [x, y, width, height], shapes } => {
                let y = PAGE[1] - y - height;
                let _ = writeln!(out, "q {x:.2} {y:.2} {width:.2} {height:.2} re W n 0.5 w 1 j");
                shapes.iter().for_each(|shape| drawn(shape, &mut out));
                out.push_str("Q\n");
            }
        }
    }
    out
}

/// A shape as operators: filled, with a line around it.
fn drawn(shape: &Shape, out: &mut String) {
    // a quarter of a circle as one curve (the usual approximation, off by 0.03 % of the radius)
    const QUARTER: f32 = 0.552_28;
    let colours = |fill: [f32; 3], line: [f32; 3]| {
        let [[r, g, b], [x, y, z]] = [fill, line];
        format!("{r} {g} {b} rg {x} {y} {z} RG\n")
    };
    match shape {
        Shape::Area { rings, shade } => {
            out.push_str(&colours(shade.parts(), Shade::Soft.parts()));
            for ring in rings {
                for (at, [x, y]) in ring.iter().enumerate() {
                    let _ = writeln!(out, "{x:.2} {:.2} {}", PAGE[1] - y, if at == 0 { 'm' } else { 'l' });
                }
                out.push_str("h\n");
            }
            out.push_str("B*\n");
        }
        Shape::Circle { x, y, r, shade } => {
            match shade {
                Some(shade) => out.push_str(&colours(shade.parts(), [1.0; 3])),
                None => out.push_str(&colours([1.0; 3], Shade::Ink.parts())),
            }
            let (y, c) = (PAGE[1] - y, r * QUARTER);
            let _ = writeln!(out, "{:.2} {y:.2} m", x + r);
            for [a, b, d, e, f, g] in [
                [x + r, y + c, x + c, y + r, *x, y + r],
                [x - c, y + r, x - r, y + c, x - r, y],
                [x - r, y - c, x - c, y - r, *x, y - r],
                [x + c, y - r, x + r, y - c, x + r, y],
            ] {
                let _ = writeln!(out, "{a:.2} {b:.2} {d:.2} {e:.2} {f:.2} {g:.2} c");
            }
            out.push_str(if shade.is_some() { "h B\n" } else { "s\n" });
        }
    }
}
