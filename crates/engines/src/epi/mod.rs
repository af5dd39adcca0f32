//! Epidemiological analytics: the reproduction number, delays, nowcasts, forecasts and what they demand. Pure functions over
//! slices of daily counts and small structs; days are indices (tables count them from 1), seeds are arguments. What a method
//! cannot say it refuses by name (`EpiError`), and never by a number.
//!
//! Read in this order: `gamma` and `sampling` (the arithmetic), `serial`, `cori`, `cohort`, `filter` and `pooling` (R),
//! `back_projection`, `delays`, `survival` and `nowcast` (what is not seen yet), `forecast`, `scores`, `capacity`, and `paired`.

pub mod back_projection;
pub mod capacity;
pub mod cohort;
pub mod cori;
pub mod delays;
mod error;
pub mod filter;
pub mod forecast;
pub mod gamma;
pub mod nowcast;
pub mod paired;
pub mod pooling;
#[cfg(test)]
mod reference;
pub mod sampling;
pub mod scores;
pub mod serial;
pub mod survival;
#[cfg(test)]
mod tests;

pub use cori::{Curve, Estimate, LEVELS, Prior, Uncertain, Value, Window};
pub use error::EpiError;
pub use filter::{Filter, FilterOptions};
pub use serial::Serial;
