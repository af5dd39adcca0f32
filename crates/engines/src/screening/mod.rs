//! Screening: where sampling sites stand and how a round is staffed (`plan`), who is due and when (`due`), which laboratory
//! takes which box (`assign`), how many people share a tube (`pools`), which laboratories report what cannot be (`quality`),
//! and where tests find (`yields`). Each takes plain rows and gives plain answers: no files, no clock, no chance.

mod allowed;
pub mod assign;
mod calls;
mod chart;
mod delivery;
pub mod due;
pub mod plan;
pub mod pools;
pub mod quality;
pub mod queue;
mod sites;
pub mod yields;
