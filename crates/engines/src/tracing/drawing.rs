//! Draws a transmission tree as SVG text: time to the right, infectors above those they infected. Shapes, outlines and
//! line styles carry the meaning, colour only repeats it. No I/O, no fonts embedded; every text comes from the caller
//! ([`Words`]) or from the line list and is escaped.

use super::{
    Case, Chains,
    layout::{LINE, Layout, Mark, Shape, WIDTH, layout, text_width},
};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Write};

/// The texts of the picture, so that it can be drawn in any language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// Headline.
    pub title: String,
    /// Sentences under the headline, one a line.
    pub summary: Vec<String>,
    /// Legend: case that begins a chain.
    pub index_case: String,
    /// Legend: case with a source.
    pub infected: String,
    /// Legend: case in a circle of sources.
    pub in_cycle: String,
    /// Legend: case without any source or secondary case.
    pub single: String,
    /// Legend: several cases on one mark.
    pub group: String,
    /// Legend: hollow mark.
    pub onset_unknown: String,
    /// Legend: number in brackets.
    pub secondary: String,
    /// Legend: solid line.
    pub one_source: String,
    /// Legend: dashed line.
    pub several_sources: String,
    /// Legend: dotted line.
    pub contact: String,
    /// Over the column of cases without any date.
    pub no_date: String,
    /// Under the time axis.
    pub axis: String,
    /// Heading of the cases without source and secondary case; `: ` and their count follow it.
    pub band: String,
    /// Note to that heading where bars stand for cases; `: ` and the number of days follow it.
    pub bars: String,
}

impl Words {
    /// The texts in English, with a summary of the statistics.
    pub fn english(title: &str, chains: &Chains) -> Self {
        let si = &chains.serial_interval;
        let mut summary = vec![format!(
            "Cases: {}; with a known source: {}; beginning a chain: {}; without known source or secondary case: {}",
            chains.cases,
            chains.with_source,
            chains.index_cases.len(),
            chains.contact_only + chains.unlinked
        )];
        if let (Some(mean), Some(median)) = (si.mean, si.median) {
            let sd = si.sd.map(|sd| format!(" (sd {sd:.1})")).unwrap_or_default();
            let top = chains.top_infector.as_ref();
            let top = top.map(|top| format!("; most secondary cases: {} ({})", top.id, top.secondary));
            summary.push(format!(
                "From the onset of the infector to the onset of the infected: {mean:.1} days on average{sd}, median {median}, \
                 {} pairs{}",
                si.n,
                top.unwrap_or_default()
            ));
        }
        let text = str::to_owned;
        Words {
            title: title.to_owned(),
            summary,
            index_case: text("begins a chain, source unknown"),
            infected: text("infected by a known case"),
            in_cycle: text("in a circle of sources: check the dates"),
            single: text("no known source or secondary case"),
            group: text("several cases on the same day"),
            onset_unknown: text("hollow: onset unknown, day of report or confirmation"),
            secondary: text("(n): number of secondary cases"),
            one_source: text("infected by"),
            several_sources: text("one of several possible sources"),
            contact: text("contact, direction unknown"),
            no_date: text("no date"),
            axis: text("first day of symptoms"),
            band: text("Cases without known source or secondary case"),
            bars: text("days a bar"),
        }
    }
}

const INK: &str = "#1f2933";
const SOFT: &str = "#5b6770";
const GRID: &str = "#e3e7ea";
const LINK: &str = "#5a7184";
const MAYBE: &str = "#9a3f8f";

fn colour(shape: Shape) -> &'static str {
    match shape {
        Shape::Index => "#b3470a",
        Shape::Infected => "#1d4e89",
        Shape::InCycle => "#b00020",
        Shape::Single => "#5b6770",
    }
}

/// Text for XML: markup escaped, characters that XML 1.0 forbids replaced by U+FFFD.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Draws the tree of `cases`; `chains` must have been computed from the same cases.
pub fn draw(cases: &[Case], chains: &Chains, words: &Words) -> String {
    let mut svg = String::new();
    // Writing to a String cannot fail.
    let _ = page(&mut svg, cases, chains, words);
    svg
}

fn page(svg: &mut String, cases: &[Case], chains: &Chains, words: &Words) -> fmt::Result {
    let legend_top = 44.0 + 18.0 * words.summary.len() as f64 + 14.0;
    // The first entries of the legend are always there; two rows are enough for all in any of our languages.
    let page = layout(cases, chains, legend_top + 76.0);
    let legend = legend(words, &page, chains);
    let height = page.bottom + 60.0;
    write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height:.0}\" width=\"{WIDTH}\" \
         height=\"{height:.0}\" role=\"img\" aria-labelledby=\"title\" aria-describedby=\"summary\" font-size=\"11\" \
         font-family=\"'Noto Sans','Noto Sans CJK SC','Microsoft YaHei','DejaVu Sans',sans-serif\" fill=\"{INK}\">\n\
         <title id=\"title\">{}</title>\n<desc id=\"summary\">{}</desc>\n",
        xml(&words.title),
        xml(&words.summary.join(". "))
    )?;
    let (r, b) = ("<marker id=\"", "\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"6\" markerHeight=\"6\"");
    writeln!(
        svg,
        "<defs>{r}to{b} orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"{LINK}\"/></marker>\
         {r}maybe{b} orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"{MAYBE}\"/></marker></defs>\n\
         <style>.link{{fill:none;stroke:{LINK};stroke-width:1.2;marker-end:url(#to)}}\
         .maybe{{fill:none;stroke:{MAYBE};stroke-width:1.2;stroke-dasharray:6 3;marker-end:url(#maybe)}}\
         .contact{{fill:none;stroke:#84929c;stroke-width:1;stroke-dasharray:1.5 3.5}}\
         .label{{paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}}</style>\n\
         <rect width=\"{WIDTH}\" height=\"{height:.0}\" fill=\"#fff\"/>\n\
         <text x=\"24\" y=\"36\" font-size=\"22\" font-weight=\"bold\">{}</text>",
        xml(&words.title)
    )?;
    for (at, line) in words.summary.iter().enumerate() {
        let y = 58.0 + 18.0 * at as f64;
        writeln!(svg, "<text x=\"24\" y=\"{y:.0}\" font-size=\"13\" fill=\"{SOFT}\">{}</text>", xml(line))?;
    }
    for entry in &legend {
        draw_entry(svg, entry, legend_top)?;
    }
    axis(svg, &page, words)?;
    band(svg, &page, chains, words)?;
    links(svg, &page, chains)?;
    for mark in &page.marks {
        draw_mark(svg, mark, cases)?;
    }
    svg.push_str("</svg>\n");
    Ok(())
}

fn axis(svg: &mut String, page: &Layout, words: &Words) -> fmt::Result {
    let (top, bottom) = (page.top, page.bottom + 8.0);
    if let Some(x) = page.no_date_x {
        writeln!(
            svg,
            "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"{SOFT}\">{}</text>",
            top - 8.0,
            xml(&words.no_date)
        )?;
    }
    for (x, day) in &page.ticks {
        writeln!(svg, "<path d=\"M{x:.1} {top:.1}V{bottom:.1}\" stroke=\"{GRID}\"/>")?;
        for y in &page.date_rows {
            writeln!(
                svg,
                "<text class=\"label\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\" fill=\"{SOFT}\">{day}</text>"
            )?;
        }
        writeln!(
            svg,
            "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"{SOFT}\">{day}</text>",
            bottom + 16.0
        )?;
    }
    writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"12\" font-weight=\"bold\">{}</text>",
        24.0,
        bottom + 36.0,
        xml(&words.axis)
    )
}

fn band(svg: &mut String, page: &Layout, chains: &Chains, words: &Words) -> fmt::Result {
    let singles = chains.contact_only + chains.unlinked;
    if singles == 0 {
        return Ok(());
    }
    let y = page.band;
    let bars = if page.bars.is_empty() { String::new() } else { format!(" ({}: {})", words.bars, page.per_bar) };
    writeln!(
        svg,
        "<path d=\"M24 {y:.1}H{:.1}\" stroke=\"{SOFT}\" stroke-width=\"0.8\"/>\
         <text class=\"label\" x=\"24\" y=\"{:.1}\" font-size=\"12\" font-weight=\"bold\">{}: {singles}{}</text>",
        WIDTH - 24.0,
        y + 16.0,
        xml(&words.band),
        xml(&bars)
    )?;
    let most = page.bars.iter().map(|bar| bar.cases).max().unwrap_or(1) as f64;
    for bar in &page.bars {
        let height = (150.0 * bar.cases as f64 / most).max(1.0);
        writeln!(
            svg,
            "<rect x=\"{:.2}\" y=\"{:.2}\" width=\"{:.2}\" height=\"{height:.2}\" fill=\"{SOFT}\"><title>{}</title></rect>",
            bar.x,
            page.bottom - height,
            (bar.width - 0.6).max(0.6),
            bar.cases
        )?;
    }
    if let Some(peak) = page.bars.iter().max_by_key(|bar| bar.cases) {
        writeln!(
            svg,
            "<text class=\"label\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            peak.x + peak.width / 2.0,
            page.bottom - 154.0,
            peak.cases
        )?;
    }
    if let (Some(x), true) = (page.no_date_x, page.undated > 0) {
        writeln!(
            svg,
            "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            page.bottom - 4.0,
            page.undated
        )?;
    }
    Ok(())
}

fn links(svg: &mut String, page: &Layout, chains: &Chains) -> fmt::Result {
    let place = |case: usize| page.mark_of[case].map(|mark| &page.marks[mark]);
    for (at, node) in chains.nodes.iter().enumerate() {
        for &other in node.contacts.iter().filter(|&&other| other > at) {
            let (Some(a), Some(b)) = (place(at), place(other)) else { continue };
            let (bend, middle) = (a.x.min(b.x) - 18.0, (a.y + b.y) / 2.0);
            let path = format!("M{:.1} {:.1}Q{bend:.1} {middle:.1} {:.1} {:.1}", a.x, a.y, b.x, b.y);
            writeln!(svg, "<path class=\"contact\" d=\"{path}\"/>")?;
        }
        let Some(own) = place(at) else { continue };
        // A group has one link for all its members.
        if own.members[0] != at {
            continue;
        }
        for source in &node.sources {
            let Some(from) = place(source.case) else { continue };
            let class = if node.sources.len() == 1 && source.directed { "link" } else { "maybe" };
            let end = radius(own) + 1.0;
            let path = if page.parent[at] == Some(source.case) {
                elbow(from, own, end)
            } else {
                let side = if own.x >= from.x { -end } else { end };
                format!("M{:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}", from.x, from.y, from.x, own.y, own.x + side, own.y)
            };
            writeln!(svg, "<path class=\"{class}\" d=\"{path}\"/>")?;
        }
    }
    Ok(())
}

/// Down from the infector, then along the row to the infected.
fn elbow(from: &Mark, to: &Mark, end: f64) -> String {
    let (way, down) = (to.x - from.x, if to.y >= from.y { 1.0 } else { -1.0 });
    if way.abs() <= end + 1.0 {
        return format!("M{:.1} {:.1}L{:.1} {:.1}", from.x, from.y, to.x, to.y - down * end);
    }
    let corner = 5.0f64.min(way.abs() - end).copysign(way);
    // A link that comes from the right ends after the label, not across it.
    let label = end + 6.0 + to.lines.first().map_or(0.0, |line| text_width(line));
    let stop = if way < 0.0 && label + corner.abs() < -way { to.x + label } else { to.x - end.copysign(way) };
    format!(
        "M{:.1} {:.1}V{:.1}Q{:.1} {:.1} {:.1} {:.1}H{stop:.1}",
        from.x,
        from.y,
        to.y - down * corner.abs(),
        from.x,
        to.y,
        from.x + corner,
        to.y
    )
}

fn radius(mark: &Mark) -> f64 {
    match (mark.members.len(), mark.shape) {
        (1, Shape::Single) => 3.5,
        (1, _) => 4.5,
        _ => 6.5,
    }
}

fn draw_mark(svg: &mut String, mark: &Mark, cases: &[Case]) -> fmt::Result {
    let names: Vec<String> = mark
        .members
        .iter()
        .map(|&at| match cases[at].day() {
            Some((day, _)) => format!("{} {day}", cases[at].id),
            None => cases[at].id.clone(),
        })
        .collect();
    write!(svg, "<g><title>{}</title>", xml(&names.join(", ")))?;
    shape(svg, mark.shape, mark.onset, mark.members.len(), mark.x, mark.y)?;
    let weight = if mark.lines.iter().any(|line| line.ends_with(')')) { " font-weight=\"bold\"" } else { "" };
    for (at, line) in mark.lines.iter().enumerate() {
        write!(
            svg,
            "<text class=\"label\" x=\"{:.1}\" y=\"{:.1}\"{weight}>{}</text>",
            mark.x + radius(mark) + 4.0,
            mark.y + 4.0 + LINE * at as f64,
            xml(line)
        )?;
    }
    writeln!(svg, "</g>")
}

/// One mark: the shape tells the role, a hollow one that the onset is unknown, a number how many cases it stands for.
fn shape(svg: &mut String, shape: Shape, onset: bool, count: usize, x: f64, y: f64) -> fmt::Result {
    let ink = colour(shape);
    let fill = if onset { ink } else { "#fff" };
    let paint = format!("fill=\"{fill}\" stroke=\"{ink}\" stroke-width=\"1.6\"");
    match (count, shape) {
        (1, Shape::Index) => write!(svg, "<path d=\"M{x:.1} {y:.1}m0 -6l6 6l-6 6l-6 -6z\" {paint}/>"),
        (1, Shape::InCycle) => {
            write!(svg, "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"9\" height=\"9\" {paint}/>", x - 4.5, y - 4.5)
        }
        (1, Shape::Single) => write!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.8\" {paint}/>"),
        (1, Shape::Infected) => write!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" {paint}/>"),
        _ => write!(
            svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"6.2\" {paint}/><text x=\"{x:.1}\" y=\"{:.1}\" font-size=\"8.5\" \
             font-weight=\"bold\" text-anchor=\"middle\" fill=\"{}\">{count}</text>",
            y + 3.1,
            if onset { "#fff" } else { ink }
        ),
    }
}

enum Sign {
    Mark(Shape, bool, usize),
    Line(&'static str),
    Text,
}

struct Entry<'a> {
    sign: Sign,
    text: &'a str,
    x: f64,
    row: f64,
}

/// Entries of the legend, only for what the picture shows, flowing into as many rows as they need.
fn legend<'a>(words: &'a Words, page: &Layout, chains: &Chains) -> Vec<Entry<'a>> {
    let has = |test: &dyn Fn(&Mark) -> bool| page.marks.iter().any(test);
    let sources = || chains.nodes.iter().map(|node| &node.sources);
    let entries = [
        (Sign::Mark(Shape::Index, true, 1), &words.index_case, has(&|m| m.shape == Shape::Index)),
        (Sign::Mark(Shape::Infected, true, 1), &words.infected, has(&|m| m.shape == Shape::Infected)),
        (Sign::Mark(Shape::Infected, true, 3), &words.group, has(&|m| m.members.len() > 1)),
        (Sign::Mark(Shape::Single, true, 1), &words.single, has(&|m| m.shape == Shape::Single)),
        (Sign::Mark(Shape::InCycle, true, 1), &words.in_cycle, has(&|m| m.shape == Shape::InCycle)),
        (Sign::Mark(Shape::Infected, false, 1), &words.onset_unknown, has(&|m| !m.onset)),
        (Sign::Line("link"), &words.one_source, sources().any(|s| s.len() == 1 && s[0].directed)),
        (Sign::Line("maybe"), &words.several_sources, sources().any(|s| s.len() > 1 || s.iter().any(|s| !s.directed))),
        (Sign::Line("contact"), &words.contact, chains.contacts > 0),
        (Sign::Text, &words.secondary, chains.infectors > 0),
    ];
    let (mut x, mut row) = (24.0, 0.0);
    entries
        .into_iter()
        .filter(|entry| entry.2)
        .map(|(sign, text, _)| {
            let sign_wide = match sign {
                Sign::Mark(..) => 18.0,
                Sign::Line(_) => 40.0,
                Sign::Text => 0.0,
            };
            let wide = sign_wide + text_width(text) * 0.92;
            if x + wide > WIDTH - 24.0 {
                (x, row) = (24.0, row + 1.0);
            }
            let entry = Entry { sign, text, x, row };
            x += wide + 16.0;
            entry
        })
        .collect()
}

fn draw_entry(svg: &mut String, entry: &Entry<'_>, top: f64) -> fmt::Result {
    let y = top + 10.0 + 20.0 * entry.row;
    let mut indent = 40.0;
    match entry.sign {
        Sign::Mark(kind, onset, count) => {
            indent = 18.0;
            shape(svg, kind, onset, count, entry.x + 8.0, y)?;
        }
        Sign::Line(class) => {
            write!(svg, "<path class=\"{class}\" d=\"M{:.1} {y:.1}H{:.1}\"/>", entry.x, entry.x + 34.0)?;
        }
        Sign::Text => indent = 0.0,
    }
    writeln!(svg, "<text x=\"{:.1}\" y=\"{:.1}\">{}</text>", entry.x + indent, y + 4.0, xml(entry.text))
}
