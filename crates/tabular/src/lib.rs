//! Tables in and out: CSV and XLSX by the declarations of `dayclear_core::schema`, exports in CSV, XLSX, JSON and
//! NDJSON. It may use core and the libraries of the formats. It guarantees that a file of any kind is answered exactly
//! (file, row, column, value, expected, remedy), that every row is counted once, and that memory does not grow with the
//! file.
//!
//! ```no_run
//! use dayclear_core::{schema::PEOPLE, time::Zone};
//! use dayclear_tabular::{Options, Reader};
//!
//! let options = Options::new(Zone::named("Asia/Shanghai")?);
//! let mut reader = Reader::open("people.csv".as_ref(), &PEOPLE, &options)?;
//! let name = PEOPLE.position("name").unwrap_or_default();
//! while let Some(row) = reader.next_row()? {
//!     match row {
//!         Ok(row) => println!("{}: {:?}", row.number(), row.text(name)),
//!         Err(fault) => println!("{fault}"),
//!     }
//! }
//! assert!(reader.finish().adds_up());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Read in this order: `source` (what kind of file it is), `encoding` and `records` (text files), `package`, `xml`,
//! `workbook` and `sheet` (workbooks), `cells` with `dates` and `documents` (values), `reader` (rows).

mod cells;
mod dates;
mod documents;
mod encoding;
mod fault;
pub mod frictionless;
mod header;
mod package;
mod reader;
mod records;
mod row;
mod sheet;
mod source;
pub mod spans;
mod workbook;
mod writer;
mod xml;

pub use cells::{Cell, Terms};
pub use documents::document_number;
pub use encoding::Encoding;
pub use fault::{Code, Fault, Note, NoteCode, RAW_CHARS, TableError, VALUE_CHARS, nearest};
pub use header::Ignored;
pub use reader::{About, Options, Reader, Tally};
pub use row::Row;
pub use writer::{Format, Value, WriteError, Writer};
