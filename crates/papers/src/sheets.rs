//! Sheets of households to be filled in by hand where there is no phone: one block for each household, with a code for it and for each
//! of its people that a scanner reads, boxes to tick, and room for the tube and the time. It may use the words and a maker of codes;
//! it guarantees that a block is one element that a printer need not tear, and that names stand on it only if they were given.

use crate::{
    Lang, PaperError, Words,
    code::{Code, code},
};
use askama::Template;
use dayclear_core::listing::{Cell, DOORS, Row as Door};

/// Somebody of a household.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Id on the roster: what the code says.
    pub person: String,
    /// Name as whoever prints may see it; empty where they may not.
    pub name: String,
    /// Where the round stands with them.
    pub state: String,
}

/// A household.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Household {
    /// Id: the code says `H:` and this, so that it is taken for nobody.
    pub household: String,
    /// Building, unit, floor and door, as far as whoever prints may see them.
    pub place: String,
    /// People, in the order of the list.
    pub people: Vec<Member>,
}

/// Households of a list of doors, in its order; what the reader of the list may not see stands on no sheet.
pub fn households_of(lang: Lang, doors: &[Door]) -> Vec<Household> {
    let w = Words::of(lang);
    let shown = |door: &Door, name: &str| match door.get(&DOORS, name) {
        Cell::Text(text) | Cell::Masked(text) => text.clone(),
        Cell::Whole(number) => number.to_string(),
        _ => String::new(),
    };
    let mut households: Vec<Household> = Vec::new();
    for door in doors {
        let household = shown(door, "household");
        if households.last().is_none_or(|last| last.household != household) {
            let floor = shown(door, "floor");
            let floor = if floor.is_empty() { floor } else { w.get("sheet-floor", &[("floor", floor.into())]) };
            let place = [shown(door, "building"), shown(door, "unit"), floor, shown(door, "door")];
            let place: Vec<String> = place.into_iter().filter(|part| !part.is_empty()).collect();
            households.push(Household { household, place: place.join(" · "), people: Vec::new() });
        }
        if let Some(last) = households.last_mut() {
            let (person, name) = (shown(door, "person"), shown(door, "name"));
            last.people.push(Member { person, name, state: w.given("cover", &shown(door, "state")) });
        }
    }
    households
}

struct Row<'a> {
    member: &'a Member,
    code: Code,
}

struct Block<'a> {
    household: &'a Household,
    code: Code,
    rows: Vec<Row<'a>>,
    named: bool,
}

#[derive(Template)]
#[template(path = "sheets.html")]
struct Blocks<'a> {
    w: &'static Words,
    round: &'a str,
    blocks: Vec<Block<'a>>,
}

#[derive(Template)]
#[template(path = "sheets-page.html")]
struct Page<'a> {
    w: &'static Words,
    lang: Lang,
    title: &'a str,
    blocks: String,
}

/// The blocks of households, as a part of a page. `round` is the name of the round they are for.
pub fn blocks(lang: Lang, round: &str, households: &[Household]) -> Result<String, PaperError> {
    let block = |household: &'_ Household| -> Result<Code, PaperError> { code(&format!("H:{}", household.household)) };
    let blocks: Result<Vec<Block<'_>>, PaperError> = households
        .iter()
        .map(|household| {
            let rows: Result<Vec<Row<'_>>, PaperError> =
                household.people.iter().map(|member| Ok(Row { member, code: code(&member.person)? })).collect();
            let named = household.people.iter().any(|member| !member.name.is_empty());
            Ok(Block { household, code: block(household)?, rows: rows?, named })
        })
        .collect();
    Ok(Blocks { w: Words::of(lang), round, blocks: blocks? }.render()?)
}

/// A page of its own, with its style in it: for a file.
pub fn page(lang: Lang, title: &str, households: &[Household]) -> Result<String, PaperError> {
    let blocks = blocks(lang, title, households)?;
    Ok(Page { w: Words::of(lang), lang, title, blocks }.render()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn household(n: usize, people: usize, names: bool) -> Household {
        let member = |at: usize| Member {
            person: format!("P{n}-{at}"),
            name: if names { format!("<王{at}>") } else { String::new() },
            state: "unknown".to_owned(),
        };
        Household {
            household: format!("H{n}"),
            place: format!("3 号楼 · 1 · {n}"),
            people: (0..people).map(member).collect(),
        }
    }

    #[test]
    fn every_household_is_one_block_with_a_code_for_it_and_for_each_of_its_people() {
        let households = [household(1, 4, true), household(2, 1, true), household(3, 0, true)];
        for lang in Lang::ALL {
            let html = page(*lang, "R1", &households).unwrap();
            assert_eq!(html.matches("<section class=\"sheet\"").count(), 3);
            assert_eq!(html.matches("<svg").count(), 3 + 5);
            assert!(html.contains("break-inside: avoid") && html.contains("size: A4"));
            // what people are called is text and nothing else
            assert!(html.contains("&#60;王1&#62;") && !html.contains("<王"), "{html}");
            assert!(!html.contains("style=\""));
        }
    }

    #[test]
    fn without_names_there_is_no_column_for_them() {
        let with = blocks(Lang::En, "R1", &[household(1, 2, true)]).unwrap();
        let without = blocks(Lang::En, "R1", &[household(1, 2, false)]).unwrap();
        let heads = |html: &str| html.matches("scope=\"col\"").count();
        assert_eq!(heads(&with), heads(&without) + 1);
    }
}
