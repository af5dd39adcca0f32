//! The sections of the bulletin's page as data: tables and groups of figures, in the order in which they are printed.
//! Pure, over the types of core. It guarantees that a section of which nothing is known is named among the gaps instead
//! of being printed as a row of zeros.

mod cases;

pub(crate) use cases::unit_name;

use crate::{
    figures::by_worklist,
    page::{Bar, Figure},
    words::Words,
};
use cases::{by_unit, routes};
use dayclear_core::bulletin::{Bulletin, Check, Flow, StockLine};

/// A part of the page under its own heading.
pub(crate) enum Section {
    /// A table.
    Table(Table),
    /// Figures side by side.
    Figures { id: &'static str, title: String, figures: Vec<Figure> },
}

/// A table with a row header in each row.
pub(crate) struct Table {
    pub id: &'static str,
    pub title: String,
    pub caption: String,
    /// What the two parts of the bars stand for.
    pub legend: Option<(String, String)>,
    /// Header of the first column, then of the others.
    pub headers: Vec<String>,
    pub rows: Vec<Row>,
    pub sums: Vec<Row>,
    pub after: Vec<String>,
    /// Whether names are short enough to stand beside the numbers on a narrow screen.
    pub short_names: bool,
}

impl Table {
    /// Whether rows have bars beside their numbers.
    pub fn charted(&self) -> bool {
        self.rows.iter().any(|row| row.bar.is_some())
    }
    /// Whether the numbers are too many for one line of a narrow screen, and need their labels beside them there.
    pub fn labelled(&self) -> bool {
        self.headers.len() > 5
    }
}

/// A row: its name, its cells, and a bar that repeats them.
pub(crate) struct Row {
    pub name: String,
    pub name_lang: Option<&'static str>,
    pub cells: Vec<Cell>,
    pub bar: Option<Bar>,
}

/// A cell.
pub(crate) struct Cell {
    pub text: String,
    /// Style of the cell, which only supports what the text says.
    pub class: &'static str,
}

impl Row {
    fn new(name: String, cells: Vec<Cell>) -> Row {
        Row { name, name_lang: None, cells, bar: None }
    }
}

fn count(words: &Words, value: Option<u64>) -> Cell {
    Cell { text: words.count(value), class: if value.is_some() { "number" } else { "number unknown" } }
}

fn sign(words: &Words, agrees: Option<bool>, off: i64) -> Cell {
    match agrees {
        Some(true) => Cell { text: words.say("sign-agrees"), class: "sign good" },
        Some(false) if off == 0 => Cell { text: words.say("sign-differs-inside"), class: "sign bad" },
        Some(false) => {
            Cell { text: words.get("sign-differs", &[("by", words.lang().signed(off).into())]), class: "sign bad" }
        }
        None => Cell { text: words.say("sign-unknown"), class: "sign unknown" },
    }
}

/// Every section that can be printed, and the names of those of which nothing is known.
pub(crate) fn all(bulletin: &Bulletin, words: &Words) -> (Vec<Section>, Vec<String>) {
    let built: [(&str, Option<Section>); 9] = [
        ("routes-title", routes(bulletin, words)),
        ("units-title", by_unit(bulletin, words)),
        ("care-title", care(bulletin, words)),
        ("stock-title", stock(bulletin, words)),
        ("beds-title", beds(bulletin, words)),
        ("tests-title", tests(bulletin, words)),
        ("flows-title", flows(bulletin, words)),
        ("books-title", books(bulletin, words)),
        ("checks-title", checks(bulletin, words)),
    ];
    let missing = built.iter().filter(|(_, section)| section.is_none()).map(|(title, _)| words.say(title)).collect();
    (built.into_iter().filter_map(|(_, section)| section).collect(), missing)
}

fn figures(words: &Words, parts: &[(&str, Option<u64>)]) -> Option<Vec<Figure>> {
    parts.iter().any(|(_, value)| value.is_some()).then(|| {
        parts
            .iter()
            .map(|(name, value)| Figure {
                name: words.say(name),
                value: words.count(*value),
                known: value.is_some(),
                more: Vec::new(),
                bar: None,
            })
            .collect()
    })
}

fn care(bulletin: &Bulletin, words: &Words) -> Option<Section> {
    let parts = [
        ("care-in-care", bulletin.in_care),
        ("care-severe", bulletin.severe),
        ("care-critical", bulletin.critical),
        ("care-recovered", bulletin.recovered),
        ("care-died", bulletin.died),
    ];
    figures(words, &parts).map(|figures| Section::Figures { id: "care", title: words.say("care-title"), figures })
}

/// Names of the parts of a line of the stock, in order: key of the files, key of the column, value.
pub(crate) fn stock_parts(line: &StockLine) -> [(&'static str, &'static str, Option<i64>); 8] {
    let signed = |n: u64| i64::try_from(n).ok();
    let of =
        |part: fn(&dayclear_core::bulletin::StockFlow) -> u64| line.flow.as_ref().and_then(|flow| signed(part(flow)));
    [
        ("before", "column-before", of(|flow| flow.before)),
        ("new", "column-stock-new", of(|flow| flow.new)),
        ("into", "column-stock-into", of(|flow| flow.into)),
        ("out_of", "column-stock-out-of", of(|flow| flow.out_of)),
        ("recovered", "column-stock-recovered", of(|flow| flow.recovered)),
        ("died", "column-stock-died", of(|flow| flow.died)),
        ("other", "column-stock-other", line.flow.map(|flow| flow.other)),
        ("open", "column-stock-open", signed(line.open)),
    ]
}

fn stock(bulletin: &Bulletin, words: &Words) -> Option<Section> {
    if bulletin.stock.is_empty() {
        return None;
    }
    let cell = |value: Option<i64>| match value {
        Some(value) => Cell { text: words.lang().signed(value), class: "number" },
        None => Cell { text: words.say("not-known"), class: "number unknown" },
    };
    let row = |line: &StockLine| {
        Row::new(words.term(line.class), stock_parts(line).into_iter().map(|(.., value)| cell(value)).collect())
    };
    let columns = bulletin.stock.first().map(stock_parts)?;
    let sum = |at: usize| {
        let parts = bulletin.stock.iter().map(|line| stock_parts(line)[at].2);
        cell(parts.sum::<Option<i64>>())
    };
    let mut headers = vec![words.say("column-stock")];
    headers.extend(columns.iter().map(|(_, key, _)| words.say(key)));
    Some(Section::Table(Table {
        id: "stock",
        title: words.say("stock-title"),
        caption: words.say("stock-caption"),
        legend: None,
        headers,
        rows: bulletin.stock.iter().map(row).collect(),
        sums: vec![Row::new(words.say("sum-of-lines"), (0..columns.len()).map(sum).collect())],
        after: Vec::new(),
        short_names: false,
    }))
}

fn beds(bulletin: &Bulletin, words: &Words) -> Option<Section> {
    if bulletin.beds.is_empty() {
        return None;
    }
    let out_of_use =
        |line: &dayclear_core::bulletin::BedLine| line.total.saturating_sub(line.occupied + line.held + line.free);
    let with_rest = bulletin.beds.iter().any(|line| out_of_use(line) > 0);
    let row = |name: String, total: u64, occupied: u64, held: u64, free: u64, rest: u64| {
        let mut cells: Vec<Cell> =
            [total, occupied, held, free].into_iter().map(|value| count(words, Some(value))).collect();
        if with_rest {
            cells.push(count(words, Some(rest)));
        }
        let share = words.lang().percent(occupied, total).unwrap_or_else(|| "–".to_owned());
        cells.push(Cell { text: share, class: "number" });
        Row { bar: Bar::parts(occupied, held, total), ..Row::new(name, cells) }
    };
    let rows = bulletin
        .beds
        .iter()
        .map(|line| row(words.term(line.kind), line.total, line.occupied, line.held, line.free, out_of_use(line)));
    let total = |field: fn(&dayclear_core::bulletin::BedLine) -> u64| bulletin.beds.iter().map(field).sum::<u64>();
    let sum = row(
        words.say("beds-sum"),
        total(|line| line.total),
        total(|line| line.occupied),
        total(|line| line.held),
        total(|line| line.free),
        bulletin.beds.iter().map(out_of_use).sum(),
    );
    let mut headers: Vec<String> = ["column-facility", "column-beds", "column-occupied", "column-held", "column-free"]
        .map(|key| words.say(key))
        .into();
    if with_rest {
        headers.push(words.say("column-out-of-use"));
    }
    headers.push(words.say("column-occupancy"));
    Some(Section::Table(Table {
        id: "beds",
        title: words.say("beds-title"),
        caption: words.say("beds-caption"),
        legend: Some((words.say("column-occupied"), words.say("column-held"))),
        headers,
        rows: rows.collect(),
        sums: vec![sum],
        after: Vec::new(),
        short_names: false,
    }))
}

fn tests(bulletin: &Bulletin, words: &Words) -> Option<Section> {
    let parts = [
        ("tests-tubes", bulletin.tubes),
        ("tests-sampled", bulletin.sampled),
        ("tests-resulted", bulletin.resulted),
        ("tests-positive", bulletin.positive_tubes),
    ];
    let rest = [bulletin.turnaround_min, bulletin.corrections];
    let mut figures = match figures(words, &parts) {
        None if rest.iter().all(Option::is_none) => return None,
        None => Vec::new(),
        Some(figures) => figures,
    };
    let positivity = bulletin.positive_tubes.zip(bulletin.resulted).and_then(|(part, whole)| {
        let share = words.lang().percent(part, whole)?;
        Some(words.get("tests-positivity", &[("share", share.into())]))
    });
    if let (Some(text), Some(positive)) = (positivity, figures.last_mut()) {
        positive.more.push(text);
    }
    figures.push(Figure {
        name: words.say("tests-turnaround"),
        value: bulletin.turnaround_min.map_or_else(|| words.say("not-known"), |minutes| words.lang().duration(minutes)),
        known: bulletin.turnaround_min.is_some(),
        more: Vec::new(),
        bar: None,
    });
    figures.push(Figure {
        name: words.say("tests-corrections"),
        value: words.count(bulletin.corrections),
        known: bulletin.corrections.is_some(),
        more: Vec::new(),
        bar: None,
    });
    Some(Section::Figures { id: "tests", title: words.say("tests-title"), figures })
}

/// The flows of the day with the keys of their names, in the order in which they are printed everywhere.
pub(crate) fn flow_lines(bulletin: &Bulletin) -> [(&'static str, Option<Flow>); 5] {
    [
        ("moved", bulletin.moved),
        ("placed", bulletin.placed),
        ("areas", bulletin.areas),
        ("orders", bulletin.orders),
        ("requests", bulletin.requests),
    ]
}

fn flows(bulletin: &Bulletin, words: &Words) -> Option<Section> {
    let lines = flow_lines(bulletin);
    if lines.iter().all(|(_, flow)| flow.is_none()) {
        return None;
    }
    let row = |(name, flow): &(&str, Option<Flow>)| {
        let values = match flow {
            Some(flow) => [flow.before, flow.begun, flow.ended, flow.open, flow.overdue].map(Some),
            None => [None; 5],
        };
        Row::new(words.say(&format!("flow-{name}")), values.into_iter().map(|value| count(words, value)).collect())
    };
    Some(Section::Table(Table {
        id: "flows",
        title: words.say("flows-title"),
        caption: words.say("flows-caption"),
        legend: None,
        headers: ["column-flow", "column-before", "column-begun", "column-ended", "column-open", "column-overdue"]
            .map(|key| words.say(key))
            .into(),
        rows: lines.iter().map(row).collect(),
        sums: Vec::new(),
        after: Vec::new(),
        short_names: false,
    }))
}

fn books(bulletin: &Bulletin, words: &Words) -> Option<Section> {
    let lines = by_worklist(&bulletin.books);
    if lines.is_empty() {
        return None;
    }
    let row = |line: &crate::figures::WorklistLine| {
        let values = [line.opening, line.received, line.completed, line.cancelled, line.closing, line.overdue];
        let mut cells: Vec<Cell> = values.into_iter().map(|value| count(words, Some(value))).collect();
        cells.push(sign(words, Some(line.balances), line.closing as i64 - line.expected));
        Row::new(words.term(line.worklist), cells)
    };
    let balanced = lines.iter().filter(|line| line.balances).count();
    let after = match lines.len() - balanced {
        0 => words.get("books-all-balance", &[("count", lines.len().into())]),
        off => words.get("books-some-differ", &[("count", off.into()), ("whole", lines.len().into())]),
    };
    Some(Section::Table(Table {
        id: "books",
        title: words.say("books-title"),
        caption: words.say("books-caption"),
        legend: None,
        headers: [
            "column-worklist",
            "column-opening",
            "column-received",
            "column-completed",
            "column-cancelled",
            "column-closing",
            "column-overdue",
            "column-balance",
        ]
        .map(|key| words.say(key))
        .into(),
        rows: lines.iter().map(row).collect(),
        sums: Vec::new(),
        after: vec![after],
        short_names: false,
    }))
}

fn checks(bulletin: &Bulletin, words: &Words) -> Option<Section> {
    if bulletin.checks.is_empty() {
        return None;
    }
    let signed = |value: Option<i64>| match value {
        Some(value) => Cell { text: words.lang().signed(value), class: "number" },
        None => Cell { text: words.say("not-known"), class: "number unknown" },
    };
    let row = |check: &Check| {
        let off = check.parts.map_or(0, |parts| parts - check.total);
        let cells = vec![signed(Some(check.total)), signed(check.parts), sign(words, check.holds(), off)];
        Row::new(words.given("check", &check.name), cells)
    };
    Some(Section::Table(Table {
        id: "checks",
        title: words.say("checks-title"),
        caption: words.say("checks-caption"),
        legend: None,
        headers: ["column-check", "column-total", "column-parts", "column-result"].map(|key| words.say(key)).into(),
        rows: bulletin.checks.iter().map(row).collect(),
        sums: Vec::new(),
        after: Vec::new(),
        short_names: false,
    }))
}
