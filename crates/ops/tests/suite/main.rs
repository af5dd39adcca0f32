//! The stations end to end, on both stores. One program, so that it is linked once; each module is one promise of the line.

mod again;
mod city;
mod days;
#[path = "../../../store/tests/engines/mod.rs"]
mod engines;
mod example;
mod found_by_the_checker;
