//! The stations end to end, on both stores. One program, so that it is linked once; each module is one promise of the line.
#![allow(clippy::unwrap_used)] // a test stops where something is not as it must be

mod access;
mod again;
mod agenda;
mod books;
mod change;
mod city;
mod claims;
mod company;
mod custody;
mod days;
mod desk;
mod dispatch;
mod drawn;
#[path = "../../../store/tests/engines/mod.rs"]
mod engines;
mod example;
mod extensions;
mod floor;
mod followup;
mod found_by_the_checker;
mod health;
mod holds;
mod identity;
mod imports;
mod interview;
mod letters;
mod listing;
mod lists;
mod merges;
mod online;
mod planning;
mod rights;
mod road;
mod rounds;
mod scope;
mod searches;
mod sequences;
mod site;
mod situation;
mod typed;
mod urgent;
mod vain;
mod withdrawal;
mod zones;
