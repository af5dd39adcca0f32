//! Tables in and out.
mod cells;
mod dates;
mod documents;
mod encoding;
mod fault;
mod records;
