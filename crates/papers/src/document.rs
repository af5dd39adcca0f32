//! A paper as data, before it becomes pages: headings, figures, tables and sentences in one language, in the order in which they are
//! read. What sets pages (PDF) and what makes a file that an office goes on writing in (DOCX) take the same document, so that both say
//! what the page on the screen says. Pure; no word stands here that is not in the message files.

use crate::{
    lang::Lang,
    map::Map,
    page::{self, Bar, Figure},
    sections::{self, Section},
    words::Words,
};
use dayclear_core::bulletin::{Bulletin, Provenance};

/// A paper.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Language of its words.
    pub lang: Lang,
    /// What kind of paper it is.
    pub kind: String,
    /// What it is called.
    pub title: String,
    /// Facts under the title: name and value.
    pub facts: Vec<(String, String)>,
    /// What follows.
    pub blocks: Vec<Block>,
    /// What stands at the foot of every page.
    pub foot: Vec<String>,
}

/// A part of a paper.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// What must be read first: a mark and a sentence.
    Notice(String, String),
    /// A paragraph.
    Paragraph(String),
    /// A smaller one, under what it belongs to.
    Small(String),
    /// Begins a section.
    Heading(String),
    /// Figures side by side.
    Figures(Vec<Fact>),
    /// A table.
    Grid(Grid),
    /// Sentences of a list.
    List(Vec<String>),
    /// Signs that are compared one by one, not read.
    Code(String),
    /// Bars of days, the first one first.
    Bars(Bars),
    /// A new page begins.
    Break,
}

/// A figure with its name and what must be said with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// Name.
    pub name: String,
    /// Value, as written.
    pub value: String,
    /// What must be said with it.
    pub more: Vec<String>,
    /// Whether it is one of those that are told first.
    pub large: bool,
}

/// A table with a row header in each row.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// What it shows.
    pub caption: String,
    /// Headers, that of the first column first.
    pub headers: Vec<String>,
    /// Rows.
    pub rows: Vec<Line>,
    /// Rows of sums.
    pub sums: Vec<Line>,
    /// Whether cells hold sentences, which begin at the left, and not numbers.
    pub words: bool,
}

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its name.
    pub name: String,
    /// Its cells.
    pub cells: Vec<String>,
    /// A bar that repeats them: both parts, of 100.
    pub bar: Option<[f64; 2]>,
}

/// Bars of days in two parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Bars {
    /// What it shows.
    pub caption: String,
    /// What the parts stand for.
    pub parts: [String; 2],
    /// Day as written, and both parts.
    pub days: Vec<(String, [u64; 2])>,
    /// Where that was, on a map beside them.
    pub map: Option<Box<Map>>,
}

fn plain(text: &str) -> String {
    text.replace('\u{ad}', "")
}

fn fact(figure: &Figure, large: bool) -> Fact {
    Fact { name: plain(&figure.name), value: plain(&figure.value), more: figure.more.clone(), large }
}

fn line(row: &sections::Row) -> Line {
    let bar = |bar: &Bar| [bar.solid, bar.open];
    let cells = row.cells.iter().map(|cell| plain(&cell.text)).collect();
    Line { name: plain(&row.name), cells, bar: row.bar.as_ref().map(bar) }
}

/// The bulletin as a paper in one language.
pub fn bulletin_document(bulletin: &Bulletin, lang: Lang) -> Document {
    let words = Words::of(lang);
    let city = page::city(bulletin, lang);
    let date = lang.date(bulletin.date);
    let mut blocks = Vec::new();
    for (mark, sentence) in page::notices(bulletin, words) {
        blocks.push(Block::Notice(mark, sentence));
    }
    let lead = page::lead(bulletin, words);
    if !lead.is_empty() {
        blocks.push(Block::Paragraph(lead.join(&words.say("sentence-gap"))));
    }
    blocks.push(Block::Heading(words.say("headline-title")));
    blocks.push(Block::Figures(page::headline(bulletin, words).iter().map(|figure| fact(figure, true)).collect()));
    let (sections, missing) = sections::all(bulletin, words);
    for section in &sections {
        match section {
            Section::Figures { title, figures, .. } => {
                blocks.push(Block::Heading(plain(title)));
                blocks.push(Block::Figures(figures.iter().map(|figure| fact(figure, false)).collect()));
            }
            Section::Table(table) => {
                blocks.push(Block::Heading(plain(&table.title)));
                blocks.push(Block::Grid(Grid {
                    caption: plain(&table.caption),
                    headers: table.headers.iter().map(|header| plain(header)).collect(),
                    rows: table.rows.iter().map(line).collect(),
                    sums: table.sums.iter().map(line).collect(),
                    words: false,
                }));
                blocks.extend(table.after.iter().map(|after| Block::Small(plain(after))));
            }
        }
    }
    let mut notes = page::notes(bulletin, words);
    if !missing.is_empty() {
        notes.push(words.get("gaps-list", &[("list", missing.join(&words.say("gaps-separator")).into())]));
    }
    if !notes.is_empty() {
        blocks.push(Block::Heading(words.say("notes-title")));
        blocks.push(Block::List(notes));
    }
    let mut foot = vec![words.get("page-title", &[("city", city.into()), ("date", date.as_str().into())])];
    match &bulletin.provenance {
        Provenance::Books { signature } => {
            blocks.push(Block::Heading(words.say("signature-title")));
            blocks.push(Block::Small(words.say("signature-about")));
            blocks.push(Block::Code(signature.clone()));
            foot.push(signature.clone());
        }
        Provenance::Published { sources } if !sources.is_empty() => {
            blocks.push(Block::Heading(words.say("sources-title")));
            blocks.push(Block::List(sources.clone()));
        }
        Provenance::Published { .. } => {}
    }
    blocks.push(Block::Small(words.say("footer-unknown")));
    Document {
        lang,
        kind: words.say("page-kind"),
        title: words.get("document-title", &[("city", city.into()), ("date", date.into())]),
        facts: page::facts(bulletin, words),
        blocks,
        foot,
    }
}
