//! The tables of cases: by route and by reporting unit, with their sums. The reported total stands beside a sum wherever the two are not
//! the same, and a column of which nothing is known is said once below.

use super::{Cell, Row, Section, Table, count};
use crate::{
    figures::{sum, units},
    page::{Bar, name_lang},
    words::Words,
};
use dayclear_core::bulletin::{Bulletin, RouteLine, UnitLine};

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
    pub(super) fn headers(&self, first: &str, words: &Words) -> Vec<String> {
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

pub(super) fn routes(bulletin: &Bulletin, words: &Words) -> Option<Section> {
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

pub(super) fn by_unit(bulletin: &Bulletin, words: &Words) -> Option<Section> {
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
