//! The program itself, run as a person runs it: arguments in, files, words and exit codes out. One test program, so that it
//! is linked once; each module is one promise of the command line.

#![allow(clippy::unwrap_used)] // a test that cannot go on has failed, and says where

mod admin;
mod bad_files;
mod bad_rows;
mod city;
mod demo;
mod dispatch;
mod drill;
mod elsewhere;
mod example;
mod killed;
mod linelist;
#[path = "../../../tabular/tests/made/mod.rs"]
mod made;
mod memory;
mod program;
mod reported;
mod roster;
mod scenarios;
mod screen;
mod serve;
mod situation;
mod trace;
mod words;
mod zones;
