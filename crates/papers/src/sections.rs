//! The sections of the bulletin's page as data: tables and groups of figures, in the order in which they are printed.
//! Pure, over the types of core. It guarantees that a section of which nothing is known is named among the gaps instead
//! of being printed as a row of zeros.

use crate::{
    figures::{by_worklist, sum, units},
    page::{Bar, Figure, name_lang},
    words::Words,
};
use dayclear_core::bulletin::{Bulletin, Check, Flow, RouteLine, StockLine, UnitLine};

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

/// The numbers of one line of cases.
struct Counts {
    confirmed: Option<u64>,
    asymptomatic: Option<u64>,
    awaiting: Option<u64>,
}

impl Counts {
    fn both(&self) -> Option<u64> {
        sum([self.confirmed, self.asymptomatic])
    }
    fn of_route(line: &RouteLine) -> Counts {
        // Somebody who is converted is a confirmed case; there is no asymptomatic figure that could be missing.
        let asymptomatic = if line.route.is_none() { line.asymptomatic.or(Some(0)) } else { line.asymptomatic };
        Counts { confirmed: line.confirmed, asymptomatic, awaiting: None }
    }
    fn of_unit(line: &UnitLine) -> Counts {
        Counts { confirmed: line.confirmed, asymptomatic: line.asymptomatic, awaiting: line.awaiting }
    }
}

/// Which columns a table of cases has: one that is unknown in every line is said once below it.
struct Columns {
    asymptomatic: bool,
    awaiting: bool,
}

impl Columns {
    fn headers(&self, first: &str, words: &Words) -> Vec<String> {
        let mut out = vec![words.say(first), words.say("column-confirmed")];
        if self.asymptomatic {
            out.extend([words.say("column-asymptomatic"), words.say("column-both")]);
        }
        if self.awaiting {
            out.push(words.say("column-awaiting"));
        }
        out
    }
    fn cells(&self, counts: &Counts, words: &Words) -> Vec<Cell> {
        let mut out = vec![count(words, counts.confirmed)];
        if self.asymptomatic {
            out.extend([count(words, counts.asymptomatic), count(words, counts.both())]);
        }
        if self.awaiting {
            out.push(count(words, counts.awaiting));
        }
        out
    }
    fn legend(&self, words: &Words) -> Option<(String, String)> {
        self.asymptomatic.then(|| (words.say("column-confirmed"), words.say("column-asymptomatic")))
    }
}

/// The sum of the lines, and beside it the reported total wherever the two are not the same.
fn sums(lines: &[Counts], bulletin: &Bulletin, columns: &Columns, words: &Words) -> Vec<Row> {
    let added = Counts {
        confirmed: sum(lines.iter().map(|line| line.confirmed)),
        asymptomatic: sum(lines.iter().map(|line| line.asymptomatic)),
        awaiting: sum(lines.iter().map(|line| line.awaiting)),
    };
    let reported =
        Counts { confirmed: bulletin.confirmed, asymptomatic: bulletin.asymptomatic, awaiting: bulletin.awaiting };
    let same = added.confirmed == reported.confirmed
        && (!columns.asymptomatic || added.asymptomatic == reported.asymptomatic)
        && (!columns.awaiting || added.awaiting == reported.awaiting);
    let mut out = vec![Row::new(words.say("sum-of-lines"), columns.cells(&added, words))];
    if !same {
        out.push(Row::new(words.say("reported-total"), columns.cells(&reported, words)));
    }
    out
}

fn longest(lines: &[Counts]) -> u64 {
    lines.iter().map(|line| line.confirmed.unwrap_or(0) + line.asymptomatic.unwrap_or(0)).max().unwrap_or(0)
}

fn chart(counts: &Counts, longest: u64) -> Option<Bar> {
    Bar::chart(counts.confirmed.unwrap_or(0), counts.asymptomatic.unwrap_or(0), longest)
}

fn routes(bulletin: &Bulletin, words: &Words) -> Option<Section> {
    if bulletin.routes.is_empty() {
        return None;
    }
    let lines: Vec<Counts> = bulletin.routes.iter().map(Counts::of_route).collect();
    let asymptomatic = bulletin.routes.iter().any(|line| line.asymptomatic.is_some());
    let columns = Columns { asymptomatic, awaiting: false };
    let longest = longest(&lines);
    let row = |(line, counts): (&RouteLine, &Counts)| {
        let mut cells = columns.cells(counts, words);
        if line.route.is_none() && line.asymptomatic.is_none() && asymptomatic {
            cells[1] = Cell { text: "–".to_owned(), class: "number" };
        }
        let name = line.route.map_or_else(|| words.say("route-converted"), |route| words.term(route));
        Row { bar: chart(counts, longest), ..Row::new(name, cells) }
    };
    Some(Section::Table(Table {
        id: "routes",
        title: words.say("routes-title"),
        caption: words.say("routes-caption"),
        legend: columns.legend(words),
        headers: columns.headers("column-route", words),
        rows: bulletin.routes.iter().zip(&lines).map(row).collect(),
        sums: sums(&lines, bulletin, &columns, words),
        after: if asymptomatic { Vec::new() } else { vec![words.say("routes-asymptomatic-unknown")] },
        short_names: false,
    }))
}

fn by_unit(bulletin: &Bulletin, words: &Words) -> Option<Section> {
    if bulletin.units.is_empty() {
        return None;
    }
    let lines: Vec<Counts> = bulletin.units.iter().map(Counts::of_unit).collect();
    let columns = Columns {
        asymptomatic: bulletin.units.iter().any(|unit| unit.asymptomatic.is_some()),
        awaiting: bulletin.units.iter().any(|unit| unit.awaiting.is_some()),
    };
    let community = bulletin.units.iter().any(|unit| unit.community.is_some() || unit.community_withheld);
    let longest = longest(&lines);
    let sorted = units(&bulletin.units);
    let row = |unit: &&UnitLine| {
        let name = unit_name(unit, words);
        let counts = Counts::of_unit(unit);
        let mut cells = columns.cells(&counts, words);
        if community {
            cells.push(match unit.community_withheld {
                true => Cell { text: words.say("hidden-small"), class: "number unknown" },
                false => count(words, unit.community),
            });
        }
        Row { name_lang: name_lang(&name, words.lang()), name, cells, bar: chart(&counts, longest) }
    };
    let mut after = Vec::new();
    if !columns.asymptomatic {
        after.push(words.say("units-asymptomatic-unknown"));
    }
    if !sorted.without.is_empty() {
        let names: Vec<String> = sorted.without.iter().map(|unit| unit_name(unit, words)).collect();
        let list = names.join(&words.say("list-separator"));
        after.push(words.get("units-without", &[("count", names.len().into()), ("list", list.into())]));
    }
    let mut headers = columns.headers("column-unit", words);
    let mut sums = sums(&lines, bulletin, &columns, words);
    if community {
        headers.push(words.say("column-community"));
        for sum in &mut sums {
            sum.cells.push(count(words, bulletin.community));
        }
    }
    Some(Section::Table(Table {
        id: "units",
        title: words.say("units-title"),
        caption: words.say("units-caption"),
        legend: columns.legend(words),
        headers,
        rows: sorted.listed.iter().map(row).collect(),
        sums,
        after,
        // Three numbers and a name fit on a line of 320 dots, four do not.
        short_names: !columns.awaiting && !community,
    }))
}

/// Name of a reporting unit as the language writes it.
pub(crate) fn unit_name(unit: &UnitLine, words: &Words) -> String {
    match &unit.name_en {
        Some(english) if !words.lang().is_chinese() => english.clone(),
        _ => unit.name.clone(),
    }
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
