//! What a person reads, rendered from data: the bulletin as a page, as a set paper, as JSON and as CSV, the summary of a day for a
//! terminal, and plain tables. It may use the vocabulary of core and nothing else: no I/O, no rule, no SQL. It guarantees
//! that every word stands in the message files of all three languages, and that what nobody knows is never printed as 0.
//!
//! Read in this order: [`lang`] (the languages, their numbers and dates), [`words`] (messages), [`shown`] (the terms of
//! core), then what is made of them: [`page`], [`files`], [`document`] with [`pdf`] and [`docx`], [`summary`], [`table`].

pub mod care;
mod code;
pub mod document;
pub mod docx;
mod fans;
pub mod figures;
pub mod files;
pub mod keys;
pub mod lang;
pub mod letters;
pub mod map;
pub mod notices;
pub mod page;
pub mod pdf;
mod scenarios;
mod sections;
pub mod sheets;
pub mod shown;
pub mod situation;
pub mod summary;
pub mod table;
pub mod words;

pub use document::{Document, bulletin_document};
pub use docx::docx;
pub use fans::scenarios_svg;
pub use files::{bulletin_csv, bulletin_dhis2, bulletin_json, bulletin_package};
pub use lang::Lang;
pub use page::bulletin_html;
pub use pdf::{FontError, FontFiles, pdf};
pub use scenarios::{scenarios_html, scenarios_text};
pub use summary::day_summary;
pub use table::text_table;
pub use words::{Arg, Words};

/// Where a paper is made.
#[derive(Clone, Copy, Debug)]
pub struct Office<'a> {
    /// Zone of the city, by whose clock its times are told.
    pub zone: &'a str,
    /// Whether people and figures are made up: then the paper says so before anything else.
    pub exercise: bool,
}

/// A paper that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// The page template failed; a fault of this program.
    #[error("the page of the bulletin could not be made ({0}); please report this with the bulletin's JSON")]
    Page(#[from] askama::Error),
    /// A code that is too long to be printed.
    #[error("'{0}' is too long for a printed code; give it a shorter id")]
    Code(String),
    /// A font that cannot set the paper.
    #[error("{0}")]
    Font(#[from] FontError),
    /// The file of a paper could not be put together; a fault of this program.
    #[error("the file of the paper could not be written ({0}); please report this with the bulletin's date")]
    File(#[from] std::io::Error),
    /// The same.
    #[error("the file of the paper could not be packed ({0}); please report this with the bulletin's date")]
    Packed(#[from] zip::result::ZipError),
    /// The JSON writer failed; a fault of this program.
    #[error("the JSON of the bulletin could not be made ({0}); please report this with the bulletin's date")]
    Json(#[from] serde_json::Error),
}
