//! Setting: the parts of a paper from top to bottom, page after page. Places are points from the upper left corner; what cannot be
//! parted goes to the next page as a whole.

mod map;

use super::{
    PAGE,
    font::{Font, Weight},
    lines::{chinese, wrapped},
};
use crate::{
    document::{Bars, Block, Document, Fact, Grid, Line},
    words::Words,
};

const LEFT: f32 = 42.0;
const TOP: f32 = 44.0;
/// What follows the last line of a page.
const BOTTOM: f32 = 62.0;
const WIDTH: f32 = PAGE[0] - 2.0 * LEFT;
/// Text, in points, and the distance of its lines.
const SIZE: f32 = 9.0;
const LEADING: f32 = 1.42;
/// Space within the cells of a table.
const CELL: f32 = 3.0;

/// A page.
#[derive(Default)]
pub(crate) struct Page {
    pub marks: Vec<Mark>,
}

/// Something on a page.
pub(crate) enum Mark {
    /// A line of text; `y` is where it stands on.
    Text { x: f32, y: f32, size: f32, weight: Weight, shade: Shade, text: String },
    /// A rectangle; `y` is its upper edge.
    Fill { x: f32, y: f32, width: f32, height: f32, shade: Shade },
    /// Shapes, of which what lies beyond a frame (left, top, width, height) is cut off.
    Drawing { frame: [f32; 4], shapes: Vec<Shape> },
}

/// A shape of a drawing.
pub(crate) enum Shape {
    /// Rings of places, filled and outlined.
    Area { rings: Vec<Vec<[f32; 2]>>, shade: Shade },
    /// A circle, outlined so that one before another is seen; without a shade it is the outline alone.
    Circle { x: f32, y: f32, r: f32, shade: Option<Shade> },
}

/// Colours, which only support what the text says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shade {
    Ink,
    Soft,
    Rule,
    Wash,
    Bar,
    Open,
}

impl Shade {
    pub fn parts(self) -> [f32; 3] {
        match self {
            Shade::Ink => [0.0, 0.0, 0.0],
            Shade::Soft => [0.24, 0.29, 0.33],
            Shade::Rule => [0.76, 0.8, 0.83],
            Shade::Wash => [0.95, 0.965, 0.97],
            Shade::Bar => [0.05, 0.376, 0.5],
            Shade::Open => [0.7, 0.84, 0.9],
        }
    }
}

/// How a text is set.
#[derive(Clone, Copy)]
struct Style {
    size: f32,
    weight: Weight,
    shade: Shade,
}

const TEXT: Style = Style { size: SIZE, weight: Weight::Regular, shade: Shade::Ink };
const SMALL: Style = Style { size: 7.8, weight: Weight::Regular, shade: Shade::Soft };
const HEAD: Style = Style { size: 12.5, weight: Weight::Bold, shade: Shade::Ink };
const STRONG: Style = Style { weight: Weight::Bold, ..TEXT };
const FOOT: Style = Style { size: 6.6, weight: Weight::Regular, shade: Shade::Soft };

struct Flow<'s, 'f> {
    set: &'s [&'s Font<'f>; 2],
    words: &'static Words,
    pages: Vec<Page>,
    y: f32,
}

/// The pages of a paper.
pub(crate) fn pages(document: &Document, set: &[&Font<'_>; 2]) -> Vec<Page> {
    let mut flow = Flow { set, words: Words::of(document.lang), pages: vec![Page::default()], y: TOP };
    flow.head(document);
    for (at, block) in document.blocks.iter().enumerate() {
        flow.block(block, document.blocks.get(at + 1));
    }
    flow.feet(document);
    flow.pages
}

impl Flow<'_, '_> {
    fn mark(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.marks.push(mark);
        }
    }

    fn width(&self, text: &str, style: Style) -> f32 {
        self.set[usize::from(style.weight == Weight::Bold)].width(text, style.size)
    }

    /// A sign that the font has not is left out: such signs only repeat what a word beside them says.
    fn known(&self, text: &str, style: Style) -> String {
        let font = self.set[usize::from(style.weight == Weight::Bold)];
        text.chars().filter(|sign| font.has(*sign)).collect::<String>().trim().to_owned()
    }

    fn lines(&self, text: &str, width: f32, style: Style) -> Vec<String> {
        wrapped(&self.known(text, style), width, &|text| self.width(text, style))
    }

    fn put(&mut self, x: f32, y: f32, style: Style, text: String) {
        if !text.is_empty() {
            let Style { size, weight, shade } = style;
            self.mark(Mark::Text { x, y, size, weight, shade, text });
        }
    }

    fn fill(&mut self, x: f32, y: f32, width: f32, height: f32, shade: Shade) {
        if width > 0.0 {
            self.mark(Mark::Fill { x, y, width, height, shade });
        }
    }

    /// Goes on on another page where so much does not fit; whether it did.
    fn room(&mut self, height: f32) -> bool {
        let full = self.y + height > PAGE[1] - BOTTOM && self.y > TOP;
        if full {
            self.turn();
        }
        full
    }

    fn turn(&mut self) {
        self.pages.push(Page::default());
        self.y = TOP;
    }

    /// Lines from the left edge of a column; moves on below them.
    fn sentence(&mut self, text: &str, x: f32, width: f32, style: Style) {
        for line in self.lines(text, width, style) {
            self.room(style.size * LEADING);
            let y = self.y + style.size;
            self.put(x, y, style, line);
            self.y += style.size * LEADING;
        }
    }

    fn head(&mut self, document: &Document) {
        self.fill(LEFT, self.y, WIDTH, 4.0, Shade::Bar);
        self.y += 10.0;
        self.sentence(&document.kind, LEFT, WIDTH, Style { shade: Shade::Soft, ..STRONG });
        self.sentence(&document.title, LEFT, WIDTH, Style { size: 19.0, ..HEAD });
        self.y += 2.0;
        let names = document.facts.iter().map(|(name, _)| self.width(name, SMALL)).fold(0.0, f32::max) + 10.0;
        for (name, value) in &document.facts {
            let y = self.y + SMALL.size;
            let name = self.known(name, SMALL);
            self.put(LEFT, y, SMALL, name);
            self.sentence(value, LEFT + names, WIDTH - names, SMALL);
        }
        self.y += 4.0;
    }

    fn block(&mut self, block: &Block, next: Option<&Block>) {
        match block {
            Block::Notice(mark, sentence) => {
                let lines = self.lines(&format!("{mark} {sentence}"), WIDTH - 16.0, STRONG);
                let height = lines.len() as f32 * SIZE * LEADING + 8.0;
                self.room(height + 6.0);
                self.y += 4.0;
                self.fill(LEFT, self.y, WIDTH, height, Shade::Wash);
                self.fill(LEFT, self.y, 2.0, height, Shade::Ink);
                let before = self.y;
                self.y += 4.0;
                for line in lines {
                    let y = self.y + SIZE;
                    self.put(LEFT + 8.0, y, STRONG, line);
                    self.y += SIZE * LEADING;
                }
                self.y = before + height + 4.0;
            }
            Block::Paragraph(text) => {
                self.y += 3.0;
                self.sentence(text, LEFT, WIDTH, Style { size: 10.2, ..TEXT });
                self.y += 2.0;
            }
            Block::Small(text) => {
                self.sentence(text, LEFT, WIDTH, SMALL);
                self.y += 2.0;
            }
            Block::Heading(text) => {
                // a heading stands with the beginning of what it is about
                let with = match next {
                    Some(Block::Grid(grid)) => 70.0 + grid.rows.len().min(3) as f32 * 14.0,
                    Some(Block::Figures(_)) => 80.0,
                    Some(Block::Bars(_)) => 150.0,
                    _ => 40.0,
                };
                self.room(with);
                self.y += 9.0;
                self.sentence(text, LEFT, WIDTH, HEAD);
                self.y += 1.0;
            }
            Block::Figures(facts) => self.figures(facts),
            Block::Grid(grid) => self.grid(grid),
            Block::List(sentences) => {
                for sentence in sentences {
                    self.room(SIZE * LEADING);
                    let y = self.y + SIZE;
                    let dot = self.known("•", TEXT);
                    self.put(LEFT + 2.0, y, TEXT, dot);
                    self.sentence(sentence, LEFT + 12.0, WIDTH - 12.0, TEXT);
                    self.y += 1.0;
                }
            }
            Block::Code(code) => {
                self.sentence(code, LEFT, WIDTH, TEXT);
                self.y += 2.0;
            }
            Block::Bars(bars) => self.bars(bars),
            Block::Break => {
                if self.y > TOP {
                    self.turn();
                }
            }
        }
    }

    fn figures(&mut self, facts: &[Fact]) {
        const GAP: f32 = 6.0;
        let columns = if facts.len() <= 5 { facts.len().max(1) } else { 4 };
        let width = (WIDTH - GAP * (columns - 1) as f32) / columns as f32;
        let inside = width - 12.0;
        for row in facts.chunks(columns) {
            let value = |fact: &Fact| Style { size: if fact.large { 20.0 } else { 13.0 }, ..STRONG };
            let height = |fact: &Fact| {
                let more: usize = fact.more.iter().map(|more| self.lines(more, inside, SMALL).len()).sum();
                let values = self.lines(&fact.value, inside, value(fact)).len();
                let names = self.lines(&fact.name, inside, SMALL).len();
                (names + more) as f32 * SMALL.size * LEADING + values as f32 * value(fact).size * 1.3 + 10.0
            };
            let tallest = row.iter().map(height).fold(0.0, f32::max);
            self.room(tallest + GAP);
            let top = self.y;
            for (at, fact) in row.iter().enumerate() {
                let x = LEFT + at as f32 * (width + GAP);
                self.fill(x, top, width, tallest, Shade::Wash);
                self.fill(x, top, width, 1.6, Shade::Bar);
                let mut y = top + 6.0;
                let mut say = |flow: &mut Self, text: &str, style: Style, leading: f32| {
                    for line in flow.lines(text, inside, style) {
                        flow.put(x + 6.0, y + style.size, style, line);
                        y += style.size * leading;
                    }
                };
                say(self, &fact.name, SMALL, LEADING);
                say(self, &fact.value, value(fact), 1.3);
                for more in &fact.more {
                    say(self, more, SMALL, LEADING);
                }
            }
            self.y = top + tallest + GAP;
        }
    }

    /// Widths of the columns of a table, and of its bars: as wide as what they hold, and the first one takes the rest.
    fn columns(&self, grid: &Grid) -> (Vec<f32>, f32) {
        let count = grid.headers.len().max(1);
        if grid.words {
            let first = WIDTH * 0.2;
            let others = (WIDTH - first) / (count - 1).max(1) as f32;
            return ([vec![first], vec![others; count - 1]].concat(), 0.0);
        }
        let charted = grid.rows.iter().any(|line| line.bar.is_some());
        let bars = if charted { WIDTH * if count > 5 { 0.12 } else { 0.22 } } else { 0.0 };
        let least = WIDTH * 0.24;
        let widest = (WIDTH - bars - least) / (count - 1).max(1) as f32;
        let mut widths = vec![0.0];
        for at in 1..count {
            // a header may take two lines, but no word of it is broken; a number never does
            let bold = Style { weight: Weight::Bold, ..SMALL };
            let long = |word: &str| word.chars().filter(|sign| chinese(*sign)).count() > 4;
            let word = |word: &str| self.width(word, bold) * if long(word) { 0.62 } else { 1.0 };
            let words = grid.headers.get(at).into_iter().flat_map(|header| header.split(' '));
            let header = words.map(word).fold(0.0, f32::max);
            let all = grid.rows.iter().chain(&grid.sums);
            let cells = all.filter_map(|line| line.cells.get(at - 1)).map(|cell| self.width(cell, STRONG));
            widths.push((cells.fold(header, f32::max) + 2.0 * CELL + 4.0).min(widest));
        }
        widths[0] = WIDTH - bars - widths.iter().sum::<f32>();
        (widths, bars)
    }

    fn grid(&mut self, grid: &Grid) {
        if !grid.caption.is_empty() {
            self.sentence(&grid.caption, LEFT, WIDTH, SMALL);
            self.y += 2.0;
        }
        let (widths, bars) = self.columns(grid);
        self.headers(grid, &widths);
        for (line, sum) in grid.rows.iter().map(|line| (line, false)).chain(grid.sums.iter().map(|line| (line, true))) {
            self.row(grid, line, sum, &widths, bars);
        }
        self.y += 4.0;
    }

    fn headers(&mut self, grid: &Grid, widths: &[f32]) {
        let style = Style { weight: Weight::Bold, ..SMALL };
        let set: Vec<Vec<String>> =
            grid.headers.iter().zip(widths).map(|(text, width)| self.lines(text, width - CELL, style)).collect();
        let lines = set.iter().map(Vec::len).max().unwrap_or(1);
        let height = lines as f32 * style.size * LEADING + 3.0;
        self.room(height + 40.0);
        let mut x = LEFT;
        for (at, (texts, width)) in set.into_iter().zip(widths).enumerate() {
            // they stand on the rule
            let mut y = self.y + (lines - texts.len()) as f32 * style.size * LEADING;
            for text in texts {
                let place = if at == 0 || grid.words { x } else { x + width - CELL - self.width(&text, style) };
                self.put(place, y + style.size, style, text);
                y += style.size * LEADING;
            }
            x += width;
        }
        self.y += height;
        self.fill(LEFT, self.y - 1.0, WIDTH, 1.0, Shade::Ink);
    }

    fn row(&mut self, grid: &Grid, line: &Line, sum: bool, widths: &[f32], bars: f32) {
        let style = if sum { STRONG } else { TEXT };
        let texts = std::iter::once(&line.name).chain(&line.cells);
        let set: Vec<Vec<String>> = texts
            .zip(widths)
            .map(|(text, width)| {
                let paragraphs = text.split('\n');
                paragraphs.flat_map(|part| self.lines(part, width - CELL, style)).collect()
            })
            .collect();
        let lines = set.iter().map(Vec::len).max().unwrap_or(1);
        let height = lines as f32 * SIZE * LEADING + 3.0;
        if self.room(height) {
            self.headers(grid, widths);
        }
        if sum {
            self.fill(LEFT, self.y, WIDTH, 0.8, Shade::Ink);
        }
        let mut x = LEFT;
        for (at, (texts, width)) in set.into_iter().zip(widths).enumerate() {
            let mut y = self.y + 1.5;
            for text in texts {
                let place = if at == 0 || grid.words { x } else { x + width - CELL - self.width(&text, style) };
                self.put(place, y + SIZE, style, text);
                y += SIZE * LEADING;
            }
            x += width;
        }
        if let Some([solid, open]) = line.bar.map(|bar| bar.map(|share| share as f32 / 100.0)) {
            let (x, full) = (x + 8.0, bars - 8.0);
            self.fill(x, self.y + 3.5, full * solid, 7.0, Shade::Bar);
            self.fill(x + full * solid, self.y + 3.5, full * open, 7.0, Shade::Open);
        }
        self.y += height;
        self.fill(LEFT, self.y, WIDTH, 0.4, Shade::Rule);
    }

    fn bars(&mut self, bars: &Bars) {
        const HEIGHT: f32 = 84.0;
        // a map takes a third of the width, and stands beside them
        let wide = if bars.map.is_some() { WIDTH * 0.64 } else { WIDTH };
        self.room(HEIGHT + 60.0);
        let top = self.y;
        self.sentence(&bars.caption, LEFT, wide, SMALL);
        let mut x = LEFT;
        for (part, shade) in bars.parts.iter().zip([Shade::Bar, Shade::Open]) {
            let part = self.known(part, SMALL);
            self.fill(x, self.y + 2.5, 7.0, 7.0, shade);
            let (y, width) = (self.y + SMALL.size + 1.0, self.width(&part, SMALL));
            self.put(x + 10.0, y, SMALL, part);
            x += width + 24.0;
        }
        self.y += SMALL.size * LEADING + 4.0;
        let most = bars.days.iter().map(|(_, [a, b])| a + b).max().unwrap_or(0).max(1);
        let step = wide / bars.days.len().max(1) as f32;
        let floor = self.y + HEIGHT;
        for (at, (day, [solid, open])) in bars.days.iter().enumerate() {
            let (x, width) = (LEFT + at as f32 * step, (step - 1.0).max(0.6));
            let tall = |n: u64| n as f32 / most as f32 * (HEIGHT - 10.0);
            self.fill(x, floor - tall(*solid), width, tall(*solid), Shade::Bar);
            self.fill(x, floor - tall(*solid) - tall(*open), width, tall(*open), Shade::Open);
            // as many days are named as there is room for
            let every = (54.0 / step).ceil().max(1.0) as usize;
            if at % every == 0 {
                let day = self.known(day, FOOT);
                self.put(x, floor + FOOT.size + 2.0, FOOT, day);
            }
            if solid + open == most {
                let text = most.to_string();
                self.put(x, floor - tall(most) - 2.0, FOOT, text);
            }
        }
        self.fill(LEFT, floor, wide, 0.6, Shade::Ink);
        self.y = floor + FOOT.size * 2.0 + 4.0;
        if let Some(map) = &bars.map {
            let left = LEFT + wide + 14.0;
            self.map(map, [left, top, LEFT + WIDTH - left, self.y - top - 4.0]);
            let line = map.line(&self.words.say("document-colon"), &self.words.say("gaps-separator"));
            self.sentence(&line, LEFT, WIDTH, SMALL);
            self.y += 2.0;
        }
    }

    /// The foot of every page, once all of them are known.
    fn feet(&mut self, document: &Document) {
        let words = self.words;
        let all = self.pages.len();
        let foot: Vec<String> = document.foot.iter().map(|text| self.known(text, FOOT)).collect();
        for at in 0..all {
            let said = [("n", (at + 1).to_string().into()), ("all", all.to_string().into())];
            let number = self.known(&words.get("document-page", &said), FOOT);
            let right = LEFT + WIDTH - self.width(&number, FOOT);
            let Some(page) = self.pages.get_mut(at) else { continue };
            let Style { size, weight, shade } = FOOT;
            let top = PAGE[1] - BOTTOM + 14.0;
            page.marks.push(Mark::Fill { x: LEFT, y: top, width: WIDTH, height: 0.4, shade: Shade::Rule });
            for (row, text) in foot.iter().enumerate() {
                let y = top + 3.0 + (row + 1) as f32 * size * LEADING;
                page.marks.push(Mark::Text { x: LEFT, y, size, weight, shade, text: text.clone() });
            }
            let y = top + 3.0 + size * LEADING;
            page.marks.push(Mark::Text { x: right, y, size, weight, shade, text: number });
        }
    }
}
